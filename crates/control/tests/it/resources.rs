//! What each operation is asked on, compared with Amazon's Service Authorization Reference as `policy lint` has it
//! (`crates/policy/src/lint/reference.tsv`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use control::{Operation, Service, authorization, table};
use policy::Context;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, REGION, World, allow, find, root_of, text, trust};

/// The types of resources that the reference lists for each action.
fn reference() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string("../policy/src/lint/reference.tsv").unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("action\t"));
    let row = |row: &str| {
        let mut fields = row.split('\t');
        let (action, _, types) = (fields.next()?, fields.next()?, fields.next()?);
        let types = types.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        Some((action.to_owned(), types.collect()))
    };
    rows.filter_map(row).collect()
}

/// Somebody calls who is none of those that the input names.
fn everything_named(bob: &Key) -> Value {
    let iam = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    json!({
        "UserName": "bob", "GroupName": "g", "RoleName": "r", "PolicyName": "p", "InstanceProfileName": "i",
        "PolicyArn": iam("policy/p"), "SerialNumber": iam("mfa/phone"), "RoleArn": iam("role/r"),
        "OpenIDConnectProviderArn": iam("oidc-provider/id.example"), "PolicySourceArn": iam("user/bob"),
        "Url": "https://id.example", "VirtualMFADeviceName": "phone", "Name": "guest", "DomainName": "d",
        "DomainNames": ["d"], "ARN": format!("arn:aws:es:{REGION}:{ACCOUNT}:domain/d"), "AccessKeyId": bob.id,
        "RoleSessionName": "s", "ServerCertificateName": "c", "Arn": iam("user/bob"), "SAMLProviderArn": iam("saml-provider/s"),
    })
}

fn world() -> (World, Key, Key) {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let bob = world.user("bob", &[]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    (world, ann, bob)
}

/// The resources of the questions that `operation` asks under its own action.
fn asked(world: &World, key: &Key, operation: Operation, input: &Value) -> Vec<String> {
    let (caller, directory) = (world.identify(key).unwrap(), world.control.directory());
    let context = Context::new();
    let asked = authorization(operation, input, &caller, &directory, REGION, &context);
    let questions = asked.map(|asked| asked.questions).unwrap_or_default().into_iter();
    let own = questions.filter(|question| question.action == operation.action());
    own.map(|question| question.resource).collect()
}

/// `user`, `role` … of an ARN; `*` for what is asked on everything.
fn kind(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource.split('/').next().unwrap_or(resource)
}

#[test]
fn every_operation_is_asked_on_the_kinds_of_resources_that_amazon_names() {
    let ((world, ann, bob), reference) = (world(), reference());
    let mut differ = String::new();
    for operation in table().filter(|operation| operation.is_built()) {
        let asked = asked(&world, &ann, operation, &everything_named(&bob));
        let kinds: BTreeSet<&str> = asked.iter().map(|arn| kind(arn)).collect();
        let types = reference.get(&operation.action());
        let fits = match types.filter(|types| !types.is_empty()) {
            None => kinds.iter().all(|kind| *kind == "*"),
            Some(types) => !kinds.is_empty() && kinds.iter().all(|kind| types.contains(*kind)),
        };
        if !fits {
            writeln!(differ, "{}: {kinds:?}", operation.action()).unwrap();
        }
    }
    // Of these the reference names no resource. The listings are asked as iam words their denials, and the four of the
    // search APIs on the domain when the request names one, which a statement on `*` covers too.
    expect_test::expect![[r#"
        es:AuthorizeVpcEndpointAccess: {"domain"}
        es:DescribeElasticsearchInstanceTypeLimits: {"domain"}
        es:ListElasticsearchInstanceTypes: {"domain"}
        es:ListVpcEndpointAccess: {"domain"}
        es:ListVpcEndpointsForDomain: {"domain"}
        es:RevokeVpcEndpointAccess: {"domain"}
        es:AuthorizeVpcEndpointAccess: {"domain"}
        es:DescribeDomainReplication: {"domain"}
        es:DescribeInstanceTypeLimits: {"domain"}
        es:ListApplications: {"*"}
        es:ListDirectQueryDataSources: {"*"}
        es:ListInstanceTypeDetails: {"domain"}
        es:ListVpcEndpointAccess: {"domain"}
        es:ListVpcEndpointsForDomain: {"domain"}
        es:RevokeVpcEndpointAccess: {"domain"}
        iam:GenerateOrganizationsAccessReport: {"*"}
        iam:GetServiceLinkedRoleDeletionStatus: {"*"}
        iam:ListGroups: {"group"}
        iam:ListInstanceProfiles: {"instance-profile"}
        iam:ListRoles: {"role"}
        iam:ListServerCertificates: {"server-certificate"}
        iam:ListUsers: {"user"}
        iam:UpdateOpenIDConnectProvider: {"oidc-provider"}
        sts:AssumeRoot: {"*"}
    "#]]
    .assert_eq(&differ);
}

#[test]
fn no_operation_that_names_a_user_is_asked_on_the_caller_instead() {
    let (world, ann, bob) = world();
    let mut named = 0;
    for operation in table().filter(|operation| operation.service() == Service::Iam) {
        let asked = asked(&world, &ann, operation, &everything_named(&bob));
        let own = format!("arn:aws:iam::{ACCOUNT}:user/ann");
        // It takes no name: nobody changes another's password with it.
        if operation.name() == "ChangePassword" {
            continue;
        }
        assert!(!asked.contains(&own), "{}: {asked:?}", operation.action());
        named += usize::from(asked.contains(&format!("arn:aws:iam::{ACCOUNT}:user/bob")));
    }
    assert!(named > 30, "{named}");
}

#[test]
fn a_key_made_for_another_user_is_asked_on_that_user() {
    let world = World::new();
    let ann =
        world.user("ann", &[allow("iam:*AccessKey*", &format!("arn:aws:iam::{ACCOUNT}:user/ann"))]);
    let bob = world.user("bob", &[]);
    for (operation, input) in [
        ("iam:CreateAccessKey", json!({"UserName": "bob"})),
        ("iam:ListAccessKeys", json!({"UserName": "bob"})),
        (
            "iam:UpdateAccessKey",
            json!({"UserName": "bob", "AccessKeyId": bob.id, "Status": "Inactive"}),
        ),
        ("iam:DeleteAccessKey", json!({"UserName": "bob", "AccessKeyId": bob.id})),
        ("iam:GetAccessKeyLastUsed", json!({"AccessKeyId": bob.id})),
    ] {
        let refused = world.refused(&ann, operation, input);
        assert!(refused.contains("on resource: arn:aws:iam::123456789012:user/bob"), "{refused}");
    }
    world.ok(&ann, "iam:GetAccessKeyLastUsed", json!({"AccessKeyId": ann.id}));
    world.ok(&ann, "iam:CreateAccessKey", json!({}));
}

#[test]
fn moving_a_user_or_a_group_asks_on_the_old_and_on_the_new_arn() {
    let (world, ann, _) = world();
    world.ok(&world.root(), "iam:CreateGroup", json!({"GroupName": "g", "Path": "/old/"}));
    let arn = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    for (operation, input, expected) in [
        (
            "iam:UpdateUser",
            json!({"UserName": "bob", "NewPath": "/adm/"}),
            ["user/bob", "user/adm/bob"],
        ),
        (
            "iam:UpdateUser",
            json!({"UserName": "bob", "NewUserName": "ben"}),
            ["user/bob", "user/ben"],
        ),
        (
            "iam:UpdateUser",
            json!({"UserName": "bob", "NewPath": "/adm/", "NewUserName": "ben"}),
            ["user/bob", "user/adm/ben"],
        ),
        (
            "iam:UpdateGroup",
            json!({"GroupName": "g", "NewPath": "/adm/"}),
            ["group/old/g", "group/adm/g"],
        ),
        (
            "iam:UpdateGroup",
            json!({"GroupName": "g", "NewGroupName": "h"}),
            ["group/old/g", "group/old/h"],
        ),
    ] {
        let asked = asked(&world, &ann, find(operation), &input);
        assert_eq!(asked, expected.map(arn), "{operation} {input}");
    }
}

#[test]
fn a_user_does_not_move_itself_to_where_it_has_more_rights() {
    let world = World::new();
    let own = allow("iam:UpdateUser", &format!("arn:aws:iam::{ACCOUNT}:user/ann"));
    let ann = world.user("ann", &[own]);
    let to = json!({"UserName": "ann", "NewPath": "/adm/"});
    let refused = world.refused(&ann, "iam:UpdateUser", to);
    assert!(refused.contains("on resource: arn:aws:iam::123456789012:user/adm/ann"), "{refused}");
}

#[test]
fn policies_follow_a_user_whose_path_changes() {
    let world = World::new();
    let ann = world.user("ann", &[]);
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let role = world.role("r2", &trust(&json!({"AWS": arn})));
    world.ok(&world.root(), "iam:UpdateUser", json!({"UserName": "ann", "NewPath": "/adm/"}));
    assert!(world.assume(&ann, &role, json!({})).is_ok());
}

#[test]
fn whoever_names_no_user_is_judged_by_its_own_tags() {
    let world = World::new();
    let tagged = json!({"StringEquals": {"aws:ResourceTag/frozen": "yes"}});
    let denied = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*", "Condition": tagged}]});
    let ann = world.user("ann", &[denied]);
    let tags = json!({"UserName": "ann", "Tags": [{"Key": "frozen", "Value": "yes"}]});
    world.ok(&world.root(), "iam:TagUser", tags);
    for input in [json!({"UserName": "ann"}), json!({})] {
        let refused = world.refused(&ann, "iam:CreateAccessKey", input);
        assert!(refused.contains("explicit deny"), "{refused}");
    }
}

#[test]
fn tags_decide_for_every_kind_of_thing_that_has_them() {
    let world = World::new();
    let root = world.root();
    let tags = json!([{"Key": "frozen", "Value": "yes"}]);
    let profile = json!({"InstanceProfileName": "i", "Tags": tags});
    world.ok(&root, "iam:CreateInstanceProfile", profile);
    let device = world.ok(
        &root,
        "iam:CreateVirtualMFADevice",
        json!({"VirtualMFADeviceName": "phone", "Tags": tags}),
    );
    let provider = json!({"Url": "https://id.example", "ClientIDList": ["ci"], "Tags": tags});
    let provider = world.ok(&root, "iam:CreateOpenIDConnectProvider", provider);
    let condition = json!({"StringEquals": {"aws:ResourceTag/frozen": "yes"}});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:Delete*", "Resource": "*", "Condition": condition}]});
    let ann = world.user("ann", &[policy]);
    for (operation, input) in [
        ("iam:DeleteInstanceProfile", json!({"InstanceProfileName": "i"})),
        (
            "iam:DeleteVirtualMFADevice",
            json!({"SerialNumber": text(&device, "/VirtualMFADevice/SerialNumber")}),
        ),
        (
            "iam:DeleteOpenIDConnectProvider",
            json!({"OpenIDConnectProviderArn": text(&provider, "/OpenIDConnectProviderArn")}),
        ),
    ] {
        let refused = world.refused(&ann, operation, input);
        assert!(refused.contains("explicit deny"), "{refused}");
    }
}

#[test]
fn a_tagged_device_asks_for_the_tagging_of_devices() {
    let world = World::new();
    let ann = world.user(
        "ann",
        &[allow("iam:CreateVirtualMFADevice", &format!("arn:aws:iam::{ACCOUNT}:mfa/*"))],
    );
    let device = |name: &str| json!({"VirtualMFADeviceName": name});
    world.ok(&ann, "iam:CreateVirtualMFADevice", device("plain"));
    let tagged = json!({"VirtualMFADeviceName": "tagged", "Tags": [{"Key": "a", "Value": "b"}]});
    let refused = world.refused(&ann, "iam:CreateVirtualMFADevice", tagged);
    assert!(refused.contains("iam:TagMFADevice"), "{refused}");
}
