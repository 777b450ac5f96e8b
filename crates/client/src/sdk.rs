//! Credentials of this crate for clients of others that take those of AWS's SDK for Rust: the `opensearch` crate, and the SDK's own.
//!
//! ```
//! use aws_credential_types::provider::ProvideCredentials;
//! use client::credentials::{CredentialCache, Credentials};
//! use client::sdk::SdkCredentials;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache = CredentialCache::fixed(Credentials::new("AKIDEXAMPLE", "secret"));
//! let provider = SdkCredentials::new(cache, jiff::Timestamp::now);
//! let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! let found = runtime.block_on(provider.provide_credentials())?;
//! assert_eq!(found.access_key_id(), "AKIDEXAMPLE");
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use jiff::Timestamp;
use sigv4::SessionToken;

use crate::credentials::CredentialCache;

/// The credentials of a cache, as AWS's SDK takes them. They are renewed by the cache.
#[derive(Clone)]
pub struct SdkCredentials {
    cache: Arc<CredentialCache>,
    clock: fn() -> Timestamp,
}

impl SdkCredentials {
    /// Those of `cache`, that are good at the time of `clock`.
    #[must_use]
    pub fn new(cache: CredentialCache, clock: fn() -> Timestamp) -> Self {
        Self { cache: Arc::new(cache), clock }
    }
}

impl fmt::Debug for SdkCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SdkCredentials")
    }
}

impl ProvideCredentials for SdkCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let found = self.cache.get((self.clock)()).await;
            let found = found.map_err(CredentialsError::not_loaded)?;
            let token = found.session_token.as_ref().map(SessionToken::expose).map(str::to_owned);
            let (id, secret) = (found.access_key_id.clone(), found.secret.expose());
            let seconds = |end: Timestamp| u64::try_from(end.as_second()).unwrap_or_default();
            let end = |end| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds(end));
            Ok(Credentials::new(id, secret, token, found.expires.map(end), "client"))
        })
    }
}
