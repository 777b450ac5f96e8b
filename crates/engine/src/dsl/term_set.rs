//! The documents of all terms of a field that a test accepts: `prefix`, `wildcard`, `regexp`, and `fuzzy` in filters.
//! Few terms are read from their postings; many, in a field with a column, from the column of ordinals.

use std::sync::Arc;

use tantivy::query::{
    BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::work::{Cancel, stopped};

/// From how many terms on the column is read instead of the postings, in a small segment.
const POSTINGS_MAX: usize = 128;

/// The same in a larger one: a term's postings take as long to open as the values of so many documents to read.
const DOCUMENTS_A_TERM: usize = 32;

/// What accepts a term.
pub(crate) type TermAcceptor = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The terms that start with `prefix` and are accepted.
#[derive(Clone)]
pub(crate) struct TermSet {
    pub(crate) field: Field,
    /// The name of the field's column of ordinals, if it has one.
    pub(crate) column: Option<String>,
    pub(crate) prefix: String,
    /// `None`: every term with the prefix.
    pub(crate) accept: Option<TermAcceptor>,
    /// Ends the walk over the terms and over the documents.
    pub(crate) cancel: Cancel,
}

impl std::fmt::Debug for TermSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TermSet({:?}, {:?}…)", self.field, self.prefix)
    }
}

impl Query for TermSet {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

/// The first string after all strings that start with `prefix`; `None` when there is none.
pub(crate) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut after = prefix.get(..=kept)?.to_vec();
    if let Some(last) = after.last_mut() {
        *last += 1;
    }
    Some(after)
}

impl TermSet {
    fn documents(&self, reader: &SegmentReader) -> tantivy::Result<BitSet> {
        let mut documents = BitSet::with_max_value(reader.max_doc());
        let inverted = reader.inverted_index(self.field)?;
        let mut range = inverted.terms().range().ge(self.prefix.as_bytes());
        if let Some(after) = after_prefix(self.prefix.as_bytes()) {
            range = range.lt(after);
        }
        let mut stream = range.into_stream()?;
        let mut found = Vec::new();
        let most = POSTINGS_MAX.max(reader.max_doc() as usize / DOCUMENTS_A_TERM);
        while stream.advance() {
            self.check()?;
            if self.accepts(stream.key()) {
                found.push(stream.value().clone());
                if found.len() > most && self.column.is_some() {
                    return self.by_ordinals(reader, documents);
                }
            }
        }
        for info in found {
            let mut postings =
                inverted.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                self.check()?;
                documents.insert(postings.doc());
                postings.advance();
            }
        }
        Ok(documents)
    }

    fn check(&self) -> tantivy::Result<()> {
        if self.cancel.is_cancelled() { Err(stopped()) } else { Ok(()) }
    }

    fn accepts(&self, key: &[u8]) -> bool {
        match &self.accept {
            None => true,
            Some(accept) => std::str::from_utf8(key).is_ok_and(|term| accept(term)),
        }
    }

    fn by_ordinals(
        &self,
        reader: &SegmentReader,
        mut documents: BitSet,
    ) -> tantivy::Result<BitSet> {
        let name = self.column.as_deref().unwrap_or_default();
        let Some(column) = reader.fast_fields().str(name)? else { return Ok(documents) };
        let mut wanted =
            BitSet::with_max_value(u32::try_from(column.num_terms()).unwrap_or(u32::MAX));
        let mut stream = column.dictionary().prefix_range(self.prefix.as_bytes()).into_stream()?;
        while stream.advance() {
            self.check()?;
            if self.accepts(stream.key()) {
                wanted.insert(u32::try_from(stream.term_ord()).unwrap_or(u32::MAX));
            }
        }
        let ordinals = column.ords();
        for doc in 0..reader.max_doc() {
            self.check()?;
            let is_wanted = |ordinal: u64| u32::try_from(ordinal).is_ok_and(|o| wanted.contains(o));
            if ordinals.values_for_doc(doc).any(is_wanted) {
                documents.insert(doc);
            }
        }
        Ok(documents)
    }
}

impl Weight for TermSet {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let documents = BitSetDocSet::from(self.documents(reader)?);
        Ok(Box::new(ConstScorer::new(documents, boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("constant score", 1.0))
    }
}
