//! Looks after the nodes of one domain: sees, asks [`plan::next`], takes the step, and again, until the service or the domain ends.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use control::Domain;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::handle::{ClusterView, NodeCluster, lock};
use super::launch::Installation;
use super::observe::{self, Looked};
use super::plan::{self, Seen, SeenNode, Step, WantedCluster};
use super::record::{ClusterRecord, folder_of};
use super::{nodes, processes};
use crate::audit::{AuditEntry, AuditRecord};
use crate::clusters::ClusterChange;
use crate::service::state::ServiceState;
use crate::service::upstream::Upstream;
use crate::settings::ProcessPool;
use crate::transport::listener::DomainKey;
use crate::walk::authorize::permit::{Permit, Reason};

/// How long nothing is looked at while something is waited for, and while nothing is.
const LOOK_SOON: Duration = Duration::from_millis(500);
const LOOK_LATER: Duration = Duration::from_secs(2);

/// How long a node's port may take to be connected to.
const CONNECT_TIME_MAX: Duration = Duration::from_millis(500);

/// How long requests that a node has may take when it shall end, and then the node itself.
const LAST_REQUESTS_TIME: Duration = Duration::from_secs(1);
const STOP_TIME_MAX: Duration = Duration::from_secs(60);

/// How long nodes may take that end with the service; they are ended at once then.
const SERVICE_STOP_TIME_MAX: Duration = Duration::from_secs(4);

/// A node that ended by itself is started again after a second, and each time in a row twice that, up to a minute.
const BACK_OFF_SECONDS_MAX: i64 = 60;

/// A node that ran so long is one that works: its next end is the first of a row.
const WORKS_SECONDS: i64 = 120;

/// The folder of a domain's nodes, in the domain's folder.
pub(crate) fn folder_in(domain_folder: &Path) -> PathBuf {
    domain_folder.join("nodes")
}

/// Whether a domain's folder is one of nodes.
pub(crate) fn has_nodes(domain_folder: &Path) -> bool {
    folder_in(domain_folder).is_dir()
}

/// Looks whether a pool could run nodes here.
///
/// # Errors
/// In words: what is missing.
pub(crate) fn check(pool: &ProcessPool) -> Result<(), String> {
    processes::check()?;
    Installation::of(&pool.installation).map(drop)
}

/// Looks after the nodes of a domain from now on. Those that run already are found again.
///
/// # Errors
/// In words: the record of the nodes cannot be read, or this is no system that nodes can run on.
pub(crate) fn adopt(
    state: &ServiceState,
    key: &DomainKey,
    (pool_name, pool): (&str, &ProcessPool),
    upstream: &Arc<Upstream>,
    domain_folder: &Path,
) -> Result<(), String> {
    processes::check()?;
    let folder = folder_in(domain_folder);
    let mut record = ClusterRecord::read(&folder)?;
    for node in &mut record.nodes {
        node.process = node.running();
    }
    record.write(&folder)?;
    let ports = record.nodes.iter().flat_map(|node| [node.port, node.transport_port]).collect();
    let cluster = Arc::new(NodeCluster {
        key: key.clone(),
        pool_name: pool_name.to_owned(),
        pool: pool.clone(),
        folder,
        upstream: Arc::clone(upstream),
        view: Mutex::new(ClusterView { ports, ..ClusterView::default() }),
        changed: Notify::new(),
        children: Mutex::default(),
        task: Mutex::default(),
    });
    state.provisioned.add(&cluster);
    let supervisor = Supervisor {
        state: state.clone(),
        cluster: Arc::clone(&cluster),
        record,
        tries: BTreeMap::new(),
    };
    *lock(&cluster.task) = Some(tokio::spawn(supervisor.follow()));
    Ok(())
}

/// Ends the nodes of a domain that is deleted, at once. Its folder may be removed then.
///
/// # Errors
/// In words: a process that does not end, a record that cannot be read.
pub(crate) async fn remove(
    state: &ServiceState,
    key: &DomainKey,
    domain_folder: &Path,
) -> Result<(), String> {
    if let Some(cluster) = state.provisioned.forget(key) {
        leave(&cluster).await;
    }
    let record = ClusterRecord::read(&folder_in(domain_folder))?;
    nodes::end(&record.nodes, Duration::ZERO).await
}

/// Ends with the service the nodes that shall not outlive it.
pub(crate) async fn end_all(state: &ServiceState) {
    let mut ending = tokio::task::JoinSet::new();
    for cluster in state.provisioned.all() {
        ending.spawn(async move {
            leave(&cluster).await;
            if cluster.pool.stop_with_service {
                let record = ClusterRecord::read(&cluster.folder)?;
                nodes::end(&record.nodes, SERVICE_STOP_TIME_MAX).await?;
            }
            Ok::<(), String>(())
        });
    }
    while let Some(ended) = ending.join_next().await {
        if let Ok(Err(why)) = ended {
            tracing::warn!(why, "a node did not end with the service");
        }
    }
}

/// Nobody looks after the nodes any more.
async fn leave(cluster: &NodeCluster) {
    let task = lock(&cluster.task).take();
    if let Some(task) = task {
        task.abort();
        let _ = task.await;
    }
}

/// What is known of a node's last starts.
#[derive(Default)]
struct NodeTries {
    /// How often in a row it ended by itself.
    failures: u32,
    began: Option<Timestamp>,
    not_before: Option<Timestamp>,
}

struct Supervisor {
    state: ServiceState,
    cluster: Arc<NodeCluster>,
    record: ClusterRecord,
    tries: BTreeMap<String, NodeTries>,
}

impl Supervisor {
    async fn follow(mut self) {
        loop {
            let Some(domain) = self.domain() else { return };
            let wanted = self.state.provisioned.wanted(&self.cluster, &domain);
            let seen = self.look(&wanted).await;
            let step = plan::next(&wanted, &seen, self.state.clock.now());
            let rests = matches!(step, Step::Done | Step::Wait(_));
            let pause = if step == Step::Done { LOOK_LATER } else { LOOK_SOON };
            self.show(&wanted, seen, step.clone());
            let taken = if rests { Ok(()) } else { self.take(step, &wanted).await };
            let pause = match taken {
                Ok(()) if rests => pause,
                Ok(()) => Duration::ZERO,
                Err(why) => {
                    tracing::warn!(domain = self.cluster.key.name, why, "a step was not taken");
                    LOOK_LATER
                }
            };
            tokio::select! {
                () = self.state.shutdown.told() => return,
                () = self.cluster.changed.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// The domain as it is wanted now; none when it is deleted.
    fn domain(&self) -> Option<Domain> {
        let DomainKey { account, region, name, unique } = &self.cluster.key;
        let directory = self.state.control.directory();
        let domain = directory.domain(account, region, name)?;
        let is_it = domain.unique == *unique && !domain.deleted;
        is_it.then(|| domain.record.clone())
    }

    /// Everything as it is.
    async fn look(&mut self, wanted: &WantedCluster) -> Seen {
        let now = self.state.clock.now();
        self.note_ended(now);
        let mut serving = Vec::new();
        for node in self.record.nodes.iter().filter(|node| node.process.is_some()) {
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, node.port));
            if let Ok(Ok(_)) = tokio::time::timeout(CONNECT_TIME_MAX, connected).await {
                serving.push(node.port);
            }
            nodes::bound_output(&folder_of(&self.cluster.folder, &node.name));
        }
        let upstream = Arc::clone(&self.cluster.upstream);
        upstream.serve_at(&serving);
        let mut seen = self.seen();
        if !serving.is_empty() {
            let copies = !plan::leaving(wanted, &seen).is_empty();
            let looked = Looked { copies, votes: self.record.votes_taken };
            seen.cluster = observe::cluster(&upstream, looked, now).await;
        }
        if let Some(cluster) = &seen.cluster {
            self.note_members(&cluster.members.clone());
            seen.nodes = self.seen().nodes;
            if upstream.fault().is_some() {
                upstream.look(now).await;
                self.state.domains_changed.notify_one();
            }
        }
        seen
    }

    fn seen(&self) -> Seen {
        let not_before = |name: &str| self.tries.get(name)?.not_before;
        let nodes = self.record.nodes.iter().map(|node| SeenNode {
            name: node.name.clone(),
            runs: node.process.is_some(),
            configuration: node.configuration.clone(),
            joined: node.joined,
            not_before: not_before(&node.name),
        });
        Seen { formed: self.record.formed, nodes: nodes.collect(), cluster: None }
    }

    /// Nodes that ended by themselves are started again, later each time.
    fn note_ended(&mut self, now: Timestamp) {
        let mut changed = false;
        for node in &mut self.record.nodes {
            if node.process.is_none() || node.running().is_some() {
                continue;
            }
            let why = nodes::last_words(&self.cluster, node);
            (node.process, node.token) = (None, String::new());
            changed = true;
            let tries = self.tries.entry(node.name.clone()).or_default();
            tries.failed(now);
            tracing::warn!(domain = self.cluster.key.name, node = node.name, why, "a node ended");
            lock(&self.cluster.view).faults.insert(node.name.clone(), why);
        }
        if changed {
            self.write();
        }
    }

    fn note_members(&mut self, members: &std::collections::BTreeSet<String>) {
        let mut changed = false;
        for node in self.record.nodes.iter_mut().filter(|node| members.contains(&node.name)) {
            if node.process.is_some() {
                changed |= !node.joined;
                node.joined = true;
                lock(&self.cluster.view).faults.remove(&node.name);
            }
        }
        if changed {
            self.write();
        }
    }

    /// A record that cannot be written is written with the next change; until then it is a step behind, which is found again.
    fn write(&self) {
        if let Err(why) = self.record.write(&self.cluster.folder) {
            tracing::error!(why, "the record of a domain's nodes was not written");
        }
    }

    fn show(&self, wanted: &WantedCluster, seen: Seen, step: Step) {
        let mut view = lock(&self.cluster.view);
        view.no_room.clone_from(&wanted.no_room);
        let ports = self.record.nodes.iter().flat_map(|node| [node.port, node.transport_port]);
        view.ports = ports.collect();
        (view.seen, view.step) = (seen, Some(step));
    }

    /// Takes a step, and writes it into the audit.
    async fn take(&mut self, step: Step, wanted: &WantedCluster) -> Result<(), String> {
        let (action, node) = match &step {
            Step::Add => ("AddNode", String::new()),
            Step::Start(name) => ("StartNode", name.clone()),
            Step::Formed => ("FormCluster", String::new()),
            Step::Exclude(_) => ("ExcludeNodes", String::new()),
            Step::TakeVote(name) => ("TakeNodesVote", name.clone()),
            Step::GiveVotes => ("GiveNodesVotes", String::new()),
            Step::Stop(name) => ("StopNode", name.clone()),
            Step::Remove(name) => ("RemoveNode", name.clone()),
            Step::Wait(_) | Step::Done => return Ok(()),
        };
        let (key, now) = (&self.cluster.key, self.state.clock.now());
        let of_service = AuditRecord::of_service(now, action);
        let record = AuditRecord { account: Some(key.account.clone()), ..of_service };
        let mut entry = AuditEntry::begin(&self.state.audit, record);
        entry.service_reason = Some(Reason::Provisioning.as_str().to_owned());
        entry.resource(format!("domain/{}", key.name));
        if !node.is_empty() {
            entry.resource(&node);
        }
        tracing::info!(domain = key.name, node, action, "nodes");
        let done = self.perform(step, wanted, &mut entry).await;
        entry.ended(&done);
        let mut view = lock(&self.cluster.view);
        match &done {
            Ok(()) => drop(view.faults.remove("")),
            // Told of the domain where it is no node's.
            Err(why) => drop(view.faults.insert(node, why.clone())),
        }
        done
    }

    async fn perform(
        &mut self,
        step: Step,
        wanted: &WantedCluster,
        entry: &mut AuditEntry,
    ) -> Result<(), String> {
        let all = &self.state.provisioned;
        match step {
            Step::Add => nodes::add(&self.cluster, all, &mut self.record),
            Step::Start(name) => {
                let started = nodes::start(&self.cluster, all, &mut self.record, &name, wanted);
                let now = self.state.clock.now();
                let tries = self.tries.entry(name).or_default();
                match &started {
                    Ok(()) => tries.began = Some(now),
                    Err(_) => tries.failed(now),
                }
                started
            }
            Step::Formed => {
                self.record.formed = true;
                self.record.write(&self.cluster.folder)
            }
            Step::Exclude(nodes) => {
                let body = Some(observe::exclude(&nodes));
                self.change(Method::PUT, "/_cluster/settings", "", body, entry).await
            }
            Step::TakeVote(name) => {
                // Before it is so: whoever reads the record afterwards looks.
                self.record.votes_taken = true;
                self.record.write(&self.cluster.folder)?;
                let query = format!("node_names={name}");
                self.change(Method::POST, VOTES, &query, None, entry).await
            }
            Step::GiveVotes => {
                let query = "wait_for_removal=false";
                self.change(Method::DELETE, VOTES, query, None, entry).await?;
                self.record.votes_taken = false;
                self.record.write(&self.cluster.folder)
            }
            Step::Stop(name) => self.stop(&name).await,
            Step::Remove(name) => self.remove(&name).await,
            Step::Wait(_) | Step::Done => Ok(()),
        }
    }

    async fn change(
        &self,
        method: Method,
        path: &str,
        query: &str,
        body: Option<serde_json::Value>,
        entry: &mut AuditEntry,
    ) -> Result<(), String> {
        let (path, query) = (path.to_owned(), query.to_owned());
        let change = ClusterChange { method, path, query, body };
        let permit = Permit::for_service(Reason::Provisioning, entry, change);
        self.cluster.upstream.change(permit, self.state.clock.now()).await
    }

    /// Ends a node that is asked nothing more.
    async fn stop(&mut self, name: &str) -> Result<(), String> {
        let nodes = self.record.nodes.iter();
        let others = nodes.filter(|node| node.name != name && node.process.is_some());
        let others: Vec<u16> = others.map(|node| node.port).collect();
        if !others.is_empty() {
            self.cluster.upstream.serve_at(&others);
            tokio::time::sleep(LAST_REQUESTS_TIME).await;
        }
        let Some(node) = self.record.node(name) else { return Ok(()) };
        nodes::end(std::slice::from_ref(node), STOP_TIME_MAX).await?;
        (node.process, node.token) = (None, String::new());
        self.tries.remove(name);
        self.record.write(&self.cluster.folder)
    }

    /// Removes a node that ended, with its data.
    async fn remove(&mut self, name: &str) -> Result<(), String> {
        let folder = folder_of(&self.cluster.folder, name);
        let removing =
            tokio::task::spawn_blocking(move || match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(format!("{}: {error}", folder.display()))
                }
                _ => Ok(()),
            });
        removing.await.map_err(|panic| panic.to_string())??;
        self.record.nodes.retain(|node| node.name != name);
        self.tries.remove(name);
        lock(&self.cluster.view).faults.remove(name);
        self.record.write(&self.cluster.folder)
    }
}

/// Who may not elect: `_cluster/voting_config_exclusions`.
const VOTES: &str = "/_cluster/voting_config_exclusions";

impl NodeTries {
    /// It ended by itself, or could not be started.
    fn failed(&mut self, now: Timestamp) {
        let ran = self.began.take().map(|began| now.duration_since(began).as_secs());
        let worked = ran.is_some_and(|seconds| seconds >= WORKS_SECONDS);
        self.failures = if worked { 1 } else { self.failures.saturating_add(1) };
        let doubled = self.failures.saturating_sub(1).min(BACK_OFF_SECONDS_MAX.ilog2() + 1);
        let wait = SignedDuration::from_secs((1 << doubled).min(BACK_OFF_SECONDS_MAX));
        self.not_before = now.checked_add(wait).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_ends_again_and_again_is_started_less_and_less_often() {
        let mut tries = NodeTries::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut waits = Vec::new();
        for _ in 0..70 {
            tries.began = Some(now);
            tries.failed(now);
            waits.push(tries.not_before.unwrap().as_second());
        }
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(waits[69], 60);
        tries.began = Some(now);
        let later = Timestamp::from_second(WORKS_SECONDS).unwrap();
        tries.failed(later);
        assert_eq!(tries.not_before.unwrap().as_second() - WORKS_SECONDS, 1);
    }
}
