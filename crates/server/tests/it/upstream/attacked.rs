//! Attacks that a cluster behind the gate must see nothing of, and certificates that the gate must not believe.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{CertificateParams, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::PrivateKeyDer;
use serde_json::json;
use server::PoolSettings;

use super::stub::{Stub, Told};
use super::{ARN, Gate, fine, no_start};
use crate::service::scratch;

#[test]
fn b1_of_a_request_that_two_readers_would_cut_differently_the_cluster_sees_nothing() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    let host = gate.domain.host();
    let headers = gate.domain.sign(&gate.running.developer(), "POST", "/open/_search", &[], b"");
    let signed: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let second = format!("GET /open/_count HTTP/1.1\r\nhost: {host}\r\n{signed}\r\n");
    for lines in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 4",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "content-length: 1\r\ncontent-length: 2",
        "content-length: +10",
    ] {
        let first = format!("POST /open/_search HTTP/1.1\r\nhost: {host}\r\n{signed}{lines}\r\n");
        let received = gate.domain.exchange(format!("{first}\r\n0\r\n\r\n{second}").as_bytes());
        let answers = crate::client::answers(&received);
        assert_eq!(answers.len(), 1, "{lines}: {answers:?}");
        assert_eq!(answers[0].status, 400, "{lines}");
    }
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
    assert_eq!(gate.developer("GET", "/open/_search", "").status, 200);
    assert_eq!(stub.lines().len(), 1);
}

#[test]
fn b8_a_body_in_the_url_is_judged_and_sent_as_a_body() {
    let stub = Stub::start(fine);
    let gate = Gate::before(&[&stub]);
    let reader = gate.user("reader", &["open/*"]);
    let target = |query: serde_json::Value| {
        let query = json!({ "query": query }).to_string();
        let query =
            percent_encoding::utf8_percent_encode(&query, percent_encoding::NON_ALPHANUMERIC);
        format!("/open/_search?source={query}&source_content_type=application%2Fjson")
    };
    let lookup = json!({"terms": {"n": {"index": "secret", "id": "1", "path": "n"}}});
    let denied = gate.domain.signed(&reader, "GET", &target(lookup), b"");
    assert_eq!(denied.status, 403, "{}", denied.text());
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
    let told = gate.domain.signed(&reader, "GET", &target(json!({"match_all": {}})), b"");
    assert_eq!(told.status, 200, "{}", told.text());
    let sent = stub.received().pop().unwrap();
    assert!(!sent.line.contains("source"), "{}", sent.line);
    assert!(sent.body.contains("match_all"), "{}", sent.body);
}

#[test]
fn b11_a_cluster_that_is_to_be_told_who_asks_hears_it_from_the_gate_alone() {
    let stub = Stub::start(fine);
    let roles = vec!["readers".to_owned(), "own_index".to_owned()];
    let pool =
        PoolSettings { proxy_roles: roles, ..PoolSettings::new(ARN.to_owned(), vec![stub.url()]) };
    let gate = Gate::with(pool);
    let key = gate.user("reader", &["open/*"]);
    let mut headers = gate.domain.sign(&key, "GET", "/open/_search", &[], b"");
    for name in ["x-proxy-user", "X_Proxy_User", "x-proxy-roles", "x-forwarded-for"] {
        headers.push((name.to_owned(), "admin".to_owned()));
    }
    let answer = gate.domain.send("GET", "/open/_search", &headers, b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sent = stub.received().pop().unwrap();
    let of = |name: &str| {
        let all = sent.headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        all.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("x-proxy-user"), ["arn:aws:iam::123456789012:user/reader"]);
    assert_eq!(of("x-proxy-roles"), ["readers,own_index"]);
    assert_eq!(of("x-forwarded-for"), ["127.0.0.1"]);
    assert!(sent.headers.iter().all(|(_, value)| value != "admin"), "{:?}", sent.headers);
}

#[test]
fn a_cursor_whose_right_has_ended_is_closed_at_the_cluster_as_the_one_who_opened_it() {
    let stub = Stub::start(|request| match request.line.as_str() {
        line if line.starts_with("DELETE") => Told::Json(200, json!({"succeeded": true})),
        line if line.contains("point_in_time") => {
            Told::Json(200, json!({"pit_id": "their pit", "creation_time": 1}))
        }
        _ => Told::Json(200, json!({"_scroll_id": "their scroll", "hits": {}})),
    });
    let roles = vec!["readers".to_owned()];
    let pool =
        PoolSettings { proxy_roles: roles, ..PoolSettings::new(ARN.to_owned(), vec![stub.url()]) };
    let gate = Gate::with(pool);
    let key = gate.user("reader", &["open/*", "_search", "_search/*"]);
    let opened = |method: &str, target: &str, name: &str| {
        let answer = gate.domain.signed(&key, method, target, b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()[name].as_str().unwrap().to_owned()
    };
    let scroll = opened("GET", "/open/_search?scroll=1m", "_scroll_id");
    let pit = opened("POST", "/open/_search/point_in_time?keep_alive=1m", "pit_id");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "es:ESHttp*", "Resource": [format!("{ARN}/_search"), format!("{ARN}/_search/*")]}]});
    let form = [("Action", "PutUserPolicy"), ("UserName", "reader"), ("PolicyName", "p")];
    gate.running.call("iam", &[&form[..], &[("PolicyDocument", &policy.to_string())]].concat());
    for (target, body) in [
        ("/_search/scroll", json!({"scroll_id": scroll})),
        ("/_search", json!({"pit": {"id": pit}})),
    ] {
        let denied = gate.domain.signed(&key, "POST", target, body.to_string().as_bytes());
        assert_eq!(denied.status, 403, "{}", denied.text());
    }
    let closings = || {
        let all = stub.received().into_iter().filter(|it| it.line.starts_with("DELETE"));
        all.collect::<Vec<_>>()
    };
    assert!(gate.running.eventually(|_| closings().len() == 2), "{:?}", stub.lines());
    let mut closed: Vec<(String, String)> =
        closings().into_iter().map(|it| (it.line, it.body)).collect();
    closed.sort();
    let expected = [
        ("DELETE /_search/point_in_time", r#"{"pit_id":["their pit"]}"#),
        ("DELETE /_search/scroll", r#"{"scroll_id":["their scroll"]}"#),
    ];
    assert_eq!(closed, expected.map(|(line, body)| (line.to_owned(), body.to_owned())));
    for closing in closings() {
        assert_eq!(closing.header("x-proxy-user"), Some("arn:aws:iam::123456789012:user/reader"));
        assert_eq!(closing.header("x-proxy-roles"), Some("readers"));
    }
}

/// A node that speaks TLS: its port, its certificate, and how many bytes it was sent.
fn node(name: &str, years: [i32; 2]) -> (u16, String, Arc<AtomicUsize>) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(years[0], 1, 1);
    params.not_after = rcgen::date_time_ymd(years[1], 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let der = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], der)
        .unwrap();
    let (config, heard) = (Arc::new(config), Arc::new(AtomicUsize::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let counted = Arc::clone(&heard);
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let read = StreamOwned::new(tls, tcp).read(&mut [0; 1024]);
            counted.fetch_add(read.unwrap_or(0), Ordering::SeqCst);
        }
    });
    (port, certificate.pem(), heard)
}

#[test]
fn b14_a_cluster_whose_certificate_is_expired_for_another_name_or_of_nobody_known_is_sent_nothing()
{
    let folder = scratch("b14-certificates");
    std::fs::create_dir_all(&folder).unwrap();
    let why = |trusted: &str, port: u16| {
        let ca = folder.join("ca.pem");
        std::fs::write(&ca, trusted).unwrap();
        let urls = vec![format!("https://localhost:{port}")];
        no_start(PoolSettings { ca: Some(ca), ..PoolSettings::new(ARN.to_owned(), urls) })
    };
    // The comparison: one that is believed is asked what it is.
    let (port, good, heard) = node("localhost", [2020, 2200]);
    let said = why(&good, port);
    assert!(heard.load(Ordering::SeqCst) > 0, "{said}");
    for (name, years, is_trusted) in [
        ("localhost", [2000, 2001], true),
        ("other.example", [2020, 2200], true),
        ("localhost", [2020, 2200], false),
    ] {
        let (port, own, heard) = node(name, years);
        let said = why(if is_trusted { &own } else { &good }, port);
        assert!(said.contains("certificate"), "{name} {years:?}: {said}");
        assert_eq!(heard.load(Ordering::SeqCst), 0, "{name} {years:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn h5_an_answer_whose_head_never_ends_is_a_502() {
    let stub = Stub::start(|request| match request.line.contains("_count") {
        true => Told::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-half".to_vec()),
        false => fine(request),
    });
    let gate = Gate::before(&[&stub]);
    let answer = gate.developer("PUT", "/open/_doc/1", "{}");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = gate.developer("GET", "/open/_count", "");
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(answer.text().contains("the cluster behind this domain"), "{}", answer.text());
}
