//! Every body that Amazon's endpoints are known to have sent and that can occur here, byte for byte, from a live
//! service, with its status and headers.
//!
//! The bodies are `../shared/conformance/es-error-bodies.json`; [`PLACES`] says of each where it is shown, and a
//! body that nobody placed fails the last test.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::client::{Answer, Client, Key};
use crate::service::Running;

/// Where a body is shown.
enum Place {
    /// The test of this name in this file.
    Here(&'static str),
    /// Nowhere, because.
    Nowhere(&'static str),
}

use Place::{Here, Nowhere};

const OLDER: &str = "an older wording: the newest is sent";

const PLACES: &[(&str, Place)] = &[
    ("sig-short", Here("a_wrong_secret_reads_the_short_text")),
    ("sig-long", Here("with_diagnostics_the_long_text_shows_what_was_signed")),
    ("wrong-service", Here("another_service_in_the_scope_is_named")),
    ("wrong-region", Here("another_region_in_the_scope_is_named")),
    ("token-invalid-old", Here("an_unknown_key_reads_invalid_with_a_period")),
    ("token-invalid", Here("a_damaged_token_reads_invalid_without_a_period")),
    ("token-expired", Here("a_session_that_is_over_is_told_so")),
    ("non-sigv4-authorization", Here("another_scheme_is_told_what_a_signature_needs")),
    ("missing-date", Here("a_missing_date_is_named")),
    ("expired", Here("an_old_signature_is_told_both_times")),
    ("future", Here("a_signature_of_the_future_is_told_both_times")),
    ("anon-2016", Nowhere(OLDER)),
    ("anon-resource-2018", Nowhere(OLDER)),
    ("anon-2025", Here("anonymous_callers_read_the_denial_of_2025")),
    ("role-2016", Nowhere(OLDER)),
    ("role-resource-2018", Nowhere(OLDER)),
    ("role-2024", Here("roles_read_the_denial_of_2024")),
    ("user", Nowhere(OLDER)),
    ("config-api", Here("the_configuration_api_names_the_domain_it_denies")),
    ("presign-not-stripped", Nowhere("presigned parameters never reach the engine here")),
    ("fgac", Here("a_caller_without_a_role_reads_the_plugins_denial")),
    ("policy-set", Here("a_policy_that_names_nobody_is_repeated")),
    ("policy-open", Here("an_open_policy_is_refused")),
    ("policy-ip-vpc", Nowhere("there are no VPC endpoints here")),
];

/// Amazon's body with this id: `kept`, this project's copy of it. Where the collected bodies are at hand, the copy is
/// compared with them.
fn amazons(id: &str, kept: &str) -> String {
    if let Ok(text) = std::fs::read_to_string(COLLECTED) {
        assert_eq!(collected(&text)[id], kept, "our copy of {id}");
    }
    kept.to_owned()
}

const COLLECTED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/es-error-bodies.json");

/// The collected bodies by id.
fn collected(text: &str) -> BTreeMap<String, String> {
    let file: Value = serde_json::from_str(text).unwrap();
    let bodies = file["bodies"].as_array().unwrap().iter();
    let text = |body: &Value, key: &str| body[key].as_str().unwrap().to_owned();
    bodies.map(|body| (text(body, "id"), text(body, "body"))).collect()
}

/// A refusal of Amazon's front end, whole.
#[track_caller]
fn reads(answer: &Answer, body: &str) {
    assert_eq!(answer.status, 403);
    assert_eq!(answer.text(), body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("content-length"), Some(body.len().to_string().as_str()));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.request_id().len(), 36);
}

/// A service as `serve` has it: no diagnostics, no open policies.
fn plain() -> Running {
    Running::start_with(None, |options| {
        options.settings.domain_defaults.signature_diagnostics = false;
        options.settings.open_policies = false;
    })
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your \
    AWS Secret Access Key and signing method. Consult the service documentation for details.";

fn with_another_secret(key: Key) -> Key {
    Key { secret: sigv4::SecretKey::new("another secret altogether, forty letters"), ..key }
}

#[test]
fn a_caller_without_a_role_reads_the_plugins_denial() {
    let running = Running::start();
    let master = "arn:aws:iam::123456789012:user/nobody";
    let security = json!({"Enabled": true, "MasterUserOptions": {"MasterUserARN": master}});
    crate::roles::enable(&running, &security);
    let answer = running.domain().signed(&running.developer(), "GET", "/_stats", b"");
    let reason = "no permissions for [indices:monitor/stats] and User [name=arn:aws:iam::NNN:root, backend_roles=[], requestedTenant=null]";
    let told = format!(
        "{{\"error\":{{\"root_cause\":[{{\"type\":\"security_exception\",\"reason\":\"{reason}\"}}],\"type\":\"security_exception\",\"reason\":\"...\"}},\"status\":403}}"
    );
    let expected = amazons("fgac", &told);
    let seen = answer.text().replace("123456789012:user/developer", "NNN:root");
    assert_eq!((answer.status, seen), (403, expected.replace("\"...\"", &format!("\"{reason}\""))));
}

#[test]
fn a_wrong_secret_reads_the_short_text() {
    let running = plain();
    let answer =
        running.domain().signed(&with_another_secret(running.developer()), "GET", "/", b"");
    reads(&answer, &amazons("sig-short", &format!("{{\"message\":\"{MISMATCH}\"}}")));
}

#[test]
fn with_diagnostics_the_long_text_shows_what_was_signed() {
    let running = Running::start();
    let (domain, key) = (running.domain(), with_another_secret(running.developer()));
    let headers = domain.sign(&key, "GET", "/", &[], b"");
    let date = &headers.iter().find(|(name, _)| name == "x-amz-date").unwrap().1;
    let canonical = format!(
        "GET\\n/\\n\\nhost:{}\\nx-amz-date:{date}\\n\\nhost;x-amz-date\\n{}",
        domain.host(),
        sigv4::PayloadHash::of(b"").to_hex()
    );
    let hash = sigv4::PayloadHash::of(canonical.replace("\\n", "\n").as_bytes()).to_hex();
    let to_sign = format!(
        "AWS4-HMAC-SHA256\\n{date}\\n{}/us-east-1/es/aws4_request\\n{hash}",
        date.get(..8).unwrap()
    );
    let kept = format!(
        "{{\"message\":\"{MISMATCH}\\n\\nThe Canonical String for this request should have been\\n\
         '<CANONICAL REQUEST>'\\n\\nThe String-to-Sign should have been\\n'<STRING TO SIGN>'\\n\"}}"
    );
    let expected = amazons("sig-long", &kept)
        .replace("<CANONICAL REQUEST>", &canonical)
        .replace("<STRING TO SIGN>", &to_sign);
    reads(&domain.send("GET", "/", &headers, b""), &expected);
}

#[test]
fn another_service_in_the_scope_is_named() {
    let running = plain();
    let domain = Client { service: "s3".into(), ..running.domain() };
    let kept = r#"{"message":"Credential should be scoped to correct service: 'es'. "}"#;
    reads(&domain.signed(&running.developer(), "GET", "/", b""), &amazons("wrong-service", kept));
}

#[test]
fn another_region_in_the_scope_is_named() {
    let running = plain();
    let domain = Client { region: "custom".into(), ..running.domain() };
    let kept = r#"{"message":"Credential should be scoped to a valid region, not 'custom'. "}"#;
    reads(&domain.signed(&running.developer(), "GET", "/", b""), &amazons("wrong-region", kept));
}

#[test]
fn an_unknown_key_reads_invalid_with_a_period() {
    let running = plain();
    let key = Key { id: "AKIANOBODYNOBODY0000".into(), ..running.developer() };
    let kept = r#"{"message":"The security token included in the request is invalid."}"#;
    reads(&running.domain().signed(&key, "GET", "/", b""), &amazons("token-invalid-old", kept));
}

#[test]
fn a_damaged_token_reads_invalid_without_a_period() {
    let running = plain();
    let key = Key { token: Some("CsT1nonsense".into()), ..running.assume("search-app") };
    let kept = r#"{"message":"The security token included in the request is invalid"}"#;
    reads(&running.domain().signed(&key, "GET", "/", b""), &amazons("token-invalid", kept));
}

#[test]
fn a_session_that_is_over_is_told_so() {
    let (running, seconds) = Running::start_moved();
    let key = running.assume("search-app");
    seconds.store(3_601, Ordering::Relaxed);
    let later = Client { now: in_an_hour, ..running.domain() };
    let kept = r#"{"message":"The security token included in the request is expired"}"#;
    reads(&later.signed(&key, "GET", "/", b""), &amazons("token-expired", kept));
}

fn in_an_hour() -> jiff::Timestamp {
    now() + jiff::SignedDuration::from_hours(1)
}

fn now() -> jiff::Timestamp {
    server::Clock::System.now()
}

#[test]
fn another_scheme_is_told_what_a_signature_needs() {
    let running = plain();
    let headers = [("authorization".to_owned(), "Basic dXNlcjpwYXNz".to_owned())];
    let answer = running.domain().send("GET", "/", &headers, b"");
    let kept = "{\"message\":\"Authorization header requires 'Credential' parameter. Authorization header requires \
        'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header \
        requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=Basic <b64>\"}";
    // Amazon repeats the header, and with it the password: we leave it out.
    reads(&answer, &amazons("non-sigv4-authorization", kept).replace("Basic <b64>", ""));
}

#[test]
fn a_missing_date_is_named() {
    let running = plain();
    let domain = running.domain();
    let mut headers = domain.sign(&running.developer(), "GET", "/", &[], b"");
    headers.retain(|(name, _)| name != "x-amz-date");
    let kept = "{\"message\":\"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
        header. Authorization=...\"}";
    let expected = amazons("missing-date", kept).replace("...", "");
    reads(&domain.send("GET", "/", &headers, b""), &expected);
}

/// The times that the service names, as it wrote them: they must be the ones that were to be said.
fn times(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter(|word| word.len() == 16 && word.ends_with('Z')).map(str::to_owned).collect()
}

fn stamp(time: jiff::Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// What `now` of the service may have been, to the second.
fn may_be_now(stamped: &str) -> jiff::Timestamp {
    let latest = now();
    (0..120)
        .map(|seconds| latest - jiff::SignedDuration::from_secs(seconds))
        .find(|time| stamp(*time) == stamped)
        .unwrap_or_else(|| panic!("{stamped} is not now, {}", stamp(latest)))
}

#[test]
fn an_old_signature_is_told_both_times() {
    let running = plain();
    let late = Client { now: || now() - jiff::SignedDuration::from_mins(6), ..running.domain() };
    let answer = late.signed(&running.developer(), "GET", "/", b"");
    let [signed, earliest, said] = &times(&answer)[..] else { panic!("{}", answer.text()) };
    let service = may_be_now(said);
    assert_eq!(*earliest, stamp(service - jiff::SignedDuration::from_mins(5)));
    let kept = "{\"message\":\"Signature expired: 20181010T154931Z is now earlier than 20181010T155002Z \
        (20181010T155502Z - 5 min.)\"}";
    let expected = amazons("expired", kept)
        .replace("20181010T154931Z", signed)
        .replace("20181010T155002Z", earliest)
        .replace("20181010T155502Z", said);
    reads(&answer, &expected);
}

#[test]
fn a_signature_of_the_future_is_told_both_times() {
    let running = plain();
    let early = Client { now: || now() + jiff::SignedDuration::from_mins(6), ..running.domain() };
    let answer = early.signed(&running.developer(), "GET", "/", b"");
    let [signed, latest, said] = &times(&answer)[..] else { panic!("{}", answer.text()) };
    let service = may_be_now(said);
    assert_eq!(*latest, stamp(service + jiff::SignedDuration::from_mins(5)));
    let kept = "{\"message\":\"Signature not yet current: 20230804T000000Z is still later than \
        20230803T172233Z (20230803T171733Z + 5 min.)\"}";
    let expected = amazons("future", kept)
        .replace("20230804T000000Z", signed)
        .replace("20230803T172233Z", latest)
        .replace("20230803T171733Z", said);
    reads(&answer, &expected);
}

#[test]
fn anonymous_callers_read_the_denial_of_2025() {
    let running = plain();
    let kept = "{\"Message\":\"User: anonymous is not authorized to perform: es:ESHttpPost because no \
        resource-based policy allows the es:ESHttpPost action\"}";
    let answer = running.domain().anonymous("POST", "/books/_search", b"{}");
    reads(&answer, &amazons("anon-2025", kept));
}

#[test]
fn roles_read_the_denial_of_2024() {
    let running = plain();
    let answer = running.domain().signed(&running.stranger(), "POST", "/books/_search", b"{}");
    let kept = "{\"Message\":\"User: arn:aws:sts::041444721655:assumed-role/<role>/<session> is not authorized to \
        perform: es:ESHttpPost because no identity-based policy allows the es:ESHttpPost action\"}";
    let expected = amazons("role-2024", kept)
        .replace("041444721655", "123456789012")
        .replace("<role>/<session>", "stranger/test");
    reads(&answer, &expected);
}

#[test]
fn the_configuration_api_names_the_domain_it_denies() {
    let running = plain();
    let target = "/2021-01-01/opensearch/domain/dev";
    let answer = running.control("es").signed(&running.stranger(), "GET", target, b"");
    let kept = "User: arn:aws:sts::xxx:assumed-role/<role>/<session> is not authorized to perform: \
        es:DescribeDomain on resource: arn:aws:es:<region>:<acct>:domain/<name> because no identity-based \
        policy allows the es:DescribeDomain action";
    let expected = amazons("config-api", kept)
        .replace("xxx", "123456789012")
        .replace("<role>/<session>", "stranger/test")
        .replace("<region>:<acct>:domain/<name>", "us-east-1:123456789012:domain/dev");
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("x-amzn-errortype"), Some("AccessDeniedException"));
    assert_eq!(answer.json()["Message"], expected);
}

/// Sets an access policy of domain `dev` as `developer`.
fn set_policy(running: &Running, policy: &str) -> Answer {
    let body = json!({ "AccessPolicies": policy }).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    running.control("es").signed(&running.developer(), "POST", target, body.as_bytes())
}

#[test]
fn a_policy_that_names_nobody_is_repeated() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/nobody"},"Action":"es:*","Resource":"*"}]}"#;
    let answer = set_policy(&plain(), policy);
    let kept = r#"{"message":"Error setting policy: [<policy text>]"}"#;
    let expected: Value = serde_json::from_str(&amazons("policy-set", kept)).unwrap();
    let text = expected["message"].as_str().unwrap().replace("<policy text>", policy);
    assert_eq!(answer.json()["message"], text);
    assert_eq!(answer.header("x-amzn-errortype"), Some("InvalidTypeException"));
}

#[test]
fn an_open_policy_is_refused() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"es:*","Resource":"*"}]}"#;
    let answer = set_policy(&plain(), policy);
    let text = amazons("policy-open", "Apply a restrictive access policy to your domain");
    assert_eq!((answer.status, answer.json()["message"].as_str()), (400, Some(text.as_str())));
}

#[test]
fn every_place_is_a_test_or_has_a_reason() {
    let source = include_str!("amazons_words.rs");
    for (id, place) in PLACES {
        match place {
            Here(test) => assert!(source.contains(&format!("fn {test}()")), "{id}: no test {test}"),
            Nowhere(why) => assert!(!why.is_empty(), "{id}"),
        }
    }
}

#[test]
#[ignore = "needs ../shared/conformance"]
fn every_body_that_is_known_has_its_place() {
    for id in collected(&std::fs::read_to_string(COLLECTED).unwrap()).keys() {
        assert!(PLACES.iter().any(|(placed, _)| placed == id), "{id} has no place");
    }
}
