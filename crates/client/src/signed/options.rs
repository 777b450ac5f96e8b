//! How an endpoint is reached.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::ClientFault;
use crate::chain::{ChainOptions, CredentialChain};
use crate::credentials::CredentialCache;
use crate::endpoint::Endpoint;

/// How an endpoint is reached, and as whom.
pub struct ClientOptions {
    pub(super) endpoint: Endpoint,
    pub(super) region: Option<String>,
    pub(super) service: Option<String>,
    pub(super) credentials: Option<CredentialCache>,
    pub(super) ca: Option<PathBuf>,
    pub(super) connect_time_max: Duration,
    pub(super) answer_time_max: Duration,
    pub(super) tries_max: u32,
    pub(super) clock: fn() -> Timestamp,
}

/// What options come to once the environment was asked.
pub struct ClientSetting {
    /// Where requests go.
    pub endpoint: Endpoint,
    /// The region that is signed for.
    pub region: String,
    /// The service that is signed for.
    pub service: String,
    /// Who signs.
    pub credentials: CredentialCache,
    /// The authorities to trust in place of the system's.
    pub ca: Option<PathBuf>,
    /// How long the head of an answer may take.
    pub answer_time_max: Duration,
    /// The time of signatures.
    pub clock: fn() -> Timestamp,
}

impl ClientOptions {
    /// For the endpoint at `url`: `https://HOST[:PORT]`, or `http://` on loopback. `clock` gives the time of each signature:
    /// `jiff::Timestamp::now`, but for tests.
    ///
    /// # Errors
    /// [`ClientFault::Options`]: the URL is none, or has a path.
    ///
    /// ```
    /// use client::signed::ClientOptions;
    ///
    /// assert!(ClientOptions::new("https://search.example:9200", jiff::Timestamp::now).is_ok());
    /// let refused = ClientOptions::new("http://search.example", jiff::Timestamp::now).err();
    /// assert_eq!(
    ///     refused.map(|fault| fault.to_string()).as_deref(),
    ///     Some("endpoint 'http://search.example': http:// is for loopback addresses only")
    /// );
    /// ```
    pub fn new(url: &str, clock: fn() -> Timestamp) -> Result<Self, ClientFault> {
        let endpoint =
            Endpoint::parse(url).map_err(|error| ClientFault::Options(error.to_string()))?;
        Ok(Self {
            endpoint,
            region: None,
            service: None,
            credentials: None,
            ca: None,
            connect_time_max: Duration::from_secs(5),
            answer_time_max: Duration::from_secs(60),
            tries_max: 3,
            clock,
        })
    }

    /// The region to sign for. Otherwise that of Amazon's host names, or the environment's.
    #[must_use]
    pub fn region(self, region: &str) -> Self {
        Self { region: Some(region.to_owned()), ..self }
    }

    /// The service to sign for: `es`, which is the default, or `aoss`.
    #[must_use]
    pub fn service(self, service: &str) -> Self {
        Self { service: Some(service.to_owned()), ..self }
    }

    /// Who signs. Otherwise whoever the credential chain of every AWS SDK finds.
    #[must_use]
    pub fn credentials(self, credentials: CredentialCache) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// A PEM file of the certificate authorities to trust, in place of the system's.
    #[must_use]
    pub fn ca(self, file: impl Into<PathBuf>) -> Self {
        Self { ca: Some(file.into()), ..self }
    }

    /// How long a connection may take: 5 seconds unless this is said.
    #[must_use]
    pub fn connect_time_max(self, most: Duration) -> Self {
        Self { connect_time_max: most, ..self }
    }

    /// How long the head of an answer may take, and each piece of a body in either direction: 60 seconds unless this is said.
    #[must_use]
    pub fn answer_time_max(self, most: Duration) -> Self {
        Self { answer_time_max: most, ..self }
    }

    /// How often a request is tried: 3 times unless this is said; 1: never again.
    #[must_use]
    pub fn tries_max(self, most: u32) -> Self {
        Self { tries_max: most, ..self }
    }

    /// These options with what they leave to Amazon's host names and the environment: region, service and credentials.
    ///
    /// # Errors
    /// [`ClientFault::Options`]: no region is known.
    pub async fn settled(self) -> Result<ClientSetting, ClientFault> {
        let Self { endpoint, mut region, mut service, credentials, ca, .. } = self;
        if let Some((of_host, called)) = endpoint.region_and_service() {
            region.get_or_insert_with(|| of_host.to_owned());
            service.get_or_insert_with(|| called.to_owned());
        }
        let credentials = match credentials {
            Some(credentials) => credentials,
            None => {
                let (chain, of_chain) = CredentialChain::open(&ChainOptions::default()).await;
                region = region.or(of_chain);
                CredentialCache::new(Box::new(chain))
            }
        };
        let region = region.ok_or_else(|| {
            let why = "no region in its name, in the options or in the environment";
            ClientFault::Options(format!("{endpoint}: {why}"))
        })?;
        let service = service.unwrap_or_else(|| "es".to_owned());
        let (answer_time_max, clock) = (self.answer_time_max, self.clock);
        Ok(ClientSetting { endpoint, region, service, credentials, ca, answer_time_max, clock })
    }
}
