//! `distance_feature`: more the nearer a date is to an origin; half of the boost at the pivot.
//!
//! Source: Elasticsearch 7.10 reference, "Distance feature query", and Lucene's `LongDistanceFeatureQuery`.

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::query::{EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader};

use super::date_math;
use super::exists::Exists;
use super::lower::{Lowered, Lowering, nothing};
use super::options::Options;
use super::{Query, QueryClause};
use crate::columns::Numbers;
use crate::exception::Exception;
use crate::mapping::{FieldType, fields};
use crate::value::time;

/// A `distance_feature` query.
#[derive(Clone, Debug)]
struct DistanceFeature {
    field: String,
    origin: String,
    pivot: String,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("distance_feature", value)?;
    let known = ["field", "origin", "pivot", "boost", "_name"];
    let required = |key: &str| {
        let missing = Exception::illegal_argument(format!("Required [{key}]"));
        match options.text(key)? {
            Some(text) => Ok(text),
            None => Err(options.incomplete(&known, missing)),
        }
    };
    let (field, origin, pivot) = (required("field")?, required("origin")?, required("pivot")?);
    Query::with(DistanceFeature { field, origin, pivot }, &options)
}

impl QueryClause for DistanceFeature {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else { return Ok(nothing()) };
        let FieldType::Date(date) = &leaf.kind else {
            return Err(lowering.failed(Exception::illegal_argument(format!(
                "Illegal data type of [{}]![distance_feature] query can only be run on a date, date_nanos or geo_point field type!",
                leaf.kind.name()
            ))));
        };
        let origin =
            date_math::resolve(&self.origin, &date.format, true, &TimeZone::UTC, lowering.now)?;
        let pivot = time::milliseconds("distance_feature.pivot", &self.pivot)
            .map_err(|cause| lowering.failed(cause))?;
        if pivot == 0 {
            return Err(
                lowering.failed(Exception::illegal_argument("pivotDistance must be > 0, got 0"))
            );
        }
        let inner = Exists { field: leaf.path.clone() }.matching(lowering)?;
        let column = fields::stored_name(&leaf.path);
        Ok(Box::new(NearDates { inner, column, origin, pivot: pivot as f64 }))
    }
}

/// The documents with a date, scored by the nearest of theirs.
struct NearDates {
    inner: Lowered,
    column: String,
    origin: i64,
    pivot: f64,
}

impl Clone for NearDates {
    fn clone(&self) -> NearDates {
        NearDates { inner: self.inner.box_clone(), column: self.column.clone(), ..*self }
    }
}

impl std::fmt::Debug for NearDates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "LongDistanceFeatureQuery(field={},origin={},pivotDistance={})",
            self.column, self.origin, self.pivot
        )
    }
}

impl TantivyQuery for NearDates {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (column, origin, pivot) = (self.column.clone(), self.origin, self.pivot);
        Ok(Box::new(NearWeight { inner: self.inner.weight(scoring)?, column, origin, pivot }))
    }
}

struct NearWeight {
    inner: Box<dyn Weight>,
    column: String,
    origin: i64,
    pivot: f64,
}

impl Weight for NearWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, 1.0)?;
        let column = Numbers::open(reader, &self.column)?;
        let (origin, pivot) = (self.origin, self.pivot);
        Ok(Box::new(NearScorer { inner, column, origin, pivot, boost }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("distance", 1.0))
    }
}

struct NearScorer {
    inner: Box<dyn Scorer>,
    column: Option<Numbers>,
    origin: i64,
    pivot: f64,
    boost: f32,
}

impl DocSet for NearScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target)
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}

impl Scorer for NearScorer {
    fn score(&mut self) -> Score {
        let mut nearest: Option<f64> = None;
        if let Some(Numbers::I64(column)) = &self.column {
            for value in column.values_for_doc(self.inner.doc()) {
                let distance = value.abs_diff(self.origin) as f64;
                nearest = Some(nearest.map_or(distance, |known| known.min(distance)));
            }
        }
        let distance = nearest.unwrap_or(f64::INFINITY);
        (f64::from(self.boost) * (self.pivot / (self.pivot + distance))) as f32
    }
}
