//! `ValidatePolicy`: what `policy lint` finds, page by page.
//!
//! <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html>

use policy::lint::{Finding, Place, Severity, element, lint};
use policy::{PolicyKind, ResourcePolicyKind};
use serde_json::{Value, json};

use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;

/// Findings on a page, at most.
const PAGE: usize = 100;
/// The page where what is checked, and why, can be read.
const LEARN_MORE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html";

pub(crate) fn validate_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    if let Some(locale) = request.text("locale").filter(|locale| *locale != "EN") {
        let text = format!("locale {locale} is not supported here: findings are in English (EN)");
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    let text = request.text("policyDocument").unwrap_or_default();
    let found = lint(text, kind(request)?);
    let (start, length) = page(request, found.len())?;
    let shown = found.iter().skip(start).take(length);
    let findings: Vec<Value> = shown.map(|finding| told(text, finding)).collect();
    let next = start + findings.len();
    let token = (next < found.len()).then(|| next.to_string());
    Ok(json!({"findings": findings, "nextToken": token}))
}

fn kind(request: &OperationRequest<'_>) -> Result<PolicyKind, ApiError> {
    let resource = request.text("validatePolicyResourceType");
    Ok(match (request.text("policyType"), resource) {
        (Some("RESOURCE_POLICY"), Some("AWS::IAM::AssumeRolePolicyDocument")) => PolicyKind::Trust,
        (Some("RESOURCE_POLICY"), _) => PolicyKind::Resource(ResourcePolicyKind::Generic),
        (_, Some(_)) => {
            let text = "validatePolicyResourceType is for policies of the type RESOURCE_POLICY";
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
        (Some("SERVICE_CONTROL_POLICY"), None) => PolicyKind::ServiceControl,
        (Some("RESOURCE_CONTROL_POLICY"), None) => PolicyKind::ResourceControl,
        _ => PolicyKind::Identity,
    })
}

/// The first finding of the page, and how many it has at most.
fn page(request: &OperationRequest<'_>, count: usize) -> Result<(usize, usize), ApiError> {
    let start = match request.text("nextToken") {
        None => 0,
        Some(token) => token.parse().ok().filter(|start| *start <= count).ok_or_else(|| {
            ApiError::new(ErrorCode::Validation, format!("nextToken {token} was not made here"))
        })?,
    };
    let asked = request.input.get("maxResults").and_then(Value::as_u64);
    let length = match asked.map(usize::try_from) {
        None => PAGE,
        // The place of each is looked for in the text; more come with the next page.
        Some(Ok(length)) if length > 0 => length.min(PAGE),
        Some(_) => {
            let text = "maxResults must be at least 1";
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
    };
    Ok((start, length))
}

fn told(text: &str, finding: &Finding) -> Value {
    let details = match &finding.fix {
        Some(fix) => format!("{} Write `{fix}`.", finding.message),
        None => finding.message.clone(),
    };
    let (start, end) = element(text, &finding.pointer);
    json!({
        "findingType": match finding.severity {
            Severity::Error => "ERROR",
            Severity::SecurityWarning => "SECURITY_WARNING",
            Severity::Warning => "WARNING",
            Severity::Suggestion => "SUGGESTION",
        },
        "findingDetails": details,
        "issueCode": finding.code,
        "learnMoreLink": LEARN_MORE,
        "locations": [{"path": path(&finding.pointer), "span": {"start": position(start), "end": position(end)}}],
    })
}

/// A JSON pointer as Access Analyzer writes it: names as values, places in arrays as indices.
fn path(pointer: &str) -> Vec<Value> {
    let names = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    names
        .map(|name| match name.parse::<u64>() {
            Ok(index) => json!({"index": index}),
            Err(_) => json!({"value": name}),
        })
        .collect()
}

/// Columns count from 0 there.
fn position(place: Place) -> Value {
    json!({"line": place.line, "column": place.column - 1, "offset": place.offset})
}
