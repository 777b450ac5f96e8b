//! What the filters of an analyzer make of words that come again: a text says few words often, and to find one is less work than to
//! lower, look up and stem it.
//!
//! It depends on the word alone, and on its kind: whoever analyzes a text gets the terms of that text, whatever was analyzed before.

use std::fmt;
use std::sync::{Mutex, MutexGuard};

use super::steps::Word;

/// Words that are kept, at first and at most: one at each place.
const PLACES_MIN: usize = 256;
const PLACES_MAX: usize = 2048;

/// So many words for each place must have been made before there are more places.
const MADE_PER_PLACE: usize = 4;

/// The words of an analyzer. One that is made of another, perhaps with other filters, begins without.
#[derive(Default)]
pub(super) struct KnownWords(Mutex<WordTable>);

/// The words, while they are one's own.
#[derive(Default)]
pub(super) struct WordTable {
    places: Vec<Option<KnownWord>>,
    made: usize,
}

#[derive(Clone, Copy)]
struct KnownWord {
    word: ShortText,
    kind: &'static str,
    /// `None`: it is no term.
    term: Option<ShortText>,
}

/// At most fifteen bytes, and behind them how many.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ShortText([u8; 16]);

impl ShortText {
    fn of(text: &str) -> Option<ShortText> {
        let mut bytes = [0; 16];
        let (room, length) = bytes.split_at_mut(15);
        room.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        *length.first_mut()? = text.len() as u8;
        Some(ShortText(bytes))
    }

    fn text(&self) -> &str {
        let [.., length] = self.0;
        let text = self.0.get(..usize::from(length)).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }

    /// Its place among so many, a power of two.
    fn place(self, places: usize) -> usize {
        let both = u128::from_le_bytes(self.0);
        let mixed = (both as u64 ^ ((both >> 64) as u64).rotate_left(29))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & places.wrapping_sub(1)
    }
}

impl KnownWords {
    /// The words, unless somebody else has them.
    pub(super) fn take(&self) -> Option<MutexGuard<'_, WordTable>> {
        self.0.try_lock().ok()
    }
}

impl WordTable {
    /// What is known of a word: its term, or that it is none.
    #[inline]
    pub(super) fn find(&self, word: &Word<'_>) -> Option<Option<&str>> {
        let short = ShortText::of(word.text)?;
        let known = self.places.get(short.place(self.places.len()))?.as_ref()?;
        let is_known = known.word == short && known.kind == word.kind;
        is_known.then(|| known.term.as_ref().map(ShortText::text))
    }

    /// Keeps what was made of a word, instead of another one.
    pub(super) fn keep(&mut self, word: &Word<'_>, term: Option<&str>) {
        let Some(short) = ShortText::of(word.text) else { return };
        let term = match term.map(ShortText::of) {
            None => None,
            Some(None) => return,
            Some(term) => term,
        };
        self.made += 1;
        let places = self.places.len();
        if places == 0 || places < PLACES_MAX && self.made > places * MADE_PER_PLACE {
            (self.made, self.places) = (0, vec![None; (2 * places).max(PLACES_MIN)]);
        }
        let place = short.place(self.places.len());
        if let Some(place) = self.places.get_mut(place) {
            *place = Some(KnownWord { word: short, kind: word.kind, term });
        }
    }
}

impl Clone for KnownWords {
    fn clone(&self) -> KnownWords {
        KnownWords::default()
    }
}

impl fmt::Debug for KnownWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownWords")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word<'a>(text: &'a str, kind: &'static str) -> Word<'a> {
        Word { text, position: 0, start: 0, kind }
    }

    #[test]
    fn a_word_is_known_by_all_its_letters_and_its_kind() {
        let mut table = WordTable::default();
        let made =
            [("run", Some("ru")), ("the", None), ("", Some("")), ("fifteen-letters", Some("x"))];
        for (text, term) in made {
            table.keep(&word(text, "a"), term);
        }
        let known = made.map(|(text, _)| table.find(&word(text, "a")));
        // One may have taken another's place.
        assert!(known.iter().filter(|known| known.is_some()).count() >= 3);
        for ((_, term), known) in made.iter().zip(known) {
            assert!(known.is_none_or(|known| known == *term));
        }
        for (text, kind) in [("run", "b"), ("ru", "a"), ("runs", "a"), ("RUN", "a"), ("run\0", "a")]
        {
            assert_eq!(table.find(&word(text, kind)), None, "{text} {kind}");
        }
    }

    #[test]
    fn long_words_and_long_terms_are_not_kept_and_there_are_never_more_places_than_the_most() {
        let mut table = WordTable::default();
        table.keep(&word("sixteen letters!", "a"), Some("x"));
        table.keep(&word("short", "a"), Some("a term too long"));
        table.keep(&word("other", "a"), Some("sixteen letters!"));
        assert_eq!(table.find(&word("sixteen letters!", "a")), None);
        assert_eq!(table.find(&word("short", "a")), Some(Some("a term too long")));
        assert_eq!(table.find(&word("other", "a")), None);
        let words: Vec<String> = (0..100_000).map(|n| format!("w{n}")).collect();
        for text in &words {
            table.keep(&word(text, "a"), Some(text));
            assert_eq!(table.find(&word(text, "a")), Some(Some(text.as_str())));
        }
        assert_eq!(table.places.len(), PLACES_MAX);
    }
}
