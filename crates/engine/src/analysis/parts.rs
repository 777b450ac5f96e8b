//! The named parts that custom analyzers are made of.

use std::collections::HashMap;
use std::sync::Arc;

use super::Analyzer;
use super::kuromoji::JapaneseDictionary;
use super::part_settings::PartSettings;
use super::steps::{CharFilter, FilterPosition, TokenFilter, Tokenizer};
use super::{char_filters, token_filters, tokenizers};
use crate::exception::{Exception, ExceptionKind};

/// The named parts that custom analyzers are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) tokenizers: HashMap<String, Arc<dyn Tokenizer>>,
    pub(super) filters: HashMap<String, Arc<dyn TokenFilter>>,
    pub(super) char_filters: HashMap<String, Arc<dyn CharFilter>>,
    /// The operator's dictionary of Japanese.
    pub(super) japanese: Option<Arc<JapaneseDictionary>>,
}

impl Parts {
    /// The tokenizer called `wanted`, or of that type, for the analyzer `user`.
    pub(super) fn tokenizer(
        &self,
        wanted: &str,
        user: &str,
    ) -> Result<Arc<dyn Tokenizer>, Exception> {
        self.named(&self.tokenizers, tokenizers::parse, ("tokenizer", wanted), user)
    }

    /// The token filter called `wanted`, or of that type, for the analyzer `user`.
    pub(super) fn filter(
        &self,
        wanted: &str,
        user: &str,
    ) -> Result<Arc<dyn TokenFilter>, Exception> {
        self.named(&self.filters, token_filters::parse, ("filter", wanted), user)
    }

    /// The character filter called `wanted`, or of that type, for the analyzer `user`.
    pub(super) fn char_filter(
        &self,
        wanted: &str,
        user: &str,
    ) -> Result<Arc<dyn CharFilter>, Exception> {
        self.named(&self.char_filters, char_filters::parse, ("char_filter", wanted), user)
    }

    /// Puts `filter` behind the steps of `analyzer`.
    ///
    /// # Errors
    /// What [`TokenFilter::in_chain`] refuses.
    pub(super) fn push(
        &self,
        analyzer: &mut Analyzer,
        filter: Arc<dyn TokenFilter>,
    ) -> Result<(), Exception> {
        let own = filter.in_chain(&FilterPosition { analyzer, parts: self })?;
        analyzer.filters.push(own.unwrap_or(filter));
        Ok(())
    }

    /// A part that is defined under a name, or the type of that name without any settings.
    fn named<T: ?Sized>(
        &self,
        defined: &HashMap<String, Arc<T>>,
        parse: fn(&str, &PartSettings<'_>) -> Result<Arc<T>, Exception>,
        (what, wanted): (&str, &str),
        user: &str,
    ) -> Result<Arc<T>, Exception> {
        if let Some(part) = defined.get(wanted) {
            return Ok(Arc::clone(part));
        }
        let missing = || match user {
            GLOBAL => format!("failed to find global {what} under [{wanted}]"),
            INLINE => format!("failed to find {what} under [{wanted}]"),
            _ => format!("Custom Analyzer [{user}] failed to find {what} under name [{wanted}]"),
        };
        parse(wanted, &PartSettings::bare(wanted).with_japanese(self.japanese.as_ref())).map_err(
            |error| match error.kind() {
                ExceptionKind::NotImplemented => error,
                _ if error.reason() == SETTINGS_REQUIRED && [GLOBAL, INLINE].contains(&user) => {
                    error
                }
                _ => Exception::illegal_argument(missing()),
            },
        )
    }
}

/// Who uses a part that `_analyze` names without an index.
pub(super) const GLOBAL: &str = "_global_";

/// Who uses a part that `_analyze` names on an index.
pub(super) const INLINE: &str = "_inline_";

/// A part that cannot be used by its type alone.
pub(super) const SETTINGS_REQUIRED: &str =
    "Analysis settings required - can't instantiate analysis factory";

/// What is known of a type of part: how its settings are read, and whether it needs any.
pub(super) struct PartType<P> {
    /// How it is read; `None`: known elsewhere and not built here.
    pub(super) parse: Option<P>,
    /// Whether its name alone is not enough.
    pub(super) needs_settings: bool,
}

/// A type that its name alone describes.
pub(super) const fn plain<P: Copy>(parse: P) -> PartType<P> {
    PartType { parse: Some(parse), needs_settings: false }
}

/// A type that needs settings.
pub(super) const fn settled<P: Copy>(parse: P) -> PartType<P> {
    PartType { parse: Some(parse), needs_settings: true }
}

/// A type that Elasticsearch or its plugins know and this engine does not have.
pub(super) const fn later<P: Copy>() -> PartType<P> {
    PartType { parse: None, needs_settings: false }
}

/// What reads the settings of the type `type_name` of `table`.
///
/// # Errors
/// A type that is not known (`illegal_argument_exception`), is not built here (501), or needs settings and has none.
pub(super) fn reader<P: Copy>(
    table: &[(&str, PartType<P>)],
    what: &str,
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<P, Exception> {
    let Some((_, row)) = table.iter().find(|(known, _)| *known == type_name) else {
        let name = settings.name();
        return Err(Exception::illegal_argument(format!(
            "Unknown {what} type [{type_name}] for [{name}]"
        )));
    };
    if row.needs_settings && settings.is_bare() {
        return Err(Exception::illegal_argument(SETTINGS_REQUIRED));
    }
    let what = what.replace('_', " ");
    row.parse.ok_or_else(|| Exception::not_implemented(&format!("the {what} {type_name}")))
}
