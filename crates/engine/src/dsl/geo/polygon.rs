//! `geo_polygon`: places inside a polygon.

use serde_json::Value;

use super::super::lower::{Lowered, Lowering};
use super::super::options::Options;
use super::super::{CLAUSES_MAX, Query, QueryClause};
use super::{GeoOptions, Validation};
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::bounds::in_ring;
use crate::geo::point::PointReading;
use crate::value::java::java_double;

/// A `geo_polygon` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GeoPolygon {
    field: String,
    ring: Vec<Point>,
    geo: GeoOptions,
}

/// The keys that are no field.
const OPTIONS: &[&str] = &["boost", "_name", "ignore_unmapped", "validation_method"];

pub(in crate::dsl) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("geo_polygon", value)?;
    let mut found = None;
    for (key, value) in options.entries().filter(|(key, _)| !OPTIONS.contains(&key.as_str())) {
        options.get(key);
        let Value::Object(inner) = value else {
            return Err(Exception::parsing(format!(
                "[geo_polygon] query does not support token type [{}] under [{key}]",
                token(value)
            ))
            .at(value));
        };
        let mut points = Vec::new();
        for (name, value) in inner {
            match (name.as_str(), value) {
                ("points", Value::Array(given)) => {
                    if given.len() > CLAUSES_MAX * 64 {
                        return Err(Exception::illegal_argument(
                            "too many points defined for geo_polygon query",
                        ));
                    }
                    let read = given.iter().map(|point| PointReading::default().read(point));
                    points = read.collect::<Result<Vec<_>, _>>()?;
                }
                (_, value @ Value::Array(_)) => {
                    return Err(Exception::parsing(format!(
                        "[geo_polygon] query does not support [{name}]"
                    ))
                    .at(value));
                }
                (_, value) => {
                    return Err(Exception::parsing(format!(
                        "[geo_polygon] query does not support token type [{}] under [{name}]",
                        token(value)
                    ))
                    .at(value));
                }
            }
        }
        found = Some((key.clone(), points));
    }
    let Some((field, ring)) = found else {
        return Err(Exception::illegal_argument("fieldName must not be null"));
    };
    if ring.is_empty() {
        return Err(Exception::illegal_argument("polygon must not be null or empty"));
    }
    let least = if ring.first() == ring.last() { 4 } else { 3 };
    if ring.len() < least {
        return Err(Exception::illegal_argument("too few points defined for geo_polygon query"));
    }
    let geo = GeoOptions::read(&options)?;
    Query::with(GeoPolygon { field, ring, geo }, &options)
}

/// Elasticsearch's name of a token.
fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "VALUE_NULL",
        Value::Bool(_) => "VALUE_BOOLEAN",
        Value::Number(_) => "VALUE_NUMBER",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

impl QueryClause for GeoPolygon {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let is_mapped = self.geo.leaf("geo_polygon", &self.field, lowering)?.is_some();
        for point in self.ring.iter().filter(|_| is_mapped) {
            if let Some((axis, value)) = point.fault()
                && self.geo.validation == Validation::Strict
            {
                return Err(lowering.refuse(format!(
                    "illegal {axis} value [{}] for [geo_polygon]",
                    java_double(value)
                )));
            }
        }
        let ring: Vec<Point> =
            self.ring.iter().map(|point| self.geo.validation.point(*point)).collect();
        self.geo.points("geo_polygon", &self.field, lowering, move |point| in_ring(&ring, point))
    }
}
