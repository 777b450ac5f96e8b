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

/// The commands, with the keys that name nodes in each, and what else each may be told to do.
const COMMANDS: &[(&str, &[&str], Option<&str>)] = &[
    ("cancel", &["node"], Some("allow_primary")),
    ("move", &["from_node", "to_node"], None),
    ("allocate_replica", &["node"], None),
    ("allocate_empty_primary", &["node"], Some("accept_data_loss")),
    ("allocate_stale_primary", &["node"], Some("accept_data_loss")),
];

/// `POST /_cluster/reroute`.
pub(crate) fn reroute(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let explain = query.flag("explain", false)?;
    query.flag("dry_run", false)?;
    query.flag("retry_failed", false)?;
    let mut explanations = Vec::new();
    for (key, value) in task.body().as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("commands", Value::Array(commands)) => {
                for command in commands {
                    task.work.check()?;
                    explanations.push(explained(task, command, explain)?);
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
                )
                .at_key(value));
            }
        }
    }
    let mut answer = Map::new();
    answer.insert("acknowledged".into(), true.into());
    let metrics = query.get("metric").unwrap_or(
        "version,master_node,cluster_manager_node,blocks,nodes,routing_table,routing_nodes",
    );
    answer.insert("state".into(), Value::Object(state::parts(task, Some(metrics))?));
    if explain {
        answer.insert("explanations".into(), explanations.into());
    }
    task.json(200, &Value::Object(answer))
}

/// What becomes of a command: nothing can be moved, and what is cancelled is where it was again at once.
///
/// # Errors
/// What is no command; unless it is asked to `explain`, why it is not carried out.
fn explained(task: &Task<'_>, command: &Value, explain: bool) -> Result<Value, Exception> {
    let only = command.as_object().filter(|command| command.len() == 1);
    let entry = only.and_then(|command| command.iter().next());
    let known = entry.and_then(|(name, body)| {
        let row = COMMANDS.iter().find(|(known, ..)| known == name)?;
        Some((row, body))
    });
    let Some(((name, nodes, option), body)) = known else {
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
    let mut parameters = Map::new();
    for (key, value) in body.as_object().into_iter().flatten() {
        let shown = if nodes.contains(&key.as_str()) { NODE_ID.into() } else { value.clone() };
        parameters.insert(key.clone(), shown);
    }
    if let Some(option) = option {
        parameters.entry(*option).or_insert(false.into());
    }
    let decision = decided(task, name, body)?;
    if let (false, "NO") = (explain, decision.answer) {
        let what = match *name {
            "cancel" | "move" => format!("{name}_allocation"),
            _ => (*name).to_owned(),
        };
        return Err(Exception::illegal_argument(format!("[{what}] {}", decision.refusal)));
    }
    Ok(json!({
        "command": name,
        "parameters": parameters,
        "decisions": [{"decider": decision.decider, "decision": decision.answer,
            "explanation": decision.explanation}],
    }))
}

/// Whether a command is carried out, and why not.
struct CommandDecision {
    decider: String,
    answer: &'static str,
    explanation: String,
    /// The explanation where nobody asked for one.
    refusal: String,
}

/// Decides on a command whose nodes are this one.
///
/// # Errors
/// `index_not_found_exception`.
fn decided(task: &Task<'_>, name: &str, body: &Value) -> Result<CommandDecision, Exception> {
    let index = body.get("index").map(plain).unwrap_or_default();
    let shard = body.get("shard").map(plain).unwrap_or_default();
    let seen = |index: &&Arc<IndexMetadata>| task.view.sees(&index.uuid);
    let found = task.metadata.indices().filter(seen).find(|found| found.name == index);
    let count = found.map_or(0, |index| index.settings.count("number_of_shards", 1));
    let is_there = shard.parse::<u64>().is_ok_and(|shard| shard < count);
    if found.is_none() && name != "move" {
        return Err(Exception::index_not_found(&index));
    }
    let node = format!("{{{NODE_NAME}}}{{{NODE_ID}}}");
    let missing = format!("can't {name} {shard}, failed to find it on node {node}");
    let no = |decider: String, explanation: String| CommandDecision {
        decider,
        answer: "NO",
        refusal: explanation.clone(),
        explanation,
    };
    let own = format!("{name}_allocation_command");
    Ok(match name {
        "move" if !is_there => {
            CommandDecision { explanation: format!("shard {shard} not found"), ..no(own, missing) }
        }
        "move" => {
            let why = format!("this shard is already allocated to this node [[{index}][{shard}]]");
            let refusal = format!(
                "can't move {shard}, from {node}, to {node}, since its not allowed, reason: [NO({why})]"
            );
            CommandDecision { explanation: why, ..no("same_shard".to_owned(), refusal) }
        }
        "cancel" if !is_there => no(own, missing),
        "cancel" if body.get("allow_primary") == Some(&Value::Bool(true)) => CommandDecision {
            answer: "YES",
            ..no(own, format!("shard {shard} on node {node} can be cancelled"))
        },
        "cancel" => {
            let why = format!("can't cancel {shard} on node {node}, shard is primary and started");
            no(own, why)
        }
        _ if !is_there => {
            return Err(Exception::new(ExceptionKind::ShardNotFound, "no such shard"));
        }
        "allocate_replica" => {
            let copies = found.map_or(0, |index| index.settings.count("number_of_replicas", 1));
            let why = if copies == 0 {
                format!(
                    "all copies of [{index}][{shard}] are already assigned. Use the move allocation command instead"
                )
            } else {
                format!(
                    "allocation of [{index}][{shard}] on node {node} is not allowed, reason: [NO(a copy of this shard is already allocated to this node)]"
                )
            };
            no(format!("{name} (allocation command)"), why)
        }
        _ => {
            let why = format!("primary [{index}][{shard}] is already assigned");
            no(format!("{name} (allocation command)"), why)
        }
    })
}

/// `GET`, `POST /_cluster/allocation/explain`: the body's shard, or the first that no node has.
pub(crate) fn explain(task: &Task<'_>) -> Answer {
    let body = task.body();
    let known = ["index", "shard", "primary", "current_node"];
    let mut entries = body.as_object().into_iter().flatten();
    if let Some((unknown, value)) = entries.find(|(key, _)| !known.contains(&key.as_str())) {
        return Err(Exception::new(
            ExceptionKind::XContentParse,
            format!("[cluster/allocation/explain] unknown field [{unknown}]"),
        )
        .at_key(value));
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
