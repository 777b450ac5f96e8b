//! `histogram`: numbers that were counted before they came here. Source: Elasticsearch 7.10, "Histogram field type", and
//! `HistogramFieldMapper` of its x-pack.

use serde_json::Value;

use super::column::Column;
use super::field_type::{MappedFieldType, Refusal};
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java_double;
use crate::value::scalar::token;

/// The parameters of `histogram`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("ignore_malformed", ParameterShape::Bool(false)),
    updatable("meta", ParameterShape::Object),
];

/// A field of histograms.
#[derive(Clone, Copy, Debug)]
pub struct Histogram {
    /// Whether a malformed one is left out.
    pub ignore_malformed: bool,
}

/// How often a histogram has a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CountedValue {
    /// The value.
    pub(crate) value: f64,
    /// How often.
    pub(crate) count: u32,
}

/// Bytes of a value, and of both.
const VALUE_BYTES: usize = 8;
const PAIR_BYTES: usize = VALUE_BYTES + 4;

/// Most bytes of one histogram as Lucene keeps it, each count in as few as it needs.
const BYTES_MAX: usize = 32_766;

impl CountedValue {
    /// Those that were kept, in the order of their values.
    pub(crate) fn of_bytes(bytes: &[u8]) -> impl Iterator<Item = CountedValue> {
        bytes.chunks_exact(PAIR_BYTES).filter_map(|pair| {
            let (value, count) = pair.split_at_checked(VALUE_BYTES)?;
            Some(CountedValue {
                value: f64::from_be_bytes(value.try_into().ok()?),
                count: u32::from_be_bytes(count.try_into().ok()?),
            })
        })
    }
}

impl MappedFieldType for Histogram {
    fn name(&self) -> &'static str {
        "histogram"
    }

    fn is_indexed(&self) -> bool {
        false
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Histogram)
    }

    fn has_column(&self) -> bool {
        true
    }

    fn takes_whole(&self) -> bool {
        true
    }

    fn refusal(&self) -> Refusal {
        Refusal::Field
    }

    fn ignores_malformed(&self) -> bool {
        self.ignore_malformed
    }

    fn check_term(&self, path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        Err(context.refuse(format!(
            "[histogram] field do not support searching, use dedicated aggregations instead: [{path}]"
        )))
    }

    fn term(
        &self,
        _path: &str,
        _value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        Ok(TermLookup::Nothing)
    }

    fn check_range(&self, path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        let kind: &dyn MappedFieldType = self;
        Err(kind.no_range(path, context))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        if value.is_null() {
            return Ok(false);
        }
        if let Value::Array(list) = value {
            let mut any = false;
            for value in list {
                any |= self.parse_into(value, context)?;
            }
            return Ok(any);
        }
        let name = context.leaf.name().to_owned();
        let mut read = read(&name, value).map(Some);
        let path = &context.leaf.path;
        if read.is_ok() && !context.is_first(path) {
            read = Err(Exception::illegal_argument(format!(
                "Field [{name}] of type [histogram] doesn't not support indexing multiple values for the same field in the same document"
            )));
        }
        let Some(bytes) = context.unless_malformed(read)? else { return Ok(false) };
        context.bytes(&bytes);
        Ok(true)
    }
}

impl Histogram {
    pub(super) fn build(parameters: &Parameters) -> Histogram {
        Histogram { ignore_malformed: parameters.bool("ignore_malformed", false) }
    }
}

/// What is kept of a histogram.
///
/// # Errors
/// The cause that Elasticsearch names.
fn read(name: &str, value: &Value) -> Result<Vec<u8>, Exception> {
    let Value::Object(parts) = value else { return Err(expected("START_OBJECT", value)) };
    let wrong =
        |what: String| Exception::mapper_parsing(format!("error parsing field [{name}], {what}"));
    let (mut values, mut counts) = (None, None);
    for (key, part) in parts {
        match key.as_str() {
            "values" => values = Some(ordered(listed(part)?, wrong)?),
            "counts" => {
                counts = Some(listed(part)?.iter().map(count).collect::<Result<Vec<_>, _>>()?)
            }
            other => return Err(wrong(format!("with unknown parameter [{other}]"))),
        }
    }
    let values = values.ok_or_else(|| wrong("expected field called [values]".to_owned()))?;
    let counts = counts.ok_or_else(|| wrong("expected field called [counts]".to_owned()))?;
    if values.len() != counts.len() {
        return Err(wrong(format!(
            "expected same length from [values] and [counts] but got [{} != {}]",
            values.len(),
            counts.len()
        )));
    }
    let mut bytes = Vec::with_capacity(values.len() * PAIR_BYTES);
    let mut bytes_of_lucene = 0;
    for (value, count) in values.into_iter().zip(counts) {
        let count = u32::try_from(count)
            .map_err(|_| wrong(format!("[counts] elements must be >= 0 but got {count}")))?;
        // What there is none of is not kept.
        if count > 0 {
            bytes.extend(value.to_be_bytes());
            bytes.extend(count.to_be_bytes());
            bytes_of_lucene += VALUE_BYTES + (count.ilog2() / 7 + 1) as usize;
        }
    }
    if bytes_of_lucene > BYTES_MAX {
        return Err(Exception::illegal_argument(format!(
            "DocValuesField \"{name}\" is too large, must be <= {BYTES_MAX}"
        )));
    }
    Ok(bytes)
}

/// The numbers of a list.
fn listed(value: &Value) -> Result<&[Value], Exception> {
    let Value::Array(values) = value else { return Err(expected("START_ARRAY", value)) };
    match values.iter().find(|value| !value.is_number()) {
        Some(other) => Err(expected("VALUE_NUMBER", other)),
        None => Ok(values),
    }
}

/// The values, which must rise.
fn ordered(values: &[Value], wrong: impl Fn(String) -> Exception) -> Result<Vec<f64>, Exception> {
    let mut before = f64::MIN;
    let mut ordered = Vec::with_capacity(values.len());
    for value in values.iter().filter_map(Value::as_f64) {
        if value < before {
            let (value, before) = (java_double(value), java_double(before));
            return Err(wrong(format!(
                "[values] values must be in increasing order, got [{value}] but previous value was [{before}]"
            )));
        }
        ordered.push(value);
        before = value;
    }
    Ok(ordered)
}

/// How often a value is there: a whole number of 32 bits; of a fraction what is before its point.
fn count(value: &Value) -> Result<i32, Exception> {
    let whole = value.as_i64().or_else(|| value.as_f64().map(|fraction| fraction as i64));
    whole.and_then(|whole| i32::try_from(whole).ok()).ok_or_else(|| {
        let reason =
            format!("Numeric value ({value}) out of range of int (-2147483648 - 2147483647)");
        Exception::new(ExceptionKind::InputCoercion, reason)
    })
}

/// The refusal of a token. (`XContentParserUtils.ensureExpectedToken`.)
fn expected(wanted: &str, found: &Value) -> Exception {
    let found_token = token(found);
    let reason = format!(
        "Failed to parse object: expecting token of type [{wanted}] but found [{found_token}]"
    );
    Exception::parsing(reason).at(found)
}
