//! The analyzers that have a name.

use crate::cases::{Setup, asks};

#[test]
fn standard_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "standard",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn standard_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "standard",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        }
    );
}

#[test]
fn standard_of_nothing_has_no_words() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "standard", "text": ""});
}

#[test]
fn simple_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "simple",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn simple_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "simple",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        };
        differs: "a fault: marks of Thai are letters"
    );
}

#[test]
fn simple_of_nothing_has_no_words() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "simple", "text": ""});
}

#[test]
fn whitespace_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "whitespace",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn whitespace_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "whitespace",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        }
    );
}

#[test]
fn whitespace_of_nothing_has_no_words() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "whitespace", "text": ""});
}

#[test]
fn stop_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "stop",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn stop_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "stop",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        };
        differs: "a fault: marks of Thai are letters"
    );
}

#[test]
fn stop_of_nothing_has_no_words() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "stop", "text": ""});
}

#[test]
fn keyword_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "keyword",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn keyword_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "keyword",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        }
    );
}

#[test]
fn keyword_of_nothing_has_no_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"analyzer": "keyword", "text": ""};
        differs: "a fault: the keyword analyzer makes no word of an empty text"
    );
}

#[test]
fn pattern_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "pattern",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn pattern_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "pattern",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        };
        differs: "a fault: letters beyond ASCII are word letters"
    );
}

#[test]
fn pattern_of_nothing_has_no_words() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "pattern", "text": ""});
}

#[test]
fn english_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "english",
            "text": "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone, at https://a.example/x_y?z=1!"
        }
    );
}

#[test]
fn english_cuts_letters_of_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "english",
            "text": "Straße ÉCOLE naïve Ελλάδα мир 東京 한국어 สวัสดี"
        }
    );
}

#[test]
fn english_of_nothing_has_no_words() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "english", "text": ""});
}

#[test]
fn an_analyzer_that_is_not_there_is_refused() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "nobody", "text": "x"});
}

#[test]
fn several_texts_go_on_from_each_other() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"analyzer": "standard", "text": ["one two", "three"]};
        differs: "a fault: without an analyzer, several texts lie a hundred places apart"
    );
}

#[test]
fn without_an_analyzer_it_is_the_standard_one() {
    asks!(Setup::nothing(), "POST /_analyze" => {"text": "One two"});
}

#[test]
fn no_text_is_refused() {
    asks!(Setup::nothing(), "POST /_analyze" => {"analyzer": "standard"});
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"text": "x", "surprise": 1};
        differs: "refused as another type of fault"
    );
}

#[test]
fn english_stems_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "english",
            "text": "running runner ran flies happily relational conditional generalizations libraries"
        }
    );
}

#[test]
fn a_long_word_is_cut_at_255_letters() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "standard",
            "text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        }
    );
}

#[test]
fn an_analyzer_of_an_index_is_used() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {
                    "analyzer": {"mine": {"tokenizer": "whitespace", "filter": ["lowercase"]}}
                }
            }
        },
        "POST /a/_analyze" => {"analyzer": "mine", "text": "One-Two THREE"}
    );
}

#[test]
fn a_field_of_an_index_is_used() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "k": {"type": "keyword"},
                    "t": {"type": "text", "analyzer": "simple"}
                }
            }
        },
        "POST /a/_analyze" => {"field": "k", "text": "One Two"},
        "POST /a/_analyze" => {"field": "t", "text": "One 2 Two"},
        "POST /a/_analyze" => {"field": "nowhere", "text": "One Two"}
    );
}

#[test]
fn a_stop_analyzer_with_words_of_its_own() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {"analyzer": {"s": {"type": "standard", "stopwords": ["fox"]}}}
            }
        },
        "POST /a/_analyze" => {"analyzer": "s", "text": "the fox runs"}
    );
}

#[test]
fn a_standard_analyzer_with_a_greatest_length() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {"analyzer": {"s": {"type": "standard", "max_token_length": 3}}}
            }
        },
        "POST /a/_analyze" => {"analyzer": "s", "text": "abcdefgh ij"}
    );
}

#[test]
fn a_pattern_analyzer_of_its_own() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {
                    "analyzer": {"p": {"type": "pattern", "pattern": ",", "lowercase": false}}
                }
            }
        },
        "POST /a/_analyze" => {"analyzer": "p", "text": "A b,C"}
    );
}

#[test]
fn an_unknown_type_of_analyzer_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"analysis": {"analyzer": {"p": {"type": "surprise"}}}}}
    );
}

#[test]
fn a_custom_analyzer_without_a_tokenizer_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {"analyzer": {"p": {"type": "custom", "filter": ["lowercase"]}}}
            }
        };
        differs: "refused in other words"
    );
}

#[test]
fn a_custom_analyzer_with_a_filter_that_is_not_there_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {
                    "analyzer": {"p": {"tokenizer": "standard", "filter": ["nobody"]}}
                }
            }
        }
    );
}

#[test]
fn a_normalizer_changes_keywords() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "settings": {
                "analysis": {
                    "normalizer": {
                        "low": {"type": "custom", "filter": ["lowercase", "asciifolding"]}
                    }
                }
            },
            "mappings": {"properties": {"k": {"type": "keyword", "normalizer": "low"}}}
        },
        "PUT /a/_doc/1?refresh=true" => {"k": "ÉCOLE"},
        "POST /a/_search" => {"query": {"term": {"k": "Ecole"}}, "docvalue_fields": ["k"]},
        "POST /a/_analyze" => {"normalizer": "low", "text": "ÉCOLE x"}
    );
}

#[test]
fn a_normalizer_that_is_not_there_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"k": {"type": "keyword", "normalizer": "nobody"}}}
        }
    );
}
