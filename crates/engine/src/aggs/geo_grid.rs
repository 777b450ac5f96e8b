//! `geohash_grid` and `geotile_grid`: a bucket for each cell of a grid over the earth in which there are places.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::Buckets;
use super::places::Places;
use super::shared::SharedState;
use super::values::{ValuesSource, no_field};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::dsl::geo::bounding_box::bounds_of;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::geo::bounds::Bounds;
use crate::geo::distance;
use crate::geo::geohash::{LETTERS_MAX, letters_within};
use crate::geo::grid::{Grid, ZOOM_MAX};
use crate::geo::shape::{Shape, ShapeRelation};
use crate::value::scalar;
use crate::work::HeldMemory;

/// A `geohash_grid` or `geotile_grid` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct GeoGrid {
    source: ValuesSource,
    grid: Grid,
    precision: u32,
    size: usize,
    bounds: Option<Bounds>,
}

pub(super) fn parse_geohash(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    parse(body, Grid::Geohash)
}

pub(super) fn parse_tile(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    parse(body, Grid::Tile)
}

fn parse(body: &AggregationBody<'_>, grid: Grid) -> Result<Definition, Exception> {
    let (options, name, kind) = (body.options()?, body.name, body.type_name);
    let source = ValuesSource::read_field(kind, &options)?;
    let precision = precision_option(&options, grid)?;
    let above_zero = |key: &str| -> Result<Option<i64>, Exception> {
        let Some(size) = options.whole(key)? else { return Ok(None) };
        if size > 0 {
            return Ok(Some(size));
        }
        let shown = if key == "size" { "size" } else { "shardSize" };
        let cause = Exception::illegal_argument(format!(
            "[{shown}] must be greater than 0. Found [{size}] in [{name}]"
        ));
        Err(options.failed(key, cause))
    };
    let size = above_zero("size")?.unwrap_or(10_000);
    // How many each shard tells of: there is one.
    above_zero("shard_size")?;
    let bounds = match options.get("bounds") {
        None => None,
        Some(Value::Object(corners)) => {
            Some(bounds_of(corners).map_err(|cause| options.failed("bounds", cause))?)
        }
        Some(_) => {
            let words =
                "failed to parse bounding box. Expected start object but found [VALUE_STRING]";
            let cause = crate::geo::point::unreadable(words);
            return Err(options.failed("bounds", cause));
        }
    };
    options.finish()?;
    Ok(Arc::new(GeoGrid {
        source: source.ok_or_else(no_field)?,
        grid,
        precision,
        size: usize::try_from(size).unwrap_or(usize::MAX),
        bounds,
    }))
}

/// `precision` of a grid: a number, or for geohashes how wide a cell may be, as a distance.
pub(super) fn precision_option(options: &Options<'_>, grid: Grid) -> Result<u32, Exception> {
    let Some(value) = options.get("precision") else {
        return Ok(if grid == Grid::Geohash { 5 } else { 7 });
    };
    let text = scalar::plain(value);
    let number = text.parse::<i64>().ok().or_else(|| value.as_f64().map(|number| number as i64));
    let read = match (grid, number) {
        (_, Some(number)) => checked(grid, number),
        (Grid::Tile, None) => Err(scalar::not_a_number(&text)),
        (Grid::Geohash, None) => distance::metres(&text, 1.0).and_then(|metres| {
            checked(grid, letters_within(metres)).map_err(|cause| {
                Exception::illegal_argument(format!("precision too high [{text}]")).caused_by(cause)
            })
        }),
    };
    read.map_err(|cause| options.failed("precision", cause))
}

fn checked(grid: Grid, precision: i64) -> Result<u32, Exception> {
    let (least, most) = match grid {
        Grid::Geohash => (1, LETTERS_MAX as u32),
        Grid::Tile => (0, ZOOM_MAX),
    };
    match u32::try_from(precision) {
        Ok(precision) if (least..=most).contains(&precision) => Ok(precision),
        _ => Err(Exception::illegal_argument(match grid {
            Grid::Geohash => format!(
                "Invalid geohash aggregation precision of {precision}. Must be between {least} and {most}."
            ),
            Grid::Tile => format!(
                "Invalid geotile_grid precision of {precision}. Must be between {least} and {most}."
            ),
        })),
    }
}

impl AggregationDefinition for GeoGrid {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(GeoGridCollector {
            places: Places::with_shapes(self.source.clone()),
            definition: self.clone(),
            subs,
            buckets: Buckets::new(held),
            cells: Vec::new(),
            shared: shared.clone(),
            held: shared.work().holds("<agg [geo_grid]>"),
        })
    }
}

/// A grid while it runs.
struct GeoGridCollector {
    definition: GeoGrid,
    subs: SubAggregations,
    places: Places,
    buckets: Buckets<u64>,
    cells: Vec<u64>,
    shared: SharedState,
    /// What the cells of the shape with the most of them take.
    held: HeldMemory,
}

impl Collector for GeoGridCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let kind = self.type_name();
        self.places.open_index(index, kind)?;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.places.open_segment(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let GeoGrid { grid, precision, bounds, .. } = &self.definition;
        let cells = &mut self.cells;
        cells.clear();
        if let Some(shape) = self.places.shape(doc)? {
            let (held, shared) = (&mut self.held, &self.shared);
            let cancel = &shared.work().cancel;
            let held_before = cells.capacity();
            let inside = bounds.as_ref().is_none_or(|bounds| {
                shape.relates(ShapeRelation::Intersects, &Shape::of_box(bounds), cancel)
            });
            if inside {
                grid.cells(&shape, *precision, cancel, |cell| {
                    shared.check()?;
                    if let Some(cell) = cell {
                        if cells.len() >= held_before {
                            held.grow(size_of::<u64>() as u64)?;
                        }
                        cells.push(cell);
                    }
                    Ok(())
                })?;
            }
        }
        self.places.each(doc, |place| {
            if bounds.as_ref().is_none_or(|bounds| bounds.holds_exactly(place)) {
                cells.push(grid.cell(place, *precision));
            }
        });
        cells.sort_unstable();
        cells.dedup();
        for cell in cells {
            self.shared.check()?;
            let number = self.buckets.number(owner, *cell)?;
            self.buckets.add(number, 1);
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let mut listed: Vec<(u64, u64, u32)> = Vec::new();
        for (cell, number) in self.buckets.of(owner) {
            self.shared.check()?;
            listed.push((*cell, self.buckets.count(*number), *number));
        }
        let work = self.shared.work();
        // Cells of twelve letters are negative numbers to Elasticsearch.
        let by_cell = |a: u64, b: u64| (b as i64).cmp(&(a as i64));
        let mut listed = work.sorted_by(listed, |a, b| b.1.cmp(&a.1).then(by_cell(a.0, b.0)))?;
        listed.truncate(self.definition.size);
        self.shared.buckets(listed.len())?;
        let mut buckets = Vec::new();
        for (cell, count, number) in listed {
            let key = Value::from(self.definition.grid.name(cell));
            let mut bucket = Map::from_iter([("key".to_owned(), key)]);
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([("buckets".to_owned(), Value::Array(buckets))]))
    }

    fn type_name(&self) -> &'static str {
        match self.definition.grid {
            Grid::Geohash => "geohash_grid",
            Grid::Tile => "geotile_grid",
        }
    }
}
