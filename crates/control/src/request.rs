//! What an operation is given: the input, the caller, the time, and the snapshot it decides on.

use std::cell::OnceCell;

use jiff::Timestamp;
use policy::CallerKind;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentifiedCaller;
use crate::mint::{self, Mint};
use crate::observer::DomainObserver;
use crate::proof::password::HashedPasswords;
use crate::service::Service;
use crate::settings::ControlSettings;

/// One operation's request, authorized.
pub(crate) struct OperationRequest<'a> {
    pub(crate) service: Service,
    pub(crate) input: &'a Value,
    pub(crate) caller: &'a IdentifiedCaller,
    pub(crate) directory: &'a Directory,
    pub(crate) settings: &'a ControlSettings,
    /// The region of the credential scope.
    pub(crate) region: &'a str,
    pub(crate) observer: &'a DomainObserver,
    pub(crate) now: Timestamp,
    pub(crate) mint: &'a dyn Mint,
    /// What was computed of the passwords in the input.
    pub(crate) password: &'a HashedPasswords,
    /// What the source of a package holds: read once, however often the operation is decided.
    pub(crate) package_object: &'a OnceCell<Result<Vec<u8>, String>>,
}

impl OperationRequest<'_> {
    /// The input as an operation's own type. The model has validated it, so a mismatch is our own fault.
    pub(crate) fn input<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let read = T::deserialize(self.input);
        read.map_err(|e| {
            ApiError::new(ErrorCode::Internal, format!("the input does not fit the operation: {e}"))
        })
    }

    /// The text that the input has under `member`.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// The caller's account: what every operation works in.
    pub(crate) fn account(&self) -> &str {
        &self.caller.account
    }

    /// The time in seconds since 1970.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.now.as_second()
    }

    /// The user called `name`, or the caller if it is a user.
    pub(crate) fn user_name(&self, name: Option<String>) -> Result<String, ApiError> {
        if let Some(name) = name {
            return Ok(name);
        }
        match (&self.caller.username, self.caller.kind()) {
            (Some(name), _) => Ok(name.clone()),
            _ => Err(ApiError::new(
                ErrorCode::Validation,
                "Must specify userName when calling with non-User credentials",
            )),
        }
    }

    /// Whether the caller is the account's root.
    pub(crate) fn is_root(&self) -> bool {
        self.caller.kind() == CallerKind::Root
    }

    /// An id of AWS's shape.
    pub(crate) fn mint_id(&self, prefix: &str, length: usize) -> Result<String, ApiError> {
        mint::id(self.mint, prefix, length)
            .map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))
    }

    /// A fresh secret access key.
    pub(crate) fn mint_secret(&self) -> Result<Zeroizing<String>, ApiError> {
        mint::secret(self.mint).map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))
    }
}
