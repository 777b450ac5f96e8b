//! What `proxy`, `request` and `doctor` share: whose credentials, which region and service, whom to trust.

use std::path::PathBuf;

use client::chain::{ChainOptions, CredentialChain};
use client::credentials::CredentialCache;
use client::endpoint::Endpoint;
use client::https::trust;
use client::outbound::Outbound;
use jiff::Timestamp;
use server::Clock;

use crate::Failure;

/// How requests are signed. (Not `Args`: clap names the group after it, and the commands have one.)
#[derive(clap::Args)]
pub(crate) struct Signing {
    /// The profile of the shared AWS configuration files
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Assume this role with the credentials found
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// The session name for that role
    #[arg(long, value_name = "NAME", requires = "role_arn")]
    role_session_name: Option<String>,
    /// The region to sign for; by default from the endpoint's name, then from the AWS configuration
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The service to sign as: es, or aoss for OpenSearch Serverless; by default from the endpoint's name
    #[arg(long, value_name = "SERVICE", value_parser = ["es", "aoss"])]
    service: Option<String>,
    /// Trust the certificate authorities in this PEM file; by default those in AWS_CA_BUNDLE, then the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Signing {
    /// What the chain is asked for. `told`: region and service that the endpoint's name tells.
    pub(crate) fn choice(&self, told: Option<(&str, &str)>) -> ChainOptions {
        let told_region = told.map(|(region, _)| region.to_owned());
        ChainOptions {
            profile: self.profile.clone(),
            role_arn: self.role_arn.clone(),
            role_session_name: self.role_session_name.clone(),
            region: self.region.clone().or(told_region),
        }
    }

    /// The service to sign as.
    pub(crate) fn service(&self, told: Option<(&str, &str)>) -> String {
        let told = told.map(|(_, service)| service);
        self.service.as_deref().or(told).unwrap_or("es").to_owned()
    }

    /// The same with another profile, and no role on top of it.
    pub(crate) fn with_profile(&self, profile: Option<String>) -> Self {
        Self {
            profile,
            role_arn: None,
            role_session_name: None,
            region: self.region.clone(),
            service: self.service.clone(),
            ca: self.ca.clone(),
        }
    }

    /// The same for another service.
    pub(crate) fn signed_as(&self, service: &str) -> Self {
        Self {
            role_arn: self.role_arn.clone(),
            role_session_name: self.role_session_name.clone(),
            service: Some(service.to_owned()),
            ..self.with_profile(self.profile.clone())
        }
    }

    /// The region, where it is said without looking into files.
    pub(crate) fn region(&self) -> Option<String> {
        let named = || std::env::var("AWS_REGION").ok().filter(|region| !region.is_empty());
        self.region.clone().or_else(named)
    }

    /// The file of trusted certificate authorities, where one is named.
    pub(crate) fn ca(&self) -> Option<PathBuf> {
        let named = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
        self.ca.clone().or(named.map(PathBuf::from))
    }
}

/// Finds region and service, opens the credential chain and loads credentials once: what is wrong
/// with them is said now, not at the first request.
pub(crate) async fn open(
    args: &Signing,
    endpoint: Endpoint,
) -> Result<(Outbound, String), Failure> {
    let told = endpoint.region_and_service();
    let service = args.service(told);
    let (chain, region) = CredentialChain::open(&args.choice(told)).await;
    let region =
        region.ok_or("no region: give --region, or set AWS_REGION or the profile's region")?;
    let cache = CredentialCache::new(Box::new(chain));
    cache.get(now()).await?;
    let signs_as = format!("{service}, {region}");
    let trusted = trust(args.ca().as_deref())?;
    Ok((Outbound::new(endpoint, &region, &service, cache, trusted), signs_as))
}

/// The system's time.
pub(crate) fn now() -> Timestamp {
    Clock::System.now()
}
