//! Pipeline aggregations: what is computed of the results of others.

use crate::cases::{asks, search};
use crate::library::{crowd, films, no_films};

/// Months of the crowd, with an aggregation in each and what is computed of it.
macro_rules! months {
    ($inner:tt $(; differs: $why:literal)? $(,)?) => {
        search!(crowd(), {"size": 0, "aggs": {
            "m": {"date_histogram": {"field": "when", "calendar_interval": "quarter"}, "aggs": $inner}
        }} $(; differs: $why)?)
    };
}

#[test]
fn the_average_of_buckets() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"p": {"sum": {"field": "price"}}}},
        "x": {"avg_bucket": {"buckets_path": "s>p"}}
    }});
}

#[test]
fn the_greatest_and_the_least_bucket_are_told_with_their_keys() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"p": {"avg": {"field": "price"}}}},
        "most": {"max_bucket": {"buckets_path": "s>p"}},
        "least": {"min_bucket": {"buckets_path": "s>p"}},
        "all": {"sum_bucket": {"buckets_path": "s>_count"}}
    }});
}

#[test]
fn buckets_with_the_same_value_are_told_together() {
    search!(films(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "genre"}},
        "least": {"min_bucket": {"buckets_path": "s._count"}}
    }});
}

#[test]
fn keys_of_dates_and_numbers_are_told_in_words() {
    search!(crowd(), {"size": 0, "aggs": {
        "d": {"date_histogram": {"field": "when", "calendar_interval": "year", "format": "yyyy"}},
        "n": {"histogram": {"field": "price", "interval": 250}},
        "t": {"terms": {"field": "small"}},
        "f": {"filters": {"filters": {"a": {"term": {"flag": true}}, "b": {"term": {"section": "doc"}}}}},
        "r": {"range": {"field": "n", "ranges": [{"to": 0}, {"from": 0}]}},
        "x1": {"max_bucket": {"buckets_path": "d>_count"}},
        "x2": {"max_bucket": {"buckets_path": "n>_count"}},
        "x3": {"max_bucket": {"buckets_path": "t>_count"}},
        "x4": {"max_bucket": {"buckets_path": "f>_count"}},
        "x5": {"max_bucket": {"buckets_path": "r>_count"}}
    }});
}

#[test]
fn statistics_of_buckets() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"p": {"avg": {"field": "price"}}}},
        "x": {"stats_bucket": {"buckets_path": "s>p"}},
        "e": {"extended_stats_bucket": {"buckets_path": "s>p", "sigma": 3}}
    }});
}

#[test]
fn statistics_of_buckets_take_a_format() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"p": {"avg": {"field": "price"}}}},
        "a": {"avg_bucket": {"buckets_path": "s>p", "format": "0.00"}},
        "m": {"max_bucket": {"buckets_path": "s>p", "format": "#,##0.0"}},
        "x": {"stats_bucket": {"buckets_path": "s>p", "format": "0.0"}},
        "e": {"extended_stats_bucket": {"buckets_path": "s>p", "format": "0.0"}},
        "p": {"percentiles_bucket": {"buckets_path": "s>p", "percents": [50], "format": "0.0"}}
    }});
}

#[test]
fn percentiles_of_buckets_are_values_of_buckets() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "small"}, "aggs": {"p": {"avg": {"field": "price"}}}},
        "x": {"percentiles_bucket": {"buckets_path": "s>p"}},
        "y": {"percentiles_bucket": {"buckets_path": "s>p", "percents": [10, 50.5, 100], "keyed": false}}
    }});
}

#[test]
fn percents_beyond_a_hundred_are_refused() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "small"}},
        "x": {"percentiles_bucket": {"buckets_path": "s>_count", "percents": [101]}}
    }});
}

#[test]
fn nothing_has_statistics_too() {
    search!(no_films(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "genre"}, "aggs": {"v": {"avg": {"field": "votes"}}}},
        "a": {"avg_bucket": {"buckets_path": "s>v"}},
        "m": {"max_bucket": {"buckets_path": "s>v"}},
        "u": {"sum_bucket": {"buckets_path": "s>v"}},
        "t": {"stats_bucket": {"buckets_path": "s>v"}},
        "e": {"extended_stats_bucket": {"buckets_path": "s>v"}},
        "p": {"percentiles_bucket": {"buckets_path": "s>v"}}
    }});
}

#[test]
fn gaps_are_skipped_or_count_as_zero() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"histogram": {"field": "year", "interval": 5}, "aggs": {"r": {"avg": {"field": "rating"}}}},
        "skipped": {"avg_bucket": {"buckets_path": "y>r"}},
        "zero": {"avg_bucket": {"buckets_path": "y>r", "gap_policy": "insert_zeros"}},
        "counts": {"avg_bucket": {"buckets_path": "y>_count"}}
    }});
}

#[test]
fn an_unknown_gap_policy_is_refused() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"terms": {"field": "year"}},
        "x": {"avg_bucket": {"buckets_path": "y>_count", "gap_policy": "surprise"}}
    }});
}

#[test]
fn one_value_of_several_is_named() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {
            "p": {"percentiles": {"field": "price", "percents": [50, 99]}},
            "e": {"extended_stats": {"field": "price"}},
            "f": {"filter": {"term": {"flag": true}}, "aggs": {"m": {"max": {"field": "n"}}}}
        }},
        "a": {"max_bucket": {"buckets_path": "s>p[99.0]"}},
        "b": {"max_bucket": {"buckets_path": "s>e.variance"}},
        "c": {"max_bucket": {"buckets_path": "s>e[std_upper]"}},
        "d": {"max_bucket": {"buckets_path": "s>f>m"}},
        "e": {"max_bucket": {"buckets_path": "s>f>_count"}},
        "f": {"max_bucket": {"buckets_path": "s>f>m.value"}}
    }});
}

#[test]
fn several_values_without_a_name_are_refused() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"p": {"percentiles": {"field": "price"}}}},
        "a": {"max_bucket": {"buckets_path": "s>p"}}
    }});
}

#[test]
fn a_value_that_statistics_do_not_have_is_refused() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"p": {"stats": {"field": "price"}}}},
        "a": {"max_bucket": {"buckets_path": "s>p.median"}}
    }});
}

#[test]
fn a_path_that_ends_at_buckets_is_refused() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"t": {"terms": {"field": "small"}}}},
        "a": {"max_bucket": {"buckets_path": "s>t"}}
    }});
}

#[test]
fn a_path_through_buckets_is_refused() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {
            "t": {"terms": {"field": "small"}, "aggs": {"m": {"max": {"field": "n"}}}}
        }},
        "a": {"max_bucket": {"buckets_path": "s>t>m"}}
    }});
}

#[test]
fn the_number_of_buckets_is_a_value() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"t": {"terms": {"field": "small", "size": 20}}}},
        "a": {"max_bucket": {"buckets_path": "s>t._bucket_count"}}
    }});
}

#[test]
fn one_bucket_of_many_is_named_by_its_key() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {
            "t": {"terms": {"field": "flag"}, "aggs": {"m": {"max": {"field": "n"}}}}
        }},
        "a": {"sum_bucket": {"buckets_path": "s>t['true']>m"}}
    }});
}

#[test]
fn the_aggregation_that_it_is_about_must_be_there() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg_bucket": {"buckets_path": "nowhere>v"}}}});
}

#[test]
fn what_is_in_it_must_be_there_too() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}},
        "x": {"avg_bucket": {"buckets_path": "g>nowhere"}}
    }});
}

#[test]
fn the_aggregation_that_it_is_about_must_have_many_buckets() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"avg": {"field": "votes"}},
        "x": {"avg_bucket": {"buckets_path": "g"}}
    }});
}

#[test]
fn a_path_is_needed() {
    search!(films(), {"size": 0, "aggs": {"x": {"avg_bucket": {}}}});
}

#[test]
fn a_path_is_needed_for_a_derivative() {
    search!(films(), {"size": 0, "aggs": {"x": {"derivative": {}}}});
}

#[test]
fn two_paths_are_refused() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}},
        "x": {"avg_bucket": {"buckets_path": ["g>_count", "g>_key"]}}
    }});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}},
        "x": {"avg_bucket": {"buckets_path": "g>_count", "surprise": 1}}
    }});
}

#[test]
fn aggregations_inside_are_refused() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}},
        "x": {"avg_bucket": {"buckets_path": "g>_count"}, "aggs": {"y": {"avg": {"field": "votes"}}}}
    }});
}

#[test]
fn meta_is_told() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}},
        "x": {"avg_bucket": {"buckets_path": "g>_count"}, "meta": {"why": "because"}}
    }});
}

#[test]
fn typed_keys_tell_the_kind() {
    asks!(crowd(), "POST /_search?typed_keys=true" => {"size": 0, "aggs": {
        "m": {"date_histogram": {"field": "when", "calendar_interval": "year"}, "aggs": {
            "s": {"sum": {"field": "price"}},
            "d": {"derivative": {"buckets_path": "s"}},
            "c": {"cumulative_sum": {"buckets_path": "s"}},
            "f": {"serial_diff": {"buckets_path": "s"}},
            "v": {"moving_avg": {"buckets_path": "s"}}
        }},
        "a": {"avg_bucket": {"buckets_path": "m>s"}},
        "b": {"max_bucket": {"buckets_path": "m>s"}},
        "u": {"sum_bucket": {"buckets_path": "m>s"}},
        "t": {"stats_bucket": {"buckets_path": "m>s"}},
        "e": {"extended_stats_bucket": {"buckets_path": "m>s"}},
        "p": {"percentiles_bucket": {"buckets_path": "m>s"}}
    }});
}

#[test]
fn a_sum_runs_over_the_buckets() {
    months!({"p": {"sum": {"field": "price"}}, "x": {"cumulative_sum": {"buckets_path": "p"}}});
}

#[test]
fn a_sum_may_run_over_counts() {
    months!({"x": {"cumulative_sum": {"buckets_path": "_count", "format": "0.0"}}});
}

#[test]
fn a_running_sum_takes_absent_values_for_nothing() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"histogram": {"field": "year", "interval": 5}, "aggs": {
            "r": {"avg": {"field": "rating"}}, "x": {"cumulative_sum": {"buckets_path": "r"}}
        }}
    }});
}

#[test]
fn a_running_sum_needs_a_histogram() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}, "aggs": {"x": {"cumulative_sum": {"buckets_path": "_count"}}}}
    }});
}

#[test]
fn a_running_sum_needs_a_place() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"terms": {"field": "genre"}}, "x": {"cumulative_sum": {"buckets_path": "g"}}
    }});
}

#[test]
fn a_running_sum_needs_every_interval() {
    search!(films(), {"size": 0, "aggs": {
        "g": {"histogram": {"field": "year", "interval": 5, "min_doc_count": 1}, "aggs": {
            "x": {"cumulative_sum": {"buckets_path": "_count"}}
        }}
    }});
}

#[test]
fn a_derivative_is_the_change_from_bucket_to_bucket() {
    months!({"p": {"sum": {"field": "price"}}, "x": {"derivative": {"buckets_path": "p"}}});
}

#[test]
fn a_derivative_of_a_derivative() {
    months!({
        "p": {"sum": {"field": "price"}},
        "y": {"derivative": {"buckets_path": "x"}},
        "x": {"derivative": {"buckets_path": "p"}}
    });
}

#[test]
fn a_derivative_takes_a_unit_and_a_format() {
    months!({
        "p": {"sum": {"field": "price"}},
        "d": {"derivative": {"buckets_path": "p", "unit": "day", "format": "0.00"}},
        "m": {"derivative": {"buckets_path": "p", "unit": "month"}},
        "y": {"derivative": {"buckets_path": "p", "unit": "1y"}},
        "h": {"derivative": {"buckets_path": "p", "unit": "36h"}}
    });
}

#[test]
fn a_derivative_of_gaps() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"histogram": {"field": "year", "interval": 5}, "aggs": {
            "r": {"avg": {"field": "rating"}},
            "a": {"derivative": {"buckets_path": "r"}},
            "b": {"derivative": {"buckets_path": "r", "gap_policy": "insert_zeros"}}
        }}
    }});
}

#[test]
fn paths_in_a_circle_are_refused() {
    months!({"a": {"derivative": {"buckets_path": "b"}}, "b": {"derivative": {"buckets_path": "a"}}});
}

#[test]
fn a_path_to_nothing_beside_is_refused() {
    months!({"a": {"derivative": {"buckets_path": "b"}}});
}

#[test]
fn differences_look_back() {
    months!({
        "p": {"sum": {"field": "price"}},
        "one": {"serial_diff": {"buckets_path": "p"}},
        "four": {"serial_diff": {"buckets_path": "p", "lag": 4, "format": "0"}}
    });
}

#[test]
fn a_lag_of_zero_is_refused() {
    months!({"x": {"serial_diff": {"buckets_path": "_count", "lag": 0}}});
}

#[test]
fn moving_functions() {
    months!({
        "p": {"sum": {"field": "price"}},
        "max": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "MovingFunctions.max(values)"}},
        "min": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "return MovingFunctions.min(values);"}},
        "sum": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "MovingFunctions.sum(values)"}},
        "avg": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "MovingFunctions.unweightedAvg(values)"}},
        "dev": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "MovingFunctions.stdDev(values, MovingFunctions.unweightedAvg(values))"}},
        "lin": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "MovingFunctions.linearWeightedAvg(values)"}},
        "exp": {"moving_fn": {"buckets_path": "p", "window": 3, "script": {"source": "MovingFunctions.ewma(values, params.a)", "params": {"a": 0.4}}}},
        "holt": {"moving_fn": {"buckets_path": "p", "window": 5, "script": "MovingFunctions.holt(values, 0.3, 0.1)"}}
    });
}

#[test]
fn a_season_moves_too() {
    search!(crowd(), {"size": 0, "aggs": {
        "m": {"date_histogram": {"field": "when", "calendar_interval": "month"}, "aggs": {
            "p": {"sum": {"field": "price"}},
            "add": {"moving_fn": {"buckets_path": "p", "window": 12, "script": "if (values.length > 5*2) {MovingFunctions.holtWinters(values, 0.3, 0.1, 0.1, 5, false)}"}}
        }}
    }});
}

#[test]
fn a_window_may_be_shifted() {
    months!({
        "p": {"sum": {"field": "price"}},
        "a": {"moving_fn": {"buckets_path": "p", "window": 3, "shift": 1, "script": "MovingFunctions.unweightedAvg(values)"}},
        "b": {"moving_fn": {"buckets_path": "p", "window": 4, "shift": 2, "script": "MovingFunctions.sum(values)"}},
        "c": {"moving_fn": {"buckets_path": "p", "window": 2, "shift": -1, "script": "MovingFunctions.sum(values)"}}
    });
}

#[test]
fn a_window_of_zero_is_refused() {
    months!({"x": {"moving_fn": {"buckets_path": "_count", "window": 0, "script": "MovingFunctions.max(values)"}}});
}

#[test]
fn a_moving_function_needs_its_options() {
    months!({"x": {"moving_fn": {"buckets_path": "_count"}}});
}

#[test]
fn moving_averages() {
    months!({
        "p": {"sum": {"field": "price"}},
        "simple": {"moving_avg": {"buckets_path": "p"}},
        "linear": {"moving_avg": {"buckets_path": "p", "model": "linear", "window": 4}},
        "ewma": {"moving_avg": {"buckets_path": "p", "model": "ewma", "settings": {"alpha": 0.5}}},
        "holt": {"moving_avg": {"buckets_path": "p", "model": "holt", "window": 6, "settings": {"alpha": 0.5, "beta": 0.7}}},
        "hw": {"moving_avg": {"buckets_path": "p", "model": "holt_winters", "window": 8, "settings": {"type": "add", "alpha": 0.5, "beta": 0.5, "gamma": 0.5, "period": 3}}},
        "hm": {"moving_avg": {"buckets_path": "p", "model": "holt_winters", "window": 8, "settings": {"type": "mult", "period": 3, "pad": true}}}
    });
}

#[test]
fn buckets_are_sorted_and_cut() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {
            "p": {"avg": {"field": "price"}},
            "x": {"bucket_sort": {"sort": [{"p": {"order": "desc"}}], "from": 1, "size": 2}}
        }}
    }});
}

#[test]
fn buckets_are_sorted_by_count_and_key() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "small", "size": 20}, "aggs": {
            "x": {"bucket_sort": {"sort": ["_count", {"_key": "desc"}], "size": 5}}
        }}
    }});
}

#[test]
fn buckets_are_only_cut() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {"x": {"bucket_sort": {"from": 2}}}}
    }});
}

#[test]
fn buckets_without_the_value_to_sort_by_go() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"histogram": {"field": "year", "interval": 5}, "aggs": {
            "r": {"avg": {"field": "rating"}},
            "x": {"bucket_sort": {"sort": [{"r": "asc"}]}}
        }},
        "z": {"histogram": {"field": "year", "interval": 5}, "aggs": {
            "r": {"avg": {"field": "rating"}},
            "x": {"bucket_sort": {"sort": [{"r": "asc"}], "gap_policy": "insert_zeros"}}
        }}
    }});
}

#[test]
fn a_sort_of_nothing_is_refused() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"terms": {"field": "genre"}, "aggs": {"x": {"bucket_sort": {}}}}
    }});
}

#[test]
fn a_sort_of_no_buckets_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"bucket_sort": {"size": 1}}}});
}

#[test]
fn a_sort_of_less_than_one_is_refused() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"terms": {"field": "genre"}, "aggs": {"x": {"bucket_sort": {"size": 0}}}}
    }});
}

#[test]
fn a_sort_from_below_zero_is_refused() {
    search!(films(), {"size": 0, "aggs": {
        "y": {"terms": {"field": "genre"}, "aggs": {"x": {"bucket_sort": {"from": -1}}}}
    }});
}

#[test]
fn what_is_computed_in_a_bucket_is_a_value_for_what_is_computed_beside() {
    search!(crowd(), {"size": 0, "aggs": {
        "s": {"terms": {"field": "section"}, "aggs": {
            "m": {"date_histogram": {"field": "when", "calendar_interval": "year"}, "aggs": {
                "p": {"sum": {"field": "price"}},
                "c": {"cumulative_sum": {"buckets_path": "p"}},
                "d": {"derivative": {"buckets_path": "c"}}
            }},
            "best": {"max_bucket": {"buckets_path": "m>d"}},
            "all": {"sum_bucket": {"buckets_path": "m>p"}}
        }},
        "top": {"max_bucket": {"buckets_path": "s>all"}},
        "of": {"avg_bucket": {"buckets_path": "s>best"}}
    }});
}

#[test]
fn keyed_histograms_take_pipelines_too() {
    search!(crowd(), {"size": 0, "aggs": {
        "m": {"date_histogram": {"field": "when", "calendar_interval": "year", "keyed": true}, "aggs": {
            "p": {"sum": {"field": "price"}},
            "c": {"cumulative_sum": {"buckets_path": "p"}}
        }},
        "x": {"max_bucket": {"buckets_path": "m>c"}}
    }});
}

#[test]
fn a_moving_function_may_be_a_script_of_its_own() {
    months!({
        "p": {"sum": {"field": "price"}},
        "a": {"moving_fn": {"buckets_path": "p", "window": 3, "script": {"source": "double s = 0; for (double v : values) { s += v * params.f } return s", "params": {"f": 2}}, "format": "0.00"}},
        "b": {"moving_fn": {"buckets_path": "p", "window": 3, "script": {"source": "values.length > 1 ? values[0] - values[1] : 0.5"}}},
        "c": {"moving_fn": {"buckets_path": "p", "window": 4, "script": {"source": "MovingFunctions.max(values) - MovingFunctions.min(values) + params.more", "params": {"more": 10}}}}
    });
}

#[test]
fn a_moving_function_that_does_not_compile_is_told() {
    months!({"p": {"sum": {"field": "price"}}, "a": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "surprise"}}});
}

#[test]
fn a_moving_function_that_fails_is_told() {
    months!({"p": {"sum": {"field": "price"}}, "a": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "values[7]"}}});
}

#[test]
fn a_season_needs_two_periods() {
    months!({"p": {"sum": {"field": "price"}}, "a": {"moving_fn": {"buckets_path": "p", "window": 3, "script": "MovingFunctions.holtWinters(values, 0.3, 0.1, 0.1, 5, false)"}}});
}
