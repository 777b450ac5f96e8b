//! Search templates.

use serde_json::{Value, json};

use crate::cases::{Setup, asks};

/// What templates make of some parameters: `makes!("{{a}}")`. They stand in a string of JSON.
macro_rules! makes {
    ($($source:literal),+ $(; differs: $why:literal)? $(,)?) => {
        asks!(Setup::nothing(), $("GET /_render/template" => {
            "source": concat!("{\"r\": \"", $source, "\"}"),
            "params": {
                "a": "q\"u\\o/t\né", "m": {"x": 1, "y": {"z": [1, "2", null]}, "p.q": 4}, "n": 5, "d": 1.0, "d2": 1e10,
                "l": ["p", "q"], "yes": true, "no": false, "zero": 0, "empty": "", "none": [], "s": "str",
                "ll": [[1, 2], [3]], "ml": [{"k": 1}, {"k": 2, "last": true}], "nul": null, "x.y": 7,
            },
        }),+ $(; differs: $why)?)
    };
}

fn books() -> Setup {
    let documents = json!([
        {"n": 1, "t": "red sea"}, {"n": 2, "t": "blue sea"}, {"n": 3, "t": "red sky"},
    ]);
    Setup::index("books", json!({}), documents)
}

/// A stored template.
fn stored(setup: Setup, id: &str, source: Value) -> Setup {
    let body = json!({"script": {"lang": "mustache", "source": source}});
    setup.and_then(&format!("PUT /_scripts/{id}"), body)
}

#[test]
fn a_variable_is_printed_for_a_string_of_json() {
    makes!(
        "{{a}}",
        "{{n}}",
        "{{d}}",
        "{{d2}}",
        "{{yes}}",
        "{{m}}",
        "{{l}}",
        "{{missing}}|{{nul}}|{{empty}}",
        "{{ s }}",
        "{{m.x}}",
        "{{m.y.z.1}}",
        "{{m.nope}}",
        "{{x.y}}",
        "{{l.1}}",
        "{{l.size}}",
        "{{l.x}}",
        "{{ll.0.1}}",
        "{{s.length}}",
        "{{{s}}}",
        "{{&s}}",
        "{{! a note }}",
        "{{=<% %>=}}<% s %>",
        "{{s}}}",
        "{{ s . length }}"
    );
}

#[test]
fn a_section_is_printed_for_each_or_not_at_all() {
    makes!(
        "{{#l}}<{{.}}>{{/l}}",
        "{{#yes}}{{.}}{{/yes}}{{#no}}no{{/no}}{{#zero}}zero{{/zero}}{{#empty}}e{{/empty}}{{#none}}n{{/none}}{{#nul}}u{{/nul}}",
        "{{^yes}}y{{/yes}}{{^no}}no{{/no}}{{^zero}}zero{{/zero}}{{^empty}}e{{/empty}}{{^none}}n{{/none}}{{^nope}}u{{/nope}}",
        "{{#m}}{{x}}{{n}}{{y.z.0}}{{/m}}",
        "{{#ll}}{{#.}}{{.}},{{/.}};{{/ll}}",
        "{{#ml}}{{k}}{{^last}},{{/last}}{{/ml}}",
        "{{#l}}{{m.x}}{{/l}}",
        "{{$block}}y{{/block}}{{%PRAGMA}}",
        "{{# s }}{{.}}{{/ s }}"
    );
}

#[test]
fn lists_and_objects_are_printed_as_json_or_joined_or_for_urls() {
    makes!(
        "{{#join}}l{{/join}}|{{#join}}s{{/join}}|{{#JOIN}}l{{/JOIN}}",
        "{{#join delimiter='||'}}l{{/join delimiter='||'}}",
        "{{#url}}{{s}} b/?é{{/url}}",
        "{{#toJson}}n{{/toJson}}{{#toJson}}nope{{/toJson}}{{#toJson}}{{s}}{{/toJson}}"
    );
}

#[test]
fn json_of_a_parameter_stands_as_a_value() {
    asks!(Setup::nothing(),
        "GET /_render/template" => {
            "source": "{\"l\": {{#toJson}}l{{/toJson}}, \"m\": {{#tojson}}m.y{{/tojson}}}",
            "params": {"l": [1, "a", null], "m": {"y": {"z": true}}},
        }
    );
}

#[test]
fn what_is_no_template_is_refused() {
    makes!(
        "{{#s}}x",
        "x{{/s}}",
        "{{#s}}x{{/t}}",
        "{{s",
        "{{}}",
        "{{> p}}",
        "{{<p}}{{/p}}",
        "{{#toJson}}a b{{s}}{{/toJson}}",
        "{{#join delimiter='x'}}l{{/join}}",
        "{{=<%=}}"
    );
}

#[test]
fn a_position_that_is_not_there_is_refused() {
    makes!("{{l.9}}"; differs: "Elasticsearch prints where its template is in memory, and hides the cause behind it");
}

#[test]
fn a_template_searches() {
    asks!(books(),
        "GET /books/_search/template" => {"source": {"query": {"match": {"t": "{{word}}"}}}, "params": {"word": "red"}},
        "GET /books/_search/template" => {
            "source": "{\"query\": {\"terms\": {\"n\": {{#toJson}}ns{{/toJson}}}}{{#size}}, \"size\": {{size}}{{/size}}}",
            "params": {"ns": [1, 3], "size": 1},
        },
        "POST /_search/template" => {"source": "{\"size\": 0}"},
        "POST /_search/template?rest_total_hits_as_int=true" => {"inline": {"size": 0}},
        "POST /_search/template?typed_keys=true" => {"template": {"size": 0, "aggs": {"m": {"max": {"field": "n"}}}}},
        "GET /books/_search/template" => {"source": {"query": {"term": {"n": 1}}, "explain": true}}
    );
}

#[test]
fn a_search_is_explained_where_the_request_of_its_template_says_so() {
    asks!(books(),
        "GET /books/_search/template" => {"source": {"query": {"term": {"n": 1}}}, "explain": true},
        "GET /books/_search/template" => {"source": {"query": {"term": {"n": 1}}}, "explain": "yes"}
    );
}

#[test]
fn a_stored_template_searches_and_is_rendered() {
    let setup = stored(books(), "by_word", json!({"query": {"match": {"t": "{{word}}"}}}));
    asks!(stored(setup, "text", json!("{\"size\": {{size}}{{^size}}0{{/size}}}")),
        "GET /_scripts/by_word",
        "GET /books/_search/template" => {"id": "by_word", "params": {"word": "blue"}},
        "GET /_render/template/by_word" => {"params": {"word": "blue"}},
        "GET /_render/template" => {"id": "text", "params": {}},
        "GET /books/_search/template" => {"id": "nope"},
        "GET /books/_search/template" => {"id": "nope", "source": {"size": 0}},
        "DELETE /_scripts/by_word",
        "GET /_render/template/by_word" => {}
    );
}

#[test]
fn a_stored_template_says_what_its_values_are_put_into() {
    asks!(Setup::nothing(),
        "PUT /_scripts/plain" => {"script": {"lang": "mustache", "source": "{\"r\": {{a}}}", "options": {"content_type": "text/plain"}}},
        "PUT /_scripts/form" => {"script": {"lang": "mustache", "source": "{\"r\": \"{{a}}\"}",
            "options": {"content_type": "application/x-www-form-urlencoded"}}},
        "GET /_render/template/plain" => {"params": {"a": "[\"x y\"]"}},
        "GET /_render/template/form" => {"params": {"a": "x y\\z&"}}
    );
}

#[test]
fn a_stored_template_is_read_when_it_is_put_for_its_context_and_not_before() {
    asks!(Setup::nothing(),
        "PUT /_scripts/bad" => {"script": {"lang": "mustache", "source": "{{#a}}"}},
        "PUT /_scripts/bad/template" => {"script": {"lang": "mustache", "source": "{{#a}}"}},
        "GET /_render/template/bad" => {}
    );
}

#[test]
fn what_is_wrong_with_the_request_of_a_template_is_told() {
    asks!(books(),
        "GET /books/_search/template" => {},
        "GET /books/_search/template",
        "GET /books/_search/template" => {"source": ""},
        "GET /books/_search/template" => {"params": {}},
        "GET /books/_search/template" => {"foo": 1},
        "GET /books/_search/template" => {"source": 1},
        "GET /books/_search/template" => {"inline": ["a"]},
        "GET /books/_search/template" => {"source": {"size": 0}, "params": 3},
        "GET /books/_search/template" => {"id": 3},
        "GET /books/_search/template" => {"source": "[1]"},
        "GET /books/_search/template" => {"source": "{\"foo\": 1}"},
        "GET /nope/_search/template" => {"source": {"size": 0}},
        "GET /books/_search/template?foo=1" => {"source": {"size": 0}},
        "GET /_render/template" => {},
        "GET /_render/template",
        "GET /_render/template/nope",
        "GET /_render/template/nope" => {}
    );
}

#[test]
fn what_a_template_makes_is_read_strictly() {
    asks!(books(),
        "GET /books/_search/template" => {"source": "not json"},
        "GET /books/_search/template" => {"source": "{\"size\": 0, \"size\": 1}"},
        "GET /books/_search/template" => {"source": "{\"size\": 0}{\"x\": 1}"};
        differs: "a body is read by one strict reader, whose words are its own, and that looks behind its end"
    );
}

#[test]
fn templates_are_searched_one_by_one() {
    asks!(stored(books(), "by_word", json!({"query": {"match": {"t": "{{word}}"}}})),
        "POST /_msearch/template" => [
            {"index": "books"}, {"id": "by_word", "params": {"word": "red"}},
            {"index": "nope"}, {"id": "by_word", "params": {"word": "red"}},
            {"index": "books"}, {"id": "nope"},
            {"index": "books"}, {"source": "{{#a}}"},
            {"index": "books"}, {"source": "{\"foo\":1}"},
            {}, {"source": {"size": 0}},
        ],
        "POST /books/_msearch/template" => [{}, {"source": {"size": 0}}],
        "POST /books/_msearch/template?rest_total_hits_as_int=true&typed_keys=true" => [
            {}, {"source": {"size": 0, "aggs": {"m": {"max": {"field": "n"}}}}},
        ],
        "POST /books/_msearch/template" => [{}, {"params": {}}],
        "POST /books/_msearch/template" => [{}, {"foo": 1}],
        "POST /books/_msearch/template" => [{"x": 1}, {"source": {"size": 0}}]
    );
}
