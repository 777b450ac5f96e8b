//! `date`.

use crate::cases::{Setup, asks};

#[test]
fn a_day_is_its_begin() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "2020-02-29"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "sort": ["d"]}
    );
}

#[test]
fn a_year_alone_and_a_month_are_dates() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "2020"},
        "PUT /a/_doc/1?refresh=true" => {"d": "2020-05"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn milliseconds_are_kept() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "2020-01-01T00:00:00.123Z"},
        "PUT /a/_doc/1?refresh=true" => {"d": "2020-01-01T00:00:00.123456Z"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn an_offset_is_moved_to_utc() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "2020-01-01T00:00:00+05:30"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn a_number_is_milliseconds() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": 0},
        "PUT /a/_doc/1?refresh=true" => {"d": -1},
        "PUT /a/_doc/2?refresh=true" => {"d": 1_577_836_800_000i64},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]};
        differs: "a moment before 1970 is taken, as OpenSearch takes it"
    );
}

#[test]
fn digits_of_four_are_a_year() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "1970"},
        "PUT /a/_doc/1?refresh=true" => {"d": 1970},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn a_day_that_is_not_in_its_month_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "2021-02-29"}
    );
}

#[test]
fn words_are_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "yesterday"}
    );
}

#[test]
fn a_boolean_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": true}
    );
}

#[test]
fn an_object_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": {"a": 1}}
    );
}

#[test]
fn an_empty_text_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": ""}
    );
}

#[test]
fn a_format_of_its_own_reads_and_prints() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "format": "dd/MM/yyyy"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": "29/02/2020"},
        "PUT /a/_doc/1?refresh=true" => {"d": "2020-02-29"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "sort": ["d"]},
        "POST /a/_search" => {
            "_source": false,
            "query": {"range": {"d": {"gte": "01/02/2020"}}}
        }
    );
}

#[test]
fn several_formats_are_tried_and_the_first_prints() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "format": "yyyy||epoch_second"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": "2020"},
        "PUT /a/_doc/1?refresh=true" => {"d": 1_577_836_800},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn epoch_seconds_may_have_fractions() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "format": "epoch_second"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": 1577836800.5},
        "PUT /a/_doc/1?refresh=true" => {"d": "1577836800"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn basic_date_is_a_format() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "format": "basic_date"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": "20200229"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn a_format_that_is_none_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date", "format": "nonsense"}}}}
    );
}

#[test]
fn ignore_malformed_passes_over_words() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "ignore_malformed": true}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": "yesterday"},
        "POST /a/_search" => {"sort": ["_doc"]}
    );
}

#[test]
fn null_value_stands_for_null() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "null_value": "2000-01-01"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": null},
        "PUT /a/_doc/1?refresh=true" => {},
        "POST /a/_search" => {"_source": false, "query": {"term": {"d": "2000-01-01"}}}
    );
}

#[test]
fn a_null_value_that_is_none_is_passed_over() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "null_value": "never"}}}
        }
    );
}

#[test]
fn a_week_date_is_a_format() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"d": {"type": "date", "format": "strict_week_date"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"d": "2020-W09-6"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}

#[test]
fn an_unknown_parameter_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date", "surprise": 1}}}}
    );
}

#[test]
fn dates_before_1970_are_kept() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"d": {"type": "date"}}}},
        "PUT /a/_doc/0?refresh=true" => {"d": "1812-06-24"},
        "PUT /a/_doc/1?refresh=true" => {"d": "0001-01-01"},
        "POST /a/_search" => {"_source": false, "sort": ["d"]},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["d"], "sort": ["_doc"]}
    );
}
