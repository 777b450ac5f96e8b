//! Two phases of a query, as Lucene's `TwoPhaseIterator` has them: what needs no script walks over the documents; a script,
//! and whatever else may refuse a document, is asked last, and only of a document that matches all the rest.
//! (docs/decisions/0119-scripts-are-asked-last.md)
//!
//! Such a query is [`TwoPhaseQuery`]: it tells its *approximation*, a query without scripts that matches all that it matches. What
//! holds several queries walks over the approximations of its parts and asks the parts themselves ([`TwoPhaseDocuments`]).

use std::sync::Arc;

use tantivy::fastfield::AliveBitSet;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED};

use crate::exception::{Exception, internal};
use crate::work::{Cancel, Work, WorkFaults};

/// A query that is asked in two phases.
pub(crate) struct TwoPhaseQuery {
    whole: Box<dyn Query>,
    approximation: Box<dyn Query>,
    work: Work,
}

impl TwoPhaseQuery {
    /// `whole`, which matches only what `approximation` matches.
    pub(super) fn of(
        whole: impl Query,
        approximation: Box<dyn Query>,
        work: &Work,
    ) -> Box<dyn Query> {
        Box::new(TwoPhaseQuery { whole: Box::new(whole), approximation, work: work.clone() })
    }

    /// What `change` makes of `query`, where that matches the same documents.
    pub(super) fn change(
        query: Box<dyn Query>,
        change: impl FnOnce(Box<dyn Query>) -> Box<dyn Query>,
    ) -> Box<dyn Query> {
        match query.downcast::<TwoPhaseQuery>() {
            Ok(phased) => Box::new(TwoPhaseQuery { whole: change(phased.whole), ..*phased }),
            Err(query) => change(query),
        }
    }
}

/// What `query` is, in phases or not.
pub(super) fn whole(query: &dyn Query) -> &dyn Query {
    query.downcast_ref::<TwoPhaseQuery>().map_or(query, |phased| phased.whole.as_ref())
}

/// What is known of the documents of `query` without a script: where it has none, that is the query itself.
pub(super) fn likely(query: &dyn Query) -> Box<dyn Query> {
    let phased = query.downcast_ref::<TwoPhaseQuery>();
    phased.map_or_else(|| query.box_clone(), |phased| phased.approximation.box_clone())
}

/// The work of a query in phases; `None` where it is in none.
pub(super) fn work(query: &dyn Query) -> Option<Work> {
    query.downcast_ref::<TwoPhaseQuery>().map(|phased| phased.work.clone())
}

impl Clone for TwoPhaseQuery {
    fn clone(&self) -> TwoPhaseQuery {
        TwoPhaseQuery {
            whole: self.whole.box_clone(),
            approximation: self.approximation.box_clone(),
            work: self.work.clone(),
        }
    }
}

impl std::fmt::Debug for TwoPhaseQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.whole.fmt(f)
    }
}

impl Query for TwoPhaseQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        self.whole.weight(scoring)
    }
}

/// The second phase, on one segment.
pub(super) trait Judge: Send + 'static {
    /// Whether `doc`, on which `lead` stands, matches.
    ///
    /// # Errors
    /// What ends the search.
    fn matches(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<bool, Exception>;

    /// What `doc`, which matches, scores.
    ///
    /// # Errors
    /// What ends the search.
    fn score(&mut self, _doc: DocId, lead: &mut dyn Scorer) -> Result<f32, Exception> {
        Ok(lead.score())
    }

    /// The first document behind `doc`, which does not match, that may.
    fn behind(&self, doc: DocId) -> DocId {
        doc + 1
    }
}

/// Both phases, on any segment of an index.
pub(super) trait Phases: Send + Sync + 'static {
    type Judge: Judge;

    /// What walks over a segment, and what judges; scores are multiplied with `boost`.
    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, Self::Judge)>;
}

/// The weight of a query in two phases. It ends when the work is called off.
pub(super) struct PhasedWeight<P> {
    phases: P,
    cancel: Cancel,
    /// Where what a judge fails by is kept.
    faults: WorkFaults,
}

impl<P: Phases> PhasedWeight<P> {
    pub(super) fn boxed(phases: P, cancel: &Cancel, faults: &WorkFaults) -> Box<dyn Weight> {
        Box::new(PhasedWeight { phases, cancel: cancel.clone(), faults: faults.clone() })
    }

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<PhasedScorer<P::Judge>> {
        let (lead, judge) = self.phases.open(reader, boost)?;
        let (cancel, faults) = (self.cancel.clone(), self.faults.clone());
        let alive = reader.alive_bitset().cloned();
        Ok(PhasedScorer { lead, judge, alive, cancel, faults, matched: None, ended: false })
    }
}

impl<P: Phases> Weight for PhasedWeight<P> {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = self.open(reader, boost)?;
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        let mut scorer = self.open(reader, boost)?;
        Ok((scorer.seek_danger(target), Box::new(scorer)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let (found, mut scorer) = self.scorer_danger(reader, doc, 1.0)?;
        let found = found == SeekDangerResult::Found;
        Ok(Explanation::new("in two phases", if found { scorer.score() } else { 0.0 }))
    }
}

struct PhasedScorer<J> {
    lead: Box<dyn Scorer>,
    judge: J,
    /// The documents that were not deleted; `None`: all.
    alive: Option<AliveBitSet>,
    cancel: Cancel,
    faults: WorkFaults,
    /// The document that was judged last, and matches.
    matched: Option<DocId>,
    ended: bool,
}

impl<J: Judge> PhasedScorer<J> {
    /// Whether the document that the lead stands on matches.
    fn judge(&mut self, doc: DocId) -> bool {
        if self.matched == Some(doc) {
            return true;
        }
        self.ended |= self.cancel.is_cancelled();
        if self.ended || self.alive.as_ref().is_some_and(|alive| !alive.is_alive(doc)) {
            return false;
        }
        let matches = self.judge.matches(doc, self.lead.as_mut());
        let matches = self.kept(matches).unwrap_or(false);
        self.matched = matches.then_some(doc);
        matches
    }

    /// Ends at a fault, which is kept for whoever drives this.
    fn kept<T>(&mut self, result: Result<T, Exception>) -> Option<T> {
        result
            .map_err(|fault| {
                self.faults.keep(fault);
                self.ended = true;
            })
            .ok()
    }

    /// Goes on to the next document that matches, unless it stands on one.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.doc();
            if doc == TERMINATED || self.judge(doc) {
                return doc;
            }
            match self.judge.behind(doc) {
                next if next == doc + 1 => self.lead.advance(),
                next => self.lead.seek(next),
            };
        }
    }
}

impl<J: Judge> DocSet for PhasedScorer<J> {
    fn advance(&mut self) -> DocId {
        if self.ended {
            return TERMINATED;
        }
        self.lead.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() < target {
            self.lead.seek(target);
        }
        self.settle()
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if self.doc() < target {
            self.lead.seek(target);
        }
        match self.doc() {
            TERMINATED => SeekDangerResult::SeekLowerBound(TERMINATED),
            doc if doc > target => SeekDangerResult::SeekLowerBound(doc),
            doc if self.judge(doc) => SeekDangerResult::Found,
            doc => SeekDangerResult::SeekLowerBound(doc + 1),
        }
    }

    fn doc(&self) -> DocId {
        if self.ended { TERMINATED } else { self.lead.doc() }
    }

    fn size_hint(&self) -> u32 {
        self.lead.size_hint()
    }

    fn cost(&self) -> u64 {
        self.lead.cost()
    }
}

impl<J: Judge> Scorer for PhasedScorer<J> {
    fn score(&mut self) -> Score {
        let doc = self.doc();
        if doc == TERMINATED {
            return 0.0;
        }
        let score = self.judge.score(doc, self.lead.as_mut());
        self.kept(score).unwrap_or(0.0)
    }
}

/// A query that is asked of one document after the other, and of no document besides.
pub(crate) struct TwoPhaseDocuments {
    weight: Arc<dyn Weight>,
    reader: SegmentReader,
    boost: Score,
    scorer: Option<Box<dyn Scorer>>,
    /// The document that was asked about last, and whether it matches.
    last: Option<(DocId, bool)>,
    /// No document between the last one and this one matches.
    next: DocId,
}

impl TwoPhaseDocuments {
    /// The query of `weight` on one segment.
    pub(crate) fn new(
        weight: &Arc<dyn Weight>,
        reader: &SegmentReader,
        boost: Score,
    ) -> TwoPhaseDocuments {
        let (weight, reader) = (Arc::clone(weight), reader.clone());
        TwoPhaseDocuments { weight, reader, boost, scorer: None, last: None, next: 0 }
    }

    /// Whether `doc` matches. Documents in rising order are asked about fastest.
    ///
    /// # Errors
    /// What the index library reports. What a script fails by is among the work's faults, and the answer is no.
    pub(crate) fn holds(&mut self, doc: DocId) -> Result<bool, Exception> {
        match self.last {
            Some((last, holds)) if last == doc => return Ok(holds),
            Some((last, _)) if last > doc => (self.scorer, self.next) = (None, 0),
            _ => {}
        }
        let holds = doc >= self.next && self.seek(doc)?;
        self.last = Some((doc, holds));
        Ok(holds)
    }

    fn seek(&mut self, doc: DocId) -> Result<bool, Exception> {
        let found = match &mut self.scorer {
            Some(scorer) => scorer.seek_danger(doc),
            None => {
                let opened = self.weight.scorer_danger(&self.reader, doc, self.boost);
                let (found, scorer) = opened.map_err(internal)?;
                self.scorer = Some(scorer);
                found
            }
        };
        if let SeekDangerResult::SeekLowerBound(next) = found {
            self.next = next;
        }
        Ok(found == SeekDangerResult::Found)
    }

    /// What the document scores of which [`TwoPhaseDocuments::holds`] said last that it matches.
    pub(crate) fn score(&mut self) -> Score {
        self.scorer.as_mut().map_or(0.0, |scorer| scorer.score())
    }
}

/// The weight of the one query inside another: what is walked over, and what is asked where it is in phases.
pub(super) struct InnerWeight {
    lead: Box<dyn Weight>,
    asked: Option<Arc<dyn Weight>>,
}

impl InnerWeight {
    pub(super) fn of(
        query: &dyn Query,
        scoring: EnableScoring<'_>,
    ) -> tantivy::Result<InnerWeight> {
        let own = query.weight(scoring)?;
        if work(query).is_none() {
            return Ok(InnerWeight { lead: own, asked: None });
        }
        Ok(InnerWeight { lead: likely(query).weight(scoring)?, asked: Some(own.into()) })
    }

    pub(super) fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, InnerQuery)> {
        let asked = self.asked.as_ref().map(|weight| TwoPhaseDocuments::new(weight, reader, boost));
        Ok((self.lead.scorer(reader, boost)?, InnerQuery(asked)))
    }
}

/// The same while a segment is walked over.
pub(super) struct InnerQuery(Option<TwoPhaseDocuments>);

impl InnerQuery {
    /// Whether `doc`, on which the lead stands, matches.
    pub(super) fn holds(&mut self, doc: DocId) -> Result<bool, Exception> {
        self.0.as_mut().map_or(Ok(true), |asked| asked.holds(doc))
    }

    /// What it scores.
    pub(super) fn score(&mut self, lead: &mut dyn Scorer) -> Score {
        self.0.as_mut().map_or_else(|| lead.score(), TwoPhaseDocuments::score)
    }
}
