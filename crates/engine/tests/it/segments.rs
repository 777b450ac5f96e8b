//! What is answered does not depend on the segments that documents are in, nor on the way their values are reached.

use engine::index::{Index, Operation, Precondition, Write};
use serde_json::{Value, json};

use super::small::{Small, now, write};

/// Documents with equal numbers, equal words and several values.
fn documents() -> Vec<Value> {
    let text = |n: usize| "ash birch cedar ".repeat(n % 4 + 1);
    let document = |n: usize| {
        json!({
            "n": n * 7 % 11, "f": (n * 5 % 9) as f64 - 4.5, "k": format!("k{}", n * 3 % 17), "t": text(n),
            "many": [format!("m{}", n % 3), format!("m{}", n % 2), "m9"],
        })
    };
    (0..90).map(document).collect()
}

fn mappings() -> Value {
    let keyword = json!({"type": "keyword"});
    json!({"properties": {
        "n": {"type": "long"}, "f": {"type": "double"}, "k": keyword, "many": keyword, "t": {"type": "text"},
    }})
}

/// The documents in one segment, and in nine.
fn both() -> (Small, Small) {
    let (all, pieces) = (documents(), Small::new());
    let index = pieces.create("i", Value::Null, mappings());
    for (piece, documents) in all.chunks(10).enumerate() {
        write(&index, piece * 10, documents);
    }
    let whole = Small::with("i", mappings(), &all);
    (whole, pieces)
}

fn delete(index: &Index, id: usize) {
    let write = Operation {
        id: id.to_string(),
        routing: None,
        precondition: Precondition::None,
        write: Write::Delete,
    };
    index.write(vec![write], now().as_millisecond()).pop().unwrap().unwrap();
    index.refresh().unwrap();
}

#[test]
fn the_best_hits_of_several_segments_are_those_of_one() {
    let (whole, pieces) = both();
    let sorts = [
        json!([{"n": "desc"}, {"k": "asc"}]),
        json!([{"n": "asc"}, {"f": "desc"}]),
        json!([{"k": "desc"}, {"n": "asc"}]),
        json!([{"many": "desc"}, {"k": "desc"}]),
        json!([{"f": "asc"}]),
        json!(["_score"]),
        json!(["_score", {"k": "asc"}]),
    ];
    for sort in &sorts {
        for (from, size) in [(0, 1), (0, 3), (2, 10), (0, 100)] {
            let query = json!({"match": {"t": "ash cedar"}});
            let body = json!({"query": query, "sort": sort, "from": from, "size": size, "track_scores": true});
            let (one, nine) = (whole.search(body.clone()), pieces.search(body.clone()));
            assert_eq!(nine["hits"], one["hits"], "{body}");
        }
    }
}

/// A word alone is walked over by a scorer of ours, among others by tantivy's own.
#[test]
fn a_word_by_itself_scores_as_it_does_among_others() {
    let (whole, pieces) = both();
    let queries = [
        json!({"match": {"t": "ash"}}),
        json!({"match": {"t": {"query": "birch", "boost": 2.5}}}),
        json!({"term": {"t": "cedar"}}),
        json!({"term": {"k": {"value": "k3", "boost": 0.3}}}),
        json!({"match": {"t": "ash cedar"}}),
    ];
    let nowhere = json!({"match": {"t": "nowhere"}});
    for small in [&whole, &pieces] {
        for _ in 0..2 {
            for query in &queries {
                let among = [
                    json!({"bool": {"should": [query, nowhere]}}),
                    json!({"dis_max": {"queries": [query, nowhere]}}),
                ];
                let hits = |query: &Value, more: Value| {
                    let mut body = json!({"query": query, "size": 90});
                    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                    small.search(body)["hits"].clone()
                };
                let alone = hits(query, json!({}));
                assert!(alone["total"]["value"].as_u64().unwrap() > 3, "{alone}");
                for among in &among {
                    assert_eq!(hits(among, json!({})), alone, "{query}");
                }
                assert_eq!(hits(query, json!({"min_score": 0.0})), alone, "{query}");
            }
            (0..10).for_each(|id| delete(&small.index("i"), id));
        }
    }
}

#[test]
fn terms_of_all_documents_are_counted_as_those_of_documents_that_are_looked_at() {
    let aggregations = json!({
        "k": {"terms": {"field": "k", "size": 50}},
        "many": {"terms": {"field": "many", "order": {"_key": "asc"}}},
        "n": {"histogram": {"field": "n", "interval": 3}},
        "f": {"histogram": {"field": "f", "interval": 1.5, "offset": -0.25}},
        "inside": {"terms": {"field": "many"}, "aggs": {"a": {"avg": {"field": "n"}}}},
    });
    // The second query finds all documents, too, but nobody knows that before.
    let every = json!({"match_all": {}});
    let each = json!({"range": {"n": {"gte": 0}}});
    let answer = |small: &Small, query: &Value| {
        let body = json!({"size": 0, "query": query, "aggs": aggregations});
        let answer = small.search(body);
        (answer["hits"].clone(), answer["aggregations"].clone())
    };
    let (whole, pieces) = both();
    let expected = answer(&whole, &each);
    for small in [&whole, &pieces] {
        assert_eq!(answer(small, &every), expected);
    }
    for small in [&whole, &pieces] {
        let index = small.index("i");
        for id in [0, 17, 44, 89] {
            delete(&index, id);
        }
    }
    let expected = answer(&whole, &each);
    for small in [&whole, &pieces] {
        assert_eq!(answer(small, &every), expected);
    }
    assert_eq!(expected.0["total"]["value"], 86);
}

#[test]
fn different_texts_are_counted_alike_however_often_they_were() {
    let (whole, pieces) = both();
    let aggregations = json!({
        "k": {"cardinality": {"field": "k"}},
        "few": {"cardinality": {"field": "k", "precision_threshold": 1}},
        "many": {"cardinality": {"field": "many"}},
        "by": {"terms": {"field": "many"}, "aggs": {"k": {"cardinality": {"field": "k"}}}},
    });
    let queries = [
        json!({"match_all": {}}),
        json!({"term": {"k": "k3"}}),
        json!({"range": {"n": {"gte": 5}}}),
        json!({"match_all": {}}),
    ];
    let counted = |small: &Small, query: &Value| {
        let body = json!({"size": 0, "query": query, "aggs": aggregations});
        small.search(body)["aggregations"].clone()
    };
    assert_eq!(counted(&whole, &queries[0])["k"]["value"], 17);
    for _ in 0..2 {
        for query in &queries {
            assert_eq!(counted(&pieces, query), counted(&whole, query), "{query}");
        }
        // Those of one segment are gone, and are counted no more though their hashes are kept.
        for small in [&whole, &pieces] {
            (0..10).for_each(|id| delete(&small.index("i"), id));
        }
    }
    let one = json!({"terms": {"n": [0]}});
    assert_eq!(counted(&whole, &one), counted(&pieces, &one));
}
