//! Hindi.

/// `hindi_normalization`: no nukta, no virama, short vowels for long ones.
pub(in crate::analysis) fn hindi(letters: &mut Vec<char>) {
    let mut made = Vec::with_capacity(letters.len());
    let mut rest = letters.iter().copied().peekable();
    while let Some(letter) = rest.next() {
        if letter == '\u{928}' && rest.peek() == Some(&'\u{94D}') {
            rest.next();
            made.push('\u{902}');
            continue;
        }
        made.extend(one(letter));
    }
    *letters = made;
}

fn one(letter: char) -> Option<char> {
    Some(match letter {
        '\u{93C}' | '\u{200C}' | '\u{200D}' | '\u{94D}' => return None,
        '\u{901}' => '\u{902}',
        '\u{929}' => '\u{928}',
        '\u{931}' => '\u{930}',
        '\u{934}' => '\u{933}',
        '\u{958}' => '\u{915}',
        '\u{959}' => '\u{916}',
        '\u{95A}' => '\u{917}',
        '\u{95B}' => '\u{91C}',
        '\u{95C}' => '\u{921}',
        '\u{95D}' => '\u{922}',
        '\u{95E}' => '\u{92B}',
        '\u{95F}' => '\u{92F}',
        '\u{945}' | '\u{946}' | '\u{948}' => '\u{947}',
        '\u{949}' | '\u{94A}' | '\u{94C}' => '\u{94B}',
        '\u{90D}' | '\u{90E}' | '\u{910}' => '\u{90F}',
        '\u{911}' | '\u{912}' | '\u{914}' => '\u{913}',
        '\u{972}' | '\u{906}' => '\u{905}',
        '\u{908}' => '\u{907}',
        '\u{90A}' => '\u{909}',
        '\u{960}' => '\u{90B}',
        '\u{961}' => '\u{90C}',
        '\u{940}' => '\u{93F}',
        '\u{942}' => '\u{941}',
        '\u{944}' => '\u{943}',
        '\u{963}' => '\u{962}',
        other => other,
    })
}
