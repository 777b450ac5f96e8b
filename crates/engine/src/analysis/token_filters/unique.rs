//! `unique`: each word once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{PieceFilter, TokenFilter};
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Keeps the first token of each text.
#[derive(Debug)]
struct Unique;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&[])?;
    Ok(Arc::new(Unique))
}

impl TokenFilter for Unique {
    fn apply(&self, mut tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut seen = HashSet::new();
        tokens.retain(|token| !cancel.is_cancelled() && seen.insert(token.text.clone()));
        tokens
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(UniquePieces { seen: HashSet::new() }))
    }
}

/// Remembers every word so far.
#[derive(Debug)]
struct UniquePieces {
    seen: HashSet<String>,
}

impl PieceFilter for UniquePieces {
    fn apply(&mut self, mut tokens: Vec<Token>, _: bool, _: &Cancel) -> Vec<Token> {
        tokens.retain(|token| self.seen.insert(token.text.clone()));
        tokens
    }
}
