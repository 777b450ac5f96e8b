//! One verified handshake that keeps the certificates it judged, so that a refused one can be told
//! about. The judge is webpki, asked once; what it refuses ends the connection
//! (`docs/decisions/0071-doctor-looks-it-does-not-trust.md`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore};
use rustls::{Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::Certificate;
use crate::chain::causes;
use crate::endpoint::Endpoint;

/// A handshake that succeeded.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// `TLSv1.3`, say.
    pub version: String,
    /// The certificates that were presented, the endpoint's own first.
    pub chain: Vec<Certificate>,
}

/// One that did not.
#[derive(Clone, Debug)]
pub struct TlsFailure {
    /// Which rule.
    pub fault: TlsFault,
    /// The library's words.
    pub cause: String,
    /// The certificates that were presented, as far as they came.
    pub chain: Vec<Certificate>,
}

/// Why a handshake fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// No trusted authority signed the chain.
    UnknownIssuer,
    /// An authority of the right name is trusted, and has another key.
    OtherKey,
    /// The certificate is for other names.
    WrongName,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// Another fault of the certificate.
    Certificate,
    /// What answers does not speak TLS.
    NotTls,
    /// Anything else: cut off, no common version, too slow.
    Broken,
}

impl TlsFailure {
    pub(super) fn broken(cause: String) -> Self {
        Self { fault: TlsFault::Broken, cause, chain: Vec::new() }
    }
}

/// Makes the handshake.
pub(super) async fn shake(
    endpoint: &Endpoint,
    roots: &Arc<RootCertStore>,
    stream: TcpStream,
) -> Result<(TlsStream<TcpStream>, Handshake), TlsFailure> {
    let noting = Arc::new(Noting::new(roots).map_err(TlsFailure::broken)?);
    let name = endpoint.host().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(|error| TlsFailure::broken(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsFailure::broken(error.to_string()))?
        .dangerous() // as rustls names every verifier of one's own; this one only asks webpki
        .with_custom_certificate_verifier(Arc::clone(&noting) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => {
            let version = stream.get_ref().1.protocol_version();
            let version = version.map_or_else(String::new, |version| format!("{version:?}"));
            Ok((stream, Handshake { version: version.replace('_', "."), chain: noting.chain() }))
        }
        Err(error) => {
            let fault = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
            let fault = fault.map_or(TlsFault::Broken, fault_of);
            Err(TlsFailure { fault, cause: causes(&error), chain: noting.chain() })
        }
    }
}

fn fault_of(error: &Error) -> TlsFault {
    use CertificateError as Bad;
    match error {
        Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => TlsFault::UnknownIssuer,
            Bad::BadSignature => TlsFault::OtherKey,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => TlsFault::WrongName,
            Bad::Expired | Bad::ExpiredContext { .. } => TlsFault::Expired,
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => TlsFault::NotYetValid,
            _ => TlsFault::Certificate,
        },
        Error::InvalidMessage(_) => TlsFault::NotTls,
        _ => TlsFault::Broken,
    }
}

/// Keeps what it hands to webpki.
struct Noting {
    judge: Arc<WebPkiServerVerifier>,
    seen: Mutex<Vec<Certificate>>,
}

impl Noting {
    fn new(roots: &Arc<RootCertStore>) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let judge = WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), provider);
        let judge = judge.build().map_err(|error| error.to_string())?;
        Ok(Self { judge, seen: Mutex::default() })
    }

    fn chain(&self) -> Vec<Certificate> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Noting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Noting")
    }
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            chain.filter_map(Certificate::read).collect();
        self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
