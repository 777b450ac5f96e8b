//! `date_nanos`.

use crate::cases::{Setup, asks};

fn moments() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"d": {"type": "date_nanos"}, "f": {"type": "date_nanos", "format": "yyyy-MM-dd HH:mm:ss.SSSSSS||epoch_millis"}}}}),
        serde_json::json!([{"d": "2018-10-29T12:12:12.123456789Z"}, {"d": "2018-10-29T12:12:12Z"}, {"d": 1540815132987i64}, {"d": "1540815132987.654321"}, {"d": "2018"}, {"d": ["2018-10-29T12:12:12.123Z", "2020-01-01"]}, {"f": "2019-10-21 00:30:04.828740"}, {"d": null}]),
    )
}

#[test]
fn moments_are_found_to_the_nanosecond() {
    asks!(
        moments(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"d": "2018-10-29T12:12:12.123456789Z"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"gt": "2018-10-29T12:12:12.123456789Z"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"gte": "2018-10-29T12:12:12.123456789Z"}}}, "size": 30}
    );
}

#[test]
fn what_is_absent_is_rounded() {
    asks!(
        moments(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"gte": "2018", "lt": "2019"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"lte": "2018-10-29T12:12:12"}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"d": "2018-10-29"}}, "size": 30}
    );
}

#[test]
fn moments_before_1970_are_refused() {
    asks!(
        moments(),
        "PUT /a/_doc/20" => {"d": "1969-01-01"},
        "PUT /a/_doc/20" => {"d": "2263-01-01"},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"gte": "1900"}}}, "size": 30}
    );
}

#[test]
fn they_are_printed_by_formats() {
    asks!(
        moments(),
        "POST /a/_search" => {"_source": false, "size": 20, "docvalue_fields": ["d", "f"]},
        "POST /a/_search" => {"_source": false, "size": 20, "docvalue_fields": [{"field": "d", "format": "strict_date_optional_time_nanos"}]},
        "POST /a/_search" => {"_source": false, "size": 20, "docvalue_fields": [{"field": "d", "format": "epoch_millis"}]},
        "POST /a/_search" => {"_source": false, "size": 20, "fields": ["d", "f"]}
    );
}

#[test]
fn they_are_sorted_and_paged() {
    asks!(
        moments(),
        "POST /a/_search" => {"_source": false, "sort": ["d"]},
        "POST /a/_search" => {"_source": false, "sort": ["d"], "search_after": [1540815132123456789i64]},
        "POST /a/_search" => {"_source": false, "sort": [{"d": "desc"}], "search_after": ["2018-10-29T12:12:12.123456789Z"]}
    );
}

#[test]
fn buckets_are_of_milliseconds() {
    asks!(
        moments(),
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"date_histogram": {"field": "d", "calendar_interval": "month"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"max": {"field": "d"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "d", "order": {"_key": "asc"}}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"cardinality": {"field": "d"}}}}
    );
}
