//! One signed GET, for the command line: connect, sign, ask, read.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use sigv4::{Credentials, PayloadHash, SigningOptions};
use tokio::net::TcpStream;

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// From the first packet to the last.
const TIME_MAX: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum FetchError {
    /// The URL is not one of `https://`.
    Url(String),
    /// The CA file cannot be used.
    Roots(String),
    /// Connecting, TLS or HTTP failed: the endpoint and the cause.
    Connection(String, String),
    /// The request cannot be signed.
    Sign(String),
}

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => write!(f, "expected an https:// URL, got {url}"),
            Self::Roots(what) => write!(f, "certificate authorities: {what}"),
            Self::Connection(endpoint, cause) => write!(f, "{endpoint}: {cause}"),
            Self::Sign(what) => write!(f, "cannot sign: {what}"),
        }
    }
}

impl std::error::Error for FetchError {}

/// Signs and sends a GET, and reads the answer. `ca` is a PEM file of trusted roots; blocks the thread.
pub fn get_signed(
    url: &str,
    credentials: &Credentials<'_>,
    region: &str,
    service: &str,
    now: jiff::Timestamp,
    ca: Option<&Path>,
) -> Result<Answer, FetchError> {
    let uri: http::Uri = url.parse().map_err(|_| FetchError::Url(url.to_owned()))?;
    let host = uri.authority().map(|authority| authority.as_str().to_owned());
    let (Some(host), Some("https")) = (host, uri.scheme_str()) else {
        return Err(FetchError::Url(url.to_owned()));
    };
    let headers = signed_headers(&uri, &host, credentials, (region, service), now)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| FetchError::Connection(host.clone(), error.to_string()))?;
    let asking = ask(&uri, &host, headers, ca);
    runtime.block_on(async {
        let timed = tokio::time::timeout(TIME_MAX, asking).await;
        timed.unwrap_or_else(|_| {
            Err(FetchError::Connection(host.clone(), "no answer in 30 s".into()))
        })
    })
}

/// Sends a plain GET and reads the answer; redirects are answers. `ca` is a PEM file of trusted roots.
pub async fn get(url: &str, ca: Option<&Path>) -> Result<Answer, FetchError> {
    let uri: http::Uri = url.parse().map_err(|_| FetchError::Url(url.to_owned()))?;
    let host = uri.authority().map(|authority| authority.as_str().to_owned());
    let (Some(host), Some("https")) = (host, uri.scheme_str()) else {
        return Err(FetchError::Url(url.to_owned()));
    };
    let timed = tokio::time::timeout(TIME_MAX, ask(&uri, &host, Vec::new(), ca)).await;
    timed.unwrap_or_else(|_| Err(FetchError::Connection(host, "no answer in 30 s".into())))
}

fn signed_headers(
    uri: &http::Uri,
    host: &str,
    credentials: &Credentials<'_>,
    (region, service): (&str, &str),
    now: jiff::Timestamp,
) -> Result<Vec<(String, String)>, FetchError> {
    let unsigned: [(&str, &[u8]); 1] = [("host", host.as_bytes())];
    let request = sigv4::Request {
        method: "GET",
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers: &unsigned,
    };
    let nothing = PayloadHash::of(b"");
    let options = SigningOptions::default();
    let signed = sigv4::sign(&request, credentials, region, service, now, &nothing, &options)
        .map_err(|error| FetchError::Sign(error.to_string()))?;
    let headers = signed.headers.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Ok(headers.collect())
}

async fn ask(
    uri: &http::Uri,
    host: &str,
    headers: Vec<(String, String)>,
    ca: Option<&Path>,
) -> Result<Answer, FetchError> {
    let failed = |cause: String| FetchError::Connection(host.to_owned(), cause);
    let name = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let stream = TcpStream::connect((name.as_str(), uri.port_u16().unwrap_or(443))).await;
    let stream = stream.map_err(|error| failed(error.to_string()))?;
    let server = ServerName::try_from(name).map_err(|error| failed(error.to_string()))?;
    let connector = tokio_rustls::TlsConnector::from(tls(ca)?);
    let stream =
        connector.connect(server, stream).await.map_err(|error| failed(error.to_string()))?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| failed(error.to_string()))?;
    tokio::spawn(connection);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::get(target).header("host", host);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| failed(error.to_string()))?;
    let response = sender.send_request(request).await.map_err(|error| failed(error.to_string()))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| failed(error.to_string()))?.to_bytes();
    Ok(Answer { status, body })
}

/// TLS 1.2 and 1.3, trusting the roots of one PEM file.
fn tls(ca: Option<&Path>) -> Result<Arc<ClientConfig>, FetchError> {
    let path = ca.ok_or_else(|| FetchError::Roots("no file named; set AWS_CA_BUNDLE".into()))?;
    let text = std::fs::read(path);
    let text = text.map_err(|error| FetchError::Roots(format!("{}: {error}", path.display())))?;
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok);
    let (added, _ignored) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(FetchError::Roots(format!("{} contains none", path.display())));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Roots(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
