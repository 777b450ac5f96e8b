//! `CreateGroup`, `GetGroup`, `ListGroups`, `UpdateGroup`, `DeleteGroup`, `AddUserToGroup`, `RemoveUserFromGroup`,
//! `ListGroupsForUser`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{cut, finish, page};
use super::users::{find as find_user, user_value};
use super::{already_exists, limit_exceeded, no_such, nothing, path_or_root};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{GROUPS_MAX, GROUPS_PER_USER_MAX};
use crate::request::OperationRequest;
use crate::store::record::{Group, Permissions, Record, RecordKind, User, entity_key};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupInput {
    group_name: String,
    path: Option<String>,
    new_path: Option<String>,
    new_group_name: Option<String>,
    user_name: Option<String>,
}

pub(crate) fn create_group(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: GroupInput = request.input()?;
    let account = request.account();
    if request.directory.group(account, &input.group_name).is_some() {
        return Err(already_exists("Group", &input.group_name));
    }
    if request.directory.groups(&format!("{account}/")).count() >= GROUPS_MAX {
        return Err(limit_exceeded("GroupsPerAccount", GROUPS_MAX));
    }
    let group = Group {
        account: account.to_owned(),
        name: input.group_name,
        path: path_or_root(input.path),
        id: request.mint_id("AGPA", 21)?,
        created: request.now_seconds(),
        permissions: Permissions::default(),
    };
    let output = json!({"Group": group_value(&group)});
    change.put(Record::Group(group));
    Ok(output)
}

pub(crate) fn get_group(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: GroupInput = request.input()?;
    let group = find(request.directory, request.account(), &input.group_name)?;
    let (users, next) = cut(
        request,
        members(request, group).map(|user| (user.name.to_lowercase(), user_value(user))),
    )?;
    let mut output = serde_json::Map::new();
    output.insert("Group".to_owned(), group_value(group));
    output.insert("Users".to_owned(), Value::Array(users));
    finish(output, next)
}

pub(crate) fn list_groups(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let under = request.input.get("PathPrefix").and_then(Value::as_str).unwrap_or("/");
    let prefix = format!("{}/", request.account());
    let groups = request.directory.groups(&prefix).filter(|group| group.path.starts_with(under));
    page(request, "Groups", groups.map(|group| (group.name.to_lowercase(), group_value(group))))
}

pub(crate) fn update_group(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: GroupInput = request.input()?;
    let old = find(request.directory, request.account(), &input.group_name)?;
    let mut group = old.record.clone();
    if let Some(path) = input.new_path {
        group.path = path;
    }
    if let Some(name) = input.new_group_name {
        if request.directory.group(&group.account, &name).is_some_and(|other| other.id != group.id)
        {
            return Err(already_exists("Group", &name));
        }
        group.name = name;
        rename(request, old, &group, change);
    }
    change.put(Record::Group(group));
    Ok(nothing())
}

/// Users name their groups by key: a renamed group keeps its members.
fn rename(request: &OperationRequest<'_>, old: &Group, new: &Group, change: &mut Change) {
    let (old_key, new_key) = (old.name.to_lowercase(), new.name.to_lowercase());
    if old_key == new_key {
        return;
    }
    change.delete(RecordKind::Group, entity_key(&old.account, &old.name));
    for user in members(request, old) {
        let mut user: User = user.record.clone();
        user.groups.remove(&old_key);
        user.groups.insert(new_key.clone());
        change.put(Record::User(user));
    }
}

pub(crate) fn delete_group(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: GroupInput = request.input()?;
    let group = find(request.directory, request.account(), &input.group_name)?;
    let conflict = |what: &str| {
        ApiError::new(
            ErrorCode::DeleteConflict,
            format!("Cannot delete entity, must {what} first."),
        )
    };
    if members(request, group).next().is_some() {
        return Err(conflict("remove users from group"));
    }
    if !group.permissions.attached.is_empty() {
        return Err(conflict("detach all policies"));
    }
    if !group.permissions.inline.is_empty() {
        return Err(conflict("delete policies"));
    }
    change.delete(RecordKind::Group, entity_key(&group.account, &group.name));
    Ok(nothing())
}

pub(crate) fn add_user_to_group(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let (group, mut user) = group_and_user(request)?;
    user.groups.insert(group.name.to_lowercase());
    if user.groups.len() > GROUPS_PER_USER_MAX {
        return Err(limit_exceeded("GroupsPerUser", GROUPS_PER_USER_MAX));
    }
    change.put(Record::User(user));
    Ok(nothing())
}

pub(crate) fn remove_user_from_group(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let (group, mut user) = group_and_user(request)?;
    if !user.groups.remove(&group.name.to_lowercase()) {
        let text = format!("User {} not in group {}", user.name, group.name);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    change.put(Record::User(user));
    Ok(nothing())
}

fn group_and_user<'d>(
    request: &OperationRequest<'d>,
) -> Result<(&'d CompiledRecord<Group>, User), ApiError> {
    let input: GroupInput = request.input()?;
    let (directory, account) = (request.directory, &request.caller.account);
    // Of both missing, iam names the user (moto 5.2.5, `test_add_unknown_user_to_group`).
    let user = find_user(directory, account, &input.user_name.unwrap_or_default())?;
    let group = find(directory, account, &input.group_name)?;
    Ok((group, user.record.clone()))
}

pub(crate) fn list_groups_for_user(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let name = request.input.get("UserName").and_then(Value::as_str).unwrap_or_default();
    let user = find_user(request.directory, request.account(), name)?;
    let groups =
        user.groups.iter().filter_map(|key| request.directory.group(request.account(), key));
    page(request, "Groups", groups.map(|group| (group.name.to_lowercase(), group_value(group))))
}

/// The group, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    name: &str,
) -> Result<&'d CompiledRecord<Group>, ApiError> {
    directory.group(account, name).map(AsRef::as_ref).ok_or_else(|| no_such("group", name))
}

/// The group's users, in order of their names.
fn members<'d>(
    request: &OperationRequest<'d>,
    group: &Group,
) -> impl Iterator<Item = &'d CompiledRecord<User>> {
    let key = group.name.to_lowercase();
    let account = group.account.clone();
    let users = request.directory.all_users().map(AsRef::as_ref);
    users.filter(move |user: &&CompiledRecord<User>| {
        user.account == account && user.groups.contains(&key)
    })
}

/// A group as listings show it.
pub(crate) fn group_value(group: &Group) -> Value {
    json!({
        "Path": group.path, "GroupName": group.name, "GroupId": group.id, "Arn": group.arn(), "CreateDate": group.created
    })
}
