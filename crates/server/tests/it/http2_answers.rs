//! What refused requests are answered over HTTP/2 (B19, B20, B22): no content to HEAD, 413 in words and a stream that
//! ends cleanly while its body still comes, a raw character that is named.

use std::time::Duration;

use crate::client::{Client, Key};
use crate::http2::{
    DATA, END_HEADERS, END_STREAM, Frame, GOAWAY, HEADERS, Http2, RST_STREAM, SETTINGS, frame,
};
use crate::service::Running;

/// The answer on a stream: its status, its content, and how the stream ended.
#[derive(Debug)]
struct Answer {
    status: u16,
    data: usize,
    text: String,
    /// The error code of a RST_STREAM behind it.
    reset: Option<u32>,
}

/// Reads the answer of a stream to its END_STREAM.
#[track_caller]
fn answer(client: &mut Http2, stream: u32) -> Answer {
    let mut answer = Answer { status: 0, data: 0, text: String::new(), reset: None };
    loop {
        let frame = client.of_stream(stream).expect("the connection ended without an answer");
        match frame.kind {
            HEADERS => answer.status = status(&frame),
            DATA => {
                answer.data += 1;
                answer.text.push_str(&String::from_utf8_lossy(&frame.payload));
            }
            RST_STREAM | GOAWAY => panic!("no whole answer: {answer:?}, {frame:?}"),
            _ => continue,
        }
        if frame.flags & END_STREAM != 0 {
            return answer;
        }
    }
}

/// `:status` is the first field: of the static table, or a literal (RFC 7541, appendix A).
fn status(frame: &Frame) -> u16 {
    let known = [(0x88, 200), (0x89, 204), (0x8a, 206), (0x8b, 304), (0x8c, 400), (0x8d, 404)];
    if let Some((_, status)) = known.iter().find(|(byte, _)| *byte == frame.payload[0]) {
        return *status;
    }
    let length = usize::from(frame.payload[1] & 0x7f);
    let text = &frame.payload[2..2 + length];
    let text = if frame.payload[1] & 0x80 == 0 {
        text.to_vec()
    } else {
        server::for_tests::huffman_decoded(text).unwrap()
    };
    String::from_utf8(text).unwrap().parse().unwrap()
}

/// Asks without a body, on a connection of its own.
#[track_caller]
fn ask(client: &Client, method: &str, target: &str, headers: &[(String, String)]) -> Answer {
    let mut http2 = Http2::connect(client);
    let more: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let block = http2.block(method, target, &more);
    http2.write(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block));
    answer(&mut http2, 1)
}

#[test]
fn no_answer_to_head_has_content() {
    let running = Running::start();
    let (domain, control, key) = (running.domain(), running.control("es"), running.developer());
    let wrong = Key { secret: sigv4::SecretKey::new("wrong"), ..key.clone() };
    assert_eq!(domain.signed(&key, "PUT", "/there/_doc/1", b"{}").status, 201);
    let requests = [
        (200, &domain, "/there", domain.sign(&key, "HEAD", "/there", &[], b"")),
        (200, &domain, "/there/_doc/1", domain.sign(&key, "HEAD", "/there/_doc/1", &[], b"")),
        (404, &domain, "/missing", domain.sign(&key, "HEAD", "/missing", &[], b"")),
        (403, &domain, "/there", Vec::new()),
        (403, &domain, "/there", domain.sign(&wrong, "HEAD", "/there", &[], b"")),
        (403, &domain, "/_nosuch", domain.sign(&key, "HEAD", "/_nosuch", &[], b"")),
        (405, &domain, "/_bulk", domain.sign(&key, "HEAD", "/_bulk", &[], b"")),
        (400, &domain, "/a/../b", domain.sign(&key, "HEAD", "/a/../b", &[], b"")),
        (400, &domain, "/a<b", Vec::new()),
        (403, &control, "/2015-01-01/es/domain", Vec::new()),
        (400, &control, "/a b", Vec::new()),
    ];
    for (status, client, target, headers) in requests {
        let answer = ask(client, "HEAD", target, &headers);
        assert_eq!((answer.status, answer.data), (status, 0), "{target}: {answer:?}");
    }
}

#[test]
fn head_is_told_the_length_that_get_has() {
    let running = Running::start();
    let domain = running.domain();
    let (get, head) =
        (domain.anonymous("GET", "/a/../b", b""), domain.anonymous("HEAD", "/a/../b", b""));
    assert_eq!((get.status, head.status), (400, 400));
    assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    assert!(head.body.is_empty(), "{}", head.text());
    assert_eq!(running.record(&head).bytes_out, 0);
    // Nor has the answer to a head that is not one.
    let raw = domain.raw(b"HEAD /a<b HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert_eq!((raw.status, raw.text().as_str()), (400, ""));
}

const WINDOW_UPDATE: u8 = 8;

const LARGE: &str = r#"{"Message":"Request size exceeded 100000 bytes"}"#;

/// A service that takes bodies of 100,000 bytes, and waits as long as no test does for what it refused.
fn small() -> Running {
    Running::start_with(None, |options| {
        options.settings.domains.body_bytes_max = 100_000;
        options.times.drain_body = Duration::from_secs(600);
    })
}

/// The head of a POST with a body of 200,000 bytes, signed, on stream 1.
fn post(http2: &Http2, domain: &Client, key: &Key, declared: bool) -> Vec<u8> {
    let headers = domain.sign(key, "POST", "/x/_doc", &[], &[b'x'; 200_000]);
    let mut more: Vec<(&str, &str)> =
        headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    if declared {
        more.push(("content-length", "200000"));
    }
    frame(HEADERS, END_HEADERS, 1, &http2.block("POST", "/x/_doc", &more))
}

#[test]
fn a_body_over_the_limit_is_413_in_amazons_words_while_it_still_comes() {
    let running = small();
    let (domain, key) = (running.domain(), running.developer());
    for (declared, pieces) in [(true, 0), (true, 3), (false, 7)] {
        let mut http2 = Http2::connect(&domain);
        // The larger windows of the service: the connection's is told, the streams' hold once they are acknowledged.
        let (mut settings, mut window) = (false, false);
        while !(settings && window) {
            let frame = http2.read().unwrap();
            settings |= frame.kind == SETTINGS && frame.flags == 0;
            window |= frame.kind == WINDOW_UPDATE && frame.stream == 0;
        }
        http2.write(&frame(SETTINGS, 1, 0, &[]));
        let head = post(&http2, &domain, &key, declared);
        http2.write(&head);
        for _ in 0..pieces {
            http2.write(&frame(DATA, 0, 1, &[b'x'; 16_384]));
        }
        let refused = answer(&mut http2, 1);
        assert_eq!((refused.status, refused.text.as_str()), (413, LARGE), "{declared} {pieces}");
        // The rest may come; the stream ends without an error, and the connection serves the next.
        http2.write(&frame(DATA, 0, 1, &[b'x'; 16_384]));
        let signed = domain.sign(&key, "GET", "/", &[], b"");
        let more: Vec<(&str, &str)> =
            signed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let block = http2.block("GET", "/", &more);
        http2.write(&frame(HEADERS, END_STREAM | END_HEADERS, 3, &block));
        let next = std::iter::from_fn(|| http2.read()).find(|frame| {
            assert_ne!(frame.kind, GOAWAY, "{frame:?}");
            assert!(frame.stream != 1 || frame.kind == WINDOW_UPDATE, "{frame:?}");
            frame.stream == 3 && frame.kind == HEADERS
        });
        assert!(next.is_some(), "the connection ended");
    }
}

#[test]
fn over_http_1_1_a_body_over_the_limit_reads_the_same() {
    let running =
        Running::start_with(None, |options| options.settings.domains.body_bytes_max = 100_000);
    let (domain, key) = (running.domain(), running.developer());
    let answer = domain.signed(&key, "POST", "/x/_doc", &[b'x'; 100_001]);
    assert_eq!((answer.status, answer.text().as_str()), (413, LARGE));
    // The control plane's own words and limit.
    let control = running.control("es");
    let answer = control.signed(&key, "POST", "/2015-01-01/es/domain", &[b' '; 1_048_577]);
    let told = r#"{"message":"Request size exceeded 1048576 bytes"}"#;
    assert_eq!((answer.status, answer.text().as_str()), (413, told));
}

#[test]
fn who_sends_on_behind_a_refusal_has_its_stream_reset_without_an_error() {
    let running = Running::start_with(None, |options| {
        options.settings.domains.body_bytes_max = 100_000;
        options.times.drain_body = Duration::from_millis(50);
    });
    let (domain, key) = (running.domain(), running.developer());
    let mut http2 = Http2::connect(&domain);
    let head = post(&http2, &domain, &key, true);
    http2.write(&head);
    let mut refused = answer(&mut http2, 1);
    let reset = http2.of_stream(1).unwrap();
    refused.reset = reset.payload[..4].try_into().ok().map(u32::from_be_bytes);
    assert_eq!((refused.status, reset.kind, refused.reset), (413, RST_STREAM, Some(0)));
}

#[test]
fn a_refusal_on_the_head_does_not_wait_for_the_body() {
    let running = small();
    let (domain, key) = (running.domain(), running.developer());
    let unknown = Key { id: "AKIAAAAAAAAAAAAAAAAA".to_owned(), ..key };
    for more in [
        vec![("authorization", "Bearer x")],
        vec![("content-encoding", "a"), ("content-encoding", "b")],
    ] {
        let mut http2 = Http2::connect(&domain);
        let block = http2.block("POST", "/x/_doc", &more);
        http2.write(&frame(HEADERS, END_HEADERS, 1, &block));
        http2.write(&frame(DATA, 0, 1, b"half"));
        let refused = answer(&mut http2, 1);
        assert!([400, 403].contains(&refused.status), "{refused:?}");
    }
    let mut http2 = Http2::connect(&domain);
    let head = post(&http2, &domain, &unknown, false);
    http2.write(&head);
    assert_eq!(answer(&mut http2, 1).status, 403);
}

#[test]
fn a_character_that_must_be_encoded_is_named_over_both_protocols() {
    let running = Running::start();
    let domain = running.domain();
    for (target, told) in [
        (
            "/x/_search?q=t:\"hello\"",
            "byte 16 of the request target is '\"': send it percent-encoded, as %22",
        ),
        ("/x?q=a<b", "byte 7 of the request target is '<': send it percent-encoded, as %3C"),
        ("/x`", "byte 3 of the request target is '`': send it percent-encoded, as %60"),
        ("/a b", "byte 3 of the request target is a space: send it percent-encoded, as %20"),
        ("/x?a=b#c", "byte 7 of the request target is '#': send it percent-encoded, as %23"),
    ] {
        let over_2 = ask(&domain, "GET", target, &[]);
        let json: serde_json::Value = serde_json::from_str(&over_2.text).unwrap();
        assert_eq!((over_2.status, json["message"].as_str()), (400, Some(told)));
        let record = running.newest(|record| record.status == 400);
        assert_eq!(record.refusal.unwrap(), format!("malformed: {told}"));
        assert_eq!((record.path.as_str(), record.query.as_str()), ("", ""), "{target}");
        let over_1 = domain.raw(format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
        assert_eq!((over_1.status, over_1.json()["message"].as_str()), (400, Some(told)));
        let record = running.record(&over_1);
        assert_eq!(record.refusal.unwrap(), format!("malformed: {told}"));
    }
    // Line ends are no way into the head, and a target is a path.
    for (target, told) in [
        ("/ HTTP/1.1\r\nhost: x", "byte 2 of the request target is a space"),
        ("/a\r\nx: y", "byte 3 of the request target is the control character 0x0D"),
        ("x", "the request target does not begin with '/'"),
    ] {
        let refused = ask(&domain, "GET", target, &[]);
        assert!(refused.status == 400 && refused.text.contains(told), "{refused:?}");
    }
    assert_eq!(ask(&domain, "GET", "/{a}|^\"b?c={d}|`\\", &[]).status, 403, "these pass");
}
