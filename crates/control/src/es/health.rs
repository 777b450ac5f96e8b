//! How a domain is: `DescribeDomainHealth`, `DescribeDomainNodes`, `CancelDomainConfigChange`, and the software updates,
//! which the operator makes: `StartServiceSoftwareUpdate` and its kin tell that there is none.

use serde_json::{Value, json};

use super::{find, status};
use crate::change::Change;
use crate::err::ApiError;
use crate::observer::ObservedDomain;
use crate::request::OperationRequest;

fn name<'a>(request: &OperationRequest<'a>) -> &'a str {
    request.input.get("DomainName").and_then(Value::as_str).unwrap_or_default()
}

/// What is true of one node that serves. How its shards are, the engine is asked.
pub(crate) fn describe_health(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let processing = status::processing(domain);
    let (state, node) =
        if processing { ("Processing", "UnAvailable") } else { ("Active", "Available") };
    let nodes = if processing { "0" } else { "1" };
    let observed = match (request.observer)(domain) {
        Some(ObservedDomain::Serves(health)) if !processing => Some(health),
        _ => None,
    };
    let health = match observed.map(|observed| observed.status) {
        Some("green") => "Green",
        Some("yellow") => "Yellow",
        Some(_) => "Red",
        None => "NotAvailable",
    };
    let shards = observed.map(|observed| (observed.shards + observed.unassigned).to_string());
    let unassigned = observed.map(|observed| observed.unassigned.to_string());
    Ok(json!({
        "DomainState": state,
        "AvailabilityZoneCount": "1",
        "ActiveAvailabilityZoneCount": nodes,
        "StandByAvailabilityZoneCount": "0",
        "DataNodeCount": "1",
        "DedicatedMaster": false,
        "MasterEligibleNodeCount": "1",
        "WarmNodeCount": "0",
        "MasterNode": node,
        "ClusterHealth": health,
        "TotalShards": shards,
        "TotalUnAssignedShards": unassigned,
        "EnvironmentInformation": [{"AvailabilityZoneInformation": [{
            "AvailabilityZoneName": zone(request),
            "ZoneStatus": if processing { "NotAvailable" } else { "Active" },
            "ConfiguredDataNodeCount": "1",
            "AvailableDataNodeCount": nodes,
            "TotalShards": shards,
            "TotalUnAssignedShards": unassigned,
        }]}],
    }))
}

pub(crate) fn describe_nodes(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let kind = domain.options.get("ClusterConfig").and_then(|cluster| cluster.get("InstanceType"));
    let active = !status::processing(domain);
    Ok(json!({"DomainNodesStatusList": [{
        "NodeId": domain.unique,
        "NodeType": "Data",
        "AvailabilityZone": zone(request),
        "InstanceType": kind.cloned().unwrap_or_else(|| json!("m4.large.search")),
        "NodeStatus": if active { "Active" } else { "NotAvailable" },
    }]}))
}

fn zone(request: &OperationRequest<'_>) -> String {
    format!("{}a", request.region)
}

/// A change is in force when its reply is read, so there never is one to cancel.
pub(crate) fn cancel_change(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    find(request, name(request))?;
    let dry = request.input.get("DryRun").and_then(Value::as_bool).unwrap_or(false);
    Ok(json!({"CancelledChangeIds": [], "CancelledChangeProperties": [], "DryRun": dry}))
}

/// There is no update to start or to cancel; the reply says so, as Amazon's does when it has none.
pub(crate) fn software_update(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    Ok(json!({"ServiceSoftwareOptions": status::software_options(domain)}))
}

pub(crate) fn roll_back_software(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let current = status::software_options(domain).get("CurrentVersion").cloned();
    Ok(json!({"RollbackServiceSoftwareOptions": {
        "CurrentVersion": current, "NewVersion": "", "RollbackAvailable": false,
        "Description": "There is no software update to roll back for this domain.",
    }}))
}
