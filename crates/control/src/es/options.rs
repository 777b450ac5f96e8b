//! The option structures of a domain: which are kept, which are refused by name, and how `es` words differ.
//!
//! Options that only tune Amazon's fleet are stored and given back. Options that promise what the backend does not do
//! are refused, never silently accepted (docs/decisions/0048-refused-options.md).

use serde_json::{Map, Value, json};

use crate::err::{ApiError, ErrorCode};
use crate::service::Service;
use crate::settings::ControlSettings;

/// Options that are kept as given, by the opensearch model's name.
const KEPT: [&str; 11] = [
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
];

/// Options whose switch must stay off: name, JSON pointer of the switch, what is missing.
const REFUSED: [(&str, &str, &str); 6] = [
    ("CognitoOptions", "/Enabled", "sign-in through Cognito"),
    ("AdvancedSecurityOptions", "/Enabled", "fine-grained access control"),
    ("IdentityCenterOptions", "/EnabledAPIAccess", "IAM Identity Center"),
    ("DomainEndpointOptions", "/CustomEndpointEnabled", "a custom endpoint"),
    ("AutomatedSnapshotPauseOptions", "/Enabled", "pausing of automated snapshots"),
    ("AIMLOptions", "/S3VectorsEngine/Enabled", "the S3 vectors engine"),
];

/// The options in an input, in the opensearch model's words, each checked.
pub(super) fn read(
    service: Service,
    settings: &ControlSettings,
    input: &Value,
) -> Result<Map<String, Value>, ApiError> {
    refuse(settings, input)?;
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

/// `ElasticsearchClusterConfig` or `ClusterConfig`.
pub(super) fn cluster_config(service: Service) -> &'static str {
    if service == Service::Es { "ElasticsearchClusterConfig" } else { "ClusterConfig" }
}

fn refuse(settings: &ControlSettings, input: &Value) -> Result<(), ApiError> {
    let on = |name: &str, pointer: &str| {
        input.get(name).and_then(|options| options.pointer(pointer)).and_then(Value::as_bool)
            == Some(true)
    };
    let no = |text: String| Err(ApiError::new(ErrorCode::Validation, text));
    for (name, pointer, what) in REFUSED {
        if on(name, pointer) {
            return no(format!("{name} cannot be enabled: countersign does not offer {what}"));
        }
    }
    if on("EncryptionAtRestOptions", "/Enabled") && !settings.storage_encrypted {
        return no("EncryptionAtRestOptions cannot be enabled: the operator has not said that the storage is encrypted (storage_encrypted = true)".to_owned());
    }
    let vpc = input
        .get("VPCOptions")
        .and_then(|options| options.get("SubnetIds"))
        .and_then(Value::as_array);
    if vpc.is_some_and(|subnets| !subnets.is_empty()) {
        return no("VPCOptions cannot be set: countersign does not offer VPC access".to_owned());
    }
    let logs = input.get("LogPublishingOptions").and_then(Value::as_object).into_iter().flatten();
    for (kind, options) in logs {
        if options.get("Enabled").and_then(Value::as_bool) != Some(false) {
            return no(format!(
                "LogPublishingOptions cannot be enabled for {kind}: countersign does not publish logs to CloudWatch"
            ));
        }
    }
    Ok(())
}

/// What a domain has when nothing was asked for, as Amazon answers. `ClusterConfig` members fill in one by one.
pub(super) fn with_defaults(
    options: &std::collections::BTreeMap<String, Value>,
) -> Map<String, Value> {
    let mut all = Map::new();
    let defaults = [
        (
            "ClusterConfig",
            json!({"InstanceType": "m4.large.search", "InstanceCount": 1, "DedicatedMasterEnabled": false, "ZoneAwarenessEnabled": false}),
        ),
        ("EBSOptions", json!({"EBSEnabled": false})),
        ("SnapshotOptions", json!({"AutomatedSnapshotStartHour": 0})),
        ("AdvancedOptions", json!({"rest.action.multi.allow_explicit_index": "true"})),
        ("EncryptionAtRestOptions", json!({"Enabled": false})),
        ("NodeToNodeEncryptionOptions", json!({"Enabled": false})),
        (
            "DomainEndpointOptions",
            json!({"TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07", "CustomEndpointEnabled": false}),
        ),
        ("OffPeakWindowOptions", json!({"Enabled": false})),
        ("SoftwareUpdateOptions", json!({"AutoSoftwareUpdateEnabled": false})),
        ("IPAddressType", json!("ipv4")),
    ];
    for (name, default) in defaults {
        let mut value = default;
        match (value.as_object_mut(), options.get(name)) {
            (Some(object), Some(Value::Object(set))) => {
                object.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            (None, Some(set)) => value = set.clone(),
            _ => {}
        }
        all.insert(name.to_owned(), value);
    }
    // Plain HTTP is never answered, whatever was asked: the field reports what is true.
    if let Some(endpoint) = all.get_mut("DomainEndpointOptions").and_then(Value::as_object_mut) {
        endpoint.insert("EnforceHTTPS".to_owned(), Value::Bool(true));
    }
    all
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
