//! Signed requests to one fixed endpoint.
//!
//! ```no_run
//! use client::chain::{ChainOptions, CredentialChain};
//! use client::credentials::CredentialCache;
//! use client::endpoint::Endpoint;
//! use client::https;
//! use client::outbound::{Outbound, UnsignedRequest};
//! use client::spool::HashedBody;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (chain, region) = CredentialChain::open(&ChainOptions::default()).await;
//! let region = region.ok_or("no region")?;
//! let endpoint = Endpoint::parse("https://search-x.us-east-1.es.amazonaws.com")?;
//! let credentials = CredentialCache::new(Box::new(chain));
//! let outbound = Outbound::new(endpoint, &region, "es", credentials, https::trust(None)?);
//! let request = UnsignedRequest {
//!     method: http::Method::GET,
//!     path: "/_cat/indices".to_owned(),
//!     query: String::new(),
//!     headers: http::HeaderMap::new(),
//!     body: HashedBody::of(bytes::Bytes::new()),
//! };
//! let answer = outbound.send(request, "2026-11-23T12:00:00Z".parse()?).await?;
//! println!("{}", answer.status());
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use jiff::Timestamp;
use rustls::ClientConfig;
use sigv4::{Form, PayloadHash, SessionToken, SigningOptions};

use crate::credentials::{CredentialCache, Credentials, LoadError};
use crate::endpoint::Endpoint;
use crate::https::HttpsClient;
use crate::spool::{HashedBody, SpooledBody};

/// Where to, signed as what.
pub struct Outbound {
    endpoint: Endpoint,
    region: String,
    service: String,
    credentials: Arc<CredentialCache>,
    client: HttpsClient,
}

/// A request to be signed: the head as it goes on, and its body.
#[derive(Clone)]
pub struct UnsignedRequest {
    /// The method.
    pub method: Method,
    /// The raw path, as it goes over the wire.
    pub path: String,
    /// The raw query, without `?`.
    pub query: String,
    /// The headers; `host` and the length are set here.
    pub headers: HeaderMap,
    /// The body, hashed.
    pub body: HashedBody,
}

/// The endpoint's answer; its body streams.
pub type EndpointResponse = Response<Incoming>;

/// Why there is no answer.
#[derive(Debug)]
pub enum SendError {
    /// No credentials.
    Credentials(LoadError),
    /// The request cannot be signed or built.
    Request(String),
    /// The endpoint cannot be reached, or its certificate is not trusted: nothing was sent.
    Unreachable(String),
    /// The endpoint broke off before it answered.
    Endpoint(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials(error) => error.fmt(f),
            Self::Request(cause) => write!(f, "cannot sign the request: {cause}"),
            Self::Unreachable(cause) | Self::Endpoint(cause) => {
                write!(f, "cannot reach the endpoint: {cause}")
            }
        }
    }
}

impl std::error::Error for SendError {}

impl Outbound {
    /// An outbound to `endpoint`, signed for a region and a service (`es`, `aoss` or `s3`), trusting
    /// `trust`.
    pub fn new(
        endpoint: Endpoint,
        region: &str,
        service: &str,
        credentials: impl Into<Arc<CredentialCache>>,
        trust: ClientConfig,
    ) -> Self {
        Self::by(endpoint, (region, service), credentials.into(), HttpsClient::new(trust))
    }

    /// The same, sending by `client`.
    #[must_use]
    pub(crate) fn by(
        endpoint: Endpoint,
        (region, service): (&str, &str),
        credentials: Arc<CredentialCache>,
        client: HttpsClient,
    ) -> Self {
        let (region, service) = (region.to_owned(), service.to_owned());
        Self { endpoint, region, service, credentials, client }
    }

    /// Where it goes to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The credentials it signs with.
    #[must_use]
    pub fn credentials(&self) -> &CredentialCache {
        &self.credentials
    }

    /// Signs at `now` and sends. The answer's body streams.
    ///
    /// # Errors
    /// [`SendError`]: no credentials, a request that cannot be signed, or an endpoint that cannot be reached.
    pub async fn send(
        &self,
        unsigned: UnsignedRequest,
        now: Timestamp,
    ) -> Result<EndpointResponse, SendError> {
        let credentials = self.credentials.get(now).await.map_err(SendError::Credentials)?;
        let request = self.signed(unsigned, &credentials, now)?;
        let answered = self.client.send(request).await;
        answered.map_err(|fault| match fault.nothing_sent {
            true => SendError::Unreachable(fault.why),
            false => SendError::Endpoint(fault.why),
        })
    }

    /// Signs what decides the meaning: method, path, query, body, host and content type. Other
    /// headers travel unsigned, since what lies between may change them; but S3 takes no `x-amz-` that is not signed.
    fn signed(
        &self,
        unsigned: UnsignedRequest,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Request<SpooledBody>, SendError> {
        let refuse = |cause: &dyn fmt::Display| SendError::Request(cause.to_string());
        let host = self.endpoint.host_header();
        let parts = SignedParts {
            method: unsigned.method.as_str(),
            path: &unsigned.path,
            query: &unsigned.query,
            host,
            content_type: unsigned.headers.get(http::header::CONTENT_TYPE).cloned(),
            amazons: match self.service.as_str() {
                "s3" => amazons(&unsigned.headers),
                _ => Vec::new(),
            },
            hash: &unsigned.body.hash,
        };
        let place = (self.region.as_str(), self.service.as_str());
        let signed = signature(&parts, credentials, place, now).map_err(SendError::Request)?;
        let mark = if unsigned.query.is_empty() { "" } else { "?" };
        let target = format!("{}{mark}{}", unsigned.path, unsigned.query);
        let url = self.endpoint.url(&target).map_err(|error| refuse(&error))?;
        let mut headers = unsigned.headers;
        headers.insert(
            http::header::HOST,
            HeaderValue::from_str(host).map_err(|error| refuse(&error))?,
        );
        headers.extend(signed);
        let mut request = Request::new(unsigned.body.into_body());
        *request.method_mut() = unsigned.method;
        *request.uri_mut() = url;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// The headers that Amazon's services have of their own.
fn amazons(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    let own = headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-"));
    own.map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// What a signature of ours covers.
pub(crate) struct SignedParts<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) host: &'a str,
    pub(crate) content_type: Option<HeaderValue>,
    /// Further headers.
    pub(crate) amazons: Vec<(&'a str, &'a [u8])>,
    pub(crate) hash: &'a PayloadHash,
}

/// The headers of a signature for a region and service (`place`) at `now`.
///
/// # Errors
/// In words: what cannot be signed.
pub(crate) fn signature(
    parts: &SignedParts<'_>,
    credentials: &Credentials,
    (region, service): (&str, &str),
    now: Timestamp,
) -> Result<HeaderMap, String> {
    let mut headers = vec![("host", parts.host.as_bytes())];
    let content_type = parts.content_type.as_ref();
    headers.extend(content_type.map(|value| ("content-type", value.as_bytes())));
    headers.extend(parts.amazons.iter().copied());
    let view = sigv4::Request {
        method: parts.method,
        path: parts.path,
        query: parts.query,
        headers: &headers,
    };
    let key = sigv4::Credentials {
        access_key_id: &credentials.access_key_id,
        secret: &credentials.secret,
        session_token: credentials.session_token.as_ref().map(SessionToken::expose),
    };
    // S3's canonical path is the path as it is sent; elsewhere it is encoded once more.
    let form = if service == "s3" { Form::RawPath } else { Form::Aws };
    let options = SigningOptions { content_sha256: true, form, ..SigningOptions::default() };
    let signed = sigv4::sign(&view, &key, region, service, now, parts.hash, &options);
    let signed = signed.map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    for (name, value) in signed.headers {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        let mut value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
