//! Words scored as Lucene scores them: with the statistics of the **field**: N counts only documents that have a term in the
//! field, the average length is over those. Field length is Lucene's one-byte code.
//!
//! Source: `LegacyBM25Similarity` (Elasticsearch 7, OpenSearch 2).
//!
//! Corrected statistics make tantivy's block-max pruning wrong, so nothing here is ever collected with pruning.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{
    Bm25StatisticsProvider, Bm25Weight, EmptyScorer, EnableScoring, Explanation, Query, Scorer,
    TermQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, Term};

use super::explanation::{self, DocumentAt};
pub(crate) use super::scores::TermStatistics;
use super::scores::{ScoredHit, Scores, idf};
use crate::exception::{Exception, internal, io};
use crate::flavor::{Flavor, ServedFlavor};
use crate::mapping::flat_object::{FlatObject, is_of_a_path};
use crate::mapping::{Leaf, fields};
use crate::similarity::{Bm25Parameters, Similarity};
use crate::work::{Cancel, stopped};

/// Most (segment, field) pairs remembered: 16 bytes each and their keys.
const REMEMBERED_MAX: usize = 100_000;

/// What of a field counts for scoring, over all segments, deleted documents included as in Lucene.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldStatistics {
    /// Documents with a term in the field.
    pub(crate) documents: u64,
    /// Terms in the field, over all documents; of an object that is one field, its values without their paths.
    pub(crate) terms: u64,
    /// Of an object that is one field, its values with their paths.
    pub(crate) paths: u64,
    /// Whether scores are without the factor (k1 + 1): Lucene's own `BM25Similarity`, which its index in memory has.
    pub(crate) plain: bool,
    /// What makes a score of them.
    pub(crate) similarity: Arc<Similarity>,
}

/// What is counted once for each segment: documents and terms, as in [`FieldStatistics`].
#[derive(Clone, Copy, Debug)]
struct Counted {
    documents: u64,
    terms: u64,
    paths: u64,
}

/// The statistics of fields by segment; segments do not change, so they are counted once.
#[derive(Debug)]
pub(crate) struct Statistics {
    counted: Mutex<HashMap<(SegmentId, u32), Counted>>,
    flavor: ServedFlavor,
    plain: bool,
}

impl Statistics {
    /// None counted yet, for the queries of `flavor`.
    pub(crate) fn new(flavor: Flavor) -> Statistics {
        Statistics { counted: Mutex::default(), flavor: ServedFlavor::new(flavor), plain: false }
    }

    /// Those of an index in memory: scored as Lucene scores where nobody set a similarity.
    pub(crate) fn in_memory(flavor: Flavor) -> Statistics {
        Statistics { plain: true, ..Statistics::new(flavor) }
    }

    /// The service whose queries these are scored for.
    pub(crate) fn flavor(&self) -> Flavor {
        self.flavor.get()
    }

    /// From now on these are for the queries of `flavor`.
    pub(crate) fn set_flavor(&self, flavor: Flavor) {
        self.flavor.set(flavor);
    }

    /// Whether those of `field` were counted in every segment of `searcher`.
    pub(crate) fn knows(&self, searcher: &Searcher, field: Field) -> bool {
        let Ok(counted) = self.counted.lock() else { return false };
        let key = |reader: &SegmentReader| (reader.segment_id(), field.field_id());
        searcher.segment_readers().iter().all(|reader| counted.contains_key(&key(reader)))
    }

    /// The statistics of `leaf` in `searcher`.
    pub(crate) fn of(
        &self,
        searcher: &Searcher,
        leaf: &Leaf,
        field: Field,
        cancel: &Cancel,
    ) -> tantivy::Result<FieldStatistics> {
        let similarity = if self.plain { Arc::default() } else { Arc::clone(&leaf.similarity) };
        let mut sum =
            FieldStatistics { similarity, plain: self.plain, ..FieldStatistics::default() };
        for reader in searcher.segment_readers() {
            let key = (reader.segment_id(), field.field_id());
            let known = self.counted.lock().ok().and_then(|map| map.get(&key).copied());
            let counted = match known {
                Some(counted) => counted,
                None => {
                    let counted = count(reader, leaf, field, cancel)?;
                    if let Ok(mut map) = self.counted.lock() {
                        if map.len() >= REMEMBERED_MAX {
                            map.clear();
                        }
                        map.insert(key, counted);
                    }
                    counted
                }
            };
            sum.documents += counted.documents;
            sum.terms += counted.terms;
            sum.paths += counted.paths;
        }
        Ok(sum)
    }
}

/// How frequent `term` of `leaf` is, as far as a field with `statistics` asks.
pub(crate) fn term_statistics(
    searcher: &Searcher,
    leaf: &Leaf,
    term: &Term,
    statistics: &FieldStatistics,
    cancel: &Cancel,
) -> tantivy::Result<TermStatistics> {
    let documents = searcher.doc_freq(term)?;
    if !statistics.similarity.counts_occurrences() || !leaf.kind.has_frequencies() {
        return Ok(TermStatistics { documents, occurrences: documents });
    }
    let mut occurrences = 0;
    for reader in searcher.segment_readers() {
        let inverted = reader.inverted_index(term.field())?;
        let postings = inverted.read_postings(term, IndexRecordOption::WithFreqs)?;
        let Some(mut postings) = postings else { continue };
        while postings.doc() != TERMINATED {
            if cancel.is_cancelled() {
                return Err(stopped());
            }
            occurrences += u64::from(postings.term_freq());
            postings.advance();
        }
    }
    Ok(TermStatistics { documents, occurrences })
}

fn count(
    reader: &SegmentReader,
    leaf: &Leaf,
    field: Field,
    cancel: &Cancel,
) -> tantivy::Result<Counted> {
    let inverted = reader.inverted_index(field)?;
    let documents = match reader.fieldnorms_readers().get_field(field)? {
        Some(norms) => {
            let has_terms = |doc: &DocId| norms.fieldnorm_id(*doc) != 0;
            (0..reader.max_doc()).filter(has_terms).count() as u64
        }
        None => {
            let name = Term::from_field_text(fields::FIELD_NAMES, &leaf.path);
            reader.inverted_index(fields::FIELD_NAMES)?.doc_freq(&name)?.into()
        }
    };
    let (mut terms, mut paths) = (inverted.total_num_tokens(), 0);
    if terms != documents && !leaf.kind.has_frequencies() {
        // Without frequencies a field is as long as it has different terms: the sum of their document frequencies.
        terms = 0;
        let mut stream = inverted.terms().stream()?;
        while stream.advance() {
            if cancel.is_cancelled() {
                return Err(stopped());
            }
            let place = if is_of_a_path(stream.key()) { &mut paths } else { &mut terms };
            *place += u64::from(stream.value().doc_freq);
        }
        if !leaf.kind.is::<FlatObject>() {
            (terms, paths) = (terms + paths, 0);
        }
    }
    Ok(Counted { documents, terms, paths })
}

/// One term, scored with the statistics of its field.
#[derive(Clone, Debug)]
pub(crate) struct ScoredTerm {
    term: Term,
    option: IndexRecordOption,
    statistics: FieldStatistics,
    frequency: TermStatistics,
    /// As Lucene writes it.
    shown: String,
}

impl ScoredTerm {
    /// `term` with what is known of its field.
    pub(crate) fn new(
        term: Term,
        option: IndexRecordOption,
        statistics: FieldStatistics,
        frequency: TermStatistics,
        shown: String,
    ) -> ScoredTerm {
        ScoredTerm { term, option, statistics, frequency, shown }
    }

    /// As Lucene writes it: `title:fox`.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Why a document scores as it does.
    pub(super) fn explain_at(
        &self,
        place: &DocumentAt<'_>,
        boost: f32,
    ) -> Result<explanation::Explanation, Exception> {
        let field = self.term.field();
        let inverted = place.reader.inverted_index(field).map_err(internal)?;
        let postings = inverted.read_postings(&self.term, self.option).map_err(io)?;
        let Some(mut postings) = postings else {
            return Ok(explanation::Explanation::not("no matching term", Vec::new()));
        };
        if postings.doc() > place.doc
            || postings.doc() < place.doc && postings.seek(place.doc) != place.doc
        {
            return Ok(explanation::Explanation::not("no matching term", Vec::new()));
        }
        let hit = ScoredHit {
            shown: &self.shown,
            statistics: &self.statistics,
            terms: &[self.frequency],
            frequency: postings.term_freq() as f32,
            frequency_words: "freq, occurrences of term within document".to_owned(),
            length: length(place, field)?,
            boost,
            doc: place.doc,
        };
        Ok(hit.explain())
    }
}

/// How long the field of a document is, as far as its one-byte code tells.
pub(super) fn length(place: &DocumentAt<'_>, field: Field) -> Result<f32, Exception> {
    let norms = place.reader.fieldnorms_readers().get_field(field).map_err(internal)?;
    Ok(super::scores::length(norm_code(norms.as_ref(), place.doc)))
}

/// The code of a field's length; without norms every field counts as one term long.
pub(super) fn norm_code(norms: Option<&FieldNormReader>, doc: DocId) -> u8 {
    norms.map_or(1, |norms| norms.fieldnorm_id(doc))
}

impl FieldStatistics {
    /// The average length of the documents with a term in the field.
    pub(super) fn average(&self) -> f32 {
        (self.terms as f64 / self.documents.max(1) as f64) as f32
    }
}

impl Bm25StatisticsProvider for ScoredTerm {
    fn total_num_tokens(&self, _: Field) -> tantivy::Result<u64> {
        Ok(self.statistics.terms)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.statistics.documents.max(self.frequency.documents).max(1))
    }

    fn doc_freq(&self, _: &Term) -> tantivy::Result<u64> {
        Ok(self.frequency.documents)
    }
}

impl Query for ScoredTerm {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(match self.weighted(scoring)? {
            TermWeight::Bm25 { inner, correction } => Box::new(CorrectedBm25 { inner, correction }),
            TermWeight::Other(weight) => weight,
        })
    }
}

/// What a term is weighed with.
enum TermWeight {
    /// tantivy's weight, and by how much its scores are off.
    Bm25 { inner: Box<dyn Weight>, correction: f32 },
    /// Another similarity, or none.
    Other(Box<dyn Weight>),
}

impl ScoredTerm {
    fn weighted(&self, scoring: EnableScoring<'_>) -> tantivy::Result<TermWeight> {
        let query = TermQuery::new(self.term.clone(), self.option);
        let EnableScoring::Enabled { searcher, .. } = scoring else {
            return Ok(TermWeight::Other(query.weight(scoring)?));
        };
        let Similarity::Bm25(Bm25Parameters { k1: K1, b: B, .. }) = *self.statistics.similarity
        else {
            return Ok(TermWeight::Other(Box::new(SimilarTerm {
                term: self.term.clone(),
                option: self.option,
                scores: Scores::new(&self.statistics, &[self.frequency]),
            })));
        };
        let inner =
            query.weight(EnableScoring::enabled_from_statistics_provider(self, searcher))?;
        // tantivy takes the logarithm of a 32-bit number; for frequent terms that is off by a thousandth.
        let frequency = self.frequency.documents;
        let exact = idf(frequency, self.statistics.documents);
        let rounded = rounded_idf(frequency, self.statistics.documents.max(frequency).max(1));
        let correction = if rounded > 0.0 { (exact / f64::from(rounded)) as f32 } else { 1.0 };
        let factor = if self.statistics.plain { K1 + 1.0 } else { 1.0 };
        Ok(TermWeight::Bm25 { inner, correction: correction / factor })
    }

    /// As [`Query::weight`], of a term that is not joined with others by tantivy, which knows its own scorers then: this one's scorer is a
    /// [`TermScorer`], whose steps a loop over the matches may have within itself.
    pub(super) fn weight_alone(
        &self,
        scoring: EnableScoring<'_>,
    ) -> tantivy::Result<Box<dyn Weight>> {
        let (term, option) = (self.term.clone(), self.option);
        Ok(match self.weighted(scoring)? {
            TermWeight::Bm25 { inner, correction } => {
                let weight = Bm25Weight::for_terms(self, std::slice::from_ref(&term))?;
                Box::new(TermAlone { inner, term, option, weight, correction })
            }
            TermWeight::Other(weight) => weight,
        })
    }
}

/// A term that is scored by itself.
struct TermAlone {
    inner: Box<dyn Weight>,
    term: Term,
    option: IndexRecordOption,
    weight: Bm25Weight,
    correction: f32,
}

impl Weight for TermAlone {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let field = self.term.field();
        let postings = reader.inverted_index(field)?.read_postings(&self.term, self.option)?;
        let Some(postings) = postings else { return Ok(Box::new(EmptyScorer)) };
        let norms = reader.fieldnorms_readers().get_field(field)?;
        let norms = norms.unwrap_or_else(|| FieldNormReader::constant(reader.max_doc(), 1));
        let weight = self.weight.boost_by(boost * self.correction);
        Ok(Box::new(TermScorer { postings, norms, weight }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        self.inner.count(reader)
    }
}

/// The documents of a term, scored as tantivy's own scorer does it.
pub(crate) struct TermScorer {
    postings: SegmentPostings,
    norms: FieldNormReader,
    weight: Bm25Weight,
}

impl DocSet for TermScorer {
    #[inline]
    fn advance(&mut self) -> DocId {
        self.postings.advance()
    }

    #[inline]
    fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc() { self.doc() } else { self.postings.seek(target) }
    }

    #[inline]
    fn doc(&self) -> DocId {
        self.postings.doc()
    }

    fn size_hint(&self) -> u32 {
        self.postings.size_hint()
    }
}

impl Scorer for TermScorer {
    #[inline]
    fn score(&mut self) -> Score {
        self.weight.score(self.norms.fieldnorm_id(self.doc()), self.postings.term_freq())
    }
}

/// The parameters of BM25 that tantivy has.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// One term, scored by a similarity that tantivy has not.
struct SimilarTerm {
    term: Term,
    option: IndexRecordOption,
    scores: Scores,
}

impl Weight for SimilarTerm {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let field = self.term.field();
        let postings = reader.inverted_index(field)?.read_postings(&self.term, self.option)?;
        let Some(postings) = postings else { return Ok(Box::new(EmptyScorer)) };
        let norms = reader.fieldnorms_readers().get_field(field)?;
        Ok(Box::new(SimilarTermScorer { postings, norms, scores: self.scores.clone(), boost }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        scorer.seek(doc);
        Ok(Explanation::new("weight of a term", scorer.score()))
    }
}

struct SimilarTermScorer {
    postings: SegmentPostings,
    norms: Option<FieldNormReader>,
    scores: Scores,
    boost: f32,
}

impl DocSet for SimilarTermScorer {
    fn advance(&mut self) -> DocId {
        self.postings.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc() { self.doc() } else { self.postings.seek(target) }
    }

    fn doc(&self) -> DocId {
        self.postings.doc()
    }

    fn size_hint(&self) -> u32 {
        self.postings.size_hint()
    }
}

impl Scorer for SimilarTermScorer {
    fn score(&mut self) -> Score {
        let code = norm_code(self.norms.as_ref(), self.doc());
        self.scores.score(self.postings.term_freq() as f32, code, self.boost)
    }
}

/// The idf as tantivy computes it.
fn rounded_idf(frequency: u64, documents: u64) -> f32 {
    let x = ((documents - frequency) as f32 + 0.5) / (frequency as f32 + 0.5);
    (1.0 + x).ln()
}

struct CorrectedBm25 {
    inner: Box<dyn Weight>,
    correction: f32,
}

impl Weight for CorrectedBm25 {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.inner.scorer(reader, boost * self.correction)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
}
