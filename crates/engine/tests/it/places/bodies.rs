//! Bodies that are JSON and not what is asked for.

use serde_json::json;

use crate::cases::{Setup, asks};

fn books() -> Setup {
    let properties = json!({"n": {"type": "long"}, "t": {"type": "text"}, "d": {"type": "date"},
        "g": {"type": "geo_point"}, "i": {"type": "ip"}, "o": {"type": "nested"}});
    Setup::index("books", json!({"mappings": {"properties": properties}}), json!([]))
}

#[test]
fn a_query_that_nobody_knows_is_found_in_a_body_of_many_lines() {
    asks!(
        books(),
        "POST /books/_search" => "{\n  \"query\": {\n    \"bool\": {\n      \"must\": [\n        {\"match\": {\"t\": \"ä\"}}, {\"ä\": {}}\n      ]\n    }\n  }\n}",
        "POST /books/_search" => "{\n\t\"query\": {\n\t\t\"mtch\": {\"t\": 1}\n\t}\n}",
        "POST /books/_search" => "{\"query\":\n{\"bool\":\n{\"filter\":\n{\"bool\":\n{\"should\":\n[{\"trm\":{}}]}}}}}",
    );
}

#[test]
fn what_a_query_does_not_take_is_found() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\": {\"match\": {\"t\": {\"query\": \"x\",  \"surprise\": 1}}}}",
        "POST /books/_search" => "{\"query\": {\"term\": {\"n\": {\"value\": 1, \"x\": 2}}}}",
        "POST /books/_search" => "{\"query\": {\"terms\": {\"n\": [1], \"x\": 2}}}",
        "POST /books/_search" => "{\"query\": {\"range\": {\"n\": {\"gtx\": 5}}}}",
        "POST /books/_search" => "{\"query\": {\"bool\": {\"surprise\": []}}}",
        "POST /books/_search" => "{\"query\": {\"bool\": {\"must\": 5}}}",
        "POST /books/_search" => "{\"query\": {\"bool\": {\"boost\": \"abc\"}}}",
        "POST /books/_search" => "{\"query\": {\"match_all\": {\"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"exists\": {\"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"prefix\": {\"t\": {\"value\": \"a\", \"x\": 1}}}}",
        "POST /books/_search" => "{\"query\": {\"wildcard\": {\"t\": {\"value\": \"a\", \"x\": 1}}}}",
        "POST /books/_search" => "{\"query\": {\"fuzzy\": {\"t\": {\"value\": \"a\", \"x\": 1}}}}",
        "POST /books/_search" => "{\"query\": {\"ids\": {\"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"nested\": {\"path\": \"o\", \"query\": {\"match_all\": {}}, \"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"query_string\": {\"query\": \"a\", \"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"simple_query_string\": {\"query\": \"a\", \"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"multi_match\": {\"query\": \"a\", \"fields\": [\"t\"], \"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"constant_score\": {\"filter\": {\"match_all\": {}}, \"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"dis_max\": {\"queries\": [{\"match_all\": {}}], \"x\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"function_score\": {\"x\": 1}}}",
    );
}

#[test]
fn what_a_query_lacks_is_noticed_at_its_end() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\": {\"match\": {}}}",
        "POST /books/_search" => "{\"query\": {\"match\": {\"t\": {}}}}",
        "POST /books/_search" => "{\"query\": {\"exists\": {}}}",
        "POST /books/_search" => "{\"query\": {\"constant_score\": {}}}",
        "POST /books/_search" => "{\"query\": {\"dis_max\": {}}}",
        "POST /books/_search" => "{\"query\": {\"query_string\": {}}}",
        "POST /books/_search" => "{\"query\": {\"multi_match\": {}}}",
        "POST /books/_search" => "{\"query\": {\"boosting\": {}}}",
    );
}

#[test]
fn queries_that_are_no_objects_are_found() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\": []}",
        "POST /books/_search" => "{\"query\": {}}",
        "POST /books/_search" => "{\"query\": \"x\"}",
        "POST /books/_search" => "{\"query\": {\"match\": \"x\"}}",
        "POST /books/_search" => "{\"query\": {\"match_all\": {}, \"term\": {\"n\": 1}}}",
        "POST /books/_search" => "{\"query\": {\"match\": {\"t\": \"x\", \"u\": \"y\"}}}",
        "POST /books/_search" => "{\"query\": {\"bool\": {\"must\": {}}}}",
        "POST /books/_search" => "{\"post_filter\": {\"bool\": {\"must\": [{}]}}}",
    );
}

#[test]
fn what_a_search_does_not_take_is_found() {
    asks!(
        books(),
        "POST /books/_search" => "{\"size\": 1, \"surprise\": 1}",
        "POST /books/_search" => "{\"surprise\": {\"a\": 1}}",
        "POST /books/_search" => "{\"surprise\": [1]}",
        "POST /books/_search" => "{\"surprise\": null}",
        "POST /books/_search" => "{\"highlight\": {\"surprise\": 1}}",
        "POST /books/_search" => "{\"sort\": [{\"n\": {\"surprise\": 1}}]}",
        "POST /books/_search" => "{\"collapse\": {\"field\": \"n\", \"x\": 1}}",
        "POST /books/_search" => "{\"rescore\": {\"x\": 1}}",
        "POST /books/_search" => "{\"suggest\": {\"a\": {\"text\": \"x\", \"term\": {\"field\": \"t\", \"x\": 1}}}}",
        "POST /books/_search" => "{\"script_fields\": {\"a\": {\"scrpt\": \"1\"}}}",
        "POST /books/_search" => "{\"slice\": {\"id\": 0, \"max\": 2, \"x\": 1}}",
        "POST /books/_search" => "{\"_source\": {\"x\": 1}}",
        "POST /books/_search" => "{\"docvalue_fields\": [{\"field\": \"n\", \"x\": 1}]}",
        "POST /books/_count" => "{\"surprise\": 1}",
        "POST /books/_count" => "{\"query\": {\"mtch\": {}}}",
    );
}

#[test]
fn what_an_aggregation_does_not_take_is_found() {
    asks!(
        books(),
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"avrage\": {\"field\": \"n\"}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"terms\": {\"field\": \"n\", \"size\": \"x\"}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"terms\": {\"field\": \"n\", \"size\": -1}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"terms\": []}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {}}}",
        "POST /books/_search" => "{\"aggs\": {\"a[]\": {\"avg\": {}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"filter\": {\"mtch\": {}}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"terms\": {\"field\": \"n\"}, \"avg\": {\"field\": \"n\"}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": 1}}",
        "POST /books/_search" => "{\"aggs\": []}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"terms\": {\"field\": \"n\", \"surprise\": 1}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"histogram\": {\"field\": \"n\", \"interval\": \"x\"}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"range\": {\"field\": \"n\", \"ranges\": [{\"x\": 1}]}}}}",
        "POST /books/_search" => "{\"aggs\": {\"a\": {\"terms\": {\"field\": \"n\"}, \"aggs\": {\"b\": {\"mx\": {}}}}}}",
    );
}

#[test]
fn the_searches_of_an_msearch_count_by_themselves() {
    asks!(
        books(),
        "POST /_msearch" => "{\"index\":\"books\"}\n{\"query\":{\"match_all\":{}}}\n{\"index\":\"books\"}\n{\"query\": {\"mtch\":{}}}\n",
    );
}

#[test]
fn what_a_document_has_of_another_kind_is_found() {
    asks!(
        books(),
        "PUT /books/_doc/1" => "{\"n\": {}}",
        "PUT /books/_doc/1" => "{\n\"t\": {\"a\": 1}}",
        "PUT /books/_doc/1" => "{\"d\": {\"a\": 1}}",
        "PUT /books/_doc/1" => "{\"i\": {\"a\": 1}}",
        "POST /books/_bulk" => "{\"index\":{\"_id\":\"1\"}}\n{\"t\": {\"a\": 1}}\n{\"index\":{\"_id\":\"2\"}}\n{\"n\":{}}\n",
    );
}

#[test]
fn requests_by_query_find_it_too() {
    asks!(
        books(),
        "POST /books/_delete_by_query" => "{\"query\": {\"mtch\": {}}}",
        "POST /books/_update_by_query" => "{\"query\": {\"bool\": {\"x\": 1}}}",
        "POST /_reindex" => "{\"source\": {\"index\": \"books\", \"query\": {\"mtch\": {}}}, \"dest\": {\"index\": \"a\"}}",
        "POST /_reindex" => "{\"source\": {\"index\": \"books\"}, \"dest\": {\"index\": \"a\", \"x\": 1}}",
        "POST /books/_update/1" => "{\"dc\": {}}",
        "POST /books/_update/1" => "{\"doc\": 1}",
    );
}
