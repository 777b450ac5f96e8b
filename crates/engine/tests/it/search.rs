//! Every query, sort, aggregation and option on one small index, with the answers pinned.

use engine::exception::ExceptionKind;
use engine::rest::QueryParameters;
use engine::search::{SearchRequest, Target};
use engine::{View, Work};
use serde_json::{Value, json};

use crate::small::{Small, ids, now, write};

fn mappings() -> Value {
    json!({"properties": {
        "title": {"type": "text"}, "body": {"type": "text", "analyzer": "english"}, "kind": {"type": "keyword"},
        "tags": {"type": "keyword"}, "n": {"type": "long"}, "price": {"type": "double"}, "day": {"type": "date"},
        "on": {"type": "boolean"}, "ip": {"type": "ip"}, "o": {"properties": {"k": {"type": "keyword"}}}
    }})
}

fn books() -> Small {
    Small::with(
        "books",
        mappings(),
        &[
            json!({"title": "The quick brown fox", "body": "Foxes are running. They run far.", "kind": "a", "tags": ["x", "y"], "n": 1, "price": 1.5, "day": "2024-01-10", "on": true, "ip": "10.0.0.1"}),
            json!({"title": "Quick quick dogs", "kind": "b", "tags": ["y"], "n": 5, "price": 2.5, "day": "2024-01-20", "on": false, "ip": "10.0.1.1"}),
            json!({"title": "A lazy dog and a brown cow", "kind": "a", "n": -3, "price": 10.0, "day": "2024-02-01", "o": {"k": "v"}}),
            json!({"title": "brown quick", "kind": "c", "tags": "z", "n": 40, "day": "2024-06-15T11:00:00Z", "ip": "2001:db8::1"}),
        ],
    )
}

fn finds(query: Value) -> String {
    books().ids(query).join(" ")
}

#[test]
fn match_finds_any_word_and_with_and_all_of_them() {
    assert_eq!(finds(json!({"match": {"title": "quick DOG"}})), "0 1 2 3");
    assert_eq!(
        finds(json!({"match": {"title": {"query": "quick brown", "operator": "and"}}})),
        "0 3"
    );
    assert_eq!(
        finds(
            json!({"match": {"title": {"query": "quick brown fox", "minimum_should_match": "67%"}}})
        ),
        "0 3"
    );
    assert_eq!(finds(json!({"match": {"title": {"query": "qick", "fuzziness": "AUTO"}}})), "0 1 3");
    assert_eq!(finds(json!({"match": {"body": "run"}})), "0");
    assert_eq!(finds(json!({"match": {"n": "5"}})), "1");
}

#[test]
fn match_phrase_wants_words_at_their_distances_and_slop_forgives() {
    assert_eq!(finds(json!({"match_phrase": {"title": "quick brown"}})), "0");
    assert_eq!(
        finds(json!({"match_phrase": {"title": {"query": "quick brown", "slop": 2}}})),
        "0 3"
    );
    assert_eq!(finds(json!({"match_phrase_prefix": {"title": "lazy do"}})), "2");
    assert_eq!(finds(json!({"match_bool_prefix": {"title": "cow fo"}})), "0 2");
}

#[test]
fn multi_match_looks_in_several_fields() {
    assert_eq!(finds(json!({"multi_match": {"query": "foxes", "fields": ["title", "body"]}})), "0");
    assert_eq!(
        finds(json!({"multi_match": {"query": "quick brown", "fields": ["t*"], "type": "phrase"}})),
        "0"
    );
    assert_eq!(
        finds(
            json!({"multi_match": {"query": "dogs", "fields": ["title", "body"], "type": "most_fields"}})
        ),
        "1"
    );
}

#[test]
fn term_and_terms_take_values_as_they_are() {
    assert_eq!(finds(json!({"term": {"title": "Quick"}})), "");
    assert_eq!(finds(json!({"term": {"kind": "a"}})), "0 2");
    assert_eq!(finds(json!({"term": {"on": false}})), "1");
    assert_eq!(finds(json!({"term": {"n": 40}})), "3");
    assert_eq!(finds(json!({"term": {"ip": "10.0.0.0/24"}})), "0");
    assert_eq!(finds(json!({"terms": {"tags": ["x", "z"]}})), "0 3");
    assert_eq!(finds(json!({"terms": {"_id": ["1", "9"]}})), "1");
}

#[test]
fn range_bounds_are_included_or_not_and_dates_know_math() {
    assert_eq!(finds(json!({"range": {"n": {"gt": 1, "lte": 40}}})), "1 3");
    assert_eq!(finds(json!({"range": {"price": {"gte": 2.5}}})), "1 2");
    assert_eq!(finds(json!({"range": {"day": {"gte": "2024-01-15", "lt": "2024-02"}}})), "1");
    assert_eq!(finds(json!({"range": {"day": {"gte": "now-1d/d"}}})), "3");
    assert_eq!(
        finds(json!({"range": {"day": {"lte": "10/01/2024", "format": "dd/MM/yyyy"}}})),
        "0"
    );
    assert_eq!(finds(json!({"range": {"kind": {"gte": "b"}}})), "1 3");
    assert_eq!(finds(json!({"range": {"ip": {"gte": "10.0.0.0", "lte": "10.0.255.255"}}})), "0 1");
}

#[test]
fn bool_joins_clauses_and_should_is_optional_beside_must() {
    let quick = json!({"match": {"title": "quick"}});
    assert_eq!(finds(json!({"bool": {"must": quick, "must_not": {"term": {"kind": "a"}}}})), "1 3");
    assert_eq!(
        finds(
            json!({"bool": {"should": [quick, {"term": {"kind": "a"}}], "minimum_should_match": 2}})
        ),
        "0"
    );
    assert_eq!(
        finds(json!({"bool": {"filter": [quick], "should": [{"term": {"kind": "zz"}}]}})),
        "0 1 3"
    );
    assert_eq!(finds(json!({"bool": {"must_not": [quick]}})), "2");
}

#[test]
fn exists_ids_prefix_wildcard_regexp_and_fuzzy_find_by_shape() {
    assert_eq!(finds(json!({"exists": {"field": "tags"}})), "0 1 3");
    assert_eq!(finds(json!({"exists": {"field": "o"}})), "2");
    assert_eq!(finds(json!({"ids": {"values": ["3", "0"]}})), "0 3");
    assert_eq!(finds(json!({"prefix": {"title": "la"}})), "2");
    assert_eq!(finds(json!({"wildcard": {"title": "d?g*"}})), "1 2");
    assert_eq!(finds(json!({"regexp": {"title": "f.x|cow"}})), "0 2");
    assert_eq!(finds(json!({"fuzzy": {"title": "foks"}})), "");
    assert_eq!(finds(json!({"fuzzy": {"title": "fxo"}})), "0");
    assert_eq!(finds(json!({"match_all": {}})), "0 1 2 3");
    assert_eq!(finds(json!({"match_none": {}})), "");
}

#[test]
fn query_strings_are_read_by_their_syntax() {
    assert_eq!(
        finds(json!({"query_string": {"query": "title:(fox OR cow) AND NOT kind:c"}})),
        "0 2"
    );
    assert_eq!(finds(json!({"query_string": {"query": "n:[2 TO 40} OR tags:z"}})), "1 3");
    assert_eq!(
        finds(
            json!({"simple_query_string": {"query": "brown -lazy + quick", "fields": ["title"]}})
        ),
        "0 1 3"
    );
}

#[test]
fn compound_queries_change_scores_and_not_hits() {
    let score = |query: Value| {
        books().search(json!({"query": query}))["hits"]["max_score"].as_f64().unwrap()
    };
    let fox = json!({"match": {"title": "fox"}});
    let plain = score(fox.clone());
    assert_eq!(score(json!({"constant_score": {"filter": fox, "boost": 3}})), 3.0);
    assert!(
        (score(json!({"function_score": {"query": fox, "weight": 2}})) - 2.0 * plain).abs() < 1e-6
    );
    let negative = json!({"boosting": {"positive": fox, "negative": {"match_all": {}}, "negative_boost": 0.5}});
    assert!((score(negative) - 0.5 * plain).abs() < 1e-6);
    assert!(
        (score(json!({"dis_max": {"queries": [fox, {"match": {"title": "quick"}}]}})) - plain)
            .abs()
            < 1e-6
    );
}

#[test]
fn bm25_counts_only_documents_with_the_field() {
    // One document of one has the field: idf = ln(1 + 0.5 / 1.5), and its length is the average.
    let answer = books().search(json!({"query": {"match": {"body": "far"}}}));
    let expected = 2.2 * (1.0f64 + 0.5 / 1.5).ln() / 2.2;
    assert!((answer["hits"]["max_score"].as_f64().unwrap() - expected).abs() < 1e-6);
}

#[test]
fn hits_have_elasticsearchs_shape() {
    let answer = books().search(json!({"query": {"term": {"n": 40}}, "_source": ["kind"], "version": true, "seq_no_primary_term": true}));
    assert_eq!(
        answer,
        json!({"took": 0, "timed_out": false, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": {"total": {"value": 1, "relation": "eq"}, "max_score": 1.0, "hits": [
                {"_index": "books", "_type": "_doc", "_id": "3", "_version": 1, "_seq_no": 3, "_primary_term": 1, "_score": 1.0, "_source": {"kind": "c"}}]}})
    );
}

#[test]
fn sorting_knows_missing_values_several_keys_and_search_after() {
    let small = books();
    let order = |body: Value| ids(&small.search(body)).join(" ");
    assert_eq!(order(json!({"sort": ["n"]})), "2 0 1 3");
    assert_eq!(order(json!({"sort": [{"kind": "asc"}, {"n": "desc"}]})), "0 2 1 3");
    assert_eq!(
        order(json!({"sort": [{"price": {"order": "desc", "missing": "_first"}}]})),
        "3 2 1 0"
    );
    assert_eq!(order(json!({"sort": ["n"], "search_after": [1], "size": 1})), "1");
    assert_eq!(
        order(json!({"sort": [{"kind": "asc"}, {"n": "desc"}], "search_after": ["a", 1]})),
        "2 1 3"
    );
    let values = small.search(json!({"sort": [{"price": "asc"}, "day"], "size": 4}));
    assert_eq!(values["hits"]["hits"][3]["sort"], json!(["Infinity", 1_718_449_200_000i64]));
    assert_eq!(values["hits"]["max_score"], Value::Null);
}

#[test]
fn totals_are_exact_up_to_where_they_are_tracked() {
    let small = books();
    let total = |body: Value| small.search(body)["hits"]["total"].clone();
    assert_eq!(total(json!({"track_total_hits": 2})), json!({"value": 2, "relation": "gte"}));
    assert_eq!(total(json!({"track_total_hits": 4})), json!({"value": 4, "relation": "eq"}));
    assert_eq!(total(json!({"track_total_hits": false})), Value::Null);
    assert_eq!(small.count(json!({"match": {"title": "quick"}})), 3);
}

#[test]
fn highlight_marks_the_words_that_were_found() {
    let answer = books().search(json!({"query": {"multi_match": {"query": "quick run", "fields": ["title", "body"]}}, "sort": ["n"],
        "highlight": {"fields": {"title": {}, "body": {"fragment_size": 18, "pre_tags": ["<b>"], "post_tags": ["</b>"]}}}}));
    let hit =
        answer["hits"]["hits"].as_array().unwrap().iter().find(|hit| hit["_id"] == "0").unwrap();
    assert_eq!(
        hit["highlight"],
        json!({"title": ["The <em>quick</em> brown fox"], "body": ["Foxes are <b>running</b>.", "They <b>run</b> far."]})
    );
}

fn me() -> View {
    View::everything("me")
}

#[test]
fn a_scroll_gives_every_hit_once_and_belongs_to_its_opener() {
    let small = books();
    let targets = small.targets(&["books"]);
    let parameters = QueryParameters::read("scroll=1m").unwrap();
    for sort in [json!(["_doc"]), json!([{"kind": "asc"}]), json!([])] {
        let body = json!({"size": 3, "sort": sort});
        let request = SearchRequest::parse(Some(&body), &parameters).unwrap();
        let first = small
            .searches
            .search(&targets, &request, small.flavor, &me(), now(), &Work::unbounded())
            .unwrap();
        let id = first.scroll_id.clone().unwrap();
        let next = |owner: &str| {
            small.searches.scroll(
                &id,
                Some(60_000),
                small.flavor,
                &View::everything(owner),
                now(),
                &Work::unbounded(),
            )
        };
        assert_eq!(next("you").unwrap_err().status(), 404);
        let second = next("me").unwrap();
        assert_eq!(
            (first.hits.len(), second.hits.len(), next("me").unwrap().hits.len()),
            (3, 1, 0)
        );
        assert!(!first.hits.iter().any(|hit| hit.id == second.hits[0].id));
        assert_eq!(second.total.unwrap().value, 4);
        assert_eq!(small.searches.clear_scroll(Some(&[&id]), &"you".into(), now()), 0);
        assert_eq!(small.searches.clear_scroll(Some(&[&id]), &"me".into(), now()), 1);
        assert_eq!(next("me").unwrap_err().status(), 404);
    }
}

#[test]
fn a_scroll_ends_with_its_time() {
    let small = books();
    let request =
        SearchRequest::parse(None, &QueryParameters::read("scroll=1m&size=1").unwrap()).unwrap();
    let opened = small.searches.search(
        &small.targets(&["books"]),
        &request,
        small.flavor,
        &me(),
        now(),
        &Work::unbounded(),
    );
    let later = jiff::Timestamp::from_millisecond(now().as_millisecond() + 60_001).unwrap();
    let id = opened.unwrap().scroll_id.unwrap();
    assert_eq!(
        small
            .searches
            .scroll(&id, None, small.flavor, &me(), later, &Work::unbounded())
            .unwrap_err()
            .status(),
        404
    );
}

#[test]
fn several_indices_and_alias_filters_are_searched_as_one() {
    let small = books();
    let other = small.create(
        "other",
        Value::Null,
        json!({"properties": {"n": {"type": "integer"}, "kind": {"type": "keyword"}}}),
    );
    write(&other, 0, &[json!({"n": 3, "kind": "a"}), json!({"n": 7, "kind": "b"})]);
    let mut targets = small.targets(&["books", "other"]);
    let filter = engine::dsl::parse(&json!({"term": {"kind": "a"}})).unwrap();
    targets[1] = Target::new(targets[1].snapshot().clone(), Some(filter), &me());
    let body = json!({"sort": [{"n": "asc"}], "aggs": {"k": {"terms": {"field": "kind"}}, "all": {"global": {}}}});
    let answer = small.search_in(&targets, &body, "").unwrap();
    let found: Vec<String> = answer["hits"]["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| format!("{}{}", hit["_index"].as_str().unwrap(), hit["_id"].as_str().unwrap()))
        .collect();
    assert_eq!(found.join(" "), "books2 books0 other0 books1 books3");
    assert_eq!(answer["aggregations"]["k"]["buckets"][0], json!({"key": "a", "doc_count": 3}));
    assert_eq!(answer["aggregations"]["all"]["doc_count"], 5);
    assert_eq!(answer["_shards"]["total"], 2);
}

#[test]
fn terms_count_values_and_hold_metrics() {
    assert_eq!(
        books().aggregate(json!({"k": {"terms": {"field": "kind", "size": 2}, "aggs": {"s": {"sum": {"field": "n"}}}}, "t": {"terms": {"field": "tags"}}})),
        json!({"k": {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 1, "buckets": [
                {"key": "a", "doc_count": 2, "s": {"value": -2.0}}, {"key": "b", "doc_count": 1, "s": {"value": 5.0}}]},
            "t": {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "buckets": [
                {"key": "y", "doc_count": 2}, {"key": "x", "doc_count": 1}, {"key": "z", "doc_count": 1}]}})
    );
}

#[test]
fn metrics_count_sum_and_bound() {
    assert_eq!(
        books().aggregate(json!({"a": {"avg": {"field": "n"}}, "m": {"min": {"field": "n"}}, "x": {"max": {"field": "day"}},
            "c": {"value_count": {"field": "tags"}}, "d": {"cardinality": {"field": "kind"}}, "s": {"stats": {"field": "price"}}, "e": {"avg": {"field": "nothing"}}})),
        json!({"a": {"value": 10.75}, "m": {"value": -3.0}, "x": {"value": 1_718_449_200_000.0, "value_as_string": "2024-06-15T11:00:00.000Z"},
            "c": {"value": 4}, "d": {"value": 3}, "s": {"count": 3, "min": 1.5, "max": 10.0, "avg": 14.0 / 3.0, "sum": 14.0}, "e": {"value": null}})
    );
}

#[test]
fn histograms_fill_their_gaps() {
    assert_eq!(
        books().aggregate(json!({"p": {"histogram": {"field": "price", "interval": 5}}, "d": {"date_histogram": {"field": "day", "calendar_interval": "month", "format": "yyyy-MM", "min_doc_count": 1}}})),
        json!({"p": {"buckets": [{"key": 0.0, "doc_count": 2}, {"key": 5.0, "doc_count": 0}, {"key": 10.0, "doc_count": 1}]},
            "d": {"buckets": [{"key_as_string": "2024-01", "key": 1_704_067_200_000i64, "doc_count": 2},
                {"key_as_string": "2024-02", "key": 1_706_745_600_000i64, "doc_count": 1}, {"key_as_string": "2024-06", "key": 1_717_200_000_000i64, "doc_count": 1}]}})
    );
}

#[test]
fn a_date_histogram_ends_at_the_end_of_time() {
    let bounds = json!({"min": i64::MAX - 100_000, "max": i64::MAX});
    let found = books().search(json!({"query": {"match_none": {}}, "size": 0, "aggs": {"d": {"date_histogram":
        {"field": "day", "fixed_interval": "1m", "min_doc_count": 0, "format": "epoch_millis", "extended_bounds": bounds}}}}));
    let buckets = found["aggregations"]["d"]["buckets"].as_array().map(Vec::len);
    assert!(buckets.is_some_and(|count| (1..=3).contains(&count)), "{found}");
}

#[test]
fn ranges_and_filters_make_buckets_of_what_they_match() {
    assert_eq!(
        books().aggregate(json!({"r": {"range": {"field": "n", "ranges": [{"to": 1}, {"from": 1, "key": "more"}]}},
            "f": {"filters": {"filters": {"quick": {"match": {"title": "quick"}}}, "other_bucket": true}}, "m": {"missing": {"field": "ip"}}})),
        json!({"r": {"buckets": [{"key": "*-1.0", "to": 1.0, "doc_count": 1}, {"key": "more", "from": 1.0, "doc_count": 3}]},
            "f": {"buckets": {"quick": {"doc_count": 3}, "_other_": {"doc_count": 1}}}, "m": {"doc_count": 1}})
    );
}

#[test]
fn percentiles_and_top_hits_look_into_buckets() {
    let answer = books().aggregate(json!({"p": {"percentiles": {"field": "n", "percents": [50]}},
        "k": {"terms": {"field": "kind", "size": 1}, "aggs": {"t": {"top_hits": {"size": 1, "sort": [{"n": "desc"}], "_source": ["n"]}}}}}));
    assert_eq!(answer["p"], json!({"values": {"50.0": 3.0}}));
    let hit = json!({"_index": "books", "_type": "_doc", "_id": "0", "_score": null, "_source": {"n": 1}, "sort": [1]});
    let hits = json!({"total": {"value": 2, "relation": "eq"}, "max_score": null, "hits": [hit]});
    assert_eq!(answer["k"]["buckets"][0]["t"]["hits"], hits);
}

#[test]
fn an_index_can_count_for_more() {
    let small = books();
    let other = small.create("other", Value::Null, mappings());
    write(&other, 0, &[json!({"kind": "a"})]);
    let body = json!({"query": {"match_all": {}}, "indices_boost": [{"oth*": 2.0}], "size": 1});
    let answer = small.search(body);
    assert_eq!(
        (&answer["hits"]["hits"][0]["_index"], &answer["hits"]["max_score"]),
        (&json!("other"), &json!(2.0))
    );
}

#[test]
fn too_many_buckets_are_refused() {
    let refusal = books()
        .try_search(json!({"aggs": {"h": {"histogram": {"field": "n", "interval": 0.0001}}}}))
        .unwrap_err();
    assert_eq!(
        (&refusal["status"], &refusal["error"]["caused_by"]["type"]),
        (&json!(503), &json!("too_many_buckets_exception"))
    );
}

#[test]
fn what_is_unknown_or_not_built_is_refused_by_name() {
    let small = books();
    for (body, refusal) in [
        (
            json!({"query": {"mtch": {}}}),
            "400 parsing_exception: unknown query [mtch] did you mean [match]?",
        ),
        (
            json!({"query": {"template": {}}}),
            "501 unsupported_operation_exception: [template query] is not supported by this service",
        ),
        (
            json!({"query": {"match": {"title": {"query": "x", "surprise": 1}}}}),
            "400 parsing_exception: [match] query does not support [surprise]",
        ),
        (
            json!({"surprise": {}}),
            "400 parsing_exception: Unknown key for a START_OBJECT in [surprise].",
        ),
        (
            json!({"aggs": {"x": {"avg": {"field": "kind"}}}}),
            "400 illegal_argument_exception: Field [kind] of type [keyword] is not supported for aggregation [avg]",
        ),
        (
            json!({"sort": ["nothing"]}),
            "400 query_shard_exception: No mapping found for [nothing] in order to sort on",
        ),
        (
            json!({"query": {"term": {"n": "abc"}}}),
            "400 query_shard_exception: failed to create query: For input string: \"abc\"",
        ),
    ] {
        assert_eq!(small.refusal(body), refusal);
    }
}

#[test]
fn a_page_beyond_the_result_window_is_refused_in_elasticsearchs_words() {
    let reason = books().refusal(json!({"from": 9_999, "size": 2}));
    assert!(reason.contains("Result window is too large, from + size must be less than or equal to: [10000] but was [10001]"), "{reason}");
}

#[test]
fn a_cancelled_search_ends() {
    let small = Small::new();
    let index = small.create("many", Value::Null, json!({"properties": {"n": {"type": "long"}}}));
    let documents: Vec<Value> = (0..5000).map(|n| json!({"n": n})).collect();
    write(&index, 0, &documents);
    let work = Work::unbounded();
    work.cancel.cancel();
    let body = json!({"query": {"exists": {"field": "n"}}});
    let request = SearchRequest::parse(Some(&body), &QueryParameters::default()).unwrap();
    let refusal = small
        .searches
        .search(&small.targets(&["many"]), &request, small.flavor, &me(), now(), &work)
        .unwrap_err();
    assert_eq!(refusal.kind(), ExceptionKind::TaskCancelled);
}

#[test]
fn a_url_search_is_a_query_string() {
    let small = books();
    let answer = small
        .search_in(
            &small.targets(&["books"]),
            &json!({}),
            "q=title:quick+AND+kind:c&_source=false&size=1",
        )
        .unwrap();
    assert_eq!(ids(&answer), ["3"]);
    assert_eq!(answer["hits"]["hits"][0].get("_source"), None);
}
