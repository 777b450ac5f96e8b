//! Tokenizers.

use crate::cases::{Setup, asks};

#[test]
fn standard_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "standard", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn letter_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "letter", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn lowercase_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "lowercase", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn whitespace_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "whitespace", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn keyword_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "keyword", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn pattern_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "pattern", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn ngram_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "ngram", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn edge_ngram_cuts_a_sentence() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "edge_ngram", "text": "Two-Words, x1 Y_z"}
    );
}

#[test]
fn ngrams_of_two_and_three() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 2, "max_gram": 3},
            "text": "abcd"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn ngrams_of_letters_alone() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {
                "type": "ngram",
                "min_gram": 2,
                "max_gram": 2,
                "token_chars": ["letter"]
            },
            "text": "ab1cd"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn ngrams_too_far_apart_are_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 1, "max_gram": 9},
            "text": "abcd"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn ngrams_the_wrong_way_round_are_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 3, "max_gram": 2},
            "text": "abcd"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn edge_ngrams_begin_at_the_begin() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "edge_ngram", "min_gram": 1, "max_gram": 3},
            "text": "abcd ef"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn edge_ngrams_of_each_word() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {
                "type": "edge_ngram",
                "min_gram": 1,
                "max_gram": 2,
                "token_chars": ["letter", "digit"]
            },
            "text": "abc 12"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn an_unknown_class_of_letters_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {
                "type": "ngram",
                "min_gram": 1,
                "max_gram": 2,
                "token_chars": ["surprise"]
            },
            "text": "x"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn a_pattern_of_its_own() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "pattern", "pattern": ","},
            "text": "a,b c,,d"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn a_pattern_with_a_group() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "pattern", "pattern": "'([^']*)'", "group": 1},
            "text": "say 'one' and 'two'"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn a_standard_tokenizer_with_a_greatest_length() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "standard", "max_token_length": 3},
            "text": "abcdefg"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn an_unknown_tokenizer_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "nobody", "text": "x"};
        differs: "refused in other words"
    );
}

#[test]
fn a_tokenizer_of_an_unknown_type_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": {"type": "surprise"}, "text": "x"};
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn surrogates_are_one_letter() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 1, "max_gram": 1},
            "text": "a😀b"
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn emoji_are_words_of_the_standard_tokenizer() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "standard", "text": "go 😀 👩‍👩‍👧 now"}
    );
}

#[test]
fn apostrophes_and_points_stay_in_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "standard",
            "text": "can't o'neil 3.14 1,000 U.S.A. e.g. a.b"
        }
    );
}

#[test]
fn hyphens_and_underscores() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "standard", "text": "well-known snake_case x--y _a_"}
    );
}
