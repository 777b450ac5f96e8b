//! Long-term access keys: who has them, what a disabled one opens, and which one stays.

use control::IdentityError;
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{Key, ROOT_KEY, World, allow, text};

fn key(created: &Value) -> Key {
    let of = |member: &str| text(created, &format!("/AccessKey/{member}"));
    Key { id: of("AccessKeyId"), secret: of("SecretAccessKey"), token: None }
}

#[test]
fn a_disabled_key_opens_nothing_until_it_is_enabled_again() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let set = |status: &str| {
        let input = json!({"UserName": "ann", "AccessKeyId": ann.id, "Status": status});
        world.ok(&world.root(), "iam:UpdateAccessKey", input);
    };
    set("Inactive");
    assert_eq!(world.identify(&ann).err(), Some(IdentityError::UnknownKey));
    let listed = world.ok(&world.root(), "iam:ListAccessKeys", json!({"UserName": "ann"}));
    assert_eq!(text(&listed, "/AccessKeyMetadata/0/Status"), "Inactive");
    set("Active");
    assert!(world.identify(&ann).is_ok());
}

#[test]
fn a_long_term_key_with_a_session_token_is_not_its_user() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let with = Key { token: Some("CsT2AAAA".to_owned()), ..ann };
    assert_eq!(world.identify(&with).err(), Some(IdentityError::TokenDamaged));
}

#[test]
fn a_key_is_changed_under_its_owners_name_only() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    world.user("bob", &[]);
    for (operation, more) in
        [("UpdateAccessKey", json!({"Status": "Inactive"})), ("DeleteAccessKey", json!({}))]
    {
        let mut input = json!({"UserName": "bob", "AccessKeyId": ann.id});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = world.refused(&world.root(), &format!("iam:{operation}"), input);
        let expected = format!("NoSuchEntity: The Access Key with id {} cannot be found.", ann.id);
        assert_eq!(error, expected, "{operation}");
    }
    assert!(world.identify(&ann).is_ok());
}

#[test]
fn a_user_who_names_nobody_handles_its_own_keys() {
    let world = World::random();
    let ann = world.user("ann", &[allow("iam:*", "*")]);
    let second = key(&world.ok(&ann, "iam:CreateAccessKey", json!({})));
    assert_eq!(world.identify(&second).unwrap().username.as_deref(), Some("ann"));
    let listed = world.ok(&ann, "iam:ListAccessKeys", json!({}));
    assert_eq!(listed["AccessKeyMetadata"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["UserName"], "ann");
    world.ok(&ann, "iam:DeleteAccessKey", json!({"AccessKeyId": second.id}));
    assert!(world.identify(&second).is_err());
}

#[test]
fn the_last_key_of_root_stays() {
    let world = World::random();
    let delete =
        |id: &str| world.call(&world.root(), "iam:DeleteAccessKey", json!({"AccessKeyId": id}));
    expect!["DeleteConflict: Cannot delete the last access key of the root user."]
        .assert_eq(&delete(ROOT_KEY).unwrap_err().to_string());
    let second = key(&world.ok(&world.root(), "iam:CreateAccessKey", json!({})));
    delete(&second.id).unwrap();
    assert!(world.identify(&world.root()).is_ok());
}

#[test]
fn whose_key_it_is_is_told_within_the_account_only() {
    let world = World::random();
    let ann = world.user("ann", &[]);
    let used = |caller: &Key| {
        world.call(caller, "iam:GetAccessKeyLastUsed", json!({"AccessKeyId": ann.id}))
    };
    assert_eq!(text(&used(&world.root()).unwrap(), "/UserName"), "ann");
    let (id, secret) = world.control.ensure_root("999988887777", None, world.now).unwrap().unwrap();
    let other = Key { id, secret: secret.expose().to_owned(), token: None };
    assert!(used(&other).unwrap_err().to_string().starts_with("NoSuchEntity"));
}

#[test]
fn sts_tells_the_account_of_a_key_and_refuses_what_is_none() {
    let world = World::random();
    let ann = world.user("ann", &[]);
    let session = world.ok(&world.root(), "sts:GetSessionToken", json!({}));
    for id in [ann.id, text(&session, "/Credentials/AccessKeyId")] {
        let info = world.ok(&world.root(), "sts:GetAccessKeyInfo", json!({"AccessKeyId": id}));
        assert_eq!(info, json!({"Account": "123456789012"}));
    }
    let unknown = json!({"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA"});
    expect!["ValidationError: Invalid value for AccessKeyId: AKIAAAAAAAAAAAAAAAAA"]
        .assert_eq(&world.refused(&world.root(), "sts:GetAccessKeyInfo", unknown));
}

#[test]
fn the_secret_is_in_the_reply_that_makes_the_key_and_nowhere_else() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    for (operation, input) in [
        ("iam:ListAccessKeys", json!({"UserName": "ann"})),
        ("iam:GetAccessKeyLastUsed", json!({"AccessKeyId": ann.id})),
        ("iam:GetUser", json!({"UserName": "ann"})),
        ("iam:GetAccountAuthorizationDetails", json!({})),
    ] {
        let shown = world.ok(&world.root(), operation, input).to_string();
        assert!(!shown.contains(&ann.secret), "{operation}");
    }
}
