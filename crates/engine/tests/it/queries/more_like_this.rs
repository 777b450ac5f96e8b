//! `more_like_this`: documents with the words that stand out in others.

use serde_json::json;

use crate::cases::asks;
use crate::library::films;
use crate::suggest::phrases;

#[test]
fn like_a_text() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": "nobel prize",
                "min_term_freq": 1,
                "min_doc_freq": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_document() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": [
                    {
                        "_id": "2"
                    }
                ],
                "min_term_freq": 1,
                "min_doc_freq": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_document_that_may_be_found_itself() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": [
                    {
                        "_index": "phrases",
                        "_id": "2"
                    }
                ],
                "min_term_freq": 1,
                "min_doc_freq": 1,
                "include": true,
                "boost_terms": 2
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_document_that_is_given() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": {
                    "doc": {
                        "v": "amsterdam city"
                    }
                },
                "min_term_freq": 1,
                "min_doc_freq": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_documents_and_texts() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t",
                    "k"
                ],
                "like": [
                    {
                        "_id": "1"
                    },
                    "physics"
                ],
                "min_term_freq": 1,
                "min_doc_freq": 1,
                "minimum_should_match": "10%"
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_nothing_that_is_unlike() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": "nobel prize",
                "unlike": "prize",
                "min_term_freq": 1,
                "min_doc_freq": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_rare_words_alone() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": "nobel prize"
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_text_without_fields() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "like": "nobel prize",
                "min_term_freq": 1,
                "min_doc_freq": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_number() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "n"
                ],
                "like": "1"
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_number_that_is_forgiven() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "n"
                ],
                "like": "1",
                "fail_on_unsupported_field": false
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_no_field() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [],
                "like": "1"
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_nothing() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ]
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_surprise() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": "a",
                "foo": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_document_that_is_not_there() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": {
                    "_id": "99"
                },
                "min_term_freq": 1,
                "min_doc_freq": 1
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_words_of_some_lengths() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "t"
                ],
                "like": "the nobel prize",
                "min_term_freq": 1,
                "min_doc_freq": 1,
                "stop_words": [
                    "the"
                ],
                "min_word_length": 4,
                "max_word_length": 5,
                "max_doc_freq": 2
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_field_that_is_not_there() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "query": {
            "more_like_this": {
                "fields": [
                    "nope"
                ],
                "like": "a"
            }
        },
        "_source": false
    }
        );
}

#[test]
fn like_a_document_of_another_index() {
    asks!(
        phrases().and("others", serde_json::json!({}), serde_json::json!([{"body": "the quick brown fox"}])),
        "POST /phrases/_search" => {"query": {"more_like_this": {"fields": ["body"], "like": [{"_index": "others", "_id": "0"}], "min_term_freq": 1, "min_doc_freq": 1}}, "_source": false}
    );
}

#[test]
fn several_searches_are_like_documents() {
    asks!(
        phrases(),
        "POST /phrases/_msearch" => [{}, {"query": {"more_like_this": {"fields": ["body"], "like": [{"_index": "phrases", "_id": "1"}], "min_term_freq": 1, "min_doc_freq": 1}}, "_source": false}]
    );
}

#[test]
fn a_document_of_an_index_that_is_not_there() {
    asks!(
        phrases(),
        "POST /phrases/_search" => {"query": {"more_like_this": {"fields": ["body"], "like": [{"_index": "nowhere", "_id": "1"}]}}, "_source": false}
    );
}

#[test]
fn a_given_document_may_have_analyzers_of_its_own() {
    let like = |analyzer: &str| {
        let given =
            json!({"doc": {"title": "Quick FOX"}, "per_field_analyzer": {"title": analyzer}});
        let query =
            json!({"like": [given], "fields": ["title"], "min_term_freq": 1, "min_doc_freq": 1});
        json!({"query": {"more_like_this": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /films/_search" => (like("keyword")),
        "POST /films/_search" => (like("whitespace")),
        "POST /films/_search" => (like("surprise")),
    );
}
