//! `_mget`.

use crate::cases::{Setup, asks};

#[test]
fn ids_are_found_or_not() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget" => {"ids": ["0", "9", "1"]}
    );
}

#[test]
fn documents_may_be_named_with_their_index() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /_mget" => {"docs": [{"_index": "a", "_id": "0"}, {"_index": "a", "_id": "9"}]}
    );
}

#[test]
fn an_index_that_is_not_there_is_told_with_its_item() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /_mget" => {"docs": [{"_index": "a", "_id": "0"}, {"_index": "b", "_id": "0"}]}
    );
}

#[test]
fn the_source_may_be_filtered_for_each() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget" => {
            "docs": [
                {"_id": "0", "_source": ["n"]},
                {"_id": "0", "_source": false},
                {"_id": "0", "_source": {"excludes": ["n"]}}
            ]
        }
    );
}

#[test]
fn the_source_may_be_filtered_for_all() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget?_source=m" => {"ids": ["0", "1"]}
    );
}

#[test]
fn no_documents_are_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget" => {"docs": []}
    );
}

#[test]
fn no_body_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget"
    );
}

#[test]
fn a_document_without_an_id_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget" => {"docs": [{"_index": "a"}]}
    );
}

#[test]
fn a_document_without_an_index_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /_mget" => {"docs": [{"_id": "0"}]}
    );
}

#[test]
fn ids_without_an_index_are_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /_mget" => {"ids": ["0"]}
    );
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget" => {"surprise": []}
    );
}

#[test]
fn an_unknown_key_of_a_document_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "m": 2}, {"n": 2}])),
        "POST /a/_mget" => {"docs": [{"_id": "0", "surprise": 1}]}
    );
}

#[test]
fn names_with_underscores_are_no_options() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1}])),
        "POST /_mget" => {"docs": [{"_index": "a", "_id": "0", "_routing": "x"}]},
        "POST /_mget" => {"docs": [{"_index": "a", "_id": "0", "_version": 1}]},
        "POST /_mget" => {"docs": [{"_index": "a", "_id": "0", "_version_type": "external"}]},
        "POST /_mget" => {"docs": [{"_index": "a", "_id": "0", "fields": ["n"]}]},
        "POST /_mtermvectors" => {"docs": [{"_index": "a", "_id": "0", "_routing": "x"}]},
        "POST /a/_termvectors/0" => {"_version": 1},
        "POST /_bulk" => [{"index": {"_index": "a", "_routing": "x"}}, {"n": 2}],
        "POST /_bulk" => [{"index": {"_index": "a", "_version_type": "external"}}, {"n": 2}]
    );
}
