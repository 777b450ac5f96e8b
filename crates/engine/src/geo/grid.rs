//! The cells of the two grids that aggregations lay over the earth: geohashes, and the tiles of web maps. Source:
//! Elasticsearch 7.10, "Geohash grid" and "GeoTile grid aggregation"; `GeoTileUtils` for how a place finds its tile.

use std::f64::consts::PI;

use super::Point;
use super::bounds::Bounds;
use super::geohash;
use super::shape::{Shape, ShapeRelation};
use crate::exception::Exception;
use crate::work::Cancel;

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
                let (x, y) = self.square(point, precision);
                u64::from(precision) << (TILE_BITS * 2) | x << TILE_BITS | y
            }
        }
    }

    /// How many columns and rows of cells there are.
    fn size(self, precision: u32) -> (u64, u64) {
        match self {
            Grid::Geohash => (1 << (precision * 5).div_ceil(2), 1 << (precision * 5 / 2)),
            Grid::Tile => (1 << precision.min(ZOOM_MAX), 1 << precision.min(ZOOM_MAX)),
        }
    }

    /// The column and the row of the cell of a place: from the west, and of geohashes from the south, of tiles from the north.
    fn square(self, point: Point, precision: u32) -> (u64, u64) {
        let (columns, rows) = self.size(precision);
        let clip = |at: f64, most: u64| at.floor().clamp(0.0, most as f64 - 1.0) as u64;
        let x = match point.lon == -180.0 {
            true => 0,
            false => clip((point.lon + 180.0) / 360.0 * columns as f64, columns),
        };
        let y = match self {
            Grid::Geohash => (point.lat + 90.0) / 180.0 * rows as f64,
            Grid::Tile => {
                let sine = point.lat.to_radians().sin();
                (0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (PI * 4.0)) * rows as f64
            }
        };
        (x, clip(y, rows))
    }

    /// The box around a block of cells, as it is compared with kept shapes. (`Rectangle2D` of Lucene)
    fn bounds(self, block: &CellBlock, precision: u32) -> Bounds {
        let (columns, rows) = self.size(precision);
        let lon = |x: u64| x as f64 / columns as f64 * 360.0 - 180.0;
        let lat = |y: u64| match self {
            Grid::Geohash => y as f64 / rows as f64 * 180.0 - 90.0,
            Grid::Tile => (PI - 2.0 * PI * y as f64 / rows as f64).sinh().atan().to_degrees(),
        };
        let (one, other) = (lat(block.rows.0), lat(block.rows.1 + 1));
        let low = Point { lat: one.min(other), lon: lon(block.columns.0) }.rounded_up();
        let high = Point { lat: one.max(other), lon: lon(block.columns.1 + 1) }.rounded();
        Bounds { top: high.lat, left: low.lon, bottom: low.lat, right: high.lon }
    }

    /// Hands every cell that shares a point with a rounded shape to `take`, of those between the cells of the shape's corners.
    ///
    /// # Errors
    /// What `take` ends with, which is asked about blocks of cells (`None`) too.
    pub(crate) fn cells(
        self,
        shape: &Shape,
        precision: u32,
        cancel: &Cancel,
        mut take: impl FnMut(Option<u64>) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        let columns = self.size(precision).0;
        let corners = shape.corners().map(|corner| {
            let around = corner.lon > 180.0;
            let lon = if around { corner.lon - 360.0 } else { corner.lon };
            let (x, y) = self.square(Point { lon, ..corner }, precision);
            (if around { x + columns } else { x }, y)
        });
        let wide = |all: Option<CellBlock>, (x, y): (u64, u64)| {
            let all = all.unwrap_or(CellBlock { columns: (x, x), rows: (y, y) });
            let (columns, rows) = (all.columns, all.rows);
            Some(CellBlock {
                columns: (columns.0.min(x), columns.1.max(x)),
                rows: (rows.0.min(y), rows.1.max(y)),
            })
        };
        let Some(all) = corners.fold(None, wide) else { return Ok(()) };
        let mut open = vec![(all.clone(), false)];
        if all.columns.1 >= columns {
            // Beyond the date line the first columns begin again, up to where it began.
            let west = (0, (all.columns.1 - columns).min(all.columns.0.saturating_sub(1)));
            let east = (all.columns.0, columns - 1);
            let rows = all.rows;
            open = vec![(CellBlock { columns: east, rows }, false)];
            open.push((CellBlock { columns: west, rows }, false));
        }
        while let Some((block, is_covered)) = open.pop() {
            take(None)?;
            let mut is_covered = is_covered;
            if !is_covered {
                let cells = Shape::of_box(&self.bounds(&block, precision));
                if !shape.relates(ShapeRelation::Intersects, &cells, cancel) {
                    continue;
                }
                is_covered =
                    block.is_wide() && shape.relates(ShapeRelation::Contains, &cells, cancel);
            }
            match block.halves() {
                Some(halves) => open.extend(halves.map(|half| (half, is_covered))),
                None => take(Some(self.numbered(&block, precision)))?,
            }
        }
        Ok(())
    }

    /// The number of a block of one cell.
    fn numbered(self, block: &CellBlock, precision: u32) -> u64 {
        let (x, y) = (block.columns.0, block.rows.0);
        match self {
            Grid::Tile => u64::from(precision) << (TILE_BITS * 2) | x << TILE_BITS | y,
            Grid::Geohash => {
                let (columns, rows) = self.size(precision);
                let lat = (y as f64 + 0.5) / rows as f64 * 180.0 - 90.0;
                let lon = (x as f64 + 0.5) / columns as f64 * 360.0 - 180.0;
                geohash::number(Point { lat, lon }, precision as usize)
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

/// Some neighbouring cells: the first and the last of their columns and of their rows.
#[derive(Clone, Debug, PartialEq)]
struct CellBlock {
    columns: (u64, u64),
    rows: (u64, u64),
}

impl CellBlock {
    /// Whether it is more than one cell.
    fn is_wide(&self) -> bool {
        self.columns.0 < self.columns.1 || self.rows.0 < self.rows.1
    }

    /// Its two halves; `None` for one cell.
    fn halves(&self) -> Option<[CellBlock; 2]> {
        let half = |(first, last): (u64, u64)| {
            let middle = first + (last - first) / 2;
            ((first, middle), (middle + 1, last))
        };
        let (columns, rows) = (self.columns, self.rows);
        if !self.is_wide() {
            None
        } else if columns.1 - columns.0 >= rows.1 - rows.0 {
            let (west, east) = half(columns);
            Some([CellBlock { columns: west, rows }, CellBlock { columns: east, rows }])
        } else {
            let (first, second) = half(rows);
            Some([CellBlock { columns, rows: first }, CellBlock { columns, rows: second }])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_in_the_cells_that_it_touches() {
        let ring = |corners: &[(f64, f64)]| {
            let outer = corners.iter().map(|(lon, lat)| Point { lat: *lat, lon: *lon }).collect();
            let polygons = vec![crate::geo::shape::Polygon { outer, holes: Vec::new() }];
            Shape { polygons, ..Shape::default() }.rounded()
        };
        let names = |grid: Grid, shape: &Shape, precision| {
            let mut names = Vec::new();
            let take = |cell: Option<u64>| {
                names.extend(cell.map(|cell| grid.name(cell)));
                Ok(())
            };
            grid.cells(shape, precision, &Cancel::new(), take).unwrap();
            names.sort_unstable();
            names.join(" ")
        };
        let square = ring(&[(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0)]);
        assert_eq!(names(Grid::Geohash, &square, 2), "7z eb kp s0");
        assert_eq!(names(Grid::Tile, &square, 3), "3/3/3 3/3/4 3/4/3 3/4/4");
        assert_eq!(names(Grid::Tile, &square, 0), "0/0/0");
        let beyond = ring(&[(170.0, 0.0), (190.0, 0.0), (190.0, 10.0), (170.0, 10.0)]);
        assert_eq!(names(Grid::Geohash, &beyond, 2), "80 81 xb xc");
        assert_eq!(names(Grid::Tile, &beyond, 3), "3/0/3 3/0/4 3/7/3 3/7/4");
        // What is covered needs no looking, and is as many cells.
        assert_eq!(names(Grid::Geohash, &square, 4).split(' ').count(), 30 * 58);
    }

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
