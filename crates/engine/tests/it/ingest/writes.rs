//! Writes through pipelines.

use crate::cases::{Setup, asks};

#[test]
fn a_pipeline_changes_what_is_written() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-set" => {"processors": [{"set": {"field": "b", "value": "{{a}}!"}}]},
        "PUT /ing-w/_doc/1?pipeline=w-set&refresh=true" => {"a": 1},
        "GET /ing-w/_doc/1",
        "PUT /ing-w/_create/2?pipeline=w-set&refresh=true" => {"a": 1},
        "PUT /ing-w/_create/2?pipeline=w-set&refresh=true" => {"a": 1},
        "GET /ing-w/_doc/2",
        "PUT /ing-w/_doc/3?pipeline=w-none" => {"a": 1}
    );
}

#[test]
fn a_dropped_document_is_not_written_and_makes_no_index() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-drop" => {"processors": [{"drop": {}}]},
        "PUT /ing-n/_doc/2?pipeline=w-drop" => {"a": 1},
        "POST /ing-n/_doc?pipeline=w-drop" => {"a": 1},
        "HEAD /ing-n"
    );
}

#[test]
fn a_failing_pipeline_refuses_the_document() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-in" => {"processors": [{"fail": {"message": "inner"}}]},
        "PUT /_ingest/pipeline/w-out" => {"processors": [{"pipeline": {"name": "w-in"}}]},
        "PUT /_ingest/pipeline/w-cycle" => {"processors": [{"pipeline": {"name": "w-cycle"}}]},
        "PUT /_ingest/pipeline/w-gone" => {"processors": [{"pipeline": {"name": "w-nonex"}}]},
        "PUT /_ingest/pipeline/w-rm" => {"processors": [{"remove": {"field": "zz"}}]},
        "PUT /ing-f/_doc/2?pipeline=w-out" => {"a": 1},
        "PUT /ing-f/_doc/2?pipeline=w-cycle" => {"a": 1},
        "PUT /ing-f/_doc/2?pipeline=w-gone" => {"a": 1},
        "PUT /ing-f/_doc/2?pipeline=w-rm" => {"a": 1}
    );
}

#[test]
fn the_default_pipeline_of_an_index_is_for_writes_that_name_none() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-def" => {"processors": [{"set": {"field": "by", "value": "default"}}]},
        "PUT /_ingest/pipeline/w-own" => {"processors": [{"set": {"field": "by", "value": "own"}}]},
        "PUT /ing-d" => {"settings": {"index.default_pipeline": "w-def"}},
        "PUT /ing-d/_doc/1?refresh=true" => {"a": 1},
        "PUT /ing-d/_doc/2?pipeline=_none&refresh=true" => {"a": 1},
        "PUT /ing-d/_doc/3?pipeline=w-own&refresh=true" => {"a": 1},
        "POST /ing-d/_update/2?refresh=true" => {"doc": {"a": 5}},
        "POST /ing-d/_update/4?refresh=true" => {"doc": {"a": 5}, "upsert": {"u": 1}},
        "POST /ing-d/_mget" => {"ids": ["1", "2", "3", "4"]},
        "GET /ing-d/_settings/index.default_pipeline"
    );
}

#[test]
fn a_default_pipeline_that_is_not_there_refuses_writes() {
    asks!(
        Setup::nothing(),
        "PUT /ing-m" => {"settings": {"index.default_pipeline": "w-nonex"}},
        "PUT /ing-m/_doc/1" => {"a": 1},
        "PUT /ing-m/_doc/1?pipeline=_none" => {"a": 1}
    );
}

#[test]
fn the_final_pipeline_is_last_and_may_not_change_the_index() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-first" => {"processors": [{"set": {"field": "order", "value": ["first"]}}]},
        "PUT /_ingest/pipeline/w-last" => {"processors": [{"append": {"field": "order", "value": ["last"]}}]},
        "PUT /_ingest/pipeline/w-move" => {"processors": [{"set": {"field": "_index", "value": "ing-other"}}]},
        "PUT /ing-l" => {"settings": {"index.final_pipeline": "w-last"}},
        "PUT /ing-l/_doc/1?pipeline=w-first&refresh=true" => {"a": 1},
        "GET /ing-l/_doc/1",
        "PUT /ing-k" => {"settings": {"index.final_pipeline": "w-move"}},
        "PUT /ing-k/_doc/1" => {"a": 1}
    );
}

#[test]
fn a_pipeline_sends_a_document_elsewhere() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-go" => {"processors": [
            {"set": {"field": "_index", "value": "ing-{{to}}"}},
            {"set": {"field": "_id", "value": "id-{{n}}"}},
            {"set": {"field": "_routing", "value": "r"}}
        ]},
        "PUT /_ingest/pipeline/w-day" => {"processors": [
            {"date_index_name": {"field": "d", "index_name_prefix": "ing-day-", "date_rounding": "M", "date_formats": ["ISO8601"]}}
        ]},
        "POST /ing-from/_doc?pipeline=w-go&refresh=true" => {"to": "there", "n": 1},
        "GET /ing-there/_doc/id-1?routing=r",
        "PUT /ing-from/_doc/9?pipeline=w-day&refresh=true" => {"d": "2020-05-06T00:00:00Z"},
        "HEAD /ing-from"
    );
}

#[test]
fn items_of_a_bulk_have_pipelines_of_their_own() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-bulk" => {"processors": [{"set": {"field": "by", "value": "bulk"}}]},
        "PUT /_ingest/pipeline/w-item" => {"processors": [{"set": {"field": "by", "value": "item"}}]},
        "POST /_bulk?pipeline=w-bulk&refresh=true" => [
            {"index": {"_index": "ing-b", "_id": "1"}}, {"z": 1},
            {"index": {"_index": "ing-b", "_id": "2", "pipeline": "w-item"}}, {"z": 1},
            {"index": {"_index": "ing-b", "_id": "3", "pipeline": "_none"}}, {"z": 1},
            {"create": {"_index": "ing-b", "_id": "4"}}, {"z": 1},
            {"update": {"_index": "ing-b", "_id": "5"}}, {"doc": {"z": 1}, "doc_as_upsert": true},
            {"update": {"_index": "ing-b", "_id": "6"}}, {"doc": {"z": 1}, "upsert": {"u": 1}},
            {"delete": {"_index": "ing-b", "_id": "4"}}
        ],
        "POST /ing-b/_mget" => {"ids": ["1", "2", "3", "4", "5", "6"]}
    );
}

#[test]
fn a_failing_and_a_dropped_item_leave_the_others_alone() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-no" => {"processors": [{"fail": {"message": "no"}}]},
        "PUT /_ingest/pipeline/w-away" => {"processors": [{"drop": {}}]},
        "POST /_bulk?refresh=true" => [
            {"index": {"_index": "ing-c", "_id": "1", "pipeline": "w-no"}}, {"z": 1}
        ],
        "POST /_bulk?refresh=true" => [
            {"index": {"_index": "ing-c", "_id": "2", "pipeline": "w-away"}}, {"z": 1}
        ],
        "POST /_bulk?refresh=true" => [
            {"index": {"_index": "ing-c", "_id": "3", "pipeline": "w-nonex"}}, {"z": 1}
        ],
        "POST /_bulk?refresh=true" => [
            {"index": {"_index": "ing-c", "_id": "1", "pipeline": "w-no"}}, {"z": 1},
            {"index": {"_index": "ing-c", "_id": "4"}}, {"z": 1}
        ]
    );
}

#[test]
fn a_template_gives_the_index_that_a_write_makes_its_pipelines() {
    asks!(
        Setup::nothing(),
        "PUT /_ingest/pipeline/w-tpl" => {"processors": [{"set": {"field": "by", "value": "template"}}]},
        "PUT /_index_template/ing-t" => {"index_patterns": ["ing-t*"], "template": {"settings": {"index.default_pipeline": "w-tpl"}}},
        "PUT /ing-t1/_doc/1?refresh=true" => {"a": 1},
        "GET /ing-t1/_doc/1",
        "DELETE /_index_template/ing-t"
    );
}
