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
    set_for(state, Reason::Test, setting)
}

/// Sets right what tests of `dev` left moved, for a service whose clocks nobody moves. Blocks on the disk.
///
/// # Errors
/// As [`set`].
pub(crate) fn set_right(state: &ServiceState) -> Result<(), ApiError> {
    let directory = state.control.directory();
    let moved = directory.accounts().filter(|account| account.clock_ahead != 0);
    moved
        .map(|account| ClockSetting { account: account.id.clone(), ahead: 0 })
        .try_for_each(|setting| set_for(state, Reason::FirstStart, setting))
}

fn set_for(state: &ServiceState, why: Reason, setting: ClockSetting) -> Result<(), ApiError> {
    let now = state.clock.now();
    let mut entry = AuditEntry::begin(&state.audit, AuditRecord::of_service(now, "SetClock"));
    entry.resource(&setting.account);
    let permit = Permit::for_service(why, &mut entry, setting);
    let set = state.control.set_clock(permit, now);
    entry.ended(&set);
    set
}
