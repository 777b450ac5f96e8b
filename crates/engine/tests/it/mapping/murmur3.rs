//! `murmur3`: of a plugin that Amazon's service has and the reference servers have not. What it does is in the plugin's source
//! (`Murmur3FieldMapper` of Elasticsearch 7.10.2); the hashes are of that version's `MurmurHash3`.

use serde_json::{Value, json};

use crate::domain::Domain;

const BAR: i64 = -7911037993560119804;
const BAZ: i64 = 8295379539955784970;
const QUUX: i64 = -7950096017414552811;

fn domains() -> [Domain; 2] {
    [Domain::elasticsearch(), Domain::opensearch()].map(|domain| {
        let mapping = json!({"mappings": {"properties": {
            "m": {"type": "murmur3"},
            "k": {"type": "keyword", "fields": {"hash": {"type": "murmur3"}}},
        }}});
        domain.ok("PUT /a", &mapping.to_string());
        let documents = [
            json!({"k": "bar"}),
            json!({"k": ["baz", "quux"]}),
            json!({"k": "bar", "m": 1}),
            json!({}),
        ];
        for (id, document) in documents.iter().enumerate() {
            let (status, _) =
                domain.ask(&format!("PUT /a/_doc/{id}?refresh=true"), &document.to_string());
            assert_eq!(status, 201);
        }
        domain
    })
}

fn search(domain: &Domain, body: Value) -> Value {
    domain.ok("POST /a/_search", &body.to_string())
}

fn ids(found: &Value) -> Vec<&str> {
    let hits = found["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["_id"].as_str().unwrap()).collect()
}

#[test]
fn its_hashes_are_counted() {
    for domain in domains() {
        let aggs = json!({
            "distinct": {"cardinality": {"field": "k.hash"}},
            "count": {"value_count": {"field": "k.hash"}},
            "each": {"terms": {"field": "k.hash"}},
        });
        let found = search(&domain, json!({"size": 0, "aggs": aggs}));
        let aggs = &found["aggregations"];
        assert_eq!(aggs["distinct"]["value"], 3);
        assert_eq!(aggs["count"]["value"], 4);
        let buckets = json!([
            {"key": BAR, "doc_count": 2},
            {"key": QUUX, "doc_count": 1},
            {"key": BAZ, "doc_count": 1},
        ]);
        assert_eq!(aggs["each"]["buckets"], buckets);
    }
}

#[test]
fn hits_show_its_values_and_its_hashes() {
    for domain in domains() {
        let found = search(
            &domain,
            json!({"query": {"ids": {"values": ["1"]}}, "fields": ["k.hash"], "docvalue_fields": ["k.hash"]}),
        );
        let shown = &found["hits"]["hits"][0]["fields"]["k.hash"];
        // Asked for by both, what `fields` shows counts.
        assert_eq!(shown, &json!(["baz", "quux"]));
        let found = search(
            &domain,
            json!({"query": {"ids": {"values": ["1", "2"]}}, "docvalue_fields": ["k.hash", "m"], "sort": ["_id"]}),
        );
        assert_eq!(found["hits"]["hits"][0]["fields"], json!({"k.hash": [QUUX, BAZ]}));
        assert_eq!(
            found["hits"]["hits"][1]["fields"],
            json!({"k.hash": [BAR], "m": [8213365047359667313_i64]})
        );
    }
}

#[test]
fn hits_are_sorted_by_its_hashes() {
    for domain in domains() {
        let found = search(&domain, json!({"sort": [{"k.hash": "desc"}, "_id"]}));
        assert_eq!(ids(&found), ["1", "0", "2", "3"]);
    }
}

#[test]
fn documents_that_have_one_are_found_and_no_value_is() {
    for domain in domains() {
        let found = search(&domain, json!({"query": {"exists": {"field": "m"}}}));
        assert_eq!(ids(&found), ["2"]);
        for query in
            [json!({"term": {"m": 1}}), json!({"terms": {"m": [1]}}), json!({"match": {"m": 1}})]
        {
            let (status, refusal) =
                domain.ask("POST /a/_search", &json!({"query": query}).to_string());
            assert_eq!(status, 400, "{query}");
            let cause = &refusal["error"]["root_cause"][0];
            assert_eq!(cause["type"], "query_shard_exception", "{query}");
            assert_eq!(cause["reason"], "Murmur3 fields are not searchable: [m]", "{query}");
        }
    }
}

#[test]
fn objects_are_refused_and_its_mapping_is_printed() {
    for domain in domains() {
        let (status, refusal) = domain.ask("PUT /a/_doc/9", r#"{"m": {"a": 1}}"#);
        assert_eq!(status, 400);
        let reason = "failed to parse field [m] of type [murmur3] in document with id '9'. Preview of field's value: '{a=1}'";
        assert_eq!(refusal["error"]["reason"], reason);
        let mapping = domain.ok("GET /a/_mapping/field/m", "");
        assert_eq!(mapping["a"]["mappings"]["m"]["mapping"], json!({"m": {"type": "murmur3"}}));
        let (status, refusal) = domain.ask(
            "PUT /b",
            r#"{"mappings": {"properties": {"m": {"type": "murmur3", "seed": 1}}}}"#,
        );
        assert_eq!(status, 400);
        let reason = "unknown parameter [seed] on mapper [m] of type [murmur3]";
        assert!(refusal["error"]["reason"].as_str().unwrap().ends_with(reason), "{refusal}");
        let capabilities = domain.ok("GET /a/_field_caps?fields=m", "");
        let of_field = &capabilities["fields"]["m"]["murmur3"];
        assert_eq!(of_field["searchable"], false);
        assert_eq!(of_field["aggregatable"], true);
    }
}
