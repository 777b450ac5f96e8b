//! Disks fill while nobody asks about them: every engine looks at its own now and then, and lets its indices take no writes
//! where the disk is too full (`cluster.routing.allocation.disk.watermark`).

use crate::service::state::ServiceState;

/// Lets every domain look at its disk.
fn watch(state: &ServiceState) {
    let by_default = state.settings().engine.disk_watermarks;
    for engine in state.engines() {
        match engine.watch_disk(by_default) {
            Ok(watched) if watched.blocked > 0 => {
                tracing::warn!(indices = watched.blocked, "the disk is too full: no more writes");
            }
            Ok(watched) if watched.released > 0 => {
                tracing::info!(indices = watched.released, "the disk has room again");
            }
            Ok(_) => {}
            Err(why) => tracing::error!(%why, "indices cannot be blocked for a full disk"),
        }
    }
}

/// Does so again and again until the service ends.
pub(crate) async fn watch_for_ever(state: ServiceState) {
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(state.times.disk_look) => {}
        }
        let looked = state.clone();
        // Writing metadata blocks. A fault of one round is not one of the next.
        let _ = tokio::task::spawn_blocking(move || watch(&looked)).await;
    }
}
