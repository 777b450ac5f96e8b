//! What is acknowledged while a request is on its way holds for it: while its body comes in, while it waits for its turn.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, mpsc};

use base64::Engine as _;
use rustls::{ClientConnection, StreamOwned};
use serde_json::json;
use server::for_tests::WorkOwner;

use crate::client::{Client, Key};
use crate::service::{Running, element};

/// A request whose head was judged and whose body is still to come.
struct Begun {
    stream: StreamOwned<ClientConnection, TcpStream>,
    body: Vec<u8>,
}

/// Sends a head; leave to send the body is given once it was judged.
fn begin(
    client: &Client,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Begun {
    let mut stream = client.connect();
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\n", client.host());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).unwrap();
    let mut leave = [0; 25];
    stream.read_exact(&mut leave).unwrap();
    assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
    Begun { stream, body: body.to_vec() }
}

/// The same, signed.
fn begin_signed(client: &Client, key: &Key, method: &str, target: &str, body: &[u8]) -> Begun {
    let more = [("content-type", "application/json"), ("expect", "100-continue")];
    let headers = client.sign(key, method, target, &more, body);
    begin(client, method, target, &headers, body)
}

impl Begun {
    /// Sends the body; the answer.
    fn finish(mut self) -> String {
        self.stream.write_all(&self.body).unwrap();
        let mut answer = Vec::new();
        let _ = self.stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// User `late`, who may do everything on the domain and create users.
fn user(running: &Running) -> Key {
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "late")]);
    policy(running, "Allow", "*");
    let xml = running.call("iam", &[("Action", "CreateAccessKey"), ("UserName", "late")]);
    let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
    Key { id: element(&xml, "AccessKeyId"), secret, token: None }
}

fn policy(running: &Running, effect: &str, action: &str) {
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": effect, "Action": action, "Resource": "*" }] });
    let document = document.to_string();
    let form = [
        ("Action", "PutUserPolicy"),
        ("UserName", "late"),
        ("PolicyName", effect),
        ("PolicyDocument", &document),
    ];
    running.call("iam", &form);
}

fn options(running: &Running, options: &serde_json::Value) {
    let body = json!({ "AdvancedOptions": options }).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let control = running.control("es");
    let answer = control.signed(&running.developer(), "POST", target, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn d35_a_deny_on_the_caller_holds_for_a_body_that_was_coming_in() {
    let running = Running::start();
    let (domain, key) = (running.domain(), user(&running));
    let begun = begin_signed(&domain, &key, "PUT", "/late/_doc/1", b"{}");
    policy(&running, "Deny", "es:ESHttpPut");
    let answer = begun.finish();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("with an explicit deny in an identity-based policy"), "{answer}");
}

#[test]
fn a_deny_on_the_caller_holds_for_an_operation_whose_body_was_coming_in() {
    let running = Running::start();
    let (control, key) = (running.control("iam"), user(&running));
    let body = b"Action=CreateUser&UserName=more&Version=2010-05-08";
    let more = [("content-type", "application/x-www-form-urlencoded"), ("expect", "100-continue")];
    let headers = control.sign(&key, "POST", "/", &more, body);
    let begun = begin(&control, "POST", "/", &headers, body);
    policy(&running, "Deny", "iam:CreateUser");
    let answer = begun.finish();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[test]
fn a_key_that_was_deactivated_proves_nothing_of_a_body_that_was_coming_in() {
    let running = Running::start();
    let (domain, key) = (running.domain(), user(&running));
    let begun = begin_signed(&domain, &key, "PUT", "/late/_doc/1", b"{}");
    let form = [
        ("Action", "UpdateAccessKey"),
        ("UserName", "late"),
        ("AccessKeyId", &*key.id),
        ("Status", "Inactive"),
    ];
    running.call("iam", &form);
    let answer = begun.finish();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("The security token included in the request is invalid"), "{answer}");
}

#[test]
fn passwords_that_a_domain_takes_no_longer_open_nothing_for_a_body_that_was_coming_in() {
    let running = Running::start();
    options(&running, &json!({ "countersign.basic_authentication": "true" }));
    let domain = running.domain();
    user(&running);
    let profile =
        [("Action", "CreateLoginProfile"), ("UserName", "late"), ("Password", "correct-Horse-1")];
    running.call("iam", &profile);
    let basic = base64::engine::general_purpose::STANDARD.encode("late:correct-Horse-1");
    let headers = [
        ("authorization".to_owned(), format!("Basic {basic}")),
        ("content-type".to_owned(), "application/json".to_owned()),
        ("expect".to_owned(), "100-continue".to_owned()),
    ];
    let begun = begin(&domain, "PUT", "/late/_doc/1", &headers, b"{}");
    options(&running, &json!({ "countersign.basic_authentication": "false" }));
    let answer = begun.finish();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[test]
fn an_unsigned_payload_that_a_domain_takes_no_longer_is_refused_though_its_head_was_taken() {
    let running = Running::start();
    options(&running, &json!({ "countersign.unsigned_payload": "true" }));
    let (domain, key) = (running.domain(), user(&running));
    let more = [("content-type", "application/json"), ("expect", "100-continue")];
    let headers = domain.sign_unsigned(&key, "PUT", "/late/_doc/1", &more);
    let begun = begin(&domain, "PUT", "/late/_doc/1", &headers, b"{}");
    options(&running, &json!({ "countersign.unsigned_payload": "false" }));
    let answer = begun.finish();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[test]
fn a_domain_that_became_strict_judges_the_items_of_a_body_that_was_coming_in() {
    let running = Running::start();
    options(&running, &json!({ "countersign.authorization": "aws" }));
    let (domain, key) = (running.domain(), user(&running));
    let body = b"{\"index\":{\"_index\":\"secret\"}}\n{}\n";
    let document = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/secret*" }] });
    let document = document.to_string();
    let form = [
        ("Action", "PutUserPolicy"),
        ("UserName", "late"),
        ("PolicyName", "secret"),
        ("PolicyDocument", &document),
    ];
    running.call("iam", &form);
    let begun = begin_signed(&domain, &key, "POST", "/_bulk", body);
    options(&running, &json!({ "countersign.authorization": "strict" }));
    let answer = begun.finish();
    assert!(answer.contains("\"status\":403"), "{answer}");
    assert_eq!(domain.signed(&running.developer(), "HEAD", "/secret", b"").status, 404);
}

#[test]
fn d38_an_option_that_forbids_indices_in_bodies_holds_for_a_body_that_was_coming_in() {
    let running = Running::start();
    let (domain, key) = (running.domain(), user(&running));
    let body = b"{\"index\":{\"_index\":\"x\"}}\n{}\n";
    let begun = begin_signed(&domain, &key, "POST", "/_bulk", body);
    options(&running, &json!({ "rest.action.multi.allow_explicit_index": "false" }));
    let answer = begun.finish();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn what_is_acknowledged_while_a_call_waits_for_its_turn_holds_for_it() {
    let running = Running::start();
    let (domain, key) = (running.domain(), user(&running));
    let pool = running.service().state().pool.clone();
    // As many calls of the same account as may run, and one that waits.
    let (release, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut occupied = 0;
    while pool.calls().1 == 0 {
        let before = pool.calls();
        let (pool, gate) = (pool.clone(), Arc::clone(&gate));
        let holder =
            WorkOwner { account: "123456789012".into(), principal: format!("p{occupied}").into() };
        runtime.spawn(async move {
            // Each ends when the sender is gone.
            let _ = pool.run(holder, move || drop(gate.lock().map(|gate| gate.recv()))).await;
        });
        occupied += 1;
        assert!(running.eventually(|running| running.service().state().pool.calls() != before));
    }
    let waiting = pool.calls().1;
    let call = std::thread::spawn(move || domain.signed(&key, "PUT", "/late/_doc/1", b"{}"));
    assert!(running.eventually(|running| running.service().state().pool.calls().1 > waiting));
    policy(&running, "Deny", "es:ESHttpPut");
    drop(release);
    let answer = call.join().unwrap();
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("with an explicit deny in an identity-based policy"));
    assert_eq!(running.domain().signed(&running.developer(), "HEAD", "/late", b"").status, 404);
    runtime.shutdown_background();
}
