//! `percentiles`, `percentile_ranks` and `median_absolute_deviation`.

use crate::cases::search;
use crate::library::films;

#[test]
fn seven_percentiles_unless_others_are_asked_for() {
    search!(films(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "rating"}}}});
}

#[test]
fn percents_may_be_asked_for() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentiles": {"field": "rating", "percents": [0, 50, 100]}}}
    });
}

#[test]
fn not_keyed_they_are_a_list() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentiles": {"field": "rating", "percents": [50], "keyed": false}}}
    });
}

#[test]
fn of_nothing_they_are_null() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"percentiles": {"field": "rating", "percents": [50]}}}
    });
}

#[test]
fn of_a_field_that_is_not_mapped_they_are_null() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentiles": {"field": "nowhere", "percents": [50]}}}
    });
}

#[test]
fn the_missing_are_filled() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentiles": {"field": "rating", "percents": [10, 50], "missing": 0}}}
    });
}

#[test]
fn of_dates_they_have_texts() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"_id": "0"}},
        "aggs": {"x": {"percentiles": {"field": "released", "percents": [50]}}}
    });
}

#[test]
fn an_empty_list_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"percentiles": {"field": "rating", "percents": []}}}}
    );
}

#[test]
fn a_percent_above_a_hundred_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"percentiles": {"field": "rating", "percents": [101]}}}}
    );
}

#[test]
fn a_percent_below_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"percentiles": {"field": "rating", "percents": [-1]}}}}
    );
}

#[test]
fn a_keyword_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"percentiles": {"field": "genre"}}}}
    );
}

#[test]
fn a_compression_may_be_given() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "percentiles": {
                    "field": "rating",
                    "percents": [50],
                    "tdigest": {"compression": 200}
                }
            }
        }
    });
}

#[test]
fn a_compression_below_zero_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {"x": {"percentiles": {"field": "rating", "tdigest": {"compression": -1}}}}
        }
    );
}

#[test]
fn an_hdr_histogram_may_be_asked_for() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "percentiles": {
                        "field": "rating",
                        "percents": [50],
                        "hdr": {"number_of_significant_value_digits": 3}
                    }
                }
            }
        }
    );
}

#[test]
fn ranks_tell_the_share_below() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentile_ranks": {"field": "rating", "values": [6, 8, 100]}}}
    });
}

#[test]
fn ranks_not_keyed_are_a_list() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentile_ranks": {"field": "rating", "values": [8], "keyed": false}}}
    });
}

#[test]
fn ranks_of_nothing_are_null() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"percentile_ranks": {"field": "rating", "values": [8]}}}
    });
}

#[test]
fn ranks_without_values_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "rating"}}}}
    );
}

#[test]
fn ranks_of_an_empty_list_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "rating", "values": []}}}}
    );
}

#[test]
fn the_median_absolute_deviation_is_that_from_the_median() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"median_absolute_deviation": {"field": "rating"}}}
    });
}

#[test]
fn the_median_absolute_deviation_of_nothing_is_null() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"median_absolute_deviation": {"field": "rating"}}}
    });
}

#[test]
fn the_median_absolute_deviation_fills_the_missing() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"median_absolute_deviation": {"field": "rating", "missing": 5}}}
    });
}

#[test]
fn a_compression_of_zero_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {"x": {"median_absolute_deviation": {"field": "rating", "compression": 0}}}
        }
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"percentiles": {"field": "rating", "surprise": 1}}}
    });
}
