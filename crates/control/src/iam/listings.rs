//! Listings of what nobody has here: account properties.

use serde_json::{Value, json};

use super::nothing;
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;

/// `GetAccountProperties`: none is set, and none can be.
pub(crate) fn account_properties(
    _request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    Ok(json!({ "Properties": nothing() }))
}
