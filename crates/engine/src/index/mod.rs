//! One index: what is written to it, what is read from it, and how both survive the process.
//!
//! There is no tantivy `IndexWriter` here (docs/decisions/0005-storage.md). A write goes, under the index's lock, through
//! the version map into a `core::Core` builder and as a frame into the `translog`; it is answered when the frame is on
//! disk. A **refresh** makes the builder a segment in memory and opens a searcher on it. A **flush** puts the segments on
//! disk, names them in the manifest with the sequence number they reach, and drops the translog before it. A **merge** makes
//! a few segments out of many. Opening reads the manifest and replays the translog above its sequence number.

mod aliases;
mod catalog;
mod changes;
mod copy;
mod core;
pub(crate) mod disk;
mod fault;
mod field_sizes;
mod files;
mod flush;
mod fork;
pub(crate) mod graphs;
mod indices;
mod kept;
mod kept_texts;
mod lock;
mod long_sources;
mod merge;
mod norms;
mod operation;
mod outgoing;
mod segment;
mod snapshot;
mod stats;
mod stop_watch;
mod stored;
#[cfg(test)]
mod tests;
mod transfer;
mod translog;
mod versions;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use jiff::Timestamp;

use self::core::Core;
use crate::cluster::settings::IndexSettings;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::Mapping;
use crate::mapping::document::IndexDocument;
use crate::mapping::type_name::DOC;
use crate::slow_log::SlowSearch;
use crate::work::{SpareThread, Work};
pub use aliases::AliasAction;
pub(crate) use aliases::AliasRoom;
use catalog::Catalog;
pub(crate) use catalog::{document_id, uuid as unique};
pub use disk::{Disk, LogFile, SystemDisk};
pub use fault::Fault;
pub(crate) use field_sizes::FieldSizes;
pub use indices::{CreateIndex, Indices};
pub(crate) use kept::{Exported, KeptFiles, PlantedIndex, is_plain};
pub(crate) use kept_texts::{KeptColumn, KeptTexts, SegmentColumn};
use lock::hold;
pub use operation::{Operation, Precondition, Write, WriteOutcome, Written};
pub use outgoing::{ChangeFeed, OutgoingDocument, OutgoingDocuments};
pub(crate) use snapshot::ExistingDocuments;
pub use snapshot::Snapshot;
pub(crate) use stats::Count;
use stats::Counters;
pub use stats::{SegmentStats, Stats};
pub(crate) use stored::StoredFields;

use translog::{Frames, Position, Translog};

/// Most groups of searches that are counted by their names, which searches choose.
const SEARCH_GROUPS_MAX: usize = 1_000;

/// How many documents are read before they are written: work that is called off ends between two reads, and what was
/// written stays.
const AT_ONCE: usize = 128;
/// Bytes of documents that are read while those before them are written, at most: so many more are in memory as tokens.
const AHEAD_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the longest `_source` that is read where others must not wait: copied in microseconds, with the block that it is in.
pub(crate) const AT_HAND_BYTES_MAX: u64 = 32 * 1024;

/// One open index. Every call takes `&self`; writes to one index follow one another.
pub struct Index {
    name: Arc<str>,
    uuid: Arc<str>,
    directory: Option<PathBuf>,
    disk: Arc<dyn Disk>,
    catalog: Arc<Catalog>,
    state: Mutex<Writer>,
    published: RwLock<Arc<Snapshot>>,
    maintenance: Mutex<()>,
    deleted: AtomicBool,
    dirty: AtomicBool,
    now: AtomicI64,
    unflushed: AtomicU64,
    /// [`Core::room`] when somebody last looked: texts are analyzed at once where that would not be waited for.
    room: AtomicUsize,
    counters: Counters,
    /// Rings when there is something to refresh.
    signal: Arc<indices::WorkSignal>,
}

/// What the writer's lock guards.
pub(crate) struct Writer {
    core: Core,
    translog: Option<Arc<Translog>>,
    /// A write got half-way: the next one reads the index from disk again first.
    failed: bool,
    /// Grows when the index is read from disk again: what was begun before is void.
    epoch: u64,
    /// The first sequence number that the manifest does not reach.
    flushed_seq_no: u64,
}

/// A document as `GET` finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundDocument {
    /// The version.
    pub version: u64,
    /// The sequence number of its last write.
    pub seq_no: u64,
    /// The primary term of its last write.
    pub primary_term: u64,
    /// The routing it was given.
    pub routing: Option<String>,
    /// The document as it came.
    pub source: Bytes,
}

/// Documents of one call, as they are indexed.
struct ReadDocuments {
    /// The version of the mapping that they were read against.
    before: u64,
    documents: Vec<Result<Option<IndexDocument>, Exception>>,
    /// The mapping that they need.
    mapping: Arc<Mapping>,
}

/// Leave to read `next` on a thread of its own, while those before them are written here: where the caller's share has room for it and
/// they are not so long that they had better not be in memory yet.
fn reader_ahead(next: &[Operation], work: &Work) -> Option<SpareThread> {
    let bytes = next.iter().map(Operation::bytes).sum::<usize>();
    (!next.is_empty() && bytes <= AHEAD_BYTES_MAX).then(|| work.spare_thread()).flatten()
}

impl Index {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The uuid.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// Runs `operations` in order; one answer for each. When this returns, what succeeded is on disk
    /// (with `index.translog.durability` `request`, the default). `now`: milliseconds since 1970.
    ///
    /// New fields of neighbouring documents change the mapping once, before the first of those documents is written.
    pub fn write(&self, operations: Vec<Operation>, now: i64) -> Vec<Result<Written, Exception>> {
        self.write_within(operations, None, now, &Work::unbounded())
    }

    /// As [`Index::write`], until `work` is called off: the operations from there on answer `task_cancelled_exception` and
    /// are not begun; those before it stand. `type_name`: what type the documents are said to be of, if any is named; the
    /// first one names that of the index.
    pub fn write_within(
        &self,
        operations: Vec<Operation>,
        type_name: Option<&str>,
        now: i64,
        work: &Work,
    ) -> Vec<Result<Written, Exception>> {
        let count = operations.len();
        let deletes = operations.iter().all(|operation| matches!(operation.write, Write::Delete));
        let counters = &self.counters;
        let spent =
            if deletes { &counters.delete_nanoseconds } else { &counters.index_nanoseconds };
        let slow = self.catalog.logs_writes(&self.uuid);
        let slow =
            slow.map(|logged| logged.writes(operations.iter().map(Operation::logged).collect()));
        let write = || self.write_all(operations, type_name, now, work);
        let (written, took) = self.catalog.stop_watch.timed(spent, write);
        match written {
            Ok(answers) => {
                if let Some(slow) = slow {
                    let snapshot = self.snapshot();
                    let own = snapshot.mapping.type_name().unwrap_or(DOC);
                    let now = Timestamp::from_millisecond(now).unwrap_or_default();
                    let place = (&*self.name, &*self.uuid, own);
                    let done = answers.iter().map(Result::is_ok);
                    self.catalog.slow_log.written(place, &slow, took, done, now);
                }
                answers
            }
            Err(fault) => {
                let failure = Exception::from(fault).on_index(&self.name, &self.uuid);
                std::iter::repeat_with(|| Err(failure.clone())).take(count).collect()
            }
        }
    }

    /// The newest state of a document, written a moment ago or not (`realtime`); or as the last refresh shows it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn get(&self, id: &str, realtime: bool) -> Result<Option<FoundDocument>, Exception> {
        let counters = &self.counters;
        let find = || match realtime {
            true => self.newest(id),
            false => Ok(self.snapshot().find(id)?),
        };
        let found = self.catalog.stop_watch.time(&counters.get_nanoseconds, find)?;
        if found.is_some() {
            counters.gets_found.one()
        } else {
            counters.gets_missing.one()
        }
        Ok(found)
    }

    /// As [`Index::get`] in real time, where that takes microseconds: nobody writes at this moment, and the document is not long. `None`:
    /// it may take longer.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn get_at_hand(&self, id: &str) -> Result<Option<Option<FoundDocument>>, Exception> {
        if self.deleted.load(Ordering::Acquire) {
            return Ok(None);
        }
        let Ok(writer) = self.state.try_lock() else { return Ok(None) };
        if writer.failed {
            return Ok(None);
        }
        let current = writer.core.current(id)?;
        let length =
            current.as_ref().map_or(Some(0), |found| writer.core.length_at_most(id, found));
        if length.is_none_or(|length| length > AT_HAND_BYTES_MAX) {
            return Ok(None);
        }
        let stored = current.and_then(|current| Some((writer.core.stored(id, &current)?, current)));
        drop(writer);
        let counters = &self.counters;
        let read = || stored.map(|(stored, current)| current.with(stored)).transpose();
        let found = self.catalog.stop_watch.time(&counters.get_nanoseconds, read)?;
        let counter = if found.is_some() { &counters.gets_found } else { &counters.gets_missing };
        counter.one();
        Ok(Some(found))
    }

    fn newest(&self, id: &str) -> Result<Option<FoundDocument>, Exception> {
        let (current, stored) = {
            let writer = self.writer(None)?;
            let Some(current) = writer.core.current(id).map_err(Exception::from)? else {
                return Ok(None);
            };
            let stored = writer.core.stored(id, &current);
            (current, stored)
        };
        // Others write while the document is unpacked.
        Ok(stored.map(|stored| current.with(stored)).transpose()?)
    }

    /// The index at its last refresh.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes everything written so far visible to searches.
    ///
    /// # Errors
    /// What tantivy says.
    pub fn refresh(&self) -> Result<(), Exception> {
        let mut writer = self.writer(None)?;
        if writer.core.stale {
            self.publish(&mut writer).map_err(Exception::from)?;
        }
        Ok(())
    }

    /// Counts.
    pub fn stats(&self) -> Stats {
        let snapshot = self.snapshot();
        let readers = snapshot.searcher.segment_readers();
        let writer = hold(&self.state);
        let counters = &self.counters;
        Stats {
            documents: readers.iter().map(|reader| u64::from(reader.num_docs())).sum(),
            deleted: readers.iter().map(|reader| u64::from(reader.num_deleted_docs())).sum(),
            bytes: writer.core.files.size(),
            segments: readers.len() as u64,
            max_seq_no: i64::try_from(writer.core.next_seq_no).unwrap_or(i64::MAX) - 1,
            translog_bytes: writer.translog.as_ref().map_or(0, |log| log.position().1),
            translog_operations: writer.core.next_seq_no.saturating_sub(writer.flushed_seq_no),
            indexed: counters.indexed.get(),
            deletions: counters.deletions.get(),
            refused: counters.refused.get(),
            gets_found: counters.gets_found.get(),
            gets_missing: counters.gets_missing.get(),
            searches: counters.searches.get(),
            refreshes: counters.refreshes.get(),
            flushes: counters.flushes.get(),
            merges: counters.merges.get(),
            index_nanoseconds: counters.index_nanoseconds.get(),
            delete_nanoseconds: counters.delete_nanoseconds.get(),
            get_nanoseconds: counters.get_nanoseconds.get(),
            query_nanoseconds: counters.query_nanoseconds.get(),
            fetch_nanoseconds: counters.fetch_nanoseconds.get(),
            refresh_nanoseconds: counters.refresh_nanoseconds.get(),
            flush_nanoseconds: counters.flush_nanoseconds.get(),
            merge_nanoseconds: counters.merge_nanoseconds.get(),
            fielddata_bytes: 0,
            completion_bytes: 0,
        }
    }

    /// Its segments at the last refresh, in the order in which they were made.
    pub fn segments(&self) -> Vec<SegmentStats> {
        let writer = hold(&self.state);
        let segments = writer.core.segments.iter().enumerate();
        let told = segments.map(|(generation, segment)| SegmentStats {
            generation,
            documents: u64::from(segment.documents.saturating_sub(segment.dead)),
            deleted: u64::from(segment.dead),
            bytes: writer.core.files.size_of(&segment.name()),
            committed: segment.persisted,
        });
        told.collect()
    }

    /// Adds what a search spent on finding and on fetching.
    pub(crate) fn spent(&self, query_nanoseconds: u64, fetch_nanoseconds: u64) {
        self.counters.query_nanoseconds.add(query_nanoseconds);
        self.counters.fetch_nanoseconds.add(fetch_nanoseconds);
    }

    /// Logs a search that took too long.
    pub(crate) fn slow_search(&self, search: &SlowSearch<'_>) {
        self.catalog.slow_log.search(search);
    }

    /// Counts a search, in each of the `groups` that it names.
    pub(crate) fn searched(&self, groups: &[String]) {
        self.counters.searches.one();
        if groups.is_empty() {
            return;
        }
        let mut counted = hold(&self.counters.groups);
        for group in groups {
            if counted.len() < SEARCH_GROUPS_MAX || counted.contains_key(group) {
                *counted.entry(group.clone()).or_default() += 1;
            }
        }
    }

    /// How many searches named each group that one of `patterns` matches.
    pub(crate) fn search_groups(&self, patterns: &[&str]) -> BTreeMap<String, u64> {
        let wanted = |name: &String| {
            patterns
                .iter()
                .any(|pattern| *pattern == "_all" || crate::name_pattern::matches(pattern, name))
        };
        let counted = hold(&self.counters.groups);
        counted
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, count)| (name.clone(), *count))
            .collect()
    }

    /// Changes the mapping by what `change` makes of it; the mapping then in force.
    ///
    /// # Errors
    /// What `change` refuses; what the disk says.
    pub(crate) fn change_mapping(
        &self,
        change: impl FnOnce(&Mapping) -> Result<Mapping, Exception>,
    ) -> Result<Arc<Mapping>, Exception> {
        let mut writer = self.writer(None)?;
        let changed = change(&writer.core.mapping)?;
        self.grow(&mut writer, Arc::new(changed)).map_err(Exception::from)?;
        Ok(Arc::clone(&writer.core.mapping))
    }

    /// Takes over changed settings: the limits of the mapping, how long deletions are remembered, and what searches look at.
    pub(crate) fn change_settings(
        &self,
        settings: Option<&IndexSettings>,
    ) -> Result<(), Exception> {
        let mut writer = self.writer(None)?;
        if let Some(settings) = settings {
            writer.core.versions.keep(settings.gc_deletes());
            let mapping = Mapping::clone(&writer.core.mapping)
                .with_growth(settings.growth())
                .with_analyzers(self.catalog.analyzers(settings)?)?
                .with_similarities(settings.similarities()?)?;
            writer.core.mapping = Arc::new(mapping);
            self.catalog.set_mapping(&self.uuid, &writer.core.mapping).map_err(Exception::from)?;
        }
        self.publish(&mut writer).map_err(Exception::from)
    }

    fn write_all(
        &self,
        operations: Vec<Operation>,
        type_name: Option<&str>,
        now: i64,
        work: &Work,
    ) -> Result<Vec<Result<Written, Exception>>, Fault> {
        self.now.store(now, Ordering::Relaxed);
        let mut answers = Vec::with_capacity(operations.len());
        let mut durable = Vec::new();
        let mut rest = operations.into_iter();
        let mut operations: Vec<Operation> = rest.by_ref().take(AT_ONCE).collect();
        let mut read = None;
        while !operations.is_empty() {
            let next: Vec<Operation> = rest.by_ref().take(AT_ONCE).collect();
            let write =
                || self.write_some(operations, read.take(), type_name, now, work, &mut answers);
            let (written, ahead) = match reader_ahead(&next, work) {
                None => (write(), None),
                Some(thread) => std::thread::scope(|scope| {
                    let reader = std::thread::Builder::new().name("call".to_owned());
                    let reader = reader.spawn_scoped(scope, || {
                        let _until_it_is_read = thread;
                        self.read(&next, type_name, work)
                    });
                    let written = write();
                    // Where there was no thread, or it panicked, they are read here when it is their turn.
                    (written, reader.ok().and_then(|reader| reader.join().ok()))
                }),
            };
            durable.extend(written?);
            (operations, read) = (next, ahead);
        }
        self.raise();
        if self.catalog.durable_requests(&self.uuid) {
            durable.into_iter().try_for_each(|(log, position)| log.sync(position))?;
        }
        Ok(answers)
    }

    /// Writes some of the operations of one call, whose documents were `read` or are read here; what has to be on disk before they
    /// are answered.
    fn write_some(
        &self,
        operations: Vec<Operation>,
        read: Option<ReadDocuments>,
        type_name: Option<&str>,
        now: i64,
        work: &Work,
        answers: &mut Vec<Result<Written, Exception>>,
    ) -> Result<Option<(Arc<Translog>, Position)>, Fault> {
        // Reading documents takes longest and needs no lock: others write meanwhile.
        let version = self.snapshot().mapping.version();
        let read = read.filter(|read| read.before == version);
        let mut read = read.unwrap_or_else(|| self.read(&operations, type_name, work));
        let mut writer = self.writer(Some(now))?;
        // Set until the frames are in the log: a panic or an error on the way leaves it set.
        writer.failed = writer.translog.is_some();
        if writer.core.mapping.version() != read.before {
            let before = Arc::clone(&writer.core.mapping);
            read = self.read_against(&before, &operations, type_name, work);
        }
        let ReadDocuments { documents, mapping, .. } = read;
        self.grow(&mut writer, mapping)?;
        let mut frames = Frames::default();
        let begun = answers.len();
        for (operation, document) in operations.into_iter().zip(documents) {
            let answer = match work.check().and(document) {
                Ok(document) => {
                    let operation = operation.with(document);
                    self.apply(&mut writer.core, operation, now, &mut frames)?
                }
                Err(refusal) => Err(refusal),
            };
            self.count(&answer);
            answers.push(answer);
            if writer.core.is_full() {
                self.publish(&mut writer)?;
            }
        }
        self.room.store(writer.core.room(), Ordering::Relaxed);
        let written = answers.iter().skip(begun).filter_map(|answer| answer.as_ref().ok());
        self.catalog.changes.note(&self.uuid, written.map(|written| written.id.as_str()));
        let mut durable = None;
        if let Some(log) = &writer.translog
            && !frames.is_empty()
        {
            let position = log.append(&frames)?;
            self.unflushed.fetch_add(frames.len() as u64, Ordering::Relaxed);
            durable = Some((Arc::clone(log), position));
        }
        writer.failed = false;
        Ok(durable)
    }

    /// Reads the documents of `operations` against the mapping at this moment.
    fn read(
        &self,
        operations: &[Operation],
        type_name: Option<&str>,
        work: &Work,
    ) -> ReadDocuments {
        let before = Arc::clone(&self.snapshot().mapping);
        self.read_against(&before, operations, type_name, work)
    }

    fn read_against(
        &self,
        before: &Arc<Mapping>,
        operations: &[Operation],
        type_name: Option<&str>,
        work: &Work,
    ) -> ReadDocuments {
        let mut mapping = Arc::clone(before);
        // Kept with the mapping that the first sound document leaves.
        let names = type_name.map_or(Ok(false), |name| mapping.takes_type(name, &self.name));
        // What waits for a segment to be begun is analyzed when that is, and nobody waits for the answer.
        let mut room = self.room.load(Ordering::Relaxed);
        let one = |operation: &Operation| {
            work.check()?;
            names.clone()?;
            let waits = operation.bytes() < room;
            room = room.saturating_sub(operation.bytes());
            operation.read(&mut mapping, &work.cancel, waits)
        };
        let documents: Vec<_> = operations.iter().map(one).collect();
        let names = names.is_ok_and(|names| names) && documents.iter().any(Result::is_ok);
        if let Some(name) = type_name.filter(|_| names) {
            mapping = Arc::new(mapping.named(name, before.version()));
        }
        ReadDocuments { before: before.version(), documents, mapping }
    }

    fn count(&self, answer: &Result<Written, Exception>) {
        match answer {
            Err(_) => self.counters.refused.one(),
            Ok(Written { outcome: WriteOutcome::Deleted | WriteOutcome::NotFound, .. }) => {
                self.counters.deletions.one();
            }
            Ok(_) => self.counters.indexed.one(),
        }
    }

    fn apply(
        &self,
        core: &mut Core,
        operation: operation::Prepared,
        now: i64,
        frames: &mut Frames,
    ) -> Result<Result<Written, Exception>, Fault> {
        let answer = operation.apply(core, now, frames)?;
        Ok(answer.map_err(|conflict| self.on_shard(conflict)))
    }

    /// The conflict of a write that asks for another sequence number and primary term than the document `id` has, if it is
    /// there.
    pub(crate) fn seq_no_conflict(
        &self,
        id: &str,
        asked: (u64, u64),
        there: Option<(u64, u64)>,
    ) -> Exception {
        self.on_shard(operation::seq_no_conflict(id, asked, there))
    }

    fn on_shard(&self, conflict: Exception) -> Exception {
        conflict.with("index_uuid", &*self.uuid).with("shard", "0").with("index", &*self.name)
    }

    /// The writer's lock, on an index that is there and in order.
    fn writer(&self, now: Option<i64>) -> Result<MutexGuard<'_, Writer>, Fault> {
        if self.deleted.load(Ordering::Acquire) {
            return Err(Fault::Segments(format!("index [{}] is deleted", self.name)));
        }
        let mut writer = match self.state.lock() {
            Ok(writer) => writer,
            Err(poisoned) => {
                self.state.clear_poison();
                poisoned.into_inner()
            }
        };
        if writer.failed {
            let now = now.unwrap_or_else(|| self.now.load(Ordering::Relaxed));
            self.reopen(&mut writer, now)?;
        }
        Ok(writer)
    }

    fn grow(&self, writer: &mut Writer, mapping: Arc<Mapping>) -> Result<(), Fault> {
        if mapping.version() == writer.core.mapping.version() {
            return Ok(());
        }
        self.catalog.set_mapping(&self.uuid, &mapping)?;
        let searcher = writer.core.adopt(mapping, self.now.load(Ordering::Relaxed))?;
        self.show(&writer.core, searcher);
        Ok(())
    }

    fn publish(&self, writer: &mut Writer) -> Result<(), Fault> {
        self.counters.refreshes.one();
        self.catalog
            .stop_watch
            .time(&self.counters.refresh_nanoseconds, || self.publish_now(writer))
    }

    fn publish_now(&self, writer: &mut Writer) -> Result<(), Fault> {
        // What was written since the last refresh is in the builder alone: without it, the log is read again.
        let before = std::mem::replace(&mut writer.failed, writer.translog.is_some());
        let searcher = writer.core.publish(self.now.load(Ordering::Relaxed))?;
        writer.failed = before;
        self.show(&writer.core, searcher);
        Ok(())
    }

    fn show(&self, core: &Core, searcher: tantivy::Searcher) {
        self.room.store(core.room(), Ordering::Relaxed);
        let snapshot = Snapshot {
            searcher,
            graphs: core.graphs(),
            mapping: Arc::clone(&core.mapping),
            analyzers: Arc::clone(core.mapping.analyzers()),
            name: Arc::clone(&self.name),
            uuid: Arc::clone(&self.uuid),
            settings: self.catalog.search_settings(&self.uuid),
            kept_texts: Arc::clone(&self.catalog.kept_texts),
            longest: core.longest(),
            fields: None,
            existing: None,
        };
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    fn raise(&self) {
        if !self.dirty.swap(true, Ordering::AcqRel) {
            self.signal.raise(&self.uuid);
        }
    }
}

/// The exception for an index that was deleted under a request's hands.
pub(crate) fn gone(name: &str) -> Exception {
    Exception::new(ExceptionKind::IndexNotFound, format!("no such index [{name}]"))
        .with("index", name)
}
