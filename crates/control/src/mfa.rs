//! The second factor of `AssumeRole` and `GetSessionToken`: a code of the caller's own device, proved before anything is
//! authorized, because trust policies ask for it.

use jiff::Timestamp;
use serde_json::Value;

use crate::control::Control;
use crate::err::ApiError;
use crate::iam::mfa_devices::try_code;
use crate::identity::Identified;
use crate::operations::Operation;
use crate::service::Service;
use crate::store::Entry;
use crate::store::record::Record;

/// Amazon's text, its last space included.
pub(crate) const FAILED: &str =
    "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

impl Operation {
    /// Whether `input` brings a second factor to prove ([`Control::prove_mfa`]), or half of one.
    pub fn brings_mfa(self, input: &Value) -> bool {
        let brings = |member| input.get(member).is_some();
        self.service() == Service::Sts && (brings("SerialNumber") || brings("TokenCode"))
    }
}

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
        caller: &mut Identified,
        operation: Operation,
        input: &Value,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), ApiError> {
        if !operation.brings_mfa(input) {
            return Ok(());
        }
        let text = |member: &str| input.get(member).and_then(Value::as_str);
        let (Some(serial), Some(code)) = (text("SerialNumber"), text("TokenCode")) else {
            return Err(ApiError::access_denied(FAILED));
        };
        let entry =
            Entry { at: now.as_second(), operation: "prove-mfa", caller: &caller.arn, request_id };
        let is_own = |owner: &Option<(String, String)>| {
            owner.as_ref().is_some_and(|(_, id)| *id == caller.user_id)
        };
        let tried = self.change(&entry, |directory, change| {
            let device = directory.mfa_device(serial).filter(|device| is_own(&device.user));
            let device = device.ok_or_else(|| ApiError::access_denied(FAILED))?;
            let (after, tried) = try_code(directory, device, code, now.as_second());
            if let Some(device) = after {
                change.put(Record::MfaDevice(device));
            }
            Ok(tried)
        })?;
        tried.map_err(|told| ApiError::access_denied(format!("{FAILED}{told}")))?;
        (caller.mfa, caller.mfa_age, caller.mfa_proved) = (Some(true), Some(0), true);
        Ok(())
    }
}
