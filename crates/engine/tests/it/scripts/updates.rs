//! Scripts that change documents.

use serde_json::json;

use crate::cases::{Setup, asks};

fn setup() -> Setup {
    Setup::index("scripted", json!({}), json!([{"n": 1, "tags": ["a"], "o": {"x": 1}}, {"n": 2}]))
}

#[test]
fn a_script_changes_the_source() {
    asks!(setup(),
        "POST /scripted/_update/0?_source=true" => {"script": {"source": "ctx._source.n += params.c", "params": {"c": 4}}},
        "POST /scripted/_update/0?_source=true" => {"script": "ctx._source.tags.add('b'); ctx._source.o.y = [1.5, 2.5]; ctx._source.new = 'x'"},
        "POST /scripted/_update/0?_source=true" => {"script": "ctx._source.remove('o'); if (ctx._source.tags.contains('a')) { ctx._source.tags.remove(ctx._source.tags.indexOf('a')) }"},
        "GET /scripted/_source/0"
    );
}

#[test]
fn a_script_says_what_is_done() {
    asks!(setup(),
        "POST /scripted/_update/0" => {"script": "ctx.op = 'none'"},
        "POST /scripted/_update/0" => {"script": "ctx.op = 'noop'"},
        "POST /scripted/_update/0" => {"script": "if (ctx._source.n == 1) { ctx.op = 'delete' } else { ctx.op = 'none' }"},
        "GET /scripted/_doc/0",
        "POST /scripted/_update/1" => {"script": "ctx.op = 'foo'"}
    );
}

#[test]
fn a_script_sees_the_document_around_its_source() {
    asks!(setup(),
        "POST /scripted/_update/0?_source=true" => {"script": "ctx._source.about = ctx._index + ctx._id + ctx._version + ctx._routing + ctx.op"},
        "POST /scripted/_update/1?routing=r&_source=true" => {"script": "ctx._source.keys = new TreeSet(ctx.keySet()).toString()"}
    );
}

#[test]
fn what_is_not_there_is_put_in() {
    asks!(setup(),
        "POST /scripted/_update/9?_source=true" => {"script": "ctx._source.n++", "upsert": {"n": 5}},
        "POST /scripted/_update/9?_source=true" => {"script": "ctx._source.n++", "upsert": {"n": 5}},
        "POST /scripted/_update/8?_source=true" => {"script": "ctx._source.n = ctx.op + ctx._source.m", "upsert": {"m": 5}, "scripted_upsert": true}
    );
}

#[test]
fn what_cannot_be_done_is_refused() {
    asks!(setup(),
        "POST /scripted/_update/0" => {"script": "ctx._source.n +"},
        "POST /scripted/_update/0" => {"script": "ctx._source.zz.foo = 1"},
        "POST /scripted/_update/0" => {"script": "1", "doc": {}},
        "POST /scripted/_update/0" => {"script": {"id": "nope"}},
        "POST /scripted/_update/0" => {"script": 5},
        "POST /scripted/_update/0" => {"script": {"source": "1", "id": "x"}}
    );
}

#[test]
fn items_of_a_bulk_have_scripts_of_their_own() {
    asks!(setup(),
        "POST /scripted/_bulk" => [{"update": {"_id": "0"}}, {"script": "ctx._source.n *= 10"}, {"update": {"_id": "1"}}, {"script": "ctx._source.x.y = 1"}, {"update": {"_id": "5"}}, {"script": {"source": "1", "lang": "painless"}, "upsert": {"n": 7}}],
        "GET /scripted/_source/0",
        "GET /scripted/_source/5"
    );
}

#[test]
fn every_document_of_a_query_is_changed() {
    asks!(setup(),
        "POST /scripted/_update_by_query?refresh=true" => {"query": {"match_all": {}}, "script": {"source": "if (ctx._source.n == 1) { ctx.op = 'noop' } else { ctx._source.n *= params.f }", "params": {"f": 10}}},
        "GET /scripted/_source/1",
        "POST /scripted/_update_by_query?refresh=true" => {"query": {"term": {"n": 1}}, "script": "ctx.op = 'delete'"},
        "GET /scripted/_count",
        "POST /scripted/_update_by_query" => {"script": "ctx.op = 'foo'"},
        "POST /scripted/_update_by_query" => {"script": "ctx._id = 'other'"},
        "POST /scripted/_update_by_query" => {"script": "ctx._source.x.y = 1"},
        "POST /scripted/_update_by_query" => {"script": "1 +"}
    );
}
