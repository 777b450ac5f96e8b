//! `geo_bounding_box`: places inside a box.

use serde_json::{Map, Value};

use super::super::lower::{Lowered, Lowering};
use super::super::options::Options;
use super::super::{Query, QueryClause};
use super::{GeoOptions, Validation, invalid, number};
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::bounds::Bounds;
use crate::geo::point::{PointReading, unreadable};
use crate::geo::shape::{Shape, ShapeRelation};
use crate::value::java::java_double;
use crate::value::scalar::plain;

/// A `geo_bounding_box` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GeoBoundingBox {
    field: String,
    bounds: Bounds,
    geo: GeoOptions,
}

/// The keys that are no field. `type` says how a real server goes about it; it changes no answer.
const OPTIONS: &[&str] = &["boost", "_name", "ignore_unmapped", "type", "validation_method"];

pub(in crate::dsl) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("geo_bounding_box", value)?;
    let mut found = None;
    for (key, value) in options.entries().filter(|(key, _)| !OPTIONS.contains(&key.as_str())) {
        options.get(key);
        let Value::Object(corners) = value else {
            return Err(Exception::parsing(format!(
                "failed to parse [geo_bounding_box] query. unexpected field [{key}]"
            ))
            .at(value));
        };
        let bounds = bounds_of(corners).map_err(|cause| {
            unreadable(format!("failed to parse [geo_bounding_box] query. [{}]", cause.reason()))
        })?;
        found = Some((key.clone(), bounds));
    }
    let Some((field, bounds)) = found else {
        return Err(unreadable(
            "failed to parse [geo_bounding_box] query. bounding box not provided",
        ));
    };
    let geo = GeoOptions::read(&options)?;
    if let Some(kind) = options.text("type")?
        && !matches!(kind.to_uppercase().as_str(), "MEMORY" | "INDEXED")
    {
        return Err(Exception::illegal_argument(format!(
            "failed to parse bounding box type from ordinal [{kind}]"
        )));
    }
    check(&bounds, &geo)?;
    Query::with(GeoBoundingBox { field, bounds, geo }, &options)
}

/// What is refused before the index is known. (`GeoBoundingBoxQueryBuilder.setCorners`.)
fn check(bounds: &Bounds, geo: &GeoOptions) -> Result<(), Exception> {
    if geo.validation == Validation::IgnoreMalformed {
        return Ok(());
    }
    for (what, value) in [
        ("top latitude", bounds.top),
        ("left longitude", bounds.left),
        ("bottom latitude", bounds.bottom),
        ("right longitude", bounds.right),
    ] {
        if !value.is_finite() {
            let shown = java_double(value);
            return Err(Exception::illegal_argument(format!("{what} is invalid: {shown}")));
        }
    }
    if bounds.top < bounds.bottom {
        return Err(Exception::illegal_argument(format!(
            "top is below bottom corner: {} vs. {}",
            java_double(bounds.top),
            java_double(bounds.bottom)
        )));
    }
    if bounds.top == bounds.bottom {
        return Err(Exception::illegal_argument(format!(
            "top cannot be the same as bottom: {} == {}",
            java_double(bounds.top),
            java_double(bounds.bottom)
        )));
    }
    if bounds.left == bounds.right {
        return Err(Exception::illegal_argument(format!(
            "left cannot be the same as right: {} == {}",
            java_double(bounds.left),
            java_double(bounds.right)
        )));
    }
    Ok(())
}

/// The box that corners or sides name. (`GeoBoundingBox.parseBoundingBox`.)
pub(crate) fn bounds_of(corners: &Map<String, Value>) -> Result<Bounds, Exception> {
    let none = f64::NAN;
    let mut bounds = Bounds { top: none, left: none, bottom: none, right: none };
    let corner = |value: &Value| {
        let south_west = PointReading::default().read(value)?;
        let north_east =
            PointReading { north_east: true, ..PointReading::default() }.read(value)?;
        Ok::<_, Exception>((south_west, north_east))
    };
    for (key, value) in corners {
        match key.as_str() {
            "wkt" => bounds = well_known(&plain(value))?,
            "top" => bounds.top = number(value)?,
            "bottom" => bounds.bottom = number(value)?,
            "left" => bounds.left = number(value)?,
            "right" => bounds.right = number(value)?,
            "top_left" | "topLeft" => {
                let (south_west, north_east) = corner(value)?;
                (bounds.top, bounds.left) = (north_east.lat, south_west.lon);
            }
            "bottom_right" | "bottomRight" => {
                let (south_west, north_east) = corner(value)?;
                (bounds.bottom, bounds.right) = (south_west.lat, north_east.lon);
            }
            "top_right" | "topRight" => {
                let (_, north_east) = corner(value)?;
                (bounds.top, bounds.right) = (north_east.lat, north_east.lon);
            }
            "bottom_left" | "bottomLeft" => {
                let (south_west, _) = corner(value)?;
                (bounds.bottom, bounds.left) = (south_west.lat, south_west.lon);
            }
            _ => {
                return Err(unreadable(format!(
                    "failed to parse bounding box. unexpected field [{key}]"
                )));
            }
        }
    }
    Ok(bounds)
}

/// `BBOX (west, east, north, south)`
fn well_known(text: &str) -> Result<Bounds, Exception> {
    let inner = text.trim();
    let inner = inner.get(..4).filter(|head| head.eq_ignore_ascii_case("bbox")).and(inner.get(4..));
    let inner = inner.map(str::trim).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    let numbers: Option<Vec<f64>> =
        inner.and_then(|inner| inner.split(',').map(|part| part.trim().parse().ok()).collect());
    match numbers.as_deref() {
        Some([left, right, top, bottom]) => {
            Ok(Bounds { top: *top, left: *left, bottom: *bottom, right: *right })
        }
        _ => Err(unreadable("failed to parse WKT bounding box")),
    }
}

impl QueryClause for GeoBoundingBox {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let mut bounds = self.bounds;
        if self.geo.leaf("geo_bounding_box", &self.field, lowering)?.is_some()
            && self.geo.validation == Validation::Strict
        {
            let corners = [
                ("top", Point { lat: bounds.top, lon: 0.0 }),
                ("left", Point { lat: 0.0, lon: bounds.left }),
                ("bottom", Point { lat: bounds.bottom, lon: 0.0 }),
                ("right", Point { lat: 0.0, lon: bounds.right }),
            ];
            for (what, corner) in corners {
                if let Some((axis, value)) = corner.fault() {
                    let what = format!("{what} {axis}");
                    return Err(invalid("geo_bounding_box", &what, value, lowering));
                }
            }
        }
        if self.geo.validation == Validation::Coerce {
            // The whole way round stays the whole way round.
            let everywhere = bounds.right - bounds.left >= 360.0;
            let top_left = Point { lat: bounds.top, lon: bounds.left }.normalized();
            let bottom_right = Point { lat: bounds.bottom, lon: bounds.right }.normalized();
            bounds = Bounds {
                top: top_left.lat,
                left: if everywhere { -180.0 } else { top_left.lon },
                bottom: bottom_right.lat,
                right: if everywhere { 180.0 } else { bottom_right.lon },
            };
        }
        let shape = Shape::of_box(&bounds);
        self.geo.places(
            "geo_bounding_box",
            &self.field,
            lowering,
            move |point| bounds.holds(point),
            move |own, cancel| own.relates(ShapeRelation::Intersects, &shape, cancel),
        )
    }
}
