//! The cluster's metadata, on which requests are judged: read again when it is old, or when it lacks a name.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use client::cluster::{ClusterClient, ClusterFault, ClusterRequest};
use engine::cluster::Metadata;
use engine::cluster::elsewhere::STATE_FILTER;
use engine::rest::{Flavor, encode};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::shared::SharedNames;
use crate::guards::limits;

/// The metadata of a cluster at one moment.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) metadata: Arc<Metadata>,
    /// The cluster's own name of this state.
    state_uuid: String,
    /// When it was known to be the newest.
    seen: Instant,
}

/// Times that the metadata is read again because it changed while it was read.
const TRIES_MAX: usize = 5;

impl Snapshot {
    /// Whether it was the newest at `moment`, or later.
    pub(super) fn is_of(&self, moment: Instant) -> bool {
        self.seen >= moment
    }

    /// The newest, which may be this one.
    pub(super) async fn renewed(
        known: Option<&Snapshot>,
        client: &ClusterClient,
        shared: Option<&SharedNames>,
        now: Timestamp,
    ) -> Result<Snapshot, ClusterFault> {
        if let Some(known) = known {
            let seen = Instant::now();
            let version = read(client, "/_cluster/state/version", "", now).await?;
            if text(&version, "/state_uuid") == Some(&known.state_uuid) {
                return Ok(Snapshot { seen, ..known.clone() });
            }
        }
        let mut why = String::new();
        for _ in 0..TRIES_MAX {
            let seen = Instant::now();
            let filter = format!("filter_path={STATE_FILTER},metadata.indices.*.aliases");
            let state = read(client, "/_cluster/state/metadata,version", &filter, now).await?;
            let aliases = aliases(client, &state, now).await?;
            if !are_of_one_state(&state, &aliases) {
                "it changes faster than it can be read".clone_into(&mut why);
                continue;
            }
            let state_uuid = text(&state, "/state_uuid").unwrap_or_default().to_owned();
            let (state, aliases) = match shared {
                Some(shared) => shared.own_state(state, aliases),
                None => (state, aliases),
            };
            match Metadata::of_cluster(&state, &aliases) {
                Ok(metadata) => {
                    return Ok(Snapshot { metadata: Arc::new(metadata), state_uuid, seen });
                }
                Err(fault) => why = fault,
            }
        }
        Err(ClusterFault::BrokeOff(format!("its metadata cannot be read: {why}")))
    }
}

/// The aliases of all indices. Of one whose metadata is blocked (`index.blocks.metadata`) the cluster tells no more than their names:
/// they are taken for such as limit what is seen, which are refused.
async fn aliases(
    client: &ClusterClient,
    state: &Value,
    now: Timestamp,
) -> Result<Value, ClusterFault> {
    let indices = state.pointer("/metadata/indices").and_then(Value::as_object);
    let blocked: Vec<(&String, &Value)> = indices
        .into_iter()
        .flatten()
        .filter(|(_, index)| text(index, "/settings/index/blocks/metadata") == Some("true"))
        .collect();
    let mut list = String::new();
    for (name, _) in &blocked {
        list.push_str(",-");
        encode(&mut list, name, b"");
    }
    let path = if blocked.is_empty() { "/_alias".to_owned() } else { format!("/*{list}/_alias") };
    let mut aliases = read(client, &path, "expand_wildcards=all", now).await?;
    for (name, index) in blocked {
        let names = index.get("aliases").and_then(Value::as_array).into_iter().flatten();
        let unknown = json!({"filter": {"unknown": {}}, "routing": "unknown"});
        let limited =
            names.filter_map(Value::as_str).map(|name| (name.to_owned(), unknown.clone()));
        let limited: serde_json::Map<String, Value> = limited.collect();
        if let Some(all) = aliases.as_object_mut() {
            all.insert(name.clone(), json!({ "aliases": limited }));
        }
    }
    Ok(aliases)
}

/// Whether the aliases are those that the state names: the two are read one after the other.
fn are_of_one_state(state: &Value, aliases: &Value) -> bool {
    let none = serde_json::Map::new();
    let indices = state.pointer("/metadata/indices").and_then(Value::as_object);
    let indices = indices.unwrap_or(&none).iter();
    let named: BTreeSet<(&str, &str)> = indices
        .clone()
        .flat_map(|(index, told)| {
            let names = told.get("aliases").and_then(Value::as_array).into_iter().flatten();
            names.filter_map(|name| Some((index.as_str(), name.as_str()?)))
        })
        .collect();
    let told = aliases.as_object().unwrap_or(&none).iter();
    let defined: BTreeSet<(&str, &str)> = told
        .clone()
        .flat_map(|(index, told)| {
            let names = told.get("aliases").and_then(Value::as_object).into_iter().flatten();
            names.map(|(name, _)| (index.as_str(), name.as_str()))
        })
        .collect();
    let names = |members: serde_json::map::Iter<'_>| -> BTreeSet<String> {
        members.map(|(name, _)| name.clone()).collect()
    };
    named == defined && names(indices) == names(told)
}

/// Which service the cluster is, and its version.
///
/// # Errors
/// [`ClusterFault`]; a version that this service does not know how to judge requests for.
pub(crate) async fn service_of(
    client: &ClusterClient,
    now: Timestamp,
) -> Result<(Flavor, String), ClusterFault> {
    let info = read(client, "/", "", now).await?;
    let number = text(&info, "/version/number").unwrap_or_default().to_owned();
    let major = number.split('.').next().unwrap_or_default();
    let flavor = match text(&info, "/version/distribution") {
        Some("opensearch") if ["1", "2", "3"].contains(&major) => Flavor::OpenSearch219,
        None if major == "7" => Flavor::Elasticsearch710,
        other => {
            let name = other.unwrap_or("elasticsearch");
            return Err(ClusterFault::BrokeOff(format!(
                "it is {name} {number}, expected Elasticsearch 7 or OpenSearch 1, 2 or 3"
            )));
        }
    };
    Ok((flavor, number))
}

/// One answer of the cluster about itself, in JSON.
pub(super) async fn read(
    client: &ClusterClient,
    path: &str,
    query: &str,
    now: Timestamp,
) -> Result<Value, ClusterFault> {
    let request = ClusterRequest {
        method: Method::GET,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new().into(),
        repeatable: true,
    };
    let (status, body) = client.fetch(&request, now, limits::CLUSTER_METADATA_BYTES_MAX).await?;
    if status != 200 {
        let begin: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        return Err(ClusterFault::BrokeOff(format!("GET {path} answered {status}: {begin}")));
    }
    serde_json::from_slice(&body)
        .map_err(|error| ClusterFault::BrokeOff(format!("GET {path} answered no JSON: {error}")))
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}
