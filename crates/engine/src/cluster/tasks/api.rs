//! `_tasks` and `_rethrottle`: what runs is listed, waited for, called off, and slowed down. Source: Elasticsearch 7.10, "Task
//! management API", `TransportTasksAction`, `TransportRethrottleAction`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Pace, RunningTask, is_shown, missing};
use crate::cluster::names;
use crate::cluster::nodes::{address, is_named, roles};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::rest::execute::Task;
use crate::value::time;

/// How long somebody waits for a task who does not say it.
const WAIT_MILLISECONDS: u64 = 30_000;

/// `GET /_tasks`.
pub(crate) fn list(task: &Task<'_>) -> Answer {
    let found = matching(task)?;
    answered(task, &found)
}

/// Tells of `found`, which have ended where that was asked for too.
fn answered(task: &Task<'_>, found: &[Arc<RunningTask>]) -> Answer {
    let told = told(task, found)?;
    match waited(task, found) {
        // Its node did not answer in time.
        Err(refusal) if refusal.kind() == ExceptionKind::Timeout => {
            let (address, _) = address(task);
            let (name, action) = (crate::NODE_NAME, "cluster:monitor/tasks/lists[n]");
            let cause = json!({
                "type": "receive_timeout_transport_exception",
                "reason": format!("[{name}][{address}][{action}] {}", refusal.reason()),
            });
            grouped(task, Vec::new(), vec![failed_node(crate::NODE_ID, cause)])
        }
        waited => waited.and_then(|()| grouped(task, told, Vec::new())),
    }
}

/// The tasks of a table: those that are asked for, which have ended where that was asked for too.
///
/// # Errors
/// As [`list`].
pub(crate) fn found(task: &Task<'_>) -> Result<Vec<Arc<RunningTask>>, Exception> {
    let found = matching(task)?;
    waited(task, &found)?;
    Ok(found)
}

/// The tasks that a listing asks for, as far as the caller may know of them.
///
/// # Errors
/// `illegal_argument_exception` for a parent that is no task's id.
fn matching(task: &Task<'_>) -> Result<Vec<Arc<RunningTask>>, Exception> {
    let query = &task.parsed.route.query;
    let wants = |list: &str, found: &dyn Fn(&str) -> bool| {
        query.list(list).is_none_or(|list| list.into_iter().any(found))
    };
    if !wants("nodes", &|node| is_named(task, node)) {
        return Ok(Vec::new());
    }
    let parent = query.get("parent_task_id").map(parts).transpose()?;
    let is_part = |running: &RunningTask| {
        parent.is_none_or(|(node, number)| {
            node == crate::NODE_ID && running.parent == u64::try_from(number).ok()
        })
    };
    let mut found = task.engine.tasks.running(&task.view.owner);
    found.retain(|running| {
        wants("actions", &|pattern| names::matches(pattern, running.action())) && is_part(running)
    });
    Ok(found)
}

/// How long `running` has been running, in milliseconds.
pub(crate) fn running_milliseconds(task: &Task<'_>, running: &RunningTask) -> u64 {
    task.engine.milliseconds_since(running.began)
}

/// `GET /_tasks/{task_id}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("task_id").unwrap_or_default();
    let (node, number) = parts(id)?;
    if node != crate::NODE_ID {
        return Err(missing(format!(
            "task [{id}] belongs to the node [{node}] which isn't part of the cluster and there is no record of the task"
        ))
        .caused_by(gone(id)));
    }
    let number = u64::try_from(number).map_err(|_| gone(id))?;
    if let Some(running) = running(task, number) {
        waited(task, std::slice::from_ref(&running))?;
        if finished(task, number).is_none() {
            let milliseconds = running_milliseconds(task, &running);
            let told = running.told(milliseconds, true, task.parsed.route.flavor);
            let ended = !task.engine.tasks.any_runs(&[number]);
            return task.json(200, &json!({"completed": ended, "task": told}));
        }
    }
    let found = finished(task, number).ok_or_else(|| gone(id))?;
    task.json(200, &found)
}

fn gone(id: &str) -> Exception {
    missing(format!("task [{id}] isn't running and hasn't stored its results"))
}

/// The task of this number, if it runs and the caller may know of it.
fn running(task: &Task<'_>, number: u64) -> Option<Arc<RunningTask>> {
    let running = task.engine.tasks.running(&task.view.owner);
    running.into_iter().find(|running| running.number == number)
}

/// What came of the task of this number, if it has ended and the caller may know of it.
fn finished(task: &Task<'_>, number: u64) -> Option<Value> {
    let table = task.engine.tasks.table();
    let shown = table.finished.iter().filter(|ended| is_shown(&ended.owner, &task.view.owner));
    let ended = shown.into_iter().find(|ended| ended.number == number)?;
    let (key, outcome) = &ended.outcome;
    let outcome: Value = serde_json::from_slice(outcome).unwrap_or_default();
    Some(json!({"completed": true, "task": ended.told, *key: outcome}))
}

/// `POST /_tasks/{task_id}/_cancel`, `POST /_tasks/_cancel`.
pub(crate) fn cancel(task: &Task<'_>) -> Answer {
    let mut found = match task.parsed.route.part("task_id") {
        None => matching(task)?,
        Some(id) => match one(task, id, "is not found")? {
            Ok(running) if !running.is_cancellable() => {
                let refusal = format!("task [{id}] doesn't support cancellation");
                let refusal = Exception::illegal_argument(refusal).item();
                return grouped(task, Vec::new(), vec![failed_node(crate::NODE_ID, refusal)]);
            }
            Ok(running) => vec![running],
            Err(failure) => return grouped(task, Vec::new(), vec![failure]),
        },
    };
    found.retain(|running| running.is_cancellable());
    found.iter().for_each(|running| running.call_off(task.engine.tick(task.now)));
    answered(task, &found)
}

/// `POST /_reindex/{task_id}/_rethrottle` and its like.
pub(crate) fn rethrottle(task: &Task<'_>) -> Answer {
    let rate = task.parsed.route.query.get("requests_per_second");
    if rate.is_none() {
        return Err(Exception::illegal_argument("requests_per_second is a required parameter"));
    }
    let rate = Pace::parse(rate)?;
    let id = task.parsed.route.part("task_id").unwrap_or_default();
    let running = match one(task, id, "is missing")? {
        Ok(running) => running,
        Err(failure) => return grouped(task, Vec::new(), vec![failure]),
    };
    let Some(pace) = running.pace() else {
        let refusal = missing(format!("task [{id}] doesn't support this operation")).item();
        return grouped(task, Vec::new(), vec![failed_node(crate::NODE_ID, refusal)]);
    };
    pace.set(rate);
    let milliseconds = running_milliseconds(task, &running);
    let mut told = running.told(milliseconds, true, task.parsed.route.flavor);
    if let Some(status) = told.get_mut("status").and_then(Value::as_object_mut) {
        status.insert("requests_per_second".into(), pace.printed().into());
    }
    grouped(task, vec![(running, told)], Vec::new())
}

/// The task of this id that runs; or how its node failed to find it.
///
/// # Errors
/// `illegal_argument_exception` for what is no id.
fn one(task: &Task<'_>, id: &str, how: &str) -> Result<Result<Arc<RunningTask>, Value>, Exception> {
    let (node, number) = parts(id)?;
    if node != crate::NODE_ID {
        let cause = json!({
            "type": "no_such_node_exception", "reason": format!("No such node [{node}]"),
            "node_id": node,
        });
        return Ok(Err(failed_node(node, cause)));
    }
    let found = u64::try_from(number).ok().and_then(|number| running(task, number));
    Ok(found.ok_or_else(|| failed_node(node, missing(format!("task [{id}] {how}")).item())))
}

fn failed_node(node: &str, cause: Value) -> Value {
    json!({
        "type": "failed_node_exception", "reason": format!("Failed node [{node}]"), "node_id": node,
        "caused_by": cause,
    })
}

/// Waits, where the request says `wait_for_completion`, until `found` have ended.
///
/// # Errors
/// `timeout_exception`; `task_cancelled_exception`.
fn waited(task: &Task<'_>, found: &[Arc<RunningTask>]) -> Result<(), Exception> {
    let query = &task.parsed.route.query;
    if !query.flag("wait_for_completion", false)? {
        return Ok(());
    }
    let given = query.get("timeout").map(|text| time::milliseconds("timeout", text)).transpose()?;
    let left = Duration::from_millis(given.unwrap_or(WAIT_MILLISECONDS));
    // Whoever waits does not wait for itself.
    let own = task.running.map(|own| own.number);
    let numbers: Vec<u64> =
        found.iter().map(|running| running.number).filter(|number| Some(*number) != own).collect();
    if task.engine.tasks.wait(&numbers, left, task.work)? {
        return Ok(());
    }
    let what = match task.parsed.route.part("task_id") {
        Some(id) => format!("Timed out waiting for completion of [{id}]"),
        None => "timed out".to_owned(),
    };
    Err(Exception::new(ExceptionKind::Timeout, what))
}

type ToldTask = (Arc<RunningTask>, Map<String, Value>);

fn told(task: &Task<'_>, found: &[Arc<RunningTask>]) -> Result<Vec<ToldTask>, Exception> {
    let detailed = task.parsed.route.query.flag("detailed", false)?;
    let told = found.iter().map(|running| {
        task.work.check()?;
        let milliseconds = running_milliseconds(task, running);
        let told = running.told(milliseconds, detailed, task.parsed.route.flavor);
        Ok((Arc::clone(running), told))
    });
    told.collect()
}

/// Tasks by node, by parent, or one after the other.
fn grouped(task: &Task<'_>, told: Vec<ToldTask>, failures: Vec<Value>) -> Answer {
    let mut answer = Map::new();
    if !failures.is_empty() {
        answer.insert("node_failures".into(), failures.into());
    }
    match task.parsed.route.query.get("group_by") {
        None | Some("nodes") => {
            let mut nodes = Map::new();
            if !told.is_empty() {
                let tasks: Map<String, Value> =
                    told.into_iter().map(|(of, told)| (of.id(), told.into())).collect();
                let (address, host) = address(task);
                let node = json!({
                    "name": crate::NODE_NAME, "transport_address": address, "host": host,
                    "ip": address, "roles": roles(task), "tasks": tasks,
                });
                nodes.insert(crate::NODE_ID.into(), node);
            }
            answer.insert("nodes".into(), nodes.into());
        }
        Some("parents") => drop(answer.insert("tasks".into(), by_parent(told).into())),
        Some("none") => {
            let all: Vec<Value> = told.into_iter().map(|(_, told)| told.into()).collect();
            answer.insert("tasks".into(), all.into());
        }
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "[group_by] must be one of [nodes], [parents] or [none] but was [{other}]"
            )));
        }
    }
    task.json(200, &answer.into())
}

/// Each task with its parts; what is a part of none of these stands by itself.
fn by_parent(told: Vec<ToldTask>) -> Map<String, Value> {
    let numbers: Vec<u64> = told.iter().map(|(of, _)| of.number).collect();
    let (mut roots, mut parts) = (Map::new(), BTreeMap::<u64, Vec<Value>>::new());
    // Parts are younger than what they are parts of, and are not parted again.
    for (of, told) in told.into_iter().rev() {
        let mut told = told;
        if let Some(parts) = parts.remove(&of.number) {
            told.insert("children".into(), parts.into());
        }
        match of.parent.filter(|parent| numbers.contains(parent)) {
            Some(parent) => parts.entry(parent).or_default().insert(0, told.into()),
            None => drop(roots.insert(of.id(), told.into())),
        }
    }
    roots
}

/// Node and number of a task's id.
fn parts(id: &str) -> Result<(&str, i64), Exception> {
    let malformed = || Exception::illegal_argument(format!("malformed task id {id}"));
    let (node, number) = id.rsplit_once(':').ok_or_else(malformed)?;
    Ok((node, number.parse().map_err(|_| malformed())?))
}
