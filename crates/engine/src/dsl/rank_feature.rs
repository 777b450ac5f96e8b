//! `rank_feature`: scores by a feature of documents. Source: Elasticsearch 7.10, "Rank feature query", Lucene's
//! `FeatureField` for the formulas.

use std::sync::Arc;

use serde_json::Value;
use tantivy::SegmentReader;

use super::lower::{Lowered, Lowering, nothing};
use super::options::Options;
use super::scan::{Scan, SegmentTest};
use super::{Query, QueryClause};
use crate::columns::{self, Numbers};
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::fields;
use crate::mapping::rank_feature::RankFeature;
use crate::value::java::java_float;
use crate::work::{Cancel, stopped};

/// A `rank_feature` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RankFeatureQuery {
    field: String,
    function: ScoreFunction,
}

/// What is made of a feature's value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ScoreFunction {
    /// `S / (S + pivot)`; without a pivot by the mean of the feature.
    Saturation { pivot: Option<f32> },
    /// `ln(scaling_factor + S)`
    Log { scaling_factor: f32 },
    /// `S^exponent / (S^exponent + pivot^exponent)`
    Sigmoid { pivot: f32, exponent: f32 },
    /// `S`
    Linear,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("feature", value)?;
    let mut found = Vec::new();
    for name in ["log", "saturation", "sigmoid", "linear"] {
        let Some(inner) = options.get(name) else { continue };
        found.push(function(name, inner).map_err(|cause| options.failed(name, cause))?);
    }
    let Some(field) = options.text("field")? else {
        return Err(Exception::illegal_argument("Required [field]"));
    };
    if found.len() > 1 {
        let cause = Exception::illegal_argument(
            "Can only specify one of [log], [saturation], [sigmoid] and [linear]",
        );
        let reason = "Failed to build [feature] after last required field arrived";
        return Err(Exception::new(ExceptionKind::XContentParse, reason).caused_by(cause));
    }
    let function = found.pop().unwrap_or(ScoreFunction::Saturation { pivot: None });
    Query::with(RankFeatureQuery { field, function }, &options)
}

fn function(name: &'static str, value: &Value) -> Result<ScoreFunction, Exception> {
    let options = Options::declared(name, value)?;
    let required = |key: &str| {
        options.float(key)?.ok_or_else(|| Exception::illegal_argument(format!("Required [{key}]")))
    };
    let function = match name {
        "log" => ScoreFunction::Log { scaling_factor: required("scaling_factor")? },
        "saturation" => ScoreFunction::Saturation { pivot: options.float("pivot")? },
        "sigmoid" => {
            ScoreFunction::Sigmoid { pivot: required("pivot")?, exponent: required("exponent")? }
        }
        _ => ScoreFunction::Linear,
    };
    options.finish()?;
    Ok(function)
}

impl ScoreFunction {
    /// Refuses numbers that give no scores.
    fn check(self, positive: bool) -> Result<(), Exception> {
        let wrong = |text: &str, value: f32| {
            Err(Exception::illegal_argument(format!("{text}, got: {}", java_float(value))))
        };
        match self {
            ScoreFunction::Saturation { pivot: Some(pivot) }
            | ScoreFunction::Sigmoid { pivot, .. }
                if pivot <= 0.0 =>
            {
                wrong("pivot must be > 0", pivot)
            }
            ScoreFunction::Sigmoid { exponent, .. } if exponent <= 0.0 => {
                wrong("exp must be > 0", exponent)
            }
            ScoreFunction::Log { .. } if !positive => Err(Exception::illegal_argument(
                "Cannot use the [log] function with a field that has a negative score impact as it would trigger negative scores",
            )),
            ScoreFunction::Log { scaling_factor } if scaling_factor < 1.0 => {
                wrong("scalingFactor must be >= 1", scaling_factor)
            }
            _ => Ok(()),
        }
    }

    fn score(self, value: f32) -> f32 {
        match self {
            ScoreFunction::Saturation { pivot } => {
                // 1 − pivot / (S + pivot), so that it grows with S whatever is rounded.
                let pivot = pivot.unwrap_or(1.0);
                1.0 - pivot / (value + pivot)
            }
            ScoreFunction::Log { scaling_factor } => f64::from(scaling_factor + value).ln() as f32,
            ScoreFunction::Sigmoid { pivot, exponent } => {
                let power = f64::from(pivot).powf(exponent.into());
                (1.0 - power / (f64::from(value).powf(exponent.into()) + power)) as f32
            }
            ScoreFunction::Linear => value,
        }
    }
}

impl QueryClause for RankFeatureQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some((path, feature, field)) = feature_of(&self.field, lowering)? else {
            return Ok(nothing());
        };
        self.function.check(field.positive).map_err(|cause| lowering.failed(cause))?;
        let name = fields::stored_name(&path);
        let cancel = lowering.work.cancel.clone();
        let mut function = self.function;
        if function == (ScoreFunction::Saturation { pivot: None }) {
            let mean = mean(lowering, &name, feature.as_deref(), &cancel)?;
            function = ScoreFunction::Saturation { pivot: Some(mean) };
        }
        let inner = cancel.clone();
        let open = move |reader: &SegmentReader| {
            let Some(mut value) = values(reader, &name, feature.as_deref(), &inner)? else {
                return Ok(None);
            };
            let test: SegmentTest =
                Box::new(move |doc| value(doc).map(|value| function.score(value)));
            Ok(Some(test))
        };
        Ok(Box::new(Scan::new("rank_feature", &cancel, Arc::new(open))))
    }
}

/// A feature as [`feature_of`] finds it.
type Feature<'a> = (String, Option<String>, &'a RankFeature);

/// The path of the leaf that has the feature, the feature's name where there are many, and the leaf's type.
fn feature_of<'a>(
    field: &str,
    lowering: &'a Lowering<'_>,
) -> Result<Option<Feature<'a>>, Exception> {
    if let Some(leaf) = lowering.leaf(field) {
        return match leaf.kind.get::<RankFeature>() {
            Some(kind) if !kind.many => Ok(Some((leaf.path.clone(), None, kind))),
            _ => Err(lowering.failed(Exception::illegal_argument(format!(
                "[rank_feature] query only works on [rank_feature] fields and features of [rank_features] fields, not [{}]",
                leaf.kind.capability()
            )))),
        };
    }
    for (at, _) in field.match_indices('.') {
        let (Some(path), Some(feature)) = (field.get(..at), field.get(at + 1..)) else { continue };
        if let Some(leaf) = lowering.leaf(path)
            && let Some(kind @ RankFeature { many: true, .. }) = leaf.kind.get()
        {
            return Ok(Some((leaf.path.clone(), Some(feature.to_owned()), kind)));
        }
    }
    Ok(None)
}

/// The feature of each document of a segment.
type FeatureValues = Box<dyn FnMut(u32) -> Option<f32> + Send>;

fn values(
    reader: &SegmentReader,
    name: &str,
    feature: Option<&str>,
    cancel: &Cancel,
) -> tantivy::Result<Option<FeatureValues>> {
    let Some(feature) = feature else {
        let Some(Numbers::F64(column)) = Numbers::open(reader, name)? else { return Ok(None) };
        return Ok(Some(Box::new(move |doc| column.first(doc).map(|value| value as f32))));
    };
    let Some(column) = columns::bytes(reader, name)? else { return Ok(None) };
    let prefix = RankFeature::prefix(feature);
    let mut stream = column.dictionary().prefix_range(&prefix).into_stream()?;
    let mut known = std::collections::HashMap::new();
    while stream.advance() {
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        if let Some(value) = RankFeature::value_of(stream.key(), &prefix) {
            known.insert(stream.term_ord(), value);
        }
    }
    drop(stream);
    Ok(Some(Box::new(move |doc| {
        column.term_ords(doc).find_map(|ordinal| known.get(&ordinal).copied())
    })))
}

/// The mean of a feature as Lucene computes it: of what the kept bits stand for as whole numbers.
fn mean(
    lowering: &Lowering<'_>,
    name: &str,
    feature: Option<&str>,
    cancel: &Cancel,
) -> Result<f32, Exception> {
    let (mut sum, mut count) = (0u64, 0u64);
    for reader in lowering.searcher.segment_readers() {
        let read = values(reader, name, feature, cancel).map_err(crate::exception::internal)?;
        let Some(mut value) = read else { continue };
        for doc in 0..reader.max_doc() {
            lowering.work.check()?;
            if let Some(value) = value(doc) {
                sum += u64::from(value.to_bits() >> 15);
                count += 1;
            }
        }
    }
    if count == 0 {
        return Ok(1.0);
    }
    let mean = sum as f64 / count as f64;
    Ok(f32::from_bits((mean as u32) << 15))
}
