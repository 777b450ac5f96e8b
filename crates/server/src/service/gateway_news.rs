//! How the domains are that a gateway serves: told to the gateways that share the state, and heard from them (decision 0200).
//!
//! What the embedded engine has, or nodes of this host serve, only the gateway knows that has it; what is on an attached cluster,
//! those know that reach it and have a listener for it. Any gateway is asked
//! (`DescribeDomainHealth`, `DescribeDomainNodes`, `DescribeDomainChangeProgress`).

use control::GatewayNews;
use tokio::time::Instant;

use crate::guards::limits;
use crate::service::domains;
use crate::service::heard_gateways::name;
use crate::service::state::ServiceState;
use crate::transport::listener::{DomainKey, ListenerTarget};

/// Tells and hears again and again, until the service ends. A gateway that shares its state with nobody has nobody to tell.
pub(crate) async fn exchange_for_ever(state: ServiceState) {
    let Some(own) = state.gateway.clone() else { return };
    let mut told = None;
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(state.times.gateway_news) => {}
        }
        let (asking, own, last) = (state.clone(), own.clone(), told.take());
        // It asks the engines and the store. A fault of one round is not one of the next: what was heard grows old.
        let exchanged = tokio::task::spawn_blocking(move || exchange(&asking, &own, last)).await;
        told = exchanged.unwrap_or_default();
    }
}

/// What was said last, and when.
type SaidLast = Option<(GatewayNews, Instant)>;

/// Does so once: what was said by then.
fn exchange(state: &ServiceState, own: &str, told: SaidLast) -> SaidLast {
    exchange_minutes(state, own);
    let news = news_of(state);
    let is_known = told
        .as_ref()
        .is_some_and(|(said, at)| *said == news && at.elapsed() < limits::GATEWAY_NEWS_REPEAT_TIME);
    let (say, known) = ((!is_known).then_some(&news), state.heard.versions());
    match state.control.exchange_news(own, say, &known) {
        Ok(heard) => state.heard.take(heard),
        // That the store is gone is told by whoever follows it.
        Err(_) => return told.filter(|_| is_known),
    }
    if is_known { told } else { Some((news, Instant::now())) }
}

/// Tells what was counted in the minutes that are over, and hears what the others counted (decision 0211).
fn exchange_minutes(state: &ServiceState, gateway: &str) {
    let Some((own, since)) = state.minutes.to_tell() else { return };
    let rows_max = limits::GATEWAY_MINUTES_MAX;
    if let Ok(told) = state.control.exchange_minutes(gateway, &own, since, rows_max) {
        state.minutes.take(&own, told, state.clock.now());
    }
}

/// How the domains are that are served here.
fn news_of(state: &ServiceState) -> GatewayNews {
    let listening: Vec<DomainKey> = state
        .listeners()
        .iter()
        .filter(|(_, listener)| matches!(listener.target, ListenerTarget::Domain { .. }))
        .map(|(key, _)| key.clone())
        .collect();
    let directory = state.control.directory();
    let told = listening.into_iter().filter_map(|key| {
        let domain = directory.domain(&key.account, &key.region, &key.name)?;
        let is_it = domain.unique == key.unique && !domain.deleted;
        let observed = is_it.then(|| domains::observed(state, domain)).flatten()?;
        Some((name(&key), observed))
    });
    told.collect()
}
