//! The policies that the operator's settings hold: those of the organisation, and those of VPC endpoints.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use policy::{PolicyKind, PolicySet};

use crate::policies::{NamedPolicy, set_of};
use crate::settings::{ControlSettings, EndpointPolicy, PolicyFile};

/// One set for each level of the organisation, by account.
type Levels = BTreeMap<String, Arc<[PolicySet]>>;

/// The setting that names a policy that is none, and what is wrong with it.
pub(crate) type PolicyFault = (&'static str, String);

/// The settings' policies, compiled.
#[derive(Debug, Default)]
pub(crate) struct OperatorPolicies {
    /// What the principals of an account may do at most.
    pub(super) service_control: Levels,
    /// What may be done with the resources of an account at most.
    pub(super) resource_control: Levels,
    /// The networks that the clients of each endpoint are in, and its policy.
    endpoints: Vec<(Vec<IpNet>, Arc<PolicySet>)>,
}

impl OperatorPolicies {
    /// Compiles the policies of `settings`. The error names the setting and the policy that is none.
    pub(crate) fn of(settings: &ControlSettings) -> Result<OperatorPolicies, PolicyFault> {
        let (service, resource) =
            (&settings.service_control_policies, &settings.resource_control_policies);
        let endpoint = |it: &EndpointPolicy| {
            let named = it.policy.compile(PolicyFile::OF_ENDPOINT);
            let named = named.map_err(|why| ("vpc.endpoint_policies", why))?;
            Ok((it.networks.clone(), named.set()))
        };
        Ok(OperatorPolicies {
            service_control: levels(
                service,
                "service_control_policies",
                PolicyKind::ServiceControl,
            )?,
            resource_control: levels(
                resource,
                "resource_control_policies",
                PolicyKind::ResourceControl,
            )?,
            endpoints: settings.endpoint_policies.iter().map(endpoint).collect::<Result<_, _>>()?,
        })
    }

    /// The policies of the endpoints whose clients are where `address` is.
    pub(super) fn endpoints(&self, address: IpAddr) -> Arc<[Arc<PolicySet>]> {
        let address = address.to_canonical();
        let within = |(networks, _): &&(Vec<IpNet>, Arc<PolicySet>)| {
            networks.iter().any(|network| network.contains(&address))
        };
        self.endpoints.iter().filter(within).map(|(_, set)| Arc::clone(set)).collect()
    }
}

fn levels(
    by_account: &BTreeMap<String, Vec<Vec<PolicyFile>>>,
    setting: &'static str,
    kind: PolicyKind,
) -> Result<Levels, PolicyFault> {
    let mut compiled = Levels::new();
    for (account, levels) in by_account {
        let mut sets = Vec::new();
        for level in levels {
            let named = level.iter().map(|policy| policy.compile(kind));
            let named: Result<Vec<NamedPolicy>, String> = named.collect();
            let named = named.map_err(|why| (setting, why))?;
            sets.push(set_of(&named));
        }
        compiled.insert(account.clone(), sets.into());
    }
    Ok(compiled)
}
