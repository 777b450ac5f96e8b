//! Nothing is accepted and dropped: every optional member that the models know, of every built operation, is sent. It
//! changes what happens, or is kept and shown, or is refused by its name.
//!
//! Members of domains are held against [`DOMAIN_MEMBERS`], their table; of the others, sending a member must make a
//! difference to sending none: in the reply, in a refusal that names it, or in what is read back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use control::{
    ControlSettings, DOMAIN_MEMBERS, MemberUse, Operation, REFUSED_MEMBERS, Service, table,
};
use expect_test::expect_file;
use serde_json::{Value, json};

use crate::kept_credentials::{CERTIFICATE, OTHER_CERTIFICATE, PRIVATE_KEY, SSH_KEY, metadata};
use crate::support::{ACCOUNT, Key, World, allow, root_of, trust};

fn model(service: Service) -> Value {
    let text = match service {
        Service::Es => include_str!("../../models/es-2015-01-01.json"),
        Service::OpenSearch => include_str!("../../models/opensearch-2021-01-01.json"),
        Service::Iam => include_str!("../../models/iam-2010-05-08.json"),
        Service::Sts => include_str!("../../models/sts-2011-06-15.json"),
        Service::AccessAnalyzer => include_str!("../../models/accessanalyzer-2019-11-01.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// A member of an operation's input: its path, its shape.
#[derive(Clone)]
struct Leaf {
    path: Vec<Step>,
    shape: Value,
}

#[derive(Clone)]
enum Step {
    Member(String),
    Item,
    Entry,
}

impl Leaf {
    /// As the table of domains writes it.
    fn name(&self) -> String {
        let names = self.path.iter().filter_map(|step| match step {
            Step::Member(name) => Some(name.as_str()),
            Step::Item | Step::Entry => None,
        });
        let name = names.collect::<Vec<_>>().join(".");
        name.replace("ElasticsearchClusterConfig", "ClusterConfig")
            .replace("ElasticsearchVersion", "EngineVersion")
    }

    fn put(&self, value: Value) -> Value {
        self.path.iter().rev().fold(value, |value, step| match step {
            Step::Member(name) => json!({ name: value }),
            Step::Item => json!([value]),
            Step::Entry => json!({ "INDEX_SLOW_LOGS": value }),
        })
    }

    /// Values that the model allows.
    fn values(&self) -> Vec<Value> {
        let bound = |key: &str| self.shape.get(key).and_then(Value::as_i64);
        match self.shape["type"].as_str().unwrap() {
            "boolean" => vec![json!(true), json!(false)],
            "integer" | "long" => {
                vec![json!(3.clamp(bound("min").unwrap_or(0), bound("max").unwrap_or(100)))]
            }
            "timestamp" => vec![json!(1_800_000_000)],
            "map" => vec![json!({"k": "v"})],
            _ => match self.shape.get("enum").and_then(Value::as_array) {
                Some(allowed) => {
                    allowed.iter().rev().take(3).chain(allowed.first()).cloned().collect()
                }
                None => vec![json!("some-text")],
            },
        }
    }
}

/// Every optional leaf of an operation's input.
fn leaves(model: &Value, operation: &str) -> Vec<Leaf> {
    let mut found = Vec::new();
    let input = model["operations"][operation]["input"].as_str();
    if let Some(input) = input {
        descend(model, input, &mut Vec::new(), false, &mut found);
    }
    found
}

fn descend(
    model: &Value,
    shape: &str,
    path: &mut Vec<Step>,
    optional: bool,
    found: &mut Vec<Leaf>,
) {
    let described = &model["shapes"][shape];
    let inner = |value: &Value| value["shape"].as_str().unwrap().to_owned();
    match described["type"].as_str().unwrap() {
        "structure" => {
            let required = described["required"].as_array().cloned().unwrap_or_default();
            for (name, member) in described["members"].as_object().unwrap() {
                let needed = required.iter().any(|it| it == name);
                path.push(Step::Member(name.clone()));
                descend(model, &inner(member), path, optional || !needed, found);
                path.pop();
            }
        }
        "list" => {
            path.push(Step::Item);
            descend(model, &inner(&described["member"]), path, optional, found);
            path.pop();
        }
        "map" if model["shapes"][inner(&described["value"])]["type"] == "structure" => {
            path.push(Step::Entry);
            descend(model, &inner(&described["value"]), path, optional, found);
            path.pop();
        }
        _ if optional => found.push(Leaf { path: path.clone(), shape: described.clone() }),
        _ => {}
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(from)) if !into.is_empty() && !from.is_empty() => {
            for (into, from) in into.iter_mut().zip(from) {
                merge(into, from);
            }
        }
        (into, from) => *into = from,
    }
}

const DOMAIN_OPERATIONS: [(Service, &str, bool); 4] = [
    (Service::Es, "CreateElasticsearchDomain", true),
    (Service::Es, "UpdateElasticsearchDomainConfig", false),
    (Service::OpenSearch, "CreateDomain", true),
    (Service::OpenSearch, "UpdateDomainConfig", false),
];

#[test]
fn the_table_of_domain_members_has_every_member_of_the_models_and_no_other() {
    let mut sent = BTreeSet::new();
    for (service, operation, _) in DOMAIN_OPERATIONS {
        sent.extend(leaves(&model(service), operation).iter().map(Leaf::name));
    }
    let listed: BTreeSet<String> = DOMAIN_MEMBERS.iter().map(|row| row.path.to_owned()).collect();
    let missing: Vec<&String> = sent.difference(&listed).collect();
    let stale: Vec<&String> = listed.difference(&sent).collect();
    assert!(missing.is_empty() && stale.is_empty(), "missing {missing:?}, of no model {stale:?}");
}

/// A log group that may be published to.
const LOG_GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:logs";

/// What must be said along with a member so that it is possible.
fn along(path: &str) -> Value {
    match path {
        "ClusterConfig.MultiAZWithStandbyEnabled" => json!({"ClusterConfig": {
            "InstanceCount": 3, "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3},
        }}),
        "ClusterConfig.ZoneAwarenessEnabled" => json!({"ClusterConfig": {"InstanceCount": 2}}),
        "TagList.Key" => json!({"TagList": [{"Value": "v"}]}),
        "TagList.Value" => json!({"TagList": [{"Key": "k"}]}),
        "LogPublishingOptions.CloudWatchLogsLogGroupArn" => {
            json!({"LogPublishingOptions": {"INDEX_SLOW_LOGS": {"Enabled": false}}})
        }
        "LogPublishingOptions.Enabled" => {
            json!({"LogPublishingOptions": {"INDEX_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": LOG_GROUP}}})
        }
        "DryRunMode" => json!({"DryRun": true}),
        _ => json!({}),
    }
}

fn domain_values(leaf: &Leaf) -> Vec<Value> {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Resource": "*"}]});
    match leaf.name().as_str() {
        "AccessPolicies" => vec![json!(policy.to_string())],
        "AdvancedOptions" => vec![json!({"countersign.replay_cache": "true"})],
        "EngineVersion" => vec![json!("OpenSearch_1.3")],
        _ => leaf.values(),
    }
}

/// The domain as every reading operation of both APIs shows it.
fn shown(world: &World) -> Value {
    let named = || json!({"DomainName": "logs"});
    json!([
        world.ok(&world.root(), "opensearch:DescribeDomain", named()),
        world.ok(&world.root(), "opensearch:DescribeDomainConfig", named()),
        world.ok(
            &world.root(),
            "opensearch:ListTags",
            json!({"ARN": format!("arn:aws:es:us-east-1:{ACCOUNT}:domain/logs")})
        ),
        world.call(&world.root(), "opensearch:DescribeDryRunProgress", named()).ok(),
    ])
}

fn send_domain(
    service: Service,
    operation: &str,
    creates: bool,
    more: Value,
) -> (Result<Value, String>, Value) {
    let log_groups = [LOG_GROUP.to_owned()].into();
    let world = World::with_settings(ControlSettings { log_groups, ..ControlSettings::default() });
    let mut input = json!({"DomainName": "logs"});
    merge(&mut input, more);
    if !creates {
        world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": "logs"}));
    }
    let name = format!("{}:{operation}", service.name());
    let reply = world.call(&world.root(), &name, input).map_err(|error| error.to_string());
    if reply.is_err() {
        return (reply, Value::Null);
    }
    let after = shown(&world);
    (reply, after)
}

/// Whether `value` stands under the path of `leaf` in a configuration.
fn keeps(config: &Value, leaf: &Leaf, value: &Value) -> bool {
    let mut steps = leaf.path.iter();
    let Some(Step::Member(first)) = steps.next() else { return false };
    let first = if first == "ElasticsearchClusterConfig" { "ClusterConfig" } else { first };
    let mut at = &config[first]["Options"];
    for step in steps {
        at = match step {
            Step::Member(name) => &at[name],
            Step::Item => &at[0],
            Step::Entry => &at["INDEX_SLOW_LOGS"],
        };
    }
    // Instance types are written in the words of the API that asks.
    let same = |text: &str| text.replace(".elasticsearch", ".search");
    at == value || at.as_str().map(same) == value.as_str().map(same) && at.is_string()
}

#[test]
fn every_member_of_a_domain_is_done_kept_or_refused_as_its_table_says() {
    let mut faults = Vec::new();
    for (service, operation, creates) in DOMAIN_OPERATIONS {
        let plain = send_domain(service, operation, creates, json!({}));
        assert!(plain.0.is_ok());
        for leaf in leaves(&model(service), operation) {
            let name = leaf.name();
            let row = DOMAIN_MEMBERS.iter().find(|row| row.path == name).unwrap();
            let mut differs = 0;
            for value in domain_values(&leaf) {
                let mut more = along(&name);
                if service == Service::Es && more["ClusterConfig"].is_object() {
                    more = json!({"ElasticsearchClusterConfig": more["ClusterConfig"]});
                }
                merge(&mut more, leaf.put(value.clone()));
                let (reply, after) = send_domain(service, operation, creates, more);
                let off = matches!(row.used, MemberUse::Refused { off } if serde_json::from_str::<Value>(off).is_ok_and(|off| off == value));
                let named = matches!(&reply, Err(text) if text.contains(&name));
                let told = reply.as_ref().err().cloned().unwrap_or_default();
                match row.used {
                    MemberUse::Refused { .. } if off && reply.is_ok() => {}
                    MemberUse::Refused { .. } if !off && named => {}
                    MemberUse::Kept
                        if reply.is_ok() && keeps(&after[1]["DomainConfig"], &leaf, &value) => {}
                    MemberUse::Done => {
                        differs += usize::from(named || (reply.clone(), after) != plain)
                    }
                    used => faults.push(format!("{operation} {name} {value}: {used:?}: {told}")),
                }
            }
            if row.used == MemberUse::Done && differs == 0 {
                faults.push(format!("{operation} {name}: makes no difference"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// A world with one of everything, and who calls.
// long: a list of what is there
fn furnished(operation: Operation) -> (World, Key) {
    let world = World::new();
    let root = world.root();
    let ada = world.user("ada", &[allow("sts:*", "*")]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    for (operation, input) in [
        ("iam:CreateUser", json!({"UserName": "bob", "Path": "/b/"})),
        ("iam:CreateGroup", json!({"GroupName": "g"})),
        ("iam:CreateGroup", json!({"GroupName": "h", "Path": "/b/"})),
        ("iam:AddUserToGroup", json!({"GroupName": "g", "UserName": "ada"})),
        ("iam:AddUserToGroup", json!({"GroupName": "h", "UserName": "ada"})),
        ("iam:AddUserToGroup", json!({"GroupName": "g", "UserName": "bob"})),
        (
            "iam:CreatePolicy",
            json!({"PolicyName": "p", "PolicyDocument": allow("es:*", "*").to_string()}),
        ),
        (
            "iam:CreatePolicy",
            json!({"PolicyName": "q", "Path": "/b/", "PolicyDocument": allow("es:*", "*").to_string()}),
        ),
        (
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": arn("policy/p"), "PolicyDocument": allow("iam:*", "*").to_string()}),
        ),
        ("iam:CreateInstanceProfile", json!({"InstanceProfileName": "ip"})),
        ("iam:CreateInstanceProfile", json!({"InstanceProfileName": "jp", "Path": "/b/"})),
        ("iam:AddRoleToInstanceProfile", json!({"InstanceProfileName": "ip", "RoleName": "r"})),
        ("iam:AddRoleToInstanceProfile", json!({"InstanceProfileName": "jp", "RoleName": "r"})),
        (
            "iam:CreateRole",
            json!({"RoleName": "s", "Path": "/b/", "AssumeRolePolicyDocument": trust(&root_of(ACCOUNT)).to_string()}),
        ),
        (
            "iam:CreateOpenIDConnectProvider",
            json!({"Url": "https://idp.example", "ClientIDList": ["c"]}),
        ),
        ("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "m"})),
        ("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "n"})),
        ("iam:CreateAccountAlias", json!({"AccountAlias": "alias"})),
        ("iam:CreateAccessKey", json!({"UserName": "ada"})),
        ("iam:CreateSAMLProvider", json!({"Name": "sp", "SAMLMetadataDocument": metadata("")})),
        ("iam:UploadServerCertificate", certificate("c", "/")),
        ("iam:UploadServerCertificate", certificate("d", "/b/")),
        (
            "iam:UploadSigningCertificate",
            json!({"UserName": "ada", "CertificateBody": CERTIFICATE}),
        ),
        (
            "iam:UploadSigningCertificate",
            json!({"UserName": "ada", "CertificateBody": OTHER_CERTIFICATE}),
        ),
        ("iam:UploadSSHPublicKey", json!({"UserName": "ada", "SSHPublicKeyBody": SSH_KEY})),
        (
            "iam:CreateServiceSpecificCredential",
            json!({"UserName": "ada", "ServiceName": "codecommit.amazonaws.com"}),
        ),
        (
            "iam:CreateServiceSpecificCredential",
            json!({"UserName": "ada", "ServiceName": "cassandra.amazonaws.com"}),
        ),
        (
            "iam:CreateServiceSpecificCredential",
            json!({"UserName": "bob", "ServiceName": "cassandra.amazonaws.com"}),
        ),
        ("opensearch:CreateDomain", json!({"DomainName": "logs"})),
        ("es:CreateElasticsearchDomain", json!({"DomainName": "old"})),
    ] {
        world.ok(&root, operation, input);
    }
    for kind in ["User", "Role", "Group"] {
        let name = match kind {
            "User" => "ada",
            "Role" => "r",
            _ => "g",
        };
        for policy in ["policy/p", "policy/b/q"] {
            let input = json!({format!("{kind}Name"): name, "PolicyArn": arn(policy)});
            world.ok(&root, &format!("iam:Attach{kind}Policy"), input);
        }
        for policy in ["one", "two"] {
            let input = json!({format!("{kind}Name"): name, "PolicyName": policy, "PolicyDocument": allow("es:*", "*").to_string()});
            world.ok(&root, &format!("iam:Put{kind}Policy"), input);
        }
    }
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
    for (kind, member, name) in [
        ("User", "UserName", "ada".to_owned()),
        ("Role", "RoleName", "r".to_owned()),
        ("Policy", "PolicyArn", arn("policy/p")),
        ("InstanceProfile", "InstanceProfileName", "ip".to_owned()),
        ("MFADevice", "SerialNumber", arn("mfa/m")),
        ("OpenIDConnectProvider", "OpenIDConnectProviderArn", arn("oidc-provider/idp.example")),
        ("SAMLProvider", "SAMLProviderArn", arn("saml-provider/sp")),
        ("ServerCertificate", "ServerCertificateName", "c".to_owned()),
    ] {
        world.ok(&root, &format!("iam:Tag{kind}"), json!({member: name, "Tags": tags}));
    }
    if operation.name() == "GetUpgradeHistory" {
        for target in ["OpenSearch_3.1", "OpenSearch_3.1"] {
            let input =
                json!({"DomainName": "logs", "TargetVersion": target, "PerformCheckOnly": true});
            world.ok(&root, "opensearch:UpgradeDomain", input);
        }
    }
    if operation.name() == "DescribeDryRunProgress" {
        let input = json!({"DomainName": "logs", "DryRun": true, "DryRunMode": "Verbose"});
        world.ok(&root, "opensearch:UpdateDomainConfig", input);
    }
    let profile =
        ["GetLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile"].contains(&operation.name());
    if profile {
        world.ok(
            &root,
            "iam:CreateLoginProfile",
            json!({"UserName": "ada", "Password": "Correct-horse-9"}),
        );
    }
    let caller = if operation.service() == Service::Sts { ada } else { root };
    (world, caller)
}

fn certificate(name: &str, path: &str) -> Value {
    json!({"ServerCertificateName": name, "Path": path, "CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY})
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

/// The least input of an operation that has optional members.
// long: a list of inputs
fn least(operation: &str) -> Value {
    let policy = allow("es:*", "*").to_string();
    match operation {
        "CreateRole" => {
            json!({"RoleName": "new", "AssumeRolePolicyDocument": trust(&root_of(ACCOUNT)).to_string()})
        }
        "CheckNoNewAccess" => {
            json!({"newPolicyDocument": policy, "existingPolicyDocument": policy, "policyType": "IDENTITY_POLICY"})
        }
        "CheckAccessNotGranted" => {
            json!({"policyDocument": policy, "policyType": "IDENTITY_POLICY", "access": [{"actions": ["iam:GetUser"]}]})
        }
        "CheckNoPublicAccess" => {
            let open = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}]});
            json!({"policyDocument": open.to_string(), "resourceType": "AWS::OpenSearchService::Domain"})
        }
        "ValidatePolicy" => {
            let two = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "es:ESHttpGett", "Resource": "*"},
                {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]});
            json!({"policyDocument": two.to_string(), "policyType": "IDENTITY_POLICY"})
        }
        "CreatePolicy" => json!({"PolicyName": "new", "PolicyDocument": policy}),
        "CreatePolicyVersion" => json!({"PolicyArn": arn("policy/p"), "PolicyDocument": policy}),
        "CreateOpenIDConnectProvider" => json!({"Url": "https://new.example"}),
        "CreateVirtualMFADevice" => json!({"VirtualMFADeviceName": "new"}),
        "DeactivateMFADevice" => json!({"SerialNumber": arn("mfa/m")}),
        "GetMFADevice" => json!({"SerialNumber": arn("mfa/m")}),
        "SimulateCustomPolicy" | "GetContextKeysForCustomPolicy" => {
            json!({"PolicyInputList": [policy], "ActionNames": ["es:ESHttpGet", "iam:GetUser"]})
        }
        "SimulatePrincipalPolicy" => {
            json!({"PolicySourceArn": arn("user/ada"), "ActionNames": ["es:ESHttpGet", "iam:GetUser"]})
        }
        "GetContextKeysForPrincipalPolicy" => json!({"PolicySourceArn": arn("user/ada")}),
        "CreateLoginProfile" => json!({"UserName": "bob", "Password": "Correct-horse-9"}),
        "AssumeRole" => json!({"RoleArn": arn("role/r"), "RoleSessionName": "s"}),
        "GetFederationToken" => json!({"Name": "guest"}),
        "UpdateAccessKey" => json!({"AccessKeyId": "AKIA", "Status": "Active"}),
        "DeleteAccessKey" => json!({"AccessKeyId": "AKIA"}),
        "UpdateUser" | "UpdateLoginProfile" | "ListGroupsForUser" => json!({"UserName": "ada"}),
        "UpdateGroup" | "GetGroup" => json!({"GroupName": "g"}),
        "UpdateRole" => json!({"RoleName": "r"}),
        "ListEntitiesForPolicy" | "ListPolicyTags" | "ListPolicyVersions" => {
            json!({"PolicyArn": arn("policy/p")})
        }
        "ListInstanceProfileTags" => json!({"InstanceProfileName": "ip"}),
        "ListMFADeviceTags" => json!({"SerialNumber": arn("mfa/m")}),
        "ListOpenIDConnectProviderTags" => {
            json!({"OpenIDConnectProviderArn": arn("oidc-provider/idp.example")})
        }
        "ListRoleTags" | "ListInstanceProfilesForRole" => json!({"RoleName": "r"}),
        "ListUserTags" | "ListAccessKeys" | "ListMFADevices" => json!({"UserName": "ada"}),
        "DescribeInstanceTypeLimits" | "DescribeElasticsearchInstanceTypeLimits" => {
            json!({"InstanceType": "m4.large.search"})
        }
        "ListInstanceTypeDetails" => json!({"EngineVersion": "OpenSearch_2.19"}),
        "ListElasticsearchInstanceTypes" => json!({"ElasticsearchVersion": "7.10"}),
        "DescribeDomainChangeProgress"
        | "DescribeDryRunProgress"
        | "CancelDomainConfigChange"
        | "GetUpgradeHistory" => json!({"DomainName": "logs"}),
        "StartServiceSoftwareUpdate" => json!({"DomainName": "logs"}),
        "UpgradeDomain" => json!({"DomainName": "old", "TargetVersion": "OpenSearch_1.3"}),
        "UpgradeElasticsearchDomain" => {
            json!({"DomainName": "old", "TargetVersion": "OpenSearch_1.3"})
        }
        "ListPoliciesGrantingServiceAccess" => {
            json!({"Arn": arn("user/ada"), "ServiceNamespaces": ["es"]})
        }
        "UpdateOpenIDConnectProvider" => {
            json!({"OpenIDConnectProviderArn": arn("oidc-provider/idp.example")})
        }
        "CreateSAMLProvider" => json!({"Name": "new", "SAMLMetadataDocument": metadata("")}),
        "UpdateSAMLProvider" | "ListSAMLProviderTags" => {
            json!({"SAMLProviderArn": arn("saml-provider/sp")})
        }
        "UploadServerCertificate" => json!({"ServerCertificateName": "new",
            "CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY}),
        "UpdateServerCertificate" | "ListServerCertificateTags" => {
            json!({"ServerCertificateName": "c"})
        }
        "UploadSigningCertificate" => json!({"CertificateBody": CERTIFICATE}),
        "UpdateSigningCertificate" | "DeleteSigningCertificate" => {
            json!({"CertificateId": "x".repeat(32), "Status": "Inactive"})
        }
        "CreateServiceSpecificCredential" => {
            json!({"UserName": "bob", "ServiceName": "codecommit.amazonaws.com"})
        }
        "UpdateServiceSpecificCredential"
        | "ResetServiceSpecificCredential"
        | "DeleteServiceSpecificCredential" => {
            json!({"ServiceSpecificCredentialId": "x".repeat(21), "Status": "Inactive"})
        }
        "ListSSHPublicKeys" | "ListSigningCertificates" | "ListServiceSpecificCredentials" => {
            json!({"UserName": "ada"})
        }
        "CreateVpcEndpoint" => json!({
            "DomainArn": format!("arn:aws:es:us-east-1:{ACCOUNT}:domain/logs"), "VpcOptions": {},
        }),
        "UpdateVpcEndpoint" => json!({"VpcEndpointId": "aos-x", "VpcOptions": {}}),
        "StartDomainMaintenance" => json!({"DomainName": "logs", "Action": "REBOOT_NODE"}),
        "UpdateScheduledAction" => json!({"DomainName": "logs", "ActionID": "a"}),
        name if name.contains("VpcEndpoint") => json!({"DomainName": "logs"}),
        "CreateServiceLinkedRole" => json!({"AWSServiceName": "opensearchservice.amazonaws.com"}),
        name if name.starts_with("Create") => {
            json!({format!("{}Name", name.trim_start_matches("Create")): "new", "UserName": "new"})
        }
        name if name.contains("Group") && name.contains("Polic") => json!({"GroupName": "g"}),
        name if name.contains("Role") && name.contains("Polic") => json!({"RoleName": "r"}),
        name if name.contains("User") && name.contains("Polic") => json!({"UserName": "ada"}),
        _ => json!({}),
    }
}

/// Values for a member by its name, where any value of its type would not do.
fn telling(operation: &str, member: &str, leaf: &Leaf) -> Vec<Value> {
    let policy = allow("es:ESHttpGet", "*").to_string();
    match (operation, member) {
        ("UpdateSAMLProvider", "SAMLMetadataDocument") => {
            vec![json!(metadata("validUntil=\"2030-01-01T00:00:00Z\""))]
        }
        (_, "CertificateChain") => vec![json!("chain")],
        (_, "ServiceName") => vec![json!("cassandra.amazonaws.com")],
        (_, "Path" | "NewPath" | "PathPrefix") => vec![json!("/b/")],
        ("UpdateAccountPasswordPolicy", "MinimumPasswordLength") => vec![json!(9)],
        (_, "MaxItems" | "MaxResults") => vec![json!(1)],
        (_, "Marker" | "NextToken") => vec![json!("!")],
        (_, "PermissionsBoundary") => vec![json!(arn("policy/p"))],
        (_, "UserName") => vec![json!("ada"), json!("bob"), json!("nobody")],
        (_, "MaxSessionDuration") => vec![json!(7_200)],
        ("CreateLoginProfile" | "UpdateLoginProfile", "Password") => {
            vec![json!("short"), json!("Other-horse-10")]
        }
        (_, "DurationSeconds") => vec![json!(900)],
        (_, "Policy" | "ResourcePolicy") => vec![json!(policy)],
        (_, "PolicyArns") => vec![json!(arn("policy/p"))],
        (_, "PolicyInputList" | "PermissionsBoundaryPolicyInputList") => {
            let condition = json!({"StringEquals": {"aws:username": "x"}});
            vec![
                json!(policy),
                json!(
                    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*",
                "Resource": "*", "Condition": condition}]})
                    .to_string()
                ),
            ]
        }
        (_, "OrderedOrganizationPolicyInputList") => vec![json!(policy)],
        (_, "ResourceOwner") => vec![json!("arn:aws:iam::999988887777:root")],
        (_, "MinimumSessionTokenSize") => vec![json!(0), json!(4_096)],
        (_, "Scope") => vec![json!("AWS"), json!("Local")],
        (_, "TransitiveTagKeys") => vec![json!("k")],
        ("UpgradeDomain", "AdvancedOptions") => {
            vec![json!({"override_main_response_version": "true"})]
        }
        _ => leaf.values(),
    }
}

/// What must be said along with a member so that it means something.
fn along_with(member: &str, leaf: &Leaf) -> Value {
    let last = leaf.path.iter().rev().find_map(|step| match step {
        Step::Member(name) => Some(name.as_str()),
        _ => None,
    });
    match (member, last) {
        ("Tags", Some("Key")) => json!({"Tags": [{"Value": "v"}]}),
        ("Tags", _) => json!({"Tags": [{"Key": "k"}]}),
        ("ContextEntries", Some("ContextKeyType")) => {
            json!({"ContextEntries": [{"ContextKeyName": "aws:username", "ContextKeyValues": ["x", "y"]}]})
        }
        ("ContextEntries", _) => {
            json!({"ContextEntries": [{"ContextKeyName": "k", "ContextKeyType": "numeric"}]})
        }
        _ => json!({}),
    }
}

/// Members whose effect this comparison cannot see, and where it is shown.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("AssumeRole", "ExternalId", "a key of the trust policy's context: sessions.rs"),
    ("GetAccountAuthorizationDetails", "Filter", "accounts.rs"),
    ("CreateVpcEndpoint", "ClientToken", "makes one endpoint once: vpc.rs"),
    ("CreatePackage", "EngineVersion", "packages.rs"),
    ("CreatePackage", "PackageConfiguration", "packages.rs"),
    ("CreatePackage", "PackageDescription", "packages.rs"),
    ("CreatePackage", "PackageEncryptionOptions", "packages.rs"),
    ("CreatePackage", "PackageSource", "packages.rs"),
    ("CreatePackage", "PackageVendingOptions", "packages.rs"),
    ("UpdatePackage", "CommitMessage", "packages.rs"),
    ("UpdatePackage", "PackageConfiguration", "packages.rs"),
    ("UpdatePackage", "PackageDescription", "packages.rs"),
    ("UpdatePackage", "PackageEncryptionOptions", "packages.rs"),
    ("UpdatePackage", "PackageSource", "packages.rs"),
    ("GenerateServiceLastAccessedDetails", "Granularity", "last_accessed.rs"),
    ("GetServiceLastAccessedDetails", "MaxItems", "last_accessed.rs"),
    ("GetServiceLastAccessedDetails", "Marker", "last_accessed.rs"),
    ("GetServiceLastAccessedDetailsWithEntities", "MaxItems", "last_accessed.rs"),
    ("GetServiceLastAccessedDetailsWithEntities", "Marker", "last_accessed.rs"),
    ("ValidatePolicy", "maxResults", "access_analyzer.rs"),
    ("ListAccountAliases", "MaxItems", "an account has one alias at most"),
    ("ListMFADevices", "MaxItems", "mfa.rs"),
    ("ListSSHPublicKeys", "MaxItems", "one key is there"),
    (
        "StartServiceSoftwareUpdate",
        "DesiredStartTime",
        "there is no update to schedule, which the reply says",
    ),
    (
        "StartServiceSoftwareUpdate",
        "ScheduleAt",
        "there is no update to schedule, which the reply says",
    ),
    (
        "UpdateScheduledAction",
        "DesiredStartTime",
        "there is no action to schedule, which the reply says",
    ),
    ("SimulateCustomPolicy", "ContextEntries", "values are keys of conditions: simulate.rs"),
    ("SimulatePrincipalPolicy", "ContextEntries", "values are keys of conditions: simulate.rs"),
];

/// Listings that are always empty, or are of packages (packages.rs): nothing could be filtered or cut into pages. That a token nobody gave out is refused
/// is in domain_care.rs and page.rs.
const EMPTY: &[&str] = &[
    // Refused to every account that is in no organization.
    "AssumeRoot",
    "GenerateOrganizationsAccessReport",
    "GetOrganizationsAccessReport",
    "DescribeInboundConnections",
    "DescribeInboundCrossClusterSearchConnections",
    "DescribeOutboundConnections",
    "DescribeOutboundCrossClusterSearchConnections",
    "DescribePackages",
    "DescribeReservedElasticsearchInstanceOfferings",
    "DescribeReservedElasticsearchInstances",
    "DescribeReservedInstanceOfferings",
    "DescribeReservedInstances",
    "DescribeDomainAutoTunes",
    "ListApplications",
    "ListDirectQueryDataSources",
    "ListDomainMaintenances",
    "ListPackagesForDomain",
    "ListScheduledActions",
    "GetPackageVersionHistory",
    "ListDomainsForPackage",
];

#[test]
fn every_member_of_the_other_operations_makes_a_difference_or_is_refused_by_name() {
    let mut faults = Vec::new();
    let built = table().filter(|operation| operation.is_built());
    let others = built.filter(|operation| {
        !DOMAIN_OPERATIONS.iter().any(|(_, name, _)| *name == operation.name())
            // Their callers are tokens and assertions: web_identity.rs, saml.rs.
            && !operation.name().starts_with("AssumeRoleWith")
            && !EMPTY.contains(&operation.name())
    });
    for operation in others {
        let mut members: BTreeMap<String, Vec<Leaf>> = BTreeMap::new();
        for leaf in leaves(&model(operation.service()), operation.name()) {
            let Some(Step::Member(first)) = leaf.path.first() else { panic!("a member") };
            members.entry(first.clone()).or_default().push(leaf);
        }
        if members.is_empty() {
            continue;
        }
        // What only reads can be asked of one world.
        let reads = ["Get", "List", "Describe", "Simulate"]
            .iter()
            .any(|it| operation.name().starts_with(it));
        let one = (reads && operation.service() != Service::Sts).then(|| furnished(operation));
        let outcome = |more: Value| match &one {
            Some((world, caller)) => (call(world, caller, operation, more), Vec::new()),
            None => changed(operation, more),
        };
        let plain = outcome(json!({}));
        for (member, leaves) in &members {
            let makes_a_difference = leaves.iter().all(|leaf| {
                telling(operation.name(), member, leaf).into_iter().any(|value| {
                    let mut more = along_with(member, leaf);
                    merge(&mut more, leaf.put(value));
                    outcome(more) != plain
                })
            });
            let elsewhere =
                ELSEWHERE.iter().any(|(name, it, _)| *name == operation.name() && it == member);
            if !makes_a_difference && !elsewhere {
                faults.push(format!(
                    "{} {member}: {}",
                    operation.name(),
                    plain.0.clone().err().unwrap_or_default()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// What comes of a call.
fn call(world: &World, caller: &Key, operation: Operation, more: Value) -> Result<Value, String> {
    let mut input = least(operation.name());
    merge(&mut input, more);
    if input["AccessKeyId"].is_string() {
        let key = world.ok(&world.root(), "iam:ListAccessKeys", json!({"UserName": "ada"}));
        input["AccessKeyId"] = key["AccessKeyMetadata"][0]["AccessKeyId"].clone();
    }
    let name = format!("{}:{}", operation.service().name(), operation.name());
    world.call(caller, &name, input).map_err(|error| error.to_string())
}

/// What comes of a call in a world of its own, and what is to be read there afterwards.
fn changed(operation: Operation, more: Value) -> (Result<Value, String>, Vec<Option<Value>>) {
    let (world, caller) = furnished(operation);
    let reply = call(&world, &caller, operation, more);
    let reads = [
        ("iam:GetAccountAuthorizationDetails", json!({})),
        ("iam:GetAccountPasswordPolicy", json!({})),
        ("iam:GetLoginProfile", json!({"UserName": "ada"})),
        ("iam:GetLoginProfile", json!({"UserName": "bob"})),
        ("iam:ListAccessKeys", json!({"UserName": "bob"})),
        ("iam:ListServerCertificates", json!({})),
        ("iam:GetSAMLProvider", json!({"SAMLProviderArn": arn("saml-provider/sp")})),
        (
            "iam:GetOpenIDConnectProvider",
            json!({"OpenIDConnectProviderArn": arn("oidc-provider/new.example")}),
        ),
    ];
    let reads = reads.map(|(name, input)| world.call(&world.root(), name, input).ok());
    (reply, reads.to_vec())
}

#[test]
fn the_page_of_members_is_up_to_date() {
    let mut page = String::from(
        "<!-- generated by crates/control/tests/it/members.rs; do not edit -->\n# What becomes of a domain's members\n\n\
         Each optional member of `CreateDomain` and `UpdateDomainConfig` (and their `es` names, in the words of\n\
         `opensearch`): **done**, **kept** and shown because it only tunes Amazon's fleet, or **refused** by name, but for\n\
         the value that asks for nothing. [Why](../decisions/0139-nothing-is-accepted-and-dropped.md).\n\n\
         | member | what becomes of it | |\n|---|---|---|\n",
    );
    for row in DOMAIN_MEMBERS {
        let used = match row.used {
            MemberUse::Done => "done".to_owned(),
            MemberUse::Kept => "kept".to_owned(),
            MemberUse::Refused { off: "" } => "refused".to_owned(),
            MemberUse::Refused { off } => format!("refused, but for `{off}`"),
        };
        writeln!(page, "| `{}` | {used} | {} |", row.path, row.note).unwrap();
    }
    page.push_str("\n## Members of `iam` and `sts` operations that are refused\n\n");
    for (service, name, why) in REFUSED_MEMBERS {
        writeln!(page, "- `{}` `{name}`: {why}.", service.name()).unwrap();
    }
    expect_file!["../../../../docs/reference/domain-members.md"].assert_eq(&page);
}

#[test]
fn the_models_are_at_least_as_new_as_the_botocore_that_judges() {
    let number =
        |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap()).collect() };
    let pins = include_str!("../../../../conformance/python/requirements/aws.txt");
    let pinned = pins.lines().find_map(|line| line.strip_prefix("botocore==")).unwrap();
    for service in Service::ALL {
        let source = model(service)["source"].as_str().unwrap().to_owned();
        let ours = source.trim_start_matches("botocore ").split(',').next().unwrap().to_owned();
        assert!(
            number(&ours) >= number(pinned),
            "{source}: run `cargo xtask models` with botocore {pinned}"
        );
    }
}

/// `merge` is the tests' own.
#[test]
fn merging_goes_into_structures_and_items() {
    let mut value = json!({"a": [{"b": 1}], "c": 2});
    merge(&mut value, json!({"a": [{"d": 3}]}));
    assert_eq!(value, json!({"a": [{"b": 1, "d": 3}], "c": 2}));
}
