//! Traces of requests, as a collector of OpenTelemetry's gets them, and what a cluster is told of them (decision 0174).

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use server::PoolSettings;

use super::stub::Stub;
use super::{ARN, Gate, fine};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Takes traces, and keeps what it was sent: heads and bodies.
#[derive(Clone)]
pub(crate) struct Collector {
    pub(crate) port: u16,
    pub(crate) came: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Collector {
    pub(crate) fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&came);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                while let Some((head, body)) = one(&mut reader) {
                    keeps.lock().unwrap().push((head, body));
                    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
                    reader.get_mut().write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        Self { port, came }
    }

    fn spans(&self) -> Vec<Value> {
        let came = self.came.lock().unwrap();
        let spans = came.iter().map(|(_, body)| {
            body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        });
        spans.flatten().collect()
    }
}

fn one(reader: &mut impl BufRead) -> Option<(String, Value)> {
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let from = head.len();
        reader.read_line(&mut head).ok().filter(|count| *count > 0)?;
        let line = head.get(from..).unwrap_or_default();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim_end().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, serde_json::from_slice(&body).unwrap()))
}

fn gate(collector: Option<&Collector>) -> (Gate, Stub) {
    let stub = Stub::start(fine);
    let pool = PoolSettings::new(ARN.to_owned(), vec![stub.url()]);
    let gate = Gate::start(pool, |settings| {
        settings.traces.endpoint = collector.map(|it| format!("http://127.0.0.1:{}", it.port));
        settings.traces.percent = 0;
    });
    (gate, stub)
}

fn ask(gate: &Gate, target: &str, traceparent: &str) -> u16 {
    let key = gate.running.developer();
    let mut headers = gate.domain.sign(&key, "GET", target, &[], b"");
    headers.push(("traceparent".to_owned(), traceparent.to_owned()));
    gate.domain.send("GET", target, &headers, b"").status
}

fn attribute<'s>(span: &'s Value, key: &str) -> Option<&'s Value> {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|one| one["key"] == key)?;
    found["value"].as_object().unwrap().values().next()
}

#[test]
fn a_request_is_told_of_with_its_phases_and_what_the_cluster_was_asked() {
    let collector = Collector::start("200 OK");
    let (gate, stub) = gate(Some(&collector));
    assert_eq!(ask(&gate, "/open/_search?q=confidential", PARENT), 200);
    assert!(gate.running.eventually(|_| !collector.spans().is_empty()));
    let spans = collector.spans();
    assert!(spans.iter().all(|span| span["traceId"] == TRACE), "{spans:?}");
    let request = &spans[0];
    assert_eq!((&request["kind"], &request["name"]), (&2.into(), &"GET".into()));
    assert_eq!(request["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(attribute(request, "http.response.status_code"), Some(&"200".into()));
    assert_eq!(attribute(request, "countersign.action"), Some(&"es:ESHttpGet".into()));
    let names: Vec<&str> = spans[1..].iter().map(|span| span["name"].as_str().unwrap()).collect();
    let expected = [
        "parse",
        "authenticate",
        "identify",
        "route",
        "body",
        "prove",
        "authorize",
        "serve",
        "respond",
        "cluster",
    ];
    assert_eq!(names, expected);
    assert!(spans[1..].iter().all(|span| span["parentSpanId"] == request["spanId"]));
    let time = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u128>().unwrap();
    for span in &spans {
        assert!(time(span, "startTimeUnixNano") <= time(span, "endTimeUnixNano"));
        assert!(time(span, "endTimeUnixNano") <= time(request, "endTimeUnixNano"));
    }
    let cluster = spans.last().unwrap();
    assert_eq!(
        (&cluster["kind"], attribute(cluster, "server.address")),
        (&3.into(), Some(&"127.0.0.1".into()))
    );
    assert_eq!(attribute(cluster, "server.port"), Some(&stub.port.to_string().into()));
    let told = format!("00-{TRACE}-{}-01", cluster["spanId"].as_str().unwrap());
    assert_eq!(stub.received()[0].header("traceparent"), Some(told.as_str()));
    let (head, body) = collector.came.lock().unwrap()[0].clone();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    let body = body.to_string();
    for untold in ["confidential", "_search", "AKIA", "developer"] {
        assert!(!body.contains(untold), "{untold}: {body}");
    }
    // It is counted when the collector has answered.
    let exported = "countersign_traces_exported_total 1\n";
    assert!(gate.running.eventually(|_| gate.admin("/metrics").contains(exported)));
}

#[test]
fn who_says_that_it_is_not_traced_is_not_and_the_cluster_hears_it() {
    let collector = Collector::start("200 OK");
    let (gate, stub) = gate(Some(&collector));
    let silent = PARENT.replace("-01", "-00");
    assert_eq!(ask(&gate, "/open/_search", &silent), 200);
    assert_eq!(stub.received()[0].header("traceparent"), Some(silent.as_str()));
    // Nobody asks for this one's trace, and the lot says none.
    assert_eq!(ask(&gate, "/open/_search", "no traceparent"), 200);
    assert_eq!(stub.received()[1].header("traceparent"), None);
    assert_eq!(ask(&gate, "/open/_search", PARENT), 200);
    assert!(gate.running.eventually(|_| !collector.spans().is_empty()));
    let requests = collector.spans().iter().filter(|span| span["kind"] == 2).count();
    assert_eq!(requests, 1);
}

#[test]
fn without_a_collector_the_callers_trace_goes_on_to_the_cluster_and_nowhere_else() {
    let (gate, stub) = gate(None);
    assert_eq!(ask(&gate, "/open/_search", PARENT), 200);
    assert_eq!(stub.received()[0].header("traceparent"), Some(PARENT));
    assert!(!gate.admin("/metrics").contains("countersign_traces"));
}

#[test]
fn a_collector_that_refuses_is_named_by_the_ready_page() {
    let collector = Collector::start("403 Forbidden");
    let (gate, _) = gate(Some(&collector));
    assert_eq!(ask(&gate, "/open/_search", PARENT), 200);
    assert!(gate.running.eventually(|_| gate.admin("/readyz").contains("missing: traces: ")));
    let ready = gate.admin("/readyz");
    assert!(ready.contains("it answered 403 Forbidden"), "{ready}");
    assert!(gate.admin("/metrics").contains("countersign_traces_failed_total 1\n"));
}
