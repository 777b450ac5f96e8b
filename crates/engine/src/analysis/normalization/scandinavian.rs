//! Danish, Norwegian and Swedish.

/// `scandinavian_normalization`: `å`, `æ` and `ø`, however they are written.
pub(in crate::analysis) fn scandinavian(letters: &mut Vec<char>) {
    pairs(letters, |letter, next| match letter {
        'ä' => Some(('æ', false)),
        'Ä' => Some(('Æ', false)),
        'ö' => Some(('ø', false)),
        'Ö' => Some(('Ø', false)),
        'a' | 'A' => match next? {
            'a' | 'A' | 'o' | 'O' => Some((if letter == 'a' { 'å' } else { 'Å' }, true)),
            'e' | 'E' => Some((if letter == 'a' { 'æ' } else { 'Æ' }, true)),
            _ => None,
        },
        'o' | 'O' => match next? {
            'e' | 'E' | 'o' | 'O' => Some((if letter == 'o' { 'ø' } else { 'Ø' }, true)),
            _ => None,
        },
        _ => None,
    });
}

/// `scandinavian_folding`: `a` and `o` for all of them.
pub(in crate::analysis) fn scandinavian_folding(letters: &mut Vec<char>) {
    pairs(letters, |letter, next| match letter {
        'å' | 'ä' | 'æ' => Some(('a', false)),
        'Å' | 'Ä' | 'Æ' => Some(('A', false)),
        'ø' | 'ö' => Some(('o', false)),
        'Ø' | 'Ö' => Some(('O', false)),
        'a' | 'A' if matches!(next?, 'a' | 'A' | 'e' | 'E' | 'o' | 'O') => Some((letter, true)),
        'o' | 'O' if matches!(next?, 'e' | 'E' | 'o' | 'O') => Some((letter, true)),
        _ => None,
    });
}

/// Puts for a letter what `change` says of it and the next one, which goes too where it says so.
fn pairs(letters: &mut Vec<char>, change: impl Fn(char, Option<char>) -> Option<(char, bool)>) {
    let mut made = Vec::with_capacity(letters.len());
    let mut rest = letters.iter().copied().peekable();
    while let Some(letter) = rest.next() {
        let (written, with_next) = change(letter, rest.peek().copied()).unwrap_or((letter, false));
        made.push(written);
        if with_next {
            rest.next();
        }
    }
    *letters = made;
}
