//! A domain moves from the engine in this binary to the cluster of a pool, while it serves (decision 0169).
//!
//! What is at the cluster is made in rounds (`copy`): everything first, then what was written meanwhile. Then writes wait, the last
//! round runs, both sides are compared, the directory says where the domain is from now on, and the writes that waited go there.
//! Until the directory says so, the domain is served from here and nothing of it is changed, whatever happens.

mod compare;
mod copy;
mod fault;
mod job;
mod journal;
pub(crate) mod order;
mod others;
mod progress;
pub(crate) mod running;
mod stages;
mod streams;
mod target;
mod writes;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

pub(crate) use self::fault::MoveFault;
use self::journal::{Journal, JournalPhase, JournalRecord};
use self::order::MoveOrder;
use self::progress::Phase;
pub(crate) use self::progress::Progress;
use self::running::Migration;
use self::target::MoveTarget;
use crate::audit::{AuditEntry, AuditRecord};
use crate::guards::limits;
use crate::service::backends::{Backend, DomainNews, Embedded, MoveDomain};
use crate::service::domains;
use crate::service::state::ServiceState;
use crate::settings::PoolSettings;
use crate::transport::listener::{DomainKey, ListenerTarget};
use crate::walk::authorize::permit::{Permit, Reason};

/// Does what was ordered about a domain's move, and tells how far it is then.
///
/// # Errors
/// Why it is not done.
pub(crate) async fn order(
    state: &ServiceState,
    domain: &control::Domain,
    order: MoveOrder,
) -> Result<Progress, MoveFault> {
    let key = domains::key(domain);
    match order {
        MoveOrder::Tell => told(state, domain, &key),
        MoveOrder::Begin(pool) => begin(state, domain, key, &pool),
        MoveOrder::Abort => abort(state, domain, key).await,
        MoveOrder::Discard => discard(state, domain, key).await,
    }
}

/// Where the journal of a domain's move is.
fn journal_path(state: &ServiceState, key: &DomainKey) -> PathBuf {
    let path = domains::below(&state.folder.join("migrations"), key);
    path.with_extension("json")
}

fn told(
    state: &ServiceState,
    domain: &control::Domain,
    key: &DomainKey,
) -> Result<Progress, MoveFault> {
    if let Some(migration) = state.migrations.of(key) {
        migration.was_asked();
        return Ok(migration.progress.lock().clone());
    }
    if domain.pool.is_none() {
        is_not_elsewhere(state, domain, key)?;
    }
    let mut progress = Progress { domain: domain.name.clone(), ..Progress::default() };
    let left = Journal::left(&journal_path(state, key))?;
    progress.pool = domain.pool.clone().or(left.as_ref().map(|left| left.pool.clone()));
    let name = &domain.name;
    match left {
        _ if domain.pool.is_some() => {
            progress.phase = Phase::Moved;
            if left.is_some() {
                progress.next = Some(discard_command(name));
            }
        }
        Some(left) => {
            progress.phase = Phase::Interrupted;
            progress.fault = left.fault.clone();
            progress.note(format!("an earlier run left at the cluster: {}", left.told()));
            progress.next = Some(again_commands(name, &left.pool));
        }
        None => {}
    }
    Ok(progress)
}

fn again_commands(name: &str, pool: &str) -> String {
    format!(
        "countersign domain migrate {name} --to {pool} begins anew; countersign domain migrate {name} --abort removes what is at the \
         cluster"
    )
}

fn discard_command(name: &str) -> String {
    format!(
        "the indices that it left behind are in the data folder still: countersign domain migrate {name} --discard-source removes \
         them"
    )
}

/// Refuses for a domain whose indices are at another gateway: that one tells of its move.
fn is_not_elsewhere(
    state: &ServiceState,
    domain: &control::Domain,
    key: &DomainKey,
) -> Result<(), MoveFault> {
    match state.listeners().get(key).map(|listener| &listener.target) {
        Some(ListenerTarget::Elsewhere { gateway, .. }) => Err(MoveFault::Unfit(format!(
            "the indices of domain {} are at another gateway ({gateway}): ask that one",
            domain.name
        ))),
        _ => Ok(()),
    }
}

/// How far the move of a domain is, as the control plane tells it; nothing where none runs here.
pub(crate) fn stages_of(state: &ServiceState, key: &DomainKey) -> Vec<control::ChangeStage> {
    let migration = state.migrations.of(key);
    migration.map(|migration| stages::stages(&migration.progress.lock())).unwrap_or_default()
}

/// The engine that serves a domain here.
fn engine_of(state: &ServiceState, domain: &control::Domain) -> Result<Arc<Embedded>, MoveFault> {
    let unfit = |why: String| Err(MoveFault::Unfit(why));
    if let Some(pool) = &domain.pool {
        return unfit(format!(
            "domain {} is served by the cluster of pool {pool} already; a domain that a cluster serves is not moved back",
            domain.name
        ));
    }
    let listener = state.listeners().get(&domains::key(domain)).map(Arc::clone);
    let Some(listener) = listener else {
        return unfit(format!("domain {} is not served here: nothing listens for it", domain.name));
    };
    match &listener.target {
        ListenerTarget::Domain { serving, .. } => match &*serving.current() {
            Backend::Embedded(engine) => Ok(Arc::clone(engine)),
            Backend::Upstream(cluster) => unfit(format!(
                "domain {} is served by the cluster of pool {} already; a domain that a cluster serves is not moved back",
                domain.name,
                cluster.name()
            )),
        },
        ListenerTarget::Elsewhere { .. } => unfit(format!("domain {} is not here", domain.name)),
        ListenerTarget::Control | ListenerTarget::Console | ListenerTarget::SignIn => {
            unfit("that is no domain".to_owned())
        }
    }
}

/// The settings of a pool that a domain may move to.
fn pool_for(
    state: &ServiceState,
    domain: &control::Domain,
    name: &str,
) -> Result<PoolSettings, MoveFault> {
    let settings = state.settings();
    let Some(pool) = settings.pools.get(name) else {
        let known: Vec<&str> = settings.pools.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(MoveFault::Unfit(format!(
            "there is no pool {name}; the settings have: {known}. A pool is a section [pools.{name}] with urls and without domain, and is \
             read at the start"
        )));
    };
    if !pool.domain.is_empty() {
        return Err(MoveFault::Unfit(format!(
            "pool {name} serves the domain {}: expected one without domain in its settings",
            pool.domain
        )));
    }
    let directory = state.control.directory();
    let mut others = directory.domains().filter(|other| other.arn() != domain.arn());
    if let Some(other) = others.find(|other| other.pool.as_deref() == Some(name)) {
        let why = format!("the domain {} was moved to pool {name} already", other.arn());
        return Err(MoveFault::Unfit(why));
    }
    Ok(pool.clone())
}

/// Refuses a domain that a cluster cannot serve: its roles would be nobody's, and it would answer nothing any more.
pub(super) fn without_roles(domain: &control::Domain) -> Result<(), MoveFault> {
    if domain.security.is_none() {
        return Ok(());
    }
    Err(MoveFault::Unfit(format!(
        "domain {} has fine-grained access control, which is not moved to a cluster: its roles are judged by the engine here only",
        domain.name
    )))
}

/// Begins a move, or goes on telling of the one that runs.
fn begin(
    state: &ServiceState,
    domain: &control::Domain,
    key: DomainKey,
    name: &str,
) -> Result<Progress, MoveFault> {
    is_not_elsewhere(state, domain, &key)?;
    let engine = engine_of(state, domain)?;
    without_roles(domain)?;
    let pool = pool_for(state, domain, name)?;
    let mut moves = state.migrations.lock();
    if let Some(running) = moves.get(&key).filter(|migration| migration.runs()) {
        running.was_asked();
        let mut progress = running.progress.lock();
        if progress.phase == Phase::Removing {
            return Err(MoveFault::Unfit(format!(
                "what an earlier move of domain {} left at the cluster is being removed: ask again",
                domain.name
            )));
        }
        let runs_to = progress.pool.clone().unwrap_or_default();
        if runs_to != name {
            return Err(MoveFault::Unfit(format!(
                "domain {} is moving to pool {runs_to}: countersign domain migrate {} --abort ends that",
                domain.name, domain.name
            )));
        }
        progress.note("it was under way already".to_owned());
        return Ok(progress.clone());
    }
    let migration = Migration::began(Progress {
        domain: domain.name.clone(),
        pool: Some(name.to_owned()),
        phase: Phase::Copying,
        ..Progress::default()
    });
    moves.insert(key.clone(), Arc::clone(&migration));
    drop(moves);
    let progress = migration.progress.lock().clone();
    let work = job::MoveJob {
        state: state.clone(),
        key,
        domain: domain.clone(),
        engine,
        pool: (name.to_owned(), pool),
        migration,
    };
    // The end of the service waits for it.
    let running = state.shutdown.enter();
    let runtime = tokio::runtime::Handle::current();
    // It writes its journal: not on the threads of the network.
    tokio::task::spawn_blocking(move || {
        let _running = running;
        runtime.block_on(work.run());
    });
    Ok(progress)
}

/// Ends a move that runs, and removes what it, or an earlier one, made at the cluster.
async fn abort(
    state: &ServiceState,
    domain: &control::Domain,
    key: DomainKey,
) -> Result<Progress, MoveFault> {
    let unfit = |why: String| Err(MoveFault::Unfit(why));
    let ran = call_off(state, &key, "it was called off").await?;
    if has_moved(state, &key) {
        return unfit(format!("domain {} has moved: there is nothing to call off", domain.name));
    }
    let path = journal_path(state, &key);
    let Some(turn) = Removing::begin(state, &key, &domain.name) else {
        return unfit(format!("domain {} has begun to move again: ask again", domain.name));
    };
    let Some(left) = Journal::left(&path)?.or(ran.then(JournalRecord::default)) else {
        return unfit(format!("no move of domain {} has left anything to call off", domain.name));
    };
    let kept = remove_left(state, &key, &left, state.times.move_patience).await?;
    Journal::remove(&path)?;
    let mut progress = turn.0.progress.lock();
    progress.phase = Phase::Aborted;
    progress.next = None;
    if left.has_made_something() {
        progress.pool = Some(left.pool.clone());
        progress.note(format!("removed at the cluster: {}", left.told()));
    }
    kept.into_iter().for_each(|kept| progress.note(kept));
    Ok(progress.clone())
}

/// Ends what a deleted domain's move has begun: nothing half-made stays at the cluster, if it can be reached.
///
/// # Errors
/// In words: the domain is being handed over, and its deletion has to wait.
pub(crate) async fn forget(state: &ServiceState, key: &DomainKey) -> Result<(), String> {
    call_off(state, key, "the domain is deleted").await.map_err(|fault| fault.to_string())?;
    let path = journal_path(state, key);
    let left = Journal::left(&path).map_err(|fault| fault.to_string())?;
    if let Some(left) = left.filter(|_| !has_moved(state, key))
        && let Err(fault) = remove_left(state, key, &left, limits::MOVE_FORGOTTEN_TIME).await
    {
        // Who deletes a domain does not wait for a cluster that may be gone for good.
        let (domain, left) = (&key.name, left.told());
        tracing::warn!(domain, %fault, left, "what a move has left at the cluster stays there");
    }
    state.migrations.lock().remove(key);
    Journal::remove(&path).map_err(|fault| fault.to_string())
}

/// Ends the move of a domain, if one runs: whether one did.
///
/// # Errors
/// One that is being handed over cannot be called off: what is at the cluster may serve the domain in a moment.
async fn call_off(state: &ServiceState, key: &DomainKey, why: &str) -> Result<bool, MoveFault> {
    let Some(migration) = state.migrations.of(key) else { return Ok(false) };
    let ran = migration.runs();
    migration.called_off.send_replace(Some(why.to_owned()));
    let ended = async {
        while migration.runs() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(limits::MOVE_ENDS_TIME, ended).await.is_err() {
        let why =
            format!("domain {} is being handed over, which nobody calls off: ask again", key.name);
        return Err(MoveFault::Unfit(why));
    }
    Ok(ran)
}

/// Whether the last run of the service ended before it knew that a domain had moved: its record says that it is here, and a commit that
/// says otherwise may be under way.
pub(crate) fn is_unclear(state: &ServiceState, key: &DomainKey, domain: &control::Domain) -> bool {
    // A journal that cannot be read says nothing: asking the store costs one commit.
    let left = Journal::left(&journal_path(state, key));
    let may_have_moved =
        left.map_or(true, |left| left.is_some_and(|left| left.phase == JournalPhase::Moved));
    domain.pool.is_none() && may_have_moved
}

/// The newest record of such a domain, which says where it is.
///
/// # Errors
/// In words: that is not known yet.
pub(crate) async fn settled(
    state: &ServiceState,
    key: &DomainKey,
) -> Result<control::Domain, String> {
    let (control, now) = (Arc::clone(&state.control), state.clock.now());
    let fenced = tokio::task::spawn_blocking(move || control.fence(now)).await;
    let why = match fenced.map_err(|panic| panic.to_string()) {
        Ok(Ok(())) => {
            let directory = state.control.directory();
            let newest = directory.domain(&key.account, &key.region, &key.name);
            let newest = newest.filter(|newest| newest.unique == key.unique && !newest.deleted);
            return newest.map(|it| it.record.clone()).ok_or_else(|| "it is deleted".to_owned());
        }
        Ok(Err(error)) => error.to_string(),
        Err(why) => why,
    };
    Err(format!("it is not known yet whether it has moved: {why}"))
}

/// Whether the directory says that a domain has moved.
fn has_moved(state: &ServiceState, key: &DomainKey) -> bool {
    let directory = state.control.directory();
    let now = directory.domain(&key.account, &key.region, &key.name);
    now.is_some_and(|now| now.unique == key.unique && now.pool.is_some())
}

/// The removal of what a move left. No other begins until this is dropped.
struct Removing(Arc<Migration>);

impl Removing {
    /// `None`: a move runs, or what one left is being removed.
    fn begin(state: &ServiceState, key: &DomainKey, name: &str) -> Option<Self> {
        let mut moves = state.migrations.lock();
        let migration = moves.entry(key.clone()).or_insert_with(|| {
            Migration::began(Progress { domain: name.to_owned(), ..Progress::default() })
        });
        let mut progress = migration.progress.lock();
        if progress.phase.runs() {
            return None;
        }
        progress.phase = Phase::Removing;
        drop(progress);
        Some(Self(Arc::clone(migration)))
    }
}

impl Drop for Removing {
    fn drop(&mut self) {
        let mut progress = self.0.progress.lock();
        if progress.phase == Phase::Removing {
            progress.phase = Phase::Failed;
        }
    }
}

/// Removes what a move left at the cluster, on record; what stays because it is not its own any more.
async fn remove_left(
    state: &ServiceState,
    key: &DomainKey,
    left: &JournalRecord,
    patience: Duration,
) -> Result<Vec<String>, MoveFault> {
    let mut entry = entry(state, key, "AbortDomainMove");
    let permit = Arc::new(Permit::for_service(Reason::Migration, &mut entry, MoveDomain));
    let removed = remove_half(state, &permit, left, patience).await;
    entry.ended(&removed);
    removed
}

/// Removes what a move made at the cluster; what stays there because it is not its own any more.
async fn remove_half(
    state: &ServiceState,
    permit: &Arc<Permit<MoveDomain>>,
    left: &JournalRecord,
    patience: Duration,
) -> Result<Vec<String>, MoveFault> {
    if !left.has_made_something() {
        return Ok(Vec::new());
    }
    let settings = state.settings().pools.get(&left.pool).cloned();
    let settings = settings.ok_or_else(|| {
        let pool = &left.pool;
        MoveFault::Unfit(format!(
            "what is at the cluster of pool {pool} cannot be removed: the settings have no [pools.{pool}] any more"
        ))
    })?;
    let target = MoveTarget::open(&settings, permit, state).await?.patient(patience);
    job::remove_made(&target, left).await
}

/// Removes the indices that a moved domain left behind.
async fn discard(
    state: &ServiceState,
    domain: &control::Domain,
    key: DomainKey,
) -> Result<Progress, MoveFault> {
    let unfit = |why: String| Err(MoveFault::Unfit(why));
    if domain.pool.is_none() {
        return unfit(format!(
            "domain {} is served from here: its indices are not discarded. countersign domain migrate {} --to POOL moves it",
            domain.name, domain.name
        ));
    }
    let path = journal_path(state, &key);
    if Journal::left(&path)?.is_none_or(|left| left.phase != JournalPhase::Moved) {
        return unfit(format!("domain {} has left nothing behind here", domain.name));
    }
    let mut entry = entry(state, &key, "DiscardMovedIndices");
    let _permit = Permit::for_service(Reason::Migration, &mut entry, MoveDomain);
    if let Some(migration) = state.migrations.of(&key) {
        *migration.left_behind.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
    let folders = [
        domains::below(&state.folder.join("domains"), &key),
        domains::below(&state.repositories, &key),
    ];
    let removing = tokio::task::spawn_blocking(move || {
        folders.iter().try_for_each(|folder| match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(MoveFault::Here(format!("{}: {error}", folder.display())))
            }
            _ => Ok(()),
        })
    });
    let removed = removing.await.unwrap_or_else(|panic| Err(MoveFault::Here(panic.to_string())));
    entry.ended(&removed);
    removed?;
    domains::report(state, &key, DomainNews::SourceDiscarded).await.map_err(MoveFault::Here)?;
    Journal::remove(&path)?;
    state.migrations.lock().remove(&key);
    let mut progress = told(state, domain, &key)?;
    progress.note("the indices that it left behind are removed".to_owned());
    Ok(progress)
}

/// The record of what the service does for a move.
fn entry(state: &ServiceState, key: &DomainKey, action: &str) -> AuditEntry {
    let now = state.clock.now();
    let record =
        AuditRecord { account: Some(key.account.clone()), ..AuditRecord::of_service(now, action) };
    let mut entry = AuditEntry::begin(&state.audit, record);
    entry.resource(format!("domain/{}", key.name));
    entry
}
