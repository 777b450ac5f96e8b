//! Phase 9, **authorize**: may this caller do this? The answer is a [`Permit`], or a refusal in Amazon's
//! words.
//!
//! What the policies said of the URL before the body came in (`early.rs`) was preliminary: the signature was not checked
//! yet. Here a proven caller is asked for, on the body too; what a domain's request names is asked for in its turn
//! ([`PendingJudgement`]). Nothing else makes permits; of the URL they take the answer that there is, if the directory has not
//! changed since.

mod control;
mod cursors;
mod domain;
mod explain;
mod inspect;
mod migration;
mod notes;
pub(crate) mod permit;
mod records;
mod replay;
mod roles;
mod sessions;
mod streamed;
mod who_can;

use std::sync::Arc;

use engine::rest::{Method, RouteError};
use policy::CallerKind;

use crate::audit::Stage;
use crate::guards::quotas::HeldQuotas;
use crate::service::backends::{ControlWork, SessionsWork};
use crate::service::pool::WorkOwner;
use crate::targets;
use crate::walk::body::ReceivedBody;
use crate::walk::context::RequestContext;
use crate::walk::early::EarlyDecision;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::{DomainTarget, Target};

pub(crate) use self::domain::{DomainPermit, PendingJudgement};
pub(crate) use self::explain::Explanation;
pub(crate) use self::inspect::InspectionAnswer;
pub(crate) use self::migration::MoveRequest;
pub(crate) use self::notes::JudgementNotes;
pub(crate) use self::permit::Permit;
pub(crate) use self::replay::ReplayAnswer;
#[cfg(test)]
pub(crate) use self::who_can::WHO_CAN_ACTION;
pub(crate) use self::who_can::WhoCanAnswer;

/// What [`authorize`] comes to.
pub(crate) enum Authorized {
    /// An operation of the control plane may be carried out.
    Control(Box<Permit<ControlWork>>),
    /// The record of an earlier request may be shown.
    Explain(Box<Permit<Explanation>>),
    /// What recorded traffic would read under another policy may be told.
    Replay(Box<Permit<ReplayAnswer>>),
    /// What was asked about the service, or its records, may be told.
    Inspect(Box<Permit<InspectionAnswer>>),
    /// Live sessions may be told, or ended.
    Sessions(Box<Permit<SessionsWork>>),
    /// Who may do what with indices of a domain may be told.
    WhoCan(Box<Permit<WhoCanAnswer>>),
    /// What was ordered about the move of a domain may be done.
    Move(Box<Permit<MoveRequest>>),
    /// It may be done if what it names may be touched, which is found out where it will run.
    PendingJudgement(Box<PendingJudgement>),
}

/// Asks the policies for good. The caller is proven, the body is whole.
pub(crate) async fn authorize(
    context: &mut RequestContext<'_>,
    call: &Arc<Call>,
    caller: Caller,
    target: Target,
    early: EarlyDecision,
    received: ReceivedBody,
) -> Result<Authorized, Refusal> {
    context.entry.phase("authorize");
    // What is loaded first is not judged yet.
    if !matches!(target, Target::Control | Target::Domain(_)) {
        context.entry.reached(Stage::Authorize);
    }
    match target {
        Target::Control => {
            // Apart, so that a connection to a domain does not make room for it.
            let permit = Box::pin(control::authorize(context, call, caller, received)).await?;
            Ok(Authorized::Control(Box::new(permit)))
        }
        Target::Explain { request_id, form } => {
            let permit = explain::authorize(context, call, &caller, &request_id, form).await?;
            Ok(Authorized::Explain(Box::new(permit)))
        }
        Target::Replay => {
            let permit = replay::authorize(context, call, &caller, received).await?;
            Ok(Authorized::Replay(Box::new(permit)))
        }
        Target::Inspect(inspection) => {
            let permit = inspect::authorize(context, call, &caller, inspection).await?;
            Ok(Authorized::Inspect(Box::new(permit)))
        }
        Target::Sessions(order) => {
            let permit = sessions::authorize(context, call, &caller, order)?;
            Ok(Authorized::Sessions(Box::new(permit)))
        }
        Target::WhoCan { domain } => {
            let permit = Box::pin(who_can::authorize(context, call, &caller, &domain)).await?;
            Ok(Authorized::WhoCan(Box::new(permit)))
        }
        Target::Move { domain, order } => {
            let permit = migration::authorize(context, call, &caller, &domain, order)?;
            Ok(Authorized::Move(Box::new(permit)))
        }
        Target::UnknownRoute(error) => Err(unknown_route(call, &caller, &error)),
        Target::ClosedDomain => Err(domain::gone(call, &caller)),
        Target::Domain(target) => {
            let pending = domain_request(context, call, caller, target, early, received)?;
            Ok(Authorized::PendingJudgement(Box::new(pending)))
        }
    }
}

/// What may still be done of a request to a domain when the answer on its URL is known.
fn domain_request(
    context: &mut RequestContext<'_>,
    call: &Arc<Call>,
    caller: Caller,
    target: Box<DomainTarget>,
    early: EarlyDecision,
    received: ReceivedBody,
) -> Result<PendingJudgement, Refusal> {
    let holder = caller.holder(call);
    let rates = &context.state.request_rates;
    rates
        .take_of_caller(&holder, call.client_address, call.received)
        .map_err(Refusal::too_often)?;
    let action = Method::parse(&call.method).map_or("es:ESHttpGet", targets::action);
    let (identity, region) = (caller.identity(), &target.domain.region);
    context.state.control.note_use(identity, action, region, call.received);
    let asked = match early {
        EarlyDecision::Denied(decision) => {
            domain::close_denied_cursors(call, caller.identity(), &target);
            context.entry.reached(Stage::Authorize);
            return Err(context.denied(*decision));
        }
        EarlyDecision::Open(asked) => asked,
        EarlyDecision::Nowhere => None,
    };
    let quota = admit(context, call, &target, &holder, &received)?;
    Ok(PendingJudgement {
        state: context.state.clone(),
        call: Arc::clone(call),
        caller,
        target: *target,
        asked,
        received,
        holder,
        quota,
        write: None,
    })
}

/// Takes what the request needs of its domain's rate and of the quotas. Behind the denial by the URL: whoever may do nothing here takes
/// nothing from those who may.
fn admit(
    context: &RequestContext<'_>,
    call: &Call,
    target: &DomainTarget,
    holder: &WorkOwner,
    received: &ReceivedBody,
) -> Result<HeldQuotas, Refusal> {
    let (state, domain) = (context.state, target.domain.unique.as_str());
    state.request_rates.take_of_domain(domain, call.received).map_err(Refusal::too_often)?;
    let wanted = (targets::is_search(target.route.api), received.length());
    let quota = state.quotas.take(holder, call.client_address, domain, wanted);
    quota.map_err(|full| Refusal::quota(&full, target.backend.flavor()))
}

/// A path that leads nowhere. Who did not prove anything learns nothing about which paths there are.
fn unknown_route(call: &Call, caller: &Caller, error: &RouteError) -> Refusal {
    let unmapped = || Refusal::Unmapped { method: call.method.clone(), path: call.path.clone() };
    match error {
        RouteError::MethodNotAllowed { allow }
            if caller.identity().kind() != CallerKind::Anonymous =>
        {
            let exception = error.exception(&call.method, &call.path);
            let mut outcome = Outcome::json(exception.status(), &exception.body());
            let allow: Vec<&str> = allow.iter().map(|method| method.name()).collect();
            outcome.headers.push(("allow", allow.join(", ")));
            Refusal::Answered { outcome, why: "method not allowed".into() }
        }
        _ => unmapped(),
    }
}
