//! What is answered without waiting for anybody, and what a bulk's second thread changes: nothing but the time it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use engine::rest::{Flavor, Parsed, parse, route};
use engine::{Engine, EngineSettings, SpareThread, View, Work};
use jiff::Timestamp;

pub(crate) fn engine() -> Engine {
    let settings = EngineSettings {
        directory: None,
        flavor: Flavor::OpenSearch219,
        cluster_name: "test".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()
}

fn parsed(engine: &Engine, line: &str, body: &str) -> Parsed {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let kind = if body.ends_with('\n') { "application/x-ndjson" } else { "application/json" };
    let route = route(method, path, query, engine.flavor()).unwrap();
    parse(route, Some(kind), Bytes::copy_from_slice(body.as_bytes()), &Work::unbounded()).unwrap()
}

/// Status and text of the answer.
pub(crate) fn asked(engine: &Engine, line: &str, body: &str, work: &Work) -> (u16, String) {
    let parsed = parsed(engine, line, body);
    let view = View::everything("someone");
    let answer = engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, work);
    (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
}

/// The same, where that takes microseconds.
fn at_hand(engine: &Engine, line: &str) -> Option<(u16, String)> {
    asked_at_hand(engine, line, "")
}

fn asked_at_hand(engine: &Engine, line: &str, body: &str) -> Option<(u16, String)> {
    let (parsed, work) = (parsed(engine, line, body), Work::unbounded());
    let (metadata, view) = (engine.metadata(), View::everything("someone"));
    let answer = engine.answer_at_hand(&parsed, &metadata, &view, Timestamp::UNIX_EPOCH, &work);
    answer.map(|answer| (answer.status, String::from_utf8(answer.body.to_vec()).unwrap()))
}

/// Documents as they were written, refreshed and merged.
fn states(engine: &Engine, then: &dyn Fn()) {
    let work = Work::unbounded();
    then();
    for step in ["POST /i/_refresh", "POST /i/_forcemerge?max_num_segments=1"] {
        assert_eq!(asked(engine, step, "", &work).0, 200);
        then();
    }
}

#[test]
fn a_document_at_hand_is_answered_as_by_anybody_who_waits() {
    let (engine, work) = (engine(), Work::unbounded());
    asked(&engine, "PUT /i/_doc/1?routing=r", r#"{"a": [1, {"b": "é"}]}"#, &work);
    asked(&engine, "PUT /i/_doc/2", r#"{"a": 2}"#, &work);
    asked(&engine, "DELETE /i/_doc/2", "", &work);
    states(&engine, &|| {
        for path in ["_doc/1?routing=r", "_doc/1", "_doc/2", "_doc/3", "_source/1", "_source/3"] {
            for method in ["GET", "HEAD"] {
                let line = format!("{method} /i/{path}");
                assert_eq!(at_hand(&engine, &line), Some(asked(&engine, &line, "", &work)));
            }
        }
        let filtered = "GET /i/_doc/1?_source_includes=a.b&stored_fields=a&pretty";
        assert_eq!(at_hand(&engine, filtered), Some(asked(&engine, filtered, "", &work)));
        let none = "GET /no/_doc/1";
        assert_eq!(at_hand(&engine, none), Some(asked(&engine, none, "", &work)));
    });
}

#[test]
fn what_may_take_long_is_not_at_hand() {
    let (engine, work) = (engine(), Work::unbounded());
    let long = format!(r#"{{"a": "{}"}}"#, "long ".repeat(10_000));
    asked(&engine, "PUT /i/_doc/1", &long, &work);
    states(&engine, &|| assert_eq!(at_hand(&engine, "GET /i/_doc/1"), None));
    asked(&engine, "PUT /j/_doc/1", r#"{"a": 1}"#, &work);
    assert!(at_hand(&engine, "GET /j/_doc/1").is_some());
    for line in ["GET /j/_doc/1?refresh=true", "GET /j/_doc/1?realtime=false", "GET /j/_count"] {
        assert_eq!(at_hand(&engine, line), None, "{line}");
    }
    let many = format!("GET /j/_doc/1?_source_includes={}", ["a"; 17].join(","));
    assert_eq!(at_hand(&engine, &many), None);
}

/// An index `s` with words that so many documents have, in several segments.
fn searched(documents: usize) -> Engine {
    let (engine, work) = (engine(), Work::unbounded());
    let mapping = r#"{"mappings": {"properties": {
        "t": {"type": "text", "analyzer": "english"}, "k": {"type": "keyword"}, "n": {"type": "long"}, "d": {"type": "date"},
        "low": {"type": "keyword", "normalizer": "lowercase"}}}}"#;
    assert_eq!(asked(&engine, "PUT /s", mapping, &work).0, 200);
    asked(
        &engine,
        "POST /_aliases",
        r#"{"actions": [{"add": {"index": "s", "alias": "a"}}]}"#,
        &work,
    );
    let line = |n: usize| {
        format!(
            "{{\"index\":{{\"_id\":\"{n}\"}}}}\n{{\"t\":\"common words {} {}\",\"k\":\"k{}\",\"low\":\"x\",\"n\":{n},\"d\":\"2026-01-{:02}\"}}\n",
            n % 7,
            n % 50,
            n % 5,
            n % 28 + 1
        )
    };
    let lines: Vec<String> = (0..documents).map(line).collect();
    for some in lines.chunks(documents.div_ceil(3)) {
        assert_eq!(asked(&engine, "POST /s/_bulk?refresh=true", &some.concat(), &work).0, 200);
    }
    asked(&engine, "DELETE /s/_doc/3?refresh=true", "", &work);
    engine
}

const SHORT: &[&str] = &[
    "",
    r#"{"query": {"match_all": {}}}"#,
    r#"{"query": {"match": {"t": "3"}}}"#,
    r#"{"query": {"match": {"t": "nowhere"}}, "track_total_hits": true}"#,
    r#"{"query": {"match": {"t": {"query": "the common 3", "operator": "and"}}}, "size": 20}"#,
    r#"{"query": {"match": {"t": "3 4 5"}}, "from": 5, "size": 5, "_source": false}"#,
    r#"{"query": {"term": {"k": "k1"}}, "sort": [{"n": "desc"}, {"k": "asc"}]}"#,
    r#"{"query": {"bool": {"must": [{"match": {"t": "3"}}], "filter": [{"term": {"k": {"value": "k1"}}}, {"range": {"n": {"gte": 9}}}]}}}"#,
    r#"{"query": {"bool": {"should": [{"match": {"t": "3"}}, {"term": {"k": "k2"}}], "must_not": {"range": {"d": {"lt": "2026-01-05"}}}, "filter": {"match": {"t": "12"}}}}}"#,
];

#[test]
fn a_search_at_hand_is_answered_as_by_anybody_who_waits() {
    let (engine, work) = (searched(300), Work::unbounded());
    for body in SHORT {
        for line in ["POST /s/_search", "POST /s/_search?request_cache=false"] {
            let expected = asked(&engine, line, body, &work);
            assert_eq!(expected.0, 200, "{}", expected.1);
            assert_eq!(asked_at_hand(&engine, line, body), Some(expected), "{body}");
        }
    }
}

#[test]
fn a_search_that_may_take_long_is_not_at_hand() {
    let (engine, work) = (searched(300), Work::unbounded());
    let some = r#"{"query": {"match": {"t": "3"}}}"#;
    // What the field has must be counted first.
    assert_eq!(asked_at_hand(&engine, "POST /s/_search", some), None);
    SHORT.iter().for_each(|body| drop(asked(&engine, "POST /s/_search", body, &work)));
    assert!(asked_at_hand(&engine, "POST /s/_search", some).is_some());
    for line in [
        "POST /s/_search?scroll=1m",
        "POST /a/_search",
        "POST /s*/_search",
        "POST /s,s/_search",
        "POST /_search",
        "POST /s/_search?q=x",
        "POST /s/_search?preference=x",
        "POST /s/_count",
    ] {
        assert_eq!(asked_at_hand(&engine, line, some), None, "{line}");
    }
    let long = format!(r#"{{"query": {{"match": {{"t": "{}"}}}}}}"#, "a ".repeat(101));
    let words = r#"{"query": {"match": {"t": "1 2 3 4 5 6 7 8 9"}}}"#;
    let term = r#"{"term": {"k": "k1"}}"#;
    let clauses = format!(r#"{{"query": {{"bool": {{"should": [{}]}}}}}}"#, [term; 8].join(","));
    for body in [
        long.as_str(),
        words,
        clauses.as_str(),
        r#"{"query": {"match": {"t": "3"}}, "size": 21}"#,
        r#"{"query": {"match": {"t": "3"}}, "from": 11}"#,
        r#"{"query": {"match": {"t": "3"}}, "_source": ["t"]}"#,
        r#"{"query": {"match": {"t": "3"}}, "aggs": {"a": {"terms": {"field": "k"}}}}"#,
        r#"{"query": {"match": {"t": "3"}}, "highlight": {"fields": {"t": {}}}}"#,
        r#"{"query": {"match": {"t": "3"}}, "sort": [{"_script": {"type": "number", "script": "1"}}]}"#,
        r#"{"query": {"match": {"t": "3"}}, "sort": [{"n": {"order": "asc", "missing": 1}}]}"#,
        r#"{"query": {"match": {"t": {"query": "3", "fuzziness": 2}}}}"#,
        r#"{"query": {"match": {"n": 3}}}"#,
        r#"{"query": {"term": {"low": "x"}}}"#,
        r#"{"query": {"prefix": {"k": "k"}}}"#,
        r#"{"query": {"wildcard": {"k": "*1"}}}"#,
        r#"{"query": {"range": {"n": {"gte": 1}}}}"#,
        r#"{"query": {"bool": {"filter": {"range": {"n": {"gte": 1}}}, "should": {"match": {"t": "3"}}}}}"#,
        r#"{"query": {"bool": {"should": [{"range": {"n": {"gte": 1}}}, {"match": {"t": "3"}}]}}}"#,
        r#"{"query": {"bool": {"must_not": {"match": {"t": "3"}}}}}"#,
        r#"{"query": {"bool": {"must": {"match": {"t": "3"}}, "minimum_should_match": 1}}}"#,
        r#"{"query": {"script_score": {"query": {"match_all": {}}, "script": "1"}}}"#,
        r#"{"sort": [{"n": "asc"}]}"#,
    ] {
        assert_eq!(asked_at_hand(&engine, "POST /s/_search", body), None, "{body}");
    }
    // Nor where a view shows less than everything, or where a document is long.
    let long = format!(r#"{{"t": "{}"}}"#, "long ".repeat(10_000));
    asked(&engine, "PUT /s/_doc/long?refresh=true", &long, &work);
    asked(&engine, "POST /s/_search", some, &work);
    assert_eq!(asked_at_hand(&engine, "POST /s/_search", some), None);
}

#[test]
fn a_search_for_words_of_many_documents_is_not_at_hand() {
    let (engine, work) = (searched(10_100), Work::unbounded());
    let found = |query: &str| {
        let body = format!(r#"{{"query": {query}}}"#);
        let expected = asked(&engine, "POST /s/_search", &body, &work);
        let at_hand = asked_at_hand(&engine, "POST /s/_search", &body);
        assert!(at_hand.as_ref().is_none_or(|it| *it == expected), "{query}");
        at_hand.is_some()
    };
    assert!(found(r#"{"match": {"t": "33"}}"#));
    assert!(!found(r#"{"match": {"t": "common"}}"#));
    assert!(!found(r#"{"match": {"t": "33 common"}}"#));
    assert!(found(r#"{"match": {"t": {"query": "33 common", "operator": "and"}}}"#));
    assert!(found(
        r#"{"bool": {"must": {"match": {"t": "common"}}, "filter": {"match": {"t": "33"}}}}"#
    ));
    assert!(!found(
        r#"{"bool": {"should": [{"match": {"t": "common"}}, {"match": {"t": "33"}}]}}"#
    ));
}

#[test]
fn what_one_of_several_words_is_looked_for_in_is_not_at_hand_however_rare_what_selects_is() {
    let (engine, work) = (searched(10_100), Work::unbounded());
    let found = |query: &str| {
        let body = format!(r#"{{"query": {query}}}"#);
        drop(asked(&engine, "POST /s/_search", &body, &work));
        asked_at_hand(&engine, "POST /s/_search", &body).is_some()
    };
    let rare = r#"{"match": {"t": "33"}}"#;
    let with = |role: &str, clause: &str| {
        format!(r#"{{"bool": {{"filter": {rare}, "{role}": {clause}}}}}"#)
    };
    // A union gathers what its words have in all the documents around each one that is looked for.
    let union = r#"{"match": {"t": "common 34"}}"#;
    let either = r#"{"bool": {"should": [{"match": {"t": "common"}}, {"match": {"t": "34"}}]}}"#;
    let both = r#"{"bool": {"must": [{"match": {"t": "common 34"}}, {"match": {"t": "common"}}]}}"#;
    for role in ["must", "should", "must_not"] {
        assert!(found(&with(role, r#"{"match": {"t": "common"}}"#)), "{role}");
        for clause in [union, either, both] {
            assert!(!found(&with(role, clause)), "{role} {clause}");
        }
    }
    assert!(found(&with("should", r#"{"match": {"t": "34 35"}}"#)));
}

/// A bulk of new and changed documents, some of which bring fields.
fn bulk() -> String {
    let line = |n: usize| {
        let grows = if n % 300 == 299 { format!(r#","new{n}":{n}"#) } else { String::new() };
        let number = if n % 211 == 210 { r#""none""#.to_owned() } else { n.to_string() };
        let (id, word) = (n % 900, n % 7);
        format!(
            "{{\"index\":{{\"_id\":\"{id}\"}}}}\n{{\"n\":{number},\"t\":\"the word {word} again\"{grows}}}\n"
        )
    };
    (0..1000).map(line).collect()
}

#[test]
fn a_bulk_reads_ahead_on_a_second_thread_and_answers_the_same() {
    let given = Arc::new(AtomicUsize::new(0));
    let (counted, one) = (Arc::clone(&given), engine());
    let spare = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Some(Box::new(()) as SpareThread)
    };
    let two = engine();
    let plain = asked(&one, "POST /i/_bulk", &bulk(), &Work::unbounded());
    let ahead = asked(&two, "POST /i/_bulk", &bulk(), &Work::unbounded().with_spare_threads(spare));
    assert_eq!(ahead, plain);
    // Documents are read 128 at a time; all but the first are read ahead.
    assert_eq!(given.load(Ordering::Relaxed), 7);
    let all = r#"{"query": {"match": {"t": "word"}}, "size": 1000, "sort": ["_doc"], "track_scores": true, "seq_no_primary_term": true}"#;
    for step in ["POST /i/_refresh", "GET /i/_mapping"] {
        let both = [&one, &two].map(|engine| asked(engine, step, "", &Work::unbounded()));
        assert_eq!(both[0], both[1]);
    }
    let both = [&one, &two].map(|engine| asked(engine, "POST /i/_search", all, &Work::unbounded()));
    assert_eq!(both[0], both[1]);
}
