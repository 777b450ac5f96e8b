//! Group A of the abuse cases against a running service: what `sigv4` refuses as values is refused at the
//! door too, nothing is executed, the record has no secret, and the next request is served.

use serde_json::json;

use crate::client::{Answer, Key};
use crate::service::Running;

/// What every attack writes to if it gets in.
const TARGET: &str = "/forged/_doc/1";
const BODY: &[u8] = b"{\"a\":1}";

type Headers = Vec<(String, String)>;

fn signed(running: &Running, key: &Key, more: &[(&str, &str)]) -> Headers {
    let json = [("content-type", "application/json")];
    let more: Vec<(&str, &str)> = json.iter().chain(more).copied().collect();
    running.domain().sign(key, "PUT", TARGET, &more, BODY)
}

/// A header with another value.
fn with(headers: &[(String, String)], name: &str, edit: impl Fn(&str) -> String) -> Headers {
    let edited = headers.iter().map(|(header, value)| {
        let value = if header == name { edit(value) } else { value.clone() };
        (header.clone(), value)
    });
    edited.collect()
}

/// Sends it, and holds it to the oracle of every attack.
#[track_caller]
fn refused(running: &Running, headers: &[(String, String)], target: &str, body: &[u8]) -> Answer {
    let domain = running.domain();
    let answer = domain.send("PUT", target, headers, body);
    assert!([400, 403].contains(&answer.status), "{}: {}", answer.status, answer.text());
    let record = running.record(&answer);
    assert_eq!(record.status, answer.status);
    assert!(record.refusal.is_some() && !record.principal.proven);
    let line = serde_json::to_string(&record).unwrap();
    for (name, value) in headers {
        let signature = value.rsplit_once("Signature=").map(|(_, signature)| signature);
        let secret = if name == "x-amz-security-token" { Some(value.as_str()) } else { signature };
        if let Some(secret) = secret.filter(|secret| secret.len() > 16) {
            assert!(!line.contains(secret), "{name} is in the record: {line}");
        }
    }
    let key = running.assume("search-app");
    assert_eq!(domain.signed(&key, "HEAD", "/forged", b"").status, 404, "it was executed");
    answer
}

#[test]
fn a01_a_known_key_with_a_forged_signature_writes_nothing() {
    let running = Running::start();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    for signature in
        ["deadbeef".repeat(8), "0".repeat(64), "00".into(), String::new(), "zz".repeat(32)]
    {
        let forged = with(&headers, "authorization", |value| {
            let (before, _) = value.rsplit_once("Signature=").unwrap();
            format!("{before}Signature={signature}")
        });
        refused(&running, &forged, TARGET, BODY);
    }
}

#[test]
fn a02_a_credential_in_the_query_alone_writes_nothing() {
    let running = Running::start();
    let key = running.developer();
    let streaming = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-amz-content-sha256".to_owned(), "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned()),
    ];
    let target = format!("{TARGET}?X-Amz-Credential={}/20260101/us-east-1/es/aws4_request", key.id);
    refused(&running, &streaming, &target, BODY);
}

#[test]
fn a03_credentials_in_header_and_query_write_nothing() {
    let running = Running::start();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    let target = format!("{TARGET}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00");
    refused(&running, &headers, &target, BODY);
}

#[test]
fn a04_a_signature_is_good_for_no_other_method_path_or_query() {
    let running = Running::start();
    let key = running.assume("search-app");
    let headers = signed(&running, &key, &[]);
    refused(&running, &headers, "/forged/_doc/2", BODY);
    refused(&running, &headers, &format!("{TARGET}?refresh=true"), BODY);
    let answer = running.domain().send("POST", TARGET, &headers, BODY);
    assert_eq!(answer.status, 403);
}

#[test]
fn a05_a_replaced_body_writes_nothing_of_whatever_size() {
    let running = Running::start();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    refused(&running, &headers, TARGET, b"{\"a\":2}");
    let large = json!({ "a": "x".repeat(3_000_000) }).to_string();
    refused(&running, &headers, TARGET, large.as_bytes());
}

#[test]
fn a06_a07_a08_payload_modes_and_other_hashes_write_nothing() {
    let running = Running::start();
    let key = running.assume("search-app");
    for mode in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-SOMETHING-NEW",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ] {
        let mut headers = signed(&running, &key, &[]);
        headers.retain(|(name, _)| name != "x-amz-content-sha256");
        headers.push(("x-amz-content-sha256".to_owned(), mode.to_owned()));
        refused(&running, &headers, TARGET, BODY);
    }
}

#[test]
fn a09_a_signature_that_does_not_cover_the_host_writes_nothing() {
    let running = Running::start();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    for name in ["host;", "x-amz-date;"] {
        let fewer = with(&headers, "authorization", |value| value.replace(name, ""));
        refused(&running, &fewer, TARGET, BODY);
    }
}

#[test]
fn a14_a_signature_beyond_the_window_writes_nothing() {
    let running = Running::start();
    let key = running.assume("search-app");
    for (_, skewed) in [
        (
            "past",
            (|| server::Clock::System.now() - jiff::SignedDuration::from_secs(301)) as fn() -> _,
        ),
        ("future", || server::Clock::System.now() + jiff::SignedDuration::from_secs(330)),
    ] {
        let client = crate::client::Client { now: skewed, ..running.domain() };
        let headers =
            client.sign(&key, "PUT", TARGET, &[("content-type", "application/json")], BODY);
        refused(&running, &headers, TARGET, BODY);
    }
}

#[test]
fn a15_a_replay_inside_the_window_is_the_same_request_again() {
    // SigV4 has no nonce: SECURITY.md says so. Without the replay cache (`once.rs`) what was signed is done once more.
    let running = Running::start();
    let domain = running.domain();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    let first = domain.send("PUT", TARGET, &headers, BODY);
    let again = domain.send("PUT", TARGET, &headers, BODY);
    assert_eq!((first.status, again.status), (201, 200));
    assert_ne!(first.request_id(), again.request_id());
}

#[test]
fn a16_a17_other_scopes_and_algorithms_write_nothing() {
    let running = Running::start();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    for (part, other) in [
        ("/us-east-1/", "/eu-west-1/"),
        ("/es/", "/s3/"),
        ("/es/", "/aoss/"),
        ("aws4_request", "AWS4_REQUEST"),
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        ("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        ("AWS4-HMAC-SHA256", "AWS"),
    ] {
        let edited = with(&headers, "authorization", |value| value.replace(part, other));
        refused(&running, &edited, TARGET, BODY);
    }
    for service in ["s3", "sts", "aoss"] {
        let client = crate::client::Client { service: service.into(), ..running.domain() };
        let key = running.assume("search-app");
        let headers =
            client.sign(&key, "PUT", TARGET, &[("content-type", "application/json")], BODY);
        refused(&running, &headers, TARGET, BODY);
    }
}

#[test]
fn a18_another_sessions_token_or_a_damaged_one_writes_nothing() {
    let running = Running::start();
    let (one, two) = (running.assume("search-app"), running.assume("search-app"));
    let whole = one.token.clone().unwrap();
    let cut: String = whole.chars().take(whole.len() - 1).collect();
    for token in [two.token, Some(cut), Some(String::new()), None] {
        let key = Key { token, ..one.clone() };
        refused(&running, &signed(&running, &key, &[]), TARGET, BODY);
    }
    let long_term = Key { token: Some(whole), ..running.developer() };
    refused(&running, &signed(&running, &long_term, &[]), TARGET, BODY);
}

#[test]
fn a19_an_unknown_key_reads_the_same_whatever_its_secret() {
    let running = Running::start();
    let unknown = |secret: &str| Key {
        id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret: sigv4::SecretKey::new(secret),
        token: None,
    };
    let one = refused(&running, &signed(&running, &unknown("one"), &[]), TARGET, BODY);
    let two = refused(&running, &signed(&running, &unknown("two"), &[]), TARGET, BODY);
    assert_eq!(one.text(), two.text());
    let names = |answer: &Answer| -> Vec<String> {
        answer.headers.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&one), names(&two));
}

#[test]
fn a21_a_signature_over_the_unpacked_body_writes_nothing() {
    use std::io::Write;
    let running = Running::start();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(BODY).unwrap();
    let packed = encoder.finish().unwrap();
    let key = running.assume("search-app");
    // Signed over the plain bytes, sent packed.
    let headers = signed(&running, &key, &[("content-encoding", "gzip")]);
    refused(&running, &headers, TARGET, &packed);
    // Signed as sent, and not what it says it is: proven, and still no request.
    let answer = running.domain().send("PUT", TARGET, &headers, BODY);
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(running.domain().signed(&key, "HEAD", "/forged", b"").status, 404);
}

#[test]
fn a24_too_much_of_anything_is_refused_on_sight() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let long = [("authorization".to_owned(), format!("AWS4-HMAC-SHA256 {}", "a".repeat(60_000)))];
    assert_eq!(domain.send("GET", "/", &long, b"").status, 400);
    let names: String = (0..1_000).map(|n| format!("x{n};")).collect();
    let headers = with(&signed(&running, &key, &[]), "authorization", |value| {
        value.replace("host;", &format!("host;{names}"))
    });
    refused(&running, &headers, TARGET, BODY);
    let query = vec!["a"; 10_000].join("&");
    assert_eq!(domain.anonymous("GET", &format!("/?{query}"), b"").status, 400);
    let target = format!("/{}", "a".repeat(40_000));
    assert_eq!(domain.anonymous("GET", &target, b"").status, 414);
}

#[test]
fn a25_a_mismatch_shows_the_callers_own_bytes_and_no_secret() {
    let running = Running::start();
    let key = running.assume("search-app");
    let wrong = Key { secret: sigv4::SecretKey::new("wrong"), ..key.clone() };
    let answer = refused(&running, &signed(&running, &wrong, &[]), TARGET, BODY);
    let text = answer.text();
    assert!(text.contains(TARGET), "{text}");
    assert!(
        !text.contains(key.secret.expose()) && !text.contains(key.token.as_ref().unwrap()),
        "{text}"
    );
}

#[test]
fn a26_broken_credentials_are_not_anonymous_even_where_everyone_may() {
    let running = Running::start();
    running.set_policy(&json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "es:ESHttp*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*",
    }]}));
    assert_eq!(running.domain().anonymous("GET", "/", b"").status, 200);
    for value in ["", "AWS4-HMAC-SHA256", "Bearer x", "AWS a:b", "AWS4-HMAC-SHA256 Credential=a"] {
        let header = vec![("authorization".to_owned(), value.to_owned())];
        refused(&running, &header, TARGET, BODY);
    }
    let token = vec![("x-amz-security-token".to_owned(), "x".to_owned())];
    refused(&running, &token, TARGET, BODY);
}

#[test]
fn a27_a_signature_beside_basic_writes_nothing() {
    let running = Running::start();
    let headers = signed(&running, &running.assume("search-app"), &[]);
    let both = with(&headers, "authorization", |value| format!("Basic dXNlcjpwYXNz, {value}"));
    refused(&running, &both, TARGET, BODY);
    let mut twice = headers;
    twice.push(("authorization".to_owned(), "Basic dXNlcjpwYXNz".to_owned()));
    refused(&running, &twice, TARGET, BODY);
}
