//! The decision: one function that reads like Amazon's flow chart.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use std::fmt;
use std::sync::Arc;

use crate::document::Policy;
use crate::effect::Effect;
use crate::principal::{CallerKind, Grant, Principal};
use crate::request::AccessRequest;
use crate::set::PolicySet;
use crate::statement::{Question, StatementRow};

/// Decides whether `request` is allowed by `policies`. Allocates nothing unless more than four
/// statements decide.
pub fn evaluate(policies: &Policies<'_>, request: &AccessRequest<'_>) -> Decision {
    let caller = request.principal;
    let found = Matches::new(policies, request);

    // 1. An explicit deny in any policy ends the evaluation.
    if let Some(decided_by) = found.first_denial() {
        return Decision::denied_explicitly(decided_by, found);
    }

    // 2. Service control policies: every level of the organisation must allow. They bind the
    //    principals of its accounts, root included, and nobody else. Resource control policies only
    //    deny: `RCPFullAWSAccess`, which nobody can take away, allows the rest.
    if caller.has_own_side() && !found.every_level_allows {
        return Decision::denied(PolicyType::ServiceControl);
    }
    //    What comes through a VPC endpoint, whoever sent it, the endpoint's policy must allow.
    if !found.every_endpoint_allows {
        return Decision::denied(PolicyType::VpcEndpoint);
    }

    // 3. The caller's own side: identity policies (root needs none), then the permissions
    //    boundary and the session policies, which grant nothing and only limit. A federated
    //    user without session policies has no permissions of its own.
    let limits = Ok(())
        .and_then(|()| found.boundary.must_allow(policies.permissions_boundary.is_some()))
        .and_then(|()| {
            let federated = caller.kind() == CallerKind::FederatedUser;
            found.session.must_allow(federated || policies.session.is_some())
        });
    let own_side = found.identity.must_allow(caller.kind() != CallerKind::Root).and(limits);

    // 4. The resource's side. In the caller's account either side suffices, and how the resource
    //    policy names the caller decides which of its limits still hold; a role's trust policy
    //    must always allow. Across accounts both sides must.
    let resource_is_silent = Err(found.resource.policy);
    let same_account = caller.account() == Some(request.account(caller));
    let verdict = match found.resource.grant {
        Some(_) if !caller.has_own_side() => Ok(()),
        None if !caller.has_own_side() || found.asks_trust(policies) => resource_is_silent,
        Some(_) if !same_account => own_side,
        None if !same_account => own_side.and(resource_is_silent),
        Some(Grant::Direct) => Ok(()),
        Some(Grant::Parent) => limits,
        Some(Grant::Account) | None => own_side,
    };
    match verdict {
        Ok(()) => Decision::allowed(found),
        Err(silent) => Decision::denied(silent),
    }
}

/// Every policy that bears on a request.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// The caller's identity policies: its own, its groups', its role's.
    pub identity: &'a PolicySet,
    /// The policy of the resource: an access policy, or a role's trust policy.
    pub resource: Option<&'a PolicySet>,
    /// The caller's permissions boundary, if it has one.
    pub permissions_boundary: Option<&'a PolicySet>,
    /// The session policies, if any were passed; a present but empty set allows nothing.
    pub session: Option<&'a PolicySet>,
    /// Service control policies, one set per level of the organisation; no level, no limit.
    pub service_control: &'a [PolicySet],
    /// Resource control policies of the resource's account, one set per level of the organisation.
    pub resource_control: &'a [PolicySet],
    /// The policies of the VPC endpoints that the request came through; none, no limit.
    pub endpoints: &'a [Arc<PolicySet>],
}

impl Policies<'_> {
    /// No policies at all: everything is denied implicitly.
    pub const NONE: Policies<'static> = Policies {
        identity: &const { PolicySet::empty() },
        resource: None,
        permissions_boundary: None,
        session: None,
        service_control: &[],
        resource_control: &[],
        endpoints: &[],
    };
}

impl<'a> Policies<'a> {
    /// Whether any of them has a condition on a document or a field: if not, no [`residual`](crate::residual) needs to be asked for.
    pub fn ask_for_documents(&self) -> bool {
        let sets = [self.resource, self.permissions_boundary, self.session];
        let sets = sets.into_iter().flatten().chain([self.identity]).chain(self.service_control);
        let sets = sets.chain(self.resource_control).chain(self.endpoints.iter().map(Arc::as_ref));
        sets.into_iter().any(PolicySet::asks_for_documents)
    }

    /// Every policy that bears on a caller, with its place: what a record keeps to tell of a denial later.
    pub fn held(&self, caller: &Principal) -> Vec<HeldPolicy> {
        let mut held = Vec::new();
        self.each_layer(caller, |layer, level, set| {
            let of = |policy: Option<(&Arc<str>, &Arc<Policy>)>| HeldPolicy {
                layer,
                level,
                label: policy.map(|(label, _)| Arc::clone(label)).unwrap_or_default(),
                policy: policy.map(|(_, policy)| Arc::clone(policy)),
            };
            match set.is_empty() {
                // That there is such a layer bears on the caller, too.
                true if layer != PolicyType::Identity => held.push(of(None)),
                _ => held.extend(set.members().map(|member| of(Some(member)))),
            }
        });
        held
    }

    /// Visits the sets that bear on a caller, each with its type and its level of the organisation (0 where it has none).
    /// Who has no side of its own is bound by the policies of the resource's side alone; a service-linked role by none of
    /// the organisation's.
    pub(crate) fn each_layer(
        &self,
        caller: &Principal,
        mut visit: impl FnMut(PolicyType, u32, &'a PolicySet),
    ) {
        let has_own_side = caller.has_own_side();
        if has_own_side {
            visit(PolicyType::Identity, 0, self.identity);
        }
        if let Some(set) = self.resource {
            let trust = set.is_trust();
            visit(if trust { PolicyType::Trust } else { PolicyType::Resource }, 0, set);
        }
        for (number, set) in (0_u32..).zip(self.endpoints) {
            visit(PolicyType::VpcEndpoint, number, set);
        }
        let is_organized = !caller.is_service_linked();
        let resource_control = if is_organized { self.resource_control } else { &[] };
        for (level, set) in (0_u32..).zip(resource_control) {
            visit(PolicyType::ResourceControl, level, set);
        }
        if !has_own_side {
            return;
        }
        if let Some(set) = self.permissions_boundary {
            visit(PolicyType::PermissionsBoundary, 0, set);
        }
        if let Some(set) = self.session {
            visit(PolicyType::Session, 0, set);
        }
        let service_control = if is_organized { self.service_control } else { &[] };
        for (level, set) in (0_u32..).zip(service_control) {
            visit(PolicyType::ServiceControl, level, set);
        }
    }
}

/// A policy that bore on a request.
#[derive(Clone, Debug)]
pub struct HeldPolicy {
    /// Its layer.
    pub layer: PolicyType,
    /// The level of the organisation, or which endpoint's; else 0.
    pub level: u32,
    /// Its name.
    pub label: Arc<str>,
    /// The policy; none where the layer is there and holds none.
    pub policy: Option<Arc<Policy>>,
}

/// The type of a policy, as reasons and denial texts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyType {
    /// A resource control policy.
    ResourceControl,
    /// A service control policy.
    ServiceControl,
    /// A VPC endpoint policy.
    VpcEndpoint,
    /// A resource-based policy.
    Resource,
    /// A role's trust policy.
    Trust,
    /// An identity-based policy.
    Identity,
    /// A permissions boundary.
    PermissionsBoundary,
    /// A session policy.
    Session,
}

/// The three outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Allowed.
    Allowed,
    /// Denied, because nothing that must allow does.
    ImplicitDeny,
    /// Denied by a statement that says so.
    ExplicitDeny,
}

/// A statement that decided: by its position, so that it costs nothing to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The type of its policy.
    pub policy: PolicyType,
    /// The level of the organisation, for its control policies; which of them, for VPC endpoints' policies; else 0.
    pub level: u32,
    /// The policy's position in its [`PolicySet`].
    pub position: u32,
    /// The statement within the policy, from 0.
    pub statement: u32,
}

/// What was decided, and by which statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    outcome: Outcome,
    decided_by: Option<PolicyType>,
    by: Reasons,
}

impl Decision {
    fn allowed(found: Matches) -> Decision {
        Decision { outcome: Outcome::Allowed, decided_by: None, by: found.allows }
    }

    fn denied(silent: PolicyType) -> Decision {
        let by = Reasons::default();
        Decision { outcome: Outcome::ImplicitDeny, decided_by: Some(silent), by }
    }

    fn denied_explicitly(decided_by: PolicyType, found: Matches) -> Decision {
        let outcome = Outcome::ExplicitDeny;
        Decision { outcome, decided_by: Some(decided_by), by: found.denies }
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// For a denial: the type of policy that denies, or that should have allowed and did not.
    pub fn decided_by(&self) -> Option<PolicyType> {
        self.decided_by
    }

    /// The statements that decided: all that allow, or all that deny; none for an implicit deny.
    /// In order of policy type, policy and statement.
    pub fn by(&self) -> impl Iterator<Item = &Reason> {
        self.by.iter()
    }

    /// Amazon's text for a denial. The control plane names the resource, the data plane does not.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
    ///
    /// ```
    /// # use policy::*;
    /// # let (principal, context) = (Principal::anonymous(), Context::new());
    /// # let request = AccessRequest { principal: &principal, action: "es:ESHttpGet",
    /// #     resource: "arn:aws:es:us-east-1:123456789012:domain/d/", resource_account: None,
    /// #     context: &context };
    /// let decision = evaluate(&Policies::NONE, &request);
    /// assert_eq!(
    ///     decision.denial_text("anonymous", "es:ESHttpGet", None),
    ///     "User: anonymous is not authorized to perform: es:ESHttpGet because no \
    ///      resource-based policy allows the es:ESHttpGet action",
    /// );
    /// ```
    pub fn denial_text(&self, principal: &str, action: &str, resource: Option<&str>) -> String {
        let mut text = format!("User: {principal} is not authorized to perform: {action}");
        if let Some(resource) = resource {
            text.push_str(&format!(" on resource: {resource}"));
        }
        let decided_by = self.decided_by.unwrap_or(PolicyType::Identity);
        // Recorded: an implicit denial by a service control policy reads as an explicit one.
        let explicit = self.outcome == Outcome::ExplicitDeny;
        if explicit || decided_by == PolicyType::ServiceControl {
            text.push_str(&format!(" with an explicit deny in {}", decided_by.explicit_noun()));
        } else {
            let noun = decided_by.implicit_noun();
            text.push_str(&format!(" because no {noun} allows the {action} action"));
        }
        text
    }
}

impl PolicyType {
    fn explicit_noun(self) -> &'static str {
        match self {
            PolicyType::ResourceControl => "a resource control policy",
            PolicyType::ServiceControl => "a service control policy",
            PolicyType::VpcEndpoint => "a VPC endpoint policy",
            PolicyType::Resource => "a resource-based policy",
            PolicyType::Trust => "the role trust policy",
            PolicyType::Identity => "an identity-based policy",
            PolicyType::PermissionsBoundary => "a permissions boundary",
            // Amazon's own plural.
            PolicyType::Session => "a sessions policy",
        }
    }

    fn implicit_noun(self) -> &'static str {
        match self {
            PolicyType::ResourceControl => "resource control policy",
            PolicyType::ServiceControl => "service control policy",
            PolicyType::VpcEndpoint => "VPC endpoint policy",
            PolicyType::Resource => "resource-based policy",
            PolicyType::Trust => "role trust policy",
            PolicyType::Identity => "identity-based policy",
            PolicyType::PermissionsBoundary => "permissions boundary",
            PolicyType::Session => "session policy",
        }
    }

    /// The name in JSON: `identity`, `resource`, `permissionsBoundary`, `session`,
    /// `serviceControl`, `resourceControl`, `vpcEndpoint`. A trust policy is its role's resource policy.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyType::ResourceControl => "resourceControl",
            PolicyType::ServiceControl => "serviceControl",
            PolicyType::VpcEndpoint => "vpcEndpoint",
            PolicyType::Resource | PolicyType::Trust => "resource",
            PolicyType::Identity => "identity",
            PolicyType::PermissionsBoundary => "permissionsBoundary",
            PolicyType::Session => "session",
        }
    }
}

impl Outcome {
    /// The name in JSON: `allowed`, `implicitDeny`, `explicitDeny`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::ImplicitDeny => "implicitDeny",
            Outcome::ExplicitDeny => "explicitDeny",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The statements that match, and how each layer grants.
struct Matches {
    allows: Reasons,
    denies: Reasons,
    every_level_allows: bool,
    every_endpoint_allows: bool,
    resource: PolicyLayer,
    identity: PolicyLayer,
    boundary: PolicyLayer,
    session: PolicyLayer,
    assumes_a_role: bool,
}

/// One type of policy.
#[derive(Clone, Copy)]
struct PolicyLayer {
    policy: PolicyType,
    /// How the strongest allowing statement names the caller.
    grant: Option<Grant>,
}

impl Matches {
    fn new(policies: &Policies<'_>, request: &AccessRequest<'_>) -> Matches {
        let question = Question::new(request);
        let mut found = Matches {
            allows: Reasons::default(),
            denies: Reasons::default(),
            every_level_allows: true,
            every_endpoint_allows: true,
            resource: PolicyLayer::new(PolicyType::Resource),
            identity: PolicyLayer::new(PolicyType::Identity),
            boundary: PolicyLayer::new(PolicyType::PermissionsBoundary),
            session: PolicyLayer::new(PolicyType::Session),
            assumes_a_role: assumes_a_role(&question),
        };
        policies.each_layer(request.principal, |policy, level, set| {
            let grant = found.scan(policy, level, set, &question);
            match policy {
                PolicyType::Identity => found.identity.grant = grant,
                PolicyType::Resource | PolicyType::Trust => {
                    found.resource = PolicyLayer { policy, grant };
                }
                PolicyType::PermissionsBoundary => found.boundary.grant = grant,
                PolicyType::Session => found.session.grant = grant,
                PolicyType::ServiceControl => found.every_level_allows &= grant.is_some(),
                PolicyType::VpcEndpoint => found.every_endpoint_allows &= grant.is_some(),
                PolicyType::ResourceControl => {}
            }
        });
        found
    }

    /// How the strongest allowing statement of a layer names the caller; its matching statements are kept as reasons.
    fn scan(
        &mut self,
        policy: PolicyType,
        level: u32,
        set: &PolicySet,
        question: &Question<'_>,
    ) -> Option<Grant> {
        let mut strongest = None;
        set.candidates(question, |StatementRow { member, statement: at, .. }, kind, statement| {
            if let Some(grant) = statement.matches(kind, question) {
                let reason = Reason { policy, level, position: member, statement: at };
                match statement.effect {
                    Effect::Deny => self.denies.insert(reason),
                    Effect::Allow => {
                        self.allows.insert(reason);
                        strongest = strongest.max(Some(grant));
                    }
                }
            }
        });
        strongest
    }

    /// The first layer that denies: reasons stand in the order of the layers.
    fn first_denial(&self) -> Option<PolicyType> {
        self.denies.iter().next().map(|reason| reason.policy)
    }

    /// Whether the resource policy is a role's trust policy, which must allow.
    fn asks_trust(&self, policies: &Policies<'_>) -> bool {
        self.resource.policy == PolicyType::Trust
            || (policies.resource.is_some() && self.assumes_a_role)
    }
}

/// `sts:AssumeRole…` on a role: whatever resource policy is given is its trust policy.
pub(crate) fn assumes_a_role(question: &Question<'_>) -> bool {
    const PREFIX: &str = "sts:AssumeRole";
    let head = question.action.get(..PREFIX.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(PREFIX))
        && question.target.segments.is_some_and(|[_, _, service, _, _, resource]| {
            service == "iam" && resource.starts_with("role/")
        })
}

impl PolicyLayer {
    fn new(policy: PolicyType) -> PolicyLayer {
        PolicyLayer { policy, grant: None }
    }

    /// An error that names this layer when it applies and does not allow.
    fn must_allow(&self, applies: bool) -> Result<(), PolicyType> {
        if applies && self.grant.is_none() { Err(self.policy) } else { Ok(()) }
    }
}

/// Reasons in order, without duplicates; the first few stand in place, the rest on the heap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Reasons {
    first: [Option<Reason>; 4],
    /// All of them, once there are more than fit in place.
    all: Vec<Reason>,
}

impl Reasons {
    fn insert(&mut self, reason: Reason) {
        if !self.all.is_empty() {
            if let Err(at) = self.all.binary_search(&reason) {
                self.all.insert(at, reason);
            }
            return;
        }
        let mut moving = Some(reason);
        for slot in &mut self.first {
            if *slot == moving {
                return;
            }
            if slot.is_none() || moving < *slot {
                std::mem::swap(slot, &mut moving);
            }
            if moving.is_none() {
                return;
            }
        }
        self.all = self.first.iter().flatten().copied().chain(moving).collect();
    }

    fn iter(&self) -> impl Iterator<Item = &Reason> {
        let in_place = if self.all.is_empty() { self.first.as_slice() } else { &[] };
        in_place.iter().flatten().chain(&self.all)
    }
}

#[cfg(test)]
mod tests;
