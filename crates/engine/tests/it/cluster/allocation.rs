//! `_cluster/reroute` and `_cluster/allocation/explain`.

use serde_json::json;

use crate::cases::{Setup, asks};

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
