//! Every minute the counters of the service and of its listeners are taken, for the history of the last hour.

use std::sync::Arc;

use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::service::told::held;
use crate::transport::listener::Listener;

/// Takes all counters as they stand.
fn take(state: &ServiceState) {
    let now = state.clock.now();
    state.metrics.take(now, held(state));
    let listeners: Vec<Arc<Listener>> = state.listeners().values().map(Arc::clone).collect();
    listeners.iter().for_each(|listener| listener.traffic.take(now));
}

/// Does so again and again until the service ends.
pub(crate) async fn take_for_ever(state: ServiceState) {
    loop {
        let looked = state.clone();
        // The disk is asked how full it is. A fault of one round is not one of the next.
        let _ = tokio::task::spawn_blocking(move || take(&looked)).await;
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(limits::METRICS_MINUTE_TIME) => {}
        }
    }
}
