//! The IAM API: one file per family of operations.

pub(crate) mod access_keys;
pub(crate) mod account;
pub(crate) mod attachments;
pub(crate) mod boundaries;
pub(crate) mod credential_report;
pub(crate) mod groups;
pub(crate) mod inline_policies;
pub(crate) mod instance_profiles;
pub(crate) mod kept;
pub(crate) mod last_accessed;
pub(crate) mod listings;
pub(crate) mod login_profiles;
pub(crate) mod managed_policies;
pub(crate) mod mfa_devices;
pub(crate) mod oidc_providers;
pub(crate) mod organizations;
mod page;
pub(crate) mod password_policy;
pub(crate) mod roles;
pub(crate) mod saml_providers;
pub(crate) mod server_certificates;
pub(crate) mod service_access;
pub(crate) mod service_credentials;
pub(crate) mod service_linked_roles;
pub(crate) mod signing_certificates;
pub(crate) mod simulate;
pub(crate) mod ssh_public_keys;
mod statement_positions;
pub(crate) mod tags;
pub(crate) mod users;

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::store::record::Tags;

/// `NoSuchEntity` in iam's words: `The user with name alice cannot be found.`
fn no_such(kind: &str, name: &str) -> ApiError {
    ApiError::new(ErrorCode::NoSuchEntity, format!("The {kind} with name {name} cannot be found."))
}

/// `EntityAlreadyExists` in iam's words: `User with name alice already exists.`
fn already_exists(kind: &str, name: &str) -> ApiError {
    ApiError::new(
        ErrorCode::EntityAlreadyExists,
        format!("{kind} with name {name} already exists."),
    )
}

/// `LimitExceeded` in iam's words.
fn limit_exceeded(quota: &str, limit: usize) -> ApiError {
    ApiError::new(ErrorCode::LimitExceeded, format!("Cannot exceed quota for {quota}: {limit}"))
}

/// An output with nothing in it: most changes answer so.
fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

/// The caller's path or `/`.
fn path_or_root(path: Option<String>) -> String {
    path.unwrap_or_else(|| "/".to_owned())
}

/// Tags as iam lists them.
fn tags_value(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| serde_json::json!({"Key": key, "Value": value})).collect()
}

/// Policy texts travel percent-encoded (RFC 3986) in iam's replies.
pub(crate) fn url_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
