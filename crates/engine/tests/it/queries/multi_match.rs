//! `multi_match`: a text in several fields.

use crate::cases::search;
use crate::library::films;

#[test]
fn best_fields_counts_the_best_field() {
    search!(films(), {
        "query": {"multi_match": {"query": "quick runs", "fields": ["title", "plot"]}},
        "_source": false
    });
}

#[test]
fn a_tie_breaker_adds_a_part_of_the_other_fields() {
    search!(films(), {
        "query": {
            "multi_match": {"query": "dog", "fields": ["title", "plot"], "tie_breaker": 0.5}
        },
        "_source": false
    });
}

#[test]
fn most_fields_adds_all_fields() {
    search!(films(), {
        "query": {
            "multi_match": {"query": "dog", "fields": ["title", "plot"], "type": "most_fields"}
        },
        "_source": false
    });
}

#[test]
fn a_field_may_be_boosted() {
    search!(films(), {
        "query": {"multi_match": {"query": "dog", "fields": ["title^3", "plot"]}},
        "_source": false
    });
}

#[test]
fn a_boost_that_is_no_number_is_refused() {
    search!(films(), {"query": {"multi_match": {"query": "dog", "fields": ["title^high"]}}});
}

#[test]
fn a_pattern_stands_for_its_fields() {
    search!(films(), {
        "query": {"multi_match": {"query": "fox", "fields": ["t*"]}},
        "_source": false
    });
}

#[test]
fn a_pattern_of_no_field_finds_nothing() {
    search!(films(), {"query": {"multi_match": {"query": "fox", "fields": ["zz*"]}}});
}

#[test]
fn a_field_that_is_not_mapped_is_passed_over() {
    search!(films(), {
        "query": {"multi_match": {"query": "fox", "fields": ["title", "nowhere"]}},
        "_source": false
    });
}

#[test]
fn without_fields_all_are_searched_and_numbers_forgive() {
    search!(films(), {"query": {"multi_match": {"query": "quick"}}, "_source": false});
}

#[test]
fn without_fields_a_number_finds_numbers() {
    search!(films(), {"query": {"multi_match": {"query": "1999"}}, "_source": false});
}

#[test]
fn a_field_alone_needs_no_list() {
    search!(films(), {
        "query": {"multi_match": {"query": "fox", "fields": "title"}},
        "_source": false
    });
}

#[test]
fn letters_in_a_numeric_field_are_refused() {
    search!(films(), {"query": {"multi_match": {"query": "fox", "fields": ["title", "year"]}}});
}

#[test]
fn letters_in_a_numeric_field_are_forgiven_when_lenient() {
    search!(films(), {
        "query": {
            "multi_match": {"query": "fox", "fields": ["title", "year"], "lenient": true}
        },
        "_source": false
    });
}

#[test]
fn operator_and_is_for_each_field() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "dog library",
                "fields": ["title", "plot"],
                "operator": "and"
            }
        },
        "_source": false
    });
}

#[test]
fn minimum_should_match_is_for_each_field() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "dog library cow",
                "fields": ["title", "plot"],
                "minimum_should_match": 2
            }
        },
        "_source": false
    });
}

#[test]
fn a_phrase_is_looked_for_in_each_field() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "quick brown",
                "fields": ["title", "plot"],
                "type": "phrase"
            }
        },
        "_source": false
    });
}

#[test]
fn a_phrase_takes_slop() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "quick fox",
                "fields": ["title"],
                "type": "phrase",
                "slop": 1
            }
        },
        "_source": false
    });
}

#[test]
fn a_phrase_prefix_is_looked_for_in_each_field() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "lazy do",
                "fields": ["title", "plot"],
                "type": "phrase_prefix"
            }
        },
        "_source": false
    });
}

#[test]
fn a_bool_prefix_is_looked_for_in_each_field() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "cow fo",
                "fields": ["title", "plot"],
                "type": "bool_prefix"
            }
        },
        "_source": false
    });
}

#[test]
fn fuzziness_is_for_each_field() {
    search!(films(), {
        "query": {
            "multi_match": {"query": "dgo", "fields": ["title", "plot"], "fuzziness": "AUTO"}
        },
        "_source": false
    });
}

#[test]
fn fuzziness_is_not_for_phrases() {
    search!(films(), {
        "query": {
            "multi_match": {
                "query": "quick",
                "fields": ["title"],
                "type": "phrase",
                "fuzziness": 1
            }
        }
    });
}

#[test]
fn an_unknown_type_is_refused() {
    search!(
        films(),
        {
            "query": {
                "multi_match": {"query": "fox", "fields": ["title"], "type": "worst_fields"}
            }
        }
    );
}

#[test]
fn no_query_at_all_is_refused() {
    search!(films(), {"query": {"multi_match": {"fields": ["title"]}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"multi_match": {"query": "fox", "surprise": 1}}});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"multi_match": {"query": "fox", "fields": ["title"], "boost": 2}},
        "_source": false
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"multi_match": {"query": "fox", "fields": ["title"], "_name": "m"}},
        "_source": false
    });
}
