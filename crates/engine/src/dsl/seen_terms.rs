//! Which terms stand in a document that is there for the reader. Where a query takes the first so many terms of a field, those
//! of hidden documents take nobody's place.

use tantivy::postings::TermInfo;
use tantivy::query::{EnableScoring, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocSet, InvertedIndexReader, SegmentReader, TERMINATED};

use super::lower::Lowering;
use crate::blocks::Roots;
use crate::exception::{Exception, internal, io};
use crate::work::Work;

/// Finds the documents that are there; none is sought where all of them are.
pub(super) struct SeenDocuments<'a> {
    existing: Option<Box<dyn Weight>>,
    work: &'a Work,
}

/// Those of one segment; `None`: all.
pub(super) struct SeenTerms<'a> {
    documents: Option<(BitSet, Roots)>,
    work: &'a Work,
}

impl Lowering<'_> {
    /// The documents that are there for this reader.
    ///
    /// # Errors
    /// As [`Lowering::existing`].
    pub(super) fn seen_documents(&self) -> Result<SeenDocuments<'_>, Exception> {
        let scoring = EnableScoring::disabled_from_searcher(self.searcher);
        let existing = self.existing()?.map(|existing| existing.weight(scoring));
        Ok(SeenDocuments { existing: existing.transpose().map_err(internal)?, work: self.work })
    }
}

impl<'a> SeenDocuments<'a> {
    /// Those of the segment of `reader`.
    ///
    /// # Errors
    /// What tantivy says; `task_cancelled_exception`.
    pub(super) fn of(&self, reader: &SegmentReader) -> Result<SeenTerms<'a>, Exception> {
        let work = self.work;
        let Some(existing) = &self.existing else { return Ok(SeenTerms { documents: None, work }) };
        let mut scorer = existing.scorer(reader, 1.0).map_err(internal)?;
        let mut documents = BitSet::with_max_value(reader.max_doc());
        while scorer.doc() != TERMINATED {
            work.check()?;
            documents.insert(scorer.doc());
            scorer.advance();
        }
        let roots = Roots::of(reader).map_err(internal)?;
        Ok(SeenTerms { documents: Some((documents, roots)), work })
    }
}

impl SeenTerms<'_> {
    /// Whether the term of `info` stands in one of them.
    ///
    /// # Errors
    /// What tantivy says; `task_cancelled_exception`.
    pub(super) fn has(
        &self,
        inverted: &InvertedIndexReader,
        info: &TermInfo,
    ) -> Result<bool, Exception> {
        let Some((documents, roots)) = &self.documents else { return Ok(true) };
        let basic = IndexRecordOption::Basic;
        let mut postings = inverted.read_postings_from_terminfo(info, basic).map_err(io)?;
        while postings.doc() != TERMINATED {
            self.work.check()?;
            let root = roots.root_of(postings.doc());
            if root < documents.max_value() && documents.contains(root) {
                return Ok(true);
            }
            postings.advance();
        }
        Ok(false)
    }
}
