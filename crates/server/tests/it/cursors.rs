//! A cursor ends with the right to it: each page is asked for what its opening was asked for, as the directory is now.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use server::Clock;

use crate::client::{Answer, Client, Key};
use crate::service::{Running, element};

const SEARCH: &str = "/books/_search?scroll=1m&size=1";

/// A service with two documents in `books` and one in `other`, a user `reader` who may do everything on the domain.
struct World {
    running: Running,
    domain: Client,
    reader: Key,
}

impl World {
    fn new() -> Self {
        let running = Running::start();
        let (domain, developer) = (running.domain(), running.developer());
        for path in ["/books/_doc/1", "/books/_doc/2", "/other/_doc/1"] {
            let made = domain.signed(&developer, "PUT", &format!("{path}?refresh=true"), b"{}");
            assert_eq!(made.status, 201, "{}", made.text());
        }
        let reader = user(&running, "reader");
        grant(&running, "reader", "Allow", "*");
        Self { running, domain, reader }
    }

    /// Opens a scroll; its id.
    fn open(&self, key: &Key, target: &str) -> String {
        let opened = self.domain.signed(key, "POST", target, b"");
        assert_eq!(opened.status, 200, "{}", opened.text());
        opened.json()["_scroll_id"].as_str().unwrap().to_owned()
    }

    /// The next page.
    fn page(&self, key: &Key, id: &str) -> Answer {
        let body = json!({ "scroll_id": id }).to_string();
        self.domain.signed(key, "POST", "/_search/scroll", body.as_bytes())
    }

    /// How many cursors are open.
    fn cursors(&self) -> usize {
        open(&self.running)
    }

    /// Sets our own setting of the domain.
    fn set_mode(&self, mode: &str) {
        let body = json!({ "AdvancedOptions": { "countersign.authorization": mode } }).to_string();
        let target = "/2021-01-01/opensearch/domain/dev/config";
        let control = self.running.control("es");
        let answer = control.signed(&self.running.developer(), "POST", target, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// How many cursors are open, whether their time is over or not.
fn open(running: &Running) -> usize {
    server::for_tests::expire(running.service().state(), jiff::Timestamp::UNIX_EPOCH)
}

/// A new user with a key.
fn user(running: &Running, name: &str) -> Key {
    running.call("iam", &[("Action", "CreateUser"), ("UserName", name)]);
    let xml = running.call("iam", &[("Action", "CreateAccessKey"), ("UserName", name)]);
    let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
    Key { id: element(&xml, "AccessKeyId"), secret, token: None }
}

/// Puts a policy on a user that says `effect` for everything on `path` of the domain.
fn grant(running: &Running, name: &str, effect: &str, path: &str) {
    let resource = format!("arn:aws:es:us-east-1:123456789012:domain/dev/{path}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": effect, "Action": "es:ESHttp*", "Resource": resource }] });
    let (policy, label) = (policy.to_string(), format!("{effect}-{}", path.len()));
    let form = [("Action", "PutUserPolicy"), ("UserName", name), ("PolicyName", &label)];
    running.call("iam", &[&form[..], &[("PolicyDocument", &policy)]].concat());
}

/// A session of role `search-app` with a session policy.
fn narrowed(running: &Running, policy: &Value) -> Key {
    let form = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::123456789012:role/search-app"),
        ("RoleSessionName", "test"),
        ("Policy", &policy.to_string()),
    ];
    let xml = running.call("sts", &form);
    Key {
        id: element(&xml, "AccessKeyId"),
        secret: sigv4::SecretKey::new(&element(&xml, "SecretAccessKey")),
        token: Some(element(&xml, "SessionToken")),
    }
}

#[test]
fn a_deny_on_the_user_ends_the_scroll_from_its_acknowledgement_on() {
    let world = World::new();
    let id = world.open(&world.reader, SEARCH);
    assert_eq!(world.page(&world.reader, &id).status, 200);
    grant(&world.running, "reader", "Deny", "books/*");
    let denied = world.page(&world.reader, &id);
    assert_eq!(denied.status, 403, "{}", denied.text());
    assert!(denied.text().contains("with an explicit deny in an identity-based policy"));
    assert_eq!(world.cursors(), 0, "the cursor is freed");
}

#[test]
fn a_deny_of_everything_ends_the_scroll_though_its_page_is_denied_by_its_url() {
    let world = World::new();
    let id = world.open(&world.reader, SEARCH);
    grant(&world.running, "reader", "Deny", "*");
    assert_eq!(world.page(&world.reader, &id).status, 403);
    assert_eq!(world.cursors(), 0);
}

#[test]
fn a_deny_in_the_access_policy_ends_the_scroll() {
    let world = World::new();
    let id = world.open(&world.reader, SEARCH);
    world.running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny",
        "Principal": { "AWS": "arn:aws:iam::123456789012:user/reader" },
        "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/books/*",
    }]}));
    assert_eq!(world.page(&world.reader, &id).status, 403);
    assert_eq!(world.cursors(), 0);
}

#[test]
fn a_deny_on_one_index_of_a_pattern_ends_the_scroll_over_all_of_it() {
    let world = World::new();
    let id = world.open(&world.reader, "/_search?scroll=1m&size=1");
    assert_eq!(world.page(&world.reader, &id).status, 200);
    grant(&world.running, "reader", "Deny", "other/*");
    assert_eq!(world.page(&world.reader, &id).status, 403);
    // What is opened now leaves the denied index out, and goes on.
    let id = world.open(&world.reader, "/_search?scroll=1m&size=1");
    assert_eq!(world.page(&world.reader, &id).status, 200);
}

#[test]
fn a_user_who_was_deleted_and_made_again_has_none_of_the_old_ones_scrolls() {
    let world = World::new();
    let id = world.open(&world.reader, SEARCH);
    let old = world.reader.id.clone();
    for form in [
        &[("Action", "DeleteAccessKey"), ("UserName", "reader"), ("AccessKeyId", &*old)][..],
        &[("Action", "DeleteUserPolicy"), ("UserName", "reader"), ("PolicyName", "Allow-1")],
        &[("Action", "DeleteUser"), ("UserName", "reader")],
    ] {
        world.running.call("iam", form);
    }
    assert_eq!(world.page(&world.reader, &id).status, 403);
    let again = user(&world.running, "reader");
    grant(&world.running, "reader", "Allow", "*");
    assert_eq!(world.page(&again, &id).status, 404);
}

#[test]
fn another_session_of_the_same_role_does_not_continue_a_scroll() {
    let world = World::new();
    let whole = world.running.assume("search-app");
    let id = world.open(&whole, SEARCH);
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Action": "es:*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*" }] });
    let other = narrowed(&world.running, &policy);
    assert_eq!(world.page(&other, &id).status, 404, "the same role, the same name, all rights");
    let body = json!({ "scroll_id": id }).to_string();
    let closed = world.domain.signed(&other, "DELETE", "/_search/scroll", body.as_bytes());
    assert_eq!(closed.status, 404);
    assert_eq!(world.page(&whole, &id).status, 200);
}

#[test]
fn a_deleted_index_ends_the_scroll_over_it() {
    let world = World::new();
    let id = world.open(&world.reader, SEARCH);
    assert_eq!(world.domain.signed(&world.reader, "DELETE", "/books", b"").status, 200);
    assert_eq!(world.page(&world.reader, &id).status, 404);
    assert_eq!(world.cursors(), 0);
}

#[test]
fn in_mode_aws_the_pages_url_decides_alone_and_the_scroll_still_is_its_openers() {
    let world = World::new();
    world.set_mode("aws");
    let id = world.open(&world.reader, SEARCH);
    grant(&world.running, "reader", "Deny", "books/*");
    assert_eq!(world.page(&world.reader, &id).status, 200, "as at Amazon");
    assert_eq!(world.page(&world.running.assume("search-app"), &id).status, 404);
    grant(&world.running, "reader", "Deny", "_search/*");
    assert_eq!(world.page(&world.reader, &id).status, 403);
    assert_eq!(world.cursors(), 0);
}

#[test]
fn a_scroll_that_was_opened_in_mode_aws_is_asked_for_once_the_domain_is_strict() {
    let world = World::new();
    world.set_mode("aws");
    let (denied, allowed) = (user(&world.running, "denied"), &world.reader);
    grant(&world.running, "denied", "Allow", "*");
    grant(&world.running, "denied", "Deny", "other/*");
    // The URL names no index: mode `aws` shows both.
    let every = "/_search?scroll=1m&size=1";
    let (not_any_more, still) = (world.open(&denied, every), world.open(allowed, every));
    world.set_mode("strict");
    assert_eq!(world.page(&denied, &not_any_more).status, 403);
    assert_eq!(world.page(allowed, &still).status, 200);
    assert_eq!(world.cursors(), 1);
}

#[test]
fn a_deleted_domain_continues_no_scroll() {
    let world = World::new();
    let id = world.open(&world.reader, SEARCH);
    let mut stream = world.domain.connect();
    let body = json!({ "scroll_id": id }).to_string();
    let json = [("content-type", "application/json")];
    let headers =
        world.domain.sign(&world.reader, "POST", "/_search/scroll", &json, body.as_bytes());
    let control = world.running.control("es");
    let target = "/2021-01-01/opensearch/domain/dev";
    let deleted = control.signed(&world.running.developer(), "DELETE", target, b"");
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let mut request = format!("POST /_search/scroll HTTP/1.1\r\nhost: {}\r\n", world.domain.host());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()));
    let mut answer = Vec::new();
    // On a connection from before: refused or cut, never a page.
    let _ = std::io::Write::write_all(&mut stream, request.as_bytes());
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[test]
fn all_closes_a_callers_own_scrolls_and_root_closes_everybodys() {
    let world = World::new();
    let other = world.running.assume("search-app");
    let all = |key: &Key| {
        let answer = world.domain.signed(key, "DELETE", "/_search/scroll/_all", b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["num_freed"].clone()
    };
    let (mine, theirs) = (world.open(&world.reader, SEARCH), world.open(&other, SEARCH));
    assert_eq!(all(&world.reader), 1);
    assert_eq!(world.page(&world.reader, &mine).status, 404);
    assert_eq!(world.page(&other, &theirs).status, 200);
    world.open(&world.reader, SEARCH);
    assert_eq!(all(&root(&world.running)), 2);
}

#[test]
fn whoever_may_delete_the_domain_may_close_everybodys_scrolls() {
    let world = World::new();
    world.open(&world.reader, SEARCH);
    let all = ("DELETE", "/_search/scroll/_all");
    let answer = world.domain.signed(&world.running.developer(), all.0, all.1, b"");
    assert_eq!(answer.json()["num_freed"], 1);
}

/// The account's root user.
fn root(running: &Running) -> Key {
    let key = &running.service().keys.root;
    Key { id: key.access_key_id.clone(), secret: key.secret.clone(), token: None }
}

#[test]
fn one_caller_cannot_take_every_place_for_scrolls() {
    let world = World::new();
    let mut refused = None;
    for _ in 0..=500 {
        let answer = world.domain.signed(&world.reader, "POST", SEARCH, b"");
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("one caller opened more than there may be");
    assert_eq!(refused.status, 429, "{}", refused.text());
    let words = "Trying to create too many scroll contexts. Must be less than or equal to: [250]";
    assert!(refused.text().contains(words), "{}", refused.text());
    world.open(&world.running.assume("search-app"), SEARCH);
}

#[test]
fn an_abandoned_scroll_is_freed_although_nobody_asks_for_it_again() {
    let seconds: &AtomicI64 = Box::leak(Box::new(AtomicI64::new(0)));
    let often = Duration::from_millis(5);
    let running = Running::start_by(Clock::Moved(seconds), None, |options| {
        options.times.cursor_sweep = often;
    });
    let (domain, developer) = (running.domain(), running.developer());
    domain.signed(&developer, "PUT", "/books/_doc/1?refresh=true", b"{}");
    assert_eq!(domain.signed(&developer, "POST", SEARCH, b"").status, 200);
    assert_eq!(open(&running), 1);
    seconds.store(61, Ordering::Relaxed);
    assert!(running.eventually(|running| open(running) == 0));
}

/// Opens a point in time; its id.
fn opened(world: &World, key: &Key, index: &str) -> String {
    let opened = world.domain.signed(key, "POST", &format!("/{index}/_pit?keep_alive=1m"), b"");
    assert_eq!(opened.status, 200, "{}", opened.text());
    opened.json()["id"].as_str().unwrap().to_owned()
}

/// What the items of an `_msearch` of these points in time answer: a status, and how many documents they find.
fn searched(world: &World, key: &Key, ids: &[&str]) -> Vec<(u64, Option<u64>)> {
    let line = |id: &&str| format!("{{}}\n{}\n", json!({"pit": {"id": id}, "size": 0}));
    let body: String = ids.iter().map(line).collect();
    let answer = world.domain.signed(key, "POST", "/_msearch", body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let items = answer["responses"].as_array().unwrap().iter();
    let told =
        |item: &Value| (item["status"].as_u64().unwrap(), item["hits"]["total"]["value"].as_u64());
    items.map(told).collect()
}

#[test]
fn a_deny_ends_the_points_in_time_of_an_msearch_one_by_one() {
    let world = World::new();
    let books = opened(&world, &world.reader, "books");
    let other = opened(&world, &world.reader, "other");
    let both = [&*books, &*other, &*books];
    let found = searched(&world, &world.reader, &both);
    assert_eq!(found, [(200, Some(2)), (200, Some(1)), (200, Some(2))]);
    grant(&world.running, "reader", "Deny", "books/*");
    let found = searched(&world, &world.reader, &both);
    assert_eq!(found, [(403, None), (200, Some(1)), (403, None)]);
    assert_eq!(world.cursors(), 1, "the one that was denied is freed");
    let found = searched(&world, &world.reader, &both);
    assert_eq!(found, [(404, None), (200, Some(1)), (404, None)]);
}

#[test]
fn a_point_in_time_of_another_is_in_no_msearch_in_either_mode() {
    for mode in ["strict", "aws"] {
        let world = World::new();
        world.set_mode(mode);
        let theirs = opened(&world, &world.running.developer(), "books");
        let own = opened(&world, &world.reader, "other");
        let found = searched(&world, &world.reader, &[&theirs, &own]);
        assert_eq!(found, [(404, None), (200, Some(1))], "{mode}");
    }
}

#[test]
fn in_mode_aws_the_points_in_time_of_an_msearch_are_asked_for_by_its_url_alone() {
    let world = World::new();
    world.set_mode("aws");
    let id = opened(&world, &world.reader, "books");
    grant(&world.running, "reader", "Deny", "books/*");
    assert_eq!(searched(&world, &world.reader, &[&id]), [(200, Some(2))], "as at Amazon");
    world.set_mode("strict");
    assert_eq!(searched(&world, &world.reader, &[&id]), [(403, None)]);
}
