//! Sorting documents that lack the field.

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn the_missing_come_last_going_up() {
    search!(films(), {"sort": [{"rating": "asc"}, {"_doc": "asc"}], "_source": false});
}

#[test]
fn the_missing_come_last_going_down() {
    search!(films(), {"sort": [{"rating": "desc"}, {"_doc": "asc"}], "_source": false});
}

#[test]
fn the_missing_may_come_first_going_up() {
    search!(films(), {
        "sort": [{"rating": {"order": "asc", "missing": "_first"}}, "_doc"],
        "_source": false
    });
}

#[test]
fn the_missing_may_come_first_going_down() {
    search!(films(), {
        "sort": [{"rating": {"order": "desc", "missing": "_first"}}, "_doc"],
        "_source": false
    });
}

#[test]
fn the_missing_of_an_integer_are_told_by_a_bound() {
    search!(
        films(),
        {"sort": [{"year": {"order": "asc"}}, "_doc"], "_source": false, "from": 5}
    );
}

#[test]
fn the_missing_of_a_keyword_are_null() {
    search!(films(), {
        "sort": [{"genre": {"order": "asc"}}, "_doc"],
        "_source": false,
        "from": 5
    });
}

#[test]
fn the_missing_of_a_date() {
    search!(films(), {
        "sort": [{"released": {"order": "desc"}}, "_doc"],
        "_source": false,
        "from": 5
    });
}

#[test]
fn a_value_may_stand_for_the_missing() {
    search!(films(), {
        "sort": [{"rating": {"order": "asc", "missing": 7}}, "_doc"],
        "_source": false
    });
}

#[test]
fn a_word_may_stand_for_the_missing() {
    search!(
        films(),
        {"sort": [{"genre": {"order": "asc", "missing": "e"}}, "_doc"], "_source": false}
    );
}

#[test]
fn a_text_for_the_missing_of_a_date_is_refused() {
    search!(
        films(),
        {
            "sort": [{"released": {"order": "asc", "missing": "2005-01-01"}}, "_doc"],
            "_source": false
        }
    );
}

#[test]
fn a_word_for_the_missing_of_a_number_is_refused() {
    search!(films(), {"sort": [{"rating": {"missing": "soon"}}]});
}

#[test]
fn a_field_that_is_not_mapped_is_refused() {
    search!(films(), {"sort": ["nowhere"]});
}

#[test]
fn unmapped_type_forgives_a_field_that_is_not_mapped() {
    search!(films(), {
        "sort": [{"nowhere": {"unmapped_type": "long"}}, "_doc"],
        "_source": false,
        "size": 2
    });
}

#[test]
fn unmapped_type_of_a_keyword() {
    search!(films(), {
        "sort": [{"nowhere": {"unmapped_type": "keyword"}}, "_doc"],
        "_source": false,
        "size": 2
    });
}

#[test]
fn unmapped_types_sort_as_fields_of_them_do() {
    let sorted = |kind: &str| serde_json::json!({"sort": [{"nowhere": {"unmapped_type": kind}}], "_source": false, "size": 1});
    asks!(films(), "POST /films/_search" => (sorted("integer")), "POST /films/_search" => (sorted("boolean")), "POST /films/_search" => (sorted("date")), "POST /films/_search" => (sorted("date_nanos")), "POST /films/_search" => (sorted("half_float")), "POST /films/_search" => (sorted("ip")));
}

#[test]
fn an_unknown_unmapped_type_is_refused() {
    search!(
        films(),
        {"sort": [{"nowhere": {"unmapped_type": "surprise"}}]}
    );
}

#[test]
fn a_field_that_one_of_two_indices_lacks() {
    search!(Setup::index("a", serde_json::json!({"mappings": {"properties": {"n": {"type": "long"}}}}), serde_json::json!([{"n": 2}, {"n": 1}])).and("b", serde_json::json!({"mappings": {"properties": {"m": {"type": "long"}}}}), serde_json::json!([{"m": 1}])), {
        "sort": [{"n": {"order": "asc", "unmapped_type": "long"}}]
    });
}

/// Documents with values, and a segment of others that have none of them.
fn two_segments() -> Setup {
    let fields = serde_json::json!({"mappings": {"properties": {
        "k": {"type": "keyword"}, "i": {"type": "ip"}, "n": {"type": "long"}
    }}});
    let valued = serde_json::json!([
        {"k": "a", "i": "10.0.0.1", "x": 1},
        {"k": "z", "i": "10.0.0.9", "x": 2},
        {"x": 3}
    ]);
    Setup::index("a", fields, valued).and_then(
        "POST /a/_bulk?refresh=true",
        serde_json::json!([{"index": {"_id": "8"}}, {"x": 4}]),
    )
}

#[test]
fn a_page_begins_beside_the_word_that_stands_for_the_missing() {
    let page = |order: &str, after: &str| serde_json::json!({"sort": [{"k": {"missing": "m", "order": order}}, "x"], "search_after": [after, 0], "_source": false});
    asks!(
        two_segments(),
        "POST /a/_search" => (page("asc", "k")),
        "POST /a/_search" => (page("asc", "m")),
        "POST /a/_search" => (page("asc", "n")),
        "POST /a/_search" => (page("desc", "k")),
        "POST /a/_search" => (page("desc", "m")),
        "POST /a/_search" => (page("desc", "n"))
    );
}

#[test]
fn a_page_begins_beside_the_address_that_stands_for_the_missing() {
    let page = |order: &str, after: &str| serde_json::json!({"sort": [{"i": {"missing": "10.0.0.5", "order": order}}, "x"], "search_after": [after, 0], "_source": false});
    asks!(
        two_segments(),
        "POST /a/_search" => (page("asc", "10.0.0.4")),
        "POST /a/_search" => (page("asc", "10.0.0.5")),
        "POST /a/_search" => (page("asc", "10.0.0.6")),
        "POST /a/_search" => (page("desc", "10.0.0.4")),
        "POST /a/_search" => (page("desc", "10.0.0.6"));
        differs: "the real servers compare the letters of the address with the bytes of others, and fail to print it"
    );
}

#[test]
fn a_scroll_goes_on_past_what_stands_for_the_missing() {
    let all =
        serde_json::json!({"sort": [{"k": {"missing": "m"}}, "x"], "size": 1, "_source": false});
    let next = serde_json::json!({"scroll": "1m", "scroll_id": "{scroll}"});
    asks!(
        two_segments(),
        "POST /a/_search?scroll=1m&filter_path=_scroll_id,hits.hits" => (all),
        "POST /_search/scroll?filter_path=_scroll_id,hits.hits" => (next),
        "POST /_search/scroll?filter_path=_scroll_id,hits.hits" => (next),
        "POST /_search/scroll?filter_path=_scroll_id,hits.hits" => (next),
        "POST /_search/scroll?filter_path=_scroll_id,hits.hits" => (next)
    );
}

#[test]
fn a_number_without_a_sign_stands_for_the_missing_of_a_segment_without_any() {
    let fields = serde_json::json!({"mappings": {"properties": {"u": {"type": "unsigned_long"}}}});
    let setup = Setup::index(
        "a",
        fields,
        serde_json::json!([{"u": 5u64, "x": 1}, {"u": 18446744073709551615u64, "x": 2}]),
    )
    .and_then("POST /a/_bulk?refresh=true", serde_json::json!([{"index": {"_id": "8"}}, {"x": 4}]))
    .of_opensearch();
    let page = |after: u64| serde_json::json!({"sort": [{"u": {"missing": 18446744073709551000u64}}, "x"], "search_after": [after, 0], "_source": false});
    asks!(
        setup,
        "POST /a/_search" => {"sort": [{"u": {"missing": 7}}, "x"], "_source": false},
        "POST /a/_search" => {"sort": [{"u": {"missing": 18446744073709551000u64, "order": "desc"}}, "x"], "_source": false},
        "POST /a/_search" => (page(6)),
        "POST /a/_search" => (page(18446744073709551000u64)),
        "POST /a/_search" => (page(18446744073709551001u64))
    );
}
