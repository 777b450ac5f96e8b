//! Domains, as both APIs speak of them.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, root_of, text, trust};

const ID: (&str, &str, &str) = (ACCOUNT, "us-east-1", "logs");

fn policy(principal: &Value, condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/logs/*", "Condition": condition}]})
    .to_string()
}

#[test]
fn a_domain_is_processing_until_its_listener_accepts() {
    let world = World::new();
    let created = world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": "logs"}));
    let of = |value: &Value, member: &str| {
        value.pointer(&format!("/DomainStatus/{member}")).cloned().unwrap()
    };
    assert_eq!(of(&created, "Created"), true);
    assert_eq!(of(&created, "Processing"), true);
    assert_eq!(of(&created, "DomainProcessingStatus"), "Creating");
    assert_eq!(of(&created, "EngineVersion"), "OpenSearch_2.19");
    assert_eq!(of(&created, "ARN"), "arn:aws:es:us-east-1:123456789012:domain/logs");
    world.control.domain_listening(ID, "localhost:9200", 9200, world.now).unwrap();
    let described =
        world.ok(&world.root(), "opensearch:DescribeDomain", json!({"DomainName": "logs"}));
    assert_eq!(of(&described, "Processing"), false);
    assert_eq!(of(&described, "Endpoint"), "localhost:9200");
}

#[test]
fn creating_a_domain_that_exists_gives_it_back_unchanged() {
    let world = World::new();
    world.ok(&world.root(), "es:CreateElasticsearchDomain", json!({"DomainName": "logs"}));
    let version = world.control.directory().version();
    let again = world.ok(
        &world.root(),
        "opensearch:CreateDomain",
        json!({"DomainName": "logs", "EngineVersion": "OpenSearch_1.3"}),
    );
    assert_eq!(text(&again, "/DomainStatus/EngineVersion"), "Elasticsearch_7.10");
    assert_eq!(world.control.directory().version(), version);
}

#[test]
fn deleting_marks_the_domain_and_it_goes_when_the_porch_says_so() {
    let world = World::new();
    world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": "logs"}));
    world.control.domain_gone(ID, world.now).unwrap();
    assert!(world.control.directory().domain(ID.0, ID.1, ID.2).is_some(), "it was not deleted");
    let deleted = world.ok(&world.root(), "opensearch:DeleteDomain", json!({"DomainName": "logs"}));
    assert_eq!(deleted.pointer("/DomainStatus/Deleted"), Some(&json!(true)));
    assert_eq!(text(&deleted, "/DomainStatus/DomainProcessingStatus"), "Deleting");
    world.control.domain_gone(ID, world.now).unwrap();
    expect!["NoSuchEntity: Domain not found: logs"].assert_eq(&world.refused(
        &world.root(),
        "opensearch:DescribeDomain",
        json!({"DomainName": "logs"}),
    ));
}

#[test]
fn each_api_writes_versions_and_instance_types_its_own_way() {
    let world = World::new();
    let input = json!({"DomainName": "logs", "ElasticsearchClusterConfig": {"InstanceType": "t3.small.elasticsearch"}});
    let es = world.ok(&world.root(), "es:CreateElasticsearchDomain", input);
    assert_eq!(text(&es, "/DomainStatus/ElasticsearchVersion"), "7.10");
    assert_eq!(
        text(&es, "/DomainStatus/ElasticsearchClusterConfig/InstanceType"),
        "t3.small.elasticsearch"
    );
    let opensearch =
        world.ok(&world.root(), "opensearch:DescribeDomain", json!({"DomainName": "logs"}));
    assert_eq!(text(&opensearch, "/DomainStatus/EngineVersion"), "Elasticsearch_7.10");
    assert_eq!(text(&opensearch, "/DomainStatus/ClusterConfig/InstanceType"), "t3.small.search");
}

#[test]
fn an_access_policy_must_be_one_and_name_who_exists() {
    let world = World::new();
    let set = |text: &str| {
        world.refused(
            &world.root(),
            "opensearch:CreateDomain",
            json!({"DomainName": "logs", "AccessPolicies": text}),
        )
    };
    expect![r#"InvalidInput: Error setting policy: [{"nonsense": 1}]"#]
        .assert_eq(&set(r#"{"nonsense": 1}"#));
    let unknown = policy(&json!({"AWS": "arn:aws:iam::123456789012:role/nobody"}), &json!({}));
    assert_eq!(set(&unknown), format!("InvalidInput: Error setting policy: [{unknown}]"));
}

#[test]
fn an_open_policy_is_refused_unless_it_asks_where_from() {
    let world = World::new();
    let open = policy(&json!("*"), &json!({}));
    expect!["ValidationError: Apply a restrictive access policy to your domain"].assert_eq(
        &world.refused(
            &world.root(),
            "opensearch:CreateDomain",
            json!({"DomainName": "logs", "AccessPolicies": open}),
        ),
    );
    let by_address = policy(&json!("*"), &json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}));
    world.ok(
        &world.root(),
        "opensearch:CreateDomain",
        json!({"DomainName": "logs", "AccessPolicies": by_address}),
    );
}

#[test]
fn a_deleted_principal_stands_in_policies_by_its_id_and_a_new_one_is_another() {
    let world = World::new();
    world.role("app", &trust(&root_of(ACCOUNT)));
    let text_of = |world: &World| {
        let described =
            world.ok(&world.root(), "opensearch:DescribeDomain", json!({"DomainName": "logs"}));
        text(&described, "/DomainStatus/AccessPolicies")
    };
    let by_role = policy(&json!({"AWS": "arn:aws:iam::123456789012:role/app"}), &json!({}));
    world.ok(
        &world.root(),
        "opensearch:CreateDomain",
        json!({"DomainName": "logs", "AccessPolicies": by_role}),
    );
    assert_eq!(text_of(&world), by_role);
    let id = world.control.directory().role(ACCOUNT, "app").unwrap().id.clone();
    world.ok(&world.root(), "iam:DeleteRole", json!({"RoleName": "app"}));
    assert!(
        text_of(&world).contains(&id) && !text_of(&world).contains("role/app"),
        "{}",
        text_of(&world)
    );
    world.role("app", &trust(&root_of(ACCOUNT)));
    assert!(!text_of(&world).contains("role/app"));
    let kept = text_of(&world);
    world.ok(
        &world.root(),
        "opensearch:UpdateDomainConfig",
        json!({"DomainName": "logs", "AccessPolicies": kept}),
    );
}

#[test]
fn an_update_merges_options_and_counts() {
    let world = World::new();
    world.ok(
        &world.root(),
        "opensearch:CreateDomain",
        json!({"DomainName": "logs", "ClusterConfig": {"InstanceCount": 3}}),
    );
    let config = world.ok(
        &world.root(),
        "opensearch:UpdateDomainConfig",
        json!({"DomainName": "logs", "ClusterConfig": {"DedicatedMasterEnabled": true}}),
    );
    let cluster = config.pointer("/DomainConfig/ClusterConfig").unwrap();
    assert_eq!(cluster.pointer("/Options/InstanceCount"), Some(&json!(3)));
    assert_eq!(cluster.pointer("/Options/DedicatedMasterEnabled"), Some(&json!(true)));
    assert_eq!(cluster.pointer("/Status/UpdateVersion"), Some(&json!(2)));
}

#[test]
fn a_dry_run_changes_nothing() {
    let world = World::new();
    world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": "logs"}));
    let version = world.control.directory().version();
    let input =
        json!({"DomainName": "logs", "DryRun": true, "ClusterConfig": {"InstanceCount": 3}});
    let result = world.ok(&world.root(), "opensearch:UpdateDomainConfig", input);
    assert_eq!(text(&result, "/DryRunResults/DeploymentType"), "DynamicUpdate");
    assert_eq!(world.control.directory().version(), version);
}

#[test]
fn what_the_backend_does_not_do_is_refused_by_name() {
    let world = World::new();
    for (option, value) in [
        ("EncryptionAtRestOptions", json!({"Enabled": true})),
        ("CognitoOptions", json!({"Enabled": true})),
        (
            "LogPublishingOptions",
            json!({"INDEX_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": "arn", "Enabled": true}}),
        ),
    ] {
        let error = world.refused(
            &world.root(),
            "opensearch:CreateDomain",
            json!({"DomainName": "logs", option: value}),
        );
        let told = if option == "LogPublishingOptions" { "CloudWatch Logs" } else { option };
        assert!(error.starts_with("ValidationError: ") && error.contains(told), "{error}");
    }
}

#[test]
fn domains_are_listed_by_engine_and_described_in_the_order_asked() {
    let world = World::new();
    world.ok(&world.root(), "es:CreateElasticsearchDomain", json!({"DomainName": "old"}));
    world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": "new"}));
    let listed = world.ok(&world.root(), "es:ListDomainNames", json!({"EngineType": "OpenSearch"}));
    assert_eq!(listed, json!({"DomainNames": [{"DomainName": "new", "EngineType": "OpenSearch"}]}));
    let input = json!({"DomainNames": ["old", "nobody", "new"]});
    let described = world.ok(&world.root(), "opensearch:DescribeDomains", input);
    let names: Vec<&Value> = described["DomainStatusList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["DomainName"])
        .collect();
    assert_eq!(names, ["old", "new"]);
}

#[test]
fn domain_tags_are_case_sensitive() {
    let world = World::new();
    let arn = "arn:aws:es:us-east-1:123456789012:domain/logs";
    let tags = json!([{"Key": "a", "Value": "1"}]);
    world.ok(
        &world.root(),
        "es:CreateElasticsearchDomain",
        json!({"DomainName": "logs", "TagList": tags}),
    );
    world.ok(
        &world.root(),
        "es:AddTags",
        json!({"ARN": arn, "TagList": [{"Key": "A", "Value": "2"}]}),
    );
    world.ok(&world.root(), "es:RemoveTags", json!({"ARN": arn, "TagKeys": ["a"]}));
    let listed = world.ok(&world.root(), "opensearch:ListTags", json!({"ARN": arn}));
    assert_eq!(listed, json!({"TagList": [{"Key": "A", "Value": "2"}]}));
}

#[test]
fn old_and_new_action_names_are_one() {
    let world = World::new();
    let ann = world.user("ann", &[allow("es:CreateElasticsearchDomain", "*")]);
    world.ok(&ann, "opensearch:CreateDomain", json!({"DomainName": "logs"}));
}

#[test]
fn a_denial_names_the_domain() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    expect!["AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: es:DescribeDomain on resource: arn:aws:es:us-east-1:123456789012:domain/logs because no identity-based policy allows the es:DescribeDomain action"]
        .assert_eq(&world.refused(&ann, "opensearch:DescribeDomain", json!({"DomainName": "logs"})));
}
