//! The bodies that Amazon really sent, byte for byte, and the codes of `iam` and `sts`.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use sigv4::{KeyRefusal, Refusal, Settings};

use crate::hand::{DATE, Hand, KEY_ID, NOW, SCOPE, sha256_hex};

#[test]
fn a_wrong_signature_reads_the_short_text() {
    let refusal = refusal(&wrong_signature());
    assert_eq!(body(&refusal), amazons("sig-short"));
    assert_eq!((refusal.status(), body(&refusal).len()), (403, 192));
}

#[test]
fn diagnostics_add_the_canonical_string_and_the_string_to_sign() {
    let request = wrong_signature();
    let settings = Settings { diagnostics: true, ..Settings::domain("us-east-1") };
    let refusal = request.judged_by(&settings, NOW).unwrap_err();
    let canonical = request.canonical("host;x-amz-date");
    let hash = sha256_hex(canonical.as_bytes());
    let to_sign = format!("AWS4-HMAC-SHA256\n{DATE}\n{SCOPE}\n{hash}");
    let escaped = |text: &str| text.replace('\n', "\\n");
    let expected = amazons("sig-long")
        .replace("<CANONICAL REQUEST>", &escaped(&canonical))
        .replace("<STRING TO SIGN>", &escaped(&to_sign));
    assert_eq!(body(&refusal), expected);
}

#[test]
fn a_parameter_without_a_value_is_named_as_curls_mistake_under_diagnostics() {
    let said = |query: &str, diagnostics: bool| {
        let request = Hand::get("/_cat/indices", query).signed();
        let request = request.reauthorized(|old| old.replace("Signature=", "Signature=0"));
        let settings = Settings { diagnostics, ..Settings::domain("us-east-1") };
        body(&request.judged_by(&settings, NOW).unwrap_err())
    };
    assert!(said("v", true).contains("curl 7.88"), "{}", said("v", true));
    assert!(!said("v=true", true).contains("curl"));
    assert!(!said("v", false).contains("curl"), "without diagnostics the text is Amazon's alone");
}

#[test]
fn what_is_logged_of_a_form_with_a_query_does_not_repeat_the_query() {
    let refusal = Refusal::FormWithQuery { query: "Password=hunter2".to_owned() };
    assert!(refusal.es_message().contains("hunter2"), "Amazon's words, for the caller alone");
    assert!(!refusal.to_string().contains("hunter2"));
}

#[test]
fn an_endpoint_of_several_services_names_them() {
    let request = scoped("20261123/us-east-1/s3/aws4_request");
    let refusal = request.judged_by(&Settings::control(), NOW).unwrap_err();
    let text = refusal.es_message();
    assert!(text.starts_with("Credential should be scoped to correct service: 'es'. "), "{text}");
    assert!(text.contains("serves es, iam, sts, access-analyzer and not 's3'"), "{text}");
}

#[test]
fn a_wrong_service_reads_amazons_text() {
    let request = scoped("20261123/us-east-1/s3/aws4_request");
    assert_eq!(body(&refusal(&request)), amazons("wrong-service"));
    assert_eq!(body(&refusal(&request)).len(), 68);
}

#[test]
fn a_wrong_region_reads_amazons_text() {
    let request = scoped("20261123/custom/es/aws4_request");
    assert_eq!(body(&refusal(&request)), amazons("wrong-region"));
    assert_eq!(body(&refusal(&request)).len(), 75);
}

#[test]
fn an_unknown_key_reads_invalid_with_a_period() {
    let request = Hand::get("/", "").signed();
    let request = request.reauthorized(|old| old.replace(KEY_ID, "AKIANOBODYNOBODY0000"));
    assert_eq!(body(&refusal(&request)), amazons("token-invalid-old"));
}

#[test]
fn a_session_key_without_its_token_reads_invalid_with_a_period() {
    assert_eq!(body(&KeyRefusal::TokenMissing.into()), amazons("token-invalid-old"));
}

#[test]
fn a_damaged_token_reads_invalid_without_a_period() {
    assert_eq!(body(&KeyRefusal::TokenDamaged.into()), amazons("token-invalid"));
}

#[test]
fn an_expired_token_reads_expired() {
    assert_eq!(body(&KeyRefusal::TokenExpired.into()), amazons("token-expired"));
}

#[test]
fn a_deleted_key_reads_does_not_exist() {
    let request = Hand::get("/", "").signed();
    let request = request.reauthorized(|old| old.replace(KEY_ID, "AKIADELETEDDELETED00"));
    let expected = "The AWS access key provided does not exist in our records.";
    assert_eq!(refusal(&request).es_message(), expected);
}

/// Amazon once repeated the header after `Authorization=` and later stopped; we never repeat it.
#[test]
fn basic_credentials_are_told_what_a_signature_needs_and_are_not_echoed() {
    let request = Hand::get("/", "").without("X-Amz-Date").authorized("Basic dXNlcjpwYXNz");
    let expected = amazons("non-sigv4-authorization").replace("Basic <b64>", "");
    assert_eq!(body(&refusal(&request)), expected);
}

#[test]
fn a_missing_date_reads_amazons_text() {
    let request = Hand::get("/", "").signed().without("X-Amz-Date");
    assert_eq!(body(&refusal(&request)), amazons("missing-date").replace("...", ""));
}

#[test]
fn an_expired_signature_reads_amazons_text() {
    let request = Hand::get("/", "").set("X-Amz-Date", "20181010T154931Z");
    let request = request.signed_as("", SCOPE, "host;x-amz-date");
    let refusal = request.judged_by(&Settings::domain("us-east-1"), "2018-10-10T15:55:02Z");
    assert_eq!(body(&refusal.unwrap_err()), amazons("expired"));
}

/// Quoted from a front end whose window is five minutes, as es's is.
#[test]
fn a_signature_from_the_future_reads_amazons_text() {
    let request = Hand::get("/", "").set("X-Amz-Date", "20230804T000000Z");
    let request = request.signed_as("", SCOPE, "host;x-amz-date");
    let refusal = request.judged_by(&Settings::domain("us-east-1"), "2023-08-03T17:17:33Z");
    assert_eq!(body(&refusal.unwrap_err()), amazons("future"));
}

#[test]
fn iam_and_sts_answer_with_their_own_codes_and_fifteen_minutes() {
    let settings = Settings::control();
    let sts = "20261123/us-east-1/sts/aws4_request";
    let request = Hand::get("/", "").signed_as("", sts, "host;x-amz-date");
    check_code(
        &request,
        NOW,
        expect![
            "SignatureDoesNotMatch 403: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
        ],
    );
    check_code(
        &request,
        "2026-11-23T12:15:01Z",
        expect![
            "SignatureDoesNotMatch 403: Signature expired: 20261123T120000Z is now earlier than 20261123T120001Z (20261123T121501Z - 15 min.)"
        ],
    );
    assert_eq!(
        request.judged_by(&settings, "2026-11-23T12:15:00Z").unwrap_err().kind(),
        "signature_mismatch"
    );
    let basic = Hand::get("/", "").authorized("Basic dXNlcjpwYXNz");
    check_code(
        &basic,
        NOW,
        expect![
            "IncompleteSignature 400: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization="
        ],
    );
    let stranger = request.reauthorized(|old| old.replace(KEY_ID, "AKIANOBODYNOBODY0000"));
    check_code(
        &stranger,
        NOW,
        expect!["InvalidClientTokenId 403: The security token included in the request is invalid."],
    );
    let (code, text, status) = Refusal::from(KeyRefusal::TokenExpired).query_error();
    assert_eq!((code, status), ("ExpiredToken", 403));
    assert_eq!(text, "The security token included in the request is expired");
    let (code, text, status) = Refusal::MissingAuthenticationToken.query_error();
    assert_eq!((code, status), ("MissingAuthenticationToken", 403));
    assert_eq!(text, "Request is missing Authentication Token");
}

#[test]
fn the_json_services_name_their_own_exceptions() {
    let name = |refusal: Refusal| refusal.json_error();
    assert_eq!(name(KeyRefusal::Unknown.into()), ("UnrecognizedClientException", 403));
    assert_eq!(name(KeyRefusal::TokenExpired.into()), ("ExpiredTokenException", 403));
    assert_eq!(name(refusal(&wrong_signature())), ("InvalidSignatureException", 403));
    assert_eq!(name(Refusal::Syntax), ("IncompleteSignatureException", 403));
    let missing = Refusal::MissingAuthenticationToken;
    assert_eq!(name(missing), ("MissingAuthenticationTokenException", 403));
}

/// A25: what is shown is built from the caller's bytes, without the token and the cookies.
#[test]
fn diagnostics_show_no_token_and_no_cookie() {
    let request = Hand::get("/", "")
        .with("X-Amz-Security-Token", "TOKENTOKEN")
        .with("Cookie", "session=COOKIECOOKIE")
        .signed_as("wrong", SCOPE, "cookie;host;x-amz-date;x-amz-security-token");
    let settings = Settings { diagnostics: true, ..Settings::domain("us-east-1") };
    let text = request.judged_by(&settings, NOW).unwrap_err().es_message();
    assert!(text.contains("x-amz-security-token:***\n") && text.contains("cookie:***\n"), "{text}");
    assert!(!text.contains("TOKENTOKEN") && !text.contains("COOKIECOOKIE"));
}

/// Whoever signs its own `Authorization` header does not get it back, nor a token by another spelling
/// of its parameter's name.
#[test]
fn diagnostics_show_no_authorization_and_no_token_of_the_query() {
    let names = "authorization;host;x-amz-date";
    let header = Hand::get("/", "").signed_as("wrong", SCOPE, names);
    let mut query = Hand::get("/", "").presigned("60");
    query.query += "&X%2DAmz%2DSecurity%2DToken=TOKENTOKEN";
    let settings = Settings { diagnostics: true, ..Settings::domain("us-east-1") };
    let text = header.judged_by(&settings, NOW).unwrap_err().es_message();
    assert!(text.contains("authorization:***\n") && !text.contains("Signature="), "{text}");
    let text = query.judged_by(&settings, NOW).unwrap_err().es_message();
    assert!(text.contains("X-Amz-Security-Token=***&"), "{text}");
    assert!(!text.contains("TOKENTOKEN"), "{text}");
}

#[test]
fn no_refusal_echoes_an_authorization_header() {
    let secret = "SECRETSECRETSECRET";
    let headers = [
        format!("AWS4-HMAC-SHA256 {secret}"),
        format!("AWS4-HMAC-SHA256 Credential={secret}, Foo={secret}"),
        format!("AWS4-HMAC-SHA256 Credential={secret}"),
        format!("AWS4-HMAC-SHA256 Credential={secret},SignedHeaders=host;x-amz-date,Signature=x"),
        format!("AWS {secret}:{secret}"),
        format!("AWS4-HMAC-SHA256Credential={secret},SignedHeaders=host,Signature={secret}"),
        format!("AWS:{secret}"),
        format!("Bearer {secret}"),
    ];
    for header in headers {
        let refusal = refusal(&Hand::get("/", "").authorized(&header));
        let texts = format!("{refusal} {refusal:?} {}", refusal.es_message());
        assert!(!texts.contains(secret), "{texts}");
    }
}

fn check_code(request: &Hand, now: &str, expected: Expect) {
    let refusal = request.judged_by(&Settings::control(), now).unwrap_err();
    let (code, text, status) = refusal.query_error();
    expected.assert_eq(&format!("{code} {status}: {text}"));
}

fn wrong_signature() -> Hand {
    Hand::get("/books/_search", "").signed_as("something else", SCOPE, "host;x-amz-date")
}

fn scoped(scope: &str) -> Hand {
    let request = Hand::get("/", "");
    let canonical = request.canonical("host;x-amz-date");
    request.signed_as(&canonical, scope, "host;x-amz-date")
}

fn refusal(request: &Hand) -> Refusal {
    request.judged().unwrap_err()
}

fn body(refusal: &Refusal) -> String {
    json!({ "message": refusal.es_message() }).to_string()
}

/// The texts that this project keeps are those of the collected bodies.
#[test]
#[ignore = "needs ../shared/conformance"]
fn our_copies_are_amazons_bodies() {
    let file = fs::read_to_string(crate::conformance("es-error-bodies.json")).unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let ids = [
        "sig-short",
        "sig-long",
        "wrong-service",
        "wrong-region",
        "token-invalid-old",
        "token-invalid",
        "token-expired",
        "non-sigv4-authorization",
        "missing-date",
        "expired",
        "future",
    ];
    for id in ids {
        let bodies = file["bodies"].as_array().unwrap();
        let found = bodies.iter().find(|body| body["id"] == id).unwrap();
        assert_eq!(found["body"].as_str(), Some(amazons(id).as_str()), "{id}");
    }
}

/// Amazon's texts, from the public reports that `docs/internals/signatures.md` names.
fn amazons(id: &str) -> String {
    let mismatch = "The request signature we calculated does not match the signature you \
        provided. Check your AWS Secret Access Key and signing method. Consult the service \
        documentation for details.";
    let date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
        header. ";
    let text = match id {
        "sig-short" => mismatch.to_owned(),
        "sig-long" => format!(
            "{mismatch}\\n\\nThe Canonical String for this request should have been\\n\
             '<CANONICAL REQUEST>'\\n\\nThe String-to-Sign should have been\\n\
             '<STRING TO SIGN>'\\n"
        ),
        "wrong-service" => "Credential should be scoped to correct service: 'es'. ".to_owned(),
        "wrong-region" => {
            "Credential should be scoped to a valid region, not 'custom'. ".to_owned()
        }
        "token-invalid-old" => "The security token included in the request is invalid.".to_owned(),
        "token-invalid" => "The security token included in the request is invalid".to_owned(),
        "token-expired" => "The security token included in the request is expired".to_owned(),
        "non-sigv4-authorization" => format!(
            "Authorization header requires 'Credential' parameter. Authorization header requires \
             'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
             {date}Authorization=Basic <b64>"
        ),
        "missing-date" => format!("{date}Authorization=..."),
        "expired" => "Signature expired: 20181010T154931Z is now earlier than \
            20181010T155002Z (20181010T155502Z - 5 min.)"
            .to_owned(),
        "future" => "Signature not yet current: 20230804T000000Z is still later than \
            20230803T172233Z (20230803T171733Z + 5 min.)"
            .to_owned(),
        id => panic!("no such text: {id}"),
    };
    format!("{{\"message\":\"{text}\"}}")
}
