//! Phase 10, **serve**: what a [`Permit`](crate::walk::authorize::Permit) allows is done, by the control plane or by the engine.

mod control;
mod embedded;

use crate::audit::Stage;
use crate::walk::authorize::Authorized;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Does what the permit allows, and nothing else.
pub(crate) async fn serve(
    context: &mut RequestContext<'_>,
    call: &Call,
    authorized: Authorized,
) -> Result<Outcome, Refusal> {
    match authorized {
        // A domain's request is permitted where it runs.
        Authorized::PendingJudgement(judging) => embedded::serve(context, call, judging).await,
        Authorized::Control(permit) => {
            context.entry.reached(Stage::Serve);
            context.entry.ahead().write(|_| {})?;
            // Apart, so that a connection to a domain does not make room for it.
            Box::pin(control::serve(context, call, *permit)).await
        }
        Authorized::Explain(permit) => {
            context.entry.reached(Stage::Serve);
            Ok(control::explained(permit.spend()))
        }
    }
}
