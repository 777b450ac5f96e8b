//! `sort`: what hits are ordered by.
//!
//! Within a segment every key is one number that sorts ascending, so that comparing hits is comparing integers:
//! text by the ordinal of its column, numbers by an order-preserving code, descending order by complement.

mod codes;
mod geo;
mod ids;
mod keys;
mod nested;
mod numeric_type;
mod parse;
mod print;
mod script;
mod spans;

use std::cmp::Ordering;
use std::net::Ipv6Addr;
use std::sync::Arc;

use serde_json::Value;

use crate::dsl::lower::Lowering;
use crate::dsl::script::OnIndex;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::flat_object::FlatObject;
use crate::mapping::{Column, Leaf, Mapping};
pub(super) use codes::sort_value;
pub(super) use geo::GeoSort;
pub(super) use keys::SegmentKeys;
use nested::LoweredNestedSort;
pub(crate) use nested::NestedSort;
pub(crate) use numeric_type::NumericType;
pub(super) use parse::{parse, parse_url};
pub(super) use print::{is_sorted_as_int, printed};
pub(crate) use script::ScriptSort;

/// One key of `sort`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// What is compared.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What a key compares.
#[derive(Clone, Debug, PartialEq)]
pub enum SortBy {
    /// `_score`
    Score,
    /// `_doc`
    Doc,
    /// A field.
    Field(FieldSort),
    /// How far a field's places are.
    Distance(GeoSort),
    /// `_script`
    Script(ScriptSort),
}

/// A sort by field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSort {
    /// The field.
    pub field: String,
    /// Where documents without a value go; a scalar stands for a value of theirs.
    pub missing: MissingOrder,
    /// Which of several values counts; unset: the smallest ascending, the largest descending.
    pub mode: Option<SortMode>,
    /// The type an index without the field is taken to have it as; unset: such an index refuses.
    pub unmapped: Option<String>,
    /// How date values are printed; unset: as milliseconds.
    pub format: Option<String>,
    /// The nested objects whose values count.
    pub nested: Option<Box<NestedSort>>,
    /// What numbers are compared as; unset: as what they are.
    pub numeric_type: Option<NumericType>,
}

/// Where documents without a value go.
#[derive(Clone, Debug, PartialEq)]
pub enum MissingOrder {
    /// Behind all others.
    Last,
    /// Before all others.
    First,
    /// As if they had this value.
    Value(Value),
}

/// Which of several values counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortMode {
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

/// A value hits are compared by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SortValue {
    Missing {
        first: bool,
    },
    Integer(i128),
    Float(f64),
    Text(String),
    Address(Ipv6Addr),
    /// Of ranges, as they are kept.
    Bytes(Vec<u8>),
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
            (SortValue::Bytes(a), SortValue::Bytes(b)) => a.cmp(b),
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
pub(super) enum SortSource {
    Score,
    Doc,
    Id,
    Field {
        leaf: Arc<Leaf>,
        by: FieldSort,
        objects: Option<Box<LoweredNestedSort>>,
    },
    /// `path`: `None` where the index has no such field, which is then infinitely far.
    Distance {
        path: Option<String>,
        by: GeoSort,
        objects: Option<Box<LoweredNestedSort>>,
    },
    /// Compiled by [`lowered`].
    Script {
        sort: ScriptSort,
        on: Option<OnIndex>,
        objects: Option<Box<LoweredNestedSort>>,
    },
}

/// What a key reads on the index that `lowering` is of, nested objects too.
pub(super) fn lowered(sort: &Sort, lowering: &Lowering<'_>) -> Result<SortSource, Exception> {
    let mut source = source(sort, lowering.mapping)?;
    if let SortSource::Script { sort, on, .. } = &mut source {
        *on = Some(sort.lowered(lowering)?);
    }
    if let SortSource::Field { by: FieldSort { nested: Some(nested), mode, .. }, objects, .. }
    | SortSource::Distance {
        by: GeoSort { nested: Some(nested), mode, .. }, objects, ..
    }
    | SortSource::Script {
        sort: ScriptSort { nested: Some(nested), mode, .. }, objects, ..
    } = &mut source
    {
        if *mode == Some(SortMode::Median) {
            return Err(Exception::illegal_argument("Unsupported sort mode: MEDIAN"));
        }
        *objects = Some(Box::new(nested.lowered(lowering)?));
    }
    Ok(source)
}

/// What a key reads on `mapping`.
pub(super) fn source(sort: &Sort, mapping: &Mapping) -> Result<SortSource, Exception> {
    let by = match &sort.by {
        SortBy::Score => return Ok(SortSource::Score),
        SortBy::Doc => return Ok(SortSource::Doc),
        SortBy::Distance(by) => return distance(by, mapping),
        SortBy::Script(sort) => {
            return Ok(SortSource::Script { sort: sort.clone(), on: None, objects: None });
        }
        SortBy::Field(by) => by,
    };
    if by.field == "_id" {
        return Ok(SortSource::Id);
    }
    let leaf = match (mapping.leaf(&by.field), &by.unmapped) {
        (Some(leaf), _) => Arc::clone(leaf),
        (None, Some(kind)) if !crate::mapping::is_field_type(kind) => {
            let reason = format!("No mapper found for type [{kind}]");
            return Err(Exception::illegal_argument(reason));
        }
        (None, Some(kind)) => {
            Arc::new(crate::mapping::unmapped(&format!("__anonymous_{kind}"), kind)?)
        }
        (None, None) => {
            let reason = format!("No mapping found for [{}] in order to sort on", by.field);
            return Err(Exception::new(ExceptionKind::QueryShard, reason));
        }
    };
    // What a `flat_object` cannot do is found when its values are asked for, behind what the sort asks of them.
    let later = leaf.kind.get::<FlatObject>().is_some();
    if leaf.column.is_none() && !later {
        return Err(Exception::illegal_argument(leaf.no_column()));
    }
    let computed = matches!(by.mode, Some(SortMode::Sum | SortMode::Avg | SortMode::Median));
    if computed && !leaf.column.is_some_and(Column::is_number) {
        return Err(Exception::new(
            ExceptionKind::QueryShard,
            "we only support AVG, MEDIAN and SUM on number based fields",
        ));
    }
    if leaf.column == Some(Column::Histogram) {
        let reason = "can't sort on the [histogram] field";
        return Err(Exception::new(ExceptionKind::UnsupportedOperation, reason));
    }
    if by.numeric_type.is_some() && !leaf.column.is_some_and(Column::is_number) {
        return Err(Exception::new(
            ExceptionKind::QueryShard,
            format!(
                "[numeric_type] option cannot be set on a non-numeric field, got {}",
                leaf.kind.name()
            ),
        ));
    }
    if leaf.column.is_none() {
        return Err(Exception::illegal_argument(leaf.no_column()));
    }
    if leaf.column == Some(Column::GeoPoint) {
        return Err(Exception::illegal_argument(
            "can't sort on geo_point field without using specific sorting feature, like geo_distance",
        ));
    }
    Ok(SortSource::Field { leaf, by: by.clone(), objects: None })
}

/// What a sort by distance reads on `mapping`.
fn distance(by: &GeoSort, mapping: &Mapping) -> Result<SortSource, Exception> {
    let by = GeoSort { from: by.origins()?, ..by.clone() };
    let Some(leaf) = mapping.leaf(&by.field) else {
        if by.ignore_unmapped {
            return Ok(SortSource::Distance { path: None, by, objects: None });
        }
        return Err(Exception::illegal_argument(format!(
            "failed to find mapper for [{}] for geo distance based sort",
            by.field
        )));
    };
    if leaf.kind.column_kind() != Some(Column::GeoPoint) {
        return Err(Exception::illegal_argument(format!(
            "Unable to apply geo distance sort to field [{}] of type [{}]",
            by.field,
            leaf.kind.name()
        )));
    }
    if leaf.column.is_none() {
        return Err(Exception::illegal_argument(leaf.no_column()));
    }
    Ok(SortSource::Distance { path: Some(leaf.path.clone()), by, objects: None })
}
