//! No decision outlives its policy: a Deny that is acknowledged while others search, turn pages, write in bulk and hold connections
//! open is total, and so is the Allow after it. What is asserted follows from the order of acknowledgements alone.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::client::{Client, Key};
use crate::service::{Running, element};

/// How often the policy is changed.
const CHANGES: u64 = 12;

/// How many changes have begun and how many are acknowledged: with an odd number the caller is denied.
#[derive(Default)]
struct Changes {
    begun: AtomicU64,
    acknowledged: AtomicU64,
    over: AtomicBool,
}

impl Changes {
    /// Makes one change.
    fn make(&self, change: impl FnOnce()) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        change();
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
    }

    /// What a request saw, and the state it was in, if it was in one alone: it began after a change was acknowledged, and no
    /// other had begun when it was answered.
    fn while_asked(&self, ask: impl FnOnce() -> bool) -> Option<(u64, bool)> {
        let acknowledged = self.acknowledged.load(Ordering::SeqCst);
        let allowed = ask();
        (self.begun.load(Ordering::SeqCst) == acknowledged).then_some((acknowledged, allowed))
    }
}

/// Lets the askers end, also when the test fails.
struct Ending<'c>(&'c Changes);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

/// Asks again and again, in its own way, and tells of every request in which state it was made; each must be answered by it.
fn keep_asking(changes: &Changes, told: &Sender<u64>, mut ask: impl FnMut() -> bool) -> (u64, u64) {
    let mut counted = (0, 0);
    while !changes.over.load(Ordering::SeqCst) {
        let Some((state, allowed)) = changes.while_asked(&mut ask) else { continue };
        assert_eq!(allowed, state % 2 == 0, "after {state} changes");
        if allowed {
            counted.0 += 1;
        } else {
            counted.1 += 1;
        }
        let _ = told.send(state);
    }
    counted
}

/// Whether an answer lets the caller in; anything but yes and no is a fault.
fn lets_in(status: u16, text: &str) -> bool {
    assert!(matches!(status, 200 | 201 | 403), "{status}: {text}");
    status != 403
}

fn search(domain: &Client, key: &Key) -> bool {
    let answer = domain.signed(key, "POST", "/books/_search", b"{}");
    lets_in(answer.status, &answer.text())
}

/// A page of a scroll; where the scroll went with a denial, whether a new one may be opened.
fn page(domain: &Client, key: &Key, open: &mut Option<String>) -> bool {
    let answer = match open.as_ref() {
        Some(id) => {
            let body = json!({"scroll_id": id, "scroll": "1m"}).to_string();
            domain.signed(key, "POST", "/_search/scroll", body.as_bytes())
        }
        None => domain.signed(key, "POST", "/books/_search?scroll=1m&size=1", b"{}"),
    };
    if answer.status == 404 {
        // Its pages ended with a Deny that another request was told of.
        *open = None;
        return page(domain, key, open);
    }
    let allowed = lets_in(answer.status, &answer.text());
    *open = allowed.then(|| answer.json()["_scroll_id"].as_str().unwrap().to_owned());
    allowed
}

/// Two items, one of which nobody denies; whether the other one was done.
fn bulk(domain: &Client, key: &Key) -> bool {
    let body = "{\"index\":{\"_index\":\"open\",\"_id\":\"1\"}}\n{}\n{\"index\":{\"_index\":\"books\",\"_id\":\"9\"}}\n{}\n";
    let answer = domain.signed(key, "POST", "/_bulk", body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let items: Vec<Value> = answer.json()["items"].as_array().unwrap().clone();
    let status = |at: usize| u16::try_from(items[at]["index"]["status"].as_u64().unwrap()).unwrap();
    assert!(lets_in(status(0), &answer.text()), "the other item is not denied");
    lets_in(status(1), &answer.text())
}

/// A request on a connection that stands since before the first change.
fn on(stream: &mut (impl Read + Write), domain: &Client, key: &Key) -> bool {
    let mut request = format!("GET /books/_doc/1 HTTP/1.1\r\nhost: {}\r\n", domain.host());
    for (name, value) in domain.sign(key, "GET", "/books/_doc/1", &[], b"") {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let mut body = vec![0; length.split("\r\n").next().unwrap().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    lets_in(status, &String::from_utf8_lossy(&body))
}

/// Waits until every asker told of a request that was made in this state.
fn all_asked(told: &[Receiver<u64>], state: u64) {
    for receiver in told {
        while receiver.recv().unwrap() != state {}
    }
}

/// A reader with everything on the domain, and documents.
fn reader(running: &Running) -> Key {
    for path in ["/books/_doc/1", "/books/_doc/2", "/open/_doc/1"] {
        let target = format!("{path}?refresh=true");
        let made = running.domain().signed(&running.developer(), "PUT", &target, b"{}");
        assert_eq!(made.status, 201, "{}", made.text());
    }
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "reader")]);
    let xml = running.call("iam", &[("Action", "CreateAccessKey"), ("UserName", "reader")]);
    put(running, "all", "Allow", "*");
    let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
    Key { id: element(&xml, "AccessKeyId"), secret, token: None }
}

fn put(running: &Running, name: &str, effect: &str, path: &str) {
    let resource = format!("arn:aws:es:us-east-1:123456789012:domain/dev/{path}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": effect, "Action": "es:ESHttp*", "Resource": resource }] });
    let form = [("Action", "PutUserPolicy"), ("UserName", "reader"), ("PolicyName", name)];
    running.call("iam", &[&form[..], &[("PolicyDocument", &policy.to_string())]].concat());
}

#[test]
fn c15_an_acknowledged_deny_is_total_for_searches_pages_bulk_items_and_live_connections() {
    let running = Running::start();
    let (key, domain, changes) = (reader(&running), running.domain(), Changes::default());
    std::thread::scope(|scope| {
        let (mut told, mut askers) = (Vec::new(), Vec::new());
        for way in 0..4 {
            let (sender, receiver) = channel();
            told.push(receiver);
            let (key, domain, changes) = (&key, &domain, &changes);
            askers.push(scope.spawn(move || {
                let (mut stream, mut open) = (domain.connect(), None);
                keep_asking(changes, &sender, || match way {
                    0 => search(domain, key),
                    1 => page(domain, key, &mut open),
                    2 => bulk(domain, key),
                    _ => on(&mut stream, domain, key),
                })
            }));
        }
        let ending = Ending(&changes);
        all_asked(&told, 0);
        for change in 1..=CHANGES {
            changes.make(|| match change % 2 {
                1 => put(&running, "deny", "Deny", "books/*"),
                _ => {
                    let form = [("Action", "DeleteUserPolicy"), ("UserName", "reader")];
                    running.call("iam", &[&form[..], &[("PolicyName", "deny")]].concat());
                }
            });
            all_asked(&told, change);
        }
        drop(ending);
        for asker in askers {
            let (allowed, denied) = asker.join().unwrap();
            assert!(allowed > CHANGES / 2 && denied >= CHANGES / 2, "{allowed} {denied}");
        }
    });
}

/// How many requests each asker makes before and after a right is withdrawn.
const ASKED: usize = 60;

/// What became of requests around a withdrawal: allowed before it was begun, denied after it was acknowledged, and those that were
/// allowed although they were begun after that.
#[derive(Debug, Default)]
struct Withdrawn {
    allowed_before: usize,
    denied_after: usize,
    late_allows: usize,
}

/// Whether the caller is let in, in one of four ways: a search, a page of a scroll, an item of a bulk, on a connection that stands.
fn lets(
    way: usize,
    domain: &Client,
    key: &Key,
    (stream, open): (&mut (impl Read + Write), &mut Option<String>),
) -> bool {
    match way {
        0 => search(domain, key),
        1 => page(domain, key, open),
        2 => {
            let body = "{\"index\":{\"_index\":\"books\",\"_id\":\"9\"}}\n{}\n";
            let answer = domain.signed(key, "POST", "/_bulk", body.as_bytes());
            match answer.status {
                200 => answer.json()["errors"] == false,
                status => lets_in(status, &answer.text()),
            }
        }
        _ => on(stream, domain, key),
    }
}

/// Asks with `key` in four ways at once, without a pause, while a right is withdrawn.
fn withdrawn(running: &Running, key: &Key, withdraw: impl FnOnce()) -> Withdrawn {
    let (begun, acknowledged) = (AtomicBool::new(false), AtomicBool::new(false));
    let domain = running.domain();
    std::thread::scope(|scope| {
        let (mut ready, mut askers) = (Vec::new(), Vec::new());
        for way in 0..4 {
            let (sender, receiver) = channel();
            ready.push(receiver);
            let (domain, begun, acknowledged) = (&domain, &begun, &acknowledged);
            askers.push(scope.spawn(move || {
                let (mut stream, mut open) = (domain.connect(), None);
                let mut counted = Withdrawn::default();
                let (mut asked, mut asked_after) = (0, 0);
                while asked_after < ASKED {
                    let is_late = acknowledged.load(Ordering::SeqCst);
                    let allowed = lets(way, domain, key, (&mut stream, &mut open));
                    let is_early = !begun.load(Ordering::SeqCst);
                    counted.allowed_before += usize::from(allowed && is_early);
                    counted.denied_after += usize::from(!allowed && is_late);
                    counted.late_allows += usize::from(allowed && is_late);
                    assert!(allowed || !is_early, "denied before anything was withdrawn");
                    asked += 1;
                    asked_after += usize::from(is_late);
                    if asked == ASKED {
                        sender.send(()).unwrap();
                    }
                }
                counted
            }));
        }
        // An asker that failed does not send.
        let all_ready = ready.iter().all(|receiver| receiver.recv().is_ok());
        begun.store(true, Ordering::SeqCst);
        withdraw();
        acknowledged.store(true, Ordering::SeqCst);
        assert!(all_ready);
        askers.into_iter().map(|asker| asker.join().unwrap()).fold(
            Withdrawn::default(),
            |sum, one| Withdrawn {
                allowed_before: sum.allowed_before + one.allowed_before,
                denied_after: sum.denied_after + one.denied_after,
                late_allows: sum.late_allows + one.late_allows,
            },
        )
    })
}

/// What is acknowledged is total: as many were allowed before and denied after it as were asked, and none was allowed late.
#[track_caller]
fn total(counted: &Withdrawn) {
    assert_eq!((counted.denied_after, counted.late_allows), (4 * ASKED, 0), "{counted:?}");
    assert!(counted.allowed_before >= 4 * (ASKED - 1), "{counted:?}");
}

#[test]
fn c15_after_a_policy_denies_no_request_is_allowed() {
    let running = Running::start();
    let key = reader(&running);
    total(&withdrawn(&running, &key, || put(&running, "deny", "Deny", "*")));
}

#[test]
fn c15_after_a_key_is_deleted_no_request_is_allowed() {
    let running = Running::start();
    let key = reader(&running);
    total(&withdrawn(&running, &key, || {
        let form = [("Action", "DeleteAccessKey"), ("UserName", "reader")];
        running.call("iam", &[&form[..], &[("AccessKeyId", &key.id)]].concat());
    }));
}

#[test]
fn c15_after_the_sessions_of_a_role_are_revoked_no_request_is_allowed() {
    let running = Running::start();
    drop(reader(&running));
    let key = running.assume("search-app");
    total(&withdrawn(&running, &key, || {
        // What the console's button does: sessions that were begun until now are denied.
        let revoke = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}}]});
        let form = [("Action", "PutRolePolicy"), ("RoleName", "search-app")];
        let policy = revoke.to_string();
        let more = [("PolicyName", "AWSRevokeOlderSessions"), ("PolicyDocument", &*policy)];
        running.call("iam", &[&form[..], &more].concat());
    }));
}

#[test]
fn c15_after_a_role_mapping_is_removed_no_request_is_allowed() {
    let running = Running::start();
    let key = reader(&running);
    let master = running.developer();
    let security = json!({"Enabled": true, "MasterUserOptions": {
        "MasterUserARN": "arn:aws:iam::123456789012:user/developer"}});
    crate::roles::enable(&running, &security);
    let must = |method: &str, target: &str, body: &Value| {
        let answer = running.domain().signed(&master, method, target, body.to_string().as_bytes());
        assert!(answer.status < 300, "{target}: {}", answer.text());
    };
    let role = json!({"cluster_permissions": ["*"], "index_permissions": [
        {"index_patterns": ["*"], "allowed_actions": ["*"]}]});
    must("PUT", "/_opendistro/_security/api/roles/tested", &role);
    let mapping = json!({"users": ["arn:aws:iam::123456789012:user/reader"]});
    must("PUT", "/_opendistro/_security/api/rolesmapping/tested", &mapping);
    total(&withdrawn(&running, &key, || {
        must("DELETE", "/_opendistro/_security/api/rolesmapping/tested", &json!({}));
    }));
}
