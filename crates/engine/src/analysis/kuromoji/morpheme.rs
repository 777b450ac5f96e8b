//! What the dictionary says of a token, for the filters behind the tokenizer.

use std::sync::Arc;

use super::lexicon::{Lexicon, LexiconEntry, Speech};
use super::romanization::romanized;
use super::user_dictionary::UserDictionary;

/// Where a word comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WordOrigin {
    /// The dictionary, and the place of its entry.
    Known(u32),
    /// A class of characters, and the place of an entry of it.
    Unknown(u8, u8),
    /// One character of a word that the dictionary does not have.
    Unigram,
    /// The user's dictionary, and the place of the word, or of the segment once it is a token.
    User(u32),
}

/// A token's word.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Morpheme {
    pub(super) lexicon: Arc<Lexicon>,
    pub(super) user: Option<Arc<UserDictionary>>,
    pub(super) origin: WordOrigin,
    /// The token as the text had it.
    pub(super) surface: Box<str>,
}

impl PartialEq for Morpheme {
    fn eq(&self, other: &Morpheme) -> bool {
        self.origin == other.origin && self.surface == other.surface
    }
}

impl Eq for Morpheme {}

impl Morpheme {
    /// The entry, and whether the dictionary has the word.
    fn entry(&self) -> Option<(&LexiconEntry, bool)> {
        match self.origin {
            WordOrigin::Known(at) => Some((self.lexicon.entry(at)?, true)),
            WordOrigin::Unknown(class, at) => {
                Some((self.lexicon.unknown(class).get(usize::from(at))?, false))
            }
            WordOrigin::Unigram | WordOrigin::User(_) => None,
        }
    }

    fn speech(&self) -> Option<&Speech> {
        self.lexicon.speech(self.entry()?.0)
    }

    /// One of its texts, where the dictionary has the word.
    fn text(&self, place: usize) -> Option<&str> {
        let (entry, is_known) = self.entry()?;
        let text = self.lexicon.texts(entry).get(place).copied()?;
        (is_known && !text.is_empty()).then_some(text)
    }

    /// What `_analyze` shows of it, by the names of Lucene's attributes; its part of speech and inflection only in Japanese.
    pub(in crate::analysis) fn attributes(&self) -> [(&'static str, Option<String>); 8] {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let latin = |text: Option<&str>| text.map(romanized);
        [
            ("baseForm", own(self.base_form())),
            ("inflectionForm", own(self.inflection_form())),
            ("inflectionType", own(self.inflection_type())),
            ("partOfSpeech", own(self.part_of_speech())),
            ("pronunciation", own(self.pronunciation())),
            ("pronunciation (en)", latin(self.pronunciation())),
            ("reading", own(self.reading())),
            ("reading (en)", latin(self.reading())),
        ]
    }

    /// Its part of speech.
    pub(in crate::analysis) fn part_of_speech(&self) -> Option<&str> {
        match self.origin {
            WordOrigin::User(at) => Some(&self.user.as_ref()?.segment(at)?.speech),
            WordOrigin::Unigram => Some("記号-一般"),
            _ => Some(&self.speech()?.name),
        }
    }

    /// Its base form, where that is another one.
    pub(in crate::analysis) fn base_form(&self) -> Option<&str> {
        self.text(0).filter(|base| *base != &*self.surface)
    }

    /// Its reading in Katakana.
    pub(in crate::analysis) fn reading(&self) -> Option<&str> {
        match self.origin {
            WordOrigin::User(at) => Some(&self.user.as_ref()?.segment(at)?.reading),
            _ => self.text(1),
        }
    }

    /// How it is pronounced, in Katakana.
    pub(in crate::analysis) fn pronunciation(&self) -> Option<&str> {
        self.text(2)
    }

    /// How it is inflected, where the dictionary has it.
    pub(in crate::analysis) fn inflection_type(&self) -> Option<&str> {
        let (entry, is_known) = self.entry()?;
        self.lexicon.speech(entry).filter(|_| is_known)?.inflection_type.as_deref()
    }

    /// Its inflected form, where the dictionary has it.
    pub(in crate::analysis) fn inflection_form(&self) -> Option<&str> {
        let (entry, is_known) = self.entry()?;
        self.lexicon.speech(entry).filter(|_| is_known)?.inflection_form.as_deref()
    }
}
