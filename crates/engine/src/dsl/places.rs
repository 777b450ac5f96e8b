//! Queries about where words stand: what `span_*` and `intervals` share. On each document that has the words, the
//! places are found one list for each part of the query; a document without any place in the last list is no hit.

use std::fmt::Debug;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::bm25::Bm25;
use crate::work::Cancel;

/// Where something stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The position of its first word.
    pub(super) start: i64,
    /// The position behind its last word.
    pub(super) end: i64,
    /// Of a span: its width as Lucene weighs it. Of an interval: the words within that are none of its own.
    pub(super) gaps: i64,
}

/// A part of a query on one segment.
pub(super) trait Places: Send + Sync {
    /// The first document at or after `target` that may have places.
    fn seek(&mut self, target: DocId, cancel: &Cancel) -> DocId;

    /// The places in `doc`, which [`Places::seek`] was asked for, in order of their starts.
    fn places(&mut self, doc: DocId, cancel: &Cancel) -> Vec<Place>;
}

/// A part of a query on one index.
pub(super) trait PlacesSource: Debug + Send + Sync {
    /// The same on one segment; `None` where it has no places.
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn Places>>>;
}

/// Where any of some terms stands.
#[derive(Clone, Debug)]
pub(super) struct TermsSource {
    pub(super) field: Field,
    pub(super) terms: Vec<Term>,
}

impl PlacesSource for TermsSource {
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn Places>>> {
        let inverted = reader.inverted_index(self.field)?;
        let mut postings = Vec::new();
        for term in &self.terms {
            let option = IndexRecordOption::WithFreqsAndPositions;
            postings.extend(inverted.read_postings(term, option)?);
        }
        let found = !postings.is_empty();
        let places = TermsPlaces { postings, positions: Vec::new() };
        Ok(found.then(|| Box::new(places) as Box<dyn Places>))
    }
}

struct TermsPlaces {
    postings: Vec<SegmentPostings>,
    positions: Vec<u32>,
}

impl Places for TermsPlaces {
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

    fn places(&mut self, doc: DocId, _: &Cancel) -> Vec<Place> {
        self.positions.clear();
        for postings in self.postings.iter_mut().filter(|postings| postings.doc() == doc) {
            postings.append_positions_with_offset(0, &mut self.positions);
        }
        if self.postings.len() > 1 {
            self.positions.sort_unstable();
        }
        let place = |position: &u32| {
            let start = i64::from(*position);
            Place { start, end: start + 1, gaps: 0 }
        };
        self.positions.iter().map(place).collect()
    }
}

/// The first document at or after `target` that all of `parts` may have places in.
pub(super) fn seek_all(parts: &mut [Box<dyn Places>], target: DocId, cancel: &Cancel) -> DocId {
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
    Spans(Box<Bm25>),
    /// Lucene's `IntervalQuery`: each counts 1 / (its length above the shortest possible), saturated.
    Intervals {
        /// The shortest length that a place may have.
        shortest: i64,
    },
}

/// A query whose hits are the documents with places.
#[derive(Clone)]
pub(super) struct PlacesQuery {
    pub(super) source: Arc<dyn PlacesSource>,
    /// Whose length counts.
    pub(super) field: Field,
    pub(super) score: PlacesScore,
    pub(super) cancel: Cancel,
}

impl Debug for PlacesQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.source.fmt(f)
    }
}

impl Query for PlacesQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for PlacesQuery {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Some(places) = self.source.open(reader)? else { return Ok(Box::new(EmptyScorer)) };
        let norms = reader.fieldnorms_readers().get_field(self.field)?;
        let (score, cancel) = (self.score.clone(), self.cancel.clone());
        let mut scorer =
            PlacesScorer { places, norms, score, boost, cancel, doc: 0, frequency: 0.0 };
        scorer.find(0);
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        scorer.seek(doc);
        Ok(Explanation::new("weight of places", scorer.score()))
    }
}

struct PlacesScorer {
    places: Box<dyn Places>,
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
    fn frequency(&self, found: &[Place]) -> f32 {
        match self {
            PlacesScore::Spans(_) => {
                found.iter().map(|place| 1.0 / (1.0 + place.gaps as f32)).sum()
            }
            PlacesScore::Intervals { shortest } => {
                let share =
                    |place: &Place| 1.0 / (place.end - place.start - shortest + 1).max(1) as f64;
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
            PlacesScore::Spans(scores) => {
                let code = self.norms.as_ref().map_or(1, |norms| norms.fieldnorm_id(self.doc));
                scores.score(self.frequency, code, self.boost)
            }
            PlacesScore::Intervals { .. } => self.boost * (self.frequency / (self.frequency + 1.0)),
        }
    }
}
