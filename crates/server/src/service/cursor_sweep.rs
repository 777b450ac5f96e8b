//! Cursors that were abandoned end by their time: nobody asks for them, so nothing else would free what they hold.

use jiff::Timestamp;

use crate::service::state::ServiceState;

/// Closes the cursors of every domain whose time is over at `now`; how many are left.
pub fn expire(state: &ServiceState, now: Timestamp) -> usize {
    state.backends().iter().map(|backend| backend.expire_cursors(now)).sum()
}

/// Does so again and again until the service ends: nobody asks for what was abandoned, so nothing else would free it.
pub(crate) async fn expire_for_ever(state: ServiceState) {
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(state.times.cursor_sweep) => {}
        }
        let swept = state.clone();
        // Letting segments go may block. A fault of one round is not one of the next.
        let sweep = move || expire(&swept, swept.clock.now());
        let _ = tokio::task::spawn_blocking(sweep).await;
    }
}
