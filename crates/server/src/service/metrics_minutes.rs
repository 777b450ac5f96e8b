//! Every minute the counters of the service and of its listeners are taken, for the history of the last hour. Gateways that share a state
//! end their minutes together, by their clocks, and tell each other what they counted.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::service::gateway_minutes::GatewayMinute;
use crate::service::heard_gateways::name;
use crate::service::state::ServiceState;
use crate::service::told::held;
use crate::transport::listener::{Listener, ListenerTarget};

/// Takes all counters as they stand.
fn take(state: &ServiceState) {
    let now = state.clock.now();
    let minute = state.metrics.take(now, held(state));
    let listeners: Vec<Arc<Listener>> = state.listeners().values().map(Arc::clone).collect();
    let taken = listeners.iter().map(|listener| (listener, listener.traffic.take(now)));
    let domains = taken.filter_map(|(listener, minute)| match &listener.target {
        ListenerTarget::Domain { key, .. } => Some((name(key), minute)),
        _ => None,
    });
    // Every counter is taken, whether somebody is told of it or not.
    let domains: Vec<_> = domains.collect();
    if state.gateway.is_some() {
        let memory = state.settings().engine.memory_bytes_max;
        state.minutes.tell(&GatewayMinute::of(&minute, memory, domains.into_iter()));
    }
}

/// Does so again and again until the service ends.
pub(crate) async fn take_for_ever(state: ServiceState) {
    loop {
        let looked = state.clone();
        // The disk is asked how full it is. A fault of one round is not one of the next.
        let _ = tokio::task::spawn_blocking(move || take(&looked)).await;
        let rest = rest_of_minute(state.clock.now(), state.times.metrics_minute);
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// How long the minute of the clock lasts still. A timer that was a moment early has not begun another one.
fn rest_of_minute(now: Timestamp, length: Duration) -> Duration {
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
    let rest = length - now.as_millisecond().rem_euclid(length);
    let rest = if rest < length / 10 { rest + length } else { rest };
    Duration::from_millis(rest.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_end_when_the_clocks_do() {
        let rest = |millis: i64| {
            let now = Timestamp::from_millisecond(millis).unwrap();
            rest_of_minute(now, Duration::from_secs(60)).as_millis()
        };
        assert_eq!((rest(0), rest(20_000), rest(60_001)), (60_000, 40_000, 59_999));
        assert_eq!(rest(59_995), 60_005, "a timer that was early");
        assert_eq!(rest(-20_000), 20_000);
    }
}
