//! Grok: regular expressions out of named patterns, `%{NAME:field:type}`.
//!
//! Source: Elasticsearch 7.10 reference, "Grok processor". An expression is bounded twice: in how long it grows out of its
//! patterns, and in how many steps it may take back on one text.

mod patterns;

use std::collections::BTreeMap;

use fancy_regex::{Regex, RegexBuilder};

use crate::exception::{Exception, ExceptionKind};

/// Longest expression that patterns grow to, in bytes.
const EXPANDED_BYTES_MAX: usize = 200_000;

/// Most patterns inside one another.
const DEPTH_MAX: usize = 50;

/// Most steps back on one text. (Elasticsearch gives up after a second.)
const BACKTRACKS_MAX: usize = 500_000;

/// What a captured text becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaptureType {
    Text,
    Int,
    Long,
    Float,
    Double,
    Boolean,
}

/// A pattern that cannot be read, and why.
#[derive(Debug)]
pub(super) struct GrokFault {
    pub(super) pattern: String,
    pub(super) why: String,
}

/// An expression, read.
#[derive(Debug)]
pub(super) struct Grok {
    regex: Regex,
    /// The field and the type of each capture, by the number in its group's name.
    fields: Vec<(String, CaptureType)>,
}

/// What a text was captured as: field, type, text.
pub(super) type GrokCaptures = Vec<(String, CaptureType, String)>;

/// The stock patterns: name and expression.
pub(super) fn stock() -> impl Iterator<Item = (&'static str, &'static str)> {
    patterns::STOCK.iter().copied()
}

impl Grok {
    /// Reads `pattern`, with the patterns of `own` before those in stock.
    ///
    /// # Errors
    /// For a pattern that is not there, that contains itself, or that is no regular expression.
    pub(super) fn parse(pattern: &str, own: &BTreeMap<String, String>) -> Result<Grok, GrokFault> {
        let fault = |why: String| GrokFault { pattern: pattern.to_owned(), why };
        let mut growing =
            GrowingExpression { own, fields: Vec::new(), out: String::new(), inside: Vec::new() };
        growing.expand(pattern).map_err(fault)?;
        // Oniguruma's `(?m)`, at the beginning, lets a point match the end of a line.
        let text = match growing.out.strip_prefix("(?m)") {
            Some(rest) => format!("(?s){rest}"),
            None => growing.out,
        };
        let built = RegexBuilder::new(&text)
            .multi_line(true)
            .backtrack_limit(BACKTRACKS_MAX)
            .build()
            .map_err(|error| fault(error.to_string()))?;
        Ok(Grok { regex: built, fields: growing.fields })
    }

    /// What `text` is captured as; `None` where it does not match.
    ///
    /// # Errors
    /// Where matching takes too many steps.
    pub(super) fn captures(&self, text: &str) -> Result<Option<GrokCaptures>, Exception> {
        let found = self.regex.captures(text).map_err(|error| {
            let reason = format!("grok pattern matching was interrupted: {error}");
            Exception::new(ExceptionKind::Runtime, reason)
        })?;
        let Some(found) = found else { return Ok(None) };
        let mut captured = GrokCaptures::new();
        for (number, (name, kind)) in self.fields.iter().enumerate() {
            let Some(group) = found.name(&format!("g{number}")) else { continue };
            if captured.iter().any(|(known, ..)| known == name) {
                continue;
            }
            captured.push((name.clone(), *kind, group.as_str().to_owned()));
        }
        Ok(Some(captured))
    }
}

/// An expression that grows out of its patterns.
struct GrowingExpression<'a> {
    own: &'a BTreeMap<String, String>,
    fields: Vec<(String, CaptureType)>,
    out: String,
    /// The patterns it is inside of.
    inside: Vec<String>,
}

impl GrowingExpression<'_> {
    fn expand(&mut self, pattern: &str) -> Result<(), String> {
        let mut rest = pattern;
        loop {
            // The next reference, or the next group with a name of its own.
            let reference = rest.find("%{");
            let group = named_group(rest);
            match (reference, group) {
                (Some(at), group) if group.is_none_or(|group| at < group) => {
                    self.push(rest.get(..at).unwrap_or_default())?;
                    let inner = rest.get(at + 2..).unwrap_or_default();
                    let Some((name, after)) = inner.split_once('}') else {
                        self.push("%\\{")?;
                        rest = inner;
                        continue;
                    };
                    self.reference(name)?;
                    rest = after;
                }
                (_, Some(at)) => {
                    self.push(rest.get(..at).unwrap_or_default())?;
                    let inner = rest.get(at + 3..).unwrap_or_default();
                    let Some((name, after)) = inner.split_once('>') else {
                        return Err("invalid group name <>".to_owned());
                    };
                    self.open(name)?;
                    rest = after;
                }
                _ => return self.push(rest),
            }
        }
    }

    /// `NAME`, `NAME:field`, `NAME:field:type`.
    fn reference(&mut self, reference: &str) -> Result<(), String> {
        let (name, field) = match reference.split_once(':') {
            Some((name, field)) => (name, Some(field)),
            None => (reference, None),
        };
        let text = match self.own.get(name) {
            Some(text) => text.clone(),
            None => stock()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| text.to_owned())
                .ok_or_else(|| {
                    format!("Unable to find pattern [{name}] in Grok's pattern dictionary")
                })?,
        };
        if self.inside.iter().any(|outer| outer == name) {
            let path =
                self.inside.iter().skip(1).map(|outer| format!(" back to pattern [{outer}]"));
            let path: String = path.collect();
            return Err(format!("circular reference in pattern [{name}][{text}]{path}"));
        }
        if self.inside.len() >= DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} patterns inside each other"));
        }
        match field {
            Some(field) => self.open(field)?,
            None => self.push("(?:")?,
        }
        self.inside.push(name.to_owned());
        let expanded = self.expand(&text);
        self.inside.pop();
        expanded?;
        self.push(")")
    }

    /// Opens the group of a field, which may tell its type.
    fn open(&mut self, field: &str) -> Result<(), String> {
        let (name, kind) = match field.rsplit_once(':') {
            Some((name, kind)) => {
                let kind = match kind {
                    "int" => CaptureType::Int,
                    "long" => CaptureType::Long,
                    "float" => CaptureType::Float,
                    "double" => CaptureType::Double,
                    "boolean" => CaptureType::Boolean,
                    _ => CaptureType::Text,
                };
                (name, kind)
            }
            None => (field, CaptureType::Text),
        };
        let number = self.fields.len();
        self.fields.push((name.to_owned(), kind));
        self.push(&format!("(?<g{number}>"))
    }

    fn push(&mut self, text: &str) -> Result<(), String> {
        if self.out.len() + text.len() > EXPANDED_BYTES_MAX {
            return Err(format!("the expression grows beyond {EXPANDED_BYTES_MAX} bytes"));
        }
        self.out.push_str(text);
        Ok(())
    }
}

/// Where the first `(?<name>` is, which is no look behind.
fn named_group(text: &str) -> Option<usize> {
    text.match_indices("(?<").map(|(at, _)| at).find(|at| {
        let next = text.get(at + 3..).and_then(|rest| rest.chars().next());
        next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '@' | '['))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stock_pattern_is_a_regular_expression() {
        for (name, _) in stock() {
            let read = Grok::parse(&format!("%{{{name}}}"), &BTreeMap::new());
            assert!(read.is_ok(), "{name}: {:?}", read.err());
        }
    }

    #[test]
    fn a_text_that_matches_in_too_many_ways_is_given_up() {
        let grok = Grok::parse("^(?:a|(?=a)a)+$", &BTreeMap::new()).unwrap();
        assert!(grok.captures(&format!("{}b", "a".repeat(60))).is_err());
    }

    #[test]
    fn patterns_that_grow_without_end_are_refused() {
        let own: BTreeMap<String, String> = (0..40)
            .map(|n| (format!("P{n}"), format!("%{{P{}}}%{{P{}}}", n + 1, n + 1)))
            .chain([("P40".to_owned(), "xxxxxxxx".to_owned())])
            .collect();
        let fault = Grok::parse("%{P0}", &own).unwrap_err();
        assert!(fault.why.contains("grows beyond"), "{}", fault.why);
    }
}
