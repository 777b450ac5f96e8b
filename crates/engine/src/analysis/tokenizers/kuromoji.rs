//! `kuromoji_tokenizer` of the plugin `analysis-kuromoji`: words of Japanese, by the operator's dictionary.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::kuromoji::{Lattice, Mode, Parsing, UserDictionary, cost_of_examples};
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{Cursor, Tokenizer};
use crate::exception::Exception;
use crate::work::Cancel;

/// Words of Japanese.
#[derive(Debug)]
pub(in crate::analysis) struct KuromojiTokenizer(Parsing);

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&[
        "mode",
        "discard_punctuation",
        "discard_compound_token",
        "user_dictionary",
        "user_dictionary_rules",
        "nbest_cost",
        "nbest_examples",
    ])?;
    let mut tokenizer = KuromojiTokenizer::read(settings, false)?;
    tokenizer.0.discard_punctuation = settings.flag("discard_punctuation", true)?;
    tokenizer.0.discard_compounds = settings.flag("discard_compound_token", false)?;
    let mut cost = settings.number("nbest_cost", -1)?;
    if let Some(examples) = settings.text("nbest_examples") {
        let needed =
            cost_of_examples(&tokenizer.0, examples).map_err(Exception::illegal_argument)?;
        cost = cost.max(needed);
    }
    tokenizer.0.nbest_cost = cost;
    Ok(Arc::new(tokenizer))
}

impl KuromojiTokenizer {
    /// The tokenizer with the `mode` and the user's words that `settings` have.
    ///
    /// # Errors
    /// No dictionary (501), or one that cannot be read; rules of words that are none.
    pub(in crate::analysis) fn read(
        settings: &PartSettings<'_>,
        discard_compounds: bool,
    ) -> Result<KuromojiTokenizer, Exception> {
        let lexicon = settings.japanese()?;
        let mode = match settings.text("mode").unwrap_or("search").to_lowercase().as_str() {
            "normal" => Mode::Normal,
            "extended" => Mode::Extended,
            // As on the real servers, whatever else is said.
            _ => Mode::Search,
        };
        if settings.get("user_dictionary").is_some() {
            if settings.get("user_dictionary_rules").is_some() {
                return Err(Exception::illegal_argument(
                    "It is not allowed to use [user_dictionary] in conjunction with [user_dictionary_rules]",
                ));
            }
            return Err(Exception::not_implemented("user_dictionary, a file of words"));
        }
        let rules = match settings.text("user_dictionary_rules") {
            // A rule has commas of its own.
            Some(rule) => Some(vec![rule.to_owned()]),
            None => settings.list("user_dictionary_rules")?,
        };
        let user = UserDictionary::read(&rules.unwrap_or_default())?.map(Arc::new);
        let discard_punctuation = true;
        let nbest_cost = 0;
        Ok(KuromojiTokenizer(Parsing {
            lexicon,
            user,
            mode,
            discard_punctuation,
            discard_compounds,
            nbest_cost,
        }))
    }
}

impl Tokenizer for KuromojiTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        Lattice::at(&self.0, text, cursor).tokens(cursor, bytes, cancel)
    }
}
