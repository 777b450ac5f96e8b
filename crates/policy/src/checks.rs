//! The requirements of a decision one by one: what each layer said of a request.
//!
//! <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_Check.html>

use crate::effect::Effect;
use crate::evaluate::{Outcome, Policies, PolicyType, evaluate};
use crate::principal::CallerKind;
use crate::request::AccessRequest;
use crate::statement::Question;

/// What a layer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckEffect {
    /// A statement allows.
    Allow,
    /// Nothing matched, and nothing had to.
    NoImpact,
    /// It had to allow, and nothing did.
    ImplicitDeny,
    /// A statement denies.
    ExplicitDeny,
}

/// One requirement, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The layer.
    pub layer: PolicyType,
    /// The level of the organisation, or which endpoint's; else 0.
    pub level: u32,
    /// What it said.
    pub effect: CheckEffect,
    /// The statements that match: the policy's position in its layer, and the statement, from 0.
    pub matched: Vec<(usize, usize)>,
}

/// What every layer said of a request. A denial has a check that denies as it does.
pub fn checks(policies: &Policies<'_>, request: &AccessRequest<'_>) -> Vec<Check> {
    let question = Question::new(request);
    let caller = request.principal;
    let decision = evaluate(policies, request);
    let outcome = decision.outcome();
    let same_account = caller.account() == Some(request.account(caller));
    let mut checks = Vec::new();
    policies.each_layer(caller, |layer, level, set| {
        let (mut matched, mut allows, mut denies) = (Vec::new(), false, false);
        for (row, kind, statement) in set.statements() {
            if statement.matches(kind, &question).is_some() {
                let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
                matched.push((at(row.member), at(row.statement)));
                allows |= statement.effect == Effect::Allow;
                denies |= statement.effect == Effect::Deny;
            }
        }
        let must_allow = match layer {
            PolicyType::ResourceControl => false,
            PolicyType::Resource => !same_account || !caller.has_own_side(),
            PolicyType::Identity => caller.kind() != CallerKind::Root,
            PolicyType::Trust
            | PolicyType::ServiceControl
            | PolicyType::VpcEndpoint
            | PolicyType::PermissionsBoundary
            | PolicyType::Session => true,
        };
        let effect = match (denies, allows) {
            (true, _) => CheckEffect::ExplicitDeny,
            (false, true) => CheckEffect::Allow,
            (false, false) if must_allow && outcome != Outcome::Allowed => {
                CheckEffect::ImplicitDeny
            }
            (false, false) => CheckEffect::NoImpact,
        };
        checks.push(Check { layer, level, effect, matched });
    });
    let denied = |effect| checks.iter().any(|check: &Check| check.effect == effect);
    if outcome == Outcome::ImplicitDeny && !denied(CheckEffect::ImplicitDeny) {
        // A resource without a policy, and the like.
        let layer = decision.decided_by().unwrap_or(PolicyType::Resource);
        checks.push(Check {
            layer,
            level: 0,
            effect: CheckEffect::ImplicitDeny,
            matched: Vec::new(),
        });
    }
    checks.sort_by_key(|check| (rank(check.layer), check.level));
    checks
}

/// Amazon's order.
fn rank(layer: PolicyType) -> u8 {
    match layer {
        PolicyType::ResourceControl => 0,
        PolicyType::ServiceControl => 1,
        PolicyType::VpcEndpoint => 2,
        PolicyType::Resource | PolicyType::Trust => 3,
        PolicyType::Identity => 4,
        PolicyType::PermissionsBoundary => 5,
        PolicyType::Session => 6,
    }
}
