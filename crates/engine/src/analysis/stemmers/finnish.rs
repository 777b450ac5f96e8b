//! Finnish. Source: Savoy, light stemming.

use super::{back, cut, ends, fold, has, put, strip};

/// Without case, number and ending.
pub(in crate::analysis) fn finnish_light(letters: &mut Vec<char>) {
    if letters.len() < 4 {
        return;
    }
    fold(letters, |letter| match letter {
        'ä' | 'å' => Some('a'),
        'ö' => Some('o'),
        _ => None,
    });
    particles(letters);
    if letters.len() > 5 {
        let _ = strip(letters, 5, &["lla", "tse", "sti"])
            || strip(letters, 5, &["ni"])
            || has(letters, 5, &["aa"]) && strip(letters, 5, &["a"]);
    }
    cases(letters);
    endings(letters);
    doubles(letters);
}

fn particles(letters: &mut Vec<char>) {
    while letters.len() > 8 && (ends(letters, "kin") || ends(letters, "ko")) {
        let length = if ends(letters, "kin") { 3 } else { 2 };
        cut(letters, length);
    }
    let _ = strip(letters, 11, &["dellinen", "dellisuus"]);
}

fn is_vowel(letter: Option<char>) -> bool {
    matches!(letter, Some('a' | 'e' | 'i' | 'o' | 'u' | 'y'))
}

fn cases(letters: &mut Vec<char>) {
    let length = letters.len();
    if length > 8 {
        if ends(letters, "nnen") {
            put(letters, 4, 's');
            return cut(letters, 3);
        }
        if ends(letters, "ntena") {
            put(letters, 5, 's');
            return cut(letters, 4);
        }
        if strip(letters, 8, &["tten", "eiden"]) {
            return;
        }
    }
    if length > 6 {
        if strip(letters, 6, &["neen", "niin", "seen", "teen", "inen"]) {
            return;
        }
        if back(letters, 3) == Some('h') && is_vowel(back(letters, 2)) && ends(letters, "n") {
            return cut(letters, 3);
        }
        if ends(letters, "den") {
            put(letters, 3, 's');
            return cut(letters, 2);
        }
        if ends(letters, "ksen") {
            put(letters, 4, 's');
            return cut(letters, 3);
        }
        if strip(letters, 6, &["ssa", "sta", "lla", "lta", "tta", "ksi", "lle"]) {
            return;
        }
    }
    if length > 5 && strip(letters, 5, &["na", "ne", "nei"]) {
        return;
    }
    if length > 4 {
        if strip(letters, 4, &["ja", "ta", "a"]) {
            return;
        }
        if ends(letters, "n") {
            let length = if is_vowel(back(letters, 2)) { 2 } else { 1 };
            cut(letters, length);
        }
    }
}

fn endings(letters: &mut Vec<char>) {
    if has(letters, 5, &["hde"]) {
        put(letters, 3, 'k');
        put(letters, 2, 's');
        put(letters, 1, 'i');
    }
    if strip(letters, 4, &["ei", "at"]) {
        return;
    }
    strip(letters, 3, &["t", "s", "j", "e", "a", "i"]);
}

fn doubles(letters: &mut Vec<char>) {
    if letters.len() > 8 {
        strip(letters, 8, &["e", "o", "u"]);
    }
    if letters.len() > 4 {
        strip(letters, 4, &["i"]);
    }
    if letters.len() > 4 {
        let mut before = None;
        letters.retain(|letter| {
            let double = before == Some(*letter) && matches!(letter, 'k' | 'p' | 't');
            before = Some(*letter);
            !double
        });
    }
}
