//! Sorting by `_id`: its terms in their order, turned around for one segment.

use std::sync::Arc;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, InvertedIndexReader, SegmentReader, TERMINATED};

use crate::exception::{Exception, internal, io};
use crate::mapping::fields;
use crate::work::{HeldMemory, Work};

/// The places of a segment's ids in their order.
pub(in crate::search) struct Ids {
    index: Arc<InvertedIndexReader>,
    ordinals: Vec<u32>,
    _held: HeldMemory,
}

impl Ids {
    /// Reads the ids of a segment.
    ///
    /// # Errors
    /// `task_cancelled_exception`, `circuit_breaking_exception`, and what tantivy says.
    pub(super) fn read(reader: &SegmentReader, work: &Work) -> Result<Ids, Exception> {
        let mut held = work.holds("<ids>");
        held.grow(u64::from(reader.max_doc()) * 4)?;
        let mut ordinals = vec![0; usize::try_from(reader.max_doc()).unwrap_or(0)];
        let index = reader.inverted_index(fields::ID).map_err(internal)?;
        let mut terms = index.terms().stream().map_err(io)?;
        while terms.advance() {
            work.check()?;
            let ordinal = u32::try_from(terms.term_ord()).unwrap_or(u32::MAX);
            let mut postings = index
                .read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)
                .map_err(io)?;
            while postings.doc() != TERMINATED {
                let place = usize::try_from(postings.doc()).unwrap_or(usize::MAX);
                if let Some(place) = ordinals.get_mut(place) {
                    *place = ordinal;
                }
                postings.advance();
            }
        }
        drop(terms);
        Ok(Ids { index, ordinals, _held: held })
    }

    /// The place of a document's id.
    pub(super) fn ordinal(&self, doc: DocId) -> u32 {
        let place = usize::try_from(doc).unwrap_or(usize::MAX);
        self.ordinals.get(place).copied().unwrap_or_default()
    }

    /// The id at a place.
    pub(super) fn text(&self, ordinal: u64) -> Result<String, Exception> {
        let mut bytes = Vec::new();
        self.index.terms().ord_to_term(ordinal, &mut bytes).map_err(io)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The place of the first id that is not before `text`, and whether it is that text.
    pub(super) fn place(&self, text: &str) -> Result<(u64, bool), Exception> {
        let terms = self.index.terms();
        let mut behind = terms.range().ge(text.as_bytes()).into_stream().map_err(io)?;
        if behind.advance() {
            return Ok((behind.term_ord(), behind.key() == text.as_bytes()));
        }
        Ok((u64::try_from(terms.num_terms()).unwrap_or(u64::MAX), false))
    }
}
