//! `asciifolding`: letters with marks become the ASCII letters below them (Lucene's `ASCIIFoldingFilter`).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, TokenChange, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

/// Folds letters with marks.
/// Folds letters.
#[derive(Debug)]
pub(in crate::analysis) struct AsciiFolding {
    /// Whether a token that changes also stays as it was.
    pub(in crate::analysis) preserve_original: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["preserve_original"])?;
    let preserve_original = settings.flag("preserve_original", false)?;
    Ok(Arc::new(AsciiFolding { preserve_original }))
}

impl TokenFilter for AsciiFolding {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let mut folded = Vec::with_capacity(tokens.len());
        for token in tokens {
            match fold(&token.text) {
                Some(text) => {
                    folded.push(Token { text, ..token.clone() });
                    if self.preserve_original {
                        folded.push(token);
                    }
                }
                None => folded.push(token),
            }
        }
        folded
    }

    fn one(&self) -> Option<&dyn TokenChange> {
        (!self.preserve_original).then_some(self)
    }

    fn is_normalizing(&self) -> bool {
        true
    }

    fn for_synonyms(&self) -> ForSynonyms {
        if self.preserve_original { ForSynonyms::Refused } else { ForSynonyms::Same }
    }
}

impl TokenChange for AsciiFolding {
    fn change(&self, token: &mut Token) -> bool {
        if let Some(text) = fold(&token.text) {
            token.text = text;
        }
        true
    }
}

/// The folded text, or `None` when nothing changes.
fn fold(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut folded = String::with_capacity(text.len());
    let mut changed = false;
    for character in text.chars() {
        match FOLDED.get(&character) {
            Some(plain) => {
                folded.push_str(plain);
                changed = true;
            }
            None => folded.push(character),
        }
    }
    changed.then_some(folded)
}

/// What becomes of each character. The list has a line for each text: it, a tabulator, and what becomes it.
static FOLDED: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../words/ascii_folding.txt").lines();
    let rows = lines.filter_map(|line| line.split_once('\t'));
    rows.flat_map(|(plain, from)| from.chars().map(move |c| (c, plain))).collect()
});
