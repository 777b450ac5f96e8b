//! What is remembered of passwords, and what bounds the cost of checking them.

use std::sync::Arc;

use control::{ProvenLogins, SystemMint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::guards::limits;
use crate::guards::throttle::{SourceAddress, Throttle};

/// That too many passwords are being checked.
#[derive(Clone, Copy, Debug)]
pub struct TooManyPasswords;

/// What the service remembers of passwords, and what bounds their cost.
pub struct PasswordChecks {
    /// Whose passwords were right.
    pub proven: ProvenLogins,
    /// Failures by account and lower-cased name, whether or not there is such a user.
    pub users: Throttle<(String, String)>,
    /// Failures by source.
    pub sources: Throttle<SourceAddress>,
    /// Failures by source of what an identity provider is said to have sent. Any site can make a browser send that, so that it must
    /// use up no tries of passwords.
    pub provided: Throttle<SourceAddress>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for PasswordChecks {
    fn default() -> Self {
        Self {
            proven: ProvenLogins::new(&SystemMint),
            users: Throttle::new(limits::USER_FAILURES_PER_SECOND, limits::USER_FAILURES_BURST),
            sources: Throttle::new(
                limits::SOURCE_PASSWORD_FAILURES_PER_SECOND,
                limits::SOURCE_PASSWORD_FAILURES_BURST,
            ),
            provided: Throttle::new(
                limits::SOURCE_PASSWORD_FAILURES_PER_SECOND,
                limits::SOURCE_PASSWORD_FAILURES_BURST,
            ),
            running: Arc::new(Semaphore::new(limits::PASSWORD_HASHES_RUNNING_MAX)),
            waiting: Arc::new(Semaphore::new(limits::PASSWORD_HASHES_WAITING_MAX)),
        }
    }
}

impl PasswordChecks {
    /// Leave to hash a password, held while it lasts.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, TooManyPasswords> {
        let waiting = Arc::clone(&self.waiting);
        let waiting = waiting.try_acquire_owned().map_err(|_full| TooManyPasswords)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_closed| TooManyPasswords)?;
        drop(waiting);
        Ok(running)
    }
}
