//! German. Source: Savoy, light and minimal stemming.

use super::{back, cut, ends, fold, strip};

/// The light stemmer.
pub(in crate::analysis) fn german_light(letters: &mut Vec<char>) {
    fold(letters, |letter| match letter {
        'ä' | 'à' | 'á' | 'â' => Some('a'),
        'ö' | 'ò' | 'ó' | 'ô' => Some('o'),
        'ï' | 'ì' | 'í' | 'î' => Some('i'),
        'ü' | 'ù' | 'ú' | 'û' => Some('u'),
        _ => None,
    });
    first_step(letters);
    second_step(letters);
}

/// Whether `s` and `st` may be endings behind this letter.
fn bears_s(letter: Option<char>) -> bool {
    matches!(letter, Some('b' | 'd' | 'f' | 'g' | 'h' | 'k' | 'l' | 'm' | 'n' | 't'))
}

fn first_step(letters: &mut Vec<char>) {
    if strip(letters, 5, &["ern"])
        || strip(letters, 4, &["em", "en", "er", "es"])
        || strip(letters, 3, &["e"])
    {
        return;
    }
    if letters.len() > 3 && ends(letters, "s") && bears_s(back(letters, 2)) {
        cut(letters, 1);
    }
}

fn second_step(letters: &mut Vec<char>) {
    if strip(letters, 5, &["est"]) || strip(letters, 4, &["er", "en"]) {
        return;
    }
    if letters.len() > 4 && ends(letters, "st") && bears_s(back(letters, 3)) {
        cut(letters, 2);
    }
}

/// The minimal stemmer: without plural.
pub(in crate::analysis) fn german_minimal(letters: &mut Vec<char>) {
    if letters.len() < 5 {
        return;
    }
    fold(letters, |letter| match letter {
        'ä' => Some('a'),
        'ö' => Some('o'),
        'ü' => Some('u'),
        _ => None,
    });
    let _ = strip(letters, 6, &["nen"])
        || strip(letters, 5, &["en", "se", "es", "er"])
        || strip(letters, 0, &["n", "e", "s", "r"]);
}
