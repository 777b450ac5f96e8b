//! The certificate that listeners show, and the names that it has.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};

use rustls::sign::CertifiedKey;

use crate::guards::limits::CERTIFIED_REGIONS_MAX;
use crate::service::clock::Clock;
use crate::service::state::ServiceState;
use crate::settings::Settings;
use crate::transport::host;
use crate::transport::tls::{self, Authority, TlsError};

/// A certificate that listeners can show.
pub(super) struct OwnCertificate {
    pub(super) certificate: CertifiedKey,
    /// What clients must trust, as text and as the file that it is from.
    pub(super) trusted_pem: String,
    pub(super) trusted: PathBuf,
}

/// As [`make`], before anybody looked where there are domains.
pub(super) fn at_start(
    folder: &Path,
    settings: &Settings,
    clock: Clock,
) -> Result<OwnCertificate, TlsError> {
    make(folder, settings, &BTreeSet::new(), clock)
}

/// The operator's certificate, or a leaf of the local authority of `folder`, with the hosts of domains in the service's own
/// region and in `regions`.
pub(super) fn make(
    folder: &Path,
    settings: &Settings,
    regions: &BTreeSet<String>,
    clock: Clock,
) -> Result<OwnCertificate, TlsError> {
    if let Some((chain, key)) = settings.tls.files() {
        let (certificate, trusted_pem) = tls::from_files(chain, key)?;
        return Ok(OwnCertificate { certificate, trusted_pem, trusted: chain.to_owned() });
    }
    let authority = Authority::open(folder, clock.now())?;
    let certificate = authority.leaf(&names(settings, regions), clock.now())?;
    let trusted_pem = authority.pem().to_owned();
    Ok(OwnCertificate { certificate, trusted_pem, trusted: folder.join("ca.pem") })
}

/// The regions beside the service's own whose hosts its own certificate has. Whoever shows another certificate holds them
/// from reading the settings until it is shown: two would show each other's older one.
pub(super) fn turn(state: &ServiceState) -> MutexGuard<'_, BTreeSet<String>> {
    state.certified_regions.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the service's own certificate have the hosts of domains in `region`. Does nothing where the operator has one, or where
/// domains have no hosts of their own.
pub(super) fn cover(state: &ServiceState, region: &str) -> Result<(), TlsError> {
    let mut certified = turn(state);
    let settings = state.settings();
    let own = settings.tls.files().is_none() && settings.domains.endpoint_suffix.is_some();
    if !own || region == settings.region || certified.contains(region) {
        return Ok(());
    }
    let mut regions = still_used(state, &certified);
    if regions.len() >= CERTIFIED_REGIONS_MAX {
        let what = format!(
            "its own certificate has the hosts of {CERTIFIED_REGIONS_MAX} regions already; set tls.certificate for more"
        );
        return Err(TlsError::Make(what));
    }
    regions.insert(region.to_owned());
    state.tls.show(make(&state.folder, &settings, &regions, state.clock)?.certificate);
    *certified = regions;
    Ok(())
}

/// Those of `regions` in which there are domains yet.
pub(super) fn still_used(state: &ServiceState, regions: &BTreeSet<String>) -> BTreeSet<String> {
    let directory = state.control.directory();
    let used: BTreeSet<&str> = directory.domains().map(|domain| domain.region.as_str()).collect();
    regions.iter().filter(|region| used.contains(region.as_str())).cloned().collect()
}

/// The name that clients use for the control plane: the one it listens on, unless that is an address of
/// this machine.
pub(super) fn name_of(settings: &Settings) -> String {
    let host = host::host_name(&settings.control.listen);
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) if ip.is_loopback() || ip.is_unspecified() => settings.public_name.clone(),
        Ok(_) | Err(_) => host.to_owned(),
    }
}

/// The names of the certificate: loopback's, and those that clients were told.
fn names(settings: &Settings, regions: &BTreeSet<String>) -> Vec<String> {
    let mut names = tls::loopback_names();
    let control = name_of(settings).trim_matches(['[', ']']).to_owned();
    let suffix = settings.domains.endpoint_suffix.iter();
    let domains = suffix.flat_map(|suffix| {
        let regions = std::iter::once(&settings.region).chain(regions);
        regions.map(move |region| format!("*.{region}.{suffix}"))
    });
    for name in [control, settings.public_name.clone()].into_iter().chain(domains) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_has_the_hosts_of_every_region_that_has_domains() {
        let mut settings = Settings::default();
        let regions = BTreeSet::from(["eu-west-1".to_owned()]);
        let plain = names(&settings, &regions);
        assert!(plain.iter().all(|name| !name.contains('*')), "{plain:?}");
        settings.domains.endpoint_suffix = Some("es.example.org".to_owned());
        let hosts: Vec<String> =
            names(&settings, &regions).into_iter().filter(|name| name.contains('*')).collect();
        assert_eq!(hosts, ["*.us-east-1.es.example.org", "*.eu-west-1.es.example.org"]);
    }
}
