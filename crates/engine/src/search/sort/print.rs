//! Sort values as they are printed.

use serde_json::Value;

use super::{FieldSort, NumericType, Sort, SortBy, SortSource, SortValue};
use crate::columns;
use crate::flavor::Flavor;
use crate::mapping::Column;

/// A sort value as it is printed under `sort`.
pub(in crate::search) fn printed(
    value: &SortValue,
    source: &SortSource,
    sort: &Sort,
    flavor: Flavor,
) -> Value {
    let (leaf, cast) = match source {
        SortSource::Field { leaf, by, .. } => (Some(leaf), by.numeric_type),
        _ => (None, None),
    };
    match value {
        SortValue::Float(value) if sort.by == SortBy::Score => {
            crate::search::response::score(*value as f32)
        }
        SortValue::Float(value) if value.is_infinite() => {
            Value::from(if *value > 0.0 { "Infinity" } else { "-Infinity" })
        }
        SortValue::Float(value) if cast.is_some() => Value::from(*value),
        SortValue::Float(value) => match leaf.and_then(|leaf| leaf.column) {
            Some(column) if column.is_short_float() => short_float(*value as f32),
            _ => Value::from(*value),
        },
        SortValue::Text(text) => Value::from(text.as_str()),
        SortValue::Bytes(bytes) => Value::from(crate::mapping::range::lucene_text(bytes)),
        SortValue::Address(address) => Value::from(columns::address_text(*address)),
        SortValue::Integer(value) => match (leaf.and_then(|leaf| leaf.kind.as_date()), &sort.by) {
            (Some(date), SortBy::Field(FieldSort { format: Some(format), .. })) => {
                let own = crate::mapping::date::DateFormat::parse(format);
                let format = own.as_ref().unwrap_or(&date.format);
                Value::from(date.print(format, i64::try_from(*value).unwrap_or(i64::MAX)))
            }
            _ => match i64::try_from(*value) {
                Ok(small) => Value::from(small),
                Err(_) => Value::from(u64::try_from(*value).unwrap_or(u64::MAX)),
            },
        },
        SortValue::Missing { first } => {
            let least = *first != sort.descending;
            match cast {
                Some(NumericType::Double) => {
                    Value::from(if least { "-Infinity" } else { "Infinity" })
                }
                Some(_) => Value::from(if least { i64::MIN } else { i64::MAX }),
                None => missing_printed(leaf.and_then(|leaf| leaf.column), least, flavor),
            }
        }
    }
}

/// A float as its shortest text, not as the double that it is widened to.
fn short_float(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// Whether missing values of the type are told by the bounds of an `int`: OpenSearch sorts the small types so.
pub(in crate::search) fn is_sorted_as_int(column: Column, flavor: Flavor) -> bool {
    matches!(column, Column::Boolean | Column::Integer) && flavor == Flavor::OpenSearch219
}

/// What Elasticsearch prints for a document without a value: the least or the greatest of the type, or null.
fn missing_printed(column: Option<Column>, least: bool, flavor: Flavor) -> Value {
    match column {
        Some(column) if is_sorted_as_int(column, flavor) => {
            Value::from(if least { i32::MIN } else { i32::MAX })
        }
        Some(Column::UnsignedLong) => Value::from(if least { 0 } else { u64::MAX }),
        Some(column) if column.is_whole() => Value::from(if least { i64::MIN } else { i64::MAX }),
        Some(column) if column.is_fraction() => {
            Value::from(if least { "-Infinity" } else { "Infinity" })
        }
        _ => Value::Null,
    }
}
