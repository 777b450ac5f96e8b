//! How a domain is: `DescribeDomainHealth`, `DescribeDomainNodes`, `CancelDomainConfigChange`, and the software updates,
//! which the operator makes: `StartServiceSoftwareUpdate` and its kin tell that there is none.

use serde_json::{Value, json};

use super::status::DomainWork;
use super::{find, status};
use crate::change::Change;
use crate::err::ApiError;
use crate::observer::{HealthStatus, ObservedNode};
use crate::request::OperationRequest;

fn name<'a>(request: &OperationRequest<'a>) -> &'a str {
    request.input.get("DomainName").and_then(Value::as_str).unwrap_or_default()
}

/// What is true of the nodes that serve, and of its shards, as the backend tells it. Where nobody tells of nodes, none are known.
pub(crate) fn describe_health(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let work = status::work(request, domain);
    let reached = matches!(work, DomainWork::None | DomainWork::Modifying);
    let observed = (request.observer)(domain);
    let health = observed.as_ref().and_then(|it| *it.health.as_ref().ok()?).filter(|_| reached);
    let color = match health.map(|health| health.status) {
        Some(HealthStatus::Green) => "Green",
        Some(HealthStatus::Yellow) => "Yellow",
        Some(HealthStatus::Red) => "Red",
        None => "NotAvailable",
    };
    let nodes = observed.map(|observed| observed.nodes).unwrap_or_default();
    let count = |counts: &dyn Fn(&&ObservedNode) -> bool| nodes.iter().filter(counts).count();
    let data = count(&|node| node.is_data).to_string();
    let available = count(&|node| node.is_data && node.available);
    let managers = count(&|node| node.is_manager).to_string();
    let dedicated = count(&|node| node.is_manager && !node.is_data) > 0;
    let leads =
        health.is_some() || (reached && count(&|node| node.is_manager && node.available) > 0);
    let shards = health.map(|health| (health.shards + health.unassigned).to_string());
    let unassigned = health.map(|health| health.unassigned.to_string());
    Ok(json!({
        "DomainState": if work == DomainWork::None { "Active" } else { "Processing" },
        "AvailabilityZoneCount": "1",
        "ActiveAvailabilityZoneCount": if available > 0 { "1" } else { "0" },
        "StandByAvailabilityZoneCount": "0",
        "DataNodeCount": data,
        "DedicatedMaster": dedicated,
        "MasterEligibleNodeCount": managers,
        "WarmNodeCount": "0",
        "MasterNode": if leads { "Available" } else { "UnAvailable" },
        "ClusterHealth": color,
        "TotalShards": shards,
        "TotalUnAssignedShards": unassigned,
        "EnvironmentInformation": [{"AvailabilityZoneInformation": [{
            "AvailabilityZoneName": zone(request),
            "ZoneStatus": if available > 0 { "Active" } else { "NotAvailable" },
            "ConfiguredDataNodeCount": data,
            "AvailableDataNodeCount": available.to_string(),
            "TotalShards": shards,
            "TotalUnAssignedShards": unassigned,
        }]}],
    }))
}

/// The nodes that somebody tells of: the one engine of a gateway, or those of a cluster.
pub(crate) fn describe_nodes(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let kind = domain.options.get("ClusterConfig").and_then(|cluster| cluster.get("InstanceType"));
    let kind = kind.cloned().unwrap_or_else(|| json!("m4.large.search"));
    let observed = (request.observer)(domain);
    let nodes = observed.map(|observed| observed.nodes).unwrap_or_default();
    let told = nodes.into_iter().map(|node| {
        json!({
            "NodeId": node.id,
            "NodeType": if node.is_data { "Data" } else { "Master" },
            "AvailabilityZone": zone(request),
            "InstanceType": kind,
            "NodeStatus": if node.available { "Active" } else { "NotAvailable" },
        })
    });
    Ok(json!({"DomainNodesStatusList": told.collect::<Vec<_>>()}))
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
