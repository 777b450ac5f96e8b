//! `PUT /_snapshot/{repository}/{snapshot}`, and `_clone`. Source: Elasticsearch 7.10, "Create snapshot API"; `SnapshotsService`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::restore::{chosen, flag};
use super::store::{self, EarlierFiles, Kept, KeptIndex};
use super::{Repository, Snapshot, SnapshotIndex, api};
use crate::cluster::metadata::{DataStream, IndexMetadata};
use crate::cluster::names::{self, IndicesOptions};
use crate::cluster::tasks::RunningTask;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{Exported, Indices, unique};
use crate::limits::SNAPSHOTS_MAX;
use crate::response::Response;
use crate::rest::execute::{Task, acknowledged};

/// The body of a new snapshot, read.
struct SnapshotRequest {
    indices: Vec<String>,
    options: IndicesOptions,
    global: bool,
    metadata: Value,
}

/// Makes a snapshot. One that is not waited for is accepted when this is called first, and made when it is called again.
pub(crate) fn create(task: &Task<'_>) -> Answer {
    let waits = task.parsed.route.query.flag("wait_for_completion", false)?;
    let wanted = read(task.body())?;
    let accepted = task.running.and_then(RunningTask::snapshot).is_some();
    let begun = begun(task, &wanted)?;
    if !waits && !accepted && task.running.is_some() {
        return Ok(Response::json(200, &json!({"accepted": true})));
    }
    let indices = found(task, &wanted)?;
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    let metadata = task.engine.metadata();
    let repository = task.parsed.route.part("repository").unwrap_or_default();
    let repository = metadata.repositories().get(repository)?;
    repository.check_writes("create snapshot in")?;
    check_room(repository, &begun.name)?;
    let snapshot = taken(task, repository, &begun, &indices)?;
    let told = api::told(task, &snapshot, false);
    keep(task, repository, snapshot)?;
    task.json(200, &json!({ "snapshot": told }))
}

/// The snapshot that this request makes, as it is told of while nothing of it is complete.
fn begun(task: &Task<'_>, wanted: &SnapshotRequest) -> Result<Arc<Snapshot>, Exception> {
    if let Some(begun) = task.running.and_then(RunningTask::snapshot) {
        return Ok(Arc::clone(begun));
    }
    let route = &task.parsed.route;
    let given = route.part("snapshot").unwrap_or_default();
    let name = names::single(task.metadata, given, task.now)?.name;
    let repository =
        task.metadata.repositories().get(route.part("repository").unwrap_or_default())?;
    check_name(repository, &name)?;
    repository.check_writes("create snapshot in")?;
    let indices = found(task, wanted)?;
    check_room(repository, &name)?;
    let rows = indices.iter().map(|index| {
        let row = SnapshotIndex {
            uuid: Arc::clone(&index.uuid),
            shards: index.settings.count("number_of_shards", 1),
            aliases: index.aliases.keys().cloned().collect(),
            total: (0, 0),
            written: (0, 0),
            failure: None,
        };
        (index.name.clone(), row)
    });
    let rows: BTreeMap<String, SnapshotIndex> = rows.collect();
    let whole =
        |stream: &&Arc<DataStream>| stream.indices.iter().all(|index| rows.contains_key(index));
    let streams = task.metadata.data_streams().filter(whole);
    let snapshot = Arc::new(Snapshot {
        name,
        uuid: unique(),
        begun: task.now.as_millisecond(),
        ended: 0,
        global: wanted.global,
        metadata: wanted.metadata.clone(),
        data_streams: streams.map(|stream| (stream.name.clone(), Arc::clone(stream))).collect(),
        indices: rows,
    });
    let free = |running| task.engine.tasks.makes(running, &repository.name, &snapshot);
    if !task.running.is_none_or(free) {
        let what = "snapshot with the same name is already in-progress";
        return Err(invalid(repository, &snapshot.name, what));
    }
    Ok(snapshot)
}

/// Copies every index, and writes down what was copied.
fn taken(
    task: &Task<'_>,
    repository: &Repository,
    begun: &Snapshot,
    indices: &[Arc<IndexMetadata>],
) -> Result<Snapshot, Exception> {
    let objects = &**repository.store()?;
    store::check_unchanged(repository, objects, &task.work.cancel)?;
    let mut earlier = EarlierFiles::of(objects, &repository.snapshots);
    let mut kept = Kept::default();
    let mut snapshot = begun.clone();
    for index in indices {
        task.work.check()?;
        let known = earlier.known(&index.uuid, &task.work.cancel)?;
        let to = store::index_folder(objects, &index.uuid);
        let exported = task.open(index).and_then(|open| open.export(&to, &known, task.work));
        // Called off: nothing is written down, and what was copied is swept away some time.
        task.work.check()?;
        let (exported, failure) = match exported {
            Ok(exported) => (exported, None),
            Err(fault) => (Exported::default(), Some(fault.reason().to_owned())),
        };
        if let Some(row) = snapshot.indices.get_mut(&index.name) {
            row.total = (exported.files.len() as u64, exported.bytes());
            row.written = (exported.written, exported.written_bytes);
            row.failure = failure;
        }
        // What grew while the files were copied is in the description too: the newest one.
        let newest = task.engine.metadata();
        let described = Indices::described(newest.by_uuid(&index.uuid).unwrap_or(index));
        kept.indices.insert(index.name.clone(), KeptIndex { described, exported });
    }
    if begun.global {
        kept.global = json!({"registries": task.metadata.registries().persisted(),
            "pipelines": task.metadata.pipelines.persisted()});
    }
    snapshot.ended = task.engine.tick(task.now).as_millisecond();
    store::add(objects, &repository.snapshots, &snapshot, &kept, &task.work.cancel)?;
    Ok(snapshot)
}

/// Lets everybody see the snapshot.
fn keep(task: &Task<'_>, repository: &Repository, snapshot: Snapshot) -> Result<(), Exception> {
    let mut next = repository.clone();
    next.snapshots.push(Arc::new(snapshot));
    task.engine.indices.change(|metadata| {
        Arc::make_mut(&mut metadata.repositories).insert(next);
        Ok(())
    })
}

/// `PUT /_snapshot/{repository}/{snapshot}/_clone/{target_snapshot}`: another name for what is there.
pub(crate) fn clone(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let name = route.part("target_snapshot").unwrap_or_default();
    let asked = task.body().get("indices").map(crate::value::scalar::list).unwrap_or_default();
    if asked.is_empty() {
        return Err(Exception::validation(&["indices patterns are empty"]));
    }
    if let Some(key) = task.body().as_object().into_iter().flatten().find_map(|(key, _)| {
        let known = ["indices", "ignore_unavailable", "allow_no_indices", "expand_wildcards"];
        (!known.contains(&key.as_str())).then_some(key)
    }) {
        return Err(Exception::illegal_argument(format!("Unknown parameter {key}")));
    }
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    let metadata = task.engine.metadata();
    let repository = metadata.repositories().get(route.part("repository").unwrap_or_default())?;
    repository.check_writes("create snapshot in")?;
    check_name(repository, name)?;
    check_room(repository, name)?;
    let making = task.engine.tasks.making(&repository.name);
    if making.iter().filter_map(|task| task.snapshot()).any(|other| other.name == name) {
        let what = "snapshot with the same name is already in-progress";
        return Err(invalid(repository, name, what));
    }
    let source = route.part("snapshot").unwrap_or_default();
    let source = repository.snapshot(source).ok_or_else(|| repository.no_snapshot(source))?;
    let seen: Vec<&str> = source
        .indices
        .iter()
        .filter(|(_, index)| task.view.sees(&index.uuid))
        .map(|(name, _)| name.as_str())
        .collect();
    let lenient = flag(task.body(), "ignore_unavailable", false)?;
    let mut wanted = BTreeSet::new();
    for chosen in chosen(&seen, &asked) {
        match chosen.there {
            true => drop(wanted.insert(chosen.name)),
            false if lenient => {}
            false => return Err(Exception::index_not_found(&chosen.name)),
        }
    }
    let objects = &**repository.store()?;
    store::check_unchanged(repository, objects, &task.work.cancel)?;
    let (_, mut kept) = store::kept(objects, &source.uuid, &task.work.cancel)?;
    kept.indices.retain(|name, _| wanted.contains(name));
    let now = task.now.as_millisecond();
    let mut snapshot = Snapshot {
        name: name.to_owned(),
        uuid: unique(),
        begun: now,
        ended: task.engine.tick(task.now).as_millisecond(),
        ..(**source).clone()
    };
    snapshot.indices.retain(|name, _| wanted.contains(name));
    let is_whole = |stream: &Arc<DataStream>| stream.indices.iter().all(|it| wanted.contains(it));
    snapshot.data_streams.retain(|_, stream| is_whole(stream));
    snapshot.indices.values_mut().for_each(|index| index.written = (0, 0));
    store::add(objects, &repository.snapshots, &snapshot, &kept, &task.work.cancel)?;
    keep(task, repository, snapshot)?;
    acknowledged()
}

/// The indices that are asked for, all of whose documents the caller may see.
fn found(task: &Task<'_>, wanted: &SnapshotRequest) -> Result<Vec<Arc<IndexMetadata>>, Exception> {
    let sees = |uuid: &str| task.view.sees(uuid);
    let options = wanted.options;
    let found = names::seen(task.metadata, &wanted.indices, options, task.now, sees)?;
    let found = found.existing(options)?;
    let part = found.iter().find(|index| task.view.restricts(&index.uuid));
    match part {
        None => Ok(found),
        Some(index) => Err(Exception::new(
            ExceptionKind::Security,
            format!("[{}] can be copied only by those who see all of its documents", index.name),
        )),
    }
}

/// What a request for a snapshot asks for: the indices, and how their names are read. For the authorizer, too.
///
/// # Errors
/// `illegal_argument_exception` for an option that is none.
pub fn asked(body: &Value) -> Result<(Vec<String>, IndicesOptions), Exception> {
    let wanted = read(body)?;
    Ok((wanted.indices, wanted.options))
}

/// Whether a request for a snapshot, or for a restore where `restores`, asks for the state of the cluster.
pub fn asks_for_global_state(body: &Value, restores: bool) -> bool {
    flag(body, "include_global_state", !restores).unwrap_or(true)
}

/// Reads the body. The real servers pass over keys that they do not know here, and only here.
fn read(body: &Value) -> Result<SnapshotRequest, Exception> {
    let mut options = IndicesOptions { hidden: true, ..IndicesOptions::ANY };
    if let Some(words) = body.get("expand_wildcards") {
        let words = crate::value::scalar::list(words);
        let words: Vec<&str> = words.iter().flat_map(|words| words.split(',')).collect();
        options = options.expanding(&words)?;
    }
    options.ignore_unavailable = flag(body, "ignore_unavailable", false)?;
    options.allow_no_indices = flag(body, "allow_no_indices", true)?;
    // One copy of everything: there is no part of an index that could be missing.
    flag(body, "partial", false)?;
    let metadata = match body.get("metadata") {
        None => Value::Null,
        Some(metadata @ Value::Object(_)) => metadata.clone(),
        Some(_) => {
            return Err(Exception::illegal_argument("malformed metadata, should be an object"));
        }
    };
    if metadata.to_string().len() > METADATA_BYTES_MAX {
        return Err(Exception::validation(&[format!(
            "metadata must be smaller than 1024 bytes, but was [{}]",
            metadata.to_string().len()
        )]));
    }
    let indices = body.get("indices").map(crate::value::scalar::list).unwrap_or_default();
    Ok(SnapshotRequest {
        indices,
        options,
        global: flag(body, "include_global_state", true)?,
        metadata,
    })
}

/// What a snapshot's maker may note, as Elasticsearch bounds it.
const METADATA_BYTES_MAX: usize = 1024;

/// Source: `SnapshotsService.validate` of Elasticsearch 7.10.
fn check_name(repository: &Repository, name: &str) -> Result<(), Exception> {
    let forbidden = [' ', '"', '*', '\\', '<', '|', ',', '>', '/', '?'];
    let what = if name.is_empty() {
        "cannot be empty"
    } else if name.contains(' ') {
        "must not contain whitespace"
    } else if name.contains(',') {
        "must not contain ','"
    } else if name.contains('#') {
        "must not contain '#'"
    } else if name.starts_with('_') {
        "must not start with '_'"
    } else if name.chars().any(char::is_uppercase) {
        "must be lowercase"
    } else if name.contains(forbidden) {
        "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]"
    } else if name.len() > crate::limits::INDEX_NAME_BYTES_MAX {
        "is too long"
    } else {
        return Ok(());
    };
    Err(invalid(repository, name, what))
}

fn check_room(repository: &Repository, name: &str) -> Result<(), Exception> {
    if repository.snapshot(name).is_some() {
        return Err(invalid(repository, name, "snapshot with the same name already exists"));
    }
    if repository.snapshots.len() >= SNAPSHOTS_MAX {
        let own = &repository.name;
        let reason = format!(
            "[{own}:{name}] Cannot add another snapshot to this repository as it already contains [{SNAPSHOTS_MAX}] snapshots"
        );
        return Err(Exception::new(ExceptionKind::Snapshot, reason));
    }
    Ok(())
}

fn invalid(repository: &Repository, name: &str, what: &str) -> Exception {
    let reason = format!("[{}:{name}] Invalid snapshot name [{name}], {what}", repository.name);
    Exception::new(ExceptionKind::InvalidSnapshotName, reason)
}
