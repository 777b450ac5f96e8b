//! `countersign proxy`: a local listener that signs for one fixed endpoint.
//!
//! The phases of a request, each a function below: who may use the listener (`admit`), what may go
//! through (`Gate`), the head as it goes on (`headers::of_request`), the body (`spool`), signing and
//! sending (`outbound`), the answer back (`headers::of_answer`).
//!
//! ```no_run
//! use client::outbound::Outbound;
//! use client::proxy::{Proxy, ProxySettings, everything};
//!
//! # async fn example(outbound: Outbound) -> Result<(), Box<dyn std::error::Error>> {
//! let settings = ProxySettings {
//!     listen: "127.0.0.1:9200".parse()?,
//!     admin: None,
//!     hosts: Vec::new(),
//!     password: None,
//!     trust_network: false,
//!     body_bytes_max: 100 * 1024 * 1024,
//!     body_idle_max: client::spool::IDLE_MAX,
//!     gate: everything,
//!     now: || jiff::Timestamp::UNIX_EPOCH, // the binary's clock
//! };
//! Proxy::bind(settings, outbound).await?.run(std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::headers;
use crate::listener::{PendingCall, WatchedStream};
use crate::metrics::ProxyMetrics;
use crate::outbound::{Outbound, SendError, UnsignedRequest};
use crate::spool::{HashedBody, SpoolError};
use crate::wrong_passwords::WrongPasswords;

/// Connections served at once; with [`crate::spool::MEMORY_BYTES_MAX`] this bounds the memory.
const CONNECTIONS_MAX: usize = 256;
/// From a connection's first byte to the end of a request's head.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long requests that run may go on after the stop.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

/// What may go through: method, raw path, raw query; the error is the reason the client reads.
pub type Gate = fn(&str, &str, &str) -> Result<(), String>;

/// The time, from whoever may read a clock.
pub type Now = fn() -> Timestamp;

/// How a proxy listens.
pub struct ProxySettings {
    /// Where it listens. Port 0 is any free port.
    pub listen: SocketAddr,
    /// Where health and metrics are, if anywhere.
    pub admin: Option<SocketAddr>,
    /// More `Host` values it answers to, beside its own addresses and the endpoint's host.
    pub hosts: Vec<String>,
    /// The password that clients must send by Basic authentication.
    pub password: Option<zeroize::Zeroizing<String>>,
    /// Listens beyond loopback without a password: whoever reaches the port is the role.
    pub trust_network: bool,
    /// Bytes of a request's body.
    pub body_bytes_max: u64,
    /// How long a body may give nothing: [`crate::spool::IDLE_MAX`]; tests take less.
    pub body_idle_max: Duration,
    /// What may go through.
    pub gate: Gate,
    /// The clock.
    pub now: Now,
}

/// Why a proxy does not start.
#[derive(Debug)]
pub enum BindError {
    /// Listening beyond loopback needs a password or the explicit word.
    Open(SocketAddr),
    /// The address cannot be had.
    Address(SocketAddr, std::io::Error),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(address) => write!(
                f,
                "{address} is reachable from other machines, and anyone who reaches it gets the permissions of the credentials: use a loopback address, --password-file or --trust-network"
            ),
            Self::Address(address, cause) => write!(f, "cannot listen on {address}: {cause}"),
        }
    }
}

impl std::error::Error for BindError {}

/// A proxy that listens.
pub struct Proxy {
    listener: TcpListener,
    admin: Option<TcpListener>,
    shared: Arc<ProxyState>,
}

struct ProxyState {
    settings: ProxySettings,
    outbound: Outbound,
    metrics: ProxyMetrics,
    /// The `Host` values that are answered, in lower case.
    hosts: Vec<String>,
    wrong_passwords: WrongPasswords,
}

/// Who sent a request.
#[derive(Clone, Copy)]
struct PeerAddress(IpAddr);

type ProxyResponse = Response<BoxBody<Bytes, hyper::Error>>;

impl Proxy {
    /// Takes the ports. Serves nothing until [`run`](Self::run).
    ///
    /// # Errors
    /// [`BindError`]: an address cannot be had, or is open to others without a password.
    pub async fn bind(settings: ProxySettings, outbound: Outbound) -> Result<Self, BindError> {
        let open = !settings.listen.ip().is_loopback();
        if open && settings.password.is_none() && !settings.trust_network {
            return Err(BindError::Open(settings.listen));
        }
        let listener = listen(settings.listen).await?;
        let admin = match settings.admin {
            Some(address) if !address.ip().is_loopback() && !settings.trust_network => {
                return Err(BindError::Open(address));
            }
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let own =
            listener.local_addr().map_err(|error| BindError::Address(settings.listen, error))?;
        let port = own.port();
        let mut hosts = vec![own.to_string(), outbound.endpoint().host_header().to_lowercase()];
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}")));
        hosts.extend(settings.hosts.iter().map(|host| host.to_lowercase()));
        let wrong_passwords = WrongPasswords::default();
        let shared = ProxyState {
            settings,
            outbound,
            metrics: ProxyMetrics::default(),
            hosts,
            wrong_passwords,
        };
        Ok(Self { listener, admin, shared: Arc::new(shared) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where health and metrics are.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|admin| admin.local_addr().ok())
    }

    /// Serves until `stop` is done, then lets running requests finish for ten seconds.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let proxy = serve(self.listener, Arc::clone(&self.shared), answer, stopped.clone());
        tasks.spawn(proxy);
        if let Some(admin) = self.admin {
            tasks.spawn(serve(admin, self.shared, answer_admin, stopped));
        }
        stop.await;
        let _ = stopping.send(true);
        let drained = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(DRAIN_TIME_MAX, drained).await;
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| BindError::Address(address, error))
}

async fn serve<F>(
    listener: TcpListener,
    shared: Arc<ProxyState>,
    answer: fn(Arc<ProxyState>, Request<Incoming>) -> F,
    mut stopped: watch::Receiver<bool>,
) where
    F: Future<Output = ProxyResponse> + Send + 'static,
{
    let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&free).acquire_owned() => permit,
            _ = stopped.changed() => break,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        let (Ok(permit), Ok((stream, _))) = (permit, stream) else {
            // Out of descriptors, or a connection gone before it was taken: breathe, go on.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
        connections.spawn(async move {
            connection(stream, shared, answer, stopped).await;
            drop(permit);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection<F>(
    stream: TcpStream,
    shared: Arc<ProxyState>,
    answer: fn(Arc<ProxyState>, Request<Incoming>) -> F,
    mut stopped: watch::Receiver<bool>,
) where
    F: Future<Output = ProxyResponse> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok().map(|address| PeerAddress(address.ip()));
    let called = PendingCall::default();
    let stream = WatchedStream::new(stream, called.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        called.set();
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        let answered = answer(Arc::clone(&shared), request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = stopped.changed() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

/// One request, from the local client to the endpoint and back.
async fn answer(shared: Arc<ProxyState>, request: Request<Incoming>) -> ProxyResponse {
    match forward(&shared, request).await {
        Ok(answer) => answer,
        Err(refusal) => {
            let counter = match refusal.status {
                StatusCode::BAD_GATEWAY => &shared.metrics.failed,
                _ => &shared.metrics.refused,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            refusal.into_answer()
        }
    }
}

async fn forward(
    shared: &ProxyState,
    request: Request<Incoming>,
) -> Result<ProxyResponse, ProxyRefusal> {
    let settings = &shared.settings;
    admit(shared, &request)?;
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    if method == Method::CONNECT || !path.starts_with('/') {
        return Err(ProxyRefusal::new(StatusCode::BAD_REQUEST, "expected a path on the endpoint"));
    }
    let query = request.uri().query().unwrap_or_default();
    // A client's own presigned parameters are its credentials, not part of what it asks.
    let query = sigv4::presigned::strip(query).into_owned();
    (settings.gate)(method.as_str(), &path, &query)
        .map_err(|reason| ProxyRefusal::new(StatusCode::FORBIDDEN, reason))?;
    let headers = headers::of_request(request.headers());
    let body =
        HashedBody::read(request.into_body(), settings.body_bytes_max, settings.body_idle_max)
            .await?;
    if body.spilled() {
        shared.metrics.spilled.fetch_add(1, Ordering::Relaxed);
    }
    shared.metrics.sent_bytes.fetch_add(body.length, Ordering::Relaxed);
    let unsigned = UnsignedRequest { method, path, query, headers, body };
    let answered = shared.outbound.send(unsigned, (settings.now)()).await?;
    shared.metrics.answered(answered.status().as_u16());
    let (mut head, body) = answered.into_parts();
    head.headers = headers::of_answer(&head.headers, &shared.outbound.endpoint().origin());
    Ok(Response::from_parts(head, body.boxed()))
}

/// Who may use the listener: a request for this proxy (a page in a browser that resolved a name of
/// its own to this address is for somebody else), with the password where one is set.
fn admit(shared: &ProxyState, request: &Request<Incoming>) -> Result<(), ProxyRefusal> {
    let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
    let asked = request.uri().authority().map(http::uri::Authority::as_str);
    for named in [host, asked].into_iter().flatten() {
        if !shared.hosts.contains(&named.to_lowercase()) {
            let text = format!("this proxy signs for {} only", shared.outbound.endpoint().host());
            return Err(ProxyRefusal::new(StatusCode::MISDIRECTED_REQUEST, text));
        }
    }
    if request.headers().get_all(http::header::HOST).iter().count() != 1 || host.is_none() {
        return Err(ProxyRefusal::new(
            StatusCode::BAD_REQUEST,
            "a request must have exactly one Host",
        ));
    }
    let Some(password) = &shared.settings.password else { return Ok(()) };
    let value = request.headers().get(http::header::AUTHORIZATION);
    let sent = value.and_then(|value| basic_password(value.as_bytes()));
    let wrong = || ProxyRefusal::new(StatusCode::UNAUTHORIZED, "wrong password");
    // Who sends none has not guessed.
    let sent = sent.ok_or_else(wrong)?;
    let Some(PeerAddress(peer)) = request.extensions().get() else { return Err(wrong()) };
    let is_right = || sent.as_bytes().ct_eq(password.as_bytes()).into();
    match shared.wrong_passwords.check(*peer, (shared.settings.now)(), is_right) {
        Ok(true) => Ok(()),
        Ok(false) => Err(wrong()),
        Err(seconds) => {
            let text = format!("too many wrong passwords: try again in {seconds} s");
            Err(ProxyRefusal::new(StatusCode::TOO_MANY_REQUESTS, text))
        }
    }
}

/// The password of `Basic base64(user:password)`; the user may be any.
fn basic_password(value: &[u8]) -> Option<zeroize::Zeroizing<String>> {
    use base64::Engine;
    let text = std::str::from_utf8(value).ok()?;
    let (scheme, coded) = text.split_once(' ')?;
    let coded = scheme.eq_ignore_ascii_case("basic").then_some(coded.trim())?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(coded).ok()?;
    let pair = zeroize::Zeroizing::new(String::from_utf8(bytes).ok()?);
    pair.split_once(':').map(|(_, password)| zeroize::Zeroizing::new(password.to_owned()))
}

/// `/healthz`: the process serves. `/readyz`: it has credentials. `/metrics`.
async fn answer_admin(shared: Arc<ProxyState>, request: Request<Incoming>) -> ProxyResponse {
    let now = (shared.settings.now)();
    let (status, page) = match request.uri().path() {
        "/healthz" => (StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => match shared.outbound.credentials().get(now).await {
            Ok(_) => (StatusCode::OK, "ok\n".to_owned()),
            Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
        },
        "/metrics" => {
            let credentials = shared.outbound.credentials().status().await;
            (StatusCode::OK, shared.metrics.page(credentials, now))
        }
        _ => (StatusCode::NOT_FOUND, "expected /healthz, /readyz or /metrics\n".to_owned()),
    };
    let mut answer = Response::new(whole(page));
    *answer.status_mut() = status;
    answer
}

/// What the proxy answers itself: `{"message":…}`, as the endpoint's front would.
struct ProxyRefusal {
    status: StatusCode,
    message: String,
}

impl ProxyRefusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    fn into_answer(self) -> ProxyResponse {
        let body = serde_json::json!({ "message": format!("countersign proxy: {}", self.message) });
        let mut answer = Response::new(whole(body.to_string()));
        *answer.status_mut() = self.status;
        let json = http::HeaderValue::from_static("application/json");
        answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = http::HeaderValue::from_static("Basic realm=\"countersign proxy\"");
            answer.headers_mut().insert(http::header::WWW_AUTHENTICATE, scheme);
        }
        answer
    }
}

impl From<SpoolError> for ProxyRefusal {
    fn from(error: SpoolError) -> Self {
        let status = match error {
            SpoolError::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            SpoolError::Idle => StatusCode::REQUEST_TIMEOUT,
            SpoolError::Read(_) => StatusCode::BAD_REQUEST,
            SpoolError::File(_) => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self::new(status, error.to_string())
    }
}

impl From<SendError> for ProxyRefusal {
    fn from(error: SendError) -> Self {
        let status = match error {
            SendError::Credentials(_) => StatusCode::SERVICE_UNAVAILABLE,
            SendError::Request(_) => StatusCode::BAD_REQUEST,
            SendError::Unreachable(_) | SendError::Endpoint(_) => StatusCode::BAD_GATEWAY,
        };
        Self::new(status, error.to_string())
    }
}

fn whole(text: String) -> BoxBody<Bytes, hyper::Error> {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed()
}

/// A gate that lets everything through.
///
/// # Errors
/// Never.
pub fn everything(_method: &str, _path: &str, _query: &str) -> Result<(), String> {
    Ok(())
}
