//! Accounts that are not of this deployment may be named where the operator says so, and nobody gets in by it
//! (docs/decisions/0141-accounts-that-nobody-can-be.md).

use control::{ControlSettings, ErrorCode};
use jiff::Timestamp;
use serde_json::json;
use sigv4::SecretKey;

use crate::support::{ACCOUNT, Key, OTHER_ACCOUNT, World, allow, root_of, text, trust};

const FOREIGN: &str = "444455556666";

fn world(foreign_principals: bool) -> World {
    World::with_settings(ControlSettings { foreign_principals, ..ControlSettings::default() })
}

/// The root of another account that is here.
fn other_root(world: &World) -> Key {
    let secret = SecretKey::new("otherotherotherotherotherotherotherother");
    let id = "AKIAOTHEROTHEROTHERX";
    world.control.ensure_root(OTHER_ACCOUNT, Some((id, &secret)), Timestamp::UNIX_EPOCH).unwrap();
    Key { id: id.to_owned(), secret: secret.expose().to_owned(), token: None }
}

#[test]
fn a_role_that_trusts_a_foreign_account_lets_in_neither_its_own_account_nor_another_one_here() {
    let world = world(true);
    for principal in [
        root_of(FOREIGN),
        json!({"AWS": FOREIGN}),
        json!({"AWS": format!("arn:aws:iam::{FOREIGN}:user/ann")}),
        json!({"AWS": format!("arn:aws:sts::{FOREIGN}:assumed-role/r/s")}),
    ] {
        let arn = world.role("vendor", &trust(&principal));
        let ann = world.user("ann", &[allow("sts:*", "*")]);
        let root = other_root(&world);
        world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
        let policy = json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": allow("*", "*").to_string()});
        world.ok(&root, "iam:PutUserPolicy", policy);
        let key = world.ok(&root, "iam:CreateAccessKey", json!({"UserName": "ann"}));
        let other = Key {
            id: text(&key, "/AccessKey/AccessKeyId"),
            secret: text(&key, "/AccessKey/SecretAccessKey"),
            token: None,
        };
        for caller in [&ann, &other] {
            let refused = world.assume(caller, &arn, json!({})).map(drop).unwrap_err();
            assert_eq!(refused.code, ErrorCode::AccessDenied, "{principal}: {refused}");
        }
        for (key, caller) in [(&world.root(), &ann), (&root, &other)] {
            let named = json!({"UserName": "ann", "AccessKeyId": caller.id});
            world.ok(key, "iam:DeleteAccessKey", named);
            let inline = json!({"UserName": "ann", "PolicyName": if caller.id == ann.id { "p0" } else { "p" }});
            world.ok(key, "iam:DeleteUserPolicy", inline);
            world.ok(key, "iam:DeleteUser", json!({"UserName": "ann"}));
        }
        world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "vendor"}));
    }
}

#[test]
fn without_the_setting_a_foreign_account_cannot_be_named_and_with_it_a_user_who_is_not_here_still_cannot()
 {
    let create = |world: &World, principal: &str| {
        let document = trust(&json!({"AWS": principal})).to_string();
        let input = json!({"RoleName": "vendor", "AssumeRolePolicyDocument": document});
        world.call(&world.root(), "iam:CreateRole", input).map(drop).map_err(|error| error.code)
    };
    let foreign = format!("arn:aws:iam::{FOREIGN}:root");
    let nobody = format!("arn:aws:iam::{ACCOUNT}:user/nobody");
    let refused = Err(ErrorCode::MalformedPolicyDocument);
    assert_eq!(create(&world(false), &foreign), refused);
    assert_eq!(create(&world(true), &nobody), refused);
    assert_eq!(create(&world(true), &foreign), Ok(()));
}
