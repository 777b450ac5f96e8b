//! Listings of what nobody has here: SSH keys, signing certificates, credentials of single services, server certificates,
//! SAML providers, account properties. Tools that delete a user ask for them first.

use serde_json::{Value, json};

use super::nothing;
use super::page::page;
use super::users::find as find_user;
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;

/// An empty listing of what a user could have at Amazon and nobody has here. The user must exist.
fn none_of(request: &OperationRequest<'_>, list: &str) -> Result<Value, ApiError> {
    let all = request.input.get("AllUsers").and_then(Value::as_bool) == Some(true);
    // Root names no user and is none.
    let of_root = request.text("UserName").is_none() && request.is_root();
    if !(all || of_root) {
        let name = request.user_name(request.text("UserName").map(str::to_owned))?;
        find_user(request.directory, request.account(), &name)?;
    }
    page(request, list, std::iter::empty())
}

pub(crate) fn ssh_public_keys(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    none_of(request, "SSHPublicKeys")
}

pub(crate) fn signing_certificates(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    none_of(request, "Certificates")
}

pub(crate) fn service_specific_credentials(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    none_of(request, "ServiceSpecificCredentials")
}

/// `GetAccountProperties`: none is set, and none can be.
pub(crate) fn account_properties(
    _request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    Ok(json!({ "Properties": nothing() }))
}

pub(crate) fn server_certificates(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    page(request, "ServerCertificateMetadataList", std::iter::empty())
}

pub(crate) fn saml_providers(
    _request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    Ok(json!({"SAMLProviderList": []}))
}
