//! Who used what, and when last. Every proven request is noted in memory; what was noted is written into the store once a
//! minute, when the service ends, and before anybody asks for it (decision 0149).
//!
//! It cannot grow beyond what there is: principals are those of the directory, actions those that this service knows.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use policy::CallerKind;

use crate::change::Change;
use crate::directory::snapshot::Directory;
use crate::identity::IdentifiedCaller;
use crate::limits::USE_SECONDS;
use crate::operation::Operation;
use crate::store::record::{LastUse, PASSWORD, PrincipalUses, Record, RecordKind};

/// Characters of a region that are kept: the caller chose it.
const REGION_CHARS_MAX: usize = 32;

/// Operations that tell of uses, which are written down before them.
const TELLING: [&str; 9] = [
    "GenerateServiceLastAccessedDetails",
    "GetAccessKeyLastUsed",
    "GetAccountAuthorizationDetails",
    "GetCredentialReport",
    "GetRole",
    "GetServiceLastAccessedDetails",
    "GetServiceLastAccessedDetailsWithEntities",
    "GetUser",
    "ListUsers",
];

/// What was noted and is not written down yet.
#[derive(Default)]
pub(crate) struct UseLedger(Mutex<NotedUses>);

/// Uses by the principal's id.
pub(crate) type NotedUses = HashMap<String, PrincipalUses>;

impl UseLedger {
    /// Notes that `caller`, whose signature or password was proven, asked for `action` (`es:ESHttpGet`), whatever came of it:
    /// "includes all attempts to access an AWS API, not just the successful attempts" (IAM user guide, "Refine permissions using
    /// last accessed information"). Cheap: the same within a minute is not noted again.
    pub(crate) fn note(
        &self,
        directory: &Directory,
        caller: &IdentifiedCaller,
        action: &str,
        region: &str,
        now: Timestamp,
    ) {
        let Some((service, name)) = action.split_once(':') else { return };
        let id = match caller.kind() {
            CallerKind::Root => caller.account.as_str(),
            CallerKind::User => caller.user_id.as_str(),
            CallerKind::AssumedRole => caller.user_id.split(':').next().unwrap_or_default(),
            _ => return,
        };
        let credential = match &caller.access_key_id {
            Some(key) => Some(key.as_str()).filter(|_| !caller.is_session()),
            None => Some(PASSWORD).filter(|_| caller.kind() == CallerKind::User),
        };
        let at = now.as_second();
        let fresh = |used: Option<&LastUse>| used.is_some_and(|it| at - it.at < USE_SECONDS);
        let knows = |known: &PrincipalUses| {
            fresh(known.services.get(service).and_then(|actions| actions.get(name)))
                && credential.is_none_or(|credential| fresh(known.credentials.get(credential)))
        };
        // What was written down within the minute is known, too: operations that tell of uses write before each time.
        if directory.uses_of(&caller.account, id).is_some_and(|known| knows(&known.record)) {
            return;
        }
        let mut ledger = self.lock();
        if ledger.get(id).is_some_and(knows) {
            return;
        }
        let region = region.chars().take(REGION_CHARS_MAX).collect();
        let used = LastUse { at, region, service: service.to_owned() };
        let known = ledger.entry(id.to_owned()).or_insert_with(|| PrincipalUses {
            account: caller.account.clone(),
            principal_id: id.to_owned(),
            ..PrincipalUses::default()
        });
        if let Some(credential) = credential {
            known.credentials.insert(credential.to_owned(), used.clone());
        }
        known.services.entry(service.to_owned()).or_default().insert(name.to_owned(), used);
    }

    /// What was noted, which is then for the taker to write down.
    pub(crate) fn take(&self) -> NotedUses {
        std::mem::take(&mut *self.lock())
    }

    /// Takes back what could not be written down.
    pub(crate) fn take_back(&self, noted: NotedUses) {
        let mut ledger = self.lock();
        for (id, mut uses) in noted {
            if let Some(newer) = ledger.remove(&id) {
                uses.merge(newer);
            }
            ledger.insert(id, uses);
        }
    }

    fn lock(&self) -> MutexGuard<'_, NotedUses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts what was noted into `change`. Uses by who is gone since are let go, with what was known of them.
pub(crate) fn write(noted: &NotedUses, directory: &Directory, change: &mut Change) {
    let standing = standing(directory);
    for kept in directory.all_uses() {
        if !standing.contains(kept.principal_id.as_str()) {
            let key = Record::PrincipalUses(kept.record.clone()).key();
            change.delete(RecordKind::PrincipalUses, key);
        }
    }
    for uses in noted.values().filter(|it| standing.contains(it.principal_id.as_str())) {
        let known = directory.uses_of(&uses.account, &uses.principal_id);
        let mut merged = known.map_or_else(
            || PrincipalUses {
                account: uses.account.clone(),
                principal_id: uses.principal_id.clone(),
                ..PrincipalUses::default()
            },
            |known| known.record.clone(),
        );
        merged.merge(uses.clone());
        merged.credentials.retain(|key, _| key == PASSWORD || directory.access_key(key).is_some());
        change.put(Record::PrincipalUses(merged));
    }
}

/// Whether an operation tells of uses: they are written down before it.
pub(crate) fn are_told_by(operation: Operation) -> bool {
    TELLING.contains(&operation.name())
}

/// The ids of everybody who can have used anything.
fn standing(directory: &Directory) -> BTreeSet<&str> {
    let users = directory.users("").map(|user| user.id.as_str());
    let roles = directory.roles("").map(|role| role.id.as_str());
    users.chain(roles).chain(directory.accounts().map(|account| account.id.as_str())).collect()
}
