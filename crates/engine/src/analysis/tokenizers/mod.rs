//! Tokenizers: where a text is cut into tokens.

mod char_group;
mod classic;
mod icu;
mod keyword;
mod kuromoji;
mod letter;
mod ngram;
mod path_hierarchy;
mod pattern;
mod runs;
mod segments;
mod simple_pattern;
mod standard;
mod thai;
mod uax_url_email;
mod whitespace;

use std::sync::Arc;

use super::Token;
use super::part_settings::PartSettings;
use super::parts::{PartType, later, plain, reader, settled};
use super::steps::{Cursor, Tokenizer};
use crate::exception::Exception;
use crate::work::Cancel;
pub(super) use icu::IcuTokenizer;
pub(super) use keyword::KeywordTokenizer;
pub(super) use kuromoji::KuromojiTokenizer;
pub(super) use letter::LetterTokenizer;
pub(super) use pattern::PatternTokenizer;
pub(super) use standard::{StandardTokenizer, TOKEN_LENGTH_MAX};
pub(super) use thai::ThaiTokenizer;
pub(super) use whitespace::WhitespaceTokenizer;

/// THE table of tokenizers: type and what reads its settings. A new one is its file and its row here.
const TOKENIZERS: &[(&str, PartType<ParseTokenizer>)] = &[
    ("PathHierarchy", plain(path_hierarchy::parse)),
    ("char_group", settled(char_group::parse)),
    ("classic", plain(classic::parse)),
    ("edgeNGram", plain(ngram::parse_edge)),
    ("edge_ngram", plain(ngram::parse_edge)),
    ("icu_tokenizer", plain(icu::parse)),
    ("keyword", plain(keyword::parse)),
    ("kuromoji_tokenizer", plain(kuromoji::parse)),
    ("letter", plain(letter::parse)),
    ("lowercase", plain(letter::parse_lowercase)),
    ("nGram", plain(ngram::parse)),
    ("ngram", plain(ngram::parse)),
    ("nori_tokenizer", later()),
    ("path_hierarchy", plain(path_hierarchy::parse)),
    ("pattern", plain(pattern::parse)),
    ("simple_pattern", settled(simple_pattern::parse)),
    ("simple_pattern_split", settled(simple_pattern::parse_split)),
    ("smartcn_tokenizer", later()),
    ("standard", plain(standard::parse)),
    ("thai", plain(thai::parse)),
    ("uax_url_email", plain(uax_url_email::parse)),
    ("whitespace", plain(whitespace::parse)),
];

type ParseTokenizer = fn(&PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception>;

/// The tokenizer of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn Tokenizer>, Exception> {
    reader(TOKENIZERS, "tokenizer", type_name, settings)?(settings)
}

/// A token within a stretch of a text: its first byte, the one behind its last, and its type.
type Found = (usize, usize, &'static str);

/// [`Tokenizer::piece`] of a tokenizer that knows how many bytes of a text it reads at once, and what it finds in these.
fn stretch_by_stretch(
    text: &str,
    cursor: &mut Cursor,
    (bytes, cancel): (usize, &Cancel),
    length: fn(&str) -> usize,
    read: impl Fn(&str, &mut dyn FnMut(Found)),
) -> Vec<Token> {
    let mut tokens = Vec::new();
    let begin = cursor.byte;
    while let Some(rest) = text.get(cursor.byte..).filter(|rest| !rest.is_empty()) {
        if cursor.byte - begin >= bytes {
            return tokens;
        }
        if cancel.is_cancelled() {
            break;
        }
        let length = length(rest);
        let (stretch, start) = (rest.get(..length).unwrap_or(rest), cursor.byte);
        read(stretch, &mut |(from, to, kind)| {
            let word = stretch.get(from..to).unwrap_or_default();
            tokens.push(Token::new(word, cursor.position, start + from, start + to, kind));
            cursor.position += 1;
        });
        cursor.byte = start + length;
    }
    cursor.byte = text.len();
    tokens
}
