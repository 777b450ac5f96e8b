//! How alike two words are, from 0 to 1. Source: the string distances of Lucene's `suggest` module.

use crate::exception::Exception;

/// `string_distance`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Distance {
    /// The edits that found the word.
    Internal,
    /// Edits, neighbours changing places counted as one.
    Damerau,
    /// Edits.
    Levenshtein,
    /// Jaro and Winkler's.
    JaroWinkler,
    /// Pairs of letters.
    Ngram,
}

impl Distance {
    /// Reads its name.
    pub(super) fn parse(name: &str) -> Result<Distance, Exception> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "internal" => Distance::Internal,
            "damerau_levenshtein" => Distance::Damerau,
            "levenshtein" => Distance::Levenshtein,
            "jaro_winkler" => Distance::JaroWinkler,
            "ngram" => Distance::Ngram,
            _ => {
                return Err(Exception::illegal_argument(format!("Illegal distance option {name}")));
            }
        })
    }

    /// How alike `a` and `b` are; `None` for [`Distance::Internal`].
    pub(super) fn of(self, a: &str, b: &str) -> Option<f32> {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        match self {
            Distance::Internal => None,
            Distance::Damerau => {
                let shorter = a.len().min(b.len());
                if shorter == 0 {
                    return Some(if a == b { 1.0 } else { 0.0 });
                }
                Some(1.0 - edits(&a, &b, true) as f32 / shorter as f32)
            }
            Distance::Levenshtein => {
                let longer = a.len().max(b.len());
                if a.is_empty() || b.is_empty() {
                    return Some(if a == b { 1.0 } else { 0.0 });
                }
                Some(1.0 - edits(&a, &b, false) as f32 / longer as f32)
            }
            Distance::JaroWinkler => Some(jaro_winkler(&a, &b)),
            Distance::Ngram => Some(ngram(&a, &b)),
        }
    }
}

fn edits(a: &[char], b: &[char], transpositions: bool) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at =
                |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let crossed = transpositions
                && i > 0
                && j > 0
                && a.get(i - 1) == Some(y)
                && b.get(j - 1) == Some(x);
            if crossed {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

fn jaro_winkler(a: &[char], b: &[char]) -> f32 {
    let (longer, shorter) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let range = (longer.len() / 2).saturating_sub(1);
    let mut taken = vec![false; longer.len()];
    let mut of_shorter = Vec::new();
    for (at, letter) in shorter.iter().enumerate() {
        let places = at.saturating_sub(range)..(at + range + 1).min(longer.len());
        for place in places {
            let free = taken.get(place) == Some(&false);
            if free && longer.get(place) == Some(letter) {
                if let Some(own) = taken.get_mut(place) {
                    *own = true;
                }
                of_shorter.push(*letter);
                break;
            }
        }
    }
    let of_longer: Vec<char> =
        longer.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(letter, _)| *letter).collect();
    let matches = of_shorter.len() as f32;
    if matches == 0.0 {
        return 0.0;
    }
    let moved = of_shorter.iter().zip(&of_longer).filter(|(x, y)| x != y).count() / 2;
    let jaro =
        (matches / a.len() as f32 + matches / b.len() as f32 + (matches - moved as f32) / matches)
            / 3.0;
    if jaro < 0.7 {
        return jaro;
    }
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    jaro + 0.1_f32.min(1.0 / longer.len() as f32) * prefix as f32 * (1.0 - jaro)
}

/// Kondrak's n-gram distance, of pairs.
fn ngram(a: &[char], b: &[char]) -> f32 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    if a.len() < 2 || b.len() < 2 {
        let same = a.iter().zip(b).filter(|(x, y)| x == y).count();
        return same as f32 / a.len().max(b.len()) as f32;
    }
    let pair = |word: &[char], at: usize| {
        let before = at.checked_sub(1).and_then(|before| word.get(before)).copied();
        [before.unwrap_or('\0'), word.get(at).copied().unwrap_or('\0')]
    };
    let mut last: Vec<f32> = (0..=a.len()).map(|n| n as f32).collect();
    for j in 0..b.len() {
        let right = pair(b, j);
        let mut row = vec![(j + 1) as f32];
        for i in 0..a.len() {
            let left = pair(a, i);
            let (mut cost, mut length) = (0_usize, 2_usize);
            for (x, y) in left.iter().zip(&right) {
                if x != y {
                    cost += 1;
                } else if *x == '\0' {
                    length -= 1;
                }
            }
            let at = |row: &[f32], place: usize| row.get(place).copied().unwrap_or(f32::MAX);
            let best = (at(&row, i) + 1.0)
                .min(at(&last, i + 1) + 1.0)
                .min(at(&last, i) + cost as f32 / length.max(1) as f32);
            row.push(best);
        }
        last = row;
    }
    1.0 - last.last().copied().unwrap_or(0.0) / a.len().max(b.len()) as f32
}
