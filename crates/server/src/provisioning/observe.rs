//! What a cluster of the service's own nodes tells of itself.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::plan::{SeenCluster, ShardCopy};
use crate::service::upstream::Upstream;

/// How long one answer may take: a cluster that is slower is looked at again.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

const EXCLUDE: &str = "cluster.routing.allocation.exclude._name";

/// What is read beside the members and their health.
#[derive(Clone, Copy)]
pub(super) struct Looked {
    /// Where the copies of shards are.
    pub(super) copies: bool,
    /// Who may not elect.
    pub(super) votes: bool,
}

/// The cluster as it is now; none where it does not answer, or has nobody who leads it.
pub(super) async fn cluster(
    upstream: &Upstream,
    looked: Looked,
    now: Timestamp,
) -> Option<SeenCluster> {
    let read = async |path: &str, query: &str| {
        let answer = upstream.read(path, query, now);
        tokio::time::timeout(ANSWER_TIME_MAX, answer).await.ok()?
    };
    let state = match looked.votes {
        true => "/_cluster/state/nodes,metadata",
        false => "/_cluster/state/nodes",
    };
    let filter = "filter_path=nodes.*.name,metadata.cluster_coordination.voting_config_exclusions";
    let state = read(state, filter).await?;
    let settings = read("/_cluster/settings", "flat_settings=true&filter_path=persistent").await?;
    let health = read("/_cluster/health", "").await?;
    let copies = match looked.copies {
        true => {
            let columns = "format=json&h=index,shard,state,node";
            copies(&read("/_cat/shards", columns).await?)
        }
        false => Vec::new(),
    };
    Some(SeenCluster {
        members: names(state.get("nodes")),
        red: health.get("status").and_then(Value::as_str) == Some("red"),
        settled: is_settled(&health),
        excluded: excluded(&settings),
        without_vote: without_vote(&state),
        copies,
    })
}

fn names(nodes: Option<&Value>) -> BTreeSet<String> {
    let nodes = nodes.and_then(Value::as_object).into_iter().flatten();
    nodes.filter_map(|(_, node)| Some(node.get("name")?.as_str()?.to_owned())).collect()
}

/// Whether nothing moves: shards without a node that can have them do not count.
fn is_settled(health: &Value) -> bool {
    let none = |key: &str| health.get(key).and_then(Value::as_u64) == Some(0);
    [
        "relocating_shards",
        "initializing_shards",
        "delayed_unassigned_shards",
        "number_of_in_flight_fetch",
        "number_of_pending_tasks",
    ]
    .into_iter()
    .all(none)
}

fn excluded(settings: &Value) -> BTreeSet<String> {
    let text = settings.get("persistent").and_then(|it| it.get(EXCLUDE)).and_then(Value::as_str);
    let names = text.unwrap_or_default().split(',').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn without_vote(state: &Value) -> BTreeSet<String> {
    let list = state.pointer("/metadata/cluster_coordination/voting_config_exclusions");
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|it| Some(it.get("node_name")?.as_str()?.to_owned())).collect()
}

/// The rows of `_cat/shards` that are on a node. One that moves is told where it is, and where it goes to behind an arrow.
fn copies(rows: &Value) -> Vec<ShardCopy> {
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let rows = rows.as_array().into_iter().flatten();
    let copy = |row: &Value| {
        let node = text(row, "node")?;
        Some(ShardCopy {
            shard: (text(row, "index")?, text(row, "shard")?),
            node: node.split(' ').next()?.to_owned(),
            started: matches!(row.get("state")?.as_str()?, "STARTED" | "RELOCATING"),
        })
    };
    rows.filter_map(copy).collect()
}

/// The settings that let these nodes, and no others, get no shards.
pub(super) fn exclude(nodes: &BTreeSet<String>) -> Value {
    let names = nodes.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let names = if names.is_empty() { Value::Null } else { names.into() };
    serde_json::json!({ "persistent": { EXCLUDE: names } })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shard_that_moves_is_where_it_comes_from() {
        let rows = json!([
            {"index": "books", "shard": "0", "state": "RELOCATING", "node": "node-3 -> 127.0.0.1 xyz node-1"},
            {"index": "books", "shard": "1", "state": "INITIALIZING", "node": "node-1"},
            {"index": "books", "shard": "1", "state": "UNASSIGNED", "node": null},
        ]);
        let told: Vec<(String, String, bool)> =
            copies(&rows).into_iter().map(|it| (it.shard.1, it.node, it.started)).collect();
        let row = |shard: &str, node: &str, started| (shard.to_owned(), node.to_owned(), started);
        assert_eq!(told, [row("0", "node-3", true), row("1", "node-1", false)]);
    }

    #[test]
    fn a_cluster_with_shards_that_no_node_can_have_is_settled() {
        let mut health = json!({
            "status": "yellow", "unassigned_shards": 3, "relocating_shards": 0, "initializing_shards": 0,
            "delayed_unassigned_shards": 0, "number_of_in_flight_fetch": 0, "number_of_pending_tasks": 0,
        });
        assert!(is_settled(&health));
        health["delayed_unassigned_shards"] = json!(1);
        assert!(!is_settled(&health));
        assert!(!is_settled(&json!({})), "what is not told is not known");
    }

    #[test]
    fn who_gets_no_shards_is_read_as_it_was_written() {
        let two: BTreeSet<String> = ["node-2".to_owned(), "node-3".to_owned()].into();
        assert_eq!(excluded(&exclude(&two)), two);
        assert_eq!(exclude(&BTreeSet::new()), json!({"persistent": {EXCLUDE: null}}));
        let state = json!({"metadata": {"cluster_coordination": {"voting_config_exclusions": [
            {"node_id": "x", "node_name": "node-2"}]}}});
        assert_eq!(without_vote(&state), ["node-2".to_owned()].into());
    }
}
