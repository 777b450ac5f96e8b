//! Writes down, again and again, which credentials and services were used (decision 0149).

use std::time::Duration;

use crate::service::state::ServiceState;

/// How often.
const WRITE_TIME: Duration = Duration::from_secs(control::limits::USE_SECONDS.unsigned_abs());

/// Does so until the service ends.
pub(crate) async fn write_for_ever(state: ServiceState) {
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(WRITE_TIME) => {}
        }
        write(&state).await;
    }
}

/// Does so once. What the store refuses is kept for the next time.
pub(crate) async fn write(state: &ServiceState) {
    let writing = state.clone();
    let write = move || writing.control.write_uses(writing.clock.now());
    match tokio::task::spawn_blocking(write).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "cannot store what was last used"),
        Err(error) => tracing::warn!(%error, "cannot store what was last used"),
    }
}
