//! `GET /{index}/_stats`. Source: Elasticsearch 7.10, "Index stats API". What takes time is measured by the engine's clock; the
//! time of a search over several indices is divided among them. There are no caches, so their numbers are 0.

use super::{Task, fields};
use crate::cluster::metadata::{IndexMetadata, shards};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::{FieldSizes, Index, Stats};
use crate::name_pattern;
use crate::rest::QueryParameters;
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
    let types = route.query.list("types").unwrap_or_default();
    let fields = AskedFields::of(&route.query)?;
    let groups = route.query.list("groups").unwrap_or_default();
    let chosen = metrics(task, route.part("metric"), "metric")?;
    let level = route.query.get("level").unwrap_or("indices");
    if !matches!(level, "cluster" | "indices" | "shards") {
        return Err(Exception::illegal_argument(format!(
            "level parameter must be one of [cluster] or [indices] or [shards] but was [{level}]"
        )));
    }
    let file_sizes = route.query.flag("include_segment_file_sizes", false)?;
    let unloaded = route.query.flag("include_unloaded_segments", false)?;
    let (mut all, mut rows) = (Stats::default(), Map::new());
    let (mut all_groups, mut all_types) = (BTreeMap::new(), BTreeMap::new());
    let mut all_sizes = FieldSizes::default();
    let indices = task.indices()?;
    for metadata in &indices {
        task.work.check()?;
        let index = task.open(metadata)?;
        let (stats, sizes) = measured(task, &index)?;
        let stats = if metadata.closed { resting(stats, unloaded) } else { stats };
        all.add(&stats);
        all_sizes.add(&sizes);
        let mut printed = printed(&stats, &chosen, file_sizes, route.flavor);
        fields.show(&mut printed, &sizes);
        let matches = |name: &&str| types.iter().any(|asked| name_pattern::matches(asked, name));
        if let Some(name) = metadata.mapping.type_name().filter(matches) {
            add_types(&mut printed, &BTreeMap::from([(name.to_owned(), stats)]));
            all_types.entry(name.to_owned()).or_insert_with(Stats::default).add(&stats);
        }
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
    add_types(&mut total, &all_types);
    fields.show(&mut total, &all_sizes);
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

/// The counts of a closed index: nothing of it is loaded, and closing has written what was in the log.
fn resting(stats: Stats, unloaded: bool) -> Stats {
    let segments = if unloaded { stats.segments } else { 0 };
    Stats { segments, translog_operations: 0, translog_bytes: 0, ..stats }
}

/// The counts of `index` with the sizes of its fields, of those that the caller sees.
pub(crate) fn measured(task: &Task<'_>, index: &Index) -> Result<(Stats, FieldSizes), Exception> {
    let snapshot = index.snapshot();
    let fields = task.view.shown(index.uuid(), &snapshot.mapping).fields;
    let shows = |path: &str| fields.as_ref().is_none_or(|fields| fields.shows(path));
    let sizes = snapshot.field_sizes(shows)?;
    let stats = Stats {
        fielddata_bytes: sizes.fielddata.values().sum(),
        completion_bytes: sizes.completion.values().sum(),
        ..index.stats()
    };
    Ok((stats, sizes))
}

/// `fields`, `fielddata_fields` and `completion_fields`: which fields are told one by one.
pub(crate) struct AskedFields<'a> {
    fielddata: Vec<&'a str>,
    completion: Vec<&'a str>,
}

impl<'a> AskedFields<'a> {
    /// Those of a query string; the two narrower lists are read before the one for both.
    ///
    /// # Errors
    /// `illegal_argument_exception` for too many patterns.
    pub(crate) fn of(query: &'a QueryParameters) -> Result<AskedFields<'a>, Exception> {
        let both = || query.list("fields").unwrap_or_default();
        let fielddata = query.list("fielddata_fields").unwrap_or_else(both);
        let completion = query.list("completion_fields").unwrap_or_else(both);
        fields::bounded(fielddata.len().max(completion.len()))?;
        Ok(AskedFields { fielddata, completion })
    }

    /// Puts the sizes of the fields beside those of all.
    pub(crate) fn show(&self, printed: &mut Value, sizes: &FieldSizes) {
        for (metric, asked, sizes, key) in [
            ("fielddata", &self.fielddata, &sizes.fielddata, "memory_size_in_bytes"),
            ("completion", &self.completion, &sizes.completion, "size_in_bytes"),
        ] {
            let Some(metric) = printed.get_mut(metric).and_then(Value::as_object_mut) else {
                continue;
            };
            let wanted =
                |path: &&String| asked.iter().any(|asked| name_pattern::matches(asked, path));
            let fields: Map<String, Value> = sizes
                .keys()
                .filter(wanted)
                .map(|path| (path.clone(), json!({key: sizes.get(path)})))
                .collect();
            if !fields.is_empty() {
                metric.insert("fields".into(), Value::Object(fields));
            }
        }
    }
}

/// Puts the writes of each type beside those of all.
fn add_types(printed: &mut Value, types: &BTreeMap<String, Stats>) {
    let Some(indexing) = printed.get_mut("indexing").and_then(Value::as_object_mut) else { return };
    if types.is_empty() {
        return;
    }
    let rows = types.iter().map(|(name, stats)| (name.clone(), metric("indexing", stats, false)));
    indexing.insert("types".into(), Value::Object(rows.collect()));
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
    let [index_time, delete_time, get_time, query_time, fetch_time] = [
        stats.index_nanoseconds,
        stats.delete_nanoseconds,
        stats.get_nanoseconds,
        stats.query_nanoseconds,
        stats.fetch_nanoseconds,
    ]
    .map(millis);
    let [refresh_time, flush_time, merge_time] =
        [stats.refresh_nanoseconds, stats.flush_nanoseconds, stats.merge_nanoseconds].map(millis);
    // Found or not, a read takes the same.
    let part = |count: u64| millis(stats.get_nanoseconds / gets.max(1) * count);
    match key {
        "docs" => json!({"count": stats.documents, "deleted": stats.deleted}),
        "store" => json!({"size_in_bytes": stats.bytes, "reserved_in_bytes": 0}),
        "indexing" => {
            json!({"index_total": stats.indexed, "index_time_in_millis": index_time,
            "index_current": 0, "index_failed": stats.refused, "delete_total": stats.deletions,
            "delete_time_in_millis": delete_time, "delete_current": 0, "noop_update_total": 0,
            "is_throttled": false, "throttle_time_in_millis": 0})
        }
        "get" => {
            json!({"total": gets, "time_in_millis": get_time, "exists_total": stats.gets_found,
            "exists_time_in_millis": part(stats.gets_found), "missing_total": stats.gets_missing,
            "missing_time_in_millis": part(stats.gets_missing), "current": 0})
        }
        "search" => json!({"open_contexts": 0, "query_total": stats.searches,
            "query_time_in_millis": query_time, "query_current": 0, "fetch_total": stats.searches,
            "fetch_time_in_millis": fetch_time, "fetch_current": 0, "scroll_total": 0,
            "scroll_time_in_millis": 0, "scroll_current": 0, "suggest_total": 0,
            "suggest_time_in_millis": 0, "suggest_current": 0}),
        "merges" => json!({"current": 0, "current_docs": 0, "current_size_in_bytes": 0,
            "total": stats.merges, "total_time_in_millis": merge_time, "total_docs": 0,
            "total_size_in_bytes": 0, "total_stopped_time_in_millis": 0,
            "total_throttled_time_in_millis": 0, "total_auto_throttle_in_bytes": 0}),
        "refresh" => {
            json!({"total": stats.refreshes, "total_time_in_millis": refresh_time,
            "external_total": stats.refreshes, "external_total_time_in_millis": refresh_time, "listeners": 0})
        }
        "flush" => json!({"total": stats.flushes, "periodic": 0,
            "total_time_in_millis": flush_time}),
        "warmer" => json!({"current": 0, "total": 0, "total_time_in_millis": 0}),
        "query_cache" => json!({"memory_size_in_bytes": 0, "total_count": 0, "hit_count": 0,
            "miss_count": 0, "cache_size": 0, "cache_count": 0, "evictions": 0}),
        "fielddata" => json!({"memory_size_in_bytes": stats.fielddata_bytes, "evictions": 0}),
        "completion" => json!({"size_in_bytes": stats.completion_bytes}),
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

fn millis(nanoseconds: u64) -> u64 {
    nanoseconds / 1_000_000
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
