//! The account as a whole: its alias, `GetAccountSummary`, `GetAccountAuthorizationDetails`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page::{cut, finish, page};
use super::{
    groups, instance_profiles, managed_policies, nothing, roles, tags_value, url_encoded, users,
};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits;
use crate::managed;
use crate::request::OperationRequest;
use crate::store::record::{Account, KeyOwner, Permissions, Record};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AliasInput {
    account_alias: String,
}

pub(crate) fn create_alias(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AliasInput = request.input()?;
    let alias = input.account_alias;
    if request
        .directory
        .accounts()
        .any(|account| account.alias.as_ref() == Some(&alias) && account.id != request.account())
    {
        let text = format!("The account alias {alias} already exists.");
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    set_alias(request, Some(alias), change)
}

pub(crate) fn delete_alias(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AliasInput = request.input()?;
    let current =
        request.directory.account(request.account()).and_then(|account| account.alias.clone());
    if current.as_ref() != Some(&input.account_alias) {
        let text = format!("The account alias {} was not found.", input.account_alias);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    set_alias(request, None, change)
}

fn set_alias(
    request: &OperationRequest<'_>,
    alias: Option<String>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    change.put(Record::Account(Account { alias, ..own(request)?.clone() }));
    Ok(nothing())
}

fn own<'d>(request: &OperationRequest<'d>) -> Result<&'d Account, ApiError> {
    let found = request.directory.account(&request.caller.account).map(|entry| &entry.record);
    found.ok_or_else(|| ApiError::new(ErrorCode::Internal, "the caller's account no longer exists"))
}

/// `SetSecurityTokenServicePreferences`: kept, and shown in the summary; every token is valid in every region here.
pub(crate) fn set_token_preferences(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let second_tokens = request.text("GlobalEndpointTokenVersion") == Some("v2Token");
    change.put(Record::Account(Account { second_tokens, ..own(request)?.clone() }));
    Ok(nothing())
}

pub(crate) fn list_aliases(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let alias =
        request.directory.account(request.account()).and_then(|account| account.alias.clone());
    page(
        request,
        "AccountAliases",
        alias.into_iter().map(|alias| (alias.clone(), Value::String(alias))),
    )
}

/// Every member of Amazon's answer; what is not here at all is counted as none.
pub(crate) fn get_account_summary(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let directory = request.directory;
    let prefix = format!("{}/", request.account());
    let root_keys = directory.access_keys().filter(|key| key.account == request.account());
    let root_keys = root_keys.filter(|key| key.owner == KeyOwner::Root).count();
    let devices = || directory.mfa_devices().filter(|device| device.account == request.account());
    let versions: usize = directory.policies(&prefix).map(|policy| policy.versions.len()).sum();
    let mut summary = json!({
        "Users": directory.users(&prefix).count(),
        "Groups": directory.groups(&prefix).count(),
        "Roles": directory.roles(&prefix).count(),
        "Policies": directory.policies(&prefix).count(),
        "PolicyVersionsInUse": versions,
        "InstanceProfiles": directory.profiles(&prefix).count(),
        "Providers": directory.oidc_providers(&prefix).count() + directory.saml_providers(&prefix).count(),
        "ServerCertificates": directory.server_certificates(&prefix).count(),
        "MFADevices": devices().count(),
        "MFADevicesInUse": devices().filter(|device| device.user.is_some()).count(),
        "AccountAccessKeysPresent": usize::from(root_keys > 0),
        "AccountMFAEnabled": 0,
        "AccountPasswordPresent": 0,
        "AccountSigningCertificatesPresent": 0,
        "GlobalEndpointTokenVersion": if own(request)?.second_tokens { 2 } else { 1 },
    });
    if let Some(object) = summary.as_object_mut() {
        object.extend(quotas().map(|(name, most)| (name.to_owned(), json!(most))));
    }
    Ok(json!({ "SummaryMap": summary }))
}

fn quotas() -> impl Iterator<Item = (&'static str, usize)> {
    [
        ("UsersQuota", limits::USERS_MAX),
        ("GroupsQuota", limits::GROUPS_MAX),
        ("RolesQuota", limits::ROLES_MAX),
        ("PoliciesQuota", limits::POLICIES_MAX),
        ("PolicyVersionsInUseQuota", limits::POLICIES_MAX * limits::POLICY_VERSIONS_MAX),
        ("VersionsPerPolicyQuota", limits::POLICY_VERSIONS_MAX),
        ("PolicySizeQuota", limits::MANAGED_POLICY_CHARS_MAX),
        ("InstanceProfilesQuota", limits::INSTANCE_PROFILES_MAX),
        ("ServerCertificatesQuota", limits::SERVER_CERTIFICATES_MAX),
        ("SigningCertificatesPerUserQuota", limits::SIGNING_CERTIFICATES_PER_USER_MAX),
        ("GroupsPerUserQuota", limits::GROUPS_PER_USER_MAX),
        ("AccessKeysPerUserQuota", limits::ACCESS_KEYS_PER_USER_MAX),
        ("AttachedPoliciesPerUserQuota", limits::ATTACHED_POLICIES_MAX),
        ("AttachedPoliciesPerGroupQuota", limits::ATTACHED_POLICIES_MAX),
        ("AttachedPoliciesPerRoleQuota", limits::ATTACHED_POLICIES_MAX),
        ("UserPolicySizeQuota", limits::USER_INLINE_CHARS_MAX),
        ("GroupPolicySizeQuota", limits::GROUP_INLINE_CHARS_MAX),
        ("RolePolicySizeQuota", limits::ROLE_INLINE_CHARS_MAX),
        ("AssumeRolePolicySizeQuota", limits::TRUST_POLICY_CHARS_MAX),
    ]
    .into_iter()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DetailsInput {
    #[serde(default)]
    filter: Vec<String>,
}

/// Users, groups, roles and policies with everything that bears on them, by pages over all four together.
pub(crate) fn get_account_authorization_details(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let input: DetailsInput = request.input()?;
    let wanted =
        |kind: &str| input.filter.is_empty() || input.filter.iter().any(|filter| filter == kind);
    let directory = request.directory;
    let prefix = format!("{}/", request.account());
    let mut items: Vec<(String, Value)> = Vec::new();
    for user in directory.users(&prefix).filter(|_| wanted("User")) {
        let mut value = users::user_value(user);
        let groups = user.groups.iter().filter_map(|key| directory.group(&user.account, key));
        insert(
            &mut value,
            "GroupList",
            groups.map(|group| Value::String(group.name.clone())).collect(),
        );
        insert(&mut value, "Tags", tags_value(&user.tags));
        add_permissions(request, &mut value, &user.permissions, "UserPolicyList");
        items.push((format!("1{}", user.name.to_lowercase()), value));
    }
    for group in directory.groups(&prefix).filter(|_| wanted("Group")) {
        let mut value = groups::group_value(group);
        add_permissions(request, &mut value, &group.permissions, "GroupPolicyList");
        items.push((format!("2{}", group.name.to_lowercase()), value));
    }
    for role in directory.roles(&prefix).filter(|_| wanted("Role")) {
        let mut value = roles::role_value(role);
        let holds =
            |profile: &&std::sync::Arc<_>| role_of(profile) == Some(role.name.to_lowercase());
        let profiles = directory.profiles(&prefix).filter(holds);
        let profiles = profiles.map(|profile| instance_profiles::profile_value(directory, profile));
        insert(&mut value, "InstanceProfileList", profiles.collect());
        insert(&mut value, "RoleLastUsed", roles::last_used(directory, role));
        insert(&mut value, "Tags", tags_value(&role.tags));
        add_permissions(request, &mut value, &role.permissions, "RolePolicyList");
        items.push((format!("3{}", role.name.to_lowercase()), value));
    }
    let own =
        directory.policies(&prefix).filter(|_| wanted("LocalManagedPolicy")).map(AsRef::as_ref);
    let amazons = managed::all().filter(|_| wanted("AWSManagedPolicy")).map(AsRef::as_ref);
    for policy in own.chain(amazons) {
        let mut value = managed_policies::policy_value(directory, request.account(), policy);
        let versions = policy.versions.iter().rev();
        let versions =
            versions.map(|version| managed_policies::version_value(policy, version, true));
        insert(&mut value, "PolicyVersionList", versions.collect());
        insert(&mut value, "Description", json!(policy.description));
        items.push((format!("4{}", policy.arn()), value));
    }
    let (listed, next) = cut(request, items.into_iter())?;
    let mut output = Map::new();
    for (list, member) in [
        ("UserDetailList", "UserId"),
        ("GroupDetailList", "GroupId"),
        ("RoleDetailList", "RoleId"),
        ("Policies", "PolicyId"),
    ] {
        let of_kind = listed.iter().filter(|item| item.get(member).is_some()).cloned();
        output.insert(list.to_owned(), of_kind.collect());
    }
    finish(output, next)
}

fn role_of(
    profile: &crate::directory::entry::CompiledRecord<crate::store::record::InstanceProfile>,
) -> Option<String> {
    profile.role.clone()
}

fn add_permissions(
    request: &OperationRequest<'_>,
    value: &mut Value,
    permissions: &Permissions,
    inline_name: &str,
) {
    let inline = permissions.inline.iter();
    let inline =
        inline.map(|(name, text)| json!({"PolicyName": name, "PolicyDocument": url_encoded(text)}));
    insert(value, inline_name, inline.collect());
    let attached =
        permissions.attached.iter().filter_map(|arn| request.directory.managed_policy(arn));
    let attached =
        attached.map(|policy| json!({"PolicyName": policy.name, "PolicyArn": policy.arn()}));
    insert(value, "AttachedManagedPolicies", attached.collect());
    if let Some(arn) = &permissions.boundary {
        let boundary = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
        insert(value, "PermissionsBoundary", boundary);
    }
}

fn insert(value: &mut Value, name: &str, item: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(name.to_owned(), item);
    }
}
