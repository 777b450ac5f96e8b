//! Phase 6, **early**: what the policies say of the URL, before the body is read and before the signature is checked, so
//! that the body of a request that is denied anyway is never kept. Nothing is granted by this.

use control::{IdentifiedCaller, NamedPolicy};
use policy::Context;

use crate::audit::DecisionRecord;
use crate::targets::{self, Ask};
use crate::walk::identify::ClaimedIdentity;
use crate::walk::judge::{self, PolicyQuestion};
use crate::walk::parse::Call;
use crate::walk::route::{DomainTarget, Target};

/// What the head alone lets one expect.
pub(crate) enum EarlyDecision {
    /// Nothing speaks against it yet; of a domain, what its policies said.
    Open(Option<Box<UrlDecision>>),
    /// It will be denied, if the signature is right: the denial that will be read then.
    Denied(Box<DecisionRecord>),
    /// It leads nowhere, whoever asks.
    Nowhere,
}

/// The URL's own question about one caller, and the answer to it.
pub(crate) struct UrlDecision {
    /// The snapshot of the directory that caller and domain are from.
    pub version: u64,
    /// What is known of the request beside the question.
    pub context: Context,
    /// The answer.
    pub decision: DecisionRecord,
}

impl UrlDecision {
    /// Asks whether `identity` may do what the URL says.
    #[must_use]
    pub(crate) fn of(
        call: &Call,
        identity: &IdentifiedCaller,
        target: &DomainTarget,
        version: u64,
    ) -> Self {
        let context = judge::domain_context(call, identity, target);
        let decision = decision_on(identity, target, &context, &targets::url_ask(&target.route));
        Self { version, context, decision }
    }
}

/// Asks the policies about the URL.
#[must_use]
pub(crate) fn decide(
    call: &Call,
    claimed_identity: &ClaimedIdentity,
    target: &Target,
) -> EarlyDecision {
    match target {
        // The operation is in the body, or the resource is.
        Target::Control
        | Target::Explain { .. }
        | Target::Replay
        | Target::Inspect(_)
        | Target::Sessions(_)
        | Target::WhoCan { .. }
        | Target::Move { .. } => EarlyDecision::Open(None),
        Target::UnknownRoute(_) | Target::ClosedDomain => EarlyDecision::Nowhere,
        Target::Domain(target) => {
            let asked = UrlDecision::of(
                call,
                claimed_identity.identity(),
                target,
                claimed_identity.version(),
            );
            if asked.decision.text.is_some() {
                EarlyDecision::Denied(Box::new(asked.decision))
            } else {
                EarlyDecision::Open(Some(Box::new(asked)))
            }
        }
    }
}

/// Puts one question about a domain, with its answer and reasons.
#[must_use]
pub(crate) fn decision_on(
    identity: &IdentifiedCaller,
    target: &DomainTarget,
    context: &Context,
    ask: &Ask,
) -> DecisionRecord {
    put_question(identity, target, context, ask, judge::ask)
}

/// Puts one question about a domain in the way of `put`.
pub(crate) fn put_question<T>(
    identity: &IdentifiedCaller,
    target: &DomainTarget,
    context: &Context,
    ask: &Ask,
    put: impl Fn(&PolicyQuestion<'_>) -> T,
) -> T {
    let policy = target.domain.own.as_ref().map(NamedPolicy::set);
    let resource_side = target.resource_side(policy.as_deref());
    let resource = target.domain.arn_of(&ask.path);
    put(&PolicyQuestion {
        identity,
        resource_side,
        resource_account: &target.domain.account,
        action: ask.action,
        resource: &resource,
        context,
        names_resource: false,
    })
}
