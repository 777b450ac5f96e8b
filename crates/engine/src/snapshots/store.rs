//! A repository's files.
//!
//! ```text
//! FOLDER/repository.json            the uuids of the snapshots that count, the oldest first: replacing it makes or deletes one
//! FOLDER/snapshots/UUID.json        a snapshot: what it is, and of each index its description and its files
//! FOLDER/indices/UUID/…             the files of the index that had this uuid, shared by all its snapshots
//! ```
//!
//! Everything that a snapshot names is on disk before `repository.json` names the snapshot. What nothing names is left over
//! from a crash, or from a deletion that was called off; [`sweep`] takes it away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::Snapshot;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{Exported, Fault, KeptFiles, disk, is_plain};
use crate::work::Work;

const REPOSITORY: &str = "repository";
const SNAPSHOT: &str = "snapshot";

/// The snapshots in `folder`, the oldest first; none where there is no such folder.
///
/// # Errors
/// [`Fault::Damaged`] naming the file that cannot be trusted.
pub(super) fn load(folder: &Path) -> Result<Vec<Arc<Snapshot>>, Fault> {
    let mut snapshots = Vec::new();
    for uuid in named(folder)? {
        let (path, saved) = read(folder, &uuid)?;
        let known = saved.get("snapshot").and_then(Snapshot::restored);
        let known =
            known.filter(|snapshot| snapshot.indices.values().all(|index| is_plain(&index.uuid)));
        let known = known.ok_or_else(|| Fault::damaged(&path, "says no snapshot"))?;
        snapshots.push(Arc::new(known));
    }
    Ok(snapshots)
}

fn named(folder: &Path) -> Result<Vec<String>, Fault> {
    let saved = disk::read(&folder.join("repository.json"), REPOSITORY)?;
    let uuids = saved.as_ref().and_then(|saved| saved.get("snapshots"));
    let uuids = uuids.map(crate::value::scalar::list).unwrap_or_default();
    Ok(uuids.into_iter().filter(|uuid| is_plain(uuid)).collect())
}

fn read(folder: &Path, uuid: &str) -> Result<(PathBuf, Value), Fault> {
    let path = folder.join("snapshots").join(format!("{uuid}.json"));
    let saved = disk::read(&path, SNAPSHOT)?;
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

/// The file that tells of a snapshot, and what it says.
///
/// # Errors
/// As [`load`].
pub(super) fn kept(folder: &Path, uuid: &str) -> Result<(PathBuf, Kept), Fault> {
    let (path, saved) = read(folder, uuid)?;
    let rows = saved.get("indices").and_then(Value::as_object).into_iter().flatten();
    let index = |row: &Value| KeptIndex {
        described: row.get("described").cloned().unwrap_or_default(),
        exported: Exported::restored(row.get("exported").unwrap_or(&Value::Null)),
    };
    let indices = rows.map(|(name, row)| (name.clone(), index(row))).collect();
    Ok((path, Kept { indices, global: saved.get("global").cloned().unwrap_or_default() }))
}

/// The folder of the files of the index that had this uuid.
pub(super) fn index_folder(folder: &Path, uuid: &str) -> PathBuf {
    folder.join("indices").join(uuid)
}

/// The files that the newest of `snapshots` has of the index with this uuid.
///
/// # Errors
/// As [`load`].
pub(super) fn known_files(
    folder: &Path,
    snapshots: &[Arc<Snapshot>],
    uuid: &str,
) -> Result<KeptFiles, Fault> {
    for snapshot in snapshots.iter().rev() {
        let own = snapshot.indices.iter().find(|(_, index)| &*index.uuid == uuid);
        let Some((name, _)) = own else { continue };
        let (_, mut kept) = kept(folder, &snapshot.uuid)?;
        return Ok(kept.indices.remove(name).map(|kept| kept.exported.files).unwrap_or_default());
    }
    Ok(KeptFiles::new())
}

/// Writes down a snapshot whose files are all there, behind `before`.
///
/// # Errors
/// What the disk says; the snapshot does not exist then.
pub(super) fn add(
    folder: &Path,
    before: &[Arc<Snapshot>],
    snapshot: &Snapshot,
    kept: &Kept,
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
    let snapshots = folder.join("snapshots");
    std::fs::create_dir_all(&snapshots).map_err(Fault::io(&snapshots))?;
    disk::replace(&snapshots.join(format!("{}.json", snapshot.uuid)), SNAPSHOT, &body)?;
    disk::sync_directory(folder)?;
    let uuids = before.iter().map(|other| other.uuid.as_str()).chain([snapshot.uuid.as_str()]);
    name_these(folder, uuids.collect())
}

/// Lets only `left` count.
///
/// # Errors
/// What the disk says; nothing is deleted then.
pub(super) fn keep_only(folder: &Path, left: &[Arc<Snapshot>]) -> Result<(), Fault> {
    name_these(folder, left.iter().map(|snapshot| snapshot.uuid.as_str()).collect())
}

fn name_these(folder: &Path, uuids: Vec<&str>) -> Result<(), Fault> {
    disk::replace(&folder.join("repository.json"), REPOSITORY, &json!({ "snapshots": uuids }))
}

/// Removes the files that no snapshot of `left` names; how many, and their bytes.
///
/// # Errors
/// What cannot be read; `task_cancelled_exception`: what is left over then stays until the next time.
pub(super) fn sweep(
    folder: &Path,
    left: &[Arc<Snapshot>],
    work: &Work,
) -> Result<(u64, u64), Exception> {
    let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
    for snapshot in left {
        work.check()?;
        let (path, kept) = kept(folder, &snapshot.uuid)?;
        wanted.insert(path);
        for (name, own) in &kept.indices {
            let Some(index) = snapshot.indices.get(name) else { continue };
            let directory = index_folder(folder, &index.uuid);
            wanted.extend(own.exported.files.keys().map(|file| directory.join(file)));
        }
    }
    let mut removed = (0, 0);
    let mut folders = vec![folder.join("snapshots")];
    let indices = std::fs::read_dir(folder.join("indices")).into_iter().flatten().flatten();
    folders.extend(indices.map(|entry| entry.path()));
    for directory in folders {
        work.check()?;
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if !wanted.contains(&path) {
                let bytes = entry.metadata().map_or(0, |found| found.len());
                if std::fs::remove_file(&path).is_ok() {
                    removed = (removed.0 + 1, removed.1 + bytes);
                }
            }
        }
        // Only an empty one goes.
        if directory.parent().is_some_and(|parent| parent.ends_with("indices")) {
            let _ = std::fs::remove_dir(&directory);
        }
    }
    Ok(removed)
}

/// Writes a file into `folder`, reads it again and takes it away.
///
/// # Errors
/// `repository_verification_exception`.
pub(super) fn verify(name: &str, folder: &Path, flavor: Flavor) -> Result<(), Exception> {
    let node = match flavor {
        Flavor::OpenSearch219 => "cluster-manager",
        Flavor::Elasticsearch710 => "master",
    };
    let wrong = |what: String| {
        let reason = format!("[{name}] path  is not accessible on {node} node");
        Exception::new(ExceptionKind::RepositoryVerification, reason)
            .caused_by(Exception::new(ExceptionKind::Io, what))
    };
    let probe = folder.join(format!("tests-{}.part", crate::index::unique()));
    let told = b"countersign";
    let tried = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, told))
        .and_then(|()| std::fs::read(&probe));
    let _ = std::fs::remove_file(&probe);
    match tried {
        Ok(read) if read == told => Ok(()),
        Ok(_) => Err(wrong("what was written is not what is read".to_owned())),
        Err(error) => Err(wrong(error.kind().to_string())),
    }
}
