//! `_update`.

use crate::cases::{Setup, asks};

#[test]
fn a_part_is_merged_into_the_document() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": 2, "m": 3}},
        "GET /a/_doc/0"
    );
}

#[test]
fn objects_are_merged_deeply_and_lists_are_replaced() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"o": {"y": 9}, "t": ["b", "c"]}},
        "GET /a/_doc/0"
    );
}

#[test]
fn a_null_replaces_a_value() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": null}},
        "GET /a/_doc/0"
    );
}

#[test]
fn what_changes_nothing_is_a_noop() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": 1}}
    );
}

#[test]
fn detect_noop_false_writes_all_the_same() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": 1}, "detect_noop": false}
    );
}

#[test]
fn a_document_that_is_not_there_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/9" => {"doc": {"n": 1}}
    );
}

#[test]
fn an_upsert_is_what_is_written_then() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/9" => {"doc": {"n": 1}, "upsert": {"n": 5}},
        "GET /a/_doc/9"
    );
}

#[test]
fn doc_as_upsert_writes_the_part() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/9" => {"doc": {"n": 1}, "doc_as_upsert": true},
        "GET /a/_doc/9"
    );
}

#[test]
fn an_upsert_is_not_used_where_there_is_a_document() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": 8}, "upsert": {"n": 5}},
        "GET /a/_doc/0"
    );
}

#[test]
fn the_source_may_be_told() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0?_source=true" => {"doc": {"n": 2}}
    );
}

#[test]
fn a_part_of_the_source_may_be_told() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0?_source=n" => {"doc": {"n": 2}}
    );
}

#[test]
fn the_source_may_be_asked_for_in_the_body() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": 2}, "_source": ["o.x"]}
    );
}

#[test]
fn if_seq_no_lets_one_update_pass() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0?if_seq_no=0&if_primary_term=1" => {"doc": {"n": 2}},
        "POST /a/_update/0?if_seq_no=0&if_primary_term=1" => {"doc": {"n": 3}}
    );
}

#[test]
fn nothing_to_do_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {}
    );
}

#[test]
fn doc_as_upsert_without_doc_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc_as_upsert": true}
    );
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"surprise": 1}
    );
}

#[test]
fn a_doc_that_is_a_word_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": "x"}
    );
}

#[test]
fn a_missing_body_is_refused() {
    asks!(
        Setup::index(
            "a",
            serde_json::json!({}),
            serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])
        ),
        "POST /a/_update/0"
    );
}

#[test]
fn a_value_that_does_not_fit_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0" => {"doc": {"n": "many"}}
    );
}

#[test]
fn retry_on_conflict_is_taken() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0?retry_on_conflict=3" => {"doc": {"n": 2}}
    );
}

#[test]
fn retry_on_conflict_beside_if_seq_no_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /a/_update/0?retry_on_conflict=3&if_seq_no=0&if_primary_term=1" => {
            "doc": {"n": 2}
        }
    );
}

#[test]
fn an_index_that_is_not_there_is_made_by_an_upsert() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /b/_update/1" => {"doc": {"n": 1}, "doc_as_upsert": true}
    );
}

#[test]
fn a_document_of_an_index_that_is_not_there_is_refused() {
    asks!(
        Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1, "o": {"x": 1, "y": 2}, "t": ["a"]}])),
        "POST /b/_update/1" => {"doc": {"n": 1}}
    );
}
