//! The query form.

use sigv4::{Host, Settings, presigned};

use crate::hand::{DATE, Hand, KEY_ID, NOW, SCOPE, signature};

#[test]
fn a_presigned_request_is_good_until_it_expires() {
    let request = Hand::get("/books/_search", "q=rust").presigned("60");
    let settings = Settings::domain("us-east-1");
    let at = |now: &str| request.judged_by(&settings, now).map(|_| ()).map_err(|no| no.kind());
    assert_eq!(at("2026-11-23T12:01:00Z"), Ok(()));
    assert_eq!(at("2026-11-23T12:01:01Z"), Err("expired"));
    assert_eq!(at("2026-11-23T11:55:00Z"), Ok(()));
    assert_eq!(at("2026-11-23T11:54:59Z"), Err("not_yet_current"));
}

#[test]
fn the_expiry_of_a_presigned_request_is_told_in_its_own_unit() {
    let request = Hand::get("/", "").presigned("90");
    let settings = Settings::domain("us-east-1");
    let text = request.judged_by(&settings, "2026-11-23T12:02:00Z").unwrap_err().es_message();
    let expected = "Signature expired: 20261123T120000Z is now earlier than 20261123T120030Z \
        (20261123T120200Z - 90 sec.)";
    assert_eq!(text, expected);
}

#[test]
fn expiry_is_a_number_from_one_second_to_seven_days() {
    for good in ["1", "604800"] {
        assert!(Hand::get("/", "").presigned(good).judged().is_ok(), "{good}");
    }
    for bad in ["0", "604801", "-1", "+60", "1e3", "", "60.0", "99999999999999999999999"] {
        let request = Hand::get("/", "").presigned(bad);
        assert_eq!(request.refused(), "expires_out_of_range", "{bad}");
    }
}

/// Some signers (mhart/aws4) leave `X-Amz-Expires` out for `es`.
#[test]
fn without_expires_a_presigned_request_is_good_as_long_as_a_signed_header() {
    let credential = format!("{KEY_ID}/{SCOPE}").replace('/', "%2F");
    let mut request = Hand::get("/", "").without("X-Amz-Date");
    request.query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={DATE}\
         &X-Amz-SignedHeaders=host"
    );
    let signature = signature(&request.canonical("host"), DATE, SCOPE);
    request.query += &format!("&X-Amz-Signature={signature}");
    let settings = Settings::domain("us-east-1");
    assert!(request.judged_by(&settings, "2026-11-23T12:05:00Z").is_ok());
    let late = request.judged_by(&settings, "2026-11-23T12:05:01Z");
    assert_eq!(late.unwrap_err().kind(), "expired");
}

/// soto#450: the token may be added after signing.
#[test]
fn a_security_token_may_be_outside_the_signature_of_a_query() {
    let mut outside = Hand::get("/", "").presigned("60");
    outside.query += "&X-Amz-Security-Token=abc";
    assert!(outside.judged().is_ok());
}

#[test]
fn the_engine_sees_none_of_the_presigned_parameters() {
    let query = Hand::get("/", "q=a%20b&size=1").presigned("60").query;
    assert_eq!(presigned::strip(&query), "q=a%20b&size=1");
    assert_eq!(presigned::strip("X%2DAmz-Signature=1&v&x-amz-date=2"), "v");
    assert_eq!(presigned::strip("X-Amz-Meta=1&awsome=2"), "X-Amz-Meta=1&awsome=2");
}

#[test]
fn the_host_is_tried_with_and_without_its_port() {
    let signed_over = |signed_host: &str, wire_host: &str| {
        let canonical = Hand::get("/", "").set("Host", signed_host).canonical("host;x-amz-date");
        Hand::get("/", "").set("Host", wire_host).signed_as(&canonical, SCOPE, "host;x-amz-date")
    };
    let settings = Settings { port: Some(9200), ..Settings::domain("us-east-1") };
    let table = [
        ("localhost:9200", "localhost:9200", Some(Host::AsReceived)),
        ("localhost", "localhost:9200", Some(Host::OtherPort)),
        ("localhost:9200", "localhost", Some(Host::OtherPort)),
        ("[::1]", "[::1]:9200", Some(Host::OtherPort)),
        ("[::1]:9200", "[::1]", Some(Host::OtherPort)),
        ("localhost:9201", "localhost:9200", None),
        ("localhost.", "localhost", None),
        ("LOCALHOST", "localhost", None),
    ];
    for (signed, wire, expected) in table {
        let verdict = signed_over(signed, wire).judged_by(&settings, NOW);
        let host = verdict.ok().flatten().map(|verified| verified.host);
        assert_eq!(host, expected, "{signed} sent as {wire}");
    }
}
