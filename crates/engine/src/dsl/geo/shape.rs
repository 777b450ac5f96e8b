//! `geo_shape`: shapes that lie to a given one as is asked.

use serde_json::Value;

use super::super::looked_up::{FOUND, unfollowed};
use super::super::lower::{Lowered, Lowering, nothing};
use super::super::options::Options;
use super::super::{Query, QueryClause};
use super::{points_of, shapes_of};
use crate::exception::Exception;
use crate::geo::shape::{Shape, ShapeRelation};
use crate::geo::shape_reading::{self, RingReading};
use crate::mapping::geo_point::GeoPoint;
use crate::mapping::geo_shape::GeoShape;
use crate::value::scalar::{boolean, plain};

/// A `geo_shape` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GeoShapeQuery {
    field: String,
    /// None: that of a document that nobody has read for the query.
    shape: Option<Shape>,
    relation: ShapeRelation,
    ignore_unmapped: bool,
    /// What every hit scores: nothing unless a boost is asked for, as on the real servers.
    score: f32,
}

/// The keys that are no field.
const OPTIONS: &[&str] = &["boost", "_name", "ignore_unmapped"];

pub(in crate::dsl) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("geo_shape", value)?;
    let fields = options.entries().filter(|(key, _)| !OPTIONS.contains(&key.as_str()));
    let Some((field, given)) = fields.last() else {
        return Err(Exception::illegal_argument("fieldName is required"));
    };
    options.get(field);
    let (mut shape, mut relation, mut unread) = (None, ShapeRelation::default(), false);
    for (key, value) in given.as_object().into_iter().flatten() {
        match key.as_str() {
            "shape" => shape = Some(shape_reading::read(value, RingReading::OF_QUERIES)?),
            "relation" => relation = relation_of(&plain(value))?,
            // What was found there before the query was read.
            "indexed_shape" => match value.get(FOUND) {
                Some(found) => shape = Some(shape_reading::read(found, RingReading::OF_QUERIES)?),
                None => unread |= value.get("id").is_some(),
            },
            // How a tree of prefixes was walked, which there is none of.
            "strategy" => match value.as_str().map(str::to_lowercase).as_deref() {
                Some("recursive" | "term") => {}
                _ => {
                    let reason = format!("Unknown spatial strategy [{}]", plain(value));
                    return Err(Exception::illegal_argument(reason));
                }
            },
            other => {
                return Err(Exception::parsing(format!("query does not support [{other}]")));
            }
        }
    }
    if shape.is_none() && !unread {
        return Err(Exception::illegal_argument("either shape or indexedShapeId is required"));
    }
    let ignore_unmapped = options.get("ignore_unmapped").and_then(boolean).unwrap_or_default();
    let boost = options.float("boost")?.unwrap_or(1.0);
    let score = if boost == 1.0 { 0.0 } else { 1.0 };
    let field = field.clone();
    Query::with(GeoShapeQuery { field, shape, relation, ignore_unmapped, score }, &options)
}

fn relation_of(text: &str) -> Result<ShapeRelation, Exception> {
    match text.to_lowercase().as_str() {
        "intersects" => Ok(ShapeRelation::Intersects),
        "disjoint" => Ok(ShapeRelation::Disjoint),
        "within" => Ok(ShapeRelation::Within),
        "contains" => Ok(ShapeRelation::Contains),
        _ => Err(Exception::parsing(format!("Unknown shape operation [{text} ]"))),
    }
}

impl GeoShapeQuery {
    fn name(&self) -> &'static str {
        match self.relation {
            ShapeRelation::Intersects => "INTERSECTS",
            ShapeRelation::Disjoint => "DISJOINT",
            ShapeRelation::Within => "WITHIN",
            ShapeRelation::Contains => "CONTAINS",
        }
    }
}

impl QueryClause for GeoShapeQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else {
            if self.ignore_unmapped {
                return Ok(nothing());
            }
            let reason = format!("failed to find type for field [{}]", self.field);
            return Err(lowering.refuse(reason));
        };
        let (score, cancel) = (self.score, lowering.work.cancel.clone());
        let shape = self.shape.clone().ok_or_else(|| lowering.failed(unfollowed()))?;
        if leaf.kind.is::<GeoPoint>() {
            if self.relation != ShapeRelation::Intersects {
                return Err(lowering.refuse(format!(
                    "{} query relation not supported for Field [{}].",
                    self.name(),
                    self.field
                )));
            }
            if !shape.points.is_empty() {
                let reason = format!("Field [{}] does not support point queries", self.field);
                return Err(lowering.refuse(reason));
            }
            let found = points_of("geo_shape", leaf, lowering, move |point| {
                let place = Shape { points: vec![point], ..Shape::default() };
                shape.relates(ShapeRelation::Intersects, &place, &cancel)
            })?;
            return Ok(Box::new(tantivy::query::ConstScoreQuery::new(found, score)));
        }
        if !leaf.kind.is::<GeoShape>() {
            return Err(lowering.refuse(format!(
                "Field [{}] is of unsupported type [{}] for [geo_shape] query",
                self.field,
                leaf.kind.capability()
            )));
        }
        let relation = self.relation;
        shapes_of("geo_shape", leaf, lowering, score, move |own| {
            own.relates(relation, &shape, &cancel)
        })
    }
}
