//! What other processes write to the store: `countersign account create`, `countersign state recover`.

use crate::audit::{AuditEntry, AuditRecord};
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;
use crate::walk::authorize::permit::Reason;

/// Looks again and again whether there is something new, until the service ends. What another process wrote holds here
/// within `STORE_LOOK_TIME`.
pub(crate) async fn follow(state: ServiceState) {
    let mut failing = false;
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(state.times.store_look) => {}
        }
        let control = std::sync::Arc::clone(&state.control);
        let looked = state.control_pool.run(WorkOwner::service(), move || control.reload()).await;
        match looked {
            Ok(Ok(true)) => {
                note(&state);
                state.domains_changed.notify_one();
            }
            // Told once: a store that is gone is gone every second.
            Ok(Err(error)) if !std::mem::replace(&mut failing, true) => {
                tracing::error!(%error, "cannot read the store");
            }
            Ok(Ok(false)) => failing = false,
            _ => {}
        }
    }
}

/// That the state is another than this process made it, for the audit. What it was is in the store's log of changes.
fn note(state: &ServiceState) {
    let record = AuditRecord::of_service(state.clock.now(), "FollowStore");
    let mut entry = AuditEntry::begin(&state.audit, record);
    entry.service_reason = Some(Reason::Host.as_str().to_owned());
    entry.ended::<(), String>(&Ok(()));
}
