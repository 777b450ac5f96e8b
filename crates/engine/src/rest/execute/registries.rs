//! Registries that are empty here: templates, pipelines, stored scripts, repositories, points in time, tasks. Reading an
//! empty one, and taking out what is not in it, is answered as Elasticsearch 7.10.2 and OpenSearch 2.19.1 answer it;
//! putting something in answers 501.

use super::{Task, acknowledged};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::response::Response;
use crate::rest::{Api, Flavor, Route};
use serde_json::{Value, json};

/// Runs the request.
///
/// # Errors
/// Those of the real servers for a name that is not there; 501 for an API that is no registry's.
// long: the table from API to answer
pub(super) fn answer(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    match route.api {
        Api::IndicesGetTemplate => found(json!({}), route.part("name").is_none()),
        Api::IndicesGetIndexTemplate => templates(route, "index"),
        Api::ClusterGetComponentTemplate => templates(route, "component"),
        Api::IndicesExistsTemplate
        | Api::IndicesExistsIndexTemplate
        | Api::ClusterExistsComponentTemplate => Ok(Response::text(404, String::new())),
        Api::IndicesDeleteTemplate
        | Api::IndicesDeleteIndexTemplate
        | Api::ClusterDeleteComponentTemplate => match route.part("name") {
            Some("*") => acknowledged(),
            name => Err(Exception::new(
                ExceptionKind::IndexTemplateMissing,
                format!("index_template [{}] missing", name.unwrap_or_default()),
            )),
        },
        // None at all is not found either, unlike with templates: so say both servers.
        Api::IngestGetPipeline | Api::SearchPipelineGet => found(json!({}), false),
        Api::IngestDeletePipeline | Api::SearchPipelineDelete => acknowledged(),
        Api::GetScript => found(json!({"_id": route.part("id"), "found": false}), false),
        Api::DeleteScript => Err(not_found(format!(
            "stored script [{}] does not exist and cannot be deleted",
            route.part("id").unwrap_or_default()
        ))),
        Api::SnapshotGetRepository => match route.part("repository") {
            None | Some("_all") => found(json!({}), true),
            Some(_) => Err(no_repository(route)),
        },
        Api::SnapshotDeleteRepository if route.part("repository") == Some("*") => acknowledged(),
        Api::SnapshotStatus if route.part("snapshot").is_none() => {
            found(json!({"snapshots": []}), true)
        }
        Api::SnapshotDeleteRepository
        | Api::SnapshotGet
        | Api::SnapshotDelete
        | Api::SnapshotStatus => Err(no_repository(route)),
        Api::GetAllPits | Api::DeleteAllPits => found(json!({"pits": []}), true),
        Api::ClusterPendingTasks => found(json!({"tasks": []}), true),
        Api::ClusterRemoteInfo => found(json!({}), true),
        Api::DanglingIndicesListDanglingIndices => found(
            json!({
                "_nodes": {"total": 1, "successful": 1, "failed": 0},
                "cluster_name": task.engine.settings.cluster_name,
                "dangling_indices": [],
            }),
            true,
        ),
        Api::IndicesGetDataStream if route.flavor == Flavor::OpenSearch219 => data_streams(route),
        Api::TasksList => tasks(route),
        Api::TasksGet => Err(task_missing(route.part("task_id").unwrap_or_default())),
        other => Err(Exception::not_implemented(other.name())),
    }
}

/// `value`, with 404 where nothing was found.
fn found(value: Value, found: bool) -> Answer {
    Ok(Response::json(if found { 200 } else { 404 }, &value))
}

/// `{"index_templates":[]}`: not found under a pattern, an exception under a name.
fn templates(route: &Route, kind: &str) -> Answer {
    match route.part("name") {
        Some(name) if !name.contains('*') => {
            Err(not_found(format!("{kind} template matching [{name}] not found")))
        }
        name => {
            let key = format!("{kind}_templates");
            found(Value::Object([(key, json!([]))].into_iter().collect()), name.is_none())
        }
    }
}

fn data_streams(route: &Route) -> Answer {
    match route.part("name") {
        Some(name) if name != "_all" && !name.contains('*') => {
            Err(Exception::index_not_found(name))
        }
        _ => found(json!({"data_streams": []}), true),
    }
}

/// `GET /_tasks`: requests are not kept as tasks.
fn tasks(route: &Route) -> Answer {
    match route.query.get("group_by") {
        None | Some("nodes") => found(json!({"nodes": {}}), true),
        Some("parents") => found(json!({"tasks": {}}), true),
        Some("none") => found(json!({"tasks": []}), true),
        Some(other) => Err(Exception::illegal_argument(format!(
            "[group_by] must be one of [nodes], [parents] or [none] but was [{other}]"
        ))),
    }
}

fn task_missing(id: &str) -> Exception {
    let Some((node, number)) = id.rsplit_once(':') else {
        return Exception::illegal_argument(format!("malformed task id {id}"));
    };
    if number.parse::<i64>().is_err() {
        return Exception::illegal_argument(format!("malformed task id {id}"));
    }
    let gone = not_found(format!("task [{id}] isn't running and hasn't stored its results"));
    if node == crate::NODE_ID {
        return gone;
    }
    not_found(format!(
        "task [{id}] belongs to the node [{node}] which isn't part of the cluster and there is no record of the task"
    ))
    .caused_by(gone)
}

fn no_repository(route: &Route) -> Exception {
    let names = route.part("repository").unwrap_or_default();
    let first = names.split(',').next().unwrap_or_default();
    Exception::new(ExceptionKind::RepositoryMissing, format!("[{first}] missing"))
}

fn not_found(reason: String) -> Exception {
    Exception::new(ExceptionKind::ResourceNotFound, reason)
}
