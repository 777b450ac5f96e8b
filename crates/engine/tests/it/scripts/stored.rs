//! Scripts that are kept.

use serde_json::json;

use crate::cases::{Setup, asks};

#[test]
fn a_script_is_kept_and_used_by_its_name() {
    asks!(Setup::index("t", json!({}), json!([{"n": 3}])),
        "PUT /_scripts/times" => {"script": {"lang": "painless", "source": "doc['n'].value * params.a"}},
        "GET /_scripts/times",
        "POST /t/_search" => {"query": {"script_score": {"query": {"match_all": {}}, "script": {"id": "times", "params": {"a": 4}}}}},
        "DELETE /_scripts/times",
        "GET /_scripts/times",
        "DELETE /_scripts/times"
    );
}

#[test]
fn what_is_no_script_is_not_kept() {
    asks!(Setup::nothing(),
        "PUT /_scripts/bad" => {"script": {"lang": "nope", "source": "1"}},
        "PUT /_scripts/bad" => {"script": {"source": "1"}},
        "PUT /_scripts/bad" => {"script": {"lang": "painless", "source": ""}},
        "PUT /_scripts/bad/score" => {"script": {"lang": "painless", "source": "'a'"}},
        "PUT /_scripts/bad" => {"script": {"lang": "painless"}},
        "GET /_scripts/bad"
    );
}

#[test]
fn a_script_without_a_document_runs_alone() {
    asks!(Setup::nothing(),
        "POST /_scripts/painless/_execute" => {"script": {"source": "params.a * 2", "params": {"a": 5.5}}},
        "POST /_scripts/painless/_execute" => {"script": {"source": "return null"}},
        "POST /_scripts/painless/_execute" => {},
        "POST /_scripts/painless/_execute" => {"script": {"source": "1"}, "foo": 1},
        "POST /_scripts/painless/_execute" => {"script": "1"},
        "GET /_script_language"
    );
}

#[test]
fn contexts_are_told_with_the_methods_of_their_scripts() {
    asks!(Setup::nothing(), "GET /_script_context", "GET /_script_language");
}
