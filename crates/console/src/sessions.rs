//! Who is signed in. Sessions are kept in memory, under an id that is new at each sign-in and that only the browser's cookie
//! has; what is kept of it here is enough to find it and no more than that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

use crate::facade::SignedIn;
use crate::limits::{
    HISTORY_BYTES_MAX, HISTORY_MAX, SESSION_IDLE_MAX, SESSIONS_MAX, SESSIONS_PER_ARN_MAX,
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
}

/// A session, as a request finds it.
pub(crate) struct Session<C> {
    /// Who signed in.
    pub(crate) who: Arc<SignedIn<C>>,
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
}

impl SessionMemory {
    /// Remembers a request, and as many of the earlier ones as there is room for.
    fn remember(&mut self, request: PaneRequest) {
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
    who: Arc<SignedIn<C>>,
    memory: SessionMemory,
    form_token: String,
    done: Option<Done>,
    begun: Timestamp,
    used: Timestamp,
}

impl<C> Sessions<C> {
    /// Nobody is signed in.
    pub(crate) fn new(times: SessionTimes) -> Self {
        Self { times, kept: Mutex::default() }
    }

    /// Begins a session; its id. Both secrets are made of these random bytes.
    pub(crate) fn begin(
        &self,
        who: SignedIn<C>,
        region: String,
        [id, token]: [[u8; 32]; 2],
        now: Timestamp,
    ) -> String {
        let id = BASE64URL_NOPAD.encode(&id);
        let mut kept = self.kept();
        kept.retain(|_, session| session.lasts(self.times, now));
        let is_own = |session: &Kept<C>| session.who.arn == who.arn;
        if kept.values().filter(|session| is_own(session)).count() >= SESSIONS_PER_ARN_MAX {
            end_longest_unused(&mut kept, is_own);
        }
        if kept.len() >= SESSIONS_MAX {
            end_longest_unused(&mut kept, |_| true);
        }
        let session = Kept {
            who: Arc::new(who),
            memory: SessionMemory { region, history: VecDeque::new() },
            form_token: BASE64URL_NOPAD.encode(&token),
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
            return None;
        }
        let session = kept.get_mut(id)?;
        session.used = session.used.max(now);
        Some(Session {
            who: Arc::clone(&session.who),
            memory: session.memory.clone(),
            form_token: session.form_token.clone(),
            done: session.done.take(),
        })
    }

    /// The ARN of who has the session of this id, which is not used by asking.
    pub(crate) fn caller(&self, id: &str, now: Timestamp) -> Option<String> {
        let kept = self.kept();
        let session = kept.get(id).filter(|session| session.lasts(self.times, now))?;
        Some(session.who.arn.clone())
    }

    /// Changes what a session remembers.
    pub(crate) fn change(&self, id: &str, change: SessionChange) {
        let mut kept = self.kept();
        let Some(session) = kept.get_mut(id) else { return };
        match change {
            SessionChange::Done(done) => session.done = Some(done),
            SessionChange::Sent(request) => session.memory.remember(request),
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

/// What a page changes in its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionChange {
    /// Something was done, which the next page tells.
    Done(Done),
    /// A request was sent from the request pane.
    Sent(PaneRequest),
}

impl<C> Kept<C> {
    /// Whether it is still good. A clock that was set back ends nothing and revives nothing.
    fn lasts(&self, times: SessionTimes, now: Timestamp) -> bool {
        let now = now.max(self.used);
        now.duration_since(self.begun) < times.length
            && now.duration_since(self.used).unsigned_abs() < SESSION_IDLE_MAX
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn sessions() -> Sessions<()> {
        Sessions::new(SessionTimes { length: SignedDuration::from_hours(2) })
    }

    fn user(name: &str) -> SignedIn<()> {
        let arn = format!("arn:aws:iam::123456789012:user/{name}");
        SignedIn { arn, account: "123456789012".to_owned(), credentials: () }
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
        sessions.begin(user(name), "us-east-1".to_owned(), [random, [9; 32]], now)
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
