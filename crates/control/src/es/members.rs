//! **The table of a domain's members**: what becomes of each optional member of `CreateDomain`, `UpdateDomainConfig` and
//! their `es` names. Nothing is accepted and dropped: a member is done, kept and shown because it only tunes Amazon's fleet,
//! or refused by its name. `docs/reference/domain-members.md` is generated from these rows, and a test sends every member that
//! the models know (docs/decisions/0139-nothing-is-accepted-and-dropped.md).

use serde_json::Value;

use super::versions::cluster_config;
use crate::err::{ApiError, ErrorCode};
use crate::service::Service;
use crate::settings::ControlSettings;

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberUse {
    /// The service does what it says.
    Done,
    /// It is kept and shown as set. It tunes machines or windows that only Amazon has.
    Kept,
    /// Refused by name, but for `off`: the value (as JSON) that asks for nothing; empty when there is none.
    Refused {
        /// The value that asks for nothing.
        off: &'static str,
    },
}

/// One member of a domain's configuration.
#[derive(Clone, Copy, Debug)]
pub struct DomainMember {
    /// Its path in the words of the `opensearch` model, list items left out.
    pub path: &'static str,
    /// What becomes of it.
    pub used: MemberUse,
    /// What it does, what the service does instead, or why it is refused: for people.
    pub note: &'static str,
}

use MemberUse::{Done, Kept};
const NEVER: MemberUse = MemberUse::Refused { off: "" };
const STAYS_OFF: MemberUse = MemberUse::Refused { off: "false" };

const FGAC: &str = "countersign offers internal users and IAM to fine-grained access control, and no other sign-in";
const COGNITO: &str = "countersign does not offer sign-in through Cognito";
const IDENTITY_CENTER: &str = "countersign does not offer IAM Identity Center";
const WARM: &str = "countersign has no UltraWarm storage";
const PAUSE: &str = "countersign does not offer pausing of automated snapshots";
const ONE_NODE: &str = "one node serves the domain";
const VOLUME: &str = "data is where the operator put it";
const WINDOW: &str = "nothing here waits for a window";

/// Every optional member, in the order of their paths.
#[rustfmt::skip]
pub const DOMAIN_MEMBERS: &[DomainMember] = &[
    row("AIMLOptions.NaturalLanguageQueryGenerationOptions.DesiredState", MemberUse::Refused { off: "\"DISABLED\"" }, "countersign does not offer generated queries"),
    row("AIMLOptions.S3VectorsEngine.Enabled", STAYS_OFF, "countersign does not offer the S3 vectors engine"),
    row("AIMLOptions.ServerlessVectorAcceleration.Enabled", STAYS_OFF, "countersign does not offer vector acceleration"),
    row("AcceptedWarnings", NEVER, "no change is ever held back by a warning"),
    row("AccessPolicies", Done, "the domain's policy, in force when the reply is read"),
    row("AdvancedOptions", Done, "see [domain-options.md](domain-options.md)"),
    row("AdvancedSecurityOptions.AnonymousAuthEnabled", STAYS_OFF, FGAC),
    row("AdvancedSecurityOptions.Enabled", Done, "roles decide what a request may do, after the policies ([how](../operating/fine-grained-access-control.md))"),
    row("AdvancedSecurityOptions.IAMFederationOptions.Enabled", STAYS_OFF, FGAC),
    row("AdvancedSecurityOptions.IAMFederationOptions.RolesKey", NEVER, FGAC),
    row("AdvancedSecurityOptions.IAMFederationOptions.SubjectKey", NEVER, FGAC),
    row("AdvancedSecurityOptions.InternalUserDatabaseEnabled", Done, "internal users sign in by Basic"),
    row("AdvancedSecurityOptions.JWTOptions.Enabled", STAYS_OFF, FGAC),
    row("AdvancedSecurityOptions.JWTOptions.JwksUrl", NEVER, FGAC),
    row("AdvancedSecurityOptions.JWTOptions.PublicKey", NEVER, FGAC),
    row("AdvancedSecurityOptions.JWTOptions.RolesKey", NEVER, FGAC),
    row("AdvancedSecurityOptions.JWTOptions.SubjectKey", NEVER, FGAC),
    row("AdvancedSecurityOptions.MasterUserOptions.MasterUserARN", Done, "the IAM user or role that has all rights"),
    row("AdvancedSecurityOptions.MasterUserOptions.MasterUserName", Done, "the internal user that has all rights"),
    row("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword", Done, "its password; only the sealed hash is kept"),
    row("AdvancedSecurityOptions.SAMLOptions.Enabled", STAYS_OFF, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.Idp.EntityId", NEVER, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.Idp.MetadataContent", NEVER, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.MasterBackendRole", NEVER, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.MasterUserName", NEVER, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.RolesKey", NEVER, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.SessionTimeoutMinutes", NEVER, FGAC),
    row("AdvancedSecurityOptions.SAMLOptions.SubjectKey", NEVER, FGAC),
    row("AutoTuneOptions.DesiredState", Kept, "there is no Auto-Tune here; the engine has nothing that it would tune"),
    row("AutoTuneOptions.MaintenanceSchedules.CronExpressionForRecurrence", Kept, WINDOW),
    row("AutoTuneOptions.MaintenanceSchedules.Duration.Unit", Kept, WINDOW),
    row("AutoTuneOptions.MaintenanceSchedules.Duration.Value", Kept, WINDOW),
    row("AutoTuneOptions.MaintenanceSchedules.StartAt", Kept, WINDOW),
    row("AutoTuneOptions.RollbackOnDisable", Kept, "there is nothing to roll back"),
    row("AutoTuneOptions.UseOffPeakWindow", Kept, WINDOW),
    row("AutomatedSnapshotPauseOptions.Enabled", STAYS_OFF, PAUSE),
    row("AutomatedSnapshotPauseOptions.EndTime", NEVER, PAUSE),
    row("AutomatedSnapshotPauseOptions.StartTime", NEVER, PAUSE),
    row("ClusterConfig.ColdStorageOptions.Enabled", STAYS_OFF, "countersign has no cold storage"),
    row("ClusterConfig.DedicatedMasterCount", Kept, ONE_NODE),
    row("ClusterConfig.DedicatedMasterEnabled", Kept, ONE_NODE),
    row("ClusterConfig.DedicatedMasterType", Kept, ONE_NODE),
    row("ClusterConfig.InstanceCount", Kept, "one node serves the domain; where a pool makes its cluster, so many ([how](../operating/clusters.md))"),
    row("ClusterConfig.InstanceType", Kept, "the machine is the operator's; where a pool makes its cluster, the heap of a node"),
    row("ClusterConfig.MultiAZWithStandbyEnabled", Kept, "one node serves the domain, and nothing stands by; zone awareness must be configured with three zones, as at Amazon"),
    row("ClusterConfig.NodeOptions.NodeConfig.Count", Kept, ONE_NODE),
    row("ClusterConfig.NodeOptions.NodeConfig.Enabled", Kept, ONE_NODE),
    row("ClusterConfig.NodeOptions.NodeConfig.Type", Kept, ONE_NODE),
    row("ClusterConfig.NodeOptions.NodeType", Kept, ONE_NODE),
    row("ClusterConfig.WarmCount", NEVER, WARM),
    row("ClusterConfig.WarmEnabled", STAYS_OFF, WARM),
    row("ClusterConfig.WarmType", NEVER, WARM),
    row("ClusterConfig.ZoneAwarenessConfig.AvailabilityZoneCount", Kept, ONE_NODE),
    row("ClusterConfig.ZoneAwarenessEnabled", Kept, ONE_NODE),
    row("CognitoOptions.Enabled", STAYS_OFF, COGNITO),
    row("CognitoOptions.IdentityPoolId", NEVER, COGNITO),
    row("CognitoOptions.RoleArn", NEVER, COGNITO),
    row("CognitoOptions.UserPoolId", NEVER, COGNITO),
    row("DeploymentStrategyOptions.DeploymentStrategy", Kept, "a change is made in place"),
    row("DomainEndpointOptions.CustomEndpoint", Done, "the domain answers at this host too, with the certificate"),
    row("DomainEndpointOptions.CustomEndpointCertificateArn", Done, "one that the settings name ([how](../operating/endpoints.md))"),
    row("DomainEndpointOptions.CustomEndpointEnabled", Done, "as the two say"),
    row("DomainEndpointOptions.EnforceHTTPS", Kept, "plain HTTP is never answered, also where `false` would let Amazon answer it"),
    row("DomainEndpointOptions.TLSSecurityPolicy", Done, "`…-2019-07`: TLS 1.2, `…-PFS-2023-10` (the default): TLS 1.2 and 1.3; suites with forward secrecy only, nothing older than TLS 1.2; the FIPS policies are refused"),
    row("DryRun", Done, "answers what the change would do, and does not do it"),
    row("DryRunMode", Done, "`Verbose`: the answer can be asked for again (`DescribeDryRunProgress`)"),
    row("EBSOptions.EBSEnabled", Kept, VOLUME),
    row("EBSOptions.Iops", Kept, VOLUME),
    row("EBSOptions.Throughput", Kept, VOLUME),
    row("EBSOptions.VolumeSize", Kept, VOLUME),
    row("EBSOptions.VolumeType", Kept, VOLUME),
    row("EncryptionAtRestOptions.Enabled", Done, "accepted where the operator says that the storage is encrypted (`storage_encrypted`), otherwise refused"),
    row("EncryptionAtRestOptions.EncryptionMode", MemberUse::Refused { off: "\"DISK\"" }, "the engine does not encrypt its indices itself"),
    row("EncryptionAtRestOptions.KmsKeyId", NEVER, "the key is that of the operator's storage"),
    row("EngineMode", Kept, "there is one engine"),
    row("EngineVersion", Done, "the version that the domain behaves like"),
    row("IPAddressType", MemberUse::Refused { off: "\"ipv4\"" }, "the addresses of the listeners are the operator's"),
    row("IdentityCenterOptions.EnabledAPIAccess", STAYS_OFF, IDENTITY_CENTER),
    row("IdentityCenterOptions.IdentityCenterInstanceARN", NEVER, IDENTITY_CENTER),
    row("IdentityCenterOptions.IdentityCenterInstanceRegion", NEVER, IDENTITY_CENTER),
    row("IdentityCenterOptions.RolesKey", NEVER, IDENTITY_CENTER),
    row("IdentityCenterOptions.SubjectKey", NEVER, IDENTITY_CENTER),
    row("LogPublishingOptions.CloudWatchLogsLogGroupArn", Done, "a file in the operator's folder takes the place of the log group (`logs.groups`); without one it is refused"),
    row("LogPublishingOptions.Enabled", Done, "slow logs of searches and of writes, failed requests, and with `AUDIT_LOGS` every request"),
    row("NodeToNodeEncryptionOptions.Enabled", Kept, "there is one node, so nothing travels between nodes"),
    row("OffPeakWindowOptions.Enabled", Kept, WINDOW),
    row("OffPeakWindowOptions.OffPeakWindow.WindowStartTime.Hours", Kept, WINDOW),
    row("OffPeakWindowOptions.OffPeakWindow.WindowStartTime.Minutes", Kept, WINDOW),
    row("SnapshotOptions.AutomatedSnapshotStartHour", Kept, "no snapshot is taken by itself"),
    row("SoftwareUpdateOptions.AutoSoftwareUpdateEnabled", Kept, "the operator updates the service"),
    row("SoftwareUpdateOptions.UseLatestServiceSoftwareForBlueGreen", Kept, "the operator updates the service"),
    row("TagList.Key", Done, "the domain's tags, which conditions on `aws:ResourceTag` see"),
    row("TagList.Value", Done, "as `TagList.Key`"),
    row("UseCase", Kept, "there is one engine"),
    row("VPCOptions.EgressEnabled", STAYS_OFF, "nothing here connects to anything by itself"),
    row("VPCOptions.SecurityGroupIds", Done, "whose networks may connect, in place of the subnets'"),
    row("VPCOptions.SubnetIds", Done, "access is through the VPC that the settings describe ([how](../operating/vpc.md))"),
];

const fn row(path: &'static str, used: MemberUse, note: &'static str) -> DomainMember {
    DomainMember { path, used, note }
}

/// Refuses what an input asks for and the table refuses. Empty texts and lists ask for nothing: clients send them.
pub(super) fn refuse(
    service: Service,
    settings: &ControlSettings,
    input: &Value,
) -> Result<(), ApiError> {
    let mut found = Ok(());
    each_leaf(service, input, &mut |path, value| {
        if found.is_ok() {
            found = refuse_one(settings, path, value);
        }
    });
    found
}

fn refuse_one(settings: &ControlSettings, path: &str, value: &Value) -> Result<(), ApiError> {
    let no = |text: String| Err(ApiError::new(ErrorCode::Validation, text));
    let Some(member) = DOMAIN_MEMBERS.iter().find(|member| member.path == path) else {
        return Ok(());
    };
    match member.used {
        MemberUse::Refused { off } if !asks_nothing(value) && !is(value, off) => {
            let seen = match value {
                Value::Bool(_) => "enabled",
                _ => "set",
            };
            no(format!("{path} cannot be {seen}: {}", member.note))
        }
        _ if path == "EncryptionAtRestOptions.Enabled"
            && value == &Value::Bool(true)
            && !settings.storage_encrypted =>
        {
            no("EncryptionAtRestOptions.Enabled cannot be enabled: the operator has not said that the storage is encrypted (storage_encrypted = true)".to_owned())
        }
        _ if path == "DomainEndpointOptions.TLSSecurityPolicy"
            && value.as_str().is_some_and(|name| name.contains("FIPS")) =>
        {
            no(format!("{path} cannot be {}: the listeners are not restricted to its ciphers", value.as_str().unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

/// Whether `value` is the one that `json` writes.
fn is(value: &Value, json: &str) -> bool {
    serde_json::from_str::<Value>(json).is_ok_and(|off| off == *value)
}

fn asks_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Every leaf of an input, with its path in the words of the `opensearch` model. A map of options is one leaf.
fn each_leaf(service: Service, input: &Value, seen: &mut impl FnMut(&str, &Value)) {
    for (name, value) in input.as_object().into_iter().flatten() {
        let name = if *name == cluster_config(service) { "ClusterConfig" } else { name };
        match (name, value) {
            ("LogPublishingOptions", Value::Object(kinds)) => {
                kinds.values().for_each(|options| walk(name, options, seen));
            }
            _ => walk(name, value, seen),
        }
    }
}

/// The depth is that of the model, which the wire has cut the input to.
fn walk(path: &str, value: &Value, seen: &mut impl FnMut(&str, &Value)) {
    let known = DOMAIN_MEMBERS.iter().any(|member| member.path == path);
    match value {
        Value::Object(members) if !known => {
            for (name, value) in members {
                walk(&format!("{path}.{name}"), value, seen);
            }
        }
        Value::Array(items) if !known => items.iter().for_each(|item| walk(path, item, seen)),
        _ => seen(path, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_its_paths() {
        assert!(DOMAIN_MEMBERS.is_sorted_by_key(|member| member.path));
    }
}
