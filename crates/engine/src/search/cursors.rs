//! Cursors: what lives on between two requests of one caller. Today scrolls; whatever else is continued by an id later
//! (points in time, searches that run on) is kept here too, so that no kind of it forgets whose it is.
//!
//! A cursor is found by its owner alone, remembers the questions that its opening was allowed by, ends by its time, and
//! counts against its owner's shares.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::cluster::registries::Registries;
use crate::cluster::setting_values;
use crate::exception::{Exception, ExceptionKind};
use crate::limits::{KEEP_ALIVE_MILLISECONDS_MAX, PIT_CONTEXTS_MAX, SCROLL_CONTEXTS_MAX};
use crate::value::time;
use crate::view::{CursorBound, CursorOwner, CursorQuestion};

/// The open cursors of one kind, by id.
pub struct Cursors<T> {
    open: HashMap<String, Cursor<T>>,
    opened: u64,
    kind: CursorKind,
}

/// What cursors of a kind are called, and the cluster settings that bound them.
#[derive(Clone, Copy, Debug)]
pub struct CursorKind {
    name: &'static str,
    contexts_max: &'static str,
    contexts_default: usize,
    keep_alive_max: &'static str,
    keep_alive_default: u64,
}

/// Scrolls.
pub const SCROLLS: CursorKind = CursorKind {
    name: "scroll",
    contexts_max: "search.max_open_scroll_context",
    contexts_default: SCROLL_CONTEXTS_MAX,
    keep_alive_max: "search.max_keep_alive",
    keep_alive_default: KEEP_ALIVE_MILLISECONDS_MAX,
};

/// Points in time.
pub const PITS: CursorKind = CursorKind {
    name: "Point In Time",
    contexts_max: "search.max_open_pit_context",
    contexts_default: PIT_CONTEXTS_MAX,
    keep_alive_max: "point_in_time.max_keep_alive",
    keep_alive_default: KEEP_ALIVE_MILLISECONDS_MAX,
};

/// Answers of searches, as many as scrolls. How long one may live is refused where it is asked for, by no setting.
pub const RESULTS: CursorKind = CursorKind {
    name: "async search",
    contexts_max: "search.max_open_scroll_context",
    contexts_default: SCROLL_CONTEXTS_MAX,
    keep_alive_max: "",
    keep_alive_default: u64::MAX,
};

impl CursorKind {
    /// How many may be open.
    pub fn most(self, registries: &Registries) -> usize {
        setting_values::count(registries, self.contexts_max, self.contexts_default)
    }

    fn too_many(self, most: usize, why: &str) -> Exception {
        let CursorKind { name, contexts_max: key, .. } = self;
        let reason = format!(
            "Trying to create too many {name} contexts. Must be less than or equal to: [{most}]. This limit can be set by \
             changing the [{key}] setting.{why}"
        );
        Exception::new(ExceptionKind::RejectedExecution, reason)
    }

    /// Refuses a life that is longer than any may be.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Elasticsearch's words.
    pub fn check_life(
        self,
        milliseconds: Option<u64>,
        registries: &Registries,
    ) -> Result<(), Exception> {
        let key = self.keep_alive_max;
        let most = setting_values::duration(registries, key, self.keep_alive_default);
        match milliseconds.filter(|milliseconds| *milliseconds > most) {
            None => Ok(()),
            Some(milliseconds) => Err(Exception::illegal_argument(format!(
                "Keep alive for request ({}) is too large. It must be less than ({}). This limit can be set by changing \
                 the [{key}] cluster level setting.",
                time::print(milliseconds),
                time::print(most)
            ))),
        }
    }
}

struct Cursor<T> {
    owner: CursorOwner,
    questions: Arc<[CursorQuestion]>,
    expires_milliseconds: i64,
    kept: T,
}

fn deadline(now: Timestamp, milliseconds: u64) -> i64 {
    now.as_millisecond().saturating_add(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

impl<T> Cursors<T> {
    /// None open yet.
    pub fn none(kind: CursorKind) -> Cursors<T> {
        Cursors { open: HashMap::new(), opened: 0, kind }
    }

    /// Opens a cursor of `owner` that lives for `milliseconds`; its id: a counter and 24 random bytes.
    ///
    /// # Errors
    /// 429 in Elasticsearch's words where all places are taken, or the owner holds as many as are still free: so whoever
    /// comes next finds a place, however many one caller asks for.
    pub fn open(
        &mut self,
        owner: &CursorOwner,
        questions: Arc<[CursorQuestion]>,
        kept: T,
        milliseconds: u64,
        now: Timestamp,
        registries: &Registries,
    ) -> Result<String, Exception> {
        self.expire(now);
        self.kind.check_life(Some(milliseconds), registries)?;
        self.check_place(owner, registries)?;
        let id = self.fresh_id()?;
        let expires_milliseconds = deadline(now, milliseconds);
        let owner = owner.clone();
        self.open.insert(id.clone(), Cursor { owner, questions, expires_milliseconds, kept });
        Ok(id)
    }

    /// Refuses another cursor of `owner` where there is no place for it.
    fn check_place(&self, owner: &CursorOwner, registries: &Registries) -> Result<(), Exception> {
        let most = self.kind.most(registries);
        let free = most.saturating_sub(self.open.len());
        if free == 0 {
            return Err(self.kind.too_many(most, ""));
        }
        let mut most_held = 0;
        for share in &owner.shares {
            let held = self.held(&share.name);
            if let Some(bound) = share.bound.filter(|bound| held >= bound.most) {
                let CursorBound { most, setting } = bound;
                let why = format!(
                    " There are [{held}] already, and there may be [{most}] by the service's {setting}."
                );
                return Err(self.kind.too_many(most, &why));
            }
            if share.gives_way {
                most_held = most_held.max(held);
            }
        }
        let held = most_held;
        if held >= free {
            let why = format!(
                " You hold [{held}] of [{most}], and no principal may hold more than are free: close those that have been read to the end (DELETE /_search/scroll)."
            );
            return Err(self.kind.too_many(held, &why));
        }
        Ok(())
    }

    /// Keeps under `id` a cursor of `owner` that was opened elsewhere, until `expires_milliseconds`; one that is kept already stays
    /// as it is. Those whose time is over count until [`Cursors::expire`].
    ///
    /// # Errors
    /// As [`Cursors::open`]: it takes a place as if it were opened here.
    pub fn adopt(
        &mut self,
        (id, expires_milliseconds): (&str, i64),
        owner: &CursorOwner,
        questions: Arc<[CursorQuestion]>,
        kept: T,
        registries: &Registries,
    ) -> Result<(), Exception> {
        if self.open.contains_key(id) {
            return Ok(());
        }
        self.check_place(owner, registries)?;
        let owner = owner.clone();
        let cursor = Cursor { owner, questions, expires_milliseconds, kept };
        self.open.insert(id.to_owned(), cursor);
        Ok(())
    }

    /// When the cursor `id` ends, if it is there.
    pub fn expires_milliseconds(&self, id: &str) -> Option<i64> {
        self.open.get(id).map(|cursor| cursor.expires_milliseconds)
    }

    fn held(&self, share: &Arc<str>) -> usize {
        let counts = |cursor: &&Cursor<T>| cursor.owner.shares.iter().any(|it| it.name == *share);
        self.open.values().filter(counts).count()
    }

    fn fresh_id(&mut self) -> Result<String, Exception> {
        use base64::Engine as _;
        let mut secret = [0u8; 24];
        getrandom::fill(&mut secret).map_err(|error| {
            let what = format!("no randomness for a scroll id: {error}");
            Exception::new(ExceptionKind::IllegalState, what)
        })?;
        self.opened += 1;
        let mut bytes = self.opened.to_be_bytes().to_vec();
        bytes.extend_from_slice(&secret);
        Ok(base64::engine::general_purpose::URL_SAFE.encode(bytes))
    }

    /// What the cursor `id` keeps, if it is `owner`'s and alive; with `keep_alive_milliseconds` it lives on from now.
    pub fn get(
        &mut self,
        id: &str,
        owner: &CursorOwner,
        keep_alive_milliseconds: Option<u64>,
        now: Timestamp,
    ) -> Option<&T> {
        self.expire(now);
        let cursor = self.open.get_mut(id).filter(|cursor| cursor.owner.id == owner.id)?;
        if let Some(milliseconds) = keep_alive_milliseconds {
            cursor.expires_milliseconds = deadline(now, milliseconds);
        }
        Some(&cursor.kept)
    }

    /// What the opening of the cursor `id` was allowed by, if it is `owner`'s and alive.
    pub fn questions(
        &mut self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        self.expire(now);
        let cursor = self.open.get(id).filter(|cursor| cursor.owner.id == owner.id)?;
        Some(Arc::clone(&cursor.questions))
    }

    /// Changes what the cursor `id` keeps, if it is still there.
    pub fn change(&mut self, id: &str, change: impl FnOnce(&mut T)) {
        if let Some(cursor) = self.open.get_mut(id) {
            change(&mut cursor.kept);
        }
    }

    /// Closes cursors of `owner` (of everybody, if it may), by id or (`None`) all of them; how many.
    pub fn close(&mut self, ids: Option<&[&str]>, owner: &CursorOwner, now: Timestamp) -> usize {
        self.expire(now);
        let own = |cursor: &Cursor<T>| owner.closes_all || cursor.owner.id == owner.id;
        let asked = |id: &str| ids.is_none_or(|ids| ids.contains(&id));
        self.retain(|id, cursor| !(own(cursor) && asked(id)))
    }

    /// Closes the cursors of `owner` whose opening's first question `denied` says yes to; how many.
    pub fn close_denied(
        &mut self,
        owner: &CursorOwner,
        mut denied: impl FnMut(&CursorQuestion) -> bool,
    ) -> usize {
        self.retain(|_, cursor| {
            cursor.owner.id != owner.id || !cursor.questions.first().is_some_and(&mut denied)
        })
    }

    /// Closes the cursors (`only` the one of this id, or all) that keep what `is_gone`; how many.
    pub fn close_where(&mut self, only: Option<&str>, is_gone: impl Fn(&T) -> bool) -> usize {
        self.retain(|id, cursor| only.is_some_and(|only| only != id) || !is_gone(&cursor.kept))
    }

    /// What `tell` says of the open cursors of `owner`, by id.
    pub fn of<R>(
        &mut self,
        owner: &CursorOwner,
        now: Timestamp,
        tell: impl Fn(&str, &T) -> R,
    ) -> Vec<R> {
        self.expire(now);
        let mut own: Vec<(&String, &Cursor<T>)> =
            self.open.iter().filter(|(_, cursor)| cursor.owner.id == owner.id).collect();
        own.sort_by_key(|(id, _)| id.as_str());
        own.into_iter().map(|(id, cursor)| tell(id, &cursor.kept)).collect()
    }

    /// Closes those whose time is over; how many.
    pub fn expire(&mut self, now: Timestamp) -> usize {
        let now = now.as_millisecond();
        self.retain(|_, cursor| cursor.expires_milliseconds > now)
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    fn retain(&mut self, mut keeps: impl FnMut(&str, &Cursor<T>) -> bool) -> usize {
        let before = self.open.len();
        self.open.retain(|id, cursor| keeps(id, cursor));
        before - self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::CursorShare;

    const MINUTE: u64 = 60_000;

    fn none() -> Registries {
        Registries::default()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Opens cursors of `owner` until it is refused; how many.
    fn fill(cursors: &mut Cursors<()>, owner: &CursorOwner) -> usize {
        let mut opened = 0;
        while cursors.open(owner, Arc::default(), (), MINUTE, at(0), &none()).is_ok() {
            opened += 1;
        }
        opened
    }

    #[test]
    fn nobody_holds_more_cursors_than_are_free_for_others() {
        let mut cursors = Cursors::none(SCROLLS);
        assert_eq!(fill(&mut cursors, &"a".into()), 250);
        assert_eq!(fill(&mut cursors, &"b".into()), 125);
        assert_eq!(fill(&mut cursors, &"c".into()), 63);
        let refusal =
            cursors.open(&"a".into(), Arc::default(), (), MINUTE, at(0), &none()).unwrap_err();
        assert_eq!(refusal.status(), 429);
        assert!(refusal.reason().starts_with(
            "Trying to create too many scroll contexts. Must be less than or equal to: [250]. This limit can be set"
        ));
    }

    #[test]
    fn a_cursor_that_was_opened_elsewhere_takes_a_place_like_one_that_is_opened_here() {
        let mut cursors = Cursors::none(SCROLLS);
        let mut adopt = |id: usize, owner: &str| {
            let until = (&*format!("elsewhere {id}"), 60_000);
            cursors.adopt(until, &owner.into(), Arc::default(), (), &none())
        };
        let adopted = (0..300).take_while(|id| adopt(*id, "a").is_ok()).count();
        assert_eq!(adopted, 250);
        assert_eq!(adopt(300, "a").unwrap_err().status(), 429);
        // One that is kept needs no other place.
        adopt(0, "a").unwrap();
        adopt(301, "b").unwrap();
        assert_eq!(cursors.count(), 251);
        assert_eq!(fill(&mut cursors, &"b".into()), 124);
    }

    #[test]
    fn a_foreign_account_has_one_share_however_many_principals_it_has() {
        let of = |user: usize| CursorOwner {
            id: format!("user {user}").into(),
            shares: vec![format!("user {user}").into(), "account 9".into()],
            closes_all: false,
        };
        let mut cursors = Cursors::none(SCROLLS);
        let all: usize = (0..20).map(|user| fill(&mut cursors, &of(user))).sum();
        assert_eq!(all, 250);
        assert!(cursors.open(&"home".into(), Arc::default(), (), MINUTE, at(0), &none()).is_ok());
    }

    #[test]
    fn under_a_name_with_a_bound_there_are_no_more_whoever_opens_them() {
        let of = |user: &str| {
            let mut owner = CursorOwner::from(user);
            let bound = Some(CursorBound { most: 3, setting: "limits.cursors_per_address" });
            owner.shares.push(CursorShare { name: "address".into(), bound, gives_way: false });
            owner
        };
        let mut cursors = Cursors::none(SCROLLS);
        assert_eq!((fill(&mut cursors, &of("a")), fill(&mut cursors, &of("b"))), (3, 0));
        let refusal =
            cursors.open(&of("b"), Arc::default(), (), MINUTE, at(0), &none()).unwrap_err();
        assert_eq!(refusal.status(), 429);
        let says = "There are [3] already, and there may be [3] by the service's limits.cursors_per_address.";
        assert!(refusal.reason().ends_with(says), "{}", refusal.reason());
        assert_eq!(fill(&mut cursors, &"c".into()), 249);
    }

    #[test]
    fn the_sessions_of_one_principal_have_one_share_and_not_each_others_cursors() {
        let of = |session: &str| CursorOwner {
            id: format!("AROA:x {session}").into(),
            shares: vec!["AROA".into()],
            closes_all: false,
        };
        let mut cursors = Cursors::none(SCROLLS);
        let id = cursors.open(&of("one"), Arc::default(), (), MINUTE, at(0), &none()).unwrap();
        assert!(cursors.get(&id, &of("one"), None, at(0)).is_some());
        assert!(cursors.get(&id, &of("two"), None, at(0)).is_none());
        assert_eq!(fill(&mut cursors, &of("two")), 249);
    }

    #[test]
    fn an_abandoned_cursor_is_freed_when_its_time_is_over_though_nobody_asks_for_it() {
        let mut cursors = Cursors::none(SCROLLS);
        let kept = Arc::new(());
        cursors
            .open(&"a".into(), Arc::default(), Arc::clone(&kept), MINUTE, at(0), &none())
            .unwrap();
        assert_eq!(cursors.expire(at(59)), 0);
        assert_eq!(cursors.expire(at(60)), 1);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn all_closes_the_callers_own_and_everybodys_for_whom_may() {
        let mut cursors = Cursors::none(SCROLLS);
        for owner in ["a", "a", "b"] {
            cursors.open(&owner.into(), Arc::default(), (), MINUTE, at(0), &none()).unwrap();
        }
        assert_eq!(cursors.close(None, &"a".into(), at(0)), 2);
        let root = CursorOwner { closes_all: true, ..CursorOwner::from("root") };
        assert_eq!(cursors.close(None, &root, at(0)), 1);
    }
}
