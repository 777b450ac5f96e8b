//! Join fields in a mapping and in documents.

use serde_json::json;

use crate::cases::{Setup, asks};

fn index() -> Setup {
    Setup::index(
        "f",
        json!({"mappings": {"properties": {"j": {"type": "join", "relations": {"q": ["a", "c"], "a": "v"}}}}}),
        json!([]),
    )
}

#[test]
fn it_is_told_with_what_is_filled_in() {
    asks!(index(), "GET /f/_mapping", "GET /f/_field_caps?fields=j*");
}

#[test]
fn relations_may_come_and_not_go() {
    asks!(index(),
        "PUT /f/_mapping" => {"properties": {"j": {"type": "join", "relations": {"q": ["a", "c", "d"], "a": "v"}}}},
        "PUT /f/_mapping" => {"properties": {"j": {"type": "join", "relations": {"q": ["a"], "a": "v"}}}},
        "PUT /f/_mapping" => {"properties": {"j": {"type": "join", "relations": {"q": ["a", "c", "d"], "a": "v", "x": "q"}}}},
        "PUT /f/_mapping" => {"properties": {"k": {"type": "join", "relations": {"y": "z"}}}},
        "GET /f/_mapping");
}

#[test]
fn it_stands_at_the_root() {
    asks!(Setup::nothing(),
        "PUT /f" => {"mappings": {"properties": {"o": {"properties": {"j": {"type": "join", "relations": {"a": "b"}}}}}}});
}

#[test]
fn children_need_their_parent_and_its_routing() {
    asks!(index(),
        "PUT /f/_doc/8" => {"j": {"name": "a", "parent": "1"}},
        "PUT /f/_doc/8?routing=1" => {"j": {"name": "a"}},
        "PUT /f/_doc/8?routing=1" => {"j": "a"},
        "PUT /f/_doc/8?routing=1" => {"j": {"name": "a", "parent": "1"}},
        "POST /f/_bulk" => [{"index": {"_id": "9"}}, {"j": {"name": "a", "parent": "1"}}]);
}

#[test]
fn names_must_be_known() {
    asks!(index(),
        "PUT /f/_doc/8" => {"j": "zzz"},
        "PUT /f/_doc/8" => {"j": {"name": "zzz", "parent": "1"}},
        "PUT /f/_doc/8" => {"j": 5},
        "PUT /f/_doc/8" => {"j": {"name": "q", "foo": {"x": 1}}},
        "PUT /f/_doc/8" => {"j": {"name": "q", "parent": "1"}},
        "PUT /f/_doc/9" => {"j": null});
}
