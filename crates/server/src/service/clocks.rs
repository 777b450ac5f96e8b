//! The clocks of accounts, which tests move (decision 0150).

use control::ApiError;

use crate::audit::{AuditEntry, AuditRecord};
use crate::service::backends::ClockSetting;
use crate::service::state::ServiceState;
use crate::walk::authorize::permit::{Permit, Reason};

/// Sets the clock of an account. Blocks on the disk.
///
/// # Errors
/// As [`control::Control::set_clock`].
pub(crate) fn set(state: &ServiceState, setting: ClockSetting) -> Result<(), ApiError> {
    let now = state.clock.now();
    let mut entry = AuditEntry::begin(&state.audit, AuditRecord::of_service(now, "SetClock"));
    entry.resource(&setting.account);
    let permit = Permit::for_service(Reason::Test, &mut entry, setting);
    let set = state.control.set_clock(permit, now);
    entry.ended(&set);
    set
}
