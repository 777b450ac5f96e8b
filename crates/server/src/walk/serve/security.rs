//! The security configuration of a domain: changed by the control plane, answered in the security plugin's words.

use ::control::ErrorCode;

use crate::service::backends::SecurityWork;
use crate::walk::authorize::Permit;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::refusal::Refusal;

/// Answers a permitted call. When this returns, a change is committed and published.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    permit: Permit<SecurityWork>,
) -> Result<Outcome, Refusal> {
    if permit.work().method != "GET" {
        context.entry.ahead().write(|_| {})?;
    }
    // Hashing takes memory, so it waits its turn outside the pool.
    let turn = match permit.work().hashes() {
        true => Some(context.state.basic.turn().await?),
        false => None,
    };
    let (state, holder) = (context.state.clone(), permit.work().holder.clone());
    let (now, request_id) = (state.clock.now(), context.entry.request_id.clone());
    let done = context.state.control_pool.run(holder, move || {
        let _turn = turn;
        state.control.security(permit, now, &request_id)
    });
    match done.await? {
        Ok(reply) => Ok(Outcome::json(reply.status, &reply.body)),
        Err(error) if error.code == ErrorCode::AccessDenied => {
            Err(Refusal::Denied(error.to_string()))
        }
        Err(error) => {
            let outcome = Outcome::json(503, &serde_json::json!({ "message": error.message }));
            Err(Refusal::Answered { outcome, why: error.to_string() })
        }
    }
}
