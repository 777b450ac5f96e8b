//! Sessions: who may assume what, what a session may do, and when it ends.

use control::{ControlSettings, ErrorCode, IdentityError, SessionsMeant};
use expect_test::expect;
use policy::CallerKind;
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
    assert_eq!((caller.kind(), caller.principal_arn.as_str()), (CallerKind::AssumedRole, ROLE));
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
fn c17_deleting_the_role_ends_its_sessions_and_a_new_role_does_not_revive_them() {
    let (world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "search-app"}));
    assert!(world.identify(&session).is_err());
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    assert!(world.identify(&session).is_err());
}

#[test]
fn c05_deleting_or_disabling_a_key_holds_at_once() {
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
fn c02_a_session_policy_only_narrows() {
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

#[test]
fn c19_a_session_that_ended_is_expired_for_days_although_its_record_is_gone() {
    let (mut world, ann) = with_role();
    let old = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    for hours in [1, 12, 36, 1_000] {
        world.later(hours * 3_600);
        world.assume(&ann, ROLE, json!({})).unwrap();
        assert!(world.control.directory().signing_secret(&old.id).is_none());
        assert_eq!(world.identify(&old).err(), Some(IdentityError::TokenExpired), "{hours} h");
    }
}

#[test]
fn an_end_is_told_to_who_holds_the_very_token_and_key_id_and_to_nobody_else() {
    let (mut world, ann) = with_role();
    let old = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    let other = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    world.later(901);
    world.assume(&ann, ROLE, json!({})).unwrap();
    let swapped = Key { token: other.token, ..old.clone() };
    let bare = Key { token: None, ..old.clone() };
    let forged = Key { token: old.token.clone().map(|token| token.replace("CsT2", "CsT1")), ..old };
    for key in [swapped, bare, forged] {
        assert_eq!(world.identify(&key).err(), Some(IdentityError::UnknownKey));
    }
}

#[test]
fn a_session_that_was_revoked_is_unknown_until_its_end_and_then_expired() {
    let (mut world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "search-app"}));
    assert_eq!(world.identify(&session).err(), Some(IdentityError::UnknownKey));
    world.later(899);
    assert_eq!(world.identify(&session).err(), Some(IdentityError::UnknownKey));
    world.later(1);
    assert_eq!(world.identify(&session).err(), Some(IdentityError::TokenExpired));
}

#[test]
fn every_cut_longer_or_empty_token_is_refused() {
    let (world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    let token = session.token.clone().unwrap();
    let cut = (0..token.len()).map(|end| token.chars().take(end).collect::<String>());
    let longer = ["A", "=", " ", "\0", &"A".repeat(10_000)].map(|more| format!("{token}{more}"));
    for forged in cut.chain(longer).chain([format!(" {token}"), token.to_lowercase()]) {
        let forged = Key { token: Some(forged), ..session.clone() };
        assert_eq!(world.identify(&forged).err(), Some(IdentityError::TokenDamaged));
    }
}

#[test]
fn a_token_is_as_long_whatever_the_session_carries() {
    let (world, ann) = with_role();
    let plain = world.assume(&ann, ROLE, json!({})).unwrap();
    let policy = json!({"Policy": allow("es:*", &"*".repeat(1000)).to_string()});
    let laden = world.assume(&ann, ROLE, policy).unwrap();
    assert_eq!(plain.token.as_ref().unwrap().len(), laden.token.as_ref().unwrap().len());
    assert!(plain.token.unwrap().len() <= 200);
}

/// A role that anyone of the account may assume with tags and a source identity, and that may go on assuming.
fn open_role(world: &World, name: &str) -> String {
    let open = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": root_of(ACCOUNT),
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]});
    let arn = world.role(name, &open);
    let policy = allow("sts:*", "*").to_string();
    let input = json!({"RoleName": name, "PolicyName": "p", "PolicyDocument": policy});
    world.ok(&world.root(), "iam:PutRolePolicy", input);
    arn
}

fn context_of(world: &World, key: &Key) -> policy::Context {
    let mut context = policy::Context::new();
    world.identify(key).unwrap().describe(&mut context);
    context
}

#[test]
fn a_source_identity_needs_its_own_permission_in_the_trust_policy() {
    let (world, ann) = with_role();
    let named = json!({"SourceIdentity": "ann"});
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::123456789012:role/search-app because no role trust policy allows the sts:SetSourceIdentity action"]
        .assert_eq(&world.assume(&ann, ROLE, named).err().unwrap().to_string());
}

#[test]
fn a_source_identity_stands_for_the_whole_chain() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let [first, second, third] = ["first", "second", "third"].map(|name| open_role(&world, name));
    let one = world.assume(&ann, &first, json!({"SourceIdentity": "ann"})).unwrap();
    let two = world.assume(&one, &second, json!({})).unwrap();
    let same = world.assume(&two, &third, json!({"SourceIdentity": "ann"})).unwrap();
    let three = world.assume(&two, &third, json!({})).unwrap();
    for session in [&one, &two, &three, &same] {
        let context = context_of(&world, session);
        assert_eq!(context.get("aws:SourceIdentity"), Some(&["ann".to_owned()][..]));
    }
    expect!["AccessDenied: User: arn:aws:sts::123456789012:assumed-role/second/s is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::123456789012:role/third because the source identity of the calling session cannot be changed"]
        .assert_eq(&world.assume(&two, &third, json!({"SourceIdentity": "bob"})).err().unwrap().to_string());
}

#[test]
fn a_chain_with_a_source_identity_ends_at_a_role_that_does_not_take_it() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let first = open_role(&world, "first");
    let plain = world.role("plain", &trust(&root_of(ACCOUNT)));
    let named = world.assume(&ann, &first, json!({"SourceIdentity": "ann"})).unwrap();
    assert!(world.assume(&named, &plain, json!({})).is_err());
    let unnamed = world.assume(&ann, &first, json!({})).unwrap();
    assert!(world.assume(&unnamed, &plain, json!({})).is_ok());
}

#[test]
fn trust_policies_see_the_session_name_the_source_identity_and_the_tags_of_the_request() {
    for (condition, good, bad) in [
        (
            json!({"StringLike": {"sts:RoleSessionName": "ci-*"}}),
            json!({"RoleSessionName": "ci-7"}),
            json!({"RoleSessionName": "me"}),
        ),
        (
            json!({"StringEquals": {"sts:SourceIdentity": "ann"}}),
            json!({"SourceIdentity": "ann"}),
            json!({"SourceIdentity": "bob"}),
        ),
        (
            json!({"StringEquals": {"aws:RequestTag/team": "a"}}),
            json!({"Tags": [{"Key": "team", "Value": "a"}]}),
            json!({"Tags": [{"Key": "team", "Value": "b"}]}),
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
            json!({"Tags": [{"Key": "team", "Value": "a"}]}),
            json!({"Tags": [{"Key": "rank", "Value": "a"}]}),
        ),
        (
            json!({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["team"]}}),
            json!({"Tags": [{"Key": "team", "Value": "a"}], "TransitiveTagKeys": ["team"]}),
            json!({"Tags": [{"Key": "team", "Value": "a"}]}),
        ),
    ] {
        let world = World::new();
        let ann = world.user("ann", &[allow("sts:*", "*")]);
        let mut policy = trust_if(&root_of(ACCOUNT), &condition);
        policy["Statement"][0]["Action"] =
            json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
        let arn = world.role("r", &policy);
        assert!(world.assume(&ann, &arn, good).is_ok(), "{condition}");
        assert!(world.assume(&ann, &arn, bad).is_err(), "{condition}");
    }
}

#[test]
fn a_session_tag_decides_what_a_policy_with_a_principal_tag_lets_through() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let arn = open_role(&world, "r");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers",
        "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "search"}}}]});
    let input =
        json!({"RoleName": "r", "PolicyName": "tagged", "PolicyDocument": policy.to_string()});
    world.ok(&world.root(), "iam:PutRolePolicy", input);
    let tags = |value: &str| json!({"Tags": [{"Key": "Team", "Value": value}]});
    let search = world.assume(&ann, &arn, tags("search")).unwrap();
    world.ok(&search, "iam:ListUsers", json!({}));
    let sales = world.assume(&ann, &arn, tags("sales")).unwrap();
    assert!(world.call(&sales, "iam:ListUsers", json!({})).is_err());
}

#[test]
fn a_transitive_key_must_be_among_the_tags() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let arn = open_role(&world, "r");
    let tags = json!({"Tags": [{"Key": "team", "Value": "a"}], "TransitiveTagKeys": ["rank"]});
    let error = world.assume(&ann, &arn, tags).err().unwrap();
    assert_eq!(error.code, ErrorCode::InvalidParameterValue, "{error}");
}

#[test]
fn inherited_tags_ask_the_next_role_for_leave() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let first = open_role(&world, "first");
    let plain = world.role("plain", &trust(&root_of(ACCOUNT)));
    let tags = json!({"Tags": [{"Key": "team", "Value": "a"}], "TransitiveTagKeys": ["team"]});
    let tagged = world.assume(&ann, &first, tags).unwrap();
    let error = world.assume(&tagged, &plain, json!({})).err().unwrap().to_string();
    assert!(error.contains("sts:TagSession"), "{error}");
}

#[test]
fn a_chained_session_lives_an_hour_and_no_longer() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let [first, second] = ["first", "second"].map(|name| open_role(&world, name));
    let longer = json!({"RoleName": "second", "MaxSessionDuration": 43200});
    world.ok(&world.root(), "iam:UpdateRole", longer);
    let one = world.assume(&ann, &first, json!({})).unwrap();
    let two = world.assume(&one, &second, json!({})).unwrap();
    let caller = world.identify(&two).unwrap();
    assert_eq!(caller.expires.unwrap() - caller.issued.unwrap(), 3600);
    assert!(world.assume(&one, &second, json!({"DurationSeconds": 3601})).is_err());
    assert!(world.assume(&ann, &second, json!({"DurationSeconds": 43200})).is_ok());
}

/// What the console's "Revoke active sessions" attaches to a role (`AWSRevokeOlderSessions`).
fn revoke_older_sessions(world: &World, role: &str) {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": world.now.to_string()}}}]});
    let input = json!({"RoleName": role, "PolicyName": "AWSRevokeOlderSessions", "PolicyDocument": policy.to_string()});
    world.ok(&world.root(), "iam:PutRolePolicy", input);
}

#[test]
fn revoking_older_sessions_ends_the_rights_of_those_and_of_no_later_one() {
    let (mut world, ann) = with_role();
    let input =
        json!({"RoleName": "search-app", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"});
    world.ok(&world.root(), "iam:AttachRolePolicy", input);
    let before = world.assume(&ann, ROLE, json!({})).unwrap();
    world.ok(&before, "iam:ListUsers", json!({}));
    world.later(10);
    revoke_older_sessions(&world, "search-app");
    let error = world.refused(&before, "iam:ListUsers", json!({}));
    assert!(error.contains("with an explicit deny in an identity-based policy"), "{error}");
    let after = world.assume(&ann, ROLE, json!({})).unwrap();
    world.ok(&after, "iam:ListUsers", json!({}));
}

#[test]
fn a_session_is_told_and_ended_alone() {
    let mut world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    assert_eq!(open_role(&world, "search-app"), ROLE);
    let one = world.assume(&ann, ROLE, json!({"SourceIdentity": "ann"})).unwrap();
    world.later(10);
    let other = world.assume(&ann, ROLE, json!({})).unwrap();
    let of_role = SessionsMeant::OfRole("Search-App".to_owned());
    let told = |world: &World| {
        let live = world.control.directory().live_sessions(ACCOUNT, &of_role, world.now).unwrap();
        assert_eq!((live.holder.arn.as_str(), live.left_out), (ROLE, 0));
        live.sessions
    };
    let sessions = told(&world);
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0].access_key_id, other.id, "the newest first");
    assert_eq!(sessions[0].arn, "arn:aws:sts::123456789012:assumed-role/search-app/s");
    assert_eq!(sessions[1].source_identity.as_deref(), Some("ann"));
    assert_eq!(sessions[1].expires - sessions[1].issued, 3600);

    let alone = SessionsMeant::One(one.id.clone());
    let role = world.holder(&of_role);
    let user = world.holder(&SessionsMeant::OfUser("ann".to_owned()));
    assert_eq!(world.end_now(&alone, &user), Err(ErrorCode::Conflict));
    assert_eq!(world.end_now(&alone, &role), Ok((1, 0)));
    assert!(world.identify(&one).is_err() && world.identify(&other).is_ok());
    assert_eq!(world.end_now(&alone, &role), Ok((0, 0)), "it is no session any more");
    let directory = world.control.directory();
    assert!(
        directory.live_sessions(OTHER_ACCOUNT, &SessionsMeant::One(other.id), world.now).is_none()
    );
    assert_eq!(world.end_now(&of_role, &role), Ok((1, 0)));
    assert!(told(&world).is_empty());
}

#[test]
fn sessions_of_a_role_that_was_made_again_are_not_those_that_the_policies_were_asked_about() {
    let (world, ann) = with_role();
    let of_role = SessionsMeant::OfRole("search-app".to_owned());
    let asked_about = world.holder(&of_role);
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "search-app"}));
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    assert_eq!(world.holder(&of_role).arn, asked_about.arn);
    assert_eq!(world.end_now(&of_role, &asked_about), Err(ErrorCode::Conflict));
    assert!(world.identify(&session).is_ok());
}

#[test]
fn who_may_no_longer_end_sessions_by_the_time_it_comes_to_that_ends_none() {
    let (world, ann) = with_role();
    let revokes = allow("countersign:RevokeSession", ROLE);
    let ben = world.user("ben", std::slice::from_ref(&revokes));
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    let of_role = SessionsMeant::OfRole("search-app".to_owned());
    let (holder, caller) = (world.holder(&of_role), world.identify(&ben).unwrap());
    let judged = world.control.directory().version();
    let policy = json!({"UserName": "ben", "PolicyName": "p0"});
    world.ok(&world.root(), "iam:DeleteUserPolicy", policy.clone());
    let end = || world.end(&caller, &of_role, (&holder, judged));
    assert_eq!(end(), Err(ErrorCode::AccessDenied));
    assert!(world.identify(&session).is_ok());
    let mut policy = policy;
    policy["PolicyDocument"] = revokes.to_string().into();
    world.ok(&world.root(), "iam:PutUserPolicy", policy);
    assert_eq!(end(), Ok((1, 0)), "allowed again");
    world.ok(
        &world.root(),
        "iam:DeleteAccessKey",
        json!({"UserName": "ben", "AccessKeyId": ben.id}),
    );
    assert_eq!(end(), Err(ErrorCode::InvalidClientTokenId), "its key is gone");
}

#[test]
fn more_sessions_than_are_ended_at_once_are_told_by_their_number() {
    let world = World::random();
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    for _ in 0..control::limits::SESSIONS_TOLD_MAX + 2 {
        world.assume(&ann, ROLE, json!({})).unwrap();
    }
    let of_role = SessionsMeant::OfRole("search-app".to_owned());
    let holder = world.holder(&of_role);
    let rounds = [(); 3].map(|()| world.end_now(&of_role, &holder));
    assert_eq!(rounds, [Ok((1_000, 2)), Ok((2, 0)), Ok((0, 0))]);
}

#[test]
fn sessions_of_a_user_are_those_of_both_operations_and_ended_ones_are_not_told() {
    let mut world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let own = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({"DurationSeconds": 900})));
    world.ok(&ann, "sts:GetFederationToken", json!({"Name": "guest"}));
    let of_ann = SessionsMeant::OfUser("ann".to_owned());
    let told = |world: &World| {
        let live = world.control.directory().live_sessions(ACCOUNT, &of_ann, world.now).unwrap();
        live.sessions.into_iter().map(|session| session.arn).collect::<Vec<_>>()
    };
    let user = "arn:aws:iam::123456789012:user/ann".to_owned();
    let guest = "arn:aws:sts::123456789012:federated-user/guest".to_owned();
    let mut both = told(&world);
    both.sort();
    assert_eq!(both, [user, guest.clone()]);
    world.later(901);
    assert!(world.identify(&own).is_err());
    assert_eq!(told(&world), [guest]);
    let nobody = SessionsMeant::OfUser("bob".to_owned());
    assert!(world.control.directory().live_sessions(ACCOUNT, &nobody, world.now).is_none());
}

#[test]
fn detaching_a_policy_holds_at_once_for_sessions_that_live() {
    let (world, ann) = with_role();
    let input =
        json!({"RoleName": "search-app", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"});
    world.ok(&world.root(), "iam:AttachRolePolicy", input.clone());
    let session = world.assume(&ann, ROLE, json!({})).unwrap();
    world.ok(&session, "iam:ListUsers", json!({}));
    world.ok(&world.root(), "iam:DetachRolePolicy", input);
    assert!(world.call(&session, "iam:ListUsers", json!({})).is_err());
}

#[test]
fn a_session_token_outlives_the_key_that_asked_for_it_but_not_its_user() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({})));
    let key = json!({"UserName": "ann", "AccessKeyId": ann.id});
    world.ok(&world.root(), "iam:DeleteAccessKey", key);
    assert!(world.identify(&session).is_ok(), "as at Amazon: the key is not what it hangs on");
    world.ok(&world.root(), "iam:DeleteUser", json!({"UserName": "ann"}));
    assert_eq!(world.identify(&session).err(), Some(IdentityError::PrincipalGone));
}

#[test]
fn a_federated_session_ends_with_its_user_and_a_new_user_does_not_revive_it() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let guest = credentials(&world.ok(&ann, "sts:GetFederationToken", json!({"Name": "guest"})));
    assert!(world.identify(&guest).is_ok());
    let key = json!({"UserName": "ann", "AccessKeyId": ann.id});
    world.ok(&world.root(), "iam:DeleteAccessKey", key);
    world.ok(&world.root(), "iam:DeleteUserPolicy", json!({"UserName": "ann", "PolicyName": "p0"}));
    world.ok(&world.root(), "iam:DeleteUser", json!({"UserName": "ann"}));
    world.user("ann", &[allow("sts:*", "*")]);
    assert_eq!(world.identify(&guest).err(), Some(IdentityError::PrincipalGone));
}

#[test]
fn a_session_that_was_seen_over_stays_over_when_the_clock_is_set_back() {
    let (mut world, ann) = with_role();
    let session = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    let other = world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    world.later(901);
    assert_eq!(world.identify(&session).err(), Some(IdentityError::TokenExpired));
    world.later(-3600);
    assert_eq!(world.identify(&session).err(), Some(IdentityError::TokenExpired));
    assert!(world.identify(&other).is_ok(), "one that nobody saw over is judged by the clock");
    let fresh = world.assume(&ann, ROLE, json!({})).unwrap();
    assert!(world.identify(&fresh).is_ok() && world.identify(&session).is_err());
}

#[test]
fn session_token_credentials_reach_two_operations_of_sts_only() {
    let world = World::new();
    let ann = world.user("ann", &[allow("*", "*")]);
    let arn = world.role("r", &trust(&root_of(ACCOUNT)));
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({})));
    world.ok(&session, "sts:GetCallerIdentity", json!({}));
    assert!(world.assume(&session, &arn, json!({})).is_ok());
    for (operation, input) in [
        ("sts:GetSessionToken", json!({})),
        ("sts:GetFederationToken", json!({"Name": "guest"})),
        ("sts:GetAccessKeyInfo", json!({"AccessKeyId": ann.id})),
        ("sts:DecodeAuthorizationMessage", json!({"EncodedMessage": "x"})),
    ] {
        let error = world.refused(&session, operation, input);
        assert!(error.starts_with("AccessDenied: Cannot call "), "{error}");
    }
}

#[test]
fn role_sessions_ask_for_no_further_tokens() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let session = world.assume(&ann, &open_role(&world, "r"), json!({})).unwrap();
    for (operation, input) in
        [("sts:GetSessionToken", json!({})), ("sts:GetFederationToken", json!({"Name": "guest"}))]
    {
        let error = world.refused(&session, operation, input);
        assert!(error.ends_with("with session credentials"), "{error}");
    }
}

#[test]
fn root_may_federate_and_its_guest_has_what_the_session_policy_says_but_no_iam() {
    let world = World::new();
    let policy = allow("*", "*").to_string();
    let guest = world.ok(
        &world.root(),
        "sts:GetFederationToken",
        json!({"Name": "guest", "Policy": policy, "DurationSeconds": 43200}),
    );
    let guest = credentials(&guest);
    let caller = world.identify(&guest).unwrap();
    assert_eq!((caller.expires.unwrap() - caller.issued.unwrap()), 3600, "root's last an hour");
    world.ok(&guest, "es:ListDomainNames", json!({}));
    expect!["InvalidClientTokenId: The security token included in the request is invalid"]
        .assert_eq(&world.refused(&guest, "iam:ListUsers", json!({})));
    expect!["AccessDenied: Cannot call AssumeRole with federated user credentials"].assert_eq(
        &world.refused(&guest, "sts:AssumeRole", json!({"RoleArn": ROLE, "RoleSessionName": "s"})),
    );
}

#[test]
fn tags_of_a_federated_session_need_leave() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:GetFederationToken", "*")]);
    let tagged = json!({"Name": "guest", "Tags": [{"Key": "team", "Value": "a"}]});
    let error = world.refused(&ann, "sts:GetFederationToken", tagged.clone());
    assert!(error.contains("sts:TagSession"), "{error}");
    let bob = world.user("bob", &[allow("sts:*", "*")]);
    let guest = credentials(&world.ok(&bob, "sts:GetFederationToken", tagged));
    let context = context_of(&world, &guest);
    assert_eq!(context.get("aws:PrincipalTag/team"), Some(&["a".to_owned()][..]));
}

#[test]
fn session_policies_by_text_and_by_arn_add_up_and_stay_within_the_role() {
    let (world, ann) = with_role();
    let may = allow("iam:List*", "*").to_string();
    let input = json!({"RoleName": "search-app", "PolicyName": "p", "PolicyDocument": may});
    world.ok(&world.root(), "iam:PutRolePolicy", input);
    let input =
        json!({"PolicyName": "groups", "PolicyDocument": allow("iam:*Groups", "*").to_string()});
    let arn = text(&world.ok(&world.root(), "iam:CreatePolicy", input), "/Policy/Arn");
    let both =
        json!({"Policy": allow("iam:ListUsers", "*").to_string(), "PolicyArns": [{"arn": arn}]});
    let session = world.assume(&ann, ROLE, both).unwrap();
    world.ok(&session, "iam:ListUsers", json!({}));
    world.ok(&session, "iam:ListGroups", json!({}));
    assert!(world.call(&session, "iam:ListRoles", json!({})).is_err(), "in neither of the two");
    let wide = json!({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}]});
    let session = world.assume(&ann, ROLE, wide).unwrap();
    let create = json!({"UserName": "x"});
    assert!(world.call(&session, "iam:CreateUser", create).is_err(), "not the role's");
}

#[test]
fn the_packed_size_counts_policies_and_tags() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    let arn = open_role(&world, "r");
    let packed = |more: serde_json::Value| {
        let mut input = json!({"RoleArn": arn, "RoleSessionName": "s"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let output = world.call(&ann, "sts:AssumeRole", input)?;
        Ok::<_, control::ApiError>(output["PackedPolicySize"].clone())
    };
    let tags = |count: usize, length: usize| {
        let tags: Vec<_> = (0..count)
            .map(|n| json!({"Key": format!("key-{n:02}"), "Value": "v".repeat(length)}))
            .collect();
        json!({"Tags": tags})
    };
    assert_eq!(packed(json!({})).unwrap(), json!(null));
    assert_eq!(packed(tags(10, 194)).unwrap(), json!(49));
    let policy = allow("es:*", &format!("arn:aws:es:::{}", "x".repeat(1850))).to_string();
    assert!(packed(json!({"Policy": policy})).unwrap().as_i64().unwrap() > 90);
    assert_eq!(packed(tags(50, 200)).err().unwrap().code, ErrorCode::PackedPolicyTooLarge);
}

#[test]
fn live_sessions_are_bounded_for_each_account_and_ended_ones_make_room() {
    let settings = ControlSettings { sessions_max: (3, 10), ..ControlSettings::default() };
    let mut world = World::with_settings(settings);
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    for _ in 0..2 {
        world.assume(&ann, ROLE, json!({"DurationSeconds": 3600})).unwrap();
    }
    world.ok(&ann, "sts:GetSessionToken", json!({"DurationSeconds": 900}));
    expect!["Throttling: Rate exceeded"]
        .assert_eq(&world.assume(&ann, ROLE, json!({})).err().unwrap().to_string());
    world.later(900);
    assert!(world.assume(&ann, ROLE, json!({})).is_ok());
    assert!(world.assume(&ann, ROLE, json!({})).is_err());
}

#[test]
fn one_principal_cannot_use_up_its_accounts_sessions() {
    let settings = ControlSettings { sessions_max: (10, 2), ..ControlSettings::default() };
    let world = World::with_settings(settings);
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    for _ in 0..2 {
        world.assume(&ann, ROLE, json!({})).unwrap();
    }
    let error = world.assume(&ann, ROLE, json!({})).err().unwrap();
    assert_eq!(error.code, ErrorCode::Throttling);
    assert!(world.assume(&ann, &open_role(&world, "other"), json!({})).is_ok());
}

#[test]
fn thousands_of_ended_sessions_leave_with_those_that_are_made() {
    let mut world = World::random();
    world.role("search-app", &trust(&root_of(ACCOUNT)));
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    for _ in 0..1_100 {
        world.assume(&ann, ROLE, json!({"DurationSeconds": 900})).unwrap();
    }
    world.later(900);
    let kept = |world: &World| world.control.directory().sessions_kept();
    assert_eq!(kept(&world), 1_100);
    for _ in 0..200 {
        world.assume(&ann, ROLE, json!({})).unwrap();
    }
    assert!(kept(&world) <= 1_000, "{} are kept", kept(&world));
}

/// The question that the server asks for a workload.
fn service_may(world: &World, service: &str, role_arn: &str) -> Result<(), control::ApiError> {
    let caller = control::IdentifiedCaller::service(service);
    let input = json!({"RoleArn": role_arn, "RoleSessionName": "app"});
    world.as_caller(&caller, "sts:AssumeRole", &input).map(|output| {
        let session = world.identify(&credentials(&output)).unwrap();
        assert_eq!(session.kind(), CallerKind::AssumedRole);
    })
}

#[test]
fn a_service_assumes_only_roles_that_trust_it_by_name() {
    let world = World::new();
    let trusting = world.role("task", &trust(&json!({"Service": "ecs-tasks.amazonaws.com"})));
    let silent = world.role("silent", &trust(&root_of(ACCOUNT)));
    service_may(&world, "ecs-tasks.amazonaws.com", &trusting).unwrap();
    assert!(service_may(&world, "lambda.amazonaws.com", &trusting).is_err());
    expect!["AccessDenied: User: ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/silent because no role trust policy allows the sts:AssumeRole action"]
        .assert_eq(&service_may(&world, "ecs-tasks.amazonaws.com", &silent).err().unwrap().to_string());
}

#[test]
fn a_service_calls_nothing_but_assume_role() {
    let world = World::new();
    let caller = control::IdentifiedCaller::service("ecs-tasks.amazonaws.com");
    for operation in ["iam:ListUsers", "sts:GetSessionToken", "es:ListDomainNames"] {
        assert!(world.as_caller(&caller, operation, &json!({})).is_err(), "{operation}");
    }
}
