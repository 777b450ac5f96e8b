//! `reverse`: the characters of a token in reverse.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::exception::Exception;
use crate::work::Cancel;

/// Turns a token round.
#[derive(Debug)]
struct Reverse;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(Reverse))
}

impl TokenFilter for Reverse {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| *text = text.chars().rev().collect())
    }
}
