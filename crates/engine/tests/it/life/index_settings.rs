//! Index settings as the real servers take them.

use crate::cases::{Setup, asks};
use crate::domain::Domain;

#[test]
fn a_sort_is_checked() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"index.sort.field": "nope"}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a" => {"settings": {"index.sort.field": "n", "index.sort.order": "bogus"}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a" => {"settings": {"index.sort.field": ["n"], "index.sort.order": ["asc", "desc"]}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a" => {"settings": {"index.sort.field": "n", "index.sort.order": "desc"}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "GET /a/_settings/index.sort*"
    );
}

#[test]
fn defaults_are_told() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"refresh_interval": "3s"}},
        "GET /a/_settings?include_defaults=true&filter_path=*.defaults.index.max_*,*.defaults.index.refresh_interval,*.defaults.index.blocks,*.defaults.index.translog",
        "GET /a/_settings/index.max_result_window?include_defaults=true",
        "GET /a/_settings?include_defaults=true&flat_settings=true&filter_path=*.defaults.index*gc_deletes"
    );
}

#[test]
fn defaults_differ_by_service() {
    let told = |domain: Domain| {
        domain.ok("PUT /a", "{}");
        let line = "GET /a/_settings?include_defaults=true&flat_settings=true";
        let answer = domain.ok(line, "");
        answer["a"]["defaults"].as_object().unwrap().len()
    };
    let (old, new) = (told(Domain::elasticsearch()), told(Domain::opensearch()));
    assert!(old > 100 && new > old, "{old} {new}");
}

#[test]
fn what_is_set_may_be_preserved() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"number_of_replicas": 0}},
        "PUT /a/_settings?preserve_existing=true" => {"index.number_of_replicas": 1, "index.translog.durability": "async"},
        "GET /a/_settings/index.number_of_replicas,index.translog*"
    );
}

#[test]
fn a_closed_index_takes_what_an_open_one_does_not() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {},
        "POST /a/_close",
        "PUT /a/_settings" => {"index.codec": "best_compression"},
        "PUT /a/_settings" => {"index.number_of_shards": 2},
        "PUT /a/_settings" => {"index.sort.field": "n"},
        "GET /a/_settings/index.codec,index.number_of_shards"
    );
}

#[test]
fn an_alias_is_not_deleted_as_an_index_and_may_be_passed_over() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"aliases": {"b": {}}},
        "PUT /c" => {},
        "DELETE /b,c",
        "DELETE /b?ignore_unavailable=true",
        "DELETE /b,c?ignore_unavailable=true",
        "GET /_alias"
    );
}

#[test]
fn statistics_count_the_shards_that_were_asked_for() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"number_of_shards": 3, "number_of_replicas": 1}},
        "GET /_stats/docs?filter_path=_shards,_all.primaries",
        "GET /_stats/dosc",
        "GET /_nodes/stats/transprot"
    );
}

#[test]
fn analyzers_of_a_closed_index_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"analysis": {"analyzer": {"mine": {"tokenizer": "standard"}}, "filter": {"f": {"type": "stop", "stopwords": ["x", "y"]}}}}, "mappings": {"properties": {"t": {"type": "text", "analyzer": "mine"}}}},
        "PUT /a/_doc/1?refresh" => {"t": "a-b"},
        "PUT /a/_settings" => {"analysis": {"analyzer": {"other": {"type": "custom", "tokenizer": "keyword"}}}},
        "POST /a/_close",
        "PUT /a/_settings" => {"analysis": {"analyzer": {"other": {"type": "custom", "tokenizer": "nope"}}}},
        "PUT /a/_settings" => {"analysis": {"analyzer": {"other": {"type": "custom", "tokenizer": "keyword"}}}},
        "PUT /a/_settings" => {"index.analysis.analyzer.mine.tokenizer": "whitespace"},
        "PUT /a/_settings" => {"analysis": {"analyzer": {"mine": {"tokenizer": null}}}},
        "PUT /a/_settings" => {"analysis": {"analyzer": {"mine": null}}},
        "PUT /a/_mapping" => {"properties": {"u": {"type": "text", "analyzer": "other"}}},
        "GET /a/_settings/index.analysis*",
        "GET /a/_mapping",
        "POST /a/_open",
        "PUT /a/_doc/2?refresh&filter_path=result" => {"t": "a-b", "u": "a b"},
        "POST /a/_search?filter_path=hits.hits._id" => {"query": {"match": {"t": "a-b"}}},
        "POST /a/_search?filter_path=hits.hits._id" => {"query": {"term": {"u": "a b"}}},
        "POST /a/_analyze" => {"analyzer": "mine", "text": "a-b c"}
    );
}

#[test]
fn documents_are_not_sorted_by_every_type() {
    let sorted = |kind: &str| {
        serde_json::json!({
            "settings": {"index.sort.field": "f"}, "mappings": {"properties": {"f": {"type": kind}}}
        })
    };
    asks!(
        Setup::nothing(),
        "PUT /a" => (sorted("half_float")),
        "PUT /b" => (sorted("geo_point")),
        "PUT /c" => (sorted("ip")),
        "PUT /d" => (sorted("boolean")),
        "PUT /e" => (sorted("date")),
        "PUT /f" => (sorted("date_nanos")),
        "PUT /g" => (sorted("float")),
        "PUT /h" => (sorted("integer_range")),
        "PUT /i" => {"settings": {"index.sort.field": "f"}, "mappings": {"properties": {"f": {"type": "scaled_float", "scaling_factor": 10}}}},
        "PUT /j" => {"settings": {"index.sort.field": "f"}, "mappings": {"properties": {"f": {"type": "keyword"}, "n": {"type": "nested"}}}},
        "PUT /k" => {"settings": {"index.sort.field": "f"}, "mappings": {"properties": {"f": {"type": "text"}}}}
    );
}
