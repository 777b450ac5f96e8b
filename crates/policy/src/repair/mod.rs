//! What would allow a denied request: the smallest change to one policy, no wider than the request.
//!
//! Only layers that decided are changed. A change is an edit of the policy's text that parses, makes the evaluator allow the
//! question, and gains nothing but its action on its resource for its caller: the last is asked of the comparison of policies, which
//! proves it (`proof.rs`). Edits are tried by size, so that the first that is found is the smallest (`edit.rs`). Where no edit of one
//! policy does it, the answer says why.

mod edit;
mod narrow;
mod proof;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::document::{Policy, Statement, Version};
use crate::effect::Effect;
use crate::evaluate::{Decision, Outcome, PolicyType};
use crate::kind::{PolicyKind, ResourcePolicyKind};
use crate::parse::{DomainRules, ParseOptions, UnsupportedKeys};
use crate::principal::{CallerKind, PrincipalName};
use crate::set::PolicySet;
use crate::simulation::Simulation;
use crate::statement::Question;

use edit::Asked;

/// Whether a policy speaks for the caller alone: its own inline policy, its session's. Any other is changed for the caller by name.
pub type IsOwn<'f> = &'f dyn Fn(PolicyType, &str) -> bool;

/// What a denied question would be allowed by.
#[derive(Clone, Debug)]
pub enum Repair {
    /// It is allowed.
    Allowed,
    /// This change of one policy.
    Change(Box<Change>),
    /// More than one policy has to be changed: these.
    Several(Vec<ToChange>),
    /// No change of one policy allows this question and nothing else.
    Impossible(Impossible),
}

/// Which policy: its layer, its level of the organisation or which endpoint's (else 0), and its name in the layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPlace {
    /// The layer.
    pub layer: PolicyType,
    /// The level.
    pub level: u32,
    /// The policy's name and its position in the layer; none for a policy that is to be made.
    pub policy: Option<(String, usize)>,
}

/// A policy that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToChange {
    /// Which; without a name: some policy of that layer.
    pub place: PolicyPlace,
    /// Its statements that deny, from 0; none where it does not allow.
    pub denies: Vec<usize>,
}

/// Why there is no such change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// It carried no credentials: a policy that lets it in lets everybody in.
    Anonymous,
    /// The statement denies by a value that covers the request and cannot leave it out alone.
    Pattern {
        /// The policy.
        place: PolicyPlace,
        /// The statement, from 0.
        statement: usize,
        /// `Action`, `Resource` or `Principal`.
        element: &'static str,
        /// The value, as it is written.
        value: String,
    },
    /// That a change of this statement frees nothing else could not be proven.
    Undecided {
        /// The policy.
        place: PolicyPlace,
        /// The statement, from 0.
        statement: usize,
    },
    /// No text of a policy names this caller, action and resource and nothing else.
    Unnameable,
}

/// A change of one policy.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which policy.
    pub place: PolicyPlace,
    /// What is changed in it, in words.
    pub edits: Vec<String>,
    /// How much is changed: a value is 1, a statement 3, a policy 1 more.
    pub size: usize,
    /// The policy as it was; none where it is to be made.
    pub before: Option<Policy>,
    /// The policy as it would be.
    pub after: Policy,
    /// Whether it is no wider than the request among the actions that there are, and not among all names that an action could have.
    pub of_known_actions: bool,
}

/// The smallest change to one policy that would allow `question`; `actions` are those that there are, without which a pattern of
/// actions cannot leave out one.
///
/// ```
/// use policy::repair::{Repair, repair};
/// use policy::simulation::Simulation;
///
/// let question = Simulation::parse(
///     r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
///         "action": "es:ESHttpPut", "resource": "arn:aws:es:us-east-1:123456789012:domain/d/x",
///         "identityPolicies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
///             "Action": "es:ESHttpGet", "Resource": "arn:aws:es:us-east-1:123456789012:domain/d/x"}}]}"#,
/// )?;
/// let Repair::Change(change) = repair(&question, &|_, _| true, &[]) else { panic!("no change") };
/// assert_eq!(change.edits, ["add `es:ESHttpPut` to Action of statement 0"]);
/// # Ok::<(), policy::simulation::SimulationError>(())
/// ```
#[must_use]
pub fn repair(question: &Simulation, is_own: IsOwn<'_>, actions: &[String]) -> Repair {
    let outcome = question.decide().outcome();
    if outcome == Outcome::Allowed {
        return Repair::Allowed;
    }
    let Some(asked) = Asked::of(question, actions) else {
        let anonymous = question.principal.kind() == CallerKind::Anonymous;
        return Repair::Impossible(match anonymous {
            true => Impossible::Anonymous,
            false => Impossible::Unnameable,
        });
    };
    let repairer = Repairer { question, asked, is_own };
    match outcome {
        Outcome::ExplicitDeny => repairer.of_denials(),
        Outcome::Allowed | Outcome::ImplicitDeny => repairer.of_silence(),
    }
}

/// A statement that cannot leave the request out, and by which of its values; none where that is not proven.
struct Unnarrowed {
    at: usize,
    by: Option<narrow::Obstacle>,
}

impl Unnarrowed {
    fn at(self, place: PolicyPlace) -> Impossible {
        let statement = self.at;
        match self.by {
            Some(narrow::Obstacle { element, value }) => {
                Impossible::Pattern { place, statement, element, value }
            }
            None => Impossible::Undecided { place, statement },
        }
    }
}

/// One denied question.
struct Repairer<'q> {
    question: &'q Simulation,
    asked: Asked,
    is_own: IsOwn<'q>,
}

impl Repairer<'_> {
    /// Nothing denies; some layer that must allow does not.
    fn of_silence(&self) -> Repair {
        let Some(silent) = self.silent(self.question) else {
            return Repair::Impossible(Impossible::Unnameable);
        };
        let [layer] = silent.as_slice() else { return Repair::Several(silent) };
        let (layer, level) = (layer.place.layer, layer.place.level);
        let mut candidates = self.grants(self.question, layer, level);
        // In one account either side suffices.
        if layer == PolicyType::Identity && self.question.resource_policy.is_some() {
            candidates.extend(self.grants(self.question, PolicyType::Resource, 0));
        }
        candidates.sort_by_key(|change| change.size);
        let works = |change: &Change| self.flips(self.question, change);
        match candidates.into_iter().find(works) {
            Some(change) => Repair::Change(Box::new(change)),
            None => Repair::Impossible(Impossible::Unnameable),
        }
    }

    /// Statements deny: each has to be narrowed, and whatever is silent then has to allow.
    fn of_denials(&self) -> Repair {
        let denying = self.denying();
        let [one] = denying.as_slice() else { return Repair::Several(denying) };
        let place = one.place.clone();
        let Some(before) = policy_at(self.question, &place) else {
            return Repair::Impossible(Impossible::Unnameable);
        };
        let mut document = document_of(before);
        let mut narrowed = edit::Narrowed::default();
        let own = self.is_own_place(&place);
        for at in one.denies.iter().rev() {
            let kept = match self.narrowed(before, *at, own) {
                Ok(kept) => kept,
                Err(why) => return Repair::Impossible(why.at(place)),
            };
            edit::replace(&mut document, *at, &kept.written);
            narrowed.add(kept);
        }
        let Some(after) = parsed(&document, before) else {
            return Repair::Impossible(Impossible::Unnameable);
        };
        let edits = narrowed.edits.into_iter().rev().collect();
        let change = Change {
            place,
            edits,
            size: narrowed.size,
            before: Some(before.clone()),
            after,
            of_known_actions: narrowed.of_known,
        };
        let freed = with(self.question, &change.place, &change.after);
        match freed.decide().outcome() {
            Outcome::Allowed => Repair::Change(Box::new(change)),
            // A statement that denied is still there in another form.
            Outcome::ExplicitDeny => Repair::Impossible(Impossible::Unnameable),
            Outcome::ImplicitDeny => self.and_allowed(change, &freed, denying),
        }
    }

    /// A statement that denies, without the request.
    fn narrowed(&self, before: &Policy, at: usize, own: bool) -> Result<edit::Edited, Unnarrowed> {
        let statement = before.statements.get(at).ok_or(Unnarrowed { at, by: None })?;
        let edited = self.asked.without(statement, before.kind, own, at);
        let edited = edited.map_err(|by| Unnarrowed { at, by: Some(by) })?;
        let domain = self.asked.domain().filter(|_| before.kind.is_domain());
        let compared = proof::Compared { of_known: edited.of_known, domain: domain.as_deref() };
        let (old, new) = (&edited.seen_before, &edited.seen);
        match proof::only_asked(&self.asked, (Effect::Deny, compared), old, new) {
            true => Ok(edited),
            // Of the domain's paths it covers some alone.
            false => Err(Unnarrowed { at, by: edited.obstacle }),
        }
    }

    /// `change` frees the request of what denies it, and nothing allows it yet: the same policy may.
    fn and_allowed(
        &self,
        change: Change,
        freed: &Simulation,
        mut denying: Vec<ToChange>,
    ) -> Repair {
        let Some(silent) = self.silent(freed) else {
            return Repair::Impossible(Impossible::Unnameable);
        };
        let place = &change.place;
        let either = |layer| matches!(layer, PolicyType::Identity | PolicyType::Resource);
        let here = match silent.as_slice() {
            [one] => {
                let layer = one.place.layer;
                let same = (layer, one.place.level) == (place.layer, place.level);
                same || either(layer) && either(place.layer)
            }
            _ => false,
        };
        let mut granted = match here {
            true => self.grants(freed, place.layer, place.level),
            false => Vec::new(),
        };
        granted.retain(|it| it.place == *place);
        granted.sort_by_key(|it| it.size);
        match granted.into_iter().find(|it| self.flips(freed, it)) {
            Some(grant) => {
                let edits = change.edits.into_iter().chain(grant.edits).collect();
                let (size, of_known_actions) = (change.size + grant.size, change.of_known_actions);
                let before = change.before;
                Repair::Change(Box::new(Change { edits, size, before, of_known_actions, ..grant }))
            }
            None => {
                denying.extend(silent);
                Repair::Several(denying)
            }
        }
    }

    fn flips(&self, question: &Simulation, change: &Change) -> bool {
        change.applied_to(question).is_allowed()
    }

    fn is_own_place(&self, place: &PolicyPlace) -> bool {
        match &place.policy {
            None => matches!(place.layer, PolicyType::Identity | PolicyType::Session),
            Some((name, _)) => {
                place.layer == PolicyType::Session || (self.is_own)(place.layer, name)
            }
        }
    }

    /// Every policy with a statement that denies.
    fn denying(&self) -> Vec<ToChange> {
        let decision = self.question.decide();
        let mut found: Vec<ToChange> = Vec::new();
        for reason in decision.by() {
            let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
            let (layer, level, position) = (reason.policy, reason.level, at(reason.position));
            let name = self.question.layer(layer, level).and_then(|set| set.get(position));
            let name = name.map(|(name, _)| name.to_owned()).unwrap_or_default();
            let place = PolicyPlace { layer, level, policy: Some((name, position)) };
            match found.iter_mut().find(|it| it.place == place) {
                Some(known) => known.denies.push(at(reason.statement)),
                None => found.push(ToChange { place, denies: vec![at(reason.statement)] }),
            }
        }
        found
    }

    /// The layers that must allow and do not, in the order in which the evaluator asks them; none where an Allow of each would not do.
    fn silent(&self, question: &Simulation) -> Option<Vec<ToChange>> {
        let mut question = question.clone();
        let mut found: Vec<ToChange> = Vec::new();
        loop {
            let decision = question.decide();
            if decision.is_allowed() {
                return Some(found);
            }
            let layer =
                decision.decided_by().filter(|_| decision.outcome() == Outcome::ImplicitDeny)?;
            let level = silent_level(&question, layer)?;
            let place = PolicyPlace { layer, level, policy: None };
            if found.iter().any(|it| it.place == place) {
                return None;
            }
            let statement = self.asked.statement(kind_of(&question, layer), true)?;
            let document = json!({"Version": "2012-10-17", "Statement": [statement]});
            let allow = parsed_as(&document, kind_of(&question, layer))?;
            question = with(&question, &place, &allow);
            found.push(ToChange { place, denies: Vec::new() });
        }
    }

    /// Every edit of one policy of a layer that makes it allow the request and nothing else.
    fn grants(&self, question: &Simulation, layer: PolicyType, level: u32) -> Vec<Change> {
        let kind = kind_of(question, layer);
        let mut found = Vec::new();
        let place = |policy| PolicyPlace { layer, level, policy };
        let members = question.layer(layer, level).into_iter().flat_map(PolicySet::iter);
        for (position, (name, policy)) in members.enumerate() {
            let place = place(Some((name.to_owned(), position)));
            let own = self.is_own_place(&place);
            // What others have, too, and names no principals, is not extended: it would be for all of them.
            let extends = own || kind.has_principals();
            for (at, statement) in policy.statements.iter().enumerate().filter(|_| extends) {
                found.extend(self.extended(question, &place, policy, (at, statement)));
            }
            // Where it is others', too, a policy of the caller's own is the better place.
            if own || layer != PolicyType::Identity {
                found.extend(self.appended(&place, policy, own));
            }
        }
        // A policy of the caller's own can always be made, and so can one of a layer that has none.
        let is_new = match layer {
            PolicyType::Identity => true,
            PolicyType::ServiceControl | PolicyType::Session => found.is_empty(),
            _ => false,
        };
        if is_new {
            let place = place(None);
            let own = self.is_own_place(&place);
            let statement = self.asked.statement(kind, own);
            let document = statement.map(|it| json!({"Version": "2012-10-17", "Statement": [it]}));
            let after = document.and_then(|document| parsed_as(&document, kind));
            found.extend(after.map(|after| Change {
                place,
                edits: vec!["a new policy with one statement".to_owned()],
                size: edit::STATEMENT + 1,
                before: None,
                after,
                of_known_actions: false,
            }));
        }
        found
    }

    /// The policy with a value more in one statement that misses the request by that alone.
    fn extended(
        &self,
        question: &Simulation,
        place: &PolicyPlace,
        policy: &Policy,
        (at, statement): (usize, &Statement),
    ) -> Option<Change> {
        let request = question.request();
        let extended = self.asked.extended(statement, policy.kind, &Question::new(&request), at)?;
        let effect = (Effect::Allow, proof::Compared::default());
        if !proof::only_asked(&self.asked, effect, &extended.seen_before, &extended.seen) {
            return None;
        }
        let mut document = document_of(policy);
        edit::replace(&mut document, at, &extended.written);
        let after = parsed(&document, policy)?;
        Some(Change {
            place: place.clone(),
            edits: vec![extended.edit],
            size: extended.size,
            before: Some(policy.clone()),
            after,
            of_known_actions: false,
        })
    }

    /// The policy with one statement more.
    fn appended(&self, place: &PolicyPlace, policy: &Policy, own: bool) -> Option<Change> {
        if policy.version() == Version::V2008 && self.asked.is_escaped() {
            return None;
        }
        let statement = self.asked.statement(policy.kind, own)?;
        let mut document = document_of(policy);
        let size = edit::STATEMENT + usize::from(statement.get("Condition").is_some());
        document.get_mut("Statement")?.as_array_mut()?.push(statement);
        let after = parsed(&document, policy)?;
        let edits = vec![format!("add statement {}", policy.statements.len())];
        let (place, before) = (place.clone(), Some(policy.clone()));
        Some(Change { place, edits, size, before, after, of_known_actions: false })
    }
}

impl Change {
    /// Whether it changes a policy of this question's, too; `explained` is the question that it was made for.
    #[must_use]
    pub fn is_for(&self, question: &Simulation, explained: &Simulation) -> bool {
        match (policy_at(question, &self.place), &self.before) {
            (Some(policy), Some(before)) => policy == before,
            (None, None) => {
                question.principal.principal_arn() == explained.principal.principal_arn()
            }
            _ => false,
        }
    }

    /// What is decided about a question once it is applied.
    #[must_use]
    pub fn applied_to(&self, question: &Simulation) -> Decision {
        with(question, &self.place, &self.after).decide()
    }
}

/// The policy that a place names.
fn policy_at<'q>(question: &'q Simulation, place: &PolicyPlace) -> Option<&'q Policy> {
    let (_, position) = place.policy.as_ref()?;
    Some(question.layer(place.layer, place.level)?.get(*position)?.1)
}

/// How the policies of a layer are read.
fn kind_of(question: &Simulation, layer: PolicyType) -> PolicyKind {
    let generic = PolicyKind::Resource(ResourcePolicyKind::Generic);
    match layer {
        PolicyType::Identity => PolicyKind::Identity,
        PolicyType::Resource | PolicyType::Trust => {
            let set = question.resource_policy.as_ref();
            set.and_then(|set| set.get(0)).map_or(generic, |(_, policy)| policy.kind())
        }
        PolicyType::PermissionsBoundary => PolicyKind::Boundary,
        PolicyType::Session => PolicyKind::Session,
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
        PolicyType::VpcEndpoint => generic,
    }
}

/// The first level of a layer without an Allow that matches.
fn silent_level(question: &Simulation, layer: PolicyType) -> Option<u32> {
    let request = question.request();
    let asked = Question::new(&request);
    let allows = |set: &PolicySet| {
        set.statements().any(|(_, kind, statement)| {
            statement.effect == Effect::Allow && statement.matches(kind, &asked).is_some()
        })
    };
    let first = |mut sets: Box<dyn Iterator<Item = &PolicySet> + '_>| {
        sets.position(|set| !allows(set)).and_then(|at| u32::try_from(at).ok())
    };
    match layer {
        PolicyType::ServiceControl => first(Box::new(question.service_control.iter())),
        PolicyType::VpcEndpoint => first(Box::new(question.endpoints.iter().map(Arc::as_ref))),
        _ => Some(0),
    }
}

/// The question with a policy in the place of another, or beside those that are there.
fn with(question: &Simulation, place: &PolicyPlace, policy: &Policy) -> Simulation {
    let mut changed = question.clone();
    let replaced = |set: Option<&PolicySet>| {
        let mut members: Vec<(Arc<str>, Arc<Policy>)> = set
            .into_iter()
            .flat_map(PolicySet::members)
            .map(|(name, policy)| (Arc::clone(name), Arc::clone(policy)))
            .collect();
        let policy = Arc::new(policy.clone());
        let at = place.policy.as_ref().and_then(|(_, position)| members.get_mut(*position));
        match at {
            Some(member) => member.1 = policy,
            None => members.push(("new".into(), policy)),
        }
        PolicySet::new(members)
    };
    let set = replaced(question.layer(place.layer, place.level));
    let level = usize::try_from(place.level).unwrap_or(usize::MAX);
    match place.layer {
        PolicyType::Identity => changed.identity = set,
        PolicyType::Resource | PolicyType::Trust => changed.resource_policy = Some(set),
        PolicyType::PermissionsBoundary => changed.permissions_boundary = Some(set),
        PolicyType::Session => changed.session = Some(set),
        PolicyType::ServiceControl => {
            changed.service_control.get_mut(level).into_iter().for_each(|it| *it = set.clone());
        }
        PolicyType::ResourceControl => {
            changed.resource_control.get_mut(level).into_iter().for_each(|it| *it = set.clone());
        }
        PolicyType::VpcEndpoint => {
            let endpoint = changed.endpoints.get_mut(level);
            endpoint.into_iter().for_each(|it| *it = Arc::new(set.clone()));
        }
    }
    changed
}

fn document_of(policy: &Policy) -> Value {
    serde_json::from_str(&policy.to_string()).unwrap_or_default()
}

/// The changed text, read as the policy was, and pinned to the same principals.
fn parsed(document: &Value, before: &Policy) -> Option<Policy> {
    let after = parsed_as(document, before.kind)?;
    let pinned: Vec<(&str, &str)> = before
        .principals()
        .filter_map(|name| match name {
            PrincipalName::Arn { arn, unique_id: Some(id) } => Some((arn.as_str(), id.as_str())),
            _ => None,
        })
        .collect();
    Some(after.pinned(|arn| {
        pinned.iter().find(|(known, _)| *known == arn).map(|(_, id)| (*id).to_owned())
    }))
}

fn parsed_as(document: &Value, kind: PolicyKind) -> Option<Policy> {
    // A policy without statements would be one that nobody can set.
    if document.get("Statement")?.as_array()?.is_empty() {
        return None;
    }
    let domain = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
    let options = ParseOptions { bytes_max: None, domain };
    Policy::parse_with(&document.to_string(), kind, &options).ok()
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.layer {
            PolicyType::Identity => "identity policy",
            PolicyType::Resource => "resource policy",
            PolicyType::Trust => "trust policy",
            PolicyType::PermissionsBoundary => "permissions boundary",
            PolicyType::Session => "session policy",
            PolicyType::ServiceControl => "service control policy",
            PolicyType::ResourceControl => "resource control policy",
            PolicyType::VpcEndpoint => "VPC endpoint policy",
        };
        match &self.policy {
            Some((name, _)) => write!(f, "the {what} {name}"),
            None if self.layer == PolicyType::Identity => {
                f.write_str("a new inline policy of the caller")
            }
            None => write!(f, "a {what}"),
        }
    }
}

impl fmt::Display for ToChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denies.as_slice() {
            [] => write!(f, "{} must allow it", self.place),
            statements => {
                let numbers: Vec<String> = statements.iter().map(usize::to_string).collect();
                write!(f, "{} denies it in statement {}", self.place, numbers.join(", "))
            }
        }
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Impossible::Anonymous => f.write_str(
                "it carried no credentials: a policy that lets it in lets everybody in; sign the request",
            ),
            Impossible::Pattern { place, statement, element: "Principal", value } => write!(
                f,
                "statement {statement} of {place} denies {value}, of whom no policy can leave this caller out alone: no change of it frees this request and no other"
            ),
            Impossible::Pattern { place, statement, element, value } => write!(
                f,
                "statement {statement} of {place} denies by a pattern, {element} `{value}`, and a pattern cannot leave out one of what it covers: no change of it frees this request and no other"
            ),
            Impossible::Undecided { place, statement } => write!(
                f,
                "statement {statement} of {place} denies it, and that a change of it frees no other request could not be proven"
            ),
            Impossible::Unnameable => f.write_str(
                "no change of one policy names this caller, action and resource and nothing else",
            ),
        }
    }
}
