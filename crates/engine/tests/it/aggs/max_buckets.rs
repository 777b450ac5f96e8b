//! `search.max_buckets`.

use crate::cases::asks;
use crate::library::films;

#[test]
fn more_buckets_than_the_cluster_lets_there_be_are_refused() {
    asks!(
        films(),
        "PUT /_cluster/settings" => {"transient": {"search.max_buckets": 2}},
        "POST /films/_search" => {"size": 0, "aggs": {"g": {"terms": {"field": "genre"}, "aggs": {"y": {"terms": {"field": "year"}}}}}},
        "POST /films/_search" => {"size": 0, "aggs": {"y": {"histogram": {"field": "year", "interval": 1}}}},
        "PUT /_cluster/settings" => {"transient": {"search.max_buckets": null}},
    );
}

#[test]
fn what_the_cluster_lets_there_be_is_there() {
    asks!(
        films(),
        "PUT /_cluster/settings" => {"persistent": {"search.max_buckets": 20}},
        "POST /films/_search" => {"size": 0, "aggs": {"g": {"terms": {"field": "genre"}}}},
        "PUT /_cluster/settings" => {"persistent": {"search.max_buckets": null}},
    );
}

#[test]
fn a_number_of_buckets_that_is_none_is_refused() {
    asks!(
        films(),
        "PUT /_cluster/settings" => {"transient": {"search.max_buckets": -1}},
        "PUT /_cluster/settings" => {"transient": {"search.max_buckets": "x"}},
    );
}
