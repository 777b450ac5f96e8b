//! What the service tells of itself over the API: what it answered in the last hour, and its settings.

use serde_json::{Value, json};

use crate::service::domains;
use crate::service::heard_gateways;
use crate::service::state::ServiceState;
use crate::service::traffic::Held;
use crate::transport::listener::ListenerTarget;

/// The last hour: of the domains of `account` that are served here, and of the whole service where the asker is its operator. Of its
/// other domains it is told where they are, as far as that is known.
pub(crate) fn metrics_history(state: &ServiceState, account: &str, is_operators: bool) -> Value {
    let now = state.clock.now();
    let directory = state.control.directory();
    let listeners = state.listeners();
    let (mut domains, mut elsewhere) = (Vec::new(), Vec::new());
    let own = directory.domains().filter(|it| it.account == account && !it.deleted);
    for domain in own {
        let (name, region) = (&domain.name, &domain.region);
        let mut found = listeners.iter().filter(|(key, _)| key.unique == domain.unique);
        let listener = found.next().map(|(_, listener)| listener);
        match listener.map(|listener| &listener.target) {
            Some(ListenerTarget::Elsewhere { gateway, .. }) => {
                elsewhere.push(json!({"name": name, "region": region, "gateway": gateway}));
            }
            Some(_) => {
                let minutes = listener.map(|listener| listener.traffic.told(now));
                domains.push(json!({"name": name, "region": region, "minutes": minutes}));
            }
            None => {
                let other =
                    domain.gateway.as_ref().filter(|it| Some(*it) != state.gateway.as_ref());
                elsewhere.push(json!({"name": name, "region": region, "gateway": other}));
            }
        }
    }
    drop(listeners);
    let mut told = json!({ "gateway": state.gateway, "domains": domains, "elsewhere": elsewhere });
    if let (true, Some(members)) = (is_operators, told.as_object_mut()) {
        let minutes = state.metrics.history(now, held(state));
        let memory = state.settings().engine.memory_bytes_max;
        let service = json!({"minutes": minutes, "engineMemoryBytesMax": memory});
        members.insert("service".to_owned(), service);
    }
    told
}

/// The last hour of all gateways that share the state, or of the one that was named: of the domains of `account`, and of everything where
/// the asker is the operator. `None`: no such gateway told anything in that time.
pub(crate) fn shared_history(
    state: &ServiceState,
    account: &str,
    is_operators: bool,
    gateway: Option<&str>,
) -> Option<Value> {
    let hour = state.minutes.hour(gateway, state.clock.now());
    if gateway.is_some() && hour.is_empty() {
        return None;
    }
    let length = state.times.metrics_minute;
    let directory = state.control.directory();
    let own = directory.domains().filter(|it| it.account == account && !it.deleted);
    let told = own.map(|domain| {
        let name = heard_gateways::name(&domains::key(domain));
        let minutes = hour.told(length, |minute| minute.domain(&name));
        json!({"name": domain.name, "region": domain.region, "minutes": minutes})
    });
    let domains: Vec<Value> = told.collect();
    let mut told = json!({
        "gateway": state.gateway, "of": gateway.unwrap_or("all"), "complete": hour.is_complete(),
        "domains": domains, "elsewhere": [],
    });
    if let (true, Some(members)) = (is_operators, told.as_object_mut()) {
        let minutes = hour.told_with_held(length);
        let service = json!({"minutes": minutes, "engineMemoryBytesMax": hour.memory_bytes_max()});
        members.insert("service".to_owned(), service);
        let all = state.minutes.hour(None, state.clock.now());
        members.insert("gateways".to_owned(), all.gateways().into());
    }
    Some(told)
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
