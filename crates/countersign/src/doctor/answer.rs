//! What an answer means: each text that Amazon and countersign refuse with, and what to do about it.
//!
//! Lower-case `message` is the signature layer, capital `Message` the authorization layer, `error`
//! the engine (`docs/internals/signatures.md`). The texts are matched by their fixed parts, so that
//! older and newer variants read alike.

use std::borrow::Cow;

use client::doctor::ProbeResponse;
use quick_xml::escape::unescape;

use super::denial::{self, Denial};
use super::finding::Finding;

/// What an answer says about the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Signature and policies let it through; the engine answered.
    In,
    /// The signature differs. With diagnostics, what the endpoint computed.
    Mismatch(Option<ComputedSignature>),
    /// Signed too early or too late.
    Clock,
    /// The scope names another region, service or day.
    Scope,
    /// The key or its token is not good.
    Key,
    /// The credentials are there, but not in a form that is read.
    Form,
    /// The policies say no.
    Denied(Denial),
    /// The engine's own access control says no.
    FineGrained,
    /// No such API, or no such place.
    NotFound,
    /// Too many requests, or the endpoint is down.
    Busy,
    /// A refusal in words that are not known.
    Unknown,
}

/// What the endpoint says it computed (the long form of the mismatch).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComputedSignature {
    pub(crate) canonical: String,
    pub(crate) to_sign: String,
}

/// Reads an answer to a signed request.
pub(crate) fn read(check: &'static str, answer: &ProbeResponse) -> (Meaning, Finding) {
    let message = message(&answer.body);
    let status = answer.status;
    if let Some(denial) = denial::read(&message) {
        let finding = denial::finding(check, status, &denial);
        return (Meaning::Denied(denial), finding);
    }
    let Some(row) = ROWS.iter().find(|row| message.contains(row.text)) else {
        return by_status(check, answer, &message);
    };
    let computed = computed(&message);
    let meaning = match row.meaning {
        KnownMeaning::Mismatch => Meaning::Mismatch(computed),
        KnownMeaning::Clock => Meaning::Clock,
        KnownMeaning::Scope => Meaning::Scope,
        KnownMeaning::Key => Meaning::Key,
        KnownMeaning::Form => Meaning::Form,
        KnownMeaning::FineGrained => Meaning::FineGrained,
        KnownMeaning::Refused => Meaning::Unknown,
    };
    let finding = Finding::fail(check, format!("{status}: {}", row.seen));
    let finding = finding.expected(row.expected).advice(row.advice);
    (meaning, finding.detail(vec![quoted(&message)]))
}

/// The refusal's own words: of JSON in any of its three shapes, of XML, else the body.
pub(crate) fn message(body: &str) -> String {
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(body) {
        let places = ["/message", "/Message", "/error/root_cause/0/reason", "/error/reason"];
        let found = places.iter().find_map(|place| value.pointer(place)?.as_str());
        return found.unwrap_or_default().to_owned();
    }
    match element(body, "Message") {
        Some(message) => message,
        None => body.trim().to_owned(),
    }
}

/// The text of the first XML element of a name.
pub(crate) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    // Text that is no XML is shown as it came.
    Some(unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned))
}

/// The endpoint's words, cut to what a person reads.
fn quoted(message: &str) -> String {
    const SHOWN: usize = 300;
    let first = message.split("\n\n").next().unwrap_or_default();
    let cut: String = first.chars().take(SHOWN).collect();
    format!("the endpoint says: {cut}")
}

/// The engine leads nowhere: who answers with a redirect is something before it.
pub(crate) const NO_REDIRECT: &str =
    "a response: a signature does not survive a redirect to another host";
pub(crate) const FOLLOW: &str = "use the address it redirects to as the endpoint";

/// Where a redirect leads.
pub(crate) fn leads(answer: &ProbeResponse) -> String {
    let to = answer.header("location").unwrap_or("no address");
    format!("{}: it redirects to {to}", answer.status)
}

fn by_status(check: &'static str, answer: &ProbeResponse, message: &str) -> (Meaning, Finding) {
    let status = answer.status;
    let told = |finding: Finding| {
        if message.is_empty() { finding } else { finding.detail(vec![quoted(message)]) }
    };
    match status {
        404 if !is_engines(&answer.body) => {
            let finding =
                Finding::fail(check, "404: nothing is here; the signature was not the reason");
            let finding = finding.expected("a response from the engine");
            (
                Meaning::NotFound,
                told(finding.advice("compare the endpoint's name with DescribeDomain's Endpoint")),
            )
        }
        300..=399 => {
            let finding = Finding::fail(check, leads(answer));
            (Meaning::Unknown, told(finding.expected(NO_REDIRECT).advice(FOLLOW)))
        }
        200..=299 | 400 | 404 | 405 | 409 => (
            Meaning::In,
            Finding::ok(check, format!("{status}: signature and policies let it through")),
        ),
        429 | 500..=599 => {
            let finding = Finding::fail(check, format!("{status}: the endpoint is busy or down"));
            let finding = finding.expected("a response from the engine");
            (
                Meaning::Busy,
                told(finding.advice("try again; if it persists, look at the domain's health")),
            )
        }
        _ => {
            let finding = Finding::fail(
                check,
                format!("{status}: refused with a text that doctor does not know"),
            );
            let finding = finding.expected("200");
            (
                Meaning::Unknown,
                told(finding.advice(
                    "something in between may answer: a proxy, a firewall, a VPC endpoint policy",
                )),
            )
        }
    }
}

/// Whether the engine answered: Elasticsearch's error shape, or no body at all (HEAD).
fn is_engines(body: &str) -> bool {
    let value = serde_json::from_str::<serde_json::Value>(body);
    value.is_ok_and(|value| value.get("error").is_some() || value.get("found").is_some())
}

/// The canonical request and the string to sign of the long form, each between single quotes.
fn computed(message: &str) -> Option<ComputedSignature> {
    let (_, rest) =
        message.split_once("The Canonical String for this request should have been\n'")?;
    let (canonical, rest) = rest.split_once("'\n\nThe String-to-Sign should have been\n'")?;
    let (to_sign, _) = rest.rsplit_once('\'')?;
    Some(ComputedSignature { canonical: canonical.to_owned(), to_sign: to_sign.to_owned() })
}

/// One text and what it means.
struct KnownText {
    /// A part of the text that no other text has.
    text: &'static str,
    meaning: KnownMeaning,
    seen: &'static str,
    expected: &'static str,
    advice: &'static str,
}

enum KnownMeaning {
    Mismatch,
    Clock,
    Scope,
    Key,
    Form,
    FineGrained,
    Refused,
}

/// The texts, most specific first: the first that occurs decides. Sources: the bodies that users
/// quoted in public issues (COMPAT.md), and what countersign answers.
// long: a table
const ROWS: &[KnownText] = &[
    KnownText {
        text: "The request signature we calculated does not match",
        meaning: KnownMeaning::Mismatch,
        seen: "the signature differs from the one that the endpoint computes",
        expected: "the same canonical request, signed with the key's own secret",
        advice: "read the next finding; for a request of your own client: countersign doctor ENDPOINT --request FILE",
    },
    KnownText {
        text: "Signature expired",
        meaning: KnownMeaning::Clock,
        seen: "signed too long ago: this machine's clock is slow, or the request was delayed",
        expected: "a signature of the last 5 minutes",
        advice: "set this machine's clock: timedatectl set-ntp true; do not sign before a retry waits",
    },
    KnownText {
        text: "Signature not yet current",
        meaning: KnownMeaning::Clock,
        seen: "signed in the future: this machine's clock is fast",
        expected: "a signature at most 5 minutes ahead of the endpoint's clock",
        advice: "set this machine's clock: timedatectl set-ntp true",
    },
    KnownText {
        text: "Credential should be scoped to a valid region",
        meaning: KnownMeaning::Scope,
        seen: "the signature is for another region than the endpoint's",
        expected: "the region of the domain's ARN",
        advice: "give the client the domain's region (here: --region); AWS_REGION wins over the profile's",
    },
    KnownText {
        text: "Credential should be scoped to correct service",
        meaning: KnownMeaning::Scope,
        seen: "the signature is for another service than the endpoint's",
        expected: "es for a domain, aoss for OpenSearch Serverless; es, iam or sts for countersign's control plane",
        advice: "give the client the service's signing name (here: --service es|aoss), not opensearch; where AWS_ENDPOINT_URL sends other services here, unset it: AWS_ENDPOINT_URL_IAM, _STS, _OPENSEARCH and _ELASTICSEARCH_SERVICE are for one service each",
    },
    KnownText {
        text: "Credential should be scoped with a valid terminator",
        meaning: KnownMeaning::Scope,
        seen: "the scope does not end in aws4_request",
        expected: "KEY/DAY/REGION/SERVICE/aws4_request",
        advice: "the client does not sign with Signature Version 4: use another signer",
    },
    KnownText {
        text: "Date in Credential scope does not match",
        meaning: KnownMeaning::Scope,
        seen: "the day in the scope is not the request's day",
        expected: "the UTC day of X-Amz-Date in the scope",
        advice: "the client uses the day of its local time, or keeps a signing key past midnight: use UTC",
    },
    KnownText {
        text: "The security token included in the request is expired",
        meaning: KnownMeaning::Key,
        seen: "the session has expired",
        expected: "credentials that have not expired",
        advice: "get new ones: aws sso login, or assume the role again; a client must ask its provider before each request instead of keeping the first answer",
    },
    KnownText {
        text: "The security token included in the request is invalid.",
        meaning: KnownMeaning::Key,
        seen: "unknown access key id, or a temporary key without its session token",
        expected: "a key of this partition and deployment, and AWS_SESSION_TOKEN with a key ASIA…",
        advice: "aws sts get-caller-identity with the same environment; check that the key is not from another account setup or deployment",
    },
    KnownText {
        text: "The security token included in the request is invalid",
        meaning: KnownMeaning::Key,
        seen: "the session token is damaged, cut off, or of another key",
        expected: "the session token that came with this key, whole",
        advice: "copy AWS_SESSION_TOKEN again, without line breaks; take all three values from one response",
    },
    KnownText {
        text: "The AWS access key provided does not exist in our records",
        meaning: KnownMeaning::Key,
        seen: "the access key was deleted",
        expected: "a key that exists",
        advice: "make a new one: aws iam create-access-key --user-name USER",
    },
    KnownText {
        text: "Authorization header requires 'Credential' parameter",
        meaning: KnownMeaning::Form,
        seen: "the Authorization header holds no signature: Basic or Bearer, or something rewrote it",
        expected: "Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…",
        advice: "switch Basic authentication off in the client, and look for a proxy that sets Authorization; a domain of countersign takes names and passwords where its advanced option countersign.basic_authentication is true",
    },
    KnownText {
        text: "Authorization header requires existence of either a 'X-Amz-Date'",
        meaning: KnownMeaning::Form,
        seen: "the request has no date",
        expected: "X-Amz-Date (or Date), signed",
        advice: "the client, or a proxy that removes x-amz-* headers, loses X-Amz-Date",
    },
    KnownText {
        text: "Authorization header requires",
        meaning: KnownMeaning::Form,
        seen: "parts of the Authorization header are missing",
        expected: "Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…",
        advice: "something truncates the header: look for a limit on header length between client and endpoint",
    },
    KnownText {
        text: "AWS query-string parameters must include",
        meaning: KnownMeaning::Form,
        seen: "parts of the presigned URL are missing",
        expected: "X-Amz-Algorithm, -Credential, -Date, -SignedHeaders and -Signature in the query",
        advice: "quote the URL in the shell: & ends a command",
    },
    KnownText {
        text: "must be a 'SignedHeader'",
        meaning: KnownMeaning::Form,
        seen: "the signature does not cover a header that it must cover",
        expected: "host among SignedHeaders",
        advice: "the client's signer must sign host",
    },
    KnownText {
        text: "URL cannot include query-string parameters",
        meaning: KnownMeaning::Form,
        seen: "a form body together with a query",
        expected: "Content-Type: application/json",
        advice: "set the content type: curl -d sends application/x-www-form-urlencoded unless told otherwise",
    },
    KnownText {
        text: "contains unrecognized parameters: [X-Amz-Algorithm]",
        meaning: KnownMeaning::Form,
        seen: "the signature was accepted, but the engine sees the presigned parameters",
        expected: "the signature in headers (Amazon forwards presigned parameters to the engine)",
        advice: "sign in the Authorization header instead of the URL (soto#450)",
    },
    KnownText {
        text: "no permissions for [",
        meaning: KnownMeaning::FineGrained,
        seen: "IAM lets the request through; the domain's fine-grained access control does not",
        expected: "a role of the domain that is mapped to the caller's ARN",
        advice: "map the IAM ARN to a backend role in the domain's security settings (rolesmapping)",
    },
    KnownText {
        text: "Error setting policy",
        meaning: KnownMeaning::Refused,
        seen: "the domain refuses its new access policy; a principal in it may not exist (yet)",
        expected: "a policy whose principals exist",
        advice: "countersign policy lint FILE; wait some seconds after making a role",
    },
    KnownText {
        text: "apply a restrictive access policy to your domain",
        meaning: KnownMeaning::Refused,
        seen: "the domain refuses an open access policy",
        expected: "a policy that names principals or addresses",
        advice: "countersign policy template",
    },
    KnownText {
        text: "Apply a restrictive access policy to your domain",
        meaning: KnownMeaning::Refused,
        seen: "the domain refuses an open access policy",
        expected: "a policy that names principals or addresses",
        advice: "countersign policy template",
    },
    KnownText {
        text: "attach an IP-based policy to a domain that has a VPC endpoint",
        meaning: KnownMeaning::Refused,
        seen: "a domain in a VPC refuses conditions on addresses",
        expected: "a policy without aws:SourceIp",
        advice: "use security groups, and principals in the policy",
    },
    KnownText {
        text: "Missing Authentication Token",
        meaning: KnownMeaning::Form,
        seen: "this is the front end of another service, or the request arrived unsigned",
        expected: "the endpoint of the domain",
        advice: "compare the endpoint's name with DescribeDomain's Endpoint",
    },
];

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn answer(status: u16, body: &str) -> ProbeResponse {
        ProbeResponse { status, headers: Vec::new(), body: body.to_owned() }
    }

    fn check(status: u16, body: &str, expected: Expect) {
        let (meaning, finding) = read("signed", &answer(status, body));
        let mut out = format!("{meaning:?}\n").into_bytes();
        finding.write(&mut out, false).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    fn said(message: &str) -> String {
        serde_json::json!({ "message": message }).to_string()
    }

    #[test]
    fn an_answer_of_the_engine_is_in() {
        check(
            200,
            "{\"version\":{}}",
            expect![[r#"
            In
            ✓ signed      200: signature and policies let it through
        "#]],
        );
        check(
            404,
            r#"{"error":{"type":"index_not_found_exception"},"status":404}"#,
            expect![[r#"
                In
                ✓ signed      404: signature and policies let it through
            "#]],
        );
    }

    #[test]
    fn a_redirect_is_not_the_engines_answer() {
        let to = "https://search-books-abc123.us-east-1.es.amazonaws.com/";
        let headers = vec![("location".to_owned(), to.to_owned())];
        let (meaning, finding) =
            read("signed", &ProbeResponse { headers, ..answer(302, "<html>moved</html>") });
        assert_eq!(meaning, Meaning::Unknown);
        let mut out = Vec::new();
        finding.write(&mut out, false).unwrap();
        expect![[r#"
            ✗ signed      302: it redirects to https://search-books-abc123.us-east-1.es.amazonaws.com/
                expected  a response: a signature does not survive a redirect to another host
                next      use the address it redirects to as the endpoint
                  the endpoint says: <html>moved</html>
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
        assert_eq!(leads(&answer(301, "")), "301: it redirects to no address");
    }

    #[test]
    fn a_mismatch_with_diagnostics_gives_what_the_endpoint_computed() {
        let text = "The request signature we calculated does not match the signature you provided. Check \
            your AWS Secret Access Key and signing method. Consult the service documentation for \
            details.\n\nThe Canonical String for this request should have been\n'GET\n/it's\n\nhost:a\n\n\
            host\ne3'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\nT\nS\nH'\n";
        let (meaning, _) = read("signed", &answer(403, &said(text)));
        let Meaning::Mismatch(Some(computed)) = meaning else { panic!("{meaning:?}") };
        assert_eq!(computed.canonical, "GET\n/it's\n\nhost:a\n\nhost\ne3");
        assert_eq!(computed.to_sign, "AWS4-HMAC-SHA256\nT\nS\nH");
    }

    #[test]
    fn the_period_tells_an_unknown_key_from_a_damaged_token() {
        check(
            403,
            &said("The security token included in the request is invalid."),
            expect![[r#"
                Key
                ✗ signed      403: unknown access key id, or a temporary key without its session token
                    expected  a key of this partition and deployment, and AWS_SESSION_TOKEN with a key ASIA…
                    next      aws sts get-caller-identity with the same environment; check that the key is not from another account setup or deployment
                      the endpoint says: The security token included in the request is invalid.
            "#]],
        );
        check(
            403,
            &said("The security token included in the request is invalid"),
            expect![[r#"
                Key
                ✗ signed      403: the session token is damaged, cut off, or of another key
                    expected  the session token that came with this key, whole
                    next      copy AWS_SESSION_TOKEN again, without line breaks; take all three values from one response
                      the endpoint says: The security token included in the request is invalid
            "#]],
        );
        check(
            403,
            &said("The security token included in the request is expired"),
            expect![[r#"
                Key
                ✗ signed      403: the session has expired
                    expected  credentials that have not expired
                    next      get new ones: aws sso login, or assume the role again; a client must ask its provider before each request instead of keeping the first answer
                      the endpoint says: The security token included in the request is expired
            "#]],
        );
    }

    #[test]
    fn a_scope_names_what_it_should_be() {
        check(
            403,
            &said("Credential should be scoped to a valid region, not 'custom'. "),
            expect![[r#"
                Scope
                ✗ signed      403: the signature is for another region than the endpoint's
                    expected  the region of the domain's ARN
                    next      give the client the domain's region (here: --region); AWS_REGION wins over the profile's
                      the endpoint says: Credential should be scoped to a valid region, not 'custom'. 
            "#]],
        );
        check(
            403,
            &said("Credential should be scoped to correct service: 'es'. "),
            expect![[r#"
                Scope
                ✗ signed      403: the signature is for another service than the endpoint's
                    expected  es for a domain, aoss for OpenSearch Serverless; es, iam or sts for countersign's control plane
                    next      give the client the service's signing name (here: --service es|aoss), not opensearch; where AWS_ENDPOINT_URL sends other services here, unset it: AWS_ENDPOINT_URL_IAM, _STS, _OPENSEARCH and _ELASTICSEARCH_SERVICE are for one service each
                      the endpoint says: Credential should be scoped to correct service: 'es'. 
            "#]],
        );
    }

    #[test]
    fn the_clock_is_named_in_both_directions() {
        let late = "Signature expired: 20181010T154931Z is now earlier than 20181010T155002Z \
            (20181010T155502Z - 5 min.)";
        check(
            403,
            &said(late),
            expect![[r#"
            Clock
            ✗ signed      403: signed too long ago: this machine's clock is slow, or the request was delayed
                expected  a signature of the last 5 minutes
                next      set this machine's clock: timedatectl set-ntp true; do not sign before a retry waits
                  the endpoint says: Signature expired: 20181010T154931Z is now earlier than 20181010T155002Z (20181010T155502Z - 5 min.)
        "#]],
        );
        let early = "Signature not yet current: 20230804T000000Z is still later than 20230803T172233Z \
            (20230803T171733Z + 5 min.)";
        check(
            403,
            &said(early),
            expect![[r#"
            Clock
            ✗ signed      403: signed in the future: this machine's clock is fast
                expected  a signature at most 5 minutes ahead of the endpoint's clock
                next      set this machine's clock: timedatectl set-ntp true
                  the endpoint says: Signature not yet current: 20230804T000000Z is still later than 20230803T172233Z (20230803T171733Z + 5 min.)
        "#]],
        );
    }

    #[test]
    fn a_header_without_a_signature_is_another_scheme() {
        let text = "Authorization header requires 'Credential' parameter. Authorization header requires \
            'Signature' parameter. Authorization=";
        check(
            403,
            &said(text),
            expect![[r#"
            Form
            ✗ signed      403: the Authorization header holds no signature: Basic or Bearer, or something rewrote it
                expected  Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…
                next      switch Basic authentication off in the client, and look for a proxy that sets Authorization; a domain of countersign takes names and passwords where its advanced option countersign.basic_authentication is true
                  the endpoint says: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=
        "#]],
        );
    }

    #[test]
    fn fine_grained_access_control_is_not_iam() {
        let reason =
            "no permissions for [indices:monitor/stats] and User [name=arn:aws:iam::1:root]";
        let body =
            serde_json::json!({ "error": { "root_cause": [{ "reason": reason }] }, "status": 403 });
        check(
            403,
            &body.to_string(),
            expect![[r#"
            FineGrained
            ✗ signed      403: IAM lets the request through; the domain's fine-grained access control does not
                expected  a role of the domain that is mapped to the caller's ARN
                next      map the IAM ARN to a backend role in the domain's security settings (rolesmapping)
                  the endpoint says: no permissions for [indices:monitor/stats] and User [name=arn:aws:iam::1:root]
        "#]],
        );
    }

    #[test]
    fn what_nobody_knows_is_shown_as_it_came() {
        check(
            403,
            "<html>Forbidden</html>",
            expect![[r#"
            Unknown
            ✗ signed      403: refused with a text that doctor does not know
                expected  200
                next      something in between may answer: a proxy, a firewall, a VPC endpoint policy
                  the endpoint says: <html>Forbidden</html>
        "#]],
        );
        check(
            503,
            "",
            expect![[r#"
                Busy
                ✗ signed      503: the endpoint is busy or down
                    expected  a response from the engine
                    next      try again; if it persists, look at the domain's health
            "#]],
        );
        check(
            404,
            "",
            expect![[r#"
                NotFound
                ✗ signed      404: nothing is here; the signature was not the reason
                    expected  a response from the engine
                    next      compare the endpoint's name with DescribeDomain's Endpoint
            "#]],
        );
    }

    #[test]
    fn an_answer_of_sts_is_read_too() {
        let xml = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included \
            in the request is expired</Message></Error></ErrorResponse>";
        assert_eq!(read("identity", &answer(403, xml)).0, Meaning::Key);
    }

    /// Amazon's bodies as users quoted them.
    #[test]
    #[ignore = "needs ../shared/conformance"]
    fn every_known_body_has_a_finding() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/conformance/es-error-bodies.json"
        );
        let text = std::fs::read_to_string(path).unwrap();
        let known: serde_json::Value = serde_json::from_str(&text).unwrap();
        for body in known["bodies"].as_array().unwrap() {
            let text = body["body"].as_str().unwrap();
            let (meaning, finding) = read("signed", &answer(403, text));
            assert_ne!(meaning, Meaning::In, "{text}");
            assert!(!finding.seen.contains("does not know"), "{text}");
            assert!(!finding.advice.is_empty(), "{text}");
        }
    }
}
