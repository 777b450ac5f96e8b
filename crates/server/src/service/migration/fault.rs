//! Why a domain does not move.

use engine::exception::Exception;

/// Why a domain does not move. It stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MoveFault {
    /// The cluster cannot be reached, or breaks off.
    Lost(String),
    /// The cluster refuses what it is asked: what that was, the status, and its reason.
    Refused(String, u16, String),
    /// The engine, the disk or the state here.
    Here(String),
    /// It cannot be done as things are.
    Unfit(String),
    /// It takes longer than writes may wait.
    TooSlow(String),
    /// Somebody called it off.
    CalledOff(String),
}

impl MoveFault {
    /// Whether to try the hand-over again helps.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::TooSlow(_))
    }
}

impl std::fmt::Display for MoveFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lost(why) => write!(f, "the cluster is lost: {why}"),
            Self::Refused(what, status, reason) => {
                write!(f, "the cluster refuses {what} with {status}: {reason}")
            }
            Self::Here(why) | Self::Unfit(why) | Self::TooSlow(why) | Self::CalledOff(why) => {
                f.write_str(why)
            }
        }
    }
}

impl std::error::Error for MoveFault {}

impl From<Exception> for MoveFault {
    fn from(exception: Exception) -> Self {
        Self::Here(format!("the engine here: {}", exception.reason()))
    }
}

impl From<std::io::Error> for MoveFault {
    fn from(error: std::io::Error) -> Self {
        Self::Here(format!("the data folder here: {error}"))
    }
}
