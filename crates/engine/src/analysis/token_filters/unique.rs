//! `unique`: each word once, in the text or at a position.

use std::collections::HashSet;
use std::sync::Arc;

use super::remove_duplicates::RemoveDuplicates;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct Unique;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["only_on_same_position"])?;
    if settings.flag("only_on_same_position", false)? {
        return Ok(Arc::new(RemoveDuplicates));
    }
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

#[derive(Debug)]
struct UniquePieces {
    seen: HashSet<String>,
}

impl PieceFilter for UniquePieces {
    fn apply(
        &mut self,
        mut tokens: Vec<Token>,
        _: Option<&mut TextEnd>,
        _: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        tokens.retain(|token| self.seen.insert(token.text.clone()));
        Ok(tokens)
    }
}
