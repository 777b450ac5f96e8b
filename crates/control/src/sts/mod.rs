//! The STS API: one file per operation.

pub(crate) mod access_key_info;
pub(crate) mod assume_role;
pub(crate) mod caller_identity;
pub(crate) mod decode_message;
pub(crate) mod federation_token;
pub(crate) mod session_policies;
pub(crate) mod session_token;
pub(crate) mod web_identity;

use serde_json::{Value, json};

use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SESSIONS_MAX;
use crate::request::Request;
use crate::session::Issued;
use crate::store::record::{Kind, Record};

/// Puts the new session into the change, with the sessions that have ended taken out, and shows its credentials.
fn keep(request: &Request<'_>, issued: Issued, change: &mut Change) -> Result<Value, ApiError> {
    let now = request.now_seconds();
    let mut live = 0;
    for session in request.directory.sessions() {
        if session.expires <= now {
            change.delete(Kind::Session, session.access_key_id.clone());
        } else if session.account == issued.session.account {
            live += 1;
        }
    }
    if live >= SESSIONS_MAX {
        let text = format!("the account has {SESSIONS_MAX} live sessions");
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    let credentials = json!({
        "AccessKeyId": issued.session.access_key_id,
        "SecretAccessKey": issued.secret.as_str(),
        "SessionToken": issued.token,
        "Expiration": issued.session.expires,
    });
    change.put(Record::Session(issued.session));
    Ok(credentials)
}

/// A second factor was named. No device can be registered here, so none proves anything.
fn refuse_mfa(request: &Request<'_>) -> Result<(), ApiError> {
    if request.input.get("TokenCode").is_some() || request.input.get("SerialNumber").is_some() {
        let text = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
        return Err(ApiError::access_denied(text));
    }
    Ok(())
}
