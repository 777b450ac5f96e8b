//! What a view does not hold does not exist: every built API, on a domain with an index that may be touched and one
//! that may not. (docs/reference/abuse-cases.md, group D: whatever the authorizer leaves out, no API may bring back.)

use std::sync::Arc;

use bytes::Bytes;
use engine::cluster::Metadata;
use engine::rest::{Api, Flavor, parse, route};
use engine::{Budget, Cancel, Engine, EngineSettings, Grants, View, Work};
use jiff::Timestamp;
use serde_json::Value;

const MARKER: &str = "topsecretmarker";

struct Domain {
    engine: Engine,
}

impl Domain {
    /// Indices `open` and `secret`, alias `both` over both, a document each; the secret one says [`MARKER`].
    fn new() -> Domain {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::Elasticsearch710,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let domain = Domain { engine: Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap() };
        let all = View::everything("admin");
        domain.ok(
            &all,
            "PUT /open",
            r#"{"mappings":{"properties":{"t":{"type":"text"}}},"aliases":{"both":{}}}"#,
        );
        domain.ok(&all, "PUT /secret", &format!(r#"{{"mappings":{{"properties":{{"{MARKER}":{{"type":"text"}}}}}},"aliases":{{"both":{{}},"alias{MARKER}":{{}}}}}}"#));
        domain.ok(&all, "PUT /open/_doc/1?refresh=true", r#"{"t":"hello"}"#);
        domain.ok(
            &all,
            "PUT /secret/_doc/1?refresh=true",
            &format!(r#"{{"{MARKER}":"{MARKER}"}}"#),
        );
        domain
    }

    fn run(&self, view: &View, line: &str, body: &str) -> (u16, String) {
        self.run_on(&self.engine.metadata(), view, line, body)
    }

    fn run_on(
        &self,
        metadata: &Arc<Metadata>,
        view: &View,
        line: &str,
        body: &str,
    ) -> (u16, String) {
        let (method, url) = line.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let route = route(method, path, query, self.engine.flavor()).unwrap();
        let parsed = match parse(
            route,
            Some("application/json"),
            Bytes::copy_from_slice(body.as_bytes()),
            &Work::unbounded(),
        ) {
            Ok(parsed) => parsed,
            Err(error) => return (error.status(), error.to_string()),
        };
        let answer =
            self.engine.execute(&parsed, metadata, view, Timestamp::UNIX_EPOCH, &Work::unbounded());
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    fn ok(&self, view: &View, line: &str, body: &str) -> Value {
        let (status, text) = self.run(view, line, body);
        assert!(status < 300, "{line}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Opens a scroll on `open`; its id, and the body that asks for its next page.
    fn scroll(&self, view: &View) -> (String, String) {
        let opened = self.ok(view, "POST /open/_search?scroll=1m", "");
        let id = opened["_scroll_id"].as_str().unwrap().to_owned();
        let body = format!(r#"{{"scroll_id":"{id}"}}"#);
        (id, body)
    }

    /// The view of a caller who may touch `open` and nothing else.
    fn only_open(&self) -> View {
        View::of(self.granted_open())
    }

    /// What that caller is granted.
    fn granted_open(&self) -> Grants {
        let uuid = Arc::clone(&self.engine.metadata().index("open").unwrap().uuid);
        Grants { indices: [uuid].into(), owner: "caller".into(), ..Grants::default() }
    }
}

/// Bodies for the APIs that want one.
fn body(api: Api) -> &'static str {
    match api {
        Api::Bulk => "{\"index\":{\"_index\":\"secret\",\"_id\":\"9\"}}\n{\"a\":1}\n",
        Api::Mget => r#"{"docs":[{"_index":"secret","_id":"1"},{"_index":"both","_id":"1"}]}"#,
        Api::Msearch => {
            "{\"index\":\"secret\"}\n{}\n{\"index\":\"*\"}\n{}\n{\"index\":\"both\"}\n{}\n"
        }
        Api::Index | Api::Create => r#"{"a":1}"#,
        Api::Update => r#"{"doc":{"a":1}}"#,
        Api::IndicesUpdateAliases => {
            r#"{"actions":[{"add":{"index":"*","alias":"n"}},{"remove":{"index":"*","alias":"*","must_exist":false}}]}"#
        }
        Api::IndicesPutMapping => r#"{"properties":{"x":{"type":"long"}}}"#,
        Api::IndicesPutSettings => r#"{"index":{"refresh_interval":"7s"}}"#,
        Api::IndicesAnalyze => r#"{"text":"a"}"#,
        Api::FieldCaps => r#"{"fields":"*"}"#,
        Api::DeleteByQuery | Api::UpdateByQuery => r#"{"query":{"match_all":{}}}"#,
        _ => "",
    }
}

const EXPRESSIONS: [&str; 8] =
    ["secret", "both", "*", "_all", "s*", "open,secret", "open,-secret", "alias*"];

/// Every path of every built API, with every way to address the index that may not be touched.
fn requests() -> Vec<(Api, String)> {
    let mut requests = Vec::new();
    for api in Api::ALL.iter().filter(|api| api.built()) {
        for path in api.row().paths {
            let words: Vec<&str> = path.split(' ').collect();
            let (template, methods) = words.split_last().unwrap();
            let method = methods.iter().find(|word| !matches!(**word, "es" | "os")).unwrap();
            let concrete = template.replace("{id}", "1").replace("{name}", "*");
            let addressed = concrete.contains("{index}") || concrete.contains("{alias}");
            for index in EXPRESSIONS.iter().take(if addressed { EXPRESSIONS.len() } else { 1 }) {
                let concrete = concrete
                    .replace("{index}", index)
                    .replace("{alias}", index)
                    .replace(['{', '}'], "");
                if route(method, &concrete, "", Flavor::Elasticsearch710).is_ok() {
                    requests.push((*api, format!("{method} {concrete}")));
                }
            }
        }
    }
    requests
}

#[test]
fn no_api_shows_or_changes_an_index_that_the_view_does_not_hold() {
    let mut domain = Domain::new();
    for (api, line) in requests() {
        let before = secret(&domain);
        let (_, text) = domain.run(&domain.only_open(), &line, body(api));
        assert!(!text.contains(MARKER), "{line}: {text}");
        assert_eq!(secret(&domain), before, "{line} changed what it may not see");
        let metadata = domain.engine.metadata();
        let whole =
            metadata.index("open").is_some_and(|open| !open.closed && open.aliases.len() == 1);
        if !whole {
            // It changed what it may see.
            domain = Domain::new();
        }
    }
}

/// All there is to know of index `secret`.
fn secret(domain: &Domain) -> String {
    let all = View::everything("admin");
    domain.run(&all, "POST /secret/_refresh", "");
    let index = domain.run(&all, "GET /secret", "").1;
    let hits = domain.ok(&all, "GET /secret/_search", "");
    format!("{index} {} {}", hits["hits"]["total"], hits["hits"]["hits"])
}

#[test]
fn a_listing_under_a_pattern_leaves_out_what_the_view_does_not_hold() {
    let domain = Domain::new();
    let view = domain.only_open();
    for line in [
        "GET /_cat/indices",
        "GET /_cat/aliases",
        "GET /*",
        "GET /_alias",
        "GET /_mapping",
        "GET /_settings",
    ] {
        let (status, text) = domain.run(&view, line, "");
        assert!(
            status == 200 && text.contains("open") && !text.contains("secret"),
            "{line}: {text}"
        );
    }
    assert_eq!(domain.ok(&view, "GET /_count", "")["count"], 1);
    assert_eq!(domain.ok(&view, "GET /_search", "")["hits"]["total"]["value"], 1);
}

#[test]
fn denied_items_answer_403_and_the_others_run() {
    let domain = Domain::new();
    let denied_items = [(0, "User: x is not authorized".into())].into();
    let view = View::of(Grants { denied_items, ..domain.granted_open() });
    let lines = "{\"index\":{\"_index\":\"secret\",\"_id\":\"2\"}}\n{}\n{\"index\":{\"_index\":\"open\",\"_id\":\"2\"}}\n{}\n";
    let answer = domain.ok(&view, "POST /_bulk", lines);
    assert_eq!(answer["errors"], true);
    assert_eq!(answer["items"][0]["index"]["status"], 403);
    assert_eq!(answer["items"][0]["index"]["error"]["type"], "security_exception");
    assert_eq!(answer["items"][1]["index"]["status"], 201);
    let answer = domain.ok(
        &view,
        "POST /_msearch",
        "{\"index\":\"secret\"}\n{}\n{\"index\":\"open\"}\n{}\n",
    );
    assert_eq!(answer["responses"][0]["status"], 403);
    assert_eq!(answer["responses"][1]["status"], 200);
}

#[test]
fn a_scroll_is_its_openers_alone() {
    let domain = Domain::new();
    let (mine, theirs) = (domain.only_open(), View::everything("somebody else"));
    let (id, body) = domain.scroll(&mine);
    assert_eq!(domain.run(&theirs, "POST /_search/scroll", &body).0, 404);
    assert_eq!(domain.run(&theirs, "DELETE /_search/scroll", &body).0, 404);
    assert_eq!(
        domain.run(&mine, "POST /_search/scroll", &body).0,
        404,
        "its opening was not asked for"
    );
    let mine = View::of(Grants { cursors: [id].into(), ..domain.granted_open() });
    assert_eq!(domain.run(&mine, "POST /_search/scroll", &body).0, 200);
}

#[test]
fn a_scroll_ends_with_its_index_deleted_or_closed() {
    for end in ["DELETE /open", "POST /open/_close"] {
        let domain = Domain::new();
        let view = domain.only_open();
        let (id, body) = domain.scroll(&view);
        let view = View::of(Grants { cursors: [id].into(), ..domain.granted_open() });
        assert_eq!(domain.run(&view, "POST /_search/scroll", &body).0, 200);
        domain.ok(&View::everything("admin"), end, "");
        assert_eq!(domain.engine.expire_cursors(Timestamp::UNIX_EPOCH), 0, "{end}: freed at once");
        let (status, text) = domain.run(&view, "POST /_search/scroll", &body);
        assert!(
            status == 404 && text.contains("search_context_missing_exception"),
            "{end}: {text}"
        );
    }
}

#[test]
fn what_a_scroll_keeps_is_counted_until_it_is_closed() {
    let domain = Domain::new();
    let view = domain.only_open();
    let budget = Budget::new("parent", 40_000);
    let work = Work::new(Cancel::new(), budget.clone());
    let long = format!(r#"{{"query":{{"match":{{"t":"{}"}}}}}}"#, "x".repeat(2_000));
    let open = || {
        let route = route("POST", "/open/_search", "scroll=1m", Flavor::Elasticsearch710).unwrap();
        let body = Bytes::from(long.clone());
        let parsed = parse(route, Some("application/json"), body, &work).unwrap();
        let metadata = domain.engine.metadata();
        domain.engine.execute(&parsed, &metadata, &view, Timestamp::UNIX_EPOCH, &work).status
    };
    assert_eq!(open(), 200);
    assert!(budget.bytes() > 8_000, "{}", budget.bytes());
    assert_eq!((0..5).map(|_| open()).find(|status| *status != 200), Some(429));
    domain.ok(&view, "DELETE /_search/scroll/_all", "");
    assert_eq!(budget.bytes(), 0);
}

#[test]
fn an_abandoned_scroll_lets_its_snapshot_go_when_its_time_is_over() {
    let domain = Domain::new();
    domain.scroll(&domain.only_open());
    let at = |second| Timestamp::from_second(second).unwrap();
    assert_eq!(domain.engine.expire_cursors(at(59)), 1);
    assert_eq!(domain.engine.expire_cursors(at(60)), 0);
}

#[test]
fn an_index_that_was_recreated_since_the_snapshot_is_another_index() {
    let domain = Domain::new();
    let (view, before) = (domain.only_open(), domain.engine.metadata());
    let all = View::of(Grants { names: ["open".to_owned()].into(), ..Grants::everything("admin") });
    domain.ok(&all, "DELETE /open", "");
    domain.ok(&all, "PUT /open/_doc/1?refresh=true", &format!(r#"{{"t":"{MARKER}"}}"#));
    for (line, body) in [
        ("GET /open/_doc/1", ""),
        ("GET /open/_search", ""),
        ("GET /_search", ""),
        ("PUT /open/_doc/2", "{}"),
    ] {
        let (status, text) = domain.run_on(&before, &view, line, body);
        assert!(status == 404 && !text.contains(MARKER), "{line}: {status} {text}");
    }
}

#[test]
fn d25_a_write_creates_only_a_name_that_the_view_holds() {
    let domain = Domain::new();
    let view = domain.only_open();
    assert!(domain.run(&view, "PUT /new/_doc/1", "{}").0 >= 400);
    assert!(domain.engine.metadata().index("new").is_none());
    let view = View::of(Grants { names: ["new".to_owned()].into(), ..domain.granted_open() });
    assert_eq!(domain.run(&view, "PUT /new/_doc/1", "{}").0, 201);
}
