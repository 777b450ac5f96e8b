//! The items of `_mget`: `docs` with an index each, or `ids` of the URL's index.

use super::bulk::text;
use super::json::{JsonMemory, token};
use super::{Api, Flavor, Json, Route};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::ITEMS_MAX;
use crate::work::Work;
use bytes::Bytes;
use serde_json::{Map, Value};
use std::sync::Arc;

/// One item of an `_mget` body, with the defaults of the URL filled in.
#[derive(Clone, Debug)]
pub struct MgetItem {
    /// The index or alias it names.
    pub index: String,
    /// The document's id.
    pub id: String,
    /// The name of its type, where one is named.
    pub type_name: Option<String>,
    /// What else it says: `routing`, `_source`, `stored_fields`, `version` …
    pub options: Map<String, Value>,
    /// What `parameters` says of all items of an `_mtermvectors`: what an item says itself goes before it.
    pub shared: Arc<Map<String, Value>>,
    /// Of what the body says.
    _memory: JsonMemory,
}

const OPTIONS: &[&str] =
    &["_index", "_id", "routing", "stored_fields", "version", "version_type", "_source"];

/// What an item of `_mtermvectors` may say besides.
const VECTOR_OPTIONS: &[&str] = &[
    "fields",
    "positions",
    "offsets",
    "payloads",
    "term_statistics",
    "termStatistics",
    "field_statistics",
    "fieldStatistics",
    "per_field_analyzer",
    "perFieldAnalyzer",
    "filter",
    "doc",
];

/// Reads the items of `body`. Errors in Elasticsearch's words; missing names and ids are gathered in one refusal.
pub(super) fn read(route: &Route, body: &Bytes, work: &Work) -> Result<Vec<MgetItem>, Exception> {
    let vectors = route.api == Api::Mtermvectors;
    let (value, memory) = match body.is_empty() && vectors {
        true => (Value::Object(Map::new()), JsonMemory::default()),
        false => Json::read_within(body.clone(), work)?.into_value(),
    };
    let Value::Object(body) = value else {
        return Err(Exception::parsing(format!(
            "unexpected token [{}], expected [START_OBJECT]",
            token(&value)
        )));
    };
    let mut items = Vec::new();
    let mut faults = Vec::new();
    let mut shared = Arc::default();
    for (key, list) in body {
        if vectors && key == "parameters" {
            shared = match list {
                Value::Object(parameters) => Arc::new(parameters),
                _ => Arc::default(),
            };
            continue;
        }
        let (true, Value::Array(list)) = (matches!(key.as_str(), "docs" | "ids"), list) else {
            return Err(Exception::parsing(format!(
                "unknown key [{key}] for a START_ARRAY, expected [docs] or [ids]"
            )));
        };
        if items.len() + list.len() > ITEMS_MAX {
            return Err(Exception::illegal_argument(format!(
                "more than {ITEMS_MAX} items in one request"
            )));
        }
        for entry in list {
            work.check()?;
            items.push(if key == "docs" {
                document(route, entry, &mut faults, items.len())?
            } else {
                id(route, entry, &mut faults, items.len())?
            });
        }
    }
    let of_url = if vectors { route.query.list("ids") } else { None };
    let names: Vec<String> = of_url.unwrap_or_default().into_iter().map(str::to_owned).collect();
    // The servers keep them in a set.
    for place in crate::value::java::hash_order(&names) {
        let Some(name) = names.get(place).cloned() else { continue };
        items.push(id(route, name.into(), &mut faults, items.len())?);
    }
    for item in &mut items {
        item._memory = memory.clone();
        item.shared = Arc::clone(&shared);
    }
    if items.is_empty() && vectors {
        return Err(Exception::validation(&["multi term vectors: no documents requested"]));
    }
    if items.is_empty() {
        return Err(Exception::validation(&["no documents to get"]));
    }
    if vectors {
        // Each item that is not whole takes the place of the one before it.
        faults.drain(..faults.len().saturating_sub(2));
    }
    if !faults.is_empty() {
        return Err(Exception::validation(&faults));
    }
    Ok(items)
}

fn document(
    route: &Route,
    entry: Value,
    faults: &mut Vec<String>,
    position: usize,
) -> Result<MgetItem, Exception> {
    let Value::Object(mut options) = entry else {
        return Err(Exception::illegal_argument("docs array element should include an object"));
    };
    let typed = route.flavor == Flavor::Elasticsearch710;
    for key in options.keys() {
        if route.api == Api::Mtermvectors && VECTOR_OPTIONS.contains(&key.as_str()) {
            continue;
        }
        if !(OPTIONS.contains(&key.as_str()) || typed && key == "_type") {
            return Err(unknown(route, key));
        }
    }
    let named = text(options.shift_remove("_index"));
    if named.is_some() && !route.explicit_index {
        return Err(Exception::illegal_argument("explicit index in multi get is not allowed"));
    }
    let index = named.or_else(|| route.part("index").map(str::to_owned));
    let id = text(options.shift_remove("_id"));
    if id.is_some() && options.contains_key("doc") {
        let reason = "failed to parse term vectors request. either [id] or [doc] can be specified, but not both!";
        return Err(Exception::new(ExceptionKind::ElasticsearchParse, reason));
    }
    let type_name = text(options.shift_remove("_type"));
    let item = checked(route, index, id, options, faults, position);
    let type_name = type_name.or_else(|| item.type_name.clone());
    Ok(MgetItem { type_name, ..item })
}

/// The refusal of a key that is none (`MultiGetRequest.parseDocuments`, `TermVectorsRequest.parseRequest`).
fn unknown(route: &Route, key: &str) -> Exception {
    let request = match route.api {
        Api::Mtermvectors => "term vectors",
        _ if key == "fields" => {
            return Exception::parsing(
                "Unsupported field [fields] used, expected [stored_fields] instead",
            );
        }
        _ => "multi get",
    };
    let reason = format!("failed to parse {request} request. unknown field [{key}]");
    Exception::new(ExceptionKind::ElasticsearchParse, reason)
}

fn id(
    route: &Route,
    entry: Value,
    faults: &mut Vec<String>,
    position: usize,
) -> Result<MgetItem, Exception> {
    if entry.is_array() || entry.is_object() {
        return Err(Exception::illegal_argument("ids array element should only contain ids"));
    }
    let index = route.part("index").map(str::to_owned);
    Ok(checked(route, index, text(Some(entry)), Map::new(), faults, position))
}

fn checked(
    route: &Route,
    index: Option<String>,
    id: Option<String>,
    options: Map<String, Value>,
    faults: &mut Vec<String>,
    position: usize,
) -> MgetItem {
    if route.api == Api::Mtermvectors {
        let missing = match (&index, &id) {
            (None, _) => Some("index is missing"),
            (_, None) if !options.contains_key("doc") => Some("id or doc is missing"),
            _ => None,
        };
        let place = || format!("at multi term vectors for doc {position}");
        faults.extend(missing.into_iter().flat_map(|what| [what.to_owned(), place()]));
    } else {
        if index.is_none() {
            faults.push(format!("index is missing for doc {position}"));
        }
        if id.is_none() {
            faults.push(format!("id is missing for doc {position}"));
        }
    }
    let type_name = route.part("type").map(str::to_owned);
    let (index, id) = (index.unwrap_or_default(), id.unwrap_or_default());
    MgetItem {
        index,
        id,
        type_name,
        options,
        shared: Arc::default(),
        _memory: JsonMemory::default(),
    }
}
