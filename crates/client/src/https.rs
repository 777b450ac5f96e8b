//! The one HTTP client of everything that we send ourselves: the signing proxy, the command line, `doctor`, and the
//! service's questions to identity providers. TLS is always verified, redirects are answers, there is no cookie
//! jar: a signature is for one request.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use crate::chain::causes;
use crate::spool::SpooledBody;

/// Idle connections to one host that are kept for the next request.
const IDLE_CONNECTIONS_MAX: usize = 32;
const IDLE_SECONDS_MAX: u64 = 30;

/// HTTP/1.1 over TLS, with a pool of connections. Plain HTTP where a URL says so: [`Endpoint`](crate::endpoint::Endpoint)
/// allows it on loopback only.
pub struct HttpsClient(Client<HttpsConnector<HttpConnector>, SpooledBody>);

/// Why an exchange came to no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpFault {
    /// In words: the endpoint cannot be reached, its certificate is not trusted, or it broke off.
    pub why: String,
    /// Whether nothing of the request was sent.
    pub nothing_sent: bool,
}

impl std::fmt::Display for HttpFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for HttpFault {}

impl HttpsClient {
    /// A client that trusts what `tls` does ([`trust`]).
    #[must_use]
    pub fn new(tls: ClientConfig) -> Self {
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls);
        Self::over(tls.https_or_http().enable_http1().build())
    }

    /// As [`HttpsClient::new`], with connections within `connect_time_max`.
    #[must_use]
    pub fn within(tls: ClientConfig, connect_time_max: Duration) -> Self {
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        Self::over(tls.enable_http1().wrap_connector(tcp(connect_time_max)))
    }

    /// A client that expects a certificate for `name` wherever it connects to, within `connect_time_max`: for URLs of
    /// addresses.
    #[must_use]
    pub(crate) fn expecting(
        name: ServerName<'static>,
        tls: ClientConfig,
        connect_time_max: Duration,
    ) -> Self {
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let tls = tls.with_server_name_resolver(FixedServerNameResolver::new(name));
        Self::over(tls.enable_http1().wrap_connector(tcp(connect_time_max)))
    }

    fn over(connector: HttpsConnector<HttpConnector>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS_MAX))
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(connector);
        Self(client)
    }

    /// Sends a request with an absolute URL. `host` is added where the request has none, and the length of its
    /// body; nothing else. The answer's body streams.
    ///
    /// # Errors
    /// [`HttpFault`].
    pub async fn send(
        &self,
        request: Request<SpooledBody>,
    ) -> Result<Response<Incoming>, HttpFault> {
        self.0.request(request).await.map_err(|error| HttpFault::of(&error))
    }
}

impl HttpFault {
    /// What is below tells why; the client's own text only says that it was the client.
    pub(crate) fn of(error: &hyper_util::client::legacy::Error) -> Self {
        let why = std::error::Error::source(error).map_or_else(|| error.to_string(), causes);
        Self { why, nothing_sent: error.is_connect() }
    }
}

/// Connects within this time.
pub(crate) fn tcp(connect_time_max: Duration) -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(connect_time_max));
    connector
}

/// TLS 1.2 and 1.3, trusting the roots of a PEM file, or the system's where none is named.
///
/// # Errors
/// In words: the file cannot be read, or there is no certificate authority in it.
///
/// ```
/// let missing = client::https::trust(Some(std::path::Path::new("no-such-folder/ca.pem")));
/// assert!(missing.unwrap_err().starts_with("no-such-folder/ca.pem: "));
/// ```
pub fn trust(ca: Option<&Path>) -> Result<ClientConfig, String> {
    trusting(roots(ca)?)
}

/// As [`trust`], and a certificate of our own with its key, both PEM, for a server that asks for one.
///
/// # Errors
/// As [`trust`]; the certificate or its key cannot be read, or they do not belong together.
pub fn trust_and_show(
    ca: Option<&Path>,
    (certificate, key): (&Path, &Path),
) -> Result<ClientConfig, String> {
    let unreadable =
        |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(certificate, &error))?;
    if chain.is_empty() {
        return Err(format!("{}: holds no certificate", certificate.display()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    let config = tls()?.with_root_certificates(roots(ca)?).with_client_auth_cert(chain, secret);
    config.map_err(|error| unreadable(key, &error))
}

/// TLS that trusts nobody: for what is reached over plain HTTP, on loopback.
///
/// # Errors
/// In words: the cryptographic library has no TLS 1.2 or 1.3.
pub fn trusting_nobody() -> Result<ClientConfig, String> {
    trusting(RootCertStore::empty())
}

/// TLS 1.2 and 1.3, trusting these roots.
pub(crate) fn trusting(roots: impl Into<Arc<RootCertStore>>) -> Result<ClientConfig, String> {
    Ok(tls()?.with_root_certificates(roots).with_no_client_auth())
}

/// TLS 1.2 and 1.3; whom it trusts is still to be said.
pub(crate) fn tls() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    versions.map_err(|error| error.to_string())
}

/// The certificate authorities of a PEM file, or the system's where none is named.
///
/// # Errors
/// In words: the file cannot be read, or there is no certificate authority in it.
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
