//! `_async_search` of Elasticsearch. A search runs to its end before it is answered, as `_reindex` does; its answer is kept
//! where that is asked for, for its caller alone, and the opening's questions are asked again each time it is told.
//!
//! Source: Elasticsearch 7.10 reference, "Async search".

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Task, acknowledged, search as searches};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::response::Response;
use crate::search::AsyncResult;
use crate::value::time;

/// How long an answer is kept unless it is said: five days.
const KEEP_ALIVE_MILLISECONDS: u64 = 5 * 24 * 60 * 60 * 1000;

/// `POST /{index}/_async_search`.
pub(crate) fn submit(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let keep = keep_alive(task)?.unwrap_or(KEEP_ALIVE_MILLISECONDS);
    wait(task)?;
    let keeps = query.flag("keep_on_completion", false)?;
    if query.get("scroll").is_some() {
        return Err(Exception::validation(&["[scroll] queries are not supported"]));
    }
    if task.body().get("pit").is_some() {
        return Err(Exception::not_implemented("[pit] in _async_search"));
    }
    let started = task.now.as_millisecond();
    let indices = task.indices()?.iter().map(|index| Arc::clone(&index.uuid)).collect();
    let answer = searches::answered(task)?;
    let expires = started.saturating_add(i64::try_from(keep).unwrap_or(i64::MAX));
    let result = AsyncResult {
        answer,
        indices,
        started_milliseconds: started,
        expires_milliseconds: expires,
    };
    let id = match keeps {
        true => Some(task.engine.searches.keep_result(
            result.clone(),
            task.view,
            task.now,
            task.work,
        )?),
        false => None,
    };
    told(task, id.as_deref(), &result)
}

/// `GET /_async_search/{id}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let keep = keep_alive(task)?;
    wait(task)?;
    if task.parsed.route.query.flag("typed_keys", false)? {
        return Err(Exception::not_implemented("[typed_keys] of a search that has run"));
    }
    let id = task.parsed.route.part("id").unwrap_or_default();
    searches::close_gone(task, Some(id));
    let kept = task.engine.searches.result(id, keep, task.view, task.now);
    told(task, Some(id), &kept.ok_or_else(|| missing(id))?)
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
    let mut head = json!({
        "is_partial": false, "is_running": false,
        "start_time_in_millis": result.started_milliseconds,
        "expiration_time_in_millis": result.expires_milliseconds,
    });
    if let (Some(id), Some(object)) = (id, head.as_object_mut()) {
        object.shift_insert(0, "id".to_owned(), Value::from(id));
    }
    let head = head.to_string();
    let open = head.strip_suffix('}').unwrap_or(&head);
    let body: Bytes =
        task.work.body([open.as_bytes(), b",\"response\":", &result.answer, b"}"].concat())?;
    Ok(Response::printed(200, body))
}

fn keep_alive(task: &Task<'_>) -> Result<Option<u64>, Exception> {
    let Some(text) = task.parsed.route.query.get("keep_alive") else { return Ok(None) };
    let keep = time::milliseconds("keep_alive", text)?;
    if keep < 1000 {
        return Err(Exception::validation(&[format!(
            "[keep_alive] must be greater or equals than 1 second, got:{text}"
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
