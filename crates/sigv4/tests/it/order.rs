//! The order of refusal: a request with every fault is mended fault by fault, and each step
//! reports the next one. Source: `docs/internals/signatures.md`, "Order of refusal".

use crate::hand::{DATE, Hand, KEY_ID, SCOPE};

/// Each step of the header form, with what it still has wrong: everything the later ones mend.
#[test]
fn the_first_fault_in_amazons_order_is_reported() {
    let base = || Hand::get("/", "").with("X-Amz-Meta", "1").without("X-Amz-Date");
    let dated = |date: &str| base().with("X-Amz-Date", date);
    let auth = |credential: &str, names: &str, signature: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
    };
    let bad = "a/b/c";
    let all = "host;x-amz-date;x-amz-meta";
    let good = format!("{KEY_ID}/{SCOPE}");
    let stranger = format!("AKIANOBODYNOBODY0000/{SCOPE}");
    let steps = [
        ("unsupported_algorithm", base().authorized("AWS4-HMAC-SHA1 Credential")),
        ("syntax", base().authorized("AWS4-HMAC-SHA256 Credential")),
        ("missing_parts", base().authorized("AWS4-HMAC-SHA256 Credential=a")),
        ("missing_parts", base().authorized(&auth(bad, "date", "x"))),
        ("host_not_signed", dated("yesterday").authorized(&auth(bad, "date", "x"))),
        ("header_not_signed", dated("yesterday").authorized(&auth(bad, "host;x-amz-date", "x"))),
        ("date_syntax", dated("yesterday").authorized(&auth(bad, all, "x"))),
        ("expired", dated("20251123T120000Z").authorized(&auth(bad, all, "x"))),
        ("not_yet_current", dated("99991231T235959Z").authorized(&auth(bad, all, "x"))),
        ("credential_parts", dated(DATE).authorized(&auth(bad, all, "x"))),
        ("scope", dated(DATE).authorized(&auth("a/b/c/d/e", all, "x"))),
        ("unknown_key", dated(DATE).authorized(&auth(&stranger, all, "x"))),
        ("signature_mismatch", dated(DATE).authorized(&auth(&good, all, "x"))),
    ];
    for (place, (expected, request)) in steps.iter().enumerate() {
        assert_eq!(request.refused(), *expected, "step {place}");
    }
    let canonical = dated(DATE).canonical(all);
    assert!(dated(DATE).signed_as(&canonical, SCOPE, all).judged().is_ok());
}

#[test]
fn all_missing_parts_are_in_one_message_the_date_included() {
    let request = Hand::get("/", "").without("X-Amz-Date").authorized("AWS4-HMAC-SHA256 ");
    let text = request.judged().unwrap_err().es_message();
    assert_eq!(
        text,
        "Authorization header requires 'Credential' parameter. \
         Authorization header requires 'Signature' parameter. \
         Authorization header requires 'SignedHeaders' parameter. \
         Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
         Authorization="
    );
}

#[test]
fn all_missing_query_parameters_are_in_one_message() {
    let text = Hand::get("/", "X-Amz-Expires=5").judged().unwrap_err().es_message();
    assert_eq!(
        text,
        "AWS query-string parameters must include 'X-Amz-Algorithm'. \
         AWS query-string parameters must include 'X-Amz-Credential'. \
         AWS query-string parameters must include 'X-Amz-Signature'. \
         AWS query-string parameters must include 'X-Amz-SignedHeaders'. \
         AWS query-string parameters must include 'X-Amz-Date'. \
         Re-examine the query-string parameters."
    );
}

#[test]
fn all_faults_of_a_scope_are_in_one_message() {
    let request =
        Hand::get("/", "").signed_as("", "20261122/custom/s3/AWS4_REQUEST", "host;x-amz-date");
    let text = request.judged().unwrap_err().es_message();
    assert_eq!(
        text,
        "Credential should be scoped to a valid region, not 'custom'. \
         Credential should be scoped to correct service: 'es'. \
         Credential should be scoped with a valid terminator: 'aws4_request', not 'AWS4_REQUEST'. \
         Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '20261122' != '20261123', from '20261123T120000Z'."
    );
}

/// The query form goes through the same order.
#[test]
fn the_query_form_reports_in_the_same_order() {
    let signed = Hand::get("/", "").presigned("60");
    let change = |from: &str, to: &str| {
        let mut request = signed.clone();
        request.query = request.query.replace(from, to);
        assert_ne!(request.query, signed.query);
        request
    };
    let steps = [
        ("unsupported_algorithm", change("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")),
        ("missing_parts", change("X-Amz-Credential", "X-Amz-Credentials")),
        ("host_not_signed", change("SignedHeaders=host", "SignedHeaders=date")),
        ("date_syntax", change(DATE, "2026-11-23")),
        ("expires_out_of_range", change("Expires=60", "Expires=0")),
        ("expired", change("20261123T120000Z", "20261123T115859Z")),
        ("not_yet_current", change("20261123T120000Z", "20261123T120501Z")),
        ("credential_parts", change("%2Fes%2F", "%2F")),
        ("scope", change("%2Fes%2F", "%2Faoss%2F")),
        ("unknown_key", change(KEY_ID, "AKIANOBODYNOBODY0000")),
        ("signature_mismatch", change("Expires=60", "Expires=61")),
    ];
    for (expected, request) in steps {
        assert_eq!(request.refused(), expected, "{}", request.query);
    }
    assert!(signed.judged().is_ok());
}
