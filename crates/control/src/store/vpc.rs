//! Records of VPC access: subnets and security groups, and the endpoints that let others in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::units::EpochSeconds;

/// What ids of VPC endpoints begin with.
pub(crate) const VPC_ENDPOINT_PREFIX: &str = "aos-";

/// A VPC endpoint: more subnets and security groups through which one domain is reached, its own account's or another's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `aos-…`.
    pub id: String,
    /// Owner, who need not be the domain's.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// The domain's ARN.
    pub domain_arn: String,
    /// Its `VPCOptions`, as a domain keeps them.
    pub options: Value,
    /// The token that it was made with: asked for again with it, it is given back.
    pub client_token: Option<String>,
    /// When it was made.
    pub created: EpochSeconds,
}

/// The subnets and security groups of one `VPCOptions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcAccess<'r> {
    /// `subnet-…`.
    pub subnets: Vec<&'r str>,
    /// `sg-…`; when there is none, whoever is in the subnets may connect.
    pub security_groups: Vec<&'r str>,
}

impl<'r> VpcAccess<'r> {
    /// Those that `options` name.
    pub(crate) fn of(options: &'r Value) -> Self {
        Self {
            subnets: listed(options, "SubnetIds"),
            security_groups: listed(options, "SecurityGroupIds"),
        }
    }

    /// Whether they name none.
    pub(crate) fn is_empty(&self) -> bool {
        self.subnets.is_empty() && self.security_groups.is_empty()
    }
}

fn listed<'r>(options: &'r Value, member: &str) -> Vec<&'r str> {
    let items = options.get(member).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}
