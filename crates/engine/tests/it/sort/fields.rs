//! Sorting by a field.

use crate::cases::{Setup, asks, search};
use crate::library::{films, no_films};

#[test]
fn a_number_goes_up_unless_told_otherwise() {
    search!(films(), {"sort": ["votes"], "_source": false});
}

#[test]
fn a_number_goes_down() {
    search!(films(), {"sort": [{"votes": "desc"}], "_source": false});
}

#[test]
fn an_order_may_be_written_out() {
    search!(films(), {"sort": [{"votes": {"order": "desc"}}], "_source": false});
}

#[test]
fn one_key_needs_no_list() {
    search!(films(), {"sort": {"votes": "desc"}, "_source": false});
}

#[test]
fn a_name_alone_needs_no_list() {
    search!(films(), {"sort": "votes", "_source": false});
}

#[test]
fn a_keyword_goes_by_its_bytes() {
    search!(films(), {"sort": [{"genre": "asc"}, {"votes": "asc"}], "_source": false});
}

#[test]
fn a_double_is_sorted() {
    search!(films(), {"sort": [{"rating": "desc"}, "_doc"], "_source": false});
}

#[test]
fn a_date_is_sorted_by_milliseconds() {
    search!(films(), {"sort": [{"released": "asc"}, "_doc"], "_source": false});
}

#[test]
fn a_boolean_is_sorted_false_first() {
    search!(
        films(),
        {"sort": [{"seen": "asc"}, "_doc"], "_source": false}
    );
}

#[test]
fn an_address_is_sorted_and_told_as_text() {
    search!(films(), {"sort": [{"addr": "asc"}, "_doc"], "_source": false});
}

#[test]
fn a_text_is_refused() {
    search!(films(), {"sort": ["title"]});
}

#[test]
fn a_multi_field_is_sorted() {
    search!(films(), {"sort": [{"title.raw": "asc"}, "_doc"], "_source": false});
}

#[test]
fn a_field_in_an_object_is_sorted() {
    search!(
        films(),
        {"sort": [{"crew.size": "desc"}, "_doc"], "_source": false}
    );
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"sort": [{"kind": "asc"}, "_doc"], "_source": false});
}

#[test]
fn the_id_is_sorted() {
    search!(
        films(),
        {"sort": [{"_id": "desc"}], "_source": false, "size": 2}
    );
}

#[test]
fn two_keys_break_ties() {
    search!(
        films(),
        {"sort": [{"year": "asc"}, {"votes": "desc"}], "_source": false}
    );
}

#[test]
fn a_key_twice_is_taken() {
    search!(films(), {"sort": ["year", "year", "_doc"], "_source": false, "size": 2});
}

#[test]
fn a_keyword_without_columns_is_refused() {
    search!(films(), {"sort": ["bare"]});
}

#[test]
fn an_unknown_order_is_refused() {
    search!(
        films(),
        {"sort": [{"votes": "sideways"}]}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(
        films(),
        {"sort": [{"votes": {"surprise": 1}}]}
    );
}

#[test]
fn a_number_is_refused() {
    search!(films(), {"sort": [1]});
}

#[test]
fn an_empty_list_sorts_by_score() {
    search!(films(), {"query": {"match": {"title": "fox"}}, "sort": [], "_source": false});
}

#[test]
fn a_format_is_refused() {
    search!(
        films(),
        {
            "sort": [{"released": {"order": "asc", "format": "yyyy-MM-dd"}}, "_doc"],
            "_source": false
        };
        differs: "OpenSearch's format of a sort is there on both"
    );
}

#[test]
fn numeric_type_lets_a_number_be_sorted_as_another() {
    search!(
        films(),
        {
            "sort": [{"votes": {"order": "asc", "numeric_type": "double"}}],
            "_source": false,
            "size": 2
        }
    );
}

#[test]
fn a_url_may_sort() {
    asks!(films(), "GET /films/_search?sort=votes:desc,_doc&_source=false&size=3");
}

#[test]
fn a_url_may_sort_by_a_name_alone() {
    asks!(films(), "GET /films/_search?sort=votes&_source=false&size=3");
}

#[test]
fn an_unknown_order_in_a_url_is_passed_over() {
    asks!(films(), "GET /films/_search?sort=votes:sideways");
}

#[test]
fn nothing_is_sorted_in_an_empty_index() {
    search!(no_films(), {"sort": ["votes"]});
}

#[test]
fn the_greatest_and_the_least_long_are_sorted() {
    asks!(
        Setup::index("n", serde_json::json!({"mappings": {"properties": {"n": {"type": "long"}}}}), serde_json::json!([{"n": 9_223_372_036_854_775_807i64}, {"n": -9_223_372_036_854_775_807i64}, {"n": 0}, {}])),
        "POST /_search" => {"sort": [{"n": "asc"}]},
        "POST /_search" => {"sort": [{"n": "desc"}]}
    );
}

#[test]
fn small_floats_are_told_by_their_shortest_text() {
    search!(
        Setup::index(
            "a",
            serde_json::json!({"mappings": {"properties": {
                "f": {"type": "float"}, "h": {"type": "half_float"}, "d": {"type": "double"}
            }}}),
            serde_json::json!([{"f": 0.41, "h": 0.22, "d": 0.41}, {"f": 16777217, "h": 65504, "d": 1e300}])
        ),
        {"_source": false, "sort": ["f", "h", "d"]}
    );
}

#[test]
fn a_page_begins_behind_an_id() {
    search!(films(), {"sort": [{"_id": "asc"}], "search_after": ["3"], "_source": false, "size": 2});
}

/// Two indices whose fields have the same names and other types.
fn unlike() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"n": {"type": "long"}, "d": {"type": "date"}, "k": {"type": "keyword"}}}}),
        serde_json::json!([{"n": 3, "d": "2020-01-02T00:00:00.123Z"}, {"n": [1, 9]}, {"k": "x"}]),
    )
    .and(
        "b",
        serde_json::json!({"mappings": {"properties": {"n": {"type": "double"}, "d": {"type": "date_nanos"}}}}),
        serde_json::json!([{"n": 2.5, "d": "2020-01-02T00:00:00.123456Z"}, {"n": 3.25, "d": "2020-01-01T00:00:00Z"}]),
    )
}

#[test]
fn numeric_type_lets_indices_be_sorted_together() {
    asks!(
        unlike(),
        "POST /_search" => {"sort": [{"n": {"numeric_type": "double"}}], "_source": false},
        "POST /_search" => {"sort": [{"n": {"numeric_type": "long"}}], "_source": false},
        "POST /_search" => {"sort": [{"n": {"numeric_type": "double", "mode": "avg", "order": "desc", "missing": "_first"}}], "_source": false},
        "POST /_search" => {"sort": [{"n": {"numeric_type": "double", "missing": 2.75}}], "_source": false},
        "POST /_search" => {"sort": [{"n": {"numeric_type": "double"}}], "search_after": [2.5], "_source": false}
    );
}

#[test]
fn numeric_type_lets_dates_be_sorted_together() {
    asks!(
        unlike(),
        "POST /_search" => {"sort": [{"d": {"numeric_type": "date_nanos"}}], "_source": false},
        "POST /_search" => {"sort": [{"d": {"numeric_type": "date", "order": "desc"}}], "_source": false},
        "POST /_search" => {"sort": [{"d": {"numeric_type": "long"}}], "_source": false}
    );
}

#[test]
fn numeric_type_is_one_of_four_and_of_numbers() {
    asks!(
        unlike(),
        "POST /a/_search" => {"sort": [{"n": {"numeric_type": "short"}}]},
        "POST /a/_search" => {"sort": [{"k": {"numeric_type": "long"}}]}
    );
}
