//! The clusters that this service runs nodes for: what is known of each, and what they may have together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use control::{ChangeStage, ObservedNode};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::plan::{Seen, Step, Waiting, WantedCluster};
use super::{sizes, stages};
use crate::service::upstream::Upstream;
use crate::settings::ProcessPool;
use crate::transport::listener::DomainKey;

/// The cluster of one domain, whose nodes this service runs.
pub(crate) struct NodeCluster {
    pub(super) key: DomainKey,
    /// The name of its pool.
    pub(super) pool_name: String,
    pub(super) pool: ProcessPool,
    /// Where its record and its nodes are.
    pub(super) folder: PathBuf,
    /// What serves the domain.
    pub(super) upstream: Arc<Upstream>,
    pub(super) view: Mutex<ClusterView>,
    /// Told when the domain may want something else.
    pub(super) changed: Notify,
    /// Processes that this process started: whoever started one is told when it ends.
    pub(super) children: Mutex<Vec<Child>>,
    pub(super) task: Mutex<Option<JoinHandle<()>>>,
}

/// What was seen of a cluster last.
#[derive(Default)]
pub(super) struct ClusterView {
    pub(super) seen: Seen,
    pub(super) step: Option<Step>,
    pub(super) no_room: Option<String>,
    /// Why nodes do not run, by their names; of no node: why nothing is done.
    pub(super) faults: BTreeMap<String, String>,
    pub(super) ports: BTreeSet<u16>,
}

/// What a domain takes of its pool.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    pool: String,
    nodes: usize,
    heap_mib: u64,
}

/// All clusters that this service runs nodes for.
#[derive(Default)]
pub(crate) struct Provisioned {
    clusters: Mutex<BTreeMap<DomainKey, Arc<NodeCluster>>>,
    claims: Mutex<BTreeMap<DomainKey, Claim>>,
}

impl Provisioned {
    /// The cluster of a domain.
    pub(crate) fn get(&self, key: &DomainKey) -> Option<Arc<NodeCluster>> {
        lock(&self.clusters).get(key).cloned()
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arc<NodeCluster>> {
        lock(&self.clusters).values().cloned().collect()
    }

    pub(super) fn add(&self, cluster: &Arc<NodeCluster>) {
        lock(&self.clusters).insert(cluster.key.clone(), Arc::clone(cluster));
    }

    /// Lets go of a domain and what it took.
    pub(super) fn forget(&self, key: &DomainKey) -> Option<Arc<NodeCluster>> {
        lock(&self.claims).remove(key);
        lock(&self.clusters).remove(key)
    }

    /// The domains may want something else.
    pub(crate) fn look(&self) {
        self.all().iter().for_each(|cluster| cluster.changed.notify_one());
    }

    /// What `domain` wants of the cluster, with why it cannot have it.
    pub(super) fn wanted(&self, cluster: &NodeCluster, domain: &control::Domain) -> WantedCluster {
        let mut wanted = cluster.wanted(domain);
        // Nodes that shall go have theirs until they are gone.
        let nodes = wanted.count.max(lock(&cluster.view).seen.nodes.len());
        let heap = u64::from(wanted.heap_mib);
        let heap_mib = heap.saturating_mul(nodes.try_into().unwrap_or(u64::MAX));
        let claim = Claim { pool: cluster.pool_name.clone(), nodes, heap_mib };
        wanted.no_room = self.claim(&cluster.key, claim, &cluster.pool).err();
        wanted
    }

    /// Takes what a domain wants of its pool, if that has it. What it took before, and cannot have more of, stays its own.
    fn claim(&self, key: &DomainKey, claim: Claim, pool: &ProcessPool) -> Result<(), String> {
        let mut claims = lock(&self.claims);
        if claims.get(key) == Some(&claim) {
            return Ok(());
        }
        let others = claims.iter().filter(|(other, it)| *other != key && it.pool == claim.pool);
        let (nodes, heap) = others.fold((0, 0), |(nodes, heap): (usize, u64), (_, it)| {
            (nodes + it.nodes, heap + it.heap_mib)
        });
        let name = &claim.pool;
        if claim.nodes > pool.nodes_per_domain {
            let most = pool.nodes_per_domain;
            return Err(format!(
                "pools.{name} has {most} nodes for a domain, {} are wanted",
                claim.nodes
            ));
        }
        if nodes + claim.nodes > pool.nodes_max {
            let left = pool.nodes_max.saturating_sub(nodes);
            return Err(format!("pools.{name} has {left} nodes left, {} are wanted", claim.nodes));
        }
        if heap + claim.heap_mib > u64::from(pool.heap_mib_max) {
            let left = u64::from(pool.heap_mib_max).saturating_sub(heap);
            return Err(format!(
                "pools.{name} has {left} MiB of heap left, {} are wanted",
                claim.heap_mib
            ));
        }
        claims.insert(key.clone(), claim);
        Ok(())
    }

    /// Two ports of the pool's range that nobody has, for a node of `cluster`.
    pub(super) fn take_ports(&self, cluster: &NodeCluster) -> Result<(u16, u16), String> {
        let all = self.all();
        // Held together: two domains choose one after the other.
        let _turn = lock(&self.claims);
        let taken: BTreeSet<u16> = all.iter().flat_map(|it| lock(&it.view).ports.clone()).collect();
        let (first, last) = cluster.pool.ports;
        let mut free = (first..=last).filter(|port| !taken.contains(port) && is_free(*port));
        let found = free.next().zip(free.next());
        let (port, transport) = found.ok_or_else(|| {
            format!("pools.{} has no two free ports from {first} to {last}", cluster.pool_name)
        })?;
        lock(&cluster.view).ports.extend([port, transport]);
        Ok((port, transport))
    }
}

impl NodeCluster {
    /// What `domain` wants of it, whether or not there is room.
    pub(super) fn wanted(&self, domain: &control::Domain) -> WantedCluster {
        let heap_mib = sizes::heap_mib(&self.pool.heap_mib, sizes::instance_type(domain));
        WantedCluster {
            count: sizes::instance_count(domain),
            configuration: format!("{} heap={heap_mib}m", self.pool.installation.display()),
            heap_mib,
            no_room: None,
        }
    }

    /// How far it is with what `domain` wants.
    pub(crate) fn stages(&self, domain: &control::Domain) -> Vec<ChangeStage> {
        let view = lock(&self.view);
        let wanted = WantedCluster { no_room: view.no_room.clone(), ..self.wanted(domain) };
        let unknown = Step::Wait(Waiting::Answer);
        stages::stages(&wanted, &view.seen, view.step.as_ref().unwrap_or(&unknown), &view.faults)
    }

    /// Its nodes, those that `domain` wants and that are not there yet among them.
    pub(crate) fn nodes(&self, domain: &control::Domain) -> Vec<ObservedNode> {
        stages::nodes(&self.wanted(domain), &lock(&self.view).seen)
    }

    /// Why it does not serve, as far as its nodes tell.
    pub(crate) fn fault(&self) -> Option<String> {
        let view = lock(&self.view);
        let wanted = WantedCluster { no_room: view.no_room.clone(), ..WantedCluster::default() };
        let reasons = stages::reasons(&wanted, &view.faults);
        match (&view.step, reasons.is_empty()) {
            (_, false) => Some(reasons.join("; ")),
            (Some(Step::Done), true) => None,
            (_, true) => Some("its nodes are starting".to_owned()),
        }
    }
}

/// Whether nobody listens at a port of this host's loopback.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> DomainKey {
        let text = |text: &str| text.to_owned();
        DomainKey { account: text("a"), region: text("r"), name: text(name), unique: text("u") }
    }

    #[test]
    fn what_a_pool_has_is_given_to_who_comes_first() {
        let pool = ProcessPool {
            nodes_per_domain: 3,
            nodes_max: 4,
            heap_mib_max: 2_000,
            ..ProcessPool::default()
        };
        let all = Provisioned::default();
        let claim = |nodes, heap_mib| Claim { pool: "p".to_owned(), nodes, heap_mib };
        let told = |name, nodes, heap| all.claim(&key(name), claim(nodes, heap), &pool).err();
        assert_eq!(told("one", 3, 1_500), None);
        assert_eq!(
            told("one", 4, 2_000).unwrap(),
            "pools.p has 3 nodes for a domain, 4 are wanted"
        );
        assert_eq!(told("two", 2, 500).unwrap(), "pools.p has 1 nodes left, 2 are wanted");
        assert_eq!(
            told("two", 1, 501).unwrap(),
            "pools.p has 500 MiB of heap left, 501 are wanted"
        );
        assert_eq!(told("two", 1, 500), None);
        assert_eq!(told("one", 1, 500), None, "who wants less gets it");
        assert_eq!(told("two", 3, 1_500), None);
        all.forget(&key("two"));
        assert_eq!(told("one", 3, 2_000), None);
    }
}
