//! From `do: {api: {arguments}}` to a request on the engine, by the suite's own API descriptions.

use crate::reference_server::ReferenceServer;
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
        server: &SuiteServer,
        api: &str,
        arguments: &Map<String, Value>,
        opaque_id: Option<&str>,
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
        Ok(server.send_as(opaque_id, method, &url, &query.join("&"), body))
    }
}

/// What a case is run against: an engine of its own, or a real server that is emptied for it.
pub(crate) enum SuiteServer {
    Embedded(Box<Engine>),
    Real(ReferenceServer),
}

impl SuiteServer {
    /// Sends one request.
    pub(crate) fn send(&self, method: &str, path: &str, query: &str, body: String) -> Reply {
        self.send_as(None, method, path, query, body)
    }

    /// Sends one request with an `X-Opaque-Id`, of which a real server is not told.
    fn send_as(
        &self,
        opaque_id: Option<&str>,
        method: &str,
        path: &str,
        query: &str,
        body: String,
    ) -> Reply {
        let (status, text) = match self {
            SuiteServer::Embedded(engine) => send(engine, opaque_id, (method, path, query), body),
            SuiteServer::Real(server) => {
                let query = if query.is_empty() { String::new() } else { format!("?{query}") };
                server.text(&format!("{method} {path}{query}"), &body)
            }
        };
        let read = serde_json::from_str(&text);
        let body = read.unwrap_or_else(|_| match method {
            "HEAD" => Value::Bool(status < 300),
            _ => Value::String(text),
        });
        Reply { status, body }
    }

    /// Deletes whatever the case before left: indices, templates, pipelines, repositories, settings, scripts.
    pub(crate) fn empty(&self) {
        let delete = |path: &str| self.send("DELETE", path, "", String::new());
        delete("/_search/scroll/_all");
        delete("/_data_stream/*");
        self.send("DELETE", "/*", "expand_wildcards=open,closed,hidden", String::new());
        for registry in ["_template", "_index_template"] {
            delete(&format!("/{registry}/*"));
        }
        delete("/_component_template/*");
        delete("/_ingest/pipeline/*");
        let repositories = self.send("GET", "/_snapshot", "", String::new()).body;
        for repository in repositories.as_object().into_iter().flat_map(Map::keys) {
            let kept =
                self.send("GET", &format!("/_snapshot/{repository}/_all"), "", String::new());
            for snapshot in kept.body["snapshots"].as_array().into_iter().flatten() {
                let name = snapshot["snapshot"].as_str().unwrap_or_default();
                delete(&format!("/_snapshot/{repository}/{name}"));
            }
            delete(&format!("/_snapshot/{repository}"));
        }
        delete("/_cluster/voting_config_exclusions?wait_for_removal=false");
        let state = self.send("GET", "/_cluster/state/metadata", "", String::new()).body;
        let scripts = state["metadata"]["stored_scripts"].as_object();
        for script in scripts.into_iter().flat_map(Map::keys) {
            delete(&format!("/_scripts/{script}"));
        }
        let settings = self.send("GET", "/_cluster/settings", "flat_settings=true", String::new());
        let kinds = ["transient", "persistent"].map(|kind| {
            let names = settings.body[kind].as_object().into_iter().flat_map(Map::keys);
            (kind.to_owned(), names.map(|name| (name.clone(), Value::Null)).collect())
        });
        if kinds.iter().any(|(_, settings): &(String, Value)| {
            settings.as_object().is_some_and(|it| !it.is_empty())
        }) {
            let settings = Value::Object(kinds.into_iter().collect());
            self.send("PUT", "/_cluster/settings", "", settings.to_string());
        }
    }
}

/// Sends one request, as the walk would; its status and its body.
fn send(
    engine: &Engine,
    opaque_id: Option<&str>,
    (method, path, query): (&str, &str, &str),
    body: String,
) -> (u16, String) {
    let content_type = (!body.is_empty()).then_some("application/json");
    let response = match rest::route(method, path, query, engine.flavor()) {
        Err(error) => Response::exception(&error.exception(method, path)),
        Ok(route) => {
            let mut work = Work::unbounded().on(&engine.metadata());
            work.opaque_id = opaque_id.map(Into::into);
            match rest::parse(route, content_type, Bytes::from(body), &work) {
                Err(exception) => Response::exception(&exception),
                Ok(parsed) => {
                    let view = View::everything("yaml");
                    // Late enough for a week before it to be a date in nanoseconds.
                    let now = Timestamp::from_second(1_796_000_000).unwrap();
                    engine.execute(&parsed, &engine.metadata(), &view, now, &work)
                }
            }
        }
    };
    (response.status, String::from_utf8_lossy(&response.body).into_owned())
}

pub(crate) fn engine(flavor: Flavor) -> Engine {
    let settings = EngineSettings {
        directory: None,
        flavor,
        cluster_name: "yaml".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    // A clock that goes on by itself: profiles tell times that are not 0.
    let ticks = std::sync::atomic::AtomicI64::new(1_796_000_000_000_000);
    let clock = move || {
        let microseconds = ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Timestamp::from_microsecond(microseconds).unwrap()
    };
    Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap().with_clock(clock)
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
