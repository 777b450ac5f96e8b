//! Signing keys in memory: derived once a day for each key, region and service, and dropped with their
//! access key. Deriving costs four HMACs, so a busy client saves most of the signature's price.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use sigv4::{Scope, SecretKey, SigningKey};

/// Most signing keys kept. When there are more, all are dropped: they are cheap to make again.
const KEPT_MAX: usize = 10_000;

/// The signing keys of recently seen scopes.
#[derive(Default)]
pub struct Keys(RwLock<Kept>);

/// By access key and scope: two steps, because each can be looked up without being copied.
#[derive(Default)]
struct Kept {
    keys: HashMap<String, HashMap<Scope, SigningKey>>,
    count: usize,
}

impl Keys {
    /// The signing key of an access key for a scope. An access key's secret never changes (a new secret
    /// comes with a new id), so what is kept stays right; whether the key still counts is not asked here.
    pub fn derive(&self, access_key_id: &str, secret: &SecretKey, scope: &Scope) -> SigningKey {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kept.keys.get(access_key_id).and_then(|scopes| scopes.get(scope)) {
            return key.clone();
        }
        drop(kept);
        let key = secret.signing_key(scope);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.count >= KEPT_MAX {
            *kept = Kept::default();
        }
        let scopes = kept.keys.entry(access_key_id.to_owned()).or_default();
        if scopes.insert(scope.clone(), key.clone()).is_none() {
            kept.count += 1;
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_one_of_its_access_key_and_scope_and_no_more_than_so_many_are_kept() {
        let (keys, secret) = (Keys::default(), SecretKey::new("secret"));
        let sign = |key: &SigningKey| key.sign(b"text").to_hex();
        for number in 0..=KEPT_MAX {
            let scope = Scope::new("20261123", &format!("region-{number}"), "es");
            let key = keys.derive("AKIA", &secret, &scope);
            if number % 1_000 == 0 {
                assert_eq!(sign(&key), sign(&secret.signing_key(&scope)));
                assert_eq!(sign(&keys.derive("AKIA", &secret, &scope)), sign(&key));
                let other = SecretKey::new("another");
                assert_eq!(
                    sign(&keys.derive("AKIB", &other, &scope)),
                    sign(&other.signing_key(&scope))
                );
            }
            assert!(keys.0.read().unwrap().count <= KEPT_MAX);
        }
    }
}
