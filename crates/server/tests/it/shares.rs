//! One noisy caller harms only itself: what it takes, it takes from its own share (decision 0085).

use std::io::{ErrorKind, Read, Write};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use server::PoolBounds;
use server::Stopwatch;
use server::for_tests::{WorkOwner, limits};

use crate::client::{Client, Key};
use crate::service::Running;

/// Another address than the one that tests come from.
const NOISY: &str = "127.0.0.2";

pub(crate) fn holder(account: &str, principal: &str) -> WorkOwner {
    WorkOwner { account: account.into(), principal: principal.into() }
}

/// Calls that run until this is dropped, whatever they are told.
pub(crate) struct Stuck {
    _until: Vec<Sender<()>>,
}

impl Stuck {
    /// Begins one for each of `holders`, on the domains' pool.
    pub(crate) fn begin(running: &Running, holders: impl IntoIterator<Item = WorkOwner>) -> Self {
        let mut until = Vec::new();
        for holder in holders {
            let (sender, receiver) = channel::<()>();
            let pool = running.service().state().pool.clone();
            drop(running.spawn(async move { pool.run(holder, move || receiver.recv()).await }));
            until.push(sender);
        }
        Self { _until: until }
    }
}

#[track_caller]
fn serves(running: &Running) {
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[track_caller]
fn control_answers(running: &Running) {
    running.call("iam", &[("Action", "ListUsers")]);
}

#[test]
fn a_noisy_address_cannot_take_anothers_connections() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.connections_per_address = 4;
    });
    let domain = running.domain();
    let mut held: Vec<_> = (0..4).map(|_| domain.connect_from(NOISY)).collect();
    for stream in &mut held {
        // The handshake is done when something can be sent.
        stream.write_all(b"GET / HT").unwrap();
        stream.flush().unwrap();
    }
    assert!(running.eventually(|running| running.connections() >= 4));
    let mut turned_away = domain.connect_from(NOISY);
    let _ = turned_away.write_all(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(turned_away.read(&mut [0; 16]).unwrap_or(0), 0);
    serves(&running);
    control_answers(&running);
}

/// Four connections of one address whose requests are begun and not more, the oldest first.
fn unfinished_heads(running: &Running) -> Vec<impl Read + Write + use<>> {
    let domain = running.domain();
    let begun = |_| {
        let mut stream = domain.connect_from(NOISY);
        stream.write_all(b"GET / HT").unwrap();
        stream
    };
    let held = (0..4).map(begun).collect();
    assert!(running.eventually(|running| running.connections() >= 4));
    held
}

/// Whether the service has ended a connection; waits for it as long as the stream does.
fn is_cut(stream: &mut impl Read) -> bool {
    match stream.read(&mut [0; 16]) {
        Ok(count) => count == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn a_full_listener_closes_an_idle_connection_for_a_new_one() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.connections_per_listener = 4;
    });
    let mut held = unfinished_heads(&running);
    serves(&running);
    serves(&running);
    assert!(is_cut(&mut held[0]));
}

#[test]
fn a_full_service_closes_an_idle_connection_for_a_new_one() {
    let running = Running::start_with(None, |options| {
        // Four of domains, beside the control plane's own.
        options.settings.limits.connections = limits::CONTROL_CONNECTIONS_MAX + 4;
    });
    let mut held = unfinished_heads(&running);
    serves(&running);
    control_answers(&running);
    assert!(is_cut(&mut held[0]));
}

/// A request under a junk signature whose body is begun and never ends.
fn unfinished(domain: &Client, key: &Key, sent: usize) -> impl Read + Write + use<> {
    let mut stream = domain.connect_from(NOISY);
    let mut head = format!("POST /x/_doc HTTP/1.1\r\nhost: {}\r\n", domain.host());
    for (name, value) in domain.sign(key, "POST", "/x/_doc", &[], b"another body") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!(
        "content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        sent + 10_000
    ));
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b' '; sent]).unwrap();
    stream.flush().unwrap();
    stream
}

#[test]
fn unfinished_bodies_of_one_address_leave_room_for_others() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.body_bytes_per_address = 1_000_000;
    });
    let (domain, key) = (running.domain(), running.developer());
    let _held = unfinished(&domain, &key, 900_000);
    let spool = &running.service().state().spool;
    assert!(running.eventually(|_| spool.memory_held() >= 900_000));
    let mut refused = unfinished(&domain, &key, 200_000);
    let mut answer = [0; 12];
    refused.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 429");
    let document = serde_json::json!({ "text": "x".repeat(500_000) }).to_string();
    let quiet = domain.signed(&key, "PUT", "/x/_doc/1", document.as_bytes());
    assert_eq!(quiet.status, 201, "{}", quiet.text());
    control_answers(&running);
}

#[test]
fn one_accounts_queue_does_not_delay_anothers() {
    let running = Running::start();
    let share = PoolBounds::default().running_per_account;
    // As many as it may run, and as many again that wait.
    let noisy = (0..2 * share).map(|number| holder("999999999999", &format!("{number}")));
    let _stuck = Stuck::begin(&running, noisy);
    let pool = &running.service().state().pool;
    assert!(running.eventually(|_| pool.calls() == (share, share)));
    serves(&running);
    assert_eq!(pool.calls(), (share, share));
}

#[test]
fn one_principals_queue_does_not_delay_anothers_of_its_account() {
    let running = Running::start();
    let share = PoolBounds::default().running_per_principal;
    let _stuck = Stuck::begin(&running, (0..2 * share).map(|_| holder("123456789012", "noisy")));
    let pool = &running.service().state().pool;
    assert!(running.eventually(|_| pool.calls() == (share, share)));
    serves(&running);
}

#[test]
fn the_control_plane_answers_while_a_domains_pool_is_full() {
    let running = Running::start();
    let all = PoolBounds::default().running;
    let _stuck = Stuck::begin(&running, (0..2 * all).map(|number| holder(&number.to_string(), "")));
    let pool = &running.service().state().pool;
    assert!(running.eventually(|_| pool.calls() == (all, all)));
    control_answers(&running);
    assert_eq!(running.control("es").signed(&running.developer(), "GET", DOMAIN, b"").status, 200);
}

/// `DescribeDomain`.
const DOMAIN: &str = "/2021-01-01/opensearch/domain/dev";

#[test]
fn more_calls_than_may_wait_are_429_and_say_whose_they_are() {
    let running = Running::start_with(None, |options| {
        let limits = &mut options.settings.limits;
        limits.calls_running_per_account = PoolBounds::of(1).running_per_account;
        limits.calls_running_per_principal = PoolBounds::of(1).running_per_principal;
        (limits.calls_waiting_per_account, limits.calls_waiting_per_principal) = (9, 1);
    });
    let key = running.developer();
    let arn = "arn:aws:iam::123456789012:user/developer";
    let share = PoolBounds::of(1).running_per_principal;
    let _stuck = Stuck::begin(&running, (0..=share).map(|_| holder("123456789012", arn)));
    let pool = &running.service().state().pool;
    assert!(running.eventually(|_| pool.calls() == (share, 1)));
    let answer = running.domain().signed(&key, "GET", "/", b"");
    assert_eq!(answer.status, 429);
    assert!(answer.text().contains("of this principal are already waiting"), "{}", answer.text());
}

/// A role that may call `_mget` and `_bulk` and touch no index at all, and a session of it.
fn without_rights(running: &Running) -> Key {
    let key = running.stranger();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"es:ESHttpPost","Resource":["arn:aws:es:us-east-1:123456789012:domain/dev/_mget","arn:aws:es:us-east-1:123456789012:domain/dev/_bulk"]}]}"#;
    let form = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "stranger"),
        ("PolicyName", "urls"),
        ("PolicyDocument", policy),
    ];
    running.call("iam", &form);
    key
}

/// An `_mget` of so many documents, each of an index of its own.
fn mget(items: usize) -> Vec<u8> {
    let docs: Vec<String> =
        (0..items).map(|number| format!(r#"{{"_index":"i{number}","_id":"1"}}"#)).collect();
    format!(r#"{{"docs":[{}]}}"#, docs.join(",")).into_bytes()
}

/// Sends a signed request and does not wait for its answer.
pub(crate) fn send(
    client: &Client,
    key: &Key,
    target: &str,
    body: &[u8],
) -> impl Read + Write + use<> {
    let json = [("content-type", "application/json")];
    let mut head = format!("POST {target} HTTP/1.1\r\nhost: {}\r\n", client.host());
    for (name, value) in client.sign(key, "POST", target, &json, body) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = client.connect();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    stream.flush().unwrap();
    stream
}

#[test]
fn g09_judging_200_000_items_blocks_nobody_and_ends_when_the_client_leaves() {
    let running = Running::start();
    let (domain, key, pool) =
        (running.domain(), without_rights(&running), &running.service().state().pool);
    let body = mget(200_000);
    // Two, because there may be two network threads.
    let noisy = (send(&domain, &key, "/_mget", &body), send(&domain, &key, "/_mget", &body));
    assert!(running.eventually(|_| pool.calls().0 == 2));
    for _ in 0..3 {
        serves(&running);
        control_answers(&running);
    }
    assert_eq!(pool.calls().0, 2, "judged already: more items are needed");
    let watch = Stopwatch::start();
    drop(noisy);
    assert!(running.eventually(|_| pool.calls().0 == 0));
    let ended = watch.elapsed();
    assert!(ended < Duration::from_secs(2), "judging went on for {ended:?}");
}

#[test]
fn of_many_denials_the_first_twenty_are_told_with_their_reasons_and_the_others_are_counted() {
    let running = Running::start();
    let key = without_rights(&running);
    let answer = running.domain().signed(&key, "POST", "/_mget", &mget(1_000));
    assert_eq!(answer.status, 200);
    let denied = |doc: &serde_json::Value| doc["error"]["reason"].as_str().is_some();
    assert!(answer.json()["docs"].as_array().unwrap().iter().all(denied));
    let record = running.record(&answer);
    assert_eq!((record.decisions.len(), record.decisions_left_out), (20, 981));
    assert_eq!((record.resources.len(), record.resources_left_out), (100, 901));
    assert!(record.decisions[1..].iter().all(|decision| decision.outcome == "implicitDeny"));
}

#[test]
fn what_changes_while_a_call_waits_for_its_turn_holds_for_it() {
    let running = Running::start();
    let (domain, key, pool) =
        (running.domain(), without_rights(&running), &running.service().state().pool);
    let share = PoolBounds::default().running_per_principal;
    let role = "arn:aws:iam::123456789012:role/stranger";
    let stuck = Stuck::begin(&running, (0..share).map(|_| holder("123456789012", role)));
    assert!(running.eventually(|_| pool.calls().0 == share));
    let mut waits = send(&domain, &key, "/_mget", &mget(1));
    assert!(running.eventually(|_| pool.calls() == (share, 1)));
    let form = [("Action", "DeleteRolePolicy"), ("RoleName", "stranger"), ("PolicyName", "urls")];
    running.call("iam", &form);
    drop(stuck);
    let mut answer = [0; 12];
    waits.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 403");
}

#[test]
fn g06_who_does_not_read_its_answers_is_served_nothing_more_until_it_has_read_them() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.answer_bytes_per_account = 400_000;
    });
    let (domain, key) = (running.domain(), running.developer());
    let document = serde_json::json!({ "text": "word ".repeat(200_000) }).to_string();
    let put = domain.signed(&key, "PUT", "/long/_doc/1", document.as_bytes());
    assert_eq!(put.status, 201, "{}", put.text());
    let mut stream = domain.connect();
    let mut head = format!("GET /long/_doc/1 HTTP/1.1\r\nhost: {}\r\n", domain.host());
    for (name, value) in domain.sign(&key, "GET", "/long/_doc/1", &[], b"") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // More than the kernel holds for both ends.
    stream.write_all(format!("{head}\r\n").repeat(50).as_bytes()).unwrap();
    let answers = &running.service().state().answers;
    let refused = |running: &Running| {
        let answer = running.domain().signed(&key, "GET", "/", b"");
        answer.status == 429 && answer.text().contains("are unread")
    };
    assert!(running.eventually(|running| answers.bytes() > 400_000 && refused(running)));
    control_answers(&running);
    drop(stream);
    assert!(running.eventually(|_| answers.bytes() == 0));
    serves(&running);
}

#[test]
fn stopping_calls_off_what_runs() {
    let running = Running::start_with(None, |options| {
        options.times.drain = Duration::from_millis(100);
    });
    let (domain, key, pool) =
        (running.domain(), without_rights(&running), running.service().state().pool.clone());
    let mut asked = send(&domain, &key, "/_mget", &mget(200_000));
    assert!(running.eventually(|_| pool.calls().0 == 1));
    let watch = Stopwatch::start();
    assert!(!running.stop_in_time(), "the call ended by itself: more items are needed");
    let (took, mut answer) = (watch.elapsed(), Vec::new());
    let _ = asked.read_to_end(&mut answer);
    assert!(String::from_utf8_lossy(&answer).contains("task_cancelled_exception"));
    assert!(took < Duration::from_secs(3), "stopping took {took:?}");
}

#[test]
fn stopping_ends_in_time_though_a_call_never_does() {
    let running = Running::start_with(None, |options| {
        let times = &mut options.times;
        (times.drain, times.call_off) = (Duration::from_millis(100), Duration::from_millis(100));
    });
    let share = PoolBounds::default().running_per_principal;
    let arn = "arn:aws:iam::123456789012:user/developer";
    let _stuck = Stuck::begin(&running, (0..share).map(|_| holder("123456789012", arn)));
    let pool = running.service().state().pool.clone();
    assert!(running.eventually(|_| pool.calls().0 == share));
    // And a request that waits for its turn behind them.
    let _waits = send(&running.domain(), &running.developer(), "/_mget", b"{\"ids\":[]}");
    assert!(running.eventually(|_| pool.calls() == (share, 1)));
    let watch = Stopwatch::start();
    assert!(!running.stop_in_time());
    let took = watch.elapsed();
    assert!(took < Duration::from_secs(5), "stopping took {took:?}");
}

#[test]
fn g08_a_principal_over_its_rate_reads_429_and_when_to_try_again_and_others_are_served() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.requests_per_second_per_principal = 1;
    });
    let (domain, key) = (running.domain(), running.assume("search-app"));
    // So many at once that one second is over long before the last of them could have had its turn.
    let refused = std::thread::scope(|scope| {
        let ask = || domain.signed(&key, "GET", "/", b"");
        let asked: Vec<_> = (0..24).map(|_| scope.spawn(ask)).collect();
        let answers = asked.into_iter().map(|asked| asked.join().unwrap());
        answers.into_iter().find(|answer| answer.status == 429)
    });
    let refused = refused.expect("twenty-four requests in less than twenty-three seconds");
    assert!(refused.header("retry-after").is_some());
    assert!(refused.text().contains("Too many requests of this principal"), "{}", refused.text());
    serves(&running);
}
