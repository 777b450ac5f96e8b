//! `numeric_type`: numbers of several indices are compared as if their fields were of one type. Source:
//! `IndexNumericFieldData.sortField` of Elasticsearch 7.10.

use tantivy::DocId;

use super::codes::{float_code, integer_code};
use super::{SortMode, SortValue};
use crate::columns::{Numbers, milliseconds, scaled};
use crate::exception::Exception;
use crate::mapping::{Column, Leaf};
use crate::value::scalar::{not_a_number, plain};

/// What numbers are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumericType {
    /// Whole numbers.
    Long,
    /// Fractions.
    Double,
    /// Milliseconds.
    Date,
    /// Nanoseconds.
    DateNanos,
}

impl NumericType {
    /// Reads its name.
    ///
    /// # Errors
    /// `illegal_argument_exception` for another.
    pub(super) fn parse(name: &str) -> Result<NumericType, Exception> {
        Ok(match name.to_lowercase().as_str() {
            "long" => NumericType::Long,
            "double" => NumericType::Double,
            "date" => NumericType::Date,
            "date_nanos" => NumericType::DateNanos,
            other => {
                return Err(Exception::illegal_argument(format!(
                    "invalid value for [numeric_type], must be [long, double, date, date_nanos], got {other}"
                )));
            }
        })
    }

    /// A value that is given for a document, as what is compared.
    ///
    /// # Errors
    /// `number_format_exception`
    pub(in crate::search) fn value(
        self,
        value: &serde_json::Value,
    ) -> Result<SortValue, Exception> {
        let text = plain(value);
        let number: f64 = match text.as_str() {
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            text => text.parse().map_err(|_| not_a_number(text))?,
        };
        Ok(match (self, text.parse::<i64>()) {
            (NumericType::Double, _) => SortValue::Float(number),
            (_, Ok(whole)) => SortValue::Integer(whole.into()),
            (_, Err(_)) => SortValue::Integer((number as i64).into()),
        })
    }
}

/// A field's numbers as those of another type.
#[derive(Clone, Copy, Debug)]
pub(in crate::search) struct Cast {
    pub(super) to: NumericType,
    /// Whether the field has milliseconds, or nanoseconds.
    of_millis: bool,
    of_nanos: bool,
}

impl Cast {
    pub(super) fn new(to: NumericType, leaf: &Leaf) -> Cast {
        let (of_millis, of_nanos) =
            (leaf.column == Some(Column::Date), leaf.column == Some(Column::DateNanos));
        Cast { to, of_millis, of_nanos }
    }

    /// A whole number of the field as one of this type.
    fn whole(self, value: i64) -> i64 {
        match self.to {
            NumericType::Date if self.of_nanos => milliseconds(value),
            NumericType::DateNanos if self.of_millis => value.saturating_mul(1_000_000),
            _ => value,
        }
    }

    /// The code of what the values of `docs` make together.
    pub(super) fn code(self, column: &Numbers, docs: &[DocId], mode: SortMode) -> Option<u128> {
        if self.to == NumericType::Double {
            let mut values = Vec::new();
            docs.iter().for_each(|doc| column.each(*doc, |value| values.push(value)));
            return super::keys::combined_fractions(values, mode).map(float_code);
        }
        let mut values: Vec<i64> = Vec::new();
        for doc in docs {
            match column {
                Numbers::I64(column) => {
                    values.extend(column.values_for_doc(*doc).map(|value| self.whole(value)));
                }
                Numbers::U64(column) => {
                    values.extend(column.values_for_doc(*doc).map(|value| value as i64));
                }
                Numbers::F64(column) => {
                    values.extend(column.values_for_doc(*doc).map(|value| value as i64));
                }
                Numbers::Scaled(column, factor) => {
                    let fractions = column.values_for_doc(*doc).map(|it| scaled(it, *factor));
                    values.extend(fractions.map(|value| value as i64));
                }
            }
        }
        super::keys::combined_whole(values, mode).map(integer_code)
    }
}
