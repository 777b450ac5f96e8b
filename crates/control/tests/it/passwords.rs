//! Login profiles and the account's password policy.

use control::{IdentifiedCaller, LoginError, Password};
use expect_test::expect;
use serde_json::json;

use crate::support::{ACCOUNT, Key, World, allow, credentials, deny};

const GOOD: &str = "correct-Horse-1";
const OTHER: &str = "another-Horse-2";

/// A user `ann` with a password and a key.
fn ann(world: &World, policies: &[serde_json::Value]) -> Key {
    let key = world.user("ann", policies);
    let input = json!({"UserName": "ann", "Password": GOOD});
    world.ok(&world.root(), "iam:CreateLoginProfile", input);
    key
}

/// Who comes in as `name` with `password`.
fn comes_in(world: &World, name: &str, password: &str) -> Result<String, LoginError> {
    let directory = world.control.directory();
    let login = directory.login(ACCOUNT, name);
    if !login.matches(&Password::new(password)) {
        return Err(LoginError::Unknown);
    }
    directory.identify_login(&login, world.now).map(|identified| identified.arn)
}

#[test]
fn a_login_profile_is_made_once_read_and_deleted() {
    let world = World::new();
    let root = world.root();
    let user = json!({"UserName": "ann"});
    let missing = "NoSuchEntity: Login Profile for User ann cannot be found.";
    world.user("ann", &[]);
    assert_eq!(world.refused(&root, "iam:GetLoginProfile", user.clone()), missing);
    assert_eq!(world.refused(&root, "iam:DeleteLoginProfile", user.clone()), missing);
    assert_eq!(world.refused(&root, "iam:UpdateLoginProfile", user.clone()), missing);
    let input = json!({"UserName": "ann", "Password": GOOD, "PasswordResetRequired": true});
    let made = world.ok(&root, "iam:CreateLoginProfile", input.clone());
    expect![[r#"{"LoginProfile":{"UserName":"ann","CreateDate":1767323045,"PasswordResetRequired":true}}"#]]
        .assert_eq(&made.to_string());
    assert_eq!(world.ok(&root, "iam:GetLoginProfile", user.clone()), made);
    expect!["EntityAlreadyExists: Login Profile for user ann already exists."]
        .assert_eq(&world.refused(&root, "iam:CreateLoginProfile", input));
    world.ok(&root, "iam:DeleteLoginProfile", user.clone());
    assert_eq!(world.refused(&root, "iam:GetLoginProfile", user), missing);
}

#[test]
fn a_profile_of_nobody_is_not_made() {
    let world = World::new();
    let input = json!({"UserName": "x", "Password": GOOD});
    expect!["NoSuchEntity: The user with name x cannot be found."].assert_eq(&world.refused(
        &world.root(),
        "iam:CreateLoginProfile",
        input,
    ));
}

#[test]
fn a_profile_without_a_password_is_not_made() {
    let world = World::new();
    world.user("ann", &[]);
    expect!["ValidationError: 1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not be null"]
        .assert_eq(&world.refused(&world.root(), "iam:CreateLoginProfile", json!({"UserName": "ann"})));
}

#[test]
fn a_user_is_known_by_its_password_whatever_the_case_of_its_name() {
    let world = World::new();
    ann(&world, &[]);
    let arn = "arn:aws:iam::123456789012:user/ann".to_owned();
    assert_eq!(comes_in(&world, "ann", GOOD), Ok(arn.clone()));
    assert_eq!(comes_in(&world, "ANN", GOOD), Ok(arn));
    assert_eq!(comes_in(&world, "ann", OTHER), Err(LoginError::Unknown));
    assert_eq!(comes_in(&world, "bob", GOOD), Err(LoginError::Unknown));
}

#[test]
fn a_user_without_a_password_does_not_come_in_with_any() {
    let world = World::new();
    world.user("ann", &[]);
    assert_eq!(comes_in(&world, "ann", ""), Err(LoginError::Unknown));
}

#[test]
fn a_password_does_not_outlive_its_change_its_profile_or_its_user() {
    let world = World::new();
    let root = world.root();
    let key = ann(&world, &[]);
    let proven = world.control.directory().login(ACCOUNT, "ann");
    let still =
        |world: &World| world.control.directory().identify_login(&proven, world.now).is_ok();
    assert!(still(&world));
    // The same password set again is another one.
    let input = json!({"UserName": "ann", "Password": GOOD});
    world.ok(&root, "iam:UpdateLoginProfile", input.clone());
    assert!(!still(&world));
    world.ok(&root, "iam:DeleteLoginProfile", json!({"UserName": "ann"}));
    assert_eq!(comes_in(&world, "ann", GOOD), Err(LoginError::Unknown));
    world.ok(&root, "iam:DeleteAccessKey", json!({"UserName": "ann", "AccessKeyId": key.id}));
    world.ok(&root, "iam:DeleteUser", json!({"UserName": "ann"}));
    world.user("ann", &[]);
    world.ok(&root, "iam:CreateLoginProfile", input);
    assert!(!still(&world), "another user of the same name");
}

#[test]
fn a_renamed_user_keeps_its_password() {
    let world = World::new();
    ann(&world, &[]);
    let input = json!({"UserName": "ann", "NewUserName": "anna"});
    world.ok(&world.root(), "iam:UpdateUser", input);
    assert!(comes_in(&world, "anna", GOOD).is_ok());
    assert_eq!(comes_in(&world, "ann", GOOD), Err(LoginError::Unknown));
}

#[test]
fn a_user_with_a_login_profile_is_not_deleted() {
    let world = World::new();
    ann(&world, &[]);
    expect!["DeleteConflict: Cannot delete entity, must delete login profile first."]
        .assert_eq(&world.refused(&world.root(), "iam:DeleteUser", json!({"UserName": "ann"})));
}

#[test]
fn a_password_that_must_be_changed_is_good_again_after_change_password() {
    let world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}")]);
    let input = json!({"UserName": "ann", "PasswordResetRequired": true});
    world.ok(&world.root(), "iam:UpdateLoginProfile", input);
    assert_eq!(comes_in(&world, "ann", GOOD), Err(LoginError::ResetRequired));
    let input = json!({"OldPassword": GOOD, "NewPassword": OTHER});
    world.ok(&key, "iam:ChangePassword", input);
    assert!(comes_in(&world, "ann", OTHER).is_ok());
    assert_eq!(comes_in(&world, "ann", GOOD), Err(LoginError::Unknown));
}

#[test]
fn change_password_asks_for_the_old_password_and_for_a_user() {
    let world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "*")]);
    let wrong = json!({"OldPassword": OTHER, "NewPassword": "third-Horse-3"});
    expect!["AccessDenied: The old password was incorrect."].assert_eq(&world.refused(
        &key,
        "iam:ChangePassword",
        wrong.clone(),
    ));
    expect!["InvalidUserType: Only IAM Users can change their own password."]
        .assert_eq(&world.refused(&world.root(), "iam:ChangePassword", wrong.clone()));
    let bob = world.user("bob", &[allow("iam:ChangePassword", "*")]);
    expect!["NoSuchEntity: Login Profile for User bob cannot be found."].assert_eq(&world.refused(
        &bob,
        "iam:ChangePassword",
        wrong,
    ));
}

#[test]
fn old_passwords_are_guessed_five_times_and_then_wait() {
    let mut world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "*")]);
    let change = |world: &World, old: &str| {
        world.call(&key, "iam:ChangePassword", json!({"OldPassword": old, "NewPassword": OTHER}))
    };
    for _ in 0..5 {
        let refused = change(&world, "wrong-Horse-9").unwrap_err().to_string();
        assert_eq!(refused, "AccessDenied: The old password was incorrect.");
    }
    let refused = change(&world, GOOD).unwrap_err().to_string();
    expect!["AccessDenied: The old password was incorrect. Too many wrong old passwords; the next attempt is accepted after 2026-01-02T03:04:35Z."]
        .assert_eq(&refused);
    assert!(comes_in(&world, "ann", GOOD).is_ok(), "who knows it still comes in by it");
    world.later(30);
    change(&world, GOOD).unwrap();
    assert!(comes_in(&world, "ann", OTHER).is_ok());
}

#[test]
fn a_new_password_ends_the_count_of_wrong_ones() {
    let world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "*")]);
    let change = |old: &str| json!({"OldPassword": old, "NewPassword": "third-Horse-3"});
    for _ in 0..5 {
        world.refused(&key, "iam:ChangePassword", change("wrong-Horse-9"));
    }
    world.ok(
        &world.root(),
        "iam:UpdateLoginProfile",
        json!({"UserName": "ann", "Password": OTHER}),
    );
    world.ok(&key, "iam:ChangePassword", change(OTHER));
}

#[test]
fn change_password_is_asked_on_the_caller_itself() {
    let world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "arn:aws:iam::*:user/bob")]);
    let input = json!({"OldPassword": GOOD, "NewPassword": OTHER});
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:ChangePassword on resource: arn:aws:iam::123456789012:user/ann because no identity-based policy allows the iam:ChangePassword action"]
        .assert_eq(&world.refused(&key, "iam:ChangePassword", input));
}

#[test]
fn the_account_may_let_its_users_change_their_passwords_and_a_deny_still_holds() {
    let world = World::new();
    let key = ann(&world, &[]);
    let policy = json!({"AllowUsersToChangePassword": true});
    world.ok(&world.root(), "iam:UpdateAccountPasswordPolicy", policy);
    let input = json!({"OldPassword": GOOD, "NewPassword": OTHER});
    world.ok(&key, "iam:ChangePassword", input.clone());
    let denied = json!({"UserName": "ann", "PolicyName": "d",
        "PolicyDocument": deny("iam:ChangePassword", "*").to_string()});
    world.ok(&world.root(), "iam:PutUserPolicy", denied);
    let refused = world.refused(&key, "iam:ChangePassword", input);
    assert!(refused.contains("explicit deny"), "{refused}");
}

#[test]
fn without_a_policy_of_its_own_an_account_wants_eight_characters_of_three_kinds() {
    let world = World::new();
    world.user("ann", &[]);
    let refused = |password: &str| {
        let input = json!({"UserName": "ann", "Password": password});
        world.refused(&world.root(), "iam:CreateLoginProfile", input)
    };
    expect!["PasswordPolicyViolation: Password should meet 1 more of the following requirements: Password should have at least one uppercase letter, Password should have at least one symbol"]
        .assert_eq(&refused("lower-case1".replace('-', "x").as_str()));
    expect!["PasswordPolicyViolation: Password should have a minimum length of 8"]
        .assert_eq(&refused("aB3-"));
}

#[test]
fn an_accounts_own_policy_says_everything_that_is_wrong() {
    let world = World::new();
    let root = world.root();
    world.user("ann", &[]);
    let policy = json!({"MinimumPasswordLength": 12, "RequireNumbers": true, "RequireSymbols": true,
        "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true});
    world.ok(&root, "iam:UpdateAccountPasswordPolicy", policy);
    let input = json!({"UserName": "ann", "Password": "abc"});
    expect!["PasswordPolicyViolation: Password should have a minimum length of 12, Password should have at least one uppercase letter, Password should have at least one number, Password should have at least one symbol"]
        .assert_eq(&world.refused(&root, "iam:CreateLoginProfile", input));
}

#[test]
fn a_password_policy_is_replaced_as_a_whole_read_and_deleted() {
    let world = World::new();
    let root = world.root();
    expect!["NoSuchEntity: The Password Policy with domain name 123456789012 cannot be found."]
        .assert_eq(&world.refused(&root, "iam:GetAccountPasswordPolicy", json!({})));
    expect!["NoSuchEntity: The account policy with name PasswordPolicy cannot be found."]
        .assert_eq(&world.refused(&root, "iam:DeleteAccountPasswordPolicy", json!({})));
    let policy = json!({"MinimumPasswordLength": 20, "MaxPasswordAge": 30});
    world.ok(&root, "iam:UpdateAccountPasswordPolicy", policy);
    world.ok(&root, "iam:UpdateAccountPasswordPolicy", json!({"RequireNumbers": true}));
    let read = world.ok(&root, "iam:GetAccountPasswordPolicy", json!({}));
    expect![[r#"{"PasswordPolicy":{"MinimumPasswordLength":6,"RequireSymbols":false,"RequireNumbers":true,"RequireUppercaseCharacters":false,"RequireLowercaseCharacters":false,"AllowUsersToChangePassword":false,"ExpirePasswords":false,"MaxPasswordAge":null,"PasswordReusePrevention":null,"HardExpiry":null}}"#]]
        .assert_eq(&read.to_string());
    world.ok(&root, "iam:DeleteAccountPasswordPolicy", json!({}));
    world.refused(&root, "iam:GetAccountPasswordPolicy", json!({}));
}

#[test]
fn a_password_past_its_age_is_refused_until_it_is_changed() {
    let mut world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "*")]);
    world.ok(&world.root(), "iam:UpdateAccountPasswordPolicy", json!({"MaxPasswordAge": 1}));
    world.later(86_400);
    assert!(comes_in(&world, "ann", GOOD).is_ok());
    world.later(1);
    assert_eq!(comes_in(&world, "ann", GOOD), Err(LoginError::Expired));
    let input = json!({"OldPassword": GOOD, "NewPassword": OTHER});
    world.ok(&key, "iam:ChangePassword", input);
    assert!(comes_in(&world, "ann", OTHER).is_ok());
}

#[test]
fn as_many_earlier_passwords_as_the_policy_says_are_not_used_again() {
    let world = World::new();
    let key = ann(&world, &[allow("iam:ChangePassword", "*")]);
    let policy = json!({"PasswordReusePrevention": 2});
    world.ok(&world.root(), "iam:UpdateAccountPasswordPolicy", policy);
    let to = |old: &str, new: &str| json!({"OldPassword": old, "NewPassword": new});
    world.ok(&key, "iam:ChangePassword", to(GOOD, OTHER));
    expect!["PasswordPolicyViolation: Password should not be one that was used before"]
        .assert_eq(&world.refused(&key, "iam:ChangePassword", to(OTHER, GOOD)));
    world.ok(&key, "iam:ChangePassword", to(OTHER, "third-Horse-3"));
    world.ok(&key, "iam:ChangePassword", to("third-Horse-3", GOOD));
}

#[test]
fn e01_a_password_is_neither_in_the_record_nor_in_the_state_file() {
    let folder = std::env::temp_dir().join(format!("countersign-passwords-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let world = World::at(&folder.join("state.db"));
    ann(&world, &[]);
    let record = format!("{:?}", world.control.directory().user(ACCOUNT, "ann").unwrap().record);
    assert!(!record.contains(GOOD) && !record.contains("argon2"), "{record}");
    for file in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [GOOD, "$argon2id$"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
    drop(world);
    assert!(comes_in(&World::at(&folder.join("state.db")), "ann", GOOD).is_ok());
    std::fs::remove_dir_all(folder).unwrap();
}

/// Who signs in to the console as `name` with `password`.
fn signs_in(world: &World, name: &str, password: &str) -> Result<IdentifiedCaller, LoginError> {
    let directory = world.control.directory();
    let login = directory.login(ACCOUNT, name);
    if !login.matches(&Password::new(password)) {
        return Err(LoginError::Unknown);
    }
    directory.identify_sign_in(&login, world.now)
}

#[test]
fn who_signs_in_to_the_console_gets_a_session_and_nothing_else() {
    let world = World::new();
    ann(&world, &[allow("*", "*")]);
    let caller = signs_in(&world, "ann", GOOD).unwrap();
    for operation in ["iam:ListUsers", "es:ListDomainNames", "sts:GetCallerIdentity"] {
        let refused = world.as_caller(&caller, operation, &json!({})).unwrap_err().to_string();
        assert!(refused.ends_with("with a password"), "{refused}");
    }
    let session = world.as_caller(&caller, "sts:GetSessionToken", &json!({})).unwrap();
    let session = credentials(&session);
    // Unlike a session of a key it reaches iam without a second factor.
    world.ok(&session, "iam:ListUsers", json!({}));
    assert_eq!(world.identify(&session).unwrap().mfa, Some(false));
    let again = world.refused(&session, "sts:GetSessionToken", json!({}));
    assert_eq!(again, "AccessDenied: Cannot call GetSessionToken with session credentials");
}

#[test]
fn a_session_of_the_console_ends_with_the_login_profile_that_opened_it() {
    let mut world = World::new();
    ann(&world, &[allow("iam:ChangePassword", "*")]);
    let caller = signs_in(&world, "ann", GOOD).unwrap();
    let session = world.as_caller(&caller, "sts:GetSessionToken", &json!({})).unwrap();
    let session = credentials(&session);
    let input = json!({"OldPassword": GOOD, "NewPassword": OTHER});
    world.ok(&session, "iam:ChangePassword", input);
    assert!(world.identify(&session).is_ok(), "the password is another, the profile the same");
    world.ok(&world.root(), "iam:DeleteLoginProfile", json!({"UserName": "ann"}));
    assert!(world.identify(&session).is_err());
    world.later(1);
    let input = json!({"UserName": "ann", "Password": GOOD});
    world.ok(&world.root(), "iam:CreateLoginProfile", input);
    assert!(world.identify(&session).is_err(), "another profile");
}

/// A session of the console, opened by a password.
fn console_session(world: &World, name: &str, password: &str) -> Key {
    let caller = signs_in(world, name, password).unwrap();
    credentials(&world.as_caller(&caller, "sts:GetSessionToken", &json!({})).unwrap())
}

#[test]
fn a_new_password_ends_the_sessions_that_the_old_one_opened_and_no_others() {
    let world = World::new();
    let (root, key) = (world.root(), ann(&world, &[allow("iam:ChangePassword", "*")]));
    world.user("ben", &[]);
    world.ok(&root, "iam:CreateLoginProfile", json!({"UserName": "ben", "Password": GOOD}));
    let bens = console_session(&world, "ben", GOOD);
    let by_key = credentials(&world.ok(&key, "sts:GetSessionToken", json!({})));
    let [one, other] = [(); 2].map(|()| console_session(&world, "ann", GOOD));
    let lives = |session: &Key| world.identify(session).is_ok();

    world.ok(
        &root,
        "iam:UpdateLoginProfile",
        json!({"UserName": "ann", "PasswordResetRequired": true}),
    );
    assert!(lives(&one), "the password is the same");
    let change = json!({"OldPassword": GOOD, "NewPassword": OTHER});
    world.ok(&one, "iam:ChangePassword", change);
    assert!(lives(&one) && !lives(&other), "who proved the old one goes on");
    world.ok(&root, "iam:UpdateLoginProfile", json!({"UserName": "ann", "Password": GOOD}));
    assert!(!lives(&one));
    assert!(lives(&bens) && lives(&by_key) && lives(&key));
}

#[test]
fn a_password_that_was_changed_since_it_was_proven_opens_no_session() {
    let world = World::new();
    ann(&world, &[]);
    let caller = signs_in(&world, "ann", GOOD).unwrap();
    world.ok(
        &world.root(),
        "iam:UpdateLoginProfile",
        json!({"UserName": "ann", "Password": OTHER}),
    );
    let refused = world.as_caller(&caller, "sts:GetSessionToken", &json!({})).unwrap_err();
    assert_eq!(refused.to_string(), "AccessDenied: The password is no longer the user's.");
    let caller = signs_in(&world, "ann", OTHER).unwrap();
    assert!(world.as_caller(&caller, "sts:GetSessionToken", &json!({})).is_ok());
}

#[test]
fn a_password_that_must_be_changed_lets_in_to_change_it_unless_that_is_forbidden() {
    let mut world = World::new();
    let (root, now) = (world.root(), |world: &World| world.now);
    ann(&world, &[]);
    let must =
        |world: &World| world.control.directory().must_change_password(ACCOUNT, "ann", now(world));
    assert!(!must(&world));
    let reset = |to: bool| json!({"UserName": "ann", "PasswordResetRequired": to});
    world.ok(&root, "iam:UpdateLoginProfile", reset(true));
    assert!(must(&world) && signs_in(&world, "ann", GOOD).is_ok());
    world.ok(&root, "iam:UpdateLoginProfile", reset(false));
    world.ok(&root, "iam:UpdateAccountPasswordPolicy", json!({"MaxPasswordAge": 1}));
    world.later(86_401);
    assert!(must(&world) && signs_in(&world, "ann", GOOD).is_ok());
    let hard = json!({"MaxPasswordAge": 1, "HardExpiry": true});
    world.ok(&root, "iam:UpdateAccountPasswordPolicy", hard);
    assert_eq!(signs_in(&world, "ann", GOOD).err(), Some(LoginError::Expired));
}
