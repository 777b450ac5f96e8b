//! `range`: values between bounds.

use crate::cases::search;
use crate::library::films;

#[test]
fn gte_and_lte_include_their_bounds() {
    search!(films(), {
        "query": {"range": {"year": {"gte": 1999, "lte": 2004}}},
        "_source": false
    });
}

#[test]
fn gt_and_lt_exclude_their_bounds() {
    search!(films(), {
        "query": {"range": {"year": {"gt": 1999, "lt": 2024}}},
        "_source": false
    });
}

#[test]
fn one_bound_is_enough() {
    search!(films(), {"query": {"range": {"votes": {"lt": 1}}}, "_source": false});
}

#[test]
fn no_bound_finds_every_value() {
    search!(films(), {"query": {"range": {"votes": {}}}, "_source": false});
}

#[test]
fn a_null_bound_is_none() {
    search!(films(), {"query": {"range": {"votes": {"gte": null, "lt": 5}}}, "_source": false});
}

#[test]
fn from_and_to_include_their_bounds() {
    search!(films(), {
        "query": {"range": {"year": {"from": 1999, "to": 2004}}},
        "_source": false
    });
}

#[test]
fn include_lower_and_include_upper_may_exclude_them() {
    search!(films(), {
        "query": {
            "range": {
                "year": {
                    "from": 1999,
                    "to": 2004,
                    "include_lower": false,
                    "include_upper": false
                }
            }
        }
    });
}

#[test]
fn bounds_the_wrong_way_round_find_nothing() {
    search!(films(), {"query": {"range": {"year": {"gte": 2024, "lte": 1999}}}});
}

#[test]
fn a_fraction_bounds_integers_from_its_side() {
    search!(films(), {
        "query": {"range": {"year": {"gt": 1998.5, "lt": 2004.5}}},
        "_source": false
    });
}

#[test]
fn digits_bound_a_number() {
    search!(films(), {
        "query": {"range": {"year": {"gte": "2004", "lt": "2024"}}},
        "_source": false
    });
}

#[test]
fn a_bound_beyond_the_type_is_no_bound() {
    search!(films(), {
        "query": {"range": {"crew.size": {"gte": -100_000, "lt": 100_000}}},
        "_source": false
    });
}

#[test]
fn a_bound_beyond_the_type_on_the_wrong_side_finds_nothing() {
    search!(films(), {"query": {"range": {"crew.size": {"gt": 40000}}}});
}

#[test]
fn letters_bound_no_number() {
    search!(films(), {"query": {"range": {"year": {"gte": "old"}}}});
}

#[test]
fn doubles_are_bounded() {
    search!(films(), {
        "query": {"range": {"rating": {"gte": 6.25, "lt": 8}}},
        "_source": false
    });
}

#[test]
fn one_of_several_values_is_enough() {
    search!(films(), {
        "query": {"range": {"released": {"gte": "2010-03-01", "lt": "2010-04-01"}}},
        "_source": false
    });
}

#[test]
fn lte_a_month_reaches_to_the_end_of_its_first_day() {
    search!(
        films(),
        {
            "query": {"range": {"released": {"gte": "1999-12", "lte": "1999-12"}}},
            "_source": false
        }
    );
}

#[test]
fn gt_a_year_begins_after_its_first_day() {
    search!(
        films(),
        {"query": {"range": {"released": {"gt": "1999"}}}, "_source": false}
    );
}

#[test]
fn lt_a_year_ends_before_its_begin() {
    search!(films(), {"query": {"range": {"released": {"lt": "1999"}}}});
}

#[test]
fn date_math_adds_and_rounds() {
    search!(films(), {
        "query": {
            "range": {"released": {"gte": "2004-01-01||+1M-12d/d", "lt": "2004-01-20||+1d"}}
        },
        "_source": false
    });
}

#[test]
fn lte_a_rounded_date_reaches_to_the_end_of_its_unit() {
    search!(films(), {
        "query": {"range": {"released": {"lte": "1999-05-05||/y"}}},
        "_source": false
    });
}

#[test]
fn date_math_that_is_none_is_refused() {
    search!(films(), {"query": {"range": {"released": {"gte": "2004-01-01||+1x"}}}});
}

#[test]
fn a_format_of_its_own_reads_the_bounds() {
    search!(films(), {
        "query": {
            "range": {
                "released": {"gte": "01/01/2024", "lte": "31/12/2024", "format": "dd/MM/yyyy"}
            }
        },
        "_source": false
    });
}

#[test]
fn several_formats_are_tried() {
    search!(films(), {
        "query": {
            "range": {
                "released": {"gte": "2004", "lt": "01.02.2010", "format": "yyyy||dd.MM.yyyy"}
            }
        },
        "_source": false
    });
}

#[test]
fn a_format_that_is_none_is_refused() {
    search!(
        films(),
        {"query": {"range": {"released": {"gte": "2004", "format": "nonsense"}}}}
    );
}

#[test]
fn a_bound_that_does_not_fit_the_format_is_refused() {
    search!(films(), {
        "query": {"range": {"released": {"gte": "2004-01-01", "format": "yyyy"}}}
    });
}

#[test]
fn a_time_zone_moves_the_bounds() {
    search!(films(), {
        "query": {
            "range": {
                "released": {
                    "gte": "2024-02-29T05:00:00",
                    "lte": "2024-02-29T05:00:00",
                    "time_zone": "-05:00"
                }
            }
        },
        "_source": false
    });
}

#[test]
fn a_time_zone_may_be_a_place() {
    search!(films(), {
        "query": {
            "range": {
                "released": {
                    "gte": "2024-02-29T11:00:00",
                    "lt": "2024-02-29T11:00:01",
                    "time_zone": "Europe/Berlin"
                }
            }
        },
        "_source": false
    });
}

#[test]
fn a_time_zone_that_is_none_is_refused() {
    search!(
        films(),
        {"query": {"range": {"released": {"gte": "2024", "time_zone": "Nowhere/Land"}}}}
    );
}

#[test]
fn a_time_zone_on_a_number_is_passed_over() {
    search!(
        films(),
        {"query": {"range": {"year": {"gte": 2024, "time_zone": "+01:00"}}}}
    );
}

#[test]
fn epoch_seconds_are_read_by_their_format() {
    search!(films(), {
        "query": {
            "range": {
                "released": {
                    "gte": 1_718_409_600,
                    "lte": "1718409600",
                    "format": "epoch_second"
                }
            }
        },
        "_source": false
    });
}

#[test]
fn keywords_are_bounded_by_their_bytes() {
    search!(films(), {
        "query": {"range": {"genre": {"gte": "a", "lt": "e"}}},
        "_source": false
    });
}

#[test]
fn capitals_come_before_small_letters() {
    search!(films(), {"query": {"range": {"genre": {"lt": "a"}}}, "_source": false});
}

#[test]
fn words_of_a_text_are_bounded() {
    search!(films(), {
        "query": {"range": {"title": {"gt": "fox", "lte": "lazy"}}},
        "_source": false
    });
}

#[test]
fn addresses_are_bounded() {
    search!(films(), {
        "query": {"range": {"addr": {"gte": "10.0.0.0", "lt": "10.0.1.0"}}},
        "_source": false
    });
}

#[test]
fn addresses_of_both_versions_are_in_one_order() {
    search!(films(), {
        "query": {"range": {"addr": {"gt": "10.255.255.255"}}},
        "_source": false
    });
}

#[test]
fn a_block_is_no_bound() {
    search!(films(), {"query": {"range": {"addr": {"gte": "10.0.0.0/8"}}}});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"range": {"nowhere": {"gte": 1}}}});
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"query": {"range": {"kind": {"gte": "t"}}}, "_source": false});
}

#[test]
fn a_relation_is_for_ranges() {
    search!(films(), {
        "query": {"range": {"year": {"gte": 2024, "relation": "within"}}},
        "_source": false
    });
}

#[test]
fn an_unknown_relation_is_refused() {
    search!(
        films(),
        {"query": {"range": {"year": {"gte": 2024, "relation": "beside"}}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"range": {"year": {"gte": 2024, "surprise": 1}}}});
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"range": {"year": {"gte": 2024}, "votes": {"gte": 1}}}});
}

#[test]
fn a_bound_alone_is_refused() {
    search!(films(), {"query": {"range": {"year": 2024}}});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {
        "query": {"range": {"year": {"gte": 2024, "boost": 2}}},
        "_source": false
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"range": {"year": {"gte": 2024, "_name": "new"}}},
        "_source": false
    });
}

#[test]
fn a_field_that_is_not_indexed_is_refused() {
    search!(
        films(),
        {"query": {"range": {"hidden": {"gte": "a"}}}}
    );
}
