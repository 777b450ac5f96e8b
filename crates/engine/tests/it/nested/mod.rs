//! Nested objects: how they are mapped, stored, asked, shown, sorted by and aggregated.

mod aggregations;
mod documents;
mod inner_hits;
mod mapping;
mod query;
mod sort;

use serde_json::json;

use crate::cases::Setup;

/// Shops with offers, and the prices of those.
pub(crate) fn shops() -> Setup {
    Setup::index(
        "shops",
        json!({"mappings": {"properties": {
            "name": {"type": "keyword"},
            "town": {"type": "object", "properties": {"name": {"type": "keyword"}}},
            "offers": {"type": "nested", "properties": {
                "title": {"type": "text"},
                "kind": {"type": "keyword"},
                "rank": {"type": "integer"},
                "since": {"type": "date"},
                "prices": {"type": "nested", "properties": {
                    "currency": {"type": "keyword"},
                    "amount": {"type": "double"}
                }}
            }},
            "staff": {"type": "nested", "include_in_root": true, "properties": {
                "name": {"type": "text"},
                "role": {"type": "keyword"}
            }},
            "tags": {"type": "keyword"}
        }}}),
        json!([
            {"name": "a", "town": {"name": "x"}, "tags": ["old", "big"],
             "offers": [
                {"title": "red apple", "kind": "fruit", "rank": 3, "since": "2020-01-01",
                 "prices": [{"currency": "eur", "amount": 1.5}, {"currency": "usd", "amount": 2.0}]},
                {"title": "green apple and red pear", "kind": "fruit", "rank": 1,
                 "prices": {"currency": "eur", "amount": 0.5}},
                {"title": "oak chair", "kind": "wood", "rank": 7}],
             "staff": [{"name": "ann smith", "role": "cook"}, {"name": "bob jones", "role": "boss"}]},
            {"name": "b", "town": {"name": "y"}, "tags": "new",
             "offers": {"title": "red chair", "kind": "wood", "rank": 5, "since": "2021-06-01",
                 "prices": [{"currency": "eur", "amount": 80.0}]},
             "staff": {"name": "ann jones", "role": "boss"}},
            {"name": "c", "town": {"name": "x"}},
            {"name": "d", "offers": [], "staff": [{"role": "cook"}]},
            {"name": "e", "tags": ["old"],
             "offers": [
                {"title": "apple apple apple", "kind": "fruit", "rank": 2,
                 "prices": [{"currency": "usd", "amount": 9.0}, {"currency": "eur", "amount": 7.0}]},
                {"title": "plum", "kind": "fruit", "rank": 2}]}
        ]),
    )
}
