//! Texts with variables: `{{field}}`, `{{{field}}}`, and sections, of which ingest uses little.
//!
//! Source: the Mustache manual, mustache(5); what a variable of which kind prints as is measured on Elasticsearch 7.10.2.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::document::IngestDocument;
use super::java;
use crate::exception::{Exception, ExceptionKind};

/// Most sections inside one another.
const DEPTH_MAX: usize = 20;

/// A text with variables, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Variable {
        name: String,
        escaped: bool,
    },
    /// `inverted`: printed where the value is nothing.
    Section {
        name: String,
        inverted: bool,
        pieces: Vec<Piece>,
    },
}

impl Template {
    /// Reads a template. A text without `{{` is itself.
    ///
    /// # Errors
    /// `script_exception` around `mustache_exception`.
    pub(super) fn parse(text: &str) -> Result<Template, Exception> {
        if !text.contains("{{") {
            return Ok(Template(vec![Piece::Text(text.to_owned())]));
        }
        let refused = |why: String| {
            Exception::new(ExceptionKind::Script, why.clone())
                .with("script_stack", Value::Array(Vec::new()))
                .with("script", text)
                .with("lang", "mustache")
                .caused_by(Exception::new(ExceptionKind::Mustache, why))
        };
        let mut open: Vec<(String, bool, Vec<Piece>)> = Vec::new();
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            pieces.push(Piece::Text(before.to_owned()));
            let triple = after.starts_with('{');
            let close = if triple { "}}}" } else { "}}" };
            let Some((tag, after)) = after.trim_start_matches('{').split_once(close) else {
                return Err(refused("Improperly closed variable @[query-template:1]".to_owned()));
            };
            rest = after;
            let name = tag.get(1..).unwrap_or_default().trim().to_owned();
            match tag.chars().next() {
                _ if triple => pieces.push(variable(tag, false)),
                Some('&') => pieces.push(variable(&name, false)),
                Some('!') => {}
                Some(sign @ ('#' | '^')) => {
                    if open.len() >= DEPTH_MAX {
                        return Err(refused(format!("more than {DEPTH_MAX} nested sections")));
                    }
                    open.push((name, sign == '^', std::mem::take(&mut pieces)));
                }
                Some('/') => {
                    let Some((opened, inverted, before)) = open.pop().filter(|(n, ..)| *n == name)
                    else {
                        return Err(refused(format!(
                            "Mismatched start/end tags: null != {name} in query-template:1 @[query-template:1]"
                        )));
                    };
                    let inner = std::mem::replace(&mut pieces, before);
                    pieces.push(Piece::Section { name: opened, inverted, pieces: inner });
                }
                Some('>' | '=') => {
                    return Err(Exception::not_implemented("partials in an ingest template"));
                }
                _ => pieces.push(variable(tag, true)),
            }
        }
        pieces.push(Piece::Text(rest.to_owned()));
        if let Some((name, ..)) = open.pop() {
            return Err(refused(format!("Failed to close '{name}' tag @[query-template:1]")));
        }
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Ok(Template(pieces))
    }

    /// The text where there are no variables.
    pub(super) fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with the values of `document`.
    ///
    /// # Errors
    /// `circuit_breaking_exception` where it becomes too long.
    pub(super) fn render(&self, document: &mut IngestDocument) -> Result<String, Exception> {
        if let Some(text) = self.constant() {
            return Ok(text.to_owned());
        }
        let mut printed = Printed { out: String::new(), rounds: 0 };
        printed.pieces(&self.0, &Scopes { document, inner: &[] })?;
        document.grow(printed.out.len() as u64)?;
        Ok(printed.out)
    }
}

/// Longest text that a template makes.
const RENDERED_BYTES_MAX: usize = 64 << 20;

/// Most pieces that a template prints: sections inside one another multiply the lists that they are of.
const ROUNDS_MAX: usize = 1_000_000;

fn variable(name: &str, escaped: bool) -> Piece {
    Piece::Variable { name: name.trim().to_owned(), escaped }
}

/// Where a name is looked up: the items of the sections around it, then the document.
struct Scopes<'a> {
    document: &'a IngestDocument,
    inner: &'a [&'a Value],
}

impl<'a> Scopes<'a> {
    fn find(&self, name: &str) -> Option<Cow<'a, Value>> {
        if name == "." {
            return self.inner.last().map(|value| Cow::Borrowed(*value));
        }
        let mut keys = name.split('.');
        let first = keys.next().unwrap_or_default();
        let begin = self.inner.iter().rev().find_map(|value| value.get(first));
        let mut value = match begin {
            Some(value) => value,
            None => match self.of_document(first, &mut keys)? {
                Cow::Borrowed(value) => value,
                whole => return Some(whole),
            },
        };
        while let Some(key) = keys.next() {
            value = match value {
                Value::Object(map) => map.get(key)?,
                Value::Array(list) if key == "size" => {
                    return keys.next().is_none().then(|| Cow::Owned(list.len().into()));
                }
                Value::Array(list) => list.get(key.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(Cow::Borrowed(value))
    }

    fn of_document<'k>(
        &self,
        first: &str,
        keys: &mut impl Iterator<Item = &'k str>,
    ) -> Option<Cow<'a, Value>> {
        let map = match first {
            "_ingest" => &self.document.ingest,
            "_source" => &self.document.fields,
            _ => return self.document.fields.get(first).map(Cow::Borrowed),
        };
        match keys.next() {
            Some(key) => map.get(key).map(Cow::Borrowed),
            None => Some(Cow::Owned(Value::Object(map.clone()))),
        }
    }
}

struct Printed {
    out: String,
    rounds: usize,
}

impl Printed {
    fn pieces(&mut self, pieces: &[Piece], scopes: &Scopes<'_>) -> Result<(), Exception> {
        for piece in pieces {
            self.round()?;
            match piece {
                Piece::Text(text) => self.out.push_str(text),
                Piece::Variable { name, escaped } => {
                    let text = scopes.find(name).map(|value| shown(&value)).unwrap_or_default();
                    if *escaped { escape(&text, &mut self.out) } else { self.out.push_str(&text) }
                }
                Piece::Section { name, inverted, pieces } => {
                    self.section(scopes.find(name), *inverted, pieces, scopes)?;
                }
            }
            if self.out.len() > RENDERED_BYTES_MAX {
                return Err(Exception::illegal_argument("a template makes too long a text"));
            }
        }
        Ok(())
    }

    fn round(&mut self) -> Result<(), Exception> {
        self.rounds += 1;
        if self.rounds > ROUNDS_MAX {
            return Err(Exception::illegal_argument("a template prints too many pieces"));
        }
        Ok(())
    }

    /// Nested as deep as the template is: [`DEPTH_MAX`].
    fn section(
        &mut self,
        value: Option<Cow<'_, Value>>,
        inverted: bool,
        pieces: &[Piece],
        scopes: &Scopes<'_>,
    ) -> Result<(), Exception> {
        let value = value.unwrap_or(Cow::Owned(Value::Null));
        let nothing = match value.as_ref() {
            Value::Null | Value::Bool(false) => true,
            Value::Array(list) => list.is_empty(),
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if nothing != inverted {
            return Ok(());
        }
        let items = match value.as_ref() {
            _ if inverted => return self.pieces(pieces, scopes),
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            self.round()?;
            let inner: Vec<&Value> = scopes.inner.iter().copied().chain([item]).collect();
            self.pieces(pieces, &Scopes { document: scopes.document, inner: &inner })?;
        }
        Ok(())
    }
}

/// A value as a variable prints it: a list as the map of its places that it is to Mustache.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(list) => {
            let places = list.iter().enumerate().map(|(at, value)| (at.to_string(), value.clone()));
            java::text(&Value::Object(places.collect::<Map<_, _>>()))
        }
        other => java::text(other),
    }
}

/// As inside a string of JSON.
fn escape(text: &str, out: &mut String) {
    let quoted = Value::from(text).to_string();
    out.push_str(quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(""));
}
