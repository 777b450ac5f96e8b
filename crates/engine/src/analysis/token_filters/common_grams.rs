//! `common_grams`: frequent words joined with their neighbours (Lucene's `CommonGramsFilter`).

use std::collections::HashSet;
use std::sync::Arc;

use super::stop::holds;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, GatheringFilter, PieceFilter, TokenFilter};
use crate::analysis::token::lower;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Clone, Debug)]
struct CommonGrams {
    words: Arc<HashSet<String>>,
    ignore_case: bool,
    /// Only the joined words where there are such.
    query_mode: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["common_words", "ignore_case", "query_mode"])?;
    let ignore_case = settings.flag("ignore_case", false)?;
    let words = settings.words("common_words")?.ok_or_else(|| {
        Exception::illegal_argument(
            "missing or empty [common_words] or [common_words_path] configuration for common_grams token filter",
        )
    })?;
    let words = words.into_iter().map(|word| if ignore_case { lower(&word) } else { word });
    Ok(Arc::new(CommonGrams {
        words: Arc::new(words.collect()),
        ignore_case,
        query_mode: settings.flag("query_mode", false)?,
    }))
}

impl TokenFilter for CommonGrams {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let common: Vec<bool> =
            tokens.iter().map(|token| holds(&self.words, &token.text, self.ignore_case)).collect();
        let joined = |at: usize| {
            let pair = (common.get(at).copied(), common.get(at + 1).copied());
            matches!(pair, (Some(true), Some(_)) | (Some(_), Some(true)))
        };
        let mut out = Vec::with_capacity(tokens.len());
        for (at, token) in tokens.iter().enumerate() {
            if cancel.is_cancelled() {
                break;
            }
            let (with_next, with_last) = (joined(at), at.checked_sub(1).is_some_and(&joined));
            let last = at + 1 == tokens.len();
            if !(self.query_mode && (with_next || last && with_last)) {
                out.push(token.clone());
            }
            if let (true, Some(next)) = (with_next, tokens.get(at + 1)) {
                let mut gram = token.clone();
                gram.text = format!("{}_{}", token.text, next.text);
                gram.end_offset = next.end_offset;
                gram.kind = "gram";
                gram.position_length = if self.query_mode { 1 } else { 2 };
                out.push(gram);
            }
        }
        out
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
