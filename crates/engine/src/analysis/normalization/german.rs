//! German.

/// `german_normalization`: no umlauts, be they written as `ä` or `ae`; `ss` for `ß`.
pub(in crate::analysis) fn german(letters: &mut Vec<char>) {
    /// What the letter before allows an `e` or a `u` to be.
    #[derive(Clone, Copy, PartialEq)]
    enum After {
        Other,
        Vowel,
        Umlaut,
    }
    let mut made = Vec::with_capacity(letters.len());
    let mut after = After::Other;
    for letter in letters.iter().copied() {
        let (written, next) = match letter {
            'a' | 'o' => (Some(letter), After::Umlaut),
            'u' if after == After::Other => (Some('u'), After::Umlaut),
            'e' if after == After::Umlaut => (None, After::Vowel),
            'u' | 'e' | 'i' | 'q' | 'y' => (Some(letter), After::Vowel),
            'ä' => (Some('a'), After::Vowel),
            'ö' => (Some('o'), After::Vowel),
            'ü' => (Some('u'), After::Vowel),
            'ß' => {
                made.push('s');
                (Some('s'), After::Other)
            }
            other => (Some(other), After::Other),
        };
        made.extend(written);
        after = next;
    }
    *letters = made;
}
