//! Any bytes to the TLS stream: a clear refusal, an audit record, the next request served.

use std::io::{Read, Write};
use std::sync::OnceLock;

use proptest::prelude::*;

use crate::service::Running;

/// One service for all cases: a case that ended it would fail the next.
fn service() -> &'static Running {
    static SERVICE: OnceLock<Running> = OnceLock::new();
    SERVICE.get_or_init(Running::start)
}

/// What an attacker without a key may read.
const REFUSALS: [u16; 9] = [400, 403, 408, 413, 414, 415, 417, 421, 431];

/// Pieces of requests in any order, and noise.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "GET / HTTP/1.1\r\n", "POST /x/_doc?a=b HTTP/1.1\r\n", "PUT /%2e%2e/x HTTP/1.0\r\n",
            "DELETE * HTTP/1.1\r\n", "CONNECT a:1 HTTP/1.1\r\n", "\r\n", "\r\n\r\n", "\n",
            "host: localhost\r\n", "host: HOST\r\n", "host: elsewhere\r\n", "content-length: 5\r\n",
            "content-length: 99999999999\r\n", "transfer-encoding: chunked\r\n",
            "expect: 100-continue\r\n", "upgrade: h2c\r\n", "content-encoding: gzip\r\n",
            "authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/es/aws4_request, SignedHeaders=host, Signature=00\r\n",
            "authorization: Basic eDp5\r\n", "x-amz-date: 20260101T000000Z\r\n",
            "x-amz-security-token: x\r\n", "5\r\nhello\r\n", "0\r\n\r\n", "hello",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 1..10).prop_map(|pieces| pieces.concat())
}

/// What the client ends behind a request may be read together with it: then hyper lets go of the request before its answer is begun.
#[test]
fn a_request_that_ends_with_its_connection_is_written_down() {
    let running = Running::start();
    let domain = running.domain();
    let before = running.service().state().audit.recent().len();
    let mut stream = domain.connect();
    stream.conn.complete_io(&mut stream.sock).unwrap();
    stream.conn.writer().write_all(b"DELETE * HTTP/1.1\r\n\r\n").unwrap();
    stream.conn.send_close_notify();
    let mut sealed = Vec::new();
    while stream.conn.wants_write() {
        stream.conn.write_tls(&mut sealed).unwrap();
    }
    // One write, so that all of it is there at once.
    stream.sock.write_all(&sealed).unwrap();
    stream.sock.shutdown(std::net::Shutdown::Write).unwrap();
    let written = |running: &Running| running.service().state().audit.recent().len() > before;
    assert!(running.eventually(written), "no record");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused_and_written_down_and_the_next_request_is_served(bytes in bytes()) {
        let running = service();
        let domain = running.domain();
        let before = running.service().state().audit.recent().len();
        let mut text = bytes.clone();
        // The host of this run, so that some requests come further than the host.
        if let Some(at) = text.windows(4).position(|window| window == b"HOST") {
            text.splice(at..at + 4, domain.host().into_bytes());
        }
        let mut stream = domain.connect();
        let _ = stream.write_all(&text).and_then(|()| stream.flush());
        stream.conn.send_close_notify();
        let _ = stream.flush();
        let _ = stream.sock.shutdown(std::net::Shutdown::Write);
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received);
        for answer in crate::client::answers(&received) {
            prop_assert!(REFUSALS.contains(&answer.status), "{}: {}", answer.status, answer.text());
            prop_assert!(running.record(&answer).status == answer.status);
        }
        if text.iter().any(|byte| !b"\r\n".contains(byte)) {
            let written = |running: &Running| running.service().state().audit.recent().len() > before;
            prop_assert!(running.eventually(written), "no record");
        }
        prop_assert_eq!(domain.anonymous("GET", "/", b"").status, 403);
    }
}
