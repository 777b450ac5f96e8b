//! Which policies grant a service, and the preferences of an account for session tokens.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, deny, root_of, text, trust};

fn granting(world: &World, arn: &str, service: &str) -> Vec<String> {
    let input =
        json!({"Arn": format!("arn:aws:iam::{ACCOUNT}:{arn}"), "ServiceNamespaces": [service]});
    let listed = world.ok(&world.root(), "iam:ListPoliciesGrantingServiceAccess", input);
    let policies = listed["PoliciesGrantingServiceAccess"][0]["Policies"].as_array().unwrap();
    let shown = |policy: &Value| {
        let of = policy["EntityName"].as_str().unwrap_or("managed");
        format!("{} of {of}", text(policy, "/PolicyName"))
    };
    policies.iter().map(shown).collect()
}

#[test]
fn policies_of_a_user_and_of_its_groups_that_allow_anything_of_a_service_are_named() {
    let world = World::new();
    let root = world.root();
    world.user("ann", &[allow("es:ESHttpGet", "*"), deny("iam:*", "*"), allow("S3:*", "*")]);
    world.ok(&root, "iam:CreateGroup", json!({"GroupName": "g"}));
    world.ok(&root, "iam:AddUserToGroup", json!({"GroupName": "g", "UserName": "ann"}));
    let spare = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}});
    let inline =
        json!({"GroupName": "g", "PolicyName": "spare", "PolicyDocument": spare.to_string()});
    world.ok(&root, "iam:PutGroupPolicy", inline);
    let everything = "arn:aws:iam::aws:policy/AdministratorAccess";
    world.ok(&root, "iam:AttachUserPolicy", json!({"UserName": "ann", "PolicyArn": everything}));
    assert_eq!(
        granting(&world, "user/ann", "es"),
        ["p0 of ann", "AdministratorAccess of managed", "spare of g"]
    );
    assert_eq!(granting(&world, "user/ann", "iam"), ["AdministratorAccess of managed"]);
    assert_eq!(
        granting(&world, "user/ann", "s3"),
        ["p2 of ann", "AdministratorAccess of managed", "spare of g"]
    );
    assert_eq!(granting(&world, "group/g", "es"), ["spare of g"]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    assert!(granting(&world, "role/r", "es").is_empty());
}

#[test]
fn who_is_not_there_or_of_another_kind_has_no_policies_to_name() {
    let world = World::new();
    let ask = |arn: &str| {
        let input = json!({"Arn": arn, "ServiceNamespaces": ["es"]});
        world.refused(&world.root(), "iam:ListPoliciesGrantingServiceAccess", input)
    };
    let told = [
        ask(&format!("arn:aws:iam::{ACCOUNT}:user/nobody")),
        ask("arn:aws:iam::999988887777:user/ann"),
        ask(&format!("arn:aws:iam::{ACCOUNT}:root")),
    ];
    expect![[r#"
        [
            "NoSuchEntity: The user with name nobody cannot be found.",
            "InvalidInput: ARN arn:aws:iam::999988887777:user/ann is not valid",
            "InvalidInput: ARN arn:aws:iam::123456789012:root is not valid",
        ]
    "#]]
    .assert_debug_eq(&told);
}

#[test]
fn the_version_of_session_tokens_that_an_account_prefers_is_in_its_summary() {
    let world = World::new();
    let version = || {
        let summary = world.ok(&world.root(), "iam:GetAccountSummary", json!({}));
        summary["SummaryMap"]["GlobalEndpointTokenVersion"].clone()
    };
    assert_eq!(version(), 1);
    let second = json!({"GlobalEndpointTokenVersion": "v2Token"});
    world.ok(&world.root(), "iam:SetSecurityTokenServicePreferences", second);
    assert_eq!(version(), 2);
}

#[test]
fn identity_propagation_of_a_provider_is_refused_by_name() {
    let world = World::new();
    let provider = json!({"Url": "https://idp.example"});
    world.ok(&world.root(), "iam:CreateOpenIDConnectProvider", provider);
    let mut input = json!({"OpenIDConnectProviderArn": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example")});
    world.ok(&world.root(), "iam:UpdateOpenIDConnectProvider", input.clone());
    input["RemoveContextProvider"] = json!(true);
    expect!["InvalidParameterValue: RemoveContextProvider cannot be set: there is no trusted identity propagation here"]
        .assert_eq(&world.refused(&world.root(), "iam:UpdateOpenIDConnectProvider", input));
}
