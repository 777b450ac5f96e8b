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
