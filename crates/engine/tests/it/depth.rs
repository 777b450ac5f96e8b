//! Nothing a caller sends makes the engine recurse without a bound: names of 10,000 parts and nesting up to the limits,
//! each on a thread with a stack of 2 MiB, which is what the service's threads have. A stack that overflows ends the
//! test's process. (docs/reference/abuse-cases.md, G1.)

use std::thread;

use bytes::Bytes;
use engine::limits::{JSON_DEPTH_MAX, MAPPING_DEPTH_MAX};
use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;

/// The stack of a thread that a call runs on.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Parts of a hostile name.
const PARTS: usize = 10_000;

/// Runs `check` where the stack is as small as a service's thread has it.
fn on_a_small_stack(check: impl FnOnce(&Domain) + Send + 'static) {
    let run = move || check(&Domain::new());
    thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
}

/// An engine in memory.
struct Domain(Engine);

impl Domain {
    fn new() -> Domain {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::Elasticsearch710,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Domain(Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap())
    }

    fn run(&self, line: &str, body: &str) -> (u16, String) {
        self.send(line, Bytes::copy_from_slice(body.as_bytes()))
    }

    fn send(&self, line: &str, body: Bytes) -> (u16, String) {
        let (method, url) = line.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let route = route(method, path, query, self.0.flavor()).unwrap();
        let parsed = match parse(route, Some("application/json"), body, &Work::unbounded()) {
            Ok(parsed) => parsed,
            Err(error) => return (error.status(), error.body().to_string()),
        };
        let view = View::everything("admin");
        let answer = self.0.execute(
            &parsed,
            &self.0.metadata(),
            &view,
            Timestamp::UNIX_EPOCH,
            &Work::unbounded(),
        );
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    fn ok(&self, line: &str, body: &str) -> String {
        let (status, answer) = self.run(line, body);
        assert!(status < 300, "{line}: {answer}");
        answer
    }

    fn refused(&self, line: &str, body: &str, reason: &str) {
        let (status, answer) = self.run(line, body);
        assert_eq!(status, 400, "{line}: {answer:.300}");
        assert!(answer.contains(reason), "{line}: {answer:.600}");
    }
}

/// `a.a.a…`
fn name(parts: usize) -> String {
    vec!["a"; parts].join(".")
}

/// `inner` inside `levels` of `before` and `after`.
fn nested(levels: usize, before: &str, inner: &str, after: &str) -> String {
    before.repeat(levels) + inner + &after.repeat(levels)
}

/// The refusal of a mapping that is too deep: the object is the first that has no level left.
fn too_deep(limit: usize) -> String {
    let object = name(limit);
    format!("Limit of mapping depth [{limit}] has been exceeded due to object field [{object}]")
}

#[test]
fn g01_a_document_with_a_name_of_ten_thousand_parts_is_refused_in_elasticsearchs_words() {
    on_a_small_stack(|domain| {
        let document = format!(r#"{{"{}":1}}"#, name(PARTS));
        domain.refused("POST /i/_doc", &document, &too_deep(20));
        domain.refused("PUT /i/_create/1", &document, &too_deep(20));
        domain.ok("PUT /i/_doc/1", "{}");
        domain.refused("POST /i/_update/1", &format!(r#"{{"doc":{document}}}"#), &too_deep(20));
        let upsert = format!(r#"{{"doc":{{}},"upsert":{document}}}"#);
        domain.refused("POST /i/_update/2", &upsert, &too_deep(20));
        let bulk = format!("{{\"index\":{{}}}}\n{document}\n");
        let answer = domain.ok("POST /i/_bulk", &bulk);
        assert!(answer.contains(&too_deep(20)), "{answer}");
        // The same parts under objects and in arrays.
        let inside = nested(90, r#"{"a":"#, &document, "}");
        domain.refused("POST /i/_doc", &inside, &too_deep(20));
        let array = format!(r#"{{"x":[{{"y":[{document}]}}]}}"#);
        domain.refused("POST /i/_doc", &array, "Limit of mapping depth [20]");
    });
}

#[test]
fn a_document_of_twenty_levels_is_taken_and_one_of_twenty_one_is_not() {
    on_a_small_stack(|domain| {
        domain.ok("POST /dots/_doc", &format!(r#"{{"{}":1}}"#, name(20)));
        domain.refused("POST /dot/_doc", &format!(r#"{{"{}":1}}"#, name(21)), &too_deep(20));
        domain.ok("POST /objects/_doc", &nested(20, r#"{"a":"#, "1", "}"));
        let deeper = nested(21, r#"{"a":"#, "1", "}");
        domain.refused("POST /object/_doc", &deeper, &too_deep(20));
    });
}

#[test]
fn a_mapping_with_a_name_of_ten_thousand_parts_is_refused() {
    on_a_small_stack(|domain| {
        let mapping = format!(r#"{{"properties":{{"{}":{{"type":"long"}}}}}}"#, name(PARTS));
        domain.refused("PUT /i", &format!(r#"{{"mappings":{mapping}}}"#), &too_deep(20));
        domain.ok("PUT /i", "");
        domain.refused("PUT /i/_mapping", &mapping, &too_deep(20));
        let levels = format!(r#"{{"properties":{{"{}":"#, name(1_000));
        let many = nested(40, &levels, r#"{"type":"long"}"#, "}}");
        domain.refused("PUT /i/_mapping", &many, &too_deep(20));
        let fields = nested(45, r#"{"type":"text","fields":{"f":"#, r#"{"type":"text"}"#, "}}");
        domain.ok("PUT /i/_mapping", &format!(r#"{{"properties":{{"t":{fields}}}}}"#));
        domain.ok("POST /i/_doc", r#"{"t":"x"}"#);
    });
}

#[test]
fn the_depth_limit_of_an_index_is_its_setting_and_holds_on_a_small_stack_at_its_highest() {
    on_a_small_stack(|domain| {
        let settings = |limit: usize| format!(r#"{{"index.mapping.depth.limit":{limit}}}"#);
        let create = |limit| format!(r#"{{"settings":{}}}"#, settings(limit));
        domain.ok("PUT /low", &create(2));
        domain.ok("POST /low/_doc", r#"{"a.a":1}"#);
        domain.refused("POST /low/_doc", r#"{"b.a.a":1}"#, "due to object field [b.a]");
        domain.refused("PUT /more", &create(MAPPING_DEPTH_MAX + 1), "must be <= 100");
        domain.ok("PUT /high", &create(MAPPING_DEPTH_MAX));
        domain.ok("POST /high/_doc?refresh=true", &format!(r#"{{"{}":1}}"#, name(100)));
        let deeper = format!(r#"{{"b.{}":1}}"#, name(100));
        domain.refused("POST /high/_doc", &deeper, "Limit of mapping depth [100]");
        for line in ["GET /high/_mapping", "GET /high/_field_caps?fields=*", "GET /high/_search"] {
            domain.ok(line, "");
        }
        domain.ok("PUT /low/_settings", &settings(3));
        domain.ok("POST /low/_doc", r#"{"b.a.a":1}"#);
    });
}

#[test]
fn a_field_name_is_bounded_by_its_setting_and_a_path_by_what_a_term_can_hold() {
    on_a_small_stack(|domain| {
        domain.ok("PUT /i", r#"{"settings":{"index.mapping.field_name_length.limit":3}}"#);
        domain.ok("POST /i/_doc", r#"{"abc":1}"#);
        let reason = "Field name [abcd] is longer than the limit of [3] characters";
        domain.refused("POST /i/_doc", r#"{"abcd":1}"#, reason);
        let document = format!(r#"{{"{}":1}}"#, "x".repeat(32_767));
        domain.refused("POST /j/_doc", &document, "The path of a field is [32767] bytes long");
    });
}

#[test]
fn settings_with_a_key_of_ten_thousand_parts_are_refused() {
    on_a_small_stack(|domain| {
        for key in ["analysis", "index.analysis.filter", "merge", "routing.allocation"] {
            let settings = format!(r#"{{"{key}.{}":"x"}}"#, name(PARTS));
            let reason = "a setting's key has at most [100] parts";
            domain.refused("PUT /i", &format!(r#"{{"settings":{settings}}}"#), reason);
            domain.ok("PUT /k", "");
            domain.refused("PUT /k/_settings", &settings, reason);
            domain.ok("DELETE /k", "");
        }
        let deep = nested(90, r#"{"a":"#, "1", "}");
        domain.ok("PUT /i", &format!(r#"{{"settings":{{"routing.allocation.require":{deep}}}}}"#));
        domain.ok("GET /i/_settings", "");
        domain.ok("GET /i/_settings?flat_settings=true", "");
    });
}

#[test]
fn queries_nested_to_every_limit_at_once_run_on_a_small_stack() {
    on_a_small_stack(|domain| {
        domain.ok("POST /i/_doc?refresh=true", r#"{"a":"a","n":1}"#);
        let text = format!("{}a{}", "(a (".repeat(25), "))".repeat(25));
        let simple = format!("a{}", "+a|a".repeat(25));
        for inner in [
            r#"{"match":{"a":"a"}}"#.to_owned(),
            format!(r#"{{"query_string":{{"query":"{text}"}}}}"#),
            format!(r#"{{"simple_query_string":{{"query":"{simple}","fields":["a"]}}}}"#),
        ] {
            for (before, after) in [
                (r#"{"bool":{"must":"#, "}}"),
                (r#"{"bool":{"should":"#, "}}"),
                (r#"{"bool":{"filter":"#, "}}"),
                (r#"{"constant_score":{"filter":"#, "}}"),
                (r#"{"dis_max":{"queries":"#, "}}"),
                (
                    r#"{"boosting":{"negative_boost":0.5,"negative":{"match_none":{}},"positive":"#,
                    "}}",
                ),
                (r#"{"function_score":{"boost":2,"query":"#, "}}"),
            ] {
                let query = nested(46, before, &inner, after);
                let line = "POST /i/_search?filter_path=hits.total.value";
                let highlight = r#""highlight":{"fields":{"*":{}}}"#;
                let answer = domain.ok(line, &format!(r#"{{"query":{query},{highlight}}}"#));
                assert!(answer.contains("\"value\":1"), "{before}: {answer}");
            }
        }
    });
}

#[test]
fn queries_nested_beyond_every_limit_are_refused() {
    on_a_small_stack(|domain| {
        domain.ok("PUT /i", "");
        for levels in [51, 10_000] {
            let query = nested(levels, r#"{"bool":{"must":"#, r#"{"match_all":{}}"#, "}}");
            domain.refused("POST /i/_search", &format!(r#"{{"query":{query}}}"#), "nested");
        }
        for query in [
            format!(r#"{{"query_string":{{"query":"{}"}}}}"#, "(".repeat(PARTS)),
            format!(r#"{{"query_string":{{"query":"{}"}}}}"#, nested(PARTS, "(", "a", ")^2")),
            format!(r#"{{"simple_query_string":{{"query":"{}"}}}}"#, "a+b|".repeat(200)),
            format!(r#"{{"simple_query_string":{{"query":"{}"}}}}"#, "(".repeat(PARTS)),
        ] {
            domain.refused("POST /i/_search", &format!(r#"{{"query":{query}}}"#), "nested");
        }
    });
}

#[test]
fn patterns_nested_ten_thousand_deep_are_refused_or_read_on_a_small_stack() {
    on_a_small_stack(|domain| {
        domain.ok("PUT /i", "");
        domain.ok("POST /i/_doc?refresh=true", r#"{"a":"a"}"#);
        let deep = nested(400, "(", "a", ")");
        let body = format!(r#"{{"query":{{"regexp":{{"a":"{deep}"}}}}}}"#);
        let (status, answer) = domain.run("POST /i/_search", &body);
        assert!(status == 200 || status == 400, "{answer:.300}");
        let deep = nested(PARTS, "(", "a", ")");
        for query in [
            format!(r#"{{"regexp":{{"a":"{deep}"}}}}"#),
            format!(r#"{{"query_string":{{"query":"/{deep}/","fields":["a"]}}}}"#),
        ] {
            let (status, answer) =
                domain.run("POST /i/_search", &format!(r#"{{"query":{query}}}"#));
            assert_eq!(status, 400, "{answer:.300}");
        }
        let wildcard = |stars: usize| {
            format!(r#"{{"query":{{"wildcard":{{"a":"{}"}}}}}}"#, "*a".repeat(stars))
        };
        domain.ok("POST /i/_search", &wildcard(PARTS / 2));
        domain.refused("POST /i/_search", &wildcard(PARTS / 2 + 1), "at most [10000] are allowed");
        let analysis = |pattern: &str| {
            format!(
                r#"{{"settings":{{"analysis":{{"tokenizer":{{"t":{{"type":"pattern","pattern":"{pattern}"}}}}}}}}}}"#
            )
        };
        let (status, answer) = domain.run("PUT /j", &analysis(&deep));
        assert_eq!(status, 400, "{answer:.300}");
        let format = nested(PARTS, "[", "yyyy", "]");
        let mapping = format!(
            r#"{{"mappings":{{"properties":{{"d":{{"type":"date","format":"{format}"}}}}}}}}"#
        );
        let (status, answer) = domain.run("PUT /j", &mapping);
        assert_eq!(status, 400, "{answer:.300}");
    });
}

#[test]
fn aggregations_nested_to_their_limit_run_on_a_small_stack_and_deeper_ones_are_refused() {
    on_a_small_stack(|domain| {
        domain.ok("POST /i/_doc?refresh=true", r#"{"a":"a","n":1}"#);
        for kind in [
            r#""terms":{"field":"n"}"#,
            r#""histogram":{"field":"n","interval":1}"#,
            r#""range":{"field":"n","ranges":[{"from":0}]}"#,
            r#""filter":{"match_all":{}}"#,
            r#""filters":{"filters":{"x":{"match_all":{}}}}"#,
            r#""missing":{"field":"m"}"#,
        ] {
            let levels = |levels: usize| {
                let before = format!(r#"{{"x":{{{kind},"aggs":"#);
                let inner = r#"{"x":{"max":{"field":"n"}}}"#;
                format!(r#"{{"size":0,"aggs":{}}}"#, nested(levels, &before, inner, "}}"))
            };
            domain.ok("POST /i/_search", &levels(20));
            domain.ok("POST /i/_search?filter_path=aggregations.**.value", &levels(20));
            domain.refused("POST /i/_search", &levels(21), "nested deeper than [20]");
        }
        let path = vec!["x"; PARTS].join(">");
        let order =
            format!(r#"{{"aggs":{{"x":{{"terms":{{"field":"n","order":{{"{path}":"asc"}}}}}}}}}}"#);
        let (_, answer) = domain.run("POST /i/_search", &order);
        assert!(answer.contains("aggregation_execution_exception"), "{answer:.300}");
    });
}

#[test]
fn names_of_ten_thousand_parts_in_searches_name_nothing() {
    on_a_small_stack(|domain| {
        domain.ok("POST /i/_doc?refresh=true", r#"{"a":{"a":{"a":1}}}"#);
        let (dots, stars) = (name(PARTS), vec!["*"; PARTS].join("."));
        for path in [dots.as_str(), stars.as_str()] {
            // A pattern of names has a backslash before each asterisk there.
            let escaped = path.replace('*', r"\\*");
            for body in [
                format!(r#"{{"query":{{"exists":{{"field":"{path}"}}}}}}"#),
                format!(r#"{{"query":{{"term":{{"{path}":1}}}}}}"#),
                format!(r#"{{"query":{{"multi_match":{{"query":"a","fields":["{path}"]}}}}}}"#),
                format!(r#"{{"query":{{"query_string":{{"query":"{escaped}:a"}}}}}}"#),
                format!(r#"{{"_source":["{path}"]}}"#),
                format!(r#"{{"_source":{{"excludes":["{path}"]}}}}"#),
                format!(r#"{{"docvalue_fields":["{path}"],"fields":["{path}"]}}"#),
                format!(r#"{{"highlight":{{"fields":{{"{path}":{{}}}}}}}}"#),
                format!(r#"{{"sort":[{{"{path}":{{"unmapped_type":"long"}}}}]}}"#),
                format!(r#"{{"aggs":{{"x":{{"terms":{{"field":"{path}"}}}}}}}}"#),
            ] {
                domain.ok("POST /i/_search", &body);
            }
            domain.refused(&format!("GET /i/_search?filter_path={path}"), "", "at most [2048]");
            domain.ok(&format!("GET /i/_field_caps?fields={path}"), "");
        }
        let mapping = format!(
            r#"{{"properties":{{"b":{{"type":"long","copy_to":"{dots}"}},"c":{{"type":"alias","path":"{dots}"}}}}}}"#
        );
        let (status, answer) = domain.run("PUT /i/_mapping", &mapping);
        assert_eq!(status / 100, 4, "{answer:.300}");
        let dated = format!("GET /%3Ci-%7Bnow{}%7D%3E/_search", "%2B1d".repeat(400));
        let (status, answer) = domain.run(&dated, "");
        assert_eq!(status / 100, 4, "{answer:.300}");
    });
}

#[test]
fn json_nested_to_its_limit_is_read_stored_and_given_back_on_a_small_stack() {
    on_a_small_stack(|domain| {
        let document = |levels: usize| nested(levels, r#"{"a":"#, "1", "}");
        let arrays = |levels: usize| nested(1, r#"{"a":"#, &nested(levels, "[", "1", "]"), "}");
        domain.ok("PUT /i", r#"{"mappings":{"dynamic":false}}"#);
        domain.ok("PUT /i/_doc/1?refresh=true", &document(JSON_DEPTH_MAX));
        domain.ok("PUT /i/_doc/2?refresh=true", &arrays(JSON_DEPTH_MAX - 1));
        domain.ok("PUT /j/_doc/2?refresh=true", &arrays(JSON_DEPTH_MAX - 1));
        for body in [document(JSON_DEPTH_MAX + 1), arrays(JSON_DEPTH_MAX), document(PARTS)] {
            domain.refused("PUT /i/_doc/3", &body, "nested deeper than the limit of 100 levels");
        }
        for line in [
            "GET /i/_doc/1",
            "GET /i/_doc/1?filter_path=_source.**",
            "GET /i/_doc/1?_source_includes=*.a",
            "GET /i/_search?pretty",
            "GET /i/_search?filter_path=**.a",
            "GET /i/_search?_source_excludes=*.b",
        ] {
            domain.ok(line, "");
        }
        let doc = |inner: &str| format!(r#"{{"doc":{inner}}}"#);
        domain.ok("POST /i/_update/1", &doc(&document(JSON_DEPTH_MAX - 1)));
        let error = format!(r#"{{"a":{}}}"#, nested(98, r#"{"b":"#, "1", "}"));
        domain.ok("PUT /k", r#"{"mappings":{"properties":{"a":{"type":"long"}}}}"#);
        domain.refused("PUT /k/_doc/1", &error, "mapper_parsing_exception");
    });
}

#[test]
fn a_column_that_is_asked_for_a_thousand_times_is_shown_and_sorted_by_once() {
    on_a_small_stack(|domain| {
        domain.ok("PUT /b", "");
        domain.ok("PUT /a", "");
        let many = |name: &str| vec![name; 1_000].join(",");
        let once = domain.ok("GET /_cat/indices?h=*&s=index:desc", "");
        let asked = format!("GET /_cat/indices?h={}&s={}", many("*"), many("index:desc,index"));
        assert_eq!(domain.ok(&asked, ""), once);
        assert_eq!(domain.ok("GET /_cat/indices?h=index,i,index&s=index", ""), "a a\nb b\n");
    });
}

#[test]
fn tags_and_entities_that_never_end_are_looked_for_once() {
    on_a_small_stack(|domain| {
        domain.ok(
            "PUT /i",
            r#"{"settings":{"analysis":{"analyzer":{"h":{"type":"custom","tokenizer":"standard",
                "char_filter":["html_strip"]}}}},
                "mappings":{"properties":{"t":{"type":"text","analyzer":"h"}}}}"#,
        );
        // To look for the end of each would be 2 × 10^11 steps.
        for piece in ["<a", "&", "<a &b"] {
            let text = piece.repeat(2_000_000 / piece.len());
            domain.ok("PUT /i/_doc/1?refresh=true", &format!(r#"{{"t":"<i>x</i>{text}"}}"#));
        }
        let found = domain.ok("GET /i/_search?q=t:x&filter_path=hits.total.value", "");
        assert!(found.contains("\"value\":1"), "{found}");
    });
}

#[test]
fn a_phrase_with_an_endless_slop_is_highlighted_by_its_neighbours() {
    on_a_small_stack(|domain| {
        // To look at every token within the slop of each start would be 10^9 steps for each place.
        let text = "a b ".repeat(30_000);
        domain.ok("PUT /i/_doc/1?refresh=true", &format!(r#"{{"t":"{text}c"}}"#));
        let body = r#"{"_source":false,"query":{"match_phrase":{"t":{"query":"a b c","slop":2147483647}}},
            "highlight":{"fields":{"t":{"number_of_fragments":0}}}}"#;
        let answer = domain.ok("POST /i/_search", body);
        assert!(answer.contains("<em>a</em> <em>b</em> <em>c</em>"), "{answer:.300}");
    });
}

#[test]
fn g03_a_search_of_more_than_a_thousand_aggregations_is_refused() {
    on_a_small_stack(|domain| {
        domain.ok("POST /i/_doc?refresh=true", r#"{"n":1}"#);
        let many = |count: usize| {
            let one = |n| format!(r#""a{n}":{{"max":{{"field":"n"}}}}"#);
            let list: Vec<String> = (0..count).map(one).collect();
            format!(r#"{{"size":0,"aggs":{{{}}}}}"#, list.join(","))
        };
        domain.ok("POST /i/_search", &many(1_000));
        domain.refused("POST /i/_search", &many(1_001), "at most [1000] aggregations");
        for size in ["2000000000", "-1"] {
            let body = format!(r#"{{"size":{size}}}"#);
            let (status, answer) = domain.run("POST /i/_search", &body);
            assert_eq!(status, 400, "{answer:.300}");
        }
    });
}

/// Bodies that are read, for others to be made from: method, path, body.
const BODIES: &[(&str, &str)] = &[
    ("POST /_bulk", "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":[1,{\"b\":\"x\"}]}\n"),
    ("POST /_msearch", "{\"index\":\"i\"}\n{\"query\":{\"match_all\":{}},\"size\":1}\n"),
    ("POST /_mget", r#"{"docs":[{"_index":"i","_id":"1","_source":["a"]}]}"#),
    (
        "POST /i/_search",
        r#"{"query":{"query_string":{"query":"(a:b AND \"c d\"~2)^2 /r.*/ [1 TO 2]"}},"sort":["_doc"]}"#,
    ),
    (
        "POST /i/_search",
        r#"{"aggs":{"t":{"terms":{"field":"a"},"aggs":{"m":{"max":{"field":"a"}}}}},"_source":{"includes":["*"]}}"#,
    ),
    (
        "POST /i/_search",
        r#"{"query":{"bool":{"should":[{"regexp":{"a":"x[a-z]+"}},{"range":{"a":{"gte":"now-1d/d"}}}]}}}"#,
    ),
    (
        "PUT /i/_mapping",
        r#"{"properties":{"d":{"type":"date","format":"yyyy-MM-dd||epoch_millis"},"o.p":{"type":"text"}}}"#,
    ),
    (
        "PUT /n",
        r#"{"settings":{"analysis":{"analyzer":{"x":{"type":"custom","tokenizer":"standard","filter":["lowercase"]}}}}}"#,
    ),
    ("POST /_aliases", r#"{"actions":[{"add":{"index":"i","alias":"b"}}]}"#),
    ("POST /i/_update/1", r#"{"doc":{"a":2},"doc_as_upsert":true}"#),
    ("POST /i/_analyze", r#"{"analyzer":"standard","text":"a b"}"#),
];

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 96, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn g04_any_bytes_in_the_place_of_some_of_any_body_are_answered(
        which in 0..BODIES.len(),
        from in 0..100_usize,
        length in 0..12_usize,
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12),
        marks in "[]{}\\[\"\\\\,:0-9*?()/~^.<>+-]{0,8}",
    ) {
        let (line, body) = BODIES[which];
        let (from, bytes) = (from.min(body.len()), [marks.as_bytes(), &bytes].concat());
        let end = (from + length).min(body.len());
        let body = [&body.as_bytes()[..from], &bytes, &body.as_bytes()[end..]].concat();
        let domain = Domain::new();
        domain.ok("PUT /i/_doc/1?refresh=true", r#"{"a":1}"#);
        let (status, answer) = domain.send(line, Bytes::from(body));
        proptest::prop_assert!((200..=501).contains(&status) && status != 500, "{status}: {answer}");
    }
}
