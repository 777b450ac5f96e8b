//! Scripts over documents: queries, scores, fields, sorts.

use serde_json::json;

use crate::cases::{Setup, asks};

fn setup() -> Setup {
    Setup::index(
        "scripted",
        json!({"mappings": {"properties": {
            "n": {"type": "long"}, "i": {"type": "integer"}, "d": {"type": "double"}, "f": {"type": "float"}, "k": {"type": "keyword"},
            "text": {"type": "text"}, "date": {"type": "date"}, "b": {"type": "boolean"}, "ip": {"type": "ip"}, "sf": {"type": "scaled_float", "scaling_factor": 10},
        }}}),
        json!([
            {"n": 1, "i": 5, "d": 1.5, "f": 0.1, "k": ["b", "a", "b"], "text": "quick fox", "date": "2020-01-02T03:04:05Z", "b": true, "ip": "10.0.0.1", "sf": 1.2, "o": {"x": [1, 2]}},
            {"n": [4, 2], "d": -2.5, "f": 3.25, "k": "c", "text": "slow fox", "date": ["2021-01-01", "2020-05-05"], "b": false},
            {"n": 3, "k": "z", "text": "lazy dog"},
        ]),
    )
}

#[test]
fn a_query_asks_a_script_of_every_document() {
    asks!(setup(),
        "POST /_search" => {"query": {"script": {"script": "doc['n'].value > 1"}}},
        "POST /_search" => {"query": {"bool": {"filter": {"script": {"script": {"source": "doc['k'].contains(params.k)", "params": {"k": "a"}}}}}}},
        "POST /_search" => {"query": {"script": {"script": "doc['d'].size() == 0"}}},
        "POST /_search" => {"query": {"bool": {"must_not": {"script": {"script": "doc['date'].empty"}}}}},
        "POST /_search" => {"query": {"script": {"script": "return doc.containsKey('nope') || doc['n'].length == 2", "boost": 2.5}}}
    );
}

#[test]
fn a_script_scores_what_a_query_finds() {
    asks!(setup(),
        "POST /_search" => {"query": {"script_score": {"query": {"match": {"text": "fox"}}, "script": {"source": "doc['n'].value * params.a", "params": {"a": 2}}}}},
        "POST /_search" => {"query": {"script_score": {"query": {"match_all": {}}, "script": "_score + doc['n'].value", "min_score": 3}}},
        "POST /_search" => {"query": {"script_score": {"query": {"match_all": {}}, "script": "saturation(doc['n'].value, 2)"}}},
        "POST /_search" => {"query": {"script_score": {"query": {"match_all": {}}, "script": "sigmoid(doc['n'].value, 2, 1)", "boost": 3}}},
        "POST /_search" => {"query": {"script_score": {"query": {"match_all": {}}, "script": "decayNumericLinear(2, 5, 0, 0.5, doc['n'].value)"}}},
        "POST /_search" => {"query": {"script_score": {"query": {"exists": {"field": "date"}}, "script": "decayDateGauss('2020-01-01T00:00:00Z', '10d', '0', 0.5, doc['date'].value)"}}},
        "POST /_search" => {"query": {"function_score": {"query": {"match": {"text": "fox"}}, "script_score": {"script": "doc['n'].value + 1"}, "boost_mode": "replace"}}},
        "POST /_search" => {"query": {"function_score": {"functions": [{"filter": {"term": {"k": "z"}}, "script_score": {"script": "_score * 5"}}, {"weight": 2}], "score_mode": "sum"}}}
    );
}

#[test]
fn a_score_below_nothing_is_refused() {
    asks!(setup(),
        "POST /_search" => {"query": {"script_score": {"query": {"match_all": {}}, "script": "-1"}}},
        "POST /_search" => {"query": {"script_score": {"query": {"match_all": {}}}}},
        "POST /_search" => {"query": {"script_score": {"script": "1"}}},
        "POST /_search" => {"query": {"script": {}}}
    );
}

#[test]
fn fields_are_made_by_scripts() {
    asks!(setup(),
        "POST /_search" => {"sort": "_doc", "script_fields": {"a": {"script": "doc['n'].value * 2"}, "k": {"script": "doc['k']"}, "n": {"script": "null"}}},
        "POST /_search" => {"query": {"term": {"n": 1}}, "script_fields": {
        "long": {"script": "doc['n'].value"}, "int": {"script": "doc['i'].value"}, "double": {"script": "doc['d'].value"}, "float": {"script": "doc['f'].value"},
        "date": {"script": "doc['date'].value"}, "bool": {"script": "doc['b'].value"}, "ip": {"script": "doc['ip'].value"}, "scaled": {"script": "doc['sf'].value"},
        "day": {"script": "doc['date'].value.dayOfWeek"}, "month": {"script": "doc['date'].value.getMonth()"}, "millis": {"script": "doc['date'].value.millis"},
        "epoch": {"script": "doc['date'].value.toInstant().toEpochMilli()"}, "text": {"script": "doc['date'].value.toString() + doc['n']"},
    }},
        "POST /_search" => {"query": {"term": {"n": 1}}, "script_fields": {
        "o": {"script": "params._source.o"}, "x": {"script": "params['_source'].o.x"}, "t": {"script": "params._source['text']"},
    }},
        "POST /_search" => {"_source": true, "query": {"term": {"n": 3}}, "script_fields": {"map": {"script": "['a': 1, 'b': [1.5f, 2L]]"}, "list": {"script": "[[1], 'x', true]"}}},
        "POST /_search" => {"query": {"term": {"n": 3}}, "script_fields": {"d": {"script": "doc['d'].value", "ignore_failure": true}, "n": {"script": "doc['n'].value"}}}
    );
}

#[test]
fn hits_are_sorted_by_scripts() {
    asks!(setup(),
        "POST /_search" => {"sort": {"_script": {"type": "number", "script": "doc['n'].value * -1.5"}}},
        "POST /_search" => {"sort": {"_script": {"type": "number", "script": {"source": "doc['n'].value % params.m", "params": {"m": 3}}, "order": "desc"}}},
        "POST /_search" => {"sort": [{"_script": {"type": "string", "script": "doc['k'].value", "order": "desc"}}]},
        "POST /_search" => {"sort": {"_script": {"type": "string", "script": "doc['k'].value"}}, "size": 1, "search_after": ["c"]},
        "POST /_search" => {"sort": {"_script": {"script": "1"}}},
        "POST /_search" => {"sort": {"_script": {"type": "foo", "script": "1"}}}
    );
}

#[test]
fn a_script_that_fails_on_a_document_fails_the_search() {
    asks!(setup(),
        "POST /_search" => {"query": {"script": {"script": "doc['n'].value"}}},
        "POST /_search" => {"query": {"script": {"script": "doc['n'].value +"}}},
        "POST /_search" => {"query": {"script": {"script": {"id": "nope"}}}},
        "POST /_search" => {"query": {"script": {"script": {"source": "1", "lang": "nope"}}}},
        "POST /_search" => {"query": {"script": {"script": {"source": "1", "foo": 1}}}},
        "POST /_search" => {"query": {"script": {"script": {}}}}
    );
}

#[test]
fn a_field_without_a_value_or_a_column_is_told() {
    asks!(setup(),
        "POST /_search" => {"query": {"script": {"script": "doc['d'].value > 0"}}},
        "POST /_search" => {"query": {"script": {"script": "doc['nope'].value > 0"}}},
        "POST /_search" => {"query": {"script": {"script": "doc['text'].value == 'a'"}}}
    );
}
