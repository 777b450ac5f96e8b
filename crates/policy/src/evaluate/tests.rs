use super::*;
use crate::{Context, Policy, PolicyKind, ResourcePolicyKind};

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/app/s";
const RESOURCE: &str = "arn:aws:es:us-east-1:123456789012:domain/logs/_search";

fn set(kind: PolicyKind, effect: &str) -> PolicySet {
    let principal = if kind.has_principals() { r#""Principal":"*","# } else { "" };
    let resource = if kind == PolicyKind::Trust { "" } else { r#","Resource":"*""# };
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}",{principal}"Action":"*"{resource}}}}}"#
    );
    PolicySet::single("p", Policy::parse(&text, kind).unwrap())
}

fn text(policies: &Policies<'_>, resource: &str) -> String {
    let role = "arn:aws:iam::123456789012:role/app";
    let principal = Principal::assumed_role(SESSION, role);
    let context = Context::new();
    let action = "es:ESHttpGet";
    let request = AccessRequest {
        principal: &principal,
        action,
        resource,
        resource_account: None,
        context: &context,
    };
    let text = evaluate(policies, &request).denial_text(SESSION, action, None);
    let start = format!("User: {SESSION} is not authorized to perform: es:ESHttpGet ");
    text.strip_prefix(&start).unwrap().to_owned()
}

#[test]
fn the_eight_explicit_forms() {
    let allow = set(PolicyKind::Identity, "Allow");
    let base = Policies { identity: &allow, ..Policies::NONE };
    let deny = |kind| set(kind, "Deny");
    let identity = deny(PolicyKind::Identity);
    let resource = deny(PolicyKind::Resource(ResourcePolicyKind::Generic));
    let trust = deny(PolicyKind::Trust);
    let boundary = deny(PolicyKind::Boundary);
    let session = deny(PolicyKind::Session);
    let control = [deny(PolicyKind::ServiceControl)];
    let resource_control = [deny(PolicyKind::ResourceControl)];
    let endpoint = [Arc::new(deny(PolicyKind::Resource(ResourcePolicyKind::Generic)))];
    for (policies, noun) in [
        (Policies { identity: &identity, ..base }, "an identity-based policy"),
        (Policies { resource: Some(&resource), ..base }, "a resource-based policy"),
        (Policies { resource: Some(&trust), ..base }, "the role trust policy"),
        (Policies { permissions_boundary: Some(&boundary), ..base }, "a permissions boundary"),
        (Policies { session: Some(&session), ..base }, "a sessions policy"),
        (Policies { service_control: &control, ..base }, "a service control policy"),
        (Policies { resource_control: &resource_control, ..base }, "a resource control policy"),
        (Policies { endpoints: &endpoint, ..base }, "a VPC endpoint policy"),
    ] {
        assert_eq!(text(&policies, RESOURCE), format!("with an explicit deny in {noun}"));
    }
}

#[test]
fn the_six_implicit_forms() {
    let allow = set(PolicyKind::Identity, "Allow");
    let nothing = PolicySet::empty();
    let trust = PolicySet::single(
        "t",
        Policy::parse(
            r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"*"}]}"#,
            PolicyKind::Trust,
        )
        .unwrap(),
    );
    let endpoint = [Arc::new(PolicySet::empty())];
    let base = Policies { identity: &allow, ..Policies::NONE };
    let foreign = "arn:aws:es:us-east-1:210987654321:domain/logs/";
    for (policies, resource, noun) in [
        (Policies::NONE, RESOURCE, "identity-based policy"),
        (base, foreign, "resource-based policy"),
        (
            Policies { permissions_boundary: Some(&nothing), ..base },
            RESOURCE,
            "permissions boundary",
        ),
        (Policies { session: Some(&nothing), ..base }, RESOURCE, "session policy"),
        (Policies { resource: Some(&trust), ..base }, RESOURCE, "role trust policy"),
        (Policies { endpoints: &endpoint, ..base }, RESOURCE, "VPC endpoint policy"),
    ] {
        let expected = format!("because no {noun} allows the es:ESHttpGet action");
        assert_eq!(text(&policies, resource), expected);
    }
}

#[test]
fn an_implicit_denial_by_a_service_control_policy_reads_as_explicit() {
    let allow = set(PolicyKind::Identity, "Allow");
    let levels = [PolicySet::empty()];
    let policies = Policies { identity: &allow, service_control: &levels, ..Policies::NONE };
    assert_eq!(text(&policies, RESOURCE), "with an explicit deny in a service control policy");
}

#[test]
fn the_control_plane_names_the_resource() {
    let decision = Decision::denied(PolicyType::Identity);
    assert_eq!(
        decision.denial_text("U", "es:DescribeDomain", Some("R")),
        "User: U is not authorized to perform: es:DescribeDomain on resource: R because no \
         identity-based policy allows the es:DescribeDomain action"
    );
}

#[test]
fn every_service_and_every_provider_needs_the_resource_side_alone() {
    let trust = |principal: &str| {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:*"}}}}"#
        );
        PolicySet::single("t", Policy::parse(&text, PolicyKind::Trust).unwrap())
    };
    let context = Context::new();
    for (principal, element) in [
        (Principal::service("es.amazonaws.com"), r#"{"Service":"es.amazonaws.com"}"#),
        (Principal::web_identity("accounts.google.com"), r#"{"Federated":"accounts.google.com"}"#),
    ] {
        let request = AccessRequest {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: "arn:aws:iam::123456789012:role/app",
            resource_account: None,
            context: &context,
        };
        let (named, other) = (trust(element), trust(r#"{"Service":"x.amazonaws.com"}"#));
        let allowed = |set| {
            let policies = Policies { resource: Some(set), ..Policies::NONE };
            evaluate(&policies, &request).is_allowed()
        };
        assert!(allowed(&named) && !allowed(&other));
    }
}

#[test]
fn many_reasons_are_kept_in_order_and_once() {
    let mut reasons = Reasons::default();
    let reason =
        |statement| Reason { policy: PolicyType::Identity, level: 0, position: 0, statement };
    for statement in [5, 3, 9, 3, 1, 7, 5, 0, 9, 8] {
        reasons.insert(reason(statement));
    }
    let statements: Vec<u32> = reasons.iter().map(|reason| reason.statement).collect();
    assert_eq!(statements, [0, 1, 3, 5, 7, 8, 9]);
}

/// A set whose layers each allow, deny or say nothing: the whole 3⁴ table of abuse case C1.
#[test]
fn c01_whatever_the_other_policies_say_one_deny_denies() {
    let kinds = [
        PolicyKind::Identity,
        PolicyKind::Resource(ResourcePolicyKind::Generic),
        PolicyKind::Boundary,
        PolicyKind::Session,
    ];
    let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
    let context = Context::new();
    let request = AccessRequest {
        principal: &principal,
        action: "es:ESHttpGet",
        resource: RESOURCE,
        resource_account: None,
        context: &context,
    };
    for row in 0..81_u32 {
        let says = |column: u32| (row / 3_u32.pow(column)) % 3;
        let sets: Vec<PolicySet> = (0..)
            .zip(kinds)
            .map(|(column, kind)| match says(column) {
                0 => PolicySet::empty(),
                1 => set(kind, "Allow"),
                _ => set(kind, "Deny"),
            })
            .collect();
        let policies = Policies {
            identity: &sets[0],
            resource: Some(&sets[1]),
            permissions_boundary: Some(&sets[2]),
            session: Some(&sets[3]),
            ..Policies::NONE
        };
        let denied = (0..4).any(|column| says(column) == 2);
        // `*` in the resource policy grants to everybody, limits or not.
        let allowed = says(1) == 1 || (says(0) == 1 && says(2) == 1 && says(3) == 1);
        let expected = match (denied, allowed) {
            (true, _) => Outcome::ExplicitDeny,
            (false, true) => Outcome::Allowed,
            (false, false) => Outcome::ImplicitDeny,
        };
        assert_eq!(evaluate(&policies, &request).outcome(), expected, "row {row}");
    }
}
