//! Fields with a column and no index: OpenSearch looks through the column, Elasticsearch 7.10 refuses.

use serde_json::json;

use crate::cases::{Setup, asks};

fn unindexed() -> Setup {
    let field = |kind: &str| json!({"type": kind, "index": false});
    Setup::index(
        "a",
        json!({"mappings": {"properties": {
            "k": field("keyword"), "n": field("long"), "f": field("double"), "h": field("float"), "d": field("date"),
            "b": field("boolean"), "i": field("ip"), "s": {"type": "scaled_float", "scaling_factor": 10, "index": false},
            "u": {"type": "keyword", "index": false, "doc_values": false}
        }}}),
        json!([
            {"k": ["alpha", "beta"], "n": 3, "f": 0.5, "h": 0.1, "d": "2020-01-02", "b": true, "i": "10.0.0.1", "s": 1.5},
            {"k": "Alpine", "n": [7, -2], "f": [1.25, 9], "d": "2020-03-04T05:06:07Z", "b": false, "i": "::1", "s": 2.55},
            {"k": "gamma", "n": 9_007_199_254_740_993_i64, "d": "1969-12-31"},
            {"u": "x"}
        ]),
    )
}

#[test]
fn exact_values() {
    asks!(
        unindexed(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "beta"}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": {"value": "ALPHA", "case_insensitive": true}}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": {"value": 7, "boost": 3}}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": "9007199254740993"}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"f": 1.25}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"h": 0.1}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"d": "2020-03-04||/d"}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"b": true}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"i": "10.0.0.1"}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"u": "x"}}}
    );
}

#[test]
fn sets_of_values() {
    asks!(
        unindexed(),
        "POST /a/_search" => {"_source": false, "query": {"terms": {"k": ["gamma", "alpha", "nobody"]}}},
        "POST /a/_search" => {"_source": false, "query": {"terms": {"n": [3, -2]}}},
        "POST /a/_search" => {"_source": false, "query": {"terms": {"b": [true, false]}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"k": "gamma"}}}
    );
}

#[test]
fn ranges_of_values() {
    asks!(
        unindexed(),
        "POST /a/_search" => {"_source": false, "query": {"range": {"k": {"gte": "alpha", "lt": "gamma"}}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"n": {"gt": 3}}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"f": {"gte": 0.5, "lt": 9}}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"gte": "2020-01-02", "lte": "2020-01-02"}}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"d": {"lt": "1970-01-01"}}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"i": {"gte": "10.0.0.0", "lte": "10.0.0.255"}}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"n": {"lt": 0, "gt": 5}}}}
    );
}

#[test]
fn patterns_of_texts() {
    asks!(
        unindexed(),
        "POST /a/_search" => {"_source": false, "query": {"prefix": {"k": "al"}}},
        "POST /a/_search" => {"_source": false, "query": {"wildcard": {"k": "*a"}}},
        "POST /a/_search" => {"_source": false, "query": {"regexp": {"k": "[ab].*"}}},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "k"}}},
        "POST /a/_search" => {"_source": false, "query": {"query_string": {"query": "k:gam* OR n:3"}}}
    );
}
