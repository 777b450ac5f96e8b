//! Policies down to the document and the field (docs/decisions/0154-documents-and-fields-in-policies.md).

mod matrix;

use serde_json::{Value, json};

use crate::client::{Answer, Client, Key};
use crate::service::{Running, element};

const ARN: &str = "arn:aws:es:us-east-1:123456789012:domain";

/// A service with the index `staff`: ann and amy of team `a`, bob of team `b`, nobody's eve of both teams.
struct World {
    running: Running,
    domain: Client,
    root: Key,
}

impl World {
    fn new() -> World {
        let running = Running::start();
        let domain = running.domain();
        World::of(running, domain)
    }

    fn of(running: Running, domain: Client) -> World {
        let root = running.developer();
        let world = World { running, domain, root };
        let mappings = json!({"mappings": {"properties": {
            "team": {"type": "keyword"}, "level": {"type": "integer"}, "since": {"type": "date"},
            "name": {"type": "text"}, "note": {"type": "keyword", "ignore_above": 8},
            "open": {"type": "boolean"}, "from": {"type": "ip"},
            "home": {"properties": {"city": {"type": "keyword"}}},
            "pay": {"type": "long", "copy_to": "all"}, "all": {"type": "text"}}}});
        world.must(201, "PUT", "/staff", &mappings);
        for (id, team, level, name) in [
            ("1", json!("a"), 3, "ann"),
            ("2", json!("a"), 7, "amy"),
            ("3", json!("b"), 5, "bob"),
            ("4", json!(["a", "b"]), 9, "eve"),
        ] {
            let document = json!({"team": team, "level": level, "name": name, "pay": 98765,
                "since": format!("2026-0{id}-01"), "open": level > 4, "from": format!("10.0.0.{id}"),
                "home": {"city": format!("city-{name}")}});
            world.must(201, "PUT", &format!("/staff/_doc/{id}?refresh=true"), &document);
        }
        world
    }

    fn must(&self, _status: u16, method: &str, target: &str, body: &Value) {
        let answer = self.ask(&self.root, method, target, body);
        assert!(answer.status < 300, "{method} {target}: {}", answer.text());
    }

    fn ask(&self, key: &Key, method: &str, target: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.domain.signed(key, method, target, body.as_bytes())
    }

    /// A new user with a key, who may do what these statements say.
    fn user(&self, name: &str, statements: &Value) -> Key {
        self.running.call("iam", &[("Action", "CreateUser"), ("UserName", name)]);
        if !statements.is_null() {
            self.policy(name, statements);
        }
        let form = [("Action", "CreateAccessKey"), ("UserName", name)];
        let xml = self.running.call("iam", &form);
        let secret = sigv4::SecretKey::new(&element(&xml, "SecretAccessKey"));
        Key { id: element(&xml, "AccessKeyId"), secret, token: None }
    }

    fn policy(&self, name: &str, statements: &Value) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let form = [("Action", "PutUserPolicy"), ("UserName", name), ("PolicyName", "p")];
        self.running.call("iam", &[&form[..], &[("PolicyDocument", &policy)]].concat());
    }

    /// The ids that a caller finds, in order.
    fn found(&self, key: &Key) -> Vec<String> {
        let body = json!({"sort": "level", "size": 100});
        let answer = self.ask(key, "POST", "/staff/_search", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        let hits = answer["hits"]["hits"].as_array().unwrap();
        let ids: Vec<String> =
            hits.iter().map(|hit| hit["_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(answer["hits"]["total"]["value"], ids.len());
        ids
    }
}

/// A statement about everything of all domains.
fn statement(effect: &str, condition: &Value) -> Value {
    json!({"Effect": effect, "Action": "es:ESHttp*", "Resource": format!("{ARN}/*"), "Condition": condition})
}

fn allow(condition: &Value) -> Value {
    statement("Allow", condition)
}

fn deny(condition: &Value) -> Value {
    statement("Deny", condition)
}

fn team_a() -> Value {
    json!({"StringEquals": {"es:Document/team": "a"}})
}

fn no_pay() -> Value {
    json!([allow(&json!({})), deny(&json!({"StringEquals": {"es:Field": "pay"}}))])
}

#[test]
fn d39_each_operator_finds_the_documents_of_its_values() {
    let world = World::new();
    let key = world.user("reader", &Value::Null);
    for (condition, ids) in [
        (team_a(), vec!["1", "2"]),
        (json!({"StringLike": {"es:Document/home.city": "city-?m*"}}), vec!["2"]),
        (json!({"ForAnyValue:StringEquals": {"es:Document/team": "b"}}), vec!["3", "4"]),
        (
            json!({"ForAllValues:StringEquals": {"es:Document/team": ["a", "b"]}}),
            vec!["1", "3", "2", "4"],
        ),
        (json!({"StringNotEquals": {"es:Document/team": "b"}}), vec!["1", "2"]),
        (json!({"NumericGreaterThan": {"es:Document/level": "4.5"}}), vec!["3", "2", "4"]),
        (json!({"DateLessThan": {"es:Document/since": "2026-03-01T00:00:00Z"}}), vec!["1", "2"]),
        (json!({"Bool": {"es:Document/open": "true"}}), vec!["3", "2", "4"]),
        (json!({"IpAddress": {"es:Document/from": "10.0.0.2/31"}}), vec!["3", "2"]),
        (json!({"Null": {"es:Document/team": "true"}}), vec![]),
        (json!({"Null": {"es:Document/team": "false"}}), vec!["1", "3", "2", "4"]),
        (
            json!({"StringEquals": {"es:Document/team": "a"}, "NumericLessThan": {"es:Document/level": 5}}),
            vec!["1"],
        ),
    ] {
        world.policy("reader", &json!([allow(&condition)]));
        assert_eq!(world.found(&key), ids, "{condition}");
        world.policy("reader", &json!([allow(&json!({})), deny(&condition)]));
        let mut others = world.found(&key);
        others.sort_unstable();
        let quantified = condition.to_string().contains("For");
        for id in ["1", "2", "3", "4"] {
            // Of several values an operator without quantifier keeps out.
            let several = id == "4" && condition.to_string().contains("Document/team");
            let alone = condition.as_object().unwrap().len() == 1;
            let several =
                several && alone && !quantified && !condition.to_string().contains("Null");
            let kept_out = ids.contains(&id) || several;
            assert_eq!(others.iter().any(|it| it == id), !kept_out, "not {condition}: {id}");
        }
    }
}

#[test]
fn d19_a_variable_in_a_condition_is_the_callers_own() {
    let world = World::new();
    let mine = json!({"StringEquals": {"es:Document/team": "${aws:PrincipalTag/team}"}});
    let key = world.user("ann", &json!([allow(&mine)]));
    assert_eq!(world.found(&key), Vec::<String>::new(), "without a tag it equals nothing");
    let form = [("Action", "TagUser"), ("UserName", "ann"), ("Tags.member.1.Key", "team")];
    world.running.call("iam", &[&form[..], &[("Tags.member.1.Value", "b")]].concat());
    assert_eq!(world.found(&key), ["3"]);
}

#[test]
fn d16_a_field_that_is_denied_is_nowhere_and_neither_is_what_it_is_copied_to() {
    let world = World::new();
    let key = world.user("reader", &no_pay());
    for (method, target, body) in [
        ("POST", "/staff/_search", json!({"fields": ["*"], "docvalue_fields": ["pay"]})),
        ("GET", "/staff/_doc/1", Value::Null),
        ("GET", "/staff/_source/1", Value::Null),
        ("GET", "/staff/_mget", json!({"ids": ["1"]})),
        ("GET", "/staff/_mapping", Value::Null),
        ("GET", "/staff/_mapping/field/*", Value::Null),
        ("GET", "/staff/_field_caps?fields=*", Value::Null),
        ("GET", "/_cluster/state/metadata", Value::Null),
        ("GET", "/staff", Value::Null),
    ] {
        let answer = world.ask(&key, method, target, &body);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let text = answer.text();
        assert!(text.contains("staff") || text.contains("ann"), "{target}: {text}");
        assert!(!text.contains("98765") && !text.contains("\"pay\""), "{target}: {text}");
        assert!(!text.contains("\"all\""), "what has its values is not shown: {target}: {text}");
    }
    for query in [
        json!({"term": {"pay": 98765}}),
        json!({"match": {"all": "98765"}}),
        json!({"exists": {"field": "pay"}}),
    ] {
        let answer = world.ask(&key, "POST", "/staff/_count", &json!({"query": query}));
        assert_eq!(answer.json()["count"], 0, "{query}: {}", answer.text());
    }
}

#[test]
fn what_is_allowed_for_some_fields_alone_shows_documents_with_these() {
    let world = World::new();
    let only = json!({"StringLike": {"es:Field": ["name", "home"]}});
    let key = world.user("reader", &json!([allow(&only)]));
    let answer = world.ask(&key, "GET", "/staff/_doc/3", &Value::Null);
    assert_eq!(answer.json()["_source"], json!({"name": "bob", "home": {"city": "city-bob"}}));
    let sorted = json!({"sort": "level"});
    assert_eq!(world.ask(&key, "POST", "/staff/_search", &sorted).status, 400);
}

#[test]
fn a_field_of_some_documents_is_shown_where_all_that_exist_show_it() {
    let world = World::new();
    let name = json!({"StringEquals": {"es:Field": "name"}});
    let key = world.user("reader", &json!([allow(&name), allow(&team_a())]));
    let answer = world.ask(&key, "POST", "/staff/_search", &json!({"size": 10}));
    let answer = answer.json();
    assert_eq!(answer["hits"]["total"]["value"], 4, "{answer}");
    assert_eq!(answer["hits"]["hits"][0]["_source"], json!({"name": "ann"}));
    assert!(!answer.to_string().contains("98765"));
}

#[test]
fn what_cannot_be_asked_exactly_is_denied_and_says_why() {
    let world = World::new();
    let key = world.user("reader", &Value::Null);
    for (condition, why) in [
        (json!({"StringEquals": {"es:Document/name": "ann"}}), "it has no doc_values"),
        (json!({"StringEquals": {"es:Document/absent": "x"}}), "it is not mapped"),
        (json!({"StringEquals": {"es:Document/note": "x"}}), "ignore_above"),
        (
            json!({"StringEquals": {"es:Document/level": "3"}}),
            "the operator is one of another type",
        ),
    ] {
        for statements in [json!([allow(&condition)]), json!([allow(&json!({})), deny(&condition)])]
        {
            world.policy("reader", &statements);
            for (method, target) in
                [("POST", "/staff/_search"), ("GET", "/staff/_doc/1"), ("GET", "/staff/_count")]
            {
                let answer = world.ask(&key, method, target, &Value::Null);
                let text = answer.text();
                assert!(answer.status == 403 && text.contains(why), "{target} {condition}: {text}");
            }
            let write = world.ask(&key, "PUT", "/staff/_doc/9", &json!({"name": "zoe"}));
            assert_eq!(write.status, 403, "{}", write.text());
        }
    }
}

#[test]
fn d20_a_document_is_written_whole_and_over_what_shows_whole_or_not_at_all() {
    let world = World::new();
    let key = world.user("writer", &json!([allow(&team_a())]));
    let own = json!({"team": "a", "level": 1, "name": "zoe"});
    let other = json!({"team": "b", "level": 1, "name": "zoe"});
    for (method, target, body, status) in [
        ("PUT", "/staff/_doc/9", &own, 201),
        ("PUT", "/staff/_doc/9", &own, 200),
        ("PUT", "/staff/_doc/9", &other, 403),
        ("PUT", "/staff/_create/10", &other, 403),
        ("POST", "/staff/_doc", &other, 403),
        ("PUT", "/staff/_doc/3", &own, 403),
        ("DELETE", "/staff/_doc/3", &Value::Null, 403),
        ("POST", "/staff/_update/1", &json!({"doc": {"level": 2}}), 403),
        ("POST", "/staff/_update_by_query", &Value::Null, 403),
        ("DELETE", "/staff/_doc/9", &Value::Null, 200),
        ("DELETE", "/staff/_doc/9", &Value::Null, 404),
    ] {
        let answer = world.ask(&key, method, target, body);
        assert_eq!(answer.status, status, "{method} {target}: {}", answer.text());
    }
    let lines = [
        json!({"index": {"_id": "11"}}),
        own.clone(),
        json!({"index": {"_id": "12"}}),
        other.clone(),
        json!({"delete": {"_id": "3"}}),
        json!({"index": {"_id": "11"}}),
        own.clone(),
        json!({"create": {"_id": "3"}}),
        own.clone(),
        json!({"update": {"_id": "1"}}),
        json!({"doc": {"team": "b"}}),
    ];
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let answer = world.domain.signed(&key, "POST", "/staff/_bulk", body.as_bytes()).json();
    let items = answer["items"].as_array().unwrap();
    let status = |item: &Value| {
        item.as_object().unwrap().values().next().unwrap()["status"].as_u64().unwrap()
    };
    let statuses: Vec<u64> = items.iter().map(status).collect();
    assert_eq!(statuses, [201, 403, 403, 200, 403, 403], "{answer}");
    let kept = world.ask(&world.root, "GET", "/staff/_doc/3", &Value::Null).json();
    assert_eq!(kept["_source"]["name"], "bob");
}

#[test]
fn a_document_with_a_field_that_its_writer_may_not_see_is_neither_written_nor_replaced() {
    let world = World::new();
    let key = world.user("writer", &no_pay());
    let put = |id: &str, body: &Value| world.ask(&key, "PUT", &format!("/staff/_doc/{id}"), body);
    assert_eq!(put("20", &json!({"name": "zoe"})).status, 201);
    assert_eq!(put("21", &json!({"name": "zoe", "pay": 1})).status, 403);
    assert_eq!(put("1", &json!({"name": "zoe"})).status, 403, "it would lose what is hidden");
    assert_eq!(world.ask(&key, "DELETE", "/staff/_doc/1", &Value::Null).status, 403);
}

#[test]
fn who_may_write_named_fields_alone_writes_documents_of_these() {
    let world = World::new();
    let only = json!({"StringEquals": {"es:Field": ["name", "home"]}});
    let key = world.user("writer", &json!([allow(&only)]));
    let own = json!({"name": "zoe", "home": {"city": "x"}});
    for (method, target, body, status) in [
        ("PUT", "/staff/_doc/20", own.clone(), 201),
        ("PUT", "/staff/_doc/20", own, 200),
        ("PUT", "/staff/_doc/20", json!({"name": "zoe", "level": 1}), 403),
        ("PUT", "/staff/_doc/21", json!({}), 403),
        ("PUT", "/staff/_doc/1", json!({"name": "zoe"}), 403),
        ("DELETE", "/staff/_doc/1", Value::Null, 403),
        ("DELETE", "/staff/_doc/20", Value::Null, 200),
    ] {
        let answer = world.ask(&key, method, target, &body);
        assert_eq!(answer.status, status, "{method} {target} {body}: {}", answer.text());
    }
}

#[test]
fn a_conflict_is_told_in_the_same_words_whatever_shows() {
    let world = World::new();
    let key = world.user("writer", &json!([allow(&team_a())]));
    let own = json!({"team": "a", "level": 1, "name": "zoe"});
    for id in ["1", "20"] {
        let target = format!("/staff/_doc/{id}?if_seq_no=77&if_primary_term=1");
        let [seen, whole] = [&key, &world.root].map(|key| world.ask(key, "PUT", &target, &own));
        assert_eq!(seen.status, 409, "{}", seen.text());
        assert_eq!(seen.json(), whole.json());
    }
    for kind in ["external", "external_gte"] {
        let target = format!("/staff/_doc/1?version=77&version_type={kind}");
        let answer = world.ask(&key, "PUT", &target, &own);
        let text = answer.text();
        assert!(answer.status == 403 && text.contains("with an external version"), "{text}");
    }
}

#[test]
fn what_only_some_fields_are_hidden_of_is_read_in_real_time() {
    let world = World::new();
    let key = world.user("reader", &no_pay());
    let zoe = json!({"team": "a", "name": "zoe", "pay": 98765});
    world.must(201, "PUT", "/staff/_doc/20", &zoe);
    let shown = json!({"team": "a", "name": "zoe"});
    let answer = world.ask(&key, "GET", "/staff/_doc/20", &Value::Null);
    assert_eq!(answer.json()["_source"], shown, "{}", answer.text());
    let answer = world.ask(&key, "GET", "/staff/_source/20", &Value::Null);
    assert_eq!(answer.json(), shown);
    let answer = world.ask(&key, "GET", "/staff/_mget", &json!({"ids": ["20"]}));
    assert_eq!(answer.json()["docs"][0]["_source"], shown);
    let words = json!({"suggest": {"s": {"text": "zoo", "term": {"field": "name"}}}});
    assert_eq!(world.ask(&key, "POST", "/staff/_search", &words).status, 200);
    // Where documents are hidden, they are asked as they were refreshed.
    world.policy("reader", &json!([allow(&team_a())]));
    assert_eq!(world.ask(&key, "GET", "/staff/_doc/20", &Value::Null).status, 404);
}

/// Fields that keep several paths together: the name, the mapping, a document's value, what is hidden of it, and a query that
/// finds the document by that.
fn mixed_fields() -> Vec<(&'static str, Value, Value, &'static str, Value)> {
    let typed = |kind: &str| json!({"type": kind});
    let range = json!({"range": {"span": {"gte": 5, "lte": 6}}});
    let near = json!({"geo_distance": {"distance": "1km", "place": {"lat": 7, "lon": 7}}});
    let parts = json!({"open": "x", "secret": "hidden"});
    let term = |field: &str| json!({"term": {field: "hidden"}});
    vec![
        ("labels", typed("flattened"), parts.clone(), "secret", term("labels.secret")),
        ("labels", typed("flattened"), parts, "secret", term("labels")),
        ("span", typed("integer_range"), json!({"gte": 5, "lte": 6}), "gte", range),
        ("place", typed("geo_point"), json!({"lat": 7, "lon": 7}), "lat", near.clone()),
        ("place", typed("geo_point"), json!("7,7"), "lat", near),
        (
            "topics",
            typed("rank_features"),
            json!({"open": 1, "secret": 9}),
            "secret",
            json!({"rank_feature": {"field": "topics.secret"}}),
        ),
        (
            "area",
            typed("geo_shape"),
            json!({"type": "point", "coordinates": [7, 7]}),
            "coordinates",
            json!({"exists": {"field": "area"}}),
        ),
        (
            "words",
            typed("completion"),
            json!({"input": ["hidden"], "weight": 3}),
            "weight",
            json!({"exists": {"field": "words"}}),
        ),
        (
            "kin",
            json!({"type": "join", "relations": {"question": "answer"}}),
            json!({"name": "question"}),
            "name",
            json!({"term": {"kin": "question"}}),
        ),
        (
            "asked",
            typed("percolator"),
            json!({"term": {"name": "ann"}}),
            "term",
            json!({"percolate": {"field": "asked", "document": {"name": "ann"}}}),
        ),
        (
            "place",
            json!({"type": "geo_point", "fields": {"raw": {"type": "keyword"}}}),
            json!({"lat": 7, "lon": 7}),
            "lat",
            json!({"exists": {"field": "place.raw"}}),
        ),
    ]
}

#[test]
fn a_path_inside_a_field_that_keeps_several_together_hides_the_field() {
    let world = World::new();
    let key = world.user("reader", &Value::Null);
    for (number, (field, mapping, value, part, query)) in mixed_fields().into_iter().enumerate() {
        let index = format!("staff{number}");
        let (name, title) = (json!({"type": "keyword"}), json!({"type": "keyword"}));
        let properties = json!({"name": name, "title": title, field: mapping});
        let body = json!({"mappings": {"properties": properties}});
        world.must(200, "PUT", &format!("/{index}"), &body);
        let document = json!({"name": "ann", "title": "dr", field: value});
        world.must(201, "PUT", &format!("/{index}/_doc/1?refresh=true"), &document);
        let count = |key: &Key| {
            let body = json!({"query": query});
            let answer = world.ask(key, "POST", &format!("/{index}/_count"), &body);
            assert!([200, 400].contains(&answer.status), "{}", answer.text());
            answer.json()["count"].as_u64().unwrap_or(0)
        };
        assert_eq!(count(&world.root), 1, "{query}");
        for (hidden, shown) in [
            (json!({"StringEquals": {"es:Field": format!("{field}.{part}")}}), false),
            (json!({"StringLike": {"es:Field": format!("*.{part}")}}), false),
            (json!({"StringEquals": {"es:Field": "title"}}), true),
        ] {
            world.policy("reader", &json!([allow(&json!({})), deny(&hidden)]));
            assert_eq!(count(&key), u64::from(shown), "{hidden}: {query}");
            let read = world.ask(&key, "GET", &format!("/{index}/_doc/1"), &Value::Null);
            let source = read.json()["_source"].clone();
            assert_eq!(source["title"] == "dr", !shown, "{hidden}: {source}");
            assert_eq!(
                source.pointer(&format!("/{field}/{part}")).is_some(),
                shown && value.is_object()
            );
            assert_eq!(source[field] == value, shown, "{hidden}: {source}");
            // What is inside the source is told apart.
            let open = value.get("open");
            assert!(open.is_none() || source[field].get("open") == open, "{hidden}: {source}");
            let mapping =
                world.ask(&key, "GET", &format!("/{index}/_mapping"), &Value::Null).text();
            assert_eq!(mapping.contains(field), shown, "{hidden}: {mapping}");
        }
    }
}

/// The fields that the record of the newest request of a caller names.
fn recorded(world: &World, id: &str) -> Vec<String> {
    world.running.newest(|record| record.request_id == id).fields
}

#[test]
fn the_record_of_a_request_names_the_fields_that_it_touched_where_policies_ask_for_fields() {
    let world = World::new();
    let seen = world.user("seen", &json!([allow(&json!({"StringLike": {"es:Field": "*"}}))]));
    let asked = |key: &Key, method: &str, target: &str, body: Value| {
        let answer = world.ask(key, method, target, &body);
        assert!(answer.status < 300, "{method} {target}: {}", answer.text());
        recorded(&world, &answer.request_id())
    };
    let search = |key: &Key, body: Value| asked(key, "POST", "/staff/_search", body);
    let none: [&str; 0] = [];
    let body = json!({"query": {"match": {"name": "ann"}}, "sort": ["level"], "_source": false,
        "aggs": {"teams": {"terms": {"field": "team"}}}});
    assert_eq!(search(&seen, body.clone()), ["level", "name", "team"]);
    let scripted = json!({"size": 0, "query": {"script": {"script": "doc['pay'].value > 1"}}});
    assert_eq!(search(&seen, scripted), ["pay"]);
    let whole = json!({"query": {"term": {"team": "b"}}});
    let all = ["from", "home.city", "level", "name", "open", "pay", "since", "team"];
    assert_eq!(search(&seen, whole.clone()), all);
    assert_eq!(asked(&seen, "GET", "/staff/_doc/1", Value::Null), all);
    assert_eq!(asked(&seen, "PUT", "/staff/_doc/9", json!({"name": "zoe"})), ["name"]);
    // Nothing asks for the fields of this one.
    assert_eq!(search(&world.root, body), none);
    // A field that is hidden is touched by nobody.
    let clerk = world.user("clerk", &no_pay());
    let hidden = json!({"size": 0, "query": {"range": {"pay": {"gte": 1}}}});
    assert_eq!(search(&clerk, hidden), none);
    assert!(!search(&clerk, whole).contains(&"pay".to_owned()));
}

#[test]
fn what_is_not_about_documents_one_by_one_needs_a_right_to_all_of_them() {
    let world = World::new();
    let key = world.user("reader", &json!([allow(&team_a())]));
    let denied = world.user("denied", &json!([allow(&json!({})), deny(&team_a())]));
    for (method, target, body) in [
        ("DELETE", "/staff", Value::Null),
        ("PUT", "/staff/_mapping", json!({"properties": {"x": {"type": "long"}}})),
        ("POST", "/staff/_close", Value::Null),
        ("PUT", "/staff/_alias/other", Value::Null),
        ("POST", "/_reindex", json!({"source": {"index": "staff"}, "dest": {"index": "copy"}})),
        ("GET", "/staff/_analyze", json!({"field": "name", "text": "x"})),
        ("POST", "/staff/_clone/copy", Value::Null),
        ("PUT", "/fresh/_doc/1", json!({"team": "a"})),
    ] {
        for key in [&key, &denied] {
            let answer = world.ask(key, method, target, &body);
            assert_eq!(answer.status, 403, "{method} {target}: {}", answer.text());
        }
    }
    // Where there are no documents, the key is absent: the Allow does not match, and neither does the Deny.
    assert_eq!(world.ask(&key, "GET", "/_cat/nodes", &Value::Null).status, 200);
    assert_eq!(world.ask(&denied, "GET", "/_cluster/settings", &Value::Null).status, 200);
}

/// How a cursor is opened and its next page read; `ID` stands for what the opening has at this pointer.
struct Cursor {
    open: (&'static str, Value),
    id: &'static str,
    page: (&'static str, &'static str, Value),
    hits: &'static str,
}

fn cursors(world: &World) -> Vec<Cursor> {
    let scroll = Cursor {
        open: ("/staff/_search?scroll=1m&size=1", Value::Null),
        id: "/_scroll_id",
        page: ("POST", "/_search/scroll", json!({"scroll_id": "ID"})),
        hits: "/hits/total/value",
    };
    let pit = |open: &'static str, id| Cursor {
        open: (open, Value::Null),
        id,
        page: ("POST", "/_search", json!({"pit": {"id": "ID"}})),
        hits: "/hits/total/value",
    };
    let kept = Cursor {
        open: ("/staff/_async_search?keep_on_completion=true", json!({})),
        id: "/id",
        page: ("GET", "/_async_search/ID", Value::Null),
        hits: "/response/hits/total/value",
    };
    let version = world.ask(&world.root, "GET", "/", &Value::Null).json();
    match version["version"]["distribution"].as_str() {
        Some(_) => vec![scroll, pit("/staff/_search/point_in_time?keep_alive=1m", "/pit_id")],
        None => vec![scroll, pit("/staff/_pit?keep_alive=1m", "/id"), kept],
    }
}

/// For each kind of cursor: a page shows what its opening did, and none after what shows has changed.
fn check_cursors(world: &World) {
    let key = world.user("reader", &Value::Null);
    for cursor in cursors(world) {
        world.policy("reader", &json!([allow(&team_a())]));
        let open = || {
            let answer = world.ask(&key, "POST", cursor.open.0, &cursor.open.1);
            assert_eq!(answer.status, 200, "{}: {}", cursor.open.0, answer.text());
            answer.json().pointer(cursor.id).unwrap().as_str().unwrap().to_owned()
        };
        let page = |id: &str| {
            let (method, target, body) = &cursor.page;
            let body: Value = serde_json::from_str(&body.to_string().replace("ID", id)).unwrap();
            world.ask(&key, method, &target.replace("ID", id), &body)
        };
        let id = open();
        let second = page(&id);
        let hits = second.json().pointer(cursor.hits).cloned();
        assert_eq!(hits, Some(json!(2)), "{}: {}", cursor.open.0, second.text());
        let team_b = json!({"StringEquals": {"es:Document/team": "b"}});
        world.policy("reader", &json!([allow(&team_b)]));
        let changed = page(&id);
        assert_eq!(changed.status, 403, "{}: {}", cursor.open.0, changed.text());
        let again = page(&open());
        assert_eq!(again.json().pointer(cursor.hits), Some(&json!(1)), "{}", again.text());
    }
}

#[test]
fn a_change_of_what_shows_ends_a_scroll_and_a_point_in_time() {
    check_cursors(&World::new());
}

#[test]
fn a_change_of_what_shows_ends_the_cursors_of_the_other_version() {
    let (running, other) = crate::elsewhere::two_domains();
    check_cursors(&World::of(running, other));
}

#[test]
fn in_mode_aws_nothing_is_allowed_for_some_documents_alone() {
    let world = World::new();
    let key = world.user("reader", &json!([allow(&team_a())]));
    assert_eq!(world.found(&key).len(), 2);
    let body = json!({"AdvancedOptions": {"countersign.authorization": "aws"}}).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let control = world.running.control("es");
    let answer = control.signed(&world.root, "POST", target, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(world.ask(&key, "POST", "/staff/_search", &Value::Null).status, 403);
}
