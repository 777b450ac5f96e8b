//! Tags of users, roles, policies, instance profiles, OpenID Connect providers and MFA devices: `Tag…`, `Untag…`, `List…Tags`.

use serde::Deserialize;
use serde_json::Value;

use super::nothing;
use super::page::page;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::TAGS_MAX;
use crate::request::Request;
use crate::store::record::{Record, Tags};

/// A tag as clients write it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagInput {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// Checks what the model cannot: duplicate keys (without regard to case), reserved prefixes, the number.
pub(crate) fn read_tags(input: Vec<TagInput>) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for tag in input {
        if tags.iter().any(|(key, _)| key.eq_ignore_ascii_case(&tag.key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(ApiError::new(ErrorCode::InvalidInput, text));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            let text = format!(
                "1 validation error detected: Value '{}' at 'tags' failed to satisfy constraint: tag keys may not begin with aws:",
                tag.key
            );
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
        tags.push((tag.key, tag.value));
    }
    if tags.len() > TAGS_MAX {
        return Err(too_many());
    }
    Ok(tags)
}

/// Adds `new` to `tags`; a key that is there (without regard to case) takes the new spelling and value.
pub(crate) fn merge(tags: &mut Tags, new: Tags) -> Result<(), ApiError> {
    tags.retain(|(key, _)| !new.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)));
    tags.extend(new);
    if tags.len() > TAGS_MAX { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> ApiError {
    let text = format!("The number of tags has reached the maximum limit of {TAGS_MAX}.");
    ApiError::new(ErrorCode::LimitExceeded, text)
}

/// The tagged thing that a request means: a copy of its record.
fn target(request: &Request<'_>) -> Result<Record, ApiError> {
    let text = |member: &str| request.input.get(member).and_then(Value::as_str);
    let (directory, account) = (request.directory, request.account());
    if let Some(name) = text("UserName") {
        return super::users::find(directory, account, name)
            .map(|entry| Record::User(entry.record.clone()));
    }
    if let Some(name) = text("RoleName") {
        return super::roles::find(directory, account, name)
            .map(|entry| Record::Role(entry.record.clone()));
    }
    if let Some(name) = text("InstanceProfileName") {
        let found = super::instance_profiles::find(directory, account, name);
        return found.map(|entry| Record::InstanceProfile(entry.record.clone()));
    }
    if let Some(arn) = text("PolicyArn") {
        let found = super::managed_policies::find_own(directory, account, arn);
        return found.map(|entry| Record::ManagedPolicy(entry.record.clone()));
    }
    if let Some(serial) = text("SerialNumber") {
        let found = super::mfa_devices::find(directory, account, serial);
        return found.map(|entry| Record::MfaDevice(entry.record.clone()));
    }
    let arn = text("OpenIDConnectProviderArn").unwrap_or_default();
    super::oidc_providers::find(directory, account, arn)
        .map(|entry| Record::OidcProvider(entry.record.clone()))
}

fn tags_of(record: &mut Record) -> Result<&mut Tags, ApiError> {
    match record {
        Record::User(r) => Ok(&mut r.tags),
        Record::Role(r) => Ok(&mut r.tags),
        Record::InstanceProfile(r) => Ok(&mut r.tags),
        Record::ManagedPolicy(r) => Ok(&mut r.tags),
        Record::OidcProvider(r) => Ok(&mut r.tags),
        Record::MfaDevice(r) => Ok(&mut r.tags),
        other => Err(ApiError::new(
            ErrorCode::Internal,
            format!("a {} has no iam tags", other.kind().name()),
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagRequest {
    tags: Vec<TagInput>,
}

pub(crate) fn tag(request: &Request<'_>, change: &mut Change) -> Result<Value, ApiError> {
    let input: TagRequest = request.input()?;
    let mut record = target(request)?;
    merge(tags_of(&mut record)?, read_tags(input.tags)?)?;
    change.put(record);
    Ok(nothing())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagRequest {
    tag_keys: Vec<String>,
}

pub(crate) fn untag(request: &Request<'_>, change: &mut Change) -> Result<Value, ApiError> {
    let input: UntagRequest = request.input()?;
    let mut record = target(request)?;
    tags_of(&mut record)?
        .retain(|(key, _)| !input.tag_keys.iter().any(|gone| gone.eq_ignore_ascii_case(key)));
    change.put(record);
    Ok(nothing())
}

pub(crate) fn list_tags(request: &Request<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let mut record = target(request)?;
    let mut tags = tags_of(&mut record)?.clone();
    tags.sort();
    page(
        request,
        "Tags",
        tags.into_iter()
            .map(|tag| (tag.0.clone(), serde_json::json!({"Key": tag.0, "Value": tag.1}))),
    )
}
