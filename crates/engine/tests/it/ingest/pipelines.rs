//! The registry: what it takes, what it refuses, what it tells.

use crate::cases::{Setup, asks};

#[test]
fn what_was_put_is_found_by_its_name() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/reg-a" => {"description": "d", "version": 3, "processors": [{"set": {"field": "x", "value": 1}}]},
        "GET /_ingest/pipeline/reg-a",
        "GET /_ingest/pipeline/reg-a,reg-none",
        "GET /_ingest/pipeline/reg-no*",
        "GET /_ingest/pipeline/reg-none"
    );
}

#[test]
fn what_was_deleted_is_gone() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/del-a" => {"processors": []},
        "PUT /_ingest/pipeline/del-b" => {"processors": []},
        "DELETE /_ingest/pipeline/del-a",
        "GET /_ingest/pipeline/del-a",
        "DELETE /_ingest/pipeline/del-a",
        "DELETE /_ingest/pipeline/del-*",
        "GET /_ingest/pipeline/del-b",
        "DELETE /_ingest/pipeline/del-*"
    );
}

#[test]
fn a_definition_without_processors_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/p" => {},
        "PUT /_ingest/pipeline/p" => {"processors": {}},
        "PUT /_ingest/pipeline/p" => {"description": 1, "processors": []},
        "PUT /_ingest/pipeline/p" => {"version": "a", "processors": []},
        "PUT /_ingest/pipeline/p" => {"processors": [], "on_failure": []},
        "PUT /_ingest/pipeline/p" => {"processors": [], "surprise": 1}
    );
}

#[test]
fn a_processor_that_cannot_be_read_is_refused_and_named() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/p" => {"processors": [{"nope": {}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"nope": {"tag": "t"}}, {"nope2": {}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": 1}]},
        "PUT /_ingest/pipeline/p" => {"processors": [1]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": "a", "value": 1, "bad": 1, "tag": "T"}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"value": 1}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": 1, "value": 1}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": "a", "value": 1, "override": "maybe"}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": "a", "value": null}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": "a", "value": 1, "on_failure": []}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": "a", "value": 1, "ignore_failure": "x"}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"set": {"field": "a", "value": "{{x", "tag": "q"}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [], "on_failure": [{"nope": {}}]},
        "PUT /_ingest/pipeline/p" => {"processors": [{"foreach": {"field": "a", "processor": {"a": {}, "b": {}}}}]}
    );
}

#[test]
fn an_empty_step_and_two_in_one_are_taken() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/two" => {"processors": [{}, {"set": {"field": "a", "value": 1}, "remove": {"field": "b"}}]},
        "POST /_ingest/pipeline/two/_simulate" => {"docs": [{"_source": {"b": 1}}]}
    );
}
