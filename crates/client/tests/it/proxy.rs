//! `countersign proxy` before a TLS endpoint on loopback that verifies every signature. The client
//! is a socket, so that it can send what no library would.

use std::net::SocketAddr;
use std::sync::Arc;

use client::credentials::{CredentialCache, CredentialSource, Credentials, LoadingCredentials};
use client::endpoint::Endpoint;
use client::https::trust;
use client::outbound::Outbound;
use client::proxy::{BindError, Proxy, ProxySettings, everything};
use sigv4::{SecretKey, SessionToken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::upstream::{KEY_ID, SECRET, TOKEN, Upstream, now};

struct Fixed;

impl CredentialSource for Fixed {
    fn load(&self) -> LoadingCredentials<'_> {
        Box::pin(async {
            Ok(Credentials {
                access_key_id: KEY_ID.to_owned(),
                secret: SecretKey::new(SECRET),
                session_token: Some(SessionToken::new(TOKEN)),
                expires: Some(now() + jiff::SignedDuration::from_hours(1)),
            })
        })
    }
}

struct Running {
    upstream: Upstream,
    address: SocketAddr,
    admin: SocketAddr,
    _stop: oneshot::Sender<()>,
}

fn settings() -> ProxySettings {
    ProxySettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        admin: Some("127.0.0.1:0".parse().unwrap()),
        hosts: Vec::new(),
        password: None,
        trust_network: false,
        body_bytes_max: 8 * 1024 * 1024,
        body_idle_max: client::spool::IDLE_MAX,
        gate: everything,
        now,
    }
}

fn outbound(upstream: &Upstream, ca: Option<&std::path::Path>) -> Outbound {
    let endpoint = Endpoint::parse(&upstream.url).unwrap();
    let cache = CredentialCache::new(Box::new(Fixed));
    let ca = ca.unwrap_or_else(|| upstream.ca.path());
    Outbound::new(endpoint, "us-east-1", "es", cache, trust(Some(ca)).unwrap())
}

async fn running(settings: ProxySettings) -> Running {
    let upstream = Upstream::start().await;
    let outbound = outbound(&upstream, None);
    started(upstream, outbound, settings).await
}

async fn started(upstream: Upstream, outbound: Outbound, settings: ProxySettings) -> Running {
    let proxy = Proxy::bind(settings, outbound).await.unwrap();
    let (address, admin) = (proxy.address().unwrap(), proxy.admin_address().unwrap());
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(proxy.run(async {
        let _ = stopped.await;
    }));
    Running { upstream, address, admin, _stop: stop }
}

impl Running {
    /// Sends a request line and headers (`HOST` stands for the proxy's own), and a body.
    async fn ask(&self, head: &str, body: &[u8]) -> String {
        ask(self.address, &head.replace("HOST", &self.address.to_string()), body).await
    }
}

async fn ask(address: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{}\r\nConnection: close\r\n\r\n", head.trim().replace('\n', "\r\n"));
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body).await; // the proxy may refuse before it read all
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

#[tokio::test]
async fn a_request_without_credentials_arrives_signed() {
    let proxy = running(settings()).await;
    let head = "POST /books/_doc/a%2Fb%20%C3%BC*?refresh=true&q=a+b HTTP/1.1\nHost: HOST\n\
        Content-Type: application/json\nContent-Length: 2";
    let answer = proxy.ask(head, b"{}").await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.ends_with("{\"ok\":true}"));
    let seen = proxy.upstream.only();
    assert_eq!(seen.verdict, Ok(()));
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.target, "/books/_doc/a%2Fb%20%C3%BC*?refresh=true&q=a+b");
    assert_eq!(seen.body_bytes, 2);
}

#[tokio::test]
async fn f01_a_request_for_another_host_is_misdirected() {
    let proxy = running(settings()).await;
    for head in [
        "GET / HTTP/1.1\nHost: sts.amazonaws.com",
        "GET / HTTP/1.1\nHost: evil.example:80",
        "GET http://sts.amazonaws.com/ HTTP/1.1\nHost: HOST",
    ] {
        assert_eq!(status(&proxy.ask(head, b"").await), "421", "{head}");
    }
    for head in ["GET / HTTP/1.1", "GET / HTTP/1.1\nHost: HOST\nHost: HOST"] {
        assert_eq!(status(&proxy.ask(head, b"").await), "400", "{head}");
    }
    assert!(proxy.upstream.seen().is_empty());
}

#[tokio::test]
async fn f02_beyond_loopback_a_password_or_the_explicit_word_is_needed() {
    let upstream = Upstream::start().await;
    let open = || ProxySettings { listen: "0.0.0.0:0".parse().unwrap(), ..settings() };
    let refused = Proxy::bind(open(), outbound(&upstream, None)).await;
    assert!(matches!(refused, Err(BindError::Open(_))));
    let password = Some("correct horse".to_owned().into());
    let guarded = ProxySettings { password, ..open() };
    assert!(Proxy::bind(guarded, outbound(&upstream, None)).await.is_ok());
    let trusting = ProxySettings { trust_network: true, ..open() };
    assert!(Proxy::bind(trusting, outbound(&upstream, None)).await.is_ok());
}

#[tokio::test]
async fn f02_with_a_password_others_are_refused() {
    let password = Some("pass".to_owned().into());
    let proxy = running(ProxySettings { password, ..settings() }).await;
    for wrong in ["", "\nAuthorization: Basic dTpwYXM=", "\nAuthorization: Bearer pass"] {
        let answer = proxy.ask(&format!("GET / HTTP/1.1\nHost: HOST{wrong}"), b"").await;
        assert_eq!(status(&answer), "401", "{wrong}");
    }
    let right = "GET / HTTP/1.1\nHost: HOST\nAuthorization: Basic dTpwYXNz";
    assert_eq!(status(&proxy.ask(right, b"").await), "200");
    assert_eq!(proxy.upstream.only().verdict, Ok(()));
}

#[tokio::test]
async fn f02_a_password_is_guessed_five_times_and_then_the_right_one_waits_too() {
    let password = Some("pass".to_owned().into());
    let proxy = running(ProxySettings { password, ..settings() }).await;
    let with = |sent: &str| format!("GET / HTTP/1.1\nHost: HOST\nAuthorization: Basic {sent}");
    for _ in 0..5 {
        assert_eq!(status(&proxy.ask(&with("dTpwYXM="), b"").await), "401");
    }
    let answer = proxy.ask(&with("dTpwYXNz"), b"").await;
    assert_eq!(status(&answer), "429", "{answer}");
    assert!(answer.contains("too many wrong passwords: try again in 30 s"), "{answer}");
}

#[tokio::test]
async fn f03_cookies_pass_untouched_and_are_not_kept() {
    let proxy = running(settings()).await;
    let answer = proxy.ask("GET /cookie HTTP/1.1\nHost: HOST\nCookie: mine=1", b"").await;
    assert!(answer.contains("set-cookie: a=1\r\nset-cookie: b=2"), "{answer}");
    proxy.ask("GET / HTTP/1.1\nHost: HOST", b"").await;
    let seen = proxy.upstream.seen();
    assert_eq!(seen[0].headers["cookie"], "mine=1");
    assert!(!seen[1].headers.contains_key("cookie"));
}

#[tokio::test]
async fn f04_redirects_are_not_followed() {
    let proxy = running(settings()).await;
    let elsewhere = proxy.ask("GET /elsewhere HTTP/1.1\nHost: HOST", b"").await;
    assert_eq!(status(&elsewhere), "302");
    assert!(elsewhere.contains("location: https://evil.example/stolen"));
    let own = proxy.ask("GET /moved HTTP/1.1\nHost: HOST", b"").await;
    assert!(own.contains("location: /new?a=b\r\n"), "{own}");
    assert_eq!(proxy.upstream.seen().len(), 2);
}

#[tokio::test]
async fn f05_a_403_does_not_load_credentials_again() {
    let proxy = running(settings()).await;
    for _ in 0..3 {
        assert_eq!(status(&proxy.ask("GET /denied HTTP/1.1\nHost: HOST", b"").await), "403");
    }
    let page = ask(proxy.admin, "GET /metrics HTTP/1.1\nHost: any", b"").await;
    assert!(page.contains("countersign_proxy_credential_loads_total 1\n"), "{page}");
    assert!(page.contains("countersign_proxy_answers_total{class=\"4xx\"} 3\n"), "{page}");
    assert!(page.contains("countersign_proxy_credentials_expire_seconds 3600\n"), "{page}");
}

#[tokio::test]
async fn f07_a_long_body_spills_and_arrives_whole() {
    let proxy = running(settings()).await;
    let body = vec![b'x'; 5 * 1024 * 1024];
    let head = format!("POST /_bulk HTTP/1.1\nHost: HOST\nContent-Length: {}", body.len());
    assert_eq!(status(&proxy.ask(&head, &body).await), "200");
    let seen = proxy.upstream.only();
    assert_eq!((seen.verdict, seen.body_bytes), (Ok(()), body.len()));
    assert_eq!(seen.headers["content-length"], body.len().to_string());
    let page = ask(proxy.admin, "GET /metrics HTTP/1.1\nHost: any", b"").await;
    assert!(page.contains("countersign_proxy_spilled_total 1\n"));
}

#[tokio::test]
async fn f07_a_chunked_body_arrives_with_its_length() {
    let proxy = running(settings()).await;
    let head = "POST /_bulk HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked\n\
        Content-Encoding: gzip";
    let answer = proxy.ask(head, b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Amz-Evil: 1\r\n\r\n").await;
    assert_eq!(status(&answer), "200");
    let seen = proxy.upstream.only();
    assert_eq!((seen.verdict, seen.body_bytes), (Ok(()), 5));
    assert_eq!(seen.headers["content-length"], "5");
    assert_eq!(seen.headers["content-encoding"], "gzip");
    assert!(!seen.headers.contains_key("transfer-encoding"));
}

#[tokio::test]
async fn f07_a_slow_upload_is_sent_on_only_when_it_is_whole() {
    let proxy = running(settings()).await;
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    let head = format!(
        "POST /_bulk HTTP/1.1\r\nHost: {}\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n",
        proxy.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    for piece in ["ab", "cd"] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        // Another request goes the whole way meanwhile: the slow one holds nobody up.
        assert_eq!(status(&proxy.ask("GET / HTTP/1.1\nHost: HOST", b"").await), "200");
    }
    assert!(proxy.upstream.seen().iter().all(|seen| seen.method == "GET"));
    stream.write_all(b"ef").await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let seen = proxy.upstream.seen();
    let posted = seen.iter().find(|seen| seen.method == "POST").unwrap();
    assert_eq!((posted.verdict.clone(), posted.body_bytes), (Ok(()), 6));
}

#[tokio::test]
async fn f10_every_request_to_serverless_carries_the_bodys_hash() {
    let upstream = Upstream::start().await;
    let endpoint = Endpoint::parse(&upstream.url).unwrap();
    let (cache, trusted) =
        (CredentialCache::new(Box::new(Fixed)), trust(Some(upstream.ca.path())).unwrap());
    let outbound = Outbound::new(endpoint, "us-east-1", "aoss", cache, trusted);
    let proxy = started(upstream, outbound, settings()).await;
    proxy.ask("GET /_cat/indices HTTP/1.1\nHost: HOST", b"").await;
    let seen = proxy.upstream.only();
    let nothing = sigv4::PayloadHash::of(b"").to_hex();
    assert_eq!(seen.headers["x-amz-content-sha256"], nothing);
    let signature = seen.headers["authorization"].to_str().unwrap();
    assert!(signature.contains("/us-east-1/aoss/aws4_request"), "{signature}");
    assert!(signature.contains("x-amz-content-sha256"), "{signature}");
}

#[tokio::test]
async fn f02_health_and_metrics_are_not_shown_beyond_loopback_unasked() {
    let upstream = Upstream::start().await;
    let open = ProxySettings { admin: Some("0.0.0.0:0".parse().unwrap()), ..settings() };
    let refused = Proxy::bind(open, outbound(&upstream, None)).await;
    assert!(matches!(refused, Err(BindError::Open(_))));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let proxy = running(ProxySettings { body_bytes_max: 10, ..settings() }).await;
    let head = "POST /_bulk HTTP/1.1\nHost: HOST\nContent-Length: 11";
    assert_eq!(status(&proxy.ask(head, b"01234567890").await), "413");
    assert!(proxy.upstream.seen().is_empty());
}

#[tokio::test]
async fn a_body_that_stops_is_given_up_and_nothing_of_it_goes_on() {
    let idle = std::time::Duration::from_millis(100);
    let proxy = running(ProxySettings { body_idle_max: idle, ..settings() }).await;
    let head = "POST /_bulk HTTP/1.1\nHost: HOST\nContent-Length: 11";
    let answer = proxy.ask(head, b"01234").await;
    assert_eq!(status(&answer), "408", "{answer}");
    assert!(answer.contains("the body stopped arriving"), "{answer}");
    assert!(proxy.upstream.seen().is_empty());
}

#[tokio::test]
async fn f08_a_clients_own_credentials_and_hop_by_hop_headers_are_removed() {
    let proxy = running(settings()).await;
    let head = "GET /?X-Amz-Signature=forged&X-Amz-Credential=a&q=1 HTTP/1.1\nHost: HOST\n\
        Authorization: AWS4-HMAC-SHA256 Credential=stolen\nX-Amz-Date: 20000101T000000Z\n\
        X-Amz-Security-Token: stolen\nX-Amz-Target: evil\nx-amz-content-sha256: UNSIGNED-PAYLOAD\n\
        Proxy-Authorization: Basic eA==\nTE: trailers\nKeep-Alive: timeout=5\nUpgrade: h2c\n\
        Connection: X-Private\nX-Private: 1\nX-Opaque-Id: kept";
    assert_eq!(status(&proxy.ask(head, b"").await), "200");
    let seen = proxy.upstream.only();
    assert_eq!(seen.verdict, Ok(()));
    assert_eq!(seen.target, "/?q=1");
    assert_eq!(seen.headers["x-opaque-id"], "kept");
    for gone in ["x-amz-target", "proxy-authorization", "te", "keep-alive", "upgrade", "x-private"]
    {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(seen.headers.get_all("authorization").iter().count(), 1);
}

#[tokio::test]
async fn f08_expect_is_answered_here_and_does_not_go_on() {
    let proxy = running(settings()).await;
    let head = "POST /_bulk HTTP/1.1\nHost: HOST\nExpect: 100-continue\nContent-Length: 2";
    let answer = proxy.ask(head, b"{}").await;
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
    assert!(!proxy.upstream.only().headers.contains_key("expect"));
}

#[tokio::test]
async fn f11_the_gate_decides_before_anything_is_sent() {
    fn searches_only(_: &str, path: &str, _: &str) -> Result<(), String> {
        if path.ends_with("/_search") { Ok(()) } else { Err("read-only".to_owned()) }
    }
    let proxy = running(ProxySettings { gate: searches_only, ..settings() }).await;
    assert_eq!(status(&proxy.ask("POST /a/_search HTTP/1.1\nHost: HOST", b"").await), "200");
    let refused = proxy.ask("DELETE /a HTTP/1.1\nHost: HOST", b"").await;
    assert_eq!(status(&refused), "403");
    assert!(refused.ends_with("{\"message\":\"countersign proxy: read-only\"}"), "{refused}");
    assert_eq!(proxy.upstream.seen().len(), 1);
}

#[tokio::test]
async fn b14_an_untrusted_certificate_is_502_and_nothing_is_sent() {
    let (upstream, other) = (Upstream::start().await, Upstream::start().await);
    let outbound = outbound(&upstream, Some(other.ca.path()));
    let proxy = started(upstream, outbound, settings()).await;
    let answer = proxy.ask("GET / HTTP/1.1\nHost: HOST", b"").await;
    assert_eq!(status(&answer), "502", "{answer}");
    assert!(proxy.upstream.seen().is_empty());
    assert!(!answer.contains(SECRET) && !answer.contains(TOKEN));
}

#[tokio::test]
async fn health_is_on_a_listener_of_its_own() {
    let proxy = running(settings()).await;
    for path in ["/healthz", "/readyz"] {
        let answer = ask(proxy.admin, &format!("GET {path} HTTP/1.1\nHost: any"), b"").await;
        assert_eq!(status(&answer), "200", "{path}");
        proxy.ask(&format!("GET {path} HTTP/1.1\nHost: HOST"), b"").await;
    }
    assert_eq!(proxy.upstream.seen().len(), 2, "on the proxy's own port they are the endpoint's");
}

#[tokio::test]
async fn a_stopped_proxy_finishes_and_frees_its_port() {
    let upstream = Upstream::start().await;
    let outbound = outbound(&upstream, None);
    let proxy = Proxy::bind(settings(), outbound).await.unwrap();
    let address = proxy.address().unwrap();
    let idle = TcpStream::connect(address).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let run = tokio::spawn(proxy.run(async {
        let _ = stopped.await;
    }));
    ask(address, &format!("GET / HTTP/1.1\nHost: {address}"), b"").await;
    stop.send(()).unwrap();
    run.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
    let _ = Arc::new(upstream);
}

#[tokio::test]
async fn f12_bytes_that_two_readers_could_read_differently_are_refused_and_nothing_is_sent() {
    let proxy = running(settings()).await;
    let head = |lines: &str| format!("POST /x HTTP/1.1\nHost: HOST\n{lines}");
    for (lines, told) in [
        (
            "Content-Length: 5\nTransfer-Encoding: chunked",
            "both Transfer-Encoding and Content-Length",
        ),
        (
            "Transfer-Encoding: chunked\nContent-Length: 0",
            "both Transfer-Encoding and Content-Length",
        ),
        ("Content-Length: 5\nContent-Length: 5", "more than one Content-Length"),
        ("Content-Length: +5", "a Content-Length that is not a plain number"),
        (
            "Transfer-Encoding: chunked\nTransfer-Encoding: chunked",
            "more than one Transfer-Encoding",
        ),
        ("X: y\n z", "a header continues on the next line"),
    ] {
        let answer =
            proxy.ask(&head(lines), b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n").await;
        assert_eq!(status(&answer), "400", "{lines}: {answer}");
        let told = format!("{{\"message\":\"countersign proxy: {told}\"}}");
        assert!(answer.ends_with(&told), "{lines}: {answer}");
    }
    // A chunk of odd form ends in the middle of its body.
    let chunked = head("Transfer-Encoding: chunked");
    let answer = proxy.ask(&chunked, b"+5\r\nhello\r\n0\r\n\r\n").await;
    assert_ne!(status(&answer), "200", "{answer}");
    assert!(proxy.upstream.seen().is_empty());
    let answer = proxy.ask(&chunked, b"5\r\nhello\r\n0\r\n\r\n").await;
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn f12_a_character_that_must_be_encoded_is_named() {
    let proxy = running(settings()).await;
    for (target, told) in [
        (
            "/x/_search?q=t:\"a\"",
            "byte 16 of the request target is '\\\"': send it percent-encoded, as %22",
        ),
        ("/a b", "byte 3 of the request target is a space: send it percent-encoded, as %20"),
    ] {
        let answer = proxy.ask(&format!("GET {target} HTTP/1.1\nHost: HOST"), b"").await;
        assert_eq!(status(&answer), "400", "{answer}");
        assert!(answer.contains(&format!("countersign proxy: {told}")), "{answer}");
    }
    let head = proxy.ask("HEAD /a<b HTTP/1.1\nHost: HOST", b"").await;
    assert!(status(&head) == "400" && head.ends_with("\r\n\r\n"), "{head}");
    let answer = proxy.ask("NONSENSE", b"").await;
    assert!(answer.ends_with("\"countersign proxy: this is not an HTTP request\"}"), "{answer}");
    assert!(proxy.upstream.seen().is_empty());
}
