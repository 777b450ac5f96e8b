//! `top_hits`: the best documents of a bucket.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn three_hits_unless_others_are_asked_for() {
    search!(films(), {"size": 0, "aggs": {"x": {"top_hits": {"_source": false}}}});
}

#[test]
fn size_and_from_make_a_page() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"top_hits": {"_source": false, "from": 1, "size": 2}}}
    });
}

#[test]
fn a_sort_orders_them() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"top_hits": {"_source": ["votes"], "sort": [{"votes": "desc"}], "size": 2}}
        }
    });
}

#[test]
fn scores_are_those_of_the_query() {
    search!(films(), {
        "size": 0,
        "query": {"match": {"title": "fox"}},
        "aggs": {"x": {"top_hits": {"_source": false}}}
    });
}

#[test]
fn they_are_told_for_each_bucket() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "t": {
                "terms": {"field": "genre"},
                "aggs": {
                    "x": {
                        "top_hits": {
                            "_source": ["title"],
                            "size": 1,
                            "sort": [{"votes": "desc"}]
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn the_source_may_be_filtered() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "top_hits": {"_source": {"includes": ["t*"], "excludes": ["tags"]}, "size": 1}
            }
        }
    });
}

#[test]
fn columns_may_be_shown() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "top_hits": {"_source": false, "docvalue_fields": ["genre", "year"], "size": 1}
            }
        }
    });
}

#[test]
fn versions_may_be_shown() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "top_hits": {
                    "_source": false,
                    "version": true,
                    "seq_no_primary_term": true,
                    "size": 1
                }
            }
        }
    });
}

#[test]
fn highlights_may_be_shown() {
    search!(
        films(),
        {
            "size": 0,
            "query": {"match": {"title": "fox"}},
            "aggs": {
                "x": {
                    "top_hits": {
                        "_source": false,
                        "size": 1,
                        "highlight": {"fields": {"title": {}}}
                    }
                }
            }
        }
    );
}

#[test]
fn nothing_has_no_hits() {
    search!(films(), {"size": 0, "query": {"match_none": {}}, "aggs": {"x": {"top_hits": {}}}});
}

#[test]
fn a_size_of_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"top_hits": {"size": 0}}}}
    );
}

#[test]
fn a_size_below_zero_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"top_hits": {"size": -1}}}}
    );
}

#[test]
fn stored_fields_take_the_source_away() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {"top_hits": {"stored_fields": "_none_", "docvalue_fields": ["votes"], "sort": [{"votes": "desc"}]}},
            "y": {"top_hits": {"stored_fields": ["title"], "sort": [{"votes": "desc"}]}}
        }
    });
}

#[test]
fn more_than_a_hundred_hits_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"top_hits": {"size": 101}}}}
    );
}

#[test]
fn aggregations_within_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"top_hits": {}, "aggs": {"y": {"avg": {"field": "votes"}}}}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"top_hits": {"surprise": 1}}}}
    );
}

#[test]
fn scripts_and_explanations_may_be_shown() {
    asks!(films(),
        "POST /_search" => {"size": 0, "query": {"match_all": {"boost": 2}}, "aggs": {"x": {"top_hits": {
            "size": 1, "_source": false, "script_fields": {"twice": {"script": {"source": "doc['year'].size() * 2", "lang": "painless"}}},
        }}}},
        "POST /_search" => {"size": 0, "query": {"match_all": {"boost": 2}}, "aggs": {"x": {"top_hits": {"size": 1, "_source": false, "explain": true}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"top_hits": {"size": 1, "_source": false, "explain": true}}}},
    );
}
