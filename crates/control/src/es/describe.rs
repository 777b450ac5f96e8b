//! `DescribeDomain`, `DescribeDomains`, `ListDomainNames`, `DescribeDomainChangeProgress`, and their `es` names.

use serde_json::{Value, json};

use super::status::DomainWork;
use super::{find, status};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::observer::{ChangeStage, StageStatus};
use crate::request::OperationRequest;

pub(crate) fn describe_domain(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    Ok(json!({"DomainStatus": status::status(request, domain)}))
}

/// Names that do not exist are left out, as at Amazon.
pub(crate) fn describe_domains(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let names = request.input.get("DomainNames").and_then(Value::as_array).into_iter().flatten();
    let found = names.filter_map(Value::as_str).filter_map(|name| find(request, name).ok());
    let list: Vec<Value> = found.map(|domain| status::status(request, domain)).collect();
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

/// Changes are real when their reply is read, but for two: a new domain is on its way until it can be reached, with a stage which tells why
/// it is not; and the nodes of a cluster become others in the stages of whoever runs them.
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
    let work = status::work(request, domain);
    let done = matches!(work, DomainWork::None | DomainWork::Deleting);
    let mut stages = Vec::new();
    if let Some(observed) = (request.observer)(domain).filter(|_| !done) {
        stages = observed.stages;
        let why = observed.health.err().filter(|_| domain.endpoint.is_none());
        stages.extend(why.map(|why| ChangeStage {
            name: "Creating domain endpoint".into(),
            status: StageStatus::Pending,
            description: why,
        }));
    }
    let stages: Vec<Value> = stages
        .into_iter()
        .map(|stage| {
            json!({
                "Name": stage.name,
                "Status": stage.status.as_str(),
                "Description": stage.description,
                "LastUpdated": domain.updated,
            })
        })
        .collect();
    Ok(json!({"ChangeProgressStatus": {
        "ChangeId": id,
        "StartTime": domain.updated,
        "LastUpdatedTime": domain.updated,
        "Status": if done { "COMPLETED" } else { "PROCESSING" },
        "ConfigChangeStatus": if done { "Completed" } else { "ApplyingChanges" },
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
