//! `ngram`: the character n-grams of each token; `edge_ngram`: only those at its start, or at its end.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct Ngram {
    min: usize,
    max: usize,
    edge: Edge,
    preserve_original: bool,
}

#[derive(Debug, PartialEq)]
enum Edge {
    None,
    Front,
    Back,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["min_gram", "max_gram", "preserve_original"])?;
    read(settings, Edge::None)
}

pub(super) fn parse_edge(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["min_gram", "max_gram", "preserve_original", "side"])?;
    let edge = match settings.text("side") {
        None | Some("front" | "FRONT") => Edge::Front,
        Some("back" | "BACK") => Edge::Back,
        Some(other) => {
            return Err(Exception::illegal_argument(format!("invalid side: {other}")));
        }
    };
    read(settings, edge)
}

/// The first `min` to `max` characters of each token.
pub(in crate::analysis) fn prefixes(min: usize, max: usize) -> Arc<dyn TokenFilter> {
    Arc::new(Ngram { min, max, edge: Edge::Front, preserve_original: false })
}

fn read(settings: &PartSettings<'_>, edge: Edge) -> Result<Arc<dyn TokenFilter>, Exception> {
    // The filter that is used by its name alone makes grams of one character.
    let alone = edge == Edge::Front && settings.is_bare();
    let (min, max) = if alone { (1, 1) } else { settings.grams()? };
    let preserve_original = settings.flag("preserve_original", false)?;
    Ok(Arc::new(Ngram { min, max, edge, preserve_original }))
}

impl Ngram {
    fn grams(&self, token: &Token, out: &mut Vec<Token>) {
        let mut ends: Vec<usize> = token.text.char_indices().map(|(at, _)| at).collect();
        ends.push(token.text.len());
        let length = ends.len() - 1;
        let mut push = |start: usize, size: usize| {
            let (Some(from), Some(to)) = (ends.get(start), ends.get(start + size)) else { return };
            let text = token.text.get(*from..*to).unwrap_or_default().to_owned();
            out.push(Token { text, ..token.clone() });
        };
        let sizes = self.min..=self.max.min(length);
        match self.edge {
            Edge::Front => sizes.for_each(|size| push(0, size)),
            Edge::Back => sizes.for_each(|size| push(length - size, size)),
            Edge::None => {
                for start in 0..length {
                    sizes.clone().for_each(|size| push(start, size));
                }
            }
        }
        if self.preserve_original && !(self.min..=self.max).contains(&length) {
            out.push(token.clone());
        }
    }
}

impl TokenFilter for Ngram {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut grams = Vec::new();
        for token in tokens.iter().take_while(|_| !cancel.is_cancelled()) {
            self.grams(token, &mut grams);
        }
        grams
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }
}
