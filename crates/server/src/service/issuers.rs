//! Where the keys of OpenID Connect providers come from: discovery and JWKS over HTTPS, kept for a while.
//!
//! Only issuers that an account has registered are ever asked (`authorize` checks before), redirects are
//! not followed, answers are bounded in size and time. One request at a time asks a provider; what it
//! hears, an error too, holds for everybody who waited for it and for a while after: a provider that is
//! dead holds each of its tokens once, and nobody else's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use control::Jwks;
use jiff::Timestamp;
use tokio::sync::{Mutex as Turn, Semaphore};

use crate::guards::limits;
use crate::service::clock::Clock;

/// How long keys are believed without asking again, in seconds.
const KEPT_SECONDS: i64 = 3_600;

/// How soon a provider is asked again because a token did not verify (keys rotate), in seconds.
const AGAIN_SECONDS: i64 = 60;

/// The providers' keys.
pub struct Issuers {
    /// PEM file of the roots that providers' certificates must descend from.
    roots: Arc<PathBuf>,
    kept: Mutex<HashMap<String, Arc<Provider>>>,
}

/// One provider.
struct Provider {
    heard: Mutex<ProviderReply>,
    /// Held while it is asked.
    turn: Arc<Turn<()>>,
    waiting: Semaphore,
}

/// What a provider said.
#[derive(Default)]
struct ProviderReply {
    keys: Option<(Timestamp, Jwks)>,
    /// Why it could not be asked last time, until it answers again.
    failed: Option<(Timestamp, String)>,
    /// How often it was asked.
    times: u64,
}

impl Issuers {
    /// Trusts providers whose certificates descend from `roots` (a PEM file).
    #[must_use]
    pub fn new(roots: PathBuf) -> Self {
        Self { roots: Arc::new(roots), kept: Mutex::default() }
    }

    /// The PEM file of those roots.
    #[must_use]
    pub fn roots(&self) -> &Path {
        &self.roots
    }

    /// The keys of an issuer (`https://…`). `doubted`: a token did not verify with the kept ones.
    /// The error says why there are none, for the client too.
    pub async fn keys(&self, issuer: &str, doubted: bool, clock: Clock) -> Result<Jwks, String> {
        let (roots, url) = (Arc::clone(&self.roots), issuer.to_owned());
        let fetch = async move {
            let fetching = tokio::time::timeout(limits::PROVIDER_TIME, fetch(&roots, &url));
            fetching.await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
        };
        self.keys_from(issuer, doubted, clock, fetch).await
    }

    /// The same, asking the provider by `fetch` where it must be asked.
    async fn keys_from<F>(
        &self,
        issuer: &str,
        doubted: bool,
        clock: Clock,
        fetch: F,
    ) -> Result<Jwks, String>
    where
        F: Future<Output = Result<Jwks, String>> + Send + 'static,
    {
        let provider = self.provider(issuer);
        let times = match provider.heard().answer(doubted, clock.now()) {
            Ok(answer) => return answer,
            Err(times) => times,
        };
        let busy =
            |_| "too many tokens of this provider are already waiting for its keys".to_owned();
        let waiting = provider.waiting.try_acquire().map_err(busy)?;
        let turn = Arc::clone(&provider.turn).lock_owned().await;
        let heard_since = {
            let heard = provider.heard();
            (heard.times != times).then(|| heard.last()).flatten()
        };
        if let Some(answer) = heard_since {
            return answer;
        }
        // Whoever asked may leave: what the provider says is written down for those who wait.
        let asking = tokio::spawn({
            let provider = Arc::clone(&provider);
            async move {
                let answer = fetch.await;
                provider.heard().hear(&answer, clock.now());
                drop(turn);
                answer
            }
        });
        let answer = asking.await.unwrap_or_else(|_| Err("the provider was not asked".to_owned()));
        drop(waiting);
        answer
    }

    fn provider(&self, issuer: &str) -> Arc<Provider> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= limits::PROVIDERS_KEPT_MAX && !kept.contains_key(issuer) {
            kept.clear();
        }
        let new = || {
            Arc::new(Provider {
                heard: Mutex::default(),
                turn: Arc::default(),
                waiting: Semaphore::new(limits::PROVIDER_WAITING_MAX),
            })
        };
        Arc::clone(kept.entry(issuer.to_owned()).or_insert_with(new))
    }
}

impl Provider {
    fn heard(&self) -> std::sync::MutexGuard<'_, ProviderReply> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProviderReply {
    /// What it said not long ago, or how often it was asked so far: it must be asked again.
    fn answer(&self, doubted: bool, now: Timestamp) -> Result<Result<Jwks, String>, u64> {
        let age = |since: &Timestamp| now.as_second() - since.as_second();
        if let Some((fetched, keys)) = &self.keys
            && age(fetched) < if doubted { AGAIN_SECONDS } else { KEPT_SECONDS }
        {
            return Ok(Ok(keys.clone()));
        }
        match &self.failed {
            Some((at, why)) if age(at) < limits::PROVIDER_FAILED_SECONDS => Ok(Err(why.clone())),
            _ => Err(self.times),
        }
    }

    /// What it said last.
    fn last(&self) -> Option<Result<Jwks, String>> {
        let failed = self.failed.as_ref().map(|(_, why)| Err(why.clone()));
        failed.or_else(|| self.keys.as_ref().map(|(_, keys)| Ok(keys.clone())))
    }

    fn hear(&mut self, answer: &Result<Jwks, String>, now: Timestamp) {
        self.times += 1;
        match answer {
            Ok(keys) => (self.keys, self.failed) = (Some((now, keys.clone())), None),
            Err(why) => self.failed = Some((now, why.clone())),
        }
    }
}

/// OpenID Connect Discovery 1.0, section 4, then RFC 7517.
async fn fetch(roots: &Path, issuer: &str) -> Result<Jwks, String> {
    let base = issuer.trim_end_matches('/');
    let discovery = get(roots, &format!("{base}/.well-known/openid-configuration")).await?;
    let discovery: serde_json::Value =
        serde_json::from_str(&discovery).map_err(|error| format!("discovery: {error}"))?;
    let text = |name: &str| discovery.get(name).and_then(serde_json::Value::as_str);
    if text("issuer").map(|named| named.trim_end_matches('/')) != Some(base) {
        return Err("discovery names another issuer".to_owned());
    }
    let keys = text("jwks_uri").ok_or("discovery names no jwks_uri")?;
    Jwks::parse(&get(roots, keys).await?)
}

async fn get(roots: &Path, url: &str) -> Result<String, String> {
    let answer = client::fetch::get(url, Some(roots)).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("{url} answers {}", answer.status));
    }
    String::from_utf8(answer.body.to_vec()).map_err(|_| format!("{url} does not return text"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    const DEAD: &str = "https://dead.example";

    fn run<T>(test: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
    }

    fn issuers() -> Arc<Issuers> {
        Arc::new(Issuers::new(PathBuf::new()))
    }

    fn keys() -> Jwks {
        Jwks::parse(r#"{"keys": []}"#).unwrap()
    }

    /// A clock of this test alone.
    fn clock() -> (Clock, &'static AtomicI64) {
        let seconds: &'static AtomicI64 = Box::leak(Box::default());
        (Clock::Moved(seconds), seconds)
    }

    async fn until_waiting(issuers: &Issuers, tokens: usize) {
        let provider = issuers.provider(DEAD);
        while provider.waiting.available_permits() > limits::PROVIDER_WAITING_MAX - tokens {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn tokens_of_a_dead_provider_wait_for_one_answer_and_not_behind_one_another() {
        run(async {
            let (issuers, (clock, _)) = (issuers(), clock());
            let (fail, failing) = oneshot::channel::<()>();
            let asked = Arc::new(AtomicUsize::new(0));
            let mut failing = Some(failing);
            let mut tokens = Vec::new();
            for _ in 0..20 {
                let (issuers, asked) = (Arc::clone(&issuers), Arc::clone(&asked));
                let failing = failing.take();
                let fetch = async move {
                    asked.fetch_add(1, Ordering::Relaxed);
                    failing.unwrap().await.unwrap();
                    Err("no route".to_owned())
                };
                let keys = async move { issuers.keys_from(DEAD, false, clock, fetch).await };
                tokens.push(tokio::spawn(keys));
                tokio::task::yield_now().await;
            }
            until_waiting(&issuers, 20).await;
            fail.send(()).unwrap();
            for token in tokens {
                assert_eq!(token.await.unwrap().err(), Some("no route".to_owned()));
            }
            assert_eq!(asked.load(Ordering::Relaxed), 1);
        });
    }

    #[test]
    fn a_provider_that_failed_is_not_asked_again_at_once_and_then_it_is() {
        run(async {
            let (issuers, (clock, seconds)) = (issuers(), clock());
            let failed = issuers.keys_from(DEAD, false, clock, async { Err("x".to_owned()) }).await;
            assert!(failed.is_err());
            // Asked again it would answer "y"; a panic here would only be another failure.
            let again = issuers.keys_from(DEAD, false, clock, async { Err("y".to_owned()) }).await;
            assert_eq!(again.err(), Some("x".to_owned()));
            seconds.fetch_add(limits::PROVIDER_FAILED_SECONDS + 1, Ordering::Relaxed);
            assert!(issuers.keys_from(DEAD, false, clock, async { Ok(keys()) }).await.is_ok());
            let kept = issuers.keys_from(DEAD, false, clock, async { Err("y".to_owned()) }).await;
            assert!(kept.is_ok(), "kept for an hour");
        });
    }

    #[test]
    fn who_leaves_while_a_provider_is_asked_leaves_its_answer_to_the_next() {
        run(async {
            let (issuers, (clock, _)) = (issuers(), clock());
            let (answer, answering) = oneshot::channel::<()>();
            let slow = async move {
                answering.await.unwrap();
                Ok(keys())
            };
            let leaving = tokio::spawn({
                let issuers = Arc::clone(&issuers);
                async move { issuers.keys_from(DEAD, false, clock, slow).await }
            });
            until_waiting(&issuers, 1).await;
            tokio::task::yield_now().await;
            leaving.abort();
            let _ = leaving.await;
            let next = tokio::spawn({
                let issuers = Arc::clone(&issuers);
                let never = async { unreachable!("it is being asked already") };
                async move { issuers.keys_from(DEAD, false, clock, never).await }
            });
            until_waiting(&issuers, 1).await;
            answer.send(()).unwrap();
            assert!(next.await.unwrap().is_ok());
        });
    }

    #[test]
    fn only_so_many_tokens_wait_for_one_provider_and_others_do_not_notice() {
        run(async {
            let (issuers, (clock, _)) = (issuers(), clock());
            let waiting: Vec<_> = (0..limits::PROVIDER_WAITING_MAX)
                .map(|_| {
                    let issuers = Arc::clone(&issuers);
                    let keys = async move {
                        issuers.keys_from(DEAD, false, clock, std::future::pending()).await
                    };
                    tokio::spawn(keys)
                })
                .collect();
            until_waiting(&issuers, limits::PROVIDER_WAITING_MAX).await;
            let never = async { unreachable!("it is being asked already") };
            let refused = issuers.keys_from(DEAD, false, clock, never).await.err().unwrap();
            assert!(refused.contains("too many"), "{refused}");
            let alive = issuers.keys_from("https://id.example", false, clock, async { Ok(keys()) });
            assert!(alive.await.is_ok());
            waiting.iter().for_each(tokio::task::JoinHandle::abort);
        });
    }

    #[test]
    fn a_doubted_answer_is_asked_for_anew_after_a_minute_and_not_before() {
        run(async {
            let (issuers, (clock, seconds)) = (issuers(), clock());
            assert!(issuers.keys_from(DEAD, false, clock, async { Ok(keys()) }).await.is_ok());
            let early = async { unreachable!("within the minute") };
            assert!(issuers.keys_from(DEAD, true, clock, early).await.is_ok());
            seconds.fetch_add(AGAIN_SECONDS, Ordering::Relaxed);
            let asked = issuers.keys_from(DEAD, true, clock, async { Err("asked".to_owned()) });
            assert_eq!(asked.await.err(), Some("asked".to_owned()));
        });
    }
}
