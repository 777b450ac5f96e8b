//! Managed policies and their versions: `CreatePolicy`, `GetPolicy`, `ListPolicies`, `DeletePolicy`, `CreatePolicyVersion`,
//! `GetPolicyVersion`, `ListPolicyVersions`, `SetDefaultPolicyVersion`, `DeletePolicyVersion`, `ListEntitiesForPolicy`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page::{cut, finish, page};
use super::tags::Tagged;
use super::{limit_exceeded, nothing, path_or_root, tags_value, url_encoded};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{MANAGED_POLICY_CHARS_MAX, POLICIES_MAX, POLICY_VERSIONS_MAX};
use crate::managed;
use crate::policies::{check_managed, size_without_space};
use crate::request::OperationRequest;
use crate::store::record::{
    ManagedPolicy, Permissions, PolicyVersion, Record, RecordKind, Tags, entity_key,
};
use crate::tags::{TagInput, read_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatePolicy {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn create_policy(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: CreatePolicy = request.input()?;
    let account = request.account();
    if request.directory.policy_named(account, &input.policy_name).is_some() {
        let text = format!(
            "A policy called {} already exists. Duplicate names are not allowed.",
            input.policy_name
        );
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    if request.directory.policies(&format!("{account}/")).count() >= POLICIES_MAX {
        return Err(limit_exceeded("PoliciesPerAccount", POLICIES_MAX));
    }
    check_document(&input.policy_document)?;
    let version = PolicyVersion {
        id: "v1".to_owned(),
        document: input.policy_document,
        created: request.now_seconds(),
    };
    let policy = ManagedPolicy {
        account: account.to_owned(),
        name: input.policy_name,
        path: path_or_root(input.path),
        id: request.mint_id("ANPA", 21)?,
        created: request.now_seconds(),
        updated: request.now_seconds(),
        description: input.description,
        default_version: version.id.clone(),
        versions: vec![version],
        next_version: 2,
        tags: read_tags(input.tags)?,
    };
    let mut shown = policy_value(request.directory, request.account(), &policy);
    if let Some(object) = shown.as_object_mut().filter(|_| !policy.tags.is_empty()) {
        object.insert("Tags".to_owned(), tags_value(&policy.tags));
    }
    let output = json!({ "Policy": shown });
    change.put(Record::ManagedPolicy(policy));
    Ok(output)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedPolicyInput {
    policy_arn: String,
    policy_document: Option<String>,
    #[serde(default)]
    set_as_default: bool,
    version_id: Option<String>,
}

pub(crate) fn get_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let policy = find(request.directory, request.account(), &input.policy_arn)?;
    let mut value = policy_value(request.directory, request.account(), policy);
    if let Some(object) = value.as_object_mut() {
        object.insert("Description".to_owned(), json!(policy.description));
        object.insert("Tags".to_owned(), tags_value(&policy.tags));
    }
    Ok(json!({"Policy": value}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPolicies {
    scope: Option<String>,
    #[serde(default)]
    only_attached: bool,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
}

pub(crate) fn list_policies(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ListPolicies = request.input()?;
    let prefix = format!("{}/", request.account());
    let scope = input.scope.as_deref().unwrap_or("All");
    let own = request.directory.policies(&prefix).filter(|_| scope != "AWS").map(AsRef::as_ref);
    let amazons = managed::all().filter(|_| scope != "Local").map(AsRef::as_ref);
    let under = input.path_prefix.as_deref().unwrap_or("/");
    let boundary_only = input.policy_usage_filter.as_deref() == Some("PermissionsBoundary");
    let mut listed: Vec<(String, Value)> = amazons
        .chain(own)
        .filter(|policy| policy.path.starts_with(under))
        .filter(|policy| {
            let uses = PolicyUses::of(request.directory, request.account(), &policy.arn());
            let wanted = if boundary_only { uses.boundaries > 0 } else { true };
            wanted && (!input.only_attached || uses.attachments > 0)
        })
        .map(|policy| (policy.arn(), policy_value(request.directory, request.account(), policy)))
        .collect();
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    page(request, "Policies", listed.into_iter())
}

pub(crate) fn delete_policy(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let policy = find_own(request.directory, request.account(), &input.policy_arn)?;
    let conflict = |text: &str| ApiError::new(ErrorCode::DeleteConflict, text);
    let uses = PolicyUses::of(request.directory, request.account(), &input.policy_arn);
    if uses.attachments + uses.boundaries > 0 {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        let text = "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
        return Err(conflict(text));
    }
    change.delete(RecordKind::ManagedPolicy, entity_key(&policy.account, &policy.name));
    Ok(nothing())
}

pub(crate) fn create_policy_version(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let mut policy =
        find_own(request.directory, request.account(), &input.policy_arn)?.record.clone();
    if policy.versions.len() >= POLICY_VERSIONS_MAX {
        let text = format!(
            "A managed policy can have up to {POLICY_VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version."
        );
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    let document = input.policy_document.unwrap_or_default();
    check_document(&document)?;
    let version = PolicyVersion {
        id: format!("v{}", policy.next_version),
        document,
        created: request.now_seconds(),
    };
    policy.next_version += 1;
    if input.set_as_default {
        policy.default_version.clone_from(&version.id);
        policy.updated = request.now_seconds();
    }
    policy.versions.push(version.clone());
    let output = json!({"PolicyVersion": version_value(&policy, &version, false)});
    change.put(Record::ManagedPolicy(policy));
    Ok(output)
}

pub(crate) fn get_policy_version(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let policy = find(request.directory, request.account(), &input.policy_arn)?;
    let version = find_version(policy, &input.version_id.unwrap_or_default())?;
    Ok(json!({"PolicyVersion": version_value(policy, version, true)}))
}

pub(crate) fn list_policy_versions(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let policy = find(request.directory, request.account(), &input.policy_arn)?;
    // Newest first, as iam lists them; the sort key counts down.
    let versions = policy.versions.iter().rev().enumerate();
    page(
        request,
        "Versions",
        versions.map(|(n, version)| (format!("{n:05}"), version_value(policy, version, false))),
    )
}

pub(crate) fn set_default_policy_version(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let mut policy =
        find_own(request.directory, request.account(), &input.policy_arn)?.record.clone();
    let id = find_version(&policy, &input.version_id.unwrap_or_default())?.id.clone();
    policy.default_version = id;
    policy.updated = request.now_seconds();
    change.put(Record::ManagedPolicy(policy));
    Ok(nothing())
}

pub(crate) fn delete_policy_version(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ManagedPolicyInput = request.input()?;
    let mut policy =
        find_own(request.directory, request.account(), &input.policy_arn)?.record.clone();
    let id = find_version(&policy, &input.version_id.unwrap_or_default())?.id.clone();
    if id == policy.default_version {
        let text = "Cannot delete the default version of a policy.";
        return Err(ApiError::new(ErrorCode::DeleteConflict, text));
    }
    policy.versions.retain(|version| version.id != id);
    change.put(Record::ManagedPolicy(policy));
    Ok(nothing())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListEntities {
    policy_arn: String,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
}

pub(crate) fn list_entities_for_policy(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ListEntities = request.input()?;
    let (directory, account) = (request.directory, request.account());
    find(directory, account, &input.policy_arn)?;
    let prefix = format!("{account}/");
    let boundary_only = input.policy_usage_filter.as_deref() == Some("PermissionsBoundary");
    let uses = |permissions: &Permissions| {
        let boundary = permissions.boundary.as_ref() == Some(&input.policy_arn);
        boundary || !boundary_only && permissions.attached.contains(&input.policy_arn)
    };
    let under = input.path_prefix.as_deref().unwrap_or("/");
    // The filter may name a kind of policy, too: then everybody who has it is listed, or nobody.
    let policy_kind = match input.policy_arn.starts_with("arn:aws:iam::aws:") {
        true => "AWSManagedPolicy",
        false => "LocalManagedPolicy",
    };
    let filter = input.entity_filter.as_deref().filter(|filter| *filter != policy_kind);
    let wanted = |kind: &str| filter.is_none_or(|filter| filter == kind);
    // Groups before users before roles, also over pages: the sort key begins with their place.
    let entity = |(place, kind): (u8, &str), name: &str, id: &str, path: &str, permissions: &_| {
        let listed = wanted(kind) && uses(permissions) && path.starts_with(under);
        let value = || json!({ format!("{kind}Name"): name, format!("{kind}Id"): id });
        listed.then(|| (format!("{place}{}", name.to_lowercase()), value()))
    };
    let groups = directory.groups(&prefix);
    let groups =
        groups.filter_map(|g| entity((1, "Group"), &g.name, &g.id, &g.path, &g.permissions));
    let users = directory.users(&prefix);
    let users = users.filter_map(|u| entity((2, "User"), &u.name, &u.id, &u.path, &u.permissions));
    let roles = directory.roles(&prefix);
    let roles = roles.filter_map(|r| entity((3, "Role"), &r.name, &r.id, &r.path, &r.permissions));
    let (listed, next) = cut(request, groups.chain(users).chain(roles))?;
    let of = |member: &str| {
        listed.iter().filter(|item| item.get(member).is_some()).cloned().collect::<Value>()
    };
    let mut output = Map::new();
    output.insert("PolicyGroups".to_owned(), of("GroupName"));
    output.insert("PolicyUsers".to_owned(), of("UserName"));
    output.insert("PolicyRoles".to_owned(), of("RoleName"));
    finish(output, next)
}

/// How often a policy is attached, and used as a boundary, in one account.
struct PolicyUses {
    attachments: usize,
    boundaries: usize,
}

impl PolicyUses {
    fn of(directory: &Directory, account: &str, arn: &str) -> PolicyUses {
        let prefix = format!("{account}/");
        let users = directory.users(&prefix).map(|entry| &entry.permissions);
        let groups = directory.groups(&prefix).map(|entry| &entry.permissions);
        let roles = directory.roles(&prefix).map(|entry| &entry.permissions);
        let mut uses = PolicyUses { attachments: 0, boundaries: 0 };
        for permissions in users.chain(groups).chain(roles) {
            uses.attachments +=
                usize::from(permissions.attached.iter().any(|attached| attached == arn));
            uses.boundaries += usize::from(permissions.boundary.as_deref() == Some(arn));
        }
        uses
    }
}

/// The policy of this ARN, Amazon's own included, or iam's `NoSuchEntity`.
pub(crate) fn find<'d>(
    directory: &'d Directory,
    account: &str,
    arn: &str,
) -> Result<&'d CompiledRecord<ManagedPolicy>, ApiError> {
    let found = directory.managed_policy_for(account, arn);
    let missing = || ApiError::new(ErrorCode::NoSuchEntity, format!("Policy {arn} was not found."));
    found.map(AsRef::as_ref).ok_or_else(missing)
}

impl Tagged for ManagedPolicy {
    fn meant_by(request: &OperationRequest<'_>) -> Result<ManagedPolicy, ApiError> {
        let named = request.text("PolicyArn").unwrap_or_default();
        find_own(request.directory, request.account(), named).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// As [`find`], refusing Amazon's own: nobody changes those.
pub(crate) fn find_own<'d>(
    directory: &'d Directory,
    account: &str,
    arn: &str,
) -> Result<&'d CompiledRecord<ManagedPolicy>, ApiError> {
    let policy = find(directory, account, arn)?;
    if policy.account == "aws" {
        return Err(ApiError::new(
            ErrorCode::AccessDenied,
            format!("Cannot perform the operation on the AWS managed policy {arn}."),
        ));
    }
    Ok(policy)
}

fn find_version<'p>(policy: &'p ManagedPolicy, id: &str) -> Result<&'p PolicyVersion, ApiError> {
    policy.versions.iter().find(|version| version.id == id).ok_or_else(|| {
        let text =
            format!("Policy {} version {id} does not exist or is not attachable.", policy.arn());
        ApiError::new(ErrorCode::NoSuchEntity, text)
    })
}

fn check_document(document: &str) -> Result<(), ApiError> {
    check_managed(document)?;
    if size_without_space(document) > MANAGED_POLICY_CHARS_MAX {
        return Err(limit_exceeded("PolicySize", MANAGED_POLICY_CHARS_MAX));
    }
    Ok(())
}

/// A policy as listings show it: without its text, description or tags. Amazon's own are counted where they are attached in this account.
pub(crate) fn policy_value(directory: &Directory, account: &str, policy: &ManagedPolicy) -> Value {
    let uses = PolicyUses::of(directory, account, &policy.arn());
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn(),
        "Path": policy.path,
        "DefaultVersionId": policy.default_version,
        "AttachmentCount": uses.attachments,
        "PermissionsBoundaryUsageCount": uses.boundaries,
        "IsAttachable": true,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    })
}

/// A version, with its text if asked for.
pub(crate) fn version_value(
    policy: &ManagedPolicy,
    version: &PolicyVersion,
    with_text: bool,
) -> Value {
    json!({
        "Document": with_text.then(|| url_encoded(&version.document)),
        "VersionId": version.id,
        "IsDefaultVersion": version.id == policy.default_version,
        "CreateDate": version.created,
    })
}
