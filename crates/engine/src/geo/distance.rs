//! Distances: their units, and how far two points are apart. Source: Elasticsearch's `DistanceUnit` and `GeoUtils`,
//! Lucene's `SloppyMath`.

use super::Point;
use crate::exception::{Exception, ExceptionKind};

/// The mean radius of the earth in metres, as Lucene takes it.
pub(crate) const EARTH_RADIUS: f64 = 6_371_008.771_4;

/// The names of units, with how many metres each is; a longer name comes before one that it ends with.
const UNITS: &[(&[&str], f64)] = &[
    (&["in", "inch"], 0.0254),
    (&["yd", "yards"], 0.9144),
    (&["ft", "feet"], 0.3048),
    (&["km", "kilometers"], 1000.0),
    (&["NM", "nmi", "nauticalmiles"], 1852.0),
    (&["mm", "millimeters"], 0.001),
    (&["cm", "centimeters"], 0.01),
    (&["mi", "miles"], 1609.344),
    (&["m", "meters"], 1.0),
];

/// How many metres the unit called `name` is.
///
/// # Errors
/// `illegal_argument_exception` for a name of none.
pub(crate) fn unit(name: &str) -> Result<f64, Exception> {
    let known = UNITS.iter().find(|(names, _)| names.contains(&name));
    known
        .map(|(_, metres)| *metres)
        .ok_or_else(|| Exception::illegal_argument(format!("No distance unit match [{name}]")))
}

/// The metres of `12km`, or of `12` in `default` (how many metres one is).
///
/// # Errors
/// `number_format_exception` for what is no number.
pub(crate) fn metres(text: &str, default: f64) -> Result<f64, Exception> {
    let mut unit = default;
    let mut number = text;
    for (names, metres) in UNITS {
        if let Some(rest) = names.iter().find_map(|name| text.strip_suffix(name)) {
            (unit, number) = (*metres, rest);
            break;
        }
    }
    let parsed: f64 = number.trim().parse().map_err(|_| {
        let reason = if number.trim().is_empty() {
            "empty String".to_owned()
        } else {
            format!("For input string: \"{}\"", number.trim())
        };
        Exception::new(ExceptionKind::NumberFormat, reason)
    })?;
    Ok(parsed * unit)
}

/// How a distance is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DistanceKind {
    /// Along the surface.
    #[default]
    Arc,
    /// As if the surface were flat: wrong near the poles.
    Plane,
}

impl DistanceKind {
    /// Reads `arc` or `plane`.
    ///
    /// # Errors
    /// `illegal_argument_exception` for anything else.
    pub(crate) fn parse(text: &str) -> Result<DistanceKind, Exception> {
        match text.to_lowercase().as_str() {
            "arc" => Ok(DistanceKind::Arc),
            "plane" => Ok(DistanceKind::Plane),
            _ => Err(Exception::illegal_argument(format!("No geo distance for [{text}]"))),
        }
    }

    /// How many metres two points are apart.
    pub(crate) fn metres(self, a: Point, b: Point) -> f64 {
        match self {
            DistanceKind::Arc => arc(a, b),
            DistanceKind::Plane => {
                let x = (b.lon - a.lon).to_radians() * ((b.lat + a.lat) / 2.0).to_radians().cos();
                let y = (b.lat - a.lat).to_radians();
                (x * x + y * y).sqrt() * EARTH_RADIUS
            }
        }
    }
}

/// Twice the haversine, whose last bits are cut so that equal distances are equal.
pub(crate) fn sort_key(a: Point, b: Point) -> f64 {
    let (x1, x2) = (a.lat.to_radians(), b.lat.to_radians());
    let h1 = 1.0 - (x1 - x2).cos();
    let h2 = 1.0 - (a.lon - b.lon).to_radians().cos();
    let h = h1 + x1.cos() * x2.cos() * h2;
    f64::from_bits(h.to_bits() & !7)
}

/// How many metres two points are apart along the surface.
pub(crate) fn arc(a: Point, b: Point) -> f64 {
    EARTH_RADIUS * 2.0 * (sort_key(a, b) * 0.5).sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_have_units() {
        for (text, expected) in [
            ("12", 12_000.0),
            ("12km", 12_000.0),
            ("1mi", 1609.344),
            ("1nmi", 1852.0),
            ("1NM", 1852.0),
            ("2ft", 0.6096),
            ("1.5m", 1.5),
            ("3mm", 0.003),
        ] {
            assert!((metres(text, 1000.0).unwrap() - expected).abs() < 1e-9, "{text}");
        }
        assert!(metres("10xx", 1.0).is_err());
        assert!(unit("parsec").is_err());
    }

    #[test]
    fn a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() {
        let (a, b) = (Point { lat: 0.0, lon: 0.0 }, Point { lat: 1.0, lon: 0.0 });
        for kind in [DistanceKind::Arc, DistanceKind::Plane] {
            assert!((kind.metres(a, b) - 111_195.08).abs() < 0.1);
        }
    }
}
