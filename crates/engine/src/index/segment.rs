//! One segment of an index: which of its documents are alive, and the lookup of a document by its id.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::fastfield::{Column, write_alive_bitset};
use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{
    BitSet, DocAddress, DocId, DocSet, Searcher, SegmentOrdinal, SegmentReader, TERMINATED, Term,
};

use super::fault::Fault;
use super::files::Files;
use super::stored::StoredFields;
use crate::blocks::Roots;
use crate::mapping::fields;
use crate::vectors::file::SegmentGraphs;

/// A segment and its living documents.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    pub(crate) documents: u32,
    pub(crate) alive: BitSet,
    pub(crate) dead: u32,
    /// Whether `dead` has grown since the deletions were last written to a file.
    pub(crate) dirty: bool,
    /// Names the file with the deletions; 0: none.
    pub(crate) deletes: u64,
    /// The `deletes` whose file is on disk.
    pub(crate) persisted_deletes: u64,
    /// Whether the compound file is on disk.
    pub(crate) persisted: bool,
    /// Bytes of documents, for merging like with like.
    pub(crate) bytes: u64,
    /// Bytes of the longest `_source` in it; `None`: it was not noted when the segment was made.
    pub(crate) longest: Option<u64>,
    pub(crate) lookup: Option<Lookup>,
    /// The graphs of its vectors, if it has any.
    pub(crate) graphs: Option<Arc<SegmentGraphs>>,
}

/// Where the newest state of a document is told.
#[derive(Clone)]
pub(crate) struct Lookup {
    searcher: Searcher,
    segment: SegmentOrdinal,
    reader: SegmentReader,
    seq_no: Column<u64>,
    version: Column<u64>,
    primary_term: Column<u64>,
    roots: Roots,
}

/// A living document in a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveDocument {
    pub(crate) document: DocId,
    pub(crate) seq_no: u64,
    pub(crate) version: u64,
    pub(crate) primary_term: u64,
}

impl Segment {
    pub(crate) fn new(id: SegmentId, documents: u32, dead: &[DocId], bytes: u64) -> Segment {
        let mut segment = Segment {
            id,
            documents,
            alive: BitSet::with_max_value_and_full(documents),
            dead: 0,
            dirty: false,
            deletes: 0,
            persisted_deletes: 0,
            persisted: false,
            bytes,
            longest: None,
            lookup: None,
            graphs: None,
        };
        dead.iter().for_each(|document| segment.kill(*document));
        segment
    }

    /// Takes `document` out.
    pub(crate) fn kill(&mut self, document: DocId) {
        if self.alive.contains(document) {
            self.alive.remove(document);
            self.dead += 1;
            self.dirty = true;
        }
    }

    /// Takes out `document` and the nested objects of its block.
    pub(crate) fn kill_block(&mut self, document: DocId) {
        let first =
            self.lookup.as_ref().map_or(document, |lookup| lookup.roots.block_start(document));
        (first..=document).for_each(|document| self.kill(document));
    }

    /// The files a manifest that names the segment stands on.
    pub(crate) fn file_names(&self, directory: &Path) -> Vec<PathBuf> {
        let deletes = self.deletes_file().map(|name| directory.join(name));
        [super::flush::compound(directory, &self.name())].into_iter().chain(deletes).collect()
    }

    /// The name all files of the segment begin with.
    pub(crate) fn name(&self) -> String {
        self.id.uuid_string()
    }

    /// The file with the deletions as last written, if there are any.
    pub(crate) fn deletes_file(&self) -> Option<PathBuf> {
        (self.deletes > 0).then(|| PathBuf::from(format!("{}.{}.del", self.name(), self.deletes)))
    }

    /// Writes the deletions to a new file called after `stamp`, which must be higher than any before.
    pub(crate) fn write_deletes(
        &mut self,
        files: &Files,
        index: &tantivy::Index,
        stamp: u64,
    ) -> Result<(), Fault> {
        use tantivy::directory::TerminatingWrite;
        if let Some(old) = self.deletes_file() {
            files.remove(&old);
        }
        self.deletes = stamp;
        let Some(path) = self.deletes_file() else { return Ok(()) };
        // Through the managed directory, which adds the footer that readers check.
        let mut out = tantivy::Directory::open_write(index.directory(), &path)
            .map_err(|error| Fault::Segments(error.to_string()))?;
        write_alive_bitset(&self.alive, &mut out)
            .and_then(|()| out.terminate())
            .map_err(Fault::io(&path))?;
        self.dirty = false;
        Ok(())
    }

    /// Its row of `meta.json` and of the manifest.
    pub(crate) fn meta(&self) -> serde_json::Value {
        let deletes = (self.deletes > 0)
            .then(|| serde_json::json!({"num_deleted_docs": self.dead, "opstamp": self.deletes}));
        serde_json::json!({"segment_id": self.id, "max_doc": self.documents, "deletes": deletes})
    }

    /// The living document with this id.
    pub(crate) fn find(&self, id: &Term) -> Result<Option<LiveDocument>, Fault> {
        let Some(lookup) = &self.lookup else { return Ok(None) };
        lookup.find(id, |document| self.alive.contains(document))
    }
}

impl Lookup {
    /// That of the segment number `segment` of `searcher`.
    pub(crate) fn new(searcher: &Searcher, segment: SegmentOrdinal) -> Result<Lookup, Fault> {
        let reader = searcher.segment_reader(segment);
        let column = |name: &str| reader.fast_fields().u64(name);
        let primary_term = column(fields::PRIMARY_TERM_NAME)?;
        Ok(Lookup {
            roots: Roots::by(&primary_term),
            primary_term,
            seq_no: column(fields::SEQ_NO_NAME)?,
            version: column(fields::VERSION_NAME)?,
            reader: reader.clone(),
            searcher: searcher.clone(),
            segment,
        })
    }

    /// The document with this id that `alive` lets live.
    pub(crate) fn find(
        &self,
        id: &Term,
        alive: impl Fn(DocId) -> bool,
    ) -> Result<Option<LiveDocument>, Fault> {
        let terms = self.reader.inverted_index(fields::ID)?;
        let postings = terms
            .read_postings(id, IndexRecordOption::Basic)
            .map_err(|error| Fault::Segments(error.to_string()))?;
        let Some(mut postings) = postings else { return Ok(None) };
        while postings.doc() != TERMINATED {
            let document = postings.doc();
            if alive(document) {
                return Ok(Some(LiveDocument {
                    document,
                    seq_no: self.seq_no.first(document).unwrap_or_default(),
                    version: self.version.first(document).unwrap_or_default(),
                    primary_term: self.primary_term.first(document).unwrap_or_default(),
                }));
            }
            postings.advance();
        }
        Ok(None)
    }

    /// A document as a search found it, with its id. `stored` is what its segment stores of it.
    pub(crate) fn document(
        &self,
        document: DocId,
        stored: StoredFields,
    ) -> (String, super::FoundDocument) {
        let found = super::FoundDocument {
            version: self.version.first(document).unwrap_or_default(),
            seq_no: self.seq_no.first(document).unwrap_or_default(),
            primary_term: self.primary_term.first(document).unwrap_or_default(),
            routing: stored.routing,
            source: stored.source,
        };
        (stored.id, found)
    }

    /// Where what is stored of a document is read.
    pub(crate) fn stored(&self, document: DocId) -> StoredAddress {
        let address = DocAddress::new(self.segment, document);
        StoredAddress { searcher: self.searcher.clone(), address }
    }
}

/// Where what a segment stores of a document is read: through the searcher, which keeps the blocks that it unpacked last.
pub(crate) struct StoredAddress {
    searcher: Searcher,
    address: DocAddress,
}

impl StoredAddress {
    /// Reads it.
    pub(crate) fn read(&self) -> Result<StoredFields, Fault> {
        Ok(StoredFields::read(&self.searcher, self.address)?)
    }
}
