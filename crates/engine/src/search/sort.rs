//! `sort`: reading it, the keys of a document within one segment, and the values hits are compared by across indices.
//!
//! Within a segment every key is one number that sorts ascending, so that comparing hits is comparing integers:
//! text by the ordinal of its column, numbers by an order-preserving code, descending order by complement.

use std::cmp::Ordering;
use std::net::Ipv6Addr;

use serde_json::Value;
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader};

use crate::aggs::columns::{self, Numbers};
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::{FieldType, Leaf, Mapping, fields};

/// Most sort keys of one search.
const KEYS_MAX: usize = 32;

/// One key of `sort`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// What is compared.
    pub by: By,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What a key compares.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// `_score`
    Score,
    /// `_doc`
    Doc,
    /// A field.
    Field(FieldSort),
}

/// A sort by field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSort {
    /// The field.
    pub field: String,
    /// Where documents without a value go; a scalar stands for a value of theirs.
    pub missing: Missing,
    /// Which of several values counts; unset: the smallest ascending, the largest descending.
    pub mode: Option<Mode>,
    /// The type an index without the field is taken to have it as; unset: such an index refuses.
    pub unmapped: Option<String>,
    /// How date values are printed; unset: as milliseconds.
    pub format: Option<String>,
}

/// Where documents without a value go.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// Behind all others.
    Last,
    /// Before all others.
    First,
    /// As if they had this value.
    Value(Value),
}

/// Which of several values counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The one in the middle.
    Median,
}

/// Reads the value of `sort`.
pub(super) fn parse(value: &Value) -> Result<Vec<Sort>, Exception> {
    let keys = match value {
        Value::Array(keys) if keys.len() > KEYS_MAX => {
            return Err(Exception::illegal_argument(format!(
                "[sort] allows at most [{KEYS_MAX}] keys"
            )));
        }
        Value::Array(keys) => keys.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        value => vec![one(value)?],
    };
    let keys: Vec<Sort> = keys.into_iter().flatten().collect();
    // Sorting by score alone is what happens anyway.
    if matches!(keys.as_slice(), [Sort { by: By::Score, descending: true }]) {
        return Ok(Vec::new());
    }
    Ok(keys)
}

/// Reads `sort` of a URL: `field:desc,other`.
pub(super) fn parse_url(text: &str) -> Result<Vec<Sort>, Exception> {
    let keys =
        text.split(',').filter(|key| !key.is_empty()).map(|key| match key.rsplit_once(':') {
            Some((field, order)) => key_of(field, Some(order)),
            None => key_of(key, None),
        });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    if matches!(keys.as_slice(), [Sort { by: By::Score, descending: true }]) {
        return Ok(Vec::new());
    }
    Ok(keys)
}

fn one(value: &Value) -> Result<Vec<Sort>, Exception> {
    match value {
        Value::String(field) => Ok(vec![key_of(field, None)?]),
        Value::Object(object) => object.iter().map(|(field, options)| match options {
            Value::String(order) => key_of(field, Some(order)),
            Value::Object(_) => with_options(field, options),
            _ => Err(Exception::parsing(format!("malformed sort format, within the sort array, an object, or an actual string are allowed, for [{field}]"))),
        }).collect(),
        _ => Err(Exception::illegal_argument(
            "malformed sort format, within the sort array, an object, or an actual string are allowed",
        )),
    }
}

fn key_of(field: &str, order: Option<&str>) -> Result<Sort, Exception> {
    let descending = match order.map(str::to_lowercase).as_deref() {
        None => field == "_score",
        Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "No enum constant org.elasticsearch.search.sort.SortOrder.{}",
                other.to_uppercase()
            )));
        }
    };
    let by = match field {
        "_score" => By::Score,
        "_doc" => By::Doc,
        "_geo_distance" | "_script" => {
            return Err(Exception::not_implemented(&format!("sort by {field}")));
        }
        field => By::Field(FieldSort {
            field: field.to_owned(),
            missing: Missing::Last,
            mode: None,
            unmapped: None,
            format: None,
        }),
    };
    Ok(Sort { by, descending })
}

fn with_options(field: &str, value: &Value) -> Result<Sort, Exception> {
    if matches!(field, "_geo_distance" | "_script") {
        return Err(Exception::not_implemented(&format!("sort by {field}")));
    }
    let options = crate::dsl::options::Options::new("field_sort", value)?;
    let mut sort = key_of(field, options.text("order")?.as_deref())?;
    if let By::Field(by) = &mut sort.by {
        by.missing = match options.get("missing") {
            None => Missing::Last,
            Some(Value::String(text)) if text == "_last" => Missing::Last,
            Some(Value::String(text)) if text == "_first" => Missing::First,
            Some(value) => Missing::Value(value.clone()),
        };
        by.mode = match options.text("mode")?.as_deref() {
            None => None,
            Some("min") => Some(Mode::Min),
            Some("max") => Some(Mode::Max),
            Some("sum") => Some(Mode::Sum),
            Some("avg") => Some(Mode::Avg),
            Some("median") => Some(Mode::Median),
            Some(other) => {
                return Err(Exception::illegal_argument(format!("Unknown SortMode [{other}]")));
            }
        };
        by.unmapped = options.text("unmapped_type")?;
        by.format = options.text("format")?;
        if options.get("numeric_type").is_some() || options.get("nested").is_some() {
            return Err(Exception::not_implemented("sort with [numeric_type] or [nested]"));
        }
    }
    options.finish().map_err(|_| {
        Exception::new(
            ExceptionKind::XContentParse,
            format!("[field_sort] unknown option in the sort by [{field}]"),
        )
    })?;
    Ok(sort)
}

/// A value hits are compared by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SortValue {
    Missing { first: bool },
    Integer(i128),
    Float(f64),
    Text(String),
    Address(Ipv6Addr),
}

impl SortValue {
    fn compare(&self, other: &SortValue, descending: bool) -> Ordering {
        let rank = |value: &SortValue| match value {
            SortValue::Missing { first: true } => 0,
            SortValue::Missing { first: false } => 2,
            _ => 1,
        };
        let order = match (self, other) {
            (SortValue::Integer(a), SortValue::Integer(b)) => a.cmp(b),
            (SortValue::Text(a), SortValue::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (SortValue::Address(a), SortValue::Address(b)) => a.cmp(b),
            (a, b) if rank(a) != rank(b) => return rank(a).cmp(&rank(b)),
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => Ordering::Equal,
            },
        };
        if descending { order.reverse() } else { order }
    }

    fn number(&self) -> Option<f64> {
        match self {
            SortValue::Integer(value) => Some(*value as f64),
            SortValue::Float(value) => Some(*value),
            _ => None,
        }
    }
}

/// Compares the values of two hits.
pub(super) fn compare(a: &[SortValue], b: &[SortValue], sorts: &[Sort]) -> Ordering {
    a.iter()
        .zip(b)
        .zip(sorts)
        .map(|((a, b), sort)| a.compare(b, sort.descending))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// A key's source on one index.
pub(super) enum Source {
    Score,
    Doc,
    Unmapped { missing_first: bool },
    Field { leaf: std::sync::Arc<Leaf>, by: FieldSort },
}

/// What a key reads on `mapping`.
pub(super) fn source(sort: &Sort, mapping: &Mapping) -> Result<Source, Exception> {
    let by = match &sort.by {
        By::Score => return Ok(Source::Score),
        By::Doc => return Ok(Source::Doc),
        By::Field(by) => by,
    };
    let Some(leaf) = mapping.leaf(&by.field) else {
        if by.unmapped.is_some() {
            return Ok(Source::Unmapped { missing_first: by.missing == Missing::First });
        }
        return Err(Exception::new(
            ExceptionKind::QueryShard,
            format!("No mapping found for [{}] in order to sort on", by.field),
        ));
    };
    if leaf.column.is_none() {
        return Err(Exception::illegal_argument(no_column(leaf)));
    }
    Ok(Source::Field { leaf: leaf.clone(), by: by.clone() })
}

/// Why a field cannot be sorted or aggregated on.
pub(crate) fn no_column(leaf: &Leaf) -> String {
    let path = &leaf.path;
    match &leaf.kind {
        FieldType::Text(_) => format!(
            "Text fields are not optimised for operations that require per-document field data like aggregations and \
             sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, \
             set fielddata=true on [{path}] in order to load field data by uninverting the inverted index. Note that \
             this can use significant memory."
        ),
        _ => format!(
            "Can't load fielddata on [{path}] because fielddata is unsupported on fields of type [{}]. Use doc values instead.",
            leaf.kind.name()
        ),
    }
}

/// A key's column on one segment.
pub(super) enum Keys {
    Score,
    Doc { base: u32 },
    Absent { missing: u128 },
    Numbers { column: Option<Numbers>, mode: Mode, missing: u128 },
    Texts { column: StrColumn, mode: Mode, missing: u128 },
    Addresses { column: Column<Ipv6Addr>, mode: Mode, missing: u128 },
}

/// Codes: a missing value before or behind all others, and what lies between.
const FIRST: u128 = 0;
const LAST: u128 = u128::MAX;
const BASE: u128 = 1 << 64;

/// A float as a number of the same order.
fn float_code(value: f64) -> u128 {
    let bits = value.to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    BASE + u128::from(ordered)
}

fn integer_code(value: i64) -> u128 {
    BASE + u128::from((value as u64) ^ (1 << 63))
}

fn unsigned_code(value: u64) -> u128 {
    BASE + u128::from(value)
}

fn uncode_float(code: u128) -> f64 {
    let ordered = code.wrapping_sub(BASE) as u64;
    f64::from_bits(if ordered >> 63 == 1 { ordered & !(1 << 63) } else { !ordered })
}

impl Keys {
    /// Opens a key on a segment.
    /// `base` is how many documents the segments before it have.
    pub(super) fn open(
        source: &Source,
        descending: bool,
        reader: &SegmentReader,
        base: u32,
    ) -> Result<Keys, Exception> {
        let (leaf, by) = match source {
            Source::Score => return Ok(Keys::Score),
            Source::Doc => return Ok(Keys::Doc { base }),
            Source::Unmapped { missing_first } => {
                let missing = if *missing_first { FIRST } else { LAST };
                return Ok(Keys::Absent { missing });
            }
            Source::Field { leaf, by } => (leaf, by),
        };
        let mode = by.mode.unwrap_or(if descending { Mode::Max } else { Mode::Min });
        let name = fields::stored_name(&leaf.path);
        let internal = crate::dsl::lower::internal;
        // A document's missing value is placed before complementing, so First and Last are themselves swapped.
        let place = |given: &dyn Fn(&Value) -> Result<u128, Exception>| -> Result<u128, Exception> {
            Ok(match &by.missing {
                Missing::First => FIRST,
                Missing::Last => LAST,
                Missing::Value(value) => {
                    let code = given(value)?;
                    if descending { !code } else { code }
                }
            })
        };
        match &leaf.kind {
            FieldType::Keyword(_) => {
                let Some(column) = columns::strings(reader, &name).map_err(internal)? else {
                    let missing = place(&|_| Ok(BASE))?;
                    return Ok(Keys::Absent { missing });
                };
                let missing = place(&|value| text_code(&column, &plain(value)))?;
                Ok(Keys::Texts { column, mode, missing })
            }
            FieldType::Ip(_) => {
                let missing = place(&|value| {
                    crate::dsl::term::ip(&plain(value))
                        .map(|address| u128::from(address).clamp(1, LAST - 1))
                })?;
                match columns::addresses(reader, &name).map_err(internal)? {
                    Some(column) => Ok(Keys::Addresses { column, mode, missing }),
                    None => Ok(Keys::Absent { missing }),
                }
            }
            kind => {
                let column = Numbers::open(reader, &name).map_err(internal)?;
                let missing = place(&|value| number_code(kind, value))?;
                Ok(Keys::Numbers { column, mode, missing })
            }
        }
    }

    /// The code of a document; ascending.
    #[inline]
    pub(super) fn code(&self, doc: DocId, score: f32, descending: bool) -> u128 {
        let code = match self {
            Keys::Score => Some(float_code(score.into())),
            Keys::Doc { base } => Some(unsigned_code(u64::from(*base) + u64::from(doc))),
            Keys::Absent { .. } => None,
            Keys::Numbers { column, mode, .. } => {
                column.as_ref().and_then(|column| numbers(column, doc, *mode))
            }
            Keys::Texts { column, mode, .. } => {
                let ordinals = column.ords();
                let chosen = match mode {
                    Mode::Max => ordinals.values_for_doc(doc).max(),
                    _ => ordinals.values_for_doc(doc).min(),
                };
                // Even numbers are ordinals; odd ones lie between two, for `search_after`.
                chosen.map(|ordinal| BASE + u128::from(ordinal) * 2)
            }
            Keys::Addresses { column, mode, .. } => {
                let chosen = match mode {
                    Mode::Max => column.values_for_doc(doc).max(),
                    _ => column.values_for_doc(doc).min(),
                };
                chosen.map(|address| u128::from(address).clamp(1, LAST - 1))
            }
        };
        match (code, self) {
            (Some(code), _) if descending => !code,
            (Some(code), _) => code,
            (
                None,
                Keys::Absent { missing }
                | Keys::Numbers { missing, .. }
                | Keys::Texts { missing, .. }
                | Keys::Addresses { missing, .. },
            ) => *missing,
            (None, Keys::Score | Keys::Doc { .. }) => LAST,
        }
    }

    /// The value behind a code.
    pub(super) fn value(&self, code: u128, descending: bool) -> Result<SortValue, Exception> {
        if code == FIRST || code == LAST {
            return Ok(SortValue::Missing { first: code == FIRST });
        }
        let code = if descending { !code } else { code };
        let offset = code.wrapping_sub(BASE);
        Ok(match self {
            Keys::Score => SortValue::Float(uncode_float(code)),
            Keys::Doc { .. } => SortValue::Integer(offset as i128),
            Keys::Absent { .. } => SortValue::Missing { first: false },
            Keys::Numbers { column: Some(Numbers::F64(_)), .. } => {
                SortValue::Float(uncode_float(code))
            }
            Keys::Numbers { column: Some(Numbers::U64(_)), .. } => {
                SortValue::Integer(offset as i128)
            }
            Keys::Numbers { .. } => {
                SortValue::Integer(i128::from((offset as u64 ^ (1 << 63)) as i64))
            }
            Keys::Texts { column, .. } => {
                let mut text = String::new();
                column.ord_to_str((offset / 2) as u64, &mut text).map_err(crate::dsl::lower::io)?;
                SortValue::Text(text)
            }
            Keys::Addresses { .. } => SortValue::Address(Ipv6Addr::from(code)),
        })
    }

    /// The code a value of `search_after` has here.
    pub(super) fn code_of(&self, value: &SortValue, descending: bool) -> Result<u128, Exception> {
        let code = match (self, value) {
            (_, SortValue::Missing { first }) => return Ok(if *first { FIRST } else { LAST }),
            (Keys::Numbers { column: Some(Numbers::F64(_)), .. } | Keys::Score, value) => {
                float_code(value.number().unwrap_or(0.0))
            }
            (
                Keys::Numbers { column: Some(Numbers::U64(_)), .. } | Keys::Doc { .. },
                SortValue::Integer(value),
            ) => unsigned_code(u64::try_from(*value).unwrap_or(0)),
            (Keys::Numbers { .. }, SortValue::Integer(value)) => {
                integer_code(i64::try_from(*value).unwrap_or(i64::MAX))
            }
            (Keys::Numbers { .. }, SortValue::Float(value)) => integer_code(*value as i64),
            (Keys::Texts { column, .. }, SortValue::Text(text)) => text_code(column, text)?,
            (Keys::Addresses { .. }, SortValue::Address(address)) => {
                u128::from(*address).clamp(1, LAST - 1)
            }
            // No document here has a value: all of them are missing, and missing compares by its own code.
            (Keys::Absent { .. }, _) => return Ok(BASE),
            _ => BASE,
        };
        Ok(if descending { !code } else { code })
    }
}

fn numbers(column: &Numbers, doc: DocId, mode: Mode) -> Option<u128> {
    fn pick<T: Copy + PartialOrd>(values: impl Iterator<Item = T>, largest: bool) -> Option<T> {
        values.reduce(|a, b| if (b > a) == largest { b } else { a })
    }
    let largest = match mode {
        Mode::Min => false,
        Mode::Max => true,
        Mode::Sum | Mode::Avg | Mode::Median => return combined(column, doc, mode),
    };
    match column {
        Numbers::I64(column) => pick(column.values_for_doc(doc), largest).map(integer_code),
        Numbers::U64(column) => pick(column.values_for_doc(doc), largest).map(unsigned_code),
        Numbers::F64(column) => pick(column.values_for_doc(doc), largest).map(float_code),
    }
}

fn combined(column: &Numbers, doc: DocId, mode: Mode) -> Option<u128> {
    if let Numbers::I64(column) = column {
        return combined_whole(column.values_for_doc(doc).collect(), mode).map(integer_code);
    }
    let mut values = Vec::new();
    column.each(doc, |value| values.push(value));
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let middle = values.get(count / 2).copied()?;
    let value = match mode {
        Mode::Sum => values.iter().sum(),
        Mode::Avg => values.iter().sum::<f64>() / count as f64,
        _ if count.is_multiple_of(2) => (values.get(count / 2 - 1).copied()? + middle) / 2.0,
        _ => middle,
    };
    Some(match column {
        Numbers::F64(_) => float_code(value),
        _ => unsigned_code(round(value) as u64),
    })
}

/// Java's `Math.round`: halves go up.
fn round(value: f64) -> f64 {
    (value + 0.5).floor()
}

/// Whole numbers are added as Java adds them: the sum wraps around.
fn combined_whole(mut values: Vec<i64>, mode: Mode) -> Option<i64> {
    values.sort_unstable();
    let count = values.len();
    let middle = values.get(count / 2).copied()?;
    let sum = || values.iter().fold(0i64, |sum, value| sum.wrapping_add(*value));
    Some(match mode {
        Mode::Sum => sum(),
        Mode::Avg if count > 1 => round(sum() as f64 / count as f64) as i64,
        _ if count.is_multiple_of(2) => {
            let both = values.get(count / 2 - 1).copied()?.wrapping_add(middle);
            round(both as f64 / 2.0) as i64
        }
        _ => middle,
    })
}

fn text_code(column: &StrColumn, text: &str) -> Result<u128, Exception> {
    let hit = column.dictionary().term_ord_or_next(text).map_err(crate::dsl::lower::io)?;
    Ok(match hit {
        tantivy::columnar::TermOrdHit::Exact(ordinal) => BASE + u128::from(ordinal) * 2,
        tantivy::columnar::TermOrdHit::Next(ordinal) => {
            (BASE + u128::from(ordinal) * 2).saturating_sub(1)
        }
    })
}

fn number_code(kind: &FieldType, value: &Value) -> Result<u128, Exception> {
    Ok(match sort_value(kind, value)? {
        SortValue::Float(value) => float_code(value),
        SortValue::Integer(value)
            if matches!(kind.column_kind(), Some(crate::mapping::Column::U64)) =>
        {
            unsigned_code(u64::try_from(value).unwrap_or(0))
        }
        SortValue::Integer(value) => integer_code(i64::try_from(value).unwrap_or(i64::MAX)),
        _ => BASE,
    })
}

/// A JSON value as what a field of this type is compared by; for `missing` and `search_after`.
pub(super) fn sort_value(kind: &FieldType, value: &Value) -> Result<SortValue, Exception> {
    let text = plain(value);
    let bad =
        || Exception::new(ExceptionKind::NumberFormat, format!("For input string: \"{text}\""));
    Ok(match kind {
        FieldType::Keyword(_) | FieldType::Text(_) | FieldType::Binary => SortValue::Text(text),
        FieldType::Ip(_) => SortValue::Address(crate::dsl::term::ip(&text)?),
        FieldType::Boolean(_) => match value {
            Value::Number(_) => SortValue::Integer(text.parse().map_err(|_| bad())?),
            value => SortValue::Integer(crate::dsl::term::boolean(value)?.into()),
        },
        FieldType::Date(date) => match text.parse::<i64>() {
            Ok(milliseconds) => SortValue::Integer(milliseconds.into()),
            Err(_) => SortValue::Integer(date.format.read(&text)?.into()),
        },
        FieldType::Number(number) if number.kind.is_whole() => match text.parse::<i128>() {
            Ok(whole) => SortValue::Integer(whole),
            Err(_) => SortValue::Integer(text.parse::<f64>().map_err(|_| bad())?.round() as i128),
        },
        FieldType::Number(_) => match text.as_str() {
            "Infinity" => SortValue::Float(f64::INFINITY),
            "-Infinity" => SortValue::Float(f64::NEG_INFINITY),
            text => SortValue::Float(text.parse().map_err(|_| bad())?),
        },
    })
}

fn plain(value: &Value) -> String {
    crate::mapping::field::plain(value)
}

/// A sort value as it is printed under `sort`.
pub(super) fn printed(value: &SortValue, source: &Source, sort: &Sort) -> Value {
    let leaf = match source {
        Source::Field { leaf, .. } => Some(leaf),
        _ => None,
    };
    match value {
        SortValue::Float(value) if sort.by == By::Score => super::response::score(*value as f32),
        SortValue::Float(value) if value.is_infinite() => {
            Value::from(if *value > 0.0 { "Infinity" } else { "-Infinity" })
        }
        SortValue::Float(value) => Value::from(*value),
        SortValue::Text(text) => Value::from(text.as_str()),
        SortValue::Address(address) => Value::from(columns::address_text(*address)),
        SortValue::Integer(value) => match (leaf.map(|leaf| &leaf.kind), &sort.by) {
            (Some(FieldType::Date(date)), By::Field(FieldSort { format: Some(format), .. })) => {
                let own = crate::mapping::date::DateFormat::parse(format);
                let format = own.as_ref().unwrap_or(&date.format);
                Value::from(format.print(i64::try_from(*value).unwrap_or(i64::MAX)))
            }
            _ => match i64::try_from(*value) {
                Ok(small) => Value::from(small),
                Err(_) => Value::from(u64::try_from(*value).unwrap_or(u64::MAX)),
            },
        },
        SortValue::Missing { first } => {
            let least = *first != sort.descending;
            match (&sort.by, leaf) {
                (By::Field(FieldSort { unmapped: Some(kind), .. }), None) => {
                    unmapped_printed(kind, least)
                }
                _ => missing_printed(leaf.map(|leaf| &leaf.kind), least),
            }
        }
    }
}

/// As [`missing_printed`], of a type that is only named.
fn unmapped_printed(kind: &str, least: bool) -> Value {
    match kind {
        "long" | "integer" | "short" | "byte" | "date" | "boolean" => {
            Value::from(if least { i64::MIN } else { i64::MAX })
        }
        "double" | "float" | "half_float" => {
            Value::from(if least { "-Infinity" } else { "Infinity" })
        }
        _ => Value::Null,
    }
}

/// What Elasticsearch prints for a document without a value: the least or the greatest of the type, or null.
fn missing_printed(kind: Option<&FieldType>, least: bool) -> Value {
    match kind {
        Some(FieldType::Number(number)) if number.kind.is_whole() => {
            if matches!(number.kind.column(), crate::mapping::Column::U64) {
                return if least { Value::from(0) } else { Value::from(u64::MAX) };
            }
            Value::from(if least { i64::MIN } else { i64::MAX })
        }
        Some(FieldType::Number(_)) => Value::from(if least { "-Infinity" } else { "Infinity" }),
        Some(FieldType::Date(_) | FieldType::Boolean(_)) => {
            Value::from(if least { i64::MIN } else { i64::MAX })
        }
        _ => Value::Null,
    }
}
