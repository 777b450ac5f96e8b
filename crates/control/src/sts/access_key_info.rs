//! `GetAccessKeyInfo`: which account a key belongs to.

use serde_json::{Value, json};

use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;

pub(crate) fn get_access_key_info(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let id = request.input.get("AccessKeyId").and_then(Value::as_str).unwrap_or_default();
    let long_term = request.directory.access_key(id).map(|key| &key.account);
    let account =
        long_term.or_else(|| request.directory.session(id).map(|kept| &kept.entry.account));
    let missing =
        || ApiError::new(ErrorCode::Validation, format!("Invalid value for AccessKeyId: {id}"));
    Ok(json!({"Account": account.ok_or_else(missing)?}))
}
