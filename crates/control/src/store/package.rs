//! The record of a package: a dictionary with its versions, and the domains that use one.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::units::EpochSeconds;

/// A package.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Package {
    /// Owner.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// `F…`.
    pub id: String,
    /// Unique in its account and region.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// When it was made.
    pub created: EpochSeconds,
    /// When its last version was made.
    pub updated: EpochSeconds,
    /// In the order they were made.
    pub versions: Vec<PackageVersion>,
    /// The domains that use it.
    pub associations: Vec<PackageAssociation>,
    /// Accounts that may see it and use it beside its own; `GLOBAL` among them: all.
    #[serde(default)]
    pub users: BTreeSet<String>,
}

/// In place of an account: every account.
pub(crate) const EVERYBODY: &str = "GLOBAL";

/// One version of a package.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackageVersion {
    /// 1 …; never used again.
    pub number: u64,
    /// When it was made.
    pub created: EpochSeconds,
    /// What was said of it.
    pub commit_message: Option<String>,
    /// What is in it, as long as it is the newest one or a domain uses it.
    pub text: Option<Arc<str>>,
    /// Why there is nothing in it.
    pub fault: Option<PackageFault>,
}

/// Why a version cannot be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackageFault {
    /// `COPY_FAILED` or `VALIDATION_FAILED`.
    pub status: String,
    /// One word.
    pub kind: String,
    /// For people.
    pub message: String,
}

/// A domain that uses a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageAssociation {
    /// Its name.
    pub domain: String,
    /// Whose it is, where it is not the package's own account's.
    #[serde(default)]
    pub account: Option<String>,
    /// The version that it uses.
    pub version: u64,
    /// Since when.
    pub updated: EpochSeconds,
}

impl PackageVersion {
    /// `v1`.
    pub fn name(&self) -> String {
        format!("v{}", self.number)
    }
}

impl Package {
    /// Whether `account` may see it and use it.
    pub fn is_for(&self, account: &str) -> bool {
        self.account == account || self.users.contains(account) || self.users.contains(EVERYBODY)
    }

    /// How a domain uses it.
    pub fn association(&self, account: &str, domain: &str) -> Option<&PackageAssociation> {
        self.associations.iter().find(|one| one.domain == domain && self.user(one) == account)
    }

    /// The account whose domain uses it.
    pub fn user<'r>(&'r self, one: &'r PackageAssociation) -> &'r str {
        one.account.as_ref().unwrap_or(&self.account)
    }

    /// `PackageStatus`.
    pub fn status(&self) -> &str {
        let fault = self.versions.last().and_then(|version| version.fault.as_ref());
        fault.map_or("AVAILABLE", |fault| &fault.status)
    }

    /// The newest version that can be used.
    pub fn available(&self) -> Option<&PackageVersion> {
        self.versions.iter().rev().find(|version| version.fault.is_none())
    }

    /// Lets go the texts that are not the newest and that no domain uses.
    pub(crate) fn forget_unused(&mut self) {
        let newest = self.available().map(|version| version.number);
        let used: Vec<u64> = self.associations.iter().map(|one| one.version).collect();
        for version in &mut self.versions {
            if Some(version.number) != newest && !used.contains(&version.number) {
                version.text = None;
            }
        }
    }
}

/// Key of a package.
pub(crate) fn package_key(account: &str, region: &str, id: &str) -> String {
    format!("{account}/{region}/{id}")
}
