//! A denial as `iam-toolbox` tells it: `GetRequestAuthorizationDetails` and `GetRequestAuthorizationPolicy`.
//!
//! <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/>

use std::collections::BTreeMap;

use policy::simulation::Simulation;
use policy::{CheckEffect, Effect, PolicyType};
use serde_json::{Map, Value, json};

use super::policies::kind_of;
use super::record::{AuditRecord, DecisionRecord, PolicyRecord, StatementRecord};
use super::repair::question_of;

/// The text of a digest.
type TextOf<'t> = &'t dyn Fn(&str) -> Option<String>;

/// What `GetRequestAuthorizationDetails` answers.
#[must_use]
pub(crate) fn details(record: &AuditRecord, text: TextOf<'_>) -> Value {
    let evaluations: Vec<Value> =
        record.decisions.iter().map(|decision| evaluation(record, decision, text)).collect();
    let policies = record.policies.iter().enumerate().filter(|(_, it)| it.digest.is_some());
    let mut policies: Vec<Value> = policies.map(|(at, it)| about(record, at, it)).collect();
    policies.extend(roles(record));
    json!({
        "requestContext": context(&record.context),
        "evaluations": evaluations,
        "policies": policies,
    })
}

/// What `GetRequestAuthorizationPolicy` answers of the policy with this URI; `None` where there is none, or its text is not kept any
/// more.
#[must_use]
pub(crate) fn document(record: &AuditRecord, uri: &str, text: TextOf<'_>) -> Option<Value> {
    let mut policies = record.policies.iter().enumerate();
    let (_, policy) = policies.find(|(at, policy)| uri_of(*at, policy) == uri)?;
    let document: Value = serde_json::from_str(&text(policy.digest.as_deref()?)?).ok()?;
    Some(json!({ "policyDocument": document }))
}

/// The ARN of a managed policy; what has none is named by its place in the record.
fn uri_of(at: usize, policy: &PolicyRecord) -> String {
    match is_managed(policy) {
        true => policy.policy.clone(),
        false => format!("inline-{at}"),
    }
}

fn is_managed(policy: &PolicyRecord) -> bool {
    policy.policy.starts_with("arn:") && policy.policy.contains(":policy/")
}

fn about(record: &AuditRecord, at: usize, policy: &PolicyRecord) -> Value {
    let name = policy.policy.as_str();
    let principal = || {
        let arn = record.context.get("aws:principalarn").and_then(|values| values.first());
        arn.cloned().unwrap_or_else(|| record.principal.arn.clone())
    };
    let (of_type, attached) = match &*policy.kind {
        "identity" => ("IDENTITY_BASED_POLICY", Some(principal())),
        "permissionsBoundary" => ("PERMISSIONS_BOUNDARY", Some(principal())),
        "session" => ("SESSION_POLICY", Some(record.principal.arn.clone())),
        "serviceControl" => ("SERVICE_CONTROL_POLICY", None),
        "resourceControl" => ("RESOURCE_CONTROL_POLICY", None),
        "vpcEndpoint" => ("VPC_ENDPOINT_POLICY", None),
        _ => ("RESOURCE_BASED_POLICY", Some(name.to_owned())),
    };
    let mut about = json!({
        "type": of_type,
        "inline": !is_managed(policy),
        "uri": uri_of(at, policy),
    });
    if let (Some(arn), Some(members)) = (attached, about.as_object_mut()) {
        members.insert("attachedTo".to_owned(), json!([{ "arn": arn }]));
    }
    about
}

/// The roles of fine-grained access control that were considered: policies of a kind of the service's own.
fn roles(record: &AuditRecord) -> Vec<Value> {
    let considered = record.decisions.iter().flat_map(|decision| &decision.considered);
    let mut names: Vec<&str> =
        considered.filter(|(kind, _)| kind == "role").map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let about = |name: &str| {
        json!({
            "type": "RESOURCE_BASED_POLICY",
            "inline": true,
            "uri": format!("role-{name}"),
            "policySource": {
                "type": "fine-grained-access-control-role",
                "typeName": "Role of fine-grained access control",
                "role": name,
            },
        })
    };
    names.into_iter().map(about).collect()
}

/// Keys with their values: one alone as it is.
fn context(keys: &BTreeMap<String, Vec<String>>) -> Value {
    let told = keys.iter().map(|(key, values)| {
        let value = match values.as_slice() {
            [one] => one.as_str().into(),
            several => several.into(),
        };
        (spelt(key), value)
    });
    Value::Object(told.collect::<Map<String, Value>>())
}

/// A key as Amazon spells it; records have keys in lower case.
fn spelt(key: &str) -> String {
    const KNOWN: [&str; 28] = [
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalTag/",
        "aws:PrincipalType",
        "aws:RequestTag/",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceTag/",
        "aws:SecureTransport",
        "aws:SourceIdentity",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:TagKeys",
        "aws:TokenIssueTime",
        "aws:UserAgent",
        "aws:ViaAWSService",
        "aws:VpcSourceIp",
        "iam:PassedToService",
        "iam:PermissionsBoundary",
        "iam:PolicyARN",
        "iam:ResourceTag/",
        "sts:ExternalId",
        "sts:RoleSessionName",
    ];
    let same = |known: &&&str| match known.ends_with('/') {
        true => key.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known)),
        false => known.eq_ignore_ascii_case(key),
    };
    match KNOWN.iter().find(same) {
        Some(known) => format!("{known}{}", key.get(known.len()..).unwrap_or_default()),
        None => key.to_owned(),
    }
}

fn evaluation(record: &AuditRecord, decision: &DecisionRecord, text: TextOf<'_>) -> Value {
    let effect = match &*decision.outcome {
        "allowed" => "ALLOW",
        "explicitDeny" => "EXPLICIT_DENY",
        _ => "IMPLICIT_DENY",
    };
    let mut told = json!({
        "action": decision.action,
        "resource": decision.resource,
        "evaluatedEffect": effect,
        "matchedPolicies": matched_by(record, decision),
    });
    let Some(members) = told.as_object_mut() else { return told };
    let others: BTreeMap<_, _> =
        decision.context.iter().filter(|(_, values)| !values.is_empty()).collect();
    if !others.is_empty() {
        let others =
            others.into_iter().map(|(key, values)| (key.clone(), values.clone())).collect();
        members.insert("context".to_owned(), context(&others));
    }
    if decision.outcome != "allowed"
        && !decision.is_of_roles()
        && let Ok(question) = question_of(record, decision, text)
    {
        members.insert("checks".to_owned(), checks(record, decision, &question));
    }
    told
}

/// The statements that decided, by policy.
fn matched_by(record: &AuditRecord, decision: &DecisionRecord) -> Value {
    let effect = if decision.outcome == "allowed" { "ALLOW" } else { "DENY" };
    let mut matched: Vec<(String, Vec<Value>)> = Vec::new();
    for by in &decision.by {
        let StatementRecord { kind, policy, statement, sid } = by;
        let mut policies = record.policies.iter().enumerate();
        let known = policies.find(|(_, it)| it.kind == *kind && it.policy == *policy);
        let uri = match known {
            Some((at, it)) => uri_of(at, it),
            None if kind == "role" => format!("role-{policy}"),
            // Of what is allowed no policies are recorded.
            None => policy.clone(),
        };
        let told = json!({ "sid": sid_of(sid.as_deref(), *statement), "evaluatedEffect": effect });
        match matched.iter_mut().find(|(known, _)| *known == uri) {
            Some((_, statements)) => statements.push(told),
            None => matched.push((uri, vec![told])),
        }
    }
    let told = |(uri, statements)| json!({ "uri": uri, "matchedStatements": statements });
    matched.into_iter().map(told).collect()
}

fn sid_of(sid: Option<&str>, statement: usize) -> String {
    sid.map_or_else(|| format!("statement-{statement}"), str::to_owned)
}

fn checks(record: &AuditRecord, decision: &DecisionRecord, question: &Simulation) -> Value {
    let checks = policy::checks(&question.policies(), &question.request());
    let told = checks.into_iter().map(|check| {
        let kind = kind_of(check.layer);
        // As many, and in the same order, as the question was made of.
        let those: Vec<(usize, &PolicyRecord)> = record
            .policies
            .iter()
            .enumerate()
            .filter(|(_, it)| it.digest.is_some() && decision.considers(it))
            .filter(|(_, it)| it.kind == kind && it.level == check.level)
            .collect();
        let set = question.layer(check.layer, check.level);
        let mut matched: Vec<(String, Vec<Value>)> = Vec::new();
        for (position, statement) in check.matched {
            let policy = set.and_then(|set| set.get(position)).map(|(_, policy)| policy);
            let (Some((at, told)), Some(policy)) = (those.get(position), policy) else { continue };
            let effect = match policy.effect(statement) {
                Some(Effect::Deny) => "DENY",
                _ => "ALLOW",
            };
            let sid = sid_of(policy.sid(statement), statement);
            let of_it = json!({ "sid": sid, "evaluatedEffect": effect });
            let uri = uri_of(*at, told);
            match matched.iter_mut().find(|(known, _)| *known == uri) {
                Some((_, statements)) => statements.push(of_it),
                None => matched.push((uri, vec![of_it])),
            }
        }
        let told = |(uri, statements)| json!({ "uri": uri, "matchedStatements": statements });
        json!({
            "checkType": check_type(check.layer),
            "evaluatedEffect": match check.effect {
                CheckEffect::Allow => "ALLOW",
                CheckEffect::NoImpact => "NO_IMPACT",
                CheckEffect::ImplicitDeny => "IMPLICIT_DENY",
                CheckEffect::ExplicitDeny => "EXPLICIT_DENY",
            },
            "relevantPolicyTypes": [policy_type(check.layer)],
            "matchedPolicies": matched.into_iter().map(told).collect::<Vec<_>>(),
        })
    });
    told.collect()
}

fn check_type(layer: PolicyType) -> &'static str {
    match layer {
        PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
        PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
        PolicyType::VpcEndpoint => "VPC_ENDPOINT",
        PolicyType::Resource | PolicyType::Trust => "RESOURCE",
        PolicyType::Identity => "PRINCIPAL",
        PolicyType::PermissionsBoundary => "PERMISSIONS_BOUNDARY",
        PolicyType::Session => "SESSION",
    }
}

fn policy_type(layer: PolicyType) -> &'static str {
    match layer {
        PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
        PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
        PolicyType::VpcEndpoint => "VPC_ENDPOINT_POLICY",
        PolicyType::Resource | PolicyType::Trust => "RESOURCE_BASED_POLICY",
        PolicyType::Identity => "IDENTITY_BASED_POLICY",
        PolicyType::PermissionsBoundary => "PERMISSIONS_BOUNDARY",
        PolicyType::Session => "SESSION_POLICY",
    }
}
