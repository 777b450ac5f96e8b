//! `_cluster/reroute` and `_cluster/allocation/explain`.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::domain::Domain;

fn one() -> Setup {
    Setup::index("a", json!({"settings": {"number_of_replicas": 0}}), json!([]))
}

#[test]
fn an_empty_reroute_is_acknowledged() {
    asks!(
        one(),
        "POST /_cluster/reroute?filter_path=acknowledged,explanations" => {},
        "POST /_cluster/reroute?explain&filter_path=acknowledged,explanations" => {"commands": []}
    );
}

#[test]
fn commands_on_other_nodes_are_refused() {
    asks!(
        one(),
        "POST /_cluster/reroute" => {"commands": [{"cancel": {"index": "a", "shard": 0, "node": "x"}}]},
        "POST /_cluster/reroute" => {"commands": [{"move": {"index": "a", "shard": 0, "from_node": "x", "to_node": "y"}}]},
        "POST /_cluster/reroute" => {"bogus": []}
    );
}

#[test]
fn a_shard_that_is_not_there_has_no_explanation() {
    asks!(
        one(),
        "POST /_cluster/allocation/explain" => {"index": "nope", "shard": 0, "primary": true},
        "POST /_cluster/allocation/explain" => {"index": "a"},
        "POST /_cluster/allocation/explain" => {"index": "a", "shard": 9, "primary": true}
    );
}

#[test]
fn a_copy_too_many_is_explained() {
    asks!(
        Setup::index("b", json!({}), json!([])),
        "POST /_cluster/allocation/explain?filter_path=index,shard,primary,current_state,can_allocate,allocate_explanation,node_allocation_decisions.node_decision,node_allocation_decisions.deciders.decider" => {"index": "b", "shard": 0, "primary": false},
        "POST /_cluster/allocation/explain?filter_path=index,shard,primary,current_state,can_remain_on_current_node,can_rebalance*" => {"index": "b", "shard": 0, "primary": true}
    );
}

#[test]
fn a_shard_stays_where_it_is() {
    asks!(
        one(),
        "GET /_cluster/health/a?wait_for_status=green&filter_path=status",
        "POST /_cluster/reroute?explain&filter_path=acknowledged,explanations.command,explanations.parameters.index,explanations.parameters.a*,explanations.decisions.d*" => {"commands": [
            {"cancel": {"index": "a", "shard": 0, "node": "_local"}},
            {"cancel": {"index": "a", "shard": 1, "node": "_local"}},
            {"move": {"index": "a", "shard": 1, "from_node": "_local", "to_node": "_local"}},
            {"allocate_empty_primary": {"index": "a", "shard": 0, "node": "_local", "accept_data_loss": true}},
            {"cancel": {"index": "a", "shard": 0, "node": "_local", "allow_primary": true}}
        ]},
        "POST /_cluster/reroute?dry_run" => {"commands": [{"allocate_replica": {"index": "a", "shard": 0, "node": "_local"}}]},
        "GET /_cluster/health/a?wait_for_status=green&filter_path=status",
        "POST /_cluster/reroute" => {"commands": [{"cancel": {"index": "nope", "shard": 0, "node": "_local"}}]},
        "POST /_cluster/reroute" => {"commands": [{"allocate_replica": {"index": "a", "shard": 7, "node": "_local"}}]}
    );
}

#[test]
fn a_move_is_refused_and_explained_only_when_asked() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", r#"{"settings":{"number_of_replicas":0}}"#);
    let body = r#"{"commands":[{"move":{"index":"a","shard":0,"from_node":"_local","to_node":"_local"}}]}"#;
    for line in ["POST /_cluster/reroute", "POST /_cluster/reroute?dry_run=true"] {
        let (status, reason) = domain.refused(line, body);
        assert_eq!(status, 400, "{line}");
        assert!(reason.contains("since its not allowed, reason: [NO(this shard is"), "{reason}");
    }
    let told = domain.ok("POST /_cluster/reroute?explain", body);
    assert_eq!(told["explanations"][0]["decisions"][0]["decider"], "same_shard");
}
