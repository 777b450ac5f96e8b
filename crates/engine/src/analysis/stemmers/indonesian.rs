//! Indonesian. Source: Tala, "A study of stemming effects on information retrieval in Bahasa Indonesia".

use super::{ends, strip};

/// Endings and derivational affixes.
pub(in crate::analysis) fn indonesian(letters: &mut Vec<char>) {
    let mut word = Word::of(letters);
    word.endings();
    word.derivation();
}

/// A prefix that has been taken away, as far as an ending depends on it.
#[derive(Clone, Copy, PartialEq)]
enum RemovedPrefix {
    Ke,
    Peng,
    Di,
    Meng,
    Ter,
    Ber,
    Pe,
}

struct Word<'a> {
    letters: &'a mut Vec<char>,
    syllables: usize,
    removed: Vec<RemovedPrefix>,
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

impl Word<'_> {
    fn of(letters: &mut Vec<char>) -> Word<'_> {
        let syllables = letters.iter().filter(|letter| is_vowel(**letter)).count();
        Word { letters, syllables, removed: Vec::new() }
    }

    fn is_long(&self) -> bool {
        self.syllables > 2
    }

    fn ending(&mut self, endings: &[&str]) -> bool {
        let stripped = self.is_long() && strip(self.letters, 0, endings);
        self.syllables -= usize::from(stripped);
        stripped
    }

    fn endings(&mut self) {
        self.ending(&["kah", "lah", "pun"]);
        self.ending(&["ku", "mu", "nya"]);
    }

    fn derivation(&mut self) {
        let before = self.letters.len();
        self.first_prefix();
        if self.letters.len() != before {
            let before = self.letters.len();
            self.suffix();
            if self.letters.len() != before {
                self.second_prefix();
            }
        } else {
            self.second_prefix();
            self.suffix();
        }
    }

    fn starts(&self, prefix: &str) -> bool {
        prefix.chars().eq(self.letters.iter().take(prefix.len()).copied())
    }

    fn vowel_at(&self, at: usize) -> bool {
        self.letters.get(at).is_some_and(|letter| is_vowel(*letter))
    }

    /// Takes `length` letters from the start; `then` is written over the first that is left.
    fn take(&mut self, length: usize, removed: Option<RemovedPrefix>, then: Option<char>) {
        self.letters.drain(..length.min(self.letters.len()));
        if let (Some(letter), Some(first)) = (then, self.letters.first_mut()) {
            *first = letter;
        }
        self.syllables = self.syllables.saturating_sub(1);
        self.removed.extend(removed);
    }

    fn first_prefix(&mut self) {
        if !self.is_long() {
            return;
        }
        let (meng, peng) = (Some(RemovedPrefix::Meng), Some(RemovedPrefix::Peng));
        if self.starts("meng") {
            self.take(4, meng, None);
        } else if self.starts("meny") && self.vowel_at(4) {
            self.take(3, meng, Some('s'));
        } else if self.starts("men") || self.starts("mem") {
            self.take(3, meng, None);
        } else if self.starts("me") {
            self.take(2, meng, None);
        } else if self.starts("peng") {
            self.take(4, peng, None);
        } else if self.starts("peny") && self.vowel_at(4) {
            self.take(3, peng, Some('s'));
        } else if self.starts("peny") {
            self.take(4, peng, None);
        } else if self.starts("pen") && self.vowel_at(3) {
            self.take(2, peng, Some('t'));
        } else if self.starts("pen") || self.starts("pem") {
            self.take(3, peng, None);
        } else if self.starts("di") {
            self.take(2, Some(RemovedPrefix::Di), None);
        } else if self.starts("ter") {
            self.take(3, Some(RemovedPrefix::Ter), None);
        } else if self.starts("ke") {
            self.take(2, Some(RemovedPrefix::Ke), None);
        }
    }

    fn second_prefix(&mut self) {
        if !self.is_long() {
            return;
        }
        let length = self.letters.len();
        let ber = Some(RemovedPrefix::Ber);
        if self.starts("ber") || length == 7 && self.starts("belajar") {
            self.take(3, ber, None);
        } else if self.starts("be")
            && length > 4
            && !self.vowel_at(2)
            && self.letters.get(3) == Some(&'e')
            && self.letters.get(4) == Some(&'r')
        {
            self.take(2, ber, None);
        } else if self.starts("per") || length == 7 && self.starts("pelajar") {
            self.take(3, None, None);
        } else if self.starts("pe") {
            self.take(2, Some(RemovedPrefix::Pe), None);
        }
    }

    fn suffix(&mut self) {
        let none =
            |word: &Self, of: &[RemovedPrefix]| !word.removed.iter().any(|own| of.contains(own));
        if none(self, &[RemovedPrefix::Ke, RemovedPrefix::Peng, RemovedPrefix::Pe])
            && self.ending(&["kan"])
        {
            return;
        }
        if none(self, &[RemovedPrefix::Di, RemovedPrefix::Meng, RemovedPrefix::Ter])
            && self.ending(&["an"])
        {
            return;
        }
        if !ends(self.letters, "si")
            && none(self, &[RemovedPrefix::Ber, RemovedPrefix::Ke, RemovedPrefix::Peng])
        {
            self.ending(&["i"]);
        }
    }
}
