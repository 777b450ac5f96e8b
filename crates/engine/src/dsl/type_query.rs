//! `type`: documents of a mapping type, of which there is one. OpenSearch does not have it any more.

use serde_json::Value;

use super::lower::{Lowered, Lowering, everything, nothing};
use super::options::Options;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::flavor::Flavor;

/// A `type` query.
#[derive(Debug)]
struct TypeQuery {
    name: String,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("type", value)?;
    for (key, _) in options.entries() {
        if !["value", "boost", "_name"].contains(&key.as_str()) {
            return Err(Exception::parsing(format!("[type] filter doesn't support [{key}]")));
        }
    }
    let Some(name) = options.text("value")? else {
        return Err(Exception::parsing(
            "[type] filter needs to be provided with a value for the type",
        ));
    };
    Query::with(TypeQuery { name }, &options)
}

impl QueryClause for TypeQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if lowering.flavor() == Flavor::OpenSearch219 {
            return Err(Exception::parsing("unknown query [type]"));
        }
        Ok(if lowering.is_type(&self.name) { everything() } else { nothing() })
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(lowering.is_type(&self.name))
    }
}
