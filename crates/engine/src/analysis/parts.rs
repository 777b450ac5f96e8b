//! The named parts that custom analyzers are made of.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Map;

use super::error::AnalysisError;
use super::part_settings::PartSettings;
use super::steps::{CharFilter, TokenFilter, Tokenizer};
use super::{char_filters, token_filters, tokenizers};

/// The named parts that custom analyzers are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) tokenizers: HashMap<String, Arc<dyn Tokenizer>>,
    pub(super) filters: HashMap<String, Arc<dyn TokenFilter>>,
    pub(super) char_filters: HashMap<String, Arc<dyn CharFilter>>,
}

impl Parts {
    /// The tokenizer called `wanted`, or of that type, for the analyzer `user`.
    pub(super) fn tokenizer(
        &self,
        wanted: &str,
        user: &str,
    ) -> Result<Arc<dyn Tokenizer>, AnalysisError> {
        named(&self.tokenizers, tokenizers::parse, ("tokenizer", wanted), user)
    }

    /// The token filter called `wanted`, or of that type, for the analyzer `user`.
    pub(super) fn filter(
        &self,
        wanted: &str,
        user: &str,
    ) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
        named(&self.filters, token_filters::parse, ("filter", wanted), user)
    }

    /// The character filter called `wanted`, or of that type, for the analyzer `user`.
    pub(super) fn char_filter(
        &self,
        wanted: &str,
        user: &str,
    ) -> Result<Arc<dyn CharFilter>, AnalysisError> {
        named(&self.char_filters, char_filters::parse, ("char_filter", wanted), user)
    }
}

/// A part that is defined under a name, or the type of that name without any settings.
fn named<T: ?Sized>(
    defined: &HashMap<String, Arc<T>>,
    parse: fn(&str, &PartSettings<'_>) -> Result<Arc<T>, AnalysisError>,
    (what, wanted): (&str, &str),
    user: &str,
) -> Result<Arc<T>, AnalysisError> {
    if let Some(part) = defined.get(wanted) {
        return Ok(Arc::clone(part));
    }
    parse(wanted, &PartSettings::new(wanted, &Map::new())).map_err(|_| {
        AnalysisError(format!(
            "Custom Analyzer [{user}] failed to find {what} under name [{wanted}]"
        ))
    })
}
