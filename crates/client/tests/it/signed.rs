//! The client that programs use, before an endpoint that verifies every signature, and before some that fail.

use std::time::Duration;

use client::credentials::{CredentialCache, Credentials};
use client::signed::{ClientFault, ClientOptions, SearchClient};
use http::Method;
use sigv4::SessionToken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::upstream::{KEY_ID, SECRET, TOKEN, Upstream, now};

fn options(url: &str) -> ClientOptions {
    let token = Some(SessionToken::new(TOKEN));
    let key = Credentials { session_token: token, ..Credentials::new(KEY_ID, SECRET) };
    let options = ClientOptions::new(url, now).unwrap().region("us-east-1");
    options.credentials(CredentialCache::fixed(key))
}

async fn client(upstream: &Upstream) -> SearchClient {
    SearchClient::open(options(&upstream.url).ca(upstream.ca.path())).await.unwrap()
}

/// An endpoint that gives these answers, each to one request, and then ends; how many requests came.
async fn scripted(answers: &'static [&'static str]) -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut count = 0;
        for answer in answers {
            let next = tokio::time::timeout(Duration::from_secs(2), listener.accept()).await;
            let Ok(Ok((mut stream, _))) = next else { break };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            count += 1;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        count
    });
    (url, served)
}

const BUSY: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

#[tokio::test]
async fn a_request_is_signed_with_its_body_and_its_answer_is_read() {
    let upstream = Upstream::start().await;
    let client = client(&upstream).await;
    let request = client.request(Method::POST, "/books/_search?size=1").header("x-opaque-id", "me");
    let answer = request.json(&serde_json::json!({"size": 0})).send().await.unwrap();
    assert_eq!((answer.status(), answer.headers()["x-hop"].to_str().unwrap()), (200, "1"));
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["ok"], true);
    let seen = upstream.only();
    assert_eq!(seen.verdict, Ok(()));
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/books/_search?size=1"));
    assert_eq!(seen.headers["x-opaque-id"], "me");
    assert_eq!(seen.headers["content-type"], "application/json");
}

#[tokio::test]
async fn names_and_ids_are_signed_as_they_are_encoded() {
    let upstream = Upstream::start().await;
    let client = client(&upstream).await;
    let found = client.document::<serde_json::Value>("books", "a/b c%").await;
    assert!(matches!(found, Err(ClientFault::Unreadable(_))), "it has no source");
    let seen = upstream.only();
    assert_eq!((seen.target.as_str(), seen.verdict), ("/books/_doc/a%2Fb%20c%25", Ok(())));
}

#[tokio::test]
async fn a_long_body_is_read_hashed_and_sent() {
    let upstream = Upstream::start().await;
    let client = client(&upstream).await;
    let length = 3 * client::spool::MEMORY_BYTES_MAX;
    let body = tokio::io::repeat(b'x').take(length as u64);
    let request = client.request(Method::PUT, "/x/_doc/1").upload("application/json", body);
    let answer = request.await.unwrap().send().await.unwrap().ok().await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), b"{\"ok\":true}");
    let seen = upstream.only();
    assert_eq!((seen.body_bytes, seen.verdict), (length, Ok(())));
}

#[tokio::test]
async fn a_refusal_is_an_answer_until_it_is_asked_whether_it_is_well() {
    let upstream = Upstream::start().await;
    let client = client(&upstream).await;
    let answer = client.request(Method::GET, "/denied").send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let refused = answer.ok().await.err().unwrap();
    assert_eq!(refused.to_string(), "the endpoint refuses with 403: {\"ok\":true}");
}

#[tokio::test]
async fn an_endpoint_that_is_busy_is_asked_again_where_that_is_safe() {
    for (method, repeatable, count, status) in [
        (Method::GET, None, 2, 200),
        (Method::PUT, Some(false), 1, 503),
        (Method::POST, None, 1, 503),
        (Method::POST, Some(true), 2, 200),
    ] {
        let (url, served) = scripted(&[BUSY, FINE]).await;
        let client = SearchClient::open(options(&url)).await.unwrap();
        let mut request = client.request(method.clone(), "/x");
        if let Some(repeatable) = repeatable {
            request = request.repeatable(repeatable);
        }
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status(), served.await.unwrap()), (status, count), "{method}");
    }
}

#[tokio::test]
async fn an_endpoint_that_breaks_off_may_have_done_it() {
    let (url, served) = scripted(&["HTTP/1.1 2"]).await;
    let client = SearchClient::open(options(&url).tries_max(1)).await.unwrap();
    let broken = client.request(Method::POST, "/x").send().await.err().unwrap();
    assert!(matches!(broken, ClientFault::BrokeOff(_)), "{broken}");
    assert_eq!(served.await.unwrap(), 1);
}

#[tokio::test]
async fn who_is_not_there_was_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = SearchClient::open(options(&url).tries_max(2)).await.unwrap();
    let away = client.request(Method::POST, "/x").send().await.err().unwrap();
    assert!(matches!(away, ClientFault::Unreachable(_)), "{away}");
}

#[tokio::test]
async fn an_endpoint_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let silent = options(&url).answer_time_max(Duration::from_millis(100));
    let client = SearchClient::open(silent).await.unwrap();
    let late = client.request(Method::GET, "/x").send().await.err().unwrap();
    assert!(matches!(late, ClientFault::TimedOut), "{late}");
}

#[tokio::test]
async fn what_is_no_header_is_told_when_the_request_is_sent() {
    let upstream = Upstream::start().await;
    let client = client(&upstream).await;
    let wrong = client.request(Method::GET, "/x").header("a b", "c").send().await.err().unwrap();
    assert_eq!(wrong.to_string(), "[a b: c] is no header");
    assert!(upstream.seen().is_empty());
}
