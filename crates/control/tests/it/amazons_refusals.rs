//! What Amazon refuses although its model allows it, and what it completes.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, root_of, text, trust};

fn create(more: Value) -> Result<Value, String> {
    let world = World::new();
    let mut input = json!({"DomainName": "logs"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = world.call(&world.root(), "opensearch:CreateDomain", input);
    made.map_err(|error| error.to_string())
}

#[test]
fn numbers_that_no_domain_can_have_are_refused() {
    let told: Vec<String> = [
        json!({"SnapshotOptions": {"AutomatedSnapshotStartHour": 99}}),
        json!({"SnapshotOptions": {"AutomatedSnapshotStartHour": -1}}),
        json!({"ClusterConfig": {"InstanceCount": 0}}),
        json!({"ClusterConfig": {"InstanceCount": -1}}),
        json!({"EBSOptions": {"EBSEnabled": true, "VolumeSize": 5}}),
        json!({"ClusterConfig": {"DedicatedMasterEnabled": true, "DedicatedMasterCount": 2}}),
        json!({"ClusterConfig": {"ZoneAwarenessEnabled": true}}),
        json!({"ClusterConfig": {"ZoneAwarenessEnabled": true, "InstanceCount": 2, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3}}}),
        json!({"ClusterConfig": {"ZoneAwarenessEnabled": true, "InstanceCount": 2, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 1}}}),
        json!({"TagList": [{"Key": "aws:x", "Value": "1"}]}),
        json!({"EngineVersion": "OpenSearch_3.1", "AdvancedOptions": {"override_main_response_version": "true"}}),
        json!({"DomainEndpointOptions": {"TLSSecurityPolicy": "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08"}}),
        json!({"AdvancedSecurityOptions": {"Enabled": false, "MasterUserOptions": {"MasterUserPassword": "Secret-1"}}}),
        json!({"AdvancedOptions": {"x": "y"}}),
        json!({"AdvancedOptions": {"indices.query.bool.max_clause_count": "-5"}}),
        json!({"AdvancedOptions": {"rest.action.multi.allow_explicit_index": "maybe"}}),
        json!({"AIMLOptions": {"NaturalLanguageQueryGenerationOptions": {"DesiredState": "ENABLED"}}}),
        json!({"IPAddressType": "dualstack"}),
        json!({"ClusterConfig": {"WarmEnabled": true}}),
        json!({"ClusterConfig": {"ColdStorageOptions": {"Enabled": true}}}),
    ]
    .into_iter()
    .map(|input| create(input).unwrap_err())
    .collect();
    expect![[r#"
        [
            "ValidationError: Automated snapshot start hour must be between 0 and 23",
            "ValidationError: Automated snapshot start hour must be between 0 and 23",
            "ValidationError: Instance count must be greater than or equal to 1",
            "ValidationError: Instance count must be greater than or equal to 1",
            "LimitExceeded: Volume size must be at least 10",
            "ValidationError: You must choose either three or five dedicated master nodes",
            "ValidationError: You must choose an even number of data nodes for a two Availability Zone deployment",
            "ValidationError: You must choose at least three data nodes for a three Availability Zone deployment",
            "ValidationError: AvailabilityZoneCount must be 2 or 3",
            "ValidationError: Tag key aws:x is reserved: keys may not begin with aws:",
            "ValidationError: Unrecognized advanced option 'override_main_response_version' passed in advancedOptions. Known options are countersign.audit_index, countersign.authorization, countersign.basic_authentication, countersign.replay_cache, countersign.signature_diagnostics, countersign.signature_forms, countersign.unsigned_payload, countersign.wider_policy, indices.query.bool.max_clause_count, rest.action.multi.allow_explicit_index",
            "ValidationError: DomainEndpointOptions.TLSSecurityPolicy cannot be Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08: the listeners are not restricted to its ciphers",
            "ValidationError: You must enable advanced security options to set a master user.",
            "ValidationError: Unrecognized advanced option 'x' passed in advancedOptions. Known options are countersign.audit_index, countersign.authorization, countersign.basic_authentication, countersign.replay_cache, countersign.signature_diagnostics, countersign.signature_forms, countersign.unsigned_payload, countersign.wider_policy, indices.query.bool.max_clause_count, override_main_response_version, rest.action.multi.allow_explicit_index",
            "ValidationError: Advanced option 'indices.query.bool.max_clause_count' must be 1024, got '-5'",
            "ValidationError: Advanced option 'rest.action.multi.allow_explicit_index' must be true or false, got 'maybe'",
            "ValidationError: AIMLOptions.NaturalLanguageQueryGenerationOptions.DesiredState cannot be set: countersign does not offer generated queries",
            "ValidationError: IPAddressType cannot be set: the addresses of the listeners are the operator's",
            "ValidationError: ClusterConfig.WarmEnabled cannot be enabled: countersign has no UltraWarm storage",
            "ValidationError: ClusterConfig.ColdStorageOptions.Enabled cannot be enabled: countersign has no cold storage",
        ]
    "#]].assert_debug_eq(&told);
    for fine in [
        json!({"ClusterConfig": {"ZoneAwarenessEnabled": true, "InstanceCount": 3, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3}}}),
        json!({"ClusterConfig": {"DedicatedMasterEnabled": false, "DedicatedMasterCount": 0}}),
        json!({"EBSOptions": {"EBSEnabled": true, "VolumeSize": 10}}),
    ] {
        create(fine).unwrap();
    }
}

#[test]
fn encryption_is_not_switched_off_again() {
    let world = World::new();
    let set = |on: bool| {
        let input = json!({"DomainName": "logs", "NodeToNodeEncryptionOptions": {"Enabled": on}});
        world.call(&world.root(), "opensearch:UpdateDomainConfig", input)
    };
    create_in(&world);
    set(true).unwrap();
    expect!["ValidationError: Node-to-node encryption cannot be disabled once it is enabled (NodeToNodeEncryptionOptions.Enabled)"]
        .assert_eq(&set(false).unwrap_err().to_string());
}

fn create_in(world: &World) -> Value {
    world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": "logs"}))
}

#[test]
fn a_domain_policy_without_resource_is_about_the_domain() {
    let statement = |more: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Principal": root_of(ACCOUNT), "Action": "es:*"});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let made = create(json!({"AccessPolicies": statement(json!({}))})).unwrap();
    let kept: Value = serde_json::from_str(&text(&made, "/DomainStatus/AccessPolicies")).unwrap();
    assert_eq!(kept["Statement"][0]["Resource"], "arn:aws:es:us-east-1:123456789012:domain/logs/*");
    let spaced = statement(json!({"Resource": "*"})).replace("\":", "\" : ");
    let made = create(json!({ "AccessPolicies": spaced })).unwrap();
    assert_eq!(
        text(&made, "/DomainStatus/AccessPolicies"),
        spaced,
        "a complete one is kept as written"
    );
    for broken in [
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Principal":"*","Action":"es:*"}]}"#.to_owned(),
        statement(json!({"Action": []})),
        r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
    ] {
        let refused = create(json!({"AccessPolicies": broken})).unwrap_err();
        assert_eq!(refused, format!("InvalidInput: Error setting policy: [{broken}]"));
    }
}

#[test]
fn policies_that_amazon_refuses_are_refused_in_its_words() {
    let world = World::new();
    let put = |policy: Value| {
        let document = policy.as_str().map_or_else(|| policy.to_string(), str::to_owned);
        let input = json!({"PolicyName": "p", "PolicyDocument": document});
        world.refused(&world.root(), "iam:CreatePolicy", input)
    };
    let with = |action: Value, resource: Value| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]});
    let told = [
        put(json!({"Version": "2012-10-17", "Statement": []})),
        put(with(json!([]), json!("*"))),
        put(with(json!("es:*"), json!([]))),
        put(with(json!("s3:List:Bucket"), json!("*"))),
        put(with(json!("iam:*"), json!("arn:aws:iam:us-east-1:123456789012:user/a"))),
        put(with(json!("s3:*"), json!("arn:aws:s3:us-east-1::bucket"))),
        put(json!("{")),
        put(json!({"Version": "2012-10-17", "Statement": [{"effect": "Allow"}]})),
    ];
    expect![[r#"
        [
            "MalformedPolicyDocument: Syntax errors in policy.",
            "MalformedPolicyDocument: Policy statement must contain actions.",
            "MalformedPolicyDocument: Policy statement must contain resources.",
            "MalformedPolicyDocument: Actions/Condition can contain only one colon.",
            "MalformedPolicyDocument: IAM resource arn:aws:iam:us-east-1:123456789012:user/a cannot contain region information.",
            "MalformedPolicyDocument: Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
            "MalformedPolicyDocument: This policy contains invalid Json",
            "MalformedPolicyDocument: Syntax errors in policy.",
        ]
    "#]].assert_debug_eq(&told);
}

#[test]
fn a_trust_policy_is_about_assuming_the_role_alone() {
    let world = World::new();
    let set = |action: &str| {
        let document = trust(&root_of(ACCOUNT)).to_string().replace("sts:AssumeRole", action);
        let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": document});
        world.call(&world.root(), "iam:CreateRole", input).map_err(|error| error.to_string())
    };
    expect!["MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions."]
        .assert_eq(&set("s3:GetObject").unwrap_err());
    for fine in ["sts:TagSession", "sts:AssumeRoleWithSAML", "sts:*"] {
        set(fine).unwrap();
        world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "r"}));
    }
}

#[test]
fn an_arn_that_is_none_is_told_as_such() {
    let world = World::new();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    for operation in ["iam:AttachUserPolicy", "iam:DetachUserPolicy"] {
        let input = json!({"UserName": "ann", "PolicyArn": "AdministratorAccess-not-an-arn"});
        expect!["ValidationError: Invalid ARN:  Could not be parsed!"].assert_eq(&world.refused(
            &world.root(),
            operation,
            input,
        ));
    }
    let input = json!({"RoleArn": "a-role-without-an-arn", "RoleSessionName": "s"});
    expect!["ValidationError: a-role-without-an-arn is invalid"].assert_eq(&world.refused(
        &ann,
        "sts:AssumeRole",
        input,
    ));
}

#[test]
fn a_verbose_dry_run_can_be_asked_for_again_and_changes_no_option() {
    let world = World::new();
    create_in(&world);
    let run = |input: Value| world.ok(&world.root(), "opensearch:UpdateDomainConfig", input);
    let nothing = run(json!({"DomainName": "logs", "DryRun": true, "SnapshotOptions": {}}));
    assert_eq!(text(&nothing, "/DryRunResults/DeploymentType"), "None", "only a change is one");
    let cluster = json!({"InstanceCount": 4});
    let told = run(
        json!({"DomainName": "logs", "DryRun": true, "DryRunMode": "Verbose", "ClusterConfig": cluster}),
    );
    assert_eq!(text(&told, "/DryRunResults/DeploymentType"), "DynamicUpdate");
    let id = text(&told, "/DryRunProgressStatus/DryRunId");
    let input = json!({"DomainName": "logs", "DryRunId": id, "LoadDryRunConfig": true});
    let again = world.ok(&world.root(), "opensearch:DescribeDryRunProgress", input);
    assert_eq!(text(&again, "/DryRunProgressStatus/DryRunStatus"), "succeeded");
    assert_eq!(again["DryRunConfig"]["ClusterConfig"]["InstanceCount"], 4);
    let real = world.ok(&world.root(), "opensearch:DescribeDomain", json!({"DomainName": "logs"}));
    assert_eq!(real["DomainStatus"]["ClusterConfig"]["InstanceCount"], 1);
    let other = json!({"DomainName": "logs", "DryRunId": "other"});
    assert!(
        world
            .refused(&world.root(), "opensearch:DescribeDryRunProgress", other)
            .contains("no dry run")
    );
}

#[test]
fn what_amazon_always_sends_is_there() {
    let world = World::new();
    create_in(&world);
    let input = json!({"DomainName": "logs"});
    let config = world.ok(&world.root(), "opensearch:DescribeDomainConfig", input.clone());
    expect![[r#"
        Object {
            "DesiredState": String("DISABLED"),
            "MaintenanceSchedules": Array [],
            "RollbackOnDisable": String("NO_ROLLBACK"),
            "UseOffPeakWindow": Bool(false),
        }
    "#]]
    .assert_debug_eq(&config["DomainConfig"]["AutoTuneOptions"]["Options"]);
    let status = world.ok(&world.root(), "opensearch:DescribeDomain", input);
    let status = &status["DomainStatus"];
    for member in [
        "/ChangeProgressDetails/ChangeId",
        "/ModifyingProperties",
        "/IdentityCenterOptions",
        "/AIMLOptions",
        "/AdvancedOptions/override_main_response_version",
        "/AdvancedSecurityOptions/AnonymousAuthEnabled",
        "/AutoTuneOptions/UseOffPeakWindow",
        "/ClusterConfig/ColdStorageOptions/Enabled",
        "/ClusterConfig/MultiAZWithStandbyEnabled",
        "/ClusterConfig/WarmEnabled",
        "/OffPeakWindowOptions/OffPeakWindow/WindowStartTime",
        "/ServiceSoftwareOptions/CurrentVersion",
        "/ServiceSoftwareOptions/AutomatedUpdateDate",
    ] {
        assert!(status.pointer(member).is_some(), "{member} in {status}");
    }
    assert!(config["DomainConfig"]["VPCOptions"]["Options"].is_object());
    assert!(status.get("VPCOptions").is_none(), "Terraform takes the domain for one in a VPC");
}

#[test]
fn a_changed_access_policy_has_a_state_of_its_own() {
    let mut world = World::new();
    create_in(&world);
    let id = (ACCOUNT, "us-east-1", "logs");
    world.control.domain_listening(id, "localhost:9200", 9200, world.now).unwrap();
    let state = |world: &World| {
        let told = world.ok(
            &world.root(),
            "opensearch:DescribeDomainConfig",
            json!({"DomainName": "logs"}),
        );
        told["DomainConfig"]["AccessPolicies"]["Status"].clone()
    };
    let made = state(&world);
    world.later(60);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": root_of(ACCOUNT), "Action": "es:*", "Resource": "*"}]});
    let input = json!({"DomainName": "logs", "AccessPolicies": policy.to_string()});
    world.ok(&world.root(), "opensearch:UpdateDomainConfig", input);
    let set = state(&world);
    assert_eq!((&set["State"], &set["PendingDeletion"]), (&json!("Active"), &json!(false)));
    let version = |status: &Value| status["UpdateVersion"].as_u64().unwrap();
    assert!(version(&set) > version(&made), "{made} {set}");
    assert_ne!(set["UpdateDate"], made["UpdateDate"]);
    assert_eq!(set["CreationDate"], made["CreationDate"]);
}

#[test]
fn what_replies_hold_and_leave_out_is_as_amazons() {
    let world = World::new();
    let root = world.root();
    let guest = world.ok(&root, "sts:GetFederationToken", json!({"Name": "guest"}));
    assert_eq!(guest["PackedPolicySize"], 0);
    let document = trust(&root_of(ACCOUNT)).to_string();
    let made = json!({"RoleName": "r", "AssumeRolePolicyDocument": document});
    let made = world.ok(&root, "iam:CreateRole", made);
    assert!(made["Role"].get("MaxSessionDuration").is_none(), "{made}");
    let shown = world.ok(&root, "iam:GetRole", json!({"RoleName": "r"}));
    assert_eq!(shown["Role"]["MaxSessionDuration"], 3600);
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    let policy = allow("es:*", "*").to_string();
    let policy = json!({"PolicyName": "p", "PolicyDocument": policy, "Tags": tags});
    assert_eq!(world.ok(&root, "iam:CreatePolicy", policy)["Policy"]["Tags"], tags);
    let device = json!({"VirtualMFADeviceName": "phone"});
    let device = world.ok(&root, "iam:CreateVirtualMFADevice", device);
    // A PNG, in base64.
    let picture = text(&device, "/VirtualMFADevice/QRCodePNG");
    assert!(picture.starts_with("iVBORw0KGgo"), "{picture}");
    let summary = world.ok(&root, "iam:GetAccountSummary", json!({}));
    let names: Vec<&str> =
        summary["SummaryMap"].as_object().unwrap().keys().map(String::as_str).collect();
    expect!["Users Groups Roles Policies PolicyVersionsInUse InstanceProfiles Providers ServerCertificates MFADevices MFADevicesInUse AccountAccessKeysPresent AccountMFAEnabled AccountPasswordPresent AccountSigningCertificatesPresent GlobalEndpointTokenVersion UsersQuota GroupsQuota RolesQuota PoliciesQuota PolicyVersionsInUseQuota VersionsPerPolicyQuota PolicySizeQuota InstanceProfilesQuota ServerCertificatesQuota SigningCertificatesPerUserQuota GroupsPerUserQuota AccessKeysPerUserQuota AttachedPoliciesPerUserQuota AttachedPoliciesPerGroupQuota AttachedPoliciesPerRoleQuota UserPolicySizeQuota GroupPolicySizeQuota RolePolicySizeQuota AssumeRolePolicySizeQuota"].assert_eq(&names.join(" "));
}
