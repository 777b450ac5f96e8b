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
/// And so long where nothing good is left: requests are refused meanwhile, not turned into a storm.
const RETRY_WITHOUT_AFTER: SignedDuration = SignedDuration::from_secs(1);

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

impl Credentials {
    /// A key that does not end.
    #[must_use]
    pub fn new(access_key_id: &str, secret: &str) -> Self {
        let (access_key_id, secret) = (access_key_id.to_owned(), SecretKey::new(secret));
        Self { access_key_id, secret, session_token: None, expires: None }
    }
}

/// A future that a [`CredentialSource`] returns.
pub type LoadingCredentials<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, LoadError>> + Send + 'a>>;

/// Where credentials come from.
pub trait CredentialSource: Send + Sync {
    /// Loads them anew.
    fn load(&self) -> LoadingCredentials<'_>;
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
pub struct CredentialCache {
    source: Box<dyn CredentialSource>,
    /// Held by the one that loads.
    loading: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Arc<Credentials>>,
    failed: Option<(LoadError, Timestamp)>,
    loads: u64,
    failures: u64,
}

impl State {
    fn good(&self, now: Timestamp) -> Option<Arc<Credentials>> {
        self.kept.clone().filter(|kept| is_good(kept, now))
    }

    /// What can be answered without loading: credentials that are not due, or that are still good
    /// after a load that failed just now, or that failure.
    fn known(&self, now: Timestamp) -> Option<Result<Arc<Credentials>, LoadError>> {
        if let Some(kept) = self.kept.clone().filter(|kept| !is_due(kept, now)) {
            return Some(Ok(kept));
        }
        let (error, at) = self.failed.as_ref()?;
        let good = self.good(now);
        let wait = if good.is_some() { RETRY_AFTER } else { RETRY_WITHOUT_AFTER };
        (at.duration_until(now) < wait).then(|| good.ok_or_else(|| error.clone()))
    }
}

impl CredentialCache {
    /// A cache that has nothing yet.
    ///
    /// ```
    /// use client::credentials::{CredentialCache, CredentialSource, LoadError, LoadingCredentials};
    ///
    /// struct Nowhere;
    ///
    /// impl CredentialSource for Nowhere {
    ///     fn load(&self) -> LoadingCredentials<'_> {
    ///         Box::pin(async { Err(LoadError("nothing is configured".to_owned())) })
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// let cache = CredentialCache::new(Box::new(Nowhere));
    /// let refused = runtime.block_on(cache.get("2026-11-23T12:00:00Z".parse()?));
    /// assert_eq!(refused.err().map(|error| error.to_string()).as_deref(), Some("no AWS credentials: nothing is configured"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(source: Box<dyn CredentialSource>) -> Self {
        Self { source, loading: Mutex::default(), state: Mutex::default() }
    }

    /// A cache of credentials that are known already, and are not renewed.
    #[must_use]
    pub fn fixed(credentials: Credentials) -> Self {
        struct Nowhere;
        impl CredentialSource for Nowhere {
            fn load(&self) -> LoadingCredentials<'_> {
                let ended = LoadError("those that were given have ended".to_owned());
                Box::pin(std::future::ready(Err(ended)))
            }
        }
        let kept = Some(Arc::new(credentials));
        let cache = Self::new(Box::new(Nowhere));
        Self { state: Mutex::new(State { kept, ..State::default() }), ..cache }
    }

    /// Credentials that are good at `now`. One caller loads; while it does, the others go on with
    /// the last good ones, or wait for that one load where there are none.
    ///
    /// # Errors
    /// The source's [`LoadError`], where nothing good is left.
    pub async fn get(&self, now: Timestamp) -> Result<Arc<Credentials>, LoadError> {
        if let Some(known) = self.state.lock().await.known(now) {
            return known;
        }
        let good = self.state.lock().await.good(now);
        let _turn = match (self.loading.try_lock(), &good) {
            (Ok(turn), _) => turn,
            (Err(_), Some(good)) => return Ok(Arc::clone(good)),
            (Err(_), None) => self.loading.lock().await,
        };
        // Whoever waited for its turn finds it done.
        if let Some(known) = self.state.lock().await.known(now) {
            return known;
        }
        let loaded = self.source.load().await;
        let mut state = self.state.lock().await;
        state.loads += 1;
        match loaded {
            Ok(loaded) => {
                let loaded = Arc::new(loaded);
                state.kept = Some(Arc::clone(&loaded));
                state.failed = None;
                Ok(loaded)
            }
            Err(error) => {
                state.failures += 1;
                state.failed = Some((error.clone(), now));
                good.ok_or(error)
            }
        }
    }

    /// For metrics: when the kept credentials end, how often they were loaded and failed to.
    pub async fn status(&self) -> CacheStatus {
        let state = self.state.lock().await;
        CacheStatus {
            have: state.kept.is_some(),
            expires: state.kept.as_ref().and_then(|kept| kept.expires),
            loads: state.loads,
            failures: state.failures,
        }
    }
}

/// What a cache has.
#[derive(Clone, Copy, Debug)]
pub struct CacheStatus {
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
