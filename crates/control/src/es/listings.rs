//! Listings of what there cannot be here: connections, reserved instances, data sources. The truth
//! about each is the empty list; what would make one is refused by name.

use serde_json::{Map, Value, json};

use super::find;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::operation::OperationHandler;
use crate::request::OperationRequest;
use crate::service::Service;

/// An empty listing under this member. A domain that the request names must exist.
macro_rules! empty {
    ($($name:ident $list:literal;)*) => {
        $(pub(crate) const $name: OperationHandler =
            |request: &OperationRequest<'_>, _: &mut Change| nothing(request, $list);)*
    };
}

empty! {
    RESERVED_INSTANCES "ReservedInstances";
    RESERVED_OFFERINGS "ReservedInstanceOfferings";
    ES_RESERVED_INSTANCES "ReservedElasticsearchInstances";
    ES_RESERVED_OFFERINGS "ReservedElasticsearchInstanceOfferings";
    SCHEDULED_ACTIONS "ScheduledActions";
    MAINTENANCES "DomainMaintenances";
    AUTO_TUNES "AutoTunes";
    DATA_SOURCES "DataSources";
    DIRECT_QUERY_DATA_SOURCES "DirectQueryDataSources";
    APPLICATIONS "ApplicationSummaries";
}

fn nothing(request: &OperationRequest<'_>, list: &str) -> Result<Value, ApiError> {
    if let Some(domain) = request.text("DomainName") {
        find(request, domain)?;
    }
    if let Some(token) = request.text("NextToken").or_else(|| request.text("nextToken")) {
        let text = format!("Invalid NextToken: {token}");
        return Err(ApiError::new(ErrorCode::InvalidPaginationToken, text));
    }
    let mut output = Map::new();
    output.insert(list.to_owned(), json!([]));
    Ok(Value::Object(output))
}

/// Connections between domains, in either direction.
pub(crate) fn connections(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let es = request.service == Service::Es;
    nothing(request, if es { "CrossClusterSearchConnections" } else { "Connections" })
}

/// `DescribeDomainReplication`: a domain that replicates to no other, which is said by no peers and no role.
pub(crate) fn replication(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    Ok(json!({"DomainArn": domain.arn(), "Peers": []}))
}

/// `GetDomainMaintenanceStatus`: nothing was ever started.
pub(crate) fn maintenance(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    find(request, request.text("DomainName").unwrap_or_default())?;
    let id = request.text("MaintenanceId").unwrap_or_default();
    Err(ApiError::new(ErrorCode::NoSuchEntity, format!("Maintenance not found: {id}")))
}

/// `UpdateScheduledAction`: nothing is ever scheduled, so no id is one's.
pub(crate) fn scheduled_action(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    find(request, request.text("DomainName").unwrap_or_default())?;
    let id = request.text("ActionID").unwrap_or_default();
    Err(ApiError::new(ErrorCode::NoSuchEntity, format!("Scheduled action not found: {id}")))
}

/// `StartDomainMaintenance`: what it would restart is the operator's one process, and there are no Dashboards.
pub(crate) fn start_maintenance(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    if let Some(node) = request.text("NodeId").filter(|node| *node != domain.unique) {
        return Err(ApiError::new(ErrorCode::Validation, format!("Node not found: {node}")));
    }
    let action = request.text("Action").unwrap_or_default();
    let text = format!(
        "{action} cannot be started: one process serves every domain, and its operator restarts it"
    );
    Err(ApiError::new(ErrorCode::Validation, text))
}
