//! What a client asks a node about itself: `GET /` and `_nodes`.

use crate::engine::Answer;
use crate::flavor::Flavor;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::{NODE_ID, NODE_NAME};
use serde_json::{Map, Value, json};

/// `GET /`. The build flavor is `default`: elasticsearch-py from 7.14 on refuses to talk to anything else, though
/// Amazon's own service says `oss` (docs/decisions/0042-announced-version.md).
pub(crate) fn info(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    // An OpenSearch cluster that says so changes the number and nothing else (`compatibility.override_main_response_version`).
    let shown = if route.overrides_version { Flavor::Elasticsearch710 } else { route.flavor };
    let number = version(shown);
    let (version, tagline) = match route.flavor {
        Flavor::Elasticsearch710 => (
            json!({
                "number": number,
                "build_flavor": "default",
                "build_type": "tar",
                "build_hash": "unknown",
                "build_date": "2021-01-13T00:00:00.000000Z",
                "build_snapshot": false,
                "lucene_version": "8.7.0",
                "minimum_wire_compatibility_version": "6.8.0",
                "minimum_index_compatibility_version": "6.0.0-beta1",
            }),
            "You Know, for Search",
        ),
        Flavor::OpenSearch219 => (
            json!({
                "distribution": "opensearch",
                "number": number,
                "build_type": "tar",
                "build_hash": "unknown",
                "build_date": "2025-02-27T00:00:00.000000Z",
                "build_snapshot": false,
                "lucene_version": "9.12.1",
                "minimum_wire_compatibility_version": "7.10.0",
                "minimum_index_compatibility_version": "7.0.0",
            }),
            "The OpenSearch Project: https://opensearch.org/",
        ),
    };
    let answer = json!({
        "name": NODE_NAME,
        "cluster_name": task.engine.settings.cluster_name,
        "cluster_uuid": task.metadata.cluster_uuid,
        "version": version,
        "tagline": tagline,
    });
    Ok(Response::json(200, &answer))
}

/// `HEAD /`.
pub(crate) fn ping(_task: &Task<'_>) -> Answer {
    Ok(Response::text(200, String::new()))
}

/// The version a domain of this flavor says it is.
pub(crate) fn version(flavor: Flavor) -> &'static str {
    match flavor {
        Flavor::Elasticsearch710 => "7.10.2",
        Flavor::OpenSearch219 => "2.19.1",
    }
}

/// `GET /_nodes/{node_id}/{metric}`: the one node, with the address that sniffing clients go to.
pub(crate) fn nodes(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let asked = route.part("metric").or_else(|| {
        // `/_nodes/http` has the shape of `/_nodes/{node_id}`; a metric's name is never a node's.
        route.part("node_id").filter(|id| id.split(',').all(|name| METRICS.contains(&name)))
    });
    let wants = |metric: &str| {
        asked.is_none_or(|list| list.split(',').any(|name| name == metric || name == "_all"))
    };
    let address = &task.engine.settings.publish_address;
    let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
    let version = version(route.flavor);
    let mut node = json!({
        "name": NODE_NAME,
        "transport_address": address,
        "host": host,
        "ip": host,
        "version": version,
        "build_type": "tar",
        "build_hash": "unknown",
        "roles": ["data", "ingest", "master"],
        "attributes": {},
    });
    let settings = json!({"cluster": {"name": task.engine.settings.cluster_name},
        "node": {"name": NODE_NAME}, "client": {"type": "node"}});
    let parts: [(&str, Value); 4] = [
        (
            "transport",
            json!({"bound_address": [address], "publish_address": address, "profiles": {}}),
        ),
        (
            "http",
            json!({"bound_address": [address], "publish_address": address,
            "max_content_length_in_bytes": task.engine.body_bytes_max}),
        ),
        ("plugins", json!([])),
        ("settings", settings),
    ];
    if let Some(object) = node.as_object_mut() {
        let shown = parts.into_iter().filter(|(metric, _)| wants(metric));
        object.extend(shown.map(|(metric, value)| (metric.to_owned(), value)));
    }
    let answer = json!({
        "_nodes": {"total": 1, "successful": 1, "failed": 0},
        "cluster_name": task.engine.settings.cluster_name,
        "nodes": Map::from_iter([(NODE_ID.to_owned(), node)]),
    });
    Ok(Response::json(200, &answer))
}

const METRICS: &[&str] = &[
    "settings",
    "os",
    "process",
    "jvm",
    "thread_pool",
    "transport",
    "http",
    "plugins",
    "ingest",
    "aggregations",
    "indices",
    "_all",
];
