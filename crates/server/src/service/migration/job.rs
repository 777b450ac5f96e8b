//! The work of a move, from the first look at the cluster to the hand-over.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use engine::Cancel;
use engine::cluster::Metadata;
use engine::cluster::registries::Registry;
use serde_json::Value;
use tokio::time::Instant;

use super::copy::{CancelOnDrop, Copy};
use super::fault::MoveFault;
use super::journal::{Journal, JournalPhase, JournalRecord};
use super::progress::Phase;
use super::running::Migration;
use super::target::{MoveTarget, path_of};
use super::{
    again_commands, discard_command, entry, has_moved, journal_path, others, without_roles,
};
use crate::service::backends::{Backend, DomainNews, Embedded, MoveDomain};
use crate::service::domains;
use crate::service::serving::{HeldWrites, ServingBackend};
use crate::service::state::ServiceState;
use crate::settings::PoolSettings;
use crate::transport::listener::{DomainKey, ListenerTarget};
use crate::walk::authorize::permit::{Permit, Reason};

/// Changed documents that may be left when writes are held back.
const LEFT_MAX: usize = 1_000;
/// A round that takes so long is not the last before the hand-over.
const ROUND_TIME_MAX: Duration = Duration::from_secs(3);
/// Rounds before it is said that the domain changes faster than it can be copied.
const ROUNDS_MAX: usize = 500;
/// How often a hand-over that takes too long is tried.
const SWITCHES_MAX: u32 = 5;
/// How often it is looked whether somebody follows the move.
const LOOK_TIME: Duration = Duration::from_millis(500);
/// Pauses while it is not known whether the directory says that the domain has moved.
const UNKNOWN_PAUSE: Duration = Duration::from_millis(200);

/// One move.
pub(super) struct MoveJob {
    pub(super) state: ServiceState,
    pub(super) key: DomainKey,
    pub(super) domain: control::Domain,
    pub(super) engine: Arc<Embedded>,
    /// The pool, by its name.
    pub(super) pool: (String, PoolSettings),
    pub(super) migration: Arc<Migration>,
}

/// Everything is at the cluster, and writes wait.
struct Ready {
    held: HeldWrites,
    since: Instant,
    cluster: Backend,
    copy: Copy,
}

impl MoveJob {
    /// Does it, and writes down how it ended.
    pub(super) async fn run(self) {
        let mut entry = entry(&self.state, &self.key, "MoveDomain");
        let permit = Arc::new(Permit::for_service(Reason::Migration, &mut entry, MoveDomain));
        entry.resource(format!("pool/{}", self.pool.0));
        let done = self.moved(&permit).await;
        entry.ended(&done);
        let mut progress = self.migration.progress.lock();
        match done {
            Ok(()) => {
                progress.phase = Phase::Moved;
                progress.next = Some(discard_command(&self.domain.name));
            }
            Err(fault) => {
                progress.phase = Phase::Failed;
                progress.fault = Some(fault.to_string());
                progress.next = Some(again_commands(&self.domain.name, &self.pool.0));
            }
        }
    }

    async fn moved(&self, permit: &Arc<Permit<MoveDomain>>) -> Result<(), MoveFault> {
        let copying = async {
            tokio::select! {
                ready = self.copied(permit) => ready,
                why = self.called_off() => Err(MoveFault::CalledOff(why)),
            }
        };
        // What is dropped here lets the writes go on that wait.
        let ready = match copying.await {
            Ok(ready) => ready,
            Err(fault) => return Err(self.written(fault)),
        };
        self.hand_over(ready).await
    }

    /// Resolves when the move is to end.
    async fn called_off(&self) -> String {
        let mut told = self.migration.called_off.subscribe();
        let unfollowed = async {
            while self.migration.is_followed(self.state.times.move_unfollowed) {
                tokio::time::sleep(LOOK_TIME).await;
            }
        };
        tokio::select! {
            why = told.wait_for(Option::is_some) => {
                why.ok().and_then(|why| why.clone()).unwrap_or_default()
            }
            () = unfollowed => "nobody asks how far it is: the command that began it is gone".to_owned(),
            () = self.state.shutdown.told() => "the service ends".to_owned(),
        }
    }

    /// Why it ended, written down for whoever asks after a restart.
    fn written(&self, fault: MoveFault) -> MoveFault {
        let path = journal_path(&self.state, &self.key);
        let left = Journal::left(&path).ok().flatten();
        if let Some(left) = left.filter(|left| left.pool == self.pool.0) {
            let record = JournalRecord { fault: Some(fault.to_string()), ..left };
            // What it made is on disk all the same.
            let _ = Journal::begin(path, record);
        }
        fault
    }

    /// Copies until everything is at the cluster and writes wait.
    async fn copied(&self, permit: &Arc<Permit<MoveDomain>>) -> Result<Ready, MoveFault> {
        let target = MoveTarget::open(&self.pool.1, permit, &self.state).await?;
        self.check(&target).await?;
        self.check_is_no_others(&target).await?;
        let path = journal_path(&self.state, &self.key);
        if let Some(left) = Journal::left(&path)? {
            self.remove_left(&target, &left).await?;
        }
        self.check_is_empty(&target).await?;
        let record = JournalRecord {
            pool: self.pool.0.clone(),
            began: self.state.clock.now().as_second(),
            ..JournalRecord::default()
        };
        let journal = Journal::begin(path, record)?;
        let feed = self.engine.follow_changes(permit).ok_or_else(|| {
            MoveFault::Unfit("somebody else follows the writes of this domain".to_owned())
        })?;
        let mut copy = Copy {
            engine: Arc::clone(&self.engine),
            permit: Arc::clone(permit),
            target,
            feed,
            journal,
            progress: Arc::clone(&self.migration.progress),
            cancel: CancelOnDrop(Cancel::new()),
            known: BTreeMap::new(),
            entries: BTreeMap::new(),
            streams: BTreeMap::new(),
            on_their_way: None,
        };
        copy.round().await?;
        let mut switches = 0;
        loop {
            self.caught_up(&mut copy).await?;
            switches += 1;
            match self.switch(copy).await {
                Ok(ready) => return Ok(ready),
                Err((fault, mut again)) if fault.passes() && switches < SWITCHES_MAX => {
                    again.progress.lock().note(format!("{fault}; it is tried again"));
                    again.unfinish().await?;
                    copy = again;
                }
                Err((fault, _)) => return Err(fault),
            }
        }
    }

    /// Copies what was written meanwhile until little is left.
    async fn caught_up(&self, copy: &mut Copy) -> Result<(), MoveFault> {
        copy.progress.lock().phase = Phase::CatchingUp;
        for _ in 0..ROUNDS_MAX {
            let begun = Instant::now();
            copy.round().await?;
            copy.progress.lock().changes_waiting = copy.feed.waiting();
            if begun.elapsed() < ROUND_TIME_MAX && copy.feed.waiting() <= LEFT_MAX {
                return Ok(());
            }
        }
        let why =
            "the domain changes faster than it can be copied: move it when it is written to less";
        Err(MoveFault::Unfit(why.to_owned()))
    }

    /// Holds writes back, copies the rest and compares.
    async fn switch(&self, mut copy: Copy) -> Result<Ready, (MoveFault, Copy)> {
        let cluster = match self.cluster().await {
            Ok(cluster) => cluster,
            Err(fault) => return Err((fault, copy)),
        };
        let serving = match self.serving() {
            Ok(serving) => serving,
            Err(fault) => return Err((fault, copy)),
        };
        copy.progress.lock().phase = Phase::Switching;
        let since = Instant::now();
        let most = self.state.times.move_switch;
        let too_slow = |what: &str| {
            MoveFault::TooSlow(format!("{what} longer than writes may wait ({most:?})"))
        };
        let Some(held) = serving.hold_writes(most / 2).await else {
            return Err((too_slow("writes that had begun took"), copy));
        };
        let rest = async {
            copy.round().await?;
            copy.compare().await?;
            copy.finish().await
        };
        let left = most.saturating_sub(since.elapsed());
        match tokio::time::timeout(left, rest).await {
            Ok(Ok(())) => Ok(Ready { held, since, cluster, copy }),
            Ok(Err(fault)) => Err((fault, copy)),
            Err(_elapsed) => Err((too_slow("the last round and the comparison took"), copy)),
        }
    }

    /// The cluster as what will serve the domain.
    async fn cluster(&self) -> Result<Backend, MoveFault> {
        let (name, pool) = &self.pool;
        let (account, region, domain) = (&self.key.account, &self.key.region, &self.key.name);
        // It may have been given roles since the move began.
        let directory = self.state.control.directory();
        directory.domain(account, region, domain).map_or(Ok(()), |now| without_roles(now))?;
        drop(directory);
        let cluster = domains::attached(&self.state, &self.domain, name, pool).await;
        let cluster = cluster.map_err(MoveFault::Unfit)?;
        cluster.note_made(Ok(()));
        match cluster.fault() {
            None => Ok(Backend::Upstream(cluster)),
            Some(why) => Err(MoveFault::Lost(format!("it cannot serve the domain: {why}"))),
        }
    }

    fn serving(&self) -> Result<Arc<ServingBackend>, MoveFault> {
        let listener = self.state.listeners().get(&self.key).map(Arc::clone);
        match listener.as_deref().map(|listener| &listener.target) {
            Some(ListenerTarget::Domain { serving, .. }) => Ok(Arc::clone(serving)),
            _ => Err(MoveFault::Unfit("the domain is being deleted".to_owned())),
        }
    }

    /// Lets the directory say where the domain is, and the writes that wait go there. From here on nobody calls it off.
    async fn hand_over(&self, ready: Ready) -> Result<(), MoveFault> {
        let Ready { held, since, cluster, mut copy } = ready;
        copy.journal.change(|made| made.phase = JournalPhase::Moved)?;
        let (unique, pool) = (self.key.unique.clone(), self.pool.0.clone());
        let moved = DomainNews::Moved { unique, pool };
        if let Err(untold) = domains::tell(&self.state, &self.key, moved).await {
            let why = &untold.why;
            let fault = match self.has_moved(untold.unclear).await {
                Some(true) => None,
                Some(false) => {
                    copy.journal.change(|made| made.phase = JournalPhase::Copying)?;
                    Some(format!("the state cannot be written: {why}"))
                }
                None => {
                    // Writes that ran here now would be lost if it has: those that wait end with the service.
                    std::mem::forget(held);
                    let why = format!(
                        "the service ended before it was known whether the domain had moved: {why}"
                    );
                    return Err(self.written(MoveFault::Here(why)));
                }
            };
            if let Some(why) = fault {
                return Err(self.written(MoveFault::Here(why)));
            }
        }
        held.hand_over(cluster);
        let waited = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.migration.progress.lock().writes_waited_milliseconds = Some(waited);
        // What reads from here still may finish; then the engine goes, unless its indices are nowhere else.
        let engine = Arc::clone(&self.engine);
        let _ = tokio::task::spawn_blocking(move || engine.close(&Cancel::new())).await;
        if !domains::below(&self.state.folder.join("domains"), &self.key).is_dir() {
            let left = &self.migration.left_behind;
            *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&self.engine));
        }
        Ok(())
    }

    /// Whether the directory says that the domain has moved, where the store did not say so; `unclear`: its answer was lost, and the
    /// commit may be made still. Writes wait until that is known; `None`: the service ends, and it is not.
    async fn has_moved(&self, unclear: bool) -> Option<bool> {
        loop {
            let (control, now) = (Arc::clone(&self.state.control), self.state.clock.now());
            let look = move || match unclear {
                true => control.fence(now),
                false => control.reload().map(drop),
            };
            if matches!(tokio::task::spawn_blocking(look).await, Ok(Ok(()))) {
                return Some(has_moved(&self.state, &self.key));
            }
            if self.state.shutdown.is_told() {
                return None;
            }
            tokio::time::sleep(UNKNOWN_PAUSE).await;
        }
    }

    /// Whether the cluster can be what the domain is.
    async fn check(&self, target: &MoveTarget) -> Result<(), MoveFault> {
        let (flavor, number) = target.service().await?;
        if flavor != domains::flavor(&self.domain.engine_version) {
            return Err(MoveFault::Unfit(format!(
                "the cluster is version {number}, and the domain is {}: expected a cluster of the same engine",
                self.domain.engine_version
            )));
        }
        let (metadata, left_out) = self.engine.metadata().for_another_cluster();
        check_settings(&metadata, target).await?;
        let mut progress = self.migration.progress.lock();
        for what in left_out {
            progress.note(format!(
                "{what} is not copied: by that name a cluster knows its own users and roles"
            ));
        }
        if metadata.data_streams().next().is_some() {
            progress.note(
                "writes to data streams are refused before a cluster (501, decision 0158)"
                    .to_owned(),
            );
        }
        let pipelines = metadata.indices().filter(|index| index.portable().runs_pipelines());
        for index in pipelines {
            let note =
                "writes through ingest pipelines are refused before a cluster (501, decision 0158)";
            progress.note(format!("index {} has a pipeline: {note}", index.name));
        }
        for repository in metadata.repositories().places() {
            progress.note(format!(
                "{repository} is not registered at the cluster, which cannot read snapshots of the engine here"
            ));
        }
        Ok(())
    }

    /// Refuses a cluster that serves another domain already, by whatever name its pool has: all of it would be both domains'.
    async fn check_is_no_others(&self, target: &MoveTarget) -> Result<(), MoveFault> {
        let own = target.uuid().await?;
        for (other, uuid) in others::uuids(&self.state, &self.key, &self.pool.0).await {
            let why = match (&own, uuid) {
                (Some(own), Ok(uuid)) if *own != uuid => continue,
                (Some(_), Ok(_)) => {
                    format!(
                        "the cluster of pool {} is that of {other}, by another name",
                        self.pool.0
                    )
                }
                (Some(_), Err(why)) if other.domain.is_none() => {
                    let note =
                        format!("whether the cluster is that of {other} is not known: {why}");
                    self.migration.progress.lock().note(note);
                    continue;
                }
                (Some(_), Err(why)) => {
                    format!("whether the cluster is that of {other} is not known: {why}")
                }
                (None, _) => format!(
                    "the cluster of pool {} does not say which one it is (cluster_uuid)",
                    self.pool.0
                ),
            };
            return Err(MoveFault::Unfit(why));
        }
        Ok(())
    }

    /// Removes what an earlier run left at the cluster.
    async fn remove_left(
        &self,
        target: &MoveTarget,
        left: &JournalRecord,
    ) -> Result<(), MoveFault> {
        if !left.has_made_something() {
            return Ok(());
        }
        if left.pool != self.pool.0 {
            return Err(MoveFault::Unfit(format!(
                "an earlier run left half a copy at the cluster of pool {}: countersign domain migrate {} --abort removes it",
                left.pool, self.domain.name
            )));
        }
        let kept = remove_made(target, left).await?;
        let mut progress = self.migration.progress.lock();
        progress.note(format!("removed what an earlier run left at the cluster: {}", left.told()));
        kept.into_iter().for_each(|kept| progress.note(kept));
        Ok(())
    }

    /// Refuses a cluster that holds something already: all of it would be the domain's.
    async fn check_is_empty(&self, target: &MoveTarget) -> Result<(), MoveFault> {
        let names = target.names().await?;
        // Those of the cluster's own plugins are in nobody's way, unless the domain has some of their names.
        let (own, _) = self.engine.metadata().for_another_cluster();
        let is_in_the_way = |name: &String| !name.starts_with('.') || own.index(name).is_some();
        let names: Vec<String> = names.into_iter().filter(is_in_the_way).collect();
        if !names.is_empty() {
            let shown = names.iter().take(5).map(String::as_str).collect::<Vec<&str>>().join(", ");
            return Err(MoveFault::Unfit(format!(
                "the cluster has {} indices, aliases or data streams already ({shown}): expected an empty one, because whatever is in it \
                 will be the domain's",
                names.len()
            )));
        }
        for entry in self.engine.metadata().portable_entries() {
            let there = target.read(&path_of(entry.path, &entry.name), "").await?;
            let nothing = there.is_null() || there.as_object().is_some_and(|it| it.is_empty());
            if !nothing {
                return Err(MoveFault::Unfit(format!(
                    "the cluster has the {} [{}] already: remove it there, or here",
                    entry.kind, entry.name
                )));
            }
        }
        Ok(())
    }
}

/// Refuses a domain with settings of its cluster that the other has not: they are the operator's there, and none is changed by a move.
async fn check_settings(metadata: &Metadata, target: &MoveTarget) -> Result<(), MoveFault> {
    let own = metadata.registries().entries(Registry::ClusterSettings);
    let own = own.filter_map(|(_, settings)| settings.as_object()).flatten();
    let own: BTreeMap<&String, &Value> = own.collect();
    if own.is_empty() {
        return Ok(());
    }
    let there = target.read("/_cluster/settings", "flat_settings=true").await?;
    let is_there = |key: &str, value: &Value| {
        let kinds = ["persistent", "transient"].into_iter();
        kinds.filter_map(|kind| there.get(kind)?.get(key)).any(|told| told == value)
    };
    let missing = own.into_iter().filter(|(key, value)| !is_there(key, value));
    let missing: Vec<String> = missing
        .map(|(key, value)| format!("{key} = {}", value.as_str().unwrap_or_default()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(MoveFault::Unfit(format!(
        "settings of the domain (_cluster/settings) are other ones at the cluster: {}; set them there, or take them away here",
        missing.join(", ")
    )))
}

/// Removes what a move made. What is another one of the same name by now stays, and is told.
pub(super) async fn remove_made(
    target: &MoveTarget,
    made: &JournalRecord,
) -> Result<Vec<String>, MoveFault> {
    let mut kept = Vec::new();
    for stream in &made.data_streams {
        target.remove(path_of("/_data_stream/", stream)).await?;
    }
    for (index, uuid) in &made.indices {
        let now = target.uuid_of(index).await?;
        if now.is_some() && uuid.is_some() && now != *uuid {
            kept.push(format!("index {index} of the cluster is another one by now, and stays"));
        } else if now.is_some() {
            target.remove(path_of("/", index)).await?;
        }
    }
    // Templates before what they are made of.
    for path in made.entries.iter().rev() {
        target.remove(path.clone()).await?;
    }
    Ok(kept)
}
