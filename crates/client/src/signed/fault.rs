//! Why a request came to nothing.

use std::fmt;

use crate::credentials::LoadError;
use crate::outbound::SendError;
use crate::spool::SpoolError;

/// Why a request came to nothing, or to less than was asked for.
#[derive(Debug)]
pub enum ClientFault {
    /// The options, or a part of the request, cannot be used.
    Options(String),
    /// There are no credentials.
    Credentials(LoadError),
    /// The body could not be read, or kept until it is sent.
    Body(SpoolError),
    /// The endpoint cannot be connected to, or its certificate is not trusted: nothing was sent.
    Unreachable(String),
    /// The endpoint broke off before its answer was whole. What was asked for may have been done.
    BrokeOff(String),
    /// No answer, or no further piece of it, in time. What was asked for may have been done.
    TimedOut,
    /// The endpoint refuses: a status other than 2xx, with what its body says.
    Refused {
        /// The status.
        status: u16,
        /// The name of the refusal, such as `index_not_found_exception`, where there is one.
        kind: Option<String>,
        /// Its reason, or the beginning of the body where that has none.
        reason: String,
    },
    /// The answer is not what was expected of it.
    Unreadable(String),
}

impl fmt::Display for ClientFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(why) => f.write_str(why),
            Self::Credentials(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
            Self::Unreachable(why) => write!(f, "cannot reach the endpoint: {why}"),
            Self::BrokeOff(why) => write!(f, "the endpoint broke off: {why}"),
            Self::TimedOut => write!(f, "the endpoint did not answer in time"),
            Self::Refused { status, kind: Some(kind), reason } => {
                write!(f, "the endpoint refuses with {status}, {kind}: {reason}")
            }
            Self::Refused { status, kind: None, reason } => {
                write!(f, "the endpoint refuses with {status}: {reason}")
            }
            Self::Unreadable(why) => write!(f, "the answer cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ClientFault {}

impl From<SendError> for ClientFault {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Credentials(error) => Self::Credentials(error),
            SendError::Request(why) => Self::Options(format!("cannot sign the request: {why}")),
            SendError::Unreachable(why) => Self::Unreachable(why),
            SendError::Endpoint(why) => Self::BrokeOff(why),
        }
    }
}

impl From<SpoolError> for ClientFault {
    fn from(error: SpoolError) -> Self {
        Self::Body(error)
    }
}
