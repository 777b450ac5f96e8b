//! Values as numbers of the same order.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::columnar::{StrColumn, TermOrdHit};

use super::SortValue;
use crate::columns;
use crate::exception::Exception;
use crate::mapping::boolean::query_flag;
use crate::mapping::date::math;
use crate::mapping::field_type::MappedFieldType;
use crate::mapping::{Column, ip};
use crate::value::scalar::{not_a_number, plain};

/// Codes: a missing value before or behind all others, and what lies between.
pub(super) const FIRST: u128 = 0;
pub(super) const LAST: u128 = u128::MAX;
pub(super) const BASE: u128 = 1 << 64;

/// A float as a number of the same order.
pub(super) fn float_code(value: f64) -> u128 {
    BASE + u128::from(columns::float_code(value))
}

pub(super) fn integer_code(value: i64) -> u128 {
    BASE + u128::from((value as u64) ^ (1 << 63))
}

pub(super) fn unsigned_code(value: u64) -> u128 {
    BASE + u128::from(value)
}

pub(super) fn uncode_float(code: u128) -> f64 {
    columns::float(code.wrapping_sub(BASE) as u64)
}

/// The code of the text that has this ordinal. Between two ordinals there are three codes, for what no document has.
pub(super) fn ordinal_code(ordinal: u64) -> u128 {
    BASE + u128::from(ordinal) * 4
}

/// The ordinal behind a code; `None`: no document has what it stands for.
pub(super) fn code_ordinal(code: u128) -> Option<u64> {
    let offset = code.wrapping_sub(BASE);
    offset.is_multiple_of(4).then_some((offset / 4) as u64)
}

/// The code of `text`. Where no document has it, it is told apart from `missing`, which may lie between the same two ordinals.
pub(super) fn text_code(
    column: &StrColumn,
    text: &str,
    missing: Option<&str>,
) -> Result<u128, Exception> {
    let hit = column.dictionary().term_ord_or_next(text).map_err(crate::exception::io)?;
    Ok(match hit {
        TermOrdHit::Exact(ordinal) => ordinal_code(ordinal),
        TermOrdHit::Next(ordinal) => {
            let between = ordinal_code(ordinal) - 2;
            match missing.map(|missing| text.cmp(missing)) {
                Some(Ordering::Less) => between - 1,
                Some(Ordering::Greater) => between + 1,
                Some(Ordering::Equal) | None => between,
            }
        }
    })
}

pub(super) fn number_code(kind: &dyn MappedFieldType, value: &Value) -> Result<u128, Exception> {
    Ok(match sort_value(kind, value)? {
        SortValue::Float(value) => float_code(value),
        SortValue::Integer(value) if matches!(kind.column_kind(), Some(Column::UnsignedLong)) => {
            unsigned_code(u64::try_from(value).unwrap_or(0))
        }
        SortValue::Integer(value) => integer_code(i64::try_from(value).unwrap_or(i64::MAX)),
        _ => BASE,
    })
}

/// A JSON value as what a field of this type is compared by; for `missing` and `search_after`.
pub(in crate::search) fn sort_value(
    kind: &dyn MappedFieldType,
    value: &Value,
) -> Result<SortValue, Exception> {
    let text = plain(value);
    let bad = || not_a_number(&text);
    if let Some(date) = kind.as_date() {
        return Ok(SortValue::Integer(match text.parse::<i64>() {
            Ok(milliseconds) => milliseconds.into(),
            Err(_) => match date.read(&text) {
                Ok(kept) => kept.into(),
                // In the words of a query.
                Err(refused) => {
                    math::moment(&text, &date.format, &TimeZone::UTC)?;
                    return Err(refused);
                }
            },
        }));
    }
    Ok(match kind.column_kind() {
        Some(Column::Ip) => SortValue::Address(ip::address(&text)?),
        Some(Column::Range) => SortValue::Bytes(text.into_bytes()),
        Some(Column::Boolean) => match value {
            Value::Number(_) => SortValue::Integer(text.parse().map_err(|_| bad())?),
            value => SortValue::Integer(query_flag(value)?.into()),
        },
        Some(column) if column.is_whole() => match text.parse::<i128>() {
            Ok(whole) => SortValue::Integer(whole),
            Err(_) => SortValue::Integer(text.parse::<f64>().map_err(|_| bad())?.round() as i128),
        },
        Some(column) if column.is_fraction() => match text.as_str() {
            "Infinity" => SortValue::Float(f64::INFINITY),
            "-Infinity" => SortValue::Float(f64::NEG_INFINITY),
            text => SortValue::Float(text.parse().map_err(|_| bad())?),
        },
        _ => SortValue::Text(text),
    })
}
