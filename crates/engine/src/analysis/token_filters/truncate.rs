//! `truncate`: only the first characters of a token.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::exception::Exception;
use crate::work::Cancel;

/// Cuts tokens behind so many characters.
#[derive(Debug)]
struct Truncate {
    length: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["length"])?;
    Ok(Arc::new(Truncate { length: settings.count("length", 10)? }))
}

impl TokenFilter for Truncate {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| {
            if let Some((at, _)) = text.char_indices().nth(self.length) {
                text.truncate(at);
            }
        })
    }
}
