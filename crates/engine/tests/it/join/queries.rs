//! `has_child`, `has_parent` and `parent_id`.

use crate::cases::{asks, search};

use super::forum;

#[test]
fn parents_are_found_by_their_children() {
    search!(forum(), {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "first"}}}}, "_source": false});
}

#[test]
fn the_scores_of_children_count_where_told() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "max"}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "min"}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "avg"}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "sum"}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "none"}}, "_source": false});
}

#[test]
fn a_boost_multiplies() {
    search!(forum(), {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "sum", "boost": 2}}, "_source": false};
        differs: "Elasticsearch forgets the boost, OpenSearch does not");
}

#[test]
fn there_may_be_so_many_children() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match_all": {}}, "min_children": 2}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "late second"}}, "max_children": 1}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match_all": {}}, "min_children": 3}}, "_source": false},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match_all": {}}, "min_children": 3, "max_children": 1}}},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match_all": {}}, "min_children": -1}}});
}

#[test]
fn children_of_children() {
    search!(forum(), {"query": {"has_child": {"type": "answer", "query": {"has_child": {"type": "vote",
        "query": {"range": {"n": {"gte": 5}}}, "inner_hits": {}}}, "inner_hits": {}}}, "_source": false});
}

#[test]
fn parents_show_their_children() {
    search!(forum(), {"query": {"has_child": {"type": "answer", "query": {"match": {"text": "answer"}}, "score_mode": "max",
        "inner_hits": {"size": 1, "_source": ["text"]}}}, "_source": false});
}

#[test]
fn shown_children_have_a_name_and_an_order() {
    search!(forum(), {"query": {"has_child": {"type": "answer", "query": {"match_all": {}},
        "inner_hits": {"name": "best", "sort": [{"n": "desc"}], "_source": false, "docvalue_fields": ["j", "n"]}}}, "_source": false, "sort": ["_doc"]});
}

#[test]
fn children_are_found_by_their_parent() {
    search!(forum(), {"query": {"has_parent": {"parent_type": "question", "query": {"match": {"text": "one"}}}}, "_source": false});
}

#[test]
fn the_score_of_the_parent_counts_where_told() {
    search!(forum(), {"query": {"has_parent": {"parent_type": "question", "score": true, "query": {"match": {"text": "question"}}}}, "_source": false});
}

#[test]
fn children_show_their_parent() {
    search!(forum(), {"query": {"has_parent": {"parent_type": "question", "query": {"match": {"text": "question"}},
        "inner_hits": {"_source": ["text"]}}}, "_source": false, "sort": ["n"]});
}

#[test]
fn children_of_one_parent() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"parent_id": {"type": "answer", "id": "1"}}, "_source": false},
        "POST /forum/_search" => {"query": {"bool": {"filter": {"parent_id": {"type": "vote", "id": 10}}}}, "_source": false},
        "POST /forum/_search" => {"query": {"parent_id": {"type": "answer", "id": "77"}}, "_source": false});
}

#[test]
fn relations_that_there_are_not_are_refused() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"has_child": {"type": "zz", "query": {"match_all": {}}}}},
        "POST /forum/_search" => {"query": {"has_child": {"type": "question", "query": {"match_all": {}}}}},
        "POST /forum/_search" => {"query": {"has_parent": {"parent_type": "zz", "query": {"match_all": {}}}}},
        "POST /forum/_search" => {"query": {"has_parent": {"parent_type": "vote", "query": {"match_all": {}}}}},
        "POST /forum/_search" => {"query": {"parent_id": {"type": "zz", "id": "1"}}},
        "POST /forum/_search" => {"query": {"parent_id": {"type": "question", "id": "1"}}});
}

#[test]
fn relations_that_there_are_not_may_find_nothing() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"has_child": {"type": "zz", "query": {"match_all": {}}, "ignore_unmapped": true}}},
        "POST /forum/_search" => {"query": {"has_parent": {"parent_type": "zz", "query": {"match_all": {}}, "ignore_unmapped": true}}},
        "POST /forum/_search" => {"query": {"parent_id": {"type": "zz", "id": "1", "ignore_unmapped": true}}});
}

#[test]
fn an_index_without_a_join_is_refused() {
    asks!(crate::cases::Setup::index("a", serde_json::json!({}), serde_json::json!([{"n": 1}])),
        "POST /a/_search" => {"query": {"has_child": {"type": "zz", "query": {"match_all": {}}}}},
        "POST /a/_search" => {"query": {"has_parent": {"parent_type": "zz", "query": {"match_all": {}}}}},
        "POST /a/_search" => {"query": {"parent_id": {"type": "zz", "id": "1"}}});
}

#[test]
fn what_they_need_and_do_not_know_is_told() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"has_child": {"query": {"match_all": {}}}}},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer"}}},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"match_all": {}}, "foo": 1}}},
        "POST /forum/_search" => {"query": {"has_parent": {"query": {"match_all": {}}}}},
        "POST /forum/_search" => {"query": {"has_parent": {"parent_type": "question"}}},
        "POST /forum/_search" => {"query": {"parent_id": {"id": "1"}}});
}

#[test]
fn relations_are_values_like_others() {
    asks!(forum(),
        "POST /forum/_search" => {"query": {"term": {"j": "answer"}}, "_source": false, "docvalue_fields": ["j", "j#question"]},
        "POST /forum/_search" => {"query": {"term": {"j#question": "1"}}, "_source": false},
        "POST /forum/_search" => {"query": {"exists": {"field": "j"}}, "_source": false, "sort": ["j", "_doc"]},
        "POST /forum/_search" => {"size": 0, "aggs": {"j": {"terms": {"field": "j"}, "aggs": {"p": {"terms": {"field": "j#question"}}}}}});
}

#[test]
fn deleted_children_find_no_parent() {
    asks!(forum(),
        "DELETE /forum/_doc/3?routing=r&refresh=true",
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"term": {"n": 1}}}}, "_source": false},
        "PUT /forum/_doc/4?routing=r&refresh=true" => {"j": {"name": "answer", "parent": "9"}, "n": 2},
        "POST /forum/_search" => {"query": {"has_child": {"type": "answer", "query": {"term": {"n": 2}}}}, "_source": false});
}
