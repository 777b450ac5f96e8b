//! The last phase, **respond**: an [`Outcome`] or a [`Refusal`] becomes an HTTP answer.
//!
//! Promises: `x-amzn-RequestId` on every answer, `X-Opaque-Id` echoed, gzip where it is asked for, and
//! Amazon's own words: lower-case `message` from the signature layer, capital `Message` from the
//! authorization layer (`conformance/es-error-bodies.json`).

use std::borrow::Cow;

use bytes::Bytes;
use client::framing::Framing;
use client::listener;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use hyper::body::Body;
use serde_json::json;

use crate::audit::{self, AuditEntry, AuditRecord, Layer, Stage};
use crate::guards::answers::AnswerBody;
use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::service::traffic::CountedAnswer;
use crate::transport::connection::Connection;
use crate::transport::malformed::MalformedRequest;
use crate::transport::raw_answer;
use crate::walk::context::blank_record;
use crate::walk::dialect::Dialect;
use crate::walk::outcome::Outcome;
use crate::walk::refusal::{LoginRefusal, Refusal};

/// Turns the end of the walk into the answer and completes the record.
pub(crate) fn respond(
    state: &ServiceState,
    entry: &mut AuditEntry,
    dialect: Dialect,
    accepts_gzip: bool,
    result: Result<Outcome, Refusal>,
) -> Response<AnswerBody> {
    entry.phase("respond");
    let outcome = match result {
        Ok(outcome) => {
            entry.reached(Stage::Respond);
            outcome
        }
        Err(refusal) => {
            count(state, &refusal);
            let is_control = dialect != Dialect::Search;
            entry.layer = Some(refined(refusal.layer(entry.stage, is_control), entry, is_control));
            entry.refusal_kind = Some(refusal.kind().to_owned());
            entry.refusal = Some(audit::shortened(&refusal.log()));
            refused(refusal, dialect, &entry.request_id)
        }
    };
    entry.status = outcome.status;
    // What is small takes no time; what is large was compressed where it was made.
    let small = outcome.body.len() <= limits::COMPRESS_AT_ONCE_BYTES_MAX
        && !outcome.headers.iter().any(|(name, _)| *name == "content-encoding");
    let outcome = outcome.compressed(accepts_gzip && small);
    let silent = is_without_content(&entry.method, outcome.status);
    // Of what a cluster still sends, the length that it said.
    let rest = outcome.rest.as_ref().and_then(|rest| rest.size_hint().exact()).unwrap_or(0);
    entry.bytes_out = if silent { 0 } else { outcome.body.len() as u64 + rest };
    state.metrics.answer(&counted(entry));
    http(outcome, entry)
}

/// What is counted of an answer.
pub(crate) fn counted(entry: &AuditEntry) -> CountedAnswer {
    CountedAnswer {
        status: entry.status,
        refused_by: entry.layer,
        took: entry.elapsed(),
        bytes_in: entry.bytes_in,
        bytes_out: entry.bytes_out,
    }
}

/// A denial by policies on a domain is about the URL, about what the body names, or stands for a domain that is gone.
fn refined(layer: Layer, record: &AuditRecord, is_control: bool) -> Layer {
    match (layer, record.decisions.first()) {
        (Layer::Policies, Some(first)) if !is_control && first.outcome == "allowed" => Layer::Items,
        (Layer::Policies, None) => Layer::Absent,
        (layer, _) => layer,
    }
}

fn count(state: &ServiceState, refusal: &Refusal) {
    match refusal {
        Refusal::Unproven(_) => state.metrics.signature_refused(),
        Refusal::Replayed => state.metrics.replayed(),
        Refusal::Denied(_) | Refusal::Roles { .. } => state.metrics.denied(),
        Refusal::Unmapped { .. } => state.metrics.unmapped(),
        Refusal::Malformed(_)
        | Refusal::Unauthorized(_)
        | Refusal::TooMany { .. }
        | Refusal::Stale
        | Refusal::Elsewhere(_)
        | Refusal::Unrecorded
        | Refusal::Answered { .. } => {}
    }
}

/// The answer to a refusal, in the words of the API that was spoken to.
#[must_use]
pub(crate) fn refused(refusal: Refusal, dialect: Dialect, request_id: &str) -> Outcome {
    match refusal {
        Refusal::Answered { outcome, .. } | Refusal::Roles { outcome, .. } => outcome,
        Refusal::Malformed(malformed) => {
            // The one refusal of ours that Amazon's front end has a text for.
            let name = match (dialect, malformed.status) {
                (Dialect::Search, 413) => "Message",
                _ => "message",
            };
            let mut outcome = Outcome::json(malformed.status, &json!({ name: malformed.what }));
            // Framing may be in doubt: nothing more is read from this connection.
            if malformed.status != 429 {
                outcome.headers.push(("connection", "close".into()));
            }
            outcome
        }
        Refusal::Unproven(refusal) => unproven(&refusal, dialect, request_id),
        // Amazon has no such refusal: the signature layer's shape, our words.
        Refusal::Replayed => front_end(403, &json!({ "message": REPLAYED })),
        Refusal::Unauthorized(unauthorized) => challenge(&unauthorized),
        Refusal::TooMany { what, too_many } => {
            slow_down(what, too_many.retry_after_seconds, dialect, request_id)
        }
        Refusal::Stale => unavailable(STALE, dialect, request_id),
        Refusal::Elsewhere(gateway) => {
            let text = format!(
                "This domain's data is at another gateway ({gateway}): send the request there, or again."
            );
            unavailable(&text, dialect, request_id)
        }
        Refusal::Unrecorded => unavailable(UNRECORDED, dialect, request_id),
        Refusal::Denied(text) => match dialect {
            Dialect::Search => front_end(403, &json!({ "Message": text })),
            Dialect::RestJson | Dialect::AccessAnalyzer | Dialect::IamToolbox => {
                error_type(Outcome::json(403, &json!({ "Message": text })), "AccessDeniedException")
            }
            Dialect::Iam => {
                let id = audit::authorization_id(request_id);
                let text = format!("{text}. {CALL} {id}");
                xml(dialect, 403, "AccessDenied", &text, request_id)
            }
            Dialect::Sts => xml(dialect, 403, "AccessDenied", &text, request_id),
        },
        Refusal::Unmapped { method, path } => {
            let reason = format!(
                "unmapped-api: no API is known here at [{method}] [{path}]; no policy can allow it, and no permission is missing"
            );
            let cause = json!({ "type": "security_exception", "reason": reason });
            let mut error = cause.clone();
            if let Some(error) = error.as_object_mut() {
                error.insert("root_cause".into(), json!([cause]));
            }
            Outcome::json(403, &json!({ "error": error, "status": 403 }))
        }
    }
}

/// The signature layer's refusal. It reads the same everywhere; only its code and its wrapping differ.
fn unproven(refusal: &sigv4::Refusal, dialect: Dialect, request_id: &str) -> Outcome {
    let message = json!({ "message": refusal.es_message() });
    match dialect {
        Dialect::Search => front_end(refusal.status(), &message),
        Dialect::RestJson | Dialect::AccessAnalyzer | Dialect::IamToolbox => {
            let (name, status) = refusal.json_error();
            error_type(Outcome::json(status, &message), name)
        }
        Dialect::Iam | Dialect::Sts => {
            let (code, text, status) = refusal.query_error();
            xml(dialect, status, code, &text, request_id)
        }
    }
}

/// A refusal of the front end before a domain: a page of any origin may read it, as Amazon's reports show
/// (vector#2403, olivere/elastic#1349). Nothing is said of credentials, so no browser sends any.
fn front_end(status: u16, body: &serde_json::Value) -> Outcome {
    let mut outcome = Outcome::json(status, body);
    outcome.headers.push(("access-control-allow-origin", "*".into()));
    outcome
}

/// How a denial of iam ends, before the id. Amazon's names its console first, which is not here.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>
const CALL: &str = "For complete details, call the GetRequestAuthorizationDetails API with the following authorization id:";

/// What who sends a signature again reads, on a domain that accepts each once.
const REPLAYED: &str =
    "The signature of this request was used before. This domain accepts each signature once.";

/// What a wrong password reads: as at Amazon's domains with internal users, plain text and a challenge (RFC 7617).
fn challenge(unauthorized: &LoginRefusal) -> Outcome {
    // A domain's name is letters, digits and hyphens: nothing to quote.
    let challenge = format!("Basic realm=\"{}\", charset=\"UTF-8\"", unauthorized.realm);
    Outcome {
        status: 401,
        headers: vec![("www-authenticate", challenge)],
        content_type: "text/plain; charset=UTF-8".into(),
        body: Bytes::from_static(unauthorized.told.as_bytes()),
        rest: None,
    }
}

/// 429 with `Retry-After` (RFC 6585, section 4).
fn slow_down(what: &str, seconds: u64, dialect: Dialect, request_id: &str) -> Outcome {
    let text = format!("Too many {what}: try again in {seconds} s");
    let mut outcome = match dialect {
        Dialect::Search => front_end(429, &json!({ "message": text })),
        Dialect::RestJson | Dialect::AccessAnalyzer | Dialect::IamToolbox => {
            error_type(Outcome::json(429, &json!({ "message": text })), "ThrottlingException")
        }
        Dialect::Iam | Dialect::Sts => xml(dialect, 429, "Throttling", &text, request_id),
    };
    outcome.headers.push(("retry-after", seconds.to_string()));
    outcome
}

/// What is read when a record cannot be written.
const UNRECORDED: &str = "The request was not carried out: its audit record cannot be written.";

/// What is read when nobody knows whether the policies still are what they were.
const STALE: &str = "The request was not carried out: the service has not reached the database of its state for too long.";

/// 503: SDKs and Elasticsearch's clients try again.
fn unavailable(text: &str, dialect: Dialect, request_id: &str) -> Outcome {
    let message = json!({ "message": text });
    match dialect {
        Dialect::Search => front_end(503, &message),
        Dialect::RestJson | Dialect::AccessAnalyzer | Dialect::IamToolbox => {
            error_type(Outcome::json(503, &message), "ServiceUnavailableException")
        }
        Dialect::Iam | Dialect::Sts => xml(dialect, 503, "ServiceUnavailable", text, request_id),
    }
}

fn error_type(mut outcome: Outcome, name: &str) -> Outcome {
    outcome.headers.push(("x-amzn-errortype", name.into()));
    outcome
}

fn xml(dialect: Dialect, status: u16, code: &str, message: &str, request_id: &str) -> Outcome {
    let (namespace, message) = (dialect.namespace().unwrap_or_default(), escaped(message));
    let body = format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    );
    let (headers, content_type) = (Vec::new(), "text/xml".into());
    Outcome { status, headers, content_type, body: body.into(), rest: None }
}

/// Text between XML tags (XML 1.0, section 2.4). Characters that XML cannot hold become `?`.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => escaped.push('?'),
            plain => escaped.push(plain),
        }
        escaped
    })
}

fn http(outcome: Outcome, record: &AuditRecord) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::default());
    *response.status_mut() =
        StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    // First, so that the bytes under hyper can tell our answers from its own (`guarded_stream.rs`).
    set(headers, HeaderName::from_static("x-amzn-requestid"), &record.request_id);
    match outcome.content_type {
        Cow::Borrowed(known) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(known));
        }
        Cow::Owned(said) => set(headers, header::CONTENT_TYPE, &said),
    }
    if record.refusal.is_some() || record.has_items {
        let id = audit::authorization_id(&record.request_id);
        set(headers, HeaderName::from_static("x-amzn-authorization-id"), &id);
    }
    if let Some(opaque_id) = &record.opaque_id {
        set(headers, HeaderName::from_static("x-opaque-id"), opaque_id);
    }
    for (name, value) in &outcome.headers {
        if let Some(name) = header_name(name) {
            set(headers, name, value);
        }
    }
    if !is_without_content(&record.method, outcome.status) {
        *response.body_mut() = AnswerBody::of(outcome.body, outcome.rest);
    } else if record.method == "HEAD" && !outcome.body.is_empty() {
        // What the same request by GET would have had.
        set(headers, header::CONTENT_LENGTH, &outcome.body.len().to_string());
    }
    response
}

/// The name of a header; one in small letters is not copied.
fn header_name(name: &'static str) -> Option<HeaderName> {
    let is_small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_small) {
        return Some(HeaderName::from_static(name));
    }
    HeaderName::from_bytes(name.as_bytes()).ok()
}

/// Whether an answer has no content, whatever it says: to HEAD, and with 204 or 304 (RFC 9110, sections 9.3.2,
/// 15.3.5 and 15.4.5). hyper sees to it over HTTP/1.1 only; over HTTP/2 a DATA frame there is a protocol error.
fn is_without_content(method: &str, status: u16) -> bool {
    method == "HEAD" || matches!(status, 204 | 304)
}

fn set(headers: &mut header::HeaderMap, name: HeaderName, value: &str) {
    // A value that is no header value (an opaque id with control characters) is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether an `Accept-Encoding` allows gzip (RFC 9110, section 12.5.3).
#[must_use]
pub(crate) fn accepts_gzip(accept_encoding: Option<&str>) -> bool {
    accept_encoding.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q == 0.0)
        });
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

/// The bytes of an answer to a head that hyper could not read, in the place of hyper's own `bytes`;
/// writes its audit record too. `framing` saw what was wrong with the head.
#[must_use]
pub(crate) fn unparsed(
    state: &ServiceState,
    connection: &Connection,
    bytes: &[u8],
    framing: Option<&Framing>,
) -> Vec<u8> {
    let status = listener::status_of(bytes);
    let what = listener::words(status, framing);
    let entry = AuditEntry::begin(&state.audit, blank_record(state, connection));
    let mut entry = entry.of_domain(connection.listener.domain.as_ref());
    state.metrics.unparsed();
    entry.status = status;
    refused_head(&mut entry, status, &what);
    let to_head = framing.is_some_and(Framing::is_head);
    let body = json!({ "message": what }).to_string();
    entry.bytes_out = if to_head { 0 } else { body.len() as u64 };
    state.metrics.answer(&counted(&entry));
    let id = audit::authorization_id(&entry.request_id);
    let headers = [("x-amzn-requestid", &*entry.request_id), ("x-amzn-authorization-id", &*id)];
    raw_answer::bytes(status, &headers, &body, to_head)
}

/// Writes down what a connection ended with when no answer could be given.
pub(crate) fn unfinished(state: &ServiceState, connection: &Connection, status: u16, what: &str) {
    let entry = AuditEntry::begin(&state.audit, blank_record(state, connection));
    let mut entry = entry.of_domain(connection.listener.domain.as_ref());
    state.metrics.unparsed();
    entry.status = status;
    refused_head(&mut entry, status, what);
}

/// Writes down why a head was no request.
fn refused_head(entry: &mut AuditEntry, status: u16, what: &str) {
    let refusal = Refusal::Malformed(MalformedRequest::new(status, what));
    entry.layer = Some(refusal.layer(entry.stage, false));
    entry.refusal_kind = Some(refusal.kind().to_owned());
    entry.refusal = Some(refusal.log());
}

#[cfg(test)]
mod tests;
