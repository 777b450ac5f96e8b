//! `stats` and `extended_stats`.

use crate::cases::search;
use crate::library::films;

#[test]
fn stats_count_bound_and_add() {
    search!(films(), {"size": 0, "aggs": {"x": {"stats": {"field": "votes"}}}});
}

#[test]
fn stats_of_nothing_are_empty() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"stats": {"field": "votes"}}}
    });
}

#[test]
fn stats_of_a_field_that_is_not_mapped_are_empty() {
    search!(films(), {"size": 0, "aggs": {"x": {"stats": {"field": "nowhere"}}}});
}

#[test]
fn stats_fill_the_missing() {
    search!(films(), {"size": 0, "aggs": {"x": {"stats": {"field": "rating", "missing": 0}}}});
}

#[test]
fn stats_of_dates_have_texts() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"_id": "0"}},
        "aggs": {"x": {"stats": {"field": "released"}}}
    });
}

#[test]
fn stats_of_booleans() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"stats": {"field": "seen"}}}}
    );
}

#[test]
fn stats_of_a_keyword_are_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"stats": {"field": "genre"}}}});
}

#[test]
fn stats_take_a_format() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"stats": {"field": "rating", "format": "0.0"}}}}
    );
}

#[test]
fn extended_stats_add_squares_and_deviations() {
    search!(films(), {"size": 0, "aggs": {"x": {"extended_stats": {"field": "rating"}}}});
}

#[test]
fn extended_stats_of_one_value_do_not_deviate() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"_id": "0"}},
        "aggs": {"x": {"extended_stats": {"field": "rating"}}}
    });
}

#[test]
fn extended_stats_of_nothing_are_empty() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"extended_stats": {"field": "rating"}}}
    });
}

#[test]
fn sigma_widens_the_bounds() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"extended_stats": {"field": "rating", "sigma": 3}}}
    });
}

#[test]
fn a_sigma_of_zero_is_taken() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"extended_stats": {"field": "rating", "sigma": 0}}}
    });
}

#[test]
fn a_sigma_below_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"extended_stats": {"field": "rating", "sigma": -1}}}}
    );
}

#[test]
fn extended_stats_fill_the_missing() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"extended_stats": {"field": "rating", "missing": 5}}}
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"stats": {"field": "rating", "surprise": 1}}}});
}
