//! `geo_bounds` and `geo_centroid`: the box around places, and their middle.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::metrics::add;
use super::places::Places;
use super::shapes;
use super::shared::SharedState;
use super::values::{ValuesSource, no_field, no_source};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::bounds::Bounds;
use crate::work::HeldMemory;

/// A `geo_bounds` or `geo_centroid` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct GeoMetric {
    source: ValuesSource,
    kind: &'static str,
    /// Whether a box may go over the date line.
    wrap_longitude: bool,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, kind) = (body.options()?, body.type_name);
    let source = ValuesSource::read_field(kind, &options)?;
    let wrap_longitude = kind != "geo_bounds" || options.flag("wrap_longitude")?.unwrap_or(true);
    options.finish()?;
    let absent = || if kind == "geo_bounds" { no_field() } else { no_source() };
    Ok(Arc::new(GeoMetric { source: source.ok_or_else(absent)?, kind, wrap_longitude }))
}

impl AggregationDefinition for GeoMetric {
    fn start(&self, _: SubAggregations, _: &SharedState, held: HeldMemory) -> Box<dyn Collector> {
        Box::new(GeoMetricCollector {
            places: match self.kind {
                "geo_bounds" => Places::with_shapes(self.source.clone()),
                _ => Places::new(self.source.clone()),
            },
            definition: self.clone(),
            owners: Vec::new(),
            held,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Other
    }

    fn takes_subs(&self) -> bool {
        // Elasticsearch takes them, and tells nothing of them.
        self.kind == "geo_bounds"
    }
}

/// What is known of the places of one owner.
#[derive(Clone, Debug)]
struct Extent {
    top: f64,
    bottom: f64,
    /// The least and the greatest longitude east of Greenwich, and west of it.
    east: (f64, f64),
    west: (f64, f64),
    /// Of the open index: sums of latitudes and longitudes with their corrections, and how many they are.
    latitudes: (f64, f64),
    longitudes: (f64, f64),
    count: u64,
    /// Of the indices before, as each told of them.
    told: Option<(f64, f64)>,
    told_count: u64,
}

impl Default for Extent {
    fn default() -> Extent {
        let nowhere = (f64::INFINITY, f64::NEG_INFINITY);
        Extent {
            top: f64::NEG_INFINITY,
            bottom: f64::INFINITY,
            east: nowhere,
            west: nowhere,
            latitudes: (0.0, 0.0),
            longitudes: (0.0, 0.0),
            count: 0,
            told: None,
            told_count: 0,
        }
    }
}

impl Extent {
    fn add(&mut self, place: Point) {
        self.top = self.top.max(place.lat);
        self.bottom = self.bottom.min(place.lat);
        let side = if place.lon >= 0.0 { &mut self.east } else { &mut self.west };
        *side = (side.0.min(place.lon), side.1.max(place.lon));
        add(&mut self.latitudes.0, &mut self.latitudes.1, place.lat);
        add(&mut self.longitudes.0, &mut self.longitudes.1, place.lon);
        self.count += 1;
    }

    /// The open index ends: it tells of the middle of its places.
    fn tell(&mut self) {
        if self.count == 0 {
            return;
        }
        let count = self.count as f64;
        let own = (self.latitudes.0 / count * count, self.longitudes.0 / count * count);
        self.told = Some(self.told.map_or(own, |told| (told.0 + own.0, told.1 + own.1)));
        self.told_count += self.count;
        (self.count, self.latitudes, self.longitudes) = (0, (0.0, 0.0), (0.0, 0.0));
    }

    /// The box, over the date line where it is narrower so. (`InternalGeoBounds.resolveBoundingBox`.)
    fn bounds(&self, wrap: bool) -> Option<Value> {
        if self.top.is_infinite() {
            return None;
        }
        let (east, west) = (self.east, self.west);
        let (left, right) = if east.0.is_infinite() {
            west
        } else if west.0.is_infinite() {
            east
        } else {
            let straight = east.1 - west.0;
            let around = (180.0 - east.0) - (-180.0 - west.1);
            if wrap && straight > around { (east.0, west.1) } else { (west.0, east.1) }
        };
        Some(json!({
            "top_left": {"lat": self.top, "lon": left},
            "bottom_right": {"lat": self.bottom, "lon": right},
        }))
    }
}

/// While it runs.
struct GeoMetricCollector {
    definition: GeoMetric,
    places: Places,
    owners: Vec<Extent>,
    held: HeldMemory,
}

impl Collector for GeoMetricCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.places.open_index(index, self.definition.kind)
    }

    fn close_index(&mut self, _: &IndexContext<'_>) -> Result<(), Exception> {
        self.owners.iter_mut().for_each(Extent::tell);
        Ok(())
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.places.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, _: f32, owner: u32) -> Result<(), Exception> {
        let owner = owner as usize;
        if self.owners.len() <= owner {
            self.held.grow(((owner + 1 - self.owners.len()) * size_of::<Extent>()) as u64)?;
            self.owners.resize_with(owner + 1, Extent::default);
        }
        if let Some(extent) = self.owners.get_mut(owner) {
            match self.places.shape(doc)? {
                None => self.places.each(doc, |place| extent.add(place)),
                // As two places, whatever lies between them.
                Some(shape) => {
                    let Bounds { top, left, bottom, right } = shapes::around(&shape);
                    extent.add(Point { lat: top, lon: left });
                    extent.add(Point { lat: bottom, lon: right });
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let extent = self.owners.get(owner as usize).cloned().unwrap_or_default();
        let mut result = Map::new();
        if self.definition.kind == "geo_bounds" {
            let bounds = extent.bounds(self.definition.wrap_longitude);
            result.extend(bounds.map(|bounds| ("bounds".to_owned(), bounds)));
            return Ok(result);
        }
        let count = extent.told_count;
        if let Some((lat, lon)) = extent.told {
            let middle = json!({"lat": lat / count as f64, "lon": lon / count as f64});
            result.insert("location".into(), middle);
        }
        result.insert("count".into(), count.into());
        Ok(result)
    }

    fn type_name(&self) -> &'static str {
        self.definition.kind
    }
}
