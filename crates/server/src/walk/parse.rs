//! Phase 2, **parse**: an HTTP request becomes a [`Call`], and later its [`Body`].
//!
//! Promises to the phases behind it: one effective host; no header that matters twice; raw path and
//! raw query exactly as they came; the body's SHA-256 taken over the bytes as sent, its decoded form
//! bounded; no body in memory for a request that is already refused.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use jiff::Timestamp;
use sigv4::{PayloadHash, PayloadHasher};

use crate::guards::limits;
use crate::guards::shares::Share;
use crate::guards::throttle::Source;
use crate::service::pool::Holder;
use crate::service::state::{Behind, Porch};
use crate::transport::accept::Line;
use crate::transport::http2_targets;
use crate::transport::spool::{Spooled, Spooling};
use crate::walk::Step;
use crate::walk::authorize::Prospect;
use crate::walk::identify::Caller;
use crate::walk::refusal::{Malformed, Refusal};
use crate::walk::route::Target;
use crate::walk::serve;

/// A request as it was received: what the signature, the authorizer, the engine and the audit read.
#[derive(Debug)]
pub struct Call {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent, without the query. Never decoded here.
    pub path: String,
    /// The query, as sent, without the `?`.
    pub query: String,
    /// Every header in the order of receipt, lower-case names, repeated ones kept. Contains `host`
    /// also for HTTP/2, where it was `:authority`.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The one effective host, with its port if it was sent, lower case.
    pub host: String,
    /// Where it comes from: the peer, or the client of a trusted proxy ([`crate::transport::forwarded`]).
    pub client_address: IpAddr,
    /// When the head had arrived.
    pub received: Timestamp,
}

impl Call {
    /// The headers as the signature crate reads them.
    #[must_use]
    pub fn header_slices(&self) -> Vec<(&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
    }

    /// The first value of a header as text; `None` if it is absent or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        std::str::from_utf8(value).ok()
    }
}

/// A body that was read to its end, and is not loaded yet.
pub struct Received {
    /// Bytes as sent.
    pub length: u64,
    held: Held,
    bytes_max: usize,
}

/// What is left of a body.
enum Held {
    /// All of it.
    Spooled(Spooled),
    /// Its hash: the request is refused already.
    HashOnly(PayloadHash),
}

impl Received {
    /// The body as sent, for its signature's check.
    #[must_use]
    pub fn body(&self) -> sigv4::Body<'_> {
        match &self.held {
            Held::Spooled(spooled) => spooled.body(),
            Held::HashOnly(hash) => sigv4::Body::Hashed(*hash),
        }
    }
}

/// The body of a proven caller.
#[derive(Debug)]
pub struct Body {
    /// The decoded bytes; empty when the request was already refused.
    pub bytes: Bytes,
    /// Gives the bytes back to the admission count when the request is over.
    _admission: Option<Share>,
}

/// Headers that decide something and therefore may come once.
const ONCE: [HeaderName; 6] = [
    header::HOST,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::EXPECT,
    header::CONTENT_LENGTH,
];

/// Headers of Amazon's that decide something and therefore may come once.
const ONCE_AMAZON: [&str; 2] = ["x-amz-date", "x-amz-security-token"];

/// Checks the head and turns it into a [`Call`]. `own_name`: the host name of every endpoint of this service.
pub fn head(
    parts: &Parts,
    line: &Line,
    client_address: IpAddr,
    received: Timestamp,
    own_name: &str,
) -> Result<Call, Refusal> {
    if let Some(fault) = http2_targets::refused(parts) {
        return Err(Malformed::bad(fault.to_string()).into());
    }
    once(&parts.headers)?;
    framing(parts)?;
    let host = host(parts, line, own_name)?;
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if path.len() + query.len() > limits::TARGET_BYTES_MAX {
        return Err(Malformed::target_too_long().into());
    }
    if query.split('&').count() > limits::QUERY_PARAMETERS_MAX {
        return Err(Malformed::bad("more than 1000 query parameters").into());
    }
    let mut headers: Vec<(String, Vec<u8>)> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    if !parts.headers.contains_key(header::HOST) {
        headers.push(("host".to_owned(), host.as_bytes().to_vec()));
    }
    Ok(Call {
        method: parts.method.as_str().to_owned(),
        path,
        query,
        headers,
        host: host.to_ascii_lowercase(),
        client_address,
        received,
    })
}

fn once(headers: &HeaderMap) -> Result<(), Malformed> {
    let amazon = ONCE_AMAZON.map(HeaderName::from_static);
    for name in ONCE.iter().chain(&amazon) {
        if headers.get_all(name).iter().nth(1).is_some() {
            return Err(Malformed::bad(format!("more than one '{name}' header")));
        }
    }
    Ok(())
}

/// What would let two readers of the same bytes see two requests (RFC 9112, section 11.2).
fn framing(parts: &Parts) -> Result<(), Malformed> {
    let headers = &parts.headers;
    if headers.contains_key(header::TRANSFER_ENCODING) {
        if headers.contains_key(header::CONTENT_LENGTH) {
            return Err(Malformed::bad("both Transfer-Encoding and Content-Length"));
        }
        let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
        let first = codings.next().is_some_and(|value| value.as_bytes() == b"chunked");
        if !first || codings.next().is_some() {
            return Err(Malformed::bad("a Transfer-Encoding other than 'chunked'"));
        }
    }
    if headers.contains_key(header::UPGRADE) || parts.method == http::Method::CONNECT {
        return Err(Malformed::bad("no protocol but HTTPS is served here"));
    }
    match headers.get(header::EXPECT) {
        Some(value) if !value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(Malformed::new(417, "an expectation other than '100-continue'"))
        }
        _ => Ok(()),
    }
}

/// The one effective host: `Host`, `:authority` and an absolute target must agree, and the TLS handshake must have
/// named the same (421 otherwise: RFC 9110, section 15.5.20). Not where the host is this service's own name: through a
/// tunnel the handshake names the tunnel's end, and the listener serves one domain whatever was named (decision 0096).
fn host(parts: &Parts, line: &Line, own_name: &str) -> Result<String, Malformed> {
    let authority = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    let header = match parts.headers.get(header::HOST) {
        Some(value) => {
            Some(value.to_str().map_err(|_| Malformed::bad("a Host that is not ASCII"))?.to_owned())
        }
        None => None,
    };
    let host = match (authority, header) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(&host) => {
            return Err(Malformed::bad("the request target and Host name different hosts"));
        }
        (Some(host), _) | (None, Some(host)) if !host.is_empty() => host,
        _ => return Err(Malformed::bad("no Host")),
    };
    if host.contains(['@', '/', ' ']) {
        return Err(Malformed::bad("a Host that is no host"));
    }
    let is = |name: &str| host_name(&host).eq_ignore_ascii_case(name.trim_end_matches('.'));
    if let Some(server_name) = &line.server_name
        && !is(server_name)
        && !is(own_name)
    {
        return Err(Malformed::new(421, MISDIRECTED));
    }
    Ok(host)
}

/// What the client of a tunnel reads whose `Host` is another name than the endpoint's.
const MISDIRECTED: &str = "Host is neither the name of the TLS handshake nor this endpoint's: connect under the \
endpoint's own name; through a tunnel let only the address differ (curl --connect-to ENDPOINT:PORT:localhost:LOCAL_PORT)";

/// A host without its port and without the root's dot.
#[must_use]
pub fn host_name(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') && port.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => host,
    };
    name.trim_end_matches('.')
}

/// What becomes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The request may still be served: keep the bytes.
    Bytes,
    /// It is refused already; only the signature over the body is still to be checked.
    HashOnly,
}

/// Reads the body to its end, at most as many bytes as the target takes. Nothing of it is believed or
/// decoded: it is not proven that anyone signed it.
pub async fn body(
    step: &mut Step<'_>,
    call: &Call,
    incoming: &mut Incoming,
    prospect: &Prospect,
    target: &Target,
) -> Result<Received, Refusal> {
    let (keep, bytes_max) = (prospect.keep(), target.body_bytes_max(step.porch));
    if let Some(declared) = call.header("content-length").and_then(|text| text.parse().ok())
        && bytes_max < declared
    {
        return Err(Malformed::body_too_large(bytes_max).into());
    }
    let spooling = match keep {
        Keep::Bytes => {
            let source = Source::at(call.client_address);
            Some(target.spool(step.porch).begin(source)?)
        }
        Keep::HashOnly => None,
    };
    let reading = read(step.porch, incoming, spooling, bytes_max);
    let received = tokio::time::timeout(step.porch.times.body, reading)
        .await
        .map_err(|_elapsed| Malformed::new(408, "the body took too long"))??;
    Ok(received)
}

async fn read(
    porch: &Porch,
    incoming: &mut Incoming,
    mut spooling: Option<Spooling>,
    bytes_max: usize,
) -> Result<Received, Malformed> {
    let mut hash = PayloadHasher::new();
    let mut length = 0_usize;
    while let Some(piece) = tokio::time::timeout(porch.times.body_piece, incoming.frame())
        .await
        .map_err(|_elapsed| Malformed::new(408, "the body stopped coming"))?
    {
        let piece = piece.map_err(|error| Malformed::bad(format!("unreadable body: {error}")))?;
        // Trailers are not part of what was signed: they decide nothing.
        let Ok(data) = piece.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > bytes_max {
            return Err(Malformed::body_too_large(bytes_max));
        }
        match &mut spooling {
            Some(spooling) => spooling.take(&data).await?,
            None => hash.update(&data),
        }
    }
    let held = match spooling {
        Some(spooling) => Held::Spooled(spooling.finish().await?),
        None => Held::HashOnly(hash.finish()),
    };
    Ok(Received { length: length as u64, held, bytes_max })
}

impl Received {
    /// Loads the body of a proven caller and undoes `Content-Encoding: gzip`. Blocks, unless it is in memory as it
    /// will be used.
    pub fn load(self, call: &Call, holder: &Holder) -> Result<Body, Refusal> {
        let Held::Spooled(spooled) = self.held else {
            return Ok(Body { bytes: Bytes::new(), _admission: None });
        };
        let gzip = is_gzip(call, self.length)?;
        let (bytes, admission) = match spooled.in_memory(gzip) {
            Ok(whole) => whole,
            Err(spooled) => spooled.load(gzip, self.bytes_max, holder)?,
        };
        Ok(Body { bytes, _admission: admission })
    }

    /// Whether loading it takes no time: it is in memory as it will be used.
    fn is_at_hand(&self, gzip: bool) -> bool {
        match &self.held {
            Held::Spooled(spooled) => spooled.is_in_memory(gzip),
            Held::HashOnly(_) => true,
        }
    }
}

/// Whether a body is to be unpacked.
fn is_gzip(call: &Call, length: u64) -> Result<bool, Malformed> {
    let coding = call.header("content-encoding").unwrap_or("identity").trim();
    let gzip = coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip");
    if !gzip && !coding.eq_ignore_ascii_case("identity") && length > 0 {
        return Err(Malformed::new(415, "a Content-Encoding other than gzip"));
    }
    Ok(gzip)
}

/// Loads the body of an operation of the control plane, in its caller's turn when it takes time.
pub async fn load(
    step: &Step<'_>,
    call: &Arc<Call>,
    caller: &Caller,
    received: Received,
) -> Result<Body, Refusal> {
    let holder = caller.holder(call);
    if received.is_at_hand(is_gzip(call, received.length)?) {
        return received.load(call, &holder);
    }
    let (call, owner) = (Arc::clone(call), holder.clone());
    let loading = step.porch.control_pool.run(holder, move || received.load(&call, &owner));
    loading.await.map_err(serve::not_done)?
}

/// Reads what a refused client still sends, so that it sees the answer; not for one that waits for leave.
pub async fn drain(porch: &Porch, line: &Line, parts: &Parts, incoming: &mut Incoming) {
    if parts.headers.contains_key(header::EXPECT) {
        return;
    }
    let reading = read_away(incoming, drained_bytes_max(porch, line), porch.times.drain_body);
    let _ = tokio::time::timeout(porch.times.drain_body, reading).await;
}

/// The same over HTTP/2, beside the answer: most clients in the middle of their body read it at once and end the stream
/// as they like, some not before they have sent everything. Who stops sending, or sends on beyond the limits, has its
/// stream reset without an error (RFC 9113, section 8.1).
pub fn drain_behind(porch: &Porch, line: &Line, parts: &Parts, mut incoming: Incoming) {
    if parts.headers.contains_key(header::EXPECT) || incoming.is_end_stream() {
        return;
    }
    let (porch, bytes_max) = (porch.clone(), drained_bytes_max(porch, line));
    tokio::spawn(async move {
        let reading = read_away(&mut incoming, bytes_max, porch.times.drain_body);
        tokio::select! {
            _ended = tokio::time::timeout(porch.times.body, reading) => {}
            () = porch.shutdown.told() => {}
        }
    });
}

/// As much as a body may have that is not refused, and a little more.
fn drained_bytes_max(porch: &Porch, line: &Line) -> usize {
    let body = match &line.door.behind {
        Behind::Control => limits::CONTROL_BODY_BYTES_MAX,
        Behind::Domain { .. } => porch.settings.domains.body_bytes_max,
    };
    body.saturating_add(limits::DRAIN_BYTES_MAX)
}

/// Reads a body and throws it away, up to so many bytes, while a piece comes within each `patience`.
async fn read_away(incoming: &mut Incoming, bytes_max: usize, patience: Duration) {
    let mut left = bytes_max;
    while let Ok(Some(Ok(piece))) = tokio::time::timeout(patience, incoming.frame()).await {
        let length = piece.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else { return };
        left = rest;
    }
}
