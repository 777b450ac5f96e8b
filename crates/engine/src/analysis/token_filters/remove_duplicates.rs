//! `remove_duplicates`: each word once at a position.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
pub(super) struct RemoveDuplicates;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(RemoveDuplicates))
}

impl TokenFilter for RemoveDuplicates {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let mut seen: HashSet<String> = HashSet::new();
        let mut position = None;
        tokens.retain(|token| {
            if position.replace(token.position) != Some(token.position) {
                seen.clear();
            }
            seen.insert(token.text.clone())
        });
        tokens
    }
}
