//! Requests that are made to break something: a start, the memory, the time. No server's answers: ours alone.

use engine::rest::Flavor;
use engine::{Budget, Engine, EngineSettings};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::Domain;

#[test]
fn a_parameter_that_is_no_finite_number_is_refused() {
    let domain = Domain::opensearch();
    for (parameter, value) in [
        ("boost", "1e39"),
        ("boost", "\"NaN\""),
        ("boost", "\"inf\""),
        ("scaling_factor", "\"1e400\""),
    ] {
        let kind = if parameter == "boost" { "keyword" } else { "scaled_float" };
        let body = format!(
            r#"{{"mappings":{{"properties":{{"k":{{"type":"{kind}","{parameter}":{value}}}}}}}}}"#
        );
        assert_eq!(domain.ask("PUT /i", &body).0, 400, "{parameter} {value}");
    }
}

#[test]
fn a_format_with_reserved_characters_is_kept_and_its_index_opens_again() {
    let folder = std::env::temp_dir().join(format!("countersign-reserved-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let open = || {
        let settings = EngineSettings {
            directory: Some(folder.clone()),
            flavor: Flavor::OpenSearch219,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()
    };
    let body = r#"{"mappings":{"properties":{"d":{"type":"date","format":"yyyy'#'MM"},"e":{"type":"date","format":"yyyy#MM"}}}}"#;
    {
        let engine = open();
        let route = engine::rest::route("PUT", "/i", "", engine.flavor()).unwrap();
        let work = engine::Work::unbounded();
        let parsed =
            engine::rest::parse(route, Some("application/json"), body.into(), &work).unwrap();
        let view = engine::View::everything("someone");
        let answer =
            engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
        assert_eq!(answer.status, 200);
    }
    assert!(open().metadata().index("i").is_some());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A search that may hold so many bytes.
fn within(domain: &Domain, bytes: u64, body: &Value) -> (u16, Value) {
    let budget = Budget::new("request", bytes);
    let (status, text) = domain.within(&budget, "POST /i/_search", &body.to_string());
    (status, serde_json::from_str(&text).unwrap_or_default())
}

#[test]
fn spans_that_are_marked_are_counted_as_memory() {
    let domain = Domain::opensearch();
    let text = "a ".repeat(20_000);
    domain.ok("PUT /i", r#"{"mappings":{"properties":{"t":{"type":"text"}}}}"#);
    domain.ask("PUT /i/_doc/1?refresh=true", &json!({ "t": text }).to_string());
    let clauses: Vec<_> = (0..50).map(|_| json!({"span_term": {"t": "a"}})).collect();
    let body =
        json!({"query": {"span_or": {"clauses": clauses}}, "highlight": {"fields": {"t": {}}}});
    let (status, answer) = within(&domain, 16 << 20, &body);
    assert_eq!(
        (status, &answer["error"]["root_cause"][0]["type"]),
        (429, &json!("circuit_breaking_exception")),
        "{answer:.300}"
    );
}

#[test]
fn words_that_fvh_finds_are_counted_as_memory() {
    let domain = Domain::opensearch();
    let vectors = r#"{"type":"text","term_vector":"with_positions_offsets"}"#;
    domain.ok("PUT /i", &format!(r#"{{"mappings":{{"properties":{{"t":{vectors}}}}}}}"#));
    let text = "a ".repeat(200_000);
    domain.ask("PUT /i/_doc/1?refresh=true", &json!({ "t": text }).to_string());
    let body =
        json!({"query": {"match": {"t": "a"}}, "highlight": {"type": "fvh", "fields": {"t": {}}}});
    let (status, answer) = within(&domain, 8 << 20, &body);
    let cause = &answer["error"]["root_cause"][0];
    assert_eq!(
        (status, &cause["type"]),
        (429, &json!("circuit_breaking_exception")),
        "{answer:.300}"
    );
    assert!(cause["reason"].to_string().contains("<highlight>"), "{cause}");
    assert_eq!(within(&domain, 256 << 20, &body).0, 200);
}

#[test]
fn automata_of_regexps_are_counted_as_memory() {
    let domain = Domain::opensearch();
    domain.ask("PUT /i/_doc/1?refresh=true", r#"{"t":"a"}"#);
    let letters: String = (0..200).filter_map(|n| char::from_u32(0x4e00 + 2 * n)).collect();
    let value = format!("([{letters}]{{1000}}){{2}}");
    let clauses: Vec<_> = (0..6).map(|_| json!({"regexp": {"t": {"value": value}}})).collect();
    let body = json!({"query": {"bool": {"should": clauses}}});
    let (status, answer) = within(&domain, 2 << 20, &body);
    assert_eq!(
        (status, &answer["error"]["root_cause"][0]["type"]),
        (429, &json!("circuit_breaking_exception")),
        "{answer:.300}"
    );
}

#[test]
fn a_tokenizer_is_charged_for_what_it_compares() {
    let domain = Domain::opensearch();
    domain.ask("PUT /i/_doc/1?refresh=true", r#"{"t":"a"}"#);
    let source = "new StringTokenizer(params.t, params.d).countTokens()";
    let long = |letter: &str| letter.repeat(200_000);
    let script = json!({"source": source, "params": {"t": long("a"), "d": long("b")}});
    let body = json!({"script_fields": {"n": {"script": script}}});
    let (status, answer) = domain.ask("POST /i/_search", &body.to_string());
    assert_eq!(status, 429, "{answer:.500}");
}

#[test]
fn a_gap_as_wide_as_a_number_goes_finds_nothing() {
    let domain = Domain::opensearch();
    domain.ask("PUT /i/_doc/1?refresh=true", r#"{"t":"a b"}"#);
    let body = r#"{"query":{"span_near":{"clauses":[{"span_term":{"t":"a"}},{"span_gap":{"t":9223372036854775807}},{"span_term":{"t":"b"}}]}}}"#;
    let (status, answer) = domain.ask("POST /i/_search", body);
    assert!(status == 400 || answer["hits"]["total"]["value"] == 0, "{answer}");
}

#[test]
fn a_shape_beyond_the_date_line_is_near_what_lies_in_it() {
    let domain = Domain::opensearch();
    domain.ok("PUT /i", r#"{"mappings":{"properties":{"s":{"type":"geo_shape"}}}}"#);
    let shape = json!({"type": "polygon", "coordinates": [[[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]]]});
    domain.ask("PUT /i/_doc/1?refresh=true", &json!({ "s": shape }).to_string());
    let near = |lon: f64| {
        let body =
            json!({"query": {"geo_distance": {"distance": "10km", "s": {"lat": 0, "lon": lon}}}});
        domain.ok("POST /i/_count", &body.to_string())["count"].as_u64().unwrap()
    };
    assert_eq!((near(-175.0), near(175.0), near(0.0)), (1, 1, 0));
}

#[test]
fn a_script_that_ranges_are_not_asked_for_is_asked_of_the_next_index() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", r#"{"mappings":{"properties":{"f":{"type":"integer_range"}}}}"#);
    domain.ask("PUT /a/_doc/1?refresh=true", r#"{"f":{"gte":1,"lte":1}}"#);
    domain.ask("PUT /b/_doc/1?refresh=true", r#"{"f":10}"#);
    let body = r#"{"size":0,"aggs":{"h":{"histogram":{"field":"f","interval":1,"min_doc_count":1,"script":"_value*2"}}}}"#;
    let buckets = |line: &str| domain.ok(line, body)["aggregations"]["h"]["buckets"].clone();
    let last = buckets("POST /a,b/_search").as_array().unwrap().last().unwrap()["key"].clone();
    assert_eq!(last, buckets("POST /b/_search")[0]["key"]);
}
