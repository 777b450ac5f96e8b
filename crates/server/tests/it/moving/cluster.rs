//! A cluster that a domain moves to: a second engine behind a socket, which answers as OpenSearch does, and does what a test wants
//! before that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use serde_json::{Value, json};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) kind: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// Whether it changes something.
    pub(crate) fn writes(&self) -> bool {
        let reads = ["_search", "_mget", "_refresh"].iter().any(|end| self.path.ends_with(end));
        self.method != "GET" && !reads
    }
}

/// What becomes of a request.
pub(crate) enum Does {
    /// The engine answers.
    Answers,
    /// This answers.
    Says(u16, Value),
    /// The connection ends.
    BreaksOff,
    /// The engine does it, and the connection ends before its answer.
    LosesItsAnswer,
}

type Script = dyn Fn(&Received) -> Does + Send + Sync;

/// The cluster.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) port: u16,
    engine: Arc<Engine>,
    script: Arc<Mutex<Arc<Script>>>,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::OpenSearch219,
            cluster_name: "cluster".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let engine = Engine::open(settings, server::Clock::System.now()).unwrap();
        let engine = engine.with_clock(|| server::Clock::System.now());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let script: Arc<Script> = Arc::new(|_: &Received| Does::Answers);
        let own = Self { port, engine: Arc::new(engine), script: Arc::new(Mutex::new(script)) };
        let served = own.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                std::thread::spawn(move || served.connection(stream));
            }
        });
        own
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on `script` says what becomes of a request.
    pub(crate) fn does(&self, script: impl Fn(&Received) -> Does + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    /// Asks the cluster past the gate: status and answer.
    pub(crate) fn ask(&self, line: &str, body: &Value) -> (u16, Value) {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let kind = (!body.is_empty()).then(|| "application/json".to_owned());
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        let (status, bytes) = self.execute(&Received { method, path, query, kind, body });
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// How many documents an index has.
    pub(crate) fn count(&self, index: &str) -> u64 {
        self.ask(&format!("POST /{index}/_refresh"), &Value::Null);
        let (_, told) = self.ask(&format!("GET /{index}/_count"), &Value::Null);
        told["count"].as_u64().unwrap_or(0)
    }

    /// The names of its indices.
    pub(crate) fn indices(&self) -> Vec<String> {
        self.engine.metadata().indices().map(|index| index.name.clone()).collect()
    }

    fn execute(&self, request: &Received) -> (u16, Vec<u8>) {
        let (status, _, body) = self.answer(request);
        (status, body)
    }

    /// Status, type and body.
    fn answer(&self, request: &Received) -> (u16, &'static str, Vec<u8>) {
        const JSON: &str = "application/json; charset=UTF-8";
        let Received { method, path, query, kind, body } = request;
        let route = match route(method, path, query, self.engine.flavor()) {
            Ok(route) => route,
            Err(error) => {
                let exception = error.exception(method, path);
                return (exception.status(), JSON, exception.body().to_string().into_bytes());
            }
        };
        let work = Work::unbounded();
        let metadata = self.engine.metadata();
        let work = work.on(&metadata);
        let answer = match parse(route, kind.as_deref(), body.clone().into(), &work) {
            Ok(parsed) => {
                let now = server::Clock::System.now();
                self.engine.execute(&parsed, &metadata, &View::everything("gate"), now, &work)
            }
            Err(exception) => {
                return (exception.status(), JSON, exception.body().to_string().into_bytes());
            }
        };
        (answer.status, answer.content_type, answer.body.to_vec())
    }

    fn connection(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut writer = stream;
        while let Some(request) = read(&mut reader) {
            let script = Arc::clone(&self.script.lock().unwrap());
            let (status, kind, body) = match script(&request) {
                Does::Answers => self.answer(&request),
                Does::Says(status, value) => {
                    (status, "application/json; charset=UTF-8", value.to_string().into_bytes())
                }
                Does::BreaksOff => return,
                Does::LosesItsAnswer => {
                    self.execute(&request);
                    return;
                }
            };
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let body = if request.method == "HEAD" { Vec::new() } else { body };
            if writer.write_all(&[head.into_bytes(), body].concat()).is_err() {
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let (mut length, mut kind) = (0, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "content-type" => kind = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { method, path, query, kind, body })
}

/// A refusal as OpenSearch prints it.
pub(crate) fn refusal(status: u16, kind: &str, reason: &str) -> Does {
    let error = json!({"type": kind, "reason": reason});
    Does::Says(status, json!({"error": error, "status": status}))
}
