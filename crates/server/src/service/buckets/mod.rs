//! Which buckets of S3 a domain may keep repositories of snapshots in, and by which way.
//!
//! The operator's settings say it (`s3_clients`): the endpoints, the credentials, the buckets, the domains. A request chooses
//! among them and names no host and no key; what it says of an endpoint must be what is set. So no request makes this service send
//! anything anywhere else. (docs/decisions/0161-a-bucket-is-the-operators.md)

mod role;
mod store;

use std::sync::Arc;
use std::time::Duration;

use client::chain::{ChainOptions, LazyChain};
use client::credentials::{
    CredentialCache, CredentialSource, Credentials, LoadError, LoadingCredentials,
};
use client::endpoint::Endpoint;
use client::https;
use client::s3::{Bucket, BucketOptions};
use engine::objects::ObjectStore;
use engine::snapshots::S3Settings;
use sigv4::SecretKey;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use crate::clusters::secret;
use crate::service::backends::BucketOpener;
use crate::service::state::ServiceState;
use crate::settings::S3ClientSettings;
use crate::transport::listener::DomainKey;

pub(crate) use role::passed_role;

/// The pause before a request to S3 is sent again for the first time.
const PAUSE: Duration = Duration::from_millis(100);

/// A way to S3, read from its settings.
struct S3Client {
    name: String,
    settings: S3ClientSettings,
    endpoint: Endpoint,
    trust: rustls::ClientConfig,
    credentials: Arc<CredentialCache>,
}

/// Reads what the settings of a client name on the disk.
///
/// # Errors
/// In words: an endpoint that is none, a file that cannot be read or used.
pub(crate) fn check(settings: &S3ClientSettings) -> Result<(), String> {
    S3Client::open("", settings).map(drop)
}

/// What opens buckets for a domain; `None`: it may use none.
pub(crate) fn opener(state: &ServiceState, key: &DomainKey) -> Option<BucketOpener> {
    let settings = state.settings();
    let DomainKey { account, region, name, .. } = key;
    let arn = format!("arn:aws:es:{region}:{account}:domain/{name}");
    let own = settings.s3_clients.iter().filter(|(_, client)| is_for(client, &arn));
    let clients: Vec<Result<S3Client, String>> = own
        .map(|(name, client)| {
            S3Client::open(name, client).map_err(|why| {
                tracing::error!(client = name, %why, "settings of s3_clients cannot be used");
                name.clone()
            })
        })
        .collect();
    if clients.is_empty() {
        return None;
    }
    let roles =
        role::Roles { control: Arc::clone(&state.control), clock: state.clock, domain: arn };
    let runtime = Handle::try_current().ok()?;
    Some(Box::new(move |wanted| open(&clients, &roles, &runtime, wanted)))
}

/// Whether a client's settings name the domain with this ARN.
fn is_for(client: &S3ClientSettings, arn: &str) -> bool {
    client.domains.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => arn.starts_with(beginning),
        None => arn == pattern,
    })
}

/// The part of a bucket that these settings name, where they may.
fn open(
    clients: &[Result<S3Client, String>],
    roles: &role::Roles,
    runtime: &Handle,
    wanted: &S3Settings,
) -> Result<Arc<dyn ObjectStore>, String> {
    let name = |client: &Result<S3Client, String>| match client {
        Ok(client) => client.name.clone(),
        Err(name) => name.clone(),
    };
    let client = clients.iter().find(|client| name(client) == wanted.client).ok_or_else(|| {
        let names: Vec<String> = clients.iter().map(name).collect();
        let wanted = &wanted.client;
        format!("Unknown s3 client name [{wanted}]. Existing client configs: {}", names.join(","))
    })?;
    let client = client.as_ref().map_err(|name| {
        format!("the settings of the s3 client [{name}] cannot be used: the service's log says why")
    })?;
    client.check(wanted)?;
    let role = match &wanted.role_arn {
        Some(arn) => Some(roles.assumed(arn, &wanted.bucket)?),
        None if client.settings.require_role => {
            return Err("settings.role_arn is needed for snapshot registration.".to_owned());
        }
        None => None,
    };
    let bucket = client.bucket(wanted, roles.clock).map_err(|error| error.to_string())?;
    let store = store::BucketStore::new(bucket, wanted, role, runtime.clone())?;
    Ok(Arc::new(store))
}

impl S3Client {
    fn open(name: &str, settings: &S3ClientSettings) -> Result<S3Client, String> {
        let amazons = || format!("https://s3.{}.amazonaws.com", settings.region);
        let endpoint = settings.endpoint.clone().unwrap_or_else(amazons);
        let source: Box<dyn CredentialSource> =
            match (&settings.access_key, &settings.secret_key_file) {
                (Some(id), Some(file)) => {
                    Box::new(StaticKey { id: id.clone(), secret: secret(file)? })
                }
                _ => Box::new(LazyChain::new(ChainOptions {
                    profile: settings.profile.clone(),
                    region: Some(settings.region.clone()),
                    ..ChainOptions::default()
                })),
            };
        Ok(S3Client {
            name: name.to_owned(),
            settings: settings.clone(),
            endpoint: Endpoint::parse(&endpoint).map_err(|error| error.to_string())?,
            trust: https::trust(settings.ca.as_deref())?,
            credentials: Arc::new(CredentialCache::new(source)),
        })
    }

    /// Refuses what is not as the operator set it.
    fn check(&self, wanted: &S3Settings) -> Result<(), String> {
        let S3Settings { bucket, base_path, .. } = wanted;
        let holds = |own: &String| match own.split_once('/') {
            None => own == bucket,
            Some((own, path)) => {
                own == bucket
                    && base_path
                        .strip_prefix(path.trim_end_matches('/'))
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        };
        if !self.settings.buckets.iter().any(holds) {
            return Err(format!(
                "bucket [{bucket}] with base_path [{base_path}] is not among those that the operator lets this domain use by the s3 client [{}]",
                self.name
            ));
        }
        let differs = |what: &str, seen: &str| {
            let name = &self.name;
            Err(format!(
                "{what} is [{seen}], expected that of the s3 client [{name}], which the operator sets; it may be left out"
            ))
        };
        match &wanted.region {
            Some(region) if *region != self.settings.region => differs("region", region)?,
            _ => {}
        }
        match &wanted.endpoint {
            Some(endpoint) if !self.is_at(endpoint) => differs("endpoint", endpoint)?,
            _ => {}
        }
        match (&wanted.protocol, self.endpoint.is_tls()) {
            (Some(protocol), tls) if (protocol == "https") != tls => differs("protocol", protocol),
            _ => Ok(()),
        }
    }

    /// Whether `endpoint`, a host with or without a scheme, is where this leads.
    fn is_at(&self, endpoint: &str) -> bool {
        // Amazon's name of S3 in us-east-1, which its pages tell to use there.
        let endpoint = match endpoint {
            "s3.amazonaws.com" => "s3.us-east-1.amazonaws.com",
            other => other,
        };
        let scheme = if self.endpoint.is_tls() { "https" } else { "http" };
        let full = match endpoint.contains("://") {
            true => endpoint.to_owned(),
            false => format!("{scheme}://{endpoint}"),
        };
        Endpoint::parse(&full)
            .is_ok_and(|endpoint| endpoint.origin().eq_ignore_ascii_case(&self.endpoint.origin()))
    }

    fn bucket(
        &self,
        wanted: &S3Settings,
        clock: crate::service::clock::Clock,
    ) -> Result<Bucket, client::endpoint::EndpointError> {
        let set = &self.settings;
        Bucket::new(BucketOptions {
            endpoint: self.endpoint.clone(),
            region: set.region.clone(),
            bucket: wanted.bucket.clone(),
            // A request makes no host of a bucket's name where the operator said that there is one host.
            path_style: set.path_style_access || wanted.path_style_access == Some(true),
            credentials: Arc::clone(&self.credentials),
            trust: self.trust.clone(),
            clock: Arc::new(move || clock.now()),
            answer_time_max: Duration::from_secs(set.answer_seconds.into()),
            retries_max: set.max_retries,
            pause: PAUSE,
        })
    }
}

/// A key that the operator named.
struct StaticKey {
    id: String,
    secret: Zeroizing<String>,
}

impl CredentialSource for StaticKey {
    fn load(&self) -> LoadingCredentials<'_> {
        let loaded = Credentials {
            access_key_id: self.id.clone(),
            secret: SecretKey::new(&self.secret),
            session_token: None,
            expires: None,
        };
        Box::pin(std::future::ready(Ok::<_, LoadError>(loaded)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> S3Client {
        let settings = S3ClientSettings {
            domains: vec!["arn:aws:es:us-east-1:123456789012:domain/*".to_owned()],
            buckets: vec!["books".to_owned(), "shared/team".to_owned()],
            region: "us-east-1".to_owned(),
            ..S3ClientSettings::new()
        };
        S3Client::open("default", &settings).unwrap()
    }

    fn wanted(bucket: &str, base_path: &str) -> S3Settings {
        S3Settings {
            bucket: bucket.to_owned(),
            base_path: base_path.to_owned(),
            client: "default".to_owned(),
            region: None,
            endpoint: None,
            protocol: None,
            path_style_access: None,
            role_arn: None,
            compress: false,
            server_side_encryption: false,
            storage_class: "STANDARD".to_owned(),
            canned_acl: "private".to_owned(),
            buffer_size: 5 << 20,
            snapshot_bytes_per_second: None,
            restore_bytes_per_second: None,
        }
    }

    #[test]
    fn a_domain_reaches_the_buckets_of_its_clients_and_no_others() {
        let client = client();
        for (bucket, path, may) in [
            ("books", "", true),
            ("books", "any/where", true),
            ("shared", "team", true),
            ("shared", "team/a", true),
            ("shared", "", false),
            ("shared", "teams", false),
            ("other", "", false),
        ] {
            assert_eq!(client.check(&wanted(bucket, path)).is_ok(), may, "{bucket}/{path}");
        }
    }

    #[test]
    fn what_a_request_says_of_the_endpoint_is_compared_and_never_used() {
        let client = client();
        for (endpoint, may) in [
            ("s3.us-east-1.amazonaws.com", true),
            ("https://s3.us-east-1.amazonaws.com", true),
            ("s3.amazonaws.com", true),
            ("http://s3.us-east-1.amazonaws.com", false),
            ("s3.us-east-1.amazonaws.com:8443", false),
            ("169.254.169.254", false),
            ("s3.us-east-1.amazonaws.com@evil.example", false),
            ("evil.example", false),
        ] {
            let endpoint =
                S3Settings { endpoint: Some(endpoint.to_owned()), ..wanted("books", "") };
            assert_eq!(client.check(&endpoint).is_ok(), may, "{:?}", endpoint.endpoint);
        }
        let region = S3Settings { region: Some("eu-west-1".to_owned()), ..wanted("books", "") };
        assert!(client.check(&region).unwrap_err().starts_with("region is [eu-west-1]"));
        let protocol = S3Settings { protocol: Some("http".to_owned()), ..wanted("books", "") };
        assert!(client.check(&protocol).is_err());
    }

    #[test]
    fn a_pattern_of_domains_ends_in_a_star() {
        let client = |pattern: &str| S3ClientSettings {
            domains: vec![pattern.to_owned()],
            ..S3ClientSettings::new()
        };
        let arn = "arn:aws:es:us-east-1:123456789012:domain/books";
        assert!(is_for(&client("arn:aws:es:us-east-1:123456789012:domain/*"), arn));
        assert!(is_for(&client(arn), arn));
        assert!(!is_for(&client("arn:aws:es:us-east-1:123456789012:domain/book"), arn));
        assert!(!is_for(&client("arn:aws:es:us-east-1:999999999999:domain/*"), arn));
    }
}
