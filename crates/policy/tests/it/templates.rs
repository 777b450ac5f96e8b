//! Each template lets in whom it says, and nobody else.

use policy::{
    AccessRequest, Context, Policies, Policy, PolicyKind, PolicySet, Principal, ResourcePolicyKind,
    evaluate,
    template::{
        DomainArn, allow_ips, allow_principals, deny_all, open, per_index_team, read_only,
        write_only_index,
    },
};

const ROLE: &str = "arn:aws:iam::123456789012:role/app";

fn domain() -> DomainArn {
    DomainArn::new("us-east-1", "123456789012", "dev")
}

fn session(role: &str) -> Principal {
    let arn = format!("arn:aws:sts::123456789012:assumed-role/{role}/s");
    Principal::assumed_role(arn, format!("arn:aws:iam::123456789012:role/{role}"))
}

fn allows(
    policies: &Policies<'_>,
    principal: &Principal,
    method: &str,
    path: &str,
    context: &Context,
) -> bool {
    let resource = format!("arn:aws:es:us-east-1:123456789012:domain/dev{path}");
    let request = AccessRequest {
        principal,
        action: &format!("es:ESHttp{method}"),
        resource: &resource,
        resource_account: None,
        context,
    };
    evaluate(policies, &request).is_allowed()
}

fn access_policy(text: &str) -> PolicySet {
    let kind = PolicyKind::Resource(ResourcePolicyKind::Domain);
    PolicySet::single("access", Policy::parse(text, kind).unwrap())
}

fn gets_in(text: &str, principal: &Principal, address: &str) -> bool {
    let set = access_policy(text);
    let mut context = Context::new();
    context.set("aws:SourceIp", address);
    let policies = Policies { resource: Some(&set), ..Policies::NONE };
    allows(&policies, principal, "Get", "/_search", &context)
}

#[test]
fn the_access_policies_let_in_whom_they_name() {
    let (app, other, nobody) = (session("app"), session("other"), Principal::anonymous());
    let by_role = allow_principals(&domain(), [ROLE]);
    let by_address = allow_ips(&domain(), ["203.0.113.0/24"]);
    for (text, principal, address, expected) in [
        (&by_role, &app, "203.0.113.7", true),
        (&by_role, &other, "203.0.113.7", false),
        (&by_role, &nobody, "203.0.113.7", false),
        (&by_address, &nobody, "203.0.113.7", true),
        (&by_address, &nobody, "198.51.100.7", false),
        (&open(&domain()), &nobody, "198.51.100.7", true),
        (&deny_all(&domain()), &app, "203.0.113.7", false),
    ] {
        assert_eq!(gets_in(text, principal, address), expected, "{text} {principal:?}");
    }
}

/// What an identity policy allows of `METHOD PATH` lines.
fn check(text: &str, tags: &[(&str, &str)], allowed: &[&str], denied: &[&str]) {
    let policy = Policy::parse(text, PolicyKind::Identity).unwrap();
    let identity = PolicySet::single("template", policy);
    let mut context = Context::new();
    for (key, value) in tags {
        context.set(&format!("aws:PrincipalTag/{key}"), *value);
    }
    let policies = Policies { identity: &identity, ..Policies::NONE };
    for (lines, expected) in [(allowed, true), (denied, false)] {
        for line in lines {
            let (method, path) = line.split_once(' ').unwrap();
            let seen = allows(&policies, &session("app"), method, path, &context);
            assert_eq!(seen, expected, "{line}\n{text}");
        }
    }
}

#[test]
fn read_only_reads_and_searches_and_writes_nothing() {
    check(
        &read_only(&domain()),
        &[],
        &[
            "Get /",
            "Head /x",
            "Get /x/_doc/1",
            "Post /_search",
            "Post /x/_search",
            "Post /x/_count",
        ],
        &[
            "Put /x",
            "Delete /x",
            "Post /x/_doc",
            "Post /_bulk",
            "Post /x/_doc/_search",
            "Post /x/_update/_count",
            "Post /x/_create/_mget",
            "Put /x/_doc/_search",
        ],
    );
}

#[test]
fn write_only_adds_to_one_index_and_reads_nothing() {
    check(
        &write_only_index(&domain(), "logs"),
        &[],
        &["Post /logs/_doc", "Put /logs/_doc/1", "Post /logs/_bulk", "Post /_bulk"],
        &[
            "Get /logs/_search",
            "Post /logs/_search",
            "Post /other/_doc",
            "Put /logs",
            "Delete /logs",
        ],
    );
}

#[test]
fn a_team_has_its_own_indices_and_a_caller_without_a_team_has_none() {
    let text = per_index_team(&domain());
    let own = ["Put /red-x", "Post /red-x/_search", "Delete /red-x/_doc/1"];
    check(&text, &[("team", "red")], &own, &["Get /blue-x/_search", "Get /redx/_search"]);
    check(&text, &[("team", "*")], &["Get /"], &["Get /blue-x/_search"]);
    check(&text, &[], &["Get /"], &own);
}
