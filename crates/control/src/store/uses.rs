//! What principals did, and when last: a record for each, told by iam's "last accessed" operations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::units::EpochSeconds;

/// One principal's uses of its credentials and of services.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PrincipalUses {
    /// Owner.
    pub account: String,
    /// `AIDA…`, `AROA…`, or of root the account.
    pub principal_id: String,
    /// By access key id; a password by [`PASSWORD`].
    pub credentials: BTreeMap<String, LastUse>,
    /// By the prefix of their actions (`es`), then by action without it.
    pub services: BTreeMap<String, BTreeMap<String, LastUse>>,
}

/// A last time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// When.
    pub at: EpochSeconds,
    /// The region of the credential scope.
    pub region: String,
    /// The prefix of the service.
    pub service: String,
}

/// A report on what was accessed last, as it was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessReport {
    /// The job's id.
    pub id: String,
    /// Of whom, or of which policy.
    pub arn: String,
    /// Whether single actions are told.
    pub actions: bool,
    /// When it was asked for.
    pub created: EpochSeconds,
}

/// The name of a password among credentials.
pub const PASSWORD: &str = "password";

impl PrincipalUses {
    /// The last use of a service, by whatever action.
    pub fn service(&self, service: &str) -> Option<&LastUse> {
        self.services.get(service)?.values().max_by_key(|it| it.at)
    }

    /// The last use of anything.
    pub fn last(&self) -> Option<&LastUse> {
        self.services.values().flat_map(BTreeMap::values).max_by_key(|it| it.at)
    }

    /// Takes over what `newer` knows more lately.
    pub(crate) fn merge(&mut self, newer: PrincipalUses) {
        let later = |kept: &mut BTreeMap<String, LastUse>, name: String, used: LastUse| {
            let known = kept.entry(name).or_default();
            if used.at >= known.at {
                *known = used;
            }
        };
        for (name, used) in newer.credentials {
            later(&mut self.credentials, name, used);
        }
        for (service, actions) in newer.services {
            let kept = self.services.entry(service).or_default();
            for (action, used) in actions {
                later(kept, action, used);
            }
        }
    }
}
