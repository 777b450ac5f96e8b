//! Who is signed in. Sessions are kept in memory, under an id that is new at each sign-in and that only the browser's cookie
//! has; what is kept of it here is enough to find it and no more than that.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

use crate::facade::{SignedIn, Visitor};
use crate::limits::{
    HISTORY_BYTES_MAX, HISTORY_MAX, ROLES_REMEMBERED_MAX, SESSION_IDLE_MAX, SESSIONS_MAX,
    SESSIONS_PER_ARN_MAX, USER_AGENT_CHARS_MAX,
};

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionTimes {
    /// From the sign-in.
    pub length: SignedDuration,
}

/// All sessions.
pub(crate) struct Sessions<C> {
    times: SessionTimes,
    kept: Mutex<HashMap<String, Kept<C>>>,
    /// How many there were.
    begun: AtomicU64,
    /// Ids of sessions whose time was over, the newest last: what is typed on their pages is not lost.
    over: Mutex<VecDeque<String>>,
}

/// A session, as a request finds it.
pub(crate) struct Session<C> {
    /// Whom its calls are of: who signed in, or the role that it switched to.
    pub(crate) who: Arc<SignedIn<C>>,
    /// Who signed in.
    pub(crate) owner: Arc<SignedIn<C>>,
    /// The role that it switched to.
    pub(crate) role: Option<RoleName>,
    /// Whether the password must be changed before anything else.
    pub(crate) must_change_password: bool,
    /// What it remembers.
    pub(crate) memory: SessionMemory,
    /// What its forms carry: no other site knows it.
    pub(crate) form_token: String,
    /// What was done by the request before this one: told once.
    pub(crate) done: Option<Done>,
}

/// What a session remembers between requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionMemory {
    /// The region that its calls are for.
    pub(crate) region: String,
    /// Requests of the request pane, the newest first.
    pub(crate) history: VecDeque<Arc<PaneRequest>>,
    /// Roles that it switched to, the newest first.
    pub(crate) roles: VecDeque<RoleName>,
}

impl SessionMemory {
    /// Remembers a request, and as many of the earlier ones as there is room for.
    pub(crate) fn remember(&mut self, request: PaneRequest) {
        if request.bytes() > HISTORY_BYTES_MAX {
            return;
        }
        self.history.retain(|earlier| **earlier != request);
        self.history.push_front(Arc::new(request));
        self.history.truncate(HISTORY_MAX);
        while self.history.iter().map(|request| request.bytes()).sum::<usize>() > HISTORY_BYTES_MAX
        {
            self.history.pop_back();
        }
    }
}

/// A role to switch to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleName {
    /// The number of its account.
    pub(crate) account: String,
    /// Its name, with its path.
    pub(crate) name: String,
    /// What it is shown as, if it is not by its name.
    pub(crate) display: String,
}

impl RoleName {
    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.name)
    }

    /// What it is shown as.
    pub(crate) fn shown(&self) -> String {
        match self.display.as_str() {
            "" => format!("{} @ {}", self.name, self.account),
            display => display.to_owned(),
        }
    }
}

/// Where a session was begun, as its owner is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BegunAt {
    /// The address.
    pub(crate) address: String,
    /// What the browser said of itself, shortened.
    pub(crate) user_agent: String,
}

impl BegunAt {
    /// Where this visitor is.
    pub(crate) fn of(visitor: &Visitor) -> Self {
        let user_agent = visitor.user_agent.chars().take(USER_AGENT_CHARS_MAX).collect();
        Self { address: visitor.address.ip().to_string(), user_agent }
    }
}

/// A session, as its owner sees it in a list. Its id stays a secret of the browser that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnSession {
    /// Its number.
    pub(crate) number: u64,
    /// Where it was begun.
    pub(crate) at: BegunAt,
    /// When.
    pub(crate) begun: Timestamp,
    /// When it was used last.
    pub(crate) used: Timestamp,
    /// The role that it switched to.
    pub(crate) role: Option<RoleName>,
    /// Whether it is the one that asks.
    pub(crate) is_this: bool,
}

/// A request of the request pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PaneRequest {
    /// The domain.
    pub(crate) domain: String,
    /// The method.
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) target: String,
    /// The body.
    pub(crate) body: String,
}

impl PaneRequest {
    fn bytes(&self) -> usize {
        self.domain.len() + self.method.len() + self.target.len() + self.body.len()
    }
}

/// Something that was done, for the page that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    /// What, in a sentence.
    pub(crate) text: String,
    /// The line of the AWS CLI that does the same.
    pub(crate) cli: String,
}

struct Kept<C> {
    owner: Arc<SignedIn<C>>,
    role: Option<(RoleName, Arc<SignedIn<C>>)>,
    must_change_password: bool,
    number: u64,
    at: BegunAt,
    memory: SessionMemory,
    form_token: String,
    /// How often it came to act as somebody else: a form that was shown before is not sent by who it acts as now.
    changes: u32,
    done: Option<Done>,
    begun: Timestamp,
    used: Timestamp,
}

impl<C> Sessions<C> {
    /// Nobody is signed in.
    pub(crate) fn new(times: SessionTimes) -> Self {
        Self { times, kept: Mutex::default(), begun: AtomicU64::new(0), over: Mutex::default() }
    }

    /// Begins a session; its id. Both secrets are made of these random bytes.
    pub(crate) fn begin(
        &self,
        who: SignedIn<C>,
        (region, at): (String, BegunAt),
        [id, token]: [[u8; 32]; 2],
        now: Timestamp,
    ) -> String {
        let id = BASE64URL_NOPAD.encode(&id);
        let mut kept = self.kept();
        kept.retain(|id, session| {
            let lasts = session.lasts(self.times, now);
            if !lasts {
                self.is_over(id);
            }
            lasts
        });
        let is_own = |session: &Kept<C>| session.owner.arn == who.arn;
        if kept.values().filter(|session| is_own(session)).count() >= SESSIONS_PER_ARN_MAX {
            end_longest_unused(&mut kept, is_own);
        }
        if kept.len() >= SESSIONS_MAX {
            end_longest_unused_of_who_has_most(&mut kept);
        }
        let session = Kept {
            must_change_password: who.must_change_password,
            owner: Arc::new(who),
            role: None,
            number: self.begun.fetch_add(1, Ordering::Relaxed),
            at,
            memory: SessionMemory { region, ..SessionMemory::default() },
            form_token: BASE64URL_NOPAD.encode(&token),
            changes: 0,
            done: None,
            begun: now,
            used: now,
        };
        kept.insert(id.clone(), session);
        id
    }

    /// The session of this id, if it lasts.
    pub(crate) fn find(&self, id: &str, now: Timestamp) -> Option<Session<C>> {
        let mut kept = self.kept();
        if !kept.get(id)?.lasts(self.times, now) {
            kept.remove(id);
            self.is_over(id);
            return None;
        }
        let session = kept.get_mut(id)?;
        session.used = session.used.max(now);
        // A role's credentials end before the session does; then it is its owner's again.
        let ended = session.role.take_if(|(_, who)| who.ends.is_some_and(|ends| ends <= now));
        session.changes += u32::from(ended.is_some());
        let (role, who) = session.role.clone().unzip();
        Some(Session {
            who: who.unwrap_or_else(|| Arc::clone(&session.owner)),
            owner: Arc::clone(&session.owner),
            role,
            must_change_password: session.must_change_password,
            memory: session.memory.clone(),
            form_token: format!("{}.{}", session.form_token, session.changes),
            done: session.done.take(),
        })
    }

    /// The ARN of who has the session of this id, which is not used by asking.
    pub(crate) fn caller(&self, id: &str, now: Timestamp) -> Option<String> {
        let kept = self.kept();
        let session = kept.get(id).filter(|session| session.lasts(self.times, now))?;
        Some(session.owner.arn.clone())
    }

    /// Whether there is a session of this id, which is not used by asking.
    pub(crate) fn has(&self, id: &str, now: Timestamp) -> bool {
        self.kept().get(id).is_some_and(|session| session.lasts(self.times, now))
    }

    /// Whether there was a session of this id until its time was over. Who signed out had enough of it.
    pub(crate) fn was(&self, id: &str, now: Timestamp) -> bool {
        let has_ended = self.kept().get(id).is_some_and(|session| !session.lasts(self.times, now));
        has_ended || self.over().iter().any(|other| other == id)
    }

    fn is_over(&self, id: &str) {
        let mut over = self.over();
        over.push_back(id.to_owned());
        if over.len() > SESSIONS_MAX {
            over.pop_front();
        }
    }

    fn over(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sessions of who has the one of this id, the newest first.
    pub(crate) fn of_owner(&self, id: &str, now: Timestamp) -> Vec<OwnSession> {
        let kept = self.kept();
        let Some(this) = kept.get(id) else { return Vec::new() };
        let own = kept
            .iter()
            .filter(|(_, it)| it.owner.arn == this.owner.arn && it.lasts(self.times, now));
        let told = own.map(|(other, it)| OwnSession {
            number: it.number,
            at: it.at.clone(),
            begun: it.begun,
            used: it.used,
            role: it.role.as_ref().map(|(role, _)| role.clone()),
            is_this: other == id,
        });
        let mut told: Vec<OwnSession> = told.collect();
        told.sort_by_key(|it| std::cmp::Reverse(it.number));
        told
    }

    /// Has the session of this id act as a role.
    pub(crate) fn switch(&self, id: &str, role: RoleName, who: SignedIn<C>) {
        let mut kept = self.kept();
        let Some(session) = kept.get_mut(id) else { return };
        session.memory.roles.retain(|earlier| earlier.arn() != role.arn());
        session.memory.roles.push_front(role.clone());
        session.memory.roles.truncate(ROLES_REMEMBERED_MAX);
        session.role = Some((role, Arc::new(who)));
        session.changes += 1;
    }

    /// Changes what a session remembers.
    pub(crate) fn change(&self, id: &str, change: SessionChange) {
        let mut kept = self.kept();
        let Some(session) = kept.get_mut(id) else { return };
        match change {
            SessionChange::Done(done) => session.done = Some(done),
            SessionChange::Sent(request) => session.memory.remember(request),
            SessionChange::SwitchBack => {
                session.role = None;
                session.changes += 1;
            }
            SessionChange::PasswordChanged => session.must_change_password = false,
            SessionChange::EndOther(number) => {
                let arn = session.owner.arn.clone();
                let is_meant = |it: &Kept<C>| number.is_none_or(|number| it.number == number);
                kept.retain(|other, it| other == id || it.owner.arn != arn || !is_meant(it));
            }
        }
    }

    /// Ends a session.
    pub(crate) fn end(&self, id: &str) {
        self.kept().remove(id);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept<C>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the session that was not used for the longest time, among these.
fn end_longest_unused<C>(kept: &mut HashMap<String, Kept<C>>, among: impl Fn(&Kept<C>) -> bool) {
    let those = kept.iter().filter(|(_, session)| among(session));
    let longest = those.min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone());
    longest.map(|id| kept.remove(&id));
}

/// The same among those of the user or role that has most, in the account that has most: whoever may make users, or assume a role, gets
/// as many names of sessions as it likes, and must not push out everybody else with them.
fn end_longest_unused_of_who_has_most<C>(kept: &mut HashMap<String, Kept<C>>) {
    let most_by = |kept: &HashMap<String, Kept<C>>, of: &dyn Fn(&Kept<C>) -> Option<String>| {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for who in kept.values().filter_map(of) {
            *numbers.entry(who).or_default() += 1;
        }
        let most = numbers.values().max().copied();
        numbers.retain(|_, number| Some(*number) == most);
        numbers
    };
    let accounts = most_by(kept, &|session| Some(session.owner.account.clone()));
    let in_account = |session: &Kept<C>| accounts.contains_key(&session.owner.account);
    let of_account =
        |session: &Kept<C>| in_account(session).then(|| principal(&session.owner.arn).to_owned());
    let principals = most_by(kept, &of_account);
    let has_most = |session: &Kept<C>| {
        in_account(session) && principals.contains_key(principal(&session.owner.arn))
    };
    end_longest_unused(kept, has_most);
}

/// The user, or the role of a session: `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` without its last part.
fn principal(arn: &str) -> &str {
    match arn.contains(":assumed-role/") {
        true => arn.rsplit_once('/').map_or(arn, |(role, _session)| role),
        false => arn,
    }
}

/// What a page changes in its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionChange {
    /// Something was done, which the next page tells.
    Done(Done),
    /// A request was sent from the request pane.
    Sent(PaneRequest),
    /// It is its owner's again.
    SwitchBack,
    /// The password is another one.
    PasswordChanged,
    /// Another session of the same owner ends, or all others.
    EndOther(Option<u64>),
}

impl<C> Kept<C> {
    /// Whether it is still good. A clock that was set back ends nothing and revives nothing.
    fn lasts(&self, times: SessionTimes, now: Timestamp) -> bool {
        let now = now.max(self.used);
        self.owner.ends.is_none_or(|ends| now < ends)
            && now.duration_since(self.begun) < times.length
            && now.duration_since(self.used).unsigned_abs() < SESSION_IDLE_MAX
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::ToSpan;

    use super::*;

    fn sessions() -> Sessions<()> {
        Sessions::new(SessionTimes { length: SignedDuration::from_hours(2) })
    }

    fn user(name: &str) -> SignedIn<()> {
        let arn = format!("arn:aws:iam::123456789012:user/{name}");
        crate::testing::signed_in(&arn)
    }

    fn start() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    fn begin(sessions: &Sessions<()>, number: u16, now: Timestamp) -> String {
        begin_of(sessions, "ann", number, now)
    }

    fn begin_of(sessions: &Sessions<()>, name: &str, number: u16, now: Timestamp) -> String {
        let mut random = [0; 32];
        random[..2].copy_from_slice(&number.to_be_bytes());
        let where_ = ("us-east-1".to_owned(), BegunAt::default());
        sessions.begin(user(name), where_, [random, [9; 32]], now)
    }

    fn reader() -> RoleName {
        let (account, name) = ("123456789012".to_owned(), "reader".to_owned());
        RoleName { account, name, display: String::new() }
    }

    #[test]
    fn a_role_is_acted_as_until_its_credentials_end_or_it_is_switched_back() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        let role = |ends| SignedIn { ends: Some(ends), ..user("role") };
        let acts_as = |now| sessions.find(&id, now).unwrap().who.arn.clone();
        sessions.switch(&id, reader(), role(start() + 30.minutes()));
        assert!(acts_as(start() + 29.minutes()).ends_with("user/role"));
        assert!(acts_as(start() + 30.minutes()).ends_with("user/ann"));
        sessions.switch(&id, reader(), role(start() + 60.minutes()));
        sessions.change(&id, SessionChange::SwitchBack);
        assert!(acts_as(start() + 31.minutes()).ends_with("user/ann"));
        let found = sessions.find(&id, start() + 31.minutes()).unwrap();
        assert_eq!((found.role, found.memory.roles.len()), (None, 1), "remembered once");
    }

    #[test]
    fn a_form_is_bound_to_who_the_session_acted_as_when_it_was_shown() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        let token = |now| sessions.find(&id, now).unwrap().form_token;
        let as_owner = token(start());
        assert_eq!(token(start() + 1.minutes()), as_owner);
        let role = || SignedIn { ends: Some(start() + 30.minutes()), ..user("role") };
        sessions.switch(&id, reader(), role());
        let as_role = token(start() + 2.minutes());
        let after_its_end = token(start() + 30.minutes());
        sessions.switch(&id, reader(), role());
        sessions.change(&id, SessionChange::SwitchBack);
        let after_the_switch = token(start() + 3.minutes());
        let all = [as_owner, as_role, after_its_end, after_the_switch];
        assert_eq!(BTreeSet::from(all).len(), 4);
    }

    #[test]
    fn a_session_ends_with_the_credentials_that_were_made_for_it() {
        let sessions = sessions();
        let who = SignedIn { ends: Some(start() + 15.minutes()), ..user("ann") };
        let where_ = ("us-east-1".to_owned(), BegunAt::default());
        let id = sessions.begin(who, where_, [[1; 32], [9; 32]], start());
        assert!(sessions.find(&id, start() + 14.minutes()).is_some());
        assert!(sessions.find(&id, start() + 15.minutes()).is_none());
    }

    #[test]
    fn an_owner_sees_and_ends_its_own_sessions_and_no_others() {
        let sessions = sessions();
        let ids = [1, 2, 3].map(|number| begin(&sessions, number, start()));
        let other = begin_of(&sessions, "ben", 4, start());
        let seen = sessions.of_owner(&ids[1], start());
        assert_eq!(seen.iter().map(|it| it.is_this).collect::<Vec<_>>(), [false, true, false]);
        sessions.change(&ids[1], SessionChange::EndOther(Some(seen[0].number)));
        assert!(
            sessions.find(&ids[2], start()).is_none() && sessions.find(&ids[0], start()).is_some()
        );
        let bens = sessions.of_owner(&other, start())[0].number;
        sessions.change(&ids[1], SessionChange::EndOther(Some(bens)));
        sessions.change(&ids[1], SessionChange::EndOther(None));
        assert!(
            sessions.find(&ids[0], start()).is_none() && sessions.find(&ids[1], start()).is_some()
        );
        assert!(sessions.find(&other, start()).is_some());
    }

    #[test]
    fn a_session_ends_after_its_length_however_busy_it_was() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        for minutes in [30, 60, 90, 119] {
            assert!(sessions.find(&id, start() + minutes.minutes()).is_some(), "{minutes}");
        }
        assert!(sessions.find(&id, start() + 120.minutes()).is_none());
        assert!(sessions.find(&id, start()).is_none(), "what has ended stays ended");
    }

    #[test]
    fn a_session_that_nobody_uses_ends_before() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        assert!(sessions.find(&id, start() + 60.minutes()).is_none());
    }

    #[test]
    fn who_signed_out_is_not_found_any_more() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        sessions.end(&id);
        assert!(sessions.find(&id, start()).is_none());
    }

    #[test]
    fn beyond_the_limit_the_one_that_was_not_used_longest_ends() {
        let sessions = sessions();
        let last = u16::try_from(SESSIONS_MAX).unwrap();
        let ids: Vec<String> = (0..last)
            .map(|number| {
                let now = start() + i64::from(number).seconds();
                begin_of(&sessions, &number.to_string(), number, now)
            })
            .collect();
        let now = start() + 20.minutes();
        assert!(sessions.find(&ids[0], now).is_some(), "used again");
        begin(&sessions, last, now);
        assert!(sessions.find(&ids[1], now).is_none());
        assert!(sessions.find(&ids[0], now).is_some() && sessions.find(&ids[2], now).is_some());
    }

    #[test]
    fn who_signs_in_as_many_users_of_an_account_ends_those_of_that_account_first() {
        let sessions = sessions();
        let of_ann = [begin(&sessions, 0, start()), begin(&sessions, 1, start())];
        let last = u16::try_from(SESSIONS_MAX).unwrap();
        for number in 2..=last {
            let arn = format!("arn:aws:iam::210987654321:user/{number}");
            let who =
                SignedIn { account: "210987654321".to_owned(), ..crate::testing::signed_in(&arn) };
            let mut random = [0; 32];
            random[..2].copy_from_slice(&number.to_be_bytes());
            let where_ = ("us-east-1".to_owned(), BegunAt::default());
            sessions.begin(who, where_, [random, [9; 32]], start() + 1.minute());
        }
        let now = start() + 2.minutes();
        assert!(of_ann.iter().all(|id| sessions.find(id, now).is_some()));
    }

    #[test]
    fn who_signs_in_as_many_sessions_of_a_role_ends_those_of_that_role_first() {
        let sessions = sessions();
        let ann = begin(&sessions, 0, start());
        let as_role = |number: u16| {
            let arn = format!("arn:aws:sts::123456789012:assumed-role/reader/{number}");
            let mut random = [0; 32];
            random[..2].copy_from_slice(&number.to_be_bytes());
            let where_ = ("us-east-1".to_owned(), BegunAt::default());
            let who = crate::testing::signed_in(&arn);
            sessions.begin(who, where_, [random, [9; 32]], start() + 1.minute())
        };
        let last = u16::try_from(SESSIONS_MAX).unwrap() + 9;
        let ids: Vec<String> = (1..=last).map(as_role).collect();
        let live = ids.iter().filter(|id| sessions.has(id, start() + 1.minute())).count();
        assert_eq!(live, SESSIONS_MAX - 1);
        assert!(sessions.has(&ann, start() + 1.minute()), "unused for longer than all of them");
    }

    #[test]
    fn who_signs_in_again_and_again_ends_sessions_of_its_own_only() {
        let sessions = sessions();
        let other = begin_of(&sessions, "ben", 0, start());
        let last = u16::try_from(SESSIONS_PER_ARN_MAX).unwrap() + 1;
        let ids: Vec<String> = (1..=last)
            .map(|number| begin(&sessions, number, start() + i64::from(number).seconds()))
            .collect();
        let now = start() + 1.minute();
        assert_eq!(sessions.caller(&ids[0], now), None);
        let ann = Some("arn:aws:iam::123456789012:user/ann".to_owned());
        assert_eq!(sessions.caller(&ids[1], now), ann);
        assert!(sessions.caller(&other, now).is_some());
    }

    #[test]
    fn the_history_is_bounded_in_bytes_and_long_requests_are_not_in_it() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        let sent = |body: String| {
            let request = PaneRequest { body, ..PaneRequest::default() };
            sessions.change(&id, SessionChange::Sent(request));
        };
        let lengths = || -> Vec<usize> {
            let history = sessions.find(&id, start()).unwrap().memory.history;
            history.iter().map(|sent| sent.body.len()).collect()
        };
        sent("a".repeat(HISTORY_BYTES_MAX / 2));
        sent("b".repeat(HISTORY_BYTES_MAX + 1));
        assert_eq!(lengths(), [HISTORY_BYTES_MAX / 2]);
        sent("c".repeat(HISTORY_BYTES_MAX / 2 + 1));
        assert_eq!(lengths(), [HISTORY_BYTES_MAX / 2 + 1], "the oldest went");
    }

    #[test]
    fn what_was_done_is_told_once() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        let done = Done { text: "launched".to_owned(), cli: "aws".to_owned() };
        sessions.change(&id, SessionChange::Done(done.clone()));
        assert_eq!(sessions.find(&id, start()).unwrap().done, Some(done));
        assert_eq!(sessions.find(&id, start()).unwrap().done, None);
    }

    #[test]
    fn the_history_is_bounded_and_has_each_request_once() {
        let sessions = sessions();
        let id = begin(&sessions, 1, start());
        let sent = |target: String| {
            let request = PaneRequest { target, ..PaneRequest::default() };
            sessions.change(&id, SessionChange::Sent(request));
        };
        (0..HISTORY_MAX + 5).for_each(|number| sent(format!("/{number}")));
        sent("/20".to_owned());
        let history = sessions.find(&id, start()).unwrap().memory.history;
        assert_eq!(history.len(), HISTORY_MAX);
        assert_eq!(history.iter().filter(|sent| sent.target == "/20").count(), 1);
        assert_eq!(history[0].target, "/20");
    }
}
