//! Comparing policies by proof: is one wider than another, does it let outsiders in, who can?
//!
//! A policy allows the union of its Allow statements less the union of its Deny statements. What
//! one allows and another does not is therefore a union of differences of products, and each is
//! searched for a request (`search`) over exact models of patterns (`language`) and of context
//! values (`value`). A request that is found is shown to the evaluator before it is called a
//! witness; a search that ends without one is a proof; what cannot be decided says why.
//!
//! **The frame.** An identity policy is judged as if it alone spoke for a user. A resource policy is
//! judged as if the caller's own policies allowed everything and the resource were in another
//! account, so that what it grants, and to whom, is all that is compared. [`diff`] and [`gained`] judge
//! it of callers of the resource's account, too, as if nothing else spoke for them (`unaided`); the
//! checks of Access Analyzer do not. A resource control policy
//! is judged by what it leaves of `RCPFullAWSAccess`. Several values of a key
//! under an operator without `ForAllValues`/`ForAnyValue` are undefined at Amazon and not tried.

mod batch;
mod callers;
mod effort;
mod granting;
mod language;
mod search;
mod unaided;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

use crate::arn::account_of;
use crate::document::Statement;
use crate::principal::Grant;
use crate::{
    AccessRequest, CallerKind, Context, Effect, Policies, Policy, PolicyKind, PolicySet, Principal,
    evaluate,
};
pub use batch::answer;
pub use effort::Effort;
use effort::PAIR_STEPS;
pub use granting::{Granting, new_access, public_access};
use search::{Found, PlacedStatement, Search, SearchEnd};
pub use unaided::OwnSide;

/// How what NEW allows relates to what OLD allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They allow the same requests.
    Equal,
    /// NEW allows less.
    Narrower,
    /// NEW allows more.
    Wider,
    /// Each allows something that the other does not.
    Incomparable,
    /// Not decided, and why.
    Unknown(String),
}

/// Whether there is a request of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes: this one. The evaluator itself confirms it.
    Yes(Box<Witness>),
    /// Proven: no.
    No,
    /// Not decided, and why.
    Unknown(String),
}

/// A concrete request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Who asks.
    pub principal: Principal,
    /// For which action.
    pub action: String,
    /// On which resource.
    pub resource: String,
    /// In which context.
    pub context: Context,
    /// What else speaks for it.
    pub own_side: OwnSide,
}

impl Answer {
    /// The same of a caller for which this speaks.
    fn of_callers_with(mut self, own_side: OwnSide) -> Answer {
        if let Answer::Yes(witness) = &mut self {
            witness.own_side = own_side;
        }
        self
    }
}

/// What [`diff`] found, in both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Is there a request that NEW allows and OLD does not?
    pub gained: Answer,
    /// Is there a request that OLD allows and NEW does not?
    pub lost: Answer,
}

impl Difference {
    /// The two answers in one word.
    pub fn verdict(&self) -> Verdict {
        match (&self.gained, &self.lost) {
            (Answer::Unknown(why), _) | (_, Answer::Unknown(why)) => Verdict::Unknown(why.clone()),
            (Answer::No, Answer::No) => Verdict::Equal,
            (Answer::No, Answer::Yes(_)) => Verdict::Narrower,
            (Answer::Yes(_), Answer::No) => Verdict::Wider,
            (Answer::Yes(_), Answer::Yes(_)) => Verdict::Incomparable,
        }
    }
}

/// Compares what two policies of one kind allow.
///
/// ```
/// use policy::compare::{Answer, Verdict, diff};
/// use policy::{Policy, PolicyKind};
///
/// let may = |action: &str| {
///     let text = format!(
///         r#"{{"Version": "2012-10-17",
///             "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
///     );
///     Policy::parse(&text, PolicyKind::Identity)
/// };
/// let difference = diff(&may("es:ESHttpGet")?, &may("es:ESHttp*")?);
/// assert_eq!(difference.verdict(), Verdict::Wider);
/// let Answer::Yes(witness) = difference.gained else { panic!("nothing is gained") };
/// assert!(witness.action.starts_with("es:ESHttp"));
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn diff(old: &Policy, new: &Policy) -> Difference {
    let (old, new) = (as_compared(old), as_compared(new));
    let callers = callers::of(&[&old, &new], None);
    let effort = Effort::unbounded();
    Difference {
        gained: allowed_by_first_only(&new, &old, &callers, &effort),
        lost: allowed_by_first_only(&old, &new, &callers, &effort),
    }
}

/// Whether `new` allows what `old` does not: the first half of [`diff`], within `effort`.
///
/// ```
/// use policy::compare::{Answer, Effort, gained};
/// use policy::{Policy, PolicyKind};
///
/// let may = |action: &str| {
///     let text = format!(
///         r#"{{"Version": "2012-10-17",
///             "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
///     );
///     Policy::parse(&text, PolicyKind::Identity)
/// };
/// let (narrow, wide) = (may("es:ESHttpGet")?, may("es:ESHttp*")?);
/// assert!(matches!(gained(&narrow, &wide, &Effort::of(1_000)), Answer::Yes(_)));
/// assert_eq!(gained(&wide, &narrow, &Effort::of(1_000)), Answer::No);
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn gained(old: &Policy, new: &Policy, effort: &Effort) -> Answer {
    let (old, new) = (as_compared(old), as_compared(new));
    if !effort.allows_names(callers::names(&[&old, &new])) {
        return Answer::Unknown(granting::many_names());
    }
    let callers = callers::of(&[&old, &new], None);
    match granting::may_compare(&new, &old, callers.len(), effort) {
        true => allowed_by_first_only(&new, &old, &callers, effort),
        false => Answer::Unknown(effort::TOO_MANY_STEPS.to_owned()),
    }
}

/// A resource control policy with `RCPFullAWSAccess`, of which it takes away; any other policy as it is.
fn as_compared(policy: &Policy) -> Cow<'_, Policy> {
    const FULL_ACCESS: &str = r#"{"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    match (policy.kind(), Policy::parse(FULL_ACCESS, PolicyKind::ResourceControl)) {
        (PolicyKind::ResourceControl, Ok(mut full)) => {
            full.statements.extend(policy.statements.iter().cloned());
            Cow::Owned(full)
        }
        _ => Cow::Borrowed(policy),
    }
}

/// Whether `policy`, on a resource of `account`, lets anyone outside that account in: another
/// account's principal whose own policies allow it, or nobody in particular.
///
/// ```
/// use policy::compare::{Answer, public};
/// use policy::{Policy, PolicyKind, ResourcePolicyKind};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
///     "Action": "es:*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/logs/*"}}"#;
/// let open = Policy::parse(text, PolicyKind::Resource(ResourcePolicyKind::Domain))?;
/// assert!(matches!(public(&open, "123456789012"), Answer::Yes(_)));
/// let text = text.replace(r#""*","#, r#"{"AWS": "123456789012"},"#);
/// let own = Policy::parse(&text, PolicyKind::Resource(ResourcePolicyKind::Domain))?;
/// assert_eq!(public(&own, "123456789012"), Answer::No);
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn public(policy: &Policy, account: &str) -> Answer {
    let outside = |caller: &Principal| caller.account() != Some(account);
    let callers: Vec<Principal> =
        callers::of(&[policy], Some(account)).into_iter().filter(outside).collect();
    first(callers.iter().flat_map(|caller| {
        let denies = naming(policy, caller, Effect::Deny);
        let frame = Frame::alone(policy);
        naming(policy, caller, Effect::Allow).into_iter().map(move |allow| {
            let confirm = |found: &Found| frame.allows(caller, found);
            run(caller, &[allow], &denies, &confirm, &Effort::unbounded())
        })
    }))
}

/// A caller and the identity policy that speaks for it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The caller.
    pub principal: Principal,
    /// Its identity policy.
    pub policy: Policy,
}

/// What limits every caller, whoever else allows: policies around a resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds<'p> {
    /// Resource control policies of the resource's account.
    pub resource_control: &'p [Policy],
    /// The policies of the VPC endpoints that requests come through: each must allow.
    pub endpoints: &'p [Policy],
}

/// Who can do `action` on `resource`, under the policies given: one answer for each holder of an
/// identity policy and for each kind of caller that the resource policy tells apart, the witness
/// showing the context it takes. `named` are further callers to answer for, whom other documents than policies name. Callers of
/// other accounts than the resource's are taken to be allowed by their own policies.
///
/// ```
/// use policy::compare::{Answer, Bounds, Holder, who_can};
/// use policy::{Policy, PolicyKind, Principal};
///
/// let holder = |name: &str, action: &str| {
///     let text = format!(
///         r#"{{"Version": "2012-10-17",
///             "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
///     );
///     let principal = Principal::user(format!("arn:aws:iam::123456789012:user/{name}"));
///     Policy::parse(&text, PolicyKind::Identity).map(|policy| Holder { principal, policy })
/// };
/// let holders = [holder("ann", "es:*")?, holder("bob", "iam:*")?];
/// let resource = "arn:aws:es:us-east-1:123456789012:domain/logs/_search";
/// let answers = who_can("es:ESHttpGet", resource, None, &holders, &[], Bounds::default());
/// let may: Vec<_> = answers.iter().map(|(_, answer)| matches!(answer, Answer::Yes(_))).collect();
/// assert_eq!(may, [true, false]);
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn who_can(
    action: &str,
    resource: &str,
    resource_policy: Option<&Policy>,
    holders: &[Holder],
    named: &[Principal],
    bounds: Bounds<'_>,
) -> Vec<(Principal, Answer)> {
    let mut others: Vec<Principal> = resource_policy
        .map(|policy| {
            let around = bounds.resource_control.iter().chain(bounds.endpoints);
            let policies: Vec<&Policy> = std::iter::once(policy).chain(around).collect();
            callers::of(&policies, account_of(resource))
        })
        .unwrap_or_default();
    for caller in named {
        // The role's own sessions are one caller, whatever the session is called.
        let is_known = |it: &Principal| match caller.kind() {
            CallerKind::AssumedRole => it.principal_arn() == caller.principal_arn(),
            _ => it == caller,
        };
        if !others.iter().chain(holders.iter().map(|it| &it.principal)).any(is_known) {
            others.push(caller.clone());
        }
    }
    let strangers = others
        .into_iter()
        .filter(|caller| !holders.iter().any(|holder| holder.principal == *caller));
    let everyone = holders
        .iter()
        .map(|holder| (holder.principal.clone(), Some(&holder.policy)))
        .chain(strangers.map(|caller| (caller, None)));
    everyone
        .map(|(caller, identity)| {
            let answer = can((action, resource), resource_policy, &caller, identity, bounds);
            (caller, answer)
        })
        .collect()
}

fn can(
    (action, resource): (&str, &str),
    resource_policy: Option<&Policy>,
    caller: &Principal,
    identity: Option<&Policy>,
    bounds: Bounds<'_>,
) -> Answer {
    let account = account_of(resource).filter(|account| !account.is_empty());
    let away = caller.account().is_some() && caller.account() != account;
    let frame = Frame {
        identity: match identity {
            Some(policy) => PolicySet::single("identity", policy.clone()),
            None if away => everything(),
            None => PolicySet::default(),
        },
        resource: resource_policy.map(|policy| PolicySet::single("resource", policy.clone())),
        account: account.map(str::to_owned),
        at_home: false,
        resource_control: vec![PolicySet::new(labelled(bounds.resource_control))],
        endpoints: labelled(bounds.endpoints)
            .map(|labelled| Arc::new(PolicySet::new([labelled])))
            .collect(),
    };
    let both = |effect| {
        let policies = [resource_policy, identity].into_iter().flatten();
        policies.flat_map(|policy| naming(policy, caller, effect)).collect::<Vec<_>>()
    };
    let organized = if caller.is_service_linked() { &[] } else { bounds.resource_control };
    let around = organized.iter().chain(bounds.endpoints);
    let around = around.flat_map(|policy| naming(policy, caller, Effect::Deny));
    let denies: Vec<_> = both(Effect::Deny).into_iter().chain(around).collect();
    let through = allowed_through(bounds.endpoints, caller);
    let confirm = |found: &Found| frame.allows(caller, found);
    let search = Search {
        principal: caller,
        is_itself: identity.is_some(),
        action: Some(action),
        resource: Some(resource),
        account: None,
        confirm: &confirm,
        effort: &Effort::unbounded(),
    };
    first(both(Effect::Allow).into_iter().flat_map(|allow| {
        let wanted = through.iter().map(move |through| [&[allow], through.as_slice()].concat());
        wanted.map(|wanted| as_answer(caller, search.run(&wanted, &denies))).collect::<Vec<_>>()
    }))
}

fn labelled(policies: &[Policy]) -> impl Iterator<Item = (String, Arc<Policy>)> {
    (1..).zip(policies).map(|(number, it): (usize, _)| (number.to_string(), Arc::new(it.clone())))
}

/// Every choice of one Allow statement of each endpoint's policy: a request is in all of one of them.
fn allowed_through<'p>(
    endpoints: &'p [Policy],
    caller: &Principal,
) -> Vec<Vec<PlacedStatement<'p>>> {
    endpoints.iter().fold(vec![Vec::new()], |choices, endpoint| {
        let allows = naming(endpoint, caller, Effect::Allow);
        let with = |choice: Vec<PlacedStatement<'p>>| {
            allows
                .iter()
                .map(move |allow| [choice.as_slice(), &[*allow]].concat())
                .collect::<Vec<_>>()
        };
        choices.into_iter().flat_map(with).collect()
    })
}

/// A request that `one` allows and `other` does not.
fn allowed_by_first_only(
    one: &Policy,
    other: &Policy,
    callers: &[Principal],
    effort: &Effort,
) -> Answer {
    let compared = Compared::new(one, other, effort);
    let aided = callers.iter().flat_map(|caller| {
        let sides = compared.sides(caller);
        let allows = naming(one, caller, Effect::Allow).into_iter();
        allows.map(|allow| compared.gained(&sides, allow)).collect::<Vec<_>>()
    });
    let unaided = callers.iter().flat_map(|caller| unaided::gained(&compared, caller));
    first(aided.chain(unaided))
}

/// Two policies, and what one allows and the other does not.
struct Compared<'p> {
    one: &'p Policy,
    other: &'p Policy,
    one_frame: Frame,
    other_frame: Frame,
    effort: &'p Effort,
}

/// What bears on the requests of one caller.
struct Sides<'p, 'c> {
    caller: &'c Principal,
    denies: Vec<PlacedStatement<'p>>,
    other_allows: Vec<PlacedStatement<'p>>,
    /// The Deny statements that the first policy does not have, too.
    other_denies: Vec<PlacedStatement<'p>>,
    own_side: OwnSide,
}

impl<'p> Compared<'p> {
    fn new(one: &'p Policy, other: &'p Policy, effort: &'p Effort) -> Self {
        let (one_frame, other_frame) = (Frame::alone(one), Frame::alone(other));
        Self { one, other, one_frame, other_frame, effort }
    }

    fn sides<'c>(&self, caller: &'c Principal) -> Sides<'p, 'c> {
        let denies = naming(self.one, caller, Effect::Deny);
        let other_denies = naming(self.other, caller, Effect::Deny)
            .into_iter()
            .filter(|deny| !denies.iter().any(|own| is_same(own.0, deny.0)))
            .collect();
        let other_allows = naming(self.other, caller, Effect::Allow);
        let own_side = OwnSide::AllowsEverything;
        Sides { caller, denies, other_allows, other_denies, own_side }
    }

    /// A request in `allow`, an Allow of the first policy, in no Deny of it, and in no Allow of the other or in a Deny of it.
    fn gained(&self, sides: &Sides<'p, '_>, allow: PlacedStatement<'p>) -> Answer {
        let Sides { caller, denies, other_allows, other_denies, own_side } = sides;
        if !self.effort.step(PAIR_STEPS.saturating_mul(other_allows.len() + other_denies.len())) {
            return Answer::Unknown(effort::TOO_MANY_STEPS.to_owned());
        }
        let confirm = |found: &Found| {
            self.one_frame.allows_with(*own_side, caller, found)
                && !self.other_frame.allows_with(*own_side, caller, found)
        };
        let run = |wanted: &[PlacedStatement<'p>], refused: &[PlacedStatement<'p>]| {
            let (action, resource) = (None, None);
            let account = caller.account().filter(|_| *own_side != OwnSide::AllowsEverything);
            let search = Search {
                principal: caller,
                is_itself: false,
                action,
                resource,
                account,
                confirm: &confirm,
                effort: self.effort,
            };
            as_answer(caller, search.run(wanted, refused)).of_callers_with(*own_side)
        };
        let mut answers = Vec::new();
        if !other_allows.iter().any(|other| is_same(other.0, allow.0)) {
            let refused = [denies.as_slice(), other_allows.as_slice()].concat();
            answers.push(run(&[allow], &refused));
        }
        answers.extend(other_denies.iter().map(|deny| run(&[allow, *deny], denies)));
        first(answers.into_iter())
    }
}

/// The policies under which the evaluator confirms a witness.
struct Frame {
    identity: PolicySet,
    resource: Option<PolicySet>,
    account: Option<String>,
    /// Whether every resource is in the caller's account: an identity policy alone allows nothing elsewhere.
    at_home: bool,
    resource_control: Vec<PolicySet>,
    endpoints: Vec<Arc<PolicySet>>,
}

impl Frame {
    fn alone(policy: &Policy) -> Frame {
        if policy.kind().has_principals() {
            let resource = Some(PolicySet::single("resource", policy.clone()));
            // No caller is of this account: everyone comes with policies that allow everything.
            let account = Some("000000000000".to_owned());
            Frame { resource, account, at_home: false, ..Frame::of(everything()) }
        } else {
            Frame::of(PolicySet::single("identity", policy.clone()))
        }
    }

    fn of(identity: PolicySet) -> Frame {
        let (resource_control, endpoints) = (Vec::new(), Vec::new());
        Frame {
            identity,
            resource: None,
            account: None,
            at_home: true,
            resource_control,
            endpoints,
        }
    }

    fn allows(&self, caller: &Principal, found: &Found) -> bool {
        self.allows_with(OwnSide::AllowsEverything, caller, found)
    }

    /// With the frame's own identity policies, or as a caller of the resource's account with less.
    fn allows_with(&self, own_side: OwnSide, caller: &Principal, found: &Found) -> bool {
        let nothing = PolicySet::empty();
        let aided = own_side == OwnSide::AllowsEverything;
        // A federated user has what its session policies leave of its user's: here, all.
        let session = (caller.kind() == CallerKind::FederatedUser).then(everything);
        let policies = Policies {
            identity: if aided { &self.identity } else { &nothing },
            resource: self.resource.as_ref(),
            permissions_boundary: (own_side == OwnSide::IsBarred).then_some(&nothing),
            session: session.as_ref(),
            resource_control: &self.resource_control,
            endpoints: &self.endpoints,
            ..Policies::NONE
        };
        let request = AccessRequest {
            principal: caller,
            action: &found.action,
            resource: &found.resource,
            resource_account: match self.at_home || !aided {
                true => caller.account(),
                false => self.account.as_deref(),
            },
            context: &found.context,
        };
        evaluate(&policies, &request).is_allowed()
    }
}

fn run(
    caller: &Principal,
    wanted: &[PlacedStatement<'_>],
    refused: &[PlacedStatement<'_>],
    confirm: &dyn Fn(&Found) -> bool,
    effort: &Effort,
) -> Answer {
    let (action, resource, account) = (None, None, None);
    let is_itself = false;
    let search =
        Search { principal: caller, is_itself, action, resource, account, confirm, effort };
    as_answer(caller, search.run(wanted, refused))
}

fn as_answer(caller: &Principal, ended: SearchEnd) -> Answer {
    match ended {
        SearchEnd::Nothing => Answer::No,
        SearchEnd::Undecided(why) => Answer::Unknown(why),
        SearchEnd::Found(Found { action, resource, context }) => {
            let (principal, own_side) = (caller.clone(), OwnSide::AllowsEverything);
            Answer::Yes(Box::new(Witness { principal, action, resource, context, own_side }))
        }
    }
}

/// The first yes; else the first doubt; else no.
fn first(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut doubt = None;
    for answer in answers {
        match answer {
            Answer::Yes(_) => return answer,
            Answer::Unknown(_) => doubt = doubt.or(Some(answer)),
            Answer::No => {}
        }
    }
    doubt.unwrap_or(Answer::No)
}

/// The statements of one effect that name the caller; all of them where a policy names nobody.
fn naming<'p>(policy: &'p Policy, caller: &Principal, effect: Effect) -> Vec<PlacedStatement<'p>> {
    naming_at_least(policy, caller, effect, Grant::Account)
}

/// The same, of those that name it so, or more closely.
fn naming_at_least<'p>(
    policy: &'p Policy,
    caller: &Principal,
    effect: Effect,
    least: Grant,
) -> Vec<PlacedStatement<'p>> {
    let names = |statement: &Statement| {
        let denies = effect == Effect::Deny;
        statement.principals.as_ref().is_none_or(|it| it.grant(caller, denies) >= Some(least))
    };
    let statements = policy.statements.iter().filter(|it| it.effect == effect && names(it));
    statements.map(|statement| (statement, policy.kind())).collect()
}

/// The same statement, whatever its `Sid` and its place.
fn is_same(one: &Statement, other: &Statement) -> bool {
    let conditions = |statement: &Statement| {
        let mut conditions = statement.conditions.clone();
        for condition in &mut conditions {
            condition.pointer.clear();
        }
        conditions
    };
    one.actions == other.actions
        && one.resources == other.resources
        && conditions(one) == conditions(other)
}

/// A policy that allows everything.
fn everything() -> PolicySet {
    const TEXT: &str = r#"{"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    match Policy::parse(TEXT, PolicyKind::Identity) {
        Ok(policy) => PolicySet::single("everything", policy),
        Err(_) => PolicySet::default(),
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod sampling;
