//! `ids`: documents by `_id`.

use serde_json::Value;
use tantivy::query::TermSetQuery;

use super::lower::{Lowered, Lowering, leaf};
use super::options::{Options, scalar};
use super::{Query, QueryClause, TERMS_MAX};
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::fields;

/// An `ids` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ids {
    /// The ids.
    pub(crate) values: Vec<String>,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("ids", value)?;
    // Deprecated since mapping types went, and without effect.
    options.get("type");
    if let Some(null) = value.get("values").filter(|values| values.is_null()) {
        let reason = "[ids] values doesn't support values of type: VALUE_NULL";
        return Err(Exception::new(ExceptionKind::XContentParse, reason).at(null).of_the_query());
    }
    let values = match options.get("values") {
        // What is not given is no id.
        None => Vec::new(),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| scalar("ids", "values", value))
            .collect::<Result<Vec<_>, _>>()?,
        Some(value) => vec![scalar("ids", "values", value)?],
    };
    if values.len() > TERMS_MAX {
        return Err(Exception::illegal_argument(format!(
            "[ids] allows at most [{TERMS_MAX}] values"
        )));
    }
    Query::with(Ids { values }, &options).map_err(Exception::of_the_query)
}

impl Ids {
    /// The documents, whatever they score.
    fn matching(&self) -> Lowered {
        let terms = self.values.iter().map(|id| tantivy::Term::from_field_text(fields::ID, id));
        Box::new(TermSetQuery::new(terms.collect::<Vec<_>>()))
    }
}

impl QueryClause for Ids {
    fn lower(&self, _: &Lowering<'_>) -> Result<Lowered, Exception> {
        let mut ids: Vec<String> =
            self.values.iter().map(|id| format!("[{}]", super::term::encoded_id(id))).collect();
        ids.sort_unstable();
        let text = format!("_id:({})", ids.join(" "));
        Ok(leaf(self.matching(), "TermInSetQuery", text))
    }

    fn may_match(&self, _: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(!self.values.is_empty())
    }
}
