//! What searches keep of the dictionaries of segments, which never change: the hashes by which different texts are counted, and
//! pieces of texts by which they are named. To read one text of a dictionary, up to a block of it is unpacked and walked through.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::SegmentReader;
use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;

use crate::columns::{Piece, piece_of};
use crate::exception::Exception;
use crate::mapping::{Column, Leaf};

/// Bytes that the searches of one engine keep; what was used least lately goes first.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What something kept takes beside what it is.
const KEPT_BYTES: usize = 256;

/// What is kept of all segments.
#[derive(Debug, Default)]
pub(crate) struct KeptTexts(Mutex<Kept>);

/// A column of texts of one segment, under the path of its field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentColumn<'a> {
    pub(crate) segment: SegmentId,
    pub(crate) field: &'a str,
    pub(crate) column: &'a StrColumn,
}

/// What is kept of a column, for who names its texts.
#[derive(Clone, Debug)]
pub(crate) struct KeptColumn {
    kept: Arc<KeptTexts>,
    segment: SegmentId,
    field: Arc<str>,
}

#[derive(Debug, Default)]
struct Kept {
    parts: HashMap<(SegmentId, String, DictionaryPartName), KeptPart>,
    bytes: usize,
    /// How often any was asked for.
    uses: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum DictionaryPartName {
    Hashes,
    Piece(usize),
}

#[derive(Clone, Debug)]
enum DictionaryPart {
    /// Of all texts, by ordinal.
    Hashes(Arc<[u64]>),
    Piece(Arc<Piece>),
}

#[derive(Debug)]
struct KeptPart {
    part: DictionaryPart,
    used: u64,
}

impl KeptTexts {
    /// The hashes of all texts of a column, if they are kept.
    pub(crate) fn hashes(&self, of: SegmentColumn<'_>) -> Option<Arc<[u64]>> {
        match self.kept().get(of, DictionaryPartName::Hashes)? {
            DictionaryPart::Hashes(hashes) => Some(hashes),
            DictionaryPart::Piece(_) => None,
        }
    }

    /// Whether so many hashes may be kept: half of the room at most.
    pub(crate) fn takes(hashes: usize) -> bool {
        hashes.saturating_mul(size_of::<u64>()) <= KEPT_BYTES_MAX / 2
    }

    /// Keeps the hashes of all texts of a column, in the place of others where there is no room.
    pub(crate) fn keep_hashes(&self, of: SegmentColumn<'_>, hashes: &Arc<[u64]>) {
        self.kept().put(of, DictionaryPartName::Hashes, DictionaryPart::Hashes(Arc::clone(hashes)));
    }

    /// A text of a column; what stands near it is kept.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn text(&self, of: SegmentColumn<'_>, ordinal: u64) -> Result<String, Exception> {
        let (number, within) = piece_of(ordinal);
        let known = self.kept().get(of, DictionaryPartName::Piece(number));
        let piece = match known {
            Some(DictionaryPart::Piece(piece)) => piece,
            _ => {
                let piece = Arc::new(Piece::read(of.column, number)?);
                self.kept().put(
                    of,
                    DictionaryPartName::Piece(number),
                    DictionaryPart::Piece(Arc::clone(&piece)),
                );
                piece
            }
        };
        Ok(String::from_utf8_lossy(piece.term(within)).into_owned())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeptColumn {
    /// That of `leaf` in the segment of `reader`; `None` where the segment has no column of it: of terms that were turned round for one
    /// search nothing is kept.
    pub(crate) fn of(
        kept: &Arc<KeptTexts>,
        reader: &SegmentReader,
        leaf: &Leaf,
    ) -> Option<KeptColumn> {
        (leaf.column == Some(Column::Str)).then(|| KeptColumn {
            kept: Arc::clone(kept),
            segment: reader.segment_id(),
            field: leaf.path.as_str().into(),
        })
    }

    /// The text of `column`, which is this one's, that has `ordinal`.
    ///
    /// # Errors
    /// As [`KeptTexts::text`].
    pub(crate) fn text(&self, column: &StrColumn, ordinal: u64) -> Result<String, Exception> {
        let of = SegmentColumn { segment: self.segment, field: &self.field, column };
        self.kept.text(of, ordinal)
    }
}

impl Kept {
    fn get(&mut self, of: SegmentColumn<'_>, name: DictionaryPartName) -> Option<DictionaryPart> {
        self.uses += 1;
        let found = self.parts.get_mut(&(of.segment, of.field.to_owned(), name))?;
        found.used = self.uses;
        Some(found.part.clone())
    }

    fn put(&mut self, of: SegmentColumn<'_>, name: DictionaryPartName, part: DictionaryPart) {
        self.uses += 1;
        self.bytes += part.bytes();
        let new = KeptPart { part, used: self.uses };
        let before = self.parts.insert((of.segment, of.field.to_owned(), name), new);
        self.bytes -= before.map_or(0, |before| before.part.bytes());
        while self.bytes > KEPT_BYTES_MAX {
            let oldest = self.parts.iter().min_by_key(|(_, kept)| kept.used);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { return };
            self.bytes -= self.parts.remove(&oldest).map_or(0, |gone| gone.part.bytes());
        }
    }
}

impl DictionaryPart {
    fn bytes(&self) -> usize {
        KEPT_BYTES
            + match self {
                DictionaryPart::Hashes(hashes) => size_of_val::<[u64]>(hashes),
                DictionaryPart::Piece(piece) => piece.bytes(),
            }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;
    use crate::index::{CreateIndex, Indices, Operation, Precondition, Write};

    /// A segment of one keyword, with texts in order.
    fn searcher(texts: usize) -> tantivy::Searcher {
        let indices = Indices::open(None, 0).unwrap();
        let mappings = json!({"properties": {"k": {"type": "keyword"}}});
        let body = CreateIndex { mappings, ..CreateIndex::default() };
        let uuid = Arc::clone(&indices.create_index("i", &body, 0).unwrap().uuid);
        let index = indices.index(&uuid).unwrap();
        let write = |n: usize| {
            let value = json!({"k": text(n)});
            Operation {
                id: n.to_string(),
                routing: None,
                precondition: Precondition::None,
                write: Write::Index { raw: value.to_string().into(), value: value.into() },
            }
        };
        index.write((0..texts).map(write).collect(), 0);
        index.refresh().unwrap();
        index.snapshot().searcher.clone()
    }

    fn text(n: usize) -> String {
        format!("text {n:05}")
    }

    #[test]
    fn a_text_is_read_once_with_those_beside_it() {
        let (searcher, kept) = (searcher(1000), KeptTexts::default());
        let reader = searcher.segment_reader(0);
        let column = reader.fast_fields().str("k").unwrap().unwrap();
        let of = SegmentColumn { segment: reader.segment_id(), field: "k", column: &column };
        for _ in 0..2 {
            for n in [0, 1, 255, 256, 700, 999] {
                assert_eq!(kept.text(of, n as u64).unwrap(), text(n));
            }
        }
        let pieces = kept.kept().parts.keys().map(|(.., name)| *name).collect::<HashSet<_>>();
        assert_eq!(pieces, HashSet::from([0, 1, 2, 3].map(DictionaryPartName::Piece)));
    }

    #[test]
    fn what_was_used_least_lately_goes_first() {
        let (searcher, kept) = (searcher(1), KeptTexts::default());
        let reader = searcher.segment_reader(0);
        let column = reader.fast_fields().str("k").unwrap().unwrap();
        let of = |field| SegmentColumn { segment: reader.segment_id(), field, column: &column };
        let quarter: Arc<[u64]> = vec![1; KEPT_BYTES_MAX / 32 - KEPT_BYTES].into();
        for field in ["a", "b", "c", "d"] {
            kept.keep_hashes(of(field), &quarter);
        }
        assert!(kept.hashes(of("a")).is_some());
        kept.keep_hashes(of("d"), &quarter);
        kept.keep_hashes(of("e"), &quarter);
        let left = ["a", "b", "c", "d", "e"].map(|field| kept.hashes(of(field)).is_some());
        assert_eq!(left, [true, false, true, true, true]);
    }

    #[test]
    fn a_field_of_very_many_texts_takes_no_room_from_others() {
        assert!(KeptTexts::takes(1_000_000) && !KeptTexts::takes(2_000_000));
    }
}
