//! What `include_defaults` tells: every index setting of the two real servers with the value that it has when nobody sets
//! it, as each of them prints it.

use super::settings::IndexSettings;
use crate::flavor::Flavor;
use serde_json::Value;
use std::collections::BTreeMap;

/// One setting: its key without `index.`, its default in Elasticsearch, its default in OpenSearch; none where it is unknown.
struct DefaultRow(&'static str, DefaultValue, DefaultValue);

enum DefaultValue {
    Unknown,
    One(&'static str),
    Many(&'static [&'static str]),
}

use DefaultValue::{Many, One, Unknown};

/// The defaults of what `settings` does not say.
pub(crate) fn of(settings: &IndexSettings, flavor: Flavor) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for DefaultRow(key, elasticsearch, opensearch) in DEFAULTS {
        if settings.get(key).is_some() || settings.get(&format!("{key}.0")).is_some() {
            continue;
        }
        let value = match flavor {
            Flavor::Elasticsearch710 => elasticsearch,
            Flavor::OpenSearch219 => opensearch,
        };
        let value: Value = match value {
            Unknown => continue,
            One(text) => (*text).into(),
            Many(texts) => texts.iter().map(|text| Value::from(*text)).collect(),
        };
        found.insert(format!("index.{key}"), value);
    }
    let shards = settings.get("number_of_shards").unwrap_or("1");
    found.entry("index.number_of_routing_shards".to_owned()).or_insert_with(|| shards.into());
    found
}

/// long: the table.
const DEFAULTS: &[DefaultRow] = &[
    DefaultRow(
        "allocation.existing_shards_allocator",
        One("gateway_allocator"),
        One("gateway_allocator"),
    ),
    DefaultRow("allocation.max_retries", One("5"), One("5")),
    DefaultRow("analyze.max_token_count", One("10000"), One("10000")),
    DefaultRow("append_only.enabled", Unknown, One("false")),
    DefaultRow("auto_expand_replicas", One("false"), One("false")),
    DefaultRow("blocks.metadata", One("false"), One("false")),
    DefaultRow("blocks.read", One("false"), One("false")),
    DefaultRow("blocks.read_only", One("false"), One("false")),
    DefaultRow("blocks.read_only_allow_delete", One("false"), One("false")),
    DefaultRow("blocks.write", One("false"), One("false")),
    DefaultRow("check_pending_flush.enabled", Unknown, One("true")),
    DefaultRow("codec", One("default"), One("default")),
    DefaultRow("codec.compression_level", Unknown, One("3")),
    DefaultRow("compound_format", One("0.1"), One("0.1")),
    DefaultRow("data_path", One(""), One("")),
    DefaultRow("default_pipeline", One("_none"), One("_none")),
    DefaultRow("fielddata.cache", One("node"), One("node")),
    DefaultRow("final_pipeline", One("_none"), One("_none")),
    DefaultRow("flush_after_merge", One("512mb"), One("512mb")),
    DefaultRow("force_memory_term_dictionary", One("false"), One("false")),
    DefaultRow("format", One("0"), One("0")),
    DefaultRow("gc_deletes", One("60s"), One("60s")),
    DefaultRow("hidden", One("false"), One("false")),
    DefaultRow("highlight.max_analyzed_offset", One("1000000"), One("1000000")),
    DefaultRow("indexing.slowlog.level", One("TRACE"), One("TRACE")),
    DefaultRow("indexing.slowlog.reformat", One("true"), One("true")),
    DefaultRow("indexing.slowlog.source", One("1000"), One("1000")),
    DefaultRow("indexing.slowlog.threshold.index.debug", One("-1"), One("-1")),
    DefaultRow("indexing.slowlog.threshold.index.info", One("-1"), One("-1")),
    DefaultRow("indexing.slowlog.threshold.index.trace", One("-1"), One("-1")),
    DefaultRow("indexing.slowlog.threshold.index.warn", One("-1"), One("-1")),
    DefaultRow("load_fixed_bitset_filters_eagerly", One("true"), One("true")),
    DefaultRow("mapper.dynamic", One("true"), One("true")),
    DefaultRow("mapping.coerce", One("false"), One("false")),
    DefaultRow("mapping.depth.limit", One("20"), One("20")),
    DefaultRow("mapping.field_name_length.limit", One("9223372036854775807"), One("2147483647")),
    DefaultRow("mapping.ignore_malformed", One("false"), One("false")),
    DefaultRow("mapping.nested_fields.limit", One("50"), One("50")),
    DefaultRow("mapping.nested_objects.limit", One("10000"), One("10000")),
    DefaultRow("mapping.total_fields.limit", One("1000"), One("1000")),
    DefaultRow("max_adjacency_matrix_filters", One("100"), One("100")),
    DefaultRow("max_docvalue_fields_search", One("100"), One("100")),
    DefaultRow("max_inner_result_window", One("100"), One("100")),
    DefaultRow("max_ngram_diff", One("1"), One("1")),
    DefaultRow("max_refresh_listeners", One("1000"), One("1000")),
    DefaultRow("max_regex_length", One("1000"), One("1000")),
    DefaultRow("max_rescore_window", One("10000"), One("10000")),
    DefaultRow("max_result_window", One("10000"), One("10000")),
    DefaultRow("max_script_fields", One("32"), One("32")),
    DefaultRow("max_shingle_diff", One("3"), One("3")),
    DefaultRow("max_slices_per_pit", Unknown, One("1024")),
    DefaultRow("max_slices_per_scroll", One("1024"), One("1024")),
    DefaultRow("max_terms_count", One("65536"), One("65536")),
    DefaultRow("merge.log_byte_size_policy.max_merge_segment", Unknown, One("5368709120b")),
    DefaultRow(
        "merge.log_byte_size_policy.max_merge_segment_forced_merge",
        Unknown,
        One("9223372036854775807b"),
    ),
    DefaultRow("merge.log_byte_size_policy.max_merged_docs", Unknown, One("2147483647")),
    DefaultRow("merge.log_byte_size_policy.merge_factor", Unknown, One("10")),
    DefaultRow("merge.log_byte_size_policy.min_merge", Unknown, One("2097152b")),
    DefaultRow("merge.log_byte_size_policy.no_cfs_ratio", Unknown, One("0.1")),
    DefaultRow("merge.policy", Unknown, One("default")),
    DefaultRow("merge.policy.deletes_pct_allowed", One("33.0"), One("20.0")),
    DefaultRow("merge.policy.expunge_deletes_allowed", One("10.0"), One("10.0")),
    DefaultRow("merge.policy.floor_segment", One("2mb"), One("2097152b")),
    DefaultRow("merge.policy.max_merge_at_once", One("10"), One("10")),
    DefaultRow("merge.policy.max_merge_at_once_explicit", One("30"), Unknown),
    DefaultRow("merge.policy.max_merged_segment", One("5gb"), One("5368709120b")),
    DefaultRow("merge.policy.reclaim_deletes_weight", One("2.0"), One("2.0")),
    DefaultRow("merge.policy.segments_per_tier", One("10.0"), One("10.0")),
    DefaultRow("merge.scheduler.auto_throttle", One("true"), One("true")),
    DefaultRow("merge.scheduler.max_merge_count", One("6"), One("6")),
    DefaultRow("merge.scheduler.max_thread_count", One("1"), One("1")),
    DefaultRow("merge_on_flush.enabled", Unknown, One("true")),
    DefaultRow("merge_on_flush.max_full_flush_merge_wait_time", Unknown, One("10s")),
    DefaultRow("merge_on_flush.policy", Unknown, One("default")),
    DefaultRow("optimize_auto_generated_id", One("true"), One("true")),
    DefaultRow("optimize_doc_id_lookup.fuzzy_set.enabled", Unknown, One("false")),
    DefaultRow(
        "optimize_doc_id_lookup.fuzzy_set.false_positive_probability",
        Unknown,
        One("0.2047"),
    ),
    DefaultRow("percolator.map_unmapped_fields_as_text", One("false"), One("false")),
    DefaultRow("priority", One("1"), One("1")),
    DefaultRow("queries.cache.enabled", One("true"), One("true")),
    DefaultRow("query.default_field", Many(&["*"]), Many(&["*"])),
    DefaultRow("query.derived_field.enabled", Unknown, One("true")),
    DefaultRow("query.max_nested_depth", Unknown, One("2147483647")),
    DefaultRow("query.parse.allow_unmapped_fields", One("true"), One("true")),
    DefaultRow("query_string.lenient", One("false"), One("false")),
    DefaultRow("recovery.type", One(""), One("")),
    DefaultRow("refresh_interval", One("1s"), One("1s")),
    DefaultRow("requests.cache.enable", One("true"), One("true")),
    DefaultRow("routing.allocation.enable", One("all"), One("all")),
    DefaultRow("routing.allocation.total_shards_per_node", One("-1"), One("-1")),
    DefaultRow("routing.rebalance.enable", One("all"), One("all")),
    DefaultRow("routing_partition_size", One("1"), One("1")),
    DefaultRow("search.concurrent.max_slice_count", Unknown, One("0")),
    DefaultRow("search.concurrent_segment_search.enabled", Unknown, One("false")),
    DefaultRow("search.concurrent_segment_search.mode", Unknown, One("none")),
    DefaultRow("search.default_pipeline", Unknown, One("_none")),
    DefaultRow("search.idle.after", One("30s"), One("30s")),
    DefaultRow("search.slowlog.level", One("TRACE"), One("TRACE")),
    DefaultRow("search.slowlog.threshold.fetch.debug", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.fetch.info", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.fetch.trace", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.fetch.warn", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.query.debug", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.query.info", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.query.trace", One("-1"), One("-1")),
    DefaultRow("search.slowlog.threshold.query.warn", One("-1"), One("-1")),
    DefaultRow("search.throttled", One("false"), One("false")),
    DefaultRow("shard.check_on_startup", One("false"), One("false")),
    DefaultRow("soft_deletes.enabled", One("true"), One("true")),
    DefaultRow("soft_deletes.retention.operations", One("0"), One("0")),
    DefaultRow("soft_deletes.retention_lease.period", One("12h"), One("12h")),
    DefaultRow("sort.field", Many(&[]), Many(&[])),
    DefaultRow("sort.missing", Many(&[]), Many(&[])),
    DefaultRow("sort.mode", Many(&[]), Many(&[])),
    DefaultRow("sort.order", Many(&[]), Many(&[])),
    DefaultRow("store.fs.fs_lock", One("native"), One("native")),
    DefaultRow(
        "store.hybrid.mmap.extensions",
        Unknown,
        Many(&["nvd", "dvd", "tim", "tip", "dim", "kdd", "kdi", "cfs", "doc"]),
    ),
    DefaultRow(
        "store.hybrid.nio.extensions",
        Unknown,
        Many(&[
            "segments_N",
            "write.lock",
            "si",
            "cfe",
            "fnm",
            "fdx",
            "fdt",
            "pos",
            "pay",
            "nvm",
            "dvm",
            "tvx",
            "tvd",
            "liv",
            "dii",
            "vem",
        ]),
    ),
    DefaultRow("store.preload", Many(&[]), Many(&[])),
    DefaultRow("store.stats_refresh_interval", One("10s"), One("10s")),
    DefaultRow("store.type", One(""), One("")),
    DefaultRow("translog.durability", One("REQUEST"), One("REQUEST")),
    DefaultRow("translog.flush_threshold_size", One("512mb"), One("512mb")),
    DefaultRow("translog.generation_threshold_size", One("64mb"), One("64mb")),
    DefaultRow("translog.retention.age", One("-1"), One("-1")),
    DefaultRow("translog.retention.size", One("-1"), One("-1")),
    DefaultRow("translog.sync_interval", One("5s"), One("5s")),
    DefaultRow("unassigned.node_left.delayed_timeout", One("1m"), One("1m")),
    DefaultRow("unreferenced_file_cleanup.enabled", Unknown, One("true")),
    DefaultRow("use_compound_file", Unknown, One("true")),
    DefaultRow("verified_before_close", One("false"), One("false")),
    DefaultRow("warmer.enabled", One("true"), One("true")),
    DefaultRow("write.wait_for_active_shards", One("1"), One("1")),
];
