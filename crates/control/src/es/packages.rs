//! Packages: dictionaries that domains use in their analyzers as `analyzers/F…`. A package is a copy of a file: what becomes of
//! the file afterwards changes nothing until `UpdatePackage`, and a domain keeps its version until it is associated again.
//!
//! Source: docs.aws.amazon.com, "Importing and managing packages in Amazon OpenSearch Service".

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find;
use super::page::page;
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{
    PACKAGE_BYTES_MAX, PACKAGE_USERS_MAX, PACKAGE_VERSIONS_TOLD_MAX, PACKAGES_MAX,
};
use crate::request::OperationRequest;
use crate::store::package::{
    Package, PackageAssociation, PackageFault, PackageVersion, package_key,
};
use crate::store::record::{Record, RecordKind};

/// The one kind that there is here.
const DICTIONARY: &str = "TXT-DICTIONARY";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageSource {
    #[serde(rename = "S3BucketName")]
    bucket: Option<String>,
    #[serde(rename = "S3Key")]
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatePackage {
    package_name: String,
    package_type: String,
    package_description: Option<String>,
    package_source: PackageSource,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdatePackage {
    #[serde(rename = "PackageID")]
    id: String,
    package_description: Option<String>,
    package_source: PackageSource,
    commit_message: Option<String>,
}

pub(crate) fn create_package(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreatePackage = request.input()?;
    if input.package_type != DICTIONARY {
        return refuse(format!(
            "PackageType cannot be {}: the engine loads no plugins",
            input.package_type
        ));
    }
    refuse_options(request.input)?;
    let own = || request.directory.packages(request.account(), request.region);
    if own().any(|package| package.name == input.package_name) {
        let text = format!("Package with name {} already exists", input.package_name);
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if own().count() >= PACKAGES_MAX {
        let text = format!("You have reached the limit of {PACKAGES_MAX} packages");
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    let mut package = Package {
        account: request.account().to_owned(),
        region: request.region.to_owned(),
        id: new_id(request)?,
        name: input.package_name,
        description: input.package_description,
        created: request.now_seconds(),
        updated: request.now_seconds(),
        versions: Vec::new(),
        associations: Vec::new(),
        users: BTreeSet::new(),
    };
    take_version(request, &mut package, &input.package_source, None)?;
    let output = json!({"PackageDetails": details(request, &package, Some("COPYING"))});
    change.put(Record::Package(package));
    Ok(output)
}

pub(crate) fn update_package(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: UpdatePackage = request.input()?;
    refuse_options(request.input)?;
    let mut package = package(request, &input.id)?.record.clone();
    if let Some(description) = input.package_description {
        package.description = Some(description);
    }
    package.updated = request.now_seconds();
    take_version(request, &mut package, &input.package_source, input.commit_message)?;
    let output = json!({"PackageDetails": details(request, &package, Some("COPYING"))});
    change.put(Record::Package(package));
    Ok(output)
}

pub(crate) fn delete_package(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let package = package(request, request.text("PackageID").unwrap_or_default())?;
    if let Some(first) = package.associations.first() {
        let text = format!(
            "Package {} is associated with domain {}: dissociate it first",
            package.id, first.domain
        );
        return Err(ApiError::new(ErrorCode::Conflict, text));
    }
    change.delete(RecordKind::Package, package_key(&package.account, &package.region, &package.id));
    Ok(json!({"PackageDetails": details(request, package, Some("DELETING"))}))
}

pub(crate) fn describe_packages(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let filters = request.input.get("Filters").and_then(Value::as_array).into_iter().flatten();
    let filters: Vec<(&str, Vec<&str>)> = filters
        .map(|filter| {
            let values = filter.get("Value").and_then(Value::as_array).into_iter().flatten();
            let name = filter.get("Name").and_then(Value::as_str).unwrap_or_default();
            (name, values.filter_map(Value::as_str).collect())
        })
        .collect();
    let wanted = |package: &&Arc<CompiledRecord<Package>>| {
        filters.iter().all(|(name, values)| {
            let is = match *name {
                "PackageID" => package.id.as_str(),
                "PackageName" => package.name.as_str(),
                "PackageStatus" => package.status(),
                "PackageType" => DICTIONARY,
                "PackageOwner" => package.account.as_str(),
                // Dictionaries are of no version of an engine.
                _ => "",
            };
            values.contains(&is)
        })
    };
    let visible = request.directory.packages_in(request.region);
    let visible = visible.filter(|package| package.is_for(request.account()));
    let listed = visible.filter(wanted).map(|package| details(request, package, None)).collect();
    page(request, "PackageDetailsList", listed)
}

pub(crate) fn version_history(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let package = visible(request, request.text("PackageID").unwrap_or_default())?;
    let told = |version: &PackageVersion| {
        json!({
            "PackageVersion": version.name(),
            "CommitMessage": version.commit_message,
            "CreatedAt": version.created,
        })
    };
    let listed = package.versions.iter().rev().map(told).collect();
    let mut output = page(request, "PackageVersionHistoryList", listed)?;
    if let Some(object) = output.as_object_mut() {
        object.insert("PackageID".to_owned(), json!(package.id));
    }
    Ok(output)
}

pub(crate) fn domains_for_package(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let package = visible(request, request.text("PackageID").unwrap_or_default())?;
    // Its owner sees them all; others see their own.
    let seen = |one: &&PackageAssociation| {
        [package.account.as_str(), package.user(one)].contains(&request.account())
    };
    let listed = package.associations.iter().filter(seen);
    let listed = listed.map(|one| association(package, one, None)).collect();
    page(request, "DomainPackageDetailsList", listed)
}

pub(crate) fn packages_for_domain(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    let all = request.directory.packages_in(&domain.region);
    let of_domain = all.filter_map(|package| {
        Some(association(package, package.association(&domain.account, &domain.name)?, None))
    });
    page(request, "DomainPackageDetailsList", of_domain.collect())
}

pub(crate) fn associate_package(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let id = request.text("PackageID").unwrap_or_default();
    let (package, shown) = associated(request, id, request.input)?;
    change.put(Record::Package(package));
    Ok(json!({"DomainPackageDetails": shown}))
}

/// All or none.
pub(crate) fn associate_packages(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let listed = request.input.get("PackageList").and_then(Value::as_array).into_iter().flatten();
    let mut shown = Vec::new();
    for one in listed {
        let id = one.get("PackageID").and_then(Value::as_str).unwrap_or_default();
        let (package, details) = associated(request, id, one)?;
        change.put(Record::Package(package));
        shown.push(details);
    }
    Ok(json!({"DomainPackageDetailsList": shown}))
}

pub(crate) fn dissociate_package(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let id = request.text("PackageID").unwrap_or_default();
    let (package, shown) = dissociated(request, id)?;
    change.put(Record::Package(package));
    Ok(json!({"DomainPackageDetails": shown}))
}

/// All or none.
pub(crate) fn dissociate_packages(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let ids = request.input.get("PackageList").and_then(Value::as_array).into_iter().flatten();
    let mut shown = Vec::new();
    for id in ids.filter_map(Value::as_str) {
        let (package, details) = dissociated(request, id)?;
        change.put(Record::Package(package));
        shown.push(details);
    }
    Ok(json!({"DomainPackageDetailsList": shown}))
}

/// A domain that is deleted has no packages any more.
pub(super) fn let_go(request: &OperationRequest<'_>, domain: &str, change: &mut Change) {
    for package in request.directory.packages_in(request.region) {
        if package.association(request.account(), domain).is_some() {
            let kept = |one: &PackageAssociation| {
                one.domain != domain || package.user(one) != request.account()
            };
            change.put(Record::Package(with_associations(package, kept)));
        }
    }
}

/// `UpdatePackageScope`: who may see the package and use it beside its own account. Whoever may not any more uses it no more.
pub(crate) fn update_scope(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let id = request.text("PackageID").unwrap_or_default();
    let before = package(request, id)?;
    let named = request.input.get("PackageUserList").and_then(Value::as_array);
    let named = named.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let mut users = before.users.clone();
    match request.text("Operation").unwrap_or_default() {
        "OVERRIDE" => users = named.collect(),
        "REMOVE" => users.retain(|user| !named.clone().any(|one| one == *user)),
        _ => users.extend(named),
    }
    if users.len() > PACKAGE_USERS_MAX {
        return refuse(format!(
            "A package can be shared with at most {PACKAGE_USERS_MAX} accounts"
        ));
    }
    let shared = Package { users, ..before.record.clone() };
    let after = with_associations(&shared, |one| shared.is_for(shared.user(one)));
    change.put(Record::Package(after));
    let told = |member: &str| request.input.get(member).cloned();
    Ok(
        json!({"PackageID": id, "Operation": told("Operation"), "PackageUserList": told("PackageUserList")}),
    )
}

/// The package with those of its associations that are `kept`.
fn with_associations(package: &Package, kept: impl Fn(&PackageAssociation) -> bool) -> Package {
    let mut after = package.clone();
    after.associations.retain(kept);
    after.forget_unused();
    after
}

impl Directory {
    /// The text that a domain reads as `analyzers/ID`.
    pub fn dictionary(
        &self,
        account: &str,
        region: &str,
        domain: &str,
        id: &str,
    ) -> Option<Arc<str>> {
        let mut known = self.packages_in(region).filter(|package| package.id == id);
        let used = |package: &'_ Arc<CompiledRecord<Package>>| {
            Some((Arc::clone(package), package.association(account, domain)?.version))
        };
        let (package, number) = known.find_map(used)?;
        let version = package.versions.iter().find(|version| version.number == number)?;
        version.text.clone()
    }
}

/// The package with its newest version in the place of the domain's.
fn associated(
    request: &OperationRequest<'_>,
    id: &str,
    options: &Value,
) -> Result<(Package, Value), ApiError> {
    for name in ["PrerequisitePackageIDList", "AssociationConfiguration"] {
        let asked = options.get(name).filter(|value| value.as_array() != Some(&Vec::new()));
        if asked.is_some() {
            return refuse(format!("{name} cannot be set: a dictionary needs nothing else"));
        }
    }
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    let mut package = visible(request, id)?.record.clone();
    if package.status() != "AVAILABLE" {
        let text = format!("Package {id} is not available: its status is {}", package.status());
        return Err(ApiError::new(ErrorCode::Conflict, text));
    }
    let newest = package.versions.last().map_or(1, |version| version.number);
    let owner = (package.account != domain.account).then(|| domain.account.clone());
    let is = |one: &PackageAssociation| one.domain == domain.name && one.account == owner;
    let known = package.associations.iter_mut().find(|one| is(one));
    match known {
        Some(known) if known.version == newest => {
            let text = format!("Package {id} is already associated with domain {}", domain.name);
            return Err(ApiError::new(ErrorCode::Conflict, text));
        }
        Some(known) => (known.version, known.updated) = (newest, request.now_seconds()),
        None => package.associations.push(PackageAssociation {
            domain: domain.name.clone(),
            account: owner.clone(),
            version: newest,
            updated: request.now_seconds(),
        }),
    }
    package.forget_unused();
    let one = package.association(&domain.account, &domain.name);
    let shown = one.map(|one| association(&package, one, Some("ASSOCIATING")));
    let shown = shown.unwrap_or_default();
    Ok((package, shown))
}

fn dissociated(request: &OperationRequest<'_>, id: &str) -> Result<(Package, Value), ApiError> {
    let domain = find(request, request.text("DomainName").unwrap_or_default())?;
    let package = visible(request, id)?;
    let Some(one) = package.association(&domain.account, &domain.name) else {
        let text = format!("Package {id} is not associated with domain {}", domain.name);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    };
    let shown = association(package, one, Some("DISSOCIATING"));
    Ok((with_associations(package, |other| other != one), shown))
}

/// Copies the source into the package's next version. A file that cannot be used makes a version that failed, as at Amazon.
fn take_version(
    request: &OperationRequest<'_>,
    package: &mut Package,
    source: &PackageSource,
    commit_message: Option<String>,
) -> Result<(), ApiError> {
    let Some(reader) = &request.settings.packages else {
        return refuse(
            "PackageSource cannot be read: the operator has configured no folder in place of S3 (packages.folder)"
                .to_owned(),
        );
    };
    let (Some(bucket), Some(key)) = (&source.bucket, &source.key) else {
        return refuse("PackageSource needs S3BucketName and S3Key".to_owned());
    };
    let failed = |status: &str, kind: &str, message: String| {
        let (status, kind) = (status.to_owned(), kind.to_owned());
        (None, Some(PackageFault { status, kind, message }))
    };
    let object = request.package_object.get_or_init(|| reader.read(bucket, key));
    let (text, fault) = match object.clone() {
        Err(why) => failed("COPY_FAILED", "S3ObjectNotAccessible", why),
        Ok(bytes) if bytes.len() > PACKAGE_BYTES_MAX => failed(
            "VALIDATION_FAILED",
            "PackageTooLarge",
            format!("a dictionary has at most {PACKAGE_BYTES_MAX} bytes"),
        ),
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (Some(Arc::from(text)), None),
            Err(_) => {
                let why = "the dictionary is not encoded in UTF-8".to_owned();
                failed("VALIDATION_FAILED", "InvalidEncoding", why)
            }
        },
    };
    let number = package.versions.last().map_or(1, |version| version.number + 1);
    let created = request.now_seconds();
    package.versions.push(PackageVersion { number, created, commit_message, text, fault });
    package.forget_unused();
    let more = package.versions.len().saturating_sub(PACKAGE_VERSIONS_TOLD_MAX);
    let in_use = |version: &PackageVersion| version.text.is_some();
    let mut dropped = 0;
    package.versions.retain(|version| {
        let drop = dropped < more && !in_use(version);
        dropped += usize::from(drop);
        !drop
    });
    Ok(())
}

/// What belongs to plugins, and keys that are Amazon's.
fn refuse_options(input: &Value) -> Result<(), ApiError> {
    const WHY: &[(&str, &str)] = &[
        ("EngineVersion", "a dictionary does not depend on an engine version"),
        ("PackageConfiguration", "a dictionary needs nothing else"),
        ("PackageVendingOptions", "a dictionary is shared by UpdatePackageScope"),
        ("PackageEncryptionOptions", "the key is that of the operator's storage"),
    ];
    let asked = |name: &str| {
        let off = json!({"VendingEnabled": false});
        input.get(name).is_some_and(|value| *value != off && *value != json!({}))
    };
    match WHY.iter().find(|(name, _)| asked(name)) {
        Some((name, why)) => refuse(format!("{name} cannot be set: {why}")),
        None => Ok(()),
    }
}

fn package<'d>(
    request: &OperationRequest<'d>,
    id: &str,
) -> Result<&'d CompiledRecord<Package>, ApiError> {
    let found = request.directory.package(request.account(), request.region, id);
    let missing = || ApiError::new(ErrorCode::NoSuchEntity, format!("Package not found: {id}"));
    found.map(AsRef::as_ref).ok_or_else(missing)
}

/// A package that is the caller's or shared with it.
fn visible<'d>(
    request: &OperationRequest<'d>,
    id: &str,
) -> Result<&'d CompiledRecord<Package>, ApiError> {
    package(request, id).or_else(|missing| {
        let mut known = request.directory.packages_in(request.region);
        let shared = known.find(|package| package.id == id && package.is_for(request.account()));
        shared.map(AsRef::as_ref).ok_or(missing)
    })
}

/// `F` and digits, as the model wants it; no other package of the region has it.
fn new_id(request: &OperationRequest<'_>) -> Result<String, ApiError> {
    loop {
        let mut bytes = [0; 4];
        request
            .mint
            .fill(&mut bytes)
            .map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?;
        let id = format!("F{:010}", u32::from_be_bytes(bytes));
        if request.directory.packages_in(request.region).all(|package| package.id != id) {
            return Ok(id);
        }
    }
}

/// `PackageDetails`; `on_its_way` is the status of what was just asked for.
fn details(request: &OperationRequest<'_>, package: &Package, on_its_way: Option<&str>) -> Value {
    let newest = package.versions.last();
    let mut details = json!({
        "PackageID": package.id,
        "PackageName": package.name,
        "PackageType": DICTIONARY,
        "PackageDescription": package.description,
        "PackageStatus": on_its_way.unwrap_or_else(|| package.status()),
        "CreatedAt": package.created,
        "LastUpdatedAt": package.updated,
        "AvailablePackageVersion": package.available().map(PackageVersion::name),
        "PackageOwner": package.account,
    });
    if !package.users.is_empty()
        && package.account == request.account()
        && let Some(object) = details.as_object_mut()
    {
        object.insert("AllowListedUserList".to_owned(), json!(package.users));
    }
    let fault = newest.and_then(|version| version.fault.as_ref()).filter(|_| on_its_way.is_none());
    if let (Some(fault), Some(object)) = (fault, details.as_object_mut()) {
        let told = json!({"ErrorType": fault.kind, "ErrorMessage": fault.message});
        object.insert("ErrorDetails".to_owned(), told);
    }
    details
}

/// `DomainPackageDetails`.
fn association(package: &Package, one: &PackageAssociation, on_its_way: Option<&str>) -> Value {
    json!({
        "PackageID": package.id,
        "PackageName": package.name,
        "PackageType": DICTIONARY,
        "LastUpdated": one.updated,
        "DomainName": one.domain,
        "DomainPackageStatus": on_its_way.unwrap_or("ACTIVE"),
        "PackageVersion": format!("v{}", one.version),
        "ReferencePath": format!("analyzers/{}", package.id),
    })
}

fn refuse<T>(text: String) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}
