//! Queries that documents hold (`percolator` fields), looked at before the document is written.

use serde_json::Value;

use crate::dsl;
use crate::exception::Exception;
use crate::index::Write;
use crate::mapping::Mapping;
use crate::mapping::parsed::failed_to_parse;
use crate::value::path::whole_at;

/// Refuses a document with a query that is none.
///
/// # Errors
/// `mapper_parsing_exception` because of what is wrong with the query.
pub(super) fn check(mapping: &Mapping, write: &Write) -> Result<(), Exception> {
    let (Write::Index { value: document, .. } | Write::Create { value: document, .. }) = write
    else {
        return Ok(());
    };
    for path in mapping.percolators() {
        for value in whole_at(document, path) {
            let one = |query: &Value| match query {
                // What is no object is refused with the rest of the document.
                Value::Object(object) if !object.is_empty() => {
                    dsl::parse(query).map(drop).map_err(failed_to_parse)
                }
                _ => Ok(()),
            };
            match value {
                Value::Array(queries) => queries.iter().try_for_each(one)?,
                query => one(query)?,
            }
        }
    }
    Ok(())
}
