//! What `countersign doctor` sees of an endpoint: names, addresses, certificates, answers. Only
//! looking; what it means is judged by whoever asked.
//!
//! Every look is bounded in time and size, and nothing is ever sent over a connection whose
//! certificate was not verified.

mod certificate;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use rustls::RootCertStore;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub use certificate::Certificate;
pub use tls::{TlsFailure, TlsFault, TlsHandshake};

use crate::endpoint::Endpoint;
use crate::https::{self, HttpsClient};
use crate::spool::HashedBody;

/// Addresses of one name that are tried.
pub const ADDRESSES_MAX: usize = 16;
/// Bytes of an answer's body that are read.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// For a name to be resolved, a connection or a handshake to be made.
const STEP_TIME_MAX: Duration = Duration::from_secs(5);
/// For an answer, from the first byte sent to the last byte read.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// An endpoint, and the certificate authorities that are trusted for it.
pub struct EndpointProbe {
    endpoint: Endpoint,
    roots: Arc<RootCertStore>,
}

/// A request as it goes over the wire. Nothing is added but the length of a body, and the address as `host` where there is
/// none.
pub struct ProbeRequest {
    /// The method.
    pub method: String,
    /// The raw path and query.
    pub target: String,
    /// The headers, `host` among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct ProbeResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body's first [`ANSWER_BYTES_MAX`] bytes.
    pub body: String,
}

impl ProbeResponse {
    /// The first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(candidate, _)| candidate == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl EndpointProbe {
    /// A probe of `endpoint` that trusts `roots`.
    #[must_use]
    pub fn new(endpoint: Endpoint, roots: RootCertStore) -> Self {
        Self { endpoint, roots: Arc::new(roots) }
    }

    /// Where it looks.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The addresses of the endpoint's name, each once; an address is its own.
    ///
    /// # Errors
    /// In the resolver's words, or that it took too long.
    ///
    /// ```
    /// # use client::{doctor::EndpointProbe, endpoint::Endpoint, https};
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    /// let endpoint = Endpoint::parse("https://127.0.0.1:9200").unwrap();
    /// let probe = EndpointProbe::new(endpoint, https::roots(None).unwrap());
    /// let addresses = runtime.block_on(probe.resolve()).unwrap();
    /// assert_eq!(addresses, ["127.0.0.1:9200".parse().unwrap()]);
    /// ```
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, String> {
        let (host, port) = (self.endpoint.host().trim_matches(['[', ']']), self.endpoint.port());
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let found = timeout(STEP_TIME_MAX, tokio::net::lookup_host((host, port))).await;
        let found = found.map_err(|_| too_slow())?.map_err(|error| error.to_string())?;
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for address in found.take(ADDRESSES_MAX) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    }

    /// Opens a connection and closes it.
    ///
    /// # Errors
    /// In the system's words, or that it took too long.
    pub async fn connect(&self, address: SocketAddr) -> Result<(), String> {
        self.stream(address).await.map(|_closed| ())
    }

    /// One verified handshake. Its certificates are told also where they are refused; nothing is
    /// sent after it.
    ///
    /// # Errors
    /// [`TlsFailure`]: which rule the certificate breaks, with the certificates as far as they came.
    pub async fn handshake(&self, address: SocketAddr) -> Result<TlsHandshake, TlsFailure> {
        let stream = self.stream(address).await.map_err(TlsFailure::broken)?;
        let shaken = timeout(STEP_TIME_MAX, tls::shake(&self.endpoint, &self.roots, stream)).await;
        shaken.map_err(|_| TlsFailure::broken(too_slow()))?
    }

    /// Sends a request over a connection of its own and reads the answer.
    ///
    /// # Errors
    /// In words: the connection, its certificate or the exchange failed, or took too long.
    pub async fn send(
        &self,
        address: SocketAddr,
        ask: ProbeRequest,
    ) -> Result<ProbeResponse, String> {
        timeout(ANSWER_TIME_MAX, self.exchange(address, ask)).await.map_err(|_| too_slow())?
    }

    async fn exchange(
        &self,
        address: SocketAddr,
        ask: ProbeRequest,
    ) -> Result<ProbeResponse, String> {
        let tls = https::trusting(Arc::clone(&self.roots))?;
        let client = HttpsClient::expecting(tls::server_name(&self.endpoint)?, tls, STEP_TIME_MAX);
        let url = self.endpoint.url_at(address, &ask.target).map_err(|error| error.to_string())?;
        let mut request = Request::builder().method(ask.method.as_str()).uri(url);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        let body = HashedBody::of(Bytes::from(ask.body)).into_body();
        let request = request.body(body).map_err(|error| error.to_string())?;
        let (head, body) = client.send(request).await.map_err(|fault| fault.why)?.into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let (status, headers) = (head.status.as_u16(), headers.collect());
        Ok(ProbeResponse { status, headers, body: first(body).await })
    }

    async fn stream(&self, address: SocketAddr) -> Result<TcpStream, String> {
        let connected = timeout(STEP_TIME_MAX, TcpStream::connect(address)).await;
        connected.map_err(|_| too_slow())?.map_err(|error| error.to_string())
    }
}

/// What comes of a body, up to the limit; what does not come is left out.
async fn first(mut body: Incoming) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        let room = ANSWER_BYTES_MAX.saturating_sub(bytes.len());
        bytes.extend(data.iter().take(room));
        if bytes.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn too_slow() -> String {
    "no data arrived in time".to_owned()
}
