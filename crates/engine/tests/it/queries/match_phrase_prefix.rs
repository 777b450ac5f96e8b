//! `match_phrase_prefix`: a phrase whose last word is a beginning.

use crate::cases::search;
use crate::library::films;

#[test]
fn the_last_word_is_a_beginning() {
    search!(films(), {
        "query": {"match_phrase_prefix": {"title": "quick br"}},
        "_source": false
    });
}

#[test]
fn the_words_before_it_are_whole() {
    search!(films(), {
        "query": {"match_phrase_prefix": {"title": "qui brown"}},
        "_source": false
    });
}

#[test]
fn one_word_is_a_beginning() {
    search!(films(), {"query": {"match_phrase_prefix": {"title": "do"}}, "_source": false});
}

#[test]
fn slop_lets_words_stand_apart() {
    search!(films(), {
        "query": {"match_phrase_prefix": {"title": {"query": "quick fo", "slop": 1}}},
        "_source": false
    });
}

#[test]
fn max_expansions_bounds_the_words_tried() {
    search!(films(), {
        "query": {"match_phrase_prefix": {"title": {"query": "lazy d", "max_expansions": 1}}},
        "_source": false
    });
}

#[test]
fn max_expansions_of_zero_tries_one() {
    search!(
        films(),
        {"query": {"match_phrase_prefix": {"title": {"query": "lazy d", "max_expansions": 0}}}}
    );
}

#[test]
fn max_expansions_below_zero_is_refused() {
    search!(
        films(),
        {"query": {"match_phrase_prefix": {"title": {"query": "lazy d", "max_expansions": -1}}}}
    );
}

#[test]
fn a_slop_below_zero_is_refused() {
    search!(
        films(),
        {"query": {"match_phrase_prefix": {"title": {"query": "lazy d", "slop": -1}}}}
    );
}

#[test]
fn stop_words_alone_find_everything_when_asked_to() {
    search!(films(), {
        "query": {
            "match_phrase_prefix": {"plot": {"query": "the a", "zero_terms_query": "all"}}
        },
        "_source": false
    });
}

#[test]
fn an_analyzer_of_its_own_reads_the_phrase() {
    search!(films(), {
        "query": {
            "match_phrase_prefix": {"title": {"query": "QUICK br", "analyzer": "simple"}}
        },
        "_source": false
    });
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"match_phrase_prefix": {"nowhere": "quick br"}}});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"match_phrase_prefix": {"title": {"query": "lazy do", "boost": 2}}},
        "_source": false
    });
}

#[test]
fn a_number_is_refused() {
    search!(
        films(),
        {"query": {"match_phrase_prefix": {"year": "19"}}}
    );
}

#[test]
fn a_keyword_is_refused() {
    search!(
        films(),
        {"query": {"match_phrase_prefix": {"genre": "dra"}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "query": {"match_phrase_prefix": {"title": {"query": "x", "fuzziness": 1}}}
    });
}
