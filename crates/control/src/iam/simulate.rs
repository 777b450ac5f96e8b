//! `SimulateCustomPolicy`, `SimulatePrincipalPolicy`, `GetContextKeysForCustomPolicy`, `GetContextKeysForPrincipalPolicy`:
//! the evaluator that enforces, asked what it would say.

use std::collections::BTreeSet;
use std::sync::Arc;

use policy::{
    AccessRequest, Context, NamedReason, Policies, Policy, PolicyKind, PolicySet, PolicyType,
    Principal, Reason, ResourcePolicyKind, explain,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::statement_positions::{self, StatementPosition};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentifiedCaller;
use crate::policies::{NamedPolicy, parse, principal_arn_parts, set_of};
use crate::request::OperationRequest;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simulation {
    policy_source_arn: Option<String>,
    #[serde(default)]
    policy_input_list: Vec<String>,
    #[serde(default)]
    permissions_boundary_policy_input_list: Vec<String>,
    #[serde(default)]
    action_names: Vec<String>,
    #[serde(default)]
    resource_arns: Vec<String>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    caller_arn: Option<String>,
    resource_handling_option: Option<String>,
    #[serde(default)]
    context_entries: Vec<ContextEntry>,
    #[serde(default)]
    ordered_organization_policy_input_list: Vec<OrganizationLevel>,
}

/// One level of an organisation, its root first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OrganizationLevel {
    #[serde(default)]
    service_control_policy_input_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEntry {
    context_key_name: Option<String>,
    #[serde(default)]
    context_key_values: Vec<String>,
    context_key_type: Option<String>,
}

pub(crate) fn simulate_custom_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    simulate(request, IdentifiedCaller::anonymous(), None)
}

pub(crate) fn simulate_principal_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: Simulation = request.input()?;
    let arn = input.policy_source_arn.unwrap_or_default();
    let source = source(request, &arn)?;
    let principal =
        (source.kind() != policy::CallerKind::Anonymous).then(|| source.principal().clone());
    simulate(request, source, principal)
}

/// The user, role or group whose policies are asked, in the caller's account.
fn source(request: &OperationRequest<'_>, arn: &str) -> Result<IdentifiedCaller, ApiError> {
    let missing = || {
        ApiError::new(
            ErrorCode::NoSuchEntity,
            format!("The entity with ARN {arn} cannot be found."),
        )
    };
    let (account, kind, name) = principal_arn_parts(arn).ok_or_else(missing)?;
    if account != request.account() {
        return Err(missing());
    }
    if kind == "group" {
        let group = super::groups::find(request.directory, account, name)?;
        return Ok(request.directory.identified_group(group));
    }
    request.directory.identified_by_arn(arn).ok_or_else(missing)
}

fn simulate(
    request: &OperationRequest<'_>,
    source: IdentifiedCaller,
    principal: Option<Principal>,
) -> Result<Value, ApiError> {
    let input: Simulation = request.input()?;
    if let Some(option) = input.resource_handling_option {
        let text = format!(
            "ResourceHandlingOption {option} is for EC2 actions, which are not simulated here"
        );
        return Err(ApiError::new(ErrorCode::InvalidInput, text));
    }
    let own = source.identity_policies.iter();
    let mut identity: Vec<NamedPolicy> =
        own.map(|(label, policy)| NamedPolicy::new(label, policy.clone())).collect();
    identity.extend(compile(POLICIES, &input.policy_input_list, PolicyKind::Identity)?);
    let identity = set_of(&identity);
    let boundary = match input.permissions_boundary_policy_input_list.as_slice() {
        [] => source.boundary.clone(),
        texts => Some(Arc::new(set_of(&compile(
            "PermissionsBoundaryPolicyInputList",
            texts,
            PolicyKind::Boundary,
        )?))),
    };
    let resource = match &input.resource_policy {
        Some(text) => {
            let policy = parse(text, PolicyKind::Resource(ResourcePolicyKind::Generic))?;
            Some(PolicySet::single("ResourcePolicy", policy))
        }
        None => None,
    };
    let caller = caller(request, &input, principal)?;
    let mut context = Context::new();
    context.describe(&caller);
    for (key, value) in &source.tags {
        context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    for entry in &input.context_entries {
        check_context(entry)?;
        let name = entry.context_key_name.as_deref().unwrap_or_default();
        context.set_all(name, entry.context_key_values.iter().map(String::as_str));
    }
    let levels = organization(&input.ordered_organization_policy_input_list)?;
    let policies = Policies {
        identity: &identity,
        resource: resource.as_ref(),
        permissions_boundary: boundary.as_deref(),
        session: None,
        service_control: if levels.is_empty() { &source.service_control } else { &levels },
        ..Policies::NONE
    };
    let asking = Asking {
        request,
        input: &input,
        policies: &policies,
        caller: &caller,
        context: &context,
        positions: Positions::of(request, &input, &identity),
    };
    let results = asking.all();
    page(request, "EvaluationResults", results.into_iter())
}

/// The service control policies of a hierarchy, level by level.
fn organization(levels: &[OrganizationLevel]) -> Result<Vec<PolicySet>, ApiError> {
    const LIST: &str = "ServiceControlPolicyInputList";
    let texts = levels.iter().map(|level| level.service_control_policy_input_list.as_slice());
    texts.map(|texts| Ok(set_of(&compile(LIST, texts, PolicyKind::ServiceControl)?))).collect()
}

/// Values must be what their type says.
fn check_context(entry: &ContextEntry) -> Result<(), ApiError> {
    let Some(kind) = &entry.context_key_type else { return Ok(()) };
    let values = &entry.context_key_values;
    let one = kind.strip_suffix("List").is_none();
    let fits = |value: &String| match kind.trim_end_matches("List") {
        "numeric" => value.parse::<f64>().is_ok(),
        "boolean" => value.parse::<bool>().is_ok(),
        _ => true,
    };
    if (one && values.len() > 1) || !values.iter().all(fits) {
        let name = entry.context_key_name.as_deref().unwrap_or_default();
        let text = format!("ContextKeyType {kind} of {name} does not match its values");
        return Err(ApiError::new(ErrorCode::InvalidInput, text));
    }
    Ok(())
}

/// Where the statements of every policy stand that a result may name.
struct Positions {
    /// Of the identity policies, in the order of their set. Two may have one label: a user's and its group's.
    identity: Vec<Vec<StatementPosition>>,
    resource: Vec<StatementPosition>,
}

impl Positions {
    fn of(request: &OperationRequest<'_>, input: &Simulation, identity: &PolicySet) -> Positions {
        let source = input.policy_source_arn.as_deref();
        let mut texts = source.map(|arn| request.directory.identity_texts(arn)).unwrap_or_default();
        let given = (1..).zip(&input.policy_input_list);
        texts.extend(given.map(|(number, text)| (numbered(POLICIES, number), text.clone())));
        let next = |(label, _): (&str, &Policy)| {
            let at = texts.iter().position(|(known, _)| known == label);
            at.map(|at| statement_positions::of(&texts.remove(at).1)).unwrap_or_default()
        };
        let resource = input.resource_policy.as_deref().map(statement_positions::of);
        let identity = identity.iter().map(next).collect();
        Positions { identity, resource: resource.unwrap_or_default() }
    }

    fn get(&self, reason: &Reason) -> Option<&StatementPosition> {
        let policy = match reason.policy {
            PolicyType::Identity => self.identity.get(reason.position as usize)?,
            PolicyType::Resource => &self.resource,
            _ => return None,
        };
        policy.get(reason.statement as usize)
    }
}

/// What is asked of every action and resource.
struct Asking<'a> {
    request: &'a OperationRequest<'a>,
    input: &'a Simulation,
    policies: &'a Policies<'a>,
    caller: &'a Principal,
    context: &'a Context,
    positions: Positions,
}

impl Asking<'_> {
    /// One result for every action on every resource, in the order given.
    fn all(&self) -> Vec<(String, Value)> {
        let everything = vec!["*".to_owned()];
        let named = &self.input.resource_arns;
        let resources = if named.is_empty() { &everything } else { named };
        let mut results = Vec::new();
        for action in &self.input.action_names {
            for resource in resources {
                let result = self.result(action, resource);
                results.push((format!("{:08}", results.len()), result));
            }
        }
        results
    }

    fn result(&self, action: &str, resource: &str) -> Value {
        let owner = self.input.resource_owner.as_deref().and_then(principal_arn_parts);
        let owner = owner.map_or(self.request.account(), |(account, _, _)| account);
        let question = AccessRequest {
            principal: self.caller,
            action,
            resource,
            resource_account: Some(owner),
            context: self.context,
        };
        let explanation = explain(self.policies, &question);
        let boundary = self
            .policies
            .permissions_boundary
            .map(|set| json!({"AllowedByPermissionsBoundary": self.allows_alone(set, &question)}));
        let decision = explanation.decision.outcome().as_str();
        // Those of an organization are told in a member of their own.
        let by = explanation.by.iter().zip(explanation.decision.by());
        let shown = by.filter(|(by, _)| by.policy != PolicyType::ServiceControl);
        let matched: Vec<Value> = shown.map(|(by, reason)| self.matched(by, reason)).collect();
        let mut result = json!({
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision,
            "MatchedStatements": matched,
            "MissingContextValues": explanation.missing,
            "PermissionsBoundaryDecisionDetail": boundary,
        });
        let Some(members) = result.as_object_mut() else { return result };
        if !self.policies.service_control.is_empty() {
            let mut levels = self.policies.service_control.iter();
            let allowed = levels.all(|level| self.allows_alone(level, &question));
            let detail = json!({"AllowedByOrganizations": allowed});
            members.insert("OrganizationsDecisionDetail".to_owned(), detail);
        }
        if self.policies.resource.is_some() && self.caller.account() != Some(owner) {
            members.insert("EvalDecisionDetails".to_owned(), self.sides(&question));
        }
        if !self.input.resource_arns.is_empty() {
            let one = json!([{
                "EvalResourceName": resource,
                "EvalResourceDecision": decision,
                "MatchedStatements": members.get("MatchedStatements"),
                "MissingContextValues": members.get("MissingContextValues"),
                "PermissionsBoundaryDecisionDetail": members.get("PermissionsBoundaryDecisionDetail"),
                "EvalDecisionDetails": members.get("EvalDecisionDetails"),
            }]);
            members.insert("ResourceSpecificResults".to_owned(), one);
        }
        result
    }

    /// What each side says of a question across accounts.
    fn sides(&self, question: &AccessRequest<'_>) -> Value {
        // Within one account either side alone can allow.
        let home = AccessRequest { resource_account: self.caller.account(), ..*question };
        let said = |policies: &Policies<'_>| explain(policies, &home).decision.outcome().as_str();
        json!({
            IAM_POLICY: said(&Policies { resource: None, ..*self.policies }),
            RESOURCE_POLICY: said(&Policies { resource: self.policies.resource, ..Policies::NONE }),
        })
    }

    /// Whether a set that only bounds allows it, whatever the others say.
    fn allows_alone(&self, set: &PolicySet, question: &AccessRequest<'_>) -> bool {
        let home = AccessRequest { resource_account: self.caller.account(), ..*question };
        explain(&Policies { identity: set, ..Policies::NONE }, &home).is_allowed()
    }

    fn matched(&self, named: &NamedReason, reason: &Reason) -> Value {
        let mut shown = json!({
            "SourcePolicyId": named.name,
            "SourcePolicyType": match named.policy {
                PolicyType::Resource | PolicyType::Trust => RESOURCE_POLICY,
                _ => IAM_POLICY,
            },
        });
        if let (Some(position), Some(members)) = (self.positions.get(reason), shown.as_object_mut())
        {
            members.extend(position.shown().map(|(name, value)| (name.to_owned(), value)));
        }
        shown
    }
}

/// The list of the policies that are asked.
const POLICIES: &str = "PolicyInputList";

/// What Amazon calls policies of identities, whatever its model lists.
const IAM_POLICY: &str = "IAM Policy";
const RESOURCE_POLICY: &str = "Resource Policy";

/// Whom the simulation takes for the caller: `CallerArn` if given, else the source, else some user of the account.
fn caller(
    request: &OperationRequest<'_>,
    input: &Simulation,
    source: Option<Principal>,
) -> Result<Principal, ApiError> {
    let Some(arn) = &input.caller_arn else {
        let nobody =
            || Principal::user(format!("arn:aws:iam::{}:user/simulated", request.account()));
        return Ok(source.unwrap_or_else(nobody));
    };
    match principal_arn_parts(arn) {
        Some((_, "user", _)) => Ok(Principal::user(arn.as_str())),
        _ => {
            let text = format!("Invalid CallerArn: {arn}. It must be the ARN of an IAM user.");
            Err(ApiError::new(ErrorCode::InvalidInput, text))
        }
    }
}

fn compile(list: &str, texts: &[String], kind: PolicyKind) -> Result<Vec<NamedPolicy>, ApiError> {
    let policies = (1..).zip(texts);
    policies
        .map(|(number, text)| Ok(NamedPolicy::new(numbered(list, number), parse(text, kind)?)))
        .collect()
}

fn numbered(list: &str, number: usize) -> String {
    format!("{list}.{number}")
}

pub(crate) fn context_keys_for_custom_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: Simulation = request.input()?;
    compile(POLICIES, &input.policy_input_list, PolicyKind::Identity)?;
    Ok(json!({"ContextKeyNames": context_keys(&input.policy_input_list)}))
}

pub(crate) fn context_keys_for_principal_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: Simulation = request.input()?;
    compile(POLICIES, &input.policy_input_list, PolicyKind::Identity)?;
    let arn = input.policy_source_arn.unwrap_or_default();
    source(request, &arn)?;
    let own = request.directory.identity_texts(&arn);
    let mut texts: Vec<String> = own.into_iter().map(|(_, text)| text).collect();
    texts.extend(input.policy_input_list);
    Ok(json!({"ContextKeyNames": context_keys(&texts)}))
}

/// The keys that conditions and variables of these policies name, each once, in order.
fn context_keys(texts: &[String]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for policy in texts.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok()) {
        let statements = match policy.get("Statement") {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        };
        for statement in statements {
            let operators =
                statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
            let named =
                operators.filter_map(|(_, keys)| keys.as_object()).flat_map(|keys| keys.keys());
            keys.extend(named.cloned());
            for element in ["Resource", "NotResource", "Condition"] {
                statement
                    .get(element)
                    .into_iter()
                    .for_each(|value| add_variables(value, &mut keys));
            }
        }
    }
    keys
}

fn add_variables(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for variable in text.split("${").skip(1).filter_map(|rest| rest.split_once('}')) {
                let name = variable.0.split(',').next().unwrap_or_default().trim();
                if !matches!(name, "*" | "?" | "$" | "") {
                    keys.insert(name.to_owned());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_variables(item, keys)),
        Value::Object(object) => object.values().for_each(|item| add_variables(item, keys)),
        _ => {}
    }
}
