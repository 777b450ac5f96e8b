//! `uppercase`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::exception::Exception;
use crate::work::Cancel;

/// Upper case, where it is one character.
#[derive(Debug)]
struct Uppercase;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(Uppercase))
}

impl TokenFilter for Uppercase {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| {
            *text = text
                .chars()
                .map(|c| {
                    let mut upper = c.to_uppercase();
                    if upper.len() == 1 { upper.next().unwrap_or(c) } else { c }
                })
                .collect();
        })
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}
