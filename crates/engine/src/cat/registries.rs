//! Tables of templates, and of what is empty here: repositories, snapshots, tasks, plugins, caches. Their columns are those of
//! Elasticsearch 7.10.2 and OpenSearch 2.19.1.

use super::table::{CatColumn, NULL, print};
use super::{asked, shown, size};
use crate::cluster::nodes::address;
use crate::cluster::registries::Registry;
use crate::cluster::tasks::{RunningTask, api};
use crate::cluster::{info, names};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::index::FieldSizes;
use crate::rest::execute::{Task, stats};
use crate::snapshots::api as snapshot_api;
use crate::value::scalar::{list, plain};
use crate::value::time;
use crate::{NODE_ID, NODE_NAME};

const TEMPLATES: &[CatColumn] = &[
    shown("name", "n", false, "template name"),
    shown("index_patterns", "t", false, "template index patterns"),
    shown("order", "o,p", false, "template application order/priority number"),
    shown("version", "v", false, "version"),
    shown("composed_of", "c", false, "component templates comprising index template"),
];

const REPOSITORIES: &[CatColumn] = &[
    shown("id", "id,repoId", false, "unique repository id"),
    shown("type", "t,type", true, "repository type"),
];

const SNAPSHOTS: &[CatColumn] = &[
    shown("id", "id,snapshot", false, "unique snapshot"),
    shown("status", "s,status", true, "snapshot name"),
    shown("start_epoch", "ste,startEpoch", true, "start time in seconds since 1970-01-01 00:00:00"),
    shown("start_time", "sti,startTime", true, "start time in HH:MM:SS"),
    shown("end_epoch", "ete,endEpoch", true, "end time in seconds since 1970-01-01 00:00:00"),
    shown("end_time", "eti,endTime", true, "end time in HH:MM:SS"),
    shown("duration", "dur,duration", true, "duration"),
    shown("indices", "i,indices", true, "number of indices"),
    shown("successful_shards", "ss,successful_shards", true, "number of successful shards"),
    shown("failed_shards", "fs,failed_shards", true, "number of failed shards"),
    shown("total_shards", "ts,total_shards", true, "number of total shards"),
    asked("reason", "r,reason", false, "reason for failures"),
];

const TASKS: &[CatColumn] = &[
    asked("id", "", false, "id of the task with the node"),
    shown("action", "ac", false, "task action"),
    shown("task_id", "ti", false, "unique task id"),
    shown("parent_task_id", "pti", false, "parent task id"),
    shown("type", "ty", false, "task type"),
    shown("start_time", "start", false, "start time in ms"),
    shown("timestamp", "ts,hms,hhmmss", false, "start time in HH:MM:SS"),
    asked("running_time_ns", "time", false, "running time ns"),
    shown("running_time", "time", false, "running time"),
    asked("node_id", "ni", false, "unique node id"),
    shown("ip", "i", false, "ip address"),
    asked("port", "po", false, "bound transport port"),
    shown("node", "n", false, "node name"),
    asked("version", "v", false, "es version"),
    asked("x_opaque_id", "x", false, "X-Opaque-ID header"),
];

const PENDING_TASKS: &[CatColumn] = &[
    shown("insertOrder", "o", true, "task insertion order"),
    shown("timeInQueue", "t", true, "how long task has been in queue"),
    shown("priority", "p", false, "task priority"),
    shown("source", "s", false, "task source"),
];

const PLUGINS: &[CatColumn] = &[
    asked("id", "", false, "unique node id"),
    shown("name", "n", false, "node name"),
    shown("component", "c", false, "component"),
    shown("version", "v", false, "component version"),
    asked("description", "d", false, "plugin details"),
];

const FIELDDATA: &[CatColumn] = &[
    shown("id", "", false, "node id"),
    shown("host", "h", false, "host name"),
    shown("ip", "", false, "ip address"),
    shown("node", "n", false, "node name"),
    shown("field", "f", false, "field name"),
    shown("size", "s", true, "field data usage"),
];

/// `GET /_cat/templates/{name}`: those of an index, components are not listed.
pub(crate) fn templates(task: &Task<'_>) -> Answer {
    let asked = task.parsed.route.part("name");
    let mut rows = Vec::new();
    for kind in [Registry::LegacyTemplates, Registry::IndexTemplates] {
        for (name, template) in task.metadata.registries().entries(kind) {
            task.work.check()?;
            if asked.is_some_and(|asked| !names::matches(asked, name)) {
                continue;
            }
            let legacy = kind == Registry::LegacyTemplates;
            let list = |key: &str| template.get(key).map(list).unwrap_or_default().join(", ");
            let number = |key: &str| template.get(key).map(plain);
            let order = number(if legacy { "order" } else { "priority" });
            rows.push(vec![
                name.to_owned(),
                format!("[{}]", list("index_patterns")),
                order.unwrap_or_else(|| "0".to_owned()),
                number("version").unwrap_or_else(|| NULL.to_owned()),
                if legacy { String::new() } else { format!("[{}]", list("composed_of")) },
            ]);
        }
    }
    print(task, TEMPLATES, rows)
}

/// `GET /_cat/repositories`.
pub(crate) fn repositories(task: &Task<'_>) -> Answer {
    print(task, REPOSITORIES, snapshot_api::repositories_table(task))
}

/// `GET /_cat/tasks`.
pub(crate) fn tasks(task: &Task<'_>) -> Answer {
    let (address, host) = address(task);
    let port = address.rsplit(':').next().unwrap_or_default();
    let short = NODE_ID.get(..4).unwrap_or(NODE_ID);
    let detailed = task.parsed.route.query.flag("detailed", false)?;
    let row = |running: &RunningTask| {
        let (id, since) = (running.number.to_string(), running.since);
        let milliseconds = api::running_milliseconds(task, running);
        let parent = running.parent_id().unwrap_or_else(|| "-".to_owned());
        let mut row = [
            &id,
            running.action(),
            &running.id(),
            &parent,
            "transport",
            &since.as_millisecond().to_string(),
            &since.strftime("%H:%M:%S").to_string(),
            &milliseconds.saturating_mul(1_000_000).to_string(),
            &time::printed(milliseconds),
            short,
            host,
            port,
            NODE_NAME,
            info::version(task.parsed.route.flavor),
            running.opaque_id.as_deref().unwrap_or("-"),
        ]
        .map(str::to_owned)
        .to_vec();
        row.extend(detailed.then(|| running.description()));
        row
    };
    let found = api::found(task)?;
    let rows = found.iter().map(|running| row(running)).collect();
    let mut columns = TASKS.to_vec();
    columns.extend(detailed.then(|| shown("description", "desc", false, "task action")));
    print(task, &columns, rows)
}

/// `GET /_cat/pending_tasks`.
pub(crate) fn pending_tasks(task: &Task<'_>) -> Answer {
    print(task, PENDING_TASKS, Vec::new())
}

/// `GET /_cat/plugins`.
pub(crate) fn plugins(task: &Task<'_>) -> Answer {
    print(task, PLUGINS, Vec::new())
}

/// `GET /_cat/fielddata/{fields}`.
pub(crate) fn fielddata(task: &Task<'_>) -> Answer {
    let asked = task.parsed.route.query.list("fields").unwrap_or_default();
    let asked: Vec<&str> = match task.parsed.route.part("fields") {
        Some(list) => list.split(',').collect(),
        None => asked,
    };
    let mut sizes = FieldSizes::default();
    for index in task.indices()? {
        task.work.check()?;
        sizes.add(&stats::measured(task, &*task.open(&index)?)?.1);
    }
    let unit = task.parsed.route.query.get("bytes");
    let (_, host) = address(task);
    let wanted =
        |path: &str| asked.is_empty() || asked.iter().any(|asked| names::matches(asked, path));
    let rows = sizes.fielddata.iter().filter(|(path, bytes)| **bytes > 0 && wanted(path)).map(
        |(path, bytes)| {
            let id = NODE_ID.get(..4).unwrap_or(NODE_ID);
            let bytes = size(*bytes, unit)?;
            Ok([id, host, host, NODE_NAME, path, &bytes].map(str::to_owned).to_vec())
        },
    );
    print(task, FIELDDATA, rows.collect::<Result<_, Exception>>()?)
}

/// `GET /_cat/snapshots/{repository}`.
///
/// # Errors
/// `repository_missing_exception`; `action_request_validation_exception` without the name of one.
pub(crate) fn snapshots(task: &Task<'_>) -> Answer {
    // What the columns are is told without a repository.
    let help = task.parsed.route.query.flag("help", false)?;
    print(task, SNAPSHOTS, if help { Vec::new() } else { snapshot_api::table(task)? })
}
