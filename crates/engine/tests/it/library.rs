//! The documents that most cases search.

use serde_json::{Value, json};

use crate::cases::Setup;

/// Eight films: values of every type, several values, missing ones, empty ones.
pub(crate) fn films() -> Setup {
    Setup::index("films", definition(), documents())
}

/// An index for films in which there is none.
pub(crate) fn no_films() -> Setup {
    Setup::index("films", definition(), Value::Null)
}

pub(crate) fn definition() -> Value {
    json!({"mappings": {"properties": {
        "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
        "plot": {"type": "text", "analyzer": "english"},
        "genre": {"type": "keyword"}, "tags": {"type": "keyword"},
        "year": {"type": "integer"}, "rating": {"type": "double"}, "votes": {"type": "long"},
        "released": {"type": "date"}, "seen": {"type": "boolean"}, "addr": {"type": "ip"},
        "crew": {"properties": {"director": {"type": "keyword"}, "size": {"type": "short"}}},
        "hidden": {"type": "keyword", "index": false}, "bare": {"type": "keyword", "doc_values": false},
        "kind": {"type": "alias", "path": "genre"}
    }}})
}

pub(crate) fn documents() -> Value {
    json!([
        {"title": "The quick brown fox", "plot": "Foxes are running through the libraries. They run far.",
            "genre": "drama", "tags": ["old", "short"], "year": 1999, "rating": 7.5, "votes": 120,
            "released": "1999-03-10", "seen": true, "addr": "10.0.0.1", "crew": {"director": "Ann", "size": 12}},
        {"title": "Quick quick dogs", "plot": "A dog that runs a library.", "genre": "comedy", "tags": ["short"],
            "year": 2004, "rating": 6.25, "votes": 5, "released": "2004-01-20T10:30:00Z", "seen": false,
            "addr": "10.0.1.1", "crew": {"director": "Bob", "size": 40}},
        {"title": "A lazy dog and a brown cow", "plot": "The cow sleeps.", "genre": "drama", "year": 1999,
            "rating": 8.0, "votes": -3, "released": "1999-12-31T23:59:59.999Z", "addr": "10.0.0.77",
            "crew": {"director": "Ann"}},
        {"title": "brown quick", "genre": "thriller", "tags": ["zed", "old", "old"], "year": 2024, "votes": 40,
            "released": "2024-06-15", "seen": true, "addr": "2001:db8::1"},
        {"title": ["Fox of the north", "Northern lights"], "plot": "", "genre": ["comedy", "drama"], "tags": [],
            "year": 2010, "rating": 5.5, "votes": 0, "released": ["2010-02-28", "2010-03-01"],
            "seen": [true, false], "crew": {"director": ["Cid", "Dee"], "size": 7}},
        {"title": "Lights out", "plot": "Running, running, ran: the runner's libraries.", "genre": "Thriller",
            "tags": ["new"], "year": 2024, "rating": 9.0, "votes": 1_000_000,
            "released": "2024-02-29T12:00:00+02:00", "seen": false, "addr": "192.168.1.5", "crew": {}},
        {"title": "", "year": null, "votes": 7, "note": "a dynamic field"},
        {}
    ])
}

/// 240 documents, the same on every run: enough of them for scores, orders and percentiles to say something.
pub(crate) fn crowd() -> Setup {
    Setup::index("differential", json!({"mappings": crowd_mappings()}), crowd_documents().into())
}

const WORDS: &[&str] = &[
    "alpha",
    "beta",
    "gamma",
    "delta",
    "fox",
    "brown",
    "quick",
    "lazy",
    "dog",
    "jumps",
    "running",
    "libraries",
    "the",
    "over",
    "python",
    "develop",
];

const SECTIONS: &[&str] = &["games", "libs", "doc", "net", "Admin"];

/// A generator that is the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.roll(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}

fn crowd_mappings() -> Value {
    json!({"properties": {
        "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
        "body": {"type": "text", "analyzer": "english"},
        "tags": {"type": "keyword"}, "section": {"type": "keyword"}, "n": {"type": "long"}, "small": {"type": "integer"},
        "price": {"type": "double"}, "rate": {"type": "float"}, "when": {"type": "date"}, "flag": {"type": "boolean"},
        "addr": {"type": "ip"}, "rare": {"type": "text"}, "o": {"properties": {"k": {"type": "keyword"}}}
    }})
}

fn crowd_documents() -> Vec<Value> {
    let mut dice = Dice(7);
    let mut documents = Vec::new();
    for number in 0..240usize {
        let length = 2 + dice.roll(6);
        let mut document = json!({
            "title": dice.words(length),
            "section": SECTIONS[dice.roll(5)],
            "n": dice.roll(1000) as i64 - 300, "small": dice.roll(9), "price": dice.roll(100_000) as f64 / 100.0,
            "rate": dice.roll(40) as f64 / 8.0,
            "when": format!("20{:02}-{:02}-{:02}T{:02}:30:00Z", 20 + dice.roll(3), 1 + dice.roll(12), 1 + dice.roll(28), dice.roll(24)),
            "flag": dice.roll(3) == 0, "addr": format!("10.0.{}.{}", dice.roll(4), dice.roll(250)),
        });
        let fields = document.as_object_mut().unwrap();
        if number % 3 == 0 {
            let length = [3, 17, 45, 60, 130, 300, 700][dice.roll(7)];
            fields.insert("body".into(), dice.words(length).replace(" the ", ". The ").into());
        }
        if number % 4 == 1 {
            let tags: Vec<Value> = (0..1 + dice.roll(3))
                .map(|_| ["a", "b", "c", "d", "long tag"][dice.roll(5)].into())
                .collect();
            fields.insert("tags".into(), tags.into());
        }
        if number % 30 == 2 {
            fields.insert("rare".into(), json!([dice.words(3), "quick brown", dice.words(2)]));
            fields.insert("o".into(), json!({"k": format!("k{}", dice.roll(4))}));
        }
        documents.push(document);
    }
    documents
}
