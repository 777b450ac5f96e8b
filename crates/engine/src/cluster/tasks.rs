//! `_tasks`: the requests that were answered with a task, and their results. A request runs to its end before it is
//! answered, so there is never one to list, to slow down or to call off; what came of it is kept for its owner, the last ones
//! only.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::TASK_RESULTS_MAX;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::view::CursorOwner;

/// The results of finished tasks.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    finished: VecDeque<(u64, std::sync::Arc<str>, FinishedTask)>,
}

/// A request that was answered with a task, and ended.
#[derive(Debug)]
pub(crate) struct FinishedTask {
    pub(crate) action: &'static str,
    pub(crate) description: String,
    /// When it began, in milliseconds since 1970.
    pub(crate) begun: i64,
    /// How long it took.
    pub(crate) milliseconds: u64,
    /// Its counts.
    pub(crate) status: Value,
    /// What the request would have been answered with.
    pub(crate) response: Value,
}

impl Tasks {
    /// The next number.
    pub(crate) fn number(&self) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        kept.last
    }

    /// Keeps the result of a task of `owner`; its number. Where there are too many, the oldest one goes of whoever has most.
    pub(crate) fn keep(&self, owner: &CursorOwner, task: FinishedTask) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let number = kept.last;
        kept.finished.push_back((number, std::sync::Arc::clone(&owner.id), task));
        if kept.finished.len() > TASK_RESULTS_MAX {
            let count =
                |owner: &str| kept.finished.iter().filter(|(_, of, _)| **of == *owner).count();
            let most =
                kept.finished.iter().map(|(_, of, _)| of).max_by_key(|of| count(of)).cloned();
            let oldest = kept.finished.iter().position(|(_, of, _)| Some(of) == most.as_ref());
            oldest.and_then(|at| kept.finished.remove(at));
        }
        number
    }

    /// The result of the task `number`, if it is `owner`'s.
    fn find(&self, number: u64, owner: &CursorOwner, flavor: Flavor) -> Option<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |(known, of, _): &&(u64, std::sync::Arc<str>, FinishedTask)| {
            *known == number && *of == owner.id
        };
        kept.finished.iter().find(own).map(|(_, _, task)| task.printed(number, flavor))
    }
}

impl FinishedTask {
    fn printed(&self, number: u64, flavor: Flavor) -> Value {
        let mut told = Map::new();
        told.insert("node".into(), crate::NODE_ID.into());
        told.insert("id".into(), number.into());
        told.insert("type".into(), "transport".into());
        told.insert("action".into(), self.action.into());
        told.insert("status".into(), self.status.clone());
        told.insert("description".into(), self.description.clone().into());
        told.insert("start_time_in_millis".into(), self.begun.into());
        told.insert(
            "running_time_in_nanos".into(),
            self.milliseconds.saturating_mul(1_000_000).into(),
        );
        told.insert("cancellable".into(), true.into());
        if flavor == Flavor::OpenSearch219 {
            told.insert("cancelled".into(), false.into());
        }
        told.insert("headers".into(), json!({}));
        json!({"completed": true, "task": told, "response": self.response})
    }
}

/// `GET /_tasks/{task_id}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("task_id").unwrap_or_default();
    let (node, number) = parts(id)?;
    let flavor = task.parsed.route.flavor;
    let owned = u64::try_from(number).ok().filter(|_| node == crate::NODE_ID);
    let found = owned.and_then(|number| task.engine.tasks.find(number, &task.view.owner, flavor));
    if let Some(found) = found {
        return task.json(200, &found);
    }
    let gone = missing(format!("task [{id}] isn't running and hasn't stored its results"));
    if node == crate::NODE_ID {
        return Err(gone);
    }
    Err(missing(format!(
        "task [{id}] belongs to the node [{node}] which isn't part of the cluster and there is no record of the task"
    ))
    .caused_by(gone))
}

/// `POST /_tasks/{task_id}/_cancel`: of tasks that have ended none is found.
pub(crate) fn cancel(task: &Task<'_>) -> Answer {
    match task.parsed.route.part("task_id") {
        None => Ok(Response::json(200, &json!({"nodes": {}}))),
        Some(id) => not_running(id, "is not found"),
    }
}

/// `POST /_reindex/{task_id}/_rethrottle` and its like.
pub(crate) fn rethrottle(task: &Task<'_>) -> Answer {
    if task.parsed.route.query.get("requests_per_second").is_none() {
        return Err(Exception::illegal_argument("requests_per_second is a required parameter"));
    }
    not_running(task.parsed.route.part("task_id").unwrap_or_default(), "is missing")
}

fn not_running(id: &str, how: &str) -> Answer {
    let (node, _) = parts(id)?;
    let cause = match node == crate::NODE_ID {
        true => missing(format!("task [{id}] {how}")).item(),
        false => json!({
            "type": "no_such_node_exception", "reason": format!("No such node [{node}]"), "node_id": node,
        }),
    };
    let failure = json!({
        "type": "failed_node_exception", "reason": format!("Failed node [{node}]"), "node_id": node,
        "caused_by": cause,
    });
    Ok(Response::json(200, &json!({"node_failures": [failure], "nodes": {}})))
}

/// Node and number of a task's id.
fn parts(id: &str) -> Result<(&str, i64), Exception> {
    let malformed = || Exception::illegal_argument(format!("malformed task id {id}"));
    let (node, number) = id.rsplit_once(':').ok_or_else(malformed)?;
    Ok((node, number.parse().map_err(|_| malformed())?))
}

fn missing(reason: String) -> Exception {
    Exception::new(ExceptionKind::ResourceNotFound, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> FinishedTask {
        FinishedTask {
            action: "indices:data/write/reindex",
            description: String::new(),
            begun: 0,
            milliseconds: 0,
            status: Value::Null,
            response: Value::Null,
        }
    }

    #[test]
    fn many_results_of_one_owner_push_out_nobody_elses() {
        let tasks = Tasks::default();
        let (quiet, noisy) = (CursorOwner::from("quiet"), CursorOwner::from("noisy"));
        let kept = tasks.keep(&quiet, ended());
        let first = tasks.keep(&noisy, ended());
        for _ in 0..TASK_RESULTS_MAX {
            tasks.keep(&noisy, ended());
        }
        let flavor = Flavor::Elasticsearch710;
        assert!(tasks.find(kept, &quiet, flavor).is_some());
        assert!(tasks.find(first, &noisy, flavor).is_none());
        assert!(tasks.find(kept, &noisy, flavor).is_none());
    }
}
