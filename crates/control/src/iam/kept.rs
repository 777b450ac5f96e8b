//! What signing certificates, SSH keys and service-specific credentials have in common: a user holds them, they are active
//! or not, and a listing names a user or means the caller.

use serde_json::Value;

use super::nothing;
use super::page::page;
use super::users::find;
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::{KeptCredentials, User};

/// One kind of them.
pub(crate) trait Kept: Sized {
    /// The member that names one.
    const ID: &'static str;

    /// Those that a user holds.
    fn all(kept: &mut KeptCredentials) -> &mut Vec<Self>;

    fn id(&self) -> &str;

    fn set_active(&mut self, active: bool);

    /// The refusal of an id that the user does not hold.
    fn no_such(id: &str) -> ApiError;
}

/// `Update…`: sets one active, or not.
pub(crate) fn update<K: Kept>(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let id = request.text(K::ID).unwrap_or_default();
    let found = K::all(&mut user.kept).iter_mut().find(|kept| kept.id() == id);
    found.ok_or_else(|| K::no_such(id))?.set_active(active(request)?);
    change.put(user.into());
    Ok(nothing())
}

/// `Delete…`: takes one away.
pub(crate) fn delete<K: Kept>(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let id = request.text(K::ID).unwrap_or_default();
    let all = K::all(&mut user.kept);
    let at = all.iter().position(|kept| kept.id() == id).ok_or_else(|| K::no_such(id))?;
    all.remove(at);
    change.put(user.into());
    Ok(nothing())
}

/// The user that the request names, or the caller.
pub(crate) fn holder<'d>(
    request: &OperationRequest<'d>,
) -> Result<&'d CompiledRecord<User>, ApiError> {
    let name = request.user_name(request.text("UserName").map(str::to_owned))?;
    find(request.directory, request.account(), &name)
}

/// A page of what a user holds, or with `AllUsers` of what all users of the account hold.
pub(crate) fn listed(
    request: &OperationRequest<'_>,
    list: &str,
    of: impl Fn(&User) -> Vec<(String, Value)>,
) -> Result<Value, ApiError> {
    // Root names no user and holds nothing.
    if request.text("UserName").is_none() && request.is_root() && !all_users(request) {
        return page(request, list, std::iter::empty());
    }
    let mut items: Vec<(String, Value)> = if all_users(request) {
        let prefix = format!("{}/", request.account());
        request.directory.users(&prefix).flat_map(|user| of(user)).collect()
    } else {
        of(holder(request)?)
    };
    items.sort_by(|one, other| one.0.cmp(&other.0));
    page(request, list, items.into_iter())
}

fn all_users(request: &OperationRequest<'_>) -> bool {
    request.input.get("AllUsers").and_then(Value::as_bool) == Some(true)
}

/// `Active` or `Inactive`.
pub(crate) fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

/// Whether the `Status` that the request sets is `Active`. (`Expired`, which the model allows, is nobody's to set.)
fn active(request: &OperationRequest<'_>) -> Result<bool, ApiError> {
    match request.text("Status") {
        Some("Active") => Ok(true),
        Some("Inactive") => Ok(false),
        other => Err(ApiError::new(
            ErrorCode::InvalidInput,
            format!("Status {} cannot be set", other.unwrap_or_default()),
        )),
    }
}
