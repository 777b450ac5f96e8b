//! `matrix_stats`: how the values of several fields are spread, and how they go together.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::shared::SharedState;
use super::values::{Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::exception::Exception;
use crate::value::java::{hash_order, java_double};
use crate::value::scalar;
use crate::work::HeldMemory;

/// Most fields of one aggregation.
const FIELDS_MAX: usize = 64;

/// What of several values of a document counts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum MatrixMode {
    Average,
    Sum,
    Least,
    Greatest,
    Median,
}

/// A `matrix_stats` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct MatrixStats {
    fields: Vec<ValuesSource>,
    mode: MatrixMode,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let missing = options.get("missing");
    let fields = options.get("fields").map(scalar::list).unwrap_or_default();
    if fields.len() > FIELDS_MAX {
        return Err(Exception::illegal_argument(format!(
            "matrix_stats has at most [{FIELDS_MAX}] fields"
        )));
    }
    // A field that is named twice is there once.
    let mut seen = HashSet::new();
    let fields: Vec<String> = fields.into_iter().filter(|name| seen.insert(name.clone())).collect();
    let source = |field: String| ValuesSource {
        missing: missing.and_then(|missing| missing.get(&field)).cloned(),
        field,
        ..ValuesSource::default()
    };
    let mode = match options.text("mode")?.map(|mode| mode.to_lowercase()).as_deref() {
        None | Some("avg") => MatrixMode::Average,
        Some("sum") => MatrixMode::Sum,
        Some("min") => MatrixMode::Least,
        Some("max") => MatrixMode::Greatest,
        Some("median") => MatrixMode::Median,
        Some(unknown) => {
            return Err(Exception::illegal_argument(format!("Unknown MultiValueMode [{unknown}]")));
        }
    };
    // What these would change is not shown.
    for hint in ["format", "value_type"] {
        options.get(hint);
    }
    options.finish()?;
    Ok(Arc::new(MatrixStats { fields: fields.into_iter().map(source).collect(), mode }))
}

impl AggregationDefinition for MatrixStats {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(MatrixStatsCollector {
            values: self
                .fields
                .iter()
                .cloned()
                .map(|source| Values::new(source, shared.work()))
                .collect(),
            names: self.fields.iter().map(|source| source.field.clone()).collect(),
            mode: self.mode,
            owners: Vec::new(),
            shared: shared.clone(),
            held,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Other
    }
}

/// The moments of one field.
#[derive(Clone, Copy, Default)]
struct Moments {
    mean: f64,
    squares: f64,
    cubes: f64,
    fourths: f64,
}

impl Moments {
    /// Adds the value that makes `count`. (Pébay, 2008: the formulas for one more value.)
    fn add(&mut self, value: f64, count: f64) {
        let before = count - 1.0;
        let delta = value - self.mean;
        let share = delta / count;
        let square = share * share;
        let term = delta * share * before;
        self.mean += share;
        self.fourths += term * square * (count * count - 3.0 * count + 3.0)
            + 6.0 * square * self.squares
            - 4.0 * share * self.cubes;
        self.cubes += term * share * (count - 2.0) - 3.0 * share * self.squares;
        self.squares += term;
    }
}

/// What is known of the documents of one bucket: how many, the moments of each field, and for each pair of fields the
/// sum of the products of their distances from the means.
#[derive(Clone, Default)]
struct Matrix {
    count: u64,
    moments: Vec<Moments>,
    products: Vec<f64>,
}

/// `matrix_stats` while it runs.
struct MatrixStatsCollector {
    names: Vec<String>,
    values: Vec<Values>,
    mode: MatrixMode,
    owners: Vec<Matrix>,
    shared: SharedState,
    held: HeldMemory,
}

impl MatrixMode {
    /// The one value that several of a document make; `None` of none.
    fn of(self, found: &[f64]) -> Option<f64> {
        let count = found.len();
        let middle = found.get(count / 2).copied()?;
        let sum = || found.iter().sum::<f64>();
        Some(match self {
            MatrixMode::Average => sum() / count as f64,
            MatrixMode::Sum => sum(),
            MatrixMode::Least => found.iter().copied().fold(f64::INFINITY, f64::min),
            MatrixMode::Greatest => found.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            MatrixMode::Median => {
                let mut sorted = found.to_vec();
                sorted.sort_by(f64::total_cmp);
                match sorted.get((count / 2).wrapping_sub(1)).filter(|_| count.is_multiple_of(2)) {
                    Some(below) => (below + sorted.get(count / 2).copied()?) / 2.0,
                    None => sorted.get(count / 2).copied().unwrap_or(middle),
                }
            }
        })
    }
}

impl MatrixStatsCollector {
    /// The one value of each field; `None` where a field has none.
    ///
    /// # Errors
    /// None: these values are given by no script.
    fn row(&mut self, doc: DocId, score: f32) -> Result<Option<Vec<f64>>, Exception> {
        let mut row = Vec::with_capacity(self.values.len());
        for values in &mut self.values {
            let mut found = Vec::new();
            values.each(doc, score, |value| found.push(value))?;
            match self.mode.of(&found) {
                Some(value) => row.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(row))
    }

    fn field(&self, at: usize, matrix: &Matrix) -> Option<Value> {
        let count = matrix.count as f64;
        let own = matrix.moments.get(at)?;
        let width = self.names.len();
        let variance = |at: usize| matrix.moments.get(at).map(|it| it.squares / (count - 1.0));
        let (mut covariance, mut correlation) = (Map::new(), Map::new());
        for other in hash_order(&self.names) {
            let name = self.names.get(other)?;
            let pair = at.min(other) * width + at.max(other);
            let both = if at == other {
                variance(at)?
            } else {
                matrix.products.get(pair).copied()? / (count - 1.0)
            };
            covariance.insert(name.clone(), number(both));
            let related = if at == other {
                1.0
            } else {
                both / (variance(at)?.sqrt() * variance(other)?.sqrt())
            };
            correlation.insert(name.clone(), number(related));
        }
        Some(json!({
            "name": self.names.get(at)?,
            "count": matrix.count,
            "mean": number(own.mean),
            "variance": number(variance(at)?),
            "skewness": number(count.sqrt() * own.cubes / own.squares.powf(1.5)),
            "kurtosis": number(count * own.fourths / (own.squares * own.squares)),
            "covariance": covariance,
            "correlation": correlation,
        }))
    }
}

/// What is no number is printed as Java calls it.
fn number(value: f64) -> Value {
    if value.is_finite() { value.into() } else { java_double(value).into() }
}

impl Collector for MatrixStatsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.values.iter_mut().try_for_each(|values| values.open_index(index, "matrix_stats"))
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.values.iter_mut().try_for_each(|values| values.open_segment(reader))
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.shared.check()?;
        let Some(row) = self.row(doc, score)? else { return Ok(()) };
        let (place, width) = (owner as usize, row.len());
        if self.owners.len() <= place {
            let one = size_of::<Matrix>() + width * size_of::<Moments>() + width * width * 8;
            self.held.grow(((place + 1 - self.owners.len()) * one) as u64)?;
            self.owners.resize(place + 1, Matrix::default());
        }
        let Some(matrix) = self.owners.get_mut(place) else { return Ok(()) };
        matrix.moments.resize(width, Moments::default());
        matrix.products.resize(width * width, 0.0);
        matrix.count += 1;
        let count = matrix.count as f64;
        let before: Vec<f64> =
            row.iter().zip(&matrix.moments).map(|(value, own)| value - own.mean).collect();
        for (value, moments) in row.iter().zip(&mut matrix.moments) {
            moments.add(*value, count);
        }
        for (a, distance) in before.iter().enumerate() {
            for (b, other) in before.iter().enumerate().skip(a + 1) {
                if let Some(product) = matrix.products.get_mut(a * width + b) {
                    *product += distance * other * (count - 1.0) / count;
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let matrix = self.owners.get(owner as usize).cloned().unwrap_or_default();
        let mut result = Map::from_iter([("doc_count".to_owned(), Value::from(matrix.count))]);
        if matrix.count > 0 {
            let order = hash_order(&self.names);
            let fields = order.into_iter().filter_map(|at| self.field(at, &matrix)).collect();
            result.insert("fields".into(), Value::Array(fields));
        }
        Ok(result)
    }

    fn type_name(&self) -> &'static str {
        "matrix_stats"
    }
}
