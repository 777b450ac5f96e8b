//! Each mistake of the closed set: a request signed with it, and what doctor says.

use client::credentials::Credentials;
use client::endpoint::Endpoint;
use expect_test::{Expect, expect};
use sigv4::{PayloadHash, Scope, SecretKey, SessionToken};

use super::*;

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20261123T120000Z";
const HOST: &str = "localhost:9200";

/// A request and how its client signed it: each part as it went into the canonical request.
struct Client {
    method: &'static str,
    target: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    signed_method: &'static str,
    path: String,
    query: String,
    host: String,
    signed_headers: Vec<(&'static str, String)>,
    payload: Vec<u8>,
    secret: String,
    key_scope: [&'static str; 3],
    scope: [&'static str; 3],
}

impl Client {
    /// One that signs rightly.
    fn new(method: &'static str, target: &'static str, body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let scope = ["20261123", "us-east-1", "es"];
        Self {
            method,
            target,
            headers: Vec::new(),
            body: body.to_vec(),
            signed_method: method,
            path: canonical::encode_path(path),
            query: query.to_owned(),
            host: HOST.to_owned(),
            signed_headers: Vec::new(),
            payload: body.to_vec(),
            secret: SECRET.to_owned(),
            key_scope: scope,
            scope,
        }
    }

    /// A header that is sent and signed as it is.
    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self.signed_headers.push((name, value.to_owned()));
        self
    }

    /// The request as it was caught.
    fn caught(&self) -> Vec<u8> {
        let mut signed = self.signed_headers.clone();
        signed.push(("host", self.host.clone()));
        signed.push(("x-amz-date", DATE.to_owned()));
        signed.sort();
        let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String =
            signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let payload = match self.payload.as_slice() {
            b"UNSIGNED-PAYLOAD" => "UNSIGNED-PAYLOAD".to_owned(),
            bytes => PayloadHash::of(bytes).to_hex(),
        };
        let (method, path, query) = (self.signed_method, &self.path, &self.query);
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}");
        let scope = |[day, region, service]: [&str; 3]| Scope::new(day, region, service);
        let (stated, key) = (scope(self.scope), scope(self.key_scope));
        let hash = PayloadHash::of(canonical.as_bytes()).to_hex();
        let to_sign = format!("AWS4-HMAC-SHA256\n{DATE}\n{stated}\n{hash}");
        let key = SecretKey::new(&self.secret).signing_key(&key);
        let signature = key.sign(to_sign.as_bytes()).to_hex();
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {HOST}\r\nX-Amz-Date: {DATE}\r\n{headers}Content-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={KEY_ID}/{stated}, SignedHeaders={names}, \
             Signature={signature}\r\n\r\n",
            self.method,
            self.target,
            self.body.len()
        );
        [head.as_bytes(), &self.body].concat()
    }

    fn judged(&self) -> Vec<Finding> {
        judged(&self.caught(), None, "es")
    }
}

fn judged(caught: &[u8], token: Option<&str>, service: &str) -> Vec<Finding> {
    let credentials = Credentials {
        access_key_id: KEY_ID.to_owned(),
        secret: SecretKey::new(SECRET),
        session_token: token.map(SessionToken::new),
        expires: None,
    };
    let endpoint = Endpoint::parse(&format!("https://{HOST}")).unwrap();
    let against =
        Against { endpoint: &endpoint, region: "us-east-1", service, credentials: &credentials };
    judge(&Raw::parse(caught).unwrap(), &against)
}

fn told(findings: &[Finding], check: &str) -> String {
    let found = findings.iter().find(|finding| finding.check == check);
    let finding = found.unwrap_or_else(|| panic!("no {check} in {findings:#?}"));
    assert!(finding.detail.iter().all(|line| !line.contains(SECRET)));
    format!("{:?} {}", finding.state, finding.seen)
}

fn check(client: &Client, expected: Expect) {
    expected.assert_eq(&told(&client.judged(), "signature"));
}

const TARGET: &str = "/a%2C*/_search?q=b+c&a=1";
const RIGHT_QUERY: &str = "a=1&q=b%20c";

fn search() -> Client {
    Client { query: RIGHT_QUERY.into(), ..Client::new("POST", TARGET, b"{\"a\": 1}\n") }
}

#[test]
fn a_right_signature_is_said_to_be_right() {
    check(
        &search(),
        expect![
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws'"
        ],
    );
    check(
        &Client { query: "a=1&q=b+c".into(), ..search() },
        expect![
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'raw-query'"
        ],
    );
    check(
        &Client { host: "localhost".into(), ..search() },
        expect![
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws', host signed with another port than sent (accepted)"
        ],
    );
}

#[test]
fn opt_in_forms_are_named() {
    let odd = |form: &str| {
        format!(
            "Fail the signature is right in an odd form only: made at {DATE} with {KEY_ID}, form '{form}'"
        )
    };
    let plus = Client { query: "a=1&q=b%2Bc".into(), ..search() };
    assert_eq!(told(&plus.judged(), "signature"), odd("plus-literal"));
    let path = Client { path: "/a%2C*/_search".into(), ..search() };
    assert_eq!(told(&path.judged(), "signature"), odd("raw-path"));
}

#[test]
fn paths() {
    let path = |path: &str| Client { path: path.into(), ..search() };
    check(&path("/a,*/_search"), expect!["Fail the path was decoded before signing"]);
    check(
        &path("/a%2C%2A/_search"),
        expect!["Fail the path was decoded, and encoded only once (as for S3)"],
    );
    check(&path("/a%25252C%252A/_search"), expect!["Fail the path was encoded once too often"]);
    check(
        &path("/a%252C*/_search"),
        expect!["Fail the path was encoded by encodeURIComponent, which leaves !'()* as they are"],
    );
    check(&path("/a%252c%2a/_search"), expect!["Fail the path's escapes are in small letters"]);
    check(&path("%2Fa%252C%2A%2F_search"), expect!["Fail the slashes of the path were encoded"]);
    check(&path("/a%252C%2A/_search/"), expect!["Fail the slash at the end of the path differs"]);
    check(&path("/"), expect!["Fail the path / was signed instead of the one that was sent"]);
}

#[test]
fn a_path_that_was_normalised() {
    let client = Client::new("GET", "/a//_search/", b"");
    check(
        &Client { path: "/a/_search/".into(), ..client },
        expect!["Fail the path was normalised (// or dots removed) before signing"],
    );
}

#[test]
fn queries() {
    let query = |query: &str| Client { query: query.into(), ..search() };
    check(&query("q=b%20c&a=1"), expect!["Fail the query's parameters were not sorted"]);
    check(
        &query("q=b+c&a=1"),
        expect!["Fail the query was signed as it stands on the wire, not sorted"],
    );
    check(&query("a=1&q=b c"), expect!["Fail the query was signed decoded"]);
    check(&query(""), expect!["Fail the query was left out of the signature"]);
}

#[test]
fn queries_of_other_shapes() {
    let get =
        |target, query: &str| Client { query: query.into(), ..Client::new("GET", target, b"") };
    check(
        &get("/_cat/indices?v&h=a%2Cb", "h=a%2Cb&v"),
        expect!["Fail a parameter without a value was signed without its ="],
    );
    check(
        &get("/_cat/indices?h=a%2Cb&v=", "h=a,b&v="),
        expect!["Fail the query was signed decoded"],
    );
    check(
        &get("/_cat/indices?h=a%2Cb&v=", "h=a%252Cb&v="),
        expect!["Fail the query was encoded twice"],
    );
    check(
        &get("/_cat/indices?h=a%2Cb&v=", "h=a%2cb&v="),
        expect!["Fail the query's escapes are in small letters"],
    );
    check(
        &get("/_cat/indices?q=a%20b~*", "q=a+b%7E*"),
        expect!["Fail the query was encoded by Java's URLEncoder"],
    );
    check(
        &get("/_cat/indices?a=1&a-b=2", "a-b=2&a=1"),
        expect!["Fail the query was sorted by name=value as one text, so that = counts"],
    );
}

#[test]
fn hosts() {
    let host = |host: &str| Client { host: host.into(), ..search() };
    check(&host("localhost:443"), expect!["Fail host was signed with port 443"]);
    let mut behind = search();
    behind.host = "localhost:9200".into();
    let caught = String::from_utf8(behind.caught()).unwrap();
    let rewritten = caught.replace("Host: localhost:9200", "Host: internal-proxy");
    expect!["Fail the signature is for host localhost:9200; the request names internal-proxy"]
        .assert_eq(&told(&judged(rewritten.as_bytes(), None, "es"), "signature"));
}

#[test]
fn bodies() {
    let payload = |payload: &[u8]| Client { payload: payload.to_vec(), ..search() };
    check(&payload(b""), expect!["Fail an empty body was signed"]);
    check(&payload(b"UNSIGNED-PAYLOAD"), expect!["Fail UNSIGNED-PAYLOAD was signed"]);
    check(
        &payload(b"{\"a\": 1}"),
        expect!["Fail the body was hashed without the newline at its end"],
    );
    check(
        &payload(b"{\"a\":1}"),
        expect!["Fail the body was hashed as compact JSON and sent in another layout"],
    );
    check(
        &payload(b"{\"a\": 1}\r\n"),
        expect!["Fail the body's line ends were changed: CRLF was hashed"],
    );
    check(
        &payload(b"{\n  \"a\": 1\n}"),
        expect!["Fail the body was hashed as indented JSON and sent in another layout"],
    );
    let mut without = search();
    without.body = b"{\"a\": 1}".to_vec();
    check(
        &without,
        expect!["Fail the body was hashed with a newline at its end that was not sent"],
    );
}

#[test]
fn a_body_that_was_hashed_before_it_was_compressed() {
    let plain = b"{\"index\":{}}\n{}\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, plain).unwrap();
    let client = Client {
        payload: plain.to_vec(),
        ..Client::new("POST", "/_bulk", &gzip.finish().unwrap())
    };
    check(&client, expect!["Fail the body was hashed before it was compressed"]);
}

#[test]
fn headers() {
    let signed = |value: &str| {
        let mut client = search().header("content-type", "application/json");
        client.signed_headers = vec![("content-type", value.to_owned())];
        client
    };
    check(
        &signed("application/json; charset=utf-8"),
        expect!["Fail header content-type was signed as 'application/json; charset=utf-8'"],
    );
    let mut spaced = search().header("x-opaque-id", "  two  words");
    check(&spaced, expect!["Fail header x-opaque-id was signed with its spaces"]);
    spaced.signed_headers = vec![("x-opaque-id", "two words".into())];
    check(
        &spaced,
        expect![
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws'"
        ],
    );
    let mut gone = search();
    gone.signed_headers = vec![("user-agent", "client/1.0".into())];
    check(&gone, expect!["Fail SignedHeaders lists user-agent, and the request does not have it"]);
    gone.signed_headers = vec![("accept-encoding", "identity".into())];
    check(&gone, expect!["Fail header accept-encoding was signed as 'identity'"]);
}

#[test]
fn methods() {
    check(
        &Client { signed_method: "GET", ..search() },
        expect!["Fail method GET was signed, POST was sent"],
    );
    check(
        &Client { signed_method: "post", ..search() },
        expect!["Fail the method was signed in small letters"],
    );
}

#[test]
fn scopes_and_keys() {
    let wrong = Client {
        scope: ["20261123", "eu-west-1", "es"],
        key_scope: ["20261123", "eu-west-1", "es"],
        ..search()
    };
    expect!["Fail signed for eu-west-1, es"].assert_eq(&told(&wrong.judged(), "scope"));
    check(
        &wrong,
        expect![
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws'"
        ],
    );
    let name = Client {
        scope: ["20261123", "us-east-1", "opensearch"],
        key_scope: ["20261123", "us-east-1", "opensearch"],
        ..search()
    };
    expect!["Fail signed for us-east-1, opensearch"].assert_eq(&told(&name.judged(), "scope"));
    check(
        &Client { key_scope: ["20261122", "us-east-1", "es"], ..search() },
        expect!["Fail the signing key is of 20261122, the scope says 20261123"],
    );
    check(
        &Client { scope: ["20261123", "eu-west-1", "es"], ..search() },
        expect!["Fail the key was derived for us-east-1, es, and Credential names eu-west-1, es"],
    );
    check(
        &Client { scope: ["20261124", "us-east-1", "es"], ..search() },
        expect![
            "Fail Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261124' != '20261123', from '20261123T120000Z'."
        ],
    );
}

#[test]
fn secrets() {
    check(
        &Client { secret: format!("{SECRET}\n"), ..search() },
        expect!["Fail the secret was read with a newline after it"],
    );
    check(
        &Client { secret: format!("\"{SECRET}\""), ..search() },
        expect!["Fail the secret was read with quotes around it"],
    );
    check(
        &Client { secret: "another".into(), ..search() },
        expect![
            "Fail the signature is not made with this key's secret, or the request was changed after signing in a way doctor does not know"
        ],
    );
}

#[test]
fn two_mistakes_at_once_are_both_named() {
    check(
        &Client { path: "/a%2C*/_search".into(), payload: Vec::new(), ..search() },
        expect![
            "Fail the path was not encoded once more before signing; and an empty body was signed"
        ],
    );
    check(
        &Client {
            path: "/a%2C*/_search".into(),
            host: "localhost:443".into(),
            query: "q=b+c&a=1".into(),
            ..search()
        },
        expect![
            "Fail the path was not encoded once more before signing; and the query was signed as it stands on the wire, not sorted; and host was signed with port 443"
        ],
    );
}

#[test]
fn the_diff_shows_what_was_signed_and_what_is_right() {
    let findings =
        Client { path: "/a%2C*/_search".into(), payload: Vec::new(), ..search() }.judged();
    let finding = findings.iter().find(|finding| finding.check == "signature").unwrap();
    let mut out = Vec::new();
    finding.write(&mut out, false).unwrap();
    expect![[r#"
        ✗ signature   the path was not encoded once more before signing; and an empty body was signed
            expected  the lines marked + below; the client signed those marked -
            next      take the path as it is sent and URI-encode it once more (es is no S3: the AWS SDKs call it double encoding); hash the very bytes that are sent: serialise once, sign and send that
                method         POST
              - path           /a%2C*/_search
              + path           /a%252C%2A/_search
                ^ the path goes into the signature URI-encoded once more than over the wire: % is %25, * is %2A
                query          a=1&q=b%20c
                host:          localhost:9200
                x-amz-date:    20261123T120000Z
                signed headers host;x-amz-date
              - payload        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
              + payload        e8c628edc9968ef0c668f54e0ba2636b35503357eb1aca0ddc828aeace432f67
                ^ the last line is the hash of the body: the client signed an empty one
    "#]].assert_eq(&String::from_utf8(out).unwrap());
}

#[test]
fn a_declared_hash_that_is_not_the_bodys_is_a_finding_of_its_own() {
    let other = PayloadHash::of(b"other").to_hex();
    let client = search().header("x-amz-content-sha256", &other);
    assert!(told(&client.judged(), "body-hash").starts_with("Fail x-amz-content-sha256 says"));
}

#[test]
fn serverless_requires_the_bodys_hash() {
    let findings = judged(&search().caught(), None, "aoss");
    expect!["Fail the request has no x-amz-content-sha256"]
        .assert_eq(&told(&findings, "body-hash"));
}

#[test]
fn tokens() {
    let with = |token: &str| search().header("x-amz-security-token", token).caught();
    expect!["Ok the session token is this key's (signed)"]
        .assert_eq(&told(&judged(&with("mine"), Some("mine"), "es"), "token"));
    expect!["Fail the session token is another than this key's"]
        .assert_eq(&told(&judged(&with("old"), Some("mine"), "es"), "token"));
    expect!["Fail the request has a session token, and this key is a long-term one"]
        .assert_eq(&told(&judged(&with("old"), None, "es"), "token"));
    expect!["Fail the key is temporary, and the request has no session token"]
        .assert_eq(&told(&judged(&search().caught(), Some("mine"), "es"), "token"));
    let mut unsigned = search();
    unsigned.headers.push(("x-amz-security-token", "mine".into()));
    let findings = judged(&unsigned.caught(), Some("mine"), "es");
    expect!["Ok the session token is this key's (outside the signature, which es accepts)"]
        .assert_eq(&told(&findings, "token"));
    expect![
        "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws'"
    ]
    .assert_eq(&told(&findings, "signature"));
}

#[test]
fn what_is_refused_before_a_signature_is_computed() {
    let caught = |edit: &dyn Fn(String) -> String| {
        let text = edit(String::from_utf8(search().caught()).unwrap());
        told(&judged(text.as_bytes(), None, "es"), "signature")
    };
    expect!["Fail 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."]
        .assert_eq(&caught(&|text| text.replace("SignedHeaders=host;", "SignedHeaders=")));
    expect!["Fail signedheaders must be lower-case names in ascending order, each of them once"]
        .assert_eq(&caught(&|text| text.replace("host;x-amz-date", "x-amz-date;host")));
    expect!["Fail Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization="].assert_eq(&caught(&|text| text.replace("X-Amz-Date: ", "X-Other: ")));
    expect!["Fail Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "]
        .assert_eq(&caught(&|text| text.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")));
    expect![
        "Fail only one authentication mechanism is allowed: a signature came with another scheme"
    ]
    .assert_eq(&caught(&|text| {
        text.replace("Authorization: ", "Authorization: Basic eDp5\r\nAuthorization: ")
    }));
    expect!["Fail 'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization."]
        .assert_eq(&caught(&|text| text.replace("Host: ", "X-Amz-Meta: a\r\nHost: ")));
    expect!["Fail payload mode 'UNSIGNED-PAYLOAD' is not supported: x-amz-content-sha256 must be the SHA-256 of the body as sent"].assert_eq(&caught(&|text| {
        text.replace("Host: ", "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nHost: ")
    }));
    expect!["Fail the request carries no credentials at all"]
        .assert_eq(&caught(&|text| text.replace("Authorization: ", "X-Gone: ")));
    expect!["Fail Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 4"].assert_eq(&caught(&|text| text.replace("/aws4_request", "")));
}

#[test]
fn another_key_cannot_be_checked() {
    let caught = String::from_utf8(search().caught()).unwrap();
    let caught = caught.replace(KEY_ID, "AKIASOMEBODYELSE");
    expect!["Fail the request is signed with AKIASOMEBODYELSE; doctor has the secret of AKIAIOSFODNN7EXAMPLE"].assert_eq(&told(&judged(caught.as_bytes(), None, "es"), "key"));
}

#[test]
fn a_body_that_was_not_caught_is_asked_for() {
    let caught = search().caught();
    let head = caught.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let findings = judged(&caught[..head + 4], None, "es");
    expect!["Warn POST /a%2C*/_search?…, 4 headers, a body that is not in the capture"]
        .assert_eq(&told(&findings, "request"));
    expect!["Fail the signature matches no body that doctor can guess"]
        .assert_eq(&told(&findings, "signature"));
}

#[test]
fn a_presigned_request_is_judged_by_its_query() {
    let secret = SecretKey::new(SECRET);
    let key = sigv4::Credentials { access_key_id: KEY_ID, secret: &secret, session_token: None };
    let headers: [(&str, &[u8]); 1] = [("host", HOST.as_bytes())];
    let request = sigv4::Request { method: "GET", path: "/a", query: "b=1", headers: &headers };
    let options = sigv4::SigningOptions {
        placement: sigv4::Placement::Query { expires_seconds: 60 },
        ..sigv4::SigningOptions::default()
    };
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let body = PayloadHash::of(b"");
    let signed = sigv4::sign(&request, &key, "us-east-1", "es", now, &body, &options).unwrap();
    let query = signed.query.unwrap();
    let caught = |query: &str| format!("GET /a?{query} HTTP/1.1\nHost: {HOST}\n\n");
    expect![
        "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws'"
    ]
    .assert_eq(&told(&judged(caught(&query).as_bytes(), None, "es"), "signature"));
    let changed = query.replace("b=1&", "");
    let findings = judged(caught(&changed).as_bytes(), None, "es");
    assert!(told(&findings, "signature").starts_with("Fail"));
    assert!(findings.iter().all(|finding| !format!("{finding:?}").contains(&signed.signature)));
}

/// Any bytes: an answer, no panic.
#[test]
fn any_bytes_are_judged() {
    let caught = search().caught();
    for at in 0..caught.len() {
        let mut broken = caught.clone();
        broken[at] ^= 0x20;
        if let Ok(raw) = Raw::parse(&broken) {
            let _ = Stated::read(&raw);
        }
        let _ = Raw::parse(&caught[..at]);
    }
}
