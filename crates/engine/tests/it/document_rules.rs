//! A rule that tells its values is looked up; it finds what the same rule finds that tells none, and is asked of each document.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::rest::{Flavor, parse, route};
use engine::{
    DocumentRule, Engine, EngineSettings, FieldRules, Grants, OnlyValues, ShownFields, TestedValue,
    ValueTest, View, Work,
};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// That a document has one of some values in a field, as an operator of a policy means it.
#[derive(Clone, Debug)]
struct OneOf {
    field: &'static str,
    reads: TestedValue,
    values: Vec<String>,
    several: Several,
    tells: bool,
    asked: Arc<AtomicUsize>,
}

/// What a test says of several values.
#[derive(Clone, Copy, Debug)]
enum Several {
    /// An operator without quantifier, in an Allow.
    Never,
    /// The same in a Deny.
    Always,
    /// `ForAnyValue:`
    Any,
}

impl ValueTest for OneOf {
    fn field(&self) -> &str {
        self.field
    }

    fn reads(&self) -> TestedValue {
        self.reads
    }

    fn holds(&self, values: &[String]) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match (values, self.several) {
            ([_, _, ..], Several::Never) => false,
            ([_, _, ..], Several::Always) => true,
            _ => values.iter().any(|value| self.values.contains(value)),
        }
    }

    fn only_of(&self) -> Option<OnlyValues> {
        let of_several = !matches!(self.several, Several::Always);
        self.tells.then(|| OnlyValues { values: self.values.clone(), of_several })
    }
}

#[derive(Debug)]
struct Rules(DocumentRule);

impl FieldRules for Rules {
    fn at_field(&self, _path: &str) -> DocumentRule {
        self.0.clone()
    }

    fn differ(&self) -> bool {
        false
    }

    fn differ_inside(&self, _path: &str) -> bool {
        false
    }

    fn of_fields(&self, _paths: &[&str]) -> ShownFields {
        ShownFields { documents: self.0.clone(), shows: Arc::new(|_| true) }
    }
}

struct Documents(Engine);

impl Documents {
    /// Three segments of documents, and some that were deleted from them.
    fn new(documents: &[Value], deleted: &[usize]) -> Documents {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::OpenSearch219,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let made = Documents(Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap());
        let mapping = json!({"mappings": {"properties": {
            "team": {"type": "keyword"}, "unsearched": {"type": "keyword", "index": false},
            "level": {"type": "long"}, "open": {"type": "boolean"}, "at": {"type": "date"},
        }}});
        made.ask(&View::everything("admin"), "PUT", "/i", &mapping);
        for (number, document) in documents.iter().enumerate() {
            made.ask(&View::everything("admin"), "PUT", &format!("/i/_doc/{number}"), document);
            if number % 7 == 6 {
                made.ask(&View::everything("admin"), "POST", "/i/_refresh", &Value::Null);
            }
        }
        made.ask(&View::everything("admin"), "POST", "/i/_refresh", &Value::Null);
        for number in deleted.iter().filter(|number| **number < documents.len()) {
            made.ask(
                &View::everything("admin"),
                "DELETE",
                &format!("/i/_doc/{number}"),
                &Value::Null,
            );
        }
        made.ask(&View::everything("admin"), "POST", "/i/_refresh", &Value::Null);
        made
    }

    fn ask(&self, view: &View, method: &str, url: &str, body: &Value) -> Value {
        let route = route(method, url, "", self.0.flavor()).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let kind = (!body.is_empty()).then_some("application/json");
        let parsed = parse(route, kind, body.into(), &Work::unbounded()).unwrap();
        let (now, work) = (Timestamp::UNIX_EPOCH, Work::unbounded());
        let answer = self.0.execute(&parsed, &self.0.metadata(), view, now, &work);
        assert!(answer.status < 300 || method == "DELETE", "{method} {url}: {:?}", answer.body);
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// A caller who sees only the documents of `rule`.
    fn view(&self, rule: DocumentRule) -> View {
        let mut grants = Grants::everything("someone");
        let uuid = Arc::clone(&self.0.metadata().index("i").unwrap().uuid);
        grants.restrictions.restrict(&uuid, Arc::new(Rules(rule)));
        View::of(grants)
    }

    /// What such a caller finds.
    fn found(&self, rule: DocumentRule, query: &Value) -> Vec<String> {
        let body = json!({"query": query, "size": 1000, "sort": "_doc"});
        let answer = self.ask(&self.view(rule), "POST", "/i/_search", &body);
        let hits = answer["hits"]["hits"].as_array().unwrap();
        hits.iter().map(|hit| hit["_id"].as_str().unwrap().to_owned()).collect()
    }

    /// What such a caller reads in other ways: the best hits, aggregations, counts, and documents by their ids.
    fn read(&self, rule: DocumentRule, query: &Value, documents: usize) -> Vec<Value> {
        let view = self.view(rule);
        let counted = json!({"a": {"terms": {"field": "team"}}, "b": {"global": {}},
            "c": {"missing": {"field": "level"}}});
        let mut answers = vec![
            self.ask(&view, "POST", "/i/_search", &json!({"query": query, "size": 3})),
            self.ask(&view, "POST", "/i/_search", &json!({"query": query, "size": 0})),
            self.ask(&view, "POST", "/i/_search", &json!({"size": 0, "aggs": counted})),
            self.ask(&view, "POST", "/i/_count", &json!({"query": query})),
        ];
        answers.iter_mut().for_each(|answer| answer["took"] = Value::Null);
        let ids: Vec<String> = (0..documents).map(|id| id.to_string()).collect();
        answers.push(self.ask(&view, "POST", "/i/_mget", &json!({"ids": ids})));
        answers
    }
}

/// A tree of tests, from which a rule is made that tells its values, and one that does not.
#[derive(Clone, Debug)]
enum Tree {
    If(OneOf),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

impl Tree {
    fn rule(&self, tells: bool) -> DocumentRule {
        let each = |parts: &[Tree]| parts.iter().map(|part| part.rule(tells)).collect();
        match self {
            Tree::If(test) => DocumentRule::If(Arc::new(OneOf { tells, ..test.clone() })),
            Tree::Not(inner) => DocumentRule::Not(Box::new(inner.rule(tells))),
            Tree::All(parts) => DocumentRule::All(each(parts)),
            Tree::Any(parts) => DocumentRule::Any(each(parts)),
        }
    }
}

fn test() -> impl Strategy<Value = OneOf> {
    let texts = prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", ""]), 1..3);
    let numbers = prop::collection::vec(prop::sample::select(vec!["1", "2", "-3", "9"]), 1..3);
    let flags = prop::collection::vec(prop::sample::select(vec!["true", "false"]), 1..2);
    let moments = prop::collection::vec(prop::sample::select(vec!["2020-01-01T00:00:00Z"]), 1..2);
    let fields = prop_oneof![
        3 => texts.clone().prop_map(|it| ("team", TestedValue::Text, it)),
        1 => texts.prop_map(|it| ("unsearched", TestedValue::Text, it)),
        2 => numbers.prop_map(|it| ("level", TestedValue::Number, it)),
        2 => flags.prop_map(|it| ("open", TestedValue::Boolean, it)),
        1 => moments.prop_map(|it| ("at", TestedValue::Date, it)),
    ];
    let several = prop::sample::select(vec![Several::Never, Several::Always, Several::Any]);
    (fields, several).prop_map(|((field, reads, values), several)| OneOf {
        field,
        reads,
        values: values.into_iter().map(str::to_owned).collect(),
        several,
        tells: true,
        asked: Arc::default(),
    })
}

fn tree() -> impl Strategy<Value = Tree> {
    test().prop_map(Tree::If).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| Tree::Not(Box::new(it))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::All),
            prop::collection::vec(inner, 1..4).prop_map(Tree::Any),
        ]
    })
}

/// A document, whose fields have no value, one, or several.
fn document() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        2 => Just(json!([])),
        6 => prop::sample::select(vec![json!("a"), json!("b"), json!("c"), json!("")]),
        1 => prop::sample::select(vec![json!(["a", "b"]), json!(["a", "a"]), json!(["b", "c", "d"])]),
    ];
    let numbers = prop_oneof![
        2 => Just(json!(null)),
        6 => prop::sample::select(vec![json!(1), json!(2), json!(-3)]),
        1 => Just(json!([1, 9])),
    ];
    let flags =
        prop::sample::select(vec![json!(true), json!(false), json!(null), json!([true, false])]);
    // A moment without a four-digit year hides its document.
    let moments = prop::sample::select(vec![
        json!("2020-01-01"),
        json!(-100_000_000_000_000_i64),
        json!(null),
    ]);
    (texts.clone(), texts, numbers, flags, moments).prop_map(
        |(team, unsearched, level, open, at)| {
            json!({"team": team, "unsearched": unsearched, "level": level, "open": open, "at": at})
        },
    )
}

#[test]
fn a_rule_that_is_looked_up_finds_what_it_finds_when_each_document_is_asked() {
    let documents = prop::collection::vec(document(), 1..40);
    let deleted = prop::collection::vec(0..40_usize, 0..5);
    let rules = prop::collection::vec(tree(), 6);
    let queries = [json!({"match_all": {}}), json!({"terms": {"team": ["a", "c"]}})];
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&(documents, deleted, rules), |(documents, deleted, rules)| {
        let index = Documents::new(&documents, &deleted);
        for rule in &rules {
            for query in &queries {
                let told = index.found(rule.rule(true), query);
                prop_assert_eq!(told, index.found(rule.rule(false), query), "{:?}", rule);
                let read = |tells| index.read(rule.rule(tells), query, documents.len());
                prop_assert_eq!(read(true), read(false), "{:?}", rule);
            }
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_rule_that_tells_its_values_is_asked_of_these_and_of_no_document() {
    let documents: Vec<Value> = (0..500).map(|at| json!({"team": format!("t{at}")})).collect();
    let index = Documents::new(&documents, &[]);
    let asked = |tells, several| {
        let asked = Arc::new(AtomicUsize::new(0));
        let values = vec!["t7".to_owned(), "t8".to_owned()];
        let test = OneOf {
            field: "team",
            reads: TestedValue::Text,
            values,
            several,
            tells,
            asked: Arc::clone(&asked),
        };
        let found = index.found(DocumentRule::If(Arc::new(test)), &json!({"match_all": {}}));
        assert_eq!(found, ["7", "8"]);
        asked.load(Ordering::Relaxed)
    };
    for several in [Several::Never, Several::Always, Several::Any] {
        let told = asked(true, several);
        assert!(told <= 20 && asked(false, several) >= 500, "{several:?}: {told}");
    }
}
