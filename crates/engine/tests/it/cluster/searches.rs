//! What cluster settings say of searches: which are allowed, and how long and how many cursors live.

use serde_json::{Value, json};

use crate::cases::{Setup, asks};

fn documents() -> Setup {
    let properties = json!({
        "x": {"type": "text"}, "l": {"type": "long"}, "n": {"type": "nested"},
        "j": {"type": "join", "relations": {"a": "b"}}, "q": {"type": "percolator"}
    });
    Setup::index(
        "t",
        json!({"mappings": {"properties": properties}}),
        json!([{"x": "fox", "l": 1}]),
    )
}

#[test]
fn expensive_queries_may_be_turned_off() {
    let query = |query: Value| json!({"query": query, "size": 0});
    let script = json!({"source": "1"});
    asks!(
        documents(),
        "PUT /_cluster/settings" => {"transient": {"search.allow_expensive_queries": "maybe"}},
        "PUT /_cluster/settings" => {"transient": {"search.allow_expensive_queries": false}},
        "POST /t/_search" => (query(json!({"prefix": {"x": "f"}}))),
        "POST /t/_search" => (query(json!({"wildcard": {"x": "f*"}}))),
        "POST /t/_search" => (query(json!({"regexp": {"x": "f.*"}}))),
        "POST /t/_search" => (query(json!({"fuzzy": {"x": "fix"}}))),
        "POST /t/_search" => (query(json!({"range": {"x": {"gte": "a"}}}))),
        "POST /t/_search" => (query(json!({"range": {"l": {"gte": 1}}}))),
        "POST /t/_search" => (query(json!({"nested": {"path": "n", "query": {"match_all": {}}}}))),
        "POST /t/_search" => (query(json!({"nested": {"path": "surprise", "query": {"match_all": {}}}}))),
        "POST /t/_search" => (query(json!({"has_child": {"type": "b", "query": {"match_all": {}}}}))),
        "POST /t/_search" => (query(json!({"has_parent": {"parent_type": "a", "query": {"match_all": {}}}}))),
        "POST /t/_search" => (query(json!({"parent_id": {"type": "b", "id": "1"}}))),
        "POST /t/_search" => (query(json!({"script": {"script": "true"}}))),
        "POST /t/_search" => (query(json!({"script_score": {"query": {"match_all": {}}, "script": script}}))),
        "POST /t/_search" => (query(json!({"percolate": {"field": "q", "document": {"x": "fox"}}}))),
        "POST /t/_search" => (query(json!({"simple_query_string": {"query": "f*", "fields": ["x"]}}))),
        "POST /t/_search" => (query(json!({"query_string": {"query": "x:f*"}}))),
        "POST /t/_search" => (query(json!({"match": {"x": {"query": "fix", "fuzziness": 1}}}))),
        "POST /t/_search" => (query(json!({"match_bool_prefix": {"x": "f"}}))),
        "POST /t/_search" => (query(json!({"match_phrase_prefix": {"x": "f"}}))),
        "POST /t/_search" => (query(json!({"intervals": {"x": {"prefix": {"prefix": "f"}}}}))),
        "POST /t/_search" => (query(json!({"span_multi": {"match": {"prefix": {"x": "f"}}}}))),
        "POST /t/_search" => (query(json!({"prefix": {"_index": "t"}}))),
        "POST /t/_search" => (query(json!({"prefix": {"l": "1"}}))),
        "POST /t/_search" => (query(json!({"prefix": {"surprise": "1"}}))),
        "PUT /_cluster/settings" => {"transient": {"search.*": null}},
        "POST /t/_search" => (query(json!({"prefix": {"x": "f"}}))),
    );
}

#[test]
fn scrolls_may_not_live_longer_than_the_cluster_says() {
    asks!(
        documents(),
        "PUT /_cluster/settings" => {"transient": {"search.max_keep_alive": "1m"}},
        "PUT /_cluster/settings" => {"transient": {"search.max_keep_alive": "x"}},
        "PUT /_cluster/settings" => {"transient": {"search.max_keep_alive": -1}},
        "PUT /_cluster/settings" => {"transient": {"search.default_keep_alive": "25h"}},
        "PUT /_cluster/settings" => {"transient": {"search.default_keep_alive": "1m", "search.max_keep_alive": "90s"}},
        "POST /t/_search?scroll=2m" => {},
        "POST /t/_search?scroll=1m" => {},
        "POST /_search/scroll" => {"scroll": "3m", "scroll_id": "{scroll}"},
        "DELETE /_search/scroll" => {"scroll_id": "{scroll}"},
        "PUT /_cluster/settings" => {"transient": {"search.*": null}},
        "POST /t/_search?scroll=25h" => {},
    );
}

#[test]
fn points_in_time_may_not_live_longer_than_the_cluster_says() {
    asks!(
        documents().of_opensearch(),
        "PUT /_cluster/settings" => {"transient": {"point_in_time.max_keep_alive": "1m"}},
        "PUT /_cluster/settings" => {"transient": {"point_in_time.max_keep_alive": "10m"}},
        "POST /t/_search/point_in_time?keep_alive=20m",
        "PUT /_cluster/settings" => {"transient": {"search.max_open_pit_context": -1}},
        "POST /_search" => {"pit": {"id": "surprise", "keep_alive": "x"}},
        "DELETE /_search/point_in_time" => {},
        "PUT /_cluster/settings" => {"transient": {"point_in_time.*": null}},
    );
}
