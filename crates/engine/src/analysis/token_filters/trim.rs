//! `trim`: no white space around a token.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::exception::Exception;
use crate::work::Cancel;

/// Cuts the white space around a token off.
#[derive(Debug)]
struct Trim;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(Trim))
}

impl TokenFilter for Trim {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| *text = text.trim().to_owned())
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}
