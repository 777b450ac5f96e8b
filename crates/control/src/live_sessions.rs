//! The live sessions of a role or user, told and ended before their time. Amazon has no operation for either; here each session is a
//! record, so there is something to tell and to take away (decision 0197).

use jiff::Timestamp;
use policy::{AccessRequest, Context, evaluate};

use crate::control::Control;
use crate::directory::sessions::holder;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::identity::{IdentifiedCaller, ResourceSide};
use crate::limits::SESSIONS_TOLD_MAX;
use crate::store::port::ChangeLogEntry;
use crate::store::record::{Record, RecordKind, Session, SessionSubject};

/// Which sessions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionsMeant {
    /// Those of the role of this name.
    OfRole(String),
    /// Those of the user of this name: of `GetSessionToken` and of `GetFederationToken`.
    OfUser(String),
    /// The one with this access key id.
    One(String),
}

/// On whom sessions hang: a role, a user or root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionsHolder {
    /// The ARN: what an action on the sessions is asked about.
    pub arn: String,
    /// The account and the unique id: one that is made again under the same name is another.
    unique: String,
}

/// Sessions of one holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSessions {
    /// On whom they hang.
    pub holder: SessionsHolder,
    /// The sessions, the one that was issued last first.
    pub sessions: Vec<LiveSessionAbout>,
    /// How many more there are than are told.
    pub left_out: usize,
}

/// How many sessions were ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedSessions {
    /// These.
    pub ended: usize,
    /// How many more there were than are ended at once.
    pub left_out: usize,
}

/// What is told of a session: nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSessionAbout {
    /// `ASIA…`.
    pub access_key_id: String,
    /// Who it is to policies and records.
    pub arn: String,
    /// When it was issued.
    pub issued: i64,
    /// When it ends by itself.
    pub expires: i64,
    /// The source identity.
    pub source_identity: Option<String>,
    /// Whether a second factor was proven for it.
    pub mfa: bool,
}

/// A call about sessions of a caller who was allowed it.
pub struct SessionsCall<'a> {
    /// What was allowed: `countersign:ListSessions`, `countersign:RevokeSession`.
    pub action: &'static str,
    /// The account.
    pub account: &'a str,
    /// Which sessions.
    pub meant: &'a SessionsMeant,
    /// On whom they hung when the policies were asked.
    pub holder: &'a SessionsHolder,
    /// Who calls.
    pub caller: &'a IdentifiedCaller,
    /// What the connection knew then (`aws:SourceIp` …).
    pub context: &'a Context,
    /// The version of the directory that the policies were asked on.
    pub judged: u64,
    /// The request.
    pub request_id: &'a str,
    /// The time.
    pub now: Timestamp,
}

impl SessionsCall<'_> {
    /// That the policies of now allow it, too, on the very holder.
    fn check_still_allowed(&self, directory: &Directory) -> Result<(), ApiError> {
        if directory.version() == self.judged {
            return Ok(());
        }
        let caller = directory.identify_again(self.caller, self.now).map_err(|_gone| {
            let text = "The security token included in the request is invalid";
            ApiError::new(ErrorCode::InvalidClientTokenId, text)
        })?;
        let mut context = self.context.clone();
        caller.describe(&mut context);
        let request = AccessRequest {
            principal: caller.principal(),
            action: self.action,
            resource: &self.holder.arn,
            resource_account: Some(self.account),
            context: &context,
        };
        let decision = evaluate(&caller.policies(ResourceSide::default()), &request);
        if decision.is_allowed() {
            return Ok(());
        }
        // The holder stays unnamed, as in the first denial.
        Err(ApiError::access_denied(decision.denial_text(&caller.arn, self.action, None)))
    }

    /// The sessions, if they hang on whom the policies were asked about.
    fn sessions(&self, directory: &Directory) -> Result<Option<LiveSessions>, ApiError> {
        self.check_still_allowed(directory)?;
        let live = directory.live_sessions(self.account, self.meant, self.now);
        if live.as_ref().is_some_and(|live| live.holder != *self.holder) {
            let text = "the sessions hang on another role or user by now";
            return Err(ApiError::new(ErrorCode::Conflict, text));
        }
        Ok(live)
    }
}

impl Directory {
    /// On whom the sessions hang that are meant; `None` where the account has no such role, user or session. No session is looked
    /// at but the one that is named.
    pub fn sessions_holder(
        &self,
        account: &str,
        meant: &SessionsMeant,
        now: Timestamp,
    ) -> Option<SessionsHolder> {
        let of = |arn: String, id: &str| SessionsHolder { arn, unique: format!("{account}/{id}") };
        match meant {
            SessionsMeant::OfRole(name) => {
                self.role(account, name).map(|role| of(role.arn(), &role.id))
            }
            SessionsMeant::OfUser(name) => {
                self.user(account, name).map(|user| of(user.arn(), &user.id))
            }
            SessionsMeant::One(key) => {
                let now = self.time_of(account, now).as_second();
                let session = self.session(key).filter(|session| {
                    session.entry.account == account
                        && !session.is_over(now)
                        && has_token(&session.entry)
                })?;
                let arn = self.holder_of(&session.entry)?;
                Some(SessionsHolder { arn, unique: holder(&session.entry) })
            }
        }
    }

    /// The live sessions that are meant; `None` where the account has no such role, user or session. It looks at every session of
    /// the deployment.
    pub fn live_sessions(
        &self,
        account: &str,
        meant: &SessionsMeant,
        now: Timestamp,
    ) -> Option<LiveSessions> {
        let own = self.sessions_holder(account, meant, now)?;
        if let SessionsMeant::One(key) = meant {
            let sessions = vec![self.about(&self.session(key)?.entry)];
            return Some(LiveSessions { holder: own, sessions, left_out: 0 });
        }
        let now = self.time_of(account, now).as_second();
        let mut sessions: Vec<LiveSessionAbout> = self
            .sessions()
            .values()
            .filter(|session| holder(&session.entry) == own.unique)
            .filter(|session| !session.is_over(now) && has_token(&session.entry))
            .map(|session| self.about(&session.entry))
            .collect();
        sessions.sort_by_key(|session| std::cmp::Reverse(session.issued));
        let left_out = sessions.len().saturating_sub(SESSIONS_TOLD_MAX);
        sessions.truncate(SESSIONS_TOLD_MAX);
        Some(LiveSessions { holder: own, sessions, left_out })
    }

    /// The ARN of the role, user or root that a session hangs on; `None` where it is gone.
    fn holder_of(&self, session: &Session) -> Option<String> {
        let account = &session.account;
        match &session.subject {
            SessionSubject::Role { role, role_id, .. } => {
                self.role(account, role).filter(|it| it.id == *role_id).map(|it| it.arn())
            }
            SessionSubject::User { user: Some((name, id)) }
            | SessionSubject::Federated { user: Some((name, id)), .. } => {
                self.user(account, name).filter(|it| it.id == *id).map(|it| it.arn())
            }
            SessionSubject::User { user: None } | SessionSubject::Federated { user: None, .. } => {
                Some(format!("arn:aws:iam::{account}:root"))
            }
        }
    }

    fn about(&self, session: &Session) -> LiveSessionAbout {
        let account = &session.account;
        let arn = match &session.subject {
            SessionSubject::Role { role, session_name, .. } => {
                let name =
                    self.role(account, role).map_or(role.as_str(), |role| role.name.as_str());
                format!("arn:aws:sts::{account}:assumed-role/{name}/{session_name}")
            }
            SessionSubject::Federated { name, .. } => {
                format!("arn:aws:sts::{account}:federated-user/{name}")
            }
            SessionSubject::User { .. } => self.holder_of(session).unwrap_or_default(),
        };
        LiveSessionAbout {
            access_key_id: session.access_key_id.clone(),
            arn,
            issued: session.issued,
            expires: session.expires,
            source_identity: session.source_identity.clone(),
            mfa: session.mfa,
        }
    }
}

/// Whether there is a token that is right for it: one that was ended and whose assertion is remembered has none.
fn has_token(session: &Session) -> bool {
    !session.session_id.is_empty()
}

impl Control {
    /// The live sessions that are meant; `None` where there is no such role, user or session any more.
    ///
    /// # Errors
    /// As [`Control::end_sessions`].
    pub fn tell_sessions(&self, call: &SessionsCall<'_>) -> Result<Option<LiveSessions>, ApiError> {
        call.sessions(&self.directory())
    }

    /// Ends the sessions that are meant, at most [`SESSIONS_TOLD_MAX`] of them. When it returns, no request with their credentials is
    /// let in any more. On another snapshot than the one it was judged on it is judged again, on the very one that it changes.
    ///
    /// # Errors
    /// `AccessDenied` or `InvalidClientTokenId` when the caller may not any more; `ConcurrentModification` when the sessions hang on
    /// another role or user than the policies were asked about; `Unavailable` when the store refuses.
    pub fn end_sessions(&self, call: &SessionsCall<'_>) -> Result<EndedSessions, ApiError> {
        let entry = ChangeLogEntry {
            at: call.now.as_second(),
            operation: call.action,
            caller: &call.caller.arn,
            request_id: call.request_id,
        };
        self.change(&entry, |directory, change| {
            let Some(live) = call.sessions(directory)? else {
                return Ok(EndedSessions { ended: 0, left_out: 0 });
            };
            for session in &live.sessions {
                let key = &session.access_key_id;
                let Some(kept) = directory.session(key) else { continue };
                // An assertion opens a role once: that it did is remembered for as long as the session would have lived.
                if kept.entry.assertion.is_some() {
                    let mut record = kept.entry.record.clone();
                    record.session_id.clear();
                    change.put(Record::Session(record));
                } else {
                    change.delete(RecordKind::Session, key.clone());
                }
            }
            Ok(EndedSessions { ended: live.sessions.len(), left_out: live.left_out })
        })
    }
}
