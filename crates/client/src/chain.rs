//! Credentials as every AWS SDK finds them: environment, profiles, web identity, process, SSO,
//! ECS, IMDS; and a role assumed on top where one is asked for. aws-config finds; `sigv4` signs.

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use jiff::Timestamp;
use sigv4::{SecretKey, SessionToken};
use tokio::sync::OnceCell;

use crate::credentials::{CredentialSource, Credentials, LoadError, LoadingCredentials};

/// What the user may choose.
#[derive(Clone, Debug, Default)]
pub struct ChainOptions {
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// A role to assume with what the chain finds.
    pub role_arn: Option<String>,
    /// The session's name for that role.
    pub role_session_name: Option<String>,
    /// The region; else the environment's or the profile's.
    pub region: Option<String>,
}

/// AWS's chain.
pub struct CredentialChain(SharedCredentialsProvider);

impl CredentialChain {
    /// Reads the configuration; loads no credentials yet. Also tells the region it found.
    ///
    /// ```no_run
    /// # use client::chain::{ChainOptions, CredentialChain};
    /// # async fn show() -> Result<(), client::credentials::LoadError> {
    /// let choice = ChainOptions { profile: Some("books".to_owned()), ..ChainOptions::default() };
    /// let (chain, region) = CredentialChain::open(&choice).await;
    /// let (credentials, found_in) = chain.find().await?;
    /// println!("{} from {found_in}, region {region:?}", credentials.access_key_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open(choice: &ChainOptions) -> (Self, Option<String>) {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).no_credentials();
        if let Some(profile) = &choice.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &choice.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        let mut chain = DefaultCredentialsChain::builder();
        if let Some(profile) = &choice.profile {
            chain = chain.profile_name(profile);
        }
        if let Some(region) = config.region() {
            chain = chain.region(region.clone());
        }
        let chain = SharedCredentialsProvider::new(chain.build().await);
        let region = config.region().map(ToString::to_string);
        let Some(role) = &choice.role_arn else { return (Self(chain), region) };
        let name = choice.role_session_name.as_deref().unwrap_or("countersign");
        let role = AssumeRoleProvider::builder(role).session_name(name).configure(&config);
        (Self(SharedCredentialsProvider::new(role.build_from_provider(chain).await)), region)
    }
}

/// AWS's chain, whose configuration is read when credentials are needed for the first time.
pub struct LazyChain {
    choice: ChainOptions,
    chain: OnceCell<CredentialChain>,
}

impl LazyChain {
    /// The chain that `choice` makes.
    #[must_use]
    pub fn new(choice: ChainOptions) -> Self {
        Self { choice, chain: OnceCell::new() }
    }
}

impl CredentialSource for LazyChain {
    fn load(&self) -> LoadingCredentials<'_> {
        Box::pin(async {
            let opening = async { CredentialChain::open(&self.choice).await.0 };
            Ok(self.chain.get_or_init(|| opening).await.find().await?.0)
        })
    }
}

impl CredentialSource for CredentialChain {
    fn load(&self) -> LoadingCredentials<'_> {
        Box::pin(async { Ok(self.find().await?.0) })
    }
}

impl CredentialChain {
    /// Loads credentials, and tells in words by which of its sources they were found.
    ///
    /// # Errors
    /// No source has any: what each of them said.
    pub async fn find(&self) -> Result<(Credentials, String), LoadError> {
        let found = self.0.provide_credentials().await;
        let found = found.map_err(|error| LoadError(causes(&error)))?;
        let expires = found.expiry().and_then(|end| Timestamp::try_from(end).ok());
        let features = found.get_property::<Vec<Feature>>().into_iter().flatten();
        let words: Vec<&str> = features.filter_map(words).collect();
        let credentials = Credentials {
            access_key_id: found.access_key_id().to_owned(),
            secret: SecretKey::new(found.secret_access_key()),
            session_token: found.session_token().map(SessionToken::new),
            expires,
        };
        Ok((credentials, words.join(", ")))
    }
}

/// A source of aws-config's in words; `None` for what is no source.
fn words(feature: &Feature) -> Option<&'static str> {
    Some(match feature {
        Feature::CredentialsEnvVars => "environment variables",
        Feature::CredentialsEnvVarsStsWebIdToken => "web identity token of the environment",
        Feature::CredentialsStsAssumeRole => "a role assumed at sts",
        Feature::CredentialsStsAssumeRoleWebId => "a role assumed by web identity",
        Feature::CredentialsProfile => "keys in a profile",
        Feature::CredentialsProfileSourceProfile => "a profile's source_profile",
        Feature::CredentialsProfileNamedProvider => "a profile's credential_source",
        Feature::CredentialsProfileStsWebIdToken => "web identity token of a profile",
        Feature::CredentialsProfileSso => "SSO session of a profile",
        Feature::CredentialsSso => "SSO",
        Feature::CredentialsProfileProcess => "credential_process of a profile",
        Feature::CredentialsProcess => "a process",
        Feature::CredentialsHttp => "container credentials endpoint",
        Feature::CredentialsImds => "EC2 instance metadata",
        Feature::CredentialsProfileLogin | Feature::CredentialsLogin => "a console login",
        _ => return None,
    })
}

/// An error and its causes on one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text += ": ";
        text += &cause.to_string();
        next = cause.source();
    }
    text
}
