//! `CreateDomain` and `CreateElasticsearchDomain`. Creating a domain that exists gives it back unchanged.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::access_policy::{self, Reach};
use super::tags::read_tags;
use super::{advanced, checks, custom_endpoint, log_publishing, options, status, versions, vpc};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::mint::host_part;
use crate::request::OperationRequest;
use crate::security::SecurityConfiguration;
use crate::security::options as security;
use crate::store::record::{Domain, DomainExtras, DomainHistory, Record};
use crate::tags::TagInput;

/// The security configuration that is asked for. Two kinds of users who sign in by Basic are refused: nobody could tell whose a
/// name is.
pub(super) fn settle_security(
    request: &OperationRequest<'_>,
    before: Option<&SecurityConfiguration>,
    extras: &DomainExtras,
    options: &mut BTreeMap<String, Value>,
) -> Result<Option<SecurityConfiguration>, ApiError> {
    let security = security::settle(request, before, options)?;
    let internal_users = security.as_ref().is_some_and(|security| security.internal_users);
    if extras.basic_authentication && internal_users {
        let text = "AdvancedSecurityOptions.InternalUserDatabaseEnabled and the advanced option countersign.basic_authentication cannot both be on: a name would be of an internal user and of an IAM user";
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    Ok(security)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateDomain {
    domain_name: String,
    access_policies: Option<String>,
    #[serde(default)]
    tag_list: Vec<TagInput>,
}

pub(crate) fn create_domain(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreateDomain = request.input()?;
    let (account, region) = (request.account(), request.region);
    if let Some(domain) = request.directory.domain(account, region, &input.domain_name) {
        if domain.deleted {
            let text = format!("Domain is still being deleted: {}", domain.name);
            // Terraform waits on this very code and text.
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
        return Ok(json!({"DomainStatus": status::status(request, domain)}));
    }
    let prefix = format!("{account}/{region}/");
    if request.directory.domains_under(&prefix).count() >= request.settings.domains_max {
        let text =
            format!("You have reached the limit of {} domains", request.settings.domains_max);
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    let advanced = request.input.get("AdvancedOptions").unwrap_or(&Value::Null);
    let engine_version = versions::read(request.service, request.input)?;
    let defaults = &request.settings.domain_defaults;
    let extras = advanced::read(defaults, advanced, &engine_version)?;
    let arn = format!("arn:aws:es:{region}:{account}:domain/{}", input.domain_name);
    let (options, security) = configured(request, &arn, &extras)?;
    let reach = match options.contains_key("VPCOptions") {
        true => Reach::Vpc,
        false => {
            let open_allowed = request.settings.open_policies || extras.open_policy;
            Reach::Public { open_allowed: open_allowed || security.is_some() }
        }
    };
    let policy = match input.access_policies.filter(|text| !text.is_empty()) {
        Some(text) => Some(access_policy::check(request, &text, &arn, reach)?),
        None => None,
    };
    let unique =
        host_part(request.mint).map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))?;
    let domain = Domain {
        account: account.to_owned(),
        region: region.to_owned(),
        name: input.domain_name,
        unique,
        engine_version,
        created: request.now_seconds(),
        updated: request.now_seconds(),
        update_version: 1,
        access_policy: policy,
        endpoint: None,
        port: None,
        gateway: request.settings.gateway.clone(),
        pool: None,
        deleted: false,
        options,
        tags: read_tags(input.tag_list)?,
        extras,
        history: DomainHistory::default(),
        security: security.map(Box::new),
        vpc_principals: Vec::new(),
    };
    let output = json!({"DomainStatus": status::status(request, &domain)});
    change.put(Record::Domain(domain));
    Ok(output)
}

/// What the new domain `arn` is configured with, and its security configuration.
fn configured(
    request: &OperationRequest<'_>,
    arn: &str,
    extras: &DomainExtras,
) -> Result<(BTreeMap<String, Value>, Option<SecurityConfiguration>), ApiError> {
    let read = options::read(request.service, request.settings, request.input)?;
    let mut options: BTreeMap<String, Value> = read.into_iter().collect();
    options.extend(vpc::read(request, None)?.map(|vpc| ("VPCOptions".to_owned(), vpc)));
    checks::check(&options, None)?;
    let security = settle_security(request, None, extras, &mut options)?;
    custom_endpoint::settle(request, arn, &mut options)?;
    log_publishing::check(request, &options)?;
    Ok((options, security))
}
