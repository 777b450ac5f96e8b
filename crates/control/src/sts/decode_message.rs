//! `DecodeAuthorizationMessage`: es, iam and sts tell their denials in clear, so no encoded message was ever made here.

use serde_json::Value;

use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;

pub(crate) fn decode_authorization_message(
    _request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    Err(ApiError::new(ErrorCode::InvalidAuthorizationMessage, "Message is not valid"))
}
