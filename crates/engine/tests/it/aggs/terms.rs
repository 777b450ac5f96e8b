//! `terms`: a bucket for each value.

use crate::cases::search;
use crate::library::{films, no_films};

#[test]
fn the_most_frequent_come_first_and_ties_by_key() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "genre"}}}});
}

#[test]
fn one_document_counts_in_the_bucket_of_each_of_its_values_once() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "tags"}}}});
}

#[test]
fn size_bounds_the_buckets_and_the_others_are_summed() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "size": 1}}}});
}

#[test]
fn a_size_of_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "size": 0}}}}
    );
}

#[test]
fn a_size_below_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "size": -1}}}}
    );
}

#[test]
fn shard_size_may_be_given() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "size": 2, "shard_size": 50}}}
    });
}

#[test]
fn a_shard_size_of_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "shard_size": 0}}}}
    );
}

#[test]
fn order_by_key_goes_up() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "order": {"_key": "asc"}}}}
    });
}

#[test]
fn order_by_key_goes_down() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "order": {"_key": "desc"}}}}
    });
}

#[test]
fn order_by_count_goes_up() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "order": {"_count": "asc"}}}}
    });
}

#[test]
fn order_by_term_is_the_old_name_of_key() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "order": {"_term": "asc"}}}}
    });
}

#[test]
fn order_by_several_keys() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"terms": {"field": "genre", "order": [{"_count": "desc"}, {"_key": "desc"}]}}
        }
    });
}

#[test]
fn order_by_a_metric() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "terms": {"field": "genre", "order": {"v": "desc"}},
                "aggs": {"v": {"sum": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn order_by_a_metric_that_some_buckets_lack() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "terms": {"field": "genre", "order": {"r": "asc"}},
                "aggs": {"r": {"avg": {"field": "rating"}}}
            }
        }
    });
}

#[test]
fn order_by_a_part_of_stats() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "terms": {"field": "genre", "order": {"v.max": "asc"}},
                "aggs": {"v": {"stats": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn order_by_a_part_that_is_none_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "genre", "order": {"v.surprise": "asc"}},
                    "aggs": {"v": {"stats": {"field": "votes"}}}
                }
            }
        }
    );
}

#[test]
fn order_by_an_aggregation_that_is_not_there_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "order": {"nobody": "asc"}}}}}
    );
}

#[test]
fn order_by_buckets_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "genre", "order": {"t": "asc"}},
                    "aggs": {"t": {"terms": {"field": "tags"}}}
                }
            }
        }
    );
}

#[test]
fn order_in_an_unknown_direction_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "order": {"_key": "sideways"}}}}}
    );
}

#[test]
fn order_by_two_keys_in_one_object_takes_the_last() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {"terms": {"field": "genre", "order": {"_key": "asc", "_count": "asc"}}}
            }
        }
    );
}

#[test]
fn min_doc_count_leaves_out_rare_values() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "min_doc_count": 2}}}
    });
}

#[test]
fn min_doc_count_of_zero_shows_values_that_the_query_does_not_find() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"genre": "drama"}},
        "aggs": {"x": {"terms": {"field": "genre", "min_doc_count": 0}}}
    });
}

#[test]
fn min_doc_count_of_zero_shows_numbers_too() {
    search!(
        films(),
        {
            "size": 0,
            "query": {"term": {"year": 2024}},
            "aggs": {"x": {"terms": {"field": "year", "min_doc_count": 0}}}
        }
    );
}

#[test]
fn min_doc_count_below_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "min_doc_count": -1}}}}
    );
}

#[test]
fn missing_is_a_bucket_of_those_without() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "missing": "none"}}}
    });
}

#[test]
fn missing_may_be_a_value_that_is_there() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "missing": "drama"}}}
    });
}

#[test]
fn missing_of_a_number_is_a_number() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "year", "missing": 1900}}}});
}

#[test]
fn missing_of_a_number_that_is_a_word_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "year", "missing": "old"}}}
    });
}

#[test]
fn missing_fills_a_field_that_is_not_mapped() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "nowhere", "missing": "none"}}}
    });
}

#[test]
fn a_pattern_includes_values() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "include": "[Tt].*"}}}
    });
}

#[test]
fn a_pattern_excludes_values() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "exclude": ".*r"}}}
    });
}

#[test]
fn a_list_includes_values() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "include": ["drama", "nobody"]}}}
    });
}

#[test]
fn a_list_excludes_values() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "exclude": ["drama"]}}}
    });
}

#[test]
fn include_and_exclude_work_together() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "include": ".*r.*", "exclude": "Thriller"}}}
    });
}

#[test]
fn a_list_includes_numbers() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "year", "include": [1999, 2024]}}}
    });
}

#[test]
fn a_pattern_that_includes_numbers_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "year", "include": "19.*"}}}}
    );
}

#[test]
fn include_takes_a_part_of_the_values() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {
                        "field": "year",
                        "include": {"partition": 0, "num_partitions": 1}
                    }
                }
            }
        }
    );
}

#[test]
fn integers_have_numbers_for_keys() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "year"}}}});
}

#[test]
fn doubles_have_numbers_for_keys() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "rating"}}}});
}

#[test]
fn booleans_have_their_word_beside_their_number() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "seen"}}}});
}

#[test]
fn dates_have_their_text_beside_their_number() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "released"}}}});
}

#[test]
fn dates_take_a_format() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "released", "format": "yyyy"}}}
    });
}

#[test]
fn numbers_take_a_format() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "rating", "format": "0.00"}}}}
    );
}

#[test]
fn addresses_have_their_text() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "addr"}}}});
}

#[test]
fn a_text_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "title"}}}});
}

#[test]
fn a_keyword_without_columns_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "bare"}}}});
}

#[test]
fn a_multi_field_is_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "title.raw", "size": 3}}}});
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "kind"}}}});
}

#[test]
fn a_field_in_an_object_is_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "crew.director"}}}});
}

#[test]
fn the_id_is_counted() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "_id", "size": 2}}}}
    );
}

#[test]
fn the_index_is_counted() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "_index"}}}}
    );
}

#[test]
fn a_field_that_is_not_mapped_has_no_buckets() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "nowhere"}}}});
}

#[test]
fn nothing_is_counted_in_an_empty_index() {
    search!(no_films(), {"size": 0, "aggs": {"x": {"terms": {"field": "genre"}}}});
}

#[test]
fn metrics_are_told_with_each_bucket() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "terms": {"field": "genre"},
                "aggs": {"r": {"avg": {"field": "rating"}}, "y": {"max": {"field": "year"}}}
            }
        }
    });
}

#[test]
fn terms_nest() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "terms": {"field": "genre"},
                "aggs": {"t": {"terms": {"field": "tags", "size": 1}}}
            }
        }
    });
}

#[test]
fn the_query_narrows_what_is_counted() {
    search!(films(), {
        "size": 0,
        "query": {"range": {"year": {"gte": 2000}}},
        "aggs": {"x": {"terms": {"field": "genre"}}}
    });
}

#[test]
fn an_error_bound_is_shown_with_each_bucket() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "genre", "show_term_doc_count_error": true}}}
    });
}

#[test]
fn collect_mode_and_execution_hint_may_be_given() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "terms": {
                    "field": "genre",
                    "collect_mode": "breadth_first",
                    "execution_hint": "map"
                }
            }
        }
    });
}

#[test]
fn an_unknown_collect_mode_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "collect_mode": "surprise"}}}}
    );
}

#[test]
fn an_unknown_execution_hint_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "execution_hint": "surprise"}}}}
    );
}

#[test]
fn a_value_type_says_what_a_field_that_is_not_mapped_would_be() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"terms": {"field": "nowhere", "value_type": "long"}}}
    });
}

#[test]
fn no_field_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {}}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"terms": {"field": "genre", "surprise": 1}}}});
}

#[test]
fn a_word_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"terms": "genre"}}}
    );
}

#[test]
fn ids_are_counted_as_keywords_are() {
    crate::cases::asks!(
        films(),
        "POST /films/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "_id", "size": 3, "order": {"_key": "desc"}}, "aggs": {"v": {"sum": {"field": "votes"}}}}}},
        "POST /films/_search" => {"size": 0, "aggs": {"x": {"cardinality": {"field": "_id"}}, "y": {"value_count": {"field": "_id"}}}},
        "POST /films/_search" => {"size": 0, "query": {"term": {"genre": "drama"}}, "aggs": {"x": {"terms": {"field": "_id", "include": ["0", "2"]}}}},
        "POST /films/_search" => {"size": 0, "aggs": {"x": {"composite": {"size": 2, "sources": [{"i": {"terms": {"field": "_id"}}}]}}}}
    );
}
