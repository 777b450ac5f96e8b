//! A token filter that changes the text of each token by itself, and has no settings.

use std::sync::Arc;

use super::part_settings::PartSettings;
use super::steps::{TokenChange, TokenFilter};
use super::token::Token;
use crate::exception::Exception;

/// Changes the letters of each token. A stemmer leaves keywords alone; a filter of characters may stand in a normalizer.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextFilter {
    /// A stemmer.
    Stemmer(fn(&mut Vec<char>)),
    /// Changes characters only.
    Characters(fn(&mut Vec<char>)),
    /// Changes words, keywords too.
    Words(fn(&mut Vec<char>)),
}

impl TextFilter {
    /// This filter, which takes no settings.
    pub(super) fn without_settings(
        self,
        settings: &PartSettings<'_>,
    ) -> Result<Arc<dyn TokenFilter>, Exception> {
        settings.only(&[])?;
        Ok(Arc::new(self))
    }

    /// What becomes of one word.
    pub(super) fn change_text(self, text: &mut String) {
        let (TextFilter::Stemmer(change)
        | TextFilter::Characters(change)
        | TextFilter::Words(change)) = self;
        let mut letters: Vec<char> = text.chars().collect();
        change(&mut letters);
        text.clear();
        text.extend(letters);
    }
}

impl TokenChange for TextFilter {
    fn change(&self, token: &mut Token) -> bool {
        if !token.keyword || !matches!(self, TextFilter::Stemmer(_)) {
            self.change_text(&mut token.text);
        }
        true
    }
}

impl TokenFilter for TextFilter {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn is_normalizing(&self) -> bool {
        matches!(self, TextFilter::Characters(_))
    }

    fn shows_keyword(&self) -> bool {
        matches!(self, TextFilter::Stemmer(_))
    }
}
