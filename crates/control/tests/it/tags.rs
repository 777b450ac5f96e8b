//! Tags of everything in iam that carries them: one implementation, eight families.

use expect_test::expect;
use serde_json::{Value, json};

use crate::kept_credentials::{CERTIFICATE, PRIVATE_KEY, metadata};
use crate::support::{World, root_of, text, trust};

/// A family: the suffix of its operations, and the member that names one of it with its value in [`world`].
const FAMILIES: [(&str, &str, &str); 8] = [
    ("User", "UserName", "ann"),
    ("Role", "RoleName", "r"),
    ("Policy", "PolicyArn", "arn:aws:iam::123456789012:policy/p"),
    ("InstanceProfile", "InstanceProfileName", "i"),
    (
        "OpenIDConnectProvider",
        "OpenIDConnectProviderArn",
        "arn:aws:iam::123456789012:oidc-provider/idp.example",
    ),
    ("MFADevice", "SerialNumber", "arn:aws:iam::123456789012:mfa/d"),
    ("ServerCertificate", "ServerCertificateName", "c"),
    ("SAMLProvider", "SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/s"),
];

/// One of each family.
fn world() -> World {
    let world = World::new();
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    world.role("r", &trust(&root_of("123456789012")));
    let document = crate::support::allow("es:*", "*").to_string();
    world.ok(&root, "iam:CreatePolicy", json!({"PolicyName": "p", "PolicyDocument": document}));
    world.ok(&root, "iam:CreateInstanceProfile", json!({"InstanceProfileName": "i"}));
    let provider = json!({"Url": "https://idp.example"});
    world.ok(&root, "iam:CreateOpenIDConnectProvider", provider);
    world.ok(&root, "iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "d"}));
    let provider = json!({"Name": "s", "SAMLMetadataDocument": metadata("")});
    world.ok(&root, "iam:CreateSAMLProvider", provider);
    let certificate = json!({"ServerCertificateName": "c", "CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY});
    world.ok(&root, "iam:UploadServerCertificate", certificate);
    world
}

fn tag(world: &World, tags: &Value) -> Result<Value, String> {
    let input = json!({"UserName": "ann", "Tags": tags});
    world.call(&world.root(), "iam:TagUser", input).map_err(|error| error.to_string())
}

fn listed(world: &World, suffix: &str, member: &str, name: &str) -> Value {
    world.ok(&world.root(), &format!("iam:List{suffix}Tags"), json!({member: name}))["Tags"].clone()
}

#[test]
fn each_family_takes_lists_and_gives_up_tags() {
    let world = world();
    for (suffix, member, name) in FAMILIES {
        let tags = json!([{"Key": "team", "Value": "blue"}, {"Key": "area", "Value": "north"}]);
        let input = json!({member: name, "Tags": tags});
        world.ok(&world.root(), &format!("iam:Tag{suffix}"), input);
        let expected = json!([{"Key": "area", "Value": "north"}, {"Key": "team", "Value": "blue"}]);
        assert_eq!(listed(&world, suffix, member, name), expected, "{suffix}: in order of keys");
        let input = json!({member: name, "TagKeys": ["TEAM", "nothing"]});
        world.ok(&world.root(), &format!("iam:Untag{suffix}"), input);
        let expected = json!([{"Key": "area", "Value": "north"}]);
        assert_eq!(listed(&world, suffix, member, name), expected, "{suffix}");
    }
}

#[test]
fn what_is_not_there_takes_no_tags_and_is_told_in_its_familys_words() {
    let world = World::new();
    let mut told = String::new();
    for (suffix, member, name) in FAMILIES {
        for (operation, more) in [("Tag", "Tags"), ("Untag", "TagKeys"), ("List", "")] {
            let name_of = match operation {
                "List" => format!("iam:List{suffix}Tags"),
                other => format!("iam:{other}{suffix}"),
            };
            let mut input = json!({member: name});
            if !more.is_empty() {
                input[more] = json!([]);
            }
            let error = world.refused(&world.root(), &name_of, input);
            assert!(error.starts_with("NoSuchEntity: "), "{name_of}: {error}");
            if operation == "List" {
                told += &format!("{error}\n");
            }
        }
    }
    expect![[r#"
        NoSuchEntity: The user with name ann cannot be found.
        NoSuchEntity: The role with name r cannot be found.
        NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p was not found.
        NoSuchEntity: Instance Profile i cannot be found.
        NoSuchEntity: OpenIDConnect Provider not found for arn arn:aws:iam::123456789012:oidc-provider/idp.example
        NoSuchEntity: VirtualMFADevice with serial number arn:aws:iam::123456789012:mfa/d doesn't exist.
        NoSuchEntity: The Server Certificate with name c cannot be found.
        NoSuchEntity: Manifest not found for arn arn:aws:iam::123456789012:saml-provider/s
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_key_in_another_case_takes_the_new_spelling_and_value() {
    let world = world();
    tag(&world, &json!([{"Key": "team", "Value": "blue"}])).unwrap();
    tag(&world, &json!([{"Key": "Team", "Value": "red"}])).unwrap();
    let expected = json!([{"Key": "Team", "Value": "red"}]);
    assert_eq!(listed(&world, "User", "UserName", "ann"), expected);
}

#[test]
fn two_keys_that_differ_in_case_only_are_duplicates() {
    let world = world();
    let tags = json!([{"Key": "team", "Value": "a"}, {"Key": "TEAM", "Value": "b"}]);
    expect![
        "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."
    ]
    .assert_eq(&tag(&world, &tags).unwrap_err());
}

#[test]
fn a_key_that_begins_as_amazons_do_is_refused_in_any_case() {
    let world = world();
    for key in ["aws:x", "AWS:x", "Aws:"] {
        let error = tag(&world, &json!([{"Key": key, "Value": "a"}])).unwrap_err();
        assert!(error.contains("tag keys may not begin with aws:"), "{error}");
    }
    tag(&world, &json!([{"Key": "awsome", "Value": "a"}])).unwrap();
}

#[test]
fn fifty_tags_are_the_most_whether_at_once_or_one_after_the_other() {
    let world = world();
    let tags = |from: usize, to: usize| -> Value {
        (from..to).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect()
    };
    let too_many = "LimitExceeded: The number of tags has reached the maximum limit of 50.";
    assert_eq!(tag(&world, &tags(0, 51)).unwrap_err(), too_many);
    tag(&world, &tags(0, 50)).unwrap();
    assert_eq!(tag(&world, &tags(50, 51)).unwrap_err(), too_many);
    tag(&world, &json!([{"Key": "K7", "Value": "again"}])).unwrap();
}

#[test]
fn tags_are_listed_by_pages() {
    let world = world();
    let tags: Value = ["c", "a", "b"].iter().map(|key| json!({"Key": key, "Value": ""})).collect();
    tag(&world, &tags).unwrap();
    let input = json!({"UserName": "ann", "MaxItems": 2});
    let page = world.ok(&world.root(), "iam:ListUserTags", input);
    let keys = |page: &Value| -> Vec<String> {
        page["Tags"].as_array().unwrap().iter().map(|tag| text(tag, "/Key")).collect()
    };
    assert_eq!(keys(&page), ["a", "b"]);
    let input = json!({"UserName": "ann", "Marker": text(&page, "/Marker")});
    let last = world.ok(&world.root(), "iam:ListUserTags", input);
    assert_eq!((keys(&last), &last["IsTruncated"]), (vec!["c".to_owned()], &json!(false)));
}

#[test]
fn amazons_own_policies_take_no_tags() {
    let world = World::new();
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let input = json!({"PolicyArn": arn, "Tags": [{"Key": "a", "Value": "b"}]});
    let error = world.refused(&world.root(), "iam:TagPolicy", input);
    expect!["AccessDenied: Cannot perform the operation on the AWS managed policy arn:aws:iam::aws:policy/AdministratorAccess."]
        .assert_eq(&error);
}

#[test]
fn a_user_is_made_with_its_tags_and_shows_them() {
    let world = World::new();
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    let made = world.ok(&world.root(), "iam:CreateUser", json!({"UserName": "ann", "Tags": tags}));
    assert_eq!(made["User"]["Tags"], tags);
    let shown = world.ok(&world.root(), "iam:GetUser", json!({"UserName": "ann"}));
    assert_eq!(shown["User"]["Tags"], tags);
    let listed = world.ok(&world.root(), "iam:ListUsers", json!({}));
    assert_eq!(listed["Users"][0].get("Tags"), None, "listings leave them out, as at Amazon");
}
