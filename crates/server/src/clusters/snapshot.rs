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
use serde_json::{Map, Value, json};
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

/// Bytes of a request line that asks for aliases, beside the names of indices.
const LINE_BYTES_ELSE: usize = 512;

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
        (shared, line_bytes_max): (Option<&SharedNames>, usize),
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
            let state_uuid = text(&state, "/state_uuid").unwrap_or_default().to_owned();
            // Others' indices decide nothing here: not what is asked for, nor whether it is whole.
            let state = match shared {
                Some(shared) => shared.own_state(state),
                None => state,
            };
            let (paths, limited) = asked_aliases(&state, shared, line_bytes_max);
            let mut aliases = aliases(client, &paths, shared, now).await?;
            if let Some(all) = aliases.as_object_mut() {
                all.extend(limited);
            }
            if !are_of_one_state(&state, &aliases) {
                "it changes faster than it can be read".clone_into(&mut why);
                continue;
            }
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

/// Where the aliases of all indices are told, and those of indices whose metadata is blocked (`index.blocks.metadata`): of such
/// the cluster tells no more than their names. They are taken for such as limit what is seen, which are refused.
fn asked_aliases(
    state: &Value,
    shared: Option<&SharedNames>,
    line_bytes_max: usize,
) -> (Vec<String>, Map<String, Value>) {
    let none = Map::new();
    let indices = state.pointer("/metadata/indices").and_then(Value::as_object).unwrap_or(&none);
    let is_blocked = |index: &Value| text(index, "/settings/index/blocks/metadata") == Some("true");
    let encoded = |name: &String| {
        let mut text = String::new();
        encode(&mut text, &shared.map_or_else(|| name.clone(), |it| it.there(name)), b"");
        text
    };
    let mut limited = Map::new();
    let mut but = String::new();
    for (name, index) in indices.iter().filter(|(_, index)| is_blocked(index)) {
        let names = index.get("aliases").and_then(Value::as_array).into_iter().flatten();
        let unknown = json!({"filter": {"unknown": {}}, "routing": "unknown"});
        let names = names.filter_map(Value::as_str).map(|name| (name.to_owned(), unknown.clone()));
        limited.insert(name.clone(), json!({ "aliases": names.collect::<Map<String, Value>>() }));
        but.push_str(",-");
        but.push_str(&encoded(name));
    }
    let all = shared.map(SharedNames::all);
    if limited.is_empty() {
        let all = all.map(|all| format!("/{all}"));
        return (vec![format!("{}/_alias", all.unwrap_or_default())], limited);
    }
    let most = line_bytes_max.saturating_sub(LINE_BYTES_ELSE);
    if but.len() <= most {
        return (vec![format!("/{}{but}/_alias", all.as_deref().unwrap_or("*"))], limited);
    }
    // What is left out does not fit into a line: the others by their names, in as many as it takes.
    let mut lists: Vec<String> = Vec::new();
    for (name, _) in indices.iter().filter(|(_, index)| !is_blocked(index)) {
        let name = encoded(name);
        match lists.last_mut().filter(|list| list.len() + name.len() < most) {
            Some(list) => {
                list.push(',');
                list.push_str(&name);
            }
            None => lists.push(name),
        }
    }
    (lists.into_iter().map(|list| format!("/{list}/_alias")).collect(), limited)
}

/// What the cluster tells at these paths, under the domain's names.
async fn aliases(
    client: &ClusterClient,
    paths: &[String],
    shared: Option<&SharedNames>,
    now: Timestamp,
) -> Result<Value, ClusterFault> {
    let mut all = Map::new();
    for path in paths {
        let told = read(client, path, "expand_wildcards=all&ignore_unavailable=true", now).await?;
        let told = match shared {
            Some(shared) => shared.own_aliases(told),
            None => told,
        };
        if let Value::Object(told) = told {
            all.extend(told);
        }
    }
    Ok(all.into())
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

/// What a cluster calls itself, whatever its addresses are; `None` while it has not chosen a name.
///
/// # Errors
/// [`ClusterFault`].
pub(crate) async fn cluster_uuid_of(
    client: &ClusterClient,
    now: Timestamp,
) -> Result<Option<String>, ClusterFault> {
    let info = read(client, "/", "filter_path=cluster_uuid", now).await?;
    Ok(said_uuid(&info))
}

/// The uuid that a cluster's page `/` says.
pub(crate) fn said_uuid(info: &Value) -> Option<String> {
    // Before its nodes have elected one of them.
    text(info, "/cluster_uuid").filter(|uuid| *uuid != "_na_").map(str::to_owned)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(shared: Option<&SharedNames>, line_bytes_max: usize) -> (Vec<String>, Value) {
        let blocked =
            json!({"aliases": ["al"], "settings": {"index": {"blocks": {"metadata": "true"}}}});
        let state = json!({"metadata": {"indices":
            {"a.open": {}, "a.plain": {}, "a.shut": blocked.clone(), "b.shut": blocked}}});
        let state = shared.map_or(state.clone(), |shared| shared.own_state(state));
        let (paths, limited) = asked_aliases(&state, shared, line_bytes_max);
        (paths, limited.into())
    }

    #[test]
    fn the_aliases_of_a_domain_that_shares_its_cluster_are_asked_for_whatever_others_have_blocked()
    {
        let limited = json!({"aliases": {"al": {"filter": {"unknown": {}}, "routing": "unknown"}}});
        let (paths, known) = asked(None, 4_096);
        assert_eq!(paths, ["/*,-a.shut,-b.shut/_alias"]);
        assert_eq!(known, json!({"a.shut": limited, "b.shut": limited}));
        let (paths, _) = asked(Some(&SharedNames::with("a.")), 4_096);
        assert_eq!(paths, ["/a.*,-a.shut/_alias"]);
        let (paths, known) = asked(Some(&SharedNames::with("c.")), 4_096);
        assert_eq!((paths, known), (vec!["/c.*/_alias".to_owned()], json!({})));
    }

    #[test]
    fn what_is_blocked_makes_no_line_longer_than_the_cluster_reads() {
        let (paths, known) = asked(None, LINE_BYTES_ELSE + 12);
        assert_eq!(paths, ["/a.open/_alias", "/a.plain/_alias"]);
        assert_eq!(known.as_object().unwrap().len(), 2);
    }
}
