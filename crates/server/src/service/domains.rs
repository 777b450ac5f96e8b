//! The reconciler: what the directory says about domains becomes folders, engines and listeners.
//!
//! It is idempotent and runs at start and after every control operation that may have changed a domain:
//! a new domain gets a port and a listener, and then its endpoint; a deleted one loses its listener and
//! its folder. A domain keeps its port over restarts.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use engine::rest::Flavor;
use engine::{Cancel, EngineSettings, SlowLogKind};
use tokio::net::TcpListener;

use crate::audit::{AuditEntry, AuditRecord};
use crate::clusters::CursorNames;
use crate::guards::limits;
use crate::provisioning::{self, manifests};
use crate::service::backends::{Backend, DomainNews, DomainReport, Embedded, EngineSurroundings};
use crate::service::buckets;
use crate::service::migration;
use crate::service::own_certificate;
use crate::service::pool::WorkOwner;
use crate::service::published_logs::LogKind;
use crate::service::removal;
use crate::service::serving::ServingBackend;
use crate::service::state::ServiceState;
use crate::service::upstream::Upstream;
use crate::settings::{PoolKind, PoolSettings, Settings};
use crate::transport::listener::{DomainKey, Listener, ListenerTarget};
use crate::transport::{accept, certificates};
use crate::walk::authorize::permit::{Permit, Reason};

/// Reconciles again and again, whenever something changed, until the service ends.
pub(crate) async fn follow(domains: DomainReconciler, state: ServiceState) {
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = state.domains_changed.notified() => {}
        }
        // A failure was logged, and the domain shows it: its endpoint does not appear.
        let _ = domains.reconcile(&state).await;
    }
}

/// Ports tried from the first one on before giving up.
const PORTS_TRIED_MAX: u16 = 1_000;

/// What the reconciler needs beside the state.
pub(crate) struct DomainReconciler {
    /// Where the indices are; `None` keeps them in memory.
    folder: Option<PathBuf>,
    /// Whether it is going to try again what failed.
    waits: Arc<AtomicBool>,
}

/// Why a domain cannot be reached.
#[derive(Debug)]
pub struct DomainError {
    /// Its name.
    pub domain: String,
    /// What happened.
    pub why: String,
}

impl std::fmt::Display for DomainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "domain {}: {}", self.domain, self.why)
    }
}

impl std::error::Error for DomainError {}

impl DomainReconciler {
    /// A reconciler that has done nothing yet.
    #[must_use]
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, waits: Arc::default() }
    }

    /// Makes listeners, engines and folders what the directory says. The first failure of a domain that is to be served is returned
    /// after everything else was tried; a deletion that is not finished is tried again.
    pub(crate) async fn reconcile(&self, state: &ServiceState) -> Result<(), DomainError> {
        let _turn = state.domains_turn.lock().await;
        let directory = state.control.directory();
        let (deleted, wanted): (Vec<_>, Vec<_>) = directory
            .domains()
            .map(|domain| (key(domain), Arc::clone(domain)))
            .partition(|(_, domain)| domain.deleted);
        deleted.iter().for_each(|(key, _)| close(state, key));
        let mut result = Ok(());
        for (key, domain) in wanted {
            let listener = state.listeners().get(&key).map(Arc::clone);
            let elsewhere = self.elsewhere(state, &key, &domain);
            let comes_here = |listener: &Arc<Listener>| {
                matches!(listener.target, ListenerTarget::Elsewhere { .. }) && elsewhere.is_none()
            };
            if let Some(closed) = listener.as_ref().filter(|listener| comes_here(listener)) {
                // It was moved to a cluster, which each gateway reaches. Its port is free a moment later.
                close(state, &key);
                let _ = tokio::time::timeout(limits::PORT_FREE_TIME, closed.ended()).await;
            } else if let Some(listener) = listener {
                follow_version(&listener, &domain.engine_version);
                follow_configuration(state, &listener, &domain);
                if let Err(why) = appear(state, &key, &domain, &listener).await {
                    result = result.and(Err(DomainError { domain: key.name, why }));
                }
                continue;
            }
            if let Some(gateway) = elsewhere {
                send_away(state, key, &domain, gateway).await;
                continue;
            }
            if let Err(why) = self.open(state, key.clone(), &domain).await {
                tracing::error!(domain = key.name, %why, "domain not reachable");
                if migration::is_unclear(state, &key, &domain) {
                    self.try_again(state);
                }
                result = result.and(Err(DomainError { domain: key.name, why }));
            }
        }
        for (key, domain) in deleted {
            if self.elsewhere(state, &key, &domain).is_some() {
                // Its gateway has the files, and lets the record go.
                continue;
            }
            // What cannot be removed keeps no other domain from its clients, and the service not from its start.
            if let Err(why) = self.remove(state, key.clone(), &domain).await {
                tracing::error!(domain = key.name, %why, "deletion not finished");
                self.try_again(state);
            }
        }
        close_gone(state);
        let directory = state.control.directory();
        state.removals.keep_only(|of| directory.domains().any(|it| it.deleted && key(it) == *of));
        state.provisioned.look();
        result
    }

    /// Reconciles again in a while. One such turn waits at a time.
    fn try_again(&self, state: &ServiceState) {
        if self.waits.swap(true, Ordering::SeqCst) {
            return;
        }
        let (state, waits) = (state.clone(), Arc::clone(&self.waits));
        tokio::spawn(async move {
            tokio::select! {
                () = state.shutdown.told() => return,
                () = tokio::time::sleep(limits::CLUSTER_LOOK_TIME) => {}
            }
            waits.store(false, Ordering::SeqCst);
            state.domains_changed.notify_one();
        });
    }

    /// Binds, opens the engine, listens, and then lets the endpoint appear.
    async fn open(
        &self,
        state: &ServiceState,
        key: DomainKey,
        domain: &control::Domain,
    ) -> Result<(), String> {
        let settled = match migration::is_unclear(state, &key, domain) {
            true => Some(migration::settled(state, &key).await?),
            false => None,
        };
        let domain = settled.as_ref().unwrap_or(domain);
        let socket = bind(state, domain).await?;
        let port = socket.local_addr().map_err(|error| error.to_string())?.port();
        let endpoint = endpoint(&host_of(&state.settings(), domain), port);
        certify(state, &key).await;
        let backend = match self.pool_of(state, &key, domain)? {
            Some((name, pool)) => {
                let cluster = attached(state, domain, &name, &pool).await?;
                self.provide(state, domain, &pool, &cluster);
                Backend::Upstream(cluster)
            }
            None => self.embedded(state, &key, domain, port).await?,
        };
        // A domain that was never served has no endpoint before its cluster is reached.
        let appears = domain.endpoint.is_some() || backend.serves();
        listen(state, key.clone(), socket, port, backend);
        if !appears {
            if domain.port != Some(port) {
                report(state, &key, DomainNews::Bound(port)).await?;
            }
        } else if domain.endpoint.as_deref() != Some(&endpoint) || domain.port != Some(port) {
            report(state, &key, DomainNews::Listens(endpoint, port)).await?;
        }
        Ok(())
    }

    /// Lets a cluster be made for a domain, where its pool makes them. A domain whose cluster cannot be made says why.
    fn provide(
        &self,
        state: &ServiceState,
        domain: &control::Domain,
        pool: &PoolSettings,
        cluster: &Arc<Upstream>,
    ) {
        let key = key(domain);
        let made = match (&pool.kind, self.folder(&key)) {
            (PoolKind::Attach, _) => Ok(()),
            (PoolKind::Process(_), None) => Err(NO_FOLDER.to_owned()),
            (PoolKind::Process(nodes), Some(folder)) => {
                provisioning::adopt(state, &key, (cluster.name(), nodes), cluster, &folder)
            }
            (PoolKind::Kubernetes(made), _) => manifests::write(made, domain),
        };
        note_made(cluster, domain, made);
    }

    /// The engine of a domain, in this binary.
    async fn embedded(
        &self,
        state: &ServiceState,
        key: &DomainKey,
        domain: &control::Domain,
        port: u16,
    ) -> Result<Backend, String> {
        let settings = engine_settings(state, domain, port, self.folder(key));
        let surroundings = surroundings(state, key);
        // Not a call of the pool: the engine starts threads, which inherit the priority of the one that opens it.
        let opened =
            tokio::task::spawn_blocking(move || Embedded::open(settings, surroundings)).await;
        let engine = opened
            .map_err(|panic| format!("the engine did not open: {panic}"))?
            .map_err(|error| error.to_string())?;
        let engine = Arc::new(engine);
        tokio::spawn(read_repositories(state.clone(), key.clone(), Arc::downgrade(&engine)));
        Ok(Backend::Embedded(engine))
    }

    /// Closes the listener of a deleted domain, removes its indices, and then lets its record go.
    async fn remove(
        &self,
        state: &ServiceState,
        key: DomainKey,
        domain: &control::Domain,
    ) -> Result<(), String> {
        close(state, &key);
        migration::forget(state, &key).await?;
        if let Some(folder) = self.folder(&key).filter(|folder| provisioning::has_nodes(folder)) {
            provisioning::remove(state, &key, &folder).await?;
        }
        if let Some(PoolKind::Kubernetes(made)) = kind_of(state, &key) {
            manifests::remove(&made, domain)?;
        }
        if let Some((name, pool)) = self.pool_of(state, &key, domain).ok().flatten()
            && pool.prefix.is_some()
        {
            let cluster = attached(state, domain, &name, &pool).await?;
            match removal::outcome(state, &key, cluster) {
                // It goes on, and when it has ended this is asked again; or another gateway has finished it: what has the
                // domain's name now is another one's.
                None | Some(Ok(false)) => return Ok(()),
                Some(Err(why)) => return Err(why),
                Some(Ok(true)) => {}
            }
        }
        let folders = [self.folder(&key), Some(below(&state.repositories, &key))];
        // Where its folder alone says that a domain is here, the folder is there for as long as the record.
        let tells = state.gateway.is_some() && domain.gateway.is_none();
        let kept = self.folder(&key).filter(|folder| tells && folder.is_dir());
        let again = kept.clone();
        let removing = move || {
            let failed = |folder: &Path, error| format!("{}: {error}", folder.display());
            for folder in folders.iter().flatten() {
                match std::fs::remove_dir_all(folder) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(failed(folder, error));
                    }
                    _ => {}
                }
            }
            again.map_or(Ok(()), |folder| {
                std::fs::create_dir(&folder).map_err(|error| failed(&folder, error))
            })
        };
        let removed = state.control_pool.run(WorkOwner::service(), removing).await;
        removed.map_err(|not_done| format!("{not_done:?}"))??;
        report(state, &key, DomainNews::Gone).await?;
        if let Some(folder) = kept {
            // It is empty: harmless where it stays.
            let _ = std::fs::remove_dir(folder);
        }
        Ok(())
    }

    /// The other gateway that a domain's indices are at, if they are at one. One that was made before there were several is at
    /// the one whose folder has it.
    fn elsewhere(
        &self,
        state: &ServiceState,
        key: &DomainKey,
        domain: &control::Domain,
    ) -> Option<String> {
        let own = state.gateway.as_ref()?;
        let settings = state.settings();
        let made_here = settings
            .pool_of(&arn(key))
            .is_some_and(|(_, pool)| matches!(pool.kind, PoolKind::Process(_)));
        // A cluster elsewhere is at none of them: each that has its pool serves it.
        let at_cluster =
            domain.pool.is_some() || (settings.pool_of(&arn(key)).is_some() && !made_here);
        // What a moved domain left behind is at the gateway that it was at.
        let left_behind = domain.deleted && domain.pool.is_some() && domain.gateway.is_some();
        if at_cluster && !left_behind {
            return None;
        }
        match &domain.gateway {
            Some(gateway) => Some(gateway.clone()).filter(|gateway| gateway != own),
            None => {
                let is_here = self.folder(key).is_some_and(|path| path.is_dir());
                (!is_here).then(|| "the one with its folder".to_owned())
            }
        }
    }

    fn folder(&self, key: &DomainKey) -> Option<PathBuf> {
        Some(below(self.folder.as_ref()?, key))
    }

    /// The pool whose cluster serves a domain, if one does. A domain that the engine has indices of stays there.
    fn pool_of(
        &self,
        state: &ServiceState,
        key: &DomainKey,
        domain: &control::Domain,
    ) -> Result<Option<(String, PoolSettings)>, String> {
        let settings = state.settings();
        if let Some(name) = &domain.pool {
            // Its indices here are those of before it was moved: they must not serve it.
            let pool = settings.pools.get(name).cloned().ok_or_else(|| {
                format!("it was moved to the pool {name}, and the settings have no [pools.{name}]")
            })?;
            return Ok(Some((name.clone(), pool)));
        }
        let pool = settings.pool_of(&arn(key));
        let folder = self.folder(key).filter(|folder| folder.is_dir());
        let has_nodes = folder.as_ref().is_some_and(|folder| provisioning::has_nodes(folder));
        match (pool.map(|(_, pool)| &pool.kind), folder) {
            (Some(PoolKind::Process(_)), Some(_)) if has_nodes => {}
            (_, Some(folder)) if has_nodes => {
                let folder = folder.display();
                return Err(format!("{folder}: no pool of kind process names its domain"));
            }
            (Some(PoolKind::Process(_) | PoolKind::Kubernetes(_)), Some(_)) => return Ok(None),
            (Some(PoolKind::Attach), Some(_))
                if pool.is_some_and(|(_, pool)| pool.prefix.is_some()) =>
            {
                return Ok(None);
            }
            _ => {}
        }
        Ok(pool.map(|(name, pool)| (name.to_owned(), pool.clone())))
    }
}

/// Writes anew what was written of a domain's configuration for others.
fn follow_configuration(state: &ServiceState, listener: &Listener, domain: &control::Domain) {
    let ListenerTarget::Domain { serving, .. } = &listener.target else { return };
    let serving = serving.current();
    let Backend::Upstream(cluster) = &*serving else { return };
    if let Some(PoolKind::Kubernetes(made)) = kind_of(state, &key(domain)) {
        note_made(cluster, domain, manifests::write(&made, domain));
    }
}

fn note_made(cluster: &Upstream, domain: &control::Domain, made: Result<(), String>) {
    let (pool, domain) = (cluster.name(), &domain.name);
    if let Err(why) = &made {
        tracing::error!(pool, domain, why, "the domain's cluster cannot be made");
    }
    cluster.note_made(made.map_err(|why| format!("pools.{pool}: {why}")));
}

fn kind_of(state: &ServiceState, key: &DomainKey) -> Option<PoolKind> {
    Some(state.settings().pool_of(&arn(key))?.1.kind.clone())
}

/// Reads the repositories of a domain that are reached by a network, again and again until all are read, the service ends, or the
/// domain is gone. Requests for what is in them are refused until then.
async fn read_repositories(state: ServiceState, key: DomainKey, engine: Weak<Embedded>) {
    let mut pause = limits::REPOSITORY_READ_TIME;
    loop {
        let Some(engine) = engine.upgrade() else { return };
        let cancel = Cancel::new();
        let called_off = cancel.clone();
        let reading = tokio::task::spawn_blocking(move || engine.read_repositories(&called_off));
        let read = tokio::select! {
            () = state.shutdown.told() => return cancel.cancel(),
            read = reading => read,
        };
        match read {
            Ok(Ok(left)) if left.is_empty() => return,
            Ok(Ok(left)) => {
                for (repository, why) in left {
                    tracing::warn!(
                        domain = key.name,
                        repository,
                        why,
                        "a repository cannot be read"
                    );
                }
            }
            Ok(Err(why)) => tracing::warn!(domain = key.name, why, "repositories cannot be read"),
            Err(panic) => tracing::error!(domain = key.name, %panic, "reading repositories failed"),
        }
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(limits::REPOSITORY_READ_TIME_MAX);
    }
}

/// Lets the endpoint of a domain appear whose cluster is reached for the first time.
async fn appear(
    state: &ServiceState,
    key: &DomainKey,
    domain: &control::Domain,
    listener: &Listener,
) -> Result<(), String> {
    let ListenerTarget::Domain { serving, .. } = &listener.target else { return Ok(()) };
    if domain.endpoint.is_some() || !serving.current().serves() {
        return Ok(());
    }
    let endpoint = endpoint(&host_of(&state.settings(), domain), listener.port);
    report(state, key, DomainNews::Listens(endpoint, listener.port)).await
}

fn has_no_endpoint(state: &ServiceState, wanted: &DomainKey) -> bool {
    let directory = state.control.directory();
    directory.domains().any(|it| it.endpoint.is_none() && !it.deleted && key(it) == *wanted)
}

/// Closes the listeners of domains whose records are gone: another gateway let them go.
fn close_gone(state: &ServiceState) {
    let known: BTreeSet<DomainKey> =
        state.control.directory().domains().map(|domain| key(domain)).collect();
    let listening: Vec<DomainKey> = state.listeners().keys().cloned().collect();
    listening.iter().filter(|key| !known.contains(key)).for_each(|key| close(state, key));
}

/// Listens at the port of a domain that is at another gateway, and tells who comes. Where that is a process of the same host, the
/// port is taken, and whoever comes is served.
async fn send_away(
    state: &ServiceState,
    key: DomainKey,
    domain: &control::Domain,
    gateway: String,
) {
    let Some(port) = domain.port else { return };
    let Ok(socket) = bind(state, domain).await else { return };
    certify(state, &key).await;
    open_listener(state, key.clone(), socket, port, ListenerTarget::Elsewhere { key, gateway });
}

/// Said where a cluster's nodes would have no place.
const NO_FOLDER: &str = "a pool of kind process needs a data folder";

fn arn(key: &DomainKey) -> String {
    let DomainKey { account, region, name, .. } = key;
    format!("arn:aws:es:{region}:{account}:domain/{name}")
}

/// The cluster of a pool as what serves a domain. It is looked at from now on for as long as it serves; a domain whose cluster
/// does not answer says so.
pub(super) async fn attached(
    state: &ServiceState,
    domain: &control::Domain,
    name: &str,
    pool: &PoolSettings,
) -> Result<Arc<Upstream>, String> {
    // Each domain has URLs of its own, where its cluster is made.
    let mut pool = pool.clone();
    pool.urls.iter_mut().for_each(|url| *url = url.replace("{domain}", &domain.name));
    pool.prefix = pool.prefix.map(|prefix| prefix.replace("{domain}", &domain.name));
    let control = Arc::clone(&state.control);
    let names = CursorNames::of(&domain.unique, move || control.directory());
    let cluster = Upstream::open(name, &pool, flavor(&domain.engine_version), names).await;
    let cluster = Arc::new(cluster.map_err(|why| format!("pools.{name}: {why}"))?);
    if domain.deleted {
        return Ok(cluster);
    }
    cluster.look(state.clock.now()).await;
    let (served, state, key) = (Arc::downgrade(&cluster), state.clone(), key(domain));
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = state.shutdown.told() => return,
                () = tokio::time::sleep(limits::CLUSTER_LOOK_TIME) => {}
            }
            let Some(cluster) = served.upgrade() else { return };
            cluster.look(state.clock.now()).await;
            // Not only where this look was the first that reached it: a request may have looked before, and the endpoint may not
            // have been written down.
            if cluster.fault().is_none() && has_no_endpoint(&state, &key) {
                state.domains_changed.notify_one();
            }
        }
    });
    Ok(cluster)
}

/// Removes the files of all domains of an account that is gone, and their repositories. Blocks on the disk.
pub(super) fn remove_files_of(state: &ServiceState, account: &str) {
    for root in [state.folder.join("domains"), state.repositories.clone()] {
        let folder = root.join(account);
        if let Err(error) = std::fs::remove_dir_all(&folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %folder.display(), %error, "files of a removed account stay");
        }
    }
}

/// Lets the service's own certificate have the domain's host. Where it cannot, the domain answers all the same: whoever has many
/// regions must not keep others from theirs.
async fn certify(state: &ServiceState, key: &DomainKey) {
    let (certifying, region) = (state.clone(), key.region.clone());
    let certified =
        tokio::task::spawn_blocking(move || own_certificate::cover(&certifying, &region)).await;
    let why = match certified {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.to_string(),
    };
    tracing::warn!(region = key.region, error = why, "no certificate for the hosts of a region");
}

/// Serves a domain at `socket` from now on.
pub(super) fn listen(
    state: &ServiceState,
    key: DomainKey,
    socket: TcpListener,
    port: u16,
    backend: Backend,
) {
    let serving = Arc::new(ServingBackend::new(backend));
    let target = ListenerTarget::Domain { key: key.clone(), serving };
    open_listener(state, key, socket, port, target);
}

fn open_listener(
    state: &ServiceState,
    key: DomainKey,
    socket: TcpListener,
    port: u16,
    target: ListenerTarget,
) {
    let listener = Arc::new(Listener::new(target, port));
    state.listeners().insert(key.clone(), Arc::clone(&listener));
    let config = certificates::configs_of(state, &key);
    tokio::spawn(accept::listen(socket, config, listener, state.clone()));
}

/// Takes a domain's listener away; what its engine does is called off.
pub(super) fn close(state: &ServiceState, key: &DomainKey) {
    let Some(listener) = state.listeners().remove(key) else { return };
    listener.close();
    if let ListenerTarget::Domain { serving, .. } = &listener.target {
        serving.current().call_off();
    }
}

/// What the engine of a domain is opened with.
pub(super) fn engine_settings(
    state: &ServiceState,
    domain: &control::Domain,
    port: u16,
    directory: Option<PathBuf>,
) -> EngineSettings {
    EngineSettings {
        directory,
        flavor: flavor(&domain.engine_version),
        cluster_name: format!("{}:{}", domain.account, domain.name),
        publish_address: format!("{}:{port}", state.settings().public_name),
    }
}

/// What the engine of a domain is given beside its settings.
pub(super) fn surroundings(state: &ServiceState, key: &DomainKey) -> EngineSurroundings {
    EngineSurroundings {
        clock: state.clock,
        body_bytes_max: state.settings().domains.body_bytes_max,
        repositories: below(&state.repositories, key),
        buckets: buckets::opener(state, key),
        slow_log: Box::new(slow_log(state, key)),
        dictionaries: Box::new(dictionaries(state, key)),
        japanese: state.japanese.get().cloned(),
    }
}

/// Lets every domain behave like its version: called before an upgrade is acknowledged, so that it holds when the reply
/// is read.
pub(crate) fn follow_versions(state: &ServiceState) {
    let directory = state.control.directory();
    let listeners = state.listeners();
    for domain in directory.domains() {
        if let Some(listener) = listeners.get(&key(domain)) {
            follow_version(listener, &domain.engine_version);
        }
    }
}

/// How a domain is; `None` when nothing serves it. One that another gateway has is as that one tells.
pub(crate) fn observed(
    state: &ServiceState,
    domain: &control::Domain,
) -> Option<control::ObservedDomain> {
    let key = key(domain);
    let listener = state.listeners().get(&key).map(Arc::clone);
    let serving = match listener.as_ref().map(|listener| &listener.target) {
        Some(ListenerTarget::Domain { serving, .. }) => serving,
        // It has no port yet, or this host has no room for its listener.
        _ => return state.gateway.as_ref().map(|_| state.heard.of(&key)),
    };
    let mut observed = serving.current().observed(&domain.unique);
    observed.stages = migration::stages_of(state, &key);
    if let Some(cluster) = state.provisioned.get(&key) {
        observed.health = observed.health.map_err(|why| cluster.fault().unwrap_or(why));
        (observed.nodes, observed.stages) = (cluster.nodes(domain), cluster.stages(domain));
    }
    Some(observed)
}

fn follow_version(listener: &Listener, engine_version: &str) {
    if let ListenerTarget::Domain { serving, .. } = &listener.target {
        serving.current().set_flavor(flavor(engine_version));
    }
}

/// What becomes of the lines of a domain's slow logs. (It holds no state: that holds the engine, which holds this.)
fn slow_log(state: &ServiceState, key: &DomainKey) -> impl Fn(SlowLogKind, &str) + use<> {
    let (logs, control, key) = (Arc::clone(&state.logs), Arc::clone(&state.control), key.clone());
    move |kind, line| {
        let kind = match kind {
            SlowLogKind::Search => LogKind::SearchSlow,
            SlowLogKind::Indexing => LogKind::IndexSlow,
        };
        logs.publish(&control.directory(), &key, kind, line);
    }
}

/// The dictionaries of a domain: the packages that it is associated with, as `analyzers/ID`.
fn dictionaries(
    state: &ServiceState,
    key: &DomainKey,
) -> impl Fn(&str) -> Option<Arc<str>> + use<> {
    let (control, key) = (Arc::clone(&state.control), key.clone());
    move |path| {
        let id = path.strip_prefix("analyzers/")?;
        control.directory().dictionary(&key.account, &key.region, &key.name, id)
    }
}

/// What belongs to one domain below a folder of all of them.
pub(super) fn below(folder: &Path, key: &DomainKey) -> PathBuf {
    let name = format!("{}-{}", key.name, key.unique);
    folder.join(&key.account).join(&key.region).join(name)
}

/// Writes what became of a domain into the directory, and that into the audit.
pub(super) async fn report(
    state: &ServiceState,
    key: &DomainKey,
    news: DomainNews,
) -> Result<(), String> {
    tell(state, key, news).await.map_err(|untold| untold.why)
}

/// Why the directory does not say what it was told.
pub(super) struct Untold {
    pub(super) why: String,
    /// It may say so all the same, now or later: [`control::Control::fence`] finds out.
    pub(super) unclear: bool,
}

impl std::fmt::Display for Untold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

/// As [`report`], for whoever must know what became of it.
///
/// # Errors
/// [`Untold`].
pub(super) async fn tell(
    state: &ServiceState,
    key: &DomainKey,
    news: DomainNews,
) -> Result<(), Untold> {
    let now = state.clock.now();
    let action = match &news {
        DomainNews::Listens(..) => "DomainListens",
        DomainNews::Bound(_) => "DomainBound",
        DomainNews::Moved { .. } => "DomainMoved",
        DomainNews::SourceDiscarded => "DomainSourceDiscarded",
        DomainNews::Gone => "DomainGone",
    };
    let record =
        AuditRecord { account: Some(key.account.clone()), ..AuditRecord::of_service(now, action) };
    let mut entry = AuditEntry::begin(&state.audit, record);
    entry.resource(format!("domain/{}", key.name));
    let domain = (key.account.clone(), key.region.clone(), key.name.clone());
    let report = DomainReport { domain, news };
    let permit = Permit::for_service(Reason::Provisioning, &mut entry, report);
    let control = Arc::clone(&state.control);
    let told =
        state.control_pool.run(WorkOwner::service(), move || control.report(permit, now)).await;
    let told = told
        .map_err(|not_done| Untold { why: format!("not done: {not_done:?}"), unclear: true })
        .and_then(|told| {
            told.map_err(|error| Untold { unclear: error.unclear, why: error.to_string() })
        });
    entry.ended(&told);
    told
}

/// The host of a domain's endpoint. Source of its form: docs.aws.amazon.com, "VPC versus public domains".
pub(super) fn host_of(settings: &Settings, domain: &control::Domain) -> String {
    let Some(suffix) = &settings.domains.endpoint_suffix else {
        return settings.public_name.clone();
    };
    let access = if domain.vpc_options().is_some() { "vpc" } else { "search" };
    format!("{access}-{}-{}.{}.{suffix}", domain.name, domain.unique, domain.region)
}

/// A domain's endpoint as clients write it behind `https://`: Amazon's have no port, and neither has one on 443.
pub(super) fn endpoint(name: &str, port: u16) -> String {
    match port {
        443 => name.to_owned(),
        port => format!("{name}:{port}"),
    }
}

/// The key of a domain.
#[must_use]
pub(crate) fn key(domain: &control::Domain) -> DomainKey {
    DomainKey {
        account: domain.account.clone(),
        region: domain.region.clone(),
        name: domain.name.clone(),
        unique: domain.unique.clone(),
    }
}

/// The domain's own port, or the lowest free one from the first on that no other domain keeps.
pub(super) async fn bind(
    state: &ServiceState,
    domain: &control::Domain,
) -> Result<TcpListener, String> {
    let (address, first_port) = {
        let settings = state.settings();
        let in_vpc = domain.vpc_options().is_some();
        let address = if in_vpc { settings.vpc.listen } else { settings.domains.listen };
        (address, settings.domains.first_port)
    };
    let listen = |port| TcpListener::bind((address, port));
    if let Some(port) = domain.port {
        return listen(port).await.map_err(|error| format!("its port {port}: {error}"));
    }
    if first_port == 0 {
        return listen(0).await.map_err(|error| error.to_string());
    }
    let directory = state.control.directory();
    let last = first_port.saturating_add(PORTS_TRIED_MAX);
    for port in first_port..=last {
        if directory.domains().any(|domain| domain.port == Some(port)) {
            continue;
        }
        match listen(port).await {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(format!("port {port}: {error}")),
        }
    }
    Err(format!("no free port from {first_port} to {last}"))
}

/// The behaviour of the nearest version that the engine has.
pub(super) fn flavor(engine_version: &str) -> Flavor {
    if engine_version.starts_with("OpenSearch_") {
        Flavor::OpenSearch219
    } else {
        Flavor::Elasticsearch710
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_on_443_is_a_name_without_a_port() {
        assert_eq!(endpoint("search.example.org", 443), "search.example.org");
        assert_eq!(endpoint("localhost", 9200), "localhost:9200");
    }

    #[test]
    fn with_a_suffix_each_domain_has_a_host_of_its_own() {
        let mut settings = Settings::default();
        let mut domain = control::Domain {
            name: "logs".to_owned(),
            unique: "abc".to_owned(),
            region: "eu-west-1".to_owned(),
            ..control::Domain::default()
        };
        assert_eq!(host_of(&settings, &domain), "localhost");
        settings.domains.endpoint_suffix = Some("es.example.org".to_owned());
        assert_eq!(host_of(&settings, &domain), "search-logs-abc.eu-west-1.es.example.org");
        domain.options.insert("VPCOptions".to_owned(), serde_json::json!({}));
        assert_eq!(host_of(&settings, &domain), "vpc-logs-abc.eu-west-1.es.example.org");
    }
}
