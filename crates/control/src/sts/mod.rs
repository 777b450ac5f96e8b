//! The STS API: one file per operation.

pub(crate) mod access_key_info;
pub(crate) mod assume_role;
pub(crate) mod caller_identity;
pub(crate) mod decode_message;
pub(crate) mod federation_token;
pub(crate) mod saml;
pub(crate) mod session_policies;
pub(crate) mod session_token;
pub(crate) mod web_identity;

use serde_json::{Value, json};

use crate::change::Change;
use crate::directory::sessions::holder;
use crate::err::{ApiError, ErrorCode};
use crate::operation::brings_second_factor;
use crate::proof::mfa;
use crate::request::OperationRequest;
use crate::session::IssuedSession;
use crate::store::record::{Record, RecordKind, Session};

/// Puts the new session into the change, takes out sessions that have ended, and shows the new one's credentials.
fn keep(
    request: &OperationRequest<'_>,
    issued: IssuedSession,
    change: &mut Change,
) -> Result<Value, ApiError> {
    check_token_size(request, &issued.token)?;
    let now = request.now_seconds();
    for kept in request.directory.sessions().to_sweep(&issued.session.access_key_id) {
        if kept.is_over(now) {
            change.delete(RecordKind::Session, kept.entry.access_key_id.clone());
        }
    }
    make_room(request, &issued.session, change)?;
    let credentials = json!({
        "AccessKeyId": issued.session.access_key_id,
        "SecretAccessKey": issued.secret.as_str(),
        "SessionToken": issued.token,
        "Expiration": issued.session.expires,
    });
    change.put(Record::Session(issued.session));
    Ok(credentials)
}

/// Tokens here have one size: a least size that they do not reach is refused by name, and every other is kept.
fn check_token_size(request: &OperationRequest<'_>, token: &str) -> Result<(), ApiError> {
    let least = request.input.get("MinimumSessionTokenSize").and_then(Value::as_u64).unwrap_or(0);
    if usize::try_from(least).is_ok_and(|least| least <= token.len()) {
        return Ok(());
    }
    let text = format!(
        "MinimumSessionTokenSize cannot be {least}: session tokens here have {} characters",
        token.len()
    );
    Err(ApiError::new(ErrorCode::InvalidParameterValue, text))
}

/// Refuses the session when its account or its principal has too many live ones. Ended ones do not count, but they are
/// only looked for where it matters.
fn make_room(
    request: &OperationRequest<'_>,
    session: &Session,
    change: &mut Change,
) -> Result<(), ApiError> {
    let (account_max, holder_max) = request.settings.sessions_max;
    let (sessions, owner) = (request.directory.sessions(), holder(session));
    if sessions.count(&session.account) < account_max && sessions.count(&owner) < holder_max {
        return Ok(());
    }
    let (mut of_account, mut of_holder) = (0, 0);
    for kept in sessions.values().filter(|kept| kept.entry.account == session.account) {
        if kept.is_over(request.now_seconds()) {
            change.delete(RecordKind::Session, kept.entry.access_key_id.clone());
            continue;
        }
        of_account += 1;
        of_holder += usize::from(holder(&kept.entry) == owner);
    }
    if of_account < account_max && of_holder < holder_max {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Throttling, "Rate exceeded"))
}

/// Whether this request proved a second factor. Its code was used up when it was proved.
fn check_mfa_proof(request: &OperationRequest<'_>) -> Result<bool, ApiError> {
    if !brings_second_factor(request.input) {
        return Ok(false);
    }
    if request.caller.mfa_proved {
        return Ok(true);
    }
    Err(ApiError::access_denied(mfa::FAILED))
}
