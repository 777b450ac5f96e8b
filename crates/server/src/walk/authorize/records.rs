//! Who may read the records of its account: asked before they are looked for, and again before they are told.

use ::control::{IdentifiedCaller, ResourceSide};
use policy::CallerKind;

use crate::audit::DecisionRecord;
use crate::walk::context::RequestContext;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// Refuses who may not do `action` in its own account.
///
/// # Errors
/// Nobody is signed in; a policy denies it, or none allows it.
pub(super) fn may(
    context: &mut RequestContext<'_>,
    call: &Call,
    identity: &IdentifiedCaller,
    action: &str,
) -> Result<(), Refusal> {
    if identity.kind() == CallerKind::Anonymous {
        return Err(sigv4::Refusal::MissingAuthenticationToken.into());
    }
    let decision = decide(call, identity, action);
    if decision.text.is_some() {
        return Err(context.denied(decision));
    }
    context.note(decision);
    Ok(())
}

/// Refuses who may not do it any more: looking takes time.
///
/// # Errors
/// As [`may`]; the caller's key or session is gone.
pub(super) fn still_may(
    context: &mut RequestContext<'_>,
    call: &Call,
    identity: &IdentifiedCaller,
    action: &str,
) -> Result<(), Refusal> {
    let now = context.state.control.directory().identify_again(identity, call.received);
    let now = now.unwrap_or_else(|_gone| IdentifiedCaller::anonymous());
    let decision = decide(call, &now, action);
    match decision.text {
        Some(_) => Err(context.denied(decision)),
        None => Ok(()),
    }
}

fn decide(call: &Call, identity: &IdentifiedCaller, action: &str) -> DecisionRecord {
    let mut context = judge::context(call, judge::GLOBAL_REGION);
    identity.describe(&mut context);
    judge::ask(&PolicyQuestion {
        identity,
        resource_side: ResourceSide::default(),
        resource_account: &identity.account,
        action,
        resource: "*",
        context: &context,
        names_resource: true,
    })
}
