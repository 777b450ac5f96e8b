//! Ways to read × types of field × each kind of restriction: a caller who may see some documents, or all but some
//! fields, reads of the index what anybody reads of one that holds nothing else. The page is generated:
//! `docs/reference/what-a-view-shows.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::{Map, Value, json};

use super::{World, allow, deny, team_a};
use crate::client::{Answer, Key};

/// A type of field, a value of documents that show, and one that must not.
const TYPES: &[(&str, &str, &str)] = &[
    ("keyword", r#""seen""#, r#""hidden""#),
    ("text", r#""seen words""#, r#""hidden words""#),
    ("long", "11", "98765"),
    ("integer", "11", "98765"),
    ("byte", "11", "99"),
    ("double", "1.5", "98765.5"),
    ("scaled_float", "1.5", "98765.5"),
    ("date", r#""2020-01-01""#, r#""2031-01-01""#),
    ("date_nanos", r#""2020-01-01""#, r#""2031-01-01""#),
    ("boolean", "true", "false"),
    ("ip", r#""10.0.0.1""#, r#""192.0.2.77""#),
    ("geo_point", r#"{"lat": 1, "lon": 1}"#, r#"{"lat": 77, "lon": 77}"#),
    ("integer_range", r#"{"gte": 1, "lte": 2}"#, r#"{"gte": 98765, "lte": 98766}"#),
    ("object", r#"{"k": "seen"}"#, r#"{"k": "hidden"}"#),
    ("nested", r#"[{"k": "seen"}]"#, r#"[{"k": "hidden"}, {"k": "hidden too"}]"#),
    ("search_as_you_type", r#""seen words""#, r#""hidden words""#),
    ("completion", r#""seen""#, r#""hidden""#),
    ("rank_feature", "2", "98765"),
    ("binary", r#""c2Vlbg==""#, r#""aGlkZGVu""#),
    ("flattened", r#"{"k": "seen"}"#, r#"{"k": "hidden"}"#),
    ("wildcard", r#""seen""#, r#""hidden""#),
    ("rank_features", r#"{"k": 2}"#, r#"{"k": 98765}"#),
    ("flat_object", r#"{"k": "seen"}"#, r#"{"k": "hidden"}"#),
    ("unsigned_long", "11", "98765"),
    ("dense_vector", "[1, 1]", "[77, 77]"),
    ("knn_vector", "[1, 1]", "[77, 77]"),
    ("alias", r#""seen""#, r#""hidden""#),
];

/// The path of the leaf that is asked about.
fn leaf(prefix: &str, kind: &str) -> String {
    match kind {
        "object" | "nested" | "flattened" | "flat_object" | "rank_features" => {
            format!("{prefix}_{kind}.k")
        }
        _ => format!("{prefix}_{kind}"),
    }
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Ways to read that are asked of each field: the name, the path, and the body; `FIELD` and `VALUE` stand for the field and
/// a value that must not show.
const OF_FIELDS: &[(&str, &str, &str)] = &[
    ("query `exists`", "POST /staff/_count", r#"{"query": {"exists": {"field": "FIELD"}}}"#),
    ("query `term`", "POST /staff/_count", r#"{"query": {"term": {"FIELD": "VALUE"}}}"#),
    ("query `range`", "POST /staff/_count", r#"{"query": {"range": {"FIELD": {"gte": "VALUE"}}}}"#),
    (
        "query `query_string`",
        "POST /staff/_count",
        r#"{"query": {"query_string": {"query": "FIELD:*"}}}"#,
    ),
    ("sort", "POST /staff/_search", r#"{"sort": ["FIELD", "id"]}"#),
    ("collapse", "POST /staff/_search", r#"{"sort": ["id"], "collapse": {"field": "FIELD"}}"#),
    ("`fields`", "POST /staff/_search", r#"{"sort": ["id"], "fields": ["FIELD"]}"#),
    (
        "`docvalue_fields`",
        "POST /staff/_search",
        r#"{"sort": ["id"], "docvalue_fields": ["FIELD"]}"#,
    ),
    ("`stored_fields`", "POST /staff/_search", r#"{"sort": ["id"], "stored_fields": ["FIELD"]}"#),
    (
        "highlight",
        "POST /staff/_search",
        r#"{"sort": ["id"], "query": {"multi_match": {"query": "hidden seen", "fields": ["FIELD"], "lenient": true}}, "highlight": {"fields": {"FIELD": {}}}}"#,
    ),
    (
        "aggregation `terms`, `min_doc_count: 0`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"a": {"terms": {"field": "FIELD", "min_doc_count": 0, "size": 100}}}}"#,
    ),
    (
        "aggregation `cardinality`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"a": {"cardinality": {"field": "FIELD"}}}}"#,
    ),
    (
        "aggregation `stats`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"a": {"stats": {"field": "FIELD"}}}}"#,
    ),
    (
        "aggregation `missing` in `global`",
        "POST /staff/_search",
        r#"{"size": 0, "query": {"match_none": {}}, "aggs": {"g": {"global": {}, "aggs": {"a": {"missing": {"field": "FIELD"}}}}}}"#,
    ),
    (
        "script of a query",
        "POST /staff/_count",
        r#"{"query": {"script": {"script": "doc['FIELD'].size() > 0"}}}"#,
    ),
    (
        "script field",
        "POST /staff/_search",
        r#"{"sort": ["id"], "script_fields": {"f": {"script": "doc['FIELD'].size()"}}}"#,
    ),
    (
        "suggester `term`",
        "POST /staff/_search",
        r#"{"size": 0, "suggest": {"s": {"text": "hiddem", "term": {"field": "FIELD"}}}}"#,
    ),
    (
        "suggester `completion`",
        "POST /staff/_search",
        r#"{"size": 0, "suggest": {"s": {"prefix": "hid", "completion": {"field": "FIELD"}}}}"#,
    ),
    ("`_field_caps`", "GET /staff/_field_caps?fields=FIELD", ""),
    ("`_mapping/field`", "GET /staff/_mapping/field/FIELD", ""),
];

/// Ways to read that are asked once.
const OF_DOCUMENTS: &[(&str, &str, &str)] = &[
    ("`_search`", "POST /staff/_search", r#"{"sort": ["id"], "size": 100}"#),
    ("`_search` with `_source`", "POST /staff/_search", r#"{"sort": ["id"], "_source": ["*"]}"#),
    ("`search_after`", "POST /staff/_search", r#"{"sort": ["id"], "search_after": ["1"]}"#),
    (
        "`from`, `track_total_hits`",
        "POST /staff/_search",
        r#"{"sort": ["id"], "from": 1, "track_total_hits": 1}"#,
    ),
    ("`_msearch`", "POST /_msearch", "{\"index\": \"staff\"}\n{\"sort\": [\"id\"]}\n"),
    ("`_count`", "GET /staff/_count", ""),
    ("`_cat/count`", "GET /_cat/count/staff?h=count", ""),
    ("`_doc`", "GET /staff/_doc/1", ""),
    ("`_doc` of another", "GET /staff/_doc/3", ""),
    ("`_doc`, not realtime", "GET /staff/_doc/3?realtime=false", ""),
    ("`HEAD _doc`", "HEAD /staff/_doc/3", ""),
    ("`_source`", "GET /staff/_source/1", ""),
    ("`_source` of another", "GET /staff/_source/3", ""),
    ("`_mget`", "POST /staff/_mget", r#"{"ids": ["1", "2", "3", "4", "5"]}"#),
    ("`_explain`", "POST /staff/_explain/3?_source=true", r#"{"query": {"match_all": {}}}"#),
    ("`_termvectors`", "GET /staff/_termvectors/3?fields=*", ""),
    (
        "`_validate/query`",
        "POST /staff/_validate/query?explain=true",
        r#"{"query": {"match_all": {}}}"#,
    ),
    (
        "terms lookup",
        "POST /staff/_count",
        r#"{"query": {"terms": {"team": {"index": "staff", "id": "3", "path": "team"}}}}"#,
    ),
    (
        "`more_like_this`",
        "POST /staff/_count",
        r#"{"query": {"more_like_this": {"fields": ["v_text"], "like": [{"_index": "staff", "_id": "3"}], "min_term_freq": 1, "min_doc_freq": 1}}}"#,
    ),
    ("`ids`", "POST /staff/_count", r#"{"query": {"ids": {"values": ["1", "3"]}}}"#),
    (
        "`query_string` on all fields",
        "POST /staff/_count",
        r#"{"query": {"query_string": {"query": "hidden"}}}"#,
    ),
    (
        "`simple_query_string` on all fields",
        "POST /staff/_count",
        r#"{"query": {"simple_query_string": {"query": "hidden", "fields": ["*"]}}}"#,
    ),
    (
        "`nested` with `inner_hits`",
        "POST /staff/_search",
        r#"{"sort": ["id"], "query": {"constant_score": {"filter": {"nested": {"path": "v_nested", "query": {"match_all": {}}, "inner_hits": {}}}}}}"#,
    ),
    (
        "aggregation `global` with `top_hits`",
        "POST /staff/_search",
        r#"{"size": 0, "query": {"match_none": {}}, "aggs": {"g": {"global": {}, "aggs": {"t": {"top_hits": {"sort": ["id"]}}}}}}"#,
    ),
    (
        "aggregation `filters`, `other_bucket`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"f": {"filters": {"other_bucket": true, "filters": {"a": {"term": {"team": "a"}}}}}}}"#,
    ),
    (
        "aggregation `composite`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"c": {"composite": {"sources": [{"t": {"terms": {"field": "team"}}}, {"k": {"terms": {"field": "v_keyword"}}}]}}}}"#,
    ),
    (
        "aggregation `histogram`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"h": {"histogram": {"field": "v_integer", "interval": 50000, "min_doc_count": 0}}}}"#,
    ),
    (
        "aggregation `date_histogram`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"h": {"date_histogram": {"field": "v_date", "calendar_interval": "year"}}}}"#,
    ),
    (
        "aggregation `significant_terms`",
        "POST /staff/_search",
        r#"{"size": 0, "query": {"term": {"team": "a"}}, "aggs": {"s": {"significant_terms": {"field": "v_keyword", "min_doc_count": 1}}}}"#,
    ),
    (
        "aggregation `rare_terms`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"s": {"rare_terms": {"field": "v_keyword"}}}}"#,
    ),
    (
        "aggregation `percentiles`",
        "POST /staff/_search",
        r#"{"size": 0, "aggs": {"s": {"percentiles": {"field": "v_long"}}}}"#,
    ),
    (
        "`rescore`",
        "POST /staff/_search",
        r#"{"query": {"constant_score": {"filter": {"match_all": {}}}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"constant_score": {"filter": {"term": {"v_keyword": "hidden"}}}}}}}"#,
    ),
    (
        "`post_filter`",
        "POST /staff/_search",
        r#"{"sort": ["id"], "post_filter": {"term": {"v_keyword": "hidden"}}}"#,
    ),
    (
        "`_rank_eval`",
        "POST /staff/_rank_eval",
        r#"{"requests": [{"id": "r", "request": {"query": {"constant_score": {"filter": {"match_all": {}}}}}, "ratings": [{"_index": "staff", "_id": "3", "rating": 1}]}], "metric": {"precision": {"k": 9}}}"#,
    ),
    ("`_mapping`", "GET /staff/_mapping", ""),
    ("`_field_caps` of all", "GET /staff/_field_caps?fields=*", ""),
];

/// The index with nothing but what shows.
const CUT: &str = "zqcut";

/// Of each way to read, in order, and each restriction: what came of it, with the types of fields.
type Rows = BTreeMap<(usize, &'static str), Vec<BTreeMap<Outcome, Vec<&'static str>>>>;

/// What came of one request by a restricted caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// What anybody reads of an index with nothing else.
    Same,
    /// That, without the empty buckets of values that only nested objects have.
    Fewer,
    /// Refused by name.
    Refused(u16),
}

impl Outcome {
    fn text(self) -> String {
        match self {
            Outcome::Same => "the same".to_owned(),
            Outcome::Fewer => "without empty buckets".to_owned(),
            Outcome::Refused(403) => "403".to_owned(),
            Outcome::Refused(status) => format!("refused, {status}"),
        }
    }
}

/// `staff` with all documents and fields, `cut` with what shows: of each pair (of team `a`, fields `v_…`), what is asked for.
fn world(documents: bool, fields: bool) -> World {
    let world = World::new();
    world.must(200, "DELETE", "/staff", &Value::Null);
    for (index, cut) in [("staff", false), (CUT, true)] {
        let shown = |prefix: &str| prefix == "v" || !(cut && fields);
        let mut properties = Map::new();
        properties.insert("team".into(), json!({"type": "keyword"}));
        properties.insert("id".into(), json!({"type": "keyword"}));
        for prefix in ["v", "h"].into_iter().filter(|prefix| shown(prefix)) {
            for (kind, ..) in TYPES {
                let mut mapping = json!({"type": kind});
                match *kind {
                    "object" | "nested" => {
                        mapping["properties"] = json!({"k": {"type": "keyword"}})
                    }
                    "scaled_float" => mapping["scaling_factor"] = 10.into(),
                    "dense_vector" => mapping["dims"] = 2.into(),
                    "knn_vector" => mapping["dimension"] = 2.into(),
                    // Of the field of its prefix.
                    "alias" => mapping["path"] = format!("{prefix}_keyword").into(),
                    _ => {}
                }
                properties.insert(format!("{prefix}_{kind}"), mapping);
            }
        }
        let body = json!({"mappings": {"properties": properties}});
        world.must(200, "PUT", &format!("/{index}"), &body);
        for id in 1..=4 {
            let visible = id <= 2;
            if cut && documents && !visible {
                continue;
            }
            let mut document = Map::new();
            document.insert("team".into(), if visible { "a" } else { "b" }.into());
            document.insert("id".into(), id.to_string().into());
            for (kind, seen, hidden) in TYPES.iter().filter(|(kind, ..)| *kind != "alias") {
                let own = if visible || !documents { seen } else { hidden };
                document.insert(format!("v_{kind}"), value(own));
                if shown("h") {
                    document.insert(format!("h_{kind}"), value(if fields { hidden } else { own }));
                }
            }
            let target = format!("/{index}/_doc/{id}?refresh=true");
            world.must(201, "PUT", &target, &Value::Object(document));
        }
    }
    world
}

/// The answer without what differs from index to index.
fn told(answer: &Answer) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(object) => {
                for key in ["took", "_seq_no", "_primary_term", "index_uuid", "_version", "uuid"] {
                    object.shift_remove(key);
                }
                object.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let text = answer.text();
    match serde_json::from_str::<Value>(&text) {
        Ok(mut value) => {
            strip(&mut value);
            format!("{} {value}", answer.status)
        }
        Err(_) => format!("{} {}", answer.status, text.trim()),
    }
}

/// Asks the restricted caller of `staff` and anybody of `cut`.
fn compare(world: &World, key: &Key, line: &str, body: &str) -> Result<Outcome, String> {
    let ask = |key: &Key, line: &str, body: &str| {
        let (method, target) = line.split_once(' ').unwrap();
        world.domain.signed(key, method, target, body.as_bytes())
    };
    let restricted = ask(key, line, body);
    if [403, 501].contains(&restricted.status) {
        return Ok(Outcome::Refused(restricted.status));
    }
    let cut = ask(&world.root, &line.replace("staff", CUT), &body.replace("staff", CUT));
    let (seen, expected) = (told(&restricted), told(&cut).replace(CUT, "staff"));
    let fewer = expected.replace(r#""buckets":[{"key":"seen","doc_count":0}]"#, r#""buckets":[]"#);
    if seen == expected {
        Ok(Outcome::Same)
    } else if body.contains("min_doc_count") && seen == fewer {
        Ok(Outcome::Fewer)
    } else {
        Err(format!("{line} {body}\n  seen     {seen}\n  expected {expected}"))
    }
}

#[test]
fn a_restricted_caller_reads_what_anybody_reads_of_an_index_with_nothing_else() {
    let hidden = json!({"StringLike": {"es:Field": "h_*"}});
    let restrictions = [
        (true, false, json!([allow(&team_a())])),
        (false, true, json!([allow(&json!({})), deny(&hidden)])),
        (true, true, json!([allow(&team_a()), deny(&hidden)])),
    ];
    let mut rows = Rows::new();
    let (mut leaks, mut asked) = (Vec::new(), 0);
    for (at, (documents, fields, statements)) in restrictions.iter().enumerate() {
        let world = world(*documents, *fields);
        let key = world.user("reader", statements);
        asked += ask_all(&world, &key, (at, *fields), &mut rows, &mut leaks);
    }
    assert!(leaks.is_empty(), "{} of {asked}:\n{}", leaks.len(), leaks.join("\n"));
    expect_file!["../../../../../docs/reference/what-a-view-shows.md"].assert_eq(&page(&rows));
}

/// The same, of who is restricted by roles and let in by the policies.
#[test]
fn roles_show_what_policies_that_say_the_same_show() {
    let mut rows = Rows::new();
    let (mut leaks, mut asked) = (Vec::new(), 0);
    for (at, (documents, fields)) in [(true, false), (false, true), (true, true)].iter().enumerate()
    {
        let world = world(*documents, *fields);
        let key = world.user("reader", &json!([allow(&json!({}))]));
        let master = json!({"MasterUserARN": "arn:aws:iam::123456789012:user/developer"});
        crate::roles::enable(
            &world.running,
            &json!({"Enabled": true, "MasterUserOptions": master}),
        );
        let dls = if *documents { r#"{"term": {"team": "a"}}"# } else { "" };
        let fls = if *fields { json!(["~h_*"]) } else { json!([]) };
        let entry =
            json!({"index_patterns": ["staff"], "dls": dls, "fls": fls, "allowed_actions": ["*"]});
        let role = json!({"cluster_permissions": ["*"], "index_permissions": [entry]});
        world.must(201, "PUT", "/_opendistro/_security/api/roles/reader", &role);
        let mapping = json!({"users": ["arn:aws:iam::123456789012:user/reader"]});
        world.must(201, "PUT", "/_opendistro/_security/api/rolesmapping/reader", &mapping);
        asked += ask_all(&world, &key, (at, *fields), &mut rows, &mut leaks);
    }
    assert!(leaks.is_empty(), "{} of {asked}:\n{}", leaks.len(), leaks.join("\n"));
    expect_file!["../../../../../docs/reference/what-a-view-shows.md"].assert_eq(&page(&rows));
}

/// Asks a restricted caller in every way; how often.
fn ask_all(
    world: &World,
    key: &Key,
    (at, fields): (usize, bool),
    rows: &mut Rows,
    leaks: &mut Vec<String>,
) -> usize {
    let mut asked = 0;
    let mut note = |row: (usize, &'static str), kind: &'static str, line: &str, body: &str| {
        asked += 1;
        match compare(world, key, line, body) {
            Ok(outcome) => {
                let row = rows.entry(row).or_default();
                row.resize_with(row.len().max(at + 1), BTreeMap::new);
                row[at].entry(outcome).or_default().push(kind);
            }
            Err(leak) => leaks.push(leak),
        }
    };
    for (number, (name, line, body)) in OF_DOCUMENTS.iter().enumerate() {
        note((number, name), "", line, body);
    }
    for (number, (name, line, body)) in OF_FIELDS.iter().enumerate() {
        for (kind, _, hidden) in TYPES {
            for prefix in if fields { &["h", "v"][..] } else { &["v"][..] } {
                let leaf = leaf(prefix, kind);
                let body = body.replace("FIELD", &leaf);
                let body = body.replace(
                    "\"VALUE\"",
                    if hidden.starts_with(['{', '[']) { "\"hidden\"" } else { hidden },
                );
                note((100 + number, name), kind, &line.replace("FIELD", &leaf), &body);
            }
        }
    }
    asked
}

/// The page.
fn page(rows: &Rows) -> String {
    let mut page = String::from(
        "<!-- generated by crates/server/tests/it/documents/matrix.rs; do not edit -->\n# Ways to read × types of field: what a view shows\n\n\
         Each way to read is asked by a caller who may see some documents (`es:Document/team`), one who may see all but some fields\n\
         (`es:Field`), and one with both restrictions. Answers are compared with those of an index that holds nothing else:\n\
         values, counts, buckets, orders and refusals. What is not the same is refused by name. The types of the fields are\n",
    );
    let kinds: Vec<String> = TYPES.iter().map(|(kind, ..)| format!("`{kind}`")).collect();
    let _ = writeln!(page, "{}.\n", kinds.join(", "));
    page.push_str(
        "| way to read | of some documents | without some fields | both |\n|---|---|---|---|\n",
    );
    for ((_, name), cells) in rows {
        let cell = |outcomes: &BTreeMap<Outcome, Vec<&str>>| {
            let told = outcomes.iter().map(|(outcome, kinds)| match outcomes.len() {
                1 => outcome.text(),
                _ => {
                    let mut kinds = kinds.clone();
                    kinds.dedup();
                    match outcome {
                        Outcome::Same => outcome.text(),
                        _ => format!("{} ({})", outcome.text(), kinds.join(", ")),
                    }
                }
            });
            told.collect::<Vec<_>>().join("; ")
        };
        let cells: Vec<String> = cells.iter().map(cell).collect();
        let _ = writeln!(page, "| {name} | {} |", cells.join(" | "));
    }
    page
}
