//! Every aggregation on 240 documents, and on those of them that a query finds.

use crate::cases::asks;
use crate::library::crowd;

#[test]
fn terms_of_a_keyword() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "section"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section"}}}
        }
    );
}

#[test]
fn terms_of_which_two_are_shown() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section", "size": 2}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section", "size": 2}}}
        }
    );
}

#[test]
fn terms_in_the_order_of_their_keys_backwards() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section", "order": {"_key": "desc"}}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section", "order": {"_key": "desc"}}}}
        }
    );
}

#[test]
fn terms_with_a_value_for_the_missing() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "tags", "missing": "none"}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "tags", "missing": "none"}}}
        }
    );
}

#[test]
fn terms_in_two_orders() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "tags", "order": [{"_count": "asc"}, {"_key": "desc"}]}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "tags", "order": [{"_count": "asc"}, {"_key": "desc"}]}
                }
            }
        }
    );
}

#[test]
fn terms_of_integers() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "small", "size": 3}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "small", "size": 3}}}
        }
    );
}

#[test]
fn terms_of_booleans() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "flag"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "flag"}}}
        }
    );
}

#[test]
fn terms_of_floats() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "rate", "size": 3}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "rate", "size": 3}}}
        }
    );
}

#[test]
fn terms_of_addresses() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "addr", "size": 3}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "addr", "size": 3}}}
        }
    );
}

#[test]
fn terms_of_dates() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "when", "size": 2}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "when", "size": 2}}}
        }
    );
}

#[test]
fn terms_that_a_pattern_includes() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section", "include": "[a-g].*"}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section", "include": "[a-g].*"}}}
        }
    );
}

#[test]
fn terms_that_a_list_excludes() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section", "exclude": ["games", "net"]}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section", "exclude": ["games", "net"]}}}
        }
    );
}

#[test]
fn terms_of_a_field_that_is_not_mapped() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "nowhere"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "nowhere"}}}
        }
    );
}

#[test]
fn terms_with_a_least_count() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section", "min_doc_count": 50}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section", "min_doc_count": 50}}}
        }
    );
}

#[test]
fn terms_with_metrics() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {"p": {"avg": {"field": "price"}}, "s": {"stats": {"field": "n"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {"p": {"avg": {"field": "price"}}, "s": {"stats": {"field": "n"}}}
                }
            }
        }
    );
}

#[test]
fn terms_in_the_order_of_a_metric() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"p": "desc"}, "size": 3},
                    "aggs": {"p": {"max": {"field": "price"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"p": "desc"}, "size": 3},
                    "aggs": {"p": {"max": {"field": "price"}}}
                }
            }
        }
    );
}

#[test]
fn terms_in_the_order_of_a_part_of_a_metric() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"s.avg": "asc"}},
                    "aggs": {"s": {"stats": {"field": "n"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"s.avg": "asc"}},
                    "aggs": {"s": {"stats": {"field": "n"}}}
                }
            }
        }
    );
}

#[test]
fn terms_within_terms() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {
                        "t": {
                            "terms": {"field": "tags"},
                            "aggs": {"m": {"min": {"field": "n"}}}
                        }
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {
                        "t": {
                            "terms": {"field": "tags"},
                            "aggs": {"m": {"min": {"field": "n"}}}
                        }
                    }
                }
            }
        }
    );
}

#[test]
fn terms_of_a_multi_field() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "title.raw", "size": 4}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "title.raw", "size": 4}}}
        }
    );
}

#[test]
fn terms_that_no_document_has() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "o.k", "min_doc_count": 0}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "o.k", "min_doc_count": 0}}}
        }
    );
}

#[test]
fn terms_with_meta() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section"}, "meta": {"a": 1}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section"}, "meta": {"a": 1}}}
        }
    );
}

#[test]
fn avg_of_doubles() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"avg": {"field": "price"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"avg": {"field": "price"}}}
        }
    );
}

#[test]
fn min_of_integers() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"min": {"field": "n"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"min": {"field": "n"}}}
        }
    );
}

#[test]
fn max_of_dates() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"max": {"field": "when"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"max": {"field": "when"}}}
        }
    );
}

#[test]
fn sum_of_integers() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"sum": {"field": "small"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"sum": {"field": "small"}}}
        }
    );
}

#[test]
fn value_count_of_several_values() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"value_count": {"field": "tags"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"value_count": {"field": "tags"}}}
        }
    );
}

#[test]
fn stats_of_doubles() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"stats": {"field": "price"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"stats": {"field": "price"}}}
        }
    );
}

#[test]
fn extended_stats_of_doubles() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"extended_stats": {"field": "price"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"extended_stats": {"field": "price"}}}
        }
    );
}

#[test]
fn stats_of_dates() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"stats": {"field": "when"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"stats": {"field": "when"}}}
        };
        differs: "a date beyond the year 9999 is printed as its milliseconds"
    );
}

#[test]
fn cardinality_of_a_keyword() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"cardinality": {"field": "section"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"cardinality": {"field": "section"}}}
        }
    );
}

#[test]
fn cardinality_of_integers() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"cardinality": {"field": "small"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"cardinality": {"field": "small"}}}
        }
    );
}

#[test]
fn avg_of_a_field_that_is_not_mapped() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"avg": {"field": "nowhere"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"avg": {"field": "nowhere"}}}
        }
    );
}

#[test]
fn avg_with_a_value_for_the_missing() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"avg": {"field": "small", "missing": 10}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"avg": {"field": "small", "missing": 10}}}
        }
    );
}

#[test]
fn sum_of_a_field_that_is_not_mapped() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"sum": {"field": "nowhere"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"sum": {"field": "nowhere"}}}
        }
    );
}

#[test]
fn max_of_booleans() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"max": {"field": "flag"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"max": {"field": "flag"}}}
        }
    );
}

#[test]
fn histogram_of_doubles() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"histogram": {"field": "price", "interval": 250}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"histogram": {"field": "price", "interval": 250}}}
        }
    );
}

#[test]
fn histogram_with_an_offset_and_a_least_count() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "n",
                        "interval": 100,
                        "offset": 30,
                        "min_doc_count": 20
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "n",
                        "interval": 100,
                        "offset": 30,
                        "min_doc_count": 20
                    }
                }
            }
        }
    );
}

#[test]
fn histogram_keyed_with_extended_bounds() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "small",
                        "interval": 2,
                        "keyed": true,
                        "extended_bounds": {"min": -4, "max": 14}
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "small",
                        "interval": 2,
                        "keyed": true,
                        "extended_bounds": {"min": -4, "max": 14}
                    }
                }
            }
        }
    );
}

#[test]
fn histogram_in_the_order_of_counts_with_a_metric() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "price",
                        "interval": 400,
                        "order": {"_count": "desc"}
                    },
                    "aggs": {"a": {"avg": {"field": "n"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "price",
                        "interval": 400,
                        "order": {"_count": "desc"}
                    },
                    "aggs": {"a": {"avg": {"field": "n"}}}
                }
            }
        }
    );
}

#[test]
fn histogram_within_hard_bounds() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "n",
                        "interval": 200,
                        "hard_bounds": {"min": 0, "max": 400}
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "histogram": {
                        "field": "n",
                        "interval": 200,
                        "hard_bounds": {"min": 0, "max": 400}
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_of_months() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"date_histogram": {"field": "when", "calendar_interval": "month"}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"date_histogram": {"field": "when", "calendar_interval": "month"}}}
        }
    );
}

#[test]
fn date_histogram_of_years_in_a_format() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "1y",
                        "format": "yyyy"
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "1y",
                        "format": "yyyy"
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_of_ninety_days() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "fixed_interval": "90d",
                        "min_doc_count": 1
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "fixed_interval": "90d",
                        "min_doc_count": 1
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_of_quarters_at_an_offset_from_utc() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "quarter",
                        "time_zone": "+05:30"
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "quarter",
                        "time_zone": "+05:30"
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_of_months_in_a_place() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "month",
                        "time_zone": "Europe/Berlin",
                        "format": "yyyy-MM-dd HH:mm Z"
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "month",
                        "time_zone": "Europe/Berlin",
                        "format": "yyyy-MM-dd HH:mm Z"
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_of_weeks_moved_by_a_day() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "week",
                        "min_doc_count": 3,
                        "offset": "+1d"
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "week",
                        "min_doc_count": 3,
                        "offset": "+1d"
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_keyed_with_a_metric() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "year",
                        "keyed": true
                    },
                    "aggs": {"s": {"sum": {"field": "n"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "year",
                        "keyed": true
                    },
                    "aggs": {"s": {"sum": {"field": "n"}}}
                }
            }
        }
    );
}

#[test]
fn date_histogram_with_extended_bounds() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "year",
                        "extended_bounds": {"min": "2018", "max": "2024"}
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "calendar_interval": "year",
                        "extended_bounds": {"min": "2018", "max": "2024"}
                    }
                }
            }
        }
    );
}

#[test]
fn date_histogram_by_the_old_interval_backwards() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "interval": "month",
                        "order": {"_key": "desc"}
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_histogram": {
                        "field": "when",
                        "interval": "month",
                        "order": {"_key": "desc"}
                    }
                }
            }
        }
    );
}

#[test]
fn range_with_a_key() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "range": {
                        "field": "n",
                        "ranges": [
                            {"to": 0},
                            {"from": 0, "to": 100},
                            {"from": 50, "key": "big"}
                        ]
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "range": {
                        "field": "n",
                        "ranges": [
                            {"to": 0},
                            {"from": 0, "to": 100},
                            {"from": 50, "key": "big"}
                        ]
                    }
                }
            }
        }
    );
}

#[test]
fn range_keyed_with_a_metric() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "range": {
                        "field": "price",
                        "keyed": true,
                        "ranges": [{"to": 100.5}, {"from": 100.5}]
                    },
                    "aggs": {"a": {"max": {"field": "n"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "range": {
                        "field": "price",
                        "keyed": true,
                        "ranges": [{"to": 100.5}, {"from": 100.5}]
                    },
                    "aggs": {"a": {"max": {"field": "n"}}}
                }
            }
        }
    );
}

#[test]
fn date_range_with_date_math() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_range": {
                        "field": "when",
                        "ranges": [
                            {"to": "2021-01-01"},
                            {"from": "2021-01-01", "to": "2021-01-01||+6M"},
                            {"from": "2021-07"}
                        ]
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_range": {
                        "field": "when",
                        "ranges": [
                            {"to": "2021-01-01"},
                            {"from": "2021-01-01", "to": "2021-01-01||+6M"},
                            {"from": "2021-07"}
                        ]
                    }
                }
            }
        }
    );
}

#[test]
fn date_range_in_a_format() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "date_range": {
                        "field": "when",
                        "format": "MM-yyyy",
                        "ranges": [{"from": "06-2021"}]
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "date_range": {
                        "field": "when",
                        "format": "MM-yyyy",
                        "ranges": [{"from": "06-2021"}]
                    }
                }
            }
        }
    );
}

#[test]
fn filter_with_a_metric() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "filter": {"term": {"section": "games"}},
                    "aggs": {"a": {"avg": {"field": "n"}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "filter": {"term": {"section": "games"}},
                    "aggs": {"a": {"avg": {"field": "n"}}}
                }
            }
        }
    );
}

#[test]
fn filters_by_name() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "filters": {
                        "filters": {
                            "g": {"term": {"section": "games"}},
                            "f": {"match": {"title": "fox"}}
                        }
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "filters": {
                        "filters": {
                            "g": {"term": {"section": "games"}},
                            "f": {"match": {"title": "fox"}}
                        }
                    }
                }
            }
        }
    );
}

#[test]
fn filters_with_a_name_for_the_rest() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "filters": {
                        "filters": [{"term": {"section": "games"}}],
                        "other_bucket_key": "rest"
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "filters": {
                        "filters": [{"term": {"section": "games"}}],
                        "other_bucket_key": "rest"
                    }
                }
            }
        }
    );
}

#[test]
fn missing_counts_those_without() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"missing": {"field": "tags"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"missing": {"field": "tags"}}}
        }
    );
}

#[test]
fn global_counts_all() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"global": {}, "aggs": {"a": {"value_count": {"field": "n"}}}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"global": {}, "aggs": {"a": {"value_count": {"field": "n"}}}}}
        }
    );
}

#[test]
fn filter_and_histogram_within_terms() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {
                        "f": {
                            "filter": {"term": {"flag": true}},
                            "aggs": {"h": {"histogram": {"field": "n", "interval": 500}}}
                        }
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {
                        "f": {
                            "filter": {"term": {"flag": true}},
                            "aggs": {"h": {"histogram": {"field": "n", "interval": 500}}}
                        }
                    }
                }
            }
        }
    );
}

#[test]
fn terms_in_the_order_of_a_metric_in_a_filter() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"f>m": "desc"}},
                    "aggs": {
                        "f": {
                            "filter": {"term": {"flag": true}},
                            "aggs": {"m": {"max": {"field": "n"}}}
                        }
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"f>m": "desc"}},
                    "aggs": {
                        "f": {
                            "filter": {"term": {"flag": true}},
                            "aggs": {"m": {"max": {"field": "n"}}}
                        }
                    }
                }
            }
        }
    );
}

#[test]
fn terms_within_range() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "range": {"field": "n", "ranges": [{"to": 0}, {"from": 0}]},
                    "aggs": {"t": {"terms": {"field": "section", "size": 2}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "range": {"field": "n", "ranges": [{"to": 0}, {"from": 0}]},
                    "aggs": {"t": {"terms": {"field": "section", "size": 2}}}
                }
            }
        }
    );
}

#[test]
fn percentiles_and_deviation_within_a_filter() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "filter": {"prefix": {"title": "fo"}},
                    "aggs": {
                        "p": {"percentiles": {"field": "n"}},
                        "m": {"median_absolute_deviation": {"field": "n"}}
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "filter": {"prefix": {"title": "fo"}},
                    "aggs": {
                        "p": {"percentiles": {"field": "n"}},
                        "m": {"median_absolute_deviation": {"field": "n"}}
                    }
                }
            }
        }
    );
}

#[test]
fn percentiles_of_doubles_not_keyed_and_ranks() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "filter": {"term": {"tags": "a"}},
                    "aggs": {
                        "p": {
                            "percentiles": {
                                "field": "price",
                                "percents": [10, 50, 99.9],
                                "keyed": false
                            }
                        },
                        "r": {"percentile_ranks": {"field": "small", "values": [2, 3.5, 100]}}
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "filter": {"term": {"tags": "a"}},
                    "aggs": {
                        "p": {
                            "percentiles": {
                                "field": "price",
                                "percents": [10, 50, 99.9],
                                "keyed": false
                            }
                        },
                        "r": {"percentile_ranks": {"field": "small", "values": [2, 3.5, 100]}}
                    }
                }
            }
        }
    );
}

#[test]
fn percentiles_of_a_field_that_is_not_mapped() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"percentiles": {"field": "nowhere"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"percentiles": {"field": "nowhere"}}}
        }
    );
}

#[test]
fn top_hits_sorted() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"top_hits": {"size": 2, "sort": [{"n": "asc"}], "_source": ["n"]}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"top_hits": {"size": 2, "sort": [{"n": "asc"}], "_source": ["n"]}}}
        }
    );
}

#[test]
fn top_hits_within_terms() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {
                        "t": {
                            "top_hits": {
                                "size": 1,
                                "sort": [{"n": "desc"}, {"price": "asc"}],
                                "_source": false
                            }
                        }
                    }
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section"},
                    "aggs": {
                        "t": {
                            "top_hits": {
                                "size": 1,
                                "sort": [{"n": "desc"}, {"price": "asc"}],
                                "_source": false
                            }
                        }
                    }
                }
            }
        }
    );
}

#[test]
fn terms_in_the_order_of_a_percentile() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"p.50": "desc"}},
                    "aggs": {"p": {"percentiles": {"field": "n", "percents": [50]}}}
                }
            }
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "terms": {"field": "section", "order": {"p.50": "desc"}},
                    "aggs": {"p": {"percentiles": {"field": "n", "percents": [50]}}}
                }
            }
        }
    );
}

#[test]
fn refused_terms_of_a_text() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "title"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "title"}}}
        }
    );
}

#[test]
fn refused_avg_of_a_keyword() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"avg": {"field": "section"}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"avg": {"field": "section"}}}
        }
    );
}

#[test]
fn refused_unknown_aggregation() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"surprise": {}}}},
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"surprise": {}}}
        }
    );
}

#[test]
fn refused_unknown_option() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"terms": {"field": "section", "surprise": 1}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"terms": {"field": "section", "surprise": 1}}}
        }
    );
}

#[test]
fn refused_interval_of_zero() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"histogram": {"field": "n", "interval": 0}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"histogram": {"field": "n", "interval": 0}}}
        }
    );
}

#[test]
fn refused_two_days_of_a_calendar() {
    asks!(
        crowd(),
        "POST /_search" => {
            "size": 0,
            "aggs": {"x": {"date_histogram": {"field": "when", "calendar_interval": "2d"}}}
        },
        "POST /_search" => {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {"x": {"date_histogram": {"field": "when", "calendar_interval": "2d"}}}
        }
    );
}
