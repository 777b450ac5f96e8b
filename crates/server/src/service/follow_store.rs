//! What other processes write to the store: other gateways, `countersign account create`, `countersign state recover`.

use std::sync::Arc;
use std::time::Duration;

use crate::audit::{AuditEntry, AuditRecord};
use crate::service::state::ServiceState;
use crate::walk::authorize::permit::Reason;

/// Has the store tell of commits. Its own are none that a look would find something after.
pub(crate) fn listen(state: &ServiceState) {
    // Not the state itself: that holds the store, which holds this.
    let (store, control) = (Arc::clone(&state.store), Arc::downgrade(&state.control));
    state.control.listen(Box::new(move |version| {
        let Some(control) = control.upgrade() else { return };
        if version.is_none_or(|version| control.directory().version() < version) {
            store.news.notify_one();
        }
    }));
}

/// Looks whenever the store tells of a commit, and again and again, whether there is something new, until the service ends. What
/// another process wrote holds here within `STORE_LOOK_TIME`.
pub(crate) async fn follow(state: ServiceState) {
    let often = state.times.store_look;
    let mut failing = None;
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = state.store.news.notified() => {}
            () = tokio::time::sleep(failing.unwrap_or(often)) => {}
        }
        failing = if look(&state).await { None } else { Some(longer(failing, often)) };
    }
}

/// How long to wait after a look that failed: not long at first, because a database that was started again is soon there.
fn longer(last: Option<Duration>, often: Duration) -> Duration {
    last.map_or(often / 5, |last| (last * 2).min(often * 5))
}

/// Sees what others wrote to the store. Says whether it could be read.
pub(super) async fn look(state: &ServiceState) -> bool {
    let (begun, control) = (state.store.begin(), Arc::clone(&state.control));
    // Not in the pool of calls: those may be what waits for the store.
    let looked = tokio::task::spawn_blocking(move || control.reload()).await;
    let looked = match looked {
        Ok(looked) => looked.map_err(|error| error.to_string()),
        Err(panic) => Err(panic.to_string()),
    };
    if let Ok(true) = looked {
        note(state);
        state.domains_changed.notify_one();
    }
    let is_there = looked.is_ok();
    // Told once: a store that is gone is gone every second.
    if state.store.looked(begun, looked.clone().map(drop)) {
        match looked {
            Ok(_) => tracing::info!("the state can be read again"),
            Err(error) => tracing::error!(error, "cannot read the state"),
        }
    }
    is_there
}

/// That the state is another than this process made it, for the audit. What it was is in the store's log of changes.
fn note(state: &ServiceState) {
    let record = AuditRecord::of_service(state.clock.now(), "FollowStore");
    let mut entry = AuditEntry::begin(&state.audit, record);
    entry.service_reason = Some(Reason::Host.as_str().to_owned());
    entry.ended::<(), String>(&Ok(()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_look_after_one_that_failed_is_soon_and_the_later_ones_are_not() {
        let often = Duration::from_millis(500);
        let waits = std::iter::successors(Some(longer(None, often)), |last| {
            Some(longer(Some(*last), often))
        });
        let waits: Vec<u128> = waits.take(7).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 2500, 2500]);
    }
}
