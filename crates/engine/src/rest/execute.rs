//! Running a request: from its API to the function that does it.

mod aliases;
mod analyze;
mod fields;
mod indices;
mod registries;
mod resolve;
pub(crate) mod search;
mod stats;
mod types;

use super::{Api, Parsed};
use crate::cluster::blocks::BlockLevel;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names::{self, IndicesOptions, Seen};
use crate::cluster::{Metadata, health, info};
use crate::engine::{Answer, Engine};
use crate::exception::{Exception, ExceptionKind};
use crate::index::Index;
use crate::response::Response;
use crate::view::View;
use crate::work::Work;
use crate::{cat, document};
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
}

/// Runs a request. What is not built says so.
// long: the table from API to function
pub(crate) fn execute(task: &Task<'_>) -> Answer {
    let api = task.parsed.route.api;
    if !api.built() {
        return Err(Exception::not_implemented(api.name()));
    }
    check_format(task)?;
    match api {
        Api::Info => info::info(task),
        Api::Ping => Ok(Response::text(200, String::new())),
        Api::NodesInfo => info::nodes(task),
        Api::ClusterHealth => health::health(task),
        Api::Index
        | Api::Create
        | Api::Get
        | Api::Exists
        | Api::GetSource
        | Api::ExistsSource
        | Api::Update
        | Api::Delete
        | Api::Bulk
        | Api::Mget => documents(task),
        Api::DeleteByQuery | Api::UpdateByQuery => document::by_query::execute(task),
        Api::Search => search::search(task),
        Api::Msearch => search::msearch(task),
        Api::Count => search::count(task),
        Api::Scroll => search::scroll(task),
        Api::ClearScroll => search::clear_scroll(task),
        Api::FieldCaps => fields::field_caps(task),
        Api::IndicesCreate => indices::create(task),
        Api::IndicesDelete => indices::delete(task),
        Api::IndicesGet => indices::get(task),
        Api::IndicesExists => indices::exists(task),
        Api::IndicesOpen => indices::open(task),
        Api::IndicesClose => indices::close(task),
        Api::IndicesGetMapping => indices::get_mapping(task),
        Api::IndicesPutMapping => indices::put_mapping(task),
        Api::IndicesGetSettings => indices::get_settings(task),
        Api::IndicesPutSettings => indices::put_settings(task),
        Api::IndicesRefresh => indices::each(task, Index::refresh),
        Api::IndicesFlush => indices::flush(task),
        Api::IndicesForcemerge => indices::force_merge(task),
        Api::IndicesStats => stats::stats(task),
        Api::IndicesAnalyze => analyze::analyze(task),
        Api::IndicesValidateQuery => search::validate(task),
        Api::IndicesResolveIndex => resolve::resolve(task),
        Api::IndicesGetFieldMapping => fields::get_field_mapping(task),
        // There is no cache whose clearing anybody could see.
        Api::IndicesClearCache => indices::each(task, |_| Ok(())),
        Api::ClusterGetSettings => {
            Ok(Response::json(200, &json!({"persistent": {}, "transient": {}})))
        }
        Api::CatShards => cat::shards(task),
        Api::IndicesGetAlias | Api::IndicesExistsAlias => aliases::get(task),
        Api::IndicesPutAlias | Api::IndicesDeleteAlias | Api::IndicesUpdateAliases => {
            aliases::change(task)
        }
        Api::CatIndices => cat::indices(task),
        Api::CatAliases => cat::aliases(task),
        Api::CatCount => cat::count(task),
        Api::CatHealth => cat::health(task),
        Api::CatHelp => cat::help(task),
        Api::CatTemplates
        | Api::CatRepositories
        | Api::CatSnapshots
        | Api::CatTasks
        | Api::CatPendingTasks
        | Api::CatPlugins
        | Api::CatFielddata => cat::empty(task),
        Api::IndicesExistsType => indices::exists_type(task),
        _ => registries::answer(task),
    }
}

/// Documents, printed as they are stored; how long a `_bulk` took is known here.
fn documents(task: &Task<'_>) -> Answer {
    let (indices, begun) = (&task.engine.indices, task.engine.tick(task.now));
    let (status, body) =
        document::execute(task.parsed, task.metadata, task.view, indices, task.now, task.work)?;
    let took = task.engine.milliseconds_since(begun);
    let body = match body.strip_prefix(b"{\"took\":0,") {
        Some(rest) if took > 0 && task.parsed.route.api == Api::Bulk => {
            task.work.told([format!("{{\"took\":{took},").as_bytes(), rest].concat())
        }
        _ => body,
    };
    Ok(Response { body, ..Response::json(status, &Value::Null) })
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
    pub(crate) fn named(&self) -> Result<Seen, Exception> {
        let list: Vec<&str> = self.parsed.route.part("index").into_iter().collect();
        names::seen(self.metadata, &list, self.options()?, self.now, |uuid| self.view.sees(uuid))
    }

    /// The indices that the URL's `{index}` comes to and that the view holds, unless a block of one of them stops
    /// what the API does.
    pub(crate) fn indices(&self) -> Result<Vec<Arc<IndexMetadata>>, Exception> {
        let found = self.named()?.existing(self.options()?)?;
        if let Some(level) = BlockLevel::of(self.parsed.route.api) {
            found.iter().try_for_each(|index| level.check(index))?;
        }
        Ok(found)
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
        let body = self.work.print(body)?;
        Ok(Response { body, ..Response::json(status, &Value::Null) })
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
