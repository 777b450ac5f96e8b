//! Why: the statements that decided, the nearest misses, the context keys that were not there.
//!
//! [`explain`] decides with [`evaluate`] itself, then walks every statement again, slowly, to say
//! which clause of it failed. Enforcement, simulation and explanation can therefore not disagree.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::condition::Condition;
use crate::context::{ContextKey, DocumentScope};
use crate::document::Statement;
use crate::effect::Effect;
use crate::evaluate::{Decision, Outcome, Policies, PolicyType, Reason, evaluate};
use crate::kind::PolicyKind;
use crate::request::AccessRequest;
use crate::set::PolicySet;
use crate::statement::Question;

/// At most this many misses are told.
const MISSES_MAX: usize = 10;

/// A decision with its reasons spelt out. It serializes to JSON and displays as prose.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The decision itself.
    #[serde(serialize_with = "outcome_name", rename = "decision")]
    pub decision: Decision,
    /// For a denial, the type of policy that denies or did not allow.
    #[serde(serialize_with = "type_name")]
    pub decided_by: Option<PolicyType>,
    /// The statements that decided.
    pub by: Vec<NamedReason>,
    /// Every policy that was considered.
    pub considered: Vec<ConsideredPolicy>,
    /// For an implicit denial, the allowing statements that came closest, nearest first.
    pub nearest_misses: Vec<NearMiss>,
    /// The context keys that were asked for and absent, as policies spell them, in the order in
    /// which they were first asked for.
    pub missing: Vec<String>,
}

/// A statement that decided, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedReason {
    /// The type of its policy.
    #[serde(serialize_with = "one_type_name")]
    pub policy: PolicyType,
    /// The label of its policy in the set.
    pub name: String,
    /// The statement within the policy, from 0.
    pub statement: u32,
    /// Its Sid, if it has one.
    pub sid: Option<String>,
}

/// A policy that was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsideredPolicy {
    /// The type of the policy.
    #[serde(serialize_with = "one_type_name")]
    pub policy: PolicyType,
    /// Its label.
    pub name: String,
    /// How many statements it has.
    pub statements: usize,
    /// The statements that match the request, from 0.
    pub matching: Vec<usize>,
}

/// A statement that would have allowed, but for one clause or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NearMiss {
    /// The statement.
    #[serde(flatten)]
    pub statement: NamedReason,
    /// The clauses that failed.
    pub failed: Vec<FailedClause>,
}

/// A clause that a request did not meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedClause {
    /// The element: `Principal`, `Action`, `Resource`, or a condition such as
    /// `StringEquals aws:username`.
    pub element: String,
    /// What the policy expects.
    pub expected: String,
    /// What the request has.
    pub seen: String,
}

/// Decides and explains. Slower than [`evaluate`]: meant for people, not for every request.
///
/// ```
/// use policy::simulation::Simulation;
///
/// let question = Simulation::parse(
///     r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
///         "action": "es:ESHttpPut", "resource": "arn:aws:es:us-east-1:123456789012:domain/d/x",
///         "identityPolicies": [{"Version": "2012-10-17", "Statement":
///             {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}}]}"#,
/// )?;
/// let explanation = question.explain();
/// let miss = &explanation.nearest_misses[0].failed[0];
/// assert_eq!((miss.element.as_str(), miss.expected.as_str()), ("Action", "es:ESHttpGet"));
/// assert_eq!(miss.seen, "es:ESHttpPut");
/// # Ok::<(), policy::simulation::SimulationError>(())
/// ```
pub fn explain(policies: &Policies<'_>, request: &AccessRequest<'_>) -> Explanation {
    let ReasonedDecision { decision, by, considered: _, missing, .. } =
        evaluate_with_reasons(policies, request);
    let question = Question::new(request);
    let sets = layers(policies, request);
    let mut considered = Vec::new();
    let mut misses = Vec::new();
    for (policy, _, set) in &sets {
        for (name, document) in set.iter() {
            let mut matching = Vec::new();
            for (at, statement) in document.statements.iter().enumerate() {
                let failed = failed_clauses(document.kind, statement, &question);
                if failed.is_empty() {
                    matching.push(at);
                } else if statement.effect == Effect::Allow {
                    let statement = NamedReason {
                        policy: *policy,
                        name: name.to_owned(),
                        statement: u32::try_from(at).unwrap_or(u32::MAX),
                        sid: statement.sid.clone(),
                    };
                    misses.push(NearMiss { statement, failed });
                }
            }
            let statements = document.statements.len();
            let name = name.to_owned();
            considered.push(ConsideredPolicy { policy: *policy, name, statements, matching });
        }
    }
    if decision.outcome() != Outcome::ImplicitDeny {
        misses.clear();
    }
    misses.sort_by_key(|miss| miss.failed.len());
    misses.truncate(MISSES_MAX);
    Explanation {
        decided_by: decision.decided_by(),
        decision,
        by,
        considered,
        nearest_misses: misses,
        missing,
    }
}

/// A decision as a record of the request tells it: fit for every request, and no reason is made up
/// that did not decide. Why a denied request missed the statements that it missed, [`explain`] says.
pub struct ReasonedDecision {
    /// The decision itself.
    pub decision: Decision,
    /// The statements that decided.
    pub by: Vec<NamedReason>,
    /// The type and the label of every policy that was considered.
    pub considered: Vec<(PolicyType, String)>,
    /// The absent context keys: [`Explanation::missing`].
    pub missing: Vec<String>,
    /// Whether a request that has those keys may be decided otherwise: a Deny asks for one where it is allowed, an Allow where it
    /// is denied implicitly, or every Deny that denies it.
    pub may_differ: bool,
}

/// Decides, and names the statements that decided.
///
/// ```
/// use policy::{
///     AccessRequest, Context, Policies, Policy, PolicyKind, PolicySet, Principal,
///     evaluate_with_reasons,
/// };
///
/// let policy = Policy::parse(
///     r#"{"Version": "2012-10-17", "Statement": [
///         {"Sid": "Search", "Effect": "Allow", "Action": "es:ESHttp*", "Resource": "*"}]}"#,
///     PolicyKind::Identity,
/// )?;
/// let identity = PolicySet::single("searchers", policy);
/// let (principal, context) =
///     (Principal::user("arn:aws:iam::123456789012:user/ann"), Context::new());
/// let request = AccessRequest {
///     principal: &principal,
///     action: "es:ESHttpGet",
///     resource: "arn:aws:es:us-east-1:123456789012:domain/logs/_search",
///     resource_account: None,
///     context: &context,
/// };
/// let policies = Policies { identity: &identity, ..Policies::NONE };
/// let reasoned = evaluate_with_reasons(&policies, &request);
/// assert!(reasoned.decision.is_allowed());
/// assert_eq!(reasoned.by[0].to_string(), "identity policy searchers, statement 0 (Search)");
/// # Ok::<(), policy::ParseError>(())
/// ```
pub fn evaluate_with_reasons(
    policies: &Policies<'_>,
    request: &AccessRequest<'_>,
) -> ReasonedDecision {
    let decision = evaluate(policies, request);
    let sets = layers(policies, request);
    let question = Question::new(request);
    let by = decision.by().map(|reason| named(&sets, reason)).collect();
    let mut considered = Vec::new();
    let mut missing = MissingKeys::default();
    for (policy, _, set) in &sets {
        considered.extend(set.iter().map(|(label, _)| (*policy, label.to_owned())));
        for (kind, statement) in set.asking() {
            missing.ask(kind, statement, &question);
        }
    }
    let missing = missing.keys;
    let may_differ = !missing.is_empty() && may_differ(&decision, &sets, &question);
    ReasonedDecision { decision, by, considered, missing, may_differ }
}

/// Whether absent keys had, or may have, a part in the decision.
fn may_differ(
    decision: &Decision,
    sets: &[(PolicyType, u32, &PolicySet)],
    question: &Question<'_>,
) -> bool {
    let asks = |kind: PolicyKind, statement: &Statement| {
        let mut missing = MissingKeys::default();
        missing.ask(kind, statement, question);
        !missing.keys.is_empty()
    };
    let any_asks = |effect: Effect| {
        let mut all = sets.iter().flat_map(|(_, _, set)| set.asking());
        all.any(|(kind, statement)| statement.effect == effect && asks(kind, statement))
    };
    let decided_asks = |reason: &Reason| {
        let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let place = (reason.policy, reason.level);
        let set = sets.iter().find(|(policy, level, _)| (*policy, *level) == place);
        let policy = set.and_then(|(_, _, set)| set.get(at(reason.position)));
        policy.is_some_and(|(_, policy)| {
            let statement = policy.statements.get(at(reason.statement));
            statement.is_some_and(|statement| asks(policy.kind, statement))
        })
    };
    match decision.outcome() {
        Outcome::Allowed => any_asks(Effect::Deny) || decision.by().any(decided_asks),
        Outcome::ExplicitDeny => decision.by().all(decided_asks),
        Outcome::ImplicitDeny => any_asks(Effect::Allow),
    }
}

/// The absent keys as they were found before statements that ask for none were passed over.
#[cfg(test)]
pub(crate) fn missing_of_all(policies: &Policies<'_>, request: &AccessRequest<'_>) -> Vec<String> {
    let (mut missing, question) = (MissingKeys::default(), Question::new(request));
    for (_, _, set) in layers(policies, request) {
        set.statements().for_each(|(_, kind, statement)| missing.ask(kind, statement, &question));
    }
    missing.keys
}

impl Explanation {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.decision.is_allowed()
    }
}

/// The sets that bear on the caller, with their type and level.
fn layers<'a>(
    policies: &Policies<'a>,
    request: &AccessRequest<'_>,
) -> Vec<(PolicyType, u32, &'a PolicySet)> {
    let mut layers = Vec::new();
    policies.each_layer(request.principal, |policy, level, set| layers.push((policy, level, set)));
    layers
}

fn named(sets: &[(PolicyType, u32, &PolicySet)], reason: &Reason) -> NamedReason {
    let set =
        sets.iter().find(|(policy, level, _)| (*policy, *level) == (reason.policy, reason.level));
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let policy = set.and_then(|(_, _, set)| set.get(at(reason.position)));
    NamedReason {
        policy: reason.policy,
        name: policy.map(|(label, _)| label.to_owned()).unwrap_or_default(),
        statement: reason.statement,
        sid: policy.and_then(|(_, it)| it.sid(at(reason.statement))).map(str::to_owned),
    }
}

fn failed_clauses(
    kind: PolicyKind,
    statement: &Statement,
    question: &Question<'_>,
) -> Vec<FailedClause> {
    let mut failed = Vec::new();
    let mut fail = |element: String, expected: String, seen: &str| {
        failed.push(FailedClause { element, expected, seen: seen.to_owned() });
    };
    if statement.names_principal(question).is_none()
        && let Some(principals) = &statement.principals
    {
        let names: Vec<&str> = principals.names.iter().map(|name| name.as_str()).collect();
        let element = if principals.negated { "NotPrincipal" } else { "Principal" };
        fail(element.to_owned(), names.join(", "), question.principal.arn());
    }
    if !statement.covers_action(kind, question) {
        let actions = &statement.actions;
        let sources: Vec<&str> = actions.patterns.iter().map(|it| it.source.as_str()).collect();
        let element = if actions.negated { "NotAction" } else { "Action" };
        fail(element.to_owned(), sources.join(", "), question.action);
    }
    if !statement.covers_resource(question)
        && let Some(resources) = &statement.resources
    {
        let sources: Vec<&str> = resources.patterns.iter().map(|it| it.source()).collect();
        let element = if resources.negated { "NotResource" } else { "Resource" };
        fail(element.to_owned(), sources.join(", "), question.target.text);
    }
    for condition in &statement.conditions {
        if !condition.is_met(statement.effect, question.context) {
            let element = format!("{} {}", condition.operator_name(), condition.key.written());
            fail(element, condition.written.join(", "), &seen(condition, question));
        }
    }
    failed
}

fn seen(condition: &Condition, question: &Question<'_>) -> String {
    match question.context.values(&condition.key) {
        Some(values) => values.join(", "),
        None => "no such key".to_owned(),
    }
}

/// The absent keys, each once.
#[derive(Default)]
struct MissingKeys {
    keys: Vec<String>,
    folded: std::collections::HashSet<String>,
}

impl MissingKeys {
    /// Asks as evaluation does: the variables of a resource once principal and action match, the
    /// conditions once the resource matches too.
    fn ask(&mut self, kind: PolicyKind, statement: &Statement, question: &Question<'_>) {
        if !statement.covers_action(kind, question) || statement.names_principal(question).is_none()
        {
            return;
        }
        for variable in statement.resource_variables() {
            self.note(&variable.key, question);
        }
        if !statement.covers_resource(question) {
            return;
        }
        // Of a document that is not told, nothing is absent.
        let told = question.context.scope() == DocumentScope::Told;
        let asked = statement.conditions.iter().filter(|it| told || !it.is_residual());
        for condition in asked {
            self.note(&condition.key, question);
            for variable in condition.variables() {
                self.note(&variable.key, question);
            }
        }
    }

    fn note(&mut self, key: &ContextKey, question: &Question<'_>) {
        if question.context.values(key).is_none() && self.folded.insert(key.folded().to_owned()) {
            self.keys.push(key.written().to_owned());
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.decision.outcome(), self.decided_by) {
            (Outcome::Allowed, _) | (_, None) => writeln!(f, "allowed")?,
            (Outcome::ExplicitDeny, Some(by)) => {
                let (article, noun) = spoken(by);
                writeln!(f, "denied explicitly by {article} {noun}")?;
            }
            (Outcome::ImplicitDeny, Some(by)) => {
                writeln!(f, "denied: no {} allows it", spoken(by).1)?;
            }
        }
        for reason in &self.by {
            writeln!(f, "  by {reason}")?;
        }
        for miss in &self.nearest_misses {
            writeln!(f, "  {} would allow, but", miss.statement)?;
            for FailedClause { element, expected, seen } in &miss.failed {
                writeln!(f, "    {element}: expected {expected}; the request has {seen}")?;
            }
        }
        for ConsideredPolicy { policy, name, statements, matching } in &self.considered {
            let (noun, matching) = (spoken(*policy).1, matching.len());
            writeln!(f, "  considered {noun} {name}: {matching} of {statements} match")?;
        }
        if !self.missing.is_empty() {
            writeln!(f, "  absent from the request: {}", self.missing.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for NamedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, statement {}", spoken(self.policy).1, self.name, self.statement)?;
        match &self.sid {
            Some(sid) => write!(f, " ({sid})"),
            None => Ok(()),
        }
    }
}

/// What a reader calls a policy of this type: the article and the words.
fn spoken(policy: PolicyType) -> (&'static str, &'static str) {
    match policy {
        PolicyType::ResourceControl => ("a", "resource control policy"),
        PolicyType::ServiceControl => ("a", "service control policy"),
        PolicyType::VpcEndpoint => ("a", "VPC endpoint policy"),
        PolicyType::Resource => ("a", "resource policy"),
        PolicyType::Trust => ("a", "trust policy"),
        PolicyType::Identity => ("an", "identity policy"),
        PolicyType::PermissionsBoundary => ("a", "permissions boundary"),
        PolicyType::Session => ("a", "session policy"),
    }
}

fn outcome_name<S: Serializer>(decision: &Decision, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(decision.outcome().as_str())
}

fn type_name<S: Serializer>(policy: &Option<PolicyType>, to: S) -> Result<S::Ok, S::Error> {
    policy.map(PolicyType::as_str).serialize(to)
}

fn one_type_name<S: Serializer>(policy: &PolicyType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(policy.as_str())
}

#[cfg(test)]
mod tests;
