//! Who used what, and when last: as it is noted, kept, and told.

use serde_json::{Value, json};

use crate::support::{Key, REGION, World, allow, credentials, root_of, t0, text, trust};

fn uses(world: &World, key: &Key, action: &str) {
    world.control.note_use(&world.identify(key).unwrap(), action, REGION, world.now);
}

fn report(world: &World, arn: &str, granularity: &str) -> String {
    let input = json!({"Arn": arn, "Granularity": granularity});
    text(&world.ok(&world.root(), "iam:GenerateServiceLastAccessedDetails", input), "/JobId")
}

fn told(world: &World, job: &str, more: Value) -> Value {
    let mut input = json!({"JobId": job});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.ok(&world.root(), "iam:GetServiceLastAccessedDetails", input)
}

const ANN: &str = "arn:aws:iam::123456789012:user/ann";

#[test]
fn a_key_tells_when_where_and_for_what_it_was_used_last() {
    let mut world = World::new();
    let ann = world.user("ann", &[]);
    let used = |world: &World| {
        let input = json!({"AccessKeyId": ann.id});
        world.ok(&world.root(), "iam:GetAccessKeyLastUsed", input)["AccessKeyLastUsed"].clone()
    };
    assert_eq!(used(&world), json!({"ServiceName": "N/A", "Region": "N/A"}));
    uses(&world, &ann, "iam:GetUser");
    world.later(90);
    uses(&world, &ann, "es:ESHttpGet");
    let at = t0().as_second() + 90;
    assert_eq!(used(&world), json!({"LastUsedDate": at, "ServiceName": "es", "Region": REGION}));
}

#[test]
fn the_same_use_within_a_minute_is_noted_once() {
    let mut world = World::new();
    let ann = world.user("ann", &[]);
    let noted = |world: &World| {
        let input = json!({"AccessKeyId": ann.id});
        let used = world.ok(&world.root(), "iam:GetAccessKeyLastUsed", input);
        used["AccessKeyLastUsed"]["LastUsedDate"].as_i64().unwrap() - t0().as_second()
    };
    uses(&world, &ann, "es:ESHttpGet");
    world.later(59);
    uses(&world, &ann, "es:ESHttpGet");
    assert_eq!(noted(&world), 0);
    uses(&world, &ann, "es:ESHttpGet");
    assert_eq!(
        noted(&world),
        0,
        "nor when it was written down meanwhile: telling would write each time"
    );
    world.later(2);
    uses(&world, &ann, "es:ESHttpGet");
    assert_eq!(noted(&world), 61);
}

#[test]
fn a_role_tells_when_a_session_of_it_did_anything_last() {
    let mut world = World::new();
    let role = world.role("app", &trust(&root_of("123456789012")));
    let ann = world.user("ann", &[allow("sts:AssumeRole", "*")]);
    let used = |world: &World| {
        world.ok(&world.root(), "iam:GetRole", json!({"RoleName": "app"}))["Role"]["RoleLastUsed"]
            .clone()
    };
    assert_eq!(used(&world), json!({}));
    let session = world.assume(&ann, &role, json!({})).unwrap();
    world.later(5);
    uses(&world, &session, "es:ESHttpPost");
    assert_eq!(used(&world), json!({"LastUsedDate": t0().as_second() + 5, "Region": REGION}));
    let all =
        world.ok(&world.root(), "iam:GetAccountAuthorizationDetails", json!({"Filter": ["Role"]}));
    assert_eq!(all["RoleDetailList"][0]["RoleLastUsed"], used(&world));
}

#[test]
fn a_report_tells_which_services_somebodys_policies_open_and_which_were_used() {
    let world = World::new();
    let ann = world.user("ann", &[allow("es:*", "*"), allow("sts:*", "*")]);
    uses(&world, &ann, "es:ESHttpGet");
    uses(&world, &ann, "iam:ListUsers");
    let job = report(&world, ANN, "SERVICE_LEVEL");
    assert_eq!(job.len(), 36);
    let told = told(&world, &job, json!({}));
    assert_eq!(
        (told["JobStatus"].clone(), told["JobType"].clone()),
        (json!("COMPLETED"), json!("SERVICE_LEVEL"))
    );
    let expected = json!([
        {"ServiceName": "Amazon OpenSearch Service", "ServiceNamespace": "es", "TotalAuthenticatedEntities": 1,
         "LastAuthenticated": t0().as_second(), "LastAuthenticatedEntity": ANN, "LastAuthenticatedRegion": REGION},
        {"ServiceName": "AWS Security Token Service", "ServiceNamespace": "sts", "TotalAuthenticatedEntities": 0},
    ]);
    assert_eq!(told["ServicesLastAccessed"], expected, "iam was tried, but no policy opens it");
}

#[test]
fn a_report_on_actions_tells_each_with_who_used_it_last() {
    let mut world = World::new();
    let ann = world.user("ann", &[]);
    let bob = world.user("bob", &[]);
    world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": "team"}));
    for user in ["ann", "bob"] {
        world.ok(
            &world.root(),
            "iam:AddUserToGroup",
            json!({"GroupName": "team", "UserName": user}),
        );
    }
    let policy = json!({"PolicyName": "search", "PolicyDocument": allow("es:*", "*").to_string()});
    let policy = text(&world.ok(&world.root(), "iam:CreatePolicy", policy), "/Policy/Arn");
    let attach = json!({"GroupName": "team", "PolicyArn": policy});
    world.ok(&world.root(), "iam:AttachGroupPolicy", attach);
    uses(&world, &ann, "es:ESHttpGet");
    uses(&world, &ann, "es:ESHttpPut");
    world.later(60);
    uses(&world, &bob, "es:ESHttpGet");
    for arn in [policy.as_str(), "arn:aws:iam::123456789012:group/team"] {
        let job = report(&world, arn, "ACTION_LEVEL");
        let told = told(&world, &job, json!({}));
        let es = &told["ServicesLastAccessed"][0];
        assert_eq!(es["TotalAuthenticatedEntities"], 2, "{arn}");
        let actions = es["TrackedActionsLastAccessed"].as_array().unwrap();
        let who =
            |n: usize| (text(&actions[n], "/ActionName"), text(&actions[n], "/LastAccessedEntity"));
        let bob = "arn:aws:iam::123456789012:user/bob".to_owned();
        assert_eq!(who(0), ("ESHttpGet".to_owned(), bob));
        assert_eq!(who(1), ("ESHttpPut".to_owned(), ANN.to_owned()));
        let input = json!({"JobId": job, "ServiceNamespace": "es"});
        let entities =
            world.ok(&world.root(), "iam:GetServiceLastAccessedDetailsWithEntities", input);
        let entities = entities["EntityDetailsList"].as_array().unwrap();
        assert_eq!(entities.len(), 2);
        assert_eq!(entities[0]["LastAuthenticated"], t0().as_second());
        assert_eq!(entities[1]["EntityInfo"]["Type"], "USER");
    }
}

#[test]
fn reports_come_in_pages_and_only_those_that_were_asked_for() {
    let world = World::new();
    world.user("ann", &[allow("*", "*")]);
    let job = report(&world, ANN, "SERVICE_LEVEL");
    let first = told(&world, &job, json!({"MaxItems": 2}));
    assert_eq!(first["ServicesLastAccessed"].as_array().unwrap().len(), 2);
    let rest = told(&world, &job, json!({"Marker": first["Marker"]}));
    assert_eq!(rest["ServicesLastAccessed"][0]["ServiceNamespace"], "sts");
    let entities = |more: Value| {
        let mut input = json!({"JobId": job, "ServiceNamespace": "es"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.ok(&world.root(), "iam:GetServiceLastAccessedDetailsWithEntities", input)
    };
    assert_eq!(entities(json!({}))["EntityDetailsList"].as_array().unwrap().len(), 1);
    let behind = json!({"Marker": "enp6", "MaxItems": 1});
    assert_eq!(entities(behind)["EntityDetailsList"], json!([]));
    let missing = json!({"JobId": "00000000-0000-0000-0000-000000000000"});
    let refused = world.refused(&world.root(), "iam:GetServiceLastAccessedDetails", missing);
    assert!(refused.starts_with("NoSuchEntity"), "{refused}");
    for (arn, code) in [
        ("arn:aws:iam::123456789012:user/nobody", "NoSuchEntity"),
        ("arn:aws:iam::999988887777:user/ann", "InvalidInput"),
        ("arn:aws:iam::123456789012:policy/none", "NoSuchEntity"),
    ] {
        let refused = world.refused(
            &world.root(),
            "iam:GenerateServiceLastAccessedDetails",
            json!({"Arn": arn}),
        );
        assert!(refused.starts_with(code), "{arn}: {refused}");
    }
}

#[test]
fn only_the_last_hundred_reports_can_be_asked_for() {
    let world = World::random();
    world.user("ann", &[]);
    let jobs: Vec<String> = (0..101).map(|_| report(&world, ANN, "SERVICE_LEVEL")).collect();
    let ask = |job: &str| {
        world.call(&world.root(), "iam:GetServiceLastAccessedDetails", json!({"JobId": job}))
    };
    assert!(ask(&jobs[0]).is_err() && ask(&jobs[1]).is_ok() && ask(&jobs[100]).is_ok());
}

#[test]
fn uses_survive_a_restart_and_go_with_their_principal() {
    let folder = std::env::temp_dir().join(format!("uses-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("state.db");
    let world = World::random_at(&path);
    let ann = world.user("ann", &[allow("es:*", "*")]);
    uses(&world, &ann, "es:ESHttpGet");
    world.control.write_uses(world.now).unwrap();
    drop(world);
    let world = World::random_at(&path);
    let input = json!({"AccessKeyId": ann.id});
    let used = world.ok(&world.root(), "iam:GetAccessKeyLastUsed", input);
    assert_eq!(text(&used, "/AccessKeyLastUsed/ServiceName"), "es");
    world.ok(
        &world.root(),
        "iam:DeleteAccessKey",
        json!({"UserName": "ann", "AccessKeyId": ann.id}),
    );
    world.ok(&world.root(), "iam:DeleteUserPolicy", json!({"UserName": "ann", "PolicyName": "p0"}));
    world.ok(&world.root(), "iam:DeleteUser", json!({"UserName": "ann"}));
    world.user("ann", &[allow("es:*", "*")]);
    let told = told(&world, &report(&world, ANN, "SERVICE_LEVEL"), json!({}));
    assert_eq!(told["ServicesLastAccessed"][0]["TotalAuthenticatedEntities"], 0, "another ann");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_password_and_a_session_are_told_apart_from_a_key() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:*", "*")]);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({})));
    uses(&world, &session, "es:ESHttpGet");
    let input = json!({"AccessKeyId": ann.id});
    let used = world.ok(&world.root(), "iam:GetAccessKeyLastUsed", input);
    assert_eq!(
        text(&used, "/AccessKeyLastUsed/ServiceName"),
        "N/A",
        "the session was used, not the key"
    );
    let mut by_password = world.identify(&ann).unwrap();
    by_password.access_key_id = None;
    world.control.note_use(&by_password, "es:ESHttpGet", REGION, world.now);
    let got = world.ok(&world.root(), "iam:GetUser", json!({"UserName": "ann"}));
    assert_eq!(got["User"]["PasswordLastUsed"], t0().as_second());
    let listed = world.ok(&world.root(), "iam:ListUsers", json!({}));
    assert_eq!(listed["Users"][0]["PasswordLastUsed"], t0().as_second());
}

#[test]
fn what_only_organizations_may_is_refused_as_to_an_account_outside_of_one() {
    let world = World::new();
    for (operation, input) in [
        ("iam:ListOrganizationsFeatures", json!({})),
        ("iam:EnableOrganizationsRootSessions", json!({})),
        ("iam:DisableOrganizationsRootSessions", json!({})),
        ("iam:EnableOrganizationsRootCredentialsManagement", json!({})),
        ("iam:DisableOrganizationsRootCredentialsManagement", json!({})),
        (
            "iam:GenerateOrganizationsAccessReport",
            json!({"EntityPath": "o-a1b2c3d4e5/r-f6g7h8i9j0"}),
        ),
    ] {
        let told = world.refused(&world.root(), operation, input);
        assert_eq!(
            told,
            "OrganizationNotFoundException: Account 123456789012 is not a member of an organization",
            "{operation}"
        );
    }
    let job = json!({"JobId": "00000000-0000-0000-0000-000000000000"});
    let told = world.refused(&world.root(), "iam:GetOrganizationsAccessReport", job);
    assert!(told.starts_with("NoSuchEntity"), "{told}");
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let task = json!({"TargetPrincipal": "999988887777",
        "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}});
    let told = world.refused(&ann, "sts:AssumeRoot", task);
    assert!(told.starts_with("AccessDenied: "), "{told}");
}
