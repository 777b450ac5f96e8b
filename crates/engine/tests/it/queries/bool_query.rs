//! `bool`: clauses joined.

use crate::cases::search;
use crate::library::films;

#[test]
fn must_wants_every_clause_and_adds_the_scores() {
    search!(films(), {
        "query": {
            "bool": {"must": [{"match": {"title": "quick"}}, {"match": {"title": "fox"}}]}
        },
        "_source": false
    });
}

#[test]
fn filter_wants_every_clause_and_scores_nothing() {
    search!(films(), {
        "query": {"bool": {"filter": [{"term": {"genre": "drama"}}, {"term": {"year": 1999}}]}},
        "_source": false
    });
}

#[test]
fn should_wants_one_clause_when_alone() {
    search!(films(), {
        "query": {
            "bool": {"should": [{"term": {"genre": "comedy"}}, {"term": {"year": 2024}}]}
        },
        "_source": false
    });
}

#[test]
fn should_is_optional_beside_must() {
    search!(films(), {
        "query": {
            "bool": {
                "must": {"term": {"genre": "drama"}},
                "should": {"match": {"title": "fox"}}
            }
        },
        "_source": false
    });
}

#[test]
fn should_is_optional_beside_filter() {
    search!(films(), {
        "query": {
            "bool": {
                "filter": {"term": {"genre": "drama"}},
                "should": {"match": {"title": "fox"}}
            }
        },
        "_source": false
    });
}

#[test]
fn should_wants_one_clause_beside_must_not() {
    search!(films(), {
        "query": {
            "bool": {
                "must_not": {"term": {"genre": "drama"}},
                "should": {"match": {"title": "quick"}}
            }
        },
        "_source": false
    });
}

#[test]
fn minimum_should_match_counts_should_clauses() {
    search!(films(), {
        "query": {
            "bool": {
                "should": [
                    {"term": {"genre": "drama"}},
                    {"term": {"year": 1999}},
                    {"match": {"title": "fox"}}
                ],
                "minimum_should_match": 2
            }
        },
        "_source": false
    });
}

#[test]
fn minimum_should_match_takes_a_percentage() {
    search!(films(), {
        "query": {
            "bool": {
                "should": [
                    {"term": {"genre": "drama"}},
                    {"term": {"year": 1999}},
                    {"match": {"title": "fox"}}
                ],
                "minimum_should_match": "67%"
            }
        },
        "_source": false
    });
}

#[test]
fn minimum_should_match_of_zero_makes_should_optional() {
    search!(
        films(),
        {
            "query": {
                "bool": {"should": [{"match": {"title": "fox"}}], "minimum_should_match": 0}
            },
            "_source": false
        }
    );
}

#[test]
fn minimum_should_match_of_more_than_there_are_finds_nothing() {
    search!(films(), {
        "query": {"bool": {"should": [{"match": {"title": "fox"}}], "minimum_should_match": 3}}
    });
}

#[test]
fn must_not_alone_finds_the_others_with_no_score() {
    search!(films(), {
        "query": {"bool": {"must_not": [{"exists": {"field": "genre"}}]}},
        "_source": false
    });
}

#[test]
fn an_empty_bool_finds_everything() {
    search!(films(), {"query": {"bool": {}}, "_source": false});
}

#[test]
fn empty_lists_find_everything() {
    search!(films(), {
        "query": {"bool": {"must": [], "filter": [], "should": [], "must_not": []}},
        "size": 0
    });
}

#[test]
fn the_boost_multiplies_the_sum() {
    search!(films(), {
        "query": {
            "bool": {
                "must": [{"match": {"title": "fox"}}],
                "should": [{"match_all": {}}],
                "boost": 2
            }
        },
        "_source": false
    });
}

#[test]
fn clauses_nest() {
    search!(films(), {
        "query": {
            "bool": {
                "must": {
                    "bool": {
                        "should": [
                            {"bool": {"filter": {"term": {"year": 2024}}}},
                            {"match": {"title": "fox"}}
                        ]
                    }
                }
            }
        },
        "_source": false
    });
}

#[test]
fn names_of_all_clauses_are_told() {
    search!(films(), {
        "query": {
            "bool": {
                "must": {"match": {"title": {"query": "quick", "_name": "q"}}},
                "should": {"match": {"title": {"query": "fox", "_name": "f"}}},
                "filter": {"exists": {"field": "genre", "_name": "e"}},
                "_name": "all"
            }
        },
        "_source": false
    });
}

#[test]
fn must_not_may_be_spelled_without_its_bar() {
    search!(films(), {
        "query": {"bool": {"mustNot": {"match": {"title": "quick"}}}},
        "_source": false
    });
}

#[test]
fn an_unknown_clause_is_refused() {
    search!(films(), {"query": {"bool": {"surprise": []}}});
}

#[test]
fn a_clause_that_is_a_word_is_refused() {
    search!(
        films(),
        {"query": {"bool": {"must": "fox"}}}
    );
}

#[test]
fn a_clause_that_is_no_query_is_refused() {
    search!(
        films(),
        {"query": {"bool": {"must": [{"mtch": {"title": "fox"}}]}}}
    );
}

#[test]
fn a_clause_of_two_queries_is_refused() {
    search!(
        films(),
        {"query": {"bool": {"must": {"match_all": {}, "match_none": {}}}}}
    );
}

#[test]
fn an_empty_clause_is_refused() {
    search!(
        films(),
        {"query": {"bool": {"must": {}}}}
    );
}

#[test]
fn adjust_pure_negative_false_leaves_must_not_alone_empty() {
    search!(
        films(),
        {
            "query": {
                "bool": {
                    "must_not": {"match": {"title": "fox"}},
                    "adjust_pure_negative": false
                }
            },
            "_source": false
        }
    );
}
