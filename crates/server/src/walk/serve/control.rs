//! The control plane: decoded and authorized before, executed here, encoded for the wire.

use ::control::wire;

use crate::service::backends::ControlWork;
use crate::service::domains;
use crate::walk::authorize::Permit;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Carries out an authorized operation. When this returns, a change is committed, published and, for a
/// domain, on its way to a listener.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    call: &Call,
    permit: Permit<ControlWork>,
) -> Result<Outcome, Refusal> {
    let (now, request_id) = (call.received, context.entry.request_id.clone());
    let (operation, holder) = (permit.work().operation, permit.work().holder.clone());
    // Hashing takes memory, so it waits its turn outside the pool.
    let turn = match operation.hashes_passwords() {
        true => Some(context.state.basic.turn().await?),
        false => None,
    };
    let done = context.state.control_pool.run(holder, {
        let (state, request_id) = (context.state.clone(), request_id.clone());
        move || {
            let _turn = turn;
            let before = state.control.directory().version();
            let observer = {
                let state = state.clone();
                move |domain: &::control::Domain| domains::observed(&state, domain)
            };
            let done = state.control.execute(permit, &observer, now, &request_id);
            // Told here, where it is done: the client may have left.
            if state.control.directory().version() != before {
                domains::follow_versions(&state);
                state.domains_changed.notify_one();
            }
            done
        }
    });
    let result = done.await?;
    match result {
        Ok(output) => Ok(wire::encode(operation, &output, &request_id).into()),
        Err(error) => {
            context.entry.reason.clone_from(&error.reason);
            let reply = wire::encode_error(operation.service(), &error, &request_id);
            Err(Refusal::Answered { outcome: reply.into(), why: error.to_string() })
        }
    }
}
