//! `CreateUser`, `GetUser`, `ListUsers`, `UpdateUser`, `DeleteUser`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::tags::Tagged;
use super::{already_exists, limit_exceeded, no_such, nothing, path_or_root, tags_value};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::USERS_MAX;
use crate::principals::{check_boundary, replace};
use crate::request::OperationRequest;
use crate::store::record::{
    AccessKey, KeyOwner, MfaDevice, PASSWORD, Permissions, Record, RecordKind, Tags, User,
    entity_key,
};
use crate::tags::{TagInput, read_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateUser {
    user_name: String,
    path: Option<String>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn create_user(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreateUser = request.input()?;
    let account = request.account();
    if request.directory.user(account, &input.user_name).is_some() {
        return Err(already_exists("User", &input.user_name));
    }
    if request.directory.users(&format!("{account}/")).count() >= USERS_MAX {
        return Err(limit_exceeded("UsersPerAccount", USERS_MAX));
    }
    if let Some(arn) = &input.permissions_boundary {
        check_boundary(request.directory, account, arn)?;
    }
    let user = User {
        account: account.to_owned(),
        name: input.user_name,
        path: path_or_root(input.path),
        id: request.mint_id("AIDA", 21)?,
        created: request.now_seconds(),
        tags: read_tags(input.tags)?,
        permissions: Permissions { boundary: input.permissions_boundary, ..Permissions::default() },
        groups: Default::default(),
        login_profile: None,
        kept: Default::default(),
    };
    let output = json!({"User": with_tags(&user)});
    change.put(Record::User(user));
    Ok(output)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserInput {
    user_name: Option<String>,
}

pub(crate) fn get_user(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: UserInput = request.input()?;
    if input.user_name.is_none() && request.is_root() {
        return Ok(json!({"User": root_value(request)}));
    }
    let name = request.user_name(input.user_name)?;
    let user = find(request.directory, request.account(), &name)?;
    let mut value = with_tags(user);
    add_password_use(request.directory, user, &mut value);
    Ok(json!({"User": value}))
}

/// Adds when the user's password was used last, if it ever was.
fn add_password_use(directory: &Directory, user: &User, value: &mut Value) {
    let used = directory.uses_of(&user.account, &user.id);
    let used = used.and_then(|uses| uses.credentials.get(PASSWORD));
    if let (Some(object), Some(used)) = (value.as_object_mut(), used) {
        object.insert("PasswordLastUsed".to_owned(), json!(used.at));
    }
}

pub(crate) fn list_users(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let under = request.input.get("PathPrefix").and_then(Value::as_str).unwrap_or("/");
    let prefix = format!("{}/", request.account());
    let users = request.directory.users(&prefix).filter(|user| user.path.starts_with(under));
    let told = users.map(|user| {
        let mut value = user_value(user);
        add_password_use(request.directory, user, &mut value);
        (user.name.to_lowercase(), value)
    });
    page(request, "Users", told)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateUser {
    user_name: String,
    new_path: Option<String>,
    new_user_name: Option<String>,
}

pub(crate) fn update_user(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: UpdateUser = request.input()?;
    let old = find(request.directory, request.account(), &input.user_name)?;
    let mut user = old.record.clone();
    if let Some(path) = input.new_path {
        user.path = path;
    }
    if let Some(name) = input.new_user_name {
        let key = entity_key(&user.account, &name);
        let taken =
            request.directory.user(&user.account, &name).is_some_and(|other| other.id != user.id);
        if taken {
            return Err(already_exists("User", &name));
        }
        user.name = name;
        let old_key = entity_key(&old.account, &old.name);
        if key != old_key {
            change.delete(RecordKind::User, old_key);
            rename_keys(request, old, &user, change);
        }
    }
    let (old_arn, new_arn) = (old.arn(), user.arn());
    if old_arn != new_arn {
        replace(request.directory, &old_arn, &new_arn, change);
    }
    change.put(Record::User(user));
    Ok(nothing())
}

/// Keys and sessions name their user by name and id: a renamed user keeps its keys; its sessions end.
fn rename_keys(request: &OperationRequest<'_>, old: &User, new: &User, change: &mut Change) {
    for key in keys_of(request.directory, old) {
        let owner = KeyOwner::User { name: new.name.to_lowercase(), id: new.id.clone() };
        change.put(Record::AccessKey(AccessKey { owner, ..key.record.clone() }));
    }
    for device in request.directory.mfa_devices_of(old) {
        let user = Some((new.name.to_lowercase(), new.id.clone()));
        change.put(Record::MfaDevice(MfaDevice { user, ..device.record.clone() }));
    }
}

pub(crate) fn delete_user(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: UserInput = request.input()?;
    let name = request.user_name(input.user_name)?;
    let user = find(request.directory, request.account(), &name)?;
    let conflict = |what: &str| {
        ApiError::new(
            ErrorCode::DeleteConflict,
            format!("Cannot delete entity, must {what} first."),
        )
    };
    if user.login_profile.is_some() {
        return Err(conflict("delete login profile"));
    }
    if keys_of(request.directory, user).next().is_some() {
        return Err(conflict("delete access keys"));
    }
    if let Some(what) = user.kept.held() {
        return Err(conflict(what));
    }
    if request.directory.mfa_devices_of(user).next().is_some() {
        return Err(conflict("deactivate MFA device"));
    }
    if !user.permissions.attached.is_empty() {
        return Err(conflict("detach all policies"));
    }
    if !user.permissions.inline.is_empty() {
        return Err(conflict("delete policies"));
    }
    if !user.groups.is_empty() {
        return Err(conflict("remove users from group"));
    }
    change.delete(RecordKind::User, entity_key(&user.account, &user.name));
    replace(request.directory, &user.arn(), &user.id, change);
    Ok(nothing())
}

impl Tagged for User {
    fn meant_by(request: &OperationRequest<'_>) -> Result<User, ApiError> {
        let named = request.text("UserName").unwrap_or_default();
        find(request.directory, request.account(), named).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The user, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    name: &str,
) -> Result<&'d CompiledRecord<User>, ApiError> {
    directory.user(account, name).map(AsRef::as_ref).ok_or_else(|| no_such("user", name))
}

/// The access keys of this very user.
pub(crate) fn keys_of<'d>(
    directory: &'d Directory,
    user: &User,
) -> impl Iterator<Item = &'d CompiledRecord<AccessKey>> {
    let owner = KeyOwner::User { name: user.name.to_lowercase(), id: user.id.clone() };
    directory.access_keys().filter(move |key| key.owner == owner)
}

/// A user as listings show it.
pub(crate) fn user_value(user: &User) -> Value {
    json!({"Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": user.arn(), "CreateDate": user.created})
}

fn with_tags(user: &User) -> Value {
    let mut value = user_value(user);
    if let Some(object) = value.as_object_mut() {
        if let Some(arn) = &user.permissions.boundary {
            let boundary =
                json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
            object.insert("PermissionsBoundary".to_owned(), boundary);
        }
        if !user.tags.is_empty() {
            object.insert("Tags".to_owned(), tags_value(&user.tags));
        }
    }
    value
}

/// Root asks for itself: an account shows as a user whose id is the account.
fn root_value(request: &OperationRequest<'_>) -> Value {
    let account = request.account();
    let created = request.directory.account(account).map(|account| account.created);
    json!({"Path": "/", "UserId": account, "Arn": request.caller.arn, "UserName": account, "CreateDate": created})
}
