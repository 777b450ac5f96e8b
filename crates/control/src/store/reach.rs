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

    /// Whether `host` (a name without a port) is one of its own: its endpoint's or its custom endpoint's.
    pub fn answers_at(&self, host: &str) -> bool {
        let is =
            |name: &str| name.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case(host));
        self.endpoint.as_deref().is_some_and(is)
            || self.custom_endpoint().is_some_and(|(name, _)| is(name))
    }
}
