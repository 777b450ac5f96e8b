//! `ngram`: the character n-grams of words; `edge_ngram`: only those at the start of a word.

use std::sync::Arc;

use super::runs::runs;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::analysis::token::is_letter;
use crate::exception::Exception;
use crate::work::Cancel;

/// Character n-grams.
#[derive(Debug)]
struct NgramTokenizer {
    min: usize,
    max: usize,
    /// Only those at the start of a word.
    edge: bool,
    classes: Vec<CharacterClass>,
    /// `custom_token_chars`.
    characters: Vec<char>,
}

/// `token_chars` of the n-gram tokenizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CharacterClass {
    Letter,
    Digit,
    Whitespace,
    Punctuation,
    Symbol,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    read(settings, false)
}

pub(super) fn parse_edge(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    read(settings, true)
}

fn read(settings: &PartSettings<'_>, edge: bool) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["min_gram", "max_gram", "token_chars", "custom_token_chars"])?;
    let (min, max) = settings.grams()?;
    let mut characters = Vec::new();
    let mut classes = Vec::new();
    for class in settings.list("token_chars")?.unwrap_or_default() {
        if class.eq_ignore_ascii_case("custom") {
            let Some(custom) = settings.text("custom_token_chars") else {
                let reason = "Token type: 'custom' requires setting `custom_token_chars`";
                return Err(Exception::illegal_argument(reason));
            };
            characters.extend(custom.chars());
        } else {
            classes.push(CharacterClass::parse(&class)?);
        }
    }
    Ok(Arc::new(NgramTokenizer { min, max, edge, classes, characters }))
}

impl Tokenizer for NgramTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, cancel: &Cancel) -> Vec<Token> {
        cursor.byte = text.len();
        self.ngrams(text, cancel)
    }
}

impl NgramTokenizer {
    fn ngrams(&self, text: &str, cancel: &Cancel) -> Vec<Token> {
        let classes = &self.classes;
        let any = classes.is_empty() && self.characters.is_empty();
        let belongs = |c: char| {
            any || self.characters.contains(&c) || classes.iter().any(|class| class.holds(c))
        };
        let mut tokens = Vec::new();
        for word in runs(text, belongs, usize::MAX, &mut Cursor::default(), usize::MAX, cancel) {
            let base = word.start_offset as usize;
            let mut ends: Vec<usize> = word.text.char_indices().map(|(at, _)| at).collect();
            ends.push(word.text.len());
            let starts = if self.edge { 1 } else { ends.len().saturating_sub(1) };
            for (index, start) in ends.iter().take(starts).enumerate() {
                if cancel.is_cancelled() {
                    break;
                }
                for length in self.min..=self.max {
                    let Some(end) = ends.get(index + length) else { break };
                    let position = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
                    let gram = word.text.get(*start..*end).unwrap_or_default();
                    tokens.push(Token::new(gram, position, base + start, base + end, "word"));
                }
            }
        }
        tokens
    }
}

/// What Elasticsearch lists in its refusal of another one, in its order.
const KNOWN_CLASSES: &str = "symbol, private_use, paragraph_separator, start_punctuation, unassigned, enclosing_mark, connector_punctuation, letter_number, other_number, math_symbol, lowercase_letter, space_separator, surrogate, initial_quote_punctuation, decimal_digit_number, digit, other_punctuation, dash_punctuation, currency_symbol, non_spacing_mark, custom, format, modifier_letter, control, uppercase_letter, other_symbol, end_punctuation, modifier_symbol, other_letter, line_separator, titlecase_letter, letter, punctuation, combining_spacing_mark, final_quote_punctuation, whitespace";

impl CharacterClass {
    pub(super) fn parse(name: &str) -> Result<CharacterClass, Exception> {
        Ok(match name.to_lowercase().as_str() {
            "letter" => CharacterClass::Letter,
            "digit" => CharacterClass::Digit,
            "whitespace" => CharacterClass::Whitespace,
            "punctuation" => CharacterClass::Punctuation,
            "symbol" => CharacterClass::Symbol,
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "Unknown token type: '{name}', must be one of [{KNOWN_CLASSES}]"
                )));
            }
        })
    }

    pub(super) fn holds(self, c: char) -> bool {
        match self {
            CharacterClass::Letter => is_letter(c),
            CharacterClass::Digit => c.is_numeric(),
            CharacterClass::Whitespace => c.is_whitespace(),
            CharacterClass::Punctuation => {
                c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
                    || matches!(c, '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3003}')
            }
            CharacterClass::Symbol => "$+<=>^`|~€£¥§©®°±".contains(c),
        }
    }
}
