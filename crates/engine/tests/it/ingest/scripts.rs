//! Scripts of pipelines: the processor `script`, and the `if` of every processor.

use serde_json::json;

use crate::cases::{Setup, asks};

/// What each of some processors makes of one document: `made!({"script": {…}})`.
macro_rules! made {
    ($($processor:tt),+ $(; differs: $why:literal)? $(,)?) => {
        asks!(Setup::nothing(), $("POST /_ingest/pipeline/_simulate" => {
            "pipeline": {"processors": [$processor]},
            "docs": [{"_index": "i", "_id": "1", "_source": {"a": 1, "b": {"c": [1, 2]}, "s": "x"}}],
        }),+ $(; differs: $why)?)
    };
}

#[test]
fn a_script_changes_the_document() {
    made!(
        {"script": {"source": "ctx.a += 1; ctx.b.c.add(3); ctx.d = ctx.s + ctx._index + ctx._id"}},
        {"script": "ctx.z = params.size()"},
        {"script": {"source": "ctx.z = params.x; ctx.remove('s')", "params": {"x": [1, {"y": null}]}}},
        {"script": {"lang": "painless", "inline": "ctx.m = ['k': [1.5, true, 'v']]"}},
        {"script": {"source": "ctx.t = ctx._ingest; ctx.u = ctx._source"}}
    );
}

#[test]
fn a_script_changes_the_metadata() {
    made!(
        {"script": {"source": "ctx._index = 'other'; ctx._id = '9'; ctx._routing = 'r'; ctx._version = 7"}},
        {"script": {"source": "ctx.d = '' + ctx._version + ctx._routing + ctx._version_type"}}
    );
}

#[test]
fn what_is_no_script_is_refused_with_its_processor() {
    made!(
        {"script": {"source": "ctx.z = "}}, {"script": {"id": "nope"}}, {"script": {}},
        {"set": {"field": "y", "value": 1, "if": "ctx.a ="}}, {"set": {"field": "y", "value": 1, "if": {"id": "nope"}}},
        {"set": {"field": "y", "value": 1, "if": 3}}
    );
}

#[test]
fn a_script_that_fails_is_handled() {
    made!(
        {"script": {"source": "throw new RuntimeException('no')", "tag": "t", "on_failure": [{"set": {
            "field": "m",
            "value": "{{_ingest.on_failure_message}} {{_ingest.on_failure_processor_type}} {{_ingest.on_failure_processor_tag}}",
        }}]}},
        {"script": {"source": "throw new RuntimeException('no')", "ignore_failure": true}},
        {"script": {"source": "throw new RuntimeException('no')"}}
    );
}

#[test]
fn a_processor_runs_if_its_condition_holds() {
    made!(
        {"set": {"field": "y", "value": 1, "if": "ctx.a == 1"}},
        {"set": {"field": "y", "value": 1, "if": "ctx.a == 2"}},
        {"set": {"field": "y", "value": 1, "if": "ctx.b?.c != null && ctx.b.c.contains(2)"}},
        {"set": {"field": "y", "value": 1, "if": {"source": "params.p == ctx.a", "params": {"p": 1}}}},
        {"script": {"source": "ctx.a += 1", "if": "ctx._index == 'i'"}},
        {"fail": {"message": "no", "if": "ctx.s == 'x'"}},
        {"drop": {"if": "ctx.s == 'x'"}},
        {"foreach": {"field": "b.c", "processor": {"set": {"field": "_ingest._value", "value": 9, "if": "ctx.a == 1"}}}}
    );
}

#[test]
fn a_condition_that_fails_is_no_affair_of_its_own_processor() {
    made!(
        {"set": {"field": "y", "value": 1, "if": "ctx.nope.foo == 1"}},
        {"set": {"field": "y", "value": 1, "if": "ctx.nope.foo == 1", "ignore_failure": true}},
        {"set": {"field": "y", "value": 1, "if": "ctx.nope.foo == 1", "on_failure": [{"set": {"field": "m", "value": "handled"}}]}}
    );
}

#[test]
fn a_condition_changes_nothing() {
    made!(
        {"set": {"field": "y", "value": 1, "if": "ctx.put('k', 1); return true"}},
        {"set": {"field": "y", "value": 1, "if": "ctx.b.c.add(1)"}};
        differs: "what a condition changed is seen when it has ended: without Java's frames and the place in the script"
    );
}

#[test]
fn a_simulation_tells_of_conditions() {
    asks!(Setup::nothing(), "POST /_ingest/pipeline/_simulate?verbose=true" => {
        "pipeline": {"processors": [
            {"set": {"field": "y", "value": 1, "if": "ctx.a == 2", "tag": "no"}},
            {"set": {"field": "y", "value": 1, "if": "ctx.a == 1", "tag": "yes"}},
        ]},
        "docs": [{"_index": "i", "_id": "1", "_source": {"a": 1}}],
    });
}

#[test]
fn documents_are_written_as_scripts_leave_them() {
    asks!(
        Setup::nothing()
            .and_then("PUT /_scripts/twice", json!({"script": {"lang": "painless", "source": "ctx.n *= 2"}}))
            .and_then("PUT /_ingest/pipeline/p", json!({"processors": [
                {"script": {"id": "twice", "if": "ctx.n < 10"}},
                {"script": {"source": "ctx._index = 'large'; ctx._id = 'x' + ctx._id", "if": "ctx.n >= 10"}},
            ]})),
        "PUT /small/_doc/1?pipeline=p&refresh=true" => {"n": 3},
        "PUT /small/_doc/2?pipeline=p&refresh=true" => {"n": 30},
        "GET /small/_doc/1",
        "GET /large/_doc/x2",
        "GET /small/_doc/2"
    );
}
