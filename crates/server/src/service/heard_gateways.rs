//! What the other gateways tell of the domains that they serve (decision 0200), and how old it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use control::{GatewayNews, HeardNews, ObservedDomain, ObservedNode};
use tokio::time::Instant;

use crate::guards::limits;
use crate::service::domain_key::DomainKey;

/// What the other gateways told, and when.
#[derive(Default)]
pub(crate) struct HeardGateways(Mutex<BTreeMap<String, Heard>>);

struct Heard {
    version: String,
    at: Instant,
    domains: Arc<GatewayNews>,
}

impl HeardGateways {
    /// How a domain is that other gateways serve: as the one that told last says it, of those that reach it, if any does. One of which
    /// nobody told lately is not known to be well: it says so.
    pub(crate) fn of(&self, key: &DomainKey) -> ObservedDomain {
        let name = name(key);
        let gateways = self.lock();
        let told = gateways.iter().filter_map(|(gateway, heard)| {
            Some((heard.at.elapsed(), gateway, heard.domains.get(&name)?))
        });
        let is_old = |age: Duration| age >= limits::GATEWAY_NEWS_OLD_TIME;
        match told.min_by_key(|(age, _, it)| (is_old(*age), it.health.is_err(), *age)) {
            Some((age, _, domain)) if !is_old(age) => domain.clone(),
            Some((age, gateway, domain)) => {
                let why = format!(
                    "gateway {gateway}, which serves the domain, has not told of it for {} s",
                    age.as_secs()
                );
                unknown(why, domain.nodes.clone())
            }
            None => unknown("no gateway tells of the domain".to_owned(), Vec::new()),
        }
    }

    /// The names of the gateways that told something within a day.
    pub(crate) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The versions of what is known.
    pub(super) fn versions(&self) -> Vec<(String, String)> {
        let gateways = self.lock();
        gateways.iter().map(|(name, heard)| (name.clone(), heard.version.clone())).collect()
    }

    /// Takes what was heard in place of what was known.
    pub(super) fn take(&self, news: Vec<HeardNews>) {
        let mut known = self.lock();
        let mut now = BTreeMap::new();
        for HeardNews { gateway, version, age, domains } in news {
            let domains = match domains {
                Some(domains) => Arc::new(domains),
                None => known.get(&gateway).map(|it| Arc::clone(&it.domains)).unwrap_or_default(),
            };
            let at = Instant::now().checked_sub(age).unwrap_or_else(long_ago);
            now.insert(gateway, Heard { version, at, domains });
        }
        *known = now;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Heard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the gateways call a domain among each other.
pub(crate) fn name(key: &DomainKey) -> String {
    let DomainKey { account, region, name, unique } = key;
    format!("{account}/{region}/{name}/{unique}")
}

/// As far back as the clock goes, where something is older than the host's last start.
fn long_ago() -> Instant {
    let now = Instant::now();
    let old = limits::GATEWAY_NEWS_OLD_TIME;
    now.checked_sub(old).unwrap_or(now)
}

/// A domain of which nothing is known now: none of the nodes that were told of is known to be there.
fn unknown(why: String, nodes: Vec<ObservedNode>) -> ObservedDomain {
    let nodes = nodes.into_iter().map(|node| ObservedNode { available: false, ..node }).collect();
    ObservedDomain { health: Err(why), nodes, stages: Vec::new() }
}

#[cfg(test)]
mod tests {
    use control::{HealthStatus, ObservedHealth};

    use super::*;

    fn key() -> DomainKey {
        let text = |text: &str| text.to_owned();
        DomainKey { account: text("a"), region: text("r"), name: text("d"), unique: text("u") }
    }

    fn heard(age: Duration, domains: Option<GatewayNews>) -> Vec<HeardNews> {
        let (gateway, version) = ("gw-1".to_owned(), "v".to_owned());
        vec![HeardNews { gateway, version, age, domains }]
    }

    fn two_nodes() -> GatewayNews {
        let node = |id: &str| ObservedNode {
            id: id.to_owned(),
            is_data: true,
            is_manager: true,
            available: true,
        };
        let health = ObservedHealth { status: HealthStatus::Green, shards: 1, unassigned: 0 };
        let nodes = vec![node("node-1"), node("node-2")];
        let domain = ObservedDomain { health: Ok(Some(health)), nodes, stages: Vec::new() };
        [(name(&key()), domain)].into()
    }

    #[test]
    fn what_is_known_of_a_domain_elsewhere_grows_old_and_its_nodes_are_not_there_then() {
        let gateways = HeardGateways::default();
        assert_eq!(gateways.of(&key()).health.unwrap_err(), "no gateway tells of the domain");
        gateways.take(heard(Duration::ZERO, Some(two_nodes())));
        assert_eq!(gateways.of(&key()), two_nodes()[&name(&key())]);
        // The same still: it is not sent again.
        gateways.take(heard(Duration::from_secs(1), None));
        assert!(gateways.of(&key()).health.is_ok());
        gateways.take(heard(limits::GATEWAY_NEWS_OLD_TIME, None));
        let old = gateways.of(&key());
        let why = old.health.unwrap_err();
        assert!(why.starts_with("gateway gw-1, which serves the domain, has not told"), "{why}");
        assert_eq!(old.nodes.iter().map(|node| node.available).collect::<Vec<_>>(), [false; 2]);
    }

    #[test]
    fn of_a_domain_that_no_gateway_tells_of_no_node_is_made_up() {
        let gateways = HeardGateways::default();
        let unknown = gateways.of(&key());
        assert_eq!(unknown.health.unwrap_err(), "no gateway tells of the domain");
        assert_eq!(unknown.nodes, []);
        gateways.take(heard(Duration::ZERO, Some(two_nodes())));
        // The gateway is gone from the table.
        gateways.take(Vec::new());
        assert_eq!(gateways.of(&key()).nodes, []);
    }

    #[test]
    fn of_a_cluster_that_several_gateways_serve_one_that_reaches_it_is_believed() {
        let gateways = HeardGateways::default();
        let told = |gateway: &str, age: Duration, domains: GatewayNews| {
            let (gateway, version, domains) = (gateway.to_owned(), "v".to_owned(), Some(domains));
            HeardNews { gateway, version, age, domains }
        };
        let lost = unknown("it does not answer".to_owned(), Vec::new());
        let cut_off: GatewayNews = [(name(&key()), lost)].into();
        let second = Duration::from_secs(1);
        gateways.take(vec![
            told("gw-1", Duration::ZERO, cut_off.clone()),
            told("gw-2", second, two_nodes()),
        ]);
        assert_eq!(gateways.of(&key()), two_nodes()[&name(&key())]);
        // What it said is too old: nobody knows more than the other one.
        gateways.take(vec![
            told("gw-1", Duration::ZERO, cut_off),
            told("gw-2", limits::GATEWAY_NEWS_OLD_TIME, two_nodes()),
        ]);
        assert_eq!(gateways.of(&key()).health.unwrap_err(), "it does not answer");
    }
}
