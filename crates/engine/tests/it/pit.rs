//! Points in time: what they show, whose they are, how they end. What OpenSearch 2.19.1 answers.

use serde_json::{Value, json};

use crate::domain::Domain;

/// An index of five documents, and a point in time of it.
fn domain() -> (Domain, String) {
    let domain = Domain::opensearch();
    for n in 0..5 {
        let (status, _) =
            domain.ask(&format!("PUT /p/_doc/{n}?refresh=true"), &format!("{{\"n\": {n}}}"));
        assert_eq!(status, 201);
    }
    let opened = domain.ok("POST /p/_search/point_in_time?keep_alive=1m", "");
    assert_eq!(opened["_shards"]["successful"], 1, "{opened}");
    let id = opened["pit_id"].as_str().unwrap().to_owned();
    (domain, id)
}

fn numbers(answer: &Value) -> Vec<i64> {
    let hits = answer["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["_source"]["n"].as_i64().unwrap()).collect()
}

#[test]
fn a_point_in_time_shows_what_was_there_when_it_was_opened() {
    let (domain, id) = domain();
    domain.ok("DELETE /p/_doc/1?refresh=true", "");
    let body = json!({"size": 2, "pit": {"id": id, "keep_alive": "1m"}, "sort": [{"n": "asc"}]});
    let first = domain.ok("POST /_search", &body.to_string());
    assert_eq!((numbers(&first), &first["pit_id"]), (vec![0, 1], &json!(id)));
    let body = json!({"size": 9, "pit": {"id": id}, "sort": [{"n": "asc"}], "search_after": [1]});
    assert_eq!(numbers(&domain.ok("POST /_search", &body.to_string())), [2, 3, 4]);
    assert_eq!(domain.ok("POST /p/_count", "")["count"], 4);
}

#[test]
fn a_point_in_time_that_was_closed_or_never_was_is_not_found() {
    let (domain, id) = domain();
    let listed = domain.ok("GET /_search/point_in_time/_all", "");
    assert_eq!(listed["pits"][0]["pit_id"], json!(id));
    assert_eq!(listed["pits"][0]["keep_alive"], 60_000);
    let closed = domain.ok("DELETE /_search/point_in_time", &json!({"pit_id": [id]}).to_string());
    assert_eq!(closed, json!({"pits": [{"successful": true, "pit_id": id}]}));
    let body = json!({"pit": {"id": id}}).to_string();
    assert_eq!(domain.ask("POST /_search", &body).0, 404);
    assert_eq!(domain.ok("GET /_search/point_in_time/_all", ""), json!({"pits": []}));
}

#[test]
fn all_of_them_are_closed_at_once() {
    let (domain, id) = domain();
    let closed = domain.ok("DELETE /_search/point_in_time/_all", "");
    assert_eq!(closed["pits"][0]["pit_id"], json!(id));
    assert_eq!(domain.ok("DELETE /_search/point_in_time/_all", ""), json!({"pits": []}));
}

#[test]
fn what_a_point_in_time_does_not_go_with_is_refused() {
    let (domain, id) = domain();
    let body = json!({"pit": {"id": id}}).to_string();
    for (line, fault) in [
        ("POST /p/_search", "[indices] cannot be used with point in time"),
        ("POST /_search?routing=x", "[routing] cannot be used with point in time"),
        (
            "POST /_search?ignore_unavailable=false",
            "[indicesOptions] cannot be used with point in time",
        ),
        ("POST /_search?scroll=1m", "using [point in time] is not allowed in a scroll context"),
    ] {
        let reason = format!("Validation Failed: 1: {fault};");
        assert_eq!(domain.refused(line, &body), (400, reason), "{line}");
    }
    let refused = |line: &str, body: &str| domain.refused(line, body);
    let none = "Validation Failed: 1: no pit ids specified;".to_owned();
    assert_eq!(refused("DELETE /_search/point_in_time", "{}"), (400, none));
    let keep = "Validation Failed: 1: keep alive not specified;".to_owned();
    assert_eq!(refused("POST /p/_search/point_in_time", ""), (400, keep));
    assert_eq!(refused("POST /none/_search/point_in_time?keep_alive=1m", "").0, 404);
    assert_eq!(refused("POST /_search", r#"{"pit": {}}"#).1, "point int time id is not provided");
    let long = refused("POST /p/_search/point_in_time?keep_alive=48h", "").1;
    assert!(long.contains("[point_in_time.max_keep_alive]"), "{long}");
}

/// The answers of an `_msearch` of these heads and bodies.
fn searched(domain: &Domain, items: &[(Value, Value)]) -> (u16, Value) {
    let lines: String = items.iter().map(|(head, body)| format!("{head}\n{body}\n")).collect();
    domain.ask("POST /_msearch", &lines)
}

#[test]
fn items_of_an_msearch_search_points_in_time_and_indices_side_by_side() {
    let (domain, id) = domain();
    domain.ok("DELETE /p/_doc/1?refresh=true", "");
    let of_pit = json!({"pit": {"id": id, "keep_alive": "1m"}, "sort": [{"n": "asc"}], "track_total_hits": 2});
    let items = [
        (json!({}), of_pit.clone()),
        (json!({"index": "p"}), json!({"sort": [{"n": "asc"}]})),
        (json!({}), of_pit),
    ];
    let (status, answer) = searched(&domain, &items);
    let responses = answer["responses"].as_array().unwrap();
    let found: Vec<_> = responses.iter().map(|one| (numbers(one), &one["pit_id"])).collect();
    let of_pit = (vec![0, 1, 2, 3, 4], &json!(id));
    assert_eq!(found, [of_pit.clone(), (vec![0, 2, 3, 4], &Value::Null), of_pit]);
    assert_eq!((status, &responses[0]["status"]), (200, &json!(200)), "{answer}");
}

#[test]
fn an_item_whose_point_in_time_is_closed_is_refused_alone() {
    let (domain, id) = domain();
    domain.ok("DELETE /_search/point_in_time", &json!({"pit_id": [id]}).to_string());
    let items = [
        (json!({}), json!({"pit": {"id": id}, "size": 0})),
        (json!({"index": "p"}), json!({"size": 0})),
    ];
    let (status, answer) = searched(&domain, &items);
    let first = &answer["responses"][0];
    assert_eq!((status, &first["status"]), (200, &json!(404)), "{answer}");
    assert_eq!(first["error"]["type"], "search_phase_execution_exception", "{answer}");
    assert_eq!(first["error"]["root_cause"][0]["type"], "search_context_missing_exception");
    assert_eq!(answer["responses"][1]["hits"]["total"]["value"], 5, "{answer}");
}

#[test]
fn what_items_say_beside_points_in_time_refuses_all_searches() {
    let (domain, id) = domain();
    let of_pit = json!({"pit": {"id": id}, "size": 0});
    let refused = |head: Value| {
        let items = [(json!({"index": "p"}), json!({"size": 0})), (head, of_pit.clone())];
        let (status, answer) = searched(&domain, &items);
        assert_eq!(status, 400, "{answer}");
        answer["error"]["reason"].as_str().unwrap().to_owned()
    };
    let indices = "Validation Failed: 1: [indices] cannot be used with point in time;";
    assert_eq!(refused(json!({"index": "p"})), indices);
    let both = "Validation Failed: 1: [routing] cannot be used with point in time;\
                2: [preference] cannot be used with point in time;";
    assert_eq!(refused(json!({"preference": "x", "routing": "r"})), both);
    let options = "Validation Failed: 1: [indicesOptions] cannot be used with point in time;";
    assert_eq!(refused(json!({"ignore_unavailable": false})), options);
}

#[test]
fn an_index_that_is_deleted_ends_what_shows_it() {
    let (domain, id) = domain();
    domain.ok("DELETE /p", "");
    assert_eq!(domain.ask("POST /_search", &json!({"pit": {"id": id}}).to_string()).0, 404);
}

#[test]
fn the_shards_of_a_search_are_told_with_the_filters_of_its_aliases() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /s", r#"{"aliases": {"a": {"filter": {"term": {"f": "x"}}}, "b": {}}}"#);
    let of = |names: &str| domain.ok(&format!("GET /{names}/_search_shards"), "");
    assert_eq!(
        of("a")["indices"]["s"]["filter"],
        json!({"term": {"f": {"value": "x", "boost": 1.0}}})
    );
    assert_eq!(of("a,b")["indices"], json!({"s": {"aliases": ["a", "b"]}}));
    assert_eq!(of("s")["shards"][0][0]["index"], "s");
    assert_eq!(of("none")["shards"], json!([]));
}
