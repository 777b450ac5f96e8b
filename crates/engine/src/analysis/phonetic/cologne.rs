//! `cologne` (Kölner Phonetik), for German: a digit for each sound.

/// `ColognePhonetic`
pub(crate) fn cologne(word: &str) -> String {
    let letters: Vec<char> = word
        .chars()
        .flat_map(char::to_uppercase)
        .map(|letter| match letter {
            'Ä' => 'A',
            'Ü' => 'U',
            'Ö' => 'O',
            other => other,
        })
        .collect();
    let mut code = CologneCode::default();
    let mut before = None;
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_uppercase() {
            continue;
        }
        let next = letters.get(at + 1).copied().unwrap_or('-');
        match letter {
            'A' | 'E' | 'I' | 'J' | 'O' | 'U' | 'Y' => code.put('0'),
            'B' => code.put('1'),
            'P' if next != 'H' => code.put('1'),
            'D' | 'T' if !matches!(next, 'C' | 'S' | 'Z') => code.put('2'),
            'F' | 'P' | 'V' | 'W' => code.put('3'),
            'G' | 'K' | 'Q' => code.put('4'),
            'X' if !matches!(before, Some('C' | 'K' | 'Q')) => {
                code.put('4');
                code.put('8');
            }
            'C' => {
                let is_hard = match code.text.is_empty() {
                    true => matches!(next, 'A' | 'H' | 'K' | 'L' | 'O' | 'Q' | 'R' | 'U' | 'X'),
                    false => {
                        matches!(next, 'A' | 'H' | 'K' | 'O' | 'Q' | 'U' | 'X')
                            && !matches!(before, Some('S' | 'Z'))
                    }
                };
                code.put(if is_hard { '4' } else { '8' });
            }
            'S' | 'Z' | 'D' | 'T' | 'X' => code.put('8'),
            'R' => code.put('7'),
            'L' => code.put('5'),
            'M' | 'N' => code.put('6'),
            // An H has no sound, but keeps those around it apart.
            _ => code.last = None,
        }
        before = Some(*letter);
    }
    code.text
}

/// A code being written: no digit twice in a row, and vowels only at the beginning.
#[derive(Default)]
struct CologneCode {
    text: String,
    last: Option<char>,
}

impl CologneCode {
    fn put(&mut self, digit: char) {
        if self.last != Some(digit) && (digit != '0' || self.text.is_empty()) {
            self.text.push(digit);
        }
        self.last = Some(digit);
    }
}
