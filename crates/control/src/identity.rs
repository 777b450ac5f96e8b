//! Who a verified key is: the principal, and every policy that bears on it.
//!
//! A key's record alone is never believed: its user or role must still stand under the same unique id, so a deleted
//! and recreated principal does not inherit sessions, and revocation holds at the next request.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use policy::{Context, Policies, PolicySet, Principal};

use crate::directory::{Directory, Entry};
use crate::managed;
use crate::policies::Named;
use crate::session;
use crate::store::record::{
    Group, KeyOwner, Permissions, Role, Session, SessionSubject, Tags, User,
};

/// The kinds of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// No credential was presented.
    Anonymous,
    /// The account itself.
    Root,
    /// An IAM user, by long-term key or `GetSessionToken`.
    User,
    /// A role's session.
    AssumedRole,
    /// A federated user (`GetFederationToken`).
    FederatedUser,
    /// The bearer of an identity provider's token, before it has a session (`AssumeRoleWithWebIdentity`).
    WebIdentity,
    /// A service that assumes a role for a workload (`ecs-tasks.amazonaws.com`).
    Service,
}

/// What an identity provider's token asserts about the session to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asserted {
    /// Session tags.
    pub(crate) tags: Tags,
    /// Keys of those that the next role in a chain inherits.
    pub(crate) transitive_tags: Vec<String>,
    /// The source identity.
    pub(crate) source_identity: Option<String>,
}

/// A caller as the directory knows it: all the authorizer asks about.
#[derive(Clone, Debug)]
pub struct Identified {
    /// What it is.
    pub kind: IdentityKind,
    /// Its account; empty for anonymous.
    pub account: String,
    /// Its ARN as `GetCallerIdentity` tells it; `anonymous` for anonymous.
    pub arn: String,
    /// `aws:PrincipalArn`: for a session the role's ARN.
    pub principal_arn: String,
    /// `aws:userid`: `AIDA…`, `AROA…:session`, the account for root, `ACCOUNT:name` for a federated user.
    pub user_id: String,
    /// `aws:username`, users only.
    pub username: Option<String>,
    /// The key that was used.
    pub access_key_id: Option<String>,
    /// Its principal tags: the role's or user's, overridden by the session's.
    pub tags: Tags,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// `aws:MultiFactorAuthPresent`; `None` with long-term keys.
    pub mfa: Option<bool>,
    /// `aws:MultiFactorAuthAge`: seconds since the second factor was proved; `None` when it was not.
    pub mfa_age: Option<i64>,
    /// `aws:TokenIssueTime`, seconds since 1970; `None` with long-term keys.
    pub issued: Option<i64>,
    /// When the credentials end; `None` with long-term keys.
    pub expires: Option<i64>,
    /// More context keys of the session (`ISSUER:sub` …).
    pub session_context: BTreeMap<String, Vec<String>>,
    /// Tags that the next role in a chain inherits, with their values.
    pub transitive_tags: Tags,
    /// Policies of the identity side; root needs none.
    pub identity_policies: Arc<PolicySet>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<Arc<PolicySet>>,
    /// Session policies, if the session has any; an empty set grants nothing.
    pub session_policies: Option<Arc<PolicySet>>,
    /// Service control policies of its account, one set per level (they come from the settings).
    pub service_control: Arc<[PolicySet]>,
    /// This very request proved a second factor.
    pub(crate) mfa_proved: bool,
    /// Of the bearer of an identity provider's token: what the token asks for the session.
    pub(crate) asserted: Asserted,
    principal: Principal,
}

/// Why a key that signed correctly does not identify anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// No key of this id, or it is inactive, or its token is missing.
    UnknownKey,
    /// The token is not one of ours, or not this key's.
    TokenDamaged,
    /// The session's time is over.
    TokenExpired,
    /// The user or role behind it is gone.
    PrincipalGone,
}

impl Identified {
    /// A caller without credentials.
    pub fn anonymous() -> Identified {
        Identified::anonymous_as(Principal::anonymous())
    }

    /// Nobody, known to the evaluator as `principal`: what other kinds are filled in from.
    pub(crate) fn anonymous_as(principal: Principal) -> Identified {
        Identified {
            kind: IdentityKind::Anonymous,
            account: String::new(),
            arn: "anonymous".to_owned(),
            principal_arn: String::new(),
            user_id: "anonymous".to_owned(),
            username: None,
            access_key_id: None,
            tags: Vec::new(),
            source_identity: None,
            mfa: None,
            mfa_age: None,
            issued: None,
            expires: None,
            session_context: BTreeMap::new(),
            transitive_tags: Vec::new(),
            identity_policies: Arc::default(),
            boundary: None,
            session_policies: None,
            service_control: Arc::default(),
            mfa_proved: false,
            asserted: Asserted::default(),
            principal,
        }
    }

    /// An AWS service that assumes roles for workloads of this deployment. It has no policies of its own: the role's trust
    /// policy alone says whether it may. Only the porch makes one, never a signature.
    pub fn service(name: &str) -> Identified {
        Identified {
            kind: IdentityKind::Service,
            arn: name.to_owned(),
            user_id: name.to_owned(),
            ..Identified::anonymous_as(Principal::service(name))
        }
    }

    /// The caller as `policy` knows it.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Everything that bears on a request of this caller, with the policy of the resource if it has one.
    pub fn policies<'p>(&'p self, resource: Option<&'p PolicySet>) -> Policies<'p> {
        Policies {
            identity: &self.identity_policies,
            resource,
            permissions_boundary: self.boundary.as_deref(),
            session: self.session_policies.as_deref(),
            service_control: &self.service_control,
        }
    }

    /// Puts what is known of the caller into `context`: the principal's keys, its tags, and its session's.
    ///
    /// Source: docs.aws.amazon.com, "AWS global condition context keys", properties of the principal and of the session.
    pub fn describe(&self, context: &mut Context) {
        context.describe(&self.principal);
        for (key, value) in &self.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        if let Some(identity) = &self.source_identity {
            context.set("aws:SourceIdentity", identity.as_str());
        }
        if let Some(mfa) = self.mfa {
            context.set("aws:MultiFactorAuthPresent", mfa.to_string());
        }
        if let Some(age) = self.mfa_age {
            context.set("aws:MultiFactorAuthAge", age.to_string());
        }
        if let Some(issued) = self.issued {
            context.set("aws:TokenIssueTime", iso8601(issued));
        }
        for (key, values) in &self.session_context {
            context.set_all(key, values.iter().map(String::as_str));
        }
    }

    /// Whether it came with temporary credentials.
    pub fn is_session(&self) -> bool {
        self.issued.is_some()
    }

    fn root(account: &str) -> Identified {
        let arn = format!("arn:aws:iam::{account}:root");
        Identified {
            kind: IdentityKind::Root,
            account: account.to_owned(),
            principal_arn: arn.clone(),
            arn,
            user_id: account.to_owned(),
            principal: Principal::root(account),
            ..Identified::anonymous()
        }
    }
}

impl Directory {
    /// The caller that `access_key_id` stands for at `now`, with its policies. The signature must have been checked with
    /// [`Directory::signing_secret`] of the same snapshot.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn identify(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Identified, IdentityError> {
        let mut identified = self.identify_key(access_key_id, session_token, now)?;
        identified.service_control = self.service_control(&identified.account);
        Ok(identified)
    }

    fn identify_key(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Identified, IdentityError> {
        if let Some(kept) = self.session(access_key_id) {
            let token = session_token.ok_or(IdentityError::UnknownKey)?;
            session::check_token(self.sealing_key(), &kept.entry, token)?;
            if kept.is_over(now.as_second()) {
                return Err(IdentityError::TokenExpired);
            }
            return self.identify_session(&kept.entry, now.as_second());
        }
        if self.access_key(access_key_id).is_none()
            && session_token.is_some_and(|token| {
                session::has_ended(self.sealing_key(), access_key_id, token, now.as_second())
            })
        {
            return Err(IdentityError::TokenExpired);
        }
        let key = self
            .access_key(access_key_id)
            .filter(|key| key.active)
            .ok_or(IdentityError::UnknownKey)?;
        if session_token.is_some() {
            return Err(IdentityError::TokenDamaged);
        }
        let mut identified = match &key.owner {
            KeyOwner::Root => Identified::root(&key.account),
            KeyOwner::User { name, id } => {
                self.as_user(self.standing_user(&key.account, name, id)?)
            }
        };
        identified.access_key_id = Some(access_key_id.to_owned());
        Ok(identified)
    }

    /// `caller` as this snapshot knows it: the same key, session, service or token, with the policies of now. What it has
    /// proved by this request (a second factor) stays proved. The signature, or the token's, was checked before.
    ///
    /// # Errors
    /// See [`IdentityError`]: the key, the principal or the identity provider is gone since.
    pub fn identify_again(
        &self,
        caller: &Identified,
        now: Timestamp,
    ) -> Result<Identified, IdentityError> {
        let mut identified = match (caller.kind, &caller.access_key_id) {
            (IdentityKind::Anonymous | IdentityKind::Service, _) => return Ok(caller.clone()),
            (IdentityKind::WebIdentity, _) => {
                let standing = self.still_accepts(caller).then(|| caller.clone());
                return standing.ok_or(IdentityError::PrincipalGone);
            }
            (_, Some(id)) => match self.session(id) {
                Some(kept) if kept.is_over(now.as_second()) => {
                    return Err(IdentityError::TokenExpired);
                }
                Some(kept) => self.identify_session(&kept.entry, now.as_second())?,
                None => self.identify_key(id, None, now)?,
            },
            // Identified without a key: the porch's own root, or a user by its password.
            (IdentityKind::Root, None) => Identified::root(&caller.account),
            (_, None) => {
                let name = caller.username.as_deref().unwrap_or_default();
                self.as_user(self.standing_user(&caller.account, name, &caller.user_id)?)
            }
        };
        if caller.mfa_proved {
            (identified.mfa, identified.mfa_age) = (caller.mfa, caller.mfa_age);
            identified.mfa_proved = true;
        }
        identified.service_control = self.service_control(&identified.account);
        Ok(identified)
    }

    fn identify_session(
        &self,
        session: &Entry<Session>,
        now: i64,
    ) -> Result<Identified, IdentityError> {
        let mut identified = match &session.subject {
            SessionSubject::Role { role, role_id, session_name } => {
                let entry = self.role(&session.account, role).filter(|entry| entry.id == *role_id);
                self.as_role(entry.ok_or(IdentityError::PrincipalGone)?, session_name)
            }
            SessionSubject::User { user } => self.as_subject(&session.account, user.as_ref())?,
            SessionSubject::Federated { name, user } => {
                let subject = self.as_subject(&session.account, user.as_ref())?;
                let arn = format!("arn:aws:sts::{}:federated-user/{name}", session.account);
                let user_id = format!("{}:{name}", session.account);
                let principal = Principal::federated_user(arn.as_str(), subject.arn.as_str());
                // Root may do everything and needs no policy for it; whom it federates needs one, within which its
                // session policies choose.
                let identity_policies = match user {
                    Some(_) => Arc::clone(&subject.identity_policies),
                    None => managed::everything(),
                };
                Identified {
                    kind: IdentityKind::FederatedUser,
                    principal_arn: arn.clone(),
                    arn,
                    principal: principal.with_unique_id(subject.user_id.as_str()),
                    user_id,
                    username: None,
                    tags: Vec::new(),
                    identity_policies,
                    session_policies: Some(Arc::default()),
                    ..subject
                }
            }
        };
        identified.access_key_id = Some(session.access_key_id.clone());
        identified.issued = Some(session.issued);
        identified.expires = Some(session.expires);
        identified.mfa = Some(session.mfa);
        // The factor was proved in the request that made the session.
        identified.mfa_age = session.mfa.then(|| (now - session.issued).max(0));
        identified.source_identity.clone_from(&session.source_identity);
        identified.session_context.clone_from(&session.context);
        override_tags(&mut identified.tags, &session.tags);
        identified.transitive_tags = transitive(session);
        if let Some(policies) = self.session_policies(session) {
            identified.session_policies = Some(policies);
        }
        Ok(identified)
    }

    fn as_subject(
        &self,
        account: &str,
        user: Option<&(String, String)>,
    ) -> Result<Identified, IdentityError> {
        match user {
            Some((name, id)) => Ok(self.as_user(self.standing_user(account, name, id)?)),
            None => Ok(Identified::root(account)),
        }
    }

    fn standing_user(
        &self,
        account: &str,
        name: &str,
        id: &str,
    ) -> Result<&Entry<User>, IdentityError> {
        let user = self.user(account, name).filter(|user| user.id == id);
        user.map(AsRef::as_ref).ok_or(IdentityError::PrincipalGone)
    }

    pub(crate) fn as_user(&self, user: &Entry<User>) -> Identified {
        let mut policies: Vec<&Named> = user.inline.iter().collect();
        self.add_attached(&mut policies, &user.account, &user.permissions);
        for group in &user.groups {
            if let Some(group) = self.group(&user.account, group) {
                policies.extend(&group.inline);
                self.add_attached(&mut policies, &group.account, &group.permissions);
            }
        }
        Identified {
            kind: IdentityKind::User,
            account: user.account.clone(),
            arn: user.arn(),
            principal_arn: user.arn(),
            user_id: user.id.clone(),
            username: Some(user.name.clone()),
            tags: user.tags.clone(),
            principal: Principal::user(user.arn()).with_unique_id(user.id.as_str()),
            identity_policies: user.compiled.set_of(&policies),
            boundary: self.boundary(&user.account, &user.permissions),
            ..Identified::anonymous()
        }
    }

    fn as_role(&self, role: &Entry<Role>, session_name: &str) -> Identified {
        let mut policies: Vec<&Named> = role.inline.iter().collect();
        self.add_attached(&mut policies, &role.account, &role.permissions);
        let arn =
            format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name);
        Identified {
            kind: IdentityKind::AssumedRole,
            account: role.account.clone(),
            principal: Principal::assumed_role(arn.as_str(), role.arn())
                .with_unique_id(role.id.as_str()),
            arn,
            principal_arn: role.arn(),
            user_id: format!("{}:{session_name}", role.id),
            tags: role.tags.clone(),
            identity_policies: role.compiled.set_of(&policies),
            boundary: self.boundary(&role.account, &role.permissions),
            ..Identified::anonymous()
        }
    }

    /// The identity side of a user or role as simulations ask for it, without any session.
    pub(crate) fn identified_by_arn(&self, arn: &str) -> Option<Identified> {
        let (account, kind, name) = crate::policies::principal_arn_parts(arn)?;
        match kind {
            "user" => self
                .user(account, name)
                .filter(|user| user.arn() == arn)
                .map(|user| self.as_user(user)),
            "role" => self
                .role(account, name)
                .filter(|role| role.arn() == arn)
                .map(|role| self.as_role(role, "simulated")),
            _ => None,
        }
    }

    /// A group's policies, as simulations ask for them.
    pub(crate) fn identified_group(&self, group: &Entry<Group>) -> Identified {
        let mut policies: Vec<&Named> = group.inline.iter().collect();
        self.add_attached(&mut policies, &group.account, &group.permissions);
        let identity_policies = group.compiled.set_of(&policies);
        Identified { account: group.account.clone(), identity_policies, ..Identified::anonymous() }
    }

    /// The texts of all identity policies of a user (its groups' too), group or role.
    pub(crate) fn identity_texts(&self, arn: &str) -> Vec<String> {
        let Some((account, kind, name)) = crate::policies::principal_arn_parts(arn) else {
            return Vec::new();
        };
        let mut holders: Vec<&Permissions> = Vec::new();
        match kind {
            "user" => {
                if let Some(user) = self.user(account, name) {
                    holders.push(&user.permissions);
                    let groups = user.groups.iter().filter_map(|group| self.group(account, group));
                    holders.extend(groups.map(|group| &group.permissions));
                }
            }
            "group" => holders.extend(self.group(account, name).map(|group| &group.permissions)),
            _ => holders.extend(self.role(account, name).map(|role| &role.permissions)),
        }
        let mut texts = Vec::new();
        for permissions in holders {
            texts.extend(permissions.inline.values().cloned());
            let attached = permissions
                .attached
                .iter()
                .filter_map(|arn| self.managed_policy(arn)?.default_document());
            texts.extend(attached.map(|version| version.document.clone()));
        }
        texts
    }

    fn add_attached<'d>(
        &'d self,
        policies: &mut Vec<&'d Named>,
        account: &str,
        permissions: &Permissions,
    ) {
        let attached = permissions.attached.iter();
        let attached = attached.filter_map(|arn| self.managed_policy_for(account, arn));
        policies.extend(attached.filter_map(|entry| entry.own.as_ref()));
    }

    /// A boundary whose policy is gone, or is another account's, allows nothing: better shut than open.
    fn boundary(&self, account: &str, permissions: &Permissions) -> Option<Arc<PolicySet>> {
        let arn = permissions.boundary.as_ref()?;
        let policy = self.managed_policy_for(account, arn).and_then(|entry| entry.own.as_ref());
        Some(policy.map_or_else(Arc::default, Named::set))
    }

    /// `None` when the session was made without policies. A policy that is gone since allows nothing.
    fn session_policies(&self, session: &Entry<Session>) -> Option<Arc<PolicySet>> {
        if session.policies.is_empty() && session.policy_arns.is_empty() {
            return None;
        }
        let by_arn = session.policy_arns.iter();
        let by_arn =
            by_arn.filter_map(|arn| self.managed_policy_for(&session.account, arn)?.own.as_ref());
        let policies: Vec<&Named> = session.inline.iter().chain(by_arn).collect();
        Some(session.compiled.set_of(&policies))
    }
}

fn iso8601(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Session tags override the principal's, keys without regard to case.
fn override_tags(tags: &mut Tags, session: &Tags) {
    tags.retain(|(key, _)| !session.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)));
    tags.extend(session.iter().cloned());
}

fn transitive(session: &Session) -> Tags {
    let kept =
        |key: &String| session.transitive_tags.iter().any(|other| other.eq_ignore_ascii_case(key));
    session.tags.iter().filter(|(key, _)| kept(key)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::mint::SystemMint;
    use crate::seal::{SEALING_KEY_BYTES, SealingKey};
    use crate::store::record::Record;

    const ACCOUNT: &str = "123456789012";

    fn role(id: &str) -> Record {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#;
        Record::Role(Role {
            account: ACCOUNT.to_owned(),
            name: "app".to_owned(),
            path: "/".to_owned(),
            id: id.to_owned(),
            created: 0,
            description: None,
            max_session_seconds: 3_600,
            trust: trust.to_owned(),
            tags: Vec::new(),
            permissions: Permissions::default(),
        })
    }

    /// Deleting a role ends its sessions; here one is left over, as a damaged or merged store might have it.
    #[test]
    fn a_session_of_a_role_that_was_made_again_is_nobodys() {
        let key = SealingKey::new([7; SEALING_KEY_BYTES]).unwrap();
        let subject = SessionSubject::Role {
            role: "app".to_owned(),
            role_id: "AROAOLD".to_owned(),
            session_name: "s".to_owned(),
        };
        let issued = session::issue(&SystemMint, &key, ACCOUNT, subject, (0, 900)).unwrap();
        let (id, token) = (issued.session.access_key_id.clone(), issued.token);
        let directory = Directory::empty(Arc::new(key), BTreeMap::new(), 0);
        let session = Record::Session(issued.session);
        let with = |role_id: &str| {
            let puts = vec![role(role_id), session.clone()];
            let directory = directory.after(&Change { puts, ..Change::default() }, 1).unwrap();
            directory.identify(&id, Some(&token), Timestamp::UNIX_EPOCH).map(|it| it.kind)
        };
        assert_eq!(with("AROAOLD"), Ok(IdentityKind::AssumedRole));
        assert_eq!(with("AROANEW"), Err(IdentityError::PrincipalGone));
    }

    /// Such a policy cannot be deleted and another account's cannot be named; an old store may say otherwise.
    #[test]
    fn a_boundary_that_is_gone_or_another_accounts_allows_nothing() {
        let key = Arc::new(SealingKey::new([7; SEALING_KEY_BYTES]).unwrap());
        let everything = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let may = |boundary: Option<&str>| {
            let permissions = Permissions {
                inline: BTreeMap::from([("all".to_owned(), everything.to_owned())]),
                boundary: boundary.map(str::to_owned),
                ..Permissions::default()
            };
            let user = Record::User(User {
                account: ACCOUNT.to_owned(),
                name: "ann".to_owned(),
                path: "/".to_owned(),
                id: "AIDAANN".to_owned(),
                created: 0,
                tags: Vec::new(),
                permissions,
                groups: std::collections::BTreeSet::new(),
                login_profile: None,
            });
            let change = Change { puts: vec![user], ..Change::default() };
            let directory = Directory::empty(Arc::clone(&key), BTreeMap::new(), 0);
            let directory = directory.after(&change, 1).unwrap();
            let ann = directory.as_user(directory.user(ACCOUNT, "ann").unwrap());
            let request = policy::AccessRequest {
                principal: ann.principal(),
                action: "es:ESHttpGet",
                resource: "*",
                resource_account: Some(ACCOUNT),
                context: &Context::new(),
            };
            policy::evaluate(&ann.policies(None), &request).is_allowed()
        };
        assert!(may(None) && may(Some("arn:aws:iam::aws:policy/AdministratorAccess")));
        assert!(!may(Some("arn:aws:iam::123456789012:policy/gone")));
        assert!(!may(Some("arn:aws:iam::999988887777:policy/theirs")));
    }
}
