//! `ngram`: the character n-grams of words; `edge_ngram`: only those at the start of a word.

use std::sync::Arc;

use super::runs::runs;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Character n-grams.
#[derive(Debug)]
struct NgramTokenizer {
    min: usize,
    max: usize,
    /// Only those at the start of a word.
    edge: bool,
    classes: Vec<CharacterClass>,
}

/// `token_chars` of the n-gram tokenizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CharacterClass {
    Letter,
    Digit,
    Whitespace,
    Punctuation,
    Symbol,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, AnalysisError> {
    read(settings, false)
}

pub(super) fn parse_edge(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, AnalysisError> {
    read(settings, true)
}

fn read(settings: &PartSettings<'_>, edge: bool) -> Result<Arc<dyn Tokenizer>, AnalysisError> {
    settings.only(&["min_gram", "max_gram", "token_chars"])?;
    let (min, max) = settings.grams()?;
    let classes = settings.list("token_chars")?.unwrap_or_default();
    let classes = classes.iter().map(|class| CharacterClass::parse(class));
    let classes = classes.collect::<Result<_, _>>()?;
    Ok(Arc::new(NgramTokenizer { min, max, edge, classes }))
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
        let belongs = |c: char| classes.is_empty() || classes.iter().any(|class| class.holds(c));
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

impl CharacterClass {
    fn parse(name: &str) -> Result<CharacterClass, AnalysisError> {
        Ok(match name.to_lowercase().as_str() {
            "letter" => CharacterClass::Letter,
            "digit" => CharacterClass::Digit,
            "whitespace" => CharacterClass::Whitespace,
            "punctuation" => CharacterClass::Punctuation,
            "symbol" => CharacterClass::Symbol,
            _ => return Err(AnalysisError(format!("Unknown token type: '{name}'"))),
        })
    }

    fn holds(self, c: char) -> bool {
        match self {
            CharacterClass::Letter => c.is_alphabetic(),
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
