//! Opening an index from its manifest and translog, and the flush that writes them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, RwLock};

use serde_json::{Value, json};
use tantivy::fastfield::AliveBitSet;
use tantivy::index::SegmentId;

use super::core::Core;
use super::disk::{self, Disk};
use super::fault::Fault;
use super::files::Files;
use super::indices::WorkSignal;
use super::kept::PlantedIndex;
use super::operation;
use super::segment::Segment;
use super::translog::Translog;
use super::{Catalog, Index, Snapshot, Writer, hold};
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::search_settings::SearchSettings;
use crate::exception::Exception;
use crate::mapping::Mapping;

const MANIFEST: &str = "manifest";
/// Translog bytes after which an index is flushed: bounds what a start has to replay.
const FLUSH_BYTES: u64 = 32 * 1024 * 1024;
/// Translog bytes worth a flush when an index has come to rest.
const IDLE_FLUSH_BYTES: u64 = 64 * 1024;

/// An index as a flush found it.
struct Frozen {
    segments: Vec<Segment>,
    deletes: Vec<Option<tantivy::directory::OwnedBytes>>,
    next_seq_no: u64,
    generation: u64,
    epoch: u64,
    files: Files,
    log: Arc<Translog>,
}

/// What a copy of an index in memory is made of.
pub(super) struct FrozenMemory {
    pub(super) segments: Vec<Segment>,
    pub(super) deletes: Vec<Option<tantivy::directory::OwnedBytes>>,
    pub(super) next_seq_no: u64,
    pub(super) files: Files,
}

impl FrozenMemory {
    /// The rows of a manifest that names the segments.
    pub(super) fn rows(&self) -> Vec<Value> {
        rows(&self.segments, &self.deletes)
    }
}

impl Frozen {
    fn manifest(&self) -> Manifest {
        Manifest {
            segments: rows(&self.segments, &self.deletes),
            next_seq_no: self.next_seq_no,
            generation: self.generation,
        }
    }
}

/// The rows of `segments`, with the checksums of their deletions.
fn rows(segments: &[Segment], deletes: &[Option<tantivy::directory::OwnedBytes>]) -> Vec<Value> {
    let row = |(segment, deletes): (&Segment, &Option<tantivy::directory::OwnedBytes>)| {
        let mut row = segment.meta();
        if let (Some(longest), Value::Object(row)) = (segment.longest, &mut row) {
            row.insert("longest".into(), longest.into());
        }
        if let (Some(Value::Object(row)), Some(bytes)) = (row.get_mut("deletes"), deletes) {
            row.insert("crc32".into(), crc32fast::hash(bytes).into());
        }
        row
    };
    segments.iter().zip(deletes).map(row).collect()
}

/// What the manifest says.
struct Manifest {
    segments: Vec<Value>,
    next_seq_no: u64,
    generation: u64,
}

impl Index {
    /// Opens the index that `metadata` describes: what its manifest names, and the translog above it.
    ///
    /// # Errors
    /// [`Fault::Damaged`] naming the file that cannot be trusted; [`Fault::Io`].
    pub(crate) fn open(
        catalog: Arc<Catalog>,
        metadata: &IndexMetadata,
        disk: Arc<dyn Disk>,
        signal: Arc<WorkSignal>,
        now: i64,
    ) -> Result<Index, Fault> {
        Index::open_planted(catalog, metadata, disk, signal, now, None)
    }

    /// As [`Index::open`]; what is kept in memory begins with the files of `planted`.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub(super) fn open_planted(
        catalog: Arc<Catalog>,
        metadata: &IndexMetadata,
        disk: Arc<dyn Disk>,
        signal: Arc<WorkSignal>,
        now: i64,
        planted: Option<&PlantedIndex>,
    ) -> Result<Index, Fault> {
        let directory = catalog.directory_of(&metadata.uuid);
        let term = catalog.starts().saturating_sub(metadata.born_at_start) + 1;
        let mapping = Arc::clone(&metadata.mapping);
        let (mut core, translog) = match &directory {
            None => (in_memory(mapping, term, planted)?, None),
            Some(directory) => {
                let recovered = recover(directory, mapping, term, &disk, now)?;
                // Only now is nobody in the middle of a flush.
                remove_strays(directory, &recovered.0.persisted_files(directory));
                recovered
            }
        };
        let flushed_seq_no = match &directory {
            Some(directory) => read_manifest(directory)?.next_seq_no,
            None => 0,
        };
        core.versions.keep(metadata.settings.gc_deletes());
        let searcher = core.publish(now)?;
        let (name, uuid): (Arc<str>, _) =
            (metadata.name.as_str().into(), Arc::clone(&metadata.uuid));
        let snapshot = Snapshot {
            searcher,
            graphs: core.graphs(),
            mapping: Arc::clone(&core.mapping),
            analyzers: Arc::clone(core.mapping.analyzers()),
            name: Arc::clone(&name),
            uuid: Arc::clone(&uuid),
            // The catalog may not know of it yet.
            settings: Arc::new(SearchSettings::of(&metadata.settings)),
            kept_texts: Arc::clone(&catalog.kept_texts),
            longest: core.longest(),
            fields: None,
            existing: None,
        };
        let unflushed = translog.as_ref().map_or(0, |log| log.length());
        let room = core.room();
        Ok(Index {
            name,
            uuid,
            directory,
            disk,
            catalog,
            state: Mutex::new(Writer {
                core,
                translog: translog.map(Arc::new),
                failed: false,
                epoch: 0,
                flushed_seq_no,
            }),
            published: RwLock::new(Arc::new(snapshot)),
            maintenance: Mutex::new(()),
            deleted: false.into(),
            dirty: false.into(),
            now: now.into(),
            unflushed: unflushed.into(),
            room: room.into(),
            counters: super::Counters::default(),
            signal,
        })
    }

    /// Reads the index from disk again after a write that got half-way; in memory there is nothing to read.
    pub(super) fn reopen(&self, writer: &mut Writer, now: i64) -> Result<(), Fault> {
        if let Some(directory) = &self.directory {
            let mapping = self.catalog.current();
            let mapping = mapping.by_uuid(&self.uuid).map(|index| Arc::clone(&index.mapping));
            let mapping = mapping.unwrap_or_else(|| Arc::clone(&writer.core.mapping));
            let term = writer.core.primary_term;
            let (core, translog) = recover(directory, mapping, term, &self.disk, now)?;
            writer.core = core;
            writer.translog = translog.map(Arc::new);
            writer.epoch += 1;
        }
        self.publish(writer)?;
        writer.failed = false;
        Ok(())
    }

    /// Puts every segment on disk, names them in the manifest, and drops the translog they make superfluous.
    ///
    /// # Errors
    /// What the disk says; nothing is lost then.
    pub fn flush(&self) -> Result<(), Exception> {
        let _one_at_a_time = hold(&self.maintenance);
        let spent = &self.counters.flush_nanoseconds;
        Ok(self.catalog.stop_watch.time(spent, || self.flush_now())?)
    }

    pub(super) fn flush_now(&self) -> Result<(), Fault> {
        let Some(directory) = &self.directory else {
            let mut writer = self.writer(None)?;
            if writer.core.stale {
                self.publish(&mut writer)?;
            }
            self.counters.flushes.one();
            return Ok(());
        };
        let unflushed = self.unflushed.swap(0, Ordering::Relaxed);
        let flushed = self.flush_to(directory);
        if flushed.is_err() {
            self.unflushed.fetch_add(unflushed, Ordering::Relaxed);
        }
        flushed
    }

    fn flush_to(&self, directory: &Path) -> Result<(), Fault> {
        let Some(frozen) = self.freeze()? else { return Ok(()) };
        for (segment, deletes) in frozen.segments.iter().zip(&frozen.deletes) {
            if !segment.persisted {
                frozen.files.persist(&segment.name(), &compound(directory, &segment.name()))?;
            }
            if let (Some(name), Some(bytes)) = (segment.deletes_file(), deletes)
                && segment.persisted_deletes != segment.deletes
            {
                disk::write_new(&directory.join(name), bytes)?;
            }
        }
        disk::sync_directory(directory)?;
        // Under the lock: an index that was read again meanwhile stands on the old manifest and its files.
        let mut writer = self.writer(None)?;
        if writer.epoch != frozen.epoch {
            return Err(Fault::Segments(
                "the index was read from disk during the flush".to_owned(),
            ));
        }
        write_manifest(directory, &frozen.manifest())?;
        frozen.log.trim(frozen.generation);
        writer.flushed_seq_no = frozen.next_seq_no;
        self.counters.flushes.one();
        self.adopt_persisted(&mut writer, directory, &frozen.segments)?;
        let mut kept = writer.core.persisted_files(directory);
        kept.extend(frozen.segments.iter().flat_map(|segment| segment.file_names(directory)));
        remove_strays(directory, &kept);
        Ok(())
    }

    /// Everything written so far as segments, and a new translog generation for what comes.
    fn freeze(&self) -> Result<Option<Frozen>, Fault> {
        let mut writer = self.writer(None)?;
        if writer.core.stale {
            self.publish(&mut writer)?;
        }
        let Some(log) = writer.translog.clone() else { return Ok(None) };
        let generation = log.roll()?;
        let segments = writer.core.segments.clone();
        let bytes = |segment: &Segment| writer.core.files.bytes(&segment.deletes_file()?);
        Ok(Some(Frozen {
            deletes: segments.iter().map(bytes).collect(),
            segments,
            next_seq_no: writer.core.next_seq_no,
            generation,
            epoch: writer.epoch,
            // A copy: a segment whose last document dies meanwhile is forgotten there, not here.
            files: writer.core.files.fork(),
            log,
        }))
    }

    /// Everything written so far, of an index that is kept in memory.
    pub(super) fn freeze_memory(&self) -> Result<FrozenMemory, Fault> {
        let mut writer = self.writer(None)?;
        if writer.core.stale {
            self.publish(&mut writer)?;
        }
        let segments = writer.core.segments.clone();
        let bytes = |segment: &Segment| writer.core.files.bytes(&segment.deletes_file()?);
        Ok(FrozenMemory {
            deletes: segments.iter().map(bytes).collect(),
            next_seq_no: writer.core.next_seq_no,
            files: writer.core.files.fork(),
            segments,
        })
    }

    /// Reads from now on from disk what was in memory.
    fn adopt_persisted(
        &self,
        writer: &mut Writer,
        directory: &Path,
        persisted: &[Segment],
    ) -> Result<(), Fault> {
        let mut changed = false;
        let files = writer.core.files.clone();
        for segment in &mut writer.core.segments {
            let Some(frozen) = persisted.iter().find(|other| other.id == segment.id) else {
                continue;
            };
            segment.persisted_deletes = frozen.deletes;
            if !segment.persisted {
                files.load(&segment.name(), &compound(directory, &segment.name()))?;
                segment.persisted = true;
                // They are read from disk, too.
                segment.graphs = None;
                changed = true;
            }
        }
        if changed { self.publish(writer) } else { Ok(()) }
    }

    /// Whether it is time to flush; `idle`: nothing was written for a while.
    pub(super) fn wants_flush(&self, idle: bool) -> bool {
        let bytes = self.unflushed.load(Ordering::Relaxed);
        self.directory.is_some() && bytes >= if idle { IDLE_FLUSH_BYTES } else { FLUSH_BYTES }
    }

    /// Makes everything in the translog durable (`index.translog.durability: async`).
    pub(super) fn sync_log(&self) -> Result<(), Fault> {
        let log = hold(&self.state).translog.clone();
        log.map_or(Ok(()), |log| log.sync(log.position()))
    }
}

/// Reads manifest, segments and translog of an index.
fn recover(
    directory: &Path,
    mapping: Arc<Mapping>,
    term: u64,
    disk: &Arc<dyn Disk>,
    now: i64,
) -> Result<(Core, Option<Translog>), Fault> {
    let manifest = read_manifest(directory)?;
    let files = Files::default();
    let mut segments = Vec::new();
    for row in &manifest.segments {
        segments.push(load_segment(directory, &files, row)?);
    }
    let mut core = Core::open(Arc::clone(&mapping), files, segments, manifest.next_seq_no, term)?;
    core.publish(now)?;
    let (log, entries) = Translog::open(directory, manifest.generation, Arc::clone(disk))?;
    for entry in entries.iter().filter(|entry| entry.seq_no >= manifest.next_seq_no) {
        operation::replay(&mut core, entry, &mapping, now)?;
        if core.is_full() {
            core.publish(now)?;
        }
    }
    Ok((core, Some(log)))
}

/// An index that is kept in memory, with the files of `planted`.
fn in_memory(
    mapping: Arc<Mapping>,
    term: u64,
    planted: Option<&PlantedIndex>,
) -> Result<Core, Fault> {
    let (files, mut segments, mut next_seq_no) = (Files::default(), Vec::new(), 0);
    if let Some(planted) = planted {
        next_seq_no = planted.exported.next_seq_no;
        for row in &planted.exported.segments {
            segments.push(load_segment(&planted.from, &files, row)?);
        }
    }
    Core::open(mapping, files, segments, next_seq_no, term)
}

fn load_segment(directory: &Path, files: &Files, row: &Value) -> Result<Segment, Fault> {
    let manifest = directory.join("manifest.json");
    let damaged = |what: &str| Fault::damaged(&manifest, what.to_owned());
    let id: SegmentId = serde_json::from_value(row.get("segment_id").cloned().unwrap_or_default())
        .map_err(|_| damaged("a segment has no id"))?;
    let documents = row.get("max_doc").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let documents = documents.ok_or_else(|| damaged("a segment has no max_doc"))?;
    let path = compound(directory, &id.uuid_string());
    files.load(&id.uuid_string(), &path)?;
    let bytes = files.size_of(&id.uuid_string());
    let mut segment = Segment::new(id, documents, &[], bytes);
    segment.longest = row.get("longest").and_then(Value::as_u64);
    if let Some(deletes) = row.get("deletes").filter(|deletes| deletes.is_object()) {
        let number = |key: &str| deletes.get(key).and_then(Value::as_u64).unwrap_or_default();
        segment.deletes = number("opstamp");
        let Some(name) = segment.deletes_file() else {
            return Err(damaged("deletes have no stamp"));
        };
        let path = directory.join(&name);
        let bytes = std::fs::read(&path).map_err(Fault::io(&path))?;
        if u64::from(crc32fast::hash(&bytes)) != number("crc32") {
            return Err(Fault::damaged(&path, "its checksum does not match: a bit was flipped"));
        }
        files.put(name.clone(), bytes);
        // The managed directory takes the footer off again.
        let slice = tantivy::directory::ManagedDirectory::wrap(Box::new(files.clone()))?;
        let slice = tantivy::Directory::open_read(&slice, &name)
            .map_err(|error| Fault::damaged(&path, error.to_string()))?;
        let alive = AliveBitSet::open(slice.read_bytes().map_err(Fault::io(&path))?);
        (0..documents).filter(|doc| alive.is_deleted(*doc)).for_each(|doc| segment.kill(doc));
        segment.dirty = false;
        segment.persisted_deletes = segment.deletes;
    }
    segment.persisted = true;
    Ok(segment)
}

fn read_manifest(directory: &Path) -> Result<Manifest, Fault> {
    let Some(body) = disk::read(&directory.join("manifest.json"), MANIFEST)? else {
        return Ok(Manifest { segments: Vec::new(), next_seq_no: 0, generation: 1 });
    };
    let number = |key: &str| body.get(key).and_then(Value::as_u64).unwrap_or_default();
    Ok(Manifest {
        next_seq_no: number("next_seq_no"),
        generation: number("translog_generation"),
        segments: body.get("segments").and_then(Value::as_array).cloned().unwrap_or_default(),
    })
}

/// The rows of the manifest in `directory`, and the first sequence number that they do not reach.
pub(super) fn named_by_manifest(directory: &Path) -> Result<(Vec<Value>, u64), Fault> {
    let manifest = read_manifest(directory)?;
    Ok((manifest.segments, manifest.next_seq_no))
}

/// Writes the manifest of an index that begins with files, and makes the names in `directory` durable.
pub(super) fn write_first_manifest(
    directory: &Path,
    segments: &[Value],
    next_seq_no: u64,
) -> Result<(), Fault> {
    let manifest = Manifest { segments: segments.to_vec(), next_seq_no, generation: 1 };
    write_manifest(directory, &manifest)
}

fn write_manifest(directory: &Path, manifest: &Manifest) -> Result<(), Fault> {
    let body = json!({
        "next_seq_no": manifest.next_seq_no, "translog_generation": manifest.generation,
        "segments": manifest.segments,
    });
    disk::replace(&directory.join("manifest.json"), MANIFEST, &body)
}

pub(super) fn compound(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{name}.segment"))
}

/// Removes segment files that the manifest does not name: merged away, or of a flush that did not come to its end.
fn remove_strays(directory: &Path, kept: &HashSet<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let ours = path.extension().is_some_and(|ending| ending == "segment" || ending == "del");
        if ours && !kept.contains(&path) {
            let _ = std::fs::remove_file(path);
        }
    }
}
