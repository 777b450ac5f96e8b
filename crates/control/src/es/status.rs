//! A domain as the APIs show it: `DomainStatus` and `DomainConfig`, in either model's words.

use serde_json::{Map, Value, json};

use super::options::{cluster_config, rename_types, with_defaults};
use super::versions;
use crate::service::Service;
use crate::store::record::Domain;

/// `DomainStatus`. A new domain is `Processing` until its listener accepts; a deleted one until it is gone.
pub(super) fn status(service: Service, domain: &Domain) -> Value {
    let mut status = Map::new();
    let mut put = |name: &str, value: Value| status.insert(name.to_owned(), value);
    put("DomainId", Value::String(domain.id()));
    put("DomainName", Value::String(domain.name.clone()));
    put("ARN", Value::String(domain.arn()));
    put("Created", Value::Bool(true));
    put("Deleted", Value::Bool(domain.deleted));
    put("Endpoint", json!(domain.endpoint));
    put("Processing", Value::Bool(processing(domain)));
    put("UpgradeProcessing", Value::Bool(false));
    put("DomainProcessingStatus", json!(processing_status(domain)));
    put(versions::member(service), Value::String(versions::show(service, &domain.engine_version)));
    put("AccessPolicies", Value::String(domain.access_policy.clone().unwrap_or_default()));
    put("CognitoOptions", json!({"Enabled": false}));
    put("AdvancedSecurityOptions", json!({"Enabled": false, "InternalUserDatabaseEnabled": false}));
    put("AutoTuneOptions", json!({"State": auto_tune(domain, "ENABLED", "DISABLED")}));
    put(
        "ServiceSoftwareOptions",
        json!({
            "CurrentVersion": "", "NewVersion": "", "UpdateAvailable": false, "Cancellable": false,
            "UpdateStatus": "COMPLETED", "Description": "There is no software update available for this domain.",
            "OptionalDeployment": true,
        }),
    );
    for (name, value) in with_defaults(&domain.options) {
        let (name, value) = translated(service, name, value);
        put(&name, value);
    }
    Value::Object(status)
}

/// `DomainConfig`: every option with the state it is in.
pub(super) fn config(service: Service, domain: &Domain) -> Value {
    let state = if processing(domain) { "Processing" } else { "Active" };
    let option_status = json!({
        "CreationDate": domain.created,
        "UpdateDate": domain.updated,
        "UpdateVersion": domain.update_version,
        "State": state,
        "PendingDeletion": domain.deleted,
    });
    let mut config = Map::new();
    let mut put = |name: &str, options: Value| {
        config.insert(name.to_owned(), json!({"Options": options, "Status": option_status}));
    };
    put(versions::member(service), Value::String(versions::show(service, &domain.engine_version)));
    put("AccessPolicies", Value::String(domain.access_policy.clone().unwrap_or_default()));
    put("CognitoOptions", json!({"Enabled": false}));
    put("AdvancedSecurityOptions", json!({"Enabled": false, "InternalUserDatabaseEnabled": false}));
    put("LogPublishingOptions", json!({}));
    for (name, value) in with_defaults(&domain.options) {
        let (name, value) = translated(service, name, value);
        put(&name, value);
    }
    let desired = auto_tune(domain, "ENABLED", "DISABLED");
    let mut tune_status = option_status.clone();
    if let Some(object) = tune_status.as_object_mut() {
        object.insert("State".to_owned(), json!(desired));
    }
    config.insert(
        "AutoTuneOptions".to_owned(),
        json!({"Options": {"DesiredState": desired}, "Status": tune_status}),
    );
    Value::Object(config)
}

fn processing(domain: &Domain) -> bool {
    domain.endpoint.is_none() || domain.deleted
}

fn processing_status(domain: &Domain) -> &'static str {
    match (domain.deleted, domain.endpoint.is_some()) {
        (true, _) => "Deleting",
        (false, true) => "Active",
        (false, false) => "Creating",
    }
}

fn auto_tune(domain: &Domain, on: &'static str, off: &'static str) -> &'static str {
    let desired =
        domain.options.get("AutoTuneOptions").and_then(|options| options.get("DesiredState"));
    if desired.and_then(Value::as_str) == Some("ENABLED") { on } else { off }
}

fn translated(service: Service, name: String, mut value: Value) -> (String, Value) {
    if name == "ClusterConfig" && service == Service::Es {
        rename_types(&mut value, ".search", ".elasticsearch");
        return (cluster_config(service).to_owned(), value);
    }
    (name, value)
}
