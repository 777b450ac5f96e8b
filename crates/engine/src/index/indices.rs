//! All indices of one engine: their metadata, their open handles, and the two threads that refresh and tidy up.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use super::aliases::{self, AliasAction};
use super::catalog::{self, Catalog};
use super::disk::{Disk, SystemDisk};
use super::fault::Fault;
use super::kept::PlantedIndex;
use super::{Index, gone, hold};
use crate::analysis::files::{AnalysisFiles, FileReader};
use crate::analysis::{Analyzers, JapaneseDictionary};
use crate::cluster::metadata::{Alias, DataStream, IndexMetadata, Metadata};
use crate::cluster::registries::Registries;
use crate::cluster::settings::IndexSettings;
use crate::cluster::{cluster_settings, templates};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::INDICES_MAX;
use crate::mapping::Mapping;
use crate::mapping::type_name::{self, DOC};
use crate::slow_log::SlowLogSink;
use crate::work::Cancel;

/// `index.refresh_interval`: how long after a write a search sees it at the latest, unless somebody waits for it.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// How often the second thread looks for merges and flushes while there are writes.
const TIDY_INTERVAL: Duration = Duration::from_secs(2);

/// How many indices are flushed at once when the engine is closed.
const CLOSING_THREADS: usize = 8;

/// Every index of one engine.
pub struct Indices {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    catalog: Arc<Catalog>,
    disk: Arc<dyn Disk>,
    open: RwLock<HashMap<Arc<str>, Arc<Index>>>,
    signal: Arc<WorkSignal>,
    tidy: Arc<WorkSignal>,
    /// Ends merges that nobody waits for: the service stops.
    stopping: Cancel,
}

/// The body of `PUT index`, read.
#[derive(Clone, Debug, Default)]
pub struct CreateIndex {
    /// `settings`
    pub settings: Value,
    /// `mappings`
    pub mappings: Value,
    /// The name of the type that `mappings` is of; `None`: none is named.
    pub type_name: Option<String>,
    /// `aliases`
    pub aliases: Value,
    /// The name as it was given, where date math was read in it.
    pub provided_name: Option<String>,
    /// Whether templates are passed over: the index is made out of another.
    pub without_templates: bool,
}

/// The body of a new index, read.
pub(crate) struct NewIndex {
    pub(crate) settings: IndexSettings,
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) aliases: BTreeMap<String, Alias>,
}

/// Wakes a thread for the indices that have something to do.
#[derive(Default)]
pub(crate) struct WorkSignal {
    rung: Mutex<Rung>,
    heard: Condvar,
}

#[derive(Default)]
struct Rung {
    indices: BTreeSet<Arc<str>>,
    stop: bool,
}

impl Indices {
    /// Opens what `directory` holds, or begins there; `None`: everything is in memory and goes with this value.
    /// `now`: milliseconds since 1970.
    ///
    /// # Errors
    /// [`Fault::Damaged`] naming the file that cannot be trusted; [`Fault::Io`].
    pub fn open(directory: Option<PathBuf>, now: i64) -> Result<Indices, Fault> {
        Indices::open_on(directory, Arc::new(SystemDisk), now)
    }

    /// As [`Indices::open`], with analyzers of Japanese by `japanese`.
    ///
    /// # Errors
    /// As [`Indices::open`].
    pub(crate) fn open_with(
        directory: Option<PathBuf>,
        japanese: Option<Arc<JapaneseDictionary>>,
        now: i64,
    ) -> Result<Indices, Fault> {
        Indices::opened(Catalog::open(directory, japanese)?, Arc::new(SystemDisk), now)
    }

    /// As [`Indices::open`], with log files from `disk`.
    ///
    /// # Errors
    /// As [`Indices::open`].
    pub fn open_on(
        directory: Option<PathBuf>,
        disk: Arc<dyn Disk>,
        now: i64,
    ) -> Result<Indices, Fault> {
        Indices::opened(Catalog::open(directory, None)?, disk, now)
    }

    /// All indices of `catalog`.
    fn opened(catalog: Catalog, disk: Arc<dyn Disk>, now: i64) -> Result<Indices, Fault> {
        let catalog = Arc::new(catalog);
        let signal = Arc::<WorkSignal>::default();
        let mut open = HashMap::new();
        for metadata in catalog.current().indices() {
            let (catalog, disk) = (Arc::clone(&catalog), Arc::clone(&disk));
            let index = Index::open(catalog, metadata, disk, Arc::clone(&signal), now)?;
            open.insert(Arc::clone(&metadata.uuid), Arc::new(index));
        }
        Ok(Indices::of(catalog, disk, open, signal))
    }

    /// Those that are `open`, with their threads; `signal` is the one that they ring.
    pub(super) fn of(
        catalog: Arc<Catalog>,
        disk: Arc<dyn Disk>,
        open: HashMap<Arc<str>, Arc<Index>>,
        signal: Arc<WorkSignal>,
    ) -> Indices {
        let shared = Arc::new(Shared {
            catalog,
            disk,
            open: RwLock::new(open),
            signal,
            tidy: Arc::default(),
            stopping: Cancel::new(),
        });
        let threads = vec![
            spawn("engine-refresh", &shared, &shared.signal, refresh_loop),
            spawn("engine-tidy", &shared, &shared.tidy, tidy_loop),
        ];
        Indices { shared, threads: threads.into_iter().flatten().collect() }
    }

    /// Lets the work on indices be measured.
    pub(crate) fn set_clock(&self, clock: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>) {
        self.shared.catalog.stop_watch.set(clock);
    }

    /// From now on what takes too long is told to `sink`; the first one stays.
    pub(crate) fn set_slow_log(&self, sink: Arc<SlowLogSink>) {
        self.shared.catalog.slow_log.set(sink);
    }

    /// The files that analyzers name.
    pub(crate) fn analysis_files(&self) -> &AnalysisFiles {
        &self.shared.catalog.files
    }

    /// From now on `reader` has the files that analyzers name; the first one stays.
    pub(crate) fn set_analysis_files(&self, reader: Arc<FileReader>) {
        self.shared.catalog.files.set(reader);
    }

    /// From now on lines of slow logs tell types, or do not.
    pub(crate) fn tell_types(&self, told: bool) {
        self.shared.catalog.slow_log.tell_types(told);
    }

    /// The immutable snapshot of all metadata.
    pub fn metadata(&self) -> Arc<Metadata> {
        self.shared.catalog.current()
    }

    /// The number of this start of the engine.
    pub(crate) fn starts(&self) -> u64 {
        self.shared.catalog.starts()
    }

    /// The open index with this uuid.
    pub fn index(&self, uuid: &str) -> Option<Arc<Index>> {
        self.shared.index(uuid)
    }

    /// Creates an index; `name` must have been checked. `now`: milliseconds since 1970.
    ///
    /// # Errors
    /// `resource_already_exists_exception`; what is wrong with settings, mappings or aliases; what the disk says.
    pub fn create_index(
        &self,
        name: &str,
        body: &CreateIndex,
        now: i64,
    ) -> Result<Arc<IndexMetadata>, Exception> {
        self.create_index_and(name, body, now, |_, _| Ok(()))
    }

    /// Makes the index `name` and runs `actions` on it and others, at once: no alias is ever without an index to write
    /// to. `fact` notes on the index `old` what was met.
    ///
    /// # Errors
    /// As [`Indices::create_index`] and [`Indices::update_aliases`].
    pub(crate) fn roll_over(
        &self,
        name: &str,
        body: &CreateIndex,
        now: i64,
        actions: impl FnOnce(&Arc<str>) -> Vec<AliasAction>,
        old: &Arc<str>,
        fact: impl FnOnce(&mut serde_json::Map<String, Value>),
    ) -> Result<(), Exception> {
        self.create_index_and(name, body, now, |metadata, uuid| {
            for action in actions(uuid) {
                aliases::apply(metadata, &action, &mut Vec::new())?;
            }
            let index = metadata.indices.values_mut().find(|index| index.uuid == *old);
            let index = index.ok_or_else(|| gone(old))?;
            let mut next = (**index).clone();
            if let Value::Object(facts) = &mut next.rollovers {
                fact(facts);
            }
            *index = Arc::new(next);
            Ok(())
        })?;
        Ok(())
    }

    fn create_index_and(
        &self,
        name: &str,
        body: &CreateIndex,
        now: i64,
        also: impl FnOnce(&mut Metadata, &Arc<str>) -> Result<(), Exception>,
    ) -> Result<Arc<IndexMetadata>, Exception> {
        let body = match body.without_templates {
            true => body.clone(),
            false => templates::applied(&self.metadata(), name, body)?,
        };
        let NewIndex { settings, mapping, aliases } = self.read_new(&body)?;
        let uuid: Arc<str> = catalog::uuid().into();
        let index = Arc::new(IndexMetadata {
            name: name.to_owned(),
            uuid: Arc::clone(&uuid),
            provided_name: body.provided_name.unwrap_or_else(|| name.to_owned()),
            creation_date: now,
            settings,
            mapping,
            aliases,
            closed: false,
            settings_version: 1,
            aliases_version: 1,
            rollovers: serde_json::json!({}),
            born_at_start: self.shared.catalog.starts(),
            restored: None,
        });
        let shared = &self.shared;
        // The folder and its empty log come first: the catalog names only what can be opened.
        let mut opened = None;
        let created = shared.catalog.change(&[&uuid], |metadata| {
            check_new(metadata, &index)?;
            if let Some(directory) = shared.catalog.directory_of(&uuid) {
                std::fs::create_dir_all(&directory).map_err(Fault::io(&directory))?;
                directory.parent().map_or(Ok(()), super::disk::sync_directory)?;
            }
            let (catalog, disk) = (Arc::clone(&shared.catalog), Arc::clone(&shared.disk));
            opened = Some(Index::open(catalog, &index, disk, Arc::clone(&shared.signal), now)?);
            metadata.indices.insert(name.to_owned(), Arc::clone(&index));
            also(metadata, &uuid)?;
            // In the map before anybody can see the name.
            if let Some(opened) = opened.take() {
                shared.insert(Arc::new(opened));
            }
            Ok::<(), Exception>(())
        });
        match created {
            Ok(_) => Ok(index),
            Err(refusal) => {
                self.shared.drop_index(&uuid);
                Err(refusal)
            }
        }
    }

    /// Reads the body of a new index, templates applied.
    ///
    /// # Errors
    /// What is wrong with settings, mappings or aliases.
    pub(crate) fn read_new(&self, body: &CreateIndex) -> Result<NewIndex, Exception> {
        let mut settings = IndexSettings::parse(&body.settings)?;
        if let Some(replicas) = cluster_settings::default_replicas(self.metadata().registries()) {
            settings.set_default_replicas(&body.settings, replicas)?;
        }
        settings.read_files(&self.shared.catalog.files)?;
        crate::analysis::differences::check(&settings)?;
        let analyzers = (self.shared.catalog).analyzers(&settings)?;
        let similarities = settings.similarities()?;
        let mapping = Mapping::parse(&body.mappings, settings.growth(), analyzers, similarities)
            .map_err(|cause| in_mapping(cause, body.type_name.as_deref().unwrap_or(DOC)))?;
        let mapping = match &body.type_name {
            Some(name) => {
                type_name::check(name)?;
                mapping.of_type(name)
            }
            None => mapping,
        };
        for field in settings.sort_fields() {
            let leaf = mapping.leaf(field).ok_or_else(|| {
                Exception::illegal_argument(format!("unknown index sort field:[{field}]"))
            })?;
            if leaf.column.is_none() {
                return Err(Exception::illegal_argument(format!(
                    "docvalues not found for index sort field:[{field}]"
                )));
            }
            check_sorted(field, leaf.kind.name())?;
        }
        if !settings.sort_fields().is_empty() && mapping.has_blocks() {
            return Err(Exception::illegal_argument(
                "cannot have nested fields when index sort is activated",
            ));
        }
        let mut aliases = BTreeMap::new();
        if let Value::Object(definitions) = &body.aliases {
            for (alias, definition) in definitions {
                aliases.insert(alias.clone(), Alias::parse(alias, definition)?);
            }
        }
        Ok(NewIndex { settings, mapping: Arc::new(mapping), aliases })
    }

    /// Changes what is kept beside the indices; `change` sees the metadata as it is then.
    ///
    /// # Errors
    /// What `change` refuses; what the disk says.
    pub(crate) fn change_registries(
        &self,
        change: impl FnOnce(&Metadata, &mut Registries) -> Result<(), Exception>,
    ) -> Result<Arc<Metadata>, Exception> {
        self.shared.catalog.change(&[], |metadata| {
            let mut registries = Registries::clone(metadata.registries());
            change(metadata, &mut registries)?;
            metadata.registries = Arc::new(registries);
            Ok(())
        })
    }

    pub(super) fn catalog(&self) -> &Arc<Catalog> {
        &self.shared.catalog
    }

    /// Where log files come from.
    pub(super) fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.shared.disk)
    }

    /// Where the files of an index are; `None`: in memory.
    pub(super) fn directory_of(&self, uuid: &str) -> Option<PathBuf> {
        self.shared.catalog.directory_of(uuid)
    }

    /// Lets an index go that no metadata names, with its files.
    pub(super) fn forget(&self, uuid: &str) {
        self.shared.drop_index(uuid);
        if let Some(directory) = self.directory_of(uuid) {
            let _ = std::fs::remove_dir_all(directory);
        }
    }

    /// Puts the index of `planted` into `metadata` and opens it.
    pub(super) fn adopt(
        &self,
        metadata: &mut Metadata,
        planted: &PlantedIndex,
        now: i64,
    ) -> Result<(), Exception> {
        let index = Arc::new(planted.index.clone());
        if let Some(old) = &planted.replaces {
            let there = metadata.indices.get(&index.name);
            if there.is_none_or(|there| there.uuid != *old || !there.closed) {
                return Err(not_replaced(&index.name));
            }
            metadata.indices.remove(&index.name);
        }
        check_new(metadata, &index)?;
        let shared = &self.shared;
        let (catalog, disk) = (Arc::clone(&shared.catalog), Arc::clone(&shared.disk));
        let signal = Arc::clone(&shared.signal);
        let opened = Index::open_planted(catalog, &index, disk, signal, now, Some(planted))?;
        shared.insert(Arc::new(opened));
        metadata.indices.insert(index.name.clone(), index);
        Ok(())
    }

    /// An index as [`Indices::described`] told it.
    ///
    /// # Errors
    /// [`Fault::Damaged`], naming `path`.
    pub(crate) fn as_described(
        &self,
        path: &std::path::Path,
        saved: &Value,
    ) -> Result<IndexMetadata, Exception> {
        Ok(self.shared.catalog.as_described(path, &catalog::uuid(), saved)?)
    }

    /// All that is kept of an index beside its documents.
    pub(crate) fn described(index: &IndexMetadata) -> Value {
        Catalog::described(index)
    }

    /// The analyzers of an index that defines none.
    pub(crate) fn built_in_analyzers(&self) -> Arc<Analyzers> {
        self.shared.catalog.built_in_analyzers()
    }

    /// The analyzers of an index with these settings.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn analyzers(&self, settings: &IndexSettings) -> Result<Arc<Analyzers>, Exception> {
        self.shared.catalog.analyzers(settings)
    }

    /// Makes the data stream `name`, as the template that matches it says, with its first index.
    ///
    /// # Errors
    /// `illegal_argument_exception` without such a template; `resource_already_exists_exception`; what the disk says.
    pub(crate) fn create_data_stream(
        &self,
        name: &str,
        now: i64,
    ) -> Result<Arc<IndexMetadata>, Exception> {
        let metadata = self.metadata();
        if metadata.data_stream(name).is_some() {
            return Err(Exception::new(
                ExceptionKind::ResourceAlreadyExists,
                format!("data_stream [{name}] already exists"),
            ));
        }
        if metadata.knows(name) {
            return Err(Exception::new(
                ExceptionKind::IllegalState,
                format!("data stream [{name}] conflicts with index or alias"),
            ));
        }
        let backing = DataStream::backing(name, 1);
        let own = CreateIndex::default();
        let (body, timestamp_field) = templates::backing(&metadata, name, &backing, &own)?;
        self.create_index_and(&backing, &body, now, |metadata, _| {
            if metadata.knows(name) {
                return Err(Exception::new(
                    ExceptionKind::ResourceAlreadyExists,
                    format!("data_stream [{name}] already exists"),
                ));
            }
            let stream = DataStream {
                name: name.to_owned(),
                timestamp_field,
                indices: vec![backing.clone()],
                generation: 1,
            };
            metadata.data_streams.insert(name.to_owned(), Arc::new(stream));
            Ok(())
        })
    }

    /// Gives the data stream `name` the new index `backing` to write to; `body` is put over its template. `fact` notes on
    /// the index before it what was met.
    ///
    /// # Errors
    /// As [`Indices::create_data_stream`]; it was rolled over meanwhile.
    pub(crate) fn roll_over_stream(
        &self,
        name: &str,
        backing: &str,
        body: &CreateIndex,
        now: i64,
        fact: impl FnOnce(&mut serde_json::Map<String, Value>),
    ) -> Result<Arc<IndexMetadata>, Exception> {
        let metadata = self.metadata();
        let stream = metadata.data_stream(name).ok_or_else(|| gone(name))?;
        let generation = stream.generation + 1;
        let (body, _) = templates::backing(&metadata, name, backing, body)?;
        self.create_index_and(backing, &body, now, |metadata, _| {
            let stream = metadata.data_streams.get_mut(name).ok_or_else(|| gone(name))?;
            // The name is the one that was asked about.
            if stream.generation + 1 != generation
                || DataStream::backing(name, generation) != backing
            {
                let reason = format!("data stream [{name}] was rolled over meanwhile");
                return Err(Exception::new(ExceptionKind::IllegalState, reason));
            }
            let mut next = (**stream).clone();
            let old = next.indices.last().cloned().unwrap_or_default();
            next.indices.push(backing.to_owned());
            next.generation = generation;
            *stream = Arc::new(next);
            let old = metadata.indices.get_mut(&old).ok_or_else(|| gone(name))?;
            let mut noted = (**old).clone();
            if let Value::Object(facts) = &mut noted.rollovers {
                fact(facts);
            }
            *old = Arc::new(noted);
            Ok(())
        })
    }

    /// Deletes data streams with every index behind them, all of which the caller must see: `sees`.
    ///
    /// # Errors
    /// `security_exception` for an index that the caller does not see; what the disk says.
    pub(crate) fn delete_data_streams(
        &self,
        names: &[String],
        sees: impl Fn(&str) -> bool,
    ) -> Result<(), Exception> {
        let mut removed: Vec<Arc<str>> = Vec::new();
        self.shared.catalog.change(&[], |metadata| {
            for name in names {
                if metadata.alias(name).iter().any(|index| !sees(&index.uuid)) {
                    let what = format!("not authorized to delete what [{name}] names");
                    return Err(Exception::new(ExceptionKind::Security, what));
                }
                let Some(stream) = metadata.data_streams.remove(name) else { continue };
                let behind = stream.indices.iter().filter_map(|name| metadata.indices.remove(name));
                removed.extend(behind.map(|index| Arc::clone(&index.uuid)));
            }
            Ok(())
        })?;
        removed.iter().for_each(|uuid| self.shared.drop_index(uuid));
        Ok(())
    }

    /// Deletes the indices with these uuids, all or none; those already gone are passed over.
    ///
    /// # Errors
    /// What the disk says.
    pub fn delete_indices(&self, uuids: &[&str]) -> Result<(), Exception> {
        let changed = self.shared.catalog.change(&[], |metadata| {
            let streams: Vec<String> = metadata.data_streams.keys().cloned().collect();
            metadata.indices.retain(|_, index| !uuids.contains(&&*index.uuid));
            for name in streams {
                let Some(stream) = metadata.data_streams.get_mut(&name) else { continue };
                if stream.indices.iter().any(|index| !metadata.indices.contains_key(index)) {
                    let mut next = (**stream).clone();
                    next.indices.retain(|index| metadata.indices.contains_key(index));
                    *stream = Arc::new(next);
                }
            }
            Ok::<(), Exception>(())
        });
        changed?;
        uuids.iter().for_each(|uuid| self.shared.drop_index(uuid));
        Ok(())
    }

    /// Changes what is kept of the domain beside its indices; `change` says what it must refuse.
    ///
    /// # Errors
    /// What `change` refuses; what the disk says.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut Metadata) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        self.shared.catalog.change(&[], change).map(drop)
    }

    /// Merges the body of a `put mapping` into the index's mapping. `type_name`: the type that it is said to be of, if any is
    /// named.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a conflict; `index_not_found_exception`; what the disk says.
    pub fn put_mapping(
        &self,
        uuid: &str,
        body: &Value,
        type_name: Option<&str>,
    ) -> Result<(), Exception> {
        let index = self.index(uuid).ok_or_else(|| gone(uuid))?;
        index.change_mapping(|mapping| {
            let merged = mapping.merged(body)?;
            match type_name {
                Some(name) if mapping.takes_type(name, index.name())? => {
                    Ok(merged.named(name, mapping.version()))
                }
                _ => Ok(merged),
            }
        })?;
        Ok(())
    }

    /// Puts the body of an `update settings` over the index's settings; with `preserve` only what is not set yet.
    ///
    /// # Errors
    /// `illegal_argument_exception` for unknown, ill-valued or fixed settings; what the disk says.
    pub fn put_settings(&self, uuid: &str, body: &Value, preserve: bool) -> Result<(), Exception> {
        self.edit(uuid, |index| {
            let name = format!("{}/{}", index.name, index.uuid);
            let kept = if preserve { Some(index.settings.preserving(body)?) } else { None };
            let body = kept.as_ref().unwrap_or(body);
            let mut settings = index.settings.updated(body, &name, index.closed)?;
            if settings.analysis() != index.settings.analysis() {
                settings.read_files(&self.shared.catalog.files)?;
                crate::analysis::differences::check(&settings)?;
            }
            let analyzers = self.shared.catalog.analyzers(&settings)?;
            let similarities = settings.similarities()?;
            Mapping::clone(&index.mapping)
                .with_analyzers(analyzers)
                .and_then(|mapping| mapping.with_similarities(similarities))
                .map_err(|cause| in_mapping(cause, DOC))?;
            index.settings = settings;
            index.settings_version += 1;
            Ok(())
        })?;
        let index = self.index(uuid).ok_or_else(|| gone(uuid))?;
        let metadata = self.metadata();
        index.change_settings(metadata.by_uuid(uuid).map(|index| &index.settings))
    }

    /// Opens or closes an index.
    ///
    /// # Errors
    /// `index_not_found_exception`; what the disk says.
    pub fn set_closed(&self, uuid: &str, closed: bool) -> Result<(), Exception> {
        self.edit(uuid, |index| {
            index.closed = closed;
            // From now on it is opened from its own files.
            index.restored = None;
            Ok(())
        })
    }

    /// Runs alias actions, all or none.
    ///
    /// # Errors
    /// `aliases_not_found_exception` for a removal of what is not there; `illegal_argument_exception` for two write
    /// indices, or an alias with the name of an index; what the disk says.
    pub fn update_aliases(
        &self,
        actions: &[AliasAction],
        sees: impl Fn(&str) -> bool,
    ) -> Result<(), Exception> {
        let mut removed = Vec::new();
        self.shared.catalog.change(&[], |metadata| {
            for action in actions {
                aliases::apply(metadata, action, &mut removed)?;
            }
            aliases::check_added(metadata, actions, sees)
        })?;
        removed.iter().for_each(|uuid: &Arc<str>| self.shared.drop_index(uuid));
        Ok(())
    }

    /// A clean end: background merges end, every translog is on disk, and the indices whose translog is long are flushed,
    /// the longest first, so that the next start has little to replay. Set `cancel` and it ends after the flushes under
    /// way; what was not flushed is in the translogs. Writes after it still work.
    pub fn close(&self, cancel: &Cancel) {
        self.shared.stopping.cancel();
        let mut waiting = self.shared.all();
        waiting.retain(|index| index.unflushed.load(Ordering::Relaxed) > 0);
        waiting.sort_by_key(|index| index.unflushed.load(Ordering::Relaxed));
        let waiting = Mutex::new(waiting);
        let next = || hold(&waiting).pop().filter(|_| !cancel.is_cancelled());
        let flush = || {
            while let Some(index) = next() {
                outlive(|| {
                    let _ = if index.wants_flush(true) {
                        index.flush()
                    } else {
                        index.sync_log().map_err(Exception::from)
                    };
                });
            }
        };
        // A flush mostly waits for the disk, which takes several syncs at once.
        std::thread::scope(|threads| {
            for _ in 1..CLOSING_THREADS {
                let helper = std::thread::Builder::new().name("engine-close".to_owned());
                if helper.spawn_scoped(threads, flush).is_err() {
                    break;
                }
            }
            flush();
        });
    }

    fn edit(
        &self,
        uuid: &str,
        edit: impl FnOnce(&mut IndexMetadata) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        self.shared.catalog.change(&[uuid], |metadata| {
            let index = metadata.indices.values_mut().find(|index| &*index.uuid == uuid);
            let index = index.ok_or_else(|| gone(uuid))?;
            let mut next = (**index).clone();
            edit(&mut next)?;
            *index = Arc::new(next);
            Ok::<(), Exception>(())
        })?;
        Ok(())
    }
}

impl Drop for Indices {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
        self.shared.signal.stop();
        self.shared.tidy.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn index(&self, uuid: &str) -> Option<Arc<Index>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(uuid).cloned()
    }

    fn all(&self) -> Vec<Arc<Index>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn insert(&self, index: Arc<Index>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(Arc::clone(&index.uuid), index);
    }

    fn drop_index(&self, uuid: &str) {
        let removed = self.open.write().unwrap_or_else(PoisonError::into_inner).remove(uuid);
        if let Some(index) = removed {
            index.deleted.store(true, Ordering::Release);
            // A flush that is under way ends first; its files go with the folder.
            let _flush = hold(&index.maintenance);
            if let Some(directory) = &index.directory {
                let _ = std::fs::remove_dir_all(directory);
            }
        }
    }
}

impl WorkSignal {
    pub(crate) fn raise(&self, uuid: &Arc<str>) {
        hold(&self.rung).indices.insert(Arc::clone(uuid));
        self.heard.notify_all();
    }

    fn stop(&self) {
        hold(&self.rung).stop = true;
        self.heard.notify_all();
    }

    /// Waits until somebody rings, then as much longer as `pause` says of those who rang, for others to join; `None`:
    /// stop. Idle, it never wakes.
    fn next(&self, pause: impl Fn(&BTreeSet<Arc<str>>) -> Duration) -> Option<BTreeSet<Arc<str>>> {
        let rung = hold(&self.rung);
        let idle = |rung: &mut Rung| rung.indices.is_empty() && !rung.stop;
        let rung = self.heard.wait_while(rung, idle).unwrap_or_else(PoisonError::into_inner);
        let pause = pause(&rung.indices);
        let waited = self.heard.wait_timeout_while(rung, pause, |rung| !rung.stop);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if rung.stop { None } else { Some(std::mem::take(&mut rung.indices)) }
    }
}

fn spawn(
    name: &str,
    shared: &Arc<Shared>,
    signal: &Arc<WorkSignal>,
    work: fn(&Weak<Shared>, &WorkSignal),
) -> Option<JoinHandle<()>> {
    let (shared, signal) = (Arc::downgrade(shared), Arc::clone(signal));
    std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&shared, &signal)).ok()
}

fn refresh_loop(shared: &Weak<Shared>, signal: &WorkSignal) {
    // Who asks for less than a second gets it, and whoever else wrote meanwhile with it.
    let soonest = |uuids: &BTreeSet<Arc<str>>| {
        let shared = shared.upgrade();
        let metadata = shared.map(|shared| shared.catalog.current());
        let asked = uuids
            .iter()
            .filter_map(|uuid| metadata.as_ref()?.by_uuid(uuid)?.settings.refresh_milliseconds());
        asked.min().map_or(REFRESH_INTERVAL, Duration::from_millis)
    };
    while let Some(uuids) = signal.next(soonest) {
        let Some(shared) = shared.upgrade() else { return };
        for uuid in uuids {
            let Some(index) = shared.index(&uuid) else { continue };
            index.dirty.store(false, Ordering::Release);
            let metadata = shared.catalog.current();
            let refreshes = metadata.by_uuid(&uuid).is_none_or(|index| index.settings.refreshes());
            if refreshes {
                outlive(|| {
                    // What fails here fails again where somebody waits for the answer.
                    let _ = index.refresh();
                });
            }
            shared.tidy.raise(&uuid);
        }
    }
}

fn tidy_loop(shared: &Weak<Shared>, signal: &WorkSignal) {
    let mut resting: BTreeSet<Arc<str>> = BTreeSet::new();
    loop {
        let Some(uuids) = signal.next(|_| TIDY_INTERVAL) else { return };
        let Some(shared) = shared.upgrade() else { return };
        for uuid in &uuids {
            let Some(index) = shared.index(uuid) else { continue };
            let idle = resting.contains(uuid);
            outlive(|| {
                let _ = index.sync_log();
                while index.merge_once(&shared.stopping).unwrap_or(false) {}
                if index.wants_flush(idle) {
                    let _ = index.flush();
                }
            });
            if index.wants_flush(true) {
                // Look again when nobody has written for a while.
                signal.raise(uuid);
            }
        }
        resting = uuids;
    }
}

/// A panic below ends this piece of work, not the thread that does it for everybody.
fn outlive(work: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
}

/// The refusal of an index whose place was taken meanwhile.
fn not_replaced(name: &str) -> Exception {
    let reason = format!("index [{name}] was opened or made meanwhile");
    Exception::new(ExceptionKind::IllegalState, reason)
}

fn check_new(metadata: &Metadata, index: &IndexMetadata) -> Result<(), Exception> {
    if let Some(there) = metadata.index(&index.name) {
        let reason = format!("index [{}/{}] already exists", there.name, there.uuid);
        return Err(Exception::new(ExceptionKind::ResourceAlreadyExists, reason)
            .with("index_uuid", &*there.uuid)
            .with("index", there.name.as_str()));
    }
    if !metadata.alias(&index.name).is_empty() {
        let name = &index.name;
        let reason = format!("Invalid index name [{name}], already exists as alias");
        return Err(Exception::new(ExceptionKind::InvalidIndexName, reason)
            .with("index_uuid", "_na_")
            .with("index", name.as_str()));
    }
    let set = crate::cluster::cluster_settings::value(
        metadata.registries(),
        "cluster.max_shards_per_node",
    );
    let set = set.and_then(|text| text.parse().ok()).unwrap_or(INDICES_MAX);
    let (there, most) = (metadata.indices.len(), set.min(INDICES_MAX));
    if there >= most {
        return Err(Exception::validation(&[format!(
            "this action would add [1] total shards, but this cluster currently has [{there}]/[{most}] maximum shards open"
        )]));
    }
    aliases::check_of_new(metadata, index)
}

/// Refuses to sort documents by a field of a type that has no order of its own in Lucene's columns. Source: `IndexSortConfig`.
fn check_sorted(field: &str, kind: &str) -> Result<(), Exception> {
    match kind {
        "geo_point" => Err(Exception::illegal_argument(
            "can't sort on geo_point field without using specific sorting feature, like geo_distance",
        )),
        "half_float" | "scaled_float" | "integer_range" | "long_range" | "float_range"
        | "double_range" | "date_range" | "ip_range" => {
            Err(Exception::illegal_argument(format!("invalid index sort field:[{field}]")))
        }
        _ => Ok(()),
    }
}

/// Elasticsearch puts this before the faults of a new index's mapping.
fn in_mapping(cause: Exception, type_name: &str) -> Exception {
    if cause.kind() != ExceptionKind::MapperParsing
        && cause.kind() != ExceptionKind::ElasticsearchParse
        || cause.reason().starts_with("Failed to parse mapping [")
        || cause.reason().contains("referenced in context")
        // Found when all fields are known.
        || cause.reason().starts_with("Invalid [path] value [")
    {
        return cause;
    }
    let reason = format!("Failed to parse mapping [{type_name}]: {}", cause.reason());
    let framed = Exception::mapper_parsing(reason);
    match cause.cause() {
        // What is not of Elasticsearch is no root.
        Some(java) if java.kind() == ExceptionKind::IllegalArgument => {
            framed.caused_by(java.clone())
        }
        _ => framed.root_cause(cause.clone()).caused_by(cause),
    }
}
