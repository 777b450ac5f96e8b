//! What recorded traffic would read under another policy, for those who may ask that.

use ::control::{IdentifiedCaller, ResourceSide};
use policy::CallerKind;
use serde_json::{Value, json};

use crate::audit::{DecisionRecord, ReplayOrder, Stage};
use crate::walk::authorize::permit::Permit;
use crate::walk::body::ReceivedBody;
use crate::walk::context::RequestContext;
use crate::walk::judge::{self, PolicyQuestion};
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
    if identity.kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let decision = may_replay(call, identity);
    if decision.text.is_some() {
        return Err(context.denied(decision));
    }
    context.note(decision);
    context.entry.reached(Stage::Authorize);
    let answered = |status: u16, message: String| {
        let outcome = Outcome::json(status, &json!({ "message": message }));
        Refusal::Answered { outcome, why: message }
    };
    let body = received.load(call, &caller.holder(call))?;
    let order = ReplayOrder::read(&body.bytes, call.received).map_err(|why| answered(400, why))?;
    let (audit, reader) = (context.state.audit.clone(), identity.account.clone());
    let told = context.state.records.replay(move || order.run(&audit, &reader)).await?;
    let told = told.map_err(|error| answered(500, format!("the audit cannot be read: {error}")))?;
    // Reading takes time: whoever may not ask any more is not told.
    let directory = context.state.control.directory();
    let still = directory.identify_again(identity, call.received);
    let still = still.map_or_else(
        |_gone| may_replay(call, &IdentifiedCaller::anonymous()),
        |identity| may_replay(call, &identity),
    );
    if still.text.is_some() {
        return Err(context.denied(still));
    }
    Ok(Permit::grant(ReplayAnswer(told)))
}

fn may_replay(call: &Call, identity: &IdentifiedCaller) -> DecisionRecord {
    let mut context = judge::context(call, judge::GLOBAL_REGION);
    identity.describe(&mut context);
    judge::ask(&PolicyQuestion {
        identity,
        resource_side: ResourceSide::default(),
        resource_account: &identity.account,
        action: REPLAY_ACTION,
        resource: "*",
        context: &context,
        names_resource: true,
    })
}
