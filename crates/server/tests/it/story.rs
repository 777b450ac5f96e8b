//! The main job: who is let in, who is not, in which words, and why.

use std::io::{Read, Write};

use serde_json::json;

use crate::client::Key;
use crate::service::{Running, scratch};

const MISMATCH: &str =
    "The request signature we calculated does not match the signature you provided.";

#[test]
fn the_role_that_the_policy_names_indexes_and_reads() {
    let running = Running::start();
    let (domain, search_app) = (running.domain(), running.assume("search-app"));
    let made =
        domain.signed(&search_app, "PUT", "/books/_doc/1?refresh=true", br#"{"title":"Dune"}"#);
    assert_eq!(made.status, 201, "{}", made.text());
    let read = domain.signed(&search_app, "GET", "/books/_doc/1", b"");
    assert_eq!(read.json()["_source"]["title"], "Dune");
}

#[test]
fn a_stranger_reads_amazons_denial() {
    let running = Running::start();
    let answer = running.domain().signed(&running.stranger(), "GET", "/", b"");
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({ "Message": "User: arn:aws:sts::123456789012:assumed-role/stranger/test is not authorized to \
            perform: es:ESHttpGet because no identity-based policy allows the es:ESHttpGet action" })
    );
}

#[test]
fn a_caller_without_credentials_reads_amazons_denial() {
    let running = Running::start();
    let answer = running.domain().anonymous("POST", "/books/_search", b"{}");
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.json(),
        json!({ "Message": "User: anonymous is not authorized to perform: es:ESHttpPost because no \
            resource-based policy allows the es:ESHttpPost action" })
    );
}

#[test]
fn a_wrong_secret_is_a_mismatch_that_shows_the_canonical_request() {
    let running = Running::start();
    let right = running.assume("search-app");
    let wrong =
        Key { secret: sigv4::SecretKey::new("another secret altogether, forty letters"), ..right };
    let answer = running.domain().signed(&wrong, "GET", "/_cat/indices?v", b"");
    assert_eq!(answer.status, 403);
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with(MISMATCH), "{message}");
    assert!(message.contains("should have been\n'GET\n/_cat/indices\nv=\n"), "{message}");
    assert!(!message.contains("another secret"), "{message}");
}

#[test]
fn another_body_than_the_signed_one_is_refused_and_nothing_is_written() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let json = [("content-type", "application/json")];
    let headers = domain.sign(&key, "PUT", "/tampered/_doc/1", &json, br#"{"n":1}"#);
    let answer = domain.send("PUT", "/tampered/_doc/1", &headers, br#"{"n":2}"#);
    assert_eq!(answer.status, 403);
    assert!(answer.json()["message"].as_str().unwrap().starts_with(MISMATCH));
    assert_eq!(domain.signed(&key, "HEAD", "/tampered", b"").status, 404);
}

#[test]
fn a_session_that_is_over_is_told_so() {
    let running = Running::start();
    let mut key = running.assume("search-app");
    // The token of nobody: damaged. (Expiry itself: the walk takes its time from the clock, see below.)
    key.token = Some("CsT1nonsense".into());
    let answer = running.domain().signed(&key, "GET", "/", b"");
    assert_eq!(answer.json()["message"], "The security token included in the request is invalid");
}

#[test]
fn a_policy_change_is_enforced_when_it_is_acknowledged() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    assert_eq!(domain.signed(&key, "GET", "/", b"").status, 200);
    let statement = |effect: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": effect,
            "Principal": { "AWS": "arn:aws:iam::123456789012:role/search-app" },
            "Action": "es:*",
            "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*",
        }]})
    };
    running.set_policy(&statement("Deny"));
    let denied = domain.signed(&key, "GET", "/", b"");
    assert_eq!(denied.status, 403);
    let message = denied.json()["Message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("with an explicit deny in a resource-based policy"), "{message}");
    running.set_policy(&statement("Allow"));
    assert_eq!(domain.signed(&key, "GET", "/", b"").status, 200);
}

#[test]
fn what_is_acknowledged_while_a_body_comes_in_holds_for_its_request() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let body = br#"{"n":1}"#;
    let json = [("content-type", "application/json"), ("expect", "100-continue")];
    let headers = domain.sign(&key, "PUT", "/late/_doc/1", &json, body);
    let mut stream = domain.connect();
    let mut head = format!("PUT /late/_doc/1 HTTP/1.1\r\nhost: {}\r\n", domain.host());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).unwrap();
    // Leave to send the body is given once the head was judged: the role was still allowed then.
    let mut leave = [0; 25];
    stream.read_exact(&mut leave).unwrap();
    assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny",
        "Principal": { "AWS": "*" },
        "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*",
    }]}));
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("with an explicit deny in a resource-based policy"), "{answer}");
}

#[test]
fn explain_names_the_principal_the_action_the_resource_and_the_statement() {
    let running = Running::start();
    let allowed = running.domain().signed(&running.assume("search-app"), "GET", "/", b"");
    let denied = running.domain().signed(&running.stranger(), "GET", "/books/_search", b"");
    let explain = |id: &str| {
        let target = format!("/_countersign/explain/{id}");
        running.control("es").signed(&running.developer(), "GET", &target, b"")
    };
    let prose = explain(&allowed.request_id()).text();
    assert!(prose.contains("assumed-role/search-app/test (access key ASIA"), "{prose}");
    assert!(
        prose.contains("es:ESHttpGet on arn:aws:es:us-east-1:123456789012:domain/dev/: allowed"),
        "{prose}"
    );
    assert!(prose.contains("decided by  statement 0 of the resource policy"), "{prose}");
    let prose = explain(&denied.request_id()).text();
    assert!(prose.contains("denied because no statement allows it"), "{prose}");
    assert!(prose.contains("domain/dev/books/_search"), "{prose}");
    assert_eq!(explain("00000000-0000-4000-8000-000000000000").status, 404);
}

#[test]
fn explain_is_for_those_who_may_decode_denials() {
    let running = Running::start();
    let stranger = running.stranger();
    let denied = running.domain().signed(&stranger, "GET", "/", b"");
    let target = format!("/_countersign/explain/{}", denied.request_id());
    assert_eq!(running.control("es").signed(&stranger, "GET", &target, b"").status, 403);
    assert_eq!(running.control("es").anonymous("GET", &target, b"").status, 403);
}

#[test]
fn a_restart_keeps_everything() {
    let data = scratch("restart");
    let running = Running::start_on(Some(data.clone()));
    let key = running.assume("search-app");
    let url = running.service().domains()["dev"].clone();
    let made = running.domain().signed(&key, "PUT", "/kept/_doc/1", br#"{"n":1}"#);
    assert_eq!(made.status, 201, "{}", made.text());
    running.stop();

    let again = Running::start_on(Some(data.clone()));
    assert_eq!(again.service().domains()["dev"], url, "the port is kept");
    let read = again.domain().signed(&key, "GET", "/kept/_doc/1", b"");
    assert_eq!(read.json()["_source"]["n"], 1, "the session and the document are kept");
    assert!(!again.service().first);
    again.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn the_operators_certificate_is_served_and_no_authority_is_made() {
    let data = scratch("certificate");
    std::fs::create_dir_all(&data).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (data.join("chain.pem"), data.join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let folder = data.join("data");
    let running = Running::start_with(Some(folder.clone()), |options| {
        options.settings.tls.certificate = Some(chain.clone());
        options.settings.tls.key = Some(key.clone());
    });
    assert_eq!(running.domain().anonymous("GET", "/", b"").status, 403);
    assert!(!folder.join("ca.pem").exists());
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}
