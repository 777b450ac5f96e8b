//! `_simulate`: what it asks for, what it tells of each step.

use crate::cases::{Setup, asks};

#[test]
fn templates_show_fields_and_metadata() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {
            "pipeline": {"processors": [
                {"set": {"field": "x", "value": "{{a}}-{{b.c}}-{{_index}}-{{_id}}-{{_source.a}}-{{none}}"}},
                {"set": {"field": "y.z", "value": {"q": "{{a}}", "l": ["{{{a}}}", 2]}}},
                {"set": {"field": "_ingest.q", "value": 4}}
            ]},
            "docs": [
                {"_source": {"a": 1, "b": {"c": [1, 2, {"z": 1.5}]}}},
                {"_source": {"a": "<&>\"'"}},
                {"_source": {"y": 1}},
                {"_source": {"y": [1]}}
            ]
        }
    );
}

#[test]
fn sections_repeat_and_are_left_out() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {
            "pipeline": {"processors": [
                {"set": {"field": "x", "value": "{{#l}}[{{n}}]{{/l}}{{^none}}no{{/none}}{{! a note }}{{#t}}yes{{/t}}"}}
            ]},
            "docs": [{"_source": {"l": [{"n": 1}, {"n": 2}], "t": true}}, {"_source": {"l": [], "t": false}}]
        }
    );
}

#[test]
fn metadata_can_be_set() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {
            "pipeline": {"processors": [
                {"set": {"field": "_index", "value": "foo"}},
                {"set": {"field": "_id", "value": "{{a}}"}},
                {"set": {"field": "_routing", "value": "r"}},
                {"set": {"field": "_version", "value": 7}},
                {"set": {"field": "_version_type", "value": "external"}}
            ]},
            "docs": [{"_source": {"a": 1}}, {"_index": "i", "_id": "7", "_routing": "q", "_source": {"a": 2}}]
        }
    );
}

#[test]
fn a_request_without_its_parts_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": []}},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": []}, "docs": []},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": []}, "docs": [{}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": []}, "docs": [1]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"zz": {}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/no-such/_simulate" => {"docs": [{"_source": {}}]}
    );
}

#[test]
fn each_step_is_told_of_when_asked() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate?verbose=true" => {
            "pipeline": {"processors": [
                {"remove": {"field": "zz", "tag": "t", "description": "D", "ignore_failure": true}},
                {"rename": {"field": "zz", "target_field": "q", "tag": "t2", "on_failure": [
                    {"set": {"field": "err", "value": "{{_ingest.on_failure_message}}|{{_ingest.on_failure_processor_type}}|{{_ingest.on_failure_processor_tag}}|{{_ingest.on_failure_pipeline}}"}}
                ]}},
                {"set": {"field": "ok", "value": true}}
            ]},
            "docs": [{"_source": {"a": 1}}]
        }
    );
}

#[test]
fn a_pipeline_handles_the_failure_of_a_step() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {
            "pipeline": {
                "processors": [{"fail": {"message": "oops {{a}}", "tag": "tg"}}, {"set": {"field": "never", "value": 1}}],
                "on_failure": [{"set": {"field": "err", "value": "{{_ingest.on_failure_message}} {{_ingest.on_failure_processor_tag}}"}}]
            },
            "docs": [{"_source": {"a": 1}}]
        },
        "POST /_ingest/pipeline/_simulate?verbose" => {
            "pipeline": {
                "processors": [{"fail": {"message": "oops {{a}}"}}],
                "on_failure": [{"fail": {"message": "again"}}]
            },
            "docs": [{"_source": {"a": 1}}]
        }
    );
}

#[test]
fn a_document_that_is_dropped_is_null() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"drop": {}}, {"fail": {"message": "x"}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate?verbose=true" => {"pipeline": {"processors": [{"drop": {"tag": "d"}}]}, "docs": [{"_source": {}}]}
    );
}

#[test]
fn pipelines_call_one_another_but_not_themselves() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/sim-b" => {"processors": [{"set": {"field": "b", "value": "B"}}]},
        "PUT /_ingest/pipeline/sim-a" => {"processors": [{"set": {"field": "a", "value": "A"}}, {"pipeline": {"name": "sim-b"}}, {"set": {"field": "c", "value": "C"}}]},
        "PUT /_ingest/pipeline/sim-c" => {"processors": [{"pipeline": {"name": "sim-c"}}]},
        "PUT /_ingest/pipeline/sim-d" => {"processors": [{"pipeline": {"name": "sim-none"}}]},
        "POST /_ingest/pipeline/sim-a/_simulate" => {"docs": [{"_index": "i", "_id": "1", "_source": {}}]},
        "POST /_ingest/pipeline/sim-a/_simulate?verbose=true" => {"docs": [{"_index": "i", "_id": "1", "_source": {}}]},
        "POST /_ingest/pipeline/sim-c/_simulate" => {"docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/sim-c/_simulate?verbose=true" => {"docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/sim-d/_simulate" => {"docs": [{"_source": {}}]}
    );
}
