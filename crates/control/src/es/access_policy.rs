//! A domain's access policy: what may be set.
//!
//! Amazon's words: `Error setting policy: [TEXT]` for a text that is no policy or names a principal that does not exist
//! (InvalidTypeException), `Apply a restrictive access policy to your domain` for one that is open to everyone
//! (ValidationException; seen in awslabs/sample-cdk#133, `conformance/es-error-bodies.json` policy-open), and for one that asks
//! for addresses in a VPC (InvalidTypeException; clouddrove/terraform-aws-elasticsearch#11).

use policy::{ParseError, PolicyKind, ResourcePolicyKind};
use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::limits::ACCESS_POLICY_BYTES_MAX;
use crate::policies::{first_fault, parse_domain};
use crate::principals::unknown_principal;
use crate::request::OperationRequest;

/// Who can connect to the domain of a policy.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// Everyone: a policy that lets everyone in must be allowed.
    Public { open_allowed: bool },
    /// Who is let in by the network: a policy may be open, and does not ask for addresses.
    Vpc,
}

/// Checks `text` for the domain of this ARN and gives it as it is kept: Amazon fills in the domain where a statement
/// names no resource.
pub(super) fn check(
    request: &OperationRequest<'_>,
    text: &str,
    arn: &str,
    reach: Reach,
) -> Result<String, ApiError> {
    let completed = complete(text, arn);
    check_complete(request, completed.as_deref().unwrap_or(text), text, reach)?;
    Ok(completed.unwrap_or_else(|| text.to_owned()))
}

/// The text with `ARN/*` as the resource of every statement that names none; `None` when there is nothing to add. A text
/// that is wrong in another way as well stays as it is, so that the reader refuses what was written.
fn complete(text: &str, arn: &str) -> Option<String> {
    const MISSING: &str = "Policy statement must contain resources.";
    if parse_domain(text).err()?.message != MISSING {
        return None;
    }
    let mut policy: Value = serde_json::from_str(text).ok()?;
    let statements = match policy.get_mut("Statement")? {
        Value::Array(items) => items.iter_mut().collect(),
        single => vec![single],
    };
    for statement in statements.into_iter().filter_map(Value::as_object_mut) {
        if !statement.contains_key("Resource") && !statement.contains_key("NotResource") {
            statement.insert("Resource".to_owned(), Value::String(format!("{arn}/*")));
        }
    }
    Some(policy.to_string())
}

/// Refusals repeat what was `written`.
fn check_complete(
    request: &OperationRequest<'_>,
    text: &str,
    written: &str,
    reach: Reach,
) -> Result<(), ApiError> {
    if text.len() > ACCESS_POLICY_BYTES_MAX {
        let why = format!(
            "Error setting policy: [the policy is larger than {ACCESS_POLICY_BYTES_MAX} bytes]"
        );
        return Err(ApiError::new(ErrorCode::InvalidInput, why));
    }
    let refused =
        || ApiError::new(ErrorCode::InvalidInput, format!("Error setting policy: [{written}]"));
    let policy = parse_domain(text).map_err(|error| {
        let ParseError { line, column, pointer, message, .. } = error;
        let place = if pointer.is_empty() { String::new() } else { format!(" ({pointer})") };
        refused().because(format!("line {line}, column {column}{place}: {message}"))
    })?;
    if let Some(why) = first_fault(text, &PolicyKind::Resource(ResourcePolicyKind::Domain)) {
        return Err(refused().because(why));
    }
    if let Some(principal) = unknown_principal(request, &policy) {
        return Err(refused().because(format!("the principal {principal} does not exist")));
    }
    match reach {
        Reach::Public { open_allowed: false } if is_open(text) => Err(ApiError::new(
            ErrorCode::Validation,
            "Apply a restrictive access policy to your domain",
        )),
        Reach::Vpc if asks_for_addresses(text) => Err(ApiError::new(
            ErrorCode::InvalidInput,
            "You can’t attach an IP-based policy to a domain that has a VPC endpoint. Instead, use a security group to control IP-based access.",
        )),
        _ => Ok(()),
    }
}

/// Whether a condition is about the address of a request.
fn asks_for_addresses(text: &str) -> bool {
    let of_address = |(operator, keys): (&String, &Value)| {
        let by_key = |key: &String| key.eq_ignore_ascii_case("aws:SourceIp");
        let keys = keys.as_object();
        operator.contains("IpAddress") || keys.is_some_and(|keys| keys.keys().any(by_key))
    };
    let conditions = |statement: &Value| {
        let operators = statement.get("Condition").and_then(Value::as_object);
        operators.into_iter().flatten().any(of_address)
    };
    statements(text).iter().any(conditions)
}

fn statements(text: &str) -> Vec<Value> {
    let Ok(mut policy) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    match policy.get_mut("Statement").map(Value::take) {
        Some(Value::Array(items)) => items,
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

/// Whether a statement lets everyone in without asking where from: `Principal` `*` and no condition, or one whose only
/// restriction is every address.
fn is_open(text: &str) -> bool {
    statements(text).into_iter().any(|statement| {
        let allow = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        allow
            && names_everyone(statement.get("Principal"))
            && !restricts(statement.get("Condition"))
    })
}

fn names_everyone(principal: Option<&Value>) -> bool {
    let star = |value: &Value| value.as_str() == Some("*");
    match principal {
        Some(Value::Object(object)) => object.get("AWS").is_some_and(|aws| match aws {
            Value::Array(items) => items.iter().any(star),
            single => star(single),
        }),
        Some(single) => star(single),
        None => false,
    }
}

fn restricts(condition: Option<&Value>) -> bool {
    let Some(operators) = condition.and_then(Value::as_object) else { return false };
    let everywhere = |value: &Value| matches!(value.as_str(), Some("0.0.0.0/0" | "::/0"));
    operators.values().filter_map(Value::as_object).flatten().any(|(_, values)| match values {
        Value::Array(items) => !items.is_empty() && !items.iter().any(everywhere),
        single => !everywhere(single),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_open_unless_a_condition_narrows_it() {
        let policy = |principal: &str, condition: &str| {
            format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal}{condition}}}]}}"#)
        };
        assert!(is_open(&policy("\"*\"", "")));
        assert!(is_open(&policy(r#"{"AWS":["*"]}"#, "")));
        assert!(is_open(&policy(
            "\"*\"",
            r#","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/0"]}}"#
        )));
        assert!(!is_open(&policy(
            "\"*\"",
            r#","Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}"#
        )));
        assert!(!is_open(&policy(r#"{"AWS":"arn:aws:iam::1:root"}"#, "")));
    }
}
