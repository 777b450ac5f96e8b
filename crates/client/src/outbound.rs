//! Signed requests to one fixed endpoint, over TLS that is always verified. Redirects are not
//! followed and there is no cookie jar: a signature is for one request.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sigv4::{SessionToken, SigningOptions};

use crate::chain::causes;
use crate::credentials::{Credentials, Keeper, LoadError};
use crate::endpoint::Endpoint;
use crate::spool::{Spooled, SpooledBody};

/// Idle connections to the endpoint that are kept for the next request.
const IDLE_CONNECTIONS_MAX: usize = 32;
const IDLE_SECONDS_MAX: u64 = 30;

/// Where to, signed as what.
pub struct Outbound {
    endpoint: Endpoint,
    region: String,
    service: String,
    keeper: Keeper,
    client: Client<HttpsConnector<HttpConnector>, SpooledBody>,
}

/// A request to be signed: the head as it goes on, and its body.
pub struct Unsigned {
    /// The method.
    pub method: Method,
    /// The raw path, as it goes over the wire.
    pub path: String,
    /// The raw query, without `?`.
    pub query: String,
    /// The headers; `host` and the length are set here.
    pub headers: HeaderMap,
    /// The body, hashed.
    pub body: Spooled,
}

/// The endpoint's answer; its body streams.
pub type Answer = Response<Incoming>;

/// Why there is no answer.
#[derive(Debug)]
pub enum SendError {
    /// No credentials.
    Credentials(LoadError),
    /// The request cannot be signed or built.
    Request(String),
    /// The endpoint cannot be reached, its certificate is not trusted, or it broke off.
    Endpoint(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials(error) => error.fmt(f),
            Self::Request(cause) => write!(f, "cannot sign the request: {cause}"),
            Self::Endpoint(cause) => write!(f, "cannot reach the endpoint: {cause}"),
        }
    }
}

impl std::error::Error for SendError {}

impl Outbound {
    /// An outbound to `endpoint`, signed for a region and a service (`es` or `aoss`), trusting
    /// `trust`.
    pub fn new(
        endpoint: Endpoint,
        region: &str,
        service: &str,
        keeper: Keeper,
        trust: Arc<ClientConfig>,
    ) -> Self {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(Arc::unwrap_or_clone(trust))
            .https_or_http() // plain only to loopback: `Endpoint::parse` sees to it
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(std::time::Duration::from_secs(IDLE_SECONDS_MAX))
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(connector);
        let (region, service) = (region.to_owned(), service.to_owned());
        Self { endpoint, region, service, keeper, client }
    }

    /// Where it goes to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The credentials' keeper.
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Signs at `now` and sends. The answer's body streams.
    pub async fn send(&self, unsigned: Unsigned, now: Timestamp) -> Result<Answer, SendError> {
        let credentials = self.keeper.get(now).await.map_err(SendError::Credentials)?;
        let request = self.signed(unsigned, &credentials, now)?;
        let answer = self.client.request(request).await;
        answer.map_err(|error| SendError::Endpoint(causes(&error)))
    }

    /// Signs what decides the meaning: method, path, query, body, host and content type. Other
    /// headers travel unsigned, since what lies between may change them.
    fn signed(
        &self,
        unsigned: Unsigned,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Request<SpooledBody>, SendError> {
        let refuse = |cause: &dyn fmt::Display| SendError::Request(cause.to_string());
        let host = self.endpoint.host_header();
        let content_type = unsigned.headers.get(http::header::CONTENT_TYPE);
        let mut signed_headers = vec![("host", host.as_bytes())];
        signed_headers.extend(content_type.map(|value| ("content-type", value.as_bytes())));
        let view = sigv4::Request {
            method: unsigned.method.as_str(),
            path: &unsigned.path,
            query: &unsigned.query,
            headers: &signed_headers,
        };
        let key = sigv4::Credentials {
            access_key_id: &credentials.access_key_id,
            secret: &credentials.secret,
            session_token: credentials.session_token.as_ref().map(SessionToken::expose),
        };
        let options = SigningOptions { content_sha256: true, ..SigningOptions::default() };
        let (region, service, hash) = (&self.region, &self.service, &unsigned.body.hash);
        let signed = sigv4::sign(&view, &key, region, service, now, hash, &options)
            .map_err(|error| refuse(&error))?;
        let mark = if unsigned.query.is_empty() { "" } else { "?" };
        let target = format!("{}{mark}{}", unsigned.path, unsigned.query);
        let url = self.endpoint.url(&target).map_err(|error| refuse(&error))?;
        let mut headers = unsigned.headers;
        headers.insert(
            http::header::HOST,
            HeaderValue::from_str(host).map_err(|error| refuse(&error))?,
        );
        for (name, value) in signed.headers {
            let name = HeaderName::try_from(name).map_err(|error| refuse(&error))?;
            let mut value = HeaderValue::try_from(value).map_err(|error| refuse(&error))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let mut request = Request::new(unsigned.body.into_body());
        *request.method_mut() = unsigned.method;
        *request.uri_mut() = url;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// TLS 1.2 and 1.3, trusting the roots of a PEM file, or the system's where none is named.
pub fn trust(ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let roots = roots(ca)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// The certificate authorities of a PEM file, or the system's where none is named.
pub fn roots(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let added = match ca {
        Some(path) => {
            let text =
                std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let certificates = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok);
            roots.add_parsable_certificates(certificates).0
        }
        None => roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs).0,
    };
    if added == 0 {
        let place = ca.map_or_else(|| "the system".to_owned(), |path| path.display().to_string());
        return Err(format!("{place} has no usable certificate authority"));
    }
    Ok(roots)
}
