//! What a client asks a node about itself: `GET /`.

use super::cluster_settings::{self, OVERRIDES_VERSION};
use crate::NODE_NAME;
use crate::engine::Answer;
use crate::flavor::Flavor;
use crate::response::Response;
use crate::rest::execute::Task;
use serde::Serialize;

/// `GET /`. The build flavor is `default`: elasticsearch-py from 7.14 on refuses to talk to anything else, though
/// Amazon's own service says `oss` (docs/decisions/0042-announced-version.md).
pub(crate) fn info(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    // An OpenSearch cluster that says so changes the number and nothing else (`compatibility.override_main_response_version`).
    let overrides = route.overrides_version
        || cluster_settings::is_on(task.metadata.registries(), OVERRIDES_VERSION, false);
    let shown = if overrides { Flavor::Elasticsearch710 } else { route.flavor };
    let (version, tagline) = match route.flavor {
        Flavor::Elasticsearch710 => (
            VersionInfo {
                distribution: None,
                number: version(shown),
                build_flavor: Some("default"),
                build_type: "tar",
                build_hash: "unknown",
                build_date: "2021-01-13T00:00:00.000000Z",
                build_snapshot: false,
                lucene_version: "8.7.0",
                minimum_wire_compatibility_version: "6.8.0",
                minimum_index_compatibility_version: "6.0.0-beta1",
            },
            "You Know, for Search",
        ),
        Flavor::OpenSearch219 => (
            VersionInfo {
                distribution: Some("opensearch"),
                number: version(shown),
                build_flavor: None,
                build_type: "tar",
                build_hash: "unknown",
                build_date: "2025-02-27T00:00:00.000000Z",
                build_snapshot: false,
                lucene_version: "9.12.1",
                minimum_wire_compatibility_version: "7.10.0",
                minimum_index_compatibility_version: "7.0.0",
            },
            "The OpenSearch Project: https://opensearch.org/",
        ),
    };
    let info = NodeInfo {
        name: NODE_NAME,
        cluster_name: &task.engine.settings.cluster_name,
        cluster_uuid: &task.metadata.cluster_uuid,
        version,
        tagline,
    };
    // Names and texts: printing them cannot fail.
    let mut body = Vec::with_capacity(INFO_BYTES);
    serde_json::to_writer(&mut body, &info).unwrap_or_default();
    Ok(Response::printed(200, body.into()))
}

/// More than the body of `GET /` takes as a rule.
const INFO_BYTES: usize = 768;

/// The body of `GET /`.
#[derive(Serialize)]
struct NodeInfo<'a> {
    name: &'static str,
    cluster_name: &'a str,
    cluster_uuid: &'a str,
    version: VersionInfo,
    tagline: &'static str,
}

/// What it says of the version; each server has one member that the other has not.
#[derive(Serialize)]
struct VersionInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<&'static str>,
    number: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_flavor: Option<&'static str>,
    build_type: &'static str,
    build_hash: &'static str,
    build_date: &'static str,
    build_snapshot: bool,
    lucene_version: &'static str,
    minimum_wire_compatibility_version: &'static str,
    minimum_index_compatibility_version: &'static str,
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
