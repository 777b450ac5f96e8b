//! `_index` in queries: by names, by aliases, by patterns.

use serde_json::json;

use crate::cases::{Setup, asks};

/// An index without an alias, and two with some.
fn shelves() -> Setup {
    let red = json!([{"t": "red"}]);
    Setup::index("books", json!({}), red.clone())
        .and("films", json!({"aliases": {"shelf": {}, "old-shelf": {}}}), red.clone())
        .and(
            "maps",
            json!({"aliases": {"shelf": {}, "some": {"filter": {"term": {"t": "x"}}}}}),
            red,
        )
}

#[test]
fn an_alias_stands_for_the_indices_behind_it() {
    asks!(
        shelves(),
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "shelf"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "some"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "sh*"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "_all"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "nothing"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": {"value": "SHELF", "case_insensitive": true}}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"terms": {"_index": ["old-shelf", "books"]}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"query_string": {"query": "_index:shelf"}}}
    );
}

#[test]
fn a_pattern_finds_aliases_too() {
    asks!(
        shelves(),
        "POST /_search?filter_path=hits.hits._index" => {"query": {"prefix": {"_index": "sh"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"prefix": {"_index": {"value": "OLD", "case_insensitive": true}}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"wildcard": {"_index": "*shelf"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"wildcard": {"_index": "?ooks"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"query_string": {"query": "_index:sh*"}}}
    );
}

#[test]
fn a_hidden_alias_is_found_by_its_name_alone() {
    let hidden = json!({"aliases": {"attic": {"is_hidden": true}, ".attic": {"is_hidden": true}}});
    asks!(
        Setup::index("old", hidden, json!([{"t": "red"}])),
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "attic"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "att*"}}},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": ".att*"}}}
    );
}

#[test]
fn a_change_of_aliases_counts_for_the_next_search() {
    asks!(
        shelves(),
        "POST /_aliases" => {"actions": [{"remove": {"index": "films", "alias": "shelf"}}, {"add": {"index": "books", "alias": "shelf"}}]},
        "POST /_search?filter_path=hits.hits._index" => {"query": {"term": {"_index": "shelf"}}}
    );
}

#[test]
fn no_expression_and_no_likeness_is_asked_of_names() {
    asks!(
        Setup::index("books", json!({}), json!([{"t": "red"}])),
        "POST /_search" => {"query": {"regexp": {"_index": "bo.*"}}},
        "POST /_search" => {"query": {"fuzzy": {"_index": "book"}}},
        "POST /_search" => {"query": {"range": {"_index": {"gte": "a"}}}}
    );
}
