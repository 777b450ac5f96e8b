//! What changes between the judgement of a control operation and its execution holds for it.

use control::{ApiError, ErrorCode, IdentifiedCaller, OperationCall};
use policy::Context;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, REGION, World, allow, find, root_of, trust};

/// A call that was judged, and waits.
struct Waiting {
    caller: IdentifiedCaller,
    judged: u64,
    operation: &'static str,
    input: Value,
}

impl Waiting {
    fn of(world: &World, key: &Key, operation: &'static str, input: Value) -> Waiting {
        let (caller, directory) = (world.identify(key).unwrap(), world.control.directory());
        let context = Context::new();
        let asked =
            control::authorization(find(operation), &input, &caller, &directory, REGION, &context);
        assert!(
            asked.unwrap().questions.iter().all(|question| question.decide(&caller).is_allowed())
        );
        Waiting { caller, judged: directory.version(), operation, input }
    }

    fn execute(&self, world: &World) -> Result<Value, ApiError> {
        world.control.execute(&OperationCall {
            operation: find(self.operation),
            input: &self.input,
            caller: &self.caller,
            judged: self.judged,
            context: &Context::new(),
            region: REGION,
            observer: &|_| None,
            now: world.now,
            request_id: "test",
        })
    }

    fn refused(&self, world: &World) -> ErrorCode {
        self.execute(world).unwrap_err().code
    }
}

fn ann(world: &World) -> Key {
    world.user("ann", &[allow("iam:*", "*"), allow("sts:*", "*")])
}

fn deny_ann(world: &World) {
    let policy = crate::support::deny("*", "*").to_string();
    let input = json!({"UserName": "ann", "PolicyName": "no", "PolicyDocument": policy});
    world.ok(&world.root(), "iam:PutUserPolicy", input);
}

#[test]
fn a_change_that_waited_is_denied_by_what_was_denied_meanwhile() {
    let world = World::new();
    let waiting = Waiting::of(&world, &ann(&world), "iam:CreateUser", json!({"UserName": "bob"}));
    deny_ann(&world);
    assert_eq!(waiting.refused(&world), ErrorCode::AccessDenied);
    assert!(world.control.directory().user(ACCOUNT, "bob").is_none());
}

#[test]
fn a_reading_that_waited_is_denied_too() {
    let world = World::new();
    let waiting = Waiting::of(&world, &ann(&world), "iam:ListUsers", json!({}));
    deny_ann(&world);
    assert_eq!(waiting.refused(&world), ErrorCode::AccessDenied);
}

#[test]
fn a_change_that_waited_goes_through_when_something_else_changed() {
    let world = World::new();
    let waiting = Waiting::of(&world, &ann(&world), "iam:CreateUser", json!({"UserName": "bob"}));
    world.user("carol", &[]);
    waiting.execute(&world).unwrap();
    assert!(world.control.directory().user(ACCOUNT, "bob").is_some());
}

#[test]
fn a_deleted_or_disabled_key_carries_nothing_out_any_more() {
    let world = World::new();
    let key = ann(&world);
    let waiting = Waiting::of(&world, &key, "iam:CreateUser", json!({"UserName": "bob"}));
    let disabled = json!({"UserName": "ann", "AccessKeyId": key.id, "Status": "Inactive"});
    world.ok(&world.root(), "iam:UpdateAccessKey", disabled);
    assert_eq!(waiting.refused(&world), ErrorCode::InvalidClientTokenId);
    let gone = json!({"UserName": "ann", "AccessKeyId": key.id});
    world.ok(&world.root(), "iam:DeleteAccessKey", gone);
    assert_eq!(waiting.refused(&world), ErrorCode::InvalidClientTokenId);
}

#[test]
fn a_trust_that_was_withdrawn_gives_no_credentials_any_more() {
    let world = World::new();
    let key = ann(&world);
    let role = world.role("r", &trust(&root_of(ACCOUNT)));
    let input = json!({"RoleArn": role, "RoleSessionName": "s"});
    let waiting = Waiting::of(&world, &key, "sts:AssumeRole", input);
    let nobody = trust(&json!({"Service": "ec2.amazonaws.com"})).to_string();
    let input = json!({"RoleName": "r", "PolicyDocument": nobody});
    world.ok(&world.root(), "iam:UpdateAssumeRolePolicy", input);
    assert_eq!(waiting.refused(&world), ErrorCode::AccessDenied);
    assert_eq!(world.control.directory().sessions_kept(), 0);
}

#[test]
fn a_session_whose_role_went_carries_nothing_out_any_more() {
    let world = World::new();
    let role = world.role("r", &trust(&root_of(ACCOUNT)));
    let policy = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": allow("iam:*", "*").to_string()});
    world.ok(&world.root(), "iam:PutRolePolicy", policy);
    let session = world.assume(&ann(&world), &role, json!({})).unwrap();
    let waiting = Waiting::of(&world, &session, "iam:CreateUser", json!({"UserName": "bob"}));
    world.ok(&world.root(), "iam:DeleteRolePolicy", json!({"RoleName": "r", "PolicyName": "p"}));
    assert_eq!(waiting.refused(&world), ErrorCode::AccessDenied);
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "r"}));
    assert_eq!(waiting.refused(&world), ErrorCode::InvalidClientTokenId);
}
