//! Phase 2, **parse**: the head of an HTTP request becomes a [`Call`].
//!
//! Promises to the phases behind it: one effective host; no header that matters twice; raw path and
//! raw query exactly as they came.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use jiff::Timestamp;

use crate::guards::limits;
use crate::transport::connection::Connection;
use crate::transport::host::host_name;
use crate::transport::http2_targets;
use crate::transport::malformed::MalformedRequest;
use crate::walk::context::RequestContext;
use crate::walk::refusal::Refusal;

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
    /// also for HTTP/2, where it was `:authority`. They share the bytes of the head that was read.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The one effective host, with its port if it was sent, lower case.
    pub host: String,
    /// Where it comes from: the peer, or the client of a trusted proxy ([`crate::transport::forwarded`]).
    pub client_address: IpAddr,
    /// The same as text.
    pub client_text: String,
    /// When the head had arrived.
    pub received: Timestamp,
}

impl Call {
    /// The headers as the signature crate reads them.
    #[must_use]
    pub fn header_slices(&self) -> Vec<(&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    /// The first value of a header as text; `None` if it is absent or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        std::str::from_utf8(value.as_bytes()).ok()
    }
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

/// Checks the head and turns it into a [`Call`].
pub(crate) fn head(
    context: &RequestContext<'_>,
    parts: &Parts,
    client_address: IpAddr,
) -> Result<Call, Refusal> {
    // The record was begun with the head.
    let received = context.entry.time.unwrap_or_else(|| context.state.clock.now());
    if let Some(fault) = http2_targets::refused(parts) {
        return Err(MalformedRequest::bad(fault.to_string()).into());
    }
    check_headers_sent_once(&parts.headers)?;
    check_framing(parts)?;
    let mut host = host(parts, context.connection, &context.state.settings().public_name)?;
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if path.len() + query.len() > limits::TARGET_BYTES_MAX {
        return Err(MalformedRequest::target_too_long().into());
    }
    if query.split('&').count() > limits::QUERY_PARAMETERS_MAX {
        return Err(MalformedRequest::bad("more than 1000 query parameters").into());
    }
    let mut headers = Vec::with_capacity(parts.headers.len() + 1);
    headers.extend(parts.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    if !parts.headers.contains_key(header::HOST) {
        let value = HeaderValue::from_str(&host)
            .map_err(|_| MalformedRequest::bad("a Host that is not a host name"))?;
        headers.push((header::HOST, value));
    }
    host.make_ascii_lowercase();
    Ok(Call {
        method: parts.method.as_str().to_owned(),
        path,
        query,
        headers,
        host,
        client_address,
        client_text: context.entry.client_address.clone(),
        received,
    })
}

fn check_headers_sent_once(headers: &HeaderMap) -> Result<(), MalformedRequest> {
    // As many values as names: none came twice.
    if headers.len() == headers.keys_len() {
        return Ok(());
    }
    let amazon = ONCE_AMAZON.map(HeaderName::from_static);
    for name in ONCE.iter().chain(&amazon) {
        if headers.get_all(name).iter().nth(1).is_some() {
            return Err(MalformedRequest::bad(format!("more than one '{name}' header")));
        }
    }
    Ok(())
}

/// What would let two readers of the same bytes see two requests (RFC 9112, section 11.2).
fn check_framing(parts: &Parts) -> Result<(), MalformedRequest> {
    let headers = &parts.headers;
    if headers.contains_key(header::TRANSFER_ENCODING) {
        if headers.contains_key(header::CONTENT_LENGTH) {
            return Err(MalformedRequest::bad("both Transfer-Encoding and Content-Length"));
        }
        let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
        let first = codings.next().is_some_and(|value| value.as_bytes() == b"chunked");
        if !first || codings.next().is_some() {
            return Err(MalformedRequest::bad("a Transfer-Encoding other than 'chunked'"));
        }
    }
    if headers.contains_key(header::UPGRADE) || parts.method == http::Method::CONNECT {
        return Err(MalformedRequest::bad("only HTTPS is served here"));
    }
    match headers.get(header::EXPECT) {
        Some(value) if !value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(MalformedRequest::new(417, "an expectation other than '100-continue'"))
        }
        _ => Ok(()),
    }
}

/// The one effective host: `Host`, `:authority` and an absolute target must agree, and the TLS handshake must have
/// named the same (421 otherwise: RFC 9110, section 15.5.20). Not where the host is this service's own name: through a
/// tunnel the handshake names the tunnel's end, and the listener serves one domain whatever was named (decision 0096).
fn host(
    parts: &Parts,
    connection: &Connection,
    own_name: &str,
) -> Result<String, MalformedRequest> {
    let authority = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    let header = match parts.headers.get(header::HOST) {
        Some(value) => Some(
            value
                .to_str()
                .map_err(|_| MalformedRequest::bad("a Host that is not ASCII"))?
                .to_owned(),
        ),
        None => None,
    };
    let host = match (authority, header) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(&host) => {
            return Err(MalformedRequest::bad("the request target and Host name different hosts"));
        }
        (Some(host), _) | (None, Some(host)) if !host.is_empty() => host,
        _ => return Err(MalformedRequest::bad("no Host")),
    };
    if host.contains(['@', '/', ' ']) {
        return Err(MalformedRequest::bad("a Host that is not a host name"));
    }
    let is = |name: &str| host_name(&host).eq_ignore_ascii_case(name.trim_end_matches('.'));
    if let Some(server_name) = &connection.server_name
        && !is(server_name)
        && !is(own_name)
    {
        return Err(MalformedRequest::new(421, MISDIRECTED));
    }
    Ok(host)
}

/// What the client of a tunnel reads whose `Host` is another name than the endpoint's.
const MISDIRECTED: &str = "Host is neither the name in the TLS handshake nor this endpoint's name: connect with the endpoint's own name; through a tunnel, change only the address (curl --connect-to ENDPOINT:PORT:localhost:LOCAL_PORT)";
