//! `_snapshot`: repositories, and what is told of snapshots. Source: Elasticsearch 7.10, "Snapshot and restore APIs".

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) use super::create::{clone, create};
pub(crate) use super::restore::restore;
use super::{Repository, RepositoryKind, Snapshot, SnapshotIndex, missing, store};
use crate::cluster::{info, settings};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::REPOSITORIES_MAX;
use crate::rest::execute::{Task, acknowledged};
use crate::value::scalar::plain;

/// `PUT /_snapshot/{repository}`.
pub(crate) fn put_repository(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let name = route.part("repository").unwrap_or_default();
    let verifies = route.query.flag("verify", true)?;
    check_name(name)?;
    let body = task.body();
    let Some(kind) = body.get("type").map(plain) else {
        return Err(Exception::validation(&["type is missing"]));
    };
    let settings = match body.get("settings") {
        None => BTreeMap::new(),
        Some(own @ Value::Object(_)) => settings::leaves_of_cluster(own)?,
        Some(_) => {
            return Err(Exception::illegal_argument(
                "Malformed settings section, should include an inner object",
            ));
        }
    };
    let kind = known_kind(task, name, &kind)?;
    check_unused(task, name)?;
    let settings: BTreeMap<String, String> = settings
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key, plain(&value)))
        .collect();
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    let places = task.engine.repository_places();
    let repository = Repository::open(name, kind, settings, places, &task.work.cancel);
    task.work.check()?;
    if let Err(why) = &repository.store {
        let cause = refused(name, why);
        return Err(refused(name, "failed to create repository")
            .root_cause(cause.clone())
            .caused_by(cause));
    }
    if verifies && repository.check_writes("verify").is_ok() {
        store::verify(&repository, &**repository.store()?, route.flavor, task.work)?;
    }
    task.engine.indices.change(|metadata| {
        let there = metadata.repositories.iter().filter(|own| own.name != name).count();
        if there >= REPOSITORIES_MAX {
            return Err(refused(
                name,
                &format!("there are [{REPOSITORIES_MAX}] repositories already"),
            ));
        }
        Arc::make_mut(&mut metadata.repositories).insert(repository);
        Ok(())
    })?;
    acknowledged()
}

/// Refuses to change a repository in which a snapshot is being made.
fn check_unused(task: &Task<'_>, repository: &str) -> Result<(), Exception> {
    if task.engine.tasks.making(repository).is_empty() {
        return Ok(());
    }
    let reason = "trying to modify or unregister repository that is currently used ";
    Err(Exception::new(ExceptionKind::IllegalState, reason))
}

/// The kind of this name, as far as there is a place for it.
fn known_kind(task: &Task<'_>, name: &str, kind: &str) -> Result<RepositoryKind, Exception> {
    let has_place = |kind: &RepositoryKind| {
        *kind != RepositoryKind::S3 || task.engine.repository_places().s3.is_some()
    };
    let known = RepositoryKind::of(kind).filter(has_place);
    known.ok_or_else(|| refused(name, &format!("repository type [{kind}] does not exist")))
}

/// `GET /_snapshot/{repository}`.
pub(crate) fn get_repository(task: &Task<'_>) -> Answer {
    let list = task.parsed.route.part("repository").unwrap_or("_all");
    let patterns: Vec<&str> = list.split(',').collect();
    let found = task.metadata.repositories().named(&patterns)?;
    let rows: Map<String, Value> =
        found.into_iter().map(|own| (own.name.clone(), own.told())).collect();
    task.json(200, &Value::Object(rows))
}

/// `DELETE /_snapshot/{repository}`: its files stay where they are.
pub(crate) fn delete_repository(task: &Task<'_>) -> Answer {
    let list = task.parsed.route.part("repository").unwrap_or_default();
    for pattern in list.split(',') {
        let named = task.metadata.repositories().named(&[pattern]).unwrap_or_default();
        named.iter().try_for_each(|own| check_unused(task, &own.name))?;
    }
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    task.engine.indices.change(|metadata| {
        for pattern in list.split(',') {
            let gone: Vec<String> = metadata
                .repositories
                .named(&[pattern])?
                .into_iter()
                .map(|own| own.name.clone())
                .collect();
            if gone.is_empty() && pattern != "*" {
                return Err(missing(pattern));
            }
            let repositories = Arc::make_mut(&mut metadata.repositories);
            gone.iter().for_each(|name| repositories.remove(name));
        }
        Ok(())
    })?;
    acknowledged()
}

/// `POST /_snapshot/{repository}/_verify`.
pub(crate) fn verify_repository(task: &Task<'_>) -> Answer {
    let repository = repository(task)?;
    if repository.check_writes("verify").is_ok() {
        let flavor = task.parsed.route.flavor;
        store::verify(repository, &**repository.store()?, flavor, task.work)?;
    }
    task.json(200, &json!({"nodes": {crate::NODE_ID: {"name": crate::NODE_NAME}}}))
}

/// `POST /_snapshot/{repository}/_cleanup`: what no snapshot names goes.
pub(crate) fn cleanup_repository(task: &Task<'_>) -> Answer {
    repository(task)?.check_writes("run cleanup on")?;
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    let metadata = task.engine.metadata();
    let repository = metadata.repositories().get(name_of(task))?;
    let objects = &**repository.store()?;
    store::check_unchanged(repository, objects, &task.work.cancel)?;
    let (blobs, bytes) = store::sweep(objects, &repository.snapshots, task.work)?;
    task.json(200, &json!({"results": {"deleted_bytes": bytes, "deleted_blobs": blobs}}))
}

/// `GET /_snapshot/{repository}/{snapshot}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let lenient = route.query.flag("ignore_unavailable", false)?;
    let verbose = route.query.flag("verbose", true)?;
    let repository = repository(task)?;
    repository.store()?;
    let known = KnownSnapshots::of(task, repository);
    let mut rows = Vec::new();
    for (snapshot, runs) in known.named(route.part("snapshot").unwrap_or_default(), lenient)? {
        task.work.check()?;
        rows.push(match verbose {
            true => told(task, snapshot, runs),
            false => json!({
                "snapshot": snapshot.name, "uuid": snapshot.uuid, "state": state(snapshot, runs),
                "indices": seen(task, snapshot).map(|(name, _)| name).collect::<Vec<_>>(),
                "data_streams": streams(task, snapshot),
            }),
        });
    }
    task.json(200, &json!({ "snapshots": rows }))
}

/// `DELETE /_snapshot/{repository}/{snapshot}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let asked = task.parsed.route.part("snapshot").unwrap_or_default();
    // What is being made is called off; its turn ends before this one's comes.
    let mut called_off = false;
    for running in task.engine.tasks.making(name_of(task)) {
        let own = running.snapshot();
        if own.is_some_and(|own| asked.split(',').any(|pattern| own.is_named(pattern))) {
            running.call_off(task.now);
            called_off = true;
        }
    }
    let _one_at_a_time = task.engine.snapshotting(task.work)?;
    let metadata = task.engine.metadata();
    let repository = metadata.repositories().get(name_of(task))?;
    repository.check_writes("delete snapshot from")?;
    let objects = &**repository.store()?;
    store::check_unchanged(repository, objects, &task.work.cancel)?;
    let gone: Vec<&str> =
        repository.named(asked, called_off)?.into_iter().map(|own| own.uuid.as_str()).collect();
    let mut next = Repository::clone(repository);
    next.snapshots.retain(|snapshot| !gone.contains(&snapshot.uuid.as_str()));
    let left = next.snapshots.clone();
    store::keep_only(objects, &left, &task.work.cancel)?;
    task.engine.indices.change(|metadata| {
        Arc::make_mut(&mut metadata.repositories).insert(next);
        Ok(())
    })?;
    // They are deleted; files that cannot be taken away now are left to the next sweep.
    let _ = store::sweep(objects, &left, task.work);
    acknowledged()
}

/// `GET /_snapshot/{repository}/{snapshot}/_status`; without a snapshot, those that are being made.
pub(crate) fn status(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let Some(asked) = route.part("snapshot") else {
        let patterns: Vec<&str> = route.part("repository").unwrap_or("_all").split(',').collect();
        let mut rows = Vec::new();
        for repository in task.metadata.repositories().named(&patterns).unwrap_or_default() {
            let known = KnownSnapshots::of(task, repository);
            let running = known.named("_current", true)?;
            rows.extend(running.into_iter().map(|(own, _)| progress(task, repository, own, true)));
        }
        return task.json(200, &json!({ "snapshots": rows }));
    };
    if route.part("index").is_some() {
        return Err(Exception::not_implemented("_snapshot/_status of some indices"));
    }
    let lenient = route.query.flag("ignore_unavailable", false)?;
    let repository = repository(task)?;
    repository.store()?;
    let known = KnownSnapshots::of(task, repository);
    let mut rows = Vec::new();
    for (snapshot, runs) in known.named(asked, lenient)? {
        task.work.check()?;
        rows.push(progress(task, repository, snapshot, runs));
    }
    task.json(200, &json!({ "snapshots": rows }))
}

/// The snapshots of a repository: those that are there, and behind them those that are being made.
struct KnownSnapshots {
    repository: Repository,
    /// How many are there.
    complete: usize,
}

impl KnownSnapshots {
    fn of(task: &Task<'_>, repository: &Repository) -> KnownSnapshots {
        let mut repository = repository.clone();
        let complete = repository.snapshots.len();
        for running in task.engine.tasks.making(&repository.name) {
            let Some(own) = running.snapshot() else { continue };
            // The moment between being there and not being made any more.
            if !repository.snapshots.iter().any(|known| known.uuid == own.uuid) {
                repository.snapshots.push(Arc::clone(own));
            }
        }
        KnownSnapshots { repository, complete }
    }

    /// Those that one of `patterns` names, each with whether it is being made; `_current` names all of these.
    ///
    /// # Errors
    /// As [`Repository::named`].
    fn named(&self, patterns: &str, lenient: bool) -> Result<Vec<(&Snapshot, bool)>, Exception> {
        let running = self.repository.snapshots.get(self.complete..).unwrap_or_default();
        let current = patterns.split(',').any(|pattern| pattern == "_current");
        let named = self.repository.named(patterns, lenient)?;
        let is_running = |own: &Snapshot| running.iter().any(|running| running.uuid == own.uuid);
        let mut found: Vec<(&Snapshot, bool)> =
            named.into_iter().map(|own| (&**own, is_running(own))).collect();
        if current {
            let more = running.iter().map(|own| (&**own, true));
            let known = |uuid: &str| found.iter().any(|(own, _)| own.uuid == uuid);
            let more: Vec<_> = more.filter(|(own, _)| !known(&own.uuid)).collect();
            found.extend(more);
        }
        Ok(found)
    }
}

fn state(snapshot: &Snapshot, runs: bool) -> &'static str {
    if runs { "IN_PROGRESS" } else { snapshot.state() }
}

/// All that is told of a snapshot to who may read some of its indices; `runs`: it is being made.
pub(super) fn told(task: &Task<'_>, snapshot: &Snapshot, runs: bool) -> Value {
    let flavor = task.parsed.route.flavor;
    let own: Vec<(&String, &SnapshotIndex)> = seen(task, snapshot).collect();
    // None is told of before all are complete.
    let shards: u64 = if runs { 0 } else { own.iter().map(|(_, index)| index.shards).sum() };
    let failures: Vec<Value> =
        own.iter().filter_map(|(name, index)| failure(name, index)).collect();
    let failed: u64 = own
        .iter()
        .filter(|(_, index)| index.failure.is_some())
        .map(|(_, index)| index.shards)
        .sum();
    let version_id = match flavor {
        Flavor::OpenSearch219 => 136_407_927,
        Flavor::Elasticsearch710 => 7_100_299,
    };
    let mut row = json!({
        "snapshot": snapshot.name, "uuid": snapshot.uuid,
        "version_id": version_id, "version": info::version(flavor),
        "indices": own.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "data_streams": streams(task, snapshot),
        "include_global_state": snapshot.global,
        "state": match (runs, failures.is_empty()) {
            (true, _) => "IN_PROGRESS",
            (false, true) => "SUCCESS",
            (false, false) => "PARTIAL",
        },
        "start_time": iso(snapshot.begun), "start_time_in_millis": snapshot.begun,
        "end_time": iso(snapshot.ended), "end_time_in_millis": snapshot.ended,
        "duration_in_millis": (snapshot.ended - snapshot.begun).max(0),
        "failures": failures,
        "shards": {"total": shards, "failed": failed, "successful": shards - failed},
    });
    if let Some(row) = row.as_object_mut() {
        if !snapshot.metadata.is_null() {
            row.insert("metadata".into(), snapshot.metadata.clone());
        }
        if flavor == Flavor::OpenSearch219 {
            row.insert("remote_store_index_shallow_copy".into(), false.into());
        }
    }
    row
}

fn failure(name: &str, index: &SnapshotIndex) -> Option<Value> {
    let reason = index.failure.as_ref()?;
    Some(json!({"index": name, "index_uuid": &*index.uuid, "shard_id": 0, "reason": reason,
        "node_id": crate::NODE_ID, "status": "INTERNAL_SERVER_ERROR"}))
}

fn progress(task: &Task<'_>, repository: &Repository, snapshot: &Snapshot, runs: bool) -> Value {
    let ended = if runs { task.engine.tick(task.now).as_millisecond() } else { snapshot.ended };
    let took = ended - snapshot.begun;
    let stats = |written: (u64, u64), total: (u64, u64)| {
        json!({"incremental": {"file_count": written.0, "size_in_bytes": written.1},
            "total": {"file_count": total.0, "size_in_bytes": total.1},
            "start_time_in_millis": snapshot.begun, "time_in_millis": took})
    };
    let shards = |done: u64, failed: u64| {
        let (started, done) = if runs { (done, 0) } else { (0, done) };
        json!({"initializing": 0, "started": started, "finalizing": 0, "done": done,
            "failed": failed, "total": started + done + failed})
    };
    let none = ((0, 0), (0, 0));
    let (mut sums, mut counts, mut rows) = (none, (0, 0), Map::new());
    for (name, index) in seen(task, snapshot) {
        let failed = index.failure.is_some();
        let (done, lost) = if failed { (0, index.shards) } else { (index.shards, 0) };
        counts = (counts.0 + done, counts.1 + lost);
        let add = |sum: (u64, u64), own: (u64, u64)| (sum.0 + own.0, sum.1 + own.1);
        sums = (add(sums.0, index.written), add(sums.1, index.total));
        let stage = match (runs, failed) {
            (true, _) => "STARTED",
            (false, true) => "FAILURE",
            (false, false) => "DONE",
        };
        // All documents are in one place: the first shard has all files.
        let own: Map<String, Value> = (0..index.shards)
            .map(|shard| {
                let (written, total) = if shard == 0 { (index.written, index.total) } else { none };
                (shard.to_string(), json!({"stage": stage, "stats": stats(written, total)}))
            })
            .collect();
        let row = json!({"shards_stats": shards(done, lost),
            "stats": stats(index.written, index.total), "shards": own});
        rows.insert(name.clone(), row);
    }
    json!({
        "snapshot": snapshot.name, "repository": repository.name, "uuid": snapshot.uuid,
        "state": match (runs, counts.1) {
            (true, _) => "STARTED",
            (false, 0) => "SUCCESS",
            (false, _) => "PARTIAL",
        },
        "include_global_state": snapshot.global,
        "shards_stats": shards(counts.0, counts.1), "stats": stats(sums.0, sums.1), "indices": rows,
    })
}

/// The rows of `_cat/snapshots`.
pub(crate) fn table(task: &Task<'_>) -> Result<Vec<Vec<String>>, Exception> {
    let Some(name) = task.parsed.route.part("repository") else {
        return Err(Exception::validation(&["repository is missing"]));
    };
    let repository = task.metadata.repositories().get(name)?;
    repository.store()?;
    let known = KnownSnapshots::of(task, repository);
    let mut rows = Vec::new();
    for (snapshot, runs) in known.named("_all", true)? {
        task.work.check()?;
        let own: Vec<&SnapshotIndex> = seen(task, snapshot).map(|(_, index)| index).collect();
        let count = |failed: bool| {
            let some = own.iter().filter(|index| index.failure.is_some() == failed);
            some.map(|index| index.shards).sum::<u64>()
        };
        let (good, bad) = if runs { (0, 0) } else { (count(false), count(true)) };
        let until = if runs { task.engine.tick(task.now).as_millisecond() } else { snapshot.ended };
        rows.push(vec![
            snapshot.name.clone(),
            match (runs, bad) {
                (true, _) => "IN_PROGRESS",
                (false, 0) => "SUCCESS",
                (false, _) => "PARTIAL",
            }
            .to_owned(),
            (snapshot.begun / 1000).to_string(),
            clock(snapshot.begun),
            (snapshot.ended / 1000).to_string(),
            clock(snapshot.ended),
            took(until - snapshot.begun),
            own.len().to_string(),
            good.to_string(),
            bad.to_string(),
            (good + bad).to_string(),
            String::new(),
        ]);
    }
    Ok(rows)
}

/// The names and kinds of the repositories, for `_cat/repositories`.
pub(crate) fn repositories_table(task: &Task<'_>) -> Vec<Vec<String>> {
    let repositories = task.metadata.repositories().iter();
    repositories.map(|own| vec![own.name.clone(), own.kind.name().to_owned()]).collect()
}

/// The indices of a snapshot that the view holds.
fn seen<'a>(
    task: &'a Task<'_>,
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = (&'a String, &'a SnapshotIndex)> {
    snapshot.indices.iter().filter(|(_, index)| task.view.sees(&index.uuid))
}

/// The data streams of a snapshot of which the view holds an index.
fn streams<'a>(task: &Task<'_>, snapshot: &'a Snapshot) -> Vec<&'a str> {
    let streams = snapshot.data_streams.values();
    let shown = streams
        .filter(|stream| seen(task, snapshot).any(|(name, _)| stream.indices.contains(name)));
    shown.map(|stream| stream.name.as_str()).collect()
}

fn repository<'a>(task: &Task<'a>) -> Result<&'a Arc<Repository>, Exception> {
    task.metadata.repositories().get(name_of(task))
}

fn name_of<'a>(task: &Task<'a>) -> &'a str {
    let names = task.parsed.route.part("repository").unwrap_or_default();
    names.split(',').next().unwrap_or_default()
}

/// Source: `RepositoriesService.validate` of Elasticsearch 7.10.
fn check_name(name: &str) -> Result<(), Exception> {
    let forbidden = [' ', '"', '*', '\\', '<', '|', ',', '>', '/', '?'];
    if name.is_empty() {
        return Err(refused(name, "cannot be empty"));
    }
    if name.contains('#') {
        return Err(refused(name, "must not contain '#'"));
    }
    if name.contains(forbidden) || name.len() > crate::limits::INDEX_NAME_BYTES_MAX {
        return Err(refused(
            name,
            "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]",
        ));
    }
    Ok(())
}

fn refused(name: &str, what: &str) -> Exception {
    Exception::new(ExceptionKind::Repository, format!("[{name}] {what}"))
}

fn iso(milliseconds: i64) -> String {
    moment(milliseconds).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn clock(milliseconds: i64) -> String {
    moment(milliseconds).strftime("%H:%M:%S").to_string()
}

fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

fn took(milliseconds: i64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds}ms"),
        1000..60_000 => format!("{}.{}s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => format!("{}.{}m", milliseconds / 60_000, milliseconds % 60_000 / 6_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_printed_as_elasticsearch_prints_them() {
        let printed: Vec<String> = [601, 1214, 90_000].into_iter().map(took).collect();
        assert_eq!(printed, ["601ms", "1.2s", "1.5m"]);
    }
}
