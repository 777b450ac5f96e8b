//! `GetSessionToken`: the user's own rights with temporary credentials. It needs no permission.
//!
//! Who signs in to the console by a password asks for one, too. It must prove a second factor if it has any, and what it gets
//! hangs on its login profile.

use policy::CallerKind;
use serde_json::{Value, json};

use super::{check_mfa_proof, keep};
use crate::change::Change;
use crate::err::ApiError;
use crate::proof::mfa;
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
    check_second_factor(request, mfa)?;
    let subject = SessionSubject::User { user: calling_user(request) };
    let now = request.now_seconds();
    let seconds = seconds(request);
    let key = request.directory.sealing_key();
    let mut issued =
        session::issue(request.mint, key, request.account(), subject, (now, now + seconds))?;
    issued.session.mfa = mfa;
    if request.caller.console {
        let profile = request.directory.user(request.account(), name(request));
        let profile = profile.and_then(|user| user.login_profile.as_ref());
        // Since the password was proven it may have been changed, which ended all sessions that it had opened by then.
        let proven = request.caller.sealed_password.as_ref();
        let profile = profile.filter(|profile| proven == Some(&profile.sealed_hash));
        let gone = || ApiError::access_denied("The password is no longer the user's.");
        issued.session.login_profile = Some(profile.ok_or_else(gone)?.created);
    }
    Ok(json!({"Credentials": keep(request, issued, change)?}))
}

/// That who signs in to the console by a password proved a second factor, if it has one.
fn check_second_factor(request: &OperationRequest<'_>, proved: bool) -> Result<(), ApiError> {
    if !request.caller.console || proved {
        return Ok(());
    }
    let user = request.directory.user(request.account(), name(request));
    match user.is_some_and(|user| request.directory.mfa_devices_of(user).next().is_some()) {
        true => Err(ApiError::access_denied(mfa::FAILED)),
        false => Ok(()),
    }
}

fn name<'a>(request: &OperationRequest<'a>) -> &'a str {
    request.caller.username.as_deref().unwrap_or_default()
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
