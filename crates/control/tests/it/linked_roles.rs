//! Service-linked roles: made for a service, changed by nobody.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, World, allow, text};

const SERVICE: &str = "opensearchservice.amazonaws.com";
const NAME: &str = "AWSServiceRoleForAmazonOpenSearchService";

fn made(world: &World) -> Value {
    world.ok(&world.root(), "iam:CreateServiceLinkedRole", json!({"AWSServiceName": SERVICE}))
}

#[test]
fn the_role_of_opensearch_is_made_once() {
    let world = World::new();
    let role = made(&world);
    assert_eq!(text(&role, "/Role/RoleName"), NAME);
    assert_eq!(text(&role, "/Role/Path"), format!("/aws-service-role/{SERVICE}/"));
    let again = world.refused(
        &world.root(),
        "iam:CreateServiceLinkedRole",
        json!({"AWSServiceName": SERVICE}),
    );
    expect!["InvalidInput: Service role name AWSServiceRoleForAmazonOpenSearchService has been taken in this account, please try a different suffix."]
        .assert_eq(&again);
    let other = json!({"AWSServiceName": "nothing.amazonaws.com"});
    expect!["InvalidInput: Service role creation policy not found for nothing.amazonaws.com: it is none of the services whose roles are known here"]
        .assert_eq(&world.refused(&world.root(), "iam:CreateServiceLinkedRole", other));
}

#[test]
fn only_auto_scaling_has_several_each_with_a_suffix_that_is_asked_for() {
    let world = World::new();
    let service = "autoscaling.amazonaws.com";
    let with = |suffix: &str| json!({"AWSServiceName": service, "CustomSuffix": suffix});
    let made = world.ok(&world.root(), "iam:CreateServiceLinkedRole", with("blue"));
    assert_eq!(text(&made, "/Role/RoleName"), "AWSServiceRoleForAutoScaling_blue");
    world.ok(&world.root(), "iam:CreateServiceLinkedRole", with(""));
    let only_red = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_red";
    let ann = world.user("ann", &[allow("iam:CreateServiceLinkedRole", only_red)]);
    world.ok(&ann, "iam:CreateServiceLinkedRole", with("red"));
    let refused = world.refused(&ann, "iam:CreateServiceLinkedRole", with("green"));
    assert!(refused.starts_with("AccessDenied: "), "{refused}");
    let other = json!({"AWSServiceName": SERVICE, "CustomSuffix": "blue"});
    expect!["InvalidInput: Custom suffix is not allowed for opensearchservice.amazonaws.com"]
        .assert_eq(&world.refused(&world.root(), "iam:CreateServiceLinkedRole", other));
}

#[test]
fn nobody_changes_it_and_its_own_operation_deletes_it() {
    let world = World::new();
    made(&world);
    for (operation, more) in [
        ("iam:DeleteRole", json!({})),
        ("iam:UpdateAssumeRolePolicy", json!({"PolicyDocument": "{}"})),
        ("iam:UpdateRole", json!({"MaxSessionDuration": 7200})),
        (
            "iam:AttachRolePolicy",
            json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ),
    ] {
        let mut input = json!({ "RoleName": NAME });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = world.refused(&world.root(), operation, input);
        assert!(refused.starts_with("UnmodifiableEntity: "), "{operation}: {refused}");
    }
    let deleted = world.ok(&world.root(), "iam:DeleteServiceLinkedRole", json!({"RoleName": NAME}));
    let task = json!({"DeletionTaskId": text(&deleted, "/DeletionTaskId")});
    let status = world.ok(&world.root(), "iam:GetServiceLinkedRoleDeletionStatus", task);
    assert_eq!(text(&status, "/Status"), "SUCCEEDED");
    world.refused(&world.root(), "iam:GetRole", json!({"RoleName": NAME}));
    let ordinary =
        json!({"RoleName": "r", "Path": "/aws-service-role/x/", "AssumeRolePolicyDocument": "{}"});
    assert!(world.refused(&world.root(), "iam:CreateRole", ordinary).contains("service-linked"));
}

#[test]
fn an_ordinary_role_is_not_deleted_as_a_linked_one() {
    let world = World::new();
    world.role("r", &crate::support::trust(&crate::support::root_of(ACCOUNT)));
    let refused =
        world.refused(&world.root(), "iam:DeleteServiceLinkedRole", json!({"RoleName": "r"}));
    assert_eq!(refused, "InvalidInput: Role r is not a service-linked role");
}

#[test]
fn the_permission_is_asked_on_the_role_of_the_service() {
    let world = World::new();
    let own = format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/{SERVICE}/{NAME}");
    let ann = world.user("ann", &[allow("iam:CreateServiceLinkedRole", &own)]);
    world.ok(&ann, "iam:CreateServiceLinkedRole", json!({"AWSServiceName": SERVICE}));
    let other = json!({"AWSServiceName": "es.amazonaws.com"});
    assert!(world.refused(&ann, "iam:CreateServiceLinkedRole", other).starts_with("AccessDenied"));
}

#[test]
fn what_a_user_cannot_have_here_is_an_empty_listing() {
    let world = World::new();
    world.user("ann", &[]);
    for (operation, list) in [
        ("iam:ListSSHPublicKeys", "SSHPublicKeys"),
        ("iam:ListSigningCertificates", "Certificates"),
        ("iam:ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
    ] {
        let listed = world.ok(&world.root(), operation, json!({"UserName": "ann"}));
        assert_eq!(listed[list], json!([]), "{operation}");
        let refused = world.refused(&world.root(), operation, json!({"UserName": "nobody"}));
        assert!(refused.starts_with("NoSuchEntity"), "{operation}: {refused}");
    }
}

#[test]
fn the_policies_that_people_attach_exist_and_can_be_attached() {
    let world = World::new();
    world.user("ann", &[]);
    for name in [
        "AmazonESFullAccess",
        "AmazonESReadOnlyAccess",
        "AmazonESCognitoAccess",
        "IAMUserChangePassword",
        "AmazonOpenSearchServiceCognitoAccess",
        "PowerUserAccess",
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "AWSDenyAll",
        "service-role/AWSLambdaBasicExecutionRole",
    ] {
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        world.ok(
            &world.root(),
            "iam:AttachUserPolicy",
            json!({"UserName": "ann", "PolicyArn": arn}),
        );
        world.ok(
            &world.root(),
            "iam:DetachUserPolicy",
            json!({"UserName": "ann", "PolicyArn": arn}),
        );
    }
}

#[test]
fn the_role_of_the_older_service_is_deleted_by_its_own_operation_unless_a_vpc_needs_it() {
    let world = World::new();
    let root = world.root();
    let delete = "es:DeleteElasticsearchServiceRole";
    let missing = "ValidationError: Service-linked role AWSServiceRoleForAmazonElasticsearchService does not exist in this account";
    assert_eq!(world.refused(&root, delete, json!({})), missing);
    world.ok(&root, "iam:CreateServiceLinkedRole", json!({"AWSServiceName": "es.amazonaws.com"}));
    assert_eq!(world.ok(&root, delete, json!({})), json!({}));
    assert_eq!(world.refused(&root, delete, json!({})), missing);
}

#[test]
fn a_domain_replicates_to_no_other() {
    let world = World::new();
    let root = world.root();
    let name = json!({"DomainName": "books"});
    world.ok(&root, "opensearch:CreateDomain", name.clone());
    let told = world.ok(&root, "opensearch:DescribeDomainReplication", name);
    let arn = "arn:aws:es:us-east-1:123456789012:domain/books";
    assert_eq!(told, json!({"DomainArn": arn, "Peers": []}));
}
