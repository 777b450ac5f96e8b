//! How a domain is reached: in a VPC or not, and at which hosts.

use serde_json::Value;

use super::record::Domain;

impl Domain {
    /// Its `VPCOptions`, subnets and security groups; `None` when its access is public.
    pub fn vpc_options(&self) -> Option<&Value> {
        self.options.get("VPCOptions")
    }

    /// The host of its custom endpoint and the ARN of the certificate for it, while there is one.
    pub fn custom_endpoint(&self) -> Option<(&str, &str)> {
        let options = self.options.get("DomainEndpointOptions")?;
        let text = |member: &str| options.get(member).and_then(Value::as_str);
        options.get("CustomEndpointEnabled")?.as_bool().filter(|enabled| *enabled)?;
        Some((text("CustomEndpoint")?, text("CustomEndpointCertificateArn")?))
    }

    /// Whether its TLS policy ends with TLS 1.2: those of 2019 do, at Amazon and here. (Their beginning, TLS 1.0, is not served.)
    pub fn ends_with_tls_1_2(&self) -> bool {
        let options = self.options.get("DomainEndpointOptions");
        let policy = options.and_then(|options| options.get("TLSSecurityPolicy"));
        policy.and_then(Value::as_str).is_some_and(|policy| policy.ends_with("-2019-07"))
    }

    /// The names that it answers at, without ports: its endpoint's and its custom endpoint's.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let custom = self.custom_endpoint().map(|(name, _)| name);
        let names = self.endpoint.as_deref().into_iter().chain(custom);
        names.filter_map(|name| name.split(':').next())
    }

    /// Whether `host` (a name without a port) is one of its own.
    pub fn answers_at(&self, host: &str) -> bool {
        self.names().any(|name| name.eq_ignore_ascii_case(host))
    }
}
