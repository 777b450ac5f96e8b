//! Every API that reads documents goes through the two places that honour a view's restrictions.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::rest::{Flavor, parse, route};
use crate::{Engine, EngineSettings, Grants, View, Work};

/// An engine with the index `staff`: ann of team `a`, and bob, whom nobody else sees, of team `b`; the salary of both is
/// 98765.
struct Staff(Engine);

impl Staff {
    fn new() -> Staff {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::Elasticsearch710,
            cluster_name: "c".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let staff = Staff(Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap());
        let mapping = json!({"mappings": {"properties": {
            "name": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "team": {"type": "keyword"},
            "salary": {"type": "long"},
        }}});
        staff.admin("PUT", "/staff", &mapping);
        let ann = json!({"name": "ann", "team": "a", "salary": 98765});
        let bob = json!({"name": "bob", "team": "b", "salary": 98765});
        staff.admin("PUT", "/staff/_doc/1", &ann);
        staff.admin("PUT", "/staff/_doc/2?refresh=true", &bob);
        staff
    }

    fn uuid(&self) -> String {
        self.0.metadata().index("staff").unwrap().uuid.to_string()
    }

    /// Everything, but of `staff` only team `a`.
    fn team_a(&self) -> View {
        let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
        let restrictions = Restrictions::of(&self.uuid(), Some(filter), None);
        View::of(Grants { restrictions, ..Grants::everything("someone") })
    }

    /// Everything, but of `staff` only the fields `name` and `team`.
    fn no_salaries(&self) -> View {
        let restrictions = Restrictions::of(&self.uuid(), None, Some(&["name", "team"]));
        View::of(Grants { restrictions, ..Grants::everything("someone") })
    }

    fn admin(&self, method: &str, url: &str, body: &Value) -> (u16, String) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(&View::everything("admin"), method, url, &body)
    }

    fn call(&self, view: &View, method: &str, url: &str, body: &str) -> (u16, String) {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let route = route(method, path, query, Flavor::Elasticsearch710).unwrap();
        let kind =
            if url.contains("_msearch") { "application/x-ndjson" } else { "application/json" };
        let kind = (!body.is_empty()).then_some(kind);
        let parsed = parse(route, kind, body.to_owned().into(), &Work::unbounded()).unwrap();
        let (now, work) = (Timestamp::UNIX_EPOCH, Work::unbounded());
        let answer = self.0.execute(&parsed, &self.0.metadata(), view, now, &work);
        (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
    }

    fn json(&self, view: &View, method: &str, url: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.call(view, method, url, &body);
        assert_eq!(status, 200, "{method} {url}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

#[test]
fn a_view_is_unrestricted_unless_something_restricts_it() {
    let staff = Staff::new();
    for view in [View::default(), View::everything("someone")] {
        assert!(!view.restricts(&staff.uuid()));
    }
}

#[test]
fn a_search_finds_only_documents_that_the_view_shows() {
    let staff = Staff::new();
    let body = json!({
        "query": {"bool": {"should": [{"match": {"name": "bob"}}, {"match_all": {}}]}},
        "aggs": {"names": {"terms": {"field": "name.raw"}, "aggs": {"top": {"top_hits": {}}}}},
    });
    let answer = staff.json(&staff.team_a(), "GET", "/staff/_search", &body);
    assert_eq!(answer["hits"]["total"]["value"], 1);
    assert!(answer.to_string().contains("ann") && !answer.to_string().contains("bob"), "{answer}");
}

#[test]
fn each_search_of_an_msearch_finds_only_documents_that_the_view_shows() {
    let staff = Staff::new();
    let body = "{\"index\":\"staff\"}\n{}\n";
    let (status, answer) = staff.call(&staff.team_a(), "POST", "/_msearch", body);
    assert!(status == 200 && answer.contains("ann") && !answer.contains("bob"), "{answer}");
}

#[test]
fn a_global_aggregation_counts_only_documents_that_the_view_shows() {
    let staff = Staff::new();
    let body = json!({"query": {"match_none": {}}, "aggs": {"all": {"global": {}}}});
    let answer = staff.json(&staff.team_a(), "GET", "/staff/_search", &body);
    assert_eq!(answer["aggregations"]["all"]["doc_count"], 1);
}

#[test]
fn each_page_of_a_scroll_has_only_documents_that_the_view_shows() {
    let staff = Staff::new();
    staff.admin("PUT", "/staff/_doc/3?refresh=true", &json!({"name": "amy", "team": "a"}));
    let (view, first) = (staff.team_a(), "/staff/_search?scroll=1m&size=1&sort=_doc");
    let page = staff.json(&view, "GET", first, &Value::Null);
    assert_eq!(page["hits"]["total"]["value"], 2);
    let next = json!({"scroll_id": page["_scroll_id"]});
    let second = staff.json(&view, "POST", "/_search/scroll", &next);
    assert_eq!(second["hits"]["hits"][0]["_source"]["name"], "amy");
    let third = staff.json(&view, "POST", "/_search/scroll", &next);
    assert_eq!(third["hits"]["hits"], json!([]));
}

#[test]
fn counts_are_of_documents_that_the_view_shows() {
    let staff = Staff::new();
    let view = staff.team_a();
    assert_eq!(staff.json(&view, "GET", "/staff/_count", &Value::Null)["count"], 1);
    let (_, table) = staff.call(&view, "GET", "/_cat/count/staff?h=count", "");
    assert_eq!(table.trim(), "1");
}

#[test]
fn an_aliass_filter_sees_only_the_fields_that_the_view_shows() {
    let staff = Staff::new();
    let paid = json!({"filter": {"range": {"salary": {"gt": 0}}}});
    staff.admin("PUT", "/staff/_alias/paid", &paid);
    let count =
        |view: &View| staff.json(view, "GET", "/paid/_count", &Value::Null)["count"].clone();
    assert_eq!(count(&View::everything("admin")), 2);
    assert_eq!(count(&staff.no_salaries()), 0);
}

#[test]
fn a_deletion_on_another_shard_does_not_reach_a_document_that_the_view_hides() {
    let staff = Staff::new();
    staff.admin("PUT", "/spread", &json!({"settings": {"number_of_shards": 5}}));
    staff.admin("PUT", "/spread/_doc/1?routing=here&refresh=true", &json!({"team": "b"}));
    let found = |routing: &str| {
        staff.admin("GET", &format!("/spread/_doc/1?routing={routing}"), &Value::Null).0 == 200
    };
    let elsewhere = ["a", "b", "c", "d", "e", "f"].into_iter().find(|routing| !found(routing));
    let uuid = staff.0.metadata().index("spread").unwrap().uuid.to_string();
    let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
    let restrictions = Restrictions::of(&uuid, Some(filter), None);
    let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
    let url = format!("/spread/_doc/1?routing={}", elsewhere.expect("each leads to its shard"));
    assert_eq!(staff.call(&view, "DELETE", &url, "").0, 404);
    assert!(found("here"));
}

#[test]
fn a_document_that_the_view_does_not_show_is_not_found() {
    let staff = Staff::new();
    let view = staff.team_a();
    for (method, url) in [
        ("GET", "/staff/_doc/2"),
        ("GET", "/staff/_doc/2?realtime=false"),
        ("HEAD", "/staff/_doc/2"),
        ("GET", "/staff/_source/2"),
        ("HEAD", "/staff/_source/2"),
    ] {
        let (status, body) = staff.call(&view, method, url, "");
        assert!(status == 404 && !body.contains("bob"), "{method} {url}: {status} {body}");
    }
    assert_eq!(staff.call(&view, "GET", "/staff/_doc/1", "").0, 200);
    let found = staff.json(&view, "GET", "/staff/_mget", &json!({"ids": ["1", "2"]}));
    assert_eq!(found["docs"][0]["found"], true);
    assert_eq!(found["docs"][1]["found"], false);
}

#[test]
fn d21_a_document_is_found_again_once_it_is_shown_and_refreshed() {
    let staff = Staff::new();
    let view = staff.team_a();
    staff.admin("PUT", "/staff/_doc/2", &json!({"name": "bob", "team": "a"}));
    assert_eq!(staff.call(&view, "GET", "/staff/_doc/2", "").0, 404);
    assert_eq!(staff.call(&view, "GET", "/staff/_doc/2?refresh=true", "").0, 200);
}

#[test]
fn a_deletion_by_query_deletes_only_documents_that_the_view_shows() {
    let staff = Staff::new();
    let all = json!({"query": {"match_all": {}}});
    let answer = staff.json(&staff.team_a(), "POST", "/staff/_delete_by_query", &all);
    assert_eq!(answer["deleted"], 1);
    assert_eq!(staff.admin("GET", "/staff/_doc/2", &Value::Null).0, 200);
}

#[test]
fn what_is_not_shown_whole_is_not_written_again_from_what_is_read() {
    let staff = Staff::new();
    for view in [staff.team_a(), staff.no_salaries()] {
        let change = r#"{"doc": {"team": "c"}, "doc_as_upsert": true}"#;
        for (url, body) in [("/staff/_update/1", change), ("/staff/_update_by_query", "")] {
            let (status, answer) = staff.call(&view, "POST", url, body);
            assert!(status == 403 && answer.contains("security_exception"), "{url}: {answer}");
        }
    }
    let (_, ann) = staff.admin("GET", "/staff/_doc/1", &Value::Null);
    assert!(ann.contains("98765"), "{ann}");
}

#[test]
fn a_field_that_the_view_does_not_show_is_in_no_answer() {
    let staff = Staff::new();
    let view = staff.no_salaries();
    let search = json!({
        "fields": ["*"],
        "docvalue_fields": ["salary"],
        "aggs": {
            "sum": {"sum": {"field": "salary"}},
            "each": {"terms": {"field": "salary"}},
            "top": {"top_hits": {"_source": "salary"}},
        },
    });
    for (method, url, body) in [
        ("GET", "/staff/_search", search),
        ("GET", "/staff/_search?_source=salary", Value::Null),
        ("GET", "/staff/_doc/1", Value::Null),
        ("GET", "/staff/_doc/1?realtime=false&_source=salary", Value::Null),
        ("GET", "/staff/_source/1", Value::Null),
        ("GET", "/staff/_mget", json!({"ids": ["1", "2"]})),
    ] {
        let whole = staff.json(&View::everything("admin"), method, url, &body).to_string();
        assert!(whole.contains("98765"), "{method} {url} shows no salaries to anybody: {whole}");
        let answer = staff.json(&view, method, url, &body).to_string();
        assert!(!answer.contains("98765"), "{method} {url}: {answer}");
    }
}

#[test]
fn a_field_that_the_view_does_not_show_finds_and_orders_nothing() {
    let staff = Staff::new();
    let view = staff.no_salaries();
    for query in [
        json!({"term": {"salary": 98765}}),
        json!({"terms": {"salary": [98765]}}),
        json!({"range": {"salary": {"gte": 0}}}),
        json!({"exists": {"field": "salary"}}),
        json!({"match": {"salary": 98765}}),
        json!({"query_string": {"query": "98765"}}),
        json!({"query_string": {"query": "salary:98765"}}),
        json!({"multi_match": {"query": "98765", "fields": ["*"]}}),
    ] {
        let body = json!({"query": query});
        let counted =
            |view: &View| staff.json(view, "GET", "/staff/_count", &body)["count"].clone();
        assert_eq!(counted(&View::everything("admin")), 2, "{query}");
        assert_eq!(counted(&view), 0, "{query}");
    }
    let (status, refusal) = staff.call(&view, "GET", "/staff/_search?sort=salary", "");
    assert!(status == 400 && refusal.contains("No mapping found for [salary]"), "{refusal}");
    for kind in ["long", "double", "keyword", "ip"] {
        let sort = json!({"sort": [{"salary": {"unmapped_type": kind}}]});
        let hits = staff.json(&view, "GET", "/staff/_search", &sort)["hits"].to_string();
        assert!(!hits.contains("98765"), "{kind}: {hits}");
    }
}

#[test]
fn a_filter_is_judged_on_fields_that_the_view_does_not_show() {
    let staff = Staff::new();
    let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
    let restrictions = Restrictions::of(&staff.uuid(), Some(filter), Some(&["name"]));
    let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
    let found = staff.json(&view, "GET", "/staff/_search", &Value::Null);
    assert_eq!(found["hits"]["hits"][0]["_source"], json!({"name": "ann"}));
    let read = staff.json(&view, "GET", "/staff/_doc/1", &Value::Null);
    assert_eq!(read["_source"], json!({"name": "ann"}));
}

#[test]
fn a_document_that_the_view_does_not_show_is_not_explained() {
    let staff = Staff::new();
    let body = r#"{"query": {"match_all": {}}}"#;
    for (id, seen) in [("1", true), ("2", false)] {
        let url = format!("/staff/_explain/{id}?_source=true");
        let (status, answer) = staff.call(&staff.team_a(), "GET", &url, body);
        assert_eq!((status == 200, answer.contains("salary")), (seen, seen), "{answer}");
    }
}

#[test]
fn d14_terms_of_documents_that_a_view_does_not_show_are_not_told() {
    let staff = Staff::new();
    let view = staff.team_a();
    let (status, answer) = staff.call(&view, "GET", "/staff/_termvectors/2?fields=name", "");
    assert!(status == 200 && answer.contains("\"found\":false"), "{answer}");
    // Counts of terms, and words that are near, would be those of all documents.
    let (status, answer) = staff.call(&view, "GET", "/staff/_termvectors/1?fields=name", "");
    assert_eq!(status, 501, "{answer}");
    let body = r#"{"suggest": {"s": {"text": "anna", "term": {"field": "name"}}}}"#;
    let (status, answer) = staff.call(&view, "GET", "/staff/_search", body);
    assert_eq!(status, 501, "{answer}");
}

impl Staff {
    /// With an index `posts`: of team `a` a question, an answer and an offer, of team `b` others; whatever holds the word
    /// `hidden` is of team `b` or in the field `secret`.
    fn with_posts() -> (Staff, View, View) {
        let staff = Staff::new();
        let objects = json!({"type": "nested", "properties": {
            "k": {"type": "keyword"}, "secret": {"type": "keyword"}}});
        let relations = json!({"type": "join", "relations": {"question": "answer"}});
        let mapping = json!({"mappings": {"properties": {
            "team": {"type": "keyword"}, "k": {"type": "keyword"}, "secret": {"type": "keyword"},
            "objects": objects, "j": relations}}});
        staff.admin("PUT", "/posts", &mapping);
        let object = |k: &str| json!([{"secret": "hidden"}, {"k": k, "secret": "hidden"}]);
        let child = |parent: &str| json!({"name": "answer", "parent": parent});
        for (id, post) in [
            ("1", json!({"team": "a", "k": "one", "j": "question", "objects": object("shown")})),
            (
                "2",
                json!({"team": "b", "k": "hidden", "j": "question", "objects": object("hidden")}),
            ),
            ("3", json!({"team": "a", "k": "three", "j": child("1")})),
            ("4", json!({"team": "b", "k": "hidden", "j": child("1")})),
            ("5", json!({"team": "a", "k": "five", "j": child("2")})),
        ] {
            let url = format!("/posts/_doc/{id}?routing=1&refresh=true");
            let (status, answer) = staff.admin("PUT", &url, &post);
            assert_eq!(status, 201, "{answer}");
        }
        let uuid = staff.0.metadata().index("posts").unwrap().uuid.to_string();
        let view =
            |restrictions| View::of(Grants { restrictions, ..Grants::everything("someone") });
        let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
        let of_team = view(Restrictions::of(&uuid, Some(filter), None));
        let shown = ["team", "k", "j", "objects.k"];
        let of_fields = view(Restrictions::of(&uuid, None, Some(&shown)));
        (staff, of_team, of_fields)
    }
}

#[test]
fn nested_objects_of_hidden_documents_are_never_reached() {
    let (staff, view, _) = Staff::with_posts();
    let body = json!({
        "query": {"nested": {"path": "objects", "query": {"exists": {"field": "objects.k"}}, "inner_hits": {}}},
        "aggs": {"o": {"nested": {"path": "objects"}, "aggs": {"k": {"terms": {"field": "objects.k"}},
            "top": {"top_hits": {}}}},
            "g": {"global": {}, "aggs": {"o": {"nested": {"path": "objects"}}}}},
        "sort": [{"objects.k": {"nested": {"path": "objects"}}}],
        "_source": ["k"],
    });
    let answer = staff.json(&view, "GET", "/posts/_search", &body);
    assert_eq!(answer["hits"]["total"]["value"], 1, "{answer}");
    assert_eq!(answer["aggregations"]["o"]["doc_count"], 2);
    assert_eq!(answer["aggregations"]["g"]["o"]["doc_count"], 2);
    let keys = &answer["aggregations"]["o"]["k"]["buckets"];
    assert_eq!(keys[0]["key"], "shown");
    assert_eq!(keys.as_array().unwrap().len(), 1);
}

#[test]
fn hidden_fields_of_nested_objects_are_shown_nowhere() {
    let (staff, _, view) = Staff::with_posts();
    let shown = json!({"term": {"objects.k": "shown"}});
    let body = json!({
        "query": {"nested": {"path": "objects", "query": shown, "inner_hits": {"docvalue_fields": ["objects.*"],
            "fields": ["objects.*"], "highlight": {"fields": {"objects.*": {}}}}}},
        "aggs": {"o": {"nested": {"path": "objects"}, "aggs": {"s": {"terms": {"field": "objects.secret"}},
            "top": {"top_hits": {}}}}},
    });
    let answer = staff.json(&view, "GET", "/posts/_search", &body);
    assert_eq!(answer["hits"]["total"]["value"], 1, "{answer}");
    let inner = &answer["hits"]["hits"][0]["inner_hits"]["objects"]["hits"]["hits"][0];
    // The object before it shows nothing, and is not taken for it.
    assert_eq!(
        (&inner["_source"], &inner["_nested"]["offset"]),
        (&json!({"k": "shown"}), &json!(1))
    );
    assert!(!answer.to_string().contains("hidden"), "{answer}");
    let secret = json!({"query": {"nested": {"path": "objects", "query": {"term": {"objects.secret": "hidden"}}}}});
    let answer = staff.json(&view, "GET", "/posts/_search", &secret);
    assert_eq!(answer["hits"]["total"]["value"], 0, "{answer}");
}

#[test]
fn joins_reach_only_documents_that_the_view_shows() {
    let (staff, view, _) = Staff::with_posts();
    let found = |query: Value| {
        let answer =
            staff.json(&view, "GET", "/posts/_search", &json!({"query": query, "_source": ["k"]}));
        assert!(!answer.to_string().contains("hidden"), "{answer}");
        answer["hits"]["total"]["value"].as_u64().unwrap()
    };
    let child = |k: &str| json!({"has_child": {"type": "answer", "query": {"term": {"k": k}}, "inner_hits": {"_source": ["k"]}}});
    assert_eq!((found(child("three")), found(child("hidden"))), (1, 0));
    let parent =
        |k: &str| json!({"has_parent": {"parent_type": "question", "query": {"term": {"k": k}}}});
    assert_eq!((found(parent("one")), found(parent("hidden"))), (1, 0));
    let body = json!({"size": 0, "aggs": {
        "c": {"children": {"type": "answer"}, "aggs": {"k": {"terms": {"field": "k"}}}},
        "p": {"parent": {"type": "answer"}, "aggs": {"k": {"terms": {"field": "k"}}}}}});
    let answer = staff.json(&view, "GET", "/posts/_search", &body);
    assert_eq!(answer["aggregations"]["c"]["doc_count"], 1, "{answer}");
    assert_eq!(answer["aggregations"]["p"]["doc_count"], 1, "{answer}");
    assert!(!answer.to_string().contains("hidden"), "{answer}");
}

#[test]
fn collapsed_hits_stand_only_for_documents_that_the_view_shows() {
    let (staff, view, _) = Staff::with_posts();
    let body = json!({"_source": ["k"], "collapse": {"field": "k", "inner_hits": {"name": "all", "_source": ["k"]}}});
    let answer = staff.json(&view, "GET", "/posts/_search", &body);
    let hits = answer["hits"]["hits"].as_array().unwrap();
    let all: u64 = hits
        .iter()
        .map(|hit| hit["inner_hits"]["all"]["hits"]["total"]["value"].as_u64().unwrap())
        .sum();
    assert_eq!((hits.len(), all), (3, 3), "{answer}");
    assert!(!answer.to_string().contains("hidden"), "{answer}");
}

#[test]
fn completions_are_only_of_documents_and_fields_that_the_view_shows() {
    let staff = Staff::new();
    let team = json!({"name": "team", "type": "category", "path": "team"});
    let mapping = json!({"mappings": {"properties": {
        "team": {"type": "keyword"},
        "s": {"type": "completion"},
        "c": {"type": "completion", "contexts": [team]},
    }}});
    staff.admin("PUT", "/names", &mapping);
    for (id, team) in [("shown", "a"), ("hidden", "b")] {
        let name = format!("name {id}");
        let document = json!({"team": team, "s": name, "c": name});
        staff.admin("PUT", &format!("/names/_doc/{id}?refresh=true"), &document);
    }
    let uuid = staff.0.metadata().index("names").unwrap().uuid.to_string();
    let view = |restrictions| View::of(Grants { restrictions, ..Grants::everything("someone") });
    let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
    let of_team = view(Restrictions::of(&uuid, Some(filter), None));
    let ask =
        |completion: Value| json!({"suggest": {"s": {"prefix": "na", "completion": completion}}});
    let plain = ask(json!({"field": "s"}));
    let in_teams = ask(json!({"field": "c", "contexts": {"team": ["a", "b"]}}));
    for body in [&plain, &in_teams] {
        let answer = staff.json(&of_team, "GET", "/names/_search", body);
        let options = answer["suggest"]["s"][0]["options"].as_array().unwrap();
        assert_eq!(options.len(), 1, "{answer}");
        assert!(!answer.to_string().contains("hidden"), "{answer}");
    }
    // The values of a context are those of its field.
    let no_teams = view(Restrictions::of(&uuid, None, Some(&["s", "c"])));
    let (status, answer) = staff.call(&no_teams, "GET", "/names/_search", &in_teams.to_string());
    assert!(status == 400 && answer.contains("no mapping found for field [c]"), "{answer}");
    let answer = staff.json(&no_teams, "GET", "/names/_search", &plain);
    assert_eq!(answer["suggest"]["s"][0]["options"].as_array().unwrap().len(), 2, "{answer}");
    assert!(!answer.to_string().contains("team"), "{answer}");
}

/// Every place of a search that asks a script: `filter` and `score` are the scripts.
fn scripted_searches(filter: &str, score: &str) -> Vec<Value> {
    let filter = json!({"script": {"script": filter}});
    let scored = |query: Value| json!({"script_score": {"query": query, "script": {"source": score}, "min_score": 0.5}});
    let function = json!({"script_score": {"script": {"source": score}}});
    let everything = json!({"match_all": {}});
    let nobody = json!({"match": {"name": "nobody"}});
    let query = |query: Value| json!({"query": query, "track_scores": true});
    vec![
        query(filter.clone()),
        query(json!({"constant_score": {"filter": filter}})),
        query(json!({"bool": {"filter": [filter]}})),
        query(json!({"bool": {"must": [filter, everything]}})),
        query(json!({"bool": {"must_not": [filter]}})),
        query(json!({"bool": {"should": [nobody, filter]}})),
        query(json!({"bool": {"should": [nobody, filter], "must": [everything]}})),
        query(json!({"bool": {"should": [everything, filter, nobody], "minimum_should_match": 2}})),
        query(json!({"bool": {"should": [scored(everything.clone()), nobody]}})),
        query(json!({"dis_max": {"queries": [nobody, filter]}})),
        query(
            json!({"boosting": {"positive": everything, "negative": filter, "negative_boost": 0.5}}),
        ),
        query(scored(everything.clone())),
        query(scored(filter.clone())),
        query(json!({"function_score": {"functions": [function], "min_score": 0.5}})),
        query(json!({"function_score": {"query": filter, "functions": [{"weight": 2}]}})),
        query(json!({"function_score": {"functions": [{"filter": filter, "weight": 2}]}})),
        query(json!({"bool": {"should": [nobody, {"function_score": {"functions": [function]}}]}})),
        json!({"post_filter": filter}),
        json!({"query": nobody, "aggs": {"all": {"global": {}, "aggs": {"some": {"filter": filter}}}}}),
        json!({"aggs": {"some": {"filters": {"filters": [filter, nobody]}}}}),
        json!({"aggs": {"some": {"adjacency_matrix": {"filters": {"a": filter, "b": nobody}}}}}),
        json!({"aggs": {"some": {"significant_terms": {"field": "team", "background_filter": filter}}}}),
        json!({"rescore": {"query": {"rescore_query": filter}}}),
        json!({"query": {"bool": {"must": [everything], "should": [{"script": {"script": filter["script"]["script"], "_name": "n"}}]}}}),
        json!({"sort": [{"_script": {"script": score, "type": "number"}}]}),
        json!({"sort": [{"_script": {"script": format!("{score} + ''"), "type": "string"}}]}),
        json!({"collapse": {"field": "team", "inner_hits": {"name": "all"}}, "query": filter}),
        json!({"script_fields": {"f": {"script": score}}}),
        json!({"aggs": {"all": {"global": {}, "aggs": {"sum": {"sum": {"script": score}}}}}}),
        json!({"aggs": {"names": {"terms": {"script": score, "min_doc_count": 0}}}}),
        json!({"aggs": {"all": {"scripted_metric": {
            "map_script": score.replace("return 1.0", "state.n = 1"), "combine_script": "state", "reduce_script": "states"}}}}),
    ]
}

/// What fails on bob's document, and on no other.
const NOT_ON_BOB: &str =
    "if (doc['team'].value == 'b') { throw new RuntimeException('saw ' + doc['name.raw'].value) }";

#[test]
fn no_script_is_asked_about_a_document_that_the_view_hides() {
    let staff = Staff::new();
    let (filter, score) = (format!("{NOT_ON_BOB} return true"), format!("{NOT_ON_BOB} return 1"));
    for (number, search) in
        scripted_searches(&filter, &score.replace("return 1", "return 1.0")).into_iter().enumerate()
    {
        let text = search.to_string();
        let (status, answer) = staff.call(&staff.team_a(), "POST", "/staff/_search", &text);
        assert!(status == 200 && !answer.contains("bob"), "{number}: {search}: {answer}");
    }
}

#[test]
fn a_script_that_fails_on_a_document_that_is_shown_says_so() {
    let staff = Staff::new();
    let (filter, score) = (format!("{NOT_ON_BOB} return true"), format!("{NOT_ON_BOB} return 1.0"));
    for (number, search) in scripted_searches(&filter, &score).into_iter().enumerate() {
        let text = search.to_string();
        let (_, answer) = staff.call(&View::everything("admin"), "POST", "/staff/_search", &text);
        assert!(answer.contains("saw bob"), "{number}: {search}: {answer}");
    }
}

#[test]
fn no_script_is_asked_about_a_document_that_was_deleted() {
    let staff = Staff::new();
    staff.admin("PUT", "/staff/_doc/3", &json!({"name": "cid", "team": "a"}));
    staff.admin("DELETE", "/staff/_doc/2?refresh=true", &Value::Null);
    let (filter, score) = (format!("{NOT_ON_BOB} return true"), format!("{NOT_ON_BOB} return 1.0"));
    for search in scripted_searches(&filter, &score) {
        staff.json(&View::everything("admin"), "POST", "/staff/_search", &search);
    }
}

#[test]
fn no_script_is_asked_about_a_document_that_an_aliass_filter_hides() {
    let staff = Staff::new();
    staff.admin("PUT", "/staff/_alias/a", &json!({"filter": {"term": {"team": "a"}}}));
    let (filter, score) = (format!("{NOT_ON_BOB} return true"), format!("{NOT_ON_BOB} return 1.0"));
    for search in scripted_searches(&filter, &score) {
        // Its background, every string and the keys of no document are those of the whole index, as in Elasticsearch.
        let text = search.to_string();
        let whole = ["global", "background_filter", "\"string\"", "min_doc_count"];
        if !whole.iter().any(|of| text.contains(of)) {
            staff.json(&View::everything("admin"), "POST", "/a/_search", &search);
        }
    }
}

#[test]
fn what_only_some_fields_are_hidden_of_is_read_in_real_time() {
    let staff = Staff::new();
    let mapping = json!({"mappings": {"_source": {"excludes": ["private"]}, "properties": {
        "name": {"type": "keyword", "store": true}, "salary": {"type": "long", "store": true},
        "private": {"type": "keyword"}}}});
    staff.admin("PUT", "/late", &mapping);
    let ann = json!({"name": "ann", "salary": 98765, "private": "98765"});
    staff.admin("PUT", "/late/_doc/1", &ann);
    let uuid = staff.0.metadata().index("late").unwrap().uuid.to_string();
    let restrictions = Restrictions::of(&uuid, None, Some(&["name", "private"]));
    let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
    let shown = json!({"name": "ann"});
    let both = "stored_fields=name,salary&_source=true";
    for refresh in ["", "?refresh=true"] {
        let read = |url: &str, body: &Value| staff.json(&view, "GET", url, body);
        assert_eq!(staff.call(&view, "GET", &format!("/late/_doc/1{refresh}"), "").0, 200);
        assert_eq!(read("/late/_doc/1", &Value::Null)["_source"], shown);
        assert_eq!(read("/late/_source/1", &Value::Null), shown);
        let many = read("/late/_mget", &json!({"ids": ["1"]}));
        assert_eq!(many["docs"][0]["_source"], shown, "{many}");
        let stored = read(&format!("/late/_doc/1?{both}"), &Value::Null);
        assert_eq!(stored["fields"], json!({"name": ["ann"]}), "{stored}");
    }
    let found = staff.json(&view, "GET", "/late/_search", &Value::Null);
    assert_eq!(found["hits"]["hits"][0]["_source"], shown);
}

#[test]
fn the_mapping_that_a_read_in_real_time_goes_by_is_the_one_that_shows() {
    let staff = Staff::new();
    let mapping = json!({"mappings": {"properties": {"name": {"type": "keyword", "store": true,
        "copy_to": "code"}, "code": {"type": "long", "ignore_malformed": true, "store": true},
        "secret": {"properties": {"x": {"type": "keyword"}}}}}});
    staff.admin("PUT", "/late", &mapping);
    staff.admin("PUT", "/late/_doc/1", &json!({"name": "ann", "secret": {"x": "y"}}));
    let uuid = staff.0.metadata().index("late").unwrap().uuid.to_string();
    let restrictions = Restrictions::of(&uuid, None, Some(&["name"]));
    let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
    let url = "/late/_doc/1?stored_fields=name,secret,code";
    assert_eq!(staff.admin("GET", url, &Value::Null).0, 400, "an object is no stored field");
    let answer = staff.json(&view, "GET", url, &Value::Null);
    assert_eq!(answer["fields"], json!({"name": ["ann"]}), "{answer}");
    assert!(!answer.to_string().contains("code"), "{answer}");
}

#[test]
fn what_only_some_fields_are_hidden_of_is_counted_and_suggested() {
    let staff = Staff::new();
    let view = staff.no_salaries();
    let body = json!({"suggest": {"s": {"text": "anna", "term": {"field": "name"}}}});
    let answer = staff.json(&view, "GET", "/staff/_search", &body);
    assert_eq!(answer["suggest"]["s"][0]["text"], "anna");
    let url = "/staff/_termvectors/1?fields=*&term_statistics=true";
    let answer = staff.json(&view, "GET", url, &Value::Null).to_string();
    assert!(answer.contains("ann") && !answer.contains("salary"), "{answer}");
}

#[test]
fn what_words_are_frequent_is_not_asked_where_documents_are_hidden() {
    let staff = Staff::new();
    let like = json!({"more_like_this": {"fields": ["name"], "like": "bob ann", "min_term_freq": 1,
        "min_doc_freq": 1}});
    let common = json!({"common": {"name": {"query": "bob ann", "cutoff_frequency": 1}}});
    let cut = json!({"match": {"name": {"query": "bob ann", "cutoff_frequency": 1}}});
    for query in [like, common, cut] {
        let body = json!({"query": query}).to_string();
        for (view, status) in [(staff.team_a(), 501), (staff.no_salaries(), 200)] {
            let (found, answer) = staff.call(&view, "POST", "/staff/_search", &body);
            assert_eq!(found, status, "{body}: {answer}");
        }
    }
}

#[test]
fn the_nearest_of_nested_objects_are_not_asked_where_documents_are_hidden() {
    let staff = Staff::new();
    let vector = json!({"type": "knn_vector", "dimension": 2});
    let mapping = json!({"settings": {"index.knn": true}, "mappings": {"properties": {
        "team": {"type": "keyword"}, "v": vector,
        "objects": {"type": "nested", "properties": {"v": vector}}}}});
    let (status, answer) = staff.admin("PUT", "/near", &mapping);
    assert_eq!(status, 200, "{answer}");
    for (id, team, v) in [("1", "a", [9, 9]), ("2", "b", [1, 1])] {
        let url = format!("/near/_doc/{id}?refresh=true");
        staff.admin("PUT", &url, &json!({"team": team, "v": v, "objects": [{"v": v}]}));
    }
    let uuid = staff.0.metadata().index("near").unwrap().uuid.to_string();
    let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
    let restrictions = Restrictions::of(&uuid, Some(filter), None);
    let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
    let knn = |field: &str| json!({"knn": {field: {"vector": [1, 1], "k": 1}}});
    let body = json!({"query": knn("v")});
    let answer = staff.json(&view, "POST", "/near/_search", &body);
    assert_eq!(answer["hits"]["hits"][0]["_id"], "1", "{answer}");
    let nested = json!({"query": {"nested": {"path": "objects", "query": knn("objects.v")}}});
    let (status, answer) = staff.admin("POST", "/near/_search", &nested);
    assert!(status == 200 && answer.contains("\"_id\":\"2\""), "{answer}");
    let (status, answer) = staff.call(&view, "POST", "/near/_search", &nested.to_string());
    assert_eq!(status, 501, "{answer}");
}

#[test]
fn the_types_of_hidden_fields_are_not_counted() {
    let staff = Staff::new();
    let count = |view: &View| {
        let answer = staff.json(view, "GET", "/_cluster/stats", &Value::Null);
        let types = answer["indices"]["mappings"]["field_types"].as_array().unwrap().clone();
        types.iter().any(|it| it["name"] == "long")
    };
    assert!(count(&View::everything("admin")) && !count(&staff.no_salaries()));
}

#[test]
fn terms_of_hidden_documents_take_nobodys_place_among_the_first() {
    let staff = Staff::new();
    let mapping = json!({"mappings": {"properties": {"team": {"type": "keyword"}, "w": {"type": "text"},
        "objects": {"type": "nested", "properties": {"w": {"type": "text"}}}}}});
    staff.admin("PUT", "/words", &mapping);
    // Each word of the hidden document is nearer and earlier.
    for (id, team, words) in [("1", "a", "say annex"), ("2", "b", "say anna anne annes")] {
        let document = json!({"team": team, "w": words, "objects": [{"w": words}]});
        staff.admin("PUT", &format!("/words/_doc/{id}?refresh=true"), &document);
    }
    let uuid = staff.0.metadata().index("words").unwrap().uuid.to_string();
    let filter = crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap();
    let restrictions = Restrictions::of(&uuid, Some(filter), None);
    let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
    let nested = |query: Value| json!({"nested": {"path": "objects", "query": query}});
    let fuzzy = |path: &str| json!({"fuzzy": {path: {"value": "anne", "fuzziness": 2, "max_expansions": 1}}});
    let top = json!({"prefix": {"w": {"value": "an", "rewrite": "top_terms_1"}}});
    let phrase = |path: &str| json!({"match_phrase_prefix": {path: {"query": "say an", "max_expansions": 1}}});
    let near = json!({"match": {"w": {"query": "anne", "fuzziness": 2, "max_expansions": 1}}});
    for query in [
        fuzzy("w"),
        top,
        phrase("w"),
        near,
        nested(fuzzy("objects.w")),
        nested(phrase("objects.w")),
    ] {
        let body = json!({"query": query});
        let found = |view: &View| {
            let answer = staff.json(view, "POST", "/words/_search", &body);
            answer["hits"]["hits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["_id"].clone())
                .collect()
        };
        let (all, seen): (Vec<Value>, Vec<Value>) =
            (found(&View::everything("admin")), found(&view));
        assert_eq!((all, seen), (vec![json!("2")], vec![json!("1")]), "{query}");
    }
}

/// Whether a moment is of the year 2026.
#[derive(Debug)]
struct Of2026;

impl crate::document_rule::ValueTest for Of2026 {
    fn field(&self) -> &str {
        "since"
    }

    fn reads(&self) -> crate::document_rule::TestedValue {
        crate::document_rule::TestedValue::Date
    }

    fn holds(&self, values: &[String]) -> bool {
        values.iter().any(|value| value.starts_with("2026-"))
    }
}

#[test]
fn a_moment_without_a_text_hides_its_document_where_a_rule_has_queries_too() {
    use crate::document_rule::DocumentRule;
    use crate::dsl::rule::RuleQuery;
    let staff = Staff::new();
    let mapping = json!({"mappings": {"properties": {"since": {"type": "date"}, "team": {"type": "keyword"}}}});
    staff.admin("PUT", "/dated", &mapping);
    let year_10000 = 253_402_300_800_000_i64;
    for (id, since) in
        [("1", json!("2026-05-01")), ("2", json!("2027-05-01")), ("3", json!(year_10000))]
    {
        let url = format!("/dated/_doc/{id}?refresh=true");
        let (status, answer) = staff.admin("PUT", &url, &json!({"since": since, "team": "a"}));
        assert_eq!(status, 201, "{answer}");
    }
    let uuid = staff.0.metadata().index("dated").unwrap().uuid.to_string();
    let old = || DocumentRule::If(Arc::new(Of2026));
    let team = || DocumentRule::Query(crate::dsl::parse(&json!({"term": {"team": "a"}})).unwrap());
    let not = |rule: DocumentRule| DocumentRule::Not(Box::new(rule));
    for rule in [
        not(old()),
        DocumentRule::All(vec![not(old()), team()]),
        not(DocumentRule::All(vec![old(), team()])),
        not(DocumentRule::Any(vec![old(), not(team())])),
        not(not(DocumentRule::All(vec![not(old()), team()]))),
    ] {
        let told = format!("{rule:?}");
        let restrictions = Restrictions::of(&uuid, Some(RuleQuery::query(rule)), None);
        let view = View::of(Grants { restrictions, ..Grants::everything("someone") });
        let answer = staff.json(&view, "POST", "/dated/_search", &json!({}));
        let hits = answer["hits"]["hits"].as_array().unwrap();
        let ids: Vec<&Value> = hits.iter().map(|hit| &hit["_id"]).collect();
        assert_eq!(ids, ["2"], "{told}");
    }
}
