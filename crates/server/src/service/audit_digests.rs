//! Signs, again and again, how far the audit has come (decision 0132): also where nothing was recorded, so that a missing digest
//! is seen.

use std::time::Duration;

use crate::service::state::ServiceState;
use crate::settings::AuditSettings;

/// Does so until the service ends, which signs the last one.
pub(crate) fn write_for_ever(
    state: ServiceState,
    settings: &AuditSettings,
) -> impl Future<Output = ()> + use<> {
    let time = Duration::from_secs(settings.digest_seconds.into());
    async move {
        loop {
            tokio::select! {
                () = state.shutdown.told() => return,
                () = tokio::time::sleep(time) => {}
            }
            let (audit, now) = (state.audit.clone(), state.clock.now());
            if let Err(error) = tokio::task::spawn_blocking(move || audit.digest(now)).await {
                tracing::error!(%error, "audit digest not written");
            }
        }
    }
}
