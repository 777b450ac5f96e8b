//! `function_score`: scores changed by weights and fields.

use crate::cases::search;
use crate::library::films;

#[test]
fn a_weight_multiplies_the_score() {
    search!(films(), {
        "query": {"function_score": {"query": {"match": {"title": "fox"}}, "weight": 2}},
        "_source": false
    });
}

#[test]
fn a_field_multiplies_the_score() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "field_value_factor": {"field": "rating"}
            }
        },
        "_source": false
    });
}

#[test]
fn a_factor_multiplies_the_field() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "field_value_factor": {"field": "rating", "factor": 0.5},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_log_takes_the_logarithm() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "log"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_log1p_adds_one_before() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "log1p"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_log2p_adds_two_before() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "log2p"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_ln_takes_the_natural_logarithm() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "ln"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_ln1p_adds_one_before() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "ln1p"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_ln2p_adds_two_before() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "ln2p"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_square_multiplies_the_field_with_itself() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "square"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_sqrt_takes_the_root() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "sqrt"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn modifier_reciprocal_turns_the_field_round() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"genre": "drama"}},
                "field_value_factor": {"field": "rating", "modifier": "reciprocal"},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn an_unknown_modifier_is_refused() {
    search!(
        films(),
        {
            "query": {
                "function_score": {
                    "field_value_factor": {"field": "rating", "modifier": "surprise"}
                }
            }
        }
    );
}

#[test]
fn a_missing_value_is_filled() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "brown"}},
                "field_value_factor": {"field": "rating", "missing": 1},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn a_missing_value_that_is_not_filled_is_refused() {
    search!(
        films(),
        {
            "query": {
                "function_score": {
                    "query": {"match": {"title": "brown"}},
                    "field_value_factor": {"field": "rating"}
                }
            }
        }
    );
}

#[test]
fn a_field_that_is_not_mapped_is_refused() {
    search!(
        films(),
        {
            "query": {
                "function_score": {
                    "query": {"match_all": {}},
                    "field_value_factor": {"field": "nowhere"}
                }
            }
        };
        differs: "refused as another type of fault"
    );
}

#[test]
fn a_field_that_is_not_mapped_may_be_filled() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "field_value_factor": {"field": "nowhere", "missing": 3},
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn a_score_below_zero_is_refused() {
    search!(
        films(),
        {
            "query": {
                "function_score": {
                    "query": {"term": {"_id": "2"}},
                    "field_value_factor": {"field": "votes"}
                }
            }
        }
    );
}

#[test]
fn boost_mode_sum_adds_the_score() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "weight": 3,
                "boost_mode": "sum"
            }
        },
        "_source": false
    });
}

#[test]
fn boost_mode_avg_takes_the_middle() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "weight": 3,
                "boost_mode": "avg"
            }
        },
        "_source": false
    });
}

#[test]
fn boost_mode_min_takes_the_less() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "weight": 3,
                "boost_mode": "min"
            }
        },
        "_source": false
    });
}

#[test]
fn boost_mode_max_takes_the_greater() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "weight": 3,
                "boost_mode": "max"
            }
        },
        "_source": false
    });
}

#[test]
fn boost_mode_replace_forgets_the_score() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "weight": 3,
                "boost_mode": "replace"
            }
        },
        "_source": false
    });
}

#[test]
fn an_unknown_boost_mode_is_refused() {
    search!(
        films(),
        {
            "query": {
                "function_score": {
                    "query": {"match_all": {}},
                    "weight": 3,
                    "boost_mode": "surprise"
                }
            }
        }
    );
}

#[test]
fn score_mode_multiply_multiplies_the_functions() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"weight": 2}, {"filter": {"term": {"votes": 120}}, "weight": 5}]
            }
        },
        "_source": false
    });
}

#[test]
fn score_mode_sum_adds_the_functions() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"weight": 2}, {"filter": {"term": {"votes": 120}}, "weight": 5}],
                "score_mode": "sum"
            }
        },
        "_source": false
    });
}

#[test]
fn score_mode_avg_weighs_the_functions() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"weight": 2}, {"filter": {"term": {"votes": 120}}, "weight": 5}],
                "score_mode": "avg"
            }
        },
        "_source": false
    });
}

#[test]
fn score_mode_avg_weighs_fields() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [
                    {"weight": 2, "field_value_factor": {"field": "rating"}},
                    {"weight": 5}
                ],
                "score_mode": "avg"
            }
        },
        "_source": false
    });
}

#[test]
fn score_mode_first_takes_the_first_that_fits() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"filter": {"term": {"votes": 120}}, "weight": 5}, {"weight": 2}],
                "score_mode": "first"
            }
        },
        "_source": false
    });
}

#[test]
fn score_mode_max_takes_the_greatest() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"filter": {"term": {"votes": 120}}, "weight": 5}, {"weight": 2}],
                "score_mode": "max"
            }
        },
        "_source": false
    });
}

#[test]
fn score_mode_min_takes_the_least() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"filter": {"term": {"votes": 120}}, "weight": 5}, {"weight": 2}],
                "score_mode": "min"
            }
        },
        "_source": false
    });
}

#[test]
fn an_unknown_score_mode_is_refused() {
    search!(
        films(),
        {
            "query": {
                "function_score": {
                    "query": {"match_all": {}},
                    "functions": [{"weight": 2}],
                    "score_mode": "surprise"
                }
            }
        }
    );
}

#[test]
fn where_no_function_fits_the_score_stays() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "functions": [{"filter": {"term": {"votes": 999}}, "weight": 5}]
            }
        },
        "_source": false
    });
}

#[test]
fn max_boost_bounds_what_the_functions_come_to() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"weight": 20}],
                "max_boost": 3
            }
        },
        "_source": false
    });
}

#[test]
fn min_score_leaves_out_what_scores_less() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"term": {"year": 1999}},
                "functions": [{"filter": {"term": {"votes": 120}}, "weight": 5}],
                "min_score": 2
            }
        },
        "_source": false
    });
}

#[test]
fn without_a_query_everything_is_scored() {
    search!(films(), {"query": {"function_score": {"weight": 2}}, "_source": false, "size": 2});
}

#[test]
fn no_function_leaves_the_score() {
    search!(films(), {
        "query": {"function_score": {"query": {"match": {"title": "fox"}}}},
        "_source": false
    });
}

#[test]
fn a_function_beside_functions_is_refused() {
    search!(
        films(),
        {"query": {"function_score": {"weight": 2, "functions": [{"weight": 3}]}}}
    );
}

#[test]
fn functions_beside_a_function_are_refused() {
    search!(
        films(),
        {"query": {"function_score": {"functions": [{"weight": 3}], "weight": 2}}}
    );
}

#[test]
fn a_function_without_function_or_weight_is_refused() {
    search!(
        films(),
        {"query": {"function_score": {"functions": [{"filter": {"match_all": {}}}]}}}
    );
}

#[test]
fn an_unknown_function_is_refused() {
    search!(
        films(),
        {"query": {"function_score": {"surprise": {}}}};
        differs: "refused in other words"
    );
}

#[test]
fn a_weight_that_is_a_word_is_refused() {
    search!(films(), {"query": {"function_score": {"weight": "much"}}});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {
            "function_score": {"query": {"term": {"year": 1999}}, "weight": 2, "boost": 3}
        },
        "_source": false
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {
            "function_score": {"query": {"term": {"year": 1999}}, "weight": 2, "_name": "w"}
        },
        "_source": false,
        "size": 1
    });
}

#[test]
fn a_gauss_falls_with_the_distance() {
    search!(films(), {
        "query": {"function_score": {"gauss": {"year": {"origin": 2004, "scale": 10}}}},
        "_source": false
    });
}

#[test]
fn an_exponential_decay_has_an_offset_and_a_decay() {
    search!(films(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "brown"}},
                "exp": {"year": {"origin": "2004", "scale": 10, "offset": 1, "decay": 0.3}}
            }
        },
        "_source": false
    });
}

#[test]
fn a_linear_decay_ends_at_zero() {
    search!(films(), {
        "query": {"function_score": {"linear": {"votes": {"origin": 0, "scale": 50}}}},
        "_source": false
    });
}

#[test]
fn a_decay_of_a_date_is_in_units_of_time() {
    search!(films(), {
        "query": {
            "function_score": {
                "functions": [{
                    "gauss": {"released": {"origin": "2010-03-05", "scale": "900d", "offset": "1d"}},
                    "weight": 2
                }]
            }
        },
        "_source": false
    });
}

#[test]
fn several_values_may_count_as_the_furthest() {
    search!(films(), {
        "query": {
            "function_score": {
                "gauss": {"released": {"origin": "2010-03-01", "scale": "2d"}, "multi_value_mode": "max"}
            }
        },
        "_source": false
    });
}

#[test]
fn a_decay_without_a_scale_is_refused() {
    search!(films(), {"query": {"function_score": {"gauss": {"year": {"origin": 1}}}}});
}

#[test]
fn a_decay_of_an_unknown_field_is_refused() {
    search!(films(), {
        "query": {"function_score": {"gauss": {"nowhere": {"origin": 1, "scale": 1}}}}
    });
}

#[test]
fn a_scale_of_zero_is_refused() {
    search!(films(), {
        "query": {"function_score": {"gauss": {"year": {"origin": 1, "scale": 0}}}}
    });
}

#[test]
fn a_decay_of_one_is_refused() {
    search!(films(), {
        "query": {"function_score": {"gauss": {"year": {"origin": 1, "scale": 1, "decay": 1}}}}
    });
}

#[test]
fn an_offset_below_zero_is_refused() {
    search!(films(), {
        "query": {"function_score": {"gauss": {"year": {"origin": 1, "scale": 1, "offset": -1}}}}
    });
}

#[test]
fn an_unknown_option_of_a_decay_is_refused() {
    search!(films(), {
        "query": {"function_score": {"linear": {"year": {"origin": 1, "scale": 1, "speed": 1}}}}
    });
}

#[test]
fn a_date_without_a_scale_is_refused() {
    search!(films(), {
        "query": {"function_score": {"exp": {"released": {"origin": "2020-01-01"}}}}
    });
}

#[test]
fn a_scale_of_a_date_without_a_unit_is_refused() {
    search!(films(), {
        "query": {"function_score": {"exp": {"released": {"origin": "2020-01-01", "scale": "5"}}}}
    });
}

#[test]
fn two_functions_in_one_place_are_refused() {
    search!(films(), {
        "query": {
            "function_score": {
                "gauss": {"year": {"origin": 1, "scale": 1}},
                "random_score": {}
            }
        }
    });
}

#[test]
fn a_random_score_weighs_nothing_with_weight_zero() {
    search!(films(), {
        "query": {"function_score": {"functions": [{"random_score": {}, "weight": 0}]}},
        "_source": false
    });
}

#[test]
fn a_random_score_is_the_same_for_the_same_seed_and_between_zero_and_one() {
    let domain = crate::domain::Domain::elasticsearch();
    let documents = (0..20).map(|id| format!("{{\"index\":{{\"_id\":{id}}}}}\n{{\"n\":{id}}}\n"));
    domain.ok("POST /r/_bulk?refresh=true", &documents.collect::<String>());
    let ids = |seed: i64, field: &str| -> Vec<(String, u64)> {
        let body = serde_json::json!({"size": 20, "query": {"function_score": {
            "random_score": {"seed": seed, "field": field}}}});
        let answer = domain.ok("POST /r/_search", &body.to_string());
        let hits = answer["hits"]["hits"].as_array().unwrap().clone();
        let score = |hit: &serde_json::Value| hit["_score"].as_f64().unwrap();
        assert!(hits.iter().all(|hit| (0.0..1.0).contains(&score(hit))));
        hits.iter().map(|hit| (hit["_id"].to_string(), score(hit).to_bits())).collect()
    };
    assert_eq!(ids(7, "_seq_no"), ids(7, "_seq_no"));
    assert_ne!(ids(7, "_seq_no"), ids(8, "_seq_no"));
    let mut different = ids(7, "_seq_no").into_iter().map(|(_, score)| score).collect::<Vec<_>>();
    different.sort_unstable();
    different.dedup();
    assert!(different.len() > 15, "{different:?}");
}
