//! Mode `strict`: what a request names, wherever it names it, is what is judged. Abuse cases, group D.

use engine::rest::{Flavor, RouteError, route};
use serde_json::{Value, json};
use server::for_tests::targets::Ask;

use crate::judged::Judged;

/// `open` with one document, `secret` with one, an alias `both` over both.
fn domain() -> Judged {
    let judged = Judged::new(Flavor::Elasticsearch710);
    judged.admin("PUT /open/_doc/1?refresh=true", r#"{"t":"hello","n":1}"#);
    judged.admin("PUT /secret/_doc/1?refresh=true", r#"{"t":"hello","n":2,"hidden":"x"}"#);
    for index in ["open", "secret"] {
        judged.admin(&format!("PUT /{index}/_alias/both"), "");
    }
    judged
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

#[test]
fn d1_every_kind_of_bulk_item_is_judged_by_the_index_that_it_names() {
    let judged = domain();
    let lines = [
        r#"{"index":{"_index":"secret","_id":"9"}}"#,
        "{}",
        r#"{"create":{"_inde\u0078":"secret","_id":"9"}}"#,
        "{}",
        r#"{"update":{"_index":"secret","_id":"1"}}"#,
        r#"{"doc":{"n":3}}"#,
        r#"{"delete":{"_index":"secret","_id":"1"}}"#,
        r#"{"index":{"_index":"both","_id":"9"}}"#,
        "{}",
        r#"{"index":{"_id":"9"}}"#,
        "{}",
    ];
    let (status, text) = judged.restricted("POST /open/_bulk", &(lines.join("\n") + "\n"));
    assert_eq!(status, 200, "{text}");
    let answer = json_of(&text);
    let items = answer["items"].as_array().unwrap();
    let statuses: Vec<u64> = items
        .iter()
        .map(|item| item.as_object().unwrap().values().next().unwrap()["status"].as_u64().unwrap())
        .collect();
    // An alias of two indices that names no write index is the engine's to refuse.
    assert_eq!(statuses, [403, 403, 403, 403, 400, 201], "{text}");
    assert_eq!(judged.admin("GET /secret/_doc/1", "")["_version"], 1);
    let twice = "{\"index\":{\"_index\":\"open\",\"_index\":\"secret\"}}\n{}\n";
    assert_eq!(judged.restricted("POST /_bulk", twice).0, 400, "one parser, no double keys");
}

#[test]
fn d4_a_deny_of_an_indexs_paths_leaves_the_index_itself_open_as_at_amazon() {
    let judged = domain();
    let paths = |ask: &Ask| ask.path.starts_with("/secret/");
    let now = jiff::Timestamp::UNIX_EPOCH;
    assert!(judged.judge("GET /secret/_search", "", now, paths).is_err());
    let ready = judged.judge("DELETE /secret", "", now, paths).map_err(|answer| answer.1).unwrap();
    assert_eq!(judged.run(&ready).0, 200);
}

#[test]
fn d5_a_refusal_about_an_alias_names_no_index_behind_it_that_is_hidden() {
    let judged = domain();
    let write = r#"{"is_write_index":true}"#;
    judged.admin("PUT /secret/_alias/both", write);
    let (status, text) = judged.restricted("PUT /open/_alias/both", write);
    assert_eq!(status, 500, "{text}");
    assert!(text.contains("alias [both] has more than one write index [open]"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    let body = r#"{"aliases":{"both":{"is_write_index":true}}}"#;
    let (status, text) = judged.restricted("PUT /new", body);
    assert_eq!(status, 500, "{text}");
    assert!(text.contains("alias [both] has more than one write index [new]"), "{text}");
    // What is wrong with one alias is no fault of a change of another.
    judged.admin("PUT /open/_alias/other", write);
}

#[test]
fn d7_a_copy_asks_for_what_it_reads_and_for_what_it_writes() {
    let judged = domain();
    let copied = |from: &str, to: &str| {
        let body = format!(r#"{{"source":{{"index":"{from}"}},"dest":{{"index":"{to}"}}}}"#);
        judged.restricted("POST /_reindex?refresh=true", &body).0
    };
    assert_eq!(copied("secret", "mine"), 403);
    assert_eq!(copied("open", "secret"), 403);
    assert_eq!(copied("open,secret", "mine"), 403);
    assert_eq!(copied("both", "mine"), 403);
    assert_eq!(copied("*", "mine"), 200, "what may not be read is left out");
    assert_eq!(judged.admin("GET /mine/_count", "")["count"], 1);
    assert_eq!(judged.admin("GET /secret/_count", "")["count"], 1);
    let go = r#"{"processors": [{"set": {"field": "_index", "value": "other"}}]}"#;
    judged.admin("PUT /_ingest/pipeline/go", go);
    let sent = r#"{"source":{"index":"open"},"dest":{"index":"mine","pipeline":"go"}}"#;
    let (status, text) = judged.restricted("POST /_reindex", sent);
    assert_eq!(status, 403, "a pipeline leads no copy elsewhere: {text}");
    assert_eq!(judged.restricted("GET /other/_count", "").0, 404);
}

#[test]
fn d7_an_index_is_made_of_another_only_by_who_may_read_it() {
    let judged = domain();
    for index in ["open", "secret"] {
        judged.admin(&format!("PUT /{index}/_settings"), r#"{"index.blocks.write":true}"#);
    }
    for (line, status) in [
        ("PUT /secret/_clone/copy", 403),
        ("PUT /secret/_shrink/copy", 403),
        ("PUT /s*/_clone/copy", 400),
        ("PUT /both/_clone/copy", 403),
        ("PUT /open/_clone/secret2", 403),
        ("PUT /open/_clone/copy", 200),
    ] {
        let (told, text) = judged.restricted(line, "");
        assert_eq!(told, status, "{line}: {text}");
    }
    let reads = |ask: &Ask| ask.path == "/open/_search";
    let now = jiff::Timestamp::UNIX_EPOCH;
    assert!(judged.judge("PUT /open/_clone/copy2", "", now, reads).is_err());
    assert_eq!(judged.admin("GET /copy/_count", "")["count"], 1);
    assert_eq!(judged.restricted("POST /secret/_update_by_query", "").0, 403);
}

#[test]
fn d9_a_template_makes_no_search_that_its_caller_may_not_send() {
    let judged = domain();
    let lookup = r#"{"query": {"terms": {"n": {"index": "{{index}}", "id": "1", "path": "n"}}}}"#;
    let stored = json!({"script": {"lang": "mustache", "source": lookup}}).to_string();
    judged.admin("PUT /_scripts/lookup", &stored);
    let looking_up =
        |index: &str| format!(r#"{{"id": "lookup", "params": {{"index": "{index}"}}}}"#);
    let search = |line: &str, body: &str| {
        let (status, text) = judged.restricted(line, body);
        // A denial is a plain text here.
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        (status, answer["hits"]["total"]["value"].clone())
    };
    let all = r#"{"source": {"query": {"match_all": {}}}}"#;
    assert_eq!(search("GET /secret/_search/template", all).0, 403);
    assert_eq!(search("GET /both/_search/template", all).0, 403);
    assert_eq!(search("GET /_search/template", all), (200, json!(1)), "what is denied is left out");
    // What is looked up is known once the template is rendered, and is asked about then.
    let line = "GET /open/_search/template";
    assert_eq!(search(line, &looking_up("secret")).0, 403);
    assert_eq!(search(line, &looking_up("open")), (200, json!(1)));
    let inline = json!({"source": lookup.replace("{{index}}", "{{a}}{{b}}"), "params": {"a": "sec", "b": "ret"}});
    assert_eq!(search(line, &inline.to_string()).0, 403);
    let escaped = json!({"source": lookup.replace("{{index}}", "\\u0073ecret")});
    assert_eq!(search(line, &escaped.to_string()).0, 403);
    let unescaped =
        json!({"source": "{{{all}}}", "params": {"all": lookup.replace("{{index}}", "secret")}});
    assert_eq!(search(line, &unescaped.to_string()).0, 403);
}

#[test]
fn d9_each_search_of_templates_is_judged_by_what_its_template_makes() {
    let judged = domain();
    let lookup = r#"{"query": {"terms": {"n": {"index": "{{index}}", "id": "1", "path": "n"}}}}"#;
    let looking_up =
        |index: &str| json!({"source": lookup, "params": {"index": index}}).to_string();
    let all = r#"{"source": {"size": 0}}"#.to_owned();
    let searches = [
        (r#"{"index": "secret"}"#, all.clone()),
        (r#"{"index": "both"}"#, all.clone()),
        (r#"{"index": "open"}"#, looking_up("secret")),
        (r#"{"index": "open"}"#, looking_up("open")),
        ("{}", all),
        (r#"{"index": "secret"}"#, r#"{"source": "{{#a}}"}"#.to_owned()),
    ];
    let body: String = searches.iter().map(|(head, body)| format!("{head}\n{body}\n")).collect();
    let (status, text) = judged.restricted("POST /_msearch/template", &body);
    assert_eq!(status, 200, "{text}");
    let answer = json_of(&text);
    let told = |at: usize| answer["responses"][at]["error"]["type"].clone();
    for at in [0, 1, 2, 5] {
        assert_eq!(told(at), "security_exception", "{text}");
    }
    assert_eq!(answer["responses"][3]["hits"]["total"]["value"], 1, "{text}");
    assert_eq!(answer["responses"][4]["hits"]["total"]["value"], 1, "{text}");
}

#[test]
fn d9_a_ranking_is_evaluated_of_what_its_caller_may_search() {
    let judged = domain();
    let evaluation = |index: &str, search: &str| {
        format!(
            r#"{{"requests": [{{"id": "a", {search}, "ratings": [{{"_index": "{index}", "_id": "1", "rating": 1}}]}}],
                "metric": {{"precision": {{}}}},
                "templates": [{{"id": "t", "template": {{"source": {{"query": {{"terms": {{"n":
                    {{"index": "{{{{index}}}}", "id": "1", "path": "n"}}}}}}}}}}}}]}}"#
        )
    };
    let templated =
        |index: &str| format!(r#""template_id": "t", "params": {{"index": "{index}"}}"#);
    let all = r#""request": {"query": {"match_all": {}}}"#;
    let status = |line: &str, body: &str| judged.restricted(line, body).0;
    assert_eq!(status("GET /open/_rank_eval", &evaluation("open", all)), 200);
    assert_eq!(status("GET /secret/_rank_eval", &evaluation("open", all)), 403);
    assert_eq!(status("GET /open/_rank_eval", &evaluation("secret", all)), 403);
    assert_eq!(status("GET /open/_rank_eval", &evaluation("open", &templated("open"))), 200);
    assert_eq!(status("GET /open/_rank_eval", &evaluation("open", &templated("secret"))), 403);
    let (_, text) = judged.restricted("GET /_rank_eval", &evaluation("open", all));
    let hits = json_of(&text)["details"]["a"]["hits"].as_array().map(Vec::len);
    assert_eq!(hits, Some(1), "what is denied is left out: {text}");
}

#[test]
fn d10_a_result_that_is_kept_is_told_to_nobody_who_may_not_search_what_it_is_of() {
    let judged = domain();
    assert_eq!(judged.restricted("POST /secret/_async_search", "{}").0, 403);
    let (_, text) = judged.restricted("POST /_async_search?keep_on_completion=true", "{}");
    let kept = json_of(&text);
    assert_eq!(kept["response"]["hits"]["total"]["value"], 1, "what is denied is left out: {text}");
    // Whoever judges asks again what the opening was allowed by; without that it is not told.
    let line = format!("GET /_async_search/{}", kept["id"].as_str().unwrap());
    assert_eq!(judged.restricted(&line, "").0, 404);
}

#[test]
fn d11_an_index_that_an_asynchronous_search_names_in_its_query_is_asked_about() {
    let judged = domain();
    let line = "POST /_opendistro/_asynchronous_search?index=secret";
    assert_eq!(judged.restricted(line, "{}").0, 403);
    let (status, text) = judged.restricted("POST /_opendistro/_asynchronous_search", "{}");
    assert_eq!(status, 200, "{text}");
    assert_eq!(json_of(&text)["response"]["hits"]["total"]["value"], 1, "{text}");
}

#[test]
fn d12_answers_of_one_caller_are_never_anothers() {
    let judged = domain();
    let body = r#"{"query":{"match":{"t":"hello"}},"aggs":{"n":{"terms":{"field":"n"}}}}"#;
    for _ in 0..50 {
        let all = judged.admin("POST /_search?request_cache=true", body);
        assert_eq!(all["hits"]["total"]["value"], 2);
        let (_, text) = judged.restricted("POST /_search?request_cache=true", body);
        let own = json_of(&text);
        assert_eq!(own["hits"]["total"]["value"], 1, "{text}");
        assert_eq!(own["aggregations"]["n"]["buckets"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn d13_aggregations_count_only_what_the_caller_may_search() {
    let judged = domain();
    let body = json!({"size": 0, "aggs": {
        "terms": {"terms": {"field": "n", "min_doc_count": 0}},
        "all": {"global": {}, "aggs": {"n": {"cardinality": {"field": "n"}}}},
        "missing": {"missing": {"field": "hidden"}},
        "top": {"top_hits": {}},
        "rest": {"filters": {"other_bucket": true, "filters": {"one": {"term": {"n": 1}}}}},
    }});
    let (status, text) = judged.restricted("POST /_search", &body.to_string());
    assert_eq!(status, 200, "{text}");
    let found = json_of(&text)["aggregations"].clone();
    assert_eq!(found["terms"]["buckets"].as_array().unwrap().len(), 1);
    assert_eq!(found["all"]["doc_count"], 1);
    assert_eq!(found["all"]["n"]["value"], 1);
    assert_eq!(found["missing"]["doc_count"], 1);
    assert_eq!(found["top"]["hits"]["total"]["value"], 1);
    assert_eq!(found["rest"]["buckets"]["_other_"]["doc_count"], 0);
}

/// The names under which clusters keep their users and roles, in a domain where somebody has left such indices, behind aliases too.
const SECURITY: [&str; 4] = [
    ".opendistro_security",
    ".opensearch_security_config_versions",
    ".security-7",
    ".security-tokens-7",
];

/// A word of theirs that no answer may have.
const HASH: &str = "argon2id-of-root";

fn with_security_indices() -> Judged {
    let judged = domain();
    // No write makes one, so they are copies of another.
    let document = json!({"t": HASH, "n": 3}).to_string();
    judged.unjudged("PUT /left/_doc/1?refresh=true", &document);
    judged.unjudged("PUT /left/_settings", r#"{"index.blocks.write": true}"#);
    for name in SECURITY {
        let copy = r#"{"settings": {"index.blocks.write": null}}"#;
        judged.unjudged(&format!("PUT /left/_clone/{name}"), copy);
        judged.unjudged(&format!("PUT /{name}/_alias/both"), "");
        judged.unjudged(&format!("PUT /{name}/_alias/users"), "");
    }
    judged.unjudged("DELETE /left", "");
    judged.unjudged("PUT /.security-7/_alias/.security", "");
    judged.unjudged("PUT /.security-7/_settings", r#"{"index.hidden": true}"#);
    judged
}

/// Requests that name such an index, each in another way; `NAME` stands for its name.
const NAMED: &[(&str, &str)] = &[
    ("GET /NAME/_search", ""),
    ("GET /NAME/_doc/1", ""),
    ("HEAD /NAME", ""),
    ("GET /open,NAME/_search", ""),
    ("GET /open,NAME/_count", ""),
    ("PUT /NAME/_doc/9", "{}"),
    ("DELETE /NAME/_doc/1", ""),
    ("POST /NAME/_update/1", r#"{"doc":{"n":4}}"#),
    ("POST /NAME/_delete_by_query", r#"{"query":{"match_all":{}}}"#),
    ("DELETE /NAME", ""),
    ("GET /NAME/_mapping", ""),
    ("PUT /NAME/_mapping", r#"{"properties":{"x":{"type":"keyword"}}}"#),
    ("PUT /NAME/_settings", r#"{"index.hidden": false}"#),
    ("POST /NAME/_close", ""),
    ("PUT /NAME/_alias/mine", ""),
    ("PUT /NAME/_clone/copy", ""),
    ("POST /_aliases", r#"{"actions":[{"add":{"index":"NAME","alias":"mine"}}]}"#),
    ("POST /_aliases", r#"{"actions":[{"remove_index":{"index":"NAME"}}]}"#),
    ("POST /_reindex", r#"{"source":{"index":"NAME"},"dest":{"index":"copy"}}"#),
    ("POST /_reindex", r#"{"source":{"index":"open"},"dest":{"index":"NAME"}}"#),
    ("GET /open/_search", r#"{"query":{"terms":{"t":{"index":"NAME","id":"1","path":"t"}}}}"#),
    (
        "GET /open/_search",
        r#"{"query":{"more_like_this":{"fields":["t"],"like":[{"_index":"NAME","_id":"1"}]}}}"#,
    ),
    ("POST /NAME/_pit?keep_alive=1m", ""),
    ("GET /NAME/_search?scroll=1m", ""),
];

/// A request of somebody whom the policies allow everything, judged and run in the modes `strict` and `aws`.
fn in_both_modes(judged: &Judged, line: &str, body: &str) -> [(u16, String); 2] {
    let strict = judged.judge(line, body, jiff::Timestamp::UNIX_EPOCH, |_| false);
    let strict = strict.map_or_else(|told| told, |ready| judged.run(&ready));
    let aws = judged.judge_by_url(line, body);
    [strict, aws.map_or_else(|told| told, |ready| judged.run(&ready))]
}

/// Requests over patterns and lists that would find such an index.
const FOUND: &[&str] = &[
    "GET /_search",
    "GET /_all/_search?expand_wildcards=all",
    "GET /*/_search?expand_wildcards=all",
    "GET /.*/_search?expand_wildcards=all",
    "GET /.sec*,.open*/_search",
    "GET /_cat/indices?expand_wildcards=all",
    "GET /_cat/aliases?expand_wildcards=all",
    "GET /_alias?expand_wildcards=all",
    "GET /_mapping?expand_wildcards=all",
    "GET /*/_settings?expand_wildcards=all",
    "GET /_stats?expand_wildcards=all",
    "GET /_cluster/state",
    "GET /_resolve/index/*?expand_wildcards=all",
    "GET /_field_caps?fields=*&expand_wildcards=all",
    "POST /_refresh?expand_wildcards=all",
];

#[test]
fn d24_who_may_do_everything_reaches_no_index_of_users_and_roles_by_its_name() {
    for name in SECURITY {
        let judged = with_security_indices();
        for (line, body) in NAMED {
            let (line, body) = (line.replace("NAME", name), body.replace("NAME", name));
            for (status, text) in in_both_modes(&judged, &line, &body) {
                assert_eq!(status, 403, "{line} {body}: {text}");
                assert!(!text.contains(HASH), "{line} {body}: {text}");
            }
        }
        let left = judged.unjudged(&format!("GET /{name}/_doc/1"), "");
        assert_eq!((&left["_version"], &left["_source"]["n"]), (&json!(1), &json!(3)));
    }
}

#[test]
fn d24_no_alias_and_no_item_leads_to_an_index_of_users_and_roles() {
    let judged = with_security_indices();
    for line in ["GET /users/_search", "GET /both/_search", "GET /.security/_search"] {
        for (status, text) in in_both_modes(&judged, line, "") {
            assert_eq!(status, 403, "{line}: {text}");
        }
    }
    let items = r#"{"docs":[{"_index":".security-7","_id":"1"},{"_index":"open","_id":"1"}]}"#;
    for (status, text) in in_both_modes(&judged, "POST /_mget", items) {
        let docs = json_of(&text)["docs"].clone();
        let told = (status, &docs[0]["status"], &docs[1]["found"]);
        assert_eq!(told, (200, &json!(403), &json!(true)), "{text}");
    }
    let lines = [
        r#"{"index":{"_index":".opendistro_security","_id":"9"}}"#,
        "{}",
        r#"{"index":{"_index":"open"}}"#,
        "{}\n",
    ]
    .join("\n");
    for (status, text) in in_both_modes(&judged, "POST /_bulk", &lines) {
        let items = json_of(&text)["items"].clone();
        assert_eq!((status, &items[0]["index"]["status"]), (200, &json!(403)), "{text}");
        assert_eq!(items[1]["index"]["status"], 201, "{text}");
    }
    let searches = [r#"{"index":".security-7"}"#, "{}", r#"{"index":"open"}"#, "{}\n"].join("\n");
    for (status, text) in in_both_modes(&judged, "POST /_msearch", &searches) {
        let answers = json_of(&text)["responses"].clone();
        assert_eq!((status, &answers[0]["status"]), (200, &json!(403)), "{text}");
        assert_eq!(answers[1]["status"], 200, "{text}");
    }
}

#[test]
fn d24_no_pattern_and_no_listing_finds_an_index_of_users_and_roles() {
    let judged = with_security_indices();
    for line in FOUND {
        for (status, text) in in_both_modes(&judged, line, "") {
            assert!(status == 200 || status == 404, "{line}: {status} {text}");
            assert!(!text.contains(HASH), "{line}: {text}");
            for name in SECURITY {
                assert!(!text.contains(name), "{line}: {text}");
            }
        }
    }
}

#[test]
fn d24_no_request_makes_an_index_of_users_and_roles() {
    let judged = domain();
    let pipeline = r#"{"processors": [{"set": {"field": "_index", "value": ".security-7"}}]}"#;
    judged.admin("PUT /_ingest/pipeline/go", pipeline);
    for (line, body) in [
        ("PUT /.opendistro_security", ""),
        ("PUT /.security-7/_doc/1", "{}"),
        ("POST /.security-tokens-7/_doc", "{}"),
        ("PUT /open/_doc/2?pipeline=go", "{}"),
        ("PUT /%3C.security-%7Bnow%2Fd%7D%3E/_doc/1", "{}"),
    ] {
        for (status, text) in in_both_modes(&judged, line, body) {
            assert_eq!(status, 403, "{line}: {text}");
        }
    }
    assert!(!has_security_index(&judged));
}

/// Whether the engine has such an index, whoever may see it.
fn has_security_index(judged: &Judged) -> bool {
    let all = judged.unjudged("GET /_cat/indices?format=json&expand_wildcards=all", "");
    all.to_string().contains("security")
}

#[test]
fn d24_no_script_and_no_pipeline_of_a_copy_makes_an_index_of_users_and_roles() {
    let judged = domain();
    let pipeline = r#"{"processors": [{"set": {"field": "_index", "value": ".security-7"}}]}"#;
    judged.admin("PUT /_ingest/pipeline/go", pipeline);
    for (line, body) in [
        (
            "POST /_reindex",
            r#"{"source":{"index":"open"},"dest":{"index":"x"},"script":{"source":"ctx._index='.security-7'"}}"#,
        ),
        (
            "POST /_reindex",
            r#"{"source":{"index":"open"},"dest":{"index":"x"},"script":{"source":"ctx._index='.security-7';ctx.op='delete'"}}"#,
        ),
        ("POST /_reindex", r#"{"source":{"index":"open"},"dest":{"index":"x","pipeline":"go"}}"#),
        ("POST /open/_update_by_query?pipeline=go", ""),
    ] {
        for (status, text) in in_both_modes(&judged, line, body) {
            assert_eq!(status, 403, "{line} {body}: {text}");
            assert!(text.contains("security_exception"), "{line} {body}: {text}");
        }
    }
    assert!(!has_security_index(&judged));
}

#[test]
fn d24_what_was_judged_for_everything_writes_no_index_of_users_and_roles() {
    let judged = with_security_indices();
    judged.unjudged("PUT /.security-7/_alias/one", "");
    for (line, body) in [
        ("PUT /.security-7/_doc/9", "{}"),
        ("PUT /.security-8/_doc/9", "{}"),
        ("PUT /one/_doc/9", "{}"),
        ("DELETE /one/_doc/1", ""),
    ] {
        // As if a name had come to lead there after the request was judged.
        let (status, text) = judged.run(&judged.for_everything(line, body));
        assert_eq!(status, 403, "{line}: {text}");
    }
    let left = judged.unjudged("GET /.security-7/_count", "");
    assert_eq!(left["count"], 1);
}

#[test]
fn d26_a_script_of_a_pipeline_leads_no_write_to_an_index_that_is_denied() {
    let judged = domain();
    let sends = json!({"script": {"lang": "painless", "source": "ctx._index = 'sec' + 'ret'"}});
    judged.admin("PUT /_scripts/sends", &sends.to_string());
    let inline = r#"{"processors": [{"script": {"source": "ctx._index = ctx.to", "if": "ctx.to != null"}}]}"#;
    judged.admin("PUT /_ingest/pipeline/inline", inline);
    let stored = r#"{"processors": [{"script": {"id": "sends"}}]}"#;
    judged.admin("PUT /_ingest/pipeline/stored", stored);
    let write = |line: &str, body: &str| judged.restricted(line, body).0;
    assert_eq!(write("PUT /open/_doc/2?pipeline=inline", r#"{"to": "secret"}"#), 403);
    assert_eq!(write("PUT /open/_doc/2?pipeline=inline", r#"{"to": "open"}"#), 201);
    assert_eq!(write("PUT /open/_doc/3?pipeline=inline", "{}"), 201);
    assert_eq!(write("PUT /open/_doc/4?pipeline=stored", "{}"), 403);
    assert_eq!(judged.admin("GET /secret/_count", "")["count"], 1);
}

#[test]
fn d26_a_pipeline_leads_no_write_to_an_index_that_is_denied() {
    let judged = domain();
    let go = r#"{"processors": [{"set": {"field": "_index", "value": "{{to}}"}}]}"#;
    judged.admin("PUT /_ingest/pipeline/p", go);
    let hidden = r#"{"processors": [{"json": {"field": "a", "add_to_root": true}}]}"#;
    judged.admin("PUT /_ingest/pipeline/hidden", hidden);
    let (to_secret, to_open) = (r#"{"to":"secret"}"#, r#"{"to":"open"}"#);
    assert_eq!(judged.restricted("PUT /open/_doc/2?pipeline=p", to_secret).0, 403);
    let inside = r#"{"a":"{\"_index\":\"secret\"}"}"#;
    assert_eq!(judged.restricted("PUT /open/_doc/2?pipeline=hidden", inside).0, 403);
    assert_eq!(judged.restricted("PUT /open/_doc/5?pipeline=p", to_open).0, 201);
    let items = concat!(
        "{\"index\":{\"_index\":\"open\",\"_id\":\"2\",\"pipeline\":\"p\"}}\n{\"to\":\"secret\"}\n",
        "{\"index\":{\"_index\":\"open\",\"_id\":\"3\"}}\n{}\n",
    );
    let (status, text) = judged.restricted("POST /_bulk", items);
    let answer = json_of(&text);
    assert_eq!(status, 200, "one bad item of many: {text}");
    assert_eq!(answer["items"][0]["index"]["status"], 403, "{text}");
    assert_eq!(answer["items"][1]["index"]["status"], 201, "{text}");
    assert_eq!(judged.admin("GET /secret/_count", "")["count"], 1);
    assert_eq!(judged.restricted("GET /open/_doc/2", "").0, 404);
}

#[test]
fn d27_no_parameter_leads_elsewhere_than_the_path() {
    let judged = domain();
    for line in ["GET /open/_search?index=secret", "GET /open/_doc/1?index=secret"] {
        let (status, text) = judged.restricted(line, "");
        assert!(
            status == 400 && text.contains("unrecognized parameter: [index]"),
            "{line}: {text}"
        );
    }
    for line in [
        "GET /open/_search?preference=_only_nodes:secret",
        "GET /open/_search?routing=secret",
        "GET /open/_search?error_trace=true",
    ] {
        let (_, text) = judged.restricted(line, "");
        assert_eq!(json_of(&text)["hits"]["total"]["value"], 1, "{line}: {text}");
    }
    let (status, text) =
        judged.restricted("GET /missing/_search?error_trace=true&filter_path=took", "");
    assert!(status == 404 && text.contains("no such index [missing]"), "never filtered: {text}");
    assert!(!text.contains("stack_trace"), "{text}");
}

#[test]
fn d32_a_script_reaches_nothing_but_the_document_it_runs_on() {
    let judged = domain();
    let (status, text) =
        judged.restricted("POST /open/_update/1", r#"{"script":"ctx._source.n = 9"}"#);
    assert_eq!(status, 200, "{text}");
    let moved = r#"{"script":"ctx._index = 'secret'; ctx._id = '1'; ctx._source.n = 10"}"#;
    let copied = r#"{"source":{"index":"open"},"dest":{"index":"copy"},"script":"ctx._index = 'secret'; ctx._id = '1'"}"#;
    judged.restricted("POST /open/_update/1", moved);
    let (status, text) = judged.restricted("POST /open/_update_by_query", moved);
    assert!(status == 400 && text.contains("Modifying [_index] not allowed"), "{text}");
    let (status, text) = judged.restricted("POST /_reindex", copied);
    assert!(status != 200, "{text}");
    for source in [
        "System.exit(0)",
        "Runtime.getRuntime().exec('id')",
        "new File('/etc/passwd')",
        "Class.forName('java.lang.Runtime')",
        "ctx.getClass().getClassLoader()",
        "new URL('http://127.0.0.1/')",
        "Thread.sleep(1000)",
    ] {
        let (status, text) = judged
            .restricted("POST /open/_update/1", &json!({"script": {"source": source}}).to_string());
        assert_eq!(status, 400, "{source}: {text}");
    }
    assert_eq!(judged.admin("GET /secret/_doc/1", "")["_version"], 1);
    assert_eq!(judged.admin("GET /secret/_count", "")["count"], 1);
}

#[test]
fn d34_an_id_stays_an_id() {
    let judged = domain();
    let (status, text) = judged.restricted("PUT /open/_doc/..%2Fsecret%2F_doc%2F1", "{}");
    assert_eq!((status, &json_of(&text)["_id"]), (201, &json!("../secret/_doc/1")), "{text}");
    assert_eq!(json_of(&text)["_index"], "open");
    assert_eq!(judged.admin("GET /secret/_doc/1", "")["_version"], 1);
    for path in
        ["/open/../secret/_search", "/open/%2e%2e/secret/_search", "/open%2F..%2Fsecret/_search"]
    {
        let led = route("GET", path, "", Flavor::Elasticsearch710);
        assert!(matches!(led, Err(RouteError::BadPath(_))), "{path}: {led:?}");
    }
}

#[test]
fn a_data_stream_with_an_index_behind_it_that_is_hidden_is_not_deleted() {
    let judged = Judged::new(Flavor::OpenSearch219);
    let template = r#"{"index_patterns":["ds"],"data_stream":{}}"#;
    judged.admin("PUT /_index_template/t", template);
    judged.admin("PUT /_data_stream/ds", "");
    judged.admin("POST /ds/_rollover", "");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let hidden = |ask: &Ask| ask.path.starts_with("/.ds-ds-000001");
    assert_eq!(judged.judge("DELETE /_data_stream/ds", "", now, hidden).err().unwrap().0, 403);
    let ready = judged.judge("DELETE /_data_stream/*", "", now, hidden).ok().unwrap();
    assert_eq!(judged.run(&ready).0, 403);
    let ready = judged.judge("GET /_data_stream", "", now, hidden).ok().unwrap();
    let (status, text) = judged.run(&ready);
    assert!(status == 200 && text.contains("ds-000002") && !text.contains("ds-000001"), "{text}");
    let state = judged.judge("GET /_cluster/state/metadata", "", now, hidden).ok().unwrap();
    assert!(!judged.run(&state).1.contains("ds-000001"));
    let left = judged.admin("GET /_data_stream/ds", "");
    assert_eq!(left["data_streams"][0]["indices"].as_array().unwrap().len(), 2);
}

#[test]
fn a_data_stream_is_asked_about_with_its_first_index_before_it_is_there() {
    let judged = Judged::new(Flavor::OpenSearch219);
    judged.admin("PUT /_index_template/t", r#"{"index_patterns":["ds"],"data_stream":{}}"#);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let behind = |ask: &Ask| ask.path.starts_with("/.ds-");
    let document = r#"{"@timestamp":0}"#;
    for (line, body) in [("POST /ds/_doc", document), ("PUT /_data_stream/ds", "")] {
        assert_eq!(judged.judge(line, body, now, behind).err().unwrap().0, 403, "{line}");
    }
    judged.admin("POST /ds/_doc", document);
    assert_eq!(judged.judge("POST /ds/_doc", document, now, behind).err().unwrap().0, 403);
}

/// A domain of OpenSearch with repositories, and the folder of these.
fn with_snapshots(what: &str) -> (Judged, std::path::PathBuf) {
    let name = format!("countersign-strict-{}-{what}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let mut judged = Judged::new(Flavor::OpenSearch219);
    judged.engine = judged.engine.with_repositories(folder.clone()).unwrap();
    judged.admin("PUT /_snapshot/r", r#"{"type":"fs","settings":{"location":"r"}}"#);
    judged.admin("PUT /open/_doc/1?refresh=true", r#"{"t":"hello"}"#);
    judged.admin("PUT /secret/_doc/1?refresh=true", r#"{"t":"hello"}"#);
    judged.admin("PUT /secret/_alias/shown", "");
    judged.admin("PUT /_snapshot/r/all", "{}");
    (judged, folder)
}

#[test]
fn d7_a_restore_is_no_way_to_an_index_that_is_denied() {
    let (judged, folder) = with_snapshots("restore");
    let restore = |body: &str| judged.restricted("POST /_snapshot/r/all/_restore", body).0;
    let renamed = r#""rename_pattern":"(.+)","rename_replacement":"mine-$1""#;
    assert_eq!(restore(&format!(r#"{{"indices":"secret",{renamed}}}"#)), 403);
    // Not told from one that is not there.
    assert_eq!(restore(&format!(r#"{{"indices":"secret9",{renamed}}}"#)), 403);
    assert_eq!(
        restore(r#"{"indices":"open","rename_pattern":"open","rename_replacement":"secret2"}"#),
        403
    );
    assert_eq!(restore(&format!(r#"{{{renamed}}}"#)), 200, "a pattern leaves it out");
    assert_eq!(judged.admin("GET /mine-open/_count", "")["count"], 1);
    let there = judged.judge("GET /mine-secret", "", jiff::Timestamp::UNIX_EPOCH, |_| false);
    assert_eq!(judged.run(&there.ok().unwrap()).0, 404);
    // What comes with the cluster's state gives to every index.
    let templates = |ask: &Ask| ask.path == "/*";
    let body = r#"{"indices":"-none","include_global_state":true}"#;
    let now = jiff::Timestamp::UNIX_EPOCH;
    assert!(judged.judge("POST /_snapshot/r/all/_restore", body, now, templates).is_err());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn d7_a_restored_data_stream_is_asked_for_by_its_new_name() {
    let (judged, folder) = with_snapshots("stream");
    let template = r#"{"index_patterns":["ds"],"data_stream":{}}"#;
    judged.admin("PUT /_index_template/ds", template);
    judged.admin("POST /ds/_doc?refresh=true", r#"{"@timestamp":"2026-11-30T12:00:00Z"}"#);
    judged.admin("PUT /_snapshot/r/streams", r#"{"indices":"ds"}"#);
    let restore = |denied: &'static str| {
        let body = r#"{"indices":"ds","rename_pattern":"ds","rename_replacement":"copy"}"#;
        let now = jiff::Timestamp::UNIX_EPOCH;
        let ready =
            judged.judge("POST /_snapshot/r/streams/_restore", body, now, |ask| ask.path == denied);
        ready.map_or_else(|refused| refused.0, |ready| judged.run(&ready).0)
    };
    for denied in ["/copy", "/.ds-copy-000001", "/.ds-ds-000001/_search"] {
        assert_eq!(restore(denied), 403, "{denied}");
    }
    assert_eq!(restore("/else"), 200);
    let restored = judged.admin("GET /_data_stream/copy", "");
    assert_eq!(restored["data_streams"][0]["generation"], 1);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn d7_a_closed_index_gives_way_only_to_who_may_delete_it() {
    let (judged, folder) = with_snapshots("closed");
    judged.admin("POST /open/_close", "");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let deletes = |ask: &Ask| ask.action == "es:ESHttpDelete";
    let line = "POST /_snapshot/r/all/_restore";
    let body = r#"{"indices":"open"}"#;
    assert_eq!(judged.judge(line, body, now, deletes).err().unwrap().0, 403);
    let ready = judged.judge(line, body, now, |_| false).ok().unwrap();
    assert_eq!(judged.run(&ready).0, 200);
    assert_eq!(judged.admin("GET /open/_count", "")["count"], 1);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn d7_a_snapshot_that_is_being_made_is_told_with_the_indices_that_may_be_read_and_no_others() {
    let (judged, folder) = with_snapshots("making");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let ready = judged.judge("PUT /_snapshot/r/making", "{}", now, |_| false).unwrap();
    let making = judged.begin(&ready);
    for line in [
        "GET /_snapshot/r/making",
        "GET /_snapshot/r/_current?verbose=false",
        "GET /_snapshot/r/making/_status",
        "GET /_snapshot/r/_status",
        "GET /_snapshot/_status",
    ] {
        let (status, text) = judged.restricted(line, "");
        assert!(status == 200 && !text.contains("secret"), "{line}: {text}");
        let told = &json_of(&text)["snapshots"][0];
        assert_eq!(told["snapshot"], "making", "{line}: {text}");
        let indices = &told["indices"];
        assert!(*indices == json!(["open"]) || indices["open"].is_object(), "{line}: {text}");
    }
    let (_, table) = judged.restricted("GET /_cat/snapshots/r?h=id,status,indices", "");
    let making_row = table.lines().find(|row| row.starts_with("making")).unwrap();
    let cells: Vec<&str> = making_row.split_whitespace().collect();
    assert_eq!(cells, ["making", "IN_PROGRESS", "1"], "{table}");
    drop(making);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn d7_a_snapshot_of_an_index_that_is_denied_is_neither_made_nor_told() {
    let (judged, folder) = with_snapshots("made");
    let create = |name: &str, body: &str| {
        judged.restricted(&format!("PUT /_snapshot/r/{name}?wait_for_completion=true"), body)
    };
    assert_eq!(create("a", r#"{"indices":"secret"}"#).0, 403);
    let (status, text) = create("b", "{}");
    assert_eq!(status, 200, "{text}");
    assert_eq!(json_of(&text)["snapshot"]["indices"], json!(["open"]));
    for line in [
        "GET /_snapshot/r/all",
        "GET /_snapshot/r/_all?verbose=false",
        "GET /_snapshot/r/all/_status",
    ] {
        let (status, text) = judged.restricted(line, "");
        assert!(status == 200 && !text.contains("secret"), "{line}: {text}");
    }
    let (_, text) = judged.restricted("GET /_snapshot/r/all", "");
    assert_eq!(json_of(&text)["snapshots"][0]["shards"]["total"], 1);
    let (_, table) = judged.restricted("GET /_cat/snapshots/r?h=id,indices,total_shards", "");
    let first: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(first, ["all", "1", "1"], "{table}");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let templates = |ask: &Ask| ask.path.starts_with("/_index_template");
    assert!(judged.judge("PUT /_snapshot/r/c", "{}", now, templates).is_err());
    let body = r#"{"include_global_state":false}"#;
    assert!(judged.judge("PUT /_snapshot/r/c", body, now, templates).is_ok());
    std::fs::remove_dir_all(folder).unwrap();
}
