//! The `phrase` suggester.

use super::phrases;
use crate::cases::asks;

#[test]
fn a_phrase_that_is_right_stays() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "noble prize",
                "phrase": {
                    "field": "t"
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn changed_words_may_be_marked() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl prze",
                "phrase": {
                    "field": "t.tri",
                    "size": 3,
                    "highlight": {
                        "pre_tag": "<em>",
                        "post_tag": "</em>"
                    }
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn several_words_may_be_changed() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "nobl prze",
                "phrase": {
                    "field": "t.tri",
                    "gram_size": 3,
                    "confidence": 0,
                    "max_errors": 2,
                    "direct_generator": [
                        {
                            "field": "t.tri",
                            "suggest_mode": "always"
                        }
                    ]
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn half_of_the_words_may_be_changed() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "xor the got jewel",
                "phrase": {
                    "field": "t.tri",
                    "size": 1,
                    "gram_size": 3,
                    "direct_generator": [
                        {
                            "field": "t.tri",
                            "suggest_mode": "always",
                            "min_word_length": 1
                        }
                    ],
                    "highlight": {
                        "pre_tag": "<em>",
                        "post_tag": "</em>"
                    }
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn laplace_smooths() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "noble prze",
                "phrase": {
                    "field": "t.tri",
                    "smoothing": {
                        "laplace": {
                            "alpha": 0.7
                        }
                    },
                    "max_errors": 2,
                    "confidence": 0
                }
            }
        },
        "size": 0
    }
        );
}

#[test]
fn linear_interpolation_smooths() {
    asks!(
            phrases(),
            "POST /phrases/_search" => {
        "suggest": {
            "s": {
                "text": "noble prze",
                "phrase": {
                    "field": "t.tri",
                    "smoothing": {
                        "linear": {
                            "trigram_lambda": 0.5,
                            "bigram_lambda": 0.3,
                            "unigram_lambda": 0.2
                        }
                    },
                    "max_errors": 2,
                    "confidence": 0
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
                "text": "a",
                "phrase": {}
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
                "text": "a",
                "phrase": {
                    "field": "nope"
                }
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
                "text": "a",
                "phrase": {
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
fn only_phrases_that_find_something_are_suggested() {
    asks!(
        phrases(),
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"query": {"source": {"match_phrase": {"{{field}}": "{{suggestion}}"}}}, "params": {"field": "t"}}}}}},
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"query": {"source": {"match_phrase": {"t": "{{suggestion}}"}}}, "prune": true}}}}},
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"query": {"source": "{\"match\": {\"t\": {\"query\": \"{{suggestion}}\", \"operator\": \"and\"}}}"}, "prune": false}}}}}
    );
}

#[test]
fn a_query_of_phrases_that_cannot_be_read_is_refused() {
    asks!(
        phrases(),
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"query": {"source": {"surprise": {}}}}}}}},
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"prune": "yes"}}}}},
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"query": {"source": "{}"}, "surprise": 1}}}}},
        "POST /phrases/_search" => {"size": 0, "suggest": {"s": {"text": "nobl prze", "phrase": {"field": "t.tri", "gram_size": 3, "confidence": 0, "max_errors": 2, "size": 4, "collate": {"query": {"id": "nothing"}}}}}}
    );
}
