//! The one place requests go to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// An endpoint: scheme, host and port. No path: what a client asks for is added as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    authority: http::uri::Authority,
    scheme: http::uri::Scheme,
}

/// Why a URL is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    /// What was given.
    pub seen: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "endpoint '{}': {}", self.seen, self.why)
    }
}

impl std::error::Error for EndpointError {}

impl Endpoint {
    /// Reads `https://HOST[:PORT][/]`, or the bare host. `http://` is for loopback addresses only: a
    /// signature must not travel in clear.
    ///
    /// # Errors
    /// [`EndpointError`]: it has a path, a user, another scheme, or no host.
    ///
    /// ```
    /// use client::endpoint::Endpoint;
    ///
    /// let endpoint = Endpoint::parse("search-x.eu-central-1.es.amazonaws.com").unwrap();
    /// assert_eq!(endpoint.region_and_service(), Some(("eu-central-1", "es")));
    /// assert!(Endpoint::parse("http://search.example").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let refuse = |why| EndpointError { seen: text.to_owned(), why };
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let uri: http::Uri = full.parse().map_err(|_| refuse("not a URL"))?;
        if uri.query().is_some() || !matches!(uri.path(), "" | "/") {
            return Err(refuse("expected a host and an optional port, without a path"));
        }
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(refuse("no host"));
        };
        if authority.as_str().contains('@') {
            return Err(refuse("a URL must not contain credentials"));
        }
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => return Err(refuse("http:// is for loopback addresses only")),
            _ => return Err(refuse("expected https://")),
        }
        Ok(Self { authority, scheme })
    }

    /// The `Host` header: the port only where it is not the scheme's own.
    #[must_use]
    pub fn host_header(&self) -> &str {
        let default = if self.scheme.as_str() == "https" { 443 } else { 80 };
        match self.authority.port_u16() {
            Some(port) if port == default => self.authority.host(),
            _ => self.authority.as_str(),
        }
    }

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port, named or the scheme's own.
    #[must_use]
    pub fn port(&self) -> u16 {
        let default = if self.is_tls() { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(default)
    }

    /// Whether it is reached over TLS; else it is on loopback.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.scheme.as_str() == "https"
    }

    /// `https://HOST:PORT`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host_header())
    }

    /// The endpoint whose host is `label` before this one's.
    ///
    /// # Errors
    /// [`EndpointError`]: that is no host.
    pub fn below(&self, label: &str) -> Result<Self, EndpointError> {
        Self::parse(&format!("{}://{label}.{}", self.scheme, self.authority))
    }

    /// The URL of a raw path and query there.
    ///
    /// # Errors
    /// They hold a character that no URL may.
    pub fn url(&self, path_and_query: &str) -> Result<http::Uri, http::Error> {
        http::Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path_and_query)
            .build()
    }

    /// The same at one of the endpoint's addresses.
    pub(crate) fn url_at(
        &self,
        address: SocketAddr,
        path_and_query: &str,
    ) -> Result<http::Uri, http::Error> {
        http::Uri::builder()
            .scheme(self.scheme.clone())
            .authority(address.to_string())
            .path_and_query(path_and_query)
            .build()
    }

    /// Region and signing service that Amazon's own host names tell:
    /// `…REGION.es.amazonaws.com` and `…REGION.aoss.amazonaws.com`.
    #[must_use]
    pub fn region_and_service(&self) -> Option<(&str, &str)> {
        let labels = self.host().strip_suffix(".amazonaws.com")?;
        let (rest, service) = labels.rsplit_once('.')?;
        let region = rest.rsplit('.').next()?;
        matches!(service, "es" | "aoss").then_some((region, service))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

/// Whether a host is this machine, by its name or its address.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}
