//! Which statements of a policy grant what they should not: the questions of IAM Access Analyzer's custom policy checks.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html>

use ipnet::IpNet;

use super::effort::{NAMES_MAX, PAIR_STEPS, TOO_MANY_STEPS};
use super::{Answer, Compared, Effort, Frame, callers, naming, run};
use crate::condition::{Condition, ConditionValues};
use crate::document::Statement;
use crate::effect::Effect;
use crate::principal::Principal;
use crate::{Policy, compare::search::Found};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granting {
    /// The Allow statements that grant it, counted from 0, in their order.
    pub statements: Vec<usize>,
    /// Why it is not known of another one whether it does.
    pub doubt: Option<String>,
}

impl Granting {
    fn doubted(why: &str) -> Self {
        Self { statements: Vec::new(), doubt: Some(why.to_owned()) }
    }

    fn or_doubt(mut self, why: Option<String>) -> Self {
        self.doubt = self.doubt.or(why);
        self
    }

    fn add(&mut self, statement: usize, answer: Answer) {
        match answer {
            Answer::Yes(_) => self.statements.push(statement),
            Answer::Unknown(why) => self.doubt = self.doubt.take().or(Some(why)),
            Answer::No => {}
        }
    }
}

/// The statements of `new` that allow something which `old` does not, each proven by a request.
///
/// ```
/// use policy::compare::{Effort, new_access};
/// use policy::{Policy, PolicyKind};
///
/// let may = |actions: &str| {
///     let text = format!(
///         r#"{{"Version": "2012-10-17", "Statement": [
///             {{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}},
///             {{"Effect": "Allow", "Action": [{actions}], "Resource": "*"}}]}}"#
///     );
///     Policy::parse(&text, PolicyKind::Identity)
/// };
/// let (old, new) = (may(r#""es:ESHttpHead""#)?, may(r#""es:ESHttpHead", "es:ESHttpPut""#)?);
/// assert_eq!(new_access(&old, &new, &Effort::of(1_000)).statements, [1]);
/// assert_eq!(new_access(&new, &old, &Effort::of(1_000)).statements, [0; 0]);
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn new_access(old: &Policy, new: &Policy, effort: &Effort) -> Granting {
    if let Some(granting) = undecided(&[old, new], effort) {
        return granting;
    }
    let compared = Compared::new(new, old, effort);
    let callers = callers::of(&[old, new], None);
    if !may_compare(new, old, callers.len(), effort) {
        return Granting::doubted(TOO_MANY_STEPS);
    }
    let sides: Vec<_> = callers.iter().map(|caller| compared.sides(caller)).collect();
    let found = by_statement(new, |statement| {
        super::first(
            sides
                .iter()
                .filter(|sides| names(statement, sides.caller))
                .map(|sides| compared.gained(sides, (statement, new.kind()))),
        )
    });
    found.or_doubt(callers::untold(&[old, new]))
}

/// Takes from `effort` what it takes to find, for so many callers, what bears on each: statements are compared with statements.
pub(super) fn may_compare(one: &Policy, other: &Policy, callers: usize, effort: &Effort) -> bool {
    let (own, others) = (one.statements.len(), other.statements.len());
    let pairs = callers.saturating_mul(own.saturating_add(others));
    let compares = pairs.saturating_add(others.saturating_mul(denies(one)).saturating_mul(callers));
    effort.step(compares.saturating_mul(PAIR_STEPS))
}

fn denies(policy: &Policy) -> usize {
    policy.statements.iter().filter(|statement| statement.effect == Effect::Deny).count()
}

/// Where there are more names than are compared.
fn undecided(policies: &[&Policy], effort: &Effort) -> Option<Granting> {
    let many = !effort.allows_names(callers::names(policies));
    many.then(|| Granting::doubted(&many_names()))
}

pub(super) fn many_names() -> String {
    format!("more than {NAMES_MAX} principals")
}

/// The statements of a resource policy that let in callers whom it does not name: a user of an account that it says nothing of, or
/// nobody in particular. A statement that fixes who they are by a condition grants no public access.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
///
/// ```
/// use policy::compare::{Effort, public_access};
/// use policy::{Policy, PolicyKind, ResourcePolicyKind};
///
/// let to = |principal: &str, condition: &str| {
///     let text = format!(
///         r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal},
///             "Action": "es:*", "Resource": "*", "Condition": {{{condition}}}}}}}"#
///     );
///     let policy = Policy::parse(&text, PolicyKind::Resource(ResourcePolicyKind::Generic))?;
///     Ok::<_, policy::ParseError>(public_access(&policy, &Effort::of(1_000)).statements)
/// };
/// assert_eq!(to(r#""*""#, "")?, [0]);
/// assert_eq!(to(r#"{"AWS": "arn:aws:iam::111122223333:user/John"}"#, "")?, [0; 0]);
/// assert_eq!(to(r#""*""#, r#""IpAddress": {"aws:SourceIp": "192.0.2.0/24"}"#)?, [0; 0]);
/// assert_eq!(to(r#""*""#, r#""IpAddress": {"aws:SourceIp": "0.0.0.0/1"}"#)?, [0]);
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn public_access(policy: &Policy, effort: &Effort) -> Granting {
    if let Some(granting) = undecided(&[policy], effort) {
        return granting;
    }
    let frame = Frame::alone(policy);
    let strangers = callers::strangers_to(policy);
    let found = by_statement(policy, |statement| {
        if statement.conditions.iter().any(fixes_the_caller) {
            return Answer::No;
        }
        let named = strangers.iter().filter(|caller| names(statement, caller));
        super::first(named.map(|caller| {
            let denies = naming(policy, caller, Effect::Deny);
            let confirm = |found: &Found| frame.allows(caller, found);
            run(caller, &[(statement, policy.kind())], &denies, &confirm, effort)
        }))
    });
    found.or_doubt(callers::untold(&[policy]))
}

fn by_statement(policy: &Policy, mut grants: impl FnMut(&Statement) -> Answer) -> Granting {
    let mut granting = Granting::default();
    for (at, statement) in policy.statements.iter().enumerate() {
        if statement.effect == Effect::Allow {
            granting.add(at, grants(statement));
        }
    }
    granting
}

fn names(statement: &Statement, caller: &Principal) -> bool {
    statement.principals.as_ref().is_none_or(|it| it.grant(caller, false).is_some())
}

/// Whether a condition holds for callers alone whom the policy names: by account, organization, network or source.
fn fixes_the_caller(condition: &Condition) -> bool {
    if condition.operator.negated || condition.if_exists || condition.quantifier.is_some() {
        return false;
    }
    let key = condition.key.folded();
    match &condition.values {
        ConditionValues::Networks(networks) => {
            key == "aws:sourceip" && networks.iter().all(is_narrow)
        }
        ConditionValues::Strings(_) | ConditionValues::Arns(_) => {
            let fixed = |value: &String| !value.contains(['*', '?']) && !value.contains("${");
            FIXING.contains(&key) && condition.written.iter().all(fixed)
        }
        _ => false,
    }
}

/// Whether a network is too small to be everybody's.
fn is_narrow(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() >= 8,
        IpNet::V6(network) => network.prefix_len() >= 32,
    }
}

/// Keys whose fixed values say who the caller is.
const FIXING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "kms:calleraccount",
    "lambda:eventsourcetoken",
];
