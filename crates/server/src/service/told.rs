//! What the service tells of itself over the API: what it answered in the last hour, and its settings.

use serde_json::{Value, json};

use crate::service::state::ServiceState;
use crate::service::traffic::Held;

/// The last hour: of the domains of `account` that listen here, and of the whole service where the asker is its operator.
pub(crate) fn metrics_history(state: &ServiceState, account: &str, is_operators: bool) -> Value {
    let now = state.clock.now();
    let listeners = state.listeners();
    let own = listeners.iter().filter(|(key, _)| key.account == account);
    let domains = own.map(|(key, listener)| {
        json!({"name": key.name, "region": key.region, "minutes": listener.traffic.told(now)})
    });
    let domains: Vec<Value> = domains.collect();
    drop(listeners);
    let mut told = json!({ "domains": domains });
    if let (true, Some(members)) = (is_operators, told.as_object_mut()) {
        let minutes = state.metrics.history(now, held(state));
        let memory = state.settings().engine.memory_bytes_max;
        let service = json!({"minutes": minutes, "engineMemoryBytesMax": memory});
        members.insert("service".to_owned(), service);
    }
    told
}

/// The settings in force.
pub(crate) fn settings(state: &ServiceState) -> Value {
    let settings = state.settings();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "settings": state.origins.load().told(&settings),
    })
}

/// What the service holds now.
pub(crate) fn held(state: &ServiceState) -> Held {
    let disk = rustix::fs::statvfs(&state.folder);
    let bytes = |blocks: fn(&rustix::fs::StatVfs) -> u64| {
        disk.as_ref().map_or(0, |disk| blocks(disk).saturating_mul(disk.f_frsize))
    };
    Held {
        engine_memory_bytes: state.memory.bytes(),
        connections: state.connections.open(),
        disk_bytes: bytes(|disk| disk.f_blocks),
        disk_bytes_available: bytes(|disk| disk.f_bavail),
    }
}
