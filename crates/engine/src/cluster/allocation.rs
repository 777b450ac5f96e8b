//! `_cluster/reroute` and `_cluster/allocation/explain` of a cluster of one: nothing can be anywhere else.
//! Source: Elasticsearch 7.10, `ClusterRerouteRequest`, `ClusterAllocationExplainRequest`.

use super::metadata::IndexMetadata;
use super::nodes::{address, is_named};
use super::state::{self, allocation_id, created};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::rest::execute::Task;
use crate::rest::json::token;
use crate::value::scalar::plain;
use crate::{NODE_ID, NODE_NAME};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The commands, with the keys that name nodes in each.
const COMMANDS: &[(&str, &[&str])] = &[
    ("cancel", &["node"]),
    ("move", &["from_node", "to_node"]),
    ("allocate_replica", &["node"]),
    ("allocate_empty_primary", &["node"]),
    ("allocate_stale_primary", &["node"]),
];

/// `POST /_cluster/reroute`.
pub(crate) fn reroute(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let (explain, dry) = (query.flag("explain", false)?, query.flag("dry_run", false)?);
    query.flag("retry_failed", false)?;
    let mut explanations = Vec::new();
    for (key, value) in task.body().as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("commands", Value::Array(commands)) => {
                for command in commands {
                    task.work.check()?;
                    explanations.push(explained(task, command)?);
                }
            }
            ("dry_run", Value::Bool(_)) => {}
            ("commands" | "dry_run", other) => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!(
                        "[cluster_reroute] {key} doesn't support values of type: {}",
                        token(other)
                    ),
                ));
            }
            _ => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[cluster_reroute] unknown field [{key}]"),
                ));
            }
        }
    }
    if let (false, Some(first)) = (explain || dry, explanations.first()) {
        let why = first.pointer("/decisions/0/explanation").map(plain).unwrap_or_default();
        return Err(Exception::illegal_argument(format!(
            "[{}] {why}",
            first.get("command").map(plain).unwrap_or_default()
        )));
    }
    let mut answer = Map::new();
    answer.insert("acknowledged".into(), true.into());
    let metrics = query
        .get("metric")
        .unwrap_or("version,cluster_manager_node,blocks,nodes,routing_table,routing_nodes");
    answer.insert("state".into(), Value::Object(state::parts(task, Some(metrics))?));
    if explain {
        answer.insert("explanations".into(), explanations.into());
    }
    task.json(200, &Value::Object(answer))
}

/// Why a command is not carried out.
fn explained(task: &Task<'_>, command: &Value) -> Result<Value, Exception> {
    let only = command.as_object().filter(|command| command.len() == 1);
    let entry = only.and_then(|command| command.iter().next());
    let known = entry.and_then(|(name, body)| {
        let row = COMMANDS.iter().find(|(known, _)| known == name)?;
        Some((row, body))
    });
    let Some(((name, nodes), body)) = known else {
        let name = entry.map(|(name, _)| name.as_str()).unwrap_or_default();
        return Err(Exception::parsing(format!("Unknown allocation command [{name}]")));
    };
    let text = |key: &str| body.get(key).map(plain);
    for key in *nodes {
        let node = text(key).unwrap_or_default();
        if !is_named(task, &node) {
            return Err(Exception::illegal_argument(format!(
                "failed to resolve [{node}], no matching nodes"
            )));
        }
    }
    let (index, shard) = (text("index").unwrap_or_default(), text("shard").unwrap_or_default());
    let mut parameters = Map::new();
    for (key, value) in body.as_object().into_iter().flatten() {
        let shown = if nodes.contains(&key.as_str()) { NODE_ID.into() } else { value.clone() };
        parameters.insert(key.clone(), shown);
    }
    parameters.entry("allow_primary").or_insert(false.into());
    let verb = if *name == "move" { "move" } else { *name };
    let explanation =
        format!("can't {verb} {shard}, failed to find it on node {{{NODE_NAME}}}{{{NODE_ID}}}");
    Ok(json!({
        "command": name,
        "parameters": parameters,
        "decisions": [{"decider": format!("{name}_allocation_command"), "decision": "NO",
            "explanation": explanation.replace(&format!("can't {verb} {shard}"), &format!("can't {verb} [{index}][{shard}]"))}],
    }))
}

/// `GET`, `POST /_cluster/allocation/explain`: the body's shard, or the first that no node has.
pub(crate) fn explain(task: &Task<'_>) -> Answer {
    let body = task.body();
    let known = ["index", "shard", "primary", "current_node"];
    let mut keys = body.as_object().into_iter().flat_map(Map::keys);
    if let Some(unknown) = keys.find(|key| !known.contains(&key.as_str())) {
        return Err(Exception::new(
            ExceptionKind::XContentParse,
            format!("[cluster/allocation/explain] unknown field [{unknown}]"),
        ));
    }
    let seen = |index: &&Arc<IndexMetadata>| task.view.sees(&index.uuid);
    if body.as_object().is_none_or(Map::is_empty) {
        let wants = |index: &&Arc<IndexMetadata>| index.settings.count("number_of_replicas", 1) > 0;
        let Some(index) = task.metadata.indices().filter(seen).find(wants) else {
            let yes = task.parsed.route.query.flag("include_yes_decisions", false)?;
            return Err(Exception::illegal_argument(format!(
                "unable to find any unassigned shards to explain [ClusterAllocationExplainRequest[useAnyUnassignedShard=true,includeYesDecisions?={yes}]"
            )));
        };
        return with_disks(task, unassigned(task, index, 0));
    }
    let mut missing = Vec::new();
    for (key, what) in [("index", "index"), ("shard", "shard"), ("primary", "primary")] {
        if body.get(key).is_none() {
            missing.push(format!("{what} must be specified"));
        }
    }
    if !missing.is_empty() {
        return Err(Exception::validation(&missing));
    }
    let text = |key: &str| body.get(key).map(plain).unwrap_or_default();
    let name = text("index");
    let index = task.metadata.index(&name).filter(seen);
    let index = index.ok_or_else(|| Exception::index_not_found(&name))?;
    let shard = text("shard").parse().unwrap_or(u64::MAX);
    if shard >= index.settings.count("number_of_shards", 1) {
        return Err(Exception::new(ExceptionKind::ShardNotFound, "no such shard")
            .with("shard", text("shard"))
            .on_index(&index.name, &index.uuid));
    }
    let answer = if text("primary") == "true" {
        started(task, index, shard)
    } else if index.settings.count("number_of_replicas", 1) == 0 {
        return Err(Exception::illegal_argument(
            "unable to find a replica shard to explain; there are none",
        ));
    } else {
        unassigned(task, index, shard)
    };
    with_disks(task, answer)
}

/// The explanation, with what `include_disk_info` asks for: how full the disk of the node is.
fn with_disks(task: &Task<'_>, mut answer: Value) -> Answer {
    if let (true, Some(answer)) =
        (task.parsed.route.query.flag("include_disk_info", false)?, answer.as_object_mut())
    {
        let info = json!({"nodes": {}, "shard_sizes": {}, "shard_paths": {}, "reserved_sizes": []});
        answer.insert("cluster_info".to_owned(), info);
    }
    task.json(200, &answer)
}

fn started(task: &Task<'_>, index: &IndexMetadata, shard: u64) -> Value {
    let why = |decider: &str, explanation: &str| json!({"decider": decider, "decision": "NO", "explanation": explanation});
    json!({
        "index": index.name, "shard": shard, "primary": true, "current_state": "started",
        "current_node": {"id": NODE_ID, "name": NODE_NAME, "transport_address": address(task).0,
            "weight_ranking": 1},
        "can_remain_on_current_node": "yes",
        "can_rebalance_cluster": "no",
        "can_rebalance_cluster_decisions": [
            why("rebalance_only_when_active", "rebalancing is not allowed until all replicas in the cluster are active"),
            why("cluster_rebalance", "the cluster has unassigned shards and cluster setting [cluster.routing.allocation.allow_rebalance] is set to [indices_all_active]"),
        ],
        "can_rebalance_to_other_node": "no",
        "rebalance_explanation": "rebalancing is not allowed",
    })
}

fn unassigned(task: &Task<'_>, index: &IndexMetadata, shard: u64) -> Value {
    let copy = format!(
        "a copy of this shard is already allocated to this node [[{}][{shard}], node[{NODE_ID}], [P], s[STARTED], a[id={}]]",
        index.name,
        allocation_id(index, shard)
    );
    json!({
        "index": index.name, "shard": shard, "primary": false, "current_state": "unassigned",
        "unassigned_info": {"reason": "INDEX_CREATED", "at": created(index),
            "last_allocation_status": "no_attempt"},
        "can_allocate": "no",
        "allocate_explanation": "cannot allocate because allocation is not permitted to any of the nodes",
        "node_allocation_decisions": [{
            "node_id": NODE_ID, "node_name": NODE_NAME, "transport_address": address(task).0,
            "node_decision": "no", "weight_ranking": 1,
            "deciders": [{"decider": "same_shard", "decision": "NO", "explanation": copy}],
        }],
    })
}
