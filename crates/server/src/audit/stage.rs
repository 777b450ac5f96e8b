//! How far a request came.

use serde::{Deserialize, Serialize};

/// The phases, in the order of the walk: how far a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The head was being read.
    #[default]
    Parse,
    /// The signature was being checked.
    Authenticate,
    /// The key's owner was being looked up.
    Identify,
    /// The operation was being found.
    Route,
    /// The policies were being asked.
    Authorize,
    /// The operation was running.
    Serve,
    /// Everything was done.
    Respond,
}
