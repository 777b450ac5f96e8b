//! Engine versions: which are announced, how each API writes them, and which upgrade to which.
//! `ListVersions`, `ListElasticsearchVersions`, `GetCompatibleVersions`, `GetCompatibleElasticsearchVersions`.

use serde_json::{Value, json};

use super::find;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::service::Service;

/// Every version Amazon lists, newest first, as the opensearch API writes them.
/// Source: docs.aws.amazon.com, "Supported versions of Elasticsearch and OpenSearch".
const VERSIONS: [&str; 33] = [
    "OpenSearch_3.1",
    "OpenSearch_2.19",
    "OpenSearch_2.17",
    "OpenSearch_2.15",
    "OpenSearch_2.13",
    "OpenSearch_2.11",
    "OpenSearch_2.9",
    "OpenSearch_2.7",
    "OpenSearch_2.5",
    "OpenSearch_2.3",
    "OpenSearch_1.3",
    "OpenSearch_1.2",
    "OpenSearch_1.1",
    "OpenSearch_1.0",
    "Elasticsearch_7.10",
    "Elasticsearch_7.9",
    "Elasticsearch_7.8",
    "Elasticsearch_7.7",
    "Elasticsearch_7.4",
    "Elasticsearch_7.1",
    "Elasticsearch_6.8",
    "Elasticsearch_6.7",
    "Elasticsearch_6.5",
    "Elasticsearch_6.4",
    "Elasticsearch_6.3",
    "Elasticsearch_6.2",
    "Elasticsearch_6.0",
    "Elasticsearch_5.6",
    "Elasticsearch_5.5",
    "Elasticsearch_5.3",
    "Elasticsearch_5.1",
    "Elasticsearch_2.3",
    "Elasticsearch_1.5",
];

/// What `es` makes when no version is asked for.
const ES_DEFAULT: &str = "Elasticsearch_7.10";
/// What `opensearch` makes when no version is asked for: the newest 2.x.
const OPENSEARCH_DEFAULT: &str = "OpenSearch_2.19";

/// `ElasticsearchVersion` or `EngineVersion`.
pub(super) fn member(service: Service) -> &'static str {
    if service == Service::Es { "ElasticsearchVersion" } else { "EngineVersion" }
}

/// `ElasticsearchClusterConfig` or `ClusterConfig`.
pub(super) fn cluster_config(service: Service) -> &'static str {
    if service == Service::Es { "ElasticsearchClusterConfig" } else { "ClusterConfig" }
}

/// A version as `service` writes it: `es` shows Elasticsearch's bare.
pub(super) fn show(service: Service, version: &str) -> String {
    let bare = version.strip_prefix("Elasticsearch_").filter(|_| service == Service::Es);
    bare.unwrap_or(version).to_owned()
}

/// The version an input asks for, as records hold it.
pub(super) fn read(service: Service, input: &Value) -> Result<String, ApiError> {
    let Some(asked) = input.get(member(service)).and_then(Value::as_str) else {
        let default = if service == Service::Es { ES_DEFAULT } else { OPENSEARCH_DEFAULT };
        return Ok(default.to_owned());
    };
    parse(service, asked)
}

/// A version as `service` writes it, as records hold it.
pub(super) fn parse(service: Service, asked: &str) -> Result<String, ApiError> {
    let named = match service {
        Service::Es if asked.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("Elasticsearch_{asked}")
        }
        _ => asked.replace("OS_", "OpenSearch_"),
    };
    if VERSIONS.contains(&named.as_str()) {
        return Ok(named);
    }
    let text = format!("Invalid Engine version in the request: {asked}");
    Err(ApiError::new(ErrorCode::Validation, text))
}

pub(crate) fn list_versions(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let name = if request.service == Service::Es { "ElasticsearchVersions" } else { "Versions" };
    let start = match request.input.get("NextToken").and_then(Value::as_str) {
        Some(token) => {
            token.parse::<usize>().ok().filter(|start| *start < VERSIONS.len()).ok_or_else(
                || {
                    ApiError::new(
                        ErrorCode::InvalidPaginationToken,
                        format!("Invalid NextToken: {token}"),
                    )
                },
            )?
        }
        None => 0,
    };
    let asked = request
        .input
        .get("MaxResults")
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok());
    // Below 30 Amazon treats it as 30; 0 means no limit of one's own.
    let limit = asked.filter(|n| *n > 0).unwrap_or(VERSIONS.len());
    let listed =
        VERSIONS.iter().skip(start).take(limit).map(|version| show(request.service, version));
    let listed: Vec<String> = listed.collect();
    let next = start + listed.len();
    let token = (next < VERSIONS.len()).then(|| next.to_string());
    Ok(json!({name: listed, "NextToken": token}))
}

pub(crate) fn get_compatible_versions(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let name = if request.service == Service::Es {
        "CompatibleElasticsearchVersions"
    } else {
        "CompatibleVersions"
    };
    let of_domain = match request.input.get("DomainName").and_then(Value::as_str) {
        Some(domain) => Some(find(request, domain)?.engine_version.clone()),
        None => None,
    };
    // Without a domain: every version that can be upgraded.
    let wanted = |version: &&&str| match &of_domain {
        Some(only) => only == **version,
        None => !targets(version).is_empty(),
    };
    let maps = VERSIONS.iter().rev().filter(wanted).map(|source| {
        let targets = targets(source).into_iter().map(|target| show(request.service, target));
        json!({"SourceVersion": show(request.service, source), "TargetVersions": targets.collect::<Vec<_>>()})
    });
    Ok(json!({name: maps.collect::<Vec<_>>()}))
}

/// The upgrade paths Amazon documents, the nearest first: within a major version to every newer minor (of 5 to the last
/// one, of 6 from 6.3 on), across majors from its last minor. 1.5 and 2.3 have none.
/// Source: docs.aws.amazon.com, "Upgrading OpenSearch Service domains", supported upgrade paths.
pub(super) fn targets(source: &str) -> Vec<&'static str> {
    let Some((engine, version)) = source.split_once('_') else { return Vec::new() };
    let newer = VERSIONS.iter().rev().copied().filter(|other| {
        let Some((other_engine, other_version)) = other.split_once('_') else { return false };
        let (from, to) = (number(version), number(other_version));
        let offered = match to {
            (5, minor) => minor == 6,
            (6, minor) => minor >= 3,
            _ => true,
        };
        let same_major = other_engine == engine && from.0 == to.0 && to.1 > from.1 && offered;
        let next_major = match (engine, from, other_engine) {
            ("OpenSearch", (1, 3), "OpenSearch") => to.0 == 2,
            ("OpenSearch", (2, 19), "OpenSearch") => to.0 == 3,
            ("Elasticsearch", (6, 8), "Elasticsearch") => to.0 == 7,
            ("Elasticsearch", (5, 6), "Elasticsearch") => to.0 == 6 && offered,
            ("Elasticsearch", (6, 8) | (7, _), "OpenSearch") => to.0 == 1,
            _ => false,
        };
        same_major || next_major
    });
    newer.collect()
}

fn number(version: &str) -> (u32, u32) {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    (major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upgrade_paths_are_amazons() {
        assert_eq!(targets("OpenSearch_2.19"), ["OpenSearch_3.1"]);
        assert_eq!(targets("OpenSearch_3.1"), [""; 0]);
        assert!(targets("OpenSearch_1.3").contains(&"OpenSearch_2.3"));
        assert!(!targets("OpenSearch_1.2").contains(&"OpenSearch_2.3"));
        assert!(targets("Elasticsearch_6.8").contains(&"Elasticsearch_7.1"));
        assert_eq!(targets("Elasticsearch_5.1"), ["Elasticsearch_5.6"]);
        assert_eq!(targets("Elasticsearch_5.3"), ["Elasticsearch_5.6"]);
        let minors = ["3", "4", "5", "7", "8"].map(|minor| format!("Elasticsearch_6.{minor}"));
        assert_eq!(targets("Elasticsearch_5.6"), minors);
        assert_eq!(targets("Elasticsearch_6.0"), minors);
        assert_eq!(targets("Elasticsearch_7.9").first(), Some(&"Elasticsearch_7.10"));
        assert!(targets("Elasticsearch_1.5").is_empty() && targets("Elasticsearch_2.3").is_empty());
    }
}
