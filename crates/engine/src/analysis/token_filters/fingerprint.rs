//! `fingerprint`: all words of a text, sorted and without doubles, as one (Lucene's `FingerprintFilter`).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, GatheringFilter, PieceFilter, TextEnd, TokenFilter};
use crate::analysis::token::utf16_length;
use crate::exception::Exception;
use crate::work::Cancel;

/// One token of all.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Fingerprint {
    separator: String,
    length_max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["separator", "max_output_size"])?;
    Ok(Arc::new(Fingerprint::read(settings)?))
}

impl Fingerprint {
    /// Reads `separator` and `max_output_size`.
    pub(in crate::analysis) fn read(settings: &PartSettings<'_>) -> Result<Fingerprint, Exception> {
        let separator = settings.text("separator").unwrap_or(" ");
        if separator.chars().count() > 1 {
            let reason = format!(
                "Setting [separator] must be a single, non-null character. [{separator}] was provided."
            );
            return Err(Exception::illegal_argument(reason));
        }
        let length_max = settings.count("max_output_size", 255)?;
        Ok(Fingerprint { separator: separator.to_owned(), length_max })
    }
}

impl TokenFilter for Fingerprint {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Vec::new() };
        let mut made = first.clone();
        (made.position, made.start_offset, made.end_offset) = (0, 0, last.end_offset);
        made.kind = "fingerprint";
        // Java sorts by UTF-16 unit, which is by character below the surrogates.
        let words: BTreeSet<Vec<u16>> =
            tokens.iter().map(|token| token.text.encode_utf16().collect()).collect();
        let words: Vec<String> = words.iter().map(|word| String::from_utf16_lossy(word)).collect();
        made.text = words.join(&self.separator);
        if utf16_length(&made.text) > self.length_max { Vec::new() } else { vec![made] }
    }

    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, cancel: &Cancel) -> Vec<Token> {
        let mut made = self.apply(tokens, cancel);
        made.iter_mut().for_each(|token| token.end_offset = end.offset);
        end.position = u32::from(!made.is_empty());
        made
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
