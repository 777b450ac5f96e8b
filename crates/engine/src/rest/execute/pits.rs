//! `_search/point_in_time` of OpenSearch, `_pit` of Elasticsearch: points in time.

use serde_json::{Value, json};

use super::Task;
use super::search::targets_of;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::response::Response;
use crate::rest::{Api, MsearchItem};
use crate::search::{SearchRequest, keep_alive, shards};

/// `POST /{index}/_search/point_in_time`.
pub(crate) fn create(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    query.flag("allow_partial_pit_creation", true)?;
    let Some(keep) = query.get("keep_alive") else {
        return Err(Exception::validation(&["keep alive not specified"]));
    };
    let keep = keep_alive(keep)?;
    let targets = targets_of(task)?;
    let count = targets.len();
    let id = task.engine.searches.open_pit(targets, keep, task.view, task.now, task.work)?;
    let answer = json!({
        "pit_id": id, "_shards": shards(count), "creation_time": task.now.as_millisecond(),
    });
    Ok(Response::json(200, &answer))
}

/// `POST /{index}/_pit` of Elasticsearch.
pub(crate) fn open(task: &Task<'_>) -> Answer {
    let Some(keep) = task.parsed.route.query.get("keep_alive") else {
        return Err(Exception::illegal_argument("Required [keep_alive]"));
    };
    let (keep, targets) = (keep_alive(keep)?, targets_of(task)?);
    let id = task.engine.searches.open_pit(targets, keep, task.view, task.now, task.work)?;
    Ok(Response::json(200, &json!({"id": id})))
}

/// `DELETE /_pit` of Elasticsearch.
pub(crate) fn close(task: &Task<'_>) -> Answer {
    let body = task.body().as_object().into_iter().flatten();
    if let Some((key, value)) = body.clone().find(|(key, _)| *key != "id") {
        let reason = format!("[close_point_in_time] unknown field [{key}]");
        return Err(Exception::new(ExceptionKind::XContentParse, reason).at_key(value));
    }
    let Some(id) = task.body().get("id").and_then(Value::as_str) else {
        return Err(Exception::illegal_argument("Required [id]"));
    };
    let freed = task.engine.searches.close_pits(&[id], &task.view.owner, task.now);
    let status = if freed == 0 { 404 } else { 200 };
    Ok(Response::json(status, &json!({"succeeded": freed > 0, "num_freed": freed})))
}

/// `DELETE /_search/point_in_time`: those of the body. One that is not there is told of as closed.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let body = task.body();
    if let Some(key) =
        body.as_object().into_iter().flatten().map(|(key, _)| key).find(|key| *key != "pit_id")
    {
        return Err(Exception::illegal_argument(format!(
            "Unknown parameter [{key}] in request body or parameter is of the wrong type, "
        )));
    }
    let ids: Vec<String> = match body.get("pit_id") {
        None => Vec::new(),
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        Some(one) => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    if ids.is_empty() {
        return Err(Exception::validation(&["no pit ids specified"]));
    }
    let listed: Vec<&str> = ids.iter().map(String::as_str).collect();
    task.engine.searches.close_pits(&listed, &task.view.owner, task.now);
    Ok(closed(&listed))
}

/// `DELETE /_search/point_in_time/_all`: the caller's own.
pub(crate) fn delete_all(task: &Task<'_>) -> Answer {
    let own = task.engine.searches.pits(&task.view.owner, task.now);
    let ids: Vec<&str> = own.iter().map(|(id, ..)| id.as_str()).collect();
    task.engine.searches.close_pits(&ids, &task.view.owner, task.now);
    Ok(closed(&ids))
}

/// `GET /_search/point_in_time/_all`: the caller's own.
pub(crate) fn list(task: &Task<'_>) -> Answer {
    let own = task.engine.searches.pits(&task.view.owner, task.now);
    let pits: Vec<Value> = own
        .into_iter()
        .map(|(id, created, keep)| json!({"pit_id": id, "creation_time": created, "keep_alive": keep}))
        .collect();
    task.json(200, &json!({"pits": pits}))
}

/// Parameters and keys of heads that say which indices a name finds. A point in time goes with none of them, whatever it says.
const OF_NAMES: &[&str] = &[
    "ignore_unavailable",
    "ignoreUnavailable",
    "allow_no_indices",
    "allowNoIndices",
    "expand_wildcards",
    "expandWildcards",
    "ignore_throttled",
    "ignoreThrottled",
];

/// Refuses what the search of a point in time says beside it. Source: `SearchRequest.validate`.
///
/// # Errors
/// `action_request_validation_exception` with all faults.
pub(super) fn check_search(task: &Task<'_>, request: &SearchRequest) -> Result<(), Exception> {
    let route = &task.parsed.route;
    let scrolls = "using [point in time] is not allowed in a scroll context";
    let scrolls = request.scroll_milliseconds.is_some().then_some(scrolls);
    check_beside(scrolls, route.part("index").is_some(), |key| route.query.get(key).is_some())
}

/// The same for the items of an `_msearch`: the first that is refused refuses all. Those of templates are not asked about.
///
/// # Errors
/// As [`check_search`].
pub(super) fn check_items(
    task: &Task<'_>,
    items: &[MsearchItem],
    requests: &[Result<SearchRequest, Exception>],
) -> Result<(), Exception> {
    let route = &task.parsed.route;
    if route.api == Api::MsearchTemplate {
        return Ok(());
    }
    for (item, request) in items.iter().zip(requests) {
        if request.as_ref().is_ok_and(|request| request.pit.is_some()) {
            let in_head = |key: &str| item.header.get(key).is_some_and(|value| !value.is_null());
            let says = |key: &str| in_head(key) || route.query.get(key).is_some();
            check_beside(None, !item.indices.is_empty(), says)?;
        }
    }
    Ok(())
}

fn check_beside(
    scrolls: Option<&'static str>,
    names_indices: bool,
    says: impl Fn(&str) -> bool,
) -> Result<(), Exception> {
    let faults = [
        (names_indices, "[indices] cannot be used with point in time"),
        (
            OF_NAMES.iter().any(|key| says(key)),
            "[indicesOptions] cannot be used with point in time",
        ),
        (says("routing"), "[routing] cannot be used with point in time"),
        (says("preference"), "[preference] cannot be used with point in time"),
    ];
    let beside = faults.into_iter().filter(|(said, _)| *said).map(|(_, fault)| fault);
    let faults: Vec<&str> = scrolls.into_iter().chain(beside).collect();
    if faults.is_empty() { Ok(()) } else { Err(Exception::validation(&faults)) }
}

fn closed(ids: &[&str]) -> Response {
    let pits: Vec<Value> = ids.iter().map(|id| json!({"successful": true, "pit_id": id})).collect();
    Response::json(200, &json!({"pits": pits}))
}
