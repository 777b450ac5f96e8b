//! Queries over places. Source: Elasticsearch 7.10, "Geo queries", and their builders for the texts.

pub(crate) mod bounding_box;
pub(crate) mod distance;
pub(crate) mod polygon;
pub(crate) mod shape;

use std::sync::Arc;

use serde_json::Value;

use super::lower::{Lowered, Lowering, constant, nothing};
use super::options::Options;
use super::scan::{Scan, SegmentTest};
use crate::columns::{self, Numbers};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::geo::Point;
use crate::geo::shape::{Shape, of_pieces};
use crate::mapping::geo_point::GeoPoint;
use crate::mapping::geo_shape::GeoShape;
use crate::mapping::{Leaf, fields};
use crate::value::scalar::{boolean, plain};
use crate::work::Cancel;

/// What is done about coordinates that no place has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Validation {
    /// They are refused.
    #[default]
    Strict,
    /// They are moved around the earth.
    Coerce,
    /// They are not looked at.
    IgnoreMalformed,
}

impl Validation {
    /// Reads `validation_method`.
    ///
    /// # Errors
    /// `illegal_argument_exception` for anything but its three names.
    pub(crate) fn parse(text: &str) -> Result<Validation, Exception> {
        match text.to_uppercase().as_str() {
            "STRICT" => Ok(Validation::Strict),
            "COERCE" => Ok(Validation::Coerce),
            "IGNORE_MALFORMED" => Ok(Validation::IgnoreMalformed),
            _ => Err(Exception::illegal_argument(format!(
                "operator needs to be either [COERCE, IGNORE_MALFORMED, STRICT], but not [{text}]"
            ))),
        }
    }

    /// A point as this method has it.
    pub(crate) fn point(self, point: Point) -> Point {
        if self == Validation::Coerce { point.normalized() } else { point }
    }
}

/// What every query over places takes beside its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GeoOptions {
    /// `validation_method`
    pub(crate) validation: Validation,
    /// Whether an index without the field has no hits instead of refusing.
    pub(crate) ignore_unmapped: bool,
}

impl GeoOptions {
    /// Reads `validation_method` and `ignore_unmapped`.
    pub(crate) fn read(options: &Options<'_>) -> Result<GeoOptions, Exception> {
        Ok(GeoOptions {
            validation: match options.text("validation_method")? {
                Some(text) => Validation::parse(&text)?,
                None => Validation::Strict,
            },
            ignore_unmapped: options.get("ignore_unmapped").and_then(boolean).unwrap_or_default(),
        })
    }

    /// The refusal of coordinates, where they are to be refused.
    pub(crate) fn check(
        &self,
        query: &str,
        what: &str,
        point: Point,
        lowering: &Lowering<'_>,
    ) -> Result<(), Exception> {
        match point.fault() {
            Some((axis, value)) if self.validation == Validation::Strict => {
                let what = if what.is_empty() { axis.to_owned() } else { format!("{what} {axis}") };
                Err(invalid(query, &what, value, lowering))
            }
            Some((axis, value)) if self.validation == Validation::IgnoreMalformed => {
                let most = if axis == "latitude" { "90.0" } else { "180.0" };
                Err(lowering.failed(Exception::illegal_argument(format!(
                    "invalid {axis} {}; must be between -{most} and {most}",
                    crate::value::java::java_double(value)
                ))))
            }
            _ => Ok(()),
        }
    }

    /// The field's documents that `accepts` one of whose points, or in OpenSearch whose shape `holds`; `query` names the asker.
    pub(crate) fn places(
        &self,
        query: &'static str,
        path: &str,
        lowering: &Lowering<'_>,
        accepts: impl Fn(Point) -> bool + Send + Sync + 'static,
        holds: impl Fn(&Shape, &Cancel) -> bool + Send + Sync + 'static,
    ) -> Result<Lowered, Exception> {
        match self.leaf(query, path, lowering)? {
            Some(leaf) if leaf.kind.is::<GeoShape>() && knows_shapes(query, lowering) => {
                let cancel = lowering.work.cancel.clone();
                let found = shapes_of(query, &leaf, lowering, 1.0, move |own| holds(own, &cancel))?;
                Ok(constant(found))
            }
            _ => self.points(query, path, lowering, accepts),
        }
    }

    /// The field's documents that `accepts` one of whose points; `query` names the asker.
    pub(crate) fn points(
        &self,
        query: &'static str,
        path: &str,
        lowering: &Lowering<'_>,
        accepts: impl Fn(Point) -> bool + Send + Sync + 'static,
    ) -> Result<Lowered, Exception> {
        let Some(leaf) = self.leaf(query, path, lowering)? else { return Ok(nothing()) };
        if !leaf.kind.is::<GeoPoint>() {
            return Err(lowering.refuse(match knows_shapes(query, lowering) {
                true => format!(
                    "type [{}] for field [{path}] is not supported for [{query}] queries. Must be one of [geo_point] or \
                     [geo_shape]",
                    leaf.kind.name()
                ),
                false => format!("field [{path}] is not a geo_point field"),
            }));
        }
        points_of(query, &leaf, lowering, accepts).map(constant)
    }

    /// The leaf at `path`; `None` where there is none and that may be.
    pub(crate) fn leaf(
        &self,
        query: &str,
        path: &str,
        lowering: &Lowering<'_>,
    ) -> Result<Option<Arc<Leaf>>, Exception> {
        let what = if knows_shapes(query, lowering) { "geo" } else { "geo_point" };
        match lowering.leaf(path) {
            Some(leaf) => Ok(Some(Arc::clone(leaf))),
            None if self.ignore_unmapped => Ok(None),
            None => Err(lowering.refuse(format!("failed to find {what} field [{path}]"))),
        }
    }
}

/// Whether the service that is asked knows `query` of shapes, too.
fn knows_shapes(query: &str, lowering: &Lowering<'_>) -> bool {
    lowering.flavor() == Flavor::OpenSearch219 && query != "geo_polygon"
}

/// The documents of a field of points that `accepts` one of them.
pub(crate) fn points_of(
    query: &'static str,
    leaf: &Leaf,
    lowering: &Lowering<'_>,
    accepts: impl Fn(Point) -> bool + Send + Sync + 'static,
) -> Result<Lowered, Exception> {
    lowering.indexed(leaf)?;
    let name = fields::stored_name(&leaf.path);
    let accepts = Arc::new(accepts);
    let open = move |reader: &tantivy::SegmentReader| {
        let Some(Numbers::I64(column)) = Numbers::open(reader, &name)? else { return Ok(None) };
        let accepts = Arc::clone(&accepts);
        let test: SegmentTest = Box::new(move |doc| {
            let mut points = column.values_for_doc(doc).map(Point::of_code);
            points.any(|point| accepts(point)).then_some(1.0)
        });
        Ok(Some(test))
    };
    Ok(Box::new(Scan::new(query, &lowering.work.cancel, Arc::new(open))))
}

/// The documents of a field of shapes whose shape `holds`, with this score.
pub(crate) fn shapes_of(
    query: &'static str,
    leaf: &Leaf,
    lowering: &Lowering<'_>,
    score: f32,
    holds: impl Fn(&Shape) -> bool + Send + Sync + 'static,
) -> Result<Lowered, Exception> {
    lowering.indexed(leaf)?;
    let name = fields::stored_name(&leaf.path);
    let holds = Arc::new(holds);
    let open = move |reader: &tantivy::SegmentReader| {
        let Some(column) = columns::bytes(reader, &name)? else { return Ok(None) };
        let holds = Arc::clone(&holds);
        let test: SegmentTest = Box::new(move |doc| {
            let pieces = column.term_ords(doc).map(|ordinal| {
                let mut piece = Vec::new();
                column.ord_to_bytes(ordinal, &mut piece).ok().map(|_| piece)
            });
            let own = of_pieces(pieces.collect::<Option<_>>()?)?;
            (!own.is_empty() && holds(&own)).then_some(score)
        });
        Ok(Some(test))
    };
    Ok(Box::new(Scan::new(query, &lowering.work.cancel, Arc::new(open))))
}

/// `query_shard_exception` because `what` of a query is no coordinate.
pub(crate) fn invalid(query: &str, what: &str, value: f64, lowering: &Lowering<'_>) -> Exception {
    let cause = Exception::new(
        ExceptionKind::QueryValidation,
        format!(
            "Validation Failed: 1: [{query}] {what} is invalid: {};",
            crate::value::java::java_double(value)
        ),
    );
    lowering.refuse("couldn't validate latitude/ longitude values").caused_by(cause)
}

/// A number, also as a string.
pub(crate) fn number(value: &Value) -> Result<f64, Exception> {
    crate::value::scalar::number(value)
        .ok_or_else(|| crate::value::scalar::not_a_number(&plain(value)))
}
