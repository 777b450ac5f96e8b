//! An account that is cloned for a test: what it has, that it is another one, and that it goes without a trace.

use control::{AccountClone, ControlSettings, Password, VpcSettings};
use serde_json::{Value, json};

use crate::kept_credentials::{CERTIFICATE, SSH_KEY};
use crate::support::{ACCOUNT, Key, REGION, World, allow, deny, root_of, text, trust, under};

fn cloned(world: &World) -> AccountClone {
    let clone = world.control.plan_clone(ACCOUNT, world.now).unwrap();
    world.control.add_clone(&clone, world.now).unwrap();
    clone
}

fn key(clone: &AccountClone, user: Option<&str>) -> Key {
    let key = clone.keys.iter().find(|key| key.user.as_deref() == user).unwrap();
    Key { id: key.id.clone(), secret: key.secret.expose().to_owned(), token: None }
}

fn domain(world: &World, policy: &Value) -> Value {
    let input = json!({"DomainName": "library", "AccessPolicies": policy.to_string()});
    world.ok(&world.root(), "opensearch:CreateDomain", input)
}

#[test]
fn a_clone_has_the_users_roles_and_domains_under_a_number_of_its_own() {
    let world = World::random();
    let ann =
        world.user("Ann", &[allow("sts:AssumeRole", &format!("arn:aws:iam::{ACCOUNT}:role/*"))]);
    world.role("app", &trust(&json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/Ann")})));
    domain(
        &world,
        &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/app")}, "Action": "es:*",
        "Resource": format!("arn:aws:es:{REGION}:{ACCOUNT}:domain/library/*")}]}),
    );
    let clone = cloned(&world);
    let (root, copy) = (key(&clone, None), key(&clone, Some("Ann")));
    assert!(clone.account != ACCOUNT && clone.account.len() == 12);
    let identity = world.ok(&copy, "sts:GetCallerIdentity", json!({}));
    assert_eq!(text(&identity, "/Arn"), format!("arn:aws:iam::{}:user/Ann", clone.account));
    let own = |account: &str| format!("arn:aws:iam::{account}:role/app");
    assert!(world.assume(&copy, &own(&clone.account), json!({})).is_ok(), "its trust is its own");
    assert!(world.assume(&ann, &own(ACCOUNT), json!({})).is_ok(), "as before");
    for (who, account) in [(&copy, ACCOUNT), (&ann, clone.account.as_str())] {
        let refused = world.assume(who, &own(account), json!({})).err().unwrap().to_string();
        assert!(refused.starts_with("AccessDenied"), "neither is the other: {refused}");
    }
    let told = world.ok(&root, "opensearch:DescribeDomain", json!({"DomainName": "library"}));
    let policy = text(&told, "/DomainStatus/AccessPolicies");
    assert!(policy.contains(&own(&clone.account)) && !policy.contains(ACCOUNT), "{policy}");
    let arn = format!("arn:aws:es:{REGION}:{}:domain/library", clone.account);
    assert_eq!(text(&told, "/DomainStatus/ARN"), arn);
}

#[test]
fn keys_of_a_clone_are_others_and_passwords_are_the_same() {
    let world = World::random();
    let ann = world.user("ann", &[]);
    let input = json!({"UserName": "ann", "Password": "correct-Horse-1"});
    world.ok(&world.root(), "iam:CreateLoginProfile", input);
    world.ok(&world.root(), "iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"}));
    let clone = cloned(&world);
    let copy = key(&clone, Some("ann"));
    assert!(copy.id != ann.id && copy.secret != ann.secret);
    let directory = world.control.directory();
    assert_eq!(directory.signing_secret(&copy.id).unwrap().expose(), copy.secret);
    let login = directory.login(&clone.account, "ann");
    assert!(login.matches(&Password::new("correct-Horse-1")));
    let devices = world.ok(&key(&clone, None), "iam:ListVirtualMFADevices", json!({}));
    let serial = format!("arn:aws:iam::{}:mfa/phone", clone.account);
    assert_eq!(text(&devices, "/VirtualMFADevices/0/SerialNumber"), serial);
}

#[test]
fn ids_of_kept_credentials_and_vpc_endpoints_are_others_in_a_clone() {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let world = World::with_settings(ControlSettings {
        vpc: VpcSettings {
            id: "vpc-1".to_owned(),
            subnets: ids(&["subnet-a", "subnet-b"]),
            security_groups: ids(&[]),
        },
        ..ControlSettings::default()
    });
    let root = world.root();
    world.ok(&root, "iam:CreateUser", json!({"UserName": "ann"}));
    let ssh = json!({"UserName": "ann", "SSHPublicKeyBody": SSH_KEY});
    world.ok(&root, "iam:UploadSSHPublicKey", ssh);
    let certificate = json!({"UserName": "ann", "CertificateBody": CERTIFICATE});
    world.ok(&root, "iam:UploadSigningCertificate", certificate);
    let service = json!({"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"});
    world.ok(&root, "iam:CreateServiceSpecificCredential", service);
    let subnets = json!({"DomainName": "logs", "VPCOptions": {"SubnetIds": ["subnet-a"]}});
    world.ok(&root, "opensearch:CreateDomain", subnets);
    let endpoint = json!({"DomainArn": format!("arn:aws:es:{REGION}:{ACCOUNT}:domain/logs"),
        "VpcOptions": {"SubnetIds": ["subnet-b"]}});
    world.ok(&root, "opensearch:CreateVpcEndpoint", endpoint);
    let clone = cloned(&world);
    let copy = key(&clone, None);
    for (operation, path, prefix) in [
        ("iam:ListSSHPublicKeys", "/SSHPublicKeys/0/SSHPublicKeyId", "APKA"),
        ("iam:ListSigningCertificates", "/Certificates/0/CertificateId", ""),
        (
            "iam:ListServiceSpecificCredentials",
            "/ServiceSpecificCredentials/0/ServiceSpecificCredentialId",
            "ACCA",
        ),
        ("opensearch:ListVpcEndpoints", "/VpcEndpointSummaryList/0/VpcEndpointId", "aos-"),
    ] {
        let input = match operation.starts_with("iam") {
            true => json!({"UserName": "ann"}),
            false => json!({}),
        };
        let id = |key: &Key| text(&world.ok(key, operation, input.clone()), path);
        let (before, after) = (id(&root), id(&copy));
        assert_ne!(before, after, "{operation}");
        assert!(after.starts_with(prefix) && after.len() == before.len(), "{after}");
    }
}

#[test]
fn e23_what_is_done_in_a_clone_is_not_done_in_the_account() {
    let world = World::random();
    world.user("ann", &[]);
    let clone = cloned(&world);
    world.ok(&key(&clone, None), "iam:CreateUser", json!({"UserName": "bob"}));
    let names = |key: &Key| -> Vec<String> {
        let listed = world.ok(key, "iam:ListUsers", json!({}));
        let users = listed["Users"].as_array().unwrap().iter();
        users.map(|user| text(user, "/UserName")).collect()
    };
    assert_eq!(names(&world.root()), ["ann"]);
    assert_eq!(names(&key(&clone, None)), ["ann", "bob"]);
}

#[test]
fn a_clone_is_removed_with_all_that_is_in_it_and_no_account_is() {
    let world = World::random();
    world.user("ann", &[allow("sts:*", "*")]);
    domain(
        &world,
        &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": root_of(ACCOUNT), "Action": "es:*", "Resource": "*"}]}),
    );
    let clone = cloned(&world);
    let session = world.ok(&key(&clone, Some("ann")), "sts:GetSessionToken", json!({}));
    let session = crate::support::credentials(&session);
    let removed = world.control.remove_clone(&clone.account, world.now).unwrap();
    assert_eq!(removed.iter().map(|domain| domain.name.as_str()).collect::<Vec<_>>(), ["library"]);
    for key in [&key(&clone, None), &key(&clone, Some("ann")), &session] {
        assert!(world.identify(key).is_err());
    }
    let directory = world.control.directory();
    assert!(directory.accounts().all(|account| account.id == ACCOUNT));
    assert!(directory.domains().all(|domain| domain.account == ACCOUNT));
    assert_eq!(directory.sessions_kept(), 0);
    let remove =
        |account: &str| world.control.remove_clone(account, world.now).unwrap_err().to_string();
    assert_eq!(
        remove(ACCOUNT),
        format!("InvalidInput: account {ACCOUNT} is no clone; only clones are removed")
    );
    assert_eq!(remove(&clone.account), format!("NoSuchEntity: no account {}", clone.account));
}

#[test]
fn service_control_policies_hold_for_clones_too() {
    let policy = deny("iam:CreateUser", "*");
    let all = allow("*", "*");
    let world = World::with_settings(under(ACCOUNT, &[&[&all, &policy]]));
    let clone = cloned(&world);
    let refused = world.refused(&key(&clone, None), "iam:CreateUser", json!({"UserName": "bob"}));
    assert!(refused.contains("with an explicit deny in a service control policy"), "{refused}");
}

#[test]
fn there_are_only_so_many_clones_at_once_and_none_of_nobody() {
    let world = World::random();
    for _ in 0..control::limits::CLONES_MAX {
        cloned(&world);
    }
    let refused = world.control.plan_clone(ACCOUNT, world.now).err().unwrap().to_string();
    assert_eq!(refused, "LimitExceeded: there are at most 256 clones at once: remove one first");
    let nobody = world.control.plan_clone("111122223333", world.now).err().unwrap().to_string();
    assert_eq!(nobody, "NoSuchEntity: no account 111122223333");
}
