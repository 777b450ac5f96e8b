//! `composite`: the combinations of values, page by page.

use crate::cases::{asks, search};
use crate::library::{crowd, films};

/// A composite of the crowd.
macro_rules! composite {
    ($body:tt $(; differs: $why:literal)? $(,)?) => {
        search!(crowd(), {"size": 0, "aggs": {"x": {"composite": $body}}} $(; differs: $why)?)
    };
}

#[test]
fn terms_of_one_field_come_in_their_order() {
    composite!({"sources": [{"s": {"terms": {"field": "section"}}}]});
}

#[test]
fn terms_of_two_fields_are_combined() {
    composite!({"size": 12, "sources": [{"s": {"terms": {"field": "section"}}}, {"n": {"terms": {"field": "small"}}}]});
}

#[test]
fn an_order_may_go_down() {
    composite!({"size": 7, "sources": [
        {"s": {"terms": {"field": "section", "order": "desc"}}}, {"n": {"terms": {"field": "small", "order": "asc"}}}
    ]});
}

#[test]
fn a_page_goes_on_after_a_key() {
    composite!({"size": 3, "after": {"s": "doc", "n": 7}, "sources": [
        {"s": {"terms": {"field": "section"}}}, {"n": {"terms": {"field": "small"}}}
    ]});
}

#[test]
fn a_page_goes_on_downwards() {
    composite!({"size": 3, "after": {"s": "doc", "n": 3}, "sources": [
        {"s": {"terms": {"field": "section", "order": "desc"}}}, {"n": {"terms": {"field": "small", "order": "desc"}}}
    ]});
}

#[test]
fn behind_the_last_key_is_nothing() {
    composite!({"after": {"s": "zzz"}, "sources": [{"s": {"terms": {"field": "section"}}}]});
}

#[test]
fn intervals_of_numbers_and_dates_are_sources() {
    composite!({"size": 6, "sources": [
        {"p": {"histogram": {"field": "price", "interval": 250}}},
        {"m": {"date_histogram": {"field": "when", "calendar_interval": "year"}}}
    ]});
}

#[test]
fn dates_take_a_format_and_a_time_zone() {
    composite!({"size": 5, "sources": [
        {"m": {"date_histogram": {"field": "when", "calendar_interval": "1M", "format": "yyyy-MM-dd", "time_zone": "Europe/Berlin"}}}
    ]});
}

#[test]
fn a_formatted_date_goes_on_after_its_text() {
    composite!({"size": 2, "after": {"m": "2020-05-01"}, "sources": [
        {"m": {"date_histogram": {"field": "when", "calendar_interval": "1M", "format": "yyyy-MM-dd"}}}
    ]});
}

#[test]
fn every_type_has_its_key() {
    composite!({"size": 2, "sources": [
        {"f": {"terms": {"field": "flag"}}}, {"a": {"terms": {"field": "addr"}}}, {"w": {"terms": {"field": "when"}}},
        {"p": {"terms": {"field": "price"}}}
    ]});
}

#[test]
fn several_values_of_a_document_are_several_keys() {
    search!(films(), {"size": 0, "aggs": {"x": {"composite": {"size": 20, "sources": [
        {"g": {"terms": {"field": "genre"}}}, {"t": {"terms": {"field": "tags"}}}
    ]}}}});
}

#[test]
fn documents_without_a_value_have_a_key_when_asked_for() {
    search!(films(), {"size": 0, "aggs": {
        "up": {"composite": {"size": 20, "sources": [
            {"g": {"terms": {"field": "genre", "missing_bucket": true}}}, {"y": {"terms": {"field": "year", "missing_bucket": true}}}
        ]}},
        "down": {"composite": {"size": 20, "sources": [
            {"g": {"terms": {"field": "genre", "missing_bucket": true, "order": "desc"}}}
        ]}},
        "after": {"composite": {"size": 20, "after": {"g": null}, "sources": [
            {"g": {"terms": {"field": "genre", "missing_bucket": true}}}
        ]}}
    }});
}

#[test]
fn a_field_that_is_not_mapped_makes_no_keys() {
    composite!({"sources": [{"s": {"terms": {"field": "section"}}}, {"n": {"terms": {"field": "nowhere"}}}]});
}

#[test]
fn a_field_that_is_not_mapped_makes_missing_keys() {
    composite!({"size": 2, "sources": [
        {"s": {"terms": {"field": "section"}}}, {"n": {"terms": {"field": "nowhere", "missing_bucket": true}}}
    ]});
}

#[test]
fn aggregations_stand_in_the_buckets() {
    search!(crowd(), {"size": 0, "query": {"match": {"title": "fox"}}, "aggs": {
        "x": {
            "composite": {"size": 3, "sources": [{"s": {"terms": {"field": "section"}}}]},
            "aggs": {"p": {"avg": {"field": "price"}}, "t": {"terms": {"field": "small", "size": 2}}}
        }
    }});
}

#[test]
fn paths_do_not_lead_into_it() {
    search!(crowd(), {"size": 0, "aggs": {
        "x": {"composite": {"size": 3, "sources": [{"s": {"terms": {"field": "section"}}}]}},
        "m": {"max_bucket": {"buckets_path": "x>_count"}}
    }});
}

#[test]
fn terms_of_it_take_no_format() {
    composite!({"sources": [{"d": {"terms": {"field": "when", "format": "yyyy"}}}]});
}

#[test]
fn typed_keys_tell_the_kind() {
    asks!(crowd(), "POST /_search?typed_keys=true" => {"size": 0, "aggs": {
        "x": {"composite": {"size": 1, "sources": [{"s": {"terms": {"field": "section"}}}]}}
    }});
}

#[test]
fn no_sources_are_refused() {
    composite!({});
}

#[test]
fn an_empty_list_of_sources_is_refused() {
    composite!({"sources": []});
}

#[test]
fn two_sources_of_one_name_are_refused() {
    composite!({"sources": [{"s": {"terms": {"field": "section"}}}, {"s": {"terms": {"field": "small"}}}]});
}

#[test]
fn an_unknown_type_of_source_is_refused() {
    composite!({"sources": [{"s": {"surprise": {"field": "section"}}}]});
}

#[test]
fn an_unknown_option_of_a_source_is_refused() {
    composite!({"sources": [{"s": {"terms": {"field": "section", "surprise": 1}}}]});
}

#[test]
fn after_needs_every_source() {
    composite!({"after": {"s": "doc"}, "sources": [{"s": {"terms": {"field": "section"}}}, {"n": {"terms": {"field": "small"}}}]});
}

#[test]
fn after_needs_the_names_of_the_sources() {
    composite!({"after": {"other": "doc"}, "sources": [{"s": {"terms": {"field": "section"}}}]});
}

#[test]
fn after_needs_values_of_the_type() {
    composite!({"after": {"n": "word"}, "sources": [{"n": {"terms": {"field": "small"}}}]});
}

#[test]
fn after_takes_no_null_where_nothing_may_be_missing() {
    composite!({"after": {"n": null}, "sources": [{"n": {"terms": {"field": "small"}}}]});
}

#[test]
fn within_buckets_it_is_refused() {
    search!(crowd(), {"size": 0, "aggs": {"t": {"terms": {"field": "section"}, "aggs": {
        "x": {"composite": {"sources": [{"n": {"terms": {"field": "small"}}}]}}
    }}}});
}

#[test]
fn a_text_is_refused() {
    composite!({"sources": [{"n": {"terms": {"field": "title"}}}]});
}

#[test]
fn an_interval_of_zero_is_refused() {
    composite!({"sources": [{"n": {"histogram": {"field": "price", "interval": 0}}}]});
}
