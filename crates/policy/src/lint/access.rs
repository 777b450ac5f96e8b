//! What lets in more than its author may think.

use super::{Findings, Scope, Severity};
use crate::arn::account_of;
use crate::arn::six_segments;
use crate::compare::{Answer, public};
use crate::context::Context;
use crate::document::Policy;
use crate::effect::Effect;
use crate::kind::PolicyKind;
use crate::principal::PrincipalName;
use crate::resource::{ResourcePattern, Target};

const NOTHING: Context = Context::new();

/// Comparisons of a statement's entries of `Resource` with each other, for one code: each of up to 500 with all of them. Of more entries the
/// first ones are compared with all.
const COMPARISONS_MAX: usize = 250_000;

pub(super) fn check(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    without_paths(scope, findings);
    match scope.statement.effect {
        Effect::Allow => {
            everybody(scope, findings);
            negations(scope, findings);
            full_access(scope, findings);
            pass_role(scope, findings);
            bulk(scope, findings);
        }
        Effect::Deny => open_index(scope, findings),
    }
}

fn everybody(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let Some(principals) = &scope.statement.principals else { return };
    let pointer = format!("{}/Principal", scope.at);
    let named = principals.names.contains(&PrincipalName::Everyone);
    if named && !principals.negated && scope.statement.conditions.is_empty() {
        let message = "everyone is allowed, including anonymous callers: name principals, or add \
                       a condition";
        findings.add("WILDCARD_PRINCIPAL", Severity::SecurityWarning, &pointer, message);
    }
    if principals.names.iter().any(|name| matches!(name, PrincipalName::CanonicalUser(_))) {
        let message = "a canonical user id matches no principal here";
        findings.add("UNSUPPORTED_PRINCIPAL", Severity::Warning, &pointer, message);
    }
}

fn negations(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let statement = scope.statement;
    let elements = [
        (statement.principals.as_ref().is_some_and(|it| it.negated), "NotPrincipal"),
        (statement.actions.negated, "NotAction"),
        (statement.resources.as_ref().is_some_and(|it| it.negated), "NotResource"),
    ];
    for (negated, element) in elements {
        if negated {
            let message = format!(
                "Allow with {element} allows everything that is not listed, new things included"
            );
            let code = "ALLOW_WITH_NOT_ELEMENT";
            let pointer = format!("{}/{element}", scope.at);
            findings.add(code, Severity::SecurityWarning, &pointer, message);
        }
    }
}

fn full_access(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let any_action = covers_action(scope, "any:Thing") && covers_action(scope, "other:Thing");
    let unlimited =
        scope.statement.conditions.is_empty()
            && scope.statement.resources.as_ref().is_none_or(|it| {
                it.patterns.iter().any(|entry| entry.source() == "*") && !it.negated
            });
    let has_side = !scope.policy.kind().has_principals();
    let grants = matches!(scope.policy.kind(), PolicyKind::Identity);
    if any_action && unlimited && has_side && grants && !scope.statement.actions.negated {
        let message = "every action on every resource is allowed";
        findings.add("FULL_ACCESS", Severity::SecurityWarning, scope.at, message);
    }
}

fn pass_role(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let every_role = scope.statement.resources.as_ref().is_some_and(|resources| {
        !resources.negated && resources.patterns.iter().any(|entry| entry.source() == "*")
    });
    let by_name = scope
        .statement
        .actions
        .patterns
        .iter()
        .any(|entry| entry.source.to_ascii_lowercase().starts_with("iam:pass"));
    if by_name && every_role && covers_action(scope, "iam:PassRole") {
        let message = "every role may be passed to every service: name the roles";
        let pointer = format!("{}/Resource", scope.at);
        findings.add("PASS_ROLE_WITH_STAR", Severity::SecurityWarning, &pointer, message);
    }
}

/// `domain/NAME` is the domain itself, for the configuration API. Requests are asked for as `domain/NAME/PATH`, also
/// `GET /`: who forgets `/*` lets nobody in, and shuts nobody out.
///
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html#ac-reference>
fn without_paths(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    const REQUESTS: [&str; 6] = [
        "es:ESHttpGet",
        "es:ESHttpPost",
        "es:ESHttpPut",
        "es:ESHttpDelete",
        "es:ESHttpHead",
        "es:ESHttpPatch",
    ];
    if !REQUESTS.iter().any(|action| covers_action(scope, action)) {
        return;
    }
    let entries = domain_entries(scope, findings);
    let without = entries.iter().filter(|(_, _, name)| !name.contains('/'));
    for (pointer, entry, name) in without.take(COMPARISONS_MAX / entries.len().max(1)) {
        let domain = name.replace(['*', '?'], "x");
        if entries.iter().any(|(_, other, _)| covers_path(other, &domain, "_search")) {
            continue;
        }
        let (severity, what) = match scope.statement.effect {
            Effect::Allow => (Severity::Warning, "lets no request in"),
            Effect::Deny => (Severity::SecurityWarning, "denies no request"),
        };
        let message = format!(
            "`domain/{name}` is the domain itself: es:ESHttp* is authorized on `domain/{name}/PATH`, so this entry {what}"
        );
        let fix = Some(format!("{}/*", entry.source()));
        findings.add_with_fix("DOMAIN_WITHOUT_PATHS", severity, pointer, message, fix);
    }
}

/// In mode `aws` the URL decides alone: who may `POST …/_bulk` writes to every index that the
/// body names.
///
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html#ac-advanced>
fn bulk(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    if !covers_action(scope, "es:ESHttpPost") && !covers_action(scope, "es:ESHttpPut") {
        return;
    }
    for (pointer, entry, path) in domain_entries(scope, findings) {
        let Some((domain, index)) = path.split_once('/').filter(|(_, index)| !index.is_empty())
        else {
            continue;
        };
        let index = index.split('/').next().unwrap_or_default().replace(['*', '?'], "x");
        let covers = |path: &str| covers_path(entry, &domain.replace(['*', '?'], "x"), path);
        let bulk = covers("_bulk") || covers(&format!("{index}/_bulk"));
        if bulk && !covers("any-other-index/_doc/1") {
            let message = "in mode `aws` the lines of a `_bulk` body may name every index of the \
                           domain, whatever the URL; mode `strict` asks for each line";
            findings.add("BULK_REACHES_EVERY_INDEX", Severity::SecurityWarning, &pointer, message);
        }
    }
}

/// A Deny on `domain/NAME/INDEX/*` leaves `DELETE /INDEX` open.
fn open_index(scope: &Scope<'_>, findings: &mut Findings<'_>) {
    let Some(resources) = &scope.statement.resources else { return };
    let entries =
        domain_entries(scope, findings).into_iter().filter_map(|(pointer, entry, path)| {
            let (domain, index) = path.strip_suffix("/*")?.split_once('/')?;
            let is_index = !index.contains('/') && !index.is_empty();
            is_index.then_some((pointer, entry, domain, index))
        });
    for (pointer, entry, domain, index) in
        entries.take(COMPARISONS_MAX / resources.patterns.len().max(1))
    {
        let itself = index.replace(['*', '?'], "x");
        let domain = domain.replace(['*', '?'], "x");
        let is_covered =
            resources.patterns.iter().any(|entry| covers_path(entry, &domain, &itself));
        if !is_covered {
            let message = format!(
                "the paths under `{index}` are denied, the index itself is not: `DELETE /{index}` \
                 remains open"
            );
            let fix = entry.source().strip_suffix("/*").map(|source| format!("{source}*"));
            let code = "DENY_LEAVES_INDEX_OPEN";
            findings.add_with_fix(code, Severity::SecurityWarning, &pointer, message, fix);
        }
    }
}

/// Whether anyone outside the account gets in, decided by the comparison of policies.
pub(super) fn check_whole(policy: &Policy, findings: &mut Findings<'_>) {
    if !matches!(policy.kind(), PolicyKind::Resource(_)) {
        return;
    }
    let resources = policy.statements.iter().filter_map(|it| it.resources.as_ref());
    let sources = resources.flat_map(|it| &it.patterns).map(ResourcePattern::source);
    let Some(account) = sources.filter_map(account_of).find(|it| !it.contains(['*', '?'])) else {
        return;
    };
    if let Answer::Yes(witness) = public(policy, account) {
        let message = format!(
            "callers outside account {account} get in, for example {} with {} on {}",
            witness.principal.arn(),
            witness.action,
            witness.resource
        );
        findings.add("PUBLIC_ACCESS", Severity::SecurityWarning, "/Statement", message);
    }
}

/// The entries of `Resource` that name paths of es domains: pointer, entry, and what follows
/// `domain/`.
fn domain_entries<'s>(
    scope: &Scope<'s>,
    findings: &Findings<'_>,
) -> Vec<(String, &'s ResourcePattern, &'s str)> {
    let Some(resources) = scope.statement.resources.as_ref().filter(|it| !it.negated) else {
        return Vec::new();
    };
    let element = format!("{}/Resource", scope.at);
    let entries = resources.patterns.iter().enumerate().filter_map(|(at, entry)| {
        let [_, _, "es", _, _, resource] = six_segments(entry.source())? else { return None };
        let path = resource.strip_prefix("domain/")?;
        Some((findings.entry(&element, at), entry, path))
    });
    entries.collect()
}

/// Whether the entry covers a path of a domain; region and account as the entry has them.
fn covers_path(entry: &ResourcePattern, domain: &str, path: &str) -> bool {
    let Some([_, partition, service, region, account, _]) = six_segments(entry.source()) else {
        return true;
    };
    let fixed = |segment: &str| segment.replace(['*', '?'], "x");
    let [partition, region, account] = [partition, region, account].map(fixed);
    let resource = format!("arn:{partition}:{service}:{region}:{account}:domain/{domain}/{path}");
    entry.matches(&Target::new(&resource), &NOTHING)
}

fn covers_action(scope: &Scope<'_>, action: &str) -> bool {
    scope.statement.actions.matches(action, None)
}
