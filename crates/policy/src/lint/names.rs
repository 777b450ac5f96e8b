//! Actions, keys and resources that do not exist, or that cannot go together.

use super::{Findings, Scope, Severity, reference};
use crate::action::RENAMED;
use crate::arn::six_segments;
use crate::context::Context;
use crate::parse::closest;
use crate::principal::PrincipalName;

pub(super) fn check(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    actions(scope, findings);
    resources(scope, findings);
    principals(scope, findings);
}

/// Who is named must exist when a policy is set, which no file tells: a domain answers `Error setting policy`, iam
/// `MalformedPolicyDocument`.
fn principals(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let Some(principals) = &scope.statement.principals else { return };
    let named = principals.names.iter().filter_map(|name| match name {
        PrincipalName::Arn { arn, .. } => Some(arn.as_str()),
        PrincipalName::UniqueId(id) => Some(id.as_str()),
        _ => None,
    });
    let named: Vec<&str> = named.collect();
    let Some(first) = named.first() else { return };
    let others = match named.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let message = format!(
        "whether `{first}`{others} exists cannot be checked offline: a policy that names a principal which does not exist is refused when it is set, and `explain` then names it"
    );
    let pointer = format!("{}/Principal", scope.at);
    findings.add("PRINCIPAL_NOT_CHECKED", Severity::Suggestion, &pointer, message);
}

fn actions(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    const NOTHING: Context = Context::new();
    let actions = &scope.statement.actions;
    let element = if actions.negated { "NotAction" } else { "Action" };
    let element = format!("{}/{element}", scope.at);
    for (at, entry) in actions.patterns.iter().enumerate() {
        let pointer = findings.entry(&element, at);
        let Some((service, _)) = entry.source.split_once(':') else { continue };
        let known = reference::actions(service);
        if known.is_empty() {
            continue;
        }
        let names: Vec<&str> = known.iter().map(|action| action.name).collect();
        let source = &entry.source;
        if entry.pattern.literal().is_some() {
            if !names.iter().any(|name| name.eq_ignore_ascii_case(source)) {
                let message = format!("`{source}` is not an action: this entry covers nothing");
                let fix = closest(source, &names).map(str::to_owned);
                findings.add_with_fix("INVALID_ACTION", Severity::Error, &pointer, message, fix);
            } else if let Some((_, new)) =
                RENAMED.iter().find(|(old, _)| old.eq_ignore_ascii_case(source))
            {
                let message = format!("`{source}` is the old name of `{new}`");
                let fix = Some((*new).to_owned());
                findings.add_with_fix(
                    "DEPRECATED_ACTION",
                    Severity::Suggestion,
                    &pointer,
                    message,
                    fix,
                );
            }
        } else if !names.iter().any(|name| entry.pattern.matches(name, &NOTHING)) {
            let message = format!("`{source}` matches no action of {service}");
            findings.add("INVALID_ACTION", Severity::Error, &pointer, message);
        }
    }
}

fn resources(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let Some(resources) = &scope.statement.resources else { return };
    let element = if resources.negated { "NotResource" } else { "Resource" };
    let element = format!("{}/{element}", scope.at);
    for (at, entry) in resources.patterns.iter().enumerate() {
        let pointer = findings.entry(&element, at);
        let Some([_, _, service, region, account, resource]) = six_segments(entry.source()) else {
            continue;
        };
        if [region, account].iter().any(|segment| segment.contains("${")) {
            let message = "variables work only after the fifth colon: this one is literal text";
            findings.add("VARIABLE_OUT_OF_PLACE", Severity::Warning, &pointer, message);
            continue;
        }
        let digits = account.bytes().all(|byte| byte.is_ascii_digit());
        let plain = !account.contains(['*', '?']) && !account.is_empty();
        if plain && (!digits || account.len() != 12) {
            let message = format!("`{account}` is not an account: expected twelve digits or `*`");
            findings.add("INVALID_ACCOUNT", Severity::Error, &pointer, message);
        }
        if service == "es" && !could_be_es(resource) {
            let message = format!(
                "`{resource}` is not a resource of es, which begins with `domain/NAME`: this entry covers nothing"
            );
            findings.add("RESOURCE_CANNOT_MATCH", Severity::Error, &pointer, message);
        } else if !resources.negated && !goes_with_an_action(scope, service) {
            let message =
                format!("no action of the statement is of {service}: this entry covers nothing");
            findings.add("RESOURCE_CANNOT_MATCH", Severity::Warning, &pointer, message);
        }
    }
}

/// Whether the text could begin with `domain/`, wildcards aside.
fn could_be_es(resource: &str) -> bool {
    let literal = resource.split(['*', '?', '$']).next().unwrap_or_default();
    literal.starts_with("domain/")
        || (literal.len() < resource.len() && "domain/".starts_with(literal))
}

/// Whether some action may ask for a resource of the service. Roles are passed to other services
/// and asked for by sts.
fn goes_with_an_action(scope: &Scope<'_>, service: &str) -> bool {
    let actions = &scope.statement.actions;
    actions.negated
        || actions.patterns.is_empty()
        || actions.patterns.iter().any(|entry| match entry.source.split_once(':') {
            None | Some(("*", _)) => true,
            Some((of, _)) => {
                of.eq_ignore_ascii_case(service)
                    || (of.eq_ignore_ascii_case("sts") && service == "iam")
                    || (of.eq_ignore_ascii_case("iam") && service == "sts")
            }
        })
}
