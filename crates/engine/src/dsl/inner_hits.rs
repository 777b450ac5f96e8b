//! `inner_hits` of a query, as it was asked for: the search reads its options, whoever runs the query does not.

use serde_json::{Map, Value};

use super::Query;
use crate::exception::{Exception, ExceptionKind};

/// What `inner_hits` takes beside its name.
const KEYS: &[&str] = &[
    "_source",
    "collapse",
    "docvalue_fields",
    "explain",
    "fields",
    "from",
    "highlight",
    "script_fields",
    "seq_no_primary_term",
    "size",
    "sort",
    "stored_fields",
    "track_scores",
    "version",
];

/// The value of `inner_hits`.
#[derive(Clone, Debug)]
pub(crate) struct InnerHits {
    /// Under which name they are shown.
    pub(crate) name: Option<String>,
    /// The keys of a search body among its options.
    pub(crate) options: Map<String, Value>,
}

/// A query that shows what it joins.
pub(crate) struct InnerHitsOf<'a> {
    /// What is asked for; `None`: nothing, neither of it nor of what is inside it.
    pub(crate) definition: Option<&'a InnerHits>,
    pub(crate) source: InnerHitsSource<'a>,
    /// What the joined documents matched.
    pub(crate) query: &'a Query,
    /// Whether a join that the index does not have shows nothing.
    pub(crate) ignore_unmapped: bool,
}

/// What is joined.
pub(crate) enum InnerHitsSource<'a> {
    /// The nested objects at a path.
    Nested { path: &'a str },
    /// The children of this relation.
    Children { relation: &'a str },
    /// The parent, of this relation.
    Parent { relation: &'a str },
}

impl InnerHits {
    /// Reads the value of `inner_hits`, as far as its keys.
    ///
    /// # Errors
    /// `x_content_parse_exception` for a key that it does not take.
    pub(crate) fn parse(value: &Value) -> Result<InnerHits, Exception> {
        let Some(object) = value.as_object() else {
            return Err(Exception::parsing("[inner_hits] Expected START_OBJECT"));
        };
        let (mut name, mut options) = (None, Map::new());
        for (key, value) in object {
            match key.as_str() {
                "name" => name = crate::value::scalar::text(value),
                // Says the same as the option of the query that it belongs to.
                "ignore_unmapped" => {}
                known if KEYS.contains(&known) => drop(options.insert(key.clone(), value.clone())),
                unknown => {
                    let reason = format!("[inner_hits] unknown field [{unknown}]");
                    return Err(Exception::new(ExceptionKind::XContentParse, reason).at_key(value));
                }
            }
        }
        options.entry("size").or_insert_with(|| 3.into());
        Ok(InnerHits { name, options })
    }
}

/// The queries in `query` that show what they join. What is inside one that shows nothing shows nothing either.
pub(crate) fn found_in<'a>(query: &'a Query, found: &mut Vec<(InnerHitsOf<'a>, &'a InnerHits)>) {
    match query.clause.inner_hits() {
        Some(of) => {
            if let Some(definition) = of.definition {
                found.push((of, definition));
            }
        }
        None => query.clause.children().into_iter().for_each(|child| found_in(child, found)),
    }
}
