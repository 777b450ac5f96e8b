//! `_stats` and its like: what is counted and measured.

use crate::cases::{Setup, asks};
use crate::domain::Domain;
use engine::rest::Flavor;
use serde_json::{Value, json};

/// A domain with an index of two texts whose words are kept, and that complete inputs.
fn words(domain: &Domain) {
    let field = json!({"type": "text", "fielddata": true, "fields": {"c": {"type": "completion"}}});
    let mapping = json!({"mappings": {"properties": {"bar": field, "baz": field}}});
    domain.ok("PUT /a", &mapping.to_string());
    domain.text("PUT /a/_doc/1?refresh=true", r#"{"bar": "some words", "baz": "more"}"#);
}

fn number(value: &Value, path: &str) -> u64 {
    let found = value.pointer(path).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no {path} in {value}"))
}

#[test]
fn the_bytes_of_words_and_completions_are_told_of_the_fields_that_are_asked_for() {
    let domain = Domain::elasticsearch();
    words(&domain);
    let all = domain.ok("GET /_stats/fielddata,completion", "");
    for (metric, key) in [("fielddata", "memory_size_in_bytes"), ("completion", "size_in_bytes")] {
        assert!(number(&all, &format!("/_all/total/{metric}/{key}")) > 0);
        assert_eq!(all.pointer(&format!("/_all/total/{metric}/fields")), None);
    }
    let asked = domain.ok("GET /_stats?fields=bar*", "");
    let keys = |path: &str| -> Vec<String> {
        let fields = asked.pointer(path).and_then(Value::as_object).unwrap();
        fields.keys().cloned().collect()
    };
    assert_eq!(keys("/_all/total/fielddata/fields"), ["bar"]);
    assert_eq!(keys("/indices/a/primaries/completion/fields"), ["bar.c"]);
    let both = domain.ok("GET /_nodes/stats/indices?fielddata_fields=*&level=indices", "");
    let node = both.pointer("/nodes").and_then(Value::as_object).unwrap().values().next().unwrap();
    let (bar, baz) = (
        number(node, "/indices/fielddata/fields/bar/memory_size_in_bytes"),
        number(node, "/indices/fielddata/fields/baz/memory_size_in_bytes"),
    );
    assert_eq!(bar + baz, number(node, "/indices/fielddata/memory_size_in_bytes"));
}

#[test]
fn cat_fielddata_has_a_row_for_each_field() {
    let domain = Domain::elasticsearch();
    words(&domain);
    let (_, rows) = domain.text("GET /_cat/fielddata?h=field", "");
    assert_eq!(rows.split_whitespace().collect::<Vec<_>>(), ["bar", "baz"]);
    let (_, rows) = domain.text("GET /_cat/fielddata/baz?h=field,size&bytes=b", "");
    let cells: Vec<&str> = rows.split_whitespace().collect();
    assert_eq!(cells[0], "baz");
    assert!(cells[1].parse::<u64>().unwrap() > 0, "{rows}");
}

#[test]
fn the_times_of_work_are_measured() {
    let domain = Domain::with_clock(Flavor::OpenSearch219);
    words(&domain);
    domain.text("DELETE /a/_doc/9", "");
    domain.ok("GET /a/_doc/1", "");
    domain.ok("POST /a/_search", "{}");
    domain.ok("POST /a/_flush", "");
    let told = domain.ok("GET /a/_stats", "");
    for path in [
        "indexing/index_time_in_millis",
        "indexing/delete_time_in_millis",
        "get/time_in_millis",
        "search/query_time_in_millis",
        "search/fetch_time_in_millis",
        "refresh/total_time_in_millis",
        "flush/total_time_in_millis",
    ] {
        assert!(number(&told, &format!("/_all/primaries/{path}")) > 0, "{path}: {told}");
    }
}

#[test]
fn of_a_closed_index_nothing_is_loaded() {
    let domain = Domain::elasticsearch();
    words(&domain);
    domain.ok("POST /a/_close", "");
    let line = "GET /_stats/segments?expand_wildcards=closed&forbid_closed_indices=false";
    let count = |line: &str| number(&domain.ok(line, ""), "/indices/a/primaries/segments/count");
    assert_eq!(count(line), 0);
    assert!(count(&format!("{line}&include_unloaded_segments=true")) > 0);
}

#[test]
fn writes_are_counted_by_their_type() {
    asks!(
        Setup::nothing()
            .of_elasticsearch()
            .and_then(
                "PUT /a?include_type_name=true",
                json!({"mappings": {"film": {"properties": {"n": {"type": "long"}}}}})
            )
            .and_then("POST /a/film/_bulk", json!([{"index": {}}, {"n": 1}])),
        "GET /a/_stats/indexing?types=film,song&filter_path=_all.total.indexing.types.*.index_total,indices.a.total.indexing.types.*.index_total",
        "GET /a/_stats/indexing?types=f*&filter_path=_all.total.indexing.types.*.index_total",
        "GET /a/_stats/indexing?types=song&filter_path=_all.total.indexing.types,_shards.failed"
    );
}
