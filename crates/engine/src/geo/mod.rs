//! Places on the earth: points with all their spellings, geohashes, distances. Pure; it knows no index.

pub(crate) mod bounds;
pub(crate) mod distance;
pub(crate) mod geohash;
pub(crate) mod grid;
pub(crate) mod point;
pub(crate) mod shape;
pub(crate) mod shape_reading;

pub(crate) use point::Point;
