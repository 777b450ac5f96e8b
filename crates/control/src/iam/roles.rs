//! `CreateRole`, `GetRole`, `ListRoles`, `UpdateRole`, `UpdateRoleDescription`, `UpdateAssumeRolePolicy`, `DeleteRole`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::tags::Tagged;
use super::{
    already_exists, limit_exceeded, no_such, nothing, path_or_root, tags_value, url_encoded,
};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::ROLES_MAX;
use crate::principals::{check_boundary, check_trust, replace};
use crate::request::OperationRequest;
use crate::store::record::{
    Permissions, Record, RecordKind, Role, SessionSubject, Tags, entity_key,
};
use crate::tags::{TagInput, read_tags};

/// The longest session of a role when it does not say (seconds).
const MAX_SESSION_SECONDS_DEFAULT: i64 = 3_600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRole {
    role_name: String,
    path: Option<String>,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn create_role(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreateRole = request.input()?;
    let account = request.account();
    if request.directory.role(account, &input.role_name).is_some() {
        return Err(already_exists("Role", &input.role_name));
    }
    if request.directory.roles(&format!("{account}/")).count() >= ROLES_MAX {
        return Err(limit_exceeded("RolesPerAccount", ROLES_MAX));
    }
    if input.path.as_deref().is_some_and(|path| path.starts_with(LINKED_PATH)) {
        let text =
            format!("Path {LINKED_PATH} is for service-linked roles (CreateServiceLinkedRole)");
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    check_trust(request, &input.assume_role_policy_document)?;
    if let Some(arn) = &input.permissions_boundary {
        check_boundary(request.directory, account, arn)?;
    }
    let role = Role {
        account: account.to_owned(),
        name: input.role_name,
        path: path_or_root(input.path),
        id: request.mint_id("AROA", 21)?,
        created: request.now_seconds(),
        description: input.description,
        max_session_seconds: input.max_session_duration.unwrap_or(MAX_SESSION_SECONDS_DEFAULT),
        trust: input.assume_role_policy_document,
        tags: read_tags(input.tags)?,
        permissions: Permissions { boundary: input.permissions_boundary, ..Permissions::default() },
    };
    let mut shown = detailed(&role);
    if let Some(object) = shown.as_object_mut() {
        // Amazon's answer to the creation leaves it out.
        object.remove("MaxSessionDuration");
    }
    change.put(Record::Role(role));
    Ok(json!({ "Role": shown }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleInput {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    policy_document: Option<String>,
}

pub(crate) fn get_role(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: RoleInput = request.input()?;
    let role = find(request.directory, request.account(), &input.role_name)?;
    let mut value = detailed(role);
    if let Some(object) = value.as_object_mut() {
        object.insert("RoleLastUsed".to_owned(), last_used(request.directory, role));
    }
    Ok(json!({"Role": value}))
}

pub(crate) fn list_roles(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let under = request.input.get("PathPrefix").and_then(Value::as_str).unwrap_or("/");
    let prefix = format!("{}/", request.account());
    let roles = request.directory.roles(&prefix).filter(|role| role.path.starts_with(under));
    page(request, "Roles", roles.map(|role| (role.name.to_lowercase(), role_value(role))))
}

pub(crate) fn update_role(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: RoleInput = request.input()?;
    let mut role = find(request.directory, request.account(), &input.role_name)?.record.clone();
    refuse_linked(&role)?;
    role.description = input.description.or(role.description);
    role.max_session_seconds = input.max_session_duration.unwrap_or(role.max_session_seconds);
    change.put(Record::Role(role));
    Ok(nothing())
}

pub(crate) fn update_role_description(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: RoleInput = request.input()?;
    let mut role = find(request.directory, request.account(), &input.role_name)?.record.clone();
    role.description = input.description;
    let output = json!({"Role": detailed(&role)});
    change.put(Record::Role(role));
    Ok(output)
}

pub(crate) fn update_assume_role_policy(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: RoleInput = request.input()?;
    let mut role = find(request.directory, request.account(), &input.role_name)?.record.clone();
    refuse_linked(&role)?;
    role.trust = input.policy_document.unwrap_or_default();
    check_trust(request, &role.trust)?;
    change.put(Record::Role(role));
    Ok(nothing())
}

pub(crate) fn delete_role(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: RoleInput = request.input()?;
    let role = find(request.directory, request.account(), &input.role_name)?;
    refuse_linked(role)?;
    let conflict = |text: &str| ApiError::new(ErrorCode::DeleteConflict, text);
    let key = role.name.to_lowercase();
    if request
        .directory
        .all_profiles()
        .any(|p| p.account == role.account && p.role.as_deref() == Some(&key))
    {
        return Err(conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    if !role.permissions.attached.is_empty() {
        return Err(conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.permissions.inline.is_empty() {
        return Err(conflict("Cannot delete entity, must delete policies first."));
    }
    remove(request, role, change);
    Ok(nothing())
}

/// Takes a role away, its sessions with it; policies that name it name its id from now on.
pub(super) fn remove(request: &OperationRequest<'_>, role: &Role, change: &mut Change) {
    change.delete(RecordKind::Role, entity_key(&role.account, &role.name));
    let hangs_on_role = |subject: &SessionSubject| matches!(subject, SessionSubject::Role { role_id, .. } if *role_id == role.id);
    let sessions = request.directory.sessions().values();
    for kept in sessions.filter(|kept| hangs_on_role(&kept.entry.subject)) {
        change.delete(RecordKind::Session, kept.entry.access_key_id.clone());
    }
    replace(request.directory, &role.arn(), &role.id, change);
}

/// The path of the roles that a service of Amazon's assumes.
pub(crate) const LINKED_PATH: &str = "/aws-service-role/";

/// Such a role is the service's: it is not changed, and not deleted like others.
pub(super) fn refuse_linked(role: &Role) -> Result<(), ApiError> {
    if !role.path.starts_with(LINKED_PATH) {
        return Ok(());
    }
    let text = format!(
        "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
        role.name
    );
    Err(ApiError::new(ErrorCode::UnmodifiableEntity, text))
}

impl Tagged for Role {
    fn meant_by(request: &OperationRequest<'_>) -> Result<Role, ApiError> {
        let named = request.text("RoleName").unwrap_or_default();
        find(request.directory, request.account(), named).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The role, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    name: &str,
) -> Result<&'d CompiledRecord<Role>, ApiError> {
    directory.role(account, name).map(AsRef::as_ref).ok_or_else(|| no_such("role", name))
}

/// When a role's sessions did anything last.
pub(super) fn last_used(directory: &Directory, role: &Role) -> Value {
    match directory.uses_of(&role.account, &role.id).and_then(|uses| uses.last()) {
        Some(last) => json!({"LastUsedDate": last.at, "Region": last.region}),
        None => nothing(),
    }
}

/// A role as listings show it.
pub(crate) fn role_value(role: &Role) -> Value {
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn(),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": url_encoded(&role.trust),
        "Description": role.description,
        "MaxSessionDuration": role.max_session_seconds,
    })
}

pub(super) fn detailed(role: &Role) -> Value {
    let mut value = role_value(role);
    if let Some(object) = value.as_object_mut() {
        if let Some(arn) = &role.permissions.boundary {
            let boundary =
                json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
            object.insert("PermissionsBoundary".to_owned(), boundary);
        }
        if !role.tags.is_empty() {
            object.insert("Tags".to_owned(), tags_value(&role.tags));
        }
    }
    value
}
