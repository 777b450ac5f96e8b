//! `_cluster/state`: metadata, routing and blocks of the indices that the view holds. Source: Elasticsearch 7.10,
//! `RestClusterStateAction`, and OpenSearch 2.19.

use super::blocks;
use super::metadata::{IndexMetadata, Metadata};
use super::registries::Registry;
use super::templates;
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::rest::execute::Task;
use crate::routing::routing_shards;
use crate::{EPHEMERAL_ID, NODE_ID, NODE_NAME};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `GET /_cluster/state/{metric}/{index}`.
pub(crate) fn state(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let wanted = query.number("wait_for_metadata_version")?;
    if wanted.is_some_and(|wanted| u64::try_from(wanted).is_ok_and(|wanted| wanted > version(task)))
    {
        // No change is under way that could be waited for.
        let answer = json!({"cluster_name": task.engine.settings.cluster_name,
            "cluster_uuid": task.metadata.cluster_uuid, "wait_for_timed_out": true});
        return task.json(200, &answer);
    }
    let mut answer = Map::new();
    answer.insert("cluster_name".into(), task.engine.settings.cluster_name.as_str().into());
    answer.extend(parts(task, task.parsed.route.part("metric"))?);
    task.json(200, &Value::Object(answer))
}

/// The parts of the state that a list of metrics asks for; all without one. A metric that there is not is nothing.
///
/// # Errors
/// What the URL's index names come to; `task_cancelled_exception`.
pub(crate) fn parts(
    task: &Task<'_>,
    metrics: Option<&str>,
) -> Result<Map<String, Value>, Exception> {
    let wants = |metric: &str| {
        metrics.is_none_or(|list| list.split(',').any(|name| name == metric || name == "_all"))
    };
    let indices = task.indices()?;
    let mut parts = Map::new();
    let metadata = task.metadata;
    parts.insert("cluster_uuid".into(), metadata.cluster_uuid.as_str().into());
    if wants("version") {
        let version = version(task);
        parts.insert("version".into(), version.into());
        parts.insert("state_uuid".into(), state_uuid(metadata, version).into());
    }
    if wants("master_node") {
        parts.insert("master_node".into(), NODE_ID.into());
    }
    if task.parsed.route.flavor == Flavor::OpenSearch219 && wants("cluster_manager_node") {
        parts.insert("cluster_manager_node".into(), NODE_ID.into());
    }
    if wants("blocks") {
        parts.insert("blocks".into(), blocked(task));
    }
    if wants("nodes") {
        parts.insert("nodes".into(), json!({ NODE_ID: node(task) }));
    }
    if wants("metadata") {
        parts.insert("metadata".into(), described(task, &indices)?);
    }
    let mut held = task.work.holds("<state>");
    let mut copies = |index: &IndexMetadata, shard| {
        task.work.check()?;
        let copies = copies(index, shard);
        held.grow(copies.len() as u64 * COPY_BYTES)?;
        Ok::<_, Exception>(copies)
    };
    if wants("routing_table") {
        let mut table = Map::new();
        for index in &indices {
            let mut shards = Map::new();
            for shard in 0..index.settings.count("number_of_shards", 1) {
                shards.insert(shard.to_string(), copies(index, shard)?.into());
            }
            table.insert(index.name.clone(), json!({ "shards": shards }));
        }
        parts.insert("routing_table".into(), json!({ "indices": table }));
    }
    if wants("routing_nodes") {
        let (mut started, mut unassigned) = (Vec::new(), Vec::new());
        for index in &indices {
            for shard in 0..index.settings.count("number_of_shards", 1) {
                let mut copies = copies(index, shard)?.into_iter();
                started.extend(copies.next());
                unassigned.extend(copies);
            }
        }
        let nodes = json!({"unassigned": unassigned, "nodes": {NODE_ID: started}});
        parts.insert("routing_nodes".into(), nodes);
    }
    Ok(parts)
}

/// A node as the state and stores name it.
pub(crate) fn node(task: &Task<'_>) -> Value {
    json!({"name": NODE_NAME, "ephemeral_id": EPHEMERAL_ID,
        "transport_address": task.engine.settings.publish_address, "attributes": {}})
}

/// The id of the one copy of a shard that there is.
pub(crate) fn allocation_id(index: &IndexMetadata, shard: u64) -> String {
    if shard == 0 { index.uuid.to_string() } else { format!("{}-{shard}", index.uuid) }
}

/// The version of what the view holds: it grows with each change of an index that the caller sees. The metadata's own would
/// tell of changes to indices that are hidden.
pub(crate) fn version(task: &Task<'_>) -> u64 {
    let seen = task.metadata.indices().filter(|index| task.view.sees(&index.uuid));
    seen.map(|index| 1 + own_version(index)).sum::<u64>() + 1
}

/// The version of one index's metadata.
fn own_version(index: &IndexMetadata) -> u64 {
    index.mapping.version() + index.settings_version + index.aliases_version
}

/// Another id for every version.
fn state_uuid(metadata: &Metadata, version: u64) -> String {
    let cluster: String = metadata.cluster_uuid.chars().take(11).collect();
    format!("{cluster}{version:_>11}")
}

/// Of every index that the view holds, whichever the URL names.
fn blocked(task: &Task<'_>) -> Value {
    let seen = task.metadata.indices().filter(|index| task.view.sees(&index.uuid));
    let blocks = seen.map(|index| (index.name.clone(), blocks::of(index)));
    let blocks: Map<String, Value> = blocks
        .filter(|(_, blocks)| blocks.as_object().is_some_and(|blocks| !blocks.is_empty()))
        .collect();
    let mut all = Map::new();
    if let Some(global) = blocks::of_all(task.metadata.registries()) {
        all.insert("global".to_owned(), global);
    }
    if !blocks.is_empty() {
        all.insert("indices".to_owned(), blocks.into());
    }
    all.into()
}

fn described(task: &Task<'_>, indices: &[Arc<IndexMetadata>]) -> Result<Value, Exception> {
    let all = task.parsed.route.part("index").is_none();
    let flat = task.parsed.route.query.flag("flat_settings", false)?;
    let mut rows = Map::new();
    for index in indices {
        task.work.check()?;
        rows.insert(index.name.clone(), row(task, index, flat)?);
    }
    let mut templates = Map::new();
    let registries = task.metadata.registries();
    let excluded: Vec<&Value> =
        registries.entries(Registry::VotingExclusions).map(|(_, entry)| entry).collect();
    if all {
        for (name, template) in registries.entries(Registry::LegacyTemplates) {
            let (mut shown, type_name) = templates::shown_legacy(template);
            if let Some(mappings) = shown.get_mut("mappings") {
                *mappings = typed(type_name, mappings.take());
            }
            templates.insert(name.to_owned(), shown);
        }
    }
    let mut described = json!({
        "cluster_uuid": task.metadata.cluster_uuid,
        "cluster_uuid_committed": all,
        "cluster_coordination": {"term": 1, "last_committed_config": [NODE_ID],
            "last_accepted_config": [NODE_ID], "voting_config_exclusions": excluded},
        "templates": templates,
        "indices": rows,
        "index-graveyard": {"tombstones": []},
    });
    let streams: Map<String, Value> = task
        .metadata
        .data_streams()
        .filter(|stream| {
            let mut behind = task.metadata.alias(&stream.name).into_iter();
            all && behind.any(|index| task.view.sees(&index.uuid))
        })
        .map(|stream| {
            let indices: Vec<Value> = task
                .metadata
                .alias(&stream.name)
                .into_iter()
                .filter(|index| task.view.sees(&index.uuid))
                .map(|index| json!({"index_name": index.name, "index_uuid": &*index.uuid}))
                .collect();
            let row = json!({"name": stream.name, "indices": indices,
                "timestamp_field": {"name": stream.timestamp_field},
                "generation": stream.generation});
            (stream.name.clone(), row)
        })
        .collect();
    if let (true, Some(described)) = (all, described.as_object_mut()) {
        if !streams.is_empty() {
            described.insert("data_stream".into(), json!({ "data_stream": streams }));
        }
        for (key, kind) in [
            ("component_template", Registry::ComponentTemplates),
            ("index_template", Registry::IndexTemplates),
        ] {
            let entries = registries.entries(kind);
            let entries: Map<String, Value> =
                entries.map(|(name, entry)| (name.to_owned(), entry.clone())).collect();
            if !entries.is_empty() || kind == Registry::IndexTemplates {
                described.insert(key.into(), json!({ key: entries }));
            }
        }
    }
    Ok(described)
}

fn row(task: &Task<'_>, index: &IndexMetadata, flat: bool) -> Result<Value, Exception> {
    let mut settings = index.settings_json();
    if flat {
        let leaves = super::settings::leaves(&settings)?;
        settings = Value::Object(leaves.into_iter().collect());
    }
    let shards = index.settings.count("number_of_shards", 1);
    let terms: Map<String, Value> =
        (0..shards).map(|shard| (shard.to_string(), 1.into())).collect();
    let allocations: Map<String, Value> = (0..shards)
        .map(|shard| (shard.to_string(), json!([allocation_id(index, shard)])))
        .collect();
    let aliases: Vec<&String> = index.aliases.keys().collect();
    let mapping_version = index.mapping.version();
    Ok(json!({
        "version": own_version(index),
        "mapping_version": mapping_version,
        "settings_version": index.settings_version,
        "aliases_version": index.aliases_version,
        "routing_num_shards": routing_shards(&index.settings),
        "state": if index.closed { "close" } else { "open" },
        "settings": settings,
        "mappings": typed(index.mapping.type_name(), task.mappings_json(index)),
        "aliases": aliases,
        "primary_terms": terms,
        "in_sync_allocations": allocations,
        "rollover_info": index.rollovers,
        "system": false,
    }))
}

/// A mapping under its type, as the state keeps it.
fn typed(type_name: Option<&str>, mapping: Value) -> Value {
    match type_name {
        Some(name) => json!({name: mapping}),
        None => mapping,
    }
}

/// The copies of a shard: the one that there is, then those that no node has.
fn copies(index: &IndexMetadata, shard: u64) -> Vec<Value> {
    let mut copies = vec![json!({"state": "STARTED", "primary": true, "node": NODE_ID,
        "relocating_node": null, "shard": shard, "index": index.name,
        "allocation_id": {"id": allocation_id(index, shard)}})];
    for _ in 0..index.settings.count("number_of_replicas", 1).min(REPLICAS_SHOWN_MAX) {
        copies.push(json!({"state": "UNASSIGNED", "primary": false, "node": null,
            "relocating_node": null, "shard": shard, "index": index.name,
            "recovery_source": {"type": "PEER"}, "unassigned_info": unassigned(index)}));
    }
    copies
}

/// Most copies that no node has that are shown for a shard: the setting is any number.
const REPLICAS_SHOWN_MAX: u64 = 100;

/// What a copy takes in memory, about.
const COPY_BYTES: u64 = 1024;

fn unassigned(index: &IndexMetadata) -> Value {
    json!({"reason": "INDEX_CREATED", "at": created(index), "delayed": false,
        "allocation_status": "no_attempt"})
}

/// When the index was created, as a date.
pub(crate) fn created(index: &IndexMetadata) -> String {
    jiff::Timestamp::from_millisecond(index.creation_date)
        .map_or_else(|_| String::new(), |moment| format!("{moment:.3}"))
}
