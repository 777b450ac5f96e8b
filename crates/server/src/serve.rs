//! Phase 7, **serve**: what a [`Permit`] allows is done, by the control plane or by the engine.

mod control;
mod embedded;

use ::control::wire::WireReply;
use engine::Response;

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
        Permitted::Control(operation) => control::serve(step, call, *operation).await,
        Permitted::Explain { record, as_json } => Ok(control::explained(&record, as_json)),
        Permitted::Embedded(work) => embedded::serve(step, call, *work).await,
    }
}

/// A reply of the control plane's codec as an outcome. The request id is on every answer already.
#[must_use]
pub fn reply(reply: WireReply) -> Outcome {
    let mut content_type = String::new();
    let mut headers = Vec::new();
    for (name, value) in reply.headers {
        match name {
            "content-type" => content_type = value,
            "x-amzn-requestid" => {}
            _ => headers.push((name, value)),
        }
    }
    Outcome { status: reply.status, headers, content_type, body: reply.body.into() }
}

/// An answer of the engine as an outcome.
#[must_use]
pub fn response(response: Response) -> Outcome {
    Outcome {
        status: response.status,
        headers: response.headers,
        content_type: response.content_type.to_owned(),
        body: response.body,
    }
}

/// The refusal of work that was not done, in JSON: both dialects of a domain and of the search APIs.
pub(crate) fn not_done(not_done: NotDone) -> Refusal {
    let (status, what) = match not_done {
        NotDone::Busy => (429, "too many requests wait already"),
        NotDone::Panicked => (500, "internal error"),
    };
    let outcome = Outcome::json(status, &serde_json::json!({ "message": what }));
    Refusal::Answered { outcome, why: format!("not done: {not_done:?}") }
}
