//! `DescribeDomainConfig`, `UpdateDomainConfig`, and their `es` names. A change is enforced when its reply is read.

use serde_json::{Value, json};

use super::{access_policy, advanced, find, options, status};
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;
use crate::store::record::Record;

pub(crate) fn describe_config(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    Ok(json!({"DomainConfig": status::config(request.service, domain)}))
}

pub(crate) fn update_config(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut domain = find(request, name(request))?.record.clone();
    if let Some(text) = request.input.get("AccessPolicies").and_then(Value::as_str) {
        let open = request.settings.open_policies || domain.extras.open_policy;
        if text.is_empty() {
            domain.access_policy = None;
        } else {
            access_policy::check(request.directory, text, open)?;
            domain.access_policy = Some(text.to_owned());
        }
    }
    if let Some(given) = request.input.get("AdvancedOptions") {
        let defaults = &request.settings.domain_defaults;
        domain.extras = advanced::read(defaults, given, &domain.engine_version)?;
    }
    for (name, value) in options::read(request.service, request.settings, request.input)? {
        match (domain.options.get_mut(&name).and_then(Value::as_object_mut), value) {
            // Structures are merged: a member that is not named keeps its value.
            (Some(old), Value::Object(new)) if name != "AdvancedOptions" => old.extend(new),
            (_, value) => {
                domain.options.insert(name, value);
            }
        }
    }
    domain.updated = request.now_seconds();
    domain.update_version += 1;
    let config = status::config(request.service, &domain);
    if request.input.get("DryRun").and_then(Value::as_bool) == Some(true) {
        let message = "This request can be applied without a deployment.";
        return Ok(json!({
            "DomainConfig": config,
            "DryRunResults": {"DeploymentType": "DynamicUpdate", "Message": message},
        }));
    }
    change.put(Record::Domain(domain));
    Ok(json!({"DomainConfig": config}))
}

fn name<'a>(request: &OperationRequest<'a>) -> &'a str {
    request.input.get("DomainName").and_then(Value::as_str).unwrap_or_default()
}
