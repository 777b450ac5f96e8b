//! `date_histogram`: buckets of one length of time.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn calendar_months_begin_with_their_first_day() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "month",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn a_calendar_unit_may_be_written_short() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "1M",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn years_fill_their_gaps() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_histogram": {"field": "released", "calendar_interval": "year"}}}
    });
}

#[test]
fn quarters_begin_with_their_first_month() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "1q",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn weeks_begin_on_monday() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "week",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn days_are_calendar_days() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "day",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn hours_and_minutes_are_calendar_units_too() {
    asks!(
        films(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "released",
                        "calendar_interval": "hour",
                        "min_doc_count": 1
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "released",
                        "calendar_interval": "minute",
                        "min_doc_count": 1
                    }
                }
            }
        }
    );
}

#[test]
fn several_calendar_units_are_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_histogram": {"field": "released", "calendar_interval": "2M"}}}
    });
}

#[test]
fn an_unknown_calendar_unit_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_histogram": {"field": "released", "calendar_interval": "decade"}}}
    });
}

#[test]
fn a_fixed_interval_counts_from_1970() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "fixed_interval": "100d",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn a_fixed_interval_takes_hours() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "fixed_interval": "36h",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn a_fixed_month_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_histogram": {"field": "released", "fixed_interval": "1M"}}}
    });
}

#[test]
fn a_fixed_interval_of_zero_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {"x": {"date_histogram": {"field": "released", "fixed_interval": "0d"}}}
        }
    );
}

#[test]
fn both_intervals_are_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "released",
                        "fixed_interval": "1d",
                        "calendar_interval": "day"
                    }
                }
            }
        }
    );
}

#[test]
fn no_interval_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"date_histogram": {"field": "released"}}}}
    );
}

#[test]
fn the_old_interval_takes_calendar_units() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {"field": "released", "interval": "year", "min_doc_count": 1}
            }
        }
    });
}

#[test]
fn the_old_interval_takes_fixed_lengths() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {"field": "released", "interval": "90d", "min_doc_count": 1}
            }
        }
    });
}

#[test]
fn a_format_prints_the_keys() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "format": "yyyy",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn an_unknown_format_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "released",
                        "calendar_interval": "year",
                        "format": "nonsense"
                    }
                }
            }
        }
    );
}

#[test]
fn a_time_zone_moves_the_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "day",
                    "time_zone": "-05:00",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn a_time_zone_may_be_a_place_with_summer_time() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "month",
                    "time_zone": "America/New_York",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn a_time_zone_that_is_none_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "released",
                        "calendar_interval": "month",
                        "time_zone": "Nowhere/Land"
                    }
                }
            }
        }
    );
}

#[test]
fn an_offset_moves_the_begin() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "day",
                    "offset": "+6h",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn an_offset_moves_the_begin_back() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "day",
                    "offset": "-6h",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn keyed_buckets_go_by_their_text() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "keyed": true,
                    "format": "yyyy",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn order_by_key_goes_down() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "order": {"_key": "desc"},
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn order_by_count() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "order": {"_count": "desc"},
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn extended_bounds_add_empty_buckets() {
    search!(films(), {
        "size": 0,
        "query": {"range": {"released": {"gte": "2024"}}},
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "extended_bounds": {"min": "2022", "max": "2026"}
                }
            }
        }
    });
}

#[test]
fn extended_bounds_take_the_format() {
    search!(films(), {
        "size": 0,
        "query": {"range": {"released": {"gte": "2024"}}},
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "format": "dd.MM.yyyy",
                    "extended_bounds": {"min": "01.01.2023", "max": "01.01.2025"}
                }
            }
        }
    });
}

#[test]
fn extended_bounds_that_do_not_fit_the_format_are_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "format": "yyyy",
                    "extended_bounds": {"min": "01.01.2023"}
                }
            }
        }
    });
}

#[test]
fn hard_bounds_leave_out_what_is_beyond() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "hard_bounds": {"min": "2004", "max": "2011"}
                }
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
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "missing": "1990-05-05",
                    "min_doc_count": 1
                }
            }
        }
    });
}

#[test]
fn nothing_has_no_buckets() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"date_histogram": {"field": "released", "calendar_interval": "year"}}}
    });
}

#[test]
fn a_field_that_is_not_mapped_has_no_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_histogram": {"field": "nowhere", "calendar_interval": "year"}}}
    });
}

#[test]
fn a_number_is_read_as_milliseconds() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {"x": {"date_histogram": {"field": "votes", "calendar_interval": "year"}}}
        }
    );
}

#[test]
fn a_keyword_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"date_histogram": {"field": "genre", "calendar_interval": "year"}}}
    });
}

#[test]
fn min_doc_count_below_zero_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "released",
                        "calendar_interval": "year",
                        "min_doc_count": -1
                    }
                }
            }
        }
    );
}

#[test]
fn metrics_are_told_with_each_bucket() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "min_doc_count": 1
                },
                "aggs": {"v": {"sum": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn it_nests_in_terms() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "t": {
                "terms": {"field": "genre"},
                "aggs": {
                    "x": {
                        "date_histogram": {
                            "field": "released",
                            "calendar_interval": "year",
                            "format": "yyyy",
                            "min_doc_count": 1
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "date_histogram": {
                    "field": "released",
                    "calendar_interval": "year",
                    "surprise": 1
                }
            }
        }
    });
}
