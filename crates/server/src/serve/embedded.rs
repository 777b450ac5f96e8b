//! The engine in this binary: synchronous, so it runs on the pool; called off by a deadline or when the
//! client goes away.

use engine::Cancel;

use crate::authorize::EmbeddedWork;
use crate::limits;
use crate::parse::Call;
use crate::refusal::Refusal;
use crate::respond::Outcome;
use crate::walk::Step;

/// Runs an authorized request on the metadata snapshot it was authorized on.
pub(super) async fn serve(
    step: &mut Step<'_>,
    call: &Call,
    work: EmbeddedWork,
) -> Result<Outcome, Refusal> {
    // Dropped with this future, that is when hyper sees the client go: the engine looks at the flag.
    let _on_leaving = OnLeaving(work.work.cancel.clone());
    let now = call.received;
    let running = step.porch.pool.run(move || {
        let EmbeddedWork { engine, parsed, metadata, view, work, body } = work;
        let _held = body;
        engine.execute(&parsed, &metadata, &view, now, &work)
    });
    match tokio::time::timeout(limits::CALL_TIME, running).await {
        Ok(Ok(response)) => Ok(super::response(response)),
        Ok(Err(not_done)) => Err(super::not_done(not_done)),
        Err(_elapsed) => {
            let message = "the request took longer than this service allows";
            let outcome = Outcome::json(504, &serde_json::json!({ "message": message }));
            Err(Refusal::Answered { outcome, why: "deadline".into() })
        }
    }
}

struct OnLeaving(Cancel);

impl Drop for OnLeaving {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
