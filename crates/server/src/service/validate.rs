//! What settings name on the disk, looked at without starting anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::clusters;
use crate::provisioning;
use crate::service::buckets;
use crate::service::folder::sealing_key_in;
use crate::service::organization;
use crate::service::start::{certificates_in, password_in};
use crate::settings::{EffectiveSettings, PoolKind, PoolSettings, Settings, SettingsError};
use crate::traces;
use crate::transport::{certificates, tls};

/// Reads the certificates, keys, passwords and policies that settings name.
///
/// # Errors
/// Every file that cannot be used, with the place of the setting that names it.
pub fn validate(effective: &EffectiveSettings) -> Result<(), SettingsError> {
    let settings = &effective.settings;
    let mut faults = Vec::new();
    let mut fault = |name: &str, why: String| {
        faults.push(format!("{}: {name}: {why}", effective.place(name)));
    };
    if let Some((chain, key)) = settings.tls.files()
        && let Err(error) = tls::from_files(chain, key)
    {
        let name = if error.path() == Some(key) { "tls.key" } else { "tls.certificate" };
        fault(name, error.to_string());
    }
    if let Err(error) = certificates::read(&settings.acm.certificates) {
        fault("acm.certificates", error.to_string());
    }
    for (name, pool) in &settings.pools {
        let made = match &pool.kind {
            PoolKind::Process(nodes) => provisioning::check(nodes),
            PoolKind::Attach | PoolKind::Kubernetes(_) => Ok(()),
        };
        if let Err(why) = clusters::check_pool(pool).and(made) {
            fault("pools", format!("{name}: {why}"));
        }
    }
    for (one, other, folder) in shared_manifests(&settings.pools) {
        let folder = folder.display();
        let why = format!(
            "{one} and {other} write their manifests into one folder ({folder}): expected one for each, because a manifest is named after \
             its domain alone"
        );
        fault("pools", why);
    }
    for (one, other) in shared_nodes(&settings.pools) {
        let why = format!(
            "{one} and {other} have a node in common, and one of them a prefix: expected all domains that share a cluster in one pool"
        );
        fault("pools", why);
    }
    if let Err(why) = traces::check(&settings.traces) {
        fault("traces.endpoint", why);
    }
    if let Err(why) = traces::check_logs(settings) {
        fault("audit.otlp", why);
    }
    for (name, client) in &settings.s3_clients {
        if let Err(why) = buckets::check(client) {
            fault("s3_clients", format!("{name}: {why}"));
        }
    }
    for why in unreadable_secrets(settings) {
        fault("console.oidc", why);
    }
    let state = &settings.state;
    for (name, read) in [
        (
            "state.sealing_key_file",
            state.sealing_key_file.as_ref().map(|path| sealing_key_in(path).err()),
        ),
        ("audit.key_file", settings.audit.key_file.as_ref().map(|path| sealing_key_in(path).err())),
        ("state.password_file", state.password_file.as_ref().map(|path| password_in(path).err())),
        ("state.tls_ca", state.tls_ca.as_ref().map(|path| certificates_in(path).err())),
    ] {
        if let Some(error) = read.flatten() {
            fault(name, error.to_string());
        }
    }
    organization::faults(settings).into_iter().for_each(|(setting, why)| fault(setting, why));
    SettingsError::of(faults)
}

/// Identity providers of the console whose secret cannot be read, and why.
fn unreadable_secrets(settings: &Settings) -> impl Iterator<Item = String> {
    let clients = settings.console.oidc.iter();
    clients.filter_map(|(name, client)| Some(format!("{name}: {}", client.secret_in_file().err()?)))
}

/// Pools of one cluster that do not keep their domains apart.
fn shared_nodes(pools: &BTreeMap<String, PoolSettings>) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, (name, pool)) in pools.iter().enumerate() {
        for (other, beside) in pools.iter().skip(at + 1) {
            let apart = pool.prefix.is_none() && beside.prefix.is_none();
            if !apart && pool.urls.iter().any(|url| beside.urls.contains(url)) {
                found.push((name.as_str(), other.as_str()));
            }
        }
    }
    found
}

/// Pools of kind `kubernetes` that write into the same folder.
fn shared_manifests(pools: &BTreeMap<String, PoolSettings>) -> Vec<(&str, &str, &Path)> {
    let mut known: BTreeMap<PathBuf, &str> = BTreeMap::new();
    let mut shared = Vec::new();
    for (name, pool) in pools {
        let PoolKind::Kubernetes(made) = &pool.kind else { continue };
        let folder = made.manifests.as_path();
        // One that is not there yet is known by its name alone.
        let place = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        match known.get(&place) {
            Some(other) => shared.push((*other, name.as_str(), folder)),
            None => drop(known.insert(place, name)),
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::KubernetesPool;

    #[test]
    fn domains_that_share_a_cluster_are_in_one_pool() {
        let pool = |url: &str, prefix: Option<&str>| {
            let pool = PoolSettings::new(String::new(), vec![url.to_owned()]);
            PoolSettings { prefix: prefix.map(str::to_owned), ..pool }
        };
        let pools = BTreeMap::from([
            ("a".to_owned(), pool("http://127.0.0.1:1", Some("{domain}."))),
            ("b".to_owned(), pool("http://127.0.0.1:1", None)),
            ("c".to_owned(), pool("http://127.0.0.1:2", None)),
            ("d".to_owned(), pool("http://127.0.0.1:2", None)),
        ]);
        assert_eq!(shared_nodes(&pools), [("a", "b")]);
    }

    #[test]
    fn two_pools_that_write_manifests_need_two_folders() {
        let pool = |manifests: PathBuf| {
            let kind = PoolKind::Kubernetes(KubernetesPool { manifests, ..Default::default() });
            PoolSettings { kind, ..PoolSettings::new(String::new(), Vec::new()) }
        };
        let folder = std::env::temp_dir();
        let pools = BTreeMap::from([
            ("a".to_owned(), pool(folder.clone())),
            ("b".to_owned(), pool(folder.join("."))),
            ("c".to_owned(), pool(folder.join("other"))),
        ]);
        let shared = shared_manifests(&pools);
        assert_eq!(shared, [("a", "b", folder.join(".").as_path())]);
    }
}
