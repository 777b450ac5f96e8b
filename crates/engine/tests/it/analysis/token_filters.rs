//! Token filters.

use crate::cases::{Setup, asks};

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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["shingle"], "text": "a b c"};
        differs: "a fault: shingles do not tell their length"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "a fault: a gap has no filler in shingles"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn an_unknown_filter_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["nobody"], "text": "x"};
        differs: "refused in other words"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
    );
}
