//! `_cluster/health`. Source: "Cluster health API" of Elasticsearch 7.10. One node holds one copy of each shard:
//! an index that wants replicas is yellow, and waiting for what cannot happen ends at once, as a timeout.

use super::metadata::IndexMetadata;
use crate::engine::Answer;
use crate::exception::Exception;
use crate::response::Response;
use crate::rest::execute::Task;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How well a set of indices is.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// `green`, or `yellow` where a copy is missing.
    pub status: &'static str,
    /// Shards that are there.
    pub primaries: u64,
    /// Copies that are asked for and have no node.
    pub unassigned: u64,
}

impl Health {
    /// The health of `indices`; closed ones count as open ones do.
    pub(crate) fn of<'a>(indices: impl Iterator<Item = &'a Arc<IndexMetadata>>) -> Health {
        let mut health = Health { status: "green", primaries: 0, unassigned: 0 };
        for index in indices {
            let shards = index.settings.count("number_of_shards", 1);
            health.primaries += shards;
            health.unassigned += shards * index.settings.count("number_of_replicas", 1);
        }
        if health.unassigned > 0 {
            health.status = "yellow";
        }
        health
    }

    /// Which part of the wanted shards is there, in percent.
    pub(crate) fn percent(&self) -> f64 {
        let wanted = self.primaries + self.unassigned;
        #[expect(clippy::cast_precision_loss, reason = "shards are few")]
        if wanted == 0 { 100.0 } else { self.primaries as f64 * 100.0 / wanted as f64 }
    }
}

/// `GET /_cluster/health/{index}`.
pub(crate) fn health(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let indices = match task.indices() {
        Ok(indices) => indices,
        // An index that is waited for and does not come: red, after the timeout.
        Err(_) if task.parsed.route.part("index").is_some() => return Ok(absent(task)),
        Err(error) => return Err(error),
    };
    let health = Health::of(indices.iter());
    let timed_out = !reached(task, &health)?;
    let mut answer = summary(task, &health, timed_out);
    let level = query.get("level").unwrap_or("cluster");
    if let ("indices" | "shards", Some(object)) = (level, answer.as_object_mut()) {
        let rows: Map<String, Value> = indices
            .iter()
            .map(|index| (index.name.clone(), row(index, level == "shards")))
            .collect();
        object.insert("indices".to_owned(), rows.into());
    }
    Ok(Response::json(if timed_out { 408 } else { 200 }, &answer))
}

fn summary(task: &Task<'_>, health: &Health, timed_out: bool) -> Value {
    let mut answer = json!({
        "cluster_name": task.engine.settings.cluster_name,
        "status": health.status,
        "timed_out": timed_out,
        "number_of_nodes": 1,
        "number_of_data_nodes": 1,
    });
    if let (crate::rest::Flavor::OpenSearch219, Some(object)) =
        (task.parsed.route.flavor, answer.as_object_mut())
    {
        object.insert("discovered_master".to_owned(), true.into());
        object.insert("discovered_cluster_manager".to_owned(), true.into());
    }
    let rest = json!({
        "active_primary_shards": health.primaries,
        "active_shards": health.primaries,
        "relocating_shards": 0,
        "initializing_shards": 0,
        "unassigned_shards": health.unassigned,
        "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0,
        "task_max_waiting_in_queue_millis": 0,
        "active_shards_percent_as_number": health.percent(),
    });
    if let (Some(object), Value::Object(rest)) = (answer.as_object_mut(), rest) {
        object.extend(rest);
    }
    answer
}

fn absent(task: &Task<'_>) -> Response {
    let health = Health { status: "red", primaries: 0, unassigned: 0 };
    Response::json(408, &summary(task, &health, true))
}

fn row(index: &Arc<IndexMetadata>, shards: bool) -> Value {
    let health = Health::of(std::iter::once(index));
    let mut row = json!({
        "status": health.status,
        "number_of_shards": index.settings.count("number_of_shards", 1),
        "number_of_replicas": index.settings.count("number_of_replicas", 1),
        "active_primary_shards": health.primaries,
        "active_shards": health.primaries,
        "relocating_shards": 0,
        "initializing_shards": 0,
        "unassigned_shards": health.unassigned,
    });
    if let (true, Some(object)) = (shards, row.as_object_mut()) {
        let replicas = index.settings.count("number_of_replicas", 1);
        let shard = json!({"status": health.status, "primary_active": true, "active_shards": 1,
            "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": replicas});
        let count = index.settings.count("number_of_shards", 1);
        let rows: Map<String, Value> = (0..count).map(|n| (n.to_string(), shard.clone())).collect();
        object.insert("shards".to_owned(), rows.into());
    }
    row
}

/// Whether what the request waits for is so.
fn reached(task: &Task<'_>, health: &Health) -> Result<bool, Exception> {
    let query = &task.parsed.route.query;
    let status = match query.get("wait_for_status") {
        None | Some("yellow" | "red" | "YELLOW" | "RED") => true,
        Some("green" | "GREEN") => health.status == "green",
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "unknown cluster health status [{other}]"
            )));
        }
    };
    let shards = match query.get("wait_for_active_shards") {
        None => true,
        Some("all") => health.unassigned == 0,
        Some(count) => count.parse().is_ok_and(|count: u64| count <= health.primaries),
    };
    let nodes = match query.get("wait_for_nodes") {
        None => true,
        Some(wanted) => nodes(wanted).ok_or_else(|| {
            Exception::illegal_argument(format!("cannot read wait_for_nodes [{wanted}]"))
        })?,
    };
    Ok(status && shards && nodes)
}

/// Whether one node satisfies `N`, `>=N`, `<=N`, `>N`, `<N`, `ge(N)` and its like.
fn nodes(wanted: &str) -> Option<bool> {
    let plain = wanted.trim_end_matches(')');
    type Holds = fn(u64) -> bool;
    let forms: [(&str, Holds); 8] = [
        (">=", |n| 1 >= n),
        ("<=", |n| 1 <= n),
        (">", |n| 1 > n),
        ("<", |n| 1 < n),
        ("ge(", |n| 1 >= n),
        ("le(", |n| 1 <= n),
        ("gt(", |n| 1 > n),
        ("lt(", |n| 1 < n),
    ];
    for (form, holds) in forms {
        if let Some(count) = plain.strip_prefix(form) {
            return count.parse().ok().map(holds);
        }
    }
    plain.parse().ok().map(|count: u64| count == 1)
}
