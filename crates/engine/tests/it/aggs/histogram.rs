//! `histogram`: buckets of one width.

use crate::cases::search;
use crate::library::films;

#[test]
fn buckets_begin_at_multiples_of_the_interval() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 1}}}
    });
}

#[test]
fn gaps_are_filled() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 0.5}}}
    });
}

#[test]
fn min_doc_count_of_one_leaves_gaps() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 0.5, "min_doc_count": 1}}}
    });
}

#[test]
fn an_offset_moves_the_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "histogram": {"field": "year", "interval": 10, "offset": 5, "min_doc_count": 1}
            }
        }
    });
}

#[test]
fn an_offset_below_zero_moves_them_back() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "histogram": {
                    "field": "year",
                    "interval": 10,
                    "offset": -3,
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn values_below_zero_fall_into_the_bucket_below() {
    search!(films(), {
        "size": 0,
        "query": {"range": {"votes": {"lt": 10}}},
        "aggs": {"x": {"histogram": {"field": "votes", "interval": 5}}}
    });
}

#[test]
fn keyed_buckets_go_by_their_key() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 2, "keyed": true}}}
    });
}

#[test]
fn order_by_key_goes_down() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"histogram": {"field": "rating", "interval": 2, "order": {"_key": "desc"}}}
        }
    });
}

#[test]
fn order_by_count() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"histogram": {"field": "rating", "interval": 2, "order": {"_count": "desc"}}}
        }
    });
}

#[test]
fn order_by_a_metric() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "histogram": {
                    "field": "year",
                    "interval": 5,
                    "min_doc_count": 1,
                    "order": {"v": "desc"}
                },
                "aggs": {"v": {"max": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn extended_bounds_add_empty_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "histogram": {
                    "field": "rating",
                    "interval": 2,
                    "extended_bounds": {"min": 0, "max": 12}
                }
            }
        }
    });
}

#[test]
fn extended_bounds_of_nothing_are_empty_buckets() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {
            "x": {
                "histogram": {
                    "field": "rating",
                    "interval": 2,
                    "extended_bounds": {"min": 0, "max": 4}
                }
            }
        }
    });
}

#[test]
fn extended_bounds_the_wrong_way_round_are_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "rating",
                        "interval": 2,
                        "extended_bounds": {"min": 4, "max": 0}
                    }
                }
            }
        }
    );
}

#[test]
fn hard_bounds_leave_out_what_is_beyond() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "histogram": {
                    "field": "rating",
                    "interval": 1,
                    "hard_bounds": {"min": 6, "max": 8}
                }
            }
        }
    });
}

#[test]
fn extended_bounds_beyond_hard_bounds_are_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "rating",
                        "interval": 1,
                        "hard_bounds": {"min": 6, "max": 8},
                        "extended_bounds": {"min": 0, "max": 8}
                    }
                }
            }
        }
    );
}

#[test]
fn the_missing_are_filled() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 5, "missing": 0}}}
    });
}

#[test]
fn nothing_has_no_buckets() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 5}}}
    });
}

#[test]
fn a_field_that_is_not_mapped_has_no_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "nowhere", "interval": 5}}}
    });
}

#[test]
fn a_keyword_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "genre", "interval": 5}}}
    });
}

#[test]
fn booleans_have_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "seen", "interval": 1}}}
    });
}

#[test]
fn a_format_is_told_beside_the_key() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {"x": {"histogram": {"field": "rating", "interval": 2, "format": "0.0"}}}
        }
    );
}

#[test]
fn no_interval_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"histogram": {"field": "rating"}}}}
    );
}

#[test]
fn an_interval_of_zero_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 0}}}
    });
}

#[test]
fn an_interval_below_zero_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": -1}}}
    });
}

#[test]
fn min_doc_count_below_zero_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {"histogram": {"field": "rating", "interval": 1, "min_doc_count": -1}}
            }
        }
    );
}

#[test]
fn metrics_are_told_with_empty_buckets_too() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "histogram": {"field": "rating", "interval": 1},
                "aggs": {"v": {"sum": {"field": "votes"}}, "a": {"avg": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn several_values_of_a_document_count_in_each_bucket() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"_id": "4"}},
        "aggs": {"x": {"histogram": {"field": "seen", "interval": 1}}}
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"histogram": {"field": "rating", "interval": 1, "surprise": 1}}}
    });
}

#[test]
fn no_field_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"histogram": {"interval": 1}}}});
}
