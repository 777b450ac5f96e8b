//! The metadata at hand and on disk. `cluster.json` names the indices that exist, with their aliases: replacing it is what
//! creates or deletes an index. `indices/UUID/index.json` holds one index's settings and mapping, `registries.json` what is
//! kept beside indices: templates and cluster settings.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use serde_json::{Map, Value, json};

use super::changes::ChangeNotes;
use super::disk;
use super::fault::Fault;
use super::kept_texts::KeptTexts;
use super::stop_watch::StopWatch;
use crate::analysis::files::AnalysisFiles;
use crate::analysis::{Analyzers, JapaneseDictionary};
use crate::cluster::metadata::{Alias, DataStream, IndexMetadata, Metadata};
use crate::cluster::registries::Registries;
use crate::cluster::search_settings::SearchSettings;
use crate::cluster::settings::IndexSettings;
use crate::exception::Exception;
use crate::ingest::Pipelines;
use crate::mapping::Mapping;
use crate::slow_log::{SlowLog, SlowLogSettings};
use crate::snapshots::Repositories;

const CLUSTER: &str = "cluster";
const INDEX: &str = "index";
const REGISTRIES: &str = "registries";

/// Metadata, persisted before it is seen.
pub(crate) struct Catalog {
    directory: Option<PathBuf>,
    current: RwLock<Arc<Metadata>>,
    analyzers: Arc<SharedAnalyzers>,
    changing: Mutex<()>,
    /// Measures the work on every index.
    pub(super) stop_watch: StopWatch,
    /// What analyzers may name.
    pub(super) files: AnalysisFiles,
    /// Where the work goes that took too long.
    pub(super) slow_log: SlowLog,
    /// What searches of every index keep of segments.
    pub(super) kept_texts: Arc<KeptTexts>,
    /// What is written, while somebody follows it.
    pub(super) changes: ChangeNotes,
    /// How often the engine was started on this directory: primary terms grow with it.
    starts: u64,
    /// Held while this process uses the directory.
    _lock: Option<File>,
}

impl Catalog {
    /// Reads the catalog of `directory`, or begins one; `None`: in memory. Analyzers of Japanese go by `japanese`.
    pub(crate) fn open(
        directory: Option<PathBuf>,
        japanese: Option<Arc<JapaneseDictionary>>,
    ) -> Result<Catalog, Fault> {
        let mut metadata = Metadata { cluster_uuid: uuid(), ..Metadata::default() };
        let analyzers = Arc::new(SharedAnalyzers::with_japanese(japanese));
        let mut starts = 1;
        let mut lock = None;
        if let Some(directory) = &directory {
            lock = Some(locked(directory)?);
            let indices = directory.join("indices");
            std::fs::create_dir_all(&indices).map_err(Fault::io(&indices))?;
            if let Some(saved) = disk::read(&directory.join("cluster.json"), CLUSTER)? {
                starts += saved.get("starts").and_then(Value::as_u64).unwrap_or_default();
                restore(directory, &saved, &mut metadata, &analyzers)?;
            }
            if let Some(saved) = disk::read(&directory.join("registries.json"), REGISTRIES)? {
                metadata.registries = Arc::new(Registries::restored(&saved));
            }
            remove_strays(&indices, &metadata);
        }
        let catalog = Catalog {
            directory,
            current: RwLock::new(Arc::new(metadata)),
            analyzers,
            changing: Mutex::new(()),
            stop_watch: StopWatch::default(),
            files: AnalysisFiles::default(),
            slow_log: SlowLog::default(),
            kept_texts: Arc::default(),
            changes: ChangeNotes::default(),
            starts,
            _lock: lock,
        };
        catalog.save_cluster(&catalog.current())?;
        Ok(catalog)
    }

    /// One in memory that begins with what this one says now; its cluster is another one.
    pub(super) fn fork(&self) -> Catalog {
        let metadata = Metadata { cluster_uuid: uuid(), ..Metadata::clone(&self.current()) };
        Catalog {
            directory: None,
            current: RwLock::new(Arc::new(metadata)),
            analyzers: Arc::clone(&self.analyzers),
            changing: Mutex::new(()),
            stop_watch: StopWatch::default(),
            files: AnalysisFiles::default(),
            slow_log: SlowLog::default(),
            kept_texts: Arc::default(),
            changes: ChangeNotes::default(),
            starts: self.starts,
            _lock: None,
        }
    }

    /// The snapshot.
    pub(crate) fn current(&self) -> Arc<Metadata> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The analyzers of an index with these settings.
    ///
    /// # Errors
    /// As [`Analyzers::from_settings`].
    pub(crate) fn analyzers(&self, settings: &IndexSettings) -> Result<Arc<Analyzers>, Exception> {
        self.analyzers.of(settings.analysis())
    }

    /// The analyzers of an index that defines none.
    pub(crate) fn built_in_analyzers(&self) -> Arc<Analyzers> {
        Arc::clone(&self.analyzers.default)
    }

    /// The number of this start, from 1.
    pub(crate) fn starts(&self) -> u64 {
        self.starts
    }

    /// Where the files of an index are.
    pub(crate) fn directory_of(&self, uuid: &str) -> Option<PathBuf> {
        self.directory.as_ref().map(|directory| directory.join("indices").join(uuid))
    }

    /// Changes the metadata: `change` edits a copy and says what it must refuse; then it is persisted, then seen.
    /// `touched` are the indices whose own file changes.
    pub(crate) fn change<E: From<Fault>>(
        &self,
        touched: &[&str],
        change: impl FnOnce(&mut Metadata) -> Result<(), E>,
    ) -> Result<Arc<Metadata>, E> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.current();
        let mut next = Metadata::clone(&current);
        change(&mut next)?;
        next.version += 1;
        if !Arc::ptr_eq(&next.registries, &current.registries) {
            self.save_registries(&next)?;
        }
        for index in next.indices.values().filter(|index| touched.contains(&&*index.uuid)) {
            self.save_index(index)?;
        }
        self.save_cluster(&next)?;
        let next = Arc::new(next);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        Ok(next)
    }

    /// Puts a grown mapping in force.
    pub(crate) fn set_mapping(&self, uuid: &str, mapping: &Arc<Mapping>) -> Result<(), Fault> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = Metadata::clone(&self.current());
        let Some(index) = next.indices.values_mut().find(|index| &*index.uuid == uuid) else {
            return Err(Fault::Segments(format!("index [{uuid}] is deleted")));
        };
        *index = Arc::new(IndexMetadata { mapping: Arc::clone(mapping), ..(**index).clone() });
        self.save_index(index)?;
        next.version += 1;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// Whether writes to the index are answered only when they are on disk.
    pub(crate) fn durable_requests(&self, uuid: &str) -> bool {
        self.current().by_uuid(uuid).is_none_or(|index| index.settings.durable_requests())
    }

    /// What the index's settings say to a search.
    pub(crate) fn search_settings(&self, uuid: &str) -> Arc<SearchSettings> {
        let metadata = self.current();
        let settings = metadata.by_uuid(uuid).map(|index| SearchSettings::of(&index.settings));
        Arc::new(settings.unwrap_or_default())
    }

    /// What the index says of the slow log of writes; nothing where none would be logged. The newest settings are asked:
    /// what is published of an index that was just made does not have them.
    pub(super) fn logs_writes(&self, uuid: &str) -> Option<SlowLogSettings> {
        if !self.slow_log.is_wanted() {
            return None;
        }
        let metadata = self.current();
        let settings = &metadata.by_uuid(uuid)?.settings;
        let logged = settings.has("indexing.slowlog.threshold");
        logged.then(|| SlowLogSettings::of(|key| settings.get(key)))
    }

    fn save_index(&self, index: &IndexMetadata) -> Result<(), Fault> {
        let Some(directory) = self.directory_of(&index.uuid) else { return Ok(()) };
        if !directory.exists() {
            std::fs::create_dir_all(&directory).map_err(Fault::io(&directory))?;
            directory.parent().map_or(Ok(()), disk::sync_directory)?;
        }
        disk::replace(&directory.join("index.json"), INDEX, &body(index))
    }

    /// All that is kept of an index beside its documents.
    pub(crate) fn described(index: &IndexMetadata) -> Value {
        json!({"row": row(index), "body": body(index)})
    }

    /// An index as [`Catalog::described`] told it in the file `path`; its uuid is `uuid`.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub(crate) fn as_described(
        &self,
        path: &Path,
        uuid: &str,
        saved: &Value,
    ) -> Result<IndexMetadata, Fault> {
        let part = |key: &str| saved.get(key).unwrap_or(&Value::Null);
        let index = restore_index(path, uuid, part("row"), part("body"), &self.analyzers)?;
        // A term above the first, as after a promotion: what is written now is newer than what was restored.
        Ok(IndexMetadata { born_at_start: self.starts.saturating_sub(1), ..index })
    }

    fn save_registries(&self, metadata: &Metadata) -> Result<(), Fault> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let body = metadata.registries.persisted();
        disk::replace(&directory.join("registries.json"), REGISTRIES, &body)
    }

    fn save_cluster(&self, metadata: &Metadata) -> Result<(), Fault> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let indices = metadata.indices.values().map(|index| (index.uuid.to_string(), row(index)));
        let streams = metadata.data_streams.values();
        let streams = streams.map(|stream| (stream.name.clone(), stream.persisted()));
        let body = json!({
            "data_streams": streams.collect::<Map<String, Value>>(),
            "cluster_uuid": metadata.cluster_uuid, "version": metadata.version,
            "starts": self.starts, "indices": indices.collect::<Map<String, Value>>(),
            "pipelines": metadata.pipelines.persisted(),
            "repositories": metadata.repositories.persisted(),
        });
        disk::replace(&directory.join("cluster.json"), CLUSTER, &body)
    }
}

/// What `index.json` says of an index.
fn body(index: &IndexMetadata) -> Value {
    json!({
        "uuid": &*index.uuid, "creation_date": index.creation_date,
        "provided_name": index.provided_name,
        "settings": index.settings.flat(), "analysis": index.settings.analysis(),
        "settings_version": index.settings_version, "born_at_start": index.born_at_start,
        "mappings": index.mapping.to_json(), "mapping_version": index.mapping.version(),
        "field_order": index.mapping.field_order(), "type_name": index.mapping.type_name(),
    })
}

/// What `cluster.json` says of an index.
fn row(index: &IndexMetadata) -> Value {
    let aliases: Map<String, Value> =
        index.aliases.iter().map(|(name, alias)| (name.clone(), alias.persisted())).collect();
    json!({
        "name": index.name, "aliases": aliases, "closed": index.closed,
        "aliases_version": index.aliases_version, "rollovers": index.rollovers,
    })
}

/// Analyzers by the settings that define them: a thousand indices made alike need them once.
struct SharedAnalyzers {
    /// Those of an index that defines none.
    default: Arc<Analyzers>,
    defined: Mutex<Vec<(Value, Weak<Analyzers>)>>,
    japanese: Option<Arc<JapaneseDictionary>>,
}

impl SharedAnalyzers {
    fn with_japanese(japanese: Option<Arc<JapaneseDictionary>>) -> SharedAnalyzers {
        let default = Arc::new(Analyzers::with_japanese(japanese.clone()));
        SharedAnalyzers { default, defined: Mutex::default(), japanese }
    }

    fn of(&self, analysis: &Value) -> Result<Arc<Analyzers>, Exception> {
        if analysis.is_null() || analysis.as_object().is_some_and(Map::is_empty) {
            return Ok(Arc::clone(&self.default));
        }
        let mut defined = self.defined.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that no index uses any more go.
        defined.retain(|(_, analyzers)| analyzers.strong_count() > 0);
        let known = defined.iter().find(|(settings, _)| settings == analysis);
        if let Some(analyzers) = known.and_then(|(_, analyzers)| analyzers.upgrade()) {
            return Ok(analyzers);
        }
        let analyzers = Analyzers::with_japanese(self.japanese.clone());
        let analyzers = Arc::new(analyzers.defining(analysis)?);
        defined.push((analysis.clone(), Arc::downgrade(&analyzers)));
        Ok(analyzers)
    }
}

/// Takes the directory for this process alone: two writers of one translog would each believe their half.
fn locked(directory: &Path) -> Result<File, Fault> {
    std::fs::create_dir_all(directory).map_err(Fault::io(directory))?;
    let path = directory.join("lock");
    let file = File::create(&path).map_err(Fault::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Fault::Io(path, std::io::Error::other("in use by another process")))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(Fault::Io(path, error)),
    }
}

fn restore(
    directory: &Path,
    saved: &Value,
    metadata: &mut Metadata,
    analyzers: &SharedAnalyzers,
) -> Result<(), Fault> {
    metadata.version = saved.get("version").and_then(Value::as_u64).unwrap_or_default();
    if let Some(uuid) = saved.get("cluster_uuid").and_then(Value::as_str) {
        metadata.cluster_uuid = uuid.to_owned();
    }
    metadata.pipelines = Arc::new(Pipelines::restored(saved.get("pipelines")));
    metadata.repositories = Arc::new(Repositories::restored(saved.get("repositories")));
    let streams = saved.get("data_streams").and_then(Value::as_object);
    for (name, row) in streams.into_iter().flatten() {
        metadata.data_streams.insert(name.clone(), Arc::new(DataStream::restored(name, row)));
    }
    let rows = saved.get("indices").and_then(Value::as_object);
    for (uuid, row) in rows.into_iter().flatten() {
        let path = directory.join("indices").join(uuid).join("index.json");
        let Some(body) = disk::read(&path, INDEX)? else {
            return Err(Fault::damaged(&path, "is missing, but cluster.json names the index"));
        };
        let index = restore_index(&path, uuid, row, &body, analyzers)?;
        metadata.indices.insert(index.name.clone(), Arc::new(index));
    }
    Ok(())
}

fn restore_index(
    path: &Path,
    uuid: &str,
    row: &Value,
    body: &Value,
    analyzers: &SharedAnalyzers,
) -> Result<IndexMetadata, Fault> {
    let damaged = |what: String| Fault::damaged(path, what);
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_u64);
    let flat: BTreeMap<String, String> =
        serde_json::from_value(body.get("settings").cloned().unwrap_or_default())
            .map_err(|error| damaged(format!("settings: {error}")))?;
    let settings = IndexSettings::restore(flat, body.get("analysis").cloned().unwrap_or_default());
    let analyzers =
        analyzers.of(settings.analysis()).map_err(|error| damaged(format!("analysis: {error}")))?;
    let order: Vec<String> =
        serde_json::from_value(body.get("field_order").cloned().unwrap_or_default())
            .map_err(|error| damaged(format!("field order: {error}")))?;
    let mapping = Mapping::restore(
        body.get("mappings").unwrap_or(&Value::Null),
        order,
        number(body, "mapping_version").unwrap_or(1),
        settings.growth(),
        analyzers,
        settings.similarities().map_err(|error| damaged(format!("similarity: {error}")))?,
        body.get("type_name").and_then(Value::as_str),
    )
    .map_err(|error| damaged(format!("mappings: {error}")))?;
    let aliases = row.get("aliases").and_then(Value::as_object).into_iter().flatten();
    let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
    let provided = body.get("provided_name").and_then(Value::as_str);
    Ok(IndexMetadata {
        provided_name: provided.unwrap_or(name).to_owned(),
        name: name.to_owned(),
        uuid: uuid.into(),
        creation_date: body.get("creation_date").and_then(Value::as_i64).unwrap_or_default(),
        settings,
        mapping: Arc::new(mapping),
        aliases: aliases.map(|(name, alias)| (name.clone(), Alias::restored(alias))).collect(),
        closed: row.get("closed").and_then(Value::as_bool).unwrap_or_default(),
        settings_version: number(body, "settings_version").unwrap_or(1),
        aliases_version: number(row, "aliases_version").unwrap_or(1),
        rollovers: row.get("rollovers").cloned().unwrap_or_else(|| json!({})),
        born_at_start: number(body, "born_at_start").unwrap_or(1),
        restored: None,
    })
}

/// Removes folders of indices that were being created or deleted when the process ended.
fn remove_strays(indices: &Path, metadata: &Metadata) {
    for entry in std::fs::read_dir(indices).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if metadata.by_uuid(&name).is_none() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Sixteen random bytes as Elasticsearch writes its uuids: 22 characters of URL-safe Base64.
pub(crate) fn uuid() -> String {
    // tantivy's segment ids are random uuids: one source of randomness is enough for names that guard nothing.
    let random = tantivy::index::SegmentId::generate_random().uuid_string();
    let pairs = random.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    let bytes: Vec<u8> = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    base64(&bytes)
}

/// A document id for a document that came without one: 20 characters, growing with time as Elasticsearch's do.
pub(crate) fn document_id(now: i64) -> String {
    let random = tantivy::index::SegmentId::generate_random().uuid_string();
    let time = now.to_be_bytes();
    let mut bytes: Vec<u8> = time.iter().skip(2).copied().collect();
    let pairs = random.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    // The 7th and 9th byte of a random uuid carry its version and variant: leave them out.
    let random = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).enumerate();
    bytes.extend(random.filter(|(at, _)| *at != 6 && *at != 8).map(|(_, byte)| byte).take(9));
    base64(&bytes)
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
