//! **The table**: every operation of the four APIs, the resource it is authorized on, and what carries it out.
//!
//! The IAM action is `es:`, `iam:` or `sts:` and the operation's name. A row without a handler is in Amazon's model and
//! not built here: it is authorized like any other and then answers an error that names it.
//! `docs/reference/operations.md` is generated from these rows.

use serde_json::Value;

use crate::change::Change;
use crate::err::ApiError;
use crate::request::Request;
use crate::service::Service;
use crate::{es, iam, sts};
use Resource::{
    Any, Arn, Domain, DomainArn, Domains, FederatedUser, Group, Groups, InstanceProfile,
    InstanceProfiles, KeyOwner, MfaDevice, OidcProvider, Open, Policy, Role, Roles, Trust, User,
    UserOrSelf, Users,
};
use Service::{Es, Iam, OpenSearch, Sts};

/// What an operation is authorized on; `authorization.rs` fills it from the input and the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// `*`.
    Any,
    /// No permission is needed, and none can take it away (`GetCallerIdentity`, `GetSessionToken`).
    Open,
    /// The domain called `DomainName`.
    Domain,
    /// Each domain in `DomainNames`.
    Domains,
    /// The domain whose ARN is in `ARN`.
    DomainArn,
    /// The user called `UserName`.
    User,
    /// The user called `UserName`, or the caller.
    UserOrSelf,
    /// `user/` with `PathPrefix`, as iam words the denial of a listing.
    Users,
    /// The group called `GroupName`.
    Group,
    /// `group/` with `PathPrefix`.
    Groups,
    /// The role called `RoleName`.
    Role,
    /// `role/` with `PathPrefix`.
    Roles,
    /// The managed policy to be called `PolicyName`.
    Policy,
    /// The instance profile called `InstanceProfileName`.
    InstanceProfile,
    /// `instance-profile/` with `PathPrefix`.
    InstanceProfiles,
    /// The MFA device to be made as `VirtualMFADeviceName`.
    MfaDevice,
    /// The user whose key `AccessKeyId` is.
    KeyOwner,
    /// The provider to be made for `Url`.
    OidcProvider,
    /// The ARN in the named member.
    Arn(&'static str),
    /// The role in `RoleArn`, whose trust policy is asked.
    Trust,
    /// The federated user called `Name`.
    FederatedUser,
}

/// Carries out one operation: reads the request's snapshot, writes what shall change into `Change`, gives the output.
pub(crate) type Handler = fn(&Request<'_>, &mut Change) -> Result<Value, ApiError>;

#[derive(Debug)]
pub(crate) struct Row {
    service: Service,
    name: &'static str,
    pub(crate) resource: Resource,
    pub(crate) handler: Option<Handler>,
}

/// One operation of the table.
#[derive(Clone, Copy, Debug)]
pub struct Operation(&'static Row);

/// Every operation, in the order of the models.
pub fn table() -> impl Iterator<Item = Operation> {
    ROWS.iter().map(Operation)
}

impl Operation {
    /// The operation of this service and name.
    pub fn find(service: Service, name: &str) -> Option<Operation> {
        table().find(|operation| operation.service() == service && operation.name() == name)
    }

    /// The API it belongs to.
    pub fn service(self) -> Service {
        self.0.service
    }

    /// Its name: `CreateUser`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Its IAM action: `iam:CreateUser`.
    pub fn action(self) -> String {
        format!("{}:{}", self.0.service.signing_name(), self.0.name)
    }

    /// Whether it is carried out here.
    pub fn is_built(self) -> bool {
        self.0.handler.is_some()
    }

    pub(crate) fn row(self) -> &'static Row {
        self.0
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Operation) -> bool {
        self.service() == other.service() && self.name() == other.name()
    }
}

impl Eq for Operation {}

const fn built(service: Service, name: &'static str, resource: Resource, handler: Handler) -> Row {
    Row { service, name, resource, handler: Some(handler) }
}

const fn later(service: Service, name: &'static str, resource: Resource) -> Row {
    Row { service, name, resource, handler: None }
}

#[rustfmt::skip]
static ROWS: &[Row] = &[
    later(Es, "AcceptInboundCrossClusterSearchConnection", Any),
    built(Es, "AddTags", DomainArn, es::tags::add_tags),
    later(Es, "AssociatePackage", Domain),
    later(Es, "AuthorizeVpcEndpointAccess", Domain),
    later(Es, "CancelDomainConfigChange", Domain),
    later(Es, "CancelElasticsearchServiceSoftwareUpdate", Domain),
    built(Es, "CreateElasticsearchDomain", Domain, es::create::create_domain),
    later(Es, "CreateOutboundCrossClusterSearchConnection", Any),
    later(Es, "CreatePackage", Any),
    later(Es, "CreateVpcEndpoint", Any),
    built(Es, "DeleteElasticsearchDomain", Domain, es::delete::delete_domain),
    later(Es, "DeleteElasticsearchServiceRole", Any),
    later(Es, "DeleteInboundCrossClusterSearchConnection", Any),
    later(Es, "DeleteOutboundCrossClusterSearchConnection", Any),
    later(Es, "DeletePackage", Any),
    later(Es, "DeleteVpcEndpoint", Any),
    later(Es, "DescribeDomainAutoTunes", Domain),
    built(Es, "DescribeDomainChangeProgress", Domain, es::describe::describe_change_progress),
    built(Es, "DescribeElasticsearchDomain", Domain, es::describe::describe_domain),
    built(Es, "DescribeElasticsearchDomainConfig", Domain, es::config::describe_config),
    built(Es, "DescribeElasticsearchDomains", Domains, es::describe::describe_domains),
    built(Es, "DescribeElasticsearchInstanceTypeLimits", Domain, es::instance_types::describe_limits),
    later(Es, "DescribeInboundCrossClusterSearchConnections", Any),
    later(Es, "DescribeOutboundCrossClusterSearchConnections", Any),
    later(Es, "DescribePackages", Any),
    later(Es, "DescribeReservedElasticsearchInstanceOfferings", Any),
    later(Es, "DescribeReservedElasticsearchInstances", Any),
    later(Es, "DescribeVpcEndpoints", Any),
    later(Es, "DissociatePackage", Domain),
    built(Es, "GetCompatibleElasticsearchVersions", Domain, es::versions::get_compatible_versions),
    later(Es, "GetPackageVersionHistory", Any),
    later(Es, "GetUpgradeHistory", Domain),
    later(Es, "GetUpgradeStatus", Domain),
    built(Es, "ListDomainNames", Any, es::describe::list_domain_names),
    later(Es, "ListDomainsForPackage", Any),
    built(Es, "ListElasticsearchInstanceTypes", Domain, es::instance_types::list),
    built(Es, "ListElasticsearchVersions", Any, es::versions::list_versions),
    later(Es, "ListPackagesForDomain", Domain),
    built(Es, "ListTags", DomainArn, es::tags::list_tags),
    later(Es, "ListVpcEndpointAccess", Domain),
    later(Es, "ListVpcEndpoints", Any),
    later(Es, "ListVpcEndpointsForDomain", Domain),
    later(Es, "PurchaseReservedElasticsearchInstanceOffering", Any),
    later(Es, "RejectInboundCrossClusterSearchConnection", Any),
    built(Es, "RemoveTags", DomainArn, es::tags::remove_tags),
    later(Es, "RevokeVpcEndpointAccess", Domain),
    later(Es, "StartElasticsearchServiceSoftwareUpdate", Domain),
    built(Es, "UpdateElasticsearchDomainConfig", Domain, es::config::update_config),
    later(Es, "UpdatePackage", Any),
    later(Es, "UpdateVpcEndpoint", Any),
    later(Es, "UpgradeElasticsearchDomain", Domain),
    later(OpenSearch, "AcceptInboundConnection", Any),
    later(OpenSearch, "AddDataSource", Domain),
    later(OpenSearch, "AddDirectQueryDataSource", Any),
    built(OpenSearch, "AddTags", DomainArn, es::tags::add_tags),
    later(OpenSearch, "AssociatePackage", Domain),
    later(OpenSearch, "AssociatePackages", Domain),
    later(OpenSearch, "AuthorizeVpcEndpointAccess", Domain),
    later(OpenSearch, "CancelDomainConfigChange", Domain),
    later(OpenSearch, "CancelServiceSoftwareUpdate", Domain),
    later(OpenSearch, "CreateApplication", Any),
    built(OpenSearch, "CreateDomain", Domain, es::create::create_domain),
    later(OpenSearch, "CreateIndex", Domain),
    later(OpenSearch, "CreateOutboundConnection", Any),
    later(OpenSearch, "CreatePackage", Any),
    later(OpenSearch, "CreateVpcEndpoint", Any),
    later(OpenSearch, "DeleteApplication", Any),
    later(OpenSearch, "DeleteDataSource", Domain),
    later(OpenSearch, "DeleteDirectQueryDataSource", Any),
    built(OpenSearch, "DeleteDomain", Domain, es::delete::delete_domain),
    later(OpenSearch, "DeleteInboundConnection", Any),
    later(OpenSearch, "DeleteIndex", Domain),
    later(OpenSearch, "DeleteOutboundConnection", Any),
    later(OpenSearch, "DeletePackage", Any),
    later(OpenSearch, "DeleteVpcEndpoint", Any),
    later(OpenSearch, "DeregisterCapability", Any),
    built(OpenSearch, "DescribeDomain", Domain, es::describe::describe_domain),
    later(OpenSearch, "DescribeDomainAutoTunes", Domain),
    built(OpenSearch, "DescribeDomainChangeProgress", Domain, es::describe::describe_change_progress),
    built(OpenSearch, "DescribeDomainConfig", Domain, es::config::describe_config),
    later(OpenSearch, "DescribeDomainHealth", Domain),
    later(OpenSearch, "DescribeDomainNodes", Domain),
    built(OpenSearch, "DescribeDomains", Domains, es::describe::describe_domains),
    later(OpenSearch, "DescribeDryRunProgress", Domain),
    later(OpenSearch, "DescribeInboundConnections", Any),
    later(OpenSearch, "DescribeInsightDetails", Any),
    built(OpenSearch, "DescribeInstanceTypeLimits", Domain, es::instance_types::describe_limits),
    later(OpenSearch, "DescribeOutboundConnections", Any),
    later(OpenSearch, "DescribePackages", Any),
    later(OpenSearch, "DescribeReservedInstanceOfferings", Any),
    later(OpenSearch, "DescribeReservedInstances", Any),
    later(OpenSearch, "DescribeVpcEndpoints", Any),
    later(OpenSearch, "DissociatePackage", Domain),
    later(OpenSearch, "DissociatePackages", Domain),
    later(OpenSearch, "GetApplication", Any),
    later(OpenSearch, "GetCapability", Any),
    built(OpenSearch, "GetCompatibleVersions", Domain, es::versions::get_compatible_versions),
    later(OpenSearch, "GetDataSource", Domain),
    later(OpenSearch, "GetDefaultApplicationSetting", Any),
    later(OpenSearch, "GetDirectQueryDataSource", Any),
    later(OpenSearch, "GetDomainMaintenanceStatus", Domain),
    later(OpenSearch, "GetIndex", Domain),
    later(OpenSearch, "GetPackageVersionHistory", Any),
    later(OpenSearch, "GetUpgradeHistory", Domain),
    later(OpenSearch, "GetUpgradeStatus", Domain),
    later(OpenSearch, "ListApplications", Any),
    later(OpenSearch, "ListDataSources", Domain),
    later(OpenSearch, "ListDirectQueryDataSources", Any),
    later(OpenSearch, "ListDomainMaintenances", Domain),
    built(OpenSearch, "ListDomainNames", Any, es::describe::list_domain_names),
    later(OpenSearch, "ListDomainsForPackage", Any),
    later(OpenSearch, "ListInsights", Any),
    built(OpenSearch, "ListInstanceTypeDetails", Domain, es::instance_types::list),
    later(OpenSearch, "ListPackagesForDomain", Domain),
    later(OpenSearch, "ListScheduledActions", Domain),
    built(OpenSearch, "ListTags", DomainArn, es::tags::list_tags),
    built(OpenSearch, "ListVersions", Any, es::versions::list_versions),
    later(OpenSearch, "ListVpcEndpointAccess", Domain),
    later(OpenSearch, "ListVpcEndpoints", Any),
    later(OpenSearch, "ListVpcEndpointsForDomain", Domain),
    later(OpenSearch, "PurchaseReservedInstanceOffering", Any),
    later(OpenSearch, "PutDefaultApplicationSetting", Any),
    later(OpenSearch, "RegisterCapability", Any),
    later(OpenSearch, "RejectInboundConnection", Any),
    built(OpenSearch, "RemoveTags", DomainArn, es::tags::remove_tags),
    later(OpenSearch, "RevokeVpcEndpointAccess", Domain),
    later(OpenSearch, "RollbackServiceSoftwareUpdate", Domain),
    later(OpenSearch, "StartDomainMaintenance", Domain),
    later(OpenSearch, "StartServiceSoftwareUpdate", Domain),
    later(OpenSearch, "UpdateApplication", Any),
    later(OpenSearch, "UpdateDataSource", Domain),
    later(OpenSearch, "UpdateDirectQueryDataSource", Any),
    built(OpenSearch, "UpdateDomainConfig", Domain, es::config::update_config),
    later(OpenSearch, "UpdateIndex", Domain),
    later(OpenSearch, "UpdatePackage", Any),
    later(OpenSearch, "UpdatePackageScope", Any),
    later(OpenSearch, "UpdateScheduledAction", Domain),
    later(OpenSearch, "UpdateVpcEndpoint", Any),
    later(OpenSearch, "UpgradeDomain", Domain),
    later(Iam, "AcceptDelegationRequest", Any),
    built(Iam, "AddClientIDToOpenIDConnectProvider", Arn("OpenIDConnectProviderArn"), iam::oidc_providers::add_client_id),
    built(Iam, "AddRoleToInstanceProfile", InstanceProfile, iam::instance_profiles::add_role_to_instance_profile),
    built(Iam, "AddUserToGroup", Group, iam::groups::add_user_to_group),
    later(Iam, "AssociateDelegationRequest", Any),
    built(Iam, "AttachGroupPolicy", Group, iam::attachments::attach),
    built(Iam, "AttachRolePolicy", Role, iam::attachments::attach),
    built(Iam, "AttachUserPolicy", User, iam::attachments::attach),
    built(Iam, "ChangePassword", UserOrSelf, iam::login_profiles::change_password),
    built(Iam, "CreateAccessKey", UserOrSelf, iam::access_keys::create_access_key),
    built(Iam, "CreateAccountAlias", Any, iam::account::create_alias),
    later(Iam, "CreateDelegationRequest", Any),
    built(Iam, "CreateGroup", Group, iam::groups::create_group),
    built(Iam, "CreateInstanceProfile", InstanceProfile, iam::instance_profiles::create_instance_profile),
    built(Iam, "CreateLoginProfile", UserOrSelf, iam::login_profiles::create),
    built(Iam, "CreateOpenIDConnectProvider", OidcProvider, iam::oidc_providers::create_provider),
    built(Iam, "CreatePolicy", Policy, iam::managed_policies::create_policy),
    built(Iam, "CreatePolicyVersion", Arn("PolicyArn"), iam::managed_policies::create_policy_version),
    built(Iam, "CreateRole", Role, iam::roles::create_role),
    later(Iam, "CreateSAMLProvider", Any),
    later(Iam, "CreateServiceLinkedRole", Any),
    later(Iam, "CreateServiceSpecificCredential", User),
    built(Iam, "CreateUser", User, iam::users::create_user),
    built(Iam, "CreateVirtualMFADevice", MfaDevice, iam::mfa_devices::create),
    built(Iam, "DeactivateMFADevice", UserOrSelf, iam::mfa_devices::deactivate),
    built(Iam, "DeleteAccessKey", UserOrSelf, iam::access_keys::delete_access_key),
    built(Iam, "DeleteAccountAlias", Any, iam::account::delete_alias),
    built(Iam, "DeleteAccountPasswordPolicy", Any, iam::password_policy::delete),
    built(Iam, "DeleteGroup", Group, iam::groups::delete_group),
    built(Iam, "DeleteGroupPolicy", Group, iam::inline_policies::delete),
    built(Iam, "DeleteInstanceProfile", InstanceProfile, iam::instance_profiles::delete_instance_profile),
    built(Iam, "DeleteLoginProfile", UserOrSelf, iam::login_profiles::delete),
    built(Iam, "DeleteOpenIDConnectProvider", Arn("OpenIDConnectProviderArn"), iam::oidc_providers::delete_provider),
    built(Iam, "DeletePolicy", Arn("PolicyArn"), iam::managed_policies::delete_policy),
    built(Iam, "DeletePolicyVersion", Arn("PolicyArn"), iam::managed_policies::delete_policy_version),
    built(Iam, "DeleteRole", Role, iam::roles::delete_role),
    built(Iam, "DeleteRolePermissionsBoundary", Role, iam::boundaries::delete),
    built(Iam, "DeleteRolePolicy", Role, iam::inline_policies::delete),
    later(Iam, "DeleteSAMLProvider", Any),
    later(Iam, "DeleteSSHPublicKey", User),
    later(Iam, "DeleteServerCertificate", Any),
    later(Iam, "DeleteServiceLinkedRole", Role),
    later(Iam, "DeleteServiceSpecificCredential", UserOrSelf),
    later(Iam, "DeleteSigningCertificate", UserOrSelf),
    built(Iam, "DeleteUser", User, iam::users::delete_user),
    built(Iam, "DeleteUserPermissionsBoundary", User, iam::boundaries::delete),
    built(Iam, "DeleteUserPolicy", User, iam::inline_policies::delete),
    built(Iam, "DeleteVirtualMFADevice", Arn("SerialNumber"), iam::mfa_devices::delete),
    built(Iam, "DetachGroupPolicy", Group, iam::attachments::detach),
    built(Iam, "DetachRolePolicy", Role, iam::attachments::detach),
    built(Iam, "DetachUserPolicy", User, iam::attachments::detach),
    later(Iam, "DisableOrganizationsRootCredentialsManagement", Any),
    later(Iam, "DisableOrganizationsRootSessions", Any),
    later(Iam, "DisableOutboundWebIdentityFederation", Any),
    built(Iam, "EnableMFADevice", User, iam::mfa_devices::enable),
    later(Iam, "EnableOrganizationsRootCredentialsManagement", Any),
    later(Iam, "EnableOrganizationsRootSessions", Any),
    later(Iam, "EnableOutboundWebIdentityFederation", Any),
    later(Iam, "GenerateCredentialReport", Any),
    later(Iam, "GenerateOrganizationsAccessReport", Any),
    later(Iam, "GenerateServiceLastAccessedDetails", Any),
    built(Iam, "GetAccessKeyLastUsed", KeyOwner, iam::access_keys::get_access_key_last_used),
    built(Iam, "GetAccountAuthorizationDetails", Any, iam::account::get_account_authorization_details),
    built(Iam, "GetAccountPasswordPolicy", Any, iam::password_policy::get),
    built(Iam, "GetAccountSummary", Any, iam::account::get_account_summary),
    built(Iam, "GetContextKeysForCustomPolicy", Any, iam::simulate::context_keys_for_custom_policy),
    built(Iam, "GetContextKeysForPrincipalPolicy", Arn("PolicySourceArn"), iam::simulate::context_keys_for_principal_policy),
    later(Iam, "GetCredentialReport", Any),
    later(Iam, "GetDelegationRequest", Any),
    built(Iam, "GetGroup", Group, iam::groups::get_group),
    built(Iam, "GetGroupPolicy", Group, iam::inline_policies::get),
    later(Iam, "GetHumanReadableSummary", Any),
    built(Iam, "GetInstanceProfile", InstanceProfile, iam::instance_profiles::get_instance_profile),
    built(Iam, "GetLoginProfile", UserOrSelf, iam::login_profiles::get),
    built(Iam, "GetMFADevice", UserOrSelf, iam::mfa_devices::get),
    built(Iam, "GetOpenIDConnectProvider", Arn("OpenIDConnectProviderArn"), iam::oidc_providers::get_provider),
    later(Iam, "GetOrganizationsAccessReport", Any),
    later(Iam, "GetOutboundWebIdentityFederationInfo", Any),
    built(Iam, "GetPolicy", Arn("PolicyArn"), iam::managed_policies::get_policy),
    built(Iam, "GetPolicyVersion", Arn("PolicyArn"), iam::managed_policies::get_policy_version),
    built(Iam, "GetRole", Role, iam::roles::get_role),
    built(Iam, "GetRolePolicy", Role, iam::inline_policies::get),
    later(Iam, "GetSAMLProvider", Any),
    later(Iam, "GetSSHPublicKey", User),
    later(Iam, "GetServerCertificate", Any),
    later(Iam, "GetServiceLastAccessedDetails", Any),
    later(Iam, "GetServiceLastAccessedDetailsWithEntities", Any),
    later(Iam, "GetServiceLinkedRoleDeletionStatus", Any),
    built(Iam, "GetUser", UserOrSelf, iam::users::get_user),
    built(Iam, "GetUserPolicy", User, iam::inline_policies::get),
    built(Iam, "ListAccessKeys", UserOrSelf, iam::access_keys::list_access_keys),
    built(Iam, "ListAccountAliases", Any, iam::account::list_aliases),
    built(Iam, "ListAttachedGroupPolicies", Group, iam::attachments::list),
    built(Iam, "ListAttachedRolePolicies", Role, iam::attachments::list),
    built(Iam, "ListAttachedUserPolicies", User, iam::attachments::list),
    later(Iam, "ListDelegationRequests", Any),
    built(Iam, "ListEntitiesForPolicy", Arn("PolicyArn"), iam::managed_policies::list_entities_for_policy),
    built(Iam, "ListGroupPolicies", Group, iam::inline_policies::list),
    built(Iam, "ListGroups", Groups, iam::groups::list_groups),
    built(Iam, "ListGroupsForUser", User, iam::groups::list_groups_for_user),
    built(Iam, "ListInstanceProfileTags", InstanceProfile, iam::tags::list_tags),
    built(Iam, "ListInstanceProfiles", InstanceProfiles, iam::instance_profiles::list_instance_profiles),
    built(Iam, "ListInstanceProfilesForRole", Role, iam::instance_profiles::list_instance_profiles_for_role),
    built(Iam, "ListMFADeviceTags", Arn("SerialNumber"), iam::tags::list_tags),
    built(Iam, "ListMFADevices", UserOrSelf, iam::mfa_devices::list),
    built(Iam, "ListOpenIDConnectProviderTags", Arn("OpenIDConnectProviderArn"), iam::tags::list_tags),
    built(Iam, "ListOpenIDConnectProviders", Any, iam::oidc_providers::list_providers),
    later(Iam, "ListOrganizationsFeatures", Any),
    built(Iam, "ListPolicies", Any, iam::managed_policies::list_policies),
    later(Iam, "ListPoliciesGrantingServiceAccess", Any),
    built(Iam, "ListPolicyTags", Arn("PolicyArn"), iam::tags::list_tags),
    built(Iam, "ListPolicyVersions", Arn("PolicyArn"), iam::managed_policies::list_policy_versions),
    built(Iam, "ListRolePolicies", Role, iam::inline_policies::list),
    built(Iam, "ListRoleTags", Role, iam::tags::list_tags),
    built(Iam, "ListRoles", Roles, iam::roles::list_roles),
    later(Iam, "ListSAMLProviderTags", Any),
    later(Iam, "ListSAMLProviders", Any),
    later(Iam, "ListSSHPublicKeys", UserOrSelf),
    later(Iam, "ListServerCertificateTags", Any),
    later(Iam, "ListServerCertificates", Any),
    later(Iam, "ListServiceSpecificCredentials", UserOrSelf),
    later(Iam, "ListSigningCertificates", UserOrSelf),
    built(Iam, "ListUserPolicies", User, iam::inline_policies::list),
    built(Iam, "ListUserTags", User, iam::tags::list_tags),
    built(Iam, "ListUsers", Users, iam::users::list_users),
    built(Iam, "ListVirtualMFADevices", Any, iam::mfa_devices::list_virtual),
    built(Iam, "PutGroupPolicy", Group, iam::inline_policies::put),
    built(Iam, "PutRolePermissionsBoundary", Role, iam::boundaries::put),
    built(Iam, "PutRolePolicy", Role, iam::inline_policies::put),
    built(Iam, "PutUserPermissionsBoundary", User, iam::boundaries::put),
    built(Iam, "PutUserPolicy", User, iam::inline_policies::put),
    later(Iam, "RejectDelegationRequest", Any),
    built(Iam, "RemoveClientIDFromOpenIDConnectProvider", Arn("OpenIDConnectProviderArn"), iam::oidc_providers::remove_client_id),
    built(Iam, "RemoveRoleFromInstanceProfile", InstanceProfile, iam::instance_profiles::remove_role_from_instance_profile),
    built(Iam, "RemoveUserFromGroup", Group, iam::groups::remove_user_from_group),
    later(Iam, "ResetServiceSpecificCredential", UserOrSelf),
    built(Iam, "ResyncMFADevice", User, iam::mfa_devices::resync),
    later(Iam, "SendDelegationToken", Any),
    built(Iam, "SetDefaultPolicyVersion", Arn("PolicyArn"), iam::managed_policies::set_default_policy_version),
    later(Iam, "SetSecurityTokenServicePreferences", Any),
    built(Iam, "SimulateCustomPolicy", Any, iam::simulate::simulate_custom_policy),
    built(Iam, "SimulatePrincipalPolicy", Arn("PolicySourceArn"), iam::simulate::simulate_principal_policy),
    built(Iam, "TagInstanceProfile", InstanceProfile, iam::tags::tag),
    built(Iam, "TagMFADevice", Arn("SerialNumber"), iam::tags::tag),
    built(Iam, "TagOpenIDConnectProvider", Arn("OpenIDConnectProviderArn"), iam::tags::tag),
    built(Iam, "TagPolicy", Arn("PolicyArn"), iam::tags::tag),
    built(Iam, "TagRole", Role, iam::tags::tag),
    later(Iam, "TagSAMLProvider", Any),
    later(Iam, "TagServerCertificate", Any),
    built(Iam, "TagUser", User, iam::tags::tag),
    built(Iam, "UntagInstanceProfile", InstanceProfile, iam::tags::untag),
    built(Iam, "UntagMFADevice", Arn("SerialNumber"), iam::tags::untag),
    built(Iam, "UntagOpenIDConnectProvider", Arn("OpenIDConnectProviderArn"), iam::tags::untag),
    built(Iam, "UntagPolicy", Arn("PolicyArn"), iam::tags::untag),
    built(Iam, "UntagRole", Role, iam::tags::untag),
    later(Iam, "UntagSAMLProvider", Any),
    later(Iam, "UntagServerCertificate", Any),
    built(Iam, "UntagUser", User, iam::tags::untag),
    built(Iam, "UpdateAccessKey", UserOrSelf, iam::access_keys::update_access_key),
    built(Iam, "UpdateAccountPasswordPolicy", Any, iam::password_policy::update),
    built(Iam, "UpdateAssumeRolePolicy", Role, iam::roles::update_assume_role_policy),
    later(Iam, "UpdateDelegationRequest", Any),
    built(Iam, "UpdateGroup", Group, iam::groups::update_group),
    built(Iam, "UpdateLoginProfile", User, iam::login_profiles::update),
    built(Iam, "UpdateOpenIDConnectProviderThumbprint", Arn("OpenIDConnectProviderArn"), iam::oidc_providers::update_thumbprint),
    built(Iam, "UpdateRole", Role, iam::roles::update_role),
    built(Iam, "UpdateRoleDescription", Role, iam::roles::update_role_description),
    later(Iam, "UpdateSAMLProvider", Any),
    later(Iam, "UpdateSSHPublicKey", User),
    later(Iam, "UpdateServerCertificate", Any),
    later(Iam, "UpdateServiceSpecificCredential", UserOrSelf),
    later(Iam, "UpdateSigningCertificate", UserOrSelf),
    built(Iam, "UpdateUser", User, iam::users::update_user),
    later(Iam, "UploadSSHPublicKey", User),
    later(Iam, "UploadServerCertificate", Any),
    later(Iam, "UploadSigningCertificate", UserOrSelf),
    built(Sts, "AssumeRole", Trust, sts::assume_role::assume_role),
    later(Sts, "AssumeRoleWithSAML", Any),
    built(Sts, "AssumeRoleWithWebIdentity", Trust, sts::web_identity::assume_role_with_web_identity),
    later(Sts, "AssumeRoot", Any),
    built(Sts, "DecodeAuthorizationMessage", Any, sts::decode_message::decode_authorization_message),
    built(Sts, "GetAccessKeyInfo", Any, sts::access_key_info::get_access_key_info),
    built(Sts, "GetCallerIdentity", Open, sts::caller_identity::get_caller_identity),
    later(Sts, "GetDelegatedAccessToken", Any),
    built(Sts, "GetFederationToken", FederatedUser, sts::federation_token::get_federation_token),
    built(Sts, "GetSessionToken", Open, sts::session_token::get_session_token),
    later(Sts, "GetWebIdentityToken", Any),
];
