//! SAML providers: `CreateSAMLProvider`, `GetSAMLProvider`, `ListSAMLProviders`, `UpdateSAMLProvider`,
//! `DeleteSAMLProvider`. What their assertions open is `sts/saml.rs`. Texts of refusals are ours.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::tags::Tagged;
use super::{limit_exceeded, nothing, tags_value};
use crate::change::Change;
use crate::directory::entry::SamlProviderEntry;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SAML_PROVIDERS_MAX;
use crate::request::OperationRequest;
use crate::saml::metadata::SamlMetadata;
use crate::store::record::{EpochSeconds, Record, RecordKind, SamlProvider, Tags, entity_key};
use crate::tags::{TagInput, read_tags};

/// How long metadata is valid that does not say. Ours: what Amazon takes then is not published.
const VALID_SECONDS_DEFAULT: i64 = 100 * 365 * 86_400;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateProvider {
    #[serde(rename = "SAMLMetadataDocument")]
    metadata: String,
    name: String,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn create(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreateProvider = request.input()?;
    let account = request.account();
    let known = request.directory.saml_provider(account, &input.name);
    if known.is_some() {
        let text = format!("SAMLProvider with name {} already exists.", input.name);
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if request.directory.saml_providers(&format!("{account}/")).count() >= SAML_PROVIDERS_MAX {
        return Err(limit_exceeded("SAMLProvidersPerAccount", SAML_PROVIDERS_MAX));
    }
    let valid_until = valid_until(request, &input.metadata)?;
    let provider = SamlProvider {
        account: account.to_owned(),
        name: input.name,
        id: request.mint_id("ASMP", 21)?,
        metadata: input.metadata,
        created: request.now_seconds(),
        valid_until,
        tags: read_tags(input.tags)?,
    };
    let mut output = json!({"SAMLProviderArn": provider.arn()});
    add_tags(&mut output, &provider);
    change.put(Record::SamlProvider(provider));
    Ok(output)
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let provider = named(request)?;
    let mut output = json!({
        "SAMLProviderUUID": provider.id,
        "SAMLMetadataDocument": provider.metadata,
        "CreateDate": provider.created,
        "ValidUntil": provider.valid_until,
    });
    add_tags(&mut output, provider);
    Ok(output)
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let prefix = format!("{}/", request.account());
    let providers = request.directory.saml_providers(&prefix);
    let shown = providers.map(|provider| {
        json!({"Arn": provider.arn(), "ValidUntil": provider.valid_until, "CreateDate": provider.created})
    });
    Ok(json!({"SAMLProviderList": shown.collect::<Value>()}))
}

pub(crate) fn update(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut provider = named(request)?.record.clone();
    let output = json!({"SAMLProviderArn": provider.arn()});
    if let Some(metadata) = request.text("SAMLMetadataDocument") {
        provider.valid_until = valid_until(request, metadata)?;
        provider.metadata = metadata.to_owned();
        change.put(Record::SamlProvider(provider));
    }
    Ok(output)
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let provider = named(request)?;
    change.delete(RecordKind::SamlProvider, entity_key(&provider.account, &provider.name));
    Ok(nothing())
}

impl Tagged for SamlProvider {
    fn meant_by(request: &OperationRequest<'_>) -> Result<SamlProvider, ApiError> {
        named(request).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The provider that the request names, or iam's `NoSuchEntity`.
fn named<'d>(request: &OperationRequest<'d>) -> Result<&'d SamlProviderEntry, ApiError> {
    let arn = request.text("SAMLProviderArn").unwrap_or_default();
    let name = arn.split_once(":saml-provider/").map_or("", |(_, name)| name);
    let found = request.directory.saml_provider(request.account(), name);
    let missing =
        || ApiError::new(ErrorCode::NoSuchEntity, format!("Manifest not found for arn {arn}"));
    found.filter(|provider| provider.arn() == arn).map(AsRef::as_ref).ok_or_else(missing)
}

/// Until when a metadata document is valid. It must be the metadata of one entity (SAML 2.0 metadata, section 2.3.2).
fn valid_until(request: &OperationRequest<'_>, metadata: &str) -> Result<EpochSeconds, ApiError> {
    let read = SamlMetadata::read(metadata).map_err(|why| {
        ApiError::new(ErrorCode::InvalidInput, "Could not parse metadata").because(why)
    })?;
    let default = request.now_seconds() + VALID_SECONDS_DEFAULT;
    Ok(read.valid_until.map_or(default, Timestamp::as_second))
}

fn add_tags(output: &mut Value, provider: &SamlProvider) {
    if let Some(object) = output.as_object_mut().filter(|_| !provider.tags.is_empty()) {
        object.insert("Tags".to_owned(), tags_value(&provider.tags));
    }
}
