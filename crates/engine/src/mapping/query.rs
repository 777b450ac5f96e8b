//! What queries for values ask of a field's type, and what it answers: what is looked up, which `dsl` makes a query of.

use std::net::Ipv6Addr;

use jiff::Timestamp;
use serde_json::Value;

use super::kept::{NumberValue, Span};
use crate::exception::{Exception, ExceptionKind};
use crate::value::decimal::{self, WholePart};
use crate::value::scalar::{self, no_double};

/// The index that is asked, as far as a field type knows it (Elasticsearch: `QueryShardContext`).
#[derive(Clone, Copy)]
pub(crate) struct QueryContext<'a> {
    /// Its name.
    pub(crate) index: &'a str,
    /// Its uuid.
    pub(crate) uuid: &'a str,
    /// When it is asked.
    pub(crate) now: Timestamp,
}

impl QueryContext<'_> {
    /// `query_shard_exception` on this index.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Exception {
        Exception::new(ExceptionKind::QueryShard, reason).on_index(self.index, self.uuid)
    }

    /// `query_shard_exception` "failed to create query: …" because of `cause`.
    pub(crate) fn failed(&self, cause: Exception) -> Exception {
        self.refuse(format!("failed to create query: {}", cause.reason())).caused_by(cause)
    }
}

/// Which documents have a value that is asked for.
pub(crate) enum TermLookup {
    /// None.
    Nothing,
    /// Those with the term of this text, through the field's normalizer.
    Text(String),
    /// Those with this flag.
    Flag(i64),
    /// Those with this number.
    Number(NumberValue),
    /// Those with a moment from the first to the second.
    Moments(i64, i64),
    /// Those with an address from the first to the second, which were asked for by a text.
    Addresses(Ipv6Addr, Ipv6Addr, String),
    /// Those with a range that holds the value of this code.
    Span(u128),
    /// Those with a term that begins so.
    Beginning(String),
}

impl TermLookup {
    /// The text of a value that is asked for.
    ///
    /// # Errors
    /// `parsing_exception` for what is no scalar.
    pub(super) fn text(value: &Value) -> Result<String, Exception> {
        scalar::text(value).ok_or_else(|| Exception::parsing("[term] unknown token after [value]"))
    }
}

/// Which documents have a value between bounds; what is a pair includes both ends.
pub(crate) enum RangeLookup {
    /// The type does not know: its values have no order.
    Unordered,
    /// Those with a text between the bounds as they are given.
    Texts,
    /// Those with a flag between these.
    Flags(i64, i64),
    /// Those with a moment between these.
    Moments(i64, i64),
    /// Those with a whole number between these.
    Whole(i128, i128),
    /// Those with a fraction between these.
    Fractions(Option<FractionBound>, Option<FractionBound>),
    /// Those with an address between these.
    Addresses(u128, u128),
    /// Those with a range that lies to this one as the query says.
    Spans(Span),
}

/// A bound, and whether it is included.
pub(crate) type FractionBound = (f64, bool);

/// The bounds of a range query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RangeBounds {
    /// The field.
    pub(crate) field: String,
    /// The lower bound, and whether it is included.
    pub(crate) from: Option<(Value, bool)>,
    /// The upper bound, and whether it is included.
    pub(crate) to: Option<(Value, bool)>,
    /// How date bounds are written, where not as the field's own.
    pub(crate) format: Option<String>,
    /// The zone of date bounds that name none.
    pub(crate) time_zone: Option<String>,
}

impl RangeBounds {
    /// A bound as text.
    ///
    /// # Errors
    /// `parsing_exception` for what is no scalar.
    pub(crate) fn text(&self, value: &Value) -> Result<String, Exception> {
        scalar::text(value).ok_or_else(|| {
            Exception::parsing(format!("[range] unknown token after [{}]", self.field))
        })
    }

    /// Both bounds as what `read` makes of them, included: one that is not is a `step` further in; `least` and `most` where
    /// there is none.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) fn stepped<T: Copy>(
        &self,
        (least, most): (T, T),
        read: impl Fn(&Value) -> Result<T, Exception>,
        step: impl Fn(T, bool) -> T,
    ) -> Result<(T, T), Exception> {
        let bound = |bound: &Option<(Value, bool)>, open: T, up: bool| match bound {
            None => Ok(open),
            Some((value, true)) => read(value),
            Some((value, false)) => read(value).map(|value| step(value, up)),
        };
        Ok((bound(&self.from, least, true)?, bound(&self.to, most, false)?))
    }

    /// Both bounds as whole numbers, included: fractions move inwards.
    ///
    /// # Errors
    /// `number_format_exception` for what is no number.
    pub(super) fn whole(&self, least: i128, most: i128) -> Result<(i128, i128), Exception> {
        let low = match &self.from {
            None => least,
            Some((value, included)) => match exact_whole(value)? {
                Ok(whole) => whole + i128::from(!included),
                Err(float) => float.ceil().clamp(least as f64, most as f64) as i128,
            },
        };
        let high = match &self.to {
            None => most,
            Some((value, included)) => match exact_whole(value)? {
                Ok(whole) => whole - i128::from(!included),
                Err(float) => float.floor().clamp(least as f64, most as f64) as i128,
            },
        };
        if low > most || high < least {
            return Ok((1, 0));
        }
        Ok((low.max(least), high.min(most)))
    }
}

/// A whole number exactly, or what else the value is as a float.
fn exact_whole(value: &Value) -> Result<Result<i128, f64>, Exception> {
    let text = bound_text(value)?;
    if let Ok(whole) = text.trim().parse::<i64>() {
        return Ok(Ok(whole.into()));
    }
    if let Ok(whole) = text.trim().parse::<u64>() {
        return Ok(Ok(whole.into()));
    }
    let float = as_float(value)?;
    // A fraction is what a float has of one; else the digits count that a float has no room for. (`hasDecimalPart`)
    match decimal::whole_part(text.trim()) {
        Some(WholePart::Exact(whole)) if float.fract() == 0.0 => Ok(Ok(whole)),
        _ => Ok(Err(float)),
    }
}

/// A bound as a float.
///
/// # Errors
/// `number_format_exception` for what is no number.
pub(super) fn as_float(value: &Value) -> Result<f64, Exception> {
    let text = bound_text(value)?;
    text.trim().parse::<f64>().ok().filter(|float| !float.is_nan()).ok_or_else(|| no_double(&text))
}

fn bound_text(value: &Value) -> Result<String, Exception> {
    scalar::text(value).ok_or_else(|| Exception::parsing("[range] unknown token after [bound]"))
}
