//! Snapshots: copies of indices in stores of objects, to be made indices again.
//!
//! A repository is a folder below the one root that the operator gives a domain, or a part of a bucket that the operator lets it
//! use. [`Repositories`] is part of the metadata and says what is in them, so that a request is judged on what it would touch;
//! `store` is the only one who reads and writes their objects. (docs/internals/snapshots.md)

pub(crate) mod api;
mod create;
mod files;
mod restore;
mod s3;
mod store;

pub use create::{asked, asks_for_global_state};
pub use restore::{RestoredIndex, restored};
pub use s3::{S3Settings, named_role};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::cluster::metadata::DataStream;
use crate::cluster::names;
use crate::exception::{Exception, ExceptionKind};
use crate::objects::ObjectStore;
use crate::work::Cancel;
use files::FileStore;

/// Where repositories may be.
#[derive(Clone, Default)]
pub(crate) struct RepositoryPlaces {
    /// Below it are the folders; `None`: there are none.
    pub(crate) root: Option<PathBuf>,
    /// Opens buckets; `None`: nobody knows S3.
    pub(crate) s3: Option<BucketOpener>,
}

/// Opens the part of a bucket that these settings name, or says why it may not be used.
pub(crate) type BucketOpener =
    Arc<dyn Fn(&S3Settings) -> Result<Arc<dyn ObjectStore>, String> + Send + Sync>;

/// What a repository is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RepositoryKind {
    /// A folder.
    Folder,
    /// A folder that is only read, by a URL.
    Url,
    /// A part of a bucket.
    S3,
}

/// The repositories of one domain, by name.
#[derive(Clone, Debug, Default)]
pub struct Repositories(BTreeMap<String, Arc<Repository>>);

/// One repository and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    /// Its name.
    pub(crate) name: String,
    /// What it is kept in.
    pub(crate) kind: RepositoryKind,
    /// Its settings as they were put; they say where it is.
    pub(crate) settings: BTreeMap<String, String>,
    /// Its objects, or why they cannot be used.
    pub(crate) store: Result<Arc<dyn ObjectStore>, String>,
    /// Its snapshots, the oldest first.
    pub(crate) snapshots: Vec<Arc<Snapshot>>,
}

/// One snapshot, without the files that it stands on.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// Its name.
    pub(crate) name: String,
    /// The uuid, 22 characters.
    pub(crate) uuid: String,
    /// When it was begun, in milliseconds since 1970.
    pub(crate) begun: i64,
    /// When it was complete.
    pub(crate) ended: i64,
    /// Whether templates, pipelines and settings of the cluster are in it.
    pub(crate) global: bool,
    /// What its maker noted.
    pub(crate) metadata: Value,
    /// The data streams of which every index is in it, by name.
    pub(crate) data_streams: BTreeMap<String, Arc<DataStream>>,
    /// Its indices, by the names they had.
    pub(crate) indices: BTreeMap<String, SnapshotIndex>,
}

/// One index in a snapshot.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotIndex {
    /// The uuid it had.
    pub(crate) uuid: Arc<str>,
    /// How many shards it says it has.
    pub(crate) shards: u64,
    /// The aliases it had.
    pub(crate) aliases: Vec<String>,
    /// Its files, and their bytes.
    pub(crate) total: (u64, u64),
    /// Those of them that this snapshot had to write.
    pub(crate) written: (u64, u64),
    /// Why it could not be copied.
    pub(crate) failure: Option<String>,
}

impl Repositories {
    /// The repository of exactly this name.
    pub(crate) fn get(&self, name: &str) -> Result<&Arc<Repository>, Exception> {
        self.0.get(name).ok_or_else(|| missing(name))
    }

    /// Those that one of `patterns` names, a missing one being a fault unless it is a pattern.
    pub(crate) fn named(&self, patterns: &[&str]) -> Result<Vec<&Arc<Repository>>, Exception> {
        let mut found: Vec<&Arc<Repository>> = Vec::new();
        for pattern in patterns {
            let all = *pattern == "_all";
            let matching = self.0.values().filter(|own| all || names::matches(pattern, &own.name));
            let before = found.len();
            for own in matching {
                if !found.iter().any(|known| known.name == own.name) {
                    found.push(own);
                }
            }
            let there = found.len() > before || self.0.contains_key(*pattern);
            if !there && !all && !pattern.contains('*') {
                return Err(missing(pattern));
            }
        }
        Ok(found)
    }

    /// The indices of the snapshots that `patterns` name, each with its uuid: what a list of them tells of.
    pub fn indices_of(&self, repository: &str, patterns: &str) -> Vec<(String, Arc<str>)> {
        let Some(repository) = self.0.get(repository) else { return Vec::new() };
        let list: Vec<&str> = patterns.split(',').collect();
        let mut found = BTreeMap::new();
        for snapshot in &repository.snapshots {
            if list.iter().any(|pattern| snapshot.is_named(pattern)) {
                let own = snapshot.indices.iter();
                found.extend(own.map(|(name, index)| (Arc::clone(&index.uuid), name.clone())));
            }
        }
        found.into_iter().map(|(uuid, name)| (name, uuid)).collect()
    }

    /// Each repository in words: its name, of what kind it is, and where.
    pub fn places(&self) -> impl Iterator<Item = String> {
        self.0.values().map(|own| {
            let keys = ["bucket", "base_path", "location", "url"].into_iter();
            let place: Vec<String> =
                keys.filter_map(|key| Some(format!("{key} {}", own.settings.get(key)?))).collect();
            format!("repository {} ({}, {})", own.name, own.kind.name(), place.join(", "))
        })
    }

    pub(crate) fn insert(&mut self, repository: Repository) {
        self.0.insert(repository.name.clone(), Arc::new(repository));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Repository>> {
        self.0.values()
    }

    /// What is kept on disk: which repositories there are. What is in them, they say themselves.
    pub(crate) fn persisted(&self) -> Value {
        let rows = self.0.iter().map(|(name, own)| (name.clone(), own.told()));
        Value::Object(rows.collect())
    }

    /// Out of what was kept; nothing is known yet of what is in them.
    pub(crate) fn restored(saved: Option<&Value>) -> Repositories {
        let rows = saved.and_then(Value::as_object).into_iter().flatten();
        let repository = |(name, row): (&String, &Value)| {
            let kind = row.get("type").and_then(Value::as_str).and_then(RepositoryKind::of);
            let settings = match row.get("settings") {
                Some(settings @ Value::Object(_)) => settings,
                // Before there were other types, a row was the settings of a folder.
                _ => row,
            };
            let kind = kind.unwrap_or(RepositoryKind::Folder);
            let settings = serde_json::from_value(settings.clone()).unwrap_or_default();
            (name.clone(), Arc::new(Repository::unread(name, kind, settings)))
        };
        Repositories(rows.map(repository).collect())
    }

    /// These repositories with what lies in their folders. What is reached by a network is read by
    /// [`crate::Engine::read_repositories`].
    pub(crate) fn loaded(&self, places: &RepositoryPlaces) -> Repositories {
        let mut loaded = Repositories::default();
        for own in self.0.values() {
            loaded.insert(match own.kind {
                // Not even the store that it may have: who began with a copy of this may not use it.
                RepositoryKind::S3 => Repository::unread(&own.name, own.kind, own.settings.clone()),
                RepositoryKind::Folder | RepositoryKind::Url => own.opened(places, &Cancel::new()),
            });
        }
        loaded
    }
}

/// The indices of those of these snapshots, which are being made, that the two lists of patterns name, each with its uuid. No list names
/// all.
pub(crate) fn being_made(
    making: Vec<(String, Arc<Snapshot>)>,
    repositories: Option<&str>,
    snapshots: Option<&str>,
) -> Vec<(String, Arc<str>)> {
    let named = |list: Option<&str>, is_named: &dyn Fn(&str) -> bool| {
        list.is_none_or(|list| list.split(',').any(is_named))
    };
    let in_place = |pattern: &str, place: &str| pattern == "_all" || names::matches(pattern, place);
    let mut found = BTreeMap::new();
    for (place, snapshot) in making {
        let is_current = |pattern: &str| pattern == "_current" || snapshot.is_named(pattern);
        if named(repositories, &|pattern| in_place(pattern, &place))
            && named(snapshots, &is_current)
        {
            let own = snapshot.indices.iter();
            found.extend(own.map(|(name, index)| (Arc::clone(&index.uuid), name.clone())));
        }
    }
    found.into_iter().map(|(uuid, name)| (name, uuid)).collect()
}

/// Why a repository cannot be used right after a start.
const NOT_READ: &str = "was not read yet since the start";

impl RepositoryKind {
    /// The kind of this name.
    pub(crate) fn of(name: &str) -> Option<RepositoryKind> {
        let all = [RepositoryKind::Folder, RepositoryKind::Url, RepositoryKind::S3];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name in requests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            RepositoryKind::Folder => "fs",
            RepositoryKind::Url => "url",
            RepositoryKind::S3 => "s3",
        }
    }

    /// Where a repository with these settings keeps its objects, or why it cannot.
    fn store(
        self,
        settings: &BTreeMap<String, String>,
        places: &RepositoryPlaces,
    ) -> Result<Arc<dyn ObjectStore>, String> {
        let (root, setting) = (places.root.as_deref(), |key: &str| settings.get(key));
        let folder = match self {
            RepositoryKind::Folder => located(setting("location").map(String::as_str), root)?,
            RepositoryKind::Url => located_by_url(setting("url").map(String::as_str), root)?,
            RepositoryKind::S3 => {
                let wanted = S3Settings::read(settings)?;
                let open = places.s3.as_ref().ok_or("repository type [s3] does not exist")?;
                return open(&wanted);
            }
        };
        Ok(Arc::new(FileStore { folder }))
    }
}

impl Repository {
    /// The repository with these settings; what is wrong with its store is kept in it.
    pub(crate) fn open(
        name: &str,
        kind: RepositoryKind,
        settings: BTreeMap<String, String>,
        places: &RepositoryPlaces,
        cancel: &Cancel,
    ) -> Repository {
        let (name, store) = (name.to_owned(), kind.store(&settings, places));
        Repository { name, kind, settings, store, snapshots: Vec::new() }.read(cancel)
    }

    /// The repository with these settings, of which nothing is known yet.
    fn unread(name: &str, kind: RepositoryKind, settings: BTreeMap<String, String>) -> Repository {
        let store = Err(NOT_READ.to_owned());
        Repository { name: name.to_owned(), kind, settings, store, snapshots: Vec::new() }
    }

    /// The same, its store opened and read again.
    pub(crate) fn opened(&self, places: &RepositoryPlaces, cancel: &Cancel) -> Repository {
        Repository::open(&self.name, self.kind, self.settings.clone(), places, cancel)
    }

    /// With what its store says is in it.
    fn read(self, cancel: &Cancel) -> Repository {
        let loaded = self.store.and_then(|store| {
            let snapshots = store::load(&*store, cancel)
                .map_err(|fault| Exception::from(fault).reason().to_owned())?;
            Ok((store, snapshots))
        });
        match loaded {
            Ok((store, snapshots)) => Repository { store: Ok(store), snapshots, ..self },
            Err(why) => Repository { store: Err(why), ..self },
        }
    }

    /// Whether it is to be read as soon as its store answers.
    pub(crate) fn waits(&self) -> bool {
        self.kind == RepositoryKind::S3 && self.store.is_err()
    }

    /// Its objects.
    ///
    /// # Errors
    /// `repository_exception` with the reason why they cannot be used.
    pub(crate) fn store(&self) -> Result<&Arc<dyn ObjectStore>, Exception> {
        self.store.as_ref().map_err(|why| {
            Exception::new(ExceptionKind::Repository, format!("[{}] {why}", self.name))
        })
    }

    /// Where it is within its store, as Elasticsearch's `BlobPath` prints it: `[a][b]`; nothing of a folder.
    pub(crate) fn told_path(&self) -> String {
        let path = self.settings.get("base_path").filter(|_| self.kind == RepositoryKind::S3);
        let parts = path.map(|path| path.split('/').filter(|part| !part.is_empty()));
        parts.into_iter().flatten().map(|part| format!("[{part}]")).collect()
    }

    /// Refuses a change of a repository that only reads.
    pub(crate) fn check_writes(&self, what: &str) -> Result<(), Exception> {
        let is_set = self.settings.get("readonly").is_some_and(|text| text == "true");
        if is_set || self.kind == RepositoryKind::Url {
            let reason = format!("[{}] cannot {what} a readonly repository", self.name);
            return Err(Exception::new(ExceptionKind::Repository, reason));
        }
        Ok(())
    }

    /// The snapshot of exactly this name.
    pub(crate) fn snapshot(&self, name: &str) -> Option<&Arc<Snapshot>> {
        self.snapshots.iter().find(|snapshot| snapshot.name == name)
    }

    /// The snapshots that one of `patterns` names; nothing found is a fault unless `lenient`, `_all` and `*` find nothing
    /// in silence.
    pub(crate) fn named(
        &self,
        patterns: &str,
        lenient: bool,
    ) -> Result<Vec<&Arc<Snapshot>>, Exception> {
        let mut found = BTreeSet::new();
        for pattern in patterns.split(',') {
            let before = found.len();
            let matching = self.snapshots.iter().enumerate();
            let matching = matching.filter(|(_, snapshot)| snapshot.is_named(pattern));
            let any = matching.map(|(at, _)| found.insert(at)).count() > 0;
            let silent = lenient || matches!(pattern, "_all" | "*" | "_current");
            if !any && found.len() == before && !silent {
                return Err(self.no_snapshot(pattern));
            }
        }
        Ok(found.into_iter().filter_map(|at| self.snapshots.get(at)).collect())
    }

    pub(crate) fn no_snapshot(&self, name: &str) -> Exception {
        let reason = format!("[{}:{name}] is missing", self.name);
        Exception::new(ExceptionKind::SnapshotMissing, reason)
    }

    /// As it is printed.
    pub(crate) fn told(&self) -> Value {
        json!({"type": self.kind.name(), "settings": self.settings})
    }
}

/// The folder below `root` that a URL names. Source: `URLRepository.checkURL` of Elasticsearch 7.10.
fn located_by_url(url: Option<&str>, root: Option<&Path>) -> Result<PathBuf, String> {
    let Some(url) = url else { return Err("missing url".to_owned()) };
    let outside = || {
        format!(
            "file url [{url}] doesn't match any of the locations specified by path.repo or repositories.url.allowed_urls"
        )
    };
    let (protocol, path) = url.split_once(':').unwrap_or_default();
    match protocol {
        "file" => {}
        "http" | "https" | "ftp" | "jar" => return Err(outside()),
        other => return Err(format!("unsupported url protocol [{other}] from URL [{url}]")),
    }
    let path = path.strip_prefix("//").unwrap_or(path);
    // Nothing is decoded: what is judged is what is read.
    if !path.starts_with('/') || path.contains('%') {
        return Err(outside());
    }
    located(Some(path), root).map_err(|_| outside())
}

/// The folder `location` below `root`.
fn located(location: Option<&str>, root: Option<&Path>) -> Result<PathBuf, String> {
    let Some(location) = location else { return Err("missing location".to_owned()) };
    let outside = "doesn't match any of the locations specified by path.repo";
    let Some(root) = root else {
        return Err(format!("location [{location}] {outside} because this setting is empty"));
    };
    let outside = || format!("location [{location}] {outside}");
    let given = Path::new(location);
    let below = given
        .strip_prefix(root)
        .or_else(|_| if given.is_absolute() { Err(outside()) } else { Ok(given) })?;
    let mut folder = root.to_owned();
    for component in below.components() {
        match component {
            Component::Normal(name) => folder.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(outside());
            }
        }
    }
    Ok(folder)
}

impl Snapshot {
    /// Whether `pattern`, a name, a pattern or `_all`, is for it.
    pub(crate) fn is_named(&self, pattern: &str) -> bool {
        pattern == "_all" || names::matches(pattern, &self.name)
    }

    /// `SUCCESS`, or `PARTIAL` where an index could not be copied.
    pub(crate) fn state(&self) -> &'static str {
        let failed = self.indices.values().any(|index| index.failure.is_some());
        if failed { "PARTIAL" } else { "SUCCESS" }
    }

    /// All of it but the files of its indices.
    pub(crate) fn persisted(&self) -> Value {
        let indices: Map<String, Value> = self
            .indices
            .iter()
            .map(|(name, index)| {
                let row = json!({"uuid": &*index.uuid, "shards": index.shards,
                    "aliases": index.aliases, "total": index.total, "written": index.written,
                    "failure": index.failure});
                (name.clone(), row)
            })
            .collect();
        let streams = self.data_streams.iter();
        let streams: Map<String, Value> =
            streams.map(|(name, stream)| (name.clone(), stream.persisted())).collect();
        json!({"name": self.name, "uuid": self.uuid, "begun": self.begun, "ended": self.ended,
            "global": self.global, "metadata": self.metadata, "data_streams": streams,
            "indices": indices})
    }

    /// Out of what was kept.
    pub(crate) fn restored(saved: &Value) -> Option<Snapshot> {
        let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        let moment = |key: &str| saved.get(key).and_then(Value::as_i64).unwrap_or_default();
        let pair = |row: &Value, key: &str| {
            let number = |at: usize| row.get(key)?.get(at)?.as_u64();
            (number(0).unwrap_or_default(), number(1).unwrap_or_default())
        };
        let index = |(name, row): (&String, &Value)| {
            let index = SnapshotIndex {
                uuid: text(row, "uuid")?.into(),
                shards: row.get("shards").and_then(Value::as_u64).unwrap_or(1),
                aliases: row.get("aliases").map(crate::value::scalar::list).unwrap_or_default(),
                total: pair(row, "total"),
                written: pair(row, "written"),
                failure: text(row, "failure"),
            };
            Some((name.clone(), index))
        };
        let streams = saved.get("data_streams").and_then(Value::as_object).into_iter().flatten();
        let streams =
            streams.map(|(name, row)| (name.clone(), Arc::new(DataStream::restored(name, row))));
        Some(Snapshot {
            name: text(saved, "name")?,
            uuid: text(saved, "uuid")?,
            begun: moment("begun"),
            ended: moment("ended"),
            global: saved.get("global").and_then(Value::as_bool).unwrap_or_default(),
            metadata: saved.get("metadata").cloned().unwrap_or_default(),
            data_streams: streams.collect(),
            indices: saved.get("indices")?.as_object()?.iter().filter_map(index).collect(),
        })
    }
}

fn missing(name: &str) -> Exception {
    Exception::new(ExceptionKind::RepositoryMissing, format!("[{name}] missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_stays_below_the_root() {
        let root = Path::new("/backups/domain");
        let located = |location: &str| located(Some(location), Some(root)).ok();
        assert_eq!(located("a"), Some(root.join("a")));
        assert_eq!(located("a/./b"), Some(root.join("a/b")));
        assert_eq!(located("/backups/domain/a"), Some(root.join("a")));
        for outside in ["/etc", "..", "a/../../b", "/backups/domain/../other", "/backups/domain2/a"]
        {
            assert_eq!(located(outside), None, "{outside}");
        }
        assert!(
            super::located(Some("a"), None).is_err() && super::located(None, Some(root)).is_err()
        );
    }
}
