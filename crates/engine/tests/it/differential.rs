//! The same documents and searches on a real Elasticsearch 7.10 or OpenSearch 2.19 and here: totals, scores, sort
//! values, highlights and aggregations must agree. Runs when `COUNTERSIGN_REFERENCE=http://127.0.0.1:PORT` is set.

use std::io::{Read, Write as _};
use std::net::TcpStream;

use engine::rest::Flavor;
use serde_json::{Map, Value, json};

use crate::small::{Small, write};

struct Reference {
    address: String,
}

impl Reference {
    fn from_environment() -> Option<Reference> {
        let url = std::env::var("COUNTERSIGN_REFERENCE").ok();
        let address = url.as_deref().and_then(|url| url.strip_prefix("http://"));
        if address.is_none() {
            eprintln!("skipped: COUNTERSIGN_REFERENCE names no reference server");
        }
        address.map(|address| Reference { address: address.trim_end_matches('/').to_owned() })
    }

    fn call(&self, method: &str, path: &str, content_type: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: reference\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.call(method, path, "application/json", &body.to_string())
    }
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

fn mappings() -> Value {
    json!({"properties": {
        "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
        "body": {"type": "text", "analyzer": "english"},
        "tags": {"type": "keyword"}, "section": {"type": "keyword"}, "n": {"type": "long"}, "small": {"type": "integer"},
        "price": {"type": "double"}, "rate": {"type": "float"}, "when": {"type": "date"}, "flag": {"type": "boolean"},
        "addr": {"type": "ip"}, "rare": {"type": "text"}, "o": {"properties": {"k": {"type": "keyword"}}}
    }})
}

fn documents() -> Vec<Value> {
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

// long: one row per search
fn queries() -> Vec<Value> {
    vec![
        json!({"match_all": {}}),
        json!({"match_all": {"boost": 2.5}}),
        json!({"match_none": {}}),
        json!({"match": {"title": "fox"}}),
        json!({"match": {"title": "Quick FOX, dogs"}}),
        json!({"match": {"title": {"query": "quick fox", "operator": "and"}}}),
        json!({"match": {"title": {"query": "quick fox lazy dog", "minimum_should_match": "75%"}}}),
        json!({"match": {"title": {"query": "quick fox lazy dog", "minimum_should_match": 2, "boost": 3}}}),
        json!({"match": {"title": {"query": "quikc fxo", "fuzziness": "AUTO"}}}),
        json!({"match": {"title": {"query": "pythn", "fuzziness": 1, "prefix_length": 1}}}),
        json!({"match": {"title": "fox fox"}}),
        json!({"match": {"body": "the running library"}}),
        json!({"match": {"body": "the"}}),
        json!({"match": {"body": {"query": "the", "zero_terms_query": "all"}}}),
        json!({"match": {"rare": "quick"}}),
        json!({"match": {"section": "Admin"}}),
        json!({"match": {"n": 5}}),
        json!({"match": {"n": "5"}}),
        json!({"match": {"flag": true}}),
        json!({"match": {"nowhere": "x"}}),
        json!({"match": {"when": "2021-01"}}),
        json!({"match_phrase": {"title": "quick brown"}}),
        json!({"match_phrase": {"title": {"query": "quick fox", "slop": 2}}}),
        json!({"match_phrase": {"body": {"query": "quick quick brown", "slop": 4}}}),
        json!({"match_phrase": {"body": "fox fox"}}),
        json!({"match_phrase": {"body": {"query": "lazy the dog", "slop": 1}}}),
        json!({"match_phrase": {"body": {"query": "alpha beta", "slop": 10}}}),
        json!({"match_phrase": {"rare": "quick brown"}}),
        json!({"match_phrase": {"rare": {"query": "brown alpha", "slop": 120}}}),
        json!({"match_phrase_prefix": {"title": "quick br"}}),
        json!({"match_phrase_prefix": {"title": "d"}}),
        json!({"match_bool_prefix": {"title": "quick br"}}),
        json!({"match_bool_prefix": {"title": {"query": "fox dog la", "operator": "and"}}}),
        json!({"match_bool_prefix": {"body": {"query": "libraries ru", "boost": 2}}}),
        json!({"multi_match": {"query": "quick br", "fields": ["title", "body"], "type": "bool_prefix"}}),
        json!({"multi_match": {"query": "quick fox", "fields": ["title", "body"]}}),
        json!({"multi_match": {"query": "quick fox", "fields": ["title^3", "body"], "tie_breaker": 0.3}}),
        json!({"multi_match": {"query": "quick fox", "fields": ["title", "bod*"], "type": "most_fields"}}),
        json!({"multi_match": {"query": "quick brown", "fields": ["title", "body"], "type": "phrase"}}),
        json!({"multi_match": {"query": "quick br", "fields": ["title", "body"], "type": "phrase_prefix"}}),
        json!({"multi_match": {"query": "fox dog", "fields": ["title", "body"], "operator": "and"}}),
        json!({"multi_match": {"query": "quick"}}),
        json!({"term": {"title": "fox"}}),
        json!({"term": {"title": "Fox"}}),
        json!({"term": {"section": "games"}}),
        json!({"term": {"section": {"value": "games", "boost": 2}}}),
        json!({"term": {"section": {"value": "ADMIN", "case_insensitive": true}}}),
        json!({"term": {"tags": "a"}}),
        json!({"term": {"tags": "long tag"}}),
        json!({"term": {"n": 7}}),
        json!({"term": {"n": 7.5}}),
        json!({"term": {"price": 12.34}}),
        json!({"term": {"rate": 1.125}}),
        json!({"term": {"flag": true}}),
        json!({"term": {"flag": "false"}}),
        json!({"term": {"addr": "10.0.1.7"}}),
        json!({"term": {"addr": "10.0.1.0/24"}}),
        json!({"term": {"when": "2021"}}),
        json!({"term": {"_id": "7"}}),
        json!({"term": {"o.k": "k1"}}),
        json!({"term": {"title.raw": "fox"}}),
        json!({"terms": {"section": ["games", "net"]}}),
        json!({"terms": {"n": [1, 2, 3, "4", 5, 6, 7]}}),
        json!({"terms": {"title": ["fox", "dog"], "boost": 2}}),
        json!({"terms": {"flag": [true]}}),
        json!({"terms": {"_id": ["1", "2", "x"]}}),
        json!({"terms": {"addr": ["10.0.2.0/25", "10.0.1.7"]}}),
        json!({"terms": {"section": []}}),
        json!({"range": {"n": {"gte": 10, "lt": 200}}}),
        json!({"range": {"n": {"gt": "10.5"}}}),
        json!({"range": {"n": {"lte": -3.2}}}),
        json!({"range": {"small": {"gt": 3, "lt": 5, "boost": 2}}}),
        json!({"range": {"price": {"gte": 100.5, "lte": 300}}}),
        json!({"range": {"rate": {"gt": 1.125}}}),
        json!({"range": {"rate": {"gte": 0.1, "lt": 1.3}}}),
        json!({"range": {"section": {"gte": "d", "lt": "m"}}}),
        json!({"range": {"title": {"gt": "fox", "lte": "quick"}}}),
        json!({"range": {"when": {"gte": "2021-03-01", "lt": "2021-09"}}}),
        json!({"range": {"when": {"gt": "2021", "lte": "2021"}}}),
        json!({"range": {"when": {"gte": "2021-05-05||/M", "lte": "2021-05-05||+1M/M"}}}),
        json!({"range": {"when": {"gte": "05/06/2021", "format": "dd/MM/yyyy"}}}),
        json!({"range": {"when": {"gte": "2021-03-01T00:00:00", "time_zone": "+05:00", "lt": "2021-03-20"}}}),
        json!({"range": {"when": {"lt": 1_600_000_000_000i64}}}),
        json!({"range": {"addr": {"gte": "10.0.1.0", "lt": "10.0.2.0"}}}),
        json!({"range": {"flag": {"gte": true}}}),
        json!({"range": {"n": {}}}),
        json!({"range": {"n": {"from": 3, "to": 9, "include_upper": false}}}),
        json!({"bool": {}}),
        json!({"bool": {"must": [{"match": {"title": "fox"}}], "should": [{"match": {"body": "dog"}}], "filter": [{"term": {"section": "games"}}]}}),
        json!({"bool": {"must_not": [{"match": {"title": "fox"}}]}}),
        json!({"bool": {"filter": {"range": {"n": {"gte": 0}}}}}),
        json!({"bool": {"should": [{"match": {"title": "fox"}}, {"match": {"title": "dog"}}, {"term": {"section": "net"}}], "minimum_should_match": 2}}),
        json!({"bool": {"should": [{"match": {"title": "fox"}}, {"term": {"flag": true}}], "filter": {"term": {"section": "libs"}}}}),
        json!({"bool": {"must": [{"match_all": {}}, {"match": {"title": "fox"}}], "boost": 2}}),
        json!({"bool": {"should": [{"match_all": {}}, {"match": {"title": "fox"}}]}}),
        json!({"bool": {"must": {"match": {"title": "fox"}}, "must_not": {"exists": {"field": "body"}}}}),
        json!({"bool": {"should": [{"bool": {"must": [{"match": {"title": "fox"}}, {"match": {"title": "dog"}}]}}, {"match_phrase": {"title": "quick brown"}}]}}),
        json!({"bool": {"should": [{"match": {"title": "fox"}}], "minimum_should_match": 2}}),
        json!({"exists": {"field": "tags"}}),
        json!({"exists": {"field": "body", "boost": 3}}),
        json!({"exists": {"field": "o"}}),
        json!({"exists": {"field": "nowhere"}}),
        json!({"exists": {"field": "_id"}}),
        json!({"prefix": {"title": "qu"}}),
        json!({"prefix": {"section": {"value": "l", "boost": 2}}}),
        json!({"prefix": {"section": {"value": "AD", "case_insensitive": true}}}),
        json!({"wildcard": {"title": "?o*"}}),
        json!({"wildcard": {"tags": {"value": "l*t?g"}}}),
        json!({"wildcard": {"section": {"value": "a*", "case_insensitive": true}}}),
        json!({"regexp": {"title": "(fo|do).*"}}),
        json!({"regexp": {"section": {"value": "[a-g].+"}}}),
        json!({"fuzzy": {"title": "qiuck"}}),
        json!({"fuzzy": {"title": {"value": "dgo", "fuzziness": 2, "max_expansions": 3}}}),
        json!({"fuzzy": {"section": {"value": "nte"}}}),
        json!({"ids": {"values": ["3", "5", "zz"]}}),
        json!({"constant_score": {"filter": {"match": {"title": "fox"}}, "boost": 1.2}}),
        json!({"dis_max": {"queries": [{"match": {"title": "fox"}}, {"match": {"body": "fox"}}], "tie_breaker": 0.3}}),
        json!({"boosting": {"positive": {"match": {"title": "fox"}}, "negative": {"term": {"section": "games"}}, "negative_boost": 0.2}}),
        json!({"function_score": {"query": {"match": {"title": "fox"}}, "field_value_factor": {"field": "small", "factor": 1.5, "modifier": "log1p"}}}),
        json!({"function_score": {"query": {"match": {"title": "fox"}}, "functions": [{"filter": {"term": {"section": "games"}}, "weight": 3}, {"weight": 2}], "score_mode": "sum", "boost_mode": "sum"}}),
        json!({"function_score": {"functions": [{"filter": {"term": {"flag": true}}, "weight": 3}], "score_mode": "avg", "boost_mode": "replace", "min_score": 2}}),
        json!({"query_string": {"query": "quick fox"}}),
        json!({"query_string": {"query": "title:quick AND body:fox"}}),
        json!({"query_string": {"query": "quick brown", "fields": ["title", "body^2"]}}),
        json!({"query_string": {"query": "\"quick brown\"~2 -lazy", "default_field": "title"}}),
        json!({"query_string": {"query": "n:[10 TO 100} AND section:games"}}),
        json!({"query_string": {"query": "qu* d?g", "default_field": "title"}}),
        json!({"query_string": {"query": "fox dog", "default_field": "title", "default_operator": "AND"}}),
        json!({"query_string": {"query": "(fox OR dog)^3 AND NOT lazy", "default_field": "title"}}),
        json!({"query_string": {"query": "title:(fox dog) price:>500"}}),
        json!({"query_string": {"query": "_exists_:tags"}}),
        json!({"query_string": {"query": "foxx~1", "default_field": "title"}}),
        json!({"query_string": {"query": "fox dog quick", "default_field": "title", "minimum_should_match": 2}}),
        json!({"query_string": {"query": "when:[2021-01-01 TO 2021-06-30]"}}),
        json!({"query_string": {"query": "/fo[xy]/ Alpha", "default_field": "title"}}),
        json!({"query_string": {"query": "*:*"}}),
        json!({"query_string": {"query": "a OR fox AND dog", "default_field": "title"}}),
        json!({"simple_query_string": {"query": "quick + fox", "fields": ["title", "body"]}}),
        json!({"simple_query_string": {"query": "quick -fox | \"lazy dog\"", "fields": ["title"]}}),
        json!({"simple_query_string": {"query": "qui* fxo~1", "fields": ["title^2"]}}),
        json!({"simple_query_string": {"query": "fox dog", "fields": ["title"], "default_operator": "and"}}),
        json!({"simple_query_string": {"query": "quick (fox | dog) + lazy", "fields": ["title", "body"]}}),
        // Refusals.
        json!({"mtch": {"title": "x"}}),
        json!({"match": {"title": {"query": "x", "surprise": 1}}}),
        json!({"match": {"a": "x", "b": "y"}}),
        json!({"term": {"n": "abc"}}),
        json!({"range": {"when": {"gte": "soon"}}}),
        json!({"range": {"n": {"gte": "x"}}}),
        json!({"term": {"addr": "nowhere"}}),
        json!({"query_string": {"query": "(fox"}}),
        json!({"prefix": {"n": "1"}}),
        json!({"terms": {"section": "games"}}),
        json!({"term": {"section": ["a"]}}),
        json!({"bool": {"surprise": []}}),
        json!({"term": {"flag": "maybe"}}),
        json!({}),
        json!({"exists": {}}),
    ]
}

// long: one row per aggregation
fn aggregations() -> Vec<Value> {
    vec![
        json!({"terms": {"field": "section"}}),
        json!({"terms": {"field": "section", "size": 2}}),
        json!({"terms": {"field": "section", "order": {"_key": "desc"}}}),
        json!({"terms": {"field": "tags", "missing": "none"}}),
        json!({"terms": {"field": "tags", "order": [{"_count": "asc"}, {"_key": "desc"}]}}),
        json!({"terms": {"field": "small", "size": 3}}),
        json!({"terms": {"field": "flag"}}),
        json!({"terms": {"field": "rate", "size": 3}}),
        json!({"terms": {"field": "addr", "size": 3}}),
        json!({"terms": {"field": "when", "size": 2}}),
        json!({"terms": {"field": "section", "include": "[a-g].*"}}),
        json!({"terms": {"field": "section", "exclude": ["games", "net"]}}),
        json!({"terms": {"field": "nowhere"}}),
        json!({"terms": {"field": "section", "min_doc_count": 50}}),
        json!({"terms": {"field": "section"}, "aggs": {"p": {"avg": {"field": "price"}}, "s": {"stats": {"field": "n"}}}}),
        json!({"terms": {"field": "section", "order": {"p": "desc"}, "size": 3}, "aggs": {"p": {"max": {"field": "price"}}}}),
        json!({"terms": {"field": "section", "order": {"s.avg": "asc"}}, "aggs": {"s": {"stats": {"field": "n"}}}}),
        json!({"terms": {"field": "section"}, "aggs": {"t": {"terms": {"field": "tags"}, "aggs": {"m": {"min": {"field": "n"}}}}}}),
        json!({"terms": {"field": "title.raw", "size": 4}}),
        json!({"terms": {"field": "o.k", "min_doc_count": 0}}),
        json!({"terms": {"field": "section"}, "meta": {"a": 1}}),
        json!({"avg": {"field": "price"}}),
        json!({"min": {"field": "n"}}),
        json!({"max": {"field": "when"}}),
        json!({"sum": {"field": "small"}}),
        json!({"value_count": {"field": "tags"}}),
        json!({"stats": {"field": "price"}}),
        json!({"extended_stats": {"field": "price"}}),
        json!({"stats": {"field": "when"}}),
        json!({"cardinality": {"field": "section"}}),
        json!({"cardinality": {"field": "small"}}),
        json!({"avg": {"field": "nowhere"}}),
        json!({"avg": {"field": "small", "missing": 10}}),
        json!({"sum": {"field": "nowhere"}}),
        json!({"max": {"field": "flag"}}),
        json!({"histogram": {"field": "price", "interval": 250}}),
        json!({"histogram": {"field": "n", "interval": 100, "offset": 30, "min_doc_count": 20}}),
        json!({"histogram": {"field": "small", "interval": 2, "keyed": true, "extended_bounds": {"min": -4, "max": 14}}}),
        json!({"histogram": {"field": "price", "interval": 400, "order": {"_count": "desc"}}, "aggs": {"a": {"avg": {"field": "n"}}}}),
        json!({"histogram": {"field": "n", "interval": 200, "hard_bounds": {"min": 0, "max": 400}}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "month"}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "1y", "format": "yyyy"}}),
        json!({"date_histogram": {"field": "when", "fixed_interval": "90d", "min_doc_count": 1}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "quarter", "time_zone": "+05:30"}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "month", "time_zone": "Europe/Berlin", "format": "yyyy-MM-dd HH:mm Z"}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "week", "min_doc_count": 3, "offset": "+1d"}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "year", "keyed": true}, "aggs": {"s": {"sum": {"field": "n"}}}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "year", "extended_bounds": {"min": "2018", "max": "2024"}}}),
        json!({"date_histogram": {"field": "when", "interval": "month", "order": {"_key": "desc"}}}),
        json!({"range": {"field": "n", "ranges": [{"to": 0}, {"from": 0, "to": 100}, {"from": 50, "key": "big"}]}}),
        json!({"range": {"field": "price", "keyed": true, "ranges": [{"to": 100.5}, {"from": 100.5}]}, "aggs": {"a": {"max": {"field": "n"}}}}),
        json!({"date_range": {"field": "when", "ranges": [{"to": "2021-01-01"}, {"from": "2021-01-01", "to": "2021-01-01||+6M"}, {"from": "2021-07"}]}}),
        json!({"date_range": {"field": "when", "format": "MM-yyyy", "ranges": [{"from": "06-2021"}]}}),
        json!({"filter": {"term": {"section": "games"}}, "aggs": {"a": {"avg": {"field": "n"}}}}),
        json!({"filters": {"filters": {"g": {"term": {"section": "games"}}, "f": {"match": {"title": "fox"}}}}}),
        json!({"filters": {"filters": [{"term": {"section": "games"}}], "other_bucket_key": "rest"}}),
        json!({"missing": {"field": "tags"}}),
        json!({"global": {}, "aggs": {"a": {"value_count": {"field": "n"}}}}),
        json!({"terms": {"field": "section"}, "aggs": {"f": {"filter": {"term": {"flag": true}}, "aggs": {"h": {"histogram": {"field": "n", "interval": 500}}}}}}),
        json!({"terms": {"field": "section", "order": {"f>m": "desc"}}, "aggs": {"f": {"filter": {"term": {"flag": true}}, "aggs": {"m": {"max": {"field": "n"}}}}}}),
        json!({"range": {"field": "n", "ranges": [{"to": 0}, {"from": 0}]}, "aggs": {"t": {"terms": {"field": "section", "size": 2}}}}),
        json!({"filter": {"prefix": {"title": "fo"}}, "aggs": {"p": {"percentiles": {"field": "n"}}, "m": {"median_absolute_deviation": {"field": "n"}}}}),
        json!({"filter": {"term": {"tags": "a"}}, "aggs": {"p": {"percentiles": {"field": "price", "percents": [10, 50, 99.9], "keyed": false}}, "r": {"percentile_ranks": {"field": "small", "values": [2, 3.5, 100]}}}}),
        json!({"percentiles": {"field": "nowhere"}}),
        json!({"top_hits": {"size": 2, "sort": [{"n": "asc"}], "_source": ["n"]}}),
        json!({"terms": {"field": "section"}, "aggs": {"t": {"top_hits": {"size": 1, "sort": [{"n": "desc"}, {"price": "asc"}], "_source": false}}}}),
        json!({"terms": {"field": "section", "order": {"p.50": "desc"}}, "aggs": {"p": {"percentiles": {"field": "n", "percents": [50]}}}}),
        json!({"terms": {"field": "title"}}),
        json!({"avg": {"field": "section"}}),
        json!({"surprise": {}}),
        json!({"terms": {"field": "section", "surprise": 1}}),
        json!({"histogram": {"field": "n", "interval": 0}}),
        json!({"date_histogram": {"field": "when", "calendar_interval": "2d"}}),
    ]
}

// long: one row per search
fn bodies() -> Vec<Value> {
    let fox = json!({"match": {"title": "fox"}});
    vec![
        json!({"query": fox, "sort": ["n", "_doc"]}),
        json!({"sort": [{"price": "desc"}], "size": 5}),
        json!({"sort": [{"section": "asc"}, {"n": {"order": "desc"}}], "size": 12}),
        json!({"sort": [{"tags": {"order": "asc", "missing": "_first"}}, {"n": "asc"}], "size": 30}),
        json!({"sort": [{"tags": {"order": "desc", "mode": "min"}}, {"n": "asc"}], "size": 100}),
        json!({"sort": [{"when": "desc"}, {"n": "asc"}], "size": 8}),
        json!({"sort": [{"nowhere": {"order": "asc", "unmapped_type": "long"}}, {"n": "asc"}], "size": 3}),
        json!({"sort": ["nowhere"]}),
        json!({"query": fox, "sort": ["_score", {"n": "asc"}]}),
        json!({"query": fox, "sort": [{"n": "asc"}], "track_scores": true, "size": 4}),
        json!({"query": fox, "from": 3, "size": 4, "sort": ["n"]}),
        json!({"query": fox, "min_score": 1.3, "size": 100}),
        json!({"query": fox, "post_filter": {"term": {"section": "games"}}, "aggs": {"s": {"terms": {"field": "section"}}}}),
        json!({"query": fox, "size": 0, "track_total_hits": 10}),
        json!({"query": fox, "size": 1, "sort": ["n"], "track_total_hits": false}),
        json!({"query": fox, "size": 0, "track_total_hits": true}),
        json!({"size": 2, "sort": ["n"], "_source": ["title", "o.*"]}),
        json!({"size": 2, "sort": ["n"], "_source": false}),
        json!({"size": 2, "sort": ["n"], "_source": {"excludes": ["body", "t*"]}}),
        json!({"sort": [{"n": "asc"}], "search_after": [200], "size": 3}),
        json!({"sort": [{"section": "desc"}, {"n": "asc"}], "search_after": ["games", 100], "size": 3}),
        json!({"sort": [{"rate": "desc"}, {"n": "asc"}], "search_after": [2.5, 0], "size": 3}),
        json!({"sort": [{"when": "asc"}], "search_after": ["2021-05-05"], "size": 3}),
        json!({"size": 2, "sort": ["n"], "docvalue_fields": ["n", "section", "when", {"field": "when", "format": "yyyy"}, "flag", "addr", "rate"], "_source": false}),
        json!({"size": 2, "sort": ["n"], "version": true, "_source": false}),
        json!({"query": {"term": {"section": {"value": "games", "_name": "g"}}}, "size": 2, "sort": ["n"], "_source": false}),
        json!({"query": fox, "size": 100, "_source": false, "highlight": {"fields": {"title": {}}}}),
        json!({"query": {"match": {"body": "quick libraries"}}, "size": 100, "_source": false, "highlight": {"fields": {"body": {}}}}),
        json!({"query": {"match": {"body": "quick"}}, "size": 100, "_source": false, "highlight": {"pre_tags": ["<b>"], "post_tags": ["</b>"], "fields": {"body": {"fragment_size": 40, "number_of_fragments": 2}}}}),
        json!({"query": {"match_phrase": {"title": "quick brown"}}, "size": 100, "_source": false, "highlight": {"fields": {"title": {"number_of_fragments": 0}}}}),
        json!({"query": {"match": {"rare": "quick"}}, "size": 100, "_source": false, "highlight": {"fields": {"rare": {}}}}),
        json!({"query": {"query_string": {"query": "fo* lazy"}}, "size": 100, "_source": false, "highlight": {"fields": {"*": {}}}}),
        json!({"query": {"match": {"body": "quick dog"}}, "size": 100, "_source": false, "highlight": {"order": "score", "fields": {"body": {"number_of_fragments": 3}}}}),
        json!({"query": {"bool": {"must": [fox], "filter": [{"term": {"section": "games"}}]}}, "size": 100, "_source": false, "highlight": {"require_field_match": false, "fields": {"title": {}, "section": {}, "body": {}}}}),
        json!({"size": 20_000}),
        json!({"from": -1}),
        json!({"surprise": 1}),
        json!({"query": fox, "sort": [{"title": "asc"}]}),
        json!({"query": fox, "search_after": [1]}),
        json!({"sort": [{"n": "asc"}], "search_after": [1, 2]}),
        json!({"aggs": {"x": {}}}),
        json!({"query": fox, "terminate_after": 1_000_000, "size": 0}),
    ]
}

#[test]
fn answers_equal_those_of_a_reference_server() {
    let Some(reference) = Reference::from_environment() else { return };
    let (_, about) = reference.json("GET", "/", &Value::Null);
    let mut small = Small::new();
    if about["version"]["distribution"] == "opensearch" {
        small.flavor = Flavor::OpenSearch219;
    }
    let documents = documents();
    reference.json("DELETE", "/differential", &Value::Null);
    let (status, answer) = reference.json("PUT", "/differential", &json!({"mappings": mappings()}));
    assert_eq!(status, 200, "{answer}");
    let mut lines = String::new();
    for (number, document) in documents.iter().enumerate() {
        lines.push_str(&format!("{}\n{document}\n", json!({"index": {"_id": number.to_string()}})));
    }
    let (status, answer) =
        reference.call("POST", "/differential/_bulk?refresh=true", "application/x-ndjson", &lines);
    assert_eq!((status, &answer["errors"]), (200, &Value::Bool(false)));
    let index = small.create("differential", Value::Null, mappings());
    let (first, second) = documents.split_at(100);
    write(&index, 0, first);
    write(&index, 100, second);

    let fox = json!({"match": {"title": "fox"}});
    let queries =
        queries().into_iter().map(|query| json!({"query": query, "size": 300, "_source": false}));
    let aggregations = aggregations().into_iter().flat_map(|aggregation| {
        [
            json!({"size": 0, "aggs": {"x": aggregation}}),
            json!({"size": 0, "query": fox, "aggs": {"x": aggregation}}),
        ]
    });
    let all: Vec<Value> = queries.chain(aggregations).chain(bodies()).collect();
    let mut differing = Vec::new();
    // Where the two services differ from each other, Elasticsearch is followed.
    let theirs_alone = [
        json!({"query": {"terms": {"flag": [true]}}, "size": 300, "_source": false}),
        json!({"query": {"range": {"flag": {"gte": true}}}, "size": 300, "_source": false}),
        json!({"from": -1}),
    ];
    let opensearch = small.flavor == Flavor::OpenSearch219;
    for body in all.iter().filter(|body| !(opensearch && theirs_alone.contains(body))) {
        let (status, theirs) = reference.json("POST", "/differential/_search", body);
        let ours = small.search_in(&small.targets(&["differential"]), body, "");
        let mut faults = Vec::new();
        match ours {
            Ok(ours) if status == 200 => compare("", &normal(&ours), &normal(&theirs), &mut faults),
            Err(ours) if status != 200 => {
                compare("", &refused(&ours), &refused(&theirs), &mut faults)
            }
            Ok(_) => faults.push(format!("theirs is refused: {}", refused(&theirs))),
            Err(ours) => faults.push(format!("ours is refused: {}", refused(&ours))),
        }
        if !faults.is_empty() {
            faults.truncate(4);
            differing.push(format!("{body}\n    {}", faults.join("\n    ")));
        }
    }
    eprintln!("{} searches, {} differ", all.len(), differing.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// What of a refusal must agree: its status and the type of its root cause.
fn refused(answer: &Value) -> Value {
    let cause = &answer["error"]["root_cause"][0];
    let kind = cause["type"].as_str().unwrap_or_default();
    // OpenSearch names its own reasons otherwise; the words are compared by tests that pin them.
    let reason = cause["reason"].as_str().unwrap_or_default();
    // Where in the body the fault is, is not known here.
    let is_place = |place: &str| {
        place
            .strip_prefix('[')
            .is_some_and(|place| place.bytes().all(|b| b.is_ascii_digit() || b == b':'))
    };
    let reason = match reason.split_once("] ") {
        Some((place, rest)) if is_place(place) => rest,
        _ => reason,
    };
    let reason = reason.split(" at [1:").next().unwrap_or_default();
    // OpenSearch has no wildcard fields in this sentence.
    let reason = reason.replace("keyword, text and wildcard fields", "keyword and text fields");
    json!({"status": answer["status"], "type": kind, "reason": reason})
}

/// An answer with its hits by id: ties may stand in any order.
fn normal(answer: &Value) -> Value {
    let mut answer = answer.clone();
    let object = answer.as_object_mut().unwrap();
    object.remove("took");
    let Some(hits) = object["hits"]["hits"].as_array().cloned() else { return answer };
    let sorted: Vec<Value> = hits.iter().map(|hit| hit["sort"].clone()).collect();
    let scores: Vec<Value> = hits.iter().map(|hit| hit["_score"].clone()).collect();
    let doc_order = sorted.iter().all(Value::is_null);
    let by_id: Map<String, Value> = hits
        .into_iter()
        .map(|hit| (hit["_id"].as_str().unwrap_or_default().to_owned(), hit))
        .collect();
    let mut listed: Vec<(String, Value)> = by_id.into_iter().collect();
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(hits) = object["hits"].as_object_mut() {
        if !doc_order {
            hits.insert("order".into(), sorted.into());
        }
        hits.insert("scores".into(), scores.into());
        hits.insert("hits".into(), Value::Object(listed.into_iter().collect()));
    }
    answer
}

fn compare(at: &str, ours: &Value, theirs: &Value, faults: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            // Dates beyond the year 9999 are printed as their milliseconds here.
            for (key, theirs) in b.iter().filter(|(key, _)| *key != "sum_as_string") {
                match a.get(key) {
                    Some(ours) => compare(&format!("{at}.{key}"), ours, theirs, faults),
                    None => faults.push(format!("{at}.{key}: missing, theirs is {theirs}")),
                }
            }
            faults.extend(
                a.iter()
                    .filter(|(key, _)| !b.contains_key(*key))
                    .map(|(key, ours)| format!("{at}.{key}: ours alone has {ours}")),
            );
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter()
                .zip(b)
                .enumerate()
                .for_each(|(index, (a, b))| compare(&format!("{at}[{index}]"), a, b, faults));
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > 1e-5 * b.abs().max(1e-3) {
                faults.push(format!("{at}: ours {a}, theirs {b}"));
            }
        }
        (ours, theirs) if ours != theirs => {
            faults.push(format!("{at}: ours {ours}, theirs {theirs}"))
        }
        _ => {}
    }
}
