//! Latvian. Source: Kreslins, "A stemming algorithm for Latvian", light.

use super::{cut, ends, put};

/// Ending, vowels that the word must have more than, and whether it softens the consonant before it.
const ENDINGS: &[(&str, usize, bool)] = &[
    ("ajiem", 3, false),
    ("ajai", 3, false),
    ("ajam", 2, false),
    ("ajām", 2, false),
    ("ajos", 2, false),
    ("ajās", 2, false),
    ("iem", 2, true),
    ("ajā", 2, false),
    ("ais", 2, false),
    ("ai", 2, false),
    ("ei", 2, false),
    ("ām", 1, false),
    ("am", 1, false),
    ("ēm", 1, false),
    ("īm", 1, false),
    ("im", 1, false),
    ("um", 1, true),
    ("us", 1, true),
    ("as", 1, false),
    ("ās", 1, false),
    ("es", 1, false),
    ("os", 1, true),
    ("ij", 1, false),
    ("īs", 1, false),
    ("ēs", 1, false),
    ("is", 1, false),
    ("ie", 1, false),
    ("u", 1, true),
    ("a", 1, true),
    ("i", 1, true),
    ("e", 1, false),
    ("ā", 1, false),
    ("ē", 1, false),
    ("ī", 1, false),
    ("ū", 1, false),
    ("o", 1, false),
    ("s", 0, false),
    ("š", 0, false),
];

/// Without its ending.
pub(in crate::analysis) fn latvian(letters: &mut Vec<char>) {
    let vowels = letters
        .iter()
        .filter(|letter| matches!(letter, 'a' | 'ā' | 'i' | 'ī' | 'e' | 'ē' | 'o' | 'u' | 'ū'))
        .count();
    let fits = |(ending, least, _): &&(&str, usize, bool)| {
        vowels > *least && letters.len() >= ending.chars().count() + 3 && ends(letters, ending)
    };
    let Some((ending, _, softens)) = ENDINGS.iter().find(fits) else { return };
    cut(letters, ending.chars().count());
    if *softens {
        harden(letters, ending.starts_with('u'));
    }
}

/// The hard consonants for those that an ending had softened; `u`: the ending began with it.
fn harden(letters: &mut Vec<char>, u: bool) {
    if u {
        if ends(letters, "kš") {
            letters.push('s');
            put(letters, 2, 's');
            return put(letters, 1, 't');
        }
        if ends(letters, "ņņ") {
            put(letters, 2, 'n');
            return put(letters, 1, 'n');
        }
    }
    if ["pj", "bj", "mj", "vj"].iter().any(|soft| ends(letters, soft)) {
        return cut(letters, 1);
    }
    let pairs = [
        ("šņ", 's', 'n'),
        ("žņ", 'z', 'n'),
        ("šļ", 's', 'l'),
        ("žļ", 'z', 'l'),
        ("ļņ", 'l', 'n'),
        ("ļļ", 'l', 'l'),
    ];
    for (soft, first, second) in pairs {
        if ends(letters, soft) {
            put(letters, 2, first);
            return put(letters, 1, second);
        }
    }
    match letters.last_mut() {
        Some(last @ 'č') => *last = 'c',
        Some(last @ 'ļ') => *last = 'l',
        Some(last @ 'ņ') => *last = 'n',
        _ => {}
    }
}
