//! `synonym`, for single words.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Other words for a word, at its position.
#[derive(Debug)]
struct Synonym(HashMap<String, Synonyms>);

/// What a word stands for besides, or instead of, itself.
#[derive(Debug, Default)]
struct Synonyms {
    /// The word itself stays.
    keep: bool,
    /// Words at the same position.
    also: Vec<String>,
}

/// Reads Solr's format: `a, b, c` and `a, b => c`.
pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["synonyms", "expand"])?;
    let rules = match settings.get("synonyms") {
        Some(Value::Array(rules)) => rules.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        _ => {
            return Err(settings.refuse("synonym requires `synonyms` to be configured here"));
        }
    };
    let expand = settings.flag("expand", true)?;
    let mut table: HashMap<String, Synonyms> = HashMap::new();
    let words = |side: &str| -> Vec<String> {
        side.split(',')
            .map(|word| word.trim().to_lowercase())
            .filter(|word| !word.is_empty())
            .collect()
    };
    for rule in rules {
        let (from, to, keep) = match rule.split_once("=>") {
            Some((from, to)) => (words(from), words(to), false),
            None if expand => (words(rule), words(rule), true),
            None => (words(rule), words(rule).into_iter().take(1).collect(), false),
        };
        if let Some(phrase) = from.iter().chain(&to).find(|word| word.contains(' ')) {
            return Err(
                settings.refuse(format!("does not support synonyms of several words: [{phrase}]"))
            );
        }
        for word in &from {
            let entry = table.entry(word.clone()).or_default();
            entry.keep |= keep || to.contains(word);
            for other in to.iter().filter(|other| *other != word) {
                if !entry.also.contains(other) {
                    entry.also.push(other.clone());
                }
            }
        }
    }
    Ok(Arc::new(Synonym(table)))
}

impl TokenFilter for Synonym {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            let Some(synonyms) = self.0.get(&token.text) else {
                out.push(token);
                continue;
            };
            let also = synonyms.also.iter().map(|text| Token {
                text: text.clone(),
                kind: "SYNONYM",
                ..token.clone()
            });
            let also: Vec<Token> = also.collect();
            if synonyms.keep {
                out.push(token);
            }
            out.extend(also);
        }
        out
    }
}
