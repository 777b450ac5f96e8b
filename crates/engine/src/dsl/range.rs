//! `range`: values between bounds, of numbers, dates (with math and formats), keywords, texts and addresses.

use std::net::Ipv6Addr;
use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;
use tantivy::query::RangeQuery;
use tantivy::schema::Field;

use super::column_search::ColumnTest;
use super::exists::Exists;
use super::lower::{Lowered, Lowering, constant, leaf, nothing};
use super::options::{QueryBody, of_bytes, one_field};
use super::range_field::Relation;
use super::term_set::TermAcceptor;
use super::{Query, QueryClause};
use crate::columns::Numbers;
use crate::exception::{Exception, internal};
use crate::mapping::date::DateFormat;
use crate::mapping::date::math::time_zone;
use crate::mapping::fields::stored_name;
use crate::mapping::query::{FractionBound, RangeBounds, RangeLookup};
use crate::mapping::{Column, Leaf};
use crate::value::java::java_double;
use crate::value::scalar::plain;

/// A `range` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    /// The field, and what its values lie between.
    pub(crate) bounds: RangeBounds,
    /// How a field of ranges is to lie to the bounds; other fields do not ask.
    pub(crate) relation: Relation,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("range", value)?;
    let options = match body {
        QueryBody::Long(options) => options,
        QueryBody::Short(bound) => {
            let reason = format!("[range] query does not support [{field}]");
            return Err(Exception::parsing(reason).at(bound));
        }
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
            limit = (!value.is_null()).then(|| of_bytes("range", value)).transpose()?;
            if key != old {
                included = key == closed;
            }
        }
        Ok::<_, Exception>(limit.map(|limit| (limit, included)))
    };
    let relation = options.text("relation")?.map(|text| Relation::parse(&text)).transpose()?;
    let bounds = RangeBounds {
        from: bound("gt", "gte", "from", "include_lower")?,
        to: bound("lt", "lte", "to", "include_upper")?,
        format: checked(options.text("format")?, |format| DateFormat::parse(format).map(drop))?,
        time_zone: checked(options.text("time_zone")?, zone)?,
        field,
    };
    Query::with(Range { bounds, relation: relation.unwrap_or_default() }, &options)
}

/// An option that is read as soon as it is met.
fn checked(
    given: Option<String>,
    read: impl FnOnce(&str) -> Result<(), Exception>,
) -> Result<Option<String>, Exception> {
    given.as_deref().map_or(Ok(()), read)?;
    Ok(given)
}

/// Refuses a time zone that there is not, in Java's words.
fn zone(name: &str) -> Result<(), Exception> {
    time_zone(name).map(drop).map_err(|_| {
        Exception::illegal_argument(format!(
            "java.time.zone.ZoneRulesException: Unknown time-zone ID: {name}"
        ))
    })
}

impl Range {
    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let field = &self.bounds.field;
        let is_open = self.bounds.from.is_none() && self.bounds.to.is_none();
        if let Some(flat) = lowering.flat_object(field) {
            let bounds = &self.bounds;
            let (from, to) = (self.text(&bounds.from, None)?, self.text(&bounds.to, None)?);
            return lowering.flat_range(&flat, from, to);
        }
        let Some(leaf) = lowering.leaf(field) else {
            let refusal = "Field [_index] of type [_index] does not support range queries";
            return lowering.check_index_name(field, refusal).map(|()| nothing());
        };
        if lowering.searches_column(leaf) {
            return match is_open {
                true => Exists { field: field.clone() }.matching(lowering),
                false => self.in_column(leaf, lowering),
            };
        }
        if !leaf.indexed && leaf.kind.as_date().is_some() {
            // Without an index no date lies within the bounds, and there the query is not asked further.
            return Ok(nothing());
        }
        leaf.kind.check_range(&self.bounds.field, lowering.context())?;
        let indexed = lowering.indexed(leaf)?;
        // `format` and `time_zone` say nothing about what is no date.
        if is_open {
            return Exists { field: field.clone() }.matching(lowering);
        }
        let lookup = leaf.kind.range(&self.bounds, lowering.context())?;
        self.looked_up(leaf, indexed, lookup, lowering)
    }

    /// The documents that the field's type looks up.
    fn looked_up(
        &self,
        leaf: &Leaf,
        field: Field,
        lookup: RangeLookup,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let signed = |value| tantivy::Term::from_field_i64(field, value);
        Ok(match lookup {
            RangeLookup::Unordered => {
                return Err(leaf.kind.no_range(&self.bounds.field, lowering.context()));
            }
            RangeLookup::Texts => {
                lowering.check_expensive("[range] queries on [text] or [keyword] fields", "")?;
                self.strings(leaf, field, lowering)?
            }
            RangeLookup::Flags(low, high) | RangeLookup::Moments(low, high) => {
                between(low, high, signed)
            }
            RangeLookup::Whole(low, high)
                if leaf.kind.column_kind() == Some(Column::UnsignedLong) =>
            {
                let unsigned = |value: i128| u64::try_from(value).unwrap_or(u64::MAX);
                between(low, high, |value| tantivy::Term::from_field_u64(field, unsigned(value)))
            }
            RangeLookup::Whole(low, high) => {
                between(low, high, |value| signed(i64::try_from(value).unwrap_or(i64::MAX)))
            }
            RangeLookup::Fractions(from, to) => {
                let from = from.unwrap_or((f64::NEG_INFINITY, true));
                let to = to.unwrap_or((f64::INFINITY, true));
                let term = |(value, included): FractionBound| {
                    let term = tantivy::Term::from_field_f64(field, value);
                    if included { Bound::Included(term) } else { Bound::Excluded(term) }
                };
                if from.0 > to.0 {
                    return Ok(nothing());
                }
                Box::new(RangeQuery::new(term(from), term(to)))
            }
            RangeLookup::Addresses(low, high) => between(low, high, |value| {
                tantivy::Term::from_field_ip_addr(field, Ipv6Addr::from(value))
            }),
            RangeLookup::Spans(span) => lowering.range_spans(leaf, span, self.relation)?,
        })
    }

    /// As [`Range::matching`], through the column of `leaf`.
    fn in_column(&self, leaf: &Arc<Leaf>, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let test = match leaf.kind.range(&self.bounds, lowering.context())? {
            RangeLookup::Flags(low, high) | RangeLookup::Moments(low, high) => {
                ColumnTest::Whole(low.into()..=high.into())
            }
            RangeLookup::Whole(low, high) => ColumnTest::Whole(low..=high),
            RangeLookup::Fractions(from, to) => {
                let (low, high) = closed(from, to);
                ColumnTest::Float(low..=high)
            }
            RangeLookup::Addresses(low, high) => ColumnTest::Address(low..=high),
            RangeLookup::Texts => {
                let text = |bound| self.text(bound, Some((leaf, lowering)));
                let (from, to) = (text(&self.bounds.from)?, text(&self.bounds.to)?);
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
            RangeLookup::Unordered | RangeLookup::Spans(_) => return Ok(nothing()),
        };
        Ok(lowering.in_column(leaf, test))
    }

    /// A bound as a text, as the field that is given keeps it.
    fn text(
        &self,
        bound: &Option<(Value, bool)>,
        of: Option<(&Leaf, &Lowering<'_>)>,
    ) -> Result<Option<(String, bool)>, Exception> {
        let Some((value, included)) = bound else { return Ok(None) };
        let text = self.bounds.text(value)?;
        let text = of.map_or(text.clone(), |(leaf, lowering)| lowering.normalized(leaf, &text));
        Ok(Some((text, *included)))
    }

    /// The bounds as Lucene writes them.
    fn shown(&self, leaf: &Leaf, lowering: &Lowering<'_>) -> Result<String, Exception> {
        Ok(match leaf.kind.range(&self.bounds, lowering.context())? {
            RangeLookup::Moments(low, high) => format!("[{low} TO {high}]"),
            RangeLookup::Whole(low, high) => format!("[{low} TO {high}]"),
            RangeLookup::Fractions(from, to) => {
                let (low, high) = closed(from, to);
                format!("[{} TO {}]", java_double(low), java_double(high))
            }
            _ => {
                let side = |bound: &Option<(Value, bool)>, open: char, closed: char| match bound {
                    None => ("*".to_owned(), closed),
                    Some((value, true)) => (plain(value), closed),
                    Some((value, false)) => (plain(value), open),
                };
                let (low, first) = side(&self.bounds.from, '{', '[');
                let (high, last) = side(&self.bounds.to, '}', ']');
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
        let bound = |bound| -> Result<Bound<tantivy::Term>, Exception> {
            let Some((text, included)) = self.text(bound, Some((leaf, lowering)))? else {
                return Ok(Bound::Unbounded);
            };
            let term = tantivy::Term::from_field_text(field, &text);
            Ok(if included { Bound::Included(term) } else { Bound::Excluded(term) })
        };
        let unbounded = || Bound::Included(tantivy::Term::from_field_text(field, ""));
        let from = match bound(&self.bounds.from)? {
            Bound::Unbounded => unbounded(),
            bound => bound,
        };
        Ok(Box::new(RangeQuery::new(from, bound(&self.bounds.to)?)))
    }
}

/// Both bounds, included.
fn closed(from: Option<FractionBound>, to: Option<FractionBound>) -> (f64, f64) {
    let low = match from {
        Some((value, false)) => value.next_up(),
        other => other.map_or(f64::NEG_INFINITY, |(value, _)| value),
    };
    let high = match to {
        Some((value, false)) => value.next_down(),
        other => other.map_or(f64::INFINITY, |(value, _)| value),
    };
    (low, high)
}

impl QueryClause for Range {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let matching = self.matching(lowering)?;
        // What is no field of its own may be a path within one.
        let Some(found) = lowering.leaf(&self.bounds.field) else { return Ok(constant(matching)) };
        let bounds = self.shown(found, lowering)?;
        let kind = if found.kind.has_words() { "TermRangeQuery" } else { "PointRangeQuery" };
        Ok(leaf(matching, kind, format!("{}:{bounds}", found.path)))
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        match self.moments(lowering)? {
            None => Ok(lowering.is_mapped(&self.bounds.field)),
            Some((low, high, extent)) => {
                Ok(extent.is_some_and(|(least, most)| low <= most && high >= least))
            }
        }
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(match self.moments(lowering)? {
            // Outside of all moments it is none, around all of them it has no bounds.
            Some((low, high, Some((least, most)))) => {
                low > most || high < least || low <= least && high >= most
            }
            Some((_, _, None)) => true,
            None => !lowering.is_mapped(&self.bounds.field),
        })
    }
}

/// The first and the last.
type Moments = (i64, i64);

impl Range {
    /// Of a date the bounds, and the least and the largest value of the index.
    fn moments(
        &self,
        lowering: &Lowering<'_>,
    ) -> Result<Option<(i64, i64, Option<Moments>)>, Exception> {
        let dated = lowering.leaf(&self.bounds.field).filter(|leaf| leaf.column.is_some());
        // A filter hides what the extent would tell of.
        let dated =
            dated.filter(|leaf| leaf.kind.as_date().is_some() && lowering.existing.is_none());
        let Some(leaf) = dated else { return Ok(None) };
        match leaf.kind.range(&self.bounds, lowering.context())? {
            RangeLookup::Moments(low, high) => Ok(Some((low, high, lowering.extent(leaf)?))),
            _ => Ok(None),
        }
    }
}

impl Lowering<'_> {
    /// The least and the largest value of a date; none where there are no values.
    fn extent(&self, leaf: &Leaf) -> Result<Option<Moments>, Exception> {
        let name = stored_name(&leaf.path);
        let mut extent: Option<Moments> = None;
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
