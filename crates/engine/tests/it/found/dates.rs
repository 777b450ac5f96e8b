//! Dates in aggregations and in what is shown.

use serde_json::json;

use crate::cases::{Setup, search};

fn days() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "d": {"type": "date"}, "k": {"type": "keyword"},
            "r": {"type": "date_range", "format": "yyyy-MM-dd||epoch_millis"}, "i": {"type": "integer_range"}, "f": {"type": "float_range"},
        }}}),
        json!([
            {"d": ["2020-01-01", "2020-01-20", "2021-06-01"], "k": "a"}, {"d": ["2020-03-01T10:00:00Z", "2020-03-01T10:00:30Z"], "k": "b"},
            {"d": ["1999-05-05", "2020-12-31"], "k": "a"}, {"d": ["2022-02-02", "2022-02-03", "2022-11-11"], "k": "b"},
            {"r": {"gte": "2020-01-01", "lt": 1_577_923_200_000_u64}, "i": {"gt": "5", "lte": 7}, "f": [{"gte": 0.1}, {"lt": 7}]},
        ]),
    )
}

#[test]
fn a_document_counts_once_in_an_interval_as_long_as_it_took_then() {
    // OpenSearch may begin with a longer one, which follows from the least and the greatest date of the whole index.
    search!(days().of_elasticsearch(), {"size": 0, "aggs": {
        "one": {"auto_date_histogram": {"field": "d", "buckets": 1}}, "few": {"auto_date_histogram": {"field": "d", "buckets": 4}},
        "many": {"auto_date_histogram": {"field": "d", "buckets": 100}},
    }});
}

#[test]
fn aggregations_within_count_a_document_as_often() {
    search!(days(), {"size": 0, "aggs": {
        "few": {"auto_date_histogram": {"field": "d", "buckets": 4}, "aggs": {"k": {"terms": {"field": "k"}}}},
    }});
}

#[test]
fn the_ends_of_ranges_are_shown_as_their_types_have_them() {
    search!(days(), {"query": {"exists": {"field": "r"}}, "_source": false, "fields": ["r", "i", "f"]});
}

#[test]
fn the_ends_of_a_range_of_dates_are_shown_by_a_format() {
    search!(days(), {"query": {"exists": {"field": "r"}}, "_source": false, "fields": [{"field": "r", "format": "yyyy"}]});
}
