//! `_source` of long documents beside the store of documents: in pieces that are compressed one at a time, so that neither who writes a long
//! document nor who reads it holds copies of all of it (docs/decisions/0205-a-long-source-is-stored-in-pieces.md).
//!
//! Two files of a segment: the pieces, which are the documents of a store of their own, and a row for each long document: its number
//! and how many pieces are its. The store of documents says how long the source is, and nothing else of it.

use std::io::Write;

use bytes::Bytes;
use tantivy::directory::error::OpenReadError;
use tantivy::directory::{FileSlice, TerminatingWrite};
use tantivy::index::{Segment, SegmentComponent, SegmentReader};
use tantivy::store::{Compressor, StoreReader, StoreWriter};
use tantivy::{DocId, TantivyError};

/// The file with the pieces.
pub(super) const PIECES: &str = "longsource";
/// The file with the rows.
pub(super) const ROWS: &str = "longrows";

/// A source of more bytes is long. (A block of the store of documents grows to whatever its last document needs.)
pub(super) const LONG_SOURCE_BYTES: usize = 256 * 1024;
/// Bytes of a piece.
const PIECE_BYTES: usize = 64 * 1024;
/// Bytes of a row: two numbers, little endian.
const ROW_BYTES: usize = 8;

/// The long sources of a segment that is being made.
pub(super) struct LongSourceWriter {
    pieces: StoreWriter,
    rows: Vec<u8>,
}

impl LongSourceWriter {
    /// Begins the files of `segment`.
    pub(super) fn new(segment: &Segment) -> tantivy::Result<LongSourceWriter> {
        let out = segment.open_write(SegmentComponent::Custom(PIECES.to_owned()))?;
        // Each piece is more than a block of so few bytes, and so a block of its own.
        let pieces = StoreWriter::new(out, Compressor::Lz4, 1, false)?;
        Ok(LongSourceWriter { pieces, rows: Vec::new() })
    }

    /// Adds the source of a document, whose number is higher than any before.
    pub(super) fn add(&mut self, document: DocId, source: &[u8]) -> tantivy::Result<()> {
        let pieces = source.chunks(PIECE_BYTES);
        self.row(document, u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        for piece in pieces {
            self.pieces.store_bytes(piece)?;
        }
        Ok(())
    }

    fn row(&mut self, document: DocId, pieces: u32) {
        self.rows.extend([document, pieces].into_iter().flat_map(u32::to_le_bytes));
    }

    /// Ends the files.
    pub(super) fn finish(self, segment: &Segment) -> tantivy::Result<()> {
        self.pieces.close()?;
        let mut out = segment.open_write(SegmentComponent::Custom(ROWS.to_owned()))?;
        out.write_all(&self.rows)?;
        Ok(out.terminate()?)
    }
}

/// The long sources of a segment.
struct LongSources {
    pieces: StoreReader,
    /// In the order of the documents.
    rows: Vec<LongSource>,
}

/// Where the source of one document is.
#[derive(Clone, Copy)]
struct LongSource {
    document: DocId,
    /// The number of its first piece.
    first: u32,
    pieces: u32,
}

impl LongSources {
    /// Those of a segment, whose files `open` opens; `None`: it has none.
    fn open(
        open: impl Fn(SegmentComponent) -> Result<FileSlice, OpenReadError>,
    ) -> tantivy::Result<Option<LongSources>> {
        let file = |name: &str| open(SegmentComponent::Custom(name.to_owned()));
        let rows = match file(ROWS) {
            Err(OpenReadError::FileDoesNotExist(_)) => return Ok(None),
            rows => rows?.read_bytes()?,
        };
        let mut first = 0_u32;
        let row = |row: &[u8; ROW_BYTES]| {
            let [a, b, c, d, rest @ ..] = *row;
            let (document, pieces) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes(rest));
            let source = LongSource { document, first, pieces };
            first = first.saturating_add(pieces);
            source
        };
        let rows = rows.as_chunks().0.iter().map(row).collect();
        // Each piece is wanted once: none is kept.
        let pieces = StoreReader::open(file(PIECES)?, 0)?;
        Ok(Some(LongSources { pieces, rows }))
    }

    /// The source of `document`, which has `length` bytes.
    fn read(&self, document: DocId, length: u64) -> tantivy::Result<Bytes> {
        let row = self.rows.binary_search_by_key(&document, |row| row.document);
        let row = row.ok().and_then(|at| self.rows.get(at)).ok_or_else(damaged)?;
        let most = u64::from(row.pieces) * PIECE_BYTES as u64;
        let room = usize::try_from(length.min(most)).map_err(|_| damaged())?;
        let mut source = Vec::with_capacity(room);
        for piece in row.numbers() {
            source.extend_from_slice(&self.pieces.get_document_bytes(piece)?);
        }
        if source.len() as u64 == length { Ok(source.into()) } else { Err(damaged()) }
    }
}

impl LongSource {
    fn numbers(self) -> std::ops::Range<u32> {
        self.first..self.first.saturating_add(self.pieces)
    }
}

fn damaged() -> TantivyError {
    TantivyError::InternalError("a long source is not as it was stored".to_owned())
}

/// The source of a document of `segment`, which has `length` bytes and is long.
///
/// # Errors
/// What the disk says; an error that says that it is not there, or not so long.
pub(super) fn read(
    segment: &SegmentReader,
    document: DocId,
    length: u64,
) -> tantivy::Result<Bytes> {
    let sources = LongSources::open(|component| segment.open_read(component))?;
    sources.ok_or_else(damaged)?.read(document, length)
}

/// Writes to `merged` the long sources of the segments that it was made of, each with the documents that live in it, in order: so they
/// are numbered there.
///
/// # Errors
/// What the disk says.
pub(super) fn merge<'s, Documents: Iterator<Item = DocId>>(
    segments: impl Iterator<Item = (&'s Segment, Documents)>,
    merged: &Segment,
) -> tantivy::Result<()> {
    let (mut writer, mut number) = (None, 0);
    for (segment, living) in segments {
        let sources = LongSources::open(|component| segment.open_read(component))?;
        let mut rows = sources.iter().flat_map(|sources| &sources.rows).copied().peekable();
        for document in living {
            while rows.next_if(|row| row.document < document).is_some() {}
            let row = rows.next_if(|row| row.document == document);
            if let (Some(sources), Some(row)) = (&sources, row) {
                let writer = match &mut writer {
                    Some(begun) => begun,
                    None => writer.insert(LongSourceWriter::new(merged)?),
                };
                writer.row(number, row.pieces);
                for piece in row.numbers() {
                    writer.pieces.store_bytes(&sources.pieces.get_document_bytes(piece)?)?;
                }
            }
            number += 1;
        }
    }
    writer.map_or(Ok(()), |writer| writer.finish(merged))
}
