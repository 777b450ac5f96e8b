//! `ListInstanceTypeDetails`, `ListElasticsearchInstanceTypes`, `DescribeInstanceTypeLimits` and its `es` name.
//!
//! Every type of the model is accepted: it only tunes Amazon's fleet. What is said of each is true of this service: one
//! data node, no warm tier, no volume of its own.

use serde_json::{Value, json};

use super::find;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::service::Service;
use crate::wire::model::model;

/// Types on one page when the caller does not say.
const PAGE_DEFAULT: usize = 100;

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    if let Some(domain) = request.text("DomainName") {
        find(request, domain)?;
    }
    let es = request.service == Service::Es;
    let shape = if es { "ESPartitionInstanceType" } else { "OpenSearchPartitionInstanceType" };
    let types = &model(request.service)?.shape(shape)?.allowed;
    let start = match request.input.get("NextToken").and_then(Value::as_str) {
        Some(token) => token.parse().map_err(|_| {
            ApiError::new(ErrorCode::InvalidPaginationToken, format!("Invalid NextToken: {token}"))
        })?,
        None => 0,
    };
    let asked = request
        .input
        .get("MaxResults")
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok());
    let wanted = request.text("InstanceType");
    let types: Vec<&String> =
        types.iter().filter(|name| wanted.is_none_or(|it| it == *name)).collect();
    let page = types.iter().skip(start).take(asked.filter(|n| *n > 0).unwrap_or(PAGE_DEFAULT));
    let listed: Vec<Value> = page
        .map(|name| {
            if es {
                return json!(name);
            }
            let zones = request.input.get("RetrieveAZs").and_then(Value::as_bool) == Some(true);
            json!({
                "AvailabilityZones": zones.then(|| [format!("{}a", request.region)]),
                "InstanceType": name, "EncryptionEnabled": request.settings.storage_encrypted, "CognitoEnabled": false,
                "AppLogsEnabled": false, "AdvancedSecurityEnabled": false, "WarmEnabled": false,
                "InstanceRole": ["data"],
            })
        })
        .collect();
    let next = start + listed.len();
    let token = (next < types.len()).then(|| next.to_string());
    let name = if es { "ElasticsearchInstanceTypes" } else { "InstanceTypeDetails" };
    Ok(json!({name: listed, "NextToken": token}))
}

pub(crate) fn describe_limits(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    if let Some(domain) = request.text("DomainName") {
        find(request, domain)?;
    }
    Ok(json!({"LimitsByRole": {"data": {
        "StorageTypes": [],
        "InstanceLimits": {"InstanceCountLimits": {"MinimumInstanceCount": 1, "MaximumInstanceCount": 1}},
        "AdditionalLimits": [],
    }}}))
}
