//! What a client asks a node about itself: `GET /`.

use super::cluster_settings::{self, OVERRIDES_VERSION};
use crate::NODE_NAME;
use crate::engine::Answer;
use crate::flavor::Flavor;
use crate::response::Response;
use crate::rest::execute::Task;
use serde::Serialize;
use std::sync::LazyLock;

/// `GET /`. The build flavor is `default`: elasticsearch-py from 7.14 on refuses to talk to anything else, though
/// Amazon's own service says `oss` (docs/decisions/0042-announced-version.md).
pub(crate) fn info(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    // An OpenSearch cluster that says so changes the number and nothing else (`compatibility.override_main_response_version`).
    let overrides = route.overrides_version
        || cluster_settings::is_on(task.metadata.registries(), OVERRIDES_VERSION, false);
    let named = NodeNames {
        name: NODE_NAME,
        cluster_name: &task.engine.settings.cluster_name,
        cluster_uuid: &task.metadata.cluster_uuid,
    };
    let mut body = Vec::with_capacity(INFO_BYTES);
    // Names: printing them cannot fail.
    serde_json::to_writer(&mut body, &named).unwrap_or_default();
    // What follows hangs on nothing else, and every client asks for it: it is printed once.
    body.pop();
    body.extend_from_slice(match (route.flavor, overrides) {
        (Flavor::Elasticsearch710, _) => &ELASTICSEARCH,
        (Flavor::OpenSearch219, false) => &OPENSEARCH,
        (Flavor::OpenSearch219, true) => &OPENSEARCH_OVERRIDDEN,
    });
    Ok(Response::printed(200, body.into()))
}

/// The rest of the body, from the comma behind the names on.
static ELASTICSEARCH: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let version = VersionInfo {
        distribution: None,
        number: version(Flavor::Elasticsearch710),
        build_flavor: Some("default"),
        build_type: "tar",
        build_hash: "unknown",
        build_date: "2021-01-13T00:00:00.000000Z",
        build_snapshot: false,
        lucene_version: "8.7.0",
        minimum_wire_compatibility_version: "6.8.0",
        minimum_index_compatibility_version: "6.0.0-beta1",
    };
    behind_names(version, "You Know, for Search")
});

/// As [`ELASTICSEARCH`].
static OPENSEARCH: LazyLock<Vec<u8>> = LazyLock::new(|| opensearch(Flavor::OpenSearch219));

/// As [`ELASTICSEARCH`].
static OPENSEARCH_OVERRIDDEN: LazyLock<Vec<u8>> =
    LazyLock::new(|| opensearch(Flavor::Elasticsearch710));

/// What an OpenSearch cluster says that shows the number of `shown`.
fn opensearch(shown: Flavor) -> Vec<u8> {
    let version = VersionInfo {
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
    };
    behind_names(version, "The OpenSearch Project: https://opensearch.org/")
}

fn behind_names(version: VersionInfo, tagline: &'static str) -> Vec<u8> {
    // Texts: printing them cannot fail.
    let mut printed = serde_json::to_vec(&NodeVersion { version, tagline }).unwrap_or_default();
    if let Some(open) = printed.first_mut() {
        *open = b',';
    }
    printed
}

/// More than the body of `GET /` takes as a rule.
const INFO_BYTES: usize = 768;

/// How the body of `GET /` begins.
#[derive(Serialize)]
struct NodeNames<'a> {
    name: &'static str,
    cluster_name: &'a str,
    cluster_uuid: &'a str,
}

/// How it ends.
#[derive(Serialize)]
struct NodeVersion {
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
