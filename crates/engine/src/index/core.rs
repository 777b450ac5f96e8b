//! The writer's state of one index, under its lock: builder, segments, version map, sequence numbers.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use tantivy::indexer::{AddOperation, SegmentWriter};
use tantivy::{ReloadPolicy, Searcher, Term};

use super::FoundDocument;
use super::fault::Fault;
use super::files::Files;
use super::graphs::{self, Graphs};
use super::long_sources::{LONG_SOURCE_BYTES, LongSourceWriter};
use super::norms::{self, FieldLength};
use super::segment::{Lookup, Segment, StoredAddress};
use super::versions::{LiveVersion, VersionState, Versions};
use crate::cluster::settings::GC_DELETES_DEFAULT;
use crate::mapping::document::IndexDocument;
use crate::mapping::packed::{self, TokenHandover};
use crate::mapping::{Mapping, fields};

/// Bytes of `_source` after which a builder is made a segment: bounds its memory and the time of a refresh.
const BUILDER_BYTES_MAX: usize = 12 * 1024 * 1024;
/// What a builder's term table starts with; it grows by itself.
const BUILDER_BUDGET_BYTES: usize = 1_000_000;
/// Bytes of stored documents that are compressed together: to read one document all of its block is unpacked.
const STORE_BLOCK_BYTES: usize = 4096;
/// Blocks of stored documents that a searcher keeps uncompressed, per segment.
const STORE_CACHE_BLOCKS: usize = 40;

/// Up to so many bytes of `_source` wait as they are before a segment is begun: a segment being built takes some 3 MB
/// whatever is in it, and a bulk over hundreds of indices would begin one for each of its documents.
const PENDING_BYTES_MAX: usize = 16 * 1024;

/// What was written since the last refresh.
#[derive(Default)]
struct Builder {
    /// Documents of a segment that was not begun yet.
    pending: Vec<IndexDocument>,
    begun: Option<SegmentInProgress>,
    /// How many documents it has, pending ones too.
    documents: u32,
    dead: Vec<u32>,
    bytes: usize,
    /// Bytes of the longest `_source`.
    longest: usize,
}

/// A segment being built.
struct SegmentInProgress {
    writer: SegmentWriter,
    segment: tantivy::index::Segment,
    /// Of the fields that are shorter than tantivy counts.
    lengths: Vec<FieldLength>,
    /// Of the long documents, once there is one.
    long: Option<LongSourceWriter>,
    handover: TokenHandover,
}

impl Builder {
    /// Adds a document; whether it was indexed at once, as far as the work on it was not called off.
    fn add(&mut self, index: &OpenIndex, mut document: IndexDocument) -> Result<bool, Fault> {
        let waits = self.begun.is_none() && self.bytes < PENDING_BYTES_MAX;
        if waits {
            // It is answered for before it is indexed: whoever leaves then must not cut its texts short.
            document.never_call_off();
            self.documents += document.block();
            self.pending.push(document);
        } else {
            self.documents += document.block();
            self.begin(index)?.add(document)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The segment, with everything that waited for it.
    fn begin(&mut self, index: &OpenIndex) -> Result<&mut SegmentInProgress, Fault> {
        let begun = match self.begun.take() {
            Some(begun) => begun,
            None => {
                let segment = index.tantivy.new_segment();
                let writer = SegmentWriter::for_segment(BUILDER_BUDGET_BYTES, segment.clone())?;
                let handover = index.handover.clone();
                SegmentInProgress { writer, segment, lengths: Vec::new(), long: None, handover }
            }
        };
        let begun = self.begun.insert(begun);
        for document in std::mem::take(&mut self.pending) {
            begun.add(document)?;
        }
        Ok(begun)
    }
}

impl SegmentInProgress {
    /// Adds a document, behind the nested objects of its block.
    fn add(&mut self, mut document: IndexDocument) -> Result<(), Fault> {
        // Called off, it is not whole: whoever hands it on looks at the flag.
        document.analyze().ok();
        for document in document.take_nested() {
            self.add_one(document)?;
        }
        self.add_one(document)
    }

    fn add_one(&mut self, mut document: IndexDocument) -> Result<(), Fault> {
        let doc = self.writer.max_doc();
        let lengths = document.discounted_lengths();
        self.lengths.extend(lengths.map(|(field, length)| FieldLength { field, doc, length }));
        document.hand_over_tokens(&self.handover);
        let source = document.take_long_source(LONG_SOURCE_BYTES);
        self.writer.add_document(AddOperation { opstamp: 0, document })?;
        // Behind its tokens, which are gone by now.
        let Some(source) = source else { return Ok(()) };
        let long = match &mut self.long {
            Some(begun) => begun,
            None => self.long.insert(LongSourceWriter::new(&self.segment)?),
        };
        Ok(long.add(doc, &source)?)
    }
}

/// The state.
pub(crate) struct Core {
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) files: Files,
    pub(crate) segments: Vec<Segment>,
    pub(crate) next_seq_no: u64,
    pub(crate) primary_term: u64,
    index: OpenIndex,
    pub(crate) stale: bool,
    builder: Option<Builder>,
    pub(super) versions: Versions,
    stamp: u64,
}

/// The index whose segments are in some files, and where documents hand their tokens to its tokenizer.
struct OpenIndex {
    tantivy: tantivy::Index,
    handover: TokenHandover,
}

/// The newest state of one document.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) seq_no: u64,
    pub(crate) version: u64,
    pub(crate) primary_term: u64,
    place: DocumentPlace,
}

#[derive(Clone, Debug)]
enum DocumentPlace {
    /// From the first document of its block to itself.
    Built(u32, u32),
    Segment(usize, u32),
    Deleted,
}

impl Current {
    /// The document, with what is stored of it. Needs no lock.
    pub(crate) fn with(self, stored: StoredDocument) -> Result<FoundDocument, Fault> {
        let (source, routing) = stored.read()?;
        let Current { seq_no, version, primary_term, .. } = self;
        Ok(FoundDocument { version, seq_no, primary_term, routing, source })
    }

    /// Whether the document is gone and only its deletion is remembered.
    pub(crate) fn is_deleted(&self) -> bool {
        matches!(self.place, DocumentPlace::Deleted)
    }
}

/// What is stored of one document: `_source` and routing, or where they are.
pub(crate) enum StoredDocument {
    Here(Bytes, Option<String>),
    At(StoredAddress),
}

impl StoredDocument {
    /// `_source` and routing. Needs no lock.
    pub(crate) fn read(self) -> Result<(Bytes, Option<String>), Fault> {
        match self {
            StoredDocument::Here(source, routing) => Ok((source, routing)),
            StoredDocument::At(at) => at.read().map(|stored| (stored.source, stored.routing)),
        }
    }
}

/// What is written of one document beside its fields.
pub(crate) struct DocumentStamp<'a> {
    pub(crate) id: &'a str,
    pub(crate) seq_no: u64,
    pub(crate) version: u64,
    pub(crate) primary_term: u64,
    pub(crate) routing: Option<&'a str>,
}

impl Core {
    /// An index with `segments` whose files are in `files`.
    pub(crate) fn open(
        mapping: Arc<Mapping>,
        files: Files,
        segments: Vec<Segment>,
        next_seq_no: u64,
        primary_term: u64,
    ) -> Result<Core, Fault> {
        files.set_meta(meta(&mapping, &segments));
        let index = open(&files)?;
        let stamp = segments.iter().map(|segment| segment.deletes).max().unwrap_or_default();
        Ok(Core {
            mapping,
            files,
            segments,
            next_seq_no,
            primary_term,
            index,
            stale: false,
            builder: None,
            versions: Versions::keeping(GC_DELETES_DEFAULT),
            stamp,
        })
    }

    /// What begins as this does, which was published after the last write. The segments are shared: what is written to one
    /// of the two is not seen in the other.
    pub(super) fn fork(&self) -> Result<Core, Fault> {
        let files = self.files.fork();
        Ok(Core {
            mapping: Arc::clone(&self.mapping),
            index: open(&files)?,
            files,
            segments: self.segments.clone(),
            next_seq_no: self.next_seq_no,
            primary_term: self.primary_term,
            stale: false,
            builder: None,
            versions: self.versions.clone(),
            stamp: self.stamp,
        })
    }

    /// The newest state of the document `id`, deletions included while they are remembered.
    pub(crate) fn current(&self, id: &str) -> Result<Option<Current>, Fault> {
        if let Some(live) = self.versions.get(id) {
            let place = match &live.state {
                VersionState::Built { first, document, .. } => {
                    DocumentPlace::Built(*first, *document)
                }
                VersionState::Deleted { .. } => DocumentPlace::Deleted,
            };
            let LiveVersion { seq_no, version, primary_term, .. } = *live;
            return Ok(Some(Current { seq_no, version, primary_term, place }));
        }
        let term = Term::from_field_text(fields::ID, id);
        for (at, segment) in self.segments.iter().enumerate().rev() {
            if let Some(found) = segment.find(&term)? {
                return Ok(Some(Current {
                    seq_no: found.seq_no,
                    version: found.version,
                    primary_term: found.primary_term,
                    place: DocumentPlace::Segment(at, found.document),
                }));
            }
        }
        Ok(None)
    }

    /// What is stored of the document that `current` found; `None` when it is deleted.
    pub(crate) fn stored(&self, id: &str, current: &Current) -> Option<StoredDocument> {
        match current.place {
            DocumentPlace::Deleted => None,
            DocumentPlace::Built(..) => match self.versions.get(id).map(|live| &live.state) {
                Some(VersionState::Built { source, routing, .. }) => {
                    Some(StoredDocument::Here(source.clone(), routing.clone()))
                }
                _ => None,
            },
            DocumentPlace::Segment(at, document) => {
                let lookup = self.segments.get(at).and_then(|segment| segment.lookup.as_ref());
                lookup.map(|lookup| StoredDocument::At(lookup.stored(document)))
            }
        }
    }

    /// How long the `_source` of the document that `current` found is at most; `None`: it is not known.
    pub(crate) fn length_at_most(&self, id: &str, current: &Current) -> Option<u64> {
        match current.place {
            DocumentPlace::Deleted => Some(0),
            DocumentPlace::Built(..) => match self.versions.get(id).map(|live| &live.state) {
                Some(VersionState::Built { source, .. }) => Some(source.len() as u64),
                _ => None,
            },
            DocumentPlace::Segment(at, _) => self.segments.get(at).and_then(|found| found.longest),
        }
    }

    /// Bytes of the longest `_source` in its segments; `None`: it is not known.
    pub(super) fn longest(&self) -> Option<u64> {
        self.segments.iter().try_fold(0, |most, segment| Some(segment.longest?.max(most)))
    }

    /// Puts a document in the place of `current`; `false`, and nothing is changed, if the work on it was called off.
    pub(crate) fn put(
        &mut self,
        stamp: &DocumentStamp<'_>,
        mut document: IndexDocument,
        source: &Bytes,
        current: Option<&Current>,
    ) -> Result<bool, Fault> {
        document.set_source(source);
        let values = &mut document.values;
        values.add_text(fields::ID, stamp.id);
        values.add_u64(fields::SEQ_NO, stamp.seq_no);
        values.add_u64(fields::VERSION, stamp.version);
        values.add_u64(fields::PRIMARY_TERM, stamp.primary_term);
        if let Some(routing) = stamp.routing {
            values.add_text(fields::ROUTING, routing);
            values.add_text(fields::FIELD_NAMES, "_routing");
        }
        let builder = self.builder.get_or_insert_default();
        let first = builder.documents;
        let number = first + document.block() - 1;
        let cancel = document.cancel().clone();
        builder.bytes += source.len();
        builder.longest = builder.longest.max(source.len());
        let indexed = builder.add(&self.index, document)?;
        if indexed && cancel.is_cancelled() {
            // Its texts may have ended in the middle.
            builder.dead.extend(first..=number);
            return Ok(false);
        }
        self.bury(current);
        let state = VersionState::Built {
            first,
            document: number,
            source: source.clone(),
            routing: stamp.routing.map(str::to_owned),
        };
        self.remember(stamp, state);
        Ok(true)
    }

    /// Takes the document at `current` out and remembers its deletion.
    pub(crate) fn delete(
        &mut self,
        stamp: &DocumentStamp<'_>,
        current: Option<&Current>,
        now: i64,
    ) {
        self.bury(current);
        self.remember(stamp, VersionState::Deleted { at: now });
    }

    /// The files on disk that the segments stand on.
    pub(crate) fn persisted_files(&self, directory: &Path) -> HashSet<PathBuf> {
        let on_disk = self.segments.iter().filter(|segment| segment.persisted);
        on_disk.flat_map(|segment| segment.file_names(directory)).collect()
    }

    /// Documents of fewer bytes together would wait for a segment to be begun.
    pub(crate) fn room(&self) -> usize {
        match &self.builder {
            None => PENDING_BYTES_MAX,
            Some(builder) if builder.begun.is_some() => 0,
            Some(builder) => PENDING_BYTES_MAX.saturating_sub(builder.bytes),
        }
    }

    /// Texts of waiting documents that are no tokens yet.
    #[cfg(test)]
    pub(super) fn unanalyzed(&self) -> usize {
        let pending = self.builder.iter().flat_map(|builder| &builder.pending);
        pending.map(IndexDocument::unanalyzed).sum()
    }

    /// Whether the builder holds as much as it should.
    pub(crate) fn is_full(&self) -> bool {
        self.builder.as_ref().is_some_and(|builder| builder.bytes >= BUILDER_BYTES_MAX)
    }

    /// Makes the builder a segment, writes deletions, and opens a searcher that sees everything so far.
    pub(crate) fn publish(&mut self, now: i64) -> Result<Searcher, Fault> {
        self.seal()?;
        let files = self.files.clone();
        self.segments.retain(|segment| {
            let empty = segment.dead >= segment.documents;
            if empty {
                files.forget(&segment.name());
            }
            !empty
        });
        for segment in self.segments.iter_mut().filter(|segment| segment.dirty) {
            self.stamp += 1;
            segment.write_deletes(&self.files, &self.index.tantivy, self.stamp)?;
        }
        self.files.set_meta(meta(&self.mapping, &self.segments));
        // A new tantivy index each time: its list of managed files would grow with every refresh otherwise.
        self.index = open(&self.files)?;
        let reader = self
            .index
            .tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()?;
        let searcher: Searcher = reader.searcher();
        for segment in &mut self.segments {
            let mut opened = (0..).zip(searcher.segment_readers());
            let opened = opened.find(|(_, reader)| reader.segment_id() == segment.id);
            segment.lookup =
                opened.map(|(ordinal, _)| Lookup::new(&searcher, ordinal)).transpose()?;
        }
        for segment in self.segments.iter_mut().filter(|segment| segment.graphs.is_none()) {
            segment.graphs = graphs::open(&self.files, &segment.name())?;
        }
        self.versions.published(now);
        self.stale = false;
        Ok(searcher)
    }

    /// Takes a grown mapping: what was built under the old schema becomes a segment first.
    pub(crate) fn adopt(&mut self, mapping: Arc<Mapping>, now: i64) -> Result<Searcher, Fault> {
        self.seal()?;
        self.mapping = mapping;
        self.publish(now)
    }

    /// The graphs of the vectors of its segments.
    pub(crate) fn graphs(&self) -> Arc<Graphs> {
        let graphs = self.segments.iter();
        let of = |segment: &Segment| Some((segment.id, Arc::clone(segment.graphs.as_ref()?)));
        Arc::new(graphs.filter_map(of).collect())
    }

    fn seal(&mut self) -> Result<(), Fault> {
        let Some(mut builder) = self.builder.take() else { return Ok(()) };
        builder.begin(&self.index)?;
        let Builder { begun: Some(begun), documents, dead, longest, .. } = builder else {
            return Ok(());
        };
        let SegmentInProgress { writer, segment, lengths, long, .. } = begun;
        let id = segment.id();
        writer.finalize()?;
        if let Some(long) = long {
            long.finish(&segment)?;
        }
        if !lengths.is_empty() {
            norms::complete(&self.files, &self.index.tantivy, &segment, &lengths)?;
        }
        let bytes = self.files.size_of(&id.uuid_string());
        let longest = Some(longest as u64);
        self.segments.push(Segment { longest, ..Segment::new(id, documents, &dead, bytes) });
        Ok(())
    }

    fn bury(&mut self, current: Option<&Current>) {
        match current.map(|current| &current.place) {
            Some(DocumentPlace::Built(first, document)) => {
                if let Some(builder) = &mut self.builder {
                    builder.dead.extend(*first..=*document);
                }
            }
            Some(DocumentPlace::Segment(at, document)) => {
                if let Some(segment) = self.segments.get_mut(*at) {
                    segment.kill_block(*document);
                }
            }
            Some(DocumentPlace::Deleted) | None => {}
        }
    }

    fn remember(&mut self, stamp: &DocumentStamp<'_>, state: VersionState) {
        self.stale = true;
        self.next_seq_no = self.next_seq_no.max(stamp.seq_no + 1);
        let live = LiveVersion {
            seq_no: stamp.seq_no,
            version: stamp.version,
            primary_term: stamp.primary_term,
            state,
        };
        self.versions.set(stamp.id.to_owned(), live);
    }
}

/// The index whose segments are in `files`.
fn open(files: &Files) -> Result<OpenIndex, Fault> {
    let mut tantivy = tantivy::Index::open(files.clone())?;
    let handover = TokenHandover::default();
    tantivy.set_tokenizers(packed::tokenizers(&handover));
    Ok(OpenIndex { tantivy, handover })
}

/// The settings of every segment.
pub(crate) fn segment_settings() -> tantivy::IndexSettings {
    tantivy::IndexSettings {
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: STORE_BLOCK_BYTES,
        ..Default::default()
    }
}

fn meta(mapping: &Mapping, segments: &[Segment]) -> Vec<u8> {
    let rows: Vec<serde_json::Value> = segments.iter().map(Segment::meta).collect();
    json!({
        "index_settings": segment_settings(), "segments": rows,
        "schema": mapping.schema(), "opstamp": 0,
    })
    .to_string()
    .into_bytes()
}
