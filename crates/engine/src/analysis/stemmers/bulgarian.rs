//! Bulgarian. Source: Savoy, "Searching strategies for the Bulgarian language".

use super::{back, cut, ends, put, strip};

/// Without article, plural and ending.
pub(in crate::analysis) fn bulgarian(letters: &mut Vec<char>) {
    if letters.len() < 4 || strip(letters, 5, &["ища"]) {
        return;
    }
    article(letters);
    plural(letters);
    if letters.len() > 3 {
        if back(letters, 1) == Some('я') {
            cut(letters, 1);
        }
        if matches!(back(letters, 1), Some('а' | 'о' | 'е')) {
            cut(letters, 1);
        }
    }
    if letters.len() > 4 && ends(letters, "ен") {
        put(letters, 2, 'н');
        cut(letters, 1);
    }
    if letters.len() > 5 && back(letters, 2) == Some('ъ') {
        let last = back(letters, 1).unwrap_or('ъ');
        put(letters, 2, last);
        cut(letters, 1);
    }
}

fn article(letters: &mut Vec<char>) {
    let _ = strip(letters, 6, &["ият"])
        || strip(letters, 5, &["ът", "то", "те", "та", "ия"])
        || strip(letters, 4, &["ят"]);
}

fn plural(letters: &mut Vec<char>) {
    let length = letters.len();
    if length > 6 {
        if ends(letters, "овци") || ends(letters, "ове") {
            return cut(letters, 3);
        }
        if ends(letters, "еве") {
            put(letters, 3, 'й');
            return cut(letters, 2);
        }
    }
    if length > 5 {
        if ends(letters, "ища") {
            return cut(letters, 3);
        }
        if ends(letters, "та") {
            return cut(letters, 2);
        }
        for (ending, letter) in [("ци", 'к'), ("зи", 'г')] {
            if ends(letters, ending) {
                put(letters, 2, letter);
                return cut(letters, 1);
            }
        }
        if back(letters, 3) == Some('е') && back(letters, 1) == Some('и') {
            put(letters, 3, 'я');
            return cut(letters, 1);
        }
    }
    if length > 4 {
        if ends(letters, "си") {
            put(letters, 2, 'х');
            return cut(letters, 1);
        }
        if ends(letters, "и") {
            cut(letters, 1);
        }
    }
}
