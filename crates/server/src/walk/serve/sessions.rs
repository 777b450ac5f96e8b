//! Live sessions, told or ended.

use ::control::{ApiError, ErrorCode, LiveSessions};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::service::backends::SessionsWork;
use crate::walk::authorize::Permit;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Tells the sessions; or ends them, and tells how many they were. Looking for them takes as long as there are sessions, so it
/// happens off the network threads.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    call: &Call,
    permit: Permit<SessionsWork>,
) -> Result<Outcome, Refusal> {
    let (ends, owner) = (permit.work().ends, permit.work().owner.clone());
    let none = SessionsWork::none_such(&permit.work().meant);
    let (state, now, id) = (context.state.clone(), call.received, context.entry.request_id.clone());
    let done = context.state.control_pool.run(owner, move || match ends {
        true => state
            .control
            .end_sessions(permit, now, &id)
            .map(|done| Some(json!({ "revoked": done.ended, "leftOut": done.left_out }))),
        false => Ok(state.control.tell_sessions(permit, now, &id)?.map(|live| told(&live))),
    });
    match done.await? {
        Ok(Some(told)) => Ok(Outcome::json(200, &told)),
        Ok(None) => Err(answered(404, none)),
        Err(error) => Err(refused(&error)),
    }
}

fn refused(error: &ApiError) -> Refusal {
    let status = match error.code {
        ErrorCode::AccessDenied => return Refusal::Denied(error.message.clone()),
        ErrorCode::InvalidClientTokenId => 403,
        ErrorCode::Conflict => 409,
        _ => 503,
    };
    answered(status, error.to_string())
}

fn answered(status: u16, why: String) -> Refusal {
    Refusal::Answered { outcome: Outcome::json(status, &json!({ "message": why })), why }
}

fn told(live: &LiveSessions) -> Value {
    let time = |seconds: i64| Timestamp::from_second(seconds).unwrap_or_default().to_string();
    let sessions = live.sessions.iter().map(|session| {
        json!({
            "accessKeyId": session.access_key_id,
            "arn": session.arn,
            "issued": time(session.issued),
            "expires": time(session.expires),
            "sourceIdentity": session.source_identity,
            "mfa": session.mfa,
        })
    });
    json!({
        "holder": live.holder.arn,
        "sessions": sessions.collect::<Vec<_>>(),
        "leftOut": live.left_out,
    })
}
