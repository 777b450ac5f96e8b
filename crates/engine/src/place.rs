//! Where in a body a fault is: Elasticsearch tells line and column.
//!
//! Bodies are read into values that know nothing of places, so that a good request pays nothing. A fault keeps which value it
//! is about, by its address in the tree that the body was read into; only when it is printed is the text walked once more,
//! beside the tree, up to that value. A value that is not of the body (of a template, a pipeline, a default) is not found,
//! and the fault is told without a place.

use serde_json::{Map, Value};

use crate::flavor::Flavor;
use crate::limits::PLACED_BODY_BYTES_MAX;

/// A body: its text, and what was read of it.
#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) value: &'a Value,
}

/// Line and column, from 1. Columns count bytes, as Jackson's do when it reads bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Where a fault is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Whereabouts {
    /// At a token of the body, to be looked for when it is told.
    Token(Place),
    /// Where the text of the body ceases to be JSON.
    Syntax(SyntaxFault),
    /// Here.
    Known(Position),
    /// Nowhere: the server does not tell.
    Untold,
}

/// Where a text ceases to be JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxFault {
    /// How far it was read.
    pub(crate) position: Position,
    /// Whose version of Jackson tells the place of the last character that was read, and not the one behind it.
    pub(crate) told_before: Option<Flavor>,
    /// What was not closed, or was closed by another bracket: words, and where it began.
    pub(crate) opened: Option<(&'static str, Position)>,
}

impl SyntaxFault {
    /// What stands behind the reason.
    pub(crate) fn told(&self, flavor: Flavor) -> String {
        let source = match flavor {
            Flavor::OpenSearch219 => {
                "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
            }
            Flavor::Elasticsearch710 => {
                "(org.elasticsearch.common.io.stream.InputStreamStreamInput)"
            }
        };
        let back = usize::from(self.told_before == Some(flavor));
        let place = |line: usize, column: usize| {
            format!("[Source: {source}; line: {line}, column: {column}]")
        };
        let opened = self
            .opened
            .as_ref()
            .map(|(words, at)| format!(" ({words} {})", place(at.line, at.column)));
        let Position { line, column } = self.position;
        format!("{}\n at {}", opened.unwrap_or_default(), place(line, column - back))
    }
}

/// What a fault is about: the token at which Elasticsearch's parser stands when it throws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    address: usize,
    side: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The name before the value.
    Name,
    /// The same, of a name that was refused after its value had been looked at.
    Key,
    /// The first byte of the value.
    Start,
    /// The bracket that closes it.
    End,
    /// Behind its first token.
    After,
}

impl Place {
    /// The name before `value`.
    pub(crate) fn name(value: &Value) -> Place {
        Place { address: std::ptr::from_ref(value).addr(), side: Side::Name }
    }

    /// The name before `value`, refused after its value had been looked at.
    pub(crate) fn key(value: &Value) -> Place {
        Place { address: std::ptr::from_ref(value).addr(), side: Side::Key }
    }

    /// The first byte of `value`.
    pub(crate) fn start(value: &Value) -> Place {
        Place { address: std::ptr::from_ref(value).addr(), side: Side::Start }
    }

    /// The bracket that closes `value`; of a value without brackets its first byte.
    pub(crate) fn end(value: &Value) -> Place {
        let side = if value.is_object() || value.is_array() { Side::End } else { Side::Start };
        Place { address: std::ptr::from_ref(value).addr(), side }
    }

    /// The bracket that closes `object`.
    pub(crate) fn end_of(object: &Map<String, Value>) -> Place {
        Place { address: std::ptr::from_ref(object).addr(), side: Side::End }
    }

    /// Behind the first token of `value`: how far Jackson has read when it refuses that.
    pub(crate) fn after(value: &Value) -> Place {
        Place { address: std::ptr::from_ref(value).addr(), side: Side::After }
    }

    /// Where the parser stands that has met this: it has read the value of a name before it refuses the name.
    pub(crate) fn stand(self) -> Place {
        match self.side {
            Side::Key => Place { side: Side::Start, ..self },
            _ => self,
        }
    }

    /// Where that is in `body`; `None` where the value is none of it.
    fn position(self, body: Body<'_>) -> Option<Position> {
        if body.text.len() > PLACED_BODY_BYTES_MAX {
            return None;
        }
        let offset = Walk { text: body.text, at: 0, place: self }.value(body.value)?;
        Some(position_of(body.text, offset))
    }

    /// Whether it is about `value`: a map lies within the value that it is of.
    fn is(self, value: &Value) -> bool {
        let from = std::ptr::from_ref(value).addr();
        (from..from + size_of::<Value>()).contains(&self.address)
    }
}

/// The places of a fault and its causes in a body. Causes stand within one another, most of them at the same token: the text is
/// walked over once for each token.
pub(crate) struct Places<'a> {
    body: Option<Body<'a>>,
    found: Vec<(Place, Option<Position>)>,
}

impl<'a> Places<'a> {
    /// In `body`; `None`: none is told.
    pub(crate) fn of(body: Option<Body<'a>>) -> Places<'a> {
        Places { body, found: Vec::new() }
    }

    /// Where `place` is.
    pub(crate) fn position(&mut self, place: Place) -> Option<Position> {
        let known = self.found.iter().find(|(known, _)| *known == place);
        if let Some((_, position)) = known {
            return *position;
        }
        let position = place.position(self.body?);
        self.found.push((place, position));
        position
    }
}

/// The position of the byte at `offset`.
pub(crate) fn position_of(text: &[u8], offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let (mut line, mut start) = (1, 0);
    for (at, byte) in before.iter().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'\r' => text.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends {
            (line, start) = (line + 1, at + 1);
        }
    }
    Position { line, column: offset - start + 1 }
}

/// A walk over a text that is JSON, beside the tree that was read of it.
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    place: Place,
}

impl Walk<'_> {
    /// Walks over `value`; ends where the place is.
    fn value(&mut self, value: &Value) -> Option<usize> {
        self.spaces();
        let here = self.place.is(value);
        if here && self.place.side == Side::Start {
            return Some(self.at);
        }
        if here && self.place.side == Side::After && (value.is_object() || value.is_array()) {
            return Some(self.at + 1);
        }
        match value {
            Value::Object(entries) => {
                for value in entries.values() {
                    self.brackets_and_spaces();
                    let is_name = matches!(self.place.side, Side::Name | Side::Key);
                    if is_name && self.place.is(value) {
                        return Some(self.at);
                    }
                    self.string();
                    self.brackets_and_spaces();
                    if let Some(found) = self.value(value) {
                        return Some(found);
                    }
                }
                self.close(entries.is_empty(), here)
            }
            Value::Array(items) => {
                for item in items {
                    self.brackets_and_spaces();
                    if let Some(found) = self.value(item) {
                        return Some(found);
                    }
                }
                self.close(items.is_empty(), here)
            }
            Value::String(_) => {
                self.string();
                self.after(here)
            }
            _ => {
                self.skip(|byte| !byte.is_ascii_whitespace() && !b",]}".contains(&byte));
                self.after(here)
            }
        }
    }

    /// Here, where it was asked for what is behind the token that was walked over.
    fn after(&self, here: bool) -> Option<usize> {
        (here && self.place.side == Side::After).then_some(self.at)
    }

    /// Walks over the bracket that closes what is `empty` or was walked over.
    fn close(&mut self, empty: bool, here: bool) -> Option<usize> {
        if empty {
            self.at += 1;
        }
        self.spaces();
        let at = self.at;
        self.at += 1;
        (here && self.place.side == Side::End).then_some(at)
    }

    /// Walks over one bracket, comma or colon, and the spaces around it.
    fn brackets_and_spaces(&mut self) {
        self.spaces();
        if self.text.get(self.at).is_some_and(|byte| b"{[,:".contains(byte)) {
            self.at += 1;
        }
        self.spaces();
    }

    fn spaces(&mut self) {
        self.skip(|byte| byte.is_ascii_whitespace());
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| skipped(**byte)).count();
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\n  \"a\": [1, {\"b\\\"\": {}}, [ ]],\r\n \"ä\" : \"x,}\", \"c\":{\"d\": null }}";

    fn seen(place: impl Fn(&Value) -> Place) -> Option<(usize, usize)> {
        let value: Value = serde_json::from_str(TEXT).unwrap();
        let place = place(&value);
        let position = place.position(Body { text: TEXT.as_bytes(), value: &value })?;
        Some((position.line, position.column))
    }

    #[test]
    fn a_value_is_found_by_where_it_stands() {
        assert_eq!(seen(Place::start), Some((1, 1)));
        assert_eq!(seen(Place::end), Some((3, 32)));
        assert_eq!(seen(|value| Place::key(&value["a"])), Some((2, 3)));
        assert_eq!(seen(|value| Place::start(&value["a"][0])), Some((2, 9)));
        assert_eq!(seen(|value| Place::key(&value["a"][1]["b\""])), Some((2, 13)));
        assert_eq!(seen(|value| Place::end(&value["a"][1]["b\""])), Some((2, 21)));
        assert_eq!(seen(|value| Place::end(&value["a"][2])), Some((2, 27)));
        assert_eq!(seen(|value| Place::start(&value["ä"])), Some((3, 9)));
        assert_eq!(seen(|value| Place::start(&value["c"]["d"])), Some((3, 26)));
    }

    #[test]
    fn an_object_is_found_by_its_entries() {
        let place = |value: &Value| Place::end_of(value["c"].as_object().unwrap());
        assert_eq!(seen(place), Some((3, 31)));
    }

    #[test]
    fn a_value_that_is_not_of_the_body_has_no_place() {
        let other = Value::Null;
        assert_eq!(seen(|_| Place::start(&other)), None);
        assert_eq!(seen(|value| Place::start(&value.clone()["a"])), None);
    }
}
