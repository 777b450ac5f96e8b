//! `date_range`: a bucket for each stretch of time.

use crate::cases::search;
use crate::library::films;

#[test]
fn from_is_included_and_to_is_not() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {
                    "field": "released",
                    "ranges": [{"to": "2000-01-01"}, {"from": "2000-01-01"}]
                }
            }
        }
    });
}

#[test]
fn a_format_reads_and_prints_the_bounds() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {
                    "field": "released",
                    "format": "yyyy",
                    "ranges": [
                        {"to": "2000"},
                        {"from": "2000", "to": "2010"},
                        {"from": "2010"}
                    ]
                }
            }
        }
    });
}

#[test]
fn date_math_is_read() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {
                    "field": "released",
                    "ranges": [{"from": "2010-02-28||/M", "to": "2010-02-28||+1M/M"}]
                }
            }
        }
    });
}

#[test]
fn a_time_zone_moves_the_bounds() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {
                    "field": "released",
                    "time_zone": "Europe/Berlin",
                    "ranges": [{"from": "2024-02-29T11:00:00", "to": "2024-02-29T12:00:00"}]
                }
            }
        }
    });
}

#[test]
fn keyed_ranges_go_by_their_key() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {
                    "field": "released",
                    "keyed": true,
                    "ranges": [{"key": "old", "to": "2000-01-01"}]
                }
            }
        }
    });
}

#[test]
fn milliseconds_are_read() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {"field": "released", "ranges": [{"from": 1_718_409_600_000i64}]}
            }
        }
    });
}

#[test]
fn the_missing_are_filled() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {
                    "field": "released",
                    "missing": "1990-01-01",
                    "ranges": [{"to": "1995-01-01"}]
                }
            }
        }
    });
}

#[test]
fn a_field_that_is_not_mapped_has_empty_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_range": {"field": "nowhere", "ranges": [{"to": "2000-01-01"}]}}}
    });
}

#[test]
fn a_bound_that_is_no_date_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_range": {"field": "released", "ranges": [{"to": "soon"}]}}}
    });
}

#[test]
fn no_ranges_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"date_range": {"field": "released"}}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_range": {"field": "released", "ranges": [{"to": "2000"}], "surprise": 1}
            }
        }
    });
}
