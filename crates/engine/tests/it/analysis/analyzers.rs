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
        }
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
        }
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
        "POST /_analyze" => {"analyzer": "keyword", "text": ""}
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
        }
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
        "POST /_analyze" => {"analyzer": "standard", "text": ["one two", "three"]}
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
        "POST /_analyze" => {"text": "x", "surprise": 1}
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
        }
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

#[test]
fn explain_shows_each_step() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "explain": true,
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stop",
                "stopwords": [
                    "a"
                ]
            },
            "snowball"
        ],
        "char_filter": [
            "html_strip"
        ],
        "text": "<b>A</b> Running"
    }
        );
}

#[test]
fn explain_of_a_named_analyzer() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "explain": true,
        "analyzer": "standard",
        "text": "Aa bb",
        "attributes": [
            "keyword"
        ]
    }
        );
}

#[test]
fn explain_shows_some_attributes() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "explain": true,
        "tokenizer": "standard",
        "filter": [
            "snowball"
        ],
        "attributes": [
            "keyword",
            "bytes"
        ],
        "text": "detailed"
    }
        );
}

#[test]
fn a_normalizer_needs_an_index() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "normalizer": "lowercase",
        "text": "Aa"
    }
        );
}

#[test]
fn a_normalizer_with_a_tokenizer_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "normalizer": "lowercase",
        "text": "a"
    }
        );
}

#[test]
fn a_normalizer_with_an_analyzer_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "analyzer": "standard",
        "normalizer": "lowercase",
        "text": "a"
    }
        );
}

#[test]
fn an_analyzer_with_filters_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "analyzer": "standard",
        "filter": [
            "lowercase"
        ],
        "text": "a"
    }
        );
}

#[test]
fn filters_alone_make_a_normalizer() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "filter": [
            "lowercase"
        ],
        "text": "A b"
    }
        );
}

#[test]
fn a_normalizer_of_stop_words_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "filter": [
            "stop"
        ],
        "text": "A b"
    }
        );
}

#[test]
fn a_definition_without_a_type_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "x": "nope"
            }
        ],
        "text": "a"
    }
        );
}

#[test]
fn texts_of_numbers() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "text": [
            "a",
            1
        ]
    }
        );
}

#[test]
fn a_text_of_a_number_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "text": 1
    }
        );
}

#[test]
fn an_explain_that_is_none_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "text": "a",
        "explain": "x"
    }
        );
}

#[test]
fn a_filter_that_is_no_list_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": "lowercase",
        "text": "A"
    }
        );
}

#[test]
fn one_filter_without_a_list() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": {
            "type": "lowercase"
        },
        "text": "A"
    }
        );
}

#[test]
fn positions_go_on_behind_removed_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "text": [
            "a the",
            "c d"
        ],
        "analyzer": "stop"
    }
        );
}

#[test]
fn positions_of_texts_lie_apart() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "stop"
        ],
        "text": [
            "a the",
            "c"
        ]
    }
        );
}

// long: one request for each
#[test]
fn each_language_has_its_analyzer() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "analyzer": "arabic",
        "text": "الكتابات العربية والكتاب في المكتبات"
    },
            "POST /_analyze" => {
        "analyzer": "armenian",
        "text": "Հայաստանի Հանրապետության քաղաքները"
    },
            "POST /_analyze" => {
        "analyzer": "basque",
        "text": "etxeko liburuak eta haurrak"
    },
            "POST /_analyze" => {
        "analyzer": "bulgarian",
        "text": "книгите на българските писатели"
    },
            "POST /_analyze" => {
        "analyzer": "catalan",
        "text": "l'església dels catalans parlaven"
    },
            "POST /_analyze" => {
        "analyzer": "cjk",
        "text": "東京都 ＡＢＣ ｶﾞ the"
    },
            "POST /_analyze" => {
        "analyzer": "czech",
        "text": "krásné knihy českých spisovatelů"
    },
            "POST /_analyze" => {
        "analyzer": "danish",
        "text": "bøgerne og husene i Danmark"
    },
            "POST /_analyze" => {
        "analyzer": "dutch",
        "text": "de fietsen van de kinderen en het ei"
    },
            "POST /_analyze" => {
        "analyzer": "english",
        "text": "the cats' running O'Neil's"
    },
            "POST /_analyze" => {
        "analyzer": "finnish",
        "text": "kirjoissa ja taloissa asuvat"
    },
            "POST /_analyze" => {
        "analyzer": "french",
        "text": "l'avion des meilleures nationalités chevaux"
    },
            "POST /_analyze" => {
        "analyzer": "german",
        "text": "die schönen Häuser der Müller und die Straßen"
    },
            "POST /_analyze" => {
        "analyzer": "hindi",
        "text": "किताबों को पढ़ना और लिखना १२"
    },
            "POST /_analyze" => {
        "analyzer": "hungarian",
        "text": "a könyveket és házakban"
    },
            "POST /_analyze" => {
        "analyzer": "indonesian",
        "text": "membaca buku-buku dan penjelasannya"
    },
            "POST /_analyze" => {
        "analyzer": "irish",
        "text": "an t-athair agus nAthair d'fhear"
    },
            "POST /_analyze" => {
        "analyzer": "italian",
        "text": "dell'amico le ragazze belle"
    },
            "POST /_analyze" => {
        "analyzer": "latvian",
        "text": "grāmatām un mājās kaķiem"
    },
            "POST /_analyze" => {
        "analyzer": "norwegian",
        "text": "bøkene og husene i Norge"
    },
            "POST /_analyze" => {
        "analyzer": "persian",
        "text": "کتاب‌های فارسی را می‌خوانم"
    },
            "POST /_analyze" => {
        "analyzer": "portuguese",
        "text": "as crianças brasileiras cantavam canções"
    },
            "POST /_analyze" => {
        "analyzer": "romanian",
        "text": "cărțile copiilor frumoase"
    },
            "POST /_analyze" => {
        "analyzer": "russian",
        "text": "красивые книги о войне и мире"
    },
            "POST /_analyze" => {
        "analyzer": "sorani",
        "text": "کتێبەکانی کوردی پیاوەکە"
    },
            "POST /_analyze" => {
        "analyzer": "spanish",
        "text": "los niños pequeños corrían veces"
    },
            "POST /_analyze" => {
        "analyzer": "swedish",
        "text": "böckerna och husen i Sverige"
    },
            "POST /_analyze" => {
        "analyzer": "turkish",
        "text": "İstanbul'da kitapları okuyorlar"
    }
        );
}

// long: one request for each
#[test]
fn analyzers_with_settings() {
    asks!(
            Setup::nothing(),
            "PUT /an" => {
        "settings": {
            "analysis": {
                "analyzer": {
                    "f": {
                        "type": "french",
                        "stopwords": [
                            "avion"
                        ],
                        "stem_exclusion": [
                            "chevaux"
                        ]
                    },
                    "s": {
                        "type": "snowball",
                        "language": "German2"
                    },
                    "g": {
                        "type": "fingerprint",
                        "separator": "-"
                    },
                    "c": {
                        "tokenizer": "p",
                        "filter": [
                            "lowercase",
                            "sy"
                        ],
                        "char_filter": [
                            "m"
                        ]
                    }
                },
                "tokenizer": {
                    "p": {
                        "type": "path_hierarchy",
                        "delimiter": "."
                    }
                },
                "filter": {
                    "sy": {
                        "type": "synonym_graph",
                        "synonyms": [
                            "a, b"
                        ]
                    }
                },
                "char_filter": {
                    "m": {
                        "type": "mapping",
                        "mappings": [
                            "& => \\u0020and"
                        ]
                    }
                },
                "normalizer": {
                    "n": {
                        "filter": [
                            "lowercase",
                            "asciifolding"
                        ]
                    }
                }
            }
        },
        "mappings": {
            "properties": {
                "t": {
                    "type": "text",
                    "analyzer": "c"
                },
                "k": {
                    "type": "keyword",
                    "normalizer": "n"
                }
            }
        }
    },
            "POST /an/_analyze" => {
        "analyzer": "f",
        "text": "l'avion des chevaux"
    },
            "POST /an/_analyze" => {
        "analyzer": "s",
        "text": "die Haeuser"
    },
            "POST /an/_analyze" => {
        "analyzer": "g",
        "text": "b a b"
    },
            "POST /an/_analyze" => {
        "field": "t",
        "text": "A.b&.c"
    },
            "POST /an/_analyze" => {
        "field": "k",
        "text": "Éa B"
    },
            "POST /an/_analyze" => {
        "normalizer": "n",
        "text": "Éa B"
    },
            "POST /an/_analyze" => {
        "tokenizer": "p",
        "filter": [
            "sy"
        ],
        "text": "a.b"
    },
            "POST /an/_analyze" => {
        "explain": true,
        "field": "t",
        "text": "A"
    },
            "POST /an/_analyze" => {
        "analyzer": "nope",
        "text": "a"
    },
            "POST /an/_analyze" => {
        "tokenizer": "nope",
        "text": "a"
    },
            "POST /an/_analyze" => {
        "tokenizer": "p",
        "filter": [
            "nope"
        ],
        "text": "a"
    },
            "POST /an/_analyze" => {
        "normalizer": "nope",
        "text": "a"
    },
            "POST /an/_analyze" => {
        "text": [
            "a b",
            "c"
        ]
    },
            "POST /an/_analyze" => {
        "analyzer": "stop",
        "text": [
            "x y",
            "c"
        ]
    }
        );
}
