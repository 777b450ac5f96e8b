//! Managed and inline policies: versions, listings, quotas; boundaries; roles and what is written into them.

use control::OpenError;
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, deny, root_of, text, trust, under};

const POLICY: &str = "arn:aws:iam::123456789012:policy/p";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// The managed policy `p` that allows `action`, and the user `ann` with a key.
fn world(action: &str) -> (World, crate::support::Key) {
    let world = World::new();
    let document = allow(action, "*").to_string();
    let input = json!({"PolicyName": "p", "PolicyDocument": document, "Description": "of a test"});
    world.ok(&world.root(), "iam:CreatePolicy", input);
    let ann = world.user("ann", &[]);
    (world, ann)
}

fn attach(world: &World, arn: &str) -> Result<Value, String> {
    let input = json!({"UserName": "ann", "PolicyArn": arn});
    world.call(&world.root(), "iam:AttachUserPolicy", input).map_err(|error| error.to_string())
}

fn version(world: &World, document: &Value, set_as_default: bool) -> String {
    let document = document.to_string();
    let input =
        json!({"PolicyArn": POLICY, "PolicyDocument": document, "SetAsDefault": set_as_default});
    text(&world.ok(&world.root(), "iam:CreatePolicyVersion", input), "/PolicyVersion/VersionId")
}

fn names(listed: &Value, list: &str, member: &str) -> Vec<String> {
    let items = listed[list].as_array().unwrap();
    items.iter().map(|item| text(item, &format!("/{member}"))).collect()
}

#[test]
fn only_the_default_version_grants() {
    let (world, ann) = world("iam:ListUsers");
    attach(&world, POLICY).unwrap();
    world.ok(&ann, "iam:ListUsers", json!({}));
    assert_eq!(version(&world, &allow("iam:ListRoles", "*"), false), "v2");
    assert!(world.call(&ann, "iam:ListRoles", json!({})).is_err());
    let input = json!({"PolicyArn": POLICY, "VersionId": "v2"});
    world.ok(&world.root(), "iam:SetDefaultPolicyVersion", input);
    world.ok(&ann, "iam:ListRoles", json!({}));
    assert!(world.call(&ann, "iam:ListUsers", json!({})).is_err());
}

#[test]
fn a_version_made_the_default_holds_at_once() {
    let (world, ann) = world("iam:ListUsers");
    attach(&world, POLICY).unwrap();
    version(&world, &deny("*", "*"), true);
    assert!(world.call(&ann, "iam:ListUsers", json!({})).is_err());
}

#[test]
fn versions_are_listed_newest_first_and_the_default_one_stays() {
    let (world, _) = world("es:*");
    version(&world, &allow("es:*", "*"), true);
    version(&world, &allow("es:*", "*"), false);
    let input = json!({"PolicyArn": POLICY});
    let listed = world.ok(&world.root(), "iam:ListPolicyVersions", input);
    assert_eq!(names(&listed, "Versions", "VersionId"), ["v3", "v2", "v1"]);
    let defaults: Vec<&Value> =
        listed["Versions"].as_array().unwrap().iter().map(|it| &it["IsDefaultVersion"]).collect();
    assert_eq!(defaults, [false, true, false]);
    let delete = |id: &str| {
        let input = json!({"PolicyArn": POLICY, "VersionId": id});
        world.call(&world.root(), "iam:DeletePolicyVersion", input).map_err(|e| e.to_string())
    };
    expect!["DeleteConflict: Cannot delete the default version of a policy."]
        .assert_eq(&delete("v2").unwrap_err());
    delete("v1").unwrap();
    expect!["NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p version v1 does not exist or is not attachable."]
        .assert_eq(&delete("v1").unwrap_err());
}

#[test]
fn a_policys_text_travels_percent_encoded() {
    let (world, _) = world("es:*");
    let input = json!({"PolicyArn": POLICY, "VersionId": "v1"});
    let shown = world.ok(&world.root(), "iam:GetPolicyVersion", input);
    let document = text(&shown, "/PolicyVersion/Document");
    assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{document}");
}

#[test]
fn a_policy_shows_its_description_and_how_often_it_is_used() {
    let (world, _) = world("es:*");
    attach(&world, POLICY).unwrap();
    let boundary = json!({"UserName": "ann", "PermissionsBoundary": POLICY});
    world.ok(&world.root(), "iam:PutUserPermissionsBoundary", boundary);
    let shown = world.ok(&world.root(), "iam:GetPolicy", json!({"PolicyArn": POLICY}));
    let policy = &shown["Policy"];
    assert_eq!(policy["Description"], "of a test");
    let uses = (&policy["AttachmentCount"], &policy["PermissionsBoundaryUsageCount"]);
    assert_eq!(uses, (&json!(1), &json!(1)));
}

#[test]
fn amazons_policy_shows_how_often_it_is_used_in_the_account_that_asks() {
    let (world, _) = world("es:*");
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let count = || {
        let shown = world.ok(&world.root(), "iam:GetPolicy", json!({"PolicyArn": arn}));
        let listed = world.ok(&world.root(), "iam:ListPolicies", json!({"Scope": "AWS"}));
        let mut listed = listed["Policies"].as_array().unwrap().iter();
        let listed = listed.find(|policy| policy["Arn"] == arn).unwrap();
        (shown["Policy"]["AttachmentCount"].clone(), listed["AttachmentCount"].clone())
    };
    let (before, _) = count();
    attach(&world, arn).unwrap();
    let more = json!(before.as_u64().unwrap() + 1);
    assert_eq!(count(), (more.clone(), more));
}

#[test]
fn policies_are_listed_by_scope_use_and_path() {
    let (world, _) = world("es:*");
    let document = allow("es:*", "*").to_string();
    let deep = json!({"PolicyName": "deep", "Path": "/a/", "PolicyDocument": document});
    world.ok(&world.root(), "iam:CreatePolicy", deep);
    attach(&world, READ_ONLY).unwrap();
    let boundary = json!({"UserName": "ann", "PermissionsBoundary": POLICY});
    world.ok(&world.root(), "iam:PutUserPermissionsBoundary", boundary);
    let listed = |input: Value| {
        names(&world.ok(&world.root(), "iam:ListPolicies", input), "Policies", "PolicyName")
    };
    assert_eq!(listed(json!({"Scope": "Local"})), ["deep", "p"]);
    assert_eq!(listed(json!({"Scope": "Local", "PathPrefix": "/a/"})), ["deep"]);
    assert!(!listed(json!({"Scope": "AWS"})).contains(&"p".to_owned()));
    assert_eq!(listed(json!({"OnlyAttached": true})), ["ReadOnlyAccess"]);
    assert_eq!(listed(json!({"PolicyUsageFilter": "PermissionsBoundary"})), ["p"]);
    let all = listed(json!({}));
    assert!(all.contains(&"p".to_owned()) && all.contains(&"ReadOnlyAccess".to_owned()));
}

#[test]
fn who_has_a_policy_is_listed_groups_before_users_before_roles() {
    let (world, _) = world("es:*");
    let root = world.root();
    world.ok(&root, "iam:CreateGroup", json!({"GroupName": "staff"}));
    world.role("r", &trust(&root_of(ACCOUNT)));
    attach(&world, POLICY).unwrap();
    world.ok(&root, "iam:AttachGroupPolicy", json!({"GroupName": "staff", "PolicyArn": POLICY}));
    world.ok(&root, "iam:AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": POLICY}));
    let list = |input: Value| world.ok(&root, "iam:ListEntitiesForPolicy", input);
    let all = list(json!({"PolicyArn": POLICY}));
    assert_eq!(names(&all, "PolicyGroups", "GroupName"), ["staff"]);
    assert_eq!(names(&all, "PolicyUsers", "UserName"), ["ann"]);
    assert_eq!(names(&all, "PolicyRoles", "RoleName"), ["r"]);
    let first = list(json!({"PolicyArn": POLICY, "MaxItems": 1}));
    assert_eq!(names(&first, "PolicyGroups", "GroupName"), ["staff"]);
    assert_eq!(first["PolicyUsers"], json!([]));
    let users = list(json!({"PolicyArn": POLICY, "EntityFilter": "User"}));
    assert_eq!((&users["PolicyGroups"], &users["PolicyRoles"]), (&json!([]), &json!([])));
    assert_eq!(names(&users, "PolicyUsers", "UserName"), ["ann"]);
    let everybody = list(json!({"PolicyArn": POLICY}));
    let by_kind = |kind: &str| list(json!({"PolicyArn": POLICY, "EntityFilter": kind}));
    assert_eq!(by_kind("LocalManagedPolicy"), everybody);
    assert_eq!(by_kind("AWSManagedPolicy")["PolicyUsers"], json!([]));
}

#[test]
fn attaching_twice_is_attaching_once_and_what_is_not_attached_is_not_detached() {
    let (world, _) = world("es:*");
    attach(&world, POLICY).unwrap();
    attach(&world, POLICY).unwrap();
    let listed =
        world.ok(&world.root(), "iam:ListAttachedUserPolicies", json!({"UserName": "ann"}));
    assert_eq!(names(&listed, "AttachedPolicies", "PolicyName"), ["p"]);
    let detach = json!({"UserName": "ann", "PolicyArn": POLICY});
    world.ok(&world.root(), "iam:DetachUserPolicy", detach.clone());
    expect!["NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p was not found."]
        .assert_eq(&world.refused(&world.root(), "iam:DetachUserPolicy", detach));
}

#[test]
fn ten_managed_policies_are_the_most_of_one_user() {
    let (world, _) = world("es:*");
    let document = allow("es:*", "*").to_string();
    for n in 0..11 {
        let input = json!({"PolicyName": format!("p{n}"), "PolicyDocument": document});
        world.ok(&world.root(), "iam:CreatePolicy", input);
    }
    for n in 0..10 {
        attach(&world, &format!("{POLICY}{n}")).unwrap();
    }
    expect!["LimitExceeded: Cannot exceed quota for PoliciesPerUser: 10"]
        .assert_eq(&attach(&world, &format!("{POLICY}10")).unwrap_err());
}

#[test]
fn inline_policies_of_one_holder_are_counted_together_and_white_space_is_free() {
    let (world, _) = world("es:*");
    let put = |name: &str, document: &str| {
        let input = json!({"UserName": "ann", "PolicyName": name, "PolicyDocument": document});
        world.call(&world.root(), "iam:PutUserPolicy", input).map_err(|error| error.to_string())
    };
    let long = |letters: usize| allow(&format!("es:{}*", "x".repeat(letters)), "*").to_string();
    put("a", &long(1_500)).unwrap();
    put("spacious", &long(10).replace(':', &format!(":{}", " ".repeat(1_000)))).unwrap();
    put("b", &format!("{}{}", " ".repeat(5_000), long(100))).unwrap();
    expect!["LimitExceeded: Maximum policy size of 2048 bytes exceeded for user ann"]
        .assert_eq(&put("c", &long(400)).unwrap_err());
    put("a", &long(400)).unwrap();
    put("c", &long(400)).unwrap();
}

#[test]
fn an_inline_policy_is_read_listed_and_deleted_by_its_name() {
    let (world, _) = world("es:*");
    let root = world.root();
    for name in ["b", "a"] {
        let document = allow("es:*", "*").to_string();
        let input = json!({"UserName": "ann", "PolicyName": name, "PolicyDocument": document});
        world.ok(&root, "iam:PutUserPolicy", input);
    }
    let listed = world.ok(&root, "iam:ListUserPolicies", json!({"UserName": "ann"}));
    assert_eq!(listed["PolicyNames"], json!(["a", "b"]));
    let one = json!({"UserName": "ann", "PolicyName": "a"});
    let shown = world.ok(&root, "iam:GetUserPolicy", one.clone());
    assert_eq!((&shown["UserName"], &shown["PolicyName"]), (&json!("ann"), &json!("a")));
    world.ok(&root, "iam:DeleteUserPolicy", one.clone());
    for operation in ["iam:GetUserPolicy", "iam:DeleteUserPolicy"] {
        let error = world.refused(&root, operation, one.clone());
        assert_eq!(error, "NoSuchEntity: The user policy with name a cannot be found.");
    }
}

#[test]
fn a_boundary_is_taken_off_once() {
    let (world, _) = world("es:*");
    let boundary = json!({"UserName": "ann", "PermissionsBoundary": POLICY});
    world.ok(&world.root(), "iam:PutUserPermissionsBoundary", boundary);
    let shown = world.ok(&world.root(), "iam:GetUser", json!({"UserName": "ann"}));
    assert_eq!(text(&shown, "/User/PermissionsBoundary/PermissionsBoundaryArn"), POLICY);
    let user = json!({"UserName": "ann"});
    world.ok(&world.root(), "iam:DeleteUserPermissionsBoundary", user.clone());
    expect!["NoSuchEntity: user ann does not have a permissions boundary."]
        .assert_eq(&world.refused(&world.root(), "iam:DeleteUserPermissionsBoundary", user));
}

#[test]
fn a_boundary_must_be_a_policy_that_exists() {
    let (world, _) = world("es:*");
    let boundary = json!({"UserName": "ann", "PermissionsBoundary": format!("{POLICY}x")});
    expect!["NoSuchEntity: Scope ARN: arn:aws:iam::123456789012:policy/px does not exist or is not attachable."]
        .assert_eq(&world.refused(&world.root(), "iam:PutUserPermissionsBoundary", boundary));
}

#[test]
fn a_role_keeps_what_an_update_does_not_name() {
    let world = World::new();
    let document = trust(&root_of(ACCOUNT)).to_string();
    let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": document, "Description": "first",
        "MaxSessionDuration": 7_200});
    world.ok(&world.root(), "iam:CreateRole", input);
    let shown = || world.ok(&world.root(), "iam:GetRole", json!({"RoleName": "r"}))["Role"].clone();
    world.ok(
        &world.root(),
        "iam:UpdateRole",
        json!({"RoleName": "r", "MaxSessionDuration": 3_600}),
    );
    assert_eq!(
        (&shown()["Description"], &shown()["MaxSessionDuration"]),
        (&json!("first"), &json!(3_600))
    );
    let described = json!({"RoleName": "r", "Description": "second"});
    world.ok(&world.root(), "iam:UpdateRoleDescription", described);
    assert_eq!(
        (&shown()["Description"], &shown()["MaxSessionDuration"]),
        (&json!("second"), &json!(3_600))
    );
}

#[test]
fn a_trust_policy_names_principals_that_exist() {
    let (world, _) = world("es:*");
    world.role("first", &trust(&root_of(ACCOUNT)));
    let create = |principal: Value| {
        let document = trust(&principal).to_string();
        let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": document});
        let made = world.call(&world.root(), "iam:CreateRole", input);
        let made = made.map(drop).map_err(|error| error.to_string());
        if made.is_ok() {
            world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "r"}));
        }
        made
    };
    for there in [
        "arn:aws:iam::123456789012:root",
        "123456789012",
        "arn:aws:iam::123456789012:user/ann",
        "arn:aws:iam::123456789012:role/first",
        "arn:aws:sts::123456789012:assumed-role/first/session",
        "*",
    ] {
        create(json!({"AWS": there})).unwrap_or_else(|error| panic!("{there}: {error}"));
    }
    create(json!({"Service": "ec2.amazonaws.com"})).unwrap();
    for missing in [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::123456789012:user/eve",
        "arn:aws:iam::123456789012:user/path/ann",
        "arn:aws:iam::123456789012:role/second",
        "arn:aws:sts::123456789012:assumed-role/second/session",
        "arn:aws:sts::111122223333:federated-user/ann",
    ] {
        let error = create(json!({"AWS": missing})).unwrap_err();
        assert!(
            error.contains(&format!("Invalid principal in policy: \"AWS\":\"{missing}\"")),
            "{error}"
        );
    }
}

#[test]
fn a_trust_policy_has_its_own_limit() {
    let world = World::new();
    let padded = |letters: usize| {
        let condition = json!({"StringEquals": {"sts:ExternalId": "x".repeat(letters)}});
        let document = crate::support::trust_if(&root_of(ACCOUNT), &condition).to_string();
        json!({"RoleName": "r", "AssumeRolePolicyDocument": document})
    };
    expect!["LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"]
        .assert_eq(&world.refused(&world.root(), "iam:CreateRole", padded(4_096)));
    world.ok(&world.root(), "iam:CreateRole", padded(1_500));
}

#[test]
fn a_service_control_policy_that_is_none_stops_the_start_with_its_file() {
    let mut settings = under(ACCOUNT, &[&[&allow("*", "*")], &[&json!({})]]);
    let levels = settings.service_control_policies.get_mut(ACCOUNT).unwrap();
    levels[1][0].text = "{".to_owned();
    let options = control::ControlOptions {
        place: control::StorePlace::Memory,
        sealing_key: [7; control::SEALING_KEY_BYTES],
        settings,
    };
    let error = control::Control::open(options).err().unwrap();
    assert!(matches!(error, OpenError::Policy { setting: "service_control_policies", .. }));
    let told = error.to_string();
    assert!(told.starts_with("service_control_policies: policy level-1/0.json: "), "{told}");
}

#[test]
fn e18_of_two_who_change_one_policy_neither_leaves_half_of_it() {
    let world = World::random();
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    let document = |action: &str| allow(action, "*").to_string();
    let made = json!({"PolicyName": "p", "PolicyDocument": document("es:ESHttpGet")});
    let arn = text(&world.ok(&root, "iam:CreatePolicy", made), "/Policy/Arn");
    let both = ["es:ESHttpGet", "es:ESHttpPut"];
    std::thread::scope(|scope| {
        for action in both {
            let (world, root, arn) = (&world, &root, &arn);
            scope.spawn(move || {
                for _ in 0..20 {
                    let own = json!({"UserName": "ann", "PolicyName": "own", "PolicyDocument": document(action)});
                    world.ok(root, "iam:PutUserPolicy", own);
                    let read = json!({"UserName": "ann", "PolicyName": "own"});
                    let read = text(&world.ok(root, "iam:GetUserPolicy", read), "/PolicyDocument");
                    let written = both.map(|action| action.replace(':', "%3A"));
                    let whole = written.iter().filter(|action| read.contains(*action)).count();
                    assert!(whole == 1 && read.ends_with("%7D%5D%7D"), "{read}");
                }
                let next = json!({"PolicyArn": arn, "PolicyDocument": document(action), "SetAsDefault": true});
                world.ok(root, "iam:CreatePolicyVersion", next);
            });
        }
    });
    // Of a managed policy both changes are kept, and one is in force.
    let listed = world.ok(&root, "iam:ListPolicyVersions", json!({"PolicyArn": arn}));
    let versions = listed["Versions"].as_array().unwrap();
    let defaults = versions.iter().filter(|version| version["IsDefaultVersion"] == true).count();
    assert_eq!((versions.len(), defaults), (3, 1));
}
