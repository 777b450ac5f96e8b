//! `nysiis`, of the New York State Identification and Intelligence System: at most six characters.

use super::{is_vowel, letters};

/// Most characters of a code.
const LENGTH: usize = 6;

/// Beginnings and ends that are written otherwise.
const BEGINNINGS: &[(&str, &str)] =
    &[("MAC", "MCC"), ("KN", "NN"), ("K", "C"), ("PH", "FF"), ("PF", "FF"), ("SCH", "SSS")];
const ENDS: &[(&[&str], &str)] = &[(&["EE", "IE"], "Y"), (&["DT", "RT", "RD", "NT", "ND"], "D")];

/// `Nysiis`
pub(crate) fn nysiis(word: &str) -> String {
    let mut text: String = letters(word).into_iter().collect();
    for (from, to) in BEGINNINGS {
        if let Some(rest) = text.strip_prefix(from) {
            text = format!("{to}{rest}");
        }
    }
    for (ends, to) in ENDS {
        let rest = ends.iter().find_map(|end| text.strip_suffix(end));
        if let Some(rest) = rest {
            text = format!("{rest}{to}");
        }
    }
    let mut letters: Vec<char> = text.chars().collect();
    let mut code: Vec<char> = letters.iter().take(1).copied().collect();
    for at in 1..letters.len() {
        let written = written(&letters, at);
        for (place, letter) in letters.iter_mut().skip(at).zip(written) {
            *place = letter;
        }
        let (own, before) = (letters.get(at), letters.get(at - 1));
        if own != before {
            code.extend(own);
        }
    }
    shortened(&mut code);
    code.into_iter().take(LENGTH).collect()
}

/// What stands for the letters from `at` on.
fn written(letters: &[char], at: usize) -> Vec<char> {
    let letter = |at: usize| letters.get(at).copied().unwrap_or(' ');
    let (before, own, next) = (letter(at - 1), letter(at), letter(at + 1));
    match own {
        'E' if next == 'V' => vec!['A', 'F'],
        own if is_vowel(own) => vec!['A'],
        'Q' => vec!['G'],
        'Z' => vec!['S'],
        'M' => vec!['N'],
        'K' if next == 'N' => vec!['N', 'N'],
        'K' => vec!['C'],
        'S' if next == 'C' && letter(at + 2) == 'H' => vec!['S', 'S', 'S'],
        'P' if next == 'H' => vec!['F', 'F'],
        'H' if !is_vowel(before) || !is_vowel(next) => vec![before],
        'W' if is_vowel(before) => vec![before],
        own => vec![own],
    }
}

/// Takes away an S, the A of AY, and an A at the end.
fn shortened(code: &mut Vec<char>) {
    if code.len() < 2 {
        return;
    }
    if code.last() == Some(&'S') {
        code.pop();
    }
    if let [_, .., 'A', 'Y'] = code.as_slice() {
        code.truncate(code.len() - 2);
        code.push('Y');
    } else if code.last() == Some(&'A') {
        code.pop();
    }
}
