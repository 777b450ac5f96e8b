//! A small HTTP/1.1 client that writes what it is told, byte for byte, so that tests can be as wrong as
//! an attacker; and signs with our own `sigv4` where they want to be right.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use sigv4::{Credentials, PayloadHash, SecretKey, SigningOptions};

/// Who signs.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: SecretKey,
    pub(crate) token: Option<String>,
}

/// Where to, and whom to trust.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) port: u16,
    /// Where it connects to.
    pub(crate) address: &'static str,
    pub(crate) region: String,
    pub(crate) service: String,
    /// The name in the TLS handshake.
    pub(crate) server_name: String,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) now: fn() -> jiff::Timestamp,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn request_id(&self) -> String {
        self.header("x-amzn-requestid").expect("every answer has a request id").to_owned()
    }
}

impl Client {
    pub(crate) fn new(port: u16, ca_pem: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            port,
            address: "127.0.0.1",
            region: "us-east-1".into(),
            service: "es".into(),
            server_name: "localhost".into(),
            tls: Arc::new(config),
            now: || server::Clock::System.now(),
        }
    }

    pub(crate) fn host(&self) -> String {
        format!("{}:{}", self.server_name, self.port)
    }

    /// A request without credentials.
    pub(crate) fn anonymous(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        self.send(method, target, &[("content-type".into(), "application/json".into())], body)
    }

    /// A signed request.
    pub(crate) fn signed(&self, key: &Key, method: &str, target: &str, body: &[u8]) -> Answer {
        let headers = self.sign(key, method, target, &[("content-type", "application/json")], body);
        self.send(method, target, &headers, body)
    }

    /// The headers of a signed request, `more` included.
    pub(crate) fn sign(
        &self,
        key: &Key,
        method: &str,
        target: &str,
        more: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<(String, String)> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let host = self.host();
        let mut unsigned: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        unsigned.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = sigv4::Request { method, path, query, headers: &unsigned };
        let credentials = Credentials {
            access_key_id: &key.id,
            secret: &key.secret,
            session_token: key.token.as_deref(),
        };
        let hash = PayloadHash::of(body);
        let options = SigningOptions::default();
        let signed = sigv4::sign(
            &request,
            &credentials,
            &self.region,
            &self.service,
            (self.now)(),
            &hash,
            &options,
        )
        .unwrap();
        let own = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        own.chain(signed.headers.iter().map(|(n, v)| (n.to_string(), v.to_string()))).collect()
    }

    /// The headers of a signed request whose signature leaves the body out.
    pub(crate) fn sign_unsigned(
        &self,
        key: &Key,
        method: &str,
        target: &str,
        more: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let host = self.host();
        let mut unsigned: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        unsigned.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = sigv4::Request { method, path, query, headers: &unsigned };
        let credentials = Credentials {
            access_key_id: &key.id,
            secret: &key.secret,
            session_token: key.token.as_deref(),
        };
        let (region, service) = (&self.region, &self.service);
        let options = SigningOptions { unsigned_payload: true, ..SigningOptions::default() };
        let (now, hash) = ((self.now)(), PayloadHash::of(b""));
        let signed = sigv4::sign(&request, &credentials, region, service, now, &hash, &options);
        let own = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let signed = signed.unwrap();
        own.chain(signed.headers.iter().map(|(n, v)| (n.to_string(), v.to_string()))).collect()
    }

    /// Sends a request with exactly these headers, `host` and `content-length` added.
    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Answer {
        let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\n", self.host());
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes)
    }

    /// A signed request to a service that may be gone: `None` without a whole answer.
    pub(crate) fn try_signed(
        &self,
        key: &Key,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Option<Answer> {
        let json = [("content-type", "application/x-ndjson")];
        let headers = self.sign(key, method, target, &json, body);
        let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\n", self.host());
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
        let mut stream = self.try_connect()?;
        stream.write_all(bytes.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received);
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
        let answer = parse(&received);
        let length: usize = answer.header("content-length")?.parse().ok()?;
        (received.len() == end + 4 + length).then_some(answer)
    }

    fn try_connect(&self) -> Option<StreamOwned<ClientConnection, TcpStream>> {
        let tcp = TcpStream::connect((self.address, self.port)).ok()?;
        tcp.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let name = ServerName::try_from(self.server_name.clone()).unwrap();
        Some(StreamOwned::new(ClientConnection::new(Arc::clone(&self.tls), name).unwrap(), tcp))
    }

    /// Sends bytes and reads one answer.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        parse(&self.exchange(bytes))
    }

    /// Sends bytes and reads until the service closes.
    pub(crate) fn exchange(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A refusal on the head may come before the last byte is taken.
        let _ = stream.write_all(bytes);
        let mut received = Vec::new();
        // An answer that closes without TLS's farewell is still an answer.
        let _ = stream.read_to_end(&mut received);
        received
    }

    /// A connection from another address of this machine, such as `127.0.0.2`.
    pub(crate) fn connect_from(&self, source: &str) -> StreamOwned<ClientConnection, TcpStream> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tcp = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
            let server = std::net::SocketAddr::from(([127, 0, 0, 1], self.port));
            socket.connect(server).await.unwrap().into_std().unwrap()
        });
        tcp.set_nonblocking(false).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let name = ServerName::try_from(self.server_name.clone()).unwrap();
        StreamOwned::new(ClientConnection::new(Arc::clone(&self.tls), name).unwrap(), tcp)
    }

    /// A connection after the handshake.
    pub(crate) fn connect(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let tcp = TcpStream::connect((self.address, self.port)).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let name = ServerName::try_from(self.server_name.clone()).unwrap();
        StreamOwned::new(ClientConnection::new(Arc::clone(&self.tls), name).unwrap(), tcp)
    }
}

/// Every answer of a connection, each with the length that it says it has.
pub(crate) fn answers(mut received: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
        if received.starts_with(b"HTTP/1.1 100") {
            received = &received[end + 4..];
            continue;
        }
        let head = parse(&received[..end + 4]);
        let length: usize = head.header("content-length").unwrap().parse().unwrap();
        let body = received[end + 4..][..length].to_vec();
        received = &received[end + 4 + length..];
        answers.push(Answer { body, ..head });
    }
    answers
}

fn parse(received: &[u8]) -> Answer {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(received)));
    let head = String::from_utf8(received[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    // 100 is not the answer yet.
    if status == 100 {
        return parse(&received[end + 4..]);
    }
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Answer { status, headers, body: received[end + 4..].to_vec() }
}
