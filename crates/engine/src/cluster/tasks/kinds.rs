//! Which requests are told of as tasks, under which name, and which of them may go on after they were answered. Source: the
//! transport actions of Elasticsearch 7.10 and OpenSearch 2.19, and `getDescription` of their requests.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::flavor::Flavor;
use crate::rest::{Api, Parsed, ParsedBody, QueryParameters, Reindexed};
use crate::value::scalar::plain;

/// A kind of task.
#[derive(Debug)]
pub(super) struct TaskKind {
    /// Its name.
    pub(super) action: &'static str,
    /// Whether `_cancel` ends it.
    pub(super) cancellable: bool,
    describe: fn(&Described) -> String,
}

/// What a task is about: read when somebody asks.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub(super) kind: &'static TaskKind,
    flavor: Flavor,
    /// The indices of its URL.
    indices: Option<String>,
    /// What else its URL names.
    other: Option<String>,
    repository: Option<String>,
    query: Option<Arc<QueryParameters>>,
    body: Option<Arc<Value>>,
}

impl TaskKind {
    const fn of(
        action: &'static str,
        cancellable: bool,
        describe: fn(&Described) -> String,
    ) -> TaskKind {
        TaskKind { action, cancellable, describe }
    }

    /// The counts of a task of this kind that has done nothing yet; `None`: it never has any.
    pub(super) fn nothing_done(&self) -> Option<Map<String, Value>> {
        let counts = [&DELETION, &UPDATE, &REINDEX].iter().any(|kind| kind.action == self.action);
        let nothing = json!({
            "total": 0, "updated": 0, "created": 0, "deleted": 0, "batches": 0, "version_conflicts": 0,
            "noops": 0, "retries": {"bulk": 0, "search": 0}, "throttled_millis": 0,
            "requests_per_second": 0.0, "throttled_until_millis": 0,
        });
        nothing.as_object().filter(|_| counts).cloned()
    }

    /// A task of this kind that `parsed` is.
    pub(super) fn described(&'static self, parsed: &Parsed) -> Described {
        let route = &parsed.route;
        let part = |name: &str| route.part(name).map(str::to_owned);
        Described {
            kind: self,
            flavor: route.flavor,
            indices: part("index"),
            other: part("target").or_else(|| part("scroll_id")).or_else(|| part("snapshot")),
            repository: part("repository"),
            query: (route.api == Api::IndicesForcemerge).then(|| Arc::new(route.query.clone())),
            body: match &parsed.body {
                ParsedBody::Json(json) => Some(Arc::clone(&json.value)),
                _ => None,
            },
        }
    }
}

/// The kind of task that a request of this API is; `None`: nobody is told of it.
pub(super) fn kind(api: Api) -> Option<&'static TaskKind> {
    Some(match api {
        Api::Search
        | Api::Count
        | Api::SearchTemplate
        | Api::AsyncSearchSubmit
        | Api::AsynchronousSearchSubmit => &SEARCH,
        Api::Msearch | Api::MsearchTemplate => &MSEARCH,
        Api::Scroll => &SCROLL,
        Api::DeleteByQuery => &DELETION,
        Api::UpdateByQuery => &UPDATE,
        Api::Reindex => &REINDEX,
        Api::IndicesForcemerge => &FORCE_MERGE,
        Api::IndicesOpen => &OPENING,
        Api::IndicesShrink => &SHRINK,
        Api::IndicesSplit => &SPLIT,
        Api::IndicesClone => &CLONE,
        Api::SnapshotCreate => &SNAPSHOT,
        Api::TasksList | Api::CatTasks => &LISTING,
        _ => return None,
    })
}

/// Whether a request asks not to be waited for, and is one that goes on.
pub(crate) fn goes_on(parsed: &Parsed) -> bool {
    let route = &parsed.route;
    let waits_by_default = match route.api {
        Api::DeleteByQuery
        | Api::UpdateByQuery
        | Api::Reindex
        | Api::IndicesForcemerge
        | Api::IndicesOpen
        | Api::IndicesShrink
        | Api::IndicesSplit
        | Api::IndicesClone => true,
        Api::SnapshotCreate => false,
        _ => return false,
    };
    // A flag that is none is refused by who reads it for its error.
    !route.query.flag("wait_for_completion", waits_by_default).unwrap_or(true)
}

static SEARCH: TaskKind = TaskKind::of("indices:data/read/search", true, |of| {
    let types = if of.flavor == Flavor::Elasticsearch710 { "types[], " } else { "" };
    let source = of.body.as_ref().map(|body| body.to_string()).unwrap_or_default();
    format!("indices[{}], {types}search_type[QUERY_THEN_FETCH], source[{source}]", of.listed(","))
});

static MSEARCH: TaskKind = TaskKind::of("indices:data/read/msearch", true, |_| String::new());

static SCROLL: TaskKind = TaskKind::of("indices:data/read/scroll", true, |of| {
    let body = |key: &str| of.body.as_ref()?.get(key).map(plain);
    let id = body("scroll_id").or_else(|| of.other.clone()).unwrap_or_default();
    format!("scrollId[{id}], scroll[{}]", body("scroll").unwrap_or_default())
});

static DELETION: TaskKind = TaskKind::of("indices:data/write/delete/byquery", true, |of| {
    format!("delete-by-query [{}]", of.listed(", "))
});

static UPDATE: TaskKind = TaskKind::of("indices:data/write/update/byquery", true, |of| {
    format!("update-by-query [{}]", of.listed(", "))
});

static REINDEX: TaskKind = TaskKind::of("indices:data/write/reindex", true, |of| {
    let names = of.body.as_ref().map(|body| Reindexed::of(body)).unwrap_or_default();
    let typed = of.body.as_ref().and_then(|body| body.pointer("/dest/type").map(plain));
    let typed = match of.flavor {
        Flavor::Elasticsearch710 => format!("[{}]", typed.as_deref().unwrap_or("_doc")),
        Flavor::OpenSearch219 => String::new(),
    };
    let dest = names.dest.unwrap_or_default();
    format!("reindex from [{}] to [{dest}]{typed}", names.sources.join(", "))
});

static FORCE_MERGE: TaskKind = TaskKind::of("indices:admin/forcemerge", false, |of| {
    if of.flavor == Flavor::Elasticsearch710 {
        return String::new();
    }
    let asked = |name: &str| of.query.as_ref().and_then(|query| query.get(name));
    format!(
        "Force-merge indices [{}], maxSegments[{}], onlyExpungeDeletes[{}], flush[{}], primaryOnly[{}]",
        of.listed(", "),
        asked("max_num_segments").unwrap_or("-1"),
        asked("only_expunge_deletes").unwrap_or("false"),
        asked("flush").unwrap_or("true"),
        asked("primary_only").unwrap_or("false")
    )
});

static OPENING: TaskKind = TaskKind::of("indices:admin/open", false, |of| match of.flavor {
    Flavor::Elasticsearch710 => String::new(),
    Flavor::OpenSearch219 => format!("open indices [{}]", of.listed(", ")),
});

static SHRINK: TaskKind = TaskKind::of("indices:admin/resize", false, |of| of.resized("shrink"));

static SPLIT: TaskKind = TaskKind::of("indices:admin/resize", false, |of| of.resized("split"));

static CLONE: TaskKind = TaskKind::of("indices:admin/resize", false, |of| of.resized("clone"));

static SNAPSHOT: TaskKind = TaskKind::of("cluster:admin/snapshot/create", false, |of| {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    format!("snapshot [{}:{}]", part(&of.repository), part(&of.other))
});

static LISTING: TaskKind = TaskKind::of("cluster:monitor/tasks/lists", false, |_| String::new());

impl Described {
    /// What it is about, in a line.
    pub(super) fn text(&self) -> String {
        (self.kind.describe)(self)
    }

    fn resized(&self, how: &str) -> String {
        match self.flavor {
            Flavor::Elasticsearch710 => String::new(),
            Flavor::OpenSearch219 => {
                let target = self.other.as_deref().unwrap_or_default();
                format!("{how} from [{}] to [{target}]", self.listed(", "))
            }
        }
    }

    fn listed(&self, between: &str) -> String {
        self.indices.as_deref().unwrap_or_default().replace(',', between)
    }
}
