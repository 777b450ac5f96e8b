//! What the store keeps: one type per kind of thing, plain data, serialised as JSON.
//!
//! A record's key is unique among its kind. Names of IAM entities are unique without regard to case, so keys hold the
//! lower-cased name and records the name as given.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use super::domain::{Domain, DomainExtras, DomainHistory, DomainMode, DomainUpgrade};
pub(crate) use super::domain::{EXPLICIT_INDEX, OVERRIDE_MAIN_RESPONSE_VERSION};
pub use super::kept_credentials::{
    KeptCredentials, SamlProvider, ServerCertificate, ServiceCredential, SigningCertificate,
    SshPublicKey,
};
use super::package::package_key;
pub use super::package::{Package, PackageAssociation, PackageVersion};
pub use super::units::{EpochSeconds, Tags};
pub use super::uses::{AccessReport, LastUse, PASSWORD, PrincipalUses};
pub(crate) use super::vpc::VPC_ENDPOINT_PREFIX;
pub use super::vpc::{VpcAccess, VpcEndpoint};

/// A 12-digit owner of identities and domains.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The account alias, if one is set.
    pub alias: Option<String>,
    /// When it was made.
    pub created: EpochSeconds,
    /// What its users' passwords must be like; `None`: Amazon's default.
    #[serde(default)]
    pub password_policy: Option<PasswordPolicy>,
    /// `v2Token`: the account wants longer session tokens, valid in every region. They are that here in any case.
    #[serde(default)]
    pub second_tokens: bool,
    /// When a credential report was generated last.
    #[serde(default)]
    pub credential_report: Option<EpochSeconds>,
    /// The last reports on what was accessed last.
    #[serde(default)]
    pub access_reports: Vec<AccessReport>,
    /// Seconds that its clock is ahead: only where tests move it ([`crate::Control::set_clock`]).
    #[serde(default)]
    pub clock_ahead: i64,
    /// The account that it was cloned from, for one test ([`crate::Control::plan_clone`]).
    #[serde(default)]
    pub clone_of: Option<String>,
}

/// What the passwords of an account's users must be like.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// `MinimumPasswordLength`.
    pub chars_min: i64,
    /// `RequireSymbols`.
    pub symbols: bool,
    /// `RequireNumbers`.
    pub numbers: bool,
    /// `RequireUppercaseCharacters`.
    pub uppercase: bool,
    /// `RequireLowercaseCharacters`.
    pub lowercase: bool,
    /// `AllowUsersToChangePassword`.
    pub users_may_change: bool,
    /// `MaxPasswordAge`; `None`: passwords do not expire.
    pub days_max: Option<i64>,
    /// `PasswordReusePrevention`.
    pub remembered: Option<i64>,
    /// `HardExpiry`.
    pub hard_expiry: Option<bool>,
}

/// What a user, group or role may do: policies written into it and policies attached by ARN.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Permissions {
    /// Inline policies: name → text as given.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies in the order of their attachment.
    pub attached: Vec<String>,
    /// ARN of the permissions boundary (users and roles).
    pub boundary: Option<String>,
}

/// An IAM user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// Owner.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AIDA…`: another user of the same name has another id.
    pub id: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// Tags.
    pub tags: Tags,
    /// Its policies.
    pub permissions: Permissions,
    /// Keys (lower-cased names) of the groups it is in.
    pub groups: BTreeSet<String>,
    /// Its password, if it has one.
    #[serde(default)]
    pub login_profile: Option<LoginProfile>,
    /// What it holds for other services.
    #[serde(default)]
    pub kept: KeptCredentials,
}

/// A user's password. The hash is an Argon2id PHC string, sealed, base64; the user's id is its associated data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginProfile {
    /// The present password's; new with every password, the same one set again included.
    pub sealed_hash: String,
    /// When the profile was made.
    pub created: EpochSeconds,
    /// When the password was set last.
    pub changed: EpochSeconds,
    /// The password is good for nothing until it was changed.
    pub reset_required: bool,
    /// Of earlier passwords, the newest first.
    pub earlier: Vec<String>,
    /// Wrong `OldPassword`s since the last right one.
    #[serde(default)]
    pub guesses: WrongGuesses,
}

/// The wrong guesses of a secret since the last right one; `proof/guesses.rs` judges them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongGuesses {
    /// How many.
    pub wrong: u32,
    /// Until when no guess is looked at; 0: it never was locked.
    pub locked_until: EpochSeconds,
}

/// An IAM group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// Owner.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AGPA…`.
    pub id: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// Its policies (never a boundary).
    pub permissions: Permissions,
}

/// An IAM role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    /// Owner.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AROA…`: another role of the same name has another id.
    pub id: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// Free text.
    pub description: Option<String>,
    /// The longest session, in seconds (3600 to 43200).
    pub max_session_seconds: i64,
    /// The trust policy. A principal that was deleted stands in it by its unique id.
    pub trust: String,
    /// Tags.
    pub tags: Tags,
    /// Its policies.
    pub permissions: Permissions,
}

/// A customer managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Owner; `aws` for Amazon's own.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `ANPA…`.
    pub id: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// When its default version changed last.
    pub updated: EpochSeconds,
    /// Free text.
    pub description: Option<String>,
    /// Versions in the order they were made.
    pub versions: Vec<PolicyVersion>,
    /// `v1` …: the version that counts.
    pub default_version: String,
    /// Number of the next version; numbers are never used again.
    pub next_version: u32,
    /// Tags.
    pub tags: Tags,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// `v1` ….
    pub id: String,
    /// The text as given.
    pub document: String,
    /// When it was made.
    pub created: EpochSeconds,
}

/// An instance profile: a named holder of one role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Owner.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AIPA…`.
    pub id: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// Key (lower-cased name) of its role.
    pub role: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// An OpenID Connect provider whose tokens may be exchanged for sessions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OidcProvider {
    /// Owner.
    pub account: String,
    /// The issuer's URL without `https://`.
    pub url: String,
    /// Audiences that are accepted.
    pub client_ids: Vec<String>,
    /// Certificate thumbprints, kept as Amazon keeps them (trust is in the system's roots).
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: EpochSeconds,
    /// Tags.
    pub tags: Tags,
}

/// A virtual MFA device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Owner account.
    pub account: String,
    /// `arn:aws:iam::ACCOUNT:mfa/PATH/NAME`.
    pub serial: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// Its seed, sealed, base64; the serial number is its associated data.
    pub sealed_seed: String,
    /// Lower-cased name and unique id of its user, once enabled.
    pub user: Option<(String, String)>,
    /// When it was enabled.
    pub enabled: Option<EpochSeconds>,
    /// The step of the last code that was used: a code is good once.
    pub last_step: i64,
    /// Wrong codes since the last right one.
    #[serde(default)]
    pub guesses: WrongGuesses,
    /// Tags.
    pub tags: Tags,
}

/// Whose long-term key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyOwner {
    /// The account's root.
    Root,
    /// A user: name key (lower-cased) and unique id.
    User {
        /// Lower-cased name.
        name: String,
        /// `AIDA…`.
        id: String,
    },
}

/// A long-term access key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// Owner account.
    pub account: String,
    /// Owner.
    pub owner: KeyOwner,
    /// `Active` or not.
    pub active: bool,
    /// When it was made.
    pub created: EpochSeconds,
    /// The secret, sealed, base64; the key id is its associated data.
    pub sealed_secret: String,
}

/// Whom a session acts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionSubject {
    /// An assumed role: it stands while the role of this unique id stands.
    Role {
        /// Lower-cased role name.
        role: String,
        /// `AROA…`.
        role_id: String,
        /// The session's name.
        session_name: String,
    },
    /// `GetSessionToken`: the user (or root, without a user) with temporary credentials.
    User {
        /// Lower-cased user name and unique id; `None` for root.
        user: Option<(String, String)>,
    },
    /// `GetFederationToken`: a name of the caller's choosing, bounded by the user's policies.
    Federated {
        /// The federated user's name.
        name: String,
        /// Lower-cased user name and unique id; `None` for root.
        user: Option<(String, String)>,
    },
}

/// A temporary credential. The token that the client holds is not kept, only the session's id that is sealed in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA…`.
    pub access_key_id: String,
    /// What the token carries: random, base64.
    pub session_id: String,
    /// Account it acts in.
    pub account: String,
    /// Whom it acts for.
    pub subject: SessionSubject,
    /// The secret, sealed, base64; the key id is its associated data.
    pub sealed_secret: String,
    /// When it was issued.
    pub issued: EpochSeconds,
    /// When it ends.
    pub expires: EpochSeconds,
    /// Session policies, as text.
    pub policies: Vec<String>,
    /// Session policies, by ARN.
    pub policy_arns: Vec<String>,
    /// Session tags, inherited ones included.
    pub tags: Tags,
    /// Keys of tags that the next role in a chain inherits.
    pub transitive_tags: Vec<String>,
    /// The source identity, kept along a chain.
    pub source_identity: Option<String>,
    /// Whether the caller proved a second factor.
    pub mfa: bool,
    /// Of a session of the console that a password opened: when the user's login profile was made. Without that very
    /// profile the session is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_profile: Option<EpochSeconds>,
    /// More context of the session: `ISSUER:sub`, `aws:FederatedProvider` ….
    pub context: BTreeMap<String, Vec<String>>,
    /// What a SAML assertion is known by when it comes again, of the session that it opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<String>,
}

/// A record of any kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is the type of its name")]
pub enum Record {
    Account(Account),
    User(User),
    Group(Group),
    Role(Role),
    ManagedPolicy(ManagedPolicy),
    InstanceProfile(InstanceProfile),
    OidcProvider(OidcProvider),
    SamlProvider(SamlProvider),
    ServerCertificate(ServerCertificate),
    AccessKey(AccessKey),
    MfaDevice(MfaDevice),
    Session(Session),
    Domain(Domain),
    PrincipalUses(PrincipalUses),
    Package(Package),
    VpcEndpoint(VpcEndpoint),
}

macro_rules! into_record {
    ($($kind:ident)*) => {
        $(impl From<$kind> for Record {
            fn from(record: $kind) -> Record {
                Record::$kind(record)
            }
        })*
    };
}

into_record! { User Role ManagedPolicy InstanceProfile OidcProvider SamlProvider ServerCertificate MfaDevice }

/// The kinds of records; the name is the one in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the kind of the record of its name")]
pub enum RecordKind {
    Account,
    User,
    Group,
    Role,
    ManagedPolicy,
    InstanceProfile,
    OidcProvider,
    SamlProvider,
    ServerCertificate,
    AccessKey,
    MfaDevice,
    Session,
    Domain,
    PrincipalUses,
    Package,
    VpcEndpoint,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [RecordKind; 16] = [
        RecordKind::Account,
        RecordKind::User,
        RecordKind::Group,
        RecordKind::Role,
        RecordKind::ManagedPolicy,
        RecordKind::InstanceProfile,
        RecordKind::OidcProvider,
        RecordKind::SamlProvider,
        RecordKind::ServerCertificate,
        RecordKind::AccessKey,
        RecordKind::MfaDevice,
        RecordKind::Session,
        RecordKind::Domain,
        RecordKind::PrincipalUses,
        RecordKind::Package,
        RecordKind::VpcEndpoint,
    ];

    /// The kind of this name in the store.
    pub(crate) fn of_name(name: &str) -> Option<RecordKind> {
        RecordKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            RecordKind::Account => "account",
            RecordKind::User => "user",
            RecordKind::Group => "group",
            RecordKind::Role => "role",
            RecordKind::ManagedPolicy => "managed-policy",
            RecordKind::InstanceProfile => "instance-profile",
            RecordKind::OidcProvider => "oidc-provider",
            RecordKind::SamlProvider => "saml-provider",
            RecordKind::ServerCertificate => "server-certificate",
            RecordKind::AccessKey => "access-key",
            RecordKind::MfaDevice => "mfa-device",
            RecordKind::Session => "session",
            RecordKind::Domain => "domain",
            RecordKind::PrincipalUses => "principal-uses",
            RecordKind::Package => "package",
            RecordKind::VpcEndpoint => "vpc-endpoint",
        }
    }
}

impl Record {
    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            Record::Account(_) => RecordKind::Account,
            Record::User(_) => RecordKind::User,
            Record::Group(_) => RecordKind::Group,
            Record::Role(_) => RecordKind::Role,
            Record::ManagedPolicy(_) => RecordKind::ManagedPolicy,
            Record::InstanceProfile(_) => RecordKind::InstanceProfile,
            Record::OidcProvider(_) => RecordKind::OidcProvider,
            Record::SamlProvider(_) => RecordKind::SamlProvider,
            Record::ServerCertificate(_) => RecordKind::ServerCertificate,
            Record::AccessKey(_) => RecordKind::AccessKey,
            Record::MfaDevice(_) => RecordKind::MfaDevice,
            Record::Session(_) => RecordKind::Session,
            Record::Domain(_) => RecordKind::Domain,
            Record::PrincipalUses(_) => RecordKind::PrincipalUses,
            Record::Package(_) => RecordKind::Package,
            Record::VpcEndpoint(_) => RecordKind::VpcEndpoint,
        }
    }

    /// Its key, unique among its kind.
    pub fn key(&self) -> String {
        match self {
            Record::Account(r) => r.id.clone(),
            Record::User(r) => entity_key(&r.account, &r.name),
            Record::Group(r) => entity_key(&r.account, &r.name),
            Record::Role(r) => entity_key(&r.account, &r.name),
            Record::ManagedPolicy(r) => entity_key(&r.account, &r.name),
            Record::InstanceProfile(r) => entity_key(&r.account, &r.name),
            Record::OidcProvider(r) => entity_key(&r.account, &r.url),
            Record::SamlProvider(r) => entity_key(&r.account, &r.name),
            Record::ServerCertificate(r) => entity_key(&r.account, &r.name),
            Record::AccessKey(r) => r.id.clone(),
            Record::MfaDevice(r) => r.serial.clone(),
            Record::Session(r) => r.access_key_id.clone(),
            Record::Domain(r) => domain_key(&r.account, &r.region, &r.name),
            Record::PrincipalUses(r) => format!("{}/{}", r.account, r.principal_id),
            Record::Package(r) => package_key(&r.account, &r.region, &r.id),
            Record::VpcEndpoint(r) => domain_key(&r.account, &r.region, &r.id),
        }
    }
}

/// Key of an account's user, group, role, policy, profile or provider.
pub fn entity_key(account: &str, name: &str) -> String {
    if !name.is_ascii() {
        return [account, "/", &name.to_lowercase()].concat();
    }
    // The account's number has no case.
    let mut key = [account, "/", name].concat();
    key.get_mut(account.len()..).into_iter().for_each(str::make_ascii_lowercase);
    key
}

/// Key of a domain, or of a VPC endpoint.
pub fn domain_key(account: &str, region: &str, name: &str) -> String {
    [account, "/", region, "/", name].concat()
}

impl User {
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
    pub fn arn(&self) -> String {
        ["arn:aws:iam::", &self.account, ":user", &self.path, &self.name].concat()
    }
}

impl Group {
    /// `arn:aws:iam::ACCOUNT:group/PATH/NAME`.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:group{}{}", self.account, self.path, self.name)
    }
}

impl Role {
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
    pub fn arn(&self) -> String {
        ["arn:aws:iam::", &self.account, ":role", &self.path, &self.name].concat()
    }
}

impl ManagedPolicy {
    /// `arn:aws:iam::ACCOUNT:policy/PATH/NAME`.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:policy{}{}", self.account, self.path, self.name)
    }

    /// The version that counts.
    pub fn default_document(&self) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id == self.default_version)
    }
}

impl InstanceProfile {
    /// `arn:aws:iam::ACCOUNT:instance-profile/PATH/NAME`.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:instance-profile{}{}", self.account, self.path, self.name)
    }
}

impl OidcProvider {
    /// `arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH`.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:oidc-provider/{}", self.account, self.url)
    }
}
