//! The option structures of a domain: which are kept, which are refused by name, and how `es` words differ.
//!
//! What is refused, and why, is the table in [`members`](super::members).

use serde_json::{Map, Value, json};

use super::members;
use super::versions::cluster_config;
use crate::err::ApiError;
use crate::service::Service;
use crate::settings::ControlSettings;
use crate::store::record::Domain;

/// Options that are kept as given, by the opensearch model's name.
const KEPT: [&str; 15] = [
    "ClusterConfig",
    "EBSOptions",
    "SnapshotOptions",
    "AdvancedOptions",
    "EncryptionAtRestOptions",
    "NodeToNodeEncryptionOptions",
    "DomainEndpointOptions",
    "AutoTuneOptions",
    "OffPeakWindowOptions",
    "SoftwareUpdateOptions",
    "IPAddressType",
    "DeploymentStrategyOptions",
    "EngineMode",
    "UseCase",
    "LogPublishingOptions",
];

/// The options in an input, in the opensearch model's words, each checked.
pub(super) fn read(
    service: Service,
    settings: &ControlSettings,
    input: &Value,
) -> Result<Map<String, Value>, ApiError> {
    members::refuse(service, settings, input)?;
    let mut options = Map::new();
    for name in KEPT {
        let wire_name = if name == "ClusterConfig" { cluster_config(service) } else { name };
        let Some(value) = input.get(wire_name) else { continue };
        let mut value = value.clone();
        if name == "ClusterConfig" {
            rename_types(&mut value, ".elasticsearch", ".search");
        }
        options.insert(name.to_owned(), value);
    }
    Ok(options)
}

/// What a domain has when nothing was asked for, as Amazon answers. Members of structures fill in one by one.
pub(super) fn with_defaults(domain: &Domain) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, default) in defaults(domain) {
        let mut value = default;
        match (value.as_object_mut(), domain.options.get(name)) {
            (Some(object), Some(Value::Object(set))) => {
                object.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            (None, Some(set)) => value = set.clone(),
            _ => {}
        }
        all.insert(name.to_owned(), value);
    }
    for name in ["EngineMode", "UseCase", "LogPublishingOptions"] {
        all.extend(domain.options.get(name).map(|set| (name.to_owned(), set.clone())));
    }
    all
}

/// As in answers that were recorded at Amazon. `OffPeakWindowOptions`: on by default, and the window begins at 22:00 of
/// the region's own time, which is 03:00 UTC for us-east-1.
fn defaults(domain: &Domain) -> [(&'static str, Value); 14] {
    let mut advanced = json!({"rest.action.multi.allow_explicit_index": "true"});
    if let Some(object) =
        advanced.as_object_mut().filter(|_| domain.engine_version.starts_with("OpenSearch_"))
    {
        object.insert("override_main_response_version".to_owned(), json!("false"));
    }
    [
        (
            "ClusterConfig",
            json!({
                "InstanceType": "m4.large.search", "InstanceCount": 1, "DedicatedMasterEnabled": false,
                "ZoneAwarenessEnabled": false, "WarmEnabled": false, "ColdStorageOptions": {"Enabled": false},
                "MultiAZWithStandbyEnabled": false,
            }),
        ),
        ("EBSOptions", json!({"EBSEnabled": false})),
        ("SnapshotOptions", json!({"AutomatedSnapshotStartHour": 0})),
        ("AdvancedOptions", advanced),
        ("EncryptionAtRestOptions", json!({"Enabled": false})),
        ("NodeToNodeEncryptionOptions", json!({"Enabled": false})),
        (
            "DomainEndpointOptions",
            json!({
                "EnforceHTTPS": true, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10", "CustomEndpointEnabled": false,
            }),
        ),
        (
            "OffPeakWindowOptions",
            json!({"Enabled": true, "OffPeakWindow": {"WindowStartTime": {"Hours": 3, "Minutes": 0}}}),
        ),
        ("SoftwareUpdateOptions", json!({"AutoSoftwareUpdateEnabled": false})),
        ("IPAddressType", json!("ipv4")),
        ("DeploymentStrategyOptions", json!({"DeploymentStrategy": "Default"})),
        ("CognitoOptions", json!({"Enabled": false})),
        (
            "AdvancedSecurityOptions",
            json!({"Enabled": false, "InternalUserDatabaseEnabled": false, "AnonymousAuthEnabled": false}),
        ),
        ("IdentityCenterOptions", json!({})),
    ]
}

/// `m4.large.search` ↔ `m4.large.elasticsearch`, in every instance type of a cluster configuration.
pub(super) fn rename_types(cluster: &mut Value, from: &str, to: &str) {
    for member in ["InstanceType", "DedicatedMasterType", "WarmType"] {
        let renamed = cluster
            .get(member)
            .and_then(Value::as_str)
            .and_then(|t| t.strip_suffix(from))
            .map(|t| format!("{t}{to}"));
        if let (Some(renamed), Some(object)) = (renamed, cluster.as_object_mut()) {
            object.insert(member.to_owned(), Value::String(renamed));
        }
    }
}
