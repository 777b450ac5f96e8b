//! The audit records of a domain that a cluster serves, in an index there (decision 0193).

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::{Value, json};

use super::stub::{Received, Stub, Told};
use super::{Gate, reason};
use crate::audit_sinks::{metric, option};
use crate::clocks::admin;

/// Whether a request is about the index of records.
fn is_audit(request: &Received) -> bool {
    request.line.contains("/.countersign-audit-")
}

/// A cluster that answers what is about the index of records with a status that can be set.
fn cluster() -> (Stub, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(200));
    let told = Arc::clone(&status);
    let stub = Stub::start(move |request| match is_audit(request) {
        true => {
            // An item for each record, without which none counts as written.
            let records = request.body.lines().count() / 2;
            let items = vec![json!({"create": {"status": 201}}); records];
            let answer = json!({"error": {"type": "x", "reason": "no room"}, "items": items});
            Told::Json(told.load(Ordering::SeqCst), answer)
        }
        false => Told::Json(200, json!({"fine": true})),
    });
    (stub, status)
}

/// The records that came, with their ids.
fn records(stub: &Stub) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for request in stub.received().into_iter().filter(|it| it.line.ends_with("/_bulk")) {
        assert!(is_audit(&request), "{}", request.line);
        assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
        let lines: Vec<Value> =
            request.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for pair in lines.chunks(2) {
            let id = pair[0]["create"]["_id"].as_str().unwrap().to_owned();
            all.push((id, pair[1].clone()));
        }
    }
    all
}

#[test]
fn the_records_of_requests_to_a_domain_are_written_to_an_index_of_its_cluster() {
    let (stub, _) = cluster();
    let gate = Gate::before(&[&stub]);
    option(&gate.running, "true");
    // The first request after the option was switched on may be too early.
    assert!(gate.running.eventually(|running| {
        gate.developer("GET", "/open/_search", "");
        metric(running, "written", "index") > 0
    }));
    let denied = gate.domain.signed(&gate.running.stranger(), "GET", "/open/_search", b"");
    assert_eq!(denied.status, 403);
    let of = |id: &str| records(&stub).into_iter().find(|(_, it)| it["requestId"] == *id);
    let id = denied.request_id();
    assert!(gate.running.eventually(|_| of(&id).is_some()));
    let (_, record) = of(&id).unwrap();
    let kept = gate.running.newest(|record| record.request_id == id);
    assert_eq!(record, serde_json::to_value(&kept).unwrap());
    // What the service writes makes no records there.
    assert!(records(&stub).iter().all(|(_, it)| it["listener"] == "domain/dev"));
    let made: Vec<Received> =
        stub.received().into_iter().filter(|it| it.line.starts_with("PUT ")).collect();
    assert_eq!(made.len(), 1, "{:?}", stub.lines());
    let definition: Value = serde_json::from_str(&made[0].body).unwrap();
    assert_eq!(definition["settings"]["index"]["hidden"], true);
    assert_eq!(definition["settings"]["index"]["auto_expand_replicas"], "0-1");
    let begun = gate.running.newest(|record| record.action.as_deref() == Some("WriteAuditIndex"));
    assert_eq!(begun.service_reason.as_deref(), Some("audit"));
}

#[test]
fn a_cluster_that_takes_no_records_is_told_serves_on_and_gets_them_once_when_it_takes_them() {
    let (stub, status) = cluster();
    let gate = Gate::before(&[&stub]);
    option(&gate.running, "true");
    status.store(503, Ordering::SeqCst);
    let told = |running: &crate::service::Running| admin(running, "GET /readyz HTTP/1.1");
    assert!(gate.running.eventually(|running| {
        assert_eq!(gate.developer("GET", "/open/_search", "").status, 200);
        told(running).contains("missing: audit.index: domain dev: PUT /.countersign-audit-")
    }));
    assert!(told(&gate.running).contains("503 no room"), "{}", told(&gate.running));
    status.store(200, Ordering::SeqCst);
    assert!(gate.running.eventually(|running| !told(running).contains("audit.index")));
    let mut ids: Vec<String> = records(&stub).into_iter().map(|(id, _)| id).collect();
    assert!(!ids.is_empty());
    let before = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), before);
}

#[test]
fn the_index_of_records_is_read_by_whom_the_policies_let_read_it() {
    let (stub, _) = cluster();
    let gate = Gate::before(&[&stub]);
    option(&gate.running, "true");
    assert!(gate.running.eventually(|running| {
        gate.developer("GET", "/open/_search", "");
        metric(running, "written", "index") > 0
    }));
    let target = "/.countersign-audit-*/_search?expand_wildcards=all";
    let reader = gate.user("reader", &["open/*", "*_search"]);
    assert_eq!(gate.domain.signed(&reader, "GET", target, b"").status, 200);
    let other = gate.user("other", &["open/*"]);
    let told = gate.domain.signed(&other, "GET", target, b"");
    assert_eq!(told.status, 403, "{}", reason(&told));
}
