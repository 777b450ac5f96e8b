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
    sent_host: &'static str,
    host: String,
    signed_headers: Vec<(&'static str, String)>,
    /// The last line of what is signed.
    payload: String,
    secret: String,
    /// The secret and the token that doctor has.
    known: (&'static str, Option<&'static str>),
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
            sent_host: HOST,
            host: HOST.to_owned(),
            signed_headers: Vec::new(),
            payload: hash(body),
            secret: SECRET.to_owned(),
            known: (SECRET, None),
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
        let (method, path, query) = (self.signed_method, &self.path, &self.query);
        let payload = &self.payload;
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}");
        let scope = |[day, region, service]: [&'static str; 3]| Scope { day, region, service };
        let (stated, key) = (scope(self.scope), scope(self.key_scope));
        let hash = PayloadHash::of(canonical.as_bytes()).to_hex();
        let to_sign = format!("AWS4-HMAC-SHA256\n{DATE}\n{stated}\n{hash}");
        let key = SecretKey::new(&self.secret).signing_key(key);
        let signature = key.sign(to_sign.as_bytes()).to_hex();
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nX-Amz-Date: {DATE}\r\n{headers}Content-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={KEY_ID}/{stated}, SignedHeaders={names}, \
             Signature={signature}\r\n\r\n",
            self.method,
            self.target,
            self.sent_host,
            self.body.len()
        );
        [head.as_bytes(), &self.body].concat()
    }

    fn judged(&self) -> Vec<Finding> {
        judged_by(&self.caught(), self.known, "es")
    }
}

/// The last line of a body.
fn hash(body: &[u8]) -> String {
    PayloadHash::of(body).to_hex()
}

fn judged(caught: &[u8], token: Option<&str>, service: &str) -> Vec<Finding> {
    judged_by(caught, (SECRET, token), service)
}

fn judged_by(caught: &[u8], known: (&str, Option<&str>), service: &str) -> Vec<Finding> {
    let (secret, token) = known;
    let credentials = Credentials {
        access_key_id: KEY_ID.to_owned(),
        secret: SecretKey::new(secret),
        session_token: token.map(SessionToken::new),
        expires: None,
    };
    let endpoint = Endpoint::parse(&format!("https://{HOST}")).unwrap();
    let against = ExpectedSigner {
        endpoint: &endpoint,
        region: "us-east-1",
        service,
        credentials: &credentials,
    };
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
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws', host signed with a different port than was sent (accepted)"
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

/// Each mistake of the closed set, made by hand on a good request, and what doctor says of it.
// long: a table
fn made() -> Vec<(Client, &'static str)> {
    let mut made = Vec::new();
    // A signature with an accepted form is right; beside another mistake even that is named.
    let hidden = |client| Client { payload: hash(b""), ..client };
    let mut path = |path: &str, what| made.push((Client { path: path.into(), ..search() }, what));
    path("/a,*/_search", "the path was decoded before signing");
    path("/a%2C%2A/_search", "the path was decoded, and encoded only once (as for S3)");
    path("/a%25252C%252A/_search", "the path was encoded once too often");
    path("/a%252c%2a/_search", "the path's percent escapes are in lower case");
    path(
        "/a%252C*/_search",
        "the path was encoded by encodeURIComponent, which leaves !'()* as they are",
    );
    path("%2Fa%252C%2A%2F_search", "the slashes of the path were encoded");
    path("/a%252C%2A/_search/", "the trailing slash of the path differs");
    path("/", "the path / was signed instead of the one that was sent");
    let together = "path and query were signed together as the path";
    path("/a%252C%2A/_search%3Fq%3Db%2Bc%26a%3D1", together);
    path("/a%2C*/_search?q=b+c&a=1", together);
    made.push((
        hidden(Client { path: "/a%2C*/_search".into(), ..search() }),
        "the path was not encoded once more before signing; and an empty body was signed",
    ));
    made.push((
        Client { path: "/a%252C:*/_search".into(), ..Client::new("GET", "/a%2C:*/_search", b"") },
        "the path was encoded by encodeURI, which leaves !'()*,;:@&=+$ as they are",
    ));
    made.push((
        Client { path: "/a/_search/".into(), ..Client::new("GET", "/a//_search/", b"") },
        "the path was normalised (// or dots removed) before signing",
    ));
    let mut query = |target, query: &str, what| {
        made.push((Client { query: query.into(), ..Client::new("GET", target, b"") }, what));
    };
    let unsorted = "the query's parameters were not sorted";
    query("/?b=1%2C&a=1", "b=1%2C&a=1", unsorted);
    query("/?b=1+&a=1", "b=1+&a=1", "the query was signed as it stands on the wire, not sorted");
    query(
        "/?a=1&a-b=2",
        "a-b=2&a=1",
        "the query was sorted by name=value as one string, so that the = took part",
    );
    query("/?a=1&a-b=2,3", "a-b=2,3&a=1", "the query was sorted as whole strings and not encoded");
    query("/?a=b%2C+c", "a=b, c", "the query was signed decoded");
    query("/?a=b%2Cc", "a=b%252Cc", "the query was encoded twice");
    query("/?a=b%20c", "a=b+c", "spaces in the query were signed as + (form encoding)");
    query("/?a=b%20c~*", "a=b+c%7E*", "the query was encoded by Java's URLEncoder");
    query(
        "/?a=b%20%28c%29",
        "a=b%20(c)",
        "the query was encoded by encodeURIComponent, which leaves !'()* as they are",
    );
    query(
        "/?a=b%20c%2Cd",
        "a=b%20c,d",
        "reserved characters of the query (, : / *) were left as they are",
    );
    query("/?a=b%2Cc", "a=b%2cc", "the query's percent escapes are in lower case");
    query("/?v&a=b%2Cc", "a=b%2Cc&v", "a parameter without a value was signed without its =");
    query("/?a=b%2Cc", "", "the query was left out of the signature");
    made.push((
        hidden(Client { query: "a=1&q=b+c".into(), ..search() }),
        "the query was signed as it stands on the wire, sorted (form raw-query, which a domain accepts by default); and an empty body was signed",
    ));
    made.push((
        hidden(Client { query: "a=1&q=b%2Bc".into(), ..search() }),
        "a plus sign in the query was signed as %2B (form plus-literal); and an empty body was signed",
    ));
    made.push((
        Client { signed_method: "GET", ..search() },
        "method GET was signed, POST was sent",
    ));
    made.push((
        Client { signed_method: "post", ..search() },
        "the method was signed in lower case",
    ));
    made.extend(made_of_hosts_and_headers());
    made.extend(made_of_bodies());
    made.extend(made_of_keys());
    made
}

fn made_of_hosts_and_headers() -> Vec<(Client, &'static str)> {
    let mut made = Vec::new();
    let mut host = |sent_host, host: &str, what| {
        made.push((Client { sent_host, host: host.into(), ..search() }, what));
    };
    host(HOST, "localhost:443", "host was signed with port 443");
    host("LOCALHOST:9200", HOST, "host was signed in lower case and sent differently");
    host(
        "internal-proxy",
        HOST,
        "the signature is for host localhost:9200; the request names internal-proxy",
    );
    made.push((
        Client { host: "localhost".into(), payload: hash(b""), ..search() },
        "host was signed without its port; and an empty body was signed",
    ));
    let mut header = |name, sent: &[&str], signed: &str, what| {
        let headers = sent.iter().map(|value| (name, (*value).to_owned())).collect();
        let signed_headers = vec![(name, signed.to_owned())];
        let known = (SECRET, (name == "x-amz-security-token").then_some("mine"));
        made.push((Client { headers, signed_headers, known, ..search() }, what));
    };
    let (id, twice) = ("x-opaque-id", &["1", "2"]);
    header(id, &["  A  B"], "  A  B", "header x-opaque-id was signed with its spaces");
    header(id, &["  A  B"], "A  B", "header x-opaque-id was signed with the spaces inside it");
    header(id, &["A"], "a", "header x-opaque-id was signed in lower case");
    let joined = "header x-opaque-id was signed with its values joined by a comma and a space";
    header(id, twice, "1, 2", joined);
    header(id, twice, "1", "header x-opaque-id was signed with its first value only");
    header(id, twice, "2", "header x-opaque-id was signed with its last value only");
    header(id, &["A"], "", "header x-opaque-id was signed without a value");
    header(
        "content-type",
        &["application/json"],
        "application/json; charset=utf-8",
        "header content-type was signed as 'application/json; charset=utf-8'",
    );
    header("accept-encoding", &[], "identity", "header accept-encoding was signed as 'identity'");
    header(
        "x-amz-security-token",
        &["old"],
        "mine",
        "the session token that was signed is not the one that was sent",
    );
    made
}

fn made_of_bodies() -> Vec<(Client, &'static str)> {
    let mut made = Vec::new();
    let mut body = |sent: &[u8], signed: &[u8], what| {
        let client = Client::new("POST", "/_bulk", sent);
        made.push((Client { payload: hash(signed), ..client }, what));
    };
    let object = "{\"a\":[1,\"ü\"]}".as_bytes();
    body(object, b"", "an empty body was signed");
    let trimmed = "the body was hashed without the newline at its end";
    body(b"{\"a\": 1}\n", b"{\"a\": 1}", trimmed);
    let longer = "the body was hashed with a newline at its end that was not sent";
    body(object, &[object, b"\n"].concat(), longer);
    body(object, &[object, b"\r\n"].concat(), longer);
    body(b"{}\n{}\n", b"{}\r\n{}\r\n", "the body's line endings were changed: CRLF was hashed");
    body(b"{}\r\n{}\r\n", b"{}\n{}\n", "the body's line endings were changed: LF was hashed");
    body(
        b"{\"a\": 1}\n",
        b"{\"a\":1}",
        "the body was hashed as compact JSON and sent in another layout",
    );
    body(
        object,
        b"{\"a\": [1, \"\\u00fc\"]}",
        "the body was hashed as Python's json.dumps writes it and sent in another layout",
    );
    let indented = "the body was hashed as indented JSON and sent in another layout";
    body(b"{\"a\": 1}\n", b"{\n  \"a\": 1\n}", indented);
    body(b"{\"a\": 1}\n", b"{\n    \"a\": 1\n}", indented);
    body("ü".as_bytes(), b"\xfc", "the body was hashed in Latin-1 and sent in UTF-8");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, object).unwrap();
    let packed = packed.finish().unwrap();
    body(&packed, object, "the body was hashed before it was compressed");
    let mut line = |payload: String, what| made.push((Client { payload, ..search() }, what));
    line("UNSIGNED-PAYLOAD".into(), "UNSIGNED-PAYLOAD was signed");
    line(hash(&search().body).to_uppercase(), "the body's hash is in upper case");
    line(String::new(), "the body's hash was left out");
    made.push((
        Client { payload: hash(b"other"), ..search() }
            .header("x-amz-content-sha256", &hash(b"other")),
        "the hash in x-amz-content-sha256 was signed; it is not the body's",
    ));
    made
}

fn made_of_keys() -> Vec<(Client, &'static str)> {
    let mut made = Vec::new();
    let mut secret = |secret: String, what| made.push((Client { secret, ..search() }, what));
    secret(format!("{SECRET}\n"), "the secret was read with a newline after it");
    secret(format!("{SECRET}\r"), "the secret was read with a carriage return after it");
    secret(format!("{SECRET} "), "the secret was read with a space after it");
    secret(format!("\"{SECRET}\""), "the secret was read with quotes around it");
    secret(format!("'{SECRET}'"), "the secret was read with quotes around it");
    let escaped = "the secret was read with percent escapes in it";
    secret(SECRET.replace('/', "%2F").replace('+', "%2B"), escaped);
    made.push((
        Client { secret: "a/b".into(), known: ("a%2Fb", None), ..search() },
        "the secret was read with its percent escapes decoded",
    ));
    for (day, what) in [
        ("20261122", "the signing key is of 20261122, the scope says 20261123"),
        ("20261124", "the signing key is of 20261124, the scope says 20261123"),
    ] {
        made.push((Client { key_scope: [day, "us-east-1", "es"], ..search() }, what));
    }
    made.push((
        Client { scope: ["20261123", "eu-west-1", "es"], ..search() },
        "the key was derived for us-east-1, es, and Credential names eu-west-1, es",
    ));
    made
}

#[test]
fn each_mistake_is_named_and_no_other() {
    for (client, what) in made() {
        assert_eq!(told(&client.judged(), "signature"), format!("Fail {what}"));
    }
}

/// A mistake without what it says of one request: the method, the header, the host, the port, the day.
fn kind(what: &str) -> String {
    const NAMING: [&str; 5] = [
        "method ",
        "host was signed with port ",
        "the signature is for host ",
        "the key was derived for ",
        "the signing key is of ",
    ];
    if let Some(known) = NAMING.iter().find(|known| what.starts_with(**known)) {
        return (*known).to_owned();
    }
    match what.strip_prefix("header ").and_then(|rest| rest.split_once(' ')) {
        Some((_, how)) if how.starts_with("was signed as '") => "header was signed as".to_owned(),
        Some((_, how)) => format!("header {how}"),
        None => what.to_owned(),
    }
}

#[test]
fn no_mistake_of_the_set_is_missing_from_the_table() {
    fn kinds<T>(ways: PartSpellings<T>) -> Vec<String> {
        ways.0.into_iter().filter_map(|way| Some(kind(&way.mistake?.what))).collect()
    }
    let (mut known, mut tested) = (std::collections::BTreeSet::new(), Vec::new());
    for (client, what) in made() {
        tested.extend(what.split("; and ").map(kind));
        let raw = Raw::parse(&client.caught()).unwrap();
        let names: Vec<String> =
            client.signed_headers.iter().map(|(name, _)| (*name).to_owned()).collect();
        known.extend(kinds(mistakes::methods(&raw)));
        known.extend(kinds(mistakes::paths(&raw)));
        known.extend(kinds(mistakes::queries(&raw)));
        known.extend(kinds(mistakes::hosts(&raw, &[HOST.to_owned()])));
        known.extend(kinds(mistakes::headers(&raw, &names, client.known.1)));
        known.extend(kinds(mistakes::payloads(&raw)));
        let stated = Scope { day: "20261123", region: "eu-west-1", service: "es" };
        let keys = mistakes::keys(&SecretKey::new(client.known.0), stated, ("us-east-1", "es"));
        known.extend(keys.0.into_iter().filter_map(|(_, _, mistake)| Some(kind(&mistake?.what))));
    }
    tested.sort();
    tested.dedup();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), tested);
}

#[test]
fn a_header_that_is_signed_and_not_sent_is_named() {
    let mut gone = search();
    gone.signed_headers = vec![("user-agent", "client/1.0".into())];
    check(&gone, expect!["Fail SignedHeaders lists user-agent, and the request does not have it"]);
}

#[test]
fn a_headers_spaces_are_made_one_as_they_should_be() {
    let mut spaced = search().header("x-opaque-id", "  two  words");
    spaced.signed_headers = vec![("x-opaque-id", "two words".into())];
    check(
        &spaced,
        expect![
            "Ok the signature is right: made at 20261123T120000Z with AKIAIOSFODNN7EXAMPLE, form 'aws'"
        ],
    );
}

#[test]
fn another_scope_is_a_finding_of_its_own() {
    for (region, service) in [("eu-west-1", "es"), ("us-east-1", "opensearch")] {
        let scope = ["20261123", region, service];
        let findings = Client { scope, key_scope: scope, ..search() }.judged();
        assert_eq!(told(&findings, "scope"), format!("Fail signed for {region}, {service}"));
        assert!(told(&findings, "signature").starts_with("Ok the signature is right"));
    }
    check(
        &Client { scope: ["20261124", "us-east-1", "es"], ..search() },
        expect![
            "Fail Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261124' != '20261123', from '20261123T120000Z'."
        ],
    );
}

#[test]
fn a_secret_that_is_another_is_not_guessed() {
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
        &Client { path: "/a%2C*/_search".into(), payload: hash(b""), ..search() },
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
        Client { path: "/a%2C*/_search".into(), payload: hash(b""), ..search() }.judged();
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
    expect!["Fail SignedHeaders must be lower-case names in ascending order, each exactly once"]
        .assert_eq(&caught(&|text| text.replace("host;x-amz-date", "x-amz-date;host")));
    expect!["Fail Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization="].assert_eq(&caught(&|text| text.replace("X-Amz-Date: ", "X-Other: ")));
    expect!["Fail Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "]
        .assert_eq(&caught(&|text| text.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")));
    expect![
        "Fail only one authentication mechanism is allowed: the request has a signature and another scheme"
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
fn a_password_or_a_token_in_the_place_of_a_signature_is_named_and_not_shown() {
    let caught = |scheme: &str| {
        let text = String::from_utf8(search().caught()).unwrap();
        let lines = text.split("\r\n").map(|line| match line.starts_with("Authorization: ") {
            true => format!("Authorization: {scheme} aHVudGVyMg=="),
            false => line.to_owned(),
        });
        let text = lines.collect::<Vec<_>>().join("\r\n");
        let findings = judged(text.as_bytes(), None, "es");
        assert!(
            !format!("{:?}", findings.iter().map(Finding::json).collect::<Vec<_>>())
                .contains("aHVu")
        );
        told(&findings, "signature")
    };
    expect!["Fail the request carries a name and a password (Basic), and no signature"]
        .assert_eq(&caught("Basic"));
    expect!["Fail the request carries a token (Bearer), and no signature"]
        .assert_eq(&caught("Bearer"));
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
            let _ = StatedSignature::read(&raw);
        }
        let _ = Raw::parse(&caught[..at]);
    }
}
