//! Where the statements of a policy stand in its text, as simulations tell it.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Where a statement begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatementPosition {
    start: (usize, usize),
    end: (usize, usize),
}

#[derive(Deserialize)]
struct Document<'t> {
    #[serde(borrow, rename = "Statement")]
    statement: Option<&'t RawValue>,
}

/// The positions of the statements of `text`, in their order; none where it cannot be read.
pub(super) fn of(text: &str) -> Vec<StatementPosition> {
    let document: Result<Document<'_>, _> = serde_json::from_str(text);
    let Some(statement) = document.ok().and_then(|document| document.statement) else {
        return Vec::new();
    };
    let several: Result<Vec<&RawValue>, _> = serde_json::from_str(statement.get());
    let statements = several.unwrap_or_else(|_| vec![statement]);
    statements.into_iter().map(|statement| position(text, statement.get())).collect()
}

/// Lines and columns count from 1. As at Amazon, whose reader tells where it is behind a bracket, the column of the beginning is
/// that of the first character in the statement, and the end's is that behind it. Source: docs.aws.amazon.com, AWS CLI
/// reference, the examples of `simulate-custom-policy`.
fn position(text: &str, part: &str) -> StatementPosition {
    // `part` is a piece of `text`.
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let behind = |bytes: usize| {
        let before = text.get(..bytes).unwrap_or_default();
        let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    };
    StatementPosition { start: behind(start + 1), end: behind(start + part.len()) }
}

impl StatementPosition {
    /// `StartPosition` and `EndPosition`.
    pub(super) fn shown(&self) -> [(&'static str, Value); 2] {
        let shown = |(line, column): (usize, usize)| json!({"Line": line, "Column": column});
        [("StartPosition", shown(self.start)), ("EndPosition", shown(self.end))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_stands_where_amazons_examples_say() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
        assert_eq!(of(text), [StatementPosition { start: (1, 38), end: (1, 167) }]);
        let lines = "{\n \"Statement\": [\n  {\"Sid\": \"\u{e9}\"}, {\n  }]\n}";
        let found = of(lines);
        assert_eq!(found[0], StatementPosition { start: (3, 4), end: (3, 15) });
        assert_eq!(found[1], StatementPosition { start: (3, 18), end: (4, 4) });
        assert_eq!(of("no policy"), []);
    }
}
