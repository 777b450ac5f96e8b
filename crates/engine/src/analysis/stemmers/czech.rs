//! Czech. Source: Dolamic and Savoy, "Indexing and stemming approaches for the Czech language" (light).

use super::{back, cut, ends, put, strip};

/// Without case and possessive, with the consonant that the nominative has.
pub(in crate::analysis) fn czech(letters: &mut Vec<char>) {
    let _ = strip(letters, 7, &["atech"])
        || strip(letters, 6, &["ětem", "etem", "atům"])
        || strip(
            letters,
            5,
            &[
                "ech", "ich", "ích", "ého", "ěmi", "emi", "ému", "ěte", "ete", "ěti", "eti", "ího",
                "iho", "ími", "ímu", "imu", "ách", "ata", "aty", "ých", "ama", "ami", "ové", "ovi",
                "ými",
            ],
        )
        || strip(
            letters,
            4,
            &["em", "es", "ém", "ím", "ům", "at", "ám", "os", "us", "ým", "mi", "ou"],
        )
        || strip(letters, 3, &["a", "e", "i", "o", "u", "ů", "y", "á", "é", "í", "ý", "ě"]);
    strip(letters, 5, &["ov", "in", "ův"]);
    normalize(letters);
}

fn normalize(letters: &mut Vec<char>) {
    if ends(letters, "čt") {
        put(letters, 2, 'c');
        return put(letters, 1, 'k');
    }
    if ends(letters, "št") {
        put(letters, 2, 's');
        return put(letters, 1, 'k');
    }
    match back(letters, 1) {
        Some('c' | 'č') => return put(letters, 1, 'k'),
        Some('z' | 'ž') => return put(letters, 1, 'h'),
        _ => {}
    }
    if back(letters, 2) == Some('e') {
        let last = back(letters, 1).unwrap_or('e');
        put(letters, 2, last);
        return cut(letters, 1);
    }
    if letters.len() > 2 && back(letters, 2) == Some('ů') {
        put(letters, 2, 'o');
    }
}
