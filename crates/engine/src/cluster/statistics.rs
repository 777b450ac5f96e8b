//! `_cluster/stats`: the indices that the view holds, added up, and the one node. Source: Elasticsearch 7.10 and OpenSearch 2.19.

use super::health::Health;
use super::info::version;
use super::measured::{MachineUse, ProcessUse};
use super::nodes::{counted, is_named, memory_of};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::rest::execute::{Task, stats};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `GET /_cluster/stats/nodes/{node_id}`.
pub(crate) fn stats(task: &Task<'_>) -> Answer {
    let asked = task.parsed.route.part("node_id");
    let there = asked.is_none_or(|list| list.split(',').any(|name| is_named(task, name)));
    let count = u64::from(there);
    let seen = || task.metadata.indices().filter(|index| task.view.sees(&index.uuid));
    let answer = json!({
        "_nodes": {"total": count, "successful": count, "failed": 0},
        "cluster_name": task.engine.settings.cluster_name,
        "cluster_uuid": task.metadata.cluster_uuid,
        "timestamp": task.now.as_millisecond(),
        "status": Health::of(seen()).status,
        "indices": of_indices(task)?,
        "nodes": if there { nodes(task) } else { json!({"count": {"total": 0}}) },
    });
    task.json(200, &answer)
}

fn of_indices(task: &Task<'_>) -> Result<Value, Exception> {
    let flavor = task.parsed.route.flavor;
    let seen: Vec<_> =
        task.metadata.indices().filter(|index| task.view.sees(&index.uuid)).collect();
    let shards: Vec<u64> =
        seen.iter().map(|index| index.settings.count("number_of_shards", 1)).collect();
    let total: u64 = shards.iter().sum();
    let spread = |numbers: &[u64]| {
        let sum: u64 = numbers.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "a mean of small counts")]
        let mean = if numbers.is_empty() { 0.0 } else { sum as f64 / numbers.len() as f64 };
        json!({"min": numbers.iter().min(), "max": numbers.iter().max(), "avg": mean})
    };
    let mut all = if shards.is_empty() {
        json!({})
    } else {
        json!({"total": total, "primaries": total, "replication": 0.0, "index": {
            "shards": spread(&shards), "primaries": spread(&shards),
            "replication": {"min": 0.0, "max": 0.0, "avg": 0.0}}})
    };
    let mut kinds: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    for index in &seen {
        task.work.check()?;
        let mut own: BTreeMap<&'static str, u64> = BTreeMap::new();
        let fields = task.view.shown(&index.uuid, &index.mapping).fields;
        let shows = |path: &str| fields.as_ref().is_none_or(|fields| fields.shows(path));
        for leaf in index.mapping.leaves().filter(|leaf| leaf.kind.is_shown(&leaf.path, &shows)) {
            *own.entry(leaf.kind.name()).or_default() += 1;
        }
        for (name, count) in own {
            let (fields, indices) = kinds.entry(name).or_default();
            *fields += count;
            *indices += 1;
        }
    }
    let kinds: Vec<Value> = kinds
        .into_iter()
        .map(|(name, (count, indices))| json!({"name": name, "count": count, "index_count": indices}))
        .collect();
    let chosen = ["docs", "store", "fielddata", "query_cache", "completion", "segments"];
    let printed = stats::printed(&counted(task)?, &chosen, false, flavor);
    let mut out = Map::new();
    out.insert("count".into(), seen.len().into());
    out.insert("shards".into(), all.take());
    if let Value::Object(printed) = printed {
        out.extend(printed);
    }
    out.insert("mappings".into(), json!({"field_types": kinds}));
    let analysis = [
        "char_filter_types",
        "tokenizer_types",
        "filter_types",
        "analyzer_types",
        "built_in_char_filters",
        "built_in_tokenizers",
        "built_in_filters",
        "built_in_analyzers",
    ];
    let none: Map<String, Value> =
        analysis.iter().map(|key| ((*key).to_owned(), json!([]))).collect();
    out.insert("analysis".into(), Value::Object(none));
    Ok(Value::Object(out))
}

fn nodes(task: &Task<'_>) -> Value {
    let flavor = task.parsed.route.flavor;
    let (machine, process) = (MachineUse::now(), ProcessUse::now());
    let disk = task.engine.disk_use();
    let now = task.now.as_millisecond();
    let uptime = u64::try_from(now).unwrap_or(0).saturating_sub(process.started);
    let mut count = json!({"total": 1, "coordinating_only": 0, "data": 1, "ingest": 1,
        "master": 1, "remote_cluster_client": 0});
    let mut packaging = json!({"type": "tar", "count": 1});
    match (flavor, count.as_object_mut(), packaging.as_object_mut()) {
        (Flavor::OpenSearch219, Some(count), _) => {
            count.insert("cluster_manager".into(), 1.into());
            count.insert("search".into(), 0.into());
        }
        (Flavor::Elasticsearch710, _, Some(packaging)) => {
            packaging.insert("flavor".into(), "default".into());
        }
        _ => {}
    }
    json!({
        "count": count,
        "versions": [version(flavor)],
        "os": {"available_processors": machine.processors,
            "allocated_processors": machine.processors,
            "names": [{"name": std::env::consts::OS, "count": 1}],
            "pretty_names": [{"pretty_name": std::env::consts::OS, "count": 1}],
            "mem": memory_of(&machine)},
        "process": {"cpu": {"percent": process.cpu_percent(machine.processors, now)},
            "open_file_descriptors": {"min": process.open_files, "max": process.open_files,
                "avg": process.open_files}},
        "jvm": {"max_uptime_in_millis": uptime, "versions": [],
            "mem": {"heap_used_in_bytes": process.resident_bytes,
                "heap_max_in_bytes": machine.memory_bytes},
            "threads": process.threads},
        "fs": {"total_in_bytes": disk.bytes, "free_in_bytes": disk.bytes_free,
            "available_in_bytes": disk.bytes_available},
        "plugins": [],
        "network_types": {"transport_types": {"none": 1}, "http_types": {"hyper": 1}},
        "discovery_types": {"single-node": 1},
        "packaging_types": [packaging],
        "ingest": {"number_of_pipelines": 0, "processor_stats": {}},
    })
}
