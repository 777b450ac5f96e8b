//! `path_hierarchy`: a path and each path above it (Lucene's `PathHierarchyTokenizer` and its reverse).

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct PathHierarchy {
    delimiter: char,
    replacement: char,
    skip: usize,
    reverse: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    // How much is read at once makes no difference to what is read.
    settings.only(&["delimiter", "replacement", "buffer_size", "reverse", "skip"])?;
    let character = |key: &str| -> Result<Option<char>, Exception> {
        let Some(text) = settings.text(key) else { return Ok(None) };
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(Some(character)),
            _ => Err(Exception::illegal_argument(format!("{key} must be a one char value"))),
        }
    };
    let delimiter = character("delimiter")?.unwrap_or('/');
    Ok(Arc::new(PathHierarchy {
        delimiter,
        replacement: character("replacement")?.unwrap_or(delimiter),
        skip: settings.count("skip", 0)?,
        reverse: settings.flag("reverse", false)?,
    }))
}

impl PathHierarchy {
    fn token(&self, text: &str, from: usize, to: usize) -> Token {
        let path: String = text
            .get(from..to)
            .unwrap_or_default()
            .chars()
            .map(|c| if c == self.delimiter { self.replacement } else { c })
            .collect();
        Token::new(&path, 0, from, to, "word")
    }

    fn forward(&self, text: &str, cancel: &Cancel) -> Vec<Token> {
        let first = text.chars().next().map_or(0, char::len_utf8);
        // The first character begins a path, be it a delimiter or not.
        let mut delimiters =
            text.match_indices(self.delimiter).map(|(at, _)| at).filter(|at| *at >= first);
        let start = match self.skip {
            0 => 0,
            skip => match delimiters.nth(skip - 1) {
                Some(start) => start,
                None => return Vec::new(),
            },
        };
        delimiters
            .chain([text.len()])
            .take_while(|_| !cancel.is_cancelled())
            .map(|end| self.token(text, start, end))
            .collect()
    }

    fn backward(&self, text: &str, cancel: &Cancel) -> Vec<Token> {
        let behind = text.match_indices(self.delimiter).map(|(at, found)| at + found.len());
        let mut places: Vec<usize> = [0].into_iter().chain(behind).collect();
        if places.last() < Some(&text.len()) {
            places.push(text.len());
        }
        let Some(last) = places.len().checked_sub(1 + self.skip) else { return Vec::new() };
        let Some(end) = places.get(last) else { return Vec::new() };
        places
            .iter()
            .take(last)
            .take_while(|_| !cancel.is_cancelled())
            .map(|start| self.token(text, *start, *end))
            .collect()
    }
}

impl Tokenizer for PathHierarchy {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, cancel: &Cancel) -> Vec<Token> {
        cursor.byte = text.len();
        cursor.position = 1;
        if text.is_empty() {
            return Vec::new();
        }
        if self.reverse { self.backward(text, cancel) } else { self.forward(text, cancel) }
    }
}
