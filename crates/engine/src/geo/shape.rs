//! Shapes: points, lines and polygons on a flat map of degrees, as Lucene takes them, and how two of them lie to each
//! other.
//!
//! A shape that crosses the date line goes on beyond 180 degrees; two shapes are compared with one of them moved once
//! around the earth where that may matter.

use super::Point;
use super::bounds::{Bounds, on_segment, turn};
use super::distance::arc;
use crate::work::Cancel;

/// A polygon: its border and its holes, each without its first point again at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Polygon {
    pub(crate) outer: Vec<Point>,
    pub(crate) holes: Vec<Vec<Point>>,
}

/// Everything a shape is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shape {
    pub(crate) points: Vec<Point>,
    pub(crate) lines: Vec<Vec<Point>>,
    pub(crate) polygons: Vec<Polygon>,
}

/// How a shape is to lie to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ShapeRelation {
    /// They share a point.
    #[default]
    Intersects,
    /// They share none.
    Disjoint,
    /// All of it is in the other.
    Within,
    /// All of the other is in it.
    Contains,
}

/// The pairs of neighbours of a line.
fn segments(line: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    line.iter().copied().zip(line.iter().copied().skip(1))
}

/// The pairs of neighbours of a ring, its last and its first point among them.
fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Where a point lies to a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RingPlace {
    Inside,
    Border,
    Outside,
}

fn place(ring: &[Point], point: Point) -> RingPlace {
    let mut inside = false;
    for (a, b) in edges(ring) {
        if on_segment(a, b, point) {
            return RingPlace::Border;
        }
        if (a.lat > point.lat) != (b.lat > point.lat) {
            let lon = (b.lon - a.lon) * (point.lat - a.lat) / (b.lat - a.lat) + a.lon;
            if point.lon < lon {
                inside = !inside;
            }
        }
    }
    if inside { RingPlace::Inside } else { RingPlace::Outside }
}

/// Whether two segments share a point.
fn cross(a: (Point, Point), b: (Point, Point)) -> bool {
    let (d1, d2) = (turn(b.0, b.1, a.0), turn(b.0, b.1, a.1));
    let (d3, d4) = (turn(a.0, a.1, b.0), turn(a.0, a.1, b.1));
    if ((d1 > 0.0) != (d2 > 0.0)) && ((d3 > 0.0) != (d4 > 0.0)) && d1 != 0.0 && d2 != 0.0 {
        return d3 != 0.0 && d4 != 0.0 || on_segment(a.0, a.1, b.0) || on_segment(a.0, a.1, b.1);
    }
    on_segment(b.0, b.1, a.0)
        || on_segment(b.0, b.1, a.1)
        || on_segment(a.0, a.1, b.0)
        || on_segment(a.0, a.1, b.1)
}

impl Polygon {
    fn rings(&self) -> impl Iterator<Item = &Vec<Point>> {
        std::iter::once(&self.outer).chain(&self.holes)
    }

    /// Every edge, those of holes among them.
    fn edges(&self) -> impl Iterator<Item = (Point, Point)> {
        self.rings().flat_map(|ring| edges(ring))
    }

    /// Whether a point is in it or on its border.
    fn covers(&self, point: Point) -> bool {
        place(&self.outer, point) != RingPlace::Outside
            && self.holes.iter().all(|hole| place(hole, point) != RingPlace::Inside)
    }
}

/// What a comparison ends with where the work is called off: nothing more is accepted.
const CALLED_OFF: bool = false;

impl Shape {
    /// A box; one that crosses the date line goes on beyond it.
    pub(crate) fn of_box(bounds: &Bounds) -> Shape {
        let right = if bounds.left > bounds.right { bounds.right + 360.0 } else { bounds.right };
        let corners = [
            (bounds.bottom, bounds.left),
            (bounds.bottom, right),
            (bounds.top, right),
            (bounds.top, bounds.left),
        ];
        let outer = corners.map(|(lat, lon)| Point { lat, lon }).to_vec();
        Shape { polygons: vec![Polygon { outer, holes: Vec::new() }], ..Shape::default() }
    }

    /// Whether some of it is at most so many metres from `center`. The nearest place of a side is looked for on the flat map,
    /// its distance measured on the earth. (`Circle2D` of Lucene)
    pub(crate) fn is_near(&self, center: Point, metres: f64, cancel: &Cancel) -> bool {
        // What goes on beyond 180 degrees is there a second time.
        let again = Point { lon: center.lon + 360.0, ..center };
        self.is_near_to(center, metres, cancel)
            || self.is_beyond() && self.is_near_to(again, metres, cancel)
    }

    fn is_near_to(&self, center: Point, metres: f64, cancel: &Cancel) -> bool {
        let near = |place: Point| arc(center, place) <= metres;
        let near_side = |(a, b): (Point, Point)| {
            let (x, y) = (b.lon - a.lon, b.lat - a.lat);
            let along = ((center.lon - a.lon) * x + (center.lat - a.lat) * y) / (x * x + y * y);
            near(a)
                || near(b)
                || (0.0..=1.0).contains(&along)
                    && near(Point { lat: a.lat + y * along, lon: a.lon + x * along })
        };
        self.has(center)
            || self.points.iter().any(|point| near(*point))
            || self.sides().any(|side| !cancel.is_cancelled() && near_side(side))
    }

    /// Adds all of another shape.
    pub(crate) fn add(&mut self, other: Shape) {
        self.points.extend(other.points);
        self.lines.extend(other.lines);
        self.polygons.extend(other.polygons);
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && self.polygons.is_empty()
    }

    /// Every corner.
    pub(crate) fn corners(&self) -> impl Iterator<Item = Point> {
        let rings = self.polygons.iter().flat_map(Polygon::rings).flatten();
        self.points.iter().chain(self.lines.iter().flatten()).chain(rings).copied()
    }

    /// With every corner as a reader of its code sees it.
    pub(crate) fn rounded(&self) -> Shape {
        let round = |point: &Point| match point.lon > 180.0 {
            true => {
                let east = Point { lon: point.lon - 360.0, ..*point }.rounded();
                Point { lon: east.lon + 360.0, ..east }
            }
            false => point.rounded(),
        };
        let all = |points: &Vec<Point>| points.iter().map(round).collect::<Vec<Point>>();
        let polygon = |polygon: &Polygon| Polygon {
            outer: all(&polygon.outer),
            holes: polygon.holes.iter().map(all).collect(),
        };
        Shape {
            points: all(&self.points),
            lines: self.lines.iter().map(all).collect(),
            polygons: self.polygons.iter().map(polygon).collect(),
        }
    }

    /// Whether it goes on beyond 180 degrees.
    fn is_beyond(&self) -> bool {
        self.corners().any(|corner| corner.lon > 180.0)
    }

    /// Moved east by so many degrees.
    fn moved(&self, degrees: f64) -> Shape {
        let moved = |points: &Vec<Point>| -> Vec<Point> {
            points.iter().map(|point| Point { lon: point.lon + degrees, ..*point }).collect()
        };
        Shape {
            points: moved(&self.points),
            lines: self.lines.iter().map(moved).collect(),
            polygons: self
                .polygons
                .iter()
                .map(|polygon| Polygon {
                    outer: moved(&polygon.outer),
                    holes: polygon.holes.iter().map(moved).collect(),
                })
                .collect(),
        }
    }

    /// Whether it lies so to `other`.
    pub(crate) fn relates(&self, relation: ShapeRelation, other: &Shape, cancel: &Cancel) -> bool {
        if relation == ShapeRelation::Disjoint {
            return !self.relates(ShapeRelation::Intersects, other, cancel);
        }
        let holds = |other: &Shape| match relation {
            ShapeRelation::Within => other.covers(self, cancel),
            ShapeRelation::Contains => self.covers(other, cancel),
            _ => self.intersects(other, cancel),
        };
        if holds(other) {
            return true;
        }
        (self.is_beyond() || other.is_beyond())
            && (holds(&other.moved(360.0)) || holds(&other.moved(-360.0)))
    }

    /// Whether a point is in it.
    fn has(&self, point: Point) -> bool {
        self.points.contains(&point)
            || self
                .lines
                .iter()
                .flat_map(|line| segments(line))
                .any(|(a, b)| on_segment(a, b, point))
            || self.polygons.iter().any(|polygon| polygon.covers(point))
    }

    /// The segments of its lines and the edges of its polygons.
    fn sides(&self) -> impl Iterator<Item = (Point, Point)> {
        let lines = self.lines.iter().flat_map(|line| segments(line));
        lines.chain(self.polygons.iter().flat_map(Polygon::edges))
    }

    fn intersects(&self, other: &Shape, cancel: &Cancel) -> bool {
        let one_in = |inner: &Shape, outer: &Shape| {
            inner.corners().any(|corner| !cancel.is_cancelled() && outer.has(corner))
        };
        if one_in(self, other) || one_in(other, self) {
            return true;
        }
        self.sides().any(|side| {
            if cancel.is_cancelled() {
                CALLED_OFF
            } else {
                other.sides().any(|own| cross(side, own))
            }
        })
    }

    /// Whether all of `inner` is in it.
    fn covers(&self, inner: &Shape, cancel: &Cancel) -> bool {
        if inner.is_empty()
            || !inner.corners().all(|corner| !cancel.is_cancelled() && self.has(corner))
        {
            return false;
        }
        let all = inner
            .sides()
            .all(|side| if cancel.is_cancelled() { CALLED_OFF } else { self.covers_side(side) });
        // A hole of it may lie inside what it is to cover.
        all && self
            .polygons
            .iter()
            .flat_map(|polygon| &polygon.holes)
            .all(|hole| inner.polygons.iter().all(|polygon| !holds_some(polygon, hole)))
    }

    /// Whether all of a segment is in it: the middle of each piece that its own sides cut.
    fn covers_side(&self, (from, to): (Point, Point)) -> bool {
        let (lat, lon) = (to.lat - from.lat, to.lon - from.lon);
        let length = lat * lat + lon * lon;
        if length == 0.0 {
            return true;
        }
        let at = |share: f64| Point { lat: from.lat + lat * share, lon: from.lon + lon * share };
        let mut cuts = vec![0.0, 1.0];
        for (a, b) in self.sides().filter(|side| cross((from, to), *side)) {
            for corner in [a, b] {
                if on_segment(from, to, corner) {
                    let along = (corner.lat - from.lat) * lat + (corner.lon - from.lon) * lon;
                    cuts.push(along / length);
                }
            }
            let slope = lon * (b.lat - a.lat) - lat * (b.lon - a.lon);
            if slope != 0.0 {
                let share = ((a.lon - from.lon) * (b.lat - a.lat)
                    - (a.lat - from.lat) * (b.lon - a.lon))
                    / slope;
                cuts.push(share.clamp(0.0, 1.0));
            }
        }
        cuts.sort_unstable_by(f64::total_cmp);
        let pieces = cuts.iter().zip(cuts.iter().skip(1));
        pieces.filter(|(a, b)| *b - *a > 1e-9).all(|(a, b)| self.has_near(at((a + b) / 2.0)))
    }

    /// Whether a computed point, which is a little beside where it should be, is in it.
    fn has_near(&self, point: Point) -> bool {
        let near = 1e-9;
        self.has(point)
            || [(near, 0.0), (-near, 0.0), (0.0, near), (0.0, -near)].iter().any(|(lat, lon)| {
                self.polygons.iter().any(|polygon| {
                    polygon.covers(Point { lat: point.lat + lat, lon: point.lon + lon })
                })
            })
            || self.lines.iter().flat_map(|line| segments(line)).any(|(a, b)| {
                turn(a, b, point).abs() < near
                    && point.lon >= a.lon.min(b.lon) - near
                    && point.lon <= a.lon.max(b.lon) + near
                    && point.lat >= a.lat.min(b.lat) - near
                    && point.lat <= a.lat.max(b.lat) + near
            })
    }
}

/// Whether some of what a ring encloses is inside a polygon.
fn holds_some(polygon: &Polygon, ring: &[Point]) -> bool {
    let is_inside = |point: Point| {
        place(&polygon.outer, point) == RingPlace::Inside
            && polygon.holes.iter().all(|hole| place(hole, point) == RingPlace::Outside)
    };
    let middle =
        |(a, b): (Point, Point)| Point { lat: (a.lat + b.lat) / 2.0, lon: (a.lon + b.lon) / 2.0 };
    ring.iter().any(|corner| is_inside(*corner)) || edges(ring).map(middle).any(is_inside)
}

// --- as bytes ---------------------------------------------------------------------------------------------------

/// Longest piece of the bytes of a shape: what a column takes as one value.
const PIECE_BYTES: usize = 60_000;

/// The bytes of a shape in pieces, each behind its number; the first of them has `first`.
pub(crate) fn pieces(shape: &Shape, first: u32) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    let list = |bytes: &mut Vec<u8>, points: &[Point]| {
        bytes.extend(u32::try_from(points.len()).unwrap_or(u32::MAX).to_be_bytes());
        for point in points {
            bytes.extend(point.lat.to_be_bytes());
            bytes.extend(point.lon.to_be_bytes());
        }
    };
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
    list(&mut bytes, &shape.points);
    bytes.extend(count(shape.lines.len()));
    shape.lines.iter().for_each(|line| list(&mut bytes, line));
    bytes.extend(count(shape.polygons.len()));
    for polygon in &shape.polygons {
        list(&mut bytes, &polygon.outer);
        bytes.extend(count(polygon.holes.len()));
        polygon.holes.iter().for_each(|hole| list(&mut bytes, hole));
    }
    let pieces = bytes.chunks(PIECE_BYTES).zip(first..);
    pieces.map(|(piece, number)| [&number.to_be_bytes(), piece].concat()).collect()
}

/// The shape of all the pieces of one document, in any order; `None` for bytes that are none.
pub(crate) fn of_pieces(mut pieces: Vec<Vec<u8>>) -> Option<Shape> {
    pieces.sort_unstable();
    let bytes: Vec<u8> =
        pieces.iter().flat_map(|piece| piece.get(4..).unwrap_or_default()).copied().collect();
    let mut reader = Reader(&bytes);
    let mut shape = Shape::default();
    while !reader.0.is_empty() {
        let mut one = Shape { points: reader.list()?, ..Shape::default() };
        for _ in 0..reader.count()? {
            one.lines.push(reader.list()?);
        }
        for _ in 0..reader.count()? {
            let mut polygon = Polygon { outer: reader.list()?, holes: Vec::new() };
            for _ in 0..reader.count()? {
                polygon.holes.push(reader.list()?);
            }
            one.polygons.push(polygon);
        }
        shape.add(one);
    }
    Some(shape)
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn count(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_at_checked(4)?;
        self.0 = rest;
        Some(u32::from_be_bytes(head.try_into().ok()?))
    }

    fn float(&mut self) -> Option<f64> {
        let (head, rest) = self.0.split_at_checked(8)?;
        self.0 = rest;
        Some(f64::from_be_bytes(head.try_into().ok()?))
    }

    fn list(&mut self) -> Option<Vec<Point>> {
        let count = self.count()?;
        (0..count).map(|_| Some(Point { lat: self.float()?, lon: self.float()? })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|(lon, lat)| Point { lat: *lat, lon: *lon }).collect()
    }

    fn square(west: f64, south: f64, size: f64) -> Shape {
        let (east, north) = (west + size, south + size);
        let outer = ring(&[(west, south), (east, south), (east, north), (west, north)]);
        Shape { polygons: vec![Polygon { outer, holes: Vec::new() }], ..Shape::default() }
    }

    fn relations(a: &Shape, b: &Shape) -> (bool, bool, bool) {
        let holds = |relation| a.relates(relation, b, &Cancel::new());
        assert_ne!(holds(ShapeRelation::Intersects), holds(ShapeRelation::Disjoint));
        (
            holds(ShapeRelation::Intersects),
            holds(ShapeRelation::Within),
            holds(ShapeRelation::Contains),
        )
    }

    #[test]
    fn squares_lie_in_and_beside_each_other() {
        let big = square(0.0, 0.0, 10.0);
        for (other, expected) in [
            (square(2.0, 2.0, 2.0), (true, false, true)),
            (square(-5.0, -5.0, 20.0), (true, true, false)),
            (square(5.0, 5.0, 10.0), (true, false, false)),
            (square(10.0, 0.0, 5.0), (true, false, false)),
            (square(11.0, 0.0, 5.0), (false, false, false)),
            (square(0.0, 0.0, 10.0), (true, true, true)),
        ] {
            assert_eq!(relations(&big, &other), expected, "{other:?}");
        }
    }

    #[test]
    fn a_hole_is_not_covered() {
        let mut holed = square(0.0, 0.0, 10.0);
        holed.polygons[0].holes.push(ring(&[(4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0)]));
        assert_eq!(relations(&holed, &square(4.5, 4.5, 1.0)), (false, false, false));
        assert_eq!(relations(&holed, &square(3.0, 3.0, 4.0)), (true, false, false));
        assert_eq!(relations(&holed, &square(1.0, 1.0, 1.0)), (true, false, true));
        let line = Shape { lines: vec![ring(&[(1.0, 5.0), (9.0, 5.0)])], ..Shape::default() };
        assert_eq!(relations(&holed, &line), (true, false, false));
    }

    #[test]
    fn lines_and_points_are_in_what_they_touch() {
        let big = square(0.0, 0.0, 10.0);
        let line =
            |corners: &[(f64, f64)]| Shape { lines: vec![ring(corners)], ..Shape::default() };
        assert_eq!(relations(&line(&[(1.0, 1.0), (9.0, 9.0)]), &big), (true, true, false));
        assert_eq!(relations(&line(&[(1.0, 1.0), (19.0, 9.0)]), &big), (true, false, false));
        assert_eq!(relations(&line(&[(-1.0, 5.0), (11.0, 5.0)]), &big), (true, false, false));
        assert_eq!(relations(&line(&[(0.0, 0.0), (10.0, 0.0)]), &big), (true, true, false));
        let point = Shape { points: ring(&[(10.0, 5.0)]), ..Shape::default() };
        assert_eq!(relations(&point, &big), (true, true, false));
        assert_eq!(relations(&point, &line(&[(10.0, 0.0), (10.0, 10.0)])), (true, true, false));
    }

    #[test]
    fn shapes_meet_beyond_the_date_line() {
        let beyond = square(170.0, 0.0, 20.0);
        assert_eq!(relations(&square(-175.0, 5.0, 2.0), &beyond), (true, true, false));
        assert_eq!(relations(&beyond, &square(175.0, 5.0, 2.0)), (true, false, true));
        assert_eq!(relations(&square(0.0, 5.0, 2.0), &beyond), (false, false, false));
    }

    #[test]
    fn what_is_kept_comes_back() {
        let mut shape = square(0.0, 0.0, 10.0);
        shape.points = (0..10_000).map(|n| Point { lat: f64::from(n), lon: 1.0 }).collect();
        shape.lines.push(ring(&[(1.0, 1.0), (9.0, 9.0)]));
        let mut kept = pieces(&shape, 3);
        assert!(kept.len() > 1);
        kept.reverse();
        assert_eq!(of_pieces(kept), Some(shape));
        assert_eq!(of_pieces(vec![vec![0, 0, 0, 0, 9]]), None);
    }
}
