//! `regexp`: terms that a regular expression of Lucene's matches as a whole.

use std::sync::Arc;

use serde_json::Value;

use super::lower::{Lowered, Lowering};
use super::options::{Options, QueryBody, one_field, scalar};
use super::rewrite::MultiTermWords;
use super::term_set::TermAcceptor;
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::lucene_regexp::{ALL, LuceneRegexp, RegexpOptions, STATES_DEFAULT, read_flags};

/// Longest expression where no index is known whose `index.max_regex_length` says otherwise.
pub(crate) const REGEX_LENGTH_DEFAULT: u64 = 1_000;

/// A `regexp` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Regexp {
    /// The field.
    pub(crate) field: String,
    /// The expression.
    pub(crate) value: String,
    /// Which operators mean something.
    pub(crate) flags: u32,
    /// Whether letter case counts.
    pub(crate) case_insensitive: bool,
    /// How many states its automaton may have.
    pub(crate) states_max: usize,
    /// How the terms are run and scored.
    pub(crate) rewrite: Option<String>,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("regexp", value)?;
    match body {
        QueryBody::Short(value) => {
            let value = scalar("regexp", &field, value)?;
            Ok(Query::of(Regexp::new(field, value, None)))
        }
        QueryBody::Long(options) => {
            let Some(value) = options.text("value")? else {
                return Err(Exception::illegal_argument("value cannot be null"));
            };
            let states_max = options.count("max_determinized_states")?;
            let states_max = states_max.map_or(STATES_DEFAULT, |most| most as usize);
            let flags = flags_of(&options)?;
            let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
            let rewrite = options.text("rewrite")?;
            let regexp = Regexp { field, value, flags, case_insensitive, states_max, rewrite };
            Query::with(regexp, &options)
        }
    }
}

impl Regexp {
    /// With every operator.
    pub(super) fn new(field: String, value: String, rewrite: Option<String>) -> Regexp {
        let states_max = STATES_DEFAULT;
        Regexp { field, value, flags: ALL, case_insensitive: false, states_max, rewrite }
    }

    fn compiled(&self, lowering: &Lowering<'_>) -> Result<LuceneRegexp, Exception> {
        check_length(&self.value, lowering.settings.max_regex_length)?;
        let options = RegexpOptions {
            flags: self.flags,
            case_insensitive: self.case_insensitive,
            classes: lowering.flavor() == Flavor::OpenSearch219,
        };
        LuceneRegexp::new(&self.value, options, self.states_max)
    }
}

/// Whether a term matches. What that takes is counted as long as somebody may ask.
fn accept(expression: LuceneRegexp, lowering: &Lowering<'_>) -> Result<TermAcceptor, Exception> {
    lowering.work.check()?;
    let held = lowering.work.budget.take(expression.bytes(), "<regexp>")?;
    Ok(Arc::new(move |term| {
        let _ = &held;
        expression.is_match(term)
    }))
}

impl QueryClause for Regexp {
    fn is_multi_term(&self) -> bool {
        true
    }

    fn expansions(&self, lowering: &Lowering<'_>) -> Result<(String, Vec<String>), Exception> {
        let expression = self.compiled(lowering).map_err(|cause| lowering.failed(cause))?;
        let accept = accept(expression, lowering)?;
        lowering.expanded("regexp", &self.field, "", Some(&accept))
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let text = format!("{}:/{}/", self.field, self.value);
        let words = MultiTermWords { kind: "RegexpQuery", text };
        let expression = self.compiled(lowering).map_err(|cause| lowering.failed(cause))?;
        let accept = accept(expression, lowering)?;
        let prefix =
            if self.case_insensitive { String::new() } else { literal_prefix(&self.value) };
        let terms = (prefix.as_str(), Some(accept));
        lowering.multi_term("regexp", &self.field, terms, self.rewrite.as_deref(), words)
    }

    fn is_composite(&self) -> bool {
        self.rewrite.is_some()
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            let accept = accept(self.compiled(sought.lowering)?, sought.lowering)?;
            sought.accepted(accept);
        }
        Ok(())
    }
}

/// The flags of the options of a query.
fn flags_of(options: &Options<'_>) -> Result<u32, Exception> {
    let named = options.get("flags").map(|flags| scalar("regexp", "flags", flags));
    let flags = named.transpose()?.map_or(Ok(ALL), |flags| read_flags(&flags))?;
    Ok(options.count("flags_value")?.unwrap_or(flags))
}

/// An expression of at most `most` characters, of which a whole term must match.
pub(crate) fn compile(
    expression: &str,
    case_insensitive: bool,
    most: u64,
) -> Result<LuceneRegexp, Exception> {
    check_length(expression, most)?;
    let options = RegexpOptions { flags: ALL, case_insensitive, classes: false };
    LuceneRegexp::new(expression, options, STATES_DEFAULT)
}

fn check_length(expression: &str, most: u64) -> Result<(), Exception> {
    let length = expression.chars().count();
    if length as u64 <= most {
        return Ok(());
    }
    Err(Exception::illegal_argument(format!(
        "The length of regex [{length}] used in the Regexp Query request has exceeded the allowed maximum of \
         [{most}]. This maximum can be set by changing the [index.max_regex_length] index level setting."
    )))
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
    fn a_literal_start_narrows_the_terms_looked_at() {
        assert_eq!(literal_prefix("abc.*"), "abc");
        assert_eq!(literal_prefix("abc*"), "ab");
        assert_eq!(literal_prefix("abc|d"), "");
    }
}
