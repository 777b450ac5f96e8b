//! Persian. Source: Lucene 9's `PersianStemmer`.

use super::{cut, ends};

/// Without the endings of plurals, comparison and possession, each taken off once and in this order.
pub(in crate::analysis) fn persian(letters: &mut Vec<char>) {
    const ENDINGS: &[&str] = &["ات", "ان", "ترين", "تر", "يي", "ي", "ها", "\u{200C}"];
    for ending in ENDINGS {
        let length = ending.chars().count();
        if letters.len() >= length + 2 && ends(letters, ending) {
            cut(letters, length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_taken_off_where_two_letters_stay() {
        for (word, stem) in [
            ("كتابها", "كتاب"),
            ("جامدات", "جامد"),
            ("بزرگترين", "بزرگ"),
            ("دوستان", "دوست"),
            ("پتر", "پتر"),
            ("ان", "ان"),
        ] {
            let mut letters: Vec<char> = word.chars().collect();
            persian(&mut letters);
            assert_eq!(letters.into_iter().collect::<String>(), stem, "{word}");
        }
    }
}
