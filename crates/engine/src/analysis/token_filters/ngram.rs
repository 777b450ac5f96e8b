//! `ngram`: the character n-grams of each token; `edge_ngram`: only those at its start.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Character n-grams.
#[derive(Debug)]
struct Ngram {
    min: usize,
    max: usize,
    edge: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    read(settings, false)
}

pub(super) fn parse_edge(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    read(settings, true)
}

fn read(settings: &PartSettings<'_>, edge: bool) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["min_gram", "max_gram"])?;
    let (min, max) = settings.grams()?;
    Ok(Arc::new(Ngram { min, max, edge }))
}

impl TokenFilter for Ngram {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let mut grams = Vec::new();
        for token in &tokens {
            let mut ends: Vec<usize> = token.text.char_indices().map(|(at, _)| at).collect();
            ends.push(token.text.len());
            let starts = if self.edge { 1 } else { ends.len().saturating_sub(1) };
            for (index, start) in ends.iter().take(starts).enumerate() {
                for length in self.min..=self.max {
                    let Some(end) = ends.get(index + length) else { break };
                    let text = token.text.get(*start..*end).unwrap_or_default().to_owned();
                    grams.push(Token { text, ..token.clone() });
                }
            }
        }
        grams
    }
}
