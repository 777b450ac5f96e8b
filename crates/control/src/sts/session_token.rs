//! `GetSessionToken`: the user's own rights with temporary credentials. It needs no permission.

use policy::CallerKind;
use serde_json::{Value, json};

use super::{check_mfa_proof, keep};
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;
use crate::session;
use crate::store::record::SessionSubject;

/// Seconds when the caller does not say.
pub(crate) const DURATION_SECONDS_DEFAULT: i64 = 43_200;
/// Root's sessions never live longer, whatever is asked.
pub(crate) const ROOT_SECONDS_MAX: i64 = 3_600;

pub(crate) fn get_session_token(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mfa = check_mfa_proof(request)?;
    let subject = SessionSubject::User { user: calling_user(request) };
    let now = request.now_seconds();
    let seconds = seconds(request);
    let key = request.directory.sealing_key();
    let mut issued =
        session::issue(request.mint, key, request.account(), subject, (now, now + seconds))?;
    issued.session.mfa = mfa;
    Ok(json!({"Credentials": keep(request, issued, change)?}))
}

/// How long the session of a user or root lives.
pub(crate) fn seconds(request: &OperationRequest<'_>) -> i64 {
    let asked = request
        .input
        .get("DurationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(DURATION_SECONDS_DEFAULT);
    if request.is_root() { asked.min(ROOT_SECONDS_MAX) } else { asked }
}

/// The user that a session hangs on: name key and unique id; `None` for root.
pub(crate) fn calling_user(request: &OperationRequest<'_>) -> Option<(String, String)> {
    let name =
        request.caller.username.as_ref().filter(|_| request.caller.kind() == CallerKind::User)?;
    Some((name.to_lowercase(), request.caller.user_id.clone()))
}
