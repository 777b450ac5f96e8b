//! Documents that a query reads besides those it searches: terms lookup, indexed shapes, percolated and "like" documents.
//!
//! The whole body is walked, wherever queries may stand (aggregations, highlighters, rescorers): an object that looks
//! like a lookup is asked about even where the engine would not follow it. What is wrapped in Base64 is unwrapped.

use super::AskContext;
use super::asks::{Ask, Grant, OnDenial, RequestQuestions};
use super::search::members;
use engine::rest::unwrapped;
use serde_json::Value;

/// Asks `es:ESHttpGet …/x/_doc/ID` for every document that `body` looks up.
/// What becomes of the request, or of its item, is asked for only when there is one.
pub(super) fn lookups(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
    body: &Value,
    on_denial: impl FnOnce(&mut RequestQuestions) -> Option<OnDenial>,
) {
    let mut found = Vec::new();
    let mut wrapped = Vec::new();
    walk(body, &mut found, &mut wrapped);
    // Each is shorter than what it was wrapped in, so this ends; one after the other, so that nothing gets deep.
    while let Some(inside) = wrapped.pop() {
        if scene.work.check().is_err() {
            return;
        }
        walk(&inside, &mut found, &mut wrapped);
    }
    if found.is_empty() {
        return;
    }
    let Some(on_denial) = on_denial(asks) else { return };
    for (index, id) in found {
        // Whoever gathers the questions looks at the flag behind this.
        if scene.work.check().is_err() {
            return;
        }
        let ask = |name: &str| Ask { action: "es:ESHttpGet", path: format!("/{name}/_doc/{id}") };
        let Ok(named) = scene.catalog.single(&index) else {
            asks.touch([ask(&index)], Grant::Nothing, on_denial);
            continue;
        };
        asks.touch([ask(&named.name)], Grant::Nothing, on_denial);
        for index in &named.indices {
            let needs = [ask(&named.name), ask(index.name())];
            asks.touch(needs, Grant::Lookup(index.uuid()), on_denial);
        }
    }
}

/// Whether a query reads other documents.
pub(super) fn looks_up(query: &Value) -> bool {
    let (mut found, mut wrapped) = (Vec::new(), Vec::new());
    walk(query, &mut found, &mut wrapped);
    while let Some(inside) = wrapped.pop() {
        walk(&inside, &mut found, &mut wrapped);
    }
    !found.is_empty()
}

/// Every object that names an index and a document: `{"index":…,"id":…}` in `terms`, `indexed_shape` and `percolate`,
/// `{"_index":…,"_id":…}` in `like` and `unlike`. Bodies are at most `JSON_DEPTH_MAX` deep, and so is the recursion.
fn walk(value: &Value, found: &mut Vec<(String, String)>, wrapped: &mut Vec<Value>) {
    let text_at = |key: &str| value.get(key).and_then(text);
    if let (Some(index), Some(id)) = (text_at("index"), text_at("id")) {
        found.push((index, id));
    }
    if let Some(id) = value.get("indexed_shape").filter(|shape| shape.get("index").is_none()) {
        // An indexed shape that names no index is one of these.
        found.extend(id.get("id").and_then(text).map(|id| ("shapes".to_owned(), id)));
    }
    if let Some(index) = text_at("_index") {
        found.push((index, text_at("_id").unwrap_or_default()));
    }
    wrapped.extend(value.get("wrapper").and_then(unwrapped));
    for member in members(value) {
        walk(member, found, wrapped);
    }
}

/// A name or an id as a cluster reads it: numbers and booleans are text to it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
