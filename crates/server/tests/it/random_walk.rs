//! Random requests of one caller who may do everything but what names an index that begins with `secret`, over every API that names
//! indices in its URL or its body. Whatever happens to the others, what is denied is neither read nor touched: the engine is read
//! afterwards. `RANDOM_WALK_REQUESTS` says how many requests there are, `RANDOM_WALK_SEED` where they begin.

use engine::rest::Flavor;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::judged::{Judged, secret};

/// What every document of the denied indices holds, and nothing that the caller sends.
const HUSH: &str = "hush";

/// A small generator (splitmix64): a seed is a request.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Names in URLs and bodies: indices, aliases to one and to both sides, patterns, exclusions, dates, what does not exist.
const NAMES: &[&str] = &[
    "open",
    "open-2",
    "secret",
    "secret-2",
    "way",
    "hidden-way",
    "both",
    "new",
    "secret-new",
    "_all",
    "*",
    "o*",
    "s*",
    "*,-secret",
    "open,secret",
    "open*,-open-2",
    "%3Csecret-%7Bnow%2Fd%7D%3E",
    "%3Copen-%7Bnow%2Fd%7D%3E",
    ".hidden",
    "missing",
];
const ONE: &[&str] = &[
    "open",
    "open-2",
    "secret",
    "secret-2",
    "way",
    "hidden-way",
    "both",
    "new",
    "secret-new",
    "missing",
];
const OPTIONS: &[&str] = &[
    "",
    "",
    "?ignore_unavailable=true",
    "?allow_no_indices=false",
    "?expand_wildcards=all",
    "?refresh=true",
    "?expand_wildcards=none",
    "?filter_path=-hits",
    "?pipeline=sneak",
    "?pipeline=_none",
    "?routing=1",
];

/// Two denied indices with documents, two open ones, aliases to each and to both, a pipeline that sends documents elsewhere, a template.
fn world() -> Judged {
    let judged = Judged::new(Flavor::OpenSearch219);
    for index in ["secret", "secret-2"] {
        let settings = json!({"settings": {"index": {"blocks.write": index == "secret-2"}}});
        judged.admin(&format!("PUT /{index}"), "");
        let document =
            json!({"text": HUSH, "n": 7, "id": ["1"], "query": {"match_all": {}}}).to_string();
        judged.admin(&format!("PUT /{index}/_doc/1?refresh=true"), &document);
        if index == "secret-2" {
            judged.admin("PUT /secret-2/_settings", &settings["settings"].to_string());
        }
    }
    for index in ["open", "open-2"] {
        judged.admin(&format!("PUT /{index}/_doc/1?refresh=true"), r#"{"text":"plain","n":1}"#);
    }
    judged.admin(
        "POST /_aliases",
        &json!({"actions": [
            {"add": {"index": "open", "alias": "way"}},
            {"add": {"index": "secret", "alias": "hidden-way"}},
            {"add": {"index": "open", "alias": "both"}}, {"add": {"index": "secret", "alias": "both"}},
        ]})
        .to_string(),
    );
    judged.admin(
        "PUT /_ingest/pipeline/sneak",
        r#"{"processors":[{"set":{"field":"_index","value":"secret"}}]}"#,
    );
    judged.admin(
        "PUT /_index_template/t",
        r#"{"index_patterns":["new*"],"template":{"aliases":{"into":{}}}}"#,
    );
    judged
}

/// A request: its line and its body.
fn request(random: &mut Random) -> (String, String) {
    let (names, one, other) = (random.pick(NAMES), random.pick(ONE), random.pick(ONE));
    let options = random.pick(OPTIONS);
    let id = random.pick(&["1", "2", "..%2Fsecret%2F_doc%2F1"]);
    let query = query(random, other).to_string();
    let search = format!(r#"{{"query":{query}}}"#);
    match random.below(38) {
        0 | 1 => (format!("POST /{names}/_search{options}"), search),
        2 => (format!("GET /_search{options}"), search),
        3 => (format!("POST /{names}/_count{options}"), search),
        4 => (format!("PUT /{one}/_doc/{id}{options}"), r#"{"n":2}"#.to_owned()),
        5 => (format!("POST /{one}/_doc{options}"), r#"{"n":2}"#.to_owned()),
        6 => (format!("GET /{one}/_doc/{id}"), String::new()),
        7 => (format!("DELETE /{one}/_doc/{id}"), String::new()),
        8 => (format!("POST /{one}/_update/{id}"), r#"{"doc":{"n":3},"doc_as_upsert":true}"#.to_owned()),
        9..=12 => (format!("POST /{}_bulk{options}", prefix(random)), bulk(random)),
        13 | 14 => (
            format!("POST /{}_mget", prefix(random)),
            json!({"docs": [{"_index": one, "_id": "1"}, {"_index": other, "_id": "1"}]}).to_string(),
        ),
        15 | 16 => {
            let heads = [one, &decoded(names)].map(|name| json!({"index": name.split(',').collect::<Vec<_>>()}));
            (format!("POST /{}_msearch", prefix(random)), format!("{}\n{search}\n{}\n{search}\n", heads[0], heads[1]))
        }
        17 => (
            format!("POST /{}_mtermvectors", prefix(random)),
            json!({"docs": [{"_index": one, "_id": "1", "fields": ["text"]}, {"_index": other, "_id": "1"}]}).to_string(),
        ),
        18 | 19 => (
            "POST /_reindex?refresh=true".to_owned(),
            json!({"source": {"index": one}, "dest": {"index": other}}).to_string(),
        ),
        20 => (format!("POST /{names}/_update_by_query{options}"), search),
        21 => (format!("POST /{names}/_delete_by_query{options}"), search),
        22 | 23 => ("POST /_aliases".to_owned(), aliases(random)),
        24 => (format!("PUT /{one}/_alias/{other}"), String::new()),
        25 => (format!("DELETE /{names}/_alias/{other}"), String::new()),
        26 => (format!("PUT /{one}"), json!({"aliases": {other: {}}}).to_string()),
        27 => (format!("DELETE /{names}{options}"), String::new()),
        28 => (format!("{} /{one}/{}/{other}", random.pick(&["POST", "PUT"]), random.pick(&["_clone", "_split", "_shrink"])), String::new()),
        29 => (format!("POST /{one}/_rollover/{other}"), String::new()),
        30 => (format!("PUT /{names}/_mapping{options}"), r#"{"properties":{"more":{"type":"long"}}}"#.to_owned()),
        31 => (format!("PUT /{names}/_settings{options}"), r#"{"index.number_of_replicas":1}"#.to_owned()),
        32 => (format!("POST /{names}/{}{options}", random.pick(&["_close", "_open", "_forcemerge", "_refresh", "_cache/clear"])), String::new()),
        33 => (format!("GET /{}{options}", random.pick(&[
            "_cat/indices", "_cat/aliases", "_cat/shards", "_stats", "_alias", "_mapping", "_settings", "_cluster/state",
            "_resolve/index/*", "_field_caps?fields=*", "_cat/count", "_segments", "_recovery",
        ]).split('?').next().unwrap()), String::new()),
        34 => (format!("GET /{names}/_field_caps?fields=*"), String::new()),
        35 => (format!("GET /{one}/_explain/1"), search),
        36 => (format!("POST /{names}/_validate/query?explain=true"), search),
        _ => (
            "POST /_rank_eval".to_owned(),
            json!({"requests": [{"id": "q", "request": {"query": {"match_all": {}}},
                "ratings": [{"_index": one, "_id": "1", "rating": 1}]}], "metric": {"precision": {}}})
            .to_string(),
        ),
    }
}

/// A name as bodies have it.
fn decoded(name: &str) -> String {
    let escapes = [("%3C", "<"), ("%7B", "{"), ("%2F", "/"), ("%7D", "}"), ("%3E", ">")];
    escapes.iter().fold(name.to_owned(), |name, (from, to)| name.replace(from, to))
}

fn prefix(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("{}/", random.pick(ONE)),
        _ => String::new(),
    }
}

/// A query that may look into another index.
fn query(random: &mut Random, index: &str) -> Value {
    match random.below(6) {
        0 => json!({"terms": {"n": {"index": index, "id": "1", "path": "n"}}}),
        1 => {
            json!({"more_like_this": {"fields": ["text"], "like": [{"_index": index, "_id": "1"}], "min_term_freq": 1, "min_doc_freq": 1}})
        }
        2 => {
            json!({"bool": {"should": [{"terms": {"text": {"index": index, "id": "1", "path": "text"}}}]}})
        }
        3 => json!({"match": {"text": HUSH}}),
        4 => json!({"term": {"_index": index}}),
        _ => json!({"match_all": {}}),
    }
}

fn bulk(random: &mut Random) -> String {
    let mut lines = String::new();
    for _ in 0..=random.below(4) {
        let (action, index) =
            (random.pick(&["index", "create", "update", "delete"]), random.pick(ONE));
        let id = random.pick(&["1", "2", "3"]);
        let mut head = json!({"_index": index, "_id": id});
        if random.below(8) == 0 {
            head["pipeline"] = "sneak".into();
        }
        if random.below(8) == 0 {
            head.as_object_mut().unwrap().remove("_index");
        }
        lines += &format!("{}\n", json!({action: head}));
        match action {
            "delete" => {}
            "update" => lines += "{\"doc\":{\"n\":5},\"doc_as_upsert\":true}\n",
            _ => lines += "{\"n\":4}\n",
        }
    }
    lines
}

fn aliases(random: &mut Random) -> String {
    let mut actions = Vec::new();
    for _ in 0..=random.below(2) {
        let (index, alias) = (decoded(random.pick(NAMES)), random.pick(ONE));
        actions.push(match random.below(4) {
            0 => json!({"remove": {"index": index, "alias": alias}}),
            1 => json!({"remove_index": {"index": index}}),
            _ => json!({"add": {"index": index, "alias": alias}}),
        });
    }
    json!({"actions": actions}).to_string()
}

/// What is there of the denied side: its indices with settings, mappings and aliases, and its documents with their versions.
fn denied_side(judged: &Judged) -> Value {
    let mut described = judged.admin("GET /secret*?expand_wildcards=all", "");
    // An alias over both sides, as the caller's side leaves it, is not the denied index's own.
    judged.admin("POST /secret*/_refresh", "");
    let found = judged.admin(
        "GET /secret*/_search?size=100&version=true&seq_no_primary_term=true&expand_wildcards=all",
        "",
    );
    described["documents"] = found["hits"]["hits"].clone();
    described
}

fn walk(requests: u64, seed: u64) {
    /// Then the world is made anew: requests take it apart.
    const REQUESTS_PER_WORLD: u64 = 25;
    let (mut allowed, mut denied, mut done) = (0_u64, 0_u64, 0_u64);
    while done < requests {
        let judged = world();
        let before = denied_side(&judged);
        for _ in 0..REQUESTS_PER_WORLD {
            let mut random = Random(seed + done);
            done += 1;
            let (line, body) = request(&mut random);
            let (method, url) = line.split_once(' ').unwrap();
            let (path, query) = url.split_once('?').unwrap_or((url, ""));
            let Ok(route) = engine::rest::route(method, path, query, Flavor::OpenSearch219) else {
                // A path that two readers could take for different ones leads nowhere.
                continue;
            };
            let (status, text) = match judged.judge(&line, &body, Timestamp::UNIX_EPOCH, secret) {
                Ok(ready) => {
                    // What mode strict lets through, the URL alone, which is all that mode aws asks, is let through.
                    let url = server::for_tests::targets::url_ask(&route);
                    assert!(!secret(&url), "seed {}: {line} {body}", seed + done - 1);
                    allowed += 1;
                    judged.run(&ready)
                }
                Err(answer) => {
                    denied += u64::from(answer.0 == 403);
                    answer
                }
            };
            let told = format!("seed {}: {line} {body}: {status} {text}", seed + done - 1);
            // Whoever searches for the word has said it itself.
            assert!(body.contains(HUSH) || !text.contains(HUSH), "{told}");
            assert_eq!(denied_side(&judged), before, "{told}");
        }
    }
    println!("{requests} requests: {allowed} let through, {denied} denied");
    assert!(allowed * 5 > requests && denied * 20 > requests, "{allowed} {denied}");
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn what_is_denied_is_neither_read_nor_touched_by_random_requests() {
    walk(setting("RANDOM_WALK_REQUESTS", 200), setting("RANDOM_WALK_SEED", 1));
}

#[test]
#[ignore = "long: 100,000 requests"]
fn what_is_denied_is_neither_read_nor_touched_by_a_hundred_thousand_random_requests() {
    walk(setting("RANDOM_WALK_REQUESTS", 100_000), setting("RANDOM_WALK_SEED", 1_000_000));
}
