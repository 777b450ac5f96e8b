//! Who may connect to a domain with VPC access: addresses in the networks that the settings give its security groups, or its
//! subnets when it has none, and those of its VPC endpoints (docs/decisions/0145-a-vpc-is-networks-of-the-operator.md).

use std::collections::BTreeMap;
use std::net::IpAddr;

use control::record::VpcAccess;
use control::{Directory, Domain};
use ipnet::IpNet;

use crate::service::state::ServiceState;
use crate::settings::VpcSettings;
use crate::transport::listener::Listener;

/// Whether a connection from `peer` may reach what is behind this listener: as the directory says now, not as it was when the
/// listener opened.
pub(crate) fn admits(state: &ServiceState, listener: &Listener, peer: IpAddr) -> bool {
    let Some(key) = listener.target.domain() else { return true };
    let directory = state.control.directory();
    let domain = directory.domain(&key.account, &key.region, &key.name);
    domain.is_some_and(|domain| reaches(&state.settings().vpc, &directory, domain, peer))
}

/// Whether `address` reaches a domain: everyone does a public one.
pub(crate) fn reaches(
    vpc: &VpcSettings,
    directory: &Directory,
    domain: &Domain,
    address: IpAddr,
) -> bool {
    let Some(access) = directory.vpc_access(domain) else { return true };
    let address = address.to_canonical();
    access.iter().any(|access| lets_in(vpc, access, address))
}

fn lets_in(vpc: &VpcSettings, access: &VpcAccess<'_>, address: IpAddr) -> bool {
    let within = |table: &BTreeMap<String, Vec<IpNet>>, ids: &[&str]| {
        let mut networks = ids.iter().filter_map(|id| table.get(*id)).flatten();
        networks.any(|network| network.contains(&address))
    };
    if access.security_groups.is_empty() {
        within(&vpc.subnets, &access.subnets)
    } else {
        within(&vpc.security_groups, &access.security_groups)
    }
}
