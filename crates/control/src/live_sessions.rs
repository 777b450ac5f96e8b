//! The live sessions of a role or user, told and ended before their time. Amazon has no operation for either; here each session is a
//! record, so there is something to tell and to take away (decision 0197).

use jiff::Timestamp;

use crate::control::Control;
use crate::directory::sessions::holder;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
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

/// Sessions of one role or user (or of root).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSessions {
    /// The ARN of whom they hang on: what an action on them is asked about.
    pub holder: String,
    /// The sessions, the one that was issued last first.
    pub sessions: Vec<LiveSessionAbout>,
    /// How many more there are than are told.
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

/// The end of sessions, for those who may.
pub struct EndSessions<'a> {
    /// The account.
    pub account: &'a str,
    /// Which.
    pub meant: &'a SessionsMeant,
    /// On whom they hung when the caller was asked about.
    pub holder: &'a str,
    /// Who ends them, for the change log.
    pub caller: &'a str,
    /// The request.
    pub request_id: &'a str,
    /// The time.
    pub now: Timestamp,
}

impl Directory {
    /// The live sessions that are meant; `None` where the account has no such role, user or session.
    pub fn live_sessions(
        &self,
        account: &str,
        meant: &SessionsMeant,
        now: Timestamp,
    ) -> Option<LiveSessions> {
        let now = self.time_of(account, now).as_second();
        let (arn, id) = match meant {
            SessionsMeant::OfRole(name) => {
                let role = self.role(account, name)?;
                (role.arn(), role.id.clone())
            }
            SessionsMeant::OfUser(name) => {
                let user = self.user(account, name)?;
                (user.arn(), user.id.clone())
            }
            SessionsMeant::One(key) => {
                let session = self.session(key).filter(|session| {
                    session.entry.account == account
                        && !session.is_over(now)
                        && has_token(&session.entry)
                })?;
                let holder = self.holder_of(&session.entry)?;
                let sessions = vec![self.about(&session.entry)];
                return Some(LiveSessions { holder, sessions, left_out: 0 });
            }
        };
        let counted = format!("{account}/{id}");
        let mut sessions: Vec<LiveSessionAbout> = self
            .sessions()
            .values()
            .filter(|session| holder(&session.entry) == counted)
            .filter(|session| !session.is_over(now) && has_token(&session.entry))
            .map(|session| self.about(&session.entry))
            .collect();
        sessions.sort_by_key(|session| std::cmp::Reverse(session.issued));
        let left_out = sessions.len().saturating_sub(SESSIONS_TOLD_MAX);
        sessions.truncate(SESSIONS_TOLD_MAX);
        Some(LiveSessions { holder: arn, sessions, left_out })
    }

    /// The ARN of the role, user or root that a session hangs on; `None` where it is gone.
    fn holder_of(&self, session: &Session) -> Option<String> {
        let account = &session.account;
        match &session.subject {
            SessionSubject::Role { role, .. } => Some(self.role(account, role)?.arn()),
            SessionSubject::User { user: Some((name, _)) }
            | SessionSubject::Federated { user: Some((name, _)), .. } => {
                Some(self.user(account, name)?.arn())
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
    /// Ends the sessions that are meant, at most [`SESSIONS_TOLD_MAX`] of them; how many. When it returns, no request with their
    /// credentials is let in any more.
    ///
    /// # Errors
    /// `ConcurrentModification` when they hang on another role or user than the caller was asked about; `Unavailable` when the store
    /// refuses.
    pub fn end_sessions(&self, order: &EndSessions<'_>) -> Result<usize, ApiError> {
        let entry = ChangeLogEntry {
            at: order.now.as_second(),
            operation: "countersign:RevokeSession",
            caller: order.caller,
            request_id: order.request_id,
        };
        self.change(&entry, |directory, change| {
            let Some(live) = directory.live_sessions(order.account, order.meant, order.now) else {
                return Ok(0);
            };
            if live.holder != order.holder {
                let text = "the sessions hang on another role or user by now";
                return Err(ApiError::new(ErrorCode::Conflict, text));
            }
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
            Ok(live.sessions.len())
        })
    }
}
