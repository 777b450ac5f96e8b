//! One question with everything that bears on it, as one JSON document: what
//! `countersign policy simulate --batch` reads a line at a time, and what the test corpus holds.
//!
//! ```
//! let answer = policy::simulation::answer(
//!     r#"{"principal": {"arn": "arn:aws:iam::123456789012:user/ann", "type": "user"},
//!         "action": "es:ESHttpGet", "resource": "arn:aws:es:us-east-1:123456789012:domain/d/x",
//!         "identityPolicies": [{"Version": "2012-10-17", "Statement":
//!             {"Sid": "A", "Effect": "Allow", "Action": "es:*", "Resource": "*"}}]}"#,
//! )?;
//! assert_eq!(
//!     answer,
//!     r#"{"decision":"allowed","by":[{"policy":"identity","statement":0,"sid":"A"}],"missing":[]}"#,
//! );
//! # Ok::<(), policy::simulation::SimulationError>(())
//! ```

use std::{fmt, sync::Arc};

use serde_json::json;

use crate::arn::account_of;
use crate::arn::six_segments;
use crate::context::{Context, DocumentScope};
use crate::document::Policy;
use crate::evaluate::{Decision, HeldPolicy, Policies, PolicyType, evaluate};
use crate::explain::{Explanation, explain};
use crate::json::{self, JsonKind, JsonMember, JsonNode, TextPlace};
use crate::kind::{PolicyKind, ResourcePolicyKind};
use crate::parse::{DomainRules, UnsupportedKeys};
use crate::partial::residual;
use crate::principal::Principal;
use crate::request::AccessRequest;
use crate::residual::Residual;
use crate::set::PolicySet;

/// A question and the policies that bear on it.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Who asks.
    pub principal: Principal,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Whose it is, where the resource's ARN does not say.
    pub resource_account: Option<String>,
    /// What else is known.
    pub context: Context,
    /// Identity policies.
    pub identity: PolicySet,
    /// The resource's policy.
    pub resource_policy: Option<PolicySet>,
    /// The permissions boundary.
    pub permissions_boundary: Option<PolicySet>,
    /// Session policies.
    pub session: Option<PolicySet>,
    /// Service control policies, a set per level.
    pub service_control: Vec<PolicySet>,
    /// Resource control policies of the resource's account, a set per level.
    pub resource_control: Vec<PolicySet>,
    /// The policies of the VPC endpoints that the request comes through.
    pub endpoints: Vec<Arc<PolicySet>>,
}

/// Why a question cannot be answered: what is wrong with it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulationError {
    /// What was seen and what was expected.
    pub message: String,
}

/// Answers one question: `{"decision":…,"by":[{"policy":…,"statement":…,"sid":…}],"missing":[…]}`.
///
/// # Errors
/// When the line is not a question.
pub fn answer(line: &str) -> Result<String, SimulationError> {
    Ok(Simulation::parse(line)?.answer())
}

/// What a caller is called in a question: the `type` of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerType {
    /// `user`
    User,
    /// `assumed-role`
    AssumedRole,
    /// `root`
    Root,
    /// `federated-user`
    FederatedUser,
    /// `anonymous`
    Anonymous,
}

impl CallerType {
    const NAMES: [(&'static str, CallerType); 5] = [
        ("user", CallerType::User),
        ("assumed-role", CallerType::AssumedRole),
        ("root", CallerType::Root),
        ("federated-user", CallerType::FederatedUser),
        ("anonymous", CallerType::Anonymous),
    ];

    /// The type by its name.
    pub fn named(name: &str) -> Option<CallerType> {
        CallerType::NAMES.iter().find(|(known, _)| *known == name).map(|(_, it)| *it)
    }

    /// The type that an ARN (or `anonymous`) tells by itself.
    pub fn of(arn: &str) -> Option<CallerType> {
        if arn == "anonymous" {
            return Some(CallerType::Anonymous);
        }
        let [_, _, service, _, _, resource] = six_segments(arn)?;
        match (service, resource.split('/').next()?) {
            ("iam", "user") => Some(CallerType::User),
            ("iam", "root") => Some(CallerType::Root),
            ("sts", "assumed-role") => Some(CallerType::AssumedRole),
            ("sts", "federated-user") => Some(CallerType::FederatedUser),
            _ => None,
        }
    }
}

/// The caller with this ARN. A session's role is the one that `role` names, by default the one
/// without a path; a federated user's user is the one of the same name.
///
/// # Errors
/// When the ARN is not one of a caller of that type.
///
/// ```
/// use policy::simulation::{CallerType, caller};
///
/// let session = "arn:aws:sts::123456789012:assumed-role/app/s";
/// let principal = caller(session, CallerType::AssumedRole, None)?;
/// assert_eq!(principal.parent(), Some("arn:aws:iam::123456789012:role/app"));
/// assert!(caller(session, CallerType::User, None).is_err());
/// # Ok::<(), policy::simulation::SimulationError>(())
/// ```
pub fn caller(
    arn: &str,
    kind: CallerType,
    role: Option<&str>,
) -> Result<Principal, SimulationError> {
    if kind == CallerType::Anonymous {
        return Ok(Principal::anonymous());
    }
    let refused = || SimulationError {
        message: format!("principal: `{arn}` is not the ARN of a caller of that type"),
    };
    if CallerType::of(arn) != Some(kind) {
        return Err(refused());
    }
    let [_, partition, _, _, account, resource] = six_segments(arn).ok_or_else(refused)?;
    let name = resource.split('/').nth(1).unwrap_or_default();
    Ok(match kind {
        CallerType::User => Principal::user(arn),
        CallerType::Root => Principal::root(account),
        CallerType::AssumedRole => {
            let plain = format!("arn:{partition}:iam::{account}:role/{name}");
            let is_this_role = |role: &&str| role.rsplit('/').next() == Some(name);
            Principal::assumed_role(arn, role.filter(is_this_role).unwrap_or(&plain))
        }
        CallerType::FederatedUser => {
            let user = format!("arn:{partition}:iam::{account}:user/{name}");
            Principal::federated_user(arn, user)
        }
        CallerType::Anonymous => Principal::anonymous(),
    })
}

impl Simulation {
    /// Reads a question.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Simulation, SimulationError> {
        let node = json::read(text).map_err(|fault| at(text, fault.offset, &fault.message))?;
        let JsonKind::Object(members) = &node.kind else {
            return Err(at(text, node.offset, "expected a question object"));
        };
        if let Some(unknown) = members.iter().find(|it| !FIELDS.contains(&it.name.as_str())) {
            let message = format!("unknown field `{}`", unknown.name);
            return Err(at(text, unknown.offset, &message));
        }
        Reader { text, node: &node }.simulation()
    }

    /// A question with the policies that bore on it, as [`Policies::held`] tells them.
    pub fn of_held(
        principal: Principal,
        (action, resource): (&str, &str),
        resource_account: Option<&str>,
        context: Context,
        held: &[HeldPolicy],
    ) -> Simulation {
        let of = |layer: PolicyType, level: u32| {
            let mut those = held.iter().filter(move |it| (it.layer, it.level) == (layer, level));
            let is_there = those.clone().next().is_some();
            let policies = those.by_ref().filter_map(|it| Some((&it.label, it.policy.as_ref()?)));
            let set =
                PolicySet::new(policies.map(|(label, it)| (Arc::clone(label), Arc::clone(it))));
            is_there.then_some(set)
        };
        let levels = |layer| (0..).map_while(move |level| of(layer, level));
        let resource_policy = of(PolicyType::Resource, 0).or_else(|| of(PolicyType::Trust, 0));
        Simulation {
            principal,
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: resource_account.map(str::to_owned),
            context,
            identity: of(PolicyType::Identity, 0).unwrap_or_default(),
            resource_policy,
            permissions_boundary: of(PolicyType::PermissionsBoundary, 0),
            session: of(PolicyType::Session, 0),
            service_control: levels(PolicyType::ServiceControl).collect(),
            resource_control: levels(PolicyType::ResourceControl).collect(),
            endpoints: levels(PolicyType::VpcEndpoint).map(Arc::new).collect(),
        }
    }

    /// Adds to the context what follows from caller and resource, where it does not say
    /// otherwise itself.
    pub fn describe(&mut self, tags: &[(String, String)]) {
        let mut context = Context::new();
        context.describe(&self.principal);
        for (key, value) in tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        if let Some(account) = self.resource_account.as_deref().or(account_of(&self.resource)) {
            context.set("aws:ResourceAccount", account);
        }
        for (key, values) in self.context.iter() {
            context.set_all(key, values);
        }
        self.context = context;
    }

    /// Decides.
    pub fn decide(&self) -> Decision {
        evaluate(&self.policies(), &self.request())
    }

    /// Decides and explains.
    pub fn explain(&self) -> Explanation {
        explain(&self.policies(), &self.request())
    }

    /// For which documents and fields it is allowed, where the policies ask for them and the context tells none.
    pub fn documents(&self) -> Option<Residual> {
        let asked = self.policies().ask_for_documents() && !self.context.tells_document();
        let left = asked.then(|| residual(&self.policies(), &self.request()));
        left.filter(|left| *left != Residual::Always)
    }

    /// The answer as one line of JSON. An `allowed` that holds for some documents and fields alone says for which.
    pub fn answer(&self) -> String {
        let explanation = self.explain();
        let by: Vec<_> = explanation
            .by
            .iter()
            .map(|reason| {
                json!({
                    "policy": reason.policy.as_str(),
                    "statement": reason.statement,
                    "sid": reason.sid,
                })
            })
            .collect();
        let decision = explanation.decision.outcome().as_str();
        let mut answer = json!({"decision": decision, "by": by, "missing": explanation.missing});
        let left = self.documents().filter(|_| explanation.is_allowed());
        if let (Some(left), Some(members)) = (left, answer.as_object_mut()) {
            members.insert("where".to_owned(), left.to_string().into());
        }
        answer.to_string()
    }

    /// The policies, to be asked.
    pub fn policies(&self) -> Policies<'_> {
        Policies {
            identity: &self.identity,
            resource: self.resource_policy.as_ref(),
            permissions_boundary: self.permissions_boundary.as_ref(),
            session: self.session.as_ref(),
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            endpoints: &self.endpoints,
        }
    }

    /// The policies of one layer, and of one level of it.
    pub fn layer(&self, layer: PolicyType, level: u32) -> Option<&PolicySet> {
        let level = usize::try_from(level).ok()?;
        match layer {
            PolicyType::Identity => Some(&self.identity),
            PolicyType::Resource | PolicyType::Trust => self.resource_policy.as_ref(),
            PolicyType::PermissionsBoundary => self.permissions_boundary.as_ref(),
            PolicyType::Session => self.session.as_ref(),
            PolicyType::ServiceControl => self.service_control.get(level),
            PolicyType::ResourceControl => self.resource_control.get(level),
            PolicyType::VpcEndpoint => self.endpoints.get(level).map(Arc::as_ref),
        }
    }

    /// The question, to be asked.
    pub fn request(&self) -> AccessRequest<'_> {
        AccessRequest {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.resource_account.as_deref(),
            context: &self.context,
        }
    }
}

const FIELDS: &[&str] = &[
    "principal",
    "action",
    "resource",
    "resourceAccount",
    "context",
    "identityPolicies",
    "resourcePolicy",
    "resourcePolicyType",
    "permissionsBoundary",
    "sessionPolicies",
    "serviceControlPolicies",
    "resourceControlPolicies",
    "vpcEndpointPolicies",
];

struct Reader<'a> {
    text: &'a str,
    node: &'a JsonNode,
}

impl<'a> Reader<'a> {
    fn simulation(&self) -> Result<Simulation, SimulationError> {
        let mut context = Context::new();
        for JsonMember { name, value, .. } in self.members(self.field("context"), "context")? {
            context.set_all(name, self.scalars(value, &format!("context.{name}"))?);
        }
        let domain = match self.optional_string("resourcePolicyType")?.as_deref() {
            None => ResourcePolicyKind::Generic,
            Some("domain") => ResourcePolicyKind::Domain,
            Some(other) => {
                let message =
                    format!("resourcePolicyType: `{other}`: expected `domain` or nothing");
                return Err(SimulationError { message });
            }
        };
        let role = context.get("aws:PrincipalArn").and_then(|values| values.first().cloned());
        let (principal, tags) = self.principal(role.as_deref())?;
        let (boundary, session) = (
            self.policies("permissionsBoundary", PolicyKind::Boundary)?,
            self.policies("sessionPolicies", PolicyKind::Session)?,
        );
        let mut simulation = Simulation {
            principal,
            action: self.string("action")?,
            resource: self.string("resource")?,
            resource_account: self.optional_string("resourceAccount")?,
            context,
            identity: self.policies("identityPolicies", PolicyKind::Identity)?,
            resource_policy: self.resource_policy(domain)?,
            permissions_boundary: Some(boundary).filter(|set| !set.is_empty()),
            session: Some(session).filter(|set| !set.is_empty()),
            service_control: self.levels("serviceControlPolicies", PolicyKind::ServiceControl)?,
            resource_control: self
                .levels("resourceControlPolicies", PolicyKind::ResourceControl)?,
            endpoints: self.endpoints()?,
        };
        simulation.describe(&tags);
        for JsonMember { name, value, .. } in self.members(self.field("context"), "context")? {
            // An empty list says that the key is absent, whatever follows from the caller.
            if self.scalars(value, name)?.is_empty() {
                simulation.context.set_all(name, Vec::<String>::new());
            }
        }
        if !simulation.context.tells_document() {
            simulation.context.set_scope(DocumentScope::Some);
        }
        Ok(simulation)
    }

    fn field(&self, name: &str) -> Option<&'a JsonNode> {
        self.node.member(name).filter(|node| !matches!(node.kind, JsonKind::Null))
    }

    fn expected(&self, node: &JsonNode, what: &str, name: &str) -> SimulationError {
        at(self.text, node.offset, &format!("{name}: expected {what}, found {}", node.noun()))
    }

    fn string(&self, name: &str) -> Result<String, SimulationError> {
        let missing = || SimulationError { message: format!("{name}: the field is missing") };
        self.optional_string(name)?.ok_or_else(missing)
    }

    fn optional_string(&self, name: &str) -> Result<Option<String>, SimulationError> {
        match self.field(name) {
            None => Ok(None),
            Some(node) => match &node.kind {
                JsonKind::String(text) => Ok(Some(text.clone())),
                _ => Err(self.expected(node, "a string", name)),
            },
        }
    }

    fn members(
        &self,
        node: Option<&'a JsonNode>,
        name: &str,
    ) -> Result<&'a [JsonMember], SimulationError> {
        match node.map(|node| (node, &node.kind)) {
            None => Ok(&[]),
            Some((_, JsonKind::Object(members))) => Ok(members),
            Some((node, _)) => Err(self.expected(node, "an object", name)),
        }
    }

    fn items(
        &self,
        node: Option<&'a JsonNode>,
        name: &str,
    ) -> Result<&'a [JsonNode], SimulationError> {
        match node.map(|node| (node, &node.kind)) {
            None => Ok(&[]),
            Some((_, JsonKind::Array(items))) => Ok(items),
            Some((node, _)) => Err(self.expected(node, "an array", name)),
        }
    }

    /// One value or an array of values; numbers and booleans as their text.
    fn scalars(&self, node: &JsonNode, name: &str) -> Result<Vec<String>, SimulationError> {
        match &node.kind {
            JsonKind::String(text) | JsonKind::Number(text) => Ok(vec![text.clone()]),
            JsonKind::Bool(value) => Ok(vec![value.to_string()]),
            JsonKind::Array(items) => {
                let each = items.iter().map(|item| match &item.kind {
                    JsonKind::Array(_) => Err(self.expected(item, "a string", name)),
                    _ => self.scalars(item, name),
                });
                Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
            }
            _ => Err(self.expected(node, "a string or an array of strings", name)),
        }
    }

    fn principal(
        &self,
        role: Option<&str>,
    ) -> Result<(Principal, Vec<(String, String)>), SimulationError> {
        let Some(node) = self.field("principal") else {
            return Err(SimulationError { message: "principal: the field is missing".to_owned() });
        };
        let principal = Reader { text: self.text, node };
        let known = ["arn", "type", "tags"];
        let members = self.members(Some(node), "principal")?;
        if let Some(unknown) = members.iter().find(|it| !known.contains(&it.name.as_str())) {
            let message = format!("unknown field `principal.{}`", unknown.name);
            return Err(at(self.text, unknown.offset, &message));
        }
        let name = principal.string("type")?;
        let Some(kind) = CallerType::named(&name) else {
            let message = format!("principal.type: `{name}` is not a type of principal");
            return Err(SimulationError { message });
        };
        let arn = match kind {
            CallerType::Anonymous => String::new(),
            _ => principal.string("arn")?,
        };
        let mut tags = Vec::new();
        for JsonMember { name, value, .. } in
            self.members(principal.field("tags"), "principal.tags")?
        {
            for text in self.scalars(value, &format!("principal.tags.{name}"))? {
                tags.push((name.clone(), text));
            }
        }
        Ok((caller(&arn, kind, role)?, tags))
    }

    fn policies(&self, name: &str, kind: PolicyKind) -> Result<PolicySet, SimulationError> {
        self.set(self.field(name), name, kind)
    }

    fn set(
        &self,
        node: Option<&'a JsonNode>,
        name: &str,
        kind: PolicyKind,
    ) -> Result<PolicySet, SimulationError> {
        let items = self.items(node, name)?.iter().enumerate();
        let policies = items.map(|(index, item)| {
            let label = format!("{name}[{index}]");
            let policy = self.policy(item, &label, kind)?;
            Ok((label, Arc::new(policy)))
        });
        Ok(PolicySet::new(policies.collect::<Result<Vec<_>, SimulationError>>()?))
    }

    /// A policy object, or a policy document as a string.
    fn policy(
        &self,
        node: &JsonNode,
        name: &str,
        kind: PolicyKind,
    ) -> Result<Policy, SimulationError> {
        let domain = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
        let parsed = match &node.kind {
            JsonKind::String(text) => {
                let options = crate::parse::ParseOptions { bytes_max: None, domain };
                Policy::parse_with(text, kind, &options)
            }
            _ => Policy::parse_node(self.text, node, kind, domain),
        };
        parsed.map_err(|error| SimulationError { message: format!("{name}: {error}") })
    }

    fn resource_policy(
        &self,
        kind: ResourcePolicyKind,
    ) -> Result<Option<PolicySet>, SimulationError> {
        let Some(node) = self.field("resourcePolicy") else { return Ok(None) };
        let policy = self.policy(node, "resourcePolicy", PolicyKind::Resource(kind))?;
        Ok(Some(PolicySet::single("resourcePolicy", policy)))
    }

    fn levels(&self, name: &str, kind: PolicyKind) -> Result<Vec<PolicySet>, SimulationError> {
        let levels = self.items(self.field(name), name)?.iter().enumerate();
        levels
            .map(|(level, node)| self.set(Some(node), &format!("{name}[{level}]"), kind))
            .collect()
    }

    /// One set for each endpoint: a policy each.
    fn endpoints(&self) -> Result<Vec<Arc<PolicySet>>, SimulationError> {
        const NAME: &str = "vpcEndpointPolicies";
        let policies = self.items(self.field(NAME), NAME)?.iter().enumerate();
        let kind = PolicyKind::Resource(ResourcePolicyKind::Generic);
        policies
            .map(|(number, node)| {
                let name = format!("{NAME}[{number}]");
                let policy = self.policy(node, &name, kind)?;
                Ok(Arc::new(PolicySet::single(name, policy)))
            })
            .collect()
    }
}

fn at(text: &str, offset: usize, message: &str) -> SimulationError {
    let TextPlace { line, column } = TextPlace::of(text, offset);
    SimulationError { message: format!("{line}:{column}: {message}") }
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SimulationError {}
