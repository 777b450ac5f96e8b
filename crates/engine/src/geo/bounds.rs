//! Boxes and polygons on the earth, taken as flat as Lucene takes them.

use super::Point;

/// A box; where `left` is greater than `right` it crosses the date line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) top: f64,
    pub(crate) left: f64,
    pub(crate) bottom: f64,
    pub(crate) right: f64,
}

impl Bounds {
    /// Whether a place is inside, without rounding.
    pub(crate) fn holds_exactly(&self, point: Point) -> bool {
        let inside = if self.left <= self.right {
            self.left <= point.lon && point.lon <= self.right
        } else {
            self.left <= point.lon || point.lon <= self.right
        };
        self.bottom <= point.lat && point.lat <= self.top && inside
    }

    /// Whether a kept point is inside. Both are compared as they are kept, as `LatLonPoint.newBoxQuery` compares them.
    pub(crate) fn holds(&self, point: Point) -> bool {
        let low = Point { lat: self.bottom, lon: self.left }.rounded_up();
        let high = Point { lat: self.top, lon: self.right }.rounded();
        if point.lat < low.lat || point.lat > high.lat {
            return false;
        }
        if self.left > self.right {
            return point.lon >= low.lon || point.lon <= high.lon;
        }
        low.lon <= point.lon && point.lon <= high.lon
    }
}

impl Point {
    /// The first kept point that is not south or west of this one.
    pub(crate) fn rounded_up(self) -> Point {
        let down = self.rounded();
        let code = down.code();
        let (lat, lon) = (i64::from((code >> 32) as i32), i64::from(code as i32));
        let up = |value: i64, is_below: bool| {
            (if is_below { value + 1 } else { value }).min(i64::from(i32::MAX))
        };
        let lat = up(lat, down.lat < self.lat);
        let lon = up(lon, down.lon < self.lon);
        Point::of_code(lat << 32 | (lon & 0xffff_ffff))
    }
}

/// Whether a point is inside a ring, its border included.
pub(crate) fn in_ring(ring: &[Point], point: Point) -> bool {
    let mut inside = false;
    let ends = ring.iter().zip(ring.iter().cycle().skip(1)).take(ring.len());
    for (a, b) in ends {
        if on_segment(*a, *b, point) {
            return true;
        }
        if (a.lat > point.lat) != (b.lat > point.lat) {
            let lon = (b.lon - a.lon) * (point.lat - a.lat) / (b.lat - a.lat) + a.lon;
            if point.lon < lon {
                inside = !inside;
            }
        }
    }
    inside
}

/// Twice the area of the triangle of three points, positive where they turn left.
pub(crate) fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon)
}

/// Whether `point` lies between `a` and `b`.
pub(crate) fn on_segment(a: Point, b: Point, point: Point) -> bool {
    turn(a, b, point) == 0.0
        && point.lon >= a.lon.min(b.lon)
        && point.lon <= a.lon.max(b.lon)
        && point.lat >= a.lat.min(b.lat)
        && point.lat <= a.lat.max(b.lat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> Point {
        Point { lat, lon }
    }

    #[test]
    fn a_box_may_cross_the_date_line() {
        let bounds = Bounds { top: 10.0, left: 170.0, bottom: -10.0, right: -170.0 };
        assert!(bounds.holds(point(0.0, 175.0)));
        assert!(bounds.holds(point(0.0, -175.0)));
        assert!(!bounds.holds(point(0.0, 0.0)));
        assert!(!bounds.holds(point(11.0, 175.0)));
    }

    #[test]
    fn a_ring_holds_what_is_inside_and_its_border() {
        let ring = [point(0.0, 0.0), point(0.0, 10.0), point(10.0, 10.0), point(10.0, 0.0)];
        assert!(in_ring(&ring, point(5.0, 5.0)));
        assert!(in_ring(&ring, point(0.0, 5.0)));
        assert!(!in_ring(&ring, point(5.0, 11.0)));
    }
}
