//! `char_group`: what stands between characters of some kinds.

use std::sync::Arc;

use super::ngram::CharacterClass;
use super::runs::runs;
use super::standard::TOKEN_LENGTH_MAX;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct CharGroup {
    classes: Vec<CharacterClass>,
    characters: Vec<char>,
    token_length_max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["tokenize_on_chars", "max_token_length"])?;
    let (mut classes, mut characters) = (Vec::new(), Vec::new());
    for wanted in settings.list_as_is("tokenize_on_chars")?.unwrap_or_default() {
        if wanted.is_empty() {
            return Err(Exception::new(
                crate::exception::ExceptionKind::IllegalArgument,
                "[tokenize_on_chars] cannot contain empty characters",
            ));
        }
        let plain = crate::analysis::char_filters::unescaped(&wanted);
        let mut letters = plain.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => characters.push(letter),
            _ => classes.push(CharacterClass::parse(&wanted).map_err(|_| {
                Exception::illegal_argument(format!("Invalid escaped char in [{wanted}]"))
            })?),
        }
    }
    let token_length_max = settings.count("max_token_length", TOKEN_LENGTH_MAX)?;
    Ok(Arc::new(CharGroup { classes, characters, token_length_max }))
}

impl Tokenizer for CharGroup {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        let belongs = |c: char| {
            !self.characters.contains(&c) && !self.classes.iter().any(|class| class.holds(c))
        };
        runs(text, belongs, self.token_length_max, cursor, bytes, cancel)
    }
}
