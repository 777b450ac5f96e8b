//! What goes on after its request was answered: whose it is, how much of it there may be, and when it ends.

use serde_json::{Value, json};

use crate::client::{Answer, Client, Key};
use crate::service::{Running, element};

/// A service with three documents in `books`, and a user `reader` who may do everything on the domain.
struct World {
    running: Running,
    domain: Client,
    reader: Key,
}

impl World {
    fn new() -> Self {
        let running = Running::start();
        let (domain, developer) = (running.domain(), running.developer());
        for number in 0..3 {
            let path = format!("/books/_doc/{number}?refresh=true");
            let made = domain.signed(&developer, "PUT", &path, b"{}");
            assert_eq!(made.status, 201, "{}", made.text());
        }
        let reader = user(&running, "reader");
        policy(&running, "Allow", "*");
        Self { running, domain, reader }
    }

    /// A copy that `key` does not wait for, which waits for hours after its first document.
    fn slow_copy(&self, key: &Key) -> Answer {
        let body = json!({"source": {"index": "books", "size": 1}, "dest": {"index": "copy"}});
        let target = "/_reindex?wait_for_completion=false&requests_per_second=0.0001";
        self.domain.signed(key, "POST", target, body.to_string().as_bytes())
    }

    fn get(&self, key: &Key, target: &str) -> Answer {
        self.domain.signed(key, "GET", target, b"")
    }

    /// Waits until the task has copied its first document.
    fn is_under_way(&self, key: &Key, id: &str) -> bool {
        let begun = |told: &Value| told["task"]["status"]["batches"] == 1;
        self.running.eventually(|_| begun(&self.get(key, &format!("/_tasks/{id}")).json()))
    }
}

fn user(running: &Running, name: &str) -> Key {
    running.call("iam", &[("Action", "CreateUser"), ("UserName", name)]);
    let xml = running.call("iam", &[("Action", "CreateAccessKey"), ("UserName", name)]);
    let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
    Key { id: element(&xml, "AccessKeyId"), secret, token: None }
}

/// Puts a policy on `reader` that says `effect` for everything on `path` of the domain.
fn policy(running: &Running, effect: &str, path: &str) {
    let resource = format!("arn:aws:es:us-east-1:123456789012:domain/dev/{path}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": effect, "Action": "es:ESHttp*", "Resource": resource }] });
    let policy = policy.to_string();
    let form = [("Action", "PutUserPolicy"), ("UserName", "reader"), ("PolicyName", effect)];
    running.call("iam", &[&form[..], &[("PolicyDocument", &policy)]].concat());
}

fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["task"].as_str().unwrap().to_owned()
}

#[test]
fn a_task_goes_on_when_its_request_is_answered_and_belongs_to_its_principal() {
    let world = World::new();
    let id = id(&world.slow_copy(&world.reader));
    assert!(world.is_under_way(&world.reader, &id));
    let other = user(&world.running, "other");
    let form = [
        ("Action", "PutUserPolicy"),
        ("UserName", "other"),
        ("PolicyName", "p"),
        (
            "PolicyDocument",
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": "*"}}"#,
        ),
    ];
    world.running.call("iam", &form);
    let path = format!("/_tasks/{id}");
    assert_eq!(world.get(&other, &path).status, 404);
    assert_eq!(world.get(&other, "/_tasks?actions=*reindex").json(), json!({"nodes": {}}));
    // Whoever may delete the domain sees it, and may call it off.
    let developer = world.running.developer();
    assert_eq!(world.get(&developer, &path).status, 200);
    let target = format!("{path}/_cancel?wait_for_completion=true");
    assert_eq!(world.domain.signed(&developer, "POST", &target, b"").status, 200);
    let ended = |told: &Value| told["response"]["canceled"] == "by user request";
    assert!(world.running.eventually(|_| ended(&world.get(&world.reader, &path).json())));
}

#[test]
fn a_task_does_what_was_judged_when_it_began() {
    let world = World::new();
    let id = id(&world.slow_copy(&world.reader));
    assert!(world.is_under_way(&world.reader, &id));
    policy(&world.running, "Deny", "copy/*");
    let developer = world.running.developer();
    let target = format!("/_reindex/{id}/_rethrottle?requests_per_second=-1");
    assert_eq!(world.domain.signed(&developer, "POST", &target, b"").status, 200);
    let done = |told: &Value| told["response"]["created"] == 3;
    let path = format!("/_tasks/{id}");
    assert!(world.running.eventually(|_| done(&world.get(&developer, &path).json())));
}

#[test]
fn tasks_that_wait_for_their_turn_are_bounded_and_leave_calls_theirs() {
    let world = World::new();
    let begun: Vec<Answer> = (0..54).map(|_| world.slow_copy(&world.reader)).collect();
    assert!(begun.iter().all(|answer| answer.status == 200), "four run, fifty wait");
    let refused = world.slow_copy(&world.reader);
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert_eq!(world.get(&world.reader, "/books/_search").status, 200);
    // Another principal's begins at once.
    let developer = world.running.developer();
    let other = id(&world.slow_copy(&developer));
    assert!(world.is_under_way(&developer, &other));
}

#[test]
fn tasks_end_with_the_service() {
    let world = World::new();
    let id = id(&world.slow_copy(&world.reader));
    assert!(world.is_under_way(&world.reader, &id));
    let World { running, domain, .. } = world;
    drop(domain);
    assert!(running.stop_in_time(), "a task that waits for its pace does not hold up the end");
}
