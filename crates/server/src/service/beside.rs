//! What the owner of the host does to the state, also while a service runs on it: makes an account, gets back into one.
//!
//! The store takes turns between processes, and the service looks into it twice a second (`follow_store.rs`). The audit's
//! files are the service's alone: where one runs, the record of what was done here is in the store's log of changes, and
//! the service writes that something was.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::audit::{Audit, AuditEntry, AuditRecord};
use crate::service::backends::{ControlPlane, CopyState, EnsureRoot, RecoverRoot, ResealSecrets};
use crate::service::first_start::{KnownKey, root_file};
use crate::service::folder::{self, Folder, FolderError};
use crate::service::start::{StartError, open_audit, open_control};
use crate::settings::Settings;
use crate::walk::authorize::permit::{Permit, Reason};

/// Why the owner of the host did not get what was asked for.
#[derive(Debug)]
pub enum HostError {
    /// The state cannot be opened, or the key not be written.
    State(StartError),
    /// There is nothing to do it to, or it is done already.
    Refused(String),
}

impl std::fmt::Display for HostError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::State(error) => error.fmt(f),
            Self::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for HostError {}

impl<E: Into<StartError>> From<E> for HostError {
    fn from(error: E) -> Self {
        Self::State(error.into())
    }
}

/// Makes an account with its root key. Returns the file that the key is in.
///
/// # Errors
/// See [`HostError`]; an account that exists.
pub fn create_account(
    settings: &Settings,
    account: &str,
    now: Timestamp,
) -> Result<PathBuf, HostError> {
    let host = Host::open(settings)?;
    let exists = || HostError::Refused(format!("account {account} exists already"));
    if host.control.directory().account(account).is_some() {
        return Err(exists());
    }
    let mut entry = AuditEntry::begin(&host.audit, record(account, "EnsureRoot", now));
    let work = EnsureRoot { account: account.to_owned(), chosen: None };
    let made = host.control.ensure_root(Permit::for_service(Reason::Host, &mut entry, work), now);
    entry.ended(&made);
    let made = made.map_err(|error| HostError::Refused(error.to_string()))?;
    // Nothing was made: another process was faster.
    let (access_key_id, secret) = made.ok_or_else(exists)?;
    host.write(settings, account, &KnownKey { access_key_id, secret })
}

/// Gives the root of an account a new key, in place of all that it has. Returns the file that the key is in.
///
/// # Errors
/// See [`HostError`]; an account that does not exist.
pub fn recover_root(
    settings: &Settings,
    account: &str,
    now: Timestamp,
) -> Result<PathBuf, HostError> {
    let host = Host::open(settings)?;
    let directory = host.control.directory();
    if directory.account(account).is_none() {
        let known: Vec<&str> = directory.accounts().map(|account| account.id.as_str()).collect();
        let told = format!("there is no account {account}; there is {}", known.join(", "));
        return Err(HostError::Refused(told));
    }
    let mut entry = AuditEntry::begin(&host.audit, record(account, "RecoverRoot", now));
    let work = RecoverRoot { account: account.to_owned() };
    let made = host.control.recover_root(Permit::for_service(Reason::Host, &mut entry, work), now);
    entry.ended(&made);
    let (access_key_id, secret) = made.map_err(|error| HostError::Refused(error.to_string()))?;
    host.write(settings, account, &KnownKey { access_key_id, secret })
}

/// What came of changing the sealing key.
#[derive(Debug, PartialEq, Eq)]
pub enum RotatedKey {
    /// So many secrets are sealed with the new key.
    Resealed(usize),
    /// The new key is in this file. Every gateway has to have it before anything is sealed with it.
    Prepared(PathBuf),
}

/// Seals every secret of the state with a new key, which takes the place of the old one. What is interrupted is finished, or undone, by
/// whoever opens the state next. Where the settings name the key's file, other gateways may have a copy: the new key is made first,
/// and used when this is called again.
///
/// # Errors
/// See [`HostError`]; a service that runs on a folder with its own key.
pub fn rotate_sealing_key(settings: &Settings, now: Timestamp) -> Result<RotatedKey, HostError> {
    if let Some(file) = &settings.state.sealing_key_file {
        return rotate_shared(settings, file, now);
    }
    let host = Host::open(settings)?;
    if !host.alone {
        let told = "a service runs on this folder: stop it first, its sessions end with the key";
        return Err(HostError::Refused(told.to_owned()));
    }
    let key = host.folder.begin_sealing_key()?;
    let (folder, count) = host.reseal(key, now)?;
    folder.take_sealing_key()?;
    Ok(RotatedKey::Resealed(count))
}

/// As [`rotate_sealing_key`], where services run on: they take the key that opens the state, `FILE.next` or `FILE`.
fn rotate_shared(
    settings: &Settings,
    file: &Path,
    now: Timestamp,
) -> Result<RotatedKey, HostError> {
    let next = folder::next_key_file(file);
    let Some(key) = folder::read_key(&next)? else {
        folder::make_key_in(&next)?;
        return Ok(RotatedKey::Prepared(next));
    };
    // Done once already and interrupted, it is done again with the same key.
    let (_, count) = Host::open(settings)?.reseal(key, now)?;
    std::fs::rename(&next, file).map_err(|error| FolderError::File(next, error))?;
    Ok(RotatedKey::Resealed(count))
}

/// Writes down all of the state, also while a service runs on it. Says how many records it has.
///
/// # Errors
/// See [`HostError`].
pub fn export_state(
    settings: &Settings,
    out: &mut dyn std::io::Write,
    now: Timestamp,
    progress: control::CopyProgress<'_>,
) -> Result<usize, HostError> {
    let host = Host::open(settings)?;
    let mut entry = AuditEntry::begin(&host.audit, AuditRecord::of_service(now, "ExportState"));
    let permit = Permit::for_service(Reason::Host, &mut entry, CopyState);
    let done = host.control.export(permit, out, progress);
    entry.ended(&done);
    done.map_err(|error| HostError::Refused(error.to_string()))
}

/// Makes a state that was exported the one of these settings, which must be empty. Says how many records it has.
///
/// # Errors
/// See [`HostError`]; everything stays as it was.
pub fn import_state(
    settings: &Settings,
    input: &mut dyn std::io::BufRead,
    now: Timestamp,
    progress: control::CopyProgress<'_>,
) -> Result<usize, HostError> {
    let folder = Folder::open(Some(settings.data.as_deref().unwrap_or(Path::new(""))))?;
    let host = Host::on(folder, settings, true)?;
    let mut entry = AuditEntry::begin(&host.audit, AuditRecord::of_service(now, "ImportState"));
    let permit = Permit::for_service(Reason::Host, &mut entry, CopyState);
    let done = host.control.import(permit, input, now, progress);
    entry.ended(&done);
    done.map_err(|error| HostError::Refused(error.to_string()))
}

/// A data folder on which a service may run.
struct Host {
    folder: Folder,
    control: ControlPlane,
    audit: Arc<Audit>,
    /// No service runs on it now.
    alone: bool,
}

impl Host {
    fn open(settings: &Settings) -> Result<Self, HostError> {
        let path = settings.data.as_deref().unwrap_or(Path::new(""));
        if settings.state.url.is_none() && !path.join("state.db").exists() {
            return Err(HostError::Refused(format!(
                "{}: there is no state in this folder: start the service on it once",
                path.display()
            )));
        }
        let (folder, alone) = match Folder::open(Some(path)) {
            Ok(folder) => (folder, true),
            Err(FolderError::Locked(path)) => (Folder::beside(path), false),
            Err(error) => return Err(error.into()),
        };
        Self::on(folder, settings, alone)
    }

    fn on(folder: Folder, settings: &Settings, alone: bool) -> Result<Self, HostError> {
        // No policy is asked here: it is the host's owner who asks.
        let control = open_control(&folder, settings, control::ControlSettings::default())?;
        let audit = open_audit(&folder, &settings.audit, alone)?;
        Ok(Self { folder, control, audit: Arc::new(audit), alone })
    }

    /// Seals every secret with `key`; how many.
    fn reseal(self, key: [u8; 32], now: Timestamp) -> Result<(Folder, usize), HostError> {
        let record = AuditRecord::of_service(now, "ResealSecrets");
        let mut entry = AuditEntry::begin(&self.audit, record);
        let permit = Permit::for_service(Reason::Host, &mut entry, ResealSecrets { key });
        let resealed = self.control.reseal(permit, now);
        entry.ended(&resealed);
        let count = resealed.map_err(|error| HostError::Refused(error.to_string()))?;
        Ok((self.folder, count))
    }

    /// The key's file. What clients need beside the key is what the service wrote into the first account's at its start.
    fn write(
        &self,
        settings: &Settings,
        account: &str,
        key: &KnownKey,
    ) -> Result<PathBuf, HostError> {
        let is_key = |name: &str| matches!(name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY");
        let places = self.folder.read_all_env("root.env").into_iter();
        let mut variables = key.variables();
        variables.extend(places.filter(|(name, _)| !is_key(name)));
        Ok(self.folder.write_env(&root_file(&settings.accounts, account), &variables)?)
    }
}

fn record(account: &str, action: &str, now: Timestamp) -> AuditRecord {
    AuditRecord { account: Some(account.to_owned()), ..AuditRecord::of_service(now, action) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::service::private_file::scratch;

    #[test]
    fn whoever_opens_a_folder_beside_its_owner_leaves_a_change_of_its_key_to_the_owner() {
        let path = scratch("beside-rotation");
        let settings = Settings { data: Some(path.clone()), ..Settings::default() };
        let (key, next) = (path.join("sealing.key"), path.join("sealing.key.next"));
        let owner = Folder::open(Some(&path)).unwrap();
        drop(open_control(&owner, &settings, control::ControlSettings::default()).unwrap());
        let make = |account| create_account(&settings, account, Timestamp::UNIX_EPOCH).unwrap();
        make("111111111111");
        // The owner is about to seal with the next key.
        owner.begin_sealing_key().unwrap();
        let (first, second) = (fs::read(&key).unwrap(), fs::read(&next).unwrap());
        make("222222222222");
        assert_eq!((fs::read(&key).unwrap(), fs::read(&next).unwrap()), (first, second));
        // The owner has sealed with it.
        fs::rename(&key, path.join("other")).unwrap();
        fs::rename(&next, &key).unwrap();
        fs::rename(path.join("other"), &next).unwrap();
        let (first, second) = (fs::read(&key).unwrap(), fs::read(&next).unwrap());
        make("333333333333");
        assert_eq!((fs::read(&key).unwrap(), &fs::read(&next).unwrap()), (first, &second));
        drop(owner);
        make("444444444444");
        assert!(fs::read(&key).unwrap() == second && !next.exists());
        fs::remove_dir_all(path).unwrap();
    }
}
