//! Every aggregation on 240 documents, and on those of them that a query finds.

use crate::cases::asks;
use crate::library::crowd;

/// Asks an aggregation of all documents, and of those that a query finds.
macro_rules! aggregates {
    ($aggs:tt $(; differs: $why:literal)? $(,)?) => {
        asks!(
            crowd(),
            "POST /_search" => {"size": 0, "aggs": $aggs},
            "POST /_search" => {"size": 0, "query": {"match": {"title": "fox"}}, "aggs": $aggs}
            $(; differs: $why)?
        )
    };
}

#[test]
fn terms_of_a_keyword() {
    aggregates!({"x": {"terms": {"field": "section"}}});
}

#[test]
fn terms_of_which_two_are_shown() {
    aggregates!({"x": {"terms": {"field": "section", "size": 2}}});
}

#[test]
fn terms_in_the_order_of_their_keys_backwards() {
    aggregates!({"x": {"terms": {"field": "section", "order": {"_key": "desc"}}}});
}

#[test]
fn terms_with_a_value_for_the_missing() {
    aggregates!({"x": {"terms": {"field": "tags", "missing": "none"}}});
}

#[test]
fn terms_in_two_orders() {
    aggregates!({
        "x": {
            "terms": {"field": "tags", "order": [{"_count": "asc"}, {"_key": "desc"}]}
        }
    });
}

#[test]
fn terms_of_integers() {
    aggregates!({"x": {"terms": {"field": "small", "size": 3}}});
}

#[test]
fn terms_of_booleans() {
    aggregates!({"x": {"terms": {"field": "flag"}}});
}

#[test]
fn terms_of_floats() {
    aggregates!({"x": {"terms": {"field": "rate", "size": 3}}});
}

#[test]
fn terms_of_addresses() {
    aggregates!({"x": {"terms": {"field": "addr", "size": 3}}});
}

#[test]
fn terms_of_dates() {
    aggregates!({"x": {"terms": {"field": "when", "size": 2}}});
}

#[test]
fn terms_that_a_pattern_includes() {
    aggregates!({"x": {"terms": {"field": "section", "include": "[a-g].*"}}});
}

#[test]
fn terms_that_a_list_excludes() {
    aggregates!({"x": {"terms": {"field": "section", "exclude": ["games", "net"]}}});
}

#[test]
fn terms_of_a_field_that_is_not_mapped() {
    aggregates!({"x": {"terms": {"field": "nowhere"}}});
}

#[test]
fn terms_with_a_least_count() {
    aggregates!({"x": {"terms": {"field": "section", "min_doc_count": 50}}});
}

#[test]
fn terms_with_metrics() {
    aggregates!({
        "x": {
            "terms": {"field": "section"},
            "aggs": {"p": {"avg": {"field": "price"}}, "s": {"stats": {"field": "n"}}}
        }
    });
}

#[test]
fn terms_in_the_order_of_a_metric() {
    aggregates!({
        "x": {
            "terms": {"field": "section", "order": {"p": "desc"}, "size": 3},
            "aggs": {"p": {"max": {"field": "price"}}}
        }
    });
}

#[test]
fn terms_in_the_order_of_a_part_of_a_metric() {
    aggregates!({
        "x": {
            "terms": {"field": "section", "order": {"s.avg": "asc"}},
            "aggs": {"s": {"stats": {"field": "n"}}}
        }
    });
}

#[test]
fn terms_within_terms() {
    aggregates!({
        "x": {
            "terms": {"field": "section"},
            "aggs": {
                "t": {
                    "terms": {"field": "tags"},
                    "aggs": {"m": {"min": {"field": "n"}}}
                }
            }
        }
    });
}

#[test]
fn terms_of_a_multi_field() {
    aggregates!({"x": {"terms": {"field": "title.raw", "size": 4}}});
}

#[test]
fn terms_that_no_document_has() {
    aggregates!({"x": {"terms": {"field": "o.k", "min_doc_count": 0}}});
}

#[test]
fn terms_with_meta() {
    aggregates!({"x": {"terms": {"field": "section"}, "meta": {"a": 1}}});
}

#[test]
fn avg_of_doubles() {
    aggregates!({"x": {"avg": {"field": "price"}}});
}

#[test]
fn min_of_integers() {
    aggregates!({"x": {"min": {"field": "n"}}});
}

#[test]
fn max_of_dates() {
    aggregates!({"x": {"max": {"field": "when"}}});
}

#[test]
fn sum_of_integers() {
    aggregates!({"x": {"sum": {"field": "small"}}});
}

#[test]
fn value_count_of_several_values() {
    aggregates!({"x": {"value_count": {"field": "tags"}}});
}

#[test]
fn stats_of_doubles() {
    aggregates!({"x": {"stats": {"field": "price"}}});
}

#[test]
fn extended_stats_of_doubles() {
    aggregates!({"x": {"extended_stats": {"field": "price"}}});
}

#[test]
fn stats_of_dates() {
    aggregates!({"x": {"stats": {"field": "when"}}});
}

#[test]
fn cardinality_of_a_keyword() {
    aggregates!({"x": {"cardinality": {"field": "section"}}});
}

#[test]
fn cardinality_of_integers() {
    aggregates!({"x": {"cardinality": {"field": "small"}}});
}

#[test]
fn avg_of_a_field_that_is_not_mapped() {
    aggregates!({"x": {"avg": {"field": "nowhere"}}});
}

#[test]
fn avg_with_a_value_for_the_missing() {
    aggregates!({"x": {"avg": {"field": "small", "missing": 10}}});
}

#[test]
fn sum_of_a_field_that_is_not_mapped() {
    aggregates!({"x": {"sum": {"field": "nowhere"}}});
}

#[test]
fn max_of_booleans() {
    aggregates!({"x": {"max": {"field": "flag"}}});
}

#[test]
fn histogram_of_doubles() {
    aggregates!({"x": {"histogram": {"field": "price", "interval": 250}}});
}

#[test]
fn histogram_with_an_offset_and_a_least_count() {
    aggregates!({
        "x": {
            "histogram": {
                "field": "n",
                "interval": 100,
                "offset": 30,
                "min_doc_count": 20
            }
        }
    });
}

#[test]
fn histogram_keyed_with_extended_bounds() {
    aggregates!({
        "x": {
            "histogram": {
                "field": "small",
                "interval": 2,
                "keyed": true,
                "extended_bounds": {"min": -4, "max": 14}
            }
        }
    });
}

#[test]
fn histogram_in_the_order_of_counts_with_a_metric() {
    aggregates!({
        "x": {
            "histogram": {
                "field": "price",
                "interval": 400,
                "order": {"_count": "desc"}
            },
            "aggs": {"a": {"avg": {"field": "n"}}}
        }
    });
}

#[test]
fn histogram_within_hard_bounds() {
    aggregates!({
        "x": {
            "histogram": {
                "field": "n",
                "interval": 200,
                "hard_bounds": {"min": 0, "max": 400}
            }
        }
    });
}

#[test]
fn date_histogram_of_months() {
    aggregates!({"x": {"date_histogram": {"field": "when", "calendar_interval": "month"}}});
}

#[test]
fn date_histogram_of_years_in_a_format() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "calendar_interval": "1y",
                "format": "yyyy"
            }
        }
    });
}

#[test]
fn date_histogram_of_ninety_days() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "fixed_interval": "90d",
                "min_doc_count": 1
            }
        }
    });
}

#[test]
fn date_histogram_of_quarters_at_an_offset_from_utc() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "calendar_interval": "quarter",
                "time_zone": "+05:30"
            }
        }
    });
}

#[test]
fn date_histogram_of_months_in_a_place() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "calendar_interval": "month",
                "time_zone": "Europe/Berlin",
                "format": "yyyy-MM-dd HH:mm Z"
            }
        }
    });
}

#[test]
fn date_histogram_of_weeks_moved_by_a_day() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "calendar_interval": "week",
                "min_doc_count": 3,
                "offset": "+1d"
            }
        }
    });
}

#[test]
fn date_histogram_keyed_with_a_metric() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "calendar_interval": "year",
                "keyed": true
            },
            "aggs": {"s": {"sum": {"field": "n"}}}
        }
    });
}

#[test]
fn date_histogram_with_extended_bounds() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "calendar_interval": "year",
                "extended_bounds": {"min": "2018", "max": "2024"}
            }
        }
    });
}

#[test]
fn date_histogram_by_the_old_interval_backwards() {
    aggregates!({
        "x": {
            "date_histogram": {
                "field": "when",
                "interval": "month",
                "order": {"_key": "desc"}
            }
        }
    });
}

#[test]
fn range_with_a_key() {
    aggregates!({
        "x": {
            "range": {
                "field": "n",
                "ranges": [
                    {"to": 0},
                    {"from": 0, "to": 100},
                    {"from": 50, "key": "big"}
                ]
            }
        }
    });
}

#[test]
fn range_keyed_with_a_metric() {
    aggregates!({
        "x": {
            "range": {
                "field": "price",
                "keyed": true,
                "ranges": [{"to": 100.5}, {"from": 100.5}]
            },
            "aggs": {"a": {"max": {"field": "n"}}}
        }
    });
}

#[test]
fn date_range_with_date_math() {
    aggregates!({
        "x": {
            "date_range": {
                "field": "when",
                "ranges": [
                    {"to": "2021-01-01"},
                    {"from": "2021-01-01", "to": "2021-01-01||+6M"},
                    {"from": "2021-07"}
                ]
            }
        }
    });
}

#[test]
fn date_range_in_a_format() {
    aggregates!({
        "x": {
            "date_range": {
                "field": "when",
                "format": "MM-yyyy",
                "ranges": [{"from": "06-2021"}]
            }
        }
    });
}

#[test]
fn filter_with_a_metric() {
    aggregates!({
        "x": {
            "filter": {"term": {"section": "games"}},
            "aggs": {"a": {"avg": {"field": "n"}}}
        }
    });
}

#[test]
fn filters_by_name() {
    aggregates!({
        "x": {
            "filters": {
                "filters": {
                    "g": {"term": {"section": "games"}},
                    "f": {"match": {"title": "fox"}}
                }
            }
        }
    });
}

#[test]
fn filters_with_a_name_for_the_rest() {
    aggregates!({
        "x": {
            "filters": {
                "filters": [{"term": {"section": "games"}}],
                "other_bucket_key": "rest"
            }
        }
    });
}

#[test]
fn missing_counts_those_without() {
    aggregates!({"x": {"missing": {"field": "tags"}}});
}

#[test]
fn global_counts_all() {
    aggregates!({"x": {"global": {}, "aggs": {"a": {"value_count": {"field": "n"}}}}});
}

#[test]
fn filter_and_histogram_within_terms() {
    aggregates!({
        "x": {
            "terms": {"field": "section"},
            "aggs": {
                "f": {
                    "filter": {"term": {"flag": true}},
                    "aggs": {"h": {"histogram": {"field": "n", "interval": 500}}}
                }
            }
        }
    });
}

#[test]
fn terms_in_the_order_of_a_metric_in_a_filter() {
    aggregates!({
        "x": {
            "terms": {"field": "section", "order": {"f>m": "desc"}},
            "aggs": {
                "f": {
                    "filter": {"term": {"flag": true}},
                    "aggs": {"m": {"max": {"field": "n"}}}
                }
            }
        }
    });
}

#[test]
fn terms_within_range() {
    aggregates!({
        "x": {
            "range": {"field": "n", "ranges": [{"to": 0}, {"from": 0}]},
            "aggs": {"t": {"terms": {"field": "section", "size": 2}}}
        }
    });
}

#[test]
fn percentiles_and_deviation_within_a_filter() {
    aggregates!({
        "x": {
            "filter": {"prefix": {"title": "fo"}},
            "aggs": {
                "p": {"percentiles": {"field": "n"}},
                "m": {"median_absolute_deviation": {"field": "n"}}
            }
        }
    });
}

#[test]
fn percentiles_of_doubles_not_keyed_and_ranks() {
    aggregates!({
        "x": {
            "filter": {"term": {"tags": "a"}},
            "aggs": {
                "p": {
                    "percentiles": {
                        "field": "price",
                        "percents": [10, 50, 99.9],
                        "keyed": false
                    }
                },
                "r": {"percentile_ranks": {"field": "small", "values": [2, 3.5, 100]}}
            }
        }
    });
}

#[test]
fn percentiles_of_a_field_that_is_not_mapped() {
    aggregates!({"x": {"percentiles": {"field": "nowhere"}}});
}

#[test]
fn top_hits_sorted() {
    aggregates!({"x": {"top_hits": {"size": 2, "sort": [{"n": "asc"}], "_source": ["n"]}}});
}

#[test]
fn top_hits_within_terms() {
    aggregates!({
        "x": {
            "terms": {"field": "section"},
            "aggs": {
                "t": {
                    "top_hits": {
                        "size": 1,
                        "sort": [{"n": "desc"}, {"price": "asc"}],
                        "_source": false
                    }
                }
            }
        }
    });
}

#[test]
fn terms_in_the_order_of_a_percentile() {
    aggregates!({
        "x": {
            "terms": {"field": "section", "order": {"p.50": "desc"}},
            "aggs": {"p": {"percentiles": {"field": "n", "percents": [50]}}}
        }
    });
}

#[test]
fn refused_terms_of_a_text() {
    aggregates!({"x": {"terms": {"field": "title"}}});
}

#[test]
fn refused_avg_of_a_keyword() {
    aggregates!({"x": {"avg": {"field": "section"}}});
}

#[test]
fn refused_unknown_aggregation() {
    aggregates!({"x": {"surprise": {}}});
}

#[test]
fn refused_unknown_option() {
    aggregates!({"x": {"terms": {"field": "section", "surprise": 1}}});
}

#[test]
fn refused_interval_of_zero() {
    aggregates!({"x": {"histogram": {"field": "n", "interval": 0}}});
}

#[test]
fn refused_two_days_of_a_calendar() {
    aggregates!({"x": {"date_histogram": {"field": "when", "calendar_interval": "2d"}}});
}
