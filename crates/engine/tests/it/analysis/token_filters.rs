//! Token filters.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::documents::at_hand::{asked, engine};
use engine::Work;

#[test]
fn lowercase_makes_letters_small() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["lowercase"],
            "text": "ÀB İI ΣΑΣ"
        }
    );
}

#[test]
fn uppercase_makes_letters_great() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["uppercase"],
            "text": "straße ab"
        }
    );
}

#[test]
fn asciifolding_takes_accents_away() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["asciifolding"],
            "text": "école Straße Æsir ﬁn №"
        }
    );
}

#[test]
fn asciifolding_may_keep_the_original() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "asciifolding", "preserve_original": true}],
            "text": "école ecole"
        }
    );
}

#[test]
fn stop_takes_common_words_out() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["stop"],
            "text": "this is not the end"
        }
    );
}

#[test]
fn stop_with_words_of_its_own() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stop", "stopwords": ["a", "B"]}],
            "text": "a b B c"
        }
    );
}

#[test]
fn stop_may_forgive_capitals() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stop", "stopwords": ["a"], "ignore_case": true}],
            "text": "A b"
        }
    );
}

#[test]
fn stop_of_a_language() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stop", "stopwords": "_english_"}],
            "text": "the end"
        }
    );
}

#[test]
fn stop_of_none() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stop", "stopwords": "_none_"}],
            "text": "the end"
        }
    );
}

#[test]
fn porter_stem_stems() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["porter_stem"],
            "text": "running flies happily"
        }
    );
}

#[test]
fn a_stemmer_for_english() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "english"}],
            "text": "running flies happily"
        }
    );
}

#[test]
fn a_possessive_stemmer() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "possessive_english"}],
            "text": "dog's cats' O’Neil’s"
        }
    );
}

#[test]
fn a_light_stemmer() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "light_english"}],
            "text": "running flies cities"
        }
    );
}

#[test]
fn a_minimal_stemmer() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "minimal_english"}],
            "text": "running flies cities glass"
        }
    );
}

#[test]
fn an_unknown_stemmer_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "surprise"}],
            "text": "x"
        }
    );
}

#[test]
fn keyword_marker_keeps_words_from_stemming() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "keyword_marker", "keywords": ["running"]}, "porter_stem"],
            "text": "running jumping"
        }
    );
}

#[test]
fn trim_takes_blanks_away() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "keyword", "filter": ["trim"], "text": "  x "}
    );
}

#[test]
fn length_takes_short_and_long_words_out() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "length", "min": 2, "max": 3}],
            "text": "a ab abc abcd"
        }
    );
}

#[test]
fn truncate_cuts_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "truncate", "length": 2}],
            "text": "abc d"
        }
    );
}

#[test]
fn unique_keeps_the_first() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["unique"], "text": "a b a"}
    );
}

#[test]
fn unique_in_one_place() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "unique", "only_on_same_position": true}],
            "text": "a b a"
        }
    );
}

#[test]
fn reverse_turns_words_round() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["reverse"],
            "text": "abc de"
        }
    );
}

#[test]
fn shingle_joins_neighbours() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["shingle"], "text": "a b c"}
    );
}

#[test]
fn shingles_of_three() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [
                {
                    "type": "shingle",
                    "min_shingle_size": 3,
                    "max_shingle_size": 3,
                    "output_unigrams": false
                }
            ],
            "text": "a b c d"
        }
    );
}

#[test]
fn shingles_with_a_separator() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "shingle", "token_separator": "-"}],
            "text": "a b"
        }
    );
}

#[test]
fn shingles_over_a_gap() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["stop", "shingle"],
            "text": "go the end"
        }
    );
}

#[test]
fn shingles_of_one_are_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "shingle", "max_shingle_size": 1}],
            "text": "a b"
        }
    );
}

#[test]
fn synonyms_stand_beside() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "synonym", "synonyms": ["quick, fast", "i-pod => ipod"]}],
            "text": "quick i-pod fox"
        }
    );
}

#[test]
fn synonyms_that_replace() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "synonym", "synonyms": ["a => b, c"]}],
            "text": "a d"
        }
    );
}

#[test]
fn synonyms_of_several_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "synonym", "synonyms": ["new york, ny"]}],
            "text": "in new york now"
        }
    );
}

#[test]
fn synonyms_that_do_not_expand() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "synonym", "expand": false, "synonyms": ["quick, fast"]}],
            "text": "fast quick"
        }
    );
}

#[test]
fn a_synonym_rule_that_is_none_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "synonym", "synonyms": ["a => b => c"]}],
            "text": "a"
        };
        differs: "OpenSearch words it otherwise"
    );
}

#[test]
fn ngram_cuts_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "ngram", "min_gram": 2, "max_gram": 3}],
            "text": "abc d"
        }
    );
}

#[test]
fn edge_ngram_cuts_beginnings() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "edge_ngram", "min_gram": 1, "max_gram": 2}],
            "text": "abc d"
        }
    );
}

#[test]
fn edge_ngram_may_keep_the_original() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [
                {"type": "edge_ngram", "min_gram": 1, "max_gram": 2, "preserve_original": true}
            ],
            "text": "abc d"
        }
    );
}

#[test]
fn pattern_replace_replaces() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "pattern_replace", "pattern": "(\\d+)", "replacement": "<$1>"}],
            "text": "a1b22"
        }
    );
}

#[test]
fn pattern_replace_the_first_alone() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [
                {"type": "pattern_replace", "pattern": "a", "replacement": "b", "all": false}
            ],
            "text": "aaa"
        }
    );
}

#[test]
fn an_unknown_filter_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["nobody"], "text": "x"}
    );
}

#[test]
fn a_filter_of_an_unknown_type_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "surprise"}],
            "text": "x"
        }
    );
}

#[test]
fn filters_work_in_turn() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["lowercase", {"type": "stop", "stopwords": ["the"]}, "reverse"],
            "text": "The Fox"
        }
    );
}

#[test]
fn synonyms_beside_a_word() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "my dns is up"
    }
        );
}

#[test]
fn synonyms_that_replace_several_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "a b c d"
    }
        );
}

#[test]
fn synonyms_of_two_words_for_one() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "the usa now"
    }
        );
}

#[test]
fn synonyms_at_the_end() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "usa"
    }
        );
}

#[test]
fn synonyms_of_three_words_for_two() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "in big apple town"
    }
        );
}

#[test]
fn synonyms_whose_words_are_not_all_there() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "a b d"
    }
        );
}

#[test]
fn synonyms_of_two_words_for_three() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "new york city"
    }
        );
}

#[test]
fn synonyms_of_one_word_for_three() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "the domain name system works"
    }
        );
}

#[test]
fn synonym_graphs_beside_a_word() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "my dns is up"
    }
        );
}

#[test]
fn synonym_graphs_that_replace_several_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "a b c d"
    }
        );
}

#[test]
fn synonym_graphs_of_two_words_for_one() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "the usa now"
    }
        );
}

#[test]
fn synonym_graphs_at_the_end() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "usa"
    }
        );
}

#[test]
fn synonym_graphs_of_three_words_for_two() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "in big apple town"
    }
        );
}

#[test]
fn synonym_graphs_whose_words_are_not_all_there() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "a b d"
    }
        );
}

#[test]
fn synonym_graphs_of_two_words_for_three() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "new york city"
    }
        );
}

#[test]
fn synonym_graphs_of_one_word_for_three() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            }
        ],
        "text": "the domain name system works"
    }
        );
}

#[test]
fn synonyms_may_forgive_rules_that_are_none() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "stop",
            {
                "type": "synonym",
                "synonyms": [
                    "the => x",
                    "foo => bar"
                ],
                "lenient": true
            }
        ],
        "text": "foo the"
    }
        );
}

#[test]
fn synonyms_behind_ngrams_are_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "ngram"
            },
            {
                "type": "synonym",
                "synonyms": [
                    "the => x"
                ]
            }
        ],
        "text": "foo"
    }
        );
}

#[test]
fn synonyms_of_wordnet() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "synonym",
                "format": "wordnet",
                "synonyms": [
                    "s(100000001,1,'abstain',v,1,0).",
                    "s(100000001,2,'refrain',v,1,0).",
                    "s(100000001,3,'desist',v,1,0)."
                ]
            }
        ],
        "text": "I abstain"
    }
        );
}

#[test]
fn synonyms_without_rules_are_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym"
            }
        ],
        "text": "a"
    }
        );
}

#[test]
fn a_graph_of_synonyms_flattened() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "synonym_graph",
                "synonyms": [
                    "dns, domain name system",
                    "a b c => x",
                    "usa => united states",
                    "big apple, new york city"
                ]
            },
            "flatten_graph"
        ],
        "text": "in big apple town my dns"
    }
        );
}

#[test]
fn fingerprint_is_one_token() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "fingerprint"
        ],
        "text": "the quick the brown"
    }
        );
}

#[test]
fn fingerprint_that_is_too_long() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "fingerprint",
                "max_output_size": 5
            }
        ],
        "text": "the quick the brown"
    }
        );
}

#[test]
fn keyword_repeat_gives_words_and_stems() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "keyword_repeat",
            "porter_stem",
            "remove_duplicates"
        ],
        "text": "fox running"
    }
        );
}

#[test]
fn cjk_bigram_pairs_characters() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "cjk_bigram"
        ],
        "text": "東京都は english 日本 x한국어"
    }
        );
}

#[test]
fn cjk_bigram_with_unigrams() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "cjk_bigram",
                "output_unigrams": true
            }
        ],
        "text": "東京都は english 日本 x한국어"
    }
        );
}

#[test]
fn cjk_bigram_may_ignore_a_script() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "cjk_bigram",
                "ignored_scripts": [
                    "hiragana"
                ]
            }
        ],
        "text": "東京都は english 日本"
    }
        );
}

#[test]
fn common_grams_join_frequent_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "common_grams",
                "common_words": [
                    "the",
                    "is"
                ]
            }
        ],
        "text": "the quick is the fox"
    }
        );
}

#[test]
fn common_grams_of_queries() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "common_grams",
                "common_words": [
                    "the",
                    "is"
                ],
                "query_mode": true
            }
        ],
        "text": "the quick is the fox"
    }
        );
}

#[test]
fn common_grams_without_words_are_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "common_grams"
            }
        ],
        "text": "a"
    }
        );
}

#[test]
fn pattern_capture_gives_groups() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "pattern_capture",
                "patterns": [
                    "(\\p{Ll}+|\\p{Lu}\\p{Ll}+|\\p{Lu}+)",
                    "(\\d+)"
                ]
            }
        ],
        "text": "abc123defG ghi"
    }
        );
}

#[test]
fn pattern_capture_without_the_original() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "pattern_capture",
                "preserve_original": false,
                "patterns": [
                    "(([a-z]+)(\\d*))"
                ]
            }
        ],
        "text": "abc123def456 !!"
    }
        );
}

#[test]
fn multiplexer_runs_several_filters() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "multiplexer",
                "filters": [
                    "lowercase",
                    "lowercase, porter_stem"
                ]
            }
        ],
        "text": "Going HOME"
    }
        );
}

#[test]
fn edge_ngram_from_the_back() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "edge_ngram",
                "side": "back",
                "max_gram": 3
            }
        ],
        "text": "abcd ef"
    }
        );
}

#[test]
fn edge_ngram_of_a_surprising_side_is_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "edge_ngram",
                "side": "top"
            }
        ],
        "text": "abcd"
    }
        );
}

#[test]
fn edge_ngram_by_its_name_alone() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "edge_ngram"
        ],
        "text": "abcd"
    }
        );
}

#[test]
fn ngram_may_keep_the_original() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "ngram",
                "preserve_original": true,
                "min_gram": 2,
                "max_gram": 3
            }
        ],
        "text": "abcd e"
    }
        );
}

#[test]
fn shingles_over_removed_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "stop",
            {
                "type": "shingle"
            }
        ],
        "text": "the big the of bad x the"
    }
        );
}

#[test]
fn shingles_alone_over_removed_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "stop",
            {
                "type": "shingle",
                "output_unigrams": false,
                "max_shingle_size": 3
            }
        ],
        "text": "the big the of bad x the"
    }
        );
}

#[test]
fn a_single_word_where_there_are_no_shingles() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "shingle",
                "output_unigrams": false,
                "output_unigrams_if_no_shingles": true
            }
        ],
        "text": "one"
    }
        );
}

#[test]
fn shingles_with_a_filler_of_their_own() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "stop",
            {
                "type": "shingle",
                "filler_token": "+",
                "token_separator": ""
            }
        ],
        "text": "big the bad"
    }
        );
}

#[test]
fn dictionary_decompounder_finds_parts() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "dictionary_decompounder",
                "word_list": [
                    "Donau",
                    "dampf",
                    "meer",
                    "schiff"
                ]
            }
        ],
        "text": "Donaudampfschiff x"
    }
        );
}

#[test]
fn delimited_payload_takes_payloads_away() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "explain": true,
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "delimited_payload",
                "encoding": "int"
            }
        ],
        "text": "a|3 b"
    }
        );
}

#[test]
fn limit_keeps_the_first_word() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "limit"
        ],
        "text": "a b c"
    }
        );
}

#[test]
fn keep_types_keeps_numbers() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "keep_types",
                "types": [
                    "<NUM>"
                ]
            }
        ],
        "text": "a 1 c"
    }
        );
}

#[test]
fn keep_types_may_exclude() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "keep_types",
                "types": [
                    "<NUM>"
                ],
                "mode": "exclude"
            }
        ],
        "text": "a 1 c"
    }
        );
}

#[test]
fn keep_keeps_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "keep",
                "keep_words": [
                    "A"
                ],
                "keep_words_case": true
            }
        ],
        "text": "a 1 c"
    }
        );
}

#[test]
fn word_delimiter_cuts_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "word_delimiter"
        ],
        "text": "Power-Shot500x's the --- Wi-Fi4000 O'Neil's"
    }
        );
}

#[test]
fn word_delimiter_graph_cuts_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "word_delimiter_graph"
        ],
        "text": "Power-Shot500x's the --- Wi-Fi4000"
    }
        );
}

#[test]
fn word_delimiter_graph_joins_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "filter": [
            {
                "type": "word_delimiter_graph",
                "catenate_all": true,
                "preserve_original": true,
                "catenate_words": true
            }
        ],
        "text": "Power-Shot500x-Zoom Lens"
    }
        );
}

#[test]
fn word_delimiter_joins_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "filter": [
            {
                "type": "word_delimiter",
                "catenate_all": true,
                "preserve_original": true,
                "catenate_words": true
            }
        ],
        "text": "Power-Shot500x-Zoom Lens"
    }
        );
}

#[test]
fn word_delimiter_with_types_and_protected_words() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "word_delimiter",
                "type_table": [
                    "- => ALPHA",
                    "$ => DIGIT"
                ],
                "protected_words": [
                    "wi+fi"
                ]
            }
        ],
        "text": "a-b+c $5.5 wi+fi"
    }
        );
}

#[test]
fn stemmer_override_gives_stems() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "stemmer_override",
                "rules": [
                    "running, runs => run",
                    "stemmer => stemmer"
                ]
            },
            "porter_stem"
        ],
        "text": "running stemmer stemming"
    }
        );
}

#[test]
fn keyword_marker_by_a_pattern() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "keyword_marker",
                "keywords_pattern": "run.*"
            },
            "porter_stem"
        ],
        "text": "running jumping"
    }
        );
}

#[test]
fn elision_of_articles() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "elision"
        ],
        "text": "l'avion qu'il aujourd'hui"
    }
        );
}

#[test]
fn lowercase_of_languages() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "filter": [
            {
                "type": "lowercase",
                "language": "turkish"
            }
        ],
        "text": "IŞIK İz"
    }
        );
}

#[test]
fn lowercase_in_greek() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "filter": [
            {
                "type": "lowercase",
                "language": "greek"
            }
        ],
        "text": "ΆΣ Έως"
    }
        );
}

#[test]
fn lowercase_in_irish() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "lowercase",
                "language": "irish"
            }
        ],
        "text": "nAthair tÉire"
    }
        );
}

#[test]
fn stop_that_keeps_the_last_word() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            {
                "type": "stop",
                "remove_trailing": false
            }
        ],
        "text": "fly to the"
    }
        );
}

#[test]
fn decimal_digits_of_scripts() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "whitespace",
        "filter": [
            "decimal_digit"
        ],
        "text": "१२३ ٤٥"
    }
        );
}

#[test]
fn a_filter_that_needs_settings() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "synonym"
        ],
        "text": "a"
    }
        );
}

#[test]
fn hyphenation_without_its_file() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            {
                "type": "hyphenation_decompounder",
                "word_list": [
                    "a"
                ]
            }
        ],
        "text": "a"
    }
        );
}

// long: one request for each
#[test]
fn stemmers_of_languages() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_german"
            }
        ],
        "text": "die schönen Häuser der Müller und die Straßen"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "minimal_german"
            }
        ],
        "text": "die schönen Häuser der Müller und die Straßen"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "german2"
            }
        ],
        "text": "haeuser strasse müller"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_french"
            }
        ],
        "text": "l'avion des meilleures nationalités chevaux"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "minimal_french"
            }
        ],
        "text": "l'avion des meilleures nationalités chevaux"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_spanish"
            }
        ],
        "text": "los niños pequeños corrían veces"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_italian"
            }
        ],
        "text": "dell'amico le ragazze belle"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_portuguese"
            }
        ],
        "text": "as crianças brasileiras cantavam canções"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_russian"
            }
        ],
        "text": "красивые книги о войне и мире"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_finnish"
            }
        ],
        "text": "kirjoissa ja taloissa asuvat"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_hungarian"
            }
        ],
        "text": "a könyveket és házakban"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_norwegian"
            }
        ],
        "text": "bøkene og husene i Norge"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "minimal_norwegian"
            }
        ],
        "text": "bøkene og husene i Norge"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_nynorsk"
            }
        ],
        "text": "bøkene og husene i Norge"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "light_swedish"
            }
        ],
        "text": "böckerna och husen i Sverige"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "minimal_english"
            }
        ],
        "text": "flies houses buses boss"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "possessive_english"
            }
        ],
        "text": "dog's"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "lovins"
            }
        ],
        "text": "nationally"
    },
            "POST /_analyze" => {
        "tokenizer": "standard",
        "filter": [
            "lowercase",
            {
                "type": "stemmer",
                "language": "porter2"
            }
        ],
        "text": "generously"
    }
        );
}

#[test]
fn concatenate_graph_makes_one_token_of_each_way() {
    asks!(
        Setup::nothing().of_opensearch(),
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["concatenate_graph"], "text": "quick brown fox"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["stop", {"type": "concatenate_graph", "token_separator": "_"}], "text": "the quick the brown the"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["stop", {"type": "concatenate_graph", "token_separator": "_", "preserve_position_increments": true}], "text": "the quick the brown the"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "synonym_graph", "synonyms": ["quick, fast car, speedy"]}, {"type": "concatenate_graph", "token_separator": "+"}], "text": "a quick fox"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "synonym_graph", "synonyms": ["quick, fast car, speedy"]}, {"type": "concatenate_graph", "token_separator": "+", "max_graph_expansions": 2}], "text": "a quick fox"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "synonym_graph", "synonyms": ["quick, fast car, speedy"]}, {"type": "concatenate_graph", "token_separator": "", "max_graph_expansions": -1}], "text": "a quick fox"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "concatenate_graph", "token_separator": "ab"}], "text": "a quick fox"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "concatenate_graph", "max_graph_expansions": 0}], "text": "a quick fox"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["concatenate_graph", "uppercase"], "text": ["a b", "c", ""]},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "concatenate_graph", "token_separator": "+"}], "text": "a+b c"},
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["stop", "concatenate_graph"], "text": "the the"},
    );
}

#[test]
fn a_text_is_found_by_what_concatenate_graph_makes_of_it() {
    let analysis = serde_json::json!({"settings": {"analysis": {
        "filter": {"one": {"type": "concatenate_graph", "token_separator": "_"}},
        "analyzer": {"whole": {"tokenizer": "standard", "filter": ["lowercase", "one"]}},
    }}, "mappings": {"properties": {"t": {"type": "text", "analyzer": "whole"}}}});
    let documents = serde_json::json!([{"t": "Quick Brown"}, {"t": "quick fox"}, {"t": ["a b", "quick brown"]}]);
    asks!(
        Setup::index("c", analysis, documents).of_opensearch(),
        "POST /c/_search" => {"query": {"match": {"t": "QUICK brown"}}, "_source": false},
        "POST /c/_search" => {"query": {"term": {"t": "quick_fox"}}, "_source": false},
        "POST /c/_search" => {"query": {"match": {"t": "quick"}}, "_source": false},
        "POST /c/_search" => {"query": {"match_phrase": {"t": "a b"}}, "highlight": {"fields": {"t": {}}}, "_source": false},
    );
}

/// Fields whose words say how often they count.
fn counted() -> Setup {
    let field = |options: &str| json!({"type": "text", "analyzer": "a", "index_options": options});
    let unnormed = json!({"type": "text", "analyzer": "a", "search_analyzer": "whitespace", "index_options": "freqs", "norms": false});
    Setup::index(
        "d",
        json!({
            "settings": {"analysis": {
                "filter": {"caret": {"type": "delimited_term_freq", "delimiter": "^"}},
                "analyzer": {
                    "a": {"tokenizer": "whitespace", "filter": ["lowercase", "delimited_term_freq"]},
                    "b": {"tokenizer": "whitespace", "filter": ["caret", "lowercase"]}
                }
            }},
            "mappings": {"properties": {"f": field("freqs"), "d": field("docs"), "p": field("positions"), "u": unnormed}}
        }),
        json!([
            {"f": "one|3 two", "u": "one|3 two", "d": "one|3 two", "p": "one|1 two"},
            {"f": ["One two|7", "two|2"], "u": "one two|7 two|2", "d": "one", "p": "one"}
        ]),
    )
    .of_opensearch()
}

#[test]
fn delimited_term_freq_takes_how_often_a_word_counts_away() {
    asks!(
        counted(),
        "GET /d/_analyze" => {"analyzer": "a", "text": "One|3 two three|1 |5"},
        "GET /d/_analyze" => {"analyzer": "b", "text": "One^3 two|5"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "One|3 two", "explain": true},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|abc"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|0"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|-4"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|1.5"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|3|4"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|+7"},
        "GET /d/_analyze" => {"analyzer": "a", "text": "x|99999999999"},
        "GET /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "delimited_term_freq", "delimiter": "^^"}], "text": "x"},
        "GET /_analyze" => {"tokenizer": "whitespace", "filter": [{"type": "delimited_term_freq", "delimiter": ""}], "text": "x"}
    );
}

#[test]
fn filters_around_delimited_term_freq_hand_on_how_often_a_word_counts() {
    let filters = json!({
        "both": {"type": "multiplexer", "filters": ["delimited_term_freq"]},
        "some": {"type": "condition", "filter": ["delimited_term_freq"], "script": {"source": "true"}}
    });
    for filter in ["both", "some"] {
        let mapping = json!({
            "settings": {"analysis": {"filter": filters, "analyzer": {"a": {"tokenizer": "whitespace", "filter": [filter]}}}},
            "mappings": {"properties": {"t": {"type": "text", "analyzer": "a"}}}
        });
        let (engine, work) = (engine(), Work::unbounded());
        assert_eq!(asked(&engine, "PUT /d", &mapping.to_string(), &work).0, 200, "{filter}");
        let (status, told) = asked(&engine, "PUT /d/_doc/1", r#"{"t": "one|3 two"}"#, &work);
        assert_eq!(status, 400, "{filter}: a field with places takes it: {told}");
    }
}

#[test]
fn how_often_words_count_is_bounded_for_a_document_with_all_that_is_nested_in_it() {
    let field = json!({"type": "text", "analyzer": "a", "index_options": "freqs"});
    let mapping = json!({
        "settings": {"analysis": {"analyzer": {"a": {"tokenizer": "whitespace", "filter": ["delimited_term_freq"]}}}},
        "mappings": {"properties": {
            "a": field, "b": field, "n": {"type": "nested", "properties": {"c": field}}
        }}
    });
    let (engine, work) = (engine(), Work::unbounded());
    assert_eq!(asked(&engine, "PUT /d", &mapping.to_string(), &work).0, 200);
    let refused = |document: &str| {
        let (status, told) = asked(&engine, "PUT /d/_doc/1", document, &work);
        (
            status == 400 && told.to_string().contains("at most [16384] may come of frequencies"),
            status,
        )
    };
    assert_eq!(refused(r#"{"a": "x|16000"}"#).1, 201);
    for document in [
        r#"{"a": "x|16000", "b": "x|16000"}"#,
        r#"{"n": [{"c": "x|16000"}, {"c": "x|16000"}]}"#,
        r#"{"n": {"c": "x|16000"}, "a": "x|16000"}"#,
        r#"{"a": "x|16000", "n": {"c": "x|16000"}}"#,
    ] {
        assert!(refused(document).0, "{document}");
    }
}

#[test]
fn a_word_counts_as_often_as_it_says() {
    asks!(
        counted(),
        "POST /d/_search" => {"explain": true, "_source": false, "query": {"match": {"f": "one"}}},
        "POST /d/_search" => {"_source": false, "query": {"match": {"f": "two|9"}}},
        "POST /d/_search" => {"_source": false, "query": {"match": {"u": "two one"}}},
        "POST /d/_search" => {"_source": false, "query": {"match": {"d": "one"}}},
        "POST /d/_search" => {"_source": false, "query": {"match_phrase": {"p": "one two"}}}
    );
}

#[test]
fn a_number_that_is_none_refuses_its_document() {
    asks!(
        counted(),
        "PUT /d/_doc/9" => {"f": "one|x two"},
        "PUT /d/_doc/9" => {"f": "one|0"},
        "PUT /d/_doc/9" => {"f": "one|2 two"};
        differs: "refused when it is read, where theirs is refused when it is indexed, with a number of its own"
    );
}

#[test]
fn words_that_count_several_times_have_no_places() {
    asks!(
        counted(),
        "PUT /d/_doc/9" => {"p": "one|3 two"};
        differs: "refused when it is read, where theirs closes the shard that indexes it"
    );
}
