//! Signing keys in memory: derived once a day for each key, region and service, and dropped with their
//! access key. Deriving costs four HMACs, so a busy client saves most of the signature's price.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sigv4::{Scope, SecretKey, SigningKey};

/// Most signing keys kept. When there are more, all are dropped: they are cheap to make again.
const KEPT_MAX: usize = 10_000;

/// The signing keys of recently seen scopes.
#[derive(Default)]
pub struct Keys(Mutex<HashMap<(String, Scope), SigningKey>>);

impl Keys {
    /// The signing key of an access key for a scope. An access key's secret never changes (a new secret
    /// comes with a new id), so what is kept stays right; whether the key still counts is not asked here.
    pub fn derive(&self, access_key_id: &str, secret: &SecretKey, scope: &Scope) -> SigningKey {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (access_key_id.to_owned(), scope.clone());
        if let Some(key) = kept.get(&name) {
            return key.clone();
        }
        let key = secret.signing_key(scope);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(name, key.clone());
        key
    }
}
