//! Work that is called off ends: each class of API, in the middle of an input that keeps it busy for many seconds.
//!
//! Each call runs on a thread of its own. It must not be done after [`UNDER_WAY`], then its flag is set, and it must be
//! done within [`ENDS_WITHIN`]. The goal is 100 ms; what is measured is printed, and the bound leaves room for a loaded
//! machine and for the unoptimized code of tests. Most cases would run for more than ten seconds; those of pages of a scroll
//! and of requests by query for some seconds only, on the same loops as a search.

use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use bytes::Bytes;
use engine::rest::{Flavor, Parsed, parse, route};
use engine::{Budget, Cancel, Engine, EngineSettings, Response, View, Work};
use jiff::Timestamp;
use serde_json::{Value, json};

/// How long a call runs before it is called off.
const UNDER_WAY: Duration = Duration::from_millis(250);
/// How long it may go on after that.
const ENDS_WITHIN: Duration = Duration::from_millis(1000);

/// Documents of the index that is searched.
const DOCUMENTS: usize = 12_000;

#[expect(clippy::disallowed_methods, reason = "how soon a call ends is what is tested")]
fn tick() -> Instant {
    Instant::now()
}

/// One engine for all cases: `docs` with many documents, `wide` with many fields, `long` with long texts.
fn engine() -> &'static Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = Arc::new(fresh());
        let mapping = json!({"mappings": {"properties": {
            "k": {"type": "keyword"}, "n": {"type": "long"}, "t": {"type": "text"}}}});
        done(&engine, "PUT /docs", &mapping.to_string());
        for from in (0..DOCUMENTS).step_by(2000) {
            let mut lines = String::new();
            for number in from..from + 2000 {
                let words = format!("word{} other{} same same", number % 977, number % 31);
                let document = json!({"k": format!("key-{number:06}"), "n": number, "t": words});
                lines.push_str(&format!("{{\"index\":{{\"_id\":\"{number}\"}}}}\n{document}\n"));
            }
            done(&engine, "POST /docs/_bulk", &lines);
        }
        let text = "the quick brown fox jumps over the lazy dog. ".repeat(2_000);
        for number in 0..40 {
            let document = json!({"t": text}).to_string();
            done(&engine, &format!("PUT /long/_doc/{number}"), &document);
        }
        for number in 0..40 {
            let fields =
                (0..900).map(|field| (format!("f{number}_{field}"), json!({"type": "keyword"})));
            let mapping = json!({"mappings": {"properties": Value::Object(fields.collect())}});
            done(&engine, &format!("PUT /wide-{number}"), &mapping.to_string());
        }
        done(&engine, "POST /_refresh", "");
        engine
    })
}

fn fresh() -> Engine {
    let settings = EngineSettings {
        directory: None,
        flavor: Flavor::Elasticsearch710,
        cluster_name: "c".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()
}

fn read(line: &str, body: &str, work: &Work) -> Result<Parsed, Response> {
    let (method, url) = line.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let route = route(method, path, query, Flavor::Elasticsearch710).unwrap();
    let kind = if line.contains("bulk") || line.contains("msearch") {
        "application/x-ndjson"
    } else {
        "application/json"
    };
    let kind = (!body.is_empty()).then_some(kind);
    parse(route, kind, Bytes::copy_from_slice(body.as_bytes()), work)
        .map_err(|refusal| Response::exception(&refusal))
}

fn run(engine: &Engine, line: &str, body: &str, work: &Work) -> Response {
    match read(line, body, work) {
        Ok(parsed) => {
            let view = View::everything("someone");
            engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, work)
        }
        Err(refused) => refused,
    }
}

fn done(engine: &Engine, line: &str, body: &str) -> Value {
    let answer = run(engine, line, body, &Work::unbounded());
    let body = String::from_utf8_lossy(&answer.body);
    assert!(answer.status < 300, "{line}: {} {body}", answer.status);
    serde_json::from_str(&body).unwrap_or(Value::Null)
}

/// Runs the call, calls it off in the middle, and says what it answered.
fn called_off(engine: &Arc<Engine>, what: &str, line: &str, body: String) -> Response {
    let work = Work::unbounded();
    let cancel = work.cancel.clone();
    let (told, answered) = mpsc::channel();
    // Read before, so that it is the work that is called off ([`reading_a_long_body_ends`]).
    let parsed = read(line, &body, &work).unwrap();
    let engine = Arc::clone(engine);
    let thread = std::thread::spawn(move || {
        let view = View::everything("someone");
        let metadata = engine.metadata();
        let answer = engine.execute(&parsed, &metadata, &view, Timestamp::UNIX_EPOCH, &work);
        let _ = told.send(answer);
    });
    if let Ok(early) = answered.recv_timeout(UNDER_WAY) {
        let text = String::from_utf8_lossy(&early.body);
        panic!("{what}: done before it was called off: {} {:.300}", early.status, text);
    }
    cancel.cancel();
    let begun = tick();
    let answer = answered.recv_timeout(ENDS_WITHIN * 30).unwrap();
    let took = begun.elapsed();
    thread.join().unwrap();
    println!("{what}: ended {took:?} after the flag was set");
    assert!(took < ENDS_WITHIN, "{what}: ended only {took:?} after the flag was set");
    answer
}

fn ends(what: &str, line: &str, body: &Value) {
    ends_text(what, line, body.to_string());
}

fn ends_text(what: &str, line: &str, body: String) {
    let answer = called_off(engine(), what, line, body);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["error"]["type"], "task_cancelled_exception", "{what}: {body:.500}");
}

/// `count` aggregations called `a0`, `a1`, …
fn many(count: usize, one: impl Fn(usize) -> Value) -> Value {
    Value::Object((0..count).map(|number| (format!("a{number}"), one(number))).collect())
}

#[test]
fn g10_a_search_with_a_thousand_aggregations_ends() {
    for (what, one) in [
        ("cardinality", json!({"cardinality": {"field": "k"}})),
        ("terms", json!({"terms": {"field": "k", "size": 10}})),
        ("terms of numbers", json!({"terms": {"field": "n"}})),
        ("percentiles", json!({"percentiles": {"field": "n"}})),
        ("top_hits", json!({"top_hits": {"size": 100}})),
        ("histogram", json!({"histogram": {"field": "n", "interval": 1}})),
        (
            "filter",
            json!({"filter": {"range": {"n": {"gt": 5}}}, "aggs": {"m": {"max": {"field": "n"}}}}),
        ),
        ("range", json!({"range": {"field": "n", "ranges": [{"to": 5}, {"from": 5}]}})),
        ("global", json!({"global": {}, "aggs": {"m": {"cardinality": {"field": "k"}}}})),
    ] {
        // A sub-aggregation counts too: a thousand in all.
        let count = if one.get("aggs").is_some() { 500 } else { 1000 };
        let body = json!({"size": 0, "aggs": many(count, |_| one.clone())});
        ends(what, "POST /docs/_search", &body);
    }
}

#[test]
fn the_finishing_of_nested_buckets_ends() {
    // Few documents are collected quickly; each outer bucket then prints a thousand results.
    let inner = many(900, |_| json!({"stats": {"field": "n"}}));
    let body = json!({"size": 0, "query": {"range": {"n": {"lt": 4000}}},
        "aggs": {"outer": {"terms": {"field": "k", "size": 4000}, "aggs": inner}}});
    ends("finishing", "POST /docs/_search", &body);
}

#[test]
fn a_search_whose_query_walks_without_a_hit_ends() {
    // Nothing is left by the exclusion: all of it is one step of the scorer.
    let clause = |number: usize| json!({"range": {"n": {"gte": number % 3}}});
    let should: Vec<Value> = (0..1000).map(clause).collect();
    let inner = json!({"bool": {"should": should, "minimum_should_match": 999}});
    let nested: Vec<Value> = (0..12).map(|_| inner.clone()).collect();
    let body = json!({"query": {"bool": {"must": nested, "must_not": [{"match_all": {}}]}}});
    ends("exclusion", "POST /docs/_search", &body);
    ends("count", "POST /docs/_count", &body);
    let functions: Vec<Value> =
        (0..1000).map(|_| json!({"filter": {"range": {"n": {"gte": 0}}}, "weight": 2})).collect();
    let inner = json!({"function_score": {"functions": functions}});
    let inner = json!({"function_score": {"query": inner, "functions": functions}});
    let body = json!({"query": {"function_score": {
        "query": inner, "functions": functions, "min_score": 1e30}}});
    ends("function_score", "POST /docs/_search", &body);
}

#[test]
fn a_search_that_expands_terms_ends() {
    let long = "a?".repeat(400) + "z";
    let clauses = |one: Value| {
        let should: Vec<Value> = (0..1000).map(|_| one.clone()).collect();
        json!({"query": {"bool": {"should": should}}})
    };
    for (what, one) in [
        ("fuzzy", json!({"fuzzy": {"k": {"value": "key-000000", "fuzziness": 2}}})),
        ("regexp", json!({"regexp": {"k": ".*(0|1|2)+.*[5-9]{1,3}.*"}})),
        ("wildcard", json!({"wildcard": {"k": {"value": format!("*{long}*")}}})),
        ("prefix", json!({"prefix": {"k": {"value": "KEY", "case_insensitive": true}}})),
    ] {
        ends(what, "POST /docs/_search", &clauses(one));
    }
}

#[test]
fn a_search_that_sorts_ends() {
    let keys: Vec<Value> = (0..32)
        .map(|number| json!({"n": {"order": if number % 2 == 0 { "asc" } else { "desc" }}}))
        .collect();
    // Every index is named many times over, so that each of many searches sorts all documents.
    let search = json!({"size": 10000, "sort": keys, "query": {"range": {"n": {"gte": 0}}}, "_source": false});
    let lines = format!("{{\"index\":\"docs\"}}\n{search}\n").repeat(200);
    ends_text("msearch with sort", "POST /_msearch", lines);
}

#[test]
fn a_search_that_highlights_ends() {
    let phrases: Vec<Value> = (0..60)
        .map(|_| json!({"match_phrase": {"t": {"query": "quick dog fox lazy", "slop": 5000}}}))
        .collect();
    let body = json!({"query": {"match": {"t": "quick"}}, "size": 40, "highlight": {"fields": {
        "t": {"highlight_query": {"bool": {"should": phrases}}, "number_of_fragments": 0}}}});
    ends("highlight", "POST /long/_search", &body);
}

#[test]
fn gathering_the_words_of_many_highlighted_fields_ends() {
    let engine = Arc::new(fresh());
    let fields = (0..256).map(|number| (format!("f{number}"), json!({"type": "text"})));
    let mapping = json!({"mappings": {"properties": Value::Object(fields.collect())}});
    done(&engine, "PUT /marked", &mapping.to_string());
    done(&engine, "PUT /marked/_doc/1?refresh=true", r#"{"f0": "word1"}"#);
    let words: Vec<String> = (0..20_000).map(|number| format!("word{number}")).collect();
    let body = json!({"query": {"terms": {"f0": words}},
        "highlight": {"require_field_match": false, "fields": {"f*": {}}}});
    let answer = called_off(&engine, "words", "POST /marked/_search", body.to_string());
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["error"]["type"], "task_cancelled_exception", "{body:.500}");
}

#[test]
fn a_page_of_a_scroll_ends() {
    let clause = |number: usize| json!({"range": {"n": {"gte": number % 3}}});
    let should: Vec<Value> = (0..1000).map(clause).collect();
    // The first page is found at once; the second has to walk over everything.
    let slow = json!({"bool": {"should": should, "minimum_should_match": 999}});
    let slow: Vec<Value> = (0..100).map(|_| slow.clone()).collect();
    let body = json!({"size": 1, "sort": [{"n": "asc"}], "terminate_after": 1,
        "query": {"bool": {"must": slow}}});
    let opened = done(engine(), "POST /docs/_search?scroll=1m", &body.to_string());
    let next = json!({"scroll_id": opened["_scroll_id"]});
    // It stays open, and is asked again by whoever comes back.
    let answer = called_off(engine(), "scroll", "POST /_search/scroll", next.to_string());
    assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(&answer.body));
}

#[test]
fn many_reads_in_one_request_end() {
    let documents: Vec<Value> = (0..200_000)
        .map(|number| json!({"_index": "docs", "_id": (number % DOCUMENTS).to_string()}))
        .collect();
    ends("mget", "POST /_mget", &json!({"docs": documents}));
    let ids: Vec<String> = (0..200_000).map(|number| format!("nothing-{number}")).collect();
    ends("mget of nothing", "POST /long/_mget", &json!({"ids": ids}));
}

#[test]
fn reading_a_long_body_ends() {
    let work = Work::unbounded();
    let cancel = work.cancel.clone();
    cancel.cancel();
    let lines = "{\"index\":{\"_index\":\"x\"}}\n{\"a\":1}\n".repeat(100_000);
    let array = format!("{{\"query\":{{\"terms\":{{\"n\":[{}1]}}}}}}", "1,".repeat(2_000_000));
    for (line, body) in [("POST /_bulk", &lines), ("POST /docs/_search", &array)] {
        let begun = tick();
        let refused = read(line, body, &work).map(|_| ()).unwrap_err();
        assert!(begun.elapsed() < ENDS_WITHIN, "{line}: {:?}", begun.elapsed());
        assert!(String::from_utf8_lossy(&refused.body).contains("task_cancelled"), "{line}");
    }
}

#[test]
fn listings_of_wide_mappings_end() {
    let fields: Vec<String> = (0..400).map(|number| format!("*{number}*x*")).collect();
    let line = format!("POST /wide-*/_field_caps?fields={}", fields.join(","));
    ends("field_caps", &line, &json!({}));
}

/// Lines of `count` documents of `index`.
fn bulk(index: &str, count: usize) -> String {
    let line = |number: usize| {
        let action = json!({"index": {"_index": index, "_id": number.to_string()}});
        format!("{action}\n{{\"n\":{number},\"t\":\"some words to be analysed for {number}\"}}\n")
    };
    (0..count).map(line).collect()
}

#[test]
fn a_bulk_stops_between_two_items_and_keeps_what_it_wrote() {
    let engine = Arc::new(fresh());
    done(&engine, "PUT /b", "");
    called_off(&engine, "bulk", "POST /_bulk", bulk("b", 60_000));
    done(&engine, "POST /b/_refresh", "");
    let count = done(&engine, "GET /b/_count", "")["count"].as_u64().unwrap();
    assert!((1..60_000).contains(&count), "{count}");
    // Items are written in order: those that are there are the first ones.
    let newest = done(&engine, &format!("GET /b/_doc/{}", count - 1), "");
    assert_eq!(newest["found"], true);
    let next = run(&engine, &format!("GET /b/_doc/{count}"), "", &Work::unbounded());
    assert_eq!(next.status, 404);
    // And the index goes on as ever.
    done(&engine, "PUT /b/_doc/after?refresh=true", "{\"n\":1}");
}

#[test]
fn requests_by_query_stop_between_two_documents() {
    for (what, line) in [
        ("update_by_query", "POST /b/_update_by_query?conflicts=proceed"),
        ("delete_by_query", "POST /b/_delete_by_query?conflicts=proceed"),
    ] {
        let engine = Arc::new(fresh());
        done(&engine, "POST /_bulk?refresh=true", &bulk("b", 60_000));
        let should: Vec<Value> = (0..1000).map(|_| json!({"range": {"n": {"gte": 0}}})).collect();
        let body = json!({"query": {"bool": {"should": should}}}).to_string();
        called_off(&engine, what, line, body);
        done(&engine, "POST /b/_refresh", "");
        let count = done(&engine, "GET /b/_count", "")["count"].as_u64().unwrap();
        assert!(count > 0, "{what}: {count}");
    }
}

#[test]
fn analysing_a_huge_text_ends() {
    let text = "Some words, and others; to be cut into tokens. ".repeat(400_000);
    ends("analyze", "POST /_analyze", &json!({"analyzer": "english", "text": text}));
}

#[test]
fn a_document_that_was_answered_for_is_whole_though_its_client_left() {
    let engine = fresh();
    let work = Work::unbounded();
    let answer = run(&engine, "PUT /w/_doc/1", "{\"t\":\"some words\"}", &work);
    assert_eq!(answer.status, 201);
    // It waits for the refresh: only then is its text cut into words.
    work.cancel.cancel();
    done(&engine, "POST /w/_refresh", "");
    let found = done(&engine, "POST /w/_search", "{\"query\":{\"match\":{\"t\":\"words\"}}}");
    assert_eq!(found["hits"]["total"]["value"], 1, "{found}");
}

#[test]
fn a_closing_engine_ends_when_it_is_told_to() {
    let engine = fresh();
    done(&engine, "POST /_bulk", &bulk("b", 2000));
    let cancel = Cancel::new();
    cancel.cancel();
    engine.close(&cancel);
    done(&engine, "PUT /b/_doc/after", "{}");
}

/// What a search with these aggregations answers within `bytes` of memory.
fn within(bytes: u64, body: &Value) -> (u16, Value, Budget) {
    let budget = Budget::new("parent", bytes);
    let work = Work::new(Cancel::new(), budget.clone());
    let answer = run(engine(), "POST /docs/_search", &body.to_string(), &work);
    let status = answer.status;
    let body = serde_json::from_slice(&answer.body).unwrap();
    drop(answer);
    (status, body, budget)
}

#[test]
fn every_kind_of_aggregation_takes_its_memory_from_the_budget_and_gives_it_back() {
    for (what, one) in [
        ("cardinality", json!({"cardinality": {"field": "k"}})),
        (
            "cardinality in buckets",
            json!({"terms": {"field": "n", "size": 10}, "aggs": {"c": {"cardinality": {"field": "k"}}}}),
        ),
        ("terms of texts", json!({"terms": {"field": "k", "size": 10}})),
        ("terms of numbers", json!({"terms": {"field": "n", "size": 10}})),
        ("percentiles", json!({"percentiles": {"field": "n"}})),
        ("histogram", json!({"histogram": {"field": "n", "interval": 1, "min_doc_count": 1}})),
        (
            "top_hits",
            json!({"terms": {"field": "n", "size": 100}, "aggs": {"t": {"top_hits": {"size": 10}}}}),
        ),
    ] {
        let body = json!({"size": 0, "aggs": {"one": one}});
        let (status, answer, budget) = within(25_000, &body);
        assert_eq!(status, 429, "{what}: {answer:.300}");
        let cause = &answer["error"];
        assert_eq!(cause["type"], "circuit_breaking_exception", "{what}");
        let reason = cause["reason"].as_str().unwrap();
        assert!(reason.starts_with("[parent] Data too large, data for ["), "{what}: {reason}");
        assert!(cause["bytes_wanted"].as_u64() > cause["bytes_limit"].as_u64(), "{what}: {cause}");
        assert_eq!(budget.bytes(), 0, "{what}: not given back");
        let (status, answer, budget) = within(1 << 30, &body);
        assert_eq!(status, 200, "{what}: {answer:.300}");
        assert_eq!(budget.bytes(), 0, "{what}: not given back");
    }
}

#[test]
fn only_texts_that_are_printed_are_named() {
    // 12,000 texts: for each its count, its ordinal and its place in a list, and no name, which with its number takes a hundred bytes.
    let body = json!({"size": 0, "aggs": {"one": {"terms": {"field": "k", "size": 10}}}});
    let (status, answer, _) = within(12_000 * 60, &body);
    assert_eq!(status, 200, "{answer:.300}");
    assert_eq!(answer["aggregations"]["one"]["buckets"].as_array().unwrap().len(), 10);
}

#[test]
fn the_words_that_are_highlighted_take_their_memory_from_the_budget() {
    let words: Vec<String> = (0..800).map(|number| format!("w{number}")).collect();
    for kind in ["match", "match_phrase"] {
        let highlight =
            json!({"fields": {"t": {"highlight_query": {kind: {"t": words.join(" ")}}}}});
        let body = json!({"size": 1, "highlight": highlight});
        let (status, answer, budget) = within(50_000, &body);
        let reason = answer["error"]["reason"].as_str().unwrap_or_default();
        assert_eq!((status, budget.bytes()), (429, 0), "{kind}: {answer:.300}");
        assert!(reason.contains("[<highlight>]"), "{kind}: {reason}");
        let (status, answer, budget) = within(1 << 20, &body);
        assert_eq!((status, budget.bytes()), (200, 0), "{kind}: {answer:.300}");
    }
}

#[test]
fn hits_and_answers_take_their_memory_from_the_budget() {
    let (status, answer, budget) = within(200_000, &json!({"size": 10000}));
    assert_eq!((status, budget.bytes()), (429, 0), "{answer:.300}");
    let budget = Budget::new("parent", 10_000);
    let work = Work::new(Cancel::new(), budget.clone());
    let ids: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let answer = run(engine(), "POST /docs/_mget", &json!({"ids": ids}).to_string(), &work);
    assert_eq!((answer.status, budget.bytes()), (429, 0));
    let answer = run(engine(), "GET /wide-*/_mapping", "", &work);
    assert_eq!((answer.status, budget.bytes()), (429, 0));
}

#[test]
fn a_bulk_without_room_for_its_answer_is_refused_before_anything_is_written() {
    let engine = fresh();
    let work = Work::new(Cancel::new(), Budget::new("parent", 50_000));
    let answer = run(&engine, "POST /_bulk", &bulk("b", 1000), &work);
    assert_eq!((answer.status, work.budget.bytes()), (429, 0));
    assert!(engine.metadata().index("b").is_none());
    // What was written is told, however little room is left.
    let answer = run(&engine, "POST /_bulk?filter_path=items.*.status", &bulk("b", 80), &work);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

#[test]
fn given_documents_are_written_with_a_writers_memory_and_kept_with_their_own() {
    let engine = fresh();
    let mapping = r#"{"mappings":{"properties":{"q":{"type":"percolator"},"t":{"type":"text"}}}}"#;
    for index in ["p1", "p2", "p3", "p4"] {
        done(&engine, &format!("PUT /{index}"), mapping);
        done(&engine, &format!("PUT /{index}/_doc/1?refresh=true"), r#"{"q":{"match":{"t":"a"}}}"#);
    }
    // A writer takes 15 MB: four that were kept would take 60.
    let budget = Budget::new("parent", 40 << 20);
    let work = Work::new(Cancel::new(), budget.clone());
    let body = r#"{"query":{"percolate":{"field":"q","document":{"t":"a b"}}}}"#;
    let answer = run(&engine, "POST /p1,p2,p3,p4/_search", body, &work);
    let found: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, &found["hits"]["total"]["value"]), (200, &json!(4)), "{found}");
    drop(answer);
    assert_eq!(budget.bytes(), 0);
}

#[test]
fn an_answer_is_counted_until_it_is_dropped() {
    let budget = Budget::new("parent", 1 << 30);
    let work = Work::new(Cancel::new(), budget.clone());
    let answer = run(engine(), "POST /docs/_search", &json!({"size": 1000}).to_string(), &work);
    assert!(budget.bytes() >= answer.body.len() as u64);
    drop(answer);
    assert_eq!(budget.bytes(), 0);
}

#[test]
fn a_thousand_aggregations_over_one_field_share_what_they_know_of_it() {
    let body = json!({"size": 0, "aggs": many(1000, |_| json!({"cardinality": {"field": "k"}}))});
    let budget = Budget::new("parent", 160 << 20);
    let work = Work::new(Cancel::new(), budget);
    // 12,000 values each: sketches of 16 KiB after at most 3,000 values of 20 bytes, and one table of hashes.
    let small = json!({"size": 0, "aggs": many(20, |_| json!({"cardinality": {"field": "k"}}))});
    let answer = run(engine(), "POST /docs/_search", &small.to_string(), &work);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    drop((answer, body));
}

#[test]
fn buckets_are_counted_over_the_whole_tree() {
    let nested = json!({"size": 0, "aggs": {"outer": {"terms": {"field": "n", "size": 70},
        "aggs": {"inner": {"terms": {"field": "k", "size": 1000, "min_doc_count": 0}}}}}});
    let (status, answer, _) = within(1 << 30, &nested);
    assert_eq!(status, 503, "{answer:.300}");
    let cause = &answer["error"]["caused_by"];
    assert_eq!(cause["type"], "too_many_buckets_exception");
    assert_eq!(cause["max_buckets"], 65_535);
    let (status, answer, _) = within(
        1 << 30,
        &json!({"size": 0, "aggs": {
        "outer": {"terms": {"field": "n", "size": 7}, "aggs": {"inner": {"terms": {"field": "k", "size": 1000}}}}}}),
    );
    assert_eq!(status, 200, "{answer:.300}");
}
