//! `UpgradeDomain`, `GetUpgradeHistory`, `GetUpgradeStatus`, and their `es` names. An upgrade is done when its reply is read:
//! the indices stay as they are, and what serves them behaves like the new version.

use serde_json::{Value, json};

use super::page::page;
use super::{advanced, find, status, versions};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::UPGRADES_TOLD_MAX;
use crate::request::OperationRequest;
use crate::store::record::{Domain, DomainUpgrade, Record};

pub(crate) fn upgrade_domain(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let before = &find(request, request.text("DomainName").unwrap_or_default())?.record;
    let asked = request.text("TargetVersion").unwrap_or_default();
    let target = versions::parse(request.service, asked)?;
    let refuse = |text: String| Err(ApiError::new(ErrorCode::Validation, text));
    if !versions::targets(&before.engine_version).contains(&target.as_str()) {
        let from = versions::show(request.service, &before.engine_version);
        return refuse(format!("Upgrade from {from} to {asked} is not supported"));
    }
    if request.input.get("DeploymentStrategyOptions").is_some() {
        return refuse(
            "DeploymentStrategyOptions cannot be set: a domain is upgraded in place".to_owned(),
        );
    }
    let check_only = request.input.get("PerformCheckOnly").and_then(Value::as_bool) == Some(true);
    let upgraded = upgraded(request, before, &target, check_only)?;
    let output = json!({
        "UpgradeId": status::uuid_of(&format!("{} upgrade {}", before.arn(), request.now)),
        "DomainName": before.name,
        "TargetVersion": asked,
        "PerformCheckOnly": check_only,
        "AdvancedOptions": request.input.get("AdvancedOptions"),
        "ChangeProgressDetails": (!check_only).then(|| status::change_details(status::work(request, &upgraded), &upgraded)),
    });
    change.put(Record::Domain(upgraded));
    Ok(output)
}

/// The domain afterwards; after a check it is what it was.
fn upgraded(
    request: &OperationRequest<'_>,
    before: &Domain,
    target: &str,
    check_only: bool,
) -> Result<Domain, ApiError> {
    let mut domain = before.clone();
    let mut options = before.options.get("AdvancedOptions").cloned().unwrap_or_else(|| json!({}));
    if let (Some(all), Some(Value::Object(more))) =
        (options.as_object_mut(), request.input.get("AdvancedOptions"))
    {
        all.extend(more.clone());
    }
    // Options that the new version does not have are refused before anything is done.
    domain.extras = advanced::read(&request.settings.domain_defaults, &options, target)?;
    domain.history.upgrades.insert(
        0,
        DomainUpgrade {
            from: before.engine_version.clone(),
            to: target.to_owned(),
            at: request.now_seconds(),
            check_only,
        },
    );
    domain.history.upgrades.truncate(UPGRADES_TOLD_MAX);
    if check_only {
        return Ok(Domain { history: domain.history, ..before.clone() });
    }
    domain.options.insert("AdvancedOptions".to_owned(), options);
    domain.engine_version = target.to_owned();
    domain.updated = request.now_seconds();
    domain.update_version += 1;
    Ok(domain)
}

pub(crate) fn get_upgrade_history(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    page(request, "UpgradeHistories", domain.history.upgrades.iter().map(told).collect())
}

fn told(upgrade: &DomainUpgrade) -> Value {
    let step = |name: &str| json!({"UpgradeStep": name, "UpgradeStepStatus": "SUCCEEDED", "Issues": [], "ProgressPercent": 100.0});
    let steps: &[&str] =
        if upgrade.check_only { &["PRE_UPGRADE_CHECK"] } else { &["PRE_UPGRADE_CHECK", "UPGRADE"] };
    json!({
        "UpgradeName": name(upgrade),
        "StartTimestamp": upgrade.at,
        "UpgradeStatus": "SUCCEEDED",
        "StepsList": steps.iter().map(|name| step(name)).collect::<Vec<_>>(),
    })
}

pub(crate) fn get_upgrade_status(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    let Some(last) = domain.history.upgrades.first() else {
        let text = format!("Domain {} has not been upgraded", domain.name);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    };
    let step = if last.check_only { "PRE_UPGRADE_CHECK" } else { "UPGRADE" };
    Ok(json!({"UpgradeStep": step, "StepStatus": "SUCCEEDED", "UpgradeName": name(last)}))
}

fn name(upgrade: &DomainUpgrade) -> String {
    format!("Upgrade from {} to {}", upgrade.from, upgrade.to)
}
