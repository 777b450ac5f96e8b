//! `GET /_tasks`: which tasks run.

use super::Task;
use crate::cluster::names;
use crate::cluster::nodes::{address, is_named, roles};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::response::Response;
use serde_json::{Value, json};

/// What a request that lists tasks is called among them.
pub(crate) const LISTING: &str = "cluster:monitor/tasks/lists";

/// The number of the request that lists tasks, itself the only task that runs; none where it does not ask for its own
/// kind. Nothing runs on when a request is answered.
pub(crate) fn listing(task: &Task<'_>) -> Option<u64> {
    let query = &task.parsed.route.query;
    let wants = |list: &str, found: &dyn Fn(&str) -> bool| {
        query.list(list).is_none_or(|list| list.into_iter().any(found))
    };
    let runs = wants("actions", &|pattern| names::matches(pattern, LISTING))
        && wants("nodes", &|node| is_named(task, node))
        && query.get("parent_task_id").is_none();
    runs.then(|| task.engine.tasks.number())
}

/// `GET /_tasks`.
pub(crate) fn list(task: &Task<'_>) -> Answer {
    let flavor = task.parsed.route.flavor;
    let number = listing(task);
    let own = number.map(|number| {
        let mut told = json!({
            "node": crate::NODE_ID, "id": number, "type": "transport", "action": LISTING,
            "start_time_in_millis": task.now.as_millisecond(), "running_time_in_nanos": 0,
            "cancellable": false,
        });
        if let (Flavor::OpenSearch219, Some(told)) = (flavor, told.as_object_mut()) {
            told.insert("cancelled".into(), false.into());
        }
        if let Some(told) = told.as_object_mut() {
            told.insert("headers".into(), json!({}));
        }
        (format!("{}:{number}", crate::NODE_ID), told)
    });
    let tasks = || Value::Object(own.clone().into_iter().collect());
    let listed = match task.parsed.route.query.get("group_by") {
        None | Some("nodes") if own.is_none() => json!({"nodes": {}}),
        None | Some("nodes") => {
            let (address, host) = address(task);
            json!({"nodes": {crate::NODE_ID: {
                "name": crate::NODE_NAME, "transport_address": address, "host": host, "ip": address,
                "roles": roles(task), "tasks": tasks(),
            }}})
        }
        Some("parents") => json!({"tasks": tasks()}),
        Some("none") => json!({"tasks": own.into_iter().map(|(_, told)| told).collect::<Vec<_>>()}),
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "[group_by] must be one of [nodes], [parents] or [none] but was [{other}]"
            )));
        }
    };
    Ok(Response::json(200, &listed))
}
