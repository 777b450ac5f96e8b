//! What a small request costs, counted and not timed: how often the thread that serves it allocates.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustls::{ClientConnection, StreamOwned};

use crate::service::Running;

/// Requests that are counted, after as many that are not: what is kept once made is made by then.
const REQUESTS: usize = 50;

/// Asks over one connection, so often.
fn ask(stream: &mut StreamOwned<ClientConnection, TcpStream>, request: &[u8]) {
    let mut answer = [0; 4096];
    for _ in 0..REQUESTS {
        stream.write_all(request).unwrap();
        let mut length = 0;
        // The answer to `GET /` ends its object with the only brace at a line's start, or at all.
        while !answer[..length].ends_with(b"}") {
            length += stream.read(&mut answer[length..]).unwrap();
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn a_small_signed_request_allocates_no_more_than_it_did() {
    let running = Running::start_on_one_thread();
    let (client, key) = (running.domain(), running.developer());
    let headers = client.sign(&key, "GET", "/", &[], b"");
    let mut request = format!("GET / HTTP/1.1\r\nhost: {}\r\n", client.host());
    headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    let request = (request + "\r\n").into_bytes();
    let again = request.clone();
    let mut stream = running.while_done(move || {
        let mut stream = client.connect();
        ask(&mut stream, &request);
        stream
    });
    let counted = allocation_counter::measure(|| {
        running.while_done(move || ask(&mut stream, &again));
    });
    let each = counted.count_total / REQUESTS as u64;
    assert!(each <= 87, "{each} allocations of {} bytes", counted.bytes_total / REQUESTS as u64);
}

#[test]
fn a_short_search_of_one_index_is_answered_by_the_thread_that_read_it() {
    let running = Running::start();
    let (client, key) = (running.domain(), running.developer());
    let send = |method, target, body: &str| {
        let answer = client.signed(&key, method, target, body.as_bytes());
        assert!(answer.status < 300, "{target}: {}", answer.text());
    };
    send("PUT", "/books/_doc/1?refresh=true", r#"{"title":"Frankenstein"}"#);
    let handed = |body: &str| {
        let before = running.service().state().pool.handed();
        send("POST", "/books/_search", body);
        running.service().state().pool.handed() - before
    };
    let short = r#"{"query":{"match":{"title":"frankenstein"}}}"#;
    // The field's lengths are counted by the first search.
    assert_eq!(handed(short), 1);
    assert_eq!(handed(short), 0);
    // More hits than are known to be short.
    assert_eq!(handed(r#"{"query":{"match":{"title":"frankenstein"}},"size":21}"#), 1);
}
