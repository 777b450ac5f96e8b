//! VPC access: what a domain in a VPC shows, what is refused, and endpoints that let others in.

use control::{ControlSettings, VpcSettings, record::VpcAccess};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, OTHER_ACCOUNT, World, text};

fn world() -> World {
    let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    World::with_settings(ControlSettings {
        vpc: VpcSettings {
            id: "vpc-1".to_owned(),
            subnets: list(&["subnet-a", "subnet-b", "subnet-c"]),
            security_groups: list(&["sg-1", "sg-2"]),
        },
        ..ControlSettings::default()
    })
}

fn create(world: &World, more: Value) -> Result<Value, String> {
    let mut input = json!({"DomainName": "logs"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = world.call(&world.root(), "opensearch:CreateDomain", input);
    made.map_err(|error| error.to_string())
}

fn in_vpc() -> World {
    let world = world();
    create(
        &world,
        json!({"VPCOptions": {"SubnetIds": ["subnet-b"], "SecurityGroupIds": ["sg-1"]}}),
    )
    .unwrap();
    world.control.domain_listening(ID, "vpc-logs:9200", 9200, world.now).unwrap();
    world
}

const ID: (&str, &str, &str) = (ACCOUNT, "us-east-1", "logs");

fn update(world: &World, more: Value) -> Result<Value, String> {
    let mut input = json!({"DomainName": "logs"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = world.call(&world.root(), "opensearch:UpdateDomainConfig", input);
    made.map_err(|error| error.to_string())
}

fn policy(condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*",
        "Resource": "*", "Condition": condition}]})
    .to_string()
}

#[test]
fn a_domain_in_a_vpc_shows_its_place_there_and_no_public_endpoint() {
    let world = in_vpc();
    let derived = json!({"VPCId": "vpc-1", "SubnetIds": ["subnet-b"], "AvailabilityZones": ["us-east-1b"],
        "SecurityGroupIds": ["sg-1"]});
    for (describe, config) in [
        ("opensearch:DescribeDomain", "opensearch:DescribeDomainConfig"),
        ("es:DescribeElasticsearchDomain", "es:DescribeElasticsearchDomainConfig"),
    ] {
        let shown = world.ok(&world.root(), describe, json!({"DomainName": "logs"}));
        assert_eq!(shown["DomainStatus"]["VPCOptions"], derived);
        assert_eq!(shown["DomainStatus"]["Endpoints"], json!({"vpc": "vpc-logs:9200"}));
        assert!(shown["DomainStatus"]["Endpoint"].is_null(), "Terraform wants none");
        let config = world.ok(&world.root(), config, json!({"DomainName": "logs"}));
        assert_eq!(config["DomainConfig"]["VPCOptions"]["Options"], derived);
    }
}

#[test]
fn a_public_domain_shows_no_place_in_a_vpc() {
    let world = world();
    create(&world, json!({"VPCOptions": {"SubnetIds": [], "SecurityGroupIds": []}})).unwrap();
    let shown = world.ok(&world.root(), "opensearch:DescribeDomain", json!({"DomainName": "logs"}));
    assert!(shown["DomainStatus"].get("VPCOptions").is_none());
    assert!(shown["DomainStatus"].get("Endpoints").is_none());
}

#[test]
fn subnets_and_groups_must_be_the_operators_and_one_for_each_zone() {
    let zones = |count: i64| json!({"InstanceCount": 6, "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": {"AvailabilityZoneCount": count}});
    for (options, cluster, refused) in [
        (json!({"SubnetIds": ["subnet-x"]}), json!({}), "The subnet ID 'subnet-x' does not exist"),
        (
            json!({"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-1", "sg-x"]}),
            json!({}),
            "The security group 'sg-x' does not exist",
        ),
        (
            json!({"SecurityGroupIds": ["sg-1"]}),
            json!({}),
            "Subnet must be specified for VPC domain",
        ),
        (
            json!({"SubnetIds": ["subnet-a", "subnet-b"]}),
            json!({}),
            "You must specify exactly one subnet.",
        ),
        (
            json!({"SubnetIds": ["subnet-a"]}),
            zones(2),
            "You must specify exactly two subnets because you've set zone count to two.",
        ),
        (
            json!({"SubnetIds": ["subnet-a", "subnet-b"]}),
            zones(3),
            "You must specify exactly three subnets because you've set zone count to three.",
        ),
        (
            json!({"SubnetIds": ["subnet-a", "subnet-a"]}),
            zones(2),
            "Subnets must be in different Availability Zones",
        ),
    ] {
        let made = create(&world(), json!({"VPCOptions": options, "ClusterConfig": cluster}));
        assert_eq!(made, Err(format!("ValidationError: {refused}")));
    }
    let both =
        json!({"VPCOptions": {"SubnetIds": ["subnet-a", "subnet-c"]}, "ClusterConfig": zones(2)});
    let made = create(&world(), both).unwrap();
    let zones = &made["DomainStatus"]["VPCOptions"]["AvailabilityZones"];
    assert_eq!(*zones, json!(["us-east-1a", "us-east-1c"]));
}

#[test]
fn access_is_public_or_in_a_vpc_for_ever() {
    let public = world();
    create(&public, json!({})).unwrap();
    let refused = update(&public, json!({"VPCOptions": {"SubnetIds": ["subnet-a"]}}));
    let text =
        "ValidationError: Domain should be created with VPC options to update VPC options later";
    assert_eq!(refused, Err(text.to_owned()));
    update(&public, json!({"VPCOptions": {"SubnetIds": []}})).unwrap();
    let refused = update(&in_vpc(), json!({"VPCOptions": {"SubnetIds": []}}));
    assert_eq!(refused, Err("ValidationError: Subnet must be specified for VPC domain".to_owned()));
}

#[test]
fn subnets_and_groups_change_one_by_one() {
    let world = in_vpc();
    update(&world, json!({"VPCOptions": {"SecurityGroupIds": ["sg-2"]}})).unwrap();
    let changed = update(&world, json!({"VPCOptions": {"SubnetIds": ["subnet-c"]}})).unwrap();
    let options = &changed["DomainConfig"]["VPCOptions"]["Options"];
    let expected = json!({"VPCId": "vpc-1", "SubnetIds": ["subnet-c"], "AvailabilityZones": ["us-east-1c"], "SecurityGroupIds": ["sg-2"]});
    assert_eq!(*options, expected);
    let dry = json!({"DryRun": true, "VPCOptions": {"SecurityGroupIds": ["sg-1"]}});
    let dry = update(&world, dry).unwrap();
    assert_eq!(dry["DryRunResults"]["DeploymentType"], "DynamicUpdate");
}

#[test]
fn a_policy_in_a_vpc_may_be_open_and_may_not_ask_for_addresses() {
    let address = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
    let text = "InvalidInput: You can’t attach an IP-based policy to a domain that has a VPC endpoint. Instead, use a security group to control IP-based access.";
    let vpc = json!({"SubnetIds": ["subnet-a"]});
    let refused = create(&world(), json!({"VPCOptions": vpc, "AccessPolicies": policy(&address)}));
    assert_eq!(refused, Err(text.to_owned()));
    let world = in_vpc();
    for condition in [
        address,
        json!({"NotIpAddressIfExists": {"aws:sourceip": "192.0.2.0/24"}}),
        json!({"Null": {"aws:SourceIp": "false"}}),
        json!({"ForAnyValue:IpAddress": {"aws:VpcSourceIp": "192.0.2.0/24"}}),
    ] {
        let refused = update(&world, json!({"AccessPolicies": policy(&condition)}));
        assert_eq!(refused, Err(text.to_owned()), "{condition}");
    }
    update(&world, json!({"AccessPolicies": policy(&json!({}))})).unwrap();
    let public = create(&self::world(), json!({"AccessPolicies": policy(&json!({}))}));
    let restrictive = "ValidationError: Apply a restrictive access policy to your domain";
    assert_eq!(public, Err(restrictive.to_owned()));
}

fn other(world: &World) -> Key {
    let made = world.control.ensure_root(OTHER_ACCOUNT, None, world.now).unwrap();
    let (id, secret) = made.unwrap();
    Key { id, secret: secret.expose().to_owned(), token: None }
}

fn endpoint(world: &World, key: &Key, subnet: &str, token: &str) -> Result<Value, String> {
    let input = json!({"DomainArn": format!("arn:aws:es:us-east-1:{ACCOUNT}:domain/logs"),
        "VpcOptions": {"SubnetIds": [subnet]}, "ClientToken": token});
    world.call(key, "opensearch:CreateVpcEndpoint", input).map_err(|error| error.to_string())
}

/// Through what the domain is reached.
fn reached(world: &World) -> Vec<Vec<String>> {
    let directory = world.control.directory();
    let domain = directory.domain(ID.0, ID.1, ID.2).unwrap();
    let access = directory.vpc_access(domain).unwrap();
    let names = |access: &VpcAccess<'_>| {
        access.subnets.iter().chain(&access.security_groups).map(ToString::to_string).collect()
    };
    access.iter().map(names).collect()
}

#[test]
fn an_endpoint_lets_its_subnets_in_and_is_made_once_for_a_token() {
    let world = in_vpc();
    let made = endpoint(&world, &world.root(), "subnet-a", "t").unwrap();
    assert_eq!(text(&made, "/VpcEndpoint/Endpoint"), "vpc-logs:9200");
    assert_eq!(made["VpcEndpoint"]["VpcOptions"]["AvailabilityZones"], json!(["us-east-1a"]));
    assert_eq!(endpoint(&world, &world.root(), "subnet-a", "t").unwrap(), made);
    assert_eq!(reached(&world), [vec!["subnet-b", "sg-1"], vec!["subnet-a"]]);
    let id = text(&made, "/VpcEndpoint/VpcEndpointId");
    let moved = json!({"VpcEndpointId": id, "VpcOptions": {"SecurityGroupIds": ["sg-2"]}});
    world.ok(&world.root(), "es:UpdateVpcEndpoint", moved);
    assert_eq!(reached(&world)[1], ["subnet-a", "sg-2"]);
    let asked = json!({"VpcEndpointIds": [id, "aos-nobody"]});
    let told = world.ok(&world.root(), "es:DescribeVpcEndpoints", asked);
    assert_eq!(told["VpcEndpoints"][0]["Status"], "ACTIVE");
    assert_eq!(told["VpcEndpointErrors"][0]["ErrorCode"], "ENDPOINT_NOT_FOUND");
    let listed = world.ok(&world.root(), "opensearch:ListVpcEndpoints", json!({}));
    assert_eq!(listed["VpcEndpointSummaryList"][0]["VpcEndpointId"], json!(id));
    let gone =
        world.ok(&world.root(), "opensearch:DeleteVpcEndpoint", json!({"VpcEndpointId": id}));
    assert_eq!(text(&gone, "/VpcEndpointSummary/Status"), "DELETING");
    assert_eq!(reached(&world).len(), 1);
}

#[test]
fn another_account_reaches_a_domain_while_it_is_authorized() {
    let world = in_vpc();
    let other = other(&world);
    let refused = endpoint(&world, &other, "subnet-a", "t").unwrap_err();
    assert!(
        refused.starts_with("ValidationError: Account 999988887777 is not authorized"),
        "{refused}"
    );
    let named = json!({"DomainName": "logs", "Account": OTHER_ACCOUNT});
    let told = world.ok(&world.root(), "opensearch:AuthorizeVpcEndpointAccess", named.clone());
    assert_eq!(told["AuthorizedPrincipal"]["PrincipalType"], "AWS_ACCOUNT");
    endpoint(&world, &other, "subnet-a", "t").unwrap();
    let of_domain = || {
        world.ok(
            &world.root(),
            "opensearch:ListVpcEndpointsForDomain",
            json!({"DomainName": "logs"}),
        )
    };
    assert_eq!(text(&of_domain(), "/VpcEndpointSummaryList/0/VpcEndpointOwner"), OTHER_ACCOUNT);
    assert_eq!(reached(&world).len(), 2);
    let access = world.ok(&world.root(), "es:ListVpcEndpointAccess", json!({"DomainName": "logs"}));
    assert_eq!(text(&access, "/AuthorizedPrincipalList/0/Principal"), OTHER_ACCOUNT);
    world.ok(&world.root(), "opensearch:RevokeVpcEndpointAccess", named.clone());
    assert_eq!(reached(&world).len(), 1);
    assert_eq!(of_domain()["VpcEndpointSummaryList"], json!([]));
    let again = world.refused(&world.root(), "opensearch:RevokeVpcEndpointAccess", named);
    assert!(again.starts_with("NoSuchEntity: "), "{again}");
}

#[test]
fn endpoints_are_of_domains_in_a_vpc_and_go_with_them() {
    let world = in_vpc();
    endpoint(&world, &world.root(), "subnet-a", "t").unwrap();
    world.ok(&world.root(), "opensearch:DeleteDomain", json!({"DomainName": "logs"}));
    let listed = world.ok(&world.root(), "opensearch:ListVpcEndpoints", json!({}));
    assert_eq!(listed["VpcEndpointSummaryList"], json!([]));
    let public = self::world();
    create(&public, json!({})).unwrap();
    let refused = endpoint(&public, &public.root(), "subnet-a", "t");
    let text = "ValidationError: VPC endpoints can only access domains within a VPC";
    assert_eq!(refused, Err(text.to_owned()));
    let named = json!({"DomainName": "logs", "Account": OTHER_ACCOUNT});
    let refused = public.refused(&public.root(), "opensearch:AuthorizeVpcEndpointAccess", named);
    assert_eq!(refused, text);
}
