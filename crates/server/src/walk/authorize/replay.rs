//! What recorded traffic would read under another policy, for those who may ask that.

use serde_json::{Value, json};

use crate::audit::{ReplayOrder, Stage};
use crate::walk::authorize::permit::Permit;
use crate::walk::authorize::records;
use crate::walk::body::ReceivedBody;
use crate::walk::context::RequestContext;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;

/// What would change, which may be told.
pub(crate) struct ReplayAnswer(pub(crate) Value);

/// The action that it takes; Amazon has none like it.
const REPLAY_ACTION: &str = "countersign:ReplayAudit";

/// Reads the records that the caller's account may see, and decides them anew under the policy in the body.
pub(super) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Call,
    caller: &Caller,
    received: ReceivedBody,
) -> Result<Permit<ReplayAnswer>, Refusal> {
    let identity = caller.identity();
    records::may(context, call, identity, REPLAY_ACTION)?;
    context.entry.reached(Stage::Authorize);
    let answered = |status: u16, message: String| {
        let outcome = Outcome::json(status, &json!({ "message": message }));
        Refusal::Answered { outcome, why: message }
    };
    let body = received.load(call, &caller.holder(call))?;
    let order = ReplayOrder::read(&body.bytes, call.received).map_err(|why| answered(400, why))?;
    let (audit, reader) = (context.state.audit.clone(), identity.account.clone());
    let account = reader.clone();
    let told = context.state.records.replay(&account, move || order.run(&audit, &reader)).await?;
    let told = told.map_err(|error| answered(500, format!("the audit cannot be read: {error}")))?;
    records::still_may(context, call, identity, REPLAY_ACTION)?;
    Ok(Permit::grant(ReplayAnswer(told)))
}
