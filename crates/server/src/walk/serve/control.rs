//! The control plane: decoded and authorized before, executed here, encoded for the wire.

use std::sync::Arc;

use ::control::wire;

use crate::audit::Record;
use crate::walk::Step;
use crate::walk::authorize::ControlWork;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;
use crate::walk::respond::Outcome;

/// Carries out an authorized operation. When this returns, a change is committed, published and, for a
/// domain, on its way to a listener.
pub(super) async fn serve(
    step: &mut Step<'_>,
    call: &Call,
    work: ControlWork,
) -> Result<Outcome, Refusal> {
    let control = Arc::clone(&step.porch.control);
    let (now, request_id) = (call.received, step.entry.request_id.clone());
    let operation = work.operation;
    let before = control.directory().version();
    // Hashing takes memory, so it waits its turn outside the pool.
    let turn = match operation.hashes_passwords() {
        true => Some(step.porch.basic.turn().await?),
        false => None,
    };
    let done = step.porch.control_pool.run(work.holder.clone(), {
        let request_id = request_id.clone();
        move || {
            let _turn = turn;
            control.execute(&::control::OperationCall {
                operation,
                input: &work.input,
                caller: &work.identity,
                judged: work.judged,
                context: &work.context,
                region: &work.region,
                now,
                request_id: &request_id,
            })
        }
    });
    let result = done.await.map_err(super::not_done)?;
    if step.porch.control.directory().version() != before {
        step.porch.reconcile_soon();
    }
    match result {
        Ok(output) => Ok(super::reply(wire::encode(operation, &output, &request_id))),
        Err(error) => {
            step.entry.reason.clone_from(&error.reason);
            let reply = wire::encode_error(operation.service(), &error, &request_id);
            Err(Refusal::Answered { outcome: super::reply(reply), why: error.to_string() })
        }
    }
}

/// The record of an earlier request.
pub(super) fn explained(record: &Record, as_json: bool) -> Outcome {
    if as_json {
        let value = serde_json::to_value(record).unwrap_or_default();
        return Outcome::json(200, &value);
    }
    Outcome {
        status: 200,
        headers: Vec::new(),
        content_type: "text/plain; charset=UTF-8".into(),
        body: crate::audit::explain::prose(record).into(),
    }
}
