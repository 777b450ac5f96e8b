//! A cluster that says what a test wants: it tells of its indices as OpenSearch 2.19 does, writes down what it is sent, and
//! answers everything else as it is told.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Received {
    /// `GET /path?query`.
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// How a request is answered.
pub(super) enum Told {
    /// With JSON.
    Json(u16, Value),
    /// With these bytes, and then the connection is closed.
    Bytes(Vec<u8>),
    /// With so many spaces; how many were taken is told as they are.
    Long(usize, Arc<AtomicUsize>),
}

type Script = dyn Fn(&Received) -> Told + Send + Sync;

/// A node of a cluster.
#[derive(Clone)]
pub(super) struct Stub {
    pub(super) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    down: Arc<AtomicBool>,
}

impl Stub {
    /// A node that answers by `script` what is not about itself.
    pub(super) fn start(script: impl Fn(&Received) -> Told + Send + Sync + 'static) -> Self {
        Self::with_indices(&["open", "secret"], script)
    }

    /// As [`Stub::start`], of a cluster with these indices, all of them behind the alias `both`.
    pub(super) fn with_indices(
        indices: &'static [&'static str],
        script: impl Fn(&Received) -> Told + Send + Sync + 'static,
    ) -> Self {
        let indices: BTreeSet<String> = indices.iter().map(|name| (*name).to_owned()).collect();
        let indices = Arc::new(Mutex::new(indices));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (script, seen): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&received));
        let down = Arc::new(AtomicBool::new(false));
        let is_down = Arc::clone(&down);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                let (is_down, indices) = (Arc::clone(&is_down), Arc::clone(&indices));
                std::thread::spawn(move || connection(stream, &script, &seen, &is_down, &indices));
            }
        });
        Self { port, received, down }
    }

    /// From now on it closes every connection, or serves again.
    pub(super) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What came beside questions about the cluster itself.
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The lines of what came.
    pub(super) fn lines(&self) -> Vec<String> {
        self.received().into_iter().map(|request| request.line).collect()
    }
}

fn connection(
    stream: TcpStream,
    script: &Arc<Script>,
    seen: &Mutex<Vec<Received>>,
    is_down: &AtomicBool,
    indices: &Mutex<BTreeSet<String>>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(request) = read(&mut reader) {
        if is_down.load(Ordering::SeqCst) {
            return;
        }
        let known: Vec<String> = indices.lock().unwrap().iter().cloned().collect();
        let told = match itself(&request.line, &known) {
            Some(value) => Told::Json(200, value),
            None => {
                seen.lock().unwrap().push(request.clone());
                script(&request)
            }
        };
        match told {
            Told::Json(status, value) => {
                if status == 200 {
                    keep(&request.line, indices);
                }
                let body = value.to_string();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                if writer.write_all((head + &body).as_bytes()).is_err() {
                    return;
                }
            }
            Told::Long(length, taken) => {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
                let _ = writer.write_all(head.as_bytes());
                while taken.load(Ordering::SeqCst) < length {
                    let piece = [b' '; 65_536];
                    if writer.write_all(&piece).is_err() {
                        return;
                    }
                    taken.fetch_add(piece.len(), Ordering::SeqCst);
                }
            }
            Told::Bytes(bytes) => {
                let _ = writer.write_all(&bytes);
                return;
            }
        }
    }
}

/// It has the indices of audit records that were made, and not those that were removed.
fn keep(line: &str, indices: &Mutex<BTreeSet<String>>) {
    let Some((method, path)) = line.split_once(" /") else { return };
    if !path.starts_with(".countersign-audit-") || path.contains('/') {
        return;
    }
    match method {
        "PUT" => drop(indices.lock().unwrap().insert(path.to_owned())),
        "DELETE" => drop(indices.lock().unwrap().remove(path)),
        _ => {}
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None => break,
        }
    }
    let request = Received { line, headers, body: String::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Received { body: String::from_utf8(body).unwrap(), ..request })
}

/// What the cluster says of itself: its indices, with an alias over all.
fn itself(line: &str, indices: &[String]) -> Option<Value> {
    let index = |name: &str| {
        json!({"state": "open", "aliases": ["both"], "settings": {"index": {
            "uuid": format!("u-{name}"), "number_of_shards": "1", "provided_name": name}}})
    };
    let of_each = |told: &dyn Fn(&str) -> Value| -> Value {
        indices.iter().map(|name| (name.clone(), told(name))).collect::<Map<_, _>>().into()
    };
    let state = indices.join(" ");
    let path = line.split(' ').nth(1)?;
    match path.split('?').next()? {
        "/" if line.starts_with("GET") => Some(json!({
            "cluster_name": "stub",
            "version": {"distribution": "opensearch", "number": "2.19.1"},
        })),
        "/_cluster/state/version" => Some(json!({"state_uuid": state})),
        "/_cluster/state/metadata,version" => Some(json!({
            "cluster_uuid": "c", "version": indices.len(), "state_uuid": state,
            "metadata": {"indices": of_each(&index)},
        })),
        "/_alias" => Some(of_each(&|_| json!({"aliases": {"both": {}}}))),
        "/_nodes/http" => Some(json!({"nodes": {"x": {
            "name": "stub-1", "roles": ["cluster_manager", "data"]}}})),
        "/_cluster/health" => Some(json!({
            "status": "yellow", "active_primary_shards": 2, "unassigned_shards": 1,
        })),
        _ => None,
    }
}
