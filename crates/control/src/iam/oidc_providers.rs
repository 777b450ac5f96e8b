//! OpenID Connect providers: `CreateOpenIDConnectProvider`, `GetOpenIDConnectProvider`, `ListOpenIDConnectProviders`,
//! `DeleteOpenIDConnectProvider`, `AddClientIDToOpenIDConnectProvider`, `RemoveClientIDFromOpenIDConnectProvider`,
//! `UpdateOpenIDConnectProviderThumbprint`, `UpdateOpenIDConnectProvider`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::tags::Tagged;
use super::{limit_exceeded, nothing, tags_value};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{OIDC_CLIENT_IDS_MAX, OIDC_PROVIDERS_MAX, OIDC_THUMBPRINTS_MAX};
use crate::request::OperationRequest;
use crate::store::record::{OidcProvider, Record, RecordKind, Tags, entity_key};
use crate::tags::{TagInput, read_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateProvider {
    url: String,
    #[serde(rename = "ClientIDList", default)]
    client_ids: Vec<String>,
    #[serde(default)]
    thumbprint_list: Vec<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn create_provider(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreateProvider = request.input()?;
    let account = request.account();
    let Some(url) = input.url.strip_prefix("https://").filter(|url| !url.is_empty()) else {
        let text = format!("Invalid Open ID Connect Provider URL: {}", input.url);
        return Err(ApiError::new(ErrorCode::Validation, text));
    };
    let url = url.trim_end_matches('/').to_owned();
    if request.directory.oidc_provider(account, &url).is_some() {
        let text = format!("Provider with url https://{url} already exists.");
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if request.directory.oidc_providers(&format!("{account}/")).count() >= OIDC_PROVIDERS_MAX {
        return Err(limit_exceeded("OpenIdConnectProvidersPerAccount", OIDC_PROVIDERS_MAX));
    }
    check_client_ids(&input.client_ids)?;
    check_thumbprints(&input.thumbprint_list)?;
    let provider = OidcProvider {
        account: account.to_owned(),
        url,
        client_ids: input.client_ids,
        thumbprints: input.thumbprint_list,
        created: request.now_seconds(),
        tags: read_tags(input.tags)?,
    };
    let output =
        json!({"OpenIDConnectProviderArn": provider.arn(), "Tags": tags_value(&provider.tags)});
    change.put(Record::OidcProvider(provider));
    Ok(output)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderInput {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: Option<String>,
    #[serde(default)]
    thumbprint_list: Vec<String>,
}

pub(crate) fn get_provider(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ProviderInput = request.input()?;
    let provider = find(request.directory, request.account(), &input.arn)?;
    Ok(json!({
        "Url": provider.url,
        "ClientIDList": provider.client_ids,
        "ThumbprintList": provider.thumbprints,
        "CreateDate": provider.created,
        "Tags": tags_value(&provider.tags),
    }))
}

pub(crate) fn list_providers(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let prefix = format!("{}/", request.account());
    let arns =
        request.directory.oidc_providers(&prefix).map(|provider| json!({"Arn": provider.arn()}));
    Ok(json!({"OpenIDConnectProviderList": arns.collect::<Value>()}))
}

/// Deleting what is not there succeeds, as at Amazon.
pub(crate) fn delete_provider(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ProviderInput = request.input()?;
    if let Ok(provider) = find(request.directory, request.account(), &input.arn) {
        change.delete(RecordKind::OidcProvider, entity_key(&provider.account, &provider.url));
    }
    Ok(nothing())
}

pub(crate) fn add_client_id(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ProviderInput = request.input()?;
    let mut provider = find(request.directory, request.account(), &input.arn)?.record.clone();
    let client_id = input.client_id.unwrap_or_default();
    if !provider.client_ids.contains(&client_id) {
        provider.client_ids.push(client_id);
        check_client_ids(&provider.client_ids)?;
        change.put(Record::OidcProvider(provider));
    }
    Ok(nothing())
}

pub(crate) fn remove_client_id(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ProviderInput = request.input()?;
    let mut provider = find(request.directory, request.account(), &input.arn)?.record.clone();
    provider.client_ids.retain(|id| Some(id) != input.client_id.as_ref());
    change.put(Record::OidcProvider(provider));
    Ok(nothing())
}

/// `UpdateOpenIDConnectProvider` changes trusted identity propagation only, whose members are refused by name.
pub(crate) fn update_provider(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ProviderInput = request.input()?;
    find(request.directory, request.account(), &input.arn)?;
    Ok(nothing())
}

pub(crate) fn update_thumbprint(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ProviderInput = request.input()?;
    let mut provider = find(request.directory, request.account(), &input.arn)?.record.clone();
    check_thumbprints(&input.thumbprint_list)?;
    provider.thumbprints = input.thumbprint_list;
    change.put(Record::OidcProvider(provider));
    Ok(nothing())
}

fn check_client_ids(ids: &[String]) -> Result<(), ApiError> {
    if ids.len() > OIDC_CLIENT_IDS_MAX {
        return Err(limit_exceeded("ClientIdsPerOpenIdConnectProvider", OIDC_CLIENT_IDS_MAX));
    }
    Ok(())
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), ApiError> {
    if thumbprints.len() > OIDC_THUMBPRINTS_MAX {
        let text =
            format!("Thumbprint list must contain fewer than {OIDC_THUMBPRINTS_MAX} entries.");
        return Err(ApiError::new(ErrorCode::InvalidInput, text));
    }
    Ok(())
}

impl Tagged for OidcProvider {
    fn meant_by(request: &OperationRequest<'_>) -> Result<OidcProvider, ApiError> {
        let named = request.text("OpenIDConnectProviderArn").unwrap_or_default();
        find(request.directory, request.account(), named).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The provider of this ARN, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    arn: &str,
) -> Result<&'d CompiledRecord<OidcProvider>, ApiError> {
    let prefix = format!("arn:aws:iam::{account}:oidc-provider/");
    let found = arn.strip_prefix(&prefix).and_then(|url| directory.oidc_provider(account, url));
    let found = found.filter(|provider| provider.arn() == arn);
    let missing = || {
        ApiError::new(
            ErrorCode::NoSuchEntity,
            format!("OpenIDConnect Provider not found for arn {arn}"),
        )
    };
    found.map(AsRef::as_ref).ok_or_else(missing)
}
