//! BM25 as Lucene scores it: with the factor (k1 + 1), and with the statistics of the **field**: N counts only documents
//! that have a term in the field, the average length is over those. Field length is Lucene's one-byte code.
//!
//! Source: `LegacyBM25Similarity` (Elasticsearch 7, OpenSearch 2): idf = ln(1 + (N − n + 0.5) / (n + 0.5)),
//! tf = freq / (freq + k1 · (1 − b + b · length / average)), k1 = 1.2, b = 0.75.
//!
//! Corrected statistics make tantivy's block-max pruning wrong, so nothing here is ever collected with pruning.

use std::collections::HashMap;
use std::sync::Mutex;

use tantivy::index::SegmentId;
use tantivy::postings::Postings;
use tantivy::query::{
    Bm25StatisticsProvider, EnableScoring, Explanation, Query, Scorer, TermQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, Term};

use super::explanation::{self, Bm25Parts, DocumentAt};
use super::stoppable::stopped;
use crate::exception::{Exception, internal, io};
use crate::flavor::{Flavor, ServedFlavor};
use crate::mapping::{Leaf, fields};
use crate::work::Cancel;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Most (segment, field) pairs remembered: 16 bytes each and their keys.
const REMEMBERED_MAX: usize = 100_000;

/// What of a field counts for scoring, over all segments, deleted documents included as in Lucene.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct FieldStatistics {
    /// Documents with a term in the field.
    pub(crate) documents: u64,
    /// Terms in the field, over all documents.
    pub(crate) terms: u64,
    /// Whether scores are without the factor (k1 + 1): Lucene's own `BM25Similarity`, which its index in memory has.
    pub(crate) plain: bool,
}

/// The statistics of fields by segment; segments do not change, so they are counted once.
#[derive(Debug)]
pub(crate) struct Statistics {
    counted: Mutex<HashMap<(SegmentId, u32), FieldStatistics>>,
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

    /// The statistics of `leaf` in `searcher`.
    pub(crate) fn of(
        &self,
        searcher: &Searcher,
        leaf: &Leaf,
        field: Field,
        cancel: &Cancel,
    ) -> tantivy::Result<FieldStatistics> {
        let mut sum = FieldStatistics { plain: self.plain, ..FieldStatistics::default() };
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
        }
        Ok(sum)
    }
}

fn count(
    reader: &SegmentReader,
    leaf: &Leaf,
    field: Field,
    cancel: &Cancel,
) -> tantivy::Result<FieldStatistics> {
    let inverted = reader.inverted_index(field)?;
    if let Some(norms) = reader.fieldnorms_readers().get_field(field)? {
        let documents = (0..reader.max_doc()).filter(|doc| norms.fieldnorm_id(*doc) != 0).count();
        return Ok(FieldStatistics {
            documents: documents as u64,
            terms: inverted.total_num_tokens(),
            plain: false,
        });
    }
    let name = Term::from_field_text(fields::FIELD_NAMES, &leaf.path);
    let documents = reader.inverted_index(fields::FIELD_NAMES)?.doc_freq(&name)?.into();
    let mut terms = inverted.total_num_tokens();
    if terms != documents && !leaf.kind.has_frequencies() {
        // Without frequencies a field is as long as it has different terms: the sum of their document frequencies.
        terms = 0;
        let mut stream = inverted.terms().stream()?;
        while stream.advance() {
            if cancel.is_cancelled() {
                return Err(stopped());
            }
            terms += u64::from(stream.value().doc_freq);
        }
    }
    Ok(FieldStatistics { documents, terms, plain: false })
}

/// The weight of a term that `frequency` of `documents` have.
pub(crate) fn idf(frequency: u64, documents: u64) -> f64 {
    let (frequency, documents) = (frequency as f64, documents.max(frequency) as f64);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

/// Scores of one query in one field.
#[derive(Clone)]
pub(crate) struct Bm25 {
    weight: f32,
    norms: [f32; 256],
}

impl Bm25 {
    /// With the summed idf of the query's terms.
    pub(crate) fn new(idf: f64, statistics: FieldStatistics) -> Bm25 {
        let average = statistics.average();
        let mut norms = [0.0; 256];
        for (code, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
            let length = tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm(code) as f32;
            *norm = K1 * ((1.0 - B) + B * length / average);
        }
        let factor = if statistics.plain { 1.0 } else { K1 + 1.0 };
        Bm25 { weight: idf as f32 * factor, norms }
    }

    /// The score of a document with `frequency` matches and the length code `code`.
    pub(crate) fn score(&self, frequency: f32, code: u8, boost: f32) -> f32 {
        let norm = self.norms.get(usize::from(code)).copied().unwrap_or(K1);
        boost * self.weight * (frequency / (frequency + norm))
    }
}

/// One term, scored with the statistics of its field.
#[derive(Clone, Debug)]
pub(crate) struct ScoredTerm {
    term: Term,
    option: IndexRecordOption,
    statistics: FieldStatistics,
    frequency: u64,
    /// As Lucene writes it.
    shown: String,
}

impl ScoredTerm {
    /// `term` with what is known of its field.
    pub(crate) fn new(
        term: Term,
        option: IndexRecordOption,
        statistics: FieldStatistics,
        frequency: u64,
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
        let parts = Bm25Parts {
            shown: &self.shown,
            frequencies: vec![(self.frequency, idf(self.frequency, self.statistics.documents))],
            documents: self.statistics.documents.max(self.frequency),
            average: self.statistics.average(),
            frequency: postings.term_freq() as f32,
            frequency_words: "freq, occurrences of term within document".to_owned(),
            length: length(place, field)?,
            boost,
            doc: place.doc,
        };
        Ok(parts.explain())
    }
}

/// How many documents have each of some terms, with what that weighs.
pub(super) fn weighed(frequencies: &[u64], statistics: FieldStatistics) -> Vec<(u64, f64)> {
    frequencies.iter().map(|count| (*count, idf(*count, statistics.documents))).collect()
}

/// How long the field of a document is, as far as its one-byte code tells.
pub(super) fn length(place: &DocumentAt<'_>, field: Field) -> Result<f32, Exception> {
    let norms = place.reader.fieldnorms_readers().get_field(field).map_err(internal)?;
    let code = norms.map_or(1, |norms| norms.fieldnorm_id(place.doc));
    Ok(tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm(code) as f32)
}

impl FieldStatistics {
    /// The average length of the documents with a term in the field.
    pub(super) fn average(self) -> f32 {
        (self.terms as f64 / self.documents.max(1) as f64) as f32
    }
}

impl Bm25StatisticsProvider for ScoredTerm {
    fn total_num_tokens(&self, _: Field) -> tantivy::Result<u64> {
        Ok(self.statistics.terms)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.statistics.documents.max(self.frequency).max(1))
    }

    fn doc_freq(&self, _: &Term) -> tantivy::Result<u64> {
        Ok(self.frequency)
    }
}

impl Query for ScoredTerm {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let query = TermQuery::new(self.term.clone(), self.option);
        match scoring {
            EnableScoring::Enabled { searcher, .. } => {
                let inner = query
                    .weight(EnableScoring::enabled_from_statistics_provider(self, searcher))?;
                // tantivy takes the logarithm of a 32-bit number; for frequent terms that is off by a thousandth.
                let exact = idf(self.frequency, self.statistics.documents);
                let rounded = rounded_idf(
                    self.frequency,
                    self.statistics.documents.max(self.frequency).max(1),
                );
                let correction =
                    if rounded > 0.0 { (exact / f64::from(rounded)) as f32 } else { 1.0 };
                let factor = if self.statistics.plain { K1 + 1.0 } else { 1.0 };
                Ok(Box::new(CorrectedBm25 { inner, correction: correction / factor }))
            }
            disabled => query.weight(disabled),
        }
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
