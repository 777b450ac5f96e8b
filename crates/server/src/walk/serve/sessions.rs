//! Live sessions, told or ended.

use ::control::ErrorCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::service::backends::SessionsWork;
use crate::walk::authorize::Permit;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Tells the sessions; or ends them, and tells how many they were.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    call: &Call,
    permit: Permit<SessionsWork>,
) -> Result<Outcome, Refusal> {
    if !permit.work().ends {
        return Ok(Outcome::json(200, &told(&permit.spend())));
    }
    let holder = permit.work().holder.clone();
    let (state, now, id) = (context.state.clone(), call.received, context.entry.request_id.clone());
    let ended = context
        .state
        .control_pool
        .run(holder, move || state.control.end_sessions(permit, now, &id));
    match ended.await? {
        Ok(ended) => Ok(Outcome::json(200, &json!({ "revoked": ended }))),
        Err(error) => {
            let why = error.to_string();
            let outcome = Outcome::json(
                if error.code == ErrorCode::Conflict { 409 } else { 503 },
                &json!({ "message": why }),
            );
            Err(Refusal::Answered { outcome, why })
        }
    }
}

fn told(work: &SessionsWork) -> Value {
    let time = |seconds: i64| Timestamp::from_second(seconds).unwrap_or_default().to_string();
    let sessions = work.found.sessions.iter().map(|session| {
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
        "holder": work.found.holder,
        "sessions": sessions.collect::<Vec<_>>(),
        "leftOut": work.found.left_out,
    })
}
