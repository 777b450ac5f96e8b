//! `geo_distance`: places within a distance of one.

use serde_json::Value;

use super::super::lower::{Lowered, Lowering};
use super::super::options::Options;
use super::super::{Query, QueryClause};
use super::{GeoOptions, number};
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::distance::{self, DistanceKind};
use crate::geo::point::PointReading;
use crate::value::scalar::plain;

/// A `geo_distance` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GeoDistance {
    field: String,
    center: Point,
    metres: f64,
    geo: GeoOptions,
}

/// The keys that are no field.
const OPTIONS: &[&str] = &[
    "boost",
    "_name",
    "distance",
    "distance_type",
    "ignore_unmapped",
    "unit",
    "validation_method",
];

pub(in crate::dsl) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("geo_distance", value)?;
    let (mut field, mut center) = (None, Point { lat: 0.0, lon: 0.0 });
    for (key, value) in options.entries().filter(|(key, _)| !OPTIONS.contains(&key.as_str())) {
        options.get(key);
        let part =
            key.rsplit_once('.').filter(|(_, part)| matches!(*part, "lat" | "lon" | "geohash"));
        match (value, part) {
            (Value::Object(_) | Value::Array(_), _) => {
                center = PointReading::default().read(value)?;
                field = Some(key.clone());
            }
            (_, Some((name, "lat"))) => {
                center.lat = number(value)?;
                field = Some(name.to_owned());
            }
            (_, Some((name, "lon"))) => {
                center.lon = number(value)?;
                field = Some(name.to_owned());
            }
            (_, Some((name, _))) => {
                center = PointReading::default().read(&Value::from(plain(value)))?;
                field = Some(name.to_owned());
            }
            _ if field.is_none() => {
                center = PointReading::default().read(&Value::from(plain(value)))?;
                field = Some(key.clone());
            }
            _ => {
                return Err(Exception::parsing(format!(
                    "failed to parse [geo_distance] query. unexpected field [{key}]"
                ))
                .at(value));
            }
        }
    }
    let Some(given) = options.text("distance")? else {
        return Err(Exception::parsing("geo_distance requires 'distance' to be specified"));
    };
    let unit = options.text("unit")?.map_or(Ok(1.0), |unit| distance::unit(&unit))?;
    // Which of the two it is has no effect on what matches: Lucene measures along the surface.
    if let Some(kind) = options.text("distance_type")? {
        DistanceKind::parse(&kind)?;
    }
    let Some(field) = field.filter(|field| !field.is_empty()) else {
        return Err(Exception::illegal_argument("fieldName must not be null or empty"));
    };
    let metres = distance::metres(&given, unit)?;
    if metres <= 0.0 {
        return Err(Exception::illegal_argument("distance must be greater than zero"));
    }
    let geo = GeoOptions::read(&options)?;
    Query::with(GeoDistance { field, center, metres, geo }, &options)
}

impl QueryClause for GeoDistance {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.geo.leaf("geo_distance", &self.field, lowering)?.is_some() {
            self.geo.check("geo_distance", "center point", self.center, lowering)?;
        }
        let center = self.geo.validation.point(self.center);
        let metres = self.metres;
        self.geo.places(
            "geo_distance",
            &self.field,
            lowering,
            move |point| distance::arc(center, point) <= metres,
            move |own, cancel| own.is_near(center, metres, cancel),
        )
    }
}
