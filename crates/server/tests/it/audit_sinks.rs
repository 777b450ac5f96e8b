//! Audit records beside the files: at a collector, in an index of their domain (decision 0193).

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::client::Answer;
use crate::service::{Running, scratch};
use crate::upstream::traced::Collector;

const TOKEN: &str = "FwoGZXIvYXdzEBYaDsecretsecretsecretsecret";

/// A service whose records go to `collector`.
fn told(collector: &Collector, data: Option<std::path::PathBuf>) -> Running {
    let port = collector.port;
    Running::start_with(data, move |options| {
        options.settings.traces.endpoint = Some(format!("http://127.0.0.1:{port}"));
        options.settings.traces.percent = 0;
        options.settings.audit.otlp = true;
    })
}

/// The log records that a collector has.
fn logged(collector: &Collector) -> Vec<Value> {
    let came = collector.came.lock().unwrap();
    let logs = came.iter().filter(|(head, _)| head.starts_with("POST /v1/logs HTTP/1.1\r\n"));
    let logs = logs.map(|(_, body)| {
        body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap().clone()
    });
    logs.flatten().collect()
}

/// The records of a file, by their ids, without the members that are the chain's.
fn filed(text: &str) -> BTreeMap<String, Value> {
    let lines = text.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        for name in ["sequence", "previous", "hash", "lost"] {
            record.as_object_mut().unwrap().remove(name);
        }
        (record["requestId"].as_str().unwrap().to_owned(), record)
    });
    lines.collect()
}

pub(crate) fn metric(running: &Running, name: &str, sink: &str) -> usize {
    let page = crate::clocks::admin(running, "GET /metrics HTTP/1.1");
    let row = format!("countersign_audit_sink_{name}_total{{sink=\"{sink}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&row)).unwrap().parse().unwrap()
}

/// Allowed, denied, anonymous and hostile requests; the ids of their records.
fn ask_all(running: &Running) -> Vec<String> {
    let (domain, key) = (running.domain(), running.developer());
    let hostile = vec![
        ("user-agent".to_owned(), "a\t\"}{\u{9b}31m".to_owned()),
        ("x-amz-security-token".to_owned(), TOKEN.to_owned()),
        ("cookie".to_owned(), format!("session={TOKEN}")),
    ];
    let target = format!("/books/_search?X-Amz-Signature={TOKEN}&q=a%0Ab");
    let answers = [
        domain.signed(&key, "PUT", "/books/_doc/1", b"{\"a\":1}"),
        domain.signed(&running.stranger(), "GET", "/books/_search", b""),
        domain.anonymous("GET", "/books/_search", b""),
        domain.send("GET", &target, &hostile, b""),
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [201, 403, 403, 403]);
    answers.iter().map(Answer::request_id).collect()
}

#[test]
fn e11_e12_e13_the_collector_gets_every_record_as_the_files_have_it() {
    let data = scratch("audit-otlp");
    let collector = Collector::start("200 OK");
    let running = told(&collector, Some(data.clone()));
    let ids = ask_all(&running);
    let has = |id: &String| {
        let is_it = |record: &&Value| record["attributes"][0]["value"]["stringValue"] == **id;
        logged(&collector).iter().find(is_it).cloned()
    };
    assert!(running.eventually(|_| ids.iter().all(|id| has(id).is_some())));
    let severities: Vec<Value> =
        ids.iter().map(|id| has(id).unwrap()["severityText"].clone()).collect();
    assert_eq!(severities, ["INFO", "WARN", "WARN", "WARN"]);
    running.stop();
    let files = ["audit.jsonl", "unproven.jsonl"]
        .map(|name| std::fs::read_to_string(data.join("audit").join(name)).unwrap());
    let files = filed(&files.concat());
    let logged = logged(&collector);
    let texts: Vec<&str> =
        logged.iter().map(|it| it["body"]["stringValue"].as_str().unwrap()).collect();
    // All of them: those of the start and of the end, too.
    let sent = filed(&texts.join("\n"));
    assert_eq!(sent, files);
    assert!(texts.iter().all(|text| !text.contains(TOKEN) && !text.contains('\n')));
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn a_collector_that_takes_nothing_is_told_and_counted_and_holds_up_nobody() {
    let collector = Collector::start("403 Forbidden");
    let running = told(&collector, None);
    ask_all(&running);
    assert!(running.eventually(|running| metric(running, "failed", "otlp") > 3));
    let ready = crate::clocks::admin(&running, "GET /readyz HTTP/1.1");
    assert!(ready.contains("missing: audit.otlp: http://127.0.0.1:"), "{ready}");
    assert!(ready.contains("it answered 403 Forbidden"), "{ready}");
    assert_eq!(metric(&running, "written", "otlp"), 0);
}

pub(crate) fn option(running: &Running, value: &str) {
    let body = json!({"AdvancedOptions": {"countersign.audit_index": value}}).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let answer =
        running.control("es").signed(&running.developer(), "POST", target, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Asks until a request's record is in the index; how many were asked.
fn until_indexed(running: &Running) -> usize {
    let mut asked = 0;
    assert!(running.eventually(|running| {
        running.domain().signed(&running.developer(), "GET", "/", b"");
        asked += 1;
        metric(running, "written", "index") > 0
    }));
    asked
}

/// What the index says to a search.
fn search(running: &Running, body: &Value) -> Value {
    let (domain, key) = (running.domain(), running.developer());
    let target = "/.countersign-audit-*/_search?expand_wildcards=all";
    let answer = domain.signed(&key, "POST", target, body.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn e11_e12_e13_the_index_of_a_domain_gets_the_records_of_its_requests_and_none_of_its_own_writes() {
    let running = Running::start();
    option(&running, "true");
    until_indexed(&running);
    let ids = ask_all(&running);
    let body = json!({"query": {"terms": {"requestId": ids}}, "size": 10,
        "sort": ["time"], "aggs": {"by": {"terms": {"field": "principal.kind"}}}});
    let mut found = Value::Null;
    assert!(running.eventually(|running| {
        let (domain, key) = (running.domain(), running.developer());
        domain.signed(&key, "POST", "/.countersign-audit-*/_refresh?expand_wildcards=all", b"");
        found = search(running, &body);
        found["hits"]["total"]["value"] == 4
    }));
    let records: Vec<&Value> =
        found["hits"]["hits"].as_array().unwrap().iter().map(|hit| &hit["_source"]).collect();
    let kinds: Vec<&Value> = records.iter().map(|record| &record["principal"]["kind"]).collect();
    assert_eq!(kinds, ["user", "assumed-role", "anonymous", ""]);
    // The very records that `explain` reads.
    for (record, id) in records.iter().zip(&ids) {
        let kept = running.newest(|record| record.request_id == *id);
        assert_eq!(**record, serde_json::to_value(&kept).unwrap());
        assert!(!record.to_string().contains(TOKEN));
    }
    assert_eq!(found["aggregations"]["by"]["buckets"].as_array().unwrap().len(), 4);
    // Only what somebody asked the domain for.
    let own = json!({"query": {"bool": {"should": [
        {"bool": {"must_not": {"term": {"listener": "domain/dev"}}}},
        {"wildcard": {"path": "*_bulk*"}},
        {"exists": {"field": "serviceReason"}}]}}});
    assert_eq!(search(&running, &own)["hits"]["total"]["value"], 0);
    let begun = running.newest(|record| record.action.as_deref() == Some("WriteAuditIndex"));
    assert_eq!(begun.service_reason.as_deref(), Some("audit"));
    // Others see it only where they ask for what is hidden.
    let all = running.domain().signed(&running.developer(), "GET", "/_cat/indices?h=index", b"");
    assert!(!all.text().contains("countersign-audit"), "{}", all.text());
    option(&running, "false");
    assert_eq!(
        (metric(&running, "failed", "index"), metric(&running, "left_out", "index")),
        (0, 0)
    );
}

#[test]
fn an_index_of_records_is_begun_each_day_and_removed_when_it_is_too_old() {
    let (running, seconds) = Running::start_moved();
    option(&running, "true");
    until_indexed(&running);
    // What the service says that it did with indices; a client's clock does not move, so that it is refused by now.
    let indices = |running: &Running, action: &str| {
        running.domain().anonymous("GET", "/", b"");
        let recent = running.service().state().audit.recent();
        let done = recent.iter().filter(|record| record.action.as_deref() == Some(action));
        let mut names: Vec<String> =
            done.flat_map(|record| record.resources.iter().cloned()).collect();
        names.sort();
        names
    };
    let first = indices(&running, "WriteAuditIndex");
    assert_eq!(first.len(), 1);
    assert!(first[0].starts_with("domain/dev/.countersign-audit-2"), "{first:?}");
    assert!(first[0].ends_with("-000001"), "{first:?}");
    seconds.fetch_add(24 * 3_600, Ordering::Relaxed);
    assert!(running.eventually(|running| indices(running, "WriteAuditIndex").len() == 2));
    assert_eq!(indices(&running, "RemoveAuditIndex"), Vec::<String>::new());
    // Seven days are kept.
    seconds.fetch_add(7 * 24 * 3_600, Ordering::Relaxed);
    assert!(running.eventually(|running| indices(running, "WriteAuditIndex").len() == 3));
    assert_eq!(indices(&running, "RemoveAuditIndex"), first);
}
