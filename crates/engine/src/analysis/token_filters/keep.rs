//! `keep`: only the words of a list; `keep_types`: only tokens of some types, or of none of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::stop::holds;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::token::lower;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct Keep {
    words: HashSet<String>,
    ignore_case: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["keep_words", "keep_words_path", "keep_words_case"])?;
    let listed = settings.get("keep_words").is_some();
    if listed == settings.get("keep_words_path").is_some() {
        return Err(Exception::illegal_argument(
            "keep requires either `keep_words` or `keep_words_path` to be configured",
        ));
    }
    let ignore_case = settings.flag("keep_words_case", false)?;
    let words = settings.words("keep_words")?.unwrap_or_default();
    let words = words.iter().map(|word| if ignore_case { lower(word) } else { word.clone() });
    Ok(Arc::new(Keep { words: words.collect(), ignore_case }))
}

impl TokenFilter for Keep {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.retain(|token| holds(&self.words, &token.text, self.ignore_case));
        tokens
    }
}

#[derive(Debug)]
struct KeepTypes {
    kinds: Vec<String>,
    include: bool,
}

pub(super) fn parse_types(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["types", "mode"])?;
    let kinds = settings.list("types")?.filter(|kinds| !kinds.is_empty()).ok_or_else(|| {
        Exception::illegal_argument("keep_types requires `types` to be configured")
    })?;
    let include = match settings.text("mode").unwrap_or("include") {
        "include" => true,
        "exclude" => false,
        other => {
            return Err(Exception::illegal_argument(format!(
                "`keep_types` tokenfilter mode can only be [include] or [exclude] but was [{other}]."
            )));
        }
    };
    Ok(Arc::new(KeepTypes { kinds, include }))
}

impl TokenFilter for KeepTypes {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.retain(|token| self.kinds.iter().any(|kind| kind == token.kind) == self.include);
        tokens
    }
}
