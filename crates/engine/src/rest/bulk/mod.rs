//! The lines of `_bulk`: an action with its metadata, then (but for `delete`) its source.
//!
//! Source: `BulkRequestParser` of Elasticsearch 7.10 and OpenSearch 2.19; its error texts are kept. One deviation, on
//! the safe side: an action whose source line is missing at the end of the body is refused instead of dropped.

mod pieces;

use super::json::{JsonMemory, token};
use super::{Flavor, Json, Route};
use crate::exception::Exception;
use crate::limits::ITEMS_MAX;
use crate::work::Work;
use bytes::Bytes;
use serde_json::{Map, Value};

pub use pieces::BulkPieces;

/// What a `_bulk` item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAction {
    /// Puts the document, whether or not it is there.
    Index,
    /// Puts the document, which must not be there.
    Create,
    /// Changes parts of the document.
    Update,
    /// Removes the document.
    Delete,
}

impl BulkAction {
    /// Its name, as in the action line and in the answer's items.
    pub fn name(self) -> &'static str {
        match self {
            BulkAction::Index => "index",
            BulkAction::Create => "create",
            BulkAction::Update => "update",
            BulkAction::Delete => "delete",
        }
    }
}

/// One item of a `_bulk` body, with the defaults of the URL filled in.
#[derive(Clone, Debug)]
pub struct BulkItem {
    /// What it does.
    pub action: BulkAction,
    /// The index or alias it names.
    pub index: String,
    /// The document's id; `None` lets the engine choose one. May be empty: that fails the item.
    pub id: Option<String>,
    /// The name of its type; `None` on OpenSearch.
    pub type_name: Option<String>,
    /// The metadata of the action line beside index and id: `routing`, `version`, `if_seq_no`, `pipeline` …
    pub metadata: Map<String, Value>,
    /// Whether the name must be an alias.
    pub require_alias: bool,
    /// The source line; `None` for `delete`. A line that is not JSON fails the item, not the request.
    pub source: Option<Result<Json, Exception>>,
    /// Of `metadata`.
    _memory: JsonMemory,
}

/// The keys an action line may have.
const METADATA: &[&str] = &[
    "_index",
    "_id",
    "routing",
    "op_type",
    "version",
    "version_type",
    "retry_on_conflict",
    "if_seq_no",
    "if_primary_term",
    "pipeline",
    "_source",
    "require_alias",
];

/// Reads the lines of `body`, with the defaults of `route`'s URL.
pub(super) fn read(route: &Route, body: &Bytes, work: &Work) -> Result<Vec<BulkItem>, Exception> {
    if !body.ends_with(b"\n") {
        return Err(unterminated());
    }
    let mut lines = BodyLines::of(body);
    let mut items = Vec::new();
    while let Some(item) = next_item(route, &mut lines, items.len(), work)? {
        items.push(item);
    }
    if items.is_empty() {
        return Err(no_requests());
    }
    Ok(items)
}

/// Where the lines of a body come from, numbered from 1, without their line ends.
trait Lines {
    fn next_line(&mut self) -> Result<Option<(usize, Bytes)>, Exception>;
}

impl Lines for BodyLines<'_> {
    fn next_line(&mut self) -> Result<Option<(usize, Bytes)>, Exception> {
        Ok(self.next())
    }
}

/// The next item, if there is one; `before`: items that were read already.
fn next_item(
    route: &Route,
    lines: &mut impl Lines,
    before: usize,
    work: &Work,
) -> Result<Option<BulkItem>, Exception> {
    let (number, line) = loop {
        match lines.next_line()? {
            Some((_, line)) if line.iter().all(u8::is_ascii_whitespace) => {}
            Some(line) => break line,
            None => return Ok(None),
        }
    };
    work.check()?;
    if before == ITEMS_MAX {
        return Err(Exception::illegal_argument(format!(
            "more than {ITEMS_MAX} items in one request"
        )));
    }
    let mut item = action_line(route, number, line, work)?;
    if item.action != BulkAction::Delete {
        let (_, source) = lines.next_line()?.ok_or_else(|| {
            Exception::illegal_argument(format!(
                "Malformed action/metadata line [{number}], its source line is missing"
            ))
        })?;
        let source = document(source, work).map_err(|fault| fault.placed(None, route.flavor));
        item.source = Some(source);
        work.check()?;
    }
    Ok(Some(item))
}

fn unterminated() -> Exception {
    Exception::illegal_argument("The bulk request must be terminated by a newline [\\n]")
}

fn no_requests() -> Exception {
    Exception::validation(&["no requests added"])
}

fn document(line: Bytes, work: &Work) -> Result<Json, Exception> {
    let failed = |cause| Exception::mapper_parsing("failed to parse").caused_by(cause);
    let json = Json::read_within(line, work).map_err(failed)?;
    if !json.value.is_object() {
        return Err(failed(Exception::parsing(format!(
            "Expected [START_OBJECT] but found [{}]",
            token(&json.value)
        ))));
    }
    Ok(json)
}

fn action_line(
    route: &Route,
    number: usize,
    line: Bytes,
    work: &Work,
) -> Result<BulkItem, Exception> {
    let malformed = |what: String| {
        Exception::illegal_argument(format!("Malformed action/metadata line [{number}], {what}"))
    };
    let (value, memory) = Json::read_within(line, work)?.into_value();
    let object = match value {
        Value::Object(object) => object,
        other => {
            return Err(malformed(format!("expected START_OBJECT but found [{}]", token(&other))));
        }
    };
    let mut entries = object.into_iter();
    let Some((name, metadata)) = entries.next() else {
        return Err(malformed("expected FIELD_NAME but found [END_OBJECT]".to_owned()));
    };
    if entries.next().is_some() {
        return Err(malformed("expected END_OBJECT but found [FIELD_NAME]".to_owned()));
    }
    let action = match name.as_str() {
        "index" => BulkAction::Index,
        "create" => BulkAction::Create,
        "update" => BulkAction::Update,
        "delete" => BulkAction::Delete,
        other => {
            return Err(malformed(format!(
                "expected one of [create, delete, index, update] but found [{other}]"
            )));
        }
    };
    let Value::Object(metadata) = metadata else {
        return Err(malformed(format!(
            "expected START_OBJECT or END_OBJECT but found [{}]",
            token(&metadata)
        )));
    };
    let item = item(route, number, action, metadata)?;
    // What is short is not held, for each of many items.
    let memory = if item.metadata.is_empty() { JsonMemory::default() } else { memory };
    Ok(BulkItem { _memory: memory, ..item })
}

fn item(
    route: &Route,
    number: usize,
    action: BulkAction,
    mut metadata: Map<String, Value>,
) -> Result<BulkItem, Exception> {
    let typed = route.flavor == Flavor::Elasticsearch710;
    for (key, value) in &metadata {
        let fault = if !(METADATA.contains(&key.as_str()) || typed && key == "_type") {
            "contains an unknown parameter"
        } else if key != "_source" && (value.is_array() || value.is_object()) {
            "expected a simple value for field"
        } else {
            continue;
        };
        return Err(Exception::illegal_argument(format!(
            "Action/metadata line [{number}] {fault} [{key}]"
        )));
    }
    let action = match (action, metadata.get("op_type").and_then(Value::as_str)) {
        (BulkAction::Index, Some("create")) => BulkAction::Create,
        (BulkAction::Index | BulkAction::Create, _) => action,
        (_, None) => action,
        (_, Some(op_type)) => {
            return Err(Exception::illegal_argument(format!(
                "opType must be 'create' or 'index', found: [{op_type}]"
            )));
        }
    };
    let named = text(metadata.shift_remove("_index"));
    if named.is_some() && !route.explicit_index {
        return Err(Exception::illegal_argument("explicit index in bulk is not allowed"));
    }
    let index = named
        .or_else(|| route.part("index").map(str::to_owned))
        .ok_or_else(|| Exception::validation(&["index is missing"]))?;
    let id = text(metadata.shift_remove("_id"));
    let type_name = type_name(route, metadata.shift_remove("_type"))?;
    let require_alias = match metadata.get("require_alias") {
        Some(Value::Bool(required)) => *required,
        _ => route.query.flag("require_alias", false)?,
    };
    for name in ["routing", "pipeline", "_source"] {
        if let (false, Some(value)) = (metadata.contains_key(name), route.query.get(name)) {
            metadata.insert(name.to_owned(), value.into());
        }
    }
    if matches!(action, BulkAction::Update | BulkAction::Delete) && id.is_none() {
        return Err(Exception::validation(&["id is missing"]));
    }
    // Of what was taken out nothing is held, for each of many items.
    let metadata = if metadata.is_empty() { Map::new() } else { metadata };
    let memory = JsonMemory::default();
    Ok(BulkItem {
        action,
        index,
        id,
        type_name,
        metadata,
        require_alias,
        source: None,
        _memory: memory,
    })
}

/// The type of an item that names `own`; the parameter `type` and the path say it for those that name none.
fn type_name(route: &Route, own: Option<Value>) -> Result<Option<String>, Exception> {
    let Some(of_path) = route.type_name() else { return Ok(None) };
    let of_url = || route.query.get("type").unwrap_or(of_path).to_owned();
    let named = text(own).unwrap_or_else(of_url);
    if named.is_empty() {
        return Err(Exception::validation(&["type is missing"]));
    }
    Ok(Some(named))
}

/// Elasticsearch takes numbers and booleans where it wants text.
pub(super) fn text(value: Option<Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// The lines of an NDJSON body, numbered from 1, without their line ends; cut, never copied.
pub(super) struct BodyLines<'a> {
    body: &'a Bytes,
    from: usize,
    number: usize,
}

impl<'a> BodyLines<'a> {
    pub(super) fn of(body: &'a Bytes) -> BodyLines<'a> {
        BodyLines { body, from: 0, number: 0 }
    }
}

impl Iterator for BodyLines<'_> {
    type Item = (usize, Bytes);

    fn next(&mut self) -> Option<(usize, Bytes)> {
        let rest = self.body.get(self.from..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = self.body.slice(self.from..self.from + length);
        self.from += length + 1;
        self.number += 1;
        let line = match line.strip_suffix(b"\r") {
            Some(shorter) => line.slice(..shorter.len()),
            None => line,
        };
        Some((self.number, line))
    }
}

#[cfg(test)]
mod tests;
