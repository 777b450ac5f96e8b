//! `metaphone`: the consonants of an English word as they sound, at most four.

use super::is_vowel;

/// Most characters of a code.
const LENGTH: usize = 4;

/// `Metaphone`
pub(crate) fn metaphone(word: &str) -> String {
    let letters: Vec<char> = word.chars().flat_map(char::to_uppercase).collect();
    if word.chars().nth(1).is_none() {
        return letters.into_iter().collect();
    }
    let text = beginning(letters);
    let mut code = String::new();
    let mut at = 0;
    while code.chars().count() < LENGTH
        && let Some(letter) = text.get(at)
    {
        let place = Place { text: &text, at };
        if *letter == 'C' || place.before() != Some(*letter) {
            let (sounds, letters) = place.sounds(*letter);
            code.push_str(sounds);
            at += letters;
        }
        at += 1;
    }
    code.chars().take(LENGTH).collect()
}

/// A word without what its beginning does not sound.
fn beginning(mut letters: Vec<char>) -> Vec<char> {
    match letters.as_mut_slice() {
        ['K' | 'G' | 'P', 'N', ..] | ['A', 'E', ..] | ['W', 'R', ..] => {
            letters.remove(0);
        }
        ['W', second @ 'H', ..] => {
            *second = 'W';
            letters.remove(0);
        }
        [first @ 'X', ..] => *first = 'S',
        _ => {}
    }
    letters
}

/// A letter of a word.
struct Place<'a> {
    text: &'a [char],
    at: usize,
}

impl Place<'_> {
    fn before(&self) -> Option<char> {
        self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied()
    }

    /// The letter that many behind.
    fn behind(&self, by: usize) -> Option<char> {
        self.text.get(self.at + by).copied()
    }

    fn begins(&self, with: &str) -> bool {
        with.chars().enumerate().all(|(by, letter)| self.behind(by) == Some(letter))
    }

    fn is_front(&self, by: usize) -> bool {
        matches!(self.behind(by), Some('E' | 'I' | 'Y'))
    }

    fn is_vowel(&self, by: usize) -> bool {
        self.behind(by).is_some_and(is_vowel)
    }

    /// What `letter`, which stands here, sounds like, and how many letters behind it sound with it.
    fn sounds(&self, letter: char) -> (&'static str, usize) {
        let one = match letter {
            'A' if self.at == 0 => "A",
            'E' if self.at == 0 => "E",
            'I' if self.at == 0 => "I",
            'O' if self.at == 0 => "O",
            'U' if self.at == 0 => "U",
            'B' if self.before() == Some('M') && self.behind(1).is_none() => "",
            'B' => "B",
            'C' => self.c(),
            'D' if self.behind(1) == Some('G') && self.is_front(2) => return ("J", 2),
            'D' => "T",
            'G' => self.g(),
            'H' if matches!(self.before(), Some('C' | 'S' | 'P' | 'T' | 'G')) => "",
            'H' if self.is_vowel(1) => "H",
            'F' => "F",
            'J' => "J",
            'L' => "L",
            'M' => "M",
            'N' => "N",
            'R' => "R",
            'K' if self.before() == Some('C') => "",
            'K' => "K",
            'P' if self.behind(1) == Some('H') => "F",
            'P' => "P",
            'Q' => "K",
            'S' if self.begins("SH") || self.begins("SIO") || self.begins("SIA") => "X",
            'S' => "S",
            'T' if self.begins("TIA") || self.begins("TIO") => "X",
            'T' if self.begins("TCH") => "",
            'T' if self.begins("TH") => "0",
            'T' => "T",
            'V' => "F",
            'W' if self.is_vowel(1) => "W",
            'Y' if self.is_vowel(1) => "Y",
            'X' => "KS",
            'Z' => "S",
            _ => "",
        };
        (one, 0)
    }

    fn c(&self) -> &'static str {
        let is_behind_s = self.before() == Some('S');
        if is_behind_s && self.is_front(1) {
            ""
        } else if self.begins("CIA") {
            "X"
        } else if self.is_front(1) {
            "S"
        } else if self.behind(1) != Some('H') || is_behind_s {
            "K"
        } else if self.at == 0 && self.is_vowel(2) {
            // As Commons Codec does it: a word that begins with CH and a vowel.
            "K"
        } else {
            "X"
        }
    }

    fn g(&self) -> &'static str {
        let is_gh = self.behind(1) == Some('H');
        let is_silent = is_gh && !self.is_vowel(2) || self.at > 0 && self.begins("GN");
        if is_silent {
            ""
        } else if self.is_front(1) && self.before() != Some('G') {
            "J"
        } else {
            "K"
        }
    }
}
