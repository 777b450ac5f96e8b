use super::*;
use engine::cluster::Metadata;
use engine::cluster::metadata::{Alias, IndexMetadata};
use engine::rest::{Api, Flavor, parse, route};
use engine::{Grants, Work};
use expect_test::{Expect, expect};
use jiff::Timestamp;
use proptest::prelude::*;

/// Indices `open`, `other`, `secret`; alias `both` → open, secret; alias `one` → open.
fn metadata() -> Metadata {
    let index = |name: &str, aliases: &[&str]| {
        let mut index = IndexMetadata::new(name, &format!("u-{name}"));
        for alias in aliases {
            index.aliases.insert((*alias).to_owned(), Alias::default());
        }
        index
    };
    [index("open", &["both", "one"]), index("other", &[]), index("secret", &["both"])]
        .into_iter()
        .collect()
}

fn parsed(line: &str, body: &str) -> Parsed {
    parsed_as(Flavor::Elasticsearch710, line, body)
}

fn parsed_as(flavor: Flavor, line: &str, body: &str) -> Parsed {
    let (method, url) = line.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let route = route(method, path, query, flavor).unwrap();
    parse(
        route,
        Some("application/json"),
        bytes::Bytes::copy_from_slice(body.as_bytes()),
        &Work::unbounded(),
    )
    .unwrap()
}

fn gathered(parsed: &Parsed, work: &Work) -> Result<RequestQuestions, Exception> {
    let (metadata, now) = (&metadata(), Timestamp::UNIX_EPOCH);
    asks(parsed, &IndexCatalog { metadata, now, being_snapshotted: &[] }, work)
}

fn all(line: &str, body: &str) -> RequestQuestions {
    gathered(&parsed(line, body), &Work::unbounded()).unwrap()
}

/// The questions, one a line, without the `es:ESHttp` in front.
fn check(line: &str, body: &str, expected: Expect) {
    let asked: Vec<String> = all(line, body)
        .iter()
        .map(|ask| format!("{} {}", ask.action.trim_start_matches("es:ESHttp"), ask.path))
        .collect();
    expected.assert_eq(&asked.join("\n"));
}

/// The view, or the denied path, when everything that holds `secret` is denied.
fn without_secret(line: &str, body: &str) -> Result<Grants, String> {
    all(line, body)
        .settle("p", |ask| if ask.path.contains("secret") { Err("no".into()) } else { Ok(()) })
        .map_err(|denied| denied.ask.path)
}

fn seen(view: &Grants) -> String {
    view.indices.iter().map(|uuid| uuid.trim_start_matches("u-")).collect::<Vec<_>>().join(" ")
}

#[test]
fn bulk_asks_for_every_item_as_if_its_url_had_named_the_index() {
    let body = concat!(
        "{\"index\":{\"_index\":\"secret\"}}\n{}\n",
        "{\"delete\":{\"_id\":\"1\"}}\n",
        "{\"create\":{\"_index\":\"new\"}}\n{}\n",
        "{\"update\":{\"_index\":\"one\",\"_id\":\"1\"}}\n{}\n",
    );
    check(
        "POST /other/_bulk",
        body,
        expect![[r#"
        Post /other/_bulk
        Post /secret/_bulk
        Post /new/_bulk
        Post /one/_bulk
        Post /open/_bulk"#]],
    );
    let view = without_secret("POST /other/_bulk", body).unwrap();
    assert_eq!((seen(&view).as_str(), view.names.len()), ("open other", 1));
    assert_eq!(view.denied_items.keys().collect::<Vec<_>>(), [&0]);
}

/// An engine of its own, for what the metadata above cannot hold.
struct Full(engine::Engine, Flavor);

impl Full {
    fn of(flavor: Flavor, requests: &[(&str, &str)]) -> Full {
        let settings = engine::EngineSettings {
            directory: None,
            flavor,
            cluster_name: "c".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let full = Full(engine::Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap(), flavor);
        for (line, body) in requests {
            let (view, work) = (engine::View::everything("p"), Work::unbounded());
            let request = parsed_as(flavor, line, body);
            let metadata = full.0.metadata();
            let answer = full.0.execute(&request, &metadata, &view, Timestamp::UNIX_EPOCH, &work);
            assert!(answer.status < 300, "{line}");
        }
        full
    }

    /// The questions, and what comes of them when everything that holds `secret` is denied.
    fn asked(&self, line: &str, body: &str) -> (String, Result<Grants, String>) {
        let metadata = &self.0.metadata();
        let catalog = IndexCatalog { metadata, now: Timestamp::UNIX_EPOCH, being_snapshotted: &[] };
        let asks = asks(&parsed_as(self.1, line, body), &catalog, &Work::unbounded()).unwrap();
        let paths: Vec<String> = asks.iter().map(|ask| ask.path.clone()).collect();
        let denied = |ask: &Ask| {
            if ask.path.contains("secret") { Err("no".into()) } else { Ok(()) }
        };
        (paths.join(" "), asks.settle("p", denied).map_err(|denied| denied.ask.path))
    }
}

#[test]
fn a_write_that_its_pipeline_sends_elsewhere_asks_there_too() {
    let definition = r#"{"processors": [{"set": {"field": "_index", "value": "{{to}}"}}]}"#;
    let full = Full::of(Flavor::Elasticsearch710, &[("PUT /_ingest/pipeline/go", definition)]);
    let asked = |line: &str, body: &str| full.asked(line, body);
    let (paths, verdict) = asked("PUT /open/_doc/1?pipeline=go", r#"{"to": "secret"}"#);
    assert_eq!(paths, "/open/_doc/1 /secret/_doc/1");
    assert_eq!(verdict.unwrap_err(), "/secret/_doc/1");
    let body = concat!(
        "{\"index\":{\"pipeline\":\"go\"}}\n{\"to\":\"secret\"}\n",
        "{\"index\":{\"pipeline\":\"go\"}}\n{\"to\":\"new\"}\n",
        "{\"index\":{}}\n{\"to\":\"secret\"}\n",
    );
    let (paths, verdict) = asked("POST /open/_bulk", body);
    assert_eq!(paths, "/open/_bulk /secret/_bulk /new/_bulk");
    let grants = verdict.unwrap();
    assert_eq!(grants.denied_items.keys().collect::<Vec<_>>(), [&0]);
    assert!(grants.names.contains("new"));
}

#[test]
fn a_pipeline_is_judged_on_what_it_will_run_with() {
    let definition = r#"{"processors": [{"set": {"field": "_index", "value": "{{_routing}}"}}]}"#;
    let index = r#"{"settings": {"default_pipeline": "go"}}"#;
    let full = Full::of(
        Flavor::Elasticsearch710,
        &[("PUT /_ingest/pipeline/go", definition), ("PUT /open", index)],
    );
    // The routing of the URL counts for each item that has none; an empty pipeline is none, so that the index's runs.
    let body = "{\"index\":{\"pipeline\":\"\"}}\n{}\n{\"index\":{\"routing\":\"new\"}}\n{}\n";
    let (paths, verdict) = full.asked("POST /open/_bulk?routing=secret", body);
    assert_eq!(paths, "/open/_bulk /secret/_bulk /new/_bulk");
    assert_eq!(verdict.unwrap().denied_items.keys().collect::<Vec<_>>(), [&0]);
    let (paths, _) = full.asked("PUT /open/_doc/1?routing=secret&pipeline=", "{}");
    assert_eq!(paths, "/open/_doc/1 /secret/_doc/1");
}

#[test]
fn resizing_asks_for_the_source_as_one_who_reads_it_and_for_the_target() {
    check(
        "PUT /one/_clone/new",
        r#"{"aliases":{"a":{}}}"#,
        expect![[r#"
            Put /one/_clone/new
            Put /open/_clone/new
            Get /open/_search
            Put /new
            Put /new/_alias/a
            Put /a/_alias/a"#]],
    );
    let denied = without_secret("PUT /secret/_shrink/new", "").unwrap_err();
    assert_eq!(denied, "/secret/_shrink/new");
    assert_eq!(without_secret("PUT /both/_split/new", "").unwrap_err(), "/secret/_split/new");
    let view = without_secret("PUT /open/_split/new", "").unwrap();
    assert!(view.may_create("new") && view.sees("u-open") && !view.sees("u-secret"));
    // Who may resize is not thereby one who may read the copy's documents.
    let denied = all("PUT /open/_clone/new", "")
        .settle("p", |ask| if ask.path == "/open/_search" { Err("no".into()) } else { Ok(()) });
    assert!(denied.is_err());
}

#[test]
fn rolling_over_asks_for_what_is_behind_the_alias_and_for_the_new_index() {
    let series = r#"{"aliases":{"al":{}}}"#;
    let full = Full::of(
        Flavor::OpenSearch219,
        &[("PUT /log-1", series), ("PUT /secret-1", r#"{"aliases":{"sl":{}}}"#)],
    );
    let (paths, verdict) = full.asked("POST /al/_rollover", r#"{"aliases":{"x":{}}}"#);
    let wanted = "/al/_rollover /log-1/_rollover /log-1/_alias/al /log-000002 \
                  /log-000002/_alias/x /x/_alias/x /log-000002/_alias/al /al/_alias/al";
    assert_eq!(paths, wanted);
    assert!(verdict.unwrap().may_create("log-000002"));
    for (line, body) in [
        ("POST /sl/_rollover", ""),
        ("POST /al/_rollover/secret-new", ""),
        ("POST /al/_rollover", r#"{"aliases":{"secret":{}}}"#),
    ] {
        assert!(full.asked(line, body).1.is_err(), "{line}");
    }
}

#[test]
fn d6_a_data_stream_asks_for_itself_and_for_the_indices_behind_it() {
    let template = r#"{"index_patterns":["ds*","secret*"],"data_stream":{}}"#;
    let full = Full::of(
        Flavor::OpenSearch219,
        &[
            ("PUT /_index_template/t", template),
            ("PUT /_data_stream/ds", ""),
            ("PUT /_data_stream/secret", ""),
        ],
    );
    let document = r#"{"@timestamp":0}"#;
    let paths = |line: &str, body: &str| full.asked(line, body).0;
    assert_eq!(paths("POST /ds/_doc", document), "/ds/_doc /.ds-ds-000001/_doc");
    // One that is not there yet is asked about as it will be.
    assert_eq!(paths("POST /ds2/_doc", document), "/ds2/_doc /.ds-ds2-000001/_doc");
    assert_eq!(paths("PUT /_data_stream/ds2", ""), "/_data_stream/ds2 /ds2 /.ds-ds2-000001");
    let lines = "{\"create\":{\"_index\":\"ds2\"}}\n{\"@timestamp\":0}\n";
    assert_eq!(paths("POST /_bulk", lines), "/_bulk /ds2/_bulk /.ds-ds2-000001/_bulk");
    assert_eq!(paths("DELETE /_data_stream/ds", ""), "/_data_stream/ds /ds /.ds-ds-000001");
    let rolled = paths("POST /ds/_rollover", "");
    assert!(rolled.contains("/.ds-ds-000001/_rollover") && rolled.contains("/.ds-ds-000002"));
    for line in ["POST /secret/_doc", "DELETE /_data_stream/secret", "POST /secret/_rollover"] {
        let body = if line.ends_with("_doc") { document } else { "" };
        assert!(full.asked(line, body).1.is_err(), "{line}");
    }
    let (_, grants) = full.asked("DELETE /_data_stream/*", "");
    let metadata = full.0.metadata();
    let hidden = metadata.index(".ds-secret-000001").unwrap();
    assert!(!grants.unwrap().sees(&hidden.uuid));
}

#[test]
fn d2_mget_and_msearch_ask_item_by_item() {
    let body = r#"{"docs":[{"_index":"secret","_id":"1"},{"_index":"open","_id":"1"},{"_index":"nope","_id":"1"}]}"#;
    check(
        "POST /_mget",
        body,
        expect![[r#"
        Post /_mget
        Post /secret/_mget
        Post /open/_mget
        Post /nope/_mget"#]],
    );
    assert_eq!(
        without_secret("POST /_mget", body).unwrap().denied_items.keys().collect::<Vec<_>>(),
        [&0]
    );
    let body = "{\"index\":\"secret\"}\n{}\n{\"index\":\"*\"}\n{}\n{\"index\":[\"open\",\"secret\"]}\n{}\n";
    check(
        "GET /_msearch",
        body,
        expect![[r#"
        Get /_msearch
        Get /secret/_msearch
        Get /open/_msearch
        Get /other/_msearch"#]],
    );
    let view = without_secret("GET /_msearch", body).unwrap();
    assert_eq!(view.denied_items.keys().collect::<Vec<_>>(), [&0, &2]);
    assert_eq!(seen(&view), "open other");
    // What a point in time is of was asked about when it was opened.
    check(
        "GET /_msearch",
        "{}\n{\"pit\":{\"id\":\"x\"}}\n{\"index\":\"open\"}\n{}\n",
        expect![[r#"
        Get /_msearch
        Get /open/_msearch"#]],
    );
}

#[test]
fn d3_a_denied_index_is_left_out_under_patterns_and_refused_when_named() {
    for line in [
        "GET /_search",
        "GET /_all/_search",
        "GET /*/_search",
        "GET /_cat/indices",
        "GET /*,-x/_search",
    ] {
        assert_eq!(seen(&without_secret(line, "").unwrap()), "open other", "{line}");
    }
    assert_eq!(without_secret("GET /open,secret/_search", "").unwrap_err(), "/open,secret/_search");
    assert_eq!(without_secret("GET /both/_search", "").unwrap_err(), "/secret/_search");
    assert_eq!(
        seen(&without_secret("GET /both/_search?ignore_unavailable=true", "").unwrap()),
        "open"
    );
    assert_eq!(seen(&without_secret("GET /bo*/_search", "").unwrap()), "open");
}

#[test]
fn aliases_ask_for_themselves_and_for_what_is_behind_them() {
    check(
        "GET /both/_search",
        "",
        expect![[r#"
        Get /both/_search
        Get /open/_search
        Get /secret/_search"#]],
    );
    check(
        "PUT /one/_doc/1",
        "{}",
        expect![[r#"
        Put /one/_doc/1
        Put /open/_doc/1"#]],
    );
    check(
        "GET /one/_doc/..%2Fsecret%2F_doc%2F1",
        "",
        expect![[r#"
        Get /one/_doc/../secret/_doc/1
        Get /open/_doc/../secret/_doc/1"#]],
    );
}

#[test]
fn a_script_that_is_tried_asks_for_the_mapping_that_it_is_tried_with() {
    let on = |index: &str| {
        format!(
            r#"{{"context":"filter","script":{{"source":"true"}},"context_setup":{{"index":"{index}","document":{{"index":"secret","id":"7"}}}}}}"#
        )
    };
    check(
        "POST /_scripts/painless/_execute",
        &on("one"),
        expect![[r#"
        Post /_scripts/painless/_execute
        Get /one/_mapping
        Get /open/_mapping"#]],
    );
    check(
        "POST /_scripts/painless/_execute",
        &on("none"),
        expect![[r#"
        Post /_scripts/painless/_execute
        Get /none/_mapping"#]],
    );
    check(
        "POST /_scripts/painless/_execute",
        r#"{"script":{"source":"1"}}"#,
        expect!["Post /_scripts/painless/_execute"],
    );
    let line = "POST /_scripts/painless/_execute";
    assert_eq!(without_secret(line, &on("secret")).unwrap_err(), "/secret/_mapping");
}

#[test]
fn date_math_is_asked_about_by_the_name_it_stands_for() {
    check("GET /%3Cx-%7Bnow%2Fd%7D%3E/_doc/1", "", expect!["Get /<x-{now/d}>/_doc/1"]);
    check(
        "PUT /%3Cx-%7Bnow%2Fd%7D%3E/_doc/1",
        "{}",
        expect![[r#"
        Put /<x-{now/d}>/_doc/1
        Put /x-1970.01.01/_doc/1"#]],
    );
}

#[test]
fn d8_lookups_are_asked_about_and_grant_no_search() {
    let body = r#"{"query":{"bool":{"filter":{"terms":{"f":{"index":"secret","id":"7","path":"p"}}}}},
        "aggs":{"a":{"filter":{"more_like_this":{"like":[{"_index":"other","_id":"8"}]}}}}}"#;
    check(
        "POST /open/_search",
        body,
        expect![[r#"
        Post /open/_search
        Get /secret/_doc/7
        Get /other/_doc/8"#]],
    );
    assert_eq!(without_secret("POST /open/_search", body).unwrap_err(), "/secret/_doc/7");
    let view = all("POST /open/_search", body).settle("p", |_| Ok(())).unwrap();
    assert!(view.looks_up("u-secret") && !view.sees("u-secret"));
}

#[test]
fn a_lookup_by_a_number_or_a_boolean_is_asked_about_as_the_text_that_it_is() {
    check(
        "POST /open/_search",
        r#"{"query":{"bool":{"must":[{"more_like_this":{"like":[{"_index":2024,"_id":true}]}},
            {"terms":{"f":{"index":2025,"id":false,"path":"p"}}},
            {"geo_shape":{"g":{"indexed_shape":{"id":true}}}}]}}}"#,
        expect![[r#"
            Post /open/_search
            Get /2024/_doc/true
            Get /2025/_doc/false
            Get /shapes/_doc/true"#]],
    );
}

#[test]
fn a_wrapped_lookup_is_asked_about() {
    let wrap = |query: &str| {
        let query = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, query);
        format!(r#"{{"wrapper":{{"query":"{query}"}}}}"#)
    };
    let lookup = r#"{"terms":{"f":{"index":"secret","id":"7","path":"p"}}}"#;
    for query in [wrap(lookup), wrap(&wrap(&wrap(lookup)))] {
        let body = format!(r#"{{"query":{query}}}"#);
        check(
            "POST /open/_search",
            &body,
            expect![[r#"
                Post /open/_search
                Get /secret/_doc/7"#]],
        );
        assert_eq!(without_secret("POST /open/_search", &body).unwrap_err(), "/secret/_doc/7");
    }
}

#[test]
fn every_api_with_a_query_asks_about_what_it_looks_up() {
    let inner = r#""query":{"terms":{"f":{"index":"secret","id":"7","path":"p"}}}"#;
    let query = &format!("{{{inner}}}");
    let reindex = &format!(r#"{{"source":{{"index":"open",{inner}}},"dest":{{"index":"other"}}}}"#);
    let trial = &format!(r#"{{"context_setup":{{"index":"open",{inner}}}}}"#);
    for (line, body) in [
        ("POST /open/_search", query),
        ("POST /open/_count", query),
        ("POST /open/_explain/1", query),
        ("POST /open/_validate/query", query),
        ("POST /open/_delete_by_query", query),
        ("POST /open/_update_by_query", query),
        ("GET /_cat/count/open", query),
        ("POST /_reindex", reindex),
        ("POST /_scripts/painless/_execute", trial),
    ] {
        assert_eq!(without_secret(line, body).unwrap_err(), "/secret/_doc/7", "{line}");
        let view = all(line, body).settle("p", |_| Ok(())).unwrap();
        assert!(view.looks_up("u-secret") && !view.sees("u-secret"), "{line}");
    }
}

#[test]
fn alias_actions_ask_for_each_index_and_alias_and_are_all_or_nothing() {
    let body = r#"{"actions":[{"add":{"index":"o*","alias":"n"}},{"remove":{"index":"open","alias":"*"}},{"remove_index":{"index":"secret"}}]}"#;
    check(
        "POST /_aliases",
        body,
        expect![[r#"
        Post /_aliases
        Put /open/_alias/n
        Put /other/_alias/n
        Put /n/_alias/n
        Delete /open/_alias/both
        Delete /open/_alias/one
        Delete /secret"#]],
    );
    assert!(without_secret("POST /_aliases", body).is_err());
    let body =
        r#"{"actions":[{"add":{"index":"s*","alias":"n"}},{"add":{"index":"*","alias":"m"}}]}"#;
    let view = without_secret("POST /_aliases", body).unwrap();
    assert!(!view.item_sees(0, "u-secret") && !view.item_sees(1, "u-secret"));
    assert!(view.item_sees(1, "u-open"));
    check(
        "PUT /open/_alias/n",
        r#"{"index":"secret"}"#,
        expect![[r#"
        Put /open/_alias/n
        Put /secret/_alias/n
        Put /n/_alias/n"#]],
    );
}

#[test]
fn an_alias_is_not_made_under_a_name_that_is_denied() {
    for (line, body) in [
        ("PUT /new", r#"{"aliases":{"secret2":{}}}"#),
        ("PUT /open/_alias/secret2", ""),
        ("POST /_aliases", r#"{"actions":[{"add":{"index":"o*","alias":"secret2"}}]}"#),
    ] {
        let denied = all(line, body).settle("p", |ask| {
            if ask.path.starts_with("/secret") { Err("no".into()) } else { Ok(()) }
        });
        assert_eq!(denied.unwrap_err().ask.path, "/secret2/_alias/secret2", "{line}");
    }
}

#[test]
fn an_action_on_one_index_carries_no_other_action() {
    let body =
        r#"{"actions":[{"add":{"index":"open","alias":"n"}},{"remove_index":{"index":"o*"}}]}"#;
    let view = all("POST /_aliases", body)
        .settle("p", |ask| if ask.path == "/open" { Err("no".into()) } else { Ok(()) })
        .unwrap();
    assert!(view.item_sees(0, "u-open") && !view.item_sees(1, "u-open"));
    assert!(view.item_sees(1, "u-other"));
}

#[test]
fn a_cursor_keeps_the_questions_that_its_opening_was_allowed_by() {
    let asked = |line: &str| {
        let view = without_secret(line, "").unwrap();
        view.opening.iter().map(|question| question.path.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(asked("GET /ot*/_search?scroll=1m"), "/ot*/_search /other/_search");
    assert_eq!(asked("GET /*/_search?scroll=1m"), "/*/_search /open/_search /other/_search");
    assert_eq!(asked("GET /one/_search?scroll=1m"), "/one/_search /open/_search");
    assert_eq!(asked("GET /o*/_search"), "", "no cursor, nothing kept");
}

#[test]
fn creating_an_index_asks_for_the_aliases_it_brings() {
    check(
        "PUT /new",
        r#"{"aliases":{"both":{}}}"#,
        expect![[r#"
        Put /new
        Put /new/_alias/both
        Put /both/_alias/both"#]],
    );
}

#[test]
fn a_template_asks_for_its_patterns_and_the_aliases_it_gives() {
    check(
        "PUT /_template/t",
        r#"{"index_patterns":["a*",7],"aliases":{"both":{}}}"#,
        expect![[r#"
            Put /_template/t
            Put /a*
            Put /7
            Put /a*/_alias/both
            Put /both/_alias/both
            Put /7/_alias/both"#]],
    );
    check(
        "PUT /_template/t",
        r#"{"template":"b*"}"#,
        expect![[r#"
            Put /_template/t
            Put /b*"#]],
    );
    check(
        "PUT /_component_template/c",
        r#"{"template":{"aliases":{"one":{}}}}"#,
        expect![[r#"
            Put /_component_template/c
            Put /*
            Put /*/_alias/one
            Put /one/_alias/one"#]],
    );
    check(
        "PUT /_component_template/c",
        r#"{"template":{"settings":{"default_pipeline":"p"}}}"#,
        expect![[r#"
            Put /_component_template/c
            Put /*"#]],
    );
    check(
        "PUT /_template/t",
        r#"{"index_patterns":["se"],"aliases":{"{index}cret":{}}}"#,
        expect![[r#"
            Put /_template/t
            Put /se
            Put /se/_alias/secret
            Put /secret/_alias/secret"#]],
    );
    check(
        "POST /_index_template/_simulate_index/x",
        "",
        expect!["Post /_index_template/_simulate_index/x"],
    );
}

#[test]
fn an_api_that_is_not_built_is_asked_about_by_its_url_alone() {
    check("PUT /_ilm/policy/p", "{\"id\":\"secret\"}", expect!["Put /_ilm/policy/p"]);
}

#[test]
fn every_built_api_belongs_to_a_family() {
    for api in Api::ALL.iter().filter(|api| api.built()) {
        for path in api.row().paths {
            let mut words: Vec<&str> = path.split(' ').collect();
            let template = words.pop().unwrap().replace(['{', '}'], "");
            let only = match words.first() {
                Some(&"os") => Some(Flavor::OpenSearch219),
                _ => api.row().flavor,
            };
            let flavor = only.unwrap_or(Flavor::Elasticsearch710);
            let route = route(words.last().unwrap(), &template, "", flavor).unwrap();
            if route.api != *api {
                continue;
            }
            let head = Parsed { route, body: engine::rest::ParsedBody::Empty };
            let result = gathered(&head, &Work::unbounded());
            let unplaced = matches!(&result, Err(e) if e.kind() == engine::exception::ExceptionKind::NotImplemented);
            assert!(!unplaced, "{} is built and belongs to no family", api.name());
        }
    }
}

#[test]
fn items_that_name_the_same_are_gathered_once() {
    let many = (0..10_000).map(|_| r#"{"_index":"both","_id":"1"}"#).collect::<Vec<_>>().join(",");
    let asks = all("POST /_mget", &format!(r#"{{"docs":[{many}]}}"#));
    // The URL's, the name's, and one for each index behind it.
    assert_eq!(asks.touches(), 4);
    let view = asks.settle("p", |ask| match ask.path.contains("secret") {
        true => Err("no".into()),
        false => Ok(()),
    });
    assert_eq!(view.unwrap().denied_items.len(), 10_000);
}

#[test]
fn more_questions_than_fit_into_the_memory_are_429() {
    let docs = (0..1_000).map(|number| format!(r#"{{"_index":"i{number}","_id":"1"}}"#));
    let body = format!(r#"{{"docs":[{}]}}"#, docs.collect::<Vec<_>>().join(","));
    let parsed = parsed("POST /_mget", &body);
    let work = Work::new(engine::Cancel::new(), engine::Budget::new("principal", 10_000));
    let refused = gathered(&parsed, &work).unwrap_err();
    assert_eq!(refused.status(), 429);
}

#[test]
fn gathering_ends_when_nobody_waits_for_it() {
    let parsed = parsed("POST /_mget", r#"{"docs":[{"_index":"open","_id":"1"}]}"#);
    let work = Work::unbounded();
    work.cancel.cancel();
    assert!(gathered(&parsed, &work).is_err());
}

#[test]
fn a_question_is_put_once_however_many_items_raise_it() {
    let body = "{\"index\":{\"_index\":\"open\"}}\n{}\n".repeat(1000);
    let mut asked = 0;
    let settled = all("POST /_bulk", &body).settle("p", |_| {
        asked += 1;
        Ok(())
    });
    assert!(settled.is_ok());
    assert_eq!(asked, 2);
}

proptest! {
    /// What strict allows, aws allows: whatever is denied, a request that strict lets through was allowed by its URL.
    #[test]
    fn what_strict_allows_aws_allows(
        line in prop::sample::select(vec![
            "GET /_search", "GET /both,o*/_search", "DELETE /o*", "PUT /new", "GET /one/_doc/1", "POST /_bulk",
            "GET /_cat/indices", "GET /open/_mapping", "POST /_refresh", "GET /_alias", "PUT /open/_settings",
        ]),
        index in prop::sample::select(vec!["open", "secret", "new", "both", "one"]),
        denied in prop::collection::vec(prop::sample::select(vec!["open", "other", "secret", "_search", "_bulk", "/", "new"]), 0..3),
    ) {
        let body = match line {
            "POST /_bulk" => format!("{{\"index\":{{\"_index\":\"{index}\"}}}}\n{{}}\n"),
            "PUT /open/_settings" => "{}".to_owned(),
            _ => String::new(),
        };
        let allowed = |ask: &Ask| !denied.iter().any(|word| ask.path.contains(word));
        let request = parsed(line, &body);
        let settled = all(line, &body).settle("p", |ask| if allowed(ask) { Ok(()) } else { Err("no".into()) });
        if let Ok(view) = settled {
            prop_assert!(allowed(&url_ask(&request.route)));
            // And nothing is seen whose own question was denied.
            for index in metadata().indices().filter(|index| view.sees(&index.uuid)) {
                prop_assert!(!denied.contains(&index.name.as_str()));
            }
        }
    }
}
