//! Phase 9, **authorize**: may this caller do this? The answer is a [`Permit`], or a refusal in Amazon's
//! words.
//!
//! What the policies said of the URL before the body came in (`early.rs`) was a prospect: the signature was not checked
//! yet. Here a proven caller is asked for, on the body too; what a domain's request names is asked for in its turn
//! ([`Judging`]). Nothing else makes permits; of the URL they take the answer that there is, if the directory has not
//! changed since.

mod control;
mod cursors;
mod domain;
mod explain;
mod notes;
pub mod permit;

use std::sync::Arc;

use engine::rest::RouteError;
use policy::CallerKind;

use crate::audit::Stage;
use crate::service::backends::ControlWork;
use crate::walk::body::Received;
use crate::walk::context::Step;
use crate::walk::early::Prospect;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::prove::Caller;
use crate::walk::refusal::Refusal;
use crate::walk::route::Target;

pub use self::domain::Judging;
pub use self::explain::Explanation;
pub use self::notes::Notes;
pub use self::permit::Permit;

/// What [`authorize`] comes to.
pub enum Authorized {
    /// An operation of the control plane may be carried out.
    Control(Box<Permit<ControlWork>>),
    /// The record of an earlier request may be shown.
    Explain(Box<Permit<Explanation>>),
    /// It may be done if what it names may be touched, which is found out where it will run.
    Judging(Box<Judging>),
}

/// Asks the policies for good. The caller is proven, the body is whole.
pub async fn authorize(
    step: &mut Step<'_>,
    call: &Arc<Call>,
    caller: Caller,
    target: Target,
    prospect: Prospect,
    received: Received,
) -> Result<Authorized, Refusal> {
    // What is loaded first is not judged yet.
    if !matches!(target, Target::Control | Target::Domain(_)) {
        step.entry.reached(Stage::Authorize);
    }
    match target {
        Target::Control => {
            let permit = control::authorize(step, call, caller, received).await?;
            Ok(Authorized::Control(Box::new(permit)))
        }
        Target::Explain { request_id } => {
            let permit = explain::authorize(step, call, &caller, &request_id).await?;
            Ok(Authorized::Explain(Box::new(permit)))
        }
        Target::Astray(error) => Err(astray(call, &caller, &error)),
        Target::Gone => Err(domain::gone(call, &caller)),
        Target::Domain(target) => {
            let asked = match prospect {
                Prospect::Denied(decision) => {
                    domain::close_denied_cursors(call, caller.identity(), &target);
                    step.entry.reached(Stage::Authorize);
                    return Err(step.denied(*decision));
                }
                Prospect::Open(asked) => asked,
                Prospect::Nowhere => None,
            };
            let (porch, call) = (step.porch.clone(), Arc::clone(call));
            let judging = Judging { porch, call, caller, target: *target, asked, received };
            Ok(Authorized::Judging(Box::new(judging)))
        }
    }
}

/// A path that leads nowhere. Who did not prove anything learns nothing about which paths there are.
fn astray(call: &Call, caller: &Caller, error: &RouteError) -> Refusal {
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
