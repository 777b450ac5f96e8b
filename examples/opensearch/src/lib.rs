//! A transport of the [`opensearch`] crate: credentials are found, kept and renewed by the crate `client`; region, service, authorities and the time-out are those of
//! its options. The signature is the `opensearch` crate's.
//!
//! ```no_run
//! use client::signed::ClientOptions;
//! use opensearch::OpenSearch;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let url = "https://search-x.eu-central-1.es.amazonaws.com";
//! let options = ClientOptions::new(url, jiff::Timestamp::now)?;
//! let search = OpenSearch::new(client_opensearch::transport(options).await?);
//! let answer = search.cat().indices(opensearch::cat::CatIndicesParts::None).send().await?;
//! println!("{}", answer.text().await?);
//! # Ok(())
//! # }
//! ```

use std::fmt;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::region::Region;
use client::sdk::SdkCredentials;
use client::signed::{ClientFault, ClientOptions, ClientSetting};
use opensearch::auth::Credentials;
use opensearch::cert::{Certificate, CertificateValidation};
use opensearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use url::Url;

/// Why there is no transport.
#[derive(Debug)]
pub enum TransportFault {
    /// The options.
    Options(ClientFault),
    /// The file of authorities, or what is in it.
    Authorities(String),
    /// The `opensearch` crate takes it not.
    Transport(String),
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(fault) => fault.fmt(f),
            Self::Authorities(why) => write!(f, "the authorities cannot be read: {why}"),
            Self::Transport(why) => write!(f, "no transport can be made: {why}"),
        }
    }
}

impl std::error::Error for TransportFault {}

/// A transport for the endpoint of the options.
///
/// # Errors
/// [`TransportFault`].
pub async fn transport(options: ClientOptions) -> Result<Transport, TransportFault> {
    let settled = options.settled().await.map_err(TransportFault::Options)?;
    let ClientSetting { endpoint, region, service, credentials, ca, answer_time_max, clock } = settled;
    let failed = |error: &dyn fmt::Display| TransportFault::Transport(error.to_string());
    let url = Url::parse(&endpoint.origin()).map_err(|error| failed(&error))?;
    let provider = SharedCredentialsProvider::new(SdkCredentials::new(credentials, clock));
    let mut builder = TransportBuilder::new(SingleNodeConnectionPool::new(url))
        .auth(Credentials::AwsSigV4(provider, Region::new(region)))
        .service_name(&service)
        .timeout(answer_time_max);
    if let Some(file) = ca {
        let unreadable = |error: &dyn fmt::Display| {
            TransportFault::Authorities(format!("{}: {error}", file.display()))
        };
        let pem = std::fs::read(&file).map_err(|error| unreadable(&error))?;
        let authorities = Certificate::from_pem(&pem).map_err(|error| unreadable(&error))?;
        builder = builder.cert_validation(CertificateValidation::Full(authorities));
    }
    builder.build().map_err(|error| failed(&error))
}
