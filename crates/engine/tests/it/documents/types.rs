//! Mapping types with names of their own, which Elasticsearch 7 still has.

use crate::cases::{Setup, asks};
use serde_json::json;

/// An index of the type `film` with two documents.
fn films() -> Setup {
    Setup::nothing()
        .of_elasticsearch()
        .and_then(
            "PUT /a?include_type_name=true",
            json!({"mappings": {"film": {"properties": {"n": {"type": "long"}, "t": {"type": "text"}}}}}),
        )
        .and_then(
            "POST /a/film/_bulk?refresh=true",
            json!([{"index": {"_id": "1"}}, {"n": 1, "t": "x"}, {"index": {"_id": "2"}}, {"n": 2, "t": "x y"}]),
        )
}

#[test]
fn the_name_is_shown_with_mappings_and_hits() {
    asks!(
        films(),
        "GET /a/_mapping",
        "GET /a/_mapping?include_type_name=true",
        "GET /a/_mapping/film?include_type_name=true",
        "GET /a/_mapping/f*,_doc?include_type_name=true",
        "GET /a/_mapping/_all?include_type_name=true",
        "GET /a/_mapping/_doc?include_type_name=true",
        "GET /a/_mapping/song?include_type_name=true",
        "GET /a/_mapping/field/n?include_type_name=true",
        "GET /a/_mapping/film/field/n?include_type_name=true",
        "GET /a/_mapping/song/field/n?include_type_name=true",
        "GET /a/_mapping/film/field/none?include_type_name=true",
        "POST /a/_search" => {"sort": ["n"]}
    );
}

#[test]
fn documents_are_read_by_their_type_and_by_doc() {
    asks!(
        films(),
        "GET /a/film/1",
        "GET /a/_doc/1",
        "GET /a/_all/1",
        "GET /a/song/1",
        "GET /a/film/9/_source",
        "GET /a/song/1/_source",
        "GET /a/_source/1",
        "POST /a/_mget" => {"ids": ["1", "9"]},
        "POST /a/song/_mget" => {"ids": ["1"]},
        "POST /_mget" => {"docs": [
            {"_index": "a", "_id": "1"},
            {"_index": "a", "_id": "1", "_type": "film"},
            {"_index": "a", "_id": "1", "_type": "_doc"},
            {"_index": "a", "_id": "1", "_type": "song"}
        ]},
        "GET /a/_termvectors/1",
        "GET /a/film/1/_termvectors",
        "GET /a/song/1/_termvectors",
        "GET /a/_explain/1" => {"query": {"match_all": {}}},
        "GET /a/film/1/_explain" => {"query": {"match_all": {}}},
        "GET /a/song/1/_explain" => {"query": {"match_all": {}}}
    );
}

#[test]
fn of_another_type_nothing_is_found() {
    asks!(
        films(),
        "POST /a/film/_search" => {"sort": ["n"]},
        "POST /a/song/_search" => {},
        "POST /a/_doc/_search" => {},
        "POST /a/song,film/_search" => {"sort": ["n"]},
        "POST /a/f*/_search" => {},
        "POST /a/song/_count" => {},
        "POST /a/film/_count" => {},
        "POST /_msearch" => [
            {"index": "a", "type": "song"}, {},
            {"index": "a", "type": ["film"]}, {"sort": ["n"]},
            {"index": "a"}, {"sort": ["n"]}
        ],
        "POST /a/song/_delete_by_query" => {"query": {"match_all": {}}},
        "POST /_search" => {"query": {"term": {"_type": "film"}}, "sort": ["n"]},
        "POST /_search" => {"query": {"term": {"_type": "_doc"}}}
    );
}

#[test]
fn a_write_names_the_type_and_a_second_one_is_refused() {
    asks!(
        Setup::nothing().of_elasticsearch(),
        "PUT /b/film/1" => {"n": 1},
        "PUT /b/song/2" => {"n": 1},
        "PUT /b/_doc/2" => {"n": 2},
        "POST /b/_update/2" => {"doc": {"n": 3}},
        "POST /b/film/2/_update" => {"doc": {"n": 4}},
        "POST /b/song/2/_update" => {"doc": {"n": 4}},
        "DELETE /b/song/1",
        "DELETE /b/film/1",
        "GET /b/_mapping?include_type_name=true",
        "PUT /c" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /c/film/1" => {"n": 1},
        "PUT /d",
        "GET /d/_mapping?include_type_name=true",
        "POST /d/_mget" => {"ids": ["1"]},
        "DELETE /d/film/1",
        "GET /d/_mapping?include_type_name=true",
        "PUT /e/.film/1" => {"n": 1},
        "PUT /e/a%2Cb/1" => {"n": 1},
        "PUT /e/_all/1" => {"n": 1}
    );
}

#[test]
fn the_items_of_a_bulk_are_of_their_own_types() {
    asks!(
        films(),
        "POST /_bulk" => [
            {"index": {"_index": "a", "_type": "film", "_id": "3"}}, {"n": 3},
            {"index": {"_index": "a", "_id": "4"}}, {"n": 4},
            {"index": {"_index": "a", "_type": "song", "_id": "5"}}, {"n": 5},
            {"update": {"_index": "a", "_type": "film", "_id": "3"}}, {"doc": {"n": 6}},
            {"delete": {"_index": "a", "_type": "film", "_id": "4"}}
        ],
        "POST /a/_bulk?type=film" => [{"index": {"_id": "6"}}, {"n": 3}],
        "POST /a/song/_bulk" => [{"index": {"_id": "6"}}, {}],
        "POST /_bulk" => [{"index": {"_index": "a", "_type": "", "_id": "6"}}, {}]
    );
}

#[test]
fn a_mapping_is_put_for_the_type_that_there_is() {
    asks!(
        films(),
        "PUT /a/_mapping/film?include_type_name=true" => {"properties": {"b": {"type": "long"}}},
        "PUT /a/_mapping/film?include_type_name=true" => {"film": {"properties": {"c": {"type": "long"}}}},
        "PUT /a/_mapping/_doc?include_type_name=true" => {"properties": {"d": {"type": "long"}}},
        "PUT /a/_mapping" => {"properties": {"e": {"type": "long"}}},
        "PUT /a/_mapping" => {"film": {"properties": {"f": {"type": "long"}}}},
        "PUT /a/_mapping/song?include_type_name=true" => {"properties": {"g": {"type": "long"}}},
        "GET /a?include_type_name=true&filter_path=*.mappings",
        "PUT /f?include_type_name=true" => {"mappings": {}},
        "GET /f/_mapping?include_type_name=true",
        "PUT /f/_mapping/film?include_type_name=true" => {},
        "GET /f/_mapping?include_type_name=true",
        "PUT /f/_mapping/_doc?include_type_name=true" => {"properties": {"g": {"type": "long"}}},
        "GET /f/_mapping?include_type_name=true"
    );
}

#[test]
fn names_of_types_have_rules() {
    asks!(
        Setup::nothing().of_elasticsearch(),
        "PUT /a?include_type_name=true" => {"mappings": {"_film": {}}},
        "PUT /a?include_type_name=true" => {"mappings": {"a#b": {}}},
        "PUT /a?include_type_name=true" => {"mappings": {"a,b": {}}},
        "PUT /a?include_type_name=true" => {"mappings": {".a": {}}},
        "PUT /a?include_type_name=true" => {"mappings": {"": {}}},
        "PUT /a?include_type_name=true" => {"mappings": {"film": {"properties": {"a": {"type": "none"}}}}},
        "PUT /a?include_type_name=true" => {"mappings": {"properties": {"a": {"type": "keyword"}}}}
    );
}

#[test]
fn a_template_gives_its_type_to_an_index_that_names_none() {
    asks!(
        Setup::nothing().of_elasticsearch().and_then(
            "PUT /_template/t?include_type_name=true",
            json!({"index_patterns": ["t*"], "mappings": {"film": {"properties": {"a": {"type": "long"}}}}})
        ),
        "GET /_template/t",
        "GET /_template/t?include_type_name=true",
        "PUT /t1" => {"mappings": {"properties": {"b": {"type": "long"}}}},
        "PUT /t2?include_type_name=true" => {"mappings": {"song": {"properties": {"b": {"type": "long"}}}}},
        "PUT /t3",
        "PUT /t4/_doc/1" => {"a": 1},
        "GET /t*/_mapping?include_type_name=true",
        "DELETE /_template/t"
    );
}

#[test]
fn a_copy_is_of_the_type_that_its_destination_names() {
    asks!(
        films(),
        "POST /_reindex?refresh=true" => {"source": {"index": "a", "type": "film"}, "dest": {"index": "b", "type": "song"}},
        "POST /_reindex?refresh=true" => {"source": {"index": "a", "type": "song"}, "dest": {"index": "c"}},
        "POST /_reindex?refresh=true" => {"source": {"index": "a"}, "dest": {"index": "d"}},
        "GET /b,d/_mapping?include_type_name=true"
    );
}

#[test]
fn all_types_are_no_type() {
    asks!(
        films(),
        "GET /a/_mapping/_all",
        "GET /a/_mapping/*",
        "GET /a/_mapping/film",
        "GET /_mapping/_all"
    );
}
