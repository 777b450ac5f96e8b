//! Callers of the account that the resource is in, with nothing but the resource's policy to let them in.
//!
//! There either side suffices, and how a policy names a caller decides what else must allow: named by its account, its own
//! policies; named by its role, or a federated user by its user, its boundary and session policies; named itself, nothing.
//! So a policy that names a user instead of its account lets in that user without a policy of its own.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>

use super::{Answer, Compared, naming_at_least};
use crate::PolicyKind;
use crate::effect::Effect;
use crate::principal::{CallerKind, Grant, Principal};

/// What else speaks for the caller of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnSide {
    /// Its own policies allow everything.
    AllowsEverything,
    /// It is of the resource's account and has no policies of its own.
    HasNoPolicies,
    /// The same, and its boundary allows nothing.
    IsBarred,
}

impl OwnSide {
    /// How a policy must name a caller with nothing else than this, to let it in.
    pub(super) fn least(self) -> Grant {
        match self {
            OwnSide::AllowsEverything => Grant::Account,
            OwnSide::HasNoPolicies => Grant::Parent,
            OwnSide::IsBarred => Grant::Direct,
        }
    }

    /// As a witness says it.
    pub(super) fn said(self) -> Option<&'static str> {
        match self {
            OwnSide::AllowsEverything => None,
            OwnSide::HasNoPolicies => Some("without a policy of its own"),
            OwnSide::IsBarred => Some("with a permissions boundary that allows nothing"),
        }
    }
}

/// Requests of `caller`, for which less than everything speaks, that the first policy allows and the other does not.
pub(super) fn gained(compared: &Compared<'_>, caller: &Principal) -> Vec<Answer> {
    // An account's root may do everything in it without being named; who has no side of its own is let in by any name.
    let has_less = caller.has_own_side() && caller.kind() != CallerKind::Root;
    let grants = matches!(compared.one.kind(), PolicyKind::Resource(_) | PolicyKind::Trust);
    if !has_less || !grants {
        return Vec::new();
    }
    let mut answers = Vec::new();
    for own_side in [OwnSide::HasNoPolicies, OwnSide::IsBarred] {
        let least = own_side.least();
        let [one, other] = [compared.one, compared.other]
            .map(|it| naming_at_least(it, caller, Effect::Allow, least));
        // Where no name of the other policy is too weak, what it allows is what it allows those whose policies allow everything.
        let all = naming_at_least(compared.other, caller, Effect::Allow, Grant::Account);
        if one.is_empty() || all.len() == other.len() {
            continue;
        }
        let mut sides = compared.sides(caller);
        (sides.own_side, sides.other_allows) = (own_side, other);
        answers.extend(one.into_iter().map(|allow| compared.gained(&sides, allow)));
    }
    answers
}
