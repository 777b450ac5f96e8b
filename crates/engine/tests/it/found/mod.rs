//! What comparing random worlds with the real servers found (`conformance/differential`): one behaviour each.

mod aggregations;
mod dates;
mod empties;
mod fielddata;
mod filter_path;
mod keys;
mod mappings;
mod numbers;
mod order;
mod phases;
mod programs;
mod queries;
mod rank_eval;
mod refusals;
mod shown;
mod spans;
mod words;

use serde_json::json;

use crate::cases::Setup;

/// A document with values of many types.
fn of_each_type() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"}, "i": {"type": "ip"}, "b": {"type": "boolean"},
            "d": {"type": "date"}, "s": {"type": "scaled_float", "scaling_factor": 10}, "f": {"type": "rank_features"},
            "r": {"type": "float_range"}, "y": {"type": "search_as_you_type"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "n": 1, "b": true, "d": "2020-01-01", "i": "::1", "s": 1.5}]),
    )
}

/// A document beside fields in which there are no words.
fn without_words() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"}, "i": {"type": "ip"},
            "f": {"type": "rank_features"}, "x": {"type": "binary"}, "g": {"type": "geo_point"},
            "c": {"type": "token_count", "analyzer": "standard"}, "r": {"type": "float_range"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "n": 1}]),
    )
}
