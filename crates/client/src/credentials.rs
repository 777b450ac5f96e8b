//! Credentials that stay fresh: loaded once, renewed before they expire by one task at a time, and
//! kept while they are still good when renewing fails.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sigv4::{SecretKey, SessionToken};
use tokio::sync::Mutex;

/// Renewal starts so long before the end: what AWS's SDKs leave for a slow metadata service.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// After a failed renewal the next one waits so long, while the last good credentials serve.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// One set of credentials.
pub struct Credentials {
    /// The key's public name.
    pub access_key_id: String,
    /// The key.
    pub secret: SecretKey,
    /// The token of temporary credentials.
    pub session_token: Option<SessionToken>,
    /// When they end, if they do.
    pub expires: Option<Timestamp>,
}

/// A future that a [`Source`] returns.
pub type Loading<'a> = Pin<Box<dyn Future<Output = Result<Credentials, LoadError>> + Send + 'a>>;

/// Where credentials come from.
pub trait Source: Send + Sync {
    /// Loads them anew.
    fn load(&self) -> Loading<'_>;
}

/// Why there are no credentials. The text names sources, never secrets.
#[derive(Clone, Debug)]
pub struct LoadError(pub String);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no AWS credentials: {}", self.0)
    }
}

impl std::error::Error for LoadError {}

/// Keeps a source's credentials. Only their age decides when they are loaded again: an answer of
/// 403 does not (a policy's refusal must not become a storm of STS calls).
pub struct Keeper {
    source: Box<dyn Source>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Arc<Credentials>>,
    retry_at: Option<Timestamp>,
    loads: u64,
    failures: u64,
}

impl Keeper {
    /// A keeper that has nothing yet.
    pub fn new(source: Box<dyn Source>) -> Self {
        Self { source, state: Mutex::new(State::default()) }
    }

    /// Credentials that are good at `now`. Callers that come while others load wait for that one
    /// load.
    pub async fn get(&self, now: Timestamp) -> Result<Arc<Credentials>, LoadError> {
        let mut state = self.state.lock().await;
        if let Some(kept) = state.kept.clone().filter(|kept| !is_due(kept, now)) {
            return Ok(kept);
        }
        let good = state.kept.clone().filter(|kept| is_good(kept, now));
        if let (Some(good), true) = (&good, state.retry_at.is_some_and(|at| now < at)) {
            return Ok(Arc::clone(good));
        }
        state.loads += 1;
        match self.source.load().await {
            Ok(loaded) => {
                let loaded = Arc::new(loaded);
                state.kept = Some(Arc::clone(&loaded));
                state.retry_at = None;
                Ok(loaded)
            }
            Err(error) => {
                state.failures += 1;
                state.retry_at = now.checked_add(RETRY_AFTER).ok();
                good.ok_or(error)
            }
        }
    }

    /// For metrics: when the kept credentials end, how often they were loaded and failed to.
    pub async fn status(&self) -> Status {
        let state = self.state.lock().await;
        Status {
            have: state.kept.is_some(),
            expires: state.kept.as_ref().and_then(|kept| kept.expires),
            loads: state.loads,
            failures: state.failures,
        }
    }
}

/// What a keeper has.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// Whether there were ever credentials.
    pub have: bool,
    /// When the kept ones end.
    pub expires: Option<Timestamp>,
    /// How often the source was asked.
    pub loads: u64,
    /// How often it failed.
    pub failures: u64,
}

fn is_good(kept: &Credentials, now: Timestamp) -> bool {
    kept.expires.is_none_or(|expires| now < expires)
}

fn is_due(kept: &Credentials, now: Timestamp) -> bool {
    kept.expires.is_some_and(|expires| now.duration_until(expires) < RENEW_BEFORE)
}
