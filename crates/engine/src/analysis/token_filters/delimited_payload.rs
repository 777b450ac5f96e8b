//! `delimited_payload`: what stands behind a delimiter is the payload of the word.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct DelimitedPayload {
    delimiter: char,
    encoding: Encoding,
}

#[derive(Debug)]
enum Encoding {
    Float,
    Integer,
    Identity,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["delimiter", "encoding"])?;
    let delimiter = settings.text("delimiter").and_then(|text| text.chars().next());
    let encoding = match settings.text("encoding") {
        Some("int") => Encoding::Integer,
        Some("identity") => Encoding::Identity,
        _ => Encoding::Float,
    };
    Ok(Arc::new(DelimitedPayload { delimiter: delimiter.unwrap_or('|'), encoding }))
}

impl TokenFilter for DelimitedPayload {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in &mut tokens {
            let Some((word, payload)) = token.text.split_once(self.delimiter) else { continue };
            token.payload = match self.encoding {
                Encoding::Float => payload.parse::<f32>().ok().map(|n| n.to_be_bytes().into()),
                Encoding::Integer => payload.parse::<i32>().ok().map(|n| n.to_be_bytes().into()),
                Encoding::Identity => Some(payload.as_bytes().into()),
            };
            let length = word.len();
            token.text.truncate(length);
        }
        tokens
    }

    fn shows_payload(&self) -> bool {
        true
    }
}
