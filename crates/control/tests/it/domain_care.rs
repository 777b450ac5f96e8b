//! What is done with a domain after it is made: upgrades, health, software, and listings of what there cannot be.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, text};

fn world(version: &str) -> World {
    let world = World::new();
    let input = json!({"DomainName": "logs", "EngineVersion": version});
    world.ok(&world.root(), "opensearch:CreateDomain", input);
    world
}

fn named() -> Value {
    json!({"DomainName": "logs"})
}

#[test]
fn an_upgrade_changes_the_version_and_is_told_afterwards() {
    let mut world = world("Elasticsearch_7.9");
    let root = world.root();
    assert!(world.refused(&root, "es:GetUpgradeStatus", named()).starts_with("NoSuchEntity"));
    let input = json!({"DomainName": "logs", "TargetVersion": "7.10"});
    let check = json!({"DomainName": "logs", "TargetVersion": "7.10", "PerformCheckOnly": true});
    world.ok(&root, "es:UpgradeElasticsearchDomain", check);
    let version = |world: &World| {
        let shown = world.ok(&root, "es:DescribeElasticsearchDomain", named());
        text(&shown, "/DomainStatus/ElasticsearchVersion")
    };
    assert_eq!(version(&world), "7.9", "a check changes nothing");
    world.later(60);
    let done = world.ok(&root, "es:UpgradeElasticsearchDomain", input);
    assert_eq!(text(&done, "/ChangeProgressDetails/ConfigChangeStatus"), "ApplyingChanges");
    assert_eq!(version(&world), "7.10");
    let status = world.ok(&root, "opensearch:GetUpgradeStatus", named());
    assert_eq!(
        text(&status, "/UpgradeName"),
        "Upgrade from Elasticsearch_7.9 to Elasticsearch_7.10"
    );
    assert_eq!(text(&status, "/StepStatus"), "SUCCEEDED");
    let page = |token: Option<&str>| {
        let input = json!({"DomainName": "logs", "MaxResults": 1, "NextToken": token});
        world.ok(&root, "opensearch:GetUpgradeHistory", input)
    };
    let first = page(None);
    assert_eq!(first["UpgradeHistories"][0]["StepsList"][1]["UpgradeStep"], "UPGRADE");
    let second = page(first["NextToken"].as_str());
    assert_eq!(second["UpgradeHistories"][0]["StepsList"].as_array().unwrap().len(), 1);
    assert!(second["NextToken"].is_null());
}

#[test]
fn only_the_paths_that_are_offered_are_taken() {
    let world = world("Elasticsearch_7.9");
    for (target, more) in [
        ("Elasticsearch_6.8", json!({})),
        ("OpenSearch_2.19", json!({})),
        ("Elasticsearch_7.9", json!({})),
        ("Elasticsearch_9.9", json!({})),
        (
            "Elasticsearch_7.10",
            json!({"DeploymentStrategyOptions": {"DeploymentStrategy": "ClonedBlueGreen"}}),
        ),
        (
            "Elasticsearch_7.10",
            json!({"AdvancedOptions": {"override_main_response_version": "true"}}),
        ),
    ] {
        let mut input = json!({"DomainName": "logs", "TargetVersion": target});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = world.refused(&world.root(), "opensearch:UpgradeDomain", input);
        assert!(refused.starts_with("ValidationError: "), "{target}: {refused}");
    }
    let input = json!({"DomainName": "logs", "TargetVersion": "OpenSearch_1.3", "AdvancedOptions": {"override_main_response_version": "true"}});
    world.ok(&world.root(), "opensearch:UpgradeDomain", input);
    let shown = world.ok(&world.root(), "opensearch:DescribeDomain", named());
    assert_eq!(shown["DomainStatus"]["AdvancedOptions"]["override_main_response_version"], "true");
}

#[test]
fn every_offered_path_can_be_gone() {
    let listed = world("OpenSearch_2.19").ok(
        &World::new().root(),
        "opensearch:GetCompatibleVersions",
        json!({}),
    );
    let maps = listed["CompatibleVersions"].as_array().unwrap();
    assert!(maps.len() > 20, "{listed}");
    for map in maps {
        let (source, targets) =
            (text(map, "/SourceVersion"), map["TargetVersions"].as_array().unwrap());
        assert!(!targets.is_empty(), "{source} is listed for nothing");
        let last = targets.last().unwrap();
        let input = json!({"DomainName": "logs", "TargetVersion": last});
        world(&source).ok(&World::new().root(), "opensearch:UpgradeDomain", input);
    }
}

#[test]
fn a_domain_tells_how_it_is_and_of_its_one_node() {
    let world = world("OpenSearch_2.19");
    let health = || world.ok(&world.root(), "opensearch:DescribeDomainHealth", named());
    assert_eq!(text(&health(), "/DomainState"), "Processing");
    assert_eq!(text(&health(), "/ClusterHealth"), "NotAvailable");
    world
        .control
        .domain_listening((ACCOUNT, "us-east-1", "logs"), "localhost:9200", 9200, world.now)
        .unwrap();
    assert_eq!(text(&health(), "/DomainState"), "Active");
    // As the backend tells it: support.rs.
    let told = health();
    let said = ["ClusterHealth", "TotalShards", "TotalUnAssignedShards"]
        .map(|name| text(&told, &format!("/{name}")));
    assert_eq!(said, ["Yellow", "5", "2"]);
    let nodes = world.ok(&world.root(), "opensearch:DescribeDomainNodes", named());
    assert_eq!(nodes["DomainNodesStatusList"].as_array().unwrap().len(), 1);
    assert_eq!(text(&nodes, "/DomainNodesStatusList/0/NodeStatus"), "Active");
}

#[test]
fn there_is_no_change_to_cancel_and_no_software_to_update() {
    let world = world("OpenSearch_2.19");
    let cancelled = world.ok(&world.root(), "opensearch:CancelDomainConfigChange", named());
    assert_eq!(cancelled["CancelledChangeIds"], json!([]));
    for operation in ["StartServiceSoftwareUpdate", "CancelServiceSoftwareUpdate"] {
        let told = world.ok(&world.root(), &format!("opensearch:{operation}"), named());
        assert_eq!(told["ServiceSoftwareOptions"]["UpdateAvailable"], false);
    }
    let told = world.ok(&world.root(), "opensearch:RollbackServiceSoftwareUpdate", named());
    assert_eq!(told["RollbackServiceSoftwareOptions"]["RollbackAvailable"], false);
}

#[test]
fn nothing_is_scheduled_and_no_node_is_restarted_by_itself() {
    let world = world("OpenSearch_2.19");
    let action = json!({"DomainName": "logs", "ActionID": "a-1", "ActionType": "SERVICE_SOFTWARE_UPDATE", "ScheduleAt": "NOW"});
    let refused = world.refused(&world.root(), "opensearch:UpdateScheduledAction", action);
    expect!["NoSuchEntity: Scheduled action not found: a-1"].assert_eq(&refused);
    let start = |more: Value| {
        let mut input = json!({"DomainName": "logs", "Action": "REBOOT_NODE"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.refused(&world.root(), "opensearch:StartDomainMaintenance", input)
    };
    expect!["ValidationError: REBOOT_NODE cannot be started: one process serves every domain, and its operator restarts it"].assert_eq(&start(json!({})));
    expect!["ValidationError: Node not found: other"].assert_eq(&start(json!({"NodeId": "other"})));
    let nodes = world.ok(&world.root(), "opensearch:DescribeDomainNodes", named());
    let node = json!({"NodeId": nodes["DomainNodesStatusList"][0]["NodeId"]});
    assert_eq!(start(node), start(json!({})));
}

#[test]
fn what_there_cannot_be_is_listed_as_nothing() {
    let world = world("OpenSearch_2.19");
    for (operation, list) in [
        ("opensearch:DescribePackages", "PackageDetailsList"),
        ("opensearch:DescribeInboundConnections", "Connections"),
        ("es:DescribeOutboundCrossClusterSearchConnections", "CrossClusterSearchConnections"),
        ("opensearch:DescribeReservedInstances", "ReservedInstances"),
        ("opensearch:ListVpcEndpoints", "VpcEndpointSummaryList"),
        ("opensearch:ListApplications", "ApplicationSummaries"),
    ] {
        assert_eq!(world.ok(&world.root(), operation, json!({}))[list], json!([]), "{operation}");
    }
    for (operation, list) in [
        ("opensearch:ListPackagesForDomain", "DomainPackageDetailsList"),
        ("opensearch:ListVpcEndpointsForDomain", "VpcEndpointSummaryList"),
        ("opensearch:ListVpcEndpointAccess", "AuthorizedPrincipalList"),
        ("opensearch:ListScheduledActions", "ScheduledActions"),
        ("opensearch:ListDomainMaintenances", "DomainMaintenances"),
        ("opensearch:DescribeDomainAutoTunes", "AutoTunes"),
        ("opensearch:ListDataSources", "DataSources"),
    ] {
        assert_eq!(world.ok(&world.root(), operation, named())[list], json!([]), "{operation}");
        let refused = world.refused(&world.root(), operation, json!({"DomainName": "other"}));
        assert_eq!(refused, "NoSuchEntity: Domain not found: other", "{operation}");
    }
    let missing = world.refused(
        &world.root(),
        "opensearch:ListDomainsForPackage",
        json!({"PackageID": "F1"}),
    );
    expect!["NoSuchEntity: Package not found: F1"].assert_eq(&missing);
    let token =
        world.refused(&world.root(), "opensearch:DescribePackages", json!({"NextToken": "x"}));
    expect!["ValidationError: Invalid NextToken: x"].assert_eq(&token);
}
