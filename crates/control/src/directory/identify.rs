//! Who a verified key is: the principal, and every policy that bears on it.
//!
//! A key's record alone is never believed: its user or role must still stand under the same unique id, so a deleted
//! and recreated principal does not inherit sessions, and revocation holds at the next request.

use std::sync::Arc;

use jiff::Timestamp;
use policy::{CallerKind, PolicySet, Principal};

use super::entry::CompiledRecord;
use super::snapshot::Directory;
use crate::identity::{IdentifiedCaller, IdentityError};
use crate::managed;
use crate::policies::{NamedPolicy, principal_arn_parts};
use crate::session;
use crate::store::record::{
    Group, KeyOwner, Permissions, Role, Session, SessionSubject, Tags, User,
};

impl Directory {
    /// The caller that `access_key_id` stands for at `now`, with its policies. The signature must have been checked with
    /// [`Directory::signing_secret`] of the same snapshot.
    ///
    /// # Errors
    /// See [`IdentityError`].
    ///
    /// ```
    /// use control::{
    ///     Control, ControlOptions, ControlSettings, IdentityError, SEALING_KEY_BYTES, StorePlace,
    /// };
    ///
    /// let now: jiff::Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    /// let (place, sealing_key) = (StorePlace::Memory, [7; SEALING_KEY_BYTES]);
    /// let settings = ControlSettings::default();
    /// let control = Control::open(ControlOptions { place, sealing_key, settings }).unwrap();
    /// let (key, _secret) = control.ensure_root("123456789012", None, now).unwrap().unwrap();
    ///
    /// let root = control.directory().identify(&key, None, now).unwrap();
    /// assert_eq!(root.arn, "arn:aws:iam::123456789012:root");
    /// let unknown = control.directory().identify("AKIAIOSFODNN7EXAMPLE", None, now);
    /// assert!(matches!(unknown, Err(IdentityError::UnknownKey)));
    /// ```
    pub fn identify(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, IdentityError> {
        let mut identified = self.identify_key(access_key_id, session_token, now)?;
        self.complete(&mut identified, now);
        Ok(identified)
    }

    /// As [`Directory::identify`]. Whom a long-term key stands for is looked up once in a snapshot: a token, a session and an account
    /// whose clock was moved depend on the time, too, and are looked up each time.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn identify_shared(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<IdentifiedCaller>, IdentityError> {
        let known = session_token.is_none().then(|| self.callers.get(access_key_id)).flatten();
        if let Some(known) = known {
            return Ok(known);
        }
        let caller = Arc::new(self.identify(access_key_id, session_token, now)?);
        if session_token.is_none() && caller.time.is_none() {
            self.callers.keep(access_key_id, &caller);
        }
        Ok(caller)
    }

    /// Adds what its account says: the policies above it, and its time.
    pub(crate) fn complete(&self, identified: &mut IdentifiedCaller, now: Timestamp) {
        identified.service_control = self.service_control(&identified.account);
        let time = self.time_of(&identified.account, now);
        identified.time = (time != now).then_some(time);
    }

    fn identify_key(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, IdentityError> {
        if let Some(kept) = self.session(access_key_id) {
            let token = session_token.ok_or(IdentityError::UnknownKey)?;
            session::check_token(self.sealing_key(), &kept.entry, token)?;
            let now = self.time_of(&kept.entry.account, now);
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
            KeyOwner::Root => IdentifiedCaller::root(&key.account),
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
        caller: &IdentifiedCaller,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, IdentityError> {
        let mut identified = match (caller.kind(), &caller.access_key_id) {
            (CallerKind::Anonymous | CallerKind::Service, _) => return Ok(caller.clone()),
            (CallerKind::WebIdentity, _) => {
                let standing = self.still_accepts(caller).then(|| caller.clone());
                return standing.ok_or(IdentityError::PrincipalGone);
            }
            (_, Some(id)) => match self.session(id) {
                Some(kept) => {
                    let now = self.time_of(&kept.entry.account, now).as_second();
                    if kept.is_over(now) {
                        return Err(IdentityError::TokenExpired);
                    }
                    // Revoked: its record stays only so that its SAML assertion opens no other.
                    if kept.entry.session_id.is_empty() {
                        return Err(IdentityError::PrincipalGone);
                    }
                    self.identify_session(&kept.entry, now)?
                }
                None => self.identify_key(id, None, now)?,
            },
            // Identified without a key: the server's own root, or a user by its password.
            (CallerKind::Root, None) => IdentifiedCaller::root(&caller.account),
            (_, None) => {
                let name = caller.username.as_deref().unwrap_or_default();
                let user = self.standing_user(&caller.account, name, &caller.user_id)?;
                let sealed_password = caller.sealed_password.clone();
                IdentifiedCaller { console: caller.console, sealed_password, ..self.as_user(user) }
            }
        };
        if caller.mfa_proved {
            (identified.mfa, identified.mfa_age) = (caller.mfa, caller.mfa_age);
            identified.mfa_proved = true;
        }
        self.complete(&mut identified, now);
        Ok(identified)
    }

    fn identify_session(
        &self,
        session: &CompiledRecord<Session>,
        now: i64,
    ) -> Result<IdentifiedCaller, IdentityError> {
        let mut identified = match &session.subject {
            SessionSubject::Role { role, role_id, session_name } => {
                let entry = self.role(&session.account, role).filter(|entry| entry.id == *role_id);
                self.as_role(entry.ok_or(IdentityError::PrincipalGone)?, session_name)
            }
            SessionSubject::User { user } => {
                self.check_login_profile(session, user.as_ref())?;
                let console = session.login_profile.is_some();
                IdentifiedCaller { console, ..self.as_subject(&session.account, user.as_ref())? }
            }
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
                IdentifiedCaller {
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

    /// That the login profile by which a session of the console was opened is still there: who is denied the console is out
    /// of it at once.
    fn check_login_profile(
        &self,
        session: &Session,
        user: Option<&(String, String)>,
    ) -> Result<(), IdentityError> {
        let Some(created) = session.login_profile else { return Ok(()) };
        let user = user.and_then(|(name, _)| self.user(&session.account, name));
        let profile = user.and_then(|user| user.login_profile.as_ref());
        let stands = profile.is_some_and(|profile| profile.created == created);
        if stands { Ok(()) } else { Err(IdentityError::PrincipalGone) }
    }

    fn as_subject(
        &self,
        account: &str,
        user: Option<&(String, String)>,
    ) -> Result<IdentifiedCaller, IdentityError> {
        match user {
            Some((name, id)) => Ok(self.as_user(self.standing_user(account, name, id)?)),
            None => Ok(IdentifiedCaller::root(account)),
        }
    }

    fn standing_user(
        &self,
        account: &str,
        name: &str,
        id: &str,
    ) -> Result<&CompiledRecord<User>, IdentityError> {
        let user = self.user(account, name).filter(|user| user.id == id);
        user.map(AsRef::as_ref).ok_or(IdentityError::PrincipalGone)
    }

    pub(crate) fn as_user(&self, user: &CompiledRecord<User>) -> IdentifiedCaller {
        let mut policies: Vec<&NamedPolicy> = user.inline.iter().collect();
        self.add_attached(&mut policies, &user.account, &user.permissions);
        for group in &user.groups {
            if let Some(group) = self.group(&user.account, group) {
                policies.extend(&group.inline);
                self.add_attached(&mut policies, &group.account, &group.permissions);
            }
        }
        let arn = user.arn();
        let principal = Principal::user(arn.as_str()).with_unique_id(user.id.as_str());
        IdentifiedCaller {
            account: user.account.clone(),
            principal_arn: arn.clone(),
            arn,
            user_id: user.id.clone(),
            username: Some(user.name.clone()),
            tags: user.tags.clone(),
            identity_policies: user.compiled.set_of(&policies),
            boundary: self.boundary(&user.account, &user.permissions),
            ..IdentifiedCaller::nameless(principal)
        }
    }

    fn as_role(&self, role: &CompiledRecord<Role>, session_name: &str) -> IdentifiedCaller {
        let mut policies: Vec<&NamedPolicy> = role.inline.iter().collect();
        self.add_attached(&mut policies, &role.account, &role.permissions);
        let arn =
            format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name);
        let role_arn = role.arn();
        let principal = Principal::assumed_role(arn.as_str(), role_arn.as_str());
        IdentifiedCaller {
            account: role.account.clone(),
            arn,
            principal_arn: role_arn,
            user_id: format!("{}:{session_name}", role.id),
            tags: role.tags.clone(),
            identity_policies: role.compiled.set_of(&policies),
            boundary: self.boundary(&role.account, &role.permissions),
            ..IdentifiedCaller::nameless(principal.with_unique_id(role.id.as_str()))
        }
    }

    /// The identity side of a user or role as simulations ask for it, without any session.
    pub(crate) fn identified_by_arn(&self, arn: &str) -> Option<IdentifiedCaller> {
        let (account, kind, name) = principal_arn_parts(arn)?;
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

    /// A session of the role of this ARN, as a service of this deployment has assumed it: with the role's policies, its boundary
    /// and what stands above its account. Whether the service may is for its caller to ask.
    pub fn session_of_service(
        &self,
        role_arn: &str,
        session_name: &str,
        now: Timestamp,
    ) -> Option<IdentifiedCaller> {
        let mut identified = self.as_role(self.role_by_arn(role_arn)?, session_name);
        self.complete(&mut identified, now);
        Some(identified)
    }

    /// A group's policies, as simulations ask for them.
    pub(crate) fn identified_group(&self, group: &CompiledRecord<Group>) -> IdentifiedCaller {
        let mut policies: Vec<&NamedPolicy> = group.inline.iter().collect();
        self.add_attached(&mut policies, &group.account, &group.permissions);
        let identity_policies = group.compiled.set_of(&policies);
        IdentifiedCaller {
            account: group.account.clone(),
            identity_policies,
            ..IdentifiedCaller::anonymous()
        }
    }

    /// Whether a user or a role has an inline policy of this name itself.
    pub fn has_inline_policy(&self, arn: &str, name: &str) -> bool {
        let Some((account, kind, holder)) = principal_arn_parts(arn) else { return false };
        match kind {
            "user" => self
                .user(account, holder)
                .is_some_and(|user| user.permissions.inline.contains_key(name)),
            "role" => self
                .role(account, holder)
                .is_some_and(|role| role.permissions.inline.contains_key(name)),
            _ => false,
        }
    }

    /// The texts of all identity policies of a user (its groups' too), group or role.
    pub(crate) fn identity_texts(&self, arn: &str) -> Vec<(String, String)> {
        let Some((account, kind, name)) = principal_arn_parts(arn) else {
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
            let inline = permissions.inline.iter();
            texts.extend(inline.map(|(name, text)| (name.clone(), text.clone())));
            let attached = permissions.attached.iter().filter_map(|arn| {
                let version = self.managed_policy(arn)?.default_document()?;
                Some((arn.clone(), version.document.clone()))
            });
            texts.extend(attached);
        }
        texts
    }

    fn add_attached<'d>(
        &'d self,
        policies: &mut Vec<&'d NamedPolicy>,
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
        Some(policy.map_or_else(Arc::default, NamedPolicy::set))
    }

    /// `None` when the session was made without policies. A policy that is gone since allows nothing.
    fn session_policies(&self, session: &CompiledRecord<Session>) -> Option<Arc<PolicySet>> {
        if session.policies.is_empty() && session.policy_arns.is_empty() {
            return None;
        }
        let by_arn = session.policy_arns.iter();
        let by_arn =
            by_arn.filter_map(|arn| self.managed_policy_for(&session.account, arn)?.own.as_ref());
        let policies: Vec<&NamedPolicy> = session.inline.iter().chain(by_arn).collect();
        Some(session.compiled.set_of(&policies))
    }
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
    use std::collections::BTreeMap;

    use policy::Context;

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
        let directory = Directory::empty(Arc::new(key), Arc::default(), 0);
        let session = Record::Session(issued.session);
        let with = |role_id: &str| {
            let puts = vec![role(role_id), session.clone()];
            let directory = directory.after(&Change { puts, ..Change::default() }, 1).unwrap();
            directory.identify(&id, Some(&token), Timestamp::UNIX_EPOCH).map(|it| it.kind())
        };
        assert_eq!(with("AROAOLD"), Ok(CallerKind::AssumedRole));
        assert_eq!(with("AROANEW"), Err(IdentityError::PrincipalGone));
    }

    #[test]
    fn a_long_term_key_is_looked_up_once_in_a_snapshot_and_anew_in_the_next() {
        let key = SealingKey::new([7; SEALING_KEY_BYTES]).unwrap();
        let id = "AKIAROOT";
        let root = |active| {
            Record::AccessKey(crate::store::record::AccessKey {
                id: id.to_owned(),
                account: ACCOUNT.to_owned(),
                owner: KeyOwner::Root,
                active,
                created: 0,
                sealed_secret: key.seal(id, b"secret").unwrap(),
            })
        };
        let changed = |puts| Change { puts, ..Change::default() };
        let (active, inactive) = (changed(vec![root(true)]), changed(vec![root(false)]));
        let sealing_key = Arc::new(SealingKey::new([7; SEALING_KEY_BYTES]).unwrap());
        let first = Directory::empty(sealing_key, Arc::default(), 0).after(&active, 1).unwrap();
        let ask =
            |directory: &Directory| directory.identify_shared(id, None, Timestamp::UNIX_EPOCH);
        let caller = ask(&first).unwrap();
        assert!(Arc::ptr_eq(&caller, &ask(&first).unwrap()));
        let token = first.identify_shared(id, Some("token"), Timestamp::UNIX_EPOCH);
        assert_eq!(
            token.err(),
            Some(IdentityError::TokenDamaged),
            "a token is looked at each time"
        );
        let same = first.after(&changed(vec![role("AROAANY")]), 2).unwrap();
        assert!(!Arc::ptr_eq(&caller, &ask(&same).unwrap()));
        // The same number, whatever it is of: a snapshot knows nothing of another one's.
        let without = first.after(&inactive, 1).unwrap();
        assert_eq!(ask(&without).err(), Some(IdentityError::UnknownKey));
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
                kept: Default::default(),
            });
            let change = Change { puts: vec![user], ..Change::default() };
            let directory = Directory::empty(Arc::clone(&key), Arc::default(), 0);
            let directory = directory.after(&change, 1).unwrap();
            let ann = directory.as_user(directory.user(ACCOUNT, "ann").unwrap());
            let request = policy::AccessRequest {
                principal: ann.principal(),
                action: "es:ESHttpGet",
                resource: "*",
                resource_account: Some(ACCOUNT),
                context: &Context::new(),
            };
            policy::evaluate(&ann.policies(crate::identity::ResourceSide::default()), &request)
                .is_allowed()
        };
        assert!(may(None) && may(Some("arn:aws:iam::aws:policy/AdministratorAccess")));
        assert!(!may(Some("arn:aws:iam::123456789012:policy/gone")));
        assert!(!may(Some("arn:aws:iam::999988887777:policy/theirs")));
    }
}
