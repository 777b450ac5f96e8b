//! `regexp`: terms that a regular expression of Lucene's matches as a whole.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::lower::{Lowered, Lowering, leaf};
use super::options::{QueryBody, one_field, scalar};
use super::term_set::Accept;
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;

/// Longest expression where no index is known whose `index.max_regex_length` says otherwise.
pub(crate) const REGEX_LENGTH_DEFAULT: u64 = 1_000;

/// A `regexp` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Regexp {
    /// The field.
    pub(crate) field: String,
    /// The expression.
    pub(crate) value: String,
    /// Whether letter case counts.
    pub(crate) case_insensitive: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("regexp", value)?;
    match body {
        QueryBody::Short(value) => {
            let value = scalar("regexp", &field, value)?;
            Ok(Query::of(Regexp { field, value, case_insensitive: false }))
        }
        QueryBody::Long(options) => {
            let Some(value) = options.text("value")? else {
                return Err(Exception::illegal_argument("value cannot be null"));
            };
            super::prefix::only_constant(&options)?;
            // The states of an automaton are not what bounds the expressions here; any limit is kept.
            options.get("max_determinized_states");
            options.only("flags", &["ALL", "NONE", "all", "none"])?;
            let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
            Query::with(Regexp { field, value, case_insensitive }, &options)
        }
    }
}

impl Regexp {
    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let most = lowering.settings.max_regex_length;
        let expression = compile(&self.value, self.case_insensitive, most)
            .map_err(|cause| lowering.failed(cause))?;
        let accept: Accept = Arc::new(move |term| expression.is_match(term));
        let prefix =
            if self.case_insensitive { String::new() } else { literal_prefix(&self.value) };
        lowering.term_set("regexp", &self.field, &prefix, Some(accept))
    }
}

impl QueryClause for Regexp {
    fn is_multi_term(&self) -> bool {
        true
    }

    fn expansions(&self, lowering: &Lowering<'_>) -> Result<(String, Vec<String>), Exception> {
        let most = lowering.settings.max_regex_length;
        let expression = compile(&self.value, self.case_insensitive, most)
            .map_err(|cause| lowering.failed(cause))?;
        let accept: Accept = Arc::new(move |term| expression.is_match(term));
        lowering.expanded(&self.field, "", Some(&accept))
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let text = format!("{}:/{}/", self.field, self.value);
        Ok(leaf(self.matching(lowering)?, "RegexpQuery", text))
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            let longest = sought.lowering.settings.max_regex_length;
            let expression = compile(&self.value, self.case_insensitive, longest)?;
            sought.accepted(Arc::new(move |term| expression.is_match(term)));
        }
        Ok(())
    }
}

/// Lucene's syntax as ours, at most `most` characters: anchored, no classes by backslash; the operators `~ & @ < #` are refused by name.
pub(crate) fn compile(
    expression: &str,
    case_insensitive: bool,
    most: u64,
) -> Result<Regex, Exception> {
    compiled(expression, case_insensitive, most, "$")
}

/// As [`compile`], of which the beginning of a text must match.
pub(crate) fn compile_start(expression: &str, most: u64) -> Result<Regex, Exception> {
    compiled(expression, false, most, "")
}

fn compiled(
    expression: &str,
    case_insensitive: bool,
    most: u64,
    end: &str,
) -> Result<Regex, Exception> {
    let length = expression.chars().count();
    if length as u64 > most {
        return Err(Exception::illegal_argument(format!(
            "The length of regex [{length}] used in the Regexp Query request has exceeded the allowed maximum of \
             [{most}]. This maximum can be set by changing the [index.max_regex_length] index level setting."
        )));
    }
    let mut translated = String::from("^(?s:");
    let mut characters = expression.chars();
    let mut in_class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let literal = characters.next().unwrap_or('\\');
                translated.push_str(&regex::escape(&literal.to_string()));
            }
            '"' if !in_class => {
                let literal: String = characters.by_ref().take_while(|c| *c != '"').collect();
                translated.push_str(&regex::escape(&literal));
            }
            '~' | '&' | '@' | '<' | '#' if !in_class => {
                return Err(Exception::not_implemented(&format!(
                    "operator [{character}] of a regexp query"
                )));
            }
            '^' | '$' if !in_class => {
                translated.push('\\');
                translated.push(character);
            }
            '[' if in_class => translated.push_str("\\["),
            '&' | '~' => {
                translated.push('\\');
                translated.push(character);
            }
            other => {
                in_class = (in_class || other == '[') && other != ']';
                translated.push(other);
            }
        }
    }
    translated.push(')');
    translated.push_str(end);
    RegexBuilder::new(&translated)
        .case_insensitive(case_insensitive)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            Exception::illegal_argument(format!(
                "the expression [{expression}] cannot be used: {error}"
            ))
        })
}

/// The literal text every match starts with: letters and digits that no operator follows.
fn literal_prefix(expression: &str) -> String {
    if expression.contains('|') {
        return String::new();
    }
    let mut prefix: String = expression
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '/' | ':'))
        .collect();
    if expression
        .chars()
        .nth(prefix.chars().count())
        .is_some_and(|next| matches!(next, '*' | '?' | '{'))
    {
        prefix.pop();
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_term_must_match() {
        for (expression, term, wanted) in [
            ("ab.*", "abc", true),
            ("ab", "abc", false),
            ("a[0-9]+", "a12", true),
            (r"a\.b", "a.b", true),
            (r"a\d", "ad", true),
            ("\"a.b\"", "axb", false),
            ("^a", "^a", true),
            ("x|yz", "yz", true),
        ] {
            assert_eq!(
                compile(expression, false, REGEX_LENGTH_DEFAULT).unwrap().is_match(term),
                wanted,
                "{expression} {term}"
            );
        }
    }

    #[test]
    fn operators_that_are_not_built_are_refused_by_name() {
        assert!(compile("~abc", false, REGEX_LENGTH_DEFAULT).unwrap_err().reason().contains("[~]"));
    }

    #[test]
    fn a_literal_start_narrows_the_terms_looked_at() {
        assert_eq!(literal_prefix("abc.*"), "abc");
        assert_eq!(literal_prefix("abc*"), "ab");
        assert_eq!(literal_prefix("abc|d"), "");
    }
}
