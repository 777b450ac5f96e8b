//! Sorani Kurdish.

/// `sorani_normalization`: one form of each letter; no vowel marks, no characters that only format.
pub(in crate::analysis) fn sorani(letters: &mut Vec<char>) {
    let mut made: Vec<char> = Vec::with_capacity(letters.len());
    let count = letters.len();
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            '\u{64A}' | '\u{649}' => made.push('\u{6CC}'),
            '\u{643}' => made.push('\u{6A9}'),
            '\u{200C}' => {
                if let Some(last) = made.last_mut().filter(|last| **last == '\u{647}') {
                    *last = '\u{6D5}';
                }
            }
            '\u{647}' if at + 1 == count => made.push('\u{6D5}'),
            '\u{629}' => made.push('\u{6D5}'),
            '\u{6BE}' => made.push('\u{647}'),
            '\u{631}' if at == 0 => made.push('\u{695}'),
            '\u{692}' => made.push('\u{695}'),
            '\u{640}' | '\u{64B}'..='\u{652}' => {}
            '\u{AD}'
            | '\u{600}'..='\u{605}'
            | '\u{61C}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{FEFF}' => {}
            other => made.push(*other),
        }
    }
    *letters = made;
}
