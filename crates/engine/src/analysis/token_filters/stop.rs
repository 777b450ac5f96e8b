//! `stop`: takes stop words out.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{GatheringFilter, PieceFilter, TokenChange, TokenFilter};
use crate::analysis::stop_words;
use crate::analysis::token::lower;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Clone, Debug)]
pub(in crate::analysis) struct Stop {
    words: Arc<HashSet<String>>,
    ignore_case: bool,
    /// Whether the last word goes, too: somebody who types may not have ended it.
    remove_trailing: bool,
    /// Bytes of the longest word: most tokens are longer.
    longest: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["stopwords", "stopwords_path", "ignore_case", "remove_trailing"])?;
    Stop::parse(settings, "_english_")
}

impl Stop {
    /// The filter with all of its settings, whose words are `default` where there are none.
    pub(super) fn parse(
        settings: &PartSettings<'_>,
        default: &str,
    ) -> Result<Arc<dyn TokenFilter>, Exception> {
        let mut stop = Stop::read(settings, default)?;
        stop.remove_trailing = settings.flag("remove_trailing", true)?;
        Ok(Arc::new(stop))
    }

    /// Reads `stopwords`, which are `default` where there are none, and `ignore_case`.
    pub(in crate::analysis) fn read(
        settings: &PartSettings<'_>,
        default: &str,
    ) -> Result<Stop, Exception> {
        let listed = settings.words("stopwords")?.unwrap_or_else(|| vec![default.to_owned()]);
        let mut words = HashSet::new();
        for word in listed {
            match stop_words::named(&word) {
                Some(list) => words.extend(list),
                None => {
                    words.insert(word);
                }
            }
        }
        let ignore_case = settings.flag("ignore_case", false)?;
        if ignore_case {
            words = words.iter().map(|word| lower(word)).collect();
        }
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        Ok(Stop { words: Arc::new(words), ignore_case, remove_trailing: true, longest })
    }
}

impl TokenFilter for Stop {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let kept = if self.remove_trailing { None } else { tokens.len().checked_sub(1) };
        let mut at = 0;
        tokens.retain_mut(|token| {
            let is_kept = kept == Some(at);
            at += 1;
            is_kept || self.change(token)
        });
        tokens
    }

    fn one(&self) -> Option<&dyn TokenChange> {
        self.remove_trailing.then_some(self)
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        if self.remove_trailing { None } else { GatheringFilter::of(self) }
    }
}

impl TokenChange for Stop {
    fn change(&self, token: &mut Token) -> bool {
        // Another case may have another length.
        let is_longer = token.text.len() > self.longest && !self.ignore_case;
        is_longer || !holds(&self.words, &token.text, self.ignore_case)
    }
}

pub(super) fn holds(words: &HashSet<String>, text: &str, ignore_case: bool) -> bool {
    if ignore_case { words.contains(&lower(text)) } else { words.contains(text) }
}
