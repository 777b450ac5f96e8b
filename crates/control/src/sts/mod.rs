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
use crate::store::record::{Kind, MfaDevice, Record};

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

/// Whether this request proved a second factor; then its code is used up. Codes are good once, so a proof that another
/// request used first is none.
fn use_mfa(request: &Request<'_>, change: &mut Change) -> Result<bool, ApiError> {
    if request.input.get("TokenCode").is_none() && request.input.get("SerialNumber").is_none() {
        return Ok(false);
    }
    let failed = || {
        ApiError::access_denied(
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        )
    };
    let (serial, step) = request.caller.mfa_proof.as_ref().ok_or_else(failed)?;
    let device = request
        .directory
        .mfa_device(serial)
        .filter(|device| device.last_step < *step)
        .ok_or_else(failed)?;
    change.put(Record::MfaDevice(MfaDevice { last_step: *step, ..device.record.clone() }));
    Ok(true)
}
