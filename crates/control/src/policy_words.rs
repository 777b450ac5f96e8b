//! What iam says of a policy that it refuses: one fault, the first in its order. Syntax, version, legacy parsing, ids, actions
//! there, resources' forms, actions' forms, resources there.
//!
//! Only the text is chosen here. Whether a policy is refused the crate `policy` says, and [`super::policies::first_fault`].
//! Source of texts and order: moto 5.2.5, `tests/test_iam/test_iam_policies.py`, whose cases are taken for what Amazon says
//! (`conformance/moto`).

use policy::PolicyKind;
use serde_json::{Map, Value};

/// What every policy with a fault in its form reads.
pub(crate) const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Condition",
];
/// Kinds of resources that iam has.
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// The first fault of `policy` in iam's words; `None`: none of those that are known here. `managed`: it is to be a managed
/// policy, whose version must be the present one.
pub(crate) fn words(policy: &Value, kind: PolicyKind, managed: bool) -> Option<String> {
    let Some(statements) = well_formed(policy) else { return Some(SYNTAX.to_owned()) };
    if managed && policy.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Some("Policy document must be version 2012-10-17 or greater.".to_owned());
    }
    let resource = statements.iter().find_map(|statement| resources_fault(statement));
    let legacy = |statement: &&Map<String, Value>| {
        !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny"))
            || !dates_are_dates(statement)
            || (resource.is_none()
                && !texts(statement, &["Resource", "NotResource"]).all(is_legacy))
    };
    if statements.iter().any(legacy) {
        return Some(LEGACY.to_owned());
    }
    let mut ids: Vec<&str> = statements
        .iter()
        .filter_map(|statement| statement.get("Sid")?.as_str())
        .filter(|id| !id.is_empty())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != count {
        return Some("Statement IDs (SID) in a single policy must be unique.".to_owned());
    }
    let lacks = |names: [&str; 2]| statements.iter().any(|statement| is_empty(statement, names));
    if lacks(["Action", "NotAction"]) {
        return Some("Policy statement must contain actions.".to_owned());
    }
    let action = || {
        let mut actions =
            statements.iter().flat_map(|statement| texts(statement, &["Action", "NotAction"]));
        actions.find_map(action_fault)
    };
    resource.or_else(action).or_else(|| {
        (kind != PolicyKind::Trust && lacks(["Resource", "NotResource"]))
            .then(|| "Policy statement must contain resources.".to_owned())
    })
}

/// The statements of a policy whose elements are what they must be.
fn well_formed(policy: &Value) -> Option<Vec<&Map<String, Value>>> {
    let policy = policy.as_object()?;
    let known = |name: &String| matches!(name.as_str(), "Version" | "Id" | "Statement");
    let version = policy
        .get("Version")
        .is_none_or(|version| matches!(version.as_str(), Some("2008-10-17" | "2012-10-17")));
    let id = policy.get("Id").is_none_or(Value::is_string);
    if !policy.keys().all(known) || !version || !id {
        return None;
    }
    let statements: Vec<&Map<String, Value>> = match policy.get("Statement")? {
        Value::Object(one) => vec![one],
        Value::Array(items) => items.iter().map(Value::as_object).collect::<Option<_>>()?,
        _ => return None,
    };
    let whole = !statements.is_empty() && statements.iter().all(|it| statement_is_formed(it));
    whole.then_some(statements)
}

fn statement_is_formed(statement: &Map<String, Value>) -> bool {
    let has = |name: &str| statement.contains_key(name);
    let lists = ["Action", "NotAction", "Resource", "NotResource"].iter().all(|name| {
        statement.get(*name).is_none_or(|value| match value {
            Value::String(_) => true,
            Value::Array(items) => items.iter().all(|item| item.is_string() || item.is_null()),
            _ => false,
        })
    });
    let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or_default();
    statement.keys().all(|name| ELEMENTS.contains(&name.as_str()))
        && !(has("Resource") && has("NotResource"))
        && !(has("Action") && has("NotAction"))
        && (effect.eq_ignore_ascii_case("allow") || effect.eq_ignore_ascii_case("deny"))
        && lists
        && statement.get("Sid").is_none_or(Value::is_string)
        && statement.get("Condition").is_none_or(conditions_are_formed)
}

fn conditions_are_formed(conditions: &Value) -> bool {
    let Some(conditions) = conditions.as_object() else { return false };
    conditions.iter().all(|(operator, keys)| {
        let Some(keys) = keys.as_object() else { return false };
        let values =
            keys.values().all(|value| value.is_boolean() || value.is_array() || value.is_string());
        values && (keys.is_empty() || policy::is_condition_operator(operator))
    })
}

/// Whether every value of a condition on dates is one: a time (ISO 8601) or seconds since 1970.
fn dates_are_dates(statement: &Map<String, Value>) -> bool {
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let dates = conditions.filter(|(operator, _)| {
        operator.rsplit(':').next().is_some_and(|operator| operator.starts_with("Date"))
    });
    dates
        .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
        .flat_map(|(_, value)| match value {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        })
        .all(|value| value.as_str().is_some_and(policy::is_condition_date))
}

/// What iam's older parser asks of a resource.
fn is_legacy(resource: &str) -> bool {
    let parts = resource.matches(':').count();
    resource == "*"
        || ((parts >= 5 || !resource.contains("::"))
            && resource.split(':').nth(2).is_some_and(|vendor| !vendor.is_empty()))
}

/// The fault in the form of a statement's resources; of several the last one in the order of letters.
fn resources_fault(statement: &Map<String, Value>) -> Option<String> {
    let mut resources: Vec<&str> = texts(statement, &["Resource", "NotResource"]).collect();
    resources.sort_unstable();
    resources.into_iter().find_map(resource_fault)
}

fn resource_fault(resource: &str) -> Option<String> {
    if resource == "*" {
        return None;
    }
    let Some((_, rest)) = resource.split_once(':') else {
        return Some(format!("Resource {resource} must be in ARN format or \"*\"."));
    };
    let (partition, rest) =
        rest.split_once(':').map_or((rest, None), |(it, rest)| (it, Some(rest)));
    if !matches!(partition, "*" | "aws" | "aws-cn" | "aws-us-gov") {
        let mut parts = rest.unwrap_or_default().splitn(4, ':');
        let first =
            parts.next().filter(|part| !part.is_empty() || rest.is_some_and(|it| it.contains(':')));
        let shown: Vec<&str> = std::iter::once(first.unwrap_or("*"))
            .chain((0..3).map(|_| parts.next().unwrap_or("*")))
            .collect();
        return Some(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{}\".",
            shown.join(":")
        ));
    }
    if rest.is_none() {
        return Some(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned(),
        );
    }
    refused_resource(resource).filter(|why| why != LEGACY)
}

/// What no policy may say of a resource although it is in the form of an ARN: a service without a name, a region of iam's or
/// of s3's (but of access points), a kind that iam does not have.
pub(crate) fn refused_resource(resource: &str) -> Option<String> {
    let mut parts = resource.splitn(6, ':').skip(2);
    let (service, region) = (parts.next()?, parts.next()?);
    let name = parts.nth(1).unwrap_or_default();
    let kind = name.split('/').next().unwrap_or_default();
    let fits = kind.contains(['*', '?', '$']) || IAM_PATHS.iter().any(|it| name.starts_with(it));
    match (service, region) {
        ("", _) => Some(LEGACY.to_owned()),
        ("iam", "" | "*") if !fits => Some(format!(
            "IAM resource path must either be \"*\" or start with {}.",
            IAM_PATHS.join(", ")
        )),
        (_, "" | "*") => None,
        ("iam", _) => Some(format!("IAM resource {resource} cannot contain region information.")),
        ("s3", _) if !name.starts_with("accesspoint/") => {
            Some(format!("Resource {resource} can not contain region information."))
        }
        _ => None,
    }
}

fn action_fault(action: &str) -> Option<String> {
    let vendor = action.split(':').next().unwrap_or_default();
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    match action.matches(':').count() {
        0 if action != "*" => Some(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned(),
        ),
        2.. => Some("Actions/Condition can contain only one colon.".to_owned()),
        _ if vendor != "*" && !vendor.chars().all(letter) => {
            Some(format!("Vendor {vendor} is not valid"))
        }
        _ => None,
    }
}

/// Whether a statement has neither of two elements, or an empty list of it.
fn is_empty(statement: &Map<String, Value>, names: [&str; 2]) -> bool {
    let given = names.iter().find_map(|name| statement.get(*name));
    given.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty))
}

fn texts<'s>(
    statement: &'s Map<String, Value>,
    names: &'s [&str],
) -> impl Iterator<Item = &'s str> {
    names.iter().filter_map(|name| statement.get(*name)).flat_map(|value| match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    })
}
