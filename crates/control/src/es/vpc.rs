//! `VPCOptions`: by which of the operator's subnets and security groups a domain, or a VPC endpoint, is reached. Here they
//! are names; what their networks are, the listeners know (docs/decisions/0145-a-vpc-is-networks-of-the-operator.md).

use serde_json::{Value, json};

use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::{Domain, VpcAccess};

/// Zones of a region, in which the subnets are in the order of their ids.
const ZONES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// What a domain's `VPCOptions` will be, when the request says so. `before` is the domain as it is: its access stays public,
/// or in a VPC, for ever. Texts: hashicorp/terraform-provider-aws#2157, crossplane-contrib/provider-aws#1706.
pub(super) fn read(
    request: &OperationRequest<'_>,
    before: Option<&Domain>,
) -> Result<Option<Value>, ApiError> {
    let Some(given) = request.input.get("VPCOptions") else { return Ok(None) };
    match before.map(Domain::vpc_options) {
        None | Some(None) if VpcAccess::of(given).is_empty() => Ok(None),
        Some(None) => {
            no("Domain should be created with VPC options to update VPC options later".to_owned())
        }
        None => derive(request, given, None).map(Some),
        Some(old) => derive(request, given, old).map(Some),
    }
}

/// `VPCDerivedInfo` of what is `given`; members that it leaves out are the old ones.
pub(super) fn derive(
    request: &OperationRequest<'_>,
    given: &Value,
    old: Option<&Value>,
) -> Result<Value, ApiError> {
    known(request, given)?;
    let member = |name: &str| {
        let set = given.get(name).or_else(|| old.and_then(|old| old.get(name)));
        set.cloned().unwrap_or_else(|| json!([]))
    };
    let merged =
        json!({"SubnetIds": member("SubnetIds"), "SecurityGroupIds": member("SecurityGroupIds")});
    let access = VpcAccess::of(&merged);
    if access.subnets.is_empty() {
        return no("Subnet must be specified for VPC domain".to_owned());
    }
    let vpc = &request.settings.vpc;
    let zone = |subnet: &&str| {
        let place = vpc.subnets.iter().position(|known| known == subnet).unwrap_or_default();
        format!("{}{}", request.region, ZONES.get(place % ZONES.len()).unwrap_or(&"a"))
    };
    let zones: Vec<String> = access.subnets.iter().map(zone).collect();
    if zones.iter().enumerate().any(|(at, zone)| zones.iter().take(at).any(|it| it == zone)) {
        // Ours.
        return no("Subnets must be in different Availability Zones".to_owned());
    }
    Ok(json!({
        "VPCId": vpc.id, "SubnetIds": access.subnets, "AvailabilityZones": zones,
        "SecurityGroupIds": access.security_groups,
    }))
}

/// Refuses what the operator has not. Texts are EC2's (`InvalidSubnetID.NotFound`, `InvalidGroup.NotFound`).
pub(super) fn known(request: &OperationRequest<'_>, given: &Value) -> Result<(), ApiError> {
    let vpc = &request.settings.vpc;
    let access = VpcAccess::of(given);
    let settings = |table: &str| format!("the settings' vpc.{table} does not name it");
    for subnet in access.subnets {
        if !vpc.subnets.contains(subnet) {
            let text = format!("The subnet ID '{subnet}' does not exist");
            return Err(ApiError::new(ErrorCode::Validation, text).because(settings("subnets")));
        }
    }
    for group in access.security_groups {
        if !vpc.security_groups.contains(group) {
            let text = format!("The security group '{group}' does not exist");
            return Err(
                ApiError::new(ErrorCode::Validation, text).because(settings("security_groups"))
            );
        }
    }
    Ok(())
}

fn no<T>(text: String) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}
