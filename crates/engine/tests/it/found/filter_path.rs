//! `filter_path`: what is left of answers that are no success.

use serde_json::json;

use crate::cases::{Setup, asks};

#[test]
fn a_refusal_is_told_whole() {
    asks!(
        Setup::index("a", json!({}), json!([{"x": 1}])),
        "PUT /a/_create/0?filter_path=error.type" => {"x": 1},
        "PUT /a/_create/0?filter_path=-error" => {"x": 1},
        "PUT /a/_create/0?filter_path=hits" => {"x": 1},
        "GET /nope/_search?filter_path=error.reason",
        "GET /nope/_doc/1?filter_path=status",
        "GET /a/_search?foo=1&filter_path=error.type",
        "POST /a/_search?filter_path=hits" => {"query": {"nope": {}}}
    );
}

#[test]
fn that_nothing_is_there_is_filtered() {
    asks!(
        Setup::index("a", json!({}), json!([{"x": 1}])),
        "GET /a/_doc/9?filter_path=found",
        "GET /a/_doc/9?filter_path=nothing",
        "DELETE /a/_doc/9?filter_path=result",
        "GET /_template/nope?filter_path=x",
        "GET /_scripts/nope?filter_path=found",
        "POST /a/_explain/9?filter_path=matched" => {"query": {"match_all": {}}},
        "GET /a/_alias/nope?filter_path=status",
        "POST /a/_update/9?filter_path=error.type" => {"doc": {"x": 2}},
        "POST /_bulk?filter_path=items.*.error.type" => [{"create": {"_index": "a", "_id": "0"}}, {"x": 1}],
        "POST /_mget?filter_path=docs.error.type" => {"docs": [{"_index": "nope", "_id": "1"}]},
        "POST /_msearch?filter_path=responses.status,responses.error.type" => [{"index": "nope"}, {}]
    );
}
