//! `StringEquals`, `StringEqualsIgnoreCase`, `StringLike` and their negations.
//!
//! Text compares byte by byte. Ignoring case is for ASCII letters: what other letters fold to
//! depends on the reader, and two readers must not disagree (decision 0020).

use super::ValueSyntax;
use crate::context::Context;
use crate::pattern::{Pattern, Syntax};
use crate::variables::Variable;

/// How text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
}

/// One value of the policy: a pattern, whose wildcards are literal unless the operator is `Like`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) pattern: Pattern,
}

impl Value {
    pub(crate) fn parse(
        text: &str,
        comparison: Comparison,
        syntax: ValueSyntax,
    ) -> Result<Value, String> {
        let pattern = Pattern::parse(
            text,
            Syntax {
                wildcards: comparison == Comparison::Like,
                variables: syntax.variables,
                fold: comparison == Comparison::EqualsIgnoreCase,
                domain: syntax.domain,
            },
        )?;
        Ok(Value { pattern })
    }

    pub(crate) fn matches(&self, seen: &str, context: &Context) -> bool {
        self.pattern.matches(seen, context)
    }

    /// Whether a text that begins with `start` may match.
    pub(crate) fn may_match_after(&self, start: &str) -> bool {
        self.pattern.may_match_after(start)
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pattern.variables()
    }
}
