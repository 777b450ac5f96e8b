//! Sorting by a range: by the bytes that the real servers keep of a document's ranges, turned around for one segment.
//!
//! Source: `BinaryRangeUtil` and `FieldSortBuilder` of OpenSearch 2.19.

use tantivy::{DocId, SegmentReader};

use crate::columns;
use crate::exception::{Exception, internal};
use crate::mapping::range::RangeField;
use crate::mapping::{Leaf, fields};
use crate::work::{HeldMemory, Work};

/// The ranges of a segment's documents in their order.
pub(in crate::search) struct Ranges {
    /// What the documents have, each once, in order.
    values: Vec<Vec<u8>>,
    /// The place of each document's, or none.
    places: Vec<Option<u32>>,
    /// What stands for no range.
    missing: Option<Vec<u8>>,
    _held: HeldMemory,
}

impl Ranges {
    /// Reads the ranges of a segment; `missing` stands for none.
    ///
    /// # Errors
    /// `task_cancelled_exception`, `circuit_breaking_exception`, and what tantivy says.
    pub(super) fn read(
        reader: &SegmentReader,
        leaf: &Leaf,
        missing: Option<String>,
        work: &Work,
    ) -> Result<Ranges, Exception> {
        let mut held = work.holds("<ranges>");
        let mut found = Vec::new();
        let kind = leaf.kind.get::<RangeField>();
        let column = columns::bytes(reader, &fields::stored_name(&leaf.path)).map_err(internal)?;
        if let (Some(column), Some(kind), false) = (column, kind, leaf.is_absent) {
            held.grow(u64::from(reader.max_doc()) * 8)?;
            for doc in 0..reader.max_doc() {
                work.check()?;
                let spans = kind.spans_of(&column, doc)?;
                if !spans.is_empty() {
                    let bytes = kind.encoded(spans);
                    held.grow(bytes.len() as u64 + 48)?;
                    found.push((bytes, doc));
                }
            }
        }
        let found = work.sorted_by(found, |a, b| a.0.cmp(&b.0))?;
        let mut places = vec![None; usize::try_from(reader.max_doc()).unwrap_or(0)];
        let mut values: Vec<Vec<u8>> = Vec::new();
        for (bytes, doc) in found {
            if values.last() != Some(&bytes) {
                values.push(bytes);
            }
            let place = usize::try_from(doc).ok().and_then(|doc| places.get_mut(doc));
            if let Some(place) = place {
                *place = u32::try_from(values.len() - 1).ok();
            }
        }
        let missing = missing.map(String::into_bytes);
        Ok(Ranges { values, places, missing, _held: held })
    }

    /// The place of a document's ranges.
    pub(super) fn place(&self, doc: DocId) -> Option<u32> {
        self.places.get(usize::try_from(doc).ok()?).copied().flatten()
    }

    /// The ranges at a place; `None` between two, where what stands for none is.
    pub(super) fn bytes(&self, place: Option<usize>) -> Vec<u8> {
        let found = place.and_then(|place| self.values.get(place));
        found.or(self.missing.as_ref()).cloned().unwrap_or_default()
    }

    /// The place of the first ranges that are not before `bytes`, and whether they are these.
    pub(super) fn place_of(&self, bytes: &[u8]) -> (usize, bool) {
        match self.values.binary_search_by(|value| value.as_slice().cmp(bytes)) {
            Ok(place) => (place, true),
            Err(place) => (place, false),
        }
    }
}
