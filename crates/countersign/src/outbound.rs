//! What `proxy` and `request` share: whose credentials, which region and service, whom to trust.

use std::path::PathBuf;

use client::chain::{Chain, Choice};
use client::credentials::Keeper;
use client::endpoint::Endpoint;
use client::outbound::{Outbound, trust};
use jiff::Timestamp;
use server::clock::Clock;

use crate::Failure;

/// How requests are signed. (Not `Args`: clap names the group after it, and the commands have one.)
#[derive(clap::Args)]
pub(crate) struct Signing {
    /// The profile of the shared AWS configuration files
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Assume this role with the credentials found
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// The session's name for that role
    #[arg(long, value_name = "NAME", requires = "role_arn")]
    role_session_name: Option<String>,
    /// The region to sign for; else the endpoint's name tells, else the AWS configuration
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The service to sign as: es, or aoss for OpenSearch Serverless; else the endpoint's name tells
    #[arg(long, value_name = "SERVICE", value_parser = ["es", "aoss"])]
    service: Option<String>,
    /// Trust the certificate authorities of this PEM file; else of AWS_CA_BUNDLE's, else the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Finds region and service, opens the credential chain and loads credentials once: what is wrong
/// with them is said now, not at the first request.
pub(crate) async fn open(
    args: &Signing,
    endpoint: Endpoint,
) -> Result<(Outbound, String), Failure> {
    let told = endpoint.region_and_service();
    let told = told.map(|(region, service)| (region.to_owned(), service.to_owned()));
    let (told_region, told_service) = told.unzip();
    let choice = Choice {
        profile: args.profile.clone(),
        role_arn: args.role_arn.clone(),
        role_session_name: args.role_session_name.clone(),
        region: args.region.clone().or(told_region),
    };
    let (chain, region) = Chain::open(&choice).await;
    let region =
        region.ok_or("no region: give --region, or set AWS_REGION or the profile's region")?;
    let service = args.service.clone().or(told_service).unwrap_or_else(|| "es".to_owned());
    let keeper = Keeper::new(Box::new(chain));
    keeper.get(now()).await?;
    let signs_as = format!("{service}, {region}");
    let named = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let ca = args.ca.clone().or(named.map(PathBuf::from));
    let trusted = trust(ca.as_deref())?;
    Ok((Outbound::new(endpoint, &region, &service, keeper, trusted), signs_as))
}

/// The system's time.
pub(crate) fn now() -> Timestamp {
    Clock::System.now()
}
