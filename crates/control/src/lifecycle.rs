//! What the server tells the control plane: the account's root at first start, listeners that accept, domains that are gone.

use jiff::Timestamp;
use sigv4::SecretKey;

use crate::change::Change;
use crate::control::{Control, Turn, not_changed};
use crate::err::{ApiError, ErrorCode};
use crate::limits::{CLOCK_AHEAD_SECONDS_MAX, COMMIT_ATTEMPTS_MAX};
use crate::mint;
use crate::store::port::{ChangeLogEntry, StoreError};
use crate::store::record::{
    AccessKey, Account, Domain, DomainExtras, KeyOwner, Record, RecordKind, domain_key,
};

/// The deployment itself, in the change log.
const SELF: &str = "countersign";

impl Control {
    /// Makes `account` if it is not there. With `chosen` that becomes root's only key; without, one is made if root has
    /// none: then it is returned, once.
    ///
    /// # Errors
    /// `Unavailable` when the store refuses; `InvalidInput` when `account` is not twelve digits or the chosen key id is
    /// another principal's.
    pub fn ensure_root(
        &self,
        account: &str,
        chosen: Option<(&str, &SecretKey)>,
        now: Timestamp,
    ) -> Result<Option<(String, SecretKey)>, ApiError> {
        let invalid = |why: String| ApiError::new(ErrorCode::InvalidInput, why);
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid(format!("an account is twelve digits, not {account:?}")));
        }
        let minted = match chosen {
            Some(_) => None,
            None => Some((self.mint_id("AKIA")?, mint::secret(self.mint()).map_err(internal)?)),
        };
        let at = now.as_second();
        let entry = ChangeLogEntry { at, operation: "ensure-root", caller: SELF, request_id: "" };
        let made = self.change(&entry, |directory, change| {
            if directory.account(account).is_none() {
                change.put(Record::Account(Account {
                    id: account.to_owned(),
                    alias: None,
                    created: at,
                    password_policy: None,
                    second_tokens: false,
                    credential_report: None,
                    access_reports: Vec::new(),
                    clock_ahead: 0,
                    clone_of: None,
                }));
            }
            let is_root = |key: &AccessKey| key.account == account && key.owner == KeyOwner::Root;
            let (id, secret) = match (&minted, chosen) {
                (None, Some((id, secret))) => (id, secret.expose()),
                (Some(_), _) if directory.access_keys().any(|key| is_root(key)) => {
                    return Ok(false);
                }
                (Some((id, secret)), _) => (id.as_str(), secret.as_str()),
                (None, None) => return Ok(false),
            };
            if directory.access_key(id).is_some_and(|key| !is_root(key)) {
                return Err(invalid(format!("the access key {id} belongs to another principal")));
            }
            let same = |known: &SecretKey| known.expose() == secret;
            let standing = directory.access_key(id).is_some_and(|key| key.active);
            let others = directory.access_keys().filter(|key| is_root(key) && key.id != id);
            let others: Vec<String> = others.map(|key| key.id.clone()).collect();
            if standing && others.is_empty() && directory.signing_secret(id).is_some_and(same) {
                return Ok(false);
            }
            for other in others {
                change.delete(RecordKind::AccessKey, other);
            }
            change.put(Record::AccessKey(AccessKey {
                id: id.to_owned(),
                account: account.to_owned(),
                owner: KeyOwner::Root,
                active: true,
                created: at,
                sealed_secret: directory
                    .sealing_key()
                    .seal(id, secret.as_bytes())
                    .map_err(internal)?,
            }));
            Ok(true)
        })?;
        Ok(minted.filter(|_| made).map(|(id, secret)| (id, SecretKey::new(&secret))))
    }

    /// A new key for the root of `account`, in place of all it had: the way back in for who owns the host.
    ///
    /// # Errors
    /// As [`Control::ensure_root`].
    pub fn recover_root(
        &self,
        account: &str,
        now: Timestamp,
    ) -> Result<(String, SecretKey), ApiError> {
        let id = self.mint_id("AKIA")?;
        let secret = SecretKey::new(&mint::secret(self.mint()).map_err(internal)?);
        self.ensure_root(account, Some((&id, &secret)), now)?;
        Ok((id, secret))
    }

    /// The domain's listener accepts at `endpoint` (host and port, no scheme): it is no longer processing.
    ///
    /// # Errors
    /// `NoSuchEntity` when there is no such domain; `Unavailable` when the store refuses.
    pub fn domain_listening(
        &self,
        (account, region, name): (&str, &str, &str),
        endpoint: &str,
        port: u16,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.change_domain((account, region, name), "domain-listening", now, |domain| {
            domain.endpoint = Some(endpoint.to_ascii_lowercase());
            domain.port = Some(port);
        })
    }

    /// Records the port of a domain that cannot serve yet: every gateway binds the same one. It stays in state Processing.
    ///
    /// # Errors
    /// As [`Control::domain_listening`].
    pub fn domain_bound(
        &self,
        (account, region, name): (&str, &str, &str),
        port: u16,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.change_domain((account, region, name), "domain-bound", now, |domain| {
            domain.port = Some(port);
        })
    }

    /// The cluster of a pool serves the domain from now on: its indices were moved there. `unique` says which domain of this name
    /// is meant.
    ///
    /// # Errors
    /// `NoSuchEntity` when there is no such domain, or it is being deleted; `Conflict` when another pool's cluster serves it already;
    /// `Unavailable` when the store refuses.
    pub fn domain_moved(
        &self,
        domain @ (account, region, name): (&str, &str, &str),
        (unique, pool): (&str, &str),
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let at = now.as_second();
        let entry = ChangeLogEntry { at, operation: "domain-moved", caller: SELF, request_id: "" };
        self.change(&entry, |directory, change| {
            let found = directory.domain(account, region, name);
            let found = found.filter(|found| found.unique == unique && !found.deleted);
            let found = found.ok_or_else(|| missing(domain))?;
            match found.pool.as_deref() {
                Some(there) if there == pool => {}
                Some(there) => {
                    let text = format!("Domain {name} is served by the cluster of pool {there}");
                    return Err(ApiError::new(ErrorCode::Conflict, text));
                }
                None => {
                    let pool = Some(pool.to_owned());
                    change.put(Record::Domain(Domain { pool, ..found.record.clone() }));
                }
            }
            Ok(())
        })
    }

    /// Commits a version that says nothing new. Whatever was being committed before it has been when this returns, or never will be:
    /// so this tells what became of a change whose answer was lost. To read does not, because a commit that hangs is seen by nobody and
    /// may be made later.
    ///
    /// # Errors
    /// `Unavailable` when the store refuses; `Conflict` when others commit all the time.
    pub fn fence(&self, now: Timestamp) -> Result<(), ApiError> {
        let at = now.as_second();
        let entry = ChangeLogEntry { at, operation: "fence", caller: SELF, request_id: "" };
        let mut store = Turn(self.lock());
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let newest = self.directory();
            let version = newest.version();
            let next = newest.after(&Change::default(), version + 1).map_err(internal)?;
            match store.0.commit_if_at(version, &Change::default(), &entry) {
                Ok(()) => {
                    self.publish(next);
                    return Ok(());
                }
                Err(StoreError::Conflict) => {
                    self.was_overtaken(&mut store).map_err(|error| not_changed(&error))?;
                }
                Err(error) => return Err(not_changed(&error)),
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, StoreError::Conflict.to_string()))
    }

    /// The indices that a moved domain left behind are removed: it is at no gateway of its own any more.
    ///
    /// # Errors
    /// As [`Control::domain_listening`].
    pub fn domain_source_discarded(
        &self,
        (account, region, name): (&str, &str, &str),
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.change_domain((account, region, name), "domain-source-discarded", now, |domain| {
            domain.gateway = None;
        })
    }

    /// Sets the clock of `account` so many seconds ahead of the service's (or behind, below 0): its sessions end, its operations
    /// are done and its policies are asked by that clock. Signatures are judged by the service's own. A session that was
    /// seen over stays over.
    ///
    /// # Errors
    /// `NoSuchEntity` when there is no such account; `InvalidInput` beyond [`CLOCK_AHEAD_SECONDS_MAX`]; `Unavailable` when
    /// the store refuses.
    pub fn set_clock(&self, account: &str, ahead: i64, now: Timestamp) -> Result<(), ApiError> {
        if !(-CLOCK_AHEAD_SECONDS_MAX..=CLOCK_AHEAD_SECONDS_MAX).contains(&ahead) {
            let text =
                format!("a clock is at most {CLOCK_AHEAD_SECONDS_MAX} seconds ahead or behind");
            return Err(ApiError::new(ErrorCode::InvalidInput, text));
        }
        let at = now.as_second();
        let entry = ChangeLogEntry { at, operation: "set-clock", caller: SELF, request_id: "" };
        self.change(&entry, |directory, change| {
            let missing =
                || ApiError::new(ErrorCode::NoSuchEntity, format!("no account {account}"));
            let known = directory.account(account).ok_or_else(missing)?;
            if known.clock_ahead != ahead {
                change.put(Record::Account(Account { clock_ahead: ahead, ..known.record.clone() }));
            }
            Ok(())
        })
    }

    /// Our own settings of one domain.
    ///
    /// # Errors
    /// As [`Control::domain_listening`].
    pub fn set_domain_extras(
        &self,
        (account, region, name): (&str, &str, &str),
        extras: &DomainExtras,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.change_domain((account, region, name), "domain-extras", now, |domain| {
            domain.extras = extras.clone()
        })
    }

    /// The listener of a deleted domain is closed and its folder removed: the record goes. Nothing happens to a domain
    /// that is not being deleted.
    ///
    /// # Errors
    /// `Unavailable` when the store refuses.
    pub fn domain_gone(
        &self,
        (account, region, name): (&str, &str, &str),
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let entry = ChangeLogEntry {
            at: now.as_second(),
            operation: "domain-gone",
            caller: SELF,
            request_id: "",
        };
        self.change(&entry, |directory, change| {
            if directory.domain(account, region, name).is_some_and(|domain| domain.deleted) {
                change.delete(RecordKind::Domain, domain_key(account, region, name));
            }
            Ok(())
        })
    }

    fn change_domain(
        &self,
        (account, region, name): (&str, &str, &str),
        operation: &str,
        now: Timestamp,
        edit: impl Fn(&mut Domain),
    ) -> Result<(), ApiError> {
        let entry = ChangeLogEntry { at: now.as_second(), operation, caller: SELF, request_id: "" };
        self.change(&entry, |directory, change| {
            let found = directory.domain(account, region, name);
            let missing = || missing((account, region, name));
            let mut domain = found.ok_or_else(missing)?.record.clone();
            edit(&mut domain);
            if !found.is_some_and(|old| {
                old.endpoint == domain.endpoint
                    && old.port == domain.port
                    && old.pool == domain.pool
                    && old.gateway == domain.gateway
                    && old.extras == domain.extras
            }) {
                change.put(Record::Domain(domain));
            }
            Ok(())
        })
    }

    fn mint_id(&self, prefix: &str) -> Result<String, ApiError> {
        mint::id(self.mint(), prefix, 20).map_err(internal)
    }
}

fn missing((_, _, name): (&str, &str, &str)) -> ApiError {
    ApiError::new(ErrorCode::NoSuchEntity, format!("Domain not found: {name}"))
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}
