//! A domain as the APIs show it: `DomainStatus` and `DomainConfig`, in either model's words.

use serde_json::{Map, Value, json};

use super::options::{rename_types, with_defaults};
use super::versions;
use crate::request::OperationRequest;
use crate::service::Service;
use crate::store::record::Domain;

/// What is being done with a domain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DomainWork {
    Deleting,
    /// It has no endpoint yet.
    Creating,
    /// The nodes of its cluster become others.
    Modifying,
    None,
}

/// What is being done with a domain: its record tells, and for a cluster's nodes who runs them.
pub(super) fn work(request: &OperationRequest<'_>, domain: &Domain) -> DomainWork {
    let is_changing =
        || (request.observer)(domain).is_some_and(|observed| !observed.stages.is_empty());
    match (domain.deleted, domain.endpoint.is_some()) {
        (true, _) => DomainWork::Deleting,
        (false, false) => DomainWork::Creating,
        (false, true) if is_changing() => DomainWork::Modifying,
        (false, true) => DomainWork::None,
    }
}

/// `DomainStatus`. A new domain is `Processing` until its listener accepts; a deleted one until it is gone; any while the nodes of its
/// cluster become others.
pub(super) fn status(request: &OperationRequest<'_>, domain: &Domain) -> Value {
    let (service, work) = (request.service, work(request, domain));
    let mut status = Map::new();
    let mut put = |name: &str, value: Value| status.insert(name.to_owned(), value);
    put("DomainId", Value::String(domain.id()));
    put("DomainName", Value::String(domain.name.clone()));
    put("ARN", Value::String(domain.arn()));
    put("Created", Value::Bool(true));
    put("Deleted", Value::Bool(domain.deleted));
    match domain.vpc_options() {
        None => put("Endpoint", json!(domain.endpoint)),
        Some(vpc) => {
            put("VPCOptions", vpc.clone());
            put("Endpoints", json!(domain.endpoint.as_ref().map(|it| json!({"vpc": it}))))
        }
    };
    put("Processing", Value::Bool(work != DomainWork::None));
    put("UpgradeProcessing", Value::Bool(false));
    put("DomainProcessingStatus", json!(processing_status(work)));
    put(versions::member(service), Value::String(versions::show(service, &domain.engine_version)));
    put("AccessPolicies", Value::String(domain.access_policy.clone().unwrap_or_default()));
    put(
        "AutoTuneOptions",
        json!({"State": desired_tuning(domain), "UseOffPeakWindow": tuning(domain, "UseOffPeakWindow", json!(false))}),
    );
    put("AIMLOptions", aiml_options(true));
    put("ChangeProgressDetails", change_details(work, domain));
    put("ModifyingProperties", json!([]));
    put("ServiceSoftwareOptions", software_options(domain));
    for (name, value) in with_defaults(domain) {
        let (name, value) = translated(service, name, value);
        put(&name, value);
    }
    Value::Object(status)
}

/// `DomainConfig`: every option with the state it is in.
pub(super) fn config(request: &OperationRequest<'_>, domain: &Domain) -> Value {
    let (service, work) = (request.service, work(request, domain));
    let option_status = option_status(work, domain);
    let mut config = Map::new();
    let mut put = |name: &str, options: Value| {
        config.insert(name.to_owned(), json!({"Options": options, "Status": option_status}));
    };
    put(versions::member(service), Value::String(versions::show(service, &domain.engine_version)));
    put("AccessPolicies", Value::String(domain.access_policy.clone().unwrap_or_default()));
    put("LogPublishingOptions", json!({}));
    put("VPCOptions", domain.vpc_options().cloned().unwrap_or_else(|| json!({})));
    put("AIMLOptions", aiml_options(false));
    for (name, value) in with_defaults(domain) {
        let (name, value) = translated(service, name, value);
        put(&name, value);
    }
    let desired = desired_tuning(domain);
    let mut tune_status = option_status.clone();
    if let Some(object) = tune_status.as_object_mut() {
        object.insert("State".to_owned(), json!(desired));
    }
    config.insert(
        "AutoTuneOptions".to_owned(),
        json!({
            "Options": {
                "DesiredState": desired,
                "MaintenanceSchedules": tuning(domain, "MaintenanceSchedules", json!([])),
                "RollbackOnDisable": tuning(domain, "RollbackOnDisable", json!("NO_ROLLBACK")),
                "UseOffPeakWindow": tuning(domain, "UseOffPeakWindow", json!(false)),
            },
            "Status": tune_status,
        }),
    );
    config.insert("ChangeProgressDetails".to_owned(), change_details(work, domain));
    config.insert("ModifyingProperties".to_owned(), json!([]));
    Value::Object(config)
}

/// `OptionStatus`, the same for every option: a change is in force when its reply is read, but for one of a cluster's nodes.
fn option_status(work: DomainWork, domain: &Domain) -> Value {
    json!({
        "CreationDate": domain.created,
        "UpdateDate": domain.updated,
        "UpdateVersion": domain.update_version,
        "State": if work != DomainWork::None { "Processing" } else { "Active" },
        "PendingDeletion": domain.deleted,
    })
}

/// The id of the domain's last change: the same as long as there is no other.
pub(super) fn change_id(domain: &Domain) -> String {
    let text = format!("{} {} {}", domain.arn(), domain.unique, domain.update_version);
    uuid_of(&text)
}

/// An id in the form of a UUID that is always the same for `text`.
pub(super) fn uuid_of(text: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let hex: String = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mut parts = Vec::new();
    let mut rest = hex.as_str();
    for length in [8, 4, 4, 4] {
        let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts.join("-")
}

/// `ChangeProgressDetails` of the last change.
pub(super) fn change_details(work: DomainWork, domain: &Domain) -> Value {
    json!({
        "ChangeId": change_id(domain),
        "ConfigChangeStatus": config_change_status(work),
        "InitiatedBy": "CUSTOMER",
        "StartTime": domain.updated,
        "LastUpdatedTime": domain.updated,
    })
}

/// The truth about the software: the operator updates it, so there never is an update to choose here.
pub(super) fn software_options(domain: &Domain) -> Value {
    json!({
        "CurrentVersion": format!("{}_countersign_{}", domain.engine_version.replace('.', "_"), env!("CARGO_PKG_VERSION")),
        "NewVersion": "", "UpdateAvailable": false, "Cancellable": false,
        "UpdateStatus": "COMPLETED", "Description": "There is no software update available for this domain.",
        "AutomatedUpdateDate": 0, "OptionalDeployment": true,
    })
}

/// Nothing of it is here. A configuration says what is wanted and not what is (`CurrentState`): Ansible's module sends back what
/// it read there, and `UpdateDomainConfig` does not take that member.
fn aiml_options(with_state: bool) -> Value {
    let mut generation = json!({"DesiredState": "DISABLED"});
    if let Some(object) = generation.as_object_mut().filter(|_| with_state) {
        object.insert("CurrentState".to_owned(), json!("NOT_ENABLED"));
    }
    json!({
        "NaturalLanguageQueryGenerationOptions": generation,
        "S3VectorsEngine": {"Enabled": false},
        "ServerlessVectorAcceleration": {"Enabled": false},
    })
}

/// `ConfigChangeStatus`.
pub(super) fn config_change_status(work: DomainWork) -> &'static str {
    if work == DomainWork::None { "Completed" } else { "ApplyingChanges" }
}

fn processing_status(work: DomainWork) -> &'static str {
    match work {
        DomainWork::Deleting => "Deleting",
        DomainWork::Creating => "Creating",
        DomainWork::Modifying => "Modifying",
        DomainWork::None => "Active",
    }
}

fn desired_tuning(domain: &Domain) -> Value {
    tuning(domain, "DesiredState", json!("DISABLED"))
}

/// A member of `AutoTuneOptions` as it was set.
fn tuning(domain: &Domain, member: &str, default: Value) -> Value {
    let set = domain.options.get("AutoTuneOptions").and_then(|options| options.get(member));
    set.cloned().unwrap_or(default)
}

fn translated(service: Service, name: String, mut value: Value) -> (String, Value) {
    if name == "ClusterConfig" && service == Service::Es {
        rename_types(&mut value, ".search", ".elasticsearch");
        return (versions::cluster_config(service).to_owned(), value);
    }
    (name, value)
}
