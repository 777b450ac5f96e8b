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
