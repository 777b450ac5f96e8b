//! A caller who may not touch an index does not learn that it is there: the same requests on a domain that has the index
//! and on one that does not, answered alike.

use engine::rest::{Api, Flavor, route};
use serde_json::Value;

use crate::judged::{Answer, Judged};

/// A word that only the hidden index has: in its name, its documents, its mapping and its alias.
const MARKER: &str = "secret";

/// Domain with `open`, closed `shut`, alias `both` on `open`; with `hidden`, also `secret-1`, which shares alias `both`
/// and has one of its own, and closed `secret-2`.
fn domain(flavor: Flavor, hidden: bool) -> Judged {
    let judged = Judged::new(flavor);
    judged.admin(
        "PUT /open",
        r#"{"mappings":{"properties":{"t":{"type":"text"}}},"aliases":{"both":{}}}"#,
    );
    judged.admin("PUT /open/_doc/1?refresh=true", r#"{"t":"hello"}"#);
    judged.admin("PUT /shut", "");
    judged.admin("POST /shut/_close", "");
    if hidden {
        judged.admin(
            "PUT /secret-1",
            r#"{"mappings":{"properties":{"secretfield":{"type":"text"}}},"aliases":{"both":{},"secret-alias":{},"se":{}}}"#,
        );
        judged.admin("PUT /secret-1/_doc/1?refresh=true", r#"{"secretfield":"hello"}"#);
        judged.admin("PUT /secret-2", "");
        judged.admin("POST /secret-2/_close", "");
    }
    judged
}

/// How indices are addressed: hidden ones by patterns, by name, beside others, excluded.
const EXPRESSIONS: &[&str] = &[
    "s*",
    "secret*",
    "se*",
    "*",
    "_all",
    "*1",
    "o*,s*",
    "open,secret*",
    "secret-1",
    "secret-2",
    "open,secret-1",
    "secret-3",
    "*,-secret-1",
    "s*,-secret-1",
    "*,-secret*",
    "s*,-s*",
    "bot*",
    "secret-alias",
    "-secret-1",
    "<secret-{now/d}>",
];

/// What says what an expression that names too little or too much does.
const OPTIONS: &[&str] = &[
    "",
    "allow_no_indices=false",
    "ignore_unavailable=true",
    "ignore_unavailable=true&allow_no_indices=false",
    "expand_wildcards=all",
    "expand_wildcards=closed&allow_no_indices=false",
    "expand_wildcards=open,hidden",
    "expand_wildcards=none&allow_no_indices=false",
];

/// Bodies for the APIs that want one, or look at one.
fn bodies(api: Api) -> &'static [&'static str] {
    match api {
        Api::Bulk => &[
            "{\"index\":{\"_index\":\"secret-1\",\"_id\":\"9\"}}\n{\"a\":1}\n",
            "{\"create\":{\"_index\":\"secret-1\",\"_id\":\"1\"}}\n{}\n{\"delete\":{\"_index\":\"secret-9\",\"_id\":\"1\"}}\n",
            "{\"index\":{\"_index\":\"secret-1\",\"require_alias\":true}}\n{}\n",
        ],
        Api::Mget => &[
            r#"{"docs":[{"_index":"secret-1","_id":"1"},{"_index":"open","_id":"1"},{"_index":"secret-alias","_id":"1"}]}"#,
        ],
        Api::Msearch => &[
            "{\"index\":\"s*\",\"allow_no_indices\":false}\n{}\n{\"index\":\"*\"}\n{}\n{\"index\":\"secret-1\"}\n{}\n",
            "{\"index\":[\"open\",\"secret-1\"],\"ignore_unavailable\":true}\n{}\n{\"index\":\"*,-secret-1\"}\n{\"query\":{\"match_all\":{}}}\n",
        ],
        Api::Search | Api::Count | Api::IndicesValidateQuery => &[
            "",
            r#"{"query":{"terms":{"t":{"index":"secret-1","id":"1","path":"secretfield"}}}}"#,
            r#"{"query":{"match":{"secretfield":"hello"}}}"#,
        ],
        Api::DeleteByQuery | Api::UpdateByQuery => {
            &[r#"{"query":{"match":{"secretfield":"hello"}}}"#]
        }
        Api::Index | Api::Create => &[r#"{"a":1}"#],
        Api::Update => &[r#"{"doc":{"a":1}}"#],
        Api::IndicesCreate => &["", r#"{"aliases":{"secret-1":{}}}"#],
        Api::IndicesUpdateAliases => &[
            r#"{"actions":[{"add":{"index":"s*","alias":"n"}}]}"#,
            r#"{"actions":[{"remove":{"index":"s*","alias":"both"}}]}"#,
            r#"{"actions":[{"add":{"index":"open","alias":"secret-1"}}]}"#,
            r#"{"actions":[{"remove_index":{"index":"s*"}}]}"#,
            r#"{"actions":[{"remove":{"index":"*","alias":"secret-alias"}}]}"#,
        ],
        Api::IndicesPutMapping => &[r#"{"properties":{"x":{"type":"long"}}}"#],
        Api::IndicesPutSettings => &[r#"{"index":{"refresh_interval":"7s"}}"#],
        Api::IndicesAnalyze => &[r#"{"text":"a"}"#, r#"{"text":"a","field":"secretfield"}"#],
        Api::FieldCaps => &[r#"{"fields":"*"}"#],
        _ => &[""],
    }
}

/// Every path and method of every built API, with every expression, option and body.
fn requests(flavor: Flavor) -> Vec<(String, &'static str)> {
    let mut requests = Vec::new();
    for api in Api::ALL.iter().filter(|api| api.built()) {
        let knows = |pair: &str| {
            let name = pair.split('=').next().unwrap();
            name.is_empty() || api.knows_parameter(name, flavor)
        };
        let takes = |option: &&&str| option.split('&').all(knows);
        for path in api.row().paths {
            let words: Vec<&str> = path.split(' ').collect();
            let (template, methods) = words.split_last().unwrap();
            let addressed = template.contains("{index}") || template.contains("{alias}");
            let expressions = if addressed { EXPRESSIONS } else { &EXPRESSIONS[..1] };
            let names = if template.contains("{name}") {
                &["*", "secret-alias", "both"][..]
            } else {
                &["*"]
            };
            for index in expressions {
                for name in names {
                    let index = index.replace('<', "%3C").replace('>', "%3E").replace('/', "%2F");
                    let concrete = template.replace("{index}", &index).replace("{alias}", &index);
                    let concrete = concrete.replace("{id}", "1").replace("{name}", name);
                    let concrete = concrete.replace(['{', '}'], "");
                    for method in methods.iter().filter(|word| !matches!(**word, "es" | "os")) {
                        if !route(method, &concrete, "", flavor)
                            .is_ok_and(|route| route.api == *api)
                        {
                            continue;
                        }
                        // What changes a domain costs two new ones each time.
                        let reads = matches!(*method, "GET" | "HEAD");
                        let all = reads && flavor == Flavor::Elasticsearch710;
                        let options = if all { OPTIONS } else { &OPTIONS[..2] };
                        for option in options.iter().filter(takes) {
                            let line = format!("{method} {concrete}?{option}");
                            requests.extend(bodies(*api).iter().map(|body| (line.clone(), *body)));
                        }
                    }
                }
            }
        }
    }
    requests
}

/// An answer without what differs between any two domains.
fn masked(request: &str, (status, text): Answer) -> Answer {
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        // A table for people: columns are as wide as their widest value.
        let rows: Vec<String> = text.lines().map(row).collect();
        return (status, without_machine(request, &rows.join("\n")));
    };
    mask(&mut value);
    (status, value.to_string())
}

/// A row without uuids.
fn row(line: &str) -> String {
    let words = line.split_whitespace().map(|word| if is_uuid(word) { "UUID" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// A table without what is measured of the machine while it runs: all numbers of nodes, and those behind the disk that
/// indices take.
fn without_machine(request: &str, table: &str) -> String {
    let kept = match request {
        line if line.contains("/_cat/nodes") => 0,
        line if line.contains("/_cat/allocation") => 2,
        _ => return table.to_owned(),
    };
    let row = |row: &str| {
        let words = row.split_whitespace().enumerate();
        let words = words.map(|(at, word)| match at < kept {
            true => word.to_owned(),
            false => word.replace(|c: char| c.is_ascii_digit() || c == '.', ""),
        });
        words.collect::<Vec<_>>().join(" ")
    };
    table.lines().map(row).collect::<Vec<_>>().join("\n")
}

fn is_uuid(word: &str) -> bool {
    word.len() == 22
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, member) in object.iter_mut() {
                match key.as_str() {
                    "took" | "cluster_uuid" | "_scroll_id" | "scroll_id" => *member = Value::Null,
                    // Measured of the machine while it runs.
                    "os" | "process" | "jvm" | "fs" => *member = Value::Null,
                    _ => mask(member),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mask),
        Value::String(text) if is_uuid(text) => *text = "UUID".to_owned(),
        // The id of a shard's copy, in a sentence.
        Value::String(text) => {
            let words = text.split_inclusive(['[', ']', '=']);
            *text = words
                .map(|word| if is_uuid(word.trim_end_matches(']')) { "UUID]" } else { word })
                .collect();
        }
        _ => {}
    }
}

/// What a domain is like: its metadata's version, and how many documents were written to `open`.
fn state(judged: &Judged) -> (u64, Value) {
    let stats = judged.admin("GET /_stats/indexing", "");
    (judged.engine.metadata().version, stats["_all"].clone())
}

fn matrix(flavor: Flavor) {
    let fresh = || (domain(flavor, true), domain(flavor, false));
    let (mut with, mut without) = fresh();
    let mut begun = state(&without);
    let mut told = Vec::new();
    let requests = requests(flavor);
    assert!(requests.len() > 3_000, "{}", requests.len());

    for (line, body) in requests {
        let there = masked(&line, with.restricted(&line, body));
        let nowhere = masked(&line, without.restricted(&line, body));
        if there != nowhere {
            told.push(format!("{line} {body}\n  there: {there:?}\n  not:   {nowhere:?}"));
        }
        let reads = line.starts_with("GET") || line.starts_with("HEAD");
        if !reads && nowhere.0 < 300 && state(&without) != begun {
            (with, without) = fresh();
            begun = state(&without);
        }
    }
    let some = told.get(..told.len().min(12)).unwrap().join("\n");
    assert!(told.is_empty(), "{} requests tell, such as\n{some}", told.len());
}

#[test]
fn d15_d22_no_answer_of_elasticsearch_tells_whether_a_hidden_index_is_there() {
    matrix(Flavor::Elasticsearch710);
}

#[test]
fn d15_d22_no_answer_of_opensearch_tells_whether_a_hidden_index_is_there() {
    matrix(Flavor::OpenSearch219);
}

#[test]
fn d23_no_listing_names_a_hidden_index() {
    let judged = domain(Flavor::Elasticsearch710, true);
    let mut listed = 0;
    for api in Api::ALL.iter().filter(|api| api.built()) {
        for path in api.row().paths.iter().filter(|path| path.contains("GET ")) {
            let template = path.split(' ').next_back().unwrap();
            let concrete = template.replace("{index}", "*").replace("{name}", "*");
            let concrete = concrete.replace("{fields}", "*").replace(['{', '}'], "");
            if !route("GET", &concrete, "", Flavor::Elasticsearch710).is_ok_and(|r| r.api == *api) {
                continue;
            }
            let (status, text) = judged.restricted(&format!("GET {concrete}"), bodies(*api)[0]);
            listed += usize::from(status == 200 && text.contains("open"));
            // What the caller wrote itself comes back.
            let own = bodies(*api)[0].contains(MARKER) || concrete.contains(MARKER);
            assert!(own || !text.contains(MARKER), "GET {concrete}: {text}");
        }
    }
    assert!(listed >= 12, "{listed} listings show what may be seen");
}

#[test]
fn d36_a_hidden_index_that_a_pattern_matched_is_not_named_by_the_refusal() {
    let judged = domain(Flavor::Elasticsearch710, true);
    for (list, named) in [("s*", "s*"), ("se*,-secret-1", "se*"), ("s*,-s*", "s*")] {
        let line = format!("GET /{list}/_search?allow_no_indices=false");
        let (status, text) = judged.restricted(&line, "");
        assert_eq!(status, 404);
        assert!(text.contains(&format!("\"reason\":\"no such index [{named}]\"")), "{text}");
    }
}
