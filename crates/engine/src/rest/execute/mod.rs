//! Running a request: from its API to the function that does it.

pub(crate) mod aliases;
pub(crate) mod analyze;
pub(crate) mod async_search;
pub(crate) mod asynchronous_search;
pub(crate) mod data_streams;

pub(crate) mod explain;
mod field_defaults;
pub(crate) mod fields;
pub(crate) mod indices;
pub(crate) mod painless_execute;
pub(crate) mod pits;
pub(crate) mod rank_eval;
pub(crate) mod registries;
pub(crate) mod resize;
pub(crate) mod resolve;
pub(crate) mod rollover;
pub(crate) mod scripts;
pub(crate) mod search;
pub(crate) mod search_pipelines;
pub(crate) mod search_shards;
pub(crate) mod search_templates;
pub(crate) mod shards;
pub(crate) mod stats;
pub(crate) mod templates;
mod types;

use super::{Api, Parsed};
use crate::cluster::Metadata;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names::{self, IndicesOptions, ResolvedNames};
use crate::cluster::tasks::RunningTask;
use crate::engine::{Answer, Engine};
use crate::exception::{Exception, ExceptionKind};
use crate::index::Index;
use crate::response::Response;
use crate::view::View;
use crate::work::Work;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// One request on its way through the engine: all that its execution may look at.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) parsed: &'a Parsed,
    pub(crate) metadata: &'a Metadata,
    pub(crate) view: &'a View,
    pub(crate) now: Timestamp,
    pub(crate) work: &'a Work,
    /// How it is told of while it runs, where it is.
    pub(crate) running: Option<&'a RunningTask>,
}

/// Runs a request by its row's handler. What is not built says so.
pub(crate) fn execute(task: &Task<'_>) -> Answer {
    let row = task.parsed.route.api.row();
    let Some(handler) = row.handler else { return Err(Exception::not_implemented(row.name)) };
    check_format(task)?;
    handler.run(task)
}

/// Refuses what a request that is not waited for is refused before it has a task; the rest is what comes of the task.
pub(crate) fn check(task: &Task<'_>) -> Result<(), Exception> {
    check_format(task)?;
    match task.parsed.route.api {
        Api::DeleteByQuery | Api::UpdateByQuery => crate::document::check_by_query(task),
        Api::Reindex => crate::document::check_reindex(task),
        Api::IndicesShrink | Api::IndicesSplit | Api::IndicesClone => resize::check(task),
        _ => Ok(()),
    }
}

/// Answers are JSON, or for `_cat` text: another `format` is refused, not ignored.
fn check_format(task: &Task<'_>) -> Result<(), Exception> {
    match task.parsed.route.query.get("format") {
        None | Some("json" | "application/json") => Ok(()),
        Some("text" | "text/plain") if task.parsed.route.path.starts_with("/_cat") => Ok(()),
        Some(other) => Err(Exception::new(
            ExceptionKind::ContentTypeNotSupported,
            format!("format [{other}] is not supported"),
        )),
    }
}

impl Task<'_> {
    /// The options of this request's index names.
    pub(crate) fn options(&self) -> Result<IndicesOptions, Exception> {
        IndicesOptions::of(&self.parsed.route)
    }

    /// What the URL's `{index}` comes to, without what the view does not hold.
    pub(crate) fn named(&self) -> Result<ResolvedNames, Exception> {
        let list: Vec<&str> = self.parsed.route.part("index").into_iter().collect();
        names::seen(self.metadata, &list, self.options()?, self.now, |uuid| self.view.sees(uuid))
    }

    /// The indices that the URL's `{index}` comes to and that the view holds, unless a block of one of them stops
    /// what the API does.
    pub(crate) fn indices(&self) -> Result<Vec<Arc<IndexMetadata>>, Exception> {
        let found = self.named()?.existing(self.options()?)?;
        let indices = self.parsed.route.api.row().indices;
        if let Some(level) = indices.and_then(|indices| indices.blocked) {
            found.iter().try_for_each(|index| level.check(index))?;
        }
        Ok(found)
    }

    /// The mapping of an index, with the fields that the view shows.
    pub(crate) fn mappings_json(&self, index: &IndexMetadata) -> Value {
        let fields = self.view.shown(&index.uuid, &index.mapping).fields;
        let whole = index.mappings_json();
        fields.map_or_else(|| whole.clone(), |fields| fields.mapping(&whole))
    }

    /// The open index behind its metadata. One that was deleted since the snapshot does not exist.
    pub(crate) fn open(&self, index: &IndexMetadata) -> Result<Arc<Index>, Exception> {
        self.engine
            .indices
            .index(&index.uuid)
            .ok_or_else(|| Exception::index_not_found(&index.name))
    }

    /// A JSON answer, which may be long.
    ///
    /// # Errors
    /// `task_cancelled_exception`, `circuit_breaking_exception`.
    pub(crate) fn json(&self, status: u16, body: &Value) -> Answer {
        Ok(Response::printed(status, self.work.print(body)?))
    }

    /// The JSON body; `Null` when none was sent.
    pub(crate) fn body(&self) -> &Value {
        self.parsed.body.value()
    }
}

/// `{"acknowledged":true}`.
pub(crate) fn acknowledged() -> Answer {
    Ok(Response::json(200, &json!({"acknowledged": true})))
}
