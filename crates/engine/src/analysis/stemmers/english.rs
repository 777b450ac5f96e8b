//! English. Sources: Harman, "How effective is suffixing?" (the S-stemmer); OpenSearch's `EnglishPluralStemFilter`.

use super::{back, cut, ends, put};

/// Without the `s` of the plural.
pub(in crate::analysis) fn english_minimal(letters: &mut Vec<char>) {
    if letters.len() < 3 || back(letters, 1) != Some('s') {
        return;
    }
    match back(letters, 2) {
        Some('u' | 's') => {}
        Some('e') => {
            let (third, fourth) = (back(letters, 3), back(letters, 4));
            if letters.len() > 3 && third == Some('i') && !matches!(fourth, Some('a' | 'e')) {
                put(letters, 3, 'y');
                cut(letters, 2);
            } else if !matches!(third, Some('i' | 'a' | 'o' | 'e')) {
                cut(letters, 1);
            }
        }
        _ => cut(letters, 1),
    }
}

/// Without the ending of the plural, with the exceptions that OpenSearch has (`plural_english`).
pub(in crate::analysis) fn english_plural(letters: &mut Vec<char>) {
    const KEEPING_E: &[&str] = &[
        "shoes",
        "canoes",
        "oboes",
        "cliches",
        "avalanches",
        "mustaches",
        "moustaches",
        "quiches",
        "headaches",
        "heartaches",
        "porsches",
        "tranches",
        "caches",
    ];
    let length = letters.len();
    if length < 3 || back(letters, 1) != Some('s') {
        return;
    }
    let loses_e = match back(letters, 2) {
        Some('s' | 'u') => return,
        Some('e') if length > 4 && back(letters, 3) == Some('i') => {
            put(letters, 3, 'y');
            cut(letters, 2);
            return;
        }
        Some('e') if back(letters, 3) == Some('o') => length > 3,
        Some('e') => {
            length > 4 && ["xes", "shes", "sses", "ches"].iter().any(|end| ends(letters, end))
        }
        _ => false,
    };
    let keeps_e = KEEPING_E.iter().any(|word| ends_as(letters, word));
    cut(letters, if loses_e && !keeps_e { 2 } else { 1 });
}

/// Whether `letters` end as `word` does, as far as they reach: OpenSearch compares no further.
fn ends_as(letters: &[char], word: &str) -> bool {
    letters.iter().rev().zip(word.chars().rev()).all(|(own, other)| *own == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_those_of_opensearch() {
        for (word, singular) in [
            ("dresses", "dress"),
            ("boxes", "box"),
            ("axes", "axe"),
            ("shoes", "shoe"),
            ("tomatoes", "tomato"),
            ("headaches", "headache"),
            ("churches", "church"),
            ("ponies", "pony"),
            ("ties", "tie"),
            ("bus", "bus"),
            ("cats", "cat"),
            ("glass", "glass"),
        ] {
            let mut letters: Vec<char> = word.chars().collect();
            english_plural(&mut letters);
            assert_eq!(letters.into_iter().collect::<String>(), singular, "{word}");
        }
    }
}
