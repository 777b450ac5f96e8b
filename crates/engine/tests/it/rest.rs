//! Requests of real clients against the whole engine: from method, path and body to status and answer. What is expected
//! here was answered by Elasticsearch 7.10.2 and OpenSearch 2.19.1.

use serde_json::{Value, json};

use crate::domain::Domain;

const TYPED: &str = r#"{"mappings":{"_doc":{"properties":{"a":{"type":"keyword"}}}}}"#;
const PLAIN: &str = r#"{"mappings":{"properties":{"a":{"type":"keyword"}}}}"#;

#[test]
fn a_search_through_a_typed_path_searches_and_writes_nothing() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /m", PLAIN);
    let found = domain.ok("POST /m/_doc/_search", r#"{"query":{"match_all":{}}}"#);
    assert_eq!(found["hits"]["total"]["value"], 0);
    assert_eq!(domain.ok("POST /m/_doc/_count", r#"{"query":{"match_all":{}}}"#)["count"], 0);
    domain.ok("POST /m/_doc/_bulk?refresh=true", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":\"x\"}\n");
    assert_eq!(domain.ok("GET /m/_doc/_mget", r#"{"ids":["1"]}"#)["docs"][0]["found"], true);
    let deleted = domain.ok("POST /m/_doc/_delete_by_query", r#"{"query":{"match_all":{}}}"#);
    assert_eq!(deleted["deleted"], 1);
}

#[test]
fn on_opensearch_the_place_after_doc_is_an_id() {
    let domain = Domain::opensearch();
    let (status, answer) = domain.ask("POST /m/_doc/_search", r#"{"a":1}"#);
    assert_eq!((status, &answer["_id"]), (201, &json!("_search")));
}

#[test]
fn include_type_name_takes_the_mapping_out_of_its_type() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /t?include_type_name=true", TYPED);
    domain.ok("PUT /u?include_type_name=true", r#"{"mappings":{}}"#);
    domain.ok(
        "PUT /t/_doc/_mapping?include_type_name=true",
        r#"{"properties":{"b":{"type":"long"}}}"#,
    );
    domain.ok(
        "PUT /t/_mapping/_doc?include_type_name=true",
        r#"{"_doc":{"properties":{"c":{"type":"long"}}}}"#,
    );
    let properties =
        json!({"a": {"type": "keyword"}, "b": {"type": "long"}, "c": {"type": "long"}});
    assert_eq!(
        domain.ok("GET /t/_mapping", ""),
        json!({"t": {"mappings": {"properties": properties}}})
    );
}

#[test]
fn include_type_name_shows_the_mapping_under_its_type() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /t", PLAIN);
    domain.ok("PUT /u", "{}");
    let typed = json!({"_doc": {"properties": {"a": {"type": "keyword"}}}});
    assert_eq!(
        domain.ok("GET /t,u/_mapping?include_type_name=true", ""),
        json!({"t": {"mappings": typed}, "u": {"mappings": {}}})
    );
    assert_eq!(domain.ok("GET /t?include_type_name=true", "")["t"]["mappings"], typed);
    let field = json!({"a": {"full_name": "a", "mapping": {"a": {"type": "keyword"}}}});
    assert_eq!(
        domain.ok("GET /t/_mapping/field/a?include_type_name=true", ""),
        json!({"t": {"mappings": {"_doc": field}}})
    );
    assert_eq!(
        domain.ok("GET /t/_mapping/field/zz?include_type_name=true", ""),
        json!({"t": {"mappings": {}}})
    );
    let (status, _) = domain.text("HEAD /t?include_type_name=true", "");
    assert_eq!(status, 200);
}

#[test]
fn a_type_without_include_type_name_is_refused_in_the_real_words() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /t", PLAIN);
    let mapping = r#"{"properties":{"b":{"type":"long"}}}"#;
    let put = "Types cannot be provided in put mapping requests, unless the include_type_name parameter is set to true.";
    for (line, body, reason) in [
        ("PUT /t/_mapping/_doc", mapping, put),
        ("PUT /t/_doc/_mapping", mapping, put),
        ("POST /t/_doc/_mapping", mapping, put),
        ("PUT /t/_mapping", r#"{"_doc":{"properties":{}}}"#, put),
        (
            "PUT /t/_mapping?include_type_name=true",
            mapping,
            "Validation Failed: 1: mapping type is missing;",
        ),
        (
            "PUT /x",
            TYPED,
            "The mapping definition cannot be nested under a type [_doc] unless include_type_name is set to true.",
        ),
        (
            "GET /t/_mapping/_doc",
            "",
            "Types cannot be provided in get mapping requests, unless include_type_name is set to true.",
        ),
        (
            "GET /t/_mapping/_doc/field/a",
            "",
            "Types cannot be specified unless include_type_name is set to true.",
        ),
    ] {
        assert_eq!(domain.refused(line, body), (400, reason.to_owned()), "{line}");
    }
}

#[test]
fn opensearch_has_no_types() {
    let domain = Domain::opensearch();
    domain.ok("PUT /t", PLAIN);
    let unrecognized = "request [/x] contains unrecognized parameter: [include_type_name]";
    for (line, body, reason) in [
        ("PUT /x?include_type_name=true", "{}", unrecognized),
        ("PUT /x", TYPED, "The mapping definition cannot be nested under a type"),
        (
            "PUT /t/_mapping",
            r#"{"_doc":{"properties":{}}}"#,
            "Types cannot be provided in put mapping requests",
        ),
    ] {
        assert_eq!(domain.refused(line, body), (400, reason.to_owned()), "{line}");
    }
}

/// What the Java high-level client puts on every request of these APIs.
const INDICES_OPTIONS: &str =
    "ignore_throttled=false&ignore_unavailable=false&expand_wildcards=open&allow_no_indices=true";

#[test]
fn the_options_that_the_java_high_level_client_always_sends_are_taken_everywhere() {
    for domain in [Domain::elasticsearch(), Domain::opensearch()] {
        domain.ok("PUT /m", r#"{"aliases":{"al":{}}}"#);
        for (line, body) in [
            ("GET /m", ""),
            ("GET /m/_mapping", ""),
            ("GET /m/_mapping/field/a", ""),
            ("GET /m/_settings", ""),
            ("GET /m/_alias", ""),
            ("GET /_alias/al", ""),
            ("PUT /m/_mapping", r#"{"properties":{}}"#),
            ("PUT /m/_settings", r#"{"index":{"number_of_replicas":0}}"#),
            ("POST /m/_refresh", ""),
            ("POST /m/_flush", ""),
            ("POST /m/_forcemerge", ""),
            ("POST /m/_cache/clear", ""),
            ("GET /m/_stats", ""),
            ("GET /m/_search", ""),
            ("GET /m/_count", ""),
            ("GET /m/_validate/query", ""),
            ("GET /m/_field_caps", ""),
            ("POST /m/_delete_by_query", r#"{"query":{"match_all":{}}}"#),
            ("POST /m/_update_by_query", ""),
            ("GET /_cluster/health/m", ""),
            ("GET /_resolve/index/m", ""),
            ("POST /m/_close", ""),
        ] {
            let more = if line.ends_with("_field_caps") { "&fields=a" } else { "" };
            domain.ok(&format!("{line}?{INDICES_OPTIONS}{more}"), body);
        }
        let closed = INDICES_OPTIONS.replace("open", "closed");
        domain.ok(&format!("POST /m/_open?{closed}"), "");
        for line in ["HEAD /m", "HEAD /_alias/al"] {
            let (status, _) = domain.text(&format!("{line}?{INDICES_OPTIONS}"), "");
            assert_eq!(status, 200, "{line}");
        }
        domain.ok(&format!("DELETE /m?{INDICES_OPTIONS}"), "");
    }
}

#[test]
fn the_options_that_are_taken_are_kept() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /m", "{}");
    for (line, lenient, strict) in [
        ("GET /m,no/_stats", 200, 404),
        ("GET /_resolve/index/m,no", 200, 404),
        ("GET /_cat/indices/m,no", 200, 404),
    ] {
        let status = |flag: &str| domain.text(&format!("{line}?ignore_unavailable={flag}"), "").0;
        assert_eq!((status("true"), status("false")), (lenient, strict), "{line}");
    }
    let none = "expand_wildcards=none";
    assert_eq!(domain.ok(&format!("GET /_stats?{none}"), "")["indices"], json!({}));
}

#[test]
fn what_says_how_q_is_read_is_unrecognized_without_it() {
    let domain = Domain::elasticsearch();
    let (status, reason) = domain.refused("GET /_search?df=a", "");
    assert_eq!(
        (status, reason.as_str()),
        (400, "request [/_search] contains unrecognized parameter: [df]")
    );
    domain.ok("GET /_search?df=a&q=b", "");
    let (status, reason) = domain.refused("GET /_count?q=a:1", r#"{"query":{"match_none":{}}}"#);
    assert_eq!(
        (status, reason.as_str()),
        (400, "request [/_count] contains unrecognized parameter: [q]")
    );
}

#[test]
fn cat_count_counts_what_its_query_finds() {
    let domain = Domain::elasticsearch();
    domain
        .ok("POST /m/_bulk?refresh=true", "{\"index\":{}}\n{\"a\":1}\n{\"index\":{}}\n{\"a\":2}\n");
    for (line, body, count) in [
        ("GET /_cat/count?h=count", "", "2\n"),
        ("GET /_cat/count?h=count&q=a:1", "", "1\n"),
        ("GET /_cat/count/m?h=count", r#"{"query":{"match_none":{}}}"#, "0\n"),
    ] {
        assert_eq!(domain.text(line, body), (200, count.to_owned()), "{line}");
    }
}

#[test]
fn parameters_that_ended_are_refused_in_the_real_words() {
    let domain = Domain::elasticsearch();
    domain.text("PUT /m/_doc/1", "{}");
    for (line, body, reason) in [
        (
            "GET /m/_doc/1?fields=a",
            "",
            "the parameter [fields] is no longer supported, please use [stored_fields] to retrieve stored fields or [_source] to load the field from _source",
        ),
        (
            "GET /m/_mget?fields=a",
            r#"{"ids":["1"]}"#,
            "The parameter [fields] is no longer supported, please use [stored_fields] to retrieve stored fields or _source filtering if the field is not stored",
        ),
        ("PUT /m/_create/2?op_type=index", "{}", "opType must be 'create', found: [index]"),
    ] {
        assert_eq!(domain.refused(line, body), (400, reason.to_owned()), "{line}");
    }
}

/// Method and path, status, and answer: its reason where it is a refusal.
const EMPTY: &[(&str, u16, &str)] = &[
    ("GET /_template", 200, "{}"),
    ("GET /_template/x", 404, "{}"),
    ("GET /_template/x*", 404, "{}"),
    ("DELETE /_template/*", 200, r#"{"acknowledged":true}"#),
    ("DELETE /_template/x", 404, "index_template [x] missing"),
    ("GET /_index_template", 200, r#"{"index_templates":[]}"#),
    ("GET /_index_template/x*", 404, r#"{"index_templates":[]}"#),
    ("GET /_index_template/x", 404, "index template matching [x] not found"),
    ("DELETE /_index_template/x", 404, "index_template [x] missing"),
    ("GET /_component_template", 200, r#"{"component_templates":[]}"#),
    ("GET /_component_template/x", 404, "component template matching [x] not found"),
    ("DELETE /_component_template/x", 404, "index_template [x] missing"),
    ("GET /_ingest/pipeline", 404, "{}"),
    ("GET /_ingest/pipeline/x", 404, "{}"),
    ("DELETE /_ingest/pipeline/*", 200, r#"{"acknowledged":true}"#),
    ("GET /_snapshot", 200, "{}"),
    ("GET /_snapshot/_all", 200, "{}"),
    ("GET /_snapshot/x,y", 404, "[x] missing"),
    ("GET /_snapshot/x/s", 404, "[x] missing"),
    ("GET /_snapshot/_status", 200, r#"{"snapshots":[]}"#),
    ("GET /_snapshot/x/_status", 200, r#"{"snapshots":[]}"#),
    ("GET /_snapshot/x/s/_status", 404, "[x] missing"),
    ("DELETE /_snapshot/x", 404, "[x] missing"),
    ("DELETE /_snapshot/x/s", 404, "[x] missing"),
    ("GET /_cat/templates", 200, ""),
    ("GET /_cat/templates?v", 200, "name index_patterns order version composed_of\n"),
    ("GET /_cat/templates?format=json", 200, "[]"),
    ("GET /_cat/repositories?v", 200, "id type\n"),
    ("GET /_cat/snapshots", 400, "Validation Failed: 1: repository is missing;"),
    ("GET /_cat/snapshots/x", 404, "[x] missing"),
    ("GET /_cat/tasks?actions=*reindex", 200, ""),
    ("GET /_cat/pending_tasks?v", 200, "insertOrder timeInQueue priority source\n"),
    ("GET /_cat/plugins", 200, ""),
    ("GET /_cat/fielddata?v", 200, "id host ip node field size\n"),
    ("GET /_tasks?actions=*reindex", 200, r#"{"nodes":{}}"#),
    ("GET /_tasks?group_by=none&actions=x*", 200, r#"{"tasks":[]}"#),
    ("GET /_tasks?group_by=parents&nodes=other", 200, r#"{"tasks":{}}"#),
    (
        "GET /_tasks?group_by=oops",
        400,
        "[group_by] must be one of [nodes], [parents] or [none] but was [oops]",
    ),
    ("GET /_tasks/abc", 400, "malformed task id abc"),
    (
        "GET /_tasks/abc:1",
        404,
        "task [abc:1] belongs to the node [abc] which isn't part of the cluster and there is no record of the task",
    ),
    ("GET /_cluster/pending_tasks", 200, r#"{"tasks":[]}"#),
    ("GET /_remote/info", 200, "{}"),
    ("GET /_scripts/x", 404, r#"{"_id":"x","found":false}"#),
    ("DELETE /_scripts/x", 404, "stored script [x] does not exist and cannot be deleted"),
];

#[test]
fn d30_a_registry_that_is_empty_says_so_as_the_real_server_does() {
    for domain in [Domain::elasticsearch(), Domain::opensearch()] {
        for (line, status, expected) in EMPTY {
            let (seen, text) = domain.text(line, "");
            let value: Value = serde_json::from_str(&text).unwrap_or_default();
            let reason = value["error"]["reason"].as_str().map(str::to_owned);
            assert_eq!((seen, reason.unwrap_or(text).as_str()), (*status, *expected), "{line}");
        }
        for line in ["HEAD /_template/x", "HEAD /_index_template/x", "HEAD /_component_template/x"]
        {
            assert_eq!(domain.text(line, ""), (404, String::new()), "{line}");
        }
    }
}

#[test]
fn whoever_lists_tasks_finds_the_listing() {
    for domain in [Domain::elasticsearch(), Domain::opensearch()] {
        let action = "cluster:monitor/tasks/lists";
        let nodes = domain.ok("GET /_tasks", "");
        let node = &nodes["nodes"]["countersign-node-00001"];
        assert_eq!(node["name"], "countersign");
        let task = node["tasks"].as_object().unwrap().values().next().unwrap();
        assert_eq!((&task["action"], &task["cancellable"]), (&action.into(), &false.into()));
        let list = domain.ok("GET /_tasks?group_by=none&actions=cluster:*", "");
        assert_eq!(list["tasks"][0]["action"], action);
        let (_, table) = domain.text("GET /_cat/tasks?h=action,type,parent_task_id", "");
        assert_eq!(table, format!("{action} transport -\n"));
    }
}

#[test]
fn registries_that_opensearch_alone_has_are_empty_too() {
    let domain = Domain::opensearch();
    for (line, status, answer) in [
        ("GET /_search/pipeline", 404, "{}"),
        ("GET /_search/pipeline/x", 404, "{}"),
        ("DELETE /_search/pipeline/x", 200, r#"{"acknowledged":true}"#),
        ("GET /_search/point_in_time/_all", 200, r#"{"pits":[]}"#),
        ("DELETE /_search/point_in_time/_all", 200, r#"{"pits":[]}"#),
        ("GET /_data_stream", 200, r#"{"data_streams":[]}"#),
    ] {
        assert_eq!(domain.text(line, ""), (status, answer.to_owned()), "{line}");
    }
    assert_eq!(domain.refused("GET /_data_stream/x", "").0, 404);
}

#[test]
fn what_would_fill_a_registry_answers_501_by_name() {
    let domain = Domain::opensearch();
    for (line, name) in [
        ("PUT /_plugins/_ism/policies/x", "plugins.ism"),
        ("POST /_plugins/_sql", "plugins.sql"),
        ("GET /_dashboards", "dashboards"),
    ] {
        let reason = format!("[{name}] is not supported by this service");
        assert_eq!(domain.refused(line, "{}"), (501, reason), "{line}");
    }
}

#[test]
fn a_type_exists_where_there_is_a_mapping() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /m", PLAIN);
    domain.ok("PUT /empty", "{}");
    let status = |path: &str| domain.text(&format!("HEAD {path}"), "").0;
    assert_eq!(status("/m/_mapping/_doc"), 200);
    assert_eq!(status("/empty/_mapping/_doc"), 404);
    assert_eq!(status("/missing/_mapping/_doc"), 404);
}

/// Values of a search body that ask for nothing, and what both servers answer: 200, or 400 with this reason.
const ASKS_NOTHING: &[(&str, Result<usize, &str>)] = &[
    (r#"{"stored_fields":["*"]}"#, Ok(1)),
    (r#"{"stored_fields":"*"}"#, Ok(1)),
    (r#"{"stored_fields":[]}"#, Ok(1)),
    (r#"{"stored_fields":["k"]}"#, Ok(1)),
    (r#"{"stored_fields":["_id","_routing"]}"#, Ok(1)),
    (r#"{"stored_fields":["_none_","k"]}"#, Err("cannot combine _none_ with other fields")),
    (r#"{"script_fields":{}}"#, Ok(1)),
    (r#"{"rescore":[]}"#, Ok(1)),
    (r#"{"suggest":{}}"#, Ok(0)),
    (r#"{"suggest":{"text":"x"}}"#, Ok(0)),
    (r#"{"suggest":{},"query":{"match_all":{}}}"#, Ok(1)),
    (r#"{"aggs":{}}"#, Ok(1)),
    (r#"{"highlight":{}}"#, Ok(1)),
    (r#"{"indices_boost":[]}"#, Ok(1)),
    (r#"{"ext":{}}"#, Ok(1)),
    (r#"{"profile":"false"}"#, Ok(1)),
    (r#"{"sort":[]}"#, Ok(1)),
    (r#"{"docvalue_fields":[]}"#, Ok(1)),
    (r#"{"stats":[]}"#, Ok(1)),
    (r#"{"collapse":null}"#, Err("Unknown key for a VALUE_NULL in [collapse].")),
    (r#"{"highlight":null}"#, Err("Unknown key for a VALUE_NULL in [highlight].")),
    (r#"{"query":null}"#, Err("Unknown key for a VALUE_NULL in [query].")),
    (r#"{"slice":null}"#, Err("Unknown key for a VALUE_NULL in [slice].")),
    (r#"{"from":null}"#, Err("Unknown key for a VALUE_NULL in [from].")),
    (r#"{"stats":"a"}"#, Err("Unknown key for a VALUE_STRING in [stats].")),
    (r#"{"script_fields":[]}"#, Err("Unknown key for a START_ARRAY in [script_fields].")),
    (r#"{"suggest":[]}"#, Err("Unknown key for a START_ARRAY in [suggest].")),
    (r#"{"knn":[]}"#, Err("Unknown key for a START_ARRAY in [knn].")),
    (r#"{"runtime_mappings":{}}"#, Err("Unknown key for a START_OBJECT in [runtime_mappings].")),
];

#[test]
fn a_value_of_a_search_that_asks_for_nothing_is_answered_as_the_real_servers_do() {
    for domain in [Domain::elasticsearch(), Domain::opensearch()] {
        domain.ok("PUT /m", r#"{"mappings":{"properties":{"k":{"type":"keyword"}}}}"#);
        domain.text("PUT /m/_doc/1?refresh=true", r#"{"k":"y"}"#);
        for (body, expected) in ASKS_NOTHING {
            let (status, answer) = domain.ask("POST /m/_search", body);
            let reason = answer["error"]["reason"].as_str().unwrap_or_default();
            match expected {
                Ok(hits) => {
                    assert_eq!(status, 200, "{body}: {answer}");
                    assert_eq!(answer["hits"]["hits"].as_array().unwrap().len(), *hits, "{body}");
                }
                Err(expected) => assert_eq!((status, reason), (400, *expected), "{body}"),
            }
        }
        let hit = &domain.ok("GET /m/_search?stored_fields=*", "")["hits"]["hits"][0];
        assert_eq!(hit.get("_source"), None);
    }
}

#[test]
fn a_value_of_an_update_that_asks_for_nothing_is_answered_as_the_real_servers_do() {
    let domain = Domain::elasticsearch();
    domain.text("PUT /m/_doc/1?refresh=true", r#"{"a":"x"}"#);
    domain.ok("POST /m/_update/1", r#"{"doc":{"a":"z"},"scripted_upsert":false}"#);
    for (body, reason) in [
        (
            r#"{"doc":{"a":"z"},"script":null}"#,
            "[1:27] [UpdateRequest] script doesn't support values of type: VALUE_NULL",
        ),
        (r#"{"doc":{"a":"z"},"lang":"painless"}"#, "[1:18] [UpdateRequest] unknown field [lang]"),
        (r#"{"doc":{"a":"z"},"params":{}}"#, "[1:18] [UpdateRequest] unknown field [params]"),
    ] {
        assert_eq!(domain.refused("POST /m/_update/1", body), (400, reason.to_owned()), "{body}");
    }
    domain.ok("POST /m/_refresh", "");
    assert_eq!(domain.ok("POST /m/_update_by_query", r#"{"script":null}"#)["updated"], 1);
    let refused = domain.refused("POST /m/_update_by_query", r#"{"slice":null}"#);
    assert_eq!(refused, (400, "Unknown key for a VALUE_NULL in [slice].".into()));
    let (_, answer) = domain.ask("GET /_analyze", r#"{"text":"a b","attributes":[]}"#);
    assert_eq!(answer["tokens"].as_array().unwrap().len(), 2);
}
