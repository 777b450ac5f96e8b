//! Sorting by the distance from places. Source: Elasticsearch 7.10, "Geo distance sorting", and
//! `GeoDistanceSortBuilder` for the texts.

use serde_json::Value;
use tantivy::DocId;
use tantivy::columnar::Column;

use super::{NestedSort, Sort, SortBy, SortMode};
use crate::dsl::geo::Validation;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::geo::Point;
use crate::geo::distance::{self, DistanceKind};
use crate::geo::point::{PointReading, points};
use crate::value::scalar::plain;

/// `_geo_distance`
#[derive(Clone, Debug, PartialEq)]
pub struct GeoSort {
    /// The field.
    pub field: String,
    /// From where distances are measured.
    pub from: Vec<Point>,
    /// How many metres the unit of the answer is.
    pub(crate) unit: f64,
    /// How they are measured.
    pub(crate) kind: DistanceKind,
    /// Which of several distances counts.
    pub(crate) mode: Option<SortMode>,
    /// Whether an index without the field takes all its documents as having no place.
    pub(crate) ignore_unmapped: bool,
    /// What is done about coordinates that no place has.
    pub(crate) validation: Validation,
    /// The nested objects whose places count.
    pub(crate) nested: Option<Box<NestedSort>>,
}

/// The keys that are no field.
const OPTIONS: &[&str] = &[
    "order",
    "unit",
    "distance_type",
    "validation_method",
    "mode",
    "sort_mode",
    "ignore_unmapped",
    "nested",
    "nested_filter",
    "nested_path",
];

/// Reads the options of `_geo_distance`.
pub(super) fn parse(value: &Value) -> Result<Sort, Exception> {
    let options = Options::new("_geo_distance", value)?;
    let mut found: Option<(String, Vec<Point>)> = None;
    for (key, value) in options.entries().filter(|(key, _)| !OPTIONS.contains(&key.as_str())) {
        options.get(key);
        if let Some((known, _)) = &found {
            return Err(Exception::parsing(format!(
                "Trying to reset fieldName to [{key}], already set to [{known}]."
            ))
            .at(value));
        }
        found = Some((key.clone(), points(value, PointReading::default())?));
    }
    let Some((field, from)) = found else {
        return Err(Exception::illegal_argument("Geo distance sorting needs at least one point."));
    };
    let descending = match options.text("order")?.map(|order| order.to_lowercase()).as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "No enum constant org.elasticsearch.search.sort.SortOrder.{}",
                other.to_uppercase()
            )));
        }
    };
    let sort_mode = options.text("sort_mode")?;
    let mode = match options.text("mode")?.or(sort_mode).as_deref() {
        None => None,
        Some("min") => Some(SortMode::Min),
        Some("max") => Some(SortMode::Max),
        Some("avg") => Some(SortMode::Avg),
        Some("median") => Some(SortMode::Median),
        Some("sum") => {
            return Err(Exception::illegal_argument(
                "sort_mode [sum] isn't supported for sorting by geo distance",
            ));
        }
        Some(other) => {
            return Err(Exception::illegal_argument(format!("Unknown SortMode [{other}]")));
        }
    };
    let geo = crate::dsl::geo::GeoOptions::read(&options)?;
    let sort = GeoSort {
        field,
        from,
        unit: options.text("unit")?.map_or(Ok(1.0), |unit| distance::unit(&unit))?,
        kind: match options.text("distance_type")? {
            Some(kind) => DistanceKind::parse(&kind)?,
            None => DistanceKind::Arc,
        },
        mode,
        ignore_unmapped: geo.ignore_unmapped,
        validation: geo.validation,
        nested: super::parse::nested(&options)?.map(Box::new),
    };
    Ok(Sort { by: SortBy::Distance(sort), descending })
}

impl GeoSort {
    /// From where distances are measured, as its validation has it.
    ///
    /// # Errors
    /// `parse_exception` for coordinates that no place has.
    pub(super) fn origins(&self) -> Result<Vec<Point>, Exception> {
        let one = |point: &Point| match point.fault() {
            Some((axis, value)) if self.validation == Validation::Strict => {
                Err(crate::geo::point::unreadable(format!(
                    "illegal {axis} value [{}] for [GeoDistanceSort] for field [{}].",
                    plain(&Value::from(value)),
                    self.field
                )))
            }
            _ => Ok(self.validation.point(*point)),
        };
        self.from.iter().map(one).collect()
    }

    /// How far a document is, or the nested objects inside it; infinitely far without a place.
    pub(super) fn distance(
        &self,
        column: &Column<i64>,
        docs: impl Iterator<Item = DocId>,
        descending: bool,
    ) -> f64 {
        let default = if descending { SortMode::Max } else { SortMode::Min };
        // Elasticsearch leaves the plainest sort to Lucene, which knows one way to measure.
        let is_lucenes = self.from.len() == 1
            && self.unit == 1.0
            && !descending
            && self.nested.is_none()
            && matches!(self.mode, None | Some(SortMode::Min));
        let kind = if is_lucenes { DistanceKind::Arc } else { self.kind };
        let places = docs.flat_map(|doc| column.values_for_doc(doc)).map(Point::of_code);
        let mut found: Vec<f64> = places
            .flat_map(|place| self.from.iter().map(move |from| kind.metres(*from, place)))
            .map(|metres| metres / self.unit)
            .collect();
        found.sort_unstable_by(f64::total_cmp);
        let count = found.len();
        let at = |place: usize| found.get(place).copied().unwrap_or(f64::INFINITY);
        if count == 0 {
            return f64::INFINITY;
        }
        match self.mode.unwrap_or(default) {
            SortMode::Max => at(count - 1),
            SortMode::Avg => found.iter().sum::<f64>() / count as f64,
            SortMode::Median if count.is_multiple_of(2) => {
                (at(count / 2 - 1) + at(count / 2)) / 2.0
            }
            SortMode::Median => at(count / 2),
            SortMode::Min | SortMode::Sum => at(0),
        }
    }
}
