//! Hungarian. Source: Savoy, light stemming.

use super::{back, cut, ends, fold, has, strip};

/// Without case, possessive and plural.
pub(in crate::analysis) fn hungarian_light(letters: &mut Vec<char>) {
    fold(letters, |letter| match letter {
        'á' => Some('a'),
        'ë' | 'é' => Some('e'),
        'í' => Some('i'),
        'ó' | 'ő' | 'õ' | 'ö' => Some('o'),
        'ú' | 'ű' | 'ũ' | 'û' | 'ü' => Some('u'),
        _ => None,
    });
    case(letters);
    possessive(letters);
    plural(letters);
    strip(letters, 3, &["a", "e", "i", "o"]);
}

fn is_vowel(letter: Option<char>) -> bool {
    matches!(letter, Some('a' | 'e' | 'i' | 'o' | 'u' | 'y'))
}

fn case(letters: &mut Vec<char>) {
    if strip(letters, 6, &["kent"]) {
        return;
    }
    if letters.len() > 5 {
        let endings = [
            "nak", "nek", "val", "vel", "ert", "rol", "ban", "ben", "bol", "nal", "nel", "hoz",
            "hez", "tol",
        ];
        if strip(letters, 5, &endings) {
            return;
        }
        if has(letters, 5, &["al", "el"])
            && !is_vowel(back(letters, 3))
            && back(letters, 3) == back(letters, 4)
        {
            return cut(letters, 3);
        }
    }
    if letters.len() > 4 {
        let endings = ["at", "et", "ot", "va", "ve", "ra", "re", "ba", "be", "ul", "ig"];
        if strip(letters, 4, &endings) {
            return;
        }
        if has(letters, 4, &["on", "en"]) && !is_vowel(back(letters, 3)) {
            return cut(letters, 2);
        }
        match back(letters, 1) {
            Some('t' | 'n') => cut(letters, 1),
            Some('a' | 'e')
                if back(letters, 2) == back(letters, 3) && !is_vowel(back(letters, 2)) =>
            {
                cut(letters, 2);
            }
            _ => {}
        }
    }
}

fn possessive(letters: &mut Vec<char>) {
    if letters.len() > 6 {
        if !is_vowel(back(letters, 5)) && strip(letters, 6, &["atok", "otok", "etek"]) {
            return;
        }
        if strip(letters, 6, &["itek", "itok"]) {
            return;
        }
    }
    if letters.len() > 5 {
        if !is_vowel(back(letters, 4)) && strip(letters, 5, &["unk", "tok", "tek"]) {
            return;
        }
        if is_vowel(back(letters, 4)) && strip(letters, 5, &["juk"]) {
            return;
        }
        if strip(letters, 5, &["ink"]) {
            return;
        }
    }
    if letters.len() > 4 {
        let after_vowel = is_vowel(back(letters, 3));
        if !after_vowel && strip(letters, 4, &["am", "em", "om", "ad", "ed", "od", "uk"]) {
            return;
        }
        if after_vowel && strip(letters, 4, &["nk", "ja", "je"]) {
            return;
        }
        if strip(letters, 4, &["im", "id", "ik"]) {
            return;
        }
    }
    if letters.len() > 3 {
        let after_vowel = is_vowel(back(letters, 2));
        match back(letters, 1) {
            Some('a' | 'e') if !after_vowel => cut(letters, 1),
            Some('m' | 'd') if after_vowel => cut(letters, 1),
            Some('i') => cut(letters, 1),
            _ => {}
        }
    }
}

fn plural(letters: &mut Vec<char>) {
    if letters.len() > 3 && ends(letters, "k") {
        let with_vowel = matches!(back(letters, 2), Some('a' | 'o' | 'e')) && letters.len() > 4;
        cut(letters, if with_vowel { 2 } else { 1 });
    }
}
