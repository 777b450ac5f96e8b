//! The control plane itself: a directory, the store behind it, and the operations that change both.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use policy::{Context, PolicyKind, PolicySet};
use serde_json::Value;

use crate::authorization::authorization;
use crate::change::Change;
use crate::directory::snapshot::{Directory, DirectoryError};
use crate::err::{ApiError, ErrorCode};
use crate::identity::Identified;
use crate::mint::{Mint, SystemMint};
use crate::operation::Operation;
use crate::policies::{Named, set_of};
use crate::proof::password::{self, Prepared};
use crate::request::Request;
use crate::seal::{SEALING_KEY_BYTES, SealError, SealingKey};
use crate::settings::Settings;
use crate::store::{Entry, Place, Store, StoreError};

/// How to open a control plane.
pub struct Options {
    /// Where the state is.
    pub place: Place,
    /// The key that seals secrets; it must not be kept beside the state.
    pub sealing_key: [u8; SEALING_KEY_BYTES],
    /// The deployment.
    pub settings: Settings,
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
    /// A service control policy of the settings is no policy: account and what is wrong.
    ServiceControlPolicy {
        /// The account it is for.
        account: String,
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
            OpenError::ServiceControlPolicy { account, why } => {
                write!(f, "service control policy of account {account}: {why}")
            }
        }
    }
}

impl std::error::Error for OpenError {}

/// An operation to carry out, already authorized.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Which.
    pub operation: Operation,
    /// Its input, as [`crate::wire::decode`] gave it.
    pub input: &'a Value,
    /// Who calls.
    pub caller: &'a Identified,
    /// The version of the directory that this was authorized on. What is carried out on another one is authorized again.
    pub judged: u64,
    /// What the connection knew when it was authorized (`aws:SourceIp` …).
    pub context: &'a Context,
    /// The region of the credential scope: domains are made and looked for there.
    pub region: &'a str,
    /// The time.
    pub now: Timestamp,
    /// The request's id, for the change log.
    pub request_id: &'a str,
}

/// The control plane. Shared freely: reading never locks, changing takes turns.
pub struct Control {
    directory: ArcSwap<Directory>,
    store: Mutex<Store>,
    settings: Settings,
    mint: Box<dyn Mint>,
}

impl Control {
    /// Opens the state at `options.place` (made when absent) and reads all of it.
    ///
    /// # Errors
    /// See [`OpenError`]; each says in one line what is wrong.
    pub fn open(options: Options) -> Result<Control, OpenError> {
        Self::open_with(options, Box::new(SystemMint))
    }

    /// As [`Control::open`], with a source of randomness of the caller's: tests replay.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_with(options: Options, mint: Box<dyn Mint>) -> Result<Control, OpenError> {
        let sealing_key = Arc::new(SealingKey::new(options.sealing_key).map_err(OpenError::Seal)?);
        let (store, records, version) = Store::open(&options.place).map_err(OpenError::Store)?;
        let everything = Change { puts: records, ..Change::default() };
        let limits = service_control(&options.settings.service_control_policies)?;
        let directory = Directory::empty(sealing_key, limits, version)
            .after(&everything, version)
            .map_err(OpenError::Directory)?;
        Ok(Control {
            directory: ArcSwap::from_pointee(directory),
            store: Mutex::new(store),
            settings: options.settings,
            mint,
        })
    }

    /// The newest snapshot.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// The deployment's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Carries out an authorized call. When it returns, a change is committed and published: the next request sees it.
    /// Whatever changed since the call was authorized (it waited for its turn, or for a hash) holds for it: on another
    /// snapshot than the one it was judged on it is judged again, on the very one that it changes.
    ///
    /// # Errors
    /// The operation's own refusal; `AccessDenied` when it is not allowed any more; `NotImplemented` for a row without
    /// handler; `Unavailable` when the store refuses.
    pub fn execute(&self, call: &Call<'_>) -> Result<Value, ApiError> {
        let handler = call.operation.row().handler.ok_or_else(|| not_built(call.operation))?;
        let action = call.operation.action();
        let entry = Entry {
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
            Prepared::default()
        };
        let done = self.change(&entry, |directory, change| {
            if directory.version() != call.judged {
                still_allowed(call, directory)?;
            }
            let request = Request {
                service: call.operation.service(),
                input: call.input,
                caller: call.caller,
                directory,
                settings: &self.settings,
                region: call.region,
                now: call.now,
                mint: self.mint.as_ref(),
                password: &password,
            };
            match handler(&request, change) {
                // Committed, and then refused.
                Err(refusal) if change.despite_refusal => Ok(Err(refusal)),
                result => result.map(Ok),
            }
        });
        done?
    }

    /// Decides on the newest snapshot; when that changes something: commits, publishes. Reading takes no lock. Changes
    /// take turns, and what was decided on a snapshot that is no longer the newest is decided again.
    pub(crate) fn change<T>(
        &self,
        entry: &Entry<'_>,
        decide: impl Fn(&Directory, &mut Change) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let seen = self.directory.load_full();
        let mut change = Change::default();
        let mut output = decide(&seen, &mut change)?;
        if change.is_empty() {
            return Ok(output);
        }
        let mut store = self.lock();
        let directory = self.directory.load_full();
        if directory.version() != seen.version() {
            change = Change::default();
            output = decide(&directory, &mut change)?;
        }
        let next = directory.after(&change, directory.version() + 1);
        let next = next.map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))?;
        store.commit(directory.version(), &change, entry).map_err(|e| {
            let code = if e == StoreError::Conflict {
                ErrorCode::Conflict
            } else {
                ErrorCode::Unavailable
            };
            ApiError::new(code, e.to_string())
        })?;
        self.directory.store(Arc::new(next));
        Ok(output)
    }

    pub(crate) fn mint(&self) -> &dyn Mint {
        self.mint.as_ref()
    }

    /// A panic elsewhere cannot have left the store half-changed: a transaction that was not committed is undone.
    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks again what the call was asked when it was authorized, of the policies of `directory`.
fn still_allowed(call: &Call<'_>, directory: &Directory) -> Result<(), ApiError> {
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

fn service_control(
    by_account: &BTreeMap<String, Vec<Vec<String>>>,
) -> Result<BTreeMap<String, Arc<[PolicySet]>>, OpenError> {
    let mut compiled = BTreeMap::new();
    for (account, levels) in by_account {
        let mut sets = Vec::new();
        for (level, texts) in levels.iter().enumerate() {
            let numbered = texts.iter().enumerate();
            let named = numbered.map(|(number, text)| {
                Named::compile(
                    &format!("level {level} policy {number}"),
                    text,
                    PolicyKind::ServiceControl,
                )
            });
            let named: Result<Vec<Named>, String> = named.collect();
            let named = named
                .map_err(|why| OpenError::ServiceControlPolicy { account: account.clone(), why })?;
            sets.push(set_of(&named));
        }
        compiled.insert(account.clone(), sets.into());
    }
    Ok(compiled)
}

fn not_built(operation: Operation) -> ApiError {
    let text = format!(
        "{} of {} is not built in countersign",
        operation.name(),
        operation.service().name()
    );
    ApiError::new(ErrorCode::NotImplemented, text)
}
