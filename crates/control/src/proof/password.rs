//! Passwords of IAM users: Argon2id, what it costs, and who was proven by one.
//!
//! A password's hash is kept sealed in the user's record (`LoginProfile`), so that who reads the state file alone cannot
//! even guess at it. Hashing is slow on purpose: it happens in [`prepare`] before a change is decided, and in
//! [`Login::matches`]; whoever calls either bounds how many run at once, which bounds memory too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{guesses, password_rules};
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentifiedCaller;
use crate::mint::Mint;
use crate::security::InternalUser;
use crate::store::record::{Domain, LoginProfile, User};

/// Memory of one hash, in KiB. This and the next two: OWASP's Password Storage Cheat Sheet, Argon2id,
/// "m=19456 (19 MiB), t=2, p=1".
pub const HASH_MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
pub const HASH_PASSES: u32 = 2;
/// Lanes.
pub const HASH_LANES: u32 = 1;
/// Amazon's text for an `OldPassword` that is not the password.
pub(crate) const WRONG: &str = "The old password was incorrect.";
/// Bytes of a salt: the PHC string format's advice.
const SALT_BYTES: usize = 16;
/// Proven passwords that are remembered. When there are more, all are forgotten: they are proven again.
pub const LOGINS_PROVEN_MAX: usize = 10_000;

/// A password in clear. No `Debug`, no comparison, wiped when dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as it was given.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

/// What a user name stands for when a password is to prove it: taken off one snapshot. A name that nobody has, and a user
/// without a password, cost the same work as any other.
pub struct Login {
    account: String,
    name: String,
    /// The domain whose internal user it is: its region, its name and its random part.
    internal: Option<(String, String, String)>,
    /// The user's unique id and its password's hash, sealed as in the record: new with each password.
    user: Option<(String, String)>,
    hash: Option<Zeroizing<Vec<u8>>>,
}

/// Why a user that was named does not come in by its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// No such user, or no password, or another one by now.
    Unknown,
    /// The password must be changed before it is good for anything (`PasswordResetRequired`).
    ResetRequired,
    /// The password is older than the account's password policy allows (`MaxPasswordAge`).
    Expired,
}

impl Login {
    /// Whether this is the password. Slow on purpose (see [`HASH_MEMORY_KIB`]).
    pub fn matches(&self, password: &Password) -> bool {
        match self.hash.as_deref().and_then(|hash| std::str::from_utf8(hash).ok()) {
            Some(hash) => matches(&password.0, hash),
            None => {
                // Nobody's: the same work, and never the password.
                let _spent = hash(&password.0, &[0; SALT_BYTES]);
                false
            }
        }
    }
}

impl Directory {
    /// What `name` stands for among the users of `account`.
    ///
    /// A name that nobody has takes as long to try as any other, and no password fits it:
    ///
    /// ```
    /// # use control::{Control, ControlOptions, ControlSettings, LoginError, Password, SEALING_KEY_BYTES, StorePlace};
    /// let (place, sealing_key) = (StorePlace::Memory, [7; SEALING_KEY_BYTES]);
    /// let settings = ControlSettings::default();
    /// let control = Control::open(ControlOptions { place, sealing_key, settings }).unwrap();
    /// let login = control.directory().login("123456789012", "ann");
    /// assert!(!login.matches(&Password::new("a guess")));
    /// let found = control.directory().identify_login(&login, jiff::Timestamp::UNIX_EPOCH);
    /// assert_eq!(found.err(), Some(LoginError::Unknown));
    /// ```
    pub fn login(&self, account: &str, name: &str) -> Login {
        let user = self.user(account, name);
        let known = user.and_then(|user| Some((user, user.login_profile.as_ref()?)));
        Login {
            account: account.to_owned(),
            name: name.to_owned(),
            internal: None,
            user: known.map(|(user, profile)| (user.id.clone(), profile.sealed_hash.clone())),
            hash: known.and_then(|(user, profile)| {
                self.sealing_key().open(&user.id, &profile.sealed_hash).ok()
            }),
        }
    }

    /// What `name` stands for among the internal users of a domain.
    pub fn internal_login(&self, domain: &Domain, name: &str) -> Login {
        let known = domain.security.as_ref().and_then(|security| security.hash_of(name));
        let place = (domain.region.clone(), domain.name.clone(), domain.unique.clone());
        Login {
            account: domain.account.clone(),
            name: name.to_owned(),
            internal: Some(place),
            hash: known.as_ref().and_then(|(id, sealed)| self.sealing_key().open(id, sealed).ok()),
            user: known,
        }
    }

    /// The internal user that `login` stands for: anonymous to policies.
    fn identify_internal(
        &self,
        login: &Login,
        (region, name, unique): &(String, String, String),
    ) -> Result<IdentifiedCaller, LoginError> {
        let domain = self.domain(&login.account, region, name);
        let domain = domain.filter(|domain| domain.unique == *unique && !domain.deleted);
        let security = domain.and_then(|domain| domain.security.as_ref());
        let security = security.filter(|security| security.internal_users);
        let known = security.and_then(|security| security.hash_of(&login.name));
        if known.is_none() || known != login.user {
            return Err(LoginError::Unknown);
        }
        let user = InternalUser { name: login.name.clone(), domain: unique.clone() };
        Ok(IdentifiedCaller { internal_user: Some(user), ..IdentifiedCaller::anonymous() })
    }

    /// The user that `login` stands for, exactly as if it had signed with its key; the password must have been proven with
    /// [`Login::matches`]. Asked of a newer snapshot it says whether that still holds.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub fn identify_login(
        &self,
        login: &Login,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, LoginError> {
        if let Some(place) = &login.internal {
            return self.identify_internal(login, place);
        }
        let (user, profile) = self.standing_login(login)?;
        if profile.reset_required {
            return Err(LoginError::ResetRequired);
        }
        if password_rules::has_expired(self, &login.account, profile, now.as_second()) {
            return Err(LoginError::Expired);
        }
        let mut identified = self.as_user(user);
        self.complete(&mut identified, now);
        Ok(identified)
    }

    /// The user that `login` stands for, who signs in to the console: `GetSessionToken` is all that it may ask for. A password
    /// that must be changed first lets it in, because that is done there ([`Directory::must_change_password`]); the
    /// password must have been proven with [`Login::matches`].
    ///
    /// # Errors
    /// [`LoginError::Expired`] only where an expired password may not be changed by its user (`HardExpiry`).
    pub fn identify_sign_in(
        &self,
        login: &Login,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, LoginError> {
        let (user, profile) = self.standing_login(login)?;
        let expired = password_rules::has_expired(self, &user.account, profile, now.as_second());
        if expired && password_rules::expires_hard(self, &user.account) {
            return Err(LoginError::Expired);
        }
        let sealed_password = Some(profile.sealed_hash.clone());
        let mut identified =
            IdentifiedCaller { console: true, sealed_password, ..self.as_user(user) };
        self.complete(&mut identified, now);
        Ok(identified)
    }

    /// Whether a user must change its password before the console shows it anything: an administrator said so
    /// (`PasswordResetRequired`), or the password is older than the account allows (`MaxPasswordAge`).
    pub fn must_change_password(&self, account: &str, name: &str, now: Timestamp) -> bool {
        let profile = self.user(account, name).and_then(|user| user.login_profile.as_ref());
        profile.is_some_and(|profile| {
            profile.reset_required
                || password_rules::has_expired(self, account, profile, now.as_second())
        })
    }

    /// The user of a proven login and its profile, while that is its password.
    fn standing_login(
        &self,
        login: &Login,
    ) -> Result<(&CompiledRecord<User>, &LoginProfile), LoginError> {
        let (id, sealed_hash) = login.user.as_ref().ok_or(LoginError::Unknown)?;
        let user = self.user(&login.account, &login.name).filter(|user| user.id == *id);
        let user = user.ok_or(LoginError::Unknown)?;
        let profile = user.login_profile.as_ref().filter(|it| it.sealed_hash == *sealed_hash);
        Ok((user, profile.ok_or(LoginError::Unknown)?))
    }
}

/// Passwords that were proven since the start, so that only the first request of many pays for Argon2id. What is kept is a
/// MAC under a key of this process: it is worth nothing to who reads memory dumps of another one.
pub struct ProvenLogins {
    /// `None` when there was no randomness: then nothing is remembered.
    key: Option<hmac::Key>,
    kept: Mutex<HashMap<String, ProvenPassword>>,
}

/// The password that was proven for a user, and which of its passwords it was.
struct ProvenPassword {
    sealed_hash: String,
    tag: hmac::Tag,
}

impl ProvenLogins {
    /// Remembers nothing yet.
    pub fn new(mint: &dyn Mint) -> Self {
        let mut bytes = Zeroizing::new([0u8; 32]);
        let filled = mint.fill(bytes.as_mut_slice());
        let key = filled.ok().map(|()| hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice()));
        Self { key, kept: Mutex::default() }
    }

    /// Whether this password was proven for `login` before and is still its password: a changed one has another hash.
    pub fn has(&self, login: &Login, password: &Password) -> bool {
        let (Some(key), Some((id, sealed_hash))) = (&self.key, &login.user) else { return false };
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).is_some_and(|kept| {
            kept.sealed_hash == *sealed_hash
                && hmac::verify(key, password.0.as_bytes(), kept.tag.as_ref()).is_ok()
        })
    }

    /// Remembers that this password was proven for `login`.
    pub fn keep(&self, login: &Login, password: &Password) {
        let (Some(key), Some((id, sealed_hash))) = (&self.key, &login.user) else { return };
        let tag = hmac::sign(key, password.0.as_bytes());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= LOGINS_PROVEN_MAX {
            kept.clear();
        }
        kept.insert(id.clone(), ProvenPassword { sealed_hash: sealed_hash.clone(), tag });
    }
}

/// What was computed of the passwords in an operation's input before its change is decided, because deciding may happen
/// twice and under the lock of changes.
#[derive(Default)]
pub(crate) struct HashedPasswords {
    /// The hash of the new password.
    pub(crate) hash: Option<Zeroizing<String>>,
    /// The sealed hash that the old password was compared with.
    pub(crate) tried: Option<String>,
    /// The sealed hash that the old password was found to belong to.
    pub(crate) proven: Option<String>,
    /// Sealed hashes of the caller's that the new password was found to belong to.
    pub(crate) used: Vec<String>,
}

/// Hashes the passwords in the input of an operation that takes some.
pub(crate) fn prepare(
    input: &Value,
    caller: &IdentifiedCaller,
    directory: &Directory,
    mint: &dyn Mint,
    now: Timestamp,
) -> Result<HashedPasswords, ApiError> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let master = input.pointer("/AdvancedSecurityOptions/MasterUserOptions/MasterUserPassword");
    let new = text("Password").or_else(|| text("NewPassword")).or_else(|| master?.as_str());
    let user = caller.username.as_deref().and_then(|name| directory.user(&caller.account, name));
    let own = user.and_then(|user| Some((user, user.login_profile.as_ref()?)));
    let old = text("OldPassword").zip(own);
    if let Some((_, (_, profile))) = old {
        // Before anything is hashed: guessing costs the guesser's time and not ours.
        refuse_locked(profile, now.as_second())?;
    }
    let mut prepared = HashedPasswords::default();
    if let Some(new) = new {
        prepared.hash = Some(new_hash(new, mint)?);
    }
    if let (Some((old, (user, profile))), Some(new)) = (old, new) {
        let is = |password: &str, sealed: &str| opened(directory, user, sealed, password);
        prepared.tried = Some(profile.sealed_hash.clone());
        if is(old, &profile.sealed_hash) {
            prepared.proven = Some(profile.sealed_hash.clone());
            let remembered = password_rules::remembered(directory, &user.account);
            let kept = used(profile).take(remembered).filter(|sealed| is(new, sealed));
            prepared.used = kept.cloned().collect();
        }
    }
    Ok(prepared)
}

/// The hash of a password that is new.
pub(crate) fn new_hash(password: &str, mint: &dyn Mint) -> Result<Zeroizing<String>, ApiError> {
    let mut salt = [0u8; SALT_BYTES];
    mint.fill(&mut salt).map_err(internal)?;
    hash(password, &salt).map_err(internal)
}

/// Refuses while the user's password is locked, after too many wrong `OldPassword`s.
pub(crate) fn refuse_locked(profile: &LoginProfile, now: i64) -> Result<(), ApiError> {
    match profile.guesses.locked(now) {
        Some(until) => {
            let text = guesses::locked_text("old passwords", until);
            Err(ApiError::access_denied(format!("{WRONG} {text}")))
        }
        None => Ok(()),
    }
}

/// The sealed hashes of a user's passwords, the newest first.
pub(crate) fn used(profile: &LoginProfile) -> impl Iterator<Item = &String> {
    std::iter::once(&profile.sealed_hash).chain(&profile.earlier)
}

fn opened(directory: &Directory, user: &User, sealed: &str, password: &str) -> bool {
    is_sealed(directory, &user.id, sealed, password)
}

/// Whether a password is the one of a hash that was sealed for `id`.
pub(crate) fn is_sealed(directory: &Directory, id: &str, sealed: &str, password: &str) -> bool {
    let opened = directory.sealing_key().open(id, sealed).ok();
    let hash = opened.as_deref().and_then(|hash| std::str::from_utf8(hash).ok());
    hash.is_some_and(|hash| matches(password, hash))
}

/// The hash of a password, as a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$…`).
fn hash(password: &str, salt: &[u8]) -> Result<Zeroizing<String>, argon2::password_hash::Error> {
    let params = Params::new(HASH_MEMORY_KIB, HASH_PASSES, HASH_LANES, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = argon2.hash_password_with_salt(password.as_bytes(), salt)?;
    Ok(Zeroizing::new(hash.to_string()))
}

/// Compares in constant time, with the parameters that the hash was made with.
fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made() {
        let hash = hash("correct horse", &[7; SALT_BYTES]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", *hash);
        assert!(matches("correct horse", &hash));
        assert!(!matches("correct horsf", &hash));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for damaged in ["", "$argon2id$", "correct horse", "$argon2id$v=19$m=19456,t=2,p=1$AAAA"] {
            assert!(!matches("correct horse", damaged), "{damaged}");
        }
    }
}
