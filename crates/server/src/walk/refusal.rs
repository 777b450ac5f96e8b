//! Every way a request is refused, with what the log says; `respond` knows what the client reads.

use crate::audit;
use crate::guards::throttle::TooMany;
use crate::walk::respond::Outcome;

/// Why a request did not come to its end.
#[derive(Debug)]
pub enum Refusal {
    /// It is no request we read: the client's fault, found before anyone was asked who it is.
    Malformed(Malformed),
    /// The signature layer refuses: signature, token, key, dates, scope.
    Unproven(Box<sigv4::Refusal>),
    /// The signature is right and was used before, on a domain that accepts each once.
    Replayed,
    /// The name and the password of Basic authentication are refused.
    Unauthorized(Unauthorized),
    /// Too many failures before this request: it is not even looked at.
    TooMany {
        /// Of what.
        what: &'static str,
        /// When another try is worth it.
        too_many: TooMany,
    },
    /// The policies refuse. The text is Amazon's, from `User:` on.
    Denied(String),
    /// A path that no table knows: denied for everybody.
    Unmapped {
        /// The method as sent.
        method: String,
        /// The path as sent.
        path: String,
    },
    /// It would be carried out without a record, which the operator does not want.
    Unrecorded,
    /// A refusal that already speaks the dialect of its API: an exception of the engine, an error of
    /// the control plane.
    Answered {
        /// The answer.
        outcome: Outcome,
        /// What the log says.
        why: String,
    },
}

impl Refusal {
    /// What the audit record says.
    #[must_use]
    pub fn log(&self) -> String {
        match self {
            Self::Malformed(malformed) => format!("malformed: {}", malformed.what),
            Self::Unproven(refusal) => format!("unproven: {}: {refusal}", refusal.kind()),
            Self::Replayed => "replayed: the signature was used before".to_owned(),
            Self::Unauthorized(unauthorized) => format!("unauthorized: {}", unauthorized.why),
            Self::TooMany { what, too_many } => {
                let seconds = too_many.retry_after_seconds;
                format!("too many {what}; the next try in {seconds} s")
            }
            Self::Denied(text) => format!("denied: {text}"),
            Self::Unmapped { method, path } => format!("unmapped-api: {method} {path}"),
            Self::Unrecorded => "unrecorded: the audit record could not be written".to_owned(),
            Self::Answered { why, .. } => why.clone(),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<audit::Unrecorded> for Refusal {
    fn from(_: audit::Unrecorded) -> Self {
        Self::Unrecorded
    }
}

impl From<sigv4::Refusal> for Refusal {
    fn from(refusal: sigv4::Refusal) -> Self {
        Self::Unproven(Box::new(refusal))
    }
}

/// A name and a password that do not let in.
#[derive(Debug)]
pub struct Unauthorized {
    /// The domain, for the challenge.
    pub realm: String,
    /// What the log says.
    pub why: &'static str,
    /// What the client reads.
    pub told: &'static str,
}

/// A request that is not one.
#[derive(Debug)]
pub struct Malformed {
    /// The HTTP status.
    pub status: u16,
    /// What was seen, in a few words without secrets: log and client read the same.
    pub what: String,
}

impl Malformed {
    /// A fault with a status of its own.
    pub fn new(status: u16, what: impl Into<String>) -> Self {
        Self { status, what: what.into() }
    }

    /// A plain 400.
    pub fn bad(what: impl Into<String>) -> Self {
        Self::new(400, what)
    }

    /// Whether the request is well framed, only not one to take (too much, not now, in another coding): its
    /// body can be read away, so that the client sees the answer.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        matches!(self.status, 413 | 415 | 429 | 503)
    }

    /// 413, naming the limit, in the words of Amazon's front end.
    #[must_use]
    pub fn body_too_large(bytes_max: usize) -> Self {
        Self::new(413, format!("Request size exceeded {bytes_max} bytes"))
    }

    /// 414, naming the limit.
    #[must_use]
    pub fn target_too_long() -> Self {
        let bytes_max = crate::guards::limits::TARGET_BYTES_MAX;
        Self::new(414, format!("a request target of more than {bytes_max} bytes"))
    }
}
