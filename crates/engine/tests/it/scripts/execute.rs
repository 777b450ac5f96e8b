//! `_scripts/painless/_execute` on a document.

use serde_json::json;

use crate::cases::{Setup, asks};

/// Two indices, with aliases.
fn indices() -> Setup {
    let properties = json!({"n": {"type": "long"}, "k": {"type": "keyword"}, "t": {"type": "text"}, "d": {"type": "date"}});
    let mappings = json!({"properties": properties});
    Setup::nothing()
        .and(
            "a",
            json!({"mappings": mappings, "aliases": {"one": {}, "two": {}}}),
            json!([{"n": 1, "k": "x"}]),
        )
        .and("b", json!({"aliases": {"two": {}}}), json!([]))
}

#[test]
fn a_filter_chooses_a_document_that_is_given() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value > 3"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value > params.m", "params": {"m": 9}}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].size() == 0"}, "context": "filter", "context_setup": {"index": "a", "document": {}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['k'].value == 'x' && doc['d'].value.year == 2020"}, "context": "filter", "context_setup": {"index": "one", "document": {"k": "x", "d": "2020-05-01"}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['_id'].value + doc['_index'].value == '_ida'"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value > 3"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}, "query": {"match_none": {}}}}
    );
}

#[test]
fn a_score_is_computed_of_a_document_and_what_a_query_scores_it_with() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value / params.m", "params": {"m": 8.0}}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score * 2"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4, "t": "fox dog"}, "query": {"match": {"t": "fox"}}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score * 2"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}, "query": {"match_all": {}}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score * 2"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}, "query": {"function_score": {"query": {"match_all": {}}, "boost": 5, "script_score": {"script": "doc['n'].value"}}}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "-1"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "1.0 / 0"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value * 10000000.0"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value", "lang": "expression"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "saturation(doc['n'].value, 4)"}, "context": "score", "context_setup": {"index": "a", "document": {"n": 4}}}
    );
}

#[test]
fn what_a_document_would_add_to_the_mapping_is_no_field_and_is_added_to_nothing() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc.containsKey('new')"}, "context": "filter", "context_setup": {"index": "a", "document": {"new": 1}}},
        "GET /a/_mapping",
        "GET /a/_count"
    );
}

#[test]
fn an_index_and_a_document_are_required() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a"}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "1"}, "context": "score", "context_setup": {}},
        "POST /_scripts/painless/_execute" => {"script": {"id": "stored"}, "context": "filter", "context_setup": {"index": "a", "document": {}}},
        "POST /_scripts/painless/_execute" => {"script": {"id": "stored"}}
    );
}

#[test]
fn the_index_must_be_there_whatever_the_context() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "none", "document": {}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a,b", "document": {}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a*", "document": {}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "3 + 4"}, "context": "painless_test", "context_setup": {"index": "none"}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "3 + 4"}, "context_setup": {"index": "a"}},
        "POST /a/_close",
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a", "document": {}}}
    );
}

#[test]
fn what_is_wrong_with_the_setup_is_told() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": "x"}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a", "document": "n"}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}, "foo": 1}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": 5, "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}, "query": {"foo": {}}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": 5},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "update"},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": 5}
    );
}

#[test]
fn a_script_that_fails_on_the_document_says_where() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "return doc['n'].value > 'x'.length() && doc['n'].get(0) > 3 && params.a.b"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value > "}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "doc['n'].value > 3"}, "context": "painless_test", "context_setup": {"index": "a", "document": {"n": 4}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score"}, "context": "filter", "context_setup": {"index": "a", "document": {"n": 4}}}
    );
}

#[test]
fn a_query_that_does_not_match_or_looks_something_up_is_refused() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score"}, "context": "score", "context_setup": {"index": "a", "document": {"t": "fox"}, "query": {"match": {"t": "cow"}}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "_score"}, "context": "score", "context_setup": {"index": "a", "document": {"k": "x"}, "query": {"terms": {"k": {"index": "a", "id": "0", "path": "k"}}}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter"};
        differs: "refused with 400, where theirs is a fault of its own (500)"
    );
}

#[test]
fn an_alias_of_several_indices_is_refused() {
    asks!(
        indices(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "true"}, "context": "filter", "context_setup": {"index": "two", "document": {}}};
        differs: "the indices are told in their order"
    );
}
