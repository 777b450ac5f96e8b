//! `weighted_avg` and `matrix_stats`.

use crate::cases::search;
use crate::library::{crowd, films, no_films};

/// An aggregation of the films.
macro_rules! in_films {
    ($aggs:tt $(; differs: $why:literal)? $(,)?) => {
        search!(films(), {"size": 0, "aggs": $aggs} $(; differs: $why)?)
    };
}

#[test]
fn values_have_weights() {
    in_films!({"x": {"weighted_avg": {"value": {"field": "rating"}, "weight": {"field": "year"}}}});
}

#[test]
fn weights_of_the_crowd() {
    search!(crowd(), {"size": 0, "aggs": {
        "x": {"weighted_avg": {"value": {"field": "price"}, "weight": {"field": "small"}, "format": "0.000"}},
        "t": {"terms": {"field": "section", "order": {"w": "desc"}}, "aggs": {"w": {"weighted_avg": {"value": {"field": "price"}, "weight": {"field": "small"}}}}}
    }});
}

#[test]
fn missing_values_and_weights_are_filled() {
    in_films!({"x": {"weighted_avg": {"value": {"field": "rating", "missing": 2}, "weight": {"field": "year", "missing": 3}}}});
}

#[test]
fn two_weights_of_a_document_are_refused() {
    in_films!({"x": {"weighted_avg": {"value": {"field": "rating"}, "weight": {"field": "released"}}}});
}

#[test]
fn weights_of_nothing() {
    search!(no_films(), {"size": 0, "aggs": {"x": {"weighted_avg": {"value": {"field": "rating"}, "weight": {"field": "year"}}}}});
}

#[test]
fn a_weight_is_needed() {
    in_films!({"x": {"weighted_avg": {"value": {"field": "rating"}}}});
}

#[test]
fn an_unknown_option_of_weights_is_refused() {
    in_films!({"x": {"weighted_avg": {"value": {"field": "rating"}, "weight": {"field": "year"}, "surprise": 1}}});
}

#[test]
fn a_matrix_of_three_fields() {
    search!(crowd(), {"size": 0, "aggs": {"x": {"matrix_stats": {"fields": ["price", "n", "small"]}}}});
}

#[test]
fn a_matrix_in_each_bucket() {
    search!(crowd(), {"size": 0, "aggs": {"t": {"terms": {"field": "section"}, "aggs": {"x": {"matrix_stats": {"fields": ["rate", "price"]}}}}}});
}

#[test]
fn a_matrix_fills_the_missing() {
    in_films!({"x": {"matrix_stats": {"fields": ["rating", "votes"], "missing": {"rating": 5}}}});
}

#[test]
fn a_matrix_of_one_field() {
    in_films!({"x": {"matrix_stats": {"fields": ["rating"]}}});
}

#[test]
fn a_matrix_of_nothing() {
    search!(no_films(), {"size": 0, "aggs": {"x": {"matrix_stats": {"fields": ["rating", "votes"]}}}});
}
