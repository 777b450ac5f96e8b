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
use crate::store::record::{Domain, DomainHistory, Record};
use crate::tags::TagInput;

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
    let mut options: BTreeMap<String, Value> =
        options::read(request.service, request.settings, request.input)?.into_iter().collect();
    options.extend(vpc::read(request, None)?.map(|vpc| ("VPCOptions".to_owned(), vpc)));
    checks::check(&options, None)?;
    custom_endpoint::settle(request, &arn, &mut options)?;
    log_publishing::check(request, &options)?;
    let reach = match options.contains_key("VPCOptions") {
        true => Reach::Vpc,
        false => {
            Reach::Public { open_allowed: request.settings.open_policies || extras.open_policy }
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
        deleted: false,
        options,
        tags: read_tags(input.tag_list)?,
        extras,
        history: DomainHistory::default(),
        vpc_principals: Vec::new(),
    };
    let output = json!({"DomainStatus": status::status(request, &domain)});
    change.put(Record::Domain(domain));
    Ok(output)
}
