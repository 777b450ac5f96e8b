//! Sessions: who may assume what, what a session may do, and when it ends.

use control::{ErrorCode, IdentityError, IdentityKind};
use expect_test::expect;
use serde_json::json;

use crate::support::{
    ACCOUNT, Key, OTHER_ACCOUNT, World, allow, credentials, deny, root_of, text, trust, trust_if,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/search-app";

fn with_role() -> (World, Key) {
    let world = World::new();
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    (world, ann)
}

#[test]
fn assuming_a_role_gives_its_identity() {
    let (world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    let who = world.ok(&session, "sts:GetCallerIdentity", json!({}));
    assert_eq!(text(&who, "/Arn"), "arn:aws:sts::123456789012:assumed-role/search-app/s");
    assert!(
        text(&who, "/UserId").starts_with("AROA") && text(&who, "/UserId").ends_with(":s"),
        "{who}"
    );
    let caller = world.identify(&session).unwrap();
    assert_eq!((caller.kind, caller.principal_arn.as_str()), (IdentityKind::AssumedRole, ROLE));
}

#[test]
fn trusting_the_account_only_delegates() {
    let (world, _) = with_role();
    let bob = world.user("bob", &[]);
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/bob is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/search-app because no identity-based policy allows the sts:AssumeRole action"]
        .assert_eq(&world.refused(&bob, "sts:AssumeRole", json!({"RoleArn": ROLE, "RoleSessionName": "s"})));
}

#[test]
fn trusting_a_user_suffices_for_it_and_for_nobody_else() {
    let world = World::new();
    let bob = world.user("bob", &[]);
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let arn = world.role("r", &trust(&json!({"AWS": "arn:aws:iam::123456789012:user/bob"})));
    assert!(world.assume(&bob, &arn, json!({})).is_ok());
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r because no role trust policy allows the sts:AssumeRole action"]
        .assert_eq(&world.assume(&ann, &arn, json!({})).err().unwrap().to_string());
}

#[test]
fn a_role_that_does_not_exist_is_denied_not_revealed() {
    let (world, ann) = with_role();
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/nobody"]
        .assert_eq(&world.refused(&ann, "sts:AssumeRole", json!({"RoleArn": "arn:aws:iam::123456789012:role/nobody", "RoleSessionName": "s"})));
}

/// A user of another account with its key, made by that account's root.
fn stranger(world: &World, policies: &[serde_json::Value]) -> Key {
    let made = world.control.ensure_root(OTHER_ACCOUNT, None, world.now).unwrap();
    let (id, secret) = made.unwrap();
    let root = Key { id, secret: secret.expose().to_owned(), token: None };
    world.ok(&root, "iam:CreateUser", json!({"UserName": "eve"}));
    for policy in policies {
        let input =
            json!({"UserName": "eve", "PolicyName": "p", "PolicyDocument": policy.to_string()});
        world.ok(&root, "iam:PutUserPolicy", input);
    }
    let key = world.ok(&root, "iam:CreateAccessKey", json!({"UserName": "eve"}));
    Key {
        id: text(&key, "/AccessKey/AccessKeyId"),
        secret: text(&key, "/AccessKey/SecretAccessKey"),
        token: None,
    }
}

/// Who is trusted × what the identity side says, within an account and across: may the role be assumed?
#[test]
fn the_trust_matrix() {
    let local_arn = "arn:aws:iam::123456789012:user/ann";
    let foreign_arn = "arn:aws:iam::999988887777:user/eve";
    let mut rows = String::new();
    for (title, trusted) in [
        ("own account", vec![format!("arn:aws:iam::{ACCOUNT}:root")]),
        ("other account", vec![format!("arn:aws:iam::{OTHER_ACCOUNT}:root")]),
        ("both users", vec![local_arn.to_owned(), foreign_arn.to_owned()]),
    ] {
        for (policy_title, policies) in [
            ("allow", vec![allow("sts:*", "*")]),
            ("silent", vec![]),
            ("deny", vec![deny("sts:*", "*")]),
        ] {
            let world = World::new();
            let ann = world.user("ann", &policies);
            let eve = stranger(&world, &policies);
            let arn = world.role("r", &trust(&json!({"AWS": trusted})));
            let may =
                |key: &Key| if world.assume(key, &arn, json!({})).is_ok() { "yes" } else { "no" };
            rows += &format!(
                "{title:13} {policy_title:6} own: {:3} foreign: {}\n",
                may(&ann),
                may(&eve)
            );
        }
    }
    expect![[r#"
        own account   allow  own: yes foreign: no
        own account   silent own: no  foreign: no
        own account   deny   own: no  foreign: no
        other account allow  own: no  foreign: yes
        other account silent own: no  foreign: no
        other account deny   own: no  foreign: no
        both users    allow  own: yes foreign: yes
        both users    silent own: yes foreign: no
        both users    deny   own: no  foreign: no
    "#]]
    .assert_eq(&rows);
}

#[test]
fn an_external_id_is_asked_for() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let wants = json!({"StringEquals": {"sts:ExternalId": "xyz"}});
    let arn = world.role("r", &trust_if(&root_of(ACCOUNT), &wants));
    assert!(world.assume(&ann, &arn, json!({})).is_err());
    assert!(world.assume(&ann, &arn, json!({"ExternalId": "abc"})).is_err());
    assert!(world.assume(&ann, &arn, json!({"ExternalId": "xyz"})).is_ok());
}

#[test]
fn root_assumes_no_role() {
    let (world, _) = with_role();
    expect!["AccessDenied: Roles may not be assumed by root accounts."]
        .assert_eq(&world.assume(&world.root(), ROLE, json!({})).err().unwrap().to_string());
}

#[test]
fn a_session_ends_at_its_time() {
    let (mut world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    world.later(899);
    assert!(world.identify(&session).is_ok());
    world.later(1);
    assert_eq!(world.identify(&session).err(), Some(IdentityError::TokenExpired));
}

#[test]
fn durations_are_bounded_by_the_role_and_by_chaining() {
    let (world, ann) = with_role();
    let long = json!({"DurationSeconds": 3601});
    expect!["ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."]
        .assert_eq(&world.assume(&ann, ROLE, long.clone()).err().unwrap().to_string());
    world.ok(
        &world.root(),
        "iam:UpdateRole",
        json!({"RoleName": "search-app", "MaxSessionDuration": 7200}),
    );
    let session = world.assume(&ann, ROLE, long.clone()).unwrap();
    let next = world.role("next", &trust(&json!({"AWS": ROLE})));
    expect!["ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."]
        .assert_eq(&world.assume(&chaining(&world, &session), &next, long).err().unwrap().to_string());
}

/// Lets `search-app` assume roles.
fn chaining(world: &World, session: &Key) -> Key {
    let policy = allow("sts:*", "*").to_string();
    let input = json!({"RoleName": "search-app", "PolicyName": "chain", "PolicyDocument": policy});
    world.ok(&world.root(), "iam:PutRolePolicy", input);
    session.clone()
}

#[test]
fn deleting_the_role_ends_its_sessions_and_a_new_role_does_not_revive_them() {
    let (world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "search-app"}));
    assert!(world.identify(&session).is_err());
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    assert!(world.identify(&session).is_err());
}

#[test]
fn deleting_or_disabling_a_key_holds_at_once() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let key = json!({"UserName": "ann", "AccessKeyId": ann.id, "Status": "Inactive"});
    world.ok(&world.root(), "iam:UpdateAccessKey", key);
    assert_eq!(world.identify(&ann).err(), Some(IdentityError::UnknownKey));
    world.ok(
        &world.root(),
        "iam:DeleteAccessKey",
        json!({"UserName": "ann", "AccessKeyId": ann.id}),
    );
    assert!(world.control.directory().signing_secret(&ann.id).is_none());
}

#[test]
fn a_token_belongs_to_its_key() {
    let (world, ann) = with_role();
    let one = world.assume(&ann, ROLE, json!({})).unwrap();
    let two = world.assume(&ann, ROLE, json!({})).unwrap();
    let swapped = Key { token: two.token, ..one.clone() };
    assert_eq!(world.identify(&swapped).err(), Some(IdentityError::TokenDamaged));
    let bare = Key { token: None, ..one.clone() };
    assert_eq!(world.identify(&bare).err(), Some(IdentityError::UnknownKey));
    let long_term = Key { token: one.token.clone(), ..ann };
    assert_eq!(world.identify(&long_term).err(), Some(IdentityError::TokenDamaged));
}

#[test]
fn every_changed_character_of_a_token_is_noticed() {
    let (world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    let token = session.token.clone().unwrap();
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let forged = Key { token: Some(String::from_utf8(bytes).unwrap()), ..session.clone() };
        assert_eq!(world.identify(&forged).err(), Some(IdentityError::TokenDamaged), "byte {at}");
    }
}

#[test]
fn a_session_policy_only_narrows() {
    let (world, ann) = with_role();
    let may = allow("iam:*", "*").to_string();
    world.ok(
        &world.root(),
        "iam:PutRolePolicy",
        json!({"RoleName": "search-app", "PolicyName": "p", "PolicyDocument": may}),
    );
    let narrow = json!({"Policy": allow("iam:ListUsers", "*").to_string()});
    let session = world.assume(&ann, ROLE, narrow).unwrap();
    world.ok(&session, "iam:ListUsers", json!({}));
    expect!["AccessDenied: User: arn:aws:sts::123456789012:assumed-role/search-app/s is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::123456789012:role/ because no session policy allows the iam:ListRoles action"]
        .assert_eq(&world.refused(&session, "iam:ListRoles", json!({})));
    let wider = json!({"Policy": allow("es:*", "*").to_string()});
    let session = world.assume(&ann, ROLE, wider).unwrap();
    assert!(
        world.call(&session, "es:ListDomainNames", json!({})).is_err(),
        "the role itself may not"
    );
}

#[test]
fn a_session_policy_by_arn_counts_and_must_exist() {
    let (world, ann) = with_role();
    let by_arn =
        |name: &str| json!({"PolicyArns": [{"arn": format!("arn:aws:iam::aws:policy/{name}")}]});
    let session = world.assume(&ann, ROLE, by_arn("IAMReadOnlyAccess")).unwrap();
    assert!(world.identify(&session).unwrap().session_policies.is_some());
    let error = world.assume(&ann, ROLE, by_arn("Nothing")).err().unwrap();
    assert_eq!(error.code, ErrorCode::Validation, "{error}");
}

#[test]
fn a_session_policy_that_is_too_large_is_refused() {
    let (world, ann) = with_role();
    let large = json!({"Policy": allow(&"x".repeat(2100), "*").to_string().replace("x".repeat(2100).as_str(), &format!("es:{}", "x".repeat(2100)))});
    let error = world.assume(&ann, ROLE, large).err().unwrap();
    assert_eq!(error.code, ErrorCode::PackedPolicyTooLarge, "{error}");
}

#[test]
fn tags_need_their_own_permission_and_override_the_roles() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let statement =
        |action: &str| json!({"Effect": "Allow", "Principal": root_of(ACCOUNT), "Action": action});
    let trust_policy = |actions: &[&str]| {
        let statements: Vec<_> = actions.iter().map(|action| statement(action)).collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    };
    let arn = world.role("r", &trust_policy(&["sts:AssumeRole"]));
    let tags = json!({"Tags": [{"Key": "Team", "Value": "search"}]});
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:TagSession on resource: arn:aws:iam::123456789012:role/r because no role trust policy allows the sts:TagSession action"]
        .assert_eq(&world.assume(&ann, &arn, tags.clone()).err().unwrap().to_string());
    let both = trust_policy(&["sts:AssumeRole", "sts:TagSession"]).to_string();
    world.ok(
        &world.root(),
        "iam:UpdateAssumeRolePolicy",
        json!({"RoleName": "r", "PolicyDocument": both}),
    );
    world.ok(
        &world.root(),
        "iam:TagRole",
        json!({"RoleName": "r", "Tags": [{"Key": "team", "Value": "old"}, {"Key": "x", "Value": "1"}]}),
    );
    let session = world.assume(&ann, &arn, tags).unwrap();
    let caller = world.identify(&session).unwrap();
    let mut context = policy::Context::new();
    caller.describe(&mut context);
    assert_eq!(context.get("aws:PrincipalTag/team"), Some(&["search".to_owned()][..]));
    assert_eq!(context.get("aws:PrincipalTag/x"), Some(&["1".to_owned()][..]));
}

#[test]
fn transitive_tags_go_down_the_chain_and_cannot_be_set_anew() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let open = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": root_of(ACCOUNT), "Action": ["sts:AssumeRole", "sts:TagSession"]}]});
    let (first, second) = (world.role("first", &open), world.role("second", &open));
    for role in ["first", "second"] {
        let policy = allow("sts:*", "*").to_string();
        let input = json!({"RoleName": role, "PolicyName": "p", "PolicyDocument": policy});
        world.ok(&world.root(), "iam:PutRolePolicy", input);
    }
    let tags = json!({"Tags": [{"Key": "team", "Value": "a"}, {"Key": "own", "Value": "b"}], "TransitiveTagKeys": ["team"]});
    let one = world.assume(&ann, &first, tags).unwrap();
    let two = world.assume(&one, &second, json!({})).unwrap();
    let inherited = world.identify(&two).unwrap().tags;
    assert_eq!(inherited, [("team".to_owned(), "a".to_owned())]);
    let again = json!({"Tags": [{"Key": "TEAM", "Value": "c"}]});
    let error = world.assume(&one, &second, again).err().unwrap();
    assert_eq!(error.code, ErrorCode::InvalidParameterValue, "{error}");
}

#[test]
fn session_tokens_are_the_users_own_rights() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:*", "*"), allow("es:*", "*")]);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({})));
    let who = world.ok(&session, "sts:GetCallerIdentity", json!({}));
    assert_eq!(text(&who, "/Arn"), "arn:aws:iam::123456789012:user/ann");
    world.ok(&session, "es:ListDomainNames", json!({}));
    expect!["InvalidClientTokenId: The security token included in the request is invalid"]
        .assert_eq(&world.refused(&session, "iam:ListUsers", json!({})));
    expect!["AccessDenied: Cannot call GetSessionToken with session credentials"]
        .assert_eq(&world.refused(&session, "sts:GetSessionToken", json!({})));
}

#[test]
fn deleting_the_user_ends_its_sessions() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({})));
    world.ok(
        &world.root(),
        "iam:DeleteAccessKey",
        json!({"UserName": "ann", "AccessKeyId": ann.id}),
    );
    world.ok(&world.root(), "iam:DeleteUser", json!({"UserName": "ann"}));
    world.user("ann", &[]);
    assert_eq!(world.identify(&session).err(), Some(IdentityError::PrincipalGone));
}

#[test]
fn a_federated_user_has_only_what_its_session_policy_and_the_user_share() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*"), allow("es:*", "*")]);
    let bare = credentials(&world.ok(&ann, "sts:GetFederationToken", json!({"Name": "guest"})));
    assert!(
        world.call(&bare, "es:ListDomainNames", json!({})).is_err(),
        "no session policy, no right"
    );
    let policy = allow("es:ListDomainNames", "*").to_string();
    let guest =
        world.ok(&ann, "sts:GetFederationToken", json!({"Name": "guest", "Policy": policy}));
    assert_eq!(
        text(&guest, "/FederatedUser/Arn"),
        "arn:aws:sts::123456789012:federated-user/guest"
    );
    let guest = credentials(&guest);
    world.ok(&guest, "es:ListDomainNames", json!({}));
    assert!(world.call(&guest, "iam:ListUsers", json!({})).is_err());
    assert!(world.call(&guest, "sts:GetSessionToken", json!({})).is_err());
}

#[test]
fn nobody_can_be_denied_to_ask_who_they_are() {
    let world = World::new();
    let ann = world.user("ann", &[deny("*", "*")]);
    world.ok(&ann, "sts:GetCallerIdentity", json!({}));
    world.ok(&ann, "sts:GetSessionToken", json!({}));
}

#[test]
fn ended_sessions_leave_the_directory() {
    let (mut world, ann) = with_role();
    let old = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    world.later(1000);
    world.assume(&ann, ROLE, json!({})).unwrap();
    assert!(world.control.directory().signing_secret(&old.id).is_none());
}
