//! What signing certificates, SSH keys and service-specific credentials have in common: a user holds them, they are active
//! or not, and a listing names a user or means the caller.

use serde_json::Value;

use super::page::page;
use super::users::find;
use crate::directory::entry::CompiledRecord;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::User;

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
pub(crate) fn active(request: &OperationRequest<'_>) -> Result<bool, ApiError> {
    match request.text("Status") {
        Some("Active") => Ok(true),
        Some("Inactive") => Ok(false),
        other => Err(ApiError::new(
            ErrorCode::InvalidInput,
            format!("Status {} cannot be set", other.unwrap_or_default()),
        )),
    }
}
