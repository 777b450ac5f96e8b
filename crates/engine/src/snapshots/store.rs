//! A repository's objects.
//!
//! ```text
//! repository.json            the uuids of the snapshots that count, the oldest first: putting it makes or deletes one
//! snapshots/UUID.json        a snapshot: what it is, and of each index its description and its files
//! indices/UUID/…             the files of the index that had this uuid, shared by all its snapshots
//! ```
//!
//! Everything that a snapshot names is there for good before `repository.json` names the snapshot. What nothing names is left
//! over from a crash, or from a deletion that was called off; [`sweep`] takes it away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Repository, Snapshot};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{Exported, Fault, KeptFiles, disk, is_plain};
use crate::limits::{SNAPSHOT_BYTES_MAX, SNAPSHOTS_MAX, SWEPT_OBJECTS_MAX};
use crate::objects::{ObjectFolder, ObjectStore};
use crate::work::{Cancel, Work};

const REPOSITORY: &str = "repository";
const SNAPSHOT: &str = "snapshot";

/// The object that says which snapshots count.
const ROOT: &str = "repository.json";

/// The snapshots in `store`, the oldest first; none where nothing was ever put.
///
/// # Errors
/// What the store says; [`Fault::Damaged`] naming the object that cannot be trusted.
pub(super) fn load(store: &dyn ObjectStore, cancel: &Cancel) -> Result<Vec<Arc<Snapshot>>, Fault> {
    let mut snapshots = Vec::new();
    for uuid in named(store, cancel)? {
        let (path, saved) = read(store, &uuid, cancel)?;
        let known = saved.get("snapshot").and_then(Snapshot::restored);
        let known =
            known.filter(|snapshot| snapshot.indices.values().all(|index| is_plain(&index.uuid)));
        // What it calls itself becomes names of objects.
        let known = known.filter(|snapshot| snapshot.uuid == uuid);
        let known = known.ok_or_else(|| Fault::damaged(&path, "says no snapshot"))?;
        snapshots.push(Arc::new(known));
    }
    Ok(snapshots)
}

fn named(store: &dyn ObjectStore, cancel: &Cancel) -> Result<Vec<String>, Fault> {
    let saved = sealed(store, ROOT, REPOSITORY, cancel)?;
    let uuids = saved.as_ref().and_then(|saved| saved.get("snapshots"));
    let uuids = uuids.map(crate::value::scalar::list).unwrap_or_default();
    if uuids.len() > SNAPSHOTS_MAX {
        return Err(Fault::damaged(&store.place(ROOT), "names too many snapshots"));
    }
    Ok(uuids.into_iter().filter(|uuid| is_plain(uuid)).collect())
}

/// What the object `name` says; `None`: there is none.
fn sealed(
    store: &dyn ObjectStore,
    name: &str,
    kind: &str,
    cancel: &Cancel,
) -> Result<Option<Value>, Fault> {
    let place = store.place(name);
    let bytes = store.get(name, SNAPSHOT_BYTES_MAX, cancel).map_err(Fault::io(&place))?;
    bytes.map(|bytes| disk::unsealed(&place, kind, &bytes)).transpose()
}

fn seal(
    store: &dyn ObjectStore,
    name: &str,
    kind: &str,
    body: &Value,
    cancel: &Cancel,
) -> Result<(), Fault> {
    let (place, bytes) = (store.place(name), disk::sealed(kind, body).into_bytes());
    if bytes.len() as u64 > SNAPSHOT_BYTES_MAX {
        return Err(Fault::Io(place, std::io::ErrorKind::FileTooLarge.into()));
    }
    store.put(name, bytes, cancel).map_err(Fault::io(&place))
}

fn snapshot_object(uuid: &str) -> String {
    format!("snapshots/{uuid}.json")
}

fn read(store: &dyn ObjectStore, uuid: &str, cancel: &Cancel) -> Result<(PathBuf, Value), Fault> {
    let name = snapshot_object(uuid);
    let (path, saved) = (store.place(&name), sealed(store, &name, SNAPSHOT, cancel)?);
    let saved = saved.ok_or_else(|| {
        Fault::damaged(&path, "is missing, but repository.json names the snapshot")
    })?;
    Ok((path, saved))
}

/// What is kept of one index of a snapshot.
pub(super) struct KeptIndex {
    /// Its description, as the catalog of indices tells it.
    pub(super) described: Value,
    /// Its files.
    pub(super) exported: Exported,
}

/// What is kept of a snapshot beside what [`Snapshot`] says.
#[derive(Default)]
pub(super) struct Kept {
    /// By the names of the indices.
    pub(super) indices: BTreeMap<String, KeptIndex>,
    /// Templates, pipelines and settings of the cluster.
    pub(super) global: Value,
}

/// The object that tells of a snapshot, and what it says.
///
/// # Errors
/// As [`load`].
pub(super) fn kept(
    store: &dyn ObjectStore,
    uuid: &str,
    cancel: &Cancel,
) -> Result<(PathBuf, Kept), Fault> {
    let (path, saved) = read(store, uuid, cancel)?;
    let rows = saved.get("indices").and_then(Value::as_object).into_iter().flatten();
    let index = |row: &Value| KeptIndex {
        described: row.get("described").cloned().unwrap_or_default(),
        exported: Exported::restored(row.get("exported").unwrap_or(&Value::Null)),
    };
    let indices = rows.map(|(name, row)| (name.clone(), index(row))).collect();
    Ok((path, Kept { indices, global: saved.get("global").cloned().unwrap_or_default() }))
}

/// The folder of the files of the index that had this uuid.
pub(super) fn index_folder<'a>(store: &'a dyn ObjectStore, uuid: &str) -> ObjectFolder<'a> {
    ObjectFolder { store, name: format!("indices/{uuid}") }
}

/// What the snapshots of a repository have of an index, asked for one index after the other.
pub(super) struct EarlierFiles<'a> {
    store: &'a dyn ObjectStore,
    snapshots: &'a [Arc<Snapshot>],
    /// The snapshot that was read last: mostly the newest has all of them.
    last: Option<(&'a str, Kept)>,
}

impl<'a> EarlierFiles<'a> {
    pub(super) fn of(store: &'a dyn ObjectStore, snapshots: &'a [Arc<Snapshot>]) -> Self {
        EarlierFiles { store, snapshots, last: None }
    }

    /// The files that the newest snapshot with the index of this uuid has of it.
    ///
    /// # Errors
    /// As [`load`].
    pub(super) fn known(&mut self, uuid: &str, cancel: &Cancel) -> Result<KeptFiles, Fault> {
        for snapshot in self.snapshots.iter().rev() {
            let own = snapshot.indices.iter().find(|(_, index)| &*index.uuid == uuid);
            let Some((name, _)) = own else { continue };
            let of = snapshot.uuid.as_str();
            let last = match self.last.take().filter(|(last, _)| *last == of) {
                Some(last) => last,
                None => (of, kept(self.store, of, cancel)?.1),
            };
            let (_, kept) = self.last.insert(last);
            let files = kept.indices.get(name).map(|kept| kept.exported.files.clone());
            return Ok(files.unwrap_or_default());
        }
        Ok(KeptFiles::new())
    }
}

/// Writes down a snapshot whose files are all there, behind `before`.
///
/// # Errors
/// What the store says; the snapshot does not exist then.
pub(super) fn add(
    store: &dyn ObjectStore,
    before: &[Arc<Snapshot>],
    snapshot: &Snapshot,
    kept: &Kept,
    cancel: &Cancel,
) -> Result<(), Fault> {
    let indices: serde_json::Map<String, Value> = kept
        .indices
        .iter()
        .map(|(name, kept)| {
            let row = json!({"described": kept.described, "exported": kept.exported.persisted()});
            (name.clone(), row)
        })
        .collect();
    let body = json!({"snapshot": snapshot.persisted(), "indices": indices, "global": kept.global});
    seal(store, &snapshot_object(&snapshot.uuid), SNAPSHOT, &body, cancel)?;
    store.settle("snapshots").map_err(Fault::io(&store.place("snapshots")))?;
    let uuids = before.iter().map(|other| other.uuid.as_str()).chain([snapshot.uuid.as_str()]);
    name_these(store, uuids.collect(), cancel)
}

/// Lets only `left` count.
///
/// # Errors
/// What the store says; nothing is deleted then.
pub(super) fn keep_only(
    store: &dyn ObjectStore,
    left: &[Arc<Snapshot>],
    cancel: &Cancel,
) -> Result<(), Fault> {
    name_these(store, left.iter().map(|snapshot| snapshot.uuid.as_str()).collect(), cancel)
}

fn name_these(store: &dyn ObjectStore, uuids: Vec<&str>, cancel: &Cancel) -> Result<(), Fault> {
    if cancel.is_cancelled() {
        return Err(Fault::Io(store.place(ROOT), crate::objects::cancelled()));
    }
    // Once begun it is not called off: what it says is what counts, whether or not the answer is waited for.
    seal(store, ROOT, REPOSITORY, &json!({ "snapshots": uuids }), &Cancel::new())?;
    store.settle("").map_err(Fault::io(&store.place(ROOT)))
}

/// Refuses where another process than this one has changed what is in the repository: to write would undo what it did.
///
/// # Errors
/// `repository_exception` in Elasticsearch's words; what the store says.
pub(super) fn check_unchanged(
    repository: &Repository,
    store: &dyn ObjectStore,
    cancel: &Cancel,
) -> Result<(), Exception> {
    let known = repository.snapshots.iter().map(|snapshot| &snapshot.uuid);
    if named(store, cancel)?.iter().eq(known) {
        return Ok(());
    }
    let reason = format!(
        "[{}] Could not read repository data because the contents of the repository do not match its expected state. This is likely the result of either concurrently modifying the contents of the repository by a process other than this cluster or an issue with the repository's underlying storage. The repository has been disabled to prevent corrupting its contents. To re-enable it and continue using it please remove the repository from the cluster and add it again to make the cluster recover the known state of the repository from its physical contents.",
        repository.name
    );
    Err(Exception::new(ExceptionKind::Repository, reason))
}

/// Removes the objects that no snapshot of `left` names; how many, and their bytes.
///
/// # Errors
/// What cannot be read; `task_cancelled_exception`: what is left over then stays until the next time.
pub(super) fn sweep(
    store: &dyn ObjectStore,
    left: &[Arc<Snapshot>],
    work: &Work,
) -> Result<(u64, u64), Exception> {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for snapshot in left {
        work.check()?;
        let (_, kept) = kept(store, &snapshot.uuid, &work.cancel)?;
        wanted.insert(snapshot_object(&snapshot.uuid));
        for (name, own) in &kept.indices {
            let Some(index) = snapshot.indices.get(name) else { continue };
            let folder = index_folder(store, &index.uuid);
            wanted.extend(own.exported.files.keys().map(|file| folder.object(file)));
        }
    }
    let mut strays = Vec::new();
    let mut bytes = 0;
    for folder in ["snapshots", "indices"] {
        let listed = store.list(folder, &work.cancel, &mut |name, length| {
            // What is left over is taken away the next time.
            if !wanted.contains(name) && strays.len() < SWEPT_OBJECTS_MAX {
                strays.push(name.to_owned());
                bytes += length;
            }
        });
        listed.map_err(Fault::io(&store.place(folder)))?;
    }
    work.check()?;
    store.delete(&strays, &work.cancel).map_err(Fault::io(&store.place("indices")))?;
    store.abandon(&work.cancel).map_err(Fault::io(&store.place("indices")))?;
    Ok((strays.len() as u64, bytes))
}

/// Puts an object, gets it and takes it away.
///
/// # Errors
/// `repository_verification_exception`.
pub(super) fn verify(
    repository: &Repository,
    store: &dyn ObjectStore,
    flavor: Flavor,
    work: &Work,
) -> Result<(), Exception> {
    let cancel = &work.cancel;
    let node = match flavor {
        Flavor::OpenSearch219 => "cluster-manager",
        Flavor::Elasticsearch710 => "master",
    };
    let name = &repository.name;
    let wrong = |what: String| {
        let path = repository.told_path();
        let reason = format!("[{name}] path {path} is not accessible on {node} node");
        Exception::new(ExceptionKind::RepositoryVerification, reason)
            .caused_by(Exception::new(ExceptionKind::Io, what))
    };
    let probe = format!("tests-{}", crate::index::unique());
    let told = b"countersign";
    let tried = store
        .put(&probe, told.to_vec(), cancel)
        .and_then(|()| store.get(&probe, told.len() as u64, cancel));
    let removed = store.delete(&[probe], cancel);
    work.check()?;
    match tried.and_then(|read| removed.map(|()| read)) {
        Ok(Some(read)) if read == told => Ok(()),
        Ok(_) => Err(wrong("what was written is not what is read".to_owned())),
        // The system's words may name a folder; a store's own are for whoever uses it.
        Err(error) if error.get_ref().is_some() => Err(wrong(error.to_string())),
        Err(error) => Err(wrong(error.kind().to_string())),
    }
}
