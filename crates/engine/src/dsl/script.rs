//! `script`, `script_score`, and `script_score` of a `function_score`: documents chosen and scored by scripts.
//! Source: Elasticsearch 7.10, "Script query" and "Script score query".

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::Value;
use tantivy::fastfield::AliveBitSet;
use tantivy::query::{AllQuery, EnableScoring, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, Score, SegmentReader};

use super::explanation;
use super::function_score::{DocumentFunction, SegmentFunction};
use super::lower::{Lowered, Lowering, everything};
use super::options::Options;
use super::two_phase::{
    self, InnerQuery, InnerWeight, Judge, PhasedWeight, Phases, TwoPhaseDocuments, TwoPhaseQuery,
};
use super::words::SoughtWords;
use super::{Query, QueryClause, parse_at};
use crate::blocks::Roots;
use crate::exception::{Exception, internal};
use crate::flavor::Flavor;
use crate::index::Snapshot;
use crate::script::painless::ScriptOutcome;
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
    fn expensive(&self) -> Option<&'static str> {
        Some("script")
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let scripted = OnIndex::new(&self.script, &context::FILTER, lowering)
            .map_err(|cause| lowering.failed(cause))?;
        let work = lowering.work;
        Ok(TwoPhaseQuery::of(ScriptMatches { scripted: Arc::new(scripted) }, everything(), work))
    }

    fn is_composite(&self) -> bool {
        true
    }
}

impl QueryClause for ScriptScoreQuery {
    fn expensive(&self) -> Option<&'static str> {
        Some("script score")
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let inner = lowering.lower(&self.query)?;
        let scripted = OnIndex::new(&self.script, &context::SCORE, lowering)
            .map_err(|cause| lowering.failed(cause))?;
        let likely = two_phase::likely(inner.as_ref());
        let scored = Scored { inner, scripted: Arc::new(scripted), min_score: self.min_score };
        Ok(TwoPhaseQuery::of(scored, likely, lowering.work))
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
    /// The documents that are there for the caller; `None`: all.
    existing: Option<Arc<dyn Weight>>,
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
        let existing = match lowering.existing()? {
            Some(existing) => {
                let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
                Some(existing.weight(scoring).map_err(internal)?.into())
            }
            None => None,
        };
        let work = lowering.work.clone();
        Ok(OnIndex {
            script,
            snapshot,
            flavor: lowering.flavor(),
            now: lowering.now,
            work,
            existing,
        })
    }

    /// What its runs take their time and memory from.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// The script on one segment.
    ///
    /// # Errors
    /// What the index library reports.
    pub(crate) fn on_segment(&self, reader: &SegmentReader) -> tantivy::Result<OnSegment> {
        let existing = self.existing.as_ref();
        Ok(OnSegment {
            script: self.script.clone(),
            machine: Machine::new(&self.work, self.now),
            document: SegmentDocument::new(&self.snapshot, reader, self.flavor),
            alive: reader.alive_bitset().cloned(),
            roots: Roots::of(reader)?,
            existing: existing.map(|weight| TwoPhaseDocuments::new(weight, reader, 1.0)),
        })
    }
}

/// A script on the documents of one segment.
pub(crate) struct OnSegment {
    script: Script,
    machine: Machine,
    document: SegmentDocument,
    /// The documents that were not deleted; `None`: all.
    alive: Option<AliveBitSet>,
    roots: Roots,
    existing: Option<TwoPhaseDocuments>,
}

impl std::fmt::Debug for OnSegment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.script.fmt(f)
    }
}

impl OnSegment {
    /// What the script gives for a document with a score; `take` reads it. `None` where the document is not there for the
    /// caller, or was deleted: the script is not run.
    ///
    /// # Errors
    /// `script_exception` "runtime error", and what a run is ended by.
    pub(crate) fn run<T>(
        &mut self,
        doc: DocId,
        score: f32,
        take: impl FnOnce(&mut ScriptOutcome<'_>) -> Result<T, Exception>,
    ) -> Result<Option<T>, Exception> {
        self.run_on(doc, score, ScriptValue::Null, take)
    }

    /// The same, about one value of the document, `_value`.
    ///
    /// # Errors
    /// As [`OnSegment::run`].
    pub(crate) fn run_on<T>(
        &mut self,
        doc: DocId,
        score: f32,
        value: ScriptValue,
        take: impl FnOnce(&mut ScriptOutcome<'_>) -> Result<T, Exception>,
    ) -> Result<Option<T>, Exception> {
        if !self.is_there(doc)? {
            return Ok(None);
        }
        let OnSegment { script, machine, document, .. } = self;
        document.seek(doc);
        let given = [
            ("doc", GivenVariable::Document),
            ("_score", GivenVariable::Value(ScriptValue::Double(score.into()))),
            ("_value", GivenVariable::Value(value)),
        ];
        let mut outcome = script.run(machine, &given, Some(document))?;
        take(&mut outcome).map(Some)
    }

    /// Runs the script in another machine, which keeps what it changes `state` to.
    ///
    /// # Errors
    /// As [`OnSegment::run`].
    pub(crate) fn run_in(
        &mut self,
        machine: &mut Machine,
        doc: DocId,
        score: f32,
        state: ScriptValue,
    ) -> Result<(), Exception> {
        if !self.is_there(doc)? {
            return Ok(());
        }
        self.document.seek(doc);
        let given = [
            ("doc", GivenVariable::Document),
            ("_score", GivenVariable::Value(ScriptValue::Double(score.into()))),
            ("state", GivenVariable::Value(state)),
        ];
        let Script { program, params } = &self.script;
        machine.run_kept(program, params, &given, Some(&mut self.document))?;
        Ok(())
    }

    /// Whether the document that `doc` is, or is inside, is there for the caller.
    fn is_there(&mut self, doc: DocId) -> Result<bool, Exception> {
        let root = self.roots.root_of(doc);
        if self.alive.as_ref().is_some_and(|alive| !alive.is_alive(root)) {
            return Ok(false);
        }
        self.existing.as_mut().map_or(Ok(true), |existing| existing.holds(root))
    }
}

/// The documents for which a script is true.
#[derive(Clone, Debug)]
struct ScriptMatches {
    scripted: Arc<OnIndex>,
}

impl TantivyQuery for ScriptMatches {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let all = AllQuery.weight(scoring)?;
        let scripted = Arc::clone(&self.scripted);
        let Work { cancel, faults, .. } = self.scripted.work();
        Ok(PhasedWeight::boxed(ChosenPhases { all, scripted }, cancel, faults))
    }
}

struct ChosenPhases {
    all: Box<dyn Weight>,
    scripted: Arc<OnIndex>,
}

impl Phases for ChosenPhases {
    type Judge = ChosenBySegment;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, ChosenBySegment)> {
        let judge = ChosenBySegment { segment: self.scripted.on_segment(reader)?, boost };
        Ok((self.all.scorer(reader, 1.0)?, judge))
    }
}

struct ChosenBySegment {
    segment: OnSegment,
    boost: f32,
}

impl Judge for ChosenBySegment {
    fn matches(&mut self, doc: DocId, _: &mut dyn Scorer) -> Result<bool, Exception> {
        let chosen = self.segment.run(doc, 0.0, |outcome| Ok(outcome.truth()))?;
        Ok(chosen == Some(true))
    }

    fn score(&mut self, _: DocId, _: &mut dyn Scorer) -> Result<f32, Exception> {
        Ok(self.boost)
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
        let inner = InnerWeight::of(self.inner.as_ref(), scoring)?;
        let (scripted, least) = (Arc::clone(&self.scripted), self.min_score);
        let Work { cancel, faults, .. } = self.scripted.work();
        Ok(PhasedWeight::boxed(ScoredPhases { inner, scripted, least }, cancel, faults))
    }
}

struct ScoredPhases {
    inner: InnerWeight,
    scripted: Arc<OnIndex>,
    /// The least score of a hit.
    least: Option<f32>,
}

impl Phases for ScoredPhases {
    type Judge = ScoredBySegment;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, ScoredBySegment)> {
        let (lead, inner) = self.inner.open(reader, 1.0)?;
        let (segment, least) = (self.scripted.on_segment(reader)?, self.least);
        Ok((lead, ScoredBySegment { inner, segment, least, boost, known: None }))
    }
}

struct ScoredBySegment {
    inner: InnerQuery,
    segment: OnSegment,
    least: Option<f32>,
    boost: f32,
    /// The document that was scored last.
    known: Option<(DocId, f32)>,
}

impl ScoredBySegment {
    /// What the script gives for `doc`.
    fn computed(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<f32, Exception> {
        if let Some((_, score)) = self.known.filter(|(known, _)| *known == doc) {
            return Ok(score);
        }
        let own = self.inner.score(lead);
        let score = self.segment.run(doc, own, |outcome| Ok(outcome.number()))?;
        let score = score.flatten().unwrap_or(0.0) as f32;
        if score < 0.0 || score.is_nan() {
            return Err(invalid_score(&java_float(score), doc));
        }
        self.known = Some((doc, score));
        Ok(score)
    }
}

impl Judge for ScoredBySegment {
    fn matches(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<bool, Exception> {
        if !self.inner.holds(doc)? {
            return Ok(false);
        }
        match self.least {
            Some(least) => Ok(self.computed(doc, lead)? >= least),
            None => Ok(true),
        }
    }

    fn score(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<f32, Exception> {
        Ok(self.computed(doc, lead)? * self.boost)
    }
}

/// Source: `ScriptScoreQuery` of Elasticsearch 7.10.
fn invalid_score(score: &str, doc: DocId) -> Exception {
    Exception::illegal_argument(format!(
        "script_score script returned an invalid score [{score}] for doc [{doc}]. Must be a non-negative score!"
    ))
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
        Ok(Box::new(Mutex::new(self.on_segment(reader)?)))
    }

    fn may_refuse(&self) -> bool {
        true
    }
}

impl SegmentFunction for Mutex<OnSegment> {
    fn value(&self, doc: DocId, score: f32) -> Result<f64, Exception> {
        let mut segment = self.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let value = segment.run(doc, score, |outcome| Ok(outcome.number()))?;
        let value = value.flatten().unwrap_or(0.0);
        if value < 0.0 || value.is_nan() {
            return Err(invalid_score(&java_double(value), doc));
        }
        Ok(value)
    }
}
