//! The `es` and `opensearch` APIs: two models of the same domains, one file per family of operations.
//!
//! Records hold the opensearch model's words; [`options`] and [`status`] translate for `es` on the way in and out.

pub(crate) mod access_policy;
pub(crate) mod advanced;
mod checks;
pub(crate) mod config;
pub(crate) mod create;
mod custom_endpoint;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod health;
pub(crate) mod instance_types;
pub(crate) mod listings;
mod log_publishing;
pub(crate) mod members;
mod options;
pub(crate) mod packages;
mod page;
mod status;
pub(crate) mod tags;
pub(crate) mod upgrade;
pub(crate) mod versions;
mod vpc;
pub(crate) mod vpc_endpoints;
mod wider_policy;

use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::Domain;

/// The domain called `name` in the caller's account and the scope's region, or `Domain not found: name`.
fn find<'d>(
    request: &OperationRequest<'d>,
    name: &str,
) -> Result<&'d CompiledRecord<Domain>, ApiError> {
    let found = request.directory.domain(request.account(), request.region, name);
    let missing = || ApiError::new(ErrorCode::NoSuchEntity, format!("Domain not found: {name}"));
    found.map(AsRef::as_ref).ok_or_else(missing)
}

/// The domain of this ARN in the caller's account.
fn find_by_arn<'d>(
    directory: &'d Directory,
    account: &str,
    arn: &str,
) -> Result<&'d CompiledRecord<Domain>, ApiError> {
    let refuse = |code: ErrorCode, text: String| ApiError::new(code, text);
    let mut parts = arn.splitn(6, ':');
    let head = (parts.next(), parts.next(), parts.next());
    let (Some("arn"), Some("aws"), Some("es")) = head else {
        return Err(refuse(ErrorCode::Validation, format!("Invalid ARN. ARN: {arn}")));
    };
    let (Some(region), Some(owner), Some(resource)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(refuse(ErrorCode::Validation, format!("Invalid ARN. ARN: {arn}")));
    };
    let name = resource.strip_prefix("domain/").unwrap_or_default();
    let found = directory.domain(owner, region, name).filter(|domain| domain.account == account);
    found
        .map(AsRef::as_ref)
        .ok_or_else(|| refuse(ErrorCode::NoSuchEntity, format!("Domain not found: {name}")))
}
