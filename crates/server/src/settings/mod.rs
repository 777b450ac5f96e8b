//! The settings of `countersign serve`: **one table** ([`TABLE`]). The typed [`Settings`], the parser of the file, of the
//! environment and of `--set`, `--help`, `config show|schema` and `docs/reference/config.md` are all made from it.

mod file;
mod kind;
mod named;
mod oidc_clients;
mod origins;
mod page;
mod pools;
mod read;
mod s3_clients;
mod table;

pub(crate) use kind::ValueForm;
pub use kind::{Accounts, CertificateFiles, OnAuditFailure};
pub use oidc_clients::OidcClientSettings;
pub use origins::SettingOrigins;
pub use page::{help, page, schema};
pub use pools::{KubernetesPool, PoolKind, PoolSettings, ProcessPool};
pub use read::{EffectiveSettings, SettingsError};
pub use s3_clients::S3ClientSettings;
pub use table::*;

use std::path::Path;

/// What the environment variables of settings begin with.
pub const VARIABLE_PREFIX: &str = "COUNTERSIGN_";

/// Of `dev`: a subnet in each of three zones.
const LAPTOP_SUBNETS: &str = "subnet-0000000000000000a=127.0.0.0/8;::1,subnet-0000000000000000b=127.0.0.0/8;::1,\
                              subnet-0000000000000000c=127.0.0.0/8;::1";
const LAPTOP_GROUP: &str = "sg-00000000000000001=127.0.0.0/8;::1";

impl Settings {
    /// The pool whose cluster serves the domain of this ARN, if one does: one that names it, or else the one that names most of it.
    pub(crate) fn pool_of(&self, arn: &str) -> Option<(&str, &PoolSettings)> {
        let serves = self.pools.iter().filter(|(_, pool)| pool.serves(arn));
        let named = serves.max_by_key(|(_, pool)| (pool.domain == arn, pool.domain.len()));
        named.map(|(name, pool)| (name.as_str(), pool))
    }

    /// The settings of one person's laptop, where `dev` runs: everything comes from one address, and what is tried on
    /// purpose must not be stopped by a limit of failures.
    #[must_use]
    pub fn laptop() -> Self {
        let mut settings = Self { open_policies: true, ..Self::default() };
        // Stacks that trust a vendor's account are tried as they are.
        settings.foreign_principals = true;
        // What is written there is as encrypted as that is.
        settings.storage_encrypted = true;
        // A VPC in which everything on this machine is.
        settings.vpc.subnets = kind::SUBNETS.read(LAPTOP_SUBNETS).unwrap_or_default();
        settings.vpc.security_groups = kind::SECURITY_GROUPS.read(LAPTOP_GROUP).unwrap_or_default();
        // Its disk holds other things, too, and is often nearly full.
        settings.engine.disk_watermarks = false;
        settings.domain_defaults.signature_diagnostics = true;
        settings.limits.failed_signatures_burst = 0;
        settings.limits.failed_signatures_per_second = 0;
        settings.limits.connections_per_address = 0;
        settings.limits.connections_per_listener = 0;
        settings
    }
}

/// What a file that was read again changes.
#[derive(Debug)]
pub(crate) struct RereadSettings {
    /// The settings from now on.
    pub(crate) settings: Settings,
    /// What is another from now on, by name.
    pub(crate) changed: Vec<&'static str>,
    /// What would be, and waits for the next start.
    pub(crate) waiting: Vec<&'static str>,
}

impl Settings {
    /// These settings with what a running service takes from `fresh`.
    pub(crate) fn reread(&self, fresh: &Settings) -> RereadSettings {
        let (mut changed, mut waiting) = (Vec::new(), Vec::new());
        let mut settings = self.clone();
        for row in TABLE.iter().filter(|row| (row.get)(self) != (row.get)(fresh)) {
            if row.live {
                (row.copy)(&mut settings, fresh);
                changed.push(row.name);
            } else {
                waiting.push(row.name);
            }
        }
        RereadSettings { settings, changed, waiting }
    }
}

impl TlsSettings {
    /// The certificate chain and the key, when they are the operator's.
    pub(crate) fn files(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }
}

#[cfg(test)]
mod tests;
