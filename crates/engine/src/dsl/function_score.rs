//! `function_score`: scores changed by weights, by field values, by distances from an origin, at random.

use std::sync::Arc;

use serde_json::Value;
use tantivy::query::{EnableScoring, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, Score, SegmentReader};

use super::decay::{Decay, DecayShape};
use super::explain::{self, Explanation};
use super::lower::{Lowered, Lowering, everything};
use super::match_all::MatchNone;
use super::options::Options;
use super::random_score::RandomScore;
use super::two_phase::{
    self, InnerQuery, InnerWeight, Judge, PhasedWeight, Phases, TwoPhaseDocuments, TwoPhaseQuery,
};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause, parse_at};
use crate::columns::Numbers;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::flavor::Flavor;
use crate::mapping::Column;
use crate::script::ScriptRequest;
use crate::value::java::{java_double, java_float};
use crate::work::Work;

/// A `function_score` query.
#[derive(Clone, Debug)]
pub(crate) struct FunctionScore {
    /// What matches.
    pub(crate) query: Query,
    /// What changes the score.
    pub(crate) functions: Vec<Function>,
    /// Whether they were a list.
    pub(crate) listed: bool,
    /// How the functions' values are joined.
    pub(crate) score_mode: ScoreMode,
    /// How that joins the query's score.
    pub(crate) boost_mode: ScoreMode,
    /// The most the functions may give.
    pub(crate) max_boost: f32,
    /// The least score of a hit.
    pub(crate) min_score: Option<f32>,
}

/// One function.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// For which hits; none: all.
    pub(crate) filter: Option<Query>,
    /// Multiplied with the value.
    pub(crate) weight: Option<f32>,
    /// The value.
    pub(crate) value: FunctionValue,
}

/// What a function gives for a document.
#[derive(Clone, Debug)]
pub(crate) enum FunctionValue {
    /// 1: its weight alone counts.
    One,
    /// `field_value_factor`
    Field(FieldValue),
    /// `gauss`, `exp`, `linear`
    Decay(Decay),
    /// `random_score`
    Random(RandomScore),
    /// `script_score`
    Script(ScriptRequest),
}

/// `field_value_factor`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldValue {
    /// The field.
    pub(crate) field: String,
    /// Multiplied with its value.
    pub(crate) factor: f64,
    /// What is made of the product.
    pub(crate) modifier: String,
    /// The value of documents without one.
    pub(crate) missing: Option<f64>,
}

/// How scores are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScoreMode {
    /// The product.
    Multiply,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The first.
    First,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// The functions' value alone.
    Replace,
}

const MODIFIERS: &[&str] =
    &["none", "log", "log1p", "log2p", "ln", "ln1p", "ln2p", "square", "sqrt", "reciprocal"];

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("function_score", value)?;
    let query = match options.get("query") {
        Some(query) => parse_at(query, depth + 1)?,
        None => Query::all(),
    };
    if let (Some(Value::Array(_)), Some(refused)) =
        (options.get("functions"), beside_functions(value))
    {
        return Err(refused);
    }
    let functions = match options.get("functions") {
        Some(Value::Array(functions)) if functions.len() <= CLAUSES_MAX => functions
            .iter()
            .map(|given| {
                let options = Options::new("function_score", given)?;
                let (function, is_given) = function_of(&options, depth)?;
                options.only_known(|key| {
                    format!("failed to parse [function_score] query. field [{key}] is not supported")
                })?;
                if is_given {
                    return Ok(function);
                }
                Err(Exception::parsing(
                    "failed to parse [function_score] query. an entry in functions list is missing a function.",
                )
                .at_end(given))
            })
            .collect::<Result<Vec<_>, Exception>>()?,
        Some(_) => {
            return Err(Exception::parsing(
                "failed to parse [function_score] query: [functions] must be an array",
            ));
        }
        None => {
            only_one_function(value)?;
            vec![function_of(&options, depth)?.0]
        }
    };
    let mode = |key: &str, class: &str| -> Result<ScoreMode, Exception> {
        options.text(key)?.map_or(Ok(ScoreMode::Multiply), |text| ScoreMode::parse(&text, class))
    };
    let query = FunctionScore {
        query,
        functions,
        listed: options.get("functions").is_some(),
        score_mode: mode("score_mode", SCORE_MODE)?,
        boost_mode: mode("boost_mode", COMBINE_FUNCTION)?,
        max_boost: options.float("max_boost")?.unwrap_or(f32::MAX),
        min_score: options.float("min_score")?,
    };
    options.only_known(|key| {
        format!("failed to parse [function_score] query. field [{key}] is not supported")
    })?;
    Query::with(query, &options)
}

/// Those of which one may be given, or an entry of `functions` each.
const FUNCTIONS: [&str; 7] =
    ["script_score", "field_value_factor", "random_score", "gauss", "exp", "linear", "weight"];

/// Beside each other functions and weights are refused: `functions` holds several.
fn only_one_function(value: &Value) -> Result<(), Exception> {
    let keys = value.as_object().into_iter().flat_map(serde_json::Map::keys);
    let mut given = keys.filter(|key| FUNCTIONS.contains(&key.as_str()));
    match (given.next(), given.next()) {
        (Some(first), Some(second)) => Err(Exception::parsing(format!(
            "failed to parse [function_score] query. already found function [{first}], now encountering [{second}]. \
             use [functions] array if you want to define several functions."
        ))),
        _ => Ok(()),
    }
}

/// The refusal of a function beside `functions`.
fn beside_functions(value: &Value) -> Option<Exception> {
    let entries = value.as_object().into_iter().flatten();
    let mut given =
        entries.filter(|(key, _)| FUNCTIONS.contains(&key.as_str()) || *key == "functions");
    let ((first, _), (second, there)) = (given.next()?, given.next()?);
    let what = match first == "functions" {
        true => format!("already found [functions] array, now encountering [{second}]."),
        false => format!("already found [{first}], now encountering [{second}]."),
    };
    let reason = format!(
        "failed to parse [function_score] query. [you can either define [functions] array or a single function, not both. {what}]"
    );
    Some(Exception::parsing(reason).at(there))
}

/// One function, and whether one was given: without it, only a weight makes an entry of a list.
fn function_of(options: &Options<'_>, depth: usize) -> Result<(Function, bool), Exception> {
    // Elasticsearch's reader of `functions` passes over brackets, so that of several filters the last one counts.
    let filter = match options.get("filter") {
        Some(Value::Array(filters)) => filters.last(),
        filter => filter,
    };
    let filter = filter.map(|filter| parse_at(filter, depth + 1)).transpose()?;
    let mut values = Vec::new();
    if let Some(value) = options.get("field_value_factor") {
        values.push(FunctionValue::Field(FieldValue::read(value)?));
    }
    for shape in DecayShape::ALL {
        if let Some(value) = options.get(shape.name()) {
            values.push(FunctionValue::Decay(Decay::read(shape, value)?));
        }
    }
    if let Some(value) = options.get("random_score") {
        values.push(FunctionValue::Random(RandomScore::read(value)?));
    }
    if let Some(value) = options.get("script_score") {
        values.push(FunctionValue::Script(super::script::parse_function(value)?));
    }
    if values.len() > 1 {
        return Err(Exception::parsing(
            "failed to parse function_score functions. already found a function, now encountering another.",
        ));
    }
    let weight = options.float("weight")?;
    let is_given = weight.is_some() || !values.is_empty();
    let value = values.pop().unwrap_or(FunctionValue::One);
    Ok((Function { filter, weight, value }, is_given))
}

/// Java's classes of the words of `score_mode` and of `boost_mode`.
const SCORE_MODE: &str = "FunctionScoreQuery.ScoreMode";
const COMBINE_FUNCTION: &str = "CombineFunction";

impl ScoreMode {
    /// Reads a word of the Java class `of`.
    fn parse(text: &str, of: &str) -> Result<ScoreMode, Exception> {
        Ok(match text.to_lowercase().as_str() {
            "multiply" => ScoreMode::Multiply,
            "sum" => ScoreMode::Sum,
            "avg" => ScoreMode::Avg,
            "first" if of == SCORE_MODE => ScoreMode::First,
            "max" => ScoreMode::Max,
            "min" => ScoreMode::Min,
            "replace" if of == COMBINE_FUNCTION => ScoreMode::Replace,
            other => {
                return Err(Exception::illegal_argument(format!(
                    "No enum constant org.elasticsearch.common.lucene.search.function.{of}.{}",
                    other.to_uppercase()
                )));
            }
        })
    }
}

impl QueryClause for FunctionScore {
    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(!self.may_match(lowering)? || Query::one_inside_rewrites(self, lowering)?)
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        self.query.clause.may_match(lowering)
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if !self.may_match(lowering)? {
            // What is wrong with its functions is not looked at.
            return MatchNone.lower(lowering);
        }
        let mut functions = Vec::new();
        for function in &self.functions {
            let value: Arc<dyn DocumentFunction> = match &function.value {
                FunctionValue::One => Arc::new(One),
                FunctionValue::Field(value) => value.lower(lowering)?,
                FunctionValue::Decay(decay) => decay.lower(lowering)?,
                FunctionValue::Random(random) => random.lower(lowering)?,
                FunctionValue::Script(script) => super::script::function(script, lowering)?,
            };
            let filter: Lowered = match &function.filter {
                Some(filter) => lowering.lower(filter)?,
                None => everything(),
            };
            functions.push(LoweredFunction {
                filter,
                filtered: function.filter.is_some(),
                weight: function.weight.unwrap_or(1.0),
                weighs: function.weight.is_some(),
                value,
            });
        }
        let inner = lowering.lower(&self.query)?;
        // One function without a filter is no list: nothing is joined.
        let is_free = |function: &Function| {
            function.filter.as_ref().is_none_or(|filter| filter.clause.is_match_all())
        };
        let is_plain = matches!(self.functions.as_slice(), [only] if is_free(only));
        let change = Change::Functions {
            functions,
            score_mode: if is_plain { ScoreMode::First } else { self.score_mode },
            boost_mode: self.boost_mode,
            max_boost: self.max_boost,
            min_score: self.min_score,
        };
        let listed = self.listed;
        Ok(Scripted { inner, change, listed, work: lowering.work.clone() }.lowered())
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn children(&self) -> Vec<&Query> {
        let filters = self.functions.iter().filter_map(|function| function.filter.as_ref());
        std::iter::once(&self.query).chain(filters).collect()
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        sought.query(&self.query)
    }
}

/// A query whose scores are changed per document.
#[derive(Debug)]
pub(super) struct Scripted {
    inner: Lowered,
    change: Change,
    /// Whether the functions were a list.
    listed: bool,
    work: Work,
}

/// A function on one index: for which documents, how much it weighs, what it gives.
#[derive(Debug)]
struct LoweredFunction {
    filter: Lowered,
    /// Whether the filter was asked for.
    filtered: bool,
    weight: f32,
    /// Whether the weight was asked for.
    weighs: bool,
    value: Arc<dyn DocumentFunction>,
}

/// What gives a number for a document, on any segment of an index.
pub(super) trait DocumentFunction: std::fmt::Debug + Send + Sync {
    /// The same on one segment.
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>>;

    /// Why it gives `value` for `doc`.
    fn explanation(&self, reader: &SegmentReader, doc: DocId, value: f64) -> Explanation;

    /// Whether a document may end the search: then it is asked of no document that something else keeps out.
    fn may_refuse(&self) -> bool {
        false
    }
}

/// What gives a number for a document of one segment.
pub(super) trait SegmentFunction: Send + Sync {
    /// The number for `doc`, which the query scores with `score`.
    ///
    /// # Errors
    /// What ends the search: a value that is missing, a number below zero.
    fn value(&self, doc: DocId, score: f32) -> Result<f64, Exception>;
}

/// 1, for every document.
#[derive(Debug)]
struct One;

impl DocumentFunction for One {
    fn explanation(&self, _: &SegmentReader, _: DocId, value: f64) -> Explanation {
        let words = "constant score 1.0 - no function provided";
        Explanation::of(value as f32, words, Vec::new())
    }
    fn open(&self, _: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>> {
        Ok(Box::new(One))
    }
}

impl SegmentFunction for One {
    fn value(&self, _: DocId, _: f32) -> Result<f64, Exception> {
        Ok(1.0)
    }
}

#[derive(Debug)]
enum Change {
    Negative {
        negative: Lowered,
        factor: f32,
    },
    Functions {
        functions: Vec<LoweredFunction>,
        score_mode: ScoreMode,
        boost_mode: ScoreMode,
        max_boost: f32,
        min_score: Option<f32>,
    },
}

impl Clone for Change {
    fn clone(&self) -> Self {
        match self {
            Change::Negative { negative, factor } => {
                Change::Negative { negative: negative.box_clone(), factor: *factor }
            }
            Change::Functions { functions, score_mode, boost_mode, max_boost, min_score } => {
                Change::Functions {
                    functions: functions
                        .iter()
                        .map(|function| LoweredFunction {
                            filter: function.filter.box_clone(),
                            filtered: function.filtered,
                            weight: function.weight,
                            weighs: function.weighs,
                            value: Arc::clone(&function.value),
                        })
                        .collect(),
                    score_mode: *score_mode,
                    boost_mode: *boost_mode,
                    max_boost: *max_boost,
                    min_score: *min_score,
                }
            }
        }
    }
}

impl Clone for Scripted {
    fn clone(&self) -> Self {
        Scripted {
            inner: self.inner.box_clone(),
            change: self.change.clone(),
            listed: self.listed,
            work: self.work.clone(),
        }
    }
}

impl Scripted {
    /// `inner`, its score multiplied by `factor` where `negative` matches too.
    pub(super) fn weighted(inner: Lowered, negative: Lowered, factor: f32, work: &Work) -> Lowered {
        let change = Change::Negative { negative, factor };
        Scripted { inner, change, listed: false, work: work.clone() }.lowered()
    }

    /// It, in phases where anything in it is.
    fn lowered(self) -> Lowered {
        let is_phased = |query: &Lowered| two_phase::work(query.as_ref()).is_some();
        let last = match &self.change {
            Change::Negative { negative, .. } => is_phased(negative),
            Change::Functions { functions, .. } => functions
                .iter()
                .any(|function| function.value.may_refuse() || is_phased(&function.filter)),
        };
        if !last && !is_phased(&self.inner) {
            return Box::new(self);
        }
        let (likely, work) = (two_phase::likely(self.inner()), self.work.clone());
        TwoPhaseQuery::of(self, likely, &work)
    }

    /// The query whose scores are changed.
    pub(super) fn inner(&self) -> &dyn TantivyQuery {
        self.inner.as_ref()
    }

    /// As Lucene writes it; of a function without its address.
    pub(super) fn text(&self, flavor: Flavor) -> String {
        let inner = explain::text(self.inner(), flavor);
        match &self.change {
            Change::Negative { negative, factor } => format!(
                "FunctionScoreQuery({inner}, scored by boost(queryboost(score({}))^{}))",
                explain::text(negative.as_ref(), flavor),
                java_float(*factor)
            ),
            Change::Functions { functions, .. } => {
                let each: Vec<String> =
                    functions.iter().map(|function| format!("{{{:?}}}", function.value)).collect();
                format!("function score ({inner}, functions: [{}])", each.concat())
            }
        }
    }

    /// Why a document scores as it does.
    pub(super) fn explain_at(
        &self,
        own: &dyn TantivyQuery,
        place: &explain::DocumentAt<'_>,
        boost: f32,
        flavor: Flavor,
    ) -> Result<Explanation, Exception> {
        let inner = explain::explain(self.inner(), place, boost, flavor)?;
        if !inner.matched {
            return Ok(inner);
        }
        let Some(score) = explain::score(own, place, boost)? else {
            self.work.faults.check()?;
            return Ok(Explanation::not("Score value is too low", vec![inner]));
        };
        match &self.change {
            Change::Negative { negative, factor } => {
                let shown = explain::text(negative.as_ref(), flavor);
                let holds = explain::score(negative.as_ref(), place, 1.0)?.is_some();
                let (factor, words) = match holds {
                    true => (*factor, format!("Matched boosting query score({shown})")),
                    false => (1.0, format!("Query did not match score({shown})")),
                };
                let factor = Explanation::of(factor, words, Vec::new());
                let product = Explanation::of(score, "product of:", vec![inner, factor]);
                let head = format!("weight({}), result of:", self.text(flavor));
                Ok(Explanation::of(score, head, vec![product]))
            }
            Change::Functions { functions, score_mode, boost_mode, max_boost, .. } => {
                let (factor, exact) =
                    self.explain_functions(functions, *score_mode, place, flavor)?;
                let exact = exact.min((*max_boost).into());
                let most = Explanation::of(*max_boost, "maxBoost", Vec::new());
                let bounded = Explanation::of(exact as f32, "min of:", vec![factor, most]);
                let score = boost_of(f64::from(inner.number()), exact, *boost_mode) as f32;
                let words = match boost_mode {
                    ScoreMode::Multiply | ScoreMode::First => "function score, product of:",
                    ScoreMode::Replace => return Ok(bounded),
                    ScoreMode::Sum => "sum of",
                    ScoreMode::Avg => "avg of",
                    ScoreMode::Max => "max of",
                    ScoreMode::Min => "min of",
                };
                Ok(Explanation::of(score, words, vec![inner, bounded]))
            }
        }
    }

    fn explain_functions(
        &self,
        functions: &[LoweredFunction],
        mode: ScoreMode,
        place: &explain::DocumentAt<'_>,
        flavor: Flavor,
    ) -> Result<(Explanation, f64), Exception> {
        let mut values = Vec::new();
        let mut details = Vec::new();
        for function in functions {
            if explain::score(function.filter.as_ref(), place, 1.0)?.is_none() {
                continue;
            }
            let open = function.value.open(place.reader).map_err(internal)?;
            let value = open.value(place.doc, 0.0)?;
            let weight = f64::from(function.weight);
            values.push((value * weight, weight));
            let mut own = function.value.explanation(place.reader, place.doc, value);
            if function.weighs {
                let weight = Explanation::of(function.weight, "weight", Vec::new());
                let product = (value * f64::from(function.weight)) as f32;
                own = Explanation::of(product, "product of:", vec![own, weight]);
            }
            if function.filtered {
                let shown = explain::text(function.filter.as_ref(), flavor);
                let filter = Explanation::of(1.0, format!("match filter: {shown}"), Vec::new());
                let score = own.number();
                own = Explanation::of(score, "function score, product of:", vec![filter, own]);
            }
            details.push(own);
            if mode == ScoreMode::First {
                break;
            }
        }
        if !self.listed
            && let Some(only) = details.pop()
        {
            return Ok((only, joined(&values, mode).unwrap_or(1.0)));
        }
        let name = match mode {
            ScoreMode::Multiply | ScoreMode::Replace => "multiply",
            ScoreMode::Sum => "sum",
            ScoreMode::Avg => "avg",
            ScoreMode::First => "first",
            ScoreMode::Max => "max",
            ScoreMode::Min => "min",
        };
        Ok(match joined(&values, mode) {
            None => (Explanation::of(1.0, "No function matched", Vec::new()), 1.0),
            Some(factor) => {
                let words = format!("function score, score mode [{name}]");
                (Explanation::of(factor as f32, words, details), factor)
            }
        })
    }
}

impl TantivyQuery for Scripted {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = InnerWeight::of(self.inner(), scoring)?;
        let mut filters: Vec<Arc<dyn Weight>> = Vec::new();
        if let Some(searcher) = scoring.searcher() {
            let plain = || EnableScoring::disabled_from_searcher(searcher);
            match &self.change {
                Change::Negative { negative, .. } => filters.push(negative.weight(plain())?.into()),
                Change::Functions { functions, .. } => {
                    for function in functions {
                        filters.push(function.filter.weight(plain())?.into());
                    }
                }
            }
        }
        let Work { cancel, faults, .. } = &self.work;
        let phases = ScriptedPhases { inner, filters, change: self.change.clone() };
        Ok(PhasedWeight::boxed(phases, cancel, faults))
    }
}

struct ScriptedPhases {
    inner: InnerWeight,
    filters: Vec<Arc<dyn Weight>>,
    change: Change,
}

impl Phases for ScriptedPhases {
    type Judge = ScriptedBySegment;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, ScriptedBySegment)> {
        // As in Lucene a boost is that of the inner query: `replace` loses it.
        let (lead, inner) = self.inner.open(reader, boost)?;
        let filters =
            self.filters.iter().map(|filter| TwoPhaseDocuments::new(filter, reader, 1.0)).collect();
        let mut values = Vec::new();
        if let Change::Functions { functions, .. } = &self.change {
            for function in functions {
                values.push(function.value.open(reader)?);
            }
        }
        let change = self.change.clone();
        Ok((lead, ScriptedBySegment { inner, filters, values, change, known: None }))
    }
}

struct ScriptedBySegment {
    inner: InnerQuery,
    filters: Vec<TwoPhaseDocuments>,
    values: Vec<Box<dyn SegmentFunction>>,
    change: Change,
    /// The document that was scored last.
    known: Option<(DocId, f32)>,
}

impl Judge for ScriptedBySegment {
    fn matches(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<bool, Exception> {
        if !self.inner.holds(doc)? {
            return Ok(false);
        }
        match self.change {
            Change::Functions { min_score: Some(least), .. } => Ok(self.score(doc, lead)? >= least),
            _ => Ok(true),
        }
    }

    fn score(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<f32, Exception> {
        if let Some((_, score)) = self.known.filter(|(known, _)| *known == doc) {
            return Ok(score);
        }
        let own = self.inner.score(lead);
        let score = self.changed(doc, own)?;
        if score < 0.0 || score.is_nan() {
            return Err(Exception::illegal_argument(format!(
                "function score query returned an invalid score: {} for doc: {doc}",
                java_float(score)
            )));
        }
        self.known = Some((doc, score));
        Ok(score)
    }
}

impl ScriptedBySegment {
    /// What becomes of the score of `doc`.
    fn changed(&mut self, doc: DocId, score: f32) -> Result<f32, Exception> {
        let ScriptedBySegment { filters, values, change, .. } = self;
        let (functions, score_mode, boost_mode, max_boost) = match change {
            Change::Negative { factor, .. } => {
                let mut is_negative = false;
                for filter in filters {
                    is_negative |= filter.holds(doc)?;
                }
                return Ok(if is_negative { score * *factor } else { score });
            }
            Change::Functions { functions, score_mode, boost_mode, max_boost, .. } => {
                (functions, *score_mode, *boost_mode, *max_boost)
            }
        };
        let mut given = Vec::new();
        for ((function, filter), value) in functions.iter().zip(filters).zip(values) {
            if !filter.holds(doc)? {
                continue;
            }
            let weight = f64::from(function.weight);
            given.push((value.value(doc, score)? * weight, weight));
            if score_mode == ScoreMode::First {
                break;
            }
        }
        let factor = joined(&given, score_mode).map_or(1.0, |factor| factor.min(max_boost.into()));
        let neutral = given.is_empty()
            && boost_mode != ScoreMode::Multiply
            && boost_mode != ScoreMode::Replace;
        let factor = if neutral { 1.0 } else { factor };
        Ok(boost_of(score.into(), factor, boost_mode) as f32)
    }
}

/// `field_value_factor` on one segment.
struct SegmentFieldValue {
    column: Option<Numbers>,
    value: FieldValue,
}

impl SegmentFunction for SegmentFieldValue {
    fn value(&self, doc: DocId, _: f32) -> Result<f64, Exception> {
        let of_document = self.column.as_ref().and_then(|column| column.first(doc));
        let Some(value) = of_document.or(self.value.missing) else {
            let reason = format!("Missing value for field [{}]", self.value.field);
            return Err(Exception::new(ExceptionKind::Exception, reason));
        };
        let result = self.value.modified(value * self.value.factor);
        if result < 0.0 {
            return Err(Exception::illegal_argument(format!(
                "field value function must not produce negative scores, but got: [{}] for field value: [{}]",
                java_double(result),
                java_double(value)
            )));
        }
        Ok(result)
    }
}

/// `field_value_factor` on one index.
#[derive(Debug)]
struct IndexFieldValue {
    /// Of the field's column; none where the index has no such field.
    column: Option<String>,
    value: FieldValue,
}

impl DocumentFunction for IndexFieldValue {
    fn explanation(&self, _: &SegmentReader, _: DocId, value: f64) -> Explanation {
        let FieldValue { field, factor, modifier, missing } = &self.value;
        let missing = missing.map(|value| format!("?:{}", java_double(value))).unwrap_or_default();
        let words = format!(
            "field value function: {modifier}(doc['{field}'].value{missing} * factor={})",
            java_double(*factor)
        );
        Explanation::of(value as f32, words, Vec::new())
    }

    fn may_refuse(&self) -> bool {
        true
    }

    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>> {
        let column = match &self.column {
            Some(name) => Numbers::open(reader, name)?,
            None => None,
        };
        Ok(Box::new(SegmentFieldValue { column, value: self.value.clone() }))
    }
}

impl FieldValue {
    fn read(value: &Value) -> Result<FieldValue, Exception> {
        let inner = Options::new("field_value_factor", value)?;
        let modifier = inner.text("modifier")?.unwrap_or_else(|| "none".into()).to_lowercase();
        if !MODIFIERS.contains(&modifier.as_str()) {
            return Err(Exception::illegal_argument(format!(
                "No enum constant org.elasticsearch.common.lucene.search.function.FieldValueFactorFunction.Modifier.{}",
                modifier.to_uppercase()
            )));
        }
        let field_value = FieldValue {
            field: inner.text("field")?.unwrap_or_default(),
            factor: inner.float("factor")?.unwrap_or(1.0).into(),
            modifier,
            missing: inner.float("missing")?.map(f64::from),
        };
        inner.only_known(|key| format!("field_value_factor query does not support [{key}]"))?;
        inner.required_text("field")?;
        Ok(field_value)
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Arc<dyn DocumentFunction>, Exception> {
        let column = match lowering.leaf(&self.field) {
            Some(leaf) => {
                if !leaf.column.is_some_and(Column::is_number) {
                    let reason = match leaf.column {
                        None => leaf.no_column(),
                        Some(_) => format!(
                            "Field [{}] of type [{}] has no numbers for [field_value_factor]",
                            leaf.path,
                            leaf.kind.capability()
                        ),
                    };
                    return Err(lowering.failed(Exception::illegal_argument(reason)));
                }
                Some(crate::mapping::fields::stored_name(&leaf.path))
            }
            None if self.missing.is_some() => None,
            None => {
                return Err(lowering
                    .refuse(format!("Unable to find a field mapper for field [{}]", self.field)));
            }
        };
        Ok(Arc::new(IndexFieldValue { column, value: self.clone() }))
    }

    fn modified(&self, value: f64) -> f64 {
        match self.modifier.as_str() {
            "log" => value.log10(),
            "log1p" => (value + 1.0).log10(),
            "log2p" => (value + 2.0).log10(),
            "ln" => value.ln(),
            "ln1p" => value.ln_1p(),
            "ln2p" => (value + 2.0).ln(),
            "square" => value * value,
            "sqrt" => value.sqrt(),
            "reciprocal" => 1.0 / value,
            _ => value,
        }
    }
}

fn joined(values: &[(f64, f64)], mode: ScoreMode) -> Option<f64> {
    let all = || values.iter().map(|(value, _)| *value);
    let first = all().next()?;
    Some(match mode {
        ScoreMode::Multiply | ScoreMode::Replace => all().product(),
        ScoreMode::Sum => all().sum(),
        ScoreMode::Avg => all().sum::<f64>() / values.iter().map(|(_, weight)| weight).sum::<f64>(),
        ScoreMode::First => first,
        ScoreMode::Max => all().fold(f64::MIN, f64::max),
        ScoreMode::Min => all().fold(f64::MAX, f64::min),
    })
}

fn boost_of(score: f64, factor: f64, mode: ScoreMode) -> f64 {
    match mode {
        ScoreMode::Multiply | ScoreMode::First => score * factor,
        ScoreMode::Replace => factor,
        ScoreMode::Sum => score + factor,
        ScoreMode::Avg => (score + factor) / 2.0,
        ScoreMode::Max => score.max(factor),
        ScoreMode::Min => score.min(factor),
    }
}
