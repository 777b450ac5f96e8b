//! The move of a domain to a cluster: begun, told of, called off.

use serde_json::json;

use crate::service::migration::{self, MoveFault};
use crate::walk::authorize::{MoveRequest, Permit};
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::refusal::Refusal;

/// Does what was ordered; answers with how far the move is.
pub(super) async fn serve(
    context: &mut RequestContext<'_>,
    permit: Permit<MoveRequest>,
) -> Result<Outcome, Refusal> {
    let MoveRequest { domain, order } = permit.spend();
    let done = migration::order(context.state, &domain.record, order).await;
    match done {
        Ok(progress) => {
            let told = serde_json::to_value(&progress).unwrap_or_default();
            Ok(Outcome::json(200, &told))
        }
        Err(fault) => {
            let status = match fault {
                MoveFault::Unfit(_) => 409,
                MoveFault::Lost(_) | MoveFault::Refused(..) => 502,
                MoveFault::Here(_) | MoveFault::TooSlow(_) | MoveFault::CalledOff(_) => 500,
            };
            let message = fault.to_string();
            let outcome = Outcome::json(status, &json!({ "message": message }));
            Err(Refusal::Answered { outcome, why: message })
        }
    }
}
