//! A point in all the spellings that Elasticsearch takes, and as it is kept. Source: `GeoUtils.parseGeoPoint`, Lucene's
//! `GeoEncodingUtils`.

use serde_json::{Map, Value};

use super::geohash;
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java_double;
use crate::value::scalar::plain;

/// A point in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Latitude.
    pub lat: f64,
    /// Longitude.
    pub lon: f64,
}

/// How many degrees one step of what is kept is.
const LATITUDE_STEP: f64 = 180.0 / 4_294_967_296.0;
const LONGITUDE_STEP: f64 = 360.0 / 4_294_967_296.0;

impl Point {
    /// As it is kept: 32 bits of latitude above 32 bits of longitude, both signed.
    pub fn code(self) -> i64 {
        let lat = if self.lat >= 90.0 { 90.0f64.next_down() } else { self.lat };
        let lon = if self.lon >= 180.0 { 180.0f64.next_down() } else { self.lon };
        let lat = (lat / LATITUDE_STEP).floor() as i32;
        let lon = (lon / LONGITUDE_STEP).floor() as i32;
        i64::from(lat) << 32 | i64::from(lon as u32)
    }

    /// The point of a code: the corner of what the code stands for.
    pub fn of_code(code: i64) -> Point {
        Point {
            lat: f64::from((code >> 32) as i32) * LATITUDE_STEP,
            lon: f64::from(code as i32) * LONGITUDE_STEP,
        }
    }

    /// The point as a reader of its code sees it.
    pub fn rounded(self) -> Point {
        Point::of_code(self.code())
    }

    /// Moved around the earth until both numbers are in their range, as `GeoUtils.normalizePoint` does.
    pub fn normalized(self) -> Point {
        let (mut lat, mut lon) = (self.lat, self.lon);
        if !(-90.0..=90.0).contains(&lat) {
            lat = circle(lat, 360.0);
            if lat < -90.0 {
                lat = -180.0 - lat;
                lon += 180.0;
            } else if lat > 90.0 {
                lat = 180.0 - lat;
                lon += 180.0;
            }
        }
        if !(-180.0..=180.0).contains(&lon) {
            lon = circle(lon, 360.0);
        }
        // Nothing is negative zero.
        Point { lat: lat + 0.0, lon: lon + 0.0 }
    }

    /// What is out of its range, in the words that follow "illegal" and "invalid".
    pub fn fault(self) -> Option<(&'static str, f64)> {
        if !(-90.0..=90.0).contains(&self.lat) {
            return Some(("latitude", self.lat));
        }
        (!(-180.0..=180.0).contains(&self.lon)).then_some(("longitude", self.lon))
    }
}

/// `value` moved by whole turns into half a turn around 0.
fn circle(value: f64, turn: f64) -> f64 {
    let turned = value.rem_euclid(turn);
    if turned > turn / 2.0 { turned - turn } else { turned }
}

/// How points are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PointReading {
    /// Whether a third coordinate is passed over.
    pub(crate) ignore_z: bool,
    /// Whether a geohash stands for the north-eastern corner of its cell (`Some(true)`), or the south-western one.
    pub(crate) north_east: bool,
}

impl Default for PointReading {
    fn default() -> PointReading {
        PointReading { ignore_z: true, north_east: false }
    }
}

/// `parse_exception` in Elasticsearch's words.
pub(crate) fn unreadable(reason: impl Into<String>) -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, reason)
}

impl PointReading {
    /// Reads one point: an object, a pair, or a text.
    ///
    /// # Errors
    /// `parse_exception` in Elasticsearch's words; the range of the numbers is not looked at.
    pub(crate) fn read(self, value: &Value) -> Result<Point, Exception> {
        match value {
            Value::Object(object) => self.object(object),
            Value::Array(numbers) => self.array(numbers),
            Value::String(text) => self.text(text),
            _ => Err(unreadable("geo_point expected")),
        }
    }

    fn object(self, object: &Map<String, Value>) -> Result<Point, Exception> {
        let known = |key: &String| {
            matches!(key.as_str(), "lat" | "lon" | "geohash" | "type" | "coordinates")
        };
        if object.contains_key("type") || object.contains_key("coordinates") {
            return self.geo_json(object);
        }
        if !object.keys().all(known) {
            return Err(unreadable("field must be either [lat], [lon] or [geohash]"));
        }
        if let Some(hash) = object.get("geohash") {
            if object.len() > 1 {
                return Err(unreadable("field must be either lat/lon or geohash"));
            }
            return match hash {
                Value::String(hash) => self.hash(hash),
                _ => Err(unreadable("geohash must be a string")),
            };
        }
        let number = |key: &str, name: &str| match object.get(key) {
            None => Err(unreadable(format!("field [{key}] missing"))),
            Some(Value::String(text)) => text.trim().parse::<f64>().map_err(|_| {
                unreadable("[lat] and [lon] must be valid double values")
                    .caused_by(crate::value::scalar::not_a_number(text))
            }),
            Some(value) => {
                value.as_f64().ok_or_else(|| unreadable(format!("{name} must be a number")))
            }
        };
        Ok(Point { lat: number("lat", "latitude")?, lon: number("lon", "longitude")? })
    }

    /// OpenSearch's: `{"type": "Point", "coordinates": [lon, lat]}`.
    fn geo_json(self, object: &Map<String, Value>) -> Result<Point, Exception> {
        let kind = object.get("type").map(plain).unwrap_or_default();
        if !kind.eq_ignore_ascii_case("point") {
            return Err(unreadable("type must be Point"));
        }
        match object.get("coordinates") {
            Some(Value::Array(numbers)) => self.array(numbers),
            _ => Err(unreadable("field [coordinates] missing")),
        }
    }

    fn array(self, numbers: &[Value]) -> Result<Point, Exception> {
        let number =
            |value: &Value| value.as_f64().ok_or_else(|| unreadable("numeric value expected"));
        match numbers {
            [lon, lat] => Ok(Point { lon: number(lon)?, lat: number(lat)? }),
            [lon, lat, z] => {
                self.third(number(z)?)?;
                Ok(Point { lon: number(lon)?, lat: number(lat)? })
            }
            [] | [_] => Err(Exception::new(
                ExceptionKind::JsonParse,
                "Current token (END_ARRAY) not numeric, can not use numeric value accessors",
            )),
            _ => Err(unreadable("geo_point expected")),
        }
    }

    fn third(self, z: f64) -> Result<(), Exception> {
        if self.ignore_z {
            return Ok(());
        }
        Err(unreadable(format!(
            "Exception parsing coordinates: found Z value [{}] but [ignore_z_value] parameter is [false]",
            java_double(z)
        )))
    }

    fn text(self, text: &str) -> Result<Point, Exception> {
        let upper = text.trim_start();
        if upper.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("point")) {
            return self.well_known(text);
        }
        if !text.contains(',') {
            return self.hash(text);
        }
        let parts: Vec<&str> = text.split(',').collect();
        let number = |part: &str, name: &str| {
            part.trim().parse::<f64>().map_err(|_| unreadable(format!("{name} must be a number")))
        };
        match parts.as_slice() {
            [lat, lon] => {
                Ok(Point { lat: number(lat, "latitude")?, lon: number(lon, "longitude")? })
            }
            [lat, lon, z] => {
                self.third(number(z, "z")?)?;
                Ok(Point { lat: number(lat, "latitude")?, lon: number(lon, "longitude")? })
            }
            _ => Err(unreadable(format!(
                "failed to parse [{text}], expected 2 or 3 coordinates but found: [{}]",
                parts.len()
            ))),
        }
    }

    fn well_known(self, text: &str) -> Result<Point, Exception> {
        let broken = || {
            unreadable("Invalid WKT format").caused_by(Exception::illegal_argument(format!(
                "Unknown geometry type: {}",
                text.split(['(', ' ']).next().unwrap_or_default().to_lowercase()
            )))
        };
        let inner = text.trim().get(5..).unwrap_or_default().trim();
        let inner = inner.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let numbers: Option<Vec<f64>> = inner
            .and_then(|inner| inner.split_whitespace().map(|part| part.parse().ok()).collect());
        match numbers.as_deref() {
            Some([lon, lat]) => Ok(Point { lon: *lon, lat: *lat }),
            Some([lon, lat, z]) => {
                self.third(*z)?;
                Ok(Point { lon: *lon, lat: *lat })
            }
            _ => Err(broken()),
        }
    }

    fn hash(self, text: &str) -> Result<Point, Exception> {
        let cell = geohash::cell(text)
            .map_err(|cause| unreadable(cause.reason().to_owned()).caused_by(cause))?;
        Ok(if self.north_east { cell.north_east } else { cell.south_west })
    }
}

/// The points of a value: one, or a list of them.
pub(crate) fn points(value: &Value, reading: PointReading) -> Result<Vec<Point>, Exception> {
    match value {
        // Two or three numbers are one point.
        Value::Array(values) if !values.first().is_some_and(Value::is_number) => {
            values.iter().map(|value| reading.read(value)).collect()
        }
        value => Ok(vec![reading.read(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_keeps_a_point_to_half_a_millionth_of_a_degree() {
        for (lat, lon) in
            [(41.12, -71.34), (0.0, 0.0), (90.0, 180.0), (-90.0, -180.0), (-1e-9, 1e-9)]
        {
            let point = Point { lat, lon }.rounded();
            assert!((point.lat - lat).abs() < 1e-7 && (point.lon - lon).abs() < 1e-7);
            assert_eq!(point.rounded(), point);
        }
        let kept = Point { lat: 41.12, lon: -71.34 }.rounded();
        assert_eq!((kept.lat, kept.lon), (41.1199999647215, -71.34000004269183));
    }

    #[test]
    fn every_spelling_is_the_same_point() {
        let point = Point { lat: 41.0, lon: -71.0 };
        for value in [
            json!({"lat": 41, "lon": "-71"}),
            json!("41,-71"),
            json!(" 41 , -71 "),
            json!([-71, 41]),
            json!("POINT (-71 41)"),
            json!("point(-71 41)"),
            json!({"type": "Point", "coordinates": [-71, 41]}),
            json!([-71, 41, 8000]),
        ] {
            assert_eq!(PointReading::default().read(&value).unwrap(), point, "{value}");
        }
    }

    #[test]
    fn a_point_is_moved_around_the_earth() {
        let moved = |lat, lon| {
            let point = Point { lat, lon }.normalized();
            (point.lat, point.lon)
        };
        assert_eq!(moved(1.0, 181.0), (1.0, -179.0));
        assert_eq!(moved(91.0, 0.0), (89.0, 180.0));
        assert_eq!(moved(-91.0, 10.0), (-89.0, -170.0));
        assert_eq!(moved(200.0, 1.0), (-20.0, -179.0));
    }
}
