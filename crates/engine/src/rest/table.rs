//! **The** table: every REST path of Elasticsearch 7.10 and OpenSearch 2.19 that a client is known to call.
//!
//! One row per API: its name in the clients' specification, the flavors that have it (`any`, `es`, `os`), whether it is
//! built (`built`, or `later`: authorized by its URL, then answered 501), what body it takes, the query parameters it
//! knows (`+group` stands for the parameters of [`GROUPS`]; `es:` or `os:` narrows one of them), and its paths with their
//! methods (a leading `es` or `os` narrows one path). Everything that asks "which API is this?" asks this table; there is
//! no second one.
//!
//! A path that ends in `{rest}` stands for everything below it: a family of which no part is built.
//!
//! On Elasticsearch 7 `_doc` is the name of a mapping type and stands where `{type}` does: `POST /x/_doc/_search`
//! searches. On OpenSearch it is the place of ids, and the same path writes a document called `_search`.
//!
//! Sources: the REST API specifications of OpenSearch 2.19 and Elasticsearch 7.10 (paths and methods); the parameters of
//! what is built are those that the real servers took, one by one (`crates/engine/tests/it/recorded/`).

use super::Flavor;

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// Which API.
    pub api: Api,
    /// Its name in the clients' specification (`indices.create`).
    pub name: &'static str,
    /// The flavors that have it; `None` is both.
    pub flavor: Option<Flavor>,
    /// Whether the engine can do it; otherwise it answers 501.
    pub built: bool,
    /// What body it takes.
    pub body: BodyKind,
    /// The query parameters it knows, space-separated; `+group` names a row of [`GROUPS`], `es:name` and `os:name` are
    /// known on that flavor only.
    pub parameters: &'static str,
    /// Its paths: methods, then the template, with an optional flavor in front.
    pub paths: &'static [&'static str],
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
    /// The lines of `_bulk`.
    Bulk,
    /// The lines of `_msearch`.
    Msearch,
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

impl Api {
    /// The row of this API.
    pub fn entry(self) -> &'static Entry {
        // The table and the enum are written by one macro: the discriminant is the row's position.
        TABLE.get(self as usize).unwrap_or(&FALLBACK)
    }

    /// Its name in the clients' specification (`indices.create`).
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Whether the engine can do it; otherwise it answers 501.
    pub fn built(self) -> bool {
        self.entry().built
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
        self.entry().parameters.split_whitespace().flat_map(|word| {
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

/// What [`Api::entry`] would return for a row that is not there; a test proves that every row is.
static FALLBACK: Entry = Entry {
    api: Api::Info,
    name: "info",
    flavor: None,
    built: false,
    body: BodyKind::None,
    parameters: "",
    paths: &[],
};

macro_rules! apis {
    ($($api:ident $name:literal $flavor:ident $state:ident $body:ident $parameters:literal { $($path:literal)+ })+) => {
        /// Every API of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Api { $(#[doc = concat!("`", $name, "`")] $api,)+ }

        impl Api {
            /// Every API, in the table's order.
            pub const ALL: &'static [Api] = &[$(Api::$api,)+];
        }

        /// The rows, in the order of [`Api`].
        pub(super) static TABLE: &[Entry] = &[$(Entry {
            api: Api::$api,
            name: $name,
            flavor: apis!(@flavor $flavor),
            built: apis!(@state $state),
            body: apis!(@body $body),
            parameters: $parameters,
            paths: &[$($path,)+],
        },)+];
    };
    (@flavor any) => { None };
    (@flavor es) => { Some(Flavor::Elasticsearch710) };
    (@flavor os) => { Some(Flavor::OpenSearch219) };
    (@state built) => { true };
    (@state later) => { false };
    (@body none) => { BodyKind::None };
    (@body optional) => { BodyKind::Optional };
    (@body required) => { BodyKind::Required };
    (@body bulk) => { BodyKind::Bulk };
    (@body msearch) => { BodyKind::Msearch };
}

apis! {
    // Documents.
    Index "index" any built required "if_primary_term if_seq_no op_type pipeline refresh require_alias routing timeout version version_type wait_for_active_shards" {
        "os PUT POST /{index}/_doc/{id}"
        "os POST /{index}/_doc"
        "es PUT POST /{index}/{type}/{id}"
        "es POST /{index}/{type}"
    }
    Create "create" any built required "if_primary_term if_seq_no op_type pipeline refresh require_alias routing timeout version version_type wait_for_active_shards" {
        "PUT POST /{index}/_create/{id}"
        "es PUT POST /{index}/{type}/{id}/_create"
    }
    Get "get" any built none "+source_filter fields preference realtime refresh routing stored_fields version version_type" {
        "os GET /{index}/_doc/{id}"
        "es GET /{index}/{type}/{id}"
    }
    Exists "exists" any built none "+source_filter preference realtime refresh routing stored_fields version version_type" {
        "os HEAD /{index}/_doc/{id}"
        "es HEAD /{index}/{type}/{id}"
    }
    GetSource "get_source" any built none "+source_filter preference realtime refresh routing" {
        "GET /{index}/_source/{id}"
        "es GET /{index}/{type}/{id}/_source"
    }
    ExistsSource "exists_source" any built none "+source_filter preference realtime refresh routing" {
        "HEAD /{index}/_source/{id}"
        "es HEAD /{index}/{type}/{id}/_source"
    }
    Update "update" any built required "+source_filter if_primary_term if_seq_no refresh require_alias retry_on_conflict routing timeout version version_type wait_for_active_shards" {
        "POST /{index}/_update/{id}"
        "es POST /{index}/{type}/{id}/_update"
    }
    Delete "delete" any built none "if_primary_term if_seq_no refresh routing timeout version version_type wait_for_active_shards" {
        "os DELETE /{index}/_doc/{id}"
        "es DELETE /{index}/{type}/{id}"
    }
    Bulk "bulk" any built bulk "+source_filter os:batch_size pipeline refresh require_alias routing timeout es:type wait_for_active_shards" {
        "POST PUT /_bulk"
        "POST PUT /{index}/_bulk"
        "es POST PUT /{index}/{type}/_bulk"
    }
    Mget "mget" any built required "+source_filter fields preference realtime refresh routing stored_fields" {
        "GET POST /_mget"
        "GET POST /{index}/_mget"
        "es GET POST /{index}/{type}/_mget"
    }
    Termvectors "termvectors" any later optional "field_statistics fields offsets payloads positions preference realtime routing term_statistics version version_type" {
        "GET POST /{index}/_termvectors/{id}"
        "GET POST /{index}/_termvectors"
        "es GET POST /{index}/{type}/{id}/_termvectors"
        "es GET POST /{index}/{type}/_termvectors"
    }
    Mtermvectors "mtermvectors" any later optional "field_statistics fields ids offsets payloads positions preference realtime routing term_statistics version version_type" {
        "GET POST /_mtermvectors"
        "GET POST /{index}/_mtermvectors"
        "es GET POST /{index}/{type}/_mtermvectors"
    }
    Explain "explain" any later optional "+query_string +source_filter preference routing stored_fields" {
        "GET POST /{index}/_explain/{id}"
        "es GET POST /{index}/{type}/{id}/_explain"
    }
    UpdateByQuery "update_by_query" any built optional "+searching +query_string +source_filter +indices conflicts max_docs pipeline refresh requests_per_second scroll_size search_timeout slices wait_for_active_shards wait_for_completion" {
        "POST /{index}/_update_by_query"
        "es POST /{index}/{type}/_update_by_query"
    }
    UpdateByQueryRethrottle "update_by_query_rethrottle" any later none "requests_per_second" {
        "POST /_update_by_query/{task_id}/_rethrottle"
    }
    DeleteByQuery "delete_by_query" any built required "+searching +query_string +source_filter +indices conflicts max_docs refresh requests_per_second scroll_size search_timeout slices wait_for_active_shards wait_for_completion" {
        "POST /{index}/_delete_by_query"
        "es POST /{index}/{type}/_delete_by_query"
    }
    DeleteByQueryRethrottle "delete_by_query_rethrottle" any later none "requests_per_second" {
        "POST /_delete_by_query/{task_id}/_rethrottle"
    }
    Reindex "reindex" any later required "max_docs refresh requests_per_second scroll slices timeout wait_for_active_shards wait_for_completion" {
        "POST /_reindex"
    }
    ReindexRethrottle "reindex_rethrottle" any later none "requests_per_second" {
        "POST /_reindex/{task_id}/_rethrottle"
    }

    // Search.
    Search "search" any built optional "+searching +query_string +source_filter +indices typed_keys" {
        "GET POST /_search"
        "GET POST /{index}/_search"
        "es GET POST /{index}/{type}/_search"
    }
    Msearch "msearch" any built msearch "+indices os:cancel_after_time_interval ccs_minimize_roundtrips max_concurrent_searches max_concurrent_shard_requests pre_filter_shard_size rest_total_hits_as_int routing search_type typed_keys" {
        "GET POST /_msearch"
        "GET POST /{index}/_msearch"
        "es GET POST /{index}/{type}/_msearch"
    }
    Count "count" any built optional "+query_string +indices min_score preference routing terminate_after" {
        "POST GET /_count"
        "POST GET /{index}/_count"
        "es GET POST /{index}/{type}/_count"
    }
    Scroll "scroll" any built optional "rest_total_hits_as_int scroll scroll_id" {
        "GET POST /_search/scroll"
        "GET POST /_search/scroll/{scroll_id}"
    }
    ClearScroll "clear_scroll" any built optional "scroll_id" {
        "DELETE /_search/scroll"
        "DELETE /_search/scroll/{scroll_id}"
    }
    SearchTemplate "search_template" any later required "+indices ccs_minimize_roundtrips explain ignore_throttled preference profile rest_total_hits_as_int routing scroll search_type typed_keys" {
        "GET POST /_search/template"
        "GET POST /{index}/_search/template"
        "es GET POST /{index}/{type}/_search/template"
    }
    MsearchTemplate "msearch_template" any later msearch "ccs_minimize_roundtrips max_concurrent_searches rest_total_hits_as_int search_type typed_keys" {
        "GET POST /_msearch/template"
        "GET POST /{index}/_msearch/template"
        "es GET POST /{index}/{type}/_msearch/template"
    }
    RenderSearchTemplate "render_search_template" any later optional "" {
        "GET POST /_render/template"
        "GET POST /_render/template/{id}"
    }
    FieldCaps "field_caps" any built optional "+indices fields include_unmapped" {
        "GET POST /_field_caps"
        "GET POST /{index}/_field_caps"
    }
    SearchShards "search_shards" any later optional "+indices local preference routing" {
        "GET POST /_search_shards"
        "GET POST /{index}/_search_shards"
    }
    RankEval "rank_eval" any later required "+indices search_type" {
        "GET POST /_rank_eval"
        "GET POST /{index}/_rank_eval"
    }
    CreatePit "create_pit" os later none "allow_partial_pit_creation keep_alive preference routing" {
        "POST /{index}/_search/point_in_time"
    }
    DeletePit "delete_pit" os later required "" {
        "DELETE /_search/point_in_time"
    }
    DeleteAllPits "delete_all_pits" os built none "" {
        "DELETE /_search/point_in_time/_all"
    }
    GetAllPits "get_all_pits" os built none "" {
        "GET /_search/point_in_time/_all"
    }
    SearchPipelineDelete "search_pipeline.delete" os built none "cluster_manager_timeout master_timeout timeout" {
        "DELETE /_search/pipeline/{id}"
    }
    SearchPipelineGet "search_pipeline.get" os built none "cluster_manager_timeout master_timeout" {
        "GET /_search/pipeline"
        "GET /_search/pipeline/{id}"
    }
    SearchPipelinePut "search_pipeline.put" os later required "cluster_manager_timeout timeout" {
        "PUT /_search/pipeline/{id}"
    }

    // Indices.
    IndicesAddBlock "indices.add_block" any later none "+timeouts +indices" {
        "PUT /{index}/_block/{block}"
    }
    IndicesAnalyze "indices.analyze" any built optional "" {
        "GET POST /_analyze"
        "GET POST /{index}/_analyze"
    }
    IndicesClearCache "indices.clear_cache" any built none "+indices fielddata fields os:file query request" {
        "POST /_cache/clear"
        "POST /{index}/_cache/clear"
    }
    IndicesClone "indices.clone" any later optional "+timeouts task_execution_timeout wait_for_active_shards wait_for_completion" {
        "PUT POST /{index}/_clone/{target}"
    }
    IndicesClose "indices.close" any built none "+indices +timeouts wait_for_active_shards" {
        "POST /{index}/_close"
    }
    IndicesCreate "indices.create" any built optional "+timeouts es:include_type_name wait_for_active_shards" {
        "PUT /{index}"
    }
    IndicesCreateDataStream "indices.create_data_stream" os later optional "" {
        "PUT /_data_stream/{name}"
    }
    IndicesDataStreamsStats "indices.data_streams_stats" os later none "" {
        "GET /_data_stream/_stats"
        "GET /_data_stream/{name}/_stats"
    }
    IndicesDelete "indices.delete" any built none "+indices +timeouts" {
        "DELETE /{index}"
    }
    IndicesDeleteAlias "indices.delete_alias" any built none "+timeouts" {
        "DELETE /{index}/_alias/{name}"
        "DELETE /{index}/_aliases/{name}"
    }
    IndicesDeleteDataStream "indices.delete_data_stream" os later none "" {
        "DELETE /_data_stream/{name}"
    }
    IndicesDeleteIndexTemplate "indices.delete_index_template" any built none "+manager" {
        "DELETE /_index_template/{name}"
    }
    IndicesDeleteTemplate "indices.delete_template" any built none "+manager" {
        "DELETE /_template/{name}"
    }
    IndicesExists "indices.exists" any built none "+indices +manager flat_settings include_defaults es:include_type_name local" {
        "HEAD /{index}"
    }
    IndicesExistsAlias "indices.exists_alias" any built none "+indices local" {
        "HEAD /_alias/{name}"
        "HEAD /{index}/_alias/{name}"
        "HEAD /{index}/_alias"
    }
    IndicesExistsIndexTemplate "indices.exists_index_template" any built none "+manager flat_settings local" {
        "HEAD /_index_template/{name}"
    }
    IndicesExistsTemplate "indices.exists_template" any built none "+manager flat_settings es:include_type_name local" {
        "HEAD /_template/{name}"
    }
    IndicesFlush "indices.flush" any built none "+indices force wait_if_ongoing" {
        "POST GET /_flush"
        "POST GET /{index}/_flush"
        "GET POST /_flush/synced"
        "GET POST /{index}/_flush/synced"
    }
    IndicesForcemerge "indices.forcemerge" any built none "+indices flush max_num_segments only_expunge_deletes os:primary_only os:wait_for_completion" {
        "POST /_forcemerge"
        "POST /{index}/_forcemerge"
    }
    IndicesGet "indices.get" any built none "+indices +manager flat_settings include_defaults es:include_type_name local" {
        "GET /{index}"
    }
    IndicesGetAlias "indices.get_alias" any built none "+indices local" {
        "GET /_alias"
        "GET /_alias/{name}"
        "GET /{index}/_alias/{name}"
        "GET /{index}/_alias"
        "GET /_aliases"
    }
    IndicesGetDataStream "indices.get_data_stream" os built none "" {
        "GET /_data_stream"
        "GET /_data_stream/{name}"
    }
    IndicesGetFieldMapping "indices.get_field_mapping" any built none "+indices include_defaults es:include_type_name local" {
        "GET /_mapping/field/{fields}"
        "GET /{index}/_mapping/field/{fields}"
        "es GET /_mapping/{type}/field/{fields}"
        "es GET /{index}/_mapping/{type}/field/{fields}"
    }
    IndicesGetIndexTemplate "indices.get_index_template" any built none "+manager flat_settings local" {
        "GET /_index_template"
        "GET /_index_template/{name}"
    }
    IndicesGetMapping "indices.get_mapping" any built none "+indices +manager es:include_type_name local" {
        "GET /_mapping"
        "GET /{index}/_mapping"
        "GET /_mappings"
        "GET /{index}/_mappings"
        "es GET /_mapping/{type}"
        "es GET /{index}/_mapping/{type}"
        "es GET /{index}/_mappings/{type}"
        "es GET /{index}/{type}/_mapping"
    }
    IndicesGetSettings "indices.get_settings" any built none "+indices +manager flat_settings include_defaults local" {
        "GET /_settings"
        "GET /{index}/_settings"
        "GET /{index}/_settings/{name}"
        "GET /_settings/{name}"
        "GET /{index}/_setting/{name}"
    }
    IndicesGetTemplate "indices.get_template" any built none "+manager flat_settings es:include_type_name local" {
        "GET /_template"
        "GET /_template/{name}"
    }
    IndicesGetUpgrade "indices.get_upgrade" any later none "+indices" {
        "GET /_upgrade"
        "GET /{index}/_upgrade"
    }
    IndicesOpen "indices.open" any built none "+indices +timeouts wait_for_active_shards os:wait_for_completion" {
        "POST /{index}/_open"
    }
    IndicesPutAlias "indices.put_alias" any built optional "+timeouts" {
        "PUT POST /{index}/_alias/{name}"
        "PUT POST /{index}/_aliases/{name}"
        "PUT /{index}/_alias"
        "PUT /{index}/_aliases"
        "PUT POST /_alias/{name}"
        "PUT POST /_aliases/{name}"
        "PUT /_alias"
    }
    IndicesPutIndexTemplate "indices.put_index_template" any later required "+timeouts cause create" {
        "PUT POST /_index_template/{name}"
    }
    IndicesPutMapping "indices.put_mapping" any built required "+indices +timeouts es:include_type_name write_index_only" {
        "PUT POST /{index}/_mapping"
        "PUT POST /{index}/_mappings"
        "es PUT POST /{index}/_mapping/{type}"
        "es PUT POST /{index}/_mappings/{type}"
        "es PUT POST /{index}/{type}/_mapping"
        "es PUT POST /{index}/{type}/_mappings"
        "es PUT /_mapping/{type}"
    }
    IndicesPutSettings "indices.put_settings" any built required "+indices +timeouts flat_settings preserve_existing" {
        "PUT /_settings"
        "PUT /{index}/_settings"
    }
    IndicesPutTemplate "indices.put_template" any later required "+timeouts create include_type_name order" {
        "PUT POST /_template/{name}"
    }
    IndicesRecovery "indices.recovery" any later none "active_only detailed" {
        "GET /_recovery"
        "GET /{index}/_recovery"
    }
    IndicesRefresh "indices.refresh" any built none "+indices" {
        "POST GET /_refresh"
        "POST GET /{index}/_refresh"
    }
    IndicesResolveIndex "indices.resolve_index" any built none "+indices" {
        "GET /_resolve/index/{index}"
    }
    IndicesRollover "indices.rollover" any later optional "+timeouts dry_run include_type_name wait_for_active_shards" {
        "POST /{alias}/_rollover"
        "POST /{alias}/_rollover/{new_index}"
    }
    IndicesSegments "indices.segments" any later none "+indices verbose" {
        "GET /_segments"
        "GET /{index}/_segments"
    }
    IndicesShardStores "indices.shard_stores" any later none "+indices status" {
        "GET /_shard_stores"
        "GET /{index}/_shard_stores"
    }
    IndicesShrink "indices.shrink" any later optional "+timeouts copy_settings task_execution_timeout wait_for_active_shards wait_for_completion" {
        "PUT POST /{index}/_shrink/{target}"
    }
    IndicesSimulateIndexTemplate "indices.simulate_index_template" any later optional "+timeouts cause create" {
        "POST /_index_template/_simulate_index/{name}"
    }
    IndicesSimulateTemplate "indices.simulate_template" any later optional "+timeouts cause create" {
        "POST /_index_template/_simulate"
        "POST /_index_template/_simulate/{name}"
    }
    IndicesSplit "indices.split" any later optional "+timeouts copy_settings task_execution_timeout wait_for_active_shards wait_for_completion" {
        "PUT POST /{index}/_split/{target}"
    }
    IndicesStats "indices.stats" any built none "+indices completion_fields fielddata_fields fields forbid_closed_indices groups include_segment_file_sizes include_unloaded_segments level os:timeout es:types" {
        "GET /_stats"
        "GET /_stats/{metric}"
        "GET /{index}/_stats"
        "GET /{index}/_stats/{metric}"
    }
    IndicesUpdateAliases "indices.update_aliases" any built required "+timeouts" {
        "POST /_aliases"
    }
    IndicesUpgrade "indices.upgrade" any later none "+indices only_ancient_segments wait_for_completion" {
        "POST /_upgrade"
        "POST /{index}/_upgrade"
    }
    IndicesValidateQuery "indices.validate_query" any built optional "+query_string +indices all_shards explain rewrite" {
        "GET POST /_validate/query"
        "GET POST /{index}/_validate/query"
        "es GET POST /{index}/{type}/_validate/query"
    }

    // Tables for people.
    CatAliases "cat.aliases" any built none "+indices +cat local os:timeout" {
        "GET /_cat/aliases"
        "GET /_cat/aliases/{name}"
    }
    CatAllocation "cat.allocation" any later none "+timeouts +cat bytes local" {
        "GET /_cat/allocation"
        "GET /_cat/allocation/{node_id}"
    }
    CatClusterManager "cat.cluster_manager" any later none "+timeouts +cat local" {
        "GET /_cat/cluster_manager"
        "GET /_cat/master"
    }
    CatCount "cat.count" any built optional "+query_string +cat os:timeout" {
        "GET /_cat/count"
        "GET /_cat/count/{index}"
    }
    CatFielddata "cat.fielddata" any built none "+cat fields os:timeout" {
        "GET /_cat/fielddata"
        "GET /_cat/fielddata/{fields}"
    }
    CatHealth "cat.health" any built none "+cat os:timeout" {
        "GET /_cat/health"
    }
    CatHelp "cat.help" any built none "" {
        "GET /_cat"
    }
    CatIndices "cat.indices" any built none "+indices +manager +cat health include_unloaded_segments local os:timeout" {
        "GET /_cat/indices"
        "GET /_cat/indices/{index}"
    }
    CatNodeattrs "cat.nodeattrs" any later none "+timeouts +cat local" {
        "GET /_cat/nodeattrs"
    }
    CatNodes "cat.nodes" any later none "+timeouts +cat bytes full_id local time" {
        "GET /_cat/nodes"
    }
    CatPendingTasks "cat.pending_tasks" any built none "+manager +cat local os:timeout" {
        "GET /_cat/pending_tasks"
    }
    CatPlugins "cat.plugins" any built none "+manager +cat local os:timeout" {
        "GET /_cat/plugins"
    }
    CatRecovery "cat.recovery" any later none "+cat active_only bytes detailed index time" {
        "GET /_cat/recovery"
        "GET /_cat/recovery/{index}"
    }
    CatRepositories "cat.repositories" any built none "+manager +cat local os:timeout" {
        "GET /_cat/repositories"
    }
    CatSegmentReplication "cat.segment_replication" os later none "+cat active_only bytes detailed index shards time" {
        "GET /_cat/segment_replication"
        "GET /_cat/segment_replication/{index}"
    }
    CatSegments "cat.segments" any later none "+timeouts +cat bytes" {
        "GET /_cat/segments"
        "GET /_cat/segments/{index}"
    }
    CatShards "cat.shards" any built none "+manager +cat os:cancel_after_time_interval local os:timeout" {
        "GET /_cat/shards"
        "GET /_cat/shards/{index}"
    }
    CatSnapshots "cat.snapshots" any built none "+manager +cat ignore_unavailable os:timeout" {
        "GET /_cat/snapshots"
        "GET /_cat/snapshots/{repository}"
    }
    CatTasks "cat.tasks" any built none "+cat actions detailed nodes parent_task_id timeout wait_for_completion" {
        "GET /_cat/tasks"
    }
    CatTemplates "cat.templates" any built none "+manager +cat local os:timeout" {
        "GET /_cat/templates"
        "GET /_cat/templates/{name}"
    }
    CatThreadPool "cat.thread_pool" any later none "+timeouts +cat local size" {
        "GET /_cat/thread_pool"
        "GET /_cat/thread_pool/{thread_pool_patterns}"
    }

    // Cluster and nodes.
    Info "info" any built none "" {
        "GET /"
    }
    Ping "ping" any built none "" {
        "HEAD /"
    }
    ClusterAllocationExplain "cluster.allocation_explain" any later optional "include_disk_info include_yes_decisions" {
        "GET POST /_cluster/allocation/explain"
    }
    ClusterDeleteComponentTemplate "cluster.delete_component_template" any built none "+manager" {
        "DELETE /_component_template/{name}"
    }
    ClusterDeleteDecommissionAwareness "cluster.delete_decommission_awareness" os later none "" {
        "DELETE /_cluster/decommission/awareness"
    }
    ClusterDeleteVotingConfigExclusions "cluster.delete_voting_config_exclusions" any later none "wait_for_removal" {
        "DELETE /_cluster/voting_config_exclusions"
    }
    ClusterDeleteWeightedRouting "cluster.delete_weighted_routing" os later none "" {
        "DELETE /_cluster/routing/awareness/weights"
    }
    ClusterExistsComponentTemplate "cluster.exists_component_template" any built none "+manager flat_settings local" {
        "HEAD /_component_template/{name}"
    }
    ClusterGetComponentTemplate "cluster.get_component_template" any built none "+manager flat_settings local" {
        "GET /_component_template"
        "GET /_component_template/{name}"
    }
    ClusterGetDecommissionAwareness "cluster.get_decommission_awareness" os later none "" {
        "GET /_cluster/decommission/awareness/{awareness_attribute_name}/_status"
    }
    ClusterGetSettings "cluster.get_settings" any built none "+manager flat_settings include_defaults local" {
        "GET /_cluster/settings"
    }
    ClusterGetWeightedRouting "cluster.get_weighted_routing" os later none "" {
        "GET /_cluster/routing/awareness/{attribute}/weights"
    }
    ClusterHealth "cluster.health" any built none "+indices +timeouts os:awareness_attribute os:ensure_node_weighed_in level local wait_for_active_shards wait_for_events wait_for_no_initializing_shards wait_for_no_relocating_shards wait_for_nodes wait_for_status" {
        "GET /_cluster/health"
        "GET /_cluster/health/{index}"
    }
    ClusterPendingTasks "cluster.pending_tasks" any built none "+manager local" {
        "GET /_cluster/pending_tasks"
    }
    ClusterPostVotingConfigExclusions "cluster.post_voting_config_exclusions" any later none "node_ids node_names timeout" {
        "POST /_cluster/voting_config_exclusions"
    }
    ClusterPutComponentTemplate "cluster.put_component_template" any later required "+timeouts create" {
        "PUT POST /_component_template/{name}"
    }
    ClusterPutDecommissionAwareness "cluster.put_decommission_awareness" os later none "" {
        "PUT /_cluster/decommission/awareness/{awareness_attribute_name}/{awareness_attribute_value}"
    }
    ClusterPutSettings "cluster.put_settings" any later required "+timeouts flat_settings" {
        "PUT /_cluster/settings"
    }
    ClusterPutWeightedRouting "cluster.put_weighted_routing" os later none "" {
        "PUT /_cluster/routing/awareness/{attribute}/weights"
    }
    ClusterRemoteInfo "cluster.remote_info" any built none "" {
        "GET /_remote/info"
    }
    ClusterReroute "cluster.reroute" any later optional "+timeouts dry_run explain metric retry_failed" {
        "POST /_cluster/reroute"
    }
    ClusterState "cluster.state" any later none "+timeouts +indices flat_settings local wait_for_metadata_version wait_for_timeout" {
        "GET /_cluster/state"
        "GET /_cluster/state/{metric}"
        "GET /_cluster/state/{metric}/{index}"
    }
    ClusterStats "cluster.stats" any later none "flat_settings timeout" {
        "GET /_cluster/stats"
        "GET /_cluster/stats/nodes/{node_id}"
    }
    NodesHotThreads "nodes.hot_threads" any later none "ignore_idle_threads interval snapshots threads timeout type" {
        "GET /_nodes/hot_threads"
        "GET /_nodes/{node_id}/hot_threads"
        "GET /_cluster/nodes/hotthreads"
        "GET /_cluster/nodes/{node_id}/hotthreads"
        "GET /_nodes/hotthreads"
        "GET /_nodes/{node_id}/hotthreads"
        "GET /_cluster/nodes/hot_threads"
        "GET /_cluster/nodes/{node_id}/hot_threads"
    }
    NodesInfo "nodes.info" any built none "flat_settings timeout" {
        "GET /_nodes"
        "GET /_nodes/{node_id}"
        "GET /_nodes/{metric}"
        "GET /_nodes/{node_id}/{metric}"
    }
    NodesReloadSecureSettings "nodes.reload_secure_settings" any later optional "timeout" {
        "POST /_nodes/reload_secure_settings"
        "POST /_nodes/{node_id}/reload_secure_settings"
    }
    NodesStats "nodes.stats" any later none "completion_fields fielddata_fields fields groups include_segment_file_sizes level timeout types" {
        "GET /_nodes/stats"
        "GET /_nodes/{node_id}/stats"
        "GET /_nodes/stats/{metric}"
        "GET /_nodes/{node_id}/stats/{metric}"
        "GET /_nodes/stats/{metric}/{index_metric}"
        "GET /_nodes/{node_id}/stats/{metric}/{index_metric}"
    }
    NodesUsage "nodes.usage" any later none "timeout" {
        "GET /_nodes/usage"
        "GET /_nodes/{node_id}/usage"
        "GET /_nodes/usage/{metric}"
        "GET /_nodes/{node_id}/usage/{metric}"
    }
    TasksCancel "tasks.cancel" any later none "actions nodes parent_task_id wait_for_completion" {
        "POST /_tasks/_cancel"
        "POST /_tasks/{task_id}/_cancel"
    }
    TasksGet "tasks.get" any built none "timeout wait_for_completion" {
        "GET /_tasks/{task_id}"
    }
    TasksList "tasks.list" any built none "actions detailed group_by nodes parent_task_id timeout wait_for_completion" {
        "GET /_tasks"
    }
    DanglingIndicesDeleteDanglingIndex "dangling_indices.delete_dangling_index" any later none "+timeouts accept_data_loss" {
        "DELETE /_dangling/{index_uuid}"
    }
    DanglingIndicesImportDanglingIndex "dangling_indices.import_dangling_index" any later none "+timeouts accept_data_loss" {
        "POST /_dangling/{index_uuid}"
    }
    DanglingIndicesListDanglingIndices "dangling_indices.list_dangling_indices" any built none "" {
        "GET /_dangling"
    }
    RemoteStoreRestore "remote_store.restore" os later required "cluster_manager_timeout wait_for_completion" {
        "POST /_remotestore/_restore"
    }
    RemoteStoreStats "remote_store.stats" os later none "timeout" {
        "GET /_remotestore/stats/{index}"
        "GET /_remotestore/stats/{index}/{shard_id}"
    }
    WlmStatsList "wlm_stats_list" os later none "next_token order size sort v" {
        "GET /_list/wlm_stats"
    }

    // Ingest, scripts, snapshots.
    IngestDeletePipeline "ingest.delete_pipeline" any built none "+timeouts" {
        "DELETE /_ingest/pipeline/{id}"
    }
    IngestGetPipeline "ingest.get_pipeline" any built none "+manager" {
        "GET /_ingest/pipeline"
        "GET /_ingest/pipeline/{id}"
    }
    IngestProcessorGrok "ingest.processor_grok" any later none "" {
        "GET /_ingest/processor/grok"
    }
    IngestPutPipeline "ingest.put_pipeline" any later required "+timeouts" {
        "PUT /_ingest/pipeline/{id}"
    }
    IngestSimulate "ingest.simulate" any later required "verbose" {
        "GET POST /_ingest/pipeline/_simulate"
        "GET POST /_ingest/pipeline/{id}/_simulate"
    }
    PutScript "put_script" any later required "+timeouts context" {
        "PUT POST /_scripts/{id}"
        "PUT POST /_scripts/{id}/{context}"
    }
    GetScript "get_script" any built none "+manager" {
        "GET /_scripts/{id}"
    }
    GetScriptContext "get_script_context" any later none "" {
        "GET /_script_context"
    }
    GetScriptLanguages "get_script_languages" any later none "" {
        "GET /_script_language"
    }
    DeleteScript "delete_script" any built none "+timeouts" {
        "DELETE /_scripts/{id}"
    }
    ScriptsPainlessExecute "scripts_painless_execute" any later optional "" {
        "GET POST /_scripts/painless/_execute"
    }
    SnapshotCleanupRepository "snapshot.cleanup_repository" any later none "+timeouts" {
        "POST /_snapshot/{repository}/_cleanup"
    }
    SnapshotClone "snapshot.clone" any later required "+timeouts" {
        "PUT /_snapshot/{repository}/{snapshot}/_clone/{target_snapshot}"
    }
    SnapshotCreate "snapshot.create" any later optional "+timeouts wait_for_completion" {
        "PUT POST /_snapshot/{repository}/{snapshot}"
    }
    SnapshotCreateRepository "snapshot.create_repository" any later required "+timeouts verify" {
        "PUT POST /_snapshot/{repository}"
    }
    SnapshotDelete "snapshot.delete" any built none "+manager" {
        "DELETE /_snapshot/{repository}/{snapshot}"
    }
    SnapshotDeleteRepository "snapshot.delete_repository" any built none "+timeouts" {
        "DELETE /_snapshot/{repository}"
    }
    SnapshotGet "snapshot.get" any built none "+manager ignore_unavailable verbose" {
        "GET /_snapshot/{repository}/{snapshot}"
    }
    SnapshotGetRepository "snapshot.get_repository" any built none "+manager flat_settings local" {
        "GET /_snapshot"
        "GET /_snapshot/{repository}"
    }
    SnapshotRestore "snapshot.restore" any later optional "+timeouts source_remote_store_repository wait_for_completion" {
        "POST /_snapshot/{repository}/{snapshot}/_restore"
    }
    SnapshotStatus "snapshot.status" any built none "+manager ignore_unavailable" {
        "GET /_snapshot/_status"
        "GET /_snapshot/{repository}/_status"
        "GET /_snapshot/{repository}/{snapshot}/_status"
        "os GET /_snapshot/{repository}/{snapshot}/{index}/_status"
    }
    SnapshotVerifyRepository "snapshot.verify_repository" any later none "+timeouts" {
        "POST /_snapshot/{repository}/_verify"
    }

    // What Elasticsearch 7.10 adds under x-pack and that its clients call.
    XpackInfo "xpack.info" es later none "+timeouts categories accept_enterprise" {
        "GET /_xpack"
    }
    XpackUsage "xpack.usage" es later none "+timeouts" {
        "GET /_xpack/usage"
    }
    LicenseGet "license.get" es later none "local accept_enterprise" {
        "GET /_license"
        "GET /_xpack/license"
    }
    IlmGetLifecycle "ilm.get_lifecycle" es later none "+timeouts" {
        "GET /_ilm/policy"
        "GET /_ilm/policy/{policy}"
    }
    IlmPutLifecycle "ilm.put_lifecycle" es later optional "+timeouts" {
        "PUT /_ilm/policy/{policy}"
    }
    IlmDeleteLifecycle "ilm.delete_lifecycle" es later none "+timeouts" {
        "DELETE /_ilm/policy/{policy}"
    }
    IlmExplainLifecycle "ilm.explain_lifecycle" es later none "only_errors only_managed" {
        "GET /{index}/_ilm/explain"
    }
    IlmGetStatus "ilm.get_status" es later none "" {
        "GET /_ilm/status"
    }
    IlmStart "ilm.start" es later none "+timeouts" {
        "POST /_ilm/start"
    }
    IlmStop "ilm.stop" es later none "+timeouts" {
        "POST /_ilm/stop"
    }
    OpenPointInTime "open_point_in_time" es later none "+indices keep_alive preference routing" {
        "POST /_pit"
        "POST /{index}/_pit"
    }
    ClosePointInTime "close_point_in_time" es later optional "" {
        "DELETE /_pit"
    }
    AsyncSearchSubmit "async_search.submit" es later optional "" {
        "POST /_async_search"
        "POST /{index}/_async_search"
    }
    AsyncSearchGet "async_search.get" es later none "keep_alive typed_keys wait_for_completion_timeout" {
        "GET /_async_search/{id}"
    }
    AsyncSearchDelete "async_search.delete" es later none "" {
        "DELETE /_async_search/{id}"
    }
    SecurityAuthenticate "security.authenticate" es later none "" {
        "GET /_security/_authenticate"
    }
    IndicesFreeze "indices.freeze" es later none "+indices +timeouts wait_for_active_shards" {
        "POST /{index}/_freeze"
    }
    IndicesUnfreeze "indices.unfreeze" es later none "+indices +timeouts wait_for_active_shards" {
        "POST /{index}/_unfreeze"
    }
    IndicesExistsType "indices.exists_type" es built none "+indices include_type_name local master_timeout" {
        "HEAD /{index}/_mapping/{type}"
    }
    MigrationDeprecations "migration.deprecations" es later none "" {
        "GET /_migration/deprecations"
        "GET /{index}/_migration/deprecations"
    }

    // Families of plugins that Amazon's service has: known by their prefix, none of them built. Once `_opendistro`, now
    // `_plugins`.
    PluginsAlerting "plugins.alerting" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_alerting/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_alerting/{rest}"
    }
    PluginsAnomalyDetection "plugins.anomaly_detection" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_anomaly_detection/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_anomaly_detection/{rest}"
    }
    PluginsAsynchronousSearch "plugins.asynchronous_search" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_asynchronous_search/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_asynchronous_search/{rest}"
    }
    PluginsIsm "plugins.ism" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_ism"
        "GET HEAD POST PUT DELETE /_opendistro/_ism"
        "os GET HEAD POST PUT DELETE /_plugins/_ism/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_ism/{rest}"
    }
    PluginsKnn "plugins.knn" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_knn"
        "GET HEAD POST PUT DELETE /_opendistro/_knn"
        "os GET HEAD POST PUT DELETE /_plugins/_knn/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_knn/{rest}"
    }
    PluginsPpl "plugins.ppl" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_ppl"
        "GET HEAD POST PUT DELETE /_opendistro/_ppl"
        "os GET HEAD POST PUT DELETE /_plugins/_ppl/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_ppl/{rest}"
    }
    PluginsReports "plugins.reports" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_reports"
        "GET HEAD POST PUT DELETE /_opendistro/_reports"
        "os GET HEAD POST PUT DELETE /_plugins/_reports/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_reports/{rest}"
    }
    PluginsRollup "plugins.rollup" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_rollup"
        "GET HEAD POST PUT DELETE /_opendistro/_rollup"
        "os GET HEAD POST PUT DELETE /_plugins/_rollup/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_rollup/{rest}"
    }
    PluginsSecurity "plugins.security" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_security/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_security/{rest}"
    }
    PluginsSql "plugins.sql" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_sql"
        "GET HEAD POST PUT DELETE /_opendistro/_sql"
        "os GET HEAD POST PUT DELETE /_plugins/_sql/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_sql/{rest}"
    }
    PluginsTransform "plugins.transform" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_transform"
        "GET HEAD POST PUT DELETE /_opendistro/_transform"
        "os GET HEAD POST PUT DELETE /_plugins/_transform/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_transform/{rest}"
    }
    PluginsFlowFramework "plugins.flow_framework" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_flow_framework/{rest}"
    }
    PluginsGeospatial "plugins.geospatial" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_geospatial/{rest}"
    }
    PluginsMl "plugins.ml" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_ml/{rest}"
    }
    PluginsNeural "plugins.neural" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_neural/{rest}"
    }
    PluginsNotifications "plugins.notifications" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_notifications/{rest}"
    }
    PluginsObservability "plugins.observability" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_observability/{rest}"
    }
    PluginsQuery "plugins.query" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_query/{rest}"
    }
    PluginsReplication "plugins.replication" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_replication/{rest}"
    }
    PluginsSecurityAnalytics "plugins.security_analytics" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_security_analytics/{rest}"
    }
    PluginsSm "plugins.sm" os later optional "" {
        "GET HEAD POST PUT DELETE /_plugins/_sm/{rest}"
    }
    PluginsPerformanceAnalyzer "plugins.performance_analyzer" any later optional "" {
        "os GET HEAD POST PUT DELETE /_plugins/_performanceanalyzer/{rest}"
        "GET HEAD POST PUT DELETE /_opendistro/_performanceanalyzer/{rest}"
    }
    PluginsRefreshSearchAnalyzers "plugins.refresh_search_analyzers" any later optional "" {
        "os POST /_plugins/_refresh_search_analyzers/{index}"
        "POST /_opendistro/_refresh_search_analyzers/{index}"
    }
    PluginsLearningToRank "plugins.learning_to_rank" any later optional "" {
        "GET HEAD POST PUT DELETE /_ltr"
        "GET HEAD POST PUT DELETE /_ltr/{rest}"
    }
    PluginsQueryInsights "plugins.query_insights" os later optional "" {
        "GET /_insights/{rest}"
    }
    PluginsWorkloadManagement "plugins.workload_management" os later optional "" {
        "GET HEAD POST PUT DELETE /_wlm/{rest}"
    }
    Dashboards "dashboards" any later optional "" {
        "os GET HEAD POST PUT DELETE /_dashboards"
        "os GET HEAD POST PUT DELETE /_dashboards/{rest}"
        "GET HEAD POST PUT DELETE /_plugin/kibana"
        "GET HEAD POST PUT DELETE /_plugin/kibana/{rest}"
    }

    // What came later to OpenSearch.
    ListIndices "list.indices" os later optional "" {
        "GET /_list"
        "GET /_list/indices"
        "GET /_list/indices/{index}"
    }
    ListShards "list.shards" os later optional "" {
        "GET /_list/shards"
        "GET /_list/shards/{index}"
    }
    CatPitSegments "cat.pit_segments" os later optional "" {
        "GET /_cat/pit_segments"
        "GET /_cat/pit_segments/_all"
    }

    // Families of Elastic's x-pack, which its clients call and Amazon's service never had.
    XpackFamily "xpack" es later optional "" {
        "GET HEAD POST PUT DELETE /_xpack/{rest}"
    }
    XpackSql "xpack.sql" es later optional "" {
        "GET HEAD POST PUT DELETE /_sql"
        "GET HEAD POST PUT DELETE /_sql/{rest}"
    }
    XpackEql "xpack.eql" es later optional "" {
        "GET HEAD POST PUT DELETE /_eql/{rest}"
        "GET HEAD POST PUT DELETE /{index}/_eql/search"
    }
    XpackIlm "xpack.ilm" es later optional "" {
        "GET HEAD POST PUT DELETE /_ilm/{rest}"
        "GET HEAD POST PUT DELETE /{index}/_ilm/{rest}"
    }
    XpackSlm "xpack.slm" es later optional "" {
        "GET HEAD POST PUT DELETE /_slm/{rest}"
    }
    XpackSecurity "xpack.security" es later optional "" {
        "GET HEAD POST PUT DELETE /_security/{rest}"
    }
    XpackLicense "xpack.license" es later optional "" {
        "GET HEAD POST PUT DELETE /_license/{rest}"
    }
    XpackMl "xpack.ml" es later optional "" {
        "GET HEAD POST PUT DELETE /_ml/{rest}"
    }
    XpackWatcher "xpack.watcher" es later optional "" {
        "GET HEAD POST PUT DELETE /_watcher/{rest}"
    }
    XpackTransform "xpack.transform" es later optional "" {
        "GET HEAD POST PUT DELETE /_transform"
        "GET HEAD POST PUT DELETE /_transform/{rest}"
    }
    XpackRollup "xpack.rollup" es later optional "" {
        "GET HEAD POST PUT DELETE /_rollup/{rest}"
        "GET HEAD POST PUT DELETE /{index}/_rollup/{rest}"
        "GET HEAD POST PUT DELETE /{index}/_rollup_search"
    }
    XpackCcr "xpack.ccr" es later optional "" {
        "GET HEAD POST PUT DELETE /_ccr/{rest}"
        "GET HEAD POST PUT DELETE /{index}/_ccr/{rest}"
    }
    XpackEnrich "xpack.enrich" es later optional "" {
        "GET HEAD POST PUT DELETE /_enrich/{rest}"
    }
    XpackGraph "xpack.graph" es later optional "" {
        "GET HEAD POST PUT DELETE /{index}/_graph/explore"
    }
    XpackSsl "xpack.ssl" es later optional "" {
        "GET HEAD POST PUT DELETE /_ssl/certificates"
    }
    XpackMonitoring "xpack.monitoring" es later optional "" {
        "GET HEAD POST PUT DELETE /_monitoring/{rest}"
    }
    XpackSearchableSnapshots "xpack.searchable_snapshots" es later optional "" {
        "GET HEAD POST PUT DELETE /_searchable_snapshots/{rest}"
        "GET HEAD POST PUT DELETE /{index}/_searchable_snapshots/{rest}"
    }
    XpackDataStream "xpack.data_stream" es later optional "" {
        "GET HEAD POST PUT DELETE /_data_stream"
        "GET HEAD POST PUT DELETE /_data_stream/{rest}"
    }
    XpackLogstash "xpack.logstash" es later optional "" {
        "GET HEAD POST PUT DELETE /_logstash/{rest}"
    }
    XpackAutoscaling "xpack.autoscaling" es later optional "" {
        "GET HEAD POST PUT DELETE /_autoscaling/{rest}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_finds_its_own_row() {
        for (position, api) in Api::ALL.iter().enumerate() {
            assert_eq!(*api as usize, position);
            assert_eq!(api.entry().api, *api);
        }
    }

    #[test]
    fn every_parameter_group_that_is_named_exists() {
        for entry in TABLE {
            for word in entry.parameters.split_whitespace() {
                let Some(group) = word.strip_prefix('+') else { continue };
                assert!(GROUPS.iter().any(|(name, _)| *name == group), "{}: {word}", entry.name);
            }
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
