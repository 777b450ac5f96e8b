//! Nobody gets more rights than somebody gave: the ways that are known from other gateways and from IAM itself.

use std::collections::BTreeSet;

use policy::Context;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, REGION, World, allow, credentials, deny, root_of, text, trust};

/// A role whose policy is `policy`, and a session of it narrowed by `session_policy`.
fn session(world: &World, policy: &Value, session_policy: &Value) -> Key {
    let role = world.role("app", &trust(&root_of(ACCOUNT)));
    let input = json!({"RoleName": "app", "PolicyName": "p", "PolicyDocument": policy.to_string()});
    world.ok(&world.root(), "iam:PutRolePolicy", input);
    let ann = world.user("ann", &[allow("sts:AssumeRole", "*")]);
    world.assume(&ann, &role, json!({"Policy": session_policy.to_string()})).unwrap()
}

#[test]
fn c03_a_session_makes_no_key_for_itself_or_others_without_leave() {
    let world = World::new();
    let session = session(&world, &allow("*", "*"), &allow("es:*", "*"));
    for (operation, input) in [
        ("iam:CreateAccessKey", json!({"UserName": "ann"})),
        ("iam:CreateUser", json!({"UserName": "child"})),
        ("iam:CreateLoginProfile", json!({"UserName": "ann", "Password": "correct-Horse-1"})),
        (
            "iam:PutRolePolicy",
            json!({"RoleName": "app", "PolicyName": "q", "PolicyDocument": allow("*", "*").to_string()}),
        ),
        (
            "iam:UpdateAssumeRolePolicy",
            json!({"RoleName": "app", "PolicyDocument": trust(&root_of(ACCOUNT)).to_string()}),
        ),
    ] {
        let refused = world.refused(&session, operation, input);
        assert!(refused.starts_with("AccessDenied"), "{operation}: {refused}");
    }
}

#[test]
fn c03_a_child_session_has_no_more_rights_than_its_user() {
    let world = World::new();
    let ann =
        world.user("ann", &[allow("es:ESHttpGet", "*"), allow("sts:GetFederationToken", "*")]);
    let policy = allow("*", "*").to_string();
    let made = world.ok(&ann, "sts:GetFederationToken", json!({"Name": "child", "Policy": policy}));
    let child = world.identify(&credentials(&made)).unwrap();
    let resource = format!("arn:aws:es:{REGION}:{ACCOUNT}:domain/d/x");
    let may = |action: &str| {
        let mut context = Context::new();
        child.describe(&mut context);
        let request = policy::AccessRequest {
            principal: child.principal(),
            action,
            resource: &resource,
            resource_account: Some(ACCOUNT),
            context: &context,
        };
        policy::evaluate(&child.policies(control::ResourceSide::default()), &request).is_allowed()
    };
    assert!(may("es:ESHttpGet") && !may("es:ESHttpPut") && !may("es:ESHttpDelete"));
}

/// Every operation, asked by a user who may do everything but the actions of that operation.
#[test]
fn c04_every_other_right_together_is_not_the_right_that_an_operation_asks_for() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let mut free = BTreeSet::new();
    for operation in control::table() {
        // Both search APIs have one right under two names: the new name grants the old one.
        let name = operation.name().replace("Elasticsearch", "");
        let names = [operation.action(), format!("es:{name}"), format!("es:*{name}*")];
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "NotAction": names, "Resource": "*"}]});
        let input =
            json!({"UserName": "ann", "PolicyName": "rest", "PolicyDocument": policy.to_string()});
        world.ok(&world.root(), "iam:PutUserPolicy", input);
        let (caller, directory) = (world.identify(&ann).unwrap(), world.control.directory());
        let input =
            json!({"UserName": "bob", "RoleName": "r", "GroupName": "g", "DomainName": "d"});
        let context = Context::new();
        let asked =
            control::authorization(operation, &input, &caller, &directory, REGION, &context);
        let Ok(asked) = asked else { continue };
        if asked.questions.iter().all(|question| question.decide(&caller).is_allowed()) {
            free.insert(operation.action());
        }
    }
    let expected = ["sts:GetCallerIdentity", "sts:GetSessionToken"].map(str::to_owned);
    assert_eq!(free, BTreeSet::from(expected));
}

#[test]
fn c06_a_session_name_that_is_none_is_refused_before_anything_is_asked() {
    let long = "x".repeat(65);
    for name in ["a%2Fb", "a%0D%0Ab", "a%20b", "x", "", "a%3Ab", &long] {
        let body = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2Fr&RoleSessionName={name}"
        );
        let decoded = control::wire::decode(&control::wire::WireRequest {
            signing_name: "sts",
            method: "POST",
            path: "/",
            query: "",
            content_type: Some("application/x-www-form-urlencoded"),
            body: body.as_bytes(),
        });
        let code = decoded.err().map(|error| error.error.code);
        assert_eq!(code, Some(control::ErrorCode::Validation), "{name}");
    }
}

#[test]
fn c07_the_known_ways_to_more_rights_need_the_right_to_each_thing_they_touch() {
    let world = World::new();
    let root = world.root();
    let document = allow("es:*", "*").to_string();
    let policy = world.ok(
        &root,
        "iam:CreatePolicy",
        json!({"PolicyName": "own", "PolicyDocument": document}),
    );
    let policy = text(&policy, "/Policy/Arn");
    world.role("boss", &trust(&root_of(ACCOUNT)));
    world.user("bob", &[]);
    world.ok(&root, "iam:CreateGroup", json!({"GroupName": "admins"}));
    // Everything of IAM on itself, and nothing else.
    let ann = world.user("ann", &[allow("iam:*", &format!("arn:aws:iam::{ACCOUNT}:user/ann"))]);
    let everything = allow("*", "*").to_string();
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (operation, input) in [
        (
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": policy, "PolicyDocument": everything, "SetAsDefault": true}),
        ),
        ("iam:SetDefaultPolicyVersion", json!({"PolicyArn": policy, "VersionId": "v1"})),
        ("iam:AttachUserPolicy", json!({"UserName": "bob", "PolicyArn": administrator})),
        ("iam:AttachRolePolicy", json!({"RoleName": "boss", "PolicyArn": administrator})),
        ("iam:AttachGroupPolicy", json!({"GroupName": "admins", "PolicyArn": administrator})),
        ("iam:AddUserToGroup", json!({"GroupName": "admins", "UserName": "ann"})),
        (
            "iam:UpdateAssumeRolePolicy",
            json!({"RoleName": "boss", "PolicyDocument": trust(&root_of(ACCOUNT)).to_string()}),
        ),
        (
            "iam:PutRolePolicy",
            json!({"RoleName": "boss", "PolicyName": "q", "PolicyDocument": everything}),
        ),
        ("iam:DeleteRolePermissionsBoundary", json!({"RoleName": "boss"})),
        ("iam:DeleteUserPermissionsBoundary", json!({"UserName": "bob"})),
        ("iam:CreateAccessKey", json!({"UserName": "bob"})),
        ("iam:UpdateLoginProfile", json!({"UserName": "bob", "Password": "correct-Horse-1"})),
    ] {
        let refused = world.refused(&ann, operation, input);
        assert!(refused.starts_with("AccessDenied"), "{operation}: {refused}");
    }
}

#[test]
fn c07_who_is_bound_does_not_unbind_itself_nor_make_the_unbound() {
    let world = World::new();
    let root = world.root();
    let bounds = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"], "Resource": "*"}]});
    let made = world.ok(
        &root,
        "iam:CreatePolicy",
        json!({"PolicyName": "bounds", "PolicyDocument": bounds.to_string()}),
    );
    let bounds = text(&made, "/Policy/Arn");
    let unbound = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateUser",
        "Resource": "*", "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": bounds}}}]});
    let ann = world.user("ann", &[allow("*", "*"), unbound]);
    world.ok(
        &root,
        "iam:PutUserPermissionsBoundary",
        json!({"UserName": "ann", "PermissionsBoundary": bounds}),
    );
    let refused = [
        world.refused(&ann, "iam:DeleteUserPermissionsBoundary", json!({"UserName": "ann"})),
        world.refused(&ann, "iam:CreateUser", json!({"UserName": "child"})),
    ];
    assert!(refused.iter().all(|text| text.starts_with("AccessDenied")), "{refused:?}");
    world.ok(&ann, "iam:CreateUser", json!({"UserName": "child", "PermissionsBoundary": bounds}));
}

#[test]
fn c16_across_accounts_one_side_alone_allows_nothing() {
    let world = World::new();
    let (id, secret) = world.control.ensure_root("999988887777", None, world.now).unwrap().unwrap();
    let other = Key { id, secret: secret.expose().to_owned(), token: None };
    let document = allow("sts:AssumeRole", "*").to_string();
    world.ok(&other, "iam:CreateUser", json!({"UserName": "eve"}));
    let key = world.ok(&other, "iam:CreateAccessKey", json!({"UserName": "eve"}));
    let eve = Key {
        id: text(&key, "/AccessKey/AccessKeyId"),
        secret: text(&key, "/AccessKey/SecretAccessKey"),
        token: None,
    };
    let ours_only =
        world.role("trusting", &trust(&json!({"AWS": "arn:aws:iam::999988887777:user/eve"})));
    let theirs_only = world.role("closed", &trust(&root_of(ACCOUNT)));
    assert!(
        world.assume(&eve, &ours_only, json!({})).is_err(),
        "its own account has not allowed it"
    );
    world.ok(
        &other,
        "iam:PutUserPolicy",
        json!({"UserName": "eve", "PolicyName": "p", "PolicyDocument": document}),
    );
    assert!(world.assume(&eve, &theirs_only, json!({})).is_err(), "the role does not trust it");
    assert!(world.assume(&eve, &ours_only, json!({})).is_ok(), "both sides");
    let no = deny("sts:AssumeRole", "*").to_string();
    world.ok(
        &other,
        "iam:PutUserPolicy",
        json!({"UserName": "eve", "PolicyName": "no", "PolicyDocument": no}),
    );
    assert!(world.assume(&eve, &ours_only, json!({})).is_err(), "a deny on either side");
}
