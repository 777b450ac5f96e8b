//! One connection, bytes that two readers could take for different requests (B1 to B4, A10, A11): each is
//! 400 and the end of the connection, is written down, and executes nothing.

use crate::client::{Answer, Client};
use crate::service::Running;

/// Sends the bytes, then `GET /smuggled` as a second request, and reads until the service closes.
fn attack(client: &Client, bytes: &str) -> Vec<Answer> {
    let host = client.host();
    let second = format!("GET /smuggled HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let received = client.exchange((bytes.replace("HOST", &host) + &second).as_bytes());
    crate::client::answers(&received)
}

/// One answer, 400; the record says why; the second request was not read; the service serves on.
#[track_caller]
fn refused(running: &Running, bytes: &str) {
    let domain = running.domain();
    let answers = attack(&domain, bytes);
    assert_eq!(answers.len(), 1, "{bytes:?}: {answers:?}");
    assert_eq!(answers[0].status, 400, "{bytes:?}: {}", answers[0].text());
    assert_eq!(answers[0].header("connection"), Some("close"), "{bytes:?}");
    let record = running.record(&answers[0]);
    assert_eq!(record.status, 400, "{bytes:?}");
    let why = record.refusal.unwrap();
    assert!(why.starts_with("malformed: ") && record.decisions.is_empty(), "{bytes:?}: {why}");
    assert_eq!(domain.anonymous("GET", "/", b"").status, 403);
}

/// A request with these header lines, which ends in this body.
fn post(lines: &str, body: &str) -> String {
    format!("POST /x/_doc HTTP/1.1\r\nhost: HOST\r\n{lines}\r\n\r\n{body}")
}

#[test]
fn a_length_beside_a_transfer_coding_is_400() {
    let running = Running::start();
    for lines in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "transfer-encoding: chunked\r\ncontent-length: 0",
        "content-length: 0\r\ntransfer-encoding: xchunked",
    ] {
        refused(&running, &post(lines, "0\r\n\r\n"));
    }
}

#[test]
fn a_transfer_coding_that_is_not_plainly_chunked_is_400() {
    let running = Running::start();
    for coding in ["xchunked", "chunked, identity", "gzip, chunked", "identity", "\"chunked\"", ""]
    {
        refused(&running, &post(&format!("transfer-encoding: {coding}"), "0\r\n\r\n"));
    }
    let twice = "transfer-encoding: chunked\r\ntransfer-encoding: chunked";
    refused(&running, &post(twice, "0\r\n\r\n"));
    refused(&running, &post("transfer-encoding: x\r\ntransfer-encoding: chunked", "0\r\n\r\n"));
    refused(&running, &post("transfer-encoding : chunked", "0\r\n\r\n"));
    refused(&running, &post("transfer-encoding: chunked\r\nx: a\r\n b", "0\r\n\r\n"));
    refused(
        &running,
        "POST / HTTP/1.0\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    );
}

#[test]
fn two_lengths_or_one_that_is_no_number_are_400() {
    let running = Running::start();
    for lines in [
        "content-length: 1\r\ncontent-length: 2",
        "content-length: 2\r\ncontent-length: 2",
        "content-length: +10",
        "content-length: -1",
        "content-length: 0x0a",
        "content-length: 10 ,10",
        "content-length: 10, 10",
        "content-length: 1 0",
        "content-length: ",
        "content-length: 18446744073709551616",
    ] {
        refused(&running, &post(lines, "0123456789"));
    }
}

#[test]
fn lines_that_end_otherwise_than_in_crlf_are_400() {
    let running = Running::start();
    refused(&running, "GET / HTTP/1.1\nhost: HOST\n\n");
    refused(&running, "GET / HTTP/1.1\r\nhost: HOST\nx: y\r\n\r\n");
    refused(&running, "GET / HTTP/1.1\r\nhost: HOST\r\n\n");
    refused(&running, "GET / HTTP/1.1\r\nhost: HOST\rx: y\r\n\r\n");
}

#[test]
fn headers_that_are_folded_split_or_hold_nul_are_400() {
    let running = Running::start();
    for line in
        ["x: a\r\n b", "x: a\r\n\tb", " x: a", "x : a", "x\t: a", "x: a\0b", "x\0: a", "x", ": a"]
    {
        refused(&running, &format!("GET / HTTP/1.1\r\nhost: HOST\r\n{line}\r\n\r\n"));
    }
    refused(&running, "GET / HTTP/1.1\r\n host: HOST\r\n\r\n");
}

#[test]
fn chunks_that_two_readers_would_cut_differently_are_400() {
    let running = Running::start();
    let long = format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(64 * 1024));
    for body in [
        "5 \r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\r\nhello0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n",
        "\r\n",
        &long,
    ] {
        refused(&running, &post("transfer-encoding: chunked", body));
    }
}

#[test]
fn an_ambiguous_chunk_behind_many_good_ones_is_400() {
    let running = Running::start();
    let good = format!("186a0\r\n{}\r\n", "x".repeat(100_000)).repeat(5);
    refused(&running, &post("transfer-encoding: chunked", &format!("{good}5\r\nabcde0\r\n\r\n")));
}

#[test]
fn the_requests_before_an_ambiguous_one_are_answered() {
    let running = Running::start();
    let good = "GET / HTTP/1.1\r\nhost: HOST\r\n\r\n";
    let bad = post("transfer-encoding: chunked\r\ncontent-length: 5", "0\r\n\r\n");
    let answers = attack(&running.domain(), &format!("{good}{good}{bad}"));
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [403, 403, 400]);
}

#[test]
fn trailers_decide_nothing() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    // The credentials of a good request, where no credentials may be.
    let headers = domain.sign(&key, "PUT", "/trailed", &[], b"");
    let lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let request = format!(
        "PUT /trailed HTTP/1.1\r\nhost: HOST\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n0\r\n{}\r\nhost: elsewhere\r\n\r\n",
        lines.join("\r\n")
    );
    let answers = attack(&domain, &request);
    assert_eq!(answers[0].status, 403, "{}", answers[0].text());
    assert!(answers[0].text().contains("anonymous"), "{}", answers[0].text());
    assert_eq!(domain.signed(&key, "HEAD", "/trailed", b"").status, 404);
    // And the signature over a header is not met by a trailer of its name.
    let rest: Vec<&String> = lines.iter().filter(|line| !line.starts_with("x-amz-date")).collect();
    let rest: Vec<&str> = rest.into_iter().map(String::as_str).collect();
    let date = lines.iter().find(|line| line.starts_with("x-amz-date")).unwrap();
    let request = format!(
        "PUT /trailed HTTP/1.1\r\nhost: HOST\r\nconnection: close\r\n{}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n{date}\r\n\r\n",
        rest.join("\r\n")
    );
    assert_eq!(attack(&domain, &request)[0].status, 403);
}

#[test]
fn trailers_beyond_the_limits_are_400() {
    let running = Running::start();
    let large = format!("0\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    refused(&running, &post("transfer-encoding: chunked", &large));
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    refused(&running, &post("transfer-encoding: chunked", &format!("0\r\n{many}\r\n")));
}
