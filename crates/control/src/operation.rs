//! One operation of the table in `operations.rs`: what a row says, and what carries it out.

use serde_json::Value;

use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;
use crate::service::Service;

/// What an operation is authorized on; `authorization.rs` fills it from the input and the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResourceTemplate {
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
    /// The service-linked role of `AWSServiceName`.
    ServiceLinkedRole,
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
    /// The SAML provider to be called `Name`.
    SamlProvider,
    /// The certificate called `ServerCertificateName`.
    ServerCertificate,
    /// `server-certificate/` with `PathPrefix`.
    ServerCertificates,
    /// The ARN in the named member.
    Arn(&'static str),
    /// The role in `RoleArn`, whose trust policy is asked.
    Trust,
    /// The federated user called `Name`.
    FederatedUser,
}

/// Carries out one operation: reads the request's snapshot, writes what shall change into `Change`, gives the output.
pub(crate) type OperationHandler =
    fn(&OperationRequest<'_>, &mut Change) -> Result<Value, ApiError>;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct OperationRow {
    pub(crate) service: Service,
    pub(crate) name: &'static str,
    pub(crate) resource: ResourceTemplate,
    pub(crate) handler: Option<OperationHandler>,
}

/// One operation of the table.
#[derive(Clone, Copy, Debug)]
pub struct Operation(pub(crate) &'static OperationRow);

impl Operation {
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

    /// Whether it hashes a password: slow, and 19 MiB each.
    pub fn hashes_passwords(self) -> bool {
        let names = ["ChangePassword", "CreateLoginProfile", "UpdateLoginProfile"];
        let of_iam = self.service() == Service::Iam && names.contains(&self.name());
        of_iam || self.sets_master_user()
    }

    /// Whether it may bring the password of a domain's master user.
    fn sets_master_user(self) -> bool {
        const NAMES: [&str; 4] = [
            "CreateDomain",
            "CreateElasticsearchDomain",
            "UpdateDomainConfig",
            "UpdateElasticsearchDomainConfig",
        ];
        NAMES.contains(&self.name())
    }

    /// Whether `input` brings a second factor to prove ([`crate::Control::prove_mfa`]), or half of one.
    pub fn brings_mfa(self, input: &Value) -> bool {
        self.service() == Service::Sts && brings_second_factor(input)
    }

    pub(crate) fn row(self) -> &'static OperationRow {
        self.0
    }
}

/// Whether `input` brings a second factor to prove, or half of one.
pub(crate) fn brings_second_factor(input: &Value) -> bool {
    ["SerialNumber", "TokenCode"].iter().any(|member| input.get(*member).is_some())
}

impl PartialEq for Operation {
    fn eq(&self, other: &Operation) -> bool {
        self.service() == other.service() && self.name() == other.name()
    }
}

impl Eq for Operation {}
