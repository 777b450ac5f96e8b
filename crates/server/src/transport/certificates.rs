//! The certificates of custom endpoints: files that the settings give ARNs of ACM's, and which of them a domain's listener shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::service::state::ServiceState;
use crate::settings::CertificateFiles;
use crate::transport::listener::DomainKey;
use crate::transport::tls::{self, TlsConfigs, TlsError};

/// A certificate with its key, and the names that it has.
#[derive(Debug)]
pub(crate) struct EndpointCertificate {
    certified: Arc<CertifiedKey>,
    /// Its DNS names.
    pub(crate) names: BTreeSet<String>,
}

/// Certificates by ARN.
pub(crate) type EndpointCertificates = BTreeMap<String, EndpointCertificate>;

/// Reads the files.
pub(crate) fn read(
    files: &BTreeMap<String, CertificateFiles>,
) -> Result<EndpointCertificates, TlsError> {
    let read = |(arn, files): (&String, &CertificateFiles)| {
        let (certified, pem) = tls::from_files(&files.chain, &files.key)?;
        let names = control::certificate_names(&pem);
        Ok((arn.clone(), EndpointCertificate { certified: Arc::new(certified), names }))
    };
    files.iter().map(read).collect()
}

/// Those in force; others can take their place while listeners listen.
#[derive(Debug, Default)]
pub(crate) struct ServedCertificates(ArcSwap<EndpointCertificates>);

impl ServedCertificates {
    pub(crate) fn show(&self, certificates: EndpointCertificates) {
        self.0.store(Arc::new(certificates));
    }
}

/// What a domain's listener shows: at its custom endpoint, as the directory says now, that certificate, else the service's own.
pub(crate) fn configs_of(state: &ServiceState, key: &DomainKey) -> TlsConfigs {
    state
        .tls
        .configs
        .with(|own| Arc::new(DomainCertificate { state: state.clone(), key: key.clone(), own }))
}

struct DomainCertificate {
    state: ServiceState,
    key: DomainKey,
    own: Arc<dyn ResolvesServerCert>,
}

impl std::fmt::Debug for DomainCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.key)
    }
}

impl ResolvesServerCert for DomainCertificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let custom = hello.server_name().and_then(|host| self.custom(host));
        custom.or_else(|| self.own.resolve(hello))
    }
}

impl DomainCertificate {
    fn custom(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let DomainKey { account, region, name, .. } = &self.key;
        let directory = self.state.control.directory();
        let (endpoint, arn) = directory.domain(account, region, name)?.custom_endpoint()?;
        let certificates = self.state.endpoint_certificates.0.load();
        let certificate = certificates.get(arn).filter(|_| endpoint.eq_ignore_ascii_case(host))?;
        Some(Arc::clone(&certificate.certified))
    }
}
