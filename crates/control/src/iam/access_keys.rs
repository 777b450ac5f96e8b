//! `CreateAccessKey`, `UpdateAccessKey`, `DeleteAccessKey`, `ListAccessKeys`, `GetAccessKeyLastUsed`.
//!
//! The secret is in the reply to `CreateAccessKey` and nowhere else: the store holds it sealed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::users::find;
use super::{limit_exceeded, nothing};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::ACCESS_KEYS_PER_USER_MAX;
use crate::request::OperationRequest;
use crate::store::record::{AccessKey, KeyOwner, LastUse, Record, RecordKind};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeyInput {
    user_name: Option<String>,
    access_key_id: Option<String>,
    status: Option<String>,
}

/// Whose keys are meant: a user's, or root's when root names nobody.
fn owner(
    request: &OperationRequest<'_>,
    user_name: Option<String>,
) -> Result<(KeyOwner, Option<String>), ApiError> {
    if user_name.is_none() && request.is_root() {
        return Ok((KeyOwner::Root, None));
    }
    let name = request.user_name(user_name)?;
    let user = find(request.directory, request.account(), &name)?;
    Ok((
        KeyOwner::User { name: user.name.to_lowercase(), id: user.id.clone() },
        Some(user.name.clone()),
    ))
}

pub(crate) fn create_access_key(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AccessKeyInput = request.input()?;
    let (owner, user_name) = owner(request, input.user_name)?;
    if owned(request, &owner).count() >= ACCESS_KEYS_PER_USER_MAX {
        return Err(limit_exceeded("AccessKeysPerUser", ACCESS_KEYS_PER_USER_MAX));
    }
    let id = request.mint_id("AKIA", 20)?;
    let secret = request.mint_secret()?;
    let sealed = request.directory.sealing_key().seal(&id, secret.as_bytes());
    let key = AccessKey {
        id: id.clone(),
        account: request.account().to_owned(),
        owner,
        active: true,
        created: request.now_seconds(),
        sealed_secret: sealed.map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))?,
    };
    let output = json!({"AccessKey": {
        "UserName": user_name.unwrap_or_else(|| request.account().to_owned()),
        "AccessKeyId": id,
        "Status": "Active",
        "SecretAccessKey": secret.as_str(),
        "CreateDate": key.created,
    }});
    change.put(Record::AccessKey(key));
    Ok(output)
}

pub(crate) fn update_access_key(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AccessKeyInput = request.input()?;
    let (owner, _) = owner(request, input.user_name)?;
    let key = owned_key(request, &owner, input.access_key_id)?;
    let active = input.status.as_deref() == Some("Active");
    change.put(Record::AccessKey(AccessKey { active, ..key.record.clone() }));
    Ok(nothing())
}

pub(crate) fn delete_access_key(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AccessKeyInput = request.input()?;
    let (owner, _) = owner(request, input.user_name)?;
    if owner == KeyOwner::Root && owned(request, &owner).count() <= 1 {
        // Ours: the last root key is the way back in (COMPAT.md, Operations of the control plane).
        return Err(ApiError::new(
            ErrorCode::DeleteConflict,
            "Cannot delete the last access key of the root user.",
        ));
    }
    let key = owned_key(request, &owner, input.access_key_id)?;
    change.delete(RecordKind::AccessKey, key.id.clone());
    Ok(nothing())
}

pub(crate) fn list_access_keys(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AccessKeyInput = request.input()?;
    let (owner, user_name) = owner(request, input.user_name)?;
    let keys =
        owned(request, &owner).map(|key| (key.id.clone(), key_value(key, user_name.as_deref())));
    let mut output = page(request, "AccessKeyMetadata", keys)?;
    if let (Some(object), Some(name)) = (output.as_object_mut(), user_name) {
        object.insert("UserName".to_owned(), Value::String(name));
    }
    Ok(output)
}

/// The key's user, and when, where and for what it was used last; `N/A` of a key that never was.
pub(crate) fn get_access_key_last_used(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AccessKeyInput = request.input()?;
    let id = input.access_key_id.unwrap_or_default();
    let key = request.directory.access_key(&id).filter(|key| key.account == request.account());
    let key = key.ok_or_else(|| no_such_key(&id))?;
    let user_name = match &key.owner {
        KeyOwner::Root => None,
        KeyOwner::User { name, .. } => {
            request.directory.user(&key.account, name).map(|user| user.name.clone())
        }
    };
    let used = match last_use(request.directory, key) {
        Some(it) => json!({"LastUsedDate": it.at, "ServiceName": it.service, "Region": it.region}),
        None => json!({"ServiceName": "N/A", "Region": "N/A"}),
    };
    Ok(json!({"UserName": user_name, "AccessKeyLastUsed": used}))
}

/// When a key was used last.
pub(super) fn last_use<'d>(directory: &'d Directory, key: &AccessKey) -> Option<&'d LastUse> {
    let owner = match &key.owner {
        KeyOwner::Root => &key.account,
        KeyOwner::User { id, .. } => id,
    };
    directory.uses_of(&key.account, owner)?.credentials.get(&key.id)
}

fn owned<'d>(
    request: &OperationRequest<'d>,
    owner: &KeyOwner,
) -> impl Iterator<Item = &'d CompiledRecord<AccessKey>> {
    let (account, owner) = (request.caller.account.clone(), owner.clone());
    request.directory.access_keys().filter(move |key| key.account == account && key.owner == owner)
}

fn owned_key<'d>(
    request: &OperationRequest<'d>,
    owner: &KeyOwner,
    id: Option<String>,
) -> Result<&'d CompiledRecord<AccessKey>, ApiError> {
    let id = id.unwrap_or_default();
    owned(request, owner).find(|key| key.id == id).ok_or_else(|| no_such_key(&id))
}

fn no_such_key(id: &str) -> ApiError {
    ApiError::new(ErrorCode::NoSuchEntity, format!("The Access Key with id {id} cannot be found."))
}

fn key_value(key: &AccessKey, user_name: Option<&str>) -> Value {
    let status = if key.active { "Active" } else { "Inactive" };
    json!({"UserName": user_name, "AccessKeyId": key.id, "Status": status, "CreateDate": key.created})
}
