//! Every way a request is refused, with what the log says; `respond` knows what the client reads.

use engine::exception::{Exception, ExceptionKind};
use engine::rest::Flavor;

use crate::audit::{self, Layer, Stage};
use crate::guards::passwords::TooManyPasswords;
use crate::guards::quotas::QuotaUsedUp;
use crate::guards::request_rates::RateUsedUp;
use crate::guards::shares::ShareUsedUp;
use crate::guards::throttle::TooManyTries;
use crate::service::pool::{QueueOwner, WorkNotDone};
use crate::transport::malformed::MalformedRequest;
use crate::walk::outcome::Outcome;

/// Why a request did not come to its end.
#[derive(Debug)]
pub enum Refusal {
    /// It is no request we read: the client's fault, found before anyone was asked who it is.
    Malformed(MalformedRequest),
    /// The signature layer refuses: signature, token, key, dates, scope.
    Unproven(Box<sigv4::Refusal>),
    /// The signature is right and was used before, on a domain that accepts each once.
    Replayed,
    /// The name and the password of Basic authentication are refused.
    Unauthorized(LoginRefusal),
    /// Too many failures before this request: it is not even looked at.
    TooMany {
        /// Of what.
        what: &'static str,
        /// When another try is worth it.
        too_many: TooManyTries,
    },
    /// The policies refuse. The text is Amazon's, from `User:` on.
    Denied(String),
    /// The roles of fine-grained access control refuse, in the security plugin's words.
    Roles {
        /// Why.
        text: String,
        /// The answer.
        outcome: Outcome,
    },
    /// A path that no table knows: denied for everybody.
    Unmapped {
        /// The method as sent.
        method: String,
        /// The path as sent.
        path: String,
    },
    /// What is known of identities and policies is too old: their database is gone for longer than the operator wants.
    Stale,
    /// The domain's indices are in another gateway's data folder: its name.
    Elsewhere(String),
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
            Self::Roles { text, .. } => format!("denied by roles: {text}"),
            Self::Unmapped { method, path } => format!("unmapped-api: {method} {path}"),
            Self::Stale => {
                "stale: the database of the state is gone for longer than state.stale_for"
                    .to_owned()
            }
            Self::Elsewhere(gateway) => format!("elsewhere: the domain is served by {gateway}"),
            Self::Unrecorded => "unrecorded: the audit record could not be written".to_owned(),
            Self::Answered { why, .. } => why.clone(),
        }
    }

    /// One more answer for who does not read those that there are.
    #[must_use]
    pub fn unread(full: &ShareUsedUp) -> Self {
        let what =
            format!("too many bytes of responses {} are unread: read them first", full.whose());
        let outcome = Outcome::json(429, &serde_json::json!({ "message": what }));
        Self::Answered { outcome, why: what }
    }

    /// More requests a second than there may be.
    #[must_use]
    pub(crate) fn too_often((what, too_many): RateUsedUp) -> Self {
        Self::TooMany { what, too_many }
    }

    /// One more of what this caller, or this domain, has enough of under way, as Elasticsearch rejects what its queues do not take.
    #[must_use]
    pub(crate) fn quota(full: &QuotaUsedUp, flavor: Flavor) -> Self {
        Self::of_engine(&Exception::new(ExceptionKind::RejectedExecution, full.to_string()), flavor)
    }

    /// A refusal in the engine's own words.
    #[must_use]
    pub fn of_engine(exception: &Exception, flavor: Flavor) -> Self {
        let response = engine::Response::exception(exception).of(flavor);
        Self::Answered { why: exception.reason().to_owned(), outcome: response.into() }
    }

    /// Which layer refused, at the stage that the request came to.
    #[must_use]
    pub fn layer(&self, stage: Stage, is_control: bool) -> Layer {
        match self {
            Self::Malformed(malformed) => of_malformed(malformed),
            Self::Unproven(refusal) => of_signature(refusal),
            Self::Replayed => Layer::Signature,
            Self::Unauthorized(_) => Layer::Password,
            Self::TooMany { .. } => Layer::Limit,
            Self::Denied(_) => Layer::Policies,
            Self::Roles { .. } => Layer::Roles,
            Self::Unmapped { .. } => Layer::Route,
            Self::Stale => Layer::State,
            Self::Elsewhere(_) => Layer::Route,
            Self::Unrecorded => Layer::Audit,
            Self::Answered { outcome, .. } => match (outcome.status, stage) {
                (408 | 429 | 503 | 504, _) => Layer::Limit,
                (501, Stage::Authorize | Stage::Serve | Stage::Respond) => Layer::NotBuilt,
                (405, _) | (_, Stage::Route) => Layer::Route,
                (_, Stage::Parse) => Layer::Http,
                (_, Stage::Authenticate | Stage::Identify) => Layer::Identity,
                (_, Stage::Authorize | Stage::Serve | Stage::Respond) if is_control => {
                    Layer::Operation
                }
                (_, Stage::Authorize | Stage::Serve | Stage::Respond) => Layer::Engine,
            },
        }
    }

    /// A stable name of the kind of refusal.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Unproven(refusal) => refusal.kind(),
            Self::Replayed => "replayed",
            Self::Unauthorized(_) => "unauthorized",
            Self::TooMany { .. } => "too_many",
            Self::Denied(_) => "denied",
            Self::Roles { .. } => "denied_by_roles",
            Self::Unmapped { .. } => "unmapped_api",
            Self::Stale => "stale",
            Self::Elsewhere(_) => "elsewhere",
            Self::Unrecorded => "unrecorded",
            Self::Answered { .. } => "answered",
        }
    }
}

impl From<MalformedRequest> for Refusal {
    fn from(malformed: MalformedRequest) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<audit::Unrecorded> for Refusal {
    fn from(_: audit::Unrecorded) -> Self {
        Self::Unrecorded
    }
}

impl From<WorkNotDone> for Refusal {
    /// Work that was not done, in JSON: both dialects of a domain and of the search APIs.
    fn from(not_done: WorkNotDone) -> Self {
        let (status, what) = match not_done {
            WorkNotDone::Busy(QueueOwner::Principal) => (
                429,
                "too many requests of this principal are already waiting: send fewer at a time",
            ),
            WorkNotDone::Busy(QueueOwner::Account) => {
                (429, "too many requests of this account are already waiting: send fewer at a time")
            }
            WorkNotDone::Busy(QueueOwner::All) => (429, "too many requests are already waiting"),
            WorkNotDone::Panicked => (500, "internal error"),
        };
        let outcome = Outcome::json(status, &serde_json::json!({ "message": what }));
        Self::Answered { outcome, why: format!("not done: {not_done:?}") }
    }
}

impl From<TooManyPasswords> for Refusal {
    fn from(_: TooManyPasswords) -> Self {
        MalformedRequest::new(429, "too many passwords are being checked").into()
    }
}

impl From<sigv4::Refusal> for Refusal {
    fn from(refusal: sigv4::Refusal) -> Self {
        Self::Unproven(Box::new(refusal))
    }
}

/// A name and a password that do not let in.
#[derive(Debug)]
pub struct LoginRefusal {
    /// The domain, for the challenge.
    pub realm: String,
    /// What the log says.
    pub why: &'static str,
    /// What the client reads.
    pub told: &'static str,
}

fn of_malformed(malformed: &MalformedRequest) -> Layer {
    match malformed.status {
        408 | 413 | 414 | 429 | 431 | 503 => Layer::Limit,
        _ => Layer::Http,
    }
}

fn of_signature(refusal: &sigv4::Refusal) -> Layer {
    use sigv4::Refusal as R;
    match refusal {
        R::TooLarge { .. }
        | R::DuplicateHeader { .. }
        | R::MalformedHeader { .. }
        | R::MalformedTarget
        | R::MalformedHost
        | R::MalformedQuery
        | R::DuplicateParameter { .. }
        | R::HopByHopSigned { .. } => Layer::Http,
        R::Key(_) => Layer::Identity,
        R::HeaderAndQuery
        | R::TwoSchemes
        | R::MissingAuthenticationToken
        | R::UnsupportedAlgorithm { .. }
        | R::Syntax
        | R::MissingParts { .. }
        | R::HostNotSigned
        | R::HeaderNotSigned { .. }
        | R::SignedHeadersNotCanonical
        | R::DateSyntax { .. }
        | R::ExpiresOutOfRange
        | R::Expired { .. }
        | R::NotYetCurrent { .. }
        | R::CredentialParts { .. }
        | R::Scope(_)
        | R::PayloadMode { .. }
        | R::FormWithQuery { .. }
        | R::SignatureMismatch(_) => Layer::Signature,
    }
}
