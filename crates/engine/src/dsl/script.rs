//! `script`, `script_score`, and `script_score` of a `function_score`: documents chosen and scored by scripts.
//! Source: Elasticsearch 7.10, "Script query" and "Script score query".

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::Value;
use tantivy::query::{AllQuery, EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::explanation;
use super::function_score::{DocumentFunction, SegmentFunction};
use super::lower::{Lowered, Lowering};
use super::options::Options;
use super::words::SoughtWords;
use super::{Query, QueryClause, parse_at};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::Snapshot;
use crate::script::painless::value::Value as ScriptValue;
use crate::script::{
    GivenVariable, Machine, Script, ScriptContext, ScriptRequest, SegmentDocument, context,
};
use crate::value::java::{java_double, java_float};
use crate::work::Work;

/// A `script` query.
#[derive(Clone, Debug)]
struct ScriptQuery {
    script: ScriptRequest,
}

/// A `script_score` query.
#[derive(Clone, Debug)]
struct ScriptScoreQuery {
    query: Query,
    script: ScriptRequest,
    min_score: Option<f32>,
}

/// Reads a `script` query.
pub(super) fn parse(value: &Value, _: usize) -> Result<Query, Exception> {
    let options = Options::new("script", value)?;
    let Some(script) = options.get("script") else {
        return Err(Exception::parsing("script must be provided with a [script] filter"));
    };
    Query::with(ScriptQuery { script: ScriptRequest::parse(script)? }, &options)
}

/// Reads a `script_score` query.
pub(super) fn parse_score(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("script_score", value)?;
    let missing = |names: &str| Exception::illegal_argument(format!("Required [{names}]"));
    let (query, script) = match (options.get("query"), options.get("script")) {
        (_, Some(script)) if !script.is_object() => {
            return Err(Exception::new(
                crate::exception::ExceptionKind::XContentParse,
                format!(
                    "[script_score] script doesn't support values of type: {}",
                    crate::rest::json::token(script)
                ),
            ));
        }
        (Some(query), Some(script)) => (parse_at(query, depth + 1)?, ScriptRequest::parse(script)?),
        (None, None) => return Err(missing("query, script")),
        (None, _) => return Err(missing("query")),
        (_, None) => return Err(missing("script")),
    };
    let min_score = options.float("min_score")?;
    Query::with(ScriptScoreQuery { query, script, min_score }, &options)
}

impl QueryClause for ScriptQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let scripted = OnIndex::new(&self.script, &context::FILTER, lowering)
            .map_err(|cause| lowering.failed(cause))?;
        Ok(Box::new(Chosen { scripted: Arc::new(scripted) }))
    }

    fn is_composite(&self) -> bool {
        true
    }
}

impl QueryClause for ScriptScoreQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let inner = lowering.lower(&self.query)?;
        let scripted = OnIndex::new(&self.script, &context::SCORE, lowering)
            .map_err(|cause| lowering.failed(cause))?;
        let scored = Scored { inner, scripted: Arc::new(scripted), min_score: self.min_score };
        Ok(Box::new(scored))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn children(&self) -> Vec<&Query> {
        vec![&self.query]
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        sought.query(&self.query)
    }
}

/// A script on one index.
pub(crate) struct OnIndex {
    script: Script,
    snapshot: Snapshot,
    flavor: Flavor,
    now: Timestamp,
    work: Work,
}

impl std::fmt::Debug for OnIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.script.fmt(f)
    }
}

impl OnIndex {
    /// Compiles `script` for `context` on the index of `lowering`, as its view shows it.
    ///
    /// # Errors
    /// `script_exception` "compile error".
    pub(crate) fn new(
        script: &ScriptRequest,
        context: &'static ScriptContext,
        lowering: &Lowering<'_>,
    ) -> Result<OnIndex, Exception> {
        let script = script.compile(context, lowering.work)?;
        let Some(snapshot) = lowering.snapshot.cloned() else {
            return Err(Exception::not_implemented("script in a percolated query"));
        };
        let work = lowering.work.clone();
        Ok(OnIndex { script, snapshot, flavor: lowering.flavor(), now: lowering.now, work })
    }

    /// What its runs take their time and memory from.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// The script on one segment.
    pub(crate) fn on_segment(&self, reader: &SegmentReader) -> OnSegment {
        OnSegment {
            script: self.script.clone(),
            machine: Machine::new(&self.work, self.now),
            document: SegmentDocument::new(&self.snapshot, reader, self.flavor),
        }
    }
}

/// A script on the documents of one segment.
#[derive(Debug)]
pub(crate) struct OnSegment {
    script: Script,
    machine: Machine,
    document: SegmentDocument,
}

impl OnSegment {
    /// What the script gives for a document with a score; `take` reads it.
    ///
    /// # Errors
    /// `script_exception` "runtime error", and what a run is ended by.
    pub(crate) fn run<T>(
        &mut self,
        doc: DocId,
        score: f32,
        take: impl FnOnce(&mut crate::script::painless::ScriptOutcome<'_>) -> Result<T, Exception>,
    ) -> Result<T, Exception> {
        let OnSegment { script, machine, document } = self;
        document.seek(doc);
        let given = [
            ("doc", GivenVariable::Document),
            ("_score", GivenVariable::Value(ScriptValue::Double(score.into()))),
        ];
        let mut outcome = script.run(machine, &given, Some(document))?;
        take(&mut outcome)
    }
}

/// The documents for which a script is true.
#[derive(Clone, Debug)]
struct Chosen {
    scripted: Arc<OnIndex>,
}

impl TantivyQuery for Chosen {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let all = AllQuery.weight(scoring)?;
        Ok(Box::new(ChosenWeight { all, scripted: Arc::clone(&self.scripted) }))
    }
}

struct ChosenWeight {
    all: Box<dyn Weight>,
    scripted: Arc<OnIndex>,
}

impl Weight for ChosenWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = ScriptScorer {
            inner: self.all.scorer(reader, 1.0)?,
            segment: self.scripted.on_segment(reader),
            work: self.scripted.work.clone(),
            boost,
            rule: ScriptRule::True,
            known: None,
            ended: false,
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("script", 1.0))
    }
}

/// The documents of a query with the scores that a script gives them.
#[derive(Debug)]
struct Scored {
    inner: Lowered,
    scripted: Arc<OnIndex>,
    min_score: Option<f32>,
}

impl Clone for Scored {
    fn clone(&self) -> Scored {
        Scored {
            inner: self.inner.box_clone(),
            scripted: Arc::clone(&self.scripted),
            min_score: self.min_score,
        }
    }
}

impl TantivyQuery for Scored {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        let (scripted, min_score) = (Arc::clone(&self.scripted), self.min_score);
        Ok(Box::new(ScoredWeight { inner, scripted, min_score }))
    }
}

struct ScoredWeight {
    inner: Box<dyn Weight>,
    scripted: Arc<OnIndex>,
    min_score: Option<f32>,
}

impl Weight for ScoredWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = ScriptScorer {
            inner: self.inner.scorer(reader, 1.0)?,
            segment: self.scripted.on_segment(reader),
            work: self.scripted.work.clone(),
            boost,
            rule: ScriptRule::Score(self.min_score),
            known: None,
            ended: false,
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("script score", 1.0))
    }
}

/// What of a script's result counts.
#[derive(Clone, Copy)]
enum ScriptRule {
    /// Documents for which it is true.
    True,
    /// The number is the score; the least that a hit may have.
    Score(Option<f32>),
}

struct ScriptScorer {
    inner: Box<dyn Scorer>,
    segment: OnSegment,
    work: Work,
    boost: f32,
    rule: ScriptRule,
    known: Option<(DocId, f32)>,
    /// A script failed: the fault lies in the work's.
    ended: bool,
}

impl ScriptScorer {
    /// Moves on to the next document that passes.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.doc();
            if doc == TERMINATED || self.work.cancel.is_cancelled() {
                return doc;
            }
            let passes = match self.rule {
                ScriptRule::Score(None) => return doc,
                ScriptRule::Score(Some(least)) => self.compute() >= least,
                ScriptRule::True => match self.segment.run(doc, 0.0, |outcome| Ok(outcome.truth()))
                {
                    Ok(chosen) => chosen,
                    Err(fault) => self.fail(fault),
                },
            };
            if passes || self.ended {
                return self.doc();
            }
            self.inner.advance();
        }
    }

    fn fail(&mut self, fault: Exception) -> bool {
        self.work.faults.keep(fault);
        self.ended = true;
        false
    }

    fn compute(&mut self) -> f32 {
        let doc = self.doc();
        if self.ended || doc == TERMINATED {
            return 0.0;
        }
        if let Some((known, score)) = self.known
            && known == doc
        {
            return score;
        }
        let own = self.inner.score();
        let score = match self.segment.run(doc, own, |outcome| Ok(outcome.number())) {
            Ok(score) => score.unwrap_or(0.0) as f32,
            Err(fault) => {
                self.fail(fault);
                return 0.0;
            }
        };
        if score < 0.0 || score.is_nan() {
            self.fail(invalid_score(score, doc));
            return 0.0;
        }
        self.known = Some((doc, score));
        score
    }
}

/// Source: `ScriptScoreQuery` of Elasticsearch 7.10.
fn invalid_score(score: f32, doc: DocId) -> Exception {
    Exception::illegal_argument(format!(
        "script_score script returned an invalid score [{}] for doc [{doc}]. Must be a non-negative score!",
        java_float(score)
    ))
}

impl DocSet for ScriptScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target);
        self.settle()
    }

    fn doc(&self) -> DocId {
        if self.ended { TERMINATED } else { self.inner.doc() }
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}

impl Scorer for ScriptScorer {
    fn score(&mut self) -> Score {
        match self.rule {
            ScriptRule::True => self.boost,
            ScriptRule::Score(_) => self.compute() * self.boost,
        }
    }
}

// `script_score` among the functions of a `function_score`.

/// Reads the value of `script_score`.
pub(super) fn parse_function(value: &Value) -> Result<ScriptRequest, Exception> {
    let options = Options::new("script_score", value)?;
    let Some(script) = options.get("script") else {
        return Err(Exception::parsing("script_score requires 'script' field"));
    };
    let script = ScriptRequest::parse(script)?;
    options.finish()?;
    Ok(script)
}

/// The function of a script, on one index.
pub(super) fn function(
    script: &ScriptRequest,
    lowering: &Lowering<'_>,
) -> Result<Arc<dyn DocumentFunction>, Exception> {
    let scripted =
        OnIndex::new(script, &context::SCORE, lowering).map_err(|cause| lowering.failed(cause))?;
    Ok(Arc::new(scripted))
}

impl DocumentFunction for OnIndex {
    fn explanation(&self, _: &SegmentReader, _: DocId, value: f64) -> explanation::Explanation {
        // The text of the script is kept nowhere here.
        let words = "script score function, computed with a script";
        explanation::Explanation::of(value as f32, words, Vec::new())
    }

    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>> {
        Ok(Box::new(Mutex::new(self.on_segment(reader))))
    }
}

impl SegmentFunction for Mutex<OnSegment> {
    fn value(&self, doc: DocId, score: f32) -> Result<f64, Exception> {
        let mut segment = self.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let value = segment.run(doc, score, |outcome| Ok(outcome.number()))?.unwrap_or(0.0);
        if value < 0.0 || value.is_nan() {
            return Err(Exception::illegal_argument(format!(
                "script_score script returned an invalid score [{}] for doc [{doc}]. Must be a non-negative score!",
                java_double(value)
            )));
        }
        Ok(value)
    }
}
