//! The shapes an aggregation reads: OpenSearch's `geo_bounds` and grids of `geo_shape`. A shape is taken as it lies in a column there,
//! its corners rounded as points are. Source: `GeoShapeDocValue`, `GeoTileUtils.encodeShape` and `Geohash.encodeShape` of OpenSearch 2.19.

use std::sync::Arc;

use serde_json::Value;
use tantivy::columnar::BytesColumn;
use tantivy::{DocId, SegmentReader};

use crate::columns;
use crate::exception::{Exception, ExceptionKind, internal, io};
use crate::geo::Point;
use crate::geo::bounds::Bounds;
use crate::geo::shape::{Shape, of_pieces};
use crate::geo::shape_reading::{self, RingReading};
use crate::mapping::{Leaf, fields};
use crate::value::scalar::plain;

/// The shapes of one field.
pub(super) struct Shapes {
    leaf: Arc<Leaf>,
    missing: Option<Shape>,
    column: Option<BytesColumn>,
}

impl Shapes {
    /// Those of a field, with the shape of documents without one.
    ///
    /// # Errors
    /// What `missing` cannot be read as.
    pub(super) fn of(leaf: &Arc<Leaf>, missing: Option<&Value>) -> Result<Shapes, Exception> {
        let read = |value: &Value| {
            shape_reading::read(value, RingReading::default()).map(|shape| shape.rounded()).map_err(
                |cause| {
                    let text = plain(value);
                    let reason = format!(
                        "Unable to parse the missing value [{text}] provided in the input."
                    );
                    Exception::new(ExceptionKind::ElasticsearchParse, reason).caused_by(cause)
                },
            )
        };
        let missing = missing.map(read).transpose()?;
        Ok(Shapes { leaf: Arc::clone(leaf), missing, column: None })
    }

    pub(super) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        let name = fields::stored_name(&self.leaf.path);
        self.column = columns::bytes(reader, &name).map_err(internal)?;
        Ok(())
    }

    /// The shape of a document; the missing one when it has none.
    pub(super) fn shape(&self, doc: DocId) -> Result<Option<Shape>, Exception> {
        let mut pieces = Vec::new();
        if let Some(column) = &self.column {
            for ordinal in column.term_ords(doc) {
                let mut bytes = Vec::new();
                column.ord_to_bytes(ordinal, &mut bytes).map_err(io)?;
                pieces.push(bytes);
            }
        }
        let own = of_pieces(pieces).filter(|shape| !shape.is_empty());
        let own = own.map(|shape| shape.rounded());
        Ok(own.or_else(|| self.missing.clone()))
    }
}

/// The box around a rounded shape. One that crosses the date line lies on both sides of it, as two shapes there.
pub(super) fn around(shape: &Shape) -> Bounds {
    let empty = Bounds {
        top: f64::NEG_INFINITY,
        left: f64::INFINITY,
        bottom: f64::INFINITY,
        right: f64::NEG_INFINITY,
    };
    let around = shape.corners().fold(empty, |all, corner| Bounds {
        top: all.top.max(corner.lat),
        left: all.left.min(corner.lon),
        bottom: all.bottom.min(corner.lat),
        right: all.right.max(corner.lon),
    });
    if around.right <= 180.0 {
        return around;
    }
    let east = Point { lat: 0.0, lon: 180.0 }.rounded();
    Bounds { left: -180.0, right: east.lon, ..around }
}
