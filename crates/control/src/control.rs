//! The control plane itself: a directory, the store behind it, and the operations that change both.

use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use policy::Context;
use serde_json::Value;

use crate::authorization::authorization;
use crate::change::Change;
use crate::directory::operator_policies::{OperatorPolicies, PolicyFault};
use crate::directory::snapshot::{Directory, DirectoryError};
use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentifiedCaller;
use crate::limits::COMMIT_ATTEMPTS_MAX;
use crate::mint::{Mint, SystemMint};
use crate::observer::DomainObserver;
use crate::operation::Operation;
use crate::proof::password::{self, HashedPasswords};
use crate::request::OperationRequest;
use crate::seal::{SEALING_KEY_BYTES, SealError, SealingKey};
use crate::settings::ControlSettings;
use crate::store::port::{
    ChangeLogEntry, CommitListener, LoadedRecords, NewsBoard, Store, StoreError,
};
use crate::store::{self, StorePlace};
use crate::uses::{self, UseLedger};
use crate::{refused, sealed};

/// How to open a control plane.
pub struct ControlOptions {
    /// Where the state is.
    pub place: StorePlace,
    /// The key that seals secrets; it must not be kept beside the state.
    pub sealing_key: [u8; SEALING_KEY_BYTES],
    /// The deployment.
    pub settings: ControlSettings,
}

/// Why a control plane did not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The store refused.
    Store(StoreError),
    /// The sealing key is not the one the secrets were sealed with, or a record is damaged.
    Directory(DirectoryError),
    /// The cipher refused the sealing key.
    Seal(SealError),
    /// A policy of the settings is no policy.
    Policy {
        /// The setting that names it.
        setting: &'static str,
        /// What is wrong, and where.
        why: String,
    },
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Store(e) => e.fmt(f),
            OpenError::Directory(e) => write!(f, "the state cannot be used: {e}"),
            OpenError::Seal(e) => write!(f, "the sealing key cannot be used: {e}"),
            OpenError::Policy { setting, why } => write!(f, "{setting}: {why}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<PolicyFault> for OpenError {
    fn from((setting, why): PolicyFault) -> Self {
        OpenError::Policy { setting, why }
    }
}

/// An operation to carry out, already authorized.
#[derive(Clone, Copy)]
pub struct OperationCall<'a> {
    /// Which.
    pub operation: Operation,
    /// Its input, as [`crate::wire::decode`] gave it.
    pub input: &'a Value,
    /// Who calls.
    pub caller: &'a IdentifiedCaller,
    /// The version of the directory that this was authorized on. What is carried out on another one is authorized again.
    pub judged: u64,
    /// What the connection knew when it was authorized (`aws:SourceIp` …).
    pub context: &'a Context,
    /// The region of the credential scope: domains are made and looked for there.
    pub region: &'a str,
    /// Asks how a domain is.
    pub observer: &'a DomainObserver,
    /// The time.
    pub now: Timestamp,
    /// The request's id, for the change log.
    pub request_id: &'a str,
}

/// The control plane. Shared freely: reading never locks, changing takes turns.
pub struct Control {
    directory: ArcSwap<Directory>,
    store: Mutex<Box<dyn Store>>,
    /// What the gateways that share the store tell each other; none where nobody shares it.
    news: Mutex<Option<Box<dyn NewsBoard>>>,
    settings: ArcSwap<ControlSettings>,
    mint: Box<dyn Mint>,
    uses: UseLedger,
    /// Another process changed the store, and nobody was told yet ([`Control::reload`]).
    overtaken: AtomicBool,
}

impl Control {
    /// Opens the state at `options.place` (made when absent) and reads all of it.
    ///
    /// # Errors
    /// See [`OpenError`]; each says in one line what is wrong.
    pub fn open(options: ControlOptions) -> Result<Control, OpenError> {
        Self::open_with(options, Box::new(SystemMint))
    }

    /// As [`Control::open`], with a source of randomness of the caller's: tests replay.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_with(options: ControlOptions, mint: Box<dyn Mint>) -> Result<Control, OpenError> {
        let store = store::open(&options.place).map_err(OpenError::Store)?;
        Self::over(store, options, mint)
    }

    fn over(
        mut store: Box<dyn Store>,
        options: ControlOptions,
        mint: Box<dyn Mint>,
    ) -> Result<Control, OpenError> {
        let sealing_key = Arc::new(SealingKey::new(options.sealing_key).map_err(OpenError::Seal)?);
        let policies = OperatorPolicies::of(&options.settings)?;
        let empty = Directory::empty(sealing_key, Arc::new(policies), 0);
        let loaded = store.load_since(None).map_err(OpenError::Store)?;
        let directory = caught_up(&empty, loaded).map_err(OpenError::Directory)?;
        Ok(Control {
            directory: ArcSwap::from_pointee(directory),
            news: Mutex::new(store.news_board().map_err(OpenError::Store)?),
            store: Mutex::new(store),
            settings: ArcSwap::from_pointee(options.settings),
            mint,
            uses: UseLedger::default(),
            overtaken: AtomicBool::new(false),
        })
    }

    /// The newest snapshot.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// The deployment's settings.
    pub fn settings(&self) -> Arc<ControlSettings> {
        self.settings.load_full()
    }

    /// Replaces the deployment's settings. When it returns they hold for every call, also for those that were authorized
    /// under the others and have not run yet: the snapshot has a new number, on which they are judged again.
    ///
    /// # Errors
    /// [`OpenError::Policy`] names the policy that is none; [`OpenError::Store`] when the store refuses the new
    /// number. Either way everything stays as it was.
    pub fn set_settings(&self, settings: ControlSettings, now: Timestamp) -> Result<(), OpenError> {
        let policies = Arc::new(OperatorPolicies::of(&settings)?);
        let entry = ChangeLogEntry {
            at: now.as_second(),
            operation: "set-settings",
            caller: "countersign",
            request_id: "",
        };
        let mut store = Turn(self.lock());
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let newest = self.directory.load_full();
            let version = newest.version();
            match store.0.commit_if_at(version, &Change::default(), &entry) {
                Ok(()) => {
                    self.settings.store(Arc::new(settings));
                    self.directory.store(Arc::new(newest.under(policies, version + 1)));
                    return Ok(());
                }
                Err(StoreError::Conflict) => {
                    self.was_overtaken(&mut store).map_err(OpenError::Store)?;
                }
                Err(error) => return Err(OpenError::Store(error)),
            }
        }
        Err(OpenError::Store(StoreError::Conflict))
    }

    /// Another process committed first: what it did is published, and the next commit is this one's.
    pub(crate) fn was_overtaken(&self, store: &mut Turn<'_>) -> Result<(), StoreError> {
        store.0.take_turn();
        self.catch_up(store.0.as_mut())
    }

    /// Carries out an authorized call. When it returns, a change is committed and published: the next request sees it.
    /// Whatever changed since the call was authorized (it waited for its turn, or for a hash) holds for it: on another
    /// snapshot than the one it was judged on it is judged again, on the very one that it changes.
    ///
    /// # Errors
    /// The operation's own refusal; `AccessDenied` when it is not allowed any more; `NotImplemented` for a row without
    /// handler; `Unavailable` when the store refuses.
    pub fn execute(&self, call: &OperationCall<'_>) -> Result<Value, ApiError> {
        let handler = call.operation.row().handler.ok_or_else(|| not_built(call.operation))?;
        refused::refuse(call.operation, call.input)?;
        if uses::are_told_by(call.operation) {
            // A store that cannot be written keeps nobody from reading.
            let _ = self.write_uses(call.now);
        }
        let action = call.operation.action();
        let entry = ChangeLogEntry {
            at: call.now.as_second(),
            operation: &action,
            caller: &call.caller.arn,
            request_id: call.request_id,
        };
        let (mint, input) = (self.mint.as_ref(), call.input);
        let before = self.directory.load_full();
        let password = if call.operation.hashes_passwords() {
            password::prepare(input, call.caller, &before, mint, call.now)?
        } else {
            HashedPasswords::default()
        };
        // Decided first without the store's lock: by the time it is held, what lies elsewhere was read.
        let package_object = OnceCell::new();
        let decided = Cell::new(false);
        let done = self.change(&entry, |directory, change| {
            if decided.replace(true) || directory.version() != call.judged {
                check_still_allowed(call, directory)?;
            }
            let settings = self.settings.load();
            let request = OperationRequest {
                service: call.operation.service(),
                input: call.input,
                caller: call.caller,
                directory,
                settings: &settings,
                region: call.region,
                observer: call.observer,
                now: directory.time_of(&call.caller.account, call.now),
                mint: self.mint.as_ref(),
                password: &password,
                package_object: &package_object,
            };
            match handler(&request, change) {
                // Committed, and then refused.
                Err(refusal) if change.despite_refusal => Ok(Err(refusal)),
                result => result.map(Ok),
            }
        });
        done?
    }

    /// Notes that a proven caller asked for `action` (`es:ESHttpGet`), whatever came of it: what iam tells of credentials and
    /// services that were used last. Cheap: the same within a minute is noted once.
    pub fn note_use(&self, caller: &IdentifiedCaller, action: &str, region: &str, now: Timestamp) {
        self.uses.note(&self.directory.load(), caller, action, region, now);
    }

    /// Writes down what was noted.
    ///
    /// # Errors
    /// `Unavailable` when the store refuses: what was noted is kept for the next time.
    pub fn write_uses(&self, now: Timestamp) -> Result<(), ApiError> {
        let noted = self.uses.take();
        if noted.is_empty() {
            return Ok(());
        }
        let entry = ChangeLogEntry {
            at: now.as_second(),
            operation: "write-uses",
            caller: "countersign",
            request_id: "",
        };
        let written = self.change(&entry, |directory, change| {
            uses::write(&noted, directory, change);
            Ok(())
        });
        if written.is_err() {
            self.uses.take_back(noted);
        }
        written
    }

    /// Decides on the newest snapshot; when that changes something: commits, publishes. Reading takes no lock. Changes
    /// take turns, and what was decided on a snapshot that is no longer the newest is decided again: after a change of this
    /// process, and after one of another process on the same store, which the commit finds.
    pub(crate) fn change<T>(
        &self,
        entry: &ChangeLogEntry<'_>,
        decide: impl Fn(&Directory, &mut Change) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut decided_on = self.directory.load_full();
        let mut change = Change::default();
        let mut output = decide(&decided_on, &mut change)?;
        if change.is_empty() {
            return Ok(output);
        }
        let mut store = Turn(self.lock());
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let newest = self.directory.load_full();
            // Not by the number: a history that another server took back may have come as far again.
            if !Arc::ptr_eq(&newest, &decided_on) {
                change = Change::default();
                output = decide(&newest, &mut change)?;
                if change.is_empty() {
                    return Ok(output);
                }
                decided_on = newest;
            }
            let version = decided_on.version();
            let next = decided_on.after(&change, version + 1).map_err(internal)?;
            match store.0.commit_if_at(version, &change, entry) {
                Ok(()) => {
                    self.directory.store(Arc::new(next));
                    return Ok(output);
                }
                Err(StoreError::Conflict) => {
                    self.was_overtaken(&mut store).map_err(|e| not_changed(&e))?
                }
                Err(error) => return Err(not_changed(&error)),
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, StoreError::Conflict.to_string()))
    }

    /// Publishes what other processes committed to the store since the newest snapshot. [`Control::execute`] does so by
    /// itself when it changes something; who only reads must ask, and sees until then what it saw. Says whether there was
    /// something since it was asked last, also what was met on the way of a change.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be read, or what it holds is not ours. The snapshot stays as it is.
    pub fn reload(&self) -> Result<bool, ApiError> {
        self.catch_up(self.lock().as_mut()).map_err(|error| unavailable(&error))?;
        Ok(self.overtaken.swap(false, Ordering::AcqRel))
    }

    /// From now on `told` is called when somebody committed to the store, where the store can tell:
    /// then [`Control::reload`] finds something.
    pub fn listen(&self, told: CommitListener) {
        self.lock().listen(told);
    }

    pub(crate) fn catch_up(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        let known = self.directory.load_full();
        let loaded = store.load_since(Some(known.version()))?;
        let damaged = |error: DirectoryError| StoreError::Damaged { why: error.to_string() };
        let mut all = matches!(loaded, LoadedRecords::Everything { .. });
        let next = match caught_up(&known, loaded) {
            Ok(next) => next,
            Err(error) => {
                all = true;
                self.under_another_key(store, &known)?.ok_or_else(|| damaged(error))?
            }
        };
        if all || next.version() != known.version() {
            self.directory.store(Arc::new(next));
            self.overtaken.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Everything, under a key that opens all of it: somebody sealed it anew ([`Control::reseal`]).
    fn under_another_key(
        &self,
        store: &mut dyn Store,
        known: &Directory,
    ) -> Result<Option<Directory>, StoreError> {
        let settings = self.settings.load();
        let Some(reader) = &settings.sealing_keys else { return Ok(None) };
        for key in reader.read() {
            let Ok(key) = SealingKey::new(key) else { continue };
            let LoadedRecords::Everything { records, version } = store.load_since(None)? else {
                return Ok(None);
            };
            let opened = known.with_key(Arc::new(key)).with_all(records, version);
            if let Some(opened) = opened.ok().filter(|it| sealed::check_secrets(it).is_ok()) {
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }

    /// Publishes what was committed while the store was held.
    pub(crate) fn publish(&self, next: Directory) {
        self.directory.store(Arc::new(next));
    }

    pub(crate) fn mint(&self) -> &dyn Mint {
        self.mint.as_ref()
    }

    /// What gateways tell each other. Whoever holds it holds no lock of the store: a change never waits for news.
    pub(crate) fn news_board(&self) -> MutexGuard<'_, Option<Box<dyn NewsBoard>>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic elsewhere cannot have left the store half-changed: a transaction that was not committed is undone.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The store, held by a change; its turn, if it was given one, ends with it.
pub(crate) struct Turn<'a>(pub(crate) MutexGuard<'a, Box<dyn Store>>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.end_turn();
    }
}

/// The snapshot after `known` that holds what was loaded since.
fn caught_up(known: &Directory, loaded: LoadedRecords) -> Result<Directory, DirectoryError> {
    match loaded {
        LoadedRecords::Changes { change, version } => known.after(&change, version),
        LoadedRecords::Everything { records, version } => known.with_all(records, version),
    }
}

fn unavailable(error: &StoreError) -> ApiError {
    ApiError::new(ErrorCode::Unavailable, error.to_string())
}

/// What who wanted a change reads. Where the database is, and what is wrong with it, is the operator's to know.
pub(crate) fn not_changed(error: &StoreError) -> ApiError {
    let told = match error {
        StoreError::Lost { .. } => {
            "The change was not made: the service cannot reach the database of its state. Try again later."
        }
        StoreError::Unknown { .. } => {
            "It is not known whether the change was made: the service lost the database of its state. Look before you try again."
        }
        _ => return unavailable(error),
    };
    let unclear = matches!(error, StoreError::Unknown { .. });
    ApiError { unclear, ..ApiError::new(ErrorCode::Unavailable, told) }
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}

/// Asks again what the call was asked when it was authorized, of the policies of `directory`.
fn check_still_allowed(call: &OperationCall<'_>, directory: &Directory) -> Result<(), ApiError> {
    let caller = directory.identify_again(call.caller, call.now).map_err(|_gone| {
        let text = "The security token included in the request is invalid";
        ApiError::new(ErrorCode::InvalidClientTokenId, text)
    })?;
    let (operation, input) = (call.operation, call.input);
    let asked = authorization(operation, input, &caller, directory, call.region, call.context)?;
    for question in asked.questions {
        let decision = question.decide(&caller);
        if !decision.is_allowed() {
            return Err(question.denial(&caller, &decision));
        }
    }
    Ok(())
}

fn not_built(operation: Operation) -> ApiError {
    let text = format!(
        "{} of {} is not built in countersign",
        operation.name(),
        operation.service().name()
    );
    ApiError::new(ErrorCode::NotImplemented, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that somebody else always reaches first.
    struct Contended {
        version: u64,
    }

    impl Store for Contended {
        fn load_since(&mut self, version: Option<u64>) -> Result<LoadedRecords, StoreError> {
            Ok(match version {
                None => LoadedRecords::Everything { records: Vec::new(), version: self.version },
                Some(_) => {
                    LoadedRecords::Changes { change: Change::default(), version: self.version }
                }
            })
        }

        fn commit_if_at(
            &mut self,
            _: u64,
            _: &Change,
            _: &ChangeLogEntry<'_>,
        ) -> Result<(), StoreError> {
            self.version += 1;
            Err(StoreError::Conflict)
        }
    }

    #[test]
    fn a_change_that_others_always_overtake_is_refused_in_the_end_and_changes_nothing() {
        let options = ControlOptions {
            place: StorePlace::Memory,
            sealing_key: [7; SEALING_KEY_BYTES],
            settings: ControlSettings::default(),
        };
        let store = Box::new(Contended { version: 0 });
        let control = Control::over(store, options, Box::new(SystemMint)).unwrap();
        let refused = control.ensure_root("123456789012", None, Timestamp::UNIX_EPOCH);
        assert_eq!(refused.map(drop).unwrap_err().code, ErrorCode::Conflict);
        assert!(control.directory().account("123456789012").is_none());
        assert_eq!(
            control.directory().version(),
            COMMIT_ATTEMPTS_MAX as u64,
            "it saw each of them"
        );
    }
}
