//! Phase 7, **serve**: what a [`Permit`] allows is done, by the control plane or by the engine.

mod control;
mod embedded;

use crate::audit::Stage;
use crate::authorize::{Permit, Permitted};
use crate::parse::Call;
use crate::pool::NotDone;
use crate::refusal::Refusal;
use crate::respond::Outcome;
use crate::walk::Step;

/// Does what the permit allows, and nothing else.
pub async fn serve(step: &mut Step<'_>, call: &Call, permit: Permit) -> Result<Outcome, Refusal> {
    step.entry.reached(Stage::Serve);
    match permit.spend() {
        Permitted::Control(operation) => control::serve(step, call, operation).await,
        Permitted::Explain { record, as_json } => Ok(control::explained(&record, as_json)),
        Permitted::Embedded(work) => embedded::serve(step, call, work).await,
    }
}

/// The refusal of work that was not done, in JSON: both dialects of a domain and of the search APIs.
fn not_done(not_done: NotDone) -> Refusal {
    let (status, what) = match not_done {
        NotDone::Busy => (429, "too many requests wait already"),
        NotDone::Panicked => (500, "internal error"),
    };
    let outcome = Outcome::json(status, &serde_json::json!({ "message": what }));
    Refusal::Answered { outcome, why: format!("not done: {not_done:?}") }
}
