//! Values that Amazon refuses although its model allows them. Texts are Amazon's where one was found
//! (cloudposse/terraform-aws-elasticsearch#192 for the zones, aws/aws-cdk#31583 for the standby); each other one says that it is ours.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::store::record::VpcAccess;

/// Least size of a volume, in GiB. Source: docs.aws.amazon.com, "EBS volume size quotas".
const VOLUME_GIB_MIN: i64 = 10;
/// How many dedicated masters there may be. Source: docs.aws.amazon.com, "Dedicated master nodes".
const MASTERS: [i64; 2] = [3, 5];
/// Zones when a domain does not say.
const ZONES_DEFAULT: i64 = 2;

/// Checks the options of a domain as they would be, all together. `old` are those it has.
pub(super) fn check(
    options: &BTreeMap<String, Value>,
    old: Option<&BTreeMap<String, Value>>,
) -> Result<(), ApiError> {
    cluster(options)?;
    let hour = whole(options, "/AutomatedSnapshotStartHour", "SnapshotOptions");
    if hour.is_some_and(|hour| !(0..24).contains(&hour)) {
        // Ours.
        return no("Automated snapshot start hour must be between 0 and 23");
    }
    let volume = whole(options, "/VolumeSize", "EBSOptions");
    if flag(options, "EBSOptions", "/EBSEnabled") && volume.is_some_and(|n| n < VOLUME_GIB_MIN) {
        // Ours; the code is that of Amazon's limits.
        let text = format!("Volume size must be at least {VOLUME_GIB_MIN}");
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    for (name, what) in [
        ("EncryptionAtRestOptions", "Encryption at rest"),
        ("NodeToNodeEncryptionOptions", "Node-to-node encryption"),
    ] {
        let was = old.is_some_and(|old| flag(old, name, "/Enabled"));
        if was && !flag(options, name, "/Enabled") {
            // Ours.
            return no(&format!("{what} cannot be disabled once it is enabled ({name}.Enabled)"));
        }
    }
    Ok(())
}

fn cluster(options: &BTreeMap<String, Value>) -> Result<(), ApiError> {
    const CLUSTER: &str = "ClusterConfig";
    let nodes = whole(options, "/InstanceCount", CLUSTER).unwrap_or(1);
    if nodes < 1 {
        // Ours.
        return no("Instance count must be greater than or equal to 1");
    }
    let aware = flag(options, CLUSTER, "/ZoneAwarenessEnabled");
    let zones = whole(options, "/ZoneAwarenessConfig/AvailabilityZoneCount", CLUSTER);
    if flag(options, CLUSTER, "/MultiAZWithStandbyEnabled") && !(aware && zones == Some(3)) {
        return no("You must configure zone awareness settings if you turn on zone awareness.");
    }
    let masters = whole(options, "/DedicatedMasterCount", CLUSTER);
    if flag(options, CLUSTER, "/DedicatedMasterEnabled")
        && masters.is_some_and(|n| !MASTERS.contains(&n))
    {
        // Ours.
        return no("You must choose either three or five dedicated master nodes");
    }
    if aware {
        let zones = zones.unwrap_or(ZONES_DEFAULT);
        subnets(options, zones)?;
        match zones {
            2 if nodes % 2 != 0 => {
                return no(
                    "You must choose an even number of data nodes for a two Availability Zone deployment",
                );
            }
            3 if nodes < 3 => {
                return no(
                    "You must choose at least three data nodes for a three Availability Zone deployment",
                );
            }
            2 | 3 => {}
            // Ours.
            _ => return no("AvailabilityZoneCount must be 2 or 3"),
        }
        return Ok(());
    }
    subnets(options, 1)
}

/// A domain in a VPC has one subnet for each zone (aws/aws-cdk#7804).
fn subnets(options: &BTreeMap<String, Value>, zones: i64) -> Result<(), ApiError> {
    let Some(vpc) = options.get("VPCOptions") else { return Ok(()) };
    let subnets = VpcAccess::of(vpc).subnets.len();
    if i64::try_from(subnets) == Ok(zones) {
        return Ok(());
    }
    let count = match zones {
        1 => return no("You must specify exactly one subnet."),
        2 => "two",
        _ => "three",
    };
    no(&format!(
        "You must specify exactly {count} subnets because you've set zone count to {count}."
    ))
}

fn whole(options: &BTreeMap<String, Value>, pointer: &str, name: &str) -> Option<i64> {
    options.get(name)?.pointer(pointer)?.as_i64()
}

fn flag(options: &BTreeMap<String, Value>, name: &str, pointer: &str) -> bool {
    let value = options.get(name).and_then(|options| options.pointer(pointer));
    value.and_then(Value::as_bool) == Some(true)
}

fn no(text: &str) -> Result<(), ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}
