//! Shapes as GeoJSON and as well-known text. Source: Elasticsearch 7.10, "Geo-shape field type", and its
//! `GeoJson` and `WellKnownText` parsers for the texts.

use serde_json::{Map, Value};

use super::Point;
use super::point::unreadable;
use super::shape::{Polygon, Shape};
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java_double;
use crate::value::scalar::plain;

/// Deepest collection of collections.
const DEPTH_MAX: usize = 20;

/// Reads one shape.
///
/// # Errors
/// The cause Elasticsearch names.
pub(crate) fn read(value: &Value) -> Result<Shape, Exception> {
    match value {
        Value::Object(object) => geo_json(object, 0).map_err(|cause| match cause.kind() {
            ExceptionKind::IllegalArgument => Exception::new(
                ExceptionKind::XContentParse,
                "Failed to build [geojson] after last required field arrived",
            )
            .caused_by(cause),
            _ => cause,
        }),
        Value::String(text) => WellKnown::new(text).all(),
        _ => Err(unreadable("shape must be an object consisting of type and coordinates")),
    }
}

fn geo_json(object: &Map<String, Value>, depth: usize) -> Result<Shape, Exception> {
    if depth > DEPTH_MAX {
        return Err(unreadable("a geometrycollection is nested too deeply"));
    }
    let kind = object.get("type").map(plain).unwrap_or_default().to_lowercase();
    let coordinates = object.get("coordinates").unwrap_or(&Value::Null);
    let mut shape = Shape::default();
    match kind.as_str() {
        "point" => shape.points.push(point(coordinates)?),
        "multipoint" => shape.points = points(coordinates)?,
        "linestring" => shape.lines.push(line(points(coordinates)?)?),
        "multilinestring" => {
            let lines = list(coordinates)?.iter().map(|one| line(points(one)?));
            shape.lines = lines.collect::<Result<_, _>>()?;
        }
        "polygon" => shape.polygons.push(polygon(coordinates)?),
        "multipolygon" => {
            let polygons = list(coordinates)?.iter().map(polygon);
            shape.polygons = polygons.collect::<Result<_, _>>()?;
        }
        "envelope" => match points(coordinates)?.as_slice() {
            [a, b] => shape.polygons.push(envelope(*a, *b)?),
            _ => return Err(Exception::illegal_argument("expected two points for an envelope")),
        },
        "geometrycollection" => {
            let geometries = object.get("geometries").unwrap_or(&Value::Null);
            for geometry in list(geometries)? {
                match geometry {
                    Value::Object(object) => shape.add(geo_json(object, depth + 1)?),
                    _ => return Err(unreadable("a geometry must be an object")),
                }
            }
        }
        "circle" => {
            let reason = "circle geometry is not supported";
            return Err(Exception::new(ExceptionKind::UnsupportedOperation, reason));
        }
        other => {
            return Err(Exception::illegal_argument(format!(
                "No enum constant org.elasticsearch.geometry.ShapeType.{}",
                other.to_uppercase()
            )));
        }
    }
    Ok(shape)
}

fn list(value: &Value) -> Result<&Vec<Value>, Exception> {
    value.as_array().ok_or_else(|| unreadable("coordinates must be a list"))
}

fn point(value: &Value) -> Result<Point, Exception> {
    let numbers: Option<Vec<f64>> = list(value)?.iter().map(Value::as_f64).collect();
    match numbers.as_deref() {
        Some([lon, lat] | [lon, lat, _]) => place(*lon, *lat),
        _ => Err(unreadable("geo coordinates must be numbers")),
    }
}

/// A corner as it is kept; a longitude beyond is moved around the earth.
fn place(lon: f64, lat: f64) -> Result<Point, Exception> {
    if !(-90.0..=90.0).contains(&lat) || !lon.is_finite() {
        return Err(Exception::illegal_argument(format!(
            "invalid latitude {}; must be between -90.0 and 90.0",
            java_double(lat)
        )));
    }
    let point = if (-180.0..=180.0).contains(&lon) {
        Point { lat, lon }
    } else {
        Point { lat, lon }.normalized()
    };
    let kept = point.rounded();
    // The last step before 180 stands for it.
    Ok(Point { lon: if point.lon == 180.0 { 180.0 } else { kept.lon }, ..kept })
}

fn points(value: &Value) -> Result<Vec<Point>, Exception> {
    list(value)?.iter().map(point).collect()
}

fn line(points: Vec<Point>) -> Result<Vec<Point>, Exception> {
    if points.len() < 2 {
        return Err(Exception::illegal_argument("at least two points in the line is required"));
    }
    Ok(points)
}

/// A ring that goes over the date line goes on beyond 180 degrees.
fn unwrapped(mut points: Vec<Point>) -> Vec<Point> {
    let most = points.iter().map(|point| point.lon).fold(f64::MIN, f64::max);
    let least = points.iter().map(|point| point.lon).fold(f64::MAX, f64::min);
    if most - least > 180.0 {
        points.iter_mut().filter(|point| point.lon < 0.0).for_each(|point| point.lon += 360.0);
    }
    points
}

fn ring(points: Vec<Point>) -> Result<Vec<Point>, Exception> {
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return Err(Exception::illegal_argument("at least 4 polygon points required"));
    };
    if first != last {
        let at = points.len() - 1;
        return Err(Exception::illegal_argument(format!(
            "first and last points of the linear ring must be the same (it must close itself): x[0]={} x[{at}]={} y[0]={} y[{at}]={}",
            java_double(first.lon),
            java_double(last.lon),
            java_double(first.lat),
            java_double(last.lat)
        )));
    }
    if points.len() < 4 {
        return Err(Exception::illegal_argument("at least 4 polygon points required"));
    }
    let mut open = unwrapped(points);
    open.pop();
    Ok(open)
}

fn polygon(value: &Value) -> Result<Polygon, Exception> {
    let rings = list(value)?.iter().map(|one| ring(points(one)?));
    of_rings(rings.collect::<Result<_, _>>()?)
}

fn of_rings(rings: Vec<Vec<Point>>) -> Result<Polygon, Exception> {
    let mut rings = rings.into_iter();
    let Some(outer) = rings.next() else {
        return Err(Exception::illegal_argument("at least 4 polygon points required"));
    };
    Ok(Polygon { outer, holes: rings.collect() })
}

/// A box; one whose west is east of its east goes over the date line.
fn envelope(upper_left: Point, lower_right: Point) -> Result<Polygon, Exception> {
    let Point { lat: north, lon: west } = upper_left;
    let Point { lat: south, lon: east } = lower_right;
    if north < south {
        return Err(Exception::illegal_argument(format!(
            "max y cannot be less than min y, got min: {} max: {}",
            java_double(south),
            java_double(north)
        )));
    }
    let east = if west > east { east + 360.0 } else { east };
    let corner = |lon: f64, lat: f64| Point { lat, lon };
    let outer =
        vec![corner(west, south), corner(east, south), corner(east, north), corner(west, north)];
    Ok(Polygon { outer, holes: Vec::new() })
}

/// Well-known text as it is read.
struct WellKnown<'t> {
    rest: &'t str,
}

impl<'t> WellKnown<'t> {
    fn new(text: &'t str) -> WellKnown<'t> {
        WellKnown { rest: text }
    }

    fn all(mut self) -> Result<Shape, Exception> {
        let shape = self.shape(0)?;
        if self.rest.trim().is_empty() { Ok(shape) } else { Err(self.broken()) }
    }

    fn broken(&self) -> Exception {
        let near: String = self.rest.trim_start().chars().take(20).collect();
        Exception::illegal_argument(format!("Invalid well-known text near [{near}]"))
    }

    fn takes(&mut self, letter: char) -> bool {
        match self.rest.trim_start().strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, letter: char) -> Result<(), Exception> {
        if self.takes(letter) { Ok(()) } else { Err(self.broken()) }
    }

    /// Everything between parentheses, as `one` reads it.
    fn listed<T>(
        &mut self,
        mut one: impl FnMut(&mut WellKnown<'t>) -> Result<T, Exception>,
    ) -> Result<Vec<T>, Exception> {
        self.expect('(')?;
        let mut found = vec![one(self)?];
        while self.takes(',') {
            found.push(one(self)?);
        }
        self.expect(')')?;
        Ok(found)
    }

    fn number(&mut self) -> Result<f64, Exception> {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'));
        let (number, rest) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
        let parsed = number.parse().map_err(|_| self.broken())?;
        self.rest = rest;
        Ok(parsed)
    }

    fn point(&mut self) -> Result<Point, Exception> {
        let (lon, lat) = (self.number()?, self.number()?);
        if !self.rest.trim_start().starts_with([',', ')']) {
            self.number()?;
        }
        place(lon, lat)
    }

    fn polygon(&mut self) -> Result<Polygon, Exception> {
        of_rings(self.listed(|text| ring(text.listed(WellKnown::point)?))?)
    }

    fn shape(&mut self, depth: usize) -> Result<Shape, Exception> {
        if depth > DEPTH_MAX {
            return Err(Exception::illegal_argument("a geometrycollection is nested too deeply"));
        }
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        self.rest = rest;
        let mut shape = Shape::default();
        match name.to_lowercase().as_str() {
            "point" => shape.points = self.listed(WellKnown::point)?,
            "multipoint" => {
                shape.points = self.listed(|text| match text.takes('(') {
                    true => {
                        let point = text.point()?;
                        text.expect(')')?;
                        Ok(point)
                    }
                    false => text.point(),
                })?;
            }
            "linestring" => shape.lines.push(line(self.listed(WellKnown::point)?)?),
            "multilinestring" => {
                shape.lines = self.listed(|text| line(text.listed(WellKnown::point)?))?;
            }
            "polygon" => shape.polygons.push(self.polygon()?),
            "multipolygon" => shape.polygons = self.listed(WellKnown::polygon)?,
            "bbox" => match self.listed(WellKnown::number)?.as_slice() {
                [west, east, north, south] => {
                    shape.polygons.push(envelope(place(*west, *north)?, place(*east, *south)?)?);
                }
                _ => return Err(self.broken()),
            },
            "geometrycollection" => {
                let shapes = self.listed(|text| text.shape(depth + 1))?;
                shapes.into_iter().for_each(|one| shape.add(one));
            }
            other => {
                return Err(Exception::illegal_argument(format!("Unknown geometry type: {other}")));
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_the_same_shape() {
        for (json, text) in [
            (json!({"type": "Point", "coordinates": [10, 20]}), "POINT (10 20)"),
            (
                json!({"type": "multipoint", "coordinates": [[1, 2], [3, 4]]}),
                "MULTIPOINT ((1 2), (3 4))",
            ),
            (json!({"type": "linestring", "coordinates": [[1, 2], [3, 4]]}), "linestring(1 2,3 4)"),
            (
                json!({"type": "polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}),
                "POLYGON ((0 0, 9 0, 9 9, 0 0))",
            ),
            (json!({"type": "envelope", "coordinates": [[1, 4], [3, 2]]}), "BBOX (1, 3, 4, 2)"),
            (
                json!({"type": "geometrycollection", "geometries": [{"type": "point", "coordinates": [1, 2]}]}),
                "GEOMETRYCOLLECTION (POINT (1 2))",
            ),
        ] {
            assert_eq!(read(&json).unwrap(), read(&json!(text)).unwrap(), "{text}");
        }
    }

    #[test]
    fn what_is_no_shape_is_refused() {
        for value in [
            json!(5),
            json!("x"),
            json!("POINT (1"),
            json!("POINT (1 2) POINT"),
            json!({"type": "x"}),
            json!({"type": "circle", "coordinates": [1, 1], "radius": "1km"}),
            json!({"type": "polygon", "coordinates": [[[0, 0], [10, 0]]]}),
            json!({"type": "point", "coordinates": [0, 100]}),
        ] {
            assert!(read(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_collection_of_collections_has_a_depth() {
        let deep =
            format!("{}POINT (1 2){}", "GEOMETRYCOLLECTION (".repeat(5000), ")".repeat(5000));
        assert!(read(&json!(deep)).is_err());
    }
}
