//! `wildcard`: `*` for any characters, `?` for one, `\` before what is meant literally.

use std::sync::Arc;

use serde_json::Value;

use super::index_names::cased;
use super::lower::{Lowered, Lowering};
use super::options::{QueryBody, one_field, scalar};
use super::rewrite::MultiTermWords;
use super::term_set::TermAcceptor;
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::limits::WILDCARD_CHARACTERS_MAX;

/// A `wildcard` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wildcard {
    /// The field.
    pub(crate) field: String,
    /// The pattern.
    pub(crate) value: String,
    /// Whether letter case counts.
    pub(crate) case_insensitive: bool,
    /// How the terms are run and scored.
    pub(crate) rewrite: Option<String>,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("wildcard", value)?;
    match body {
        QueryBody::Short(value) => {
            let value = scalar("wildcard", &field, value)?;
            Ok(Query::of(Wildcard { field, value, case_insensitive: false, rewrite: None }))
        }
        QueryBody::Long(options) => {
            let old = options.text("wildcard")?;
            let Some(value) = options.text("value")?.or(old) else {
                let none = Exception::illegal_argument("value cannot be null");
                return Err(options.incomplete(super::prefix::EXPANDED, none));
            };
            let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
            let rewrite = options.text("rewrite")?;
            Query::with(Wildcard { field, value, case_insensitive, rewrite }, &options)
        }
    }
}

impl Wildcard {
    /// Of names of indices, in which `?` is itself.
    fn index_pattern(&self) -> String {
        cased(self.value.clone(), self.case_insensitive)
    }

    /// What every term begins with, and which of those terms match.
    fn terms(&self, lowering: &Lowering<'_>) -> Result<(String, TermAcceptor), Exception> {
        let characters = self.value.chars().count();
        if characters > WILDCARD_CHARACTERS_MAX {
            return Err(Exception::illegal_argument(format!(
                "[wildcard] the pattern has [{characters}] characters, but at most [{WILDCARD_CHARACTERS_MAX}] are allowed"
            )));
        }
        let value = match lowering.leaf(&self.field) {
            // Elasticsearch alone normalizes a pattern as the text was.
            Some(leaf) => match leaf.kind.get() {
                Some(text) if lowering.flavor() == Flavor::Elasticsearch710 => {
                    let analyzer = lowering.search_analyzer(text, false)?;
                    literals_through(&self.value, |literal| analyzer.normalize(literal))
                }
                _ => literals_through(&self.value, |literal| lowering.normalized(leaf, literal)),
            },
            None => self.value.clone(),
        };
        let value = if self.case_insensitive { value.to_lowercase() } else { value };
        let pattern = Pattern::new(&value);
        let prefix = if self.case_insensitive { String::new() } else { pattern.literal_prefix() };
        let case_insensitive = self.case_insensitive;
        let accept: TermAcceptor = Arc::new(move |term| {
            if case_insensitive {
                pattern.matches(&term.to_lowercase())
            } else {
                pattern.matches(term)
            }
        });
        Ok((prefix, accept))
    }
}

/// A pattern whose literal parts `change` has changed; what stands behind a backslash stays.
pub(super) fn literals_through(pattern: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut literal = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' | '\\' => {
                out.push_str(&change(&std::mem::take(&mut literal)));
                out.push(character);
                if character == '\\' {
                    out.extend(characters.next());
                }
            }
            other => literal.push(other),
        }
    }
    out.push_str(&change(&literal));
    out
}

impl QueryClause for Wildcard {
    fn is_multi_term(&self) -> bool {
        true
    }

    fn expansions(&self, lowering: &Lowering<'_>) -> Result<(String, Vec<String>), Exception> {
        let (prefix, accept) = self.terms(lowering)?;
        lowering.expanded("wildcard", &self.field, &prefix, Some(&accept))
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.field == "_index" {
            return Ok(lowering.index_named(&self.index_pattern()));
        }
        let text = format!("{}:{}", self.field, self.value);
        let words = MultiTermWords { kind: "WildcardQuery", text };
        let (prefix, accept) = self.terms(lowering)?;
        let terms = (prefix.as_str(), Some(accept));
        lowering.multi_term("wildcard", &self.field, terms, self.rewrite.as_deref(), words)
    }

    fn is_composite(&self) -> bool {
        self.rewrite.is_some()
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        match self.field.as_str() {
            "_index" => Ok(lowering.index_names().matches(&self.index_pattern())),
            field => Ok(lowering.is_mapped(field)),
        }
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            let pattern = Pattern::new(&self.value);
            sought.accepted(Arc::new(move |term| pattern.matches(term)));
        }
        Ok(())
    }
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
enum PatternStep {
    Any,
    One,
    Literal(char),
}

/// A compiled wildcard pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Vec<PatternStep>);

impl Pattern {
    /// Compiles `text`.
    pub(crate) fn new(text: &str) -> Pattern {
        let mut steps = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let step = match character {
                '*' => PatternStep::Any,
                '?' => PatternStep::One,
                '\\' => PatternStep::Literal(characters.next().unwrap_or('\\')),
                literal => PatternStep::Literal(literal),
            };
            if step != PatternStep::Any || steps.last() != Some(&PatternStep::Any) {
                steps.push(step);
            }
        }
        Pattern(steps)
    }

    /// The literal text that every match starts with.
    pub(crate) fn literal_prefix(&self) -> String {
        self.0
            .iter()
            .map_while(|step| match step {
                PatternStep::Literal(character) => Some(*character),
                _ => None,
            })
            .collect()
    }

    /// Whether the whole of `text` matches: at worst |pattern| × |text| steps.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (mut at, mut rest) = (0, text.chars());
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            match self.0.get(at) {
                Some(PatternStep::Any) => {
                    at += 1;
                    retry = Some((at, rest.clone()));
                    continue;
                }
                Some(step) => {
                    let mut ahead = rest.clone();
                    let character = ahead.next();
                    let fits = match step {
                        PatternStep::Literal(wanted) => character == Some(*wanted),
                        _ => character.is_some(),
                    };
                    if fits {
                        at += 1;
                        rest = ahead;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            // The last star takes one character more.
            let Some((after, mut from)) = retry.take() else { return false };
            if from.next().is_none() {
                return false;
            }
            (at, rest) = (after, from.clone());
            retry = Some((after, from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_as_in_lucene() {
        for (pattern, text, wanted) in [
            ("*", "", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*d", "abcbd", true),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            ("**x", "x", true),
            ("?", "ü", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_exponential_time() {
        let pattern = Pattern::new(&"*a".repeat(200));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5000))));
    }
}
