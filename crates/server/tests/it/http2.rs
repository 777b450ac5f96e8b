//! HTTP/2 by hand (B5, B6, A23): frames that no client library would write. Another client is served
//! while each attack runs, and the attacker's connection ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use crate::client::Client;
use crate::service::Running;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// `:status` of the static table (RFC 7541, appendix A): the first byte of an answer's header block.
const STATUS_400: u8 = 0x8c;

#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Http2 {
    stream: StreamOwned<ClientConnection, TcpStream>,
    host: String,
}

impl Http2 {
    pub(crate) fn connect(client: &Client) -> Self {
        let mut tls = (*client.tls).clone();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let tcp = TcpStream::connect(("127.0.0.1", client.port)).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        tcp.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        let name = ServerName::try_from(client.server_name.clone()).unwrap();
        let connection = ClientConnection::new(Arc::new(tls), name).unwrap();
        let mut stream = StreamOwned::new(connection, tcp);
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
        Self { stream, host: client.host() }
    }

    /// Writes; that the service has closed already is told by what is read afterwards.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
    }

    /// The usual pseudo-headers of `method path`, and more, as one header block.
    pub(crate) fn block(&self, method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
        let host = self.host.clone();
        let usual =
            [(":method", method), (":scheme", "https"), (":authority", &host), (":path", path)];
        usual.iter().chain(more).flat_map(|(name, value)| field(name, value)).collect()
    }

    /// Reads one frame; `None` when the connection is over.
    pub(crate) fn read(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// Reads until a frame of the stream itself comes, or the connection is over.
    pub(crate) fn of_stream(&mut self, stream: u32) -> Option<Frame> {
        std::iter::from_fn(|| self.read())
            .find(|frame| (frame.stream == stream && frame.kind != 8) || frame.kind == GOAWAY)
    }

    /// Reads to the end of the connection.
    fn read_out(mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.read()).collect()
    }
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A literal header field without indexing, name and value as they are (RFC 7541, section 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    [[0].as_slice(), &text(name), &text(value)].concat()
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    match text.len() {
        short @ 0..127 => bytes.push(u8::try_from(short).unwrap()),
        long => {
            bytes.push(127);
            let mut rest = long - 127;
            while rest >= 128 {
                bytes.push(u8::try_from(rest % 128).unwrap() | 128);
                rest /= 128;
            }
            bytes.push(u8::try_from(rest).unwrap());
        }
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

#[track_caller]
fn serves(running: &Running) {
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}

/// Sends the bytes in pieces, another client's requests between them, and sees the connection end.
#[track_caller]
fn flood(running: &Running, preamble: &[u8], piece: &[u8], times: usize) {
    let mut attacker = Http2::connect(&running.domain());
    attacker.write(preamble);
    for round in 0..4 {
        attacker.write(&piece.repeat(times / 4));
        if round == 1 {
            serves(running);
        }
    }
    let frames = attacker.read_out();
    assert!(frames.iter().all(|frame| frame.kind != HEADERS), "answered: {frames:?}");
    let record = running.newest(|record| record.method.is_empty());
    let why = record.refusal.unwrap();
    assert!(why.starts_with("malformed: HTTP/2: "), "{why}");
    serves(running);
}

/// The stream is reset, or the whole connection ends; either way no answer of a domain.
#[track_caller]
fn reset(running: &Running, block: impl FnOnce(&Http2) -> Vec<u8>) {
    let mut attacker = Http2::connect(&running.domain());
    let block = block(&attacker);
    attacker.write(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block));
    if let Some(frame) = attacker.of_stream(1) {
        assert!([RST_STREAM, GOAWAY].contains(&frame.kind), "{frame:?}");
    }
    serves(running);
}

#[test]
fn the_frames_of_these_tests_are_ones_that_are_answered() {
    // Otherwise the refusals below would show nothing.
    let running = Running::start();
    let (domain, key) = (running.domain(), running.developer());
    let mut client = Http2::connect(&domain);
    let signed = domain.sign(&key, "GET", "/", &[], b"");
    let more: Vec<(&str, &str)> = signed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let block = client.block("GET", "/", &more);
    client.write(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block));
    let answer = client.of_stream(1).unwrap();
    assert_eq!((answer.kind, answer.payload[0]), (HEADERS, 0x88), "{answer:?}");
}

#[test]
fn header_values_with_line_ends_reset_the_stream() {
    let running = Running::start();
    for value in ["a\r\nx-forged: b", "a\nb", "a\rb", "a\0b"] {
        reset(&running, |client| client.block("GET", "/", &[("x", value)]));
    }
}

#[test]
fn a_path_that_is_none_resets_the_stream() {
    let running = Running::start();
    reset(&running, |client| client.block("GET", "", &[]));
}

#[test]
fn headers_of_a_connection_reset_the_stream() {
    let running = Running::start();
    for field in [
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("upgrade", "h2c"),
        ("Host", "localhost"),
        (":path", "/twice"),
    ] {
        reset(&running, |client| client.block("GET", "/", &[field]));
    }
}

#[test]
fn a_length_that_the_data_does_not_have_is_no_request() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.developer());
    for (declared, data) in [("5", "{}"), ("1", "{}")] {
        let mut attacker = Http2::connect(&domain);
        let signed =
            domain.sign(&key, "PUT", "/forged", &[("content-type", "application/json")], b"{}");
        let mut more: Vec<(&str, &str)> =
            signed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        more.push(("content-length", declared));
        let block = attacker.block("PUT", "/forged", &more);
        attacker.write(&frame(HEADERS, END_HEADERS, 1, &block));
        attacker.write(&frame(DATA, END_STREAM, 1, data.as_bytes()));
        if let Some(frame) = attacker.of_stream(1)
            && frame.kind == HEADERS
        {
            assert_eq!(frame.payload[0], STATUS_400, "{declared}");
        }
    }
    assert_eq!(domain.signed(&key, "HEAD", "/forged", b"").status, 404);
}

#[test]
fn an_authority_that_is_not_the_host_is_400() {
    let running = Running::start();
    let mut attacker = Http2::connect(&running.domain());
    let block = attacker.block("GET", "/", &[("host", "elsewhere.example")]);
    attacker.write(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block));
    let answer = attacker.of_stream(1).unwrap();
    assert_eq!((answer.kind, answer.payload[0]), (HEADERS, STATUS_400), "{answer:?}");
    let record = running.newest(|record| record.status == 400);
    let why = "malformed: the request target and Host name different hosts";
    assert_eq!(record.refusal.as_deref(), Some(why));
    serves(&running);
}

#[test]
fn http2_is_chosen_in_the_handshake_or_not_at_all() {
    let running = Running::start();
    let domain = running.domain();
    let host = domain.host();
    let upgrade = format!(
        "GET / HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
    );
    assert_eq!(domain.raw(upgrade.as_bytes()).status, 400);
    assert_eq!(domain.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status, 400);
    serves(&running);
}

#[test]
fn streams_that_are_opened_and_reset_end_the_connection() {
    let running = Running::start();
    let mut attacker = Http2::connect(&running.domain());
    let block = attacker.block("GET", "/", &[]);
    for stream in (1..4_001).step_by(2) {
        attacker.write(
            &[
                frame(HEADERS, END_STREAM | END_HEADERS, stream, &block),
                frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()),
            ]
            .concat(),
        );
        if stream == 501 {
            serves(&running);
        }
    }
    drop(attacker.read_out());
    let record = running.newest(|record| record.method.is_empty());
    assert!(record.refusal.unwrap().starts_with("malformed: HTTP/2: "));
    serves(&running);
}

#[test]
fn many_more_streams_at_once_than_the_limit_end_the_connection() {
    let running = Running::start();
    let mut attacker = Http2::connect(&running.domain());
    let block = attacker.block("POST", "/x/_doc", &[]);
    // Bodies that never come.
    for stream in (1..20_001).step_by(2) {
        attacker.write(&frame(HEADERS, END_HEADERS, stream, &block));
        if stream == 10_001 {
            serves(&running);
        }
    }
    // Beyond the limit each is reset, beyond a number of resets the connection ends.
    drop(attacker.read_out());
    let record = running.newest(|record| record.method.is_empty());
    assert!(record.refusal.unwrap().starts_with("malformed: HTTP/2: "));
    serves(&running);
}

#[test]
fn headers_that_never_end_end_the_connection() {
    let running = Running::start();
    let part = frame(CONTINUATION, 0, 1, &field("x", &"y".repeat(1_000)));
    flood(&running, &frame(HEADERS, END_STREAM, 1, &field("x", "y")), &part, 4_000);
}

#[test]
fn floods_of_frames_that_ask_for_nothing_end_the_connection() {
    let running = Running::start();
    flood(&running, &[], &frame(SETTINGS, 0, 0, &[]), 4_000);
    flood(&running, &[], &frame(PING, 0, 0, &[0; 8]), 4_000);
    flood(&running, &[], &frame(2, 0, 1, &[0, 0, 0, 0, 1]), 4_000);
    flood(&running, &[], &frame(200, 0, 0, &[]), 4_000);
}
