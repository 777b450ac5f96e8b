//! A denial by policy: who may not do what, which kind of policy decided, and the statement that
//! would admit the caller, for the operator to review.

use std::fmt;

use serde_json::json;

use super::finding::Finding;

/// `User: P is not authorized to perform: A …`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) principal: String,
    pub(crate) action: String,
    pub(crate) resource: Option<String>,
    pub(crate) why: DenialReason,
}

/// What the text says about the reason (`Troubleshoot access denied`, IAM User Guide).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DenialReason {
    /// `because no KIND policy allows the A action`.
    NoneAllows(DenyingPolicy),
    /// `with an explicit deny in a KIND policy`.
    ExplicitDeny(DenyingPolicy),
    /// Older texts end before the reason.
    Unsaid,
}

/// The kinds of policy that the texts name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DenyingPolicy {
    Identity,
    Resource,
    Boundary,
    Session,
    ServiceControl,
    ResourceControl,
    VpcEndpoint,
    Trust,
    Other,
}

impl fmt::Display for DenyingPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy (the domain's access policy)",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
            Self::Trust => "role trust policy",
            Self::Other => "policy of a kind that doctor does not know",
        })
    }
}

/// Takes a denial's text apart; `None` when it is none.
pub(crate) fn read(message: &str) -> Option<Denial> {
    let (_, rest) = message.split_once("User: ")?;
    let (principal, rest) = rest.split_once(" is not authorized to perform: ")?;
    let (action, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let resource = rest.strip_prefix("on resource: ").map(|rest| {
        let end = rest.find(" because ").or_else(|| rest.find(" with an explicit deny"));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_owned()
    });
    let why = if let Some((_, kind)) = rest.split_once("with an explicit deny in ") {
        DenialReason::ExplicitDeny(kind_of(kind))
    } else if let Some((_, kind)) = rest.split_once("because no ") {
        DenialReason::NoneAllows(kind_of(kind))
    } else {
        DenialReason::Unsaid
    };
    let (principal, action) = (principal.to_owned(), action.to_owned());
    Some(Denial { principal, action, resource, why })
}

fn kind_of(text: &str) -> DenyingPolicy {
    const WORDS: [(&str, DenyingPolicy); 8] = [
        ("resource control", DenyingPolicy::ResourceControl),
        ("identity-based", DenyingPolicy::Identity),
        ("resource-based", DenyingPolicy::Resource),
        ("permissions boundary", DenyingPolicy::Boundary),
        ("session", DenyingPolicy::Session), // explicit denials say "sessions"
        ("service control", DenyingPolicy::ServiceControl),
        ("VPC endpoint", DenyingPolicy::VpcEndpoint),
        ("role trust", DenyingPolicy::Trust),
    ];
    let text = text.trim_start_matches("a ").trim_start_matches("an ").trim_start_matches("the ");
    let found = WORDS.iter().find(|(word, _)| text.starts_with(word));
    found.map_or(DenyingPolicy::Other, |(_, kind)| *kind)
}

/// What the denial means.
pub(crate) fn finding(check: &'static str, status: u16, denial: &Denial) -> Finding {
    let Denial { principal, action, why, .. } = denial;
    if principal == "anonymous" {
        return Finding::fail(
            check,
            format!("{status}: the endpoint saw no credentials and took the caller for anonymous"),
        )
        .expected("the signature that was sent")
        .advice(
            "something in between removes Authorization: a proxy, a load balancer, a redirect",
        );
    }
    let (reason, expected, advice) = match why {
        DenialReason::NoneAllows(kind) => (
            format!("no {kind} allows it"),
            format!("an Allow for {action} in the {kind}"),
            lacking(*kind),
        ),
        DenialReason::ExplicitDeny(kind) => (
            format!("a statement of the {kind} denies it"),
            "no Deny that matches: an Allow anywhere else does not help".to_owned(),
            denying(*kind),
        ),
        DenialReason::Unsaid => (
            "the response does not say which policy".to_owned(),
            format!("an Allow for {action} in the caller's policies or the domain's"),
            lacking(DenyingPolicy::Identity),
        ),
    };
    Finding::fail(
        check,
        format!("{status}: the signature is right; {principal} may not {action}: {reason}"),
    )
    .expected(expected)
    .advice(advice)
}

fn lacking(kind: DenyingPolicy) -> &'static str {
    match kind {
        DenyingPolicy::Identity => {
            "allow it in a policy of the caller, or name the caller in the domain's access policy"
        }
        DenyingPolicy::Resource => {
            "name the caller in the domain's access policy; from another account both sides must allow"
        }
        DenyingPolicy::Boundary => {
            "the caller's permissions boundary must allow it as well: ask whoever set it"
        }
        DenyingPolicy::Session => {
            "the policy that was passed to AssumeRole must allow it as well: assume without it, or widen it"
        }
        DenyingPolicy::ServiceControl | DenyingPolicy::ResourceControl => {
            "the organisation must allow it: ask its administrator"
        }
        DenyingPolicy::VpcEndpoint => "the VPC endpoint's policy must allow it as well",
        DenyingPolicy::Trust => "the role's trust policy must name the caller",
        DenyingPolicy::Other => "ask an administrator of the account",
    }
}

fn denying(kind: DenyingPolicy) -> &'static str {
    match kind {
        DenyingPolicy::Identity => {
            "find the Deny in the caller's policies and their conditions (MFA, address, tags)"
        }
        DenyingPolicy::Resource => "find the Deny in the domain's access policy",
        DenyingPolicy::Boundary => "find the Deny in the permissions boundary: ask whoever set it",
        DenyingPolicy::Session => "find the Deny in the policy that was passed to AssumeRole",
        DenyingPolicy::ServiceControl => {
            "the organisation denies or does not allow it: ask its administrator"
        }
        DenyingPolicy::ResourceControl => {
            "the organisation of the resource's account denies it: ask its administrator"
        }
        DenyingPolicy::VpcEndpoint => "find the Deny in the VPC endpoint's policy",
        DenyingPolicy::Trust => "find the Deny in the role's trust policy",
        DenyingPolicy::Other => "ask an administrator of the account",
    }
}

/// The statement that would admit the caller, and where it belongs; `None` where an Allow does not
/// help, or the caller is nobody.
pub(crate) fn statement(denial: &Denial, domain: &str, service: &str) -> Option<Finding> {
    let kind = match denial.why {
        DenialReason::ExplicitDeny(_) => return None,
        DenialReason::NoneAllows(kind) => kind,
        DenialReason::Unsaid => DenyingPolicy::Identity,
    };
    if denial.principal == "anonymous" || service == "aoss" {
        return None;
    }
    let action = denial.action.as_str();
    let allow = json!({ "Effect": "Allow", "Action": action, "Resource": domain });
    let (place, statement) = match kind {
        DenyingPolicy::Identity | DenyingPolicy::Boundary | DenyingPolicy::Session => {
            let place = match kind {
                DenyingPolicy::Identity => "a policy of the caller",
                DenyingPolicy::Boundary => "the permissions boundary",
                _ => "the session policy",
            };
            (place, allow)
        }
        DenyingPolicy::Resource => {
            let principal = json!({ "AWS": principal(&denial.principal) });
            let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": domain });
            ("the domain's access policy", statement)
        }
        DenyingPolicy::ServiceControl
        | DenyingPolicy::ResourceControl
        | DenyingPolicy::VpcEndpoint
        | DenyingPolicy::Trust
        | DenyingPolicy::Other => return None,
    };
    let text = serde_json::to_string_pretty(&statement).unwrap_or_default();
    let finding =
        Finding::warn("policy", format!("this statement in {place} would admit the caller"));
    let advice = "review it before you add it: narrow Resource to the indices that are needed; then countersign policy lint FILE";
    Some(finding.advice(advice).detail(text.lines().map(str::to_owned).collect()))
}

/// Whom a policy names: the role of a session (its path is not in the session's ARN), else the caller.
fn principal(arn: &str) -> String {
    let session = arn.split_once(":assumed-role/");
    match session {
        Some((start, rest)) => {
            let role = rest.split('/').next().unwrap_or_default();
            format!("{}:role/{role}", start.replace(":sts:", ":iam:"))
        }
        None => arn.to_owned(),
    }
}

/// The ARN of everything in the domain that a line of an explanation names.
pub(crate) fn told_domain(line: &str) -> Option<String> {
    let (_, resource) = line.split_once("resource   arn:aws:es:")?;
    let (start, rest) = resource.split_once(":domain/")?;
    Some(format!("arn:aws:es:{start}:domain/{}/*", rest.split('/').next()?))
}

/// The ARN of everything in the domain, as far as its name tells
/// (`search-NAME-ID.REGION.es.SUFFIX`); what is unknown is in capitals.
pub(crate) fn domain_arn(host: &str, region: &str, principal: &str) -> String {
    let label = host.split('.').next().unwrap_or_default();
    let named = label.strip_prefix("search-").or_else(|| label.strip_prefix("vpc-"));
    let name = named.and_then(|rest| rest.rsplit_once('-')).map_or("DOMAIN", |(name, _)| name);
    let account = principal.split(':').nth(4).filter(|account| !account.is_empty());
    format!("arn:aws:es:{region}:{}:domain/{name}/*", account.unwrap_or("ACCOUNT"))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/reader/r";

    fn denied(end: &str) -> Denial {
        read(&format!("User: {SESSION} is not authorized to perform: es:ESHttpGet{end}")).unwrap()
    }

    fn check(end: &str, expected: Expect) {
        let mut out = Vec::new();
        finding("signed", 403, &denied(end)).write(&mut out, false).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn nothing_allows_it_on_the_callers_side() {
        check(
            " because no identity-based policy allows the es:ESHttpGet action",
            expect![[r#"
                ✗ signed      403: the signature is right; arn:aws:sts::123456789012:assumed-role/reader/r may not es:ESHttpGet: no identity-based policy allows it
                    expected  an Allow for es:ESHttpGet in the identity-based policy
                    next      allow it in a policy of the caller, or name the caller in the domain's access policy
            "#]],
        );
    }

    #[test]
    fn nothing_allows_it_on_the_domains_side() {
        check(
            " because no resource-based policy allows the es:ESHttpGet action",
            expect![[r#"
                ✗ signed      403: the signature is right; arn:aws:sts::123456789012:assumed-role/reader/r may not es:ESHttpGet: no resource-based policy (the domain's access policy) allows it
                    expected  an Allow for es:ESHttpGet in the resource-based policy (the domain's access policy)
                    next      name the caller in the domain's access policy; from another account both sides must allow
            "#]],
        );
    }

    #[test]
    fn a_boundary_and_a_session_policy_must_allow_as_well() {
        check(
            " because no permissions boundary allows the es:ESHttpGet action",
            expect![[r#"
                ✗ signed      403: the signature is right; arn:aws:sts::123456789012:assumed-role/reader/r may not es:ESHttpGet: no permissions boundary allows it
                    expected  an Allow for es:ESHttpGet in the permissions boundary
                    next      the caller's permissions boundary must allow it as well: ask whoever set it
            "#]],
        );
        check(
            " because no session policy allows the es:ESHttpGet action",
            expect![[r#"
                ✗ signed      403: the signature is right; arn:aws:sts::123456789012:assumed-role/reader/r may not es:ESHttpGet: no session policy allows it
                    expected  an Allow for es:ESHttpGet in the session policy
                    next      the policy that was passed to AssumeRole must allow it as well: assume without it, or widen it
            "#]],
        );
    }

    #[test]
    fn of_an_explicit_deny_the_policy_to_look_into_is_named() {
        const KINDS: [(&str, &str, &str); 7] = [
            ("a resource control policy", "resource control policy", "ask its administrator"),
            ("a service control policy", "service control policy", "ask its administrator"),
            ("a sessions policy", "session policy", "the policy that was passed to AssumeRole"),
            ("an identity-based policy", "identity-based policy", "(MFA, address, tags)"),
            ("a resource-based policy", "resource-based policy", "the domain's access policy"),
            ("a permissions boundary", "permissions boundary", "ask whoever set it"),
            ("a VPC endpoint policy", "VPC endpoint policy", "the VPC endpoint's policy"),
        ];
        for (kind, named, advice) in KINDS {
            let found =
                finding("signed", 403, &denied(&format!(" with an explicit deny in {kind}")));
            assert!(found.seen.contains(&format!("a statement of the {named}")), "{}", found.seen);
            assert!(found.seen.ends_with(" denies it"), "{}", found.seen);
            assert!(found.advice.ends_with(advice), "{}", found.advice);
        }
    }

    #[test]
    fn older_texts_do_not_say_why() {
        check(
            "",
            expect![[r#"
                ✗ signed      403: the signature is right; arn:aws:sts::123456789012:assumed-role/reader/r may not es:ESHttpGet: the response does not say which policy
                    expected  an Allow for es:ESHttpGet in the caller's policies or the domain's
                    next      allow it in a policy of the caller, or name the caller in the domain's access policy
            "#]],
        );
        assert_eq!(denied(" on resource: books").resource.as_deref(), Some("books"));
    }

    #[test]
    fn the_statement_that_would_admit_the_caller_names_where_it_belongs() {
        let told =
            |end: &str| statement(&denied(end), "arn:aws:es:us-east-1:1:domain/books/*", "es");
        let mut out = Vec::new();
        told(" because no resource-based policy allows it")
            .unwrap()
            .write(&mut out, false)
            .unwrap();
        expect![[r#"
            ! policy      this statement in the domain's access policy would admit the caller
                next      review it before you add it: narrow Resource to the indices that are needed; then countersign policy lint FILE
                  {
                    "Effect": "Allow",
                    "Principal": {
                      "AWS": "arn:aws:iam::123456789012:role/reader"
                    },
                    "Action": "es:ESHttpGet",
                    "Resource": "arn:aws:es:us-east-1:1:domain/books/*"
                  }
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
        for (end, place) in [
            ("", "a policy of the caller"),
            (" because no identity-based policy allows it", "a policy of the caller"),
            (" because no permissions boundary allows it", "the permissions boundary"),
            (" because no session policy allows it", "the session policy"),
        ] {
            let found = told(end).unwrap();
            assert_eq!(found.seen, format!("this statement in {place} would admit the caller"));
            let text = found.detail.concat();
            assert!(!text.contains("Principal") && text.contains("es:ESHttpGet"), "{text}");
        }
    }

    #[test]
    fn where_an_allow_does_not_help_none_is_written() {
        for end in [
            " with an explicit deny in an identity-based policy",
            " with an explicit deny in a resource-based policy",
            " because no service control policy allows it",
            " because no VPC endpoint policy allows it",
        ] {
            assert!(statement(&denied(end), "arn", "es").is_none(), "{end}");
        }
    }

    #[test]
    fn the_control_plane_names_the_resource() {
        let end = " on resource: arn:aws:es:us-east-1:1:domain/a because no identity-based policy allows it";
        assert_eq!(denied(end).resource.as_deref(), Some("arn:aws:es:us-east-1:1:domain/a"));
    }

    #[test]
    fn a_signed_request_that_arrives_unsigned_was_changed_on_the_way() {
        let text = "User: anonymous is not authorized to perform: es:ESHttpGet because no \
            resource-based policy allows the es:ESHttpGet action";
        let denial = read(text).unwrap();
        expect!["something in between removes Authorization: a proxy, a load balancer, a redirect"]
            .assert_eq(&finding("signed", 403, &denial).advice);
        assert!(statement(&denial, "arn", "es").is_none());
    }

    #[test]
    fn an_explanation_tells_the_domain() {
        let line = "  resource   arn:aws:es:us-east-1:123456789012:domain/dev/a/_search";
        let arn = "arn:aws:es:us-east-1:123456789012:domain/dev/*";
        assert_eq!(told_domain(line).as_deref(), Some(arn));
        assert_eq!(told_domain("  action     es:ESHttpGet"), None);
    }

    #[test]
    fn an_endpoints_name_tells_the_domain() {
        let arn = |host: &str| domain_arn(host, "eu-west-1", SESSION);
        assert_eq!(
            arn("search-my-books-abc123.eu-west-1.es.amazonaws.com"),
            "arn:aws:es:eu-west-1:123456789012:domain/my-books/*"
        );
        assert_eq!(arn("localhost"), "arn:aws:es:eu-west-1:123456789012:domain/DOMAIN/*");
    }
}
