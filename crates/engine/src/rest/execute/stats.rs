//! `GET /{index}/_stats`. Source: Elasticsearch 7.10, "Index stats API". The engine reads no clock while it works, so
//! every `…_in_millis` is 0; there are no caches, so theirs are 0 too.

use super::Task;
use crate::cluster::metadata::{IndexMetadata, shards};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::Stats;
use crate::rest::likeness::unrecognized;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The metrics by the names of the path, with the keys they are printed under.
const METRICS: &[(&str, &str)] = &[
    ("docs", "docs"),
    ("store", "store"),
    ("indexing", "indexing"),
    ("get", "get"),
    ("search", "search"),
    ("merge", "merges"),
    ("refresh", "refresh"),
    ("flush", "flush"),
    ("warmer", "warmer"),
    ("query_cache", "query_cache"),
    ("fielddata", "fielddata"),
    ("completion", "completion"),
    ("segments", "segments"),
    ("translog", "translog"),
    ("request_cache", "request_cache"),
    ("recovery", "recovery"),
];

/// Runs the request.
pub(crate) fn stats(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    if route.query.get("types").is_some() {
        return Err(Exception::not_implemented("_stats with types"));
    }
    let groups = route.query.list("groups").unwrap_or_default();
    let chosen = metrics(task, route.part("metric"), "metric")?;
    let level = route.query.get("level").unwrap_or("indices");
    if !matches!(level, "cluster" | "indices" | "shards") {
        return Err(Exception::illegal_argument(format!(
            "level parameter must be one of [cluster] or [indices] or [shards] but was [{level}]"
        )));
    }
    let file_sizes = route.query.flag("include_segment_file_sizes", false)?;
    let (mut all, mut rows) = (Stats::default(), Map::new());
    let mut all_groups = BTreeMap::new();
    let indices = task.indices()?;
    for metadata in &indices {
        task.work.check()?;
        let index = task.open(metadata)?;
        let stats = index.stats();
        all.add(&stats);
        let mut printed = printed(&stats, &chosen, file_sizes, route.flavor);
        let searches = index.search_groups(&groups);
        add_groups(&mut printed, &searches);
        for (name, count) in searches {
            let sum = all_groups.entry(name).or_insert(0u64);
            *sum = sum.saturating_add(count);
        }
        let mut row = Map::new();
        row.insert("uuid".into(), (*metadata.uuid).into());
        row.insert("primaries".into(), printed.clone());
        row.insert("total".into(), printed.clone());
        if level == "shards" {
            row.insert("shards".into(), json!({"0": [shard(printed, metadata, &stats)]}));
        }
        rows.insert(metadata.name.clone(), Value::Object(row));
    }
    let mut total = printed(&all, &chosen, file_sizes, route.flavor);
    add_groups(&mut total, &all_groups);
    let (copies, successful) = shards(&indices);
    let mut answer = json!({
        "_shards": {"total": copies, "successful": successful, "failed": 0},
        "_all": {"primaries": total, "total": total},
    });
    if let (true, Some(answer)) = (level != "cluster", answer.as_object_mut()) {
        answer.insert("indices".into(), Value::Object(rows));
    }
    task.json(200, &answer)
}

/// Puts the searches of each group beside those of all.
fn add_groups(printed: &mut Value, groups: &BTreeMap<String, u64>) {
    let Some(search) = printed.get_mut("search").and_then(Value::as_object_mut) else { return };
    if groups.is_empty() {
        return;
    }
    let rows = groups.iter().map(|(name, count)| {
        let row = json!({"query_total": count, "query_time_in_millis": 0, "query_current": 0,
            "fetch_total": count, "fetch_time_in_millis": 0, "fetch_current": 0,
            "scroll_total": 0, "scroll_time_in_millis": 0, "scroll_current": 0,
            "suggest_total": 0, "suggest_time_in_millis": 0, "suggest_current": 0});
        (name.clone(), row)
    });
    search.insert("groups".into(), Value::Object(rows.collect()));
}

/// The keys that a list asks for; all where there is none. `noun` is what a refusal calls them.
///
/// # Errors
/// `illegal_argument_exception` for one that there is not.
pub(crate) fn metrics(
    task: &Task<'_>,
    list: Option<&str>,
    noun: &str,
) -> Result<Vec<&'static str>, Exception> {
    let route = &task.parsed.route;
    let all = || METRICS.iter().map(|(_, key)| *key).collect();
    let Some(list) = list else { return Ok(all()) };
    let mut chosen = Vec::new();
    for name in list.split(',') {
        match METRICS.iter().find(|(known, _)| *known == name) {
            Some((_, key)) => chosen.push(*key),
            None if name == "_all" => return Ok(all()),
            None if name == "suggest" => {}
            None => {
                let known = METRICS.iter().map(|(known, _)| *known);
                return Err(unrecognized(&route.path, noun, name, known));
            }
        }
    }
    Ok(chosen)
}

fn shard(printed: Value, index: &IndexMetadata, stats: &Stats) -> Value {
    let mut shard = json!({"routing": {"state": "STARTED", "primary": true,
        "node": crate::NODE_ID, "relocating_node": null}});
    if let (Some(shard), Value::Object(printed)) = (shard.as_object_mut(), printed) {
        shard.extend(printed);
        let reached = stats.max_seq_no;
        shard.insert(
            "commit".into(),
            json!({
                "id": &*index.uuid, "generation": stats.flushes + 1, "num_docs": stats.documents,
                "user_data": {"translog_uuid": &*index.uuid, "history_uuid": &*index.uuid,
                    "local_checkpoint": reached.to_string(), "max_seq_no": reached.to_string(),
                    "max_unsafe_auto_id_timestamp": "-1"},
            }),
        );
        shard.insert(
            "retention_leases".into(),
            json!({"primary_term": 1, "version": 1, "leases": []}),
        );
        shard.insert(
            "shard_path".into(),
            json!({"state_path": "data", "data_path": "data", "is_custom_data_path": false}),
        );
        shard.insert(
            "seq_no".into(),
            json!({"max_seq_no": reached, "local_checkpoint": reached, "global_checkpoint": reached}),
        );
    }
    shard
}

/// The chosen metrics as they are printed.
pub(crate) fn printed(stats: &Stats, chosen: &[&str], file_sizes: bool, flavor: Flavor) -> Value {
    let metric = |key: &&str| {
        let mut value = metric(key, stats, file_sizes);
        if let (Flavor::OpenSearch219, Some(value)) = (flavor, value.as_object_mut()) {
            opensearch(key, value);
        }
        ((*key).to_owned(), value)
    };
    Value::Object(
        METRICS.iter().map(|(_, key)| key).filter(|key| chosen.contains(key)).map(metric).collect(),
    )
}

/// What OpenSearch tells beside.
fn opensearch(key: &str, value: &mut Map<String, Value>) {
    let counts: &[&str] = match key {
        "search" => &[
            "concurrent_query_total",
            "concurrent_query_time_in_millis",
            "concurrent_query_current",
            "point_in_time_total",
            "point_in_time_time_in_millis",
            "point_in_time_current",
            "search_idle_reactivate_count_total",
        ],
        "merges" => &["unreferenced_file_cleanups_performed"],
        _ => &[],
    };
    value.extend(counts.iter().map(|key| ((*key).to_owned(), 0.into())));
    match key {
        "get" => drop(value.insert("getTime".into(), "0s".into())),
        "indexing" => drop(value.insert("doc_status".into(), json!({}))),
        "search" => drop(value.insert("concurrent_avg_slice_count".into(), 0.0.into())),
        _ => {}
    }
}

fn metric(key: &str, stats: &Stats, file_sizes: bool) -> Value {
    let gets = stats.gets_found + stats.gets_missing;
    match key {
        "docs" => json!({"count": stats.documents, "deleted": stats.deleted}),
        "store" => json!({"size_in_bytes": stats.bytes, "reserved_in_bytes": 0}),
        "indexing" => json!({"index_total": stats.indexed, "index_time_in_millis": 0,
            "index_current": 0, "index_failed": stats.refused, "delete_total": stats.deletions,
            "delete_time_in_millis": 0, "delete_current": 0, "noop_update_total": 0,
            "is_throttled": false, "throttle_time_in_millis": 0}),
        "get" => json!({"total": gets, "time_in_millis": 0, "exists_total": stats.gets_found,
            "exists_time_in_millis": 0, "missing_total": stats.gets_missing,
            "missing_time_in_millis": 0, "current": 0}),
        "search" => json!({"open_contexts": 0, "query_total": stats.searches,
            "query_time_in_millis": 0, "query_current": 0, "fetch_total": stats.searches,
            "fetch_time_in_millis": 0, "fetch_current": 0, "scroll_total": 0,
            "scroll_time_in_millis": 0, "scroll_current": 0, "suggest_total": 0,
            "suggest_time_in_millis": 0, "suggest_current": 0}),
        "merges" => json!({"current": 0, "current_docs": 0, "current_size_in_bytes": 0,
            "total": stats.merges, "total_time_in_millis": 0, "total_docs": 0,
            "total_size_in_bytes": 0, "total_stopped_time_in_millis": 0,
            "total_throttled_time_in_millis": 0, "total_auto_throttle_in_bytes": 0}),
        "refresh" => json!({"total": stats.refreshes, "total_time_in_millis": 0,
            "external_total": stats.refreshes, "external_total_time_in_millis": 0, "listeners": 0}),
        "flush" => json!({"total": stats.flushes, "periodic": 0, "total_time_in_millis": 0}),
        "warmer" => json!({"current": 0, "total": 0, "total_time_in_millis": 0}),
        "query_cache" => json!({"memory_size_in_bytes": 0, "total_count": 0, "hit_count": 0,
            "miss_count": 0, "cache_size": 0, "cache_count": 0, "evictions": 0}),
        "fielddata" => json!({"memory_size_in_bytes": 0, "evictions": 0}),
        "completion" => json!({"size_in_bytes": 0}),
        "segments" => segments(stats, file_sizes),
        "translog" => json!({"operations": stats.translog_operations,
            "size_in_bytes": stats.translog_bytes,
            "uncommitted_operations": stats.translog_operations,
            "uncommitted_size_in_bytes": stats.translog_bytes, "earliest_last_modified_age": 0}),
        "request_cache" => json!({"memory_size_in_bytes": 0, "evictions": 0, "hit_count": 0,
            "miss_count": 0}),
        _ => json!({"current_as_source": 0, "current_as_target": 0, "throttle_time_in_millis": 0}),
    }
}

fn segments(stats: &Stats, file_sizes: bool) -> Value {
    let mut sizes = Map::new();
    if file_sizes && stats.bytes > 0 {
        let all = json!({"size_in_bytes": stats.bytes, "description": "Compound Files"});
        sizes.insert("segment".into(), all);
    }
    json!({"count": stats.segments, "memory_in_bytes": 0, "terms_memory_in_bytes": 0,
        "stored_fields_memory_in_bytes": 0, "term_vectors_memory_in_bytes": 0,
        "norms_memory_in_bytes": 0, "points_memory_in_bytes": 0, "doc_values_memory_in_bytes": 0,
        "index_writer_memory_in_bytes": 0, "version_map_memory_in_bytes": 0,
        "fixed_bit_set_memory_in_bytes": 0, "max_unsafe_auto_id_timestamp": -1,
        "file_sizes": sizes})
}
