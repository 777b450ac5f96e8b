//! **The** table: every REST path of Elasticsearch 7.10 and OpenSearch 2.19 that a client is known to call.
//!
//! One row per API says everything about it: its name in the clients' specification; the flavors that have it (`any`,
//! `es`, `os`); whether it `reads`, `writes` or `administers` ([`Effect`]); what it touches ([`Touches`]) and, where that are the indices of its URL,
//! `[which of them a pattern matches, which block stops it]` ([`UrlIndices`]); what body it `takes` ([`BodyKind`]); which permissions it `needs` where the domain has roles; `by` which function it is done, or `later` (authorized by its URL, then answered 501); the
//! query parameters it knows (`+group` stands for the parameters of [`GROUPS`]; `es:` or `os:` narrows one of them);
//! and its paths with their methods (a leading `es` or `os` narrows one path). Whoever asks something about an API asks
//! its row: the router, the parser, the dispatch, the authorizer, the read-only proxy, the reference page. There is no
//! second list.
//!
//! A path that ends in `{rest}` stands for everything below it: a family of which no part is built.
//!
//! On Elasticsearch 7 `_doc` is the name of a mapping type and stands where `{type}` does: `POST /x/_doc/_search`
//! searches. On OpenSearch it is the place of ids, and the same path writes a document called `_search`.
//!
//! Sources: the REST API specifications of OpenSearch 2.19 and Elasticsearch 7.10 (paths and methods); the parameters of
//! what is built are those that the real servers took, one by one (`crates/engine/tests/it/recorded/`).

#[macro_use]
mod document;
#[macro_use]
mod search;
#[macro_use]
mod indices;
#[macro_use]
mod cat;
#[macro_use]
mod cluster;
#[macro_use]
mod extensions;

use super::Flavor;
use super::execute::Task;
use crate::cluster::blocks::BlockLevel;
use crate::cluster::names::UrlPatterns;
use crate::engine::Answer;

/// One row of the table. No column has a default, and what is built says what it touches: a row that nobody classified
/// does not compile.
///
/// ```
/// # use engine::rest::{Api, ApiRow, BodyKind, Effect, Handler, Touches};
/// const ROW: ApiRow = ApiRow {
///     api: Api::Ping,
///     name: "ping",
///     flavor: None,
///     effect: Effect::Read,
///     touches: Touches::Url,
///     indices: None,
///     body: BodyKind::None,
///     permissions: "cluster:monitor/main",
///     handler: Some(Handler::PING),
///     parameters: "",
///     paths: &["HEAD /"],
/// }
/// .classified();
/// ```
///
/// The same row without a word on what it touches:
///
/// ```compile_fail,E0063
/// # use engine::rest::{Api, ApiRow, BodyKind, Effect, Handler, Touches};
/// const ROW: ApiRow = ApiRow {
///     api: Api::Ping,
///     name: "ping",
///     flavor: None,
///     effect: Effect::Read,
///     indices: None,
///     body: BodyKind::None,
///     permissions: "cluster:monitor/main",
///     handler: Some(Handler::PING),
///     parameters: "",
///     paths: &["HEAD /"],
/// }
/// .classified();
/// ```
///
/// And built while nobody decided what it touches:
///
/// ```compile_fail,E0080
/// # use engine::rest::{Api, ApiRow, BodyKind, Effect, Handler, Touches};
/// const ROW: ApiRow = ApiRow {
///     api: Api::Ping,
///     name: "ping",
///     flavor: None,
///     effect: Effect::Read,
///     touches: Touches::Undecided,
///     indices: None,
///     body: BodyKind::None,
///     permissions: "cluster:monitor/main",
///     handler: Some(Handler::PING),
///     parameters: "",
///     paths: &["HEAD /"],
/// }
/// .classified();
/// ```
///
/// And built while nobody said which permissions it needs:
///
/// ```compile_fail,E0080
/// # use engine::rest::{Api, ApiRow, BodyKind, Effect, Handler, Touches};
/// const ROW: ApiRow = ApiRow {
///     api: Api::Ping,
///     name: "ping",
///     flavor: None,
///     effect: Effect::Read,
///     touches: Touches::Url,
///     indices: None,
///     body: BodyKind::None,
///     permissions: "",
///     handler: Some(Handler::PING),
///     parameters: "",
///     paths: &["HEAD /"],
/// }
/// .classified();
/// ```
///
/// And a row that touches the indices of its URL, without a word on what it makes of them:
///
/// ```compile_fail,E0080
/// # use engine::rest::{Api, ApiRow, BodyKind, Effect, Handler, Touches};
/// const ROW: ApiRow = ApiRow {
///     api: Api::Ping,
///     name: "ping",
///     flavor: None,
///     effect: Effect::Read,
///     touches: Touches::Indices,
///     indices: None,
///     body: BodyKind::None,
///     permissions: "cluster:monitor/main",
///     handler: Some(Handler::PING),
///     parameters: "",
///     paths: &["HEAD /"],
/// }
/// .classified();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ApiRow {
    /// Which API.
    pub api: Api,
    /// Its name in the clients' specification (`indices.create`).
    pub name: &'static str,
    /// The flavors that have it; `None` is both.
    pub flavor: Option<Flavor>,
    /// Whether it only reads, writes documents, or changes anything else.
    pub effect: Effect,
    /// What it touches besides its URL.
    pub touches: Touches,
    /// What it makes of the indices in its URL; `None` for an API that resolves none.
    pub indices: Option<UrlIndices>,
    /// What body it takes.
    pub body: BodyKind,
    /// The actions that the roles of fine-grained access control must allow, by the names that OpenSearch's security plugin
    /// asks for; space-separated. Those of indices are asked of each index that is touched. Nobody may call an API without.
    pub permissions: &'static str,
    /// What does it; `None` answers 501.
    pub handler: Option<Handler>,
    /// The query parameters it knows, space-separated; `+group` names a row of `GROUPS`, `es:name` and `os:name` are
    /// known on that flavor only.
    pub parameters: &'static str,
    /// Its paths: methods, then the template, with an optional flavor in front.
    pub paths: &'static [&'static str],
}

impl ApiRow {
    /// This row, as it may stand in the table. A row that has a handler and is [`Touches::Undecided`] does not compile:
    /// nothing is built before it is known what strict authorization has to ask for it. Nor does one that touches the
    /// indices of its URL and does not say which a pattern matches, and which block stops it; nor one that has a handler and
    /// needs no permission.
    #[must_use]
    pub const fn classified(self) -> ApiRow {
        assert!(
            self.handler.is_none() || !matches!(self.touches, Touches::Undecided),
            "an API with a handler must say what it touches"
        );
        assert!(
            self.handler.is_none() || !self.permissions.is_empty(),
            "an API with a handler must say which permissions it needs"
        );
        assert!(
            self.indices.is_some() == self.touches.resolves_the_url(),
            "an API that touches the indices of its URL must say which a pattern matches and which block stops it"
        );
        self
    }
}

/// What an API does to what it touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes neither data nor settings, and may go through a read-only proxy to a real cluster. Contexts of one's
    /// own (scrolls, points in time, asynchronous searches) may be opened and closed; not other people's at once.
    Read,
    /// It writes or deletes documents.
    Write,
    /// It changes something else, or nobody has made sure that it only reads.
    Admin,
}

/// What an API touches besides its URL: the server's authorizer has one way to ask for each, and no way for all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// Nothing: the URL says all there is.
    Url,
    /// One document, in the index behind the name in its URL; the [`Effect`] says whether it is read or written.
    Document,
    /// One document, as [`Touches::Document`], and the documents that its query looks up.
    ExplainedDocument,
    /// What the items of its body name: `_bulk`, `_mget`, `_msearch`.
    Items,
    /// The indices that its URL comes to (every index when it names none), and the documents that its query looks up.
    Search,
    /// As [`Touches::Search`], by several searches, and the indices of the documents that are rated.
    RatedSearches,
    /// The indices that its URL comes to; every index when it names none.
    Indices,
    /// The indices that its URL names; none when it names none.
    NamedIndices,
    /// An index that it creates, and the aliases that its body gives to it.
    NewIndex,
    /// An index whose documents it copies into another, which it creates.
    Resize,
    /// The indices behind an alias, and an index that it creates for it.
    Rollover,
    /// The indices that its body chooses: whoever copies them reads them.
    SnapshotTaken,
    /// What is told of the indices in the snapshots that its URL names.
    Snapshots,
    /// The indices of a snapshot that its body chooses, and those that are made of them.
    Restored,
    /// The data streams that its URL names, with what is behind them; all when it names none.
    DataStreams,
    /// The indices and aliases that its actions name.
    Aliases,
    /// Rows about the indices that its URL comes to: what the caller may not search is left out.
    Listing,
    /// As [`Touches::Listing`], and the documents that its query looks up.
    CountedListing,
    /// Indices that do not exist yet, through a template.
    Template,
    /// The indices that its body reads from, and the one that it writes to.
    Reindexed,
    /// The index whose mapping a script is tried with: its body names it, and gives the document.
    ScriptTrial,
    /// A cursor, which was asked about when it was opened and is asked about again.
    Cursor,
    /// Nobody has decided yet, so it cannot be built: see [`ApiRow::classified`].
    Undecided,
}

impl Touches {
    /// Whether an API that touches this resolves the index expressions of its URL.
    const fn resolves_the_url(self) -> bool {
        match self {
            Touches::Search
            | Touches::RatedSearches
            | Touches::Indices
            | Touches::NamedIndices
            | Touches::Aliases
            | Touches::Listing
            | Touches::CountedListing => true,
            Touches::Url
            | Touches::Document
            | Touches::ExplainedDocument
            | Touches::Items
            | Touches::NewIndex
            | Touches::Resize
            | Touches::Rollover
            | Touches::DataStreams
            | Touches::SnapshotTaken
            | Touches::Snapshots
            | Touches::Restored
            | Touches::Template
            | Touches::Reindexed
            | Touches::ScriptTrial
            | Touches::Cursor
            | Touches::Undecided => false,
        }
    }
}

/// What an API makes of the indices in its URL.
#[derive(Clone, Copy, Debug)]
pub struct UrlIndices {
    /// Which indices a pattern matches, before the query says otherwise.
    pub patterns: UrlPatterns,
    /// What the API does to them as far as blocks are concerned; `None` where its handler asks by itself, or no block
    /// stops it.
    pub blocked: Option<BlockLevel>,
}

/// What body an API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// None: one that is sent is refused.
    None,
    /// A JSON object, or nothing.
    Optional,
    /// A JSON object.
    Required,
    /// A JSON object with the query, or nothing: then the query string says what is asked.
    Query,
    /// A JSON object that is stored as it is.
    Document,
    /// Alias actions, where the URL does not say all of them.
    Aliases,
    /// The lines of `_bulk`.
    Bulk,
    /// The items of `_mget`.
    Mget,
    /// The lines of `_msearch`.
    Msearch,
    /// A search template, which becomes the search that it makes.
    SearchTemplate,
    /// The lines of `_msearch/template`, likewise.
    MsearchTemplate,
    /// Searches with ratings of documents.
    RankEval,
}

/// The function that does what an API is for.
#[derive(Clone, Copy, Debug)]
pub struct Handler(fn(&Task<'_>) -> Answer);

impl Handler {
    /// `HEAD /`: an empty answer.
    pub const PING: Handler = Handler(handlers::info::ping);

    /// Runs it.
    pub(super) fn run(self, task: &Task<'_>) -> Answer {
        (self.0)(task)
    }
}

/// Where the functions are that the rows name.
mod handlers {
    pub(super) use super::super::execute::{
        aliases, analyze, async_search, asynchronous_search, data_streams, explain, fields,
        indices, painless_execute, pits, rank_eval, registries, resize, resolve, rollover, scripts,
        search, search_pipelines, search_shards, search_templates, shards, stats, templates,
    };
    pub(super) use crate::cluster::tasks::api as task_api;
    pub(super) use crate::cluster::{
        allocation, cluster_settings, health, info, nodes, state, statistics,
    };
    pub(super) use crate::ingest::{api as ingest, simulate};
    pub(super) use crate::snapshots::api as snapshots;
    pub(super) use crate::{cat, document};
}

/// Groups of query parameters that many APIs share.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("timeouts", &["os:cluster_manager_timeout", "master_timeout", "timeout"]),
    ("manager", &["os:cluster_manager_timeout", "master_timeout"]),
    (
        "indices",
        &["allow_no_indices", "expand_wildcards", "ignore_throttled", "ignore_unavailable"],
    ),
    ("query_string", &["analyze_wildcard", "analyzer", "default_operator", "df", "lenient", "q"]),
    ("source_filter", &["_source", "_source_excludes", "_source_includes"]),
    ("cat", &["bytes", "h", "help", "pri", "s", "size", "time", "ts", "v"]),
    (
        "searching",
        &[
            "allow_partial_search_results",
            "batched_reduce_size",
            "os:cancel_after_time_interval",
            "ccs_minimize_roundtrips",
            "docvalue_fields",
            "explain",
            "from",
            "os:include_named_queries_score",
            "max_concurrent_shard_requests",
            "os:phase_took",
            "pre_filter_shard_size",
            "preference",
            "request_cache",
            "rest_total_hits_as_int",
            "routing",
            "scroll",
            "os:search_pipeline",
            "search_type",
            "seq_no_primary_term",
            "size",
            "sort",
            "stats",
            "stored_fields",
            "suggest_field",
            "suggest_mode",
            "suggest_size",
            "suggest_text",
            "terminate_after",
            "timeout",
            "track_scores",
            "track_total_hits",
            "version",
        ],
    ),
];

/// Query parameters that every API takes.
pub(super) const COMMON: &[&str] =
    &["pretty", "human", "error_trace", "source", "source_content_type", "filter_path", "format"];

/// Bytes of the body of a search that may be short.
pub const SHORT_SEARCH_BYTES_MAX: u64 = 2048;

impl Api {
    /// The row of this API.
    pub fn row(self) -> &'static ApiRow {
        // The table and the enum are written by one macro: the discriminant is the row's position.
        TABLE.get(self as usize).unwrap_or(&FALLBACK)
    }

    /// Its name in the clients' specification (`indices.create`).
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether answering takes microseconds whatever is stored and whatever is sent: it reads neither a body nor an index.
    /// Such a call may run where others must not wait.
    pub const fn is_brief(self) -> bool {
        matches!(self, Api::Ping | Api::Info)
    }

    /// Whether it is answered with one document, or whether there is one: mostly in microseconds, see
    /// [`Engine::answer_at_hand`](crate::Engine::answer_at_hand).
    pub const fn reads_one_document(self) -> bool {
        matches!(self, Api::Get | Api::Exists | Api::GetSource | Api::ExistsSource)
    }

    /// Whether it searches one index after the other, which for a body of at most [`SHORT_SEARCH_BYTES_MAX`] bytes takes microseconds for
    /// many a question, see [`Engine::answer_at_hand`](crate::Engine::answer_at_hand).
    pub const fn searches(self) -> bool {
        matches!(self, Api::Search)
    }

    /// Whether the engine can do it; otherwise it answers 501.
    pub fn built(self) -> bool {
        self.row().handler.is_some()
    }

    /// Whether the query parameter `name` is one this API knows on `flavor`.
    pub fn knows_parameter(self, name: &str, flavor: Flavor) -> bool {
        COMMON.contains(&name)
            || self
                .parameters()
                .any(|(known, only)| known == name && only.is_none_or(|only| only == flavor))
    }

    /// The query parameters that are this API's own, groups spelled out, each with the flavor it is narrowed to.
    pub fn parameters(self) -> impl Iterator<Item = (&'static str, Option<Flavor>)> {
        self.row().parameters.split_whitespace().flat_map(|word| {
            let group = word.strip_prefix('+').and_then(|name| {
                GROUPS.iter().find(|(group, _)| *group == name).map(|(_, members)| *members)
            });
            let own = if group.is_none() { Some(word) } else { None };
            own.into_iter().chain(group.into_iter().flatten().copied()).map(narrowed)
        })
    }
}

/// A word of a row: `os:name` is known on OpenSearch only.
fn narrowed(word: &'static str) -> (&'static str, Option<Flavor>) {
    match word.split_once(':') {
        Some(("es", name)) => (name, Some(Flavor::Elasticsearch710)),
        Some(("os", name)) => (name, Some(Flavor::OpenSearch219)),
        _ => (word, None),
    }
}

/// The name in a template's segment: `{index}` → `index`; `None` for a literal.
pub(super) fn part(segment: &str) -> Option<&str> {
    segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
}

/// The names of a template's parts, in order.
pub(super) fn parts(template: &str) -> impl Iterator<Item = &str> {
    template.split('/').filter_map(part)
}

/// What [`Api::row`] would return for a row that is not there; a test proves that every row is.
static FALLBACK: ApiRow = ApiRow {
    api: Api::Info,
    name: "info",
    flavor: None,
    effect: Effect::Admin,
    touches: Touches::Undecided,
    indices: None,
    body: BodyKind::None,
    permissions: "",
    handler: None,
    parameters: "",
    paths: &[],
};

/// Writes [`Api`] and [`TABLE`] out of the rows.
macro_rules! apis {
    ($(
        $api:ident $name:literal $flavor:ident
        $effect:ident $touches:ident $([$patterns:ident $block:ident])? takes $body:ident needs $permissions:literal
        $state:ident $($module:ident :: $function:ident)?
        $parameters:literal { $($path:literal)+ }
    )+) => {
        /// Every API of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Api { $(#[doc = concat!("`", $name, "`")] $api,)+ }

        impl Api {
            /// Every API, in the table's order.
            pub const ALL: &'static [Api] = &[$(Api::$api,)+];
        }

        /// The rows, in the order of [`Api`].
        pub(super) static TABLE: &[ApiRow] = &[$(ApiRow {
            api: Api::$api,
            name: $name,
            flavor: apis!(@flavor $flavor),
            effect: apis!(@effect $effect),
            touches: Touches::$touches,
            indices: apis!(@indices $([$patterns $block])?),
            body: apis!(@body $body),
            permissions: $permissions,
            handler: apis!(@handler $state $($module :: $function)?),
            parameters: $parameters,
            paths: &[$($path,)+],
        }.classified(),)+];
    };
    (@flavor any) => { None };
    (@flavor es) => { Some(Flavor::Elasticsearch710) };
    (@flavor os) => { Some(Flavor::OpenSearch219) };
    (@effect reads) => { Effect::Read };
    (@effect writes) => { Effect::Write };
    (@effect administers) => { Effect::Admin };
    (@indices) => { None };
    (@indices [$patterns:ident $block:ident]) => {
        Some(UrlIndices { patterns: apis!(@patterns $patterns), blocked: apis!(@block $block) })
    };
    (@patterns open) => { UrlPatterns::Open };
    (@patterns named) => { UrlPatterns::OpenOrNamed };
    (@patterns any) => { UrlPatterns::Any };
    (@patterns all) => { UrlPatterns::All };
    (@patterns closed) => { UrlPatterns::Closed };
    (@patterns concrete) => { UrlPatterns::Concrete };
    (@patterns no_streams) => { UrlPatterns::NoStreams };
    (@patterns asked) => { UrlPatterns::AllWhenAsked };
    (@block never) => { None };
    (@block metadata_read) => { Some(BlockLevel::MetadataRead) };
    (@block metadata_write) => { Some(BlockLevel::MetadataWrite) };
    (@block release) => { Some(BlockLevel::Release) };
    (@body none) => { BodyKind::None };
    (@body optional) => { BodyKind::Optional };
    (@body required) => { BodyKind::Required };
    (@body query) => { BodyKind::Query };
    (@body document) => { BodyKind::Document };
    (@body aliases) => { BodyKind::Aliases };
    (@body bulk) => { BodyKind::Bulk };
    (@body mget) => { BodyKind::Mget };
    (@body msearch) => { BodyKind::Msearch };
    (@body template) => { BodyKind::SearchTemplate };
    (@body msearch_template) => { BodyKind::MsearchTemplate };
    (@body rank_eval) => { BodyKind::RankEval };
    (@handler later) => { None };
    (@handler by $module:ident :: $function:ident) => { Some(Handler(handlers::$module::$function)) };
}

/// Hands the rows that were gathered to the next file, which adds its own, and all of them to `apis!`: an enum is
/// written in one piece, its rows in as many files as there are families.
macro_rules! gather {
    ([$($rows:tt)*] $file:ident $($next:ident)*) => { $file! { [$($rows)*] $($next)* } };
    ([$($rows:tt)*]) => { apis! { $($rows)* } };
}

gather! { [] document_rows search_rows indices_rows cat_rows cluster_rows extensions_rows }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_finds_its_own_row() {
        for (position, api) in Api::ALL.iter().enumerate() {
            assert_eq!(*api as usize, position);
            assert_eq!(api.row().api, *api);
        }
    }

    #[test]
    fn every_parameter_group_that_is_named_exists() {
        for row in TABLE {
            for word in row.parameters.split_whitespace() {
                let Some(group) = word.strip_prefix('+') else { continue };
                assert!(GROUPS.iter().any(|(name, _)| *name == group), "{}: {word}", row.name);
            }
        }
    }

    #[test]
    fn a_brief_api_reads_neither_a_body_nor_an_index() {
        for row in TABLE.iter().filter(|row| row.api.is_brief()) {
            assert!(matches!(row.effect, Effect::Read), "{}", row.name);
            assert!(matches!(row.touches, Touches::Url), "{}", row.name);
            assert!(matches!(row.body, BodyKind::None), "{}", row.name);
        }
    }

    #[test]
    fn what_reads_one_document_has_no_body() {
        for row in TABLE.iter().filter(|row| row.api.reads_one_document()) {
            assert!(matches!(row.effect, Effect::Read), "{}", row.name);
            assert!(matches!(row.touches, Touches::Document), "{}", row.name);
            assert!(matches!(row.body, BodyKind::None), "{}", row.name);
        }
    }

    #[test]
    fn groups_are_spelled_out() {
        let flavor = Flavor::OpenSearch219;
        assert!(Api::Search.knows_parameter("q", flavor));
        assert!(Api::Search.knows_parameter("pretty", flavor));
        assert!(!Api::Search.knows_parameter("foo", flavor));
    }

    #[test]
    fn a_narrowed_parameter_is_known_on_its_flavor_only() {
        let known = |flavor| Api::IndicesCreate.knows_parameter("include_type_name", flavor);
        assert!(known(Flavor::Elasticsearch710) && !known(Flavor::OpenSearch219));
    }
}
