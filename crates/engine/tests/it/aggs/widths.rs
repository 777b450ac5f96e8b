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

#[test]
fn every_kind_of_aggregation_stands_in_buckets_of_any_width() {
    crowds!({
        "a": {"variable_width_histogram": {"field": "price", "buckets": 3}, "aggs": {
            "p": {"percentiles": {"field": "price"}}, "h": {"percentiles": {"field": "price", "hdr": {"number_of_significant_value_digits": 3}}},
            "r": {"percentile_ranks": {"field": "price", "values": [10, 50]}}, "m": {"median_absolute_deviation": {"field": "price"}},
            "c": {"cardinality": {"field": "section"}}, "e": {"extended_stats": {"field": "price"}}, "t": {"terms": {"field": "section"}},
            "f": {"filter": {"range": {"price": {"gte": 20}}}, "aggs": {"s": {"sum": {"field": "price"}}}},
            "d": {"date_histogram": {"field": "when", "calendar_interval": "year"}}, "o": {"top_hits": {"size": 1, "_source": false, "sort": ["n"]}},
            "w": {"weighted_avg": {"value": {"field": "price"}, "weight": {"field": "n"}}}, "g": {"range": {"field": "price", "ranges": [{"to": 20}]}}
        }}
    }; differs: "the real servers put what stands in one bucket into another, once buckets were put together");
}

#[test]
fn buckets_of_any_width_stand_in_one_bucket_alone() {
    crowds!({
        "f": {"filter": {"range": {"price": {"gte": 20}}}, "aggs": {"a": {"variable_width_histogram": {"field": "price", "buckets": 2}, "aggs": {"m": {"max": {"field": "n"}}}}}}
    }; differs: "the real servers put what stands in one bucket into another, once buckets were put together");
}

#[test]
fn buckets_of_any_width_do_not_stand_in_several_others() {
    crowds!({
        "t": {"terms": {"field": "section"}, "aggs": {"a": {"variable_width_histogram": {"field": "price", "buckets": 2}, "aggs": {"m": {"max": {"field": "n"}}}}}}
    });
}

#[test]
fn the_least_interval_is_kept() {
    crowds!({
        "s": {"auto_date_histogram": {"field": "when", "buckets": 600, "minimum_interval": "second"}},
        "i": {"auto_date_histogram": {"field": "when", "buckets": 600, "minimum_interval": "minute"}},
        "h": {"auto_date_histogram": {"field": "when", "buckets": 600, "minimum_interval": "hour"}},
        "d": {"auto_date_histogram": {"field": "when", "buckets": 600, "minimum_interval": "day"}},
        "m": {"auto_date_histogram": {"field": "when", "buckets": 600, "minimum_interval": "month"}},
        "o": {"auto_date_histogram": {"field": "when", "buckets": 1}}, "z": {"auto_date_histogram": {"field": "when", "buckets": 3, "minimum_interval": "month"}}
    });
}

#[test]
fn the_least_interval_may_be_a_year() {
    crowds!(
        {"y": {"auto_date_histogram": {"field": "when", "buckets": 600, "minimum_interval": "year"}}};
        differs: "the real servers fail where years are all that is left"
    );
}

/// Moments that lie so far from each other, by an index of their own.
fn moments(first: &str, second: &str, third: &str) -> crate::cases::Setup {
    crate::cases::Setup::index(
        "t",
        serde_json::json!({"mappings": {"properties": {"d": {"type": "date"}}}}),
        serde_json::json!([{"d": first}, {"d": second}, {"d": second}, {"d": third}]),
    )
}

/// The same moments in so many buckets each.
fn by_buckets() -> serde_json::Value {
    let one = |buckets: u64| {
        (
            format!("b{buckets}"),
            serde_json::json!({"auto_date_histogram": {"field": "d", "buckets": buckets}}),
        )
    };
    let aggs: serde_json::Map<String, serde_json::Value> =
        [1, 2, 3, 4, 5, 7, 10, 12, 13, 20, 24, 31, 50].into_iter().map(one).collect();
    serde_json::json!({"size": 0, "aggs": aggs})
}

#[test]
fn intervals_are_multiples_of_seconds() {
    asks!(moments("2021-01-01T00:00:01Z", "2021-01-01T00:00:22Z", "2021-01-01T00:00:59Z"), "POST /t/_search" => (by_buckets()));
}

#[test]
fn intervals_are_multiples_of_minutes() {
    asks!(moments("2021-01-01T00:00:01Z", "2021-01-01T00:20:22Z", "2021-01-01T00:58:59Z"), "POST /t/_search" => (by_buckets()));
}

#[test]
fn intervals_are_multiples_of_hours() {
    asks!(moments("2021-01-01T01:00:01Z", "2021-01-01T05:20:22Z", "2021-01-03T00:58:59Z"), "POST /t/_search" => (by_buckets()));
}

#[test]
fn intervals_are_multiples_of_days() {
    asks!(moments("2021-01-01T01:00:01Z", "2021-02-11T05:20:22Z", "2021-03-03T00:58:59Z"), "POST /t/_search" => (by_buckets()));
}

#[test]
fn intervals_are_multiples_of_months() {
    asks!(moments("2021-02-11T01:00:01Z", "2021-07-11T05:20:22Z", "2022-12-03T00:58:59Z"), "POST /t/_search" => (by_buckets()));
}

#[test]
fn intervals_are_multiples_of_years() {
    asks!(moments("1903-02-11T01:00:01Z", "1999-07-11T05:20:22Z", "2022-12-03T00:58:59Z"), "POST /t/_search" => (by_buckets()));
}

#[test]
fn intervals_over_several_indices_are_reduced() {
    let definition = serde_json::json!({"mappings": {"properties": {"d": {"type": "date"}}}});
    asks!(
        crate::cases::Setup::index("t", definition.clone(), serde_json::json!([{"d": "2021-01-01T00:00:01Z"}, {"d": "2021-01-01T00:00:22Z"}]))
            .and("u", definition, serde_json::json!([{"d": "2021-03-05T12:00:00Z"}, {"d": "2021-05-05T12:00:00Z"}])),
        "POST /_search" => (by_buckets())
    );
}
