//! From `do: {api: {arguments}}` to a request on the engine, by the suite's own API descriptions.

use bytes::Bytes;
use engine::rest::{self, Flavor};
use engine::{Engine, EngineSettings, Response, View, Work};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) struct Apis(BTreeMap<String, Value>);

/// What an API call came to.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Apis {
    pub(crate) fn read(folder: &Path) -> Apis {
        let mut apis = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let description: Map<String, Value> = serde_json::from_str(&text).unwrap();
            apis.extend(description);
        }
        Apis(apis)
    }

    /// Calls `api`. The error is a client-side one: an unknown API or argument.
    pub(crate) fn call(
        &self,
        engine: &Engine,
        api: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Reply, String> {
        let description = self.0.get(api).ok_or_else(|| format!("unknown api {api}"))?;
        let mut arguments = arguments.clone();
        let body = arguments.remove("body");
        arguments.remove("ignore");
        let paths = description["url"]["paths"].as_array().unwrap();
        let path = paths
            .iter()
            .filter(|path| parts(path).all(|part| arguments.contains_key(part)))
            .max_by_key(|path| parts(path).count())
            .ok_or_else(|| format!("param: no path of {api} fits"))?;
        let mut url = path["path"].as_str().unwrap().to_owned();
        for part in parts(path) {
            let value = arguments.remove(part).unwrap();
            url = url.replace(&format!("{{{part}}}"), &encode(&text(&value)));
        }
        let methods: Vec<&str> =
            path["methods"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let has_id = url.contains("/_doc/");
        let method = match api {
            "index" if has_id => "PUT",
            "index" => "POST",
            _ if body.is_some() && methods.contains(&"POST") => "POST",
            _ => methods[0],
        };
        let known = &description["params"];
        let common = ["pretty", "human", "error_trace", "source", "filter_path"];
        let mut query = Vec::new();
        for (name, value) in &arguments {
            if known.get(name).is_none() && !common.contains(&name.as_str()) {
                return Err(format!("param: {api} has no argument {name}"));
            }
            query.push(format!("{}={}", encode(name), encode(&text(value))));
        }
        let body = body.map(|body| serialize(&body)).unwrap_or_default();
        Ok(send(engine, method, &url, &query.join("&"), body))
    }
}

/// Sends one request, as the walk would.
pub(crate) fn send(engine: &Engine, method: &str, path: &str, query: &str, body: String) -> Reply {
    let content_type = (!body.is_empty()).then_some("application/json");
    let response = match rest::route(method, path, query, engine.flavor()) {
        Err(error) => Response::exception(&error.exception(method, path)),
        Ok(route) => {
            match rest::parse(route, content_type, Bytes::from(body), &Work::unbounded()) {
                Err(exception) => Response::exception(&exception),
                Ok(parsed) => {
                    let view = View::everything("yaml");
                    engine.execute(
                        &parsed,
                        &engine.metadata(),
                        &view,
                        Timestamp::UNIX_EPOCH,
                        &Work::unbounded(),
                    )
                }
            }
        }
    };
    let body = serde_json::from_slice(&response.body).unwrap_or_else(|_| {
        if method == "HEAD" {
            Value::Bool(response.status < 300)
        } else {
            Value::String(String::from_utf8_lossy(&response.body).into_owned())
        }
    });
    Reply { status: response.status, body }
}

pub(crate) fn engine() -> Engine {
    let settings = EngineSettings {
        directory: None,
        flavor: Flavor::OpenSearch219,
        cluster_name: "yaml".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()
}

fn parts(path: &Value) -> impl Iterator<Item = &str> {
    path.get("parts")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|parts| parts.keys().map(String::as_str))
}

/// An argument as it stands in a URL.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn serialize(body: &Value) -> String {
    match body {
        Value::String(raw)
            if raw.ends_with('\n') || raw.starts_with('{') && !raw.contains('\n') =>
        {
            raw.clone()
        }
        Value::String(raw) => format!("{raw}\n"),
        Value::Array(lines) => lines
            .iter()
            .map(|line| match line {
                Value::String(raw) => format!("{}\n", raw.trim_end()),
                other => format!("{other}\n"),
            })
            .collect(),
        other => other.to_string(),
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' | b'*' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
