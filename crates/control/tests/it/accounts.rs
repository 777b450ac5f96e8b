//! The account as a whole, instance profiles and identity providers.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, OTHER_ACCOUNT, World, root_of, text, trust};

fn other_root(world: &World) -> Key {
    let (id, secret) = world.control.ensure_root(OTHER_ACCOUNT, None, world.now).unwrap().unwrap();
    Key { id, secret: secret.expose().to_owned(), token: None }
}

#[test]
fn an_alias_is_one_accounts_and_goes_by_its_name() {
    let world = World::random();
    let alias = |name: &str| json!({"AccountAlias": name});
    let aliases =
        || world.ok(&world.root(), "iam:ListAccountAliases", json!({}))["AccountAliases"].clone();
    assert_eq!(aliases(), json!([]));
    world.ok(&world.root(), "iam:CreateAccountAlias", alias("acme"));
    world.ok(&world.root(), "iam:CreateAccountAlias", alias("acme"));
    assert_eq!(aliases(), json!(["acme"]));
    expect!["EntityAlreadyExists: The account alias acme already exists."]
        .assert_eq(&world.refused(&other_root(&world), "iam:CreateAccountAlias", alias("acme")));
    expect!["NoSuchEntity: The account alias corp was not found."].assert_eq(&world.refused(
        &world.root(),
        "iam:DeleteAccountAlias",
        alias("corp"),
    ));
    world.ok(&world.root(), "iam:DeleteAccountAlias", alias("acme"));
    assert_eq!(aliases(), json!([]));
}

#[test]
fn the_summary_counts_this_accounts_things_only() {
    let world = World::random();
    let other = other_root(&world);
    world.ok(&other, "iam:CreateUser", json!({"UserName": "theirs"}));
    world.user("ann", &[]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    let of = |key: &Key| world.ok(key, "iam:GetAccountSummary", json!({}))["SummaryMap"].clone();
    let (ours, theirs) = (of(&world.root()), of(&other));
    assert_eq!(
        (&ours["Users"], &ours["Roles"], &ours["Groups"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!((&theirs["Users"], &theirs["Roles"]), (&json!(1), &json!(0)));
    assert_eq!(ours["AccountAccessKeysPresent"], 1);
}

#[test]
fn an_account_is_twelve_digits() {
    let world = World::new();
    for account in ["", "12345678901", "1234567890123", "12345678901x", "１２３４５６７８９０１２"]
    {
        let error = world.control.ensure_root(account, None, world.now).map(drop).unwrap_err();
        assert!(
            error.to_string().starts_with("InvalidInput: an account is twelve digits"),
            "{error}"
        );
    }
}

#[test]
fn root_gets_a_key_once_and_recovering_replaces_all_it_had() {
    let world = World::random();
    let first = other_root(&world);
    assert!(world.control.ensure_root(OTHER_ACCOUNT, None, world.now).unwrap().is_none());
    let (id, _) = world.control.recover_root(OTHER_ACCOUNT, world.now).unwrap();
    assert!(world.identify(&first).is_err());
    assert!(world.identify(&Key { id, ..first }).is_ok());
}

#[test]
fn a_key_id_of_another_principal_is_not_made_roots() {
    let world = World::random();
    let ann = world.user("ann", &[]);
    let secret = sigv4::SecretKey::new(&ann.secret);
    let taken = world.control.ensure_root(OTHER_ACCOUNT, Some((&ann.id, &secret)), world.now);
    let error = taken.map(drop).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("InvalidInput: the access key {} belongs to another principal", ann.id)
    );
    assert!(world.control.directory().account(OTHER_ACCOUNT).is_none(), "nothing was made");
}

/// The instance profile `i`, and the roles `r` and `s`.
fn profiled() -> World {
    let world = World::new();
    world.ok(&world.root(), "iam:CreateInstanceProfile", json!({"InstanceProfileName": "i"}));
    for role in ["r", "s"] {
        world.role(role, &trust(&root_of(ACCOUNT)));
    }
    world
}

fn holding(role: &str) -> Value {
    json!({"InstanceProfileName": "I", "RoleName": role})
}

#[test]
fn an_instance_profile_holds_one_role() {
    let world = profiled();
    world.ok(&world.root(), "iam:AddRoleToInstanceProfile", holding("R"));
    expect!["LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"]
        .assert_eq(&world.refused(&world.root(), "iam:AddRoleToInstanceProfile", holding("s")));
    let shown =
        world.ok(&world.root(), "iam:GetInstanceProfile", json!({"InstanceProfileName": "i"}));
    assert_eq!(text(&shown, "/InstanceProfile/Roles/0/RoleName"), "r");
    expect!["NoSuchEntity: The role with name s cannot be found in instance profile i."].assert_eq(
        &world.refused(&world.root(), "iam:RemoveRoleFromInstanceProfile", holding("s")),
    );
}

#[test]
fn a_role_in_an_instance_profile_and_a_profile_with_a_role_are_not_deleted() {
    let world = profiled();
    world.ok(&world.root(), "iam:AddRoleToInstanceProfile", holding("r"));
    expect!["DeleteConflict: Cannot delete entity, must remove roles from instance profile first."]
        .assert_eq(&world.refused(&world.root(), "iam:DeleteRole", json!({"RoleName": "r"})));
    let profile = json!({"InstanceProfileName": "i"});
    assert!(
        world
            .refused(&world.root(), "iam:DeleteInstanceProfile", profile.clone())
            .starts_with("DeleteConflict")
    );
    world.ok(&world.root(), "iam:RemoveRoleFromInstanceProfile", holding("r"));
    world.ok(&world.root(), "iam:DeleteInstanceProfile", profile);
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "r"}));
}

#[test]
fn profiles_are_listed_for_a_role_and_below_a_path() {
    let world = profiled();
    let deep = json!({"InstanceProfileName": "deep", "Path": "/a/"});
    world.ok(&world.root(), "iam:CreateInstanceProfile", deep);
    world.ok(&world.root(), "iam:AddRoleToInstanceProfile", holding("r"));
    let names = |operation: &str, input: Value| -> Vec<String> {
        let listed = world.ok(&world.root(), operation, input);
        let profiles = listed["InstanceProfiles"].as_array().unwrap();
        profiles.iter().map(|it| text(it, "/InstanceProfileName")).collect()
    };
    assert_eq!(names("iam:ListInstanceProfilesForRole", json!({"RoleName": "r"})), ["i"]);
    assert_eq!(names("iam:ListInstanceProfilesForRole", json!({"RoleName": "s"})), [""; 0]);
    assert_eq!(names("iam:ListInstanceProfiles", json!({})), ["deep", "i"]);
    assert_eq!(names("iam:ListInstanceProfiles", json!({"PathPrefix": "/a/"})), ["deep"]);
}

fn provider(world: &World, url: &str) -> Result<Value, String> {
    let input = json!({"Url": url, "ClientIDList": ["app"], "ThumbprintList": ["a".repeat(40)]});
    let made = world.call(&world.root(), "iam:CreateOpenIDConnectProvider", input);
    made.map_err(|error| error.to_string())
}

#[test]
fn a_provider_is_an_https_address_registered_once() {
    let world = World::new();
    for url in ["http://idp.example", "idp.example", "https://"] {
        let error = provider(&world, url).unwrap_err();
        assert_eq!(error, format!("ValidationError: Invalid Open ID Connect Provider URL: {url}"));
    }
    let made = provider(&world, "https://idp.example/tenant/").unwrap();
    let arn = "arn:aws:iam::123456789012:oidc-provider/idp.example/tenant";
    assert_eq!(text(&made, "/OpenIDConnectProviderArn"), arn);
    expect!["EntityAlreadyExists: Provider with url https://IDP.example/tenant already exists."]
        .assert_eq(&provider(&world, "https://IDP.example/tenant").unwrap_err());
}

#[test]
fn a_providers_clients_come_and_go_and_its_thumbprints_are_replaced() {
    let world = World::new();
    let arn = text(&provider(&world, "https://idp.example").unwrap(), "/OpenIDConnectProviderArn");
    let with = |more: Value| {
        let mut input = json!({"OpenIDConnectProviderArn": arn});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    for client in ["web", "web"] {
        let input = with(json!({"ClientID": client}));
        world.ok(&world.root(), "iam:AddClientIDToOpenIDConnectProvider", input);
    }
    let removed = with(json!({"ClientID": "app"}));
    world.ok(&world.root(), "iam:RemoveClientIDFromOpenIDConnectProvider", removed);
    let thumbprints = with(json!({"ThumbprintList": ["b".repeat(40)]}));
    world.ok(&world.root(), "iam:UpdateOpenIDConnectProviderThumbprint", thumbprints);
    let shown = world.ok(&world.root(), "iam:GetOpenIDConnectProvider", with(json!({})));
    assert_eq!(shown["ClientIDList"], json!(["web"]));
    assert_eq!(shown["ThumbprintList"], json!(["b".repeat(40)]));
    assert_eq!(shown["Url"], "idp.example");
}

#[test]
fn deleting_a_provider_that_is_not_there_succeeds_and_another_accounts_stays() {
    let world = World::random();
    let arn = text(&provider(&world, "https://idp.example").unwrap(), "/OpenIDConnectProviderArn");
    let input = json!({"OpenIDConnectProviderArn": arn});
    world.ok(&other_root(&world), "iam:DeleteOpenIDConnectProvider", input.clone());
    world.ok(&world.root(), "iam:GetOpenIDConnectProvider", input.clone());
    world.ok(&world.root(), "iam:DeleteOpenIDConnectProvider", input.clone());
    world.ok(&world.root(), "iam:DeleteOpenIDConnectProvider", input);
}
