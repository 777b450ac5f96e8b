//! The `term` suggester.

use super::phrases;
use crate::cases::asks;

#[test]
fn words_that_are_there_need_no_other() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "noble prize",
                "term": {
                    "field": "t"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn words_that_are_not_there_get_near_ones() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl prze amsterdm",
                "term": {
                    "field": "t"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn one_text_for_all_suggestions() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "text": "nobl prze",
            "s": {
                "term": {
                    "field": "t",
                    "suggest_mode": "always",
                    "sort": "frequency",
                    "size": 2
                }
            },
            "u": {
                "term": {
                    "field": "t",
                    "suggest_mode": "popular",
                    "max_edits": 1
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn a_field_that_is_not_there_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {
                    "field": "nope"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn a_field_must_be_named() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {}
            }
        },
        "size": 0
    }
        );
}

#[test]
fn an_unknown_option_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {
                    "field": "t",
                    "foo": 1
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn a_suggestion_without_a_suggester_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl"
            }
        },
        "size": 0
    }
        );
}

#[test]
fn a_text_must_be_given() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "term": {
                    "field": "t"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn numbers_have_no_near_words() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {
                    "field": "n"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn three_edits_are_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {
                    "field": "t",
                    "max_edits": 3
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn a_size_of_nothing_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {
                    "field": "t",
                    "size": 0
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn an_unknown_distance_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "noble",
                "term": {
                    "field": "t",
                    "string_distance": "nope"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn a_suggestion_that_is_none_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": 1
        },
        "size": 0
    }
        );
}

#[test]
fn a_suggester_that_is_none_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl",
                "term": 1
            }
        },
        "size": 0
    }
        );
}

#[test]
fn kinds_stand_before_names_where_asked_for() {
    asks!(
            phrases(),
            "POST /phrases/_search?typed_keys=true" => {
        "query": {
            "term": {
                "k": "nobel prize"
            }
        },
        "size": 1,
        "_source": false,
        "suggest": {
            "s": {
                "text": "nobl",
                "term": {
                    "field": "t"
                }
            }
        }
    }
        );
}

#[test]
fn a_url_may_ask_for_suggestions() {
    asks!(
        phrases(),
        "GET /phrases/_search?suggest_field=t&suggest_text=nobl&suggest_mode=always&size=0"
    );
}

#[test]
fn longer_words_and_prefixes_may_be_asked_for() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "amstedam xor",
                "term": {
                    "field": "t",
                    "prefix_length": 3,
                    "min_word_length": 3
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn near_by_internal() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl przie amsteradm",
                "term": {
                    "field": "t",
                    "string_distance": "internal"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn near_by_damerau_levenshtein() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl przie amsteradm",
                "term": {
                    "field": "t",
                    "string_distance": "damerau_levenshtein"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn near_by_levenshtein() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl przie amsteradm",
                "term": {
                    "field": "t",
                    "string_distance": "levenshtein"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn near_by_jaro_winkler() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl przie amsteradm",
                "term": {
                    "field": "t",
                    "string_distance": "jaro_winkler"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn near_by_ngram() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl przie amsteradm",
                "term": {
                    "field": "t",
                    "string_distance": "ngram"
                }
            }
        },
        "size": 0
    }
        );
}
