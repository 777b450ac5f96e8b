//! Instance profiles: `CreateInstanceProfile`, `GetInstanceProfile`, `ListInstanceProfiles`, `DeleteInstanceProfile`,
//! `AddRoleToInstanceProfile`, `RemoveRoleFromInstanceProfile`, `ListInstanceProfilesForRole`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::roles::{find as find_role, role_value};
use super::tags::Tagged;
use super::{limit_exceeded, nothing, path_or_root, tags_value};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::INSTANCE_PROFILES_MAX;
use crate::request::OperationRequest;
use crate::store::record::{InstanceProfile, Record, RecordKind, Tags, entity_key};
use crate::tags::{TagInput, read_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InstanceProfileInput {
    instance_profile_name: String,
    path: Option<String>,
    role_name: Option<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn create_instance_profile(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: InstanceProfileInput = request.input()?;
    let account = request.account();
    if request.directory.instance_profile(account, &input.instance_profile_name).is_some() {
        let text = format!("Instance Profile {} already exists.", input.instance_profile_name);
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if request.directory.profiles(&format!("{account}/")).count() >= INSTANCE_PROFILES_MAX {
        return Err(limit_exceeded("InstanceProfilesPerAccount", INSTANCE_PROFILES_MAX));
    }
    let profile = InstanceProfile {
        account: account.to_owned(),
        name: input.instance_profile_name,
        path: path_or_root(input.path),
        id: request.mint_id("AIPA", 21)?,
        created: request.now_seconds(),
        role: None,
        tags: read_tags(input.tags)?,
    };
    let output = json!({"InstanceProfile": profile_value(request.directory, &profile)});
    change.put(Record::InstanceProfile(profile));
    Ok(output)
}

pub(crate) fn get_instance_profile(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: InstanceProfileInput = request.input()?;
    let profile = find(request.directory, request.account(), &input.instance_profile_name)?;
    Ok(json!({"InstanceProfile": profile_value(request.directory, profile)}))
}

pub(crate) fn list_instance_profiles(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let under = request.input.get("PathPrefix").and_then(Value::as_str).unwrap_or("/");
    list(request, |profile| profile.path.starts_with(under))
}

pub(crate) fn list_instance_profiles_for_role(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let name = request.input.get("RoleName").and_then(Value::as_str).unwrap_or_default();
    let role = find_role(request.directory, request.account(), name)?.name.to_lowercase();
    list(request, |profile| profile.role.as_deref() == Some(role.as_str()))
}

/// A page of the account's profiles that are wanted.
fn list(
    request: &OperationRequest<'_>,
    wanted: impl Fn(&InstanceProfile) -> bool,
) -> Result<Value, ApiError> {
    let prefix = format!("{}/", request.account());
    let profiles = request.directory.profiles(&prefix).filter(|profile| wanted(profile));
    let values = profiles
        .map(|profile| (profile.name.to_lowercase(), profile_value(request.directory, profile)));
    page(request, "InstanceProfiles", values)
}

pub(crate) fn delete_instance_profile(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: InstanceProfileInput = request.input()?;
    let profile = find(request.directory, request.account(), &input.instance_profile_name)?;
    if profile.role.is_some() {
        let text = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(ApiError::new(ErrorCode::DeleteConflict, text));
    }
    change.delete(RecordKind::InstanceProfile, entity_key(&profile.account, &profile.name));
    Ok(nothing())
}

pub(crate) fn add_role_to_instance_profile(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: InstanceProfileInput = request.input()?;
    let mut profile =
        find(request.directory, request.account(), &input.instance_profile_name)?.record.clone();
    let role =
        find_role(request.directory, request.account(), &input.role_name.unwrap_or_default())?;
    if profile.role.is_some() {
        return Err(limit_exceeded("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(role.name.to_lowercase());
    change.put(Record::InstanceProfile(profile));
    Ok(nothing())
}

pub(crate) fn remove_role_from_instance_profile(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: InstanceProfileInput = request.input()?;
    let mut profile =
        find(request.directory, request.account(), &input.instance_profile_name)?.record.clone();
    let role = input.role_name.unwrap_or_default();
    if profile.role.as_deref() != Some(role.to_lowercase().as_str()) {
        let text = format!(
            "The role with name {role} cannot be found in instance profile {}.",
            profile.name
        );
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    profile.role = None;
    change.put(Record::InstanceProfile(profile));
    Ok(nothing())
}

impl Tagged for InstanceProfile {
    fn meant_by(request: &OperationRequest<'_>) -> Result<InstanceProfile, ApiError> {
        let named = request.text("InstanceProfileName").unwrap_or_default();
        find(request.directory, request.account(), named).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The profile, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    name: &str,
) -> Result<&'d CompiledRecord<InstanceProfile>, ApiError> {
    directory.instance_profile(account, name).map(AsRef::as_ref).ok_or_else(|| {
        ApiError::new(ErrorCode::NoSuchEntity, format!("Instance Profile {name} cannot be found."))
    })
}

/// A profile as iam shows it, with its role.
pub(crate) fn profile_value(directory: &Directory, profile: &InstanceProfile) -> Value {
    let role = profile.role.as_ref().and_then(|name| directory.role(&profile.account, name));
    json!({
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn(),
        "CreateDate": profile.created,
        "Roles": role.into_iter().map(|role| role_value(role)).collect::<Value>(),
        "Tags": tags_value(&profile.tags),
    })
}
