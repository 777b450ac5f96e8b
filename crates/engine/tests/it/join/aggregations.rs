//! `children` and `parent`.

use crate::cases::{asks, search};

use super::forum;

#[test]
fn the_children_of_the_documents_of_a_bucket() {
    search!(forum(), {"size": 0, "aggs": {"tags": {"terms": {"field": "tag"}, "aggs": {"answers": {"children": {"type": "answer"},
        "aggs": {"n": {"stats": {"field": "n"}}}}}}}});
}

#[test]
fn only_hits_lead_to_children() {
    search!(forum(), {"size": 0, "query": {"match": {"text": "two"}}, "aggs": {"answers": {"children": {"type": "answer"},
        "aggs": {"n": {"terms": {"field": "n"}}}}}});
}

#[test]
fn children_of_children() {
    search!(forum(), {"size": 0, "aggs": {"answers": {"children": {"type": "answer"}, "aggs": {"votes": {"children": {"type": "vote"},
        "aggs": {"n": {"sum": {"field": "n"}}}}, "best": {"top_hits": {"size": 2, "sort": [{"n": "desc"}], "_source": ["n"]}}}}}});
}

#[test]
fn the_parents_of_the_documents_of_a_bucket() {
    asks!(forum(),
        "POST /forum/_search" => {"size": 0, "query": {"term": {"j": "answer"}}, "aggs": {"p": {"parent": {"type": "answer"}, "aggs": {"tags": {"terms": {"field": "tag"}}}}}},
        "POST /forum/_search" => {"size": 0, "aggs": {"n": {"terms": {"field": "n"}, "aggs": {"p": {"parent": {"type": "answer"}, "aggs": {"tags": {"terms": {"field": "tag"}}}}}}}});
}

#[test]
fn buckets_are_ordered_by_children() {
    search!(forum(), {"size": 0, "aggs": {"tags": {"terms": {"field": "tag", "order": {"answers>n": "desc"}}, "aggs": {"answers": {"children": {"type": "answer"},
        "aggs": {"n": {"max": {"field": "n"}}}}}}}});
}

#[test]
fn relations_that_there_are_not_are_empty() {
    asks!(forum(),
        "POST /forum/_search" => {"size": 0, "aggs": {"c": {"children": {"type": "zz"}}, "p": {"parent": {"type": "zz"}}}},
        "POST /forum/_search" => {"size": 0, "aggs": {"c": {"children": {"type": "question"}}, "p": {"parent": {"type": "question"}}}});
}

#[test]
fn what_they_need_is_told() {
    asks!(forum(),
        "POST /forum/_search" => {"size": 0, "aggs": {"c": {"children": {}}}},
        "POST /forum/_search" => {"size": 0, "aggs": {"c": {"children": {"type": "answer", "foo": 1}}}},
        "POST /forum/_search" => {"size": 0, "aggs": {"c": {"parent": {}}}});
}
