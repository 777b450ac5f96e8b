//! Phase 10, **serve**: what a [`Permit`](crate::walk::authorize::Permit) allows is done, by the control plane, by the engine or by a cluster elsewhere.

mod control;
mod embedded;
mod explain;
mod migration;
mod security;
mod sessions;
mod upstream;

use engine::Cancel;

use crate::audit::Stage;
use crate::guards::limits;
use crate::service::backends::Backend;
use crate::walk::authorize::{Authorized, JudgementNotes};
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
    context.entry.phase("serve");
    match authorized {
        // A domain's request is permitted where it runs.
        Authorized::PendingJudgement(mut judging) => {
            if !judging.only_reads() {
                let write = judging.serving().begin_write();
                // While the domain is handed over to another backend.
                let begun = tokio::time::timeout(limits::CALL_TIME, write).await;
                judging.begin_write(begun.map_err(|_elapsed| deadline())?);
            }
            match judging.follow_backend() {
                Backend::Embedded(_) => embedded::serve(context, call, judging).await,
                // Apart, so that a connection to another domain does not make room for it.
                Backend::Upstream(cluster) => {
                    Box::pin(upstream::serve(context, call, judging, cluster)).await
                }
            }
        }
        Authorized::Control(permit) => {
            context.entry.reached(Stage::Serve);
            context.entry.ahead().write(|_| {})?;
            // Apart, so that a connection to a domain does not make room for it.
            Box::pin(control::serve(context, call, *permit)).await
        }
        Authorized::Move(permit) => {
            context.entry.reached(Stage::Serve);
            context.entry.ahead().write(|_| {})?;
            // Apart, so that a connection to a domain does not make room for it.
            Box::pin(migration::serve(context, *permit)).await
        }
        Authorized::Sessions(permit) => {
            context.entry.reached(Stage::Serve);
            context.entry.ahead().write(|_| {})?;
            // Apart, so that a connection to a domain does not make room for it.
            Box::pin(sessions::serve(context, call, *permit)).await
        }
        Authorized::Replay(permit) => {
            context.entry.reached(Stage::Serve);
            Ok(Outcome::json(200, &permit.spend().0))
        }
        Authorized::Inspect(permit) => {
            context.entry.reached(Stage::Serve);
            Ok(Outcome::json(200, &permit.spend().0))
        }
        Authorized::WhoCan(permit) => {
            context.entry.reached(Stage::Serve);
            Ok(Outcome::json(200, &permit.spend().0))
        }
        Authorized::Explain(permit) => {
            context.entry.reached(Stage::Serve);
            // Apart, so that a connection to a domain does not make room for it.
            Box::pin(explain::serve(context.state, *permit)).await
        }
    }
}

fn noted(context: &mut RequestContext<'_>, notes: JudgementNotes) {
    if notes.were_asked() {
        context.entry.reached(Stage::Authorize);
    }
    notes.write(context.entry);
    context.entry.served();
}

struct OnLeaving(Cancel);

impl Drop for OnLeaving {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A request took longer than any may.
fn deadline() -> Refusal {
    let message = "the request took longer than this service allows";
    let outcome = Outcome::json(504, &serde_json::json!({ "message": message }));
    Refusal::Answered { outcome, why: "deadline".into() }
}

/// The backend was looked up before, and a permit is for the same one.
fn moved() -> Refusal {
    let outcome = Outcome::json(500, &serde_json::json!({ "message": "internal error" }));
    Refusal::Answered { outcome, why: "the domain's backend is another one".into() }
}
