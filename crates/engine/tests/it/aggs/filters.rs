//! `filter`, `filters`, `missing` and `global`.

use crate::cases::search;
use crate::library::films;

#[test]
fn a_filter_counts_what_it_finds() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "filter": {"term": {"genre": "drama"}},
                "aggs": {"v": {"sum": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn a_filter_narrows_within_the_query() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"year": 1999}},
        "aggs": {"x": {"filter": {"match": {"title": "fox"}}}}
    });
}

#[test]
fn a_filter_that_is_no_query_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"filter": {"mtch": {}}}}});
}

#[test]
fn an_empty_filter_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"filter": {}}}});
}

#[test]
fn filters_with_names_are_told_by_name() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "filters": {
                    "filters": {
                        "b": {"term": {"genre": "drama"}},
                        "a": {"match": {"title": "quick"}}
                    }
                }
            }
        }
    });
}

#[test]
fn filters_without_names_are_told_in_order() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "filters": {
                    "filters": [{"term": {"genre": "drama"}}, {"match": {"title": "quick"}}]
                }
            }
        }
    });
}

#[test]
fn other_bucket_holds_the_rest() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "filters": {
                    "other_bucket": true,
                    "filters": {"a": {"term": {"genre": "drama"}}}
                }
            }
        }
    });
}

#[test]
fn other_bucket_key_names_the_rest() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "filters": {
                    "other_bucket_key": "rest",
                    "filters": {"a": {"term": {"genre": "drama"}}}
                }
            }
        }
    });
}

#[test]
fn other_bucket_without_names_comes_last() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"filters": {"other_bucket": true, "filters": [{"term": {"genre": "drama"}}]}}
        }
    });
}

#[test]
fn metrics_are_told_with_each_filter() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "filters": {"filters": {"a": {"term": {"genre": "drama"}}}},
                "aggs": {"v": {"max": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn no_filters_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"filters": {}}}}
    );
}

#[test]
fn an_empty_list_of_filters_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"filters": {"filters": []}}}});
}

#[test]
fn an_unknown_option_of_filters_is_refused() {
    search!(
        films(),
        {
            "size": 0,
            "aggs": {"x": {"filters": {"filters": {"a": {"match_all": {}}}, "surprise": 1}}}
        }
    );
}

#[test]
fn missing_counts_those_without_a_value() {
    search!(films(), {"size": 0, "aggs": {"x": {"missing": {"field": "genre"}}}});
}

#[test]
fn missing_takes_null_for_no_value() {
    search!(films(), {"size": 0, "aggs": {"x": {"missing": {"field": "year"}}}});
}

#[test]
fn missing_takes_an_empty_list_for_no_value() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"missing": {"field": "tags"}, "aggs": {"i": {"terms": {"field": "genre"}}}}
        }
    });
}

#[test]
fn missing_of_a_field_that_is_not_mapped_counts_all() {
    search!(films(), {"size": 0, "aggs": {"x": {"missing": {"field": "nowhere"}}}});
}

#[test]
fn missing_of_a_text_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"missing": {"field": "title"}}}}
    );
}

#[test]
fn missing_without_a_field_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"missing": {}}}}
    );
}

#[test]
fn global_counts_what_the_query_does_not_find() {
    search!(films(), {
        "size": 0,
        "query": {"term": {"genre": "drama"}},
        "aggs": {"x": {"global": {}, "aggs": {"v": {"value_count": {"field": "votes"}}}}}
    });
}

#[test]
fn global_within_another_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"t": {"terms": {"field": "genre"}, "aggs": {"x": {"global": {}}}}}}
    );
}

#[test]
fn global_takes_no_options() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"global": {"surprise": 1}}}}
    );
}
