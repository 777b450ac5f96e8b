//! `geo_distance`: a bucket for each of some ranges of distances from a place.

use std::sync::Arc;

use serde_json::Value;

use super::range::{KeyedRange, RANGES_MAX, RangeAggregation, RangeValues};
use super::values::{ValuesSource, no_source};
use super::{AggregationBody, Definition};
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::distance::{self, DistanceKind};
use crate::geo::point::PointReading;
use crate::geo::point::points;
use crate::value::java::java_double;

/// From where, how and in which unit distances are measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    origin: Point,
    kind: DistanceKind,
    /// In metres.
    unit: f64,
}

impl Measure {
    /// How far a place is.
    pub(super) fn of(&self, place: Point) -> f64 {
        self.kind.metres(self.origin, place) / self.unit
    }
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let source = ValuesSource::read_any("geo_distance", &options)?;
    let origin = match options.get("origin") {
        None => None,
        Some(value) => points(value, PointReading::default())
            .map_err(|cause| options.failed("origin", cause))?
            .first()
            .copied(),
    };
    let unit = match options.text("unit")? {
        None => 1.0,
        Some(unit) => distance::unit(&unit).map_err(|cause| options.failed("unit", cause))?,
    };
    let kind = match options.text("distance_type")? {
        None => DistanceKind::Arc,
        Some(kind) => {
            DistanceKind::parse(&kind).map_err(|cause| options.failed("distance_type", cause))?
        }
    };
    let listed = options.get("ranges").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if listed.len() > RANGES_MAX {
        let words = format!("[{name}] has at most [{RANGES_MAX}] ranges");
        return Err(Exception::illegal_argument(words));
    }
    let ranges = listed.iter().map(range).collect::<Result<Vec<_>, _>>();
    let ranges = ranges.map_err(|cause| options.failed("ranges", cause))?;
    let keyed = options.flag("keyed")?.unwrap_or(false);
    options.finish()?;
    let origin = origin.ok_or_else(|| {
        Exception::illegal_argument(format!("Aggregation [{name}] must define an [origin]."))
    })?;
    let source = source.ok_or_else(no_source)?;
    let values = RangeValues::Distances(source, Measure { origin, kind, unit });
    Ok(Arc::new(RangeAggregation::new(name, values, ranges, keyed)))
}

/// One range; without `from` it starts where distances do.
fn range(value: &Value) -> Result<KeyedRange, Exception> {
    let options = Options::declared("geo_distance", value)?;
    let bound = |key: &str| -> Result<Option<f64>, Exception> {
        let Some(value) = options.get(key) else { return Ok(None) };
        crate::value::scalar::number(value).map(Some).ok_or_else(|| {
            let text = crate::value::scalar::plain(value);
            crate::value::scalar::not_a_number(&text).at(value)
        })
    };
    let (from, to, key) = (bound("from")?, bound("to")?, options.text("key")?);
    if let Some((unknown, value)) = options.unread() {
        return Err(Exception::parsing(format!(
            "Failed to parse object: unknown field [{unknown}] found"
        ))
        .at(value));
    }
    let from = from.unwrap_or(0.0);
    let text = |bound: Option<f64>| bound.map_or_else(|| "*".to_owned(), java_double);
    let shown = text(Some(from).filter(|from| *from != 0.0));
    Ok(KeyedRange {
        key: Some(key.unwrap_or_else(|| format!("{shown}-{}", text(to)))),
        from: Some(from.into()),
        to: to.map(Value::from),
    })
}
