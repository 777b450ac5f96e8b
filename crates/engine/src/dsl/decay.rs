//! `gauss`, `exp` and `linear` of `function_score`: less the further a value is from an origin.
//!
//! Source: Elasticsearch 7.10 reference, "Decay functions", and `DecayFunctionBuilder` for the texts.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::explanation::Explanation;
use super::function_score::{DocumentFunction, SegmentFunction};
use super::lower::Lowering;
use super::options::Options;
use crate::columns::Numbers;
use crate::exception::{Exception, ExceptionKind};
use crate::geo::Point;
use crate::geo::distance::{arc, metres};
use crate::geo::point::PointReading;
use crate::mapping::date::Date;
use crate::mapping::date::math as date_math;
use crate::mapping::geo_point::GeoPoint;
use crate::mapping::number::{Number, NumberKind};
use crate::value::java::java_double;
use crate::value::scalar::{number, plain};
use crate::value::time;

/// How the number falls with the distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecayShape {
    Gauss,
    Exp,
    Linear,
}

/// Which of the distances of several values counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DistanceMode {
    Min,
    Max,
    Avg,
    Sum,
}

/// A decay function, as it was written: what its options are depends on the field's type.
#[derive(Clone, Debug)]
pub(crate) struct Decay {
    shape: DecayShape,
    field: String,
    options: Map<String, Value>,
    mode: DistanceMode,
}

impl DecayShape {
    pub(super) const ALL: [DecayShape; 3] =
        [DecayShape::Gauss, DecayShape::Exp, DecayShape::Linear];

    pub(super) fn name(self) -> &'static str {
        match self {
            DecayShape::Gauss => "gauss",
            DecayShape::Exp => "exp",
            DecayShape::Linear => "linear",
        }
    }

    /// What makes the number at `scale` from the origin `decay`.
    fn scaled(self, scale: f64, decay: f64) -> f64 {
        match self {
            DecayShape::Gauss => 0.5 * scale.powi(2) / decay.ln(),
            DecayShape::Exp => decay.ln() / scale,
            DecayShape::Linear => scale / (1.0 - decay),
        }
    }

    fn at(self, distance: f64, scaled: f64) -> f64 {
        match self {
            DecayShape::Gauss => (0.5 * distance.powi(2) / scaled).exp(),
            DecayShape::Exp => (scaled * distance).exp(),
            DecayShape::Linear => ((scaled - distance) / scaled).max(0.0),
        }
    }
}

impl Decay {
    /// Reads `{"field": {"origin": …, "scale": …}}`.
    pub(super) fn read(shape: DecayShape, value: &Value) -> Result<Decay, Exception> {
        let options = Options::new(shape.name(), value)?;
        let mode =
            match options.text("multi_value_mode")?.map(|text| text.to_lowercase()).as_deref() {
                None | Some("min") => DistanceMode::Min,
                Some("max") => DistanceMode::Max,
                Some("avg") => DistanceMode::Avg,
                Some("sum") => DistanceMode::Sum,
                Some(other) => {
                    return Err(Exception::illegal_argument(format!("Illegal sort mode: {other}")));
                }
            };
        let mut fields = options.entries().filter(|(key, _)| *key != "multi_value_mode");
        match (fields.next(), fields.next()) {
            (Some((field, Value::Object(given))), None) => {
                Ok(Decay { shape, field: field.clone(), options: given.clone(), mode })
            }
            _ => Err(Exception::parsing("malformed score function score parameters.")),
        }
    }

    /// On one index.
    pub(super) fn lower(
        &self,
        lowering: &Lowering<'_>,
    ) -> Result<Arc<dyn DocumentFunction>, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else {
            return Err(Exception::parsing(format!("unknown field [{}]", self.field)));
        };
        let given = Value::Object(self.options.clone());
        let options = Options::new(self.shape.name(), &given)?;
        let known = ["origin", "scale", "offset", "decay"];
        if let Some(key) = self.options.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(lowering.failed(malformed(&format!("parameter [{key}] not supported!"))));
        }
        let failed = |cause| lowering.failed(cause);
        let (origin, scale, offset) = match leaf.kind.as_date() {
            Some(date) => {
                let (at, scale, offset) = dates(&options, date, lowering).map_err(failed)?;
                let unit = if date.nanos { 1e6 } else { 1.0 };
                (Origin::Number { at, unit }, scale, offset)
            }
            None if leaf.kind.get::<Number>().is_some_and(is_read_unscaled) => {
                let (at, scale, offset) = numbers(&options).map_err(failed)?;
                (Origin::Number { at, unit: 1.0 }, scale, offset)
            }
            None if leaf.kind.is::<GeoPoint>() => places(&options).map_err(failed)?,
            None => {
                return Err(Exception::parsing(format!(
                    "field [{}] is of type [{}], but only numeric types are supported.",
                    self.field,
                    leaf.kind.capability()
                )));
            }
        };
        let decay = options.get("decay").map_or(Some(0.5), number).unwrap_or(f64::NAN);
        let refused = |text: &str| {
            lowering.failed(Exception::illegal_argument(format!("function_score : {text}")))
        };
        if scale <= 0.0 {
            return Err(refused("scale must be > 0.0."));
        }
        if !(decay > 0.0 && decay < 1.0) {
            return Err(refused("decay must be in the range [0..1]."));
        }
        if offset < 0.0 {
            return Err(refused("offset must be > 0.0"));
        }
        if leaf.column.is_none() {
            return Err(lowering.failed(Exception::illegal_argument(leaf.no_column())));
        }
        let scaled = self.shape.scaled(scale, decay);
        let column = crate::mapping::fields::stored_name(&leaf.path);
        let (field, shape, mode) = (self.field.clone(), self.shape, self.mode);
        Ok(Arc::new(IndexDecay { field, shape, mode, column, origin, offset, scaled }))
    }
}

/// From where distances are measured.
#[derive(Clone, Copy, Debug)]
enum Origin {
    /// A number; the column's numbers are so many times as large.
    Number { at: f64, unit: f64 },
    /// A place; distances are metres.
    Place(Point),
}

fn places(options: &Options<'_>) -> Result<(Origin, f64, f64), Exception> {
    let (Some(origin), Some(scale)) = (options.get("origin"), options.text("scale")?) else {
        return Err(malformed("[origin] and [scale] must be set for geo fields."));
    };
    let origin = PointReading::default().read(origin)?;
    let offset = options.text("offset")?.map_or(Ok(0.0), |text| metres(&text, 1.0))?;
    Ok((Origin::Place(origin), metres(&scale, 1.0)?, offset))
}

/// Whether its column has its numbers as they are.
fn is_read_unscaled(number: &Number) -> bool {
    !matches!(number.kind, NumberKind::ScaledFloat { .. })
}

fn malformed(reason: &str) -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, reason)
}

fn numbers(options: &Options<'_>) -> Result<(f64, f64, f64), Exception> {
    let read = |key: &str| {
        options.get(key).map(|value| {
            number(value).ok_or_else(|| crate::value::scalar::not_a_number(&plain(value)))
        })
    };
    let (origin, scale) = (read("origin").transpose()?, read("scale").transpose()?);
    let (Some(origin), Some(scale)) = (origin, scale) else {
        return Err(malformed("both [scale] and [origin] must be set for numeric fields."));
    };
    Ok((origin, scale, read("offset").transpose()?.unwrap_or(0.0)))
}

fn dates(
    options: &Options<'_>,
    date: &Date,
    lowering: &Lowering<'_>,
) -> Result<(f64, f64, f64), Exception> {
    let origin = match options.text("origin")? {
        None => lowering.now.as_millisecond(),
        Some(text) => date_math::resolve(&text, &date.format, false, &TimeZone::UTC, lowering.now)?,
    };
    let Some(scale) = options.text("scale")? else {
        return Err(malformed("[scale] must be set for date fields."));
    };
    let span = |key: &str, text: &str| time::milliseconds(key, text).map(|span| span as f64);
    let scale = span("DecayFunctionParser.scale", &scale)?;
    let offset = options.text("offset")?;
    let offset = offset.map_or(Ok(0.0), |text| span("DecayFunctionParser.offset", &text))?;
    Ok((origin as f64, scale, offset))
}

/// A decay function on one index.
#[derive(Debug)]
struct IndexDecay {
    field: String,
    shape: DecayShape,
    mode: DistanceMode,
    column: String,
    origin: Origin,
    offset: f64,
    scaled: f64,
}

impl DocumentFunction for IndexDecay {
    fn explanation(&self, reader: &SegmentReader, doc: DocId, value: f64) -> Explanation {
        let column = Numbers::open(reader, &self.column).ok().flatten();
        let mut each = Vec::new();
        // Of places the distance itself is not told.
        if let (Some(column), Origin::Number { at, unit }) = (column, &self.origin) {
            column.each(doc, |value| {
                each.push(format!(
                    "Math.max(Math.abs({}(=doc value) - {}(=origin))) - {}(=offset), 0)",
                    java_double(value / unit),
                    java_double(*at),
                    java_double(self.offset)
                ));
            });
        }
        let mode = match self.mode {
            DistanceMode::Min => "MIN",
            DistanceMode::Max => "MAX",
            DistanceMode::Avg => "AVG",
            DistanceMode::Sum => "SUM",
        };
        let distance = format!("{mode}[{}]", each.join(", "));
        let scale = java_double(-self.scaled);
        let words = match self.shape {
            DecayShape::Gauss => format!("exp(-0.5*pow({distance},2.0)/{scale})"),
            DecayShape::Exp => format!("exp(- {distance} * {scale})"),
            DecayShape::Linear => {
                let scale = java_double(self.scaled);
                format!("max(0.0, (({scale} - {distance})/{scale})")
            }
        };
        let inner = Explanation::of(value as f32, words, Vec::new());
        Explanation::of(value as f32, format!("Function for field {}:", self.field), vec![inner])
    }
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>> {
        let IndexDecay { shape, mode, origin, offset, scaled, .. } = *self;
        let column = Numbers::open(reader, &self.column)?;
        Ok(Box::new(SegmentDecay { shape, mode, column, origin, offset, scaled }))
    }
}

struct SegmentDecay {
    shape: DecayShape,
    mode: DistanceMode,
    column: Option<Numbers>,
    origin: Origin,
    offset: f64,
    scaled: f64,
}

impl SegmentFunction for SegmentDecay {
    fn value(&self, doc: DocId, _: f32) -> Result<f64, Exception> {
        let mut distances = Vec::new();
        let mut take = |distance: f64| distances.push((distance - self.offset).max(0.0));
        match (self.origin, &self.column) {
            (_, None) => {}
            (Origin::Number { at, unit }, Some(column)) => {
                column.each(doc, |value| take((value / unit - at).abs()));
            }
            (Origin::Place(origin), Some(Numbers::I64(column))) => {
                let places = column.values_for_doc(doc).map(Point::of_code);
                places.for_each(|place| take(arc(origin, place)));
            }
            (Origin::Place(_), Some(_)) => {}
        }
        // What has no value is as near as can be.
        let chosen = match self.mode {
            DistanceMode::Min => distances.iter().copied().reduce(f64::min),
            DistanceMode::Max => distances.iter().copied().reduce(f64::max),
            DistanceMode::Sum => distances.iter().copied().reduce(|a, b| a + b),
            DistanceMode::Avg => distances
                .iter()
                .copied()
                .reduce(|a, b| a + b)
                .map(|sum| sum / distances.len() as f64),
        };
        Ok(self.shape.at(chosen.unwrap_or(0.0), self.scaled))
    }
}
