//! Users, groups, roles and policies.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, deny, root_of, text, trust, under};

const POLICY: &str = "arn:aws:iam::123456789012:policy/p";

fn managed(world: &World, document: &Value) {
    let input = json!({"PolicyName": "p", "PolicyDocument": document.to_string()});
    world.ok(&world.root(), "iam:CreatePolicy", input);
}

#[test]
fn names_are_unique_whatever_their_case() {
    let world = World::new();
    world.user("Ann", &[]);
    expect!["EntityAlreadyExists: User with name ann already exists."].assert_eq(&world.refused(
        &world.root(),
        "iam:CreateUser",
        json!({"UserName": "ann"}),
    ));
    let found = world.ok(&world.root(), "iam:GetUser", json!({"UserName": "ANN"}));
    assert_eq!(text(&found, "/User/UserName"), "Ann");
}

#[test]
fn what_does_not_exist_cannot_be_found() {
    let world = World::new();
    let of = |operation: &str, input: Value| world.refused(&world.root(), operation, input);
    expect!["NoSuchEntity: The user with name x cannot be found."]
        .assert_eq(&of("iam:GetUser", json!({"UserName": "x"})));
    expect!["NoSuchEntity: The role with name x cannot be found."]
        .assert_eq(&of("iam:GetRole", json!({"RoleName": "x"})));
    expect!["NoSuchEntity: The group with name x cannot be found."]
        .assert_eq(&of("iam:GetGroup", json!({"GroupName": "x"})));
    expect!["NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p was not found."]
        .assert_eq(&of("iam:GetPolicy", json!({"PolicyArn": POLICY})));
    expect!["NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p does not exist or is not attachable."].assert_eq(
        &{
            world.user("ann", &[]);
            of("iam:AttachUserPolicy", json!({"UserName": "ann", "PolicyArn": POLICY}))
        },
    );
}

#[test]
fn a_user_with_anything_left_is_not_deleted() {
    let world = World::new();
    let ann = world.user("ann", &[allow("es:*", "*")]);
    let root = world.root();
    let user = json!({"UserName": "ann"});
    world.ok(&root, "iam:CreateGroup", json!({"GroupName": "g"}));
    world.ok(&root, "iam:AddUserToGroup", json!({"GroupName": "g", "UserName": "ann"}));
    let refused = |world: &World| world.refused(&root, "iam:DeleteUser", user.clone());
    expect!["DeleteConflict: Cannot delete entity, must delete access keys first."]
        .assert_eq(&refused(&world));
    world.ok(&root, "iam:DeleteAccessKey", json!({"UserName": "ann", "AccessKeyId": ann.id}));
    expect!["DeleteConflict: Cannot delete entity, must delete policies first."]
        .assert_eq(&refused(&world));
    world.ok(&root, "iam:DeleteUserPolicy", json!({"UserName": "ann", "PolicyName": "p0"}));
    expect!["DeleteConflict: Cannot delete entity, must remove users from group first."]
        .assert_eq(&refused(&world));
    world.ok(&root, "iam:RemoveUserFromGroup", json!({"GroupName": "g", "UserName": "ann"}));
    world.ok(&root, "iam:DeleteUser", user.clone());
}

#[test]
fn a_third_access_key_is_too_many() {
    let world = World::new();
    world.user("ann", &[]);
    world.ok(&world.root(), "iam:CreateAccessKey", json!({"UserName": "ann"}));
    expect!["LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"].assert_eq(
        &world.refused(&world.root(), "iam:CreateAccessKey", json!({"UserName": "ann"})),
    );
}

#[test]
fn rights_come_from_inline_attached_and_group_policies_and_go_at_once() {
    let world = World::new();
    let (root, ann) = (world.root(), world.user("ann", &[]));
    let may = |world: &World| world.call(&ann, "iam:ListUsers", json!({})).is_ok();
    assert!(!may(&world));
    let attachment = json!({"UserName": "ann", "PolicyArn": POLICY});
    managed(&world, &allow("iam:ListUsers", "*"));
    world.ok(&root, "iam:AttachUserPolicy", attachment.clone());
    assert!(may(&world));
    world.ok(&root, "iam:DetachUserPolicy", attachment);
    assert!(!may(&world));
    world.ok(&root, "iam:CreateGroup", json!({"GroupName": "Readers"}));
    world.ok(&root, "iam:AttachGroupPolicy", json!({"GroupName": "readers", "PolicyArn": POLICY}));
    world.ok(&root, "iam:AddUserToGroup", json!({"GroupName": "readers", "UserName": "ann"}));
    assert!(may(&world));
    let document = deny("iam:ListUsers", "*").to_string();
    let version = json!({"PolicyArn": POLICY, "PolicyDocument": document, "SetAsDefault": true});
    world.ok(&root, "iam:CreatePolicyVersion", version);
    assert!(!may(&world), "the new default version counts");
    world.ok(&root, "iam:SetDefaultPolicyVersion", json!({"PolicyArn": POLICY, "VersionId": "v1"}));
    assert!(may(&world));
}

#[test]
fn a_boundary_limits_what_policies_grant() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:*", "*")]);
    managed(&world, &allow("iam:ListUsers", "*"));
    let input = json!({"UserName": "ann", "PermissionsBoundary": POLICY});
    world.ok(&world.root(), "iam:PutUserPermissionsBoundary", input);
    world.ok(&ann, "iam:ListUsers", json!({}));
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::123456789012:role/ because no permissions boundary allows the iam:ListRoles action"]
        .assert_eq(&world.refused(&ann, "iam:ListRoles", json!({})));
    assert!(
        world.call(&ann, "iam:DeleteUserPermissionsBoundary", json!({"UserName": "ann"})).is_err()
    );
}

#[test]
fn attaching_can_be_allowed_for_one_policy_only() {
    let world = World::new();
    let only = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:AttachUserPolicy",
        "Resource": "*", "Condition": {"ArnEquals": {"iam:PolicyARN": POLICY}}}]});
    let ann = world.user("ann", &[only]);
    managed(&world, &allow("es:*", "*"));
    let attach = |arn: &str| json!({"UserName": "ann", "PolicyArn": arn});
    world.ok(&ann, "iam:AttachUserPolicy", attach(POLICY));
    let admin = attach("arn:aws:iam::aws:policy/AdministratorAccess");
    assert!(world.call(&ann, "iam:AttachUserPolicy", admin).is_err());
}

#[test]
fn creating_users_can_be_bound_to_a_boundary() {
    let world = World::new();
    let only = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:CreateUser",
        "Resource": "*", "Condition": {"StringEquals": {"iam:PermissionsBoundary": POLICY}}}]});
    let ann = world.user("ann", &[only]);
    managed(&world, &allow("es:*", "*"));
    assert!(world.call(&ann, "iam:CreateUser", json!({"UserName": "bob"})).is_err());
    world.ok(&ann, "iam:CreateUser", json!({"UserName": "bob", "PermissionsBoundary": POLICY}));
}

#[test]
fn listings_go_by_pages_and_survive_changes_between_them() {
    let world = World::new();
    for name in ["a", "b", "c", "d"] {
        world.ok(&world.root(), "iam:CreateUser", json!({"UserName": name}));
    }
    let page = world.ok(&world.root(), "iam:ListUsers", json!({"MaxItems": 2}));
    assert_eq!(page["IsTruncated"], true);
    world.ok(&world.root(), "iam:DeleteUser", json!({"UserName": "b"}));
    let next = world.ok(
        &world.root(),
        "iam:ListUsers",
        json!({"MaxItems": 2, "Marker": text(&page, "/Marker")}),
    );
    let names: Vec<&Value> =
        next["Users"].as_array().unwrap().iter().map(|user| &user["UserName"]).collect();
    assert_eq!((names, &next["IsTruncated"]), (vec![&json!("c"), &json!("d")], &json!(false)));
    expect!["ValidationError: Invalid Marker."].assert_eq(&world.refused(
        &world.root(),
        "iam:ListUsers",
        json!({"Marker": "!!"}),
    ));
}

#[test]
fn a_policy_that_is_none_is_malformed() {
    let world = World::new();
    let create = |document: &str| {
        world.refused(
            &world.root(),
            "iam:CreatePolicy",
            json!({"PolicyName": "p", "PolicyDocument": document}),
        )
    };
    assert!(create("{").starts_with("MalformedPolicyDocument: "), "{}", create("{"));
    let old = json!({"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*", "Resource": "*"}]});
    expect!["MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater."]
        .assert_eq(&create(&old.to_string()));
    let trust = trust(&root_of("111122223333"));
    let role = json!({"RoleName": "r", "AssumeRolePolicyDocument": trust.to_string()});
    expect![[r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:root""#]]
        .assert_eq(&world.refused(&world.root(), "iam:CreateRole", role));
}

#[test]
fn a_policy_in_use_is_not_deleted() {
    let world = World::new();
    managed(&world, &allow("es:*", "*"));
    world.role("r", &trust(&root_of(ACCOUNT)));
    let attachment = json!({"RoleName": "r", "PolicyArn": POLICY});
    world.ok(&world.root(), "iam:AttachRolePolicy", attachment.clone());
    let entities =
        world.ok(&world.root(), "iam:ListEntitiesForPolicy", json!({"PolicyArn": POLICY}));
    assert_eq!(text(&entities, "/PolicyRoles/0/RoleName"), "r");
    expect!["DeleteConflict: Cannot delete a policy attached to entities."]
        .assert_eq(&world.refused(&world.root(), "iam:DeletePolicy", json!({"PolicyArn": POLICY})));
    world.ok(&world.root(), "iam:DetachRolePolicy", attachment);
    world.ok(&world.root(), "iam:DeletePolicy", json!({"PolicyArn": POLICY}));
}

#[test]
fn a_sixth_version_is_too_many_and_numbers_are_not_used_again() {
    let world = World::new();
    let document = allow("es:*", "*");
    managed(&world, &document);
    let version = json!({"PolicyArn": POLICY, "PolicyDocument": document.to_string()});
    for _ in 0..4 {
        world.ok(&world.root(), "iam:CreatePolicyVersion", version.clone());
    }
    assert!(
        world
            .refused(&world.root(), "iam:CreatePolicyVersion", version.clone())
            .starts_with("LimitExceeded")
    );
    world.ok(
        &world.root(),
        "iam:DeletePolicyVersion",
        json!({"PolicyArn": POLICY, "VersionId": "v5"}),
    );
    let made = world.ok(&world.root(), "iam:CreatePolicyVersion", version);
    assert_eq!(text(&made, "/PolicyVersion/VersionId"), "v6");
}

#[test]
fn a_renamed_user_keeps_keys_groups_and_its_place_in_policies() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let arn = world.role("r", &trust(&json!({"AWS": "arn:aws:iam::123456789012:user/ann"})));
    world.ok(&world.root(), "iam:UpdateUser", json!({"UserName": "ann", "NewUserName": "anna"}));
    let who = world.ok(&ann, "sts:GetCallerIdentity", json!({}));
    assert_eq!(text(&who, "/Arn"), "arn:aws:iam::123456789012:user/anna");
    assert!(world.assume(&ann, &arn, json!({})).is_ok());
    let impostor = world.user("ann", &[allow("sts:*", "*")]);
    assert!(world.assume(&impostor, &arn, json!({})).is_err());
}

#[test]
fn the_authorization_details_hold_everything() {
    let world = World::new();
    world.user("ann", &[allow("es:*", "*")]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    managed(&world, &allow("es:*", "*"));
    let input = json!({"Filter": ["User", "Role", "LocalManagedPolicy"]});
    let details = world.ok(&world.root(), "iam:GetAccountAuthorizationDetails", input);
    assert_eq!(text(&details, "/UserDetailList/0/UserPolicyList/0/PolicyName"), "p0");
    assert_eq!(text(&details, "/RoleDetailList/0/RoleName"), "r");
    assert_eq!(text(&details, "/Policies/0/PolicyVersionList/0/VersionId"), "v1");
}

#[test]
fn an_operation_that_is_not_built_says_so_by_name() {
    let world = World::new();
    expect!["NotImplemented: CreateDelegationRequest of iam is not built in countersign"]
        .assert_eq(&world.refused(&world.root(), "iam:CreateDelegationRequest", json!({})));
}

#[test]
fn nobody_reaches_into_another_account() {
    let world = World::new();
    world.user("ann", &[]);
    let (id, secret) = world.control.ensure_root("999988887777", None, world.now).unwrap().unwrap();
    let other = crate::support::Key { id, secret: secret.expose().to_owned(), token: None };
    assert!(
        world
            .refused(&other, "iam:GetUser", json!({"UserName": "ann"}))
            .starts_with("NoSuchEntity")
    );
    let listed = world.ok(&other, "iam:ListUsers", json!({}));
    assert_eq!(listed["Users"], json!([]));
}

#[test]
fn another_accounts_policy_reads_like_one_that_does_not_exist() {
    let world = World::new();
    let root = world.root();
    let (id, secret) = world.control.ensure_root("999988887777", None, world.now).unwrap().unwrap();
    let other = crate::support::Key { id, secret: secret.expose().to_owned(), token: None };
    let document = allow("*", "*").to_string();
    world.ok(
        &other,
        "iam:CreatePolicy",
        json!({"PolicyName": "theirs", "PolicyDocument": document}),
    );
    world.user("ann", &[]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    let ann = world.user("bob", &[allow("sts:*", "*")]);
    for (operation, member, mut input) in [
        ("iam:PutUserPermissionsBoundary", "/PermissionsBoundary", json!({"UserName": "ann"})),
        ("iam:PutRolePermissionsBoundary", "/PermissionsBoundary", json!({"RoleName": "r"})),
        ("iam:CreateUser", "/PermissionsBoundary", json!({"UserName": "new"})),
        (
            "iam:CreateRole",
            "/PermissionsBoundary",
            json!({"RoleName": "new", "AssumeRolePolicyDocument": trust(&root_of(ACCOUNT)).to_string()}),
        ),
        ("iam:AttachUserPolicy", "/PolicyArn", json!({"UserName": "ann"})),
        ("iam:AttachRolePolicy", "/PolicyArn", json!({"RoleName": "r"})),
        ("iam:GetPolicy", "/PolicyArn", json!({})),
        ("iam:GetPolicyVersion", "/PolicyArn", json!({"VersionId": "v1"})),
        ("iam:ListPolicyVersions", "/PolicyArn", json!({})),
        ("iam:ListEntitiesForPolicy", "/PolicyArn", json!({})),
        ("iam:CreatePolicyVersion", "/PolicyArn", json!({"PolicyDocument": document})),
        ("iam:DeletePolicy", "/PolicyArn", json!({})),
        ("iam:TagPolicy", "/PolicyArn", json!({"Tags": [{"Key": "a", "Value": "b"}]})),
        ("sts:GetFederationToken", "/PolicyArns", json!({"Name": "guest"})),
    ] {
        let key = if operation.starts_with("sts:") { &ann } else { &root };
        let mut refused = |name: &str| {
            let arn = json!(format!("arn:aws:iam::999988887777:policy/{name}"));
            let value = if member == "/PolicyArns" { json!([{"arn": arn}]) } else { arn };
            input[member.trim_start_matches('/')] = value;
            world.refused(key, operation, input.clone()).replace(name, "NAME")
        };
        assert_eq!(refused("theirs"), refused("nobodys"), "{operation}");
    }
}

#[test]
fn tags_of_another_accounts_things_decide_nothing_here() {
    let world = World::new();
    let (id, secret) = world.control.ensure_root("999988887777", None, world.now).unwrap().unwrap();
    let other = crate::support::Key { id, secret: secret.expose().to_owned(), token: None };
    let tags = json!([{"Key": "k", "Value": "v"}]);
    let document = allow("*", "*").to_string();
    let policy = json!({"PolicyName": "theirs", "PolicyDocument": document, "Tags": tags});
    world.ok(&other, "iam:CreatePolicy", policy);
    let condition = json!({"StringEquals": {"aws:ResourceTag/k": "v"}});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:GetPolicy", "Resource": "*", "Condition": condition}]});
    let ann = world.user("ann", &[policy]);
    let input = json!({"PolicyArn": "arn:aws:iam::999988887777:policy/theirs"});
    assert!(world.refused(&ann, "iam:GetPolicy", input).starts_with("AccessDenied"));
}

#[test]
fn making_something_with_tags_asks_for_the_tagging() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:CreateUser", "*")]);
    let tagged = json!({"UserName": "bob", "Tags": [{"Key": "a", "Value": "b"}]});
    assert!(world.refused(&ann, "iam:CreateUser", tagged).contains("iam:TagUser"));
    world.ok(&ann, "iam:CreateUser", json!({"UserName": "bob"}));
}

#[test]
fn a_rename_asks_on_the_new_name_too() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:UpdateUser", "arn:aws:iam::123456789012:user/b*")]);
    world.user("bob", &[]);
    let rename = |name: &str| json!({"UserName": "bob", "NewUserName": name});
    assert!(world.refused(&ann, "iam:UpdateUser", rename("root")).contains("user/root"));
    world.ok(&ann, "iam:UpdateUser", rename("ben"));
}

#[test]
fn a_role_in_an_instance_profile_is_passed() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:AddRoleToInstanceProfile", "*")]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    world.ok(&world.root(), "iam:CreateInstanceProfile", json!({"InstanceProfileName": "i"}));
    let input = json!({"InstanceProfileName": "i", "RoleName": "r"});
    assert!(
        world.refused(&ann, "iam:AddRoleToInstanceProfile", input.clone()).contains("iam:PassRole")
    );
    world.ok(&world.root(), "iam:AddRoleToInstanceProfile", input);
    assert!(
        world
            .refused(&world.root(), "iam:DeleteRole", json!({"RoleName": "r"}))
            .starts_with("DeleteConflict")
    );
}

#[test]
fn describing_no_domain_still_needs_permission() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    assert!(world.call(&ann, "opensearch:DescribeDomains", json!({"DomainNames": []})).is_err());
}

#[test]
fn every_operation_that_needs_permission_is_denied_without_one() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let caller = world.identify(&ann).unwrap();
    let directory = world.control.directory();
    let mut free = Vec::new();
    for operation in control::table() {
        let asked = control::authorization(
            operation,
            &json!({}),
            &caller,
            &directory,
            "us-east-1",
            &policy::Context::new(),
        );
        let Ok(asked) = asked else { continue };
        if asked.questions.iter().all(|question| question.decide(&caller).is_allowed()) {
            free.push(operation.action());
        }
    }
    assert_eq!(free, ["sts:GetCallerIdentity", "sts:GetSessionToken"]);
}

#[test]
fn a_new_root_key_is_the_only_one() {
    let world = World::new();
    let (id, _) = world.control.recover_root(ACCOUNT, world.now).unwrap();
    assert!(world.identify(&world.root()).is_err());
    let new = crate::support::Key { id, secret: String::new(), token: None };
    assert_eq!(
        world.identify(&new).map(|caller| caller.arn),
        Ok("arn:aws:iam::123456789012:root".to_owned())
    );
    let last = json!({"AccessKeyId": new.id});
    assert!(world.refused(&new, "iam:DeleteAccessKey", last).starts_with("DeleteConflict"));
}

#[test]
fn service_control_policies_bind_root_too() {
    let levels: [&[_]; 2] = [&[&allow("*", "*")], &[&allow("iam:*", "*")]];
    let world = World::with_settings(under(ACCOUNT, &levels));
    world.ok(&world.root(), "iam:ListUsers", json!({}));
    expect!["AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: es:ListDomainNames on resource: * with an explicit deny in a service control policy"]
        .assert_eq(&world.refused(&world.root(), "es:ListDomainNames", json!({})));
}

#[test]
fn service_control_policies_that_are_set_while_it_runs_hold_from_then_on() {
    let world = World::new();
    world.ok(&world.root(), "es:ListDomainNames", json!({}));
    let before = world.control.directory().version();
    let iam_only = under(ACCOUNT, &[&[&allow("iam:*", "*")]]);
    world.control.set_settings(iam_only, world.now).unwrap();
    assert_eq!(world.control.directory().version(), before + 1);
    world.ok(&world.root(), "iam:ListUsers", json!({}));
    let refused = world.refused(&world.root(), "es:ListDomainNames", json!({}));
    assert!(refused.contains("service control policy"), "{refused}");
    world.control.set_settings(control::ControlSettings::default(), world.now).unwrap();
    world.ok(&world.root(), "es:ListDomainNames", json!({}));
}

#[test]
fn a_service_control_policy_that_is_none_leaves_those_that_are() {
    let world = World::with_settings(under(ACCOUNT, &[&[&allow("iam:*", "*")]]));
    let damaged = under(ACCOUNT, &[&[&json!({"Statement": 1})]]);
    let error = world.control.set_settings(damaged, world.now).unwrap_err().to_string();
    assert!(error.contains("level-0/0.json"), "{error}");
    world.ok(&world.root(), "iam:ListUsers", json!({}));
    world.refused(&world.root(), "es:ListDomainNames", json!({}));
}

#[test]
fn a_callers_policies_are_compiled_again_only_when_its_record_or_one_of_them_is_another() {
    let world = World::new();
    let ann = world.user("ann", &[allow("es:*", "*")]);
    let set = || world.identify(&ann).unwrap().identity_policies;
    let mut last = set();
    let mut does = |compiles: bool, operation: &str, input: serde_json::Value| {
        world.ok(&world.root(), operation, input);
        let now = set();
        assert_eq!(std::sync::Arc::ptr_eq(&last, &now), !compiles, "{operation}");
        assert!(std::sync::Arc::ptr_eq(&now, &set()), "{operation}");
        last = now;
    };
    let arn = "arn:aws:iam::123456789012:policy/reads";
    let document = |action: &str| allow(action, "*").to_string();
    does(
        false,
        "iam:CreatePolicy",
        json!({"PolicyName": "reads", "PolicyDocument": document("es:Get*")}),
    );
    does(true, "iam:AttachUserPolicy", json!({"UserName": "ann", "PolicyArn": arn}));
    let version =
        json!({"PolicyArn": arn, "PolicyDocument": document("es:List*"), "SetAsDefault": true});
    does(true, "iam:CreatePolicyVersion", version);
    does(false, "iam:CreateGroup", json!({"GroupName": "team"}));
    does(true, "iam:AddUserToGroup", json!({"GroupName": "team", "UserName": "ann"}));
    let inline =
        json!({"GroupName": "team", "PolicyName": "p", "PolicyDocument": document("sts:*")});
    does(true, "iam:PutGroupPolicy", inline);
    does(true, "iam:RemoveUserFromGroup", json!({"GroupName": "team", "UserName": "ann"}));
    does(true, "iam:DetachUserPolicy", json!({"UserName": "ann", "PolicyArn": arn}));
}
