//! `type_as_payload`: the type of a token is its payload (Lucene's `TypeAsPayloadTokenFilter`).

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct TypeAsPayload;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(TypeAsPayload))
}

impl TokenFilter for TypeAsPayload {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.iter_mut().for_each(|token| token.payload = Some(token.kind.as_bytes().into()));
        tokens
    }

    fn shows_payload(&self) -> bool {
        true
    }
}
