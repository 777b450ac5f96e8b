//! Group A of the abuse cases, as far as the signature layer decides them. A test that covers a
//! case names its number.

use sigv4::{Form, Payload, PayloadHash, Request, Settings};

use crate::hand::{DATE, HOST, Hand, KEY_ID, NOW, OneKey, SCOPE, sha256_hex};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn signed_over(request: Hand, names: &str) -> Hand {
    let canonical = request.canonical(names);
    request.signed_as(&canonical, SCOPE, names)
}

#[test]
fn a01_a_known_key_with_a_forged_signature_is_refused() {
    let genuine = Hand::get("/", "").signed();
    assert!(genuine.judged().is_ok());
    let forge = |signature: String| {
        let start = |old: &str| old.split("Signature=").next().unwrap().to_owned();
        genuine.clone().reauthorized(|old| format!("{}Signature={signature}", start(old)))
    };
    let genuine_hex = {
        let (_, value) = genuine.headers.last().unwrap();
        String::from_utf8_lossy(value).rsplit('=').next().unwrap().to_owned()
    };
    for forged in [
        "deadbeef".to_owned(),
        "0".repeat(64),
        "g".repeat(64),
        genuine_hex.to_uppercase(),
        genuine_hex.chars().take(63).collect(),
        format!("{genuine_hex}0"),
        format!("{genuine_hex} x"),
    ] {
        assert_eq!(forge(forged.clone()).refused(), "signature_mismatch", "{forged}");
    }
    assert_eq!(forge(String::new()).refused(), "missing_parts");
}

#[test]
fn a02_a_credential_in_the_query_alone_with_a_streaming_mode_is_refused() {
    let credential = format!("{KEY_ID}/{SCOPE}").replace('/', "%2F");
    let request = Hand::get("/", &format!("X-Amz-Credential={credential}"))
        .method("PUT")
        .with("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert_eq!(request.refused(), "missing_parts");
    let presigned = Hand::get("/", "").presigned("60");
    let request = presigned.with("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert_eq!(request.refused(), "payload_mode");
}

#[test]
fn a03_header_and_query_credentials_together_are_refused_even_when_both_are_good() {
    let presigned = Hand::get("/", "").presigned("60").with("X-Amz-Date", DATE);
    let mut header = Hand::get("/", "");
    header.query.clone_from(&presigned.query);
    let both = signed_over(header, "host;x-amz-date");
    assert_eq!(both.refused(), "header_and_query");
    let forged = presigned.clone().authorized("AWS4-HMAC-SHA256 Credential=a");
    assert_eq!(forged.refused(), "header_and_query");
    let text = forged.judged().unwrap_err().query_error().0;
    assert_eq!(text, "SignatureDoesNotMatch");
}

#[test]
fn a04_a_presigned_request_is_good_for_nothing_else() {
    let genuine = Hand::get("/books/_doc/1", "routing=a").presigned("60");
    assert!(genuine.judged().is_ok());
    assert_eq!(genuine.clone().method("PUT").refused(), "signature_mismatch");
    assert_eq!(genuine.clone().body(b"x").refused(), "signature_mismatch");
    assert_eq!(genuine.clone().set("Host", "other:9200").refused(), "signature_mismatch");
    let mut path = genuine.clone();
    path.path = "/books/_doc/2".to_owned();
    assert_eq!(path.refused(), "signature_mismatch");
    for (from, to) in [("routing=a", "routing=b"), ("Expires=60", "Expires=61")] {
        let mut query = genuine.clone();
        query.query = query.query.replace(from, to);
        assert_eq!(query.refused(), "signature_mismatch", "{to}");
    }
    let mut more = genuine.clone();
    more.query += "&refresh=true";
    assert_eq!(more.refused(), "signature_mismatch");
    let mut digit = genuine;
    let last = digit.query.pop().unwrap();
    digit.query.push(if last == '0' { '1' } else { '0' });
    assert_eq!(digit.refused(), "signature_mismatch");
}

#[test]
fn a05_a_replaced_body_is_refused() {
    let hash = sha256_hex(b"{}");
    let genuine = Hand::get("/a/_doc", "").method("POST").body(b"{}");
    let genuine = genuine.with("x-amz-content-sha256", &hash);
    let genuine = signed_over(genuine, "host;x-amz-content-sha256;x-amz-date");
    assert!(genuine.judged().is_ok());
    let replaced = genuine.body(b"{ }").judged().unwrap_err();
    assert_eq!(replaced.kind(), "signature_mismatch");
    assert!(replaced.es_message().starts_with("The request signature we calculated"));
}

#[test]
fn a06_an_unsigned_payload_needs_the_switch() {
    let request = Hand::get("/_bulk", "").method("POST").body(b"anything");
    let request = request.with("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let names = "host;x-amz-content-sha256;x-amz-date";
    let canonical = request.canonical(names).replace(&sha256_hex(b"anything"), "UNSIGNED-PAYLOAD");
    let request = request.signed_as(&canonical, SCOPE, names);
    assert_eq!(request.refused(), "payload_mode");
    let settings = Settings { unsigned_payload: true, ..Settings::domain("us-east-1") };
    let verified = request.judged_by(&settings, NOW).unwrap().unwrap();
    assert_eq!(verified.payload, Payload::Unsigned);
}

#[test]
fn a07_every_streaming_mode_is_refused_whatever_the_switch_says() {
    let settings = Settings { unsigned_payload: true, ..Settings::domain("us-east-1") };
    for mode in [
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-SOMETHING-NEW",
        "unsigned-payload",
        "",
    ] {
        let request = Hand::get("/", "").with("x-amz-content-sha256", mode);
        let names = "host;x-amz-content-sha256;x-amz-date";
        for last_line in [mode, EMPTY, "UNSIGNED-PAYLOAD"] {
            let canonical = request.canonical(names).replace(EMPTY, last_line);
            let request = request.clone().signed_as(&canonical, SCOPE, names);
            let refusal = request.judged_by(&settings, NOW).unwrap_err();
            assert_eq!(refusal.kind(), "payload_mode", "{mode}");
        }
    }
}

#[test]
fn a08_an_unsigned_content_hash_is_accepted_when_it_is_the_bodys() {
    let body = b"{}";
    let base = || Hand::get("/a/_doc", "").method("POST").body(body);
    let with_hash = |hash: &str| base().signed().with("x-amz-content-sha256", hash);
    assert!(with_hash(&sha256_hex(body)).judged().is_ok());
    assert_eq!(with_hash(EMPTY).refused(), "signature_mismatch");
    assert_eq!(with_hash(&sha256_hex(body).to_uppercase()).refused(), "payload_mode");
    let twice = with_hash(&sha256_hex(body)).with("X-Amz-Content-Sha256", sha256_hex(body));
    assert_eq!(twice.refused(), "duplicate_header");
    let signed = base().with("x-amz-content-sha256", EMPTY);
    let signed = signed_over(signed, "host;x-amz-content-sha256;x-amz-date");
    assert_eq!(signed.refused(), "signature_mismatch");
}

#[test]
fn a09_the_host_and_the_date_must_be_signed() {
    assert_eq!(signed_over(Hand::get("/", ""), "x-amz-date").refused(), "host_not_signed");
    assert_eq!(signed_over(Hand::get("/", ""), "host").refused(), "header_not_signed");
    let http_date = || {
        let request = Hand::get("/", "").without("X-Amz-Date");
        request.with("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
    };
    assert_eq!(signed_over(http_date(), "host").refused(), "header_not_signed");
    assert!(signed_over(http_date(), "date;host").judged().is_ok());
    let no_host = signed_over(Hand::get("/", ""), "host;x-amz-date").without("Host");
    assert_eq!(no_host.refused(), "malformed_host");
}

#[test]
fn a10_a_header_that_counts_once_is_refused_when_it_comes_twice_or_folded() {
    let genuine = || Hand::get("/", "").signed();
    for (name, value) in [("X-Amz-Date", DATE), ("Host", HOST), ("host", "other")] {
        let twice = genuine().with(name, value);
        assert_eq!(twice.judged().unwrap_err().status(), 400, "{name}");
        assert_eq!(twice.refused(), "duplicate_header", "{name}");
    }
    let (_, authorization) = genuine().headers.pop().unwrap();
    assert_eq!(genuine().with("authorization", authorization).refused(), "duplicate_header");
    let token = genuine().with("X-Amz-Security-Token", "a").with("x-amz-security-token", "a");
    assert_eq!(token.refused(), "duplicate_header");
    assert_eq!(genuine().set("Host", "localhost:9200, other").refused(), "malformed_host");
    assert_eq!(genuine().set("X-Amz-Date", format!("{DATE}, {DATE}")).refused(), "date_syntax");
    let folded = genuine().reauthorized(|old| format!("{old}, {old}"));
    assert_eq!(folded.refused(), "syntax");
    let mut twice = Hand::get("/", "").presigned("60");
    twice.query += "&X-Amz-Expires=60";
    assert_eq!(twice.refused(), "duplicate_parameter");
}

#[test]
fn a11_blanks_in_signed_values_count_as_in_awss_vectors() {
    let wire = Hand::get("/", "").with("X-Amz-Meta", " \t a   b \t c  ");
    let canonical = Hand::get("/", "").with("X-Amz-Meta", "a b c");
    let canonical = canonical.canonical("host;x-amz-date;x-amz-meta");
    let genuine = wire.signed_as(&canonical, SCOPE, "host;x-amz-date;x-amz-meta");
    assert!(genuine.judged().is_ok());
    for folded in ["a\r\n b", "a\n b", "a\0b"] {
        let request = Hand::get("/", "").signed().with("X-Other", folded);
        assert_eq!(request.judged().unwrap_err().status(), 400);
        assert_eq!(request.refused(), "malformed_header");
    }
}

#[test]
fn a12_a_signature_covers_every_parameter_and_its_order_within_a_name() {
    let genuine = Hand::get("/", "a=1&b=2").signed();
    for other in ["a=1&b=3", "a=1", "a=1&b=2&c", "a=1&b=2&b=2", "a=2&b=1", "a=1;b=2", "a=1%26b=2"] {
        let mut request = genuine.clone();
        other.clone_into(&mut request.query);
        assert_eq!(request.refused(), "signature_mismatch", "{other}");
    }
}

#[test]
fn a13_a_signature_covers_the_wire_bytes_of_the_path() {
    let genuine = Hand::get("/a/b", "").signed();
    for other in ["/a//b", "/a/./b", "/a/c/../b", "/a%2Fb", "/a/%62", "/A/b", "/a/b/", "/a/b%00"] {
        let mut request = genuine.clone();
        other.clone_into(&mut request.path);
        assert_eq!(request.refused(), "signature_mismatch", "{other}");
    }
}

/// No transport delivers such a request line; where a form signs the path or the query as it stands, a
/// line break in it would be another line of the canonical request.
#[test]
fn a13_a_control_character_in_the_request_line_is_refused() {
    let broken = [
        Hand::get("/", "").method("GET\n"),
        Hand::get("/a\nb", ""),
        Hand::get("/", "a=1\nhost:other"),
        Hand::get("/\0", ""),
        Hand::get("/", "\u{7f}"),
    ];
    for request in broken {
        let refusal = request.signed().judged().unwrap_err();
        assert_eq!((refusal.kind(), refusal.status()), ("malformed_target", 400));
    }
}

#[test]
fn a14_the_window_is_five_minutes_either_way() {
    let settings = Settings::domain("us-east-1");
    let request = Hand::get("/", "").signed();
    let at = |now: &str| request.judged_by(&settings, now).map(|_| ()).map_err(|no| no.kind());
    assert_eq!(at("2026-11-23T12:04:59Z"), Ok(()));
    assert_eq!(at("2026-11-23T12:05:01Z"), Err("expired"));
    assert_eq!(at("2026-11-23T11:55:01Z"), Ok(()));
    assert_eq!(at("2026-11-23T11:54:59Z"), Err("not_yet_current"));
    let message = request.judged_by(&settings, "2026-11-23T13:00:00Z").unwrap_err().es_message();
    assert!(message.contains("20261123T130000Z"), "the server's time: {message}");
}

#[test]
fn a14_odd_dates_are_refused() {
    let dated = |date: &str| Hand::get("/", "").set("X-Amz-Date", date).signed();
    for date in [
        "20261123T120000",
        "2026-11-23T12:00:00Z",
        "20261123T120060Z",
        "20261131T120000Z",
        "20261323T120000Z",
        "20261123T240000Z",
        "20261123t120000z",
        "+2026112T120000Z",
        "20261123T12 000Z",
        "Mon, 23 Nov 2026 12:00:00 GMT",
        "1795435200",
    ] {
        assert_eq!(dated(date).refused(), "date_syntax", "{date}");
    }
    assert_eq!(dated("99991231T235959Z").refused(), "not_yet_current");
    assert_eq!(dated("19700101T000000Z").refused(), "expired");
    assert_eq!(dated("20380119T031408Z").refused(), "not_yet_current");
    assert_eq!(dated("00000101T000000Z").refused(), "expired");
}

#[test]
fn a14_the_scopes_day_is_the_dates_day() {
    let request = Hand::get("/", "");
    let canonical = request.canonical("host;x-amz-date");
    let scope = "20261122/us-east-1/es/aws4_request";
    let request = request.signed_as(&canonical, scope, "host;x-amz-date");
    assert_eq!(request.refused(), "scope");
}

#[test]
fn a16_a_signature_for_another_scope_is_refused() {
    for scope in [
        "20261123/us-west-2/es/aws4_request",
        "20261123/US-EAST-1/es/aws4_request",
        "20261123/us-east-1/s3/aws4_request",
        "20261123/us-east-1/aoss/aws4_request",
        "20261123/us-east-1/ES/aws4_request",
        "20261123/us-east-1/es/AWS4_request",
        "20261123/us-east-1/es/",
    ] {
        let request = Hand::get("/", "");
        let canonical = request.canonical("host;x-amz-date");
        let request = request.signed_as(&canonical, scope, "host;x-amz-date");
        assert_eq!(request.refused(), "scope", "{scope}");
        let relabelled = request.reauthorized(|old| old.replace(scope, SCOPE));
        assert_eq!(relabelled.refused(), "signature_mismatch", "{scope}");
    }
}

#[test]
fn a17_other_algorithms_are_refused() {
    let genuine = Hand::get("/", "").signed();
    for algorithm in ["AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA1", "aws4-hmac-sha256", "AWS4", "AWS"]
    {
        let request = genuine.clone();
        let request = request.reauthorized(|old| old.replace("AWS4-HMAC-SHA256", algorithm));
        assert_eq!(request.refused(), "unsupported_algorithm", "{algorithm}");
    }
    let version_2 = Hand::get("/", "").authorized("AWS AKIDEXAMPLE:c2lnbmF0dXJl");
    assert_eq!(version_2.refused(), "unsupported_algorithm");
    let query_2 = Hand::get("/", "AWSAccessKeyId=AKIDEXAMPLE&Signature=x&Expires=1");
    assert_eq!(query_2.refused(), "unsupported_algorithm");
}

/// Whose token it is the directory decides; that it reaches the directory unchanged, we do.
#[test]
fn a18_the_token_reaches_the_directory_as_it_was_sent() {
    let request = Hand::get("/", "").signed().with("x-amz-security-token", "IQoJb3Jp/+==");
    let headers: Vec<(&str, &[u8])> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let view = Request { method: "GET", path: "/", query: "", headers: &headers };
    let settings = Settings::domain("us-east-1");
    let presented = sigv4::claim(&view, NOW.parse().unwrap(), &settings).unwrap();
    let sigv4::PresentedSignature::Signed(claim) = presented else { panic!("anonymous") };
    assert_eq!(claim.session_token(), Some("IQoJb3Jp/+=="));
    assert!(!format!("{claim:?}").contains("IQoJ"), "a token has no Debug");
}

#[test]
fn a18_a_token_in_the_header_and_in_the_query_is_refused() {
    let mut request = Hand::get("/", "").presigned("60").with("X-Amz-Security-Token", "a");
    request.query += "&X-Amz-Security-Token=a";
    assert_eq!(request.refused(), "duplicate_header");
}

/// The unknown key is reported, and whether its signature would have matched is not.
#[test]
fn a19_an_unknown_key_reads_the_same_whatever_its_signature() {
    let stranger = |request: Hand| {
        let request = request.reauthorized(|old| old.replace(KEY_ID, "AKIANOBODYNOBODY0000"));
        request.judged().unwrap_err().es_message()
    };
    let good = stranger(Hand::get("/", "").signed());
    let bad = stranger(Hand::get("/", "").signed_as("else", SCOPE, "host;x-amz-date"));
    assert_eq!(good, bad);
}

#[test]
fn a21_the_signature_covers_the_bytes_as_sent() {
    let compressed = b"\x1f\x8b\x08\x00compressed";
    let plain = b"{\"query\":{}}";
    let over = |signed: &[u8], sent: &[u8]| {
        let request = Hand::get("/_search", "").method("POST").with("Content-Encoding", "gzip");
        request.body(signed).signed().body(sent)
    };
    assert!(over(compressed, compressed).judged().is_ok());
    assert_eq!(over(plain, compressed).refused(), "signature_mismatch");
}

#[test]
fn a22_what_a_client_signs_is_verified_as_received() {
    let request = Hand::get("/", "")
        .with("Connection", "keep-alive")
        .with("Transfer-Encoding", "chunked")
        .with("User-Agent", "curl/8");
    let names = "connection;host;transfer-encoding;user-agent;x-amz-date";
    assert!(signed_over(request.clone(), names).judged().is_ok());
    let trap = signed_over(request.set("Connection", "close, X-Amz-Date"), names);
    assert_eq!(trap.judged().unwrap_err().status(), 400);
    assert_eq!(trap.refused(), "hop_by_hop_signed");
}

#[test]
fn a23_hosts_that_are_none_are_refused() {
    for host in ["", "a b", "user@host", "a/b", "a?b", "a#b", "a,b", "\u{fc}"] {
        let request = Hand::get("/", "").set("Host", host).signed();
        assert_eq!(request.refused(), "malformed_host", "{host}");
    }
    for host in ["LOCALHOST", "localhost.", "[::1]:9200", "[fe80::1%25eth0]", "10.0.0.1"] {
        assert!(Hand::get("/", "").set("Host", host).signed().judged().is_ok(), "{host}");
    }
}

#[test]
fn a24_too_much_of_anything_is_refused_on_sight() {
    let names: String = (0..1_000).map(|count| format!(";x{count:04}")).collect();
    let long = "A".repeat(100 * 1024);
    let names = format!("AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host{names},Signature=a");
    let parameters = vec!["a=1"; 10_000].join("&");
    let many = (0..300).fold(Hand::get("/", ""), |request, _| request.with("X-Any", "1"));
    for request in [
        Hand::get("/", "").authorized(&format!("AWS4-HMAC-SHA256 Credential={long}")),
        Hand::get("/", "").authorized(&names),
        Hand::get("/", &parameters).signed(),
        Hand::get("/", &long).signed(),
        Hand::get(&long, "").signed(),
        Hand::get("/", "").signed().with("X-Amz-Security-Token", &long),
        many.signed(),
    ] {
        let refusal = request.judged().unwrap_err();
        assert_eq!((refusal.kind(), refusal.status()), ("too_large", 400));
    }
}

#[test]
fn a26_a_broken_credential_is_never_anonymous() {
    assert_eq!(Hand::get("/", "q=1").judged().unwrap(), None);
    for broken in ["", "Basic", "Basic eA==", "Bearer x", "Negotiate", "AWS4-HMAC-SHA256", "x"] {
        let verdict = Hand::get("/", "").authorized(broken).judged();
        assert!(verdict.is_err(), "Authorization: {broken}");
    }
    for query in [
        "X-Amz-Signature=",
        "x-amz-signature=1",
        "X-AMZ-CREDENTIAL",
        "X%2DAmz%2DCredential=1",
        "X-Amz-Security-Token=1",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Date=1",
        "awsaccesskeyid=1",
        "q=1&X-Amz-Expires=1",
    ] {
        assert!(Hand::get("/", query).judged().is_err(), "?{query}");
    }
    let token_only = Hand::get("/", "").with("X-Amz-Security-Token", "a");
    assert_eq!(token_only.refused(), "missing_parts");
}

#[test]
fn a27_a_signature_beside_basic_is_refused() {
    let two = Hand::get("/", "").signed().with("Authorization", "Basic dXNlcjpwYXNz");
    assert_eq!(two.refused(), "two_schemes");
    let query = Hand::get("/", "").presigned("60").authorized("Basic dXNlcjpwYXNz");
    assert_eq!(query.refused(), "two_schemes");
    let folded = Hand::get("/", "").signed();
    let folded = folded.reauthorized(|old| format!("{old}, Basic dXNlcjpwYXNz"));
    assert_eq!(folded.refused(), "syntax");
}

#[test]
fn signed_headers_in_a_wrong_order_are_refused() {
    for names in ["x-amz-date;host", "host;host;x-amz-date", "Host;x-amz-date", ";host;x-amz-date"]
    {
        let request = signed_over(Hand::get("/", ""), names);
        assert_eq!(request.refused(), "signed_headers_not_canonical", "{names}");
        assert!(request.judged().unwrap_err().es_message().starts_with("The request signature"));
    }
}

#[test]
fn every_x_amz_header_must_be_signed_but_the_token_and_the_hash() {
    let genuine = || Hand::get("/", "").signed();
    assert_eq!(genuine().with("X-Amz-Target", "x").refused(), "header_not_signed");
    assert!(genuine().with("X-Amz-Security-Token", "x").judged().is_ok());
    assert!(genuine().with("X-Amzn-Trace-Id", "x").judged().is_ok());
    let text = genuine().with("X-Amz-Target", "x").judged().unwrap_err().es_message();
    assert_eq!(text, "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.");
}

#[test]
fn a_signed_header_that_is_absent_or_doubled_afterwards_is_refused() {
    let genuine = signed_over(Hand::get("/", "").with("X-Any", "1"), "host;x-amz-date;x-any");
    assert_eq!(genuine.judged().unwrap().unwrap().form, Form::Aws);
    assert_eq!(genuine.clone().without("X-Any").refused(), "signature_mismatch");
    assert_eq!(genuine.with("X-Any", "2").refused(), "signature_mismatch");
}

#[test]
fn a_form_body_with_a_query_reads_amazons_text() {
    let request = Hand::get("/_search", "a=b").method("POST").body(b"x=1");
    let request = request.with("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    let text = request.signed().judged().unwrap_err().es_message();
    let expected = "When Content-Type:application/x-www-form-urlencoded, URL cannot include \
        query-string parameters (after '?'): 'a=b'";
    assert_eq!(text, expected);
}

#[test]
fn a_body_hashed_in_pieces_is_the_body() {
    let mut hasher = sigv4::PayloadHasher::new();
    for chunk in [b"{\"a\"".as_slice(), b"", b":1}"] {
        hasher.update(chunk);
    }
    assert_eq!(hasher.finish(), PayloadHash::of(b"{\"a\":1}"));
    assert_eq!(sigv4::PayloadHasher::new().finish().to_hex(), EMPTY);
}

/// The two halves a server uses judge as the whole does.
#[test]
fn a_claim_can_be_checked_against_another_key_in_vain() {
    let request = Hand::get("/", "").signed();
    let headers: Vec<(&str, &[u8])> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let view = Request { method: "GET", path: "/", query: "", headers: &headers };
    let settings = Settings::domain("us-east-1");
    let body = PayloadHash::of(b"");
    let verified = sigv4::verify(&view, &body, &OneKey, NOW.parse().unwrap(), &settings);
    let (claim, _) = verified.unwrap().unwrap();
    let other = sigv4::SecretKey::new("another secret").signing_key(claim.scope());
    let refusal = claim.check(&view, &body, &other, &settings).unwrap_err();
    assert_eq!(refusal.kind(), "signature_mismatch");
}
