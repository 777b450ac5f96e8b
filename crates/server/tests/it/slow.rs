//! Clients that take their time (B7): each is cut by a limit on time, which these services have made short.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use server::TimeLimits;

use crate::client::Client;
use crate::service::Running;

/// How long an attacker waits for a byte between two of its own.
const PAUSE: Duration = Duration::from_millis(20);

fn hurried(edit: impl FnOnce(&mut TimeLimits)) -> Running {
    Running::start_with(None, |options| edit(&mut options.times))
}

/// Sends the bytes of `drip` over and over, one after each pause, until the service has enough of it.
/// Returns what it said.
fn trickle(client: &Client, head: &str, drip: &[u8]) -> String {
    let mut stream = client.connect();
    stream.write_all(head.replace("HOST", &client.host()).as_bytes()).unwrap();
    stream.sock.set_read_timeout(Some(PAUSE)).unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    for byte in drip.iter().cycle().take(2_000) {
        match stream.read(&mut buffer) {
            Ok(0) => return String::from_utf8(received).unwrap(),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return String::from_utf8(received).unwrap(),
        }
        // An error here is told by the next read.
        let _ = stream.write_all(&[*byte]).and_then(|()| stream.flush());
    }
    panic!("not cut after {:?}", PAUSE * 2_000);
}

#[track_caller]
fn serves(running: &Running) {
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[test]
fn a_head_that_comes_a_byte_at_a_time_is_cut_and_written_down() {
    let running = hurried(|times| times.head = Duration::from_secs(1));
    let said = trickle(&running.domain(), "GET / HTTP/1.1\r\nhost: HOST\r\nx: ", b"a");
    assert_eq!(said, "");
    let record = running.newest(|record| record.method.is_empty());
    assert_eq!((record.status, record.stage), (408, server::for_tests::Stage::Parse));
    assert_eq!(record.refusal.as_deref(), Some("malformed: the head was not completed"));
    serves(&running);
}

#[test]
fn a_connection_that_says_nothing_is_cut() {
    let running = hurried(|times| {
        times.handshake = Duration::from_secs(1);
        times.head = Duration::from_secs(1);
    });
    // Before the handshake, and behind it.
    let mut silent = TcpStream::connect(("127.0.0.1", running.domain().port)).unwrap();
    silent.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert_eq!(silent.read(&mut [0; 16]).unwrap_or(0), 0);
    assert_eq!(trickle(&running.domain(), "", b"\r\n"), "");
    serves(&running);
}

#[test]
fn a_connection_that_shakes_hands_and_asks_nothing_is_closed_as_tls_ends() {
    let running = hurried(|times| times.head = Duration::from_secs(1));
    let mut stream = running.domain().connect();
    stream.conn.complete_io(&mut stream.sock).unwrap();
    // An end without TLS's own would be an error: the client could not tell it from an attack.
    assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0);
    serves(&running);
}

#[test]
fn a_body_that_stops_or_never_ends_is_408() {
    let running = hurried(|times| {
        times.body_piece = Duration::from_millis(500);
        times.body = Duration::from_secs(1);
    });
    let domain = running.domain();
    let stops = "POST /x/_doc HTTP/1.1\r\nhost: HOST\r\ncontent-length: 10\r\n\r\nhalf";
    let mut stream = domain.connect();
    stream.write_all(stops.replace("HOST", &domain.host()).as_bytes()).unwrap();
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    let answer = &crate::client::answers(&received)[0];
    assert_eq!(answer.status, 408, "{}", answer.text());
    assert_eq!(running.record(answer).refusal.unwrap(), "malformed: the body stopped arriving");
    let drips = "POST /x/_doc HTTP/1.1\r\nhost: HOST\r\ncontent-length: 1000000\r\n\r\n";
    let said = trickle(&domain, drips, b" ");
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("the body took too long"), "{said}");
    serves(&running);
}

#[test]
fn a_client_that_never_reads_is_cut() {
    let running = hurried(|times| times.write_stall = Duration::from_millis(500));
    let (domain, key) = (running.domain(), running.developer());
    let document = serde_json::json!({ "text": "word ".repeat(400_000) }).to_string();
    assert_eq!(domain.signed(&key, "PUT", "/long/_doc/1", document.as_bytes()).status, 201);
    let mut request = format!("GET /long/_doc/1 HTTP/1.1\r\nhost: {}\r\n", domain.host());
    for (name, value) in domain.sign(&key, "GET", "/long/_doc/1", &[], b"") {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    assert!(running.eventually(|running| running.connections() == 0));
    let mut stream = domain.connect();
    // 100 MB of answers: more than the kernel holds for both ends.
    stream.write_all(request.repeat(50).as_bytes()).unwrap();
    // The answers are never read: the service lets go of the connection by itself.
    assert!(
        running.eventually(|running| running.connections() == 0),
        "the connection still stands"
    );
    serves(&running);
}

/// A head that is refused at its first line.
const BROKEN: &[u8] = b"GET / HTTP/1.1\n";

/// A connection whose refusal was read to its end; it is still open at this side.
fn refused(running: &Running) -> impl Read + Write + use<> {
    let (mut stream, mut received) = (running.domain().connect(), Vec::new());
    stream.write_all(BROKEN).unwrap();
    stream.read_to_end(&mut received).unwrap();
    assert_eq!(crate::client::answers(&received)[0].status, 400);
    stream
}

#[test]
fn what_still_comes_behind_a_refusal_is_taken_so_that_no_reset_overtakes_it() {
    let running = hurried(|times| times.drain_body = Duration::from_secs(60));
    let mut stream = refused(&running);
    // A service that had closed would answer the first of these with a reset, and the next would fail.
    for _ in 0..3 {
        stream.write_all(&[b'x'; 4096]).and_then(|()| stream.flush()).unwrap();
        serves(&running);
    }
}

#[test]
fn behind_a_refusal_no_more_than_so_many_bytes_are_taken() {
    let running = hurried(|times| times.drain_body = Duration::from_secs(60));
    let mut stream = running.domain().connect();
    stream.write_all(BROKEN).unwrap();
    let piece = vec![b'x'; server::for_tests::limits::DRAIN_BYTES_MAX];
    let taken = (0..10).take_while(|_| stream.write_all(&piece).is_ok()).count();
    assert!(taken < 10, "all of it was taken");
    assert!(running.eventually(|running| running.connections() == 0));
}

#[test]
fn a_client_that_does_not_close_behind_its_refusal_counts_until_it_is_cut() {
    let running = hurried(|times| times.drain_body = Duration::from_secs(60));
    let stream = refused(&running);
    assert!(running.eventually(|running| running.connections() == 1));
    drop(stream);
    assert!(running.eventually(|running| running.connections() == 0));

    let running = hurried(|times| times.drain_body = Duration::from_millis(100));
    let stream = refused(&running);
    assert!(running.eventually(|running| running.connections() == 0));
    drop(stream);
}
