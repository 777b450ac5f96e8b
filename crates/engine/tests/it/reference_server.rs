//! A real Elasticsearch 7.10.2 or OpenSearch 2.19.1, where one is: it is asked once, its answers are kept in
//! `tests/recorded/`.

use std::io::{Read, Write as _};
use std::net::TcpStream;

use engine::rest::Flavor;
use serde_json::Value;

/// The server that `COUNTERSIGN_REFERENCE=http://127.0.0.1:PORT` names. Every index of it is deleted.
pub(crate) struct ReferenceServer {
    address: String,
    pub(crate) flavor: Flavor,
}

impl ReferenceServer {
    pub(crate) fn from_environment() -> Option<ReferenceServer> {
        let url = std::env::var("COUNTERSIGN_REFERENCE").ok()?;
        let address = url.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
        let mut server = ReferenceServer { address, flavor: Flavor::Elasticsearch710 };
        let about: Value = serde_json::from_str(&server.text("GET /", "").1).unwrap();
        if about["version"]["distribution"] == "opensearch" {
            server.flavor = Flavor::OpenSearch219;
        }
        Some(server)
    }

    /// Status and text of the answer to `line`, a method and a path with its query.
    pub(crate) fn text(&self, line: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let kind = if body.ends_with('\n') { "application/x-ndjson" } else { "application/json" };
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.0\r\nHost: reference\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }
}
