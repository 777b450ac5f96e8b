//! Conditions on keys that do not exist, of another type, or that are true when nobody looks.

use super::{Findings, Scope, Severity, reference};
use crate::condition::{Condition, ConditionValues, Family, Quantifier};
use crate::effect::Effect;
use crate::parse::closest;

pub(super) fn check(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    for condition in &scope.statement.conditions {
        // The parser writes the pointer as if `Statement` were an array.
        let tail = condition.pointer.find("/Condition/").and_then(|at| condition.pointer.get(at..));
        let pointer = format!("{}{}", scope.at, tail.unwrap_or_default());
        if condition.is_residual() {
            document(scope, condition, &pointer, findings);
        } else {
            key(condition, &pointer, findings);
        }
        quantifier(scope, condition, &pointer, findings);
        values(condition, &pointer, findings);
    }
}

/// A condition on a document or a field. Which type the field has is a matter of the index's mapping.
fn document(scope: &Scope<'_>, condition: &Condition, pointer: &str, findings: &mut Findings<'_>) {
    let key = condition.key.written();
    let actions = &scope.statement.actions;
    let methods = ["Get", "Head", "Post", "Put", "Delete", "Patch"];
    if !methods.iter().any(|method| actions.matches(&format!("es:ESHttp{method}"), None)) {
        let message = format!(
            "`{key}` is there only with es:ESHttp* actions: of the others no request has a document"
        );
        findings.add("DOCUMENT_KEY_WITHOUT_DOCUMENTS", Severity::Warning, pointer, message);
    }
    let allows = scope.statement.effect == Effect::Allow;
    let lets_in_without = condition.operator.negated || condition.if_exists;
    if allows && lets_in_without && condition.key.document_field().is_some() {
        let name = condition.operator_name();
        let message =
            format!("{name} lets in documents that have no value in the field of `{key}`");
        let fix = Some(format!("\"Null\": {{\"{key}\": \"false\"}}"));
        let code = "DOCUMENTS_WITHOUT_VALUE";
        findings.add_with_fix(code, Severity::SecurityWarning, pointer, message, fix);
    }
}

fn key(condition: &Condition, pointer: &str, findings: &mut Findings<'_>) {
    let (written, folded) = (condition.key.written(), condition.key.folded());
    let Some(kind) = reference::key_type(folded) else {
        let service = folded.split(':').next().unwrap_or_default();
        // Keys of services that the table does not know may exist.
        if ["aws", "iam", "sts", "es"].contains(&service) {
            let names = reference::keys(&format!("{service}:"));
            let message =
                format!("`{written}` is not a context key: it is absent from every request");
            let fix = closest(written, &names).map(str::to_owned);
            findings.add_with_fix(
                "INVALID_CONDITION_KEY",
                Severity::Warning,
                pointer,
                message,
                fix,
            );
        }
        return;
    };
    let name = condition.operator_name();
    let several = kind.starts_with("ArrayOf");
    if several && condition.quantifier.is_none() && condition.operator.family != Family::Null {
        let message = format!(
            "`{written}` has several values: {name} without ForAllValues or ForAnyValue matches only when there is exactly one"
        );
        let fix = Some(format!("ForAnyValue:{name}"));
        let code = "MULTIVALUED_KEY_WITHOUT_QUANTIFIER";
        findings.add_with_fix(code, Severity::Warning, pointer, message, fix);
    }
    if !several && condition.quantifier.is_some() {
        let message = format!("`{written}` has a single value: {name} is misleading");
        let code = "QUANTIFIER_ON_SINGLE_VALUED_KEY";
        findings.add(code, Severity::SecurityWarning, pointer, message);
    }
    if !fits(condition.operator.family, kind) {
        let message = format!("`{written}` is of type {kind}: {name} does not compare such values");
        findings.add("TYPE_MISMATCH", Severity::Warning, pointer, message);
    }
}

fn fits(family: Family, kind: &str) -> bool {
    let kind = kind.strip_prefix("ArrayOf").unwrap_or(kind);
    match family {
        Family::Null => true,
        Family::String(_) => !matches!(kind, "IPAddress" | "Date" | "Numeric"),
        Family::Arn => kind == "ARN",
        Family::Numeric(_) => matches!(kind, "Numeric" | "Date"),
        Family::Date(_) => matches!(kind, "Date"),
        Family::Bool => kind == "Bool",
        Family::Ip => kind == "IPAddress",
        Family::Binary => kind == "Binary",
    }
}

/// `ForAllValues` is true when the key is absent: with Allow that lets in who sends nothing.
fn quantifier(
    scope: &Scope<'_>,
    condition: &Condition,
    pointer: &str,
    findings: &mut Findings<'_>,
) {
    let guarded = scope.statement.conditions.iter().any(|other| {
        let is_present =
            matches!(&other.values, ConditionValues::Nulls(wanted) if wanted == &[false]);
        is_present && other.quantifier.is_none() && other.key.folded() == condition.key.folded()
    });
    let allows = scope.statement.effect == Effect::Allow;
    if allows && condition.quantifier == Some(Quantifier::ForAllValues) && !guarded {
        let key = condition.key.written();
        let message = format!(
            "ForAllValues is true when `{key}` is absent: the statement allows requests that do \
             not have the key"
        );
        let fix = Some(format!("\"Null\": {{\"{key}\": \"false\"}}"));
        let code = "FOR_ALL_VALUES_WITHOUT_NULL";
        findings.add_with_fix(code, Severity::SecurityWarning, pointer, message, fix);
    }
}

fn values(condition: &Condition, pointer: &str, findings: &mut Findings<'_>) {
    if condition.values.len() == 0 {
        let message = "an empty list of values: plain operators are always true";
        findings.add("EMPTY_CONDITION_VALUES", Severity::Warning, pointer, message);
    }
    if let ConditionValues::Arns(patterns) = &condition.values {
        for (pattern, written) in patterns.iter().zip(&condition.written) {
            if pattern.segments.is_none() {
                let message = format!("`{written}` has fewer than six segments: it matches no ARN");
                findings.add("INVALID_ARN_VALUE", Severity::Warning, pointer, message);
            }
        }
    }
    if let Family::String(crate::condition::string::Comparison::Equals) = condition.operator.family
        && let Some(written) =
            condition.written.iter().find(|it| it.contains('*') && !it.contains("${*}"))
    {
        let name = condition.operator_name();
        let message = format!("the star in `{written}` is literal under {name}");
        let fix = Some(name.replace("Equals", "Like"));
        let code = "WILDCARD_WITHOUT_LIKE";
        findings.add_with_fix(code, Severity::Warning, pointer, message, fix);
    }
}
