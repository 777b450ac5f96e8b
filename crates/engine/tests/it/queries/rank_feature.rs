//! `rank_feature`, and the types that it is about.

use crate::cases::{Setup, asks};

fn features() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"p": {"type": "rank_feature"}, "u": {"type": "rank_feature", "positive_score_impact": false}, "t": {"type": "rank_features"}, "n": {"type": "long"}}}}),
        serde_json::json!([{"p": 8, "u": 22, "t": {"sports": 50, "brazil": 30}}, {"p": 10, "u": 5, "t": {"sports": 35, "formula1": 10}}, {"p": 1, "u": 50, "t": {"politics": 20}}, {"p": "3.5"}, {"t": [{"q": 1}, {"r": 2}]}, {"t": {"a.b": 1}}, {"p": null}]),
    )
}

#[test]
fn the_mean_is_the_pivot_unless_told_otherwise() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "u"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "t.sports"}}, "size": 30}
    );
}

#[test]
fn saturation_has_a_pivot() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "saturation": {"pivot": 8}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "saturation": {}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "u", "saturation": {"pivot": 20}}}, "size": 30}
    );
}

#[test]
fn log_has_a_factor() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "log": {"scaling_factor": 4}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "u", "log": {"scaling_factor": 1}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "log": {"scaling_factor": 0}}}, "size": 30}
    );
}

#[test]
fn sigmoid_has_a_pivot_and_an_exponent() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "sigmoid": {"pivot": 7, "exponent": 0.6}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "u", "sigmoid": {"pivot": 7, "exponent": 0.6}}}, "size": 30}
    );
}

#[test]
fn linear_is_the_value() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "linear": {}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "t.sports", "boost": 2, "linear": {}}}, "size": 30};
        differs: "Elasticsearch 7.10 has no linear function"
    );
}

#[test]
fn a_feature_that_is_nowhere_finds_nothing() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "t.nope"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "zz"}}, "size": 30}
    );
}

#[test]
fn other_fields_are_refused() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "t"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "n"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {}}, "size": 30}
    );
}

#[test]
fn two_functions_are_refused() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "log": {"scaling_factor": 4}, "saturation": {}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"rank_feature": {"field": "p", "saturation": {"pivot": -1}}}, "size": 30}
    );
}

#[test]
fn features_are_asked_by_nothing_else() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"p": 8}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"term": {"t": "sports"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"range": {"p": {"gte": 1}}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "p"}}, "size": 30},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "t"}}, "size": 30},
        "POST /a/_search" => {"sort": ["p"]},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "p"}}}}
    );
}

#[test]
fn what_is_no_feature_is_refused() {
    asks!(
        features(),
        "PUT /a/_doc/20" => {"p": 0},
        "PUT /a/_doc/20" => {"p": -1},
        "PUT /a/_doc/20" => {"p": [1, 2]},
        "PUT /a/_doc/20" => {"p": "x"},
        "PUT /a/_doc/20" => {"t": 5},
        "PUT /a/_doc/20" => {"t": {"a": -1}},
        "PUT /a/_doc/20" => {"t": {"a": {"b": 1}}},
        "PUT /a/_doc/20" => {"t": [{"q": 1}, {"q": 2}]}
    );
}

#[test]
fn features_are_shown() {
    asks!(
        features(),
        "POST /a/_search" => {"_source": false, "fields": ["p", "t"], "size": 2}
    );
}

#[test]
fn each_nested_object_has_its_own_features() {
    let mapping = serde_json::json!({"mappings": {"properties": {"o": {"type": "nested", "properties": {
        "one": {"type": "rank_feature"}, "many": {"type": "rank_features"},
    }}}}});
    asks!(
        Setup::index("n", mapping, serde_json::json!([])),
        "PUT /n/_doc/1?refresh=true" => {"o": [{"one": 1, "many": {"a": 1}}, {"one": 2, "many": {"a": 2}}]},
        "PUT /n/_doc/2?refresh=true" => {"o": [{"one": [1, 2]}]},
        "PUT /n/_doc/3?refresh=true" => {"o": [{"many": [{"a": 1}, {"a": 2}]}]},
        "POST /n/_search" => {"query": {"nested": {"path": "o", "score_mode": "max", "query": {"rank_feature": {"field": "o.many.a", "saturation": {"pivot": 1}}}}}}
    );
}
