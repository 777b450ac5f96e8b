//! `min_hash`: hashes in the place of tokens.

use crate::cases::{Setup, asks};

#[test]
fn one_hash_of_one_bucket() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "bucket_count": 1}],
            "text": "five five stuff gamma four"
        }
    );
}

#[test]
fn hashes_of_some_buckets() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "bucket_count": 4}],
            "text": "five five stuff gamma four"
        }
    );
}

#[test]
fn empty_buckets_may_stay_empty() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "bucket_count": 16, "with_rotation": false}],
            "text": "five five stuff gamma four"
        }
    );
}

#[test]
fn several_variants() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "hash_count": 3, "bucket_count": 2}],
            "text": "five five stuff gamma four"
        }
    );
}

#[test]
fn several_hashes_of_a_bucket() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "bucket_count": 3, "hash_set_size": 2}],
            "text": "five five stuff gamma four"
        }
    );
}

#[test]
fn half_a_pair_of_utf_16_is_no_text() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "bucket_count": 4}],
            "text": "woof woof woof puff puffy fluff stuff"
        };
        differs: "half a pair of UTF-16 units is no text: it is shown as U+FFFD, as which Lucene indexes it, too"
    );
}

#[test]
fn of_nothing_there_is_no_hash() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "whitespace", "filter": ["min_hash"], "text": " "}
    );
}

#[test]
fn no_buckets_are_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "min_hash", "bucket_count": 0}],
            "text": "a"
        }
    );
}
