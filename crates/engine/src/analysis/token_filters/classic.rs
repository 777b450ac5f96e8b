//! `classic`: what the classic tokenizer leaves at words: no `'s`, no dots in acronyms.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct Classic;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(Classic))
}

impl TokenFilter for Classic {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in &mut tokens {
            match token.kind {
                "<APOSTROPHE>" if token.text.ends_with("'s") || token.text.ends_with("'S") => {
                    token.text.truncate(token.text.len() - 2);
                }
                "<ACRONYM>" => token.text.retain(|c| c != '.'),
                _ => {}
            }
        }
        tokens
    }
}
