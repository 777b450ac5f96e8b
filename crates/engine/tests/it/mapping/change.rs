//! Changing a mapping that is there.

use crate::cases::{Setup, asks};

#[test]
fn a_field_is_added() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"n": {"type": "long"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn the_same_again_changes_nothing() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "keyword"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn another_type_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "long"}}}
    );
}

#[test]
fn another_number_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "integer"}}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "long"}}}
    );
}

#[test]
fn a_multi_field_is_added() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_mapping" => {
            "properties": {"t": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}
        },
        "GET /a/_mapping"
    );
}

#[test]
fn multi_fields_that_are_not_named_stay() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {"t": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}
            }
        },
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn ignore_above_may_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "keyword", "ignore_above": 10}}},
        "GET /a/_mapping"
    );
}

#[test]
fn an_analyzer_may_not_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "analyzer": "simple"}}}
    );
}

#[test]
fn a_search_analyzer_may_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_mapping" => {
            "properties": {"t": {"type": "text", "search_analyzer": "simple"}}
        },
        "GET /a/_mapping"
    );
}

#[test]
fn index_may_not_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "keyword", "index": false}}}
    );
}

#[test]
fn doc_values_may_not_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "keyword", "doc_values": false}}}
    );
}

#[test]
fn a_date_format_may_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_mapping" => {"properties": {"d": {"type": "date", "format": "yyyy"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn a_null_value_may_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_mapping" => {"properties": {"n": {"type": "long", "null_value": 1}}},
        "GET /a/_mapping"
    );
}

#[test]
fn an_object_may_not_become_a_value() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"o": {"properties": {"k": {"type": "keyword"}}}}}
        },
        "PUT /a/_mapping" => {"properties": {"o": {"type": "keyword"}}}
    );
}

#[test]
fn a_value_may_not_become_an_object() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"o": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"properties": {"o": {"properties": {"k": {"type": "keyword"}}}}}
    );
}

#[test]
fn dynamic_may_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"dynamic": "strict"},
        "GET /a/_mapping",
        "PUT /a/_doc/1" => {"x": 1}
    );
}

#[test]
fn enabled_may_not_change() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"o": {"type": "object"}}}},
        "PUT /a/_mapping" => {"properties": {"o": {"type": "object", "enabled": false}}},
    );
}

#[test]
fn meta_is_kept_and_replaced() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"_meta": {"a": 1}},
        "PUT /a/_mapping" => {"_meta": {"b": 2}},
        "GET /a/_mapping"
    );
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping" => {"surprise": 1}
    );
}

#[test]
fn an_empty_body_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_mapping"
    );
}

#[test]
fn one_field_is_told() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "o": {"properties": {"k": {"type": "keyword", "ignore_above": 5}}}
                }
            }
        },
        "GET /a/_mapping/field/o.k",
        "GET /a/_mapping/field/o.*",
        "GET /a/_mapping/field/nowhere"
    );
}

#[test]
fn field_capabilities_are_told() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "k": {"type": "keyword"},
                    "t": {"type": "text"},
                    "n": {"type": "long", "index": false}
                }
            }
        },
        "GET /a/_field_caps?fields=*k,t,n",
        "GET /a/_field_caps?fields=nowhere"
    );
}

#[test]
fn a_fields_mapping_is_told_with_its_defaults() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {
            "t": {"type": "text"}, "w": {"type": "text", "analyzer": "whitespace"}, "k": {"type": "keyword", "ignore_above": 5},
            "n": {"type": "long"}, "f": {"type": "scaled_float", "scaling_factor": 10}, "d": {"type": "date"},
            "b": {"type": "boolean"}, "i": {"type": "ip"}, "g": {"type": "geo_point"}, "r": {"type": "integer_range"},
            "bin": {"type": "binary"}, "m": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "o": {"properties": {"x": {"type": "date", "format": "yyyy"}}}
        }}},
        "GET /a/_mapping/field/t,w,k,n,f,d,b,i,g,r,bin,m,m.raw,o.x?include_defaults=true"
    );
}

#[test]
fn norms_are_not_taken_up() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "norms": false}}}},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "norms": true}}},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text"}}},
        "GET /a/_mapping"
    );
}

#[test]
fn norms_are_given_up_and_count_where_they_were_written() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "PUT /a/_doc/1?refresh=true" => {"t": "x y z"},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "norms": false}}},
        "GET /a/_mapping",
        "GET /a/_mapping/field/t?include_defaults=true",
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn documents_that_had_norms_exist_without_them() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "norms": false}}},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "t"}}};
        differs: "a document that has the field is found, where theirs looks for it in what only later documents have"
    );
}

#[test]
fn documents_that_come_after_norms_were_given_up_have_none() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "PUT /a/_doc/1?refresh=true" => {"t": "x y z"},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "norms": false}}},
        "PUT /a/_doc/2?refresh=true" => {"t": "x a b c"},
        "PUT /a/_doc/3?refresh=true" => {"u": "x a b c"},
        "POST /a/_search" => {"_source": false, "explain": true, "query": {"match": {"t": "x"}}},
        "POST /a/_search" => {"_source": false, "query": {"match_phrase": {"t": "x y"}}},
        "POST /a/_forcemerge?max_num_segments=1",
        "POST /a/_refresh",
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}};
        differs: "Elasticsearch's side is taken on both, where Lucene 9 refuses every later document of the field"
    );
}

#[test]
fn an_index_without_documents_gives_up_its_norms() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "norms": false}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "PUT /a/_doc/1?refresh=true" => {"t": "x y z"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn norms_of_an_inner_field_are_given_up() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "keyword", "fields": {"w": {"type": "text"}}}, "s": {"type": "search_as_you_type"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x y", "s": "x y"},
        "PUT /a/_mapping" => {"properties": {"t": {"type": "keyword", "fields": {"w": {"type": "text", "norms": false}}}}},
        "PUT /a/_mapping" => {"properties": {"s": {"type": "search_as_you_type", "norms": false}}},
        "GET /a/_mapping",
        "POST /a/_search" => {"_source": false, "query": {"match": {"t.w": "x"}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"s": "x"}}}
    );
}
