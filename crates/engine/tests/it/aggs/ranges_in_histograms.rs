//! `histogram` and `date_histogram` of fields of ranges.

use serde_json::json;

use crate::cases::{Setup, search};

fn spans() -> Setup {
    Setup::index(
        "spans",
        json!({"mappings": {"properties": {
            "days": {"type": "date_range", "format": "yyyy-MM-dd"}, "whole": {"type": "integer_range"}, "part": {"type": "double_range"},
            "single": {"type": "float_range"}, "long": {"type": "long_range"}, "net": {"type": "ip_range"}
        }}}),
        json!([
            {"days": {"gte": "2015-05-10", "lt": "2015-08-20"}, "whole": {"gte": 1, "lte": 17}, "part": {"gte": 1.5, "lt": 7}},
            {"days": {"gte": "2016-01-10", "lt": "2016-08-20"}, "whole": [{"gte": 5, "lte": 9}, {"gte": -7, "lt": 6}, {"gte": 30, "lte": 31}]},
            {"whole": {"gt": 3, "lt": 8}, "single": {"gte": 0.5, "lte": 2.25}, "long": {"gte": 10, "lte": 40}},
            {"net": "10.0.0.0/24"}, {}
        ]),
    )
}

#[test]
fn a_range_is_in_every_month_that_it_touches() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "days", "calendar_interval": "month"}}}});
}

#[test]
fn hard_bounds_cut_ranges() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "days", "calendar_interval": "month", "hard_bounds": {"min": "2015-06-01", "max": "2016-06-01"}}}}});
}

#[test]
fn hard_bounds_may_be_open() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "days", "calendar_interval": "quarter", "hard_bounds": {"min": "2015-06-15"}}}}});
}

#[test]
fn fixed_intervals_with_an_offset_in_a_zone() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "days", "fixed_interval": "30d", "offset": "1d", "time_zone": "+02:00"}}}});
}

#[test]
fn months_may_have_a_format() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "days", "calendar_interval": "month", "format": "MM/yyyy", "keyed": true, "min_doc_count": 1}}}});
}

#[test]
fn nothing_stands_for_absent_ranges() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "days", "calendar_interval": "month", "missing": "2015-06-01"}}}});
}

#[test]
fn ranges_of_numbers_are_no_dates() {
    search!(spans(), {"size": 0, "aggs": {"x": {"date_histogram": {"field": "whole", "calendar_interval": "month"}}}});
}

#[test]
fn a_range_is_in_every_interval_that_it_touches() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "whole", "interval": 5}}}});
}

#[test]
fn hard_bounds_cut_ranges_of_numbers() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "whole", "interval": 5, "hard_bounds": {"min": 0, "max": 10}}}}});
}

#[test]
fn ranges_of_fractions() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "part", "interval": 2, "offset": 1}}}});
}

#[test]
fn ranges_of_single_precision() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "single", "interval": 0.5, "min_doc_count": 1}}}});
}

#[test]
fn ranges_of_long_numbers() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "long", "interval": 10}}}});
}

#[test]
fn ranges_of_addresses_are_no_numbers() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "net", "interval": 10}}}});
}

#[test]
fn ranges_of_dates_are_numbers_too() {
    search!(spans(), {"size": 0, "aggs": {"x": {"histogram": {"field": "days", "interval": 2592000000u64}}}});
}
