//! Signing keys in memory: derived once a day for each key, region and service, and dropped with their
//! access key. Deriving costs four HMACs, so a busy client saves most of the signature's price.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use sigv4::{Scope, SecretKey, SigningKey};

/// Most signing keys kept. When there are more, all are dropped: they are cheap to make again.
const KEPT_MAX: usize = 10_000;

/// The signing keys of recently seen credentials, by `keyid/day/region/service/aws4_request`.
#[derive(Default)]
pub struct SigningKeys(RwLock<HashMap<Box<str>, SigningKey>>);

impl SigningKeys {
    /// The signing key that a credential names; `scope` is its own. An access key's secret never changes (a
    /// new secret comes with a new id), so what is kept stays right; whether the key still counts is not
    /// asked here.
    pub fn derive(&self, credential: &str, secret: &SecretKey, scope: Scope<'_>) -> SigningKey {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kept.get(credential) {
            return key.clone();
        }
        drop(kept);
        let key = secret.signing_key(scope);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(credential.into(), key.clone());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_one_of_its_credential_and_no_more_than_so_many_are_kept() {
        let (keys, secret) = (SigningKeys::default(), SecretKey::new("secret"));
        let sign = |key: &SigningKey| key.sign(b"text").to_hex();
        for number in 0..=KEPT_MAX {
            let region = format!("region-{number}");
            let scope = Scope { day: "20261123", region: &region, service: "es" };
            let derive = |id: &str, secret| keys.derive(&format!("{id}/{scope}"), secret, scope);
            let key = derive("AKIA", &secret);
            if number % 1_000 == 0 {
                assert_eq!(sign(&key), sign(&secret.signing_key(scope)));
                assert_eq!(sign(&derive("AKIA", &secret)), sign(&key));
                let other = SecretKey::new("another");
                assert_eq!(sign(&derive("AKIB", &other)), sign(&other.signing_key(scope)));
            }
            assert!(keys.0.read().unwrap().len() <= KEPT_MAX);
        }
    }
}
