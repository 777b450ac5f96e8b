//! `_ingest/pipeline` and `_ingest/processor/grok`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::grok;
use super::pipeline::Pipeline;
use crate::engine::Answer;
use crate::response::Response;
use crate::rest::execute::{Task, acknowledged};

/// `PUT /_ingest/pipeline/{id}`.
pub(crate) fn put(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    let flavor = task.engine.flavor();
    Pipeline::parse(id, task.body(), flavor)?.check(task.work)?;
    task.engine
        .indices
        .change(|metadata| Arc::make_mut(&mut metadata.pipelines).put(id, task.body(), flavor))?;
    acknowledged()
}

/// `GET /_ingest/pipeline/{id}`: not found where the URL names nothing that is there; without a name also where there is none.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let named = task.parsed.route.part("id");
    let patterns: Vec<&str> = named.into_iter().flat_map(|list| list.split(',')).collect();
    let found = task.metadata.pipelines.named(&patterns);
    let status = if found.is_empty() { 404 } else { 200 };
    task.json(status, &Value::Object(found))
}

/// `DELETE /_ingest/pipeline/{id}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    task.engine.indices.change(|metadata| Arc::make_mut(&mut metadata.pipelines).remove(id))?;
    acknowledged()
}

/// `GET /_ingest/processor/grok`.
pub(crate) fn grok_patterns(task: &Task<'_>) -> Answer {
    task.parsed.route.query.flag("s", false)?;
    let mut patterns: Vec<(&str, &str)> = grok::stock().collect();
    patterns.sort_unstable();
    let patterns: Map<String, Value> =
        patterns.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    Ok(Response::json(200, &json!({"patterns": patterns})))
}
