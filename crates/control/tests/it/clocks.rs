//! The clock of an account, which a test may move: what goes by it.

use control::IdentityError;
use policy::Context;
use serde_json::json;

use crate::support::{ACCOUNT, World, allow, credentials, root_of, t0, text, trust};

#[test]
fn sessions_end_by_the_clock_of_their_account() {
    let world = World::new();
    let role = world.role("app", &trust(&root_of(ACCOUNT)));
    let ann = world.user("ann", &[allow("sts:AssumeRole", "*")]);
    let session = world.assume(&ann, &role, json!({})).unwrap();
    world.control.set_clock(ACCOUNT, 3_599, world.now).unwrap();
    assert!(world.identify(&session).is_ok());
    world.control.set_clock(ACCOUNT, 3_600, world.now).unwrap();
    assert_eq!(world.identify(&session).err(), Some(IdentityError::TokenExpired));
    world.control.set_clock(ACCOUNT, 0, world.now).unwrap();
    assert_eq!(world.identify(&session).err(), Some(IdentityError::TokenExpired), "over is over");
    world.control.set_clock(ACCOUNT, 7_200, world.now).unwrap();
    let fresh = world.assume(&ann, &role, json!({})).unwrap();
    assert!(world.identify(&fresh).is_ok(), "a new one begins by the same clock");
}

#[test]
fn operations_and_conditions_go_by_the_clock_of_the_callers_account() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:*", "*")]);
    world.control.set_clock(ACCOUNT, 86_400, world.now).unwrap();
    let made = world.ok(&ann, "iam:CreateUser", json!({"UserName": "bob"}));
    assert_eq!(made["User"]["CreateDate"], t0().as_second() + 86_400);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", json!({})));
    for key in [&ann, &session] {
        let mut context = Context::new();
        context.set("aws:CurrentTime", "2026-01-02T03:04:05Z");
        world.identify(key).unwrap().describe(&mut context);
        assert_eq!(context.get("aws:CurrentTime"), Some(&["2026-01-03T03:04:05Z".to_owned()][..]));
    }
}

#[test]
fn the_clock_of_one_account_is_not_that_of_another() {
    let world = World::new();
    let (id, secret) = world.control.ensure_root("999988887777", None, world.now).unwrap().unwrap();
    let other = crate::support::Key { id, secret: secret.expose().to_owned(), token: None };
    world.control.set_clock(ACCOUNT, 86_400, world.now).unwrap();
    let made = world.ok(&other, "iam:CreateUser", json!({"UserName": "bob"}));
    assert_eq!(made["User"]["CreateDate"], t0().as_second());
    assert_eq!(text(&made, "/User/UserName"), "bob");
}

#[test]
fn a_clock_goes_ten_years_either_way_and_belongs_to_an_account() {
    let world = World::new();
    let set = |account: &str, ahead: i64| world.control.set_clock(account, ahead, world.now);
    assert!(set(ACCOUNT, 315_360_000).is_ok() && set(ACCOUNT, -315_360_000).is_ok());
    assert!(set(ACCOUNT, 315_360_001).unwrap_err().to_string().starts_with("InvalidInput"));
    assert!(set("111122223333", 1).unwrap_err().to_string().starts_with("NoSuchEntity"));
}
