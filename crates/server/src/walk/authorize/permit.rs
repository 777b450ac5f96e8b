//! That something may be done.

use crate::audit::AuditEntry;

/// That `work` may be done. Nothing is run without one (`service/backends.rs`), and only `authorize` grants them: who
/// forgets to authorize has nothing to run. The one other door is [`Permit::for_service`].
///
/// ```compile_fail,E0423
/// // A permit cannot be made up.
/// use server::for_tests::{ControlWork, Permit};
/// fn forged(work: ControlWork) -> Permit<ControlWork> {
///     Permit(work)
/// }
/// ```
pub struct Permit<W>(W);

/// Why the service does something without being asked by a caller whom the policies allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Accounts with their root keys, looked after at every start, and the first inhabitants of an empty data folder.
    FirstStart,
    /// A session of its role for a local program whose token was right, and whose role's trust policy was asked.
    Workload,
    /// What the directory says about domains becomes listeners and folders.
    Provisioning,
    /// The operator's file of settings was read again.
    Settings,
    /// Who owns the host makes an account, or gets back into one.
    Host,
    /// The records of a domain are written to an index of it.
    Audit,
    /// A domain's indices are copied to the cluster that it moves to.
    Migration,
    /// A test of who runs `dev` moves an account's clock, or clones it.
    Test,
}

impl Reason {
    /// As the audit record says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstStart => "first start",
            Self::Workload => "workload",
            Self::Provisioning => "provisioning",
            Self::Settings => "settings",
            Self::Host => "host",
            Self::Audit => "audit",
            Self::Migration => "migration",
            Self::Test => "test",
        }
    }
}

impl<W> Permit<W> {
    /// The policies allow it.
    pub(super) fn grant(work: W) -> Self {
        Self(work)
    }

    /// The service does it of its own accord, and `entry`, its audit record, says why.
    pub fn for_service(reason: Reason, entry: &mut AuditEntry, work: W) -> Self {
        entry.service_reason = Some(reason.as_str().to_owned());
        Self(work)
    }

    /// What it allows.
    #[must_use]
    pub fn work(&self) -> &W {
        &self.0
    }

    /// What it allows, once.
    #[must_use]
    pub fn spend(self) -> W {
        self.0
    }
}
