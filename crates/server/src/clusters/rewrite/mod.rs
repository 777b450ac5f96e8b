//! From a judged request to the request that a cluster is sent: names become the concrete indices that were granted, denied
//! items are taken out, and what no request can say exactly is refused by name (decision 0158).
//!
//! Everything here is pure: a function of the parsed request, its grants and one snapshot of the cluster's metadata.

mod aliases;
mod cursors;
mod definitions;
mod documents;
mod indices;
mod items;
mod listings;
mod searches;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use engine::cluster::Metadata;
use engine::cluster::metadata::{Alias, IndexMetadata};
use engine::cluster::names::{self, IndicesOptions, Named};
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{Api, BodyKind, Effect, Method, Parsed, ParsedBody, Route, Touches};
use engine::{CursorQuestion, Grants, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use self::cursors::CursorSort;
pub(super) use self::definitions::has_percolator;
pub(crate) use self::items::BulkRewriting;
use super::shared::{AnswerNames, SharedNames};

/// A request that was judged, and all that rewriting it needs to know.
#[derive(Clone, Copy)]
pub(crate) struct JudgedRequest<'a> {
    /// The request, read.
    pub(crate) parsed: &'a Parsed,
    /// Its body as it was sent.
    pub(crate) body: &'a Bytes,
    /// What it may touch.
    pub(crate) grants: &'a Grants,
    /// The cluster's indices, on which it was judged.
    pub(crate) metadata: &'a Metadata,
    /// The request's time, for date math in names.
    pub(crate) now: Timestamp,
    /// The cluster's names of the caller's cursors, by ours.
    pub(crate) kept: &'a BTreeMap<String, String>,
    /// The longest request line that the cluster reads (`http.max_initial_line_length`).
    pub(crate) line_bytes_max: usize,
    /// The domain's names there, where other domains have indices, too: then nothing goes on as it is.
    pub(crate) shared: Option<&'a SharedNames>,
}

/// What is done for a judged request.
#[derive(Debug)]
pub(crate) enum Plan {
    /// The cluster need not be asked.
    Answered(Response),
    /// The cluster is sent this.
    Sent(Box<SentRequest>),
}

/// A request to a cluster, and what becomes of its answer.
#[derive(Debug, PartialEq)]
pub(crate) struct SentRequest {
    pub(crate) method: Method,
    /// The raw path.
    pub(crate) path: String,
    /// The raw query.
    pub(crate) query: String,
    /// The body, and whether it is lines of JSON.
    pub(crate) body: Bytes,
    pub(crate) lines: bool,
    pub(crate) answer: AnswerPlan,
    /// Names of indices that the caller may not know of: an error that tells one is told in other words.
    pub(crate) hides: Vec<String>,
    /// Whether it may be done twice where once was asked for.
    pub(crate) repeatable: bool,
    /// Where its answer has names, on a cluster that several domains share.
    pub(crate) names: Option<AnswerNames>,
}

/// What becomes of a cluster's answer.
#[derive(Debug, PartialEq)]
pub(crate) enum AnswerPlan {
    /// It is passed on.
    Passed,
    /// Items that were not sent are put into the list under `list`, at their positions.
    Merged {
        list: &'static str,
        /// The answers to the items that were not sent, by position.
        kept_back: BTreeMap<usize, String>,
        /// Whether `errors` is true whatever the cluster says.
        fails: bool,
    },
    /// It names a cursor that it opens: the client gets another name for it.
    Opens { sort: CursorSort, milliseconds: u64, questions: Arc<[CursorQuestion]> },
    /// It is a page of the cursor with this name of ours.
    Continues { sort: CursorSort, id: String, milliseconds: Option<u64> },
    /// These of ours are closed then.
    Closes { sort: CursorSort, ids: Vec<String> },
}

/// An expression that comes to no index, whatever there is: it matches everything and excludes everything.
pub(super) const NOTHING: &str = "*,-*";

/// How the refusal of what cannot be pinned ends.
const IN_STRICT: &str = "in authorization mode [strict] on a domain that a cluster serves";

/// Query parameters that are of no use once names are concrete.
const OF_NAMES: &[&str] = &["expand_wildcards", "allow_no_indices"];

/// Rewrites a judged request.
///
/// # Errors
/// What the engine here would refuse of its names, in the same words; 501 for what cannot be said exactly.
pub(crate) fn rewrite(judged: &JudgedRequest<'_>) -> Result<Plan, Exception> {
    let route = &judged.parsed.route;
    let row = route.api.row();
    if row.handler.is_none() {
        return Err(Exception::not_implemented(row.name));
    }
    if let Some(plan) = judged.of_cursor()? {
        return Ok(plan);
    }
    if judged.grants.everything && judged.shared.is_none() {
        return judged.as_it_is();
    }
    judged.check_rights()?;
    #[deny(clippy::wildcard_enum_match_arm)]
    match row.touches {
        Touches::Url => judged.of_the_cluster(),
        Touches::Document | Touches::ExplainedDocument => judged.document(),
        Touches::Items => judged.items(),
        Touches::Search | Touches::RatedSearches => judged.search(),
        Touches::Indices | Touches::NamedIndices => judged.indices(),
        Touches::NewIndex => judged.new_index(),
        Touches::Resize => judged.resized(),
        Touches::Rollover => judged.rollover(),
        Touches::Aliases => judged.aliases(),
        Touches::Listing | Touches::CountedListing => judged.listing(),
        Touches::Template => judged.template(),
        Touches::Reindexed => judged.reindex(),
        Touches::DataStreams
        | Touches::SnapshotTaken
        | Touches::Snapshots
        | Touches::Restored
        | Touches::ScriptTrial
        | Touches::Cursor
        | Touches::Undecided => Err(refused(row.name)),
    }
}

/// The refusal of what cannot be pinned to what was granted.
fn refused(what: &str) -> Exception {
    Exception::new(ExceptionKind::NotImplemented, format!("[{what}] is not supported {IN_STRICT}"))
}

/// The same in the words of a domain in mode `aws`: there names are pinned only where they come to what holds the cluster's own users.
pub(crate) fn in_mode_aws(refusal: Exception) -> Exception {
    let Some(what) = refusal.reason().strip_suffix(IN_STRICT) else { return refusal };
    let reason = format!(
        "{what}where it comes to an index that holds the cluster's own users, which has to be left out: \
         name other indices, or a pattern that does not match that one"
    );
    Exception::new(ExceptionKind::NotImplemented, reason)
}

/// The refusal of what no domain that a cluster serves does, whatever its mode.
fn unsupported(what: &str) -> Exception {
    let reason = format!("[{what}] is not supported on a domain that a cluster serves");
    Exception::new(ExceptionKind::NotImplemented, reason)
}

/// An answer that says that it was done.
fn acknowledged() -> Plan {
    Plan::Answered(Response::json(200, &json!({ "acknowledged": true })))
}

impl JudgedRequest<'_> {
    fn route(&self) -> &Route {
        &self.parsed.route
    }

    /// Refuses rights that no request says, and parameters that nobody judged.
    fn check_rights(&self) -> Result<(), Exception> {
        if !self.grants.restrictions.is_empty() {
            return Err(refused("a right on some documents or fields alone"));
        }
        self.check_parameters()
    }

    /// The request as it came: its URL was the only question (mode `aws`), or says all there is.
    fn as_it_is(&self) -> Result<Plan, Exception> {
        let route = self.route();
        let path = route.wire_path(None).ok_or_else(|| refused(route.api.name()))?;
        let hides = self.hidden();
        let query = route.query.wire(|name| name == "format" && !hides.is_empty());
        let answer = self.opening()?.unwrap_or(AnswerPlan::Passed);
        let lines = matches!(
            route.api.row().body,
            BodyKind::Bulk | BodyKind::Msearch | BodyKind::MsearchTemplate
        );
        let (method, body, repeatable) = (route.method, self.body.clone(), self.is_repeatable());
        let names = None;
        Ok(sent(SentRequest { method, path, query, body, lines, answer, hides, repeatable, names }))
    }

    /// Whether it may be done twice where once was asked for: a read that neither opens, turns nor closes a cursor, and a document that is put
    /// where it belongs whatever is there. `PUT /_bulk` may create a document for each time that it is sent.
    fn is_repeatable(&self) -> bool {
        let route = self.route();
        match route.api {
            Api::Scroll
            | Api::ClearScroll
            | Api::DeletePit
            | Api::DeleteAllPits
            | Api::ClosePointInTime => false,
            Api::Index => {
                let bound = ["op_type", "if_seq_no", "if_primary_term", "version", "pipeline"];
                route.method == Method::Put
                    && route.part("id").is_some()
                    && bound.iter().all(|name| route.query.get(name).is_none())
            }
            api => api.row().effect == Effect::Read && !self.parsed.opens_cursor(),
        }
    }

    /// The indices that an error may name though the caller was granted no right on them: those of the same alias, or the one
    /// whose name is taken.
    fn hidden(&self) -> Vec<String> {
        let names_others = matches!(
            self.route().api.row().touches,
            Touches::Aliases
                | Touches::NewIndex
                | Touches::Rollover
                | Touches::Resize
                | Touches::Template
        );
        let others = self.metadata.indices().filter(|index| {
            names_others && !self.grants.sees(&index.uuid) && !self.grants.may_create(&index.name)
        });
        others.map(|index| index.name.clone()).collect()
    }

    /// What touches no index. What tells of other callers' requests is for who may call off everybody's.
    fn of_the_cluster(&self) -> Result<Plan, Exception> {
        let others = matches!(
            self.route().api,
            Api::CatTasks
                | Api::TasksList
                | Api::TasksGet
                | Api::TasksCancel
                | Api::ReindexRethrottle
                | Api::UpdateByQueryRethrottle
                | Api::DeleteByQueryRethrottle
        );
        // Their texts name indices, or they reach documents by another way than a search.
        let untold = matches!(
            self.route().api,
            Api::CatPendingTasks
                | Api::ClusterPendingTasks
                | Api::SnapshotDelete
                | Api::SnapshotCreateRepository
                | Api::SnapshotDeleteRepository
                | Api::SnapshotVerifyRepository
                | Api::SnapshotCleanupRepository
                | Api::GetAllPits
                | Api::NodesHotThreads
                | Api::DanglingIndicesListDanglingIndices
        );
        if untold || (others && !self.grants.owner.closes_all) {
            return Err(refused(self.route().api.name()));
        }
        self.as_it_is()
    }

    /// A template, whose patterns and aliases were judged.
    fn template(&self) -> Result<Plan, Exception> {
        self.check_definition()?;
        self.as_it_is()
    }

    /// Options that make a request touch what was not judged.
    fn check_parameters(&self) -> Result<(), Exception> {
        let query = &self.route().query;
        for name in ["pipeline", "search_pipeline"] {
            if query.get(name).is_some_and(|value| value != "_none") {
                return Err(refused(name));
            }
        }
        if self.parsed.body.value().get("search_pipeline").is_some() {
            return Err(refused("search_pipeline"));
        }
        match self.route().api.row().touches {
            // What is stored looks nothing up.
            Touches::Document => Ok(()),
            _ => searches::check_lookups(self.parsed.body.value()),
        }
    }

    /// The indices that `expressions` come to for this caller.
    fn pinned<S: AsRef<str>>(
        &self,
        expressions: &[S],
        options: IndicesOptions,
    ) -> Result<PinnedIndices, Exception> {
        let sees = |uuid: &str| self.grants.sees(uuid);
        let found = names::seen(self.metadata, expressions, options, self.now, sees)?;
        let indices = found.existing(options)?;
        Ok(PinnedIndices { indices, found: found.names })
    }

    /// The indices that the URL comes to.
    fn pinned_url(&self) -> Result<PinnedIndices, Exception> {
        let route = self.route();
        let list: Vec<&str> = route.part("index").into_iter().collect();
        self.pinned(&list, IndicesOptions::of(route)?)
    }

    /// This request to these indices, by its path.
    fn on_indices(&self, list: &str, body: Bytes) -> Result<SentRequest, Exception> {
        let route = self.route();
        let path = route.wire_path(Some(list)).ok_or_else(|| refused(route.api.name()))?;
        self.on_path(path, body)
    }

    /// This request on another path, without the parameters that concrete names have no use for.
    fn on_path(&self, path: String, body: Bytes) -> Result<SentRequest, Exception> {
        let route = self.route();
        let (hides, source) = (self.hidden(), ["source", "source_content_type"]);
        // An error that may name a hidden index is read here: as JSON.
        let left_out = |name: &str| {
            OF_NAMES.contains(&name)
                || source.contains(&name)
                || (name == "format" && !hides.is_empty())
        };
        let query = route.query.wire(left_out);
        let line = route.method.name().len() + path.len() + query.len() + " ? HTTP/1.1".len();
        if line > self.line_bytes_max {
            let (most, count) = (self.line_bytes_max, path.len());
            let reason = format!(
                "[{}] comes to [{count}] characters of concrete indices, with which the request line has [{line}] bytes; \
                 the cluster reads [{most}] (http.max_initial_line_length, request_line_bytes_max of the pool)",
                route.api.name()
            );
            return Err(Exception::new(ExceptionKind::NotImplemented, reason));
        }
        let answer = AnswerPlan::Passed;
        let (method, repeatable) = (route.method, self.is_repeatable());
        let (lines, names) = (false, None);
        Ok(SentRequest { method, path, query, body, lines, answer, hides, repeatable, names })
    }

    /// The JSON body as it was sent, also where `source` said it.
    fn json_body(&self) -> Bytes {
        match &self.parsed.body {
            ParsedBody::Json(json) => json.raw.clone(),
            ParsedBody::RankEval(_) => self.body.clone(),
            _ => Bytes::new(),
        }
    }
}

/// What expressions came to.
struct PinnedIndices {
    indices: Vec<Arc<IndexMetadata>>,
    found: Vec<Named>,
}

impl PinnedIndices {
    /// Their names, as one list; of no index one that comes to none.
    fn list(&self) -> String {
        let names: Vec<&str> = self.indices.iter().map(|index| index.name.as_str()).collect();
        if names.is_empty() { NOTHING.to_owned() } else { names.join(",") }
    }

    /// Refuses indices that are reached only through an alias with a filter or a routing: a concrete name would lose it.
    fn check_aliases(&self) -> Result<(), Exception> {
        match self.limits()?.first() {
            Some((index, _)) => Err(refused(&format!("alias of {index} with a filter"))),
            None => Ok(()),
        }
    }

    /// The indices that are reached only through aliases with a filter, each with these filters.
    ///
    /// # Errors
    /// 501 for one that is reached only through aliases of which one has a routing.
    fn limits(&self) -> Result<Vec<(&str, Vec<&Value>)>, Exception> {
        let mut limits = Vec::new();
        for index in &self.indices {
            let is_behind = |name: &&Named| name.indices.iter().any(|it| it.uuid == index.uuid);
            let aliases: Vec<Option<&Alias>> = self
                .found
                .iter()
                .filter(is_behind)
                .map(|name| index.aliases.get(&name.name).filter(|_| name.alias))
                .collect();
            let is_whole = |alias: &Option<&Alias>| {
                alias.is_none_or(|alias| alias.filter.is_none() && alias.search_routing.is_none())
            };
            if aliases.iter().any(is_whole) {
                continue;
            }
            if aliases.iter().flatten().any(|alias| alias.search_routing.is_some()) {
                return Err(refused(&format!("alias of {} with a routing", index.name)));
            }
            let filters = aliases.into_iter().flatten().filter_map(|alias| alias.filter.as_ref());
            limits.push((index.name.as_str(), filters.collect()));
        }
        Ok(limits)
    }
}

fn sent(request: SentRequest) -> Plan {
    Plan::Sent(Box::new(request))
}

/// A JSON value as a body.
fn printed(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}
