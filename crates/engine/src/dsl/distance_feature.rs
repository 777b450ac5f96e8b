//! `distance_feature`: more the nearer a date or a place is to an origin; half of the boost at the pivot.
//!
//! Source: Elasticsearch 7.10 reference, "Distance feature query", and Lucene's `LongDistanceFeatureQuery` and
//! `LatLonPointDistanceFeatureQuery`.

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::query::{EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader};

use super::exists::Exists;
use super::lower::{Lowered, Lowering, nothing};
use super::options::{Options, scalar};
use super::{Query, QueryClause};
use crate::columns::Numbers;
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::distance::{self, DistanceKind};
use crate::geo::point::PointReading;
use crate::mapping::date::math as date_math;
use crate::mapping::fields;
use crate::mapping::geo_point::GeoPoint;
use crate::value::time;

/// A `distance_feature` query.
#[derive(Clone, Debug)]
struct DistanceFeature {
    field: String,
    origin: Value,
    pivot: String,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("distance_feature", value)?;
    let known = ["field", "origin", "pivot", "boost", "_name"];
    let missing = |key: &str| {
        let missing = Exception::illegal_argument(format!("Required [{key}]"));
        options.incomplete(&known, missing)
    };
    let required = |key: &str| options.text(key)?.ok_or_else(|| missing(key));
    let field = required("field")?;
    let origin = options.get("origin").cloned().ok_or_else(|| missing("origin"))?;
    let pivot = required("pivot")?;
    Query::with(DistanceFeature { field, origin, pivot }, &options)
}

impl QueryClause for DistanceFeature {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else { return Ok(nothing()) };
        let refused = |reason: String| Err(lowering.failed(Exception::illegal_argument(reason)));
        let (origin, pivot) = match leaf.kind.as_date() {
            Some(date) => {
                let text = scalar("distance_feature", "origin", &self.origin)?;
                let zone = TimeZone::UTC;
                let at = date_math::resolve_nanos(&text, &date.format, true, &zone, lowering.now)?;
                let origin = Origin::Moment(date.of_nanoseconds(at)?);
                let pivot = time::nanoseconds("distance_feature.pivot", &self.pivot)
                    .map_err(|cause| lowering.failed(cause))?;
                (origin, if date.nanos { pivot as f64 } else { (pivot / 1_000_000) as f64 })
            }
            None if leaf.kind.is::<GeoPoint>() => {
                let origin = PointReading::default().read(&self.origin)?;
                let pivot = distance::metres(&self.pivot, 1.0);
                (Origin::Place(origin), pivot.map_err(|cause| lowering.failed(cause))?)
            }
            None => {
                return refused(format!(
                    "Illegal data type of [{}]![distance_feature] query can only be run on a date, date_nanos or geo_point field type!",
                    leaf.kind.capability()
                ));
            }
        };
        if pivot <= 0.0 {
            return refused(format!("pivotDistance must be > 0, got {pivot}"));
        }
        let inner = Exists { field: leaf.path.clone() }.matching(lowering)?;
        let column = fields::stored_name(&leaf.path);
        Ok(Box::new(NearOrigin { inner, column, origin, pivot }))
    }
}

/// Where the distance is zero.
#[derive(Clone, Copy, Debug)]
enum Origin {
    /// In the field's own unit.
    Moment(i64),
    Place(Point),
}

impl Origin {
    /// How far a value of the column is.
    fn distance(self, value: i64) -> f64 {
        match self {
            Origin::Moment(origin) => value.abs_diff(origin) as f64,
            Origin::Place(origin) => DistanceKind::Arc.metres(origin, Point::of_code(value)),
        }
    }
}

/// The documents with a value, scored by the nearest of theirs.
struct NearOrigin {
    inner: Lowered,
    column: String,
    origin: Origin,
    pivot: f64,
}

impl Clone for NearOrigin {
    fn clone(&self) -> NearOrigin {
        NearOrigin { inner: self.inner.box_clone(), column: self.column.clone(), ..*self }
    }
}

impl std::fmt::Debug for NearOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (field, pivot) = (&self.column, self.pivot);
        match self.origin {
            Origin::Moment(origin) => write!(
                f,
                "LongDistanceFeatureQuery(field={field},origin={origin},pivotDistance={pivot})"
            ),
            Origin::Place(Point { lat, lon }) => write!(
                f,
                "LatLonPointDistanceFeatureQuery(field={field},originLat={lat},originLon={lon},pivotDistance={pivot})"
            ),
        }
    }
}

impl TantivyQuery for NearOrigin {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (column, origin, pivot) = (self.column.clone(), self.origin, self.pivot);
        Ok(Box::new(NearWeight { inner: self.inner.weight(scoring)?, column, origin, pivot }))
    }
}

struct NearWeight {
    inner: Box<dyn Weight>,
    column: String,
    origin: Origin,
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
    origin: Origin,
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
                let distance = self.origin.distance(value);
                nearest = Some(nearest.map_or(distance, |known| known.min(distance)));
            }
        }
        let distance = nearest.unwrap_or(f64::INFINITY);
        (f64::from(self.boost) * (self.pivot / (self.pivot + distance))) as f32
    }
}
