//! Long bodies: judged in the file in which they waited, sent from there, never loaded (decision 0173).

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::json;
use server::PoolSettings;
use server::for_tests::ServiceState;

use super::stub::{Received, Stub, Told};
use super::{ARN, Gate};
use crate::client::Answer;

/// More than a body may have in memory.
const LONG: usize = 1_500_000;

/// Bytes of bodies that the service holds while a cluster answers: loaded, and in files.
type Held = Arc<OnceLock<(usize, usize)>>;

/// A gate before a cluster that takes all items, and what it holds while the cluster does.
fn gate() -> (Gate, Stub, Held) {
    let (state, held): (Arc<OnceLock<ServiceState>>, Held) = Default::default();
    let (of, seen) = (Arc::clone(&state), Arc::clone(&held));
    let stub = Stub::start(move |request| {
        if let Some(state) = of.get() {
            let _ = seen.set((state.spool.loaded_held(), state.spool.files_held()));
        }
        Told::Json(200, taken(request))
    });
    let gate = Gate::with(PoolSettings::new(ARN.to_owned(), vec![stub.url()]));
    let _ = state.set(gate.running.service().state().clone());
    (gate, stub, held)
}

/// What a cluster says of a `_bulk`: how many items it got.
fn taken(request: &Received) -> serde_json::Value {
    let items = request.body.lines().filter(|line| line.starts_with("{\"index\""));
    let items: Vec<_> = items.map(|_| json!({"index": {"status": 201}})).collect();
    json!({"took": 1, "errors": false, "items": items})
}

/// A `_bulk` of so many documents in the indices, in turn.
fn bulk(indices: &[&str], documents: usize) -> String {
    let mut body = String::new();
    for number in 0..documents {
        let index = indices[number % indices.len()];
        body += &json!({"index": {"_index": index, "_id": number.to_string()}}).to_string();
        body += &format!("\n{{\"a\":\"{}\"}}\n", "x".repeat(LONG / 20));
    }
    body
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(body).unwrap();
    packed.finish().unwrap()
}

fn send_gzip(gate: &Gate, method: &str, target: &str, body: &[u8]) -> Answer {
    let key = gate.running.developer();
    let mut headers = gate.domain.sign(&key, method, target, &[], body);
    headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    gate.domain.send(method, target, &headers, body)
}

#[test]
fn a_long_bulk_is_judged_item_by_item_and_never_loaded() {
    let (gate, stub, held) = gate();
    let writer = gate.user("writer", &["_bulk", "open/*"]);
    let body = bulk(&["open", "secret", "both"], 30);
    let told = gate.domain.signed(&writer, "POST", "/_bulk", body.as_bytes());
    assert_eq!(told.status, 200, "{}", told.text());
    let statuses: Vec<_> = told.json()["items"].as_array().unwrap().clone();
    let statuses: Vec<u64> =
        statuses.iter().map(|i| i["index"]["status"].as_u64().unwrap()).collect();
    let expected: Vec<u64> = (0..30).map(|n| if n % 3 == 0 { 201 } else { 403 }).collect();
    assert_eq!(statuses, expected);
    assert_eq!(told.json()["errors"], true);
    let granted: Vec<&str> = body.split_inclusive('\n').collect();
    let granted: String = granted.chunks(2).step_by(3).flatten().copied().collect();
    assert_eq!(stub.received()[0].body, granted, "what is granted stays byte for byte");
    let (loaded, filed) = *held.get().unwrap();
    assert_eq!(loaded, 0);
    assert!(filed >= granted.len(), "{filed}");
    let spool = &gate.running.service().state().spool;
    assert!(gate.running.eventually(|_| spool.files_held() == 0));
}

#[test]
fn of_a_long_bulk_nothing_is_sent_when_its_last_line_is_wrong() {
    let (gate, stub, _) = gate();
    for (end, status) in [
        ("{\"oops\":{}}\n{}\n", 400),
        ("{\"index\":{\"_index\":\"open\"}}\n{}", 400),
        ("{\"index\":{\"_index\":\"open\",\"pipeline\":\"p\"}}\n{}\n", 501),
    ] {
        let told = gate.developer("POST", "/_bulk", &(bulk(&["open"], 30) + end));
        assert_eq!(told.status, status, "{}", told.text());
    }
    let packed = gzip(bulk(&["open"], 30).as_bytes());
    let told = send_gzip(&gate, "POST", "/_bulk", &packed[..packed.len() - 20]);
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(told.text().contains("Content-Encoding is gzip"), "{}", told.text());
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
}

#[test]
fn a_long_document_goes_on_as_it_is_also_where_it_came_packed() {
    let (gate, stub, held) = gate();
    let body = format!("{{\"a\": \"{}\"  }}", "x".repeat(LONG));
    let told = gate.developer("PUT", "/open/_doc/1?refresh=true", &body);
    assert_eq!(told.status, 200, "{}", told.text());
    let told = send_gzip(&gate, "POST", "/open/_doc", &gzip(body.as_bytes()));
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(stub.lines(), ["PUT /open/_doc/1?refresh=true", "POST /open/_doc"]);
    assert!(stub.received().iter().all(|request| request.body == body));
    assert_eq!(stub.received()[1].header("content-encoding"), None);
    assert_eq!(held.get().unwrap().0, 0, "it was loaded");
    let writer = gate.user("writer", &["secret/*"]);
    let told = gate.domain.signed(&writer, "PUT", "/open/_doc/1", body.as_bytes());
    assert_eq!(told.status, 403, "{}", told.text());
    assert_eq!(stub.lines().len(), 2);
}

#[test]
fn a_long_document_of_a_kind_that_is_not_read_is_refused() {
    let (gate, stub, _) = gate();
    let body = "x".repeat(LONG);
    let key = gate.running.developer();
    let mut headers = gate.domain.sign(&key, "POST", "/open/_doc", &[], body.as_bytes());
    headers.push(("content-type".to_owned(), "application/cbor".to_owned()));
    let told = gate.domain.send("POST", "/open/_doc", &headers, body.as_bytes());
    assert_eq!(told.status, 406, "{}", told.text());
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
}

#[test]
fn in_mode_aws_a_long_bulk_goes_on_as_it_is() {
    let (gate, stub, held) = gate();
    gate.set_mode("aws");
    let body = bulk(&["open", "secret"], 30).replace("\"a\":", "\"a\" : ");
    let told = gate.developer("POST", "/open/_bulk", &body);
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(stub.lines(), ["POST /open/_bulk"]);
    assert!(stub.received()[0].body == body);
    assert_eq!(stub.received()[0].header("content-type"), Some("application/x-ndjson"));
    assert_eq!(held.get().unwrap().0, 0, "it was loaded");
}

#[test]
fn d24_in_mode_aws_a_long_bulk_with_an_item_for_a_clusters_users_is_refused_whole() {
    let (gate, stub, _) = gate();
    gate.set_mode("aws");
    let told = gate.developer("POST", "/_bulk", &bulk(&["open", ".security-7"], 30));
    assert_eq!(told.status, 403, "{}", told.text());
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
}

#[test]
fn a_long_answer_is_taken_from_the_cluster_no_faster_than_the_client_reads() {
    let length = 128 * 1024 * 1024;
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let stub = Stub::start(move |_| Told::Long(length, Arc::clone(&counter)));
    let gate = Gate::before(&[&stub]);
    let headers = gate.domain.sign(&gate.running.developer(), "GET", "/open/_search", &[], b"");
    let mut request = format!("GET /open/_search HTTP/1.1\r\nhost: {}\r\n", gate.domain.host());
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    let mut stream = gate.domain.connect();
    stream.write_all(format!("{request}connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    // Until nothing more is taken: what is on its way then is in the kernel's buffers, of two connections.
    let mut before = usize::MAX;
    while before != taken.load(Ordering::SeqCst) {
        before = taken.load(Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    assert!(before <= 48 * 1024 * 1024, "{before}");
    let read = std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
    assert!(read > length as u64, "{read}");
}

/// What a request with a body of so many bytes is told before any of them is sent.
fn before_the_body(gate: &Gate, target: &str, bytes: usize) -> String {
    let headers = gate.domain.sign(&gate.running.developer(), "POST", target, &[], b"");
    let mut head = format!("POST {target} HTTP/1.1\r\nhost: {}\r\n", gate.domain.host());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {bytes}\r\nexpect: 100-continue\r\n\r\n");
    let mut stream = gate.domain.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).unwrap();
    String::from_utf8_lossy(&begin).into_owned()
}

#[test]
fn what_cannot_go_on_from_a_file_is_413_beyond_what_may_be_loaded_before_any_of_it_is_read() {
    let stub = Stub::start(|request| Told::Json(200, taken(request)));
    let pool = PoolSettings::new(ARN.to_owned(), vec![stub.url()]);
    let gate = Gate::start(pool, |settings| settings.domains.body_bytes_max = 1 << 30);
    let loaded_max = 512 * 1024 * 1024;
    for target in ["/open/_search", "/_msearch", "/_mget", "/open/_update/1"] {
        assert_eq!(before_the_body(&gate, target, loaded_max + 1), "HTTP/1.1 413", "{target}");
        assert_eq!(before_the_body(&gate, target, loaded_max), "HTTP/1.1 100", "{target}");
    }
    for target in ["/_bulk", "/open/_doc"] {
        assert_eq!(before_the_body(&gate, target, loaded_max + 1), "HTTP/1.1 100", "{target}");
    }
}

#[test]
fn a_search_whose_json_takes_more_memory_than_there_is_for_it_is_429_and_not_sent() {
    let stub = Stub::start(|request| Told::Json(200, taken(request)));
    let pool = PoolSettings::new(ARN.to_owned(), vec![stub.url()]);
    let gate = Gate::start(pool, |settings| settings.engine.memory_bytes_max = 16 << 20);
    let search = |numbers: usize| {
        let list = vec!["1"; numbers].join(",");
        gate.developer(
            "POST",
            "/open/_search",
            &format!("{{\"query\":{{\"terms\":{{\"n\":[{list}]}}}}}}"),
        )
    };
    let told = search(1_000_000);
    assert_eq!(told.status, 429, "{}", told.text());
    assert_eq!(told.json()["error"]["type"], "circuit_breaking_exception", "{}", told.text());
    assert!(stub.lines().is_empty(), "{:?}", stub.lines());
    // What the last one took is there again.
    let told = search(1_000);
    assert_eq!(told.status, 200, "{}", told.text());
}
