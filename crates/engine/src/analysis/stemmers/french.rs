//! French. Source: Savoy, "A stemming procedure and stopword list for general French corpora".

use super::{back, cut, ends, fold, has, put, strip};

/// How a word's ending is changed: longer than, ending, letters taken away, letters then put from the end.
type Rule = (usize, &'static str, usize, &'static [(usize, char)]);

/// After the first of these that fits, only [`normalize`] is left to do.
const BEFORE_TRICE: &[Rule] = &[(9, "issement", 6, &[(1, 'r')]), (8, "issant", 4, &[(1, 'r')])];
const AGENTS: &[Rule] = &[
    (11, "ficatrice", 5, &[(2, 'e'), (1, 'r')]),
    (10, "ficateur", 4, &[(2, 'e'), (1, 'r')]),
    (9, "catrice", 3, &[(4, 'q'), (3, 'u'), (2, 'e')]),
    (8, "cateur", 2, &[(4, 'q'), (3, 'u'), (2, 'e'), (1, 'r')]),
    (8, "atrice", 4, &[(2, 'e'), (1, 'r')]),
    (7, "ateur", 3, &[(2, 'e'), (1, 'r')]),
];
const FEMININES: &[Rule] = &[
    (5, "ième", 4, &[]),
    (7, "teuse", 2, &[(1, 'r')]),
    (6, "teur", 1, &[(1, 'r')]),
    (5, "euse", 2, &[]),
    (8, "ère", 1, &[(2, 'e')]),
    (7, "ive", 1, &[(1, 'f')]),
    (4, "folle", 2, &[(1, 'u')]),
    (4, "molle", 2, &[(1, 'u')]),
    (9, "nnelle", 5, &[]),
    (9, "nnel", 3, &[]),
];
const NOUNS: &[Rule] = &[(8, "esse", 3, &[]), (7, "inage", 3, &[])];
const ACTIONS: &[Rule] = &[(9, "isateur", 7, &[]), (8, "ation", 5, &[]), (8, "ition", 5, &[])];

/// The light stemmer.
pub(in crate::analysis) fn french_light(letters: &mut Vec<char>) {
    endings(letters);
    normalize(letters);
}

fn first(letters: &mut Vec<char>, rules: &[Rule]) -> bool {
    let fits = |rule: &&Rule| has(letters, rule.0, &[rule.1]);
    let Some((_, _, length, written)) = rules.iter().find(fits) else { return false };
    cut(letters, *length);
    for (place, letter) in *written {
        put(letters, *place, *letter);
    }
    true
}

fn endings(letters: &mut Vec<char>) {
    if letters.len() > 5 && back(letters, 1) == Some('x') {
        if back(letters, 3) == Some('a')
            && back(letters, 2) == Some('u')
            && back(letters, 4) != Some('e')
        {
            put(letters, 2, 'l');
        }
        cut(letters, 1);
    }
    strip(letters, 3, &["x"]);
    strip(letters, 3, &["s"]);
    if first(letters, BEFORE_TRICE) {
        return;
    }
    if has(letters, 6, &["ement"]) {
        cut(letters, 4);
        if has(letters, 3, &["ive"]) {
            cut(letters, 1);
            put(letters, 1, 'f');
        }
        return;
    }
    if first(letters, AGENTS) {
        return;
    }
    if has(letters, 6, &["trice"]) {
        cut(letters, 1);
        for (place, letter) in [(3, 'e'), (2, 'u'), (1, 'r')] {
            put(letters, place, letter);
        }
    }
    if first(letters, FEMININES) {
        return;
    }
    if has(letters, 4, &["ète"]) {
        cut(letters, 1);
        put(letters, 2, 'e');
    }
    strip(letters, 8, &["ique"]);
    if first(letters, NOUNS) {
        return;
    }
    if strip(letters, 9, &["isation"]) {
        if has(letters, 5, &["ual"]) {
            put(letters, 2, 'e');
        }
        return;
    }
    first(letters, ACTIONS);
}

fn normalize(letters: &mut Vec<char>) {
    if letters.len() > 4 {
        fold(letters, |letter| match letter {
            'à' | 'á' | 'â' => Some('a'),
            'ô' => Some('o'),
            'è' | 'é' | 'ê' => Some('e'),
            'ù' | 'û' => Some('u'),
            'î' => Some('i'),
            'ç' => Some('c'),
            _ => None,
        });
        let mut before = None;
        letters.retain(|letter| {
            let double = before == Some(*letter) && letter.is_alphabetic();
            before = Some(*letter);
            !double
        });
    }
    strip(letters, 4, &["ie"]);
    if letters.len() > 4 {
        for ending in ["r", "e", "e"] {
            if ends(letters, ending) {
                cut(letters, 1);
            }
        }
        undouble(letters);
    }
}

fn undouble(letters: &mut Vec<char>) {
    let last = back(letters, 1);
    if last == back(letters, 2) && last.is_some_and(char::is_alphabetic) {
        cut(letters, 1);
    }
}

/// The minimal stemmer: without plural and feminine.
pub(in crate::analysis) fn french_minimal(letters: &mut Vec<char>) {
    if letters.len() < 6 {
        return;
    }
    if back(letters, 1) == Some('x') {
        if back(letters, 3) == Some('a') && back(letters, 2) == Some('u') {
            put(letters, 2, 'l');
        }
        return cut(letters, 1);
    }
    for ending in ["s", "r", "e", "é"] {
        if ends(letters, ending) {
            cut(letters, 1);
        }
    }
    undouble(letters);
}
