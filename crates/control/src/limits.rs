//! Every limit of the control plane, with AWS's number where AWS has one.

/// Failures named in one validation message.
pub const VALIDATION_ERRORS_MAX: usize = 10;
/// Parameters of one query-protocol form.
pub const FORM_PARAMETERS_MAX: usize = 10_000;
/// Parts of one parameter's dotted name.
pub const FORM_DEPTH_MAX: usize = 16;
/// Bytes of one control-plane request body: an access policy (100 KiB) plus room for the rest.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of a domain's access policy (Amazon: 100 KiB).
pub const ACCESS_POLICY_BYTES_MAX: usize = 102_400;
/// Domains per account and region (Amazon: 100).
pub const DOMAINS_MAX: usize = 100;
/// Combinations of statements that one check of policies (`CheckNoNewAccess` …) may visit: beyond, it is not decided. Ours.
pub const POLICY_CHECK_CELLS_MAX: usize = 50_000;
/// Entries of a domain's security configuration (roles, mappings, internal users, action groups, tenants), all together. Ours.
pub const SECURITY_ENTRIES_MAX: usize = 5_000;
/// Bytes of a domain's security configuration. Ours.
pub const SECURITY_BYTES_MAX: usize = 1 << 20;
/// Passwords that one request of the security API sets. Ours.
pub const SECURITY_PASSWORDS_MAX: usize = 4;
/// VPC endpoints per account and region. Ours.
pub const VPC_ENDPOINTS_MAX: usize = 50;
/// Accounts that may make VPC endpoints of one domain. Ours.
pub const VPC_PRINCIPALS_MAX: usize = 100;
/// Packages per account and region.
pub const PACKAGES_MAX: usize = 50;
/// Bytes of a dictionary.
pub const PACKAGE_BYTES_MAX: usize = 1 << 20;
/// Accounts that a package is shared with.
pub const PACKAGE_USERS_MAX: usize = 100;
/// Versions of a package that are told again; those that a domain uses stay in any case.
pub const PACKAGE_VERSIONS_TOLD_MAX: usize = 100;
/// Upgrades of a domain that are told again.
pub const UPGRADES_TOLD_MAX: usize = 100;
/// Users per account (IAM quota).
pub const USERS_MAX: usize = 5_000;
/// Groups per account (IAM quota).
pub const GROUPS_MAX: usize = 300;
/// Groups one user may be in (IAM quota).
pub const GROUPS_PER_USER_MAX: usize = 10;
/// Roles per account (IAM quota).
pub const ROLES_MAX: usize = 1_000;
/// Customer managed policies per account (IAM quota).
pub const POLICIES_MAX: usize = 1_500;
/// Instance profiles per account (IAM quota).
pub const INSTANCE_PROFILES_MAX: usize = 1_000;
/// OpenID Connect providers per account (IAM quota).
pub const OIDC_PROVIDERS_MAX: usize = 100;
/// Client ids of one OpenID Connect provider (IAM quota).
pub const OIDC_CLIENT_IDS_MAX: usize = 100;
/// Thumbprints of one OpenID Connect provider. Source: IAM API reference, `CreateOpenIDConnectProvider`.
pub const OIDC_THUMBPRINTS_MAX: usize = 5;
/// SAML providers per account (IAM quota).
pub const SAML_PROVIDERS_MAX: usize = 100;
/// Roles of a SAML response that somebody may choose from in the console.
pub const SAML_OFFERS_MAX: usize = 50;
/// Elements of a SAML response. Amazon bounds its length only (100,000 characters of base64).
pub const SAML_ELEMENTS_MAX: usize = 2_000;
/// Elements of a SAML response, or of a provider's metadata, inside each other.
pub const SAML_DEPTH_MAX: usize = 32;
/// Characters of a SAML assertion's attributes that become condition keys: its session keeps them.
pub const SAML_CONTEXT_CHARS_MAX: usize = 8_192;
/// Seconds in which the same use of a credential and an action is noted once; so often uses are written down.
pub const USE_SECONDS: i64 = 60;
/// Reports on what was accessed last that an account can ask for again. Ours: Amazon keeps them for an hour at least.
pub const ACCESS_REPORTS_MAX: usize = 100;
/// Seconds that a test may set an account's clock ahead, or behind: ten years.
pub const CLOCK_AHEAD_SECONDS_MAX: i64 = 10 * 365 * 86_400;
/// Server certificates per account (IAM quota).
pub const SERVER_CERTIFICATES_MAX: usize = 20;
/// Signing certificates of one user (IAM quota).
pub const SIGNING_CERTIFICATES_PER_USER_MAX: usize = 2;
/// SSH public keys of one user (IAM quota).
pub const SSH_KEYS_PER_USER_MAX: usize = 5;
/// Credentials of one user for one service (IAM API reference, `CreateServiceSpecificCredential`).
pub const SERVICE_CREDENTIALS_PER_USER_MAX: usize = 2;
/// Versions of one managed policy (IAM quota).
pub const POLICY_VERSIONS_MAX: usize = 5;
/// Managed policies attached to one user, group or role (IAM quota).
pub const ATTACHED_POLICIES_MAX: usize = 10;
/// Access keys of one user (IAM quota).
pub const ACCESS_KEYS_PER_USER_MAX: usize = 2;
/// Virtual MFA devices of one account. Ours: Amazon counts only assigned ones.
pub const MFA_DEVICES_MAX: usize = 10_000;
/// MFA devices of one user (IAM quota).
pub const MFA_DEVICES_PER_USER_MAX: usize = 8;
/// Wrong one-time passwords of a device, or wrong old passwords of a user, until it is locked for a while. Ours: Amazon
/// publishes no number (RFC 4226, section 7.3, asks for one).
pub const GUESSES_WRONG_MAX: u32 = 5;
/// Seconds of the first lock; each further wrong guess doubles it.
pub const LOCK_SECONDS_FIRST: i64 = 30;
/// Seconds of the longest lock: someone who has only the access key cannot shut the owner out for good.
pub const LOCK_SECONDS_MAX: i64 = 3_600;
/// Earlier passwords of one user that are remembered: the maximum of `PasswordReusePrevention`.
pub const PASSWORDS_REMEMBERED_MAX: usize = 24;
/// Tags of one resource.
pub const TAGS_MAX: usize = 50;
/// Characters of a managed policy without white space (IAM quota).
pub const MANAGED_POLICY_CHARS_MAX: usize = 6_144;
/// Characters of all inline policies of a user without white space (IAM quota).
pub const USER_INLINE_CHARS_MAX: usize = 2_048;
/// Characters of all inline policies of a group without white space (IAM quota).
pub const GROUP_INLINE_CHARS_MAX: usize = 5_120;
/// Characters of all inline policies of a role without white space (IAM quota).
pub const ROLE_INLINE_CHARS_MAX: usize = 10_240;
/// Characters of a role's trust policy (IAM quota, as raised to its maximum).
pub const TRUST_POLICY_CHARS_MAX: usize = 2_048;
/// Managed policy ARNs passed to one session (STS).
pub const SESSION_POLICY_ARNS_MAX: usize = 10;
/// Characters of session policies, inline and by ARN, together (STS).
pub const SESSION_POLICY_CHARS_MAX: usize = 2_048;
/// Characters of session policies and session tags together. Ours: Amazon packs both into a space of unpublished size.
pub const SESSION_PACKED_CHARS_MAX: usize = 4_096;
/// Live sessions of one account. Ours: temporary credentials are kept by id so that revocation is immediate.
pub const SESSIONS_MAX: usize = 50_000;
/// Live sessions of one role or user, including federated ones: one principal cannot use up its account's.
pub const SESSIONS_PER_PRINCIPAL_MAX: usize = 20_000;
/// Items a listing returns when the caller does not say (IAM).
pub const LIST_ITEMS_DEFAULT: usize = 100;
/// How often one change is decided anew because another process committed first; then the caller is told to come again.
pub const COMMIT_ATTEMPTS_MAX: usize = 16;
/// Sessions of one role or user that are told of, or ended, by one request. Ours: more are told by their number.
pub const SESSIONS_TOLD_MAX: usize = 1_000;
/// Clones of accounts that there are at once. Ours: each test has one, and gives it back.
pub const CLONES_MAX: usize = 256;
