//! `delimited_term_freq`: what stands behind a delimiter is how often the word counts. Source: Lucene's
//! `DelimitedTermFrequencyTokenFilter` and OpenSearch's `DelimitedTermFrequencyTokenFilterFactory`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{FallibleFilter, TokenFilter};
use crate::exception::{Exception, ExceptionKind};
use crate::work::Cancel;

#[derive(Debug)]
struct DelimitedTermFrequency {
    delimiter: char,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["delimiter"])?;
    let delimiter = match settings.text("delimiter") {
        None => '|',
        Some(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) => only,
                _ => {
                    return Err(Exception::illegal_argument(format!(
                        "Setting [delimiter] must be a single, non-null character. [{text}] was provided."
                    )));
                }
            }
        }
    };
    Ok(Arc::new(DelimitedTermFrequency { delimiter }))
}

impl TokenFilter for DelimitedTermFrequency {
    fn fallible(&self) -> Option<&dyn FallibleFilter> {
        Some(self)
    }

    fn gives_frequencies(&self) -> bool {
        true
    }
}

impl FallibleFilter for DelimitedTermFrequency {
    fn apply(&self, mut tokens: Vec<Token>, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        for token in &mut tokens {
            cancel.check()?;
            let Some((word, number)) = token.text.split_once(self.delimiter) else { continue };
            token.frequency = frequency(number)?;
            let length = word.len();
            token.text.truncate(length);
        }
        Ok(tokens)
    }
}

/// Source: Lucene's `ArrayUtil.parseInt`, `PackedTokenAttributeImpl.setTermFrequency`.
fn frequency(text: &str) -> Result<u32, Exception> {
    let no_number = |reason: &str| Err(Exception::new(ExceptionKind::NumberFormat, reason));
    if text.is_empty() {
        return no_number("chars length is 0");
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() {
        return no_number("can't convert to an int");
    }
    match text.parse::<i32>() {
        Ok(_) | Err(_) if !digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            no_number("Unable to parse")
        }
        Ok(number) if number >= 1 => Ok(number.unsigned_abs()),
        Ok(number) => Err(Exception::illegal_argument(format!(
            "Term frequency must be 1 or greater; got {number}"
        ))),
        Err(_) => no_number("Unable to parse"),
    }
}
