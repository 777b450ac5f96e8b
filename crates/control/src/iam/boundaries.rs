//! Permissions boundaries: `PutUserPermissionsBoundary`, `PutRolePermissionsBoundary` and their `Delete…`.

use serde::Deserialize;
use serde_json::Value;

use super::inline_policies::PolicyHolder;
use super::nothing;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::principals::check_boundary;
use crate::request::OperationRequest;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BoundaryInput {
    permissions_boundary: String,
}

pub(crate) fn put(request: &OperationRequest<'_>, change: &mut Change) -> Result<Value, ApiError> {
    let input: BoundaryInput = request.input()?;
    let mut holder = PolicyHolder::of(request)?;
    check_boundary(request.directory, request.account(), &input.permissions_boundary)?;
    holder.permissions()?.boundary = Some(input.permissions_boundary);
    change.put(holder.record);
    Ok(nothing())
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut holder = PolicyHolder::of(request)?;
    let text = format!("{} {} does not have a permissions boundary.", holder.kind, holder.name);
    if holder.permissions()?.boundary.take().is_none() {
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    change.put(holder.record);
    Ok(nothing())
}
