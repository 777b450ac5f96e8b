//! The live sessions of a snapshot: looked up by access key id, counted by holder, cheap to add to.
//!
//! Sessions come and go far more often than anything else in the directory, and there may be tens of thousands. They stand
//! in shards, so that the next snapshot copies one shard's pointers and not all of them (decision 0076).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::entry::{CompiledRecord, RecordTable};
use crate::store::record::{Session, SessionSubject};

/// Shards of the table: one change copies about one in so many pointers.
const SHARDS: usize = 256;

/// Up to so many sessions, all are looked at for ended ones when one is made; above, one shard.
const SWEEP_ALL_MAX: usize = 1_000;

/// A session with its secret open in memory.
pub(crate) struct LiveSession {
    pub(crate) entry: CompiledRecord<Session>,
    pub(crate) secret: sigv4::SecretKey,
    /// Latched when the session is first seen after its end. Shared by all snapshots.
    over: AtomicBool,
}

impl LiveSession {
    pub(crate) fn new(entry: CompiledRecord<Session>, secret: sigv4::SecretKey) -> LiveSession {
        LiveSession { entry, secret, over: AtomicBool::new(false) }
    }

    /// Whether the session's time is over. A session that was seen over stays over: a clock that is set back afterwards
    /// revives nothing.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        if self.entry.expires <= now {
            self.over.store(true, Ordering::Relaxed);
        }
        self.over.load(Ordering::Relaxed)
    }
}

/// All sessions. Cloning shares.
#[derive(Clone)]
pub(crate) struct SessionTable {
    shards: Arc<Vec<RecordTable<LiveSession>>>,
    /// Sessions of each account, and of each principal, ended ones included until they are swept.
    counts: Arc<BTreeMap<String, usize>>,
    total: usize,
}

impl Default for SessionTable {
    fn default() -> Self {
        SessionTable {
            shards: Arc::new(vec![RecordTable::default(); SHARDS]),
            counts: Arc::default(),
            total: 0,
        }
    }
}

impl SessionTable {
    pub(crate) fn get(&self, access_key_id: &str) -> Option<&Arc<LiveSession>> {
        self.shards.get(shard_of(access_key_id))?.get(access_key_id)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Arc<LiveSession>> {
        self.shards.iter().flat_map(RecordTable::values)
    }

    /// Sessions of an account (its number) or of a principal ([`holder`]).
    pub(crate) fn count(&self, holder: &str) -> usize {
        self.counts.get(holder).copied().unwrap_or(0)
    }

    /// The sessions among which ended ones are looked for when `access_key_id` is added: each issue does a small part, and
    /// ids are random, so that all are looked at in the long run.
    pub(crate) fn to_sweep(
        &self,
        access_key_id: &str,
    ) -> Box<dyn Iterator<Item = &Arc<LiveSession>> + '_> {
        if self.total <= SWEEP_ALL_MAX {
            return Box::new(self.values());
        }
        Box::new(self.shards.get(shard_of(access_key_id)).into_iter().flat_map(RecordTable::values))
    }

    /// Adds a session, in place of one with the same key. The same session read again stays over if it was seen over.
    pub(crate) fn put(&mut self, key: String, kept: LiveSession) {
        let same = self.get(&key).filter(|old| old.entry.session_id == kept.entry.session_id);
        if same.is_some_and(|old| old.over.load(Ordering::Relaxed)) {
            kept.over.store(true, Ordering::Relaxed);
        }
        self.remove(&key);
        self.add(&kept.entry, 1);
        if let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(shard_of(&key)) {
            shard.put(key, kept);
        }
    }

    pub(crate) fn remove(&mut self, key: &str) {
        let Some(gone) = self.get(key).cloned() else { return };
        self.add(&gone.entry, -1);
        if let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(shard_of(key)) {
            shard.remove(key);
        }
    }

    fn add(&mut self, session: &Session, difference: isize) {
        self.total = self.total.saturating_add_signed(difference);
        let counts = Arc::make_mut(&mut self.counts);
        for key in [session.account.clone(), holder(session)] {
            let count = counts.entry(key.clone()).or_insert(0);
            *count = count.saturating_add_signed(difference);
            if *count == 0 {
                counts.remove(&key);
            }
        }
    }
}

/// Whose session it is, for counting: `ACCOUNT/` and the unique id of the role or user.
pub(crate) fn holder(session: &Session) -> String {
    let id = match &session.subject {
        SessionSubject::Role { role_id, .. } => role_id,
        SessionSubject::User { user: Some((_, id)) }
        | SessionSubject::Federated { user: Some((_, id)), .. } => id,
        SessionSubject::User { user: None } | SessionSubject::Federated { user: None, .. } => {
            "root"
        }
    };
    format!("{}/{id}", session.account)
}

/// FNV-1a over the id. Ids are ours and random; nobody chooses a shard.
fn shard_of(access_key_id: &str) -> usize {
    let hash = access_key_id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    usize::try_from(hash % SHARDS as u64).unwrap_or(0)
}
