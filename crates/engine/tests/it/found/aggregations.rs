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

/// Objects in objects, and values that are there twice.
fn of_objects() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "o": {"type": "nested", "properties": {"a": {"type": "integer"}, "p": {"type": "nested", "properties": {"b": {"type": "integer"}}}}},
            "h": {"type": "half_float"}, "b": {"type": "boolean"}, "d": {"type": "date"}, "g": {"type": "geo_point"}, "s": {"type": "short"},
        }}}),
        json!([
            {"h": [1, 1, 1.5], "b": [true, true], "d": ["2020-02-29", "2019-12-31", "2020-10-25"], "g": ["1,1", "1.00001,1"],
             "o": [{"a": 1, "p": [{"b": 1}, {"b": 2}]}, {"a": 2}], "s": [89, -2, 41]},
            {"h": 2, "b": false, "o": [{"a": 1}, {"a": 2, "p": {"b": 4}}, {"a": 3}], "s": [-5, 100]},
            {"h": [-0.0, 12, 0.5]},
        ]),
    )
}

#[test]
fn nested_in_objects_of_the_same_path_are_those_of_the_document_for_opensearch() {
    asks!(of_objects(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"nested": {"path": "o"}, "aggs": {"b": {"nested": {"path": "o"}, "aggs": {"s": {"sum": {"field": "o.a"}}}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"nested": {"path": "o.p"}, "aggs": {"b": {"nested": {"path": "o.p"}, "aggs": {"s": {"sum": {"field": "o.p.b"}}}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"nested": {"path": "o"}, "aggs": {"t": {"terms": {"field": "o.a"}, "aggs": {"b": {"nested": {"path": "o"}, "aggs": {"s": {"sum": {"field": "o.a"}}}}}}}}}},
    );
}

#[test]
fn nested_in_objects_that_they_are_not_in_are_those_of_the_document() {
    asks!(of_objects().of_opensearch(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"nested": {"path": "o.p"}, "aggs": {"b": {"nested": {"path": "o"}, "aggs": {"s": {"sum": {"field": "o.a"}}}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"nested": {"path": "o"}, "aggs": {"p": {"nested": {"path": "o.p"}, "aggs": {"b": {"nested": {"path": "o"}, "aggs": {"q": {"nested": {"path": "o.p"}}}}}}}}}},
    );
}

#[test]
fn a_document_is_in_a_histogram_once_whatever_the_order_of_its_values() {
    search!(of_objects(), {"size": 0, "aggs": {
        "d": {"date_histogram": {"field": "d", "calendar_interval": "year"}}, "s": {"histogram": {"field": "s", "interval": 50}},
        "h": {"histogram": {"field": "h", "interval": 10}},
    }});
}

#[test]
fn a_document_is_in_a_composite_bucket_once_for_each_of_its_values() {
    asks!(of_objects(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"composite": {"sources": [{"h": {"terms": {"field": "h"}}}, {"b": {"terms": {"field": "b"}}}]}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"composite": {"sources": [{"h": {"histogram": {"field": "h", "interval": 10}}}]}, "aggs": {"v": {"value_count": {"field": "h"}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"composite": {"sources": [{"g": {"geotile_grid": {"field": "g", "precision": 5}}}]}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"composite": {"sources": [{"d": {"date_histogram": {"field": "d", "calendar_interval": "year"}}}]}}}},
    );
}

#[test]
fn bounds_of_booleans_are_told_as_booleans() {
    search!(of_objects(), {"size": 0, "aggs": {
        "r": {"range": {"field": "b", "ranges": [{"to": 1}, {"from": 1}]}},
    }});
}

#[test]
fn a_deviation_has_a_format() {
    search!(of_objects(), {"size": 0, "aggs": {"m": {"median_absolute_deviation": {"field": "s", "format": "0.00"}}}});
}

#[test]
fn a_pattern_without_a_zero_shows_one_digit() {
    asks!(of_objects(),
        "POST /w/_search" => {"size": 0, "aggs": {"m": {"avg": {"field": "b", "format": "#.##"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"m": {"max": {"field": "h", "format": "#.#"}}, "n": {"min": {"field": "h", "format": ".##"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"m": {"avg": {"field": "h", "format": "#,###.##"}}, "n": {"avg": {"field": "h", "format": "#.0"}}}},
    );
}

#[test]
fn the_hits_of_everything_score_one() {
    asks!(of_objects(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"global": {}, "aggs": {"t": {"top_hits": {"size": 1, "_source": false}}}}}},
        "POST /w/_search" => {"size": 0, "query": {"bool": {"filter": {"match_all": {}}}}, "aggs": {"a": {"global": {}, "aggs": {"t": {"top_hits": {"size": 1, "_source": false}}}}}},
    );
}

#[test]
fn what_stands_for_a_missing_date_or_flag_is_read_in_its_format() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {"d": {"type": "date", "format": "dd/MM/yyyy"}, "e": {"type": "date"}, "b": {"type": "boolean"}}}}),
        json!([{"d": "29/02/2020", "e": "2020-02-29", "b": true}, {}]),
    );
    asks!(setup,
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "d", "missing": 0}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"max": {"field": "d", "missing": "2020-05-05"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"max": {"field": "d", "missing": "05/05/2020"}}, "b": {"terms": {"field": "e", "missing": 0}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_histogram": {"field": "e", "calendar_interval": "year", "format": "yyyy-MM", "missing": "2020-05-05"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"stats": {"field": "b", "missing": 0}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "b", "missing": 1}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "b", "missing": true}}}},
    );
}

#[test]
fn an_unknown_option_is_told_before_a_field_that_is_not_there() {
    asks!(of_objects(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_histogram": {"fieldx": "d", "calendar_interval": "week"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"percentiles": {"fieldx": "s"}}, "b": {"sum": {}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"ip_range": {"script": {"source": "1"}, "ranges": []}}}},
    );
}
