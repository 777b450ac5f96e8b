//! Phase 6, **authorize**: may this caller do this? The answer is a [`Permit`], or a refusal in Amazon's
//! words.
//!
//! Asked twice. [`prospect`] asks on the head, so that the body of a request that is denied anyway is
//! never kept; its answer is only a prospect, because the signature is not checked yet. [`authorize`]
//! asks a proven caller, on the body too, and is the only maker of permits.

use std::sync::Arc;

use control::{Control, Identified, IdentityKind, Operation, wire};
use engine::rest::{Parsed, RouteError};
use engine::{Engine, View};
use policy::Context;
use serde_json::Value;

use crate::audit::{DecisionRecord, Record, Stage};
use crate::identify::{Alleged, Caller};
use crate::judge::{self, Question};
use crate::parse::{Body, Call, Keep};
use crate::refusal::Refusal;
use crate::respond::Outcome;
use crate::route::{DomainTarget, Target};
use crate::targets;
use crate::walk::Step;

/// That something may be done. Nothing is served without one, and only [`authorize`] makes them:
/// forgetting to authorize does not compile.
///
/// ```compile_fail
/// // A permit cannot be made up.
/// fn forged(work: server::authorize::Permitted) -> server::authorize::Permit {
///     server::authorize::Permit(work)
/// }
/// ```
pub struct Permit(Permitted);

impl Permit {
    /// What it allows, once.
    #[must_use]
    pub fn spend(self) -> Permitted {
        self.0
    }
}

/// What a permit allows, with everything that is needed to do exactly that.
pub enum Permitted {
    /// An operation of the control plane.
    Control(ControlWork),
    /// The record of an earlier request is shown.
    Explain {
        /// That record.
        record: Box<Record>,
        /// As JSON, or told in prose.
        as_json: bool,
    },
    /// A request to the engine in this binary.
    Embedded(EmbeddedWork),
}

/// An authorized operation of the control plane.
pub struct ControlWork {
    /// Which.
    pub operation: Operation,
    /// Its input, validated against the model.
    pub input: Value,
    /// For whom.
    pub identity: Identified,
    /// The region of the credential scope.
    pub region: String,
}

/// An authorized request to the engine, on the snapshot that it was authorized on.
pub struct EmbeddedWork {
    /// The domain's engine.
    pub engine: Arc<Engine>,
    /// The request: the very value that was judged.
    pub parsed: Parsed,
    /// The indices as they were when it was judged.
    pub metadata: Arc<engine::cluster::Metadata>,
    /// What it may touch.
    pub view: View,
}

/// What the head alone lets one expect.
pub enum Prospect {
    /// Nothing speaks against it yet.
    Open,
    /// It will be denied, if the signature is right: the denial that will be read then.
    Denied(Box<DecisionRecord>),
    /// It leads nowhere, whoever asks.
    Nowhere,
}

impl Prospect {
    /// What becomes of the body.
    #[must_use]
    pub fn keep(&self) -> Keep {
        match self {
            Self::Open => Keep::Bytes,
            Self::Denied(_) | Self::Nowhere => Keep::HashOnly,
        }
    }
}

/// Asks the policies about the URL, before the body is read and before the signature is checked. Nothing
/// is granted by this.
pub fn prospect(step: &mut Step<'_>, call: &Call, alleged: &Alleged, target: &Target) -> Prospect {
    match target {
        // The operation is in the body, or the resource is.
        Target::Control | Target::Explain { .. } => Prospect::Open,
        Target::Astray(_) | Target::Gone => Prospect::Nowhere,
        Target::Domain(target) => {
            let decision = url_decision(step, call, alleged.identity(), target);
            if decision.text.is_some() { Prospect::Denied(Box::new(decision)) } else { Prospect::Open }
        }
    }
}

/// Asks the policies for good. The caller is proven, the body is whole.
pub async fn authorize(
    step: &mut Step<'_>,
    call: &Call,
    caller: Caller,
    target: Target,
    prospect: Prospect,
    body: Body,
) -> Result<Permit, Refusal> {
    step.entry.reached(Stage::Authorize);
    match target {
        Target::Control => control(step, call, caller, &body),
        Target::Explain { request_id } => explain(step, call, &caller, &request_id),
        Target::Astray(error) => Err(astray(call, &caller, &error)),
        Target::Gone => Err(gone(call, &caller)),
        Target::Domain(target) => {
            if let Prospect::Denied(decision) = prospect {
                return Err(denied(step, *decision));
            }
            domain(step, call, &caller, *target, body)
        }
    }
}

/// The URL's own question.
fn url_decision(
    step: &Step<'_>,
    call: &Call,
    identity: &Identified,
    target: &DomainTarget,
) -> DecisionRecord {
    let ask = targets::url_ask(&target.route);
    let mut context = judge::context(call, step.line, identity, &target.domain.region);
    judge::describe_domain(&mut context, &target.domain);
    decide(identity, target, &context, ask.action, &ask.path)
}

fn decide(
    identity: &Identified,
    target: &DomainTarget,
    context: &Context,
    action: &str,
    path: &str,
) -> DecisionRecord {
    let resource = format!("{}{path}", target.domain.arn());
    judge::ask(&Question {
        identity,
        resource_policy: target.domain.access_policy(),
        resource_account: &target.domain.account,
        action,
        resource: &resource,
        context,
    })
}

/// The URL decides; in mode `strict` everything that the body names is asked for as well, on the same
/// metadata that the engine will use.
fn domain(
    step: &mut Step<'_>,
    call: &Call,
    caller: &Caller,
    target: DomainTarget,
    body: Body,
) -> Result<Permit, Refusal> {
    let identity = caller.identity();
    // Asked again: a policy may have changed while the body came in.
    let decision = url_decision(step, call, identity, &target);
    if decision.text.is_some() {
        return Err(denied(step, decision));
    }
    note(step, decision);
    let flavor = target.engine.flavor();
    let refused = |exception: engine::exception::Exception| answered(&exception, flavor);
    let content_type = call.header("content-type");
    let route = target.route.clone();
    let parsed = engine::rest::parse(route, content_type, body.bytes.clone()).map_err(refused)?;
    let metadata = target.engine.metadata();
    let view = match target.domain.extras.mode {
        control::DomainMode::Aws => View::everything(identity.arn.as_str()),
        control::DomainMode::Strict => strict(step, call, identity, &target, &parsed, &metadata)?,
    };
    Ok(Permit(Permitted::Embedded(EmbeddedWork {
        engine: Arc::clone(&target.engine),
        parsed,
        metadata,
        view,
        body,
    })))
}
