//! Aggregations of fields whose values do not fit them.

use serde_json::json;

use super::of_each_type;
use crate::cases::{Setup, asks, search};

#[test]
fn a_format_of_values_that_have_none_is_refused() {
    asks!(of_each_type(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "k", "format": "0.0"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "i", "format": "0.0"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "b", "format": "0.0"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_histogram": {"field": "k", "calendar_interval": "month", "format": "yyyy"}}}},
    );
}

#[test]
fn a_time_zone_of_values_that_are_no_dates_is_refused() {
    asks!(of_each_type(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_range": {"field": "k", "time_zone": "+02:00", "ranges": [{"to": "2020-01-01"}]}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_range": {"field": "n", "time_zone": "+02:00", "ranges": [{"to": "2020-01-01"}]}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_histogram": {"field": "n", "calendar_interval": "month", "time_zone": "+01:00"}}}},
    );
}

#[test]
fn deviations_and_widths_are_of_numbers_alone() {
    asks!(of_each_type(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"median_absolute_deviation": {"field": "d"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"median_absolute_deviation": {"field": "b"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"variable_width_histogram": {"field": "d"}}}},
    );
}

#[test]
fn numbers_are_dates_to_an_automatic_histogram() {
    asks!(of_each_type(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"auto_date_histogram": {"field": "n"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"auto_date_histogram": {"field": "b"}}}},
    );
}

#[test]
fn what_is_no_number_is_printed_by_its_name() {
    search!(of_each_type(), {"size": 0, "aggs": {"a": {"matrix_stats": {"fields": ["n"]}}}});
}

#[test]
fn ranks_are_printed_as_values_of_the_field() {
    search!(of_each_type(), {"size": 0, "aggs": {
        "d": {"percentile_ranks": {"field": "d", "values": [1]}}, "b": {"percentile_ranks": {"field": "b", "values": [1]}},
    }});
}

#[test]
fn functions_of_values_are_refused_where_there_are_none() {
    asks!(of_each_type(),
        "POST /w/_search" => {"query": {"function_score": {"field_value_factor": {"field": "t"}}}},
        "POST /w/_search" => {"query": {"function_score": {"field_value_factor": {"field": "f"}}}},
        "POST /w/_search" => {"query": {"function_score": {"field_value_factor": {"field": "y"}}}},
        "POST /w/_search" => {"query": {"function_score": {"random_score": {"seed": 1, "field": "t"}}}},
        "POST /w/_search" => {"query": {"function_score": {"random_score": {"seed": 1, "field": "f"}}}},
    );
}

#[test]
fn nested_objects_are_not_among_those_that_are_compared_with() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "k": {"type": "keyword"}, "t": {"type": "text"}, "o": {"type": "nested", "properties": {"k": {"type": "keyword"}}},
        }}}),
        json!([{"k": "a", "t": "fox", "o": [{"k": "x"}, {"k": "y"}]}, {"k": "a", "t": "dog", "o": {"k": "x"}}, {"k": "b"}]),
    );
    asks!(setup,
        "POST /w/_search" => {"size": 0, "aggs": {"s": {"significant_terms": {"field": "k", "min_doc_count": 1}}}},
        "POST /w/_search" => {"size": 0, "query": {"term": {"t": "fox"}}, "aggs": {
            "s": {"significant_terms": {"field": "k", "min_doc_count": 1}},
            "t": {"significant_text": {"field": "t", "min_doc_count": 1}},
            "o": {"nested": {"path": "o"}, "aggs": {"s": {"significant_terms": {"field": "o.k", "min_doc_count": 1}}}},
        }};
        differs: "nested objects are not counted: their number would tell of fields that are hidden"
    );
}
