//! `match_phrase`: words in their order and at their distances.

use crate::cases::search;
use crate::library::films;

#[test]
fn words_stand_beside_each_other() {
    search!(films(), {"query": {"match_phrase": {"title": "quick brown"}}, "_source": false});
}

#[test]
fn the_order_counts() {
    search!(films(), {"query": {"match_phrase": {"title": "brown quick"}}, "_source": false});
}

#[test]
fn slop_lets_words_stand_apart() {
    search!(films(), {
        "query": {"match_phrase": {"title": {"query": "quick fox", "slop": 1}}},
        "_source": false
    });
}

#[test]
fn a_swap_costs_two() {
    search!(films(), {
        "query": {"match_phrase": {"title": {"query": "brown quick", "slop": 2}}},
        "_source": false
    });
}

#[test]
fn a_slop_below_zero_is_refused() {
    search!(
        films(),
        {"query": {"match_phrase": {"title": {"query": "brown quick", "slop": -1}}}}
    );
}

#[test]
fn one_word_is_a_phrase() {
    search!(films(), {"query": {"match_phrase": {"title": "fox"}}, "_source": false});
}

#[test]
fn a_repeated_word_is_wanted_twice() {
    search!(films(), {"query": {"match_phrase": {"title": "quick quick"}}, "_source": false});
}

#[test]
fn stop_words_leave_a_gap() {
    search!(films(), {"query": {"match_phrase": {"plot": "runs a library"}}, "_source": false});
}

#[test]
fn a_gap_must_be_as_wide() {
    search!(films(), {"query": {"match_phrase": {"plot": "runs library"}}, "_source": false});
}

#[test]
fn a_phrase_does_not_reach_from_one_value_into_the_next() {
    search!(films(), {
        "query": {"match_phrase": {"title": "north northern"}},
        "_source": false
    });
}

#[test]
fn a_great_slop_reaches_into_the_next_value() {
    search!(films(), {
        "query": {"match_phrase": {"title": {"query": "north northern", "slop": 100}}},
        "_source": false
    });
}

#[test]
fn an_analyzer_of_its_own_reads_the_phrase() {
    search!(films(), {
        "query": {
            "match_phrase": {"title": {"query": "QUICK brown", "analyzer": "whitespace"}}
        }
    });
}

#[test]
fn stop_words_alone_find_nothing() {
    search!(films(), {"query": {"match_phrase": {"plot": "the a"}}});
}

#[test]
fn stop_words_alone_find_everything_when_asked_to() {
    search!(films(), {
        "query": {"match_phrase": {"plot": {"query": "the a", "zero_terms_query": "all"}}},
        "_source": false
    });
}

#[test]
fn a_keyword_is_matched_whole() {
    search!(films(), {
        "query": {"match_phrase": {"title.raw": "brown quick"}},
        "_source": false
    });
}

#[test]
fn a_number_is_matched() {
    search!(films(), {"query": {"match_phrase": {"year": 2004}}, "_source": false});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"match_phrase": {"nowhere": "quick brown"}}});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"match_phrase": {"title": {"query": "quick brown", "boost": 3}}},
        "_source": false
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"match_phrase": {"title": {"query": "quick brown", "_name": "p"}}},
        "_source": false
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"match_phrase": {"title": {"query": "x", "operator": "and"}}}});
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"match_phrase": {"title": "x", "plot": "y"}}});
}

#[test]
fn no_query_at_all_is_refused() {
    search!(
        films(),
        {"query": {"match_phrase": {"title": {"slop": 1}}}}
    );
}
