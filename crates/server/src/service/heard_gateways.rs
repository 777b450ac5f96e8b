//! What the other gateways tell of the domains that they have (decision 0200), and how old it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// How a domain is that another gateway has. One of which nobody told lately is not known to be well: it says so.
    pub(crate) fn of(&self, key: &DomainKey) -> ObservedDomain {
        let name = name(key);
        let gateways = self.lock();
        let told = gateways.iter().filter_map(|(gateway, heard)| {
            Some((heard.at.elapsed(), gateway, heard.domains.get(&name)?))
        });
        match told.min_by_key(|(age, ..)| *age) {
            Some((age, _, domain)) if age < limits::GATEWAY_NEWS_OLD_TIME => domain.clone(),
            Some((age, gateway, domain)) => {
                let why = format!(
                    "gateway {gateway}, which has the domain, has not told of it for {} s",
                    age.as_secs()
                );
                unknown(key, why, domain.nodes.clone())
            }
            None => unknown(key, "no gateway tells of the domain".to_owned(), Vec::new()),
        }
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

/// A domain of which nothing is known: none of its nodes is known to be there.
fn unknown(key: &DomainKey, why: String, nodes: Vec<ObservedNode>) -> ObservedDomain {
    let nodes = match nodes.is_empty() {
        true => vec![ObservedNode {
            id: key.unique.clone(),
            is_data: true,
            is_manager: true,
            available: false,
        }],
        false => nodes.into_iter().map(|node| ObservedNode { available: false, ..node }).collect(),
    };
    ObservedDomain { health: Err(why), nodes, stages: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        assert!(why.starts_with("gateway gw-1, which has the domain, has not told"), "{why}");
        assert_eq!(old.nodes.iter().map(|node| node.available).collect::<Vec<_>>(), [false; 2]);
        // It is gone from the table, too.
        gateways.take(Vec::new());
        assert_eq!(gateways.of(&key()).nodes.len(), 1);
        assert!(!gateways.of(&key()).nodes[0].available);
    }
}
