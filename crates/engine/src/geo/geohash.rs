//! Geohashes: a cell of the earth as text in base 32. Source: Lucene's and Elasticsearch's `Geohash`.

use super::Point;
use crate::exception::Exception;

const LETTERS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// Longest geohash that says more than the one before: 60 bits.
pub(crate) const LETTERS_MAX: usize = 12;

/// The cell that a geohash names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cell {
    /// The south-western corner, which is the point that a geohash stands for.
    pub(crate) south_west: Point,
    /// The north-eastern corner.
    pub(crate) north_east: Point,
}

/// The cell called `text`.
///
/// # Errors
/// `illegal_argument_exception` for no letters and for a letter that geohashes do not use.
pub(crate) fn cell(text: &str) -> Result<Cell, Exception> {
    if text.is_empty() {
        return Err(Exception::illegal_argument("empty geohash"));
    }
    let (mut south, mut north, mut west, mut east) = (-90.0, 90.0, -180.0, 180.0);
    let mut is_longitude = true;
    for (place, letter) in text.chars().enumerate() {
        let known = LETTERS.iter().position(|known| char::from(*known) == letter);
        let Some(bits) = known else {
            return Err(Exception::illegal_argument(format!(
                "unsupported symbol [{letter}] in geohash [{text}]"
            )));
        };
        if place >= LETTERS_MAX {
            continue;
        }
        for bit in (0..5).rev() {
            let upper = bits >> bit & 1 == 1;
            let (low, high) =
                if is_longitude { (&mut west, &mut east) } else { (&mut south, &mut north) };
            let middle = (*low + *high) / 2.0;
            *(if upper { low } else { high }) = middle;
            is_longitude = !is_longitude;
        }
    }
    Ok(Cell {
        south_west: Point { lat: south, lon: west },
        north_east: Point { lat: north, lon: east },
    })
}

/// The geohash of `letters` letters (at most 12) whose cell holds a point.
pub(crate) fn of(point: Point, letters: usize) -> String {
    let (mut south, mut north, mut west, mut east) = (-90.0, 90.0, -180.0, 180.0);
    let mut is_longitude = true;
    let mut text = String::new();
    for _ in 0..letters.min(LETTERS_MAX) {
        let mut bits = 0usize;
        for _ in 0..5 {
            let (value, low, high) = if is_longitude {
                (point.lon, &mut west, &mut east)
            } else {
                (point.lat, &mut south, &mut north)
            };
            let middle = (*low + *high) / 2.0;
            let upper = value >= middle;
            *(if upper { low } else { high }) = middle;
            bits = bits << 1 | usize::from(upper);
            is_longitude = !is_longitude;
        }
        text.extend(LETTERS.get(bits).map(|letter| char::from(*letter)));
    }
    text
}

/// The cells around the one called `text`, of the same size: up to eight, fewer at the poles.
pub(crate) fn around(text: &str) -> Vec<String> {
    let Ok(cell) = cell(text) else { return Vec::new() };
    let (height, width) =
        (cell.north_east.lat - cell.south_west.lat, cell.north_east.lon - cell.south_west.lon);
    let middle =
        Point { lat: cell.south_west.lat + height / 2.0, lon: cell.south_west.lon + width / 2.0 };
    let steps = [(1, -1), (1, 0), (1, 1), (0, -1), (0, 1), (-1, -1), (-1, 0), (-1, 1)];
    let mut cells: Vec<String> = steps
        .into_iter()
        .map(|(north, east)| Point {
            lat: middle.lat + height * f64::from(north),
            lon: middle.lon + width * f64::from(east),
        })
        .filter(|point| point.lat.abs() < 90.0)
        .map(|point| {
            let lon = (point.lon + 180.0).rem_euclid(360.0) - 180.0;
            of(Point { lat: point.lat, lon }, text.len())
        })
        .filter(|around| around != text)
        .collect();
    cells.sort_unstable();
    cells.dedup();
    cells
}

/// Around the equator, and from pole to pole, in metres.
const EQUATOR: f64 = 2.0 * std::f64::consts::PI * 6_378_137.0;
const MERIDIAN: f64 = std::f64::consts::PI * 6_356_752.314_245;

/// How many letters the geohashes of cells have of which none is wider than so many metres.
/// (`GeoUtils.geoHashLevelsForPrecision`.)
pub(crate) fn letters_within(metres: f64) -> i64 {
    if metres == 0.0 {
        return 24;
    }
    let width = metres / (1.0 + MERIDIAN / EQUATOR);
    let bits = (EQUATOR / width).ceil().max(1.0).log2().ceil() as i64;
    let left = bits % 5;
    (bits / 5 * 2 + i64::from(left > 0) + i64::from(left > 3)).max(1)
}

/// How many letters the geohashes of cells have that are at least so many metres wide, from corner to corner.
/// (`GeoContextMapping.Builder.precision`.)
pub(crate) fn letters_beyond(metres: f64) -> i64 {
    let letters = letters_within(metres);
    let (east, north) = ((letters * 5 + 1) / 2, letters * 5 / 2);
    let (width, height) = (EQUATOR / (east as f64).exp2(), MERIDIAN / (north as f64).exp2());
    if width.hypot(height) < metres { (letters - 1).max(1) } else { letters }
}

/// The number of the geohash of `letters` letters: its bits, and how many letters there are.
pub(crate) fn number(point: Point, letters: usize) -> u64 {
    let digit = |letter: char| LETTERS.iter().position(|known| char::from(*known) == letter);
    let bits = of(point, letters)
        .chars()
        .fold(0u64, |bits, letter| bits << 5 | digit(letter).unwrap_or(0) as u64);
    bits << 4 | letters.min(LETTERS_MAX) as u64
}

/// The geohash of a number.
pub(crate) fn text(number: u64) -> String {
    let letters = number & 15;
    let letter = |place: u64| {
        let digit = number >> 4 >> (5 * (letters - 1 - place)) & 31;
        LETTERS.get(digit as usize).map(|letter| char::from(*letter))
    };
    (0..letters).filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geohash_names_the_cell_that_holds_its_point() {
        let point = Point { lat: 41.12, lon: -71.34 };
        let text = of(point, 12);
        assert_eq!(text, "drm3btev3e86");
        let cell = cell(&text).unwrap();
        assert!(cell.south_west.lat <= point.lat && point.lat <= cell.north_east.lat);
        assert!(cell.south_west.lon <= point.lon && point.lon <= cell.north_east.lon);
    }

    #[test]
    fn cells_are_about_as_wide_as_is_asked_for() {
        let metres =
            [1.0, 5.0, 50.0, 150.0, 500.0, 1200.0, 2e3, 6e3, 1e4, 5e4, 7.8e4, 5e5, 1.25e6, 5e7];
        let letters = [10, 9, 8, 7, 6, 6, 5, 5, 4, 4, 3, 2, 2, 1];
        assert_eq!(metres.map(letters_beyond), letters);
        assert_eq!([1e3, 1e4, 5e4, 1e5, 1e6, 5e6].map(letters_within), [7, 5, 5, 4, 3, 2]);
    }

    #[test]
    fn eight_cells_are_around_one_also_across_the_date_line() {
        assert_eq!(around("u33d8").len(), 8);
        assert!(around("u33d8").contains(&"u33d9".to_owned()));
        assert!(around("8").contains(&"x".to_owned()), "{:?}", around("8"));
        assert_eq!(around("z").len(), 5);
    }

    #[test]
    fn letters_that_no_geohash_has_are_refused() {
        assert!(cell("drm!").is_err());
        assert!(cell("ail").is_err());
        assert!(cell("").is_err());
    }
}
