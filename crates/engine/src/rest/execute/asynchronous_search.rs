//! `_plugins/_asynchronous_search`: OpenSearch's asynchronous searches. They run and are kept as those of `_async_search`, and are told in
//! the plugin's shape.
//!
//! Source: OpenSearch 2.19 documentation, "Asynchronous search".

use serde_json::{Value, json};

use super::{Task, async_search};
use crate::engine::Answer;

/// How long an answer is kept unless it is said: twelve hours.
const KEEP_ALIVE_MILLISECONDS: u64 = 12 * 60 * 60 * 1000;

/// The least that can be said.
const KEEP_ALIVE_MIN_MILLISECONDS: u64 = 60 * 1000;

/// `POST /_plugins/_asynchronous_search`.
pub(crate) fn submit(task: &Task<'_>) -> Answer {
    let counts = task.engine.searches.asynchronous();
    counts.submitted.one();
    let run = async_search::submitted(task, KEEP_ALIVE_MILLISECONDS, KEEP_ALIVE_MIN_MILLISECONDS);
    match &run {
        Ok(_) => counts.completed.one(),
        Err(_) => counts.failed.one(),
    }
    let (id, result) = run?;
    if id.is_some() {
        counts.kept.one();
    }
    async_search::printed(task, id.as_deref(), json!({"state": "SUCCEEDED"}), &result)
}

/// `GET /_plugins/_asynchronous_search/{id}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let (id, result) = async_search::kept(task, KEEP_ALIVE_MIN_MILLISECONDS)?;
    async_search::printed(task, Some(id), json!({"state": "STORE_RESIDENT"}), &result)
}

/// `DELETE /_plugins/_asynchronous_search/{id}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    async_search::delete(task)
}

/// `GET /_plugins/_asynchronous_search/stats`. None runs when a request is answered, and none is turned away before it is read.
pub(crate) fn stats(task: &Task<'_>) -> Answer {
    let counts = task.engine.searches.asynchronous();
    let submitted = counts.submitted.get();
    let told = json!({
        "submitted": submitted, "initialized": submitted, "search_failed": counts.failed.get(),
        "search_completed": counts.completed.get(), "rejected": 0, "persist_failed": 0,
        "cancelled": 0, "running_current": 0, "persisted": counts.kept.get(),
    });
    let mut nodes = serde_json::Map::new();
    nodes.insert(crate::NODE_ID.to_owned(), json!({"asynchronous_search_stats": told}));
    let cluster = &task.engine.settings.cluster_name;
    let counted = json!({"total": 1, "successful": 1, "failed": 0});
    let answer: Value = json!({"_nodes": counted, "cluster_name": cluster, "nodes": nodes});
    task.json(200, &answer)
}
