//! Files that parts of an analyzer name: who runs the engine has them.

use std::sync::{Arc, Mutex};

use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, Response, View, Work};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The text of the one file that there is: `analyzers/F1`.
type File = Arc<Mutex<String>>;

fn engine(text: &str) -> (Engine, File) {
    let settings = EngineSettings {
        directory: None,
        flavor: Flavor::OpenSearch219,
        cluster_name: "c".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let file = Arc::new(Mutex::new(text.to_owned()));
    let kept = Arc::clone(&file);
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
    let engine = engine.with_analysis_files(move |path| {
        (path == "analyzers/F1").then(|| Arc::from(kept.lock().unwrap().as_str()))
    });
    (engine, file)
}

fn ask(engine: &Engine, line: &str, body: &Value) -> Response {
    let (method, url) = line.split_once(' ').unwrap();
    let work = Work::unbounded();
    let route = route(method, url, "", engine.flavor()).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let parsed = parse(route, Some("application/json"), body.into(), &work).unwrap();
    let view = View::everything("o");
    engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work)
}

/// An index `books` with an analyzer `own` of this filter.
fn create(engine: &Engine, filter: &Value) -> Response {
    let settings = json!({"settings": {"analysis": {
        "filter": {"f": filter},
        "analyzer": {"own": {"tokenizer": "whitespace", "filter": ["lowercase", "f"]}},
    }}});
    ask(engine, "PUT /books", &settings)
}

fn tokens(engine: &Engine, text: &str) -> Vec<String> {
    let response = ask(engine, "POST /books/_analyze", &json!({"analyzer": "own", "text": text}));
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let tokens = answer["tokens"].as_array().unwrap_or_else(|| panic!("{answer}"));
    tokens.iter().map(|token| token["token"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn synonyms_come_from_a_file_and_the_settings_show_its_name() {
    let (engine, _file) = engine("# rivers\n\nrhine, rhein\ndanube => donau\n");
    let filter = json!({"type": "synonym", "synonyms_path": "analyzers/F1"});
    assert_eq!(create(&engine, &filter).status, 200);
    assert_eq!(tokens(&engine, "Rhine Danube"), ["rhine", "rhein", "donau"]);
    let shown = ask(&engine, "GET /books/_settings", &Value::Null);
    let shown: Value = serde_json::from_slice(&shown.body).unwrap();
    let shown = &shown["books"]["settings"]["index"]["analysis"]["filter"]["f"];
    assert_eq!(*shown, filter);
}

#[test]
fn words_come_from_a_file_without_blank_lines_and_comments() {
    for (filter, left) in [
        (json!({"type": "stop", "stopwords_path": "analyzers/F1"}), vec!["river"]),
        (json!({"type": "keep", "keep_words_path": "analyzers/F1"}), vec!["the"]),
    ] {
        let (engine, _file) = engine("\u{feff}the\n  of \n#river\n\n");
        assert_eq!(create(&engine, &filter).status, 200, "{filter}");
        assert_eq!(tokens(&engine, "the river"), left, "{filter}");
    }
}

#[test]
fn an_index_keeps_the_words_that_it_was_made_with() {
    let (engine, file) = engine("old");
    let filter = json!({"type": "stop", "stopwords_path": "analyzers/F1"});
    assert_eq!(create(&engine, &filter).status, 200);
    "new".clone_into(&mut file.lock().unwrap());
    assert_eq!(tokens(&engine, "old new"), ["new"]);
    ask(&engine, "DELETE /books", &Value::Null);
    assert_eq!(create(&engine, &filter).status, 200);
    assert_eq!(tokens(&engine, "old new"), ["old"]);
}

#[test]
fn a_file_that_is_not_there_is_refused_in_elasticsearchs_words() {
    let (engine, _file) = engine("");
    let filter = json!({"type": "synonym", "synonyms_path": "/etc/passwd"});
    let response = create(&engine, &filter);
    let body = String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 400, "{body}");
    assert!(body.contains("IOException while reading synonyms_path: /etc/passwd"), "{body}");
}

#[test]
fn a_rule_that_is_none_is_told_with_its_line() {
    let (engine, _file) = engine("# first\n\na => b => c\n");
    let filter = json!({"type": "synonym", "synonyms_path": "analyzers/F1"});
    let response = create(&engine, &filter);
    let body = String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 400, "{body}");
    assert!(body.contains("Invalid synonym rule at line 3"), "{body}");
}

#[test]
fn parts_that_analyze_defines_may_name_files_too() {
    let (engine, _file) = engine("the\n# river\nof\n");
    let stop = json!({"type": "stop", "stopwords_path": "analyzers/F1"});
    for (line, filter) in [
        ("POST /_analyze", json!([stop])),
        ("POST /_analyze", json!(stop)),
        ("POST /_analyze", json!(["lowercase", stop])),
    ] {
        let body = json!({"tokenizer": "whitespace", "filter": filter, "text": "the river of x"});
        let response = ask(&engine, line, &body);
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        let tokens: Vec<_> = answer["tokens"].as_array().into_iter().flatten().collect();
        let tokens: Vec<_> = tokens.iter().map(|token| token["token"].as_str().unwrap()).collect();
        assert_eq!(tokens, ["river", "x"], "{answer}");
    }
    let missing = json!({"type": "stop", "stopwords_path": "/etc/passwd"});
    let body = json!({"tokenizer": "whitespace", "filter": [missing], "text": "a"});
    let response = ask(&engine, "POST /_analyze", &body);
    let body = String::from_utf8_lossy(&response.body).into_owned();
    assert_eq!(response.status, 400, "{body}");
    assert!(body.contains("IOException while reading stopwords_path: /etc/passwd"), "{body}");
}
