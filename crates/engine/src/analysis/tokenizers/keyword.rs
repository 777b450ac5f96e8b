//! `keyword`: the whole text is one token.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::work::Cancel;

/// The whole text.
#[derive(Debug)]
pub(in crate::analysis) struct KeywordTokenizer;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["buffer_size"])?;
    Ok(Arc::new(KeywordTokenizer))
}

impl Tokenizer for KeywordTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, _: &Cancel) -> Vec<Token> {
        // Also of nothing there is one.
        cursor.byte = text.len();
        vec![Token::whole(text)]
    }
}
