//! Loopback stand-ins for the services that hand out credentials, and for an endpoint: plain HTTP,
//! answers from a closure, everything heard is kept.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Heard {
    /// The access key id of its signature.
    pub(crate) fn key_id(&self) -> &str {
        let header = self.headers.get("authorization").map_or("", String::as_str);
        let (_, rest) = header.split_once("Credential=").unwrap_or(("", "unsigned"));
        rest.split('/').next().unwrap()
    }
}

/// A server on a free port; it serves until the process ends.
pub(crate) struct Fake {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Fake {
    /// Answers with what `answer` gives for each request: status and body.
    pub(crate) fn start(answer: impl Fn(&Heard) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&heard), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { url, heard }
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// One request for each connection.
fn serve(
    stream: TcpStream,
    heard: &Mutex<Vec<Heard>>,
    answer: &(dyn Fn(&Heard) -> (u16, String) + Send + Sync),
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split_ascii_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let one = Heard { method, target, headers, body };
    let (status, body) = answer(&one);
    heard.lock().unwrap().push(one);
    let kind = if body.starts_with('<') { "text/xml" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 {status} Fake\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         x-aws-ec2-metadata-token-ttl-seconds: 21600\r\ndate: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
        http_date()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()
}

fn http_date() -> String {
    server::Clock::System.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
