//! Sorts, pages and what hits show, on 240 documents.

use crate::cases::search;
use crate::library::crowd;

#[test]
fn sorted_by_a_number_and_the_order_of_documents() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "sort": ["n", "_doc"],
        "_source": false
    });
}

#[test]
fn sorted_backwards() {
    search!(crowd(), {"sort": [{"price": "desc"}], "size": 5, "_source": false});
}

#[test]
fn sorted_by_two_keys() {
    search!(crowd(), {
        "sort": [{"section": "asc"}, {"n": {"order": "desc"}}],
        "size": 12,
        "_source": false
    });
}

#[test]
fn sorted_with_the_missing_first() {
    search!(crowd(), {
        "sort": [{"tags": {"order": "asc", "missing": "_first"}}, {"n": "asc"}],
        "size": 30,
        "_source": false
    });
}

#[test]
fn sorted_by_the_least_of_several_values_backwards() {
    search!(crowd(), {
        "sort": [{"tags": {"order": "desc", "mode": "min"}}, {"n": "asc"}],
        "size": 20,
        "_source": false
    });
}

#[test]
fn sorted_by_a_date_backwards() {
    search!(crowd(), {"sort": [{"when": "desc"}, {"n": "asc"}], "size": 8, "_source": false});
}

#[test]
fn sorted_by_a_field_that_is_mapped_nowhere_with_a_type() {
    search!(crowd(), {
        "sort": [{"nowhere": {"order": "asc", "unmapped_type": "long"}}, {"n": "asc"}],
        "size": 3,
        "_source": false
    });
}

#[test]
fn refused_sort_of_a_field_that_is_mapped_nowhere() {
    search!(crowd(), {"sort": ["nowhere"]});
}

#[test]
fn sorted_by_score_and_a_number() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "sort": ["_score", {"n": "asc"}],
        "_source": false
    });
}

#[test]
fn scores_are_tracked_beside_a_sort() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "sort": [{"n": "asc"}],
        "track_scores": true,
        "size": 4,
        "_source": false
    });
}

#[test]
fn a_page_from_the_middle() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "from": 3,
        "size": 4,
        "sort": ["n"],
        "_source": false
    });
}

#[test]
fn a_least_score() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "min_score": 1.3,
        "size": 20,
        "_source": false
    });
}

#[test]
fn a_post_filter_leaves_aggregations_alone() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "post_filter": {"term": {"section": "games"}},
        "aggs": {"s": {"terms": {"field": "section"}}}
    });
}

#[test]
fn totals_up_to_ten() {
    search!(crowd(), {"query": {"match": {"title": "fox"}}, "size": 0, "track_total_hits": 10});
}

#[test]
fn totals_not_at_all() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "size": 1,
        "sort": ["n"],
        "track_total_hits": false
    });
}

#[test]
fn totals_exactly() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "size": 0,
        "track_total_hits": true
    });
}

#[test]
fn source_of_two_patterns() {
    search!(crowd(), {"size": 2, "sort": ["n"], "_source": ["title", "o.*"]});
}

#[test]
fn source_of_nothing() {
    search!(crowd(), {"size": 2, "sort": ["n"], "_source": false});
}

#[test]
fn source_without_two_patterns() {
    search!(crowd(), {"size": 2, "sort": ["n"], "_source": {"excludes": ["body", "t*"]}});
}

#[test]
fn search_after_one_key() {
    search!(crowd(), {
        "sort": [{"n": "asc"}],
        "search_after": [200],
        "size": 3,
        "_source": false
    });
}

#[test]
fn search_after_two_keys() {
    search!(crowd(), {
        "sort": [{"section": "desc"}, {"n": "asc"}],
        "search_after": ["games", 100],
        "size": 3,
        "_source": false
    });
}

#[test]
fn search_after_a_float_backwards() {
    search!(crowd(), {
        "sort": [{"rate": "desc"}, {"n": "asc"}],
        "search_after": [2.5, 0],
        "size": 3,
        "_source": false
    });
}

#[test]
fn search_after_a_date() {
    search!(crowd(), {
        "sort": [{"when": "asc"}],
        "search_after": ["2021-05-05"],
        "size": 3,
        "_source": false
    });
}

#[test]
fn docvalue_fields_of_every_type() {
    search!(crowd(), {
        "size": 2,
        "sort": ["n"],
        "docvalue_fields": [
            "n",
            "section",
            "when",
            {"field": "when", "format": "yyyy"},
            "flag",
            "addr",
            "rate"
        ],
        "_source": false
    });
}

#[test]
fn versions_are_shown() {
    search!(crowd(), {"size": 2, "sort": ["n"], "version": true, "_source": false});
}

#[test]
fn names_of_queries_are_shown() {
    search!(crowd(), {
        "query": {"term": {"section": {"value": "games", "_name": "g"}}},
        "size": 2,
        "sort": ["n"],
        "_source": false
    });
}

#[test]
fn highlight_of_a_short_text() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "size": 20,
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn highlight_of_stemmed_words() {
    search!(crowd(), {
        "query": {"match": {"body": "quick libraries"}},
        "size": 20,
        "_source": false,
        "highlight": {"fields": {"body": {}}}
    });
}

#[test]
fn highlight_in_two_fragments_with_tags() {
    search!(crowd(), {
        "query": {"match": {"body": "quick"}},
        "size": 20,
        "_source": false,
        "highlight": {
            "pre_tags": ["<b>"],
            "post_tags": ["</b>"],
            "fields": {"body": {"fragment_size": 40, "number_of_fragments": 2}}
        }
    });
}

#[test]
fn highlight_of_a_phrase_in_the_whole_text() {
    search!(crowd(), {
        "query": {"match_phrase": {"title": "quick brown"}},
        "size": 20,
        "_source": false,
        "highlight": {"fields": {"title": {"number_of_fragments": 0}}}
    });
}

#[test]
fn highlight_in_several_values() {
    search!(crowd(), {
        "query": {"match": {"rare": "quick"}},
        "size": 20,
        "_source": false,
        "highlight": {"fields": {"rare": {}}}
    });
}

#[test]
fn highlight_of_every_field() {
    search!(crowd(), {
        "query": {"query_string": {"query": "fo* lazy"}},
        "size": 20,
        "_source": false,
        "highlight": {"fields": {"*": {}}}
    });
}

#[test]
fn highlight_in_the_order_of_scores() {
    search!(crowd(), {
        "query": {"match": {"body": "quick dog"}},
        "size": 20,
        "_source": false,
        "highlight": {"order": "score", "fields": {"body": {"number_of_fragments": 3}}}
    });
}

#[test]
fn highlight_without_a_match_in_the_field() {
    search!(crowd(), {
        "query": {
            "bool": {
                "must": [{"match": {"title": "fox"}}],
                "filter": [{"term": {"section": "games"}}]
            }
        },
        "size": 20,
        "_source": false,
        "highlight": {
            "require_field_match": false,
            "fields": {"title": {}, "section": {}, "body": {}}
        }
    });
}

#[test]
fn refused_page_beyond_the_window() {
    search!(crowd(), {"size": 20000});
}

#[test]
fn page_below_zero() {
    search!(
        crowd(),
        {"from": -1};
        differs: "Elasticsearch's side is taken on both"
    );
}

#[test]
fn refused_unknown_key() {
    search!(crowd(), {"surprise": 1});
}

#[test]
fn refused_sort_of_a_text() {
    search!(crowd(), {"query": {"match": {"title": "fox"}}, "sort": [{"title": "asc"}]});
}

#[test]
fn refused_search_after_without_a_sort() {
    search!(
        crowd(),
        {"query": {"match": {"title": "fox"}}, "search_after": [1]}
    );
}

#[test]
fn refused_search_after_of_too_many_values() {
    search!(
        crowd(),
        {"sort": [{"n": "asc"}], "search_after": [1, 2]}
    );
}

#[test]
fn refused_aggregation_of_nothing() {
    search!(crowd(), {"aggs": {"x": {}}});
}

#[test]
fn terminate_after_more_than_there_are() {
    search!(crowd(), {
        "query": {"match": {"title": "fox"}},
        "terminate_after": 1_000_000,
        "size": 0
    });
}
