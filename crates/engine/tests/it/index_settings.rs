//! Every index setting does what it says or is said to be kept: each that is [`Effect::Done`] and no other test's is
//! shown here, and `docs/reference/index-settings.md` is made from the table.

use std::fmt::Write;

use bytes::Bytes;
use engine::cluster::settings::{Effect, known};
use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use expect_test::expect_file;
use jiff::Timestamp;
use serde_json::{Value, json};

struct Domain(Engine);

impl Domain {
    /// A domain with the index `i` of these settings, fields `t` (text), `u` (text), `k` (keyword) and one document.
    fn with(settings: Value) -> Domain {
        let domain = Domain::new();
        let fields = json!({
            "t": {"type": "text"}, "u": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"},
        });
        let body = json!({"settings": settings, "mappings": {"properties": fields}});
        domain.ok("PUT /i", body);
        domain.ok(
            "PUT /i/_doc/1?refresh=true",
            json!({"t": "red fox", "u": "blue", "k": "abc", "n": 1}),
        );
        domain
    }

    fn new() -> Domain {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::Elasticsearch710,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Domain(Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap())
    }

    fn run(&self, line: &str, body: Value) -> (u16, Value) {
        self.run_at(0, line, body)
    }

    /// The same, so many seconds after 1970.
    fn run_at(&self, second: i64, line: &str, body: Value) -> (u16, Value) {
        let (method, url) = line.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let route = route(method, path, query, self.0.flavor()).unwrap();
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let work = Work::unbounded();
        let parsed = parse(route, Some("application/json"), body, &work).unwrap();
        let (metadata, view) = (self.0.metadata(), View::everything("test"));
        let now = Timestamp::from_second(second).unwrap();
        let answer = self.0.execute(&parsed, &metadata, &view, now, &work);
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    fn ok(&self, line: &str, body: Value) -> Value {
        let (status, answer) = self.run(line, body);
        assert!(status < 300, "{line}: {status} {answer}");
        answer
    }

    /// The deepest reason of a refusal with this status.
    fn refused(&self, line: &str, body: Value, wanted: u16) -> String {
        let (status, answer) = self.run(line, body);
        assert_eq!(status, wanted, "{line}: {answer}");
        let error = &answer["error"];
        error.pointer("/root_cause/0/reason").unwrap_or(&error["reason"]).to_string()
    }

    fn hits(&self, query: Value) -> u64 {
        let answer = self.ok("GET /i/_search", json!({"query": query}));
        answer["hits"]["total"]["value"].as_u64().unwrap()
    }
}

/// Under `settings` the search `body` is refused with `reason`; without them it is answered.
fn bounds(settings: Value, body: Value, reason: &str) {
    Domain::with(json!({})).ok("GET /i/_search", body.clone());
    let refused = Domain::with(settings).refused("GET /i/_search", body, 400);
    assert!(refused.contains(reason), "{refused}");
}

#[test]
fn max_result_window_bounds_pages() {
    bounds(
        json!({"index.max_result_window": 5}),
        json!({"size": 6}),
        "Result window is too large, from + size must be less than or equal to: [5] but was [6]",
    );
}

#[test]
fn max_inner_result_window_bounds_top_hits() {
    bounds(
        json!({"index.max_inner_result_window": 2}),
        json!({"aggs": {"a": {"top_hits": {"size": 3}}}}),
        "from + size must be less than or equal to: [2] but was [3]",
    );
}

#[test]
fn max_docvalue_fields_search_bounds_lists_of_fields() {
    bounds(
        json!({"index.max_docvalue_fields_search": 1}),
        json!({"docvalue_fields": ["k", "n"]}),
        "too many docvalue_fields. Must be less than or equal to: [1] but was [2]",
    );
}

#[test]
fn max_script_fields_bounds_fields_made_by_scripts() {
    bounds(
        json!({"index.max_script_fields": 1}),
        json!({"script_fields": {"a": {"script": "1"}, "b": {"script": "2"}}}),
        "Trying to retrieve too many script_fields. Must be less than or equal to: [1] but was [2]. This limit can be set by \
         changing the [index.max_script_fields] index level setting.",
    );
}

#[test]
fn max_rescore_window_bounds_what_is_scored_again() {
    let body =
        json!({"rescore": {"window_size": 6, "query": {"rescore_query": {"match_all": {}}}}});
    let reason = "Rescore window [6] is too large. It must be less than [5]";
    bounds(json!({"index.max_rescore_window": 5}), body.clone(), reason);
    // Its default is the other window.
    bounds(
        json!({"index.max_result_window": 5}),
        json!({"size": 1, "rescore": body["rescore"]}),
        reason,
    );
}

#[test]
fn max_terms_count_bounds_terms_queries() {
    bounds(
        json!({"index.max_terms_count": 1}),
        json!({"query": {"terms": {"k": ["a", "b"]}}}),
        "The number of terms [2] used in the Terms Query request has exceeded the allowed maximum of [1]",
    );
}

#[test]
fn max_regex_length_bounds_expressions() {
    bounds(
        json!({"index.max_regex_length": 2}),
        json!({"query": {"regexp": {"k": "a.c"}}}),
        "The length of regex [3] used in the Regexp Query request has exceeded the allowed maximum of [2]",
    );
}

#[test]
fn max_analyzed_offset_bounds_what_is_highlighted() {
    bounds(
        json!({"index.highlight.max_analyzed_offset": 3}),
        json!({"query": {"match": {"t": "fox"}}, "highlight": {"fields": {"t": {}}}}),
        "The length of [t] field has exceeded [3]",
    );
}

#[test]
fn an_offset_of_the_request_shortens_what_is_highlighted_and_lifts_no_bound() {
    let settings = || json!({"index.highlight.max_analyzed_offset": 3});
    for kind in ["unified", "plain"] {
        let marked = |most: u64| json!({"query": {"match": {"t": "fox"}}, "highlight": {"type": kind, "max_analyzer_offset": most, "fields": {"t": {}}}});
        Domain::with(settings()).ok("GET /i/_search", marked(3));
        bounds(settings(), marked(4), "The length of [t] field has exceeded [3]");
    }
}

#[test]
fn a_changed_limit_is_in_force_at_once() {
    let domain = Domain::with(json!({}));
    domain.ok("PUT /i/_settings", json!({"index.max_terms_count": 1}));
    domain.refused("GET /i/_search", json!({"query": {"terms": {"k": ["a", "b"]}}}), 400);
}

#[test]
fn the_default_field_is_where_queries_look_that_name_none() {
    for query in [
        json!({"query_string": {"query": "blue"}}),
        json!({"simple_query_string": {"query": "blue"}}),
        json!({"multi_match": {"query": "blue"}}),
    ] {
        assert_eq!(Domain::with(json!({})).hits(query.clone()), 1, "{query}");
        let only_t = Domain::with(json!({"index.query.default_field": ["t"]}));
        assert_eq!(only_t.hits(query.clone()), 0, "{query}");
    }
}

#[test]
fn n_grams_further_apart_than_the_index_allows_are_refused() {
    let analysis = json!({"filter": {"g": {"type": "ngram", "min_gram": 1, "max_gram": 4}}});
    let reason = Domain::new().refused("PUT /j", json!({"settings": {"analysis": analysis}}), 400);
    assert!(reason.contains("must be less than or equal to: [1] but was [3]"), "{reason}");
    let allowed = json!({"settings": {"analysis": analysis, "index.max_ngram_diff": 3}});
    Domain::new().ok("PUT /j", allowed);
}

#[test]
fn shingles_further_apart_than_the_index_allows_are_refused() {
    let analysis = json!({"filter": {"s": {"type": "shingle", "max_shingle_size": 6}}});
    let reason = Domain::new().refused("PUT /j", json!({"settings": {"analysis": analysis}}), 400);
    assert!(reason.contains("must be less than or equal to: [3] but was [5]"), "{reason}");
    let allowed = json!({"settings": {"analysis": analysis, "index.max_shingle_diff": 5}});
    Domain::new().ok("PUT /j", allowed);
}

#[test]
fn a_deletion_is_remembered_as_long_as_gc_deletes_says() {
    for (kept, version) in [("60s", 3), ("10s", 1)] {
        let domain = Domain::with(json!({"index.gc_deletes": kept}));
        domain.ok("DELETE /i/_doc/1", Value::Null);
        // A refresh forgets what is old by the time of the last write.
        domain.run_at(30, "PUT /i/_doc/2?refresh=true", json!({"n": 2}));
        let (_, written) = domain.run_at(30, "PUT /i/_doc/1", json!({"n": 1}));
        assert_eq!(written["_version"], version, "{kept}");
    }
}

#[test]
fn a_log_synced_more_often_than_it_can_be_is_refused() {
    let settings = json!({"settings": {"index.translog.sync_interval": "100ms"}});
    let reason = Domain::new().refused("PUT /j", settings, 400);
    assert!(reason.contains("must be >= [2000ms]"), "{reason}");
}

/// What each block stops with which status, and one request that it does not stop.
#[test]
fn blocks_stop_what_they_say_and_nothing_else() {
    let search = ("GET /i/_search", Value::Null);
    let get = ("GET /i/_doc/1", Value::Null);
    let write = ("PUT /i/_doc/2", json!({"n": 2}));
    let mapping = ("GET /i/_mapping", Value::Null);
    let map = ("PUT /i/_mapping", json!({"properties": {"new": {"type": "long"}}}));
    let alias = ("PUT /i/_alias/a", Value::Null);
    let close = ("POST /i/_close", Value::Null);
    let delete = ("DELETE /i", Value::Null);
    let stopped: [(&str, u16, Vec<_>, Vec<_>); 5] = [
        (
            "read_only",
            403,
            vec![&write, &map, &alias, &close, &delete],
            vec![&search, &get, &mapping],
        ),
        ("read", 403, vec![&search, &get], vec![&mapping, &write, &map, &delete]),
        ("write", 403, vec![&write], vec![&search, &mapping, &map, &alias, &delete]),
        (
            "metadata",
            403,
            vec![&mapping, &map, &alias, &close, &delete],
            vec![&search, &get, &write],
        ),
        (
            "read_only_allow_delete",
            429,
            vec![&write, &map, &alias, &close],
            vec![&search, &mapping, &delete],
        ),
    ];
    for (block, status, refused, allowed) in stopped {
        let domain = Domain::with(json!({}));
        domain.ok("PUT /i/_settings", json!({format!("index.blocks.{block}"): true}));
        for (line, body) in refused {
            let reason = domain.refused(line, body.clone(), status);
            assert!(reason.contains("index [i] blocked by: ["), "{block} {line}: {reason}");
        }
        for (line, body) in allowed {
            let (status, answer) = domain.run(line, body.clone());
            assert!(status < 300, "{block} {line}: {status} {answer}");
        }
    }
}

#[test]
fn a_block_does_not_stop_its_own_lifting() {
    for block in ["read_only", "metadata", "read_only_allow_delete"] {
        let domain = Domain::with(json!({}));
        domain.ok("PUT /i/_settings", json!({format!("index.blocks.{block}"): true}));
        domain.refused(
            "PUT /i/_settings",
            json!({"index.max_terms_count": 5}),
            if block == "read_only_allow_delete" { 429 } else { 403 },
        );
        domain.ok("PUT /i/_settings", json!({format!("index.blocks.{block}"): null}));
        domain.ok("PUT /i/_doc/2", json!({"n": 2}));
    }
}

#[test]
fn the_page_of_index_settings_is_up_to_date() {
    let mut page = String::from(
        "<!-- generated by crates/engine/tests/it/index_settings.rs; do not edit -->\n# Index settings\n\n\
         Every setting of an index that is known, and what it does here. A setting in no row is refused. Source:\n\
         Elasticsearch 7.10, \"Index modules\".\n",
    );
    let mut section = |title: &str, wanted: fn(&Effect) -> Option<&'static str>| {
        let _ = write!(page, "\n## {title}\n\n| setting | may change later | |\n|---|---|---|\n");
        for (key, dynamic, effect) in known() {
            let Some(text) = wanted(&effect) else { continue };
            let dynamic = if dynamic { "yes" } else { "no" };
            let _ = writeln!(page, "| `{key}` | {dynamic} | {text} |");
        }
    };
    section("What is done", |effect| match effect {
        Effect::Done(text) => Some(text),
        Effect::Kept(_) => None,
    });
    section("What is kept and printed, and changes nothing", |effect| match effect {
        Effect::Kept(text) => Some(text),
        Effect::Done(_) => None,
    });
    expect_file!["../../../../docs/reference/index-settings.md"].assert_eq(&page);
}
