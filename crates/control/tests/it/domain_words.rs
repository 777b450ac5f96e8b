//! What the domain APIs announce: versions, upgrade paths, instance types, progress, names.

use control::{ControlSettings, VpcSettings};
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, text};

fn create(world: &World, input: Value) -> Result<Value, String> {
    let made = world.call(&world.root(), "opensearch:CreateDomain", input);
    made.map_err(|error| error.to_string())
}

fn listed(value: &Value, list: &str) -> Vec<String> {
    let items = value[list].as_array().unwrap();
    items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

#[test]
fn versions_are_listed_by_pages_newest_first() {
    let world = World::new();
    let page = |input: Value| world.ok(&world.root(), "opensearch:ListVersions", input);
    let all = listed(&page(json!({})), "Versions");
    assert_eq!(all.first().map(String::as_str), Some("OpenSearch_3.1"));
    assert_eq!(all.last().map(String::as_str), Some("Elasticsearch_1.5"));
    let (mut paged, mut input) = (Vec::new(), json!({"MaxResults": 10}));
    loop {
        let page = page(input);
        paged.extend(listed(&page, "Versions"));
        let Some(token) = page["NextToken"].as_str() else { break };
        input = json!({"MaxResults": 10, "NextToken": token});
    }
    assert_eq!(paged, all);
}

#[test]
fn a_page_that_nobody_gave_out_is_refused() {
    let world = World::new();
    for token in ["x", "-1", "33", "1000000"] {
        let input = json!({"NextToken": token});
        let error = world.refused(&world.root(), "opensearch:ListVersions", input);
        assert_eq!(error, format!("ValidationError: Invalid NextToken: {token}"));
    }
    let input = json!({"NextToken": "x"});
    let error = world.refused(&world.root(), "opensearch:ListInstanceTypeDetails", input);
    assert_eq!(error, "ValidationError: Invalid NextToken: x");
}

#[test]
fn es_writes_elasticsearchs_versions_bare_and_opensearchs_in_full() {
    let world = World::new();
    let versions = world.ok(&world.root(), "es:ListElasticsearchVersions", json!({}));
    let versions = listed(&versions, "ElasticsearchVersions");
    assert!(
        versions.contains(&"7.10".to_owned()) && versions.contains(&"OpenSearch_1.0".to_owned())
    );
    assert!(!versions.iter().any(|version| version.starts_with("Elasticsearch_")));
}

#[test]
fn a_version_that_amazon_does_not_announce_is_refused() {
    let world = World::new();
    for version in ["OpenSearch_9.9", "Elasticsearch_7.11", "7.10", ""] {
        let error = create(&world, json!({"DomainName": "logs", "EngineVersion": version}));
        let expected = format!("ValidationError: Invalid Engine version in the request: {version}");
        assert_eq!(error.unwrap_err(), expected);
    }
    let made = create(&world, json!({"DomainName": "logs", "EngineVersion": "OS_1.3"})).unwrap();
    assert_eq!(text(&made, "/DomainStatus/EngineVersion"), "OpenSearch_1.3");
}

#[test]
fn a_domain_tells_its_own_upgrade_paths() {
    let world = World::new();
    create(&world, json!({"DomainName": "logs", "EngineVersion": "Elasticsearch_6.8"})).unwrap();
    let input = json!({"DomainName": "logs"});
    let paths = world.ok(&world.root(), "opensearch:GetCompatibleVersions", input.clone());
    let maps = paths["CompatibleVersions"].as_array().unwrap();
    assert_eq!(maps.len(), 1);
    assert_eq!(maps[0]["SourceVersion"], "Elasticsearch_6.8");
    let targets = listed(&maps[0], "TargetVersions");
    assert!(targets.contains(&"Elasticsearch_7.10".to_owned()));
    assert!(targets.contains(&"OpenSearch_1.0".to_owned()));
    assert!(!targets.iter().any(|target| target.starts_with("OpenSearch_2")));
    let paths = world.ok(&world.root(), "es:GetCompatibleElasticsearchVersions", input);
    let source = text(&paths, "/CompatibleElasticsearchVersions/0/SourceVersion");
    assert_eq!(source, "6.8", "es writes it bare");
}

#[test]
fn instance_types_are_told_by_pages_with_what_is_true_of_this_service() {
    let encrypted = ControlSettings { storage_encrypted: true, ..ControlSettings::default() };
    for (world, stored) in [(World::new(), false), (World::with_settings(encrypted), true)] {
        let input = json!({"EngineVersion": "OpenSearch_2.19", "MaxResults": 2});
        let page = world.ok(&world.root(), "opensearch:ListInstanceTypeDetails", input);
        let types = page["InstanceTypeDetails"].as_array().unwrap();
        assert_eq!((types.len(), page["NextToken"].as_str()), (2, Some("2")));
        assert_eq!(types[0]["EncryptionEnabled"], stored);
        assert_eq!(types[0]["WarmEnabled"], false);
    }
}

#[test]
fn a_new_domains_change_is_on_its_way_until_its_listener_accepts() {
    let world = World::new();
    create(&world, json!({"DomainName": "logs"})).unwrap();
    let status = || {
        let input = json!({"DomainName": "logs"});
        let told = world.ok(&world.root(), "opensearch:DescribeDomainChangeProgress", input);
        text(&told, "/ChangeProgressStatus/Status")
    };
    assert_eq!(status(), "PROCESSING");
    let id = (ACCOUNT, "us-east-1", "logs");
    world.control.domain_listening(id, "localhost:9200", 9200, world.now).unwrap();
    assert_eq!(status(), "COMPLETED");
}

#[test]
fn a_name_is_taken_while_its_domain_is_being_deleted() {
    let world = World::new();
    create(&world, json!({"DomainName": "logs"})).unwrap();
    world.ok(&world.root(), "opensearch:DeleteDomain", json!({"DomainName": "logs"}));
    expect!["ValidationError: Domain is still being deleted: logs"]
        .assert_eq(&create(&world, json!({"DomainName": "logs"})).unwrap_err());
    world.control.domain_gone((ACCOUNT, "us-east-1", "logs"), world.now).unwrap();
    create(&world, json!({"DomainName": "logs"})).unwrap();
}

#[test]
fn an_account_has_as_many_domains_in_a_region_as_the_operator_says() {
    let settings = ControlSettings { domains_max: 2, ..ControlSettings::default() };
    let world = World::with_settings(settings);
    for name in ["one", "two"] {
        create(&world, json!({"DomainName": name})).unwrap();
    }
    expect!["LimitExceeded: You have reached the limit of 2 domains"]
        .assert_eq(&create(&world, json!({"DomainName": "three"})).unwrap_err());
    create(&world, json!({"DomainName": "two"})).unwrap();
}

#[test]
fn a_domain_is_found_by_its_host_with_or_without_the_port_of_https() {
    let world = World::new();
    create(&world, json!({"DomainName": "logs"})).unwrap();
    let id = (ACCOUNT, "us-east-1", "logs");
    let found = |host: &str| world.control.directory().domain_by_host(host).is_some();
    world.control.domain_listening(id, "Search-Logs.example", 443, world.now).unwrap();
    assert!(found("search-logs.example") && found("SEARCH-LOGS.example:443"));
    assert!(!found("search-logs.example:9200") && !found("logs.example") && !found(""));
    world.control.domain_listening(id, "localhost:9200", 9200, world.now).unwrap();
    assert!(found("localhost:9200") && !found("localhost"));
}

#[test]
fn what_a_listener_says_twice_is_written_once() {
    let world = World::new();
    create(&world, json!({"DomainName": "logs"})).unwrap();
    let id = (ACCOUNT, "us-east-1", "logs");
    world.control.domain_listening(id, "localhost:9200", 9200, world.now).unwrap();
    let version = world.control.directory().version();
    world.control.domain_listening(id, "LOCALHOST:9200", 9200, world.now).unwrap();
    assert_eq!(world.control.directory().version(), version);
    let missing = (ACCOUNT, "us-east-1", "nothing");
    let error = world.control.domain_listening(missing, "localhost:1", 1, world.now).unwrap_err();
    expect!["NoSuchEntity: Domain not found: nothing"].assert_eq(&error.to_string());
}

#[test]
fn domain_tags_are_told_for_an_arn_of_the_callers_own_only() {
    let world = World::new();
    create(&world, json!({"DomainName": "logs"})).unwrap();
    let list = |arn: &str| {
        world.call(&world.root(), "es:ListTags", json!({"ARN": arn})).map_err(|e| e.to_string())
    };
    assert!(list("arn:aws:es:us-east-1:123456789012:domain/logs").is_ok());
    let refused = [
        "arn:aws:es:eu-west-1:123456789012:domain/logs",
        "arn:aws:es:us-east-1:999988887777:domain/logs",
        "arn:aws:es:us-east-1:123456789012:logs",
        "arn:aws:s3:::logs",
        "logs",
    ];
    let told: Vec<String> = refused.iter().map(|arn| list(arn).unwrap_err()).collect();
    expect![[r#"
        [
            "NoSuchEntity: Domain not found: logs",
            "NoSuchEntity: Domain not found: logs",
            "NoSuchEntity: Domain not found: ",
            "ValidationError: Invalid ARN. ARN: arn:aws:s3:::logs",
            "ValidationError: Invalid ARN. ARN: logs",
        ]
    "#]]
    .assert_debug_eq(&told);
}

#[test]
fn whether_https_is_enforced_is_shown_as_set_and_older_tls_policies_are_taken() {
    let world = World::new();
    let options = json!({"EnforceHTTPS": false, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"});
    let input = json!({"DomainName": "logs", "DomainEndpointOptions": options});
    let made = create(&world, input).unwrap();
    let shown = &made["DomainStatus"]["DomainEndpointOptions"];
    assert_eq!(shown["EnforceHTTPS"], false);
    assert_eq!(shown["TLSSecurityPolicy"], "Policy-Min-TLS-1-0-2019-07");
}

#[test]
fn advanced_options_are_replaced_as_a_whole_and_other_structures_merged() {
    let world = World::new();
    create(
        &world,
        json!({"DomainName": "logs", "ClusterConfig": {"InstanceCount": 3},
        "AdvancedOptions": {"countersign.replay_cache": "true"}}),
    )
    .unwrap();
    let update = json!({"DomainName": "logs", "ClusterConfig": {"InstanceType": "r6g.large.search"},
        "AdvancedOptions": {"countersign.unsigned_payload": "true"}});
    let config = world.ok(&world.root(), "opensearch:UpdateDomainConfig", update);
    let options = |name: &str| config["DomainConfig"][name]["Options"].clone();
    assert_eq!(options("ClusterConfig")["InstanceCount"], 3);
    assert_eq!(options("ClusterConfig")["InstanceType"], "r6g.large.search");
    assert_eq!(options("AdvancedOptions").get("countersign.replay_cache"), None);
    let directory = world.control.directory();
    let extras = &directory.domain(ACCOUNT, "us-east-1", "logs").unwrap().extras;
    assert!(extras.unsigned_payload && !extras.replay_cache);
}

/// What the defaults of these ask for, on a deployment with a VPC, log groups and an
/// encrypted disk: terraform-aws-modules/opensearch, cloudposse/elasticsearch, CDK's construct `Domain`.
// long: what three of them send
#[test]
fn what_modules_and_constructs_send_by_default_is_accepted_and_shown_as_sent() {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:books";
    let world = World::with_settings(ControlSettings {
        storage_encrypted: true,
        vpc: VpcSettings {
            id: "vpc-1".to_owned(),
            subnets: ids(&["subnet-a", "subnet-b"]),
            security_groups: ids(&["sg-1"]),
        },
        log_groups: ids(&[group]),
        ..ControlSettings::default()
    });
    let slow = json!({"CloudWatchLogsLogGroupArn": group, "Enabled": true});
    for (name, sent) in [
        (
            "terraform-aws-modules",
            json!({
                "EngineVersion": "OpenSearch_2.11",
                "AdvancedSecurityOptions": {"Enabled": true, "AnonymousAuthEnabled": false, "InternalUserDatabaseEnabled": false,
                    "MasterUserOptions": {"MasterUserARN": "arn:aws:iam::123456789012:root"}},
                "AutoTuneOptions": {"DesiredState": "ENABLED", "RollbackOnDisable": "NO_ROLLBACK"},
                "ClusterConfig": {"DedicatedMasterEnabled": true, "DedicatedMasterCount": 3,
                    "DedicatedMasterType": "c6g.large.search", "InstanceCount": 3, "InstanceType": "r6g.large.search",
                    "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3}},
                "DomainEndpointOptions": {"EnforceHTTPS": true, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
                "EBSOptions": {"EBSEnabled": true, "VolumeSize": 64, "VolumeType": "gp3"},
                "EncryptionAtRestOptions": {"Enabled": true},
                "LogPublishingOptions": {"INDEX_SLOW_LOGS": slow, "SEARCH_SLOW_LOGS": slow},
                "NodeToNodeEncryptionOptions": {"Enabled": true},
                "OffPeakWindowOptions": {"Enabled": true, "OffPeakWindow": {"WindowStartTime": {"Hours": 7, "Minutes": 0}}},
                "SoftwareUpdateOptions": {"AutoSoftwareUpdateEnabled": true},
            }),
        ),
        (
            "cloudposse",
            json!({
                "EngineVersion": "Elasticsearch_7.4",
                "AdvancedOptions": {"rest.action.multi.allow_explicit_index": "true"},
                "ClusterConfig": {"InstanceType": "t3.small.search", "InstanceCount": 4, "DedicatedMasterEnabled": false,
                    "WarmEnabled": false, "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 2}},
                "CognitoOptions": {"Enabled": false},
                "DomainEndpointOptions": {"EnforceHTTPS": false, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07",
                    "CustomEndpointEnabled": false},
                "EBSOptions": {"EBSEnabled": true, "VolumeSize": 10, "VolumeType": "gp2"},
                "EncryptionAtRestOptions": {"Enabled": true},
                "NodeToNodeEncryptionOptions": {"Enabled": false},
                "SnapshotOptions": {"AutomatedSnapshotStartHour": 0},
                "VPCOptions": {"SubnetIds": ["subnet-a", "subnet-b"], "SecurityGroupIds": ["sg-1"]},
            }),
        ),
        // What its acceptance tests and its guide send of zones, where its flag for the standby is on.
        (
            "cdk-with-standby",
            json!({
                "EngineVersion": "OpenSearch_2.17",
                "ClusterConfig": {"DedicatedMasterEnabled": true, "DedicatedMasterCount": 3,
                    "DedicatedMasterType": "r5.large.search", "InstanceCount": 3, "InstanceType": "r5.large.search",
                    "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3},
                    "MultiAZWithStandbyEnabled": true},
                "DomainEndpointOptions": {"EnforceHTTPS": false, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
                "EBSOptions": {"EBSEnabled": true, "VolumeSize": 10, "VolumeType": "gp3"},
                "EncryptionAtRestOptions": {"Enabled": false},
                "LogPublishingOptions": {},
                "NodeToNodeEncryptionOptions": {"Enabled": false},
            }),
        ),
        (
            "cdk",
            json!({
                "EngineVersion": "OpenSearch_2.17",
                "ClusterConfig": {"DedicatedMasterEnabled": false, "InstanceCount": 1, "InstanceType": "r5.large.search",
                    "ZoneAwarenessEnabled": false},
                "DomainEndpointOptions": {"EnforceHTTPS": false, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
                "EBSOptions": {"EBSEnabled": true, "VolumeSize": 10, "VolumeType": "gp2"},
                "EncryptionAtRestOptions": {"Enabled": false},
                "LogPublishingOptions": {},
                "NodeToNodeEncryptionOptions": {"Enabled": false},
            }),
        ),
    ] {
        let mut input = sent.clone();
        input["DomainName"] = json!(name);
        create(&world, input).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        let told =
            world.ok(&world.root(), "opensearch:DescribeDomain", json!({"DomainName": name}));
        for (option, members) in sent.as_object().unwrap() {
            for (member, value) in members.as_object().into_iter().flatten() {
                // The state of Auto-Tune is told with other words there, and the master user not at all.
                if option != "AutoTuneOptions" && member != "MasterUserOptions" {
                    assert_eq!(
                        &told["DomainStatus"][option][member], value,
                        "{name}: {option}.{member}"
                    );
                }
            }
        }
    }
}

/// CDK's construct with its flag for the standby on, and nothing else said: refused at Amazon (aws/aws-cdk#31583, #34678).
#[test]
fn a_standby_without_three_zones_is_refused_in_amazons_words() {
    let world = World::new();
    for cluster in [
        json!({"DedicatedMasterEnabled": false, "InstanceCount": 1, "InstanceType": "r5.large.search",
            "MultiAZWithStandbyEnabled": true, "ZoneAwarenessEnabled": false}),
        json!({"InstanceCount": 4, "MultiAZWithStandbyEnabled": true, "ZoneAwarenessEnabled": true}),
        json!({"InstanceCount": 4, "MultiAZWithStandbyEnabled": true, "ZoneAwarenessEnabled": true,
            "ZoneAwarenessConfig": {"AvailabilityZoneCount": 2}}),
    ] {
        let refused = create(&world, json!({"DomainName": "logs", "ClusterConfig": cluster}));
        let told = refused.unwrap_err().to_string();
        let amazons = "You must configure zone awareness settings if you turn on zone awareness.";
        assert!(told.contains(amazons), "{told}");
    }
}
