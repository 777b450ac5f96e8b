//! OTLP as JSON (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): ids are hexadecimal, numbers of 64 bits are texts.
//! Names of attributes are those of the semantic conventions for HTTP, and ours begin with `countersign.`.

use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ClusterCall, Trace};

/// `SpanKind`.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// The program's.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `StatusCode`: an error.
const ERROR: u8 = 2;

/// The body of a request to a collector.
pub(super) fn body(traces: &[Trace]) -> String {
    let spans: Vec<Value> = traces.iter().flat_map(spans).collect();
    let request = json!({"resourceSpans": [{
        "resource": resource(),
        "scopeSpans": [{"scope": scope(), "spans": spans}],
    }]});
    request.to_string()
}

/// Who tells.
pub(super) fn resource() -> Value {
    let attributes = [text("service.name", "countersign"), text("service.version", VERSION)];
    json!({"attributes": attributes})
}

/// Which part of it.
pub(super) fn scope() -> Value {
    json!({"name": "countersign", "version": VERSION})
}

fn spans(trace: &Trace) -> Vec<Value> {
    let mut spans = vec![request(trace)];
    let ends = trace.phases.iter().skip(1).map(|(_, begun)| *begun).chain([trace.ended]);
    for (number, ((name, begun), end)) in (1..).zip(trace.phases.iter().zip(ends)) {
        spans.push(span(trace, name, INTERNAL, trace.id(number), (*begun, end), Vec::new()));
    }
    spans.extend(trace.call.as_ref().map(|call| of_call(trace, call)));
    spans
}

fn request(trace: &Trace) -> Value {
    let told = &trace.told;
    let mut attributes = vec![
        text("http.request.method", &told.method),
        number("http.response.status_code", told.status),
        text("countersign.request_id", &told.request_id),
        text("countersign.listener", &told.listener),
    ];
    attributes.extend(told.action.as_ref().map(|action| text("countersign.action", action)));
    attributes.extend(told.refusal.as_ref().map(|why| text("countersign.refusal", why)));
    let times = (Duration::ZERO, trace.ended);
    let mut span = span(trace, &told.method, SERVER, trace.id(0), times, attributes);
    match (trace.parent, span.as_object_mut()) {
        (Some(parent), Some(span)) => {
            span.insert("parentSpanId".to_owned(), HEXLOWER.encode(&parent).into());
        }
        (None, Some(span)) => drop(span.remove("parentSpanId")),
        _ => {}
    }
    failed_from(&mut span, Some(told.status), 500);
    span
}

fn of_call(trace: &Trace, call: &ClusterCall) -> Value {
    let mut attributes = vec![text("http.request.method", &trace.told.method)];
    if let Some((host, port)) = call.node.as_deref().and_then(|node| node.rsplit_once(':')) {
        attributes.push(text("server.address", host));
        attributes.extend(port.parse().ok().map(|port: u16| number("server.port", port)));
    }
    attributes.extend(call.status.map(|status| number("http.response.status_code", status)));
    let times = (call.begun, call.ended.unwrap_or(trace.ended));
    let mut span = span(trace, "cluster", CLIENT, trace.call_id(), times, attributes);
    // To who asks any refusal is an error; no answer is one, too.
    failed_from(&mut span, call.status, 400);
    span
}

/// Marks a span whose answer has this status, or that has none, as failed.
fn failed_from(span: &mut Value, status: Option<u16>, least: u16) {
    if status.is_none_or(|status| status >= least)
        && let Some(span) = span.as_object_mut()
    {
        span.insert("status".to_owned(), json!({"code": ERROR}));
    }
}

fn span(
    trace: &Trace,
    name: &str,
    kind: u8,
    id: [u8; 8],
    (begun, ended): (Duration, Duration),
    attributes: Vec<Value>,
) -> Value {
    json!({
        "traceId": HEXLOWER.encode(&trace.trace_id),
        "spanId": HEXLOWER.encode(&id),
        "parentSpanId": HEXLOWER.encode(&trace.id(0)),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": nanos(trace.begun, begun),
        "endTimeUnixNano": nanos(trace.begun, ended),
        "attributes": attributes,
    })
}

fn nanos(begun: Timestamp, after: Duration) -> String {
    let after = i128::try_from(after.as_nanos()).unwrap_or_default();
    (begun.as_nanosecond() + after).to_string()
}

pub(super) fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn number(key: &str, value: u16) -> Value {
    json!({"key": key, "value": {"intValue": value.to_string()}})
}
