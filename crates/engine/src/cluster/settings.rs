//! Index settings: **one table** of the keys that are known, which of them may change later, and what they may be.
//! Source: Elasticsearch 7.10, "Index modules".

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::analysis::files::AnalysisFiles;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::{MAPPING_DEPTH_MAX, TOTAL_FIELDS_LIMIT_MAX};
use crate::mapping::{DEPTH_MAX, Growth, NESTED_FIELDS_MAX, NESTED_OBJECTS_MAX, TOTAL_FIELDS_MAX};
use crate::similarity::Similarities;
use crate::slow_log;
use crate::value::java::hash_order;
use crate::value::scalar::{self, plain};
use crate::value::time::milliseconds;
use crate::value::{size, time};

/// What `version.created` says: Elasticsearch 7.10.2's internal number.
const VERSION_CREATED: &str = "7100299";

/// What a setting may be.
#[derive(Clone, Copy, Debug)]
enum SettingShape {
    /// A whole number of at least this.
    Count(i64),
    /// A whole number from this to that.
    Between(i64, i64),
    Boolean,
    /// A whole number, or `true` or `false`.
    CountOrBoolean,
    /// A level of a slow log, whatever its case.
    SlowLogLevel,
    /// A duration such as `1s`; `-1` switches off.
    Time,
    /// A duration of at least so many milliseconds.
    AtLeast(u64),
    /// A size such as `512mb`.
    Size,
    /// A number, with a fraction perhaps, or a number with a unit.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any text.
    Text,
    /// Any text, or a list of texts.
    Texts,
    /// Whatever is below this key belongs to somebody else, who checks it.
    Subtree,
}

/// What a setting does here: nothing is accepted and dropped without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What it says; the text names it.
    Done(&'static str),
    /// It is kept and printed, and changes nothing; the text says why nothing is lost by that.
    Kept(&'static str),
}

use Effect::{Done, Kept};

/// One row: key without `index.`, whether it may change on an open index, what it may be, what it does.
struct Row(&'static str, bool, SettingShape, Effect);

/// Every known setting, with its full key, whether it may change on an open index, and what it does here.
pub fn known() -> impl Iterator<Item = (String, bool, Effect)> {
    TABLE.iter().map(|Row(key, dynamic, shape, effect)| {
        let below = if matches!(shape, SettingShape::Subtree) { ".*" } else { "" };
        (format!("index.{key}{below}"), *dynamic, *effect)
    })
}

/// How long a deletion is remembered unless `index.gc_deletes` says otherwise, in milliseconds.
pub(crate) const GC_DELETES_DEFAULT: i64 = 60_000;

/// How often an asynchronous translog is synced, in milliseconds: the shortest `index.translog.sync_interval`.
const SYNC_INTERVAL: u64 = 2_000;

/// long: the table.
const TABLE: &[Row] = &[
    Row(
        "number_of_shards",
        false,
        SettingShape::Between(1, 1024),
        Kept("used for routing; every index is one copy on one node"),
    ),
    Row("number_of_routing_shards", false, SettingShape::Count(1), Done("routing of documents")),
    Row(
        "number_of_replicas",
        true,
        SettingShape::Count(0),
        Kept("counted by health and `_shards`; there is one copy"),
    ),
    Row(
        "auto_expand_replicas",
        true,
        SettingShape::Text,
        Done("`0-…`: `number_of_replicas` is 0, for there is one node"),
    ),
    Row(
        "refresh_interval",
        true,
        SettingShape::Time,
        Done(
            "`-1`: only on request; below a second: that long after a write; longer values: after a second",
        ),
    ),
    Row("max_result_window", true, SettingShape::Count(1), Done("largest `from + size`")),
    Row(
        "max_inner_result_window",
        true,
        SettingShape::Count(1),
        Done("largest `from + size` of `top_hits`"),
    ),
    Row(
        "max_rescore_window",
        true,
        SettingShape::Count(1),
        Done("largest `window_size` of `rescore`"),
    ),
    Row(
        "max_docvalue_fields_search",
        true,
        SettingShape::Count(0),
        Done("most fields of `docvalue_fields`, and of `fields`"),
    ),
    Row("max_script_fields", true, SettingShape::Count(0), Done("most fields of `script_fields`")),
    Row(
        "max_ngram_diff",
        true,
        SettingShape::Count(0),
        Done("largest difference between the sizes of n-grams"),
    ),
    Row(
        "max_shingle_diff",
        true,
        SettingShape::Count(0),
        Done("largest difference between the sizes of shingles"),
    ),
    Row("max_terms_count", true, SettingShape::Count(1), Done("most values of a `terms` query")),
    Row("max_regex_length", true, SettingShape::Count(1), Done("longest `regexp`")),
    Row(
        "max_refresh_listeners",
        true,
        SettingShape::Count(0),
        Kept("`refresh=wait_for` refreshes at once, so no request waits"),
    ),
    Row("analyze.max_token_count", true, SettingShape::Count(1), Done("most tokens of `_analyze`")),
    Row(
        "highlight.max_analyzed_offset",
        true,
        SettingShape::Count(1),
        Done("longest text that is highlighted"),
    ),
    Row(
        "query.default_field",
        true,
        SettingShape::Texts,
        Done("the fields for queries that name none"),
    ),
    Row(
        "mapping.total_fields.limit",
        true,
        SettingShape::Between(0, TOTAL_FIELDS_LIMIT_MAX as i64),
        Done("most fields of the mapping; more than 100,000 is refused"),
    ),
    Row(
        "mapping.depth.limit",
        true,
        SettingShape::Between(1, MAPPING_DEPTH_MAX as i64),
        Done("deepest nesting of objects, counting dots in names; more than 100 is refused"),
    ),
    Row(
        "mapping.nested_fields.limit",
        true,
        SettingShape::Count(0),
        Done("most fields of type `nested`"),
    ),
    Row(
        "mapping.nested_objects.limit",
        true,
        SettingShape::Count(0),
        Done("most nested objects of one document"),
    ),
    Row(
        "mapping.field_name_length.limit",
        true,
        SettingShape::Count(1),
        Done("longest name of a field"),
    ),
    Row("mapping.coerce", false, SettingShape::Word(&["true"]), Done("`true` only")),
    Row("mapping.ignore_malformed", false, SettingShape::Word(&["false"]), Done("`false` only")),
    Row(
        "translog.durability",
        true,
        SettingShape::Word(&["request", "async"]),
        Done("whether a write is on disk before it is acknowledged"),
    ),
    Row(
        "translog.sync_interval",
        true,
        SettingShape::AtLeast(SYNC_INTERVAL),
        Done("the log is synced every 2 s; a shorter interval is refused"),
    ),
    Row(
        "translog.flush_threshold_size",
        true,
        SettingShape::Size,
        Kept("the log is trimmed on its own schedule, which loses nothing"),
    ),
    Row(
        "gc_deletes",
        true,
        SettingShape::Time,
        Done("how long a deletion's version is remembered"),
    ),
    Row("blocks.read_only", true, SettingShape::Boolean, Done("blocks writes and changes")),
    Row(
        "blocks.read_only_allow_delete",
        true,
        SettingShape::Boolean,
        Done("blocks writes and changes, but not deleting the index"),
    ),
    Row("blocks.read", true, SettingShape::Boolean, Done("blocks searches and reads")),
    Row("blocks.write", true, SettingShape::Boolean, Done("blocks writes")),
    Row(
        "blocks.metadata",
        true,
        SettingShape::Boolean,
        Done("blocks reading and changing mappings, settings and aliases"),
    ),
    Row(
        "knn",
        false,
        SettingShape::Boolean,
        Done(
            "graphs are made of the vectors of large segments; without it every search looks at all",
        ),
    ),
    Row("knn.space_type", false, SettingShape::Text, Kept("a field says its space itself")),
    Row(
        "knn.algo_param.ef_search",
        true,
        SettingShape::Count(2),
        Done("what a query looks through where neither it nor the field says so"),
    ),
    Row(
        "knn.algo_param.ef_construction",
        false,
        SettingShape::Count(2),
        Done("of graphs of fields that do not say so"),
    ),
    Row(
        "knn.algo_param.m",
        false,
        SettingShape::Count(2),
        Done("of graphs of fields that do not say so"),
    ),
    Row(
        "knn.advanced.approximate_threshold",
        true,
        SettingShape::Count(-1),
        Done(
            "so many documents a segment has before its vectors are linked, 1,000 unless it is said; -1: never",
        ),
    ),
    Row("hidden", true, SettingShape::Boolean, Done("wildcards skip it")),
    Row("priority", true, SettingShape::Count(0), Kept("indices are opened together")),
    Row(
        "codec",
        false,
        SettingShape::Word(&["default", "best_compression", "lucene_default"]),
        Kept("there is one codec"),
    ),
    Row("store.type", false, SettingShape::Text, Kept("there is one kind of store")),
    Row(
        "soft_deletes.enabled",
        false,
        SettingShape::Boolean,
        Kept("there are no followers that need old operations"),
    ),
    Row("routing_partition_size", false, SettingShape::Word(&["1"]), Done("`1` only")),
    Row(
        "shard.check_on_startup",
        false,
        SettingShape::Word(&["true", "false", "checksum"]),
        Kept("every file's checksum is always verified when it is opened"),
    ),
    Row(
        "write.wait_for_active_shards",
        true,
        SettingShape::Word(&["1", "0"]),
        Done("`1` or `0` only"),
    ),
    Row(
        "default_pipeline",
        true,
        SettingShape::Text,
        Done("the ingest pipeline of writes that name none"),
    ),
    Row(
        "search.default_pipeline",
        true,
        SettingShape::Text,
        Done("the search pipeline of searches that name none (OpenSearch)"),
    ),
    Row(
        "final_pipeline",
        true,
        SettingShape::Text,
        Done("the ingest pipeline that every write goes through last"),
    ),
    Row(
        "unassigned.node_left.delayed_timeout",
        true,
        SettingShape::Time,
        Kept("there is one node"),
    ),
    Row("allocation.max_retries", true, SettingShape::Count(0), Kept("there is one node")),
    Row(
        "allocation.existing_shards_allocator",
        false,
        SettingShape::Text,
        Kept("there is one node"),
    ),
    Row(
        "routing.allocation.include",
        true,
        SettingShape::Subtree,
        Kept("there is one node to allocate to"),
    ),
    Row(
        "routing.allocation.exclude",
        true,
        SettingShape::Subtree,
        Kept("there is one node to allocate to"),
    ),
    Row(
        "routing.allocation.require",
        true,
        SettingShape::Subtree,
        Kept("there is one node to allocate to"),
    ),
    Row(
        "routing.allocation.initial_recovery",
        false,
        SettingShape::Subtree,
        Kept("there is one node to allocate to"),
    ),
    Row(
        "routing.allocation.enable",
        true,
        SettingShape::Word(&["all", "primaries", "new_primaries", "none"]),
        Kept("there is one node"),
    ),
    Row(
        "routing.allocation.total_shards_per_node",
        true,
        SettingShape::Count(-1),
        Kept("there is one node"),
    ),
    Row(
        "routing.allocation.disk.threshold_enabled",
        true,
        SettingShape::Boolean,
        Kept("there is one node"),
    ),
    Row(
        "routing.rebalance.enable",
        true,
        SettingShape::Word(&["all", "primaries", "replicas", "none"]),
        Kept("there is one node"),
    ),
    Row(
        "merge.policy",
        true,
        SettingShape::Word(&["default", "tiered", "log_byte_size"]),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.deletes_pct_allowed",
        true,
        SettingShape::Number,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.expunge_deletes_allowed",
        true,
        SettingShape::Number,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.floor_segment",
        true,
        SettingShape::Size,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.max_merge_at_once",
        true,
        SettingShape::Count(2),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.max_merge_at_once_explicit",
        true,
        SettingShape::Count(2),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.max_merged_segment",
        true,
        SettingShape::Size,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.reclaim_deletes_weight",
        true,
        SettingShape::Number,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.policy.segments_per_tier",
        true,
        SettingShape::Number,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.scheduler.auto_throttle",
        true,
        SettingShape::Boolean,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.scheduler.max_merge_count",
        true,
        SettingShape::Count(1),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.scheduler.max_thread_count",
        true,
        SettingShape::Count(1),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.log_byte_size_policy.max_merge_segment",
        true,
        SettingShape::Size,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.log_byte_size_policy.max_merge_segment_forced_merge",
        true,
        SettingShape::Size,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.log_byte_size_policy.max_merged_docs",
        true,
        SettingShape::Count(1),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.log_byte_size_policy.merge_factor",
        true,
        SettingShape::Count(2),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.log_byte_size_policy.min_merge",
        true,
        SettingShape::Size,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge.log_byte_size_policy.no_cfs_ratio",
        true,
        SettingShape::Number,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge_on_flush.enabled",
        true,
        SettingShape::Boolean,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge_on_flush.max_full_flush_merge_wait_time",
        true,
        SettingShape::Time,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "merge_on_flush.policy",
        true,
        SettingShape::Word(&["default", "merge-on-flush"]),
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "flush_after_merge",
        true,
        SettingShape::Size,
        Kept("segments are merged on the engine's own schedule"),
    ),
    Row(
        "indexing.slowlog.threshold.index.warn",
        true,
        SettingShape::Time,
        Done("writes that take longer are logged, where the domain publishes INDEX_SLOW_LOGS"),
    ),
    Row(
        "indexing.slowlog.threshold.index.info",
        true,
        SettingShape::Time,
        Done("writes that take longer are logged, where the domain publishes INDEX_SLOW_LOGS"),
    ),
    Row(
        "indexing.slowlog.threshold.index.debug",
        true,
        SettingShape::Time,
        Done("writes that take longer are logged, where the domain publishes INDEX_SLOW_LOGS"),
    ),
    Row(
        "indexing.slowlog.threshold.index.trace",
        true,
        SettingShape::Time,
        Done("writes that take longer are logged, where the domain publishes INDEX_SLOW_LOGS"),
    ),
    Row(
        "search.slowlog.threshold.query.warn",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to find are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.query.info",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to find are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.query.debug",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to find are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.query.trace",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to find are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.fetch.warn",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to fetch are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.fetch.info",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to fetch are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.fetch.debug",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to fetch are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "search.slowlog.threshold.fetch.trace",
        true,
        SettingShape::Time,
        Done(
            "searches that take longer to fetch are logged, where the domain publishes SEARCH_SLOW_LOGS",
        ),
    ),
    Row(
        "indexing.slowlog.level",
        true,
        SettingShape::SlowLogLevel,
        Done("the lowest level that is logged"),
    ),
    Row(
        "indexing.slowlog.reformat",
        true,
        SettingShape::Boolean,
        Done("whether documents stand there without blanks"),
    ),
    Row(
        "indexing.slowlog.source",
        true,
        SettingShape::CountOrBoolean,
        Done("characters of a document that are logged"),
    ),
    Row(
        "search.slowlog.level",
        true,
        SettingShape::SlowLogLevel,
        Done("the lowest level that is logged"),
    ),
    Row("search.idle.after", true, SettingShape::Time, Kept("a search never waits for a refresh")),
    Row("search.throttled", true, SettingShape::Word(&["false"]), Done("`false` only")),
    Row(
        "search.concurrent_segment_search.enabled",
        true,
        SettingShape::Boolean,
        Kept("it changes no answer"),
    ),
    Row(
        "search.concurrent_segment_search.mode",
        true,
        SettingShape::Word(&["auto", "all", "none"]),
        Kept("it changes no answer"),
    ),
    Row(
        "search.concurrent.max_slice_count",
        true,
        SettingShape::Count(0),
        Kept("it changes no answer"),
    ),
    Row("queries.cache.enabled", false, SettingShape::Boolean, Kept("there is no cache")),
    Row("requests.cache.enable", true, SettingShape::Boolean, Kept("there is no cache")),
    Row("fielddata.cache", false, SettingShape::Word(&["node", "none"]), Kept("there is no cache")),
    Row("warmer.enabled", true, SettingShape::Boolean, Kept("there is no cache")),
    Row(
        "load_fixed_bitset_filters_eagerly",
        false,
        SettingShape::Boolean,
        Kept("there is no cache"),
    ),
    Row(
        "store.fs.fs_lock",
        false,
        SettingShape::Word(&["native", "simple"]),
        Kept("there is one kind of store"),
    ),
    Row("store.preload", false, SettingShape::Texts, Kept("there is one kind of store")),
    Row(
        "store.stats_refresh_interval",
        false,
        SettingShape::Time,
        Kept("there is one kind of store"),
    ),
    Row(
        "store.hybrid.mmap.extensions",
        false,
        SettingShape::Texts,
        Kept("there is one kind of store"),
    ),
    Row(
        "store.hybrid.nio.extensions",
        false,
        SettingShape::Texts,
        Kept("there is one kind of store"),
    ),
    Row("compound_format", true, SettingShape::Text, Kept("there is one kind of store")),
    Row("use_compound_file", true, SettingShape::Boolean, Kept("there is one kind of store")),
    Row(
        "codec.compression_level",
        false,
        SettingShape::Between(1, 6),
        Kept("there is one kind of store"),
    ),
    Row(
        "force_memory_term_dictionary",
        false,
        SettingShape::Boolean,
        Kept("there is one kind of store"),
    ),
    Row(
        "optimize_auto_generated_id",
        true,
        SettingShape::Boolean,
        Kept("there is one kind of store"),
    ),
    Row(
        "check_pending_flush.enabled",
        true,
        SettingShape::Boolean,
        Kept("there is one kind of store"),
    ),
    Row(
        "unreferenced_file_cleanup.enabled",
        true,
        SettingShape::Boolean,
        Kept("there is one kind of store"),
    ),
    Row(
        "optimize_doc_id_lookup.fuzzy_set.enabled",
        true,
        SettingShape::Boolean,
        Kept("there is one kind of store"),
    ),
    Row(
        "optimize_doc_id_lookup.fuzzy_set.false_positive_probability",
        true,
        SettingShape::Number,
        Kept("there is one kind of store"),
    ),
    Row("recovery.type", false, SettingShape::Text, Kept("there is one kind of store")),
    Row("format", false, SettingShape::Count(0), Kept("there is one kind of store")),
    Row(
        "translog.generation_threshold_size",
        true,
        SettingShape::Size,
        Kept("the log is trimmed on its own schedule, which loses nothing"),
    ),
    Row(
        "translog.retention.age",
        true,
        SettingShape::Time,
        Kept("the log is trimmed on its own schedule, which loses nothing"),
    ),
    Row(
        "translog.retention.size",
        true,
        SettingShape::Size,
        Kept("the log is trimmed on its own schedule, which loses nothing"),
    ),
    Row(
        "soft_deletes.retention.operations",
        true,
        SettingShape::Count(0),
        Kept("there are no followers that need old operations"),
    ),
    Row(
        "soft_deletes.retention_lease.period",
        true,
        SettingShape::Time,
        Kept("there are no followers that need old operations"),
    ),
    Row("replication.type", false, SettingShape::Word(&["DOCUMENT"]), Done("`DOCUMENT` only")),
    Row("max_slices_per_scroll", true, SettingShape::Count(1), Done("most slices of a scroll")),
    Row("max_slices_per_pit", true, SettingShape::Count(1), Done("most slices of a point in time")),
    Row(
        "max_adjacency_matrix_filters",
        true,
        SettingShape::Count(2),
        Kept("the aggregation has its own limit"),
    ),
    Row("mapper.dynamic", false, SettingShape::Word(&["true"]), Done("`true` only")),
    Row(
        "query.parse.allow_unmapped_fields",
        false,
        SettingShape::Word(&["true"]),
        Done("`true` only"),
    ),
    Row("query_string.lenient", false, SettingShape::Word(&["false"]), Done("`false` only")),
    Row(
        "percolator.map_unmapped_fields_as_text",
        false,
        SettingShape::Word(&["false"]),
        Done("`false` only"),
    ),
    Row(
        "sort.field",
        false,
        SettingShape::Texts,
        Kept(
            "checked; documents lie in the order of their writing, and searches with a sort are the same",
        ),
    ),
    Row(
        "sort.order",
        false,
        SettingShape::Texts,
        Kept(
            "checked; documents lie in the order of their writing, and searches with a sort are the same",
        ),
    ),
    Row(
        "sort.mode",
        false,
        SettingShape::Texts,
        Kept(
            "checked; documents lie in the order of their writing, and searches with a sort are the same",
        ),
    ),
    Row(
        "sort.missing",
        false,
        SettingShape::Texts,
        Kept(
            "checked; documents lie in the order of their writing, and searches with a sort are the same",
        ),
    ),
    Row("analysis", false, SettingShape::Subtree, Done("analyzers, tokenizers, filters")),
    Row("similarity", false, SettingShape::Subtree, Done("how hits are scored")),
];

/// What the keys of analyzers and their parts begin with.
const ANALYSIS: &str = "index.analysis.";

/// The settings of one index, flat: `index.number_of_shards` → `1`.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexSettings {
    flat: BTreeMap<String, String>,
    analysis: Value,
}

impl Default for IndexSettings {
    fn default() -> IndexSettings {
        let flat = [
            ("index.number_of_shards", "1"),
            ("index.number_of_replicas", "1"),
            ("index.version.created", VERSION_CREATED),
        ];
        IndexSettings {
            flat: flat.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            analysis: Value::Null,
        }
    }
}

impl IndexSettings {
    /// Reads the `settings` of a new index: nested or dotted, with or without `index.`.
    ///
    /// # Errors
    /// `illegal_argument_exception` for an unknown key or a value that the key cannot have.
    pub fn parse(body: &Value) -> Result<IndexSettings, Exception> {
        let mut settings = IndexSettings::default();
        for (key, value) in flatten(body)? {
            check(&key, value.as_deref())?;
            match value {
                Some(value) => settings.flat.insert(key, value),
                None => settings.flat.remove(&key),
            };
        }
        settings.check_sort()?;
        settings.expand_replicas()?;
        settings.analysis = settings.analysis_of(body);
        Ok(settings)
    }

    /// What `body` says of settings that are not set yet, as `preserve_existing` asks for.
    ///
    /// # Errors
    /// As [`IndexSettings::parse`].
    pub fn preserving(&self, body: &Value) -> Result<Value, Exception> {
        let mut changes = flatten(body)?;
        changes.retain(|key, _| !self.flat.contains_key(key));
        Ok(changes.into_iter().map(|(key, value)| (key, Value::from(value))).collect())
    }

    /// These settings with `body` put over them; a `null` goes back to the default. `index` is `name/uuid` for the text.
    ///
    /// # Errors
    /// As [`IndexSettings::parse`], and for keys that cannot change on an open index, or, where it is `closed`, at all.
    pub fn updated(
        &self,
        body: &Value,
        index: &str,
        closed: bool,
    ) -> Result<IndexSettings, Exception> {
        let changes = flatten(body)?;
        let mut fixed = Vec::new();
        for (key, value) in &changes {
            let dynamic = check(key, value.as_deref())?;
            if !dynamic && closed {
                check_not_final(key, index)?;
            } else if !dynamic {
                fixed.push(key.clone());
            }
        }
        if !fixed.is_empty() {
            let order = hash_order(&fixed).into_iter();
            let fixed: Vec<&str> =
                order.filter_map(|at| fixed.get(at)).map(String::as_str).collect();
            return Err(Exception::illegal_argument(format!(
                "Can't update non dynamic settings [[{}]] for open indices [[{index}]]",
                fixed.join(", ")
            )));
        }
        let mut settings = self.clone();
        if changes.keys().any(|key| key.starts_with(ANALYSIS)) {
            settings.analysis = self.analysis_with(body)?;
        }
        let defaults = IndexSettings::default();
        for (key, value) in changes {
            match value.or_else(|| defaults.flat.get(&key).cloned()) {
                Some(value) => settings.flat.insert(key, value),
                None => settings.flat.remove(&key),
            };
        }
        settings.expand_replicas()?;
        Ok(settings)
    }

    /// No replicas where `auto_expand_replicas` allows that: there is one node.
    fn expand_replicas(&mut self) -> Result<(), Exception> {
        let Some(range) = self.get("auto_expand_replicas").filter(|range| *range != "false") else {
            return Ok(());
        };
        let unfit = |at: Option<usize>| {
            let at = at.map_or(-1, |at| at as i64);
            Exception::illegal_argument(format!(
                "failed to parse [index.auto_expand_replicas] from value: [{range}] at index {at}"
            ))
        };
        let (least, most) = range.split_once('-').ok_or_else(|| unfit(None))?;
        let number = |text: &str| {
            text.parse::<i32>().map_err(|_| {
                let cause = format!("For input string: \"{text}\"");
                unfit(Some(least.len()))
                    .caused_by(Exception::new(ExceptionKind::NumberFormat, cause))
            })
        };
        let least = number(least)?;
        let most = if most == "all" { i32::MAX } else { number(most)? };
        if least > most {
            return Err(Exception::illegal_argument(format!(
                "[index.auto_expand_replicas] minReplicas must be =< maxReplicas but wasn't {least} > {most}"
            )));
        }
        // One node holds none; where that is fewer than wanted, there as here nothing changes.
        if least == 0 {
            self.flat.insert("index.number_of_replicas".to_owned(), "0".to_owned());
        }
        Ok(())
    }

    /// Gives an index as many replicas as the cluster says, where the settings that it was `given` say nothing of them.
    ///
    /// # Errors
    /// What is wrong with those settings.
    pub(crate) fn set_default_replicas(
        &mut self,
        given: &Value,
        replicas: &str,
    ) -> Result<(), Exception> {
        let given = leaves(given)?;
        let of_replicas = ["index.number_of_replicas", "index.auto_expand_replicas"];
        if !of_replicas.iter().any(|key| given.contains_key(*key)) {
            self.flat.insert("index.number_of_replicas".to_owned(), replicas.to_owned());
        }
        Ok(())
    }

    /// Brings settings back from [`IndexSettings::flat`] and [`IndexSettings::analysis`].
    pub fn restore(flat: BTreeMap<String, String>, analysis: Value) -> IndexSettings {
        IndexSettings { flat, analysis }
    }

    /// Puts the lines of the files that parts of analyzers name in the place of the names, for who makes the parts.
    ///
    /// # Errors
    /// As [`AnalysisFiles::read_into`].
    pub(crate) fn read_files(&mut self, files: &AnalysisFiles) -> Result<(), Exception> {
        files.read_into(&mut self.analysis)
    }

    /// Every setting by its full key.
    pub fn flat(&self) -> &BTreeMap<String, String> {
        &self.flat
    }

    /// The object under `analysis` as it came (the flat form cannot hold its arrays); null when there is none.
    pub fn analysis(&self) -> &Value {
        &self.analysis
    }

    /// The similarities that it defines, and those that every index has.
    ///
    /// # Errors
    /// As [`Similarities::from_settings`].
    pub(crate) fn similarities(&self) -> Result<Arc<Similarities>, Exception> {
        Similarities::from_settings(&self.flat).map(Arc::new)
    }

    /// The value of `key` (without `index.`).
    pub fn get(&self, key: &str) -> Option<&str> {
        self.flat.get(&format!("index.{key}")).map(String::as_str)
    }

    /// Whether a setting below `key` (without `index.`) is set.
    pub(crate) fn has(&self, key: &str) -> bool {
        let below = format!("index.{key}.");
        let next = self.flat.range(below.clone()..).next();
        next.is_some_and(|(known, _)| known.starts_with(&below))
    }

    /// Whether the boolean `key` is set to true.
    pub fn is(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    /// The number `key`, or `default`.
    pub fn count(&self, key: &str, default: u64) -> u64 {
        self.get(key).and_then(|value| value.parse().ok()).unwrap_or(default)
    }

    /// The `index.mapping.….limit`s.
    pub fn growth(&self) -> Growth {
        let depth = self.count("mapping.depth.limit", DEPTH_MAX as u64);
        Growth {
            fields: self.count("mapping.total_fields.limit", TOTAL_FIELDS_MAX),
            // An index made before there was a highest value keeps its setting, within it.
            depth: usize::try_from(depth).unwrap_or(MAPPING_DEPTH_MAX).min(MAPPING_DEPTH_MAX),
            name_length: self.count("mapping.field_name_length.limit", u64::MAX),
            nested_fields: self.count("mapping.nested_fields.limit", NESTED_FIELDS_MAX),
            nested_objects: self.count("mapping.nested_objects.limit", NESTED_OBJECTS_MAX),
        }
    }

    /// How long after a write a search sees it at the latest, in milliseconds, if `index.refresh_interval` asks for
    /// less than a second.
    pub fn refresh_milliseconds(&self) -> Option<u64> {
        let asked = self.get("refresh_interval")?;
        milliseconds("index.refresh_interval", asked).ok().filter(|asked| *asked < 1_000)
    }

    /// How long a deletion is remembered, in milliseconds (`index.gc_deletes`).
    pub fn gc_deletes(&self) -> i64 {
        let asked =
            self.get("gc_deletes").and_then(|text| milliseconds("index.gc_deletes", text).ok());
        asked.map_or(GC_DELETES_DEFAULT, |asked| i64::try_from(asked).unwrap_or(i64::MAX))
    }

    /// Whether refreshes happen by themselves (`index.refresh_interval` is not `-1`).
    pub fn refreshes(&self) -> bool {
        self.get("refresh_interval").is_none_or(|interval| !interval.starts_with('-'))
    }

    /// Whether a write is answered only when it is on disk (`index.translog.durability` is `request`).
    pub fn durable_requests(&self) -> bool {
        self.get("translog.durability") != Some("async")
    }

    /// The values of a list setting.
    fn listed(&self, key: &str) -> Vec<&str> {
        match self.get(key) {
            Some(only) => only.split(',').collect(),
            None => (0..).map_while(|at: u32| self.get(&format!("{key}.{at}"))).collect(),
        }
    }

    /// The fields that documents are to be sorted by.
    pub(crate) fn sort_fields(&self) -> Vec<&str> {
        self.listed("sort.field")
    }

    /// Checks `sort.*` as far as it can be without the mapping. (`IndexSortConfig` of Elasticsearch 7.10.)
    fn check_sort(&self) -> Result<(), Exception> {
        let fields = self.sort_fields();
        let known: [(&str, &[&str]); 3] = [
            ("order", &["asc", "desc"]),
            ("mode", &["min", "max"]),
            ("missing", &["_last", "_first"]),
        ];
        for (key, words) in known {
            let given = self.listed(&format!("sort.{key}"));
            if let Some(wrong) = given.iter().find(|given| !words.contains(given)) {
                let what = if key == "order" { "sort order" } else { key };
                return Err(Exception::illegal_argument(format!("Illegal {what}:{wrong}")));
            }
            if !given.is_empty() && given.len() != fields.len() {
                return Err(Exception::illegal_argument(format!(
                    "index.sort.field:[{}] index.sort.{key}:[{}], size mismatch",
                    fields.join(", "),
                    given.join(", ")
                )));
            }
        }
        Ok(())
    }

    fn analysis_of(&self, body: &Value) -> Value {
        let direct = body.get("analysis").or_else(|| body.pointer("/index/analysis"));
        let direct = direct.or_else(|| body.get("index.analysis"));
        if let Some(direct) = direct {
            return direct.clone();
        }
        // Given with dots: nest it again.
        let dotted: BTreeMap<String, String> = self
            .flat
            .iter()
            .filter_map(|(key, value)| {
                Some((key.strip_prefix(ANALYSIS)?.to_owned(), value.clone()))
            })
            .collect();
        if dotted.is_empty() { Value::Null } else { nested(&dotted) }
    }

    /// The object under `analysis` with what `body` says of it put over it, key by key.
    fn analysis_with(&self, body: &Value) -> Result<Value, Exception> {
        let mut keys = BTreeMap::new();
        if let Value::Object(analysis) = &self.analysis {
            leaves_into(analysis, "", &mut keys)?;
        }
        for (key, value) in leaves(body)? {
            match (key.strip_prefix(ANALYSIS), value) {
                (None, _) => {}
                (Some(key), Value::Null) => drop(keys.remove(key)),
                (Some(key), value) => drop(keys.insert(key.to_owned(), value)),
            }
        }
        Ok(if keys.is_empty() { Value::Null } else { printed(&keys) })
    }
}

/// The full keys that `body` sets or removes; `None` if it is no object.
pub(crate) fn keys(body: &Value) -> Option<Vec<String>> {
    Some(flatten(body).ok()?.into_keys().collect())
}

/// The settings of `body` by their full key, a list as a list; null is a setting that is taken back.
///
/// # Errors
/// `illegal_argument_exception` for what is no object, or nested too deep.
pub(crate) fn leaves(body: &Value) -> Result<BTreeMap<String, Value>, Exception> {
    let mut found = BTreeMap::new();
    match body {
        Value::Null => {}
        Value::Object(body) => leaves_into(body, "", &mut found)?,
        other => return Err(no_object(other)),
    }
    Ok(found.into_iter().map(|(key, value)| (full(key), value)).collect())
}

fn leaves_into(
    body: &Map<String, Value>,
    prefix: &str,
    found: &mut BTreeMap<String, Value>,
) -> Result<(), Exception> {
    for (key, value) in body {
        let key = format!("{prefix}{key}");
        check_parts(&key)?;
        match value {
            Value::Object(inner) => leaves_into(inner, &format!("{key}."), found)?,
            Value::Array(values) => {
                let texts = values.iter().map(|value| plain(value).into()).collect();
                found.insert(key, Value::Array(texts));
            }
            Value::Null => drop(found.insert(key, Value::Null)),
            scalar => drop(found.insert(key, plain(scalar).into())),
        }
    }
    Ok(())
}

/// As [`leaves`], of cluster settings, whose keys stand as they are.
///
/// # Errors
/// As [`leaves`].
pub(crate) fn leaves_of_cluster(body: &Value) -> Result<BTreeMap<String, Value>, Exception> {
    let mut found = BTreeMap::new();
    match body {
        Value::Null => {}
        Value::Object(body) => leaves_into(body, "", &mut found)?,
        other => return Err(no_object(other)),
    }
    Ok(found)
}

/// What [`leaves`] found, as it is printed: nested, values as texts.
pub(crate) fn printed(leaves: &BTreeMap<String, Value>) -> Value {
    let mut root = Map::new();
    for (key, value) in leaves.iter().filter(|(_, value)| !value.is_null()) {
        put(&mut root, key, value.clone());
    }
    arrays(Value::Object(root))
}

/// What is wrong with the settings of a composable template, each in Elasticsearch's words.
pub(crate) fn faults(body: &Value, flavor: Flavor) -> Vec<String> {
    let leaves = match flatten(body) {
        Ok(leaves) => leaves,
        Err(refusal) => return vec![refusal.reason().to_owned()],
    };
    let mut faults = Vec::new();
    for (key, value) in leaves {
        let Err(refusal) = check(&key, value.as_deref()) else { continue };
        faults.push(refusal.reason().to_owned());
        if flavor == Flavor::OpenSearch219 && refusal.reason().starts_with("unknown setting") {
            faults.push(format!("expected [{key}] to be private but it was not"));
        }
    }
    faults
}

/// Refuses what does not change on a closed index either.
fn check_not_final(key: &str, index: &str) -> Result<(), Exception> {
    let index = index.split('/').next().unwrap_or_default();
    if key.starts_with("index.sort.") || key == "index.number_of_shards" {
        let reason = format!("final {index} setting [{key}], not updateable");
        return Err(Exception::illegal_argument(reason));
    }
    Ok(())
}

/// Checks one setting; whether it may change on an open index.
fn check(key: &str, value: Option<&str>) -> Result<bool, Exception> {
    let bare = key.strip_prefix("index.").unwrap_or(key);
    let matches = |row: &&Row| match row.2 {
        SettingShape::Subtree => bare.strip_prefix(row.0).is_some_and(|rest| rest.starts_with('.')),
        SettingShape::Texts => {
            let number = bare.strip_prefix(row.0).and_then(|rest| rest.strip_prefix('.'));
            bare == row.0 || number.is_some_and(|number| number.parse::<u16>().is_ok())
        }
        _ => bare == row.0,
    };
    let Some(row) = TABLE.iter().find(matches) else {
        return Err(Exception::illegal_argument(format!(
            "unknown setting [{key}] please check that any required plugins are installed, or check the breaking changes documentation for removed settings"
        )));
    };
    if let Some(value) = value {
        row.2.check(key, value)?;
    }
    Ok(row.1)
}

impl SettingShape {
    fn check(self, key: &str, value: &str) -> Result<(), Exception> {
        let fault = match self {
            SettingShape::Count(least) => match value.parse::<i64>() {
                Err(_) => format!("Failed to parse value [{value}] for setting [{key}]"),
                Ok(count) if count < least => {
                    format!(
                        "Failed to parse value [{value}] for setting [{key}] must be >= {least}"
                    )
                }
                Ok(_) => return Ok(()),
            },
            SettingShape::Between(least, most) => match value.parse::<i64>() {
                Ok(count) if count > most => {
                    format!("Failed to parse value [{value}] for setting [{key}] must be <= {most}")
                }
                _ => return SettingShape::Count(least).check(key, value),
            },
            SettingShape::Boolean if scalar::boolean_text(value).is_some() => return Ok(()),
            SettingShape::Boolean => scalar::not_a_boolean(value),
            SettingShape::CountOrBoolean if value.parse::<u32>().is_ok() => return Ok(()),
            SettingShape::CountOrBoolean => return SettingShape::Boolean.check(key, value),
            SettingShape::SlowLogLevel
                if slow_log::LEVELS.iter().any(|level| level.eq_ignore_ascii_case(value)) =>
            {
                return Ok(());
            }
            SettingShape::SlowLogLevel => format!(
                "No enum constant org.elasticsearch.index.SlowLogLevel.{}",
                value.to_uppercase()
            ),
            SettingShape::AtLeast(least) => match milliseconds(key, value)? {
                given if given >= least => return Ok(()),
                _ => format!(
                    "failed to parse value [{value}] for setting [{key}], must be >= [{least}ms]"
                ),
            },
            SettingShape::Time if value == "-1" || value == "0" => return Ok(()),
            SettingShape::Time if time::is_time(value) => return Ok(()),
            SettingShape::Time => time::not_a_time(key, value),
            SettingShape::Size if size::is_size(value) || value == "-1" => return Ok(()),
            SettingShape::Number if value.parse::<f64>().is_ok() => return Ok(()),
            SettingShape::Number => {
                format!("Failed to parse value [{value}] for setting [{key}]")
            }
            SettingShape::Size => format!(
                "failed to parse setting [{key}] with value [{value}] as a size in bytes: unit is missing or unrecognized"
            ),
            SettingShape::Word(words) if words.contains(&value) => return Ok(()),
            SettingShape::Word(words) => {
                format!("value [{value}] of setting [{key}] is not one of {words:?}")
            }
            SettingShape::Text | SettingShape::Texts | SettingShape::Subtree => return Ok(()),
        };
        Err(Exception::illegal_argument(fault))
    }
}

/// Nested or dotted JSON → flat keys with `index.`; `None` is JSON's null.
fn flatten(body: &Value) -> Result<BTreeMap<String, Option<String>>, Exception> {
    let mut flat = BTreeMap::new();
    match body {
        Value::Null => {}
        Value::Object(body) => flatten_into(body, "", &mut flat)?,
        other => return Err(no_object(other)),
    }
    Ok(flat.into_iter().map(|(key, value)| (full(key), value)).collect())
}

fn no_object(body: &Value) -> Exception {
    Exception::illegal_argument(format!("settings must be an object, but was [{body}]"))
}

/// The key with `index.` in front.
fn full(key: String) -> String {
    if key.starts_with("index.") { key } else { format!("index.{key}") }
}

/// What is read here is nested again when it is printed.
fn check_parts(key: &str) -> Result<(), Exception> {
    let parts = key.split('.').count();
    if parts <= MAPPING_DEPTH_MAX {
        return Ok(());
    }
    let begins: String = key.chars().take(100).collect();
    Err(Exception::illegal_argument(format!(
        "a setting's key has at most [{MAPPING_DEPTH_MAX}] parts, but the one that begins with [{begins}] has [{parts}]"
    )))
}

fn flatten_into(
    body: &Map<String, Value>,
    prefix: &str,
    flat: &mut BTreeMap<String, Option<String>>,
) -> Result<(), Exception> {
    for (key, value) in body {
        let key = format!("{prefix}{key}");
        check_parts(&key)?;
        match value {
            Value::Object(inner) => flatten_into(inner, &format!("{key}."), flat)?,
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    flat.insert(format!("{key}.{index}"), Some(plain(value)));
                }
            }
            Value::Null => {
                flat.insert(key, None);
            }
            scalar => {
                flat.insert(key, Some(plain(scalar)));
            }
        }
    }
    Ok(())
}

/// Flat keys → nested JSON with string values, as `GET x/_settings` prints them. Numbered keys become arrays again.
pub(crate) fn nested(flat: &BTreeMap<String, String>) -> Value {
    let mut root = Map::new();
    for (key, value) in flat {
        put(&mut root, key, value.as_str().into());
    }
    arrays(Value::Object(root))
}

fn put(mut object: &mut Map<String, Value>, key: &str, value: Value) {
    let mut rest = key;
    // What has more parts was stored before they were counted: it is printed with dots from there on.
    for _ in 1..MAPPING_DEPTH_MAX {
        let Some((first, after)) = rest.split_once('.') else { break };
        if object.get(first).is_some_and(|inner| !inner.is_object()) {
            break;
        }
        let inner = object.entry(first.to_owned()).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        (object, rest) = (inner, after);
    }
    object.insert(rest.to_owned(), value);
}

/// Objects whose keys are 0, 1, 2 … become arrays.
fn arrays(value: Value) -> Value {
    let Value::Object(entries) = value else { return value };
    let mut numbered: Vec<(usize, Value)> = entries
        .iter()
        .filter_map(|(key, value)| Some((key.parse().ok()?, value.clone())))
        .collect();
    numbered.sort_by_key(|(index, _)| *index);
    let all = numbered.iter().enumerate().all(|(at, (index, _))| at == *index);
    if !entries.is_empty() && numbered.len() == entries.len() && all {
        return Value::Array(numbered.into_iter().map(|(_, value)| arrays(value)).collect());
    }
    Value::Object(entries.into_iter().map(|(key, value)| (key, arrays(value))).collect())
}
