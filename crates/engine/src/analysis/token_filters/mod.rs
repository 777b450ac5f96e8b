//! Token filters: what is done to tokens behind the tokenizer.

mod asciifolding;
mod keyword_marker;
mod length;
mod lowercase;
mod ngram;
mod pattern_replace;
mod porter_stem;
mod reverse;
mod shingle;
mod stemmer;
mod stop;
mod synonym;
mod trim;
mod truncate;
mod unique;
mod uppercase;

use std::fmt::Debug;
use std::sync::Arc;

use super::part_settings::PartSettings;
use super::{AnalysisError, Token};
use crate::exception::Exception;
use crate::work::Cancel;
pub(super) use keyword_marker::KeywordMarker;
pub(super) use lowercase::{Lowercase, lower};
pub(super) use porter_stem::PorterStem;
pub(super) use stemmer::EnglishPossessive;
pub(super) use stop::Stop;

/// THE table of token filters: type and what reads its settings. A new one is its file and its row here.
const TOKEN_FILTERS: &[(&str, Parse)] = &[
    ("asciifolding", asciifolding::parse),
    ("edgeNGram", ngram::parse_edge),
    ("edge_ngram", ngram::parse_edge),
    ("keyword_marker", keyword_marker::parse),
    ("length", length::parse),
    ("lowercase", lowercase::parse),
    ("nGram", ngram::parse),
    ("ngram", ngram::parse),
    ("pattern_replace", pattern_replace::parse),
    ("porter_stem", porter_stem::parse),
    ("reverse", reverse::parse),
    ("shingle", shingle::parse),
    ("stemmer", stemmer::parse),
    ("stop", stop::parse),
    ("synonym", synonym::parse),
    ("trim", trim::parse),
    ("truncate", truncate::parse),
    ("unique", unique::parse),
    ("uppercase", uppercase::parse),
];

type Parse = fn(&PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError>;

/// The token filter of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    match TOKEN_FILTERS.iter().find(|(known, _)| *known == type_name) {
        Some((_, parse)) => parse(settings),
        None => Err(AnalysisError(format!(
            "Unknown filter type [{type_name}] for [{}]",
            settings.name()
        ))),
    }
}

/// One step from tokens to tokens.
pub(super) trait TokenFilter: Debug + Send + Sync {
    /// The tokens after this step; only the first of them once `cancel` is set.
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token>;

    /// True for the filters a normalizer may use: those that change characters only.
    fn is_normalizing(&self) -> bool {
        false
    }

    /// Where what it makes of a token depends on those before, the filter that remembers them from one piece of a long
    /// text to the next. `None`: it makes the same of pieces of a list as of the whole.
    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        None
    }
}

/// A token filter over a text that comes in pieces.
pub(super) trait PieceFilter: Debug + Send + Sync {
    /// The tokens after this step; `is_last` when no piece comes after `tokens`.
    fn apply(&mut self, tokens: Vec<Token>, is_last: bool, cancel: &Cancel) -> Vec<Token>;
}

/// How many tokens go through a filter between two looks at the cancel flag.
const AT_ONCE: usize = 4096;

/// The tokens after `filter`, of a list that may be long.
///
/// # Errors
/// `task_cancelled_exception` once `cancel` is set.
pub(super) fn apply_until(
    filter: &dyn TokenFilter,
    tokens: Vec<Token>,
    cancel: &Cancel,
) -> Result<Vec<Token>, Exception> {
    if tokens.len() <= AT_ONCE || filter.across_pieces().is_some() {
        return Ok(filter.apply(tokens, cancel));
    }
    let mut made = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter();
    loop {
        cancel.check()?;
        let piece: Vec<Token> = rest.by_ref().take(AT_ONCE).collect();
        if piece.is_empty() {
            return Ok(made);
        }
        made.extend(filter.apply(piece, cancel));
    }
}

/// The tokens with `change` done to the text of each.
fn each(mut tokens: Vec<Token>, change: impl Fn(&mut String)) -> Vec<Token> {
    tokens.iter_mut().for_each(|token| change(&mut token.text));
    tokens
}
