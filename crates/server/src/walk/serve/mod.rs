//! Phase 7, **serve**: what a [`Permit`](crate::walk::authorize::Permit) allows is done, by the control plane or by the engine.

mod control;
mod embedded;

use ::control::wire::WireReply;
use engine::Response;

use crate::audit::Stage;
use crate::guards::shares::Full;
use crate::service::pool::{NotDone, Whose};
use crate::walk::Step;
use crate::walk::authorize::{Authorized, Permitted};
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;
use crate::walk::respond::Outcome;

/// Does what the permit allows, and nothing else.
pub async fn serve(
    step: &mut Step<'_>,
    call: &Call,
    authorized: Authorized,
) -> Result<Outcome, Refusal> {
    let permit = match authorized {
        Authorized::Judging(judging) => return embedded::serve(step, call, *judging).await,
        Authorized::Permit(permit) => permit,
    };
    step.entry.reached(Stage::Serve);
    let permitted = permit.spend();
    if matches!(permitted, Permitted::Control(_)) {
        step.entry.ahead().write(|_| {})?;
    }
    match permitted {
        Permitted::Control(operation) => control::serve(step, call, *operation).await,
        Permitted::Explain { record, as_json } => Ok(control::explained(&record, as_json)),
        // A domain's request is permitted where it runs.
        Permitted::Embedded(_) => Err(not_done(NotDone::Panicked)),
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

/// The refusal of one more answer to who does not read those that there are.
pub(crate) fn unread(full: &Full) -> Refusal {
    let what = format!("too many bytes of answers {} were not read: read them first", full.whose());
    let outcome = Outcome::json(429, &serde_json::json!({ "message": what }));
    Refusal::Answered { outcome, why: what }
}

/// The refusal of work that was not done, in JSON: both dialects of a domain and of the search APIs.
pub(crate) fn not_done(not_done: NotDone) -> Refusal {
    let (status, what) = match not_done {
        NotDone::Busy(Whose::Principal) => {
            (429, "too many requests of this principal wait already: send fewer at a time")
        }
        NotDone::Busy(Whose::Account) => {
            (429, "too many requests of this account wait already: send fewer at a time")
        }
        NotDone::Busy(Whose::All) => (429, "too many requests wait already"),
        NotDone::Panicked => (500, "internal error"),
    };
    let outcome = Outcome::json(status, &serde_json::json!({ "message": what }));
    Refusal::Answered { outcome, why: format!("not done: {not_done:?}") }
}
