//! Highlighting: the words that were found, marked.

use crate::cases::{Setup, search};
use crate::library::films;

#[test]
fn words_are_marked() {
    search!(films(), {
        "query": {"match": {"title": "quick fox"}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn stemmed_words_are_marked_as_they_stand() {
    search!(films(), {
        "query": {"match": {"plot": "run"}},
        "_source": false,
        "highlight": {"fields": {"plot": {}}}
    });
}

#[test]
fn tags_may_be_others() {
    search!(films(), {
        "query": {"match": {"title": "fox"}},
        "_source": false,
        "highlight": {"pre_tags": ["<b>"], "post_tags": ["</b>"], "fields": {"title": {}}}
    });
}

#[test]
fn tags_may_be_a_fields_own() {
    search!(films(), {
        "query": {"match": {"title": "fox"}},
        "_source": false,
        "highlight": {"fields": {"title": {"pre_tags": ["["], "post_tags": ["]"]}}}
    });
}

#[test]
fn the_styled_schema_has_tags_of_its_own() {
    search!(films(), {
        "query": {"match": {"title": "fox"}},
        "_source": false,
        "highlight": {"tags_schema": "styled", "fields": {"title": {}}}
    });
}

#[test]
fn fragments_are_as_long_as_asked() {
    search!(films(), {
        "query": {"match": {"plot": "run"}},
        "_source": false,
        "highlight": {"fields": {"plot": {"fragment_size": 20}}}
    });
}

#[test]
fn no_more_fragments_than_asked() {
    search!(films(), {
        "query": {"match": {"plot": "run"}},
        "_source": false,
        "highlight": {"fields": {"plot": {"fragment_size": 20, "number_of_fragments": 1}}}
    });
}

#[test]
fn no_fragments_mean_the_whole_text() {
    search!(films(), {
        "query": {"match": {"plot": "run"}},
        "_source": false,
        "highlight": {"fields": {"plot": {"number_of_fragments": 0}}}
    });
}

#[test]
fn fragments_may_come_in_the_order_of_their_scores() {
    search!(films(), {
        "query": {"match": {"plot": "run library"}},
        "_source": false,
        "highlight": {"order": "score", "fields": {"plot": {"fragment_size": 18}}}
    });
}

#[test]
fn a_field_without_a_match_may_show_its_begin() {
    search!(films(), {
        "query": {"term": {"year": 1999}},
        "_source": false,
        "highlight": {"fields": {"plot": {"no_match_size": 12}}}
    });
}

#[test]
fn a_field_without_a_match_is_not_shown() {
    search!(films(), {
        "query": {"term": {"year": 1999}},
        "_source": false,
        "highlight": {"fields": {"plot": {}}}
    });
}

#[test]
fn a_pattern_stands_for_its_fields() {
    search!(films(), {
        "query": {"multi_match": {"query": "dog run", "fields": ["title", "plot"]}},
        "_source": false,
        "highlight": {"fields": {"*": {}}}
    });
}

#[test]
fn the_match_must_be_of_the_field() {
    search!(films(), {
        "query": {"match": {"title": "dog"}},
        "_source": false,
        "highlight": {"fields": {"plot": {}}}
    });
}

#[test]
fn the_match_may_be_of_another_field() {
    search!(films(), {
        "query": {"match": {"title": "dog"}},
        "_source": false,
        "highlight": {"require_field_match": false, "fields": {"plot": {}}}
    });
}

#[test]
fn another_query_may_say_what_is_marked() {
    search!(films(), {
        "query": {"match": {"title": "dog"}},
        "_source": false,
        "highlight": {
            "highlight_query": {"match": {"title": "quick"}},
            "fields": {"title": {}}
        }
    });
}

#[test]
fn several_values_are_marked_each() {
    search!(films(), {
        "query": {"match": {"title": "north lights northern"}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn a_phrase_is_marked_where_it_stands() {
    search!(films(), {
        "query": {"match_phrase": {"title": "quick brown"}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn a_prefix_is_marked() {
    search!(films(), {
        "query": {"prefix": {"title": "qu"}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn a_wildcard_is_marked() {
    search!(films(), {
        "query": {"wildcard": {"title": "d?g*"}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn a_fuzzy_word_is_marked() {
    search!(films(), {
        "query": {"fuzzy": {"title": "fxo"}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn a_keyword_is_marked_whole() {
    search!(films(), {
        "query": {"term": {"genre": "comedy"}},
        "_source": false,
        "highlight": {"fields": {"genre": {}}}
    });
}

#[test]
fn a_number_is_not_marked() {
    search!(films(), {
        "query": {"term": {"year": 1999}},
        "_source": false,
        "highlight": {"fields": {"year": {}}}
    });
}

#[test]
fn what_must_not_match_is_not_marked() {
    search!(films(), {
        "query": {
            "bool": {
                "must": {"match": {"title": "quick"}},
                "must_not": {"match": {"title": "fox"}}
            }
        },
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn what_a_filter_finds_is_marked() {
    search!(films(), {
        "query": {"bool": {"filter": {"match": {"title": "fox"}}}},
        "_source": false,
        "highlight": {"fields": {"title": {}}}
    });
}

#[test]
fn an_encoder_escapes_html() {
    search!(Setup::index("html", serde_json::json!({}), serde_json::json!([{"t": "<i>fox</i> & \"dog\""}])), {
        "query": {"match": {"t": "fox"}},
        "_source": false,
        "highlight": {"encoder": "html", "fields": {"t": {}}}
    });
}

#[test]
fn fields_may_be_a_list_in_their_order() {
    search!(films(), {
        "query": {"multi_match": {"query": "dog run", "fields": ["title", "plot"]}},
        "_source": false,
        "size": 1,
        "highlight": {"fields": [{"plot": {}}, {"title": {}}]}
    });
}

#[test]
fn a_fragment_offset_is_for_fvh() {
    search!(
        films(),
        {
            "query": {"match": {"title": "fox"}},
            "_source": false,
            "highlight": {"fields": {"title": {"fragment_offset": 2}}}
        }
    );
}

#[test]
fn type_unified_may_be_named() {
    search!(films(), {
        "query": {"match": {"title": "fox"}},
        "_source": false,
        "highlight": {"type": "unified", "fields": {"title": {}}}
    });
}

#[test]
fn an_unknown_type_is_refused() {
    search!(
        films(),
        {
            "query": {"match": {"title": "fox"}},
            "highlight": {"type": "surprise", "fields": {"title": {}}}
        }
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(
        films(),
        {
            "query": {"match": {"title": "fox"}},
            "highlight": {"fields": {"title": {"surprise": 1}}}
        }
    );
}

#[test]
fn a_field_that_is_not_mapped_is_not_shown() {
    search!(films(), {
        "query": {"match": {"title": "fox"}},
        "_source": false,
        "highlight": {"fields": {"nowhere": {}}}
    });
}

#[test]
fn an_alias_is_not_marked() {
    search!(films(), {
        "query": {"term": {"genre": "comedy"}},
        "_source": false,
        "highlight": {"fields": {"kind": {}}}
    });
}

#[test]
fn a_boundary_scanner_may_cut_at_words() {
    search!(
        films(),
        {
            "query": {"match": {"plot": "run"}},
            "_source": false,
            "highlight": {
                "fields": {"plot": {"boundary_scanner": "word", "fragment_size": 10}}
            }
        }
    );
}
