//! What `icu_folding` makes of a word: letters without marks, digits of every script as ASCII's, signs that are alike as one.
//!
//! Source: the withdrawn Unicode Technical Report #30, "Character Foldings", as the file of Lucene 9.12's `ICUFoldingFilter` has
//! it on top of NFKC_Casefold (NOTICE).

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::normal::NormalForm;

/// Letters from one to another, and what is written for each.
type Folding = (char, char, &'static str);

/// In order. The lines of the file are `HEX` or `HEX-HEX`, and what is written, if it is anything.
static FOLDINGS: LazyLock<Vec<Folding>> = LazyLock::new(|| {
    let letter = |hex: &str| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    let folding = |line: &'static str| {
        let (letters, written) = line.split_once(' ').unwrap_or((line, ""));
        let (from, to) = letters.split_once('-').unwrap_or((letters, letters));
        Some((letter(from)?, letter(to)?, written))
    };
    include_str!("../rules/icu_folding.txt").lines().filter_map(folding).collect()
});

/// `text`, folded.
pub(in crate::analysis) fn folded(text: &str) -> String {
    let normal = NormalForm::NfkcCf.of(text);
    if normal.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return normal;
    }
    let mut made = String::with_capacity(normal.len());
    for letter in normal.nfd() {
        match folding(letter) {
            Some(written) => made.push_str(written),
            None => made.push(letter),
        }
    }
    made.nfc().collect()
}

fn folding(letter: char) -> Option<&'static str> {
    let after = FOLDINGS.partition_point(|(from, ..)| *from <= letter);
    let (_, to, written) = FOLDINGS.get(after.checked_sub(1)?)?;
    (letter <= *to).then_some(*written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_foldings_is_read_in_order() {
        let lines = include_str!("../rules/icu_folding.txt").lines().count();
        assert_eq!(FOLDINGS.len(), lines);
        assert!(FOLDINGS.is_sorted_by_key(|(from, ..)| *from));
    }

    #[test]
    fn words_are_folded_as_by_lucene() {
        for (word, expected) in [
            ("Ruß", "russ"),
            ("Résumé", "resume"),
            ("ΜΆΪΟΣ", "μαιοσ"),
            ("Μάϊος", "μαιοσ"),
            ("𐐖", "𐐾"),
            ("re\u{301}sume\u{301}", "resume"),
            ("৭০৬", "706"),
            ("ﴳﴺﰧ", "طمطمطم"),
            ("Ａ½①Ⅷ", "a1/21viii"),
        ] {
            assert_eq!(folded(word), expected, "{word}");
        }
    }
}
