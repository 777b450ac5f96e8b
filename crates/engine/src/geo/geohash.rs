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
    fn letters_that_no_geohash_has_are_refused() {
        assert!(cell("drm!").is_err());
        assert!(cell("ail").is_err());
        assert!(cell("").is_err());
    }
}
