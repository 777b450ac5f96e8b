//! `_async_search` of Elasticsearch. A search runs to its end before it is answered, as `_reindex` does; its answer is kept
//! where that is asked for, for its caller alone, and the opening's questions are asked again each time it is told.
//!
//! Source: Elasticsearch 7.10 reference, "Async search".

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Task, acknowledged, search as searches};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::response::Response;
use crate::rest::json::Json;
use crate::search::AsyncResult;
use crate::value::time;
use crate::work::Work;

/// How long an answer is kept unless it is said: five days.
const KEEP_ALIVE_MILLISECONDS: u64 = 5 * 24 * 60 * 60 * 1000;

/// `POST /{index}/_async_search`.
pub(crate) fn submit(task: &Task<'_>) -> Answer {
    let (id, result) = submitted(task, KEEP_ALIVE_MILLISECONDS, 1000)?;
    told(task, id.as_deref(), &result)
}

/// Runs the search, and keeps its answer where that is asked for, for `keep_alive` unless something else is said.
///
/// # Errors
/// Those of a search; what cannot be asked of one whose answer is kept.
pub(super) fn submitted(
    task: &Task<'_>,
    keep_alive_milliseconds: u64,
    keep_alive_min: u64,
) -> Result<(Option<String>, AsyncResult), Exception> {
    let query = &task.parsed.route.query;
    let keep = keep_alive(task, keep_alive_min)?.unwrap_or(keep_alive_milliseconds);
    wait(task)?;
    let keeps = query.flag("keep_on_completion", false)?;
    if query.get("scroll").is_some() {
        return Err(Exception::validation(&["[scroll] queries are not supported"]));
    }
    if task.body().get("pit").is_some() {
        return Err(Exception::not_implemented("[pit] in an asynchronous search"));
    }
    let started = task.now.as_millisecond();
    let indices = task.indices()?.iter().map(|index| Arc::clone(&index.uuid)).collect();
    // It may be told again with the types of what it names.
    let answer = searches::answered(task, true)?;
    let expires = started.saturating_add(i64::try_from(keep).unwrap_or(i64::MAX));
    let result = AsyncResult {
        answer,
        indices,
        started_milliseconds: started,
        expires_milliseconds: expires,
    };
    let searches = &task.engine.searches;
    let kept = keeps
        .then(|| searches.keep_result(result.clone(), task.view, task.now, task.work))
        .transpose()?;
    Ok((kept, result))
}

/// `GET /_async_search/{id}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let (id, result) = kept(task, 1000)?;
    told(task, Some(id), &result)
}

/// The answer that the URL names, which is the caller's.
///
/// # Errors
/// `resource_not_found_exception`.
pub(super) fn kept<'t>(
    task: &'t Task<'_>,
    keep_alive_min: u64,
) -> Result<(&'t str, AsyncResult), Exception> {
    let keep = keep_alive(task, keep_alive_min)?;
    wait(task)?;
    let id = task.parsed.route.part("id").unwrap_or_default();
    searches::close_gone(task, Some(id));
    let kept = task.engine.searches.result(id, keep, task.view, task.now);
    Ok((id, kept.ok_or_else(|| missing(id))?))
}

/// `DELETE /_async_search/{id}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    match task.engine.searches.forget_result(id, &task.view.owner, task.now) {
        true => acknowledged(),
        false => Err(missing(id)),
    }
}

fn told(task: &Task<'_>, id: Option<&str>, result: &AsyncResult) -> Answer {
    let state = json!({"is_partial": false, "is_running": false});
    printed(task, id, state, result)
}

/// The answer with its id, what is said of its `state`, and its times.
pub(super) fn printed(
    task: &Task<'_>,
    id: Option<&str>,
    state: Value,
    result: &AsyncResult,
) -> Answer {
    let mut head = Map::new();
    if let Some(id) = id {
        head.insert("id".to_owned(), Value::from(id));
    }
    head.extend(state.as_object().cloned().unwrap_or_default());
    head.insert("start_time_in_millis".to_owned(), result.started_milliseconds.into());
    head.insert("expiration_time_in_millis".to_owned(), result.expires_milliseconds.into());
    let head = Value::Object(head).to_string();
    let open = head.strip_suffix('}').unwrap_or(&head);
    let answer = match task.parsed.route.query.flag("typed_keys", false)? {
        true => result.answer.clone(),
        false => without_types(&result.answer, task.work)?,
    };
    let body: Bytes =
        task.work.body([open.as_bytes(), b",\"response\":", &answer, b"}"].concat())?;
    Ok(Response::printed(200, body))
}

/// An answer whose aggregations and suggestions are called by their types and names, called by their names.
fn without_types(answer: &Bytes, work: &Work) -> Result<Bytes, Exception> {
    if !answer.contains(&b'#') {
        return Ok(answer.clone());
    }
    let (mut read, _memory) = Json::read_own(answer.clone(), work)?.into_value();
    for part in ["aggregations", "suggest"] {
        if let Some(named) = read.get_mut(part).and_then(Value::as_object_mut) {
            without_type(named, work)?;
        }
    }
    work.print(&read)
}

/// One level of them: aggregations lie in aggregations and in their buckets, and nothing else there has a `#` in its name.
fn without_type(level: &mut Map<String, Value>, work: &Work) -> Result<(), Exception> {
    work.check()?;
    for (key, mut value) in std::mem::take(level) {
        let Some((_, name)) = key.split_once('#') else {
            level.insert(key, value);
            continue;
        };
        if let Value::Object(result) = &mut value {
            match result.get_mut("buckets") {
                Some(Value::Array(buckets)) => {
                    let buckets = buckets.iter_mut().filter_map(Value::as_object_mut);
                    buckets.into_iter().try_for_each(|bucket| without_type(bucket, work))?;
                }
                Some(Value::Object(buckets)) => {
                    let buckets = buckets.values_mut().filter_map(Value::as_object_mut);
                    buckets.into_iter().try_for_each(|bucket| without_type(bucket, work))?;
                }
                _ => without_type(result, work)?,
            }
        }
        level.insert(name.to_owned(), value);
    }
    Ok(())
}

fn keep_alive(task: &Task<'_>, least: u64) -> Result<Option<u64>, Exception> {
    let Some(text) = task.parsed.route.query.get("keep_alive") else { return Ok(None) };
    let keep = time::milliseconds("keep_alive", text)?;
    if keep < least {
        let least = if least == 1000 { "1 second" } else { "1 minute" };
        return Err(Exception::validation(&[format!(
            "[keep_alive] must be greater or equals than {least}, got:{text}"
        )]));
    }
    if keep > KEEP_ALIVE_MILLISECONDS {
        return Err(Exception::illegal_argument(format!(
            "[keep_alive] must be at most [5d], got [{text}]"
        )));
    }
    Ok(Some(keep))
}

/// How long the caller would wait is read, and means nothing: there is nothing to wait for.
fn wait(task: &Task<'_>) -> Result<(), Exception> {
    match task.parsed.route.query.get("wait_for_completion_timeout") {
        Some(text) => time::milliseconds("wait_for_completion_timeout", text).map(drop),
        None => Ok(()),
    }
}

fn missing(id: &str) -> Exception {
    Exception::new(ExceptionKind::ResourceNotFound, id)
}
