//! The second factor of `AssumeRole` and `GetSessionToken`: a code of the caller's own device, proved before anything is
//! authorized, because trust policies ask for it.

use jiff::Timestamp;
use serde_json::Value;

use super::{guesses, totp};
use crate::control::Control;
use crate::directory::snapshot::Directory;
use crate::err::ApiError;
use crate::identity::IdentifiedCaller;
use crate::operation::Operation;
use crate::store::port::ChangeLogEntry;
use crate::store::record::{MfaDevice, Record, WrongGuesses};

/// Amazon's text, its last space included.
pub(crate) const FAILED: &str =
    "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

impl Control {
    /// Checks the MFA code that `operation` brings: from then on `aws:MultiFactorAuthPresent` is true of `caller`. Without
    /// a code nothing happens. What comes of it is committed before this returns: a right code is used up whatever becomes
    /// of the request, a wrong one is counted, and of two requests with the same code one proves nothing.
    ///
    /// # Errors
    /// `AccessDenied` in Amazon's words for a wrong or used code, another's device, half of the two, or a device that is
    /// locked; `Unavailable` when the store refuses.
    pub fn prove_mfa(
        &self,
        caller: &mut IdentifiedCaller,
        operation: Operation,
        input: &Value,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), ApiError> {
        if !operation.brings_mfa(input) {
            return Ok(());
        }
        let text = |member: &str| input.get(member).and_then(Value::as_str);
        let (serial, Some(code)) = (text("SerialNumber"), text("TokenCode")) else {
            return Err(ApiError::access_denied(FAILED));
        };
        // Who signs in by a password types a code and names no device.
        let may_name_none = caller.console && !caller.is_session();
        if serial.is_none() && !may_name_none {
            return Err(ApiError::access_denied(FAILED));
        }
        let entry = ChangeLogEntry {
            at: now.as_second(),
            operation: "prove-mfa",
            caller: &caller.arn,
            request_id,
        };
        let is_own = |owner: &Option<(String, String)>| {
            owner.as_ref().is_some_and(|(_, id)| *id == caller.user_id)
        };
        let tried = self.change(&entry, |directory, change| {
            let is_meant = |device: &MfaDevice| serial.is_none_or(|serial| device.serial == serial);
            let own = directory.mfa_devices().filter(|device| is_own(&device.user));
            let meant: Vec<&MfaDevice> =
                own.map(|entry| &entry.record).filter(|device| is_meant(device)).collect();
            let (after, tried) = try_devices(directory, &meant, code, now.as_second());
            after.into_iter().for_each(|device| change.put(Record::MfaDevice(device)));
            Ok(tried)
        })?;
        tried.map_err(|text| ApiError::access_denied(format!("{FAILED}{text}")))?;
        (caller.mfa, caller.mfa_age, caller.mfa_proved) = (Some(true), Some(0), true);
        Ok(())
    }
}

/// Looks at one code for each of these devices until it is one's: then that device alone changes. A code that is none's is
/// counted for each of them.
fn try_devices(
    directory: &Directory,
    devices: &[&MfaDevice],
    code: &str,
    now: i64,
) -> (Vec<MfaDevice>, Result<(), String>) {
    let (mut counted, mut refused) = (Vec::new(), Err(String::new()));
    for device in devices {
        let (after, tried) = try_code(directory, device, code, now);
        if tried.is_ok() {
            return (after.into_iter().collect(), tried);
        }
        counted.extend(after);
        refused = tried;
    }
    (counted, refused)
}

/// Looks at one code for `device`: a right one is used up, a wrong one is counted, and while the device is locked none is
/// looked at. Gives the device as it is from now on, where it changes, and whether the code is right; if not, the end of
/// the refusal's text.
pub(crate) fn try_code(
    directory: &Directory,
    device: &MfaDevice,
    code: &str,
    now: i64,
) -> (Option<MfaDevice>, Result<(), String>) {
    if let Some(until) = device.guesses.locked(now) {
        return (None, Err(guesses::locked_text("codes", until)));
    }
    let seed = directory.sealing_key().open(&device.serial, &device.sealed_seed);
    // A seed that does not open has no codes, and nobody guessed.
    let Ok(seed) = seed else { return (None, Err(String::new())) };
    match totp::find(&seed, code, now, 1, device.last_step) {
        Some(last_step) => {
            let used = MfaDevice { last_step, guesses: WrongGuesses::default(), ..device.clone() };
            (Some(used), Ok(()))
        }
        None => {
            let guesses = device.guesses.after_wrong(now);
            (Some(MfaDevice { guesses, ..device.clone() }), Err(String::new()))
        }
    }
}
