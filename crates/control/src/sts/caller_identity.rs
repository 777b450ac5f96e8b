//! `GetCallerIdentity`: who the signature says you are. No policy can take it away.

use serde_json::{Value, json};

use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;

pub(crate) fn get_caller_identity(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let caller = request.caller;
    Ok(json!({"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}))
}
