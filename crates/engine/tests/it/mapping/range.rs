//! The types of ranges, and the queries on them.

use crate::cases::{Setup, asks};

fn ranges() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"i": {"type": "integer_range"}, "l": {"type": "long_range"}, "f": {"type": "float_range"}, "d": {"type": "double_range"}, "t": {"type": "date_range", "format": "yyyy-MM-dd HH:mm:ss||yyyy-MM-dd||epoch_millis"}, "a": {"type": "ip_range"}}}}),
        serde_json::json!([{"i": {"gte": 1, "lte": 10}, "l": {"gte": 1, "lt": 5}}, {"i": {"gt": 1, "lt": 10}, "f": {"gt": 1.5, "lt": 2.5}}, {"i": {"gte": 5}, "d": {"gte": 1.5, "lte": 2.5}}, {"i": null}, {"i": [{"gte": 1, "lte": 2}, {"gte": 8, "lte": 9}]}, {"i": {"gte": "1", "lte": "3"}, "t": {"gte": "2020-01-01", "lte": "2020-01-31"}}, {"i": {}, "t": {"gte": "2020-01-01", "lt": "2020-02-01"}}, {"a": "10.0.0.0/8", "t": {"gte": 1577836800000i64}}, {"a": {"gte": "10.0.0.1", "lte": "10.0.0.5"}}, {"a": "2001:db8::/32"}, {"i": {"gte": null, "lte": 5}}]),
    )
}

#[test]
fn ranges_intersect_unless_told_otherwise() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 2, "lte": 3}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 8}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"lt": 1}}}, "size": 30}
    );
}

#[test]
fn ranges_are_within() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 0, "lte": 11, "relation": "within"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"relation": "WITHIN"}}}, "size": 30}
    );
}

#[test]
fn ranges_contain() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 2, "lte": 3, "relation": "contains"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gt": 2, "lt": 3, "relation": "contains"}}}, "size": 30}
    );
}

#[test]
fn another_relation_is_refused() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 2, "relation": "disjoint"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 2, "relation": "x"}}}, "size": 30}
    );
}

#[test]
fn a_value_is_in_ranges() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"i": 5}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"terms": {"i": [1, 9]}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"match": {"i": 3}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"l": 4}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"l": 5}}, "size": 30}
    );
}

#[test]
fn a_fraction_is_refused_by_whole_ranges() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"i": 2.5}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": 1.2}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"i": "x"}}, "size": 30}
    );
}

#[test]
fn open_ends_are_not_in_ranges_of_fractions() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"f": 1.5}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"f": 1.6}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"f": {"gte": 2}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"lt": 1.5}}}, "size": 30}
    );
}

#[test]
fn dates_have_ranges() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"t": {"gte": "2020-01-15", "lte": "2020-01-16"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"t": {"gt": "2020-01-31"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"t": "2020-01-31"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"t": "2020-01-31 12:00:00"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"t": {"gte": "15.01.2020", "format": "dd.MM.yyyy"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"t": {"gte": "2020-01-15", "time_zone": "+01:00"}}}, "size": 30}
    );
}

#[test]
fn addresses_have_ranges() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"a": {"gte": "10.0.0.3", "lte": "10.0.0.4"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"a": "10.0.0.3"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"a": "10.0.0.0/30"}}, "size": 30}
    );
}

#[test]
fn ranges_exist() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "i"}}, "size": 30}
    );
}

#[test]
fn query_strings_reach_ranges() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "query": {"query_string": {"query": "i:[2 TO 3]"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"query_string": {"query": "i:5"}}, "size": 30}
    );
}

#[test]
fn ranges_are_shown_as_they_came() {
    asks!(
        ranges(),
        "POST /a/_search" => {"_source": false, "fields": ["i", "t"], "size": 3}
    );
}

#[test]
fn ranges_are_not_buckets() {
    asks!(
        ranges(),
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "i"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"avg": {"field": "i"}}}}
    );
}

#[test]
fn what_is_no_range_is_refused() {
    asks!(
        ranges(),
        "PUT /a/_doc/20" => {"i": 5},
        "PUT /a/_doc/20" => {"i": {"gte": 10, "lte": 1}},
        "PUT /a/_doc/20" => {"i": {"x": 1}},
        "PUT /a/_doc/20" => {"i": {"gte": "x"}},
        "PUT /a/_doc/20" => {"t": {"gte": "now-1d"}},
        "PUT /a/_doc/20" => {"a": "10.0.0.1"},
        "PUT /a/_doc/20" => {"i": {"gt": 5, "lt": 6}}
    );
}

#[test]
fn mappings_of_ranges_are_told() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"i": {"type": "integer_range", "coerce": false, "store": true, "index": false, "meta": {"a": "b"}}, "t": {"type": "date_range", "format": "yyyy"}}}},
        "GET /a/_mapping",
        "PUT /b" => {"mappings": {"properties": {"i": {"type": "integer_range", "null_value": 1}}}}
    );
}
