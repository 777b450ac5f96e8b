//! `_bulk`.

use crate::cases::{Setup, asks};

#[test]
fn all_four_actions_are_done_in_order() {
    asks!(
        Setup::nothing(),
        "POST /_bulk" => [
            {"index": {"_index": "a", "_id": "1"}},
            {"n": 1},
            {"create": {"_index": "a", "_id": "2"}},
            {"n": 2},
            {"update": {"_index": "a", "_id": "1"}},
            {"doc": {"n": 3}},
            {"delete": {"_index": "a", "_id": "2"}}
        ]
    );
}

#[test]
fn a_fault_of_one_item_is_told_with_it() {
    asks!(
        Setup::nothing(),
        "POST /_bulk" => [
            {"create": {"_index": "a", "_id": "1"}},
            {"n": 1},
            {"create": {"_index": "a", "_id": "1"}},
            {"n": 2},
            {"delete": {"_index": "a", "_id": "9"}},
            {"update": {"_index": "a", "_id": "9"}},
            {"doc": {}}
        ]
    );
}

#[test]
fn a_document_that_does_not_fit_is_told_with_its_item() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer"}}}},
        "POST /_bulk" => [
            {"index": {"_index": "a", "_id": "1"}},
            {"n": "many"},
            {"index": {"_index": "a", "_id": "2"}},
            {"n": 2}
        ]
    );
}

#[test]
fn the_url_names_the_index() {
    asks!(Setup::nothing(), "POST /a/_bulk" => [{"index": {"_id": "1"}}, {"n": 1}]);
}

#[test]
fn the_items_index_wins_over_the_urls() {
    asks!(Setup::nothing(), "POST /a/_bulk" => [{"index": {"_id": "1", "_index": "b"}}, {"n": 1}]);
}

#[test]
fn without_any_index_it_is_refused() {
    asks!(Setup::nothing(), "POST /_bulk" => [{"index": {"_id": "1"}}, {"n": 1}]);
}

#[test]
fn an_unknown_action_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk" => [{"surprise": {"_id": "1"}}, {"n": 1}];
        differs: "refused as another type of fault"
    );
}

#[test]
fn an_unknown_key_of_an_action_is_refused() {
    asks!(Setup::nothing(), "POST /a/_bulk" => [{"index": {"_id": "1", "surprise": 1}}, {"n": 1}]);
}

#[test]
fn no_new_line_at_the_end_is_refused() {
    asks!(Setup::nothing(), "POST /a/_bulk" => "{\"index\":{\"_id\":\"1\"}}\n{\"n\":1}");
}

#[test]
fn an_empty_body_is_refused() {
    asks!(Setup::nothing(), "POST /a/_bulk");
}

#[test]
fn an_action_without_its_document_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk" => [{"index": {"_id": "1"}}];
        differs: "refused as another type of fault"
    );
}

#[test]
fn a_line_that_is_no_action_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk" => "x\n"
    );
}

#[test]
fn if_seq_no_lets_one_item_pass() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk" => [
            {"index": {"_id": "1"}},
            {"n": 1},
            {"index": {"_id": "1", "if_seq_no": 0, "if_primary_term": 1}},
            {"n": 2},
            {"index": {"_id": "1", "if_seq_no": 0, "if_primary_term": 1}},
            {"n": 3}
        ]
    );
}

#[test]
fn external_versions_are_kept() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk" => [
            {"index": {"_id": "1", "version": 7, "version_type": "external"}},
            {"n": 1},
            {"index": {"_id": "1", "version": 7, "version_type": "external"}},
            {"n": 2}
        ]
    );
}

#[test]
fn updates_may_be_upserts() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk" => [
            {"update": {"_id": "1"}},
            {"doc": {"n": 1}, "doc_as_upsert": true},
            {"update": {"_id": "1"}},
            {"doc": {"n": 1}}
        ]
    );
}

#[test]
fn a_refresh_is_told_with_the_items() {
    asks!(
        Setup::nothing(),
        "POST /a/_bulk?refresh=true" => [{"index": {"_id": "1"}}, {"n": 1}],
        "GET /a/_count"
    );
}

#[test]
fn a_name_that_is_none_is_told_with_its_item() {
    asks!(
        Setup::nothing(),
        "POST /_bulk" => [
            {"index": {"_index": "A", "_id": "1"}},
            {"n": 1},
            {"index": {"_index": "a", "_id": "1"}},
            {"n": 1}
        ]
    );
}
