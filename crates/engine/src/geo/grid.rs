//! The cells of the two grids that aggregations lay over the earth: geohashes, and the tiles of web maps. Source:
//! Elasticsearch 7.10, "Geohash grid" and "GeoTile grid aggregation"; `GeoTileUtils` for how a place finds its tile.

use std::f64::consts::PI;

use super::Point;
use super::geohash;

/// Which grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grid {
    /// Its precision is the letters of a geohash.
    Geohash,
    /// Its precision is the zoom of a map.
    Tile,
}

/// Deepest zoom.
pub(crate) const ZOOM_MAX: u32 = 29;

/// Bits of a number of a tile's row or column.
const TILE_BITS: u32 = 29;

impl Grid {
    /// The cell of a place, as Elasticsearch numbers cells.
    pub(crate) fn cell(self, point: Point, precision: u32) -> u64 {
        match self {
            Grid::Geohash => geohash::number(point, precision as usize),
            Grid::Tile => {
                let tiles = f64::from(1u32 << precision.min(ZOOM_MAX));
                let clip = |tile: f64| tile.floor().clamp(0.0, tiles - 1.0) as u64;
                let x =
                    if point.lon == -180.0 { 0 } else { clip((point.lon + 180.0) / 360.0 * tiles) };
                let sine = point.lat.to_radians().sin();
                let y = clip((0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (PI * 4.0)) * tiles);
                u64::from(precision) << (TILE_BITS * 2) | x << TILE_BITS | y
            }
        }
    }

    /// What a cell is called.
    pub(crate) fn name(self, cell: u64) -> String {
        match self {
            Grid::Geohash => geohash::text(cell),
            Grid::Tile => {
                let mask = (1 << TILE_BITS) - 1;
                let zoom = cell >> (TILE_BITS * 2);
                format!("{zoom}/{}/{}", cell >> TILE_BITS & mask, cell & mask)
            }
        }
    }

    /// The tile of a name such as `8/132/85`.
    pub(crate) fn tile(name: &str) -> Option<u64> {
        let parts: Vec<u64> =
            name.split('/').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let &[zoom, x, y] = parts.as_slice() else { return None };
        let is_tile = zoom <= u64::from(ZOOM_MAX) && x < 1 << zoom && y < 1 << zoom;
        is_tile.then_some(zoom << (TILE_BITS * 2) | x << TILE_BITS | y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_its_tile() {
        let berlin = Point { lat: 52.52, lon: 13.4 };
        let cell = Grid::Tile.cell(berlin, 8);
        assert_eq!(Grid::Tile.name(cell), "8/137/83");
        assert_eq!(Grid::tile("8/137/83"), Some(cell));
        assert_eq!(Grid::tile("1/2/0"), None);
    }

    #[test]
    fn the_corners_of_the_earth_are_in_tiles() {
        for (lat, lon, name) in
            [(90.0, -180.0, "1/0/0"), (-90.0, 180.0, "1/1/1"), (0.0, 0.0, "1/1/1")]
        {
            assert_eq!(Grid::Tile.name(Grid::Tile.cell(Point { lat, lon }, 1)), name);
        }
    }

    #[test]
    fn a_geohash_has_a_number() {
        let point = Point { lat: 41.12, lon: -71.34 };
        assert_eq!(Grid::Geohash.name(Grid::Geohash.cell(point, 5)), "drm3b");
        assert_eq!(Grid::Geohash.name(Grid::Geohash.cell(point, 12)), "drm3btev3e86");
    }
}
