//! `length`: only the tokens of some lengths. `limit`: only the first tokens.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{PieceFilter, TextEnd, TokenChange, TokenFilter};
use crate::analysis::token::utf16_length;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct Length {
    min: usize,
    max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["min", "max"])?;
    let (min, max) = (settings.count("min", 0)?, settings.count("max", usize::MAX)?);
    if min > max {
        return Err(Exception::illegal_argument(
            "maximum length must not be greater than minimum length",
        ));
    }
    Ok(Arc::new(Length { min, max }))
}

impl TokenFilter for Length {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }
}

impl TokenChange for Length {
    fn change(&self, token: &mut Token) -> bool {
        (self.min..=self.max).contains(&utf16_length(&token.text))
    }
}

#[derive(Clone, Debug)]
struct Limit {
    left: usize,
}

pub(super) fn parse_limit(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    // Whether the tokens behind the limit are read or not makes no difference to those before it.
    settings.only(&["max_token_count", "consume_all_tokens"])?;
    let left = settings.count("max_token_count", 1)?;
    if left == 0 {
        return Err(Exception::illegal_argument("maxTokenCount must be greater than zero"));
    }
    Ok(Arc::new(Limit { left }))
}

impl TokenFilter for Limit {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.truncate(self.left);
        tokens
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(self.clone()))
    }
}

impl PieceFilter for Limit {
    fn apply(
        &mut self,
        mut tokens: Vec<Token>,
        _: Option<&mut TextEnd>,
        _: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        tokens.truncate(self.left);
        self.left -= tokens.len();
        Ok(tokens)
    }
}
