//! One GET, signed or not, or one form: for the command line, and for the service's questions to identity providers.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use sigv4::{Credentials, SecretKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
//! let credentials = Credentials { access_key_id: "AKIDEXAMPLE", secret: &secret, session_token: None };
//! let now = "2026-11-23T12:00:00Z".parse()?;
//! let ca = Some(Path::new("ca.pem"));
//! let url = "https://localhost:9200/_cluster/health";
//! let answer = client::fetch::get_signed(url, &credentials, "us-east-1", "es", now, ca)?;
//! assert_eq!(answer.status, 200);
//! # Ok(())
//! # }
//! ```

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Limited};
use sigv4::{Credentials, PayloadHash, SigningOptions};

use crate::https::{self, HttpsClient};
use crate::spool::HashedBody;

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// From the first packet to the last.
const TIME_MAX: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub struct FetchedResponse {
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
///
/// # Errors
/// When the URL is not one of `https://`, the roots cannot be used, or there is no answer within 30 seconds.
pub fn get_signed(
    url: &str,
    credentials: &Credentials<'_>,
    region: &str,
    service: &str,
    now: jiff::Timestamp,
    ca: Option<&Path>,
) -> Result<FetchedResponse, FetchError> {
    let (uri, host) = parse(url)?;
    let headers = signed_headers(&uri, &host, credentials, (region, service), now)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| FetchError::Connection(host.clone(), error.to_string()))?;
    runtime.block_on(ask(uri, &host, headers, ca))
}

/// Sends a plain GET and reads the answer; redirects are answers. `ca` is a PEM file of trusted roots.
///
/// # Errors
/// As [`get_signed`].
pub async fn get(url: &str, ca: Option<&Path>) -> Result<FetchedResponse, FetchError> {
    let (uri, host) = parse(url)?;
    ask(uri, &host, Vec::new(), ca).await
}

/// Sends a form and reads the answer; redirects are answers. `authorization` is the value of that header, if there is one; `ca`
/// is a PEM file of trusted roots.
///
/// # Errors
/// As [`get_signed`].
pub async fn post_form(
    url: &str,
    form: &str,
    authorization: Option<&str>,
    ca: &Path,
) -> Result<FetchedResponse, FetchError> {
    let (uri, host) = parse(url)?;
    let content_type = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    let mut headers = vec![content_type, ("accept".to_owned(), "application/json".to_owned())];
    headers.extend(authorization.map(|value| ("authorization".to_owned(), value.to_owned())));
    let body = Bytes::copy_from_slice(form.as_bytes());
    send(Request::post(uri), &host, headers, body, Some(ca)).await
}

/// The URL, and its host and port as they stand there.
fn parse(url: &str) -> Result<(Uri, String), FetchError> {
    let refused = || FetchError::Url(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| refused())?;
    let host = uri.authority().map(|authority| authority.as_str().to_owned());
    match (host, uri.scheme_str()) {
        (Some(host), Some("https")) => Ok((uri, host)),
        _ => Err(refused()),
    }
}

fn signed_headers(
    uri: &Uri,
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
    uri: Uri,
    host: &str,
    headers: Vec<(String, String)>,
    ca: Option<&Path>,
) -> Result<FetchedResponse, FetchError> {
    send(Request::get(uri), host, headers, Bytes::new(), ca).await
}

async fn send(
    request: http::request::Builder,
    host: &str,
    headers: Vec<(String, String)>,
    body: Bytes,
    ca: Option<&Path>,
) -> Result<FetchedResponse, FetchError> {
    let ca = ca.ok_or_else(|| FetchError::Roots("no file named; set AWS_CA_BUNDLE".into()))?;
    let client = HttpsClient::new(https::trust(Some(ca)).map_err(FetchError::Roots)?);
    let failed = |cause: String| FetchError::Connection(host.to_owned(), cause);
    let mut request = request.header("host", host);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let body = HashedBody::of(body).into_body();
    let request = request.body(body).map_err(|error| failed(error.to_string()))?;
    let answered = async {
        let (head, body) = client.send(request).await.map_err(|fault| fault.why)?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok(FetchedResponse { status: head.status.as_u16(), body })
    };
    let timed = tokio::time::timeout(TIME_MAX, answered).await;
    timed.unwrap_or_else(|_| Err("no answer in 30 s".into())).map_err(failed)
}
