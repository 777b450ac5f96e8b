//! German. Source: Jörg Caumanns, "A fast and simple stemming algorithm for German words".

use super::ends;
use crate::analysis::token::{is_letter, lower_character};

/// The token filter `german_stem`.
pub(in crate::analysis) fn caumanns(letters: &mut Vec<char>) {
    letters.iter_mut().for_each(|letter| *letter = lower_character(*letter));
    if !letters.iter().all(|letter| is_letter(*letter)) {
        return;
    }
    let mut word = Masked::of(letters);
    word.strip();
    if word.letters.len() > 5 && ends(&word.letters, "erin*") {
        word.letters.pop();
        word.strip();
    }
    if let Some(last) = word.letters.last_mut().filter(|last| **last == 'z') {
        *last = 'x';
    }
    *letters = word.unmasked();
    // A participle: `umgegeben`.
    if letters.len() > 4
        && let Some(at) = letters.windows(4).position(|four| four == ['g', 'e', 'g', 'e'])
    {
        letters.drain(at..at + 2);
    }
}

/// Letters that count as one, and the sign for them.
const MASKS: &[(&str, char)] =
    &[("sch", '$'), ("ch", '§'), ("ei", '%'), ("ie", '&'), ("ig", '#'), ("st", '!')];

/// A word whose letters are masked.
struct Masked {
    letters: Vec<char>,
    /// Letters that masking took away.
    taken: usize,
}

impl Masked {
    /// `*` for the second of two equal letters, a sign for those of [`MASKS`], vowels without umlaut.
    fn of(word: &[char]) -> Masked {
        let mut masked = Masked { letters: Vec::with_capacity(word.len()), taken: 0 };
        let mut rest = word.to_vec();
        let mut at = 0;
        while let Some(letter) = rest.get(at).copied() {
            let double = masked.letters.last() == Some(&letter);
            let plain = match letter {
                _ if double => '*',
                'ä' => 'a',
                'ö' => 'o',
                'ü' => 'u',
                'ß' => {
                    rest.insert(at + 1, 's');
                    masked.taken += 1;
                    's'
                }
                other => other,
            };
            let follows = |mask: &&(&str, char)| {
                let behind = rest.get(at + 1..).unwrap_or_default().iter();
                let length = mask.0.chars().count();
                std::iter::once(&plain).chain(behind).take(length).copied().eq(mask.0.chars())
            };
            match MASKS.iter().find(follows) {
                Some((pair, sign)) => {
                    masked.letters.push(*sign);
                    masked.taken += pair.len() - 1;
                    at += pair.len();
                }
                None => {
                    masked.letters.push(plain);
                    at += 1;
                }
            }
        }
        masked
    }

    /// Takes endings away as long as there are some, down to three letters.
    fn strip(&mut self) {
        while self.letters.len() > 3 {
            let whole = self.letters.len() + self.taken;
            let length = match self.letters.as_slice() {
                [.., 'n', 'd'] if whole > 5 => 2,
                [.., 'e', 'm' | 'r'] if whole > 4 => 2,
                [.., 'e' | 's' | 'n' | 't'] => 1,
                _ => return,
            };
            self.letters.truncate(self.letters.len().saturating_sub(length));
        }
    }

    fn unmasked(&self) -> Vec<char> {
        let mut word: Vec<char> = Vec::with_capacity(self.letters.len() + self.taken);
        for letter in &self.letters {
            match MASKS.iter().find(|(_, sign)| sign == letter) {
                Some((letters, _)) => word.extend(letters.chars()),
                None if *letter == '*' => word.extend(word.last().copied()),
                None => word.push(*letter),
            }
        }
        word
    }
}
