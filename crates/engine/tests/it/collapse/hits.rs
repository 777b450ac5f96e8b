//! Hits of which only the best of each value is shown.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn things() -> Setup {
    let kinds = ["a", "b", "c"];
    let thing = |n: usize| {
        let mut thing = json!({"n": n, "f": (n % 3) as f64, "d": format!("2020-01-0{}", 1 + n % 4),
            "t": "w ".repeat(n % 3 + 1), "b": n.is_multiple_of(2), "m": if n == 7 { json!(["p", "q"]) } else { json!("p") }});
        if n < 7 {
            thing["u"] = kinds[n % 3].into();
        }
        thing
    };
    Setup::index(
        "things",
        json!({"mappings": {"properties": {"u": {"type": "keyword"}, "n": {"type": "long"}, "d": {"type": "date"}, "f": {"type": "double"},
            "t": {"type": "text"}, "b": {"type": "boolean"}, "m": {"type": "keyword"}}}}),
        (0..9).map(thing).collect(),
    )
}

#[test]
fn the_best_of_each_keyword_and_of_those_without() {
    search!(things(), {"collapse": {"field": "u"}, "_source": false});
}

#[test]
fn the_best_by_an_order() {
    search!(things(), {"collapse": {"field": "u"}, "_source": false, "sort": [{"n": "desc"}]});
}

#[test]
fn the_best_of_each_number() {
    asks!(things(),
        "POST /things/_search" => {"collapse": {"field": "f"}, "_source": false, "size": 2, "from": 1, "sort": [{"n": "desc"}]},
        "POST /things/_search" => {"collapse": {"field": "n"}, "_source": false, "size": 3, "query": {"match": {"t": "w"}}});
}

#[test]
fn other_types_are_refused() {
    asks!(things(),
        "POST /things/_search" => {"collapse": {"field": "d"}},
        "POST /things/_search" => {"collapse": {"field": "b"}},
        "POST /things/_search" => {"collapse": {"field": "t"}},
        "POST /things/_search" => {"collapse": {"field": "zz"}});
}

#[test]
fn several_values_are_refused() {
    search!(things(), {"collapse": {"field": "m"}});
}

#[test]
fn aggregations_and_totals_are_of_all_hits() {
    search!(things(), {"collapse": {"field": "u"}, "_source": false, "size": 1, "aggs": {"s": {"sum": {"field": "n"}}}});
}

#[test]
fn a_post_filter_comes_first() {
    search!(things(), {"collapse": {"field": "u"}, "_source": false, "post_filter": {"range": {"n": {"gte": 4}}}});
}

#[test]
fn the_value_is_among_the_fields() {
    search!(things(), {"collapse": {"field": "u"}, "_source": false, "docvalue_fields": ["u", "n"], "highlight": {"fields": {"t": {}}}, "query": {"match": {"t": "w"}}});
}

#[test]
fn the_others_are_shown() {
    search!(things(), {"collapse": {"field": "u", "max_concurrent_group_searches": 2,
        "inner_hits": {"name": "x", "size": 2, "sort": [{"n": "asc"}], "_source": ["n"]}}, "_source": false});
}

#[test]
fn the_others_are_shown_in_several_ways() {
    search!(things(), {"query": {"range": {"n": {"gte": 2}}}, "_source": false, "collapse": {"field": "u", "inner_hits": [
        {"name": "x", "size": 1, "_source": false}, {"name": "y", "size": 1, "sort": [{"n": "desc"}], "_source": false}]}});
}

#[test]
fn the_others_are_collapsed_again() {
    search!(things(), {"collapse": {"field": "u", "inner_hits": {"name": "x", "size": 5, "collapse": {"field": "f"}, "_source": false}}, "_source": false});
}

#[test]
fn there_is_no_third_level() {
    search!(things(), {"collapse": {"field": "u", "inner_hits": {"name": "x", "collapse": {"field": "f", "inner_hits": {"name": "z"}}}}});
}

#[test]
fn what_it_does_not_go_with_is_refused() {
    asks!(things(),
        "POST /things/_search" => {"collapse": {"field": "u"}, "search_after": ["a"], "sort": ["u"]},
        "POST /things/_search?scroll=1m" => {"collapse": {"field": "u"}});
}

#[test]
fn what_it_does_not_know_is_refused() {
    asks!(things(),
        "POST /things/_search" => {"collapse": {"field": "u", "foo": 1}},
        "POST /things/_search" => {"collapse": {"field": "u", "max_concurrent_group_searches": 0}},
        "POST /things/_search" => {"collapse": {"field": "u", "inner_hits": {"size": 1}}});
}
