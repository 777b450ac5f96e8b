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

/// How the rings of polygons are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RingReading {
    /// Whether their corners go round to the left (`orientation` of `left`): clockwise.
    pub(crate) clockwise: bool,
    /// Whether one that is not closed is closed (`coerce`).
    pub(crate) closes: bool,
    /// Whether it is of a query, which is refused in the words of an older parser.
    of_query: bool,
}

impl RingReading {
    /// As in queries.
    pub(crate) const OF_QUERIES: RingReading =
        RingReading { clockwise: false, closes: false, of_query: true };

    /// As in the documents of a field with this orientation and `coerce`.
    pub(crate) fn of_field(clockwise: bool, closes: bool) -> RingReading {
        RingReading { clockwise, closes, of_query: false }
    }

    /// Reads the name of an orientation: whether it is clockwise.
    ///
    /// # Errors
    /// `illegal_argument_exception` for another name.
    pub(crate) fn orientation(name: &str) -> Result<bool, Exception> {
        match name.to_lowercase().as_str() {
            "right" | "counterclockwise" | "ccw" => Ok(false),
            "left" | "clockwise" | "cw" => Ok(true),
            _ => Err(Exception::illegal_argument(format!("Unknown orientation [{name}]"))),
        }
    }
}

/// Reads one shape.
///
/// # Errors
/// The cause Elasticsearch names.
pub(crate) fn read(value: &Value, reading: RingReading) -> Result<Shape, Exception> {
    match value {
        Value::Object(object) => geo_json(object, reading, 0).map_err(|cause| match cause.kind() {
            ExceptionKind::IllegalArgument => Exception::new(
                ExceptionKind::XContentParse,
                "Failed to build [geojson] after last required field arrived",
            )
            .caused_by(cause),
            _ => cause,
        }),
        Value::String(text) => WellKnown { rest: text, reading }.all(),
        _ => Err(unreadable("shape must be an object consisting of type and coordinates")),
    }
}

fn geo_json(
    object: &Map<String, Value>,
    mut reading: RingReading,
    depth: usize,
) -> Result<Shape, Exception> {
    if depth > DEPTH_MAX {
        return Err(unreadable("a geometrycollection is nested too deeply"));
    }
    if let Some(own) = object.get("orientation").filter(|own| !own.is_null()) {
        // One of its own turns its rings round before those of the field are looked at; in queries it is read and nothing more.
        reading.clockwise ^= RingReading::orientation(&plain(own))? && !reading.of_query;
    }
    let kind = object.get("type").map(plain).unwrap_or_default().to_lowercase();
    let coordinates = object.get("coordinates").unwrap_or(&Value::Null);
    let mut shape = Shape::default();
    match kind.as_str() {
        "point" => shape.points.push(point(coordinates)?),
        "multipoint" => shape.points = points(coordinates)?,
        "linestring" => shape.lines.push(line(pairs(coordinates)?)?),
        "multilinestring" => {
            let lines = list(coordinates)?.iter().map(|one| line(pairs(one)?));
            shape.lines = lines.collect::<Result<_, _>>()?;
        }
        "polygon" => shape.polygons.push(polygon(coordinates, reading)?),
        "multipolygon" => {
            let polygons = list(coordinates)?.iter().map(|one| polygon(one, reading));
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
                    Value::Object(object) => shape.add(geo_json(object, reading, depth + 1)?),
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
    let (lon, lat) = pair(value)?;
    place(lon, lat)
}

/// A longitude and a latitude, as they stand there.
fn pair(value: &Value) -> Result<(f64, f64), Exception> {
    let numbers: Option<Vec<f64>> = list(value)?.iter().map(Value::as_f64).collect();
    match numbers.as_deref() {
        Some([lon, lat] | [lon, lat, _]) => Ok((*lon, *lat)),
        _ => Err(unreadable("geo coordinates must be numbers")),
    }
}

fn pairs(value: &Value) -> Result<Vec<(f64, f64)>, Exception> {
    list(value)?.iter().map(pair).collect()
}

/// The corners of a line or of a ring as they are kept. One that goes on beyond 180 degrees goes on there, as far as it is not wider
/// than the earth.
fn corners(pairs: &[(f64, f64)]) -> Result<Vec<Point>, Exception> {
    let least = pairs.iter().map(|(lon, _)| *lon).fold(f64::INFINITY, f64::min);
    let most = pairs.iter().map(|(lon, _)| *lon).fold(f64::NEG_INFINITY, f64::max);
    if most <= 180.0 && least >= -180.0 || most - least > 360.0 || !(most - least).is_finite() {
        return pairs.iter().map(|(lon, lat)| place(*lon, *lat)).collect();
    }
    let moved = -((least + 180.0) / 360.0).floor() * 360.0;
    let kept = pairs.iter().map(|(lon, lat)| {
        let lon = lon + moved;
        match lon > 180.0 {
            true => place(lon - 360.0, *lat).map(|west| Point { lon: west.lon + 360.0, ..west }),
            false => place(lon, *lat),
        }
    });
    kept.collect()
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

fn line(pairs: Vec<(f64, f64)>) -> Result<Vec<Point>, Exception> {
    let points = corners(&pairs)?;
    if points.len() < 2 {
        return Err(Exception::illegal_argument("at least two points in the line is required"));
    }
    Ok(points)
}

/// A ring of its corners, the first of them once.
fn ring(mut pairs: Vec<(f64, f64)>, reading: RingReading) -> Result<Vec<Point>, Exception> {
    if let (true, Some(first)) = (reading.closes, pairs.first().copied())
        && pairs.last() != Some(&first)
    {
        pairs.push(first);
    }
    if reading.of_query {
        if pairs.len() < 4 {
            return Err(unreadable(format!(
                "invalid number of points in LinearRing (found [{}] - must be >= [4])",
                pairs.len()
            )));
        }
        if pairs.first() != pairs.last() {
            return Err(unreadable("invalid LinearRing found (coordinates are not closed)"));
        }
    }
    let mut points = corners(&pairs)?;
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
    points.pop();
    Ok(points)
}

fn polygon(value: &Value, reading: RingReading) -> Result<Polygon, Exception> {
    let rings = list(value)?.iter().map(|one| ring(pairs(one)?, reading));
    of_rings(rings.collect::<Result<_, _>>()?, reading)
}

/// A polygon wider than half the earth whose border goes round the wrong way is the narrower one that crosses the date line: all that is
/// west of Greenwich lies beyond 180 degrees. (`GeoPolygonDecomposer`)
fn of_rings(rings: Vec<Vec<Point>>, reading: RingReading) -> Result<Polygon, Exception> {
    let mut rings = rings.into_iter();
    let Some(mut outer) = rings.next() else {
        return Err(Exception::illegal_argument("at least 4 polygon points required"));
    };
    let mut holes: Vec<Vec<Point>> = rings.collect();
    let least = outer.iter().map(|point| point.lon).fold(f64::MAX, f64::min);
    let most = outer.iter().map(|point| point.lon).fold(f64::MIN, f64::max);
    let width = most - least;
    let next = outer.iter().cycle().skip(1);
    let area: f64 = outer.iter().zip(next).map(|(a, b)| a.lon * b.lat - b.lon * a.lat).sum();
    if width > 180.0 && width != 360.0 && (area < 0.0) != reading.clockwise {
        let west = std::iter::once(&mut outer).chain(&mut holes).flatten();
        west.filter(|point| point.lon < 0.0).for_each(|point| point.lon += 360.0);
    }
    Ok(Polygon { outer, holes })
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
    reading: RingReading,
}

impl<'t> WellKnown<'t> {
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

    fn pair(&mut self) -> Result<(f64, f64), Exception> {
        let (lon, lat) = (self.number()?, self.number()?);
        if !self.rest.trim_start().starts_with([',', ')']) {
            self.number()?;
        }
        Ok((lon, lat))
    }

    fn point(&mut self) -> Result<Point, Exception> {
        let (lon, lat) = self.pair()?;
        place(lon, lat)
    }

    fn polygon(&mut self) -> Result<Polygon, Exception> {
        let reading = self.reading;
        of_rings(self.listed(|text| ring(text.listed(WellKnown::pair)?, reading))?, reading)
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
            "linestring" => shape.lines.push(line(self.listed(WellKnown::pair)?)?),
            "multilinestring" => {
                shape.lines = self.listed(|text| line(text.listed(WellKnown::pair)?))?;
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

    fn read(value: &Value) -> Result<Shape, Exception> {
        super::read(value, RingReading::default())
    }

    #[test]
    fn a_wide_ring_crosses_the_date_line_where_it_goes_round_the_wrong_way() {
        let east = |corners: Value, reading: RingReading| {
            let polygon = json!({"type": "polygon", "coordinates": [corners]});
            let shape = super::read(&polygon, reading).unwrap();
            shape.corners().map(|corner| corner.lon).fold(f64::MIN, f64::max).round()
        };
        let around = json!([[-175, 0], [175, 0], [175, 10], [-175, 10], [-175, 0]]);
        let back = json!([[-175, 0], [-175, 10], [175, 10], [175, 0], [-175, 0]]);
        let (right, left) =
            (RingReading::default(), RingReading { clockwise: true, ..RingReading::default() });
        assert_eq!((east(around.clone(), right), east(back.clone(), right)), (175.0, 185.0));
        assert_eq!((east(around, left), east(back, left)), (185.0, 175.0));
        let beyond = json!([[170, 0], [170, 10], [190, 10], [190, 0], [170, 0]]);
        assert_eq!(east(beyond, right), 190.0);
        let whole = json!([[-180, -90], [-180, 90], [180, 90], [180, -90], [-180, -90]]);
        assert_eq!(east(whole, right), 180.0);
    }

    #[test]
    fn a_ring_is_closed_where_that_is_asked_for() {
        let open = json!({"type": "polygon", "coordinates": [[[0, 0], [9, 0], [9, 9]]]});
        let closed = json!("POLYGON ((0 0, 9 0, 9 9, 0 0))");
        assert!(read(&open).is_err());
        let closing = RingReading::of_field(false, true);
        assert_eq!(super::read(&open, closing).unwrap(), read(&closed).unwrap());
        assert!(super::read(&open, RingReading::OF_QUERIES).is_err());
    }

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
