//! One verified handshake that keeps the certificates it judged, so that a refused one can be told
//! about. The judge is webpki, asked once; what it refuses ends the connection
//! (`docs/decisions/0071-doctor-looks-it-does-not-trust.md`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore};
use rustls::{Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::certificate::Certificate;
use crate::chain::causes;
use crate::endpoint::Endpoint;
use crate::https;

/// A handshake that succeeded.
#[derive(Clone, Debug)]
pub struct TlsHandshake {
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

/// Makes the handshake, and closes.
pub(super) async fn shake(
    endpoint: &Endpoint,
    roots: &Arc<RootCertStore>,
    stream: TcpStream,
) -> Result<TlsHandshake, TlsFailure> {
    let verifier = Arc::new(RecordingVerifier::new(roots).map_err(TlsFailure::broken)?);
    let name = server_name(endpoint).map_err(TlsFailure::broken)?;
    let config = https::tls()
        .map_err(TlsFailure::broken)?
        .dangerous() // as rustls names every verifier of one's own; this one only asks webpki
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => {
            let version = stream.get_ref().1.protocol_version();
            let version = version.map_or_else(String::new, |version| format!("{version:?}"));
            Ok(TlsHandshake { version: version.replace('_', "."), chain: verifier.chain() })
        }
        Err(error) => {
            let fault = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
            let fault = fault.map_or(TlsFault::Broken, fault_of);
            Err(TlsFailure { fault, cause: causes(&error), chain: verifier.chain() })
        }
    }
}

/// The name that the endpoint's certificate must be for.
pub(super) fn server_name(endpoint: &Endpoint) -> Result<ServerName<'static>, String> {
    let host = endpoint.host().trim_matches(['[', ']']).to_owned();
    ServerName::try_from(host).map_err(|error| error.to_string())
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
struct RecordingVerifier {
    judge: Arc<WebPkiServerVerifier>,
    seen: Mutex<Vec<Certificate>>,
}

impl RecordingVerifier {
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

impl fmt::Debug for RecordingVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordingVerifier")
    }
}

impl ServerCertVerifier for RecordingVerifier {
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
