//! `ListPoliciesGrantingServiceAccess`: which policies of a user, a group or a role allow anything of a service. What denies
//! it elsewhere does not count here, as at Amazon. Source: IAM API reference.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page::{cut, finish};
use super::{groups, roles, users};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::policies::principal_arn_parts;
use crate::request::OperationRequest;
use crate::store::record::Permissions;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceQuestion {
    arn: String,
    service_namespaces: Vec<String>,
}

/// Somebody whose policies count: its kind, its name, and what it has.
type AccessHolder<'d> = (&'static str, &'d str, &'d Permissions);

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let asked: ServiceQuestion = request.input()?;
    let holders = holders(request, &asked.arn)?;
    let entries = asked.service_namespaces.iter().map(|service| {
        let granting = holders.iter().flat_map(|holder| granting(request, holder, service));
        let entry = json!({"ServiceNamespace": service, "Policies": granting.collect::<Vec<_>>()});
        (service.clone(), entry)
    });
    let mut entries: Vec<(String, Value)> = entries.collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    let (listed, next) = cut(request, entries.into_iter())?;
    let mut output = Map::new();
    output.insert("PoliciesGrantingServiceAccess".to_owned(), Value::Array(listed));
    finish(output, next)
}

/// The one with this ARN, and the groups of a user.
fn holders<'d>(
    request: &OperationRequest<'d>,
    arn: &str,
) -> Result<Vec<AccessHolder<'d>>, ApiError> {
    let (directory, account) = (request.directory, request.caller.account.as_str());
    let own = principal_arn_parts(arn).filter(|(owner, _, _)| *owner == account);
    match own {
        Some((_, "user", name)) => {
            let user = users::find(directory, account, name)?;
            let groups = user.groups.iter().filter_map(|key| directory.group(account, key));
            let groups = groups.map(|group| ("GROUP", group.name.as_str(), &group.permissions));
            Ok(std::iter::once(("USER", user.name.as_str(), &user.permissions))
                .chain(groups)
                .collect())
        }
        Some((_, "group", name)) => {
            let group = groups::find(directory, account, name)?;
            Ok(vec![("GROUP", group.name.as_str(), &group.permissions)])
        }
        Some((_, "role", name)) => {
            let role = roles::find(directory, account, name)?;
            Ok(vec![("ROLE", role.name.as_str(), &role.permissions)])
        }
        _ => Err(ApiError::new(ErrorCode::InvalidInput, format!("ARN {arn} is not valid"))),
    }
}

fn granting(
    request: &OperationRequest<'_>,
    (kind, name, permissions): &AccessHolder<'_>,
    service: &str,
) -> Vec<Value> {
    let inline = permissions.inline.iter().filter(|(_, text)| grants(text, service));
    let inline = inline.map(|(policy, _)| {
        json!({"PolicyName": policy, "PolicyType": "INLINE", "EntityType": kind, "EntityName": name})
    });
    let attached =
        permissions.attached.iter().filter_map(|arn| request.directory.managed_policy(arn));
    let attached = attached.filter(|policy| {
        policy.default_document().is_some_and(|version| grants(&version.document, service))
    });
    let attached = attached.map(|policy| {
        json!({"PolicyName": policy.name, "PolicyType": "MANAGED", "PolicyArn": policy.arn()})
    });
    inline.chain(attached).collect()
}

/// Whether a policy has a statement that allows some action of a service.
pub(super) fn grants(text: &str, service: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return false };
    let statements = match policy.get("Statement") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    statements.into_iter().any(|statement| {
        let texts = |name: &str| match statement.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        let all = format!("{service}:*");
        let spared =
            texts("NotAction").iter().any(|it| *it == "*" || it.eq_ignore_ascii_case(&all));
        allows
            && (texts("Action").iter().any(|action| is_of(action, service))
                || (statement.get("NotAction").is_some() && !spared))
    })
}

/// Whether an action may be one of a service. Vendors are written without wildcards, but for `*` alone.
fn is_of(action: &str, service: &str) -> bool {
    let vendor = action.split(':').next().unwrap_or_default();
    vendor == "*" || vendor.eq_ignore_ascii_case(service)
}
