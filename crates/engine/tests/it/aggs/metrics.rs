//! `avg`, `sum`, `min`, `max`, `value_count`.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn avg_is_the_middle_of_all_values() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "rating"}}}});
}

#[test]
fn avg_counts_every_value_of_a_document() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "released"}}}});
}

#[test]
fn avg_fills_the_missing() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "rating", "missing": 0}}}});
}

#[test]
fn avg_of_nothing_is_null() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"avg": {"field": "rating"}}}
    });
}

#[test]
fn avg_of_a_field_that_is_not_mapped_is_null() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "nowhere"}}}});
}

#[test]
fn avg_of_a_field_that_is_not_mapped_may_be_filled() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "nowhere", "missing": 3}}}});
}

#[test]
fn avg_of_booleans_is_their_share() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "seen"}}}});
}

#[test]
fn avg_of_a_keyword_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "genre"}}}});
}

#[test]
fn avg_of_a_text_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "title"}}}});
}

#[test]
fn avg_of_addresses_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {"field": "addr"}}}});
}

#[test]
fn avg_takes_a_format() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"avg": {"field": "rating", "format": "0.0"}}}}
    );
}

#[test]
fn sum_adds_all_values() {
    search!(films(), {"size": 0, "aggs": {"x": {"sum": {"field": "votes"}}}});
}

#[test]
fn sum_of_doubles_keeps_their_fractions() {
    search!(films(), {"size": 0, "aggs": {"x": {"sum": {"field": "rating"}}}});
}

#[test]
fn sum_of_nothing_is_zero() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"sum": {"field": "votes"}}}
    });
}

#[test]
fn sum_of_a_field_that_is_not_mapped_is_zero() {
    search!(films(), {"size": 0, "aggs": {"x": {"sum": {"field": "nowhere"}}}});
}

#[test]
fn sum_fills_the_missing() {
    search!(films(), {"size": 0, "aggs": {"x": {"sum": {"field": "year", "missing": 1}}}});
}

#[test]
fn sum_of_booleans_counts_the_true() {
    search!(films(), {"size": 0, "aggs": {"x": {"sum": {"field": "seen"}}}});
}

#[test]
fn min_is_the_least() {
    search!(films(), {"size": 0, "aggs": {"x": {"min": {"field": "votes"}}}});
}

#[test]
fn min_of_nothing_is_null() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"min": {"field": "votes"}}}
    });
}

#[test]
fn min_of_dates_has_its_text() {
    search!(films(), {"size": 0, "aggs": {"x": {"min": {"field": "released"}}}});
}

#[test]
fn min_fills_the_missing() {
    search!(films(), {"size": 0, "aggs": {"x": {"min": {"field": "rating", "missing": 1.5}}}});
}

#[test]
fn min_of_dates_takes_a_format() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"min": {"field": "released", "format": "dd.MM.yyyy"}}}
    });
}

#[test]
fn max_is_the_greatest() {
    search!(films(), {"size": 0, "aggs": {"x": {"max": {"field": "votes"}}}});
}

#[test]
fn max_of_several_values_of_a_document_is_the_greatest() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"_id": "4"}},
        "aggs": {"x": {"max": {"field": "released"}}}
    });
}

#[test]
fn max_of_a_field_that_is_not_mapped_is_null() {
    search!(films(), {"size": 0, "aggs": {"x": {"max": {"field": "nowhere"}}}});
}

#[test]
fn max_of_an_alias_is_that_of_its_field() {
    search!(films(), {"size": 0, "aggs": {"x": {"max": {"field": "kind"}}}});
}

#[test]
fn value_count_counts_values_and_not_documents() {
    search!(films(), {"size": 0, "aggs": {"x": {"value_count": {"field": "genre"}}}});
}

#[test]
fn value_count_of_a_value_twice_in_a_document() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"_id": "3"}},
        "aggs": {"x": {"value_count": {"field": "tags"}}}
    });
}

#[test]
fn value_count_of_dates() {
    search!(films(), {"size": 0, "aggs": {"x": {"value_count": {"field": "released"}}}});
}

#[test]
fn value_count_fills_the_missing() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"value_count": {"field": "genre", "missing": "none"}}}
    });
}

#[test]
fn value_count_of_a_field_that_is_not_mapped_is_zero() {
    search!(films(), {"size": 0, "aggs": {"x": {"value_count": {"field": "nowhere"}}}});
}

#[test]
fn value_count_of_a_text_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"value_count": {"field": "title"}}}});
}

#[test]
fn no_field_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg": {}}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"max": {"field": "votes", "surprise": 1}}}});
}

#[test]
fn a_metric_has_no_aggregations_in_it() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {"avg": {"field": "votes"}, "aggs": {"y": {"max": {"field": "votes"}}}}
            }
        }
    );
}

#[test]
fn meta_is_given_back() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"avg": {"field": "rating"}, "meta": {"why": ["a", 1]}}}
    });
}

#[test]
fn typed_keys_tell_the_kind() {
    asks!(
        films(),
        "POST /_search?typed_keys=true" => {
            "size": 0,
            "aggs": {
                "a": {"avg": {"field": "rating"}},
                "t": {"terms": {"field": "genre", "size": 1}},
                "l": {"terms": {"field": "year", "size": 1}},
                "d": {"terms": {"field": "rating", "size": 1}},
                "c": {"cardinality": {"field": "genre"}},
                "h": {"histogram": {"field": "rating", "interval": 5}},
                "f": {"filter": {"match_all": {}}}
            }
        }
    );
}
