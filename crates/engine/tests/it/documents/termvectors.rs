//! `_termvectors` and `_mtermvectors`.

use crate::cases::{Setup, asks};
use crate::suggest::phrases;

#[test]
fn fields_that_store_vectors_are_shown() {
    asks!(phrases(), "GET /phrases/_termvectors/2");
}

#[test]
fn fields_that_are_asked_for_are_shown() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors/2" => {
        "fields": [
            "t"
        ]
    }
        );
}

#[test]
fn statistics_of_terms() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors/2" => {
        "fields": [
            "t",
            "k"
        ],
        "term_statistics": true
    }
        );
}

#[test]
fn offsets_and_statistics_may_be_left_out() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors/2" => {
        "fields": [
            "v"
        ],
        "offsets": false,
        "field_statistics": false
    }
        );
}

#[test]
fn a_url_may_say_it() {
    asks!(phrases(), "POST /phrases/_termvectors/2?fields=t.tri&positions=false");
}

#[test]
fn a_document_that_is_not_there() {
    asks!(phrases(), "POST /phrases/_termvectors/99");
}

#[test]
fn a_document_that_is_given() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors" => {
        "doc": {
            "t": "the prize the",
            "k": "a"
        },
        "term_statistics": true
    }
        );
}

#[test]
fn an_analyzer_of_a_field() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors" => {
        "doc": {
            "t": "Foo bar"
        },
        "per_field_analyzer": {
            "t": "keyword"
        },
        "fields": [
            "t"
        ]
    }
        );
}

#[test]
fn words_that_stand_out() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors/2" => {
        "fields": [
            "t"
        ],
        "filter": {
            "max_num_terms": 2,
            "min_term_freq": 1,
            "min_doc_freq": 1
        }
    }
        );
}

#[test]
fn an_unknown_option_is_refused() {
    asks!(
            phrases(),
            "POST /phrases/_termvectors/2" => {
        "foo": 1
    }
        );
}

#[test]
fn no_document_is_refused() {
    asks!(
        phrases(),
        "POST /phrases/_termvectors" => {}
    );
}

#[test]
fn many_documents() {
    asks!(
            phrases(),
            "POST /_mtermvectors" => {
        "docs": [
            {
                "_index": "phrases",
                "_id": "0",
                "fields": [
                    "k"
                ]
            },
            {
                "_index": "phrases",
                "_id": "1",
                "fields": [
                    "t"
                ],
                "term_statistics": true
            },
            {
                "_index": "phrases",
                "_id": "99"
            }
        ]
    }
        );
}

#[test]
fn no_documents_are_refused() {
    asks!(
        phrases(),
        "POST /_mtermvectors" => {}
    );
}

#[test]
fn documents_may_be_given() {
    asks!(
        phrases(),
        "POST /_mtermvectors" => {"docs": [{"_index": "phrases", "doc": {"t": "Quick fox"}, "fields": ["t"], "field_statistics": false}]},
        "POST /phrases/_mtermvectors" => {"docs": [{"_id": "1", "doc": {"t": "Quick fox"}}]},
        "POST /phrases/_mtermvectors" => {"docs": [{}]},
        "POST /_mtermvectors" => {"ids": ["1"]},
    );
}

#[test]
fn each_document_may_have_analyzers_of_its_own() {
    asks!(
        phrases(),
        "POST /phrases/_mtermvectors" => {"docs": [
            {"doc": {"t": "Quick fox"}, "fields": ["t"], "field_statistics": false, "per_field_analyzer": {"t": "keyword"}},
            {"_id": "2", "fields": ["t"], "field_statistics": false, "per_field_analyzer": {"t": "keyword"}},
            {"_id": "2", "fields": ["t"], "field_statistics": false, "per_field_analyzer": {"t": "surprise"}}
        ]},
    );
}

#[test]
fn ids_may_stand_in_the_url() {
    asks!(
        phrases(),
        "GET /phrases/_mtermvectors?ids=2,surprise&fields=t&field_statistics=false",
        "POST /phrases/_mtermvectors?ids=2&fields=t&field_statistics=false" => {"docs": [{"_id": "1"}]},
        "GET /phrases/_mtermvectors",
    );
}

#[test]
fn statistics_of_a_field_count_every_document() {
    let fields = serde_json::json!({"mappings": {"properties": {
        "t": {"type": "text"}, "k": {"type": "keyword"}, "d": {"type": "text", "index_options": "docs"},
        "f": {"type": "text", "index_options": "freqs"}, "n": {"type": "text", "norms": false}
    }}});
    let texts =
        |text: &str| serde_json::json!({"t": text, "k": text, "d": text, "f": text, "n": text});
    let documents = serde_json::json!([texts("red red blue"), texts("blue"), texts("green red green"), {"k": ["a", "b", "a"]}]);
    let setup = Setup::index("s", fields, documents);
    asks!(
        setup,
        "POST /s/_termvectors/0" => {"fields": ["t"], "term_statistics": true, "positions": false, "offsets": false},
        "POST /s/_termvectors/0" => {"fields": ["k"], "term_statistics": true, "positions": false, "offsets": false},
        "POST /s/_termvectors/3" => {"fields": ["k"], "term_statistics": true},
        "POST /s/_termvectors/0" => {"fields": ["d"], "term_statistics": true},
        "POST /s/_termvectors/0" => {"fields": ["f"], "term_statistics": true},
        "POST /s/_termvectors/0" => {"fields": ["n"], "term_statistics": true, "positions": false, "offsets": false},
        "POST /s/_termvectors" => {"doc": {"t": "red yellow", "x": "new", "k": "red"}, "term_statistics": true, "positions": false, "offsets": false},
        "POST /s/_termvectors/1?realtime=false" => {"fields": ["t"], "term_statistics": true}
    );
}

#[test]
fn statistics_count_deleted_documents() {
    let setup = Setup::index(
        "s",
        serde_json::json!({"settings": {"index.number_of_shards": 1}}),
        serde_json::json!([{"t": "red red blue"}, {"t": "blue"}, {"t": "red"}]),
    );
    asks!(
        setup,
        "DELETE /s/_doc/2?refresh=true",
        "POST /s/_termvectors/0" => {"fields": ["t"], "term_statistics": true, "positions": false, "offsets": false},
        "PUT /s/_doc/1?refresh=true" => {"t": "green"},
        "POST /s/_termvectors/0" => {"fields": ["t"], "term_statistics": true, "positions": false, "offsets": false}
    );
}
