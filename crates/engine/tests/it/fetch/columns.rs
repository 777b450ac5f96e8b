//! `docvalue_fields`, `fields` and `stored_fields`.

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn columns_show_their_values_sorted() {
    search!(films(), {
        "query": {"ids": {"values": ["0", "3", "4"]}},
        "_source": false,
        "docvalue_fields": ["tags", "genre", "released"]
    });
}

#[test]
fn a_missing_column_is_not_shown() {
    search!(films(), {
        "query": {"ids": {"values": ["7"]}},
        "_source": false,
        "docvalue_fields": ["tags"]
    });
}

#[test]
fn every_type_has_its_form() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "docvalue_fields": [
            "year", "rating", "votes", "seen", "addr", "crew.size", "crew.director"
        ]
    });
}

#[test]
fn a_date_takes_a_format() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "docvalue_fields": [{"field": "released", "format": "yyyy/MM/dd"}]
    });
}

#[test]
fn a_date_in_milliseconds() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "docvalue_fields": [{"field": "released", "format": "epoch_millis"}]
    });
}

#[test]
fn a_number_takes_a_format() {
    search!(
        films(),
        {
            "query": {"ids": {"values": ["0"]}},
            "_source": false,
            "docvalue_fields": [{"field": "rating", "format": "0.00"}]
        }
    );
}

#[test]
fn a_format_of_a_keyword_is_refused() {
    search!(
        films(),
        {
            "query": {"ids": {"values": ["0"]}},
            "_source": false,
            "docvalue_fields": [{"field": "genre", "format": "0.00"}]
        }
    );
}

#[test]
fn a_pattern_shows_several() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "docvalue_fields": ["crew.*"]
    });
}

#[test]
fn an_alias_is_shown_by_its_own_name() {
    search!(
        films(),
        {"query": {"ids": {"values": ["0"]}}, "_source": false, "docvalue_fields": ["kind"]}
    );
}

#[test]
fn a_text_is_refused() {
    search!(
        films(),
        {"query": {"ids": {"values": ["0"]}}, "_source": false, "docvalue_fields": ["title"]}
    );
}

#[test]
fn a_field_that_is_not_mapped_is_not_shown() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "docvalue_fields": ["nowhere"]
    });
}

#[test]
fn the_url_may_name_columns() {
    asks!(films(), "GET /films/_search?docvalue_fields=year,votes&_source=false&q=_id:0");
}

#[test]
fn an_unknown_key_of_a_column_is_refused() {
    search!(
        films(),
        {"docvalue_fields": [{"field": "year", "surprise": 1}]}
    );
}

#[test]
fn fields_are_taken_from_the_source() {
    search!(films(), {
        "query": {"ids": {"values": ["0", "4"]}},
        "_source": false,
        "fields": ["title", "year", "tags"]
    });
}

#[test]
fn fields_of_dates_take_a_format() {
    search!(films(), {
        "query": {"ids": {"values": ["4"]}},
        "_source": false,
        "fields": [{"field": "released", "format": "yyyy"}]
    });
}

#[test]
fn fields_by_pattern() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": false, "fields": ["c*"]});
}

#[test]
fn fields_that_are_not_mapped_are_not_shown() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "fields": ["nowhere"]
    });
}

#[test]
fn fields_of_a_multi_field() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": false,
        "fields": ["title.raw"]
    });
}

#[test]
fn stored_fields_none_hides_id_and_source() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "stored_fields": "_none_"});
}

#[test]
fn stored_fields_of_what_is_not_stored_show_no_source() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "stored_fields": ["year"]});
}

#[test]
fn stored_fields_may_ask_for_the_source() {
    search!(films(), {"query": {"ids": {"values": ["7"]}}, "stored_fields": ["_source"]});
}

#[test]
fn stored_fields_none_beside_the_source_is_refused() {
    search!(
        films(),
        {"stored_fields": "_none_", "_source": true}
    );
}

/// Ranges of each kind.
fn ranges() -> Setup {
    let fields = serde_json::json!({"mappings": {"properties": {
        "n": {"type": "integer_range"}, "d": {"type": "date_range", "format": "yyyy-MM-dd||epoch_millis"}, "i": {"type": "ip_range"},
        "f": {"type": "float_range"}, "l": {"type": "long_range"}, "o": {"type": "double_range"}
    }}});
    let documents = serde_json::json!([
        {"n": {"gte": 10, "lt": 20}, "d": {"gte": "2020-01-01", "lte": "2020-12-31"}, "i": "10.0.0.0/8", "f": {"gte": 0.1, "lt": 1.5}, "l": {"gt": 5}, "o": {"gte": 1, "lte": 2}},
        {"n": [{"gte": -5, "lt": 2}, {"gte": 1, "lte": 3}], "d": {"gte": "2019-01-01"}, "i": {"gte": "::1", "lte": "::5"}, "f": {"gt": -2, "lte": 0}, "l": {"lte": -3}, "o": null},
        {"x": 1}
    ]);
    Setup::index("r", fields, documents)
}

#[test]
fn fields_shows_ranges_as_they_stand() {
    asks!(
        ranges(),
        "POST /r/_search" => {"_source": false, "fields": ["n", "d", "i", "f", "l", "o"]},
        "POST /r/_search" => {"_source": false, "fields": [{"field": "d", "format": "yyyy"}]}
    );
}

#[test]
fn aggregations_count_ranges() {
    asks!(
        ranges(),
        "POST /r/_search?size=0" => {"aggs": {"a": {"value_count": {"field": "n"}}}},
        "POST /r/_search?size=0" => {"aggs": {"a": {"missing": {"field": "n"}}}},
        "POST /r/_search?size=0" => {"aggs": {"a": {"cardinality": {"field": "n"}}}},
        "POST /r/_search?size=0" => {"aggs": {"a": {"terms": {"field": "n"}}}},
        "POST /r/_search?size=0" => {"aggs": {"a": {"min": {"field": "n"}}}},
        "POST /r/_search?size=0" => {"aggs": {"a": {"avg": {"field": "n"}}}},
        "POST /r/_search?size=0" => {"aggs": {"a": {"histogram": {"field": "n", "interval": 5}}}}
    );
}

#[test]
fn hits_are_not_collapsed_by_ranges() {
    asks!(ranges(), "POST /r/_search" => {"collapse": {"field": "n"}});
}

#[test]
fn words_of_a_text_with_fielddata_are_shown_as_a_column() {
    let mapping = serde_json::json!({"mappings": {"properties": {
        "t": {"type": "text", "fielddata": true}, "plain": {"type": "text"},
        "o": {"type": "nested", "properties": {"t": {"type": "text", "fielddata": true}}},
    }}});
    let documents = serde_json::json!([
        {"t": "red blue red", "o": [{"t": "x y"}, {"t": "z"}]}, {"t": ["green", "blue"]}, {"plain": "none"}, {"t": ""}
    ]);
    asks!(
        Setup::index("w", mapping, documents),
        "POST /w/_search" => {"docvalue_fields": ["t"], "_source": false},
        "POST /w/_search" => {"docvalue_fields": [{"field": "t", "format": "use_field_mapping"}], "_source": false},
        "POST /w/_search" => {"docvalue_fields": [{"field": "t", "format": "#"}], "_source": false},
        "POST /w/_search" => {"docvalue_fields": ["plain"], "_source": false},
        "POST /w/_search" => {"size": 0, "aggs": {"h": {"top_hits": {"docvalue_fields": ["t"], "_source": false}}}},
        "POST /w/_search" => {"query": {"nested": {"path": "o", "query": {"match_all": {}}, "inner_hits": {"docvalue_fields": ["o.t"], "_source": false}}}, "_source": false},
    );
}

#[test]
fn fields_that_every_index_has_are_shown_where_they_have_a_column() {
    asks!(
        films(),
        "POST /films/_search" => {"query": {"ids": {"values": ["0", "3"]}}, "_source": false, "docvalue_fields": ["_seq_no"]},
        "POST /films/_search" => {"query": {"ids": {"values": ["3"]}}, "_source": false, "docvalue_fields": ["_id", "_index"]},
        "POST /films/_search" => {"query": {"ids": {"values": ["3"]}}, "_source": false, "docvalue_fields": ["_version"]},
        "POST /films/_search" => {"query": {"ids": {"values": ["3"]}}, "_source": false, "docvalue_fields": ["_seq*"]}
    );
}

#[test]
fn numbers_of_every_kind_take_a_format() {
    let mapping = serde_json::json!({"mappings": {"properties": {
        "l": {"type": "long"}, "d": {"type": "double"}, "s": {"type": "scaled_float", "scaling_factor": 100}, "h": {"type": "half_float"}, "b": {"type": "boolean"}
    }}});
    let documents = serde_json::json!([{"l": [1234567, -5], "d": [0.125, 2.5], "s": 1.5, "h": 0.25, "b": true}, {"l": 7}]);
    let shown = |field: &str, format: &str| serde_json::json!({"_source": false, "docvalue_fields": [{"field": field, "format": format}]});
    asks!(
        Setup::index("a", mapping, documents),
        "POST /a/_search" => (shown("l", "#,##0")),
        "POST /a/_search" => (shown("d", "0.0")),
        "POST /a/_search" => (shown("s", "000.000")),
        "POST /a/_search" => (shown("h", "0.##E0")),
        "POST /a/_search" => (shown("b", "0")),
        "POST /a/_search" => (shown("l", "'"))
    );
}
