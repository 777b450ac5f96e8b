use jiff::Timestamp;
use sigv4::{KeyRefusal, Mismatch};

use super::*;
use crate::audit::{AuditRecord, PrincipalRecord};
use crate::guards::throttle::TooManyTries;
use crate::transport::malformed::MalformedRequest;
use crate::walk::outcome::Outcome;
use crate::walk::refusal::{LoginRefusal, Refusal};

/// Every way the signature crate refuses. A new one does not compile until it is here.
fn signature_refusals() -> Vec<sigv4::Refusal> {
    use sigv4::Refusal as R;
    let (text, name) = (String::new, "x");
    let signed = |refusal: Result<_, sigv4::Refusal>| refusal.err();
    let all = vec![
        R::TooLarge { what: name, limit: 1 },
        R::DuplicateHeader { name },
        R::MalformedHeader { name: text() },
        R::MalformedTarget,
        R::MalformedHost,
        R::MalformedQuery,
        R::DuplicateParameter { name },
        R::HeaderAndQuery,
        R::TwoSchemes,
        R::MissingAuthenticationToken,
        R::UnsupportedAlgorithm { seen: text() },
        R::Syntax,
        R::MissingParts { presigned: false, parts: Vec::new() },
        R::HostNotSigned,
        R::HeaderNotSigned { name: text() },
        R::SignedHeadersNotCanonical,
        R::HopByHopSigned { name: text() },
        R::DateSyntax { seen: text() },
        R::ExpiresOutOfRange,
        R::CredentialParts { seen: 1 },
        R::Scope(Vec::new()),
        R::PayloadMode { seen: text() },
        R::FormWithQuery { query: text() },
        R::Key(KeyRefusal::TokenDamaged),
        R::Key(KeyRefusal::TokenExpired),
        R::Key(KeyRefusal::TokenMissing),
        R::Key(KeyRefusal::Unknown),
        R::Key(KeyRefusal::Deleted),
        R::SignatureMismatch(Mismatch::default()),
    ];
    let stale = |second: i64| {
        let headers: Vec<(&str, &[u8])> = vec![
            ("host", b"h"),
            ("x-amz-date", b"20261129T000000Z"),
            (
                "authorization",
                b"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261129/us-east-1/es/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000",
            ),
        ];
        let request = sigv4::Request { method: "GET", path: "/", query: "", headers: &headers };
        let now: Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
        let now = now.checked_add(jiff::SignedDuration::from_secs(second)).unwrap();
        signed(sigv4::claim(&request, now, &sigv4::Settings::domain("us-east-1"))).unwrap()
    };
    let all: Vec<R> = all.into_iter().chain([stale(3_600), stale(-3_600)]).collect();
    let mut kinds: Vec<&str> = all.iter().map(R::kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 31, "{kinds:?}");
    all
}

/// Each refusal of the service with the words that `explain` must say, and must not say.
fn refusals() -> Vec<(Refusal, Stage, Layer)> {
    let answered = |status: u16| Refusal::Answered {
        outcome: Outcome::json(status, &serde_json::json!({})),
        why: "x".into(),
    };
    let unauthorized = LoginRefusal { realm: "dev".into(), why: "wrong", told: "Unauthorized" };
    let too_many = TooManyTries { retry_after_seconds: 1 };
    let unmapped = Refusal::Unmapped { method: "GET".into(), path: "/x".into() };
    let mut all = vec![
        (Refusal::Malformed(MalformedRequest::bad("x")), Stage::Parse, Layer::Http),
        (Refusal::Malformed(MalformedRequest::body_too_large(1)), Stage::Authorize, Layer::Limit),
        (Refusal::Replayed, Stage::Authenticate, Layer::Signature),
        (Refusal::Unauthorized(unauthorized), Stage::Authenticate, Layer::Password),
        (Refusal::TooMany { what: "tries", too_many }, Stage::Authenticate, Layer::Limit),
        (Refusal::Denied("User: x".into()), Stage::Authorize, Layer::Policies),
        (unmapped, Stage::Authorize, Layer::Route),
        (Refusal::Unrecorded, Stage::Serve, Layer::Audit),
        (Refusal::Stale, Stage::Authenticate, Layer::State),
        (answered(405), Stage::Authorize, Layer::Route),
        (answered(429), Stage::Serve, Layer::Limit),
        (answered(400), Stage::Serve, Layer::Engine),
        (answered(501), Stage::Serve, Layer::NotBuilt),
    ];
    for refusal in signature_refusals() {
        let layer = match &refusal {
            sigv4::Refusal::Key(_) => Layer::Identity,
            malformed if malformed.is_malformed() => Layer::Http,
            _ => Layer::Signature,
        };
        all.push((refusal.into(), Stage::Authenticate, layer));
    }
    all
}

#[test]
fn explain_names_the_layer_the_fault_and_the_next_step_of_every_refusal() {
    for (refusal, stage, layer) in refusals() {
        assert_eq!(refusal.layer(stage, false), layer, "{refusal:?}");
        // Of who carried no credentials it is said that nobody is let in without them.
        let kind = if layer == Layer::Policies { "user" } else { "anonymous" };
        let record = AuditRecord {
            stage,
            status: 403,
            layer: Some(layer),
            refusal_kind: Some(refusal.kind().to_owned()),
            refusal: Some(refusal.log()),
            principal: PrincipalRecord { kind: kind.into(), ..PrincipalRecord::default() },
            ..AuditRecord::default()
        };
        let told = crate::audit::explain::prose(&record);
        let subject = layer.subject().trim_start_matches(char::is_uppercase);
        assert!(told.contains(subject), "{told}");
        assert!(told.contains("  fault       ") && told.contains("  next        "), "{told}");
        assert!(!told.contains(". .") && !told.contains("..\n"), "{told}");
        for other in Layer::ALL.into_iter().filter(|other| *other != layer) {
            assert!(!told.contains(other.subject()), "{told}");
        }
        if layer != Layer::Policies {
            assert!(!told.contains("policies deny"), "{told}");
        }
    }
}

#[test]
fn every_layer_has_a_refusal_or_is_told_apart_by_the_record() {
    let seen: Vec<Layer> = refusals().into_iter().map(|(.., layer)| layer).collect();
    for layer in Layer::ALL {
        // What the body names, what roles deny and an operation's own refusal are known from the record, not from the refusal.
        let by_record =
            matches!(layer, Layer::Items | Layer::Roles | Layer::Operation | Layer::Absent);
        assert!(by_record || seen.contains(&layer), "{layer:?}");
    }
}

#[test]
fn an_operations_own_refusal_is_not_the_engines() {
    let answered = Refusal::Answered {
        outcome: Outcome::json(409, &serde_json::json!({})),
        why: "EntityAlreadyExists".into(),
    };
    assert_eq!(answered.layer(Stage::Serve, true), Layer::Operation);
    assert_eq!(answered.layer(Stage::Serve, false), Layer::Engine);
}
