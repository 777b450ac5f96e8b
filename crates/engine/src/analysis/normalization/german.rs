//! German.

/// `german_normalization`: no umlauts, be they written as `ä` or `ae`; `ss` for `ß`.
pub(in crate::analysis) fn german(letters: &mut Vec<char>) {
    /// What the letter before allows an `e` or a `u` to be.
    #[derive(Clone, Copy, PartialEq)]
    enum PrecedingLetter {
        Other,
        Vowel,
        Umlaut,
    }
    let mut made = Vec::with_capacity(letters.len());
    let mut after = PrecedingLetter::Other;
    for letter in letters.iter().copied() {
        let (written, next) = match letter {
            'a' | 'o' => (Some(letter), PrecedingLetter::Umlaut),
            'u' if after == PrecedingLetter::Other => (Some('u'), PrecedingLetter::Umlaut),
            'e' if after == PrecedingLetter::Umlaut => (None, PrecedingLetter::Vowel),
            'u' | 'e' | 'i' | 'q' | 'y' => (Some(letter), PrecedingLetter::Vowel),
            'ä' => (Some('a'), PrecedingLetter::Vowel),
            'ö' => (Some('o'), PrecedingLetter::Vowel),
            'ü' => (Some('u'), PrecedingLetter::Vowel),
            'ß' => {
                made.push('s');
                (Some('s'), PrecedingLetter::Other)
            }
            other => (Some(other), PrecedingLetter::Other),
        };
        made.extend(written);
        after = next;
    }
    *letters = made;
}
