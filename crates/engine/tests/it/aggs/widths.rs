//! `auto_date_histogram` and `variable_width_histogram`: buckets as wide as it takes.

use crate::cases::{asks, search};
use crate::library::{crowd, films, no_films};

/// An aggregation of the crowd.
macro_rules! crowds {
    ($aggs:tt $(; differs: $why:literal)? $(,)?) => {
        search!(crowd(), {"size": 0, "aggs": $aggs} $(; differs: $why)?)
    };
}

#[test]
fn intervals_are_as_long_as_it_takes() {
    crowds!({
        "a": {"auto_date_histogram": {"field": "when", "buckets": 2}}, "b": {"auto_date_histogram": {"field": "when", "buckets": 5}},
        "c": {"auto_date_histogram": {"field": "when"}}, "d": {"auto_date_histogram": {"field": "when", "buckets": 40}},
        "e": {"auto_date_histogram": {"field": "when", "buckets": 200}}
    });
}

#[test]
fn aggregations_stand_in_intervals_of_any_length() {
    crowds!({
        "a": {"auto_date_histogram": {"field": "when", "buckets": 5}, "aggs": {"p": {"sum": {"field": "price"}}, "c": {"cumulative_sum": {"buckets_path": "p"}}}},
        "t": {"terms": {"field": "section"}, "aggs": {"b": {"auto_date_histogram": {"field": "when", "buckets": 3}, "aggs": {"p": {"max": {"field": "n"}}}}}},
        "m": {"max_bucket": {"buckets_path": "a>p"}}
    });
}

#[test]
fn short_times_have_short_intervals() {
    asks!(
        crate::cases::Setup::index("t", serde_json::json!({"mappings": {"properties": {"d": {"type": "date"}}}}), serde_json::json!([
            {"d": "2021-01-01T00:00:01Z"}, {"d": "2021-01-01T00:00:04Z"}, {"d": "2021-01-01T00:01:07Z"}, {"d": "2021-01-01T00:03:01Z"}, {"d": "2021-01-01T01:00:00Z"}
        ])),
        "POST /t/_search" => {"size": 0, "aggs": {
            "a": {"auto_date_histogram": {"field": "d"}}, "b": {"auto_date_histogram": {"field": "d", "buckets": 30}},
            "c": {"auto_date_histogram": {"field": "d", "buckets": 100}}, "e": {"auto_date_histogram": {"field": "d", "minimum_interval": "hour"}}
        }}
    );
}

#[test]
fn a_time_zone_and_a_format_may_be_given() {
    crowds!({"a": {"auto_date_histogram": {"field": "when", "buckets": 4, "time_zone": "America/New_York", "format": "yyyy-MM-dd"}}});
}

#[test]
fn nothing_has_no_intervals() {
    search!(no_films(), {"size": 0, "aggs": {"a": {"auto_date_histogram": {"field": "released"}}, "b": {"auto_date_histogram": {"field": "nowhere"}}}});
}

#[test]
fn one_date_is_one_interval() {
    search!(films(), {"size": 0, "query": {"term": {"genre": "thriller"}}, "aggs": {"a": {"auto_date_histogram": {"field": "released"}}}});
}

#[test]
fn no_buckets_are_refused() {
    crowds!({"a": {"auto_date_histogram": {"field": "when", "buckets": 0}}});
}

#[test]
fn an_unknown_least_interval_is_refused() {
    crowds!({"a": {"auto_date_histogram": {"field": "when", "minimum_interval": "fortnight"}}});
}

#[test]
fn values_near_each_other_share_a_bucket() {
    crowds!({
        "a": {"variable_width_histogram": {"field": "price", "buckets": 4}}, "b": {"variable_width_histogram": {"field": "small", "buckets": 3}},
        "c": {"variable_width_histogram": {"field": "n"}}
    });
}

#[test]
fn fewer_values_than_buckets() {
    search!(films(), {"size": 0, "aggs": {"a": {"variable_width_histogram": {"field": "rating", "buckets": 10}}}});
}

#[test]
fn no_widths_of_nothing() {
    search!(no_films(), {"size": 0, "aggs": {"a": {"variable_width_histogram": {"field": "rating"}}}});
}

#[test]
fn no_buckets_of_any_width_are_refused() {
    crowds!({"a": {"variable_width_histogram": {"field": "price", "buckets": 0}}});
}
