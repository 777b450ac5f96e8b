//! `range`: values between bounds, of numbers, dates (with math and formats), keywords, texts and addresses.

use std::net::Ipv6Addr;
use std::ops::Bound;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::query::RangeQuery;
use tantivy::schema::Field;

use super::column_search::ColumnTest;
use super::date_math;
use super::lower::{Lowered, Lowering, constant, leaf, nothing};
use super::options::{QueryBody, one_field, scalar};
use super::range_field::Relation;
use super::term::ip;
use super::term_set::TermAcceptor;
use super::{Query, QueryClause};
use crate::columns::Numbers;
use crate::exception::{Exception, internal};
use crate::mapping::boolean::query_flag;
use crate::mapping::date::{Date, DateFormat};
use crate::mapping::fields::stored_name;
use crate::mapping::number::{Number, NumberKind};
use crate::mapping::{Column, FieldType, Leaf};
use crate::value::java::java_double;
use crate::value::scalar::{not_a_number, plain};

/// A `range` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
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
    /// How a field of ranges is to lie to the bounds; other fields do not ask.
    pub(crate) relation: Relation,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("range", value)?;
    let QueryBody::Long(options) = body else {
        return Err(Exception::parsing(format!("[range] query does not support [{field}]")));
    };
    let bound = |open: &str, closed: &str, old: &str, include: &str| {
        let names = [open, closed, old, include];
        let given = names.map(|name| options.get(name).is_some());
        if !given.contains(&true) {
            return Ok(None);
        }
        let (mut limit, mut included) = (None, true);
        // Each says what was not said before: the last one counts.
        for (key, value) in options.entries().filter(|(key, _)| names.contains(&key.as_str())) {
            if key == include {
                included = options.flag(include)?.unwrap_or(true);
                continue;
            }
            limit = Some(value.clone());
            if key != old {
                included = key == closed;
            }
        }
        Ok::<_, Exception>(limit.map(|limit| (limit, included)))
    };
    let relation = options.text("relation")?.map(|text| Relation::parse(&text)).transpose()?;
    let query = Range {
        from: bound("gt", "gte", "from", "include_lower")?,
        to: bound("lt", "lte", "to", "include_upper")?,
        format: options.text("format")?,
        time_zone: options.text("time_zone")?,
        relation: relation.unwrap_or_default(),
        field,
    };
    Query::with(query, &options)
}

impl Range {
    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if let Some(flat) = lowering.flat_object(&self.field) {
            let (from, to) = (self.flat_bound(&self.from)?, self.flat_bound(&self.to)?);
            return lowering.flat_range(&flat, from, to);
        }
        let Some(leaf) = lowering.leaf(&self.field) else { return Ok(nothing()) };
        if lowering.searches_column(leaf) {
            return self.in_column(leaf, lowering);
        }
        if !leaf.indexed && matches!(leaf.kind, FieldType::Date(_)) {
            // Without an index no date lies within the bounds, and there the query is not asked further.
            return Ok(nothing());
        }
        let field = lowering.indexed(leaf)?;
        // `format` and `time_zone` say nothing about what is no date.
        if self.from.is_none() && self.to.is_none() {
            return super::exists::Exists { field: self.field.clone() }.matching(lowering);
        }
        let failed = |cause| lowering.failed(cause);
        match &leaf.kind {
            FieldType::Text(_) | FieldType::Keyword(_) => {
                lowering.check_expensive("[range] queries on [text] or [keyword] fields", "")?;
                self.strings(leaf, field, lowering)
            }
            FieldType::Date(date) => {
                let (low, high) = self.dates(date, lowering)?;
                Ok(between(low, high, |value| tantivy::Term::from_field_i64(field, value)))
            }
            FieldType::Number(number) => self.numbers(number, field).map_err(failed),
            FieldType::Boolean(_) => {
                let (low, high) = self.flags().map_err(failed)?;
                Ok(between(low, high, |value| tantivy::Term::from_field_i64(field, value)))
            }
            FieldType::Range(kind) => {
                let span = self.span(kind, lowering)?;
                lowering.range_spans(leaf, span, self.relation)
            }
            FieldType::Ip(_) => {
                let (low, high) = self.addresses().map_err(failed)?;
                Ok(between(low, high, |value| {
                    tantivy::Term::from_field_ip_addr(field, Ipv6Addr::from(value))
                }))
            }
            other => Err(lowering.failed(Exception::illegal_argument(format!(
                "Field [{}] of type [{}] does not support range queries",
                self.field,
                other.name()
            )))),
        }
    }

    /// Both bounds of a boolean, included.
    fn flags(&self) -> Result<(i64, i64), Exception> {
        let bound = |bound: &Option<(Value, bool)>, open: i64, step: i64| match bound {
            None => Ok(open),
            Some((value, true)) => query_flag(value),
            Some((value, false)) => query_flag(value).map(|value| value + step),
        };
        Ok((bound(&self.from, 0, 1)?, bound(&self.to, 1, -1)?))
    }

    /// As [`Range::matching`], through the column of `leaf`.
    fn in_column(&self, leaf: &Arc<Leaf>, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let failed = |cause| lowering.failed(cause);
        if self.from.is_none() && self.to.is_none() {
            return super::exists::Exists { field: self.field.clone() }.matching(lowering);
        }
        let whole = |(low, high): (i128, i128)| ColumnTest::Whole(low..=high);
        let signed = |(low, high): (i64, i64)| ColumnTest::Whole(low.into()..=high.into());
        let test = match &leaf.kind {
            FieldType::Date(date) => signed(self.dates(date, lowering)?),
            FieldType::Boolean(_) => signed(self.flags().map_err(failed)?),
            FieldType::Ip(_) => {
                let (low, high) = self.addresses().map_err(failed)?;
                ColumnTest::Address(low..=high)
            }
            FieldType::Number(number) if !number.kind.is_whole() => {
                let bound = |bound| self.float(bound, number).map_err(failed);
                let low = match bound(&self.from)? {
                    Some((value, false)) => value.next_up(),
                    other => other.map_or(f64::NEG_INFINITY, |(value, _)| value),
                };
                let high = match bound(&self.to)? {
                    Some((value, false)) => value.next_down(),
                    other => other.map_or(f64::INFINITY, |(value, _)| value),
                };
                ColumnTest::Float(low..=high)
            }
            FieldType::Number(_) => {
                whole(self.whole(i64::MIN.into(), u64::MAX.into()).map_err(failed)?)
            }
            _ => {
                let text = |bound: &Option<(Value, bool)>| -> Result<_, Exception> {
                    let Some((value, included)) = bound else { return Ok(None) };
                    let text = scalar("range", &self.field, value)?;
                    Ok(Some((lowering.normalized(leaf, &text), *included)))
                };
                let (from, to) = (text(&self.from)?, text(&self.to)?);
                let accept: TermAcceptor = Arc::new(move |term: &str| {
                    let above = |(bound, included): &(String, bool)| {
                        term > bound.as_str() || *included && term == bound
                    };
                    let below = |(bound, included): &(String, bool)| {
                        term < bound.as_str() || *included && term == bound
                    };
                    from.as_ref().is_none_or(above) && to.as_ref().is_none_or(below)
                });
                ColumnTest::Accepted(String::new(), Some(accept))
            }
        };
        Ok(lowering.in_column(leaf, test))
    }

    /// The bounds as Lucene writes them.
    fn shown(&self, leaf: &Leaf, lowering: &Lowering<'_>) -> Result<String, Exception> {
        Ok(match &leaf.kind {
            FieldType::Date(date) => {
                let (low, high) = self.dates(date, lowering)?;
                format!("[{low} TO {high}]")
            }
            FieldType::Number(number) if !number.kind.is_whole() => {
                let bound = |bound: &Option<(Value, bool)>| self.float(bound, number);
                let low = match bound(&self.from)? {
                    None => f64::NEG_INFINITY,
                    Some((value, true)) => value,
                    Some((value, false)) => value.next_up(),
                };
                let high = match bound(&self.to)? {
                    None => f64::INFINITY,
                    Some((value, true)) => value,
                    Some((value, false)) => value.next_down(),
                };
                format!("[{} TO {}]", java_double(low), java_double(high))
            }
            FieldType::Number(number) => {
                let (least, most) = match number.kind {
                    NumberKind::UnsignedLong => (0, u64::MAX.into()),
                    // `short` and `byte` are integers to a query.
                    NumberKind::Long => (i64::MIN.into(), i64::MAX.into()),
                    _ => (i32::MIN.into(), i32::MAX.into()),
                };
                let (low, high) = self.whole(least, most)?;
                format!("[{low} TO {high}]")
            }
            _ => {
                let side = |bound: &Option<(Value, bool)>, open: char, closed: char| match bound {
                    None => ("*".to_owned(), closed),
                    Some((value, true)) => (plain(value), closed),
                    Some((value, false)) => (plain(value), open),
                };
                let (low, first) = side(&self.from, '{', '[');
                let (high, last) = side(&self.to, '}', ']');
                format!("{first}{low} TO {high}{last}")
            }
        })
    }

    fn strings(
        &self,
        leaf: &Leaf,
        field: Field,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let bound = |bound: &Option<(Value, bool)>| -> Result<Bound<tantivy::Term>, Exception> {
            let Some((value, included)) = bound else { return Ok(Bound::Unbounded) };
            let text = lowering.normalized(leaf, &scalar("range", &self.field, value)?);
            let term = tantivy::Term::from_field_text(field, &text);
            Ok(if *included { Bound::Included(term) } else { Bound::Excluded(term) })
        };
        let unbounded = || Bound::Included(tantivy::Term::from_field_text(field, ""));
        let from = match bound(&self.from)? {
            Bound::Unbounded => unbounded(),
            bound => bound,
        };
        Ok(Box::new(RangeQuery::new(from, bound(&self.to)?)))
    }

    fn numbers(&self, number: &Number, field: Field) -> Result<Lowered, Exception> {
        match number.kind.column() {
            Column::UnsignedLong => {
                let (low, high) = self.whole(0, u64::MAX.into())?;
                let unsigned = |value: i128| u64::try_from(value).unwrap_or(u64::MAX);
                Ok(between(low, high, |value| {
                    tantivy::Term::from_field_u64(field, unsigned(value))
                }))
            }
            column if column.is_fraction() => {
                let bound = |bound: &Option<(Value, bool)>| self.float(bound, number);
                let term = |(value, included): (f64, bool)| {
                    let term = tantivy::Term::from_field_f64(field, value);
                    if included { Bound::Included(term) } else { Bound::Excluded(term) }
                };
                let from = bound(&self.from)?.unwrap_or((f64::NEG_INFINITY, true));
                let to = bound(&self.to)?.unwrap_or((f64::INFINITY, true));
                if from.0 > to.0 {
                    return Ok(nothing());
                }
                Ok(Box::new(RangeQuery::new(term(from), term(to))))
            }
            _ => {
                let (low, high) = self.whole(i64::MIN.into(), i64::MAX.into())?;
                let signed = |value: i128| i64::try_from(value).unwrap_or(i64::MAX);
                Ok(between(low, high, |value| tantivy::Term::from_field_i64(field, signed(value))))
            }
        }
    }

    /// Both bounds as milliseconds, included.
    pub(super) fn dates(
        &self,
        date: &Date,
        lowering: &Lowering<'_>,
    ) -> Result<(i64, i64), Exception> {
        let own = self.format.as_deref().map(DateFormat::parse).transpose()?;
        let format = own.as_ref().unwrap_or(&date.format);
        let zone = match &self.time_zone {
            None => TimeZone::UTC,
            Some(name) => time_zone(name)?,
        };
        let read = |value: &Value, up: bool| {
            let text = scalar("range", &self.field, value)?;
            let at = date_math::resolve_nanos(&text, format, up, &zone, lowering.now)?;
            date.of_nanoseconds(at)
        };
        let low = match &self.from {
            None => i64::MIN,
            Some((value, included)) => read(value, !included)?.saturating_add(i64::from(!included)),
        };
        let high = match &self.to {
            None => i64::MAX,
            Some((value, included)) => read(value, *included)?.saturating_sub(i64::from(!included)),
        };
        Ok((low, high))
    }

    /// Both bounds as whole numbers, included: fractions move inwards.
    fn whole(&self, least: i128, most: i128) -> Result<(i128, i128), Exception> {
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

    fn float(
        &self,
        bound: &Option<(Value, bool)>,
        number: &Number,
    ) -> Result<Option<(f64, bool)>, Exception> {
        let Some((value, included)) = bound else { return Ok(None) };
        let float = as_float(value)?;
        let rounded = match number.kind {
            // A bound is not rounded to the factor: 0.1 < 0.15 even where both are kept as 0.1.
            NumberKind::ScaledFloat { .. } => float,
            kind => kind.round(float)?,
        };
        Ok(Some((rounded, *included)))
    }

    fn addresses(&self) -> Result<(u128, u128), Exception> {
        let read = |value: &Value| {
            Ok::<_, Exception>(u128::from(ip(&scalar("range", &self.field, value)?)?))
        };
        let low = match &self.from {
            None => 0,
            Some((value, true)) => read(value)?,
            Some((value, false)) => match read(value)?.checked_add(1) {
                Some(low) => low,
                None => return Ok((1, 0)),
            },
        };
        let high = match &self.to {
            None => u128::MAX,
            Some((value, true)) => read(value)?,
            Some((value, false)) => match read(value)?.checked_sub(1) {
                Some(high) => high,
                None => return Ok((1, 0)),
            },
        };
        Ok((low, high))
    }
}

impl QueryClause for Range {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let matching = self.matching(lowering)?;
        // What is no field of its own may be a path within one.
        let Some(found) = lowering.leaf(&self.field) else { return Ok(constant(matching)) };
        let bounds = self.shown(found, lowering)?;
        let kind = match found.kind {
            FieldType::Text(_) | FieldType::Keyword(_) => "TermRangeQuery",
            _ => "PointRangeQuery",
        };
        Ok(leaf(matching, kind, format!("{}:{bounds}", found.path)))
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        let dated = lowering.leaf(&self.field).filter(|leaf| leaf.column.is_some());
        match dated.map(|leaf| (&leaf.kind, leaf)) {
            // A filter hides what the extent would tell of.
            Some((FieldType::Date(date), leaf)) if lowering.existing.is_none() => {
                let (low, high) = self.dates(date, lowering)?;
                let extent = lowering.extent(leaf)?;
                Ok(extent.is_some_and(|(least, most)| low <= most && high >= least))
            }
            _ => Ok(lowering.is_mapped(&self.field)),
        }
    }
}

impl Lowering<'_> {
    /// The least and the largest value of a date; none where there are no values.
    fn extent(&self, leaf: &Leaf) -> Result<Option<(i64, i64)>, Exception> {
        let name = stored_name(&leaf.path);
        let mut extent: Option<(i64, i64)> = None;
        for reader in self.searcher.segment_readers() {
            let column = Numbers::open(reader, &name).map_err(internal)?;
            let Some(Numbers::I64(column)) = column else { continue };
            if column.values.num_vals() > 0 {
                let (least, most) = (column.min_value(), column.max_value());
                extent = Some(
                    extent.map_or((least, most), |(low, high)| (low.min(least), high.max(most))),
                );
            }
        }
        Ok(extent)
    }
}

fn between<T: PartialOrd>(low: T, high: T, term: impl Fn(T) -> tantivy::Term) -> Lowered {
    if low > high {
        return nothing();
    }
    Box::new(RangeQuery::new(Bound::Included(term(low)), Bound::Included(term(high))))
}

/// A whole number exactly, or what else the value is as a float.
fn exact_whole(value: &Value) -> Result<Result<i128, f64>, Exception> {
    let text = scalar("range", "bound", value)?;
    if let Ok(whole) = text.trim().parse::<i64>() {
        return Ok(Ok(whole.into()));
    }
    if let Ok(whole) = text.trim().parse::<u64>() {
        return Ok(Ok(whole.into()));
    }
    let float = as_float(value)?;
    // 2^63 and beyond are floats that i128 holds exactly up to 2^100.
    if float.fract() == 0.0 && float.abs() < 1e30 { Ok(Ok(float as i128)) } else { Ok(Err(float)) }
}

fn as_float(value: &Value) -> Result<f64, Exception> {
    let text = scalar("range", "bound", value)?;
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|float| !float.is_nan())
        .ok_or_else(|| not_a_number(&text))
}

/// A time zone: `+01:00`, `Z`, `UTC`, or a name of the IANA database.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, Exception> {
    let unknown = || Exception::illegal_argument(format!("Unknown time-zone ID: {name}"));
    if matches!(name, "Z" | "UTC" | "GMT") {
        return Ok(TimeZone::UTC);
    }
    let Some(sign) = name.chars().next().filter(|c| matches!(c, '+' | '-')) else {
        return TimeZone::get(name).map_err(|_| unknown());
    };
    let digits: String = name.chars().skip(1).filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 1 | 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown());
    }
    let number: i32 = digits.parse().map_err(|_| unknown())?;
    let seconds =
        if digits.len() == 4 { (number / 100) * 3600 + (number % 100) * 60 } else { number * 3600 };
    let seconds = if sign == '-' { -seconds } else { seconds };
    let offset = jiff::tz::Offset::from_seconds(seconds).map_err(|_| unknown())?;
    Ok(TimeZone::fixed(offset))
}
