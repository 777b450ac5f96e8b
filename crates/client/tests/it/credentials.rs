//! F5: credentials that rotate, expire and fail to load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use client::credentials::{
    CredentialCache, CredentialSource, Credentials, LoadError, LoadingCredentials,
};
use jiff::{SignedDuration, Timestamp};
use sigv4::SecretKey;

/// Numbered credentials, each good for an hour from when it was loaded.
#[derive(Clone, Default)]
struct Counting {
    loads: Arc<AtomicU64>,
    down: Arc<AtomicBool>,
}

impl CredentialSource for Counting {
    fn load(&self) -> LoadingCredentials<'_> {
        Box::pin(async {
            tokio::task::yield_now().await; // others come while this one loads
            if self.down.load(Ordering::SeqCst) {
                return Err(LoadError("the source is down".to_owned()));
            }
            let number = self.loads.fetch_add(1, Ordering::SeqCst);
            let hours = i64::try_from(number).unwrap() + 1;
            Ok(Credentials {
                access_key_id: format!("ASIA{number}"),
                secret: SecretKey::new("secret"),
                session_token: None,
                expires: Some(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)),
            })
        })
    }
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn cache() -> (Counting, CredentialCache) {
    let source = Counting::default();
    (source.clone(), CredentialCache::new(Box::new(source)))
}

#[tokio::test]
async fn f05_many_callers_cause_one_load() {
    let (source, cache) = cache();
    let cache = Arc::new(cache);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let cache = Arc::clone(&cache);
        callers.spawn(async move { cache.get(at(0)).await.map(|kept| kept.access_key_id.clone()) });
    }
    for answer in callers.join_all().await {
        assert_eq!(answer.unwrap(), "ASIA0");
    }
    assert_eq!(source.loads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn f05_credentials_are_renewed_five_minutes_before_they_end() {
    let (_, cache) = cache();
    assert_eq!(cache.get(at(0)).await.unwrap().access_key_id, "ASIA0");
    assert_eq!(cache.get(at(54)).await.unwrap().access_key_id, "ASIA0");
    assert_eq!(cache.get(at(56)).await.unwrap().access_key_id, "ASIA1");
}

#[tokio::test]
async fn f05_the_last_good_credentials_serve_until_they_end() {
    let (source, cache) = cache();
    cache.get(at(0)).await.unwrap();
    source.down.store(true, Ordering::SeqCst);
    assert_eq!(cache.get(at(56)).await.unwrap().access_key_id, "ASIA0");
    assert_eq!(cache.get(at(59)).await.unwrap().access_key_id, "ASIA0");
    let error = cache.get(at(60)).await.map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "no AWS credentials: the source is down");
    source.down.store(false, Ordering::SeqCst);
    assert_eq!(cache.get(at(61)).await.unwrap().access_key_id, "ASIA1");
}

#[tokio::test]
async fn f05_a_failing_source_is_not_asked_for_every_request() {
    let (source, cache) = cache();
    cache.get(at(0)).await.unwrap();
    source.down.store(true, Ordering::SeqCst);
    for _ in 0..50 {
        cache.get(at(56)).await.unwrap();
    }
    assert_eq!(cache.status().await.failures, 1);
}

#[tokio::test]
async fn f05_without_anything_good_a_throttled_source_is_still_not_stormed() {
    let (source, cache) = cache();
    source.down.store(true, Ordering::SeqCst);
    for _ in 0..50 {
        let error = cache.get(at(0)).await.map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "no AWS credentials: the source is down");
    }
    assert_eq!(cache.status().await.failures, 1);
    assert!(cache.get(at(1)).await.is_err());
    assert_eq!(cache.status().await.failures, 2);
}

/// A source that answers its first load at once and its second never.
struct Stuck(AtomicU64);

impl CredentialSource for Stuck {
    fn load(&self) -> LoadingCredentials<'_> {
        Box::pin(async {
            if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
                std::future::pending::<()>().await;
            }
            Ok(Credentials {
                access_key_id: "ASIAFIRST".to_owned(),
                secret: SecretKey::new("secret"),
                session_token: None,
                expires: Some(at(60)),
            })
        })
    }
}

#[tokio::test]
async fn f05_while_one_renews_the_others_go_on_with_the_good_ones() {
    let cache = Arc::new(CredentialCache::new(Box::new(Stuck(AtomicU64::new(0)))));
    cache.get(at(0)).await.unwrap();
    let renewing = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { cache.get(at(56)).await.map(|_| ()) }
    });
    tokio::task::yield_now().await; // it is in its load now
    for _ in 0..20 {
        assert_eq!(cache.get(at(56)).await.unwrap().access_key_id, "ASIAFIRST");
    }
    assert!(!renewing.is_finished());
    renewing.abort();
}
