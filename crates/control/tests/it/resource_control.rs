//! Resource control policies: what nobody may do with the domains and the roles of an account.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, under};

fn deny(action: &str, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": action, "Resource": "*", "Condition": condition}})
}

/// An account whose resources these policies are for, one level for each.
fn world(levels: &[Value]) -> World {
    let levels: Vec<[&Value; 1]> = levels.iter().map(|policy| [policy]).collect();
    let levels: Vec<&[&Value]> = levels.iter().map(|level| level.as_slice()).collect();
    let mut settings = under(ACCOUNT, &levels);
    std::mem::swap(&mut settings.service_control_policies, &mut settings.resource_control_policies);
    World::with_settings(settings)
}

#[test]
fn a_resource_control_policy_binds_root_and_says_so_in_amazons_words() {
    let world = world(&[deny("es:*", &json!({}))]);
    expect_test::expect!["AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: es:ListDomainNames on resource: * with an explicit deny in a resource control policy"]
        .assert_eq(&world.refused(&world.root(), "es:ListDomainNames", json!({})));
}

#[test]
fn every_level_of_resource_control_policies_denies_and_none_needs_to_allow() {
    let world = world(&[
        deny("es:DeleteDomain", &json!({})),
        deny("es:ListDomainNames", &json!({"StringLike": {"aws:PrincipalArn": "*/ann"}})),
    ]);
    let ann = world.user("ann", &[allow("es:*", "*")]);
    let bob = world.user("bob", &[allow("es:*", "*")]);
    let refused = world.refused(&ann, "es:ListDomainNames", json!({}));
    assert!(refused.contains("resource control policy"), "{refused}");
    world.ok(&bob, "es:ListDomainNames", json!({}));
    let refused = world.refused(&bob, "opensearch:DeleteDomain", json!({"DomainName": "none"}));
    assert!(refused.contains("resource control policy"), "{refused}");
}

#[test]
fn a_resource_control_policy_guards_roles_in_sts_and_nothing_of_iam() {
    let world = world(&[deny("*", &json!({"Null": {"sts:ExternalId": "true"}}))]);
    // No service that IAM is one of: as at Amazon.
    world.ok(&world.root(), "iam:ListUsers", json!({}));
    let ann = world.user("ann", &[allow("sts:AssumeRole", "*")]);
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}});
    let role = world.role("app", &trust);
    let refused = world.assume(&ann, &role, json!({})).map(drop).unwrap_err().to_string();
    assert!(refused.contains("with an explicit deny in a resource control policy"), "{refused}");
    assert!(world.assume(&ann, &role, json!({"ExternalId": "x1"})).is_ok());
}

#[test]
fn a_resource_control_policy_that_allows_is_refused_with_its_setting_and_file() {
    let allows = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": "*", "Action": "es:*", "Resource": "*"}});
    let mut settings = under(ACCOUNT, &[&[&allows]]);
    std::mem::swap(&mut settings.service_control_policies, &mut settings.resource_control_policies);
    let world = World::new();
    let error = world.control.set_settings(settings, world.now).unwrap_err().to_string();
    let start = "resource_control_policies: policy level-0/0.json: ";
    assert!(error.starts_with(start) && error.contains("RCPFullAWSAccess"), "{error}");
}
