//! The listeners under attack: groups A and B of the abuse cases, each as an attacker would send it.

use std::io::{Read, Write};

use crate::client::{Client, Key};
use crate::service::Running;

/// Sends a request line and headers as they stand, with a host and no body.
fn raw(client: &Client, request_line: &str, headers: &[&str]) -> u16 {
    let mut bytes = format!("{request_line}\r\nhost: {}\r\n", client.host());
    for header in headers {
        bytes.push_str(&format!("{header}\r\n"));
    }
    bytes.push_str("connection: close\r\n\r\n");
    let answer = client.raw(bytes.as_bytes());
    assert!(answer.header("x-amzn-requestid").is_some(), "no request id on {}", answer.status);
    answer.status
}

/// The service still serves after an attack.
fn serves(running: &Running, key: &Key) {
    assert_eq!(running.domain().signed(key, "GET", "/", b"").status, 200);
}

#[test]
fn a_header_that_decides_may_not_come_twice() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let headers = domain.sign(&key, "GET", "/", &[], b"");
    let lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        let twice = lines.iter().find(|line| line.starts_with(name)).unwrap();
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.push(twice);
        assert_eq!(raw(&domain, "GET / HTTP/1.1", &lines), 400, "{name}");
    }
    let host = format!("host: {}", domain.host());
    let mut once: Vec<&str> = lines.iter().map(String::as_str).collect();
    once.push(&host);
    assert_eq!(raw(&domain, "GET / HTTP/1.1", &once), 400, "host");
    serves(&running, &key);
}

#[test]
fn heads_beyond_the_limits_are_431_with_a_request_id() {
    let running = Running::start();
    let domain = running.domain();
    let large = format!("x-large: {}", "a".repeat(100_000));
    assert_eq!(raw(&domain, "GET / HTTP/1.1", &[&large]), 431);
    let many: Vec<String> = (0..200).map(|n| format!("x-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(raw(&domain, "GET / HTTP/1.1", &many), 431);
}

#[test]
fn bytes_that_are_no_http_are_400_with_a_request_id() {
    let running = Running::start();
    let answer = running.domain().raw(b"\x01\x02 nonsense\r\n\r\n");
    assert_eq!(answer.status, 400);
    assert!(answer.header("x-amzn-requestid").is_some());
}

#[test]
fn a_declared_body_beyond_the_limit_is_413_before_it_is_sent() {
    let running = Running::start();
    let key = running.assume("search-app");
    let domain = running.domain();
    let headers = domain.sign(&key, "POST", "/x/_doc", &[], b"");
    let mut lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    lines.push("expect: 100-continue".into());
    lines.push("content-length: 200000000".into());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(raw(&domain, "POST /x/_doc HTTP/1.1", &lines), 413);
}

#[test]
fn the_name_of_the_handshake_must_be_the_host() {
    let running = Running::start();
    let domain = running.domain();
    let bytes =
        b"GET / HTTP/1.1\r\nhost: search-other.us-east-1.es.example\r\nconnection: close\r\n\r\n";
    assert_eq!(domain.raw(bytes).status, 421);
}

#[test]
fn an_absolute_target_must_name_the_same_host() {
    let running = Running::start();
    assert_eq!(raw(&running.domain(), "GET https://elsewhere.example/ HTTP/1.1", &[]), 400);
}

#[test]
fn no_upgrade_is_served() {
    let running = Running::start();
    let upgrade = ["connection: upgrade", "upgrade: websocket"];
    assert_eq!(raw(&running.domain(), "GET / HTTP/1.1", &upgrade), 400);
}

#[test]
fn transfer_codings_other_than_chunked_are_400() {
    let running = Running::start();
    for coding in ["transfer-encoding: xchunked", "transfer-encoding: gzip, chunked"] {
        assert_eq!(raw(&running.domain(), "POST / HTTP/1.1", &[coding]), 400, "{coding}");
    }
}

#[test]
fn contents_of_two_lengths_are_400() {
    let running = Running::start();
    let lengths = ["content-length: 1", "content-length: 2"];
    assert_eq!(raw(&running.domain(), "POST / HTTP/1.1", &lengths), 400);
    for length in ["content-length: +10", "content-length: 0x0a", "content-length: 10 ,10"] {
        assert_eq!(raw(&running.domain(), "POST / HTTP/1.1", &[length]), 400, "{length}");
    }
}

#[test]
fn folded_headers_and_blanks_before_the_colon_are_400() {
    let running = Running::start();
    let domain = running.domain();
    assert_eq!(raw(&domain, "GET / HTTP/1.1", &["x-folded: a\r\n b"]), 400);
    assert_eq!(raw(&domain, "GET / HTTP/1.1", &["x-blank : a"]), 400);
}

#[test]
fn dot_segments_backslashes_and_nul_are_400() {
    let running = Running::start();
    let key = running.assume("search-app");
    for path in ["/a/../b", "/a/%2e%2e/b", "/a%5Cb/_doc/1", "/a%00b/_doc/1", "/a%2Fb/_doc/1"] {
        let answer = running.domain().signed(&key, "GET", path, b"");
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
    }
    serves(&running, &key);
}

#[test]
fn two_values_of_one_parameter_are_400_in_either_order_under_one_signature() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    serves(&running, &key);
    let signed = domain.sign(&key, "GET", "/_search?size=0&size=5", &[], b"");
    // The canonical query is sorted: one signature is good for both orders.
    for (path, values) in
        [("/_search?size=0&size=5", "[0] and [5]"), ("/_search?size=5&size=0", "[5] and [0]")]
    {
        let answer = domain.send("GET", path, &signed, b"");
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().contains("[size]"), "{}", answer.text());
        assert!(answer.text().contains(values), "{}", answer.text());
    }
    let equal = domain.signed(&key, "GET", "/_search?size=5&size=5", b"");
    assert_eq!(equal.status, 200, "{}", equal.text());
}

#[test]
fn slashes_around_a_path_and_semicolons_in_a_query_are_read_as_elasticsearch_reads_them() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let made = domain.signed(&key, "PUT", "//slashes/_doc/1//?refresh=true;routing=x", b"{}");
    assert_eq!(made.status, 201, "{}", made.text());
    let found = domain.signed(&key, "GET", "/slashes/_search?size=1;from=0", b"").json();
    assert_eq!(found["hits"]["hits"][0]["_routing"], "x", "{found}");
    let root = domain.signed(&key, "GET", "//", b"");
    assert_eq!(root.status, 200, "{}", root.text());
    let forgotten = domain.signed(&key, "GET", "/slashes//_search", b"");
    assert_eq!(forgotten.status, 400);
    assert!(forgotten.text().contains("empty segment"), "{}", forgotten.text());
}

#[test]
fn broken_credentials_are_never_taken_for_none() {
    let running = Running::start();
    let domain = running.domain();
    for value in ["Basic dXNlcjpwYXNz", "Bearer x", "AWS4-HMAC-SHA256", "AWS AKID:sig", ""] {
        let header = [("authorization".to_owned(), value.to_owned())];
        let answer = domain.send("GET", "/", &header, b"");
        assert!([400, 403].contains(&answer.status), "{value}: {}", answer.status);
        assert!(!answer.text().contains("anonymous"), "{value}: {}", answer.text());
    }
}

#[test]
fn a_compressed_body_is_signed_as_sent_and_read_as_decoded() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(br#"{"title":"packed"}"#).unwrap();
    let packed = encoder.finish().unwrap();
    let more = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let headers = domain.sign(&key, "PUT", "/packed/_doc/1", &more, &packed);
    let made = domain.send("PUT", "/packed/_doc/1", &headers, &packed);
    assert_eq!(made.status, 201, "{}", made.text());
    let read = domain.signed(&key, "GET", "/packed/_doc/1", b"");
    assert_eq!(read.json()["_source"]["title"], "packed");
}

#[test]
fn g02_a_bomb_is_413_before_it_is_memory() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let piece = vec![b' '; 1 << 20];
    for _ in 0..=100 {
        encoder.write_all(&piece).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let more = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let headers = domain.sign(&key, "PUT", "/bomb/_doc/1", &more, &bomb);
    assert_eq!(domain.send("PUT", "/bomb/_doc/1", &headers, &bomb).status, 413);
}

#[test]
fn answers_are_compressed_for_those_who_take_it() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let text = "word ".repeat(2_000);
    let document = serde_json::json!({ "text": text }).to_string();
    assert_eq!(domain.signed(&key, "PUT", "/long/_doc/1", document.as_bytes()).status, 201);
    let more = [("accept-encoding", "gzip")];
    let headers = domain.sign(&key, "GET", "/long/_doc/1", &more, b"");
    let answer = domain.send("GET", "/long/_doc/1", &headers, b"");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    flate2::read::GzDecoder::new(answer.body.as_slice()).read_to_string(&mut plain).unwrap();
    assert!(plain.contains("word word"));
}

#[test]
fn an_opaque_id_comes_back() {
    let running = Running::start();
    let header = [("x-opaque-id".to_owned(), "mine".to_owned())];
    let answer = running.domain().send("GET", "/", &header, b"");
    assert_eq!(answer.header("x-opaque-id"), Some("mine"));
}

#[test]
fn a_method_override_header_overrides_nothing() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    assert_eq!(domain.signed(&key, "PUT", "/kept", b"").status, 200);
    let more = [("x-http-method-override", "DELETE")];
    let headers = domain.sign(&key, "GET", "/kept", &more, b"");
    assert_eq!(domain.send("GET", "/kept", &headers, b"").status, 200);
    assert_eq!(domain.signed(&key, "HEAD", "/kept", b"").status, 200);
}

#[test]
fn the_plane_is_chosen_by_the_listener_and_never_by_the_path() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    // A legal name of an index, and the control plane's path.
    let answer = domain.signed(&key, "PUT", "/2015-01-01", b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let control = running.control("es").signed(&key, "PUT", "/2015-01-01", b"");
    assert_ne!(control.status, 200);
}

#[test]
fn health_pages_are_on_no_listener_that_strangers_reach() {
    let running = Running::start();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(running.domain().anonymous("GET", path, b"").status, 403, "{path}");
        assert_eq!(running.control("es").anonymous("GET", path, b"").status, 403, "{path}");
    }
}

#[test]
fn a_large_body_waits_in_a_file_and_is_executed_as_signed() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let text = "0123456789".repeat(500_000);
    let document = serde_json::json!({ "text": text }).to_string();
    let made = domain.signed(&key, "PUT", "/large/_doc/1", document.as_bytes());
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(running.record(&made).bytes_in, document.len() as u64);
    let read = domain.signed(&key, "GET", "/large/_doc/1", b"");
    assert_eq!(read.json()["_source"]["text"], text.as_str());
}

#[test]
fn a_large_body_in_chunks_is_executed_as_signed_and_the_request_behind_it_is_its_own() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let document = serde_json::json!({ "text": "0123456789".repeat(300_000) }).to_string();
    let body = document.as_bytes();
    let head = |method: &str, body: &[u8], more: &str| {
        let headers = domain.sign(&key, method, "/chunked/_doc/1", &[], body);
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let lines = lines.collect::<String>();
        format!(
            "{method} /chunked/_doc/1 HTTP/1.1\r\nhost: {}\r\n{lines}{more}\r\n\r\n",
            domain.host()
        )
    };
    let chunked = "content-type: application/json\r\ntransfer-encoding: chunked";
    let mut bytes = head("PUT", body, chunked).into_bytes();
    for chunk in body.chunks(70_001) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes.extend_from_slice(head("GET", b"", "connection: close").as_bytes());
    let answers = crate::client::answers(&domain.exchange(&bytes));
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [201, 200], "{}", answers[0].text());
    assert_eq!(running.record(&answers[0]).bytes_in, body.len() as u64);
    assert_eq!(answers[1].json()["_source"]["text"], "0123456789".repeat(300_000));
}

#[test]
fn the_limit_on_bodies_is_a_setting_and_nodes_tells_it() {
    let running =
        Running::start_with(None, |options| options.settings.domains.body_bytes_max = 2_000_000);
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let (fits, large) = (vec![b' '; 2_000_000], vec![b' '; 2_000_001]);
    assert_eq!(domain.signed(&key, "PUT", "/x/_doc/1", &large).status, 413);
    assert_eq!(domain.signed(&key, "PUT", "/x/_doc/1", &fits).status, 400, "no JSON, but read");
    let nodes = domain.signed(&key, "GET", "/_nodes/http", b"").text();
    assert!(nodes.contains(r#""max_content_length_in_bytes":2000000"#), "{nodes}");
}

#[test]
fn another_origins_page_is_let_in_nowhere() {
    let running = Running::start();
    for method in ["GET", "OPTIONS"] {
        let headers = [
            ("origin".to_owned(), "https://evil.example".to_owned()),
            ("access-control-request-method".to_owned(), "PUT".to_owned()),
            ("access-control-request-headers".to_owned(), "authorization".to_owned()),
        ];
        let answer = running.domain().send(method, "/", &headers, b"");
        assert_eq!(answer.status, 403, "{method}");
        // Amazon's refusals say that anyone may read them; no page is let send credentials or a signature.
        for name in ["credentials", "methods", "headers"] {
            assert_eq!(answer.header(&format!("access-control-allow-{name}")), None, "{method}");
        }
    }
}

#[test]
fn a_policy_that_changes_while_the_body_comes_in_holds_for_that_body() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.assume("search-app"));
    let mut head = format!("PUT /held/_doc/1 HTTP/1.1\r\nhost: {}\r\n", domain.host());
    for (name, value) in domain.sign(&key, "PUT", "/held/_doc/1", &[], b"{}") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(
        "content-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n",
    );
    let mut stream = domain.connect();
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
    // The URL was judged: the service asks for the body.
    let mut asks = [0; 25];
    stream.read_exact(&mut asks).unwrap();
    assert_eq!(&asks, b"HTTP/1.1 100 Continue\r\n\r\n");
    running.set_policy(&serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/developer"},
        "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*",
    }]}));
    stream.write_all(b"{}").unwrap();
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received);
    let answer = &crate::client::answers(&received)[0];
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("no identity-based policy allows"), "{}", answer.text());
    assert_eq!(running.record(answer).decisions[0].outcome, "implicitDeny");
}
