//! What only organizations have: an account here is in none, and is answered as Amazon answers one that is in none.

use serde_json::Value;

use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;

/// Features of an organization, and reports on its accounts.
pub(crate) fn outside(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let text = format!("Account {} is not a member of an organization", request.account());
    Err(ApiError::new(ErrorCode::OrganizationNotFound, text))
}

/// `GetOrganizationsAccessReport`: none was ever generated.
pub(crate) fn access_report(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let id = request.text("JobId").unwrap_or_default();
    let text = format!("There is no report with JobId {id}");
    Err(ApiError::new(ErrorCode::NoSuchEntity, text))
}

/// `AssumeRoot`: only an organization's management account and whom it delegates to may.
pub(crate) fn assume_root(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let target = request.text("TargetPrincipal").unwrap_or_default();
    let caller = &request.caller.arn;
    let text = format!(
        "User: {caller} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{target}:root"
    );
    Err(ApiError::access_denied(text))
}
