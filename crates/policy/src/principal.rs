//! Who asks, and whom a policy names.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::sync::Arc;

use crate::arn::account_of;

/// The caller of a request, as authentication found it.
///
/// ```
/// use policy::Principal;
///
/// let session = Principal::assumed_role(
///     "arn:aws:sts::123456789012:assumed-role/search-app/i-1",
///     "arn:aws:iam::123456789012:role/search-app",
/// );
/// assert_eq!(session.account(), Some("123456789012"));
/// // What `aws:PrincipalArn` holds: a session's is its role's.
/// assert_eq!(session.principal_arn(), "arn:aws:iam::123456789012:role/search-app");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    kind: CallerKind,
    /// The caller's own ARN, provider or service name; `anonymous` for nobody.
    ///
    /// Shared with the contexts of its requests, as the others are.
    arn: Arc<String>,
    account: Option<Arc<String>>,
    /// The role of a session, the user of a federated user.
    parent: Option<Arc<String>>,
    unique_id: Option<Arc<String>>,
}

/// What kind of caller a [`Principal`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// Nobody: no credential was presented.
    Anonymous,
    /// The account's root user.
    Root,
    /// An IAM user, with its own key or with a session token of `GetSessionToken`.
    User,
    /// A session of a role.
    AssumedRole,
    /// A session that `GetFederationToken` made for a user.
    FederatedUser,
    /// A caller of `AssumeRoleWithWebIdentity` or `AssumeRoleWithSAML`, known by its provider.
    WebIdentity,
    /// An AWS service.
    Service,
}

impl CallerKind {
    /// The value of `aws:PrincipalType`.
    pub fn principal_type(self) -> &'static str {
        match self {
            CallerKind::Anonymous => "Anonymous",
            CallerKind::Root => "Account",
            CallerKind::User => "User",
            CallerKind::AssumedRole => "AssumedRole",
            CallerKind::FederatedUser => "FederatedUser",
            CallerKind::WebIdentity => "WebIdentityUser",
            CallerKind::Service => "Service",
        }
    }
}

impl Principal {
    fn new(kind: CallerKind, arn: String, parent: Option<String>) -> Principal {
        let account = account_of(&arn).map(|account| Arc::new(account.to_owned()));
        let (arn, parent) = (Arc::new(arn), parent.map(Arc::new));
        Principal { kind, arn, account, parent, unique_id: None }
    }

    /// Nobody. Only `"*"` names an anonymous caller.
    pub fn anonymous() -> Principal {
        Principal::new(CallerKind::Anonymous, "anonymous".to_owned(), None)
    }

    /// The root user of a twelve-digit account.
    pub fn root(account: &str) -> Principal {
        let root = Principal::new(CallerKind::Root, format!("arn:aws:iam::{account}:root"), None);
        root.with_unique_id(account)
    }

    /// An IAM user by its ARN, path included.
    pub fn user(arn: impl Into<String>) -> Principal {
        Principal::new(CallerKind::User, arn.into(), None)
    }

    /// A role session by its ARN (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`) and its
    /// role's ARN, path included.
    pub fn assumed_role(session_arn: impl Into<String>, role_arn: impl Into<String>) -> Principal {
        Principal::new(CallerKind::AssumedRole, session_arn.into(), Some(role_arn.into()))
    }

    /// A federated user by its ARN (`arn:aws:sts::ACCOUNT:federated-user/NAME`) and the ARN of
    /// the user who called `GetFederationToken`.
    pub fn federated_user(arn: impl Into<String>, user_arn: impl Into<String>) -> Principal {
        Principal::new(CallerKind::FederatedUser, arn.into(), Some(user_arn.into()))
    }

    /// A caller whom an identity provider vouches for: its ARN, or a host name such as
    /// `accounts.google.com`.
    pub fn web_identity(provider: impl Into<String>) -> Principal {
        let mut principal = Principal::new(CallerKind::WebIdentity, provider.into(), None);
        principal.account = None;
        principal
    }

    /// An AWS service by its name, such as `es.amazonaws.com`.
    pub fn service(name: impl Into<String>) -> Principal {
        Principal::new(CallerKind::Service, name.into(), None)
    }

    /// The same caller with the unique id of its user or role (`AIDA…`, `AROA…`).
    ///
    /// A policy pinned to a unique id ([`crate::Policy::pinned`]) matches nobody else.
    #[must_use]
    pub fn with_unique_id(mut self, id: impl Into<String>) -> Principal {
        self.unique_id = Some(Arc::new(id.into()));
        self
    }

    /// What kind of caller it is.
    pub fn kind(&self) -> CallerKind {
        self.kind
    }

    /// The caller's own ARN (for a session the session's), the provider or the service name;
    /// `anonymous` for nobody.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The account it belongs to; none for nobody, for providers and services.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref().map(String::as_str)
    }

    /// The ARN of the role (of a session) or of the user (of a federated user).
    pub fn parent(&self) -> Option<&str> {
        self.parent.as_deref().map(String::as_str)
    }

    /// The unique id of its user or role, when it was given.
    pub fn unique_id(&self) -> Option<&str> {
        self.unique_id.as_deref().map(String::as_str)
    }

    /// The value of `aws:PrincipalArn`: a session's is its role's ARN.
    pub fn principal_arn(&self) -> &str {
        self.shared_principal_arn()
    }

    /// The same, for a context to share.
    pub(crate) fn shared_principal_arn(&self) -> &Arc<String> {
        match self.kind {
            CallerKind::AssumedRole => self.parent.as_ref().unwrap_or(&self.arn),
            _ => &self.arn,
        }
    }

    /// The account, for a context to share.
    pub(crate) fn shared_account(&self) -> Option<&Arc<String>> {
        self.account.as_ref()
    }

    /// The value of `aws:username`: the last part of a user's ARN.
    pub fn user_name(&self) -> Option<&str> {
        match self.kind {
            CallerKind::User => self.arn.rsplit('/').next(),
            _ => None,
        }
    }

    /// The value of `aws:userid`, as far as the unique id is known.
    pub fn user_id(&self) -> Option<String> {
        self.shared_user_id().map(Arc::unwrap_or_clone)
    }

    /// The same, for a context to share.
    pub(crate) fn shared_user_id(&self) -> Option<Arc<String>> {
        let id = self.unique_id.as_ref();
        let last = || self.arn.rsplit('/').next().unwrap_or_default();
        match self.kind {
            CallerKind::Anonymous => Some(Arc::new("anonymous".to_owned())),
            CallerKind::Root | CallerKind::User => id.cloned(),
            CallerKind::AssumedRole => Some(Arc::new(format!("{}:{}", id?, last()))),
            CallerKind::FederatedUser => Some(Arc::new(format!("{}:{}", self.account()?, last()))),
            CallerKind::WebIdentity | CallerKind::Service => None,
        }
    }

    /// Whether it is a session of a service-linked role, which no policy of an organisation restricts.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    pub(crate) fn is_service_linked(&self) -> bool {
        let role = self.parent().filter(|_| self.kind == CallerKind::AssumedRole);
        role.is_some_and(|role| role.contains(":role/aws-service-role/"))
    }

    /// Whether an account's own policies (identity, boundary, session, service control) speak
    /// about this caller at all.
    pub fn has_own_side(&self) -> bool {
        !matches!(self.kind, CallerKind::Anonymous | CallerKind::WebIdentity | CallerKind::Service)
    }
}

/// A `Principal` or `NotPrincipal` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) names: Vec<PrincipalName>,
}

/// One principal that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalName {
    /// `"*"` or `{"AWS": "*"}`: everybody, anonymous callers included.
    Everyone,
    /// An account: its twelve digits, or the ARN of its root.
    Account(String),
    /// A user, role, role session or federated user, and the unique id it is pinned to.
    Arn {
        /// The ARN as written.
        arn: String,
        /// The unique id that the name stood for when the policy was set.
        unique_id: Option<String>,
    },
    /// A unique id (`AIDA…`, `AROA…`): what Amazon shows in place of a deleted principal.
    UniqueId(String),
    /// An AWS service.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An S3 canonical user id. Nobody has one here.
    CanonicalUser(String),
}

/// How a resource policy's statement names the caller, weakest first. It decides which of the
/// caller's own policies still limit it.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// By its account: the identity side must allow too.
    Account,
    /// By its role, or a federated user by its user: boundary and session policies still limit.
    Parent,
    /// By its own ARN, or everybody: nothing limits it.
    Direct,
}

impl Principals {
    /// How the element names `caller`; `None` when it does not.
    pub(crate) fn grant(&self, caller: &Principal, denies: bool) -> Option<Grant> {
        if !self.negated {
            return self.names.iter().filter_map(|name| name.grant(caller)).max();
        }
        let excluded = if denies { self.lists_all_of(caller) } else { self.lists_any_of(caller) };
        (!excluded).then_some(Grant::Direct)
    }

    fn lists_any_of(&self, caller: &Principal) -> bool {
        self.names.iter().any(|name| name.grant(caller).is_some())
    }

    /// Amazon: a `NotPrincipal` with `Deny` must list the session, the role and the account, or
    /// the caller may be denied. Here it is.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
    fn lists_all_of(&self, caller: &Principal) -> bool {
        let lists = |grant| self.names.iter().any(|name| name.grant(caller) == Some(grant));
        if self.names.contains(&PrincipalName::Everyone) {
            return true;
        }
        match caller.kind {
            CallerKind::Anonymous => false,
            CallerKind::Root => lists(Grant::Account),
            CallerKind::User => lists(Grant::Direct) && lists(Grant::Account),
            CallerKind::AssumedRole | CallerKind::FederatedUser => {
                lists(Grant::Direct) && lists(Grant::Parent) && lists(Grant::Account)
            }
            CallerKind::WebIdentity | CallerKind::Service => lists(Grant::Direct),
        }
    }
}

impl PrincipalName {
    /// How this name names `caller`.
    pub(crate) fn grant(&self, caller: &Principal) -> Option<Grant> {
        match self {
            PrincipalName::Everyone => Some(Grant::Direct),
            PrincipalName::Account(account) => {
                (caller.account() == Some(account)).then_some(Grant::Account)
            }
            PrincipalName::Arn { arn, unique_id } => by_arn(caller, arn, unique_id.as_deref()),
            PrincipalName::UniqueId(id) => by_unique_id(caller, id),
            PrincipalName::Service(name) => (caller.kind == CallerKind::Service
                && *caller.arn == *name)
                .then_some(Grant::Direct),
            PrincipalName::Federated(provider) => {
                let same = caller.kind == CallerKind::WebIdentity && *caller.arn == *provider;
                same.then_some(Grant::Direct)
            }
            PrincipalName::CanonicalUser(_) => None,
        }
    }

    /// The name as a policy document spells it.
    pub fn as_str(&self) -> &str {
        match self {
            PrincipalName::Everyone => "*",
            PrincipalName::Arn { arn, .. } => arn,
            PrincipalName::Account(name)
            | PrincipalName::UniqueId(name)
            | PrincipalName::Service(name)
            | PrincipalName::Federated(name)
            | PrincipalName::CanonicalUser(name) => name,
        }
    }
}

fn by_arn(caller: &Principal, arn: &str, pinned: Option<&str>) -> Option<Grant> {
    let same_entity = |id: Option<&str>| pinned.is_none() || pinned == id;
    match caller.kind {
        CallerKind::User if *caller.arn == arn && same_entity(caller.unique_id()) => {
            Some(Grant::Direct)
        }
        CallerKind::AssumedRole | CallerKind::FederatedUser if *caller.arn == arn => {
            Some(Grant::Direct)
        }
        CallerKind::AssumedRole | CallerKind::FederatedUser
            if caller.parent() == Some(arn) && same_entity(caller.unique_id()) =>
        {
            Some(Grant::Parent)
        }
        _ => None,
    }
}

fn by_unique_id(caller: &Principal, id: &str) -> Option<Grant> {
    if caller.unique_id() != Some(id) {
        return None;
    }
    match caller.kind {
        CallerKind::User => Some(Grant::Direct),
        CallerKind::AssumedRole | CallerKind::FederatedUser => Some(Grant::Parent),
        _ => None,
    }
}
