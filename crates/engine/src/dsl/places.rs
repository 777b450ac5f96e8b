//! Queries about where words stand: what `span_*` and `intervals` share. On each document that has the words, the
//! places are found one list for each part of the query; a document without any place in the last list is no hit.

use std::fmt::Debug;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::bm25::{FieldStatistics, length, norm_code};
use super::explanation;
use super::scores::{ScoredHit, Scores, TermStatistics};
pub(super) use super::span_source::{SpanPosition, SpanPositions, SpanPositionsSource};
use crate::exception::{Exception, internal};
use crate::value::java::java_float;
use crate::work::Cancel;

/// Where any of some terms stands.
#[derive(Clone, Debug)]
pub(super) struct TermsSource {
    pub(super) field: Field,
    pub(super) terms: Vec<Term>,
}

impl SpanPositionsSource for TermsSource {
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn SpanPositions>>> {
        let inverted = reader.inverted_index(self.field)?;
        let mut postings = Vec::new();
        for term in &self.terms {
            let option = IndexRecordOption::WithFreqsAndPositions;
            postings.extend(inverted.read_postings(term, option)?);
        }
        let found = !postings.is_empty();
        let places = TermsPlaces { postings, positions: Vec::new() };
        Ok(found.then(|| Box::new(places) as Box<dyn SpanPositions>))
    }
}

struct TermsPlaces {
    postings: Vec<SegmentPostings>,
    positions: Vec<u32>,
}

impl SpanPositions for TermsPlaces {
    fn seek(&mut self, target: DocId, _: &Cancel) -> DocId {
        let mut least = TERMINATED;
        for postings in &mut self.postings {
            if postings.doc() < target {
                postings.seek(target);
            }
            least = least.min(postings.doc());
        }
        least
    }

    fn places(&mut self, doc: DocId, _: &Cancel) -> Vec<SpanPosition> {
        self.positions.clear();
        for postings in self.postings.iter_mut().filter(|postings| postings.doc() == doc) {
            postings.append_positions_with_offset(0, &mut self.positions);
        }
        if self.postings.len() > 1 {
            self.positions.sort_unstable();
        }
        let place = |position: &u32| {
            let start = i64::from(*position);
            SpanPosition { start, end: start + 1, gaps: 0 }
        };
        self.positions.iter().map(place).collect()
    }
}

/// The first document at or after `target` that all of `parts` may have places in.
pub(super) fn seek_all(
    parts: &mut [Box<dyn SpanPositions>],
    target: DocId,
    cancel: &Cancel,
) -> DocId {
    let mut candidate = target;
    'agree: while candidate != TERMINATED && !cancel.is_cancelled() {
        for part in parts.iter_mut() {
            let doc = part.seek(candidate, cancel);
            if doc > candidate {
                candidate = doc;
                continue 'agree;
            }
        }
        return candidate;
    }
    TERMINATED
}

/// How places make a score.
#[derive(Clone)]
pub(super) enum PlacesScore {
    /// Lucene's `SpanWeight`: each counts 1 / (1 + its width), and that as a word's frequency.
    Spans {
        scores: Scores,
        /// What of the field and of the terms counts for the scores.
        statistics: FieldStatistics,
        terms: Vec<TermStatistics>,
    },
    /// Lucene's `IntervalQuery`: each counts 1 / (its length above the shortest possible), saturated.
    Intervals {
        /// The shortest length that a place may have.
        shortest: i64,
    },
}

/// A query whose hits are the documents with places.
#[derive(Clone)]
pub(super) struct PlacesQuery {
    pub(super) source: Arc<dyn SpanPositionsSource>,
    /// Whose length counts.
    pub(super) field: Field,
    pub(super) score: PlacesScore,
    /// As Lucene writes it.
    pub(super) shown: String,
    pub(super) cancel: Cancel,
}

impl Debug for PlacesQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.source.fmt(f)
    }
}

impl PlacesQuery {
    /// Lucene's name of the type.
    pub(super) fn kind(&self) -> &'static str {
        match self.score {
            PlacesScore::Spans { .. } => "SpanQuery",
            PlacesScore::Intervals { .. } => "IntervalQuery",
        }
    }

    /// Why a document scores as it does.
    pub(super) fn explain_at(
        &self,
        place: &explanation::DocumentAt<'_>,
        boost: f32,
    ) -> Result<explanation::Explanation, Exception> {
        let mut scorer = self.matching(place.reader, boost).map_err(internal)?;
        let found = scorer.as_mut().and_then(|scorer| {
            let at = scorer.seek(place.doc);
            (at == place.doc).then_some(scorer)
        });
        let Some(found) = found else {
            let words = match self.score {
                PlacesScore::Spans { .. } => "no matching term",
                PlacesScore::Intervals { .. } => "no matching intervals",
            };
            return Ok(explanation::Explanation::not(words, Vec::new()));
        };
        let frequency = found.frequency;
        Ok(match &self.score {
            PlacesScore::Spans { statistics, terms, .. } => ScoredHit {
                shown: &self.shown,
                statistics,
                terms,
                frequency,
                frequency_words: format!("phraseFreq={}", java_float(frequency)),
                length: length(place, self.field)?,
                boost,
                doc: place.doc,
            }
            .explain(),
            PlacesScore::Intervals { .. } => {
                let part =
                    |value, words: String| explanation::Explanation::of(value, words, Vec::new());
                explanation::Explanation::of(
                    found.score(),
                    "Saturation function on interval frequency, computed as w * S / (S + k) from:",
                    vec![
                        part(boost, "w, weight of this function".to_owned()),
                        part(
                            1.0,
                            "k, pivot feature value that would give a score contribution equal to w/2".to_owned(),
                        ),
                        part(
                            frequency,
                            format!("S, the sloppy frequency of the interval query {}", self.shown),
                        ),
                    ],
                )
            }
        })
    }

    fn matching(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<Option<PlacesScorer>> {
        let Some(places) = self.source.open(reader)? else { return Ok(None) };
        let norms = reader.fieldnorms_readers().get_field(self.field)?;
        let (score, cancel) = (self.score.clone(), self.cancel.clone());
        let mut scorer =
            PlacesScorer { places, norms, score, boost, cancel, doc: 0, frequency: 0.0 };
        scorer.find(0);
        Ok(Some(scorer))
    }
}

impl Query for PlacesQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for PlacesQuery {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.matching(reader, boost)? {
            Some(scorer) => Box::new(scorer),
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        scorer.seek(doc);
        Ok(Explanation::new("weight of places", scorer.score()))
    }
}

struct PlacesScorer {
    places: Box<dyn SpanPositions>,
    norms: Option<FieldNormReader>,
    score: PlacesScore,
    boost: f32,
    cancel: Cancel,
    doc: DocId,
    frequency: f32,
}

impl PlacesScorer {
    fn find(&mut self, target: DocId) -> DocId {
        let mut target = target;
        loop {
            let doc = self.places.seek(target, &self.cancel);
            if doc == TERMINATED || self.cancel.is_cancelled() {
                self.doc = TERMINATED;
                return TERMINATED;
            }
            let found = self.places.places(doc, &self.cancel);
            if !found.is_empty() {
                self.frequency = self.score.frequency(&found);
                self.doc = doc;
                return doc;
            }
            target = doc + 1;
        }
    }
}

impl PlacesScore {
    fn frequency(&self, found: &[SpanPosition]) -> f32 {
        match self {
            PlacesScore::Spans { .. } => {
                found.iter().map(|place| 1.0 / (1.0 + place.gaps as f32)).sum()
            }
            PlacesScore::Intervals { shortest } => {
                let share = |place: &SpanPosition| {
                    1.0 / (place.end - place.start - shortest + 1).max(1) as f64
                };
                found.iter().map(share).sum::<f64>() as f32
            }
        }
    }
}

impl DocSet for PlacesScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED { TERMINATED } else { self.find(self.doc + 1) }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc { self.doc } else { self.find(target) }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        0
    }
}

impl Scorer for PlacesScorer {
    fn score(&mut self) -> Score {
        match &self.score {
            PlacesScore::Spans { scores, .. } => {
                let code = norm_code(self.norms.as_ref(), self.doc);
                scores.score(self.frequency, code, self.boost)
            }
            PlacesScore::Intervals { .. } => self.boost * (1.0 - 1.0 / (1.0 + self.frequency)),
        }
    }
}
