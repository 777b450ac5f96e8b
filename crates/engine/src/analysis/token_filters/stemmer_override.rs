//! `stemmer_override`: stems that are given, and then protected from the stemmers behind.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct StemmerOverride(HashMap<String, String>);

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["rules", "rules_path"])?;
    let rules = settings.words("rules")?.ok_or_else(|| {
        Exception::illegal_argument(
            "stemmer override filter requires either `rules` or `rules_path` to be configured",
        )
    })?;
    let mut stems = HashMap::new();
    for rule in &rules {
        let refusal =
            || Exception::illegal_argument(format!("Invalid Keyword override Rule:{rule}"));
        let (words, stem) = rule.split_once("=>").ok_or_else(refusal)?;
        let stem = stem.trim();
        if stem.is_empty() || stem.contains("=>") || words.trim().is_empty() {
            return Err(refusal());
        }
        for word in words.split(',') {
            stems.insert(word.trim().to_owned(), stem.to_owned());
        }
    }
    Ok(Arc::new(StemmerOverride(stems)))
}

impl TokenFilter for StemmerOverride {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in tokens.iter_mut().filter(|token| !token.keyword) {
            if let Some(stem) = self.0.get(&token.text) {
                token.text.clone_from(stem);
                token.keyword = true;
            }
        }
        tokens
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}
