//! Phrases: terms at given distances, exactly or within a slop, scored as Lucene's `ExactPhraseMatcher` and
//! `SloppyPhraseMatcher` count them (a sloppy match of length l counts 1 / (1 + l)).

use std::collections::HashMap;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::bm25::{FieldStatistics, length, norm_code};
use super::explanation::{self, DocumentAt};
use super::scores::{ScoredHit, Scores, TermStatistics};
use crate::exception::{Exception, internal};
use crate::value::java::java_float;
use crate::work::Cancel;

/// One place of a phrase: the terms that may stand there, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) terms: Vec<Term>,
    pub(crate) position: u32,
}

/// A phrase with the scores of its hits.
#[derive(Clone)]
pub(crate) struct Phrase {
    pub(crate) field: Field,
    pub(crate) slots: Vec<Slot>,
    pub(crate) slop: u32,
    pub(crate) scores: Scores,
    /// What of the field and of the words counts for the scores.
    pub(crate) statistics: FieldStatistics,
    pub(crate) terms: Vec<TermStatistics>,
    /// As Lucene writes it.
    pub(crate) shown: String,
    /// Ends the walk over documents and over the positions of one.
    pub(crate) cancel: Cancel,
}

impl std::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phrase({:?}, slop {})", self.slots, self.slop)
    }
}

impl Phrase {
    /// Lucene's name of the type.
    pub(super) fn kind(&self) -> &'static str {
        match self.slots.as_slice() {
            [_] => "SynonymQuery",
            slots if slots.iter().all(|slot| slot.terms.len() == 1) => "PhraseQuery",
            _ => "MultiPhraseQuery",
        }
    }

    /// Why a document scores as it does.
    pub(super) fn explain_at(
        &self,
        place: &DocumentAt<'_>,
        boost: f32,
    ) -> Result<explanation::Explanation, Exception> {
        let of_words = self.slots.len() == 1;
        let mut scorer = self.matching(place.reader, boost).map_err(internal)?;
        let found = scorer.as_mut().and_then(|scorer| {
            let at = scorer.seek(place.doc);
            (at == place.doc).then_some(scorer)
        });
        let Some(found) = found else {
            let words = if of_words { "no matching term" } else { "no matching phrase" };
            return Ok(explanation::Explanation::not(words, Vec::new()));
        };
        let frequency = found.frequency;
        let words = if of_words { "termFreq" } else { "phraseFreq" };
        let hit = ScoredHit {
            shown: &self.shown,
            statistics: &self.statistics,
            terms: &self.terms,
            frequency,
            frequency_words: format!("{words}={}", java_float(frequency)),
            length: length(place, self.field)?,
            boost,
            doc: place.doc,
        };
        Ok(hit.explain())
    }
}

impl Query for Phrase {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Phrase {
    /// Its scorer on a segment; `None` where a place has no word.
    fn matching(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<Option<PhraseScorer>> {
        let inverted = reader.inverted_index(self.field)?;
        let mut places = Vec::with_capacity(self.slots.len());
        for (index, slot) in self.slots.iter().enumerate() {
            let mut postings = Vec::new();
            for term in &slot.terms {
                let option = IndexRecordOption::WithFreqsAndPositions;
                postings.extend(inverted.read_postings(term, option)?);
            }
            if postings.is_empty() {
                return Ok(None);
            }
            // Two slots of the same single term are repeats: they may not match the same occurrence.
            let group = match slot.terms.as_slice() {
                [term] => {
                    self.slots.iter().position(|other| other.terms.as_slice() == [term.clone()])
                }
                _ => None,
            };
            places.push(PhrasePlace {
                postings,
                offset: slot.position,
                group: group.unwrap_or(index),
                positions: Vec::new(),
                next: 0,
                position: 0,
            });
        }
        let norms = reader.fieldnorms_readers().get_field(self.field)?;
        let scores = self.scores.clone();
        let mut scorer = PhraseScorer {
            places,
            slop: self.slop,
            scores,
            boost,
            norms,
            frequency: 0.0,
            doc: 0,
            cancel: self.cancel.clone(),
        };
        scorer.find(0);
        Ok(Some(scorer))
    }
}

impl Weight for Phrase {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.matching(reader, boost)? {
            Some(scorer) => Box::new(scorer),
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        scorer.seek(doc);
        Ok(Explanation::new("weight of a phrase", scorer.score()))
    }
}

/// One slot on one segment, and on the current document its positions.
struct PhrasePlace {
    postings: Vec<SegmentPostings>,
    offset: u32,
    group: usize,
    /// Rising; of the current document.
    positions: Vec<u32>,
    next: usize,
    /// The current position less the offset: equal for all places of an exact match.
    position: i64,
}

impl PhrasePlace {
    fn seek(&mut self, target: DocId) -> DocId {
        let mut least = TERMINATED;
        for postings in &mut self.postings {
            if postings.doc() < target {
                postings.seek(target);
            }
            least = least.min(postings.doc());
        }
        least
    }

    /// How often its words stand in a document, each counted by itself, as Lucene's `SynonymQuery` does: two in one position
    /// are two.
    fn occurrences(&self, doc: DocId) -> f32 {
        let there = self.postings.iter().filter(|postings| postings.doc() == doc);
        there.map(|postings| postings.term_freq() as f32).sum()
    }

    fn load(&mut self, doc: DocId) {
        self.positions.clear();
        for postings in self.postings.iter_mut().filter(|postings| postings.doc() == doc) {
            postings.append_positions_with_offset(0, &mut self.positions);
        }
        if self.postings.len() > 1 {
            self.positions.sort_unstable();
            self.positions.dedup();
        }
        self.next = 0;
    }

    fn advance(&mut self) -> bool {
        let Some(position) = self.positions.get(self.next) else { return false };
        self.next += 1;
        self.position = i64::from(*position) - i64::from(self.offset);
        true
    }
}

struct PhraseScorer {
    places: Vec<PhrasePlace>,
    slop: u32,
    scores: Scores,
    boost: f32,
    norms: Option<FieldNormReader>,
    frequency: f32,
    doc: DocId,
    cancel: Cancel,
}

impl PhraseScorer {
    /// Moves to the first matching document at or after `target`.
    fn find(&mut self, target: DocId) -> DocId {
        let mut candidate = target;
        loop {
            if self.cancel.is_cancelled() {
                self.doc = TERMINATED;
                return TERMINATED;
            }
            let mut agreed = true;
            for place in &mut self.places {
                let doc = place.seek(candidate);
                if doc != candidate {
                    agreed = false;
                    candidate = doc;
                    break;
                }
            }
            if candidate == TERMINATED {
                self.doc = TERMINATED;
                return TERMINATED;
            }
            if !agreed {
                continue;
            }
            self.frequency = match self.places.as_mut_slice() {
                [words] => words.occurrences(candidate),
                places => {
                    places.iter_mut().for_each(|place| place.load(candidate));
                    match self.slop {
                        0 => exact(places, &self.cancel),
                        slop => sloppy(places, slop, &self.cancel),
                    }
                }
            };
            if self.frequency > 0.0 {
                self.doc = candidate;
                return candidate;
            }
            candidate += 1;
        }
    }
}

impl DocSet for PhraseScorer {
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
        let sizes = self.places.iter().flat_map(|place| &place.postings).map(DocSet::size_hint);
        sizes.min().unwrap_or(0) / 10
    }
}

impl Scorer for PhraseScorer {
    fn score(&mut self) -> Score {
        let code = norm_code(self.norms.as_ref(), self.doc);
        self.scores.score(self.frequency, code, self.boost)
    }
}

/// How many starts all places agree on.
fn exact(places: &mut [PhrasePlace], cancel: &Cancel) -> f32 {
    let Some((first, rest)) = places.split_first_mut() else { return 0.0 };
    let mut count = 0;
    while !cancel.is_cancelled() && first.advance() {
        let start = first.position;
        let all = rest.iter_mut().all(|place| {
            while place.next == 0 || place.position < start {
                if !place.advance() {
                    return false;
                }
            }
            place.position == start
        });
        count += u32::from(all);
    }
    count as f32
}

/// Lucene's `SloppyPhraseMatcher`: the sum of 1 / (1 + length) over the minimal matches no longer than the slop.
fn sloppy(places: &mut [PhrasePlace], slop: u32, cancel: &Cancel) -> f32 {
    let mut end = i64::MIN;
    if !place_first(places) {
        return 0.0;
    }
    let mut queue: Vec<usize> = (0..places.len()).collect();
    for place in places.iter() {
        end = end.max(place.position);
    }
    let least = |places: &[PhrasePlace], queue: &[usize]| {
        let key = |at: &usize| places.get(*at).map(|place| (place.position, place.offset, *at));
        queue.iter().copied().min_by_key(key)
    };
    let position =
        |places: &[PhrasePlace], at: usize| places.get(at).map_or(i64::MAX, |place| place.position);
    let slop = i64::from(slop);
    let mut frequency = 0.0;
    let Some(mut current) = least(places, &queue) else { return 0.0 };
    queue.retain(|at| *at != current);
    let mut length = end - position(places, current);
    let mut next = least(places, &queue).map_or(i64::MAX, |at| position(places, at));
    while !cancel.is_cancelled()
        && advance(places, current, &mut end)
        && resolve_repeats(places, current, &mut end)
    {
        let here = position(places, current);
        if here > next {
            if length <= slop {
                frequency += 1.0 / (1.0 + length as f32);
            }
            queue.push(current);
            let Some(popped) = least(places, &queue) else { break };
            current = popped;
            queue.retain(|at| *at != current);
            next = least(places, &queue).map_or(i64::MAX, |at| position(places, at));
            length = end - position(places, current);
        } else {
            length = length.min(end - here);
        }
    }
    if length <= slop {
        frequency += 1.0 / (1.0 + length as f32);
    }
    frequency
}

/// Puts every place on its first position; the n-th repeat of a term on its n-th.
fn place_first(places: &mut [PhrasePlace]) -> bool {
    let mut seen: HashMap<usize, usize> = HashMap::new();
    for place in places.iter_mut() {
        let repeat = seen.entry(place.group).or_default();
        for _ in 0..=*repeat {
            if !place.advance() {
                return false;
            }
        }
        *repeat += 1;
    }
    true
}

fn advance(places: &mut [PhrasePlace], at: usize, end: &mut i64) -> bool {
    let Some(place) = places.get_mut(at) else { return false };
    if !place.advance() {
        return false;
    }
    *end = (*end).max(place.position);
    true
}

/// Moves repeats apart that stand on the same occurrence: always the lesser of the two.
fn resolve_repeats(places: &mut [PhrasePlace], at: usize, end: &mut i64) -> bool {
    let mut current = at;
    loop {
        let Some(place) = places.get(current) else { return false };
        let occurrence = place.position + i64::from(place.offset);
        let other = places.iter().enumerate().find(|(index, other)| {
            *index != current
                && other.group == place.group
                && other.position + i64::from(other.offset) == occurrence
        });
        let Some((other_index, other)) = other else { return true };
        if (other.position, other.offset) < (place.position, place.offset) {
            current = other_index;
        }
        if !advance(places, current, end) {
            return false;
        }
    }
}
