//! `DescribeDomainConfig`, `UpdateDomainConfig`, `DescribeDryRunProgress`, and their `es` names. A change is enforced when its reply is read.

use serde_json::{Value, json};

use super::access_policy::{self, Reach};
use super::create::settle_security;
use super::{
    advanced, checks, custom_endpoint, find, log_publishing, options, status, vpc, wider_policy,
};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::{Domain, Record};

pub(crate) fn describe_config(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    Ok(json!({"DomainConfig": status::config(request, domain)}))
}

pub(crate) fn update_config(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let before = &find(request, name(request))?.record;
    let mut domain = changed(request, before)?;
    let shown = |domain: &Domain| status::config(request, domain);
    let same = shown(&domain) == shown(before) && domain.extras == before.extras;
    domain.updated = request.now_seconds();
    domain.update_version += 1;
    let config = status::config(request, &domain);
    if request.input.get("DryRun").and_then(Value::as_bool) == Some(true) {
        return Ok(dry_run(request, before, &config, same, change));
    }
    change.put(Record::Domain(domain));
    Ok(json!({"DomainConfig": config}))
}

/// The domain as the input asks for it.
fn changed(request: &OperationRequest<'_>, before: &Domain) -> Result<Domain, ApiError> {
    let mut domain = before.clone();
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
    let old = before.security.as_deref();
    let security = settle_security(request, old, &domain.extras, &mut domain.options)?;
    domain.security = security.map(Box::new);
    if let Some(text) = request.text("AccessPolicies") {
        let open_allowed = request.settings.open_policies || before.extras.open_policy;
        let public = Reach::Public { open_allowed: open_allowed || domain.security.is_some() };
        let reach = before.vpc_options().map_or(public, |_| Reach::Vpc);
        domain.access_policy = match text {
            "" => None,
            text => {
                let kept = access_policy::check(request, text, &domain.arn(), reach)?;
                // As the domain is: the option cannot be given up in the call that it is there for.
                wider_policy::check(before, &kept)?;
                Some(kept)
            }
        };
    }
    let vpc = vpc::read(request, Some(before))?;
    domain.options.extend(vpc.map(|vpc| ("VPCOptions".to_owned(), vpc)));
    checks::check(&domain.options, Some(&before.options))?;
    custom_endpoint::settle(request, &before.arn(), &mut domain.options)?;
    if request.input.get("LogPublishingOptions").is_some() {
        log_publishing::check(request, &domain.options)?;
    }
    Ok(domain)
}

/// What the change would do: every change here is made in place, at once. Of a verbose one the answer is kept, for
/// `DescribeDryRunProgress`.
fn dry_run(
    request: &OperationRequest<'_>,
    before: &Domain,
    config: &Value,
    same: bool,
    change: &mut Change,
) -> Value {
    let (kind, message) = if same {
        ("None", "This change will not require any update to your domain.")
    } else {
        ("DynamicUpdate", "This request can be applied without a deployment.")
    };
    let results = json!({"DeploymentType": kind, "Message": message});
    let mut output = json!({"DomainConfig": config, "DryRunResults": results});
    if request.text("DryRunMode") == Some("Verbose") {
        let id = status::uuid_of(&format!("{} dry run {}", before.arn(), request.now));
        let progress = json!({
            "DryRunId": id, "DryRunStatus": "succeeded", "CreationDate": request.now.to_string(),
            "UpdateDate": request.now.to_string(), "ValidationFailures": [],
        });
        let kept = json!({"DryRunProgressStatus": progress, "DryRunConfig": config, "DryRunResults": results});
        let mut domain = before.clone();
        domain.history.dry_run = Some(kept);
        change.put(Record::Domain(domain));
        if let Some(object) = output.as_object_mut() {
            object.insert("DryRunProgressStatus".to_owned(), progress);
        }
    }
    output
}

/// `DescribeDryRunProgress`: the last verbose dry run. Its configuration is shown as the status of a domain is.
pub(crate) fn describe_dry_run(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, name(request))?;
    let missing = || {
        let text = format!("There is no dry run of domain {}", domain.name);
        ApiError::new(ErrorCode::NoSuchEntity, text)
    };
    let mut kept = domain.history.dry_run.clone().ok_or_else(missing)?;
    let id = kept.pointer("/DryRunProgressStatus/DryRunId").and_then(Value::as_str);
    if request.text("DryRunId").is_some_and(|asked| id != Some(asked)) {
        return Err(missing());
    }
    let wanted = request.input.get("LoadDryRunConfig").and_then(Value::as_bool) == Some(true);
    if let Some(object) = kept.as_object_mut() {
        let config = object.remove("DryRunConfig").unwrap_or_default();
        if wanted {
            object.insert("DryRunConfig".to_owned(), as_status(request, domain, &config));
        }
    }
    Ok(kept)
}

/// `DomainStatus` with the options of a `DomainConfig`.
fn as_status(request: &OperationRequest<'_>, domain: &Domain, config: &Value) -> Value {
    let mut shown = status::status(request, domain);
    let options = config.as_object().into_iter().flatten();
    let options =
        options.filter_map(|(name, value)| Some((name.clone(), value.get("Options")?.clone())));
    if let Some(object) = shown.as_object_mut() {
        // What a status words in another way than a configuration.
        let has_vpc = object.contains_key("VPCOptions");
        let same = |name: &str| name != "AutoTuneOptions" && (has_vpc || name != "VPCOptions");
        object.extend(options.filter(|(name, _)| same(name)));
    }
    shown
}

fn name<'a>(request: &OperationRequest<'a>) -> &'a str {
    request.input.get("DomainName").and_then(Value::as_str).unwrap_or_default()
}
