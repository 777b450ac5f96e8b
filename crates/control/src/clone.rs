//! An account once more, under a number of its own, for one test (docs/decisions/0155-an-account-is-cloned-for-a-test.md).
//!
//! Every record is taken over but the sessions. The account's number and whatever Amazon keeps unique (ids of users, roles,
//! policies, keys, certificates, VPC endpoints; domains' parts of host names) are others in the clone, wherever they stand in a
//! record: in the ARNs and conditions of policies too. Names stay, and so do the ids of packages, which settings of indices
//! name. The clone's access keys have secrets of their own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use sigv4::SecretKey;
use zeroize::Zeroizing;

use crate::control::Control;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::CLONES_MAX;
use crate::mint::{self, Mint};
use crate::store::port::ChangeLogEntry;
use crate::store::record::{
    AccessKey, Account, Domain, KeyOwner, LoginProfile, MfaDevice, Package, Record, RecordKind,
    ServerCertificate, User, VPC_ENDPOINT_PREFIX,
};

/// A clone that can be added: nothing of it exists yet.
pub struct AccountClone {
    /// Its number.
    pub account: String,
    /// Its access keys.
    pub keys: Vec<ClonedKey>,
    records: Vec<Record>,
    /// For each domain among the records, in their order, the part of the host name of the one that it was made from.
    origins: Vec<String>,
}

/// An access key of a clone.
pub struct ClonedKey {
    /// Name of its user; `None`: root's.
    pub user: Option<String>,
    /// `AKIA…`.
    pub id: String,
    /// Its secret.
    pub secret: SecretKey,
    /// Whether it is good for anything.
    pub active: bool,
}

impl AccountClone {
    /// Its domains, each with the part of the host name of the one that it was made from.
    pub fn domains(&self) -> impl Iterator<Item = (&str, &Domain)> {
        let domains = self.records.iter().filter_map(|record| match record {
            Record::Domain(domain) => Some(domain),
            _ => None,
        });
        self.origins.iter().map(String::as_str).zip(domains)
    }

    /// Its domains listen at these endpoints and ports, in the order of [`AccountClone::domains`].
    pub fn listen_at(&mut self, places: impl IntoIterator<Item = (String, u16)>) {
        let domains = self.records.iter_mut().filter_map(|record| match record {
            Record::Domain(domain) => Some(domain),
            _ => None,
        });
        for (domain, (endpoint, port)) in domains.zip(places) {
            domain.endpoint = Some(endpoint.to_ascii_lowercase());
            domain.port = Some(port);
        }
    }
}

impl Control {
    /// A clone of `account` as it is now; nothing is changed.
    ///
    /// # Errors
    /// `NoSuchEntity` when there is no such account; `LimitExceeded` beyond [`CLONES_MAX`]; `Internal` when a secret
    /// cannot be unsealed.
    pub fn plan_clone(&self, account: &str, now: Timestamp) -> Result<AccountClone, ApiError> {
        let directory = self.directory();
        if directory.account(account).is_none() {
            return Err(missing(account));
        }
        let clones = directory.accounts().filter(|account| account.clone_of.is_some()).count();
        if clones >= CLONES_MAX {
            let text = format!("there are at most {CLONES_MAX} clones at once: remove one first");
            return Err(ApiError::new(ErrorCode::LimitExceeded, text));
        }
        let mut records = directory.records_of(account);
        records.retain(|record| !matches!(record, Record::Domain(domain) if domain.deleted));
        let number = free_number(self.mint(), &directory)?;
        let renamed = Renaming::of(account, &number, &records, self.mint())?;
        let cloning = Cloning { renamed, directory: &directory, mint: self.mint(), now };
        cloning.clone_of(account, number, records)
    }

    /// Adds a clone. When this returns, its keys and domains are known.
    ///
    /// # Errors
    /// `EntityAlreadyExists` when its number was taken meanwhile; `Unavailable` when the store refuses.
    pub fn add_clone(&self, clone: &AccountClone, now: Timestamp) -> Result<(), ApiError> {
        self.change(&entry("add-clone", now), |directory, change| {
            if directory.account(&clone.account).is_some() {
                let text = format!("there is an account {} meanwhile", clone.account);
                return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
            }
            change.puts.clone_from(&clone.records);
            Ok(())
        })
    }

    /// Removes a clone with everything in it, sessions too; gives its domains, which nobody finds any more.
    ///
    /// # Errors
    /// `NoSuchEntity` when there is no such account; `InvalidInput` when it is no clone; `Unavailable` when the store
    /// refuses.
    pub fn remove_clone(&self, account: &str, now: Timestamp) -> Result<Vec<Domain>, ApiError> {
        self.change(&entry("remove-clone", now), |directory, change| {
            let known = directory.account(account).ok_or_else(|| missing(account))?;
            if known.clone_of.is_none() {
                let text = format!("account {account} is no clone; only clones are removed");
                return Err(ApiError::new(ErrorCode::InvalidInput, text));
            }
            let mut domains = Vec::new();
            for record in directory.records_of(account) {
                change.deletes.push((record.kind(), record.key()));
                if let Record::Domain(domain) = record {
                    domains.push(domain);
                }
            }
            let sessions = directory.sessions().values();
            let own = sessions.filter(|session| session.entry.account == account);
            change.deletes.extend(
                own.map(|session| (RecordKind::Session, session.entry.access_key_id.clone())),
            );
            Ok(domains)
        })
    }
}

fn entry(operation: &str, now: Timestamp) -> ChangeLogEntry<'_> {
    ChangeLogEntry { at: now.as_second(), operation, caller: "countersign", request_id: "" }
}

fn missing(account: &str) -> ApiError {
    ApiError::new(ErrorCode::NoSuchEntity, format!("no account {account}"))
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}

/// Twelve digits that are no account's.
fn free_number(mint: &dyn Mint, directory: &Directory) -> Result<String, ApiError> {
    loop {
        let mut bytes = [0u8; 12];
        mint.fill(&mut bytes).map_err(internal)?;
        let digits = bytes.iter().map(|byte| char::from(b'0' + byte % 10));
        // Nobody's number begins with 0 here: some programs take it for a number of eleven digits.
        let number: String = std::iter::once('8').chain(digits.skip(1)).collect();
        if directory.account(&number).is_none() {
            return Ok(number);
        }
    }
}

/// Another id with the prefix and the length of `id`.
fn like(id: &str, mint: &dyn Mint) -> Result<String, ApiError> {
    mint::id(mint, id.get(..4).unwrap_or_default(), id.len()).map_err(internal)
}

/// What is another in the clone, by what it is in the account.
struct Renaming(BTreeMap<String, String>);

impl Renaming {
    fn of(
        account: &str,
        number: &str,
        records: &[Record],
        mint: &dyn Mint,
    ) -> Result<Renaming, ApiError> {
        let mut renamed = BTreeMap::from([(account.to_owned(), number.to_owned())]);
        for record in records {
            let id = match record {
                Record::User(it) => {
                    for kept in it.kept.ids() {
                        renamed.insert(kept.to_owned(), like(kept, mint)?);
                    }
                    &it.id
                }
                Record::Group(it) => &it.id,
                Record::Role(it) => &it.id,
                Record::ManagedPolicy(it) => &it.id,
                Record::InstanceProfile(it) => &it.id,
                Record::SamlProvider(it) => &it.id,
                Record::ServerCertificate(it) => &it.id,
                Record::AccessKey(it) => &it.id,
                Record::Domain(Domain { unique, .. }) => {
                    renamed.insert(unique.clone(), mint::host_part(mint).map_err(internal)?);
                    continue;
                }
                Record::VpcEndpoint(it) => {
                    let unique = it.id.trim_start_matches(VPC_ENDPOINT_PREFIX).to_owned();
                    renamed.insert(unique, mint::host_part(mint).map_err(internal)?);
                    continue;
                }
                Record::Account(_)
                | Record::OidcProvider(_)
                | Record::MfaDevice(_)
                | Record::Session(_)
                | Record::PrincipalUses(_)
                | Record::Package(_) => continue,
            };
            renamed.insert(id.clone(), like(id, mint)?);
        }
        Ok(Renaming(renamed))
    }

    /// The record with the new names in every text of it.
    fn record(&self, record: &Record) -> Result<Record, ApiError> {
        // Its texts may be large and are shared; nothing of the account stands in them.
        if let Record::Package(package) = record {
            let account = self.text(&package.account);
            // Whom it is shared with knows the account's; two packages of one id it could not tell apart.
            let users = BTreeSet::new();
            let mut associations = package.associations.clone();
            associations.retain(|one| one.account.is_none());
            let own = Package { account, users, associations, ..package.clone() };
            return Ok(Record::Package(own));
        }
        let value = serde_json::to_value(record).map_err(internal)?;
        serde_json::from_value(self.value(value)).map_err(internal)
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, member)| (self.text(&name), self.value(member)))
                .collect(),
            other => other,
        }
    }

    /// The text with the new words in place of the old ones; a word is letters and digits.
    fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
            let (before, from) = rest.split_at(start);
            let end = from.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            out.push_str(before);
            out.push_str(self.0.get(word).map_or(word, String::as_str));
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

struct Cloning<'a> {
    renamed: Renaming,
    directory: &'a Directory,
    mint: &'a dyn Mint,
    now: Timestamp,
}

impl Cloning<'_> {
    fn clone_of(
        &self,
        account: &str,
        number: String,
        originals: Vec<Record>,
    ) -> Result<AccountClone, ApiError> {
        let mut clone = AccountClone {
            account: number,
            keys: Vec::new(),
            records: Vec::with_capacity(originals.len()),
            origins: Vec::new(),
        };
        for original in &originals {
            let mut record = self.renamed.record(original)?;
            match (original, &mut record) {
                (Record::Account(original), Record::Account(own)) => self.account(original, own),
                (Record::User(original), Record::User(own)) => self.user(original, own)?,
                (Record::MfaDevice(original), Record::MfaDevice(own)) => {
                    self.device(original, own)?;
                }
                (Record::ServerCertificate(original), Record::ServerCertificate(own)) => {
                    self.certificate(original, own)?;
                }
                (Record::AccessKey(_), Record::AccessKey(own)) => {
                    clone.keys.push(self.key(account, own)?);
                }
                (Record::Domain(original), Record::Domain(own)) => {
                    (own.endpoint, own.port) = (None, None);
                    // ARNs in them are those that the operator's settings know.
                    own.options.clone_from(&original.options);
                    clone.origins.push(original.unique.clone());
                }
                _ => {}
            }
            clone.records.push(record);
        }
        Ok(clone)
    }

    fn account(&self, original: &Account, own: &mut Account) {
        own.created = self.now.as_second();
        // An alias is one account's in all the world.
        own.alias = None;
        own.clone_of = Some(original.clone_of.clone().unwrap_or_else(|| original.id.clone()));
    }

    fn key(&self, account: &str, own: &mut AccessKey) -> Result<ClonedKey, ApiError> {
        let secret = mint::secret(self.mint).map_err(internal)?;
        own.sealed_secret = self.seal(&own.id, secret.as_bytes())?;
        let name = |name: &String| {
            self.directory.user(account, name).map_or_else(|| name.clone(), |it| it.name.clone())
        };
        let user = match &own.owner {
            KeyOwner::Root => None,
            KeyOwner::User { name: key, .. } => Some(name(key)),
        };
        let (id, secret) = (own.id.clone(), SecretKey::new(&secret));
        Ok(ClonedKey { user, id, secret, active: own.active })
    }

    fn user(&self, original: &User, own: &mut User) -> Result<(), ApiError> {
        let (Some(before), Some(profile)) = (&original.login_profile, &mut own.login_profile)
        else {
            return Ok(());
        };
        let again = |sealed: &String| self.sealed_again(&original.id, sealed, &own.id);
        let earlier = before.earlier.iter().map(again).collect::<Result<_, _>>()?;
        let sealed_hash = again(&before.sealed_hash)?;
        *profile = LoginProfile { sealed_hash, earlier, ..before.clone() };
        Ok(())
    }

    fn device(&self, original: &MfaDevice, own: &mut MfaDevice) -> Result<(), ApiError> {
        let again = self.sealed_again(&original.serial, &original.sealed_seed, &own.serial);
        own.sealed_seed = again?;
        Ok(())
    }

    fn certificate(
        &self,
        original: &ServerCertificate,
        own: &mut ServerCertificate,
    ) -> Result<(), ApiError> {
        own.sealed_key = self.sealed_again(&original.id, &original.sealed_key, &own.id)?;
        Ok(())
    }

    /// What was sealed for one name, sealed for another.
    fn sealed_again(&self, from: &str, sealed: &str, to: &str) -> Result<String, ApiError> {
        let opened = self.directory.sealing_key().open(from, sealed);
        let opened: Zeroizing<Vec<u8>> = opened.map_err(internal)?;
        self.seal(to, &opened)
    }

    fn seal(&self, name: &str, secret: &[u8]) -> Result<String, ApiError> {
        self.directory.sealing_key().seal(name, secret).map_err(internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_and_parts_of_words_are_not() {
        let words = [("123456789012", "800000000000"), ("AIDAX", "AIDAY")];
        let renaming = Renaming(words.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
        for (text, after) in [
            ("arn:aws:iam::123456789012:user/ann", "arn:aws:iam::800000000000:user/ann"),
            ("\n123456789012", "\n800000000000"),
            ("1234567890123 x123456789012", "1234567890123 x123456789012"),
            ("AIDAX,AIDAX2 é AIDAX", "AIDAY,AIDAX2 é AIDAY"),
            ("", ""),
        ] {
            assert_eq!(renaming.text(text), after);
        }
    }
}
