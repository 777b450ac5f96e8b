//! TLS: the local certificate authority, the leaf it signs for this service, and the rustls settings.
//!
//! The authority is made once and kept (`ca.pem` and `tls/ca.key` in the data folder), so that what
//! clients trust survives restarts. The leaf lives in memory only and is made anew at each start.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use client::doctor::Certificate;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

/// Years a local authority is valid.
const AUTHORITY_YEARS: i16 = 10;

/// Days a leaf is valid: the longest that Apple's and Go's platform verifiers accept is 825.
const LEAF_DAYS: i32 = 820;

/// Why there is no TLS.
#[derive(Debug)]
pub enum TlsError {
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// A file was read and is not what it should be.
    Damaged(PathBuf, String),
    /// A certificate could not be made.
    Make(String),
}

impl TlsError {
    /// The file that is at fault, if one is.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path, _) | Self::Damaged(path, _) => Some(path),
            Self::Make(_) => None,
        }
    }
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Damaged(path, what) => write!(f, "{} is damaged: {what}", path.display()),
            Self::Make(what) => write!(f, "cannot make a certificate: {what}"),
        }
    }
}

impl std::error::Error for TlsError {}

/// A certificate authority of our own: its certificate and the key that signs leaves.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Opens the authority of a data folder, making it on first start.
    /// `ca.pem` may be given to everybody; `tls/ca.key` is its owner's.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Self, TlsError> {
        let certificate = folder.join("ca.pem");
        let key = folder.join("tls").join("ca.key");
        match (read_if_there(&certificate)?, read_if_there(&key)?) {
            (Some(pem), Some(key_pem)) => Self::parse(&certificate, pem, &key, &key_pem),
            (None, None) => {
                let (authority, key_pem) = Self::make(now)?;
                let tls = folder.join("tls");
                crate::service::private_file::folder(&tls)
                    .map_err(|error| TlsError::File(tls, error))?;
                // The key first: a certificate without its key could never be mended.
                crate::service::private_file::write(&key, &key_pem)
                    .map_err(|error| TlsError::File(key, error))?;
                crate::service::private_file::write(&certificate, &authority.pem)
                    .map_err(|error| TlsError::File(certificate, error))?;
                Ok(authority)
            }
            (Some(_), None) => Err(TlsError::Damaged(key, "missing while ca.pem is there".into())),
            (None, Some(_)) => {
                Err(TlsError::Damaged(certificate, "missing while tls/ca.key is there".into()))
            }
        }
    }

    fn parse(path: &Path, pem: String, key_path: &Path, key_pem: &str) -> Result<Self, TlsError> {
        let key = KeyPair::from_pem(key_pem)
            .map_err(|error| TlsError::Damaged(key_path.into(), error.to_string()))?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key)
            .map_err(|error| TlsError::Damaged(path.into(), error.to_string()))?;
        Ok(Self { pem, issuer })
    }

    /// A new authority and its key in PEM.
    pub fn make(now: Timestamp) -> Result<(Self, String), TlsError> {
        let key = KeyPair::generate().map_err(make)?;
        let mut params = CertificateParams::new(Vec::new()).map_err(make)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "countersign local authority");
        params.distinguished_name.push(DnType::OrganizationName, "countersign");
        set_validity(&mut params, now, 0, AUTHORITY_YEARS);
        let pem = params.self_signed(&key).map_err(make)?.pem();
        let key_pem = key.serialize_pem();
        Ok((Self { pem, issuer: Issuer::new(params, key) }, key_pem))
    }

    /// The authority's certificate in PEM: what clients must trust.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The settings of a TLS server with a fresh leaf for `names` (DNS names and addresses).
    pub fn server_config(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<Arc<ServerConfig>, TlsError> {
        Ok(ServedTls::new(self.leaf(names, now)?)?.configs.newest)
    }

    /// A fresh leaf for `names` (DNS names and addresses), with its key.
    pub(crate) fn leaf(&self, names: &[String], now: Timestamp) -> Result<CertifiedKey, TlsError> {
        let key = KeyPair::generate().map_err(make)?;
        let mut params = CertificateParams::new(names).map_err(make)?;
        let common_name = names.first().map_or("localhost", String::as_str);
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, now, LEAF_DAYS, 0);
        let leaf = params.signed_by(&key, &self.issuer).map_err(make)?;
        let authority = CertificateDer::from_pem_slice(self.pem.as_bytes())
            .map_err(|error| TlsError::Make(error.to_string()))?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        certified(vec![leaf.der().clone(), authority], key)
            .map_err(|error| TlsError::Make(error.to_string()))
    }
}

/// The certificate that listeners show, and the settings under which they do. Another certificate can take its place while
/// they listen: handshakes from then on show that one.
#[derive(Clone, Debug)]
pub struct ServedTls {
    /// Of every listener.
    pub(crate) configs: TlsConfigs,
    certificate: Arc<ServedCertificate>,
    /// Why the files that were written last are not shown.
    unused: Arc<Mutex<Option<String>>>,
}

/// The settings of one listener, by the versions of TLS that they speak.
#[derive(Clone, Debug)]
pub(crate) struct TlsConfigs {
    /// TLS 1.2 and 1.3.
    pub(crate) newest: Arc<ServerConfig>,
    /// TLS 1.2 alone.
    pub(crate) tls_1_2: Arc<ServerConfig>,
}

impl TlsConfigs {
    /// Those that show what `resolver` says. On aws-lc-rs, offering HTTP/2 and HTTP/1.1; nothing older than TLS 1.2, no suite
    /// without forward secrecy, no client certificates.
    fn showing(resolver: &Arc<dyn ResolvesServerCert>) -> Result<Self, TlsError> {
        let speaking = |versions: &[&'static SupportedProtocolVersion]| {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let config = ServerConfig::builder_with_provider(provider)
                .with_protocol_versions(versions)
                .map_err(|error| TlsError::Make(error.to_string()))?;
            let mut config = config.with_no_client_auth().with_cert_resolver(Arc::clone(resolver));
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Arc::new(config))
        };
        let newest = speaking(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
        Ok(Self { newest, tls_1_2: speaking(&[&rustls::version::TLS12])? })
    }

    /// The same with another resolver, made of the one that they have.
    pub(crate) fn with(
        &self,
        resolver: impl Fn(Arc<dyn ResolvesServerCert>) -> Arc<dyn ResolvesServerCert>,
    ) -> Self {
        let with = |config: &ServerConfig| {
            let mut config = ServerConfig::clone(config);
            config.cert_resolver = resolver(Arc::clone(&config.cert_resolver));
            Arc::new(config)
        };
        Self { newest: with(&self.newest), tls_1_2: with(&self.tls_1_2) }
    }
}

#[derive(Debug)]
struct ServedCertificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for ServedCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ServedTls {
    /// What listeners serve that show `certificate`.
    pub(crate) fn new(certificate: CertifiedKey) -> Result<Self, TlsError> {
        let certificate = Arc::new(ServedCertificate(ArcSwap::from_pointee(certificate)));
        let shown: Arc<dyn ResolvesServerCert> = Arc::<ServedCertificate>::clone(&certificate);
        Ok(Self { configs: TlsConfigs::showing(&shown)?, certificate, unused: Arc::default() })
    }

    /// What is wrong at `now` with the certificate that listeners show, or with the one that should be in its place.
    pub(crate) fn fault(&self, now: Timestamp) -> Option<String> {
        let shown = self.certificate.0.load();
        if let Some(leaf) = shown.cert.first().and_then(Certificate::read) {
            let Certificate { not_before, not_after, .. } = leaf;
            if now > not_after {
                return Some(format!("the certificate ended at {not_after}"));
            }
            if now < not_before {
                return Some(format!("the certificate begins at {not_before}"));
            }
        }
        self.unused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says why the files that were written last are not shown; `None`: they are.
    pub(crate) fn set_unused(&self, why: Option<String>) {
        *self.unused.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Shows another certificate from now on.
    pub(crate) fn show(&self, certificate: CertifiedKey) {
        self.certificate.0.store(Arc::new(certificate));
    }
}

/// The operator's certificate, and its chain's text. Both files are PEM.
pub(crate) fn from_files(chain: &Path, key: &Path) -> Result<(CertifiedKey, String), TlsError> {
    let read =
        |path: &Path| fs::read_to_string(path).map_err(|error| TlsError::File(path.into(), error));
    let pem = read(chain)?;
    let certificates =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    let certificates =
        certificates.map_err(|error| TlsError::Damaged(chain.into(), error.to_string()))?;
    if certificates.is_empty() {
        return Err(TlsError::Damaged(chain.into(), "no certificate in it".into()));
    }
    let key_der = PrivateKeyDer::from_pem_slice(read(key)?.as_bytes())
        .map_err(|error| TlsError::Damaged(key.into(), error.to_string()))?;
    // A key of another certificate, too, is the key file's fault.
    let certified = certified(certificates, key_der)
        .map_err(|error| TlsError::Damaged(key.into(), error.to_string()))?;
    Ok((certified, pem))
}

/// The names every leaf of a loopback service carries.
#[must_use]
pub fn loopback_names() -> Vec<String> {
    let addresses = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    std::iter::once("localhost".to_owned())
        .chain(addresses.map(|address| address.to_string()))
        .collect()
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, rustls::Error> {
    CertifiedKey::from_der(chain, key, &rustls::crypto::aws_lc_rs::default_provider())
}

/// From yesterday (clocks of containers lag) for the given days and years, at midnight UTC.
fn set_validity(params: &mut CertificateParams, now: Timestamp, days: i32, years: i16) {
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let from = today.checked_sub(1.day()).unwrap_or(today);
    let until = today.checked_add(years.years().days(days)).unwrap_or(today);
    let date = |date: jiff::civil::Date| {
        let part = |value: i8| u8::try_from(value).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = date(from);
    params.not_after = date(until);
}

fn make(error: rcgen::Error) -> TlsError {
    TlsError::Make(error.to_string())
}

/// `None` when the file does not exist: that is a first start, not a fault.
fn read_if_there(path: &Path) -> Result<Option<String>, TlsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TlsError::File(path.into(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_authority_is_made_once_and_kept() {
        let folder = crate::service::private_file::scratch("authority-kept");
        let first = Authority::open(&folder, now()).unwrap().pem().to_owned();
        let second = Authority::open(&folder, now()).unwrap().pem().to_owned();
        assert_eq!(first, second);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_authority_without_its_key_is_refused_and_the_file_named() {
        let folder = crate::service::private_file::scratch("authority-keyless");
        Authority::open(&folder, now()).unwrap();
        fs::remove_file(folder.join("tls/ca.key")).unwrap();
        let Err(error) = Authority::open(&folder, now()) else { panic!("opened without key") };
        assert!(error.to_string().contains("ca.key is damaged: missing"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_reopened_authority_signs_leaves() {
        let folder = crate::service::private_file::scratch("authority-signs");
        Authority::open(&folder, now()).unwrap();
        let reopened = Authority::open(&folder, now()).unwrap();
        assert!(reopened.server_config(&loopback_names(), now()).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
