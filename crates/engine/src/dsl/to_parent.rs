//! The join from nested objects to the documents they lie in. Source: Lucene's `ToParentBlockJoinQuery`.

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::lowered::Lowered;
use crate::blocks::Parents;
use crate::exception::Exception;
use crate::work::{Cancel, stopped};

/// How the scores of what is joined make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinScore {
    /// The mean.
    Avg,
    /// The best.
    Max,
    /// The worst.
    Min,
    /// All together.
    Sum,
    /// They do not count: 0.
    None,
}

impl JoinScore {
    /// Reads `score_mode`.
    ///
    /// # Errors
    /// `illegal_argument_exception` as Elasticsearch words it.
    pub(crate) fn parse(text: &str) -> Result<JoinScore, Exception> {
        Ok(match text {
            "avg" => JoinScore::Avg,
            "max" => JoinScore::Max,
            "min" => JoinScore::Min,
            "sum" => JoinScore::Sum,
            "none" => JoinScore::None,
            other => {
                return Err(Exception::illegal_argument(format!(
                    "No score mode for child query [{other}] found"
                )));
            }
        })
    }
}

/// Scores while they are put together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JoinedScore {
    pub(crate) count: u32,
    sum: f64,
    min: f32,
    max: f32,
}

impl JoinedScore {
    /// One more.
    pub(crate) fn add(&mut self, score: f32) {
        self.min = if self.count == 0 { score } else { self.min.min(score) };
        self.max = if self.count == 0 { score } else { self.max.max(score) };
        self.sum += f64::from(score);
        self.count += 1;
    }

    /// Those of `other` too.
    pub(crate) fn join(&mut self, other: &JoinedScore) {
        if other.count == 0 {
            return;
        }
        let (count, sum) = (self.count + other.count, self.sum + other.sum);
        let first = self.count == 0;
        self.min = if first { other.min } else { self.min.min(other.min) };
        self.max = if first { other.max } else { self.max.max(other.max) };
        (self.count, self.sum) = (count, sum);
    }

    /// What they make.
    pub(crate) fn of(&self, mode: JoinScore) -> f32 {
        match mode {
            JoinScore::None => 0.0,
            JoinScore::Avg => (self.sum / f64::from(self.count.max(1))) as f32,
            JoinScore::Sum => self.sum as f32,
            JoinScore::Min => self.min,
            JoinScore::Max => self.max,
        }
    }
}

/// The documents around the nested objects that `objects` matches.
pub(crate) struct ToParent {
    pub(crate) objects: Lowered,
    /// The path of the objects that hold them; `None`: whole documents.
    pub(crate) scope: Option<String>,
    pub(crate) mode: JoinScore,
    pub(crate) cancel: Cancel,
}

impl Clone for ToParent {
    fn clone(&self) -> ToParent {
        ToParent {
            objects: self.objects.box_clone(),
            scope: self.scope.clone(),
            mode: self.mode,
            cancel: self.cancel.clone(),
        }
    }
}

impl std::fmt::Debug for ToParent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ToParent({:?}, {:?}, {:?})", self.scope, self.mode, self.objects)
    }
}

impl Query for ToParent {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let scored =
            matches!(scoring, EnableScoring::Enabled { .. }) && self.mode != JoinScore::None;
        let scoring = match scoring {
            EnableScoring::Enabled { searcher, .. } if !scored => {
                EnableScoring::disabled_from_searcher(searcher)
            }
            scoring => scoring,
        };
        Ok(Box::new(ToParentWeight {
            objects: self.objects.weight(scoring)?,
            scope: self.scope.clone(),
            mode: self.mode,
            scored,
            cancel: self.cancel.clone(),
        }))
    }
}

struct ToParentWeight {
    objects: Box<dyn Weight>,
    scope: Option<String>,
    mode: JoinScore,
    scored: bool,
    cancel: Cancel,
}

impl Weight for ToParentWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let objects = self.objects.scorer(reader, boost)?;
        if objects.doc() == TERMINATED {
            return Ok(Box::new(EmptyScorer));
        }
        let mut scorer = ToParentScorer {
            objects,
            parents: Parents::of(self.scope.as_deref(), reader)?,
            doc: TERMINATED,
            mode: self.mode,
            scored: self.scored,
            score: 0.0,
            cancel: self.cancel.clone(),
        };
        scorer.settle();
        if self.cancel.is_cancelled() {
            return Err(stopped());
        }
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let found = scorer.doc() <= doc && scorer.seek(doc) == doc;
        let score = if found { scorer.score() } else { 0.0 };
        Ok(Explanation::new("Score based on nested objects", score))
    }
}

struct ToParentScorer {
    objects: Box<dyn Scorer>,
    parents: Parents,
    doc: DocId,
    mode: JoinScore,
    scored: bool,
    score: f32,
    cancel: Cancel,
}

impl ToParentScorer {
    /// Stands on the parent of the next object, and takes all objects inside it.
    fn settle(&mut self) -> DocId {
        self.doc = TERMINATED;
        let mut object = self.objects.doc();
        while object != TERMINATED && !self.cancel.is_cancelled() {
            match self.parents.around(object) {
                Some(parent) if parent > object => {
                    self.take_before(parent);
                    self.doc = parent;
                    break;
                }
                _ => object = self.objects.advance(),
            }
        }
        self.doc
    }

    fn take_before(&mut self, parent: DocId) {
        if !self.scored {
            self.objects.seek(parent);
            return;
        }
        let mut joined = JoinedScore::default();
        while self.objects.doc() < parent && !self.cancel.is_cancelled() {
            joined.add(self.objects.score());
            self.objects.advance();
        }
        self.score = joined.of(self.mode);
    }
}

impl DocSet for ToParentScorer {
    fn advance(&mut self) -> DocId {
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc {
            return self.doc;
        }
        if target == TERMINATED {
            self.doc = TERMINATED;
            return self.doc;
        }
        let first = self.parents.start_at_or_behind(target);
        if self.objects.doc() < first {
            self.objects.seek(first);
        }
        while self.settle() < target {}
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.objects.size_hint()
    }

    fn cost(&self) -> u64 {
        self.objects.cost()
    }
}

impl Scorer for ToParentScorer {
    fn score(&mut self) -> Score {
        self.score
    }
}
