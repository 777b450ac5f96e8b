//! `_cluster/settings`.

use crate::cases::{Setup, asks};
use crate::domain::Domain;

#[test]
fn settings_are_kept_and_taken_back() {
    asks!(
        Setup::nothing(),
        "PUT /_cluster/settings" => {"persistent": {"cluster.routing.allocation.enable": "primaries"}},
        "GET /_cluster/settings?flat_settings",
        "PUT /_cluster/settings" => {"persistent": {"cluster": {"routing.allocation.enable": null}}, "transient": {"cluster.routing.rebalance.enable": "all"}},
        "PUT /_cluster/settings?flat_settings=true" => {"transient": {"cluster*": null}},
        "GET /_cluster/settings"
    );
}

#[test]
fn what_cannot_be_set_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /_cluster/settings" => {"persistent": {"bogus": 1}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.enable": "bogus"}},
        "PUT /_cluster/settings" => {"persistent": {"cluster.name": "bogus"}},
        "PUT /_cluster/settings" => {"persistent": {}, "transient": {}},
        "PUT /_cluster/settings" => {"foo": {}}
    );
}

#[test]
fn a_write_makes_no_index_where_that_is_switched_off() {
    asks!(
        Setup::nothing(),
        "PUT /_cluster/settings" => {"persistent": {"action.auto_create_index": "false"}},
        "PUT /auto-a/_doc/1" => {"a": 1},
        "PUT /_cluster/settings" => {"persistent": {"action.auto_create_index": "+auto-b*,-auto-c*"}},
        "PUT /auto-a/_doc/1" => {"a": 1},
        "PUT /auto-b/_doc/1" => {"a": 1},
        "PUT /auto-c/_doc/1" => {"a": 1},
        "PUT /_cluster/settings" => {"persistent": {"action.auto_create_index": null}}
    );
}

#[test]
fn deletions_may_need_names() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", "{}");
    domain.ok(
        "PUT /_cluster/settings",
        r#"{"persistent":{"action.destructive_requires_name":true}}"#,
    );
    let (status, reason) = domain.refused("DELETE /*", "");
    assert_eq!((status, &*reason), (400, "Wildcard expressions or all indices are not allowed"));
    domain.ok("DELETE /a", "");
}

#[test]
fn a_setting_that_would_mean_something_and_is_not_built_is_refused_by_name() {
    let domain = Domain::opensearch();
    let body = r#"{"persistent":{"indices.query.bool.max_clause_count":5}}"#;
    let (status, reason) = domain.refused("PUT /_cluster/settings", body);
    assert_eq!(status, 501);
    assert!(reason.contains("indices.query.bool.max_clause_count"), "{reason}");
}

#[test]
fn pressure_on_searches_has_modes_and_shares() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /_cluster/settings" => {"persistent": {"search_backpressure.mode": "monitor-only"}},
        "PUT /_cluster/settings" => {"transient": {"search_backpressure.search_task.cancellation_rate": 0.0}},
        "PUT /_cluster/settings" => {"transient": {"search_backpressure.search_shard_task.cancellation_ratio": -1}},
        "PUT /_cluster/settings" => {"transient": {"search_backpressure.search_task.cancellation_ratio": 0.5, "search_backpressure.mode": "enforced"}},
        "PUT /_cluster/settings" => {"transient": {"search_backpressure*": null}}
    );
}

#[test]
fn a_search_goes_to_no_more_shards_than_allowed() {
    asks!(
        Setup::index("a", serde_json::json!({"settings": {"number_of_shards": 1}}), serde_json::json!([{"n": 1}]))
            .and("b", serde_json::json!({"settings": {"number_of_shards": 1}}), serde_json::json!([{"n": 2}])),
        "PUT /_cluster/settings" => {"transient": {"action.search.shard_count.limit": 1}},
        "POST /a,b/_search" => {"_source": false},
        "POST /a/_search" => {"_source": false},
        "PUT /_cluster/settings" => {"transient": {"action.search.shard_count.limit": 0}},
        "PUT /_cluster/settings" => {"transient": {"action.search.shard_count.limit": "many"}},
        "PUT /_cluster/settings" => {"transient": {"action.search.shard_count.limit": null}},
        "POST /a,b/_search" => {"_source": false}
    );
}

#[test]
fn an_index_has_as_many_replicas_as_the_cluster_says() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /_cluster/settings" => {"persistent": {"cluster.default_number_of_replicas": 0}},
        "PUT /a",
        "GET /a/_settings/index.number_of_replicas",
        "PUT /b" => {"settings": {"number_of_replicas": 2}},
        "GET /b/_settings/index.number_of_replicas",
        "PUT /_cluster/settings" => {"persistent": {"cluster.default_number_of_replicas": -1}},
        "PUT /_cluster/settings" => {"persistent": {"cluster.default_number_of_replicas": null}},
        "PUT /c",
        "GET /c/_settings/index.number_of_replicas"
    );
}

#[test]
fn opensearch_may_tell_another_version_and_how_long_phases_took() {
    let domain = Domain::opensearch();
    let number = || domain.ok("GET /", "")["version"]["number"].clone();
    domain.ok("PUT /a", "{}");
    assert_eq!(number(), "2.19.1");
    let set = |on: &str| {
        let body = format!(
            r#"{{"persistent":{{"compatibility.override_main_response_version":{on},"search.phase_took_enabled":{on}}}}}"#
        );
        domain.ok("PUT /_cluster/settings", &body);
    };
    set("true");
    assert_eq!(number(), "7.10.2");
    assert!(domain.ok("POST /a/_search", "")["phase_took"].is_object());
    assert!(domain.ok("POST /a/_search?phase_took=false", "")["phase_took"].is_null());
    set("null");
    assert_eq!(number(), "2.19.1");
    assert!(domain.ok("POST /a/_search", "")["phase_took"].is_null());
}
