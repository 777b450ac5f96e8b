//! `object`, `binary` and `alias`.

use crate::cases::{Setup, asks};

#[test]
fn an_object_needs_no_type() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"o": {"properties": {"k": {"type": "keyword"}}}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"o": {"k": "x"}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"o.k": "x"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn a_dot_in_a_name_is_a_path() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"o.k": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"o.k": "x"},
        "PUT /a/_doc/1?refresh=true" => {"o": {"k": "y"}},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "o.k"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn a_value_where_an_object_is_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"o": {"properties": {"k": {"type": "keyword"}}}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"o": "x"}
    );
}

#[test]
fn a_list_of_objects_is_flattened() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "o": {"properties": {"a": {"type": "keyword"}, "b": {"type": "keyword"}}}
                }
            }
        },
        "PUT /a/_doc/0?refresh=true" => {"o": [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]},
        "POST /a/_search" => {
            "_source": false,
            "query": {"bool": {"filter": [{"term": {"o.a": "1"}}, {"term": {"o.b": "4"}}]}}
        }
    );
}

#[test]
fn enabled_false_keeps_what_is_in_it_from_the_index() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"o": {"type": "object", "enabled": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"o": {"k": "x"}},
        "PUT /a/_doc/1?refresh=true" => {"o": "anything"},
        "POST /a/_search" => {"_source": false, "query": {"term": {"o.k": "x"}}},
        "POST /a/_search" => {"sort": ["_doc"]},
        "GET /a/_mapping"
    );
}

#[test]
fn dynamic_false_keeps_new_fields_from_the_index() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"o": {"type": "object", "dynamic": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"o": {"k": "x"}},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "o.k"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn dynamic_strict_refuses_new_fields() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"o": {"type": "object", "dynamic": "strict"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"o": {"k": "x"}}
    );
}

#[test]
fn an_unknown_dynamic_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"o": {"type": "object", "dynamic": "surprise"}}}
        }
    );
}

#[test]
fn binary_is_kept_and_not_searched() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "binary"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": "aGVsbG8="},
        "POST /a/_search" => {"_source": false, "query": {"term": {"b": "aGVsbG8="}}},
        "POST /a/_search" => {}
    );
}

#[test]
fn binary_may_have_columns() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "binary", "doc_values": true}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": "aGVsbG8="},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["b"], "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "b"}}}
    );
}

#[test]
fn an_alias_of_nothing_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"x": {"type": "alias", "path": "nowhere"}}}}
    );
}

#[test]
fn an_alias_of_an_alias_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "a": {"type": "keyword"},
                    "x": {"type": "alias", "path": "a"},
                    "y": {"type": "alias", "path": "x"}
                }
            }
        }
    );
}

#[test]
fn an_alias_takes_no_values() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {"a": {"type": "keyword"}, "x": {"type": "alias", "path": "a"}}
            }
        },
        "PUT /a/_doc/0?refresh=true" => {"x": "v"}
    );
}

#[test]
fn an_alias_without_a_path_is_refused() {
    asks!(Setup::nothing(), "PUT /a" => {"mappings": {"properties": {"x": {"type": "alias"}}}});
}

#[test]
fn an_unknown_type_is_refused() {
    asks!(Setup::nothing(), "PUT /a" => {"mappings": {"properties": {"x": {"type": "surprise"}}}});
}

#[test]
fn no_type_and_no_properties_are_refused() {
    asks!(Setup::nothing(), "PUT /a" => {"mappings": {"properties": {"x": {}}}});
}

#[test]
fn an_empty_name_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"": {"type": "keyword"}}}}
    );
}

#[test]
fn a_name_of_dots_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"a..b": {"type": "keyword"}}}}
    );
}

#[test]
fn dots_in_names_and_objects_of_the_same_name_are_joined() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "o.x": {"type": "keyword"},
                    "o": {"properties": {"w": {"type": "long"}, "i": {"properties": {}}}},
                    "o.i.z": {"type": "date"}
                }
            }
        },
        "GET /a/_mapping",
        "PUT /a/_doc/0?refresh=true" => {"o": {"x": "a", "w": 1, "i.z": "2020-01-01"}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"o.x": "a"}}}
    );
}

#[test]
fn a_copy_goes_to_a_field_that_is_new() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {
            "t": {"type": "text", "copy_to": ["all", "deep.er.all"]},
            "n": {"type": "long", "copy_to": "number"},
            "d": {"type": "keyword", "copy_to": "day"}
        }}},
        "PUT /a/_doc/1?refresh=true" => {"t": "quick fox", "n": 5, "d": "2020-01-02"},
        "GET /a/_mapping",
        "POST /a/_search" => {"query": {"match": {"all": "fox"}}},
        "POST /a/_search" => {"query": {"match": {"deep.er.all": "quick"}}},
        "POST /a/_search" => {"query": {"range": {"day": {"lt": "2020-02-01"}}}},
        "PUT /a/_doc/2?refresh=true" => {"t": ["lazy", "dog"], "n": null},
        "POST /a/_search" => {"query": {"match": {"all": "dog"}}},
        "POST /a/_search" => {"size": 0, "aggs": {"s": {"sum": {"field": "number"}}}}
    );
}

#[test]
fn a_copy_to_a_new_field_asks_what_documents_may_bring() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic": "strict", "properties": {"t": {"type": "text", "copy_to": "all"}}}},
        "PUT /a/_doc/1" => {"t": "quick fox"},
        "PUT /b" => {"mappings": {"dynamic": false, "properties": {"t": {"type": "text", "copy_to": "all"}}}},
        "PUT /b/_doc/1?refresh=true" => {"t": "quick fox"},
        "GET /b/_mapping",
        "PUT /c" => {"mappings": {"properties": {"t": {"type": "text", "copy_to": "o.all"}, "o": {"dynamic": "strict", "properties": {"k": {"type": "keyword"}}}}}},
        "PUT /c/_doc/1" => {"t": "quick fox"}
    );
}
