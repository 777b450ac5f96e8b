//! `function_score`: scores changed by weights and by field values.

use serde_json::Value;
use tantivy::query::{AllQuery, EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::lower::{Lowered, Lowering, constant};
use super::options::Options;
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause, parse_at};
use crate::columns::Numbers;
use crate::exception::Exception;
use crate::work::Cancel;

/// A `function_score` query.
#[derive(Clone, Debug)]
pub(crate) struct FunctionScore {
    /// What matches.
    pub(crate) query: Query,
    /// What changes the score.
    pub(crate) functions: Vec<Function>,
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
    pub(crate) weight: f32,
    /// The value; none: 1.
    pub(crate) field_value: Option<FieldValue>,
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
    let functions = match options.get("functions") {
        Some(Value::Array(functions)) if functions.len() <= CLAUSES_MAX => functions
            .iter()
            .map(|function| {
                let options = Options::new("function_score", function)?;
                let function = function_of(&options, depth)?;
                options.finish()?;
                Ok(function)
            })
            .collect::<Result<Vec<_>, Exception>>()?,
        Some(_) => {
            return Err(Exception::parsing(
                "failed to parse [function_score] query: [functions] must be an array",
            ));
        }
        None => vec![function_of(&options, depth)?],
    };
    let mode = |key: &str, default: ScoreMode| -> Result<ScoreMode, Exception> {
        options.text(key)?.map_or(Ok(default), |text| ScoreMode::parse(&text))
    };
    let query = FunctionScore {
        query,
        functions,
        score_mode: mode("score_mode", ScoreMode::Multiply)?,
        boost_mode: mode("boost_mode", ScoreMode::Multiply)?,
        max_boost: options.float("max_boost")?.unwrap_or(f32::MAX),
        min_score: options.float("min_score")?,
    };
    Query::with(query, &options)
}

fn function_of(options: &Options<'_>, depth: usize) -> Result<Function, Exception> {
    for known in ["script_score", "random_score", "gauss", "exp", "linear"] {
        if options.get(known).is_some() {
            return Err(Exception::not_implemented(&format!("{known} of a function_score query")));
        }
    }
    let filter = options.get("filter").map(|filter| parse_at(filter, depth + 1)).transpose()?;
    let field_value = match options.get("field_value_factor") {
        None => None,
        Some(value) => {
            let inner = Options::new("field_value_factor", value)?;
            let modifier = inner.text("modifier")?.unwrap_or_else(|| "none".into()).to_lowercase();
            if !MODIFIERS.contains(&modifier.as_str()) {
                return Err(Exception::illegal_argument(format!("Illegal modifier: {modifier}")));
            }
            let field_value = FieldValue {
                field: inner.required_text("field")?,
                factor: inner.float("factor")?.unwrap_or(1.0).into(),
                modifier,
                missing: inner.float("missing")?.map(f64::from),
            };
            inner.finish()?;
            Some(field_value)
        }
    };
    let weight = options.float("weight")?.unwrap_or(1.0);
    Ok(Function { filter, weight, field_value })
}

impl ScoreMode {
    fn parse(text: &str) -> Result<ScoreMode, Exception> {
        Ok(match text.to_lowercase().as_str() {
            "multiply" => ScoreMode::Multiply,
            "sum" => ScoreMode::Sum,
            "avg" => ScoreMode::Avg,
            "first" => ScoreMode::First,
            "max" => ScoreMode::Max,
            "min" => ScoreMode::Min,
            "replace" => ScoreMode::Replace,
            other => {
                return Err(Exception::illegal_argument(format!("illegal score_mode [{other}]")));
            }
        })
    }
}

impl QueryClause for FunctionScore {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let inner = lowering.lower(&self.query)?;
        let mut functions = Vec::new();
        for function in &self.functions {
            let filter: Lowered = match &function.filter {
                Some(filter) => lowering.lower(filter)?,
                None => constant(Box::new(AllQuery)),
            };
            let value = match &function.field_value {
                None => None,
                Some(value) => {
                    let Some(leaf) = lowering.leaf(&value.field) else {
                        if value.missing.is_none() {
                            return Err(lowering.refuse(format!(
                                "Unable to find a field mapper for field [{}]",
                                value.field
                            )));
                        }
                        functions.push((
                            filter,
                            function.weight,
                            Some((String::new(), value.clone())),
                        ));
                        continue;
                    };
                    Some((crate::mapping::fields::stored_name(&leaf.path), value.clone()))
                }
            };
            functions.push((filter, function.weight, value));
        }
        let change = Change::Functions {
            functions,
            score_mode: self.score_mode,
            boost_mode: self.boost_mode,
            max_boost: self.max_boost,
            min_score: self.min_score,
        };
        Ok(Box::new(Scripted { inner, change, cancel: lowering.work.cancel.clone() }))
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
    cancel: Cancel,
}

/// A filter, a weight, and the column with what is made of it.
type LoweredFunction = (Lowered, f32, Option<(String, FieldValue)>);

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
                        .map(|(filter, weight, value)| (filter.box_clone(), *weight, value.clone()))
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
            cancel: self.cancel.clone(),
        }
    }
}

impl Scripted {
    /// `inner`, its score multiplied by `factor` where `negative` matches too.
    pub(super) fn weighted(
        inner: Lowered,
        negative: Lowered,
        factor: f32,
        cancel: &Cancel,
    ) -> Scripted {
        let change = Change::Negative { negative, factor };
        Scripted { inner, change, cancel: cancel.clone() }
    }
}

impl TantivyQuery for Scripted {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        let mut filters = Vec::new();
        if let Some(searcher) = scoring.searcher() {
            let plain = || EnableScoring::disabled_from_searcher(searcher);
            match &self.change {
                Change::Negative { negative, .. } => filters.push(negative.weight(plain())?),
                Change::Functions { functions, .. } => {
                    for (filter, _, _) in functions {
                        filters.push(filter.weight(plain())?);
                    }
                }
            }
        }
        let (change, cancel) = (self.change.clone(), self.cancel.clone());
        Ok(Box::new(ScriptedWeight { inner, filters, change, cancel }))
    }
}

struct ScriptedWeight {
    inner: Box<dyn Weight>,
    filters: Vec<Box<dyn Weight>>,
    change: Change,
    cancel: Cancel,
}

impl Weight for ScriptedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, 1.0)?;
        let filters: tantivy::Result<Vec<_>> =
            self.filters.iter().map(|filter| filter.scorer(reader, 1.0)).collect();
        let mut columns = Vec::new();
        if let Change::Functions { functions, .. } = &self.change {
            for (_, _, value) in functions {
                columns.push(match value {
                    Some((name, _)) => Numbers::open(reader, name)?,
                    None => None,
                });
            }
        }
        let mut scorer = ScriptedScorer {
            inner,
            filters: filters?,
            columns,
            change: self.change.clone(),
            cancel: self.cancel.clone(),
            boost,
            value: None,
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("function score", 1.0))
    }
}

struct ScriptedScorer {
    inner: Box<dyn Scorer>,
    filters: Vec<Box<dyn Scorer>>,
    columns: Vec<Option<Numbers>>,
    change: Change,
    cancel: Cancel,
    boost: f32,
    value: Option<(DocId, f32)>,
}

fn holds(filter: &mut Box<dyn Scorer>, doc: DocId) -> bool {
    filter.doc() <= doc && (filter.doc() == doc || filter.seek(doc) == doc)
}

impl ScriptedScorer {
    /// Moves on to the next document that `min_score` lets pass.
    fn settle(&mut self) -> DocId {
        let least = match &self.change {
            Change::Functions { min_score, .. } => *min_score,
            Change::Negative { .. } => None,
        };
        while let Some(least) = least {
            // Where the work is called off whoever drives this sees the flag after this document.
            if self.inner.doc() == TERMINATED
                || self.cancel.is_cancelled()
                || self.compute() >= least
            {
                break;
            }
            self.inner.advance();
        }
        self.inner.doc()
    }

    fn compute(&mut self) -> f32 {
        let doc = self.inner.doc();
        if let Some((known, value)) = self.value
            && known == doc
        {
            return value;
        }
        let score = self.inner.score();
        let value = match &self.change {
            Change::Negative { factor, .. } => {
                let is_negative = self.filters.first_mut().is_some_and(|filter| holds(filter, doc));
                if is_negative { score * factor } else { score }
            }
            Change::Functions { functions, score_mode, boost_mode, max_boost, .. } => {
                let mut values = Vec::new();
                let parts = functions.iter().zip(&mut self.filters).zip(&self.columns);
                for (((_, weight, field_value), filter), column) in parts {
                    if !holds(filter, doc) {
                        continue;
                    }
                    let own = field_value
                        .as_ref()
                        .map_or(1.0, |(_, value)| value.of(column.as_ref(), doc));
                    values.push((own * f64::from(*weight), f64::from(*weight)));
                    if *score_mode == ScoreMode::First {
                        break;
                    }
                }
                let factor = joined(&values, *score_mode)
                    .map_or(1.0, |factor| factor.min((*max_boost).into()));
                if values.is_empty()
                    && *boost_mode != ScoreMode::Multiply
                    && *boost_mode != ScoreMode::Replace
                {
                    boost(score.into(), 1.0, *boost_mode) as f32
                } else {
                    boost(score.into(), factor, *boost_mode) as f32
                }
            }
        };
        self.value = Some((doc, value * self.boost));
        value * self.boost
    }
}

impl FieldValue {
    fn of(&self, column: Option<&Numbers>, doc: DocId) -> f64 {
        let value = column.and_then(|column| column.first(doc)).or(self.missing).unwrap_or(1.0);
        let value = value * self.factor;
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

fn boost(score: f64, factor: f64, mode: ScoreMode) -> f64 {
    match mode {
        ScoreMode::Multiply | ScoreMode::First => score * factor,
        ScoreMode::Replace => factor,
        ScoreMode::Sum => score + factor,
        ScoreMode::Avg => (score + factor) / 2.0,
        ScoreMode::Max => score.max(factor),
        ScoreMode::Min => score.min(factor),
    }
}

impl DocSet for ScriptedScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target);
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}

impl Scorer for ScriptedScorer {
    fn score(&mut self) -> Score {
        self.compute()
    }
}
