//! Version, identifiers, and elements that are there and say nothing.

use super::{Findings, Severity};
use crate::compare::{Verdict, diff};
use crate::document::{Policy, Version};
use crate::effect::Effect;
use crate::kind::PolicyKind;

/// Policies with more statements than this are not searched for statements without effect: each
/// one costs a comparison of the whole policy.
const COMPARED_STATEMENTS_MAX: usize = 24;

pub(super) fn check(policy: &Policy, findings: &mut Findings<'_>) {
    version(policy, findings);
    for (at, statement) in policy.statements.iter().enumerate() {
        let place = findings.statement(at);
        for element in ["Action", "NotAction", "Resource", "NotResource", "Principal/AWS"] {
            empty(&format!("{place}/{element}"), "EMPTY_ARRAY", findings);
        }
        if statement.conditions.is_empty() {
            empty(&format!("{place}/Condition"), "EMPTY_CONDITION", findings);
        }
        let names = statement.principals.as_ref().filter(|it| it.names.is_empty());
        if names.is_some() {
            let message = "an empty principal names nobody: the statement has no effect";
            let pointer = format!("{place}/Principal");
            findings.add("EMPTY_PRINCIPAL", Severity::Warning, &pointer, message);
        }
    }
    without_effect(policy, findings);
}

fn version(policy: &Policy, findings: &mut Findings<'_>) {
    if policy.version() == Version::V2012 {
        return;
    }
    let message = match policy.version {
        None => "without a version the policy language is 2008-10-17: variables are literal text",
        Some(_) => "version 2008-10-17 is deprecated: variables are literal text in it",
    };
    let pointer = if policy.version.is_some() { "/Version" } else { "" };
    let fix = Some("\"Version\": \"2012-10-17\"".to_owned());
    findings.add_with_fix("DEPRECATED_VERSION", Severity::Warning, pointer, message, fix);
    if let Some(offset) = findings.text.find("${") {
        let message = "`${` is literal text in this version: the variable will not be replaced";
        findings.add("VARIABLE_IN_OLD_VERSION", Severity::Warning, pointer, message);
        if let Some((at, _)) = findings.list.last_mut() {
            *at = offset;
        }
    }
}

fn empty(pointer: &str, code: &'static str, findings: &mut Findings<'_>) {
    use crate::json::JsonKind;
    let is_empty = findings.node(pointer).is_some_and(|node| match &node.kind {
        JsonKind::Array(items) => items.is_empty(),
        JsonKind::Object(members) => members.is_empty(),
        _ => false,
    });
    if is_empty {
        let message = "the element is empty: say what it covers, or leave it out";
        findings.add(code, Severity::Suggestion, pointer, message);
    }
}

/// A statement is redundant when the policy allows the same without it. Decided, not guessed: the
/// two policies are compared.
fn without_effect(policy: &Policy, findings: &mut Findings<'_>) {
    if !(2..=COMPARED_STATEMENTS_MAX).contains(&policy.statements.len()) {
        return;
    }
    for (at, statement) in policy.statements.iter().enumerate() {
        let mut without = policy.clone();
        without.statements.remove(at);
        if diff(&without, policy).verdict() != Verdict::Equal {
            continue;
        }
        let place = findings.statement(at);
        // A Deny in one policy also binds what other policies allow.
        let (code, severity, message) = match statement.effect {
            _ if policy.kind() == PolicyKind::ResourceControl => (
                "REDUNDANT_STATEMENT",
                Severity::Suggestion,
                "the policy denies the same without this statement: others deny all of it",
            ),
            Effect::Allow => (
                "REDUNDANT_STATEMENT",
                Severity::Suggestion,
                "the policy allows the same without this statement: others allow all of it, or \
                 deny it",
            ),
            Effect::Deny => (
                "DENY_OF_NOTHING_ALLOWED_HERE",
                Severity::Suggestion,
                "this statement denies nothing that this policy allows; it still limits what other policies allow",
            ),
        };
        findings.add(code, severity, &place, message);
    }
}
