//! Packages: dictionaries that are copied from files, and the domains that use them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use control::{ControlSettings, PACKAGE_BYTES_MAX, PackageReader};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Key, OTHER_ACCOUNT, REGION, World, allow};

/// The objects of the bucket `books`.
type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

fn world() -> (World, Objects) {
    let objects: Objects = Arc::default();
    let kept = Arc::clone(&objects);
    let reader = PackageReader::new(move |bucket, key| {
        let found = kept.lock().unwrap().get(key).filter(|_| bucket == "books").cloned();
        found.ok_or_else(|| format!("there is no object {key} in bucket {bucket}"))
    });
    let world = World::with_settings(ControlSettings {
        packages: Some(reader),
        ..ControlSettings::default()
    });
    put(&objects, "words.txt", "one");
    (world, objects)
}

fn put(objects: &Objects, key: &str, text: &str) {
    objects.lock().unwrap().insert(key.to_owned(), text.as_bytes().to_vec());
}

fn source(key: &str) -> Value {
    json!({"S3BucketName": "books", "S3Key": key})
}

fn create(world: &World, name: &str, key: &str) -> String {
    let input = json!({"PackageName": name, "PackageType": "TXT-DICTIONARY",
        "PackageDescription": "words", "PackageSource": source(key)});
    let made = world.ok(&world.root(), "opensearch:CreatePackage", input);
    assert_eq!(made["PackageDetails"]["PackageStatus"], "COPYING");
    made["PackageDetails"]["PackageID"].as_str().unwrap().to_owned()
}

fn described(world: &World, id: &str) -> Value {
    let filters = json!({"Filters": [{"Name": "PackageID", "Value": [id]}]});
    let listed = world.ok(&world.root(), "es:DescribePackages", filters);
    assert_eq!(listed["PackageDetailsList"].as_array().unwrap().len(), 1, "{listed}");
    listed["PackageDetailsList"][0].clone()
}

fn domain(world: &World, name: &str) {
    world.ok(&world.root(), "opensearch:CreateDomain", json!({"DomainName": name}));
}

fn of(id: &str, domain: &str) -> Value {
    json!({"PackageID": id, "DomainName": domain})
}

fn text(world: &World, domain: &str, id: &str) -> Option<String> {
    let directory = world.control.directory();
    directory.dictionary(ACCOUNT, REGION, domain, id).map(|text| text.to_string())
}

#[test]
fn a_dictionary_is_copied_and_a_domain_that_is_associated_reads_it() {
    let (world, _objects) = world();
    domain(&world, "logs");
    domain(&world, "other");
    let id = create(&world, "words", "words.txt");
    assert!(
        id.strip_prefix('F').is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit())),
        "{id}"
    );
    let details = described(&world, &id);
    assert_eq!(details["PackageStatus"], "AVAILABLE");
    assert_eq!(details["PackageDescription"], "words");
    assert_eq!(details["AvailablePackageVersion"], "v1");
    assert_eq!(text(&world, "logs", &id), None);
    let made = world.ok(&world.root(), "es:AssociatePackage", of(&id, "logs"));
    assert_eq!(made["DomainPackageDetails"]["DomainPackageStatus"], "ASSOCIATING");
    let reference = format!("analyzers/{id}");
    assert_eq!(made["DomainPackageDetails"]["ReferencePath"], reference);
    assert_eq!(text(&world, "logs", &id).as_deref(), Some("one"));
    assert_eq!(text(&world, "other", &id), None);
    let of_domain =
        world.ok(&world.root(), "es:ListPackagesForDomain", json!({"DomainName": "logs"}));
    let of_package =
        world.ok(&world.root(), "opensearch:ListDomainsForPackage", json!({"PackageID": id}));
    assert_eq!(of_domain, of_package);
    let one = &of_domain["DomainPackageDetailsList"][0];
    assert_eq!(
        (&one["DomainPackageStatus"], &one["PackageVersion"]),
        (&json!("ACTIVE"), &json!("v1"))
    );
    let none = world.ok(&world.root(), "es:ListPackagesForDomain", json!({"DomainName": "other"}));
    assert_eq!(none, json!({"DomainPackageDetailsList": []}));
}

#[test]
fn a_domain_keeps_its_version_until_it_is_associated_again() {
    let (world, objects) = world();
    domain(&world, "logs");
    let id = create(&world, "words", "words.txt");
    world.ok(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
    let again = world.refused(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
    assert!(again.contains("already associated with domain logs"), "{again}");
    put(&objects, "words.txt", "two");
    let update =
        json!({"PackageID": id, "PackageSource": source("words.txt"), "CommitMessage": "more"});
    world.ok(&world.root(), "opensearch:UpdatePackage", update);
    assert_eq!(text(&world, "logs", &id).as_deref(), Some("one"));
    let history = world.ok(&world.root(), "es:GetPackageVersionHistory", json!({"PackageID": id}));
    let told: Vec<_> = history["PackageVersionHistoryList"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&told[0]["PackageVersion"], &told[0]["CommitMessage"]),
        (&json!("v2"), &json!("more"))
    );
    assert_eq!(told.len(), 2);
    world.ok(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
    assert_eq!(text(&world, "logs", &id).as_deref(), Some("two"));
}

#[test]
fn a_file_that_cannot_be_used_makes_a_package_that_failed_and_cannot_be_associated() {
    let (world, objects) = world();
    domain(&world, "logs");
    objects.lock().unwrap().insert("latin1.txt".to_owned(), vec![0xe9]);
    put(&objects, "large.txt", &"x".repeat(PACKAGE_BYTES_MAX + 1));
    for (name, key, status, kind) in [
        ("missing", "none.txt", "COPY_FAILED", "S3ObjectNotAccessible"),
        ("latin", "latin1.txt", "VALIDATION_FAILED", "InvalidEncoding"),
        ("large", "large.txt", "VALIDATION_FAILED", "PackageTooLarge"),
    ] {
        let id = create(&world, name, key);
        let details = described(&world, &id);
        assert_eq!(
            (&details["PackageStatus"], &details["ErrorDetails"]["ErrorType"]),
            (&json!(status), &json!(kind))
        );
        let refused = world.refused(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
        assert!(refused.contains(status), "{refused}");
    }
    // An update that fails leaves domains what they have, and the next one mends the package.
    let id = create(&world, "words", "words.txt");
    world.ok(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
    let update = |key: &str| json!({"PackageID": id, "PackageSource": source(key)});
    world.ok(&world.root(), "opensearch:UpdatePackage", update("none.txt"));
    assert_eq!(described(&world, &id)["PackageStatus"], "COPY_FAILED");
    assert_eq!(text(&world, "logs", &id).as_deref(), Some("one"));
    world.ok(&world.root(), "opensearch:UpdatePackage", update("words.txt"));
    assert_eq!(described(&world, &id)["AvailablePackageVersion"], "v3");
}

#[test]
fn a_package_that_a_domain_uses_is_not_deleted() {
    let (world, _objects) = world();
    domain(&world, "logs");
    let id = create(&world, "words", "words.txt");
    world.ok(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
    let delete = || json!({"PackageID": id});
    let refused = world.refused(&world.root(), "opensearch:DeletePackage", delete());
    assert!(refused.contains("is associated with domain logs"), "{refused}");
    let gone = world.ok(&world.root(), "opensearch:DissociatePackage", of(&id, "logs"));
    assert_eq!(gone["DomainPackageDetails"]["DomainPackageStatus"], "DISSOCIATING");
    assert_eq!(text(&world, "logs", &id), None);
    let again = world.refused(&world.root(), "opensearch:DissociatePackage", of(&id, "logs"));
    assert!(again.contains("not associated"), "{again}");
    let deleted = world.ok(&world.root(), "es:DeletePackage", delete());
    assert_eq!(deleted["PackageDetails"]["PackageStatus"], "DELETING");
    let refused = world.refused(&world.root(), "es:DeletePackage", delete());
    assert!(refused.ends_with(&format!("Package not found: {id}")), "{refused}");
}

#[test]
fn a_domain_that_is_deleted_lets_go_of_its_packages() {
    let (world, _objects) = world();
    domain(&world, "logs");
    let id = create(&world, "words", "words.txt");
    world.ok(&world.root(), "opensearch:AssociatePackage", of(&id, "logs"));
    world.ok(&world.root(), "opensearch:DeleteDomain", json!({"DomainName": "logs"}));
    let listed = world.ok(&world.root(), "es:ListDomainsForPackage", json!({"PackageID": id}));
    assert_eq!(listed, json!({"DomainPackageDetailsList": []}));
    world.ok(&world.root(), "es:DeletePackage", json!({"PackageID": id}));
}

#[test]
fn several_packages_are_associated_at_once_or_none() {
    let (world, _objects) = world();
    domain(&world, "logs");
    let ids = [create(&world, "words", "words.txt"), create(&world, "more-words", "words.txt")];
    let listed = |ids: &[&str]| {
        let list: Vec<Value> = ids.iter().map(|id| json!({"PackageID": id})).collect();
        json!({"DomainName": "logs", "PackageList": list})
    };
    let with_stranger = listed(&[&ids[0], "F404"]);
    let refused = world.refused(&world.root(), "opensearch:AssociatePackages", with_stranger);
    assert!(refused.ends_with("Package not found: F404"), "{refused}");
    assert_eq!(text(&world, "logs", &ids[0]), None);
    let both = listed(&[&ids[0], &ids[1]]);
    let made = world.ok(&world.root(), "opensearch:AssociatePackages", both);
    assert_eq!(made["DomainPackageDetailsList"].as_array().unwrap().len(), 2);
    let input = json!({"DomainName": "logs", "PackageList": ids});
    world.ok(&world.root(), "opensearch:DissociatePackages", input);
    assert_eq!(text(&world, "logs", &ids[1]), None);
}

#[test]
fn packages_are_listed_page_by_page_and_by_filters() {
    let (world, _objects) = world();
    for number in 0..3 {
        create(&world, &format!("words-{number}"), "words.txt");
    }
    let listed = |input: Value| world.ok(&world.root(), "opensearch:DescribePackages", input);
    let first = listed(json!({"MaxResults": 2}));
    assert_eq!(first["PackageDetailsList"].as_array().unwrap().len(), 2);
    let second = listed(json!({"NextToken": first["NextToken"]}));
    assert_eq!(second["PackageDetailsList"].as_array().unwrap().len(), 1);
    let named = json!({"Filters": [{"Name": "PackageName", "Value": ["words-1", "nobody"]}]});
    assert_eq!(listed(named)["PackageDetailsList"][0]["PackageName"], "words-1");
    let failed = json!({"Filters": [{"Name": "PackageStatus", "Value": ["COPY_FAILED"]}]});
    assert_eq!(listed(failed), json!({"PackageDetailsList": []}));
}

#[test]
fn what_there_is_not_here_is_refused_by_name() {
    let (world, _objects) = world();
    create(&world, "words", "words.txt");
    let input = |name: &str, kind: &str| json!({"PackageName": name, "PackageType": kind, "PackageSource": source("words.txt")});
    let refused = |input: Value| world.refused(&world.root(), "opensearch:CreatePackage", input);
    let again = refused(input("words", "TXT-DICTIONARY"));
    assert!(again.starts_with("EntityAlreadyExists"), "{again}");
    let plugin = refused(input("plugin", "ZIP-PLUGIN"));
    assert!(plugin.contains("PackageType cannot be ZIP-PLUGIN"), "{plugin}");
    for (option, value) in [
        ("EngineVersion", json!("OpenSearch_2.19")),
        ("PackageVendingOptions", json!({"VendingEnabled": true})),
        ("PackageEncryptionOptions", json!({"EncryptionEnabled": true})),
        (
            "PackageConfiguration",
            json!({"LicenseRequirement": "NONE", "ConfigurationRequirement": "NONE"}),
        ),
    ] {
        let mut asking = input("more", "TXT-DICTIONARY");
        asking[option] = value;
        let told = refused(asking);
        assert!(told.contains(&format!("{option} cannot be set")), "{told}");
    }
    let elsewhere = World::new();
    let none = elsewhere.refused(
        &elsewhere.root(),
        "opensearch:CreatePackage",
        input("words", "TXT-DICTIONARY"),
    );
    assert!(none.contains("(packages.folder)"), "{none}");
}

#[test]
fn a_package_is_its_accounts_and_an_association_asks_about_the_domain() {
    let (world, _objects) = world();
    domain(&world, "logs");
    domain(&world, "other");
    let id = create(&world, "words", "words.txt");
    let arn = format!("arn:aws:es:{REGION}:{ACCOUNT}:domain/logs");
    let ann = world.user("ann", &[allow("es:AssociatePackage", &arn)]);
    world.ok(&ann, "opensearch:AssociatePackage", of(&id, "logs"));
    let refused = world.refused(&ann, "opensearch:AssociatePackage", of(&id, "other"));
    assert!(refused.starts_with("AccessDenied"), "{refused}");
}

#[test]
fn a_package_that_is_shared_is_used_by_the_other_account_until_it_is_shared_no_more() {
    let (world, _objects) = world();
    let id = create(&world, "words", "words.txt");
    let (key, secret) = world.control.ensure_root(OTHER_ACCOUNT, None, world.now).unwrap().unwrap();
    let other = Key { id: key, secret: secret.expose().to_owned(), token: None };
    world.ok(&other, "opensearch:CreateDomain", json!({"DomainName": "theirs"}));
    let missing = format!("NoSuchEntity: Package not found: {id}");
    let associate = || world.call(&other, "opensearch:AssociatePackage", of(&id, "theirs"));
    assert_eq!(associate().unwrap_err().to_string(), missing);
    let scope = |operation: &str, users: &[&str]| {
        let input = json!({"PackageID": id, "Operation": operation, "PackageUserList": users});
        world.ok(&world.root(), "opensearch:UpdatePackageScope", input)
    };
    let told = scope("ADD", &[OTHER_ACCOUNT]);
    assert_eq!(
        told,
        json!({"PackageID": id, "Operation": "ADD", "PackageUserList": [OTHER_ACCOUNT]})
    );
    associate().unwrap();
    let read = || {
        let directory = world.control.directory();
        directory.dictionary(OTHER_ACCOUNT, REGION, "theirs", &id).map(|text| text.to_string())
    };
    assert_eq!(read().as_deref(), Some("one"));
    let seen = world.ok(&other, "opensearch:DescribePackages", json!({}));
    let seen = &seen["PackageDetailsList"][0];
    assert_eq!(
        (&seen["PackageOwner"], &seen["AllowListedUserList"]),
        (&json!(ACCOUNT), &Value::Null)
    );
    let own = world.ok(&world.root(), "opensearch:DescribePackages", json!({}));
    assert_eq!(own["PackageDetailsList"][0]["AllowListedUserList"], json!([OTHER_ACCOUNT]));
    // Seen and used is not owned.
    for (operation, input) in [
        ("opensearch:DeletePackage", json!({"PackageID": id})),
        (
            "opensearch:UpdatePackage",
            json!({"PackageID": id, "PackageSource": source("words.txt")}),
        ),
        (
            "opensearch:UpdatePackageScope",
            json!({"PackageID": id, "Operation": "ADD", "PackageUserList": ["GLOBAL"]}),
        ),
    ] {
        assert_eq!(world.refused(&other, operation, input), missing, "{operation}");
    }
    scope("REMOVE", &[OTHER_ACCOUNT]);
    assert_eq!(read(), None);
    let none =
        world.ok(&other, "opensearch:ListPackagesForDomain", json!({"DomainName": "theirs"}));
    assert_eq!(none, json!({"DomainPackageDetailsList": []}));
    scope("OVERRIDE", &["GLOBAL"]);
    associate().unwrap();
    world.ok(&other, "opensearch:DeleteDomain", json!({"DomainName": "theirs"}));
    world.ok(&world.root(), "opensearch:DeletePackage", json!({"PackageID": id}));
}

#[test]
fn an_object_is_read_once_and_not_while_the_store_is_held() {
    let (one, other) = crate::store::two(&crate::databases::Database::file("package-object"));
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    // Whoever reads it changes the store meanwhile: the creation is decided again.
    let reader = PackageReader::new(move |_, _| {
        let read = counted.fetch_add(1, Ordering::Relaxed);
        crate::store::create(&other, &format!("user{read}"));
        Ok(b"one".to_vec())
    });
    let settings = ControlSettings { packages: Some(reader), ..ControlSettings::default() };
    one.control.set_settings(settings, one.now).unwrap();
    let id = create(&one, "words", "words.txt");
    assert_eq!(described(&one, &id)["PackageStatus"], "AVAILABLE");
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[test]
fn a_package_of_ones_own_comes_before_a_shared_one_with_its_id() {
    let (world, _objects) = world();
    let id = create(&world, "words", "words.txt");
    let share = json!({"PackageID": id, "Operation": "ADD", "PackageUserList": ["GLOBAL"]});
    world.ok(&world.root(), "opensearch:UpdatePackageScope", share);
    let clone = world.control.plan_clone(ACCOUNT, world.now).unwrap();
    world.control.add_clone(&clone, world.now).unwrap();
    let root = clone.keys.iter().find(|key| key.user.is_none()).unwrap();
    let copy = Key { id: root.id.clone(), secret: root.secret.expose().to_owned(), token: None };
    let update = json!({"PackageID": id, "PackageSource": source("words.txt")});
    world.ok(&world.root(), "opensearch:UpdatePackage", update);
    let versions = |key: &Key| {
        let told = world.ok(key, "opensearch:GetPackageVersionHistory", json!({"PackageID": id}));
        told["PackageVersionHistoryList"].as_array().unwrap().len()
    };
    assert_eq!((versions(&world.root()), versions(&copy)), (2, 1));
}
