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
        }
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
        }
    );
}

#[test]
fn ngrams_too_far_apart_are_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 1, "max_gram": 9},
            "text": "abcd"
        }
    );
}

#[test]
fn ngrams_the_wrong_way_round_are_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 3, "max_gram": 2},
            "text": "abcd"
        }
    );
}

#[test]
fn edge_ngrams_begin_at_the_begin() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "edge_ngram", "min_gram": 1, "max_gram": 3},
            "text": "abcd ef"
        }
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
        }
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
        }
    );
}

#[test]
fn a_pattern_of_its_own() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "pattern", "pattern": ","},
            "text": "a,b c,,d"
        }
    );
}

#[test]
fn a_pattern_with_a_group() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "pattern", "pattern": "'([^']*)'", "group": 1},
            "text": "say 'one' and 'two'"
        }
    );
}

#[test]
fn a_standard_tokenizer_with_a_greatest_length() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "standard", "max_token_length": 3},
            "text": "abcdefg"
        }
    );
}

#[test]
fn an_unknown_tokenizer_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "nobody", "text": "x"}
    );
}

#[test]
fn a_tokenizer_of_an_unknown_type_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": {"type": "surprise"}, "text": "x"}
    );
}

#[test]
fn surrogates_are_one_letter() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "ngram", "min_gram": 1, "max_gram": 1},
            "text": "a😀b"
        }
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

#[test]
fn paths_and_those_above() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "path_hierarchy"
        },
        "text": "/a/b/c"
    }
        );
}

#[test]
fn paths_from_the_end() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "path_hierarchy",
            "reverse": true
        },
        "text": "a.b/c/"
    }
        );
}

#[test]
fn paths_that_skip() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "path_hierarchy",
            "skip": 1,
            "delimiter": "-",
            "replacement": "/"
        },
        "text": "one-two-three"
    }
        );
}

#[test]
fn paths_from_the_end_that_skip() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "path_hierarchy",
            "reverse": true,
            "skip": 1
        },
        "text": "/a/b/c"
    }
        );
}

#[test]
fn paths_with_a_long_delimiter_are_refused() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "path_hierarchy",
            "delimiter": "--"
        },
        "text": "/a"
    }
        );
}

#[test]
fn classic_knows_acronyms_and_hosts() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "classic",
        "text": "U.S.A. AT&T foo@bar.com www.x.com it's O'Neil's 1,2-3 x_y-z 東京 v1.2-a3"
    }
        );
}

#[test]
fn urls_and_addresses_stay_whole() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "uax_url_email",
        "text": "Mail foo@bar.com see http://x.com/a?b=c#d and www.x.org, x.com:80/z 192.168.1.1"
    }
        );
}

#[test]
fn char_group_cuts_at_characters() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "char_group",
            "tokenize_on_chars": [
                "whitespace",
                "-",
                ":"
            ]
        },
        "text": "The QUICK-brown: fox"
    }
        );
}

#[test]
fn simple_pattern_takes_matches() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "simple_pattern",
            "pattern": "[0123456789]{3}"
        },
        "text": "fd-786-335-514-x"
    }
        );
}

#[test]
fn simple_pattern_split_cuts_at_matches() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "simple_pattern_split",
            "pattern": "_"
        },
        "text": "an_underscored__phrase"
    }
        );
}

#[test]
fn a_pattern_that_looks_around() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "pattern",
            "pattern": "([^\\p{L}\\d]+)|(?<=\\D)(?=\\d)|(?<=\\d)(?=\\D)|(?<=[\\p{L}&&[^\\p{Lu}]])(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}[\\p{L}&&[^\\p{Lu}]])"
        },
        "text": "MooseX::FTPClass2_beta"
    }
        );
}

#[test]
fn ngrams_of_characters_of_ones_own() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": {
            "type": "ngram",
            "min_gram": 2,
            "max_gram": 2,
            "token_chars": [
                "letter",
                "custom"
            ],
            "custom_token_chars": "+-"
        },
        "text": "a+b c-d!e"
    }
        );
}

#[test]
fn letters_without_marks() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "letter",
        "text": "हिन्दी में"
    }
        );
}

#[test]
fn simple_pattern_with_both_and_all_but() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "[a-z]+&~(stop)"},
            "text": "go stop going nonstop stops"
        }
    );
}

#[test]
fn simple_pattern_with_numbers_of_an_interval() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "<7-31>"},
            "text": "on 3 7 031 31 32 day 730"
        };
        differs: "7.10 fails by an automaton that it made itself; OpenSearch finds the numbers"
    );
}

#[test]
fn simple_pattern_with_numbers_of_as_many_digits() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "<007-031>"},
            "text": "on 7 007 031 31 0311"
        }
    );
}

#[test]
fn simple_pattern_with_a_quoted_text() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "\"a.b\"+"},
            "text": "a.b acb a.ba.b"
        }
    );
}

#[test]
fn simple_pattern_with_any_string() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "x@"},
            "text": "ax b\nc"
        }
    );
}

#[test]
fn simple_pattern_with_the_longest_of_several() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "a|ab|abcd"},
            "text": "abc abcd a"
        }
    );
}

#[test]
fn simple_pattern_with_the_longest_without_a_choice() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "a?(ab)?"},
            "text": "ab aab b"
        }
    );
}

#[test]
fn simple_pattern_with_the_empty_language() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "#|b"},
            "text": "a#b"
        }
    );
}

#[test]
fn simple_pattern_with_nothing_is_no_match() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "a*"},
            "text": "baab"
        }
    );
}

#[test]
fn simple_pattern_with_a_reserved_character_escaped() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "a\\~b|\\<c"},
            "text": "a~b <c ab"
        }
    );
}

#[test]
fn simple_pattern_with_an_optional_complement() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern", "pattern": "a~(.*b.*)c"},
            "text": "aac abc axxc"
        }
    );
}

#[test]
fn simple_pattern_split_at_numbers_of_an_interval() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern_split", "pattern": "<1-9>"},
            "text": "a1b22c333d"
        }
    );
}

#[test]
fn simple_pattern_split_at_the_longest_of_several() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern_split", "pattern": ",|, +"},
            "text": "a,  b,c"
        }
    );
}

#[test]
fn simple_pattern_split_at_all_but() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": {"type": "simple_pattern_split", "pattern": "( |,)+&~(,+)"},
            "text": "a, b,c ,d"
        }
    );
}

#[test]
fn a_simple_pattern_that_is_none_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": {"type": "simple_pattern", "pattern": "(a"}, "text": "a"},
        "POST /_analyze" => {"tokenizer": {"type": "simple_pattern", "pattern": "<a-b>"}, "text": "a"},
    );
}

#[test]
fn thai_cuts_words_of_thai() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "thai",
            "text": "การที่ได้ต้องแสดงว่างานดี วันนี้อากาศดีมากเราไปเที่ยวทะเลกันเถอะ กฎหมายแรงงานคุ้มครองลูกจ้างทุกคน"
        }
    );
}

#[test]
fn thai_cuts_numbers_and_other_scripts() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "thai",
            "text": "ราคา100บาท A-B c.d don't 3,000.5 x_y 5% $7 a1b2 12ab ไทยabcไทย 50%ไทย"
        }
    );
}

#[test]
fn thai_cuts_signs_of_thai() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "thai",
            "text": "สวัสดีครับ ๕๖ บาท ฯลฯ ๆ ดีๆ"
        }
    );
}

#[test]
fn thai_cuts_japanese_as_java_cuts_it() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "thai",
            "text": "ひらがなカタカナ漢字テスト123日本"
        }
    );
}

#[test]
fn thai_cuts_quotes_and_dashes() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "thai",
            "text": "\"quoted\" 'x' a--b a-b- (c)"
        }
    );
}

#[test]
fn thai_takes_compounds_that_the_dictionary_of_icu_has_for_words() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "thai", "text": "ประเทศไทยมีประชากร"};
        differs: "the dictionary is ICU's, and not Java's"
    );
}

#[test]
fn keyword_makes_a_word_of_nothing() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "keyword", "text": ""},
        "POST /_analyze" => {"tokenizer": "keyword", "filter": ["lowercase", "length"], "text": ["", "a"]},
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "analyzer": "keyword"}}}},
        "PUT /a/_doc/1?refresh=true" => {"t": ""},
        "POST /a/_search" => {"query": {"match": {"t": ""}}, "_source": false},
        "POST /a/_search" => {"query": {"exists": {"field": "t"}}, "_source": false}
    );
}
