//! Where the keys of OpenID Connect providers come from: discovery and JWKS over HTTPS, kept for a while.
//!
//! Only issuers that an account has registered are ever asked (`authorize` checks before), redirects are
//! not followed, answers are bounded, and one provider is asked by one request at a time.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use control::Jwks;
use jiff::Timestamp;
use tokio::sync::Mutex;

/// How long keys are believed without asking again, in seconds.
const KEPT_SECONDS: i64 = 3_600;

/// How soon a provider is asked again because a token did not verify (keys rotate), in seconds.
const AGAIN_SECONDS: i64 = 60;

/// Providers kept; when there are more, all are asked anew.
const KEPT_MAX: usize = 1_000;

/// One provider's keys and when they were fetched; held while it is asked.
type Provider = Arc<Mutex<Option<(Timestamp, Jwks)>>>;

/// The providers' keys.
pub struct Issuers {
    /// PEM file of the roots that providers' certificates must descend from.
    roots: PathBuf,
    kept: Mutex<HashMap<String, Provider>>,
}

impl Issuers {
    /// Trusts providers whose certificates descend from `roots` (a PEM file).
    #[must_use]
    pub fn new(roots: PathBuf) -> Self {
        Self { roots, kept: Mutex::default() }
    }

    /// The keys of an issuer (`https://…`). `doubted`: a token did not verify with the kept ones.
    /// The error says why there are none, for the client too.
    pub async fn keys(&self, issuer: &str, doubted: bool, now: Timestamp) -> Result<Jwks, String> {
        let provider = {
            let mut kept = self.kept.lock().await;
            if kept.len() >= KEPT_MAX && !kept.contains_key(issuer) {
                kept.clear();
            }
            Arc::clone(kept.entry(issuer.to_owned()).or_default())
        };
        // A provider that is slow to answer holds up its own tokens, and nobody else's.
        let mut kept = provider.lock().await;
        if let Some((fetched, jwks)) = kept.as_ref() {
            let age = now.as_second() - fetched.as_second();
            if age < if doubted { AGAIN_SECONDS } else { KEPT_SECONDS } {
                return Ok(jwks.clone());
            }
        }
        let jwks = self.fetch(issuer).await?;
        *kept = Some((now, jwks.clone()));
        Ok(jwks)
    }

    /// OpenID Connect Discovery 1.0, section 4, then RFC 7517.
    async fn fetch(&self, issuer: &str) -> Result<Jwks, String> {
        let base = issuer.trim_end_matches('/');
        let discovery = self.get(&format!("{base}/.well-known/openid-configuration")).await?;
        let discovery: serde_json::Value =
            serde_json::from_str(&discovery).map_err(|error| format!("discovery: {error}"))?;
        let text = |name: &str| discovery.get(name).and_then(serde_json::Value::as_str);
        if text("issuer").map(|named| named.trim_end_matches('/')) != Some(base) {
            return Err("discovery names another issuer".to_owned());
        }
        let keys = text("jwks_uri").ok_or("discovery names no jwks_uri")?;
        Jwks::parse(&self.get(keys).await?)
    }

    async fn get(&self, url: &str) -> Result<String, String> {
        let answer = client::fetch::get(url, Some(&self.roots)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("{url} answers {}", answer.status));
        }
        String::from_utf8(answer.body.to_vec()).map_err(|_| format!("{url} is not text"))
    }
}
