//! The replay cache of a domain, and the limit on failed signatures.

use serde_json::json;
use sigv4::{Credentials, PayloadHash, Placement, SecretKey, SigningOptions};

use crate::client::{Answer, Client, Key};
use crate::service::Running;

const USED: &str =
    "The signature of this request was used before. This domain accepts each signature once.";

/// Domain `dev` accepts each signature once. Time stands still: what is signed twice is signed alike.
fn once() -> Running {
    let running = Running::start_standing(|_options| {});
    let options = json!({"AdvancedOptions": {"countersign.replay_cache": "true"}}).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let client = running.control("es");
    let answer = client.signed(&running.developer(), "POST", target, options.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    running
}

fn metric(running: &Running, name: &str) -> u64 {
    let page = running.service().state().metrics.page(0, 1);
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("countersign_{name} ")));
    row.unwrap_or_else(|| panic!("no {name} in {page}")).parse().unwrap()
}

#[test]
fn the_same_signed_write_is_accepted_once() {
    let running = once();
    let (domain, key) = (running.domain(), running.developer());
    let headers =
        domain.sign(&key, "POST", "/books/_doc", &[("content-type", "application/json")], b"{}");
    assert_eq!(domain.send("POST", "/books/_doc", &headers, b"{}").status, 201);
    let again = domain.send("POST", "/books/_doc", &headers, b"{}");
    assert_eq!((again.status, again.json()), (403, json!({ "message": USED })));
    assert_eq!(metric(&running, "replayed_total"), 1);
    let record = running.service().state().audit.find(&again.request_id()).unwrap();
    assert_eq!(record.refusal.as_deref(), Some("replayed: the signature was used before"));
}

#[test]
fn of_the_same_request_sent_at_the_same_time_exactly_one_is_accepted() {
    let running = once();
    let (domain, key) = (running.domain(), running.developer());
    let headers = domain.sign(&key, "GET", "/_cluster/health", &[], b"");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let send = || domain.send("GET", "/_cluster/health", &headers, b"").status;
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 7, "{statuses:?}");
}

#[test]
fn a_request_that_does_not_verify_does_not_use_its_signature_up() {
    let running = once();
    let (domain, key) = (running.domain(), running.developer());
    let headers =
        domain.sign(&key, "PUT", "/books", &[("content-type", "application/json")], b"{}");
    assert_eq!(domain.send("PUT", "/books", &headers, b"{ }").status, 403);
    assert_eq!(domain.send("PUT", "/books", &headers, b"{}").status, 200);
}

#[test]
fn a_presigned_url_is_good_once() {
    let running = once();
    let target = presigned(&running.domain(), &running.developer());
    let get = || running.domain().send("GET", &target, &[], b"");
    assert_eq!(get().status, 200);
    assert_eq!(get().json(), json!({ "message": USED }));
}

#[test]
fn without_the_cache_a_presigned_url_is_good_until_it_expires() {
    let running = Running::start_standing(|_options| {});
    let target = presigned(&running.domain(), &running.developer());
    for _ in 0..2 {
        assert_eq!(running.domain().send("GET", &target, &[], b"").status, 200);
    }
}

fn presigned(domain: &Client, key: &Key) -> String {
    let host = domain.host();
    let headers: [(&str, &[u8]); 1] = [("host", host.as_bytes())];
    let request = sigv4::Request { method: "GET", path: "/", query: "", headers: &headers };
    let credentials =
        Credentials { access_key_id: &key.id, secret: &key.secret, session_token: None };
    let options = SigningOptions {
        placement: Placement::Query { expires_seconds: 60 },
        ..Default::default()
    };
    let (now, hash) = ((domain.now)(), PayloadHash::of(b""));
    let signed = sigv4::sign(&request, &credentials, "us-east-1", "es", now, &hash, &options);
    format!("/?{}", signed.unwrap().query.unwrap())
}

/// A service where an address may fail three times; time stands still.
fn limited() -> Running {
    Running::start_standing(|options| {
        options.settings.limits.failed_signatures_burst = 3;
        options.settings.limits.failed_signatures_per_second = 1;
    })
}

fn wrong(running: &Running) -> Key {
    let secret = SecretKey::new("another secret altogether, forty letters");
    Key { secret, ..running.developer() }
}

fn is_limited(answer: &Answer) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn g05_after_too_many_failed_signatures_an_address_reads_429_before_its_signature_is_looked_at() {
    let running = limited();
    let domain = running.domain();
    for _ in 0..3 {
        assert_eq!(domain.signed(&wrong(&running), "GET", "/", b"").status, 403);
    }
    let right = domain.signed(&running.developer(), "GET", "/", b"");
    is_limited(&right);
    assert_eq!(right.json()["message"], "Too many failed signatures: try again in 1 s");
    assert_eq!(metric(&running, "signature_limited_total"), 1);
    // Who presents nothing is judged as ever.
    assert_eq!(domain.anonymous("GET", "/", b"").status, 403);
}

#[test]
fn broken_credentials_count_as_failed_signatures_on_every_listener() {
    let running = limited();
    let broken = [("authorization".to_owned(), "AWS4-HMAC-SHA256 nonsense".to_owned())];
    for _ in 0..3 {
        assert_ne!(running.control("iam").send("POST", "/", &broken, b"").status, 429);
    }
    is_limited(&running.domain().send("GET", "/", &broken, b""));
    let throttled = running.query(&running.developer(), "iam", &[("Action", "ListUsers")]);
    is_limited(&throttled);
    assert!(throttled.text().contains("<Code>Throttling</Code>"), "{}", throttled.text());
}

#[test]
fn requests_that_present_nothing_are_no_failed_signatures() {
    let running = limited();
    for _ in 0..4 {
        assert_eq!(running.control("es").anonymous("GET", "/2021-01-01/domain", b"").status, 403);
    }
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[test]
fn dev_has_no_limit_on_failed_signatures() {
    let running = Running::start_standing(|_options| {});
    for _ in 0..5 {
        assert_eq!(running.domain().signed(&wrong(&running), "GET", "/", b"").status, 403);
    }
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}
