use expect_test::{Expect, expect};

use super::*;
use crate::transport::malformed::MalformedRequest;

fn check(refusal: Refusal, dialect: Dialect, expected: &Expect) {
    let outcome = refused(refusal, dialect, "ID");
    let body = String::from_utf8(outcome.body.to_vec()).unwrap();
    let headers = &outcome.headers;
    expected.assert_eq(&format!("{} {} {headers:?}\n{body}", outcome.status, outcome.content_type));
}

fn unproven() -> Refusal {
    sigv4::Refusal::from(sigv4::KeyRefusal::Unknown).into()
}

#[test]
fn the_data_plane_reads_a_lower_case_message_from_the_signature_layer() {
    check(
        unproven(),
        Dialect::Search,
        &expect![[r#"
            403 application/json [("access-control-allow-origin", "*")]
            {"message":"The security token included in the request is invalid."}"#]],
    );
}

#[test]
fn the_data_plane_reads_a_capital_message_from_the_authorization_layer() {
    check(
        Refusal::Denied("User: anonymous is not authorized".into()),
        Dialect::Search,
        &expect![[r#"
            403 application/json [("access-control-allow-origin", "*")]
            {"Message":"User: anonymous is not authorized"}"#]],
    );
}

#[test]
fn iam_reads_a_code_in_xml_and_text_is_escaped() {
    check(
        Refusal::Denied("<a> & b".into()),
        Dialect::Iam,
        &expect![[r#"
            403 text/xml []
            <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>&lt;a&gt; &amp; b. For complete details, call the GetRequestAuthorizationDetails API with the following authorization id: ID</Message></Error><RequestId>ID</RequestId></ErrorResponse>"#]],
    );
}

#[test]
fn es_reads_the_json_name_of_a_signature_error() {
    check(
        unproven(),
        Dialect::RestJson,
        &expect![[r#"
            403 application/json [("x-amzn-errortype", "UnrecognizedClientException")]
            {"message":"The security token included in the request is invalid."}"#]],
    );
}

#[test]
fn a_malformed_request_closes_its_connection() {
    check(
        MalformedRequest::bad("no Host").into(),
        Dialect::Search,
        &expect![[r#"
            400 application/json [("connection", "close")]
            {"message":"no Host"}"#]],
    );
}

#[test]
fn gzip_is_sent_only_to_those_who_take_it() {
    assert!(accepts_gzip(Some("deflate, gzip")));
    assert!(accepts_gzip(Some("*")));
    assert!(!accepts_gzip(Some("gzip;q=0")));
    assert!(!accepts_gzip(Some("identity")));
    assert!(!accepts_gzip(None));
}

/// The length that an answer says it has, and the length that it has.
fn content(method: &str, status: u16, accepts_gzip: bool) -> (Option<String>, u64) {
    use http_body_util::BodyExt;
    use hyper::body::Body;
    let outcome = Outcome::json(status, &json!({ "message": "x".repeat(5_000) }));
    let record = AuditRecord { method: method.to_owned(), ..AuditRecord::default() };
    let response = http(outcome.compressed(accepts_gzip), &record);
    let length = response.headers().get(header::CONTENT_LENGTH);
    let length = length.map(|length| length.to_str().unwrap().to_owned());
    (length, response.into_body().boxed_unsync().size_hint().exact().unwrap())
}

#[test]
fn answers_without_content_have_none_whatever_they_say() {
    assert_eq!(content("HEAD", 403, false), (Some("5014".to_owned()), 0));
    let (told, packed) = (content("HEAD", 200, true), content("GET", 200, true));
    assert_eq!((told.0, told.1), (Some(packed.1.to_string()), 0));
    for status in [204, 304] {
        assert_eq!(content("GET", status, false), (None, 0), "{status}");
    }
    assert_eq!(content("GET", 403, false), (None, 5014), "hyper tells it");
}

#[test]
fn a_body_that_is_too_large_reads_as_at_amazons_front_end_on_the_data_plane_only() {
    check(
        MalformedRequest::body_too_large(10_485_760).into(),
        Dialect::Search,
        &expect![[r#"
            413 application/json [("connection", "close")]
            {"Message":"Request size exceeded 10485760 bytes"}"#]],
    );
    check(
        MalformedRequest::body_too_large(1_048_576).into(),
        Dialect::RestJson,
        &expect![[r#"
            413 application/json [("connection", "close")]
            {"message":"Request size exceeded 1048576 bytes"}"#]],
    );
}
