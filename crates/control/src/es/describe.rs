//! `DescribeDomain`, `DescribeDomains`, `ListDomainNames`, `DescribeDomainChangeProgress`, and their `es` names.

use serde_json::{Value, json};

use super::{find, status};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::observer::ObservedDomain;
use crate::request::OperationRequest;

pub(crate) fn describe_domain(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    Ok(json!({"DomainStatus": status::status(request.service, domain)}))
}

/// Names that do not exist are left out, as at Amazon.
pub(crate) fn describe_domains(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let names = request.input.get("DomainNames").and_then(Value::as_array).into_iter().flatten();
    let found = names.filter_map(Value::as_str).filter_map(|name| find(request, name).ok());
    let list: Vec<Value> = found.map(|domain| status::status(request.service, domain)).collect();
    Ok(json!({"DomainStatusList": list}))
}

pub(crate) fn list_domain_names(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let wanted = request.input.get("EngineType").and_then(Value::as_str);
    let prefix = format!("{}/{}/", request.account(), request.region);
    let domains = request.directory.domains_under(&prefix);
    let listed = domains.filter_map(|domain| {
        let engine = domain.engine_version.split('_').next().unwrap_or_default();
        wanted
            .is_none_or(|wanted| wanted == engine)
            .then(|| json!({"DomainName": domain.name, "EngineType": engine}))
    });
    Ok(json!({"DomainNames": listed.collect::<Vec<_>>()}))
}

/// Changes are real when their reply is read, so the last one is always complete; only a new domain is on its way: it has one stage,
/// which tells why a cluster that shall serve it does not.
pub(crate) fn describe_change_progress(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let id = status::change_id(domain);
    if let Some(asked) = request.text("ChangeId").filter(|asked| *asked != id) {
        let text = format!("There is no change {asked} of domain {}", domain.name);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    let (status, config) = if domain.endpoint.is_some() {
        ("COMPLETED", "Completed")
    } else {
        ("PROCESSING", "ApplyingChanges")
    };
    let why = match (request.observer)(domain) {
        Some(ObservedDomain::CannotServe(why)) if domain.endpoint.is_none() => Some(why),
        _ => None,
    };
    let stages: Vec<Value> = why
        .map(|why| {
            json!({
                "Name": "Creating domain endpoint",
                "Status": "PENDING",
                "Description": why,
                "LastUpdated": domain.updated,
            })
        })
        .into_iter()
        .collect();
    Ok(json!({"ChangeProgressStatus": {
        "ChangeId": id,
        "StartTime": domain.updated,
        "LastUpdatedTime": domain.updated,
        "Status": status,
        "ConfigChangeStatus": config,
        "InitiatedBy": "CUSTOMER",
        "PendingProperties": [],
        "CompletedProperties": [],
        "TotalNumberOfStages": stages.len(),
        "ChangeProgressStages": stages,
    }}))
}

fn name<'a>(request: &OperationRequest<'a>) -> &'a str {
    request.input.get("DomainName").and_then(Value::as_str).unwrap_or_default()
}
