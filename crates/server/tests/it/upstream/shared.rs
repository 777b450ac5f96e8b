//! Two domains on one cluster (decision 0188): each has names of its own, and none ever reads one of the other's. The cluster is
//! a second engine, or the one at `COUNTERSIGN_CLUSTER`, an OpenSearch 2 whose indices are deleted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use engine::rest::Api;
use serde_json::{Value, json};
use server::{PoolSettings, StartOptions};

use super::stub::{Received, Stub, Told};
use crate::authz;
use crate::client::{Answer, Client};
use crate::moving::cluster::Cluster;
use crate::service::{Running, port, scratch};

const PREFIXES: [&str; 2] = ["l-one.", "l-two."];

struct Shared {
    running: Running,
    domains: [Client; 2],
    cluster: Option<Cluster>,
    url: String,
}

impl Shared {
    fn start() -> Self {
        let named = std::env::var("COUNTERSIGN_CLUSTER").ok();
        let cluster = named.is_none().then(Cluster::start);
        let url = named.unwrap_or_else(|| cluster.as_ref().unwrap().url());
        let running = Running::start_with(None, |options| shared_pool(options, &url));
        let domains = ["l-one", "l-two"].map(|name| made(&running, name));
        let shared = Self { running, domains, cluster, url };
        for domain in 0..2 {
            shared.fill(domain);
        }
        shared
    }

    fn ask(&self, domain: usize, line: &str, body: &str) -> Answer {
        let (method, target) = line.split_once(' ').unwrap();
        self.domains[domain].signed(&self.running.developer(), method, target, body.as_bytes())
    }

    fn done(&self, domain: usize, line: &str, body: Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let told = self.ask(domain, line, &text);
        assert!(told.status < 300, "{line}: {} {}", told.status, told.text());
        told.json()
    }

    /// The same names in each, and an index that only the second has.
    fn fill(&self, domain: usize) {
        let owner = PREFIXES[domain];
        self.done(
            domain,
            "PUT /open",
            json!({"aliases": {"one": {}}, "mappings": {"properties": {"n": {"type": "long"}}}}),
        );
        self.done(
            domain,
            "PUT /open/_doc/1?refresh=true",
            json!({"of": domain, "n": 1, "text": format!("{owner}open")}),
        );
        let template = json!({"index_patterns": ["logs-*"], "aliases": {"all-logs": {}}, "mappings": {"properties": {"t": {"type": "keyword"}}}});
        self.done(domain, "PUT /_template/old", template);
        let template = json!({"index_patterns": ["new-*"], "template": {"aliases": {"news": {}}}});
        self.done(domain, "PUT /_index_template/new", template);
        self.done(domain, "PUT /_component_template/part", json!({"template": {"mappings": {}}}));
        if domain == 1 {
            self.done(domain, "PUT /treasure/_doc/1?refresh=true", json!({"gold": true}));
        }
    }

    /// What the cluster says past the gate.
    fn there(&self, path: &str) -> Value {
        match &self.cluster {
            Some(cluster) => cluster.ask(&format!("GET {path}"), &Value::Null).1,
            None => {
                let told = std::process::Command::new("curl")
                    .args(["-s", &format!("{}{path}", self.url)])
                    .output();
                serde_json::from_slice(&told.unwrap().stdout).unwrap()
            }
        }
    }

    fn indices_there(&self) -> Vec<String> {
        let told = self.there("/_alias?expand_wildcards=all");
        let mut names: Vec<String> = told.as_object().unwrap().keys().cloned().collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for (domain, name) in ["l-one", "l-two"].into_iter().enumerate() {
            let path = format!("/2021-01-01/opensearch/domain/{name}");
            let control = self.running.control("es");
            let _ = control.signed(&self.running.developer(), "DELETE", &path, b"");
            let gone = |_: &Running| {
                control.signed(&self.running.developer(), "GET", &path, b"").status == 409
            };
            let gone = self.running.eventually(gone);
            if !std::thread::panicking() {
                assert!(gone, "{name}: {}", self.there("/_cluster/state/metadata?filter_path=metadata.indices.*.settings.index.blocks,metadata.indices.*.state"));
                let left = self.indices_there();
                assert!(left.iter().all(|it| !it.starts_with(PREFIXES[domain])), "{left:?}");
                assert_eq!(left.is_empty(), domain == 1, "the other's stay: {left:?}");
            }
        }
    }
}

fn shared_pool(options: &mut StartOptions, url: &str) {
    let arn = "arn:aws:es:us-east-1:123456789012:domain/l-*".to_owned();
    let mut pool = PoolSettings::new(arn, vec![url.to_owned()]);
    pool.prefix = Some("{domain}.".to_owned());
    options.settings.pools = [("main".to_owned(), pool)].into();
}

fn made(running: &Running, name: &str) -> Client {
    let control = running.control("es");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/developer"}, "Action": "es:*",
        "Resource": format!("arn:aws:es:us-east-1:123456789012:domain/{name}/*")}]});
    let body = json!({"DomainName": name, "EngineVersion": "OpenSearch_2.19", "AccessPolicies": policy.to_string()});
    let path = "/2021-01-01/opensearch/domain";
    let told = control.signed(&running.developer(), "POST", path, body.to_string().as_bytes());
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(running.eventually(|running| running.service().domains().contains_key(name)));
    Client { port: port(&running.service().domains()[name]), ..control }
}

/// Whether an answer has a name as the cluster has it, or one of the other domain's.
fn leaks(domain: usize, answer: &Answer) -> bool {
    let whole = format!("{:?} {}", answer.headers, answer.text());
    // What a document says is its own.
    let whole = whole.replace(&format!("\"text\":\"{}open\"", PREFIXES[domain]), "");
    PREFIXES.iter().any(|prefix| whole.contains(prefix))
        || (domain == 0 && whole.contains("treasure"))
}

#[test]
fn no_answer_to_any_row_of_the_table_has_a_name_of_the_other_domain_or_a_prefix() {
    let shared = Shared::start();
    let (mut served, mut refused): (BTreeMap<&str, u32>, BTreeMap<&str, u32>) = Default::default();
    let mut requests: Vec<(Api, String)> = authz::requests();
    // What only reads first; what takes things away last.
    let order = |line: &str| {
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].iter().position(|it| line.starts_with(it))
    };
    requests.sort_by_key(|(_, line)| order(line));
    for (api, line) in &requests {
        for domain in 0..2 {
            for body in ["", "{}", "{\"query\":{\"match_all\":{}}}\n{}\n"] {
                let told = shared.ask(domain, line, body);
                assert!(
                    !leaks(domain, &told),
                    "{line} {body}: {} {:?} {}",
                    told.status,
                    told.headers,
                    told.text()
                );
                assert_ne!(told.status, 502, "{line} {body}: {}", told.text());
                match told.status {
                    200..=299 => *served.entry(api.name()).or_default() += 1,
                    501 => *refused.entry(api.name()).or_default() += 1,
                    _ => {}
                }
            }
        }
    }
    refused.retain(|name, _| !served.contains_key(name));
    println!(
        "{} APIs are served on a shared cluster, {} refused by name",
        served.len(),
        refused.len()
    );
    assert!(served.len() >= 50, "{served:?}");
    // Of the second, what the first deleted and wrote is as it was: its own walk did the same to its own.
    assert_eq!(shared.done(1, "GET /treasure/_doc/1", Value::Null)["_source"]["gold"], true);
}

// long: each kind of answer that has names
#[test]
fn the_same_names_are_each_domains_own_and_every_answer_has_them_without_a_prefix() {
    let shared = Shared::start();
    assert_eq!(shared.indices_there(), ["l-one.open", "l-two.open", "l-two.treasure"]);
    let got = shared.done(0, "GET /one/_doc/1", Value::Null);
    assert_eq!((&got["_index"], &got["_source"]["of"]), (&json!("open"), &json!(0)));
    assert_eq!(got["_source"]["text"], "l-one.open", "a document is as it was written");
    let lines = "{\"index\":{\"_index\":\"one\",\"_id\":\"2\"}}\n{\"n\":2}\n{\"create\":{\"_index\":\"open\",\"_id\":\"1\"}}\n{}\n\
        {\"update\":{\"_index\":\"open\",\"_id\":\"1\"}}\n{\"doc\":{\"m\":3}}\n{\"delete\":{\"_index\":\"open\",\"_id\":\"9\"}}\n\
        {\"index\":{\"_index\":\"logs-1\"}}\n{\"t\":\"x\"}\n{\"index\":{\"_index\":\"new-1\"}}\n{}\n";
    let told = shared.ask(0, "POST /_bulk?refresh=true", lines).json();
    let items: Vec<&Value> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_object().unwrap().values().next().unwrap())
        .collect();
    let names: Vec<&str> = items.iter().map(|it| it["_index"].as_str().unwrap()).collect();
    assert_eq!(names, ["open", "open", "open", "open", "logs-1", "new-1"], "{told}");
    assert_eq!(items[1]["error"]["index"], "open", "{told}");
    let told = shared.done(
        0,
        "GET /_search?sort=_doc",
        json!({"query": {"match_all": {}}, "aggs": {"n": {"max": {"field": "n"}}}}),
    );
    let mut names: Vec<&str> = told["hits"]["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["_index"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["logs-1", "new-1", "open", "open"], "{told}");
    assert_eq!(told["aggregations"]["n"]["value"], 2.0);
    let told = shared
        .ask(0, "POST /_msearch", "{\"index\":\"o*\"}\n{}\n{\"index\":\"treasure\"}\n{}\n")
        .json();
    assert_eq!(told["responses"][0]["hits"]["hits"][0]["_index"], "open", "{told}");
    assert_eq!(told["responses"][1]["status"], 404, "{told}");
    let told = shared.done(
        0,
        "POST /_mget",
        json!({"docs": [{"_index": "one", "_id": "1"}, {"_index": "treasure", "_id": "1"}]}),
    );
    assert_eq!(
        (&told["docs"][0]["_index"], &told["docs"][1]["error"]["type"]),
        (&json!("open"), &json!("index_not_found_exception"))
    );
    // Templates matched, and gave their aliases.
    let told = shared.done(0, "GET /logs-1", Value::Null);
    assert_eq!(told["logs-1"]["aliases"], json!({"all-logs": {}}), "{told}");
    assert_eq!(told["logs-1"]["mappings"]["properties"]["t"]["type"], "keyword");
    assert_eq!(told["logs-1"]["settings"]["index"]["provided_name"], "logs-1");
    assert_eq!(
        shared.done(0, "GET /news/_alias", Value::Null),
        json!({"new-1": {"aliases": {"news": {}}}})
    );
    let told = shared.done(0, "GET /_template", Value::Null);
    assert_eq!(
        (told.as_object().unwrap().len(), &told["old"]["index_patterns"]),
        (1, &json!(["logs-*"])),
        "{told}"
    );
    let told = shared.done(0, "GET /_index_template/n*", Value::Null);
    assert_eq!(told["index_templates"][0]["name"], "new", "{told}");
    assert_eq!(told["index_templates"][0]["index_template"]["index_patterns"], json!(["new-*"]));
    // Tables and statistics of its own alone.
    let told = shared.ask(0, "GET /_cat/indices?h=index,docs.count&s=index", "").text();
    let rows: Vec<Vec<&str>> = told.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows, [["logs-1", "1"], ["new-1", "1"], ["open", "2"]], "{told}");
    let told = shared.ask(0, "GET /_cat/indices?format=json&h=index&s=index", "").json();
    assert_eq!(told[0]["index"], "logs-1", "{told}");
    let told = shared.done(0, "GET /_stats", Value::Null);
    let mut names: Vec<&String> = told["indices"].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["logs-1", "new-1", "open"], "{told}");
    assert_eq!(told["_all"]["primaries"]["docs"]["count"], 4);
    let told = shared.done(0, "GET /_field_caps?fields=n", Value::Null);
    assert!(told["indices"].as_array().unwrap().contains(&json!("open")), "{told}");
    // Copies, aliases, rollovers.
    let told = shared.done(
        0,
        "POST /_reindex?refresh=true",
        json!({"source": {"index": "open"}, "dest": {"index": "copy"}}),
    );
    assert_eq!(told["created"], 2, "{told}");
    shared.done(
        0,
        "POST /_aliases",
        json!({"actions": [{"add": {"index": "copy", "alias": "two", "is_write_index": true}}]}),
    );
    assert_eq!(
        shared.done(0, "GET /_alias/t*", Value::Null),
        json!({"copy": {"aliases": {"two": {"is_write_index": true}}}})
    );
    let told = shared.done(0, "POST /two/_rollover/copy-2", Value::Null);
    assert_eq!((&told["old_index"], &told["new_index"]), (&json!("copy"), &json!("copy-2")));
    let told = shared.done(0, "GET /copy/_search?scroll=1m&size=1", Value::Null);
    let page = json!({"scroll_id": told["_scroll_id"], "scroll": "1m"});
    let told = shared.done(0, "POST /_search/scroll", page);
    assert_eq!(told["hits"]["hits"][0]["_index"], "copy", "{told}");
    // What is not there reads so, by the name that was asked for.
    let told = shared.ask(0, "GET /treasure/_search", "");
    assert_eq!(
        (told.status, &told.json()["error"]["index"]),
        (404, &json!("treasure")),
        "{}",
        told.text()
    );
    let told = shared.ask(0, "PUT /open", "");
    assert_eq!(told.status, 400);
    assert!(told.text().contains("index [open/"), "{}", told.text());
    // In mode aws, too.
    let body = json!({"AdvancedOptions": {"countersign.authorization": "aws"}}).to_string();
    let target = "/2021-01-01/opensearch/domain/l-one/config";
    let set = shared.running.control("es").signed(
        &shared.running.developer(),
        "POST",
        target,
        body.as_bytes(),
    );
    assert_eq!(set.status, 200, "{}", set.text());
    let told = shared.ask(0, "GET /_all/_search?size=100", "");
    assert!(!leaks(0, &told) && told.status == 200, "{}", told.text());
    let told = shared.ask(0, "GET /treasure/_doc/1", "");
    assert_eq!(told.status, 404, "{}", told.text());
    assert_eq!(shared.done(1, "GET /_count", Value::Null)["count"], 2);
}

#[test]
fn no_name_reaches_an_api_and_nothing_is_not_all() {
    let shared = Shared::start();
    shared.done(0, "PUT /open/_block/write", Value::Null);
    for name in ["_search", "-x", "+x"] {
        let told = shared.ask(0, &format!("PUT /open/_clone/{name}"), "");
        assert_eq!(told.status, 400, "{name}: {}", told.text());
        let alias = json!({"actions": [{"add": {"index": "open", "alias": name}}]});
        let told = shared.ask(0, "POST /_aliases", &alias.to_string());
        assert_eq!(told.status, 400, "{name}: {}", told.text());
    }
    assert_eq!(shared.indices_there(), ["l-one.open", "l-two.open", "l-two.treasure"]);
    for pattern in ["nothing-*", "trea*"] {
        let told = shared.done(
            0,
            "POST /_reindex?refresh=true",
            json!({"source": {"index": pattern}, "dest": {"index": "copy"}}),
        );
        assert_eq!((&told["total"], &told["created"]), (&json!(0), &json!(0)), "{told}");
    }
}

#[test]
fn the_filter_of_an_alias_limits_what_is_read_through_it() {
    let shared = Shared::start();
    shared.done(0, "PUT /open/_doc/2?refresh=true", json!({"n": 2}));
    let alias = json!({"index": "open", "alias": "few", "filter": {"term": {"n": 2}}});
    shared.done(0, "POST /_aliases", json!({"actions": [{"add": alias}]}));
    let told = shared.done(0, "GET /few/_search", Value::Null);
    assert_eq!(told["hits"]["total"]["value"], 1, "{told}");
    assert_eq!(shared.done(0, "GET /few/_count", Value::Null)["count"], 1);
    let told = shared.done(0, "GET /open/_search?explain=true", Value::Null);
    assert_eq!(told["hits"]["hits"][0]["_shard"], "[open][0]", "{told}");
    let told = shared.done(0, "PUT /open/_block/write", Value::Null);
    assert_eq!(told["indices"][0]["name"], "open", "{told}");
    let told = shared.done(0, "GET /open/_alias/*,-few", Value::Null);
    assert_eq!(told, json!({"open": {"aliases": {"one": {}}}}));
}

#[test]
fn what_one_domain_blocks_neither_stops_the_other_nor_its_own_deletion() {
    let shared = Shared::start();
    let blocks = json!({"index.blocks.read_only": true, "index.blocks.metadata": true});
    shared.done(1, "PUT /treasure/_settings", blocks.clone());
    shared.done(0, "PUT /open/_settings", blocks);
    for domain in 0..2 {
        let told = shared.ask(domain, "GET /_all/_search", "");
        assert!(!leaks(domain, &told) && told.status == 200, "{}", told.text());
    }
    // What it makes is seen at once, and so its metadata is read again.
    shared.done(1, "PUT /more", Value::Null);
    shared.done(1, "GET /more/_search", Value::Null);
    // The drop deletes both domains.
}

#[test]
fn a_deletion_that_cannot_finish_is_tried_again_and_keeps_nothing_from_its_start() {
    let refuses = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&refuses);
    let stub = Stub::start(move |request: &Received| {
        let index =
            json!({"state": "open", "settings": {"index": {"blocks": {"read_only": "true"}}}});
        let removed = !still.load(Ordering::SeqCst);
        match request.line.starts_with("DELETE") {
            true if !removed => Told::Json(403, json!({"error": "blocked"})),
            false if request.line.starts_with("GET /_cluster/state/metadata?") => match removed {
                true => Told::Json(200, json!({})),
                false => Told::Json(200, json!({"metadata": {"indices": {"l-one.x": index}}})),
            },
            _ => Told::Json(200, json!({"status": "green"})),
        }
    });
    let folder = scratch("shared-deletion");
    let url = stub.url();
    let start = || Running::start_with(Some(folder.clone()), |options| shared_pool(options, &url));
    let running = start();
    made(&running, "l-one");
    let path = "/2021-01-01/opensearch/domain/l-one";
    let asked = |running: &Running, method: &str| {
        running.control("es").signed(&running.developer(), method, path, b"").status
    };
    assert_eq!(asked(&running, "DELETE"), 200);
    assert!(running.eventually(|_| stub.lines().iter().any(|it| it == "DELETE /l-one.x")));
    let lines = stub.lines();
    let place = |line: &str| lines.iter().position(|it| it == line);
    assert!(place("PUT /l-one.x/_settings") < place("DELETE /l-one.x"), "{lines:?}");
    running.stop();
    let running = start();
    assert_eq!(asked(&running, "GET"), 200);
    refuses.store(false, Ordering::SeqCst);
    assert!(running.eventually(|running| asked(running, "GET") == 409));
    running.stop();
    std::fs::remove_dir_all(&folder).ok();
}

#[test]
fn a_deletion_that_the_cluster_does_not_answer_keeps_no_other_domain_from_its_clients() {
    let answers = Arc::new(Mutex::new(()));
    let asked = Arc::clone(&answers);
    let stub = Stub::start(move |request: &Received| {
        if request.line.starts_with("GET /_cluster/state/metadata?") {
            drop(asked.lock());
            return Told::Json(200, json!({}));
        }
        Told::Json(200, json!({"status": "green"}))
    });
    let running = Running::start_with(None, |options| shared_pool(options, &stub.url()));
    made(&running, "l-one");
    let path = "/2021-01-01/opensearch/domain/l-one";
    let told =
        |method: &str| running.control("es").signed(&running.developer(), method, path, b"").status;
    let silent = answers.lock().unwrap();
    assert_eq!(told("DELETE"), 200);
    let looks = |line: &String| line.starts_with("GET /_cluster/state/metadata?");
    assert!(running.eventually(|_| stub.lines().iter().any(looks)));
    made(&running, "l-two");
    assert_eq!(told("GET"), 200, "it is not gone");
    drop(silent);
    assert!(running.eventually(|_| told("GET") == 409));
}

#[test]
fn what_reads_or_says_names_where_they_cannot_be_changed_is_refused_by_name() {
    let shared = Shared::start();
    for (line, body) in [
        ("GET /_search", json!({"query": {"term": {"_index": "open"}}})),
        ("GET /_search", json!({"aggs": {"by": {"terms": {"field": "_index"}}}})),
        ("GET /_search", json!({"query": {"query_string": {"query": "_index:open"}}})),
        (
            "GET /_search",
            json!({"query": {"terms": {"n": {"index": "open", "id": "1", "path": "n"}}}}),
        ),
        ("GET /_search", json!({"script_fields": {"i": {"script": "doc['_index'].value"}}})),
        ("GET /_search", json!({"aggs": {"_source": {"max": {"field": "n"}}}})),
        ("GET /_search?q=_index:open", Value::Null),
        ("POST /open/_update/1", json!({"script": "ctx._source.i = ctx._index"})),
        ("PUT /_cluster/settings", json!({"persistent": {"search.max_buckets": 10}})),
        ("GET /_cluster/settings", Value::Null),
        ("PUT /_ingest/pipeline/p", json!({"processors": []})),
        ("PUT /_scripts/s", json!({"script": {"lang": "painless", "source": "1"}})),
        ("GET /_tasks", Value::Null),
        ("GET /_mapping?filter_path=open", Value::Null),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let told = shared.ask(0, line, &text);
        assert_eq!(told.status, 501, "{line} {text}: {}", told.text());
        assert!(
            told.json()["error"]["reason"].as_str().unwrap().contains("shares its cluster"),
            "{}",
            told.text()
        );
    }
}
