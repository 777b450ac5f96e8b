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
    assert!(each <= 102, "{each} allocations of {} bytes", counted.bytes_total / REQUESTS as u64);
}
