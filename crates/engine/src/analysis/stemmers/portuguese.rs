//! Portuguese. Source: Savoy, light stemming.

use super::{back, cut, ends, fold, has, put, strip, unmarked};

/// Without plural, feminine and marks.
pub(in crate::analysis) fn portuguese_light(letters: &mut Vec<char>) {
    if letters.len() < 4 {
        return;
    }
    suffix(letters);
    if letters.len() > 3 && ends(letters, "a") {
        feminine(letters);
    }
    strip(letters, 4, &["e", "a", "o"]);
    fold(letters, |letter| match letter {
        'ã' => Some('a'),
        'õ' => Some('o'),
        'ç' => Some('c'),
        other => unmarked(other),
    });
}

fn suffix(letters: &mut Vec<char>) {
    if has(letters, 4, &["es"]) && matches!(back(letters, 3), Some('r' | 's' | 'l' | 'z')) {
        return cut(letters, 2);
    }
    if has(letters, 3, &["ns"]) {
        put(letters, 2, 'm');
        return cut(letters, 1);
    }
    if has(letters, 4, &["eis", "éis"]) {
        put(letters, 3, 'e');
        put(letters, 2, 'l');
        return cut(letters, 1);
    }
    if has(letters, 4, &["ais"]) {
        put(letters, 2, 'l');
        return cut(letters, 1);
    }
    if has(letters, 4, &["óis"]) {
        put(letters, 3, 'o');
        put(letters, 2, 'l');
        return cut(letters, 1);
    }
    if has(letters, 4, &["is"]) {
        return put(letters, 1, 'l');
    }
    if has(letters, 3, &["ões", "ães"]) {
        cut(letters, 1);
        put(letters, 2, 'ã');
        return put(letters, 1, 'o');
    }
    if has(letters, 6, &["mente"]) {
        return cut(letters, 5);
    }
    strip(letters, 3, &["s"]);
}

fn feminine(letters: &mut Vec<char>) {
    if has(letters, 7, &["inha", "iaca", "eira"]) {
        return put(letters, 1, 'o');
    }
    if letters.len() > 6 {
        if has(letters, 6, &["osa", "ica", "ida", "ada", "iva", "ama"]) {
            return put(letters, 1, 'o');
        }
        if ends(letters, "ona") {
            put(letters, 3, 'ã');
            put(letters, 2, 'o');
            return cut(letters, 1);
        }
        if ends(letters, "ora") {
            return cut(letters, 1);
        }
        if ends(letters, "esa") {
            put(letters, 3, 'ê');
            return cut(letters, 1);
        }
        if ends(letters, "na") {
            put(letters, 1, 'o');
        }
    }
}
