//! From a pool's settings to a client of its cluster.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use client::chain::{ChainOptions, CredentialChain};
use client::cluster::{ClusterClient, ClusterLogin, ClusterOptions};
use client::credentials::CredentialCache;
use client::endpoint::Endpoint;
use client::https;
use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::settings::PoolSettings;

/// Reads what the settings of a pool name on the disk.
///
/// # Errors
/// In words: a URL that is none, a file that cannot be read or used.
pub(crate) fn check(pool: &PoolSettings) -> Result<(), String> {
    urls(pool)?;
    tls(pool)?;
    header(pool).map(drop)
}

/// A client of the pool's cluster.
///
/// # Errors
/// As [`check`].
pub(crate) async fn client(pool: &PoolSettings) -> Result<ClusterClient, String> {
    let login = match (&pool.sign_region, header(pool)?) {
        (Some(region), _) => {
            let (chain, _) = CredentialChain::open(&ChainOptions::default()).await;
            let credentials = CredentialCache::new(Box::new(chain));
            let (region, service) = (region.clone(), "es".to_owned());
            ClusterLogin::Signature { region, service, credentials }
        }
        (None, Some(header)) => ClusterLogin::Header(header),
        (None, None) => ClusterLogin::Nobody,
    };
    Ok(ClusterClient::new(ClusterOptions {
        urls: urls(pool)?,
        tls: tls(pool)?,
        login,
        headers: proxy_headers(pool, OWN_NAME, Ipv4Addr::LOCALHOST.into())?,
        connect_time_max: Duration::from_secs(pool.connect_seconds.into()),
        answer_time_max: Duration::from_secs(pool.answer_seconds.into()),
    }))
}

/// What the service calls itself before a cluster that is told who asks.
const OWN_NAME: &str = "countersign";

/// Who asks, as the proxy authentication of OpenSearch's security plugin reads it; nothing where the pool names no roles.
///
/// # Errors
/// In words: a name that no header may have.
pub(super) fn proxy_headers(
    pool: &PoolSettings,
    user: &str,
    address: IpAddr,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    if pool.proxy_roles.is_empty() {
        return Ok(headers);
    }
    let said = [
        ("x-proxy-user", user.to_owned()),
        ("x-proxy-roles", pool.proxy_roles.join(",")),
        ("x-forwarded-for", address.to_canonical().to_string()),
    ];
    for (name, value) in said {
        let value = HeaderValue::from_str(&value);
        let value = value.map_err(|_| format!("{name}: a character that no header may have"))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn urls(pool: &PoolSettings) -> Result<Vec<Endpoint>, String> {
    // Where each domain has URLs of its own, any name does for a look at them.
    let urls = pool.urls.iter().map(|url| Endpoint::parse(&url.replace("{domain}", "domain")));
    urls.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn tls(pool: &PoolSettings) -> Result<rustls::ClientConfig, String> {
    match pool.certificate.as_deref().zip(pool.key.as_deref()) {
        Some(own) => https::trust_and_show(pool.ca.as_deref(), own),
        None => https::trust(pool.ca.as_deref()),
    }
}

/// The `Authorization` of every request, where it is always the same.
fn header(pool: &PoolSettings) -> Result<Option<HeaderValue>, String> {
    let text = match (&pool.user, &pool.password_file, &pool.api_key_file) {
        (Some(user), Some(file), _) => {
            let pair = Zeroizing::new(format!("{user}:{}", *secret(file)?));
            Zeroizing::new(format!("Basic {}", BASE64.encode(pair.as_bytes())))
        }
        (_, _, Some(file)) => Zeroizing::new(format!("ApiKey {}", *secret(file)?)),
        _ => return Ok(None),
    };
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| "the password or API key has a character that no header may".to_owned())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// A secret is a file's text, without white space around it.
///
/// # Errors
/// In words: the file cannot be read, or there is nothing in it.
pub(crate) fn secret(file: &Path) -> Result<Zeroizing<String>, String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", file.display());
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(unreadable)?);
    match text.trim() {
        "" => Err(format!("{}: expected a secret, got nothing", file.display())),
        text => Ok(Zeroizing::new(text.to_owned())),
    }
}
