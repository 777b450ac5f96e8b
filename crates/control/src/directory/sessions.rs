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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::entry::plain;

    fn session(number: usize, role_id: &str, session_id: &str) -> LiveSession {
        let record = Session {
            access_key_id: format!("ASIA{number}"),
            session_id: session_id.to_owned(),
            account: "1".to_owned(),
            subject: SessionSubject::Role {
                role: "r".to_owned(),
                role_id: role_id.to_owned(),
                session_name: "s".to_owned(),
            },
            sealed_secret: String::new(),
            issued: 0,
            expires: 900,
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            source_identity: None,
            mfa: false,
            login_profile: None,
            context: BTreeMap::new(),
            assertion: None,
        };
        LiveSession::new(plain(record), sigv4::SecretKey::new("secret"))
    }

    fn put(sessions: &mut SessionTable, number: usize, role_id: &str, session_id: &str) {
        sessions.put(format!("ASIA{number}"), session(number, role_id, session_id));
    }

    #[test]
    fn sessions_are_counted_for_their_account_and_their_role() {
        let mut sessions = SessionTable::default();
        for number in 0..5 {
            put(&mut sessions, number, if number < 2 { "AROAONE" } else { "AROATWO" }, "id");
        }
        let counts = |sessions: &SessionTable| {
            ["1", "1/AROAONE", "1/AROATWO", "2"].map(|holder| sessions.count(holder))
        };
        assert_eq!(counts(&sessions), [5, 2, 3, 0]);
        sessions.remove("ASIA0");
        sessions.remove("ASIA0");
        assert_eq!(counts(&sessions), [4, 1, 3, 0]);
    }

    #[test]
    fn a_session_written_again_is_counted_once() {
        let mut sessions = SessionTable::default();
        put(&mut sessions, 1, "AROAONE", "id");
        put(&mut sessions, 1, "AROATWO", "id");
        assert_eq!(["1", "1/AROAONE", "1/AROATWO"].map(|it| sessions.count(it)), [1, 0, 1]);
        assert_eq!(sessions.values().count(), 1);
    }

    #[test]
    fn a_copy_is_not_changed_by_what_happens_to_the_other() {
        let mut sessions = SessionTable::default();
        put(&mut sessions, 1, "AROAONE", "id");
        let before = sessions.clone();
        put(&mut sessions, 2, "AROAONE", "id");
        sessions.remove("ASIA1");
        assert!(before.get("ASIA1").is_some() && before.get("ASIA2").is_none());
        assert_eq!((before.count("1"), sessions.count("1")), (1, 1));
    }

    #[test]
    fn a_session_that_was_seen_over_stays_over_unless_it_is_another_one() {
        let mut sessions = SessionTable::default();
        put(&mut sessions, 1, "AROAONE", "first");
        let over = |sessions: &SessionTable, now| sessions.get("ASIA1").unwrap().is_over(now);
        assert!(!over(&sessions, 899) && over(&sessions, 900) && over(&sessions, 0));
        put(&mut sessions, 1, "AROAONE", "first");
        assert!(over(&sessions, 0), "the same session, read again");
        put(&mut sessions, 1, "AROAONE", "second");
        assert!(!over(&sessions, 0), "another session");
    }

    #[test]
    fn all_are_swept_while_they_are_few_and_then_one_shard_at_a_time() {
        let mut sessions = SessionTable::default();
        for number in 0..SWEEP_ALL_MAX {
            put(&mut sessions, number, "AROAONE", "id");
        }
        assert_eq!(sessions.to_sweep("ASIA0").count(), SWEEP_ALL_MAX);
        put(&mut sessions, SWEEP_ALL_MAX, "AROAONE", "id");
        let looked_at = sessions.to_sweep("ASIA0").count();
        assert!((1..SWEEP_ALL_MAX / 10).contains(&looked_at), "{looked_at}");
        assert!(sessions.to_sweep("ASIA0").any(|live| live.entry.access_key_id == "ASIA0"));
    }
}
